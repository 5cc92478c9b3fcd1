"""One visit, from the door to the street: each function is what follows one of its waits.

A wait ends when an event says so (`..._ends`, `..._done`), when something is granted
(`enter_place`, `sit_down`), or before its time (`interrupt`).
"""

from math import isfinite, isnan

from sim.compiled import inlined, part, within
from sim.fast.door import find_rooms, is_early_for, opens_soon, refusal, sends_away, stopped
from sim.fast.memory.agenda import (
    ONSET,
    STEP_AFTERCARE,
    STEP_APPOINTMENT,
    STEP_DOOR,
    STEP_ONSET,
    STEP_STAY,
    STEP_TASK_DUE,
    at,
    complete_at,
)
from sim.fast.memory.codes import (
    AFTERCARE_END,
    AFTERCARE_START,
    ASKED,
    CHECK_IN,
    CHECK_IN_END,
    CLEAN,
    CUT_SHORT,
    DISMISSED_AT_CLOSE,
    ENDED,
    ENTERED,
    INSIDE,
    JOINED,
    LEFT,
    LET_IN,
    NEVER,
    NONE,
    OFF_SITE,
    OUT,
    OUTCOME,
    PLACE,
    RENEGED,
    ROOM,
    SERVED,
    SERVICE,
    SERVICE_ONLY,
    STAY_TASK,
    WAITING_SERVICE,
)
from sim.fast.memory.reach import (
    drawn,
    drawn_of,
    due_row,
    kind_row,
    mark,
    roles_of_duty,
    room_row,
    service_row,
    service_stamp,
    stamp,
    stay_task_row,
    strike_off,
    task_row,
    visit_row,
)
from sim.fast.memory.record import add, note_overdose
from sim.fast.memory.rows import Site
from sim.fast.places import (
    block,
    join_queue,
    leave_queue,
    leave_seat,
    ready,
    seat_is_free,
    switches_at,
    take,
    take_seat,
    vacate,
    wait_for_seat,
)
from sim.fast.tasks import (
    ask,
    ask_service,
    ask_stay_task,
    give_up_stay_task,
    next_stay_task,
    plan_stay_tasks,
    skip_stay_task,
    stand,
    stay_task_is_done,
    task_of,
)
from sim.fast.waiting import (
    AT_DESK,
    AT_DOOR,
    AT_SERVICE,
    AT_STAY_TASK,
    AWAITS_TIME,
    GONE,
    IN_QUEUE,
    IN_SEAT,
    NOBODY,
    ON_STAY,
    OUT_OF_PATIENCE,
    WANTS_SEAT,
    add_wait,
    add_wait_for,
    begin_wait,
    count_wait_for_service,
    has_entered,
    is_seen_through,
    patience_ends,
    stop_waiting,
    uses_rooms,
)

# --- the door ---------------------------------------------------------------------------------


@within
def come_to_door(site: Site, number: int) -> None:
    """Someone comes. Some wait outside for the opening."""
    opens = opens_soon(site, number)
    if opens == NEVER:
        come_in(site, number)
        return
    visit = visit_row(site, number)
    visit.stage = AT_DOOR
    # As a completion: going in is what the opening brings about, ahead of patience.
    complete_at(site, opens, number, STEP_DOOR, NONE)
    begin_wait(site, number, patience_ends(site, number))


@inlined
def come_in(site: Site, number: int) -> None:
    """Be let in, or turned away."""
    refused = refusal(site, number)
    if refused != NONE:
        go_out(site, number, refused)
        return
    visit_row(site, number).inside = True
    stamp(site, LET_IN, number).value = site.now
    add(site, INSIDE, 1)
    patience_ends(site, number)  # its clock starts here, whichever queue is the first
    check_in(site, number)


# --- check-in ---------------------------------------------------------------------------------


@inlined
def check_in(site: Site, number: int) -> None:
    """Be registered at the desk."""
    minutes = drawn(site, site.check_in, number)
    if not site.has_check_in or minutes == 0:
        use_services(site, number, 0)
        return
    visit_row(site, number).stage = AT_DESK
    ask(site, task_of(number, CHECK_IN), roles_of_duty(site, CHECK_IN), minutes)
    begin_wait(site, number, patience_ends(site, number))


@inlined
def _check_in_done(site: Site, number: int) -> None:
    """Registration is done."""
    add_wait_for(site, number, CHECK_IN)
    stamp(site, CHECK_IN_END, number).value = site.now
    use_services(site, number, 0)


# --- services ---------------------------------------------------------------------------------


@part
def use_services(site: Site, number: int, first: int) -> None:
    """Use the services of a stage, one after the other, from a number on; then go on."""
    visit = visit_row(site, number)
    while True:
        index = _wanted_service(site, number, first)
        if index != NONE:
            _use_service(site, number, index)
            return
        if visit.after:
            _after_services(site, number)
            return
        if uses_rooms(site, number):
            queue_for_place(site, number)
            return
        visit.after, first = True, 0


@inlined
def _wanted_service(site: Site, number: int, first: int) -> int:
    after = visit_row(site, number).after
    for index in range(first, site.services_count):
        if service_row(site, index).after == after and not isnan(
            drawn_of(site, site.service, index, number)
        ):
            return index
    return NONE


@inlined
def _use_service(site: Site, number: int, index: int) -> None:
    visit = visit_row(site, number)
    leave_place(site, number)
    if sends_away(site) and not is_seen_through(site, number):
        go_out(site, number, _end_of_services(site, number, DISMISSED_AT_CLOSE))
        return
    visit.service = index
    if is_early_for(site, number, index):
        visit.stage = AWAITS_TIME
        add(site, WAITING_SERVICE, 1)
        complete_at(site, drawn(site, site.appointment, number), number, STEP_APPOINTMENT, NONE)
        begin_wait(site, number, NEVER)
    else:
        _join_service(site, number)


@part
def time_has_come(site: Site, number: int) -> None:
    """Someone who was early for their appointment joins the line at its time."""
    add(site, WAITING_SERVICE, -1)
    _join_service(site, number)


@inlined
def _join_service(site: Site, number: int) -> None:
    """Join the line for a service."""
    visit = visit_row(site, number)
    index = visit.service
    service = service_row(site, index)
    visit.stage = AT_SERVICE
    service_stamp(site, ASKED, index, number).value = site.now
    turn, due = service.turn, 0.0
    if kind_row(site, visit.kind).books == index and service.by_time:
        time = drawn(site, site.appointment, number)
        if site.now <= time + service.late_after:
            turn, due = service.booked_turn, time
    stand(site, task_of(number, SERVICE), turn, service.resumed_turn, due)
    minutes = drawn_of(site, site.service, index, number)
    ask_service(site, task_of(number, SERVICE), index, minutes)
    begin_wait(site, number, site.now + drawn_of(site, site.service_patience, index, number))


@inlined
def _service_done(site: Site, number: int) -> None:
    """A service has been received."""
    visit = visit_row(site, number)
    count_wait_for_service(site, number)
    service_stamp(site, ENDED, visit.service, number).value = site.now
    visit.received += 1
    use_services(site, number, visit.service + 1)


@inlined
def _service_ends_early(site: Site, number: int, why: int) -> None:
    """Those who lose patience go on without; closing ends the visit.

    So does it when nobody is there who could do it, unless they have had a place.
    """
    count_wait_for_service(site, number)
    service, begun = visit_row(site, number).service, task_row(site, task_of(number, SERVICE)).begun
    skipped = why == NOBODY and has_entered(site, number)
    if skipped and not begun:
        service_stamp(site, ENDED, service, number).value = site.now
    if skipped or why == OUT_OF_PATIENCE:
        use_services(site, number, service + 1)
    else:
        otherwise = CUT_SHORT if begun else DISMISSED_AT_CLOSE
        go_out(site, number, _end_of_services(site, number, otherwise))


@inlined
def _end_of_services(site: Site, number: int, otherwise: int) -> int:
    """How closing ends a visit at, or on the way to, a service."""
    return SERVED if has_entered(site, number) else otherwise


@inlined
def _after_services(site: Site, number: int) -> None:
    if uses_rooms(site, number):
        rest_in_aftercare(site, number)
    elif visit_row(site, number).received > 0:
        go_out(site, number, SERVICE_ONLY)
    else:
        go_out(site, number, RENEGED)


# --- the place --------------------------------------------------------------------------------


@inlined
def queue_for_place(site: Site, number: int) -> None:
    """Queue for a place."""
    visit = visit_row(site, number)
    find_rooms(site, number)
    if sends_away(site) or visit.accepts == 0:
        go_out(site, number, DISMISSED_AT_CLOSE)
        return
    visit.stage, visit.since = IN_QUEUE, site.now
    stamp(site, JOINED, number).value = site.now
    join_queue(site, number)
    switches = switches_at(site, number)
    if switches != NEVER:
        site.last = max(site.last, switches)
    begin_wait(site, number, patience_ends(site, number))


@inlined
def enter_place(site: Site, number: int, room: int) -> None:
    """Be given a place and use it. The onset of an overdose is set in motion here."""
    visit = visit_row(site, number)
    leave_queue(site, number)
    visit.room, visit.place = room, take(site, room)
    add_wait(site, number, site.now - visit.since)
    stamp(site, ENTERED, number).value = site.now
    mark(site, ROOM, number).value = room
    mark(site, PLACE, number).value = visit.place
    onset = drawn(site, site.onset, number)
    if isfinite(onset):
        at(site, site.now + onset, ONSET, number, STEP_ONSET, NONE)
    visit.stage = ON_STAY
    ends = site.now + drawn_of(site, site.stay, room, number)
    if site.stay_tasks_count > 0:
        visit.ends = ends
        plan_stay_tasks(site, number)
        _go_on_with_stay(site, number)
    else:
        complete_at(site, ends, number, STEP_STAY, visit.turn)


@inlined
def stay_ends(site: Site, number: int) -> None:
    """The stay is over."""
    visit_row(site, number).after = True
    use_services(site, number, 0)


# --- tasks during the stay ------------------------------------------------------------------------


@part
def _go_on_with_stay(site: Site, number: int) -> None:
    """Have the next task, when it is due, or end the stay."""
    visit = visit_row(site, number)
    alone = visit.turn == 0
    visit.stage, visit.stay_task = ON_STAY, next_stay_task(site, number)
    visit.turn += 1
    if visit.stay_task != NONE:
        at = due_row(site, number, visit.stay_task).at
        if at > site.now:
            complete_at(site, at, number, STEP_TASK_DUE, visit.turn)
        else:
            _ask_for_task(site, number)
    elif alone or visit.ends > site.now:
        complete_at(site, visit.ends, number, STEP_STAY, visit.turn)
    else:
        stay_ends(site, number)


@inlined
def _ask_for_task(site: Site, number: int) -> None:
    """Wait in the place for staff to do something; a stay that runs on may end before."""
    visit = visit_row(site, number)
    ask_stay_task(site, number)
    visit.stage = AT_STAY_TASK
    visit.turn += 1
    if not stay_task_row(site, visit.stay_task).waits:
        complete_at(site, visit.ends, number, STEP_STAY, visit.turn)


@part
def task_falls_due(site: Site, number: int, turn: int) -> bool:
    """A task during the stay is to be asked for. Returns whether the visitor was waiting for it."""
    visit = visit_row(site, number)
    if visit.stage != ON_STAY or visit.turn != turn:
        return False
    _ask_for_task(site, number)
    return True


@inlined
def stay_is_over(site: Site, number: int, turn: int) -> bool:
    """The stay's time is over: a task not in hand is given up. Returns whether anything ended."""
    visit = visit_row(site, number)
    if visit.turn != turn:
        return False
    if visit.stage != ON_STAY:
        return visit.stage == AT_STAY_TASK and _task_is_given_up(site, number)
    stay_ends(site, number)
    return True


@part
def _task_is_given_up(site: Site, number: int) -> bool:
    """The stay is over while a task is waited for, or goes on. Returns whether it was given up."""
    if task_row(site, task_of(number, STAY_TASK)).running:
        return False
    give_up_stay_task(site, number)
    _go_on_with_stay(site, number)
    return True


@inlined
def _stay_task_done(site: Site, number: int) -> None:
    """Staff have done what there was to do."""
    stay_task_is_done(site, number)
    _go_on_with_stay(site, number)


# --- aftercare --------------------------------------------------------------------------------


@inlined
def rest_in_aftercare(site: Site, number: int) -> None:
    """Break in aftercare, if wanted and if a seat is or becomes free."""
    if isnan(drawn(site, site.aftercare, number)) or stopped(site):
        go_out(site, number, SERVED)
    elif seat_is_free(site):
        sit_down(site, number)
    elif site.aftercare_waits_in_place:
        block_place(site, number)
        visit_row(site, number).stage = WANTS_SEAT
        wait_for_seat(site, number)
    else:
        go_out(site, number, SERVED)


@inlined
def sit_down(site: Site, number: int) -> None:
    """Take a seat in aftercare."""
    visit = visit_row(site, number)
    take_seat(site)
    visit.has_seat = True
    leave_place(site, number)
    stamp(site, AFTERCARE_START, number).value = site.now
    visit.stage = IN_SEAT
    ends = site.now + drawn(site, site.aftercare, number)
    complete_at(site, ends, number, STEP_AFTERCARE, NONE)


# --- tasks ----------------------------------------------------------------------------------------


@inlined
def task_done(site: Site, number: int, duty: int) -> None:
    """Work for a visit is done."""
    if duty == CHECK_IN:
        _check_in_done(site, number)
    elif duty == SERVICE:
        _service_done(site, number)
    elif duty == STAY_TASK:
        _stay_task_done(site, number)
    elif duty == CLEAN:
        _cleaning_done(site, number)


# --- leaving the place, and the site --------------------------------------------------------------


@inlined
def block_place(site: Site, number: int) -> None:
    """Stay in the place although the stay is over."""
    visit = visit_row(site, number)
    if visit.room != NONE and not visit.blocks:
        visit.blocks = True
        block(site, visit.room)


@part
def leave_place(site: Site, number: int) -> None:
    """Leave the place, if in one; it is cleaned."""
    visit = visit_row(site, number)
    if visit.room == NONE:
        return
    stamp(site, LEFT, number).value = site.now
    vacate(site, number)
    room, place = visit.room, visit.place
    visit.room, visit.blocks = NONE, False
    minutes = drawn_of(site, site.cleaning, room, number)
    if minutes == 0:
        ready(site, room, place)
    else:
        visit.cleaning = True
        ask(site, task_of(number, CLEAN), room_row(site, room).cleaners, minutes)


@inlined
def _cleaning_done(site: Site, number: int) -> None:
    """The place is clean."""
    visit_row(site, number).cleaning = False
    ready(site, mark(site, ROOM, number).value, mark(site, PLACE, number).value)


@part
def go_out(site: Site, number: int, outcome: int) -> None:
    """Someone's visit is over, whether or not they were let in."""
    visit = visit_row(site, number)
    leave_place(site, number)
    if visit.has_seat:
        leave_seat(site)
        stamp(site, AFTERCARE_END, number).value = site.now
    if visit.inside:
        add(site, INSIDE, -1)
        _note_overdose_off_site(site, number)
    visit.inside, visit.stage = False, GONE
    mark(site, OUTCOME, number).value = outcome
    stamp(site, OUT, number).value = site.now
    strike_off(site, number)
    visit.behind, site.gone = site.gone, number


@inlined
def _note_overdose_off_site(site: Site, number: int) -> None:
    """An overdose that begins after leaving is counted; nobody here responds to it."""
    onset = stamp(site, ENTERED, number).value + drawn(site, site.onset, number)
    if not visit_row(site, number).overdosed and isfinite(onset):
        note_overdose(site, number, OFF_SITE, onset)


@part
def interrupt(site: Site, number: int, why: int) -> None:
    """Patience, or closing, ends the wait that is going on."""
    visit = visit_row(site, number)
    stop_waiting(site, number)
    if visit.stage == AT_STAY_TASK and why == NOBODY:
        skip_stay_task(site, number)
        _go_on_with_stay(site, number)
        return
    outcome = RENEGED if why == OUT_OF_PATIENCE else DISMISSED_AT_CLOSE
    if visit.stage == AT_SERVICE:
        _service_ends_early(site, number, why)
        return
    if visit.stage == AWAITS_TIME:
        go_out(site, number, _end_of_services(site, number, DISMISSED_AT_CLOSE))
        return
    if visit.stage == AT_DESK:
        add_wait_for(site, number, CHECK_IN)
    elif visit.stage == IN_QUEUE:
        add_wait(site, number, site.now - visit.since)
    elif visit.stage in (ON_STAY, AT_STAY_TASK):
        outcome = CUT_SHORT
    elif visit.stage != AT_DOOR:
        outcome = SERVED
    go_out(site, number, outcome)
