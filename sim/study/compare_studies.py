"""Studies of several scenarios with the same seed, by the same workers."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from dataclasses import replace

from sim.scenario.model.scenario import Scenario
from sim.study.cluster import Pool, PoolOpener, this_machine
from sim.study.result import StudyResult
from sim.study.runner import Plan, Progress, run_study

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
    with _kept_open(plan.pool or this_machine(plan.engine, plan.workers)) as pool:
        for number, scenario in enumerate(scenarios):
            yield run_study(scenario, replace(plan, pool=pool), progress=progress(number))


@contextmanager
def _kept_open(opener: PoolOpener) -> Iterator[PoolOpener]:
    """An opener whose pool, once it was needed, stays open until the block ends."""
    with ExitStack() as stack:
        opened: list[Pool] = []

        def again() -> AbstractContextManager[Pool]:
            if not opened:
                opened.append(stack.enter_context(opener()))
            return nullcontext(opened[0])

        yield again
