"""Results read back from their folder, for those who draw them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

import pandas as pd

from sim.results.folder import MANIFEST, ResultsError
from sim.results.notes import NOTES
from sim.scenario.load import load_scenario
from sim.scenario.problems import ScenarioError
from sim.scenario.scenario import Scenario


class Kind(StrEnum):
    """Which command wrote a folder, and the table by which that is known."""

    RUN = "summary.csv"
    COMPARISON = "comparison.csv"
    SWEEP = "sweep.csv"
    TORNADO = "tornado.csv"


_TEXTS = frozenset(
    {"metric", "statistic", "by", "unit", "option", "verdict", "field", "end", "from", "to"}
    | {"note", "file", "target", "operator", "days"}
)
"""Columns that hold text, even where it looks like a number or like nothing."""


@dataclass(frozen=True)
class Saved:
    """A folder of results."""

    folder: Path
    kind: Kind
    manifest: Mapping[str, Any]

    def table(self, name: str) -> pd.DataFrame | None:
        """A table, or None if the folder has none of that name.

        Raises:
            ResultsError: it cannot be read.
        """
        path = self.folder / name
        if not path.is_file():
            return None
        texts = _TEXTS | {"value"} if name == NOTES else _TEXTS
        read = dict.fromkeys(texts, str)
        try:
            head = pd.read_csv(path, nrows=0).columns
            empty = {column: [] if column in texts else [""] for column in head}
            return pd.read_csv(path, dtype=read, keep_default_na=False, na_values=empty)
        except (OSError, ValueError) as error:
            raise _damaged(path, error) from error

    def need(self, name: str) -> pd.DataFrame:
        """A table without which nothing can be drawn.

        Raises:
            ResultsError: it is not there, or cannot be read.
        """
        found = self.table(name)
        if found is None:
            raise _damaged(self.folder / name, "it is not there")
        return found

    def contents(self, name: str) -> Mapping[str, Any]:
        """A JSON file.

        Raises:
            ResultsError: it is not there or cannot be read.
        """
        return _json(self.folder / name)

    def scenario(self, name: str = "scenario.yaml") -> Scenario:
        """A scenario of the folder.

        Raises:
            ResultsError: it is not there or cannot be read.
        """
        try:
            return load_scenario(self.folder / name)
        except ScenarioError as error:
            raise ResultsError(f"results are damaged: {error}") from error


def read_results(folder: Path) -> Saved:
    """A folder that `run`, `compare` or `sweep` wrote.

    Raises:
        ResultsError: it is no such folder, or is damaged.
    """
    if not folder.is_dir():
        raise ResultsError(f"{folder} is not a folder; name one that holds results")
    if not (folder / MANIFEST).is_file():
        raise ResultsError(
            f"{folder} holds no results (it has no {MANIFEST}); name a folder that run, compare or "
            "sweep wrote"
        )
    found = next((kind for kind in Kind if (folder / kind.value).is_file()), None)
    if found is None:
        tables = ", ".join(kind.value for kind in Kind)
        raise ResultsError(f"{folder} has none of the tables that can be drawn: {tables}")
    return Saved(folder, found, _json(folder / MANIFEST))


def also_wrote(folder: Path, name: str) -> None:
    """Add a file to those that the manifest lists: the next run replaces it with its own.

    Raises:
        ResultsError: the manifest cannot be read or written.
    """
    contents = dict(_json(folder / MANIFEST))
    files = sorted({*contents.get("files", ()), name})
    if files == contents.get("files"):
        return
    text = json.dumps(contents | {"files": files}, indent=2, ensure_ascii=False) + "\n"
    try:
        (folder / MANIFEST).write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise ResultsError(f"cannot write {folder / MANIFEST}: {error}") from error


def _json(path: Path) -> Mapping[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise _damaged(path, error) from error
    if not isinstance(found, dict):
        raise _damaged(path, "it is not a JSON object")
    return found


def _damaged(path: Path, why: object) -> ResultsError:
    return ResultsError(f"{path} is damaged: {why}; run the scenario again")
