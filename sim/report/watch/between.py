"""Between the houses of a city: who walks from door to door, who comes back later, who gives up.

The houses are drawn as sites of their own; here is what none of them knows.
"""

from collections.abc import Iterator
from dataclasses import replace
from math import inf, isfinite
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.log import CityLog, NeedOutcome, Outcome, Way
from sim.measures.city.needs import MET
from sim.report.watch.data import Data
from sim.report.watch.day import Day
from sim.scenario.city.system import System
from sim.visitors import Visitors
from sim.visitors.needs import Needs

NOWHERE = -1
"""In place of a house: where needs arise, and where those are who come back later."""
REFUSED = (
    *(Outcome.RENEGED, Outcome.BALKED, Outcome.NO_SPACE),
    *(Outcome.DISMISSED_AT_CLOSE, Outcome.CLOSED),
)
"""How the last visit of a need that was given up may have ended."""


class Trip(NamedTuple):
    """Somebody who is at no house, from `start` until just before `end`."""

    need: int
    kind: str
    """Of visit, by its name at the houses."""
    start: float
    """Minutes: when they left a door, or chose the first."""
    end: float
    """When they are at the next door, choose one after coming back, or give up; infinite of those
    who are still on the way when the horizon ends."""
    leaves: int
    """Number of the house; NOWHERE of those who come from elsewhere."""
    visit: int
    """Row among the visits there; -1."""
    to: int
    """Number of the house to which they walk; NOWHERE of those who come back later, who may walk
    already when the horizon ends."""


def trips(system: System, log: CityLog, day: Day) -> list[Trip]:
    """Who is between two doors on a day, in order of time and need.

    Walks that take no time are among them where a house is left, so that it is known that
    whoever left there went on.

    Args:
        system: the houses.
        log: what happened.
        day: the day to draw.
    """
    found = [
        one
        for one in _trips(system, log)
        if one.start < day.end
        and (one.end > day.start or one.start >= day.start)
        and (one.end > one.start or one.leaves != NOWHERE)
    ]
    return sorted(found, key=lambda one: (one.start, one.need))


def _trips(system: System, log: CityLog) -> Iterator[Trip]:
    attempts, needs = log.attempts, log.needs
    order = np.lexsort((attempts["number"], attempts["need"]))
    rows = {name: column[order].tolist() for name, column in attempts.items()}
    outs = [site.visits["out"] for site in log.sites]
    kinds = [list(site.visits) for site in system.sites.values()]
    before = (NOWHERE, -1, -1, 0.0)  # facility, visit, need and out of the attempt before
    for need, house, visit, way, set_out, arrival in zip(
        *(rows[name] for name in ("need", "facility", "visit", "way", "set_out", "arrival")),
        strict=True,
    ):
        name = kinds[house][int(system.kind_at[house, needs["kind"][need]])]
        left, row, _, out = before
        if way == Way.DIVERTED:
            yield Trip(need, name, set_out, arrival, left, row, house)
        else:
            if way == Way.RETURNED:
                yield Trip(need, name, out, set_out, left, row, NOWHERE)
            yield Trip(need, name, set_out, arrival, NOWHERE, -1, house)
        before = house, visit, need, float(outs[house][visit])
    yield from _never_back(system, log)


def _never_back(system: System, log: CityLog) -> Iterator[Trip]:
    """Those who meant to come back and found nothing open, or were not back by the end."""
    needs = log.needs
    until_end = needs["outcome"] == NeedOutcome.ON_THE_WAY_AT_END
    for need in (until_end | (needs["outcome"] == NeedOutcome.UNMET)).nonzero()[0].tolist():
        house, visit = int(needs["facility"][need]), int(needs["visit"][need])
        start = float(
            log.sites[house].visits["out"][visit] if house >= 0 else needs["arrival"][need]
        )
        end = inf if until_end[need] else float(needs["over"][need])
        of = house if house >= 0 else int(needs["wish"][need])
        own = int(system.kind_at[of, needs["kind"][need]])
        if end > start:
            name = list(list(system.sites.values())[of].visits)[own]
            yield Trip(need, name, start, end, house, visit, NOWHERE)


def fates(system: System, log: CityLog, day: Day) -> dict[str, list[float]]:
    """When, on a day, needs arose and came to their end, by how they did.

    Keys are `arose`; `first_wish`, `elsewhere` and `came_back` where they were met, `managed` where
    that was without supervision; `unmet_` and the last refusal; `closed_everywhere`, `cut_short`.

    Args:
        system: the houses.
        log: what happened.
        day: from its start until just before its end.
    """
    needs = log.needs
    outcome, last = needs["outcome"], needs["last"]
    met = np.isin(outcome, MET)
    watched = np.array([*system.supervised, True])[needs["facility"]]  # the last of those at none
    ends = {one.name.lower(): met & watched & (outcome == one) for one in MET}
    ends["managed"] = met & ~watched
    for reason in REFUSED:
        given_up = (outcome == NeedOutcome.UNMET) & (last == reason)
        ends[f"unmet_{reason.name.lower()}"] = given_up
    for one in (NeedOutcome.CLOSED_EVERYWHERE, NeedOutcome.CUT_SHORT):
        ends[one.name.lower()] = outcome == one
    found = {name: _on(day, needs["over"][rows]) for name, rows in ends.items()}
    return {"arose": _on(day, needs["arrival"]), **found}


def _on(day: Day, times: NDArray[Any]) -> list[float]:
    within = times[(times >= day.start) & (times < day.end)]
    return [float(one) for one in np.sort(within)]


def between_data(system: System, log: CityLog, day: Day) -> Data:
    """What a page draws between the houses, ready to be written as JSON.

    `trips` are rows of (need, kind, start, end, house left, visit there, house walked to), with no
    end of those who are still on the way when the horizon ends.
    """
    return {
        "trips": [
            [one.need, one.kind, one.start, one.end if isfinite(one.end) else None, *one[4:]]
            for one in trips(system, log, day)
        ],
        "fates": fates(system, log, day),
    }


def as_came(needs: Needs, log: CityLog, house: int) -> Visitors:
    """The visitors of a house, a row a visit, as far as a picture needs them.

    Args:
        needs: of the replication.
        log: what happened.
        house: its number.
    """
    attempts, drawn = log.attempts, needs.sites[house]
    mine = attempts["facility"] == house
    need = np.empty(int(mine.sum()), dtype=np.int64)
    need[attempts["visit"][mine]] = attempts["need"][mine]
    rows = needs.row[house].take(need)
    columns = ("check_in", "stay", "service", "service_patience")
    return replace(
        drawn,
        arrival=log.sites[house].visits["arrival"],
        kind=drawn.kind.take(rows),
        **{name: getattr(drawn, name).take(rows, axis=-1) for name in columns},
    )
