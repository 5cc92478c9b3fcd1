"""Dates as people write them in a rota: 2026-01-05, 05.01.2026, 5/1, Mon 5 Jan, 46027."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sim.rota.files.entries import Moment, first_monday
from sim.scenario.errors.problem import Problem
from sim.scenario.errors.told import Listed, told
from sim.scenario.model.hours import weekday_of
from sim.scenario.model.scenario import Scenario
from sim.scenario.tables.sheet import Cell
from sim.scenario.tables.words import month_of, read_clock, weekday_meanings

_ISO = re.compile(r"([0-9]{4})([-/.]?)([0-9]{2})\2([0-9]{2})")
_NUMBERS = re.compile(r"([0-9]{1,2})([./-])\s?([0-9]{1,2})(?:\2\s?([0-9]{4}|[0-9]{2}))?\.?")
_SERIAL = re.compile(r"[3-6][0-9]{4}")
_NAMED = (
    re.compile(
        r"([0-9]{1,2})(?:\.|st|nd|rd|th|er)?[\s-]*([^\W\d_]+)\.?[\s,-]*([0-9]{4}|[0-9]{2})?"
    ),
    re.compile(r"([^\W\d_]+)\.?\s*([0-9]{1,2})(?:st|nd|rd|th)?\.?[\s,]*([0-9]{4})?"),
)
_WORD = re.compile(r"([^\W\d_]+)[.,]?\s*(.*?)|(.*?)[\s,]*\(?([^\W\d_]+)\.?\)?", re.DOTALL)
_TIME = re.compile(r"(.*?)[\sT,]+([0-9]{1,2}[:.][0-9]{2}(?::[0-9]{2})?)")
_FIRST_SERIAL = date(1899, 12, 30)
"""Day 0 of Excel, for days after February 1900."""
_CENTURY, _MONTHS = 2000, 12
DAY_FIRST, MONTH_FIRST = "day/month", "month/day"


@dataclass(frozen=True)
class Written:
    """A date as it is written, in each order of day and month that it may be in."""

    cell: Cell
    of_order: dict[str, frozenset[date]]
    """Without a year there is one date for each year of the horizon."""
    weekdays: frozenset[int] = frozenset()
    """Those that the name of a day beside it may mean."""
    time: int | None = None
    """Minutes after midnight, where it has a time too."""

    def within(self, order: str, scenario: Scenario) -> frozenset[date]:
        """The dates that it may be, those of the horizon if there are any."""
        found = self.of_order.get(order, frozenset())
        fitting = {on for on in found if not self.weekdays or on.weekday() in self.weekdays}
        inside = {on for on in fitting if is_within(on, scenario)}
        return frozenset(inside or fitting)


def is_within(on: date, scenario: Scenario) -> bool:
    """Whether a date is one of the horizon's."""
    horizon = scenario.horizon
    return horizon.start <= on <= horizon.date_of(horizon.total_days - 1)


def beyond(on: date, cell: Cell, scenario: Scenario) -> Problem:
    """A date that the horizon does not have."""
    horizon = scenario.horizon
    last = horizon.date_of(horizon.total_days - 1)
    first, until = min(on, horizon.start), max(on, last)
    return cell.problem(
        told(
            "is_beyond_the_horizon_of_to_it",
            "{on} is beyond the horizon of {name}, {start} to {last}; it would be "
            "within horizon: {{start: {first}, days: {days}}}",
            on=on,
            name=scenario.name,
            start=horizon.start,
            last=last,
            first=first,
            days=(until - first).days + 1,
        )
    )


def written_date(cell: Cell, scenario: Scenario) -> Written | None:
    """What a cell may say as a date; None where it is none."""
    text, time = " ".join(cell.text.split()), None
    if said := _TIME.fullmatch(text):
        try:
            text, time = said[1], read_clock(said[2])
        except ValueError:
            return None
    of_order, weekdays = _dates_of(text, scenario), frozenset[int]()
    if not of_order and (said := _WORD.fullmatch(text)):
        word, rest = (said[1], said[2]) if said[1] else (said[4], said[3])
        weekdays = frozenset(day for _, day in weekday_meanings(word))
        of_order = _dates_of(rest, scenario) if weekdays else {}
    return Written(cell, of_order, weekdays, time) if of_order else None


def _dates_of(text: str, scenario: Scenario) -> dict[str, frozenset[date]]:
    """The dates that a text may mean, by order of day and month."""
    orders = (DAY_FIRST, MONTH_FIRST)
    if said := _ISO.fullmatch(text):
        return dict.fromkeys(orders, _known(int(said[1]), int(said[3]), int(said[4])))
    if _SERIAL.fullmatch(text):
        return dict.fromkeys(orders, frozenset([_FIRST_SERIAL + timedelta(days=int(text))]))
    if (said := _NUMBERS.fullmatch(text)) and (said[4] or said[2] != "-"):  # 8-12 is hours
        years = _years(said[4], scenario)
        day_first = _each(years, int(said[3]), int(said[1]))
        month_first = _each(years, int(said[1]), int(said[3]))
        either = day_first if said[2] == "." else month_first
        return dict(zip(orders, (day_first, either), strict=True))
    for pattern, (day, month) in zip(_NAMED, ((1, 2), (2, 1)), strict=True):
        said = pattern.fullmatch(text)
        if said is not None and (number := month_of(said[month])) is not None:
            return dict.fromkeys(orders, _each(_years(said[3], scenario), number, int(said[day])))
    return {}


def _years(said: str | None, scenario: Scenario) -> list[int]:
    if said is None:
        horizon = scenario.horizon
        return list(range(horizon.start.year, horizon.date_of(horizon.total_days).year + 1))
    return [int(said) + (_CENTURY if len(said) < len(str(_CENTURY)) else 0)]


def _each(years: Iterable[int], month: int, day: int) -> frozenset[date]:
    return frozenset(on for year in years for on in _known(year, month, day))


def _known(year: int, month: int, day: int) -> frozenset[date]:
    try:
        return frozenset([date(year, month, day)])
    except ValueError:
        return frozenset()


@dataclass(frozen=True)
class Order:
    """In which order the dates of a table are written."""

    scenario: Scenario
    order: str
    note: str = ""
    """What was taken to be so."""
    unclear: Problem | None = None

    def date(self, one: Written) -> date | Problem:
        """The date that is written."""
        found = one.within(self.order, self.scenario)
        if len(found) == 1:
            return next(iter(found))
        if len(found) > 1:
            return one.cell.problem(
                told(
                    "has_no_year_write_it_as_2026",
                    "'{text}' has no year; write it as 2026-01-05",
                    text=one.cell.text,
                )
            )
        said = one.of_order.get(self.order, frozenset())
        if not said:
            return one.cell.problem(
                told(
                    "is_not_in_the_calendar_write_a",
                    "'{text}' is not in the calendar; write a date such as 2026-01-05",
                    text=one.cell.text,
                )
            )
        is_day = Listed.of(
            (
                told("is_a", "{on} is a {days}", on=on, days=weekday_of(on.weekday()))
                for on in sorted(said)
            ),
            "and",
        )
        return one.cell.problem(
            told(
                "the_weekday_does_not_fit",
                "'{text}': the weekday does not fit; {is_day}",
                text=one.cell.text,
                is_day=is_day,
            )
        )


def order_of(dates: Sequence[Written], scenario: Scenario) -> Order:
    """The order of day and month that all dates of a table have in common.

    That in which all of them are days of the horizon, if it is only one of the two.
    """
    unlike = [one for one in dates if one.of_order[DAY_FIRST] != one.of_order[MONTH_FIRST]]
    if not unlike:
        return Order(scenario, DAY_FIRST)

    def fits(order: str, *, inside: bool) -> bool:
        return all(
            any(not inside or is_within(on, scenario) for on in one.within(order, scenario))
            for one in unlike
        )

    for inside in (True, False):
        fitting = [order for order in (DAY_FIRST, MONTH_FIRST) if fits(order, inside=inside)]
        if len(fitting) == 1:
            within = told("within_the_horizon", " (within the horizon)") if inside else ""
            note = told(
                "dates_are_written",
                "'{text}' is {order}{within}",
                text=unlike[0].cell.text,
                order=told(f"order_{fitting[0].replace('/', '_')}", fitting[0]),
                within=within,
            )
            return Order(scenario, fitting[0], note)
        if fitting:
            first = unlike[0]
            either = Listed.of(
                (
                    told("date", "{date}", date=min(first.within(order, scenario)))
                    for order in (DAY_FIRST, MONTH_FIRST)
                ),
                "or",
            )
            message = told(
                "may_be_write_dates_as_2026_01",
                "'{text}' may be {either}; write dates as 2026-01-05",
                text=first.cell.text,
                either=either,
            )
            return Order(scenario, DAY_FIRST, unclear=first.cell.problem(message))
    return Order(scenario, DAY_FIRST)


def moment_of(on: date, cell: Cell, scenario: Scenario) -> Moment | Problem:
    """The week and weekday of a date, if it is one of the horizon."""
    if not is_within(on, scenario):
        return beyond(on, cell, scenario)
    return (on - first_monday(scenario)).days // 7 + 1, on.weekday()


# --- days of a month by their number ------------------------------------------------------------


def month_days(year: int, month: int, numbers: Iterable[int]) -> Iterator[date | None]:
    """The dates of days by number from some month on; after 31 comes 1 of the next month."""
    last = 0
    for number in numbers:
        if number < last:
            year, month = (year + 1, 1) if month == _MONTHS else (year, month + 1)
        last = number
        yield next(iter(_known(year, month, number)), None)
