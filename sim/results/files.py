"""The files that results are made of: how a table, a JSON, a YAML and single visits are written."""

import csv
import json
import math
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from io import StringIO
from pathlib import Path

import pandas as pd
import pyarrow as pa
from pyarrow import parquet
from ruamel.yaml import YAML

from sim.measures import Row
from sim.results.folder import new_file, writing
from sim.scenario.tables.sheet import harmless

Keep = Callable[[pa.Table, pa.Table], None]

_REPEATED = ("replication", "place")
"""Columns in which values repeat, beside the names: a dictionary of them is small and quick. Times
hardly repeat, and looking for repetitions would take most of the time."""
_SOUGHT = ("replication", "visit", "arrival", "onset")
"""Columns by which a reader may skip what is not wanted."""


def write_text(text: str, path: Path) -> None:
    """UTF-8, with line feeds on every system.

    Raises:
        OSError: it cannot be written.
    """
    path.write_text(text, encoding="utf-8", newline="\n")


def write_csv(table: pd.DataFrame, path: Path) -> None:
    """Write a table as CSV, in which no spreadsheet takes a text for a formula.

    Floats are written in full, so that reading them gives the same numbers; NaN is empty.

    Raises:
        OSError: it cannot be written.
    """
    texts = table.select_dtypes(include=["object", "str"]).columns
    safe = {name: table[name].map(_harmless) for name in texts}
    table = table.assign(**safe)
    # A bare carriage return ends a line for most readers, but Python does not quote it.
    bare = any(table[name].map(lambda value: "\r" in str(value)).any() for name in texts)
    table.to_csv(
        path,
        index=False,
        lineterminator="\n",
        encoding="utf-8",
        quoting=csv.QUOTE_NONNUMERIC if bare else csv.QUOTE_MINIMAL,
    )


def _harmless(value: object) -> object:
    return harmless(value) if isinstance(value, str) else value


def write_tables(tables: Mapping[str, pd.DataFrame], folder: Path) -> None:
    """Write tables as CSV files into a draft, before the manifest that lists them.

    Args:
        tables: by the name of the file, without its ending.
        folder: an existing folder.

    Raises:
        ResultsError: a file cannot be written.
    """
    with writing(folder):
        for name, table in tables.items():
            write_csv(table, folder / f"{name}.csv")


def write_table(table: pd.DataFrame, path: Path) -> None:
    """Write a table as CSV, whole or not at all: an earlier one stays until the new one is done.

    Raises:
        ResultsError: it cannot be written.
    """
    with new_file(path) as draft:
        write_csv(table, draft)


def write_json(contents: Mapping[str, object], path: Path) -> None:
    """Write JSON with two spaces; NaN is refused.

    Raises:
        OSError: it cannot be written.
    """
    text = json.dumps(contents, indent=2, ensure_ascii=False, allow_nan=False)
    write_text(text + "\n", path)


def null_if_nan(value: object) -> object:
    """What JSON has for a figure that is not known."""
    return None if isinstance(value, float) and math.isnan(value) else value


def names_of(row: Row) -> dict[str, object]:
    """What a figure is called, as JSON and the columns of tables have it."""
    return {"metric": row.metric, "statistic": row.statistic, "by": row.by}


def yaml_text(data: Mapping[str, object]) -> str:
    """YAML 1.2, with lists and maps of plain values on one line."""
    writer = YAML()
    writer.default_flow_style = None
    writer.width = 100
    writer.allow_unicode = True
    text = StringIO()
    writer.dump(dict(data), text)
    return text.getvalue()


@contextmanager
def keep_visits(folder: Path) -> Iterator[Keep]:
    """Files `visits.parquet` and `responses.parquet` in a folder, open for the block.

    Args:
        folder: an existing folder, such as a draft of new results.

    Yields:
        A function that adds the tables of one replication to the files; memory holds one
        replication at a time.
    """
    writers: dict[str, parquet.ParquetWriter] = {}

    def add(name: str, table: pa.Table) -> None:
        if name not in writers:
            writers[name] = _writer(folder / name, table.schema)
        writers[name].write_table(table)

    def keep(visits: pa.Table, responses: pa.Table) -> None:
        with writing(folder):
            add("visits.parquet", visits)
            add("responses.parquet", responses)

    try:
        yield keep
    finally:
        with writing(folder), ExitStack() as closing:  # the last rows are written only now
            for writer in writers.values():
                closing.callback(writer.close)


def _writer(path: Path, schema: pa.Schema) -> parquet.ParquetWriter:
    names = [one.name for one in schema if pa.types.is_dictionary(one.type)]
    return parquet.ParquetWriter(
        path,
        schema,
        use_dictionary=[*names, *_REPEATED],
        column_encoding={"visit": "DELTA_BINARY_PACKED"},
        write_statistics=list(_SOUGHT),
    )
