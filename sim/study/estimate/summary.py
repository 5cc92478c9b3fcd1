"""A study's figures with their intervals, as tidy tables.

Replications are added up one by one, in memory that does not grow with the visits in them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from sim.measures import (
    CountRow,
    Histogram,
    HourRow,
    Interval,
    Row,
    SampleRow,
    Tally,
    count_rows,
    hour_rows,
    metric_rows,
    sample_rows,
)
from sim.measures.histogram import EMPTY, merge, of_hour
from sim.measures.steps import HOURS
from sim.scenario.model.scenario import Scenario
from sim.study.estimate.intervals import (
    LEVEL,
    UNKNOWN,
    Estimate,
    Estimates,
    Floats,
    clustered_count,
    divide,
    poisson,
    quantile,
    ratio,
    share_of_events,
)
from sim.study.estimate.precision import Precision

Key = tuple[str, str, str]
"""Metric, statistic and part of a figure."""


def key_of(row: Row) -> Key:
    """Metric, statistic and part of a row."""
    return row.metric, row.statistic, row.by


@dataclass(frozen=True, eq=False)
class Summary:
    """A study's figures, found by what they are called; just made, or read from a file."""

    table: pd.DataFrame
    """`metric, statistic, by, value, ci_low, ci_high, unit`."""

    @cached_property
    def numbers(self) -> dict[Key, int]:
        """Where each figure stands."""
        columns = (self.table[name] for name in ("metric", "statistic", "by"))
        return {key: number for number, key in enumerate(zip(*columns, strict=True))}

    @cached_property
    def _estimates(self) -> list[Estimate]:
        columns = (self.table[name].tolist() for name in ("value", "ci_low", "ci_high"))
        return [Estimate(*one) for one in zip(*columns, strict=True)]

    def of(self, metric: str, statistic: str, by: str = "all") -> Estimate:
        """A figure with its interval; NaN if there is none such."""
        number = self.numbers.get((metric, statistic, by))
        return UNKNOWN if number is None else self._estimates[number]

    def has(self, metric: str, statistic: str, by: str = "all") -> bool:
        """Whether there is such a figure, known or not."""
        return (metric, statistic, by) in self.numbers

    def unit_of(self, metric: str, statistic: str, by: str = "all") -> str | None:
        """Of a figure, such as `EUR/week`; None if there is none such."""
        number = self.numbers.get((metric, statistic, by))
        return None if number is None else str(self.table["unit"].iloc[number])


# --- replications, and their tables -------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Pooled:
    """All replications of a study."""

    numerators: Floats
    """(replications, rows)."""
    denominators: Floats
    """(replications, rows)."""
    hour_numerators: Floats
    """(batches of replications, rows of the by-hour table, 168)."""
    hour_denominators: Floats
    """(batches of replications, rows of the by-hour table, 168)."""
    samples: Mapping[SampleRow, tuple[Histogram, ...]]
    """Durations by batch of replications: batch b holds replications b, b + batches, …"""
    counts: Mapping[CountRow, tuple[Histogram, ...]]
    """Numbers by the clock, in the same batches."""
    controls: Floats
    """(replications, controls); none where the visitors were not known."""


@dataclass(frozen=True, eq=False)
class StudyResult:
    """What a study found. A figure with nothing to measure is NaN."""

    seed: int
    count: int
    """How many replications."""
    rows: tuple[Row, ...]
    """The summary's rows, with their definitions, in its order."""
    hour_rows: tuple[HourRow, ...]
    """The by-hour table's, with their definitions, in its order."""
    summary: pd.DataFrame
    """`metric, statistic, by, value, ci_low, ci_high, unit, replications`."""
    by_hour: pd.DataFrame
    """`metric, by, hour_of_week, value, ci_low, ci_high, unit, replications`; hour 0 is Monday
    00:00."""
    replications: pd.DataFrame
    """`replication, metric, statistic, by, value`: each replication by itself."""
    pooled: Pooled
    """What the tables were computed from."""
    precision: Precision | None = None
    """Where replications went on until the figures were precise, how that ended."""
    reused: int = 0
    """Replications that an earlier run had left in the cache; no figure depends on it."""

    @cached_property
    def figures(self) -> Summary:
        """The summary's figures, to be found by name."""
        return Summary(self.summary)


def study_result(
    seed: int,
    rows: tuple[Row, ...],
    hour_rows: tuple[HourRow, ...],
    pooled: Pooled,
    precision: Precision | None = None,
) -> StudyResult:
    """The tables of a study.

    Args:
        seed: the study's seed.
        rows: the summary's rows.
        hour_rows: the by-hour table's rows.
        pooled: its replications.
        precision: how a study until precise ended.
    """
    return StudyResult(
        seed=seed,
        count=len(pooled.numerators),
        rows=rows,
        hour_rows=hour_rows,
        summary=_summary(rows, pooled),
        by_hour=_by_hour(hour_rows, pooled),
        replications=_replications(rows, pooled),
        pooled=pooled,
        precision=precision,
    )


def estimates(rows: Sequence[Row], pooled: Pooled, numbers: Sequence[int] | None = None) -> Floats:
    """Value, lower and upper bound of the summary's rows: (3, rows).

    Args:
        rows: the summary's rows, all of them.
        pooled: the replications.
        numbers: positions of the rows wanted; without it all.
    """
    wanted = list(range(len(rows)) if numbers is None else numbers)
    chosen = [rows[number] for number in wanted]
    found = _pooled(chosen, pooled.numerators[:, wanted], pooled.denominators[:, wanted])
    for place, row in enumerate(chosen):
        if row.interval is Interval.QUANTILE:
            batches = pooled.samples[SampleRow(row.metric, row.by)]
            found[:, place] = quantile(batches, row.probability)
    return found


def hour_estimates(
    rows: Sequence[HourRow], pooled: Pooled, number: int, level: float = LEVEL
) -> Floats:
    """Value, lower and upper bound of one row of the by-hour table: (3, 168).

    Args:
        rows: the by-hour table's rows, all of them.
        pooled: the replications.
        number: position of the row.
        level: confidence.
    """
    if rows[number].interval is Interval.QUANTILE:
        return _quantiles_by_hour(rows[number], pooled, level)
    one = slice(number, number + 1)
    above, below = pooled.hour_numerators[:, one], pooled.hour_denominators[:, one]
    found: Floats = _pooled(rows[one], above, below, level)[:, 0]
    return found


def _quantiles_by_hour(row: HourRow, pooled: Pooled, level: float = LEVEL) -> Floats:
    """Value, lower and upper bound of a quantile in each hour of the week: (3, 168)."""
    assert row.sample is not None  # as of every quantile
    batches, found = pooled.samples[row.sample], np.full((3, HOURS), np.nan)
    for hour in range(HOURS):
        of = [of_hour(batch, hour) for batch in batches]
        if any(one.total for one in of):
            found[:, hour] = quantile(of, row.probability, level)
    return found


def _summary(rows: tuple[Row, ...], pooled: Pooled) -> pd.DataFrame:
    names = [key_of(row) for row in rows]
    table = pd.DataFrame(names, columns=["metric", "statistic", "by"])
    units = [row.unit for row in rows]
    return _with_figures(table, estimates(rows, pooled), units, len(pooled.numerators))


def _by_hour(rows: tuple[HourRow, ...], pooled: Pooled) -> pd.DataFrame:
    found = _pooled(rows, pooled.hour_numerators, pooled.hour_denominators)
    for number, row in enumerate(rows):
        if row.interval is Interval.QUANTILE:
            found[:, number] = _quantiles_by_hour(row, pooled)
    table = pd.DataFrame(
        {
            "metric": np.repeat([row.metric for row in rows], HOURS),
            "by": np.repeat([row.by for row in rows], HOURS),
            "hour_of_week": np.tile(np.arange(HOURS), len(rows)),
        }
    )
    units = np.repeat([row.unit for row in rows], HOURS).tolist()
    return _with_figures(table, found.reshape(3, -1), units, len(pooled.numerators))


def _with_figures(
    table: pd.DataFrame, found: Floats, units: list[str], replications: int
) -> pd.DataFrame:
    value, low, high = found
    return table.assign(
        value=value, ci_low=low, ci_high=high, unit=units, replications=replications
    )


def _replications(rows: tuple[Row, ...], pooled: Pooled) -> pd.DataFrame:
    values, count = divide(pooled.numerators, pooled.denominators), len(pooled.numerators)
    return pd.DataFrame(
        {
            "replication": np.repeat(np.arange(count), len(rows)),
            "metric": [row.metric for row in rows] * count,
            "statistic": [row.statistic for row in rows] * count,
            "by": [row.by for row in rows] * count,
            "value": values.ravel(),
        }
    )


def _pooled(
    rows: Sequence[Row | HourRow],
    numerators: Floats,
    denominators: Floats,
    level: float = LEVEL,
) -> Floats:
    """Value, lower and upper bound of every row: (3, rows, …)."""
    found = np.full((3, *numerators.shape[1:]), np.nan)
    for interval in dict.fromkeys(row.interval for row in rows):
        same = [number for number, row in enumerate(rows) if row.interval is interval]
        found[:, same] = _estimate(interval, numerators[:, same], denominators[:, same], level)
    most = np.array([row.most for row in rows]).reshape(-1, *(1 for _ in found.shape[2:]))
    return np.clip(found, 0.0, most)


def _estimate(
    interval: Interval, numerators: Floats, denominators: Floats, level: float
) -> Estimates:
    match interval:
        case Interval.RATIO:
            return ratio(numerators, denominators, level)
        case Interval.EVENTS:
            return share_of_events(numerators, denominators, level)
        case Interval.COUNT:
            return poisson(numerators.sum(axis=0), denominators.sum(axis=0), level)
        case Interval.CLUSTERED:
            return clustered_count(numerators, denominators, level)
        case Interval.HIGHEST:
            return _without_interval(numerators.max(axis=0))
        case Interval.QUANTILE:  # from the durations, not from the replications' own quantiles
            return _without_interval(np.full(numerators.shape[1:], np.nan))


def _without_interval(value: Floats) -> Estimates:
    nothing = np.full_like(value, np.nan)
    return Estimates(value, nothing, nothing)


# --- adding up ----------------------------------------------------------------------------------

BATCHES = 32
"""Most groups of replications for which waits and hours are kept apart. A study of more
replications puts them together, number modulo 32: an interval from 32 groups (31 degrees of
freedom) is 4 % wider than one from ever so many."""


class Accumulator:
    """Takes replications one by one, in order; gives the study's result at any time.

    Of each replication two numbers a row are kept. Hours of the week and waits, which take
    most room, are kept by batches.
    """

    def __init__(self, scenario: Scenario) -> None:
        """Begin a study without replications."""
        self._rows = metric_rows(scenario)
        self._hour_rows = hour_rows(scenario)
        self._sample_rows = sample_rows(scenario)
        self._count_rows = count_rows(scenario)
        self._numerators: list[Floats] = []
        self._denominators: list[Floats] = []
        self._controls: list[Floats] = []
        self._hours = np.zeros((2, BATCHES, len(self._hour_rows), HOURS))
        self._waits: list[list[Histogram]] = [[EMPTY] * BATCHES for _ in self._sample_rows]
        self._counts: list[list[Histogram]] = [[EMPTY] * BATCHES for _ in self._count_rows]

    @property
    def rows(self) -> tuple[Row, ...]:
        """The summary's rows."""
        return self._rows

    @property
    def count(self) -> int:
        """Replications so far."""
        return len(self._numerators)

    def add(self, tally: Tally, controls: Floats | None = None) -> None:
        """Add the next replication.

        Args:
            tally: its figures.
            controls: what its visitors did beyond what was expected; of all replications or none.
        """
        batch = len(self._numerators) % BATCHES
        self._numerators.append(tally.numerator)
        self._denominators.append(tally.denominator)
        self._controls.append(np.empty(0) if controls is None else controls)
        self._hours[0, batch] += tally.hour_numerator
        self._hours[1, batch] += tally.hour_denominator
        for kept, histogram in zip(self._waits, tally.histograms, strict=True):
            kept[batch] = merge((kept[batch], histogram))
        for kept, histogram in zip(self._counts, tally.counts, strict=True):
            kept[batch] = merge((kept[batch], histogram))

    def estimates(self, numbers: Sequence[int]) -> Floats:
        """Value, lower and upper bound of some of the summary's rows so far: (3, rows)."""
        return estimates(self._rows, self.pooled(), numbers)

    def result(self, seed: int, precision: Precision | None = None) -> StudyResult:
        """What the replications so far say.

        Args:
            seed: the study's.
            precision: how it ended, if it went on until its figures were precise.
        """
        return study_result(seed, self._rows, self._hour_rows, self.pooled(), precision)

    def pooled(self) -> Pooled:
        """All replications so far."""
        batches = min(len(self._numerators), BATCHES)
        return Pooled(
            numerators=np.array(self._numerators),
            denominators=np.array(self._denominators),
            hour_numerators=self._hours[0, :batches],
            hour_denominators=self._hours[1, :batches],
            samples={
                row: tuple(kept[:batches])
                for row, kept in zip(self._sample_rows, self._waits, strict=True)
            },
            counts={
                row: tuple(kept[:batches])
                for row, kept in zip(self._count_rows, self._counts, strict=True)
            },
            controls=np.array(self._controls),
        )
