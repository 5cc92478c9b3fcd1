"""Groups of visits, overdoses and shifts, of which there are figures; those of visits in advance.

Who is in a group of visits follows from how they came, their kind, room and outcome: from the
scenario alone. So is found at once what figures want of all groups of a replication.
"""

from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import wraps
from typing import Any, Generic, Self, TypeVar, TypeVarTuple

import numpy as np

from sim.compiled import compiled
from sim.log import Outcome
from sim.measures.facts.visits import CROWD, FROM_DOOR, GAVE_UP, OUTCOMES, ways_of
from sim.measures.steps import HOURS, Bools, Floats, Integers
from sim.scenario.derived import once
from sim.scenario.model.scenario import Scenario

REFUSED = (Outcome.CLOSED, Outcome.NO_SPACE, Outcome.BALKED)
"""Outcomes of those who were not let in."""

Part = TypeVar("Part", bound="Parts")
About = TypeVarTuple("About")
Result = TypeVar("Result")


@dataclass(frozen=True, eq=False)
class Group(Generic[Part]):
    """Some of the visits, of the overdoses or of the shifts."""

    by: str
    """As in the tables' `by` column."""
    belongs: Callable[[Part], Bools]
    """Which belong to it; see `Parts.of`."""

    def __and__(self, other: "Group[Part]") -> "Group[Part]":
        """Those of the group that belong to another one too; the name stays."""
        return Group(self.by, lambda parts: parts.of(self) & parts.of(other))

    def __invert__(self) -> "Group[Part]":
        """Those that do not belong to the group; the name stays."""
        return Group(self.by, lambda parts: ~parts.of(self))


def having(by: str, attribute: Callable[[Part], Integers], value: int) -> Group[Part]:
    """Those that have this value of an attribute."""
    return Group(by, lambda parts: np.equal(attribute(parts), value))


def kept(method: Callable[[Part, *About], Result]) -> Callable[[Part, *About], Result]:
    """Give the same result again for the same group; nobody may change it."""

    @wraps(method)
    def of(parts: Part, /, *about: *About) -> Result:
        key, found = (method, *about), parts.found
        if key in found:
            known: Result = found[key]
            return known
        result = found[key] = method(parts, *about)
        return result

    return of


@dataclass(frozen=True, eq=False, kw_only=True)
class Parts:
    """Columns of visits, overdoses or shifts, of which there are groups."""

    found: dict[Hashable, Any] = field(default_factory=dict)
    """What was found of groups, see `kept`."""

    @kept
    def of(self, group: Group[Self]) -> Bools:
        """Which belong to a group."""
        return group.belongs(self)


@dataclass(frozen=True, eq=False)
class Classes(Parts):
    """The classes of visits that there may be at a site, an element for each.

    Visits of a class are alike in the way they came, kind, room and outcome.
    """

    kind: Integers
    room: Integers
    """Room entered; -1 for none."""
    outcome: Integers
    way: Integers
    """How they came: USUAL to GAVE_UP of `visits`."""
    first_choice: Integers
    """Room that the kind prefers; -1 for none."""

    def came_to(self, outcomes: Iterable[Outcome]) -> Bools:
        """Which had one of these outcomes."""
        among = np.zeros(OUTCOMES, dtype=np.bool_)
        among[list(outcomes)] = True
        return among.take(self.outcome)


@once
def classes_of(scenario: Scenario) -> Classes:
    """The classes of visits that there may be at a site, as `visits` numbers them."""
    kinds, rooms = scenario.visits.values(), {name: n for n, name in enumerate(scenario.rooms)}
    shape = ways_of(scenario), len(kinds), len(rooms) + 1, OUTCOMES
    way, kind, room, outcome = (one.ravel() for one in np.indices(shape))
    choices = [rooms[one.rooms[0]] if one.rooms else -1 for one in kinds]
    first_choice = np.array(choices, dtype=np.int64)[kind]
    return Classes(kind, room - 1, outcome, way, first_choice)


Wanted = tuple[Group[Classes], int]
"""A group of visits, and one of their sums: NUMBER and so on."""


@dataclass(frozen=True, eq=False)
class Sought:
    """What figures want of the visits of every replication, so that it is found at once."""

    groups: tuple[Group[Classes], ...]
    """Of whom."""
    members: Bools
    """(groups, classes)."""
    by_hour: tuple[Wanted, ...]
    """What is wanted by hour of the week."""
    hourly: Integers
    """The number of the group of each of these."""
    columns: Integers
    """And the sum."""

    @classmethod
    def of(cls, classes: Classes, totals: Iterable[Wanted], by_hour: Iterable[Wanted]) -> "Sought":
        """What is wanted, each once."""
        hourly = tuple(dict.fromkeys(by_hour))
        groups = tuple(dict.fromkeys(group for group, _ in (*totals, *hourly)))
        numbers = {group: number for number, group in enumerate(groups)}
        return cls(
            groups=groups,
            members=np.array([classes.of(group) for group in groups]),
            by_hour=hourly,
            hourly=np.array([numbers[group] for group, _ in hourly], dtype=np.int64),
            columns=np.array([column for _, column in hourly], dtype=np.int64),
        )


@compiled
def add_hours(
    codes: Integers, sums: Floats, members: Bools, groups: Integers, columns: Integers
) -> Floats:
    """Sums by hour of the week of some groups of visits.

    Args:
        codes: see `Cells`.
        sums: the same.
        members: (groups, classes): which classes are of a group.
        groups: which are wanted.
        columns: and which sum of each.

    Returns:
        (wanted, HOURS).
    """
    found = np.zeros((len(groups), HOURS))
    for one in range(len(codes)):
        of_class, hour = codes[one] // HOURS, codes[one] % HOURS
        for number in range(len(groups)):
            found[number, hour] += members[groups[number], of_class] * sums[one, columns[number]]
    return found


def no_hours() -> tuple[object, ...]:
    """What `add_hours` is given, of these types, without any visits."""
    whole, table = np.empty(0, dtype=np.int64), np.empty((0, 0))
    return whole, table, table.astype(np.bool_), whole, whole


EVERYONE: Group[Classes] = Group("all", lambda visits: visits.outcome >= 0)
"""All visits."""
LET_IN: Group[Classes] = Group(
    "all", lambda visits: ~visits.came_to(REFUSED) & np.not_equal(visits.way, GAVE_UP)
)
GOT_PLACE: Group[Classes] = Group("all", lambda visits: visits.room >= 0)
"""Who entered a place, whatever came of it."""
AT_DOOR: Group[Classes] = Group("all", lambda visits: np.greater_equal(visits.way, FROM_DOOR))
"""Who came before the opening and waited at the door for it, let in or not."""


def by_kind(scenario: Scenario, *, with_room: bool = False) -> Iterator[Group[Classes]]:
    """One group per visit kind, or per kind that comes for a place."""
    for number, (name, kind) in enumerate(scenario.visits.items()):
        if kind.rooms or not with_room:
            yield having(f"kind:{name}", lambda visits: visits.kind, number)


def by_room(scenario: Scenario) -> Iterator[Group[Classes]]:
    """One group per room: the visits that entered it."""
    for number, name in enumerate(scenario.rooms):
        yield having(f"room:{name}", lambda visits: visits.room, number)


def by_first_choice(scenario: Scenario) -> Iterator[Group[Classes]]:
    """One group per room: the visits that would rather have it than any other."""
    for number, name in enumerate(scenario.rooms):
        yield having(f"room:{name}", lambda visits: visits.first_choice, number)


def by_crowd(scenario: Scenario) -> Iterator[Group[Classes]]:
    """The visits of those who come with the crowd at opening, where there is one."""
    if scenario.demand.crowd_at_opening > 0:
        yield having("crowd", lambda visits: visits.way, CROWD)


def by_outcome() -> Iterator[Group[Classes]]:
    """One group per outcome."""
    for outcome in Outcome:
        by = f"outcome:{outcome.name.lower()}"
        yield having(by, lambda visits: visits.outcome, outcome.value)
