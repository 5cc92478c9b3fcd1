"""The suite as a whole: in full, to one per cent, or quickly, to five."""

import os
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass

import pandas as pd

from sim.engine import Engine
from sim.validation.exact.case import Case
from sim.validation.exact.cases import CASES
from sim.validation.exact.play import Kept, Task, play_all
from sim.validation.exact.verdict import compare

Progress = Callable[[int, int], None]
"""Called after each replication with how many are done, and of how many."""


def _silent(done: int, of: int) -> None:
    """No news."""


@dataclass(frozen=True, eq=False)
class Checked:
    """A case that has been played."""

    case: Case
    table: pd.DataFrame
    """COLUMNS, a line for each figure."""

    @property
    def passed(self) -> bool:
        """Whether every figure passed."""
        return bool(self.table["passed"].all())


def validate(
    *,
    quick: bool = False,
    ids: Collection[str] | None = None,
    seed: int = 1,
    workers: int | None = None,
    engine: Engine = Engine.FAST,
    progress: Progress = _silent,
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
    checked = check(
        quick=quick, ids=ids, seed=seed, workers=workers, engine=engine, progress=progress
    )
    return pd.concat([one.table for one in checked], ignore_index=True)


def check(
    *,
    quick: bool = False,
    ids: Collection[str] | None = None,
    seed: int = 1,
    workers: int | None = None,
    engine: Engine = Engine.FAST,
    progress: Progress = _silent,
) -> Iterator[Checked]:
    """As `validate`, one case after the other, for those who want to see them as they come.

    Raises:
        ValueError: an id is of no case.
    """
    known = dict.fromkeys(case.id for case in CASES)
    if unknown := sorted(set(ids or ()) - set(known)):
        raise ValueError(f"there is no case {', '.join(unknown)}; known: {', '.join(known)}")
    tasks = [
        Task(number, replication, seed)
        for number, case in enumerate(CASES)
        for replication in range(case.replications_when(quick=quick))
        if ids is None or case.id in ids
    ]
    played = play_all(tasks, engine, workers or _processors())
    return _checked(tasks, played, quick=quick, progress=progress)


def play(case: Case, replications: int, *, quick: bool = False, seed: int = 1) -> pd.DataFrame:
    """One case by itself, with any number of replications, in this process.

    Args:
        case: one of CASES.
        replications: how many.
        quick: whether the wider limits of a quick run will do.
        seed: the seed of all chance.
    """
    number = CASES.index(case)
    tasks = [Task(number, replication, seed) for replication in range(replications)]
    return compare(case, list(play_all(tasks, Engine.FAST, 1)), quick=quick)


def _checked(
    tasks: list[Task], played: Iterator[Kept], *, quick: bool, progress: Progress
) -> Iterator[Checked]:
    kept: list[Kept] = []
    for done, (task, one) in enumerate(zip(tasks, played, strict=True), start=1):
        kept.append(one)
        progress(done, len(tasks))
        if done == len(tasks) or tasks[done].case != task.case:
            case = CASES[task.case]
            yield Checked(case, compare(case, kept, quick=quick))
            kept = []


def _processors() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
