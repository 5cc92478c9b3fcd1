"""Results read back from their folder, for those who draw them."""

import json
from collections.abc import Iterable, Mapping
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
from sim.scenario.sheets import as_meant


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


_ESTIMATE = {"value", "ci_low", "ci_high"}
_FIGURE = {"metric", "statistic", "by", "unit"}
_NEEDED: Mapping[str, set[str]] = {
    Kind.RUN.value: _FIGURE | _ESTIMATE,
    Kind.COMPARISON.value: _FIGURE
    | {"option", "base_value", "value", "difference", "ci_low", "ci_high", "verdict"},
    Kind.SWEEP.value: _FIGURE | _ESTIMATE | {"design"},
    Kind.TORNADO.value: _FIGURE
    | {"field", "end", "to", "base_value", "difference", "ci_low", "ci_high"},
    "by_hour.csv": {"metric", "by", "hour_of_week"} | _ESTIMATE,
    "by_time_of_day.csv": {"metric", "by", "days", "minute", "statistic"} | _ESTIMATE,
    "within.csv": {"metric", "by", "minutes"} | _ESTIMATE,
    "at_once.csv": {"number"} | _ESTIMATE,
    "comparison_by_hour.csv": {"metric", "option", "hour_of_week", "unit", "difference"},
    "targets.csv": _FIGURE | _ESTIMATE | {"target", "verdict", "hour_of_week", "operator", "limit"},
    NOTES: {"field", "value", "note", "assumption"},
    MANIFEST: {"scenario", "seed", "replications"},
    "comparison.json": {"base", "options", "rows", "may_be_best", "replications", "seed"},
    "sweep.json": {"scenario", "design", "replications", "seed"},
    "tornado.json": {"scenario", "assumptions", "replications", "seed"},
}
"""Columns of a table, or keys of a JSON object, without which a file is damaged."""


_OLDER = ("0.1.0",)
"""Versions whose tables use a name for something else."""
NEW_NAMES = {"intake_paused": "place_unusable"}
"""What they called a metric, and its name today."""
_SCENARIO = "scenario.yaml"


@dataclass(frozen=True)
class Saved:
    """A folder of results."""

    folder: Path
    kind: Kind
    manifest: Mapping[str, Any]
    simulated: Scenario | None = None
    """The scenario of a run that has just been written; without it, it is read."""

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
            _check(path, head)
            empty = {column: [] if column in texts else [""] for column in head}
            found = pd.read_csv(path, dtype=read, keep_default_na=False, na_values=empty)
            found = found.assign(
                **{name: found[name].map(as_meant, "ignore") for name in head if name in texts}
            )
            return _with_new_names(found) if self.is_older else found
        except (OSError, ValueError) as error:
            raise _damaged(path, error) from error

    @property
    def is_older(self) -> bool:
        """Whether a version wrote it in which some metrics counted something else."""
        return str(self.manifest.get("packages", {}).get("dcr-sim", "")) in _OLDER

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
        found = _json(self.folder / name)
        return _lines_with_new_names(found) if self.is_older else found

    def scenario(self, name: str = _SCENARIO) -> Scenario:
        """A scenario of the folder.

        Raises:
            ResultsError: it is not there or cannot be read.
        """
        if self.simulated is not None and name == _SCENARIO:
            return self.simulated
        try:
            return load_scenario(self.folder / name)
        except ScenarioError as error:
            raise ResultsError(f"results are damaged: {error}") from error


def _with_new_names(table: pd.DataFrame) -> pd.DataFrame:
    """A table of an earlier version with the metrics' names of today."""
    if "metric" not in table or set(NEW_NAMES.values()) & set(table["metric"]):
        return table
    return table.assign(metric=table["metric"].replace(NEW_NAMES))


def _lines_with_new_names(contents: Mapping[str, Any]) -> Mapping[str, Any]:
    """The same of the lists of figures in a JSON file."""
    return {
        key: [_line_with_new_name(one) for one in value] if isinstance(value, list) else value
        for key, value in contents.items()
    }


def _line_with_new_name(line: object) -> object:
    if not isinstance(line, dict) or line.get("metric") not in NEW_NAMES:
        return line
    return line | {"metric": NEW_NAMES[line["metric"]]}


def read_results(folder: Path, simulated: Scenario | None = None) -> Saved:
    """A folder that `run`, `compare` or `sweep` wrote.

    Args:
        folder: the folder.
        simulated: the scenario of a run, if it is at hand.

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
    return Saved(folder, found, _json(folder / MANIFEST), simulated)


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
    _check(path, found)
    return found


def _check(path: Path, names: Iterable[str]) -> None:
    missing = _NEEDED.get(path.name, set()).difference(names)
    if missing:
        raise _damaged(path, f"it has no {', '.join(sorted(missing))}")


def _damaged(path: Path, why: object) -> ResultsError:
    return ResultsError(f"{path} is damaged: {why}; run the scenario again")
