"""The compiled pass over the visits, which adds up in one go whatever is asked of them.

It makes no use of what Numba has for searching arrays and the like: to read kept machine code that
does, Numba imports what it needs to compile it, 0.2 seconds of every run.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.kept import inlined, kept, part
from sim.log import Outcome
from sim.measures.histogram import TICKS
from sim.measures.steps import HOUR, HOURS, Floats, Integers
from sim.measures.walk import QUARTER, QUARTERS

NUMBER, KNOWN, WAITED, CHECKED_IN, CHECK_IN_WAIT, JOINED, PLACE_WAIT = range(7)
"""Of visits alike: how many there are; of how many the wait is known, and its sum; how many had a
check-in, and from coming in to its start; how many got from the queue to a place, and how long that
took; minutes. No wait has minutes at the door in it."""
STAYED, IN_PLACE, LEFT, ON_SITE, AT_DOOR, WITHIN = range(7, 13)
"""How many left a place, and how long they had been there; how many left the site, and how long
they had been there; minutes at the door before the opening; and, from here on, how many waited no
longer than each of the limits."""
DURATIONS = (KNOWN, CHECKED_IN, JOINED, STAYED, LEFT)
"""After each of these stands the sum."""

WHILE_OPEN, CROWD, FROM_DOOR, GAVE_UP = range(4)
"""How a visit came: while the site was open, or closed for good; with the crowd, at the very moment
of a day's first opening; before the opening, waiting at the door for it; the same, but gave up
there before it."""
WAYS = 4

INSIDE, QUEUEING = range(2)
"""Minutes inside, and in the queue for a place, of all visits."""
UNKNOWN, NOT_GONE, WITHOUT_PLACE = range(3)
"""Visits of a kind, room or outcome that there is not; visits that left and are inside, or the
reverse; visits that were served without a place. After one of the first no more are sorted."""

SHORT = 120 * TICKS
"""Waits below two hours are counted by length."""
OUTCOMES = len(Outcome)
_SERVED, _INSIDE = int(Outcome.SERVED), int(Outcome.INSIDE_AT_END)
_RENEGED = int(Outcome.RENEGED)
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


class Counted(NamedTuple):
    """What is counted, in minutes."""

    kinds: int
    rooms: int
    rows: Integers
    """Where the visits begin that come before the days counted, on each of them, and after them;
    and where those end."""
    start: float
    """Where the days begin."""
    first_hour: int
    """Hour of the week that begins there."""
    end: float
    """Of the log."""
    limits: Floats
    """In order, less than two hours; then infinity."""
    below: NDArray[np.uint8]
    """How many limits are below all waits that are counted as one of the SHORT lengths."""
    closings: Floats
    """When the site closes within these days, in order; then infinity."""
    ways: int
    """WAYS, or 1 at a site to which everybody comes in the first of them."""
    opens: Floats
    """When the site opens, in order; then infinity."""
    crowd: Floats
    """Of each of these days when its crowd comes; NaN for none."""


class Alike(NamedTuple):
    """The visits of the days counted, sorted: those of a sort are alike in class and hour."""

    sort: NDArray[np.int32]
    """Of each visit the number of its sort."""
    place: NDArray[np.int32]
    """(classes, HOURS): 1 + the number of each sort, 0 for those that do not occur."""
    occurs: NDArray[np.bool_]
    """Whether there is any visit of a class."""
    codes: Integers
    """Of each sort HOURS × the number of its class + its hour of the week."""
    sums: Floats
    """(sorts, columns): NUMBER and so on."""
    short: NDArray[np.int32]
    """(classes, SHORT): how many waits there are of each length, for classes that occur."""
    long: Integers
    """The visits whose wait is unknown or of no such length."""
    arrived: Integers
    """(kinds, HOURS): how many more arrived in an hour of the week than belong to it. A visit that
    waited at the door belongs to the hour of the opening."""
    found: Integers
    """How many sorts there are, and how many such visits."""


class Days(NamedTuple):
    """The days counted."""

    arrivals: Integers
    """By quarter-hour."""
    queued: Floats
    """Minutes, by day of arrival."""


class Stays(NamedTuple):
    """What the visits say that the counts over time must say too, in minutes; and their faults."""

    minutes: Floats
    """INSIDE and QUEUEING."""
    held: Floats
    """In a place, by room."""
    faults: Integers
    """UNKNOWN and so on."""


class Closings(NamedTuple):
    """What is left to do at each closing; and, at the end, of what comes after the last one."""

    last_out: Floats
    """When the last of those was out who came since the closing before."""
    inside: Floats
    """People inside."""


@inlined
def _known(minutes: float) -> float:
    """A duration; 0 if it is unknown."""
    return 0.0 if np.isnan(minutes) else minutes


@part
def _add_stays(stamps: Stamps, counted: Counted, first: int, after: int, stays: Stays) -> None:
    """Add up how long visitors were inside, in the queue and in places, to the log's end."""
    inside = queueing = 0.0
    unknown = not_gone = without_place = 0
    for visit in range(np.uint64(first), np.uint64(after)):
        out, entered, left = stamps.out[visit], stamps.entered[visit], stamps.left[visit]
        until = counted.end if np.isnan(out) else out
        inside += _known(until - stamps.let_in[visit])
        queueing += _known((until if np.isnan(entered) else entered) - stamps.joined[visit])
        kind, room, outcome = stamps.kind[visit], stamps.room[visit], stamps.outcome[visit]
        if 0 <= room < counted.rooms:
            stays.held[int(room)] += (counted.end if np.isnan(left) else left) - entered
        is_known = 0 <= kind < counted.kinds and -1 <= room < counted.rooms
        unknown += not (is_known and 0 <= outcome < OUTCOMES)
        not_gone += np.isnan(out) != (outcome == _INSIDE)
        without_place += outcome == _SERVED and np.isnan(entered)
    stays.minutes[INSIDE] += inside
    stays.minutes[QUEUEING] += queueing
    stays.faults[UNKNOWN] += unknown
    stays.faults[NOT_GONE] += not_gone
    stays.faults[WITHOUT_PLACE] += without_place


@part
def _add_closings(
    stamps: Stamps, counted: Counted, first: int, after: int, closing: int, closings: Closings
) -> int:
    """Add what is left to do at closings, from one of them on, and say which is the next."""
    times = counted.closings
    for visit in range(np.uint64(first), np.uint64(after)):
        while times[closing] <= stamps.arrival[visit]:
            closing += 1
        if stamps.outcome[visit] not in (_CLOSED, _NO_SPACE, _BALKED):
            out = counted.end if np.isnan(stamps.out[visit]) else stamps.out[visit]
            closings.last_out[closing] = max(closings.last_out[closing], out)
            later = closing
            while times[later] < out:
                closings.inside[later] += 1
                later += 1
    return closing


@inlined
def _add(sums: Floats, place: int, minutes: float) -> None:
    """Add up a duration if it is known, or else count it."""
    if np.isnan(minutes):
        sums[place] += 1
    else:
        sums[place + 1] += minutes


@part
def _new_sort(alike: Alike, of_class: int, hour: int) -> int:
    """A sort of which there was no visit before."""
    if not alike.occurs[of_class]:
        alike.occurs[of_class], alike.short[of_class] = True, 0
    new = int(alike.found[0])
    alike.found[0] += 1
    alike.place[of_class, hour], alike.codes[new] = new + 1, of_class * HOURS + hour
    alike.sums[new] = 0
    return new


@part
def _opening_after(opens: Floats, time: float) -> float:
    """The first opening after a time; if there is none, the time."""
    first, after = 0, len(opens)
    while first < after:
        middle = (first + after) >> 1
        if opens[middle] <= time:
            first = middle + 1
        else:
            after = middle
    return time if first == len(opens) or np.isinf(opens[first]) else opens[first]


@part
def _hour_of(time: float, counted: Counted) -> int:
    """The hour of the week in which a time falls."""
    return int((np.floor((time - counted.start) / HOUR) + counted.first_hour) % HOURS)


@part
def _come(
    stamps: Stamps, counted: Counted, visit: int, crowd: float, hour: int
) -> tuple[int, int, float]:
    """How someone came, the hour of the week to which that belongs, and when they left the door.

    Args:
        stamps: all visits.
        counted: with when the site opens.
        visit: who it is.
        crowd: when the crowd of that day comes.
        hour: of the arrival.
    """
    row = np.uint64(visit)
    arrival, let_in, out = stamps.arrival[row], stamps.let_in[row], stamps.out[row]
    if let_in > arrival:
        return FROM_DOOR, _hour_of(let_in, counted), let_in
    if np.isnan(let_in) and out > arrival:
        if stamps.outcome[row] == _RENEGED:
            return GAVE_UP, _hour_of(_opening_after(counted.opens, arrival), counted), out
        return FROM_DOOR, _hour_of(out, counted), out
    return CROWD if arrival == crowd else WHILE_OPEN, hour, arrival


@inlined
def _add_length(
    alike: Alike, counted: Counted, of_class: int, place: int, waited: float, sums: Floats
) -> None:
    """Count a wait by its length, and by the first of the limits that it does not exceed."""
    length = np.rint(waited * TICKS)
    below = 0
    if 0 <= length < SHORT:
        alike.short[np.uint64(of_class), np.uint64(length)] += 1
        below = counted.below[np.uint64(length)]
    else:
        alike.long[alike.found[1]] = place
        alike.found[1] += 1
        if np.isnan(waited):
            below = len(counted.limits) - 1
    while waited > counted.limits[np.uint64(below)]:
        below += 1
    sums[np.uint64(WITHIN + below)] += 1


@part
def _add_alike(stamps: Stamps, counted: Counted, day: int, alike: Alike, days: Days) -> None:
    """Sort the visits of a day and add them up."""
    visit, after, queued = counted.rows[day + 1], counted.rows[day + 2], 0.0
    before = counted.rows[1]
    for quarter in range(day * QUARTERS, (day + 1) * QUARTERS):
        border = counted.start + QUARTER * (quarter + 1)
        hour = (quarter // (HOUR // QUARTER) + counted.first_hour) % HOURS
        begun = visit
        while visit < after and stamps.arrival[visit] < border:
            row = np.uint64(visit)
            outcome = int(stamps.outcome[row])
            kind, arrival = int(stamps.kind[row]), stamps.arrival[row]
            way, belongs, came = WHILE_OPEN, hour, arrival
            if counted.ways > 1:
                way, belongs, came = _come(stamps, counted, visit, counted.crowd[day], hour)
                alike.arrived[kind, hour] += 1
                alike.arrived[kind, belongs] -= 1
            of_kind = way * counted.kinds + kind
            part_of = of_kind * (counted.rooms + 1) + int(stamps.room[row]) + 1
            of_class = part_of * OUTCOMES + outcome
            one = alike.place[np.uint64(of_class), np.uint64(belongs)] - 1
            if one < 0:
                one = _new_sort(alike, of_class, belongs)
            alike.sort[np.uint64(visit - before)] = one
            sums, waited = alike.sums[np.uint64(one)], stamps.waited[row]
            entered = stamps.entered[row]
            _add(sums, KNOWN, waited)
            _add(sums, CHECKED_IN, stamps.check_in_start[row] - came)
            _add(sums, JOINED, entered - stamps.joined[row])
            _add(sums, STAYED, stamps.left[row] - entered)
            _add(sums, LEFT, stamps.out[row] - arrival)
            sums[np.uint64(AT_DOOR)] += came - arrival
            if outcome != _CLOSED:
                queued += _known(waited)
            _add_length(alike, counted, of_class, visit - before, waited, sums)
            visit += 1
        days.arrivals[quarter] = visit - begun
    days.queued[day] = queued


@kept
def go_through(stamps: Stamps, counted: Counted) -> tuple[Alike, Days, Stays, Closings]:
    """Add up the visits.

    Args:
        stamps: all visits, in order of arrival.
        counted: what is counted of them.
    """
    rows, days = counted.rows, len(counted.rows) - 3
    number = rows[days + 1] - rows[1]
    classes = counted.ways * counted.kinds * (counted.rooms + 1) * OUTCOMES
    most = min(number, classes * HOURS)
    alike = Alike(
        sort=np.empty(number, dtype=np.int32),
        place=np.zeros((classes, HOURS), dtype=np.int32),
        occurs=np.zeros(classes, dtype=np.bool_),
        codes=np.empty(most, dtype=np.int64),
        sums=np.empty((most, WITHIN + len(counted.limits))),
        short=np.empty((classes, SHORT), dtype=np.int32),
        long=np.empty(number, dtype=np.int64),
        arrived=np.zeros((counted.kinds, HOURS), dtype=np.int64),
        found=np.zeros(2, dtype=np.int64),
    )
    by_day = Days(np.zeros(days * QUARTERS, dtype=np.int64), np.zeros(days))
    stays = Stays(np.zeros(2), np.zeros(counted.rooms), np.zeros(3, dtype=np.int64))
    times = len(counted.closings)
    closings = Closings(np.zeros(times), np.zeros(times))
    closing = 0
    # Day by day: what one of them has read is still at hand for the next.
    for day in range(-1, days + 1):
        first, after = rows[day + 1], rows[day + 2]
        _add_stays(stamps, counted, first, after, stays)
        closing = _add_closings(stamps, counted, first, after, closing, closings)
        if 0 <= day < days and not stays.faults[UNKNOWN]:
            _add_alike(stamps, counted, day, alike, by_day)
    return alike, by_day, stays, closings
