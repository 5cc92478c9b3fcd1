"""Overdose response: who goes, who is taken from other work, and how the response goes on."""

from math import isnan

from sim.compiled import inlined, part
from sim.fast.memory.agenda import STEP_INTENSIVE, STEP_OBSERVATION, STEP_REACH, complete_at
from sim.fast.memory.codes import IN_AFTERCARE, IN_PLACE, NONE, RESPONSES, SERVED
from sim.fast.memory.people import Response
from sim.fast.memory.reach import (
    drawn,
    flag,
    gathering,
    person_row,
    response_row,
    room_row,
    seat_of,
    seat_row,
    severity_row,
    task_row,
    visit_row,
)
from sim.fast.memory.record import add, note_overdose, value
from sim.fast.memory.rows import Site
from sim.fast.places import seat_is_free, take_seat
from sim.fast.tasks import take_from_task
from sim.fast.visit import block_place, go_out, leave_place
from sim.fast.waiting import INTENSIVE_PHASE, OBSERVED, TEAM_COMES, stop_waiting
from sim.fast.work import best, give, may_do, on_recallable, on_recallable_break, recall, who

# Where a member of the team is looked for, in this order.
_FREE, _ON_BREAK, _ON_TASK = range(3)


@inlined
def call_team(site: Site, response: int) -> None:
    """Ask for a team; earlier overdoses are served first."""
    gathering(site, site.gathering_count).value = response
    site.gathering_count += 1


@part
def assign_teams(site: Site) -> bool:
    """Send whoever can go. Returns whether anyone was sent."""
    sent, kept = False, 0
    for position in range(site.gathering_count):
        response = gathering(site, position).value
        for where in range(3):
            sent |= _fill(site, response, where)
        if _incomplete(site, response):
            gathering(site, kept).value = response
            kept += 1
    site.gathering_count = kept
    return sent


@inlined
def _fill(site: Site, number: int, where: int) -> bool:
    """Fill the seats of a team with people found in one way; the pickiest seat first."""
    sent = False
    response = response_row(site, number)
    severity = severity_row(site, response.severity)
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
    return _from_task(site, roles) if site.preempts else NONE


@inlined
def _from_task(site: Site, roles: int) -> int:
    """Whom to take from a task, unless one who did it with others is free by now."""
    person = best(site, roles)
    return person if person != NONE else _on_task(site, roles)


@inlined
def _incomplete(site: Site, number: int) -> bool:
    for seat in range(response_row(site, number).members):
        if seat_of(site, number, seat).person == NONE:
            return True
    return False


@part
def release_team(site: Site, number: int, keep: int) -> None:
    """Let the team go, except the first `keep` of those who have come."""
    _call_off(site, number)
    kept = 0
    for seat in range(response_row(site, number).members):
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
        response = gathering(site, position).value
        if response != number:
            gathering(site, kept).value = response
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
        if person.task == NONE or not may_do(site, person.role, roles):
            continue
        its_duty = task_row(site, person.task).duty
        if its_duty > duty or (its_duty == duty and person.since > since):
            chosen, duty, since = number, its_duty, person.since
    return chosen


@inlined
def _send(site: Site, number: int, response_number: int, seat: int) -> None:
    person, response = person_row(site, number), response_row(site, response_number)
    if person.on_break != NONE:
        recall(site, number)
    if person.task != NONE:
        response.interrupted += 1 if task_row(site, person.task).running else 0
        take_from_task(site, person.task, number)
    seat_of(site, response_number, seat).person = number
    give(site, number, NONE, response_number)
    if response.reach == 0:
        _arrive(site, response_number, seat)
    else:
        at = site.now + response.reach
        complete_at(site, at, response.visit, STEP_REACH + seat, number)


@part
def member_arrives(site: Site, response: int, seat: int, person: int) -> bool:
    """Someone has reached an overdose, unless released before. Returns whether they have."""
    if seat_of(site, response, seat).person != person:
        return False
    _arrive(site, response, seat)
    return True


@inlined
def _arrive(site: Site, number: int, seat: int) -> None:
    response = response_row(site, number)
    seat_of(site, number, seat).arrived = True
    response.arrived += 1
    if isnan(response.first):
        response.first = site.now
    if response.arrived == response.members:
        response.team = site.now
    if response.arrived == response.members or not site.full_team:
        begin_intensive_phase(site, response)


@inlined
def begin_intensive_phase(site: Site, response: Response) -> None:
    """The intensive phase begins, if it has not begun before."""
    visit = visit_row(site, response.visit)
    if visit.stage != TEAM_COMES:
        return
    visit.stage = INTENSIVE_PHASE
    response.began = site.now
    ends = site.now + drawn(site, site.intensive, response.visit)
    complete_at(site, ends, response.visit, STEP_INTENSIVE, NONE)


# --- the response to one overdose -----------------------------------------------------------------


@part
def overdose_begins(site: Site, number: int) -> bool:
    """An overdose begins. Returns False if the visitor has left: it was noted on leaving.

    The place stays occupied until the intensive phase ends.
    """
    visit = visit_row(site, number)
    if not visit.inside:
        return False
    visit.overdosed = True
    stop_waiting(site, number)
    block_place(site, number)
    visit.stage = TEAM_COMES
    visit.response = note_overdose(
        site, number, IN_AFTERCARE if visit.room == NONE else IN_PLACE, site.now
    )
    response = response_row(site, visit.response)
    response.others = value(site, RESPONSES)
    add(site, RESPONSES, 1)
    response.room = visit.room
    response.reach = 0.0 if visit.room == NONE else room_row(site, visit.room).reach
    _gather_team(site, visit.response)
    return True


@inlined
def _gather_team(site: Site, number: int) -> None:
    response = response_row(site, number)
    severity = severity_row(site, response.severity)
    response.members = severity.end_seats - severity.first_seat
    for seat in range(response.members):
        member = seat_of(site, number, seat)
        member.person, member.arrived = NONE, False
    call_team(site, number)
    if response.members == 0:
        begin_intensive_phase(site, response)


@part
def intensive_phase_ends(site: Site, number: int) -> None:
    """Observation begins, in aftercare when a seat is free, else in the place."""
    visit = visit_row(site, number)
    response = response_row(site, visit.response)
    response.stable = site.now
    ends = _end_of_observation(site, response)
    if ends <= response.stable:
        response_ends(site, number)
        return
    release_team(site, visit.response, severity_row(site, response.severity).observers)
    if visit.room != NONE and seat_is_free(site):
        take_seat(site)
        visit.has_seat = True
        leave_place(site, number)
    visit.stage = OBSERVED
    complete_at(site, ends, number, STEP_OBSERVATION, NONE)


@inlined
def _end_of_observation(site: Site, response: Response) -> float:
    """When the person leaves: with the ambulance if one was called, else after observation."""
    ambulance = drawn(site, site.ambulance, response.visit)
    if isnan(ambulance):
        return response.stable + drawn(site, site.observation, response.visit)
    return max(response.stable, response.began + ambulance)


@part
def response_ends(site: Site, number: int) -> None:
    """The team goes back to work, and the visit ends."""
    response_number = visit_row(site, number).response
    release_team(site, response_number, 0)
    response_row(site, response_number).end = site.now
    add(site, RESPONSES, -1)
    go_out(site, number, SERVED)
