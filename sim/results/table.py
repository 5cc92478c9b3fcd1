"""A single table on disk."""

from pathlib import Path
from uuid import uuid4

import pandas as pd

from sim.results.folder import ResultsError


def write_table(table: pd.DataFrame, path: Path) -> None:
    """Write a table as CSV, whole or not at all: an earlier one stays until the new one is done.

    Raises:
        ResultsError: it cannot be written.
    """
    draft = path.with_name(f".{path.name}.{uuid4().hex}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        table.to_csv(draft, index=False, lineterminator="\n", encoding="utf-8")
        draft.replace(path)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise ResultsError(f"{path} cannot be written: {error.strerror or error}") from error
