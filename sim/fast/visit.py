"""One visit, from the door to the street: each function is what follows one of its waits.

A wait ends when an event says so (`..._ends`, `..._done`), when something is granted
(`enter_place`, `sit_down`), or before its time (`interrupt`).
"""

from math import isfinite, isnan, nan

from sim.compiled import inlined, part, within
from sim.fast.agenda import (
    ONSET,
    PATIENCE,
    STEP_AFTERCARE,
    STEP_APPOINTMENT,
    STEP_DOOR,
    STEP_ONSET,
    STEP_PATIENCE,
    STEP_STAY,
    STEP_SWITCH,
    STEP_TASK_DUE,
    at,
    complete_at,
)
from sim.fast.codes import (
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
    SWITCHED,
    WAITED,
    WAITING_SERVICE,
)
from sim.fast.door import find_rooms, is_early_for, opens_soon, refusal, sends_away, stopped
from sim.fast.memory import (
    accepted,
    drawn,
    drawn_of,
    due_row,
    kind_row,
    listed,
    mark,
    roles_of_duty,
    room_row,
    service_row,
    service_stamp,
    stamp,
    stay_task_row,
    stay_task_times,
    strike_off,
    task_row,
    visit_row,
)
from sim.fast.places import (
    accept_too,
    block,
    join_queue,
    leave_queue,
    leave_seat,
    ready,
    seat_is_free,
    stop_waiting_for_seat,
    switches_at,
    take,
    take_seat,
    vacate,
    wait_for_seat,
)
from sim.fast.record import add, note_overdose
from sim.fast.rows import Site
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
    stay_task_is_to_come,
    task_of,
    withdraw,
)

# The stages of a visit, each of which ends with a wait: those in line one after the other.
GONE, AT_DOOR, AT_DESK, AWAITS_TIME, AT_SERVICE, IN_QUEUE = range(6)
ON_STAY, AT_STAY_TASK, WANTS_SEAT, IN_SEAT = range(6, 10)
# And of the response to its overdose.
TEAM_COMES, INTENSIVE_PHASE, OBSERVED = range(10, 13)

_DUTY_AT = tuple({AT_DESK: CHECK_IN, AT_SERVICE: SERVICE}.get(at, NONE) for at in range(13))
"""The duty that a visit waits for in line, by stage; NONE at others."""

# Why a wait, a stay or a service ended before its time.
OUT_OF_PATIENCE, CLOSING, NOBODY = range(3)
"""NOBODY: after closing nobody is on duty who could do what it waits for."""


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
    _add_wait_for(site, number, CHECK_IN)
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
        if _uses_rooms(site, number):
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
def _uses_rooms(site: Site, number: int) -> bool:
    kind = kind_row(site, visit_row(site, number).kind)
    return kind.first_room < kind.end_rooms


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
    _count_wait_for_service(site, number)
    service_stamp(site, ENDED, visit.service, number).value = site.now
    visit.received += 1
    use_services(site, number, visit.service + 1)


@inlined
def _service_ends_early(site: Site, number: int, why: int) -> None:
    """Those who lose patience go on without; closing ends the visit.

    So does it when nobody is there who could do it, unless they have had a place.
    """
    _count_wait_for_service(site, number)
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
def _count_wait_for_service(site: Site, number: int) -> None:
    """Waits before entering a place count."""
    if not has_entered(site, number):
        _add_wait_for(site, number, SERVICE)


@inlined
def _end_of_services(site: Site, number: int, otherwise: int) -> int:
    """How closing ends a visit at, or on the way to, a service."""
    return SERVED if has_entered(site, number) else otherwise


@inlined
def _after_services(site: Site, number: int) -> None:
    if _uses_rooms(site, number):
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
    _add_wait(site, number, site.now - visit.since)
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


@inlined
def accept_another(site: Site, number: int) -> bool:
    """After a while in the queue someone accepts another room as well."""
    visit = visit_row(site, number)
    if visit.stage != IN_QUEUE:
        return False
    accept_too(site, number, kind_row(site, visit.kind).switch)
    stamp(site, SWITCHED, number).value = site.now
    return True


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


# --- after closing, where staff stay until nobody is inside ---------------------------------------


@inlined
def has_entered(site: Site, number: int) -> bool:
    """Whether someone has got a place, and may have left it."""
    return not isnan(stamp(site, ENTERED, number).value)


@inlined
def is_seen_through(site: Site, number: int) -> bool:
    """Whether someone gets what they came for although the site closes.

    Where staff stay until nobody is inside, who has had a place does.
    """
    return site.stay_until_empty and has_entered(site, number)


@inlined
def needs_check_in(site: Site, number: int) -> bool:
    """Whether someone inside is still to be registered."""
    return visit_row(site, number).stage == AT_DESK


@inlined
def needs_service(site: Site, number: int, index: int) -> bool:
    """Whether someone inside is still to get a service."""
    visit, after = visit_row(site, number), service_row(site, index).after
    if visit.stage >= WANTS_SEAT or isnan(drawn_of(site, site.service, index, number)):
        return False
    at_service = visit.stage in (AWAITS_TIME, AT_SERVICE)
    if sends_away(site) and not has_entered(site, number):
        return at_service and visit.service == index  # nothing more than what is in hand
    if visit.after != after:
        return after
    return visit.stage == AT_DESK or (at_service and index >= visit.service)


@part
def needs_stay_task(site: Site, number: int, task: int) -> bool:
    """Whether someone inside is still to have a task during the stay, or the one to come."""
    visit = visit_row(site, number)
    if visit.stage >= WANTS_SEAT:
        return False
    if visit.stage in (ON_STAY, AT_STAY_TASK):
        in_hand = visit.stage == AT_STAY_TASK and visit.stay_task == task
        return in_hand or stay_task_is_to_come(site, number, task)
    if has_entered(site, number) or sends_away(site) or not _uses_rooms(site, number):
        return False
    return stay_task_times(site, number, task) > 0


@inlined
def may_enter(site: Site, number: int) -> bool:
    """Whether someone may still get a place."""
    visit = visit_row(site, number)
    if not visit.inside or visit.stage > IN_QUEUE or has_entered(site, number):
        return False
    return not sends_away(site)


@inlined
def is_awaited_by(site: Site, number: int, room: int) -> bool:
    """Whether a room will do for someone who may still get a place."""
    visit = visit_row(site, number)
    if visit.stage == IN_QUEUE:
        for position in range(visit.accepts):
            if accepted(site, number, position).value == room:
                return True
        return False
    kind = kind_row(site, visit.kind)
    for position in range(kind.first_room, kind.end_rooms):
        if listed(site, position) == room:
            return True
    return False


# --- waiting, and what may end it before its time -------------------------------------------------


@inlined
def in_line(site: Site, number: int) -> bool:
    """Whether a visitor waits in line: not served, nor in a place, nor interrupted at a service."""
    stage = visit_row(site, number).stage
    if _DUTY_AT[stage] != NONE:
        return not task_row(site, task_of(number, _DUTY_AT[stage])).begun
    return AT_DOOR <= stage <= IN_QUEUE


@inlined
def patience_ends(site: Site, number: int) -> float:
    """When patience runs out; its clock starts with the first line joined."""
    visit = visit_row(site, number)
    if isnan(visit.gives_up):
        visit.gives_up = site.now + max(0.0, drawn(site, site.patience, number) - visit.spent)
    return visit.gives_up


@inlined
def begin_wait(site: Site, number: int, gives_up: float) -> None:
    """Someone joins a line, and leaves it when patience runs out.

    Patience is ignored while being served: then it has run out on joining the line. Most are
    served within the event in which they join; only for others a timer goes on the agenda.
    """
    if site.newcomer != NONE:
        set_timers(site)
    visit = visit_row(site, number)
    visit.tires = max(gives_up, site.now)
    if visit.tires != NEVER:
        site.last = max(site.last, visit.tires)
    site.newcomer = number


@inlined
def set_timers(site: Site) -> None:
    """Put the timers of who joined a line in this event on the agenda, if they are needed."""
    number = site.newcomer
    site.newcomer = NONE
    if number == NONE or not in_line(site, number):
        return
    visit = visit_row(site, number)
    if visit.stage == IN_QUEUE:
        at(site, switches_at(site, number), PATIENCE, number, STEP_SWITCH, NONE)
    if visit.tires != visit.timer:
        visit.timer = visit.tires
        at(site, visit.tires, PATIENCE, number, STEP_PATIENCE, NONE)


@inlined
def tires(site: Site, number: int) -> bool:
    """Whether this timer of patience is the one that ends the line someone is in."""
    visit = visit_row(site, number)
    if visit.timer == site.now:
        visit.timer = nan
    return in_line(site, number) and visit.tires == site.now


@part
def stop_waiting(site: Site, number: int) -> None:
    """Take back what someone has asked for."""
    stage = visit_row(site, number).stage
    if _DUTY_AT[stage] != NONE:
        withdraw(site, task_of(number, _DUTY_AT[stage]))
    elif stage == AWAITS_TIME:
        add(site, WAITING_SERVICE, -1)
    elif stage == IN_QUEUE:
        leave_queue(site, number)
    elif stage == AT_STAY_TASK:
        withdraw(site, task_of(number, STAY_TASK))
    elif stage == WANTS_SEAT:
        stop_waiting_for_seat(site, number)


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
        _add_wait_for(site, number, CHECK_IN)
    elif visit.stage == IN_QUEUE:
        _add_wait(site, number, site.now - visit.since)
    elif visit.stage in (ON_STAY, AT_STAY_TASK):
        outcome = CUT_SHORT
    elif visit.stage != AT_DOOR:
        outcome = SERVED
    go_out(site, number, outcome)


@inlined
def _add_wait_for(site: Site, number: int, duty: int) -> None:
    _add_wait(site, number, task_row(site, task_of(number, duty)).waited)


@inlined
def _add_wait(site: Site, number: int, minutes: float) -> None:
    """Count minutes in a line before entering a place."""
    stamp(site, WAITED, number).value += minutes
