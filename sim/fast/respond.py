"""The response to one overdose: the team comes, the intensive phase, observation, departure."""

from math import isnan

from sim.compiled import inlined, part
from sim.fast.aftercare import seat_is_free, take_seat
from sim.fast.agenda import STEP_OBSERVATION, complete_at
from sim.fast.codes import IN_AFTERCARE, IN_PLACE, NONE, RESPONSES, SERVED
from sim.fast.leaving import block_place, go_out, leave_place, new_case
from sim.fast.memory import case_row, drawn, room_row, seat_of, severity_row, visit_row
from sim.fast.rows import Case
from sim.fast.site_row import Site
from sim.fast.state import add, value
from sim.fast.teams import begin_intensive_phase, call_team, release_team
from sim.fast.visit import stop_waiting
from sim.fast.waiting import OBSERVED, TEAM_COMES


@inlined
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
    visit.case = new_case(site, number, IN_AFTERCARE if visit.room == NONE else IN_PLACE, site.now)
    case = case_row(site, visit.case)
    case.others = value(site, RESPONSES)
    add(site, RESPONSES, 1)
    case.room = visit.room
    case.reach = 0.0 if visit.room == NONE else room_row(site, visit.room).reach
    _gather_team(site, visit.case)
    return True


@inlined
def _gather_team(site: Site, number: int) -> None:
    case = case_row(site, number)
    severity = severity_row(site, case.severity)
    case.members = severity.end_seats - severity.first_seat
    for seat in range(case.members):
        member = seat_of(site, number, seat)
        member.person, member.arrived = NONE, False
    call_team(site, number)
    if case.members == 0:
        begin_intensive_phase(site, case)


@inlined
def intensive_phase_ends(site: Site, number: int) -> None:
    """Observation begins, in aftercare when a seat is free, else in the place."""
    visit = visit_row(site, number)
    case = case_row(site, visit.case)
    case.stable = site.now
    ends = _end_of_observation(site, case)
    if ends <= case.stable:
        response_ends(site, number)
        return
    release_team(site, visit.case, severity_row(site, case.severity).observers)
    if visit.room != NONE and seat_is_free(site):
        take_seat(site)
        visit.has_seat = True
        leave_place(site, number)
    visit.stage = OBSERVED
    complete_at(site, ends, number, STEP_OBSERVATION, NONE)


@inlined
def _end_of_observation(site: Site, case: Case) -> float:
    """When the person leaves: with the ambulance if one was called, else after observation."""
    ambulance = drawn(site, site.ambulance, case.visit)
    if isnan(ambulance):
        return case.stable + drawn(site, site.observation, case.visit)
    return max(case.stable, case.began + ambulance)


@part
def response_ends(site: Site, number: int) -> None:
    """The team goes back to work, and the visit ends."""
    number_of_case = visit_row(site, number).case
    release_team(site, number_of_case, 0)
    case_row(site, number_of_case).end = site.now
    add(site, RESPONSES, -1)
    go_out(site, number, SERVED)
