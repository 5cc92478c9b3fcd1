"""Waits that were recorded, beside those of replays of their log.

Who waited less was more often served, in the log as in a replay. So the served of the one are held
against the served of the other, whoever they are. Days are nearly apart from each other, visits of
one day are not: what differs is told by days.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from scipy import special

from sim.fit.reading.register import Floats, Ints
from sim.scenario.model.hours import DAY, HOUR
from sim.study.estimate.intervals import LEVEL, Estimate

_FEWEST, _FEWEST_DAYS = 30, 7
"""Waits, and days, below which nothing is told."""
_MATTERS, _LEAST = 0.1, 0.5
"""Share of the recorded mean, and minutes, by which a difference matters to somebody."""
_RESAMPLED, _LONG = 200, 0.9
_SEED = 20_260_109


@dataclass(frozen=True)
class Beside:
    """Waits as they were recorded, and as they were replayed, minutes."""

    visits: int
    """Whose wait was recorded."""
    recorded: float
    replayed: float
    """Means."""
    more: Estimate
    """By how much the recorded mean is longer."""
    recorded_p90: float
    replayed_p90: float
    more_p90: Estimate = field(default_factory=Estimate)
    hours: Mapping[int, "Beside"] = field(default_factory=dict)
    """The same of those who came in an hour of the day, where there are enough."""

    @property
    def differ(self) -> int:
        """1 if recorded waits are longer by more than chance, and enough to matter; -1; else 0."""
        matters = abs(self.more.value) > max(_LEAST, _MATTERS * self.recorded)
        if not matters or self.more.low <= 0 <= self.more.high:
            return 0
        return 1 if self.more.value > 0 else -1


def beside(recorded: Floats, replayed: Floats, arrived: Floats) -> Beside | None:
    """Recorded waits beside replayed ones; None of too few.

    Args:
        recorded: (n,): minutes; NaN of those who had no place.
        replayed: (replays, n): of the same visits.
        arrived: (n,): minutes after the first midnight.
    """
    was, again = (_Waits.of(one, arrived) for one in (recorded[np.newaxis], replayed))
    hours = {}
    for hour in range(DAY // HOUR):
        one = _beside(was.of_hour(hour), again.of_hour(hour))
        if one is not None:
            hours[hour] = one
    return _beside(was, again, hours)


@dataclass(frozen=True, eq=False)
class _Waits:
    """Waits in order, with the day and the hour of each."""

    minutes: Floats
    day: Ints
    hour: Ints
    size: int
    """Days."""

    @classmethod
    def of(cls, waits: Floats, arrived: Floats) -> "_Waits":
        known = ~np.isnan(waits)
        minutes = waits[known]
        order = np.argsort(minutes, kind="stable")
        at = np.broadcast_to(arrived, waits.shape)[known][order]
        day = np.floor_divide(at, DAY).astype(np.int64)
        hour = (at % DAY // HOUR).astype(np.int64)
        return cls(minutes[order], day, hour, int(arrived.max(initial=0.0) // DAY) + 1)

    def of_hour(self, hour: int) -> "_Waits":
        mine = self.hour == hour
        return _Waits(self.minutes[mine], self.day[mine], self.hour[mine], self.size)

    @property
    def apart(self) -> Floats:
        """(days,): what each day's waits add to the mean beyond those of as many that are usual."""
        off = self.minutes - self.minutes.mean()
        return np.bincount(self.day, off, self.size) / len(off)

    def long(self, weights: Floats | None = None) -> float:
        """The wait that 9 in 10 do not exceed, each day so many times over."""
        if weights is None:
            return float(np.quantile(self.minutes, _LONG))
        upto = np.cumsum(weights[self.day])
        return float(self.minutes[int(np.searchsorted(upto, _LONG * upto[-1]))])


def _beside(
    recorded: _Waits, replayed: _Waits, hours: Mapping[int, Beside] | None = None
) -> Beside | None:
    days = np.union1d(recorded.day, replayed.day)
    if len(recorded.minutes) < _FEWEST or not len(replayed.minutes) or len(days) < _FEWEST_DAYS:
        return None
    mean, other = float(recorded.minutes.mean()), float(replayed.minutes.mean())
    apart = (recorded.apart - replayed.apart)[days]
    error = math.sqrt(float((apart**2).sum()) * len(days) / (len(days) - 1))
    half = float(special.stdtrit(len(days) - 1, (1 + LEVEL) / 2)) * error
    more = mean - other
    of_long = Estimate() if hours is None else _more_long(recorded, replayed, days)
    known = Estimate(more, more - half, more + half)
    long = recorded.long(), replayed.long()
    visits = len(recorded.minutes)
    return Beside(visits, mean, other, known, *long, of_long, hours or {})


def _more_long(recorded: _Waits, replayed: _Waits, days: Ints) -> Estimate:
    """By how much 9 in 10 waits are longer as they were recorded; days drawn anew."""
    rng, again = np.random.default_rng(_SEED), []
    for drawn in rng.multinomial(len(days), np.full(len(days), 1 / len(days)), _RESAMPLED):
        weights = np.zeros(recorded.size)
        weights[days] = drawn
        again.append(recorded.long(weights) - replayed.long(weights))
    low, high = np.quantile(again, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Estimate(recorded.long() - replayed.long(), float(low), float(high))
