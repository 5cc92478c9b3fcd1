"""Queues of visitors: for a place and for a seat in aftercare; a visit is in one at most."""

from sim.fast.codes import NONE
from sim.fast.compiled import compiled
from sim.fast.memory import line_row, visit_row
from sim.fast.site_row import Site


@compiled
def insert(site: Site, queue: int, number: int, ahead: int) -> None:
    """Put a visit into a queue behind another, or first when that is NONE."""
    line, visit = line_row(site, queue), visit_row(site, number)
    behind = line.first if ahead == NONE else visit_row(site, ahead).behind
    visit.ahead, visit.behind = ahead, behind
    _join(site, queue, ahead, number)
    _join(site, queue, number, behind)


@compiled
def remove(site: Site, queue: int, number: int) -> None:
    """Take a visit out of a queue."""
    visit = visit_row(site, number)
    _join(site, queue, visit.ahead, visit.behind)


@compiled
def _join(site: Site, queue: int, ahead: int, behind: int) -> None:
    """Make two visits neighbours; NONE is the end of the queue."""
    line = line_row(site, queue)
    if ahead == NONE:
        line.first = behind
    else:
        visit_row(site, ahead).behind = behind
    if behind == NONE:
        line.last = ahead
    else:
        visit_row(site, behind).ahead = ahead
