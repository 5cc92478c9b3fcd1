"""The site as a whole: what is granted after every event, and what the calendar brings."""

from sim.compiled import inlined, part, within
from sim.fast.door import close_door, open_door, sends_away, stopped, will_take
from sim.fast.memory.codes import (
    BREAK_DUE,
    CHECK_IN,
    FOR_PLACE,
    FOR_SEAT,
    INSIDE,
    NONE,
    PLACES_CHANGE,
    PLACES_FAIL,
    ROOM_CLOSES,
    ROOM_OPENS,
    SERVICE,
    SHIFT_BEGINS,
    SHIFT_ENDS,
    SITE_CLOSES,
    SITE_OPENS,
    STAY_TASK,
)
from sim.fast.memory.reach import (
    accepted,
    change_row,
    part_row,
    person_row,
    queue_row,
    role_list,
    room_row,
    service_row,
    task_row,
    visit_row,
)
from sim.fast.memory.record import log, value
from sim.fast.memory.rows import Site
from sim.fast.places import (
    anyone_can_enter,
    close_room,
    could_watch,
    fail,
    free_room_for,
    note_supervision,
    open_room,
    seat_is_free,
    set_limit,
    stop_waiting_for_seat,
)
from sim.fast.staff import assign, begin_shift, end_shift, let_go, note_nobody_free
from sim.fast.tasks import room_to_clean, task_of
from sim.fast.visit import enter_place, interrupt, sit_down
from sim.fast.waiting import (
    AT_DESK,
    AT_SERVICE,
    AT_STAY_TASK,
    CLOSING,
    GONE,
    IN_QUEUE,
    IN_SEAT,
    NOBODY,
    in_line,
    is_awaited_by,
    is_seen_through,
    may_enter,
    set_timers,
)
from sim.fast.work import fall_due, on_duty_of, who


@within
def settle(site: Site) -> None:
    """Grant all that the last event has made possible, then log what has changed."""
    while (
        (site.stay_until_empty and (site.closing_down or not site.is_open) and _close_down(site))
        or assign(site)
        or _give_places(site)
        or _give_seats(site)
    ):
        pass
    if site.stirred_counts:
        site.stirred_counts = False
        if site.rules_count > 0:
            note_supervision(site)
        note_nobody_free(site)
    log(site)
    set_timers(site)


@inlined
def _give_places(site: Site) -> bool:
    """Give free places to the queue, in order. Returns whether anyone got one."""
    if not site.stirred_queue:
        return False
    site.stirred_queue = seated = False
    number = queue_row(site, FOR_PLACE).first if anyone_can_enter(site) else NONE
    while number != NONE:
        behind = visit_row(site, number).behind
        room = free_room_for(site, number)
        if room != NONE:
            enter_place(site, number, room)
            seated = True
            behind = behind if anyone_can_enter(site) else NONE
        number = behind
    return seated


@inlined
def _give_seats(site: Site) -> bool:
    """Give free seats in aftercare to those who wait. Returns whether anyone got one."""
    seated, number = False, queue_row(site, FOR_SEAT).first
    while number != NONE and seat_is_free(site):
        stop_waiting_for_seat(site, number)
        sit_down(site, number)
        seated = True
        number = queue_row(site, FOR_SEAT).first
    return seated


# --- after closing --------------------------------------------------------------------------------


@part
def _close_down(site: Site) -> bool:
    """Where staff stay until nobody is inside: do what follows. Returns whether anything did.

    Who waits in vain goes on without, or leaves; then who is no longer needed goes home.
    """
    if site.is_open:
        site.closing_down = False
        return site.stayers > 0 and let_go(site)
    if not site.closing_down:
        site.closing_down = site.stirred_tasks = True
    for room in range(site.rooms_count):
        _note_awaited(site, room)
    if value(site, INSIDE) > 0 and _give_up(site):
        return True
    return site.stayers > 0 and let_go(site)


@inlined
def _note_awaited(site: Site, number: int) -> None:
    """Note whether somebody inside may still get a place of a room."""
    room = room_row(site, number)
    before = room.awaited
    room.awaited = False
    visitor = site.visits_first if room.takes_people else NONE
    while visitor != NONE:
        room.awaited |= may_enter(site, visitor) and is_awaited_by(site, visitor, number)
        visitor = visit_row(site, visitor).later
    site.stirred_tasks |= room.awaited and not before


@inlined
def _give_up(site: Site) -> bool:
    """Those who wait for what nobody on duty could do go on without, or leave."""
    gave_up, number = False, site.visits_first
    while number != NONE:
        visit = visit_row(site, number)
        later = visit.later
        if visit.inside and _waits_in_vain(site, number):
            interrupt(site, number, NOBODY)
            gave_up = True
        number = later
    return gave_up


@inlined
def _waits_in_vain(site: Site, number: int) -> bool:
    """Whether someone waits for what nobody on duty could do."""
    visit = visit_row(site, number)
    if visit.stage == IN_QUEUE:
        for position in range(visit.accepts):
            if _could_take(site, accepted(site, number, position).value):
                return False
        return True
    if visit.stage == AT_DESK:
        duty = CHECK_IN
    elif visit.stage == AT_SERVICE:
        running = task_row(site, task_of(number, SERVICE)).running
        return not running and _cannot_be_given(site, visit.service)
    elif visit.stage == AT_STAY_TASK:
        duty = STAY_TASK
    else:
        return False
    task = task_row(site, task_of(number, duty))
    return not task.running and _is_staffed(site, task.roles) and not on_duty_of(site, task.roles)


@inlined
def _cannot_be_given(site: Site, index: int) -> bool:
    """Whether those on duty could not make up what a service takes."""
    service = service_row(site, index)
    for number in range(service.first_part, service.end_parts):
        part_of = part_row(site, number)
        if on_duty_of(site, part_of.roles) < part_of.number:
            return True
    return False


@inlined
def _is_staffed(site: Site, roles: int) -> bool:
    """Whether a task with these roles needs anybody."""
    first, end = role_list(site, roles)
    return first < end


@inlined
def _could_take(site: Site, number: int) -> bool:
    """Whether a room may give somebody a place, now or later, with those who are on duty."""
    room = room_row(site, number)
    if not room.takes_people or room.limit == 0 or not could_watch(site, number):
        return False
    if room.free > 0 or not _is_staffed(site, room.cleaners) or on_duty_of(site, room.cleaners):
        return True
    # Somebody who is no longer on duty may still finish the cleaning of a place.
    for position in range(site.here_count):
        task = person_row(site, who(site, position)).task
        if task != NONE and room_to_clean(site, task, task_row(site, task).duty) == number:
            return True
    return False


# --- the calendar ---------------------------------------------------------------------------------


@part
def calendar_changes(site: Site) -> None:
    """Do all changes of this instant, in their order."""
    while (
        site.calendar_next < site.calendar_count
        and change_row(site, site.calendar_next).time == site.now
    ):
        change = change_row(site, site.calendar_next)
        site.calendar_next += 1
        _change(site, change.what, change.number)


@inlined
def _change(site: Site, what: int, number: int) -> None:
    if what == SITE_CLOSES:
        _site_closes(site)
    elif what == ROOM_CLOSES:
        _room_closes(site, number)
    elif what == SHIFT_ENDS:
        end_shift(site, number)
    elif what == SITE_OPENS:
        open_door(site)
    elif what == ROOM_OPENS:
        open_room(site, number)
    elif what == SHIFT_BEGINS:
        begin_shift(site, number)
    elif what == PLACES_CHANGE:
        set_limit(site, number)
    elif what == PLACES_FAIL:
        fail(site, number)
    elif what == BREAK_DUE:
        fall_due(site, number)


@inlined
def _site_closes(site: Site) -> None:
    """The site closes: those in line, or everybody, may have to leave."""
    close_door(site)
    number = site.visits_first
    while number != NONE:
        visit = visit_row(site, number)
        later = visit.later
        if visit.inside:
            everybody = stopped(site) and GONE < visit.stage <= IN_SEAT
            in_vain = in_line(site, number) and not is_seen_through(site, number)
            if everybody or (sends_away(site) and in_vain):
                interrupt(site, number, CLOSING)
        number = later


@inlined
def _room_closes(site: Site, room: int) -> None:
    """A room's hours end.

    With the site, its queue may still be served. On its own, those in line whom no other room
    will take before the site closes are sent away.
    """
    close_room(site, room)
    number = queue_row(site, FOR_PLACE).first
    while site.is_open and number != NONE:
        behind = visit_row(site, number).behind
        if not _some_room_will_take(site, number):
            interrupt(site, number, CLOSING)
        number = behind


@inlined
def _some_room_will_take(site: Site, number: int) -> bool:
    for position in range(visit_row(site, number).accepts):
        if will_take(site, accepted(site, number, position).value):
            return True
    return False
