"""Tables of single visits and responses, written replication by replication."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pyarrow as pa
from pyarrow import parquet

from sim.results.folder import writing

Keep = Callable[[pa.Table, pa.Table], None]

_REPEATED = ("replication", "place")
"""Columns in which values repeat, beside the names: a dictionary of them is small and quick. Times
hardly repeat, and looking for repetitions would take most of the time."""
_SOUGHT = ("replication", "visit", "arrival", "onset")
"""Columns by which a reader may skip what is not wanted."""


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
