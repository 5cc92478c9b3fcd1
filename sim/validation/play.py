"""One replication of a case, as `run` would play it, in this process or in several."""

import zlib
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice

from sim.engine import Engine
from sim.measures import Tally, measure
from sim.scenario import Scenario, load_scenario
from sim.scenario.shipped import CASES as CASES_FOLDER
from sim.scenario.shipped import shipped
from sim.study.run.replication import simulate_replication
from sim.study.run.workers import this_machine
from sim.validation.cases import CASES
from sim.validation.readings import Floats, Played

FOLDER = shipped(CASES_FOLDER)
"""The scenario files."""

_AHEAD = 4
"""Replications per worker that are begun before the oldest of them is fetched."""


@dataclass(frozen=True)
class Task:
    """One replication of a case."""

    case: int
    """Its number in CASES."""
    replication: int
    seed: int


@dataclass(frozen=True, eq=False)
class Kept:
    """What is kept of one replication."""

    tally: Tally
    taken: tuple[Floats, ...]
    """By figure."""


def play_task(task: Task, engine: Engine) -> Kept:
    """Scenario to visitors to log to figures.

    Raises:
        LawError: the replication broke a law that every replication obeys.
    """
    case, scenario = CASES[task.case], scenario_of(CASES[task.case].file)
    # Every scenario meets people of its own: one unlucky draw must not show in all of them.
    seed = zlib.crc32(f"{task.seed} {case.file}".encode())
    log = simulate_replication(scenario, seed, task.replication, engine)
    played = Played(scenario, log, measure(scenario, log))
    return Kept(played.tally, tuple(figure.reading.take(played) for figure in case.figures))


@lru_cache(maxsize=4)
def scenario_of(file: str) -> Scenario:
    """The scenario of a case."""
    return load_scenario(FOLDER / file)


def play_all(tasks: list[Task], engine: Engine, workers: int) -> Iterator[Kept]:
    """The replications in their order, computed by several."""
    with this_machine(engine, workers)() as pool:
        waiting = iter(tasks)
        ahead = max(1, pool.workers * _AHEAD)
        begun: deque[Future[Kept]] = deque(
            pool.executor.submit(play_task, task, engine) for task in islice(waiting, ahead)
        )
        while begun:
            yield begun.popleft().result()
            more = islice(waiting, 1)
            begun.extend(pool.executor.submit(play_task, task, engine) for task in more)
