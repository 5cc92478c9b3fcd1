"""A system with its facilities in SimPy: read `City._choose` and `City._handed_back` first.

Each facility has a calendar of its own. Here is who is between two doors: on the way, coming back
later, or choosing. At one instant that comes last, when everything in the facilities is done, in
order of the numbers of needs.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from heapq import heappop, heappush
from math import inf, nan
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from sim.city.ledger import BY_VISIT, Noted, city_log
from sim.facility.simulate import is_over, log_of, plan_calendar
from sim.facility.site import Site
from sim.log import ATTEMPT_COLUMNS, CityLog, NeedOutcome, Outcome, Way
from sim.rules.letting_in import letting_in
from sim.rules.order import Rank, Step
from sim.scenario.city.system import RECALLS, System
from sim.scenario.derived.entering import Intervals
from sim.visitors import Visitors
from sim.visitors.needs import Needs

_OF_THE_NEED = (
    *("kind", "client", "arrival", "check_in", "switch_after", "aftercare", "appointment"),
    *("onset", "severity", "intensive", "observation", "ambulance"),
    *("stay", "cleaning", "service", "service_patience", "stay_task_times", "stay_task_first"),
)
"""Columns of visitors that are the same at each attempt."""


class _Column:
    """A column of attempts, each with the value of its need."""

    def __init__(self, drawn: NDArray[Any], rows: Sequence[int]) -> None:
        """Take the values by need, and the need's row of each attempt."""
        self._drawn, self._rows = drawn, rows

    def __getitem__(self, at: int | tuple[int, int]) -> object:
        if isinstance(at, tuple):
            return self._drawn[at[0], self._rows[at[1]]]
        return self._drawn[self._rows[at]]

    def tolist(self) -> list[Any]:
        """The values so far."""
        return [self._drawn[row] for row in self._rows]


class _Doors:
    """Those who have come to a facility's door so far, as it knows visitors: by their turn."""

    def __init__(self, drawn: Visitors) -> None:
        """Nobody has come; take all who may."""
        self._drawn = drawn
        self.rows: list[int] = []
        self.patience: list[float] = []
        self.balk: list[float] = []
        for name in _OF_THE_NEED:
            setattr(self, name, _Column(getattr(drawn, name), self.rows))

    def __getattr__(self, name: str) -> object:
        """What chance does to the site, and the times of tasks."""
        return getattr(self._drawn, name)

    def __len__(self) -> int:
        return len(self.rows)


@dataclass(eq=False, slots=True)
class _Person:
    """Somebody with a need."""

    need: int
    kind: int
    order: list[int]
    """Of facilities, those wished first in front."""
    way: Way = Way.FIRST
    """To the door that they choose next."""
    at: int = -1
    """The facility that they come from; -1 when they come from elsewhere."""
    goes_to: int = -1
    """The facility that they walk to; -1 while they are to choose."""
    set_out: float = nan
    attempts: int = 0
    spent: float = 0.0
    """Minutes at doors so far."""
    tried: set[int] = field(default_factory=set)
    """Facilities, since they came first or came back."""
    back: float = nan
    """When they came back."""
    nothing_open: bool = False
    """When the need arose."""


class City:
    """Facilities, and the people between them."""

    def __init__(self, system: System, needs: Needs) -> None:
        """Build all facilities closed and empty."""
        self._system, self._needs, self._choice = system, needs, system.choice
        self._horizon = system.people.horizon.minutes
        self._doors = [_Doors(drawn) for drawn in needs.sites]
        self._sites: list[Site] = []
        self._lets_in: list[tuple[Intervals, ...]] = []
        for number, scenario in enumerate(system.sites.values()):
            site = Site(scenario, cast(Visitors, self._doors[number]))
            site.leaves = partial(self._handed_back, number)
            plan_calendar(site)
            self._sites.append(site)
            self._lets_in.append(letting_in(scenario, site.timetable))
        self._due: list[tuple[float, int]] = []
        """When people choose or arrive, and the numbers of their needs: a heap."""
        self._people: dict[int, _Person] = {}
        """By need, those whose need has arisen and is not over."""
        self._visitors: list[list[_Person]] = [[] for _ in self._sites]
        """By facility and number of the visit."""
        self._made: dict[str, list[float]] = {name: [] for name in ATTEMPT_COLUMNS}
        self._outcome, self._over = [BY_VISIT] * len(needs), [nan] * len(needs)
        self._drawn, self.is_short = len(needs.balk), False
        """How many attempts are drawn, and whether somebody would make one more."""

    def play(self) -> CityLog | None:
        """Play to the end; None if more attempts must be drawn first."""
        self._await(0)
        while not self.is_short:
            number = min(range(len(self._sites)), key=self._next_in)
            time = self._next_in(number)
            if self._due and self._due[0][0] < time:
                self._go_on(*heappop(self._due))
            elif time < inf:
                self._sites[number].agenda.step()
            else:
                return self._log()
        return None

    def _next_in(self, number: int) -> float:
        """When the next thing happens in a facility; of those at one instant the first is first."""
        site = self._sites[number]
        return inf if is_over(site) else site.agenda.peek()

    def _log(self) -> CityLog:
        made = {
            name: np.array(self._made[name], dtype=kind) for name, kind in ATTEMPT_COLUMNS.items()
        }
        noted = Noted(made, np.array(self._outcome), np.array(self._over))
        return city_log(self._needs, [log_of(site) for site in self._sites], noted)

    # --- people between doors -------------------------------------------------------------------

    def _await(self, need: int) -> None:
        """The next need will arise."""
        if need < len(self._needs):
            heappush(self._due, (float(self._needs.arrival[need]), need))

    def _go_on(self, now: float, need: int) -> None:
        """Somebody's need arises, or they are to choose, or are at the door that they chose."""
        if need not in self._people:
            self._await(need + 1)
            order = [one for one in self._needs.order[:, need].tolist() if one >= 0]
            self._people[need] = _Person(need, int(self._needs.kind[need]), order)
        person = self._people[need]
        if person.goes_to >= 0:
            self._arrive(person, now)
        else:
            self._choose(person, now)

    def _choose(self, person: _Person, now: float) -> None:
        """Go to the first of those that were not tried in this round, or else think again."""
        options = [one for one in person.order if one not in person.tried]
        if self._choice.knows_hours:
            options = [one for one in options if self._will_let_in(one, person, now)]
        if not options:
            self._finds_nothing(person, now)
            return
        if self._needs.informed[person.need]:
            options.sort(key=lambda one: self._crowding(one, person))
        self._set_off(person, options[0], now, self._walk(person, options[0]))

    def _finds_nothing(self, person: _Person, now: float) -> None:
        """Nothing is left, or nothing of it is open."""
        if person.way is Way.DIVERTED:
            self._come_back(person, now)
        elif person.way is Way.RETURNED:
            self._wait_for_opening(person, now)
        elif person.order:
            # Counted at the door of the first wish, which finds them closed out as ever.
            person.nothing_open = True
            self._set_off(person, person.order[0], now, 0.0)
        else:
            self._end(person, NeedOutcome.CLOSED_EVERYWHERE, now)

    def _will_let_in(self, facility: int, person: _Person, now: float) -> bool:
        """Whether a facility is open for somebody, now and when they would be there."""
        intervals = self._open_for(facility, person)
        return all(
            bool(((intervals[:, 0] <= time) & (time < intervals[:, 1])).any())
            for time in (now, now + self._walk(person, facility))
        )

    def _open_for(self, facility: int, person: _Person) -> Intervals:
        return self._lets_in[facility][int(self._system.kind_at[facility, person.kind])]

    def _walk(self, person: _Person, facility: int) -> float:
        if person.at >= 0:
            return float(self._choice.walk[person.at, facility])
        return float(self._choice.from_origin[self._needs.origin[person.need], facility])

    def _crowding(self, facility: int, person: _Person) -> float:
        """People in places, or places being cleaned, and people waiting, per usable place.

        Of the rooms that will do and take people in at this moment; infinite where no place of
        these is usable.
        """
        site = self._sites[facility]
        kind = int(self._system.kind_at[facility, person.kind])
        rooms = [room for room in site.numbered.kinds[kind] if site.places.takes_people(room)]
        ahead, usable = site.places.ahead(rooms), 0
        for room in rooms:
            series, cleaning = site.state.room[room], site.state[site.state.room[room]["cleaning"]]
            ahead += site.state[series["occupied"]] + site.state[series["blocked"]] + cleaning
            usable += site.places.usable(room) + cleaning
        return ahead / usable if usable else inf

    def _set_off(self, person: _Person, facility: int, now: float, walk: float) -> None:
        person.goes_to, person.set_out = facility, now
        if now + walk >= self._horizon:
            self._end(person, NeedOutcome.ON_THE_WAY_AT_END)
        elif walk == 0:
            self._arrive(person, now)
        else:
            heappush(self._due, (now + walk, person.need))

    def _arrive(self, person: _Person, now: float) -> None:
        """Be at a door, as any arrival."""
        facility, need = person.goes_to, person.need
        if person.attempts == self._drawn:
            self.is_short = True
            return
        site, doors, people = self._sites[facility], self._doors[facility], self._visitors[facility]
        number, row = len(doors), int(self._needs.row[facility, need])
        come_from = person.at if person.way is Way.DIVERTED else -1
        of_person = need, person.attempts
        said = (*of_person, facility, number, person.way, come_from, person.set_out, now)
        for column, value in zip(self._made.values(), said, strict=True):
            column.append(value)
        drawn = self._needs.sites[facility]
        patience = float(drawn.patience[row])
        if self._choice.carries_over:
            patience = max(0.0, patience - person.spent)
        doors.rows.append(row)
        doors.patience.append(patience)
        doors.balk.append(float(self._needs.balk[person.attempts, need]))
        people.append(person)
        site.record.comes(int(drawn.kind[row]), int(drawn.client[row]), now)
        person.attempts += 1
        person.tried.add(facility)
        person.at, person.goes_to = facility, -1
        site.agenda.at(now, Rank.ARRIVAL, number, Step.DOOR, partial(site.arrive, number))
        site.agenda.step()

    # --- after a door -----------------------------------------------------------------------------

    def _handed_back(self, facility: int, number: int, outcome: Outcome) -> None:
        """A visit is over: the need is met, or they go elsewhere, come back later, or give up."""
        site, person = self._sites[facility], self._visitors[facility][number]
        now, need = site.agenda.now, person.need
        person.spent += now - site.record.visits["arrival"][number]
        if outcome in (Outcome.SERVED, Outcome.SERVICE_ONLY, Outcome.CUT_SHORT):
            del self._people[need]
            return
        if person.nothing_open and outcome is Outcome.CLOSED and person.attempts == 1:
            self._end(person, NeedOutcome.CLOSED_EVERYWHERE, now)
            return
        most = self._choice.returning[person.kind].attempts
        if most is not None and person.attempts >= most:
            self._end(person, NeedOutcome.UNMET, now)
            return
        diverts = self._needs.divert[person.attempts - 1, need] < self._choice.diverts[outcome]
        if not diverts or person.tried.issuperset(person.order):
            self._come_back(person, now)
        elif now >= self._horizon:
            self._end(person, NeedOutcome.ON_THE_WAY_AT_END)
        else:
            person.way = Way.DIVERTED
            heappush(self._due, (now, need))

    def _come_back(self, person: _Person, now: float) -> None:
        """Come back later, or give up."""
        which = person.attempts - 1, person.need
        if self._needs.come_back[which] >= self._choice.returning[person.kind].share:
            self._end(person, NeedOutcome.UNMET, now)
            return
        person.way, person.at = Way.RETURNED, -1
        person.tried.clear()
        person.back = now + float(self._needs.delay[which])
        self._choose_at(person, person.back)

    def _wait_for_opening(self, person: _Person, now: float) -> None:
        """Nothing is open when they come back: wait for the first to open, if that is soon."""
        after = self._choice.returning[person.kind].after
        assert after is not None  # of those who come back
        opens = [
            float(time)
            for facility in person.order
            for time in self._open_for(facility, person)[:, 0]
            if time > now
        ]
        if opens and min(opens) <= person.back + RECALLS * after.mean():
            self._choose_at(person, min(opens))
        else:
            self._end(person, NeedOutcome.UNMET, now)

    def _choose_at(self, person: _Person, time: float) -> None:
        if time < self._horizon:
            heappush(self._due, (time, person.need))
        else:
            self._end(person, NeedOutcome.ON_THE_WAY_AT_END)

    def _end(self, person: _Person, outcome: NeedOutcome, over: float = nan) -> None:
        """The need is over, or not by the end."""
        self._outcome[person.need], self._over[person.need] = outcome, over
        del self._people[person.need]


def simulate(system: System, needs: Needs) -> CityLog | None:
    """What happens in a system when these needs arise; None if more attempts must be drawn."""
    return City(system, needs).play()
