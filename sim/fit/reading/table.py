"""The table that a log is: CSV, Excel, or Parquet, our own `visits.parquet` too."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
from pyarrow import parquet

from sim.fit.reading.columns import folded, is_head
from sim.fit.reading.services import services_written
from sim.scenario.errors.problem import Place, Problem, ScenarioError, show
from sim.scenario.errors.told import Written, told
from sim.scenario.load import read_scenario
from sim.scenario.tables.files import no_file, one_of, read_sheets
from sim.scenario.tables.sheet import Row, Sheet
from sim.scenario.tables.workbook import MOST_ROWS, Value

_OURS = {
    "arrival": "arrived",
    "check_in_end": "checked_in",
    "entered": "entered",
    "left": "left",
    "out": "out",
    "kind": "kind",
    "room": "room",
    "client": "client",
    "outcome": "outcome",
    "overdose": "overdose",
}
"""Columns of visits.parquet, and what they are in a log."""
_TIMES = ("arrival", "check_in_end", "entered", "left", "out")
_SCENARIO = "scenario.yaml"
_SITES = {folded(one) for one in ("site", "facility", "standort", "sted", "einrichtung")}
"""Headings of a column that says of which site a row is."""


def log_table(
    path: Path, given: Mapping[str, str], where: tuple[str, str] | None, empty: str | None = None
) -> Sheet:
    """The table with a log, without the titles above it.

    Args:
        path: the file; a sheet of it is named after `#`.
        given: headings by meaning, as the planner has said.
        where: only rows with this in that column.
        empty: what is said of a table without a row, if more than that.

    Raises:
        ScenarioError: it cannot be read, or is of several sites.
    """
    return _where(_table(path, given, empty), where)


def _table(path: Path, given: Mapping[str, str], empty: str | None) -> Sheet:
    if path.suffix.lower() == ".parquet":
        return _of_parquet(path)
    sheets = [one.head(is_head) for one in read_sheets(path)]
    named = {folded(one) for one in given.values()}
    logs = [
        one
        for one in sheets
        if is_head([cell.text for cell in one.headings], least=1)
        or named & {folded(cell.text) for cell in one.headings}
    ]
    if not logs:
        message: str = told(
            "has_no_line_of_headings_that_says",
            "has no line of headings that says what its columns are, such as arrived, kind",
        )
        if not any(one.lines for one in sheets):
            message = empty or told("is_empty", "is empty")
        raise _error(path, message)
    sheet = one_of(logs, told("a_log", "a log"))
    if sheet.problems:
        raise ScenarioError(sheet.problems)
    if len(sheet.lines) == 1:
        message = empty or told(
            "the_table_has_headings_but_no_rows", "the table has headings, but no rows"
        )
        raise ScenarioError([sheet.headings[0].problem(message)])
    return sheet


def _where(sheet: Sheet, where: tuple[str, str] | None) -> Sheet:
    """The rows that are meant; a log of several sites is none of any of them."""
    names = [folded(one.text) for one in sheet.headings]
    if where is None:
        column = next((number for number, name in enumerate(names) if name in _SITES), None)
        if column is None:
            return sheet
        values = {str(one.values[column]) for one in sheet.lines[1:] if column < len(one.values)}
        values.discard("")
        if len(values) > 1:
            heading, one = sheet.headings[column], min(values)
            message = told(
                "the_log_is_of_several_sites",
                "the log is of {number} sites; say which, as in --where {one}",
                number=len(values),
                one=Written(show(f"{heading.text}={one}")),
            )
            raise ScenarioError([heading.problem(message)])
        return sheet
    if folded(where[0]) not in names:
        message = told(
            "the_table_has_no_column_where",
            "the table has no column {where} (--where)",
            where=show(where[0], quotes=True),
        )
        raise ScenarioError([sheet.headings[0].problem(message)])
    column = names.index(folded(where[0]))
    head, *lines = sheet.lines
    kept = [
        one for one in lines if column < len(one.values) and str(one.values[column]) == where[1]
    ]
    if not kept:
        message = told(
            "no_row_has_in_it_where",
            "no row has {where} in it (--where)",
            where=show(where[1], quotes=True),
        )
        raise ScenarioError([sheet.headings[column].problem(message)])
    return sheet.of_lines([head, *kept])


def _of_parquet(path: Path) -> Sheet:
    """The table of a Parquet file.

    Of visits that this program has simulated the first replication is taken, without those who came
    while it was closed; the scenario beside it says on which day it began.

    Raises:
        ScenarioError: it cannot be read.
    """
    try:
        table = parquet.read_table(path)
    except OSError as error:
        raise _error(path, no_file(error)) from None
    except (pa.ArrowException, ValueError):
        raise _error(
            path, told("is_no_parquet_file_or_is_damaged", "is no Parquet file, or is damaged")
        ) from None
    if table.num_rows > MOST_ROWS:
        raise _error(
            path,
            told(
                "has_more_than_rows_the_most_that",
                "has more than {most_rows:,} rows, the most that are read",
                most_rows=MOST_ROWS,
            ),
        )
    frame = table.to_pandas()
    if {"arrival", "replication", "outcome"} <= set(frame.columns):
        frame = _ours(frame, path)
    texts = [[_text(one) for one in frame[name]] for name in frame.columns]
    head = Row(1, [str(name) for name in frame.columns])
    lines = [Row(n, list(values)) for n, values in enumerate(zip(*texts, strict=True), 2)]
    if not lines:
        raise _error(path, told("has_no_rows", "has no rows"))
    return Sheet(str(path), "", ",", [head, *lines])


def _ours(frame: pd.DataFrame, path: Path) -> pd.DataFrame:
    beside = path.parent / _SCENARIO
    if not beside.is_file():
        raise _error(
            path,
            told(
                "has_no_beside_it_which_says_on",
                "has no {scenario} beside it, which says on which day it begins",
                scenario=_SCENARIO,
            ),
        )
    start = pd.Timestamp(read_scenario(beside).scenario.horizon.start)
    one = frame[
        (frame["replication"] == frame["replication"].min()) & (frame["outcome"] != "closed")
    ]
    found = one[[name for name in _OURS if name in one.columns]].copy()
    found["client"] = one["client"].where(one["client"] >= 0)  # -1 is nobody
    for name in _TIMES:
        found[name] = start + pd.to_timedelta((one[name] * 60).round(), unit="s")
    renamed: pd.DataFrame = found.rename(columns=_OURS).assign(**services_written(one))
    return renamed


def _text(value: object) -> Value:
    """A value as it would stand in a text file."""
    if value is None or value is pd.NaT or (isinstance(value, float) and np.isnan(value)):
        return ""
    if isinstance(value, pd.Timestamp):
        return f"{value:%Y-%m-%d %H:%M:%S}"
    if isinstance(value, bool | np.bool_):
        return "yes" if value else "no"
    if isinstance(value, int | float | np.integer | np.floating):
        return float(value)
    return str(value).strip()


def _error(path: Path, message: str) -> ScenarioError:
    return ScenarioError([Problem(Place(str(path)), "", message)])
