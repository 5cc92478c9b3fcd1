"""What comes first at one instant.

Half-open intervals need a definite order when several things fall on the same minute: first the
calendar (opening, shifts, breaks, failures), then places in order again, then completions, then
overdoses, then patience, then arrivals; within each the lower number first. Each engine writes
rank, number and step into one integer, so that the order never depends on who planned first.
"""

from collections.abc import Mapping
from enum import IntEnum

from sim.log import Duty


class Rank(IntEnum):
    """What comes first at one instant."""

    CALENDAR = 0
    REPAIR = 1
    """A place is in order again: it is there for whoever comes to it at that instant."""
    COMPLETION = 2
    ONSET = 3
    """Of an overdose: what is complete at that instant is over, and not interrupted."""
    PATIENCE = 4
    ARRIVAL = 5


class Step(IntEnum):
    """What comes first for one visit at one instant and rank."""

    CHECK_IN = 0
    STAY = 1
    CLEANING = 2
    SERVICE = 3
    AFTERCARE = 4
    INTENSIVE = 5
    OBSERVATION = 6
    ONSET = 7
    SWITCH = 8
    PATIENCE = 9
    DOOR = 10
    STAY_TASK = 11
    TASK_DUE = 12
    """A task during the stay is to be asked for."""
    APPOINTMENT = 13
    HELD = 14
    """Who is held for a task is held no longer."""
    REACH = 16
    """And above, one for each member of a response team."""


STEP_OF: Mapping[Duty, Step] = {
    Duty.CHECK_IN: Step.CHECK_IN,
    Duty.SERVICE: Step.SERVICE,
    Duty.STAY_TASK: Step.STAY_TASK,
    Duty.CLEAN: Step.CLEANING,
}
"""The step that a task of a duty completes; responses to overdoses are no tasks."""


class Change(IntEnum):
    """What the calendar brings, in the order in which it is done at one instant.

    Leaving comes before coming, so that a room or a person is never counted twice.
    """

    SITE_CLOSES = 0
    ROOM_CLOSES = 1
    SHIFT_ENDS = 2
    SITE_OPENS = 3
    ROOM_OPENS = 4
    SHIFT_BEGINS = 5
    PLACES_CHANGE = 6
    """A room has another number of places from now on."""
    PLACES_FAIL = 7
    BREAK_DUE = 8
    BREAK_LATEST = 9
    """The window of a break is over: in turn with the breaks that fall due, and nothing itself but
    that what follows every event may now be granted."""
