"""Scenarios of which figures are known, played and compared; and what cannot be expressed."""

import os
import tomllib
import zlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from sim.engine import Engine
from sim.study.run.workers import Progress, silent
from sim.validation import trials
from sim.validation.exact.sums import FUNCTIONS
from sim.validation.trials import Played, Reading, Simulated, Trial, reading_of

FOLDER = Path(__file__).parent / "scenarios"
"""The scenario files."""

LIMITS = {
    "exact": 0.0,  # met to the last digit
    "ordinary": 0.01,
    "heavy": 0.02,  # traffic, in which a site remembers for days
    "hourly": 0.05,  # of a single hour of the day
}
"""Highest relative standard error of a figure."""


@dataclass(frozen=True)
class Figure:
    """A figure that is known, and where the program says it."""

    name: str
    exact: float
    reading: Reading
    limit: float = LIMITS["ordinary"]
    """Highest relative standard error that will do; 0 for a figure that must be met exactly."""
    exact_error: float = 0.0
    """Standard error of `exact`, when it is itself from a simulation."""

    def limit_when(self, *, quick: bool) -> float:
        """The highest relative standard error that will do in a full or a quick run."""
        if not quick:
            return self.limit
        return 5 * (LIMITS["ordinary"] if self.limit == LIMITS["heavy"] else self.limit)


@dataclass(frozen=True)
class Case:
    """A scenario of which figures are known."""

    id: str
    """As in the documentation, such as `S1`; several scenarios may share one."""
    file: str
    """The scenario, a file of FOLDER."""
    exercises: str
    """What part of the program it is about."""
    figures: tuple[Figure, ...]
    needs: bool = False
    """Whether it is a city, or a site to which people come back: another loop to compile."""
    replications: int = 1
    """How many of them bring the standard errors below the limits; 1 where nothing is random."""
    quick: int = 1
    """How many in a quick run; 0 for a case that has no place in one. With fewer than some 30 the
    standard error is itself so uncertain that 4 of them are no longer far; and they bring what is
    to be expected of it to three quarters of the limit, since it varies by a seventh."""

    def replications_when(self, *, quick: bool) -> int:
        """How many replications in a full or a quick run."""
        return self.quick if quick else self.replications


class Unsaid(NamedTuple):
    """A known result that the scenario language cannot express."""

    id: str
    what: str
    why: str


def _case(said: dict[str, Any]) -> Case:
    """A case as cases.toml says it; `limit` and `times` hold where a figure has none of its own."""
    shared: dict[str, Any] = {name: said.pop(name) for name in ("limit", "times") if name in said}
    figures = tuple(_figure({**shared, **figure}) for figure in said.pop("figures"))
    return Case(figures=figures, **said)


def _figure(said: Mapping[str, Any]) -> Figure:
    return Figure(
        said["name"],
        said["exact"],
        reading_of(said, FUNCTIONS),
        LIMITS[said.get("limit", "ordinary")],
        said.get("exact_error", 0.0),
    )


_DATA = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))

CASES = tuple(_case(said) for said in _DATA["case"])
"""All cases, in the order in which they are played and printed."""

UNSAID = tuple(Unsaid(**said) for said in _DATA["unsaid"])
"""What is left out."""


APART = 4
"""Standard errors that simulated and exact must be less than apart."""
COLUMNS = (
    "case",
    "exercises",
    "figure",
    "exact",
    "simulated",
    "standard_error",
    "apart",
    "relative_se",
    "passed",
)
"""Of the table."""

_NOISE = 1e-9
"""Difference that is only rounding."""


def validate(
    *,
    quick: bool = False,
    ids: Collection[str] | None = None,
    seed: int = 1,
    workers: int | None = None,
    engine: Engine = Engine.FAST,
    progress: Progress = silent,
) -> pd.DataFrame:
    """Play the cases and compare them with what is known.

    A figure passes when it is less than 4 standard errors from the exact value and its standard
    error is small enough to mean something: 1 % of the value, 2 % in heavy traffic, 5 % for a
    single hour of the day; in a quick run 5 %, 25 % for a single hour.

    Args:
        quick: play fewer replications, and leave out what takes many.
        ids: only these cases, such as `S1`; without it all.
        seed: the seed of all chance.
        workers: how many share the work; without it one for each processor.
        engine: what plays the visitors.
        progress: is told of every replication done.

    Returns:
        COLUMNS, a line for each figure.

    Raises:
        ValueError: an id is of no case.
    """
    known = dict.fromkeys(case.id for case in CASES)
    if unknown := sorted(set(ids or ()) - set(known)):
        raise ValueError(f"there is no case {', '.join(unknown)}; known: {', '.join(known)}")
    chosen = [
        case
        for case in CASES
        if (ids is None or case.id in ids) and case.replications_when(quick=quick)
    ]
    played = trials.play(
        [_trial(case, case.replications_when(quick=quick), seed) for case in chosen],
        engine=engine,
        workers=workers or _processors(),
        progress=progress,
    )
    tables = [_compare(case, one, quick=quick) for case, one in zip(chosen, played, strict=True)]
    return pd.concat(tables, ignore_index=True)


def play(case: Case, replications: int, *, quick: bool = False, seed: int = 1) -> pd.DataFrame:
    """One case by itself, with any number of replications, in this process.

    Args:
        case: one of CASES.
        replications: how many.
        quick: whether the wider limits of a quick run will do.
        seed: the seed of all chance.

    Returns:
        COLUMNS, a line for each figure.
    """
    (played,) = trials.play([_trial(case, replications, seed)])
    return _compare(case, played, quick=quick)


def _trial(case: Case, replications: int, seed: int) -> Trial:
    # Every scenario meets people of its own: one unlucky draw must not show in all of them.
    own_seed = zlib.crc32(f"{seed} {case.file}".encode())
    readings = tuple(figure.reading for figure in case.figures)
    return Trial(FOLDER / case.file, (), own_seed, replications, readings)


class Verdict(NamedTuple):
    """How a simulated figure compares with the exact one."""

    apart: float
    """Simulated less exact, in standard errors; 0 or infinite where there is none."""
    relative: float
    """Standard error divided by the simulated value."""
    passed: bool


def verdict(figure: Figure, found: Simulated, *, quick: bool) -> Verdict:
    """Compare a simulated figure with the exact one."""
    value = found.figure.value
    difference = value - figure.exact
    equal, spread = abs(difference) < _NOISE, float(np.hypot(found.error, figure.exact_error))
    apart = difference / spread if spread > 0 else 0.0 if equal else np.copysign(np.inf, difference)
    relative = found.error / abs(value) if value else 0.0
    if figure.limit == 0:
        return Verdict(apart, relative, equal)
    sharp = relative <= figure.limit_when(quick=quick)
    return Verdict(apart, relative, bool(abs(apart) < APART and sharp))


def _compare(case: Case, played: Played, *, quick: bool) -> pd.DataFrame:
    rows = []
    for figure in case.figures:
        found = played.estimate(figure.reading)
        known = (case.id, case.exercises, figure.name, float(figure.exact))
        rows.append((*known, found.figure.value, found.error, *verdict(figure, found, quick=quick)))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _processors() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
