"""Running replications, in this process or in several; the result is the same to the last bit."""

import pickle
import signal
from collections import deque
from collections.abc import Callable, Generator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from multiprocessing import active_children, get_context

import pandas as pd

from sim.scenario.scenario import Scenario
from sim.study.accumulate import Accumulator
from sim.study.replication import Job, Replicated, Simulate, run_packed, simulate_replication
from sim.study.result import StudyResult

Progress = Callable[[int, int], None]
"""Called after each replication with how many are done, and of how many."""
Keep = Callable[[pd.DataFrame, pd.DataFrame], None]
"""Called for each replication, in order, with its tables of visits and of responses."""

_AHEAD = 2
"""Replications per worker that are begun before the oldest of them is fetched: enough to keep
the workers busy, few enough that what they hand back does not pile up."""


class StudyError(Exception):
    """A study could not be finished; the message says why."""


@dataclass(frozen=True)
class Plan:
    """How often a scenario is simulated."""

    seed: int = 1
    """Seed of all chance, 0 or more: the same seed meets the same people."""
    replications: int = 10
    """How many replications."""
    workers: int = 1
    """How many processes share the work; changes nothing but the time it takes."""

    def __post_init__(self) -> None:
        if self.seed < 0 or self.replications < 1 or self.workers < 1:
            raise ValueError(f"needs seed >= 0, replications >= 1 and workers >= 1, not {self}")


def _silent(done: int, of: int) -> None:
    """No news."""


def run_study(
    scenario: Scenario,
    plan: Plan,
    *,
    progress: Progress = _silent,
    keep: Keep | None = None,
    simulate_one: Simulate = simulate_replication,
) -> StudyResult:
    """Simulate a scenario several times and put the figures together.

    The result depends on the scenario, the seed and the number of replications only: replications
    are added up in their own order, whatever order they finish in. An interruption (Ctrl-C) ends
    the worker processes and is passed on.

    Args:
        scenario: the site.
        plan: seed, replications, workers.
        progress: is told of every replication done.
        keep: takes each replication's visits and responses, which are not held in memory.
        simulate_one: what plays one replication; a function of a module, so that it can be sent
            to other processes.

    Raises:
        StudyError: a worker process died.
    """
    job = Job(scenario, plan.seed, simulate_one, tables=keep is not None)
    figures = Accumulator(scenario)
    with closing(_replications(job, plan)) as replications:
        for done, replication in enumerate(replications, start=1):
            figures.add(replication.tally)
            if keep is not None and replication.visits is not None:
                assert replication.responses is not None  # the two go together
                keep(replication.visits, replication.responses)
            progress(done, plan.replications)
    return figures.result(plan.seed)


def _replications(job: Job, plan: Plan) -> Generator[Replicated]:
    workers = min(plan.workers, plan.replications)
    if workers == 1:
        yield from (job.run(replication) for replication in range(plan.replications))
    else:
        yield from _in_processes(job, plan.replications, workers)


def _in_processes(job: Job, replications: int, workers: int) -> Generator[Replicated]:
    """The replications in order, computed by several processes."""
    others = set(active_children())
    # Fresh processes on every system: a forked copy of a program with threads may hang. Ctrl-C
    # reaches them as well; they leave it to this process, which ends them.
    executor = ProcessPoolExecutor(
        workers,
        mp_context=get_context("spawn"),
        initializer=signal.signal,
        initargs=(signal.SIGINT, signal.SIG_IGN),
    )
    packed = pickle.dumps(job)
    try:
        numbers = iter(range(replications))
        begun: deque[Future[Replicated]] = deque(
            executor.submit(run_packed, packed, number)
            for number in islice(numbers, workers * _AHEAD)
        )
        while begun:
            yield begun.popleft().result()
            begun.extend(
                executor.submit(run_packed, packed, number) for number in islice(numbers, 1)
            )
    except BrokenProcessPool as error:
        raise StudyError("a worker process died, perhaps for want of memory") from error
    except BaseException:
        # Replications under way would be waited for; nobody wants them any more.
        for process in set(active_children()) - others:
            process.terminate()
        raise
    finally:
        executor.shutdown(cancel_futures=True)
