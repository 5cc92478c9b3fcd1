"""What happened in one replication: facts only, as columns. Written by an engine, read by measures.

Times are minutes after midnight of the first day; a time that never came is NaN.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.scenario.model.scenario import Scenario

Types = Mapping[str, type[np.generic]]
"""The columns of a table by name, and what is in each."""
Columns = Mapping[str, NDArray[Any]]
Changes = tuple[NDArray[np.float64], NDArray[np.float64]]
"""Times, in order, and the values that hold from then on."""


class Outcome(IntEnum):
    """How a visit ended; every visit has exactly one."""

    SERVED = 0
    """Used a place (an overdose there or later does not change it)."""
    RENEGED = 1
    """Patience ran out in the queue."""
    BALKED = 2
    """Turned round at the door on seeing the queue, or no free place."""
    NO_SPACE = 3
    """Refused: the waiting area was full."""
    CLOSED = 4
    """Came outside opening hours or after last call."""
    DISMISSED_AT_CLOSE = 5
    """Still waiting at closing and sent away."""
    CUT_SHORT = 6
    """In a place or at a service at closing, and made to leave before it was over."""
    SERVICE_ONLY = 7
    """Came for a service only, and left after it."""
    INSIDE_AT_END = 8
    """Still on site when the horizon ended (only at a site that is open then)."""


class Where(IntEnum):
    """Where an overdose began."""

    NONE = -1
    """No overdose."""
    PLACE = 0
    """In the place."""
    AFTERCARE = 1
    """Elsewhere on site after the stay: in aftercare, or at a service."""
    OFF_SITE = 2
    """After leaving: counted, not responded to."""


class NeedOutcome(IntEnum):
    """How a need ended, in a system of facilities or at a site to which people come back."""

    FIRST_WISH = 0
    """Met at the facility wished first, without coming back."""
    ELSEWHERE = 1
    """Met at another one, without coming back."""
    CAME_BACK = 2
    """Met after coming back."""
    UNMET = 3
    """Given up after the last attempt."""
    CLOSED_EVERYWHERE = 4
    """Nothing was open when it arose."""
    CUT_SHORT = 5
    """In a place or at a service at closing, and made to leave before it was over."""
    INSIDE_AT_END = 6
    """Still in a facility when the horizon ended."""
    ON_THE_WAY_AT_END = 7
    """Walking, or to come back, when the horizon ended."""


class Way(IntEnum):
    """How somebody came to a door."""

    FIRST = 0
    DIVERTED = 1
    """From another facility, at which they got nothing."""
    RETURNED = 2
    """Came back later."""


class Duty(IntEnum):
    """What staff do, most urgent first."""

    RESPOND = 0
    CHECK_IN = 1
    SERVICE = 2
    STAY_TASK = 3
    """What somebody in a place waits for, behind those who wait for anything in line."""
    CLEAN = 4


TIME = np.float64
"""Minutes after midnight of the first day, or minutes; NaN for what never came."""
WHOLE = np.int64
FLAG = np.bool_

VISIT_COLUMNS: Types = {
    "kind": WHOLE,  # index into the scenario's visit kinds
    "client": WHOLE,  # who it is; -1 when the scenario has no clients
    "arrival": TIME,
    "outcome": WHOLE,  # an Outcome
    "let_in": TIME,  # through the door, after waiting there for the opening if they came before it;
    # NaN for those turned away at the door or who gave up there
    "check_in_start": TIME,
    "check_in_end": TIME,
    "joined": TIME,  # the queue for a place
    "switched": TIME,  # accepted another room as well, in the queue
    "entered": TIME,  # the place
    "room": WHOLE,  # index into the scenario's rooms; -1 if no place was entered
    "place": WHOLE,  # number of the place within the room, from 0; -1
    "left": TIME,  # the place
    "aftercare_start": TIME,
    "aftercare_end": TIME,
    "out": TIME,  # left the site; of those never let in when they left the door; NaN if inside at
    # end
    "waited": TIME,  # minutes queueing inside: for check-in, services before the stay and a place
    "overdose": WHOLE,  # a Where
}
"""One row a visit, in order of arrival."""

RESPONSE_COLUMNS: Types = {
    "visit": WHOLE,
    "where": WHOLE,  # a Where
    "room": WHOLE,  # index; -1 when not in a place
    "severity": WHOLE,  # index into the scenario's severities
    "onset": TIME,
    "first": TIME,  # arrival of the first responder
    "team": TIME,  # arrival of the last of the team
    "stable": TIME,  # end of the intensive phase
    "end": TIME,  # end of observation, or the ambulance's departure
    "others": WHOLE,  # overdose responses already under way at onset
    "interrupted": WHOLE,  # tasks that staff left for it
}
"""One row an overdose, in order of onset; off site all stamps after onset are NaN."""

STAY_TASK_COLUMNS: Types = {
    "visit": WHOLE,
    "task": WHOLE,  # index into the scenario's tasks during the stay
    "time": WHOLE,  # 0 for the first time in the stay, 1 for when it came again …
    "asked": TIME,
    "start": TIME,  # NaN if it never began
    "end": TIME,  # NaN if it was not done
}
"""One row a task during a stay that was asked for, in order of task, visit and time."""

PERSON_COLUMNS: Types = {
    "role": WHOLE,  # index into the scenario's roles
    "line": WHOLE,  # index into the rota
    "member": WHOLE,  # 0, 1 … of the line's count
    "start": TIME,
    "end": TIME,  # rostered
    "absent": FLAG,  # the shift went unfilled
    "left": TIME,  # end of work; after `end` when a task had to be finished
    **{duty.name.lower(): TIME for duty in Duty},  # minutes of work, overtime included
    "breaks_due": WHOLE,
    "breaks_deferred": WHOLE,  # begun after their window
    "breaks_missed": WHOLE,
    "break_minutes": TIME,
    "longest_stretch": TIME,  # longest time without a break, minutes; NaN of a shift that goes on
    # into the same person's next one, with which it is told
}
"""One row a person and shift, in order of start, rota line, member."""

BOOKING_COLUMNS: Types = {
    "kind": WHOLE,  # index into the scenario's visit kinds
    "time": TIME,  # of the appointment
    "visit": WHOLE,  # row of the visit; -1 of those who did not come
}
"""One row an appointment, by kind; nobody is booked at most sites."""

OUTAGE_COLUMNS: Types = {
    "room": WHOLE,  # index into the scenario's rooms
    "place": WHOLE,  # number of the place within the room
    "failed": TIME,  # when the failure came
    "out": TIME,  # out of order from then on: later if somebody was in it, or it was being cleaned
    "back": TIME,  # in order again; NaN of one that was not by the end
}
"""One row a place that fails, in order of the failures; of one failure in the order in which places
are chosen."""

NEED_COLUMNS: Types = {
    "kind": WHOLE,  # index into the system's kinds
    "client": WHOLE,  # who it is; -1 when there are no clients
    "arrival": TIME,  # when it arose
    "wish": WHOLE,  # facility wished first; -1 of a kind that none serves
    "outcome": WHOLE,  # a NeedOutcome
    "attempts": WHOLE,  # doors that were reached
    "returns": WHOLE,  # times that they came back to a door
    "facility": WHOLE,  # where it was met, or tried last; -1 if nowhere
    "visit": WHOLE,  # row among the visits there; -1
    "last": WHOLE,  # Outcome of that visit; -1
    "met": TIME,  # when a place was entered, or for a service only when the first one began; NaN
    "over": TIME,  # when it was met, or given up; NaN if neither by the end
}
"""One row a need, in order of time."""

ATTEMPT_COLUMNS: Types = {
    "need": WHOLE,  # row among the needs
    "number": WHOLE,  # of the attempt, from 0
    "facility": WHOLE,
    "visit": WHOLE,  # row among the visits there
    "way": WHOLE,  # a Way
    "come_from": WHOLE,  # facility that was left for this one; -1 unless diverted
    "set_out": TIME,  # when they chose this door
    "arrival": TIME,  # at the door
}
"""One row an attempt, in order of arrival, and then of need."""

CHANGE_TYPES: Mapping[str, type[np.number[Any]]] = {
    "time": TIME,
    "series": np.uint16,  # index into `series_names(scenario)`
    "value": np.int32,  # that holds from then on until the series' next row
}
"""One row a change of a count, in order of time; before its first row a series is 0. It is by far
the longest table, and has no room for more than it needs."""


def empty(types: Types) -> Columns:
    """A table without rows."""
    return {name: np.empty(0, dtype=kind) for name, kind in types.items()}


@dataclass(frozen=True, eq=False)
class Log:
    """One replication."""

    visits: Columns
    """VISIT_COLUMNS, each of length n."""
    service_asked: NDArray[np.float64]
    """(services, n): when each service was asked for; its wait ends with `service_start`."""
    service_start: NDArray[np.float64]
    """(services, n): when each service began."""
    service_end: NDArray[np.float64]
    """(services, n): when each service ended. It has no start where it was skipped then: nobody was
    on duty after closing who could give it."""
    stay_tasks: Columns
    """STAY_TASK_COLUMNS."""
    responses: Columns
    """RESPONSE_COLUMNS."""
    people: Columns
    """PERSON_COLUMNS."""
    changes: Columns
    """CHANGE_TYPES."""
    end: float
    """When the replication stopped: the horizon's end, or when the site was empty after it."""
    bookings: Columns = field(default_factory=lambda: empty(BOOKING_COLUMNS))
    """BOOKING_COLUMNS."""
    outages: Columns = field(default_factory=lambda: empty(OUTAGE_COLUMNS))
    """OUTAGE_COLUMNS."""

    @cached_property
    def by_series(self) -> tuple[Changes, ...]:
        """The changes of each series, up to the last one that changes at all."""
        series = self.changes["series"]  # of so few bits sorting is fastest
        order = np.argsort(series, kind="stable")
        ends = np.cumsum(np.bincount(series))[:-1]
        columns = (self.changes[name].take(order).astype(np.float64) for name in ("time", "value"))
        return tuple(zip(*(np.split(column, ends) for column in columns), strict=True))


@dataclass(frozen=True, eq=False)
class CityLog:
    """One replication of a system: a log of each facility, and who went where."""

    sites: tuple[Log, ...]
    """In the order of the facilities; a visit is an attempt."""
    needs: Columns
    """NEED_COLUMNS."""
    attempts: Columns
    """ATTEMPT_COLUMNS."""


ROOM_SERIES = (
    "open",
    "occupied",
    "blocked",
    "cleaning",
    "unusable",
    "none_usable",
    "paused",
    "waiting",
)
"""Per room: open places in its hours, and of these the places whose person is on their stay, is
blocking it (overdose, or waiting for aftercare), being cleaned, free but without staff to watch
them; 1 while places are free in open hours and none of them can be used for that; 1 while the room
is open and a supervision rule that covers it is unmet, places free or not; people waiting whose
first choice this is. A place that is out of order is not open, nor is one that is closed for the
day once nobody is in it and it is clean."""

OUT_OF_ORDER = "out_of_order"
"""Of a room whose places fail: places that are out of order, in its hours, of those that would be
open."""

ROLE_SERIES = (
    "on_duty",
    "present",
    *(duty.name.lower() for duty in Duty),
    "on_break",
    "overtime",
)
"""Per role: people rostered now, less those absent; on duty, not on a break nor responding; busy
by duty (overtime included); on a break; and at work after their shift's end, those who stay after
closing until nobody is inside among them: these are present, too."""

SITE_SERIES = (
    "open",
    "inside",
    "waiting_check_in",
    "waiting_place",
    "waiting_service",
    "aftercare",
    "responses",
    "nobody_free",
    "below_cover",
    "role_missing",
)
"""The site: 1 while open; people inside; people waiting; aftercare seats in use; overdose
responses under way; 1 while the site is open and nobody could go to an overdose; 1 while some room
is open with fewer staff present than the `minimum` of a supervision rule that covers it; 1 while
one is open with fewer of some role present than such a rule's `at_least`."""


def series_names(scenario: Scenario) -> tuple[str, ...]:
    """The series of a scenario's change log, such as `site:open` or `room:smoking:occupied`."""
    return (
        *(f"site:{name}" for name in SITE_SERIES),
        *(f"room:{room}:{name}" for room in scenario.rooms for name in ROOM_SERIES),
        *(
            f"role:{role}:{name}"
            for role in (scenario.staff.roles if scenario.staff else ())
            for name in ROLE_SERIES
        ),
        *(f"room:{name}:{OUT_OF_ORDER}" for name in failing_rooms(scenario)),
    )


def failing_rooms(scenario: Scenario) -> tuple[str, ...]:
    """Rooms whose places get out of order."""
    return tuple(name for name, room in scenario.rooms.items() if room.failures is not None)
