"""The loop of a system: each of its facilities as ever, and those on the way between them.

It follows sim.city.readable, function for function where it can.
"""

from math import inf, nan

from sim.city.rows import (
    System,
    facility_row,
    hours_row,
    kind_row,
    need_row,
    on_the_way_row,
    site_row,
)
from sim.compiled import compiled, inlined, part, within
from sim.fast.engine import (
    DONE,
    FETCHED,
    GOES_ON,
    LOG_FULL,
    RING_FULL,
    TOO_SMALL,
    close_books,
    fetch_drawn,
    fetch_written,
    has_row,
    is_over,
    next_change,
    next_event,
    receive,
)
from sim.fast.memory.agenda import first
from sim.fast.memory.codes import (
    ARRIVAL,
    CLEANING,
    CLOSED,
    CUT_SHORT,
    FOR_PLACE,
    NEVER,
    NONE,
    OUT,
    OUTCOME,
    SERVED,
    SERVICE_ONLY,
)
from sim.fast.memory.reach import (
    accepted,
    cell,
    fetch,
    flag,
    listed,
    mark,
    queue_row,
    room_row,
    stamp,
    visit_row,
    whole,
)
from sim.fast.memory.reach import kind_row as own_kind_row
from sim.fast.memory.record import of_room, value
from sim.fast.memory.rows import Site, Table, Whole
from sim.fast.places import usable
from sim.fast.site import calendar_changes, settle
from sim.log import ATTEMPT_COLUMNS, TIME, WHOLE, NeedOutcome, Way

VISITS_FULL, ATTEMPTS_FULL, DRAWN_OUT = range(RING_FULL + 1, RING_FULL + 4)
"""How a run pauses, beside the ways of a facility: to go on when a facility has room for more
visits, the system for more attempts, or when chance has drawn for more attempts of a need."""

_WHOLE = [name for name, kind in ATTEMPT_COLUMNS.items() if kind is WHOLE]
_TIMES = [name for name, kind in ATTEMPT_COLUMNS.items() if kind is TIME]
MADE_BY, NUMBER, FACILITY, VISIT, WAY, COME_FROM = map(
    _WHOLE.index, ("need", "number", "facility", "visit", "way", "come_from")
)
SET_OUT, ARRIVED = map(_TIMES.index, ("set_out", "arrival"))
MADE, MADE_AT = len(_WHOLE), len(_TIMES)
"""Columns of the attempts: the whole numbers, and the times."""
UNMET, CLOSED_EVERYWHERE = int(NeedOutcome.UNMET), int(NeedOutcome.CLOSED_EVERYWHERE)
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
    """Do what comes next at a facility, or let those choose who do so before, until one arrives."""
    number = _soonest(system)
    if number == NONE:
        return DONE
    before, door = facility_row(system, number).next, NONE
    while door == NONE and _someone_acts(system, before):
        door = _destination(system)
        if door == NONE:
            system.acts = NONE
    arrives = door != NONE
    if arrives:
        number = door
    site = site_row(system, number)
    lacks = _lacks_for_one_more(system, site) if arrives else _lacks(site)
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
        if mark(site, OUTCOME, gone).value not in (SERVED, SERVICE_ONLY, CUT_SHORT):
            _hand_back(system, number, gone)
    facility_row(system, number).next = _next_at(site)
    return GOES_ON


@inlined
def _soonest(system: System) -> int:
    """The facility at which something happens next, arrivals apart; NONE when all is over."""
    found, soonest = NONE, NEVER
    for number in range(system.facilities_count):
        # Without a branch: no processor could guess which is next.
        time = facility_row(system, number).next
        found = number if time < soonest else found
        soonest = min(soonest, time)
    return found if found != NONE else _not_over(system)


@part
def _not_over(system: System) -> int:
    """The first facility that is to close its books; NONE when all is over."""
    for number in range(system.facilities_count):
        if facility_row(system, number).next == NEVER:
            return number
    return NONE


@inlined
def _next_at(site: Site) -> float:
    """When something next happens at a facility, arrivals apart."""
    return min(next_change(site), first(site).time)


@within
def _goes_on(system: System, number: int) -> bool:
    """Do the next event of a facility. Returns whether anything is to be settled after it."""
    facility, site = facility_row(system, number), site_row(system, number)
    time = facility.next
    if is_over(site, time):
        close_books(site)
        facility.next = nan
        return False
    site.now = time
    if next_change(site) == time:
        calendar_changes(site)
    elif not next_event(site):
        facility.next = _next_at(site)
        return False
    return True


@inlined
def _lacks(site: Site) -> int:
    """What a facility has too little room for to go on; GOES_ON if for nothing."""
    if site.change_count + site.series > site.change_room:
        return LOG_FULL
    return TOO_SMALL if site.full else GOES_ON


@inlined
def _lacks_for_one_more(system: System, site: Site) -> int:
    """The same for whose turn it is to come to its door."""
    lacks = _lacks(site)
    if lacks == GOES_ON:
        if site.visits_arrived == site.visits_count:
            lacks = VISITS_FULL
        elif not has_row(site):
            lacks = RING_FULL
        elif system.attempts_count == system.attempts_room:
            lacks = ATTEMPTS_FULL
        elif need_row(system, system.acts).attempts == system.drawn:
            lacks = DRAWN_OUT
    return lacks


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
    need.attempts = need.tried = 0
    need.goes_to = need.come_from = NONE
    need.way, need.nothing_open, need.spent = FIRST, False, 0.0
    if number % FETCHED == 0:
        _fetch_needs(system, number + 2 * FETCHED)
    if number + FETCHED < system.needs_count:
        _fetch_drawn(system, number + FETCHED)


@inlined
def _fetch_needs(system: System, number: int) -> None:
    """Bring near who will come, and what they wish."""
    count = system.needs_count
    fetch(system.arrival, number)
    fetch(system.kind, number)
    fetch(system.origin, number)
    for facility in range(system.facilities_count):
        fetch(system.order, facility * count + number)
        fetch(system.row, facility * count + number)


@inlined
def _fetch_drawn(system: System, number: int) -> None:
    """Bring near what chance has drawn for somebody who will come, whatever facility they choose.

    Each facility reads here and there a row of its columns, of which no processor foresees the
    next; but nearly every line of memory has a row that is read.
    """
    for facility in range(system.facilities_count):
        row = _row_at(system, facility, number)
        if row % FETCHED == 0:
            fetch_drawn(site_row(system, facility), row)


@inlined
def _row_at(system: System, facility: int, number: int) -> int:
    """Somebody's row in what chance has drawn for a facility."""
    count = system.needs_count
    return whole(system.row, system.facilities_count * count, facility * count + number).value


@part
def _set_off(system: System, number: int, time: float) -> None:
    """Somebody will arrive, or choose, at a time; not at all if that is past the end."""
    if time >= system.horizon:
        _end(system, number, ON_THE_WAY_AT_END, nan)
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


@inlined
def _end(system: System, number: int, outcome: int, over: float) -> None:
    """A need is over, or not by the end; of others the last visit says how it ended."""
    whole(system.outcome, system.needs_count, number).value = outcome
    cell(system.over, system.needs_count, number).value = over


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
    """The facility at whose door the person whose turn it is is now; NONE if at none."""
    number, now = system.acts, system.time
    need = need_row(system, number)
    if need.goes_to != NONE:
        return need.goes_to
    chosen = _choose(system, number, now)
    if chosen == NONE:
        return _finds_nothing(system, number, now)
    need.goes_to, need.set_out = chosen, now
    walk = _walk(system, number, chosen)
    if walk == 0:
        return chosen
    _set_off(system, number, now + walk)
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
        if system.knows_hours:
            there = now + _walk(system, number, facility)
            if not _will_let_in(system, facility, kind, there):
                continue
        if not informed:
            return facility
        ahead = _crowding(system, facility, kind)
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
def _will_let_in(system: System, facility: int, kind: int, there: float) -> bool:
    """Whether a facility takes in a kind, now and when somebody would be there."""
    hours, count = hours_row(system, facility * system.kinds_count + kind), system.opens_count
    while hours.now < hours.end and cell(system.closes, count, hours.now).value <= system.time:
        hours.now += 1
    at = hours.now
    if at == hours.end or cell(system.opens, count, at).value > system.time:
        return False
    while at < hours.end and cell(system.closes, count, at).value <= there:
        at += 1
    return at < hours.end and cell(system.opens, count, at).value <= there


@part
def _crowding(system: System, facility: int, kind: int) -> float:
    """People in places, or places being cleaned, and people waiting, per usable place.

    Of the rooms that will do and take people in at this moment; infinite where no place of these
    is usable.
    """
    site, count = site_row(system, facility), system.kinds_count
    own = whole(system.kind_at, system.facilities_count * count, facility * count + kind).value
    of_kind = own_kind_row(site, own)
    ahead, places = _waiting(site, of_kind.first_room, of_kind.end_rooms), 0
    for position in range(of_kind.first_room, of_kind.end_rooms):
        room = listed(site, position)
        if room_row(site, room).takes_people:
            cleaning = value(site, of_room(room, CLEANING))
            ahead += room_row(site, room).occupied + cleaning
            places += usable(site, room) + cleaning
    return ahead / places if places > 0 else inf


@inlined
def _waiting(site: Site, first: int, end: int) -> int:
    """How many in the queue accept any of the listed rooms that take people in."""
    found, number = 0, queue_row(site, FOR_PLACE).first
    while number != NONE:
        if _accepts_any(site, number, first, end):
            found += 1
        number = visit_row(site, number).behind
    return found


@inlined
def _accepts_any(site: Site, number: int, first: int, end: int) -> bool:
    for position in range(first, end):
        room = listed(site, position)
        if room_row(site, room).takes_people:
            for its_position in range(visit_row(site, number).accepts):
                if accepted(site, number, its_position).value == room:
                    return True
    return False


@part
def _finds_nothing(system: System, number: int, now: float) -> int:
    """Nothing is left, or nothing of it is open. Returns the door at which they are now, or NONE.

    Whose need arises is counted at the door of the first wish, which finds them closed out as ever.
    """
    need = need_row(system, number)
    if need.way == DIVERTED:
        _come_back(system, number, now)
    elif need.way == RETURNED:
        _wait_for_opening(system, number, now)
    elif _wish(system, 0, number) != NONE:
        need.nothing_open, need.set_out, need.goes_to = True, now, _wish(system, 0, number)
    else:
        _end(system, number, CLOSED_EVERYWHERE, now)
    return need.goes_to


@inlined
def _wait_for_opening(system: System, number: int, now: float) -> None:
    """Nothing is open when they come back: wait for the first to open, if that is soon."""
    need, opens = need_row(system, number), _first_opening(system, number, now)
    if opens != NEVER and opens <= need.back + kind_row(system, _kind_of(system, number)).recalls:
        _set_off(system, number, opens)
    else:
        _end(system, number, UNMET, now)


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
    person = system.acts
    site, need = site_row(system, number), need_row(system, person)
    row = site.visits_arrived
    if row % FETCHED == 0:
        fetch_written(site, row + FETCHED)
    visit = visit_row(site, row)
    visit.need, visit.drawn = person, _row_at(system, number, person)
    visit.balk = need.attempts * system.needs_count + person
    visit.spent = need.spent if system.carries_over else 0.0
    _note_attempt(system, number, row)
    need.attempts += 1
    need.tried |= 1 << number
    need.goes_to = NONE
    system.acts, site.now = NONE, system.time
    receive(site)


@inlined
def _note_attempt(system: System, number: int, row: int) -> None:
    need, at = need_row(system, system.acts), system.attempts_count
    system.attempts_count += 1
    _made(system, MADE_BY, at).value, _made(system, NUMBER, at).value = system.acts, need.attempts
    _made(system, FACILITY, at).value, _made(system, VISIT, at).value = number, row
    _made(system, WAY, at).value, _made(system, COME_FROM, at).value = need.way, need.come_from
    room = system.attempts_room
    cell(system.made_at, MADE_AT * room, SET_OUT * room + at).value = need.set_out
    cell(system.made_at, MADE_AT * room, ARRIVED * room + at).value = system.time


@inlined
def _made(system: System, column: int, at: int) -> Whole:
    """A whole number of an attempt."""
    room = system.attempts_room
    return whole(system.made, MADE * room, column * room + at)


@part
def _hand_back(system: System, number: int, visit: int) -> None:
    """Somebody has left a facility who got nothing, and is to decide what to do."""
    site = site_row(system, number)
    person, outcome = visit_row(site, visit).need, mark(site, OUTCOME, visit).value
    need, now = need_row(system, person), stamp(site, OUT, visit).value
    need.spent += now - stamp(site, ARRIVAL, visit).value
    if need.nothing_open and outcome == CLOSED and need.attempts == 1:
        _end(system, person, CLOSED_EVERYWHERE, now)
    elif need.attempts == kind_row(system, _kind_of(system, person)).attempts:
        _end(system, person, UNMET, now)
    elif _uniform(system, system.divert, person) < _diverts(system, outcome) and _is_left(
        system, person
    ):
        need.way, need.come_from = DIVERTED, number
        _set_off(system, person, now)
    else:
        _come_back(system, person, now)


@inlined
def _is_left(system: System, number: int) -> bool:
    """Whether somebody has not tried all that they could."""
    for position in range(system.facilities_count):
        facility = _wish(system, position, number)
        if facility != NONE and not need_row(system, number).tried >> facility & 1:
            return True
    return False


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
    need, share = need_row(system, number), kind_row(system, _kind_of(system, number)).share
    if _uniform(system, system.come_back, number) >= share:
        _end(system, number, UNMET, now)
        return
    need.way, need.come_from, need.tried = RETURNED, NONE, 0
    need.back = now + _uniform(system, system.delay, number)
    _set_off(system, number, need.back)
