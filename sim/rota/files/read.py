"""A rota from a table, long or a grid, or from a calendar.

Long: a row for each shift, or for each day or date of it. Grid: a row for each person or shift, a
column for each day. Everything that is wrong is told at once, with the cell in which it stands;
what the file does not say outright, and how it was read, is told too.
"""

from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from sim.rota.files.calendar import is_calendar, read_calendar
from sim.rota.files.cells import (
    UNKNOWN,
    Codes,
    read_codes,
    says_hours,
)
from sim.rota.files.columns import (
    LONG,
    Headed,
    Reading,
    headed_either_way,
    meaning,
    score,
)
from sim.rota.files.entries import (
    ReadRota,
    first_monday,
    overlaps,
    read_role,
    rota_of,
)
from sim.rota.files.grid import read_grid
from sim.rota.files.long import read_long
from sim.scenario.consistency import inconsistencies
from sim.scenario.errors.problem import (
    Place,
    Problem,
    ScenarioError,
    path_text,
    shorten,
    show,
)
from sim.scenario.errors.told import told
from sim.scenario.model.scenario import Scenario
from sim.scenario.model.staff import Staff
from sim.scenario.tables.files import file_and_sheet, one_of, read_sheets
from sim.scenario.tables.sheet import Row, Sheet, limited

_OF_LONG = ("start", "end", "time", "day", "date")
"""Any of these columns tells a long table from a grid."""


class Imported(NamedTuple):
    """The staff with the rota of a file."""

    staff: Staff
    read_as: tuple[str, ...]
    """What the file does not say outright, and how it was read."""


def read_rota(
    path: Path, scenario: Scenario, codes: Path | None = None, zone: str = ""
) -> Imported:
    """The scenario's staff with the rota of a file.

    Args:
        path: a calendar (.ics), or a file that `sim.scenario.tables` reads; `rota.xlsx#January`
            is one sheet of it.
        scenario: whose roles and horizon the file goes by.
        codes: the table that explains the codes of shifts; without it a sheet of codes in the same
            file, or `<name>-codes.csv` beside a text file.
        zone: time zone of the site, for a calendar that names none.

    Raises:
        ScenarioError: everything that is wrong with the file, cell by cell.
    """
    if scenario.staff is None:
        raise ScenarioError(
            [
                Problem(
                    None, "staff", told("has_no_staff", "{name} has no staff", name=scenario.name)
                )
            ]
        )
    reading = Reading(scenario)
    if is_calendar(path):
        found = read_calendar(path, reading, zone)
    else:
        found = _of_table(path, codes, reading)
    if reading.problems:
        raise ScenarioError(limited(reading.problems, str(path)))
    return Imported(_staff(found, scenario, path), reading.notes())


def _of_table(path: Path, codes: Path | None, reading: Reading) -> ReadRota:
    table, explained = _tables(path, reading)
    if table.sheet.faults:
        raise ScenarioError(table.sheet.faults)
    known = _table_of_codes(path, table.sheet, explained, codes, reading)
    if table.turned:
        table = label_of(table, known, reading.scenario)
    long = is_long(table, reading.scenario)
    found = read_long(table, known, reading) if long else read_grid(table, known, reading)
    if known.unknown and not known.kinds:
        reading.problems[:] = [one for one in reading.problems if UNKNOWN not in one.message]
        listed = ", ".join(show(code, quotes=True) for code in known.unknown)
        message = told(
            "the_codes_of_shifts_are_not_explained",
            "the codes of shifts are not explained ({listed}): {where_codes_belong} "
            "with the columns code, start, end and a row for each, such as D, 07:00, "
            "15:00; a day off has no times",
            listed=shorten(listed, 200),
            where_codes_belong=_where_codes_belong(path, table.sheet),
        )
        reading.problems.append(
            min(known.unknown.values(), key=lambda cell: cell.place).problem(message)
        )
    return found


def label_of(table: Headed, codes: Codes, scenario: Scenario) -> Headed:
    """A table with its days across; the first column is called what it holds."""
    if meaning(table.sheet.headings[0]) == "role":
        return table
    labels = [row[0] for row in table.sheet.rows if row[0].text]
    shifts = all(one.text in codes.kinds or says_hours(one) for one in labels)
    roles = all(not isinstance(read_role(one, scenario), Problem) for one in labels)
    head, *lines = table.sheet.lines
    label = "shift" if shifts else "role" if roles else "person"
    named = Row(head.number, [label, *head.values[1:]])
    return replace(table, sheet=table.sheet.of_lines([named, *lines]))


def _where_codes_belong(path: Path, sheet: Sheet) -> str:
    if sheet.separator:
        file = path.with_name(f"{path.stem}-codes.csv")
        return told("write_codes", "write {file} (or name a file with --codes)", file=file)
    return told("add_a_sheet", "add a sheet")


def is_long(table: Headed, scenario: Scenario) -> bool:
    """Whether a table has a row for each shift."""
    names = {meaning(one) for one in table.sheet.headings}
    if "date" in names or "day" in names:
        return True
    _, days, _ = score(table.sheet.headings, scenario)
    return not days and bool(names & set(_OF_LONG))


def _tables(path: Path, reading: Reading) -> tuple[Headed, list[Headed]]:
    """The table of the rota, and those of codes: one that stands below it, or on other sheets.

    Raises:
        ScenarioError: there is none, or several may be meant.
    """
    sheets = [one for one in read_sheets(path) if one.headings]
    found = {one: headed_either_way(one, Reading(reading.scenario)) for one in sheets}
    codes = [one for one in sheets if _has_codes(one)]
    rota = [one for one in sheets if one not in codes and found[one] is not None]
    if not rota:
        others = [one for one in sheets if one not in codes]
        head = others[0] if others else None
        message = told(
            "has_no_table_of_a_rota_its",
            "has no table of a rota; its first line must name columns: {listed}",
            listed=", ".join(LONG),
        )
        if head is not None and head.headings:
            raise ScenarioError(
                [
                    head.headings[0].problem(
                        told(
                            "or_a_person_and_days",
                            "{message}; or a person and days",
                            message=message,
                        )
                    )
                ]
            )
        raise ScenarioError([Problem(Place(str(path)), "", message)])
    table = one_of(rota, told("the_rota", "the rota"))
    for other in sheets:
        if other is not table and other not in codes:
            reading.note(
                told("sheets_not_read_as_no_rota", "sheets not read, as no rota"),
                show(other.name, quotes=True),
            )
    read = headed_either_way(table, reading)
    assert read is not None  # it is one of those that have headings
    if read.legend is not None:
        return read, [Headed(read.legend)]
    return read, [one for one in (headed_codes(sheet) for sheet in codes) if one is not None]


def _has_codes(sheet: Sheet) -> bool:
    return headed_codes(sheet) is not None


def headed_codes(sheet: Sheet) -> Headed | None:
    """A table of codes, from its headings on; None if it is none."""
    for place, line in enumerate(sheet.lines[:30]):
        cells = [sheet.cell(line.number, n, value) for n, value in enumerate(line.values, 1)]
        names = {meaning(cell) for cell in cells}
        if "code" in names and (names & {"start", "end", "time"}) and not names & {"date", "day"}:
            return Headed(sheet.of_lines(sheet.lines[place:]) if place else sheet)
    return None


def _table_of_codes(
    path: Path, rota: Sheet, beside: list[Headed], named: Path | None, reading: Reading
) -> Codes:
    """What the codes stand for, if there is a table of them.

    Raises:
        ScenarioError: it cannot be read, or several may be meant.
    """
    file, sheet = file_and_sheet(path)
    default = path.with_name(f"{path.stem}-codes.csv")
    if named is not None or (rota.separator and default.exists()):
        codes = named or default
        tables = [one for one in read_sheets(codes) if one.headings]
        if not tables:
            raise ScenarioError([Problem(Place(str(codes)), "", told("is_empty", "is empty"))])
        found = [headed_codes(one) or Headed(one) for one in tables]
    elif sheet and not rota.separator:  # the codes are in a sheet beside the one that was named
        found = [one for one in map(headed_codes, read_sheets(file)) if one is not None]
    else:
        found = beside
    if not found:
        return Codes({})
    table = one_of(
        [one.sheet for one in found],
        told("the_table_of_codes_name_it_with", "the table of codes (name it with --codes)"),
    )
    if table.problems:
        raise ScenarioError(table.problems)
    return read_codes(table, reading)


def _staff(found: ReadRota, scenario: Scenario, path: Path) -> Staff:
    """The staff, if everything fits together."""
    assert scenario.staff is not None  # the caller has looked
    used = max((entry.moment[0] for entry in found.entries), default=1)
    cycle = found.cycle_weeks or max(used, scenario.staff.cycle_weeks)
    monday = first_monday(scenario) if found.dated else None
    problems = list(overlaps(found.entries, cycle, dated=found.dated))
    if problems:
        raise ScenarioError(problems)
    rota = rota_of(found.entries, cycle, monday)
    # Dates do not repeat.
    changes = {"rota": rota, "cycle_weeks": 1 if found.dated else cycle}
    staff = scenario.staff.model_copy(update=changes)
    whole = scenario.model_copy(update={"staff": staff})
    misfits = [
        Problem(Place(str(path)), path_text(where), message)
        for where, message in inconsistencies(whole)
        if where[0] == "staff"
    ]
    if misfits:
        raise ScenarioError(misfits)
    return staff
