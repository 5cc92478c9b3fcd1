"""From what an engine notes of needs and attempts to the log of a system."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

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
    doors = np.bincount(made["need"], minlength=count)
    last = np.full(count, -1)
    last[made["need"]] = np.arange(len(made["need"]))  # of several the last stays
    tried = slice(None) if doors.all() else np.flatnonzero(doors)
    facility, visit, of_visit = (np.full(count, -1) for _ in range(3))
    facility[tried], visit[tried] = (made[name].take(last[tried]) for name in ("facility", "visit"))
    met, out = np.full(count, np.nan), np.full(count, np.nan)
    for number, log in enumerate(logs):
        mine = np.flatnonzero(facility == number)
        rows = visit.take(mine)
        of_visit[mine] = log.visits["outcome"].take(rows)
        met[mine], out[mine] = _received(log).take(rows), log.visits["out"].take(rows)
    returns = np.bincount(made["need"][made["way"] == Way.RETURNED], minlength=count)
    elsewhere = np.where(facility == needs.order[0], NeedOutcome.FIRST_WISH, NeedOutcome.ELSEWHERE)
    ended = np.full(len(Outcome), NeedOutcome.UNMET)
    ended[Outcome.CUT_SHORT] = NeedOutcome.CUT_SHORT
    ended[Outcome.INSIDE_AT_END] = NeedOutcome.INSIDE_AT_END
    is_met = (of_visit == Outcome.SERVED) | (of_visit == Outcome.SERVICE_ONLY)
    outcome = np.where(noted.outcome == BY_VISIT, ended[of_visit], noted.outcome)
    outcome = np.where(is_met, np.where(returns > 0, NeedOutcome.CAME_BACK, elsewhere), outcome)
    found = {
        "kind": needs.kind,
        "client": needs.client,
        "arrival": needs.arrival,
        "wish": needs.order[0],
        "outcome": outcome,
        "attempts": doors,
        "returns": returns,
        "facility": facility,
        "visit": visit,
        "last": of_visit,
        "met": np.where(is_met, met, np.nan),
        "over": np.where(is_met, met, np.where(of_visit == Outcome.CUT_SHORT, out, noted.over)),
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
