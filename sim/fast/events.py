"""What each event does: a change of the calendar, a completion, an overdose, patience, arrival."""

from math import nan

from sim.compiled import inlined, within
from sim.fast.agenda import (
    CALENDAR,
    COMPLETION,
    ONSET,
    STEP_AFTERCARE,
    STEP_CHECK_IN,
    STEP_CLEANING,
    STEP_DOOR,
    STEP_INTENSIVE,
    STEP_OBSERVATION,
    STEP_REACH,
    STEP_SERVICE,
    STEP_STAY,
    STEP_SWITCH,
    drop_first,
    first,
    number_of,
    rank_of,
    step_of,
)
from sim.fast.breaks import break_ends
from sim.fast.codes import (
    ARRIVAL,
    CLIENT,
    INSIDE_AT_END,
    KIND,
    NONE,
    OUTCOME,
    OVERDOSE,
    PLACE,
    ROOM,
    SERVED,
    VISIT_WIDTH,
    WAITED,
)
from sim.fast.leaving import go_out
from sim.fast.memory import (
    drawn,
    fetch,
    kind_row,
    service_stamp,
    stamp,
    task_row,
    visit_row,
    whole,
)
from sim.fast.places import accept_too, ready
from sim.fast.respond import intensive_phase_ends, overdose_begins, response_ends
from sim.fast.site_row import Site
from sim.fast.tasks import finish_task
from sim.fast.teams import member_arrives
from sim.fast.visit import (
    check_in_done,
    come_to_door,
    door_opens,
    interrupt,
    service_done,
    stay_ends,
)
from sim.fast.waiting import (
    AT_DOOR,
    GONE,
    IN_QUEUE,
    IN_SEAT,
    ON_STAY,
    OUT_OF_PATIENCE,
    cleaning_task,
    own_task,
    tires,
)

_FETCHED, _AHEAD = 8, 64
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
    site.visits_arrived += 1
    if number % _FETCHED == 0:
        _fetch_columns(site, number + _AHEAD)
    _first_row(site, number)
    _enlist(site, number)
    come_to_door(site, number)


@inlined
def _fetch_columns(site: Site, number: int) -> None:
    """Bring near what visitors to come will need: a year does not fit into the near memory."""
    count = site.visits_count
    for column in range(VISIT_WIDTH):
        fetch(site.stamps, column * count + number)
    fetch(site.arrival, number)
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
    for column in range(VISIT_WIDTH):
        stamp(site, column, number).value = nan
    visit.number = number
    visit.kind = whole(site.kind, site.visits_count, number).value
    stamp(site, KIND, number).value = visit.kind
    stamp(site, CLIENT, number).value = whole(site.client, site.visits_count, number).value
    stamp(site, ARRIVAL, number).value = drawn(site, site.arrival, number)
    stamp(site, OUTCOME, number).value = INSIDE_AT_END
    for column in (ROOM, PLACE, OVERDOSE):
        stamp(site, column, number).value = -1.0
    stamp(site, WAITED, number).value = 0.0
    for time in range(3):
        for service in range(site.services_count):
            service_stamp(site, time, service, number).value = nan
    visit.received = visit.accepts = 0
    visit.room = visit.place = visit.case = NONE
    visit.gives_up = visit.timer = nan
    visit.after = visit.blocks = visit.has_seat = visit.inside = visit.overdosed = False
    visit.cleaning = False
    task_row(site, own_task(number)).stint = 0
    task_row(site, cleaning_task(number)).stint = 0


@inlined
def _enlist(site: Site, number: int) -> None:
    """Put a visit on the list of those under way."""
    visit = visit_row(site, number)
    visit.earlier, visit.later = site.visits_last, NONE
    if site.visits_last == NONE:
        site.visits_first = number
    else:
        visit_row(site, site.visits_last).later = number
    site.visits_last = number


@within
def next_event(site: Site) -> bool:
    """Do what is next on the agenda. Returns whether it did anything: it may be outdated."""
    event = first(site)
    rank, number, step, token = rank_of(event), number_of(event), step_of(event), event.token
    drop_first(site)
    if rank != CALENDAR and visit_row(site, number).number != number:
        return False
    if rank == COMPLETION:
        return _complete(site, number, step, token)
    if rank == CALENDAR:
        return break_ends(site, token)
    if rank == ONSET:
        return overdose_begins(site, number)
    if step == STEP_SWITCH:
        return _switch(site, number)
    tired = tires(site, number)
    if tired:
        interrupt(site, number, OUT_OF_PATIENCE)
    return tired


@within
def _complete(site: Site, number: int, step: int, token: int) -> bool:
    """Something is complete."""
    if step <= STEP_SERVICE and step != STEP_STAY:
        return _task_ends(site, number, step, token)
    visit = visit_row(site, number)
    if step >= STEP_REACH:
        return member_arrives(site, visit.case, step - STEP_REACH, token)
    if step == STEP_STAY and visit.stage == ON_STAY:
        stay_ends(site, number)
    elif step == STEP_AFTERCARE and visit.stage == IN_SEAT:
        go_out(site, number, SERVED)
    elif step == STEP_DOOR and visit.stage == AT_DOOR:
        door_opens(site, number)
    elif step == STEP_INTENSIVE:
        intensive_phase_ends(site, number)
    elif step == STEP_OBSERVATION:
        response_ends(site, number)
    else:
        return False
    return True


@within
def _task_ends(site: Site, number: int, step: int, stint: int) -> bool:
    """Work on a task ends, unless it was interrupted or taken back before."""
    task_number = cleaning_task(number) if step == STEP_CLEANING else own_task(number)
    task = task_row(site, task_number)
    if not task.running or task.stint != stint:
        return False
    finish_task(site, task_number)
    if step == STEP_CHECK_IN:
        check_in_done(site, number)
    elif step == STEP_SERVICE:
        service_done(site, number)
    else:
        visit_row(site, number).cleaning = False
        room, place = stamp(site, ROOM, number).value, stamp(site, PLACE, number).value
        ready(site, int(room), int(place))
    return True


@inlined
def _switch(site: Site, number: int) -> bool:
    """After a while in the queue someone accepts another room as well."""
    visit = visit_row(site, number)
    if visit.stage != IN_QUEUE:
        return False
    accept_too(site, number, kind_row(site, visit.kind).switch)
    return True
