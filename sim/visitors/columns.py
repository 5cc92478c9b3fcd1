"""What numbers of chance become: columns of those who come, made of uniform numbers."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeVar, TypeVarTuple

import numpy as np
from numpy.typing import NDArray

from sim.scenario.model.demand import Arrival
from sim.scenario.model.durations import Distribution, Fixed
from sim.visitors.arrivals import Arrivals
from sim.visitors.streams import Seeds, Streams, look_up, numbers_at
from sim.visitors.visitors import Floats, Integers

About = TypeVarTuple("About")
Result = TypeVar("Result")

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
    def seeds(self) -> Seeds:
        """Of the streams that its numbers are of, one per block."""
        return self.arrivals.seeds(self.streams, self.attribute)

    @cached_property
    def numbers(self) -> Floats:
        """One for each visit."""
        return numbers_at(self.seeds, self.arrivals.pages, self.arrivals.positions)

    def write(self, room: Floats) -> None:
        """The same, into an array."""
        if "numbers" in vars(self):
            room[:] = self.numbers
        else:
            look_up(self.seeds, self.arrivals.pages, self.arrivals.positions, room)

    def at(self, rows: Rows) -> Floats:
        """Those of some visits; the others are not drawn."""
        if not len(rows):
            return np.empty(0)
        positions = self.arrivals.positions.take(rows)
        return numbers_at(self.seeds, self.arrivals.pages, positions)

    def durations(self, of: Distribution, rows: Rows | None = None) -> Floats:
        """Minutes, for all visits or for some."""
        if isinstance(of, Fixed):
            return np.full(len(self.arrivals.time if rows is None else rows), of.value)
        return of.quantile(self.numbers if rows is None else self.at(rows))


Uniform = Callable[[str], Column]
"""The column of a named attribute."""


@dataclass(frozen=True, eq=False)
class Comers:
    """Who comes to a site, or to any of several, and where the numbers behind what they do are."""

    arrivals: Arrivals
    kind: Integers
    """By the site's own numbers."""
    client: Integers
    listed: tuple[Arrival, ...] | None
    """The list by whose rows the arrivals' places are numbered, if they come from one."""
    uniform: Uniform
    of_all: Callable[[], Streams]
    """Gives the streams of what is drawn for all of them, and not for each."""
    _made: list[tuple[object, tuple[object, ...], Any]] = field(default_factory=list)
    """What was made of them so far: how, of which parts of a site, and what."""

    def __len__(self) -> int:
        return len(self.kind)

    def made(self, how: "Callable[[Comers, *About], Result]", *about: *About) -> Result:
        """A column, or several: the very same one for all sites that say the same about it.

        Nobody may change it. How it is made sees the comers and what of a site it is about, so that
        it cannot depend on more.
        """
        for earlier, parts, result in self._made:
            if earlier is how and _same(parts, about):
                known: Result = result
                return known
        found = how(self, *about)
        self._made.append((how, about, found))
        return found


def _same(one: tuple[object, ...], other: tuple[object, ...]) -> bool:
    """Whether parts are equal; of arrays only the very same one is."""
    return all(
        mine is yours or (not isinstance(mine, np.ndarray) and mine == yours)
        for mine, yours in zip(one, other, strict=True)
    )


# --- what numbers become --------------------------------------------------------------------------


_SLICES = 2**14
"""A power of two, so that nothing is rounded where a number is looked up by its slice."""


@dataclass(frozen=True, eq=False)
class Edges:
    """Edges between many shares, in order, by slices of equal length from 0 to 1.

    Few slices have an edge within them, where many of the shares are small: in all others it is
    known at once between which edges a number lies, which takes a fifth of the time of a search.
    """

    edges: Floats
    below: Integers
    """How many edges there are at the beginning of each slice, or below it."""
    divided: NDArray[np.bool_]
    """Whether there are any within it."""

    @classmethod
    def of(cls, edges: Floats) -> "Edges":
        """Edges by their slices."""
        ends = np.arange(_SLICES + 1) / _SLICES
        below = np.searchsorted(edges, ends[:-1], side="right")
        return cls(edges, below, below < np.searchsorted(edges, ends[1:], side="left"))

    def among(self, uniform: Floats) -> Integers:
        """How many edges each number reaches: `searchsorted` from the right."""
        slices = (uniform * _SLICES).astype(np.intp)
        found = self.below.take(slices)
        rest = np.flatnonzero(self.divided.take(slices))
        found[rest] = np.searchsorted(self.edges, uniform.take(rest), side="right")
        return found


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


def chance(column: Column, probability: Floats, kind: Integers) -> Rows:
    """The visits to which something happens with the probability of their kind."""
    if not probability.any():
        return np.empty(0, dtype=np.intp)
    return np.flatnonzero(column.numbers < probability.take(kind))
