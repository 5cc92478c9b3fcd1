"""Options at equal cost: what an extra staff hour, or an extra unit of money, brings.

Rostered hours and their cost follow from the rota, so they are known without error: a difference
and its interval are divided by the difference in hours or money. An option that takes hours away
is read the same way, as what each of them had brought.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import isnan, nan

from sim.measures import Row
from sim.study.compare import Comparison, Line
from sim.study.compare_matters import Better
from sim.study.compare_pairs import Key, Studied

HOURS: Key = ("rostered", "hours_per_week", "all")
COST: Key = ("cost", "per_week", "all")
_NOISE = 1e-9
_EFFORT = {"rostered", "cost", "wte"}


@dataclass(frozen=True)
class PerUnit:
    """A difference per unit of something, with its interval; NaN if there is no more or less."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class EqualCost:
    """One figure of one option, per extra hour and per extra unit of money."""

    row: Row
    option: str
    extra_hours: float
    """Staff hours a week that the option has more than the base."""
    extra_cost: float
    """Money a week that it costs more."""
    per_hour: PerUnit
    """Difference in the figure per extra staff hour a week."""
    per_cost: PerUnit
    """Difference in the figure per extra unit of money a week."""


def equal_cost(comparison: Comparison) -> tuple[EqualCost, ...]:
    """All figures with a better direction, of the options that have another rota or pay.

    Args:
        comparison: of sites with staff; without, there is nothing to divide by.
    """
    return tuple(_all(comparison))


def _all(comparison: Comparison) -> Iterator[EqualCost]:
    extra = {
        one.name: (_extra(comparison.base, one, HOURS), _extra(comparison.base, one, COST))
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


def _per(line: Line, amount: float) -> PerUnit:
    if not _is_some(amount):
        return PerUnit(nan, nan, nan)
    low, high = sorted((line.low / amount, line.high / amount))
    return PerUnit(line.difference / amount, low, high)
