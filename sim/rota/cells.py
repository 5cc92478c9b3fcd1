"""Tables as people keep them, CSV or Excel, as text that knows in which cell it stands."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from importlib import import_module
from pathlib import Path

from sim.scenario.problems import Place, Problem, ScenarioError

EXCEL = ".xlsx"
NEEDS_EXCEL = (
    "needs the package 'openpyxl', which is not installed; "
    "install it with: python -m pip install 'dcr-sim[excel]', or save the table as CSV"
)
_MIDNIGHT = time(0)


@dataclass(frozen=True)
class Cell:
    """What stands in a cell, and where."""

    text: str
    """Without spaces around it; times as 07:30, dates as 2026-01-05."""
    place: Place

    def problem(self, message: str, column: str = "") -> Problem:
        """What is wrong with it."""
        return Problem(self.place, column, message)


@dataclass(frozen=True)
class Sheet:
    """A table: a line of headings, and rows of as many cells."""

    file: str
    name: str
    """Of the sheet; empty for CSV."""
    headings: tuple[Cell, ...]
    rows: tuple[tuple[Cell, ...], ...]
    """Those in which anything stands."""
    problems: tuple[Problem, ...] = ()
    """What makes the table unfit to be read, such as merged cells."""

    def column(self, *names: str) -> int | None:
        """The number of the first of these columns that there is."""
        known = [heading.text.casefold() for heading in self.headings]
        return next((known.index(name) for name in names if name in known), None)


def read_sheets(path: Path) -> tuple[Sheet, ...]:
    """All tables of a file; one for CSV.

    Raises:
        ScenarioError: it cannot be read.
    """
    try:
        return _excel(path) if path.suffix.lower() == EXCEL else (_csv(path),)
    except FileNotFoundError:
        reason = "there is no such file"
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        reason = f"cannot be read: {error}"
    raise ScenarioError([Problem(Place(str(path)), "", reason)])


def _csv(path: Path) -> Sheet:
    """Separated by commas, or by semicolons as some Excel versions write it."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        first = file.readline()
        file.seek(0)
        separator = ";" if first.count(";") > first.count(",") else ","
        reader = csv.reader(file, delimiter=separator, strict=True)
        lines = [
            [
                Cell(text.strip(), Place(str(path), reader.line_num, number))
                for number, text in enumerate(row, start=1)
            ]
            for row in reader
        ]
    return _sheet(str(path), "", lines, ())


def _excel(path: Path) -> tuple[Sheet, ...]:
    try:
        openpyxl = import_module("openpyxl")
        exceptions = import_module("openpyxl.utils.exceptions")
        zipfile = import_module("zipfile")
    except ImportError as error:
        raise ScenarioError([Problem(Place(str(path)), "", NEEDS_EXCEL)]) from error
    try:
        book = openpyxl.load_workbook(path, data_only=True)
    except (exceptions.InvalidFileException, zipfile.BadZipFile, KeyError) as error:
        message = "is not an Excel file (.xlsx)"
        raise ScenarioError([Problem(Place(str(path)), "", message)]) from error
    found = []
    for sheet in book.worksheets:
        lines = [
            [Cell(_text(cell.value), _address(path, sheet.title, cell.coordinate)) for cell in row]
            for row in sheet.iter_rows()
        ]
        merged = tuple(
            Problem(
                _address(path, sheet.title, str(one).partition(":")[0]),
                "",
                f"cells {one} are merged; split them, and write what holds into each of them",
            )
            for one in sheet.merged_cells.ranges
        )
        found.append(_sheet(str(path), sheet.title, lines, merged))
    return tuple(found)


def _address(path: Path, sheet: str, cell: str) -> Place:
    return Place(f"{path}:{sheet}!{cell}")


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == _MIDNIGHT else f"{value:%Y-%m-%d %H:%M}"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, time):
        return f"{value:%H:%M}"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


def _sheet(file: str, name: str, lines: list[list[Cell]], problems: tuple[Problem, ...]) -> Sheet:
    kept = [line for line in lines if any(cell.text for cell in line)]
    headings = tuple(kept[0]) if kept else ()
    rows = tuple(tuple(_filled(line, len(headings))) for line in kept[1:])
    beyond = tuple(
        cell.problem(f"'{cell.text}' stands in no column; a cell with a comma in it needs quotes")
        for line in kept[1:]
        for cell in line[len(headings) :]
        if cell.text
    )
    return Sheet(file, name, headings, rows, (*problems, *beyond))


def _filled(line: list[Cell], length: int) -> Iterator[Cell]:
    """The cells, those that a short line of a CSV file lacks being empty."""
    yield from line
    for _ in range(length - len(line)):
        yield Cell("", line[-1].place)
