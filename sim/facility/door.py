"""The door: who is let in, and what opening and closing mean for those inside."""

from __future__ import annotations

from bisect import bisect_right
from math import inf, isnan
from typing import TYPE_CHECKING

from sim.facility.tasks import alone
from sim.log import Duty, Outcome
from sim.rules.timetable import Timetable

if TYPE_CHECKING:
    from sim.facility.site import Site
    from sim.facility.visit import Visit


class Door:
    """Opening hours as the visitors meet them."""

    def __init__(self, site: Site, hours: Timetable) -> None:
        """Closed; the calendar opens it."""
        self._site = site
        self._opening = site.scenario.opening
        self._spans, self._opens = hours.spans, [start for start, _ in hours.spans]
        self._room_opens = [[start for start, _ in spans] for spans in hours.room_spans]
        self.is_open = False
        self._closes = inf

    def open(self) -> None:
        """The site opens."""
        now = self._site.agenda.now
        self._closes = self._spans[bisect_right(self._opens, now) - 1][1]
        self.is_open = True

    def close(self) -> None:
        """The site closes."""
        self.is_open = False

    @property
    def sends_away(self) -> bool:
        """Whether those in line are sent away: after closing, unless the queue is served."""
        return not self.is_open and self._opening.queue_at_close == "dismiss"

    @property
    def stopped(self) -> bool:
        """Whether everybody has to leave: after closing, unless stays are finished."""
        return not self.is_open and self._opening.at_close == "stop"

    def opens_soon(self, visit: Visit) -> float | None:
        """When the site opens, if it is closed and this visitor may wait at the door for it.

        Who is booked waits there for as long as they mean to be early, if that is longer.
        """
        if self.is_open:
            return None
        waits = self._opening.wait_at_door
        if visit.appointments is not None:
            waits = max(waits, visit.appointments.early)
        now, coming = self._site.agenda.now, bisect_right(self._opens, self._site.agenda.now)
        if coming == len(self._opens) or self._opens[coming] > now + waits:
            return None
        return self._opens[coming]

    def refusal(self, visit: Visit) -> Outcome | None:
        """Why someone does not come in; None for those who do."""
        site = self._site
        last_entry = self._opening.last_entry if visit.appointments is None else 0.0
        if not self.is_open or site.agenda.now >= self._closes - last_entry:
            return Outcome.CLOSED
        if visit.rooms and not self.rooms_for(visit):
            return Outcome.CLOSED
        area = site.scenario.waiting_area
        if area is not None and site.waiting() >= area.seats and self._would_wait(visit):
            return Outcome.NO_SPACE
        return Outcome.BALKED if self._balks(visit) else None

    def rooms_for(self, visit: Visit) -> list[int]:
        """Rooms that will do and take people in, now or later before the site closes."""
        return [room for room in visit.rooms if self.will_take(room)]

    def will_take(self, room: int) -> bool:
        """Whether a room takes people in, staff permitting, now or later before closing."""
        if self._site.places.takes_people(room):
            return True
        opens = self._room_opens[room]
        coming = bisect_right(opens, self._site.agenda.now)
        return self.is_open and coming < len(opens) and opens[coming] < self._closes

    def _would_wait(self, visit: Visit) -> bool:
        """Whether someone let in now would have to wait for the first thing they need."""
        site, number = self._site, visit.number
        if site.visitors.check_in[number] > 0:
            return not site.staff.tasks.could_start(
                Duty.CHECK_IN,
                alone(site.numbered.duties[Duty.CHECK_IN]),
                float(site.visitors.check_in[number]),
            )
        for index, service in enumerate(site.services):
            minutes = float(site.visitors.service[index, number])
            if not isnan(minutes) and (service.when == "before" or not visit.rooms):
                if visit.is_early_for(index):
                    return True
                seats, own = site.numbered.services[index], site.own_places[index]
                return not site.staff.tasks.could_start(Duty.SERVICE, seats, minutes, own)
        return all(site.places.available(room) == 0 for room in self.rooms_for(visit))

    def _balks(self, visit: Visit) -> bool:
        balking, site = visit.kind.balking, self._site
        if balking is None or not visit.rooms:
            return False
        rooms = self.rooms_for(visit)
        ahead = site.places.ahead(rooms) + site.state[site.state.site["waiting_check_in"]]
        if balking.above is not None and ahead > balking.above:
            return True
        full = all(site.places.available(room) == 0 for room in rooms)
        chance = balking.when_full if full else 0.0
        if ahead > 0 and balking.per_person_ahead > 0:
            usable = sum(site.places.usable(room) for room in rooms)
            chance += balking.per_person_ahead * ahead / usable if usable else inf
        return bool(site.visitors.balk[visit.number] < min(chance, balking.at_most))
