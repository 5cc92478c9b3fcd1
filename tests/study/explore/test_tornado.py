"""Tornado: assumptions read from comments, and what moves the answer."""

import json
import sys

import pandas as pd
import pytest

from sim.cli import main
from sim.scenario import read_scenario
from sim.scenario.uncertainty.comments import assumptions
from sim.study import Plan
from sim.study.compare.comparison import Studied
from sim.study.compare.tornado import USUAL, read_ends, tornado, tornado_table
from sim.study.run.runner import study_each

SITE = """\
name: site # assumption (1-2)
title: "rooms # assumption (3-4)"
horizon: {days: 2}
opening:
  hours: 10:00-18:00
  last_entry: 30 min # assumption, range 15 to 60
demand:
  visits_per_day: 150 # an assumption, nobody has counted (120-200)
  profile: # one weight an hour: assumption (1-2)
    flat
visits:
  inject:
    share: 0.6 # assumption (50-80 %)
    rooms: [injecting] # assumption (2-3 rooms)
    stay: {distribution: lognormal, mean: 25, cv: 0.5} # Assumption (mean 18-32, cv 0.3-0.9)
    patience: &patient {distribution: weibull, median: 20, shape: 1.2} # assumption (10-45)
  smoke:
    share: 0.4
    rooms: [injecting]
    stay: 12 # assumed (8-20)
    patience: *patient
    balking: {per_person_ahead: 0.06, at_most: 0.9} # assumption (0.02-0.1)
  sniff:
    share: 0 # assumption
    rooms: [injecting]
    stay: 8 # assumption (0.5-1.5 times)
rooms:
  injecting:
    places: 4 # built
    reach: 1 min # assumption (0.5-2 h)
waiting_area:
  seats: 9 # assumption: one per place (0.5-2)
"""


@pytest.fixture
def site(tmp_path):
    path = tmp_path / "site.yaml"
    path.write_text(SITE, "utf-8")
    return path


def test_ranges_are_read_from_the_comments(site):
    found, _ = assumptions(read_scenario(site).source)
    assert [(one.key, one.value, one.low, one.high, one.unit) for one in found] == [
        ("opening.last_entry", 30, 15, 60, "min"),
        ("demand.visits_per_day", 150, 120, 200, ""),
        ("visits.inject.share", 0.6, 0.5, 0.8, ""),
        ("visits.inject.stay.mean", 25, 18, 32, ""),
        ("visits.inject.stay.cv", 0.5, 0.3, 0.9, ""),
        ("visits.inject.patience.median", 20, 10, 45, ""),
        ("visits.sniff.stay", 8, 4, 12, ""),
    ]


def test_an_alias_is_varied_with_what_it_repeats(site):
    found, _ = assumptions(read_scenario(site).source)
    patience = next(one for one in found if one.key == "visits.inject.patience.median")
    assert [path[1] for path in patience.places] == ["inject", "smoke"]


def test_marks_without_use_are_told_with_their_reason(site):
    _, unused = assumptions(read_scenario(site).source)
    told = {one.place.line: (one.key, one.reason) for one in unused}
    assert told[1] == ("name", "has no number on its line")
    assert told[14] == ("visits.inject.rooms.0", "has no number on its line")
    assert told[22][1] == "has several numbers; say which, such as (per_person_ahead 1-2)"
    assert told[24] == ("visits.sniff.share", "has no range")
    assert told[30][1] == "has a range in h, but a value without that unit"
    assert told[32][1] == "has a range, 0.5 to 2, in which its value 9 is not"
    assert len(told) == 6


def test_what_is_set_or_replaced_is_no_assumption(site, tmp_path):
    set_ = read_scenario(site, ["demand.visits_per_day=150"]).source
    assert "demand.visits_per_day" not in [one.key for one in assumptions(set_)[0]]
    over = tmp_path / "over.yaml"
    over.write_text(
        "extends: site.yaml\nname: over\nopening: {last_entry: 20} # assumption (10-30)\n"
        "demand: {visits_per_day: 140}\n",
        "utf-8",
    )
    found, _ = assumptions(read_scenario(over).source)
    keys = {one.key: one.low for one in found}
    assert "demand.visits_per_day" not in keys
    assert keys["opening.last_entry"] == 10
    assert keys["visits.inject.stay.mean"] == 18


def test_each_assumption_has_two_ends_and_shares_give_way(site):
    loaded = read_scenario(site)
    ends, _ = read_ends(site, loaded, ())
    found = {(end.assumed.key, end.name): end for end in ends}
    assert len(found) == 14
    high = found["visits.inject.share", "high"]
    assert high.setting == "0.8"
    shares = {name: kind.share for name, kind in high.scenario.visits.items()}
    assert shares == pytest.approx({"inject": 0.8, "smoke": 0.2, "sniff": 0})
    assert found["opening.last_entry", "low"].scenario.opening.last_entry == 15
    patient = found["visits.inject.patience.median", "high"].scenario.visits["smoke"].patience
    assert patient is not None
    assert patient.mean() > 40


def test_ranges_of_the_block_stand_before_those_of_comments(site):
    block = "uncertainty: {ranges: {demand.visits_per_day: 100-300, rooms.injecting.places: 3-5}}\n"
    site.write_text(SITE + block, "utf-8")
    ends, _ = read_ends(site, read_scenario(site), ())
    found = {(end.assumed.key, end.name): end.setting for end in ends}
    assert found["demand.visits_per_day", "high"] == "300"
    assert found["rooms.injecting.places", "low"] == "3"
    assert found["visits.inject.share", "high"] == "0.8"


def test_an_end_that_the_scenario_cannot_have_is_told(site):
    text = SITE.replace("places: 4 # built", "places: 4 # assumption (3.5-6)")
    site.write_text(text, "utf-8")
    loaded = read_scenario(site)
    ends, unused = read_ends(site, loaded, ())
    assert "rooms.injecting.places" not in {end.assumed.key for end in ends}
    told = next(one for one in unused if one.key == "rooms.injecting.places")
    assert told.reason.startswith("cannot have an end of its range: ")
    assert told.place.line == 29


@pytest.mark.slow
def test_what_moves_the_answer_most_stands_first(site):
    loaded = read_scenario(site)
    ends, unused = read_ends(site, loaded, ())
    scenarios = (loaded.scenario, *(end.scenario for end in ends))
    results = study_each(scenarios, Plan(seed=2, replications=5), lambda _: lambda *_: None)
    base, *studied = (
        Studied(str(number), scenario, result)
        for number, (scenario, result) in enumerate(zip(scenarios, results, strict=True))
    )
    keys = [(*name, "all") for name in USUAL]
    found = tornado(base, ends, studied, keys, unused)
    # There are no overdoses, and people do not come back.
    assert found.keys == (("wait", "mean", "all"), ("unserved", "share", "all"))
    weights = [one.weight for one in found.ranked]
    assert weights == sorted(weights, reverse=True)
    assert found.ranked[0].assumed.key == "demand.visits_per_day"
    table = tornado_table(found)
    assert len(table) == len(ends) * 2
    first = table.iloc[0]
    assert (first["rank"], first["end"], first["from"], first["to"]) == (1, "low", "150", "120")
    assert first["difference"] == pytest.approx(first["value"] - first["base_value"])
    assert first["ci_low"] < first["difference"] < first["ci_high"] < 0
    assert first["times_margin"] == pytest.approx(-first["difference"] / 0.5)


@pytest.mark.slow
def test_the_command_ranks_and_writes(site, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    arguments = ["sweep", str(site), "--tornado", "--replications", "6", "--workers", "1"]
    monkeypatch.setattr(sys, "argv", ["run.py", *arguments, "--metric", "wait.mean"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 0
    printed = capsys.readouterr().out
    assert max(len(line) for line in printed.splitlines()) <= 80
    assert "7 assumptions, each at both ends" in printed
    assert "Measure first: " in printed
    assert "6 more lines are marked as assumptions" in printed
    results = tmp_path / "results" / "site-tornado"
    table = pd.read_csv(results / "tornado.csv")
    assert set(table["statistic"]) == {"mean"}
    assert len(table) == 14
    told = json.loads((results / "tornado.json").read_text("utf-8"))
    assert [one["field"] for one in told["assumptions"]] == list(dict.fromkeys(table["field"]))
    assert len(told["not_varied"]) == 6
