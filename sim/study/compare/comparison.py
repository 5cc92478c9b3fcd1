"""What options change: every figure's difference to the base, with its interval and verdict.

All options meet the same people, replication by replication. With several options the intervals
of a figure hold together: each has confidence 1 − .05 / k, so that all k of them cover with at
least .95 (Bonferroni; Law, Simulation Modeling and Analysis, section 10.3, "Comparisons with a
standard").

At equal cost: rostered hours and their cost follow from the rota, so they are known without error,
and a difference and its interval are divided by the difference in hours or money. An option that
takes hours away is read the same way, as what each of them had brought.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from math import isnan, nan

import numpy as np
import pandas as pd

from sim.measures import Interval, Row, SampleRow
from sim.scenario.model.hours import HOURS_OF_WEEK
from sim.scenario.model.scenario import Scenario
from sim.study.compare.matters import (
    Better,
    Finding,
    Matter,
    Verdict,
    matter_of,
    replications_to_tell,
    verdict,
)
from sim.study.compare.options import Change, changes, rota_changes, same_course
from sim.study.estimate.intervals import LEVEL, UNKNOWN, Estimate, ratio
from sim.study.estimate.paired import (
    ROOT,
    UNSEEN,
    Difference,
    Differences,
    Pairs,
    count_difference,
    quantile_difference,
    ratio_difference,
    share_difference,
)
from sim.study.estimate.summary import Key, StudyResult, key_of
from sim.study.run.workers import Progress, silent

# --- two studies --------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Studied:
    """One option and what a study of it found."""

    name: str
    """What it is called in this comparison."""
    scenario: Scenario
    result: StudyResult

    @property
    def numbers(self) -> dict[Key, int]:
        """Where each figure stands among the result's rows."""
        return self.result.figures.numbers

    def value(self, key: Key) -> float:
        """A figure; NaN if this option has none such."""
        return self.result.figures.of(*key).value

    def unit(self, key: Key) -> str | None:
        """Of a figure, such as `EUR/week`; None if this option has none such."""
        return self.result.figures.unit_of(*key)


NO_MARGINS: Mapping[tuple[str, str], float] = {}
"""Smallest differences that matter are the usual ones."""


def differences(base: Studied, other: Studied, keys: Sequence[Key], level: float) -> Differences:
    """Differences, other minus base, of some figures that both have, with paired intervals.

    Args:
        base: the option that the other is compared with.
        other: of the same seed and number of replications.
        keys: which figures.
        level: confidence of each interval by itself.
    """
    rows = [base.result.rows[base.numbers[key]] for key in keys]
    exact = same_course(changes(base.scenario, other.scenario))
    found = np.full((len(Differences._fields), len(keys)), np.nan)
    for interval in dict.fromkeys(row.interval for row in rows):
        places = [place for place, row in enumerate(rows) if row.interval is interval]
        if interval is Interval.QUANTILE:
            for place in places:
                found[:, place] = _quantile(base, other, rows[place], level)
            continue
        ones, twos = (_pairs(one, [keys[place] for place in places]) for one in (base, other))
        found[:, places] = _difference(interval, ones, twos, level, exact=exact)
    return Differences(*found)


def _difference(
    interval: Interval, base: Pairs, other: Pairs, level: float, *, exact: bool
) -> Differences:
    if interval is Interval.HIGHEST:
        apart = other.numerator.max(axis=0) - base.numerator.max(axis=0)
        nothing = np.full_like(apart, np.nan)
        return Differences(apart, nothing, nothing, nothing, nothing)
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


# --- every figure beside the base's -------------------------------------------------------------

COLUMNS = (
    "metric",
    "statistic",
    "by",
    "option",
    "base_value",
    "value",
    "difference",
    "ci_low",
    "ci_high",
    "verdict",
    "unit",
    "replications",
)
"""Columns of the table of a comparison."""


@dataclass(frozen=True)
class ComparedFigure:
    """One figure of one option, beside that of the base."""

    row: Row
    option: str
    base_value: float
    """NaN where the base has no such figure."""
    value: float
    difference: float
    low: float
    high: float
    unpaired: float
    """Half-width that the interval would have had, had the two met different people."""
    matter: Matter
    verdict: Verdict
    unmoved: bool = False
    """Whether both are alike in every replication, so that what the interval holds is no more
    than could have stayed unseen: no draw has moved it."""

    @property
    def width_ratio(self) -> float:
        """Unpaired ÷ paired width of the interval; NaN where one of them is 0 or unknown."""
        half = (self.high - self.low) / 2
        return self.unpaired / half if half > 0 and self.unpaired > 0 else nan


@dataclass(frozen=True, eq=False)
class Comparison:
    """What a base and its alternatives differ in."""

    base: Studied
    options: tuple[Studied, ...]
    """The alternatives."""
    changes: Mapping[str, tuple[Change, ...]]
    """By option: how its scenario differs from the base's."""
    level: float
    """Confidence of each interval by itself; those of one figure hold together with LEVEL."""
    lines: tuple[ComparedFigure, ...]
    """Figure by figure in the order of the summary: safety, access, staff, cost."""

    @property
    def rotas_differ(self) -> bool:
        """Whether any option has another rota than the base."""
        return any(rota_changes(found) for found in self.changes.values())

    @cached_property
    def table(self) -> pd.DataFrame:
        """The columns of COLUMNS, one row per figure and option."""
        count = self.base.result.count
        return pd.DataFrame(
            [
                (
                    *key_of(line.row),
                    line.option,
                    line.base_value,
                    line.value,
                    line.difference,
                    line.low,
                    line.high,
                    line.verdict.words,
                    line.row.unit,
                    count,
                )
                for line in self.lines
            ],
            columns=list(COLUMNS),
        )

    def of(self, key: Key) -> tuple[ComparedFigure, ...]:
        """The lines of one figure, option by option."""
        return self._by_key.get(key, ())

    @cached_property
    def _by_key(self) -> dict[Key, tuple[ComparedFigure, ...]]:
        found: dict[Key, tuple[ComparedFigure, ...]] = {}
        for line in self.lines:
            found[key_of(line.row)] = (*found.get(key_of(line.row), ()), line)
        return found


def compare(
    base: Studied,
    options: Sequence[Studied],
    margins: Mapping[tuple[str, str], float] | None = None,
    progress: Progress = silent,
    only: Sequence[Key] | None = None,
) -> Comparison:
    """Compare alternatives with a base that met the same people.

    Args:
        base: what the others are compared with.
        options: one or more, of the same seed and number of replications, each of another name.
        margins: smallest differences that matter, by metric and statistic, instead of the usual.
        progress: is told of every option compared.
        only: the figures that are wanted, which come out as if all were; without it all of them.

    Raises:
        ValueError: an option met other people, or there is none.
    """
    if not options or any(
        (one.result.seed, one.result.count) != (base.result.seed, base.result.count)
        for one in options
    ):
        raise ValueError("compares options of the same seed and number of replications")
    level = 1 - (1 - LEVEL) / len(options)
    changed = {one.name: changes(base.scenario, one.scenario) for one in options}
    by_option: list[dict[Key, ComparedFigure]] = []
    for one in options:
        progress(len(by_option), len(options))
        lines_of = beside(base, one, level, margins or {}, only)
        by_option.append({key_of(line.row): line for line in lines_of})
    return Comparison(
        base=base,
        options=tuple(options),
        changes=changed,
        level=level,
        lines=tuple(
            lines[key] for key in _order(base, options) for lines in by_option if key in lines
        ),
    )


def _order(base: Studied, options: Sequence[Studied]) -> list[Key]:
    """All rows; those that the base has not stand after the last of their metric."""
    last = {key[0]: number for key, number in base.numbers.items()}
    places = {key: (float(number), 0) for key, number in base.numbers.items()}
    for one in options:
        for key, number in one.numbers.items():
            after = last.get(key[0], len(last)) + 0.5
            places.setdefault(key, (after, number))
    return sorted(places, key=lambda key: places[key])


def beside(
    base: Studied,
    option: Studied,
    level: float,
    margins: Mapping[tuple[str, str], float] = NO_MARGINS,
    keys: Sequence[Key] | None = None,
) -> Iterator[ComparedFigure]:
    """Figures of an option beside those of a base that met the same people.

    Args:
        base: what it is compared with.
        option: of the same seed and number of replications.
        level: confidence of each interval by itself.
        margins: smallest differences that matter instead of the usual.
        keys: which figures, as far as either has them; without, all.
    """
    wanted = [
        key
        for key in dict.fromkeys((*base.numbers, *option.numbers))
        if keys is None or key in keys
    ]
    shared = [key for key in wanted if key in base.numbers and option.unit(key) == base.unit(key)]
    found = differences(base, option, shared, level)
    apart = {key: found.at(place) for place, key in enumerate(shared)}
    surely_alike = same_course(changes(base.scenario, option.scenario))
    for key in wanted:
        has = base if key in base.numbers else option
        row = has.result.rows[has.numbers[key]]
        matter, here = matter_of(row, margins), apart.get(key, Difference())
        if matter.rare and here.low == here.high and not surely_alike:
            here = here._replace(low=nan, high=nan)
        yield _figure(row, base, option, here, matter)


def _figure(
    row: Row, base: Studied, option: Studied, apart: Difference, matter: Matter
) -> ComparedFigure:
    base_value, value = base.value(key_of(row)), option.value(key_of(row))
    margin = matter.margin_of(0.0 if isnan(base_value) else base_value)
    judged = verdict(apart.value, apart.low, apart.high, matter.better, margin)
    if matter.rare and isnan(apart.low) and not isnan(apart.unpaired):
        judged = Verdict(Finding.UNSURE)
    elif judged.finding is Finding.UNSURE:
        half = (apart.high - apart.low) / 2
        more = replications_to_tell(apart.value, half, margin, base.result.count, apart.rate)
        judged = replace(judged, more=more)
    if matter.money:
        judged = judged.of_money()
    return ComparedFigure(
        row=row,
        option=option.name,
        base_value=base_value,
        value=value,
        difference=apart.value,
        low=apart.low,
        high=apart.high,
        unpaired=apart.unpaired,
        matter=matter,
        verdict=judged,
        unmoved=apart.value == 0 and apart.rate == UNSEEN and apart.low < apart.high,
    )


# --- hour by hour -------------------------------------------------------------------------------

HOUR_METRICS = ("wait_mean", "unserved", "waiting", "places_occupied", "intake_paused")
"""Metrics of the by-hour table that are compared, each of the whole site."""
_ALL = "all"
HOUR_COLUMNS = (
    *("metric", "by", "option", "hour_of_week", "base_value", "value", "difference"),
    *("ci_low", "ci_high", "unit", "replications"),
)


def hours_table(comparison: Comparison) -> pd.DataFrame:
    """Differences, option minus base, for each hour of the week: the columns of HOUR_COLUMNS.

    Intervals are the jackknife's over paired batches of replications, of each hour by itself: of
    168 hours some eight leave 0 out by chance.
    """
    parts = [
        part
        for metric in HOUR_METRICS
        for option in comparison.options
        for part in _hour_part(comparison.base, option, metric)
    ]
    return (
        pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=list(HOUR_COLUMNS))
    )


def _hour_part(base: Studied, option: Studied, metric: str) -> Iterator[pd.DataFrame]:
    before, after = _hour_pairs(base, metric), _hour_pairs(option, metric)
    if before is None or after is None:
        return
    found = ratio_difference(before, after)
    columns = {
        "metric": metric,
        "by": _ALL,
        "option": option.name,
        "hour_of_week": np.arange(HOURS_OF_WEEK),
        "base_value": ratio(*before).value,
        "value": ratio(*after).value,
        "difference": found.value,
        "ci_low": found.low,
        "ci_high": found.high,
        "unit": next(row.unit for row in base.result.hour_rows if row.metric == metric),
        "replications": base.result.count,
    }
    yield pd.DataFrame(columns, columns=list(HOUR_COLUMNS))


def _hour_pairs(one: Studied, metric: str) -> Pairs | None:
    """A metric's hours, batch by batch of replications; None if there is no such metric."""
    rows = enumerate(one.result.hour_rows)
    place = next((n for n, row in rows if (row.metric, row.by) == (metric, _ALL)), None)
    pooled = one.result.pooled
    if place is None:
        return None
    return Pairs(pooled.hour_numerators[:, place], pooled.hour_denominators[:, place])


# --- at equal cost ------------------------------------------------------------------------------

STAFF_HOURS: Key = ("rostered", "hours_per_week", "all")
COST_PER_WEEK: Key = ("cost", "per_week", "all")
_NOISE = 1e-9
_EFFORT = {"rostered", "cost", "wte"}


@dataclass(frozen=True)
class EqualCost:
    """One figure of one option, per extra hour and per extra unit of money."""

    row: Row
    option: str
    extra_hours: float
    """Staff hours a week that the option has more than the base."""
    extra_cost: float
    """Money a week that it costs more."""
    per_hour: Estimate
    """Difference in the figure per extra staff hour a week."""
    per_cost: Estimate
    """Difference in the figure per extra unit of money a week."""


def equal_cost(comparison: Comparison) -> tuple[EqualCost, ...]:
    """All figures with a better direction, of the options that have another rota or pay.

    Args:
        comparison: of sites with staff; without, there is nothing to divide by.
    """
    return tuple(_equal_cost(comparison))


def _equal_cost(comparison: Comparison) -> Iterator[EqualCost]:
    extra = {
        one.name: (
            _extra(comparison.base, one, STAFF_HOURS),
            _extra(comparison.base, one, COST_PER_WEEK),
        )
        for one in comparison.options
    }
    for line in comparison.lines:
        hours, cost = extra[line.option]
        told = line.matter.better is not Better.NEITHER and line.row.metric not in _EFFORT
        if told and not isnan(line.difference) and (_is_some(hours) or _is_some(cost)):
            yield EqualCost(line.row, line.option, hours, cost, _per(line, hours), _per(line, cost))


def _extra(base: Studied, option: Studied, key: Key) -> float:
    if option.unit(key) != base.unit(key):  # such as another currency
        return nan
    before, after = base.value(key), option.value(key)
    return 0.0 if abs(after - before) <= _NOISE * abs(before) else after - before


def _is_some(amount: float) -> bool:
    return amount != 0 and not isnan(amount)


def _per(line: ComparedFigure, amount: float) -> Estimate:
    if not _is_some(amount):
        return UNKNOWN
    low, high = sorted((line.low / amount, line.high / amount))
    return Estimate(line.difference / amount, low, high)
