"""How long the choice lasts: as demand grows, and with each assumption at the ends of its range.

**Headroom.** The same people come, and more besides (arrivals are nested), so that what is
measured changes smoothly with demand. A factor on demand is in the interval unless the
replications contradict, at the confidence wanted, that the design just meets its targets there:

* it is too low if every target is surely met: at the true limit one is only just met, so this
  happens there with the chance of a one-sided error at most;
* it is too high if some target is surely missed, with the error split over the targets.

**Other circumstances.** Many searches as sure as the first would take an hour, and would mostly
tell how chance picks among designs that are within the tolerances of each other. So what is asked
is whether the chosen design is still one of those that may be chosen: it misses no target by the
tolerance or more, and no cheaper design meets all of them by the tolerance. Only if not is it
asked which design is the cheapest then.

What a design does there is estimated by what it did before, in all its replications, and by how
much the first few of them change: they have the same people, so that a change is seen with much
less chance in it than the figure itself. There is no guarantee, as for the first search.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from math import inf, nan
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sim.scenario.load import Original, read_scenario
from sim.scenario.uncertainty.draws import Worlds
from sim.size.experiment import Experiment
from sim.size.observation import columns_among, tolerances_of
from sim.size.screening import NOTHING_KNOWN, Mask, Screening, Signs, directions, screening
from sim.size.search import GLANCE, Search, SearchRules, choose
from sim.size.sequential import FIRST_TO_MEET, FIRST_TO_MISS
from sim.size.space import Box, CornerTest, Design, Space, read_space
from sim.study.compare.tornado import End
from sim.study.estimate.intervals import Floats, half_width
from sim.study.run.served import over
from sim.study.run.workers import Progress, shares, silent
from sim.study.worlds.insure import MOST_TRIED, Candidate, Insurance, Insurer

# --- other circumstances ------------------------------------------------------------------------


@dataclass(eq=False, kw_only=True)
class EstimatingSearch(Search):
    """A search by estimates; `run` does it."""

    before: Experiment
    """What was played before."""
    by: float
    """Tolerances by which each target must be met."""

    def margins(self, design: Design) -> Floats:
        """By how many tolerances each target is met."""
        for experiment in (self.before, self.experiment):
            experiment.take([design], GLANCE)
        there, before = self.experiment.values(design)[0], self.before.values(design)[0]
        count = min(len(there), len(before))
        change = there[:count].mean(axis=0) - before[:count].mean(axis=0)
        found: Floats = (before.mean(axis=0) + change) / tolerances_of(self.experiment.setup.wanted)
        return found

    def _judged(self, tests: Sequence[CornerTest]) -> dict[CornerTest, tuple[int, ...]]:
        designs = sorted({one.design for one in tests})
        for experiment in (self.before, self.experiment):
            experiment.take(designs, GLANCE)
        found = {}
        for one in tests:
            columns = np.array(self.counts, dtype=np.intp)[list(one.columns)]
            missed = self.margins(one.design)[columns] < self.by
            found[one] = tuple(columns[missed].tolist())
        return found

    def _decide(self, box: Box) -> None:
        self._met.append(box.high)


def choose_again(
    before: Experiment,
    there: Experiment,
    chosen: Design,
    wanted: tuple[int, ...] | None = None,
    known: Screening = NOTHING_KNOWN,
    signs: Signs | None = None,
) -> Design | None:
    """The chosen design if it may be chosen there too; else the cheapest, or None.

    Args:
        before: in which it was chosen.
        there: the same designs under other circumstances, of the same seed.
        chosen: the design.
        wanted: numbers of the targets that count; all without it.
        known: what is known of designs without playing them.
        signs: see `Search`.
    """

    def search(by: float, below: float) -> EstimatingSearch:
        rules = SearchRules(answers=1, below=below, wanted=wanted, alone=0, again=0)
        return EstimatingSearch(there, rules, known, signs, before=before, by=by)

    cheaper = search(by=1, below=float(there.space.cost[chosen]))
    margins = cheaper.margins(chosen)[list(cheaper.counts)]
    if margins.min(initial=inf) > -1 and not cheaper.run().met:
        return chosen
    found = search(by=0, below=inf).run().met
    return found[0] if found else None


_ROUNDS = 10
"""How often a design that breaks a rule is looked for."""


def cheaper_unsafe(
    experiment: Experiment, chosen: Design, unsafe: Mask, search: Search
) -> Design | None:
    """The cheapest design that breaks a safety rule and would meet the targets, by estimates.

    It is no answer; whoever reads the answer should know what the rule costs. Whether it meets the
    targets is estimated from as many replications as an answer has at least.

    Args:
        experiment: in which the design was chosen.
        chosen: it; only what costs less is looked for.
        unsafe: designs that are known to break a rule.
        search: that found it; its targets count, but for those it could not decide.
    """
    known = replace(search.screening, unsafe=~unsafe, breaks=lambda _: False)
    rules = SearchRules(
        answers=1,
        below=float(experiment.space.cost[chosen]),
        wanted=tuple(
            number
            for number in range(len(experiment.setup.wanted))
            if number not in search.rules.open
        ),
        alone=0,
        again=0,
    )
    for _ in range(_ROUNDS):
        found = EstimatingSearch(experiment, rules, known, search.signs, before=experiment, by=0)
        met = found.run().met
        if not met:
            return None
        experiment.take([met[0]], FIRST_TO_MEET)
        if found.margins(met[0])[list(found.counts)].min(initial=inf) >= 0:
            return met[0]
    return None


_OF_THE_DESIGN = ("design", "costs")
REPLICATIONS_AGAIN = GLANCE
"""Of each design, beside those of the first search."""


@dataclass(frozen=True)
class AssumptionChoice:
    """The decision with one assumption at an end of its range."""

    end: End
    design: Design | None
    """The cheapest there; None if none meets the targets."""
    cost: float
    stays: bool
    """Whether it is the design chosen with the assumption as it is."""


def decide_again(
    experiment: Experiment,
    chosen: Design,
    ends: Sequence[End],
    source: tuple[Path, Sequence[str], str | None],
    wanted: tuple[int, ...] | None = None,
    progress: Progress = silent,
) -> Iterator[AssumptionChoice]:
    """The decision at each end, one after the other.

    Args:
        experiment: of the scenario as it is, in which its design was chosen.
        chosen: its design.
        ends: of the assumptions' ranges; those of what the design itself sets are left out.
        source: the scenario's file, and the settings and the variant with which it was read.
        wanted: numbers of the targets that count; all without it.
        progress: is told of every end decided.
    """
    path, sets, variant = source
    designed = {path for one in experiment.space.parameters for path in one.paths}
    varied = [end for end in ends if end.assumed.key not in designed]
    for number, end in enumerate(varied):
        progress(number, len(varied))
        there = read_space(Original(read_scenario(path, over(sets, end.settings), variant)))
        if end.assumed.path[0] in _OF_THE_DESIGN:
            other = experiment.recosted(there)  # another cost simulates nothing anew
        else:
            other = experiment.elsewhere(there)
        signs = directions(there.parameters, experiment.setup.wanted)
        design = choose_again(experiment, other, chosen, wanted, screening(other), signs)
        cost = float("nan") if design is None else float(there.cost[design])
        yield AssumptionChoice(end, design, cost, stays=design == chosen)


# --- headroom -----------------------------------------------------------------------------------

GROWTH_STEP = 0.01
"""Factors on demand are told to so much."""
MOST_GROWTH = 2.0
"""No more growth is looked at than this factor."""


@dataclass(frozen=True)
class Headroom:
    """How far demand may grow, as factors on the scenario's; 1 is no growth at all."""

    factor: float
    """The highest at which all targets are met on average; NaN if not even today's."""
    low: float
    """Every target is surely met up to here; NaN if not even today's are."""
    high: float
    """Some target is surely missed from here on; infinite if none is at the highest looked at."""
    first: int | None
    """Number of the target that is the first to fail; None if none does."""
    replications: int


def headroom(
    experiment: Experiment, design: Design, rules: SearchRules, progress: Progress = silent
) -> Headroom | None:
    """How far demand may grow before a design fails.

    Args:
        experiment: whose space the design is of.
        design: to be tried.
        rules: how sure to be, and which targets count.
        progress: is told of every growth tried.

    Returns:
        None for a scenario whose visits are listed: there is no demand to grow.
    """
    counts = columns_among(experiment.setup.wanted, rules.wanted)
    if experiment.space.original.loaded.scenario.demand.arrivals is not None or not len(counts):
        return None
    grown = _Grown(experiment, design, counts, (1 - rules.confidence) / 2, progress)
    steps = round((MOST_GROWTH - 1) / GROWTH_STEP)
    last = _last_step(grown.is_met, -1, steps)
    low = _last_step(grown.surely_met, -1, last)
    high = _last_step(grown.not_surely_missed, max(last, low, -1), steps) + 1
    return Headroom(
        factor=_factor(last) if last >= 0 else nan,
        low=_factor(low) if low >= 0 else nan,
        high=_factor(high) if high <= steps else np.inf,
        first=grown.missed_most(last + 1) if last < steps else None,
        replications=FIRST_TO_MISS,
    )


def _factor(step: int) -> float:
    """How many times today's demand it is after so many steps of growth."""
    return round(1 + step * GROWTH_STEP, 6)


@dataclass(frozen=True, eq=False)
class _Grown:
    """A design and how far its targets are met as demand grows, step by step."""

    experiment: Experiment
    design: Design
    counts: NDArray[np.intp]
    """Columns of the targets that count."""
    error: float
    """The chance of a one-sided error."""
    progress: Progress
    _seen: dict[int, Floats] = field(default_factory=dict)

    def _values(self, step: int) -> Floats:
        """How far each target was met in each replication: below 0 it was missed."""
        if step not in self._seen:
            space = self.experiment.space
            factor = space.original.loaded.scenario.demand.factor * _factor(step)
            grown = Experiment(space.with_values({"demand.factor": factor}), self.experiment.setup)
            grown.take([self.design], FIRST_TO_MISS)
            self._seen[step] = grown.values(self.design)[0][:, self.counts]
            self.progress(len(self._seen), 0)
        return self._seen[step]

    def _half(self, step: int, error: float) -> Floats:
        """Half the width of the interval of each mean."""
        found = self._values(step)
        spread = found.std(axis=0, ddof=1) / np.sqrt(len(found))
        return half_width(spread, len(found) - 1, 1 - 2 * error)

    def is_met(self, step: int) -> bool:
        """Whether all targets are met, as far as was seen."""
        return bool(np.all(self._values(step).mean(axis=0) >= 0))

    def surely_met(self, step: int) -> bool:
        """Whether all are met beyond chance."""
        return bool(np.all(self._values(step).mean(axis=0) - self._half(step, self.error) >= 0))

    def not_surely_missed(self, step: int) -> bool:
        """Whether none is missed beyond chance."""
        half = self._half(step, self.error / len(self.counts))
        return not np.any(self._values(step).mean(axis=0) + half < 0)

    def missed_most(self, step: int) -> int:
        """The target that is furthest from being met, in tolerances."""
        tolerances = tolerances_of(self.experiment.setup.wanted)[self.counts]
        column = int(np.argmin(self._values(step).mean(axis=0) / tolerances))
        return _target_of(self.experiment, int(self.counts[column]))


def _last_step(holds: Callable[[int], bool], low: int, high: int) -> int:
    """The last step up to `high` at which something holds that then no longer does.

    `low` is taken to hold. Steps from it double until one fails; then they are halved.
    """
    if low == high:
        return low
    good, stride = low, 4
    bad = high + 1
    while good + stride < bad:
        if holds(good + stride):
            good, stride = good + stride, 2 * stride
        else:
            bad = good + stride
    while bad - good > 1:
        middle = (good + bad) // 2
        if holds(middle):
            good = middle
        else:
            bad = middle
    return good


def _target_of(experiment: Experiment, column: int) -> int:
    wanted = experiment.setup.wanted
    return next(n for n, one in enumerate(wanted) if one.columns.start <= column < one.columns.stop)


# --- building up --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Stage:
    """The cheapest design at some growth of demand that keeps what was built before."""

    factor: float
    """On the scenario's demand."""
    design: Design | None
    """None if none meets the targets: from here on the bounds of the design block are too small."""
    cost: float
    replications: int


def build_up(
    experiment: Experiment,
    factors: Sequence[float],
    rules: SearchRules,
    progress: Progress = silent,
) -> tuple[Stage, ...]:
    """The cheapest design for each growth of demand, none with less of anything than before.

    Args:
        experiment: of today's demand, which must not be a list of visits.
        factors: on demand, increasing.
        rules: how sure to be, at each stage.
        progress: is told how many designs of all stages are decided.
    """
    space, stages = experiment.space, list[Stage]()
    before: Design | None = None
    today = space.original.loaded.scenario.demand.factor
    for factor, of_all in zip(factors, shares(progress, len(factors)), strict=True):
        grown = experiment
        if factor != 1:
            also = {"demand.factor": today * factor}
            grown = experiment.elsewhere(space.with_values(also))
        found, _ = choose(grown, replace(rules, answers=1, at_least=before), of_all)
        if not found.met:
            stages.append(Stage(factor, None, float("nan"), found.replications))
            break
        before = found.met[0]
        cost = float(space.cost[before])
        stages.append(Stage(factor, before, cost, grown.record(before).count))
    return tuple(stages)


# --- many worlds --------------------------------------------------------------------------------


def insure(
    insurer: Insurer,
    space: Space,
    chosen: Design,
    breaks: Callable[[Design], Sequence[object]],
    drawn: tuple[Worlds, Worlds],
    progress: Progress = silent,
) -> Insurance:
    """The cheapest design for many worlds.

    Args:
        insurer: plays designs in them.
        space: the designs; of more than can be tried, those that cost no less than the chosen one.
        chosen: the design for the values as written.
        breaks: the rules that a design is known to break: it is not tried then.
        drawn: the worlds of the search, and those in which its answer is confirmed.
        progress: is told of every design tried.
    """
    central, wide = _candidate(space, chosen), space.size > MOST_TRIED
    candidates = (
        _candidate(space, one)
        for one in space.by_cost()
        if not (wide and space.cost[one] < central.cost) and (one == chosen or not breaks(one))
    )
    return insurer.insure(central, candidates, drawn[0], drawn[1], progress)


def _candidate(space: Space, design: Design) -> Candidate:
    parameters = zip(space.parameters, space.levels(design), strict=True)
    values = {path: level for one, level in parameters for path in one.paths}
    number = int(np.ravel_multi_index(design, space.shape))
    return Candidate(number, values, float(space.cost[design]))
