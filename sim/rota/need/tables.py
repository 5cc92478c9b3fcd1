"""A need as tables: one that is handed down in a CSV or Excel file, and those that are written."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from sim.rota.check.rules import Roles, staff_of
from sim.rota.files.entries import read_role
from sim.rota.need.need import Counts, Requirement, on_duty_by_hour
from sim.rota.need.refine import Refined
from sim.scenario.errors.problem import Place, Problem, ScenarioError, did_you_mean, message_of
from sim.scenario.errors.told import told
from sim.scenario.model.hours import DAY, DAYS, HOUR, HOURS_OF_WEEK, WEEK, parse_clock, parse_days
from sim.scenario.model.scenario import Scenario
from sim.scenario.tables.files import one_of, read_sheets
from sim.scenario.tables.sheet import Cell, Sheet, limited, without_totals

# --- handed down --------------------------------------------------------------------------------

BY_CLOCK = ("from", "to", "needed", "role", "days")
"""Columns of a table by times of day; role and days may be left out."""
BY_HOUR = ("hour_of_week", "role", "needed", "simulated", "formula", "on_duty")
"""Columns of a table by hours of the week, as `rota need` writes it; the first of needed,
simulated and formula that there is counts."""
_COUNTED = ("needed", "simulated", "formula")
_MOST = 1000


def read_need(path: Path, scenario: Scenario) -> dict[Roles, Counts]:
    """People wanted: by set of roles, in each minute of the week, or in each of its 168 hours.

    A row without a role asks for people of any role; rows that ask for the same role at the same
    time contradict each other. What no row speaks of needs nobody.

    Args:
        path: a table with the columns BY_CLOCK (gives minutes) or BY_HOUR (gives hours).
        scenario: whose roles the file goes by.

    Raises:
        ScenarioError: everything that is wrong with the file, each with line and column.
        NeedError: the scenario has no staff.
    """
    staff_of(scenario)
    sheets = [one for one in read_sheets(path) if one.headings]
    sheet = one_of(sheets, told("the_need", "the need")) if sheets else None
    if sheet is not None:
        sheet, _ = without_totals(sheet.head({"needed", "hour_of_week"}.intersection))
    if sheet is None or not sheet.rows:
        message = told(
            "has_no_table_of_a_need_its",
            "has no table of a need; its first line names columns: {listed}",
            listed=", ".join(BY_CLOCK),
        )
        raise ScenarioError([Problem(Place(str(path)), "", message)])
    by_hour = sheet.column("hour_of_week") is not None
    problems = [*sheet.problems, *_columns(sheet, by_hour=by_hour)]
    if problems:
        raise ScenarioError(problems)
    found = _Table(scenario, HOURS_OF_WEEK if by_hour else WEEK)
    for row in sheet.rows:
        found.take(Row(sheet, row), by_hour=by_hour)
    if found.problems:
        raise ScenarioError(limited(found.problems, sheet.file))
    return found.numbers


def _columns(sheet: Sheet, *, by_hour: bool) -> Iterator[Problem]:
    known = BY_HOUR if by_hour else BY_CLOCK
    names = [heading.text.casefold() for heading in sheet.headings]
    for heading, name in zip(sheet.headings, names, strict=True):
        if name and name not in known:
            hint = did_you_mean(name, known) or told(
                "known", "; known: {listed}", listed=", ".join(known)
            )
            yield heading.problem(
                told(
                    "is_not_a_column_of_this_table",
                    "'{text}' is not a column of this table{hint}",
                    text=heading.text,
                    hint=hint,
                )
            )
    if not by_hour:
        yield from lacking(sheet, ("from", "to", "needed"))
    elif sheet.column(*_COUNTED) is None:
        yield sheet.headings[0].problem(
            told(
                "the_table_has_no_column_tables",
                "the table has no column '{counted}'",
                counted=_COUNTED[0],
            )
        )


def lacking(sheet: Sheet, needed: tuple[str, ...]) -> Iterator[Problem]:
    """Columns that are not there."""
    for name in needed:
        if sheet.column(name) is None:
            yield sheet.headings[0].problem(
                told("the_table_has_no_column", "the table has no column '{name}'", name=name)
            )


class Row:
    """The cells of a row by the names of their columns."""

    def __init__(self, sheet: Sheet, row: tuple[Cell, ...]) -> None:
        """Take a row."""
        self._sheet, self._row = sheet, row

    def cell(self, *names: str) -> Cell:
        """The cell in the first of these columns that there is; else an empty one."""
        number = self._sheet.column(*names)
        return self._row[number] if number is not None else Cell("", self._row[0].place)


class _Table:
    """What has been read so far, and what was wrong."""

    def __init__(self, scenario: Scenario, length: int) -> None:
        self._scenario, self._length = scenario, length
        self.problems: list[Problem] = []
        self.numbers: dict[Roles, Counts] = {}
        self._said: dict[Roles, dict[int, Cell]] = {}

    def take(self, row: Row, *, by_hour: bool) -> None:
        """Read a row."""
        roles = self._roles(row.cell("role"))
        number = self._number(row.cell(*_COUNTED))
        cell = row.cell("hour_of_week") if by_hour else row.cell("from")
        when = self._hour(cell) if by_hour else self._minutes(row)
        if roles is None or number is None or when is None:
            return
        numbers = self.numbers.setdefault(roles, np.zeros(self._length, dtype=np.int64))
        said = self._said.setdefault(roles, {})
        before = next((said[minute] for minute in when.tolist() if minute in said), None)
        if before is not None:
            message = told(
                "has_already_said_how_many_are_needed",
                "{at} has already said how many are needed then",
                at=before.at,
            )
            self.problems.append(cell.problem(message))
        numbers[when] = number
        said.update(dict.fromkeys(when.tolist(), cell))

    def _roles(self, cell: Cell) -> Roles | None:
        if not cell.text:
            return frozenset(staff_of(self._scenario).roles)
        role = read_role(cell, self._scenario)
        if isinstance(role, Problem):
            self.problems.append(role)
            return None
        return frozenset((role,))

    def _number(self, cell: Cell) -> int | None:
        return self._whole(
            cell,
            _MOST,
            told(
                "a_whole_number_of_people_from_0",
                "a whole number of people, from 0 to {most}",
                most=_MOST,
            ),
        )

    def _whole(self, cell: Cell, most: int, what: str) -> int | None:
        try:
            if 0 <= (number := cell.whole()) <= most:
                return number
        except ValueError:
            pass
        said = f"'{cell.text}'" if cell.text else told("an_empty_cell", "an empty cell")
        self.problems.append(
            cell.problem(told("must_be_tables", "{said} must be {what}", said=said, what=what))
        )
        return None

    def _hour(self, cell: Cell) -> Counts | None:
        what = told("an_hour_of_the_week_0_monday", "an hour of the week, 0 (Monday 00:00) to 167")
        hour = self._whole(cell, HOURS_OF_WEEK - 1, what)
        return None if hour is None else np.array([hour])

    def _minutes(self, row: Row) -> Counts | None:
        times = []
        for name in ("from", "to"):
            cell = row.cell(name)
            try:
                times.append(parse_clock(cell.text))
            except ValueError as error:
                message = (
                    message_of(error)
                    if cell.text
                    else told(
                        "is_empty_write_a_time_such_as", "is empty; write a time such as 07:30"
                    )
                )
                self.problems.append(cell.problem(message))
        days = self._days(row.cell("days"))
        if len(times) < len(("from", "to")) or days is None:
            return None
        start, end = times
        if start == DAY:
            self.problems.append(
                row.cell("from").problem(
                    told("end_of_a_day", "24:00 is the end of a day; write 00:00")
                )
            )
            return None
        if end <= start:
            end += DAY
        return np.concatenate(
            [np.arange(day * DAY + start, day * DAY + end) % WEEK for day in days]
        )

    def _days(self, cell: Cell) -> tuple[int, ...] | None:
        if not cell.text:
            return tuple(range(len(DAYS)))
        try:
            return parse_days(cell.text.casefold().replace("+", " ").replace(",", " ").split())
        except ValueError as error:
            self.problems.append(cell.problem(message_of(error)))
            return None


def by_hour(wanted: dict[Roles, Counts]) -> dict[Roles, Counts]:
    """The most that are wanted in each of the 168 hours."""
    return {
        roles: number if len(number) == HOURS_OF_WEEK else number.reshape(-1, HOUR).max(axis=1)
        for roles, number in wanted.items()
    }


# --- written ------------------------------------------------------------------------------------


def roles_table(scenario: Scenario, formula: Requirement, refined: Refined | None) -> pd.DataFrame:
    """People present: `role, hour_of_week, formula, simulated, on_duty`.

    On duty is the mean of the scenario's own rota, breaks not taken off.
    """
    duty = on_duty_by_hour(scenario)
    parts = [
        pd.DataFrame(
            {
                "role": role,
                "hour_of_week": np.arange(HOURS_OF_WEEK),
                "formula": number,
                "simulated": np.nan if refined is None else refined.by_role[role],
                "on_duty": duty[role],
            }
        )
        for role, number in formula.by_role.items()
    ]
    table = pd.concat(parts, ignore_index=True)
    return table.drop(columns="simulated") if refined is None else table


def given_table(scenario: Scenario, wanted: Mapping[Roles, Counts]) -> pd.DataFrame:
    """A need that was handed down: `role, hour_of_week, needed, on_duty`.

    Where people of any role are needed, the role is empty and all on duty are counted.

    Args:
        scenario: whose rota is on duty.
        wanted: by set of roles, people in each of the 168 hours.
    """
    duty = on_duty_by_hour(scenario)
    parts = [
        pd.DataFrame(
            {
                "role": next(iter(roles)) if len(roles) == 1 < len(duty) else "",
                "hour_of_week": np.arange(HOURS_OF_WEEK),
                "needed": number,
                "on_duty": np.sum([duty[role] for role in roles], axis=0),
            }
        )
        for roles, number in wanted.items()
    ]
    return pd.concat(parts, ignore_index=True)


def work_table(formula: Requirement, refined: Refined | None) -> pd.DataFrame:
    """Why: for each set of roles that some work is confined to, and each hour of the week.

    `roles, hour_of_week, load, tasks, watch, overdoses, formula`, and after a refinement
    `simulated, chance, ci_low, ci_high, replications`: the share of the tasks asked for in that
    hour that waited when exactly the staff found by simulation were there.
    """
    parts = []
    for number, one in enumerate(formula.asked):
        part = pd.DataFrame(
            {
                "roles": "+".join(sorted(one.roles)),
                "hour_of_week": np.arange(HOURS_OF_WEEK),
                "load": one.load,
                "tasks": one.tasks,
                "watch": one.watch,
                "overdoses": one.overdoses,
                "formula": one.staff,
            }
        )
        if refined is not None:
            part = part.assign(
                simulated=refined.by_set[number],
                chance=refined.chance.value[number],
                ci_low=refined.chance.low[number],
                ci_high=refined.chance.high[number],
                replications=refined.replications,
            )
        parts.append(part)
    return pd.concat(parts, ignore_index=True)
