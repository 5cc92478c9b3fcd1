"""A rota from a CSV or Excel file, as a long table or as a grid.

Long: a row for each shift, or for each day or date of it. Grid: a row for each person, a column for
each day, in the cells the codes of shifts, which a second table explains. Everything that is wrong
is told at once, with the cell in which it stands.
"""

from pathlib import Path

from sim.rota.cells import EXCEL, Sheet, read_sheets
from sim.rota.entries import Entry, first_monday, overlaps, read_date, read_role, rota_of
from sim.rota.lines import EVERY_WEEK, Moment
from sim.rota.read_grid import read_grid
from sim.rota.rows import Found, Row, heading_of, lacking, unknown
from sim.scenario.consistency import inconsistencies
from sim.scenario.hours import parse_days
from sim.scenario.problems import Place, Problem, ScenarioError, path_text
from sim.scenario.scenario import Scenario
from sim.scenario.staff import Staff

LONG = ("line", "role", "shift", "week", "day", "date", "start", "end", "break", "count", "person")
"""Columns of a long table; role, start, end and one of day and date are needed."""


_OF_LONG = ("start", "end", "day", "date")
"""Any of these columns tells a long table from a grid."""


def read_rota(path: Path, scenario: Scenario, codes: Path | None = None) -> Staff:
    """The scenario's staff with the rota of a file.

    Args:
        path: a CSV or Excel file.
        scenario: whose roles and horizon the file goes by.
        codes: for a grid in CSV, the table of its codes; without it `<name>-codes.csv` beside it.

    Raises:
        ScenarioError: everything that is wrong with the file, cell by cell.
    """
    if scenario.staff is None:
        raise ScenarioError([Problem(None, "staff", f"{scenario.name} has no staff")])
    sheets = read_sheets(path)
    problems = [problem for sheet in sheets for problem in sheet.problems]
    if problems:
        raise ScenarioError(problems)
    rota = [one for one in sheets if one.headings and one.column("code") is None]
    explained = [one for one in sheets if one.column("code") is not None]
    if not rota:
        message = f"has no table of a rota; its first line must name columns: {', '.join(LONG)}"
        raise ScenarioError([Problem(Place(str(path)), "", message)])
    table = rota[0]
    if any(heading_of(table, name) is not None for name in _OF_LONG):
        found = _long(table, scenario)
    else:
        beside = codes or path.with_name(f"{path.stem}-codes.csv")
        if not explained and (path.suffix.lower() != EXCEL or codes is not None):
            explained = list(read_sheets(beside))
        found = read_grid(table, explained, scenario)
    if found.problems:
        raise ScenarioError(found.problems)
    return _staff(found, scenario, path)


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
