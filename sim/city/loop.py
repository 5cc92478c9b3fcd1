"""The loop of a system: each of its facilities as ever, and those on the way between them.

It follows sim.city.readable, function for function where it can.
"""

from math import inf, nan

from sim.city.rows import (
    System,
    attempt_row,
    column_row,
    facility_row,
    hours_row,
    kind_row,
    need_row,
    on_the_way_row,
    site_row,
)
from sim.compiled import compiled, inlined, part, within
from sim.fast.agenda import first
from sim.fast.codes import (
    ARRIVAL,
    BLOCKED,
    CLEANING,
    CLOSED,
    CUT_SHORT,
    INSIDE,
    NEVER,
    NONE,
    OCCUPIED,
    OUT,
    OUTCOME,
    SERVED,
    SERVICE_ONLY,
    WAITING,
)
from sim.fast.engine import (
    DONE,
    GOES_ON,
    LOG_FULL,
    RING_FULL,
    TOO_SMALL,
    arrive,
    close_books,
    has_row,
    is_over,
    next_change,
    next_event,
)
from sim.fast.memory import cell, flag, listed, mark, stamp, visit_row, whole
from sim.fast.memory import kind_row as own_kind_row
from sim.fast.places import usable
from sim.fast.record import of_room, value
from sim.fast.rows import Site, Table
from sim.fast.site import calendar_changes, settle
from sim.log import NeedOutcome, Way

VISITS_FULL, ATTEMPTS_FULL, DRAWN_OUT = range(RING_FULL + 1, RING_FULL + 4)
"""How a run pauses, beside the ways of a facility: to go on when a facility has room for more
visits, the system for more attempts, or when chance has drawn for more attempts of a need."""

FIRST_WISH, ELSEWHERE = int(NeedOutcome.FIRST_WISH), int(NeedOutcome.ELSEWHERE)
CAME_BACK, UNMET = int(NeedOutcome.CAME_BACK), int(NeedOutcome.UNMET)
CLOSED_EVERYWHERE = int(NeedOutcome.CLOSED_EVERYWHERE)
NEED_CUT_SHORT = int(NeedOutcome.CUT_SHORT)
ON_THE_WAY_AT_END = int(NeedOutcome.ON_THE_WAY_AT_END)
FIRST, DIVERTED, RETURNED = int(Way.FIRST), int(Way.DIVERTED), int(Way.RETURNED)


@compiled
def play(table: Table) -> int:
    """Play a replication, or go on with it; the table has one row, the system."""
    system: System = table[0]
    while True:
        state = _step(system)
        if state != GOES_ON:
            return state


@within
def _step(system: System) -> int:
    """Do what comes next at a facility, or let the next person choose and arrive."""
    number = _soonest(system)
    if number == NONE:
        return DONE
    arrives = _someone_acts(system, facility_row(system, number).next)
    if arrives:
        number = _destination(system)
        if number == NONE:
            system.acts = NONE
            return GOES_ON
    site = site_row(system, number)
    lacks = _lacks(system, site, arrives)
    if lacks != GOES_ON:
        system.short_of = number
        return lacks
    if arrives:
        _arrive(system, number)
    elif not _goes_on(system, number):
        return GOES_ON
    settle(site)
    while site.gone != NONE:
        gone = site.gone
        site.gone = visit_row(site, gone).behind
        _hand_back(system, number, gone)
    facility_row(system, number).next = _next_at(site)
    return GOES_ON


@inlined
def _soonest(system: System) -> int:
    """The facility at which something happens next, arrivals apart; NONE when all is over."""
    found, soonest = NONE, NEVER
    for number in range(system.facilities_count):
        facility = facility_row(system, number)
        if not facility.over and (found == NONE or facility.next < soonest):
            found, soonest = number, facility.next
    return found


@inlined
def _next_at(site: Site) -> float:
    """When something next happens at a facility, arrivals apart."""
    return min(next_change(site), first(site).time)


@inlined
def _goes_on(system: System, number: int) -> bool:
    """Do the next event of a facility. Returns whether anything is to be settled after it."""
    facility, site = facility_row(system, number), site_row(system, number)
    time = facility.next
    if is_over(site, time):
        close_books(site)
        facility.over = True
        return False
    site.now = time
    if next_change(site) == time:
        calendar_changes(site)
    elif not next_event(site):
        facility.next = _next_at(site)
        return False
    return True


@inlined
def _lacks(system: System, site: Site, arrives: bool) -> int:
    """What there is too little room for to go on; GOES_ON if for nothing."""
    if site.change_count + site.series > site.change_room:
        return LOG_FULL
    if site.full:
        return TOO_SMALL
    if arrives:
        if site.visits_arrived == site.visits_count:
            return VISITS_FULL
        if not has_row(site):
            return RING_FULL
        if system.attempts_count == system.attempts_room:
            return ATTEMPTS_FULL
        if need_row(system, system.acts).attempts == system.drawn:
            return DRAWN_OUT
    return GOES_ON


# --- whose turn it is -----------------------------------------------------------------------------


@inlined
def _someone_acts(system: System, before: float) -> bool:
    """Whether somebody chooses or arrives before an instant; who, and when, is noted."""
    if system.acts != NONE:
        return True
    begun, time = system.needs_begun, NEVER
    if begun < system.needs_count:
        time = cell(system.arrival, system.needs_count, begun).value
    if system.on_the_way_count > 0:
        soonest = on_the_way_row(system, 0)
        if soonest.time < time or (soonest.time == time and soonest.need < begun):
            if soonest.time >= before:
                return False
            system.acts, system.time = soonest.need, soonest.time
            _drop_soonest(system)
            return True
    if time >= before or time >= system.horizon:
        return False
    system.acts, system.time = begun, time
    _begin(system, begun)
    return True


@inlined
def _begin(system: System, number: int) -> None:
    """A need arises."""
    system.needs_begun += 1
    need = need_row(system, number)
    need.outcome = need.facility = need.visit = need.last = NONE
    need.heading = need.come_from = NONE
    need.attempts = need.returns = need.tried = 0
    need.over, need.spent = nan, 0.0
    need.way, need.shut = FIRST, False


@part
def _set_off(system: System, number: int, time: float) -> None:
    """Somebody will arrive, or choose, at a time; not at all if that is past the end."""
    if time >= system.horizon:
        need_row(system, number).outcome = ON_THE_WAY_AT_END
        return
    at = system.on_the_way_count
    system.on_the_way_count += 1
    while at > 0:
        above = on_the_way_row(system, (at - 1) >> 1)
        if above.time < time or (above.time == time and above.need < number):
            break
        below = on_the_way_row(system, at)
        below.time, below.need = above.time, above.need
        at = (at - 1) >> 1
    one = on_the_way_row(system, at)
    one.time, one.need = time, number


@part
def _drop_soonest(system: System) -> None:
    """Take who comes next out of those on the way: a heap, in which none is before its parent."""
    system.on_the_way_count -= 1
    count = system.on_the_way_count
    last = on_the_way_row(system, count)
    at = 0
    while 2 * at + 1 < count:
        child = 2 * at + 1
        below = on_the_way_row(system, child)
        if child + 1 < count:
            other = on_the_way_row(system, child + 1)
            if other.time < below.time or (other.time == below.time and other.need < below.need):
                child, below = child + 1, other
        if last.time < below.time or (last.time == below.time and last.need < below.need):
            break
        above = on_the_way_row(system, at)
        above.time, above.need = below.time, below.need
        at = child
    one = on_the_way_row(system, at)
    one.time, one.need = last.time, last.need


# --- choosing -------------------------------------------------------------------------------------


@inlined
def _destination(system: System) -> int:
    """The facility at which the person whose turn it is arrives now; NONE if at none."""
    number, now = system.acts, system.time
    need = need_row(system, number)
    if need.heading != NONE:
        return need.heading
    chosen = _choose(system, number, now)
    if chosen == NONE:
        return _finds_nothing(system, number, now)
    need.heading, need.set_out = chosen, now
    arrival = now + _walk(system, number, chosen)
    if arrival == now:
        return chosen
    _set_off(system, number, arrival)
    return NONE


@part
def _choose(system: System, number: int, now: float) -> int:
    """The facility that somebody chooses of those not yet tried; NONE if none is open or left."""
    need, kind = need_row(system, number), whole(system.kind, system.needs_count, number).value
    informed = flag(system.informed, system.needs_count, number).value
    best, least = NONE, inf
    for position in range(system.facilities_count):
        facility = _wish(system, position, number)
        if facility == NONE:
            break
        if need.tried >> facility & 1:
            continue
        if system.knows_hours and not (
            _is_open(system, facility, kind, now)
            and _is_open(system, facility, kind, now + _walk(system, number, facility))
        ):
            continue
        if not informed:
            return facility
        ahead = _people_per_place(system, facility, kind)
        if best == NONE or ahead < least:
            best, least = facility, ahead
    return best


@inlined
def _wish(system: System, position: int, number: int) -> int:
    """A facility in somebody's order; NONE beyond the last."""
    count = system.needs_count
    return whole(system.order, system.facilities_count * count, position * count + number).value


@inlined
def _walk(system: System, number: int, facility: int) -> float:
    """Minutes of walk to a facility."""
    count, come_from = system.facilities_count, need_row(system, number).come_from
    if come_from != NONE:
        return cell(system.walk, count * count, come_from * count + facility).value
    origin = whole(system.origin, system.needs_count, number).value
    return cell(system.from_origin, system.origins_count * count, origin * count + facility).value


@inlined
def _is_open(system: System, facility: int, kind: int, time: float) -> bool:
    """Whether a facility takes in a kind at a time, now or later."""
    hours, count = hours_row(system, facility * system.kinds_count + kind), system.opens_count
    while hours.now < hours.end and cell(system.closes, count, hours.now).value <= system.time:
        hours.now += 1
    at = hours.now
    while at < hours.end and cell(system.closes, count, at).value <= time:
        at += 1
    return at < hours.end and cell(system.opens, count, at).value <= time


@part
def _people_per_place(system: System, facility: int, kind: int) -> float:
    """People in places, being cleaned after or waiting, per usable place of the rooms that do."""
    site, count = site_row(system, facility), system.kinds_count
    own = whole(system.kind_at, system.facilities_count * count, facility * count + kind).value
    people = places = 0
    of_kind = own_kind_row(site, own)
    for position in range(of_kind.first_room, of_kind.end_rooms):
        room = listed(site, position)
        for what in (OCCUPIED, BLOCKED, CLEANING, WAITING):
            people += value(site, of_room(room, what))
        places += usable(site, room)
    return people / places if places > 0 else inf


@part
def _finds_nothing(system: System, number: int, now: float) -> int:
    """Nothing is left or open. Returns the facility at whose door they are nevertheless, or NONE.

    Who comes for the first time is counted at the door of the first wish; who would have gone
    elsewhere comes back or gives up; who has come back waits for an opening, if it is soon.
    """
    need = need_row(system, number)
    if need.way == FIRST:
        need.shut, need.set_out, need.heading = True, now, _wish(system, 0, number)
        return need.heading
    if need.way == DIVERTED:
        _come_back(system, number, now)
        return NONE
    opens = _first_opening(system, number, now)
    kind = whole(system.kind, system.needs_count, number).value
    if opens - now <= kind_row(system, kind).recalls:
        _set_off(system, number, opens)
    else:
        need.outcome, need.over = UNMET, now
    return NONE


@inlined
def _first_opening(system: System, number: int, now: float) -> float:
    """When a facility of somebody's order next opens."""
    kind, found = whole(system.kind, system.needs_count, number).value, NEVER
    for position in range(system.facilities_count):
        facility = _wish(system, position, number)
        if facility == NONE:
            break
        hours = hours_row(system, facility * system.kinds_count + kind)
        at = hours.now
        while at < hours.end and cell(system.opens, system.opens_count, at).value <= now:
            at += 1
        if at < hours.end:
            found = min(found, cell(system.opens, system.opens_count, at).value)
    return found


# --- doors ----------------------------------------------------------------------------------------


@inlined
def _arrive(system: System, number: int) -> None:
    """The person whose turn it is is at the door of a facility."""
    person, now, count = system.acts, system.time, system.needs_count
    system.acts = NONE
    site, need = site_row(system, number), need_row(system, person)
    row = site.visits_arrived
    _copy_columns(system, number, row)
    cell(site.arrival, site.visits_count, row).value = now
    balk = cell(system.balk, system.drawn * count, need.attempts * count + person).value
    cell(site.balk, site.visits_count, row).value = balk
    if system.carries_over:
        patience = cell(site.patience, site.visits_count, row)
        patience.value = max(0.0, patience.value - need.spent)
    _note_attempt(system, number, row)
    need.attempts += 1
    need.returns += 1 if need.way == RETURNED else 0
    need.tried |= 1 << number
    need.facility, need.visit, need.heading = number, row, NONE
    site.now = now
    arrive(site)


@inlined
def _copy_columns(system: System, number: int, row: int) -> None:
    """What chance has drawn for the person whose turn it is, as that for the next visit."""
    site, facility = site_row(system, number), facility_row(system, number)
    count = system.needs_count
    of_need = number * count + system.acts
    source = whole(system.row, system.facilities_count * count, of_need).value
    for one in range(facility.columns_count):
        column = column_row(facility, one)
        drawn = whole(column.source, facility.columns_rows, source).value
        whole(column.target, site.visits_count, row).value = drawn
    whole(facility.need_of, site.visits_count, row).value = system.acts


@inlined
def _note_attempt(system: System, number: int, row: int) -> None:
    need, attempt = need_row(system, system.acts), attempt_row(system, system.attempts_count)
    system.attempts_count += 1
    attempt.need, attempt.number = system.acts, need.attempts
    attempt.facility, attempt.visit = number, row
    attempt.way, attempt.come_from = need.way, need.come_from
    attempt.set_out, attempt.arrival = need.set_out, system.time


@part
def _hand_back(system: System, number: int, visit: int) -> None:
    """Somebody has left a facility: met, or to decide what to do."""
    site = site_row(system, number)
    person = whole(facility_row(system, number).need_of, site.visits_count, visit).value
    need, now = need_row(system, person), stamp(site, OUT, visit).value
    outcome = mark(site, OUTCOME, visit).value
    need.last = outcome
    need.spent += now - stamp(site, ARRIVAL, visit).value
    if outcome in (SERVED, SERVICE_ONLY):
        elsewhere = number != _wish(system, 0, person)
        need.outcome = CAME_BACK if need.returns > 0 else ELSEWHERE if elsewhere else FIRST_WISH
    elif outcome == CUT_SHORT:
        need.outcome, need.over = NEED_CUT_SHORT, now
    elif outcome == CLOSED and need.shut:
        need.outcome, need.over = CLOSED_EVERYWHERE, now
    elif need.attempts == kind_row(system, _kind_of(system, person)).attempts:
        need.outcome, need.over = UNMET, now
    elif _uniform(system, system.divert, person) < _diverts(system, outcome):
        need.way, need.come_from = DIVERTED, number
        _set_off(system, person, now)
    else:
        _come_back(system, person, now)


@inlined
def _kind_of(system: System, number: int) -> int:
    return whole(system.kind, system.needs_count, number).value


@inlined
def _diverts(system: System, outcome: int) -> float:
    """The chance that somebody goes elsewhere after an outcome."""
    return cell(system.diverts, system.outcomes_count, outcome).value


@inlined
def _uniform(system: System, column: int, number: int) -> float:
    """What chance has drawn for somebody's last attempt."""
    count = system.needs_count
    attempt = need_row(system, number).attempts - 1
    return cell(column, system.drawn * count, attempt * count + number).value


@part
def _come_back(system: System, number: int, now: float) -> None:
    """Somebody who got nothing comes back later, or gives up."""
    need = need_row(system, number)
    if _uniform(system, system.come_back, number) < kind_row(
        system, _kind_of(system, number)
    ).share:
        need.way, need.come_from, need.tried = RETURNED, NONE, 0
        _set_off(system, number, now + _uniform(system, system.delay, number))
    else:
        need.outcome, need.over = UNMET, now
