"""The search for the cheapest design that meets its targets.

Designs are taken in the order of their cost, which is known; whether they meet the targets is
found out by the sequential test. So that not each of thousands must be played, they are taken in
boxes: all designs between a lowest and a highest level of each parameter. The best of a box has
the highest level of everything. If it misses a target, so do all in the box, as long as more never
makes a target worse; otherwise the box is cut in two. (Branch and bound; a parameter of which
nobody knows what is better is never cut, but each of its levels has boxes of its own.)

The chance of error is split so that the answer as a whole has the confidence wanted:

* most of it for ruling out what should be found. The cheapest design that meets all targets by
  their tolerances is lost only if the best of one of the boxes in which it lies is called missed.
  How boxes are cut does not depend on chance, so these are known beforehand: at most `depth`.
* the rest for accepting what should not be found: any design may be, so it is split over all.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from heapq import heapify, heappop, heappush
from itertools import product
from math import ceil, inf, log2, prod

import numpy as np
from numpy.typing import NDArray

from sim.size.lab import Lab
from sim.size.sequential import FIRST_TO_MISS, Errors, Floats, Verdict, judge
from sim.size.space import Design, Space
from sim.size.watched import Watched, columns_of, tolerances_of

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
TOGETHER = 8
"""Boxes that are played at the same time; the same for any number of workers."""


@dataclass(frozen=True, order=True)
class Box:
    """The designs from `low` to `high`, both included, of each parameter."""

    cost: float
    """Of the cheapest of them."""
    low: Design
    high: Design

    @property
    def is_single(self) -> bool:
        """Whether it holds one design only."""
        return self.low == self.high

    @property
    def size(self) -> int:
        """How many designs it holds."""
        return prod(high - low + 1 for low, high in zip(self.low, self.high, strict=True))

    @property
    def part(self) -> tuple[slice, ...]:
        """Its designs in an array with an axis per parameter."""
        return tuple(slice(a, b + 1) for a, b in zip(self.low, self.high, strict=True))


@dataclass(frozen=True)
class Ruled:
    """Designs that cannot be the answer, and why."""

    box: Box
    by: Design
    """The best of them, which misses a target."""
    columns: tuple[int, ...]
    """What it misses; empty if the load alone says so."""
    count: int
    """After so many replications."""


@dataclass(frozen=True)
class Found:
    """What the search found."""

    met: tuple[Design, ...]
    """Designs that meet all targets, the cheapest first."""
    unsure: tuple[Design, ...]
    """Cheaper designs of which it is not known after the most replications allowed."""
    ruled: tuple[Ruled, ...]
    errors: Errors
    confidence: float
    replications: int
    """Most of any design."""


@dataclass(frozen=True)
class Rules:
    """How sure to be, and of what."""

    confidence: float = 0.95
    most: int = 500
    """Most replications of a design."""
    wanted: tuple[int, ...] | None = None
    """Numbers of the targets that count; all without it."""
    answers: int = 2
    """How many designs that meet the targets to look for."""
    at_least: Design | None = None
    """Only designs that have no less of anything."""
    below: float = inf
    """Only designs that cost less."""


def errors_of(space: Space, columns: int, confidence: float) -> Errors:
    """How often a single answer may be wrong for all of them to be right together."""
    cuts = sum(ceil(log2(len(one.levels))) for one in space.parameters if one.ordered)
    error = 1 - confidence
    return Errors(
        miss=TO_RULE_OUT * error / (columns * (1 + cuts)),
        meet=(1 - TO_RULE_OUT) * error / space.size,
    )


@dataclass(eq=False)
class Search:
    """One search; `run` does it."""

    lab: Lab
    rules: Rules = Rules()
    hopeless: NDArray[np.bool_] | None = None
    """Designs whose places cannot carry the load, as the scenario alone proves."""
    _seen: set[Design] = field(default_factory=set)
    _heap: list[Box] = field(default_factory=list)
    _good: list[Design] = field(default_factory=list)
    _ruled: list[Ruled] = field(default_factory=list)
    _unsure: list[Design] = field(default_factory=list)
    _met: list[Design] = field(default_factory=list)

    def __post_init__(self) -> None:
        space, targets = self.lab.space, self.lab.means.wanted
        chosen = range(len(targets)) if self.rules.wanted is None else self.rules.wanted
        self._columns = _columns(targets, chosen)
        self._errors = errors_of(space, max(len(self._columns), 1), self.rules.confidence)
        self._axes = [one.ordered for one in space.parameters]

    def run(self) -> Found:
        """Find the cheapest designs that meet the targets."""
        self._heap = self._first_boxes()
        heapify(self._heap)
        while self._wants_more():
            if self._is_candidate(self._heap[0]):
                self._decide(heappop(self._heap))
            else:
                self._look_at(self._next_boxes())
        return Found(
            met=tuple(self._met),
            unsure=tuple(self._unsure),
            ruled=tuple(self._ruled),
            errors=self._errors,
            confidence=self.rules.confidence,
            replications=max((self.lab.record(one).count for one in self.lab.played), default=0),
        )

    def _wants_more(self) -> bool:
        if not self._heap or len(self._met) == self.rules.answers:
            return False
        return self._heap[0].cost < self.rules.below

    def tops(self) -> list[Design]:
        """The best designs: the highest level of everything of which it is known what is better."""
        return [box.high for box in self._first_boxes()]

    def verdict(self, design: Design) -> Verdict:
        """What is known of a design that was played."""
        values, tolerances, least = self.observed(design)
        return judge(values, tolerances, self._errors, least)

    def observed(self, design: Design) -> tuple[Floats, Floats, Floats]:
        """Observations, tolerances and least variances of the columns that count."""
        values, least = self.lab.values(design)
        tolerances = tolerances_of(self.lab.means.wanted)
        return values[:, self._columns], tolerances[self._columns], least[self._columns]

    def _first_boxes(self) -> list[Box]:
        space = self.lab.space
        base = self.rules.at_least or (0,) * len(space.shape)
        ends = [
            [(low, top)] if ordered else [(n, n) for n in range(top + 1)]
            for low, top, ordered in zip(base, space.top, self._axes, strict=True)
        ]
        return [
            self._box(tuple(low for low, _ in corner), tuple(high for _, high in corner))
            for corner in product(*ends)
        ]

    def _box(self, low: Design, high: Design) -> Box:
        part = tuple(slice(a, b + 1) for a, b in zip(low, high, strict=True))
        return Box(float(self.lab.space.cost[part].min()), low, high)

    def _is_candidate(self, box: Box) -> bool:
        """Whether it is one design that has already been looked at, and is not ruled out."""
        return box.is_single and box.high in self._seen

    def _next_boxes(self) -> list[Box]:
        """The cheapest boxes, none costlier than a candidate."""
        found: list[Box] = []
        while self._heap and len(found) < TOGETHER and not self._is_candidate(self._heap[0]):
            box = heappop(self._heap)
            if self.hopeless is not None and self.hopeless[box.high]:
                self._ruled.append(Ruled(box, box.high, (), 0))
            elif not box.is_single and self._surely_good(box.high):
                self._cut(box)
            else:
                found.append(box)
        return found

    def _surely_good(self, design: Design) -> bool:
        """Whether some design with no more of anything looks good: then a test is wasted."""
        return any(
            all(
                mine >= theirs if ordered else mine == theirs
                for mine, theirs, ordered in zip(design, other, self._axes, strict=True)
            )
            for other in self._good
        )

    def _looks_good(self, design: Design, *, by_far: bool) -> bool:
        """Whether every target is met on average, or by a standard error at least."""
        values, _, least = self.observed(design)
        error = np.sqrt(np.maximum(values.var(axis=0, ddof=1), least) / len(values))
        return bool(np.all(values.mean(axis=0) >= (error if by_far else 0.0)))

    def _look_at(self, boxes: Sequence[Box]) -> None:
        """Rule out the boxes whose best design misses a target; cut the others in two."""
        waiting = {box.high for box in boxes}
        self._seen |= waiting
        for until in (GLANCE, *range(FIRST_TO_MISS, min(PATIENCE, self.rules.most) + 1, STEP)):
            self.lab.take(sorted(waiting), until)
            for design in tuple(waiting):
                looks_good = self._looks_good(design, by_far=until == GLANCE)
                if looks_good and design not in self._good:
                    self._good.append(design)
                if looks_good or self.verdict(design).missed:
                    waiting.remove(design)
        for box in boxes:
            verdict = self.verdict(box.high)
            if verdict.missed:
                self._rule_out(box, self._columns[[*verdict.missed]], verdict.count)
            elif box.is_single:
                heappush(self._heap, box)
            else:
                self._cut(box)

    def _rule_out(self, box: Box, columns: Iterable[int], count: int) -> None:
        self._ruled.append(Ruled(box, box.high, tuple(int(one) for one in columns), count))

    def _cut(self, box: Box) -> None:
        """Cut a box across the parameter that costs most; chance plays no part in it."""
        cost = self.lab.space.cost
        dearer = [
            cost[(*box.low[:axis], high, *box.low[axis + 1 :])] - cost[box.low]
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
        count = self.lab.record(design).count
        while not (verdict := self.verdict(design)).is_decided and count < self.rules.most:
            count = min(max(count + STEP_ALONE, FIRST_TO_MISS), self.rules.most)
            self.lab.take([design], count)
        if verdict.is_met:
            self._met.append(design)
        elif verdict.missed:
            self._rule_out(box, self._columns[[*verdict.missed]], verdict.count)
        else:
            self._unsure.append(design)


def _columns(targets: Sequence[Watched], chosen: Sequence[int]) -> NDArray[np.intp]:
    """The numbers of the columns of some targets."""
    numbers = np.arange(columns_of(targets))
    parts = [numbers[targets[number].columns] for number in chosen]
    return np.concatenate(parts).astype(np.intp) if parts else np.empty(0, dtype=np.intp)
