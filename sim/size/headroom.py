"""By how much demand may grow before a design fails its targets, with an interval.

The same people come, and more besides (arrivals are nested), so that what is measured changes
smoothly with demand. A factor on demand is in the interval unless the replications contradict, at
the confidence wanted, that the design just meets its targets there:

* it is too low if every target is surely met: at the true limit one is only just met, so this
  happens there with the chance of a one-sided error at most;
* it is too high if some target is surely missed, with the error split over the targets.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import nan

import numpy as np

from sim.size.lab import Lab
from sim.size.search import Rules, columns_among
from sim.size.sequential import FIRST_TO_MISS, Floats
from sim.size.space import Design
from sim.size.watched import tolerances_of
from sim.study.estimate.intervals import half_width

STEP = 0.01
"""Factors on demand are told to so much."""
MOST = 2.0
"""No more growth is looked at than this factor."""


@dataclass(frozen=True)
class Headroom:
    """How far demand may grow, as factors on the scenario's; 1 is no growth at all."""

    factor: float
    """The highest at which all targets are met on average; NaN if not even today's."""
    low: float
    """Every target is surely met up to here; NaN if not even today's are."""
    high: float
    """Some target is surely missed from here on; infinite if none is at the highest looked at."""
    first: int | None
    """Number of the target that is the first to fail; None if none does."""
    replications: int


def headroom(lab: Lab, design: Design, rules: Rules) -> Headroom | None:
    """How far demand may grow before a design fails.

    Args:
        lab: whose space the design is of.
        design: to be tried.
        rules: how sure to be, and which targets count.

    Returns:
        None for a scenario whose visits are listed: there is no demand to grow.
    """
    demand, confidence = lab.space.original.loaded.scenario.demand, rules.confidence
    counts = columns_among(lab.means.wanted, rules.wanted)
    if demand.arrivals is not None or not len(counts):
        return None
    steps = round((MOST - 1) / STEP)
    seen: dict[int, Floats] = {}

    def values(step: int) -> Floats:
        if step not in seen:
            factor = round(1 + step * STEP, 6)
            grown = Lab(lab.space.with_values({"demand.factor": demand.factor * factor}), lab.means)
            grown.take([design], FIRST_TO_MISS)
            seen[step] = grown.values(design)[0][:, counts]
        return seen[step]

    error = (1 - confidence) / 2
    columns = values(0).shape[1]

    def half(step: int, error: float) -> Floats:
        found = values(step)
        spread = found.std(axis=0, ddof=1) / np.sqrt(len(found))
        return half_width(spread, len(found) - 1, 1 - 2 * error)

    def is_met(step: int) -> bool:
        return bool(np.all(values(step).mean(axis=0) >= 0))

    def surely_met(step: int) -> bool:
        return bool(np.all(values(step).mean(axis=0) - half(step, error) >= 0))

    def surely_missed(step: int) -> bool:
        return bool(np.any(values(step).mean(axis=0) + half(step, error / columns) < 0))

    last = _last(is_met, -1, steps)
    low = _last(surely_met, -1, last)
    high = _last(lambda step: not surely_missed(step), max(last, low, -1), steps) + 1
    fails = last + 1
    tolerances = tolerances_of(lab.means.wanted)[counts]
    first = int(np.argmin(values(fails).mean(axis=0) / tolerances)) if fails <= steps else None
    return Headroom(
        factor=round(1 + last * STEP, 6) if last >= 0 else nan,
        low=round(1 + low * STEP, 6) if low >= 0 else nan,
        high=round(1 + high * STEP, 6) if high <= steps else np.inf,
        first=None if first is None else _target(lab, int(counts[first])),
        replications=FIRST_TO_MISS,
    )


def _last(holds: Callable[[int], bool], low: int, high: int) -> int:
    """The last step up to `high` at which something holds that then no longer does.

    `low` is taken to hold. Steps from it double until one fails; then they are halved.
    """
    if low == high:
        return low
    good, stride = low, 4
    bad = high + 1
    while good + stride < bad:
        if holds(good + stride):
            good, stride = good + stride, 2 * stride
        else:
            bad = good + stride
    while bad - good > 1:
        middle = (good + bad) // 2
        if holds(middle):
            good = middle
        else:
            bad = middle
    return good


def _target(lab: Lab, column: int) -> int:
    wanted = lab.means.wanted
    return next(n for n, one in enumerate(wanted) if one.columns.start <= column < one.columns.stop)
