"""Tables that a scenario keeps in CSV files: demand by hour of week, and lists of arrivals."""

import csv
from pathlib import Path
from typing import Any

from sim.scenario.hours import HOURS_OF_WEEK
from sim.scenario.problems import Problem
from sim.scenario.source_tree import Source


class _TableError(ValueError):
    """A table cannot be used; the message says why."""


def with_tables(source: Source) -> tuple[dict[str, Any], list[Problem]]:
    """The source's data with `{file: …}` under demand replaced by the file's rows.

    Returns:
        The data, and a problem for each file that cannot be used.
    """
    data, problems = dict(source.data), []
    demand = data.get("demand")
    if not isinstance(demand, dict):
        return data, []
    demand = dict(demand)
    for field, read in (("week", _week), ("arrivals", _arrivals)):
        named = demand.get(field)
        if not (isinstance(named, dict) and set(named) == {"file"}):
            continue
        path = ("demand", field, "file")
        try:
            demand[field] = read(source.folder(path) / str(named["file"]))
        except (OSError, UnicodeDecodeError, csv.Error) as error:
            problems.append(source.problem(path, f"cannot be read: {_reason(error)}"))
            del demand[field]
        except _TableError as error:
            problems.append(source.problem(path, str(error)))
            del demand[field]
    if problems:
        # The rest is still checked: an empty list of arrivals stands in for a missing table.
        demand.setdefault("arrivals", []) if "visits_per_day" not in demand else None
    data["demand"] = demand
    return data, problems


def _reason(error: Exception) -> str:
    if isinstance(error, OSError):
        return (error.strerror or str(error)).lower()
    return "it is not UTF-8 text" if isinstance(error, UnicodeDecodeError) else str(error)


def _rows(path: Path, required: set[str], optional: set[str]) -> list[tuple[int, dict[str, str]]]:
    """The rows with their line numbers."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        columns = set(reader.fieldnames or ())
        if missing := required - columns:
            raise _TableError(f"has no column {' or '.join(sorted(missing))}")
        if unknown := columns - required - optional:
            names = ", ".join(sorted(str(name) for name in unknown))
            raise _TableError(
                f"has an unknown column {names}; known: {', '.join(sorted(required | optional))}"
            )
        return [(reader.line_num, row) for row in reader]


def _number(row: dict[str, str], column: str, line: int) -> float:
    try:
        return float(row[column])
    except (TypeError, ValueError):
        raise _TableError(f"line {line}: {column} must be a number, not '{row[column]}'") from None


def _week(path: Path) -> list[float]:
    """Visits per hour by hour of week."""
    rates: dict[int, float] = {}
    for line, row in _rows(path, {"hour_of_week", "visits_per_hour"}, set()):
        hour = _number(row, "hour_of_week", line)
        if hour not in range(HOURS_OF_WEEK):
            raise _TableError(f"line {line}: hour_of_week must be 0 to 167, not {hour:g}")
        if int(hour) in rates:
            raise _TableError(f"line {line}: hour_of_week {hour:g} is given twice")
        rates[int(hour)] = _number(row, "visits_per_hour", line)
    if missing := [hour for hour in range(HOURS_OF_WEEK) if hour not in rates]:
        raise _TableError(f"lacks {len(missing)} hours of the week, the first is {missing[0]}")
    return [rates[hour] for hour in range(HOURS_OF_WEEK)]


def _arrivals(path: Path) -> list[dict[str, Any]]:
    """Arrivals as they would stand in the scenario; empty cells are left out."""
    found = []
    for line, row in _rows(path, {"at", "kind"}, {"stay", "patience"}):
        arrival: dict[str, Any] = {"at": _number(row, "at", line), "kind": row["kind"]}
        for column in ("stay", "patience"):
            if row.get(column):
                arrival[column] = _number(row, column, line)
        found.append(arrival)
    return found
