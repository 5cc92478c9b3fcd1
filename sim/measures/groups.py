"""The parts of the visits for which figures are given: rooms, visit kinds, outcomes."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from sim.log import Outcome
from sim.measures.facts import Visits
from sim.measures.steps import Bools, Integers
from sim.scenario.model.scenario import Scenario


@dataclass(frozen=True)
class Group:
    """Some of the visits."""

    by: str
    """As in the table's `by` column."""
    of: Callable[[Visits], Bools]
    """Which visits belong to it."""


def _everyone(visits: Visits) -> Bools:
    return visits.everyone


EVERYONE = Group("all", _everyone)
"""All visits."""


def by_kind(scenario: Scenario, *, with_room: bool = False) -> Iterator[Group]:
    """One group per visit kind.

    Args:
        scenario: the site.
        with_room: only kinds that come for a place.
    """
    for number, (name, kind) in enumerate(scenario.visits.items()):
        if kind.rooms or not with_room:
            yield Group(f"kind:{name}", _is(lambda visits: visits.kind, number))


def by_crowd(scenario: Scenario) -> Iterator[Group]:
    """The visits of those who come with the crowd at opening, where there is one."""
    if scenario.demand.crowd_at_opening > 0:
        yield Group("crowd", lambda visits: visits.crowd)


def by_room(scenario: Scenario) -> Iterator[Group]:
    """One group per room: the visits that entered it."""
    for number, name in enumerate(scenario.rooms):
        yield Group(f"room:{name}", _is(lambda visits: visits.room, number))


def by_first_choice(scenario: Scenario) -> Iterator[Group]:
    """One group per room: the visits that would rather have it than any other."""
    for number, name in enumerate(scenario.rooms):
        yield Group(f"room:{name}", _is(lambda visits: visits.first_choice, number))


def by_outcome() -> Iterator[Group]:
    """One group per outcome."""
    for outcome in Outcome:
        by = f"outcome:{outcome.name.lower()}"
        yield Group(by, _is(lambda visits: visits.outcome, outcome.value))


def _is(attribute: Callable[[Visits], Integers], number: int) -> Callable[[Visits], Bools]:
    """Which visits have this number of an attribute."""
    return lambda visits: np.equal(attribute(visits), number)
