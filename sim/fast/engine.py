"""The loop: from one event to the next, and after each what it has made possible."""

from sim.compiled import compiled, inlined, within
from sim.fast.aftercare import seat_is_free, stop_waiting_for_seat
from sim.fast.agenda import first
from sim.fast.breaks import assign_covered_breaks, assign_forced_breaks
from sim.fast.calendar import calendar_changes
from sim.fast.codes import FOR_PLACE, FOR_SEAT, INSIDE, NEVER, NOBODY_FREE, NONE
from sim.fast.events import arrive, has_row, next_event
from sim.fast.floor import close_floor
from sim.fast.memory import change_row, drawn, line_row, visit_row
from sim.fast.places import anyone_can_enter, free_room_for, note_supervision
from sim.fast.rows import Table
from sim.fast.site_row import Site
from sim.fast.state import log, put, value
from sim.fast.tasks import assign_tasks
from sim.fast.teams import anyone_for_overdose, assign_teams
from sim.fast.visit import enter_place, sit_down
from sim.fast.waiting import set_timers

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
    calendar, arrival = _next_change(site), _next_arrival(site)
    event = first(site).time
    time = min(calendar, arrival, event)
    if _over(site, time):
        _end(site)
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
def _next_change(site: Site) -> float:
    """When the calendar next brings something: it comes before all else of that instant."""
    if site.calendar_next == site.calendar_count:
        return NEVER
    return change_row(site, site.calendar_next).time


@inlined
def _next_arrival(site: Site) -> float:
    """When somebody next arrives: after all else of that instant."""
    if site.visits_arrived == site.visits_count:
        return NEVER
    return drawn(site, site.arrival, site.visits_arrived)


@inlined
def _over(site: Site, time: float) -> bool:
    """Whether the next event is past the horizon and would change nothing that counts."""
    if time <= site.horizon:
        return False
    return time == NEVER or site.is_open or value(site, INSIDE) == 0


@inlined
def _end(site: Site) -> None:
    """Close the books. Who is still inside has waited for all that was planned, in vain."""
    site.end = site.horizon
    if not site.is_open:
        if value(site, INSIDE) > 0:
            site.now = max(site.now, site.last)
        site.end = max(site.horizon, site.now)
    close_floor(site)


# --- after every event ------------------------------------------------------------------------


@within
def settle(site: Site) -> None:
    """Grant all that the last event has made possible, then log what has changed."""
    while _assign(site) or _give_places(site) or _give_seats(site):
        pass
    if site.stirred_counts:
        site.stirred_counts = False
        if site.rules_count > 0:
            note_supervision(site)
        if site.responding_any:
            put(site, NOBODY_FREE, 1 if site.is_open and not anyone_for_overdose(site) else 0)
    log(site)
    set_timers(site)


@inlined
def _assign(site: Site) -> bool:
    """Give out work, the most urgent first, and breaks. Returns whether anything was given."""
    given = site.gathering_count > 0 and assign_teams(site)
    given |= site.due_count > 0 and assign_forced_breaks(site)
    given |= assign_tasks(site)
    given |= site.due_count > 0 and assign_covered_breaks(site)
    return given


@inlined
def _give_places(site: Site) -> bool:
    """Give free places to the queue, in order. Returns whether anyone got one."""
    if not site.stirred_queue:
        return False
    site.stirred_queue = seated = False
    number = line_row(site, FOR_PLACE).first if anyone_can_enter(site) else NONE
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
    seated, number = False, line_row(site, FOR_SEAT).first
    while number != NONE and seat_is_free(site):
        stop_waiting_for_seat(site, number)
        sit_down(site, number)
        seated = True
        number = line_row(site, FOR_SEAT).first
    return seated
