"""Visits of several blocks put in order of time."""

import numpy as np

from sim.compiled import compiled
from sim.visitors.visitors import Floats, Integers

_PATIENCE = 8
"""Moves per visit after which NumPy sorts faster."""


def in_order(time: Floats, positions: Integers, until: float) -> tuple[Floats, Integers]:
    """Put visits in order of time; those at the same time stay in the order that they have.

    Args:
        time: minutes, 0 or more.
        positions: goes with it.
        until: the horizon, above 0; most times are before it.
    """
    sorted_time, sorted_positions = np.empty_like(time), np.empty_like(positions)
    if sort(time, positions, len(time) / until, sorted_time, sorted_positions):
        return sorted_time, sorted_positions
    order = np.argsort(time, kind="stable")
    return time[order], positions[order]


@compiled
def sort(
    time: Floats,
    positions: Integers,
    per_minute: float,
    sorted_time: Floats,
    sorted_positions: Integers,
) -> bool:
    """Deal the visits into drawers, each for a stretch of time, then sort by insertion.

    Args:
        time: minutes, 0 or more.
        positions: goes with it.
        per_minute: how many drawers there are for a minute; there are as many as visits, and
            one for all that are later.
        sorted_time: to be filled with the times in order.
        sorted_positions: to be filled with the positions in order of time.

    Returns:
        Whether they are in order now; it gives up where too many share a drawer.
    """
    visits = len(time)
    ends = np.zeros(visits + 1, np.int64)
    for visit in range(visits):
        ends[int(min(time[visit] * per_minute, visits))] += 1
    begin = 0
    for drawer in range(len(ends)):
        ends[drawer], begin = begin, begin + ends[drawer]
    for visit in range(visits):
        drawer = int(min(time[visit] * per_minute, visits))
        sorted_time[ends[drawer]] = time[visit]
        sorted_positions[ends[drawer]] = positions[visit]
        ends[drawer] += 1
    moves = _PATIENCE * visits
    for place in range(1, visits):
        minute, position, to = sorted_time[place], sorted_positions[place], place
        while to > 0 and sorted_time[to - 1] > minute and moves > 0:
            sorted_time[to], sorted_positions[to] = sorted_time[to - 1], sorted_positions[to - 1]
            to -= 1
            moves -= 1
        sorted_time[to], sorted_positions[to] = minute, position
    return moves > 0 or visits == 0
