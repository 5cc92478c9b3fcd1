"""Everything that is asked of the change log, found in one walk through it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from sim.log import CHANGE_TYPES, Log
from sim.measures.changes import (
    FILLED,
    HIGHEST,
    LEAST,
    MOST,
    OPENED,
    SERIES,
    TOTALS,
    VACANT,
    WHILE_OPEN,
    WHOLE,
    Books,
    Changes,
    Stops,
    walk_log,
)
from sim.measures.column import column
from sim.measures.levels import (
    GATE,
    OPENS,
    OTHERS,
    PAUSED_ROOMS,
    SIGN,
    TOTAL,
    UNUSABLE_ROOMS,
    Levels,
    levels_of,
)
from sim.measures.once_a_log import once_a_log
from sim.measures.steps import HOURS, Floats, Integers, Window, window_of
from sim.scenario.hours import DAY
from sim.scenario.scenario import Scenario

QUARTER = 15
"""Minutes from one reading to the next."""
QUARTERS = DAY // QUARTER
"""Readings of a day."""
_BEFORE, _AFTER = HOURS, HOURS + 1
"""The lines, after those of the hours, for the time before and after what is counted."""
_LINES = HOURS + 2


@dataclass(frozen=True, eq=False)
class Walk:
    """What a walk through the change log has found, by the names of `Levels`."""

    _levels: Levels
    _books: Books
    _found: Stops
    _read: Mapping[str, int]

    def by_hour(self, series: str) -> Floats:
        """Integral of a series by hour of the week, over the counted time: 168 values."""
        return self._found.of_series[self._levels.series[series], :HOURS, WHOLE]

    def while_open(self, series: str) -> Floats:
        """The same while the site is open; of the states of places while their room is."""
        return self._found.of_series[self._levels.series[series], :HOURS, WHILE_OPEN]

    def opened(self, total: str) -> Floats:
        """Minutes in which there might be any of a total, by hour of the week."""
        return self._of_total(total)[:HOURS, OPENED]

    def vacant(self, total: str) -> Floats:
        """Integral, over these, of how much more there might be, by hour of the week."""
        return self._of_total(total)[:HOURS, VACANT]

    def full(self, total: str) -> Floats:
        """Minutes of these in which there might be no more, by hour of the week."""
        return self._of_total(total)[:HOURS, FILLED]

    def whole(self, *series: str) -> float:
        """Integral of the sum of series over the whole log, to its end."""
        numbers = [self._levels.series[name] for name in series]
        return float(self._found.of_series[numbers, :, WHOLE].sum())

    def peak(self, series: str) -> float:
        """Highest value of a series that held for some time within the counted time, or 0."""
        return float(self._found.of_series[self._levels.series[series], :HOURS, HIGHEST].max())

    def peak_of_total(self, total: str) -> float:
        """The same of a total."""
        return float(self._of_total(total)[:HOURS, MOST].max())

    def bounds(self, total: str) -> tuple[float, float]:
        """Lowest and highest value of a total that held for some time, or at the end, or 0."""
        found, last = self._of_total(total), self._books.totals["now"][self._levels.totals[total]]
        return min(float(found[:, LEAST].min()), last), max(float(found[:, MOST].max()), last)

    def readings(self, name: str) -> Integers:
        """A number at every quarter-hour of the counted time."""
        return self._found.readings[self._read[name], :-2]

    def _of_total(self, name: str) -> Floats:
        found: Floats = self._found.of_totals[self._levels.totals[name]]
        return found


@once_a_log
def walk(scenario: Scenario, log: Log) -> Walk:
    """Walk through the change log of a replication."""
    levels, rooms = levels_of(scenario), list(scenario.rooms)
    changes = Changes(*(column(log.changes[name], kind) for name, kind in CHANGE_TYPES.items()))
    books = _books(levels, float(changes.times.min(initial=0.0)))
    series = ["site:inside", *(f"room:{room}:open" for room in rooms)]
    totals = ["site:waiting", *(f"room:{room}:taken" for room in rooms)]
    stops = _stops(
        books,
        window_of(scenario),
        log.end,
        [levels.series[name] for name in series],
        [levels.totals[name] for name in totals],
    )
    walk_log(changes, books, stops)
    places = {name: place for place, name in enumerate((*series, *totals))}
    return Walk(levels, books, stops, places)


def _books(levels: Levels, begin: float) -> Books:
    """How everything stands before the first change."""
    series, totals = (
        np.zeros(len(levels.series), SERIES),
        np.zeros(OTHERS + 1 + len(levels.totals), TOTALS),
    )
    series["since"] = totals["since"] = begin
    for name, rule in (("total", TOTAL), ("sign", SIGN), ("gate", GATE), ("opens", OPENS)):
        series[name] = levels.rules[:, rule]
    for rooms in (PAUSED_ROOMS, UNUSABLE_ROOMS):
        totals["limit"][rooms] = totals["open"][rooms] = 1.0
    return Books(series, totals, np.zeros(len(totals)))


def _stops(
    books: Books, window: Window, end: float, series: Sequence[int], totals: Sequence[int]
) -> Stops:
    """The quarter-hours of the counted time, its end included, and the end of the log."""
    times = np.arange(window.start, window.end + QUARTER / 2, QUARTER, dtype=np.float64)
    before = window.hour_of_week(times - QUARTER)
    return Stops(
        times=np.append(times, max(end, window.end)),
        lines=np.concatenate(([_BEFORE], before[1:], [_AFTER])),
        of_series=np.zeros((len(books.series), _LINES, 3)),
        of_totals=np.zeros((len(books.totals), _LINES, 5)),
        series_read=np.array(series, dtype=np.int64),
        totals_read=np.array(totals, dtype=np.int64),
        readings=np.zeros((len(series) + len(totals), len(times) + 1), dtype=np.int64),
    )
