"""Compiled passes over the visits, each adding up in one go what is asked of them."""

from typing import NamedTuple

import numpy as np

from sim.kept import kept
from sim.log import Log, Outcome
from sim.measures.compiled import column, inlined
from sim.measures.steps import HOUR, HOURS, Floats, Integers
from sim.scenario.hours import DAY

NUMBER, KNOWN, WAITED, CHECKED_IN, CHECK_IN_WAIT, JOINED, PLACE_WAIT = range(7)
"""Of visits alike: how many there are; of how many the wait is known, and its sum; how many had a
check-in, and from arrival to its start; how many got from the queue to a place, and how long that
took; minutes."""
STAYED, IN_PLACE, LEFT, ON_SITE, WITHIN = range(7, 12)
"""How many left a place, and how long they had been there; how many left the site, and how long
they had been there; and, from here on, how many waited no longer than each of the limits."""

_OUTCOMES = len(Outcome)
_SERVED, _INSIDE = int(Outcome.SERVED), int(Outcome.INSIDE_AT_END)
_CLOSED, _NO_SPACE, _BALKED = int(Outcome.CLOSED), int(Outcome.NO_SPACE), int(Outcome.BALKED)


class Stamps(NamedTuple):
    """Columns of the visits."""

    arrival: Floats
    kind: Floats
    room: Floats
    outcome: Floats
    let_in: Floats
    check_in_start: Floats
    joined: Floats
    entered: Floats
    left: Floats
    out: Floats
    waited: Floats


def stamps_of(log: Log, rows: slice = slice(None)) -> Stamps:
    """The columns of some of the visits as the passes take them."""
    return Stamps(*(column(log.visits[name][rows]) for name in Stamps._fields))


@kept
def sort_alike(stamps: Stamps, first_hour: int) -> tuple[Integers, Integers]:
    """Sort visits by kind, room, outcome and hour of the week.

    Args:
        stamps: the visits.
        first_hour: hour of the week that begins at minute 0.

    Returns:
        The number of its sort for each visit; and kind, room, outcome and hour for each sort.
    """
    number = len(stamps.arrival)
    most = np.zeros(3, dtype=np.int64)
    for visit in range(number):
        most[0] = max(most[0], int(stamps.kind[visit]))
        most[1] = max(most[1], int(stamps.room[visit]))
        most[2] = max(most[2], int(stamps.outcome[visit]))
    rooms, outcomes = most[1] + 2, most[2] + 1
    seen = np.full((most[0] + 1) * rooms * outcomes * HOURS, -1, dtype=np.int64)
    sort, codes = np.empty(number, dtype=np.int64), np.empty(min(number, len(seen)), dtype=np.int64)
    sorts = 0
    for visit in range(number):
        code = int(stamps.kind[visit]) * rooms + int(stamps.room[visit]) + 1
        hour = (int(np.floor(stamps.arrival[visit] / HOUR)) + first_hour) % HOURS
        code = (code * outcomes + int(stamps.outcome[visit])) * HOURS + hour
        if seen[code] < 0:
            seen[code] = sorts
            codes[sorts] = code
            sorts += 1
        sort[visit] = seen[code]
    found = np.empty((4, sorts), dtype=np.int64)
    for one in range(sorts):
        code = codes[one]
        found[3, one], code = code % HOURS, code // HOURS
        found[2, one], code = code % outcomes, code // outcomes
        found[1, one], found[0, one] = code % rooms - 1, code // rooms
    return sort, found


@inlined
def _add(found: Floats, one: int, place: int, minutes: float) -> None:
    """Count a duration and add it up, if it is known."""
    number, known = _known(minutes)
    found[one, place] += number
    found[one, place + 1] += known


@inlined
def _known(minutes: float) -> tuple[float, float]:
    """How often a duration counts, and how long it is: not at all if it is unknown."""
    return (0.0, 0.0) if np.isnan(minutes) else (1.0, minutes)


@kept
def add_up(stamps: Stamps, sort: Integers, sorts: int, limits: Floats) -> Floats:
    """Add up the visits of each sort: (sorts, WITHIN + limits), NUMBER and so on.

    Args:
        stamps: the visits.
        sort: number of the sort of each visit.
        sorts: how many sorts there are.
        limits: minutes.
    """
    found = np.zeros((sorts, WITHIN + len(limits)))
    for visit, one in enumerate(sort):
        arrival, entered = stamps.arrival[visit], stamps.entered[visit]
        found[one, NUMBER] += 1
        waited = stamps.waited[visit]
        if not np.isnan(waited):
            found[one, KNOWN] += 1
            found[one, WAITED] += waited
            for place, limit in enumerate(limits):
                found[one, WITHIN + place] += 1.0 if waited <= limit else 0.0
        _add(found, one, CHECKED_IN, stamps.check_in_start[visit] - arrival)
        _add(found, one, JOINED, entered - stamps.joined[visit])
        _add(found, one, STAYED, stamps.left[visit] - entered)
        _add(found, one, LEFT, stamps.out[visit] - arrival)
    return found


class Stays(NamedTuple):
    """What the visits say that the counts over time must say too, in minutes; and their faults."""

    inside: float
    """Minutes inside, of all visits."""
    queueing: float
    """Minutes in the queue for a place."""
    held: Floats
    """Minutes in a place, by room."""
    without_outcome: int
    not_gone: int
    """Visits that left and are inside, or the reverse."""
    without_place: int
    """Visits that were served without one."""


@kept
def add_up_stays(stamps: Stamps, rooms: int, end: float) -> Stays:
    """Add up how long the visitors were inside, in the queue and in places, to the log's end."""
    inside = queueing = 0.0
    held = np.zeros(rooms)
    without_outcome = not_gone = without_place = 0
    for visit, room in enumerate(stamps.room):
        out, entered, left = stamps.out[visit], stamps.entered[visit], stamps.left[visit]
        until = end if np.isnan(out) else out
        _, minutes = _known(until - stamps.let_in[visit])
        inside += minutes
        _, minutes = _known((until if np.isnan(entered) else entered) - stamps.joined[visit])
        queueing += minutes
        if 0 <= room < rooms:
            held[int(room)] += (end if np.isnan(left) else left) - entered
        outcome = stamps.outcome[visit]
        without_outcome += not (0 <= outcome < _OUTCOMES)
        not_gone += np.isnan(out) != (outcome == _INSIDE)
        without_place += outcome == _SERVED and np.isnan(entered)
    return Stays(inside, queueing, held, without_outcome, not_gone, without_place)


@inlined
def _whole(minutes: float, unit: int) -> int:
    """How many whole units there are in some minutes, 0 or more.

    A quotient just under a whole number may be rounded up to it; `//` avoids that too, but takes
    longer than all else that is done for a visit.
    """
    whole = int(minutes / unit)
    return whole - 1 if whole * unit > minutes else whole


@kept
def add_up_days(stamps: Stamps, start: float, days: int, quarter: int) -> tuple[Integers, Floats]:
    """Arrivals by quarter-hour and minutes queued by day, of the visits of whole days.

    Args:
        stamps: the visits, all of these days.
        start: where they begin; minutes.
        days: how many they are.
        quarter: minutes of a quarter-hour.
    """
    arrivals = np.zeros(days * DAY // quarter, dtype=np.int64)
    queued = np.zeros(days)
    for visit, arrival in enumerate(stamps.arrival):
        since = arrival - start
        arrivals[_whole(since, quarter)] += 1
        if stamps.outcome[visit] != _CLOSED:
            _, minutes = _known(stamps.waited[visit])
            queued[_whole(since, DAY)] += minutes
    return arrivals, queued


@kept
def add_up_closings(stamps: Stamps, closings: Floats, end: float) -> tuple[Floats, Floats]:
    """What is left to do at each closing.

    Args:
        stamps: all visits.
        closings: when the site closes, in order; minutes.
        end: of the log.

    Returns:
        Minutes until the last of those who had come was out; people inside.
    """
    late, inside = np.zeros(len(closings)), np.zeros(len(closings))
    last_out, closing = -np.inf, 0
    for visit, arrival in enumerate(stamps.arrival):
        while closing < len(closings) and closings[closing] <= arrival:
            late[closing] = max(last_out - closings[closing], 0.0)
            closing += 1
        outcome, out = stamps.outcome[visit], stamps.out[visit]
        if outcome in (_CLOSED, _NO_SPACE, _BALKED):
            continue
        out = end if np.isnan(out) else out
        last_out = max(last_out, out)
        after = closing
        while after < len(closings) and closings[after] < out:
            inside[after] += 1
            after += 1
    for rest in range(closing, len(closings)):
        late[rest] = max(last_out - closings[rest], 0.0)
    return late, inside
