"""The site as a whole: its parts, the calendar that opens and closes it, and what is granted."""

from collections.abc import Callable
from functools import partial
from math import inf, isfinite

from sim.facility.agenda import Agenda, Path, Process
from sim.facility.door import Door
from sim.facility.places import Aftercare, Place, Places
from sim.facility.record import Incident, Record, State
from sim.facility.staff import Need, Staff
from sim.facility.tasks import OwnPlaces, Task, alone
from sim.facility.teams import respond
from sim.facility.visit import End, Visit
from sim.log import Duty, Outcome, Where
from sim.rules.numbered import numbered
from sim.rules.order import Change
from sim.rules.timetable import timetable
from sim.scenario.model.scenario import Scenario
from sim.visitors import Visitors


def _is_gone(number: int, outcome: Outcome) -> None:
    """Nothing: there is nowhere else to go."""


class Site:
    """One facility in one replication."""

    def __init__(self, scenario: Scenario, visitors: Visitors) -> None:
        """Build it closed, empty and unstaffed."""
        self.scenario, self.visitors = scenario, visitors
        self.numbered = numbered(scenario)
        failures = visitors.failure_time, visitors.failure_repair
        self.timetable = timetable(scenario, visitors.absent, visitors.bad_weather, failures)
        self.kinds = list(scenario.visits.values())
        self.services = list(scenario.services.values())
        limits = (service.places for service in self.services)
        self.own_places = [OwnPlaces(inf if limit is None else limit) for limit in limits]
        """By service."""
        self.stay_tasks = list(scenario.stay_tasks.values())
        self.rooms = list(scenario.rooms.values())
        self.severities = list(scenario.overdose.severities.values() if scenario.overdose else ())
        self.agenda = Agenda(self.settle)
        self.state = State(scenario)
        self.record = Record(visitors, len(self.services))
        self.staff = Staff(scenario, visitors, self.agenda, self.state)
        self.places = Places(scenario, self.agenda, self.state, self.staff.crew)
        self.aftercare = Aftercare(scenario, self.agenda, self.state)
        self.door = Door(self, self.timetable)
        self.leaves: Callable[[int, Outcome], None] = _is_gone
        """What follows when the visit of this number has ended so."""
        self._visits: dict[int, Visit] = {}

    # --- after every event ------------------------------------------------------------------

    def settle(self) -> None:
        """Grant all that the last event has made possible, then log what has changed."""
        while (
            self._close_down() or self.staff.assign() or self.places.seat() or self.aftercare.seat()
        ):
            pass
        self.places.note_supervision()
        if responding := self.numbered.responding:
            nobody = self.door.is_open and not self.staff.teams.anyone_for(responding)
            self.state.set(self.state.site["nobody_free"], int(nobody))
        self.state.log(self.agenda.now)

    # --- visits -----------------------------------------------------------------------------

    def arrive(self, number: int) -> None:
        """Someone is at the door."""
        visit = Visit(self, number)
        self._visits[number] = visit
        Process(self.agenda, visit.path())

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
        self.leaves(number, outcome)

    def respond(self, visit: Visit) -> Path:
        """Meet an overdose."""
        return respond(self, visit)

    def response_begins(self, incident: Incident) -> None:
        """An overdose on site."""
        self.record.note(incident)
        self.state.add(self.state.site["responses"], 1)

    def response_ends(self) -> None:
        """An overdose response is over."""
        self.state.add(self.state.site["responses"], -1)

    def _note_overdose_off_site(self, visit: Visit) -> None:
        """An overdose that begins after leaving is counted; nobody here responds to it."""
        number = visit.number
        entered, onset = self.record.visits["entered"][number], self.visitors.onset[number]
        if visit.overdosed or not isfinite(entered + onset):
            return
        severity = int(self.visitors.severity[number])
        self.record.note(
            Incident(number, Where.OFF_SITE, -1, severity, onset=entered + float(onset))
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
                seats=alone(self.numbered.cleaning[place.room]),
                room=place.room,
                visit=number,
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

    # --- the calendar -----------------------------------------------------------------------

    def change(self, what: Change, number: int) -> None:
        """Do what the calendar brings, of a room, its places, a shift or a break."""
        match what:
            case Change.SITE_CLOSES:
                self.close()
            case Change.ROOM_CLOSES:
                self.close_room(number)
            case Change.SHIFT_ENDS:
                self.staff.end_shift(number, stays=not self.door.is_open and not self.is_empty())
            case Change.SITE_OPENS:
                self.open()
            case Change.ROOM_OPENS:
                self.places.open(number)
            case Change.SHIFT_BEGINS:
                self.staff.begin_shift(number)
            case Change.PLACES_CHANGE | Change.PLACES_FAIL:
                self._change_places(what, number)
            case Change.BREAK_DUE:
                self.staff.break_due(number)
            case Change.BREAK_LATEST:
                pass  # what follows every event sends people on their breaks

    def open(self) -> None:
        """The site opens; rooms that open with it do so next."""
        self.door.open()
        self.staff.tasks.site_opens()
        self.places.stop_serving()
        self.state.set(self.state.site["open"], 1)

    def close(self) -> None:
        """The site closes: those in line, or everybody, may have to leave."""
        self.door.close()
        self.state.set(self.state.site["open"], 0)
        for visit in list(self._visits.values()):
            if visit.inside and (self.door.stopped or self.door.sends_away):
                visit.closing(stop=self.door.stopped)

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

    # --- after closing ----------------------------------------------------------------------

    def _close_down(self) -> bool:
        """Where staff stay until nobody is inside: do what follows. Returns whether anything did.

        Who waits in vain goes on without, or leaves; then who is no longer needed goes home.
        """
        if not self.staff.stay:
            return False
        if self.door.is_open:
            self.staff.tasks.awaited_rooms = None
            return self.staff.let_go(())
        self.staff.tasks.awaited_rooms = self._awaited_rooms()
        in_vain = [visit for visit in self._visits.values() if visit.inside]
        gave_up = False
        for visit in in_vain:
            if visit.waits_in_vain():
                visit.interrupt(End.NOBODY)
                gave_up = True
        return gave_up or self.staff.let_go(() if self.is_empty() else self._needs())

    def _awaited_rooms(self) -> frozenset[int]:
        """Rooms of which somebody inside may still get a place."""
        found = {room for visit in self._visits.values() for room in visit.may_enter()}
        return frozenset(filter(self.places.takes_people, found))

    def _needs(self) -> list[Need]:
        """What those who stay are needed for, as long as anybody is inside."""
        teams = [Need(team) for team in self.numbered.teams]
        rules = [
            Need((rule.roles,) * rule.minimum, partial(self.places.unwatched, rule), rule.roles)
            for rule in self.numbered.supervision
        ]
        mixes = [
            Need(((role,),) * number)
            for rule in self.numbered.supervision
            for role, number in rule.at_least
        ]
        tasks = [Need(seats) for visit in self._visits.values() for seats in visit.still_needs()]
        cleaning = [Need((self.numbered.cleaning[room],)) for room in self._awaited_rooms()]
        return [*teams, *rules, *mixes, *tasks, *cleaning]

    def could_take(self, room: int) -> bool:
        """Whether a room may give somebody a place, now or later, with those who are on duty."""
        crew, cleaners = self.staff.crew, self.numbered.cleaning[room]
        if not self.places.could_take(room, crew.on_duty):
            return False
        if self.places.has_free(room) or not cleaners or crew.on_duty(cleaners):
            return True
        # Somebody who is no longer on duty may still finish the cleaning of a place.
        return any(
            isinstance(person.work, Task) and person.work.room == room for person in crew.here
        )

    def _change_places(self, what: Change, number: int) -> None:
        """A room has another number of places, or some of them get out of order."""
        if what is Change.PLACES_CHANGE:
            room, places = self.timetable.sizes[number].tolist()
            self.places.set_limit(room, places)
            return
        room = int(self.visitors.failure_room[number])
        failures = self.rooms[room].failures
        assert failures is not None  # whose these are
        places = self.rooms[room].places if failures.places == "all" else failures.places
        self.places.fail(room, places, float(self.visitors.failure_repair[number]))

    def is_empty(self) -> bool:
        """Whether everybody has left."""
        return self.state[self.state.site["inside"]] == 0
