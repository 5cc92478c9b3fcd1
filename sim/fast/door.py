"""The door: who is let in, and what opening and closing mean for those inside."""

from math import inf, isnan

from sim.compiled import inlined, part
from sim.fast.joint import could_start_joint, work_as_site_opens
from sim.fast.memory.codes import (
    BALKED,
    CHECK_IN,
    CLOSED,
    NEVER,
    NO_SPACE,
    NONE,
    SERVICE,
    SITE_OPEN,
    WAITING_CHECK_IN,
    WAITING_PLACE,
    WAITING_SERVICE,
)
from sim.fast.memory.reach import (
    accepted,
    cell,
    drawn,
    drawn_of,
    kind_row,
    listed,
    roles_of_duty,
    room_row,
    service_row,
    visit_row,
)
from sim.fast.memory.record import put, value
from sim.fast.memory.rows import Address, Site
from sim.fast.memory.visits import Kind
from sim.fast.places import ahead_of, available, usable
from sim.fast.tasks import could_start


@inlined
def open_door(site: Site) -> None:
    """The site opens; rooms that open with it do so next."""
    for room in range(site.rooms_count):
        # The queue of the time before is served no longer.
        room_row(site, room).takes_people = False
    span = _begun(site.spans_open, 0, site.spans_count, site.now) - 1
    site.closes = cell(site.spans_close, site.spans_count, span).value
    site.is_open = True
    work_as_site_opens(site)
    put(site, SITE_OPEN, 1)
    site.stirred_counts = True


@inlined
def close_door(site: Site) -> None:
    """The site closes."""
    site.is_open = False
    put(site, SITE_OPEN, 0)
    site.stirred_counts = True


@inlined
def sends_away(site: Site) -> bool:
    """Whether those in line are sent away: after closing, unless the queue is served."""
    return not site.is_open and not site.serves_queue


@inlined
def stopped(site: Site) -> bool:
    """Whether everybody has to leave: after closing, unless stays are finished."""
    return not site.is_open and site.stops


@inlined
def opens_soon(site: Site, number: int) -> float:
    """When the site opens, if it is closed and this visitor may wait for it; otherwise NEVER."""
    if site.is_open:
        return NEVER
    coming = _begun(site.spans_open, 0, site.spans_count, site.now)
    if coming == site.spans_count:
        return NEVER
    opens = cell(site.spans_open, site.spans_count, coming).value
    books = kind_row(site, visit_row(site, number).kind).books
    waits = site.wait_at_door
    if books != NONE:
        waits = max(waits, service_row(site, books).early)
    return NEVER if opens > site.now + waits else opens


@inlined
def refusal(site: Site, number: int) -> int:
    """Why someone does not come in; NONE for those who do."""
    kind = kind_row(site, visit_row(site, number).kind)
    last_entry = site.last_entry if kind.books == NONE else 0.0
    if not site.is_open or site.now >= site.closes - last_entry:
        return CLOSED
    find_rooms(site, number)
    if kind.first_room < kind.end_rooms and visit_row(site, number).accepts == 0:
        return CLOSED
    if site.area != NONE and _waiting(site) >= site.area and _would_wait(site, number, kind):
        return NO_SPACE
    return BALKED if _balks(site, number, kind) else NONE


@inlined
def find_rooms(site: Site, number: int) -> None:
    """Find the rooms that will do and take people in, now or later before the site closes."""
    visit = visit_row(site, number)
    kind = kind_row(site, visit.kind)
    visit.accepts = 0
    for position in range(kind.first_room, kind.end_rooms):
        room = listed(site, position)
        if will_take(site, room):
            accepted(site, number, visit.accepts).value = room
            visit.accepts += 1


@inlined
def will_take(site: Site, number: int) -> bool:
    """Whether a room takes people in, staff permitting, now or later before closing."""
    room = room_row(site, number)
    if room.takes_people:
        return True
    coming = _begun(site.room_opens, room.first_span, room.end_spans, site.now)
    if not site.is_open or coming == room.end_spans:
        return False
    return cell(site.room_opens, site.room_opens_count, coming).value < site.closes


@inlined
def _begun(times: Address, first: int, end: int, now: float) -> int:
    """The first of some opening times that is still to come."""
    count = end
    while first < end:
        middle = (first + end) >> 1
        if cell(times, count, middle).value <= now:
            first = middle + 1
        else:
            end = middle
    return first


@inlined
def _waiting(site: Site) -> int:
    """People in any line."""
    return value(site, WAITING_CHECK_IN) + value(site, WAITING_PLACE) + value(site, WAITING_SERVICE)


@inlined
def _would_wait(site: Site, number: int, kind: Kind) -> bool:
    """Whether someone let in now would have to wait for the first thing they need."""
    minutes = drawn(site, site.check_in, number)
    if minutes > 0:
        return not could_start(site, CHECK_IN, roles_of_duty(site, CHECK_IN), minutes, NONE)
    for index in range(site.services_count):
        service = service_row(site, index)
        minutes = drawn_of(site, site.service, index, number)
        if not isnan(minutes) and (not service.after or kind.first_room == kind.end_rooms):
            if is_early_for(site, number, index):
                return True
            if service.joint:
                return not could_start_joint(site, service, minutes)
            return not could_start(site, SERVICE, service.roles, minutes, NONE)
    return _is_full(site, number)


@inlined
def is_early_for(site: Site, number: int, service: int) -> bool:
    """Whether someone is booked for a service, and joins its line at their time, not before."""
    if kind_row(site, visit_row(site, number).kind).books != service:
        return False
    if service_row(site, service).seen_early:
        return False
    return drawn(site, site.appointment, number) > site.now


@part
def _is_full(site: Site, number: int) -> bool:
    """Whether no place that will do is free, or may be used by one more person."""
    for position in range(visit_row(site, number).accepts):
        if available(site, accepted(site, number, position).value) > 0:
            return False
    return True


@inlined
def _balks(site: Site, number: int, kind: Kind) -> bool:
    if not kind.balks or kind.first_room == kind.end_rooms:
        return False
    ahead = ahead_of(site, number) + value(site, WAITING_CHECK_IN)
    if kind.above != NONE and ahead > kind.above:
        return True
    chance = 0.0
    if kind.when_full > 0 and _is_full(site, number):
        chance = kind.when_full
    if ahead > 0 and kind.per_person_ahead > 0:
        places = 0
        for position in range(visit_row(site, number).accepts):
            places += usable(site, accepted(site, number, position).value)
        chance += kind.per_person_ahead * ahead / places if places > 0 else inf
    if chance <= 0:
        return False
    balk = cell(site.balk, site.balks_count, visit_row(site, number).balk).value
    return balk < min(chance, kind.at_most)
