"""Who is let in and who finds the door shut, and when people would start in a place.

Expected numbers over the calendar of the horizon, by the very rules of the door: opening hours with
their dates, last entry before a real closing, waiting at the door, a crowd at the opening, rooms
with hours of their own, visits that are listed. Nobody is taken to wait for anything that a free
place, or a free member of staff, would save them, and nobody to turn round or leave.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count, product
from math import sqrt

import numpy as np

from sim.scenario.derived import once
from sim.scenario.derived.appointments import appointments
from sim.scenario.derived.calendar import Floats, Integers, Span, room_spans, site_spans
from sim.scenario.derived.flow import (
    NOBODY,
    Choice,
    Flow,
    arriving,
    parted,
    together,
)
from sim.scenario.model.scenario import Scenario
from sim.scenario.model.site import Appointments
from sim.scenario.model.visits import VisitKind

_MIXED = 2048
"""Combinations of durations that stand for all delays before the queue for a place."""
_DELAYS = 16
"""Delays that stand for these."""


# --- the door ----------------------------------------------------------------------------------

Intervals = Floats
"""(n, 2): from when until when, half-open, apart and in order."""


def door_intervals(
    site: Intervals, rooms: Sequence[Intervals], wait: float, last_entry: float
) -> Intervals:
    """When somebody who comes is not refused as closed.

    Args:
        site: when it is open.
        rooms: when each of the rooms that will do is; none of those who come for a service only.
        wait: minutes for which they may wait at the door.
        last_entry: minutes before closing in which nobody is let in.
    """
    opens, closes = site.T
    until = closes - last_entry
    if rooms:
        # Until the last of the rooms opens it is worth waiting, and then one of them is open until
        # the last of them closes.
        ends = np.full(len(site), -np.inf)
        for room in rooms:
            span = np.searchsorted(opens, room[:, 0], side="right") - 1
            np.maximum.at(ends, span, room[:, 1])
        until = np.minimum(until, ends)
    since = np.maximum(opens - wait, np.concatenate([[-np.inf], closes])[:-1])
    return np.ascontiguousarray(np.stack([since, until], axis=1)[until > opens])


@dataclass(frozen=True, eq=False)
class Door:
    """What the door does with some people: mean numbers over time."""

    at_once: Flow
    """Let in as they come."""
    waited: Flow
    """Let in when it opens, after waiting for that."""
    came: Flow
    """The same people at the time at which they came to the door."""
    outside: Flow
    """Came outside opening hours: closed."""
    last_call: Flow
    """Came too late to be let in: closed."""

    @property
    def everybody(self) -> tuple[Flow, Flow, Flow, Flow]:
        """All who come, when they do, let in or not."""
        return self.at_once, self.came, self.outside, self.last_call

    def total(self) -> float:
        """How many these are."""
        return sum(flow.total() for flow in self.everybody)

    @property
    def let_in(self) -> Flow:
        """All that are let in, when they are."""
        return together((self.at_once, self.waited))


def at_the_door(scenario: Scenario, flow: Flow, booked: Appointments | None = None) -> Door:
    """What the door does with a flow of people.

    Args:
        scenario: the site.
        flow: the people.
        booked: what is said of them if they come by appointment.
    """
    opening, spans = scenario.opening, site_spans(scenario)
    opens, closes = (np.array(each, dtype=np.float64) for each in _ends(spans))
    last = closes - (opening.last_entry if booked is None else 0.0)
    early = opens - max(opening.wait_at_door, 0.0 if booked is None else booked.early)
    changes = np.concatenate([opens, closes, last, early])

    def choose(time: Floats) -> tuple[Integers, Floats]:
        span = np.searchsorted(opens, time, side="right") - 1
        inside = (span >= 0) & (time < _of(closes, span))
        coming = span + 1
        waits = ~inside & (coming < len(opens)) & (time >= _of(early, coming))
        enters = np.where(waits, _of(opens, coming) < _of(last, coming), time < _of(last, span))
        way = np.where(inside, np.where(enters, 0, 3), np.where(waits & enters, 1, 2))
        then = np.where(way == 1, _of(opens, coming), np.nan)
        return np.where(waits & ~enters, 3, way), then

    def as_they_come(time: Floats) -> tuple[Integers, Floats]:
        return np.where(choose(time)[0] == 1, 0, -1), np.full(len(time), np.nan)

    at_once, waited, outside, last_call = parted(flow, changes, choose, 4)
    (came,) = parted(flow, changes, as_they_come, 1)
    return Door(at_once, waited, came, outside, last_call)


def _ends(spans: Sequence[Span]) -> tuple[list[float], list[float]]:
    return [start for start, _ in spans], [end for _, end in spans]


def _of(times: Floats, place: Integers) -> Floats:
    """Some of the times; never where there is none."""
    if not len(times):
        return np.full(len(place), -np.inf)
    return times[np.clip(place, 0, len(times) - 1)]


# --- the rooms ---------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Rooms:
    """When a site's rooms take people in, for those who accept some of them."""

    opens: tuple[Floats, ...]
    """By room, in order of preference."""
    closes: tuple[Floats, ...]
    site_opens: Floats
    site_closes: Floats

    def changes(self) -> Floats:
        """Instants at which something changes."""
        return np.concatenate([*self.opens, *self.closes, self.site_closes])

    def choose(self, time: Floats) -> tuple[Integers, Floats]:
        """The first room that takes people in, or else that which will, before closing."""
        span = np.searchsorted(self.site_opens, time, side="right") - 1
        closing = np.where(span >= 0, _of(self.site_closes, span), -np.inf)
        way = np.full(len(time), -1, dtype=np.int64)
        soonest = np.full(len(time), np.inf)
        for room in reversed(range(len(self.opens))):
            if not len(self.opens[room]):
                continue
            place = np.searchsorted(self.opens[room], time, side="right")
            next_open = np.where(
                place < len(self.opens[room]), _of(self.opens[room], place), np.inf
            )
            later = (time < closing) & (next_open < closing) & (next_open <= soonest)
            soonest = np.where(later, next_open, soonest)
            way = np.where(later, room, way)
        then = np.where(way >= 0, soonest, np.nan)
        for room in reversed(range(len(self.opens))):
            place = np.searchsorted(self.opens[room], time, side="right") - 1
            now = (place >= 0) & (time < _of(self.closes[room], place))
            way, then = np.where(now, room, way), np.where(now, np.nan, then)
        return way, then


def _rooms(scenario: Scenario, names: Sequence[str], bad: frozenset[str], *, queue: bool) -> Rooms:
    """The rooms of a kind, some of them not usable for the weather.

    Args:
        scenario: the site.
        names: the rooms.
        bad: those of them that cannot be used.
        queue: whether those in the queue at closing are still taken, where they are served.
    """
    site_opens, site_closes = (np.array(each) for each in _ends(site_spans(scenario)))
    opens, closes = [], []
    for name in names:
        spans = [] if name in bad else room_spans(scenario, name)
        since, until = (np.array(each, dtype=np.float64) for each in _ends(spans))
        if queue and len(until):
            # Until the site opens again; a room that closed before the site takes nobody.
            place = np.searchsorted(site_opens, until, side="right")
            again = np.where(place < len(site_opens), _of(site_opens, place), np.inf)
            until = np.where(np.isin(until, site_closes), again, until)
        opens.append(since)
        closes.append(until)
    return Rooms(tuple(opens), tuple(closes), site_opens, site_closes)


def _weathers(scenario: Scenario, names: Sequence[str]) -> list[tuple[float, frozenset[str]]]:
    """How often which of the rooms cannot be used; the weather of a day is that of all its hours.

    What is left out: who comes in at night and waits for a room in the open air beyond midnight.
    """
    outside = [name for name in names if scenario.rooms[name].usable_share < 1]
    found = []
    for good in product((True, False), repeat=len(outside)):
        chance = 1.0
        for name, usable in zip(outside, good, strict=True):
            share = scenario.rooms[name].usable_share
            chance *= share if usable else 1 - share
        bad = frozenset(name for name, usable in zip(outside, good, strict=True) if not usable)
        if chance > 0:
            found.append((chance, bad))
    return found


# --- all of it ---------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Entering:
    """What is to be expected of one kind of visit over the horizon."""

    door: Door
    let_in: Flow
    """Who is let in, when they are."""
    shut: Flow
    """Who is refused because none of their rooms takes people in: closed."""
    starts: dict[str, Flow]
    """By room, when stays begin if there is always a place free and nobody leaves."""


@once
def entering(scenario: Scenario) -> dict[str, Entering]:
    """What is to be expected of each kind of visit."""
    doors: dict[int, tuple[Flow, Door]] = {}
    routes: dict[tuple[object, ...], tuple[Flow, Flow, dict[str, Flow]]] = {}
    found = {}
    whole, booked = _whole(scenario), appointments(scenario)
    for name, flow in arriving(scenario).items():
        kind = scenario.visits[name]
        if name in booked:
            door = at_the_door(scenario, flow, booked[name])
            found[name] = Entering(door, door.let_in, NOBODY, {})
            continue
        # Kinds differ by their share only, and most by little else: worked out once for all.
        share, one = (1.0, flow) if whole is None else (kind.share, whole)
        if id(one) not in doors:
            doors[id(one)] = one, at_the_door(scenario, one)
        door = doors[id(one)][1]
        delays = _delays(scenario, kind)
        key = (id(one), kind.rooms, delays.tobytes())
        if key not in routes:
            routes[key] = _route(scenario, kind, door.let_in, delays)
        let_in, shut, starts = routes[key]
        found[name] = Entering(
            Door(
                *(
                    getattr(door, part) * share
                    for part in ("at_once", "waited", "came", "outside", "last_call")
                )
            ),
            let_in * share,
            shut * share,
            {room: start * share for room, start in starts.items()},
        )
    return found


def _whole(scenario: Scenario) -> Flow | None:
    """Everybody who comes, where kinds are but shares of them."""
    if scenario.demand.arrivals is not None:
        return None
    name, kind = max(scenario.visits.items(), key=lambda one: one[1].share)
    return arriving(scenario)[name] * (1 / kind.share) if kind.share else NOBODY


def _route(
    scenario: Scenario, kind: VisitKind, let_in: Flow, delays: Floats
) -> tuple[Flow, Flow, dict[str, Flow]]:
    """Who is let in, who finds all rooms shut, and who starts where."""
    if not kind.rooms:
        return let_in, NOBODY, {}
    entered, shut = [], []
    starts: dict[str, list[Flow]] = {room: [] for room in kind.rooms}
    for chance, bad in _weathers(scenario, kind.rooms):
        rooms = _rooms(scenario, kind.rooms, bad, queue=False)
        some, none = parted(let_in, rooms.changes(), _any_of(rooms), 2)
        entered.append(some * chance)
        shut.append(none * chance)
        for room, flow in _starts(scenario, kind.rooms, some, delays, bad).items():
            starts[room].append(flow * chance)
    return (
        together(entered),
        together(shut),
        {room: together(flows) for room, flows in starts.items()},
    )


def _any_of(rooms: Rooms) -> Choice:
    def choose(time: Floats) -> tuple[Integers, Floats]:
        return np.where(rooms.choose(time)[0] >= 0, 0, 1), np.full(len(time), np.nan)

    return choose


def _starts(
    scenario: Scenario, names: Sequence[str], flow: Flow, delays: Floats, bad: frozenset[str]
) -> dict[str, Flow]:
    """When stays begin, by room: after check-in and services before, in a room that is open."""
    serves = scenario.opening.queue_at_close == "serve" and scenario.opening.at_close == "finish"
    rooms = _rooms(scenario, names, bad, queue=serves)
    found: dict[str, list[Flow]] = {name: [] for name in names}
    for delay in delays.tolist():
        shares = parted(flow.later(delay), rooms.changes(), rooms.choose, len(names))
        for name, one in zip(names, shares, strict=True):
            found[name].append(one * (1 / len(delays)))
    return {name: together(flows) for name, flows in found.items()}


def _delays(scenario: Scenario, kind: VisitKind) -> Floats:
    """Minutes between the door and the queue for a place, as a few equally likely values.

    Durations are combined by a lattice: multiples of irrational numbers, modulo 1.
    """
    irrational = (sqrt(n) for n in count(2) if all(n % m for m in range(2, n)))
    number: Floats = np.arange(_MIXED, dtype=np.float64) + 0.5

    def spread() -> Floats:
        return np.modf(number * next(irrational))[0]

    total: Floats = np.zeros(_MIXED)
    if scenario.check_in is not None:
        times = kind.check_in or scenario.check_in.times
        minutes = times.known.quantile(number / _MIXED)
        if times.first_visit is not None and times.first_visit_share:
            first = spread() < times.first_visit_share
            minutes = np.where(first, times.first_visit.quantile(spread()), minutes)
        total += minutes
    for name, service in scenario.services.items():
        if service.when == "before" and kind.services.get(name, 0.0) > 0:
            uses = spread() < kind.services[name]
            total += np.where(uses, service.duration.quantile(spread()), 0.0)
    if np.ptp(total) == 0:
        return total[:1]
    few: Floats = np.sort(total).reshape(_DELAYS, -1).mean(axis=1)
    return few


# --- an ordinary week --------------------------------------------------------------------------
