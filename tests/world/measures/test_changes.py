"""Integrals, peaks and readings of the change log, found slowly too and by hand; histograms."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.engine import simulate
from sim.log import Duty, Log, series_names
from sim.measures import measure
from sim.measures.facts.changes import (
    FILLED,
    OPENED,
    VACANT,
    WHILE_OPEN,
    WHOLE,
    Series,
    follow,
    series_of,
)
from sim.measures.facts.facts import Facts
from sim.measures.facts.visits import add_up
from sim.measures.histogram import Histogram, histogram_of, merge
from sim.measures.laws import check_laws
from sim.measures.steps import HOURS, QUARTER, steps_from, window_of
from sim.scenario import load_scenario
from sim.scenario.model.scenario import Scenario
from sim.visitors import draw
from tests import ROOT
from tests.support.handmade_logs import make_log, make_scenario, staffed_site

SCENARIOS = ROOT / "scenarios"
QUEUES = [f"site:waiting_{queue}" for queue in ("check_in", "place", "service")]


class Pieces:
    """A log cut into pieces of time in which nothing changes, an hour at most."""

    def __init__(self, scenario: Scenario, log: Log) -> None:
        self.scenario, self.window = scenario, window_of(scenario)
        number, times = log.changes["series"], log.changes["time"]
        ends = [0.0, self.window.start, self.window.end, max(log.end, self.window.end)]
        self.edges = np.unique(np.concatenate([times, ends, np.arange(0, ends[2], 60)]))
        self.edges = self.edges[self.edges <= ends[3]]
        self.begins, self.minutes = self.edges[:-1], np.diff(self.edges)
        self.counted = self.window.holds(self.begins)
        self.steps = {
            name: steps_from((times[number == index], log.changes["value"][number == index]))
            for index, name in enumerate(series_names(scenario))
        }

    def of(self, *names: str):
        return np.sum([self.steps[name].at(self.begins) for name in names], axis=0)

    def taken(self, room: str):
        return self.of(*(f"room:{room}:{state}" for state in ("occupied", "blocked", "cleaning")))

    def overload(self, role: str):
        busy = self.of(*(f"role:{role}:{duty.name.lower()}" for duty in Duty))
        return busy - self.of(f"role:{role}:on_duty", f"role:{role}:overtime")

    def full(self, room: str):
        there = self.of(f"room:{room}:open")
        return (there > 0) & (self.taken(room) >= there)

    def by_hour(self, values):
        hours = self.window.hour_of_week(self.begins[self.counted])
        areas = (values * self.minutes)[self.counted]
        return np.bincount(hours, areas, minlength=HOURS)

    def peak(self, values):
        return max(0.0, *values[self.counted])


def of(found: Series, what: int, name: str):
    """What is told of a series or total by hour of the week."""
    of_series, of_totals = found.by_hour
    if name in found.numbering.totals:
        return of_totals[found.numbering.totals[name], :, what]
    return of_series[found.numbering.series[name], :, what]


def read(found: Series, name: str):
    """A number at every quarter-hour counted."""
    return found.readings[found.numbering.read[name], :-2]


def same(found, wanted):
    np.testing.assert_allclose(found, wanted, rtol=1e-9, atol=1e-9)


def check_series(found: Series, pieces: Pieces):
    for name in pieces.steps:
        values = pieces.of(name)
        same(of(found, WHOLE, name), pieces.by_hour(values))
        assert found.peak(name) == pieces.peak(values)
        assert found.whole(name) == pytest.approx((values * pieces.minutes).sum(), rel=1e-9)
    for name in ("site:inside", "site:aftercare", *QUEUES):
        is_open = pieces.of("site:open") > 0
        same(of(found, WHILE_OPEN, name), pieces.by_hour(pieces.of(name) * is_open))
    both = found.whole("site:inside", "site:waiting_place")
    values = pieces.of("site:inside", "site:waiting_place")
    assert both == pytest.approx((values * pieces.minutes).sum(), rel=1e-9)


def check_rooms(found: Series, pieces: Pieces):
    rooms = list(pieces.scenario.rooms)
    there = {room: pieces.of(f"room:{room}:open") for room in rooms}
    for room in rooms:
        taken, is_open = pieces.taken(room), there[room] > 0
        for name in ("occupied", "blocked", "cleaning", "unusable"):
            values = pieces.of(f"room:{room}:{name}") * is_open
            same(of(found, WHILE_OPEN, f"room:{room}:{name}"), pieces.by_hour(values))
        waiting = pieces.of(f"room:{room}:waiting") * (pieces.of("site:open") > 0)
        same(of(found, WHILE_OPEN, f"room:{room}:waiting"), pieces.by_hour(waiting))
        total = f"room:{room}:taken"
        same(of(found, OPENED, total), pieces.by_hour(is_open))
        same(of(found, VACANT, total), pieces.by_hour(is_open * (there[room] - taken)))
        same(of(found, FILLED, total), pieces.by_hour(pieces.full(room)))
    any_open = np.any([there[room] > 0 for room in rooms], axis=0)
    all_full = np.all([(there[room] <= 0) | pieces.full(room) for room in rooms], axis=0)
    paused = np.any([pieces.of(f"room:{room}:paused") > 0 for room in rooms], axis=0)
    same(of(found, OPENED, "rooms:full"), pieces.by_hour(any_open))
    same(of(found, FILLED, "rooms:full"), pieces.by_hour(any_open & all_full))
    same(of(found, FILLED, "rooms:paused"), pieces.by_hour(paused))


def check_totals(found: Series, pieces: Pieces):
    scenario = pieces.scenario
    assert found.peak("site:waiting") == pieces.peak(pieces.of(*QUEUES))
    totals = {f"room:{room}:taken": pieces.taken(room) for room in scenario.rooms}
    for role in scenario.staff.roles if scenario.staff else ():
        totals[f"role:{role}:overload"] = pieces.overload(role)
    for name, values in totals.items():
        assert found.bounds(name) == (min(0.0, *values), max(0.0, *values))


def check_readings(found: Series, pieces: Pieces):
    quarters = np.arange(pieces.window.start, pieces.window.end, QUARTER)

    def at(*names):
        return np.sum([pieces.steps[name].at(quarters) for name in names], axis=0).tolist()

    assert read(found, "site:inside").tolist() == at("site:inside")
    assert read(found, "site:waiting").tolist() == at(*QUEUES)
    for room in pieces.scenario.rooms:
        taken = (f"room:{room}:{state}" for state in ("occupied", "blocked", "cleaning"))
        assert read(found, f"room:{room}:open").tolist() == at(f"room:{room}:open")
        assert read(found, f"room:{room}:taken").tolist() == at(*taken)


def check(scenario: Scenario, log: Log):
    found, pieces = series_of(scenario, log), Pieces(scenario, log)
    check_series(found, pieces)
    check_rooms(found, pieces)
    check_totals(found, pieces)
    check_readings(found, pieces)


SITE = staffed_site(
    horizon={"start": "2026-01-07", "weeks": 2, "warmup_weeks": 1},
    rooms={"booths": {"places": 2}, "lounge": {"places": 3}, "annex": {"places": 1}},
)
LATEST = 14 * 1440

# Full hours and quarter-hours, and times that are no sum of halves; often the same ones again.
moments = st.one_of(
    st.integers(0, (LATEST + 300) // 15).map(lambda number: 15.0 * number),
    st.sampled_from([0.0, 10080.0, 10080.1, 10095.0, 13333.3, 20159.9, 20160.0, 20170.7]),
    st.floats(0, LATEST + 300, allow_nan=False),
)
names = series_names(SITE)
# Paused and open are what the totals turn on: as often as all the others.
telling = [name for name in names if name.endswith((":open", ":paused")) or "room:booths" in name]
changes = st.lists(
    st.tuples(moments, st.one_of(st.sampled_from(names), st.sampled_from(telling))), max_size=60
)


@pytest.mark.slow
@settings(max_examples=150, deadline=None, derandomize=True)
@given(changes, st.randoms(use_true_random=False))
def test_the_walk_finds_what_is_found_piece_by_piece(drawn, random):
    steps: dict[str, list[tuple[float, float]]] = {}
    for time, name in sorted(drawn):
        most = 1 if name.endswith(":paused") else 3
        steps.setdefault(name, []).append((time, float(random.randint(0, most))))
    last = max((time for time, _ in drawn), default=0.0)
    log = make_log(SITE, changes=steps, end=max(LATEST, last) + random.choice([0.5, 90.0]))
    mixed = np.array([random.random() for _ in log.changes["time"]])
    order = np.lexsort((mixed, log.changes["time"]))
    check(SITE, replace(log, changes=shuffled(log, order)))


def shuffled(log: Log, order):
    """The same changes, those of one instant in another order, series by series."""
    number, time = log.changes["series"][order], log.changes["time"][order]
    value = np.empty(len(order))
    for series in np.unique(number):
        value[number == series] = log.changes["value"][log.changes["series"] == series]
    return {"time": time, "series": number, "value": value}


@pytest.mark.slow
@pytest.mark.parametrize("name", ["h17", "skyen", "copenhagen-2013-one-house"])
def test_the_walk_through_an_example_finds_the_same(name):
    scenario = load_scenario(
        SCENARIOS / f"{name}.yaml", ["horizon.weeks=2", "horizon.warmup_weeks=1"]
    )
    check(scenario, simulate(scenario, draw(scenario, 4, 0)))


def test_what_holds_for_no_time_counts_for_nothing():
    steps = {
        "room:booths:open": [(600.0, 2.0), (1080.0, 0.0)],
        "room:booths:occupied": [(660.0, 2.0), (660.0, 1.0), (700.0, 0.0)],
        "room:booths:cleaning": [(700.0, 2.0), (700.0, 1.0), (715.0, 0.0)],
        "site:inside": [(660.0, 9.0), (660.0, 1.0), (700.0, 5.0), (700.0, 0.0)],
    }
    scenario = make_scenario()
    found = series_of(scenario, make_log(scenario, changes=steps))
    assert of(found, FILLED, "room:booths:taken").sum() == 0
    assert found.bounds("room:booths:taken") == (0.0, 1.0)
    assert found.peak("site:inside") == 1.0
    assert of(found, VACANT, "room:booths:taken").sum() == 2 * 480 - 40 - 15
    assert read(found, "site:inside")[[43, 44, 46, 47]].tolist() == [0, 1, 1, 0]


def test_the_last_value_counts_among_the_bounds_though_it_holds_no_longer():
    scenario = make_scenario()
    end = float(scenario.horizon.minutes)
    log = make_log(scenario, changes={"room:booths:occupied": [(end, -1.0)]})
    assert series_of(scenario, log).bounds("room:booths:taken") == (-1.0, 0.0)


def test_a_log_is_walked_through_once_for_each_scenario():
    one, other = make_scenario(), make_scenario(horizon={"days": 2})
    log = make_log(one, changes={"site:inside": [(60.0, 1.0)]})
    found = series_of(one, log)
    assert series_of(one, log) is found
    assert series_of(one, replace(log, end=log.end + 60)) is not found
    assert of(series_of(other, log), WHOLE, "site:inside").sum() == 2 * 1440 - 60
    assert of(found, WHOLE, "site:inside").sum() == 7 * 1440 - 60


def strided(columns):
    """The same columns, none in one piece."""
    return {name: np.repeat(values, 2)[::2] for name, values in columns.items()}


def locked(columns):
    found = {name: values.copy() for name, values in columns.items()}
    for values in found.values():
        values.flags.writeable = False
    return found


@pytest.mark.parametrize("as_given", [strided, locked])
def test_columns_of_any_make_give_the_same_and_compile_nothing_more(as_given):
    scenario = load_scenario(SCENARIOS / "h17.yaml", ["horizon={days: 2}"])
    log = simulate(scenario, draw(scenario, 1, 0))
    other = replace(log, visits=as_given(log.visits), changes=as_given(log.changes))
    check_laws(scenario, other)
    one, two = measure(scenario, log), measure(scenario, other)
    assert np.array_equal(one.numerator, two.numerator)
    assert np.array_equal(one.hour_numerator, two.hour_numerator)
    loops: tuple[Any, ...] = follow, add_up
    assert [len(loop.signatures) for loop in loops] == [1, 1]


# --- worked out by hand ---------------------------------------------------------------------------

WEEK = make_scenario()
SECOND_WEEK = make_scenario(horizon={"weeks": 2, "warmup_weeks": 1})
TWO_WEEKS = make_scenario(horizon={"weeks": 2})


def steps(*changes):
    table = np.array(changes, dtype=float).reshape(-1, 2)
    return steps_from((table[:, 0], table[:, 1]))


def followed(quantity, scenario, openings=()):
    """The number of people inside, of a site that opens or closes at some times."""
    changes = {
        "site:inside": list(zip(quantity.times[1:], quantity.values[1:], strict=True)),
        "site:open": [(time, float(number % 2)) for number, time in enumerate(sorted(openings))],
    }
    return series_of(scenario, make_log(scenario, changes=changes))


def integrate(quantity, scenario, openings=()):
    return of(followed(quantity, scenario, openings), WHOLE, "site:inside")


def highest(quantity, scenario):
    return followed(quantity, scenario).peak("site:inside")


def test_an_integral_is_cut_at_hours_and_changes():
    found = integrate(steps((50, 2), (130, 5), (135, 0)), WEEK)
    assert found[:4].tolist() == [20.0, 120.0, 20.0 + 25.0, 0.0]
    assert found.sum() == 2 * 80 + 5 * 5


def test_the_last_value_holds_until_the_end():
    assert integrate(steps((10079, 3)), WEEK).sum() == 3.0


def test_before_its_first_change_a_quantity_is_zero():
    assert integrate(steps(), WEEK).tolist() == [0.0] * HOURS


def test_a_value_from_before_the_window_counts_within_it():
    found = integrate(steps((0, 4), (10085, 1)), SECOND_WEEK)
    assert found[0] == 4 * 5 + 1 * 55
    assert found[1:].tolist() == [60.0] * (HOURS - 1)


def test_what_goes_on_after_the_window_does_not_count():
    assert integrate(steps((10079, 1), (10200, 0)), WEEK).sum() == 1.0


def test_of_changes_at_one_instant_only_the_last_counts():
    found = steps((60, 9), (60, 1))
    assert integrate(found, WEEK)[1] == 60.0
    assert highest(found, WEEK) == 1.0


def test_two_weeks_fall_on_the_same_hours():
    found = integrate(steps((0, 1), (60, 0), (10080, 1), (10110, 0)), TWO_WEEKS)
    assert found[0] == 90.0
    assert found[1:].sum() == 0.0


def test_the_hour_of_the_week_follows_the_date():
    # 2026-01-07 is a Wednesday: midnight is hour 48 of a week that begins on Monday.
    scenario = make_scenario(horizon={"start": "2026-01-07", "days": 7})
    assert integrate(steps((0, 1), (30, 0)), scenario)[48] == 30.0
    window = window_of(scenario)
    late = np.array([59.999, 60.0, 5 * 1440 - 0.001, 5 * 1440])
    assert window.hour_of_week(late).tolist() == [48, 49, 167, 0]


def test_the_warm_up_is_outside_the_window():
    window = window_of(make_scenario(horizon={"weeks": 3, "warmup_weeks": 1}))
    assert (window.start, window.end, window.weeks) == (10080.0, 30240.0, 2.0)
    assert window.holds(np.array([10079.9, 10080.0, 30239.9, 30240.0])).tolist() == [
        False,
        True,
        True,
        False,
    ]


def test_a_short_window_misses_some_hours():
    window = window_of(make_scenario(horizon={"days": 2}))
    assert window.minutes_by_hour().tolist() == [60.0] * 48 + [0.0] * 120


def test_a_sum_of_quantities_changes_when_any_of_them_does():
    changes = {
        "site:waiting_check_in": [(10, 2), (40, 0)],
        "site:waiting_service": [(30, 5)],
    }
    facts = Facts(WEEK, make_log(WEEK, changes=changes))
    assert facts.integrals["site:waiting"][0] == 2 * 20 + 7 * 10 + 5 * 20
    assert facts.series.peak("site:waiting") == 7


def test_the_highest_value_is_looked_for_within_the_window():
    found = steps((5, 8), (100, 2), (10090, 3), (30000, 9))
    assert highest(found, SECOND_WEEK) == 3.0
    assert highest(found, WEEK) == 8.0


def test_an_integral_is_the_same_however_time_is_cut():
    random = np.random.default_rng(5)
    for number in (3, 40, 4000):  # more and fewer changes than there are hours
        times = np.sort(random.uniform(0, 10080, number)).round(1)
        quantity = steps(*zip(times, random.integers(0, 9, number), strict=True))
        openings = random.uniform(-50, 12000, 30)
        pieces = np.unique(
            np.concatenate([[0.0, 10080.0], quantity.times[1:], np.arange(0, 10080, 60)])
        )
        areas = quantity.at(pieces[:-1]) * np.diff(pieces)
        by_hand = np.bincount((pieces[:-1] // 60).astype(int), areas, minlength=HOURS)
        np.testing.assert_allclose(integrate(quantity, WEEK), by_hand, rtol=1e-12)
        np.testing.assert_allclose(integrate(quantity, WEEK, openings), by_hand, rtol=1e-12)


def test_a_value_holds_from_its_change_on():
    quantity = steps((5, 2), (5, 3), (40, 7))
    times = np.array([-1.0, 4.9, 5.0, 5.0, 39.0, 40.0, 99.0])
    assert quantity.at(times).tolist() == [0, 0, 3, 3, 3, 7, 7]


changes_in_time = st.lists(st.tuples(st.floats(0, 30000), st.integers(0, 50)), max_size=40).map(
    sorted
)


@pytest.mark.slow
@given(changes_in_time, st.integers(5, 11))
def test_the_hours_add_up_to_the_whole(changes, day):
    horizon = {"start": f"2026-01-{day:02}", "weeks": 2, "warmup_weeks": 1}
    scenario = make_scenario(horizon=horizon)
    found, window = integrate(steps(*changes), scenario), window_of(scenario)
    times = [t for t, _ in changes] + [40000.0]
    whole = sum(
        value * max(0.0, min(until, window.end) - max(since, window.start))
        for (since, value), until in zip(changes, times[1:], strict=True)
    )
    assert (found >= 0).all()
    assert found.sum() == pytest.approx(whole, rel=1e-12, abs=1e-6)


def test_a_quantile_is_the_shortest_that_so_many_did_not_exceed():
    waits = histogram_of(np.array([0.0, 0.0, 5.0, 10.0]))
    assert [waits.quantile(p) for p in (0.0, 0.5, 0.51, 0.75, 0.9, 1.0, 1.7)] == [
        0.0,
        0.0,
        5.0,
        5.0,
        10.0,
        10.0,
        10.0,
    ]


def test_rounding_does_not_shift_a_quantile():
    waits = histogram_of(np.arange(1.0, 101.0))
    assert [waits.quantile(k / 100) for k in range(1, 101)] == list(np.arange(1.0, 101.0))


def test_whole_and_half_minutes_stay_exact_and_nan_is_left_out():
    waits = histogram_of(np.array([2.5, np.nan, 7.0, 2.5 + 1e-9]))
    assert waits.ticks.tolist() == [160, 448]
    assert waits.counts.tolist() == [2, 1]
    assert (waits.total, waits.at_most(2.5), waits.at_most(6.9)) == (3, 2, 2)


def test_short_durations_are_counted_as_long_ones_are():
    short = np.random.default_rng(1).exponential(0.5, 500).round(2)
    found = histogram_of(short)
    one_is_very_long = histogram_of(np.append(short, 1e6))
    assert one_is_very_long.ticks.tolist() == [*found.ticks.tolist(), 64_000_000]
    assert one_is_very_long.counts.tolist() == [*found.counts.tolist(), 1]
    assert found.counts.min() >= 1


def test_no_durations_have_no_quantile():
    assert np.isnan(histogram_of(np.array([np.nan])).quantile(0.5))
    assert merge([]).total == 0


@given(st.lists(st.lists(st.floats(0, 300), max_size=20), max_size=5))
def test_merging_is_counting_together(parts):
    merged = merge(histogram_of(np.array(part, dtype=float)) for part in parts)
    whole = histogram_of(np.array([minutes for part in parts for minutes in part], dtype=float))
    assert isinstance(merged, Histogram)
    assert merged.ticks.tolist() == whole.ticks.tolist()
    assert merged.counts.tolist() == whole.counts.tolist()
