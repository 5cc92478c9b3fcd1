"""Boxes of designs, and what is known of them.

A box is all designs between a lowest and a highest level of each parameter.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import prod
from typing import NamedTuple

import numpy as np

from sim.size.space import Design


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
    """Designs that cannot be the answer, because a target is missed."""

    box: Box
    by: Design
    """The design that was played, the easiest of them for what it misses."""
    columns: tuple[int, ...]
    """What it misses."""
    count: int
    """After so many replications."""


class Group(NamedTuple):
    """Columns for which the same corner of a box is the easiest."""

    signs: tuple[int, ...]
    """Of each parameter: 1 its last level, -1 its first, 0 nobody knows."""
    columns: tuple[int, ...]
    """Their places among the columns that count."""

    def corner(self, box: Box) -> Design | None:
        """The easiest design of a box; None if nobody knows which it is."""
        found = []
        for sign, low, high in zip(self.signs, box.low, box.high, strict=True):
            if not sign and low < high:
                return None
            found.append(low if sign < 0 else high)
        return tuple(found)


class Test(NamedTuple):
    """A design, and the columns it is to be judged by."""

    design: Design
    columns: tuple[int, ...]


def within(box: Box) -> Iterator[Design]:
    """The designs of a box."""
    for place in np.ndindex(*(b - a + 1 for a, b in zip(box.low, box.high, strict=True))):
        yield tuple(a + n for a, n in zip(box.low, place, strict=True))
