"""A rota from a CSV or Excel file, as a long table or as a grid.

Long: a row for each shift, or for each day or date of it. Grid: a row for each person, a column for
each day, in the cells the codes of shifts, which a second table explains. Everything that is wrong
is told at once, with the cell in which it stands.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from sim.rota.files.entries import (
    EVERY_WEEK,
    Entry,
    Moment,
    ShiftKind,
    check_breaks,
    first_monday,
    overlaps,
    read_breaks,
    read_date,
    read_hours,
    read_role,
    rota_of,
)
from sim.scenario.consistency import inconsistencies
from sim.scenario.errors.problem import Place, Problem, ScenarioError, did_you_mean, path_text
from sim.scenario.model.hours import parse_days
from sim.scenario.model.scenario import Scenario
from sim.scenario.model.staff import Staff
from sim.scenario.tables.files import file_and_sheet, one_of, read_sheets
from sim.scenario.tables.sheet import Cell, Sheet, limited

# --- rows ---------------------------------------------------------------------------------------

_ALSO = {"from": "start", "to": "end", "name": "person", "breaks": "break", "weekday": "day"}
_MOST = 1000
"""People of one row, and weeks of a cycle."""
Got = TypeVar("Got")


@dataclass(frozen=True)
class ReadRota:
    """What was read, and what was wrong."""

    entries: tuple[Entry, ...]
    problems: tuple[Problem, ...]
    dated: bool
    """Whether it gives dates rather than weekdays."""


def heading_of(sheet: Sheet, *names: str) -> int | None:
    """The number of the first of some columns that there is, by its name or another word for it."""
    return sheet.column(*names, *(other for other, meant in _ALSO.items() if meant in names))


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

    def cell(self, *names: str) -> Cell:
        """The cell in the first of these columns that there is; else an empty one."""
        number = heading_of(self._sheet, *names)
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

    def kind(self, role: str, line: str, scenario: Scenario) -> ShiftKind | None:
        """The shift that the row describes."""
        hours = self.take(read_hours(self.cell("start"), self.cell("end")))
        if hours is None:
            return None
        roles = tuple(scenario.staff.roles) if scenario.staff is not None else ()
        breaks = self.take(read_breaks(self.cell("break"), *hours, roles))
        if breaks is None:
            return None
        kind = ShiftKind(role, *hours, self.text("shift"), breaks, line)
        wrong = check_breaks(kind, self.cell("break"))
        return kind if wrong is None else self.take(wrong)


# --- a grid -------------------------------------------------------------------------------------

CODES = ("code", "role", "shift", "start", "end", "break")
"""Columns of a table of codes; code, start and end are needed."""
GRID = ("role", "person")
"""Columns of a grid before its days; role is needed."""
_NOBODY = {"", "-"}
_WEEK_DAY = re.compile(r"(?:week\s*|w)?0*([1-9][0-9]{0,2})\s+([a-z]{3})", re.IGNORECASE)


def read_grid(sheet: Sheet, explained: list[Sheet], scenario: Scenario) -> ReadRota:
    """What a grid says, and what is wrong with it."""
    problems = list(lacking(sheet, ("role",)))
    if not explained:
        message = "the codes of the cells are not explained; add a sheet with a column 'code'"
        problems.append(Problem(Place(sheet.file), "", message))
    codes = _explained(explained[0], scenario, problems) if explained else {}
    columns = _day_columns(sheet, scenario, problems)
    if problems:
        return ReadRota((), tuple(problems), dated=False)
    entries: list[Entry] = []
    for cells in sheet.rows:
        row = Row(sheet, cells, problems)
        role = row.take(read_role(row.cell("role"), scenario))
        for number, (moment, _) in columns.items():
            for code in (part.strip() for part in cells[number].text.split("+")):
                kind = None if code in _NOBODY else row.take(_kind_of(code, cells[number], codes))
                if kind is None or role is None:
                    continue
                if kind.role not in {"", role}:
                    message = f"'{code}' is a shift of a {kind.role}, this row is of a {role}"
                    row.take(cells[number].problem(message))
                    continue
                whose = ShiftKind(role, kind.start, kind.end, kind.name, kind.breaks, kind.line)
                entries.append(Entry(whose, moment, 1, row.text("person"), cells[number]))
    order = {code: place for place, code in enumerate(codes)}
    entries.sort(key=lambda entry: order[entry.kind.line])
    dated = any(by_date for _, by_date in columns.values())
    return ReadRota(tuple(entries), tuple(problems), dated)


def _kind_of(code: str, cell: Cell, codes: dict[str, ShiftKind]) -> ShiftKind | Problem:
    if code in codes:
        return codes[code]
    hint = did_you_mean(code, tuple(codes)) or f"; known: {', '.join(codes)}"
    return cell.problem(f"'{code}' is not a code of a shift{hint}")


def _explained(sheet: Sheet, scenario: Scenario, problems: list[Problem]) -> dict[str, ShiftKind]:
    wrong = [*unknown(sheet, CODES), *lacking(sheet, ("code", "start", "end"))]
    problems += wrong
    found: dict[str, ShiftKind] = {}
    for cells in () if wrong else sheet.rows:
        row = Row(sheet, cells, problems)
        code, role = row.cell("code"), row.cell("role")
        named = row.take(read_role(role, scenario)) if role.text else ""
        if code.text in _NOBODY or "+" in code.text:
            row.take(code.problem(f"'{code.text}' cannot be a code"))
        elif code.text in found:
            row.take(code.problem(f"'{code.text}' is explained twice"))
        elif named is not None and (kind := row.kind(named, code.text, scenario)) is not None:
            found[code.text] = kind
    return found


def _day_columns(
    sheet: Sheet, scenario: Scenario, problems: list[Problem]
) -> dict[int, tuple[Moment, bool]]:
    """By number of the column: its day, and whether that is a date."""
    found: dict[int, tuple[Moment, bool]] = {}
    for number, heading in enumerate(sheet.headings):
        name = heading.text.casefold()
        if not name or named(heading) in GRID:
            continue
        moment = _day(name, heading, scenario)
        if isinstance(moment, Problem):
            problems.append(moment)
        elif moment in [known for known, _ in found.values()]:
            problems.append(heading.problem(f"'{heading.text}' stands here twice"))
        else:
            found[number] = (moment, name[:1].isdecimal() and _WEEK_DAY.fullmatch(name) is None)
    if len({by_date for _, by_date in found.values()}) > 1:
        message = "some columns are dates and some weekdays; use one or the other"
        problems.append(sheet.headings[0].problem(message))
    if not found and not problems:
        message = "the table has no columns of days, such as mon, '1 mon' or 2026-01-05"
        problems.append(sheet.headings[0].problem(message))
    return found


def _day(name: str, heading: Cell, scenario: Scenario) -> Moment | Problem:
    said = _WEEK_DAY.fullmatch(name)
    if said is None and name[:1].isdecimal():
        return read_date(name, heading, scenario)
    week, day = (int(said[1]), said[2]) if said is not None else (EVERY_WEEK, name)
    try:
        (number,) = parse_days(day)
    except ValueError:
        return heading.problem(
            f"'{heading.text}' must be a day such as mon, '1 mon' (of week 1) or 2026-01-05"
        )
    return (week, number)


# --- a file -------------------------------------------------------------------------------------

LONG = ("line", "role", "shift", "week", "day", "date", "start", "end", "break", "count", "person")
"""Columns of a long table; role, start, end and one of day and date are needed."""


_OF_LONG = ("start", "end", "day", "date")
"""Any of these columns tells a long table from a grid."""


def read_rota(path: Path, scenario: Scenario, codes: Path | None = None) -> Staff:
    """The scenario's staff with the rota of a file.

    Args:
        path: a file that `sim.scenario.tables.sheet` reads; `rota.xlsx#January` is one sheet of it.
        scenario: whose roles and horizon the file goes by.
        codes: for a grid, the table of its codes; without it a sheet of codes in the same file, or
            `<name>-codes.csv` beside a CSV file.

    Raises:
        ScenarioError: everything that is wrong with the file, cell by cell.
    """
    if scenario.staff is None:
        raise ScenarioError([Problem(None, "staff", f"{scenario.name} has no staff")])
    table, explained = _tables(path)
    if table.problems:
        raise ScenarioError(table.problems)
    if any(heading_of(table, name) is not None for name in _OF_LONG):
        found = _long(table, scenario)
    else:
        explained = _table_of_codes(path, table, explained, codes)
        found = read_grid(table, explained, scenario)
    if found.problems:
        raise ScenarioError(limited(found.problems, table.file))
    return _staff(found, scenario, path)


def _tables(path: Path) -> tuple[Sheet, list[Sheet]]:
    """The table of the rota, and those of codes.

    Raises:
        ScenarioError: there is none, or several may be meant.
    """
    sheets = [one for one in read_sheets(path) if one.headings]
    rota = [one for one in sheets if one.column("code") is None]
    if not rota:
        message = f"has no table of a rota; its first line must name columns: {', '.join(LONG)}"
        raise ScenarioError([Problem(Place(str(path)), "", message)])
    return one_of(rota, "the rota"), [one for one in sheets if one.column("code") is not None]


def _table_of_codes(
    path: Path, rota: Sheet, beside: list[Sheet], named: Path | None
) -> list[Sheet]:
    """The table that explains the codes of a grid, if there is one.

    Raises:
        ScenarioError: it cannot be read, or several may be meant.
    """
    file, sheet = file_and_sheet(path)
    if named is not None or rota.separator:
        codes = named or path.with_name(f"{path.stem}-codes.csv")
        found = [one for one in read_sheets(codes) if one.headings]
        if not found:
            raise ScenarioError([Problem(Place(str(codes)), "", "is empty")])
    elif sheet:  # the codes are in a sheet beside the one that was named
        found = [one for one in read_sheets(file) if one.column("code") is not None]
    else:
        found = beside
    if not found:
        return []
    table = one_of(found, "the table of codes (name it with --codes)")
    if table.problems:
        raise ScenarioError(table.problems)
    return [table]


def _staff(found: ReadRota, scenario: Scenario, path: Path) -> Staff:
    """The staff, if everything fits together."""
    assert scenario.staff is not None  # the caller has looked
    used = max((entry.moment[0] for entry in found.entries), default=1)
    cycle = max(used, scenario.staff.cycle_weeks)
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


def _long(sheet: Sheet, scenario: Scenario) -> ReadRota:
    problems = [*unknown(sheet, LONG), *lacking(sheet, ("role", "start", "end"))]
    by_date = heading_of(sheet, "date") is not None
    if by_date == (heading_of(sheet, "day") is not None):
        message = "the table needs a column 'day' or a column 'date', and not both"
        problems.append(sheet.headings[0].problem(message))
    if problems:
        return ReadRota((), tuple(problems), by_date)
    entries: list[Entry] = []
    for cells in sheet.rows:
        row = Row(sheet, cells, problems)
        role = row.take(read_role(row.cell("role"), scenario))
        kind = row.kind(role or "", row.text("line"), scenario)
        moments = row.take(_when(row, scenario, by_date=by_date))
        count, person = row.number("count", 1), row.text("person")
        if person and (count or 1) > 1:
            message = f"{person} is one person; leave the count out, or the name"
            row.take(row.cell("count").problem(message))
        if role and kind and moments and count:
            cell = row.cell("start")
            entries += [Entry(kind, moment, count, person, cell) for moment in moments]
    return ReadRota(tuple(entries), tuple(problems), by_date)


def _when(row: Row, scenario: Scenario, *, by_date: bool) -> list[Moment] | Problem:
    if by_date:
        moment = read_date(row.text("date"), row.cell("date"), scenario)
        return moment if isinstance(moment, Problem) else [moment]
    cell, week = row.cell("day"), row.number("week", EVERY_WEEK)
    try:
        days = parse_days(cell.text.casefold().replace("+", " ").replace(",", " ").split())
    except ValueError as error:
        return cell.problem(str(error))
    if not days:
        return cell.problem("is empty; write weekdays such as mon, mon-fri or daily")
    return [(week or EVERY_WEEK, day) for day in days]
