"""Overdose response teams: who goes, who is taken from other work, and when the team is there."""

from math import isnan

from sim.compiled import inlined, part
from sim.fast.agenda import STEP_INTENSIVE, STEP_REACH, complete_at
from sim.fast.breaks import recall
from sim.fast.codes import NONE
from sim.fast.floor import best, give, has_role, on_recallable, on_recallable_break, who
from sim.fast.memory import (
    case_row,
    drawn,
    flag,
    gathering,
    person_row,
    seat_of,
    seat_row,
    severity_row,
    task_row,
    visit_row,
)
from sim.fast.rows import Case
from sim.fast.site_row import Site
from sim.fast.tasks import interrupt_task
from sim.fast.waiting import INTENSIVE_PHASE, TEAM_COMES

# Where a member of the team is looked for, in this order.
_FREE, _ON_BREAK, _ON_TASK = range(3)


@inlined
def call_team(site: Site, case: int) -> None:
    """Ask for a team; earlier overdoses are served first."""
    gathering(site, site.gathering_count).value = case
    site.gathering_count += 1


@inlined
def assign_teams(site: Site) -> bool:
    """Send whoever can go. Returns whether anyone was sent."""
    sent, kept = False, 0
    for position in range(site.gathering_count):
        case = gathering(site, position).value
        for where in range(3):
            sent |= _fill(site, case, where)
        if _incomplete(site, case):
            gathering(site, kept).value = case
            kept += 1
    site.gathering_count = kept
    return sent


@inlined
def _fill(site: Site, number: int, where: int) -> bool:
    """Fill the seats of a team with people found in one way; the pickiest seat first."""
    sent = False
    case = case_row(site, number)
    severity = severity_row(site, case.severity)
    for position in range(severity.first_seat, severity.end_seats):
        seat = seat_row(site, position).next
        if seat_of(site, number, seat).person != NONE:
            continue
        person = _find(site, seat_row(site, severity.first_seat + seat).roles, where)
        if person != NONE:
            _send(site, person, number, seat)
            sent = True
    return sent


@inlined
def _find(site: Site, roles: int, where: int) -> int:
    if where == _FREE:
        return best(site, roles)
    if where == _ON_BREAK:
        return on_recallable_break(site, roles)
    return _on_task(site, roles) if site.preempts else NONE


@inlined
def _incomplete(site: Site, number: int) -> bool:
    for seat in range(case_row(site, number).members):
        if seat_of(site, number, seat).person == NONE:
            return True
    return False


@part
def release_team(site: Site, number: int, keep: int) -> None:
    """Let the team go, except the first `keep` of those who have come."""
    _call_off(site, number)
    kept = 0
    for seat in range(case_row(site, number).members):
        member = seat_of(site, number, seat)
        if member.person == NONE:
            continue
        if member.arrived and kept < keep:
            kept += 1
        else:
            person = member.person
            member.person = NONE
            give(site, person, NONE, NONE)


@inlined
def _call_off(site: Site, number: int) -> None:
    """Look for no more members of a team."""
    kept = 0
    for position in range(site.gathering_count):
        case = gathering(site, position).value
        if case != number:
            gathering(site, kept).value = case
            kept += 1
    site.gathering_count = kept


@inlined
def anyone_for_overdose(site: Site) -> bool:
    """Whether anyone could go to an overdose now."""
    for position in range(site.here_count):
        person = person_row(site, who(site, position))
        if not flag(site.responding, site.roles_count, person.role).value:
            continue
        if person.free or on_recallable(site, person) or (site.preempts and person.task != NONE):
            return True
    return False


@inlined
def _on_task(site: Site, roles: int) -> int:
    """Whom to take from a task: the least urgent duty, the latest start, lowest number."""
    chosen, duty, since = NONE, NONE, 0.0
    for position in range(site.here_count):
        number = who(site, position)
        person = person_row(site, number)
        if person.task == NONE or not has_role(site, person, roles):
            continue
        its_duty = task_row(site, person.task).duty
        if its_duty > duty or (its_duty == duty and person.since > since):
            chosen, duty, since = number, its_duty, person.since
    return chosen


@inlined
def _send(site: Site, number: int, case_number: int, seat: int) -> None:
    person, case = person_row(site, number), case_row(site, case_number)
    if person.rest != NONE:
        recall(site, number)
    if person.task != NONE:
        interrupt_task(site, person.task)
        case.interrupted += 1
    seat_of(site, case_number, seat).person = number
    give(site, number, NONE, case_number)
    if case.reach == 0:
        _arrive(site, case_number, seat)
    else:
        at = site.now + case.reach
        complete_at(site, at, case.visit, STEP_REACH + seat, number)


@inlined
def member_arrives(site: Site, case: int, seat: int, person: int) -> bool:
    """Someone has reached an overdose, unless released before. Returns whether they have."""
    if seat_of(site, case, seat).person != person:
        return False
    _arrive(site, case, seat)
    return True


@inlined
def _arrive(site: Site, number: int, seat: int) -> None:
    case = case_row(site, number)
    seat_of(site, number, seat).arrived = True
    case.arrived += 1
    if isnan(case.first):
        case.first = site.now
    if case.arrived == case.members:
        case.complete = site.now
    if case.arrived == case.members or not site.full_team:
        begin_intensive_phase(site, case)


@inlined
def begin_intensive_phase(site: Site, case: Case) -> None:
    """The intensive phase begins, if it has not begun before."""
    visit = visit_row(site, case.visit)
    if visit.stage != TEAM_COMES:
        return
    visit.stage = INTENSIVE_PHASE
    case.began = site.now
    ends = site.now + drawn(site, site.intensive, case.visit)
    complete_at(site, ends, case.visit, STEP_INTENSIVE, NONE)
