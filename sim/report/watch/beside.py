"""Two designs that meet the same people: who waits in the one and not in the other."""

from collections.abc import Iterator
from enum import Enum, auto
from heapq import heappop, heappush
from itertools import pairwise
from math import inf
from typing import Any, NamedTuple

import numpy as np

from sim.log import Outcome
from sim.report.watch.courses import WAITING, Area
from sim.report.watch.data import Data
from sim.visitors import Visitors

SEEN_FROM = 2.0
"""Minutes: who waits that much longer, or less, is no difference that anybody could follow."""
_GOT = (Area.PLACE, Area.HELD, Area.SERVICE, Area.SEAT, Area.ELSEWHERE)
_SERVED = (Outcome.SERVED, Outcome.SERVICE_ONLY, Outcome.CUT_SHORT)


class Apart(NamedTuple):
    """Somebody who waits in one design, and has in the other what they wait for."""

    visit: int
    """Row of the log, the same in both."""
    number: int
    """What they are called meanwhile: the lowest number that is free when it begins, from 1."""
    start: float
    end: float
    """Minutes; the end of the day where it goes on."""
    waits_in: int
    """0 for the first design, 1 for the second."""


class _State(Enum):
    WAITS = auto()
    HAS_IT = auto()
    """Is in a place or at a service, or has been and left."""
    OTHER = auto()
    """At the desk, or left with nothing."""


def same_people(one: Visitors, other: Visitors) -> bool:
    """Whether two designs meet the same people at the same instants."""
    return all(
        np.array_equal(getattr(one, name), getattr(other, name)) for name in ("arrival", "kind")
    )


def apart(left: Data, right: Data) -> list[Apart]:
    """Everybody who is in the difference between two designs on a day, in order of time."""
    others = {visit[0]: visit for visit in right["visits"]}
    spans = sorted(
        (start, row, end, waits_in)
        for row, *rest in left["visits"]
        if row in others
        for start, end, waits_in in _spans([row, *rest], others[row], left["start"], left["end"])
        if end - start >= SEEN_FROM
    )
    found: list[Apart] = []
    free: list[int] = []
    taken: list[tuple[float, int]] = []
    for start, row, end, waits_in in spans:
        while taken and taken[0][0] <= start:
            heappush(free, heappop(taken)[1])
        number = heappop(free) if free else len(taken) + 1
        heappush(taken, (end, number))
        found.append(Apart(row, number, start, end, waits_in))
    return found


def _spans(
    left: list[Any], right: list[Any], starts: float, ends: float
) -> Iterator[tuple[float, float, int]]:
    """When one visit waits in one design and not in the other: from, until, in which it waits."""
    states = [dict(_states(one)) for one in (left, right)]
    times = sorted({starts, ends, *(time for one in states for time in one if time < ends)})
    now = [_State.OTHER, _State.OTHER]
    begun, waits_in = -inf, -1
    for time, _ in pairwise([*times, inf]):
        now = [one.get(time, was) for one, was in zip(states, now, strict=True)]
        which = _who_waits(now) if starts <= time < ends else -1
        if which != waits_in:
            if waits_in >= 0:
                yield begun, time, waits_in
            begun, waits_in = time, which


def _states(visit: list[Any]) -> Iterator[tuple[float, _State]]:
    _, _, outcome, _, path = visit
    for time, area, *_ in path:
        if area in WAITING:
            yield time, _State.WAITS
        elif area in _GOT or (area == Area.GONE and outcome in _SERVED):
            yield time, _State.HAS_IT
        else:
            yield time, _State.OTHER


def _who_waits(now: list[_State]) -> int:
    if set(now) != {_State.WAITS, _State.HAS_IT}:
        return -1
    return now.index(_State.WAITS)
