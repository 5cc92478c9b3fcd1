"""The compiled walk through the change log, from one change to the next.

A number is accounted for only when it changes, and where the walk stops. What held for no time, as
at an instant at which several things change one after the other, counts for nothing. The steps
do the same for every change: to guess wrong which way one goes costs more than the work.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.kept import kept
from sim.measures.compiled import inlined, part
from sim.measures.levels import FULL_ROOMS, GATE, NEXT, OPENS, OTHERS, SIGN, TOTAL
from sim.measures.steps import Floats, Integers

NOW, SINCE, HIGH = range(3)
"""Of a series and of a total: its value, until when it is accounted for, and its highest value
since that was last taken down."""
AREA = 3
"""Of a series: its integral since that was last taken down."""
LOW, LIMIT, OPEN, FREE, FULL, FREE_AREA, FULL_AREA = range(3, 10)
"""Of a total: its lowest value; how much there may be of it, and 1 if that is more than nothing;
then how much more there may be, whether there may be no more, and the integrals of both."""
SERIES_COLUMNS, TOTAL_COLUMNS = 4, 10

WHOLE, WHILE_OPEN, HIGHEST = range(3)
"""What is taken down of a series for a stretch of time: its integral, that while its site or room
is open, and its highest value that held for some time, or 0."""
VACANT, FILLED, OPENED, MOST, LEAST = range(5)
"""And of a total: the integrals of FREE, FULL and OPEN, its highest value that held for some time,
and its lowest, or 0."""


class Changes(NamedTuple):
    """The columns of the change log, in the order and of the types of CHANGE_TYPES."""

    times: Floats
    series: NDArray[np.uint16]
    values: NDArray[np.int32]


class Books(NamedTuple):
    """Everything as it stands."""

    series: Floats
    """(series, 4): NOW to AREA."""
    totals: Floats
    """(totals, 10): NOW to FULL_AREA."""
    rules: Integers
    """As in `Levels`."""


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
    series, totals, rules = books
    position, since, last = 0, series[0, SINCE], len(stops.times) - 1
    for stop, until in enumerate(stops.times):
        line = stops.lines[stop]
        while position < len(times) and times[position] <= until:
            time, number, value = times[position], int(numbers[position]), values[position]
            if rules[number, OPENS]:
                _take_down(books, since, time, stops, line)
                since = time
                _open(books, number, value)
            else:
                _change(series, totals, rules, number, time, value)
            position += 1
        if stop == last or stops.lines[stop + 1] != line:
            _take_down(books, since, until, stops, line)
            since = until
        _read(books, stops, stop)


@inlined
def _change(
    series: Floats, totals: Floats, rules: Integers, number: int, time: float, value: float
) -> None:
    """A series changes, and its total with it."""
    before = series[number, NOW]
    _hold(series, number, time)
    series[number, NOW] = value
    change = rules[number, SIGN] * (value - before)
    filled = _add(totals, rules[number, TOTAL], time, change)
    if filled != 0:
        _add(totals, rules[number, NEXT], time, filled)


@inlined
def _hold(series: Floats, number: int, time: float) -> None:
    """Account for a series until now."""
    minutes, now, high = time - series[number, SINCE], series[number, NOW], series[number, HIGH]
    held = now if minutes > 0 else 0.0
    series[number, SINCE] = time
    series[number, AREA] += now * minutes
    series[number, HIGH] = max(high, held)


@inlined
def _hold_total(totals: Floats, number: int, time: float) -> None:
    """Account for a total until now."""
    minutes, now = time - totals[number, SINCE], totals[number, NOW]
    high, low = totals[number, HIGH], totals[number, LOW]
    held = now if minutes > 0 else 0.0
    totals[number, SINCE] = time
    totals[number, FREE_AREA] += totals[number, FREE] * minutes
    totals[number, FULL_AREA] += totals[number, FULL] * minutes
    totals[number, HIGH] = max(high, held)
    totals[number, LOW] = min(low, held)


@inlined
def _add(totals: Floats, number: int, time: float, change: float) -> float:
    """Change a total; returns 1 if it becomes full, -1 if it is so no more, else 0."""
    _hold_total(totals, number, time)
    totals[number, NOW] += change
    return _weigh(totals, number)


@inlined
def _weigh(totals: Floats, number: int) -> float:
    """How much more there may be of a total; returns how that changes whether it is full."""
    free, was = totals[number, LIMIT] - totals[number, NOW], totals[number, FULL]
    totals[number, FREE] = totals[number, OPEN] * free
    totals[number, FULL] = totals[number, OPEN] * (1.0 if free <= 0 else 0.0)
    change: float = totals[number, FULL] - was
    return change


@part
def _open(books: Books, number: int, value: float) -> None:
    """The site or a room opens or closes; everything is accounted for until now."""
    books.series[number, NOW] = value
    total, totals = books.rules[number, TOTAL], books.totals
    if total != OTHERS:
        opens = 1.0 if value > 0 else 0.0
        rooms = totals[FULL_ROOMS, LIMIT] + opens - totals[total, OPEN]
        totals[total, LIMIT], totals[total, OPEN] = value, opens
        totals[FULL_ROOMS, LIMIT], totals[FULL_ROOMS, OPEN] = rooms, 1.0 if rooms > 0 else 0.0
        totals[FULL_ROOMS, NOW] += _weigh(totals, total)
        _weigh(totals, FULL_ROOMS)


@part
def _take_down(books: Books, since: float, time: float, stops: Stops, line: int) -> None:
    """Take down what there was since the last time."""
    series, of_series = books.series, stops.of_series
    for number in range(len(series)):
        _hold(series, number, time)
        area = series[number, AREA]
        of_series[number, line, WHOLE] += area
        is_open = series[books.rules[number, GATE], NOW] > 0
        of_series[number, line, WHILE_OPEN] += area if is_open else 0.0
        high = max(of_series[number, line, HIGHEST], series[number, HIGH])
        of_series[number, line, HIGHEST] = high
        series[number, AREA] = series[number, HIGH] = 0.0
    totals, of_totals = books.totals, stops.of_totals
    for number in range(len(totals)):
        _hold_total(totals, number, time)
        of_totals[number, line, OPENED] += totals[number, OPEN] * (time - since)
        of_totals[number, line, VACANT] += totals[number, FREE_AREA]
        of_totals[number, line, FILLED] += totals[number, FULL_AREA]
        high = max(of_totals[number, line, MOST], totals[number, HIGH])
        low = min(of_totals[number, line, LEAST], totals[number, LOW])
        of_totals[number, line, MOST], of_totals[number, line, LEAST] = high, low
        totals[number, FREE_AREA] = totals[number, FULL_AREA] = 0.0
        totals[number, HIGH] = totals[number, LOW] = 0.0


@part
def _read(books: Books, stops: Stops, stop: int) -> None:
    """Read what is to be read at a stop."""
    place = 0
    for number in stops.series_read:
        stops.readings[place, stop] = int(books.series[number, NOW])
        place += 1
    for number in stops.totals_read:
        stops.readings[place, stop] = int(books.totals[number, NOW])
        place += 1
