"""Quantities that change in steps, and the stretch of time in which they are counted."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from sim.log import Changes, Log, series_names
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
QUARTER = 15
"""Minutes from one reading of a number to the next."""
QUARTERS = DAY // QUARTER
"""Readings of a day."""
SAME = 1e-6
"""Minutes: sums of durations that should be equal differ by less than this."""

Key = TypeVar("Key")
Result = TypeVar("Result")


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

    def day(self, times: Floats) -> Integers:
        """The day counted, from 0, on which each time falls."""
        return np.floor((times - self.start) / DAY).astype(np.int64)

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


@once
def closing_times(scenario: Scenario) -> Floats:
    """When the site closes within the window; minutes."""
    window = window_of(scenario)
    ends = np.array([end for _, end in site_spans(scenario)], dtype=np.float64)
    return ends[(ends > window.start) & (ends <= window.end)]


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


def steps_from(changes: Changes) -> Steps:
    """Steps from changes in order of time; 0 before the first.

    Of several changes at one instant only the last counts: the others held for no time.
    """
    times, values = changes
    last = np.append(times[1:] > times[:-1], True)[: len(times)]
    return Steps(np.append(-np.inf, times[last]), np.append(0.0, values[last]))


class ChangeLog:
    """The change log by the names of its series; each is 0 until its first change."""

    def __init__(self, scenario: Scenario, log: Log) -> None:
        """Take the scenario that was simulated and its log."""
        self._number = {name: index for index, name in enumerate(series_names(scenario))}
        self._changes = log.by_series

    def of(self, name: str) -> Changes:
        """The changes of a series."""
        number = self._number[name]
        none = np.empty(0)
        return self._changes[number] if number < len(self._changes) else (none, none)

    def steps(self, name: str) -> Steps:
        """A series as steps; slow for long ones."""
        return steps_from(self.of(name))


def sum_by_hour(hours: Integers, weights: Floats | None = None) -> Floats:
    """How many there are of each hour of the week, or the sum of their weights: 168 values."""
    return np.bincount(hours, weights=weights, minlength=HOURS).astype(np.float64, copy=False)


def column(numbers: NDArray[Any], kind: type[np.generic] = np.float64) -> NDArray[Any]:
    """A column of a log in one piece and read-only: compiled code takes no other sort."""
    found = np.ascontiguousarray(numbers, dtype=kind).view()
    found.flags.writeable = False
    return found


def once_a_log(
    function: Callable[[Scenario, Key], Result],
) -> Callable[[Scenario, Key], Result]:
    """Give the same result again for the same log, or part of it; nobody may change it.

    The same are the very same objects. With the log goes what was found in it, which must not
    hold the log: nothing would ever go.
    """
    known: WeakKeyDictionary[Key, tuple[Scenario, Result]] = WeakKeyDictionary()

    @wraps(function)
    def of(scenario: Scenario, log: Key) -> Result:
        found = known.get(log)
        if found is None or found[0] is not scenario:
            found = known[log] = scenario, function(scenario, log)
        return found[1]

    return of
