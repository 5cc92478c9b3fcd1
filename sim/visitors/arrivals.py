"""When people come: a Poisson process whose rate follows the calendar, by nested thinning.

Think of candidates scattered evenly over a plane of time and rate. A candidate comes when its
height lies below the rate at its own instant. Raising the rate anywhere adds the candidates
between the old and the new curve and leaves everyone else as they were. The plane is cut into
bands at rates 0, 1, 2, 4, 8 … per hour, each with streams of its own, so that higher demand
only adds bands on top.
(Lewis & Shedler 1979, Naval Research Logistics 26: thinning. The bands are ours.)
"""

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaincinv

from sim.scenario.hours import DAY, spans
from sim.scenario.once import once
from sim.scenario.scenario import Scenario
from sim.visitors.streams import Streams

Floats = NDArray[np.float64]
Indices = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Block:
    """Visits whose attributes come from the same streams."""

    label: str
    """Ends the streams' names."""
    candidates: int
    """How many numbers each stream gives."""
    kept: Indices
    """Which of the candidates come."""


@dataclass(frozen=True, eq=False)
class Arrivals:
    """Who comes when, and how to draw an attribute for each of them."""

    time: Floats
    """Minutes after midnight of the first day, in order."""
    blocks: tuple[Block, ...]
    positions: Indices
    """Of the first visit, the second …: which candidate it is, the blocks laid end to end."""
    scratch: Floats
    """Room for one number per candidate: to be used again is faster than to be asked for."""

    def uniform(self, streams: Streams, attribute: str) -> Floats:
        """One uniform number per visit for the named attribute."""
        numbers, first = self.scratch, 0
        for block in self.blocks:
            after = first + block.candidates
            streams.fill(f"{attribute} | {block.label}", numbers[first:after])
            first = after
        return numbers.take(self.positions)


@once
def _calendar(scenario: Scenario) -> tuple[Floats, Floats]:
    """What no replication changes: ordinary rates by day and step, and each day's factor."""
    demand, horizon = scenario.demand, scenario.horizon
    dates = [horizon.date_of(day) for day in range(horizon.total_days)]
    per_weekday = np.array([demand.rates_of_weekday(weekday) for weekday in range(7)])
    special = np.array([_visit_factor(scenario, day) for day in dates])
    return per_weekday[[day.weekday() for day in dates]], special


def _visit_factor(scenario: Scenario, on: date) -> float:
    """Product of the special-day factors on visits that fall on a day."""
    return float(np.prod([s.visits for s in scenario.demand.special_days if s.falls_on(on)]))


def rates(scenario: Scenario, streams: Streams) -> Floats:
    """Arrivals per hour for each day of the horizon and each step of the day: (days, steps).

    Special days and the day-to-day factor are in it. A group is one arrival.
    """
    demand = scenario.demand
    table, special = _calendar(scenario)
    group_size = sum(size * share for size, share in demand.groups.items())
    factor = gamma_factors(streams, "day-to-day factor", demand.day_to_day_cv, len(table))
    scaled: Floats = table * (special * factor / group_size)[:, np.newaxis]
    return scaled


def gamma_factors(streams: Streams, name: str, cv: float, count: int) -> Floats:
    """Random factors of mean 1 with the given CV; all 1 when it is 0."""
    if cv == 0:
        return np.ones(count)
    factors = gammaincinv(1 / cv**2, streams.uniform(name, count)) * cv**2
    return np.asarray(factors, dtype=np.float64)


def draw_arrivals(scenario: Scenario, streams: Streams) -> Arrivals:
    """The arrivals of one replication."""
    if scenario.demand.arrivals is not None:
        return _listed(scenario)
    table = rates(scenario, streams)
    times, blocks = [], []
    bottom, top = 0.0, 1.0
    while bottom < table.max(initial=0.0):
        for time, block in _band(scenario, streams, table, bottom, top):
            times.append(time)
            blocks.append(block)
        bottom, top = top, 2 * top
    return _in_order(_crowd(scenario, streams, times, blocks), blocks)


def _listed(scenario: Scenario) -> Arrivals:
    arrivals = scenario.demand.arrivals or ()
    block = Block("listed", len(arrivals), np.arange(len(arrivals)))
    return _in_order([np.array([arrival.at for arrival in arrivals], dtype=float)], [block])


def _in_order(times: list[Floats], blocks: list[Block]) -> Arrivals:
    """Put the visits of all blocks in order of time, those of earlier blocks first."""
    time = np.concatenate([np.empty(0), *times])
    order = np.argsort(time, kind="stable")
    starts = np.cumsum([0, *(block.candidates for block in blocks)])
    kept = [start + block.kept for start, block in zip(starts[:-1], blocks, strict=True)]
    positions = np.concatenate([np.empty(0, dtype=np.intp), *kept])
    return Arrivals(time[order], tuple(blocks), positions[order], np.empty(starts[-1]))


def _band(
    scenario: Scenario, streams: Streams, table: Floats, bottom: float, top: float
) -> list[tuple[Floats, Block]]:
    """The visits of one band of rates; the members of a group share its time."""
    label = f"{bottom:g}-{top:g} per hour"
    time = _poisson(streams, f"candidates | {label}", (top - bottom) / 60, scenario.horizon.minutes)
    height = bottom + (top - bottom) * streams.uniform(f"height | {label}", len(time))
    comes = np.flatnonzero(height < _rate_along(table, time))
    sizes = _group_sizes(scenario, streams, label, len(time))
    found = []
    for member in range(max(scenario.demand.groups)):
        kept = comes if sizes is None else comes[sizes[comes] > member]
        member_label = label if member == 0 else f"{label}, member {member + 1}"
        found.append((time[kept], Block(member_label, len(time), kept)))
    return found


def _rate_along(table: Floats, time: Floats) -> Floats:
    """The rate at each of many times, which are in order."""
    begins = np.arange(table.size) * (DAY / table.shape[1])
    number = np.diff(np.searchsorted(time, begins), append=len(time))
    return np.repeat(table.ravel(), number)


def _group_sizes(
    scenario: Scenario, streams: Streams, label: str, candidates: int
) -> NDArray[np.intp] | None:
    """How many come together, for each candidate; None when everybody comes alone."""
    groups = scenario.demand.groups
    if tuple(groups) == (1,):
        return None
    sizes = np.array(sorted(groups), dtype=np.intp)
    cumulative = np.cumsum([groups[int(size)] for size in sizes])
    uniform = streams.uniform(f"group size | {label}", candidates)
    picked = np.searchsorted(cumulative, uniform, side="right")
    return sizes[np.minimum(picked, len(sizes) - 1)]


def _poisson(streams: Streams, name: str, per_minute: float, until: float) -> Floats:
    """Times of a Poisson process on [0, until); a longer stretch begins with the shorter one."""
    generator = streams.generator(name)
    expected = per_minute * until
    block = int(expected + 6 * np.sqrt(expected) + 10)
    time = np.empty(0)
    while not len(time) or time[-1] < until:
        # One running sum, restarted nowhere, so that the times do not depend on the block's size.
        gaps = -np.log1p(-generator.random(block)) / per_minute
        gaps[0] += time[-1] if len(time) else 0.0
        time = np.concatenate([time, np.cumsum(gaps)])
    return time[: np.searchsorted(time, until)]


def _crowd(
    scenario: Scenario, streams: Streams, times: list[Floats], blocks: list[Block]
) -> list[Floats]:
    """Move a share of each day's visits to the day's first opening.

    A whole group moves together: the number that decides is that of its candidate.
    """
    share = scenario.demand.crowd_at_opening
    if share == 0:
        return times
    opens = first_openings(scenario)
    moved, decided = [], dict[str, Floats]()
    for time, block in zip(times, blocks, strict=True):
        band = block.label.partition(",")[0]
        if band not in decided:
            decided[band] = streams.uniform(f"crowd at opening | {band}", block.candidates)
        goes = np.flatnonzero(decided[band][block.kept] < share)
        opening_time = opens[(time[goes] // DAY).astype(np.intp)]
        found = time.copy()
        found[goes] = np.where(np.isnan(opening_time), time[goes], opening_time)
        moved.append(found)
    return moved


@once
def first_openings(scenario: Scenario) -> Floats:
    """The minute of each day's first opening; NaN on days without one (closed, or open on)."""
    opens = np.full(scenario.horizon.total_days, np.nan)
    opening, before = scenario.opening, scenario.horizon.date_of(-1)
    # Read from the day before, to tell opening at midnight from staying open through it.
    for start, _ in spans(opening.hours, opening.dates, before, len(opens) + 1):
        day = start // DAY - 1
        if 0 <= day < len(opens) and np.isnan(opens[day]):
            opens[day] = start - DAY
    return opens
