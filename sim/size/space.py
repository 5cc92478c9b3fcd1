"""All designs of a site: what may be varied, what each costs a year, and boxes of them.

A box is all designs between a lowest and a highest level of each parameter.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import product
from math import prod
from typing import NamedTuple

import numpy as np

from sim.measures.figures.cost import WEEKS_OF_A_YEAR, yearly_cost
from sim.scenario.errors.problem import KeyPath, Problem, ScenarioError
from sim.scenario.errors.told import told
from sim.scenario.load import Original, Version
from sim.scenario.model.design import LESS, UNKNOWN, Level, path_keys
from sim.scenario.model.scenario import Scenario
from sim.scenario.text.read import FACILITIES
from sim.size.city.house import house_of
from sim.study.estimate.intervals import Floats

Design = tuple[int, ...]
"""The number of the level that each parameter has, from 0."""

MOST_DESIGNS = 2_000_000
"""More than these are not weighed against each other."""
MOST_IN_A_CITY = 400
"""The same of a facility within a city, of which nothing is known but by playing each."""
WEEKS = WEEKS_OF_A_YEAR
"""Weeks in a year."""


@dataclass(frozen=True)
class Parameter:
    """Something that may be varied."""

    name: str
    paths: tuple[str, ...]
    levels: tuple[Level, ...]
    """In order of betterness where that is known: the last is the best for every target."""
    ordered: bool
    """Whether it is known; else each level is tried by itself."""
    cost_per_year: float
    said: bool = False
    """Whether the scenario says what is better, for every target."""


@dataclass(frozen=True, eq=False)
class Space:
    """All designs of a site."""

    original: Original
    parameters: tuple[Parameter, ...]
    cost: Floats
    """A year's cost of each design, one axis per parameter."""
    also: Mapping[str, Level]
    """Values that all designs have, such as a factor on demand."""
    facility: str | None = None
    """Of a city the one that is designed, all others as they are; paths begin within it. Costs and
    other values are the city's."""

    @property
    def shape(self) -> tuple[int, ...]:
        """How many levels each parameter has."""
        return tuple(len(one.levels) for one in self.parameters)

    @property
    def size(self) -> int:
        """How many designs."""
        return prod(self.shape)

    @property
    def currency(self) -> str:
        """Of the costs."""
        return self.original.loaded.scenario.currency

    @cached_property
    def top(self) -> Design:
        """The last level of everything."""
        return tuple(number - 1 for number in self.shape)

    def levels(self, design: Design) -> tuple[Level, ...]:
        """What a design has of each parameter."""
        return tuple(
            one.levels[number] for one, number in zip(self.parameters, design, strict=True)
        )

    def scenario(self, design: Design) -> Scenario:
        """The site as designed.

        Raises:
            ScenarioError: these levels cannot be together.
        """
        return self.original.scenario(
            _version(self.parameters, self.levels(design), self.also, self.facility)
        )

    @cached_property
    def site(self) -> Scenario:
        """The site that is designed, as it is written; of a city the facility."""
        whole = self.original.loaded.scenario
        return whole if self.facility is None else house_of(whole, self.facility)

    def site_of(self, design: Design) -> Scenario:
        """That site as designed.

        Raises:
            ScenarioError: these levels cannot be together.
        """
        whole = self.scenario(design)
        return whole if self.facility is None else house_of(whole, self.facility)

    def with_values(self, also: Mapping[str, Level]) -> "Space":
        """The same designs, with other values beside what is varied; costs stay as they are."""
        return replace(self, also={**self.also, **also})

    def by_cost(self) -> Iterator[Design]:
        """All designs, the cheapest first; of equal cost in the order of the levels."""
        for flat in np.argsort(self.cost, axis=None, kind="stable"):
            yield tuple(int(one) for one in np.unravel_index(flat, self.shape))


def read_space(original: Original, facility: str | None = None) -> Space:
    """The designs of a scenario with a design block.

    Args:
        original: the site, or the city.
        facility: of a city the one whose designs are meant.

    Raises:
        ScenarioError: a value cannot be, or there are too many designs.
    """
    whole = original.loaded.scenario
    design = (whole if facility is None else house_of(whole, facility)).design
    assert design is not None  # the caller has looked
    parameters = []
    for name, varied in design.vary.items():
        better = design.better(name)
        levels = varied.values[::-1] if better == LESS else varied.values
        ordered = better != UNKNOWN
        paths = design.paths(name)
        said = ordered and varied.better is not None
        parameters.append(Parameter(name, paths, levels, ordered, varied.cost_per_year, said))
    found = prod(len(one.levels) for one in parameters)
    most = MOST_DESIGNS if facility is None else MOST_IN_A_CITY
    if found > most:
        message = told(
            "has_designs_at_most_can_be_weighed",
            "has {found:,} designs; at most {most_designs:,} can be weighed, so use steps",
            found=found,
            most_designs=most,
        )
        if facility is not None:
            message = told(
                "has_designs_of_a_city",
                "has {found:,} designs; within a city each is played by itself, at most "
                "{most:,} of them, so use steps, such as 6:14:2, or vary less at a time",
                found=found,
                most=most,
            )
        path = (*within(facility), "design", "vary")
        raise ScenarioError([original.loaded.source.problem(path, message)])
    return Space(original, tuple(parameters), _costs(original, parameters, facility), {}, facility)


def within(facility: str | None) -> tuple[str, ...]:
    """Where in a file a facility stands; a site is all of it."""
    return () if facility is None else (FACILITIES, facility)


def _version(
    parameters: Sequence[Parameter],
    levels: Sequence[Level],
    also: Mapping[str, Level],
    facility: str | None,
) -> Version:
    here = "".join(f"{key}." for key in within(facility))
    values = {
        f"{here}{path}": level
        for one, level in zip(parameters, levels, strict=True)
        for path in one.paths
    }
    written = (*within(facility), "design", "vary")
    if len(parameters) == 1:
        written = (*written, parameters[0].name)
    return Version({**also, **values}, written)


def _costs(original: Original, parameters: Sequence[Parameter], facility: str | None) -> Floats:
    """What each design costs: parameters that change different parts of the site add up."""
    base = yearly_cost(original.loaded.scenario)
    total = np.full([len(one.levels) for one in parameters], base)
    problems: dict[str, Problem] = {}
    for group in _groups(parameters):
        members = [parameters[number] for number in group]
        part = np.zeros([len(one.levels) for one in members])
        for place in product(*(range(len(one.levels)) for one in members)):
            levels = [one.levels[number] for one, number in zip(members, place, strict=True)]
            try:
                scenario = original.scenario(_version(members, levels, {}, facility))
            except ScenarioError as error:
                problems |= {str(one): one for one in error.problems}
                continue
            each = sum(
                one.cost_per_year * float(level)
                for one, level in zip(members, levels, strict=True)
                if one.cost_per_year
            )
            part[place] = yearly_cost(scenario) - base + each
        shape = [len(one.levels) if n in group else 1 for n, one in enumerate(parameters)]
        total = total + part.reshape(shape)
    if problems:
        raise ScenarioError(problems.values())
    return total


def _groups(parameters: Sequence[Parameter]) -> list[tuple[int, ...]]:
    """The numbers of the parameters, those together that change the same part of the site."""
    groups: list[tuple[set[KeyPath], tuple[int, ...]]] = []
    for number, one in enumerate(parameters):
        parts: set[KeyPath] = {_part(path) for path in one.paths}
        members: tuple[int, ...] = (number,)
        apart = []
        for other, theirs in groups:
            if any(_overlap(mine, part) for mine in parts for part in other):
                parts, members = parts | other, theirs + members
            else:
                apart.append((other, theirs))
        groups = [*apart, (parts, tuple(sorted(members)))]
    return [members for _, members in groups]


def _part(path: str) -> KeyPath:
    """The part of a site whose cost a path may change, such as a room or a rota line.

    A price changes the cost of all that has it: its part is that of the places, hours or lines.
    """
    keys = path_keys(path)
    match keys[1:] if keys[:2] == ("design", "costs") else keys:
        case ("costs", price, *room):
            return ("rooms", *room) if price == "place" else ("opening",)
        case ("staff", "roles" | "unsocial" | "cycle_weeks", *_):
            return ("staff", "rota")
        case ("staff", "rota", *_):
            return keys[:3]
        case ("rooms" | "staff", *_):
            return keys[:2]
        case _:
            return keys[:1]


def _overlap(one: KeyPath, other: KeyPath) -> bool:
    """Whether one path is the other, or leads to a part of it."""
    short = min(len(one), len(other))
    return one[:short] == other[:short]


# --- boxes --------------------------------------------------------------------------------------


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
class RuledOut:
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


class CornerTest(NamedTuple):
    """A design, and the columns it is to be judged by."""

    design: Design
    columns: tuple[int, ...]


def designs_in(box: Box) -> Iterator[Design]:
    """The designs of a box."""
    for place in np.ndindex(*(b - a + 1 for a, b in zip(box.low, box.high, strict=True))):
        yield tuple(a + n for a, n in zip(box.low, place, strict=True))
