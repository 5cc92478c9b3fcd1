"""The aftercare room: seats, and those who wait for one in their place."""

from sim.facility.agenda import Agenda, Signal
from sim.facility.state import State
from sim.scenario.model.scenario import Scenario


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
