"""What a figure is: its name, its unit, how its interval is found, and how it is computed."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from sim.measures.facts import Facts, SampleRow
from sim.measures.histogram import Histogram, histogram_of
from sim.measures.steps import Floats


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

    def quantile(self, probability: float) -> Callable[[Facts], Pair]:
        """How a quantile is computed from one replication."""

        def pair(facts: Facts) -> Pair:
            minutes = facts.histograms[self.row].quantile(probability)
            return (0.0, 0.0) if math.isnan(minutes) else (minutes, 1.0)

        return pair


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
        meaning = f"{what}: the shortest that {probability:.0%} did not exceed, replications pooled"
        row = Row(metric, name, by, "min", meaning, Interval.QUANTILE, probability=probability)
        yield Figure(row, sample.quantile(probability))
