"""When a facility takes in people of a kind: what those who know its hours go by."""

from dataclasses import dataclass

import numpy as np

from sim.rules.numbered import numbered
from sim.rules.timetable import Timetable
from sim.scenario.derived.entering import Intervals, door_intervals
from sim.scenario.model.scenario import Scenario


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
            own = [rooms[room] for room in asked.rooms]
            known[asked] = door_intervals(site, own, asked.wait, asked.last_entry)
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
