"""Running replications, in this process or in several; the result is the same to the last bit."""

from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager, nullcontext
from dataclasses import dataclass, replace

import pyarrow as pa

from sim.engine import Engine
from sim.scenario.derived.budget import too_long
from sim.scenario.errors.told import told
from sim.scenario.model.scenario import Scenario
from sim.study.estimate.control import expected
from sim.study.estimate.precision import (
    Precision,
    PrecisionRule,
    Standing,
    furthest,
    next_count,
    standings,
)
from sim.study.estimate.summary import Accumulator, StudyResult
from sim.study.run.cache import Cache, StudyCache
from sim.study.run.replication import Replicated, Simulate, StudyJob
from sim.study.run.workers import (
    Pool,
    PoolOpener,
    Progress,
    StudyError,
    in_order,
    silent,
    this_machine,
)

Keep = Callable[[pa.Table, pa.Table], None]
"""Called for each replication, in order, with its Arrow tables of visits and of responses."""


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
    precision: PrecisionRule | None = None
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


def run_study(
    scenario: Scenario,
    plan: Plan,
    *,
    progress: Progress = silent,
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
        progress: is told of every replication done; of how many grows when the study goes on until
            it is precise.
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
    if scenario.demand.is_unknown:
        raise StudyError(
            told(
                "it_is_unknown_how_many_come_sim",
                "it is unknown how many come: sim.with_demand finds it",
            )
        )
    job = StudyJob(
        scenario, plan.seed, expected(scenario), simulate_one, plan.engine, tables=keep is not None
    )
    figures = Accumulator(scenario)

    def add(replicated: Replicated, of: int) -> None:
        figures.add(replicated.tally, replicated.controls)
        if keep is not None and replicated.visits is not None:
            assert replicated.responses is not None  # the two go together
            keep(replicated.visits, replicated.responses)
        progress(figures.count, of)

    stack = ExitStack()
    work = _Work(job, plan, stack)
    try:
        with stack:
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

    def __init__(self, job: StudyJob, plan: Plan, stack: ExitStack) -> None:
        self._job = job
        self._opener = plan.pool or this_machine(plan.engine, min(plan.workers, plan.most))
        self._cache: StudyCache | None = None
        if plan.cache is not None and job.simulate_one is None:
            self._cache = plan.cache.study(job.scenario, plan.seed)
        self._stack = stack
        self._pool: Pool | None = None
        self._run: Callable[[int], Replicated] = job.run
        self.kept = 0
        """Replications that are in the cache."""
        self.reused = 0
        """Of these, those that were there before."""

    def replications(self, numbers: Iterable[int]) -> Generator[Replicated]:
        """The replications of these numbers, from the cache or from the pool."""
        return in_order(self._begin, numbers, self._ahead, self._finish)

    def _ahead(self) -> int:
        return 1 if self._pool is None else self._pool.ahead()

    def _begin(self, number: int) -> Future[Replicated]:
        if self._cache is not None and not self._job.tables:
            found = self._cache.get(number)
            if found is not None:
                return _Found(found)
        if self._pool is None:
            # Not before it is needed: processes take a second or two to start.
            self._pool = self._stack.enter_context(self._opener())
            self._run = self._pool.sent(self._job)
        return self._pool.executor.submit(self._run, number)

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


# --- several scenarios --------------------------------------------------------------------------

ProgressOf = Callable[[int], Progress]
"""From a scenario's number to what is told of its replications."""


def study_each(
    scenarios: Iterable[Scenario], plan: Plan, progress: ProgressOf
) -> Iterator[StudyResult]:
    """The studies of several scenarios, one after the other; they meet the same people.

    Workers are started once for all of them.

    Args:
        scenarios: what is simulated.
        plan: of each study.
        progress: is told of every replication done.

    Raises:
        StudyError: a worker died, or cannot be used.
        StudyInterrupted: Ctrl-C was pressed.
    """
    with _open_once(plan.pool or this_machine(plan.engine, plan.workers)) as pool:
        for number, scenario in enumerate(scenarios):
            yield run_study(scenario, replace(plan, pool=pool), progress=progress(number))


@contextmanager
def _open_once(opener: PoolOpener) -> Iterator[PoolOpener]:
    """An opener whose pool, once it was needed, stays open until the block ends."""
    with ExitStack() as stack:
        opened: list[Pool] = []

        def again() -> AbstractContextManager[Pool]:
            if not opened:
                opened.append(stack.enter_context(opener()))
            return nullcontext(opened[0])

        yield again
