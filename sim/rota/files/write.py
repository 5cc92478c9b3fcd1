"""A rota as tables or as an iCalendar (RFC 5545), so that reading them gives the same rota."""

import csv
import re
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from importlib import import_module
from io import BytesIO, StringIO
from itertools import chain, count
from pathlib import Path
from typing import TYPE_CHECKING
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from sim.measures.figures.staff import shift_labels
from sim.rota.check.rules import staff_of
from sim.rota.files.cells import is_code
from sim.rota.files.entries import ExportError, break_text
from sim.rota.files.events import NEEDS_CALENDAR, OWN
from sim.scenario.derived.roster import name_of, people_on_shift, period_of, shift_days
from sim.scenario.errors.problem import shorten, show
from sim.scenario.errors.told import told
from sim.scenario.model.hours import DAY, DAYS, WEEK, clock_text
from sim.scenario.model.scenario import Scenario
from sim.scenario.model.staff import Shift, Staff
from sim.scenario.tables.sheet import harmless
from sim.scenario.tables.words import quoted
from sim.scenario.tables.workbook import column_letters

if TYPE_CHECKING:
    from openpyxl.cell import Cell

NEEDS_EXCEL = told(
    "needs_the_package_openpyxl_which_is_not",
    "needs the package 'openpyxl', which is not installed; install it with: "
    "python -m pip install 'dcr-sim[excel]', or write the table as CSV",
)
_SHORT = 4
"""Letters of a code at the most."""
Table = list[list[str]]
_WIDEST = 60
"""Of a column, in letters."""
_WRITTEN_AT = re.compile(rb'(?<=xsi:type="dcterms:W3CDTF">)[^<]*')


def long_table(scenario: Scenario) -> Table:
    """Headings, and a row for each line, day and (where there are names) person.

    The number of the line keeps apart what is alike otherwise. A rota of dates has a row for each
    date of the horizon, also for lines that have weekdays.
    """
    staff, dated = staff_of(scenario), period_of(scenario).first is not None
    days = ["date"] if dated else ["week", "day"]
    rows = [["line", "role", "shift", *days, "start", "end", "break", "count", "person"]]
    for number, line in enumerate(staff.rota, start=1):
        whose = (
            [("1", quoted(one)) for one in line.people] if line.people else [(str(line.count), "")]
        )
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
            table.append([role, quoted(person), *("+".join(row.get(day, [])) for day in days)])
    explained = [["code", "role", "shift", "start", "end", "break"]]
    for code, line in {code: line for line, code in zip(staff.rota, codes, strict=True)}.items():
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
    """A short code for each line: its name if that is short, or first letters of it or the role.

    Lines of one shift that differ in who works it when have one code.
    """
    found: list[str] = []
    for number, line in enumerate(staff.rota):
        alike = (other for other in range(number) if _one_shift(staff.rota, other, number))
        if (same := next(alike, None)) is not None:
            found.append(found[same])
            continue
        stem = "".join(letter for letter in line.name or line.role if letter.isalnum())
        short = (stem[:1] or "S").upper()
        own = [line.name] if line.name == stem and len(stem) <= _SHORT and is_code(stem) else []
        numbered = (f"{short}{number}" for number in count(1))
        found.append(next(code for code in chain(own, numbered) if code not in found))
    return found


def _one_shift(rota: Sequence[Shift], one: int, other: int) -> bool:
    """Whether a line is read back as it is if its cells have the code of an earlier one.

    So it is for named people if nobody is on two lines of the code, and no day is on two of them.
    """
    first, second = rota[one], rota[other]

    def shift(line: Shift) -> tuple[object, ...]:
        return line.role, line.name, line.start, line.end, line.breaks

    group = [line for line in rota[:other] if shift(line) == shift(first)]
    return (
        bool(second.name and second.people and first.people)
        and shift(first) == shift(second)
        and all(line.people and line.people != second.people for line in group)
        and all(bool(line.dates) == bool(second.dates) for line in group)
        and not any(_share_a_day(line, second) for line in group)
    )


def _share_a_day(one: Shift, other: Shift) -> bool:
    if one.dates:
        return bool(set(one.dates) & set(other.dates))
    weeks = not one.weeks or not other.weeks or set(one.weeks) & set(other.weeks)
    return bool(weeks and set(one.days) & set(other.days))


def _hours(line: Shift) -> list[str]:
    return [clock_text(line.start), clock_text(line.end)]


def write_excel(tables: Sequence[tuple[str, Table]], path: Path) -> None:
    """Write tables as sheets, all cells as text; the same tables are the same bytes.

    Raises:
        ExportError: openpyxl is not installed.
    """
    try:
        openpyxl = import_module("openpyxl")
    except ImportError as error:
        raise ExportError(f"{path} " + NEEDS_EXCEL) from error
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
        for number, cells in enumerate(zip(*rows, strict=True), start=1):
            width = min(_WIDEST, max(map(len, cells)) + 2)
            sheet.column_dimensions[column_letters(number)].width = width
    written = BytesIO()
    book.save(written)
    _without_times(written, path)


def _without_times(written: BytesIO, path: Path) -> None:
    """Write a workbook without the time of its writing, which openpyxl puts into it."""
    with ZipFile(written) as book, ZipFile(path, "w") as file:
        for name in book.namelist():
            content = _WRITTEN_AT.sub(b"1980-01-01T00:00:00Z", book.read(name))
            file.writestr(ZipInfo(name), content, ZIP_DEFLATED)


def _write_text(cell: "Cell", text: str, path: Path) -> None:
    """Write text into a cell as text, so that `=1+1` is no formula and `#N/A` no error.

    Raises:
        ExportError: it has characters that such a file cannot hold.
    """
    try:
        cell.value = text
    except ValueError as error:
        raise ExportError(
            told(
                "cannot_hold",
                "{path} cannot hold {text}",
                path=path,
                text=show(shorten(text), quotes=True),
            )
        ) from error
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


# --- a calendar ---------------------------------------------------------------------------------


def calendar(scenario: Scenario) -> bytes:
    """Every person on every shift of the horizon, and of a whole cycle of the rota, in local time.

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
    shown = scenario
    if period_of(scenario).first is None:
        days = max(scenario.horizon.total_days, 7 * staff.cycle_weeks)
        longer = {"weeks": 1, "warmup_weeks": 0, "days": days}
        shown = scenario.model_copy(update={"horizon": scenario.horizon.model_copy(update=longer)})
        found.add(f"{OWN}cycle-weeks", str(staff.cycle_weeks))
        found.add(f"{OWN}from", f"{scenario.horizon.start}")
        found.add(f"{OWN}days", str(days))
    for person in people_on_shift(shown):
        line = staff.rota[person.line]
        if person.day >= shown.horizon.total_days:
            continue
        name = name_of(shown, person)
        event = icalendar.Event()
        summary = f"{name or f'{line.role} {person.member + 1}'}: {labels[person.line]}"
        event.add("summary", summary)
        event.add("dtstart", midnight + timedelta(minutes=person.start))
        event.add("dtend", midnight + timedelta(minutes=person.end))
        # The same rota gives the same file: no time of writing in it.
        event.add("dtstamp", midnight)
        key = f"{scenario.name} {person.line} {person.member} {person.day}"
        event.add("uid", f"{sha256(key.encode()).hexdigest()[:24]}@dcr-sim")
        if line.breaks:
            event.add("description", f"Breaks: {break_text(line.breaks)}")
        said = {"role": line.role, "line": str(person.line + 1), "shift": line.name}
        said |= {"person": name, "breaks": break_text(line.breaks), "summary": summary}
        for what, text in said.items():
            event.add(f"{OWN}{what}", text)
        found.add_component(event)
    return bytes(found.to_ical())
