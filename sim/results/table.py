"""A single table on disk."""

import csv
from pathlib import Path

import pandas as pd

from sim.results.folder import new_file
from sim.scenario.tables.sheet import harmless


def save_csv(table: pd.DataFrame, path: Path) -> None:
    """Write a table as CSV, in which no spreadsheet takes a text for a formula.

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


def write_table(table: pd.DataFrame, path: Path) -> None:
    """Write a table as CSV, whole or not at all: an earlier one stays until the new one is done.

    Raises:
        ResultsError: it cannot be written.
    """
    with new_file(path) as draft:
        save_csv(table, draft)
