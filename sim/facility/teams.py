"""Overdose response: who goes, who is taken from other work, and how the response goes on."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import isnan
from typing import TYPE_CHECKING

from sim.facility.agenda import Agenda, Path, Signal
from sim.facility.record import Incident
from sim.facility.tasks import Task, Tasks
from sim.facility.work import Breaks, Crew, Person, Work
from sim.log import Duty, Where
from sim.rules.order import Rank, Step

if TYPE_CHECKING:
    from sim.facility.site import Site
    from sim.facility.visit import Visit


@dataclass(eq=False, slots=True, kw_only=True)
class Response(Work):
    """The team that comes to an overdose."""

    incident: Incident
    duty: Duty = Duty.RESPOND
    reach: float
    """Minutes that staff need to get there."""
    seats: tuple[tuple[int, ...], ...]
    """Roles that will do, one entry per member of the team."""
    begun: Signal
    """Fires when the intensive phase can begin."""
    team: list[Person | None] = field(init=False)
    arrived: list[bool] = field(init=False)

    def __post_init__(self) -> None:
        """Start with nobody."""
        self.team = [None] * len(self.seats)
        self.arrived = [False] * len(self.seats)


class Teams:
    """The overdoses that need staff."""

    def __init__(
        self,
        agenda: Agenda,
        crew: Crew,
        tasks: Tasks,
        breaks: Breaks,
        *,
        preempts: bool,
        full_team: bool,
    ) -> None:
        """Start with none.

        Args:
            agenda: the calendar.
            crew: the people.
            tasks: the routine work that they may be taken from.
            breaks: the breaks that they may be called back from.
            preempts: whether staff leave tasks when too few are free.
            full_team: whether the intensive phase waits for the last of the team.
        """
        self._gathering: list[Response] = []
        self._agenda, self._crew, self._tasks, self._breaks = agenda, crew, tasks, breaks
        self._preempts, self._full_team = preempts, full_team

    def call(self, response: Response) -> None:
        """Ask for a team; earlier overdoses are served first."""
        self._gathering.append(response)

    def assign(self) -> bool:
        """Send whoever can go. Returns whether anyone was sent."""
        sent = False
        for response in self._gathering:
            for find in (self._crew.best, self._crew.on_recallable_break, self._from_task):
                # The pickiest seat is filled first: it has the fewest who could take it.
                for seat, roles in sorted(enumerate(response.seats), key=lambda one: len(one[1])):
                    if response.team[seat] is None and (person := find(roles)) is not None:
                        self._send(person, response, seat)
                        sent = True
        self._gathering = [response for response in self._gathering if None in response.team]
        return sent

    def release(self, response: Response, keep: int) -> None:
        """Let the team go, except the first `keep` of those who have come."""
        if response in self._gathering:
            self._gathering.remove(response)
        kept = 0
        for seat, person in enumerate(response.team):
            if person is None:
                continue
            if response.arrived[seat] and kept < keep:
                kept += 1
            else:
                response.team[seat] = None
                self._crew.give(person, None)

    def anyone_for(self, roles: frozenset[int]) -> bool:
        """Whether anyone of these roles could go to an overdose now."""
        return any(
            person.free
            or (person.on_break is not None and person.on_break.recallable)
            or (self._preempts and isinstance(person.work, Task))
            for person in self._crew.here
            if person.role in roles
        )

    def _from_task(self, roles: tuple[int, ...]) -> Person | None:
        """Whom to take from a task, unless one who did it with others is free by now."""
        return self._crew.best(roles) or self._on_task(roles)

    def _on_task(self, roles: tuple[int, ...]) -> Person | None:
        """Whom to take from a task: the least urgent duty, the latest start, lowest number."""
        if not self._preempts:
            return None
        busy = [
            (-person.work.duty, -person.since, person.number, person)
            for person in self._crew.here
            if isinstance(person.work, Task) and person.role in roles
        ]
        return min(busy)[-1] if busy else None

    def _send(self, person: Person, response: Response, seat: int) -> None:
        if person.on_break is not None:
            self._breaks.recall(person)
        if isinstance(person.work, Task):
            response.incident.interrupted += person.work.running
            self._tasks.take_from(person.work, person)
        response.team[seat] = person
        self._crew.give(person, response)
        if response.reach == 0:
            self._arrive(response, seat)
            return

        def arrive() -> None:
            if response.team[seat] is person:
                self._arrive(response, seat)

        at = self._agenda.now + response.reach
        self._agenda.at(at, Rank.COMPLETION, response.visit, Step.REACH + seat, arrive)

    def _arrive(self, response: Response, seat: int) -> None:
        incident, now = response.incident, self._agenda.now
        response.arrived[seat] = True
        if isnan(incident.first):
            incident.first = now
        if all(response.arrived):
            incident.team = now
        if all(response.arrived) or not self._full_team:
            response.begun.fire()


def respond(site: Site, visit: Visit) -> Path:
    """Meet an overdose on site; the visit ends with it.

    The place stays occupied until the intensive phase ends. Observation is in aftercare when a
    seat is free, else in the place. An ambulance, when called, ends the observation.
    """
    incident = _incident(site, visit)
    response = _response(site, visit, incident)
    number, agenda, teams = visit.number, site.agenda, site.staff.teams
    visit.block_place()
    site.response_begins(incident)
    teams.call(response)
    if not response.seats:
        response.begun.fire()
    yield response.begun
    began = agenda.now
    yield agenda.timer(began + float(site.visitors.intensive[number]), number, Step.INTENSIVE)
    incident.stable = agenda.now
    ends = _end_of_observation(site, number, began, incident.stable)
    if ends > incident.stable:
        teams.release(response, keep=site.severities[incident.severity].observers)
        if visit.place is not None and site.aftercare.has_seat:
            site.aftercare.take()
            visit.has_seat = True
            visit.leave_place()
        yield agenda.timer(ends, number, Step.OBSERVATION)
    teams.release(response, keep=0)
    incident.end = agenda.now
    site.response_ends()


def _incident(site: Site, visit: Visit) -> Incident:
    return Incident(
        visit=visit.number,
        where=Where.AFTERCARE if visit.place is None else Where.PLACE,
        room=-1 if visit.place is None else visit.place.room,
        severity=int(site.visitors.severity[visit.number]),
        onset=site.agenda.now,
        others=site.state[site.state.site["responses"]],
    )


def _response(site: Site, visit: Visit, incident: Incident) -> Response:
    return Response(
        visit=visit.number,
        incident=incident,
        reach=0.0 if visit.place is None else site.rooms[visit.place.room].reach,
        seats=site.numbered.teams[incident.severity],
        begun=site.agenda.signal(),
    )


def _end_of_observation(site: Site, number: int, began: float, stable: float) -> float:
    """When the person leaves: with the ambulance if one was called, else after observation."""
    ambulance = float(site.visitors.ambulance[number])
    if isnan(ambulance):
        return stable + float(site.visitors.observation[number])
    return max(stable, began + ambulance)
