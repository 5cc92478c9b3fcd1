"""How results came about: what was run, when, with which versions."""

import hashlib
import json
import platform
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from sim import __version__
from sim.engine import Engine
from sim.results.files import names_of, null_if_nan, write_json
from sim.results.folder import MANIFEST, is_page, writing
from sim.results.scenario import scenario_sha256
from sim.results.spreadsheets import USUAL, Form, for_spreadsheets
from sim.scenario.model.demand import Found
from sim.scenario.model.scenario import Scenario
from sim.study.estimate.precision import Precision
from sim.study.estimate.summary import StudyResult

PACKAGES = (
    "dcr-sim",
    "numba",
    "numpy",
    "pandas",
    "pyarrow",
    "pydantic",
    "ruamel.yaml",
    "scipy",
    "simpy",
)
"""Packages on whose version the figures or the files may depend."""
SCHEMA = 2
"""How folders of results are laid out; those of 0.1.0 have no such number, and no checksums."""
OF_ITSELF = "manifest_sha256"
"""Key of the checksum of the manifest."""
_NOT_COVERED = ("files", OF_ITSELF)
"""Keys that it leaves out: pages that are drawn later are listed as well."""


@dataclass(frozen=True)
class Run:
    """One run of the program."""

    command: str
    """What was typed."""
    started: datetime
    """When."""
    seconds: float
    """How long it took."""
    engine: Engine = Engine.FAST
    """What played the visitors."""
    form: Form = USUAL
    """In what form its tables are wanted."""


def write_manifest(
    folder: Path,
    scenario: Scenario,
    played: Mapping[str, object],
    run: Run,
    more: Mapping[str, object] | None = None,
) -> None:
    """Write manifest.json, the last file of a draft and the only one in which times of day stand.

    Before it come the forms of the tables that were asked for beside the usual one. It has a
    checksum of every other file there, so that whoever reads the folder knows whether it
    is still what was written. Pages count for nothing: they are drawn anew at any time.

    Args:
        folder: an existing folder with all its files, such as a draft of new results.
        scenario: what was looked at.
        played: seed and replications, as far as anything was simulated.
        run: how it was run.
        more: what else the command has to say.

    Raises:
        ResultsError: a file cannot be read or written.
    """
    with writing(folder):
        for_spreadsheets(folder, run.form)
        paths = sorted(path for path in folder.rglob("*") if path.is_file())
        covered = {path.relative_to(folder).as_posix(): file_sha256(path) for path in paths}
        files = sorted({MANIFEST, *(path.name for path in folder.iterdir())})
    contents = {
        "schema": SCHEMA,
        "scenario": scenario.name,
        "scenario_sha256": scenario_sha256(scenario),
        **played,
        **_demand(scenario),
        # A file's name may have letters that no encoding has.
        "command": run.command.encode("utf-8", "backslashreplace").decode("utf-8"),
        "engine": run.engine.value,
        "started": run.started.isoformat(timespec="seconds"),
        "seconds": round(run.seconds, 1),
        "python": platform.python_version(),
        "platform": platform.platform(),
        "packages": _versions(scenario),
        **(more or {}),
        "files": files,
        "sha256": {name: sum_ for name, sum_ in covered.items() if not is_page(name)},
    }
    with writing(folder):
        write_json({**contents, OF_ITSELF: own_sha256(contents)}, folder / MANIFEST)


def file_sha256(path: Path) -> str:
    """SHA-256 of a file, as `sha256sum` prints it.

    Raises:
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def own_sha256(contents: Mapping[str, object]) -> str:
    """The checksum of a manifest, of all that it says but the list of files."""
    said = {key: value for key, value in contents.items() if key not in _NOT_COVERED}
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def played(result: StudyResult) -> dict[str, object]:
    """What a manifest says of a study: seed, replications and how precise its figures are."""
    return {
        "seed": result.seed,
        "replications": result.count,
        "replications_from_cache": result.reused,
        "precision": None if result.precision is None else _precision(result.precision),
    }


def _demand(scenario: Scenario) -> dict[str, object]:
    """Of demand that follows from how many are served: how many come, and the range of it."""
    demand = scenario.demand
    if demand.served_per_day is None:
        return {}
    times, low, high = demand.times_served
    found = isinstance(demand.unserved, Found)
    return {
        "demand": {
            "served_per_day": demand.served_per_day,
            "unserved": demand.share_unserved,
            "found_by_play": found,
            "visits_per_day": demand.visits_a_day,
            "times_served": times,
            "range": [low, high] if found else None,
        }
    }


def _precision(precision: Precision) -> list[dict[str, object]]:
    """How precisely each headline figure is known, and was wanted."""
    return [
        {
            **names_of(standing.row),
            "half_width": null_if_nan(standing.half_width),
            "wanted": null_if_nan(standing.wanted),
            "reached": standing.shortfall <= 1,
        }
        for standing in precision.standings
    ]


def _versions(scenario: Scenario) -> dict[str, str]:
    """Of the packages on which the figures or the files may depend."""
    found = {name: _version(name) for name in PACKAGES}
    if scenario.holidays is not None and scenario.holidays.source:
        # Of what the days were looked up with, perhaps before: they stand in the scenario.
        name, _, its = scenario.holidays.source.partition(" ")
        found[name] = its
    return found


def _version(package: str) -> str:
    if package == "dcr-sim":
        return __version__  # of the code that runs, whatever was installed last
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"
