"""Exact waits in M(t)/M/s(t), for staffing by the hour over a day that repeats.

Kolmogorov's equations of (busy, waiting), with rates that are constant within each hour, by
Runge-Kutta steps of a minute, days until they repeat.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

BUSY, WAITING = 18, 55
"""More than are ever busy or waiting."""
STEP = 1.0


class Exact(NamedTuple):
    """Of a day."""

    by_hour: list[float]
    """Chance that an arrival of each hour has to wait."""
    share: float
    """The same of all arrivals."""
    wait: float
    """Mean wait of all arrivals, minutes."""


def exact_waits(
    per_hour: Sequence[float], staff: Sequence[int], mean: float, *, hand_over: bool = False
) -> Exact:
    """Waits of arrivals.

    Args:
        per_hour: arrivals in each of the 24 hours.
        staff: on duty in each.
        mean: minutes of an exponential task.
        hand_over: whether tasks are put back at the end of a shift, or finished while no more
            begin than are on duty.
    """
    chances = np.zeros((BUSY + 1, WAITING + 1))
    chances[0, 0] = 1
    steps = round(60 / STEP)
    by_hour, queues = np.zeros(24), np.zeros(24)
    for _ in range(4):  # the fourth day is like the third to the last digit
        for hour, (rate, on_duty) in enumerate(zip(per_hour, staff, strict=True)):
            chances = _new_hour(chances, on_duty, hand_over=hand_over)
            waits, queue = [_must_wait(chances, on_duty)], [_queue(chances)]
            for _ in range(steps):
                chances = _step(chances, rate / 60, on_duty, 1 / mean)
                waits.append(_must_wait(chances, on_duty))
                queue.append(_queue(chances))
            by_hour[hour], queues[hour] = (np.trapezoid(one) / steps for one in (waits, queue))
    demand = np.array(per_hour)
    share = float((by_hour * demand).sum() / demand.sum())
    return Exact(by_hour.tolist(), share, float(60 * queues.sum() / demand.sum()))


def _new_hour(chances: np.ndarray, staff: int, *, hand_over: bool) -> np.ndarray:
    moved = np.zeros_like(chances)
    for (busy, waiting), chance in np.ndenumerate(chances):
        present = busy + waiting
        most = staff if hand_over else max(staff, busy)
        now = min(present, most)
        moved[min(now, BUSY), min(present - now, WAITING)] += chance
    return moved


def _step(chances: np.ndarray, rate: float, staff: int, pace: float) -> np.ndarray:
    one = _slope(chances, rate, staff, pace)
    two = _slope(chances + STEP / 2 * one, rate, staff, pace)
    three = _slope(chances + STEP / 2 * two, rate, staff, pace)
    four = _slope(chances + STEP * three, rate, staff, pace)
    after: np.ndarray = chances + STEP / 6 * (one + 2 * two + 2 * three + four)
    return after


def _slope(chances: np.ndarray, rate: float, staff: int, pace: float) -> np.ndarray:
    busy = np.arange(BUSY + 1)[:, None]
    finishing = chances * busy * pace
    slope = -finishing
    # Whoever finishes takes the next if no more than the staff on duty are then busy.
    takes = finishing.copy()
    takes[staff + 1 :] = 0
    takes[:, 0] = 0
    slope[:, :-1] += takes[:, 1:]
    leaves = finishing - takes
    slope[:-1] += leaves[1:]
    starts = np.zeros_like(chances)
    starts[:staff, 0] = chances[:staff, 0] * rate
    joins = chances * rate - starts
    joins[:, -1] = 0
    slope -= starts + joins
    slope[1:] += starts[:-1]
    slope[:, 1:] += joins[:, :-1]
    return slope


def _must_wait(chances: np.ndarray, staff: int) -> float:
    return float(chances.sum() - chances[:staff, 0].sum())


def _queue(chances: np.ndarray) -> float:
    return float(chances.sum(axis=0) @ np.arange(WAITING + 1))
