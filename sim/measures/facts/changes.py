"""The changes of a log over the time counted: integrals, peaks and readings of every series.

The log is followed once, by a compiled loop, from one change to the next. A number is accounted
for only when it changes, and where the loop stops. What held for no time, as at an instant at
which several things change one after the other, counts for nothing. The steps do the same for
every change: to guess wrong which way one goes costs more than the work.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.compiled import compiled, inlined, part
from sim.log import (
    CHANGE_TYPES,
    ROOM_SERIES,
    SITE_SERIES,
    Duty,
    Log,
    series_names,
)
from sim.measures.steps import (
    HOURS,
    QUARTER,
    QUARTERS,
    Floats,
    Integers,
    Window,
    column,
    once_a_log,
    window_of,
)
from sim.scenario.derived import once
from sim.scenario.model.scenario import Scenario

TAKEN = ("occupied", "blocked", "cleaning")
"""States of a place in which it takes nobody else."""
QUEUES = ("check_in", "place", "service")
"""What people queue for."""
AT_WORK = ("on_duty", "overtime")
"""Who can be busy."""

OTHERS, FULL_ROOMS, PAUSED_ROOMS, UNUSABLE_ROOMS, WAITING = range(5)
"""The first totals; after them the places taken of each room and the overload of each role.

Into the first goes what belongs to no other: a loop without exceptions is the faster one.
"""

Record = Any
"""A row of one of the two tables that follow: what Numba and NumPy call a record."""
Table = NDArray[Any]

SERIES = np.dtype(
    [(name, np.float64) for name in ("now", "since", "high", "area", "sign")]
    + [(name, np.uint64) for name in ("total", "gate", "opens")]
)
"""A series: its value, until when it is accounted for, its highest value and its integral since it
was last taken down; the sign with which its changes are added to a total, and which total; the
series that is above 0 while its site or room is open, which is itself where there is none; and 1 if
it is such a series. What tells a row has no sign: a number that might be negative has to be looked
at first."""
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


class ChangeArrays(NamedTuple):
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
    """Where the loop stops, and what it takes down there."""

    times: Floats
    """In order of time."""
    lines: Integers
    """To which line the time before each stop belongs."""
    of_series: Floats
    """(series, lines, 3): WHOLE to HIGHEST. Hour by hour the same lines of memory are near."""
    of_totals: Floats
    """(totals, lines, 5): VACANT to LEAST."""
    series_read: Integers
    totals_read: Integers
    """Which are read at each stop, after all that happens at that instant."""
    days: Integers
    """On which day counted the time before each stop is; one more for what is not counted."""
    most_of: int
    """The series of which, as of WAITING, the highest value of each day is wanted."""
    most: Floats
    """(WAITING and that series, days and one more): the highest that held for some time, or 0."""
    readings: NDArray[np.int32]
    """(series read and then totals read, stops)."""


@compiled
def follow(changes: ChangeArrays, books: Books, stops: Stops) -> None:
    """Follow the log once, from its beginning to the last stop.

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
        line, day = stops.lines[stop], stops.days[stop]
        while position < many and times[position] <= until:
            time, value = times[position], float(values[position])
            one = series[numbers[position]]
            if one.opens:
                _take_down(books, since, time, stops, line, day)
                since = time
                _open(one, time, value, totals)
            else:
                total = totals[one.total]
                _hold(total, time)
                total.now += one.sign * _change(one, time, value)
                if total.full != total.open * (0.0 if total.now < total.limit else 1.0):
                    # That comes seldom enough to be asked after: the rest then waits for less.
                    filled = _fill(total, time - since)
                    if one.total > np.uint64(WAITING):
                        rooms.now += filled
                        _fill(rooms, time - since)
            position += np.uintp(1)
        if stop == last or stops.lines[stop + 1] != line:
            _take_down(books, since, until, stops, line, day)
            since = until
        _read(books, stops, stop)


@inlined
def _change(one: Record, time: float, value: float) -> float:
    """Account for a series until now, when it changes; returns by how much."""
    before, minutes, high = one.now, time - one.since, one.high
    held = before if minutes > 0 else 0.0
    one.area += before * minutes
    one.high = max(high, held)
    one.since, one.now = time, value
    change: float = value - before
    return change


@inlined
def _hold(total: Record, time: float) -> None:
    """Account for a total until now."""
    now, high, low = total.now, total.high, total.low
    held = now if time > total.since else 0.0
    total.since, total.high, total.low = time, max(high, held), min(low, held)


@inlined
def _fill(total: Record, minutes: float) -> float:
    """Whether there may be no more of a total; returns 1 if that is new, -1 if it is no more."""
    before = total.full
    total.full = total.open * (0.0 if total.now < total.limit else 1.0)
    filled: float = total.full - before
    total.filled_at += filled * minutes
    return filled


@part
def _open(one: Record, time: float, value: float, totals: Table) -> None:
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
def _take_down(books: Books, since: float, time: float, stops: Stops, line: int, day: int) -> None:
    """Take down what there was since the last time."""
    series, totals, areas = books
    for number in range(len(series)):
        one = series[number]
        now, area, high = one.now, one.area, one.high
        if now == area == high == 0.0:
            continue  # nothing since the last time, as for much that seldom happens
        held = time - one.since
        area, high = area + now * held, max(high, now if held > 0 else 0.0)
        found = stops.of_series[number, line]
        found[WHOLE] += area
        found[WHILE_OPEN] += area if series[one.gate].now > 0 else 0.0
        found[HIGHEST] = max(found[HIGHEST], high)
        areas[one.total] += one.sign * area
        if number == stops.most_of:
            stops.most[1, day] = max(stops.most[1, day], high)
        one.since, one.area, one.high = time, 0.0, 0.0
    minutes = time - since
    for number in range(len(totals) - 1, OTHERS, -1):  # rooms before that of full ones
        total, found = totals[number], stops.of_totals[number, line]
        now, high, low, area = total.now, total.high, total.low, areas[number]
        held_now = now if time > total.since else 0.0
        high, low = max(high, held_now), min(low, held_now)
        filled = total.full * minutes - total.filled_at
        areas[FULL_ROOMS] += filled if number > WAITING else 0.0
        found[VACANT] += total.open * (total.limit * minutes - area)
        found[FILLED] += filled
        found[OPENED] += total.open * minutes
        found[MOST] = max(found[MOST], high)
        found[LEAST] = min(found[LEAST], low)
        if number == WAITING:
            stops.most[0, day] = max(stops.most[0, day], high)
        areas[number] = total.filled_at = total.high = total.low = 0.0
        total.since = time


@part
def _read(books: Books, stops: Stops, stop: int) -> None:
    """Read what is to be read at a stop."""
    row, of_series = np.uint64(stop), np.uint64(len(stops.series_read))
    for place in range(of_series):
        number = np.uint64(stops.series_read[place])
        stops.readings[place, row] = np.int32(books.series[number].now)
    for place in range(np.uint64(len(stops.totals_read))):
        number = np.uint64(stops.totals_read[place])
        stops.readings[of_series + place, row] = np.int32(books.totals[number].now)


@dataclass(frozen=True, eq=False)
class Numbering:
    """The series and totals of a scenario."""

    series: Mapping[str, int]
    """The series of the log by name, as they are numbered there."""
    totals: Mapping[str, int]
    """By name: `rooms:full`, `rooms:paused`, `rooms:none_usable`, `site:waiting`,
    `room:booths:taken` for each room, `role:nurse:overload` for each role, which is how many more
    are busy than at work."""
    read: Mapping[str, int]
    """By name the series and totals that are read at each quarter-hour, in the order in which they
    are: `site:inside`, `site:waiting`, and of each room `open` and `taken`."""
    series_read: Integers
    totals_read: Integers
    """The numbers of these."""
    books: Books
    """How everything stands before the first change."""


@once
def numbering_of(scenario: Scenario) -> Numbering:
    """The series and totals of a scenario."""
    number = {name: index for index, name in enumerate(series_names(scenario))}
    total = {name: index for index, name in enumerate(_totals(scenario), start=FULL_ROOMS)}
    series, totals = np.zeros(len(number), SERIES), np.zeros(OTHERS + 1 + len(total), TOTALS)
    series["gate"] = np.arange(len(number))
    for name, sign, parts in _parts(scenario):
        for one in parts:
            series["total"][number[one]], series["sign"][number[one]] = total[name], sign
    for name in SITE_SERIES:
        series["gate"][number[f"site:{name}"]] = number["site:open"]
    for room in scenario.rooms:
        for name in ROOM_SERIES:
            series["gate"][number[f"room:{room}:{name}"]] = number[f"room:{room}:open"]
        series["gate"][number[f"room:{room}:waiting"]] = number["site:open"]
        series["total"][number[f"room:{room}:open"]] = total[f"room:{room}:taken"]
    for name in ("site:open", *(f"room:{room}:open" for room in scenario.rooms)):
        series["opens"][number[name]] = 1
    for rooms in (PAUSED_ROOMS, UNUSABLE_ROOMS):
        totals["limit"][rooms] = totals["open"][rooms] = 1.0
    from_series = ["site:inside", *(f"room:{room}:open" for room in scenario.rooms)]
    from_totals = ["site:waiting", *(f"room:{room}:taken" for room in scenario.rooms)]
    return Numbering(
        series=number,
        totals=total,
        read={name: place for place, name in enumerate((*from_series, *from_totals))},
        series_read=np.array([number[name] for name in from_series], dtype=np.int64),
        totals_read=np.array([total[name] for name in from_totals], dtype=np.int64),
        books=Books(series, totals, np.zeros(len(totals))),
    )


def _totals(scenario: Scenario) -> Iterator[str]:
    """Their names, in order."""
    yield from ("rooms:full", "rooms:paused", "rooms:none_usable", "site:waiting")
    yield from (f"room:{room}:taken" for room in scenario.rooms)
    yield from (f"role:{role}:overload" for role in _roles(scenario))


def _parts(scenario: Scenario) -> Iterator[tuple[str, int, list[str]]]:
    """Totals, and what is added to them with which sign."""
    for name in ("paused", "none_usable"):
        yield f"rooms:{name}", 1, [f"room:{room}:{name}" for room in scenario.rooms]
    yield "site:waiting", 1, [f"site:waiting_{queue}" for queue in QUEUES]
    for room in scenario.rooms:
        yield f"room:{room}:taken", 1, [f"room:{room}:{state}" for state in TAKEN]
    for role in _roles(scenario):
        yield f"role:{role}:overload", 1, [f"role:{role}:{duty.name.lower()}" for duty in Duty]
        yield f"role:{role}:overload", -1, [f"role:{role}:{name}" for name in AT_WORK]


def _roles(scenario: Scenario) -> tuple[str, ...]:
    return tuple(scenario.staff.roles) if scenario.staff else ()


_BEFORE, _AFTER = HOURS, HOURS + 1
"""The lines, after those of the hours, for the time before and after what is counted."""
_LINES = HOURS + 2
_WINDOWS = 4
"""Stretches of time whose quarter-hours are kept."""


@dataclass(frozen=True, eq=False)
class Series:
    """What was found of the series and totals of a log, by the names of `Numbering`."""

    numbering: Numbering
    _books: Books
    _found: Stops

    @property
    def by_hour(self) -> tuple[Table, Table]:
        """(series, hours of the week, 3) and (totals, hours, 5), over the counted time.

        What is told of each is WHOLE to HIGHEST, and VACANT to LEAST.
        """
        return self._found.of_series[:, :HOURS], self._found.of_totals[:, :HOURS]

    def whole(self, *series: str) -> float:
        """Integral of the sum of series over the whole log, to its end."""
        numbers = [self.numbering.series[name] for name in series]
        return float(self._found.of_series[numbers, :, WHOLE].sum())

    def peak(self, name: str) -> float:
        """Highest value of a series or total that held for some time within the counted time."""
        of_series, of_totals = self._peaks
        if name in self.numbering.totals:
            return of_totals[self.numbering.totals[name]]
        return of_series[self.numbering.series[name]]

    @cached_property
    def _peaks(self) -> tuple[list[float], list[float]]:
        """Those of all series, and of all totals."""
        of_series, of_totals = self.by_hour
        highest = of_series[:, :, HIGHEST].max(axis=1), of_totals[:, :, MOST].max(axis=1)
        return highest[0].tolist(), highest[1].tolist()

    def bounds(self, total: str) -> tuple[float, float]:
        """Lowest and highest value of a total that held for some time, or at the end, or 0."""
        number = self.numbering.totals[total]
        found, at_end = self._found.of_totals[number], float(self._books.totals["now"][number])
        return min(float(found[:, LEAST].min()), at_end), max(float(found[:, MOST].max()), at_end)

    @property
    def readings(self) -> NDArray[np.int32]:
        """(numbers that are read, quarter-hours of the counted time, and two more)."""
        return self._found.readings

    @property
    def most_waiting(self) -> Floats:
        """Most people waiting at one time of each day counted."""
        return self._found.most[0, :-1]

    @property
    def most_aftercare(self) -> Floats:
        """Most aftercare seats in use at one time of each day counted."""
        return self._found.most[1, :-1]


@once_a_log
def series_of(scenario: Scenario, log: Log) -> Series:
    """Follow the changes of a replication."""
    columns = (column(log.changes[name], kind) for name, kind in CHANGE_TYPES.items())
    changes, numbering = ChangeArrays(*columns), numbering_of(scenario)
    books = Books(*(one.copy() for one in numbering.books))
    # In order of time, so that the first is the earliest.
    books.series["since"] = books.totals["since"] = changes.times[:1].min(initial=0.0)
    window = window_of(scenario)
    times, lines, days = _quarters(window)
    times = np.append(times, max(log.end, window.end))
    stops = Stops(
        times=times,
        lines=lines,
        of_series=np.zeros((len(books.series), _LINES, 3)),
        of_totals=np.zeros((len(books.totals), _LINES, 5)),
        series_read=numbering.series_read,
        totals_read=numbering.totals_read,
        readings=np.empty((len(numbering.read), len(times)), dtype=np.int32),
        days=days,
        most_of=numbering.series["site:aftercare"],
        most=np.zeros((2, round(window.days) + 1)),
    )
    follow(changes, books, stops)
    return Series(numbering, books, stops)


@lru_cache(maxsize=_WINDOWS)
def _quarters(window: Window) -> tuple[Floats, Integers, Integers]:
    """The quarter-hours counted, the end included; lines and days of these and of the log's end.

    Nobody may change them: they are the same for all replications and facilities.
    """
    times = np.arange(window.start, window.end + QUARTER / 2, QUARTER, dtype=np.float64)
    before = window.hour_of_week(times - QUARTER)
    lines = np.concatenate(([_BEFORE], before[1:], [_AFTER]))
    quarters = np.arange(len(times) - 1)
    uncounted = (len(quarters) - 1) // QUARTERS + 1
    days = np.concatenate(([uncounted], quarters // QUARTERS, [uncounted]))
    return times, lines, days


def empty_changes() -> tuple[ChangeArrays, Books, Stops]:
    """Nothing to follow: of these types of arguments, and no others, the loop is compiled."""
    numbers, whole = np.empty(0), np.empty(0, dtype=np.int64)
    changes = ChangeArrays(*(column(numbers, kind) for kind in CHANGE_TYPES.values()))
    books = Books(np.empty(0, SERIES), np.empty(0, TOTALS), numbers)
    lines, readings = np.empty((0, 0, 0)), np.empty((0, 0), dtype=np.int32)
    most = np.empty((0, 0))
    stops = Stops(numbers, whole, lines, lines, whole, whole, whole, 0, most, readings)
    return changes, books, stops
