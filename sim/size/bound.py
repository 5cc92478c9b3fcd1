"""How many visits must stay unserved with so many places, whatever the queue does: a proof.

Take the kinds of visit that can only ever enter some rooms, a mode switch included, and one place
of these rooms in one span of its opening. Whoever enters it does so before anybody knows how long
they will hold it, so the minutes for which the first n hold it have a mean of n × m at least, m
the mean of the quickest of these kinds in the room that is quickest for it. All but the last of
them have left, and the place is clean again, before the span ends; cut each at c minutes, and the
sum is at most the span's length L plus c. So by Wald's identity (Wald 1944, Annals of Mathematical
Statistics 15) the mean number who enter is at most

    (L + c) / E[min(minutes, c)]     for any c above 0.

An overdose may end a stay early; at most as many as are expected have one, and that many more are
allowed for. Who came while the doors were open, cannot be served so, and has not come in the last
span of the horizon, of which some may still be waiting at its end, has reneged, balked, found no
space or been sent away: they are unserved. The bound is one on the mean share, over replications.

It holds for every rule of the scenario language but those for which `unproven` says why not; docs
has the table of all keys, and a test that no key is missing from it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import NamedTuple

import numpy as np

from sim.scenario.derived import once
from sim.scenario.derived.appointments import appointments, expected_to_come
from sim.scenario.derived.calendar import first_openings, rates_of, room_spans, site_spans
from sim.scenario.model.hours import DAY, HOUR
from sim.scenario.model.scenario import Scenario
from sim.scenario.model.visits import VisitKind
from sim.study.estimate.intervals import Floats

_STRATA = 1000
"""Parts of equal chance of a stay; each counts as long as its shortest."""
_FEW = 20
"""The same of what is added to it: cleaning, overrun."""
_CUTS = np.array([15.0, 30.0, 60.0, 120.0, 240.0, 480.0, 1440.0])
"""Values of c that are tried; the best counts."""
_SMALL = 1e-12


def unproven(scenario: Scenario) -> str:
    """Why nothing is proven of any kind of visit at a site; empty if something may be."""
    opening = scenario.opening
    reasons = {
        "visits are listed, and their stays are not drawn": scenario.demand.arrivals is not None,
        "visits cut short by closing are neither served nor unserved": opening.at_close == "stop",
        "people may be served after closing": opening.queue_at_close == "serve",
        "whoever waits when the horizon ends is not yet unserved": not site_spans(scenario)[1:],
    }
    return next((why for why, holds in reasons.items() if holds), "")


class Came(NamedTuple):
    """Visits of a kind that come, on average, while the door takes them in."""

    always: float
    before_last: float
    """Of these, those who come before the last span of the horizon."""


@dataclass(frozen=True)
class Confined:
    """Kinds of visit that can only enter some rooms."""

    came: float
    """Visits of these kinds that come while the door takes them in, before the last span."""
    overdoses: float
    """Overdoses that they have on average, at most."""
    per_place: Mapping[str, Floats]
    """By room, and for each c: how many enter a place on average, at most."""

    def served(self, places: Mapping[str, int]) -> float:
        """Most that can be served on average.

        Args:
            places: of each room.
        """
        total = np.sum([places[room] * each for room, each in self.per_place.items()], axis=0)
        return float(np.min(total)) + self.overdoses


@dataclass(frozen=True)
class Bound:
    """The bound for one scenario, with any numbers of places."""

    confined: tuple[Confined, ...]
    came: float
    """Visits of all kinds that come while the door takes them in."""

    @classmethod
    def of(cls, scenario: Scenario) -> "Bound":
        """For a scenario; its numbers of places do not matter."""
        if unproven(scenario):
            return cls((), 0.0)
        came = came_by_kind(scenario)
        confined = tuple(_confined(scenario, rooms, came) for rooms in _sets(scenario))
        return cls(confined, sum(one.always for one in came.values()))

    def unserved(self, places: Mapping[str, int]) -> float:
        """Of the visits that came while the doors were open at least this share is unserved.

        Args:
            places: of each room.
        """
        most = max((one.came - one.served(places) for one in self.confined), default=0.0)
        return max(most / self.came, 0.0) if self.came > 0 else 0.0


def _enters(kind: VisitKind) -> frozenset[str]:
    """Rooms that a kind may ever enter."""
    return frozenset((*kind.rooms, *((kind.switch.room,) if kind.switch else ())))


def _sets(scenario: Scenario) -> list[frozenset[str]]:
    """What each kind may enter, and unions that overlap; without rooms that weather may shut."""
    found = {_enters(kind) for kind in scenario.visits.values() if kind.rooms}
    while more := {one | other for one, other in combinations(found, 2) if one & other} - found:
        found |= more
    certain = {name for name, room in scenario.rooms.items() if room.usable_share == 1}
    return sorted((one for one in found if one <= certain), key=lambda one: (len(one), sorted(one)))


def _confined(scenario: Scenario, rooms: frozenset[str], came: Mapping[str, Came]) -> Confined:
    kinds = {
        name: kind
        for name, kind in scenario.visits.items()
        if kind.rooms and kind.share > 0 and _enters(kind) <= rooms
    }
    return Confined(
        came=sum(came[name].before_last for name in kinds),
        overdoses=sum(came[name].before_last * _risk(scenario, kinds[name]) for name in kinds),
        per_place={
            room: _entering(
                scenario, room, [kind for kind in kinds.values() if room in _enters(kind)]
            )
            for room in sorted(rooms)
        },
    )


def _risk(scenario: Scenario, kind: VisitKind) -> float:
    """Chance of an overdose, at most, the random factor of a period (mean 1) left out."""
    if kind.overdose is None:
        return 0.0
    factor = np.prod([max(1.0, special.overdoses) for special in scenario.demand.special_days])
    return kind.overdose.per_1000 / 1000 * float(factor)


def _entering(scenario: Scenario, room: str, kinds: Sequence[VisitKind]) -> Floats:
    """How many of some kinds enter a place of a room on average, at most; for each c."""
    if not kinds:
        return np.zeros(len(_CUTS))
    last, counted = site_spans(scenario)[-1][0], 7 * DAY * scenario.horizon.warmup_weeks
    lengths = np.array(
        [end - start for start, end in room_spans(scenario, room) if start < last and end > counted]
    )
    shortest = np.min([_held(scenario, room, kind) for kind in kinds], axis=0)
    found: Floats = (lengths[:, np.newaxis] + _CUTS).sum(axis=0) / np.maximum(shortest, _SMALL)
    return found


def _held(scenario: Scenario, room: str, kind: VisitKind) -> Floats:
    """Mean of the smaller of c and the minutes a visit holds a place, at least; for each c."""
    switched = kind.switch is not None and room == kind.switch.room
    stay = kind.switch.stay if switched and kind.switch is not None else kind.stay
    assert stay is not None  # a kind with rooms has one
    minutes = stay.quantile(np.arange(_STRATA) / _STRATA)[:, np.newaxis]
    cleaning = scenario.rooms[room].cleaning
    few = np.arange(_FEW) / _FEW
    after = cleaning.duration.quantile(few) if cleaning is not None else np.zeros(1)
    limit = scenario.rooms[room].time_limit
    if limit is None:
        parts = [(1.0, minutes)]
    else:
        overrun = limit.overrun.quantile(few) if limit.overrun is not None else np.zeros(1)
        parts = [
            (limit.comply, np.minimum(minutes, limit.limit)),
            (1 - limit.comply, np.minimum(minutes, limit.limit + overrun)),
        ]
    found = np.zeros(len(_CUTS))
    for share, held in parts:
        whole = (held[:, :, np.newaxis] + after).ravel()
        found += share * np.array([np.minimum(whole, cut).mean() for cut in _CUTS])
    return found


# --- who comes ---------------------------------------------------------------------------------


def came_by_kind(scenario: Scenario) -> dict[str, Came]:
    """How many visits of each kind come, on average, while the door takes them in.

    Who comes so soon before an opening that they wait for it is counted.
    """
    walking_in = {
        name: Came(*(kind.share * came for came in _came(scenario, kind)))
        for name, kind in scenario.visits.items()
    }
    # Those who are booked use no place. All that come in the whole horizon, also before the days
    # counted, are more than those counted, and the more visits the smaller the share.
    booked = {
        name: Came(float(expected_to_come(scenario, name).people.sum()), 0.0)
        for name in appointments(scenario)
    }
    return walking_in | booked


def _came(scenario: Scenario, kind: VisitKind) -> tuple[float, float]:
    opening, spans = scenario.opening, site_spans(scenario)
    rooms = [room_spans(scenario, room) for room in kind.rooms]
    total = before_last = 0.0
    closed = 0.0
    for number, (start, end) in enumerate(spans):
        until = end - opening.last_entry
        if rooms:
            ends = [stop for one in rooms for begin, stop in one if start <= begin < end]
            until = min(until, max(ends, default=start))
        if until > start:
            since = max(start - opening.wait_at_door, closed)
            visits = _visits_between(scenario, since, until, start)
            total += visits
            before_last += visits if number + 1 < len(spans) else 0.0
        closed = end
    return total, before_last


def _visits_between(scenario: Scenario, since: float, until: float, opens: float) -> float:
    """Visits that come in a stretch of time and are counted, those at its opening among them."""
    horizon, crowd = scenario.horizon, scenario.demand.crowd_at_opening
    first, last = (min(max(at, horizon.counted_from), horizon.minutes) for at in (since, until))
    edges, upto = _running(scenario)
    alone = float(np.interp(last, edges, upto) - np.interp(first, edges, upto))
    day = int(opens // DAY)
    at_opening = 0.0
    counted = horizon.counted_from <= opens < horizon.minutes
    if crowd and counted and first_openings(scenario)[day] == opens:
        midnight, next_one = np.interp([day * DAY, (day + 1) * DAY], edges, upto)
        at_opening = float(next_one - midnight)
    return (1 - crowd) * alone + crowd * at_opening


@once
def _running(scenario: Scenario) -> tuple[Floats, Floats]:
    """Mean number of visits up to each of some instants, between which the rate is constant."""
    rates = rates_of(scenario).per_hour
    step = DAY / rates.shape[1]
    upto = np.concatenate([[0.0], np.cumsum(rates.ravel() * step / HOUR)])
    return np.arange(len(upto)) * step, upto
