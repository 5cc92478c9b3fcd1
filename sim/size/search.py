"""The search for the cheapest design that keeps the safety rules and meets its targets.

Designs are taken in the order of their cost, which is known; whether they meet the targets is
found out by the sequential test. Two ways of it:

**One by one**, where few designs could be the answer: each is tested by itself, so that nothing
need be known of what more places or staff do.

**By boxes**, where each of thousands cannot be played: all designs between a lowest and a highest
level of each parameter. A target is judged in that corner of the box which is taken to be the
easiest for it (`sim.size.screening`). If it is missed there, it is in all the box, as far as that
is true; otherwise the box is cut in two. (Branch and bound; where nobody knows what is better for
a target, it is judged in boxes that do not extend there.) Since it may be untrue, cheaper designs
that were left out so are looked at again, one by one: all of them if they are few, else those that
promise most and a spread of the others.

The chance of error is split so that the answer as a whole has the confidence wanted:

* most of it for ruling out what should be found. The cheapest design that meets all targets by
  their tolerances is lost only if it is called missed itself, or a corner of one of the boxes in
  which it lies. How boxes are cut does not depend on chance, so these are known beforehand.
* the rest for accepting what should not be found: any design may be, so it is split over all.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from heapq import heapify, heappop, heappush
from itertools import product
from math import ceil, inf, log2

import numpy as np
from scipy.special import stdtrit

from sim.size.experiment import Experiment, learn
from sim.size.observation import columns_among, columns_of, tolerances_of
from sim.size.screening import NOTHING_KNOWN, Mask, Screening, Signs, directions, screening
from sim.size.sequential import FIRST_TO_MISS, Errors, Judgement, TargetStanding, judge
from sim.size.space import Box, CornerTest, Design, Group, RuledOut, Space
from sim.study.estimate.intervals import Floats
from sim.study.run.workers import Progress, silent

ALONE = 400
"""Designs up to which each is tested by itself."""
AGAIN = 100
"""Of more that were left out unplayed, so many are looked at again."""
GLANCE = 4
"""Replications after which a design that looks good, by a standard error, is not tested further:
its box is cut. Testing less can only avert errors."""
STEP, STEP_ALONE = 2, 4
"""Replications after which a design is looked at again: one of several, and the only one, which
else would leave workers idle."""
TO_RULE_OUT = 0.8
"""Share of the chance of error spent on ruling out, which is done more often."""
PATIENCE = 40
"""Replications after which a box that looks bad, but is not sure to be, is cut in two."""
OPEN = 60
"""Replications in which a target that cannot be decided may still be surely missed."""
TOGETHER = 8
"""Boxes that are played at the same time; the same for any number of workers."""


@dataclass(frozen=True)
class SearchResult:
    """What the search found."""

    met: tuple[Design, ...]
    """Designs that meet all targets, the cheapest first."""
    unsure: tuple[Design, ...]
    """Cheaper designs of which it is not known after the most replications allowed."""
    ruled: tuple[RuledOut, ...]
    left: tuple[Design, ...]
    """Designs that meet the targets, but break a safety rule."""
    errors: Errors
    confidence: float
    replications: int
    """Most of any design."""
    assumed: int
    """Cheaper designs that were left out unplayed by what more of something is taken to do."""
    again: int
    """Designs left out so that were then looked at all the same."""


@dataclass(frozen=True)
class SearchRules:
    """How sure to be, and of what."""

    confidence: float = 0.95
    most: int = 500
    """Most replications of a design."""
    wanted: tuple[int, ...] | None = None
    """Numbers of the targets that count; all without it."""
    open: tuple[int, ...] = ()
    """Numbers of targets that rule out a design that surely misses them, but that need not be known
    to be met: this budget cannot tell."""
    answers: int = 2
    """How many designs that meet the targets to look for."""
    at_least: Design | None = None
    """Only designs that have no less of anything."""
    below: float = inf
    """Only designs that cost less."""
    alone: int = ALONE
    """Designs up to which each is tested by itself."""
    again: int = AGAIN
    """How many are looked at again of those that were left out unplayed."""


def errors_of(space: Space, columns: int, confidence: float, *, boxes: bool) -> Errors:
    """How often a single answer may be wrong for all of them to be right together.

    Args:
        space: all designs.
        columns: how many a design is judged by.
        confidence: that the answer as a whole is right.
        boxes: whether a design may also be ruled out with a box that holds it.
    """
    tests = 1
    if boxes:
        tests += 1 + sum(ceil(log2(len(one.levels))) for one in space.parameters if one.ordered)
    error = 1 - confidence
    return Errors(
        miss=TO_RULE_OUT * error / (columns * tests),
        meet=(1 - TO_RULE_OUT) * error / space.size,
    )


@dataclass(eq=False)
class Search:
    """One search; `run` does it."""

    experiment: Experiment
    rules: SearchRules = SearchRules()
    screening: Screening = NOTHING_KNOWN
    signs: Signs | None = None
    """(columns, parameters), see `directions`; without it more is better of all that is ordered."""
    progress: Progress = silent
    """Is told how many designs are decided, and of how many."""
    _seen: set[Design] = field(default_factory=set)
    _heap: list[Box] = field(default_factory=list)
    _good: list[CornerTest] = field(default_factory=list)
    _ruled: list[RuledOut] = field(default_factory=list)
    _unsure: list[Design] = field(default_factory=list)
    _met: list[Design] = field(default_factory=list)
    _left: list[Design] = field(default_factory=list)
    _decided: int = 0
    _floor: float = 0.0
    _assumed: list[Design] = field(default_factory=list)
    _again: int = 0

    def __post_init__(self) -> None:
        space, targets = self.experiment.space, self.experiment.setup.wanted
        self._columns = columns_among(targets, self.rules.wanted)
        self._excluded = self.screening.excluded(space.shape)
        self._may_be = ~self._excluded & (space.cost < self.rules.below)
        if self.rules.at_least is not None:
            part = tuple(
                slice(low if one.ordered else 0, None)
                for low, one in zip(self.rules.at_least, space.parameters, strict=True)
            )
            above = np.zeros(space.shape, dtype=np.bool_)
            above[part] = True
            self._may_be &= above
        # What more does to a city nobody takes as known.
        self._by_boxes = space.facility is None and int(self._may_be.sum()) > self.rules.alone
        # Open targets are looked at once more than the others, see `standings`.
        columns = max(len(self._columns) + len(columns_among(targets, self.rules.open)), 1)
        self._errors = errors_of(space, columns, self.rules.confidence, boxes=self._by_boxes)
        self._groups = self._grouped()
        self._all = tuple(range(len(self._columns)))
        self._needed = ~np.isin(self._columns, columns_among(targets, self.rules.open))

    def run(self) -> SearchResult:
        """Find the cheapest designs that meet the targets."""
        if self._by_boxes:
            self._search(self._first_boxes(), self.rules.answers, self.rules.below)
            looked_at = self._worth_another_look(self._left_out())
            self._again = len(looked_at)
            self._look_again(looked_at)
            seen = set(looked_at)
            self._assumed = [one for one in self._left_out() if one not in seen]
        else:
            singles = [self._box(one, one) for one in self._in_order(self._may_be)]
            self._search(singles, self.rules.answers, self.rules.below)
        self._tell(self.experiment.space.size - self._decided)
        return self.so_far()

    def so_far(self) -> SearchResult:
        """What is found by now: all of it after `run`."""
        return SearchResult(
            met=tuple(self._met),
            unsure=tuple(self._unsure),
            ruled=tuple(self._ruled),
            left=tuple(self._left),
            errors=self._errors,
            confidence=self.rules.confidence,
            replications=max(
                (self.experiment.record(one).count for one in self.experiment.finished), default=0
            ),
            assumed=len(self._assumed),
            again=self._again,
        )

    @property
    def floor(self) -> float:
        """A cost a year below which no design is left to be looked at, or looked at again."""
        return self._floor

    @property
    def by_boxes(self) -> bool:
        """Whether designs are left out by what more of something is taken to do."""
        return self._by_boxes

    def verdict(self, design: Design, columns: tuple[int, ...] | None = None) -> Judgement:
        """What is known of a design that was played.

        Args:
            design: in question.
            columns: places among the columns that count; all without it.
        """
        values, tolerances, least = self.observed(design)
        these = np.array(self._all if columns is None else columns, dtype=np.intp)
        return judge(values[:, these], tolerances[these], self._errors, least[these])

    def observed(self, design: Design) -> tuple[Floats, Floats, Floats]:
        """Observations, tolerances and least variances of the columns that count."""
        values, least = self.experiment.values(design)
        tolerances = tolerances_of(self.experiment.setup.wanted)
        return values[:, self._columns], tolerances[self._columns], least[self._columns]

    def standings(self, design: Design) -> tuple[TargetStanding, ...]:
        """What is known of each column that counts of a design that was played.

        The test's line is drawn for designs a tolerance from the limit. For a target that the
        replications cannot decide there, it lies so far out that designs which plainly meet or
        miss are not told either. These columns are therefore also looked at once, after a number
        of replications that is given beforehand, by a t test of whether the mean is above 0.
        """
        found = list(self.verdict(design).standings)
        values, _, least = self.observed(design)
        values = values[: min(OPEN, self.rules.most)]
        count = len(values)
        error = np.sqrt(np.maximum(values.var(axis=0, ddof=1), least) / count)
        freedom = count - 1
        to_miss = float(stdtrit(freedom, 1 - self._errors.miss))
        to_meet = float(stdtrit(freedom, 1 - self._errors.meet))
        for column in np.flatnonzero(~self._needed).tolist():
            if found[column] is not TargetStanding.OPEN:
                continue
            mean = float(values[:, column].mean())
            if mean < 0 and mean <= -to_miss * error[column]:
                found[column] = TargetStanding.MISSED
            elif mean >= to_meet * error[column]:  # and where nothing can be observed
                found[column] = TargetStanding.MET
        return tuple(found)

    def unknown(self, design: Design) -> tuple[int, ...]:
        """Numbers of the targets of which it is not known whether a played design meets them."""
        wanted = self.experiment.setup.wanted
        pairs = zip(self._columns.tolist(), self.standings(design), strict=True)
        left = {column for column, one in pairs if one is not TargetStanding.MET}
        return tuple(
            number
            for number in self.rules.open
            if left & set(range(*wanted[number].columns.indices(columns_of(wanted))))
        )

    @property
    def counts(self) -> tuple[int, ...]:
        """The numbers of the columns that count."""
        return tuple(self._columns.tolist())

    @property
    def must(self) -> tuple[int, ...]:
        """The places, among the columns that count, of those that must be known to be met."""
        return tuple(np.flatnonzero(self._needed).tolist())

    def may_be(self, design: Design) -> bool:
        """Whether a design could be the answer, if it met its targets."""
        return bool(self._may_be[design])

    # --- the walk through the boxes -------------------------------------------------------------

    def _search(self, boxes: list[Box], answers: int, below: float) -> None:
        """Take boxes in the order of their cost until so many answers are known."""
        self._heap = boxes
        heapify(self._heap)
        while self._heap and len(self._met) < answers and self._heap[0].cost < below:
            self._floor = max(self._floor, self._heap[0].cost)
            if self._is_candidate(self._heap[0]):
                self._decide(heappop(self._heap))
            elif boxes := self._next_boxes():
                self._look_at(boxes)

    def _first_boxes(self) -> list[Box]:
        space = self.experiment.space
        base = self.rules.at_least or (0,) * len(space.shape)
        unknown = ~np.array([one.ordered for one in space.parameters])
        ends = [
            [(n, n) for n in range(top + 1)] if apart else [(low, top)]
            for low, top, apart in zip(base, space.top, unknown, strict=True)
        ]
        return [
            self._box(tuple(low for low, _ in corner), tuple(high for _, high in corner))
            for corner in product(*ends)
        ]

    def _box(self, low: Design, high: Design) -> Box:
        part = tuple(slice(a, b + 1) for a, b in zip(low, high, strict=True))
        return Box(float(self.experiment.space.cost[part].min()), low, high)

    def _is_candidate(self, box: Box) -> bool:
        """Whether it is one design that has already been looked at, and is not ruled out."""
        return box.is_single and box.high in self._seen

    def _next_boxes(self) -> list[Box]:
        """The cheapest boxes, none costlier than a candidate."""
        found: list[Box] = []
        while self._heap and len(found) < TOGETHER and not self._is_candidate(self._heap[0]):
            box = heappop(self._heap)
            if not self._may_be[box.part].any():
                self._tell(box.size)
            elif not box.is_single and not self._tests(box):
                self._cut(box)
            else:
                found.append(box)
        return found

    def _look_at(self, boxes: Sequence[Box]) -> None:
        """Rule out the boxes whose easiest designs miss a target; cut the others in two."""
        tests = {box: self._tests(box) for box in boxes}
        missed = self._judged(list(dict.fromkeys(one for these in tests.values() for one in these)))
        for box in boxes:
            ruling = next((one for one in tests[box] if missed[one]), None)
            if ruling is not None:
                self._rule_out(box, ruling.design, missed[ruling])
            elif box.is_single:
                self._seen.add(box.high)
                heappush(self._heap, box)
            else:
                self._cut(box)

    def _tests(self, box: Box) -> list[CornerTest]:
        """Which designs of a box to judge by what; none where that cannot rule it out."""
        if box.is_single:
            return [CornerTest(box.high, self._all)]
        found = []
        for group in self._groups:
            corner = group.corner(box)
            if corner is not None and not self._surely_good(corner, group):
                found.append(CornerTest(corner, group.columns))
        return found

    def _surely_good(self, design: Design, group: Group) -> bool:
        """Whether a design that is no easier looks good: then a test is wasted."""
        return any(
            other.columns == group.columns
            and all(
                sign * mine >= sign * theirs if sign else mine == theirs
                for sign, mine, theirs in zip(group.signs, design, other.design, strict=True)
            )
            for other in self._good
        )

    def _judged(self, tests: Sequence[CornerTest]) -> dict[CornerTest, tuple[int, ...]]:
        """Of each test the columns that are missed."""
        waiting, until = list(tests), GLANCE
        for until in (GLANCE, *range(FIRST_TO_MISS, min(PATIENCE, self.rules.most) + 1, STEP)):
            self.experiment.take(sorted({one.design for one in waiting}), until)
            still = []
            for one in waiting:
                good = self._looks_good(one, by_far=until == GLANCE)
                if good:
                    self._good.append(one)
                elif not self.verdict(*one).missed:
                    still.append(one)
            waiting = still
        found = {}
        for one in tests:
            missed = self.verdict(*one).missed
            found[one] = tuple(int(self._columns[one.columns[column]]) for column in missed)
        return found

    def _looks_good(self, test: CornerTest, *, by_far: bool) -> bool:
        """Whether every target is met on average, or by a standard error at least."""
        values, _, least = self.observed(test.design)
        needed = [column for column in test.columns if self._needed[column]]
        values, least = values[:, needed], least[needed]
        error = np.sqrt(np.maximum(values.var(axis=0, ddof=1), least) / len(values))
        return bool(np.all(values.mean(axis=0) >= (error if by_far else 0.0)))

    def _rule_out(self, box: Box, by: Design, columns: Iterable[int]) -> None:
        self._ruled.append(RuledOut(box, by, tuple(columns), self.experiment.record(by).count))
        self._tell(box.size)

    def _cut(self, box: Box) -> None:
        """Cut a box across the parameter that costs most; chance plays no part in it."""
        cost = self.experiment.space.cost
        dearer = [
            abs(cost[(*box.low[:axis], high, *box.low[axis + 1 :])] - cost[box.low])
            if high > low
            else -np.inf
            for axis, (low, high) in enumerate(zip(box.low, box.high, strict=True))
        ]
        axis = int(np.argmax(dearer))
        low, high = box.low[axis], box.high[axis]
        middle = (low + high) // 2
        for begin, end in ((low, middle), (middle + 1, high)):
            lower = (*box.low[:axis], begin, *box.low[axis + 1 :])
            upper = (*box.high[:axis], end, *box.high[axis + 1 :])
            heappush(self._heap, self._box(lower, upper))

    def _decide(self, box: Box) -> None:
        """Play one design until it is known whether it meets the targets."""
        design = box.high
        count = self.experiment.record(design).count
        verdict = self.verdict(design)
        least = min(OPEN, self.rules.most) if self.rules.open else 0
        while not verdict.missed and count < self.rules.most:
            if self._is_met(verdict) and count >= least:
                break
            count = min(max(count + STEP_ALONE, FIRST_TO_MISS), self.rules.most)
            self.experiment.take([design], count)
            verdict = self.verdict(design)
        missed = verdict.missed
        if not missed and self.rules.open:
            looks = enumerate(self.standings(design))
            missed = tuple(column for column, one in looks if one is TargetStanding.MISSED)
        if missed:
            self._rule_out(box, design, (int(self._columns[one]) for one in missed))
            return
        if self._is_met(verdict):
            (self._left if self.screening.breaks(design) else self._met).append(design)
        else:
            self._unsure.append(design)
        self._tell(1)

    def _is_met(self, verdict: Judgement) -> bool:
        """Whether all targets are met that must be."""
        return all(
            one is TargetStanding.MET or not needed
            for one, needed in zip(verdict.standings, self._needed, strict=True)
        )

    # --- what was left out by what more is taken to do -------------------------------------------

    def _left_out(self) -> list[Design]:
        """Designs that were never played for themselves and are cheaper than the answer."""
        alone = {one.by for one in self._ruled}
        alone |= {*self._met, *self._unsure, *self._left}
        below = self.experiment.space.cost[self._met[0]] if self._met else self.rules.below
        cheaper = self._may_be & (self.experiment.space.cost < below)
        return [one for one in self._in_order(cheaper) if one not in alone]

    def _worth_another_look(self, left_out: Sequence[Design]) -> list[Design]:
        """All of a few; of many those that promise most, and a spread of the others."""
        again = self.rules.again
        if again and len(left_out) <= self.rules.alone:
            return list(left_out)
        promise = self.screening.promise
        best: list[Design] = []
        if promise is not None:
            # Of those that promise the same the dearer.
            ranked = sorted(
                left_out, key=lambda one: (promise[one], -self.experiment.space.cost[one])
            )
            best = ranked[: again // 2]
        spread = again - len(best) if left_out else 0
        steps = np.linspace(0, len(left_out) - 1, spread).round().astype(np.intp)
        chosen = {*best, *(left_out[number] for number in steps)}
        return [one for one in left_out if one in chosen]

    def _look_again(self, designs: Sequence[Design]) -> None:
        """Test designs one by one; the cheapest that meets the targets is the answer after all."""
        before, self._met = self._met, []
        self._search([self._box(one, one) for one in designs], 1, inf)
        self._met = sorted([*self._met, *before], key=lambda one: self.experiment.space.cost[one])
        self._met = self._met[: self.rules.answers]

    def _in_order(self, designs: Mask) -> list[Design]:
        """Designs in the order of their cost; of equal cost in that of the levels."""
        flat = np.flatnonzero(designs)
        order = flat[np.argsort(self.experiment.space.cost.ravel()[flat], kind="stable")]
        places = np.unravel_index(order, designs.shape)
        return list(zip(*(axis.tolist() for axis in places), strict=True))

    def _grouped(self) -> list[Group]:
        signs = self.signs
        if signs is None:
            ordered = [int(one.ordered) for one in self.experiment.space.parameters]
            width = columns_of(self.experiment.setup.wanted)
            signs = np.tile(np.array(ordered, dtype=np.int8), (width, 1))
        groups: dict[tuple[int, ...], list[int]] = {}
        for place, column in enumerate(self._columns.tolist()):
            groups.setdefault(tuple(signs[column].tolist()), []).append(place)
        return [Group(one, tuple(columns)) for one, columns in groups.items()]

    def _tell(self, designs: int) -> None:
        """Say how many designs are decided."""
        self._decided = min(self._decided + designs, self.experiment.space.size)
        self.progress(self._decided, self.experiment.space.size)


def choose(
    experiment: Experiment, rules: SearchRules, progress: Progress = silent
) -> tuple[SearchResult, Search]:
    """The search alone, with a pilot before it if the experiment has had none."""
    search = prepare(experiment, rules, progress)
    return search.run(), search


def prepare(experiment: Experiment, rules: SearchRules, progress: Progress = silent) -> Search:
    """A search that has not begun, with a pilot before it if the experiment has had none."""
    if experiment.coefficients is None:
        learn(experiment)
    wanted = experiment.setup.wanted
    counting = wanted if rules.wanted is None else [wanted[number] for number in rules.wanted]
    known = screening(experiment, counting, large=experiment.space.size > rules.alone)
    signs = directions(experiment.space.parameters, wanted)
    return Search(experiment, rules, known, signs, progress)
