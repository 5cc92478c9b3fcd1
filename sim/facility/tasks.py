"""Routine work: check-in, services, tasks during the stay and cleaning, the most urgent first."""

from bisect import insort
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from math import inf, isfinite
from typing import NamedTuple

from sim.facility.agenda import Agenda, Signal
from sim.facility.record import State
from sim.facility.work import Crew, Person, Work
from sim.log import Duty
from sim.rules.numbered import Numbers
from sim.rules.order import STEP_OF, Rank, Step
from sim.scenario.model.site import StayTask
from sim.visitors import Visitors

_WAITING = {Duty.CHECK_IN: "waiting_check_in", Duty.SERVICE: "waiting_service"}
"""The counts of visitors who wait in line; nobody waits for cleaning, and who waits for a task
during the stay is in a place."""


def nothing() -> None:
    """Do nothing."""


class Standing(IntEnum):
    """Who goes first among those of one priority who wait for a service."""

    BEGUN = -2
    """Interrupted, at a service that has appointments."""
    BOOKED = -1
    WALKED_IN = 0
    BEHIND = 1
    """Booked, where those who walked in go first."""


class Turn(NamedTuple):
    """Where somebody stands in the line for a service."""

    standing: Standing
    due: float = 0.0
    """The time of the appointment by which they go; 0 where none counts."""


Seats = tuple[Numbers, ...]
"""For each member of staff the roles that will do, the preferred one first."""


def alone(roles: Numbers) -> Seats:
    """One member of staff of these roles, or nobody where there are none."""
    return (roles,) if roles else ()


@dataclass(eq=False, slots=True)
class OwnPlaces:
    """The places that a service has of its own."""

    free: float = inf
    """How many nobody has."""


@dataclass(eq=False, slots=True, kw_only=True)
class Task(Work):
    """A piece of routine work, for one member of staff in most cases."""

    seats: Seats
    """For each member of staff that it takes, the roles that will do."""
    own: OwnPlaces = field(default_factory=OwnPlaces)
    """The places of its own of which it takes one."""
    holds: bool = False
    """Whether those found first are held for it until it has all that it takes."""
    remaining: float
    """Minutes of work left."""
    done: Signal
    priority: int = 0
    room: int | None = None
    """Of the place to be cleaned."""
    standing: Standing = Standing.WALKED_IN
    due: float = 0.0
    """The time of the appointment by which it goes; 0 where none counts."""
    resumed: Standing = Standing.WALKED_IN
    """Where it stands once it has begun and was interrupted."""
    begins: Callable[[], None] = nothing
    """Called when work on it starts for the first time."""
    ticket: int = 0
    """Order of asking; kept when interrupted, so that it returns to the head of its queue."""
    running: bool = False
    begun: bool = False
    stint: int = 0
    """How often work on it has started; tells an outdated end from the real one."""
    since: float = 0.0
    """Start of the present stint of work, or of the present wait for it."""
    waited: float = 0.0
    """Minutes in the queue so far, those after an interruption included."""
    team: list[Person | None] = field(init=False)
    """Who does it, or is held for it, by seat."""
    in_place: bool = False
    """Whether it has one of the places of its own."""

    def __post_init__(self) -> None:
        """Start with nobody."""
        self.team = [None] * len(self.seats)

    def roles_of(self, person: Person) -> Numbers:
        """The roles that will do for what somebody has in hand, or is held for."""
        return self.seats[self.team.index(person)]

    def urgency(self) -> tuple[int, int, int, float, int]:
        """Sorts the tasks that wait: by duty, priority, appointments, order of asking."""
        return self.duty, self.priority, self.standing, self.due, self.ticket


class Tasks:
    """The tasks that wait and the tasks in hand."""

    def __init__(
        self,
        agenda: Agenda,
        state: State,
        crew: Crew,
        desks: int | None,
        *,
        begin_late: bool,
    ) -> None:
        """Start with none.

        Args:
            agenda: the calendar.
            state: the counts to keep.
            crew: the people who do them.
            desks: how many check-ins there can be at once; None for no limit.
            begin_late: whether a task is begun that would end after the person's shift.
        """
        self.waiting: list[Task] = []
        self.awaited_rooms: frozenset[int] | None = None
        """After closing, where staff stay until nobody is inside: the rooms of which somebody
        inside may still get a place. None while the site is open, or where they do not."""
        self._agenda, self._state, self._crew, self._desks = agenda, state, crew, desks
        self._begin_late = begin_late
        self._at_desks = 0
        self._tickets = 0
        self._gathers: Task | None = None
        """The one task for which people are held until it has all that it takes. It is the only
        thing that keeps anybody without working, so that no two can wait for each other."""

    def ask(self, task: Task) -> None:
        """Put a task in the queue."""
        task.ticket = self._tickets
        self._tickets += 1
        self._join(task)

    def withdraw(self, task: Task) -> None:
        """Take back a task that waits or is in hand."""
        if task.running:
            self._end_stint(task)
        else:
            self._leave(task)
        self._dismiss(task)
        self._leave_place(task)

    def assign(self) -> bool:
        """Start what can be started, the most urgent first, and hold people for one that cannot.

        Returns whether anything was started, or anybody held.
        """
        given = False
        for task in list(self.waiting):
            if not self._has_room(task.duty, task.own, has_place=task.in_place):
                continue
            team = self._find(task.seats, task.team, self._may_begin(task.remaining, task.room))
            if None not in team:
                self._leave(task)
                self._start(task, team)
                given = True
            elif task.holds and self._gathers in (None, task):
                given |= self._hold(task)
        return given

    def could_start(
        self, duty: Duty, seats: Seats, minutes: float, own: OwnPlaces | None = None
    ) -> bool:
        """Whether a task could start now: a desk, a place, staff, where they are needed."""
        if not self._has_room(duty, own or OwnPlaces()):
            return False
        return None not in self._find(seats, [None] * len(seats), self._may_begin(minutes, None))

    def _has_room(self, duty: Duty, own: OwnPlaces, *, has_place: bool = False) -> bool:
        at_desk = duty is not Duty.CHECK_IN or self._at_desks != self._desks
        return at_desk and (has_place or own.free > 0)

    def _may_begin(self, minutes: float, room: int | None) -> Callable[[Person], bool]:
        """Whether someone may begin a task of so many minutes; in a room, if it is to clean.

        After closing whatever somebody inside still needs is begun, for whoever does it would stay
        for it; and by those who stay nothing else is. Otherwise, unless tasks are begun late,
        nobody begins one that would end after their shift.
        """
        needed = self.awaited_rooms is not None and (room is None or room in self.awaited_rooms)
        ends = self._agenda.now + minutes

        def may(person: Person) -> bool:
            in_time = self._begin_late or ends <= person.shift.until
            return needed or (in_time and not person.stays)

        return may

    def _find(
        self, seats: Seats, held: Sequence[Person | None], may: Callable[[Person], bool]
    ) -> list[Person | None]:
        """Who could take each seat beside those held for the task; None where nobody can.

        The pickiest seat is filled first: it has the fewest who could take it.
        """
        team, chosen = list(held), list[Person]()
        for seat, roles in sorted(enumerate(seats), key=lambda one: len(one[1])):
            if team[seat] is None:
                able = self._crew.may_start(roles, chosen)
                team[seat] = person = self._crew.best(able, chosen, may)
                chosen += [person] if person is not None else []
        return team

    def _hold(self, task: Task) -> bool:
        """Hold those who are found, in a place if it takes one. Returns whether that is new."""
        team = self._find(task.seats, task.team, self._may_wait(task))
        new = [person for person in team if person is not None and person.work is not task]
        takes_place = not task.in_place and isfinite(task.own.free)
        if not new and not takes_place:
            return False
        self._gathers, task.team = task, team
        self._take_place(task)
        for person in new:
            self._crew.give(person, task)
            self._watch_held(task, person)
        return True

    def _may_wait(self, task: Task) -> Callable[[Person], bool]:
        """Whether someone may be held for a task: could they begin it later, if not now?"""
        needed = self.awaited_rooms is not None

        def may(person: Person) -> bool:
            later = self._begin_late or _latest_start(task, person) > self._agenda.now
            return needed or (later and not person.stays)

        return may

    def _watch_held(self, task: Task, person: Person) -> None:
        """See to it that nobody is held for what would by then end after their shift.

        Last of what staff do at that instant: what ends with the shift is begun.
        """

        def too_late() -> None:
            if self.awaited_rooms is None:
                self._let_go_late()

        now, latest = self._agenda.now, _latest_start(task, person)
        if not self._begin_late and latest > now:
            self._agenda.at(latest, Rank.PATIENCE, task.visit, Step.HELD, too_late)

    def site_opens(self) -> None:
        """What was still needed after closing is work like any other again."""
        self.awaited_rooms = None
        if self._gathers is None or self._begin_late:
            return
        self._let_go_late()
        for person in self._gathers.team:
            if person is not None:  # and has another shift, perhaps, than when first held
                self._watch_held(self._gathers, person)

    def _let_go_late(self) -> None:
        """Let those go who are held for what would by now end after their shift."""
        if (task := self._gathers) is None:
            return
        for seat, person in enumerate(task.team):
            if person is not None and _latest_start(task, person) <= self._agenda.now:
                task.team[seat] = None
                self._crew.give(person, None)

    def is_done(self, task: Task) -> bool:
        """Whether a task in hand ends at this very instant."""
        return task.running and task.since + task.remaining <= self._agenda.now

    def take_from(self, task: Task, person: Person) -> None:
        """Take someone from a task in hand, or from one for which they are held.

        One in hand goes back to the head of its queue, with what is left to do, and the others who
        do it are free. The person is left to the caller, who has other work for them, or sends
        them home.
        """
        task.team[task.team.index(person)] = None
        if task.running:
            self._end_stint(task)
            task.remaining -= self._agenda.now - task.since
            self._dismiss(task)
            task.standing, task.due = task.resumed, 0.0
            self._join(task)

    def _join(self, task: Task) -> None:
        task.since = self._agenda.now
        insort(self.waiting, task, key=Task.urgency)
        self._count(task, 1)

    def _leave(self, task: Task) -> None:
        task.waited += self._agenda.now - task.since
        self.waiting.remove(task)
        self._count(task, -1)

    def _count(self, task: Task, change: int) -> None:
        if task.duty in _WAITING:
            self._state.add(self._state.site[_WAITING[task.duty]], change)

    def _start(self, task: Task, team: list[Person | None]) -> None:
        now = self._agenda.now
        task.since, task.running, task.team = now, True, team
        task.stint += 1
        if task.duty is Duty.CHECK_IN:
            self._at_desks += 1
        if self._gathers is task:
            self._gathers = None
        self._take_place(task)
        for person in team:
            if person is not None and person.work is not task:
                self._crew.give(person, task)
        if not task.begun:
            task.begun = True
            task.begins()
        stint = task.stint

        def end() -> None:
            if task.running and task.stint == stint:
                self._finish(task)

        step = STEP_OF[task.duty]
        self._agenda.at(now + task.remaining, Rank.COMPLETION, task.visit, step, end)

    def _finish(self, task: Task) -> None:
        self._end_stint(task)
        self._dismiss(task)
        self._leave_place(task)
        task.done.fire()

    def _end_stint(self, task: Task) -> None:
        task.running = False
        if task.duty is Duty.CHECK_IN:
            self._at_desks -= 1

    def _dismiss(self, task: Task) -> None:
        """Let those go who do a task, or are held for it."""
        if self._gathers is task:
            self._gathers = None
        for seat, person in enumerate(task.team):
            if person is not None:
                task.team[seat] = None
                self._crew.give(person, None)

    def _take_place(self, task: Task) -> None:
        if not task.in_place:
            task.own.free, task.in_place = task.own.free - 1, True

    def _leave_place(self, task: Task) -> None:
        if task.in_place:
            task.own.free, task.in_place = task.own.free + 1, False


def _latest_start(task: Task, person: Person) -> float:
    """When someone must begin a task that is not to end after their shift."""
    return person.shift.until - task.remaining


class StayClock:
    """When the stay of one visit is over, and when its tasks are to be asked for."""

    def __init__(self, tasks: Sequence[StayTask], visitors: Visitors, visit: int) -> None:
        """A stay that has not begun.

        Args:
            tasks: of the scenario.
            visitors: how often each comes, when, and for how long.
            visit: the number of the visit.
        """
        self.ends = 0.0
        self._tasks, self._visitors, self._visit = tasks, visitors, visit
        self._due = [inf] * len(tasks)
        self._times = [0] * len(tasks)

    def start(self, now: float, stay: float) -> None:
        """The stay begins."""
        self.ends = now + stay
        for task in range(len(self._tasks)):
            self._plan(task, now)

    def next(self, now: float) -> tuple[int, float] | None:
        """The task that is asked for next and when, or since when; None if none comes any more.

        A stay that runs on is over before what is to be asked for at its end.
        """
        coming = [(self._due[task], task) for task in self.to_come(now)]
        return min(coming)[::-1] if coming else None

    def waits_for(self, task: int) -> bool:
        """Whether the stay's clock stands still for a task."""
        return self._tasks[task].stay == "waits"

    def time(self, task: int) -> int:
        """How often a task has come before."""
        return self._times[task]

    def minutes(self, task: int) -> float:
        """How long the task takes this time."""
        return float(self._visitors.stay_task_minutes[self._drawn(task)])

    def to_come(self, now: float) -> list[int]:
        """The tasks that are still to be asked for, or have been and are not done."""
        return [
            task
            for task, due in enumerate(self._due)
            if isfinite(due) and (max(due, now) < self.ends or self.waits_for(task))
        ]

    def skipped(self, task: int, asked: float, now: float) -> None:
        """Nobody is there who could do a task: it comes no more, and the stay goes on."""
        self._go_on(task, asked, now)
        self._due[task] = inf

    def given_up(self, task: int) -> None:
        """The stay ended before the task began; it comes no more."""
        self._due[task] = inf

    def done(self, task: int, asked: float, now: float) -> None:
        """A task is done, and perhaps comes again."""
        self._go_on(task, asked, now)
        self._times[task] += 1
        self._plan(task, now)

    def _go_on(self, task: int, asked: float, now: float) -> None:
        """What the clock stood still for is later."""
        if self.waits_for(task):
            if self.ends > asked:
                self.ends = now + (self.ends - asked)
            for other, due in enumerate(self._due):
                if asked < due < inf:
                    self._due[other] = now + (due - asked)

    def _plan(self, task: int, now: float) -> None:
        comes = self._times[task] < self._visitors.stay_task_times[task, self._visit]
        after = self._visitors.stay_task_after[self._drawn(task)] if comes else inf
        self._due[task] = now + float(after)

    def _drawn(self, task: int) -> int:
        """Where what was drawn for the next time of a task stands."""
        return int(self._visitors.stay_task_first[task, self._visit]) + self._times[task]
