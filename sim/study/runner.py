"""Running replications, in this process or in several; the result is the same to the last bit."""

from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Self

import pyarrow as pa

from sim.engine import Engine
from sim.scenario.derived.budget import too_long
from sim.scenario.model.scenario import Scenario
from sim.study.accumulate import Accumulator
from sim.study.cache import Cache, StudyCache
from sim.study.cluster import Pool, PoolOpener, this_machine
from sim.study.control_known import expected
from sim.study.precision import Precision, Rule, Standing, furthest, next_count, standings
from sim.study.replication import Job, PackedJob, Replicated, Simulate, StudyError
from sim.study.result import StudyResult

__all__ = ["Keep", "Plan", "Progress", "StudyError", "StudyInterrupted", "run_study"]

Progress = Callable[[int, int], None]
"""Called after each replication with how many are done, and of how many; the second number grows
when a study goes on until it is precise."""
Keep = Callable[[pa.Table, pa.Table], None]
"""Called for each replication, in order, with its Arrow tables of visits and of responses."""

_AHEAD = 2
"""Replications per worker that are begun before the oldest of them is fetched: enough to keep
the workers busy, few enough that what they hand back does not pile up."""


class StudyInterrupted(KeyboardInterrupt):
    """Ctrl-C; the replications finished by then are kept, if there is a cache."""

    def __init__(self, kept: int) -> None:
        """Take the number of this study's replications that need not be run again."""
        super().__init__(f"{kept} replications are kept")
        self.kept = kept


@dataclass(frozen=True)
class Plan:
    """How often a scenario is simulated, and by whom."""

    seed: int = 1
    """Seed of all chance, 0 or more: the same seed meets the same people."""
    replications: int = 10
    """How many replications; without meaning when there is a rule for precision."""
    workers: int = 1
    """How many share the work; changes nothing but the time it takes."""
    engine: Engine = Engine.FAST
    """What plays the visitors; changes nothing but the time it takes."""
    precision: Rule | None = None
    """Go on until the figures are precise, instead of for so many replications."""
    cache: Cache | None = None
    """Where finished replications are kept and looked for; changes nothing but the time."""
    pool: PoolOpener | None = None
    """Who does the work, such as a cluster, instead of so many processes."""

    def __post_init__(self) -> None:
        if self.seed < 0 or self.replications < 1 or self.workers < 1:
            raise ValueError(f"needs seed >= 0, replications >= 1 and workers >= 1, not {self}")

    @property
    def most(self) -> int:
        """Most replications that there may be."""
        return self.replications if self.precision is None else self.precision.most


def _silent(done: int, of: int) -> None:
    """No news."""


def run_study(
    scenario: Scenario,
    plan: Plan,
    *,
    progress: Progress = _silent,
    keep: Keep | None = None,
    simulate_one: Simulate | None = None,
) -> StudyResult:
    """Simulate a scenario many times and put the figures together.

    The result depends on the scenario, the seed and the number of replications (or the rule that
    decides it) only: replications are added up in their own order, whatever order they finish in.
    An interruption (Ctrl-C) ends the workers and is passed on; what they had finished is kept.

    Args:
        scenario: the site.
        plan: seed, replications, workers.
        progress: is told of every replication done.
        keep: takes each replication's visits and responses, which are not held in memory. Tables
            of single visits are not in the cache, so every replication is simulated.
        simulate_one: plays one replication in place of the simulation; a function of a module, so
            that it can be sent to other processes.

    Raises:
        StudyError: so many replications would take days; a worker died, or cannot be used.
        StudyInterrupted: Ctrl-C was pressed.
    """
    if why := too_long(scenario, plan.most):
        raise StudyError(why)
    job = Job(
        scenario, plan.seed, expected(scenario), simulate_one, plan.engine, tables=keep is not None
    )
    figures = Accumulator(scenario)

    def add(replicated: Replicated, of: int) -> None:
        figures.add(replicated.tally, replicated.controls)
        if keep is not None and replicated.visits is not None:
            assert replicated.responses is not None  # the two go together
            keep(replicated.visits, replicated.responses)
        progress(figures.count, of)

    work = _Work(job, plan)
    try:
        with work:
            precision = _until_precise(figures, plan, work, add)
    except KeyboardInterrupt:
        raise StudyInterrupted(work.kept) from None
    if plan.cache is not None and work.kept > work.reused:
        plan.cache.prune()
    return replace(figures.result(plan.seed, precision), reused=work.reused)


def _until_precise(
    figures: Accumulator, plan: Plan, work: "_Work", add: Callable[[Replicated, int], None]
) -> Precision | None:
    """Run batch after batch; only one, without a rule for precision."""
    rule = plan.precision
    until = plan.most if rule is None else rule.least
    last: Standing | None = None
    while True:
        with closing(work.replications(range(figures.count, until))) as replications:
            for replicated in replications:
                add(replicated, until)
        if rule is None:
            return None
        found = standings(rule, figures.rows, figures.estimates)
        worst = furthest(found)
        reached = worst is None or worst.shortfall <= 1
        if reached or worst is None or until == rule.most:
            # What was furthest off before the last batch is what the last batch was for.
            now = {standing.row: standing for standing in found}
            decisive = now[last.row] if reached and last is not None else worst
            return Precision(reached, decisive, found)
        last, until = worst, next_count(rule, until, worst.shortfall)


class _Work:
    """Gives out the replications of a study in order, and keeps what is finished."""

    def __init__(self, job: Job, plan: Plan) -> None:
        self._job = job
        self._opener = plan.pool or this_machine(plan.engine, min(plan.workers, plan.most))
        self._cache: StudyCache | None = None
        if plan.cache is not None and job.simulate_one is None:
            self._cache = plan.cache.study(job.scenario, plan.seed)
        self._stack = ExitStack()
        self._pool: Pool | None = None
        self._packed: PackedJob | None = None
        self.kept = 0
        """Replications that are in the cache."""
        self.reused = 0
        """Of these, those that were there before."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.__exit__(kind, error, trace)

    def replications(self, numbers: Iterable[int]) -> Generator[Replicated]:
        """The replications of these numbers, from the cache or from the pool."""
        waiting = iter(numbers)
        begun: deque[tuple[int, Future[Replicated]]] = deque()
        try:
            while True:
                while len(begun) < self._ahead and (number := next(waiting, None)) is not None:
                    begun.append((number, self._begin(number)))
                if not begun:
                    return
                replicated = begun[0][1].result()
                self._finish(*begun.popleft())
                yield replicated
        finally:
            # After an interruption: what others have finished meanwhile is not thrown away.
            for number, future in begun:
                if future.done() and not future.cancelled() and future.exception() is None:
                    self._finish(number, future)

    @property
    def _ahead(self) -> int:
        return 1 if self._pool is None else max(1, _AHEAD * self._pool.workers)

    def _begin(self, number: int) -> Future[Replicated]:
        if self._cache is not None and not self._job.tables:
            found = self._cache.get(number)
            if found is not None:
                return _Found(found)
        if self._pool is None:
            # Not before it is needed: processes take a second or two to start.
            self._pool = self._stack.enter_context(self._opener())
            self._packed = PackedJob.of(self._job) if self._pool.elsewhere else None
        run = self._job.run if self._packed is None else self._packed.run
        return self._pool.executor.submit(run, number)

    def _finish(self, number: int, future: Future[Replicated]) -> None:
        if self._cache is not None:
            found = isinstance(future, _Found)
            self.reused += found
            self.kept += found or self._cache.put(number, future.result())


class _Found(Future[Replicated]):
    """A replication that was in the cache."""

    def __init__(self, replicated: Replicated) -> None:
        super().__init__()
        self.set_result(replicated)
