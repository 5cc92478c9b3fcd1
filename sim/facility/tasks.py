"""Routine work: check-in, services, tasks during the stay and cleaning, the most urgent first."""

from bisect import insort
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from math import inf, isfinite
from typing import NamedTuple

from sim.facility.agenda import Agenda, Signal
from sim.facility.record import State
from sim.facility.work import Crew, Person, Work
from sim.log import Duty
from sim.rules.order import STEP_OF, Rank
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


@dataclass(eq=False, slots=True, kw_only=True)
class Task(Work):
    """A piece of routine work for one member of staff, or for nobody when it has no roles."""

    roles: tuple[int, ...]
    """Roles that can do it, the preferred one first; none means no staff is needed."""
    remaining: float
    """Minutes of work left."""
    done: Signal
    priority: int = 0
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
    person: Person | None = None

    def urgency(self) -> tuple[int, int, int, float, int]:
        """Sorts the tasks that wait: by duty, priority, appointments, order of asking."""
        return self.duty, self.priority, self.standing, self.due, self.ticket


class Tasks:
    """The tasks that wait and the tasks in hand."""

    def __init__(self, agenda: Agenda, state: State, crew: Crew, desks: int | None) -> None:
        """Start with none.

        Args:
            agenda: the calendar.
            state: the counts to keep.
            crew: the people who do them.
            desks: how many check-ins there can be at once; None for no limit.
        """
        self.waiting: list[Task] = []
        self._agenda, self._state, self._crew, self._desks = agenda, state, crew, desks
        self._at_desks = 0
        self._tickets = 0

    def ask(self, task: Task) -> None:
        """Put a task in the queue."""
        task.ticket = self._tickets
        self._tickets += 1
        self._join(task)

    def withdraw(self, task: Task) -> None:
        """Take back a task that waits or is in hand."""
        if task.running:
            self._end_stint(task)
            self._dismiss(task)
        else:
            self._leave(task)

    def assign(self) -> bool:
        """Start what can be started, the most urgent first. Returns whether anything was."""
        started = False
        for task in list(self.waiting):
            if self.could_start(task.duty, task.roles):
                self._leave(task)
                self._start(task, self._crew.best(self._crew.may_start(task.roles)))
                started = True
        return started

    def could_start(self, duty: Duty, roles: tuple[int, ...]) -> bool:
        """Whether a task could start now: a desk and someone free, where they are needed."""
        if duty is Duty.CHECK_IN and self._at_desks == self._desks:
            return False
        if not roles:
            return True
        return self._crew.best(self._crew.may_start(roles)) is not None

    def is_done(self, task: Task) -> bool:
        """Whether a task in hand ends at this very instant."""
        return task.since + task.remaining <= self._agenda.now

    def interrupt(self, task: Task) -> None:
        """Put a task in hand back to the head of its queue, with what is left to do.

        The person is left to the caller, who has other work for them, or sends them home.
        """
        self._end_stint(task)
        task.remaining -= self._agenda.now - task.since
        task.person = None
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

    def _start(self, task: Task, person: Person | None) -> None:
        now = self._agenda.now
        task.since, task.running, task.person = now, True, person
        task.stint += 1
        if task.duty is Duty.CHECK_IN:
            self._at_desks += 1
        if person is not None:
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
        task.done.fire()

    def _end_stint(self, task: Task) -> None:
        task.running = False
        if task.duty is Duty.CHECK_IN:
            self._at_desks -= 1

    def _dismiss(self, task: Task) -> None:
        if task.person is not None:
            self._crew.give(task.person, None)
            task.person = None


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
        coming = [
            (due, task)
            for task, due in enumerate(self._due)
            if isfinite(due) and (max(due, now) < self.ends or self.waits_for(task))
        ]
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

    def given_up(self, task: int) -> None:
        """The stay ended before the task began; it comes no more."""
        self._due[task] = inf

    def done(self, task: int, asked: float, now: float) -> None:
        """A task is done, and perhaps comes again; what the clock stood still for is later."""
        if self.waits_for(task):
            if self.ends > asked:
                self.ends = now + (self.ends - asked)
            for other, due in enumerate(self._due):
                if asked < due < inf:
                    self._due[other] = now + (due - asked)
        self._times[task] += 1
        self._plan(task, now)

    def _plan(self, task: int, now: float) -> None:
        comes = self._times[task] < self._visitors.stay_task_times[task, self._visit]
        after = self._visitors.stay_task_after[self._drawn(task)] if comes else inf
        self._due[task] = now + float(after)

    def _drawn(self, task: int) -> int:
        """Where what was drawn for the next time of a task stands."""
        return int(self._visitors.stay_task_first[task, self._visit]) + self._times[task]
