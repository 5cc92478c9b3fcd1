"""What the visits of a replication add up to, found by one compiled loop over them.

It makes no use of what Numba has for searching arrays and the like: to read machine code that does,
Numba imports what it needs to compile it, 0.2 seconds of every run.
"""

from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.compiled import compiled, inlined, part
from sim.log import VISIT_COLUMNS, Columns, Log, Outcome, empty
from sim.measures.histogram import TICKS
from sim.measures.steps import (
    HOUR,
    HOURS,
    QUARTER,
    QUARTERS,
    SAME,
    Floats,
    Integers,
    closing_times,
    column,
    once_a_log,
    window_of,
)
from sim.scenario.derived.calendar import first_openings, site_spans
from sim.scenario.model.hours import DAY
from sim.scenario.model.scenario import Scenario

LIMITS = (0, 5, 10, 20, 30)
"""Minutes for which it is counted how many waits are longer."""

NUMBER, KNOWN, WAITED, CHECKED_IN, JOINED = 0, 1, 2, 3, 5
"""Of visits alike: how many there are; of how many the wait is known, and its sum; how many had a
check-in, and from coming in to its start; how many got from the queue to a place, and how long that
took; minutes. No wait has minutes at the door in it."""
STAYED, LEFT, DOOR_MINUTES, WITHIN = 7, 9, 11, 12
"""How many left a place, and how long they had been there; how many left the site, and how long
they had been there; minutes at the door before the opening; and, from here on, how many waited no
longer than each of the limits."""
DURATIONS = (KNOWN, CHECKED_IN, JOINED, STAYED, LEFT)
"""After each of these stands the sum."""
MINUTES = (*(known + 1 for known in DURATIONS), DOOR_MINUTES)
"""The sums that are minutes. All others are counts: whole numbers, which add up to the same in
whatever order."""

USUAL, CROWD, FROM_DOOR, GAVE_UP = range(4)
"""How a visit came: while the site was open, or closed for good; with the crowd, at the very moment
of a day's first opening; before the opening, waiting at the door for it; the same, but gave up
there before it."""
WAYS = 4

INSIDE, QUEUEING = range(2)
"""Minutes inside, and in the queue for a place, of all visits."""
UNKNOWN, NOT_GONE, WITHOUT_PLACE = range(3)
"""Visits of a kind, room or outcome that there is not; visits that left and are inside, or the
reverse; visits that were served without a place. After one of the first no more go into cells."""

SHORT = 120 * TICKS
"""Waits below two hours are counted by length."""
OUTCOMES = len(Outcome)
_SERVED, _INSIDE = int(Outcome.SERVED), int(Outcome.INSIDE_AT_END)
_RENEGED = int(Outcome.RENEGED)
_CLOSED, _NO_SPACE, _BALKED = int(Outcome.CLOSED), int(Outcome.NO_SPACE), int(Outcome.BALKED)


class Stamps(NamedTuple):
    """Columns of the visits."""

    arrival: Floats
    kind: Integers
    room: Integers
    outcome: Integers
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


class Cells(NamedTuple):
    """The visits of the days counted, in cells: those of a cell are alike in class and hour.

    A class is a way, kind, room and outcome.
    """

    of_visit: NDArray[np.int32]
    """Of each visit the number of its cell."""
    number: NDArray[np.int32]
    """(classes, HOURS): 1 + the number of each cell, 0 for those that do not occur."""
    occurs: NDArray[np.bool_]
    """Whether there is any visit of a class."""
    codes: Integers
    """Of each cell HOURS × the number of its class + its hour of the week."""
    sums: Floats
    """(cells, columns): NUMBER and so on."""
    short: NDArray[np.int32]
    """(classes, SHORT): how many waits there are of each length, for classes that occur."""
    long: Integers
    """The visits whose wait is unknown or of no such length."""
    arrived: Integers
    """(kinds, HOURS): how many more arrived in an hour of the week than belong to it. A visit that
    waited at the door belongs to the hour of the opening."""
    counts: Floats
    """(classes, columns): as `sums`, of all hours, but only what is counted."""
    found: Integers
    """How many cells there are, how many such visits, and the highest of the SHORT lengths."""


class ByDay(NamedTuple):
    """The days counted."""

    arrivals: NDArray[np.int32]
    """By quarter-hour."""
    queued: Floats
    """Minutes, by day of arrival."""
    visits: Integers
    """(days of arrival, whether they got a place, OUTCOMES): how many visits."""


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
            stays.held[room] += (counted.end if np.isnan(left) else left) - entered
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
def _new_cell(cells: Cells, of_class: int, hour: int) -> int:
    """A cell of which there was no visit before."""
    if not cells.occurs[of_class]:
        cells.occurs[of_class], cells.short[of_class] = True, 0
    new = int(cells.found[0])
    cells.found[0] += 1
    cells.number[of_class, hour], cells.codes[new] = new + 1, of_class * HOURS + hour
    cells.sums[new] = 0
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
    return CROWD if arrival == crowd else USUAL, hour, arrival


@inlined
def _add_length(
    cells: Cells, counted: Counted, of_class: int, place: int, waited: float, sums: Floats
) -> None:
    """Count a wait by its length, and by the first of the limits that it does not exceed."""
    length = np.rint(waited * TICKS)
    below = 0
    if 0 <= length < SHORT:
        cells.short[np.uint64(of_class), np.uint64(length)] += 1
        cells.found[2] = max(cells.found[2], int(length))
        below = counted.below[np.uint64(length)]
    else:
        cells.long[cells.found[1]] = place
        cells.found[1] += 1
        if np.isnan(waited):
            below = len(counted.limits) - 1
    while waited > counted.limits[np.uint64(below)]:
        below += 1
    sums[np.uint64(WITHIN + below)] += 1


@part
def _add_cells(stamps: Stamps, counted: Counted, day: int, cells: Cells, days: ByDay) -> None:
    """Add up the visits of a day, cell by cell."""
    visit, after, queued = counted.rows[day + 1], counted.rows[day + 2], 0.0
    before = counted.rows[1]
    for quarter in range(day * QUARTERS, (day + 1) * QUARTERS):
        border = counted.start + QUARTER * (quarter + 1)
        hour = (quarter // (HOUR // QUARTER) + counted.first_hour) % HOURS
        begun = visit
        while visit < after and stamps.arrival[visit] < border:
            row = np.uint64(visit)
            outcome, room = stamps.outcome[row], stamps.room[row]
            kind, arrival = stamps.kind[row], stamps.arrival[row]
            way, belongs, came = USUAL, hour, arrival
            if counted.ways > 1:
                way, belongs, came = _come(stamps, counted, visit, counted.crowd[day], hour)
                cells.arrived[kind, hour] += 1
                cells.arrived[kind, belongs] -= 1
            of_kind = way * counted.kinds + kind
            part_of = of_kind * (counted.rooms + 1) + room + 1
            of_class = part_of * OUTCOMES + outcome
            one = cells.number[np.uint64(of_class), np.uint64(belongs)] - 1
            if one < 0:
                one = _new_cell(cells, of_class, belongs)
            cells.of_visit[np.uint64(visit - before)] = one
            sums, waited = cells.sums[np.uint64(one)], stamps.waited[row]
            entered = stamps.entered[row]
            _add(sums, KNOWN, waited)
            _add(sums, CHECKED_IN, stamps.check_in_start[row] - came)
            _add(sums, JOINED, entered - stamps.joined[row])
            _add(sums, STAYED, stamps.left[row] - entered)
            _add(sums, LEFT, stamps.out[row] - arrival)
            sums[np.uint64(DOOR_MINUTES)] += came - arrival
            if outcome != _CLOSED:
                queued += _known(waited)
            days.visits[day, int(room >= 0), outcome] += 1
            _add_length(cells, counted, of_class, visit - before, waited, sums)
            visit += 1
        days.arrivals[quarter] = visit - begun
    days.queued[day] = queued


@part
def _close_cells(cells: Cells) -> None:
    """Put known durations in the place of unknown ones, and running counts; add up by class."""
    for one in range(cells.found[0]):
        sums, counts = cells.sums[one], cells.counts[cells.codes[one] // HOURS]
        for place in range(WITHIN + 1, len(sums)):
            sums[place] += sums[place - 1]
        sums[NUMBER] = sums[len(sums) - 1]
        for known in DURATIONS:
            sums[known] = sums[NUMBER] - sums[known]
        for place in range(len(sums)):
            counts[place] += sums[place]


@compiled
def add_up(stamps: Stamps, counted: Counted) -> tuple[Cells, ByDay, Stays, Closings]:
    """Add up the visits.

    Args:
        stamps: all visits, in order of arrival.
        counted: what is counted of them.
    """
    rows, days = counted.rows, len(counted.rows) - 3
    number = rows[days + 1] - rows[1]
    classes = counted.ways * counted.kinds * (counted.rooms + 1) * OUTCOMES
    most = min(number, classes * HOURS)
    cells = Cells(
        of_visit=np.empty(number, dtype=np.int32),
        number=np.zeros((classes, HOURS), dtype=np.int32),
        occurs=np.zeros(classes, dtype=np.bool_),
        codes=np.empty(most, dtype=np.int64),
        sums=np.empty((most, WITHIN + len(counted.limits))),
        short=np.empty((classes, SHORT), dtype=np.int32),
        long=np.empty(number, dtype=np.int64),
        arrived=np.zeros((counted.kinds, HOURS), dtype=np.int64),
        counts=np.zeros((classes, WITHIN + len(counted.limits))),
        found=np.zeros(3, dtype=np.int64),
    )
    by_day = ByDay(
        arrivals=np.zeros(days * QUARTERS, dtype=np.int32),
        queued=np.zeros(days),
        visits=np.zeros((days, 2, OUTCOMES), dtype=np.int64),
    )
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
            _add_cells(stamps, counted, day, cells, by_day)
    _close_cells(cells)
    return cells, by_day, stays, closings


def empty_visits() -> tuple[Stamps, Counted]:
    """Nothing to add up: of these types of arguments, and no others, the loop is compiled."""
    numbers, whole, none = np.empty(0), np.empty(0, dtype=np.int64), empty(VISIT_COLUMNS)
    return _stamps(none), Counted(
        kinds=0,
        rooms=0,
        rows=whole,
        start=0.0,
        first_hour=0,
        end=0.0,
        limits=numbers,
        below=np.empty(0, dtype=np.uint8),
        closings=numbers,
        ways=1,
        opens=numbers,
        crowd=numbers,
    )


@dataclass(frozen=True, eq=False)
class VisitSums:
    """What the visits of a replication add up to."""

    stamps: Stamps
    """All visits."""
    rows: slice
    """Those of the days counted."""
    cells: Cells
    """Only those that there are; columns as they are described above."""
    by_day: ByDay
    stays: Stays
    late: Floats
    """Minutes from each closing within the window until the last of those inside was out."""
    inside: Floats
    """People inside at each closing."""


@once_a_log
def visit_sums(scenario: Scenario, log: Log) -> VisitSums:
    """Add up the visits of a replication."""
    stamps = _stamps(log.visits)
    counted = _counted(scenario, stamps, float(log.end))
    cells, by_day, stays, closings = add_up(stamps, counted)
    last_out = np.maximum.accumulate(closings.last_out[:-1])
    return VisitSums(
        stamps=stamps,
        rows=slice(int(counted.rows[1]), int(counted.rows[-2])),
        cells=_found(cells),
        by_day=by_day,
        stays=stays,
        late=np.maximum(last_out - closing_times(scenario), 0.0),
        inside=closings.inside[:-1],
    )


def _stamps(visits: Columns) -> Stamps:
    return Stamps(*(column(visits[name], VISIT_COLUMNS[name]) for name in Stamps._fields))


def _counted(scenario: Scenario, stamps: Stamps, end: float) -> Counted:
    window = window_of(scenario)
    borders = np.arange(window.start, window.end + DAY / 2, DAY)
    begin = np.searchsorted(stamps.arrival, borders)
    limits, below = _limits()
    return Counted(
        kinds=len(scenario.visits),
        rooms=len(scenario.rooms),
        rows=np.array([0, *begin, len(stamps.arrival)], dtype=np.int64),
        start=float(window.start),
        first_hour=int(window.hour_of_week(borders)[0]),
        end=end,
        limits=limits,
        below=below,
        closings=np.append(closing_times(scenario), np.inf),
        ways=ways_of(scenario),
        opens=np.append([start for start, _ in site_spans(scenario)], np.inf),
        crowd=_crowds(scenario, borders[:-1]),
    )


def ways_of(scenario: Scenario) -> int:
    """In how many ways people may come to a site, see WAYS."""
    waits = scenario.opening.wait_at_door > 0
    return WAYS if waits or scenario.demand.crowd_at_opening > 0 else 1


def _crowds(scenario: Scenario, days: Floats) -> Floats:
    """When the crowd of each day comes: at its first opening, as it is drawn; NaN for none."""
    if scenario.demand.crowd_at_opening == 0:
        return np.full(len(days), np.nan)
    return first_openings(scenario)[(days // DAY).astype(np.intp)]


def _found(cells: Cells) -> Cells:
    """Only what was found."""
    number, longs = cells.found[:2]
    return cells._replace(
        codes=cells.codes[:number], sums=cells.sums[:number], long=cells.long[:longs]
    )


@cache
def _limits() -> tuple[Floats, np.ndarray[tuple[int], np.dtype[np.uint8]]]:
    limits = np.array([*(limit + SAME for limit in LIMITS), np.inf])
    shortest = (np.arange(SHORT) - 0.5) / TICKS
    return limits, np.searchsorted(limits, shortest).astype(np.uint8)
