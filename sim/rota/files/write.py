"""A rota as tables and as a calendar, so that reading the tables gives the same rota."""

import csv
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from importlib import import_module
from io import StringIO
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

from sim.measures.staff import shift_labels
from sim.rota.check.rules import staff_of
from sim.rota.files.entries import break_text
from sim.scenario.derived.roster import name_of, people_on_shift, period_of, shift_days
from sim.scenario.errors.problem import shorten, show
from sim.scenario.model.hours import DAY, DAYS, WEEK, clock_text
from sim.scenario.model.scenario import Scenario
from sim.scenario.model.staff import Shift, Staff
from sim.scenario.tables.sheet import harmless

if TYPE_CHECKING:
    from openpyxl.cell import Cell

NEEDS_EXCEL = (
    "needs the package 'openpyxl', which is not installed; "
    "install it with: python -m pip install 'dcr-sim[excel]', or write the table as CSV"
)
NEEDS_CALENDAR = (
    "needs the package 'icalendar', which is not installed; "
    "install it with: python -m pip install 'dcr-sim[calendar]'"
)
Table = list[list[str]]


class ExportError(Exception):
    """The rota cannot be written in this form; the message says why."""


def long_table(scenario: Scenario) -> Table:
    """Headings, and a row for each line, day and (where there are names) person.

    The number of the line keeps apart what is alike otherwise. A rota of dates has a row for each
    date of the horizon, also for lines that have weekdays.
    """
    staff, dated = staff_of(scenario), period_of(scenario).first is not None
    days = ["date"] if dated else ["week", "day"]
    rows = [["line", "role", "shift", *days, "start", "end", "break", "count", "person"]]
    for number, line in enumerate(staff.rota, start=1):
        whose = [("1", one) for one in line.people] if line.people else [(str(line.count), "")]
        for day in _dates(scenario, line) if dated else _days(line):
            for many, person in whose:
                before = [str(number), line.role, line.name, *day]
                rows.append([*before, *_hours(line), break_text(line.breaks), many, person])
    return rows


def _days(line: Shift) -> Iterator[list[str]]:
    for week in line.weeks or ("",):
        for day in line.days:
            yield [str(week), DAYS[day]]


def _dates(scenario: Scenario, line: Shift) -> Iterator[list[str]]:
    for midnight in shift_days(scenario, line):
        if midnight >= 0:
            yield [f"{scenario.horizon.date_of(midnight // DAY)}"]


def grid_tables(scenario: Scenario) -> tuple[Table, Table]:
    """Rows of staff by columns of days with codes in the cells; and the table of the codes."""
    staff, period = staff_of(scenario), period_of(scenario)
    codes = _codes(staff)
    table = [["role", "person", *_columns(scenario)]]
    for role in staff.roles:
        cells: dict[tuple[str, int, int], dict[int, list[str]]] = {}
        for number, (line, code) in enumerate(zip(staff.rota, codes, strict=True)):
            if line.role != role:
                continue
            for member in range(line.count):
                person = line.people[member] if line.people else ""
                row = cells.setdefault((person, *((-1, -1) if person else (number, member))), {})
                for midnight in shift_days(scenario, line):
                    row.setdefault(midnight // DAY, []).append(code)
        days = range(period.minutes // DAY)
        for (person, _, _), row in cells.items():
            table.append([role, person, *("+".join(row.get(day, [])) for day in days)])
    explained = [["code", "role", "shift", "start", "end", "break"]]
    for line, code in zip(staff.rota, codes, strict=True):
        explained.append([code, line.role, line.name, *_hours(line), break_text(line.breaks)])
    return table, explained


def _columns(scenario: Scenario) -> Iterator[str]:
    """A heading for each day of the rota's period."""
    period = period_of(scenario)
    for day in range(period.minutes // DAY):
        week, weekday = divmod(day, len(DAYS))
        if period.first is not None:
            yield f"{period.first + timedelta(days=day)}"
        elif period.minutes == WEEK:
            yield DAYS[weekday]
        else:
            yield f"{week + 1} {DAYS[weekday]}"


def _codes(staff: Staff) -> list[str]:
    """A short code for each line: the first letters of its name, or of its role."""
    found: list[str] = []
    for line in staff.rota:
        stem = "".join(letter for letter in line.name or line.role if letter.isalnum())
        short = (stem[:1] or "S").upper()
        numbered = (f"{short}{number}" for number in count(1))
        found.append(next(code for code in numbered if code not in found))
    return found


def _hours(line: Shift) -> list[str]:
    return [clock_text(line.start), clock_text(line.end)]


def write_excel(tables: Sequence[tuple[str, Table]], path: Path) -> None:
    """Write tables as sheets, all cells as text.

    Raises:
        ExportError: openpyxl is not installed.
    """
    try:
        openpyxl = import_module("openpyxl")
    except ImportError as error:
        raise ExportError(f"{path} {NEEDS_EXCEL}") from error
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in tables:
        sheet = book.create_sheet(name)
        for number, row in enumerate(rows, start=1):
            for column, text in enumerate(row, start=1):
                if text:
                    cell = sheet.cell(number, column)
                    _write_text(cell, text, path)
        sheet.freeze_panes = "A2"
    book.save(path)


def _write_text(cell: "Cell", text: str, path: Path) -> None:
    """Write text into a cell as text, so that `=1+1` is no formula and `#N/A` no error.

    Raises:
        ExportError: it has characters that such a file cannot hold.
    """
    try:
        cell.value = text
    except ValueError as error:
        raise ExportError(f"{path} cannot hold {show(shorten(text), quotes=True)}") from error
    cell.data_type = "s"
    if harmless(text) != text:
        cell.style = "Normal"
        cell.quotePrefix = True  # nor does it become one when somebody edits the cell


def csv_text(rows: Table) -> str:
    """Rows as CSV, in which no spreadsheet takes a cell for a formula.

    What is read back is what was written.
    """
    lines = StringIO()
    # A bare carriage return is quoted only where it may end a line.
    writer = csv.writer(lines, lineterminator="\r\n")
    found = []
    for row in rows:
        writer.writerow([harmless(text) for text in row])
        found.append(lines.getvalue().removesuffix("\r\n"))
        lines.seek(0)
        lines.truncate()
    return "".join(f"{line}\n" for line in found)


def calendar(scenario: Scenario) -> bytes:
    """Every person on every shift of the horizon as an iCalendar (RFC 5545), in local time.

    Raises:
        ExportError: icalendar is not installed.
    """
    try:
        icalendar = import_module("icalendar")
    except ImportError as error:
        raise ExportError(NEEDS_CALENDAR) from error
    staff, labels = staff_of(scenario), shift_labels(staff_of(scenario))
    midnight = datetime.combine(scenario.horizon.start, datetime.min.time())
    found = icalendar.Calendar()
    found.add("prodid", "-//dcr-sim//rota//EN")
    found.add("version", "2.0")
    found.add("x-wr-calname", scenario.title or scenario.name)
    for person in people_on_shift(scenario):
        line = staff.rota[person.line]
        if person.day >= scenario.horizon.total_days:
            continue
        who = name_of(scenario, person) or f"{line.role} {person.member + 1}"
        event = icalendar.Event()
        event.add("summary", f"{who}: {labels[person.line]}")
        event.add("dtstart", midnight + timedelta(minutes=person.start))
        event.add("dtend", midnight + timedelta(minutes=person.end))
        # The same rota gives the same file: no time of writing in it.
        event.add("dtstamp", midnight)
        key = f"{scenario.name} {person.line} {person.member} {person.day}"
        event.add("uid", f"{sha256(key.encode()).hexdigest()[:24]}@dcr-sim")
        if line.breaks:
            event.add("description", f"Breaks: {break_text(line.breaks)}")
        found.add_component(event)
    return bytes(found.to_ical())
