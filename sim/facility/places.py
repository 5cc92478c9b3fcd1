"""Rooms, their places and the one queue for them; the seats of aftercare."""

from bisect import insort
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from heapq import heapify, heappop, heappush
from math import isnan, nan

from sim.facility.agenda import Agenda, Signal
from sim.facility.record import State
from sim.facility.work import Crew
from sim.log import OUT_OF_ORDER
from sim.rules.numbered import Supervision, numbered
from sim.rules.order import Rank
from sim.scenario.model.scenario import Scenario


@dataclass(frozen=True, slots=True)
class Place:
    """A place someone holds."""

    room: int
    number: int


@dataclass(eq=False, slots=True)
class Waiting:
    """Someone in the queue for a place."""

    visit: int
    priority: int
    ticket: int
    rooms: list[int]
    """Rooms that will do, in order of preference."""
    given: Signal
    """Fires with the place, or with how the wait ended otherwise."""

    def turn(self) -> tuple[int, int]:
        """Sorts the queue: priority class, then order of joining."""
        return self.priority, self.ticket


@dataclass(eq=False, slots=True)
class Outage:
    """A place that fails."""

    room: int
    place: int
    repair: float
    """Minutes."""
    failed: float
    out: float = nan
    back: float = nan


@dataclass(eq=False, slots=True)
class _Room:
    places: int
    first: int
    """Number of its first place among those of all rooms."""
    free: list[int]
    """Numbers of the places with nobody in them that are clean and in order, a heap."""
    limit: int
    """Places with this number, or a higher one, are closed for the day."""
    occupied: int = 0
    """Places with a person in them, whether on their stay or blocking the place."""
    takes_people: bool = False
    in_hours: bool = False
    failed: dict[int, Outage] = field(default_factory=dict)
    """By number, the places that are out of order, or will be once they would be free."""

    @property
    def out(self) -> list[int]:
        """Numbers of the places that are out of order."""
        return [number for number, one in self.failed.items() if not isnan(one.out)]

    @property
    def may_be_given(self) -> int:
        """Free places that are not closed for the day."""
        return sum(number < self.limit for number in self.free)

    @property
    def open(self) -> int:
        """Places that somebody uses, that are being cleaned, or that may be given."""
        return self.places - len(self.out) - len(self.free) + self.may_be_given


@dataclass(frozen=True, slots=True)
class _Cover:
    """How far the staff present satisfy a supervision rule."""

    short: bool
    """Fewer are present than its minimum."""
    role_missing: bool
    """Fewer of some role are present than it asks for."""
    watchable: int
    """How many people they can watch; 0 if either is so."""


class Places:
    """All rooms. A place goes to the first person in the queue who accepts its room."""

    def __init__(self, scenario: Scenario, agenda: Agenda, state: State, crew: Crew) -> None:
        """All places are free and all rooms closed; the calendar opens them."""
        self.queue: list[Waiting] = []
        self._agenda, self._state, self._crew = agenda, state, crew
        self.outages: list[Outage] = []
        self._rooms: list[_Room] = []
        self._all_places = 0
        for room in scenario.rooms.values():
            free = list(range(room.places))
            self._rooms.append(_Room(room.places, self._all_places, free, limit=room.places))
            self._all_places += room.places
        self._rules = numbered(scenario).supervision
        self._rules_of = [
            [rule for rule in self._rules if room in rule.rooms] for room in range(len(self._rooms))
        ]
        self._tickets = 0
        self._known_at = -1
        self._known: dict[int, _Cover] = {}

    # --- the queue --------------------------------------------------------------------------

    def join(self, visit: int, priority: int, rooms: list[int]) -> Waiting:
        """Join the queue for any of these rooms."""
        waiting = Waiting(visit, priority, self._tickets, rooms, self._agenda.signal())
        self._tickets += 1
        insort(self.queue, waiting, key=Waiting.turn)
        self._count_waiting(waiting, 1)
        return waiting

    def leave_queue(self, waiting: Waiting) -> None:
        """Someone stops waiting without a place."""
        self.queue.remove(waiting)
        self._count_waiting(waiting, -1)

    def seat(self) -> bool:
        """Give free places to the queue, in order. Returns whether anyone got one."""
        seated = False
        for waiting in list(self.queue):
            for room in waiting.rooms:
                if self.available(room) > 0:
                    self.queue.remove(waiting)
                    self._count_waiting(waiting, -1)
                    waiting.given.fire(self._take(room))
                    seated = True
                    break
        return seated

    def ahead(self, rooms: list[int]) -> int:
        """How many in the queue accept any of these rooms."""
        return sum(any(room in waiting.rooms for room in rooms) for waiting in self.queue)

    def _count_waiting(self, waiting: Waiting, change: int) -> None:
        self._state.add(self._state.room[waiting.rooms[0]]["waiting"], change)
        self._state.add(self._state.site["waiting_place"], change)

    # --- places -----------------------------------------------------------------------------

    def available(self, room: int) -> int:
        """Places of a room that may take someone now."""
        here = self._rooms[room]
        if not here.takes_people:
            return 0
        free = here.may_be_given
        for rule in self._rules_of[room]:
            free = min(free, self._room_to_watch(rule))
        return max(0, free)

    def usable(self, room: int) -> int:
        """Places of a room that are in use or may take someone now."""
        return self._rooms[room].occupied + self.available(room)

    def open(self, room: int) -> None:
        """A room starts taking people in."""
        self._rooms[room].takes_people = self._rooms[room].in_hours = True
        self._count_open(room)

    def close(self, room: int, *, serve_queue: bool) -> None:
        """A room's hours end; with `serve_queue` those in the queue may still enter."""
        self._rooms[room].takes_people, self._rooms[room].in_hours = serve_queue, False
        self._count_open(room)

    def stop_serving(self) -> None:
        """The queue of the time before is served no longer: rooms open by their own hours."""
        for room in self._rooms:
            room.takes_people = False

    def takes_people(self, room: int) -> bool:
        """Whether a room takes people in, staff permitting."""
        return self._rooms[room].takes_people

    def could_take(self, room: int, on_duty: Callable[[Collection[int]], int]) -> bool:
        """Whether a room may take somebody in, now or later, with those who are on duty.

        Args:
            room: which.
            on_duty: how many people of some roles are on duty.
        """
        here = self._rooms[room]
        if not here.takes_people or not here.limit:
            return False
        return all(self._could_watch(rule, on_duty) for rule in self._rules_of[room])

    def _could_watch(self, rule: Supervision, on_duty: Callable[[Collection[int]], int]) -> bool:
        """Whether those on duty could watch at least one person under a rule."""
        number = on_duty(rule.roles)
        if number < rule.minimum or any(on_duty((role,)) < least for role, least in rule.at_least):
            return False
        return rule.places_per_staff is None or int(rule.places_per_staff * number) > 0

    def has_free(self, room: int) -> bool:
        """Whether a place of a room is free."""
        return self._rooms[room].may_be_given > 0

    def unwatched(self, rule: Supervision, number: int) -> int:
        """How many of those in places, or of one person at least, so many staff cannot watch."""
        if rule.places_per_staff is None:
            return 0
        return max(0, max(1, self._occupied(rule)) - int(rule.places_per_staff * number))

    def block(self, place: Place) -> None:
        """The stay is over but the person cannot leave the place."""
        self._state.add(self._state.room[place.room]["occupied"], -1)
        self._state.add(self._state.room[place.room]["blocked"], 1)

    def vacate(self, place: Place, *, blocked: bool) -> None:
        """The person leaves the place, which is now to be cleaned."""
        self._rooms[place.room].occupied -= 1
        series = self._state.room[place.room]
        self._state.add(series["blocked" if blocked else "occupied"], -1)
        self._state.add(series["cleaning"], 1)

    def ready(self, place: Place) -> None:
        """The place is clean and free, or goes out of order now if it has failed meanwhile."""
        self._state.add(self._state.room[place.room]["cleaning"], -1)
        here = self._rooms[place.room]
        if (outage := here.failed.get(place.number)) is not None:
            self._put_out(outage)
        else:
            heappush(here.free, place.number)
        self._count_open(place.room)

    def _take(self, room: int) -> Place:
        here = self._rooms[room]
        here.occupied += 1
        self._state.add(self._state.room[room]["occupied"], 1)
        return Place(room, heappop(here.free))

    # --- places that come and go --------------------------------------------------------------

    def set_limit(self, room: int, places: int) -> None:
        """Close the places with the highest numbers for the day, or open them again.

        Nobody is moved: a place in use is closed once it is clean.
        """
        self._rooms[room].limit = places
        self._count_open(room)

    def fail(self, room: int, number: int, repair: float) -> None:
        """So many places get out of order, or as many as are in order.

        Free ones go first, then those in use, which go out of order once they are clean; of either
        the lowest numbers. One that is waiting to go out of order does not fail a second time.
        """
        here = self._rooms[room]
        in_use = [one for one in range(here.places) if one not in here.failed]
        for place in sorted(in_use, key=lambda one: (one not in here.free, one))[:number]:
            outage = here.failed[place] = Outage(room, place, repair, self._agenda.now)
            self.outages.append(outage)
            if place in here.free:
                here.free.remove(place)
                heapify(here.free)
                self._put_out(outage)
        self._count_open(room)

    def _put_out(self, outage: Outage) -> None:
        now, place = self._agenda.now, self._rooms[outage.room].first + outage.place
        outage.out = now
        back = now + outage.repair
        self._agenda.at(back, Rank.REPAIR, place, 0, lambda: self._put_back(outage))

    def _put_back(self, outage: Outage) -> None:
        here, outage.back = self._rooms[outage.room], self._agenda.now
        del here.failed[outage.place]
        heappush(here.free, outage.place)
        self._count_open(outage.room)

    def _count_open(self, room: int) -> None:
        here, series = self._rooms[room], self._state.room[room]
        self._state.set(series["open"], here.open if here.in_hours else 0)
        if OUT_OF_ORDER in series:
            out = sum(number < here.limit for number in here.out)
            self._state.set(series[OUT_OF_ORDER], out if here.in_hours else 0)

    # --- supervision ------------------------------------------------------------------------

    def _room_to_watch(self, rule: Supervision) -> int:
        """How many more people the staff present may let in under a rule."""
        return max(0, self._cover(rule).watchable - self._occupied(rule))

    def _occupied(self, rule: Supervision) -> int:
        """Places with a person in them, over the rooms of a rule."""
        return sum(self._rooms[room].occupied for room in rule.rooms)

    def _cover(self, rule: Supervision) -> _Cover:
        """How far the staff present satisfy a rule."""
        if self._known_at != self._crew.changes:
            self._known_at = self._crew.changes
            self._known = {id(one): self._look_at(one) for one in self._rules}
        return self._known[id(rule)]

    def _look_at(self, rule: Supervision) -> _Cover:
        present = sum(self._crew.present(role) for role in rule.roles)
        short = present < rule.minimum
        missing = any(self._crew.present(role) < number for role, number in rule.at_least)
        if short or missing:
            return _Cover(short, missing, 0)
        if rule.places_per_staff is None:
            return _Cover(short, missing, self._all_places)
        return _Cover(short, missing, int(rule.places_per_staff * present))

    def _is_unmet(self, rule: Supervision) -> bool:
        """Whether a rule is unmet: too few staff, a role missing, or more people than are watched.

        Staff who may watch nobody at all are too few, whether or not anybody is in a place.
        """
        cover = self._cover(rule)
        if cover.short or cover.role_missing:
            return True
        limited = rule.places_per_staff is not None
        return limited and (cover.watchable == 0 or self._occupied(rule) > cover.watchable)

    def note_supervision(self) -> None:
        """Bring the counts that follow from supervision up to date."""
        in_force: list[Supervision] = []
        for number, room in enumerate(self._rooms):
            if not self._rules_of[number]:
                continue
            series, available = self._state.room[number], self.available(number)
            rules = self._rules_of[number] if self._state[series["open"]] > 0 else []
            in_force += rules
            unusable = room.may_be_given - available if rules else 0
            self._state.set(series["unusable"], unusable)
            self._state.set(series["none_usable"], int(unusable > 0 and available == 0))
            self._state.set(series["paused"], int(any(map(self._is_unmet, rules))))
        covers = [self._cover(rule) for rule in in_force]
        site = self._state.site
        self._state.set(site["below_cover"], int(any(cover.short for cover in covers)))
        self._state.set(site["role_missing"], int(any(cover.role_missing for cover in covers)))


class Aftercare:
    """Seats in aftercare; `seats` None means no limit."""

    def __init__(self, scenario: Scenario, agenda: Agenda, state: State) -> None:
        """All seats are free."""
        aftercare = scenario.aftercare
        self.exists = aftercare is not None
        self.waits_in_place = aftercare is not None and aftercare.when_full == "wait_in_place"
        self._seats = aftercare.seats if aftercare is not None else 0
        self._agenda, self._state = agenda, state
        self._queue: list[Signal] = []

    @property
    def has_seat(self) -> bool:
        """Whether a seat is free."""
        return self._seats is None or self._state[self._state.site["aftercare"]] < self._seats

    def take(self) -> None:
        """Take a free seat."""
        self._state.add(self._state.site["aftercare"], 1)

    def leave(self) -> None:
        """Give a seat back."""
        self._state.add(self._state.site["aftercare"], -1)

    def wait(self) -> Signal:
        """Wait for a seat; the signal fires once it has been taken."""
        signal = self._agenda.signal()
        self._queue.append(signal)
        return signal

    def stop_waiting(self, signal: Signal) -> None:
        """Give up waiting for a seat."""
        if signal in self._queue:
            self._queue.remove(signal)

    def seat(self) -> bool:
        """Give free seats to those who wait. Returns whether anyone got one."""
        seated = False
        while self._queue and self.has_seat:
            self.take()
            self._queue.pop(0).fire()
            seated = True
        return seated
