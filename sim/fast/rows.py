"""The rows of the tables on which the compiled loop works: what facility/ keeps in objects.

A class says what is in a row; the tables themselves are NumPy arrays of records with the same
fields. The site has one row. `NONE`, -1, stands for no row.
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


class Kind:
    """A kind of visit. Its rooms and the room it may switch to go by position in `lists`."""

    first_room: int
    end_rooms: int
    priority: int
    balks: bool
    when_full: float
    per_person_ahead: float
    at_most: float
    above: int
    """NONE for no such limit."""
    switch: int
    books: int
    """The service for which they come by appointment; NONE for those who walk in."""


class Room:
    """A room and its places."""

    places: int
    first_place: int
    """Position of its places in the table of all places."""
    cleaners: int
    """Roles that clean it."""
    reach: float
    first_span: int
    end_spans: int
    first_rule: int
    end_rules: int
    takes_people: bool
    occupied: int
    """Places with a person in them, whether on their stay or blocking the place."""
    free: int
    """How many places are free, and not closed for the day."""
    lowest: int
    """No place with a lower number is free."""
    limit: int
    """Places with this number, or a higher one, are closed for the day."""
    closed: int
    """How many of those that would be free are."""
    in_hours: bool
    fails: int
    """How many places a failure puts out of order."""
    out: int
    """How many are out of order."""
    out_open: int
    """How many of these would be open."""
    out_series: int
    """The series that counts them; NONE where none fails."""
    wanted: int
    """How many in the queue accept it."""
    awaited: bool
    """After closing: somebody inside may still get a place of it."""


class Size:
    """How many places a room has from some instant on."""

    room: int
    places: int


class Outage:
    """A place that fails."""

    room: int
    place: int
    repair: float
    failed: float
    out: float
    """Since when it is out of order; NaN while it is in use."""
    back: float


class Rule:
    """A supervision rule."""

    roles: int
    minimum: int
    first_need: int
    end_needs: int
    """Pairs of a role and a number."""
    places_per_staff: float
    """NaN for no limit."""
    occupied: int
    """Places with a person in them, over the rooms of the rule."""
    watchable: int
    """How many people the staff present can watch; 0 if either of the next two is so."""
    short: bool
    """Fewer are present than the minimum."""
    role_missing: bool
    """Fewer of some role are present than are needed."""


class Service:
    """A service."""

    after: bool
    """After the stay, or before the queue for a place."""
    roles: int
    """Of the one member of staff that most take."""
    joint: bool
    """Whether it takes several at once: members of staff, or one of its own places."""
    first_seat: int
    end_seats: int
    first_part: int
    end_parts: int
    """Of the members of staff that it takes, in the table of seats."""
    holds: bool
    """Whether those found first are held until it has all that it takes."""
    places: int
    """Of its own; NONE for no limit."""
    taken: int
    turn: int
    """Where those who walk in stand in line: lower goes first."""
    booked_turn: int
    """Where those stand who are booked."""
    resumed_turn: int
    """Where somebody stands who was interrupted."""
    by_time: bool
    """Whether those who are booked go by their times."""
    early: float
    """How long before their time those who are booked mean to be there."""
    late_after: float
    """How late one may be and keep one's time; NEVER for however late."""
    seen_early: bool


class StayTask:
    """A task during the stay."""

    roles: int
    priority: int
    waits: bool
    """Whether the stay's clock stands still for it."""


class Due:
    """A task during the stay of a visit under way."""

    at: float
    """When it is to be asked for; NEVER if it does not come any more."""
    time: int
    """How often it has come before."""


class Severity:
    """A degree of overdose."""

    first_seat: int
    end_seats: int
    observers: int
    first_part: int
    end_parts: int


class Part:
    """Some of the members that a team needs: all those for whom no other roles will do."""

    roles: int
    number: int


class Seat:
    """A member of the team that a severity needs."""

    roles: int
    next: int
    """The seat of the team that is filled at this position: the pickiest first."""


class Person:
    """One shift of one member of staff; in the row of their first shift also the person.

    What the calendar and the log have is of each shift; what changes with the person, from `here`
    to `behind`, stands in the row of their first one. Somebody without a name has one shift only.
    """

    end: float
    role: int
    """Of the shift; in the row of the person, of the shift they are on, or were on last."""
    body: int
    """The row of the person."""
    day: int
    """Number of the first shift of the same working day."""
    goes_on: bool
    """Whether the person's next shift begins as this one ends."""
    until: float
    """End of the last of the shifts that go on into each other."""
    left: float
    break_minutes: float
    longest_stretch: float
    """Of shifts that go on into each other of the last one; NaN of the others."""
    here: bool
    """Whether they are at work, on shift or after it."""
    shift: int
    """The row of the shift they are on, or were on last."""
    order: int
    """Of people alike the lowest goes first: number of the first shift of the working day."""
    on_shift: bool
    stays: bool
    """Whether they are on duty after their shift, for those inside after closing."""
    free: bool
    """As counted in the role's number of free people."""
    shown: int
    """The series that count them now, as bits."""
    task: int
    """In hand; or for which they are held."""
    seat: int
    """The seat that they have in a task that takes several."""
    response: int
    on_break: int
    """The break they are on."""
    since: float
    """Start of the present work."""
    counted: float
    """Until when it is counted among the minutes of a shift."""
    idle_since: float
    rested: float
    """When they last came on duty or back from a break."""
    ahead: int
    behind: int
    """Their neighbours among those of the role who are free."""


class Break:
    """A break that a person is to have."""

    person: int
    """The row of the person."""
    shift: int
    """The row of the shift that it is of."""
    latest: float
    remaining: float
    minimum_left: int
    left_of: int
    """Roles of those who count for it; NONE for the person's own."""
    recallable: bool
    begun_late: bool
    since: float
    """When it began, or went on after a recall; NaN before."""
    ends: float
    """When it will end if it is not ended before."""


class Task:
    """A piece of routine work; every visit has a row for each duty."""

    duty: int
    roles: int
    """Roles that can do it, in the table of role lists."""
    joint: int
    """The service that takes several at once; NONE for all other tasks."""
    in_place: bool
    """Whether it has one of that service's own places."""
    turn: int
    """Where it stands among those of its duty that wait: lower goes first."""
    resumed_turn: int
    """The same once it has begun and was interrupted."""
    due: float
    """The time of the appointment by which it goes among those; 0 where none counts."""
    ticket: int
    """Order of asking; kept when interrupted, so that it returns to the head of its queue."""
    remaining: float
    since: float
    """Start of the present stint of work, or of the present wait for it."""
    waited: float
    person: int
    """Who does it; of one that takes several see what each person has in hand."""
    stint: int
    """How often work on it has started; tells an outdated end from the real one."""
    ahead: int
    behind: int
    """Its neighbours in the queue."""
    running: bool
    begun: bool


class Queue:
    """The two ends of a queue."""

    first: int
    last: int


class Response:
    """An overdose, and the team that comes to it."""

    visit: int
    where: int
    room: int
    severity: int
    onset: float
    reach: float
    began: float
    first: float
    team: float
    """When the last of the team came."""
    stable: float
    end: float
    others: int
    interrupted: int
    members: int
    """How many have a seat in the team."""
    arrived: int
    """How many have come."""


class Member:
    """A seat in the team of a response, and who has it."""

    person: int
    arrived: bool


class Visit:
    """A visit under way."""

    number: int
    drawn: int
    """Its row in what chance has drawn for those who may come."""
    balk: int
    """Its row among the numbers that decide about turning round."""
    need: int
    """Whose visit it is, where several facilities share one demand."""
    spent: float
    """Minutes of patience used up before, at other doors."""
    kind: int
    stage: int
    service: int
    """Which service it waits for or receives."""
    received: int
    """How many services it has received."""
    accepts: int
    """How many rooms will do; which, is in the table of accepted rooms."""
    room: int
    place: int
    """The place it is in."""
    response: int
    ahead: int
    behind: int
    """Its neighbours in the queue for a place or for a seat in aftercare; `behind` somebody gone is
    who left before."""
    earlier: int
    later: int
    """Its neighbours among the visits under way, in order of arrival."""
    since: float
    """Joined the queue for a place."""
    gives_up: float
    """When patience runs out; known from joining the first queue, NaN before."""
    tires: float
    """When they leave the line they are in."""
    timer: float
    """For when the last timer of patience is on the agenda."""
    turn: int
    """How often something has been waited for in the stay; tells an outdated event from the real
    one."""
    ends: float
    """End of the stay, where there are tasks during stays."""
    stay_task: int
    """The task during the stay that is waited for or being done, or the next one."""
    asked: float
    """When that one was asked for."""
    after: bool
    """On the stages after the stay."""
    blocks: bool
    """Holds the place although the stay is over."""
    has_seat: bool
    """Holds a seat in aftercare."""
    inside: bool
    overdosed: bool
    cleaning: bool
    """The place is still being cleaned after it."""


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
