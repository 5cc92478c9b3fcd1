"""The cheapest design that meets its targets in so many of 100 worlds, and what that costs.

The design for the values as written meets its targets there; where these are on the kind side it
misses them in many worlds. A dearer one is an insurance. Designs are tried from the cheapest on.
Worlds are played hardest first, as the central design fared, and a design is dropped as soon as it
has missed too many, so that bad ones cost little. Whoever searches flatters what is found: the
answer is played in as many worlds again, that had no part in the search, and their share is told.
"""

import operator
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from math import ceil, isnan

import numpy as np

from sim.scenario.load import Original
from sim.scenario.model.design import Level
from sim.scenario.model.scenario import Scenario
from sim.scenario.model.targets import Operator
from sim.scenario.uncertainty.draws import Worlds
from sim.study.run.runner import Plan
from sim.study.run.workers import Pool, Progress, processes, silent
from sim.study.worlds.measured import Asked, Floats, asked_of, margin_name, target_figure
from sim.study.worlds.play import Option, PlayedWorld, Turn, WorldsJob

MOST_TRIED = 400
"""Designs that are tried; of a larger space only those that cost no less than the central one."""
_STEP = 16
"""Worlds that are played before it is asked whether a design is to be dropped."""
_ROUNDING = 1e-9
_MEETS: Mapping[Operator, Callable[[float, float], bool]] = {
    Operator.AT_MOST: operator.le,
    Operator.BELOW: operator.lt,
    Operator.AT_LEAST: operator.ge,
    Operator.ABOVE: operator.gt,
}


@dataclass(frozen=True)
class Candidate:
    """A design that may be the answer."""

    number: int
    """Its place among all, by which it is known again."""
    values: Mapping[str, Level]
    """What it sets, by path."""
    cost: float
    """A year."""


@dataclass(frozen=True)
class Tried:
    """A design, and in how many worlds it met all targets."""

    candidate: Candidate
    met: int
    worlds: int
    """Of how many that were played."""

    @property
    def share(self) -> float:
        """Of the worlds played."""
        return self.met / self.worlds


@dataclass(frozen=True)
class Insurance:
    """What was found."""

    wanted: float
    """The share of worlds in which targets are to be met."""
    central: Tried
    """The design for the values as written, in all worlds."""
    chosen: Tried | None
    """The cheapest that meets the targets in enough of the worlds; None if none was found."""
    confirmed: Tried | None
    """The same in as many worlds again."""
    dropped: int
    """Designs that missed the targets in too many worlds."""
    whole: bool
    """Whether all designs were tried that cost less than the answer."""


@dataclass(frozen=True)
class _Judge:
    """Whether a world's figures meet all targets that are not by the hour."""

    columns: tuple[int, ...]
    limits: tuple[float, ...]
    operators: tuple[Operator, ...]

    @classmethod
    def of(cls, scenario: Scenario, asked: Asked) -> "_Judge":
        columns, limits, operators = [], [], []
        for target in scenario.targets:
            if (found := target_figure(target, scenario)) is None:
                continue
            if (margin := margin_name(target)) in asked.names:
                # A quantile is at most its limit where so many are within it.
                columns.append(asked.names.index(margin))
                limits.append(0.0)
                upper = target.operator.is_upper
                operators.append(Operator.AT_LEAST if upper else Operator.AT_MOST)
            else:
                one = found.figure
                columns.append(asked.names.index((one.metric, one.statistic, one.by)))
                limits.append(found.limit)
                operators.append(target.operator)
        return cls(tuple(columns), tuple(limits), tuple(operators))

    def figures(self, world: PlayedWorld) -> Floats:
        """What is judged, of all plays together."""
        above, below = world.pairs.sum(axis=0)[list(self.columns)].T
        found: Floats = np.full(len(above), np.nan)
        np.divide(above, below, out=found, where=below != 0)
        return found

    def meets(self, world: PlayedWorld) -> bool:
        """Whether all targets are met; one with nothing to measure is."""
        return all(
            isnan(value) or _MEETS[one](value, limit)
            for value, limit, one in zip(
                self.figures(world), self.limits, self.operators, strict=True
            )
        )

    def slack(self, world: PlayedWorld) -> float:
        """How far the target nearest to failing is from its limit, in shares of that."""
        slacks = [
            (limit - value if one.is_upper else value - limit) / (abs(limit) or 1.0)
            for value, limit, one in zip(
                self.figures(world), self.limits, self.operators, strict=True
            )
            if not isnan(value)
        ]
        return min(slacks, default=0.0)


@dataclass(frozen=True)
class Insurer:
    """Plays designs in worlds."""

    original: Original
    plan: Plan
    wanted: float
    """The share of worlds in which targets are to be met."""

    def insure(
        self,
        central: Candidate,
        candidates: Iterable[Candidate],
        worlds: Worlds,
        again: Worlds,
        progress: Progress = silent,
    ) -> Insurance:
        """Find the cheapest design that meets its targets in enough worlds.

        Args:
            central: the design for the values as written.
            candidates: that may be the answer, the cheapest first; the central one among them.
            worlds: those of the search.
            again: others, in which the answer is confirmed.
            progress: is told of every design tried.
        """
        asked = asked_of(self.original.loaded.scenario)
        judge = _Judge.of(self.original.loaded.scenario, asked)
        with ExitStack() as stack:
            pool = None
            if self.plan.pool is not None or self.plan.workers > 1:
                opener = self.plan.pool or (lambda: processes(self.plan.workers))
                pool = stack.enter_context(opener())
            play = _Play(self, asked, judge, pool)
            seen = list(play.worlds(central, worlds, range(worlds.count)))
            met = [judge.meets(one) for one in seen]
            order = np.argsort([judge.slack(one) for one in seen], kind="stable").tolist()
            of_central = Tried(central, sum(met), worlds.count)
            chosen, dropped, whole = None, 0, True
            for number, one in enumerate(candidates):
                if number == MOST_TRIED:
                    whole = False
                    break
                progress(number + 1, 0)
                known = of_central if one.number == central.number else None
                tried = known or play.until_dropped(one, worlds, order)
                if tried.worlds == worlds.count and self._enough(tried):
                    chosen = tried
                    break
                dropped += 1
            confirmed = None
            if chosen is not None:
                found = play.worlds(chosen.candidate, again, range(again.count))
                number_met = sum(judge.meets(one) for one in found)
                confirmed = Tried(chosen.candidate, number_met, again.count)
        return Insurance(self.wanted, of_central, chosen, confirmed, dropped, whole)

    def _enough(self, tried: Tried) -> bool:
        return tried.met >= needed(tried.worlds, self.wanted)


def needed(worlds: int, share: float) -> int:
    """In how many of so many worlds targets must be met."""
    return ceil(worlds * share - _ROUNDING)


@dataclass(frozen=True)
class _Play:
    insurer: Insurer
    asked: Asked
    judge: _Judge
    pool: Pool | None

    def worlds(
        self, candidate: Candidate, worlds: Worlds, numbers: Sequence[int]
    ) -> Iterator[PlayedWorld]:
        """Some worlds of a design, once each."""
        plan = self.insurer.plan
        option = Option(self.insurer.original, also=candidate.values)
        job = WorldsJob((option,), plan.seed, plan.engine, self.asked)
        items = [Turn.of(job.options, worlds, number, 1) for number in numbers]
        found = map(job.run, items) if self.pool is None else self.pool.results(job, items)
        for (world,) in found:
            yield world

    def until_dropped(self, candidate: Candidate, worlds: Worlds, order: Sequence[int]) -> Tried:
        """A design in all worlds, or until it has missed too many."""
        may_miss = worlds.count - needed(worlds.count, self.insurer.wanted)
        met = played = 0
        for first in range(0, worlds.count, _STEP):
            some = order[first : first + _STEP]
            met += sum(self.judge.meets(one) for one in self.worlds(candidate, worlds, some))
            played += len(some)
            if played - met > may_miss:
                break
        return Tried(candidate, met, played)
