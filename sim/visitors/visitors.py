"""The visitors of one replication: everything that chance decides, as columns."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Bookings:
    """One row an appointment, by kind, whether or not somebody comes to it."""

    kind: Integers
    """Index into the scenario's visit kinds."""
    time: Floats
    """Minutes after midnight of the first day."""
    visit: Integers
    """Row of the visitor; -1 of those who do not come."""


@dataclass(frozen=True, eq=False)
class Visitors:
    """One row a visit, in order of arrival; times and durations in minutes.

    Everything a visit could ever need is here, whether or not it comes to it, so that two
    designs meet exactly the same people.
    """

    arrival: Floats
    """Minutes after midnight of the first day."""
    kind: Integers
    """Index into the scenario's visit kinds."""
    client: Integers
    """Which client; -1 when the scenario has no clients."""
    check_in: Floats
    """Duration; 0 without check-in."""
    patience: Floats
    """How long they will queue; infinite for those who never leave."""
    balk: Floats
    """Uniform: turns round when the chance of doing so exceeds it."""
    stay: Floats
    """(rooms, n): stay in each room, after its time limit; NaN for a room they never accept."""
    cleaning: Floats
    """(rooms, n): cleaning of the place after them."""
    switch_after: Floats
    """Minutes of waiting after which they accept another room too; infinite for never."""
    aftercare: Floats
    """Time in aftercare; NaN for those who do not want it."""
    service: Floats
    """(services, n): duration; NaN for those who do not use it."""
    service_patience: Floats
    """(services, n): how long they will wait for it; may be infinite."""
    stay_task_times: Integers
    """(tasks during the stay, n): how often each comes, at most; 0 for those who do not have it."""
    stay_task_first: Integers
    """(tasks, n): where the times of one visit begin in the two columns that follow."""
    stay_task_after: Floats
    """Each time of each task, by task, visit and time: minutes until it is asked for, from the
    start of the stay or from the end of the time before."""
    stay_task_minutes: Floats
    """The same: its duration."""
    onset: Floats
    """Overdose: minutes from the start of the stay; infinite for none."""
    severity: Integers
    """Index into the severities; -1 without an overdose."""
    intensive: Floats
    """Intensive phase of the response; 0 without an overdose."""
    observation: Floats
    """Observation after it; 0 for none."""
    ambulance: Floats
    """From the response's start until an ambulance takes the person away; NaN for none."""
    appointment: Floats
    """The time for which they are booked; NaN for those who walk in."""
    bookings: Bookings
    """All appointments."""
    absent: NDArray[np.bool_]
    """One per person on shift, in the order of `people_on_shift`: the shift goes unfilled."""
    bad_weather: NDArray[np.bool_]
    """(rooms, days): an open-air room cannot be used."""
    failure_time: Floats
    """When places get out of order, in order; of rooms at one instant the first comes first."""
    failure_room: Integers
    """Of which room."""
    failure_repair: Floats
    """For how many minutes each of them is then out of order."""

    def __len__(self) -> int:
        return len(self.arrival)
