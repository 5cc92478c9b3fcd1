"""Tables of single visits and responses, written replication by replication."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pandas as pd
import pyarrow as pa
from pyarrow import parquet

from sim.results.folder import writing

Keep = Callable[[pd.DataFrame, pd.DataFrame], None]


@contextmanager
def keep_visits(folder: Path) -> Iterator[Keep]:
    """Files `visits.parquet` and `responses.parquet` in a folder, open for the block.

    Args:
        folder: an existing folder, such as a draft of new results.

    Yields:
        A function that adds the tables of one replication to the files; memory holds one
        replication at a time.
    """
    with ExitStack() as files:
        writers: dict[str, parquet.ParquetWriter] = {}

        def add(name: str, frame: pd.DataFrame) -> None:
            table = pa.Table.from_pandas(frame, preserve_index=False)
            if name not in writers:
                # Times hardly repeat: looking for repetitions would take most of the time.
                names = [one.name for one in table.schema if pa.types.is_dictionary(one.type)]
                writer = parquet.ParquetWriter(folder / name, table.schema, use_dictionary=names)
                writers[name] = files.enter_context(writer)
            writers[name].write_table(table)

        def keep(visits: pd.DataFrame, responses: pd.DataFrame) -> None:
            with writing(folder):
                add("visits.parquet", visits)
                add("responses.parquet", responses)

        yield keep
