"""What files of results hold, held against what they must: tables and JSON, from their bytes.

A file that was cut off, mixed up with another or edited ends in one sentence that names the row;
what passes can be drawn without a second thought.
"""

import csv
import json
from collections.abc import Iterable, Mapping, Sequence
from io import StringIO
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv as arrow
from pydantic import ValidationError

from sim.results.manifest import SCHEMA
from sim.results.schema.documents import MODELS
from sim.results.schema.tables import TABLES, Cell, Column, TableSchema
from sim.results.spreadsheets import usual_csv
from sim.scenario.errors.told import told
from sim.scenario.tables.sheet import as_meant

LARGEST_FILE = 2**30
"""Bytes; a larger file is no table of ours."""
_SHOWN = 40
"""Characters of a wrong value that are shown."""


class DamageError(ValueError):
    """A file is not what it should be; the message says why, without its name."""


class LaterVersionError(DamageError):
    """A version wrote it that this one knows nothing of."""


def read_json(name: str, data: bytes) -> Mapping[str, Any]:
    """A JSON file of results.

    Args:
        name: of the file, one of those that are read again.
        data: what it holds.

    Raises:
        DamageError: it holds something else.
    """
    if not data.strip():
        raise DamageError(told("it_is_empty", "it is empty"))
    try:
        found = json.loads(data.decode("utf-8"), parse_constant=_no_number)
    except RecursionError as error:
        raise DamageError(told("it_is_nested_too_deep", "it is nested too deep")) from error
    except ValueError as error:
        raise DamageError(
            told("it_is_no_json", "it is no JSON ({short})", short=_short(error))
        ) from error
    if not isinstance(found, dict):
        raise DamageError(told("it_is_not_a_json_object", "it is not a JSON object"))
    newest = found.get("schema", 1)
    if name == "manifest.json" and isinstance(newest, int) and newest > SCHEMA:
        raise LaterVersionError(
            told(
                "a_later_version_of_dcr_sim_wrote",
                "a later version of dcr-sim wrote it (schema {newest}, and this one reads "
                "up to {schema}); read it with that one",
                newest=newest,
                schema=SCHEMA,
            )
        )
    try:
        MODELS[name].model_validate_json(data)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, first["loc"]))
        if first["type"] == "missing":
            raise DamageError(told("it_has_no", "it has no {where}", where=where)) from error
        raise DamageError(f"{_short(where)}: {first['msg']}" if where else first["msg"]) from error
    return found


def _no_number(text: str) -> object:
    raise ValueError(told("is_no_number", "{text} is no number", text=text))


def _short(error: object) -> str:
    """What somebody else's code says, on one short line."""
    text = " ".join(str(error).split())
    return text if len(text) <= 2 * _SHOWN else f"{text[: 2 * _SHOWN]}…"


def read_table(name: str, data: bytes) -> pd.DataFrame:
    """A table of results; empty cells are NaN in columns of numbers.

    Args:
        name: of the file, one of TABLES.
        data: what it holds.

    Raises:
        DamageError: it holds something else.
    """
    schema, cells = TABLES[name], _cells(data)
    missing = [column for column in schema.columns if column not in cells.column_names]
    if missing:
        raise DamageError(
            told("it_has_no_contents", "it has no {listed}", listed=", ".join(missing))
        )
    found = pd.DataFrame(
        {
            column: _read(column, cells.column(column), schema)
            for column in cells.column_names
            if column in {*schema.columns, *schema.also} or schema.others
        }
    )
    _check_rows(found, schema)
    return found


def _cells(data: bytes) -> pa.Table:
    """All cells as text; every row has as many as the heading."""
    if not data.strip():
        raise DamageError(told("it_is_empty", "it is empty"))
    if b"\0" in data:
        raise DamageError(
            told("it_holds_zero_bytes_as_no_table", "it holds zero bytes, as no table does")
        )
    try:
        data = usual_csv(data.decode("utf-8")).encode("utf-8")
        names = next(csv.reader(StringIO(data.decode("utf-8"), newline="")), [])
    except UnicodeDecodeError as error:
        raise DamageError(told("it_is_not_utf_8_text", "it is not UTF-8 text")) from error
    except csv.Error as error:
        raise DamageError(
            told("it_is_no_such_table", "it is no such table ({short})", short=_short(error))
        ) from error
    if len(set(names)) < len(names):
        raise DamageError(told("it_has_a_column_twice", "it has a column twice"))
    try:
        return arrow.read_csv(
            pa.BufferReader(data),
            arrow.ReadOptions(use_threads=False),
            arrow.ParseOptions(newlines_in_values=True, ignore_empty_lines=False),
            arrow.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False
            ),
        )
    except pa.ArrowInvalid as error:
        text = _short(str(error).removeprefix("CSV parse error: ").replace("Row #", "row "))
        raise DamageError(
            told("it_is_no_such_table_contents", "it is no such table ({text})", text=text)
        ) from error


def _read(name: str, cells: pa.ChunkedArray, schema: TableSchema) -> pd.Series:
    column = schema.columns.get(name) or schema.also.get(name)
    if column is None:
        return _guessed(cells)
    empty = pc.equal(cells, "").to_numpy(zero_copy_only=False)
    if empty.any() and not column.empty:
        raise DamageError(
            told("row_is_empty", "row {row}: {name} is empty", row=_row(empty), name=name)
        )
    if column.cell is Cell.TEXT:
        texts = [as_meant(text) for text in cells.to_pylist()]
        _check_words(name, texts, column)
        return pd.Series(texts, dtype="str")
    if column.cell is Cell.YES_NO:
        known = pc.is_in(cells, pa.array(["True", "False"])).to_numpy(zero_copy_only=False)
        _check(name, cells, known, told("neither_true_nor_false", "neither True nor False"))
        return pd.Series(pc.equal(cells, "True").to_pandas())
    whole = column.cell is Cell.WHOLE
    numbers = _numbers(name, cells, whole=whole)
    ends = np.isfinite(numbers) | (numbers == np.inf) & column.endless
    fits = ends & (numbers >= column.low) & (numbers <= (np.inf if column.endless else column.high))
    _check(name, cells, fits | empty, told("out_of_bounds", "out of bounds"))
    return pd.Series(numbers.astype(np.int64) if whole and not empty.any() else numbers)


def _guessed(cells: pa.ChunkedArray) -> pd.Series:
    """A column that the planner named: numbers if all of it are, else text."""
    for kind in (pa.int64(), pa.float64()):
        try:
            numbers = pc.cast(cells, kind)
        except pa.ArrowInvalid:
            continue
        if pc.all(pc.is_finite(numbers)).as_py():
            return pd.Series(numbers.to_pandas())
    return pd.Series([as_meant(text) for text in cells.to_pylist()], dtype="str")


def _numbers(name: str, cells: pa.ChunkedArray, *, whole: bool) -> np.ndarray:
    """As floats, NaN where a cell is empty."""
    filled = pc.if_else(pc.equal(cells, ""), pa.scalar(None, pa.string()), cells)
    kind = pa.int64() if whole else pa.float64()
    try:
        found = pc.cast(filled, kind)
    except pa.ArrowInvalid:
        what = (
            told("not_a_whole_number", "not a whole number")
            if whole
            else told("not_a_number", "not a number")
        )
        _check(name, cells, np.array([_is(one, kind) for one in filled.to_pylist()]), what)
        raise
    return np.asarray(pc.cast(found, pa.float64(), safe=False), dtype=np.float64)


def _is(text: str | None, kind: pa.DataType) -> bool:
    if text is None:
        return True
    try:
        pc.cast(pa.scalar(text), kind)
    except pa.ArrowInvalid:
        return False
    return True


def _check_words(name: str, texts: Sequence[str], column: Column) -> None:
    if not column.words:
        return
    for place, text in enumerate(texts):
        if text and text.partition(" (")[0] not in column.words:
            raise DamageError(
                told(
                    "row_is_which_no_version_wrote",
                    "row {place}: {name} is {quoted}, which no version wrote",
                    place=place + 2,
                    name=name,
                    quoted=_quoted(text),
                )
            )


def _check(name: str, cells: pa.ChunkedArray, fits: np.ndarray, what: str) -> None:
    if not fits.all():
        text = cells[int(np.argmin(fits))].as_py()
        raise DamageError(
            told(
                "row_is",
                "row {row}: {name} is {quoted}, {what}",
                row=_row(~fits),
                name=name,
                quoted=_quoted(text),
                what=what,
            )
        )


def _row(wrong: np.ndarray) -> int:
    """The first wrong row; the heading is row 1, as in a spreadsheet."""
    return int(np.argmax(wrong)) + 2


def _quoted(text: str) -> str:
    return ascii(text if len(text) <= _SHOWN else f"{text[:_SHOWN]}...")


def _check_rows(found: pd.DataFrame, schema: TableSchema) -> None:
    """No row twice, none missing, no interval upside down."""
    if schema.key:
        twice = found.duplicated(list(schema.key)).to_numpy()
        if twice.any():
            raise DamageError(
                told("row_stands_there_twice", "row {row} stands there twice", row=_row(twice))
            )
    if schema.each is not None:
        part, number = schema.each
        sizes = found.groupby(list(part), sort=False).size()
        wrong = sizes[sizes != number]
        if len(wrong):
            names = ", ".join(str(one) for one in wrong.index[0])
            raise DamageError(
                told(
                    "it_has_rows_of_not",
                    "it has {iloc} rows of {names}, not {number}",
                    iloc=wrong.iloc[0],
                    names=names,
                    number=number,
                )
            )
    if "ci_low" in found:
        upside_down = (found["ci_low"] > found["ci_high"]).to_numpy()
        if upside_down.any():
            raise DamageError(
                told(
                    "row_ci_low_is_above_ci_high",
                    "row {row}: ci_low is above ci_high",
                    row=_row(upside_down),
                )
            )


def check_replications(found: pd.DataFrame, replications: object) -> None:
    """Whether a table is of as many replications as the manifest says.

    Raises:
        DamageError: it is of others, as a table of another folder.
    """
    if "replications" not in found or replications is None:
        return
    other = (found["replications"] != replications).to_numpy()
    if other.any():
        here = found["replications"].iloc[int(np.argmax(other))]
        raise DamageError(
            told(
                "row_is_of_replications_and_the_manifest",
                "row {row} is of {here} replications, and the manifest of {replications}",
                row=_row(other),
                here=here,
                replications=replications,
            )
        )


def check_last(found: pd.DataFrame, rows: Iterable[Mapping[str, Any]], of: str) -> None:
    """Whether a table ends with the figure that ends the list of them: else it was cut off.

    Args:
        found: the table.
        rows: the figures, in order.
        of: the file that lists them.

    Raises:
        DamageError: it does not.
    """
    names = [name for name in ("metric", "statistic", "by") if name in found]
    last = [tuple(str(row[name]) for name in names) for row in rows][-1:]
    ends = [tuple(str(one) for one in row) for row in found[names].tail(1).itertuples(index=False)]
    if last != ends:
        raise DamageError(
            told("it_does_not_end_where_does", "it does not end where {of} does", of=of)
        )
