"""What better service costs: the designs that nobody betters at their cost."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import isnan, nan

import numpy as np

from sim.size.kept import Record
from sim.size.lab import Lab
from sim.size.screen import lost
from sim.size.sequential import FIRST_TO_MISS
from sim.size.space import Design
from sim.size.watched import DESCRIBED, LONGEST, columns_of, quantile_of
from sim.study.estimate.intervals import Estimate, ratio

P90 = 0.9
_BUDGETS = 12
"""Costs at which designs are tried beside those of the search."""


@dataclass(frozen=True)
class Shown:
    """A figure of a design with its interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Described:
    """A design and what it does for those who come."""

    design: Design
    cost: float
    replications: int
    unserved: Shown
    """Share of the visits."""
    mean_wait: Shown
    uses_per_day: Shown
    p90: Shown
    """Minutes; infinite where it is longer than LONGEST."""
    paused: Shown
    """Minutes a week in which intake is paused."""


def describe(lab: Lab, design: Design) -> Described:
    """What was seen of a design."""
    record = lab.record(design)
    start = columns_of(lab.means.wanted)
    figures = {
        name: _shown(ratio(record.pairs[:, 0, start + n], record.pairs[:, 1, start + n]))
        for n, name in enumerate(DESCRIBED)
    }
    return Described(
        design=design,
        cost=float(lab.space.cost[design]),
        replications=record.count,
        unserved=figures["unserved", "share"],
        mean_wait=figures["wait", "mean"],
        uses_per_day=figures["uses", "per_day"],
        p90=_p90(record),
        paused=figures["intake_paused", "minutes_per_week"],
    )


def _shown(found: Estimate) -> Shown:
    """None of these figures can be below 0."""
    return Shown(float(found.value), max(float(found.low), 0.0), float(found.high))


def _p90(record: Record) -> Shown:
    """Woodruff's interval, as for the summary's quantiles, of counts by quarters of a minute."""
    pooled = record.waits.sum(axis=0)
    value = _counted(quantile_of(pooled, P90))
    if isnan(value) or record.count == 1:
        return Shown(value, nan, nan)
    step = int(np.searchsorted(np.cumsum(pooled), P90 * pooled.sum(), side="left"))
    below = record.waits[:, : step + 1].sum(axis=1).astype(np.float64)
    share = ratio(below, record.waits.sum(axis=1).astype(np.float64))
    half = float(share.high - share.value)
    low, high = (_counted(quantile_of(pooled, min(max(P90 + h, 0.0), 1.0))) for h in (-half, half))
    return Shown(value, low, high)


def _counted(minutes: float) -> float:
    """A wait as far as it is known: longer ones are counted together."""
    return np.inf if minutes > LONGEST else minutes


def explore(lab: Lab) -> None:
    """Play designs that Erlang A thinks best at several costs, so that the picture has no gaps."""
    cost, expected = lab.space.cost, lost(lab.space)
    if expected is None:
        return
    edges = np.quantile(cost, np.linspace(0, 1, _BUDGETS + 1))
    chosen: list[Design] = []
    for low, high in pairwise(edges.tolist()):
        flat = np.flatnonzero((cost >= low) & (cost <= high))
        if not len(flat):  # few designs, far apart
            continue
        # Erlang A knows nothing of staff: with the same places once the fewest, once the most.
        for sign in (1, -1):
            order = np.lexsort((sign * cost.ravel()[flat], expected.ravel()[flat]))
            best = np.unravel_index(flat[order[0]], cost.shape)
            chosen.append(tuple(int(n) for n in best))
    lab.take(dict.fromkeys(chosen), FIRST_TO_MISS)


def frontier(described: Sequence[Described], figure: str) -> Iterator[Described]:
    """The designs than which no cheaper or equally dear one has a lower figure, by cost.

    Args:
        described: designs that were played.
        figure: `unserved` or `p90`.
    """
    best: float | None = None
    known = [one for one in described if not isnan(_value(one, figure))]
    for one in sorted(known, key=lambda one: (one.cost, _value(one, figure))):
        if best is None or _value(one, figure) < best:
            best = _value(one, figure)
            yield one


def _value(one: Described, figure: str) -> float:
    found: Shown = getattr(one, figure)
    return found.value
