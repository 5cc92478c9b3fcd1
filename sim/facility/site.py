"""The site as a whole: its parts, the calendar that opens and closes it, and what is granted."""

from math import isfinite

from sim.facility.aftercare import Aftercare
from sim.facility.agenda import Agenda, Step, Walk
from sim.facility.door import Door
from sim.facility.places import Place, Places
from sim.facility.record import Record
from sim.facility.respond import respond
from sim.facility.staff import Staff
from sim.facility.state import State
from sim.facility.visit import Path, Visit
from sim.facility.work import Case, Task
from sim.log import Duty, Outcome, Where
from sim.scenario.derived.calendar import room_spans, site_spans
from sim.scenario.model.scenario import Scenario
from sim.visitors import Visitors


class Site:
    """One facility in one replication."""

    def __init__(self, scenario: Scenario, visitors: Visitors) -> None:
        """Build it closed, empty and unstaffed."""
        self.scenario, self.visitors = scenario, visitors
        self.kinds = list(scenario.visits.values())
        self.services = list(scenario.services.values())
        self._number_of_room = {name: number for number, name in enumerate(scenario.rooms)}
        self._number_of_role = {
            name: number
            for number, name in enumerate(scenario.staff.roles if scenario.staff else ())
        }
        self.desk_roles = self._roles(scenario.check_in.roles if scenario.check_in else ())
        self.service_roles = [self._roles(service.roles) for service in self.services]
        self._cleaning_roles = [
            self._roles(room.cleaning.roles if room.cleaning else ())
            for room in scenario.rooms.values()
        ]
        self.reach = [room.reach for room in scenario.rooms.values()]
        self.severities = list(scenario.overdose.severities.values() if scenario.overdose else ())
        self.teams_by_severity = [
            [self._roles(roles) for roles in severity.team] for severity in self.severities
        ]
        self._responding = frozenset(
            role for team in self.teams_by_severity for roles in team for role in roles
        )

        self.agenda = Agenda(self.settle)
        self.state = State(scenario)
        self.record = Record(visitors, len(self.services))
        self.staff = Staff(scenario, visitors, self.agenda, self.state)
        self.places = Places(scenario, self.agenda, self.state, self.staff.floor)
        self.aftercare = Aftercare(scenario, self.agenda, self.state)
        self.spans = list(site_spans(scenario))
        self.room_spans = [
            room_spans(
                scenario, name, frozenset(visitors.bad_weather[number].nonzero()[0].tolist())
            )
            for number, name in enumerate(scenario.rooms)
        ]
        self.door = Door(self, self.spans, self.room_spans)
        self._visits: dict[int, Visit] = {}

    # --- after every event ------------------------------------------------------------------

    def settle(self) -> None:
        """Grant all that the last event has made possible, then log what has changed."""
        while self.staff.assign() or self.places.seat() or self.aftercare.seat():
            pass
        self.places.note_supervision()
        if self._responding:
            nobody = self.door.is_open and not self.staff.teams.anyone_for(self._responding)
            self.state.set(self.state.site["nobody_free"], int(nobody))
        self.state.log(self.agenda.now)

    # --- visits -----------------------------------------------------------------------------

    def arrive(self, number: int) -> None:
        """Someone is at the door."""
        visit = Visit(self, number)
        self._visits[number] = visit
        Walk(self.agenda, visit.path())

    def come_in(self, visit: Visit) -> None:
        """Someone is let in."""
        visit.inside = True
        self.record.visits["let_in"][visit.number] = self.agenda.now
        self.state.add(self.state.site["inside"], 1)

    def go_out(self, visit: Visit, outcome: Outcome) -> None:
        """Someone's visit is over, whether or not they were let in."""
        number, now = visit.number, self.agenda.now
        visit.leave_place()
        if visit.has_seat:
            self.aftercare.leave()
            self.record.visits["aftercare_end"][number] = now
        if visit.inside:
            self.state.add(self.state.site["inside"], -1)
            self._note_overdose_off_site(visit)
        visit.inside = False
        self.record.visits["outcome"][number] = outcome
        self.record.visits["out"][number] = now
        del self._visits[number]

    def respond(self, visit: Visit) -> Path:
        """Meet an overdose."""
        return respond(self, visit)

    def case_begins(self, case: Case) -> None:
        """An overdose on site."""
        self.record.cases.append(case)
        self.record.visits["overdose"][case.visit] = case.where
        self.state.add(self.state.site["responses"], 1)

    def case_ends(self) -> None:
        """An overdose response is over."""
        self.state.add(self.state.site["responses"], -1)

    def _note_overdose_off_site(self, visit: Visit) -> None:
        """An overdose that begins after leaving is counted; nobody here responds to it."""
        number = visit.number
        entered, onset = self.record.visits["entered"][number], self.visitors.onset[number]
        if visit.overdosed or not isfinite(entered + onset):
            return
        self.record.visits["overdose"][number] = Where.OFF_SITE
        self.record.cases.append(
            Case(
                visit=number,
                where=Where.OFF_SITE,
                room=-1,
                severity=int(self.visitors.severity[number]),
                onset=entered + float(onset),
                reach=0.0,
                seats=[],
                begun=self.agenda.signal(),
                others=0,
            )
        )

    def clean(self, number: int, place: Place) -> None:
        """Clean a place after a visit; it is free afterwards."""
        minutes = float(self.visitors.cleaning[place.room, number])
        if minutes == 0:
            self.places.ready(place)
            return
        cleaned = self.agenda.signal()
        cleaned.callbacks.append(lambda _: self.places.ready(place))
        self.staff.tasks.ask(
            Task(
                duty=Duty.CLEAN,
                roles=self._cleaning_roles[place.room],
                visit=number,
                step=Step.CLEANING,
                remaining=minutes,
                done=cleaned,
            )
        )

    def waiting(self) -> int:
        """People in any line."""
        return sum(
            self.state[self.state.site[line]]
            for line in ("waiting_check_in", "waiting_place", "waiting_service")
        )

    # --- opening and closing ----------------------------------------------------------------

    def open(self) -> None:
        """The site opens; rooms that open with it do so next."""
        self.door.open()
        self.places.stop_serving()
        self.state.set(self.state.site["open"], 1)

    def close(self) -> None:
        """The site closes: those in line, or everybody, may have to leave."""
        self.door.close()
        self.state.set(self.state.site["open"], 0)
        for visit in list(self._visits.values()):
            if visit.inside and (self.door.stopped or self.door.sends_away):
                visit.closing(stop=self.door.stopped)

    def open_room(self, room: int) -> None:
        """A room opens."""
        self.places.open(room)

    def close_room(self, room: int) -> None:
        """A room's hours end.

        With the site, its queue may still be served. On its own, those in line whom no other
        room will take before the site closes are sent away.
        """
        with_site = not self.door.is_open
        serve = self.scenario.opening.queue_at_close == "serve"
        self.places.close(room, serve_queue=with_site and serve)
        if with_site:
            return
        for waiting in list(self.places.queue):
            if not any(self.door.will_take(other) for other in waiting.rooms):
                self._visits[waiting.visit].closing(stop=False)

    def is_empty(self) -> bool:
        """Whether everybody has left."""
        return self.state[self.state.site["inside"]] == 0

    # --- names ------------------------------------------------------------------------------

    def room_number(self, name: str) -> int:
        """Number of a room."""
        return self._number_of_room[name]

    def _roles(self, names: tuple[str, ...]) -> tuple[int, ...]:
        return tuple(self._number_of_role[name] for name in names)
