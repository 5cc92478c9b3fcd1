"""Laws of a system: needs and attempts are conserved, between them and with the facilities' visits.

The tables of needs and attempts are made from what an engine notes of people between doors, and
visits by the facilities: so each is held against the other.
"""

from collections.abc import Iterable, Iterator, Mapping
from enum import IntEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.log import CityLog, NeedOutcome, Outcome, Way
from sim.measures.laws import LawError, broken_laws
from sim.scenario.city.system import System
from sim.visitors.needs import Needs

MET = (NeedOutcome.FIRST_WISH, NeedOutcome.ELSEWHERE, NeedOutcome.CAME_BACK)
RECEIVED = (Outcome.SERVED, Outcome.SERVICE_ONLY)
LAST = (*RECEIVED, Outcome.CUT_SHORT, Outcome.INSIDE_AT_END)
"""After these nobody goes on."""
_MOST = max(*Outcome, *NeedOutcome)
_SHOWN = 3
"""Needs that a broken law names."""

Table = Mapping[str, NDArray[Any]]
Rows = NDArray[np.bool_]


def check_system_laws(system: System, needs: Needs, log: CityLog) -> None:
    """Check the laws on a log of a system, and those of each facility on its own.

    Raises:
        LawError: names every law that is broken.
    """
    broken = [
        f"{name}: {law}"
        for (name, site), of_site in zip(system.sites.items(), log.sites, strict=True)
        for law in broken_laws(site, of_site)
    ]
    broken += _broken(system, needs, log)
    if broken:
        raise LawError("the simulation broke its own laws: " + "; ".join(broken))


def _broken(system: System, needs: Needs, log: CityLog) -> Iterator[str]:
    table = log.needs
    if len(table["outcome"]) != len(needs) or not _are(table["outcome"], NeedOutcome).all():
        yield "needs without an outcome"
        return
    visits = [len(one.visits["outcome"]) for one in log.sites]
    doors = log.attempts["facility"], log.attempts["visit"]
    first = np.cumsum([0, *visits])
    if len(doors[0]) != first[-1] or not _each_once(first[doors[0]] + doors[1], first[-1]):
        yield f"{len(doors[0])} attempts, but {first[-1]} visits at the facilities"
        return
    order = np.argsort(log.attempts["need"], kind="stable")
    attempts = {name: column[order] for name, column in log.attempts.items()}
    attempts |= _visits(log, attempts)
    for law, faulty in (
        *_of_attempts(system, needs, attempts),
        *_of_order(attempts),
    ):
        yield from _told(law, faulty, attempts["need"])
    for law, faulty in _of_needs(log, attempts):
        yield from _told(law, faulty, np.arange(len(needs)))


def _told(law: str, faulty: Rows, need: NDArray[np.int64]) -> Iterator[str]:
    if faulty.any():
        named = ", ".join(map(str, np.unique(need[faulty])[:_SHOWN].tolist()))
        yield f"{law} ({int(faulty.sum())} times, of need {named})"


def _each_once(numbers: NDArray[np.int64], count: int) -> bool:
    """Whether the numbers are those below a count, in any order."""
    if len(numbers) != count or not ((numbers >= 0) & (numbers < count)).all():
        return False
    return bool((np.bincount(numbers, minlength=count) == 1).all())


def _are(column: NDArray[np.int64], outcomes: Iterable[IntEnum]) -> Rows:
    """Which are among these; -1 is none."""
    among = np.zeros(_MOST + 2, dtype=np.bool_)
    among[list(outcomes)] = True
    found: Rows = among.take(np.where((column >= 0) & (column <= _MOST), column, -1))
    return found


def _visits(log: CityLog, attempts: Table) -> dict[str, NDArray[Any]]:
    """What the facilities say of each attempt."""
    found = {
        f"visit_{name}": np.empty(len(attempts["need"]), dtype=log.sites[0].visits[name].dtype)
        for name in ("arrival", "outcome", "out", "client")
    }
    for number, site in enumerate(log.sites):
        mine = np.flatnonzero(attempts["facility"] == number)
        for name in ("arrival", "outcome", "out", "client"):
            found[f"visit_{name}"][mine] = site.visits[name][attempts["visit"][mine]]
    return found


def _of_attempts(system: System, needs: Needs, attempts: Table) -> Iterator[tuple[str, Rows]]:
    """Each by itself."""
    need, facility, way = attempts["need"], attempts["facility"], attempts["way"]
    yield "attempts where the kind is not served", needs.row[facility, need] < 0
    yield (
        "attempts at another time than the visit",
        attempts["arrival"] != attempts["visit_arrival"],
    )
    yield "visits of another client", attempts["visit_client"] != needs.client[need]
    late = attempts["arrival"] >= system.people.horizon.minutes
    yield (
        "doors reached before setting out, or at the end",
        (late | (attempts["arrival"] < attempts["set_out"])),
    )
    yield (
        "who comes from a facility is not diverted, or the reverse",
        ((attempts["come_from"] >= 0) != (way == Way.DIVERTED)),
    )
    most = [np.inf if one.attempts is None else one.attempts for one in system.choice.returning]
    yield (
        "more attempts than the kind makes",
        (attempts["number"] >= np.array(most)[needs.kind[need]]),
    )


def _of_order(attempts: Table) -> Iterator[tuple[str, Rows]]:
    """Each against the one before of the same need."""
    need, number, way = attempts["need"], attempts["number"], attempts["way"]
    again = np.concatenate([[False], need[1:] == need[:-1]]) if len(need) else np.empty(0, bool)
    before = np.maximum(np.arange(len(need)) - 1, 0)
    yield "attempts that are numbered wrongly", number != np.where(again, number[before] + 1, 0)
    yield "first attempts that are not the first", (way == Way.FIRST) == again
    yield (
        "attempts before the one before was over",
        (again & ~(attempts["set_out"] >= attempts["visit_out"][before])),
    )
    yield "attempts after the need was met", again & _are(attempts["visit_outcome"][before], LAST)
    yield (
        "who is diverted comes from elsewhere than the last door",
        ((way == Way.DIVERTED) & (attempts["come_from"] != attempts["facility"][before])),
    )
    # The round of an attempt: how often somebody had come back until then, over all needs.
    rounds = np.cumsum(way != Way.DIVERTED)
    tried = rounds * (int(attempts["facility"].max(initial=0)) + 1) + attempts["facility"]
    yield "facilities tried twice in one round", np.bincount(tried, minlength=1)[tried] > 1


def _of_needs(log: CityLog, attempts: Table) -> Iterator[tuple[str, Rows]]:
    """Needs against their attempts."""
    needs, count = log.needs, len(log.needs["outcome"])
    doors = np.bincount(attempts["need"], minlength=count)
    yield "needs with other attempts than were made", doors != needs["attempts"]
    came_back = attempts["way"] == Way.RETURNED
    returns = np.bincount(attempts["need"][came_back], minlength=count)
    yield "needs with other returns than were made", returns != needs["returns"]
    outcome, last = needs["outcome"], np.full(count, -1)
    last[attempts["need"]] = attempts["visit_outcome"]  # in order, so that the last one stands
    yield "needs whose last visit ended otherwise", last != needs["last"]
    yield (
        "needs met without being served, or the reverse",
        (_are(outcome, MET) != _are(last, RECEIVED)),
    )
    for mine, of_visit in (
        (NeedOutcome.CUT_SHORT, Outcome.CUT_SHORT),
        (NeedOutcome.INSIDE_AT_END, Outcome.INSIDE_AT_END),
    ):
        yield (
            f"needs {mine.name.lower()} but not the visit, or the reverse",
            ((outcome == mine) != (last == of_visit)),
        )
    over = _are(outcome, (*MET, NeedOutcome.UNMET, NeedOutcome.CLOSED_EVERYWHERE))
    wrong = np.isnan(needs["over"]) | (needs["over"] < needs["arrival"])
    yield "needs over at no time, or before they arose", over & wrong
