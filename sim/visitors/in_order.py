"""Visits of several blocks put in order of time."""

import numpy as np

from sim.kept import kept
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
    begins = np.zeros(len(time) + 1, dtype=np.int64)
    sorted_time, sorted_positions = np.empty_like(time), np.empty_like(positions)
    if sort(time, positions, len(time) / until, begins, sorted_time, sorted_positions, _PATIENCE):
        return sorted_time, sorted_positions
    order = np.argsort(time, kind="stable")
    return time[order], positions[order]


@kept
def sort(
    time: Floats,
    positions: Integers,
    per_minute: float,
    begins: Integers,
    sorted_time: Floats,
    sorted_positions: Integers,
    patience: int,
) -> bool:
    """Deal the visits into as many drawers, each for a stretch of time, then sort by insertion.

    Args:
        time: minutes, 0 or more.
        positions: goes with it.
        per_minute: how many drawers there are for a minute.
        begins: room for where each drawer begins, all 0; those beyond share the last drawer.
        sorted_time: to be filled with the times in order.
        sorted_positions: to be filled with the positions in order of time.
        patience: moves per visit after which it gives up.

    Returns:
        Whether they are in order now; it gives up where too many share a drawer.
    """
    visits = len(time)
    for visit in range(visits):
        begins[int(min(time[visit] * per_minute, visits))] += 1
    total = 0
    for drawer in range(len(begins)):
        begins[drawer], total = total, total + begins[drawer]
    for visit in range(visits):
        drawer = int(min(time[visit] * per_minute, visits))
        sorted_time[begins[drawer]] = time[visit]
        sorted_positions[begins[drawer]] = positions[visit]
        begins[drawer] += 1
    moves = patience * visits
    for place in range(1, visits):
        minute, position, to = sorted_time[place], sorted_positions[place], place
        while to > 0 and sorted_time[to - 1] > minute and moves > 0:
            sorted_time[to], sorted_positions[to] = sorted_time[to - 1], sorted_positions[to - 1]
            to -= 1
            moves -= 1
        sorted_time[to], sorted_positions[to] = minute, position
    return moves > 0
