"""The need by simulation: start with ample staff, and take away what is not needed.

The iterative staffing algorithm of Feldman, Mandelbaum, Massey & Whitt (2008, Management Science
54, 324-338): simulate, set each hour to the smallest number of staff that so many people want with
at most the target chance, simulate that, and so on until nothing changes. It knows what a formula
does not: places that are full, people who leave, breaks in demand, work that comes in bursts.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.engine import Engine
from sim.measures.steps import window_of
from sim.rota.hourly import staffed
from sim.rota.need import Asked, Counts, Requirement, allot, open_hours, rules_of, staff_of
from sim.rota.wanted import minutes_wanted
from sim.scenario.hours import HOURS_OF_WEEK
from sim.scenario.scenario import Scenario
from sim.study.cluster import Pool, this_machine
from sim.study.intervals import Estimate, ratio
from sim.study.replication import simulate_replication

MOST_ROUNDS = 10
"""Rounds after which the need is given up as not settling; two to four are usual."""
_MORE, _AT_LEAST = 2, 5
"""Ample: so many times the need by formula, and so many more."""
Progress = Callable[[int, int], None]
"""Called after each replication with how many are done, and of how many at most."""


@dataclass(frozen=True, eq=False)
class Refined:
    """The need by simulation."""

    by_set: tuple[Counts, ...]
    """Staff that each set of roles must have, in the order of the requirement's sets."""
    by_role: dict[str, Counts]
    """People of each role present in each of the 168 hours of the week."""
    chance: Estimate
    """Chance that a task or overdose would have to wait with these staff: (sets, 168), with the
    interval over replications."""
    replications: int
    rounds: int
    settled: bool
    """Whether the last round changed nothing."""

    def hours_per_week(self, role: str) -> int:
        """Hours of a role."""
        return int(self.by_role[role].sum())


class Plan(NamedTuple):
    """How often each round is simulated, and by whom."""

    replications: int = 10
    seed: int = 1
    """The same people come in every round."""
    workers: int = 1
    engine: Engine = Engine.FAST


def refine(
    scenario: Scenario,
    formula: Requirement,
    plan: Plan,
    progress: Progress = lambda *_: None,
) -> Refined:
    """The need by simulation.

    Hours that the formula finds alike (of the same clock time, with the same load and floors)
    are taken together: what is needed at ten o'clock is then known from seven mornings a week.

    Args:
        scenario: the site; its rota does not matter.
        formula: what the formula says; its floors hold here as well.
        plan: replications of each round, over the scenario's horizon, and their seed.
        progress: is told of every replication done.
    """
    staff = staff_of(scenario)
    sets = tuple(one.roles for one in formula.asked)
    ample = {one.roles: _MORE * one.staff + _AT_LEAST for one in formula.asked}
    counts = allot(staff, ample)
    alike = _alike(formula.asked)
    most = int(sum(number.max() for number in counts.values()))
    seen: list[tuple[Counts, ...]] = []
    with this_machine(plan.engine, plan.workers)() as pool:

        def play() -> NDArray[np.float64]:
            done = len(seen) * plan.replications
            job = _Job(scenario, counts, sets, most, alike, plan)
            of = (MOST_ROUNDS + 1) * plan.replications
            return _play(pool, job, lambda one: progress(done + one, of))

        while True:
            by_set = _enough(scenario, formula.asked, play().sum(axis=0))
            settled = bool(seen) and _same(by_set, seen[-1])
            circling = any(_same(by_set, one) for one in seen[:-1])
            last = len(seen) + 1 == MOST_ROUNDS
            if (circling or last) and not settled:
                # It goes round in circles: the most of any round but the first is enough.
                rounds = (*seen[1:], by_set)
                by_set = tuple(np.maximum.reduce(column) for column in zip(*rounds, strict=True))
            counts = allot(staff, dict(zip(sets, by_set, strict=True)))
            seen.append(by_set)
            if settled or circling or last:
                break
        chance = _chance(sets, counts, play())
    return Refined(by_set, counts, chance, plan.replications, len(seen), settled=settled)


@dataclass(frozen=True, eq=False)
class _Job:
    """What all replications of a round have in common."""

    scenario: Scenario
    counts: dict[str, Counts]
    sets: tuple[frozenset[str], ...]
    most: int
    alike: NDArray[np.int64]
    plan: Plan

    def run(self, replication: int) -> NDArray[np.float64]:
        """Minutes with each number wanted, those of alike hours added: (sets, 168, most + 1)."""
        played = staffed(self.scenario, self.counts)
        log = simulate_replication(played, self.plan.seed, replication, self.plan.engine)
        minutes = minutes_wanted(played, log, window_of(played), self.sets, self.most)
        together = np.zeros((len(self.sets), int(self.alike.max()) + 1, self.most + 1))
        for hour, same in enumerate(self.alike):
            together[:, same] += minutes[:, hour]
        return together[:, self.alike]


def _play(pool: Pool, job: _Job, done: Callable[[int], None]) -> NDArray[np.float64]:
    """All replications of a round, in their order: (replications, sets, 168, most + 1)."""
    begun = [pool.executor.submit(job.run, number) for number in range(job.plan.replications)]
    found = []
    for number, one in enumerate(begun):
        found.append(one.result())
        done(number + 1)
    return np.array(found)


def _alike(asked: tuple[Asked, ...]) -> NDArray[np.int64]:
    """A number for each hour of the week, the same for hours that are alike."""
    clock = np.arange(HOURS_OF_WEEK) % 24
    columns = [clock, *(one.load.round(6) for one in asked), *(one.floor for one in asked)]
    _, alike = np.unique(np.column_stack(columns), axis=0, return_inverse=True)
    return alike.ravel().astype(np.int64)


def _enough(
    scenario: Scenario, asked: tuple[Asked, ...], minutes: NDArray[np.float64]
) -> tuple[Counts, ...]:
    """Fewest staff that so many want with at most the target chance, and the floors."""
    waiting = rules_of(scenario).need.waiting
    tails = _tails(minutes)
    fewest = (tails > waiting).sum(axis=2)
    # A horizon of a few days has not all hours of the week.
    unseen = minutes.sum(axis=(0, 2)) == 0
    nobody = ~open_hours(scenario)
    return tuple(
        np.where(
            unseen,
            one.staff,
            np.maximum(np.where(nobody & (one.tasks == 0), 0, mine), one.floor),
        )
        for one, mine in zip(asked, fewest, strict=True)
    )


def _tails(minutes: NDArray[np.float64]) -> NDArray[np.float64]:
    """Share of the time in which at least 0, 1, 2 … are wanted."""
    total = minutes.sum(axis=-1, keepdims=True)
    at_least = np.cumsum(minutes[..., ::-1], axis=-1)[..., ::-1]
    shares: NDArray[np.float64] = np.zeros_like(at_least)
    np.divide(at_least, total, out=shares, where=total > 0)
    return shares


def _chance(
    sets: tuple[frozenset[str], ...], counts: dict[str, Counts], minutes: NDArray[np.float64]
) -> Estimate:
    """Share of the time in which as many are wanted as are there, or more.

    Args:
        sets: of roles.
        counts: who is there.
        minutes: (replications, sets, 168, numbers).
    """
    there = np.array([np.sum([counts[role] for role in roles], axis=0) for roles in sets])
    numbers = np.arange(minutes.shape[-1])
    # With nobody there, nothing waits as long as nothing is wanted.
    waits = numbers >= np.maximum(there, 1)[..., None]
    return ratio((minutes * waits).sum(axis=-1), minutes.sum(axis=-1))


def _same(ones: tuple[Counts, ...], others: tuple[Counts, ...]) -> bool:
    return all(np.array_equal(one, other) for one, other in zip(ones, others, strict=True))
