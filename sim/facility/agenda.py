"""SimPy's calendar with the order of events at one instant made explicit.

SimPy orders equal times by an integer priority, so the order of `sim.rules.order` is written into
that integer and never depends on who scheduled first.
"""

from collections.abc import Callable, Generator
from heapq import heappush
from typing import Any

import simpy
from simpy.events import EventPriority

from sim.rules.order import Rank, Step


class Signal(simpy.Event):
    """Something a visit or a response waits for. It fires once; firing it again does nothing."""

    callbacks: Any
    """Who waits; None once it has fired, SimPy's mark of a processed event, of which SimPy's own
    types say nothing."""

    def fire(self, value: object = None) -> None:
        """Wake whoever waits, here and now.

        `succeed` would put the waking on the calendar at the present time, where it could be
        overtaken; all consequences of an event must be over before the next one.
        """
        if self.processed:
            return
        self._ok, self._value = True, value
        callbacks, self.callbacks = self.callbacks, None
        for callback in callbacks:
            callback(self)


Path = Generator[Signal, object, None]
"""What somebody goes through, from wait to wait."""


class Process(simpy.Process):
    """Somebody on a path, at its first wait at once, within the event that starts it.

    SimPy would start it by an entry on the calendar at the present time.
    """

    def __init__(self, env: simpy.Environment, path: Path) -> None:
        """Take the path and start on it."""
        started = Signal(env)
        self.env = env
        self.callbacks = []
        self._generator = path
        self._target = started
        started.callbacks = [self._resume]
        started.fire()


class _Entry(simpy.Event):
    """Something on the calendar."""

    def __init__(self, env: simpy.Environment, action: Callable[[], None]) -> None:
        super().__init__(env)
        self._ok, self._value = True, None
        self.callbacks.append(lambda _: action())


class Agenda(simpy.Environment):
    """The calendar of one replication, in minutes."""

    def __init__(self, settle: Callable[[], None]) -> None:
        """Take what is to be done after every event: granting what has become possible."""
        super().__init__()
        self._settle = settle

    def at(
        self, time: float, rank: Rank, number: int, step: int, action: Callable[[], None]
    ) -> None:
        """Do something at an absolute time.

        SimPy schedules by delay; now + (time - now) is not always time, so the entry is made
        here with the time as it is.
        """
        entry = _Entry(self, lambda: self._run(action))
        order = EventPriority((rank << 56) + (number << 8) + step)
        heappush(self._queue, (time, order, next(self._eid), entry))

    def _run(self, action: Callable[[], None]) -> None:
        action()
        self._settle()

    def signal(self) -> Signal:
        """A new signal, not yet fired."""
        return Signal(self)

    def timer(self, time: float, number: int, step: Step, value: object = None) -> Signal:
        """A signal that fires at an absolute time, as a completion, if nothing fired it before."""
        signal = self.signal()
        self.at(time, Rank.COMPLETION, number, step, lambda: signal.fire(value))
        return signal
