"""What a row of a table is, and the rows of the site, its agenda, its state and its columns.

A class says what is in a row. The tables, on which the compiled loop works as facility/ does on
objects, are NumPy arrays of records with the same fields. The site has one row. `NONE`, -1, stands
for no row.
"""

from functools import cache
from typing import Any, get_type_hints

import numpy as np
from numpy.typing import NDArray

Address = int
"""Where a table lies in memory."""
Table = NDArray[Any]


def rows_of(row: type, whole: type[np.number[Any]] = np.int64) -> np.dtype[Any]:
    """The NumPy type of a row, made from its class; its whole numbers may be shorter ones."""
    kinds = {int: whole, float: np.float64, bool: np.bool_}
    fields = [(name, kinds[hint]) for name, hint in get_type_hints(row).items()]
    return np.dtype(fields, align=True)


@cache
def _usual_rows_of(row: type) -> np.dtype[Any]:
    return rows_of(row)


def new_table(row: type, count: int) -> Table:
    """A table of so many rows, all 0."""
    return np.zeros(count, _usual_rows_of(row))


class Event:
    """An event on the agenda."""

    time: float
    order: int
    """Rank, number and step: what comes first at one instant, and what is to happen."""
    token: int
    """Tells an outdated event from the real one."""


class CalendarChange:
    """A change that the calendar brings: what it is, and of which room, person or break."""

    time: float
    what: int
    number: int


class Queue:
    """The two ends of a queue."""

    first: int
    last: int


class Cell:
    """A time, or minutes."""

    value: float


class Whole:
    """A whole number."""

    value: int


class Flag:
    """Whether something is so."""

    value: bool


class Count:
    """A count of the site's state."""

    value: int
    logged: int


class Site:
    """One facility in one replication."""

    # The clock, the calendar, the agenda.
    now: float
    horizon: float
    last: float
    """The latest time for which anything was planned."""
    end: float
    calendar: Address
    calendar_count: int
    calendar_next: int
    events: Address
    events_room: int
    event_count: int
    newcomer: int
    """Who has joined a line in this event, and may need a timer of patience after it."""
    full: bool
    """A table was too small; the run is worth nothing."""

    # What has become possible, and is to be looked at after the event.
    stirred_tasks: bool
    stirred_queue: bool
    stirred_counts: bool
    stirred_cover: bool

    # The state and its log.
    counts: Address
    series: int
    touched: Address
    """The series that this event has touched, as bits."""
    touched_words: int
    change_time: Address
    change_series: Address
    change_value: Address
    change_count: int
    change_room: int

    # The visitors: columns that chance has drawn.
    visits_count: int
    """How many may come; also how long the columns of the visits in the log are."""
    visits_arrived: int
    drawn_count: int
    """How long the columns are, a row for each who may come; but for `arrival` and `balk`."""
    arrival: Address
    """Of a site by itself; of several the system says who arrives."""
    kind: Address
    client: Address
    check_in: Address
    patience: Address
    balk: Address
    balks_count: int
    stay: Address
    cleaning: Address
    switch_after: Address
    aftercare: Address
    service: Address
    service_patience: Address
    appointment: Address
    stay_task_times: Address
    stay_task_first: Address
    stay_task_after: Address
    stay_task_minutes: Address
    onset: Address
    severity: Address
    intensive: Address
    observation: Address
    ambulance: Address

    # The visits.
    visits: Address
    ring: int
    """Rows for visits under way, a power of two: those to come take the rows of those gone."""
    ring_mask: int
    visits_first: int
    visits_last: int
    gone: int
    """Who has left last; whoever left before is behind in the row of the visit."""
    marks: Address
    """The whole numbers of the visits in the log, and their times."""
    stamps: Address
    service_times: Address
    accepted: Address
    accepted_width: int
    kinds: Address
    kinds_count: int
    lists: Address
    lists_count: int
    role_lists: Address
    role_lists_count: int

    # The door.
    is_open: bool
    closes: float
    last_entry: float
    wait_at_door: float
    serves_queue: bool
    stops: bool
    area: int
    spans_open: Address
    spans_close: Address
    spans_count: int
    room_opens: Address
    room_opens_count: int

    # Rooms.
    rooms: Address
    rooms_count: int
    all_places: int
    free_places: Address
    failed_places: Address
    """Of each place the row of its outage, also before it goes out of order; NONE of others."""
    sizes: Address
    sizes_count: int
    failure_room: Address
    failure_repair: Address
    failures_count: int
    outages: Address
    outages_room: int
    outages_count: int
    rules: Address
    rules_count: int

    # Services and aftercare.
    has_check_in: bool
    duty_roles: Address
    """By duty."""
    desks: int
    at_desks: int
    services: Address
    services_count: int
    stay_tasks: Address
    stay_tasks_count: int
    dues: Address
    """Of each visit under way, its tasks during the stay."""
    dues_count: int
    stay_task_stamps: Address
    """Of each time of each task during a stay, when it was asked for, began and ended."""
    stay_tasks_drawn: int
    """How many of these there may be."""
    aftercare_seats: int
    aftercare_waits_in_place: bool

    # Staff.
    tasks: Address
    tasks_count: int
    tasks_mask: int
    queues: Address
    queues_count: int
    tasks_tickets: int
    gathers: int
    """The task for which people are held until it has all that it takes."""
    chosen: Address
    """Who is found for each seat of a task that takes several."""
    chosen_count: int
    people: Address
    people_count: int
    here: Address
    here_count: int
    idle: Address
    """By role, the line of those who are free."""
    roles_count: int
    busy: Address
    end_of_shift: int
    stay_until_empty: bool
    closing_down: bool
    """It is closed, and staff stay until nobody is inside."""
    stayers: int
    """How many are on duty after their shift."""
    there: Address
    """By role, those on duty and not on a break; worked out when it is asked who can be spared."""
    begin_late: bool
    choosy: bool
    """Not everyone who is free may begin every task."""
    breaks_first: bool
    breaks: Address
    breaks_count: int
    due: Address
    due_count: int

    # Overdoses.
    responding: Address
    responding_any: bool
    preempts: bool
    full_team: bool
    severities: Address
    severities_count: int
    parts: Address
    parts_count: int
    seats: Address
    seats_count: int
    responses: Address
    responses_room: int
    responses_count: int
    members: Address
    members_room: int
    members_width: int
    gathering: Address
    gathering_count: int
