"""When the site and its rooms are open, and who works when: all that no visitor changes.

Tables are NumPy arrays of records, one row a shift, a break or a change; times are minutes after
midnight of the first day.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sim.rules.numbered import role_numbers
from sim.rules.order import Change
from sim.scenario.derived import once, once_for
from sim.scenario.derived.calendar import Span, places_on_days, room_spans, site_spans
from sim.scenario.derived.roster import (
    OF_THE_ROTA,
    break_window,
    breaks_on_shift,
    people_on_shift,
    working_days,
)
from sim.scenario.model.hours import DAY
from sim.scenario.model.scenario import Scenario

Table = NDArray[Any]

SHIFT = np.dtype(
    [
        ("start", np.float64),
        ("end", np.float64),
        ("line", np.int64),  # of the rota
        ("member", np.int64),  # 0, 1 … of the line's count
        ("role", np.int64),
        ("body", np.int64),  # number of the first shift of the same person
        ("day", np.int64),  # number of the first shift of the same working day
        ("goes_on", np.bool_),  # the same person's next shift begins as this one ends
        ("until", np.float64),  # end of the last of the shifts that go on into each other
    ]
)
"""One person on one shift, in the order of `people_on_shift` and of the log."""

BREAK = np.dtype(
    [
        ("shift", np.int64),
        ("position", np.int64),  # among the breaks of its shift
        ("earliest", np.float64),
        ("latest", np.float64),  # its window
        ("length", np.float64),
        ("minimum_left", np.int64),
        ("left_of", np.int64),  # which of `Roster.left_of`; -1 for the person's own role
        ("recallable", np.bool_),
    ]
)
"""A break that somebody is to have on a shift, in order of rota line and position."""

CHANGE = np.dtype([("time", np.float64), ("what", np.int64), ("number", np.int64)])
"""A change that the calendar brings: a Change, and of which room, shift or break."""

_PLANNED = np.dtype(
    [
        *((name, CHANGE[name]) for name in CHANGE.names or ()),
        ("turn", np.int64),  # what comes first of the same kind
        ("shift", np.int64),  # whose absence cancels it
    ]
)
"""A change before all of them are put in order."""

_NOBODY = -1
_BREAKS_OF_ONE = 100
"""Leaves room for so many breaks of one shift between those of the next."""


@dataclass(frozen=True, eq=False)
class Roster:
    """The rota unrolled over the horizon."""

    shifts: Table
    """SHIFT."""
    breaks: Table
    """BREAK."""
    left_of: tuple[tuple[int, ...], ...]
    """Roles whose people count for a break's `minimum_left`, see BREAK."""
    changes: Table
    """What the calendar does with people and breaks, not yet in order."""


@dataclass(frozen=True, eq=False)
class Timetable:
    """When everything opens, closes, begins and ends in one replication."""

    spans: Sequence[Span]
    """When the site is open."""
    room_spans: Sequence[Sequence[Span]]
    """When each room is open in this replication's weather."""
    changes: Table
    """CHANGE, in the order in which they are done, less those of people who are absent. A change of
    places has the number of its row in `sizes`, a failure that among the visitors' failures."""
    sizes: NDArray[np.int64]
    """(changes of places, 2): of which room, and how many it has from then on."""


def timetable(
    scenario: Scenario,
    absent: NDArray[np.bool_],
    bad_weather: NDArray[np.bool_],
    failures: tuple[NDArray[np.float64], NDArray[np.float64]],
) -> Timetable:
    """The timetable of one replication.

    Args:
        scenario: the site.
        absent: one per shift of the roster: it goes unfilled.
        bad_weather: (rooms, days): an open-air room cannot be used.
        failures: when places get out of order, and for how many minutes.
    """
    rooms: Sequence[Sequence[Span]]
    if bad_weather.any() or len(failures[0]):
        rooms = _room_spans(scenario, bad_weather)
        planned = _planned(scenario, rooms, _failing(*failures))
    else:
        rooms, planned = _usual(scenario)
    # Changes that are nobody's have the shift after all others.
    there = np.flatnonzero(~np.append(absent, False)[planned["shift"]])
    found = np.empty(len(there), CHANGE)
    for name in CHANGE.names or ():
        found[name] = planned[name].take(there)
    return Timetable(site_spans(scenario), rooms, found, _sizes(scenario)[0])


@once
def _usual(scenario: Scenario) -> tuple[Sequence[Sequence[Span]], Table]:
    """When rooms are open in fine weather, and all changes if no place gets out of order either."""
    rooms = list(_in_fine_weather(scenario).values())
    return rooms, _planned(scenario, rooms, _failing(np.empty(0), np.empty(0)))


def _planned(scenario: Scenario, rooms: Sequence[Sequence[Span]], failing: Table) -> Table:
    """All changes if nobody is absent, in order."""
    planned = np.concatenate(
        [
            _opening(site_spans(scenario), 0, Change.SITE_OPENS, Change.SITE_CLOSES),
            *(
                _opening(of_room, room, Change.ROOM_OPENS, Change.ROOM_CLOSES)
                for room, of_room in enumerate(rooms)
            ),
            roster(scenario).changes,
            _sizes(scenario)[1],
            failing,
        ]
    )
    kind = np.minimum(planned["what"], Change.BREAK_DUE)
    planned["time"] = np.maximum(0.0, planned["time"])
    return planned[np.lexsort((planned["turn"], kind, planned["time"]))]


@once_for(*OF_THE_ROTA, "staff.roles.*")
def roster(scenario: Scenario) -> Roster:
    """Who is on which shift, and has which breaks."""
    shifts, on_shift = _shifts(scenario), people_on_shift(scenario)
    midnight = DAY * np.array([one.day for one in on_shift], dtype=np.float64)
    left_of = _left_of(scenario)
    breaks = _breaks(scenario, shifts, midnight, left_of)
    return Roster(shifts, breaks, left_of, np.concatenate([_on_duty(shifts), _windows(breaks)]))


def _room_spans(scenario: Scenario, bad_weather: NDArray[np.bool_]) -> list[Sequence[Span]]:
    return [
        room_spans(scenario, name, frozenset(bad.nonzero()[0].tolist())) if bad.any() else fine
        for (name, fine), bad in zip(_in_fine_weather(scenario).items(), bad_weather, strict=True)
    ]


@once
def _in_fine_weather(scenario: Scenario) -> dict[str, list[Span]]:
    """When each room is open in fine weather."""
    return {name: room_spans(scenario, name) for name in scenario.rooms}


@once
def _sizes(scenario: Scenario) -> tuple[NDArray[np.int64], Table]:
    """Rooms and the places that they have from some instants on, and when that is."""
    found = [
        (time, room, places)
        for room, changes in enumerate(places_on_days(scenario).values())
        for time, places in changes
    ]
    table = np.array([each[1:] for each in found], dtype=np.int64).reshape(len(found), 2)
    return table, _at_times([time for time, _, _ in found], Change.PLACES_CHANGE)


def _failing(time: NDArray[np.float64], repair: NDArray[np.float64]) -> Table:
    """The failures of places, but for those that are repaired in no time."""
    return _at_times(time, Change.PLACES_FAIL)[repair > 0]


def _at_times(times: ArrayLike, what: Change) -> Table:
    """Changes of one kind, numbered as they come."""
    changes = np.zeros(np.size(times), _PLANNED)
    changes["time"], changes["what"], changes["shift"] = times, what, _NOBODY
    changes["number"] = changes["turn"] = np.arange(len(changes))
    return changes


def _opening(spans: Sequence[Span], number: int, opens: Change, closes: Change) -> Table:
    """The changes that opening hours bring."""
    changes = np.zeros((2, len(spans)), _PLANNED)
    changes["time"] = np.array(spans, dtype=float).reshape(len(spans), 2).T
    changes["what"] = [[opens], [closes]]
    changes["number"] = changes["turn"] = number
    changes["shift"] = _NOBODY
    return changes.ravel()


# --- the rota -------------------------------------------------------------------------------------


def _shifts(scenario: Scenario) -> Table:
    on_shift, roles = people_on_shift(scenario), role_numbers(scenario)
    rota = scenario.staff.rota if scenario.staff is not None else ()
    shifts = np.zeros(len(on_shift), SHIFT)
    for name in ("start", "end", "line", "member"):
        shifts[name] = [getattr(one, name) for one in on_shift]
    shifts["role"] = [roles[rota[one.line].role] for one in on_shift]
    days = working_days(scenario)
    shifts["body"], shifts["day"], shifts["goes_on"] = days.body, days.day, days.goes_on
    shifts["until"] = _until(shifts)
    return shifts


def _until(shifts: Table) -> NDArray[np.float64]:
    until = shifts["end"].copy()
    following: dict[int, int] = {}
    for number in reversed(range(len(shifts))) if shifts["goes_on"].any() else ():
        body = int(shifts["body"][number])
        if shifts["goes_on"][number]:
            until[number] = until[following[body]]
        following[body] = number
    return until


def _left_of(scenario: Scenario) -> tuple[tuple[int, ...], ...]:
    """The sets of roles that some break names."""
    rota = scenario.staff.rota if scenario.staff is not None else ()
    named = (one.minimum_left_of for shift in rota for one in shift.breaks if one.minimum_left_of)
    return tuple(dict.fromkeys(_numbers(scenario, names) for names in named))


def _numbers(scenario: Scenario, names: Sequence[str]) -> tuple[int, ...]:
    roles = role_numbers(scenario)
    return tuple(dict.fromkeys(roles[name] for name in names))


def _breaks(
    scenario: Scenario,
    shifts: Table,
    midnight: NDArray[np.float64],
    left_of: tuple[tuple[int, ...], ...],
) -> Table:
    """The breaks of all shifts; of one cut in two, the first part has them."""
    rota = scenario.staff.rota if scenario.staff is not None else ()
    has_breaks = np.array([bool(breaks) for breaks in breaks_on_shift(scenario)], dtype=np.bool_)
    found = [np.zeros(0, BREAK)]
    for line, shift in enumerate(rota):
        mine = np.flatnonzero((shifts["line"] == line) & has_breaks)
        for position, one in enumerate(shift.breaks):
            earliest, latest = break_window(shift, one)
            table = np.zeros(len(mine), BREAK)
            table["shift"], table["position"] = mine, position
            table["earliest"] = midnight[mine] + earliest
            table["latest"] = midnight[mine] + latest
            table["length"], table["minimum_left"] = one.length, one.minimum_left
            table["left_of"] = _NOBODY
            if one.minimum_left_of:
                table["left_of"] = left_of.index(_numbers(scenario, one.minimum_left_of))
            table["recallable"] = one.recallable
            found.append(table)
    return np.concatenate(found)


def _on_duty(shifts: Table) -> Table:
    """The changes that shifts bring."""
    begin = np.zeros(len(shifts), _PLANNED)
    begin["number"] = begin["turn"] = begin["shift"] = np.arange(len(shifts))
    end = begin.copy()
    begin["time"], begin["what"] = shifts["start"], Change.SHIFT_BEGINS
    end["time"], end["what"] = shifts["end"], Change.SHIFT_ENDS
    return np.concatenate([begin, end[~shifts["goes_on"]]])


def _windows(breaks: Table) -> Table:
    """The changes that the windows of breaks bring; those of before the first day bring none."""
    due = np.zeros(len(breaks), _PLANNED)
    due["time"], due["what"] = breaks["earliest"], Change.BREAK_DUE
    due["number"], due["shift"] = np.arange(len(breaks)), breaks["shift"]
    due["turn"] = _BREAKS_OF_ONE * breaks["shift"] + breaks["position"]
    over = due.copy()
    over["time"], over["what"] = breaks["latest"], Change.BREAK_LATEST
    begins = breaks["latest"] > 0
    return np.concatenate([due[begins], over[begins]])
