"""What is written down: the counts of the site as they change, and overdoses."""

from math import nan

from sim.compiled import inlined
from sim.fast.memory.codes import NONE, OVERDOSE, ROLE_WIDTH, ROOM_WIDTH, SITE_WIDTH, WORD
from sim.fast.memory.reach import (
    count_row,
    logged_series,
    logged_time,
    logged_value,
    lowest_bit,
    mark,
    response_row,
    visit_row,
    whole,
)
from sim.fast.memory.rows import Site


@inlined
def of_room(room: int, what: int) -> int:
    """A series of a room."""
    return SITE_WIDTH + ROOM_WIDTH * room + what


@inlined
def of_role(site: Site, role: int, what: int) -> int:
    """A series of a role."""
    return SITE_WIDTH + ROOM_WIDTH * site.rooms_count + ROLE_WIDTH * role + what


@inlined
def value(site: Site, series: int) -> int:
    """A count as it is now."""
    return count_row(site, series).value


@inlined
def add(site: Site, series: int, change: int) -> None:
    """Add to a count."""
    put(site, series, value(site, series) + change)


@inlined
def put(site: Site, series: int, to: int) -> None:
    """Set a count."""
    count_row(site, series).value = to
    whole(site.touched, site.touched_words, series >> WORD).value |= 1 << (series & (1 << WORD) - 1)


@inlined
def log(site: Site) -> None:
    """Note the counts that this event has changed, in the order of the series."""
    for word in range(site.touched_words):
        touched = whole(site.touched, site.touched_words, word)
        bits = touched.value
        touched.value = 0
        while bits:
            bit = lowest_bit(bits)
            bits &= bits - 1
            _log_series(site, (word << WORD) + bit)


@inlined
def _log_series(site: Site, series: int) -> None:
    count = count_row(site, series)
    if count.value != count.logged:
        count.logged = count.value
        row = site.change_count
        logged_time(site, row).value = site.now
        logged_series(site, row).value = series
        logged_value(site, row).value = count.value
        site.change_count = row + 1


@inlined
def note_overdose(site: Site, number: int, where: int, onset: float) -> int:
    """Note an overdose; returns the number of its response."""
    found = site.responses_count
    site.responses_count += 1
    mark(site, OVERDOSE, number).value = where
    response = response_row(site, found)
    response.visit, response.where, response.room, response.onset = number, where, NONE, onset
    visit = visit_row(site, number)
    response.severity = whole(site.severity, site.drawn_count, visit.drawn).value
    response.first = response.team = response.stable = response.end = nan
    response.others = response.interrupted = response.members = response.arrived = 0
    return found
