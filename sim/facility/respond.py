"""The response to one overdose: the team comes, the intensive phase, observation, departure."""

from __future__ import annotations

from math import isnan
from typing import TYPE_CHECKING

from sim.facility.agenda import Step
from sim.facility.work import Case
from sim.log import Where

if TYPE_CHECKING:
    from sim.facility.site import Site
    from sim.facility.visit import Path, Visit


def respond(site: Site, visit: Visit) -> Path:
    """Meet an overdose on site; the visit ends with it.

    The place stays occupied until the intensive phase ends. Observation is in aftercare when a
    seat is free, else in the place. An ambulance, when called, ends the observation.
    """
    case = _case(site, visit)
    number, agenda, teams = visit.number, site.agenda, site.staff.teams
    visit.block_place()
    site.case_begins(case)
    teams.call(case)
    if not case.seats:
        case.begun.fire()
    yield case.begun
    began = agenda.now
    yield agenda.timer(began + float(site.visitors.intensive[number]), number, Step.INTENSIVE)
    case.stable = agenda.now
    ends = _end_of_observation(site, number, began, case.stable)
    if ends > case.stable:
        teams.release(case, keep=site.severities[case.severity].observers)
        if visit.place is not None and site.aftercare.has_seat:
            site.aftercare.take()
            visit.has_seat = True
            visit.leave_place()
        yield agenda.timer(ends, number, Step.OBSERVATION)
    teams.release(case, keep=0)
    case.end = agenda.now
    site.case_ends()


def _case(site: Site, visit: Visit) -> Case:
    number, place = visit.number, visit.place
    severity = int(site.visitors.severity[number])
    return Case(
        visit=number,
        where=Where.AFTERCARE if place is None else Where.PLACE,
        room=-1 if place is None else place.room,
        severity=severity,
        onset=site.agenda.now,
        reach=0.0 if place is None else site.reach[place.room],
        seats=site.teams_by_severity[severity],
        begun=site.agenda.signal(),
        others=site.state[site.state.site["responses"]],
    )


def _end_of_observation(site: Site, number: int, began: float, stable: float) -> float:
    """When the person leaves: with the ambulance if one was called, else after observation."""
    ambulance = float(site.visitors.ambulance[number])
    if isnan(ambulance):
        return stable + float(site.visitors.observation[number])
    return max(stable, began + ambulance)
