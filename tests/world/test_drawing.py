"""Drawing only what is needed gives the numbers that drawing everything gives, bit for bit.

The reference draws every number of every stream with NumPy's generator, looks at every candidate
and sorts with NumPy.
"""

from hashlib import sha256
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from pydantic import TypeAdapter

from sim.scenario.derived.calendar import first_openings
from sim.scenario.load import scenario_from_text
from sim.scenario.model.durations import Distribution
from sim.scenario.model.hours import DAY
from sim.scenario.model.scenario import Scenario
from sim.visitors import compile_drawing, draw
from sim.visitors.arrivals import _in_order, rates, thin
from sim.visitors.columns import Edges, pick
from sim.visitors.streams import PAGE, Streams, look_up, numbers_at, pages_of

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@pytest.fixture(scope="module", autouse=True)
def _compiled() -> None:
    """Compiling is not what the examples are timed for."""
    compile_drawing()


# --- numbers of a stream -------------------------------------------------------------------------


@pytest.mark.slow
@given(
    seed=st.integers(0, 2**80),
    replication=st.integers(0, 2**40),
    wanted=st.lists(
        st.lists(st.integers(0, 5 * PAGE) | st.integers(0, 100_000), max_size=9), max_size=4
    ),
    turn=st.randoms(use_true_random=False),
)
@example(0, 0, [[PAGE - 1, PAGE, 0], [], [2 * PAGE - 1, 2 * PAGE]], None)
def test_a_number_is_the_same_by_its_place_and_in_its_turn(seed, replication, wanted, turn):
    streams, again = Streams(seed, replication), Streams(seed, replication)
    names = [f"stream {number}" for number in range(len(wanted))]
    pages = np.array([pages_of(max(some, default=-1) + 1) for some in wanted], dtype=np.int64)
    starts = (np.cumsum(pages) - pages) * PAGE
    drawn = [
        again.uniform(name, max(some, default=-1) + 1)
        for name, some in zip(names, wanted, strict=True)
    ]
    pairs = [
        (start + one, numbers[one])
        for start, some, numbers in zip(starts, wanted, drawn, strict=True)
        for one in some
    ]
    if turn is not None:
        turn.shuffle(pairs)
    positions = np.array([position for position, _ in pairs], dtype=np.int64)
    found = numbers_at(streams.seeds(names), pages, positions)
    assert found.tolist() == [number for _, number in pairs]


@pytest.mark.slow
@given(seed=st.integers(0, 2**200), replication=st.integers(0, 2**70), name=st.text(max_size=9))
@example(0, 0, "kind")
@example(2**32, 2**64 - 1, "kind")
def test_a_stream_is_seeded_with_seed_replication_and_name(seed, replication, name):
    key = int.from_bytes(sha256(name.encode()).digest()[:16], "little")
    bits = np.random.PCG64(np.random.SeedSequence([seed, replication, key]))
    expected = np.random.Generator(bits).random(3)
    assert np.array_equal(Streams(seed, replication).uniform(name, 3), expected)


def test_places_are_looked_up_under_a_name_only_once():
    streams = Streams(1, 2)
    streams.seeds(["stay", "kind"])
    for again in (lambda: streams.seeds(["kind"]), lambda: streams.uniform("stay", 1)):
        with pytest.raises(ValueError, match="is used twice"):
            again()


# --- visitors ------------------------------------------------------------------------------------

SITE = """
name: drawn
horizon: {days: 8, start: 2026-02-27}
opening: {hours: {mon-fri: [09:00-12:00, 14:00-18:00], sat: 20:00-04:00 next day, sun: closed}}
demand: {visits_per_day: 40, profile: flat}
check_in:
  times:
    known: {distribution: triangular, low: 1, mode: 2, high: 5}
    first_visit: {distribution: gamma, mean: 9, cv: 0.5}
    first_visit_share: 0.2
visits:
  inject:
    share: 0.6
    rooms: [booths]
    stay: {distribution: lognormal, mean: 25, cv: 0.5, at_most: 40}
    patience: {distribution: exponential, mean: 20}
    services: {advice: 0.3}
  smoke:
    share: 0.4
    rooms: [lounge]
    stay: {distribution: uniform, low: 5, high: 15}
    patience: {distribution: weibull, shape: 1.3, median: 25}
rooms: {booths: {places: 5}, lounge: {places: 5}}
services:
  advice: {duration: {distribution: exponential, mean: 10, plus: 2}}
"""


def blocks(scenario: Scenario, streams: Streams) -> list[tuple[str, Floats, Integers, int]]:
    """Of each block: its label, times, who of the candidates comes, and how many these are."""
    table, groups = rates(scenario, streams), scenario.demand.groups
    sizes, shares = np.array(sorted(groups)), np.cumsum([groups[size] for size in sorted(groups)])
    found, bottom, top = [], 0.0, 1.0
    while bottom < table.max():
        label, hourly = f"{bottom:g}-{top:g} per hour", top - bottom
        # More than enough of them; a longer stream begins with the shorter one.
        enough = int(1000 + 2 * hourly * scenario.horizon.minutes / 60)
        gaps = -np.log(1 - streams.uniform(f"candidates | {label}", enough)) / (hourly / 60)
        time = np.cumsum(gaps)
        assert time[-1] > scenario.horizon.minutes
        time = time[time < scenario.horizon.minutes]
        height = bottom + hourly * streams.uniform(f"height | {label}", len(time))
        step = (time // (DAY / table.shape[1])).astype(int)
        comes = height < table.ravel()[step]
        size = np.ones(len(time))
        if tuple(groups) != (1,):
            drawn = streams.uniform(f"group size | {label}", len(time))
            size = sizes[np.minimum(np.searchsorted(shares, drawn, "right"), len(sizes) - 1)]
        crowd = streams.uniform(f"crowd at opening | {label}", len(time))
        opens = first_openings(scenario)[(time // DAY).astype(int)]
        goes = (crowd < scenario.demand.crowd_at_opening) & ~np.isnan(opens)
        at = np.where(goes, opens, time)
        for member in range(max(groups)):
            kept = np.flatnonzero(comes & (size > member))
            end = f", member {member + 1}" if member else ""
            found.append((label + end, at[kept], kept, len(time)))
        bottom, top = top, 2 * top
    return found


class Plain:
    """The visitors of a replication, everything drawn for every candidate."""

    def __init__(self, scenario: Scenario, seed: int, replication: int) -> None:
        self.streams = Streams(seed, replication)
        self.blocks = blocks(scenario, self.streams)
        time = np.concatenate([np.empty(0), *(at for _, at, _, _ in self.blocks)])
        self.order = np.argsort(time, kind="stable")
        self.time = time[self.order]

    def uniform(self, attribute: str) -> Floats:
        """One number for each visit."""
        drawn = [
            self.streams.uniform(f"{attribute} | {label}", candidates)[kept]
            for label, _, kept, candidates in self.blocks
        ]
        return np.concatenate([np.empty(0), *drawn])[self.order]


WEEK = st.lists(st.sampled_from([0, 0, 0, 0.3, 1, 2, 4.7, 9]), min_size=168, max_size=168)
PROFILE = st.lists(st.sampled_from([0, 0, 0.2, 1, 3]), min_size=24, max_size=24).filter(any)


@st.composite
def demands(draw_: st.DrawFn) -> dict[str, object]:
    """Closed nights, quiet and busy hours, groups, crowds at opening, special days."""
    said: dict[str, object] = {"crowd_at_opening": draw_(st.sampled_from([0, 0, 0.1, 1]))}
    said["groups"] = draw_(
        st.sampled_from([{1: 1.0}, {1: 0.5, 3: 0.3, 4: 0.2}, {2: 1.0}, {1: 0.9, 2: 0.1}])
    )
    said["day_to_day_cv"] = draw_(st.sampled_from([0, 0.14, 0.8]))
    if draw_(st.booleans()):
        said["week"] = draw_(WEEK)
    else:
        said["visits_per_day"] = draw_(st.sampled_from([1, 40, 96, 384, 700]))
        said["profile"] = draw_(st.just("flat") | PROFILE)
    if draw_(st.booleans()):
        said["special_days"] = [
            {"name": "month", "days_of_month": [1, 2], "visits": draw_(st.sampled_from([0.5, 4]))}
        ]
    return said


@pytest.mark.slow
@settings(max_examples=120, deadline=None)
@given(demands(), st.integers(0, 2**33), st.integers(0, 3))
# 24 an hour is within a band; 16 is the border of two.
@example({"visits_per_day": 384, "profile": "flat"}, 1, 0)
@example({"visits_per_day": 576, "profile": "flat", "groups": {1: 0.5, 3: 0.5}}, 1, 0)
def test_visitors_are_those_of_drawing_everything(said, seed, replication):
    scenario = scenario_from_text(SITE, [f"demand={TypeAdapter(dict).dump_json(said).decode()}"])
    visitors, plain = draw(scenario, seed, replication), Plain(scenario, seed, replication)
    assert np.array_equal(visitors.arrival, plain.time)
    assert np.array_equal(visitors.balk, plain.uniform("balking"))
    smokes = plain.uniform("kind") >= 0.6
    assert np.array_equal(visitors.kind, smokes.astype(int))
    inject, smoke = scenario.visits.values()
    advice, desk = scenario.services["advice"].duration, scenario.check_in
    assert inject.patience is not None
    assert smoke.patience is not None
    assert inject.stay is not None
    assert smoke.stay is not None
    assert desk is not None
    assert desk.times.first_visit is not None

    number = plain.uniform("patience")
    patience = np.where(smokes, smoke.patience.quantile(number), inject.patience.quantile(number))
    assert np.array_equal(visitors.patience, patience)
    number = plain.uniform("stay")
    stay = [
        np.where(smokes, np.nan, inject.stay.quantile(number)),
        np.where(smokes, smoke.stay.quantile(number), np.nan),
    ]
    assert np.array_equal(visitors.stay, stay, equal_nan=True)
    used = (plain.uniform("service advice: used") < 0.3) & ~smokes
    minutes = advice.quantile(plain.uniform("service advice: duration"))
    assert np.array_equal(visitors.service[0], np.where(used, minutes, np.nan), equal_nan=True)
    check_in = np.where(
        plain.uniform("first visit") < 0.2,
        desk.times.first_visit.quantile(plain.uniform("check-in, first visit")),
        desk.times.known.quantile(plain.uniform("check-in, known")),
    )
    assert np.array_equal(visitors.check_in, check_in)


def test_candidates_do_not_depend_on_how_many_are_drawn_at_once(monkeypatch):
    scenario = scenario_from_text(SITE)
    at_once = draw(scenario, 1, 0)
    monkeypatch.setattr("sim.visitors.arrivals._SPARE", -5.0)
    assert np.array_equal(draw(scenario, 1, 0).arrival, at_once.arrival)


def test_too_few_candidates_to_reach_the_end_are_found_out():
    seeds, gaps = Streams(1, 2).seeds(["height"]), np.full(9, 1.0)
    # A candidate a minute: at 1, 2 … 9 of 10, and all of them come.
    count, comes, time = thin(gaps, np.array([121.0]), 10.0, (60.0, 120.0), seeds)
    assert (count, comes.tolist(), time.tolist()) == (-1, list(range(9)), list(range(1, 10)))
    count, comes, time = thin(gaps, np.array([121.0]), 9.0, (60.0, 120.0), seeds)
    assert (count, comes.tolist(), time.tolist()) == (8, list(range(8)), list(range(1, 9)))


def test_each_part_is_compiled_once():
    compile_drawing()
    draw(scenario_from_text(SITE, ["demand.crowd_at_opening=0.3"]), 1, 0)
    listed = "demand={arrivals: [{at: 700, kind: smoke}, {at: 600, kind: inject}]}"
    draw(scenario_from_text(SITE, [listed]), 1, 0)
    parts: list[Any] = [look_up, thin]
    assert [len(part.signatures) for part in parts] == [1, 1]


@pytest.mark.parametrize(
    "said",
    [
        {"distribution": "empirical", "values": [3, 9, 4]},
        {"distribution": "exponential", "mean": 12, "plus": 5, "at_most": 15},
        {"distribution": "uniform", "low": 3, "high": 9, "plus": 2, "at_most": 5},
        {"distribution": "triangular", "low": 1, "mode": 9, "high": 9, "plus": 1, "at_most": 6},
        {"distribution": "lognormal", "mean": 25, "cv": 0.5, "plus": 1, "at_most": 30},
        {"distribution": "gamma", "mean": 13, "cv": 1.5, "plus": 1, "at_most": 20},
        {"distribution": "weibull", "shape": 0.7, "mean": 25, "plus": 1, "at_most": 26},
    ],
)
def test_numbers_that_durations_were_made_of_are_left_as_they_were(said: object):
    law: Distribution = TypeAdapter(Distribution).validate_python(said)
    numbers = np.linspace(0, 0.99, 50)
    law.quantile(numbers)
    assert np.array_equal(numbers, np.linspace(0, 0.99, 50))


@pytest.mark.parametrize("shares", [[0.5, 0.25, 0.25], [0.1] * 10, [0.05] * 20, [1.0], [0.0, 1.0]])
def test_one_of_several_is_picked_by_its_share(shares: list[float]):
    # The sum of ten times 0.1 is a hair below 1, and no number may fall beyond the last.
    numbers = np.array([0, 0.24, 0.26, 0.51, 0.74, 0.76, 1 - 2**-53])
    expected = [
        next(
            (one for one in range(len(shares)) if number < sum(shares[: one + 1])), len(shares) - 1
        )
        for number in numbers
    ]
    assert pick(shares, numbers).tolist() == expected


@given(st.lists(st.floats(0, 1e5) | st.sampled_from([0.0, -0.0, 600.0, np.nextafter(600, 0)])))
def test_times_are_put_in_order_and_those_that_are_equal_keep_theirs(times: list[float]):
    found = np.array(times, dtype=np.float64)
    np.testing.assert_array_equal(_in_order(found), np.argsort(found, kind="stable"))


@given(
    st.lists(st.floats(0, 1) | st.integers(0, 64).map(lambda number: number / 64)),
    st.lists(st.floats(0, 1, exclude_max=True)),
)
def test_a_number_lies_among_edges_where_a_search_finds_it(edges: list[float], more: list[float]):
    known = np.sort(np.array(edges, dtype=np.float64))
    numbers = np.array([*more, *(edge for edge in edges if edge < 1), 0.0])
    numbers = np.concatenate([numbers, np.nextafter(numbers, 0)])
    found = Edges.of(known).among(numbers)
    np.testing.assert_array_equal(found, np.searchsorted(known, numbers, side="right"))
