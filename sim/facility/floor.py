"""The people on shift: who is here, who is free, and what each is counted as."""

from bisect import insort
from collections.abc import Callable
from math import nan

from sim.facility.agenda import Agenda
from sim.facility.state import State
from sim.facility.work import Case, Person, Rest, Task, Worked


class Floor:
    """Everyone at work now."""

    def __init__(self, agenda: Agenda, state: State, *, pooled: bool) -> None:
        """Start with nobody.

        Args:
            agenda: the calendar.
            state: the counts to keep.
            pooled: whether people in overtime hold back those who relieve them.
        """
        self.here: list[Person] = []
        self.changes = 0
        """Counts every change of anybody's state; what was worked out from it may be kept."""
        self._agenda, self._state, self._pooled = agenda, state, pooled

    def arrive(self, shift: Worked) -> None:
        """Someone's shift begins; whoever is at work already goes on from one to the next."""
        person = shift.person
        if person.here:
            self._go_on(person, shift)
            return
        person.shift, person.number, person.role = shift, shift.day, shift.role
        person.here = person.on_shift = True
        person.idle_since = person.rested = self._agenda.now
        insort(self.here, person, key=_number)
        self._show(person)

    def _go_on(self, person: Person, shift: Worked) -> None:
        """The next shift of someone begins who is on the one before, or has work left of it."""
        now, before = self._agenda.now, person.shift
        if person.work is not None:
            before.busy[person.work.duty] += now - person.counted
            person.counted = now
        before.left = now
        if before.goes_on:
            shift.longest_stretch, before.longest_stretch = before.longest_stretch, nan
        else:
            before.longest_stretch = max(before.longest_stretch, now - person.rested)
        if person.role != shift.role:
            series = self._state.role[person.role]
            for name in person.shown:
                self._state.add(series[name], -1)
            person.shown = frozenset()
        self.here.remove(person)
        person.shift, person.number, person.role = shift, shift.day, shift.role
        insort(self.here, person, key=_number)
        person.on_shift = True
        self._show(person)

    def finish_shift(self, person: Person) -> None:
        """Someone's shift ends; they leave, or stay while they have work in hand."""
        self.end_rest(person)
        person.on_shift = False
        if person.work is None:
            self._leave(person)
        self._show(person)

    def give(self, person: Person, work: Task | Case | None) -> None:
        """Put someone to work, or take them off it; off work after their shift they leave."""
        now = self._agenda.now
        if person.work is not None:
            person.shift.busy[person.work.duty] += now - person.counted
        person.work = work
        if work is not None:
            person.since = person.counted = now
        elif person.on_shift:
            person.idle_since = now
        else:
            self._leave(person)
        self._show(person)

    def begin_rest(self, person: Person, rest: Rest) -> None:
        """Someone goes on a break."""
        now = self._agenda.now
        if not rest.taken:
            rest.begun_late = now > rest.latest
        rest.since = now
        person.rest = rest
        shift = person.shift
        shift.longest_stretch = max(shift.longest_stretch, now - person.rested)
        self._show(person)

    def end_rest(self, person: Person) -> None:
        """Someone's break ends or is interrupted; what is left of it stays in `remaining`."""
        if (rest := person.rest) is None:
            return
        now = self._agenda.now
        rest.remaining -= now - rest.since
        person.shift.break_minutes += now - rest.since
        person.rest = None
        person.idle_since = person.rested = now
        self._show(person)

    def best(self, roles: tuple[int, ...]) -> Person | None:
        """The free person to choose: by order of the roles, longest idle, lowest number."""
        return self._first(roles, lambda p: p.free, lambda p: (p.idle_since, p.number))

    def on_recallable_break(self, roles: tuple[int, ...]) -> Person | None:
        """Someone whose break an overdose may end: by order of the roles, lowest number."""
        return self._first(
            roles,
            lambda p: p.rest is not None and p.rest.recallable,
            lambda p: (0.0, p.number),
        )

    def _first(
        self,
        roles: tuple[int, ...],
        may: Callable[[Person], bool],
        order: Callable[[Person], tuple[float, int]],
    ) -> Person | None:
        able = [person for person in self.here if person.role in roles and may(person)]
        return min(able, key=lambda p: (roles.index(p.role), *order(p)), default=None)

    def may_start(self, roles: tuple[int, ...]) -> tuple[int, ...]:
        """Those of some roles that may start a task.

        Only `finish_pooled` holds a role back: while as many are busy, people in overtime
        included, as are on duty.
        """
        return tuple(role for role in roles if self._has_level(role)) if self._pooled else roles

    def _has_level(self, role: int) -> bool:
        of_role = [person for person in self.here if person.role == role]
        busy = sum(person.work is not None for person in of_role)
        return busy < sum(person.on_shift and person.rest is None for person in of_role)

    def present(self, role: int) -> int:
        """People of a role on duty, neither on a break nor at an overdose."""
        return self._state[self._state.role[role]["present"]]

    def close(self, now: float) -> None:
        """At the end of the replication: count the work in hand up to now."""
        for person in self.here:
            shift = person.shift
            if person.work is not None:
                shift.busy[person.work.duty] += now - person.counted
            shift.left = max(now, shift.end)
            shift.longest_stretch = max(shift.longest_stretch, now - person.rested)

    def _leave(self, person: Person) -> None:
        now, shift = self._agenda.now, person.shift
        shift.left = now
        shift.longest_stretch = max(shift.longest_stretch, now - person.rested)
        person.here = False
        self.here.remove(person)

    def _show(self, person: Person) -> None:
        """Keep the counts of every series in step with what the person does."""
        series = self._state.role[person.role]
        now = person.series()
        self.changes += 1
        for name in person.shown - now:
            self._state.add(series[name], -1)
        for name in now - person.shown:
            self._state.add(series[name], 1)
        person.shown = now


def _number(person: Person) -> int:
    return person.number
