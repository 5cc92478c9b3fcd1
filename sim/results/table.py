"""A single table on disk."""

from pathlib import Path

import pandas as pd

from sim.results.folder import new_file


def write_table(table: pd.DataFrame, path: Path) -> None:
    """Write a table as CSV, whole or not at all: an earlier one stays until the new one is done.

    Raises:
        ResultsError: it cannot be written.
    """
    with new_file(path) as draft:
        table.to_csv(draft, index=False, lineterminator="\n", encoding="utf-8")
