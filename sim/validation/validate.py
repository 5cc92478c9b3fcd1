"""Playing the cases and comparing: full, to one per cent, or quickly, to five."""

import os
import signal
import zlib
from collections import deque
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from multiprocessing import active_children, get_context
from pathlib import Path

import numpy as np
import pandas as pd

from sim.facility import simulate
from sim.measures import Tally, measure
from sim.scenario import Scenario, load_scenario
from sim.study.accumulate import Accumulator
from sim.validation.case import Case, Figure
from sim.validation.cases import CASES
from sim.validation.readings import Floats, Played
from sim.visitors import draw

FOLDER = Path(__file__).parents[2] / "validation"
"""The scenario files."""
APART = 4
"""Standard errors that simulated and exact may be apart."""
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

Progress = Callable[[int, int], None]
"""Called after each replication with how many are done, and of how many."""

_AHEAD = 4
"""Replications per worker that are begun before the oldest of them is fetched."""


def _silent(done: int, of: int) -> None:
    """No news."""


@dataclass(frozen=True)
class Checked:
    """A case that has been played."""

    case: Case
    table: pd.DataFrame
    """COLUMNS, a line for each figure."""

    @property
    def passed(self) -> bool:
        """Whether every figure passed."""
        return bool(self.table["passed"].all())


@dataclass(frozen=True, eq=False)
class _Kept:
    """What is kept of one replication."""

    tally: Tally
    taken: tuple[Floats, ...]
    """By figure."""


@dataclass(frozen=True)
class _Task:
    """One replication of a case."""

    case: int
    replication: int
    seed: int
    folder: Path


def validate(
    *,
    quick: bool = False,
    ids: Collection[str] | None = None,
    seed: int = 1,
    workers: int | None = None,
    progress: Progress = _silent,
) -> pd.DataFrame:
    """Play the cases and compare them with what is known.

    A figure passes when it is less than 4 standard errors from the exact value, and its standard
    error is small enough to mean something: 1 % of the value, 2 % in heavy traffic, 5 % for one
    hour of the day; in a quick run 5 %.

    Args:
        quick: play fewer replications.
        ids: only these cases, such as `S1`; without it all.
        seed: the seed of all chance.
        workers: processes that share the work; without it one for each processor.
        progress: is told of every replication done.

    Returns:
        COLUMNS, a line for each figure.

    Raises:
        ValueError: an id is of no case.
    """
    checked = check(quick=quick, ids=ids, seed=seed, workers=workers, progress=progress)
    return pd.concat([one.table for one in checked], ignore_index=True)


def check(
    *,
    quick: bool = False,
    ids: Collection[str] | None = None,
    seed: int = 1,
    workers: int | None = None,
    progress: Progress = _silent,
) -> Iterator[Checked]:
    """As `validate`, one case after the other, for those who want to see them as they come.

    Raises:
        ValueError: an id is of no case.
    """
    chosen = [number for number, case in enumerate(CASES) if ids is None or case.id in ids]
    if unknown := set(ids or ()) - {case.id for case in CASES}:
        known = ", ".join(dict.fromkeys(case.id for case in CASES))
        raise ValueError(f"there is no case {', '.join(sorted(unknown))}; known: {known}")
    tasks = [
        _Task(number, replication, seed, FOLDER)
        for number in chosen
        for replication in range(CASES[number].replications_when(quick=quick))
    ]
    return _checked(tasks, quick=quick, workers=workers or _processors(), progress=progress)


def _checked(
    tasks: list[_Task], *, quick: bool, workers: int, progress: Progress
) -> Iterator[Checked]:
    kept: list[_Kept] = []
    for done, (task, one) in enumerate(zip(tasks, _play_all(tasks, workers), strict=True), start=1):
        kept.append(one)
        progress(done, len(tasks))
        if done == len(tasks) or tasks[done].case != task.case:
            case = CASES[task.case]
            yield Checked(case, _compare(case, _scenario(task), kept, quick=quick))
            kept = []


def _processors() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


# --- one replication ----------------------------------------------------------------------------


def _play(task: _Task) -> _Kept:
    """Scenario to visitors to log to figures, as `run` does it."""
    case, scenario = CASES[task.case], _scenario(task)
    # Every case meets people of its own: one unlucky draw must not show in all of them.
    seed = zlib.crc32(f"{task.seed} {case.file}".encode())
    log = simulate(scenario, draw(scenario, seed, task.replication))
    played = Played(scenario, log, measure(scenario, log))
    return _Kept(played.tally, tuple(figure.reading.take(played) for figure in case.figures))


def _scenario(task: _Task) -> Scenario:
    return _loaded(task.folder / CASES[task.case].file)


@lru_cache(maxsize=4)
def _loaded(path: Path) -> Scenario:
    return load_scenario(path)


def _play_all(tasks: list[_Task], workers: int) -> Iterator[_Kept]:
    """The replications in their order, computed by several processes."""
    if workers == 1:
        yield from map(_play, tasks)
        return
    others = set(active_children())
    # Fresh processes on every system: a forked copy of a program with threads may hang. Ctrl-C
    # reaches them as well; they leave it to this process, which ends them.
    executor = ProcessPoolExecutor(
        workers,
        mp_context=get_context("spawn"),
        initializer=signal.signal,
        initargs=(signal.SIGINT, signal.SIG_IGN),
    )
    try:
        waiting = iter(tasks)
        begun: deque[Future[_Kept]] = deque(
            executor.submit(_play, task) for task in islice(waiting, workers * _AHEAD)
        )
        while begun:
            yield begun.popleft().result()
            begun.extend(executor.submit(_play, task) for task in islice(waiting, 1))
    except BaseException:
        # Replications under way would be waited for; nobody wants them any more.
        for process in set(active_children()) - others:
            process.terminate()
        raise
    finally:
        executor.shutdown(cancel_futures=True)


# --- all replications of a case -----------------------------------------------------------------


def _compare(case: Case, scenario: Scenario, kept: list[_Kept], *, quick: bool) -> pd.DataFrame:
    study = Accumulator(scenario)
    for one in kept:
        study.add(one.tally)
    result = study.result(seed=0)
    rows = []
    for number, figure in enumerate(case.figures):
        taken = np.array([one.taken[number] for one in kept])
        rows.append(_row(case, figure, *figure.reading.estimate(taken, result), quick=quick))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _row(
    case: Case, figure: Figure, value: float, error: float, *, quick: bool
) -> tuple[object, ...]:
    difference, spread = value - figure.exact, float(np.hypot(error, figure.exact_error))
    if spread > 0:
        apart = difference / spread
    else:
        apart = 0.0 if abs(difference) < 1e-9 else np.inf
    relative = error / abs(value) if value else 0.0
    if figure.limit == 0:
        passed = abs(difference) < 1e-9
    else:
        passed = abs(apart) < APART and relative <= figure.limit_when(quick=quick)
    return (
        case.id,
        case.exercises,
        figure.name,
        float(figure.exact),
        value,
        error,
        apart,
        relative,
        bool(passed),
    )
