"""Who comes when: visits an hour of the week over the hours that were open and logged.

Rate = hour-of-day shape × weekday factor × level. On five years of hourly arrivals at an emergency
department this predicts the four weeks that follow better than 168 free cells do, for logs up to 16
weeks; on longer ones the cells are taken if they predict weeks that were left out better.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from scipy import special

from sim.fit.estimates.counts import Counted
from sim.fit.reading.calendar import HOURS, Calendar
from sim.fit.reading.register import Bools, Floats, Ints
from sim.scenario.derived.calendar import open_minutes, ordinary, rates_of
from sim.scenario.model.hours import DAY, HOUR, WEEK
from sim.scenario.model.scenario import Scenario
from sim.study.estimate.intervals import LEVEL, Estimate

_WEEK_DAYS = 7
_FEW_VISITS = 10
"""In an hour of the day, below which its neighbours are asked too."""
_ROUNDS, _SAME = 50, 1e-12
_CELLS_FROM = 16
"""Weeks from which on 168 cells may be better."""
_FOLDS = 5
_FEWEST_SPECIAL = 3
"""Special days from which on their factor is fitted."""
_SPECIAL_ROUNDS = 6
_TREND = 0.1
"""Change over the log that is told, if it is more than chance."""
_LATEST = 28
"""Days of whose level a log with a trend has."""
_Z = float(special.ndtri((1 + LEVEL) / 2))
_SURE = 2.0
"""Standard errors beyond which something is no chance."""


@dataclass(frozen=True, eq=False)
class Week:
    """Visits per hour over the week, and how they were found."""

    rate: Floats
    """(7, 24)"""
    method: str
    """`product`, `cells`, `weekday` or `scaled`: a word of the catalogue."""
    weekday: Floats
    """Factor of each weekday, mean 1."""
    shrink: float = 0.0
    """Share of the differences between weekdays that is more than chance."""

    def expected(self, counted: Counted) -> Floats:
        """Visits expected on each day."""
        found: Floats = (self.rate[counted.weekday] * counted.exposure).sum(axis=1)
        return found


def _divided(over: Floats, under: Floats) -> Floats:
    return np.divide(over, under, out=np.zeros_like(over), where=under > 0)


def product_week(data: Counted, open_hours: Floats) -> Week:
    """Hour-of-day shape times weekday factor times level, by likelihood; weekdays shrunk.

    Args:
        data: visits and exposure.
        open_hours: (7, 24): share of each hour of an ordinary week that the site is open.
    """
    by_day = np.zeros((_WEEK_DAYS, HOURS)), np.zeros((_WEEK_DAYS, HOURS))
    np.add.at(by_day[0], data.weekday, data.visits)
    np.add.at(by_day[1], data.weekday, data.exposure)
    visits, exposure = by_day
    known = exposure.sum(axis=1) > 0
    weekday, shape = np.ones(_WEEK_DAYS), np.zeros(HOURS)
    for _ in range(_ROUNDS):
        before = weekday
        shape = _shape(visits.sum(axis=0), (exposure * weekday[:, np.newaxis]).sum(axis=0))
        weekday = np.where(known, _divided(visits.sum(axis=1), exposure @ shape), 1.0)
        mean = weekday[known].mean()
        weekday = np.where(known, weekday / mean if mean > 0 else 1.0, 1.0)
        if np.abs(weekday - before).max() < _SAME:
            break
    shrink = _shrinkage(weekday, data, shape)
    weekday = 1 + shrink * (weekday - 1)
    level = _divided(
        data.visits.sum(), ((data.exposure * shape).sum(axis=1) @ weekday[data.weekday])
    )
    rate = np.outer(weekday, shape) * float(level) * (open_hours > 0)
    return Week(rate, "product", weekday, shrink)


def _shape(visits: Floats, exposure: Floats) -> Floats:
    """Visits an hour of each hour of the day; where they are few, with those beside it."""
    found = _divided(visits, exposure)
    for hour in np.flatnonzero((visits < _FEW_VISITS) & (exposure > 0)):
        near = [one % HOURS for one in (hour - 1, hour, hour + 1)]
        found[hour] = visits[near].sum() / exposure[near].sum()
    return found


def _shrinkage(raw: Floats, data: Counted, shape: Floats) -> float:
    """Share of the spread of weekday factors that is beyond the chance in them."""
    totals = data.visits.sum(axis=1)
    expected = (data.exposure * shape).sum(axis=1) * raw[data.weekday]
    days = np.bincount(data.weekday[expected > 0], minlength=_WEEK_DAYS)
    known = days > 0
    if known.sum() <= 1 or expected.sum() <= 0:
        return 0.0
    level = totals.sum() / expected.sum()
    relative = _divided(totals, expected * level)[expected > 0]
    chance = (
        np.var(relative, ddof=1) if len(relative) > _WEEK_DAYS else 1 / max(totals.mean(), 1e-9)
    )
    error = chance * raw[known] ** 2 / days[known]
    spread = float(np.var(raw[known], ddof=1))
    return max(0.0, 1 - float(error.mean()) / spread) if spread > 0 else 0.0


def cells_week(data: Counted, open_hours: Floats) -> Week:
    """168 cells, each its own count over its own exposure."""
    visits, exposure = np.zeros((_WEEK_DAYS, HOURS)), np.zeros((_WEEK_DAYS, HOURS))
    np.add.at(visits, data.weekday, data.visits)
    np.add.at(exposure, data.weekday, data.exposure)
    rate = _divided(visits, exposure) * (open_hours > 0)
    days = (rate * (open_hours > 0)).sum(axis=1)
    return Week(rate, "cells", days / max(days.mean(), 1e-9), 1.0)


def deviance(data: Counted, week: Week) -> float:
    """How badly rates predict counts: the Poisson deviance."""
    mean = np.maximum((week.rate[data.weekday] * data.exposure)[data.exposure > 0], 1e-6)
    seen = data.visits[data.exposure > 0]
    return float(2 * (special.xlogy(seen, seen / mean) - (seen - mean)).sum())


def best_week(data: Counted, open_hours: Floats) -> Week:
    """The product, or 168 cells where the log is long and they predict weeks left out better."""
    product = product_week(data, open_hours)
    weeks = len(data.weekday) // _WEEK_DAYS
    if weeks < _CELLS_FROM:
        return product
    fold = np.arange(len(data.weekday)) // _WEEK_DAYS % _FOLDS
    parts = [(data.days(fold != one), data.days(fold == one)) for one in range(_FOLDS)]
    lost = [
        sum(deviance(out, make(rest, open_hours)) for rest, out in parts)
        for make in (product_week, cells_week)
    ]
    return cells_week(data, open_hours) if lost[1] < lost[0] else product


def scaled_week(data: Counted, open_hours: Floats, site: Floats, *, by_weekday: bool) -> Week:
    """The hours of the site's file, with the level of the log, and its weekdays if it has them.

    Args:
        data: visits and exposure.
        open_hours: of an ordinary week.
        site: (7, 24): visits an hour by the site's file.
        by_weekday: whether the weekdays are fitted.
    """
    per_day = Week(site, "", np.ones(_WEEK_DAYS)).expected(data)
    factor = np.full(_WEEK_DAYS, float(_divided(data.visits.sum(), per_day.sum())))
    raw, shrink = np.ones(_WEEK_DAYS), 0.0
    if by_weekday:
        totals = data.visits.sum(axis=1)
        sums = np.array([np.bincount(data.weekday, one, 7) for one in (totals, per_day)])
        raw = np.where(sums[1] > 0, _divided(sums[0], sums[1] * factor), 1.0)
        shrink = _shrinkage(raw, data, np.ones(HOURS))
        raw = 1 + shrink * (raw - 1)
    rate = site * (factor * raw)[:, np.newaxis] * (open_hours > 0)
    return Week(rate, "weekday" if by_weekday else "scaled", raw, shrink)


# --- days that differ ---------------------------------------------------------------------------


def day_to_day_cv(totals: Floats, expected: Floats, fitted: float = 0.0) -> Estimate:
    """How much days differ beyond chance, by moments; the interval by chi-square.

    Args:
        totals: visits of each day.
        expected: of each day.
        fitted: how many numbers were fitted beside the level.
    """
    known = expected > 0
    totals, expected = totals[known], expected[known]
    days, total, squares = len(totals), expected.sum(), (expected**2).sum()
    freedom = days - 1 - fitted
    if freedom < 1 or squares <= 0:
        return Estimate()
    dispersion = float(((totals - expected) ** 2).sum() * days / freedom / total)
    tail = (1 - LEVEL) / 2
    bounds = [dispersion * freedom / special.chdtri(freedom, p) for p in (tail, 1 - tail)]
    return Estimate(
        *(math.sqrt(max(0.0, (one - 1) * total / squares)) for one in (dispersion, *bounds))
    )


def excess(totals: Floats, expected: Floats, freedom: float) -> float:
    """The square of the CV by which days differ beyond chance; negative if by less than chance."""
    known = expected > 0
    totals, expected = totals[known], expected[known]
    dispersion = float(((totals - expected) ** 2).sum() * len(totals) / freedom / expected.sum())
    return (dispersion - 1) * float(expected.sum() / (expected**2).sum())


@dataclass(frozen=True, eq=False)
class Demand:
    """What a log says of who comes when."""

    week: Week
    a_day: Estimate
    """Visits on a mean ordinary day."""
    cv: Estimate
    special: Mapping[str, Estimate]
    """Factor of special days, by name; those of which the log has too few are not among them."""
    trend: float
    """Change from the first to the last day, as a share; NaN where none is to be seen."""
    crowd: Estimate
    """Share of a day's visits at the door when it opens; NaN where the log cannot tell."""
    days: int
    visits: int

    def empty_hours(self, open_hours: Floats) -> int:
        """Hours of the week that are open and in which nobody came."""
        return int(((self.week.rate == 0) & (open_hours > 0)).sum())


class Way(NamedTuple):
    """How demand is fitted."""

    step: float
    """Minutes to which arrivals are known; a day where only the date is."""
    latest: bool
    """Whether the level of a log with a trend is that of its last weeks."""
    method: str = ""
    """Of the week, where it is chosen already: `product` or `cells`."""


def fit_demand(
    arrived: Floats, data: Counted, calendar: Calendar, site: Scenario, way: Way
) -> Demand:
    """What a log says of who comes when.

    Args:
        arrived: of each visit.
        data: the same, counted.
        calendar: when the site was open.
        site: whose special days, and hours where the log has none, are taken.
        way: how it is done.
    """
    open_hours = open_week(site)
    crowd = _crowd(arrived, data, calendar) if way.step <= _CROWD_STEP else Estimate()
    data = _without_crowd(data, calendar, crowd)
    week, scaled, special_found = _week_and_special_days(data, calendar, site, way)
    logged = scaled.days(scaled.logged)
    totals, expected = logged.visits.sum(axis=1), week.expected(logged)
    trend = _trend(totals, expected)
    expected_then = expected * _drift(totals, expected, trend)
    days = len(totals)
    if way.latest and not math.isnan(trend) and days > _LATEST:
        days = _LATEST
        level = float(totals[-days:].sum() / expected[-days:].sum())
        week = replace(week, rate=week.rate * level)
    days -= _days_of(special_found, site, calendar)
    fitted = len(special_found) + (6 * week.shrink if week.method != "scaled" else 0.0)
    error = _relative_error(totals, expected_then, fitted, days)
    a_day = float((week.rate * open_hours).sum() / _WEEK_DAYS)
    return Demand(
        week,
        Estimate(a_day, a_day * math.exp(-error), a_day * math.exp(error)),
        day_to_day_cv(totals, expected_then, fitted),
        special_found,
        trend,
        crowd,
        len(totals),
        int(data.visits.sum().round()),
    )


def _week_and_special_days(
    data: Counted, calendar: Calendar, site: Scenario, way: Way
) -> tuple[Week, Counted, dict[str, Estimate]]:
    """The week, the exposure with special days in it, and their factors, found in turn."""
    factors, seen = _special_days(site, calendar)
    found: dict[str, Estimate] = {}
    open_hours = open_week(site)
    scaled = replace(data, exposure=data.exposure * _of_days(factors, seen)[:, np.newaxis])
    week = _week_of(scaled, open_hours, site, way)
    for _ in range(_SPECIAL_ROUNDS if seen else 0):
        found = _special_factors(scaled, week, factors, seen)
        factors |= {name: one.value for name, one in found.items()}
        scaled = replace(data, exposure=data.exposure * _of_days(factors, seen)[:, np.newaxis])
        week = _week_of(scaled, open_hours, site, way)
    return week, scaled, found


def _drift(totals: Floats, expected: Floats, trend: float) -> Floats:
    """What a trend multiplies the visits of each day by."""
    if math.isnan(trend):
        return np.ones(len(totals))
    found: Floats = np.exp(math.log1p(trend) * np.linspace(-0.5, 0.5, len(totals)))
    found *= totals.sum() / (expected * found).sum()
    return found


def _week_of(data: Counted, open_hours: Floats, site: Scenario, way: Way) -> Week:
    logged = data.days(data.logged)
    if len(logged.weekday) >= _WEEK_DAYS and way.step <= HOUR:
        made = {"product": product_week, "cells": cells_week}.get(way.method, best_week)
        return made(logged, open_hours)
    by_file = site_week(site)
    if by_file.sum() <= 0:
        by_file = open_hours
    by_weekday = len(logged.weekday) >= _WEEK_DAYS
    return scaled_week(logged, open_hours, by_file, by_weekday=by_weekday)


def open_week(site: Scenario) -> Floats:
    """(7, 24): share of each hour of an ordinary week in which the site lets people in."""
    is_open = open_minutes(site, WEEK)
    last = int(site.opening.last_entry)
    # Until last call: it is still open so many minutes later, and never shut between.
    shut = np.concatenate([[0], np.cumsum(~np.concatenate([is_open, is_open[: last + 1]]))])
    lets_in = shut[last + 1 : last + 1 + WEEK] == shut[:WEEK]
    found: Floats = lets_in.reshape(_WEEK_DAYS, HOURS, HOUR).mean(axis=2)
    return found


def site_week(site: Scenario) -> Floats:
    """(7, 24): visits an hour by the site's file; zeros where it lists its visits."""
    if site.demand.arrivals is not None:
        return np.zeros((_WEEK_DAYS, HOURS))
    rates = rates_of(ordinary(site)).ordinary[-_WEEK_DAYS:]
    found: Floats = rates.reshape(_WEEK_DAYS, HOURS, -1).mean(axis=2)
    return found


def _relative_error(totals: Floats, expected: Floats, fitted: float, days: int) -> float:
    """Half-width of the interval of the level, on its logarithm.

    Args:
        totals: visits of each day.
        expected: of each day.
        fitted: how many numbers were fitted beside the level.
        days: over how many days the level is a mean.
    """
    relative, freedom = totals / expected, len(totals) - 1 - fitted
    if freedom < 1:
        return _Z / math.sqrt(max(totals.sum(), 1.0))
    spread = math.sqrt(float(((relative - relative.mean()) ** 2).sum()) / freedom)
    spread = max(spread, 1 / math.sqrt(max(totals.mean(), 1e-9)))
    return float(special.stdtrit(freedom, (1 + LEVEL) / 2)) * spread / math.sqrt(days)


def _trend(totals: Floats, expected: Floats) -> float:
    """Change over the log, as a share; NaN if it is small or may be chance."""
    days = len(totals)
    if days < 2 * _WEEK_DAYS:
        return math.nan
    at = np.linspace(-0.5, 0.5, days)
    relative = totals / expected
    slope = float((at * (relative - relative.mean())).sum() / (at**2).sum() / relative.mean())
    rest = relative / relative.mean() - 1 - slope * at
    error = float(np.sqrt((rest**2).sum() / (days - 2) / (at**2).sum()))
    change = (1 + slope / 2) / max(1 - slope / 2, 1e-9) - 1
    return change if abs(change) > _TREND and abs(slope) > _SURE * error else math.nan


# --- special days -------------------------------------------------------------------------------


def _special_days(site: Scenario, calendar: Calendar) -> tuple[dict[str, float], dict[str, Bools]]:
    """The factor of each sort of special days by the site's file, and which days they are."""
    factors, seen = dict[str, float](), dict[str, Bools]()
    for number, one in enumerate(site.demand.special_days):
        name = one.name or str(number)
        factors[name] = one.visits
        seen[name] = np.array([one.falls_on(on) for on in calendar.dates], dtype=np.bool_)
    return factors, seen


def _days_of(found: Mapping[str, Estimate], site: Scenario, calendar: Calendar) -> int:
    """How many days have a factor of their own that was found: they say nothing of the level."""
    seen = _special_days(site, calendar)[1]
    return sum(int(seen[name].sum()) for name in found)


def _of_days(factors: Mapping[str, float], seen: Mapping[str, Bools]) -> Floats:
    """What special days multiply the visits of each day by."""
    found = np.ones(len(next(iter(seen.values()))) if seen else 1)
    for name, days in seen.items():
        found = found * np.where(days, factors[name], 1.0)
    return found


def _special_factors(
    scaled: Counted, week: Week, factors: Mapping[str, float], seen: Mapping[str, Bools]
) -> dict[str, Estimate]:
    """The factors of which the log has days enough."""
    expected, totals = week.expected(scaled), scaled.visits.sum(axis=1)
    found = {}
    for name, days in seen.items():
        on, other = days & (expected > 0), ~days & (expected > 0)
        if on.sum() < _FEWEST_SPECIAL or not other.any() or factors[name] <= 0:
            continue  # a log of special days alone cannot tell what is usual
        value = factors[name] * totals[on].sum() / expected[on].sum()
        lost = 1 + (_WEEK_DAYS - 1) * week.shrink
        freedom = max(float(other.sum()) - lost, 1.0)
        relative = totals[other] / expected[other]
        apart = float(((relative - relative.mean()) ** 2).sum()) if other.sum() > 1 else 1.0
        known = 1 / on.sum() + _of_weekdays(scaled.weekday, on, other, week.shrink)
        half = float(special.stdtrit(freedom, (1 + LEVEL) / 2)) * math.sqrt(apart / freedom * known)
        found[name] = Estimate(value, value * math.exp(-half), value * math.exp(half))
    return found


def _of_weekdays(weekday: Ints, on: Bools, other: Bools, shrink: float) -> float:
    """Variance that special days have from those with which they are compared.

    In days' variances: with weekdays that are fitted these are the others of the same weekdays.
    """
    share = np.bincount(weekday[on], minlength=_WEEK_DAYS) / on.sum()
    alike = np.maximum(np.bincount(weekday[other], minlength=_WEEK_DAYS), 1)
    return shrink * float((share**2 / alike).sum()) + (1 - shrink) / max(int(other.sum()), 1)


# --- the crowd at the opening -------------------------------------------------------------------

_CROWD_STEP = 5.0
_AT_ONCE, _AFTER = 5.0, 30.0
"""Minutes after the opening in which the crowd comes, and until which others tell the rate."""
_CROWD_SURE = 3.0


def _crowd(arrived: Floats, data: Counted, calendar: Calendar) -> Estimate:
    """Share of a day's visits in the first five minutes beyond the rate of the next 25."""
    opens = [start for start, end in calendar.spans if end - start >= _AFTER and start % DAY]
    logged = data.logged
    opens = [one for one in opens if logged[min(int(one // DAY), len(logged) - 1)]]
    if not opens:
        return Estimate()
    since = arrived - np.array([0.0, *opens])[np.searchsorted(opens, arrived, side="right")]
    near = arrived >= opens[0]
    first = int((near & (since < _AT_ONCE)).sum())
    later = int((near & (since >= _AT_ONCE) & (since < _AFTER)).sum())
    share_of_later = _AT_ONCE / (_AFTER - _AT_ONCE)
    beyond, total = first - later * share_of_later, float(data.visits.sum())
    error = math.sqrt(first + later * share_of_later**2)
    if total <= 0 or beyond <= _CROWD_SURE * error:
        return Estimate(0.0, 0.0, max(0.0, beyond + _Z * error) / max(total, 1.0))
    return Estimate(*((beyond + by * error) / total for by in (0, -_Z, _Z)))


def _without_crowd(data: Counted, calendar: Calendar, crowd: Estimate) -> Counted:
    """The visits as they would come without a crowd, which takes its share of all hours."""
    # Of a log in which everybody comes at the opening nobody is left to come otherwise.
    if not crowd.is_known or not 0 < crowd.value < 1:
        return data
    visits, total = data.visits.copy(), data.visits.sum()
    opens = [int(start // HOUR) for start, _ in calendar.spans if start % DAY]
    hours = np.array([one for one in opens if one < visits.size], dtype=np.int64)
    flat = visits.ravel()
    there = flat[hours].sum()
    flat[hours] *= max(0.0, 1 - crowd.value * total / there) if there else 1.0
    return replace(data, visits=visits / (1 - crowd.value))
