"""Tables that a scenario keeps in files: demand by hour of week, and lists of arrivals."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from sim.scenario.errors.problem import (
    KeyPath,
    Place,
    Problem,
    ScenarioError,
    Source,
    did_you_mean,
    message_of,
    of_system,
    show,
)
from sim.scenario.errors.told import Listed, Written, told
from sim.scenario.model.hours import HOURS_OF_WEEK
from sim.scenario.tables.files import file_and_sheet, one_of, read_sheets
from sim.scenario.tables.sheet import Cell, Sheet, limited, without_totals
from sim.scenario.text.files import file_of

_WEEK = ("hour_of_week", "visits_per_hour")
_ARRIVALS = ("at", "kind")
_OPTIONAL = ("stay", "patience")
_FILE = "file"
_ROUNDED = 0.005
"""How far, and by which share, a total may be from what adds up."""
_Held = TypeVar("_Held")


def with_tables(source: Source) -> tuple[Source, list[Problem]]:
    """The source with `{file: …}` under demand replaced by the file's rows.

    What stands in a cell of the file has its place there, so that whatever else is wrong with it
    is told where it is written.

    Returns:
        The source, and a problem for each thing that is wrong with a file.
    """
    demand = source.data.get("demand")
    if not isinstance(demand, dict):
        return source, []
    demand, problems = dict(demand), list[Problem]()
    found = replace(source, data={**source.data, "demand": demand})
    for name, read in (("week", _week), ("arrivals", _arrivals)):
        named = demand.get(name)
        if not (isinstance(named, dict) and set(named) == {_FILE}):
            continue
        path = ("demand", name)
        try:
            table = read(_sheet_of(source, (*path, _FILE), named[_FILE]))
        except ScenarioError as error:
            problems += (_placed(one, source, (*path, _FILE)) for one in error.problems)
            del demand[name]
            continue
        demand[name] = table.values
        found = _with_places(found, path, table)
    if problems and not {"visits_per_day", "served_per_day"} & demand.keys():
        # The rest is still checked: an empty list of arrivals stands in for a missing table.
        demand.setdefault("arrivals", [])
    return found, problems


@dataclass(frozen=True)
class _Table:
    """What a table says, and where it says so."""

    values: list[Any]
    cells: Callable[[KeyPath], Cell | None]
    """The cell of a path within the values."""


def _sheet_of(source: Source, path: KeyPath, name: object) -> Sheet:
    """The table that a file holds."""
    if not isinstance(name, str) or not name:
        message = told(
            "must_be_the_name_of_one_file",
            "must be the name of one file, not {name}",
            name=show(name, quotes=True),
        )
        raise ScenarioError([source.problem(path, message)])
    file = source.folder(path) / name
    if source.files:
        try:
            file_of(source.files[0], file_and_sheet(file)[0])
        except OSError as error:
            message = told(
                "cannot_be_read_demand_tables",
                "cannot be read ({file}): {strerror}",
                file=file,
                strerror=of_system(error),
            )
            raise ScenarioError([source.problem(path, message)]) from None
    sheets = [one for one in read_sheets(file) if one.headings]
    if not sheets:
        raise ScenarioError([Problem(Place(str(file)), "", told("is_empty", "is empty"))])
    return one_of(sheets, told("the_table", "the table"))


def _placed(problem: Problem, source: Source, path: KeyPath) -> Problem:
    """A problem with a cell where that is; one with the whole file where the file is named."""
    if problem.path:
        return problem
    place = problem.place
    if place is None or (not place.line and "!" not in place.file):
        there = "" if place is None else f" ({place.file})"
        return source.problem(path, problem.message + there)
    return replace(problem, path=".".join(str(key) for key in path))


def _with_places(source: Source, path: KeyPath, table: _Table) -> Source:
    def of(take: Callable[[Cell], _Held], others: Mapping[KeyPath, _Held]) -> "_OfCells[_Held]":
        return _OfCells(path, table, take, others)

    return replace(
        source,
        places=of(lambda cell: cell.place, source.places),
        values=of(lambda cell: cell.place, source.values),
        written=of(lambda cell: cell.text, source.written),
    )


class _OfCells(Mapping[KeyPath, _Held]):
    """Something of the cells of a table, by path and made when asked for; and of all others."""

    def __init__(
        self,
        path: KeyPath,
        table: _Table,
        take: Callable[[Cell], _Held],
        others: Mapping[KeyPath, _Held],
    ) -> None:
        self._path, self._table, self._take, self._others = path, table, take, others

    def __getitem__(self, path: KeyPath) -> _Held:
        length = len(self._path)
        of_table = len(path) > length and path[:length] == self._path
        cell = self._table.cells(path[length:]) if of_table else None
        return self._others[path] if cell is None else self._take(cell)

    def __iter__(self) -> Iterator[KeyPath]:
        """Those of the others: nobody asks for all cells."""
        return iter(self._others)

    def __len__(self) -> int:
        return len(self._others)


class _Reader:
    """A table on its way in: columns by name, and what is wrong."""

    def __init__(self, sheet: Sheet, needed: Sequence[str], optional: Sequence[str] = ()) -> None:
        known = (*needed, *optional)
        sheet, self.totals = without_totals(sheet.head(set(known).intersection))
        self.sheet = sheet
        if all(sheet.column(name) is None for name in known):
            # Nothing of it is shown: it may be anything that the scenario's author named.
            message = told(
                "the_first_line_names_none_of_the",
                "the first line names none of the columns of this table: {listed}",
                listed=", ".join(known),
            )
            raise ScenarioError([sheet.headings[0].problem(message)])
        self.problems = list(sheet.problems)
        for heading in sheet.headings:
            if heading.text and heading.text.casefold() not in known:
                hint = did_you_mean(heading.text, known) or told(
                    "known", "; known: {listed}", listed=", ".join(known)
                )
                self.problems.append(
                    heading.problem(
                        told(
                            "is_not_a_column_of_this_table",
                            "'{text}' is not a column of this table{hint}",
                            text=heading.text,
                            hint=hint,
                        )
                    )
                )
        missing = [name for name in needed if sheet.column(name) is None]
        if missing:
            message = told(
                "the_table_lacks_columns",
                "the table has no column {listed}",
                listed=Listed.of(map(Written, missing), "or"),
            )
            self.problems.append(sheet.headings[0].problem(message))
        if missing or self.problems:
            self.end()

    def number(self, row: tuple[Cell, ...], name: str) -> float | None:
        """The number in a column of a row, or nothing and a problem noted."""
        cell = row[self.sheet.column(name) or 0]
        try:
            return cell.number()
        except ValueError as error:
            self.problems.append(cell.problem(f"{name} " + message_of(error)))
            return None

    def end(self) -> None:
        """Tell of everything that is wrong.

        Raises:
            ScenarioError: anything is.
        """
        if self.problems:
            raise ScenarioError(limited(self.problems, self.sheet.file))


def _week(sheet: Sheet) -> _Table:
    """Visits per hour by hour of week."""
    reader = _Reader(sheet, _WEEK)
    sheet = reader.sheet
    hour_at, rate_at = (sheet.column(name) or 0 for name in _WEEK)
    rates: dict[int, tuple[float, Cell]] = {}
    for row in sheet.rows:
        hour, rate = (reader.number(row, name) for name in _WEEK)
        if hour is None or rate is None:
            continue
        cell = row[hour_at]
        if hour not in range(HOURS_OF_WEEK):
            message = told(
                "hour_of_week_must_be_a_whole",
                "hour_of_week must be a whole number from 0 to 167, not {text}",
                text=cell.text,
            )
            reader.problems.append(cell.problem(message))
        elif hour in rates:
            first = rates[int(hour)][1].at
            message = told(
                "hour_of_week_is_given_twice_the",
                "hour_of_week {hour:g} is given twice, the first time in {first}",
                hour=hour,
                first=first,
            )
            reader.problems.append(cell.problem(message))
        else:
            rates[int(hour)] = rate, row[rate_at]
    if not reader.problems:
        missing = [hour for hour in range(HOURS_OF_WEEK) if hour not in rates]
        if missing:
            message = told(
                "the_table_lacks_hours_of_the_week",
                "the table lacks {number} hours of the week, the first is {missing}",
                number=len(missing),
                missing=missing[0],
            )
            reader.problems.append(sheet.headings[hour_at].problem(message))
        _add_up(reader, rate_at, sum(rate for rate, _ in rates.values()))
    reader.end()

    def cells(path: KeyPath) -> Cell | None:
        return rates[path[0]][1] if len(path) == 1 and isinstance(path[0], int) else None

    return _Table([rates[hour][0] for hour in range(HOURS_OF_WEEK)], cells)


def _add_up(reader: _Reader, column: int, total: float) -> None:
    """Whether the rows add up to what a row of totals says."""
    for row in reader.totals:
        try:
            said = row[column].number() if row[column].text else total
        except ValueError:
            continue  # not a number of these
        if abs(said - total) > max(_ROUNDED, abs(total) * _ROUNDED):
            message = told(
                "the_total_is_but_the_rows_above",
                "the total is {said:g}, but the rows above add up to {total:.10g}",
                said=said,
                total=total,
            )
            reader.problems.append(row[column].problem(message))


def _arrivals(sheet: Sheet) -> _Table:
    """Arrivals as they would stand in the scenario; empty cells are left out."""
    reader = _Reader(sheet, _ARRIVALS, _OPTIONAL)
    sheet = reader.sheet
    at, kind = (sheet.column(name) or 0 for name in _ARRIVALS)
    optional = [(name, number) for name in _OPTIONAL if (number := sheet.column(name)) is not None]
    found = []
    for row in sheet.rows:
        arrival: dict[str, Any] = {"at": reader.number(row, "at"), "kind": row[kind].text}
        if not row[kind].text:
            reader.problems.append(
                row[kind].problem(
                    told(
                        "kind_is_empty_name_the_kind_of",
                        "kind is empty; name the kind of the visit",
                    )
                )
            )
        for name, number in optional:
            if row[number].text:
                arrival[name] = reader.number(row, name)
        found.append(arrival)
    reader.end()

    def cells(path: KeyPath) -> Cell | None:
        if not isinstance(path[0], int) or not 0 <= path[0] < len(sheet.rows):
            return None
        column = at if len(path) == 1 else sheet.column(str(path[1]))
        return None if column is None else sheet.rows[path[0]][column]

    return _Table(found, cells)
