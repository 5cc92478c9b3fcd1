"""Differences between the figures of two studies of the same people."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from math import nan

import numpy as np

from sim.measures import Interval, Row, SampleRow
from sim.scenario.model.scenario import Scenario
from sim.study.compare_changes import changes, same_course
from sim.study.paired import (
    ROOT,
    Difference,
    Pairs,
    count_difference,
    quantile_difference,
    ratio_difference,
    share_difference,
)
from sim.study.result import StudyResult

Key = tuple[str, str, str]
"""Metric, statistic and part of a row."""


@dataclass(frozen=True, eq=False)
class Studied:
    """One option and what a study of it found."""

    name: str
    """What it is called in this comparison."""
    scenario: Scenario
    result: StudyResult

    @cached_property
    def numbers(self) -> dict[Key, int]:
        """Where each row stands."""
        return {key_of(row): number for number, row in enumerate(self.result.rows)}

    @cached_property
    def _values(self) -> list[float]:
        return [float(value) for value in self.result.summary["value"]]

    def value(self, key: Key) -> float:
        """A figure; NaN if this option has none such."""
        number = self.numbers.get(key)
        return nan if number is None else self._values[number]

    def unit(self, key: Key) -> str | None:
        """Of a figure, such as `EUR/week`; None if this option has none such."""
        number = self.numbers.get(key)
        return None if number is None else self.result.rows[number].unit


def key_of(row: Row) -> Key:
    """Metric, statistic and part of a row."""
    return row.metric, row.statistic, row.by


def differences(base: Studied, other: Studied, keys: Sequence[Key], level: float) -> Difference:
    """Differences, other minus base, of some figures that both have, with paired intervals.

    Args:
        base: the option that the other is compared with.
        other: of the same seed and number of replications.
        keys: which figures.
        level: confidence of each interval by itself.
    """
    rows = [base.result.rows[base.numbers[key]] for key in keys]
    exact = same_course(changes(base.scenario, other.scenario))
    found = np.full((len(Difference._fields), len(keys)), np.nan)
    for interval in dict.fromkeys(row.interval for row in rows):
        places = [place for place, row in enumerate(rows) if row.interval is interval]
        if interval is Interval.QUANTILE:
            for place in places:
                found[:, place] = _quantile(base, other, rows[place], level)
            continue
        ones, twos = (_pairs(one, [keys[place] for place in places]) for one in (base, other))
        found[:, places] = _difference(interval, ones, twos, level, exact=exact)
    return Difference(*found)


def _difference(
    interval: Interval, base: Pairs, other: Pairs, level: float, *, exact: bool
) -> Difference:
    if interval is Interval.HIGHEST:
        apart = other.numerator.max(axis=0) - base.numerator.max(axis=0)
        nothing = np.full_like(apart, np.nan)
        return Difference(apart, nothing, nothing, nothing, nothing)
    if exact or interval is Interval.RATIO:
        return ratio_difference(base, other, level)
    if interval is Interval.EVENTS:
        return share_difference(base, other, level)
    return count_difference(base, other, level)


def _pairs(one: Studied, keys: Sequence[Key]) -> Pairs:
    columns = [one.numbers[key] for key in keys]
    pooled = one.result.pooled
    return Pairs(pooled.numerators[:, columns], pooled.denominators[:, columns])


def _quantile(
    base: Studied, other: Studied, row: Row, level: float
) -> tuple[float, float, float, float, float]:
    sample = SampleRow(row.metric, row.by)
    ones, twos = (one.result.pooled.samples[sample] for one in (base, other))
    return *quantile_difference(ones, twos, row.probability, level), ROOT
