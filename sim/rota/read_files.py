"""A rota from a CSV or Excel file, as a long table or as a grid.

Long: a row for each shift, or for each day or date of it. Grid: a row for each person, a column for
each day, in the cells the codes of shifts, which a second table explains. Everything that is wrong
is told at once, with the cell in which it stands.
"""

from pathlib import Path

from sim.rota.entries import Entry, first_monday, overlaps, read_date, read_role, rota_of
from sim.rota.lines import EVERY_WEEK, Moment
from sim.rota.read_grid import read_grid
from sim.rota.rows import Found, Row, heading_of, lacking, unknown
from sim.scenario.consistency import inconsistencies
from sim.scenario.errors.problem import Place, Problem, ScenarioError, path_text
from sim.scenario.model.hours import parse_days
from sim.scenario.model.scenario import Scenario
from sim.scenario.model.staff import Staff
from sim.scenario.tables.files import file_and_sheet, one_of, read_sheets
from sim.scenario.tables.sheet import Sheet, limited

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
        explained = _codes(path, table, explained, codes)
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


def _codes(path: Path, rota: Sheet, beside: list[Sheet], named: Path | None) -> list[Sheet]:
    """The table that explains the codes of a grid, if there is one.

    Raises:
        ScenarioError: it cannot be read, or several may be meant.
    """
    file, sheet = file_and_sheet(path)
    if named is not None:
        found = [one for one in read_sheets(named) if one.headings]
    elif rota.separator:
        found = list(read_sheets(path.with_name(f"{path.stem}-codes.csv")))
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


def _staff(found: Found, scenario: Scenario, path: Path) -> Staff:
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


def _long(sheet: Sheet, scenario: Scenario) -> Found:
    problems = [*unknown(sheet, LONG), *lacking(sheet, ("role", "start", "end"))]
    by_date = heading_of(sheet, "date") is not None
    if by_date == (heading_of(sheet, "day") is not None):
        message = "the table needs a column 'day' or a column 'date', and not both"
        problems.append(sheet.headings[0].problem(message))
    if problems:
        return Found((), tuple(problems), by_date)
    entries: list[Entry] = []
    for cells in sheet.rows:
        row = Row(sheet, cells, problems)
        role = row.take(read_role(row.cell("role"), scenario))
        kind = row.kind(role or "", row.text("line"))
        moments = row.take(_when(row, scenario, by_date=by_date))
        count, person = row.number("count", 1), row.text("person")
        if person and (count or 1) > 1:
            message = f"{person} is one person; leave the count out, or the name"
            row.take(row.cell("count").problem(message))
        if role and kind and moments and count:
            cell = row.cell("start")
            entries += [Entry(kind, moment, count, person, cell) for moment in moments]
    return Found(tuple(entries), tuple(problems), by_date)


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
