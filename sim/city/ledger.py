"""From what an engine notes of needs and attempts to the log of a system."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.compiled import compiled
from sim.log import NEED_COLUMNS, CityLog, Columns, Log, NeedOutcome, Outcome, Way
from sim.visitors.needs import Needs

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]

BY_VISIT = -1
"""In place of a NeedOutcome: the last visit says how the need ended."""


@dataclass(frozen=True, eq=False)
class Noted:
    """What an engine notes beside the logs of the facilities."""

    attempts: Columns
    """ATTEMPT_COLUMNS, in the order in which they were made."""
    outcome: Integers
    """By need, a NeedOutcome: UNMET, CLOSED_EVERYWHERE or ON_THE_WAY_AT_END; or BY_VISIT."""
    over: Floats
    """By need: when it was given up; else NaN."""


def city_log(needs: Needs, logs: Sequence[Log], noted: Noted) -> CityLog:
    """The log of a system.

    Args:
        needs: of the replication.
        logs: by facility; those who are booked are given as visitors of it, see `Needs.sites`.
        noted: what became of the needs.
    """
    made = _in_order(noted.attempts)
    return CityLog(
        sites=tuple(
            _with_bookings(log, needs, made, facility) for facility, log in enumerate(logs)
        ),
        needs=_needs(needs, logs, noted, made),
        attempts=made,
    )


def _in_order(made: Columns) -> Columns:
    """Attempts in order of arrival, and then of need.

    So they were made, but for somebody who was turned away at the instant at which another of a
    lower number was, and was at the next door before.
    """
    need, arrival = made["need"], made["arrival"]
    if not ((need[1:] < need[:-1]) & (arrival[1:] == arrival[:-1])).any():
        return made
    order = np.lexsort((made["number"], need, arrival))
    return {name: column.take(order) for name, column in made.items()}


def _needs(needs: Needs, logs: Sequence[Log], noted: Noted, made: Columns) -> Columns:
    """One row a need."""
    count = len(needs)
    visits = np.array([len(log.visits["outcome"]) for log in logs], dtype=np.int64)
    ends = Ends(
        visits.cumsum() - visits,
        np.concatenate([log.visits["outcome"] for log in logs]),
        np.concatenate([_received(log) for log in logs]),
        np.concatenate([log.visits["out"] for log in logs]),
    )
    wholes, times = _of_needs(count)
    doors = Doors(*(made[name] for name in Doors._fields))
    end_needs(doors, ends, (needs.order[0].copy(), noted.outcome), noted.over, wholes, times)
    found = {
        "kind": needs.kind,
        "client": needs.client,
        "arrival": needs.arrival,
        "wish": needs.order[0],
        **dict(zip(_WHOLE, wholes, strict=True)),
        **dict(zip(_TIMES, times, strict=True)),
    }
    return {name: found[name].astype(kind, copy=False) for name, kind in NEED_COLUMNS.items()}


def _received(log: Log) -> Floats:
    """When each visit got what it came for: a place, or else the first of its services."""
    entered = log.visits["entered"]
    begun = np.fmin.reduce(log.service_start, axis=0, initial=np.nan)
    found: Floats = np.where(log.visits["outcome"] == Outcome.SERVICE_ONLY, begun, entered)
    return found


def _with_bookings(log: Log, needs: Needs, made: Columns, facility: int) -> Log:
    """The log with the visit of each who is booked; whose number was that among the visitors."""
    if not len(log.bookings["visit"]):
        return log
    here = np.flatnonzero((made["facility"] == facility) & (made["number"] == 0))
    visit_of = np.full(len(needs.sites[facility]) + 1, -1)  # the last is of those who do not come
    visit_of[needs.row[facility][made["need"][here]]] = made["visit"][here]
    return replace(log, bookings={**log.bookings, "visit": visit_of[log.bookings["visit"]]})


# --- how each need ended --------------------------------------------------------------------------

_WHOLE = "attempts", "returns", "facility", "visit", "last", "outcome"
_TIMES = "met", "over"
"""Columns that follow from the attempts of a need and the visits that they are."""
_SERVED, _SERVICE_ONLY = int(Outcome.SERVED), int(Outcome.SERVICE_ONLY)
_CUT_SHORT, _INSIDE_AT_END = int(Outcome.CUT_SHORT), int(Outcome.INSIDE_AT_END)
_RETURNED = int(Way.RETURNED)
_FIRST_WISH, _ELSEWHERE = int(NeedOutcome.FIRST_WISH), int(NeedOutcome.ELSEWHERE)
_CAME_BACK, _UNMET = int(NeedOutcome.CAME_BACK), int(NeedOutcome.UNMET)
_NEED_CUT_SHORT = int(NeedOutcome.CUT_SHORT)
_NEED_INSIDE_AT_END = int(NeedOutcome.INSIDE_AT_END)


class Doors(NamedTuple):
    """The attempts, in the order in which each need made them."""

    need: Integers
    facility: Integers
    visit: Integers
    way: Integers


class Ends(NamedTuple):
    """How the visits ended, those of one facility after those of the other."""

    first: Integers
    """By facility, where its visits begin."""
    outcome: Integers
    received: Floats
    out: Floats


def _of_needs(count: int) -> tuple[Integers, Floats]:
    """The columns of so many needs that were at no door."""
    wholes = np.zeros((len(_WHOLE), count), dtype=np.int64)
    wholes[_WHOLE.index("facility") :] = -1
    return wholes, np.empty((len(_TIMES), count))


@compiled
def end_needs(
    doors: Doors,
    ends: Ends,
    wish_and_noted: tuple[Integers, Integers],
    over: Floats,
    wholes: Integers,
    times: Floats,
) -> None:
    """Tell how each need ended: as its last visit did, unless it was noted.

    Args:
        doors: the attempts.
        ends: of the visits.
        wish_and_noted: of each need the facility wished first, and `Noted.outcome`.
        over: of each need, see `Noted.over`.
        wholes: to be filled, _WHOLE.
        times: to be filled, _TIMES.
    """
    wish, noted = wish_and_noted
    attempts, returns, where, which, last, outcome = wholes
    met, given_up = times
    for row in range(len(doors.need)):
        person = doors.need[row]
        attempts[person] += 1
        returns[person] += doors.way[row] == _RETURNED
        where[person], which[person] = doors.facility[row], doors.visit[row]
    for person in range(len(wish)):
        outcome[person], met[person], given_up[person] = noted[person], np.nan, over[person]
        if where[person] < 0:
            continue
        row = ends.first[where[person]] + which[person]
        ended = last[person] = ends.outcome[row]
        if ended in (_SERVED, _SERVICE_ONLY):
            met[person] = given_up[person] = ends.received[row]
            outcome[person] = _FIRST_WISH if where[person] == wish[person] else _ELSEWHERE
            if returns[person] > 0:
                outcome[person] = _CAME_BACK
        elif ended == _CUT_SHORT:
            outcome[person], given_up[person] = _NEED_CUT_SHORT, ends.out[row]
        elif noted[person] == BY_VISIT:
            outcome[person] = _NEED_INSIDE_AT_END if ended == _INSIDE_AT_END else _UNMET


def nothing_ended() -> tuple[object, ...]:
    """What `end_needs` is given, of these types, without any needs."""
    whole, time = np.empty(0, dtype=np.int64), np.empty(0)
    ends = Ends(whole, whole, time, time)
    return (Doors(*[whole] * 4), ends, (whole, whole), time, *_of_needs(0))
