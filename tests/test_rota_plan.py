"""Which shifts cover the need: the cheapest, near-best ones, and what they do when simulated."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sim.rota.cover import covers
from sim.rota.hourly import on_duty_by_hour
from sim.rota.need import NeedError, requirement, rules_of, staff_of
from sim.rota.plans import planned
from sim.scenario import load_scenario
from sim.scenario.load import read_variants, scenario_from_text
from sim.scenario.rota_rules import RotaRules
from sim.scenario.staff import Staff
from sim.study import Plan, run_study
from tests.rota_exact import exact_waits
from tests.test_cli import call
from tests.test_rota_need import CASES, NEED, PER_HOUR

FIXED = 'rota_rules.shifts=[{starts: ["07:00", "15:00", "23:00"]}]'
ANY_LENGTH = "rota_rules.shifts=[{lengths: [6 h, 8 h, 10 h]}]"


def t3(*sets):
    return load_scenario(CASES / "t3-finish-pooled.yaml", sets)


def plans_of(scenario):
    asked = {one.roles: one.staff for one in requirement(scenario).asked}
    return covers(staff_of(scenario), rules_of(scenario), asked)


def nurses(**rules):
    """Plans for one nurse from 08:00 to 20:00, and none at night."""
    staff = Staff.model_validate(
        {
            "roles": {"nurse": {"cost_per_hour": 10}},
            "rota": [],
            "unsocial": [{"days": "sun", "from": "00:00", "to": "24:00", "multiplier": 2}],
        }
    )
    wanted = {frozenset({"nurse"}): np.tile([0] * 8 + [1] * 12 + [0] * 4, 7)}
    return covers(staff, RotaRules.model_validate(rules), wanted)


# --- the staffing block: requirement, shifts, simulated rota -----------------------------------


@pytest.mark.parametrize(
    ("sets", "hours"), [((FIXED,), 208), ((), 192), ((ANY_LENGTH, "rota_rules.near=0"), 180)]
)
def test_the_cheapest_cover_of_t3(sets, hours):
    scenario = t3(*sets)
    plans = plans_of(scenario)
    assert plans[0].name == "cheapest"
    assert plans[0].hours == plans[0].cost == 7 * hours
    for plan in plans:
        assert plan.cost <= (1 + rules_of(scenario).near) * 7 * hours + 1e-6
        duty = on_duty_by_hour(planned(scenario, plan))["worker"]
        assert (duty >= np.array(NEED * 7)).all()
        assert duty.sum() == pytest.approx(plan.hours)
    assert len({plan.rota for plan in plans}) == len(plans)


def test_the_plan_of_t3_simulated():
    """9, 11 and 6 people from 7, 15 and 23 h; the waits are known exactly."""
    scenario = t3(FIXED)
    (plan,) = plans_of(scenario)
    assert [(line.start // 60, line.count) for line in plan.rota] == [(7, 9), (15, 11), (23, 6)]
    staff = [6] * 7 + [9] * 8 + [11] * 8 + [6]
    exact = exact_waits(PER_HOUR, staff, 30)
    assert exact.wait == pytest.approx(0.710, abs=5e-4)
    assert exact.share == pytest.approx(0.0877, abs=5e-5)
    assert max(exact.by_hour) == pytest.approx(0.1941, abs=5e-5)
    study = run_study(planned(scenario, plan), Plan(seed=3, replications=12))
    found = study.replications[study.replications["by"] == "all"]
    for metric, statistic, value in (
        ("wait_joined", "mean", exact.wait),
        ("wait_joined", "share_waiting", exact.share),
    ):
        mine = found[(found["metric"] == metric) & (found["statistic"] == statistic)]["value"]
        error = mine.std(ddof=1) / np.sqrt(len(mine))
        assert abs(mine.mean() - value) < 4 * error
        assert error < 0.1 * value


# --- rules -------------------------------------------------------------------------------------


def test_one_shift_of_twelve_hours_or_two_of_six():
    (plan,) = nurses(shifts=[{"lengths": ["12 h"]}], near=0)
    assert [(line.start // 60, line.end // 60) for line in plan.rota] == [(8, 20)]
    # Six days at 10 an hour and a Sunday at 20.
    assert plan.cost == 12 * (6 * 10 + 20)
    assert plan.shifts == 7
    assert nurses(shifts=[{"lengths": ["6 h"]}], near=0)[0].shifts == 14


def test_part_time_lines_have_their_share():
    shifts = [{"lengths": ["8 h"]}, {"lengths": ["4 h"], "at_most": 0.2, "name": "short"}]
    plan = nurses(shifts=shifts, near=0)[0]
    hours = {
        line.name: (line.end - line.start) / 60 * len(line.days) * line.count for line in plan.rota
    }
    # 8 + 4 would do, but a third of the hours would be part-time.
    assert hours.get("short", 0) <= 0.2 * plan.hours + 1e-6
    assert plan.hours > 84
    free = nurses(shifts=[shifts[0], {"lengths": ["4 h"], "name": "short"}], near=0)[0]
    assert free.hours == 84


def test_handing_over_covers_nothing():
    (plan,) = nurses(shifts=[{"lengths": [750], "starts": ["08:00"]}], handover=30, near=0)
    assert plan.hours == 7 * 12.5
    with pytest.raises(NeedError, match="19:30"):
        nurses(shifts=[{"lengths": ["12 h"], "starts": ["08:00"]}], handover=30)


def test_somebody_stands_in_during_breaks():
    rest = [{"length": 30, "after": "3 h", "before": "5 h"}]
    relief = {"lengths": ["4 h"], "name": "relief", "at_most": 0.3}
    shifts = [{"lengths": ["12 h"], "breaks": rest}, relief]
    plan = nurses(shifts=shifts, near=0)[0]
    assert plan.hours == 7 * 16
    assert nurses(shifts=shifts, near=0, cover_breaks=False)[0].hours == 7 * 12
    line = next(line for line in plan.rota if line.breaks)
    # At a stated time within its window.
    assert line.breaks[0].earliest == line.breaks[0].latest
    assert line.start + 180 <= line.breaks[0].earliest <= line.start + 300


def test_days_and_weeks_of_a_cycle():
    """On Saturdays of the second week only a long shift is allowed, otherwise two short ones."""
    shifts = [
        {"lengths": ["6 h"], "days": "sun-fri"},
        {"lengths": ["6 h"], "days": "sat", "weeks": [1]},
        {"lengths": ["13 h"], "days": "sat", "weeks": [2], "starts": ["07:30"], "name": "long"},
    ]
    plan = nurses(shifts=shifts, cycle_weeks=2, near=0)[0]
    assert plan.cycle_weeks == 2
    long = [line for line in plan.rota if line.name == "long"]
    assert [(line.days, line.weeks, line.count) for line in long] == [((5,), (2,), 1)]
    assert plan.hours == 12 * 6 + (12 + 13) / 2
    assert plan.shifts == 2 * 6 + (2 + 1) / 2


def test_night_breaks_fall_on_the_next_day():
    staff = Staff.model_validate({"roles": {"nurse": {}}, "rota": []})
    rules = RotaRules.model_validate(
        {
            "shifts": [
                {
                    "lengths": ["10 h"],
                    "starts": ["22:00"],
                    "breaks": [{"length": 30, "after": "3 h", "before": "5 h"}],
                }
            ],
            "cover_breaks": False,
        }
    )
    wanted = {frozenset({"nurse"}): np.tile([1] * 8 + [0] * 14 + [1] * 2, 7)}
    (plan,) = covers(staff, rules, wanted)
    written = plan.rota[0].model_dump(mode="json", by_alias=True)
    assert written["to"] == "08:00 next day"
    assert (written["breaks"][0]["from"], written["breaks"][0]["to"]) == ("01:00", "03:00")


def test_what_cannot_be_covered_is_told():
    with pytest.raises(NeedError, match="mon 08:00"):
        nurses(shifts=[{"lengths": ["8 h"], "starts": ["09:00"]}])


@pytest.mark.parametrize(
    ("shift", "words"),
    [
        ("{lengths: [25 h]}", "at most 24 h"),
        ("{lengths: []}", "at least 1"),
        ("{breaks: [{length: 30, after: 3 h, before: 8 h}]}", "does not fit"),
        ("{breaks: [{length: 30, after: 3 h, before: 2 h}]}", "after 180 min but before 120"),
        ("{roles: [nurse]}", "not a role of this scenario"),
        ("{weeks: [2]}", "repeats after 1"),
    ],
)
def test_impossible_rules_are_refused(shift, words):
    with pytest.raises(Exception, match=words):
        t3(f"rota_rules.shifts=[{shift}]")


# --- command line ------------------------------------------------------------------------------


SMALL = """\
name: small
horizon: {days: 7}
opening: {hours: 10:00-18:00}
demand: {visits_per_day: 150, profile: flat}
visits:
  inject: {rooms: [injecting], stay: 25, overdose: {per_1000: 5, onset: 4}}
rooms:
  injecting: {places: 8, cleaning: {duration: 6, roles: [helper, nurse]}}
supervision:
  - {rooms: [injecting], roles: [nurse, helper], minimum: 2, at_least: {nurse: 1}}
overdose:
  severities:
    any: {share: 1, team: [[nurse], [helper, nurse]], intensive: 10}
staff:
  roles: {nurse: {cost_per_hour: 40}, helper: {cost_per_hour: 30}}
  rota:
    - {role: nurse, from: 09:00, to: "19:00", count: 2}
    - {role: helper, from: 09:00, to: "19:00", count: 2}
rota_rules:
  shifts:
    - {lengths: [4 h, 8 h, 9 h]}
"""


def test_rota_plan_writes_variants_that_read_back(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    Path("small.yaml").write_text(SMALL, "utf-8")
    arguments = ("--replications", "3", "--need-replications", "2", "--workers", "1")
    assert call(monkeypatch, "rota", "plan", "small.yaml", *arguments, "--out", "found") == 0
    printed = capsys.readouterr().out
    assert max(len(line) for line in printed.splitlines()) <= 80
    assert "cheapest" in printed
    table = pd.read_csv("found/plans.csv")
    names = list(dict.fromkeys(table["plan"]))
    variants = read_variants("found/plans.yaml")
    assert list(variants) == names
    base = load_scenario("found/plans.yaml")
    assert base == scenario_from_text(SMALL)
    for name, loaded in variants.items():
        mine = table[table["plan"] == name]
        assert loaded.scenario.name == f"small-{name}"
        rota = staff_of(loaded.scenario).rota
        assert len(rota) == len(mine)
        hours = sum((line.end - line.start) / 60 * len(line.days) * line.count for line in rota)
        assert hours == pytest.approx(mine["hours_per_week"].sum())
    compared = pd.read_csv("found/comparison.csv")
    assert set(compared["option"]) == set(names)
    # A plan's figures are those that a run of the variant gives.
    cheapest = run_study(variants["cheapest"].scenario, Plan(seed=1, replications=3))
    mine = compared[compared["option"] == "cheapest"].dropna(subset=["value"])
    keys = ["metric", "statistic", "by"]
    both = mine.merge(cheapest.summary, on=keys, suffixes=("", "_run"))
    assert len(both) > 50
    assert both["value"].to_list() == pytest.approx(both["value_run"].to_list())


def test_rota_plan_that_is_impossible_leaves_nothing(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    Path("small.yaml").write_text(SMALL, "utf-8")
    sets = ("--set", 'rota_rules.shifts=[{starts: ["12:00"]}]', "--need-replications", "0")
    assert call(monkeypatch, "rota", "plan", "small.yaml", *sets) == 2
    assert "uncovered: mon 10:00" in capsys.readouterr().err
    assert not Path("results").exists() or not list(Path("results").iterdir())
