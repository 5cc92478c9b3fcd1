"""One visit, from the door to the street: each function is what follows one of its waits.

A wait ends when an event says so (`..._ends`, `..._done`), when something is granted
(`enter_place`, `sit_down`), or before its time (`interrupt`).
"""

from math import isfinite, isnan

from sim.compiled import inlined, part, within
from sim.fast.aftercare import (
    seat_is_free,
    stop_waiting_for_seat,
    take_seat,
    wait_for_seat,
)
from sim.fast.agenda import (
    ONSET,
    STEP_AFTERCARE,
    STEP_DOOR,
    STEP_ONSET,
    STEP_STAY,
    at,
    complete_at,
)
from sim.fast.codes import (
    AFTERCARE_START,
    ASKED,
    CHECK_IN,
    CHECK_IN_END,
    CUT_SHORT,
    DISMISSED_AT_CLOSE,
    ENDED,
    ENTERED,
    INSIDE,
    JOINED,
    LET_IN,
    NEVER,
    NONE,
    PLACE,
    RENEGED,
    ROOM,
    SERVED,
    SERVICE,
    SERVICE_ONLY,
    WAITED,
)
from sim.fast.door import find_rooms, opens_soon, refusal, sends_away, stopped
from sim.fast.leaving import block_place, go_out, leave_place
from sim.fast.memory import (
    drawn,
    drawn_of,
    kind_row,
    service_row,
    service_stamp,
    stamp,
    task_row,
    visit_row,
)
from sim.fast.places import join_queue, leave_queue, take
from sim.fast.site_row import Site
from sim.fast.state import add
from sim.fast.tasks import ask, withdraw
from sim.fast.waiting import (
    AT_DESK,
    AT_DOOR,
    AT_SERVICE,
    IN_QUEUE,
    IN_SEAT,
    ON_STAY,
    OUT_OF_PATIENCE,
    WANTS_SEAT,
    join_line,
    own_task,
    patience_ends,
    switches_at,
)

# --- the door ---------------------------------------------------------------------------------


@within
def come_to_door(site: Site, number: int) -> None:
    """Someone comes. Some wait outside for the opening."""
    opens = opens_soon(site)
    if opens == NEVER:
        come_in(site, number)
        return
    visit = visit_row(site, number)
    visit.stage = AT_DOOR
    # As a completion: going in is what the opening brings about, ahead of patience.
    complete_at(site, opens, number, STEP_DOOR, NONE)
    join_line(site, number, patience_ends(site, number))


@inlined
def door_opens(site: Site, number: int) -> None:
    """The wait at the door is over."""
    come_in(site, number)


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
    ask(site, own_task(number), CHECK_IN, site.desk_roles, 0, minutes)
    join_line(site, number, patience_ends(site, number))


@inlined
def check_in_done(site: Site, number: int) -> None:
    """Registration is done."""
    add_wait(site, number, task_row(site, own_task(number)).waited)
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
    visit, service = visit_row(site, number), service_row(site, index)
    leave_place(site, number)
    if sends_away(site):
        go_out(site, number, _end_of_services(site, number, DISMISSED_AT_CLOSE))
        return
    visit.stage, visit.service = AT_SERVICE, index
    service_stamp(site, ASKED, index, number).value = site.now
    minutes = drawn_of(site, site.service, index, number)
    ask(site, own_task(number), SERVICE, service.roles, service.priority, minutes)
    join_line(site, number, site.now + drawn_of(site, site.service_patience, index, number))


@inlined
def service_done(site: Site, number: int) -> None:
    """A service has been received."""
    visit = visit_row(site, number)
    _count_wait_for_service(site, number)
    service_stamp(site, ENDED, visit.service, number).value = site.now
    visit.received += 1
    use_services(site, number, visit.service + 1)


@inlined
def _service_ends_early(site: Site, number: int, why: int) -> None:
    """Those who lose patience go on without; closing ends the visit."""
    _count_wait_for_service(site, number)
    if why == OUT_OF_PATIENCE:
        use_services(site, number, visit_row(site, number).service + 1)
    else:
        begun = task_row(site, own_task(number)).begun
        otherwise = CUT_SHORT if begun else DISMISSED_AT_CLOSE
        go_out(site, number, _end_of_services(site, number, otherwise))


@inlined
def _count_wait_for_service(site: Site, number: int) -> None:
    """Waits before entering a place count."""
    if isnan(stamp(site, ENTERED, number).value):
        add_wait(site, number, task_row(site, own_task(number)).waited)


@inlined
def _end_of_services(site: Site, number: int, otherwise: int) -> int:
    """How closing ends a visit at, or on the way to, a service."""
    return otherwise if isnan(stamp(site, ENTERED, number).value) else SERVED


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
    join_line(site, number, patience_ends(site, number))


@inlined
def enter_place(site: Site, number: int, room: int) -> None:
    """Be given a place and use it. The onset of an overdose is set in motion here."""
    visit = visit_row(site, number)
    leave_queue(site, number)
    visit.room, visit.place = room, take(site, room)
    add_wait(site, number, site.now - visit.since)
    stamp(site, ENTERED, number).value = site.now
    stamp(site, ROOM, number).value = room
    stamp(site, PLACE, number).value = visit.place
    onset = drawn(site, site.onset, number)
    if isfinite(onset):
        at(site, site.now + onset, ONSET, number, STEP_ONSET, NONE)
    visit.stage = ON_STAY
    ends = site.now + drawn_of(site, site.stay, room, number)
    complete_at(site, ends, number, STEP_STAY, NONE)


@inlined
def stay_ends(site: Site, number: int) -> None:
    """The stay is over."""
    visit_row(site, number).after = True
    use_services(site, number, 0)


# --- aftercare --------------------------------------------------------------------------------


@inlined
def rest_in_aftercare(site: Site, number: int) -> None:
    """Rest in aftercare, if wanted and if a seat is or becomes free."""
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


# --- what may end a wait before its time ------------------------------------------------------


@part
def stop_waiting(site: Site, number: int) -> None:
    """Take back what someone has asked for."""
    stage = visit_row(site, number).stage
    if AT_DESK <= stage <= AT_SERVICE:
        withdraw(site, own_task(number))
    elif stage == IN_QUEUE:
        leave_queue(site, number)
    elif stage == WANTS_SEAT:
        stop_waiting_for_seat(site, number)


@part
def interrupt(site: Site, number: int, why: int) -> None:
    """Patience, or closing, ends the wait that is going on."""
    visit = visit_row(site, number)
    stop_waiting(site, number)
    outcome = RENEGED if why == OUT_OF_PATIENCE else DISMISSED_AT_CLOSE
    if visit.stage == AT_SERVICE:
        _service_ends_early(site, number, why)
        return
    if visit.stage == AT_DESK:
        add_wait(site, number, task_row(site, own_task(number)).waited)
    elif visit.stage == IN_QUEUE:
        add_wait(site, number, site.now - visit.since)
    elif visit.stage == ON_STAY:
        outcome = CUT_SHORT
    elif visit.stage != AT_DOOR:
        outcome = SERVED
    go_out(site, number, outcome)


@inlined
def add_wait(site: Site, number: int, minutes: float) -> None:
    """Count minutes in a line before entering a place."""
    stamp(site, WAITED, number).value += minutes
