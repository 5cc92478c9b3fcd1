"""A rota as a grid: rows of staff, columns of days, cells of shift codes with a table of codes."""

import re

from sim.rota.entries import Entry, Kind, read_date, read_role
from sim.rota.lines import EVERY_WEEK, Moment
from sim.rota.rows import Found, Row, lacking, named, unknown
from sim.scenario.errors.problem import Place, Problem, did_you_mean
from sim.scenario.model.hours import parse_days
from sim.scenario.model.scenario import Scenario
from sim.scenario.tables.sheet import Cell, Sheet

CODES = ("code", "role", "shift", "start", "end", "break")
"""Columns of a table of codes; code, start and end are needed."""
GRID = ("role", "person")
"""Columns of a grid before its days; role is needed."""
_NOBODY = {"", "-"}
_WEEK_DAY = re.compile(r"(?:week\s*|w)?0*([1-9][0-9]{0,2})\s+([a-z]{3})", re.IGNORECASE)


def read_grid(sheet: Sheet, explained: list[Sheet], scenario: Scenario) -> Found:
    """What a grid says, and what is wrong with it."""
    problems = list(lacking(sheet, ("role",)))
    if not explained:
        message = "the codes of the cells are not explained; add a sheet with a column 'code'"
        problems.append(Problem(Place(sheet.file), "", message))
    codes = _codes(explained[0], scenario, problems) if explained else {}
    columns = _day_columns(sheet, scenario, problems)
    if problems:
        return Found((), tuple(problems), dated=False)
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
                whose = Kind(role, kind.start, kind.end, kind.name, kind.breaks, kind.line)
                entries.append(Entry(whose, moment, 1, row.text("person"), cells[number]))
    order = {code: place for place, code in enumerate(codes)}
    entries.sort(key=lambda entry: order[entry.kind.line])
    dated = any(by_date for _, by_date in columns.values())
    return Found(tuple(entries), tuple(problems), dated)


def _kind_of(code: str, cell: Cell, codes: dict[str, Kind]) -> Kind | Problem:
    if code in codes:
        return codes[code]
    hint = did_you_mean(code, tuple(codes)) or f"; known: {', '.join(codes)}"
    return cell.problem(f"'{code}' is not a code of a shift{hint}")


def _codes(sheet: Sheet, scenario: Scenario, problems: list[Problem]) -> dict[str, Kind]:
    wrong = [*unknown(sheet, CODES), *lacking(sheet, ("code", "start", "end"))]
    problems += wrong
    found: dict[str, Kind] = {}
    for cells in () if wrong else sheet.rows:
        row = Row(sheet, cells, problems)
        code, role = row.cell("code"), row.cell("role")
        named = row.take(read_role(role, scenario)) if role.text else ""
        if code.text in _NOBODY or "+" in code.text:
            row.take(code.problem(f"'{code.text}' cannot be a code"))
        elif code.text in found:
            row.take(code.problem(f"'{code.text}' is explained twice"))
        elif named is not None and (kind := row.kind(named, code.text)) is not None:
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
