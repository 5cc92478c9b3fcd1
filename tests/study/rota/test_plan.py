"""Which shifts cover the need: the cheapest, near-best ones, and what they do when simulated."""

from itertools import combinations_with_replacement
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import linprog

from sim.engine import Engine
from sim.rota.check.check import breaches_with_breaks, check_rota
from sim.rota.check.rules import NeedError, rules_of, staff_of
from sim.rota.check.working_time import night_minutes
from sim.rota.need.need import on_duty_by_hour, requirement
from sim.rota.need.tables import by_hour, given_table, read_need, roles_table
from sim.rota.plan.cover import covers
from sim.rota.plan.plans import (
    in_use,
    keeping_rules,
    minutes_after_closing,
    planned,
    plans_for,
    spans_of,
)
from sim.rota.plan.shifts import shifts_of
from sim.scenario import ScenarioError, load_scenario
from sim.scenario.derived.calendar import open_minutes
from sim.scenario.derived.roster import staff_present
from sim.scenario.load import read_variants, scenario_from_text
from sim.scenario.model.hours import DAY, WEEK
from sim.scenario.model.rota_rules import Limits, RotaRules
from sim.scenario.model.staff import Staff
from sim.study import Plan, run_study
from sim.study.run.replication import simulate_replication
from tests.study.rota.test_need import CASES, NEED, PER_HOUR
from tests.support.command import call
from tests.support.rota_exact import exact_waits

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


@pytest.mark.slow
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


@pytest.mark.slow
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


# --- shifts that follow from the site --------------------------------------------------------


DAYTIME = """\
name: daytime
horizon: {days: 7}
opening: {hours: 10:00-18:00}
demand:
  visits_per_day: 60
  profile: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0]
visits:
  inject: {rooms: [injecting], stay: 25, overdose: {per_1000: 2, onset: 4}}
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
    - {role: nurse, from: 09:00, to: "19:00", count: 3}
    - {role: helper, from: 09:00, to: "19:00", count: 3}
"""
ALWAYS = ("opening.hours=24/7", "rota_rules.minimum=2")


def site_shifts(hours, **after):
    """Begin and end of every shift that follows from these hours, in hours after Monday 00:00."""
    pieces = hours.split(", ")
    value = hours if len(pieces) == 1 else f"{{daily: [{hours}]}}"
    scenario = scenario_from_text(DAYTIME, [f"opening.hours={value}"])
    minutes = {int(clock): number for clock, number in after.items()}
    spans = spans_of(scenario, {clock * 60: number for clock, number in minutes.items()})
    found = set()
    for rule in shifts_of(RotaRules(), spans):
        for start in rule.starts:
            for length in rule.lengths:
                found |= {(day * DAY + start, day * DAY + start + length) for day in rule.days}
                rests = [(rest.length, rest.after, rest.before) for rest in rule.breaks]
                assert bool(rests) == (length > 6 * 60)
                for rest, first, last in rests:
                    assert rest == 30
                    assert length / 3 <= first <= last <= 2 * length / 3 - 30
    return found


def test_shifts_of_a_day_begin_half_an_hour_before_and_end_with_the_last_person():
    found = site_shifts("10:00-18:00", **{"18": 40})
    monday = {(start / 60, end / 60) for start, end in found if start < DAY}
    assert min(start for start, _ in monday) == 9.5
    assert max(end for _, end in monday) == 19
    expected = {
        (half / 2, half / 2 + length / 2)
        for half in range(19, 38)
        for length in range(12, 21)
        if half / 2 + length / 2 <= 19
    }
    assert monday == expected
    assert len(found) == 7 * len(monday)


def test_shifts_at_night_are_longer_and_avoid_the_small_hours():
    found = site_shifts("06:00-05:00 next day", **{"5": 50})
    for start, end in found:
        night = night_minutes(int(start), int(end), Limits())
        # In whole hours, or until the last person is out.
        assert 6 * 60 <= end - start <= 10 * 60
        assert (end - start) % 60 == 0 or end % DAY == 6 * 60
        assert night < 3 * 60 or end - start >= 8 * 60
        assert start % DAY >= 5.5 * 60 or start % DAY == 0.5 * 60
        assert not 60 <= start % DAY <= 300
        # It closes at five; the last are out at 05:50.
        assert not 60 <= end % DAY < 300
    assert max(end for _, end in found) == 6 * DAY + 30 * 60
    assert (330, 330 + 360) in found
    assert (21 * 60, 29 * 60) in found


def test_shifts_of_a_site_that_never_closes():
    found = site_shifts("24/7")
    assert {(end - start) / 60 for start, end in found} == {8, 9, 10}
    assert not any(60 <= moment % DAY <= 300 for one in found for moment in one)
    assert {start // DAY for start, _ in found} == set(range(7))


@pytest.mark.parametrize(
    ("hours", "expected"),
    [
        ("12:00-16:00", {(11.5, 16.5)}),
        ("09:00-12:00, 14:00-17:00", None),
        ("18:00-02:00 next day", None),
    ],
)
def test_short_split_and_late_days(hours, expected):
    after = {"16": 25, "12": 10, "17": 20, "2": 45}
    monday = {(s / 60, e / 60) for s, e in site_shifts(hours, **after) if s < DAY}
    if expected is not None:
        assert monday == expected
    elif hours.startswith("09"):
        # A shift may go on through two closed hours of the day.
        assert {start for start, _ in monday} <= {8.5 + half / 2 for half in range(7)}
        assert max(end for _, end in monday) == 17.5
    else:
        assert min(start for start, _ in monday) == 17.5
        assert max(end for _, end in monday) == 27
        assert all(end <= 24.5 or end >= 26 for _, end in monday)


def test_until_when_somebody_is_inside():
    """Case C3 asks for exact chances: everybody is out within the longest of 25 min."""
    scenario = scenario_from_text(DAYTIME)
    counts = {"nurse": np.full(168, 2), "helper": np.full(168, 2)}
    found = minutes_after_closing(scenario, counts, Plan(replications=5))
    assert found.keys() == {18 * 60}
    assert 20 <= found[18 * 60] <= 25
    (monday, *_) = spans_of(scenario, found)
    assert (monday.opens, monday.closes) == (600, 1080)
    assert monday.empty == 1080 + found[1080]
    # Those on duty at closing stay: nobody need be rostered after it, unless they do not.
    assert in_use(scenario, (monday,))[:DAY].sum() == 480
    assert scenario.staff is not None
    gone = scenario.staff.model_copy(update={"stay_until_empty": False})
    inside = in_use(scenario.model_copy(update={"staff": gone}), (monday,))
    assert inside[:DAY].sum() == 480 + found[1080]


# --- plans keep the rules --------------------------------------------------------------------


def judged(scenario):
    formula = requirement(scenario)
    lasting = minutes_after_closing(scenario, formula.by_role, Plan(replications=3))
    wanted = {one.roles: one.staff for one in formula.asked}
    return plans_for(scenario, wanted, spans_of(scenario, lasting)), lasting


@pytest.mark.slow
@pytest.mark.parametrize(
    "sets",
    [
        (),
        ("opening.hours=08:00-23:00",),
        ("opening.hours=18:00-02:00 next day", "demand.profile=flat"),
        ('rota_rules.shifts=[{lengths: [8 h], starts: ["09:30", "11:00"]}]',),
    ],
    ids=["day", "long day", "night", "named, without breaks"],
)
def test_every_plan_keeps_its_rules_with_breaks_taken(sets):
    scenario = scenario_from_text(DAYTIME, sets)
    plans, lasting = judged(scenario)
    for one in plans:
        assert one.breaches == ()
        mine = planned(scenario, one.plan)
        assert check_rota(mine).breaches == ()
        for line in one.plan.rota:
            assert bool(line.breaks) == (line.end - line.start > 360)
            assert all(rest.earliest == rest.latest for rest in line.breaks)
        there = staff_present(mine)
        is_open = open_minutes(mine, WEEK)
        inside = in_use(scenario, spans_of(scenario, lasting))
        assert (inside >= is_open).all()
        # A nurse, two together, and so the team; until the last person is out.
        assert (there["nurse"][inside] >= 1).all()
        assert ((there["nurse"] + there["helper"])[inside] >= 2).all()


@pytest.mark.slow
def test_both_engines_take_breaks_at_their_times():
    scenario = scenario_from_text(DAYTIME)
    plans, _ = judged(scenario)
    mine = planned(scenario, plans[0].plan)
    fast, slow = (simulate_replication(mine, 5, 0, engine) for engine in Engine)
    for name in fast.people:
        np.testing.assert_array_equal(fast.people[name], slow.people[name])
    assert fast.people["break_minutes"].sum() > 0


def test_a_plan_that_breaks_a_rule_is_not_offered():
    scenario = scenario_from_text(
        DAYTIME,
        [
            (
                "rota_rules.shifts=[{lengths: [9 h, 10 h], starts: ['09:30'], "
                "breaks: [{length: 10, after: 3 h, before: 5 h}]}]"
            )
        ],
    )
    plans, _ = judged(scenario)
    assert all(one.breaches for one in plans)
    assert all(one.breaches[0].startswith("breaks: ") for one in plans)
    with pytest.raises(NeedError, match=r"breaks: nurse.*What would help: give the shifts"):
        keeping_rules(plans)


def test_breaches_see_who_is_on_a_break():
    """Two nurses in turn from 12 and 12:30: one is left; both at 12: nobody, though two needed."""
    rota = (
        "staff.rota=[{role: nurse, from: 09:30, to: 19:00, count: 2, breaks: "
        "[{length: 30, from: 12:00, to: 12:00}]}, {role: helper, from: 09:00, to: 09:30}]"
    )
    found = breaches_with_breaks(scenario_from_text(DAYTIME, (rota,)))
    short = [one for one in found if one.startswith("present with breaks taken")]
    assert any("mon 12:00-12:30: 0 present, 1 needed (nurse" in one for one in short)
    assert any("0 present, 2 needed (helper or nurse" in one for one in short)


# --- brute force ---------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(6))
def test_no_rota_of_a_short_day_is_cheaper(seed):
    """Two roles, shifts of 2 and 3 h in a day of 5, one with a break: every rota is tried."""
    random = np.random.default_rng(seed)
    staff = Staff.model_validate(
        {"roles": {"a": {"cost_per_hour": 30}, "b": {"cost_per_hour": 20}}, "rota": []}
    )
    starts = ["08:00", "09:00", "10:00", "11:00"]
    shifts = [
        {"lengths": ["2 h"], "starts": starts},
        {
            "lengths": ["3 h"],
            "starts": starts[:3],
            "breaks": [{"length": 60, "after": 60, "before": 61}],
        },
    ]
    rules = RotaRules.model_validate({"shifts": shifts, "near": 0})
    hours = {"a": random.integers(0, 2, 5), "all": random.integers(0, 3, 5)}
    wanted = {
        frozenset(roles): np.tile(
            np.concatenate((np.zeros(8), hours[key], np.zeros(11))), 7
        ).astype(int)
        for roles, key in (("a", "a"), ("ab", "all"))
    }
    shapes = [{start, start + 1} for start in range(4)] + [{start, start + 2} for start in range(3)]
    prices = [2, 2, 2, 2, 3, 3, 3]
    kinds = [(role, shape, price * cost) for role, cost in (("a", 30), ("b", 20))
             for shape, price in zip(shapes, prices, strict=True)]  # fmt: skip
    cheapest = np.inf
    for size in range(6):
        for some in combinations_with_replacement(kinds, size):
            of_a = [
                sum(hour in shape for role, shape, _ in some if role == "a") for hour in range(5)
            ]
            both = [sum(hour in shape for _, shape, _ in some) for hour in range(5)]
            if (of_a >= hours["a"]).all() and (both >= hours["all"]).all():
                cheapest = min(cheapest, sum(price for *_, price in some))
    assert np.isfinite(cheapest)
    assert covers(staff, rules, wanted)[0].cost == pytest.approx(7 * cheapest)


# --- a need that was handed down -----------------------------------------------------------------


BLOCKS = """\
from,to,needed
00:00,04:00,4
04:00,08:00,8
08:00,12:00,10
12:00,16:00,7
16:00,20:00,12
20:00,24:00,4
"""
HOSTS = """\
name: hosts
horizon: {days: 7}
opening: {hours: 24/7}
demand: {visits_per_day: 100, profile: flat}
visits:
  visit: {services: {talk: 1}}
services:
  talk: {duration: 15, roles: [host, other]}
staff:
  roles: {host: {}, other: {}}
  rota:
    - {role: host, from: 00:00, to: "24:00", count: 5}
    - {role: other, from: 00:00, to: "24:00"}
"""


def read(tmp_path, text, scenario=HOSTS, name="need.csv"):
    path = tmp_path / name
    path.write_text(text, "utf-8")
    return read_need(path, scenario_from_text(scenario))


def test_half_of_a_number_with_a_comma_is_not_taken_for_the_number(tmp_path):
    """2,5 without quotes is a 2, and a 5 that stands in no column."""
    with pytest.raises(
        ScenarioError, match=r"need\.csv:3:4: '5' stands in no column: the row has 4 cells, but the"
    ):
        read(tmp_path, "from,to,needed\n08:00,10:00,2\n10:00,18:00,2,5\n")
    padded = read(tmp_path, "from,to,needed\n10:00,18:00,2,\n")
    assert padded[frozenset({"host", "other"})].sum() == 7 * 8 * 60 * 2


@pytest.mark.slow
@pytest.mark.parametrize("starts", ["every four hours", "every hour"])
def test_blocks_of_four_hours_take_twenty_six_people(tmp_path, starts):
    """Whoever is there at the end of a block is there for a whole one at least: the linear bound
    of two neighbouring blocks is 4 + 10 + 12 = 26."""
    shifts = "[{lengths: [8 h]}]"
    if starts == "every four hours":
        shifts = (
            '[{lengths: [8 h], starts: ["00:00", "04:00", "08:00", "12:00", "16:00", "20:00"]}]'
        )
    scenario = scenario_from_text(HOSTS, [f"rota_rules.shifts={shifts}"])
    need = read(tmp_path, BLOCKS)
    plans = plans_for(scenario, need, ())
    assert plans[0].plan.shifts == 7 * 26
    assert plans[0].breaches == ()
    demand = np.repeat([4, 8, 10, 7, 12, 4], 4)
    relaxed = linprog(
        np.ones(24),
        A_ub=-np.array(
            [[(hour - start) % 24 < 8 for start in range(24)] for hour in range(24)], float
        ),
        b_ub=-demand.astype(float),
    )
    assert relaxed.fun is not None
    bound = relaxed.fun
    assert np.ceil(bound - 1e-9) == 26
    duty = on_duty_by_hour(planned(scenario, plans[0].plan))
    assert ((duty["host"] + duty["other"])[:24] >= demand).all()


def test_a_need_by_clock_roles_and_days(tmp_path):
    found = read(
        tmp_path,
        "role;days;from;to;needed\nhost;mon-fri;22:00;06:00;2\n"
        "host;sat sun;10:00;12:30;1\n;;08:00;09:00;3\n",
    )
    host, anybody = found[frozenset({"host"})], found[frozenset({"host", "other"})]
    assert host[22 * 60] == host[DAY + 359] == 2
    assert host[DAY + 360] == 0
    assert host[:360].sum() == 0  # Sunday night is none of the days
    assert host.sum() == 5 * 8 * 60 * 2 + 2 * 150
    assert anybody.sum() == 7 * 60 * 3


def test_the_need_of_rota_need_can_be_handed_back(tmp_path):
    scenario = scenario_from_text(DAYTIME)
    formula = requirement(scenario)
    table = roles_table(scenario, formula, None)
    found = read(tmp_path, table.to_csv(index=False), DAYTIME)
    for role, number in formula.by_role.items():
        assert found[frozenset({role})].tolist() == number.tolist()
    table["needed"] = 3
    found = read(tmp_path, table.to_csv(index=False), DAYTIME)
    assert found[frozenset({"nurse"})].tolist() == [3] * 168
    given = given_table(scenario, by_hour(found))
    again = read(tmp_path, given.to_csv(index=False), DAYTIME)
    assert {role: number.tolist() for role, number in again.items()} == {
        role: number.tolist() for role, number in found.items()
    }


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("from,to,needed\n8:00,25:00,2\n", "need.csv:2:2: .*25:00"),
        ("from,to,needed\n08:00,12:00,two\n", "need.csv:2:3: 'two' must be a whole number"),
        ("from,to,needed\n08:00,12:00,\n", "need.csv:2:3: an empty cell must be"),
        ("from,to,needed\n08:00,12:00,2.5\n", "need.csv:2:3: '2.5' must be"),
        ("from,to,needed\n08:00,12:00,-1\n", "need.csv:2:3: '-1' must be"),
        ("from,to\n08:00,12:00\n", "no column 'needed'"),
        ("from,until,needed\n08:00,12:00,2\n", "need.csv:1:2: 'until' is not a column"),
        ("from,to,needed,role\n08:00,12:00,2,hots\n", "need.csv:2:4: .*did you mean .host"),
        ("from,to,needed,days\n08:00,12:00,2,mo\n", "need.csv:2:4: "),
        ("from,to,needed\n08:00,12:00,2\n11:00,13:00,1\n", "need.csv:3:1: line 2 has already"),
        ("hour_of_week,needed\n168,1\n", "need.csv:2:1: '168' must be an hour of the week"),
        ("hour_of_week,on_duty\n1,1\n", "no column 'needed'"),
        ("", "no table of a need"),
        ("from,to,needed\n24:00,04:00,1\n", "need.csv:2:1: 24:00 is the end of a day"),
    ],
)
def test_faults_of_a_need_are_told_where_they_stand(tmp_path, text, words):
    with pytest.raises(ScenarioError, match=words):
        read(tmp_path, text)


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


@pytest.mark.slow
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


@pytest.mark.slow
def test_shifts_that_end_when_the_doors_do_are_told_what_is_amiss(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    Path("small.yaml").write_text(SMALL, "utf-8")
    shifts = 'rota_rules.shifts=[{starts: ["10:00"], lengths: [HOURS h]}]'
    site = scenario_from_text(SMALL)
    (closes,) = {end for day in site.opening.hours.week for _, end in day}
    hours = (closes - 600) // 60
    sets = ("--set", shifts.replace("HOURS", str(hours)), "--need-replications", "0")
    assert call(monkeypatch, "rota", "plan", "small.yaml", *sets, "--out", "stay") == 0
    assert "overtime" in capsys.readouterr().out
    gone = ("--set", "staff.stay_until_empty=false")
    assert call(monkeypatch, "rota", "plan", "small.yaml", *sets, *gone) == 2
    told = capsys.readouterr().err
    assert f"uncovered: mon {closes // 60:02d}:00" in told
    assert "the doors are shut then, but until " in told
    assert "somebody may still be inside" in told


QUICK = ("--replications", "3", "--need-replications", "0", "--workers", "1", "--no-report")


@pytest.mark.slow
def test_a_saving_is_the_one_that_compare_finds(tmp_path, monkeypatch, capsys):
    """The plans' table, and a comparison of the two rotas by itself: the same to the last digit."""
    monkeypatch.chdir(tmp_path)
    Path("day.yaml").write_text(DAYTIME, "utf-8")
    assert call(monkeypatch, "rota", "plan", "day.yaml", *QUICK, "--out", "found") == 0
    printed = capsys.readouterr().out
    assert max(len(line) for line in printed.splitlines()) <= 80
    arguments = ("--replications", "3", "--workers", "1", "--no-report", "--out", "again")
    assert call(monkeypatch, "compare", "found/plans.yaml", *arguments) == 0
    mine, again = (pd.read_csv(f"{folder}/comparison.csv") for folder in ("found", "again"))
    pd.testing.assert_frame_equal(mine, again)
    cost = again[(again["metric"] == "cost") & (again["statistic"] == "per_week")]
    row = cost[(cost["option"] == "cheapest") & (cost["by"] == "all")].iloc[0]
    saved = 1 - row["value"] / row["base_value"]
    assert saved > 0
    line = next(line for line in printed.splitlines() if line.startswith("cheapest "))
    assert f"{row['value']:,.0f}" in line
    assert f"{row['value'] * 365 / 7:,.0f}" in line
    assert f"none      cheaper by {saved:.1%}" in line
    assert row["verdict"] == "cheaper"
    # Today's rota has shifts of ten hours without a break.
    assert (
        next(line for line in printed.splitlines() if line.startswith("today")).split()[-1]
        != "none"
    )
    assert call(monkeypatch, "rota", "check", "found/plans.yaml", "--variant", "cheapest") == 0


@pytest.mark.slow
def test_plans_with_breaches_only_on_request(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    Path("day.yaml").write_text(DAYTIME, "utf-8")
    short = (
        "--set",
        (
            "rota_rules.shifts=[{lengths: [9 h], starts: ['09:30', '10:00'], "
            "breaks: [{length: 10, after: 3 h, before: 5 h}]}]"
        ),
    )
    assert call(monkeypatch, "rota", "plan", "day.yaml", *short, *QUICK) == 2
    told = capsys.readouterr().err
    assert "no plan of the allowed shifts keeps the rules; breaks: " in told
    assert "What would help: give the shifts of rota_rules.shifts longer breaks" in told
    assert not Path("results").exists() or not list(Path("results").iterdir())
    assert call(monkeypatch, "rota", "plan", "day.yaml", *short, *QUICK, "--with-breaches") == 0
    assert capsys.readouterr().out.startswith("cheapest breaks a rule: breaks: nurse")


@pytest.mark.slow
def test_rota_plan_takes_a_need_that_was_handed_down(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    Path("hosts.yaml").write_text(HOSTS, "utf-8")
    Path("need.csv").write_text(BLOCKS, "utf-8")
    sets = ("--set", "rota_rules.shifts=[{lengths: [8 h]}]", "--need", "need.csv", "--out", "found")
    assert call(monkeypatch, "rota", "plan", "hosts.yaml", *sets, *QUICK) == 0
    assert "cheapest: the cheapest, 26 people a day" in capsys.readouterr().out
    need = pd.read_csv("found/need.csv")
    assert need["needed"].to_list() == np.repeat([4, 8, 10, 7, 12, 4] * 7, 4).tolist()
    Path("need.csv").write_text("from,to,needed\n00:00,04:00,four\n", "utf-8")
    assert call(monkeypatch, "rota", "plan", "hosts.yaml", *sets[:4], *QUICK) == 2
    assert "need.csv:2:3: 'four' must be a whole number of people" in capsys.readouterr().err
