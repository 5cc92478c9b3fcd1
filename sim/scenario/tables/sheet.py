"""Tables as people keep them: text with separators, Excel or OpenDocument; one reader for all.

Every table of every command is read here, as text that knows in which cell it stands. That a row
has as many cells as the table has columns is looked at row by row: a decimal comma in a file that
is separated by commas would else be read as another number.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import NamedTuple, overload

from sim.scenario.errors.problem import Place, Problem, shorten
from sim.scenario.errors.told import told
from sim.scenario.tables.words import is_total
from sim.scenario.tables.workbook import (
    EXACT,
    Value,
    column_letters,
    number_text,
)

LONGEST_CELL = 32_767
"""Characters in a cell, as in Excel."""
MOST_TITLES = 30
"""Lines above the headings of a table that are looked at."""
MOST_MERGED = 10_000
"""Rows that are merged down a column."""
MOST_PROBLEMS = 100
"""Of one table; how many more there are is told."""
_SHOWN = 60
"""Characters of a cell that are repeated in a message."""


# --- cells --------------------------------------------------------------------------------------

_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:[.,][0-9]*)?|[.,][0-9]+)(?:[eE][+-]?[0-9]{1,4})?")
_GROUPS = re.compile(r"[+-]?[1-9][0-9]{0,2}(?:[.,][0-9]{3})+(?:[.,][0-9]+)?")
"""What may be a whole number in groups of three digits."""
_ONE_GROUP = re.compile(r"[+-]?[1-9][0-9]{0,2}([.,])[0-9]{3}")
_MARK = re.compile(r"[+-]?[0-9]*([.,])[0-9]+")
_MOST_DIGITS = 100


@dataclass(frozen=True)
class Cell:
    """What stands in a cell, and where."""

    text: str
    """Without spaces around it; times as 07:30, dates as 2026-01-05."""
    place: Place
    at: str = ""
    """Its place within the table: `line 5`, `C7`."""
    value: float | None = field(default=None, compare=False, repr=False)
    """The number it is, where a workbook says so."""
    table: "Sheet | None" = field(default=None, compare=False, repr=False)

    def problem(self, message: str, column: str = "") -> Problem:
        """What is wrong with it; of a long text only the beginning is repeated."""
        if len(self.text) > _SHOWN:
            message = message.replace(self.text, shorten(self.text, _SHOWN))
        return Problem(self.place, column, shorten(message, 1000))

    def number(self) -> float:
        """The number in it, with a decimal point or a decimal comma.

        Raises:
            ValueError: there is none, or it may be either of two.
        """
        if self.value is not None and abs(self.value) < float("inf"):
            return self.value
        text, shown = self.text, shorten(self.text, _SHOWN)
        if not text:
            raise ValueError(
                told("must_be_a_number_but_is_empty", "must be a number, but is empty")
            )
        if _ONE_GROUP.fullmatch(text):
            return self._of_one_group(text)
        if _GROUPS.fullmatch(text) and not _NUMBER.fullmatch(text):
            raise ValueError(
                told(
                    "must_be_a_number_without_separators_of",
                    "must be a number without separators of thousands, not '{shown}'",
                    shown=shown,
                )
            )
        if not _NUMBER.fullmatch(text) or len(text) > _MOST_DIGITS:
            raise ValueError(
                told("must_be_a_number_not", "must be a number, not '{shown}'", shown=shown)
            )
        return float(text.replace(",", "."))

    def _of_one_group(self, text: str) -> float:
        """`1,234` is 1.234 only where the table leaves no doubt of it."""
        mark = "," if "," in text else "."
        seen = frozenset() if self.table is None else self.table.decimal_marks
        usual = self.table is None or mark in self.table.usual_marks
        if seen != {mark} and (seen or not usual):
            plain = text.replace(mark, "")
            raise ValueError(
                told(
                    "may_be_or_write_or_0_so",
                    "may be {replace} or {plain}: '{text}'; write {plain}, or {text}0, so that "
                    "there is no doubt",
                    replace=text.replace(mark, "."),
                    plain=plain,
                    text=text,
                )
            )
        return float(text.replace(",", "."))

    def whole(self) -> int:
        """The whole number in it; `8.0` is one too.

        Raises:
            ValueError: there is none.
        """
        number = self.number()
        if not number.is_integer() or abs(number) >= EXACT:
            raise ValueError(
                told(
                    "must_be_a_whole_number_not",
                    "must be a whole number, not '{text}'",
                    text=shorten(self.text, _SHOWN),
                )
            )
        return int(number)


class Row(NamedTuple):
    """A row, with the number that it has in the file."""

    number: int
    values: list[Value]


class Merged(NamedTuple):
    """Cells that are one, numbers of rows and columns from 1."""

    top: int
    left: int
    bottom: int
    right: int

    def __str__(self) -> str:
        corners = ((self.left, self.top), (self.right, self.bottom))
        return ":".join(f"{column_letters(column)}{row}" for column, row in corners)


class _Rows(Sequence[tuple[Cell, ...]]):
    """The rows of a table; cells are made as they are asked for, since a log has many."""

    def __init__(self, sheet: "Sheet", lines: Sequence[Row]) -> None:
        self._sheet, self._lines = sheet, lines

    def __len__(self) -> int:
        return len(self._lines)

    @overload
    def __getitem__(self, number: int) -> tuple[Cell, ...]: ...

    @overload
    def __getitem__(self, number: slice) -> Sequence[tuple[Cell, ...]]: ...

    def __getitem__(self, number: int | slice) -> tuple[Cell, ...] | Sequence[tuple[Cell, ...]]:
        if isinstance(number, slice):
            return _Rows(self._sheet, self._lines[number])
        line = self._lines[number]
        width = len(self._sheet.headings)
        values = line.values[:width] + [""] * (width - len(line.values))
        return tuple(
            self._sheet.cell(line.number, column, value)
            for column, value in enumerate(values, start=1)
        )


@dataclass(frozen=True, eq=False)
class Sheet:
    """A table: a line of headings, and rows of as many cells."""

    file: str
    name: str
    """Of the sheet; empty where a file is one table."""
    separator: str = ""
    """Between cells; empty for a workbook."""
    _lines: list[Row] = field(default_factory=list, repr=False)
    """Those in which anything stands, the headings first."""
    _faults: tuple[Problem, ...] = ()
    """What makes the file unfit to be read."""
    _merged: tuple["Merged", ...] = ()
    """Cells that are one."""
    _turned: bool = False
    """Whether its lines are the columns of the file."""

    @cached_property
    def headings(self) -> tuple[Cell, ...]:
        """The names of the columns."""
        if not self._lines:
            return ()
        line = self._lines[0]
        width = max(number for number, value in enumerate(line.values, start=1) if value != "")
        return tuple(
            self.cell(line.number, column, value)
            for column, value in enumerate(line.values[:width], start=1)
        )

    @property
    def rows(self) -> Sequence[tuple[Cell, ...]]:
        """Those in which anything stands."""
        return _Rows(self, self._lines[1:])

    @property
    def lines(self) -> Sequence[Row]:
        """Those in which anything stands, whatever they are."""
        return self._lines

    def of_lines(self, lines: Iterable[Row]) -> "Sheet":
        """The table that some of the lines are, the one with the headings first.

        Cells that are merged above the headings, or down into them, are titles; those merged down
        a column have the same in each row. Others stay faults.
        """
        kept = [Row(number, list(values)) for number, values in lines]
        first, by_number = kept[0].number, {line.number: line.values for line in kept}
        left = []
        for one in self._merged:
            if one.top < first and one.bottom <= first:
                continue
            if one.top <= first or one.left != one.right or one.bottom - one.top > MOST_MERGED:
                left.append(one)
                continue
            column = one.left - 1
            above = by_number.get(one.top, [])
            for number in range(one.top + 1, one.bottom + 1) if column < len(above) else ():
                values = by_number.get(number)
                if values is not None:
                    values.extend([""] * (column + 1 - len(values)))
                    values[column] = above[column]
        return replace(self, _lines=kept, _merged=tuple(left))

    def turned(self) -> "Sheet":
        """The table with the columns of the file as its lines; cells keep their places."""
        by_number = {line.number: line.values for line in self._lines}
        width = max((len(values) for values in by_number.values()), default=0)
        lines = []
        for column in range(width):
            values = [
                values[column] if column < len(values := by_number.get(number, [])) else ""
                for number in range(1, max(by_number) + 1)
            ]
            if any(value != "" for value in values):
                lines.append(Row(column + 1, values))
        return replace(self, _lines=lines, _turned=True)

    def head(self, is_head: Callable[[Sequence[str]], object]) -> "Sheet":
        """The table without the titles above its headings.

        Args:
            is_head: whether some texts, in small letters, are the headings.
        """
        for number, line in enumerate(self._lines[:MOST_TITLES]):
            if is_head([str(value).casefold() for value in line.values]):
                return self.of_lines(self._lines[number:]) if number else self
        return self

    @cached_property
    def problems(self) -> tuple[Problem, ...]:
        """What makes the table unfit to be read."""
        return limited((*self._unfit(), *self._twice()), self.file)

    @cached_property
    def faults(self) -> tuple[Problem, ...]:
        """The same, but for columns that stand there twice."""
        return limited(self._unfit(), self.file)

    def _unfit(self) -> Iterator[Problem]:
        yield from self._faults
        yield from (self._of_merged(one) for one in self._merged)
        yield from self._too_long()
        yield from self._shape()

    def _of_merged(self, one: "Merged") -> Problem:
        message = told(
            "cells_are_merged_split_them_and_write",
            "cells {one} are merged; split them, and write what holds into each of them",
            one=one,
        )
        return self.cell(one.top, one.left, "").problem(message)

    def cell(self, line: int, column: int, value: Value) -> Cell:
        """A cell of the table.

        Args:
            line: number of the line or row, from 1.
            column: from 1.
            value: what stands in it.
        """
        if self._turned:
            line, column = column, line
        number = None if isinstance(value, str) else value
        text = value if isinstance(value, str) else number_text(value)
        if self.separator:
            where = told("at_line", "line {line}", line=line)
            return Cell(text, Place(self.file, line, column), where, number, self)
        at = f"{column_letters(column)}{line}"
        return Cell(text, Place(f"{self.file}:{self.name}!{at}"), at, number, self)

    def column(self, *names: str) -> int | None:
        """The number of the first of these columns that there is."""
        return next((self._columns[name] for name in names if name in self._columns), None)

    @cached_property
    def _columns(self) -> dict[str, int]:
        found: dict[str, int] = {}
        for number, heading in enumerate(self.headings):
            found.setdefault(heading.text.casefold(), number)
        return found

    @property
    def usual_marks(self) -> str:
        """The decimal marks that a number may have without further evidence."""
        return "," if self.separator == ";" else "."

    @cached_property
    def decimal_marks(self) -> frozenset[str]:
        """Those that stand in a number of the table of which there is no doubt."""
        found = set()
        for _, values in self._lines[1:]:
            for value in values:
                if not isinstance(value, str) or not ("," in value or "." in value):
                    continue
                said = _MARK.fullmatch(value)
                if said is not None and not _ONE_GROUP.fullmatch(value):
                    found.add(said[1])
        return frozenset(found)

    def _too_long(self) -> Iterator[Problem]:
        for number, values in self._lines:
            for column, value in enumerate(values, start=1):
                if isinstance(value, str) and len(value) > LONGEST_CELL:
                    message = told(
                        "has_characters_at_most_are_read",
                        "has {number:,} characters; at most {longest_cell:,} are read",
                        number=len(value),
                        longest_cell=LONGEST_CELL,
                    )
                    yield self.cell(number, column, "").problem(message)

    def _twice(self) -> Iterator[Problem]:
        """Columns that stand there twice."""
        names = [heading.text.casefold() for heading in self.headings]
        for heading, name in zip(self.headings, names, strict=True):
            if name and names.count(name) > 1:
                yield heading.problem(
                    told("stands_here_twice_days", "'{text}' stands here twice", text=heading.text)
                )

    def _shape(self) -> Iterator[Problem]:
        """Rows that do not fit the columns."""
        names = [heading.text.casefold() for heading in self.headings]
        nameless = [number for number, name in enumerate(names) if not name]
        for line, values in self._lines[1:]:
            beyond = next((at for at in range(len(names), len(values)) if values[at] != ""), None)
            if beyond is not None:
                yield self._surplus(line, beyond, values)
            elif self.separator and len(values) < len(names):
                yield self.cell(line, len(values), "").problem(
                    told(
                        "the_row_ends_here_it_has_cells",
                        "the row ends here: it has {number} cells, but the table has {number_2} "
                        "columns; an empty cell needs its {names} too",
                        number=len(values),
                        number_2=len(names),
                        names=_NAMES[self.separator],
                    )
                )
            for column in nameless:
                if column < len(values) and values[column] != "":
                    cell = self.cell(line, column + 1, values[column])
                    yield cell.problem(
                        told(
                            "stands_in_a_column_without_a_name",
                            "'{text}' stands in a column without a name",
                            text=cell.text,
                        )
                    )

    def _surplus(self, line: int, column: int, values: list[Value]) -> Problem:
        cell = self.cell(line, column + 1, values[column])
        if not self.separator:
            return cell.problem(
                told(
                    "stands_in_no_column_the_first_line",
                    "'{text}' stands in no column: the first line has none here",
                    text=cell.text,
                )
            )
        advice = told(
            "a_cell_with_a_in_it_needs",
            '; a cell with a {names} in it needs quotes, as in "5,2"',
            names=_NAMES[self.separator],
        )
        return cell.problem(
            told(
                "stands_in_no_column_the_row_has",
                "'{text}' stands in no column: the row has {number} cells, but the table "
                "has {number_2} columns",
                text=cell.text,
                number=len(values),
                number_2=len(self.headings),
            )
            + (advice if self.separator == "," else "")
        )


def without_totals(sheet: Sheet) -> tuple[Sheet, tuple[tuple[Cell, ...], ...]]:
    """The table without the rows that add up others, and these rows."""

    def adds_up(values: Iterable[Value]) -> bool:
        label = next((one for one in values if one != ""), "")
        return isinstance(label, str) and is_total(label)

    totals = tuple(row for row in sheet.rows if adds_up(cell.text for cell in row))
    if not totals:
        return sheet, ()
    head, *lines = sheet.lines
    return sheet.of_lines([head, *(one for one in lines if not adds_up(one.values))]), totals


class _Names(dict[str, str]):
    """What separators are called."""

    def __missing__(self, separator: str) -> str:
        return f"'{separator}'"


_NAMES = _Names(
    {
        ",": told("a_comma", "comma"),
        ";": told("a_semicolon", "semicolon"),
        "\t": told("a_tab", "tab"),
    }
)


def limited(problems: Iterable[Problem], file: str) -> tuple[Problem, ...]:
    """The problems of a table, and of very many the first, with how many there are."""
    found = tuple(dict.fromkeys(problems))
    if len(found) <= MOST_PROBLEMS:
        return found
    message = told(
        "things_are_wrong_with_this_table_these",
        "{number:,} things are wrong with this table; these are the first",
        number=len(found),
    )
    return (Problem(Place(file), "", message), *found[:MOST_PROBLEMS])


# --- text that no spreadsheet takes for a formula -----------------------------------------------

_BEGINS = r"(?:\s*[=+\-@\uff1d\uff0b\uff0d\uff20]|[\t\r\n])"
"""How a formula begins: with one of four signs, their wide forms of East Asia too."""
_FORMULA, _ESCAPED = re.compile("'*" + _BEGINS), re.compile("'+" + _BEGINS)
_PLAIN_NUMBER = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")


def harmless(text: str) -> str:
    """The text as a cell of a CSV file, so that a spreadsheet cannot take it for a formula.

    What begins with = + - @ or a tab gets an apostrophe before it, and so does what begins with
    such apostrophes already, so that `as_meant` gives back exactly what was written. Numbers stay.
    """
    if _FORMULA.match(text) and not _PLAIN_NUMBER.fullmatch(text):
        return f"'{text}"
    return text


def as_meant(text: str) -> str:
    """The text that `harmless` was given."""
    return text[1:] if _ESCAPED.match(text) else text
