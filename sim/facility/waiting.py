"""Waiting, and what may end it early: patience, closing, an overdose."""

from collections.abc import Callable, Generator
from enum import Enum, auto
from math import inf, isfinite

from sim.facility.agenda import Agenda, Rank, Signal, Step
from sim.facility.tasks import Tasks
from sim.facility.work import Task, nothing

Wait = Generator[Signal, object, object]
"""Part of a path; gives what the signal carried."""


class End(Enum):
    """Why a wait, a stay or a service ended before its time."""

    PATIENCE = auto()
    CLOSING = auto()
    OVERDOSE = auto()


class OverdoseBegins(BaseException):
    """An overdose ends whatever the visitor was doing. No error, and so no Exception."""


def never() -> bool:
    """Served, or in a place: not in line."""
    return False


def always() -> bool:
    """In line as long as the wait lasts."""
    return True


class Walker:
    """Somebody who walks a path of waits, of which one is going on at a time."""

    def __init__(self, number: int, agenda: Agenda, tasks: Tasks) -> None:
        """Take the number of the visit, the calendar, and the tasks that may be asked for."""
        self.number = number
        self._agenda, self._tasks = agenda, tasks
        self._signal: Signal | None = None
        self._undo: Callable[[], None] = nothing
        self._in_line: Callable[[], bool] = never

    def until(
        self,
        signal: Signal,
        *,
        undo: Callable[[], None] = nothing,
        in_line: Callable[[], bool] = never,
        gives_up: float = inf,
    ) -> Wait:
        """Wait for a signal; gives what it carries.

        Args:
            signal: what to wait for.
            undo: what to take back when the wait is ended by something else.
            in_line: whether the visitor is still in line, and not being served.
            gives_up: when they leave if still in line.
        """
        self._signal, self._undo, self._in_line = signal, undo, in_line
        if isfinite(gives_up):
            # Patience is ignored while being served: then it has run out on joining the line.
            at = max(gives_up, self._agenda.now)
            self._agenda.at(
                at, Rank.PATIENCE, self.number, Step.PATIENCE, lambda: self._tire(signal)
            )
        ended = yield signal
        self._signal = None
        if ended is End.OVERDOSE:
            raise OverdoseBegins
        return ended

    def have_done(self, task: Task, gives_up: float) -> Wait:
        """Wait for a task and until it is done."""
        self._tasks.ask(task)
        return self.until(
            task.done,
            undo=lambda: self._tasks.withdraw(task),
            in_line=lambda: not task.begun,
            gives_up=gives_up,
        )

    def _tire(self, signal: Signal) -> None:
        if self._signal is signal and self._in_line():
            self.interrupt(End.PATIENCE)

    def closing(self, *, stop: bool) -> None:
        """The site closes: leave if still in line, or in any case when all must stop."""
        if self._signal is not None and (stop or self._in_line()):
            self.interrupt(End.CLOSING)

    def interrupt(self, why: End) -> None:
        """End the wait that is going on, if one is, before what it waits for comes."""
        signal = self._signal
        if signal is not None and not signal.processed:
            self._undo()
            signal.fire(why)
