"""The loop: from one event to the next, what each of them does, and what it makes possible."""

from math import nan

from sim.compiled import compiled, inlined, within
from sim.fast.joint import held_too_long
from sim.fast.memory.agenda import (
    COMPLETION,
    DUTY_OF_STEP,
    ONSET,
    REPAIR,
    STEP_AFTERCARE,
    STEP_APPOINTMENT,
    STEP_DOOR,
    STEP_INTENSIVE,
    STEP_OBSERVATION,
    STEP_PATIENCE,
    STEP_REACH,
    STEP_STAY,
    STEP_SWITCH,
    STEP_TASK_DUE,
    drop_first,
    first,
    number_of,
    rank_of,
    step_of,
)
from sim.fast.memory.codes import (
    ARRIVAL,
    CLIENT,
    INSIDE,
    INSIDE_AT_END,
    KIND,
    MARKS,
    NEVER,
    NONE,
    OUTCOME,
    OVERDOSE,
    PLACE,
    ROOM,
    SERVED,
    STAMPS,
    WAITED,
)
from sim.fast.memory.reach import (
    cell,
    change_row,
    enlist,
    fetch,
    mark,
    service_stamp,
    stamp,
    task_row,
    visit_row,
    whole,
)
from sim.fast.memory.record import value
from sim.fast.memory.rows import Site, Table
from sim.fast.places import put_back
from sim.fast.site import calendar_changes, settle
from sim.fast.tasks import finish_task, task_of
from sim.fast.teams import intensive_phase_ends, member_arrives, overdose_begins, response_ends
from sim.fast.visit import (
    come_in,
    come_to_door,
    go_out,
    interrupt,
    stay_is_over,
    task_done,
    task_falls_due,
    time_has_come,
)
from sim.fast.waiting import (
    AT_DOOR,
    AWAITS_TIME,
    GONE,
    IN_SEAT,
    OUT_OF_PATIENCE,
    accept_another,
    tires,
)
from sim.fast.work import break_ends, close_crew

DONE, TOO_SMALL, LOG_FULL, RING_FULL = range(4)
"""How a run ends: it is over, or the agenda was too small for it; or how it pauses, to go on when
the log of changes is longer or there are more rows for visits."""
GOES_ON = -1


@compiled
def play(table: Table) -> int:
    """Play a replication, or go on with it; the table has one row, the site."""
    site: Site = table[0]
    while True:
        if site.change_count + site.series > site.change_room:
            return LOG_FULL
        if site.full:
            return TOO_SMALL
        state = _step(site)
        if state != GOES_ON:
            return state


@within
def _step(site: Site) -> int:
    """Do the next event, unless the replication is over or there is no room."""
    calendar, arrival = next_change(site), _next_arrival(site)
    event = first(site).time
    time = min(calendar, arrival, event)
    if is_over(site, time):
        close_books(site)
        return DONE
    if arrival == time and not has_row(site):
        return RING_FULL
    site.now = time
    if calendar == time:
        calendar_changes(site)
    elif event == time:
        if not next_event(site):
            return GOES_ON
    else:
        arrive(site)
    settle(site)
    return GOES_ON


@inlined
def next_change(site: Site) -> float:
    """When the calendar next brings something: it comes before all else of that instant."""
    if site.calendar_next == site.calendar_count:
        return NEVER
    return change_row(site, site.calendar_next).time


@inlined
def _next_arrival(site: Site) -> float:
    """When somebody next arrives: after all else of that instant."""
    if site.visits_arrived == site.visits_count:
        return NEVER
    return cell(site.arrival, site.visits_count, site.visits_arrived).value


@inlined
def is_over(site: Site, time: float) -> bool:
    """Whether the next event is past the horizon and would change nothing that counts."""
    if time <= site.horizon:
        return False
    return time == NEVER or site.is_open or value(site, INSIDE) == 0


@inlined
def close_books(site: Site) -> None:
    """Close the books. Who is still inside has waited for all that was planned, in vain."""
    site.end = site.horizon
    if not site.is_open:
        if value(site, INSIDE) > 0:
            site.now = max(site.now, site.last)
        site.end = max(site.horizon, site.now)
    close_crew(site)


# --- arrivals -------------------------------------------------------------------------------------


FETCHED, _AHEAD = 8, 64
"""So many values of a column are brought near at once, so many visitors before they are needed."""


@inlined
def has_row(site: Site) -> bool:
    """Whether the row of the next visitor is free: whoever had it before has left."""
    visit = visit_row(site, site.visits_arrived)
    return visit.stage == GONE and not visit.cleaning


@inlined
def arrive(site: Site) -> None:
    """The next visitor is at the door."""
    number = site.visits_arrived
    if number % FETCHED == 0:
        fetch_written(site, number + _AHEAD)
        fetch(site.arrival, number + _AHEAD)
        fetch_drawn(site, number + _AHEAD)
    visit = visit_row(site, number)
    visit.drawn = visit.balk = number
    visit.spent = 0.0
    receive(site)


@inlined
def receive(site: Site) -> None:
    """The next visitor, of whom it is known what chance has drawn, is at the door."""
    number = site.visits_arrived
    site.visits_arrived += 1
    _first_row(site, number)
    enlist(site, number)
    come_to_door(site, number)


@inlined
def fetch_written(site: Site, number: int) -> None:
    """Bring near what will be written of visitors to come."""
    count = site.visits_count
    for column in range(MARKS):
        fetch(site.marks, column * count + number)
    for column in range(STAMPS):
        fetch(site.stamps, column * count + number)


@inlined
def fetch_drawn(site: Site, number: int) -> None:
    """Bring near what visitors to come will need: a year does not fit into the near memory."""
    count = site.drawn_count
    fetch(site.kind, number)
    fetch(site.client, number)
    fetch(site.check_in, number)
    fetch(site.patience, number)
    fetch(site.aftercare, number)
    fetch(site.onset, number)
    for room in range(site.rooms_count):
        fetch(site.stay, room * count + number)
        fetch(site.cleaning, room * count + number)


@inlined
def _first_row(site: Site, number: int) -> None:
    """Nothing has happened yet."""
    visit = visit_row(site, number)
    for column in range(STAMPS):
        stamp(site, column, number).value = nan
    visit.number = number
    visit.kind = whole(site.kind, site.drawn_count, visit.drawn).value
    mark(site, KIND, number).value = visit.kind
    mark(site, CLIENT, number).value = whole(site.client, site.drawn_count, visit.drawn).value
    stamp(site, ARRIVAL, number).value = site.now
    mark(site, OUTCOME, number).value = INSIDE_AT_END
    for column in (ROOM, PLACE, OVERDOSE):
        mark(site, column, number).value = NONE
    stamp(site, WAITED, number).value = 0.0
    for time in range(3):
        for service in range(site.services_count):
            service_stamp(site, time, service, number).value = nan
    visit.received = visit.accepts = visit.turn = 0
    visit.room = visit.place = visit.response = NONE
    visit.gives_up = visit.timer = nan
    visit.after = visit.blocks = visit.has_seat = visit.inside = visit.overdosed = False
    visit.cleaning = False


# --- events ---------------------------------------------------------------------------------------


@within
def next_event(site: Site) -> bool:
    """Do what is next on the agenda. Returns whether it did anything: it may be outdated."""
    event = first(site)
    rank, number, step, token = rank_of(event), number_of(event), step_of(event), event.token
    drop_first(site)
    if rank > REPAIR and visit_row(site, number).number != number:
        return False
    if rank == COMPLETION:
        return _complete(site, number, step, token)
    if rank <= REPAIR:
        return put_back(site, number) if rank == REPAIR else break_ends(site, token)
    if rank == ONSET:
        return overdose_begins(site, number)
    if step != STEP_PATIENCE:
        return accept_another(site, number) if step == STEP_SWITCH else held_too_long(site)
    tired = tires(site, number)
    if tired:
        interrupt(site, number, OUT_OF_PATIENCE)
    return tired


@within
def _complete(site: Site, number: int, step: int, token: int) -> bool:
    """Something is complete."""
    visit = visit_row(site, number)
    if step >= STEP_REACH:
        return member_arrives(site, visit.response, step - STEP_REACH, token)
    if DUTY_OF_STEP[step] != NONE:
        return _task_ends(site, number, DUTY_OF_STEP[step], token)
    if step == STEP_STAY:
        return stay_is_over(site, number, token)
    if step == STEP_TASK_DUE:
        return task_falls_due(site, number, token)
    if step == STEP_AFTERCARE and visit.stage == IN_SEAT:
        go_out(site, number, SERVED)
    elif step == STEP_DOOR and visit.stage == AT_DOOR:
        come_in(site, number)
    elif step == STEP_APPOINTMENT and visit.stage == AWAITS_TIME:
        time_has_come(site, number)
    elif step == STEP_INTENSIVE:
        intensive_phase_ends(site, number)
    elif step == STEP_OBSERVATION:
        response_ends(site, number)
    else:
        return False
    return True


@within
def _task_ends(site: Site, number: int, duty: int, stint: int) -> bool:
    """Work on a task ends, unless it was interrupted or taken back before."""
    task = task_row(site, task_of(number, duty))
    if not task.running or task.stint != stint:
        return False
    finish_task(site, task_of(number, duty))
    task_done(site, number, duty)
    return True
