"""The compiled walk through the change log, from one change to the next.

A number is accounted for only when it changes, and where the walk stops. What held for no time, as
at an instant at which several things change one after the other, counts for nothing. The steps
do the same for every change: to guess wrong which way one goes costs more than the work.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.kept import inlined, kept, part
from sim.measures.levels import FULL_ROOMS, OTHERS, WAITING
from sim.measures.steps import Floats, Integers

Row = Any
"""A row of one of the two tables that follow: what Numba and NumPy call a record."""
Table = NDArray[Any]

SERIES = np.dtype(
    [(name, np.float64) for name in ("now", "since", "high", "area", "sign")]
    + [(name, np.uint64) for name in ("total", "gate", "opens")]
)
"""A series: its value, until when it is accounted for, its highest value and its integral since it
was last taken down; and as in `Levels`. What tells a row has no sign: a number that might be
negative has to be looked at first."""
TOTALS = np.dtype(
    [
        (name, np.float64)
        for name in ("now", "since", "high", "low", "limit", "open", "full", "filled_at")
    ]
)
"""A total: the same, and its lowest value; how much there may be of it, and 1 if that is more than
nothing; then 1 while there may be no more, and the sum of the changes of that since it was last
taken down, each by the minutes from then."""

WHOLE, WHILE_OPEN, HIGHEST = range(3)
"""What is taken down of a series for a stretch of time: its integral, that while its site or room
is open, and its highest value that held for some time, or 0."""
VACANT, FILLED, OPENED, MOST, LEAST = range(5)
"""And of a total: the integrals of how much more there may be, of whether there may be no more and
of whether there may be any, its highest value that held for some time, and its lowest, or 0."""


class Changes(NamedTuple):
    """The columns of the change log, in the order and of the types of CHANGE_TYPES."""

    times: Floats
    series: NDArray[np.uint16]
    values: NDArray[np.int32]


class Books(NamedTuple):
    """Everything as it stands."""

    series: Table
    """Of SERIES."""
    totals: Table
    """Of TOTALS."""
    areas: Floats
    """Room for the integral of each total: zeros."""


class Stops(NamedTuple):
    """Where the walk stops, and what it takes down there."""

    times: Floats
    """In order of time."""
    lines: Integers
    """To which line the time before each stop belongs."""
    of_series: Floats
    """(series, lines, 3): WHOLE to HIGHEST."""
    of_totals: Floats
    """(totals, lines, 5): VACANT to LEAST."""
    series_read: Integers
    totals_read: Integers
    """Which are read at each stop, after all that happens at that instant."""
    readings: Integers
    """(series, then totals read, stops)."""


@kept
def walk_log(changes: Changes, books: Books, stops: Stops) -> None:
    """Walk through the log once, from its beginning to the last stop.

    Args:
        changes: what changes.
        books: how everything stands before the first change.
        stops: what to take down, and room for it: zeros.
    """
    times, numbers, values = changes
    series, totals, _ = books
    rooms, position, many = totals[FULL_ROOMS], np.uintp(0), np.uintp(len(times))
    since, last = series[0].since, len(stops.times) - 1
    for stop, until in enumerate(stops.times):
        line = stops.lines[stop]
        while position < many and times[position] <= until:
            time, value = times[position], float(values[position])
            one = series[numbers[position]]
            if one.opens:
                _take_down(books, since, time, stops, line)
                since = time
                _open(one, time, value, totals)
            else:
                total = totals[one.total]
                _hold(total, time)
                total.now += one.sign * _change(one, time, value)
                filled = _fill(total, time - since)
                rooms.now += filled if one.total > np.uint64(WAITING) else 0.0
                _fill(rooms, time - since)
            position += np.uintp(1)
        if stop == last or stops.lines[stop + 1] != line:
            _take_down(books, since, until, stops, line)
            since = until
        _read(books, stops, stop)


@inlined
def _change(one: Row, time: float, value: float) -> float:
    """Account for a series until now, when it changes; returns by how much."""
    before, minutes, high = one.now, time - one.since, one.high
    held = before if minutes > 0 else 0.0
    one.area += before * minutes
    one.high = max(high, held)
    one.since, one.now = time, value
    change: float = value - before
    return change


@inlined
def _hold(total: Row, time: float) -> None:
    """Account for a total until now."""
    now, high, low = total.now, total.high, total.low
    held = now if time > total.since else 0.0
    total.since, total.high, total.low = time, max(high, held), min(low, held)


@inlined
def _fill(total: Row, minutes: float) -> float:
    """Whether there may be no more of a total; returns 1 if that is new, -1 if it is no more."""
    before = total.full
    total.full = total.open * (0.0 if total.now < total.limit else 1.0)
    filled: float = total.full - before
    total.filled_at += filled * minutes
    return filled


@part
def _open(one: Row, time: float, value: float, totals: Table) -> None:
    """The site or a room opens or closes; everything is accounted for until now."""
    one.since, one.now = time, value
    if one.total != np.uint64(OTHERS):
        total, rooms, opens = totals[one.total], totals[FULL_ROOMS], 1.0 if value > 0 else 0.0
        rooms.limit += opens - total.open
        rooms.open = 1.0 if rooms.limit > 0 else 0.0
        total.limit, total.open = value, opens
        rooms.now += _fill(total, 0.0)
        _fill(rooms, 0.0)


@part
def _take_down(books: Books, since: float, time: float, stops: Stops, line: int) -> None:
    """Take down what there was since the last time."""
    series, totals, areas = books
    for number in range(len(series)):
        one, found = series[number], stops.of_series[number, line]
        if one.now == one.area == one.high == 0.0:
            continue  # nothing since the last time, as for much that seldom happens
        _change(one, time, one.now)
        found[WHOLE] += one.area
        found[WHILE_OPEN] += one.area if series[one.gate].now > 0 else 0.0
        found[HIGHEST] = max(found[HIGHEST], one.high)
        areas[one.total] += one.sign * one.area
        one.area = one.high = 0.0
    minutes = time - since
    for number in range(len(totals) - 1, -1, -1):  # rooms before that of full ones
        total, found = totals[number], stops.of_totals[number, line]
        _hold(total, time)
        filled = total.full * minutes - total.filled_at
        areas[FULL_ROOMS] += filled if number > WAITING else 0.0
        found[VACANT] += total.open * (total.limit * minutes - areas[number])
        found[FILLED] += filled
        found[OPENED] += total.open * minutes
        found[MOST] = max(found[MOST], total.high)
        found[LEAST] = min(found[LEAST], total.low)
        areas[number] = total.filled_at = total.high = total.low = 0.0


@part
def _read(books: Books, stops: Stops, stop: int) -> None:
    """Read what is to be read at a stop."""
    place = 0
    for number in stops.series_read:
        stops.readings[place, stop] = int(books.series[number].now)
        place += 1
    for number in stops.totals_read:
        stops.readings[place, stop] = int(books.totals[number].now)
        place += 1
