"""The counted time cut into cells, and exact integrals over each of them."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.log import Changes
from sim.measures.steps import Floats, Integers, Window, sum_by_hour


@dataclass(frozen=True, eq=False)
class Cells:
    """Stretches of time in which no hour begins and nothing opens or closes."""

    edges: Floats
    """Where each begins, and where the last one ends; increasing."""
    hour: Integers
    """Hour of the week in which each lies."""

    @property
    def begins(self) -> Floats:
        """Where each begins."""
        return self.edges[:-1]

    @property
    def minutes(self) -> Floats:
        """How long each is."""
        return np.diff(self.edges)

    def by_hour(self, integrals: Floats) -> Floats:
        """Integrals over the cells, added up by hour of the week: 168 values."""
        return sum_by_hour(self.hour, integrals)

    def integrals(self, changes: Changes) -> Floats:
        """The integral over each cell, quantity × minutes, of a quantity that is 0 at first.

        Each piece between two changes, or between a change and an edge, has one value: the
        integral is exact, and the cells add up to the whole. A piece that lasts no time is
        nothing.
        """
        times, values = changes
        if not len(times):
            return np.zeros(len(self.hour))
        begins, ends = self.edges[:-1], self.edges[1:]
        position = _number_before(self.edges, times)
        first, after = position[:-1], position[1:]
        changing = np.flatnonzero(after > first)
        until, last = ends.copy(), after[changing] - 1
        until[changing] = times[first[changing]]
        pieces = np.empty(len(times))
        np.subtract(times[1:], times[:-1], out=pieces[:-1])
        pieces[-1] = 0.0
        pieces[last] = ends[changing] - times[last]
        pieces *= values
        found: Floats = np.where(first > 0, values[first - 1], 0.0) * (until - begins)
        found[changing] += np.add.reduceat(pieces[: position[-1]], first[changing])
        return found


def _number_before(edges: Floats, times: Floats) -> NDArray[np.intp]:
    """How many of the times are before each edge; both are in order."""
    if len(times) > len(edges):
        return np.searchsorted(times, edges)
    # The same the other way round: of few times it is sooner said after how many edges they come.
    passed = np.searchsorted(edges, times, side="right")
    return np.cumsum(np.bincount(passed, minlength=len(edges)))[: len(edges)]


def cut(window: Window, openings: Iterable[Floats] = ()) -> Cells:
    """Cut a window at every full hour, and whenever something opens or closes.

    Args:
        window: the time counted.
        openings: times at which something opens or closes, in any order.
    """
    times = np.concatenate([window.edges(), *openings])
    within = times[(times >= window.start) & (times <= window.end)]
    edges = np.unique(within)
    return Cells(edges, window.hour_of_week(edges[:-1]))
