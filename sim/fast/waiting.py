"""Where a visit stands, and what it waits for: a line that patience may end, or a time."""

from math import isnan, nan

from sim.compiled import inlined
from sim.fast.agenda import PATIENCE, STEP_PATIENCE, STEP_SWITCH, at
from sim.fast.codes import NEVER, NONE
from sim.fast.memory import drawn, kind_row, task_row, visit_row
from sim.fast.site_row import Site

# The stages of a visit, each of which ends with a wait: those in line one after the other, and of
# these those in line for staff.
GONE, AT_DOOR, AT_DESK, AT_SERVICE, IN_QUEUE, ON_STAY, WANTS_SEAT, IN_SEAT = range(8)
# And of the response to its overdose.
TEAM_COMES, INTENSIVE_PHASE, OBSERVED = range(8, 11)

# Why a wait, a stay or a service ended before its time.
OUT_OF_PATIENCE, CLOSING, OVERDOSE_BEGINS = range(3)


@inlined
def own_task(number: int) -> int:
    """The task of checking in or of a service for a visit."""
    return 2 * number


@inlined
def cleaning_task(number: int) -> int:
    """The task of cleaning the place after a visit."""
    return 2 * number + 1


@inlined
def in_line(site: Site, number: int) -> bool:
    """Whether a visitor waits in line: not served, nor in a place, nor interrupted at a service."""
    stage = visit_row(site, number).stage
    if AT_DESK <= stage <= AT_SERVICE:
        return not task_row(site, own_task(number)).begun
    return AT_DOOR <= stage <= IN_QUEUE


@inlined
def patience_ends(site: Site, number: int) -> float:
    """When patience runs out; its clock starts with the first line joined."""
    visit = visit_row(site, number)
    if isnan(visit.gives_up):
        visit.gives_up = site.now + drawn(site, site.patience, number)
    return visit.gives_up


@inlined
def join_line(site: Site, number: int, gives_up: float) -> None:
    """Someone joins a line, and leaves it when patience runs out.

    Patience is ignored while being served: then it has run out on joining the line. Most are
    served within the event in which they join; only for others a timer goes on the agenda.
    """
    if site.newcomer != NONE:
        set_timers(site)
    visit = visit_row(site, number)
    visit.tires = max(gives_up, site.now)
    if visit.tires != NEVER:
        site.last = max(site.last, visit.tires)
    site.newcomer = number


@inlined
def switches_at(site: Site, number: int) -> float:
    """When someone who joins the queue now accepts another room as well."""
    if kind_row(site, visit_row(site, number).kind).switch == NONE:
        return NEVER
    return site.now + drawn(site, site.switch_after, number)


@inlined
def set_timers(site: Site) -> None:
    """Put the timers of who joined a line in this event on the agenda, if they are needed."""
    number = site.newcomer
    site.newcomer = NONE
    if number == NONE or not in_line(site, number):
        return
    visit = visit_row(site, number)
    if visit.stage == IN_QUEUE:
        at(site, switches_at(site, number), PATIENCE, number, STEP_SWITCH, NONE)
    if visit.tires != visit.timer:
        visit.timer = visit.tires
        at(site, visit.tires, PATIENCE, number, STEP_PATIENCE, NONE)


@inlined
def tires(site: Site, number: int) -> bool:
    """Whether this timer of patience is the one that ends the line someone is in."""
    visit = visit_row(site, number)
    if visit.timer == site.now:
        visit.timer = nan
    return in_line(site, number) and visit.tires == site.now
