"""Laws that every replication obeys, checked at its end: a broken one is a fault of the program.

They tie the two halves of a log together, the visits and the counts over time, which an engine
writes independently: conservation of visits, Little's law (integral of the number present = sum
of the times present, exact over a whole run), no more people in a room than places, no more work
than people at work.
"""

from collections.abc import Iterator

import numpy as np

from sim.log import Duty, Log
from sim.measures.facts.changes import Series, series_of
from sim.measures.facts.visits import (
    INSIDE,
    NOT_GONE,
    QUEUEING,
    UNKNOWN,
    WITHOUT_PLACE,
    Stays,
    visit_sums,
)
from sim.scenario.model.scenario import Scenario

_ROUNDING = 1e-9
"""Sums of the same times in another order differ by no more than this share."""


class LawError(AssertionError):
    """A replication broke a law; its figures are not to be trusted."""


def check_laws(scenario: Scenario, log: Log) -> None:
    """Check the laws on a log.

    Raises:
        LawError: names every law that is broken.
    """
    if broken := list(broken_laws(scenario, log)):
        raise LawError("the simulation broke its own laws: " + "; ".join(broken))


def broken_laws(scenario: Scenario, log: Log) -> Iterator[str]:
    """The laws that a log breaks."""
    series, stays = series_of(scenario, log), visit_sums(scenario, log).stays
    yield from _conservation(stays)
    yield from _littles_law(scenario, stays, series)
    yield from _places(scenario, series)
    yield from _outages(log)
    yield from _staff(scenario, log, series)


def _differ(one: float, other: float) -> bool:
    return not abs(one - other) <= _ROUNDING * max(1.0, abs(one), abs(other))


def _conservation(stays: Stays) -> Iterator[str]:
    if unknown := stays.faults[UNKNOWN]:
        yield f"{unknown} visits without an outcome, or of no kind or room that there is"
    if stays.faults[NOT_GONE]:
        yield "visits that left and are inside, or the reverse"
    if stays.faults[WITHOUT_PLACE]:
        yield "visits served without a place"


def _littles_law(scenario: Scenario, stays: Stays, series: Series) -> Iterator[str]:
    if _differ(series.whole("site:inside"), float(stays.minutes[INSIDE])):
        yield "Little's law for the people inside"
    if _differ(series.whole("site:waiting_place"), float(stays.minutes[QUEUEING])):
        yield "Little's law for the queue for a place"
    for room, held in zip(scenario.rooms, stays.held, strict=True):
        if _differ(series.whole(f"room:{room}:occupied", f"room:{room}:blocked"), float(held)):
            yield f"Little's law for {room}"


def _places(scenario: Scenario, series: Series) -> Iterator[str]:
    for name, room in scenario.rooms.items():
        lowest, highest = series.bounds(f"room:{name}:taken")
        if lowest < 0 or highest > room.places:
            yield f"{name} has {room.places} places, but {lowest:g} to {highest:g} were taken"


def _outages(log: Log) -> Iterator[str]:
    """A place that fails is in order before, and nobody is in one that is out of order."""
    columns, visits = log.outages, log.visits
    for room, place in sorted(set(zip(columns["room"], columns["place"], strict=True))):
        mine = (columns["room"] == room) & (columns["place"] == place)
        failed, out, back = (columns[name][mine] for name in ("failed", "out", "back"))
        if (out < failed).any() or (back < out).any() or not (back[:-1] <= failed[1:]).all():
            yield f"place {place} of room {room} fails while it is out of order"
        here = (visits["room"] == room) & (visits["place"] == place)
        entered, left = (np.sort(visits[name][here]) for name in ("entered", "left"))
        # Who is in it has entered before it is back, and has not left when it goes out of order.
        before_back = np.searchsorted(entered, np.where(np.isnan(back), np.inf, back))
        if (before_back > np.searchsorted(left, out, side="right"))[~np.isnan(out)].any():
            yield f"place {place} of room {room} is used while it is out of order"


def _staff(scenario: Scenario, log: Log, series: Series) -> Iterator[str]:
    for number, role in enumerate(scenario.staff.roles if scenario.staff else ()):
        duties = [f"role:{role}:{duty.name.lower()}" for duty in Duty]
        _, overload = series.bounds(f"role:{role}:overload")
        if overload > 0:
            yield f"more {role}s busy than at work"
        mine = log.people["role"] == number
        worked = sum(float(log.people[duty.name.lower()][mine].sum()) for duty in Duty)
        if _differ(series.whole(*duties), worked):
            yield f"busy minutes of {role}s and of their tasks"
