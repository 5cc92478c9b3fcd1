"""What the calendar brings: opening, closing, shifts, breaks. All of an instant are one event."""

from sim.compiled import inlined
from sim.fast.breaks import breaks_of_shift_over, fall_due
from sim.fast.codes import (
    BREAK_DUE,
    FOR_PLACE,
    HAND_OVER,
    NONE,
    ROOM_CLOSES,
    ROOM_OPENS,
    SHIFT_BEGINS,
    SHIFT_ENDS,
    SITE_CLOSES,
    SITE_OPENS,
)
from sim.fast.door import close_door, open_door, sends_away, stopped, will_take
from sim.fast.floor import finish_shift, give, may_do, shift_begins
from sim.fast.memory import (
    accepted,
    change_row,
    line_row,
    person_row,
    task_row,
    visit_row,
)
from sim.fast.places import close_room, open_room
from sim.fast.site_row import Site
from sim.fast.tasks import ends_now, interrupt_task
from sim.fast.visit import interrupt
from sim.fast.waiting import CLOSING, GONE, IN_SEAT, in_line


@inlined
def calendar_changes(site: Site) -> None:
    """Do all changes of this instant, in their order."""
    while (
        site.calendar_next < site.calendar_count
        and change_row(site, site.calendar_next).time == site.now
    ):
        change = change_row(site, site.calendar_next)
        site.calendar_next += 1
        _do(site, change.what, change.number)


@inlined
def _do(site: Site, what: int, number: int) -> None:
    if what == SITE_CLOSES:
        _site_closes(site)
    elif what == ROOM_CLOSES:
        _room_closes(site, number)
    elif what == SHIFT_ENDS:
        _shift_ends(site, number)
    elif what == SITE_OPENS:
        open_door(site)
    elif what == ROOM_OPENS:
        open_room(site, number)
    elif what == SHIFT_BEGINS:
        _shift_begins(site, number)
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
    number = line_row(site, FOR_PLACE).first
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


@inlined
def _shift_ends(site: Site, number: int) -> None:
    """Someone's shift ends: they leave, hand over, or finish what they have in hand."""
    person = person_row(site, number).body
    breaks_of_shift_over(site, person)
    _hand_over(site, person)
    finish_shift(site, person)


@inlined
def _shift_begins(site: Site, number: int) -> None:
    """Someone's shift begins. From another role they hand over what this one cannot do."""
    shift = person_row(site, number)
    person = person_row(site, shift.body)
    changes = person.on_shift and person.role != shift.role and person.task != NONE
    if changes and not may_do(site, shift.role, task_row(site, person.task).roles):
        _hand_over(site, shift.body)
    shift_begins(site, number)


@inlined
def _hand_over(site: Site, number: int) -> None:
    task = person_row(site, number).task
    if site.end_of_shift == HAND_OVER and task != NONE and not ends_now(site, task):
        interrupt_task(site, task)
        give(site, number, NONE, NONE)
