"""Dates and times of whole columns: `05.01.2026`, `5/1-2026`, `2026-01-05T00:10`, `7:05 PM`.

Whether day or month comes first is decided over all dates of a file together: some day is above 12.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import date
from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.scenario.errors.problem import ScenarioError, show
from sim.scenario.errors.told import told
from sim.scenario.model.hours import DAY, HOUR
from sim.scenario.tables.sheet import Cell
from sim.scenario.tables.words import month_of

Floats = NDArray[np.float64]
_DAY_FIRST, _MONTH_FIRST = 0, 1
_MONTHS, _CENTURY, _NOON = 12, 2000, 12
_LAST_HOUR = 29
"""Hours from 24 to 29 are those of the night that follows."""
_SERIALS = (20_000, 80_000)
"""Days that spreadsheets count from 1899: 1954 to 2119."""
_FIRST_SERIAL = date(1899, 12, 30).toordinal()
_YEARS = (1950, 2150)

_CLOCK = (
    r"(?:kl\.?\s*)?(?P<hour>[0-9]{1,2})(?:[:.h](?P<minute>[0-9]{2})(?:[:.](?P<second>[0-9]{2})"
    r"(?:[.,][0-9]+)?)?)(?:\s*(?P<half>[ap])\.?m\.?)?(?:\s*uhr)?(?:Z|[+-][0-9]{2}:?[0-9]{2})?"
)
_TIME = re.compile(_CLOCK, re.IGNORECASE)
_BOTH = re.compile(r"(?P<date>.+?)(?:T|,?\s+)(?=(?:kl\.?\s*)?[0-9]{1,2}[:.h][0-9]{2})(?P<time>.+)")
_DIGITS = re.compile("[0-9]{4}")
_NUMBER = re.compile(r"[0-9]+(?:[.,][0-9]+)?")
_PART = re.compile(r"0(?:[.,][0-9]+)?")
_ISO = re.compile(r"([0-9]{4})[-/.]([0-9]{1,2})[-/.]([0-9]{1,2})")
_COMPACT = re.compile(r"((?:19|20|21)[0-9]{2})([0-9]{2})([0-9]{2})")
_EITHER = re.compile(r"([0-9]{1,2})([./-])\s?([0-9]{1,2})[./-]\s?([0-9]{4}|[0-9]{2})")
_NAMED = re.compile(r"([0-9]{1,2})\.?[\s-]*([^\W\d_]+)\.?,?[\s-]*([0-9]{4})")
_NAMED_FIRST = re.compile(r"([^\W\d_]+)\.?\s+([0-9]{1,2})(?:st|nd|rd|th)?,?\s+([0-9]{4})")
_WEEKDAY = re.compile(r"[^\W\d_]{2,10}[.,]?\s+(?=[0-9])")


class Written(NamedTuple):
    """What a cell says of a moment."""

    day_first: int | None
    """Number of the day if the day is written before the month; None of no day."""
    month_first: int | None
    clock: float
    """Minutes after midnight; NaN where no time is written."""
    slashed: bool = False
    """Whether either may come first, as far as the signs between them go."""


def written(text: str) -> Written | None:
    """What a text says of a moment; None if it is neither a date nor a time, nor both."""
    day, _, time = text.partition("T" if text[10:11] == "T" else " ")
    if time and (clock := clock_of(time)) is not None and (found := _date_of(day)) is not None:
        return found._replace(clock=clock)
    return _otherwise(text)


@cache
def _otherwise(text: str) -> Written | None:
    """The same of what is no plain date with a time after it."""
    text = " ".join(text.split())
    clock = clock_of(text)
    if clock is not None:
        return Written(None, None, clock)
    if _NUMBER.fullmatch(text) and not _COMPACT.fullmatch(text):
        return _of_number(text)
    said = _BOTH.fullmatch(text)
    clock = clock_of(said["time"]) if said else None
    if said is None or clock is None:
        return _date_of(text)
    found = _date_of(said["date"])
    return None if found is None else found._replace(clock=clock)


def _of_number(text: str) -> Written | None:
    """A spreadsheet's number of a day, with the time as its fraction, or of a time alone."""
    value = float(text.replace(",", "."))
    if 0 < value < 1:
        return Written(None, None, round(value * DAY, 3))
    if not _SERIALS[0] <= value <= _SERIALS[1]:
        return None
    day = _FIRST_SERIAL + int(value)
    return Written(day, day, np.nan if value.is_integer() else round(value % 1 * DAY, 3))


@cache
def clock_of(text: str) -> float | None:
    """Minutes after midnight, 24:00 to 29:59 of the night that follows; None of no time."""
    if _DIGITS.fullmatch(text):
        text = f"{text[:2]}:{text[2:]}"
    said = _TIME.fullmatch(text)
    if said is None:
        return None
    hour, minute, second = (int(said[name] or 0) for name in ("hour", "minute", "second"))
    if said["half"]:
        hour = hour % _NOON + (_NOON if said["half"] in "pP" else 0)
    if hour > _LAST_HOUR or minute >= HOUR or second >= HOUR:
        return None
    return hour * HOUR + minute + second / HOUR


@cache
def _date_of(text: str) -> Written | None:
    text = text.strip().rstrip(".")
    if said := _ISO.fullmatch(text) or _COMPACT.fullmatch(text):
        return _certain(int(said[1]), int(said[2]), int(said[3]))
    if said := _EITHER.fullmatch(text):
        year = int(said[4]) + (_CENTURY if int(said[4]) < _YEARS[0] else 0)
        first, second = int(said[1]), int(said[3])
        day_first = _ordinal(year, second, first)
        if said[2] == ".":
            return Written(day_first, day_first, np.nan) if day_first else None
        month_first = _ordinal(year, first, second)
        return Written(day_first, month_first, np.nan, slashed=True)
    for pattern, day, month in ((_NAMED, 1, 2), (_NAMED_FIRST, 2, 1)):
        said = pattern.fullmatch(text)
        number = month_of(said[month]) if said else None
        if said and number is not None:
            return _certain(int(said[3]), number, int(said[day]))
    rest = _WEEKDAY.sub("", text, count=1)
    return None if rest == text else _date_of(rest)


def _certain(year: int, month: int, day: int) -> Written | None:
    found = _ordinal(year, month, day)
    return None if found is None else Written(found, found, np.nan)


def _ordinal(year: int, month: int, day: int) -> int | None:
    if not _YEARS[0] <= year <= _YEARS[1]:
        return None
    try:
        return date(year, month, day).toordinal()
    except ValueError:
        return None


def _are_parts_of_a_day(texts: Sequence[str]) -> bool:
    """Whether a column has the times of a spreadsheet as bare numbers: all are 0 and a fraction.

    A log whose times are all from 0.00 to 0.59 o'clock would look the same, and is none.
    """
    some = [one for one in texts if one]
    return bool(some) and all(_PART.fullmatch(one) for one in some)


def _part_of_day(text: str) -> Written:
    return Written(None, None, round(float(text.replace(",", ".")) * DAY, 3))


class Column(NamedTuple):
    """What a column says, row by row."""

    day: Floats
    """Number of the day; NaN where none is written."""
    clock: Floats
    """Minutes after midnight; NaN where none is written."""
    unreadable: NDArray[np.bool_]
    """Whether something is written that says neither."""


def is_month_first(texts: Iterable[Sequence[str]], said: str | None, cell: Cell) -> bool:
    """Whether the dates of a file are written with the month first.

    Args:
        texts: its columns.
        said: what the planner has said, `day` or `month`.
        cell: the heading of the first date, for the message.

    Raises:
        ScenarioError: no date tells, or they contradict each other.
    """
    unlike, fits = "", [True, True]
    for text in {one for column in texts for one in column}:
        found = written(text)
        if found is None or not found.slashed or found.day_first == found.month_first:
            continue
        unlike = unlike or text
        fits = [fits[0] and found.day_first is not None, fits[1] and found.month_first is not None]
    if not unlike or fits == [True, False]:
        return False
    if fits == [False, True]:
        return True
    if said is not None:
        return said == "month"
    what = (
        told("no_date_of_the_file_tells", "no date of the file tells")
        if fits[0]
        else told(
            "the_dates_of_the_file_contradict_each", "the dates of the file contradict each other"
        )
    )
    raise ScenarioError(
        [
            cell.problem(
                told(
                    "may_be_day_month_or_month_day",
                    "{unlike} may be day/month or month/day, and {what}; say --dates day, or "
                    "--dates month",
                    unlike=show(unlike, quotes=True),
                    what=what,
                )
            )
        ]
    )


def column_of(texts: Sequence[str], *, month_first: bool) -> Column:
    """The days and times of a column."""
    size = len(texts)
    day, clock = np.full(size, np.nan), np.full(size, np.nan)
    bad = np.zeros(size, dtype=np.bool_)
    parts_of_day = _are_parts_of_a_day(texts)
    for row, text in enumerate(texts):
        if not text:
            continue
        found = _part_of_day(text) if parts_of_day else written(text)
        on = None if found is None else found.month_first if month_first else found.day_first
        if found is None or (on is None and found.slashed):
            bad[row] = True
            continue
        day[row] = np.nan if on is None else on
        clock[row] = found.clock
    return Column(day, clock, bad)
