"""How many people there are at each quarter-hour of the day: on open days, and on bad ones.

Numbers of people are read at the full quarter-hours, arrivals are counted until the next one. They
are whole numbers, so that they can be kept for every day of a long study as counts of counts.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from sim.log import Log, Where
from sim.measures.counted import pass_through
from sim.measures.histogram import BASE, Histogram
from sim.measures.steps import Bools, Floats, Integers, window_of
from sim.measures.walk import QUARTERS, walk
from sim.scenario.derived import once
from sim.scenario.derived.calendar import site_spans
from sim.scenario.model.hours import DAY
from sim.scenario.model.scenario import Scenario

_WEEK = 7


class Days(StrEnum):
    """The days whose numbers are put together."""

    OPEN = "open"
    """Every day counted on which the site is open at some time."""
    WORST = "worst"
    """Of each whole week counted the day whose visitors queued the most minutes in all; of a
    horizon without a whole week, of all its days."""
    NONE = ""
    """It is counted at events, not at times of day."""


@dataclass(frozen=True)
class CountRow:
    """A whole number whose distribution is wanted, at each quarter-hour of the day."""

    metric: str
    by: str
    days: Days
    definition: str


def count_rows(scenario: Scenario) -> tuple[CountRow, ...]:
    """The numbers that are counted, the same in every replication of a scenario."""
    return tuple(_rows(scenario))


def _rows(scenario: Scenario) -> Iterator[CountRow]:
    for days in (Days.OPEN, Days.WORST):
        yield CountRow("arrivals", "all", days, "Visits that come within the quarter-hour")
        yield CountRow("waiting", "all", days, "People waiting, for whatever")
        yield CountRow("inside", "all", days, "People inside")
        for room in scenario.rooms:
            by = f"room:{room}"
            meaning = "Places occupied, blocked or being cleaned, in open hours"
            yield CountRow("places_taken", by, days, meaning)
            yield CountRow("places_open", by, days, "Places in open hours")
    if scenario.overdose is not None:
        meaning = "Other responses under way when an overdose on site begins"
        yield CountRow("responses_under_way", "all", Days.NONE, meaning)


def count_clock(scenario: Scenario, log: Log) -> tuple[Histogram, ...]:
    """The numbers of one replication, one histogram per row of `count_rows`.

    A number n at quarter-hour q is kept as the tick q × BASE + n.
    """
    clock = _Clock(scenario, log)
    return tuple(clock.counted(row) for row in count_rows(scenario))


class _Clock:
    """One replication as its numbers are read."""

    def __init__(self, scenario: Scenario, log: Log) -> None:
        self._log = log
        self._window = window_of(scenario)
        self._readings = round(self._window.days) * QUARTERS
        self._walk = walk(scenario, log)
        self._arrivals, queued = pass_through(scenario, log).days
        self._days = {
            Days.OPEN: _open_days(scenario),
            Days.WORST: _worst_days(queued),
        }
        self._read: dict[tuple[str, str], Integers] = {}

    def counted(self, row: CountRow) -> Histogram:
        if row.days is Days.NONE:
            return _histogram(np.zeros(1, dtype=np.int64), self._others()[:, np.newaxis])
        key = row.metric, row.by
        if key not in self._read:
            self._read[key] = self._numbers(*key).reshape(-1, QUARTERS)
        return _histogram(np.arange(QUARTERS), self._read[key][self._days[row.days]])

    def _numbers(self, metric: str, by: str) -> Integers:
        """A number at every quarter-hour of the window."""
        if metric == "arrivals":
            return self._arrivals
        if by == "all":
            return self._walk.readings(f"site:{metric}")
        places = self._walk.readings(f"{by}:open")
        if metric == "places_open":
            return places
        return np.where(places > 0, self._walk.readings(f"{by}:taken"), 0)

    def _others(self) -> Integers:
        responses = self._log.responses
        arrivals = self._log.visits["arrival"][responses["visit"].astype(np.int64)]
        on_site = np.not_equal(responses["where"], Where.OFF_SITE)
        return _whole(responses["others"][on_site & self._window.holds(arrivals)])


@once
def _open_days(scenario: Scenario) -> Bools:
    window = window_of(scenario)
    days = round(window.days)
    first = window.start + DAY * np.arange(days)
    found = np.zeros(days, dtype=np.bool_)
    for start, end in site_spans(scenario):
        found |= (start < first + DAY) & (end > first)
    return found


def _worst_days(queued: Floats) -> Bools:
    """Of each week the day with the most minutes queued by those who came on it."""
    found = np.zeros(len(queued), dtype=np.bool_)
    length = min(_WEEK, len(queued))
    for first in range(0, len(queued) - length + 1, length):
        found[first + int(np.argmax(queued[first : first + length]))] = True
    return found


def _whole(numbers: Floats) -> Integers:
    return np.rint(numbers).astype(np.int64)


def _histogram(lines: Integers, numbers: Integers) -> Histogram:
    """How often each number stands on each line.

    Args:
        lines: a number for each line.
        numbers: (readings, lines), 0 or more.
    """
    wide = int(numbers.max(initial=0)) + 1
    found = np.bincount((lines * wide + numbers).ravel(), minlength=1)
    cells = np.flatnonzero(found)
    return Histogram(cells // wide * BASE + cells % wide, found[cells].astype(np.int64))
