"""Rooms, their places, and the one queue for them."""

from sim.compiled import inlined
from sim.fast.codes import (
    BELOW_COVER,
    BLOCKED,
    CLEANING,
    FOR_PLACE,
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
from sim.fast.lines import insert_visit, remove_visit
from sim.fast.memory import (
    accepted,
    kind_row,
    line_row,
    listed,
    place_is_free,
    room_row,
    rule_row,
    visit_row,
)
from sim.fast.site_row import Site
from sim.fast.state import add, of_room, put, value
from sim.fast.supervision import cover, is_unmet, room_to_watch

# --- the queue --------------------------------------------------------------------------------


@inlined
def join_queue(site: Site, number: int) -> None:
    """Join the queue for any of the rooms accepted: by priority class, then order of joining."""
    ahead = line_row(site, FOR_PLACE).last
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
    found, other = 0, line_row(site, FOR_PLACE).first
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
    room.takes_people = True
    put(site, of_room(number, OPEN), room.places)
    site.stirred_queue = site.stirred_counts = True


@inlined
def close_room(site: Site, number: int) -> None:
    """A room's hours end; if the site's do and the queue is served, it may still enter."""
    room_row(site, number).takes_people = not site.is_open and site.serves_queue
    put(site, of_room(number, OPEN), 0)
    site.stirred_queue = site.stirred_counts = True


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
    """A place is clean and free."""
    add(site, of_room(number, CLEANING), -1)
    room = room_row(site, number)
    place_is_free(site, room.first_place + place).value = True
    room.lowest = min(room.lowest, place)
    room.free += 1
    site.stirred_queue = site.stirred_counts = True


@inlined
def _occupy(site: Site, number: int, change: int) -> None:
    room = room_row(site, number)
    room.occupied += change
    for position in range(room.first_rule, room.end_rules):
        rule_row(site, listed(site, position)).occupied += change
        site.stirred_queue |= change < 0
        site.stirred_counts = True


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
