"""The uniform numbers behind one attribute, and what is made of them."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from sim.scenario.model.durations import Distribution, Fixed
from sim.visitors.arrivals import Arrivals
from sim.visitors.numbers import numbers_at
from sim.visitors.seeding import Seeds
from sim.visitors.streams import Streams
from sim.visitors.visitors import Floats, Integers

Rows = NDArray[np.intp]
"""Numbers of visits, increasing."""
_FEW = 8
"""Edges that are faster looked at one after the other than searched among."""


@dataclass(frozen=True, eq=False)
class Column:
    """One uniform number per visit for a named attribute, drawn for those who are asked for.

    Streams are independent, so a column that nobody asks for changes nothing.
    """

    streams: Streams
    arrivals: Arrivals
    attribute: str

    @cached_property
    def _seeds(self) -> Seeds:
        return self.arrivals.seeds(self.streams, self.attribute)

    @cached_property
    def numbers(self) -> Floats:
        """One for each visit."""
        return numbers_at(self._seeds, self.arrivals.pages, self.arrivals.positions)

    def at(self, rows: Rows) -> Floats:
        """Those of some visits; the others are not drawn."""
        if not len(rows):
            return np.empty(0)
        positions = self.arrivals.positions.take(rows)
        return numbers_at(self._seeds, self.arrivals.pages, positions)

    def durations(self, of: Distribution, rows: Rows | None = None) -> Floats:
        """Minutes, for all visits or for some."""
        if isinstance(of, Fixed):
            return np.full(len(self.arrivals.time if rows is None else rows), of.value)
        return of.quantile(self.numbers if rows is None else self.at(rows))


Uniform = Callable[[str], Column]
"""The column of a named attribute."""


def pick(shares: Iterable[float], uniform: Floats) -> Integers:
    """Which of several, by their shares, for each uniform number."""
    edges = np.cumsum(list(shares))[:-1]
    if len(edges) > _FEW:
        return np.searchsorted(edges, uniform, side="right").astype(np.int64)
    found = np.zeros(len(uniform), dtype=np.int64)
    for edge in edges:
        found += uniform >= edge
    return found


def fill(
    column: Column,
    choices: Sequence[Distribution | None],
    chosen: Integers,
    otherwise: float,
    rows: Rows | None = None,
) -> Floats:
    """A duration per visit from the distribution of what was chosen for it.

    Args:
        column: the numbers behind it.
        choices: the distribution of each choice, if it has one.
        chosen: number of the choice, one per visit.
        otherwise: for those without a distribution, and outside `rows`.
        rows: the visits to which it is given; without it all.
    """
    alike: dict[Distribution, list[int]] = {}
    for number, distribution in enumerate(choices):
        if distribution is not None:
            alike.setdefault(distribution, []).append(number)
    if len(alike) == 1 and None not in choices:
        minutes = column.durations(next(iter(alike)), rows)
        if rows is None:
            return minutes
        filled = np.full(len(chosen), otherwise)
        filled[rows] = minutes
        return filled
    filled = np.full(len(chosen), otherwise)
    among = chosen if rows is None else chosen.take(rows)
    for distribution, numbers in alike.items():
        is_one = np.zeros(len(choices), dtype=np.bool_)
        is_one[numbers] = True
        mine = np.flatnonzero(is_one.take(among))
        mine = mine if rows is None else rows.take(mine)
        filled[mine] = column.durations(distribution, mine)
    return filled
