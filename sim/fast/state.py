"""The state of the site as counts, and the log of every change of a count."""

from sim.compiled import inlined
from sim.fast.codes import ROLE_WIDTH, ROOM_WIDTH, SITE_WIDTH, WORD
from sim.fast.memory import count_row, logged_series, logged_time, logged_value, lowest_bit, whole
from sim.fast.site_row import Site


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
