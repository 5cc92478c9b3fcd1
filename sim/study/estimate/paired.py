"""Differences between two options that met the same people, with intervals. Pure functions.

Replication by replication both options meet the same people, so what chance did to one it did to
the other: their difference is known far better than either figure (common random numbers; Law,
Simulation Modeling and Analysis, chapter 11). Two options that did the same in every replication
differ by exactly 0.
"""

from collections.abc import Sequence
from functools import lru_cache
from math import nan, sqrt
from typing import NamedTuple

import numpy as np
from scipy import special

from sim.measures import Histogram
from sim.measures.histogram import TICKS
from sim.study.estimate.intervals import LEVEL, Floats, divide, half_width, pseudo_values

_NOISE = 1e-12
"""Differences relatively smaller than this are rounding errors: the values were equal."""
ROOT = 0.5
"""Power of the number of replications with which intervals usually narrow."""
UNSEEN = 1.0
"""The same of intervals that reach as far as events could have stayed unseen."""
_RESAMPLES = 999
_SEED = 20_260_105
"""Which replications are resampled together is drawn once and for all: the same replications
give the same interval."""


class Difference(NamedTuple):
    """A difference, other minus base; NaN where there is nothing to say."""

    value: float = nan
    low: float = nan
    high: float = nan
    unpaired: float = nan
    """Half-width that the interval would have had, had each option met people of its own."""
    rate: float = nan
    """Power of the number of replications with which the interval narrows: ½, or 1 where it
    rests on nothing having been seen."""


class Differences(NamedTuple):
    """Differences with their intervals, as arrays."""

    value: Floats
    low: Floats
    high: Floats
    unpaired: Floats
    rate: Floats

    def at(self, place: int) -> Difference:
        """One of them."""
        return Difference(*(float(part[place]) for part in self))


class Pairs(NamedTuple):
    """Figures of one option: replications along the first axis, figures along the second."""

    numerator: Floats
    denominator: Floats


def ratio_difference(base: Pairs, other: Pairs, level: float = LEVEL) -> Differences:
    """The difference of two ratios Σ numerator / Σ denominator; jackknife over paired replications.

    A replication is left out of both options at once; the spread of the pseudo-values'
    differences is used with Student's t of n − 1 degrees of freedom. With equal denominators this
    is the paired t interval.

    Simulated coverage of the nominal 95 %, for mean waits and the share of waits over 10 minutes
    (six places for five, or stays 1 or 5 % shorter, load 0.8): .93 to .97 with 5, 10 or 20
    replications of four weeks, .92 to .96 of one week; .86 to .96 where each is a single day.

    Args:
        base: the option that the other is compared with.
        other: the same figures of the other, replication by replication.
        level: confidence.
    """
    count = len(base.numerator)
    first, second = pseudo_values(*base), pseudo_values(*other)
    one, two = _total(base), _total(other)
    value = _without_noise(two - one, abs(one) + abs(two))
    if count == 1:
        nothing = np.full_like(value, np.nan)
        return Differences(value, nothing, nothing, nothing, nothing)
    error = (second - first).std(axis=0, ddof=1) / sqrt(count)
    half = _without_noise(half_width(error, count - 1, level), abs(one) + abs(two))
    apart = np.hypot(first.std(axis=0, ddof=1), second.std(axis=0, ddof=1)) / sqrt(count)
    unpaired = half_width(apart, 2 * (count - 1), level)
    return Differences(value, value - half, value + half, unpaired, np.full_like(value, ROOT))


def share_difference(base: Pairs, other: Pairs, level: float = LEVEL) -> Differences:
    """As `ratio_difference`, for shares of countable events.

    Where the replications show no spread at all, the interval reaches as far as an event in which
    the options differ could have stayed unseen: up to 1 − tail^(1/n) for none among n events, as
    in the exact binomial (Clopper-Pearson) interval of 0 of n. Three overdoses met in time in
    both options do not prove that all would be.
    """
    found = ratio_difference(base, other, level)
    events = np.minimum(base.denominator.sum(axis=0), other.denominator.sum(axis=0))
    unseen = 1 - _tail(level) ** (1 / np.maximum(events, 1))
    return _at_least(found, unseen, most=1.0)


def count_difference(base: Pairs, other: Pairs, level: float = LEVEL) -> Differences:
    """As `ratio_difference`, for numbers of events per exposure.

    Where the replications show no spread at all, the interval reaches as far as events that only
    one option has could have stayed unseen: up to −ln(tail) / exposure, as in the exact Poisson
    interval of none.
    """
    found = ratio_difference(base, other, level)
    exposure = np.minimum(base.denominator.sum(axis=0), other.denominator.sum(axis=0))
    unseen = divide(np.asarray(-np.log(_tail(level))), exposure)
    return _at_least(found, unseen, most=np.inf)


def quantile_difference(
    base: Sequence[Histogram], other: Sequence[Histogram], probability: float, level: float = LEVEL
) -> tuple[float, float, float, float]:
    """The difference of two quantiles of pooled durations: value, low, high, unpaired half-width.

    Bootstrap over paired replications (or groups of replications, the same in both options): the
    same ones are drawn again for both, visits never. The interval is the percentile interval,
    widened for few replications (Hesterberg 2015, The American Statistician 69, 371-386: with
    tails Φ(−√(n / (n − 1)) t)), or the bootstrap error with Student's t where that reaches
    further. Paired replications are exchangeable; the two options' durations are not, so nothing
    is assumed of them.

    Simulated coverage of the nominal 95 % for the median, P90 and P95 of waits, in the cases of
    `ratio_difference`: .92 to .97, .94 to .99, .92 to .99 with 5, 10 or 20 replications of four
    weeks; .94 to .98, .94 to .99, .93 to .99 of one week; .93 to .97, .87 to .99, .83 to .97
    where each is a single day. There the plain percentile interval covers .65 to .96, the
    jackknife of the quantiles .64 to .99, and Woodruff intervals joined by their correlation
    (MOVER) are up to ten times too wide where the options hardly differ.

    With fewer than 1 / (1 − p) durations in an option, or one replication, the bounds are NaN.

    Args:
        base: durations by replication or groups of them.
        other: the same of the other option.
        probability: of the quantile, such as 0.9.
        level: confidence.
    """
    count = len(base)
    whole = np.ones((1, count))
    ones, twos = _Pooled(base), _Pooled(other)
    value = float((twos.quantiles(whole, probability) - ones.quantiles(whole, probability))[0])
    too_few = min(ones.total, twos.total) * (1 - probability) < 1 - _NOISE
    if count == 1 or too_few:
        return value, nan, nan, nan
    weights = _resamples(count)
    first, second = ones.quantiles(weights, probability), twos.quantiles(weights, probability)
    apart = second - first
    wide = float(special.stdtrit(count - 1, (1 + level) / 2))
    tail = float(special.ndtr(-sqrt(count / (count - 1)) * wide))
    low, high = np.nanquantile(apart, [tail, 1 - tail])
    half = wide * float(np.nanstd(apart, ddof=1))
    unpaired = float(special.stdtrit(2 * (count - 1), (1 + level) / 2)) * float(
        np.hypot(np.nanstd(first, ddof=1), np.nanstd(second, ddof=1))
    )
    return value, min(float(low), value - half), max(float(high), value + half), unpaired


class _Pooled:
    """Durations of all replications, ready to be weighted anew many times."""

    def __init__(self, batches: Sequence[Histogram]) -> None:
        self._ticks = np.unique(np.concatenate([batch.ticks for batch in batches]))
        running = np.zeros((len(self._ticks), len(batches)))
        for number, batch in enumerate(batches):
            running[np.searchsorted(self._ticks, batch.ticks), number] = batch.counts
        self._running = running.cumsum(axis=0)
        self.total = sum(batch.total for batch in batches)

    def quantiles(self, weights: Floats, probability: float) -> Floats:
        """As `Histogram.quantile`, of the replications each counted as often as a row says."""
        if not self.total:
            return np.full(len(weights), np.nan)
        of = weights @ self._running[-1]
        wanted = probability * of * (1 - _NOISE)
        low = np.zeros(len(weights), dtype=np.int64)
        high = np.full(len(weights), len(self._ticks) - 1)
        while (low < high).any():  # halving; each row of weights has its own place
            middle = (low + high) // 2
            enough = (weights * self._running[middle]).sum(axis=1) >= wanted
            low, high = np.where(enough, low, middle + 1), np.where(enough, middle, high)
            low = np.minimum(low, high)
        minutes = self._ticks[low] / TICKS
        return np.where(of > 0, minutes, np.nan)


@lru_cache(maxsize=8)
def _resamples(count: int) -> Floats:
    """How often each of `count` replications is drawn in each resample: (resamples, count)."""
    drawn = np.random.default_rng(_SEED).multinomial(count, [1 / count] * count, _RESAMPLES)
    return drawn.astype(np.float64)


def _total(pairs: Pairs) -> Floats:
    return divide(pairs.numerator.sum(axis=0), pairs.denominator.sum(axis=0))


def _without_noise(value: Floats, size: Floats) -> Floats:
    return np.where(abs(value) <= _NOISE * size, 0.0, value)


def _tail(level: float) -> float:
    return (1 - level) / 2


def _at_least(found: Differences, unseen: Floats, most: float) -> Differences:
    sure = found.high - found.low == 0
    low = np.where(sure, np.maximum(found.value - unseen, -most), found.low)
    high = np.where(sure, np.minimum(found.value + unseen, most), found.high)
    return found._replace(low=low, high=high, rate=np.where(sure, UNSEEN, found.rate))
