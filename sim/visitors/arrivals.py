"""When people come: a Poisson process whose rate follows the calendar, by nested thinning.

Think of candidates scattered evenly over a plane of time and rate. A candidate comes when its
height lies below the rate at its own instant. Raising the rate anywhere adds the candidates
between the old and the new curve and leaves everyone else as they were. The plane is cut into
bands at rates 0, 1, 2, 4, 8 … per hour, each with streams of its own, so that higher demand
only adds bands on top.
(Lewis & Shedler 1979, Naval Research Logistics 26: thinning. The bands are ours.)
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaincinv

from sim.compiled import compiled
from sim.scenario.derived.appointments import appointment_times, appointments
from sim.scenario.derived.calendar import Bools, first_openings, rates_of
from sim.scenario.model.durations import log_of_rest
from sim.scenario.model.hours import DAY
from sim.scenario.model.scenario import Scenario
from sim.visitors.streams import PAGE, Seeds, Streams, lay_pages, number_at, numbers_at, pages_of
from sim.visitors.visitors import Bookings, Floats, Integers

_SPARE = 6.0
"""Standard errors by which more candidates are drawn at first than are expected."""


@dataclass(frozen=True, eq=False)
class Block:
    """Visits whose attributes come from the same streams."""

    label: str
    """Ends the streams' names."""
    candidates: int
    """How many numbers each stream gives."""
    kept: Integers
    """Which of the candidates come."""


@dataclass(frozen=True, eq=False)
class Arrivals:
    """Who comes when, and where the numbers behind their attributes are."""

    time: Floats
    """Minutes after midnight of the first day, in order."""
    labels: tuple[str, ...]
    """Of the blocks."""
    pages: Integers
    """How many each block has of each stream."""
    positions: Integers
    """Of the first visit, the second …: its candidate's number, the blocks' pages end to end."""
    booking: Integers
    """Of each the row of its appointment in the table; -1 of those who walk in."""
    bookings: Bookings
    """All appointments."""

    def seeds(self, streams: Streams, attribute: str) -> Seeds:
        """What the streams of an attribute are seeded with, one per block."""
        return streams.seeds(f"{attribute} | {label}" for label in self.labels)


def rates(scenario: Scenario, streams: Streams) -> Floats:
    """Arrivals per hour for each day of the horizon and each step of the day: (days, steps).

    Special days and the day-to-day factor are in it. A group is one arrival.
    """
    demand = scenario.demand
    found = rates_of(scenario)
    group_size = sum(size * share for size, share in demand.groups.items())
    cv, days = demand.day_to_day_cv, len(found.ordinary)
    factor = np.concatenate(
        [
            # A night that began on the day before the horizon.
            gamma_factors(streams, "day-to-day factor, day before", cv, 1),
            gamma_factors(streams, "day-to-day factor", cv, days),
        ]
    )
    return found.times(factor, group_size)


def gamma_factors(streams: Streams, name: str, cv: float, count: int) -> Floats:
    """Random factors of mean 1 with the given CV; all 1 when it is 0."""
    if cv == 0:
        return np.ones(count)
    factors = gammaincinv(1 / cv**2, streams.uniform(name, count)) * cv**2
    return np.asarray(factors, dtype=np.float64)


@dataclass(frozen=True, eq=False)
class BookedAt:
    """Where people are booked, of those places to which they come."""

    scenario: Scenario
    number: Mapping[str, int]
    """Of its kinds among those of all visits."""
    of: str = ""
    """What the names of its streams begin with."""


def draw_arrivals(
    scenario: Scenario, streams: Streams, booked_at: Sequence[BookedAt] | None = None
) -> Arrivals:
    """The arrivals of one replication.

    Args:
        scenario: whose demand it is.
        streams: the replication's.
        booked_at: where people are booked; without it there.
    """
    if booked_at is None:
        booked_at = [BookedAt(scenario, {kind: at for at, kind in enumerate(scenario.visits)})]
    times, blocks = _walking_in(scenario, streams)
    kinds, slots, comes = [], [], []
    for one in (one for site in booked_at for one in _booked(site, streams)):
        times.append(one.arrival[one.comes])
        blocks.append(Block(one.label, int(scenario.horizon.minutes), one.slots[one.comes]))
        kinds.append(np.full(len(one.slots), one.kind))
        slots.append(one.slots)
        comes.append(one.comes)
    return _joined(times, blocks, _end_to_end(kinds), _end_to_end(slots), _end_to_end(comes))


def _walking_in(scenario: Scenario, streams: Streams) -> tuple[list[Floats], list[Block]]:
    """Those who come without an appointment."""
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
    return _crowd(scenario, streams, times, blocks), blocks


def _listed(scenario: Scenario) -> tuple[list[Floats], list[Block]]:
    arrivals = scenario.demand.arrivals or ()
    block = Block("listed", len(arrivals), np.arange(len(arrivals)))
    return [np.array([arrival.at for arrival in arrivals], dtype=float)], [block]


@dataclass(frozen=True, eq=False)
class _Booked:
    """The first, the second … of those booked for each time of a service."""

    label: str
    kind: int
    slots: Integers
    """Their times, minutes of the horizon; the numbers behind them are found by these, so that
    other hours, or more at each time, change nobody who is booked."""
    arrival: Floats
    comes: Bools
    """Whether they come; of those who do not, arrival says nothing."""


def _booked(at: BookedAt, streams: Streams) -> Iterator[_Booked]:
    """Those who are booked, but for those who would come after the horizon."""
    scenario, times = at.scenario, appointment_times(at.scenario)
    for kind, booked in appointments(scenario).items():
        for turn in range(booked.number):
            label, slots = f"booked as {at.of}{kind}, {turn + 1}", times[kind]
            arrival = np.maximum(slots - booked.early, 0.0)
            if booked.lateness is not None:
                numbers = _numbers_of(slots, streams.seeds([f"lateness | {label}"]))
                arrival = np.maximum(slots - booked.early + booked.lateness.quantile(numbers), 0.0)
            comes = np.ones(len(slots), dtype=np.bool_)
            if booked.no_show > 0:
                numbers = _numbers_of(slots, streams.seeds([f"no-show | {label}"]))
                comes = numbers >= booked.no_show
            known = ~comes | (arrival < scenario.horizon.minutes)
            yield _Booked(label, at.number[kind], slots[known], arrival[known], comes[known])


def _end_to_end(parts: list[NDArray[Any]]) -> NDArray[Any]:
    return np.concatenate([np.empty(0, dtype=np.int64), *parts])


def _joined(
    times: list[Floats], blocks: list[Block], kinds: Integers, slots: Integers, comes: Integers
) -> Arrivals:
    """The visits of all blocks in order of time, those of earlier blocks first.

    Args:
        times: when those of each block come.
        blocks: the last of them of those who are booked.
        kinds: of each appointment.
        slots: its time.
        comes: whether somebody comes to it, in the order of the blocks.
    """
    pages = np.array([pages_of(block.candidates) for block in blocks], dtype=np.int64)
    starts = (np.cumsum(pages) - pages) * PAGE
    kept = [start + block.kept for start, block in zip(starts, blocks, strict=True)]
    time = np.concatenate([np.empty(0), *times])
    positions = np.concatenate([np.empty(0, dtype=np.int64), *kept])
    order = _in_order(time)
    booking, visit = np.full(len(time), -1), np.full(len(slots), -1)
    if comes.any():
        booking[len(time) - int(comes.sum()) :] = np.flatnonzero(comes)
        booking = booking[order]
        rows = np.flatnonzero(booking >= 0)
        visit[booking[rows]] = rows
    bookings = Bookings(kinds, slots.astype(np.float64), visit)
    labels = tuple(block.label for block in blocks)
    return Arrivals(time[order], labels, pages, positions[order], booking, bookings)


def _in_order(times: Floats) -> Integers:
    """Where times, 0 or more, stand when they are sorted; those that are equal keep their order.

    NumPy sorts numbers six times as fast as it finds their order. So whole numbers are sorted that
    are made of the first bits of a time, which sort as the times do, and of its place in the last.
    """
    last = (1 << len(times).bit_length()) - 1
    keys = (times + 0.0).view(np.int64) & ~last  # with 0 added there is no -0, whose bits are high
    keys |= np.arange(len(times))
    keys.sort()
    keys &= last
    found = times.take(keys)
    # Two times whose first bits are the same may be in the wrong order: hardly ever.
    return keys if (found[1:] >= found[:-1]).all() else np.argsort(times, kind="stable")


def _band(
    scenario: Scenario, streams: Streams, table: Floats, bottom: float, top: float
) -> list[tuple[Floats, Block]]:
    """The visits of one band of rates; the members of a group share its time."""
    label = f"{bottom:g}-{top:g} per hour"
    candidates, comes, time = _coming(scenario, streams, table, (bottom, top), label)
    sizes = _group_sizes(scenario, streams, label, comes)
    if sizes is None:
        return [(time, Block(label, candidates, comes))]
    found = []
    for member in range(max(scenario.demand.groups)):
        kept = sizes > member
        member_label = label if member == 0 else f"{label}, member {member + 1}"
        found.append((time[kept], Block(member_label, candidates, comes[kept])))
    return found


def _coming(
    scenario: Scenario, streams: Streams, table: Floats, band: tuple[float, float], label: str
) -> tuple[int, Integers, Floats]:
    """How many candidates a band has, the numbers of those that come, and their times."""
    generator = streams.generator(f"candidates | {label}")
    heights = streams.seeds([f"height | {label}"])
    per_minute = (band[1] - band[0]) / 60
    expected = per_minute * scenario.horizon.minutes
    numbers = np.empty(0)
    while True:
        # A longer stream begins with the shorter one, so that it takes but a few more.
        more = generator.random(int(expected + _SPARE * np.sqrt(expected) + 10))
        numbers = np.concatenate([numbers, more]) if len(numbers) else more
        gaps = log_of_rest(numbers)
        gaps /= -per_minute
        found = thin(gaps, table.ravel(), DAY / table.shape[1], band, heights)
        if found[0] >= 0:
            return found


@compiled
def thin(
    gaps: Floats, rates: Floats, minutes: float, band: tuple[float, float], heights: Seeds
) -> tuple[int, Integers, Floats]:
    """Find the candidates whose height in the band lies below the rate at their time.

    Where the rate is above the band all of them come, and where it is below none: only in the
    other steps are their heights looked up.

    Args:
        gaps: minutes until the first candidate and from one to the next.
        rates: arrivals per hour, step by step.
        minutes: how long a step is; the horizon ends with the last.
        band: from which rate to which, arrivals per hour.
        heights: the seed of the heights' stream, in a line.

    Returns:
        How many candidates there are within the horizon, -1 if it takes more gaps to tell;
        the numbers of those that come; their times in minutes.
    """
    bottom, top = band
    pages = np.empty(1, np.int64)
    pages[0] = -(-len(gaps) // PAGE)
    laid = lay_pages(heights, pages)
    comes, times = np.empty(len(gaps), np.int64), np.empty(len(gaps), np.float64)
    time, step, end, count = 0.0, 0, minutes, 0
    for candidate in range(len(gaps)):
        # One running sum, so that the times do not depend on how many gaps there are.
        time += gaps[candidate]
        while time >= end:
            step += 1
            if step == len(rates):
                return candidate, comes[:count], times[:count]
            end = (step + 1) * minutes
        rate = rates[step]
        if rate > bottom:
            height = bottom
            if rate <= top:
                height += (top - bottom) * number_at(laid, candidate)
            # Noted in any case, so that the processor need not guess whether it counts.
            comes[count], times[count] = candidate, time
            count += height < rate
    return -1, comes[:count], times[:count]


def _numbers_of(candidates: Integers, seeds: Seeds) -> Floats:
    """The numbers of some candidates of a band, in order, out of one stream."""
    last = candidates[-1] if len(candidates) else -1
    return numbers_at(seeds, np.array([pages_of(last + 1)], dtype=np.int64), candidates)


def _group_sizes(
    scenario: Scenario, streams: Streams, label: str, comes: Integers
) -> Integers | None:
    """How many come together, for each candidate that comes; None when everybody comes alone."""
    groups = scenario.demand.groups
    if tuple(groups) == (1,):
        return None
    sizes = np.array(sorted(groups), dtype=np.int64)
    cumulative = np.cumsum([groups[int(size)] for size in sizes])
    uniform = _numbers_of(comes, streams.seeds([f"group size | {label}"]))
    picked = np.searchsorted(cumulative, uniform, side="right")
    return sizes[np.minimum(picked, len(sizes) - 1)]


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
    moved, decided = [], dict[str, Seeds]()
    for time, block in zip(times, blocks, strict=True):
        band = block.label.partition(",")[0]
        if band not in decided:
            decided[band] = streams.seeds([f"crowd at opening | {band}"])
        goes = np.flatnonzero(_numbers_of(block.kept, decided[band]) < share)
        opening_time = opens[(time[goes] // DAY).astype(np.intp)]
        found = time.copy()
        found[goes] = np.where(np.isnan(opening_time), time[goes], opening_time)
        moved.append(found)
    return moved
