"""What each file of results must hold to be read: its columns or keys, their types and bounds.

A file that was cut off, mixed up with another or edited ends in one sentence that names the row;
what passes can be drawn without a second thought.
"""

import csv
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from io import StringIO
from typing import Annotated, Any, Literal

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv as arrow
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from sim.measures.steps import QUARTER, QUARTERS
from sim.results.manifest import SCHEMA
from sim.results.scenario import NOTES
from sim.scenario.model.targets import Operator
from sim.scenario.tables.sheet import as_meant
from sim.study.compare.matters import Finding
from sim.study.estimate.targets import TargetVerdict

MOST = 1e25
"""No figure is larger, in whatever unit."""
LARGEST_FILE = 2**30
"""Bytes; a larger file is no table of ours."""
_HOURS = 168
_STATISTICS = ("mean", "p5", "median", "p95")
_SHOWN = 40
"""Characters of a wrong value that are shown."""


class DamageError(ValueError):
    """A file is not what it should be; the message says why, without its name."""


class LaterVersionError(DamageError):
    """A version wrote it that this one knows nothing of."""


class Cell(Enum):
    """What stands in the cells of a column."""

    TEXT = auto()
    NUMBER = auto()
    """Finite; an empty cell is a figure that is not known."""
    WHOLE = auto()
    YES_NO = auto()


@dataclass(frozen=True)
class Column:
    """One column of a table."""

    cell: Cell = Cell.TEXT
    empty: bool = True
    """Whether a cell may be empty."""
    low: float = -MOST
    high: float = MOST
    words: frozenset[str] = frozenset()
    """Texts that there may be, a remark in brackets aside; any without them."""


@dataclass(frozen=True)
class TableSchema:
    """One table."""

    columns: Mapping[str, Column]
    key: tuple[str, ...]
    """Columns that no two rows have in common."""
    others: bool = False
    """Whether it has columns that the planner named."""
    each: tuple[tuple[str, ...], int] | None = None
    """Columns that name a part, and how many rows each part has."""


_NAME = Column(empty=False)
_ANY = Column()
_FIGURE = {"metric": _NAME, "statistic": _NAME, "by": _NAME}
_ESTIMATE = {name: Column(Cell.NUMBER) for name in ("value", "ci_low", "ci_high")}
_COUNT = Column(Cell.WHOLE, empty=False, low=1)
_RUNS = {"replications": _COUNT}
_OF_WEEK = Column(Cell.WHOLE, empty=False, low=0, high=_HOURS - 1)
_DIFFERENCE = {name: Column(Cell.NUMBER) for name in ("base_value", "difference")}
_FINDING = Column(words=frozenset(Finding))
_MINUTE = Column(Cell.WHOLE, empty=False, low=0, high=QUARTER * (QUARTERS - 1))

TABLES: Mapping[str, TableSchema] = {
    "summary.csv": TableSchema(
        {**_FIGURE, **_ESTIMATE, "unit": _ANY, **_RUNS}, ("metric", "statistic", "by")
    ),
    "by_hour.csv": TableSchema(
        {"metric": _NAME, "by": _NAME, "hour_of_week": _OF_WEEK, **_ESTIMATE, **_RUNS},
        ("metric", "by", "hour_of_week"),
        each=(("metric", "by"), _HOURS),
    ),
    "by_time_of_day.csv": TableSchema(
        {
            "metric": _NAME,
            "by": _NAME,
            "days": _NAME,
            "minute": _MINUTE,
            "statistic": Column(empty=False, words=frozenset(_STATISTICS)),
            **_ESTIMATE,
            **_RUNS,
        },
        ("metric", "by", "days", "minute", "statistic"),
        each=(("metric", "by", "days"), QUARTERS * len(_STATISTICS)),
    ),
    "within.csv": TableSchema(
        {
            "metric": _NAME,
            "by": _NAME,
            "minutes": Column(Cell.NUMBER, empty=False, low=0),
            **_ESTIMATE,
            **_RUNS,
        },
        ("metric", "by", "minutes"),
    ),
    "at_once.csv": TableSchema(
        {
            "metric": _NAME,
            "by": _NAME,
            "number": Column(Cell.WHOLE, empty=False, low=0),
            **_ESTIMATE,
            **_RUNS,
        },
        ("metric", "by", "number"),
    ),
    "comparison.csv": TableSchema(
        {
            **_FIGURE,
            "option": _NAME,
            **_DIFFERENCE,
            **_ESTIMATE,
            "verdict": _FINDING,
            "unit": _ANY,
            **_RUNS,
        },
        ("metric", "statistic", "by", "option"),
    ),
    "comparison_by_hour.csv": TableSchema(
        {
            "metric": _NAME,
            "by": _NAME,
            "option": _NAME,
            "hour_of_week": _OF_WEEK,
            **_DIFFERENCE,
            **_ESTIMATE,
            "unit": _ANY,
            **_RUNS,
        },
        ("metric", "by", "option", "hour_of_week"),
        each=(("metric", "by", "option"), _HOURS),
    ),
    "targets.csv": TableSchema(
        {
            "target": _NAME,
            "verdict": Column(empty=False, words=frozenset(TargetVerdict)),
            **_FIGURE,
            "statistic": _ANY,  # figures of hours have none
            "hour_of_week": Column(Cell.WHOLE, low=0, high=_HOURS - 1),
            "operator": Column(empty=False, words=frozenset(Operator)),
            "limit": Column(Cell.NUMBER, empty=False),
            **_ESTIMATE,
            "unit": _ANY,
            **_RUNS,
            "more_replications": Column(Cell.WHOLE, low=0),
        },
        (),
    ),
    "sweep.csv": TableSchema(
        {"design": _COUNT, **_FIGURE, **_ESTIMATE, "unit": _ANY, **_RUNS},
        ("design", "metric", "statistic", "by"),
        others=True,
    ),
    "tornado.csv": TableSchema(
        {
            "rank": _COUNT,
            "field": _NAME,
            "end": Column(empty=False, words=frozenset({"low", "high"})),
            "from": _ANY,
            "to": _ANY,
            **_FIGURE,
            **_DIFFERENCE,
            **_ESTIMATE,
            "verdict": _FINDING,
            "unit": _ANY,
            **_RUNS,
        },
        ("field", "end", "metric", "statistic", "by"),
    ),
    NOTES: TableSchema(
        {
            "field": _ANY,
            "value": _ANY,
            "note": _ANY,
            "assumption": Column(Cell.YES_NO, empty=False),
            "file": _ANY,
        },
        (),
    ),
}
"""Tables that are read again, by name."""

_Text = Annotated[str, Field(min_length=1, max_length=100_000)]
_Seed = Annotated[int, Field(ge=0, lt=10**40)]
_Count = Annotated[int, Field(ge=1, le=10**9)]
_Number = Annotated[float, Field(ge=-MOST, le=MOST)]
_Sum = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


def _within(name: str) -> str:
    """The name of a file of the folder, and of nothing outside it."""
    parts = name.split("/")
    if not name.isprintable() or "\\" in name or {"", ".", ".."} & set(parts):
        raise ValueError("this names no file of the folder")
    return name


_File = Annotated[str, AfterValidator(_within)]


class _Model(BaseModel):
    model_config = ConfigDict(strict=True, frozen=True, allow_inf_nan=False)


class _Manifest(_Model):
    layout: Annotated[int, Field(ge=1, alias="schema")] = 1
    scenario: _Text
    scenario_sha256: _Sum
    seed: _Seed
    replications: Annotated[int, Field(ge=0, le=10**9)] | None = None
    packages: dict[str, str] = Field(default_factory=dict)
    files: list[_File] = Field(default_factory=list)
    sha256: dict[_File, _Sum] | None = None
    manifest_sha256: _Sum | None = None


class _HourRow(_Model):
    metric: _Text
    by: _Text


class _Row(_HourRow):
    statistic: _Text


class _Summary(_Model):
    scenario: _Text
    replications: _Count
    rows: Annotated[list[_Row], Field(min_length=1)]
    by_hour: list[_HourRow]


class _Base(_Model):
    name: _Text


class _Change(_Model):
    path: _Text
    old: Any
    new: Any


class _Option(_Model):
    name: _Text
    changes: list[_Change]
    other_people: bool = False


class _Compared(_Row):
    better: Literal["less", "more", "neither"]
    margin: Annotated[float, Field(ge=0, le=MOST)]


class _Best(_Model):
    metric: _Text
    statistic: _Text
    may_be_best: list[str]


class _Comparison(_Model):
    base: _Base
    options: Annotated[list[_Option], Field(min_length=1)]
    rows: list[_Compared]
    may_be_best: list[_Best]
    replications: _Count
    seed: _Seed


class _Design(_Model):
    design: _Count


class _Sweep(_Model):
    scenario: _Text
    design: _Text
    designs: list[_Design]
    rows: list[_Row]
    other_people: bool = False
    replications: _Count
    seed: _Seed


class _Assumption(_Model):
    field: _Text
    largest_sure_effect_in_margins: _Number


class _Tornado(_Model):
    scenario: _Text
    assumptions: list[_Assumption]
    replications: _Count
    seed: _Seed


_MODELS: Mapping[str, type[BaseModel]] = {
    "manifest.json": _Manifest,
    "summary.json": _Summary,
    "comparison.json": _Comparison,
    "sweep.json": _Sweep,
    "tornado.json": _Tornado,
}


def read_json(name: str, data: bytes) -> Mapping[str, Any]:
    """A JSON file of results.

    Args:
        name: of the file, one of those that are read again.
        data: what it holds.

    Raises:
        DamageError: it holds something else.
    """
    if not data.strip():
        raise DamageError("it is empty")
    try:
        found = json.loads(data.decode("utf-8"), parse_constant=_no_number)
    except RecursionError as error:
        raise DamageError("it is nested too deep") from error
    except ValueError as error:
        raise DamageError(f"it is no JSON ({_short(error)})") from error
    if not isinstance(found, dict):
        raise DamageError("it is not a JSON object")
    newest = found.get("schema", 1)
    if name == "manifest.json" and isinstance(newest, int) and newest > SCHEMA:
        raise LaterVersionError(
            f"a later version of dcr-sim wrote it (schema {newest}, and this one reads up to "
            f"{SCHEMA}); read it with that one"
        )
    try:
        _MODELS[name].model_validate_json(data)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, first["loc"]))
        if first["type"] == "missing":
            raise DamageError(f"it has no {where}") from error
        raise DamageError(f"{_short(where)}: {first['msg']}" if where else first["msg"]) from error
    return found


def _no_number(text: str) -> object:
    raise ValueError(f"{text} is no number")


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
        raise DamageError(f"it has no {', '.join(missing)}")
    found = pd.DataFrame(
        {
            column: _read(column, cells.column(column), schema)
            for column in cells.column_names
            if column in schema.columns or schema.others
        }
    )
    _check_rows(found, schema)
    return found


def _cells(data: bytes) -> pa.Table:
    """All cells as text; every row has as many as the heading."""
    if not data.strip():
        raise DamageError("it is empty")
    if b"\0" in data:
        raise DamageError("it holds zero bytes, as no table does")
    try:
        names = next(csv.reader(StringIO(data.decode("utf-8"), newline="")), [])
    except UnicodeDecodeError as error:
        raise DamageError("it is not UTF-8 text") from error
    except csv.Error as error:
        raise DamageError(f"it is no such table ({_short(error)})") from error
    if len(set(names)) < len(names):
        raise DamageError("it has a column twice")
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
        raise DamageError(f"it is no such table ({text})") from error


def _read(name: str, cells: pa.ChunkedArray, schema: TableSchema) -> pd.Series:
    column = schema.columns.get(name)
    if column is None:
        return _guessed(cells)
    empty = pc.equal(cells, "").to_numpy(zero_copy_only=False)
    if empty.any() and not column.empty:
        raise DamageError(f"row {_row(empty)}: {name} is empty")
    if column.cell is Cell.TEXT:
        texts = [as_meant(text) for text in cells.to_pylist()]
        _check_words(name, texts, column)
        return pd.Series(texts, dtype="str")
    if column.cell is Cell.YES_NO:
        known = pc.is_in(cells, pa.array(["True", "False"])).to_numpy(zero_copy_only=False)
        _check(name, cells, known, "neither True nor False")
        return pd.Series(pc.equal(cells, "True").to_pandas())
    whole = column.cell is Cell.WHOLE
    numbers = _numbers(name, cells, whole=whole)
    fits = np.isfinite(numbers) & (numbers >= column.low) & (numbers <= column.high)
    _check(name, cells, fits | empty, "out of bounds")
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
        what = "not a whole number" if whole else "not a number"
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
            raise DamageError(f"row {place + 2}: {name} is {_quoted(text)}, which no version wrote")


def _check(name: str, cells: pa.ChunkedArray, fits: np.ndarray, what: str) -> None:
    if not fits.all():
        text = cells[int(np.argmin(fits))].as_py()
        raise DamageError(f"row {_row(~fits)}: {name} is {_quoted(text)}, {what}")


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
            raise DamageError(f"row {_row(twice)} stands there twice")
    if schema.each is not None:
        part, number = schema.each
        sizes = found.groupby(list(part), sort=False).size()
        wrong = sizes[sizes != number]
        if len(wrong):
            names = ", ".join(str(one) for one in wrong.index[0])
            raise DamageError(f"it has {wrong.iloc[0]} rows of {names}, not {number}")
    if "ci_low" in found:
        upside_down = (found["ci_low"] > found["ci_high"]).to_numpy()
        if upside_down.any():
            raise DamageError(f"row {_row(upside_down)}: ci_low is above ci_high")


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
            f"row {_row(other)} is of {here} replications, and the manifest of {replications}"
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
        raise DamageError(f"it does not end where {of} does")
