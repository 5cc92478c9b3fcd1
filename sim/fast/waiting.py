"""What a visitor waits for: in line, until patience or something else ends that; after closing."""

from math import isnan, nan

from sim.compiled import inlined, part
from sim.fast.door import sends_away
from sim.fast.memory.agenda import PATIENCE, STEP_PATIENCE, STEP_SWITCH, at
from sim.fast.memory.codes import (
    CHECK_IN,
    ENTERED,
    NEVER,
    NONE,
    SERVICE,
    STAY_TASK,
    SWITCHED,
    WAITED,
    WAITING_SERVICE,
)
from sim.fast.memory.reach import (
    accepted,
    drawn,
    drawn_of,
    kind_row,
    listed,
    service_row,
    stamp,
    stay_task_times,
    task_row,
    visit_row,
)
from sim.fast.memory.record import add
from sim.fast.memory.rows import Site
from sim.fast.places import accept_too, leave_queue, stop_waiting_for_seat, switches_at
from sim.fast.tasks import stay_task_is_to_come, task_of, withdraw

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


@inlined
def accept_another(site: Site, number: int) -> bool:
    """After a while in the queue someone accepts another room as well."""
    visit = visit_row(site, number)
    if visit.stage != IN_QUEUE:
        return False
    accept_too(site, number, kind_row(site, visit.kind).switch)
    stamp(site, SWITCHED, number).value = site.now
    return True


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


@inlined
def add_wait_for(site: Site, number: int, duty: int) -> None:
    """Count the minutes in the line for a duty."""
    add_wait(site, number, task_row(site, task_of(number, duty)).waited)


@inlined
def add_wait(site: Site, number: int, minutes: float) -> None:
    """Count minutes in a line before entering a place."""
    stamp(site, WAITED, number).value += minutes


@inlined
def count_wait_for_service(site: Site, number: int) -> None:
    """Waits before entering a place count."""
    if not has_entered(site, number):
        add_wait_for(site, number, SERVICE)


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


@inlined
def uses_rooms(site: Site, number: int) -> bool:
    """Whether someone comes for a place, not for services alone."""
    kind = kind_row(site, visit_row(site, number).kind)
    return kind.first_room < kind.end_rooms


@part
def needs_stay_task(site: Site, number: int, task: int) -> bool:
    """Whether someone inside is still to have a task during the stay, or the one to come."""
    visit = visit_row(site, number)
    if visit.stage >= WANTS_SEAT:
        return False
    if visit.stage in (ON_STAY, AT_STAY_TASK):
        in_hand = visit.stage == AT_STAY_TASK and visit.stay_task == task
        return in_hand or stay_task_is_to_come(site, number, task)
    if has_entered(site, number) or sends_away(site) or not uses_rooms(site, number):
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
