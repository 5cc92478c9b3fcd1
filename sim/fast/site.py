"""The site as a whole: what is granted after every event, and what the calendar brings."""

from sim.compiled import inlined, within
from sim.fast.codes import (
    BREAK_DUE,
    FOR_PLACE,
    FOR_SEAT,
    NONE,
    PLACES_CHANGE,
    PLACES_FAIL,
    ROOM_CLOSES,
    ROOM_OPENS,
    SHIFT_BEGINS,
    SHIFT_ENDS,
    SITE_CLOSES,
    SITE_OPENS,
)
from sim.fast.door import close_door, open_door, sends_away, stopped, will_take
from sim.fast.memory import accepted, change_row, queue_row, visit_row
from sim.fast.places import (
    anyone_can_enter,
    close_room,
    fail,
    free_room_for,
    note_supervision,
    open_room,
    seat_is_free,
    set_limit,
    stop_waiting_for_seat,
)
from sim.fast.record import log
from sim.fast.rows import Site
from sim.fast.staff import assign, begin_shift, end_shift, note_nobody_free
from sim.fast.visit import (
    CLOSING,
    GONE,
    IN_SEAT,
    enter_place,
    in_line,
    interrupt,
    set_timers,
    sit_down,
)
from sim.fast.work import fall_due


@within
def settle(site: Site) -> None:
    """Grant all that the last event has made possible, then log what has changed."""
    while assign(site) or _give_places(site) or _give_seats(site):
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


# --- the calendar ---------------------------------------------------------------------------------


@inlined
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
            if everybody or (sends_away(site) and in_line(site, number)):
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
