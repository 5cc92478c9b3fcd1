"""Does a design meet its targets, and which is the best? Sequential tests with guaranteed error.

**Does it meet its targets?** Of each replication and target there is one observation, above 0 where
the target is met; see `sim.size.observation`. Replications are independent, so the sum of the
observations is a random walk, and a target is *met* when the walk rises above a falling line,
*missed* when it sinks below a rising one:

    met      sum >= a_met  − tolerance × r / 2
    missed   sum <= −a_missed + tolerance × r / 2        after r replications

The lines cross, so every test ends. This is the triangular region of Fabian (1974, Annals of
Statistics 2) as Kim & Nelson (2001, ACM TOMACS 11) use it for selection and Andradóttir & Kim
(2010, Naval Research Logistics 57) for feasibility, but with an error of its own on each side: a
Brownian motion with drift tolerance and variance s² ever touches the far line with probability
exp(−a × tolerance / s²) at most. With a = h² S² / (2 × tolerance), S² the variance of the first n
observations, which does not depend on the walk's further course if they are normal, that is
(1 + h² / (n − 1))^(−(n − 1) / 2) on average, since (n − 1) S² / s² is chi-square. So

    h² = (n − 1) × (error^(−2 / (n − 1)) − 1).

A figure within the tolerance of its limit may get either answer.

**Which is the best?** Procedure KN of Kim & Nelson (2001, ACM Transactions on Modeling and Computer
Simulation 11, 251-273), with c = 1: all designs are played replication by replication, with the
same people; one is dropped when another is ahead of it by more than a margin that shrinks to 0. If
the best is ahead of all others by delta or more, it is selected with the confidence wanted;
otherwise the one selected is, with that confidence, within delta of the best. Cost needs no such
selection, since it is known; it is used where no design meets the targets, to say which comes
nearest.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from sim.study.estimate.intervals import Floats

FIRST_TO_MISS = 10
"""Replications from which the variance is estimated for calling a target missed; none is before."""
FIRST_TO_MEET = 20
"""The same for calling it met, which takes a smaller chance of error."""


def squared_h(error: float, first: int) -> float:
    """h², by which a boundary keeps its chance of error.

    Args:
        error: chance, above 0 and below 1, of ever crossing the far boundary.
        first: observations of which the variance is estimated, 2 or more.
    """
    freedom = first - 1
    found: float = freedom * (error ** (-2 / freedom) - 1.0)
    return found


class TargetStanding(StrEnum):
    """What is known of a target."""

    MET = "met"
    MISSED = "missed"
    OPEN = "open"


@dataclass(frozen=True)
class Errors:
    """How often an answer may be wrong."""

    miss: float
    """Chance of calling missed a target that is met by the tolerance or more; for each."""
    meet: float
    """Chance of calling met a target that is missed by the tolerance or more."""


@dataclass(frozen=True, eq=False)
class Judgement:
    """What the test says of a design's targets after so many replications."""

    standings: tuple[TargetStanding, ...]
    """Of each target or, for a target of every hour, of each hour."""
    count: int
    """Replications."""
    to_go: int
    """Replications after which the last open target would be decided at the latest; 0 if none
    is open."""

    @property
    def missed(self) -> tuple[int, ...]:
        """The columns that are missed."""
        return tuple(n for n, one in enumerate(self.standings) if one is TargetStanding.MISSED)

    @property
    def is_met(self) -> bool:
        """Whether all targets are met."""
        return all(one is TargetStanding.MET for one in self.standings)


def judge(
    observations: Floats, tolerances: Floats, errors: Errors, least_variance: Floats | None = None
) -> Judgement:
    """What the replications so far say of one design.

    Args:
        observations: one row per replication, in order; one column per target.
        tolerances: of each column, above 0, in its unit.
        errors: chances of error, for each column.
        least_variance: of each column, what the variance is at least; 0 without it.
    """
    count, columns = observations.shape
    least = np.zeros(columns) if least_variance is None else least_variance
    if count < FIRST_TO_MISS:
        return Judgement((TargetStanding.OPEN,) * columns, count, FIRST_TO_MISS - count)
    number = np.arange(1, count + 1, dtype=np.float64)[:, np.newaxis]
    course, slope = np.cumsum(observations, axis=0), tolerances * number / 2
    low = _height(observations, FIRST_TO_MISS, errors.miss, tolerances, least)
    # A course that is above 0 is never called missed: that can only avert an error.
    misses = (course <= slope - low) & (course < 0) & (number >= FIRST_TO_MISS)
    meets = np.zeros_like(misses)
    high = low
    if count >= FIRST_TO_MEET:
        high = _height(observations, FIRST_TO_MEET, errors.meet, tolerances, least)
        meets = (course >= high - slope) & (number >= FIRST_TO_MEET)
    first_miss, first_meet = _first(misses), _first(meets)
    standings = tuple(
        TargetStanding.OPEN
        if miss == meet == count
        else TargetStanding.MISSED
        if miss <= meet
        else TargetStanding.MET
        for miss, meet in zip(first_miss, first_meet, strict=True)
    )
    still = np.array([one is TargetStanding.OPEN for one in standings])
    ends = np.ceil((low + high) / tolerances) + 1
    to_go = max(int(np.max(ends, where=still, initial=0)), FIRST_TO_MEET) - count
    return Judgement(standings, count, max(to_go, 1) if still.any() else 0)


def _height(
    observations: Floats, first: int, error: float, tolerances: Floats, least: Floats
) -> Floats:
    variance = np.maximum(observations[:first].var(axis=0, ddof=1), least)
    height: Floats = squared_h(error, first) * variance / (2 * tolerances)
    return height


def _first(crossed: NDArray[np.bool_]) -> NDArray[np.intp]:
    """The number of the first replication at which each column has crossed; their count if none."""
    return np.where(crossed.any(axis=0), crossed.argmax(axis=0), len(crossed))


# --- the best of several ------------------------------------------------------------------------

FIRST_TO_SELECT = 20
"""Replications from which variances of differences are estimated."""


@dataclass(frozen=True)
class Selected:
    """The design selected, and what it took."""

    number: int
    """Which of the designs."""
    played: tuple[int, ...]
    """Replications of each design."""


def select_best(
    sample: Callable[[int, int], Floats],
    designs: int,
    delta: float,
    *,
    confidence: float = 0.95,
) -> Selected:
    """The design with the highest mean.

    Args:
        sample: number of a design and of replications to that many values, replications 0, 1 …
        designs: how many there are.
        delta: smallest difference worth telling, above 0.
        confidence: chance of a correct selection.
    """
    if designs == 1:
        return Selected(0, (0,))
    first = FIRST_TO_SELECT
    freedom = first - 1
    eta = ((2 * (1 - confidence) / (designs - 1)) ** (-2 / freedom) - 1) / 2
    h_squared = 2 * eta * freedom
    begun = np.array([sample(number, first) for number in range(designs)])
    apart = begun[:, np.newaxis] - begun[np.newaxis]
    variance = apart.var(axis=2, ddof=1)
    sums = begun.sum(axis=1)
    played = np.full(designs, first)
    left, count = list(range(designs)), first
    while True:
        margin = np.maximum(0.0, delta / 2 * (h_squared * variance / delta**2 - count))
        left = [
            one
            for one in left
            if all(one == other or sums[one] >= sums[other] - margin[one, other] for other in left)
        ]
        if len(left) == 1:
            return Selected(left[0], tuple(played.tolist()))
        if not margin[np.ix_(left, left)].any():  # all margins used up, and the sums are equal
            return Selected(left[0], tuple(played.tolist()))
        count += 1
        for one in left:
            sums[one] += sample(one, count)[-1]
            played[one] = count
