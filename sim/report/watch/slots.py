"""Which desk or seat, which place is clean first: worked out where the log does not say."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Sequence
from heapq import heappop, heappush
from math import inf, isnan
from typing import NamedTuple

import numpy as np

from sim.log import Log
from sim.measures.steps import Steps
from sim.report.watch.paths import Area, Walked

SLOTTED = (Area.DESK, Area.SERVICE, Area.SEAT, Area.ELSEWHERE)
"""Areas whose slots are numbered for the picture; places have their number from the log."""


def with_slots(visits: Sequence[Walked]) -> list[Walked]:
    """The same visits with a slot for each stay at a desk, a service or in aftercare.

    Whoever comes takes the lowest number that is free, and keeps it.
    """
    slots: dict[tuple[int, int], int] = {}
    free: dict[tuple[Area, int], list[int]] = defaultdict(list)
    used: dict[tuple[Area, int], int] = defaultdict(int)
    taken: list[tuple[float, tuple[Area, int], int]] = []
    for start, end, row, number in sorted(_stays(visits)):
        while taken and taken[0][0] <= start:
            _, where, slot = heappop(taken)
            heappush(free[where], slot)
        step = visits[row].path[number]
        where = (step.area, step.number)
        if free[where]:
            slot = heappop(free[where])
        else:
            slot = used[where]
            used[where] += 1
        slots[row, number] = slot
        heappush(taken, (end, where, slot))
    return [
        Walked(
            visit,
            [
                step._replace(slot=slots.get((row, number), step.slot))
                for number, step in enumerate(path)
            ],
        )
        for row, (visit, path) in enumerate(visits)
    ]


def _stays(visits: Sequence[Walked]) -> list[tuple[float, float, int, int]]:
    """Begin, end, row and number of the step, of every stay that needs a slot."""
    return [
        (step.time, path[number + 1].time if number + 1 < len(path) else inf, row, number)
        for row, (_, path) in enumerate(visits)
        for number, step in enumerate(path)
        if step.area in SLOTTED
    ]


class Cleaned(NamedTuple):
    """A place being cleaned, from `start` until `end`, which is infinite if never over."""

    place: int
    start: float
    end: float


def cleaned(log: Log, room: int, cleaning: Steps) -> list[Cleaned]:
    """When each place of a room was being cleaned.

    The log says when a cleaning begins and how many places are being cleaned, not which of them
    is ready first: here it is the one that is entered again first. So the number always agrees,
    and nobody enters a place before it is ready.

    Args:
        log: the replication.
        room: number of the room.
        cleaning: how many of its places are being cleaned.
    """
    uses = _uses(log, room)
    entries: dict[int, list[float]] = defaultdict(list)
    for entered, _, place in uses:
        entries[place].append(entered)
    left = sorted((until, entered, place) for entered, until, place in uses if not isnan(until))
    found: list[Cleaned] = []
    under_way: list[tuple[float, float, int]] = []
    following = 0
    for time in np.union1d([until for until, _, _ in left], cleaning.times[1:]).tolist():
        while following < len(left) and left[following][0] == time:
            _, entered, place = left[following]
            after = bisect_left(entries[place], entered) + 1
            entered_next = entries[place][after] if after < len(entries[place]) else inf
            heappush(under_way, (entered_next, time, place))
            following += 1
        while len(under_way) > cleaning.at(np.array([time]))[0]:
            _, start, place = heappop(under_way)
            if time > start:
                found.append(Cleaned(place, start, time))
    return found + [Cleaned(place, start, inf) for _, start, place in under_way]


def _uses(log: Log, room: int) -> list[tuple[float, float, int]]:
    """Entered, left and place of every use of a room, in order of entering."""
    mine = log.visits["room"] == room
    columns = (log.visits[name][mine] for name in ("entered", "left", "place"))
    return sorted(
        (entered, left, int(place))
        for entered, left, place in zip(*(one.tolist() for one in columns), strict=True)
    )
