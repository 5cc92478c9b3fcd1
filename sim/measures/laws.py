"""Laws that every replication obeys, checked at its end: a broken one is a fault of the program.

They tie the two halves of a log together, the visits and the counts over time, which an engine
writes independently: conservation of visits, Little's law (integral of the number present = sum
of the times present, exact over a whole run), no more people in a room than places, no more work
than people at work.
"""

from collections.abc import Iterator

import numpy as np

from sim.log import Duty, Log, Outcome
from sim.measures.walk import Walk, walk
from sim.scenario.scenario import Scenario

_ROUNDING = 1e-9
"""Sums of the same times in another order differ by no more than this share."""


class LawError(AssertionError):
    """A replication broke a law; its figures are not to be trusted."""


def check_laws(scenario: Scenario, log: Log) -> None:
    """Check the laws on a log.

    Raises:
        LawError: names every law that is broken.
    """
    if broken := list(_broken(scenario, log)):
        raise LawError("the simulation broke its own laws: " + "; ".join(broken))


def _broken(scenario: Scenario, log: Log) -> Iterator[str]:
    found = walk(scenario, log)
    yield from _conservation(log)
    yield from _littles_law(scenario, log, found)
    yield from _places(scenario, found)
    yield from _staff(scenario, log, found)


def _differ(one: float, other: float) -> bool:
    return abs(one - other) > _ROUNDING * max(1.0, abs(one), abs(other))


def _conservation(log: Log) -> Iterator[str]:
    outcome = log.visits["outcome"]
    known = np.isin(outcome, [float(one) for one in Outcome])
    if not known.all():
        yield f"{(~known).sum()} visits without an outcome"
    inside = outcome == Outcome.INSIDE_AT_END
    if (np.isnan(log.visits["out"]) != inside).any():
        yield "visits that left and are inside, or the reverse"
    if np.isnan(log.visits["entered"][outcome == Outcome.SERVED]).any():
        yield "visits served without a place"


def _littles_law(scenario: Scenario, log: Log, found: Walk) -> Iterator[str]:
    visits = log.visits
    until = np.where(np.isnan(visits["out"]), log.end, visits["out"])
    if _differ(found.whole("site:inside"), float(np.nansum(until - visits["let_in"]))):
        yield "Little's law for the people inside"
    waiting_ends = np.where(np.isnan(visits["entered"]), until, visits["entered"])
    queueing = float(np.nansum(waiting_ends - visits["joined"]))
    if _differ(found.whole("site:waiting_place"), queueing):
        yield "Little's law for the queue for a place"
    left = np.where(np.isnan(visits["left"]), log.end, visits["left"])
    for number, room in enumerate(scenario.rooms):
        held = float(np.sum((left - visits["entered"])[visits["room"] == number]))
        if _differ(found.whole(f"room:{room}:occupied", f"room:{room}:blocked"), held):
            yield f"Little's law for {room}"


def _places(scenario: Scenario, found: Walk) -> Iterator[str]:
    for name, room in scenario.rooms.items():
        lowest, highest = found.bounds(f"room:{name}:taken")
        if lowest < 0 or highest > room.places:
            yield f"{name} has {room.places} places, but {lowest:g} to {highest:g} were taken"


def _staff(scenario: Scenario, log: Log, found: Walk) -> Iterator[str]:
    for number, role in enumerate(scenario.staff.roles if scenario.staff else ()):
        duties = [f"role:{role}:{duty.name.lower()}" for duty in Duty]
        _, overload = found.bounds(f"role:{role}:overload")
        if overload > 0:
            yield f"more {role}s busy than at work"
        mine = log.people["role"] == number
        worked = sum(float(log.people[duty.name.lower()][mine].sum()) for duty in Duty)
        if _differ(found.whole(*duties), worked):
            yield f"busy minutes of {role}s and of their tasks"
