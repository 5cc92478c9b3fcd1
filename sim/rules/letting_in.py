"""When a facility takes in people of a kind: what those who know its hours go by."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.rules.numbered import numbered
from sim.rules.timetable import Timetable
from sim.scenario.model.scenario import Scenario

Intervals = NDArray[np.float64]
"""(n, 2): from when until when, half-open, apart and in order."""


def letting_in(scenario: Scenario, hours: Timetable) -> tuple[Intervals, ...]:
    """By kind of visit, when somebody who comes is not refused as closed.

    From opening, or as long before it as people may wait at the door, until last entry, or until
    the last room that will do closes for the day. A room that opens later will do.

    Args:
        scenario: the site.
        hours: its timetable in this replication.
    """
    site = np.array(hours.spans, dtype=np.float64).reshape(-1, 2)
    rooms = [np.array(spans, dtype=np.float64).reshape(-1, 2) for spans in hours.room_spans]
    rules = numbered(scenario)
    found, known = [], dict[_Asked, Intervals]()
    for of_kind, books in zip(rules.kinds, rules.booked, strict=True):
        asked = _Asked(of_kind, scenario.opening.wait_at_door, scenario.opening.last_entry)
        if books is not None:
            booked = list(scenario.services.values())[books].appointments
            assert booked is not None  # what makes it a kind that books
            asked = _Asked(of_kind, max(asked.wait, booked.early), 0.0)
        if asked not in known:
            known[asked] = _intervals(site, rooms, asked)
        found.append(known[asked])
    return tuple(found)


@dataclass(frozen=True)
class _Asked:
    """What decides when a kind is let in."""

    rooms: tuple[int, ...]
    """That will do; of those who come for a service only none."""
    wait: float
    """Minutes for which they may wait at the door."""
    last_entry: float
    """Minutes before closing."""


def _intervals(site: Intervals, rooms: list[Intervals], asked: _Asked) -> Intervals:
    opens, closes = site.T
    until = closes - asked.last_entry
    if asked.rooms:
        # Until the last of the rooms opens it is worth waiting, and then one of them is open until
        # the last of them closes.
        ends = np.full(len(site), -np.inf)
        for room in asked.rooms:
            span = np.searchsorted(opens, rooms[room][:, 0], side="right") - 1
            np.maximum.at(ends, span, rooms[room][:, 1])
        until = np.minimum(until, ends)
    since = np.maximum(opens - asked.wait, np.concatenate([[-np.inf], closes])[:-1])
    return np.ascontiguousarray(np.stack([since, until], axis=1)[until > opens])
