"""Rows of a table that is being read: cells by the names of their columns, problems noted."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeVar

from sim.rota.entries import Entry, Kind, check_breaks, read_breaks, read_hours
from sim.scenario.errors.problem import Problem, did_you_mean
from sim.scenario.tables.sheet import Cell, Sheet

_ALSO = {"from": "start", "to": "end", "name": "person", "breaks": "break", "weekday": "day"}
_MOST = 1000
"""People of one row, and weeks of a cycle."""
Got = TypeVar("Got")


@dataclass(frozen=True)
class Found:
    """What was read, and what was wrong."""

    entries: tuple[Entry, ...]
    problems: tuple[Problem, ...]
    dated: bool
    """Whether it gives dates rather than weekdays."""


def heading_of(sheet: Sheet, name: str) -> int | None:
    """The number of a column, by its name or another word for it."""
    return sheet.column(name, *(other for other, meant in _ALSO.items() if meant == name))


def named(heading: Cell) -> str:
    """The name of a column, by whatever word it is called."""
    return _ALSO.get(heading.text.casefold(), heading.text.casefold())


def unknown(sheet: Sheet, known: tuple[str, ...]) -> Iterator[Problem]:
    """Columns that nobody knows, or that stand there twice."""
    names = [named(one) for one in sheet.headings]
    for heading, name in zip(sheet.headings, names, strict=True):
        if heading.text and name not in known:
            hint = did_you_mean(name, known) or f"; known: {', '.join(known)}"
            yield heading.problem(f"'{heading.text}' is not a column of this table{hint}")
        if heading.text and names.count(name) > 1:
            yield heading.problem(f"'{heading.text}' stands here twice")


def lacking(sheet: Sheet, needed: tuple[str, ...]) -> Iterator[Problem]:
    """Columns that are not there."""
    for name in needed:
        if heading_of(sheet, name) is None:
            yield sheet.headings[0].problem(f"the table has no column '{name}'")


class Row:
    """The cells of a row by the names of their columns."""

    def __init__(self, sheet: Sheet, row: tuple[Cell, ...], problems: list[Problem]) -> None:
        """Take a row, and the list in which to note what is wrong with it."""
        self._sheet, self._row, self._problems = sheet, row, problems

    def cell(self, name: str) -> Cell:
        """The cell; an empty one if there is no such column."""
        number = heading_of(self._sheet, name)
        return self._row[number] if number is not None else Cell("", self._row[0].place)

    def text(self, name: str) -> str:
        """What stands in it."""
        return self.cell(name).text

    def take(self, found: Got | Problem) -> Got | None:
        """What was read, or nothing and a problem noted."""
        if isinstance(found, Problem):
            self._problems.append(found)
            return None
        return found

    def number(self, name: str, otherwise: int) -> int | None:
        """A whole number from 1 on."""
        cell = self.cell(name)
        if not cell.text:
            return otherwise
        try:
            if 1 <= (number := cell.whole()) <= _MOST:
                return number
        except ValueError:
            pass
        return self.take(cell.problem(f"'{cell.text}' must be a whole number from 1 to {_MOST}"))

    def kind(self, role: str, line: str) -> Kind | None:
        """The shift that the row describes."""
        hours = self.take(read_hours(self.cell("start"), self.cell("end")))
        if hours is None:
            return None
        breaks = self.take(read_breaks(self.cell("break"), *hours))
        if breaks is None:
            return None
        kind = Kind(role, *hours, self.text("shift"), breaks, line)
        wrong = check_breaks(kind, self.cell("break"))
        return kind if wrong is None else self.take(wrong)
