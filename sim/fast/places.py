"""Rooms, their places and the one queue for them; the seats of aftercare."""

from math import isnan, nan

from sim.compiled import inlined, part
from sim.fast.memory.agenda import REPAIR, at
from sim.fast.memory.codes import (
    AFTERCARE,
    BELOW_COVER,
    BLOCKED,
    CLEANING,
    FOR_PLACE,
    FOR_SEAT,
    NEVER,
    NONE,
    NONE_USABLE,
    OCCUPIED,
    OPEN,
    PAUSED,
    ROLE_MISSING,
    UNUSABLE,
    WAITING,
    WAITING_PLACE,
)
from sim.fast.memory.reach import (
    accepted,
    cell,
    drawn,
    insert_visit,
    kind_row,
    listed,
    outage_of,
    outage_row,
    place_is_free,
    queue_row,
    remove_visit,
    role_list,
    room_row,
    rule_row,
    size_row,
    visit_row,
    whole,
)
from sim.fast.memory.record import add, of_room, put, value
from sim.fast.memory.rooms import Rule
from sim.fast.memory.rows import Site
from sim.fast.work import on_duty_of, on_duty_with, present

# --- the queue --------------------------------------------------------------------------------


@inlined
def join_queue(site: Site, number: int) -> None:
    """Join the queue for any of the rooms accepted: by priority class, then order of joining."""
    ahead = queue_row(site, FOR_PLACE).last
    while ahead != NONE and _priority(site, number) < _priority(site, ahead):
        ahead = visit_row(site, ahead).ahead
    insert_visit(site, FOR_PLACE, number, ahead)
    _count_waiting(site, number, 1)
    site.stirred_queue = True  # and so by all else that lets someone in who could not enter before


@inlined
def leave_queue(site: Site, number: int) -> None:
    """Someone stops waiting, with or without a place."""
    remove_visit(site, FOR_PLACE, number)
    _count_waiting(site, number, -1)


@inlined
def switches_at(site: Site, number: int) -> float:
    """When someone who joins the queue now accepts another room as well."""
    if kind_row(site, visit_row(site, number).kind).switch == NONE:
        return NEVER
    return site.now + drawn(site, site.switch_after, number)


@inlined
def accept_too(site: Site, number: int, room: int) -> None:
    """Someone in the queue accepts another room as well."""
    visit = visit_row(site, number)
    accepted(site, number, visit.accepts).value = room
    visit.accepts += 1
    room_row(site, room).wanted += 1
    site.stirred_queue = True


@inlined
def free_room_for(site: Site, number: int) -> int:
    """The room that someone prefers of those that can take them now."""
    for position in range(visit_row(site, number).accepts):
        room = accepted(site, number, position).value
        if available(site, room) > 0:
            return room
    return NONE


@inlined
def ahead_of(site: Site, number: int) -> int:
    """How many in the queue accept any of the rooms that someone accepts."""
    found, other = 0, queue_row(site, FOR_PLACE).first
    while other != NONE:
        if _compete(site, number, other):
            found += 1
        other = visit_row(site, other).behind
    return found


@inlined
def _compete(site: Site, one: int, other: int) -> bool:
    for position in range(visit_row(site, one).accepts):
        for its_position in range(visit_row(site, other).accepts):
            if accepted(site, one, position).value == accepted(site, other, its_position).value:
                return True
    return False


@inlined
def _priority(site: Site, number: int) -> int:
    return kind_row(site, visit_row(site, number).kind).priority


@inlined
def _count_waiting(site: Site, number: int, change: int) -> None:
    for position in range(visit_row(site, number).accepts):
        room_row(site, accepted(site, number, position).value).wanted += change
    add(site, of_room(accepted(site, number, 0).value, WAITING), change)
    add(site, WAITING_PLACE, change)


# --- places -----------------------------------------------------------------------------------


@inlined
def available(site: Site, number: int) -> int:
    """Places of a room that may take someone now."""
    room = room_row(site, number)
    if room.free == 0 or not room.takes_people:
        return 0
    free = room.free
    for position in range(room.first_rule, room.end_rules):
        free = min(free, room_to_watch(site, listed(site, position)))
    return max(0, free)


@inlined
def anyone_can_enter(site: Site) -> bool:
    """Whether some room that someone in the queue accepts may take them now."""
    for room in range(site.rooms_count):
        if room_row(site, room).wanted > 0 and available(site, room) > 0:
            return True
    return False


@inlined
def usable(site: Site, room: int) -> int:
    """Places of a room that are in use or may take someone now."""
    return room_row(site, room).occupied + available(site, room)


@inlined
def open_room(site: Site, number: int) -> None:
    """A room starts taking people in."""
    room = room_row(site, number)
    room.takes_people = room.in_hours = True
    _count_open(site, number)
    site.stirred_queue = site.stirred_counts = True


@inlined
def close_room(site: Site, number: int) -> None:
    """A room's hours end; if the site's do and the queue is served, it may still enter."""
    room = room_row(site, number)
    room.takes_people = not site.is_open and site.serves_queue
    room.in_hours = False
    _count_open(site, number)
    site.stirred_queue = site.stirred_counts = True


@part
def could_watch(site: Site, number: int) -> bool:
    """Whether those on duty could watch at least one person in a room under all its rules."""
    room = room_row(site, number)
    for position in range(room.first_rule, room.end_rules):
        rule = rule_row(site, listed(site, position))
        staff = on_duty_of(site, rule.roles)
        if staff < rule.minimum:
            return False
        for need in range(rule.first_need, rule.end_needs, 2):
            if on_duty_with(site, listed(site, need)) < listed(site, need + 1):
                return False
        if not isnan(rule.places_per_staff) and int(min(_MANY, rule.places_per_staff * staff)) == 0:
            return False
    return True


@inlined
def unwatched(rule: Rule, staff: int) -> int:
    """How many of those in places, or of one person at least, so many staff could not watch."""
    if isnan(rule.places_per_staff):
        return 0
    return max(0, max(1, rule.occupied) - int(min(_MANY, rule.places_per_staff * staff)))


@inlined
def take(site: Site, number: int) -> int:
    """Give out the free place with the lowest number."""
    room = room_row(site, number)
    place = room.lowest
    while not place_is_free(site, room.first_place + place).value:
        place += 1
    place_is_free(site, room.first_place + place).value = False
    room.lowest = place + 1
    room.free -= 1
    _occupy(site, number, 1)
    add(site, of_room(number, OCCUPIED), 1)
    return place


@inlined
def block(site: Site, room: int) -> None:
    """The stay is over but the person cannot leave the place."""
    add(site, of_room(room, OCCUPIED), -1)
    add(site, of_room(room, BLOCKED), 1)


@inlined
def vacate(site: Site, number: int) -> None:
    """A person leaves the place, which is now to be cleaned."""
    visit = visit_row(site, number)
    _occupy(site, visit.room, -1)
    add(site, of_room(visit.room, BLOCKED if visit.blocks else OCCUPIED), -1)
    add(site, of_room(visit.room, CLEANING), 1)


@inlined
def ready(site: Site, number: int, place: int) -> None:
    """A place is clean and free, or goes out of order now if it has failed meanwhile."""
    add(site, of_room(number, CLEANING), -1)
    room = room_row(site, number)
    outage = outage_of(site, room.first_place + place).value
    if outage != NONE:
        _put_out(site, outage)
    else:
        _set_free(site, number, place)
    if outage != NONE or place >= room.limit:
        _count_open(site, number)
    site.stirred_queue = site.stirred_counts = True


@inlined
def _set_free(site: Site, number: int, place: int) -> None:
    room = room_row(site, number)
    place_is_free(site, room.first_place + place).value = True
    room.lowest = min(room.lowest, place)
    if place < room.limit:
        room.free += 1
    else:
        room.closed += 1


@inlined
def _occupy(site: Site, number: int, change: int) -> None:
    room = room_row(site, number)
    room.occupied += change
    for position in range(room.first_rule, room.end_rules):
        rule_row(site, listed(site, position)).occupied += change
        site.stirred_queue |= change < 0
        site.stirred_counts = True


# --- places that come and go --------------------------------------------------------------------


@part
def set_limit(site: Site, change: int) -> None:
    """Close the places with the highest numbers for the day, or open them again."""
    size = size_row(site, change)
    room = room_row(site, size.room)
    room.limit = size.places
    room.free = room.closed = room.out_open = 0
    for place in range(room.places):
        if place_is_free(site, room.first_place + place).value:
            if place < room.limit:
                room.free += 1
            else:
                room.closed += 1
        elif place < room.limit and _is_out(site, room.first_place + place):
            room.out_open += 1
    _count_open(site, size.room)
    site.stirred_queue = site.stirred_counts = True


@part
def fail(site: Site, failure: int) -> None:
    """So many places get out of order, or as many as are in order: free ones first."""
    count = site.failures_count
    number = whole(site.failure_room, count, failure).value
    room = room_row(site, number)
    for _ in range(room.fails):
        place = _first_that_may_fail(site, number)
        if place == NONE:
            break
        row = site.outages_count
        site.outages_count += 1
        outage = outage_row(site, row)
        outage.room, outage.place, outage.failed = number, place, site.now
        outage.repair = cell(site.failure_repair, count, failure).value
        outage.out = outage.back = nan
        outage_of(site, room.first_place + place).value = row
        if place_is_free(site, room.first_place + place).value:
            place_is_free(site, room.first_place + place).value = False
            if place < room.limit:
                room.free -= 1
            else:
                room.closed -= 1
            _put_out(site, row)
    _count_open(site, number)
    site.stirred_queue = site.stirred_counts = True


@inlined
def _first_that_may_fail(site: Site, number: int) -> int:
    """The free place with the lowest number, or else that in use which has not failed yet."""
    room, in_use = room_row(site, number), NONE
    for place in range(room.places):
        if place_is_free(site, room.first_place + place).value:
            return place
        if in_use == NONE and outage_of(site, room.first_place + place).value == NONE:
            in_use = place
    return in_use


@part
def _put_out(site: Site, number: int) -> None:
    """A place that has failed is out of order from now on."""
    outage = outage_row(site, number)
    room = room_row(site, outage.room)
    outage.out = site.now
    room.out += 1
    if outage.place < room.limit:
        room.out_open += 1
    at(site, site.now + outage.repair, REPAIR, room.first_place + outage.place, 0, NONE)


@part
def put_back(site: Site, place: int) -> bool:
    """A place is in order again; places are numbered through all rooms. Returns True."""
    failed = outage_of(site, place)
    outage = outage_row(site, failed.value)
    room = room_row(site, outage.room)
    failed.value, outage.back = NONE, site.now
    room.out -= 1
    if outage.place < room.limit:
        room.out_open -= 1
    _set_free(site, outage.room, outage.place)
    _count_open(site, outage.room)
    site.stirred_queue = site.stirred_counts = True
    return True


@inlined
def _is_out(site: Site, place: int) -> bool:
    outage = outage_of(site, place).value
    return outage != NONE and not isnan(outage_row(site, outage).out)


@part
def _count_open(site: Site, number: int) -> None:
    room = room_row(site, number)
    put(site, of_room(number, OPEN), room.places - room.out - room.closed if room.in_hours else 0)
    if room.out_series != NONE:
        put(site, room.out_series, room.out_open if room.in_hours else 0)


# --- what follows from supervision ------------------------------------------------------------


@inlined
def note_supervision(site: Site) -> None:
    """Bring the counts that follow from supervision up to date."""
    below = missing = False
    for number in range(site.rooms_count):
        room = room_row(site, number)
        if room.first_rule < room.end_rules:
            here, unusable, paused = available(site, number), 0, False
            if value(site, of_room(number, OPEN)) > 0:
                unusable = room.free - here
                for position in range(room.first_rule, room.end_rules):
                    one = listed(site, position)
                    paused |= is_unmet(site, one)
                    below |= cover(site, one).short
                    missing |= cover(site, one).role_missing
            put(site, of_room(number, UNUSABLE), unusable)
            put(site, of_room(number, NONE_USABLE), 1 if unusable > 0 and here == 0 else 0)
            put(site, of_room(number, PAUSED), 1 if paused else 0)
    put(site, BELOW_COVER, 1 if below else 0)
    put(site, ROLE_MISSING, 1 if missing else 0)


# --- supervision ----------------------------------------------------------------------------------


_MANY = 1e15
"""More people than can come: a float above it is no exact whole number."""


@inlined
def room_to_watch(site: Site, number: int) -> int:
    """How many more people the staff present may let in under a rule."""
    return max(0, watchable(site, number) - rule_row(site, number).occupied)


@inlined
def watchable(site: Site, number: int) -> int:
    """How many people the staff present can watch under a rule; 0 if too few are there."""
    return cover(site, number).watchable


@inlined
def is_unmet(site: Site, number: int) -> bool:
    """Whether a rule is unmet: too few staff, a role missing, or more people than are watched.

    Staff who may watch nobody at all are too few, whether or not anybody is in a place.
    """
    rule = cover(site, number)
    if rule.short or rule.role_missing:
        return True
    limited = not isnan(rule.places_per_staff)
    return limited and (rule.watchable == 0 or rule.occupied > rule.watchable)


@inlined
def cover(site: Site, number: int) -> Rule:
    """A rule, with how far the staff present satisfy it."""
    if site.stirred_cover:
        site.stirred_cover = False
        for one in range(site.rules_count):
            _look_at(site, rule_row(site, one))
    return rule_row(site, number)


@inlined
def _look_at(site: Site, rule: Rule) -> None:
    staff, (first, end) = 0, role_list(site, rule.roles)
    for position in range(first, end):
        staff += present(site, listed(site, position))
    rule.short, rule.role_missing = staff < rule.minimum, _needs_more(site, rule)
    if rule.short or rule.role_missing:
        rule.watchable = 0
    elif isnan(rule.places_per_staff):
        rule.watchable = site.all_places
    else:
        rule.watchable = int(min(_MANY, rule.places_per_staff * staff))


@inlined
def _needs_more(site: Site, rule: Rule) -> bool:
    for position in range(rule.first_need, rule.end_needs, 2):
        if present(site, listed(site, position)) < listed(site, position + 1):
            return True
    return False


# --- aftercare ------------------------------------------------------------------------------------


@inlined
def seat_is_free(site: Site) -> bool:
    """Whether a seat is free; NONE seats means no limit."""
    return site.aftercare_seats == NONE or value(site, AFTERCARE) < site.aftercare_seats


@inlined
def take_seat(site: Site) -> None:
    """Take a free seat."""
    add(site, AFTERCARE, 1)


@inlined
def leave_seat(site: Site) -> None:
    """Give a seat back."""
    add(site, AFTERCARE, -1)


@inlined
def wait_for_seat(site: Site, number: int) -> None:
    """Wait for a seat, behind all others."""
    insert_visit(site, FOR_SEAT, number, queue_row(site, FOR_SEAT).last)


@inlined
def stop_waiting_for_seat(site: Site, number: int) -> None:
    """Wait no longer, with or without a seat."""
    remove_visit(site, FOR_SEAT, number)
