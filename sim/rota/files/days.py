"""The columns of a grid that are days: weekdays, dates, and days of a month by their number."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise
from pathlib import Path

from sim.rota.files.columns import Headed, Reading, day_like, titles_of
from sim.rota.files.dates import (
    Order,
    Written,
    is_within,
    moment_of,
    month_days,
    order_of,
    written_date,
)
from sim.rota.files.entries import EVERY_WEEK, Moment
from sim.scenario.errors.problem import Problem
from sim.scenario.errors.told import Listed, told
from sim.scenario.model.hours import DAYS, weekday_of
from sim.scenario.tables.sheet import Cell
from sim.scenario.tables.words import (
    Month,
    is_total,
    months_named,
    weekday_meanings,
    weekdays_of,
)

SHORTEST_MONTH = 28
"""Days."""
_WEEK_WORD = r"(?:week|uge|woche|semaine|sem|kw|w|u)"
_WEEK_DAY = re.compile(
    rf"({_WEEK_WORD}?)\.?\s*0*([1-9][0-9]{{0,2}})[.:,/]?\s+([^\W\d_]+)\.?", re.IGNORECASE
)
_DAY_NUMBER = re.compile(r"([^\W\d_]+)[.,]?\s*0*([1-9][0-9]?)\.?")
_WEEK = re.compile(rf"{_WEEK_WORD}\.?\s*0*([1-9][0-9]?)(?:\D.*)?", re.IGNORECASE)
_NUMBER = re.compile(r"0?[1-9]|[12][0-9]|3[01]")
_WRITE = told(
    "must_be_a_day_such_as_mon", "must be a day such as mon, '1 mon' (of week 1) or 2026-01-05"
)


@dataclass(frozen=True)
class Days:
    """The columns of days."""

    moments: Mapping[int, Moment | Problem]
    """By number of the column; what is wrong with it if somebody is on shift then."""
    dated: bool
    cycle_weeks: int | None = None
    """After how many weeks the table repeats, if it has whole weeks of weekdays."""


def day_columns(found: Headed, numbers: Sequence[int], reading: Reading) -> tuple[Days, list[int]]:
    """The days of some columns, and those columns that are none.

    Args:
        found: the table.
        numbers: of the columns whose headings mean nothing else.
        reading: where to note what is wrong.
    """
    heads: dict[int, Cell] = {}
    others: list[int] = []
    for number in numbers:
        heading = found.sheet.headings[number]
        if is_total(heading.text):
            reading.note(
                told("columns_of_totals_left_out", "columns of totals, left out"),
                f"'{heading.text}'",
            )
        elif day_like(heading.text):
            heads[number] = heading
        else:
            others.append(number)
    if not heads:
        message = told(
            "the_table_has_no_columns_of_days",
            "the table has no columns of days, such as mon, '1 mon' or 2026-01-05",
        )
        reading.problems.append(found.sheet.headings[0].problem(message))
        return Days({}, dated=False), others
    if all(weekday_meanings(cell.text) for cell in heads.values()):
        return _weekdays(found, heads, reading), others
    if all(_NUMBER.fullmatch(cell.text.removesuffix(".")) for cell in heads.values()):
        days = {number: int(cell.text.removesuffix(".")) for number, cell in heads.items()}
        return _of_month(found, heads, days, found.beside, reading), others
    if (named := _numbered(found, heads, reading)) is not None:
        return named, others
    return _dates(found, heads, reading), others


def _twice(moments: dict[int, Moment], heads: Mapping[int, Cell], reading: Reading) -> None:
    """Tell of days that stand there twice."""
    known: set[Moment] = set()
    for number, moment in moments.items():
        if moment in known:
            cell = heads[number]
            reading.problems.append(
                cell.problem(
                    told("stands_here_twice_days", "'{text}' stands here twice", text=cell.text)
                )
            )
        known.add(moment)


# --- weekdays -----------------------------------------------------------------------------------


def _weekdays(found: Headed, heads: dict[int, Cell], reading: Reading) -> Days:
    cells = list(heads.values())
    days = weekdays_of([cell.text for cell in cells])
    for cell, day in zip(cells, days, strict=True):
        if day is None:
            days_meant = sorted({DAYS[one] for _, one in weekday_meanings(cell.text)})
            either = Listed.of((weekday_of(DAYS.index(one)) for one in days_meant), "or")
            message = told(
                "may_be_write_mon_tue_wed_thu",
                "'{text}' may be {either}; write mon, tue, wed, thu, fri, sat or sun",
                text=cell.text,
                either=either,
            )
            reading.problems.append(cell.problem(message))
    sure = [day for day in days if day is not None]
    if len(sure) < len(days):
        return Days({}, dated=False)
    if (weeks := _calendar_weeks(found, heads)) is not None:
        return _of_calendar_weeks(heads, sure, weeks, reading)
    if len(set(sure)) == len(sure):
        return Days(
            {number: (EVERY_WEEK, day) for number, day in zip(heads, sure, strict=True)},
            dated=False,
        )
    whole = all(later == (day + 1) % 7 for day, later in pairwise(sure)) and len(sure) % 7 == 0
    if not whole:
        again = next(n for n, day in enumerate(sure) if day in sure[:n])
        message = told(
            "stands_here_twice_and_the_days_are",
            "'{text}' stands here twice, and the days are no whole weeks",
            text=cells[again].text,
        )
        reading.problems.append(cells[again].problem(message))
        return Days({}, dated=False)
    cycle, moments, week = len(sure) // 7, dict[int, Moment | Problem](), 0
    for place, (number, day) in enumerate(zip(heads, sure, strict=True)):
        week += place > 0 and day == 0
        moments[number] = (week % cycle + 1, day)
    reading.note(
        told(
            "weekdays_are_weeks_after_which_the_rota",
            "{number} weekdays are {cycle} weeks, after which the rota repeats",
            number=len(sure),
            cycle=cycle,
        )
    )
    return Days(moments, dated=False, cycle_weeks=cycle)


def _calendar_weeks(found: Headed, heads: Mapping[int, Cell]) -> dict[int, int] | None:
    """Numbers of the weeks of the year that stand over the days, by number of the column."""
    said = {
        number: int(match[1])
        for number, cell in found.groups.items()
        if (match := _WEEK.fullmatch(cell.text))
    }
    over = {number: _before(said, number) for number in heads}
    weeks = [week for week in over.values() if week]
    if len(weeks) < len(over) or not weeks:
        return None
    order = list(dict.fromkeys(weeks))
    return None if order == list(range(1, len(order) + 1)) else over


def _before(said: Mapping[int, int], number: int) -> int:
    """The last of what stands at or before a column; 0 if there is none."""
    return next((said[one] for one in sorted(said, reverse=True) if one <= number), 0)


def _of_calendar_weeks(
    heads: Mapping[int, Cell], days: Sequence[int], weeks: Mapping[int, int], reading: Reading
) -> Days:
    horizon = reading.scenario.horizon
    years = {horizon.start.year, horizon.date_of(horizon.total_days - 1).isocalendar().year}
    years.add(horizon.start.isocalendar().year)
    moments: dict[int, Moment | Problem] = {}
    for (number, cell), day in zip(heads.items(), days, strict=True):
        dates = []
        for year in sorted(years):
            try:
                dates.append(date.fromisocalendar(year, weeks[number], day + 1))
            except ValueError:  # not every year has a week 53
                continue
        inside = [on for on in dates if is_within(on, reading.scenario)] or dates[:1]
        if not inside:
            moments[number] = cell.problem(
                told(
                    "no_year_of_the_horizon_has_a",
                    "no year of the horizon has a week {week}",
                    week=weeks[number],
                )
            )
            continue
        moments[number] = moment_of(inside[0], cell, reading.scenario)
        reading.note(
            told("weeks_of_the_calendar", "weeks of the calendar"),
            told(
                "week_is_of", "week {week} is of {inside:%G}", week=weeks[number], inside=inside[0]
            ),
        )
    return Days(moments, dated=True)


def _numbered(found: Headed, heads: dict[int, Cell], reading: Reading) -> Days | None:
    """Headings with a number and a weekday: `2 mon` of week 2, or `Thu 1`, `1. Thu` of a month."""
    after = {number: _WEEK_DAY.fullmatch(cell.text) for number, cell in heads.items()}
    before = {number: _DAY_NUMBER.fullmatch(cell.text) for number, cell in heads.items()}
    numbers, words, weekly = dict[int, int](), dict[int, str](), False
    for number in heads:
        if said := after[number]:
            numbers[number], words[number] = int(said[2]), said[3]
            weekly = weekly or bool(said[1])
        elif other := before[number]:
            numbers[number], words[number] = int(other[2]), other[1]
        if number not in words or not weekday_meanings(words[number]):
            return None
    days = weekdays_of(list(words.values()))
    if None in days:
        return None
    sure = dict(zip(heads, (day or 0 for day in days), strict=True))
    ordered = list(numbers.values())
    by_day = len(ordered) > 1 and all(
        later == one + 1 or (later == 1 and one >= SHORTEST_MONTH)
        for one, later in pairwise(ordered)
    )
    if by_day and not weekly:
        return _of_month(found, heads, numbers, heads, reading)
    moments: dict[int, Moment] = {n: (numbers[n], sure[n]) for n in heads}
    _twice(moments, heads, reading)
    return Days(moments, dated=False)


# --- dates --------------------------------------------------------------------------------------


def _dates(found: Headed, heads: dict[int, Cell], reading: Reading) -> Days:
    written: dict[int, Written] = {}
    weekdays = 0
    for number, cell in heads.items():
        one = written_date(cell, reading.scenario)
        if one is not None:
            beside = found.beside.get(number)
            days = frozenset(day for _, day in weekday_meanings(beside.text)) if beside else None
            written[number] = Written(cell, one.of_order, days, None) if days else one
        elif weekday_meanings(cell.text) or _WEEK_DAY.fullmatch(cell.text):
            weekdays += 1
        else:
            reading.problems.append(cell.problem(f"'{cell.text}' " + _WRITE))
    if weekdays and written:
        message = told(
            "some_columns_are_dates_and_some_weekdays",
            "some columns are dates and some weekdays; use one or the other",
        )
        reading.problems.append(found.sheet.headings[0].problem(message))
    if not written or weekdays:
        return Days({}, dated=False)
    order = order_of(list(written.values()), reading.scenario)
    return Days(_moments(written, order, heads, reading), dated=True)


def _moments(
    written: Mapping[int, Written], order: Order, heads: Mapping[int, Cell], reading: Reading
) -> dict[int, Moment | Problem]:
    if order.unclear is not None:
        reading.problems.append(order.unclear)
        return {}
    if order.note:
        reading.note(told("dates", "dates"), order.note)
    moments: dict[int, Moment | Problem] = {}
    for number, one in written.items():
        on = order.date(one)
        if isinstance(on, Problem):
            reading.problems.append(on)
        else:
            moments[number] = moment_of(on, one.cell, reading.scenario)
    _twice({n: m for n, m in moments.items() if not isinstance(m, Problem)}, heads, reading)
    return moments


# --- days of a month ----------------------------------------------------------------------------


@dataclass(frozen=True)
class _Named:
    """A month, and who says so."""

    month: Month
    where: str = field(compare=False)


def _of_month(
    found: Headed,
    heads: Mapping[int, Cell],
    numbers: Mapping[int, int],
    weekdays: Mapping[int, Cell],
    reading: Reading,
) -> Days:
    """Days by their number, of the month that a title, the sheet, the file or the horizon names."""
    first = next(iter(heads.values()))
    fitting: dict[tuple[date | None, ...], str] = {}
    said = list(dict.fromkeys(_months(found)))
    for year, month, where in _candidates(said, reading):
        dates = tuple(month_days(year, month, numbers.values()))
        if _fits(dates, [weekdays.get(number) for number in heads]):
            fitting.setdefault(dates, where)
    within = {
        dates: where
        for dates, where in fitting.items()
        if all(on is not None and is_within(on, reading.scenario) for on in dates)
    }
    some = within or fitting
    if len(some) != 1:
        what = (
            told("may_be_of_several_months", "may be of several months")
            if some or not said
            else told("fit_no_month_that_is_named", "fit no month that is named")
        )
        known = ", ".join(sorted(one.where for one in said)) or "none"
        message = told(
            "the_days_and_on_named_write_the",
            "the days {text} and on {what} (named: {known}); write the month over the "
            "table, as in 'January 2026', or dates such as 2026-01-05",
            text=first.text,
            what=what,
            known=known,
        )
        reading.problems.append(first.problem(message))
        return Days({}, dated=True)
    ((dates, where),) = some.items()
    moments: dict[int, Moment | Problem] = {}
    for (number, cell), on in zip(heads.items(), dates, strict=True):
        if on is None:
            message = told(
                "the_month_has_no_day", "the month has no day {number}", number=numbers[number]
            )
            moments[number] = cell.problem(message)
        else:
            moments[number] = moment_of(on, cell, reading.scenario)
    known_days = [on for on in dates if on is not None]
    if known_days:
        example = told(
            "and_on_are_to",
            "{text} and on are {known_day} to {known_day_2} ({where})",
            text=first.text,
            known_day=known_days[0],
            known_day_2=known_days[-1],
            where=where,
        )
        reading.note(told("days_by_their_number", "days by their number"), example)
    _twice({n: m for n, m in moments.items() if not isinstance(m, Problem)}, heads, reading)
    return Days(moments, dated=True)


def _months(found: Headed) -> Iterator[_Named]:
    texts = [(text, f"'{text}'") for text in titles_of(found)]
    texts.append((Path(found.sheet.file).stem, Path(found.sheet.file).name))
    for text, where in texts:
        named = months_named(text)
        if len(named) == 1:
            yield _Named(next(iter(named)), where)
            return


def _candidates(said: Sequence[_Named], reading: Reading) -> Iterator[tuple[int, int, str]]:
    """Years and months that may be meant, and why."""
    horizon = reading.scenario.horizon
    last = horizon.date_of(horizon.total_days - 1)
    years = range(horizon.start.year, last.year + 1)
    for one in said:
        for year in years if one.month.year is None else (one.month.year,):
            yield year, one.month.month, one.where
    if not said:
        for year in years:
            for month in range(1, 13):
                if (
                    (horizon.start.year, horizon.start.month)
                    <= (year, month)
                    <= (
                        last.year,
                        last.month,
                    )
                ):
                    yield year, month, told("the_horizon_s_month", "the horizon's month")


def _fits(dates: Sequence[date | None], weekdays: Sequence[Cell | None]) -> bool:
    """Whether the weekdays that stand beside the numbers are those of the dates."""
    for on, cell in zip(dates, weekdays, strict=True):
        meanings = _meanings(cell.text) if cell is not None else frozenset()
        if on is not None and meanings and on.weekday() not in meanings:
            return False
    return True


def _meanings(text: str) -> frozenset[int]:
    """The weekdays that a word in a text may mean."""
    words = re.split(r"[\W\d_]+", text)
    return frozenset(day for word in words for _, day in weekday_meanings(word))
