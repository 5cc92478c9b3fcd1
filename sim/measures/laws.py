"""Laws that every replication obeys, checked at its end: a broken one is a fault of the program.

They tie the two halves of a log together, the visits and the counts over time, which an engine
writes independently: conservation of visits, Little's law (integral of the number present = sum
of the times present, exact over a whole run), no more people in a room than places, no more work
than people at work.
"""

from collections.abc import Iterator

import numpy as np

from sim.log import Changes, Duty, Log, Outcome
from sim.measures.counts import Counts
from sim.measures.steps import lasting
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
    counts = Counts(scenario, log)
    yield from _conservation(log)
    yield from _littles_law(scenario, log, counts)
    yield from _places(scenario, counts)
    yield from _staff(scenario, log, counts)


def _integral(counts: Counts, log: Log, *names: str) -> float:
    """Integral of the sum of series, to the end of the log."""
    total = 0.0
    for name in names:
        times, values = counts.of(name)
        total += float(np.sum(values * np.diff(times, append=log.end)))
    return total


def _outside(changes: Changes, least: float, most: float) -> tuple[float, float] | None:
    """Lowest and highest value, 0 included, that holds for some time; None if within bounds."""
    lowest = highest = 0.0
    for _, values in (changes, lasting(changes)):
        # If even what holds for no time stays within bounds there is no need to tell it apart.
        lowest, highest = float(values.min(initial=0.0)), float(values.max(initial=0.0))
        if lowest >= least and highest <= most:
            return None
    return lowest, highest


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


def _littles_law(scenario: Scenario, log: Log, counts: Counts) -> Iterator[str]:
    visits = log.visits
    until = np.where(np.isnan(visits["out"]), log.end, visits["out"])
    if _differ(_integral(counts, log, "site:inside"), float(np.nansum(until - visits["let_in"]))):
        yield "Little's law for the people inside"
    waiting_ends = np.where(np.isnan(visits["entered"]), until, visits["entered"])
    queueing = float(np.nansum(waiting_ends - visits["joined"]))
    if _differ(_integral(counts, log, "site:waiting_place"), queueing):
        yield "Little's law for the queue for a place"
    left = np.where(np.isnan(visits["left"]), log.end, visits["left"])
    for number, room in enumerate(scenario.rooms):
        held = float(np.sum((left - visits["entered"])[visits["room"] == number]))
        if _differ(_integral(counts, log, f"room:{room}:occupied", f"room:{room}:blocked"), held):
            yield f"Little's law for {room}"


def _places(scenario: Scenario, counts: Counts) -> Iterator[str]:
    for name, room in scenario.rooms.items():
        taken = [f"room:{name}:{state}" for state in ("occupied", "blocked", "cleaning")]
        if found := _outside(counts.total(taken), 0, room.places):
            lowest, highest = found
            yield f"{name} has {room.places} places, but {lowest:g} to {highest:g} were taken"


def _staff(scenario: Scenario, log: Log, counts: Counts) -> Iterator[str]:
    for number, role in enumerate(scenario.staff.roles if scenario.staff else ()):
        duties = [f"role:{role}:{duty.name.lower()}" for duty in Duty]
        at_work = [f"role:{role}:on_duty", f"role:{role}:overtime"]
        if _outside(counts.total(duties, at_work), -np.inf, 0):
            yield f"more {role}s busy than at work"
        mine = log.people["role"] == number
        worked = sum(float(log.people[duty.name.lower()][mine].sum()) for duty in Duty)
        if _differ(_integral(counts, log, *duties), worked):
            yield f"busy minutes of {role}s and of their tasks"
