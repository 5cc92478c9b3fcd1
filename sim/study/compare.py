"""What options change: every figure's difference to the base, with its interval and verdict.

All options meet the same people, replication by replication. With several options the intervals
of a figure hold together: each has confidence 1 − .05 / k, so that all k of them cover with at
least .95 (Bonferroni; Law, Simulation Modeling and Analysis, section 10.3, "Comparisons with a
standard").
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from math import isnan, nan
from typing import NamedTuple

import pandas as pd

from sim.measures import Row
from sim.study.compare_changes import Change, changes, rota_changes, same_course
from sim.study.compare_matters import Matter, matter_of
from sim.study.compare_pairs import Key, Studied, differences, key_of
from sim.study.compare_verdict import Finding, Verdict, replications_to_tell, verdict
from sim.study.intervals import LEVEL
from sim.study.paired import UNSEEN

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
class Line:
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
    lines: tuple[Line, ...]
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

    def of(self, key: Key) -> tuple[Line, ...]:
        """The lines of one figure, option by option."""
        return self._by_key.get(key, ())

    @cached_property
    def _by_key(self) -> dict[Key, tuple[Line, ...]]:
        found: dict[Key, tuple[Line, ...]] = {}
        for line in self.lines:
            found[key_of(line.row)] = (*found.get(key_of(line.row), ()), line)
        return found


def compare(
    base: Studied,
    options: Sequence[Studied],
    margins: Mapping[tuple[str, str], float] | None = None,
) -> Comparison:
    """Compare alternatives with a base that met the same people.

    Args:
        base: what the others are compared with.
        options: one or more, of the same seed and number of replications, each of another name.
        margins: smallest differences that matter, by metric and statistic, instead of the usual.

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
    by_option = [
        {key_of(line.row): line for line in _lines(base, one, level, margins or {})}
        for one in options
    ]
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


class _Apart(NamedTuple):
    """One element of a `Difference`."""

    value: float = nan
    low: float = nan
    high: float = nan
    unpaired: float = nan
    rate: float = nan


def _lines(
    base: Studied, option: Studied, level: float, margins: Mapping[tuple[str, str], float]
) -> Iterator[Line]:
    shared = [key for key in base.numbers if option.unit(key) == base.unit(key)]
    found = differences(base, option, shared, level)
    apart = {key: _Apart(*(float(one[place]) for one in found)) for place, key in enumerate(shared)}
    surely_alike = same_course(changes(base.scenario, option.scenario))
    for key in dict.fromkeys((*base.numbers, *option.numbers)):
        has = base if key in base.numbers else option
        row = has.result.rows[has.numbers[key]]
        matter, here = matter_of(row, margins), apart.get(key, _Apart())
        if matter.rare and here.low == here.high and not surely_alike:
            here = here._replace(low=nan, high=nan)
        yield _line(row, base, option, here, matter)


def _line(row: Row, base: Studied, option: Studied, apart: _Apart, matter: Matter) -> Line:
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
    return Line(
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
