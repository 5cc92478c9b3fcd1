"""How results came about: what was run, when, with which versions."""

import platform
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from math import isnan

from sim import __version__
from sim.engine import Engine
from sim.results.resolved import scenario_sha256
from sim.scenario.scenario import Scenario
from sim.study.precision import Precision
from sim.study.result import StudyResult

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


def manifest(
    scenario: Scenario, result: StudyResult, run: Run, files: Iterable[str]
) -> dict[str, object]:
    """The contents of manifest.json, the only file in which times of day stand.

    Args:
        scenario: what was simulated.
        result: what the study found.
        run: how it was run.
        files: names of the files in the results folder.
    """
    played = {
        "seed": result.seed,
        "replications": result.count,
        "replications_from_cache": result.reused,
        "precision": None if result.precision is None else _precision(result.precision),
    }
    return record(scenario, played, run, files)


def record(
    scenario: Scenario, played: Mapping[str, object], run: Run, files: Iterable[str]
) -> dict[str, object]:
    """The contents of manifest.json, with what was played as the caller tells it.

    Args:
        scenario: what was looked at.
        played: seed and replications, as far as anything was simulated.
        run: how it was run.
        files: names of the files in the results folder.
    """
    return {
        "scenario": scenario.name,
        "scenario_sha256": scenario_sha256(scenario),
        **played,
        # A file's name may have letters that no encoding has.
        "command": run.command.encode("utf-8", "backslashreplace").decode("utf-8"),
        "engine": run.engine.value,
        "started": run.started.isoformat(timespec="seconds"),
        "seconds": round(run.seconds, 1),
        "python": platform.python_version(),
        "platform": platform.platform(),
        "packages": versions(),
        "files": sorted(files),
    }


def _precision(precision: Precision) -> list[dict[str, object]]:
    """How precisely each headline figure is known, and was wanted."""
    return [
        {
            "metric": standing.row.metric,
            "statistic": standing.row.statistic,
            "by": standing.row.by,
            "half_width": None if isnan(standing.half_width) else standing.half_width,
            "wanted": None if isnan(standing.wanted) else standing.wanted,
            "reached": standing.shortfall <= 1,
        }
        for standing in precision.standings
    ]


def versions() -> dict[str, str]:
    """Of the packages on which the figures or the files may depend."""
    return {name: _version(name) for name in PACKAGES}


def _version(package: str) -> str:
    if package == "dcr-sim":
        return __version__  # of the code that runs, whatever was installed last
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"
