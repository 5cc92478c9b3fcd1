"""Quantities that change in steps, and their exact integrals hour by hour of the week."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.scenario.hours import DAY, WEEK
from sim.scenario.scenario import Scenario

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


def steps_from(times: Floats, values: Floats) -> Steps:
    """Steps from changes in order of time; 0 before the first.

    Of several changes at one instant the last counts: the others held for no time.
    """
    lasting = np.append(times[1:] > times[:-1], True)[: len(times)]
    return Steps(
        np.concatenate(([-np.inf], times[lasting])), np.concatenate(([0.0], values[lasting]))
    )


def combine(function: Callable[..., Floats], *parts: Steps) -> Steps:
    """The function of several quantities, such as their sum; it changes when any of them does.

    Args:
        function: takes one array per quantity and returns an array of the same length.
        parts: the quantities.
    """
    times = np.unique(np.concatenate([part.times for part in parts]))
    return Steps(times, function(*(part.at(times) for part in parts)).astype(np.float64))


def integrate(steps: Steps, window: Window) -> Floats:
    """The integral over the window by hour of the week: 168 values, quantity × minutes.

    Time is cut at every change and at every full hour, so each piece lies in one hour and has one
    value: the integral is exact, and the hours add up to the whole.
    """
    within = steps.times[(steps.times > window.start) & (steps.times < window.end)]
    cuts = np.unique(np.concatenate((window.edges(), within)))
    begins, minutes = cuts[:-1], np.diff(cuts)
    weights = steps.at(begins) * minutes
    return sum_by_hour(window.hour_of_week(begins), weights)


def sum_by_hour(hours: Integers, weights: Floats | None = None) -> Floats:
    """How many there are of each hour of the week, or the sum of their weights: 168 values."""
    return np.bincount(hours, weights=weights, minlength=HOURS).astype(np.float64)


def highest(steps: Steps, window: Window) -> float:
    """The highest value that holds for some time within the window."""
    within = steps.values[(steps.times > window.start) & (steps.times < window.end)]
    return float(max(steps.at(np.array([window.start]))[0], within.max(initial=-np.inf)))
