"""Scenarios that are played to be compared: the replications, and what is read off them."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from pathlib import Path

import numpy as np

from sim.engine import Engine
from sim.measures import Tally
from sim.scenario import Scenario, load_scenario
from sim.study.estimate.intervals import Floats
from sim.study.estimate.summary import Accumulator, StudyResult
from sim.study.run.workers import this_machine
from sim.validation.readings import Estimate, FromSummary, Reading, Replication

Progress = Callable[[int, int], None]
"""Called with how many are done, and of how many."""

_AHEAD = 4
"""Replications per worker that are begun before the oldest of them is fetched."""


def silent(done: int, of: int) -> None:
    """No news."""


@dataclass(frozen=True)
class Trial:
    """A scenario, how often it is played, and what is read off."""

    path: Path
    settings: tuple[str, ...]
    """What overrides the file."""
    seed: int
    replications: int
    readings: tuple[Reading, ...]

    @property
    def scenario(self) -> Scenario:
        """The scenario, with its settings."""
        return _scenario(self.path, self.settings)

    @property
    def has_summary(self) -> bool:
        """Whether a reading is of the study's summary table."""
        return any(isinstance(one, FromSummary) for one in self.readings)


@dataclass(frozen=True, eq=False)
class Played:
    """What is kept of a trial."""

    taken: dict[Reading, Floats]
    """By reading a line for each replication."""
    study: StudyResult | None
    """None where no reading is of its tables."""

    def estimate(self, reading: Reading) -> Estimate:
        """A figure."""
        return reading.estimate(self.taken[reading], self.study)


@dataclass(frozen=True, eq=False)
class _Kept:
    """What is kept of one replication."""

    tally: Tally | None
    taken: tuple[Floats, ...]
    """By reading."""


@lru_cache(maxsize=4)
def _scenario(path: Path, settings: tuple[str, ...]) -> Scenario:
    return load_scenario(path, settings)


def play(
    trials: Sequence[Trial],
    *,
    engine: Engine = Engine.FAST,
    workers: int = 1,
    progress: Progress = silent,
) -> Iterator[Played]:
    """The trials in their order, their replications shared between workers.

    Args:
        trials: what is played.
        engine: what plays the visitors.
        workers: how many share the work.
        progress: is told of every replication done.

    Raises:
        LawError: a replication broke a law that every replication obeys.
    """
    total = sum(one.replications for one in trials)
    numbers = iter([(one, number) for one in trials for number in range(one.replications)])
    with this_machine(engine, workers)() as pool:
        begun: deque[Future[_Kept]] = deque()

        def begin(most: int) -> None:
            for trial, number in islice(numbers, most):
                begun.append(pool.executor.submit(_play_one, trial, number, engine))

        begin(max(1, pool.workers * _AHEAD))
        done = 0
        for trial in trials:
            kept: list[_Kept] = []
            for _ in range(trial.replications):
                kept.append(begun.popleft().result())
                done += 1
                progress(done, total)
                begin(1)
            yield _together(trial, kept)


def _play_one(trial: Trial, number: int, engine: Engine) -> _Kept:
    one = Replication(trial.scenario, trial.seed, number, engine)
    taken = tuple(reading.take(one) for reading in trial.readings)
    return _Kept(one.tally if trial.has_summary else None, taken)


def _together(trial: Trial, kept: Sequence[_Kept]) -> Played:
    study = None
    if trial.has_summary:
        figures = Accumulator(trial.scenario)
        for one in kept:
            assert one.tally is not None  # as of every replication of this trial
            figures.add(one.tally)
        study = figures.result(trial.seed)
    taken = zip(*(one.taken for one in kept), strict=True)
    columns = map(np.array, taken)
    return Played(dict(zip(trial.readings, columns, strict=True)), study)
