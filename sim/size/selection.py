"""Selecting the best of several designs with a guaranteed chance of being right.

Procedure KN of Kim & Nelson (2001, ACM Transactions on Modeling and Computer Simulation 11,
251-273), with c = 1: all designs are played replication by replication, with the same people; one
is dropped when another is ahead of it by more than a margin that shrinks to 0. If the best is
ahead of all others by delta or more, it is selected with the confidence wanted; otherwise the one
selected is, with that confidence, within delta of the best. Cost needs no such selection, since
it is known; it is used where no design meets the targets, to say which comes nearest.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from sim.size.sequential import Floats

FIRST = 20
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
    first: int = FIRST,
) -> Selected:
    """The design with the highest mean.

    Args:
        sample: number of a design and of replications to that many values, replications 0, 1 …
        designs: how many there are.
        delta: smallest difference worth telling, above 0.
        confidence: chance of a correct selection.
        first: replications of each before any is dropped.
    """
    if designs == 1:
        return Selected(0, (0,))
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
