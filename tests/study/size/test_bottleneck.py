"""What holds up an answer, how many places are to be built, and the rule of thumb as corrected."""

import json
import re
import sys

import pytest

from sim.cli import main
from sim.engine import Engine
from sim.scenario import ScenarioError
from sim.scenario.load import Loaded, Original, scenario_from_text
from sim.scenario.text.read import read_text
from sim.size.alternatives import bottleneck, corrected_minutes, rules_of_thumb
from sim.size.experiment import Experiment, Setup
from sim.size.observation import observed_targets
from sim.size.space import read_space
from sim.study.run.workers import this_machine

SITE = """\
name: site
horizon: {weeks: 1}
opening: {hours: 10:00-20:00}
demand: {visits_per_day: 150, profile: city-day}
visits:
  use:
    rooms: [booths]
    stay: {distribution: lognormal, mean: 20, cv: 0.5}
    patience: {distribution: weibull, median: 20, shape: 1.2}
rooms: {booths: {places: 6}}
targets: [wait.p90 <= 10 min, unserved <= 5 %]
design: {vary: {rooms.booths.places: 5:25}}
"""
STAFF = """\
staff:
  roles: {helper: {}}
  rota: [{role: helper, from: 09:30, to: 20:30, count: 1}]
"""
DESK = "check_in: {times: {known: {distribution: exponential, mean: 3.5}}, desks: 1}\n"
RULE = "supervision: [{rooms: [booths], roles: [helper], places_per_staff: 5}]\n"
CLEANED = "{places: 6, cleaning: {duration: 5, roles: [helper]}}"


def lab(text: str, pool) -> Experiment:
    scenario = scenario_from_text(text)
    space = read_space(Original(Loaded(scenario, read_text(text))))
    assert scenario.design is not None
    wanted = observed_targets(scenario, scenario.design.tolerances)
    return Experiment(space, Setup(pool, 1, Engine.FAST, wanted, None))


@pytest.mark.parametrize(
    ("text", "places", "what"),
    [
        (SITE, 6, "places"),
        # 525 of 600 minutes of the desk, and more than all in the busiest hours; places to spare.
        (SITE + DESK, 20, "desk"),
        (SITE + RULE + STAFF, 20, "supervision"),
        (SITE.replace("{places: 6}", CLEANED) + STAFF, 20, "staff"),
        (SITE, 25, ""),
    ],
)
def test_what_holds_up_a_design(text: str, places: int, what: str):
    with this_machine(Engine.FAST, 1)() as pool:
        found = bottleneck(lab(text, pool), (places - 5,))
    assert found.what == what
    if what:
        without = {one.what: one for one in found.without}
        assert without[what].unserved < found.now.unserved / 2
        # Of a site that queues though it is half empty, more places change nothing.
        if what in ("desk", "supervision"):
            assert without["places"].unserved == pytest.approx(found.now.unserved, abs=0.01)


def test_places_to_build():
    design = scenario_from_text(SITE.replace("vary:", "usable: 0.9, vary:")).design
    assert design is not None
    assert [design.to_build(needed) for needed in (0, 1, 9, 13, 17, 18)] == [0, 2, 10, 15, 19, 20]
    design = scenario_from_text(SITE).design
    assert design is not None
    assert design.to_build(13) == 13
    with pytest.raises(ScenarioError, match=r"design\.usable: must be at least 0\.75"):
        scenario_from_text(SITE.replace("vary:", "usable: 0.5, vary:"))


def test_the_rule_of_thumb_goes_by_how_many_come():
    assert [corrected_minutes(uses) for uses in (20, 100, 200, 300, 600)] == [
        *(67.5, 67.5, 50, 40, 40)
    ]
    assert corrected_minutes(150) == pytest.approx(58.75)
    with this_machine(Engine.FAST, 1)() as pool:
        experiment = lab(SITE, pool)
        found = rules_of_thumb(experiment, experiment.space.top)
    # 150 uses in 600 minutes.
    assert [one.total for one in found] == [12, 13, 15]
    assert [one.corrected for one in found] == [False, False, True]


@pytest.mark.slow
def test_places_to_build_are_told_beside_those_needed(tmp_path, monkeypatch, capsys):
    text = SITE.replace(
        "vary: {rooms.booths.places: 5:25}", "usable: 0.9, vary: {rooms.booths.places: 12:13}"
    )
    (tmp_path / "site.yaml").write_text(text, "utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["dcr-sim", "size", "site.yaml", "--out", "sized"])
    with pytest.raises(SystemExit):
        main()
    printed = capsys.readouterr().out
    assert re.search(r"places needed +12", printed)
    assert re.search(r"places to build \(90 % usable\) +14", printed)
    told = json.loads((tmp_path / "sized" / "size.json").read_text("utf-8"))
    assert (told["meets"][0]["places_needed"], told["meets"][0]["places_to_build"]) == (12, 14)
    assert told["bottleneck"]["what"] in {"", "places"}
