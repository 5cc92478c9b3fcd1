"""What a figure is: its name, its unit, how its interval is found, and how it is computed.

A figure reads like its definition:

    figure("uses.per_day", "all", "uses/day", "Places entered …", over(number(GOT_PLACE), days))
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import partial
from typing import Any, Generic, TypeVar

import numpy as np

from sim.measures.facts.facts import Facts
from sim.measures.facts.groups import Classes, Group, Wanted
from sim.measures.facts.visits import MINUTES, NUMBER
from sim.measures.histogram import Histogram, histogram_of, hourly_histogram, of_hour
from sim.measures.steps import HOUR, HOURS, SAME, Floats, Integers, sum_by_hour
from sim.scenario.model.targets import minutes_within, probability_of


class Interval(StrEnum):
    """How a figure's value and interval follow from the replications."""

    RATIO = "ratio"
    """Σ numerator / Σ denominator; jackknife over replications."""
    EVENTS = "events"
    """As ratio, for a share of countable events: where all or none did it, exact binomial."""
    COUNT = "count"
    """Numerator counts events of a Poisson process; exact Poisson interval."""
    CLUSTERED = "clustered"
    """Numerator counts events that cluster; jackknife, but never narrower than Poisson."""
    HIGHEST = "highest"
    """The highest of all replications; no interval."""
    QUANTILE = "quantile"
    """Quantile of the durations of all replications together."""


@dataclass(frozen=True)
class Row:
    """One line of the summary table, the same in every replication of a scenario."""

    metric: str
    statistic: str
    by: str
    """`all`, or the part that the figure is about: `room:injecting`, `role:nurse/duty:respond`."""
    unit: str
    definition: str
    """One sentence: of what, over what."""
    interval: Interval = Interval.RATIO
    most: float = math.inf
    """Highest value that is possible; intervals end there. The lowest is always 0."""
    probability: float = math.nan
    """Of a quantile."""


@dataclass(frozen=True)
class SampleRow:
    """A set of durations of which quantiles are reported."""

    metric: str
    by: str
    hourly: bool = False
    """Whether they are kept apart by hour of the week, see `hourly_histogram`."""


@dataclass(frozen=True)
class HourRow:
    """168 lines of the by-hour table, one for each hour of the week."""

    metric: str
    by: str
    unit: str
    definition: str
    interval: Interval = Interval.RATIO
    most: float = math.inf
    probability: float = math.nan
    """Of a quantile."""
    sample: SampleRow | None = None
    """Of a quantile, the durations."""


Timed = tuple[Floats, Integers]
"""Durations in minutes, NaN where unknown, and the hour of the week to which each belongs."""
Pair = tuple[float, float]
"""Numerator and denominator."""
HourPair = tuple[Floats, Floats]
"""Numerators and denominators of the 168 hours of the week."""


@dataclass(frozen=True)
class Figure:
    """A row of the summary and how it is computed from one replication."""

    row: Row
    of: Callable[[Facts], Pair]


@dataclass(frozen=True)
class HourFigure:
    """A row of the by-hour table and how it is computed from one replication."""

    row: HourRow
    of: Callable[[Facts], HourPair]


def figure(
    name: str,
    by: str,
    unit: str,
    definition: str,
    of: Callable[[Facts], Pair],
    interval: Interval = Interval.RATIO,
) -> Figure:
    """A figure of the summary; a share is 1 at most.

    Args:
        name: metric and statistic, such as `wait.mean`.
        by: the part that it is about.
        unit: of the figure.
        definition: one sentence.
        of: computes it from one replication.
        interval: how its interval is found.
    """
    metric, _, statistic = name.partition(".")
    return Figure(Row(metric, statistic, by, unit, definition, interval, _most(unit)), of)


def hour_figure(
    name: str,
    by: str,
    unit: str,
    definition: str,
    of: Callable[[Facts], HourPair],
    interval: Interval = Interval.RATIO,
) -> HourFigure:
    """A figure by hour of the week, named by its metric; see `figure`."""
    return HourFigure(HourRow(name, by, unit, definition, interval, _most(unit)), of)


def _most(unit: str) -> float:
    return 1.0 if unit == "share" else math.inf


# --- quantities: what figures are made of -------------------------------------------------------

Value = TypeVar("Value")
Number = Callable[[Facts], float]
ByHour = Callable[[Facts], Floats]
"""168 values."""


@dataclass(frozen=True)
class Quantity(Generic[Value]):
    """A quantity that says what it is made of, so that this is found for many at once."""

    of: Callable[[Facts], Value]
    totals: tuple[Wanted, ...] = ()
    """Sums of groups of visits."""
    hourly: tuple[Wanted, ...] = ()
    """The same by hour of the week."""
    week: "Quantity[float] | None" = None
    """Of a quantity by hour of the week, its sum, where that is known without adding up."""

    def __call__(self, facts: Facts) -> Value:
        """The quantity of one replication."""
        return self.of(facts)

    @staticmethod
    def made_of(of: Callable[[Facts], Value], *parts: Callable[[Facts], Any]) -> "Quantity[Value]":
        """A quantity that is computed from others."""
        said = [part for part in parts if isinstance(part, Quantity)]
        totals = tuple(one for part in said for one in part.totals)
        return Quantity(of, totals, tuple(one for part in said for one in part.hourly))


def over(
    part: Callable[[Facts], Value], whole: Callable[[Facts], Value]
) -> Quantity[tuple[Value, Value]]:
    """One quantity over another: numbers, or both by hour of the week."""
    above, below = _plain(part), _plain(whole)
    return Quantity.made_of(lambda facts: (above(facts), below(facts)), part, whole)


def over_week(part: ByHour, whole: ByHour) -> Quantity[Pair]:
    """The figure for the whole week of two quantities by hour of the week."""
    return over(total(part), total(whole))


def less(every: ByHour, some: ByHour) -> Quantity[Floats]:
    """One quantity by hour of the week less another; both are counts."""
    more, fewer = total(every), total(some)
    week = Quantity.made_of(lambda facts: more(facts) - fewer(facts), more, fewer)
    found = Quantity.made_of(lambda facts: every(facts) - some(facts), every, some)
    return replace(found, week=week)


def _plain(quantity: Callable[[Facts], Value]) -> Callable[[Facts], Value]:
    return quantity.of if isinstance(quantity, Quantity) else quantity


def replications(_: Facts) -> float:
    """1: over it a number is the mean of replications."""
    return 1.0


def days(facts: Facts) -> float:
    """Days counted."""
    return facts.window.days


def weeks(facts: Facts) -> float:
    """Weeks counted."""
    return facts.window.weeks


def exposure(facts: Facts) -> Floats:
    """Minutes counted, of each hour of the week."""
    return facts.exposure


def hours_counted(facts: Facts) -> Floats:
    """Hours counted, of each hour of the week."""
    return facts.exposure / HOUR


def number(group: Group[Classes], column: int = NUMBER) -> Quantity[float]:
    """How many visits there are of a group, or another of their sums."""
    return Quantity(lambda facts: facts.visits.total(group, column), ((group, column),))


def number_by_hour(group: Group[Classes], column: int = NUMBER) -> Quantity[Floats]:
    """The same by hour of the week."""
    found = Quantity(lambda facts: facts.visits.by_hour(group, column), hourly=((group, column),))
    # Counts add up to the same in whatever order, minutes do not.
    return found if column in MINUTES else replace(found, week=number(group, column))


def integral(name: str) -> Quantity[Floats]:
    """Integral over time of what `integrals.Integrals` tells of, by hour of the week."""
    week = Quantity(lambda facts: facts.integrals.whole(name))
    return Quantity(lambda facts: facts.integrals[name], week=week)


def peak(name: str) -> Number:
    """Highest value of a series."""
    return lambda facts: facts.series.peak(name)


def total(by_hour: ByHour) -> Quantity[float]:
    """The sum over the hours of the week."""
    if isinstance(by_hour, Quantity) and by_hour.week is not None:
        return by_hour.week
    of = _plain(by_hour)
    return Quantity.made_of(lambda facts: float(of(facts).sum()), by_hour)


def highest(metric: str, by: str, unit: str, what: str, name: str) -> Iterator[Figure]:
    """The highest value of a series: in a typical replication, and in all of them."""
    meaning, of = f"Highest number of {what} in a replication", over(peak(name), replications)
    yield figure(f"{metric}.peak", by, unit, f"{meaning}, mean of replications", of)
    meaning = f"Highest number of {what} in any replication"
    yield figure(f"{metric}.highest", by, unit, meaning, of, Interval.HIGHEST)


# --- durations ----------------------------------------------------------------------------------

QUANTILES = ("median", "p90", "p95")
"""Quantiles of waits, by name."""


@dataclass(frozen=True)
class Sample:
    """A set of durations and how it is taken from one replication."""

    row: SampleRow
    of: Callable[[Facts], Floats]
    """Minutes; NaN is left out."""
    counted: Callable[[Facts], Histogram]
    """The same by length."""
    timed: Callable[[Facts], Timed] | None = None
    """Of durations that are kept apart by hour of the week, these hours too."""

    def histogram(self, facts: Facts) -> Histogram:
        """The durations by length, counted once for all that ask for them."""
        if self.row not in facts.histograms:
            facts.histograms[self.row] = self.counted(facts)
        return facts.histograms[self.row]

    def quantile(self, facts: Facts, probability: float) -> float:
        """Of these, see `Histogram.quantile`; their counts are added up once for all quantiles."""
        found = self.histogram(facts)
        if self.row not in facts.running:
            facts.running[self.row] = np.cumsum(found.counts)
        return found.quantile(probability, facts.running[self.row])


@dataclass(frozen=True)
class Durations:
    """Durations of which there may be figures of any quantile, and of the share within any time."""

    metric: str
    by: str
    what: str
    """What they are, for definitions."""
    of: Callable[[Facts], Timed]
    known_at: Callable[[Facts, float], Timed] | None = None
    """Where some that are not known are known to be longer than so many minutes: the durations
    to count for such a share."""
    counted: Callable[[Facts], Histogram] | None = None
    """Takes them by length, where there is a faster way."""

    def figures(self, *statistics: str) -> Iterator[Figure | Sample]:
        """Some statistics, after the sample that they are of where they are quantiles."""
        row = SampleRow(self.metric, self.by)
        sample = Sample(row, self._minutes, self.counted or self._by_length)
        for statistic in statistics:
            name, probability = f"{self.metric}.{statistic}", probability_of(statistic)
            if probability is None:
                meaning, limit = self._within(statistic)
                of = partial(self._share, limit)
                yield figure(name, self.by, "share", meaning, of, Interval.EVENTS)
                continue
            yield sample
            meaning, kind = self._quantile(probability), Interval.QUANTILE
            row_of = Row(
                self.metric, statistic, self.by, "min", meaning, kind, math.inf, probability
            )
            yield Figure(row_of, _quantile(sample, probability))

    def hours(self, statistic: str) -> Iterator[HourFigure | Sample]:
        """A statistic by hour of the week."""
        name, probability = f"{self.metric}_{statistic}", probability_of(statistic)
        if probability is None:
            meaning, limit = self._within(statistic)
            of = self._no_longer(limit)
            yield hour_figure(name, self.by, "share", meaning, of, Interval.EVENTS)
            return
        key = SampleRow(self.metric, self.by, hourly=True)
        sample = Sample(
            key, self._minutes, lambda facts: hourly_histogram(*self.of(facts)), self.of
        )
        meaning, kind = self._quantile(probability), Interval.QUANTILE
        row = HourRow(name, self.by, "min", meaning, kind, math.inf, probability, key)
        yield sample
        yield HourFigure(row, lambda facts: _by_hour(sample.histogram(facts), probability))

    def within(self, facts: Facts, limit: float) -> HourPair:
        """How many are no longer than a limit, in minutes, and how many there are, by hour."""
        minutes, hours = self._known_at(facts, limit)
        known = ~np.isnan(minutes)
        return sum_by_hour(hours[minutes <= limit]), sum_by_hour(hours[known])

    def _known_at(self, facts: Facts, limit: float) -> Timed:
        return self.known_at(facts, limit) if self.known_at else self.of(facts)

    def _minutes(self, facts: Facts) -> Floats:
        return self.of(facts)[0]

    def _by_length(self, facts: Facts) -> Histogram:
        return histogram_of(self._minutes(facts))

    def _no_longer(self, limit: float) -> Callable[[Facts], HourPair]:
        return lambda facts: self.within(facts, limit + SAME)

    def _share(self, limit: float, facts: Facts) -> Pair:
        """The same for the whole week."""
        minutes, _ = self._known_at(facts, limit + SAME)
        within, unknown = np.count_nonzero(minutes <= limit + SAME), np.isnan(minutes)
        return float(within), float(len(minutes) - np.count_nonzero(unknown))

    def _within(self, statistic: str) -> tuple[str, float]:
        """What a share means, and its limit in minutes."""
        limit = minutes_within(statistic)
        assert limit is not None  # or else it is a quantile
        time = f"{60 * limit:.10g} seconds" if statistic.endswith("s") else f"{limit:.10g} minutes"
        return f"{self.what}: the share that was {time} or less", limit

    def _quantile(self, probability: float) -> str:
        """What a quantile means."""
        share = f"{100 * probability:.10g}%"
        return f"{self.what}: the shortest that {share} did not exceed, replications pooled"


def quantile_pair(minutes: float) -> Pair:
    """A quantile of one replication, over 1; nothing over nothing where there is none."""
    return (0.0, 0.0) if math.isnan(minutes) else (minutes, 1.0)


def _quantile(sample: Sample, probability: float) -> Callable[[Facts], Pair]:
    return lambda facts: quantile_pair(sample.quantile(facts, probability))


def _by_hour(counted: Histogram, probability: float) -> HourPair:
    found = np.array([of_hour(counted, hour).quantile(probability) for hour in range(HOURS)])
    known = ~np.isnan(found)
    return np.where(known, found, 0.0), known.astype(np.float64)
