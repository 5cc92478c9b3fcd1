"""Leaving the place, and leaving the site."""

from math import isfinite, nan

from sim.compiled import inlined, part
from sim.fast.aftercare import leave_seat
from sim.fast.codes import (
    AFTERCARE_END,
    CLEAN,
    ENTERED,
    INSIDE,
    LEFT,
    NONE,
    OFF_SITE,
    OUT,
    OUTCOME,
    OVERDOSE,
)
from sim.fast.memory import case_row, drawn, drawn_of, room_row, stamp, visit_row, whole
from sim.fast.places import block, ready, vacate
from sim.fast.site_row import Site
from sim.fast.state import add
from sim.fast.tasks import ask
from sim.fast.waiting import GONE, cleaning_task


@inlined
def block_place(site: Site, number: int) -> None:
    """Stay in the place although the stay is over."""
    visit = visit_row(site, number)
    if visit.room != NONE and not visit.blocks:
        visit.blocks = True
        block(site, visit.room)


@part
def leave_place(site: Site, number: int) -> None:
    """Leave the place, if in one; it is cleaned."""
    visit = visit_row(site, number)
    if visit.room == NONE:
        return
    stamp(site, LEFT, number).value = site.now
    vacate(site, number)
    room, place = visit.room, visit.place
    visit.room, visit.blocks = NONE, False
    minutes = drawn_of(site, site.cleaning, room, number)
    if minutes == 0:
        ready(site, room, place)
    else:
        visit.cleaning = True
        ask(site, cleaning_task(number), CLEAN, room_row(site, room).cleaners, 0, minutes)


@part
def go_out(site: Site, number: int, outcome: int) -> None:
    """Someone's visit is over, whether or not they were let in."""
    visit = visit_row(site, number)
    leave_place(site, number)
    if visit.has_seat:
        leave_seat(site)
        stamp(site, AFTERCARE_END, number).value = site.now
    if visit.inside:
        add(site, INSIDE, -1)
        _note_overdose_off_site(site, number)
    visit.inside, visit.stage = False, GONE
    stamp(site, OUTCOME, number).value = outcome
    stamp(site, OUT, number).value = site.now
    _strike_off(site, number)


@inlined
def new_case(site: Site, number: int, where: int, onset: float) -> int:
    """Note an overdose; returns the number of its case."""
    found = site.cases_count
    site.cases_count += 1
    stamp(site, OVERDOSE, number).value = where
    case = case_row(site, found)
    case.visit, case.where, case.room, case.onset = number, where, NONE, onset
    case.severity = whole(site.severity, site.visits_count, number).value
    case.first = case.complete = case.stable = case.end = nan
    case.others = case.interrupted = case.members = case.arrived = 0
    return found


@inlined
def _note_overdose_off_site(site: Site, number: int) -> None:
    """An overdose that begins after leaving is counted; nobody here responds to it."""
    onset = stamp(site, ENTERED, number).value + drawn(site, site.onset, number)
    if not visit_row(site, number).overdosed and isfinite(onset):
        new_case(site, number, OFF_SITE, onset)


@inlined
def _strike_off(site: Site, number: int) -> None:
    """Take a visit off the list of those under way."""
    visit = visit_row(site, number)
    if visit.earlier == NONE:
        site.visits_first = visit.later
    else:
        visit_row(site, visit.earlier).later = visit.later
    if visit.later == NONE:
        site.visits_last = visit.earlier
    else:
        visit_row(site, visit.later).earlier = visit.earlier
