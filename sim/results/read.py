"""Results read back from their folder, for those who draw them."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from pathlib import Path
from typing import Any

import pandas as pd

from sim.results.contents import (
    LARGEST_FILE,
    DamageError,
    LaterVersionError,
    check_last,
    check_replications,
    read_json,
    read_table,
)
from sim.results.files import write_json
from sim.results.folder import MANIFEST, ResultsError, is_page, new_file, plain_path, recover, why
from sim.results.manifest import OF_ITSELF, file_sha256, own_sha256
from sim.scenario.errors.problem import ScenarioError, message_of
from sim.scenario.errors.told import told
from sim.scenario.load import load_scenario
from sim.scenario.model.scenario import Scenario


class Kind(StrEnum):
    """Which command wrote a folder, and the table by which that is known."""

    RUN = "summary.csv"
    PLAN = "plans.csv"
    NEED = "work.csv"
    COMPARISON = "comparison.csv"
    SWEEP = "sweep.csv"
    TORNADO = "tornado.csv"
    CALIBRATION = "calibration.csv"
    SIZE = "designs.csv"
    PLACES = "ways.csv"


_OLDER = ("0.1.0",)
"""Versions whose tables use a name for something else, and that kept no checksums."""
NEW_NAMES = {"intake_paused": "place_unusable"}
"""What they called a metric, and its name today."""
_SCENARIO = "scenario.yaml"
_MAY_GO = ".parquet"
"""Ending of large files of single visits, which may be deleted when nobody needs them."""
_LISTED = {
    "summary.csv": ("summary.json", "rows"),
    "by_hour.csv": ("summary.json", "by_hour"),
    "comparison.csv": ("comparison.json", "rows"),
    "sweep.csv": ("sweep.json", "rows"),
}
"""Tables, and where their figures are listed, in the same order."""


@dataclass(frozen=True)
class Altered:
    """A file that is not what was written."""

    name: str
    is_there: bool
    """Whether it was changed; else it is gone."""

    @property
    def words(self) -> str:
        """Such as `was changed after the results were written`."""
        if self.is_there:
            return told(
                "was_changed_after_the_results_were_written",
                "was changed after the results were written",
            )
        return told("is_not_there_any_more", "is not there any more")


@dataclass(frozen=True)
class Saved:
    """A folder of results."""

    folder: Path
    kind: Kind
    manifest: Mapping[str, Any]
    simulated: Scenario | None = None
    """The scenario of a run that has just been written; without it, it is read."""
    altered: tuple[Altered, ...] = ()
    """Files that are read, or done without, although they are not what was written."""

    def table(self, name: str) -> pd.DataFrame | None:
        """A table, or None if none of that name was written.

        Raises:
            ResultsError: it is damaged.
        """
        path = self.folder / name
        if not self._was_written(name):
            return None
        if not path.is_file():
            if (path.exists() or path.is_symlink()) and not self.altered:
                raise _damaged(path, told("it_is_no_file", "it is no file"))
            return None
        try:
            found = read_table(name, _bytes(path))
            check_replications(found, self.manifest.get("replications"))
            found = _with_new_names(found) if self.is_older else found
            source, key = _LISTED.get(name, ("", ""))
            if source and (self.folder / source).is_file():
                check_last(found, self.contents(source)[key], source)
        except DamageError as error:
            raise _damaged(path, error) from error
        return found

    def _was_written(self, name: str) -> bool:
        """Whether a file is of these results; a planner may have put others beside them."""
        return not self.has_checksums or name in self.manifest["sha256"]

    @property
    def has_checksums(self) -> bool:
        """Whether it can be known that files were changed."""
        return _has_checksums(self.manifest)

    @property
    def is_older(self) -> bool:
        """Whether a version wrote it in which some metrics counted something else."""
        return _is_older(self.manifest)

    @property
    def sha256(self) -> str:
        """A checksum of all tables and scenarios, single visits aside; empty if there is none."""
        if not self.has_checksums:
            return ""
        sums = {
            name: one for name, one in self.manifest["sha256"].items() if not name.endswith(_MAY_GO)
        }
        return sha256(json.dumps(sums, sort_keys=True).encode()).hexdigest()

    @property
    def warnings(self) -> tuple[str, ...]:
        """What whoever reads these results should know."""
        found: list[str] = [f"{self.folder / one.name} " + one.words for one in self.altered]
        if not self.has_checksums:
            version = (
                told("version", "version {version}", version=self._version)
                if self._version
                else told("an_early_version", "an early version")
            )
            found.append(
                told(
                    "was_written_by_without_checksums_whether_its",
                    "{folder} was written by {version} without checksums: whether its files "
                    "were changed since then cannot be known",
                    folder=self.folder,
                    version=version,
                )
            )
        if self.is_older:
            found += [
                told(
                    "what_version_called_is_shown_as_its",
                    "what version {version} called {old} is shown as {new}, its name today",
                    version=self._version,
                    old=old,
                    new=new,
                )
                for old, new in NEW_NAMES.items()
            ]
        return tuple(found)

    @property
    def _version(self) -> str:
        return str(self.manifest.get("packages", {}).get("dcr-sim", ""))

    def need(self, name: str) -> pd.DataFrame:
        """A table without which nothing can be drawn.

        Raises:
            ResultsError: it is not there, or is damaged.
        """
        found = self.table(name)
        if found is None:
            raise _damaged(self.folder / name, told("it_is_not_there", "it is not there"))
        return found

    def contents(self, name: str) -> Mapping[str, Any]:
        """A JSON file.

        Raises:
            ResultsError: it is not there, or is damaged.
        """
        path = self.folder / name
        found = _json(path)
        for key in ("seed", "replications"):
            if key in found and found[key] != self.manifest.get(key, found[key]):
                raise _damaged(
                    path,
                    told(
                        "its_is_and_the_manifest_s_is",
                        "its {key} is {found}, and the manifest's is another",
                        key=key,
                        found=found[key],
                    ),
                )
        return _lines_with_new_names(found) if self.is_older else found

    def scenario(self) -> Scenario:
        """The scenario that was simulated.

        Raises:
            ResultsError: it is not there, or is damaged.
        """
        return self.other_scenario(_SCENARIO) if self.simulated is None else self.simulated

    def other_scenario(self, name: str) -> Scenario:
        """A scenario of these results by the name of its file.

        Raises:
            ResultsError: it is not there, or is damaged.
        """
        path = self.folder / name
        if not path.is_file():
            raise _damaged(path, told("it_is_not_there", "it is not there"))
        try:
            return load_scenario(path)
        except ScenarioError as error:
            first, *others = error.problems
            more = (
                told("and_more_read", " (and {number} more)", number=len(others)) if others else ""
            )
            raise ResultsError(
                told(
                    "results_are_damaged",
                    "results are damaged: {first}{more}",
                    first=first,
                    more=more,
                )
            ) from error


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


def read_results(folder: Path, simulated: Scenario | None = None, *, as_is: bool = False) -> Saved:
    """A folder that `run`, `compare` or `sweep` wrote, still as it was written.

    Every file of which the manifest has a checksum is held against it. Pages, and whatever
    somebody put beside the tables, count for nothing; files of single visits may be gone.

    Args:
        folder: the folder.
        simulated: the scenario of a run, if it is at hand.
        as_is: whether to read it although files were changed since; they are in `altered`.

    Raises:
        ResultsError: it is no such folder, or is damaged or changed.
    """
    target = plain_path(folder)
    try:
        if not target.exists():
            recover(target)
        if not target.is_dir():
            raise ResultsError(
                told(
                    "is_not_a_folder_name_one_that",
                    "{folder} is not a folder; name one that holds results",
                    folder=folder,
                )
            )
        if not (target / MANIFEST).is_file():
            raise ResultsError(
                told(
                    "holds_no_results_it_has_no_name",
                    "{folder} holds no results (it has no {manifest}); name a folder that run, "
                    "compare or sweep wrote",
                    folder=folder,
                    manifest=MANIFEST,
                )
            )
    except OSError as error:
        raise ResultsError(
            told("cannot_read_folder", "cannot read {folder}: {why}", folder=folder, why=why(error))
        ) from error
    manifest = _json(folder / MANIFEST)
    altered = tuple(_altered(folder, manifest))
    if altered and not as_is:
        first, *others = altered
        more = (
            told("and_more_files", " (and {number} more files)", number=len(others))
            if others
            else ""
        )
        raise ResultsError(
            told(
                "run_the_scenario_again_or_read_the",
                "{folder} {words}{more}; run the scenario again, or read the results as "
                "they are with --as-is",
                folder=folder / first.name,
                words=first.words,
                more=more,
            )
        )
    return Saved(folder, _kind(folder, manifest), manifest, simulated, altered)


def _kind(folder: Path, manifest: Mapping[str, Any]) -> Kind:
    listed = manifest["sha256"] if _has_checksums(manifest) else None
    for kind in Kind:
        is_it = (folder / kind).is_file() if listed is None else kind.value in listed
        if is_it:
            return kind
    tables = ", ".join(kind.value for kind in Kind)
    raise ResultsError(
        told(
            "has_none_of_the_tables_that_can",
            "{folder} has none of the tables that can be drawn: {tables}",
            folder=folder,
            tables=tables,
        )
    )


def _is_older(manifest: Mapping[str, Any]) -> bool:
    return str(manifest.get("packages", {}).get("dcr-sim", "")) in _OLDER


def _has_checksums(manifest: Mapping[str, Any]) -> bool:
    return "sha256" in manifest and not _is_older(manifest)


def _altered(folder: Path, manifest: Mapping[str, Any]) -> Iterator[Altered]:
    """Files that are not what was written, as far as anybody can know."""
    if _is_older(manifest) or not {"schema", "sha256"} & set(manifest):
        yield from _altered_of_old(folder, manifest)
        return
    if "sha256" not in manifest or manifest.get(OF_ITSELF) != own_sha256(manifest):
        yield Altered(MANIFEST, is_there=True)
    for name, wanted in manifest.get("sha256", {}).items():
        path = folder / name
        if _is_other(path, wanted):
            yield Altered(name, is_there=True)
        elif not path.is_file() and not name.endswith(_MAY_GO):
            yield Altered(name, is_there=False)


def _altered_of_old(folder: Path, manifest: Mapping[str, Any]) -> Iterator[Altered]:
    """The same without checksums: but for the scenario, only what was written can be known."""
    for name in manifest.get("files", ()):
        path = folder / name
        if name.endswith(_MAY_GO) or is_page(name):
            continue
        if not path.exists():
            yield Altered(name, is_there=False)
        elif name == _SCENARIO and _is_other(path, manifest.get("scenario_sha256")):
            yield Altered(name, is_there=True)


def _is_other(path: Path, wanted: object) -> bool:
    """Whether a file has another checksum."""
    try:
        return path.is_file() and file_sha256(path) != wanted
    except OSError as error:
        raise ResultsError(
            told("cannot_read_path", "cannot read {path}: {why}", path=path, why=why(error))
        ) from error


def also_wrote(folder: Path, name: str) -> None:
    """Add a file to those that the manifest lists: the next run replaces it with its own.

    Raises:
        ResultsError: the manifest cannot be read or written.
    """
    contents = dict(_json(folder / MANIFEST))
    files = sorted({*contents.get("files", ()), name})
    if files == contents.get("files"):
        return
    with new_file(folder / MANIFEST) as draft:
        write_json(contents | {"files": files}, draft)


def _bytes(path: Path) -> bytes:
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise _damaged(
                path,
                told(
                    "it_has_more_than_bytes",
                    "it has more than {largest_file:,} bytes",
                    largest_file=LARGEST_FILE,
                ),
            )
        return path.read_bytes()
    except OSError as error:
        raise ResultsError(
            told("cannot_read_path", "cannot read {path}: {why}", path=path, why=why(error))
        ) from error


def _json(path: Path) -> Mapping[str, Any]:
    if not path.is_file():
        raise _damaged(path, told("it_is_not_there", "it is not there"))
    try:
        return read_json(path.name, _bytes(path))
    except LaterVersionError as error:
        raise ResultsError(f"{path}: " + message_of(error)) from error
    except DamageError as error:
        raise _damaged(path, error) from error


def _damaged(path: Path, what: object) -> ResultsError:
    return ResultsError(
        told(
            "is_damaged_run_the_scenario_again",
            "{path} is damaged: {what}; run the scenario again",
            path=path,
            what=what,
        )
    )
