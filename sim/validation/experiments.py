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
from sim.study.accumulate import Accumulator
from sim.study.cluster import this_machine
from sim.study.intervals import Floats
from sim.study.result import StudyResult
from sim.validation.readings import Estimate, FromSummary, Reading, Replication

Progress = Callable[[int, int], None]
"""Called with how many are done, and of how many."""

_AHEAD = 4
"""Replications per worker that are begun before the oldest of them is fetched."""


def silent(done: int, of: int) -> None:
    """No news."""


@dataclass(frozen=True)
class Experiment:
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
    """What is kept of an experiment."""

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
    experiments: Sequence[Experiment],
    *,
    engine: Engine = Engine.FAST,
    workers: int = 1,
    progress: Progress = silent,
) -> Iterator[Played]:
    """The experiments in their order, their replications shared between workers.

    Args:
        experiments: what is played.
        engine: what plays the visitors.
        workers: how many share the work.
        progress: is told of every replication done.

    Raises:
        LawError: a replication broke a law that every replication obeys.
    """
    total = sum(one.replications for one in experiments)
    numbers = iter([(one, number) for one in experiments for number in range(one.replications)])
    with this_machine(engine, workers)() as pool:
        begun: deque[Future[_Kept]] = deque()

        def begin(most: int) -> None:
            for experiment, number in islice(numbers, most):
                begun.append(pool.executor.submit(_play_one, experiment, number, engine))

        begin(max(1, pool.workers * _AHEAD))
        done = 0
        for experiment in experiments:
            kept: list[_Kept] = []
            for _ in range(experiment.replications):
                kept.append(begun.popleft().result())
                done += 1
                progress(done, total)
                begin(1)
            yield _together(experiment, kept)


def _play_one(experiment: Experiment, number: int, engine: Engine) -> _Kept:
    one = Replication(experiment.scenario, experiment.seed, number, engine)
    taken = tuple(reading.take(one) for reading in experiment.readings)
    return _Kept(one.tally if experiment.has_summary else None, taken)


def _together(experiment: Experiment, kept: Sequence[_Kept]) -> Played:
    study = None
    if experiment.has_summary:
        figures = Accumulator(experiment.scenario)
        for one in kept:
            assert one.tally is not None  # as of every replication of this experiment
            figures.add(one.tally)
        study = figures.result(experiment.seed)
    taken = zip(*(one.taken for one in kept), strict=True)
    columns = map(np.array, taken)
    return Played(dict(zip(experiment.readings, columns, strict=True)), study)
