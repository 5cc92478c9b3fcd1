"""Demand from what was served: how many come so that so many get in."""

import json
import sys
from math import factorial

import pandas as pd
import pytest

from sim.cli import main
from sim.cli.session import read_held
from sim.report.page.words import catalogue
from sim.results.scenario import scenario_yaml, write_notes
from sim.scenario import ScenarioError
from sim.scenario.derived.calendar import expected_visits
from sim.scenario.load import read_scenario, scenario_from_text
from sim.scenario.model.demand import Found
from sim.scenario.text.notes import notes
from sim.study import Plan, StudyError, run_study
from sim.study.compare.options import read_options
from sim.study.compare.tornado import read_ends
from sim.study.run import served
from sim.study.run.served import HeldDemand, share_unserved, with_demand

PLAN = Plan()
WORDS = catalogue("en")
LOSS = """\
name: loss
horizon: {weeks: 3, warmup_weeks: 1}
opening: {hours: 24/7}
demand: {served_per_day: 250, unserved: unknown, profile: flat}
visits: {use: {rooms: [booths], stay: {distribution: exponential, mean: 20}}}
rooms: {booths: {places: 5}}
waiting_area: {seats: 0}
"""
"""Who finds no place free is turned away: the formula of Erlang is exact."""
SITE = """\
name: site
horizon: {weeks: 2}
opening: {hours: 10:00-22:00}
demand: {served_per_day: 150, unserved: unknown, profile: city-day}
visits:
  use:
    rooms: [booths]
    stay: {distribution: lognormal, mean: 20, cv: 0.5}
    patience: {distribution: weibull, median: 15, shape: 1.2}
rooms: {booths: {places: 5}}
variants:
  more: {rooms: {booths: {places: 9}}}
"""


def blocked(load: float, places: int) -> float:
    """Erlang's formula: the share of visits that find all places taken."""
    terms = [load**number / factorial(number) for number in range(places + 1)]
    return terms[-1] / sum(terms)


@pytest.fixture
def file(tmp_path, monkeypatch):
    monkeypatch.setattr(served, "_VISITS", 15_000)  # how well it is known is no matter here
    path = tmp_path / "site.yaml"
    path.write_text(SITE)
    return path


# --- with a share -------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_share_is_arithmetic():
    site = scenario_from_text(SITE.replace("unknown", "0.2"))
    same = scenario_from_text(
        SITE.replace("served_per_day: 150, unserved: unknown", "visits_per_day: 187.5")
    )
    assert expected_visits(site) == pytest.approx(14 * 187.5)
    assert site.demand.visits_a_day == pytest.approx(187.5)
    for one, other in zip(
        run_study(site, PLAN).summary["value"], run_study(same, PLAN).summary["value"], strict=True
    ):
        assert one == pytest.approx(other, nan_ok=True)


@pytest.mark.parametrize(
    ("demand", "message"),
    [
        ("{served_per_day: 150, profile: flat}", "without unserved"),
        ("{served_per_day: 150, unserved: 0.2}", "has served_per_day without profile"),
        ("{served_per_day: 150, visits_per_day: 160, unserved: 0.2, profile: flat}", "exactly one"),
        (
            "{visits_per_day: 160, unserved: 0.2, profile: flat}",
            "has unserved beside visits_per_day",
        ),
        ("{served_per_day: 150, unserved: 0.9, profile: flat}", "demand.unserved"),
        ("{served_per_day: 150, unserved: unknwn, profile: flat}", "did you mean `unknown`?"),
    ],
)
def test_what_is_wrong_is_told(demand: str, message: str):
    text = SITE.replace("{served_per_day: 150, unserved: unknown, profile: city-day}", demand)
    with pytest.raises(ScenarioError) as error:
        scenario_from_text(text)
    assert message in str(error.value)


# --- found by play ------------------------------------------------------------------------------


@pytest.mark.slow
def test_found_as_the_exact_formula_has_it():
    # 250 a day served of D: D (1 - B(D 20 / 1440)) = 250.
    low, high = 250.0, 1000.0
    for _ in range(60):
        middle = (low + high) / 2
        come = middle * (1 - blocked(middle * 20 / 1440, 5))
        low, high = (middle, high) if come < 250 else (low, middle)
    share = share_unserved(scenario_from_text(LOSS), PLAN)
    come = 250 / (1 - share)
    assert 1 - 250 / low > 0.2
    # Of 100,000 visits about 0.25 % is what chance makes of those served.
    assert come * (1 - blocked(come * 20 / 1440, 5)) == pytest.approx(250, rel=0.01)


@pytest.mark.slow
def test_so_many_are_served_then():
    site = with_demand(scenario_from_text(SITE), PLAN)
    assert 0.02 < site.demand.share_unserved < 0.4
    found = run_study(site, Plan(seed=7, replications=30)).figures.of(
        "visits", "per_day", "outcome:served"
    )
    assert abs(found.value - 150) < 4 * (found.high - found.low) / 3.92 + 0.15
    assert with_demand(site, PLAN) is site
    assert scenario_from_text(scenario_yaml(site)) == site


@pytest.mark.slow
def test_where_there_is_room_hardly_more_come():
    site = scenario_from_text(SITE, ["rooms.booths.places=30"])
    assert share_unserved(site, PLAN) < 0.01
    assert with_demand(site, PLAN).demand.times_served[1:] == (1.0, 1.1)


@pytest.mark.slow
def test_more_than_it_can_take():
    with pytest.raises(StudyError) as error:
        share_unserved(scenario_from_text(SITE, ["demand.served_per_day=300"]), PLAN)
    # Five places, 12 hours, 20 minutes: 180 uses, and those still in at closing.
    most = int(str(error.value).partition("can take about ")[2].partition(";")[0])
    assert 165 < most < 186


def test_nothing_is_played_while_it_is_unknown():
    with pytest.raises(StudyError, match="unknown how many come"):
        run_study(scenario_from_text(SITE), PLAN)


# --- and held -----------------------------------------------------------------------------------


@pytest.mark.slow
def test_settings_and_variants_meet_the_demand_of_the_file(file):
    held = HeldDemand(PLAN)
    of_file = read_scenario(file, held.sets(file, ())).scenario.demand
    assert isinstance(of_file.unserved, Found)
    tried: tuple[tuple[tuple[str, ...], str | None], ...] = (
        (("rooms.booths.places=9",), None),
        ((), "more"),
        (("visits.use.patience.median=60", "demand.day_to_day_cv=0.3"), None),
    )
    for sets, variant in tried:
        changed = read_scenario(file, held.sets(file, sets, variant), variant).scenario
        assert changed.demand.unserved == of_file.unserved
        assert HeldDemand(PLAN).sets(file, sets, variant)[-1] == held.sets(file, ())[-1]
    grown, _ = read_held(file, ["demand.factor=1.25"], None, PLAN)
    assert grown.scenario.demand.unserved == of_file.unserved
    assert expected_visits(grown.scenario) == pytest.approx(
        1.25 * expected_visits(read_scenario(file, held.sets(file, ())).scenario)
    )
    fewer, _ = read_held(file, ["demand.served_per_day=100"], None, PLAN)
    assert fewer.scenario.demand.share_unserved < of_file.unserved.found
    told, said = read_held(file, ["demand.unserved=0.1"], None, PLAN)
    assert (told.scenario.demand.unserved, said) == (0.1, ("demand.unserved=0.1",))


@pytest.mark.slow
def test_options_of_a_comparison_meet_the_same_people(file, tmp_path):
    other = tmp_path / "other.yaml"
    other.write_text("extends: site.yaml\nname: other\nrooms: {booths: {places: 12}}\n")
    alternatives = ("more", "rooms.booths.places=7")
    options = read_options(file, [other], alternatives, (), HeldDemand(PLAN).sets)
    assert len(options) == 4
    assert len({one.loaded.scenario.demand.model_dump_json() for one in options}) == 1
    # An option may say otherwise.
    told = read_options(file, (), ("demand.unserved=0.1",), (), HeldDemand(PLAN).sets)
    assert told[1].loaded.scenario.demand.unserved == 0.1


@pytest.mark.slow
def test_the_tornado_goes_to_the_ends_of_its_range(file):
    loaded, sets = read_held(file, None, None, PLAN)
    ends, _ = read_ends(file, loaded, sets)
    found = [end for end in ends if end.assumed.key == "demand.unserved.found"]
    assert [end.scenario.demand.visits_a_day for end in found] == pytest.approx([150, 225])


def run(capsys, monkeypatch, *words: str) -> tuple[str, str, int]:
    monkeypatch.setattr(sys, "argv", ["dcr-sim", *words])
    with pytest.raises(SystemExit) as ended:
        main()
    printed = capsys.readouterr()
    return " ".join(printed.out.split()), " ".join(printed.err.split()), int(ended.value.code or 0)


def test_what_was_found_is_not_said_to_be_set(file, tmp_path):
    sets = ["demand.unserved={found: 0.17}", "rooms.booths.places=8"]
    found = {one.field: one for one in notes(read_scenario(file, sets).source)}
    assert found["demand.unserved.found"].is_found
    assert not found["rooms.booths.places"].is_found
    write_notes(list(found.values()), tmp_path)
    table = pd.read_csv(tmp_path / "notes.csv").set_index("field")["file"]
    assert table["demand.unserved.found"] == "found by play"
    assert table["rooms.booths.places"].endswith("--set")


@pytest.mark.slow
def test_commands_find_it_tell_it_and_write_it_down(file, tmp_path, capsys, monkeypatch):
    out = tmp_path / "found"
    line = ("run", str(file), "--replications", "2", "--no-cache", "--out", str(out))
    printed, _, status = run(capsys, monkeypatch, *line, "--set", "rooms.booths.places=8")
    assert status == 0
    assert "come so that 150 are served" in printed
    wrote = json.loads((out / "manifest.json").read_text())["demand"]
    assert wrote["served_per_day"] == 150
    assert wrote["found_by_play"] is True
    assert wrote["visits_per_day"] == pytest.approx(150 / (1 - wrote["unserved"]))
    assert wrote["range"] == [1.0, 1.5]
    printed, _, _ = run(capsys, monkeypatch, "check", str(file))
    assert f"{wrote['visits_per_day']:.1f} come so that 150 are served" in printed
    again = read_scenario(out / "scenario.yaml").scenario
    assert again.demand.share_unserved == wrote["unserved"]
    page = (out / "report.html").read_text("utf-8").replace("<wbr>", "")
    typed, by_play = (page.index(WORDS[f"notes.{name}"]) for name in ("set", "found"))
    assert typed < page.index("rooms.booths.places", typed) < by_play
    assert by_play < page.index("demand.unserved.found", by_play)


@pytest.mark.slow
def test_what_cannot_be_served_is_an_error_of_the_file(file, capsys, monkeypatch):
    file.write_text(SITE.replace("150", "300"))
    _, told, status = run(capsys, monkeypatch, "check", str(file))
    assert status == 2
    assert "site.yaml:4:26: demand.served_per_day: 300 a day cannot be served" in told


def test_check_warns_of_served_taken_for_demand(file, capsys, monkeypatch):
    said = "served_per_day: 150, unserved: unknown"
    file.write_text(SITE.replace(said, "visits_per_day: 150"))
    printed, _, _ = run(capsys, monkeypatch, "check", str(file))
    assert "write `served_per_day: 150` and `unserved: unknown`" in printed
    printed, _, _ = run(capsys, monkeypatch, "check", str(file), "--set", "rooms.booths.places=12")
    assert "served_per_day" not in printed


@pytest.mark.slow
def test_check_prints_the_stay_that_is_left(file, capsys, monkeypatch):
    sets = (
        *("--set", "visits.use.stay={distribution: exponential, mean: 20}"),
        *("--set", "rooms.booths.time_limit={limit: 20}"),
        *("--set", "rooms.booths.cleaning={duration: 4}"),
    )
    printed, _, _ = run(capsys, monkeypatch, "check", str(file), *sets)
    # 20 (1 - 1/e) minutes.
    assert "use 12.6 min on average in booths (20.0 before cuts and limits), 16.6" in printed
