"""Who is needed when: offered load, staffing by formula and by simulation, floors, overdoses."""

import json
from math import exp, factorial

import numpy as np
import pandas as pd
import pytest

from sim.engine import Engine
from sim.facility import simulate
from sim.log import series_names
from sim.measures.steps import window_of
from sim.queueing import (
    batch_waits,
    crowd_waits,
    erlang_c,
    people_quantile,
    staff_for,
    staff_for_overdoses,
)
from sim.rota.check.rules import NeedError, staff_of
from sim.rota.need.need import batches_of, on_duty_by_hour, requirement, staffed
from sim.rota.need.refine import refine
from sim.rota.need.tasks import tasks_of, wanted
from sim.rota.need.work import leaving, minutes_of, present, week_of
from sim.scenario import load_scenario
from sim.scenario.load import scenario_from_text
from sim.scenario.model.durations import Exponential, Fixed
from sim.study.estimate.intervals import share
from sim.study.run.replication import simulate_replication
from sim.study.run.runner import Plan
from sim.visitors import draw
from tests import ROOT
from tests.support.command import call
from tests.support.rota_exact import exact_waits

CASES = ROOT / "sim/validation/exact/scenarios"
PER_HOUR = (4, 3, 2, 2, 2, 3, 5, 7, 9, 10, 11, 12, 12, 12, 12, 13, 14, 14, 13, 12, 10, 8, 6, 5)
"""Demand of case T3."""
# fmt: off
LOAD = (
    2.589, 2.080, 1.578, 1.078, 1.011, 1.433, 2.356, 3.345, 4.344, 4.911, 5.420, 5.922,
    5.989, 5.999, 6.000, 6.432, 6.923, 6.990, 6.990, 6.566, 6.077, 5.146, 4.155, 3.156,
)
NEED = (5, 4, 4, 3, 3, 4, 5, 6, 7, 8, 9, 9, 9, 9, 9, 10, 11, 11, 11, 10, 10, 8, 7, 6)
# fmt: on
"""Exact: Kolmogorov's equations and Erlang C, for a chance of waiting of at most 0.2."""
SITE = """\
name: site
horizon: {days: 7}
opening: {hours: 10:00-18:00}
demand: {visits_per_day: 240, profile: flat}
visits:
  inject: {rooms: [injecting], stay: 30}
rooms:
  injecting: {places: 20, cleaning: {duration: 6, roles: [nurse, helper]}}
supervision:
  - {rooms: [injecting], roles: [nurse, helper], minimum: 2, at_least: {nurse: 1},
     places_per_staff: 4}
staff:
  roles: {nurse: {cost_per_hour: 40}, helper: {cost_per_hour: 30}}
  rota:
    - {role: nurse, from: 10:00, to: "18:00"}
    - {role: helper, from: 10:00, to: "18:00"}
"""


@pytest.fixture(scope="module")
def t3():
    scenario = load_scenario(CASES / "t3-hand-over.yaml")
    return scenario, requirement(scenario)


# --- flows -------------------------------------------------------------------------------------


def test_a_constant_rate_gives_rate_times_mean():
    """Little's law, whatever the distribution."""
    rates = np.full(2016, 0.2)
    for law in (Fixed(value=25), Exponential(distribution="exponential", mean=40)):
        assert present(rates, minutes_of(law)) == pytest.approx(0.2 * law.mean(), rel=1e-4)
        assert leaving(rates, minutes_of(law)) == pytest.approx(0.2)


def test_a_fixed_stay_moves_the_flow_by_its_length():
    rates = np.zeros(2016)
    rates[100:112] = 1.0  # an hour of one a minute
    left = leaving(rates, np.full(3, 25.0))
    expected = np.roll(rates, 5)
    assert left == pytest.approx(expected, abs=1e-12)
    inside = present(rates, np.full(3, 25.0))
    assert inside.max() == pytest.approx(25.0)
    assert inside[105] == pytest.approx(25.0)
    assert inside[104] == pytest.approx(20.0)


def test_nobody_is_lost_on_the_way():
    rates = np.random.default_rng(1).uniform(size=2016)
    left = leaving(rates, minutes_of(Exponential(distribution="exponential", mean=300)))
    assert left.sum() == pytest.approx(rates.sum())


# --- formulas ----------------------------------------------------------------------------------


def test_erlang_c_is_that_of_the_books():
    """S1, S3 and S5 of the validation: 2 of 3, 2.5 of 5, 10 of 14."""
    assert erlang_c(2, 3) == pytest.approx(0.444444, abs=1e-6)
    assert erlang_c(2.5, 5) == pytest.approx(0.130371, abs=1e-6)
    assert erlang_c(10, 14) == pytest.approx(0.174132, abs=1e-6)
    assert erlang_c(2, 2) == 1
    assert erlang_c(0, 0) == 0


def test_fewest_staff():
    assert staff_for(2.0, 0.45) == 3
    assert staff_for(2.0, 0.44) == 4
    assert staff_for(0.0, 0.2) == 0
    assert people_quantile(9, 0.1243) == 12  # P(N >= 13) = .124227, case S13
    assert people_quantile(9, 0.1242) == 13


def test_staff_for_overdoses_by_hand():
    """One kind that holds two people, 0.5 under way on average, and asks for two."""
    none, one, two = (exp(-0.5) * 0.5**n / factorial(n) for n in range(3))
    held, asked = [(0.5, 2)], [(1.0, 2)]
    for staff, chance in ((2, 1 - none), (4, 1 - none - one), (6, 1 - none - one - two)):
        assert staff_for_overdoses(held, asked, chance + 1e-6, 0) <= staff
        assert staff_for_overdoses(held, asked, chance - 1e-6, 0) > staff


def test_clustered_overdoses_take_more_staff():
    held, asked = [(0.3, 2)], [(1.0, 2)]
    assert staff_for_overdoses(held, asked, 0.1, 0) == 4
    assert staff_for_overdoses(held, asked, 0.1, 1.5) > 4


# --- case T3: load, need, and the chance of waiting --------------------------------------------


def test_t3_offered_load(t3):
    asked = t3[1].asked[0]
    assert asked.load.reshape(7, 24)[0] == pytest.approx(LOAD, abs=6e-4)
    assert np.ptp(asked.load.reshape(7, 24), axis=0).max() < 1e-9


def test_t3_need_is_178_hours(t3):
    assert t3[1].by_role["worker"].reshape(7, 24).tolist() == [list(NEED)] * 7
    assert t3[1].hours_per_week("worker") == 7 * 178


@pytest.mark.slow
def test_the_exact_solution_is_that_of_case_t3():
    staff = [4] * 8 + [7] * 8 + [8] * 8
    for hand_over, wait, waits in ((True, 8.113991, 0.401678), (False, 8.092000, 0.401493)):
        exact = exact_waits(PER_HOUR, staff, 30, hand_over=hand_over)
        assert exact.wait == pytest.approx(wait, abs=5e-4)
        assert exact.share == pytest.approx(waits, abs=2e-6)


@pytest.mark.slow
def test_t3_lagged_staffing_holds_where_same_hour_staffing_fails(t3):
    """Exact chances: within .02 of the target in every hour, or beyond it."""
    by_load = t3[1].by_role["worker"][:24].tolist()
    same_hour = [staff_for(rate / 2, 0.2) for rate in PER_HOUR]
    assert sum(same_hour) == 170
    assert max(exact_waits(PER_HOUR, by_load, 30).by_hour) <= 0.2 + 0.02
    worst = max(exact_waits(PER_HOUR, same_hour, 30).by_hour)
    assert worst == pytest.approx(0.2391, abs=5e-5)
    assert worst > 0.2 + 0.02


@pytest.mark.slow
def test_t3_need_by_simulation_holds_too(t3):
    """The refined need, its chances exact: no hour beyond the target but by noise."""
    told = list[tuple[int, int]]()
    found = refine(t3[0], t3[1], Plan(replications=3), progress=lambda *one: told.append(one))
    number = found.by_role["worker"].reshape(7, 24)
    # How many replications it takes to prove what was found is not known: none is told twice.
    assert told == [(done, 33 if done <= 33 else 0) for done in range(1, len(told) + 1)]
    assert (number == number[0]).all()
    assert np.abs(number[0] - NEED).max() <= 1
    exact = exact_waits(PER_HOUR, number[0].tolist(), 30).by_hour
    assert max(exact) <= 0.2 + 0.02
    # Three replications of eight weeks; days are as good as independent.
    apart, days = found.chance.value[0, :24] - exact, 3 * 56
    errors = np.sqrt(np.multiply(exact, np.subtract(1, exact)) / days)
    assert (np.abs(apart) < 4 * errors).all()
    assert abs(apart.mean()) < 0.02


def test_a_rota_by_the_hour_puts_exactly_so_many_on_duty(t3):
    counts = np.random.default_rng(2).integers(0, 6, 168)
    scenario = staffed(t3[0], {"worker": counts})
    assert on_duty_by_hour(scenario)["worker"].tolist() == counts.tolist()
    assert (
        on_duty_by_hour(staffed(t3[0], {"worker": np.full(168, 3)}))["worker"].tolist() == [3] * 168
    )


# --- floors ------------------------------------------------------------------------------------


def site(*sets):
    return scenario_from_text(SITE, sets)


def test_floors_and_who_is_cheapest():
    """By noon 10 visits an hour for 30 min each: 5 places in use; more than 9 have a chance of
    3.2 %, so with 4 places each three must watch; one of them a nurse, the others helpers."""
    found = requirement(site())
    by_role = {role: number[:24].tolist() for role, number in found.by_role.items()}
    assert by_role["nurse"] == [0] * 10 + [1] * 8 + [0] * 6
    assert by_role["helper"][11:18] == [2] * 7
    assert by_role["helper"][:10] == [0] * 10
    team = next(one for one in found.asked if len(one.roles) == 2)
    assert team.watch[12] == 3
    assert team.load[12] == pytest.approx(10 / 60 * 6, rel=1e-3)
    # For half an hour after closing people leave as before, and places are cleaned after them:
    # a load of 1 wants three, and nobody must watch any more.
    assert by_role["helper"][18] == staff_for(1.0, 0.2) == 3
    assert by_role["helper"][19:] == [0] * 5


def test_rules_of_the_scenario_count():
    found = requirement(
        site("rota_rules.minimum=5", "rota_rules.at_least.nurse=2", "rota_rules.need.waiting=0.9")
    )
    assert found.by_role["nurse"][12] == 2
    assert found.by_role["helper"][12] == 3


def test_busy_hours_lag_behind_arrivals():
    """Cleaning follows the arrival by the stay: 6 min from half past ten on."""
    week = week_of(site())
    cleaning = week.work[0].load[: 24 * 12]
    assert cleaning[: 10 * 12 + 7].max() == 0
    assert cleaning[10 * 12 + 8] == pytest.approx(10 / 60 * 6, rel=0.2)


def test_without_staff_or_rates_it_says_so():
    with pytest.raises(NeedError, match="no staff"):
        requirement(
            scenario_from_text(
                "name: a\nopening: {hours: 24/7}\ndemand: {visits_per_day: 9, profile: flat}\n"
                "visits: {use: {rooms: [room], stay: 5}}\nrooms: {room: {places: 2}}\n"
            )
        )
    listed = SITE.replace("{visits_per_day: 240, profile: flat}", "{arrivals: []}")
    with pytest.raises(NeedError, match="arrivals"):
        requirement(scenario_from_text(listed))


def test_a_day_that_a_short_horizon_lacks_is_that_of_the_formula():
    """Monday and Tuesday stand for all days that are like them; Wednesday is not."""
    short = site("horizon.days=2", "demand.weekday.wed=3")
    formula = requirement(short)
    found = refine(short, formula, Plan(replications=2))
    wednesday, friday = slice(58, 66), slice(106, 114)
    for role, number in found.by_role.items():
        assert (number[wednesday] == formula.by_role[role][wednesday]).all()
        assert (number[friday] == number[10:18]).all()
    assert np.isnan(found.chance.value[:, wednesday]).all()
    assert not np.isnan(found.chance.value[:, friday]).any()


# --- people who come together --------------------------------------------------------------------


THREES = """\
name: threes
horizon: {weeks: 9, warmup_weeks: 1}
opening: {hours: 24/7}
demand: {visits_per_day: 288, profile: flat, groups: {3: 1.0}}
visits:
  visit: {services: {talk: 1}}
services:
  talk: {duration: {distribution: exponential, mean: 15}, roles: [host]}
staff:
  roles: {host: {}}
  rota:
    - {role: host, from: 00:00, to: "24:00", count: 5}
"""
CROWD = """\
name: crowd
horizon: {weeks: 6}
opening: {hours: 10:00-18:00, wait_at_door: 60}
demand:
  visits_per_day: 240
  profile: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0]
  crowd_at_opening: 0.1
visits:
  visit: {services: {talk: 1}}
services:
  talk: {duration: {distribution: exponential, mean: 10}, roles: [host]}
staff:
  roles: {host: {}}
  rota:
    - {role: host, from: 10:00, to: "18:00", count: 5}
"""
SHARED = """\
name: shared
horizon: {weeks: 5, warmup_weeks: 1}
opening: {hours: 24/7}
demand: {visits_per_day: 480, profile: flat}
visits:
  visit: {services: {hello: 1, talk: 0.07}}
services:
  hello: {duration: {distribution: exponential, mean: 6}, roles: [educator, helper]}
  talk: {duration: {distribution: exponential, mean: 20}, roles: [educator], when: after}
staff:
  roles: {educator: {cost_per_hour: 30}, helper: {cost_per_hour: 20}}
  rota:
    - {role: educator, from: 00:00, to: "24:00", count: 5}
rota_rules: {minimum: 1}
"""
SHARED_BY_DAY = (
    SHARED.replace("24/7", "09:00-19:00")
    .replace("visits_per_day: 480", "visits_per_day: 200")
    .replace("flat", "[0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 2, 2, 3, 2, 2, 1, 1, 0, 0, 0, 0, 0]")
    .replace("talk: 0.07", "talk: 0.1")
)
STAGES = """\
name: stages
horizon: {weeks: 6}
opening: {hours: 09:00-19:00}
demand:
  visits_per_day: 160
  profile: [0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 2, 2, 2, 2, 2, 1, 1, 0, 0, 0, 0, 0]
  groups: {1: 0.6, 2: 0.4}
visits:
  use: {rooms: [room], stay: {distribution: exponential, mean: 25}, services: {advice: 0.3}}
rooms:
  room: {places: 14, cleaning: {duration: {distribution: exponential, mean: 5}, roles: [host]}}
check_in: {times: {known: {distribution: exponential, mean: 3}}, roles: [host]}
services:
  advice: {duration: {distribution: exponential, mean: 15}, roles: [host], when: after}
staff:
  roles: {host: {}}
  rota:
    - {role: host, from: 09:00, to: "20:00", count: 5}
rota_rules: {minimum: 1}
"""


def test_batches_are_those_of_the_books():
    """Case S18: 6 groups an hour of 1, 2 or 3, 20 minutes each, 5 staff. And batches of one."""
    assert batch_waits(6 * 1.7 / 3, 5, (0.5, 0.3, 0.2)) == pytest.approx(0.482767, abs=1e-6)
    for staff, load in ((3, 2), (5, 2.5), (14, 10)):
        assert batch_waits(load, staff, (1, 0)) == pytest.approx(erlang_c(load, staff))
    assert batch_waits(3, 3, (0, 1)) == 1
    assert batch_waits(0, 3, (0, 1)) == 0


@pytest.mark.slow
def test_batches_by_a_chain_solved_as_it_stands():
    """Threes at a load of 3: the stationary vector of the generator, cut off far out."""
    states, rate = 400, 1.0
    for staff, busy, waits in ((6, 0.207, 0.299), (7, 0.117, 0.185)):
        generator = np.zeros((states, states))
        for number in range(states):
            if number + 3 < states:
                generator[number, number + 3] += rate
            if number:
                generator[number, number - 1] += min(number, staff)
        generator -= np.diag(generator.sum(axis=1))
        system = np.vstack((generator.T, np.ones(states)))
        chances = np.linalg.lstsq(system, np.eye(states + 1)[-1], rcond=None)[0]
        assert chances[staff:].sum() == pytest.approx(busy, abs=5e-4)
        found = sum(chances[max(staff - before, 0) :].sum() for before in range(3)) / 3
        assert batch_waits(3, staff, (0, 0, 1)) == pytest.approx(found, abs=1e-9)
        assert found == pytest.approx(waits, abs=5e-4)


@pytest.mark.slow
def test_people_in_threes_need_seven_hosts_by_formula_and_by_simulation():
    """With six all are busy .207 of the time, but .299 of the tasks wait; with seven .185."""
    scenario = scenario_from_text(THREES)
    formula = requirement(scenario)
    assert formula.by_role["host"].tolist() == [7] * 168
    found = refine(scenario, formula, Plan(replications=5))
    assert found.by_role["host"].tolist() == [7] * 168
    assert found.holds
    exact = batch_waits(3, 7, (0, 0, 1))
    error = (found.chance.high[0, 0] - found.chance.low[0, 0]) / 2 / 2.776  # t of 4 degrees
    assert abs(found.chance.value[0, 0] - exact) < 4 * error
    assert error < 0.05 * exact


def test_of_a_group_only_what_comes_first_is_asked_for_at_once():
    stages = scenario_from_text(STAGES)
    # A check-in each, and one by one a cleaning and 0.3 advice.
    singles, pairs = batches_of(stages, frozenset({"host"}))
    assert pairs == pytest.approx(0.4)
    assert singles == pytest.approx(0.6 + 1.4 * 1.3)
    some = scenario_from_text(THREES, ["visits.visit.services.talk=0.5"])
    assert batches_of(some, frozenset({"host"})) == pytest.approx((3 / 8, 3 / 8, 1 / 8))
    alone = scenario_from_text(THREES, ["demand.groups={1: 1.0}"])
    assert batches_of(alone, frozenset({"host"})) == (1.0,)


@pytest.mark.slow
def test_a_crowd_by_itself():
    """Nobody else comes: those of a Poisson number beyond the staff wait."""
    chances = [exp(-4) * 4**n / factorial(n) for n in range(60)]
    beyond = sum(chance * max(n - 6, 0) for n, chance in enumerate(chances))
    assert crowd_waits(6, 4, 0, 10, 60) == pytest.approx(beyond / 4, abs=1e-7)
    # Without a crowd, after a long time, it is Erlang C.
    assert crowd_waits(4, 0, 0.2, 10, 1500) == pytest.approx(erlang_c(2, 4), abs=5e-3)


@pytest.mark.slow
def test_the_hour_of_opening_is_that_of_the_crowd():
    scenario = scenario_from_text(CROWD)
    formula = requirement(scenario)
    tasks = formula.asked[0].tasks[10]
    assert crowd_waits(tasks, 24, 216 / 8 / 60, 10, 60) <= 0.2
    assert crowd_waits(tasks - 1, 24, 216 / 8 / 60, 10, 60) > 0.2
    found = refine(scenario, formula, Plan(replications=4))
    assert abs(found.by_role["host"][10] - tasks) <= 1


@pytest.mark.slow
def test_desks_limit_who_checks_in_and_not_who_cleans():
    """A crowd of 24 keeps two desks busy; who cleans after their stays is wanted beside."""
    text = CROWD.replace("{services: {talk: 1}}", "{rooms: [room], stay: 15}").replace(
        "services:\n  talk: {duration: {distribution: exponential, mean: 10}, roles: [host]}",
        "rooms: {room: {places: 60, cleaning: {duration: CLEANED}}}\n"
        "check_in: {times: {known: 5}, roles: [host], desks: 2}",
    )
    alone = requirement(scenario_from_text(text.replace("CLEANED", "6")))
    assert alone.asked[0].tasks[10] == 2
    both = scenario_from_text(text.replace("CLEANED", "6, roles: [host]"))
    formula = requirement(both)
    # Few places come free at once, as two desks let people through one by one.
    found = refine(both, formula, Plan(replications=3))
    assert 2 < found.by_role["host"][10] <= formula.by_role["host"][10]


# --- the requirement, played ----------------------------------------------------------------------


def waiting_by_hour(scenario, log):
    """Tasks asked for and tasks that waited, by hour of the day: counted from the log by hand."""
    asked, waited = np.zeros(24), np.zeros(24)

    def tell(when, late):
        hour = int(when // 60 % 24)
        asked[hour] += 1
        waited[hour] += late

    if scenario.check_in is not None:
        for came, begun in zip(log.visits["let_in"], log.visits["check_in_start"], strict=True):
            if not np.isnan(came):
                tell(came, not begun <= came)
    rooms_cleaned = [name for name, room in scenario.rooms.items() if room.cleaning is not None]
    for row in range(len(scenario.services)):
        for came, begun in zip(log.service_asked[row], log.service_start[row], strict=True):
            if not np.isnan(came):
                tell(came, not begun <= came)
    names = series_names(scenario)
    changes = list(
        zip(log.changes["time"], log.changes["series"], log.changes["value"], strict=True)
    )
    counts, place = dict.fromkeys(names, 0), 0
    departures = log.visits["left"][~np.isnan(log.visits["left"])]
    for left in np.sort(departures) if rooms_cleaned == ["room"] else ():
        while place < len(changes) and changes[place][0] <= left:
            counts[names[changes[place][1]]] = changes[place][2]
            place += 1
        # Who left last is cleaned up after last: it waits if anything to clean does.
        tell(left, counts["room:room:cleaning"] > counts["role:host:clean"])
    return asked, waited


@pytest.mark.slow
@pytest.mark.parametrize("text", ["t3", THREES, CROWD, STAGES], ids=lambda text: text[:12])
def test_what_is_needed_holds_when_it_is_played(text, t3):
    """Other people than those by whom it was found: in no hour surely more wait than wanted."""
    scenario = t3[0] if text == "t3" else scenario_from_text(text)
    found = refine(scenario, requirement(scenario), Plan(replications=6))
    assert found.holds
    played = staffed(scenario, found.by_role)
    counted = [
        waiting_by_hour(played, simulate_replication(played, 77, number, Engine.FAST))
        for number in range(6)
    ]
    asked, waited = (np.array(part) for part in zip(*counted, strict=True))
    low = share(waited, asked).low
    assert (np.nan_to_num(low) <= 0.2).all()
    total = waited.sum() / asked.sum()
    assert 0.05 < total <= 0.2


def of_the_log(scenario, educators, helpers):
    """The highest share of the tasks of a service that wait with these staff, from the log."""
    numbers = {"educator": np.full(168, educators), "helper": np.full(168, helpers)}
    played, since = staffed(scenario, numbers), scenario.horizon.counted_from
    asked, waited = np.zeros(2), np.zeros(2)
    for number in range(3):
        log = simulate_replication(played, 99, number, Engine.FAST)
        for row in (0, 1):
            came = log.service_asked[row]
            begun = log.service_start[row][came >= since]
            came = came[came >= since]
            asked[row] += len(came)
            waited[row] += (~(begun <= came)).sum()
    return (waited / asked).max()


@pytest.mark.slow
def test_work_that_two_roles_share_takes_no_more_than_the_cheapest_who_can_do_it():
    """Only an educator can talk, and is busy saying hello: all numbers of both, tried one by one.

    Four and one are the cheapest with whom at most a fifth waits; three educators would need four
    helpers to keep them free, and two would never do.
    """
    scenario = scenario_from_text(SHARED)
    enough = {
        (educators, helpers): 31 * educators + 21 * helpers
        for educators in (1, 2, 3, 4, 5)
        for helpers in (0, 1, 2, 3, 4, 5)
        if of_the_log(scenario, educators, helpers) <= 0.2
    }
    assert min(enough, key=lambda staff: enough[staff]) == (4, 1)
    assert (3, 4) in enough
    found = refine(scenario, requirement(scenario), Plan(replications=6))
    assert found.holds
    assert found.by_role["educator"].tolist() == [4] * 168
    assert found.by_role["helper"].tolist() == [1] * 168


@pytest.mark.slow
def test_who_was_added_in_vain_is_taken_away_again():
    """Other people find no more to wait for than wanted, at less than adding alone."""
    scenario = scenario_from_text(SHARED_BY_DAY)
    found = refine(scenario, requirement(scenario), Plan(replications=6))
    assert found.holds
    played = staffed(scenario, found.by_role)
    sets = (frozenset({"educator"}), frozenset({"educator", "helper"}))
    counted = [
        wanted(
            played,
            simulate_replication(played, 77, number, Engine.FAST),
            window_of(played),
            sets,
        )
        for number in range(6)
    ]
    asked = np.array([one.ahead.sum(axis=-1).reshape(2, 7, 24).sum(axis=1) for one in counted])
    waited = np.array([one.waited.reshape(2, 7, 24).sum(axis=1) for one in counted])
    assert (np.nan_to_num(share(waited, asked).low) <= 0.2).all()
    # With helpers added first it is 10,990, and 13,090 before those in vain are taken away.
    cost = sum(
        staff_of(scenario).roles[role].cost_per_hour * found.hours_per_week(role)
        for role in found.by_role
    )
    assert cost <= 10_780


def test_nothing_is_cut_off_however_many_are_wanted():
    """Thirty come at once and one host is there: the last finds twenty-nine ahead."""
    scenario = scenario_from_text(
        THREES, ["demand.groups={30: 1.0}", "demand.visits_per_day=30", "horizon.weeks=3"]
    )
    log = simulate_replication(scenario, 1, 0, Engine.FAST)
    found = wanted(scenario, log, window_of(scenario), (frozenset({"host"}),))
    ahead = found.ahead[0].sum(axis=0)
    assert len(ahead) >= 30
    assert ahead.sum() == (log.visits["arrival"] >= scenario.horizon.counted_from).sum()
    alone = ahead[:30]
    assert (alone >= 0.5 * alone[0]).all()
    assert found.minutes.sum() == scenario.horizon.minutes - scenario.horizon.counted_from


def test_who_waits_for_a_desk_does_not_wait_for_staff():
    """Three come at once, two desks, three hosts, five minutes each: the third gets a desk at 5."""
    text = STAGES.replace(
        "check_in: {times: {known: {distribution: exponential, mean: 3}}",
        "check_in: {desks: 2, times: {known: 5}",
    )
    text = text.replace("services: {advice: 0.3}", "services: {advice: 0}")
    start = text.index("demand:")
    end = text.index("visits:\n  use")
    arrivals = (
        "demand: {arrivals: [{at: 600, kind: use}, {at: 600, kind: use}, {at: 600, kind: use}]}\n"
    )
    scenario = scenario_from_text(text[:start] + arrivals + text[end:], ["staff.rota.0.count=3"])
    log = simulate_replication(scenario, 1, 0, Engine.FAST)
    (check_in, *_) = tasks_of(scenario, log)
    assert check_in.asked.tolist() == [600, 600, 605]
    assert check_in.begun.tolist() == [600, 600, 605]
    assert check_in.ended.tolist() == [605, 605, 610]


def test_shares_have_intervals_within_nothing_and_all():
    rare = share(np.array([[0.0], [0.0], [1.0]]), np.array([[40.0], [50.0], [60.0]]))
    assert 0 < rare.low[0] < rare.value[0] == 1 / 150 < rare.high[0] < 1
    usual = share(np.array([[8.0], [9.0], [1.0]]), np.array([[10.0], [10.0], [10.0]]))
    assert 0 < usual.low[0] < 0.6 < usual.high[0] < 1
    none = share(np.zeros((3, 1)), np.full((3, 1), 10.0))
    assert (none.low[0], none.value[0]) == (0, 0)
    assert none.high[0] == pytest.approx(1 - 0.025 ** (1 / 30))
    every = share(np.full((3, 1), 10.0), np.full((3, 1), 10.0))
    assert every.low[0] == pytest.approx(0.025 ** (1 / 30))
    assert every.high[0] == 1
    assert np.isnan(share(np.ones((1, 1)), np.full((1, 1), 3.0)).low[0])


# --- command line ------------------------------------------------------------------------------


@pytest.mark.slow
def test_rota_need_prints_a_week_and_writes_tables(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    arguments = ("rota", "need", str(CASES / "t3-hand-over.yaml"), "--set", "horizon.weeks=3")
    options = ("--replications", "4", "--workers", "1", "--out", "found")
    assert call(monkeypatch, *arguments, *options) == 0
    printed = capsys.readouterr().out
    assert max(len(line) for line in printed.splitlines()) <= 80
    assert "1246 h a week by formula" in printed
    assert "daily     5  4  4  3  3  4  5  6  7  8  9  9  9  9  9 10 11 11 11 10 10  8" in printed
    table = pd.read_csv("found/need.csv")
    assert table["formula"].to_list() == list(NEED) * 7
    assert table["on_duty"][:24].to_list() == [4] * 8 + [7] * 8 + [8] * 8
    work = pd.read_csv("found/work.csv")
    assert (work["replications"] == 4).all()
    known = work[["chance", "ci_low", "ci_high"]]
    assert (known["ci_low"] <= known["chance"]).all()
    assert (known["chance"] <= known["ci_high"]).all()
    assert (known["ci_low"] <= 0.2 + 0.02).all()
    assert {path.name for path in (tmp_path / "found").iterdir()} == {
        *("need.csv", "work.csv", "manifest.json", "scenario.yaml", "notes.csv"),
        *("report.html", "report.en.html"),
    }


def test_rota_need_tells_what_is_wrong(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "listed.yaml").write_text(
        SITE.replace("{visits_per_day: 240, profile: flat}", "{arrivals: []}"), "utf-8"
    )
    assert call(monkeypatch, "rota", "need", "listed.yaml") == 2
    assert "demand.arrivals" in capsys.readouterr().err
    assert not (tmp_path / "results").exists()


def test_several_booked_for_one_time_are_told_of(tmp_path, monkeypatch, capsys):
    """The formula takes them as if they came one by one."""
    monkeypatch.chdir(tmp_path)
    booked = SITE.replace("visits:", "visits:\n  patient: {share: 0, services: {doctor: 1}}", 1)
    booked = booked.replace(
        "\nstaff:",
        "\nservices: {doctor: {duration: 15, roles: [nurse], appointments: {kind: patient, "
        "hours: 10:00-12:00, every: 30, number: 2}}}\nstaff:",
        1,
    )
    (tmp_path / "booked.yaml").write_text(booked, "utf-8")
    arguments = ("rota", "need", "booked.yaml", "--replications", "0", "--out")
    assert call(monkeypatch, *arguments, "two") == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert "Several are booked for one time (doctor: 2 every 30 min)." in shown
    assert "with --replications the simulation counts them" in shown
    (tmp_path / "booked.yaml").write_text(booked.replace(", number: 2", ""), "utf-8")
    assert call(monkeypatch, *arguments, "one") == 0
    assert "Several" not in capsys.readouterr().out


AT_ONCE = """
name: at-once
horizon: {weeks: 1}
opening: {hours: 24/7}
demand: {visits_per_day: 96, profile: flat}
visits: {use: {services: {treatment: 0.5}}}
services: {treatment: {duration: 15, team: [[nurse], [nurse, doctor]], places: 1}}
staff:
  roles: {nurse: {}, doctor: {}}
  rota: [{role: nurse, from: 00:00, to: 24:00, count: 2}, {role: doctor, from: 00:00, to: 24:00}]
"""


def test_a_service_by_two_is_work_for_each_of_them():
    scenario = scenario_from_text(AT_ONCE)
    work = week_of(scenario).work
    assert [sorted(one.roles) for one in work] == [["nurse"], ["doctor", "nurse"]]
    for one in work:  # two an hour, a quarter of an hour each
        assert one.load == pytest.approx(np.full_like(one.load, 0.5), rel=1e-6)


def test_who_waits_for_a_place_of_the_service_does_not_wait_for_staff():
    arrivals = [{"at": 600, "kind": "use"}, {"at": 601, "kind": "use"}]
    listed = f"{{arrivals: {json.dumps(arrivals)}}}"
    text = AT_ONCE.replace("{visits_per_day: 96, profile: flat}", listed)
    scenario = scenario_from_text(text.replace("0.5", "1"))
    found = list(tasks_of(scenario, simulate(scenario, draw(scenario, seed=1, replication=0))))
    assert [sorted(one.roles) for one in found] == [["nurse"], ["doctor", "nurse"]]
    for one in found:
        # The room is free for the second at 615.
        assert one.asked.tolist() == [600, 615]
        assert one.begun.tolist() == [600, 615]
        assert one.ended.tolist() == [615, 630]
