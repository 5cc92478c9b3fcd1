"""What a figure is: its name, its unit, how its interval is found, and how it is computed."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from sim.measures.facts import SAME, Facts, SampleRow
from sim.measures.histogram import Histogram, by_hour, histogram_of, of_hour
from sim.measures.steps import HOURS, Floats, Integers, sum_by_hour
from sim.scenario.targets import minutes_within, probability_of


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

    def quantile(self, probability: float) -> Callable[[Facts], Pair]:
        """How a quantile is computed from one replication."""

        def pair(facts: Facts) -> Pair:
            minutes = facts.histograms[self.row].quantile(probability)
            return (0.0, 0.0) if math.isnan(minutes) else (minutes, 1.0)

        return pair


@dataclass(frozen=True)
class Durations:
    """Durations of which a target may want any quantile, and the share within any time."""

    metric: str
    by: str
    what: str
    """What they are, for definitions."""
    of: Callable[[Facts], Timed]
    known_at: Callable[[Facts, float], Timed] | None = None
    """Where some that are not known are known to be longer than so many minutes: the durations
    to count for such a share."""

    def figures(self, statistic: str) -> Iterator[Figure | Sample]:
        """A statistic, and the sample it is of, if it is a quantile."""
        probability, name = probability_of(statistic), (self.metric, statistic, self.by)
        if probability is None:
            meaning, limit = self._within(statistic)
            row = Row(*name, "share", meaning, Interval.EVENTS, most=1.0)
            yield Figure(row, summed(self._no_longer(limit)))
            return
        key = SampleRow(self.metric, self.by)
        sample = Sample(key, self._minutes, lambda facts: histogram_of(self._minutes(facts)))
        meaning = quantile_meaning(self.what, probability)
        row = Row(*name, "min", meaning, Interval.QUANTILE, probability=probability)
        yield sample
        yield Figure(row, sample.quantile(probability))

    def hours(self, statistic: str) -> Iterator[HourFigure | Sample]:
        """The same by hour of the week."""
        probability, name = probability_of(statistic), f"{self.metric}_{statistic}"
        if probability is None:
            meaning, limit = self._within(statistic)
            row = HourRow(name, self.by, "share", meaning, Interval.EVENTS, most=1.0)
            yield HourFigure(row, self._no_longer(limit))
            return
        key = SampleRow(self.metric, self.by, hourly=True)
        yield Sample(key, self._minutes, lambda facts: by_hour(*self.of(facts)), self.of)
        meaning = quantile_meaning(self.what, probability)
        row = HourRow(
            name, self.by, "min", meaning, Interval.QUANTILE, probability=probability, sample=key
        )
        yield HourFigure(row, lambda facts: _by_hour(facts.histograms[key], probability))

    def within(self, facts: Facts, limit: float) -> HourPair:
        """How many are no longer than a limit, in minutes, and how many there are, by hour."""
        minutes, hours = self.known_at(facts, limit) if self.known_at else self.of(facts)
        known = ~np.isnan(minutes)
        return sum_by_hour(hours[minutes <= limit]), sum_by_hour(hours[known])

    def _minutes(self, facts: Facts) -> Floats:
        return self.of(facts)[0]

    def _within(self, statistic: str) -> tuple[str, float]:
        """What a share means, and its limit in minutes."""
        limit = minutes_within(statistic)
        assert limit is not None  # or else it is a quantile
        time = f"{60 * limit:.10g} seconds" if statistic.endswith("s") else f"{limit:.10g} minutes"
        return f"{self.what}: the share that was {time} or less", limit

    def _no_longer(self, limit: float) -> Callable[[Facts], HourPair]:
        return lambda facts: self.within(facts, limit + SAME)


def _by_hour(counted: Histogram, probability: float) -> HourPair:
    found = np.array([of_hour(counted, hour).quantile(probability) for hour in range(HOURS)])
    known = ~np.isnan(found)
    return np.where(known, found, 0.0), known.astype(np.float64)


def summed(of: Callable[[Facts], HourPair]) -> Callable[[Facts], Pair]:
    """The figure for the whole week from the one for its hours."""

    def whole_week(facts: Facts) -> Pair:
        numerators, denominators = of(facts)
        return float(numerators.sum()), float(denominators.sum())

    return whole_week


def quantile_figures(
    metric: str,
    by: str,
    what: str,
    minutes: Callable[[Facts], Floats],
    quantiles: tuple[tuple[str, float], ...],
    counted: Callable[[Facts], Histogram] | None = None,
) -> Iterator[Figure | Sample]:
    """A set of durations and the rows of its quantiles.

    Args:
        metric: name of the metric.
        by: the part it is about.
        what: what the durations are, for the definition.
        minutes: takes the durations from the facts of a replication; NaN is left out.
        quantiles: name and probability of each.
        counted: takes them by length, where that is faster.
    """
    counted = counted or (lambda facts: histogram_of(minutes(facts)))
    sample = Sample(SampleRow(metric, by), minutes, counted)
    yield sample
    for name, probability in quantiles:
        meaning = quantile_meaning(what, probability)
        row = Row(metric, name, by, "min", meaning, Interval.QUANTILE, probability=probability)
        yield Figure(row, sample.quantile(probability))


def quantile_meaning(what: str, probability: float) -> str:
    """The definition of a quantile of some durations."""
    share = f"{100 * probability:.10g}%"
    return f"{what}: the shortest that {share} did not exceed, replications pooled"
