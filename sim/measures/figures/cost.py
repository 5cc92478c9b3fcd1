"""What a site costs: its rota, its places and its hours of opening, from the scenario alone."""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from sim.measures.facts.facts import Facts, Shifts
from sim.measures.facts.groups import GOT_PLACE
from sim.measures.figures.figure import Figure, Number, figure, number, over, replications, weeks
from sim.measures.figures.staff import shift_labels
from sim.measures.steps import HOUR, Floats, Integers, once_a_log
from sim.scenario.city.model import City
from sim.scenario.city.system import system_of
from sim.scenario.derived import once
from sim.scenario.derived.roster import Rostered, period_of, public_holidays, rostered
from sim.scenario.model.hours import DAY, WEEK
from sim.scenario.model.scenario import Scenario
from sim.scenario.model.staff import Staff, Unsocial

WEEKS_OF_A_YEAR = 365 / 7
STAFF, PLACES, OPENING = "staff", "places", "opening"
PARTS = (STAFF, PLACES, OPENING)
"""Parts of the cost, as the tables call them."""
MEANING = {
    STAFF: "rostered hours of an average week, with unsocial hours, without overtime",
    PLACES: "places, by their cost a year",
    OPENING: "hours of opening of an ordinary week, beside the staff",
}
"""What the parts are."""


class Cost(NamedTuple):
    """An amount of money by the week and by the year, in the scenario's currency."""

    per_week: float
    per_year: float
    """Of 365 days."""


def yearly_cost(scenario: Scenario) -> float:
    """All that the scenario says a site costs in a year of 365 days, in its currency.

    Of a city all its facilities together.
    """
    sites = system_of(scenario).sites.values() if isinstance(scenario, City) else (scenario,)
    return sum(cost.per_year for site in sites for cost in site_costs(site).values())


def site_costs(scenario: Scenario) -> dict[str, Cost]:
    """The cost of each part that the scenario says something of.

    Staff are the rostered hours of an average week, unsocial hours included, overtime not; hours
    of opening those of an ordinary week.
    """
    found: dict[str, Cost] = {}
    staff, costs = scenario.staff, scenario.site_costs
    if staff is not None and any(role.cost_per_hour for role in staff.roles.values()):
        found[STAFF] = _by_week(
            sum(cost_per_week(scenario, line) for line in range(len(staff.rota)))
        )
    if costs.place:
        each = costs.place.items()
        places = sum(cost * scenario.rooms[room].places for room, cost in each)
        found[PLACES] = Cost(places / WEEKS_OF_A_YEAR, places)
    if costs.opening_hour is not None:
        hours = scenario.opening.hours.minutes_per_week() / HOUR
        found[OPENING] = _by_week(hours * costs.opening_hour)
    return found


def _by_week(cost: float) -> Cost:
    return Cost(cost, cost * WEEKS_OF_A_YEAR)


def cost_figures(scenario: Scenario) -> Iterator[Figure]:
    """Rostered hours, posts and cost of an average week of the rota, and what the site costs."""
    if scenario.staff is not None:
        yield from _rota_figures(scenario, scenario.staff)
    yield from site_figures(scenario)


def _rota_figures(scenario: Scenario, staff: Staff) -> Iterator[Figure]:
    hours = [hours_per_week(scenario, line) for line in range(len(staff.rota))]
    costs = [cost_per_week(scenario, line) for line in range(len(staff.rota))]
    for by, lines in _parts(staff):
        meaning = "Rostered hours per week, absences included, mean of the rota's weeks"
        whole = sum(hours[line] for line in lines)
        yield _same("rostered.hours_per_week", by, "hours/week", meaning, whole)
        if by != "all":
            unit, meaning = f"{staff.currency}/week", f"Cost per week: {MEANING[STAFF]}"
            yield _same("cost.per_week", by, unit, meaning, sum(costs[line] for line in lines))
        if any(role.cost_per_hour for role in staff.roles.values()):
            unit, meaning = f"{staff.currency}/week", f"Cost per week of {_OVERTIME}"
            of = over(_overtime_cost(scenario, staff, lines), weeks)
            yield figure("cost.overtime_per_week", by, unit, meaning, of)
    by_role = {f"role:{role}": posts(scenario, role) for role in staff.roles}
    for by, whole in {"all": sum(by_role.values()), **by_role}.items():
        meaning = "Rostered hours per week ÷ (contract hours × (1 − headroom))"
        yield _same("wte.posts", by, "posts", meaning, whole)


def site_figures(scenario: Scenario) -> Iterator[Figure]:
    """What a site costs a week, a year and a use: all that is said of, and each part of it.

    Of a site with staff there is always the whole, 0 where nothing has a price.
    """
    costs, currency = site_costs(scenario), scenario.currency
    if not costs and scenario.staff is None:
        return
    whole = Cost(*(sum(one) for one in zip(*costs.values(), strict=True))) if costs else Cost(0, 0)
    parts = {
        "all": (whole, "; ".join(MEANING[part] for part in costs or (STAFF,))),
        **{part: (cost, MEANING[part]) for part, cost in costs.items()},
    }
    for by, (cost, of) in parts.items():
        unit, meaning = f"{currency}/week", f"Cost per week: {of}"
        yield _same("cost.per_week", by, unit, meaning, cost.per_week)
    for by, (cost, of) in parts.items():
        unit, meaning = f"{currency}/year", f"Cost per 365 days: {of}"
        yield _same("cost.per_year", by, unit, meaning, cost.per_year)
    for by, (cost, of) in parts.items() if scenario.rooms else ():
        unit, meaning = f"{currency}/use", f"Cost of the time counted ÷ places entered: {of}"
        per_use = over(_in_weeks_counted(cost.per_week), number(GOT_PLACE))
        yield figure("cost.per_use", by, unit, meaning, per_use)


_OVERTIME = (
    "the minutes worked after the ends of shifts, at the rates of the rota, with unsocial hours; "
    "in no other cost"
)


def _overtime_cost(scenario: Scenario, staff: Staff, lines: Sequence[int]) -> Number:
    """What the time is paid that is worked after the ends of the shifts of some rota lines."""
    counts = np.isin(np.arange(len(staff.rota)), lines)

    def number(facts: Facts) -> float:
        line, pay = _overtime_pay(scenario, facts.shifts)
        return float(pay[counts[line]].sum())

    return number


@once_a_log
def _overtime_pay(scenario: Scenario, shifts: Shifts) -> tuple[Integers, Floats]:
    """Of each shift that ended late its rota line, and what the time after its end is paid."""
    assert scenario.staff is not None  # it has shifts
    cell, end, left = shifts.late
    rates = np.array([role.cost_per_hour / HOUR for role in scenario.staff.roles.values()])
    worth = _worth(scenario, left) - _worth(scenario, end)
    return shifts.line[cell], worth * rates[shifts.role[cell]]


def _worth(scenario: Scenario, time: Floats) -> Floats:
    """Minutes from some minute on, each as often as it is paid."""
    paid = _paid_minutes(scenario)
    minutes = np.arange(len(paid), dtype=np.float64)
    if _is_paid_by_date(scenario):
        return np.interp(time, minutes - DAY, paid)
    weeks_before, minute = np.divmod(scenario.horizon.start.weekday() * DAY + time, WEEK)
    worth: Floats = weeks_before * paid[-1] + np.interp(minute, minutes, paid)
    return worth


@once
def _paid_minutes(scenario: Scenario) -> Floats:
    """What the first minutes of a week, or from the day before the horizon on, add up to."""
    assert scenario.staff is not None  # it has shifts
    by_date = _is_paid_by_date(scenario)
    factors = _of_dates(scenario) if by_date else _multipliers(scenario.staff.unsocial)
    return np.concatenate(([0.0], np.cumsum(factors)))


def _is_paid_by_date(scenario: Scenario) -> bool:
    """Whether public holidays are paid otherwise than the days of the week that they fall on."""
    unsocial = scenario.staff.unsocial if scenario.staff is not None else ()
    return any(one.holidays in {"never", "only"} for one in unsocial)


def _same(name: str, by: str, unit: str, meaning: str, value: float) -> Figure:
    """A figure that is the same in every replication."""
    return figure(name, by, unit, meaning, over(lambda _: value, replications))


def _in_weeks_counted(per_week: float) -> Number:
    return lambda facts: per_week * facts.window.weeks


def _parts(staff: Staff) -> Iterator[tuple[str, tuple[int, ...]]]:
    """The rota lines that belong to all staff, to a role, to a line."""
    lines = range(len(staff.rota))
    yield "all", tuple(lines)
    for role in staff.roles:
        yield f"role:{role}", tuple(line for line in lines if staff.rota[line].role == role)
    yield from ((f"shift:{label}", (line,)) for line, label in enumerate(shift_labels(staff)))


def posts(scenario: Scenario, role: str) -> float:
    """Full-time posts of a role: rostered hours ÷ (contract hours × (1 − headroom))."""
    if (staff := scenario.staff) is None:
        return 0.0
    lines = [line for line, shift in enumerate(staff.rota) if shift.role == role]
    post = staff.roles[role].contract_hours * (1 - staff.roles[role].headroom)
    return sum(hours_per_week(scenario, line) for line in lines) / post


def hours_per_week(scenario: Scenario, line: int) -> float:
    """Rostered hours of a rota line a week: mean of its cycle, or of the dates counted."""
    if (staff := scenario.staff) is None:
        return 0.0
    if _is_usual(scenario):
        return usual_hours(staff, line)
    minutes = sum((one.end - one.start) * one.people for one in _counted(scenario, line))
    return minutes / HOUR / _weeks(scenario)


def cost_per_week(scenario: Scenario, line: int) -> float:
    """Cost of those hours with unsocial multipliers, in the rota's currency."""
    if (staff := scenario.staff) is None:
        return 0.0
    if _is_usual(scenario):
        return usual_cost(staff, line)
    paid = sum(
        float(_factors(scenario, one.start, one.end).sum()) * one.people
        for one in _counted(scenario, line)
    )
    return paid / HOUR * staff.roles[staff.rota[line].role].cost_per_hour / _weeks(scenario)


def _is_usual(scenario: Scenario) -> bool:
    """Whether every line is worked as it is written, every week of the cycle again."""
    if period_of(scenario).first is not None:
        return False
    rota = scenario.staff.rota if scenario.staff is not None else ()
    if all(shift.people is None for shift in rota):
        return True
    lengths = [shift.end - shift.start for shift in rota]
    return all(one.end - one.start == lengths[one.line] for one in rostered(scenario))


def _counted(scenario: Scenario, line: int) -> Iterator[Rostered]:
    """The shifts of a line of which means are taken: of a rota of dates, those counted."""
    since = scenario.horizon.counted_from if period_of(scenario).first is not None else 0.0
    return (one for one in rostered(scenario) if one.line == line and one.start >= since)


def _weeks(scenario: Scenario) -> float:
    period = period_of(scenario)
    warmup = scenario.horizon.counted_from if period.first is not None else 0.0
    return (period.minutes - warmup) / WEEK


def usual_hours(staff: Staff, line: int) -> float:
    """Rostered hours of a rota line with weekdays, mean of the weeks of the rota's cycle."""
    shift = staff.rota[line]
    minutes = (shift.end - shift.start) * len(shift.days) * shift.count
    return minutes / HOUR * _share_of_weeks(staff, line)


def usual_cost(staff: Staff, line: int) -> float:
    """Cost of those hours with unsocial multipliers, in the rota's currency."""
    shift = staff.rota[line]
    paid = _paid(staff.unsocial, shift.days, shift.start, shift.end)
    rate = staff.roles[shift.role].cost_per_hour
    return paid / HOUR * shift.count * rate * _share_of_weeks(staff, line)


def _share_of_weeks(staff: Staff, line: int) -> float:
    weeks = staff.rota[line].weeks
    return len(set(weeks)) / staff.cycle_weeks if weeks else 1.0


@lru_cache(maxsize=1024)
def _paid(unsocial: tuple[Unsocial, ...], days: tuple[int, ...], start: int, end: int) -> float:
    """Minutes of a shift on some weekdays, each as often as it is paid."""
    factor = _multipliers(unsocial)
    return sum(float(factor[_minutes(day, start, end)].sum()) for day in days)


@lru_cache
def _multipliers(hours: tuple[Unsocial, ...]) -> Floats:
    """For each minute of the week the highest multiplier that applies; 1 where none does."""
    factor = np.full(WEEK, -np.inf)
    for unsocial in hours:
        for day in unsocial.days if unsocial.holidays != "only" else ():
            minutes = _minutes(day, unsocial.start, unsocial.end)
            factor[minutes] = np.maximum(factor[minutes], unsocial.multiplier)
    return np.where(np.isinf(factor), 1.0, factor)


def _factors(scenario: Scenario, start: int, end: int) -> Floats:
    """The same for some minutes of the rota's period, public holidays as they are paid."""
    assert scenario.staff is not None  # it has a rota
    first = period_of(scenario).first
    monday = first.weekday() * DAY if first is not None else 0
    weekly = _multipliers(scenario.staff.unsocial)[np.arange(monday + start, monday + end) % WEEK]
    apart = [one for one in scenario.staff.unsocial if one.holidays in {"never", "only"}]
    if first is None or not apart:
        return weekly
    found: Floats = _of_dates(scenario)[DAY + start : DAY + end]
    return found


@once
def _of_dates(scenario: Scenario) -> Floats:
    """For each minute from the day before the horizon to the second after it, what it is paid."""
    assert scenario.staff is not None  # it has a rota
    horizon, days = scenario.horizon, public_holidays(scenario)
    factor = np.full((horizon.total_days + 3) * DAY, -np.inf)
    for day in range(-2, horizon.total_days + 2):
        on = horizon.date_of(day)
        for one in scenario.staff.unsocial:
            says = one.holidays or "also"
            if on.weekday() in one.days and (says == "also" or (on in days) == (says == "only")):
                start, end = ((day + 1) * DAY + at for at in (one.start, one.end))
                span = slice(max(0, start), max(0, end))
                factor[span] = np.maximum(factor[span], one.multiplier)
    return np.where(np.isinf(factor), 1.0, factor)


def _minutes(day: int, start: int, end: int) -> "np.ndarray[tuple[int], np.dtype[np.int64]]":
    """Minutes of the week of an interval that starts on a weekday; Sunday runs into Monday."""
    return np.arange(day * DAY + start, day * DAY + end, dtype=np.int64) % WEEK
