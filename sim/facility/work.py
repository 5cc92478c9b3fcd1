"""Who is at work: people, their shifts and breaks, and what each of them is counted as."""

from __future__ import annotations

from bisect import insort
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from math import isnan, nan
from operator import attrgetter

from sim.facility.agenda import Agenda
from sim.facility.record import State
from sim.log import Duty
from sim.rules.order import Rank


@dataclass(eq=False, slots=True, kw_only=True)
class Work:
    """What somebody can have in hand: a task, or the response to an overdose."""

    duty: Duty
    visit: int


@dataclass(eq=False, slots=True)
class BreakOnShift:
    """A break that a person is to have."""

    person: Person
    latest: float
    """End of its window."""
    remaining: float
    """Minutes."""
    minimum_left: int
    left_of: tuple[int, ...] | None
    """Roles of those who count for it; None for the person's own."""
    recallable: bool
    since: float = nan
    """When it began, or went on after a recall."""
    begun_late: bool = False

    @property
    def taken(self) -> bool:
        """Whether it has begun."""
        return not isnan(self.since)


@dataclass(eq=False, slots=True)
class ShiftWorked:
    """One shift of one person, and what they did on it."""

    person: Person
    day: int
    """Number of the first shift of the same working day."""
    role: int
    end: float
    until: float
    """End of the last of the shifts that go on into each other."""
    absent: bool
    goes_on: bool
    """Whether the person's next shift begins as this one ends."""
    breaks: list[BreakOnShift] = field(default_factory=list)
    left: float = nan
    busy: list[float] = field(default_factory=lambda: [0.0] * len(Duty))
    """Minutes by duty."""
    break_minutes: float = 0.0
    longest_stretch: float = 0.0
    """Of shifts that go on into each other of the last one; of the others it is unknown."""

    @property
    def came(self) -> bool:
        """Whether the person came to it."""
        return not self.absent and not isnan(self.left)


@dataclass(eq=False, slots=True)
class Person:
    """One member of staff: somebody without a name has one shift only."""

    number: int = -1
    """Of the first shift of the working day: of people alike the lowest goes first."""
    role: int = -1
    shift: ShiftWorked = field(init=False)
    """The shift they are on, or were on last."""
    here: bool = False
    """Whether they are at work, on shift or after it."""
    on_shift: bool = False
    """Whether they are on duty."""
    stays: bool = False
    """Whether they are so after the end of their shift, for those inside after closing."""
    on_break: BreakOnShift | None = None
    """The break they are on."""
    work: Work | None = None
    since: float = 0.0
    """Start of the present work."""
    counted: float = 0.0
    """Until when it, or a break, is counted among the minutes of a shift."""
    idle_since: float = 0.0
    rested: float = 0.0
    """When they last came on duty or back from a break."""
    shown: frozenset[str] = frozenset()
    """The series that count them now."""

    @property
    def free(self) -> bool:
        """On duty with nothing to do."""
        return self.on_shift and self.work is None and self.on_break is None

    def series(self) -> frozenset[str]:
        """The series that should count them."""
        found = set()
        if self.on_shift:
            found.add("overtime" if self.stays else "on_duty")
            if self.on_break is not None:
                found.add("on_break")
            elif self.work is None or self.work.duty is not Duty.RESPOND:
                found.add("present")
        elif self.work is not None:
            found.add("overtime")
        if self.work is not None:
            found.add(self.work.duty.name.lower())
        return frozenset(found)


class Crew:
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
        """Counts every change of anybody's state: until the next, what was worked out holds."""
        self._agenda, self._state, self._pooled = agenda, state, pooled

    def arrive(self, shift: ShiftWorked) -> None:
        """Someone's shift begins; whoever is at work already goes on from one to the next."""
        person = shift.person
        if person.here:
            self._go_on(person, shift)
            return
        person.idle_since = person.rested = self._agenda.now
        self._come(person, shift)

    def _go_on(self, person: Person, shift: ShiftWorked) -> None:
        """The next shift of someone begins who is on the one before, or has work left of it."""
        now, before = self._agenda.now, person.shift
        if person.work is not None:
            before.busy[person.work.duty] += now - person.counted
        elif person.on_break is not None:
            before.break_minutes += now - person.counted
        person.counted = now
        before.left = now
        if before.goes_on:
            shift.longest_stretch, before.longest_stretch = before.longest_stretch, nan
        else:
            self._stretch(person, now)
        if person.role != shift.role:
            series = self._state.role[person.role]
            for name in person.shown:
                self._state.add(series[name], -1)
            person.shown = frozenset()
        self.here.remove(person)
        self._come(person, shift)

    def _come(self, person: Person, shift: ShiftWorked) -> None:
        person.shift, person.number, person.role = shift, shift.day, shift.role
        person.here = person.on_shift = True
        person.stays = False
        insort(self.here, person, key=attrgetter("number"))
        self._show(person)

    def finish_shift(self, person: Person) -> None:
        """Someone's shift ends; they leave, or stay while they have work in hand."""
        self.end_break(person)
        person.on_shift = person.stays = False
        if person.work is None:
            self._leave(person)
        self._show(person)

    def stay(self, person: Person) -> None:
        """Someone's shift ends, and they stay on duty for those inside."""
        self.end_break(person)
        person.stays = True
        self._show(person)

    def give(self, person: Person, work: Work | None) -> None:
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

    def begin_break(self, pause: BreakOnShift) -> None:
        """Someone goes on a break."""
        now, person = self._agenda.now, pause.person
        if not pause.taken:
            pause.begun_late = now > pause.latest
        pause.since = now
        person.counted, person.on_break = now, pause
        self._stretch(person, now)
        self._show(person)

    def end_break(self, person: Person) -> None:
        """Someone's break ends or is interrupted; what is left of it stays in `remaining`."""
        if (pause := person.on_break) is None:
            return
        now = self._agenda.now
        pause.remaining -= now - pause.since
        person.shift.break_minutes += now - person.counted
        person.on_break = None
        person.idle_since = person.rested = now
        self._show(person)

    def best(
        self,
        roles: tuple[int, ...],
        but: Sequence[Person] = (),
        begins: Callable[[Person], bool] | None = None,
    ) -> Person | None:
        """The free person to choose: by order of the roles, longest idle, lowest number.

        Args:
            roles: that will do, the preferred one first.
            but: people who are chosen already, for the same task.
            begins: whether somebody may begin it; whoever is free may without it.
        """

        def may(person: Person) -> bool:
            return person.free and person not in but and (begins is None or begins(person))

        return self._first(roles, may, lambda p: (p.idle_since, p.number))

    def on_recallable_break(self, roles: tuple[int, ...]) -> Person | None:
        """Someone whose break an overdose may end: by order of the roles, lowest number."""
        return self._first(
            roles,
            lambda p: p.on_break is not None and p.on_break.recallable,
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

    def may_start(self, roles: tuple[int, ...], chosen: Sequence[Person] = ()) -> tuple[int, ...]:
        """Those of some roles that may start a task.

        Only `finish_pooled` holds a role back: while as many are busy, people in overtime, and
        those chosen for the same task, included, as are on duty.
        """
        if not self._pooled:
            return roles
        return tuple(role for role in roles if self._has_level(role, chosen))

    def _has_level(self, role: int, chosen: Sequence[Person]) -> bool:
        of_role = [person for person in self.here if person.role == role]
        busy = sum(person.work is not None or person in chosen for person in of_role)
        return busy < sum(person.on_shift and person.on_break is None for person in of_role)

    def on_duty(self, roles: Collection[int]) -> int:
        """People of some roles on duty, whatever they do."""
        return sum(person.on_shift and person.role in roles for person in self.here)

    def present(self, role: int) -> int:
        """People of a role on duty, neither on a break nor at an overdose."""
        return self._state[self._state.role[role]["present"]]

    def close(self, now: float) -> None:
        """At the end of the replication: count the work in hand, and breaks, up to now."""
        for person in self.here:
            shift = person.shift
            if person.work is not None:
                shift.busy[person.work.duty] += now - person.counted
            elif person.on_break is not None:
                shift.break_minutes += now - person.counted
            shift.left = max(now, shift.end)
            self._stretch(person, now)

    def _leave(self, person: Person) -> None:
        now = self._agenda.now
        person.shift.left = now
        self._stretch(person, now)
        person.here = False
        self.here.remove(person)

    def _stretch(self, person: Person, until: float) -> None:
        """Someone has been at work without a break until now."""
        shift = person.shift
        shift.longest_stretch = max(shift.longest_stretch, until - person.rested)

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


class Breaks:
    """The breaks that are due: begun in their window when cover allows, at its end in any case."""

    def __init__(self, agenda: Agenda, crew: Crew) -> None:
        """Start with none due."""
        self._agenda, self._crew = agenda, crew
        self._due: list[BreakOnShift] = []

    def fall_due(self, pause: BreakOnShift) -> None:
        """The window of someone's break begins."""
        if pause.person.on_shift:
            self._due.append(pause)

    def shift_over(self, person: Person) -> None:
        """Someone's shift ends: a break not begun is missed."""
        self._due = [pause for pause in self._due if pause.person is not person]

    def assign(self, *, forced: bool) -> bool:
        """Send people on their breaks. Returns whether anyone went.

        Args:
            forced: only breaks whose window is over, whatever the cover; otherwise only breaks
                within their window, when enough others are present.
        """
        went = False
        for pause in list(self._due):
            over = self._agenda.now >= pause.latest
            if pause.person.free and forced == over and (over or self._covered(pause)):
                self._due.remove(pause)
                self._begin(pause)
                went = True
        return went

    def recall(self, person: Person) -> None:
        """An overdose ends someone's break; the rest of it is due again."""
        pause = person.on_break
        self._crew.end_break(person)
        if pause is not None and pause.remaining > 0:
            self._due.append(pause)

    def _covered(self, pause: BreakOnShift) -> bool:
        role = pause.person.role
        roles = (role,) if pause.left_of is None else pause.left_of
        others = sum(map(self._crew.present, roles)) - (role in roles)
        return others >= pause.minimum_left

    def _begin(self, pause: BreakOnShift) -> None:
        self._crew.begin_break(pause)
        person, began = pause.person, pause.since

        def end() -> None:
            if person.on_break is pause and pause.since == began:
                self._crew.end_break(person)

        ends = began + pause.remaining
        self._agenda.at(ends, Rank.CALENDAR, 1 + person.number, 0, end)
