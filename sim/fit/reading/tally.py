"""A tally of those who were not served: how many a day, or a week, without their times."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from sim.fit.reading.columns import Columns, columns_of, folded
from sim.fit.reading.moments import column_of, is_month_first
from sim.fit.reading.register import Register
from sim.fit.reading.rows import Said, number_in
from sim.fit.reading.table import log_table
from sim.scenario.errors.problem import Problem, ScenarioError
from sim.scenario.errors.told import told
from sim.scenario.tables.sheet import limited, without_totals

_WEEKS = {folded(one) for one in ("week", "uge", "woche", "kalenderwoche", "kw", "semaine")}
_TIMES = ("arrived", "entered", "time", "hour", "out")
_WEEK = 7
_NOBODY = (
    "lists nobody: if everybody who came was served, leave --unserved out; if nobody wrote down "
    "who was not, say --unserved-unknown; if only their number is known, --unserved-per-day N"
)


class Tally(NamedTuple):
    """How many were not served."""

    number: float
    days: int
    """Over how many days they were counted."""

    @property
    def a_day(self) -> float:
        """On a mean day."""
        return self.number / self.days


def tally_of(path: Path, said: Said, register: Register) -> Tally | None:
    """What a file tallies; None if it is a list with times, a person or an hour a row.

    Args:
        path: with a column of dates or of weeks, and one with numbers.
        said: what the planner says of its columns.
        register: the log, on whose days they count.

    Raises:
        ScenarioError: it cannot be read, or counts none of the log's days.
    """
    sheet = log_table(path, said.columns, said.where, told("lists_nobody", _NOBODY))
    columns = columns_of(sheet, said.columns)
    counts = next((one for one in ("unserved", "visits") if one in columns.of), None)
    week = next((n for n, one in enumerate(sheet.headings) if folded(one.text) in _WEEKS), None)
    dated = "date" in columns.of or week is not None
    if counts is None or not dated or any(one in columns.of for one in _TIMES):
        return None
    rest, _ = without_totals(sheet)
    columns = columns_of(rest, said.columns)
    if not any(one[:1].isdigit() for one in columns.texts(counts)):
        return None
    numbers = _numbers(columns, counts)
    if "date" not in columns.of:
        known = ~np.isnan(numbers)
        return _told(columns, register, float(np.nansum(numbers)), _WEEK * int(known.sum()))
    texts = columns.texts("date", moments=True)
    heading = columns.sheet.headings[columns.of["date"]]
    found = column_of(texts, month_first=is_month_first([texts], said.dates, heading))
    day = found.day - register.start.toordinal()
    known = ~np.isnan(numbers) & ~np.isnan(day)
    days = _WEEK if _are_weeks(np.sort(day[known]).tolist()) or week is not None else 1
    inside = known & (day > -days) & (day < register.days)
    return _told(columns, register, float(numbers[inside].sum()), days * int(inside.sum()))


def _are_weeks(days: Sequence[float]) -> bool:
    return len(days) > 1 and abs(float(np.median(np.diff(days))) - _WEEK) <= 1


def _told(columns: Columns, register: Register, number: float, days: int) -> Tally:
    if not days:
        message = told(
            "counts_no_day_of_the_log",
            "counts on no day of the log, which runs from {start} to {end}; give a tally of these "
            "days, or their number as --unserved-per-day N",
            start=register.start,
            end=register.date_of(register.days - 1),
        )
    elif not number:
        message = told("lists_nobody", _NOBODY)
    else:
        return Tally(number, days)
    raise ScenarioError([columns.sheet.headings[0].problem(message)])


def _numbers(columns: Columns, name: str) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    found, problems = np.full(len(columns.sheet.lines) - 1, np.nan), list[Problem]()
    for row, text in enumerate(columns.texts(name)):
        if not text:
            continue
        found[row] = number_in(columns.cell(name, row), name, problems)
    if problems:
        raise ScenarioError(limited(problems, columns.sheet.file))
    return found
