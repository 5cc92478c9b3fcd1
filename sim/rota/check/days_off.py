"""Days off for work on Sundays and public holidays, of those who have names.

Only of a rota of dates: a cycle of weeks knows no holidays. Before its first date and after its
last nothing is known of anybody, and so they rest, as everywhere in a check.
"""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import NamedTuple

from sim.rota.check.rules import Breach, Rule, rules_of
from sim.scenario.derived.roster import name_of, people_on_shift, period_of, public_holidays
from sim.scenario.errors.told import told
from sim.scenario.model.hours import DAY, weekday_of
from sim.scenario.model.scenario import Scenario

_WEEK, _SUNDAY = 7, 6


class _Owed(NamedTuple):
    """A day off that is owed for a day at work."""

    latest: date
    """The last day on which it may be."""
    earliest: date
    on: date
    """The day at work."""
    why: str
    weeks: int


def days_off_breaches(scenario: Scenario) -> Iterator[Breach]:
    """Sundays and public holidays at work for which no other working day is free in time."""
    limits, period = rules_of(scenario).limits, period_of(scenario)
    holidays = public_holidays(scenario)
    if period.first is None or not (limits.sunday_rest_weeks or limits.holiday_rest_weeks):
        return
    for person, worked in _days_worked(scenario).items():
        owed = []
        for on in sorted(worked):
            weekday = on.weekday()
            if weekday == _SUNDAY and limits.sunday_rest_weeks:
                owed.append(_owed(on, told("sunday", "Sunday"), limits.sunday_rest_weeks))
            elif on in holidays and weekday != _SUNDAY and limits.holiday_rest_weeks:
                owed.append(
                    _owed(on, holidays[on] or told("holiday", "holiday"), limits.holiday_rest_weeks)
                )
        for one in _unpaid(owed, worked, frozenset(holidays)):
            what = told(
                "no_day_off",
                "at work ({why}) without another of the days from Monday to Saturday off "
                "within {weeks} weeks that include it",
                why=one.why,
                weeks=one.weeks,
            )
            day = told("day_date", "{day} {date}", day=weekday_of(one.on.weekday()), date=one.on)
            yield Breach(Rule.DAY_OFF, person, day, what)


def _days_worked(scenario: Scenario) -> dict[str, set[date]]:
    """The dates on any part of which each named person is at work."""
    found: dict[str, set[date]] = {}
    horizon = scenario.horizon
    for one in people_on_shift(scenario):
        if not (name := name_of(scenario, one)):
            continue
        first, last = int(one.start // DAY), int(-(-one.end // DAY))
        found.setdefault(name, set()).update(horizon.date_of(day) for day in range(first, last))
    return found


def _owed(on: date, why: str, weeks: int) -> _Owed:
    """A day off within some weeks that include the day at work, before it or after."""
    reach = timedelta(days=weeks * _WEEK - 1)
    return _Owed(on + reach, on - reach, on, why, weeks)


def _unpaid(owed: Iterable[_Owed], worked: set[date], holidays: frozenset[date]) -> list[_Owed]:
    """Those for which there is no day: each day off counts for one of them.

    From day to day, a day off goes to the one of those it may be for that must have it soonest; if
    any way of sharing them out will do, this does.
    """
    waiting = sorted(owed)
    if not waiting:
        return []
    day, last = min(one.earliest for one in waiting), max(one.latest for one in waiting)
    while day <= last and waiting:
        free = day.weekday() != _SUNDAY and day not in worked and day not in holidays
        mine = next((one for one in waiting if one.earliest <= day <= one.latest), None)
        if free and mine is not None:
            waiting.remove(mine)
        day += timedelta(days=1)
    return sorted(waiting, key=lambda one: one.on)
