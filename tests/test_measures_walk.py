"""Following the change log finds what is found slowly, piece of time by piece of time."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.engine import simulate
from sim.log import Duty, Log, series_names
from sim.measures import measure
from sim.measures.changes import Series, follow, series_of
from sim.measures.laws import check_laws
from sim.measures.steps import HOURS, QUARTER, steps_from, window_of
from sim.measures.visits import add_up
from sim.scenario import load_scenario
from sim.scenario.model.scenario import Scenario
from sim.visitors import draw
from tests.handmade_logs import make_log, make_scenario, staffed_site

SCENARIOS = Path(__file__).parent.parent / "scenarios"
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


def same(found, wanted):
    np.testing.assert_allclose(found, wanted, rtol=1e-9, atol=1e-9)


def check_series(found: Series, pieces: Pieces):
    for name in pieces.steps:
        values = pieces.of(name)
        same(found.by_hour(name), pieces.by_hour(values))
        assert found.peak(name) == pieces.peak(values)
        assert found.whole(name) == pytest.approx((values * pieces.minutes).sum(), rel=1e-9)
    for name in ("site:inside", "site:aftercare", *QUEUES):
        is_open = pieces.of("site:open") > 0
        same(found.while_open(name), pieces.by_hour(pieces.of(name) * is_open))
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
            same(found.while_open(f"room:{room}:{name}"), pieces.by_hour(values))
        waiting = pieces.of(f"room:{room}:waiting") * (pieces.of("site:open") > 0)
        same(found.while_open(f"room:{room}:waiting"), pieces.by_hour(waiting))
        total = f"room:{room}:taken"
        same(found.opened(total), pieces.by_hour(is_open))
        same(found.vacant(total), pieces.by_hour(is_open * (there[room] - taken)))
        same(found.full(total), pieces.by_hour(pieces.full(room)))
    any_open = np.any([there[room] > 0 for room in rooms], axis=0)
    all_full = np.all([(there[room] <= 0) | pieces.full(room) for room in rooms], axis=0)
    paused = np.any([pieces.of(f"room:{room}:paused") > 0 for room in rooms], axis=0)
    same(found.opened("rooms:full"), pieces.by_hour(any_open))
    same(found.full("rooms:full"), pieces.by_hour(any_open & all_full))
    same(found.full("rooms:paused"), pieces.by_hour(paused))


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

    assert found.readings("site:inside").tolist() == at("site:inside")
    assert found.readings("site:waiting").tolist() == at(*QUEUES)
    for room in pieces.scenario.rooms:
        taken = (f"room:{room}:{state}" for state in ("occupied", "blocked", "cleaning"))
        assert found.readings(f"room:{room}:open").tolist() == at(f"room:{room}:open")
        assert found.readings(f"room:{room}:taken").tolist() == at(*taken)


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


@pytest.mark.parametrize("name", ["h17", "skyen", "copenhagen-2013"])
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
    assert found.full("room:booths:taken").sum() == 0
    assert found.bounds("room:booths:taken") == (0.0, 1.0)
    assert found.peak("site:inside") == 1.0
    assert found.vacant("room:booths:taken").sum() == 2 * 480 - 40 - 15
    assert found.readings("site:inside")[[43, 44, 46, 47]].tolist() == [0, 1, 1, 0]


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
    assert series_of(other, log).by_hour("site:inside").sum() == 2 * 1440 - 60
    assert found.by_hour("site:inside").sum() == 7 * 1440 - 60


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
