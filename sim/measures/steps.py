"""Quantities that change in steps, and the stretch of time in which they are counted."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.log import Changes
from sim.scenario.derived import once
from sim.scenario.derived.calendar import site_spans
from sim.scenario.model.hours import DAY, WEEK
from sim.scenario.model.scenario import Scenario

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Bools = NDArray[np.bool_]

HOUR = 60
"""Minutes in an hour."""
HOURS = WEEK // HOUR
"""Hours in a week; hour 0 begins on Monday at 00:00."""


@dataclass(frozen=True)
class Window:
    """The stretch of time that is counted: `start` <= t < `end`, in minutes, whole days."""

    start: float
    end: float
    first_hour: int
    """Hour of the week that begins at minute 0."""

    @property
    def days(self) -> float:
        """Days counted."""
        return (self.end - self.start) / DAY

    @property
    def weeks(self) -> float:
        """Weeks counted."""
        return (self.end - self.start) / WEEK

    def holds(self, times: Floats) -> Bools:
        """Which times are counted."""
        return (times >= self.start) & (times < self.end)

    def rows(self, times: Floats) -> slice:
        """Where, in times in order, those stand that are counted."""
        first, after = np.searchsorted(times, (self.start, self.end))
        return slice(int(first), int(after))

    def hour_of_week(self, times: Floats) -> Integers:
        """The hour of the week, 0 to 167, in which each time falls."""
        return (np.floor(times / HOUR).astype(np.int64) + self.first_hour) % HOURS

    def minutes_by_hour(self) -> Floats:
        """Minutes counted in each hour of the week; 0 for hours that a short window misses."""
        return sum_by_hour(self.hour_of_week(self.edges()[:-1])) * HOUR

    def edges(self) -> Floats:
        """The full hours from start to end, both included."""
        return np.arange(self.start, self.end + HOUR / 2, HOUR, dtype=np.float64)


def window_of(scenario: Scenario) -> Window:
    """What is counted of a replication: from the end of the warm-up to the horizon's end."""
    horizon = scenario.horizon
    return Window(horizon.counted_from, horizon.minutes, 24 * horizon.start.weekday())


@once
def open_hours(scenario: Scenario) -> Bools:
    """In which hours of the week the site is open at some time within the window: 168 values."""
    window, found = window_of(scenario), np.zeros(HOURS, dtype=np.bool_)
    for start, end in site_spans(scenario):
        first, last = max(start, window.start), min(end, window.end)
        if first < last:
            hours = np.arange(np.floor(first / HOUR), np.ceil(last / HOUR), dtype=np.float64)
            found[window.hour_of_week(hours * HOUR)] = True
    return found


@dataclass(frozen=True, eq=False)
class Steps:
    """A quantity that holds `values[i]` from `times[i]` until `times[i + 1]`, the last for ever.

    `times` increase strictly and begin at minus infinity.
    """

    times: Floats
    values: Floats

    def at(self, times: Floats) -> Floats:
        """The value that holds at each of the times."""
        return self.values[np.searchsorted(self.times, times, side="right") - 1]

    def along(self, times: Floats) -> Floats:
        """As `at`, for times in order: faster when they are many and the steps are few."""
        first = np.searchsorted(times, self.times)
        return np.repeat(self.values, np.diff(first, append=len(times)))


def steps_from(changes: Changes) -> Steps:
    """Steps from changes in order of time; 0 before the first."""
    times, values = lasting(changes)
    return Steps(np.concatenate(([-np.inf], times)), np.concatenate(([0.0], values)))


def lasting(changes: Changes) -> Changes:
    """Of several changes at one instant only the last: the others held for no time."""
    times, values = changes
    last = np.append(times[1:] > times[:-1], True)[: len(times)]
    return times[last], values[last]


def combine(function: Callable[..., Floats], *parts: Steps) -> Steps:
    """The function of several quantities, such as their sum; it changes when any of them does.

    Args:
        function: takes one array per quantity and returns an array of the same length.
        parts: the quantities.
    """
    times = np.sort(np.concatenate([part.times for part in parts]), kind="stable")
    times = times[np.append(times[1:] > times[:-1], True)]
    return Steps(times, function(*(part.along(times) for part in parts)).astype(np.float64))


def sum_by_hour(hours: Integers, weights: Floats | None = None) -> Floats:
    """How many there are of each hour of the week, or the sum of their weights: 168 values."""
    return np.bincount(hours, weights=weights, minlength=HOURS).astype(np.float64)
