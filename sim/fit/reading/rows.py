"""The rows of a log, column by column: moments, numbers, names and clients, and what is wrong.

Codes of clients are hashed as they are read, with a salt that is made for the reading and never
kept; from then on a client is a number.
"""

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from sim.fit.reading.calendar import nights
from sim.fit.reading.columns import Columns, kind_of, yes_or_no
from sim.fit.reading.moments import Column, column_of, is_month_first
from sim.fit.reading.register import MOST_LINES, Bools, Finding, Floats, Ints, numbered
from sim.scenario.errors.problem import Problem, message_of
from sim.scenario.errors.told import told
from sim.scenario.model.hours import DAY, HOUR
from sim.scenario.model.scenario import Scenario
from sim.scenario.tables.sheet import Cell

MOMENTS = ("arrived", "checked_in", "entered", "left", "out")
_MOST = 1_000_000
"""Numbers of a row are below it: minutes, visits, people."""


class _Codes:
    """A number for each client of a log, in order of first sight; the codes go no further."""

    def __init__(self) -> None:
        self._salt, self._numbers = secrets.token_bytes(16), dict[bytes, int]()

    def number(self, text: str) -> int:
        """Of one client."""
        code = hashlib.blake2b(text.encode(), key=self._salt, digest_size=16).digest()
        return self._numbers.setdefault(code, len(self._numbers))


@dataclass(frozen=True)
class Said:
    """What the planner says of a log that it does not say itself."""

    columns: Mapping[str, str] = field(default_factory=dict)
    """Headings by meaning."""
    names: Mapping[str, str] = field(default_factory=dict)
    """Kinds, rooms and services of the site by what the log calls them, folded."""
    where: tuple[str, str] | None = None
    """Only rows with this in that column."""
    dates: str | None = None
    """`day` or `month`: which stands first."""
    codes: _Codes = field(default_factory=_Codes, repr=False)
    """Of clients, the same in all files."""


def number_in(cell: Cell, name: str, problems: list[Problem]) -> float:
    """The number in a cell; NaN, and what is wrong with it among the problems, if it is none."""
    try:
        found = cell.number()
    except ValueError as error:
        problems.append(cell.problem(f"{name} " + message_of(error)))
        return float("nan")
    if 0 <= found < _MOST:
        return found
    problems.append(
        cell.problem(
            told(
                "must_be_0_or_more_and_below",
                "{name} must be 0 or more and below {most:,}, not '{text}'",
                name=name,
                most=_MOST,
                text=cell.text,
            )
        )
    )
    return float("nan")


class Rows:
    """The rows of a table, and what was seen and is wrong in them."""

    def __init__(self, columns: Columns, site: Scenario, said: Said) -> None:
        self.columns, self.site, self.said = columns, site, said
        self.problems: list[Problem] = []
        self.findings: list[Finding] = []
        self.size = len(columns.sheet.lines) - 1
        self.lines = np.array([one.number for one in columns.sheet.lines[1:]])

    def has(self, *names: str) -> bool:
        """Whether the log has one of these columns."""
        return self.columns.has(*names)

    def texts(self, name: str) -> list[str]:
        """What stands in a column; nothing where there is none."""
        return self.columns.texts(name) if self.has(name) else [""] * self.size

    def _moments(self) -> dict[str, Column]:
        names = [one for one in ("date", "time", *MOMENTS) if self.has(one)]
        texts = {name: self.columns.texts(name, moments=True) for name in names}
        cell = self.columns.sheet.headings[self.columns.of[names[0]]]
        month_first = is_month_first(texts.values(), self.said.dates, cell)
        return {name: column_of(texts[name], month_first=month_first) for name in names}

    def times(self) -> dict[str, Floats]:
        """Minutes of each moment since the calendar's first day; NaN where it is not known."""
        columns = self._moments()
        base = next((one for one in ("arrived", "entered", "time", "date") if one in columns), "")
        day = columns["date"].day if "date" in columns else columns[base].day
        unreadable = np.zeros(self.size, dtype=np.bool_)
        first = columns[base]
        clock = self._hours() if self.has("hour") and base == "date" else first.clock
        own = np.where(np.isnan(first.day), day, first.day)
        apart = "date" in columns and base != "date"
        moved = nights(own, clock, self.site) if apart else np.zeros(self.size)
        self.note("night", moved > 0)
        found = {base: own * DAY + moved + clock, "day": own}
        for name in MOMENTS:
            if name in columns and name != base:
                found[name] = _after(found[base], columns[name], own)
        for name in columns:
            unreadable |= columns[name].unreadable
        self._note_unreadable(columns, unreadable)
        return found

    def _note_unreadable(self, columns: Mapping[str, Column], which: Bools) -> None:
        """Note cells that are no moment; a column without any that is one cannot be meant."""
        for name, one in columns.items():
            if one.unreadable.any() and one.unreadable.sum() * 2 > self.size:
                cell = self.columns.cell(name, int(np.argmax(one.unreadable)))
                kind = told("a_date_or_a_time_such_as", "a date or a time such as 2026-01-05 07:30")
                self.problems.append(
                    cell.problem(
                        told(
                            "must_be_not", "must be {kind}, not '{text}'", kind=kind, text=cell.text
                        )
                    )
                )
        self.note("unreadable", which)

    def note(self, rule: str, which: Bools, *, lost: bool = False) -> None:
        """Note what was seen in some rows; nothing if there are none."""
        if which.any():
            lines = tuple(self.lines[which][:MOST_LINES].tolist())
            self.findings.append(Finding(rule, int(which.sum()), lines, lost))

    def _hours(self) -> Floats:
        """The middle of the hour that a row names."""
        found = np.full(self.size, np.nan)
        for row, text in enumerate(self.texts("hour")):
            digits = text.replace(".", ":").partition(":")[0].partition("-")[0].strip()
            if digits.isascii() and digits.isdigit() and int(digits) < DAY // HOUR + 6:
                found[row] = int(digits) * HOUR + HOUR / 2
            elif text:
                cell = self.columns.cell("hour", row)
                self.problems.append(
                    cell.problem(
                        told(
                            "must_be_an_hour_from_0_to",
                            "must be an hour from 0 to 23, not '{text}'",
                            text=text,
                        )
                    )
                )
        return found

    def numbers(self, name: str) -> Floats:
        """The numbers of a column; NaN where there is none, or it is wrong."""
        found = np.full(self.size, np.nan)
        known: dict[str, float] = {}
        for row, text in enumerate(self.texts(name)):
            if text and text not in known:
                known[text] = self._number(name, row)
            found[row] = known.get(text, np.nan)
        return found

    def _number(self, name: str, row: int) -> float:
        cell = self.columns.cell(name, row)
        said = cell.text.split(":")
        if name == "minutes" and len(said) in (2, 3) and all(one.isdigit() for one in said):
            return float(sum(int(one) * HOUR ** (1 - at) for at, one in enumerate(said)))
        return number_in(cell, name, self.problems)

    def named(self, name: str, names: Sequence[str]) -> Ints:
        """The kind or room of each row; what the site lacks is told, once for each name."""
        texts = self.texts(name)
        by_text = {one: kind_of(one, names, self.said.names) for one in dict.fromkeys(texts)}
        for text, found in by_text.items():
            if found is not None or not text:
                continue
            row = texts.index(text)
            count, option = texts.count(text), f"--{name}s"
            self.problems.append(
                self.columns.cell(name, row).problem(
                    told(
                        "rows_is_no_of_which_has_say",
                        "'{text}' ({count:,} rows) is no {name} of {name_2}, which has {listed}; "
                        "say which it is, as in {option} '{text}={name_3}'",
                        text=text,
                        count=count,
                        name=name,
                        name_2=self.site.name,
                        listed=", ".join(names),
                        option=option,
                        name_3=names[0],
                    )
                )
            )
        if self.problems:
            return np.full(self.size, -1, dtype=np.int64)
        return numbered([by_text[one] for one in texts], names)

    def flags(self, name: str) -> Ints:
        """Yes and no as 1 and 0; -1 where nothing is said."""
        by_text = {one: yes_or_no(one) for one in dict.fromkeys(self.texts(name))}
        missing = {"": -1}
        return np.array(
            [
                missing.get(one, -1 if by_text[one] is None else int(by_text[one] or False))
                for one in self.texts(name)
            ],
            dtype=np.int64,
        )

    def clients(self, name: str) -> Ints:
        """A number for each code; the codes themselves go no further than here."""
        found = np.full(self.size, -1, dtype=np.int64)
        for row, text in enumerate(self.texts(name)):
            if text:
                found[row] = self.said.codes.number(text)
        return found


def _after(base: Floats, column: Column, day: Floats) -> Floats:
    """A later moment of the same row; a time without a date is the next that follows."""
    at = day * DAY + column.clock
    midnight = np.floor_divide(base, DAY) * DAY
    same = midnight + column.clock
    follows = np.where(same < base, same + DAY, same)
    bare = np.where(np.isnan(base), at, follows)
    return np.where(np.isnan(column.day), bare, column.day * DAY + column.clock)
