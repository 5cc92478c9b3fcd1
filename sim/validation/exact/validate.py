"""The suite as a whole: in full, to one per cent, or quickly, to five."""

import os
import zlib
from collections.abc import Collection
from typing import NamedTuple

import numpy as np
import pandas as pd

from sim.engine import Engine
from sim.validation import trials
from sim.validation.exact.cases import CASES, FOLDER, Case, Figure
from sim.validation.readings import Estimate
from sim.validation.trials import Played, Progress, Trial, silent

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


def verdict(figure: Figure, found: Estimate, *, quick: bool) -> Verdict:
    """Compare a simulated figure with the exact one."""
    difference = found.value - figure.exact
    equal, spread = abs(difference) < _NOISE, float(np.hypot(found.error, figure.exact_error))
    apart = difference / spread if spread > 0 else 0.0 if equal else np.copysign(np.inf, difference)
    relative = found.error / abs(found.value) if found.value else 0.0
    if figure.limit == 0:
        return Verdict(apart, relative, equal)
    sharp = relative <= figure.limit_when(quick=quick)
    return Verdict(apart, relative, bool(abs(apart) < APART and sharp))


def _compare(case: Case, played: Played, *, quick: bool) -> pd.DataFrame:
    rows = []
    for figure in case.figures:
        found = played.estimate(figure.reading)
        known = (case.id, case.exercises, figure.name, float(figure.exact))
        rows.append((*known, found.value, found.error, *verdict(figure, found, quick=quick)))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _processors() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
