"""Durations counted by length, small enough to keep for every visit of a long study."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from sim.measures.steps import Floats, Integers

TICKS = 64
"""Steps per minute: about a second each, and whole and half minutes stay exact."""

BASE = 2**32
"""Where several histograms are kept as one, the tick of each begins this much after the last's."""

_FEW = 10
"""Numbers from 0 to the highest are counted one by one, without sorting, when there are no more
of them than this for each that is to be counted."""


@dataclass(frozen=True, eq=False)
class Histogram:
    """How many durations there were of each length."""

    ticks: Integers
    """The distinct lengths in 1/64 minute, increasing."""
    counts: Integers
    """How many of each, 1 or more."""

    @property
    def total(self) -> int:
        """How many durations in all."""
        return int(self.counts.sum())

    def quantile(self, probability: float, running: Integers | None = None) -> float:
        """The shortest length, in minutes, that at least this share did not exceed; NaN if empty.

        Args:
            probability: the share; below 0 and above 1 it is the shortest and the longest.
            running: the running sum of the counts, where it is known.
        """
        if not len(self.ticks):
            return float("nan")
        running = np.cumsum(self.counts) if running is None else running
        # A rounding error in the product must not push the quantile to the next length.
        wanted = probability * float(running[-1]) * (1 - 1e-12)
        position = int(np.searchsorted(running, wanted, side="left"))
        return float(self.ticks[min(position, len(self.ticks) - 1)]) / TICKS

    def at_most(self, minutes: float) -> int:
        """How many were no longer than this."""
        found = np.searchsorted(self.ticks, round(minutes * TICKS), side="right")
        return int(self.counts[:found].sum())


EMPTY = Histogram(np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64))
"""No durations."""


def hourly_histogram(minutes: Floats, hours: Integers) -> Histogram:
    """Durations counted by hour of the week and length, each hour's BASE ticks after the last's.

    Args:
        minutes: 0 or more; NaN is left out.
        hours: of each the hour of the week.
    """
    known = ~np.isnan(minutes)
    rounded = np.rint(minutes[known] * TICKS).astype(np.int64)
    ticks, counts = np.unique(hours[known] * BASE + rounded, return_counts=True)
    return Histogram(ticks, counts.astype(np.int64))


def of_hour(counted: Histogram, hour: int) -> Histogram:
    """The durations of one hour of the week."""
    first, after = np.searchsorted(counted.ticks, (hour * BASE, (hour + 1) * BASE))
    return Histogram(counted.ticks[first:after] - hour * BASE, counted.counts[first:after])


def histogram_of(minutes: Floats) -> Histogram:
    """Durations rounded to 1/64 minute and counted; NaN is left out."""
    known = minutes[~np.isnan(minutes)]
    return counted(np.rint(known * TICKS).astype(np.int64))


def counted(numbers: Integers) -> Histogram:
    """Whole numbers, such as lengths in ticks, and how many there are of each."""
    if _are_near(numbers):
        counts = np.bincount(numbers)
        found = np.flatnonzero(counts > 0)
        return Histogram(found, counts[found])
    found, counts = np.unique(numbers, return_counts=True)
    return Histogram(found, counts.astype(np.int64))


def merge(parts: Iterable[Histogram]) -> Histogram:
    """All the durations of several histograms in one."""
    found = list(parts)
    if not found:
        return EMPTY
    ticks = np.concatenate([part.ticks for part in found])
    counts = np.concatenate([part.counts for part in found])
    if _are_near(ticks):
        # As floating-point numbers, exact as long as there are less than 2 ** 53 durations.
        together = np.bincount(ticks, counts)
        found_ticks = np.flatnonzero(together)
        return Histogram(found_ticks, together[found_ticks].astype(np.int64))
    distinct, where = np.unique(ticks, return_inverse=True)
    sums = np.zeros(len(distinct), dtype=np.int64)
    np.add.at(sums, where, counts)
    return Histogram(distinct, sums)


def _are_near(numbers: Integers) -> bool:
    """Whether it is worth while to count numbers one by one, without sorting."""
    return bool(len(numbers) and numbers.min() >= 0 and numbers.max() < _FEW * len(numbers))
