"""Offered load: how many places would be in use if there were always one free.

It lags behind arrivals by the length of a stay, so it is not rate x stay at the same hour but the
mean of an infinite-server queue (`sim.scenario.derived.flow`). A place is taken for the stay,
after the room's time limit, and the cleaning after it. Those who come before the opening all start
when it opens. Means over an hour are exact integrals.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from scipy import special

from sim.scenario.derived import once
from sim.scenario.derived.appointments import appointments
from sim.scenario.derived.calendar import (
    Bools,
    Floats,
    Integers,
    inside_spans,
    ordinary,
    places_at,
    places_on_days,
    room_spans,
    site_spans,
)
from sim.scenario.derived.entering import entering
from sim.scenario.derived.flow import (
    Durations,
    Flow,
    minutes_there,
    number_there,
    together,
)
from sim.scenario.derived.stays import PARTS, occupancy, occupancy_if, stay_minutes
from sim.scenario.errors.told import told
from sim.scenario.model.hours import DAY, DAYS, HOUR, HOURS_OF_WEEK, WEEK, clock_of, weekday_of
from sim.scenario.model.scenario import Scenario
from sim.scenario.model.visits import VisitKind

_CHANCE = {2: 6.63, 3: 9.21, 4: 11.34, 5: 13.28, 6: 15.09, 7: 16.81}
"""Of so many weekdays: the spread of counts (chi-square) that chance exceeds once in 100 times."""
_SELDOM = 0.01
"""The same for hours of the day."""


# --- pieces of the horizon ---------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Pieces:
    """The horizon cut at every full hour and wherever the site or a room opens or closes."""

    edges: Floats
    hour: Integers
    """Of each piece: the hour of the horizon."""
    open: dict[str, Bools]
    """By room: whether it takes people in during each piece."""
    places: dict[str, Floats]
    """By room: how many places it then has on a mean day of weather, whatever is out of order."""

    @property
    def minutes(self) -> Floats:
        """Length of each piece."""
        return np.diff(self.edges)

    def by_hour(self, minutes: Floats) -> Floats:
        """Sums over the pieces of each hour of the horizon."""
        return np.bincount(self.hour, minutes).astype(np.float64)


@once
def pieces_of(scenario: Scenario) -> Pieces:
    """The pieces of a scenario's horizon."""
    end = scenario.horizon.minutes
    spans = {room: room_spans(scenario, room) for room in scenario.rooms}
    changes = [
        time for each in (site_spans(scenario), *spans.values()) for one in each for time in one
    ]
    changes += [time for each in places_on_days(scenario).values() for time, _ in each]
    hours = np.arange(0, end + 1, HOUR)
    edges = np.unique(np.concatenate([hours, np.array(changes, dtype=np.float64)]))
    edges = edges[edges <= end]
    middle = (edges[:-1] + edges[1:]) / 2
    inside = {room: inside_spans(each, middle) for room, each in spans.items()}
    places = {room: inside[room] * places_at(scenario, room, middle) for room in scenario.rooms}
    return Pieces(edges, (middle // HOUR).astype(np.int64), inside, places)


def _taken(scenario: Scenario, flow: Flow, stays: Durations, edges: Floats) -> Floats:
    """Person-minutes in places between each of some instants and the next."""
    if scenario.opening.at_close == "finish":
        return np.diff(minutes_there(flow, stays, edges))
    total = np.zeros(len(edges) - 1)
    for start, end in site_spans(scenario):
        # Everybody has to leave at closing.
        first, last = (int(np.searchsorted(edges, min(time, edges[-1]))) for time in (start, end))
        within = minutes_there(flow.within(start, end), stays, edges[first : last + 1])
        total[first:last] += np.diff(within)
    return total


def inside_at(scenario: Scenario, time: Floats) -> Floats:
    """Mean number of people in places at some instants, if there were always one free."""
    found = np.zeros(len(time))
    stops = scenario.opening.at_close == "stop"
    there = (
        inside_spans(site_spans(scenario), time) if stops else np.ones(len(time), dtype=np.bool_)
    )
    for name, one in entering(scenario).items():
        for room, flow in one.starts.items():
            stays = Durations.of(stay_minutes(scenario, scenario.visits[name], room))
            found += number_there(flow, stays, time)
    return np.where(there, found, 0.0)


# --- the calendar ------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Confined:
    """What is asked of some rooms by the kinds of visit that accept no others."""

    rooms: tuple[str, ...]
    kinds: tuple[str, ...]
    """The kinds that accept no others, and do come."""
    load: Floats
    """Mean places in use in each hour of the horizon, if there were always one free."""
    busy: Floats
    """Minutes of places in use in each hour, while some of the rooms are open."""
    open_minutes: Floats
    """Minutes of each hour in which some of the rooms are open and have places."""
    place_minutes: Floats
    """Minutes of open places in each hour."""


@once
def confined(scenario: Scenario) -> tuple[Confined, ...]:
    """The load on each set of rooms that some kinds of visit are confined to.

    A demand can be carried only if no such set is asked for more places than it has (Hall's
    condition): injecting alone, smoking alone, injecting and flexible together, and so on.
    """
    coming, pieces = coming_kinds(scenario), pieces_of(scenario)
    by_kind = {name: _taken_by(scenario, name) for name in coming}
    found = []
    for rooms in _sets_of_rooms(scenario.visits[name] for name in coming):
        kinds = tuple(name for name in coming if set(scenario.visits[name].rooms) <= rooms)
        taken: Floats = np.sum([by_kind[name] for name in kinds], axis=0)
        ordered = tuple(room for room in scenario.rooms if room in rooms)
        places = np.sum([pieces.places[room] for room in ordered], axis=0)
        is_open = places > 0
        found.append(
            Confined(
                rooms=ordered,
                kinds=kinds,
                load=pieces.by_hour(taken) / HOUR,
                busy=pieces.by_hour(taken * is_open),
                open_minutes=pieces.by_hour(pieces.minutes * is_open),
                place_minutes=pieces.by_hour(pieces.minutes * places),
            )
        )
    return tuple(found)


def _sets_of_rooms(kinds: Iterable[VisitKind]) -> list[frozenset[str]]:
    """What each kind accepts, and every union of these that overlap; the smallest first."""
    found = {frozenset(kind.rooms) for kind in kinds if kind.rooms}
    while more := {one | other for one, other in combinations(found, 2) if one & other} - found:
        found |= more
    return sorted(found, key=lambda rooms: (len(rooms), sorted(rooms)))


def places_of(scenario: Scenario, room: str) -> float:
    """Places of a room when it is open, on a mean day of weather, but for dates that differ."""
    return scenario.rooms[room].places * scenario.rooms[room].usable_share


def coming_kinds(scenario: Scenario) -> tuple[str, ...]:
    """Kinds of visit that use a place, and of which there are any."""
    come = {name for name, one in entering(scenario).items() if one.door.total() > 0}
    return tuple(name for name, kind in scenario.visits.items() if kind.rooms and name in come)


def load_of_kind(scenario: Scenario, name: str) -> Floats:
    """Mean places that a kind of visit takes in each hour of the horizon."""
    return pieces_of(scenario).by_hour(_taken_by(scenario, name)) / HOUR


def _taken_by(scenario: Scenario, name: str) -> Floats:
    """Minutes of places that a kind of visit takes in each piece of the horizon."""
    kind, edges = scenario.visits[name], pieces_of(scenario).edges
    found = np.zeros(len(edges) - 1)
    for room, flow in entering(scenario)[name].starts.items():
        stays = Durations.of(occupancy(scenario, kind, room))
        found += _taken(scenario, _as_listed(scenario, kind, room, flow), stays, edges)
    return found


def _as_listed(scenario: Scenario, kind: VisitKind, room: str, flow: Flow) -> Flow:
    """Listed stays as they would be: cut by the room's limit, with the cleaning after them.

    Each visit becomes some equally likely parts of one, or stays one where nothing varies.
    """
    if np.isnan(flow.stay).all():
        return flow
    some = np.array([occupancy_if(scenario, kind, room, stay) for stay in flow.stay])
    return Flow(
        flow.edges,
        flow.rate,
        np.repeat(flow.at, PARTS),
        np.repeat(flow.people / PARTS, PARTS),
        some.ravel(),
    )


def by_hour_of_week(scenario: Scenario, values: Floats) -> Floats:
    """Sums over the hours counted, for each of the 168 hours of the week.

    Args:
        scenario: the site.
        values: one for each hour of the horizon.
    """
    first = int(scenario.horizon.counted_from) // HOUR
    hour = (np.arange(len(values)) + 24 * scenario.horizon.start.weekday()) % HOURS_OF_WEEK
    found = np.bincount(hour[first:], values[first:], minlength=HOURS_OF_WEEK)
    return found.astype(np.float64)


def mean_by_hour_of_week(scenario: Scenario, values: Floats) -> Floats:
    """Means over the hours counted; 0 for hours of the week that a short horizon misses."""
    times = by_hour_of_week(scenario, np.ones(len(values)))
    return by_hour_of_week(scenario, values) / np.maximum(times, 1)


# --- the busiest hour --------------------------------------------------------------------------


@dataclass(frozen=True)
class Load:
    """Rooms, and the load on them in the hour in which they come nearest to being full."""

    rooms: tuple[str, ...]
    places: float
    """Places open in that hour."""
    load: float
    """Mean places in use in that hour while it is open, if there were always one free."""
    hour: int
    """Hour of the week, 0 to 167; or of the day, where `daily`."""
    daily: bool = False
    """Whether all days are taken together."""
    at_opening: bool = False
    """Whether it is the hour in which people who waited at the door come in."""

    minute: int = 0
    """Minute of the hour at which it opens, where that is in the hour."""

    @property
    def when(self) -> str:
        """The hour, such as `fri 17:00`, or the opening in it."""
        day = told("daily", "daily") if self.daily else weekday_of(self.hour // 24)
        clock = clock_of(HOUR * (self.hour % 24) + self.minute)
        return told("day_time", "{day} {time}", day=day, time=clock)


def loads(scenario: Scenario) -> tuple[Load, ...]:
    """The load on each set of rooms that some kinds of visit are confined to.

    Means over the minutes in which the rooms are open in an hour of the week. Where the busiest
    hour is one in which people come in who were at the door when it opened, the busiest of the
    other hours follows.
    """
    daily = _days_are_alike(scenario)
    if daily:
        scenario = _evened(scenario)
    crowded = _crowded_hours(scenario)
    found = []
    for one in confined(scenario):
        busy, minutes, places, crowd = (
            _by_hour(scenario, values, daily=daily)
            for values in (one.busy, one.open_minutes, one.place_minutes, crowded)
        )
        if not places.any():
            continue
        # Rounded, so that the first of equal hours is told of.
        full = np.where(places > 0, np.round(busy / np.maximum(places, 1e-9), 9), -1.0)
        hours = [int(np.argmax(full))]
        if crowd[hours[0]] > 0:
            hours += [int(np.argmax(np.where(crowd > 0, -1.0, full)))]
        found += [
            Load(
                one.rooms,
                float(places[hour] / minutes[hour]),
                float(busy[hour] / minutes[hour]),
                hour,
                daily,
                bool(crowd[hour] > 0),
                _opens_at(scenario, hour, daily=daily) if crowd[hour] > 0 else 0,
            )
            for hour in hours
            if full[hour] >= 0
        ]
    return tuple(found)


def _by_hour(scenario: Scenario, values: Floats, *, daily: bool) -> Floats:
    """Sums over the hours counted, for each hour of the week, or of the day."""
    found = by_hour_of_week(scenario, values)
    return found.reshape(len(DAYS), -1).sum(axis=0) if daily else found


def _crowded_hours(scenario: Scenario) -> Floats:
    """People who come in at once when it opens, in each hour of the horizon."""
    found = np.zeros(24 * scenario.horizon.total_days)
    booked = appointments(scenario)
    for name, one in entering(scenario).items():
        if name in booked:
            continue  # each comes for a time of their own
        crowd = one.door.waited
        if scenario.demand.arrivals is None:
            crowd = together((crowd, Flow(np.zeros(1), np.empty(0), *one.door.at_once.instants)))
        np.add.at(found, (crowd.at // HOUR).astype(np.int64), crowd.people)
    return found


def _opens_at(scenario: Scenario, hour: int, *, daily: bool) -> int:
    """The minute of an hour of the week, or of the day, at which the site opens in it."""
    monday = DAY * scenario.horizon.start.weekday()
    minutes = [
        int(start) % HOUR
        for start, _ in site_spans(scenario)
        if int(start + monday) % (DAY if daily else WEEK) // HOUR == hour
    ]
    return min(minutes, default=0)


def _days_are_alike(scenario: Scenario) -> bool:
    """Whether the weekdays of a list of visits differ by no more than chance.

    A week's list says too little of each hour of the week: the busiest is so by chance.
    """
    listed = scenario.demand.arrivals
    if not listed:
        return False
    days = [scenario.horizon.date_of(int(one.at) // DAY).weekday() for one in listed]
    counts = np.bincount(days, minlength=len(DAYS))
    counts = counts[counts > 0]
    spread = float(((counts - counts.mean()) ** 2).sum() / counts.mean())
    return len(counts) > 1 and spread < _CHANCE[len(counts)]


@once
def _evened(scenario: Scenario) -> Scenario:
    """The site with its list spread evenly over hours that differ by no more than chance.

    Neighbouring hours of the day of which a list of visits says the same but for chance are taken
    together, as its days are: the busiest of them is so by chance. Each visit stays what it is.
    """
    listed = sorted(scenario.demand.arrivals or (), key=lambda one: one.at)
    days = sorted({int(one.at) // DAY for one in listed})
    hour = [int(one.at) % DAY // HOUR for one in listed]
    spread = []
    for first, last in _alike_hours(np.bincount(hour, minlength=24)):
        mine = [one for one, at in zip(listed, hour, strict=True) if first <= at < last]
        if last == first + 1:
            spread += mine
            continue
        each = len(days) * (last - first) * HOUR / max(len(mine), 1)
        for number, one in enumerate(mine):
            day, minute = divmod((number + 0.5) * each, (last - first) * HOUR)
            at = days[int(day)] * DAY + first * HOUR + minute
            spread.append(one.model_copy(update={"at": at}))
    arrivals = tuple(sorted(spread, key=lambda one: one.at))
    demand = scenario.demand.model_copy(update={"arrivals": arrivals})
    return scenario.model_copy(update={"demand": demand})


def _alike_hours(counts: Integers) -> list[tuple[int, int]]:
    """Stretches of hours, from one and until another, whose counts differ by no more than chance.

    Args:
        counts: of visits in each hour of the day.
    """
    found: list[tuple[int, int]] = []
    for hour in range(len(counts)):
        if found:
            these = counts[found[-1][0] : hour + 1]
            mean = max(float(these.mean()), 1e-9)
            beyond = float(((these - mean) ** 2).sum()) / mean
            if beyond <= float(special.chdtri(len(these) - 1, _SELDOM)):
                found[-1] = found[-1][0], hour + 1
                continue
        found.append((hour, hour + 1))
    return found


# --- an ordinary week --------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class SetLoad:
    """What is asked of some rooms by the kinds of visit that accept no others, in a week."""

    rooms: tuple[str, ...]
    load: Floats
    """Mean places in use in each hour of the week, if there were always one free."""
    visits: float
    """Visits of these kinds a week that are let in."""
    all_visits: float
    """Visits of all kinds a week that are let in."""
    shortest: float
    """Mean minutes for which the quickest of these kinds takes a place, cleaning included."""
    longest: float
    """Minutes that the longest of these stays may take."""
    patience: float
    """Mean minutes that they wait before leaving; infinite if some never leave."""

    @property
    def stay(self) -> float:
        """Mean minutes for which a visit takes a place."""
        return float(self.load.sum()) * HOUR / self.visits if self.visits else 0.0


def set_loads(scenario: Scenario) -> tuple[SetLoad, ...]:
    """The load on each set of rooms that some kinds are confined to, in a week.

    An ordinary week, without special days and dates; the mean week where visits are listed.
    """
    week = scenario if scenario.demand.arrivals is not None else ordinary(scenario)
    since, until = week.horizon.counted_from, week.horizon.minutes
    per_week = WEEK / (until - since)
    let_in = {
        name: one.let_in.total(since, until) * per_week for name, one in entering(week).items()
    }
    found = []
    for one in confined(week):
        kinds = [week.visits[name] for name in one.kinds]
        patience = [kind.patience for kind in kinds]
        taken = [occupancy(week, kind, room) for kind in kinds for room in kind.rooms]
        found.append(
            SetLoad(
                rooms=one.rooms,
                load=mean_by_hour_of_week(week, one.load),
                visits=sum(let_in[name] for name in one.kinds),
                all_visits=sum(let_in.values()),
                shortest=min(float(minutes.mean()) for minutes in taken),
                longest=max(float(minutes.max()) for minutes in taken),
                patience=max(math.inf if one is None else one.mean() for one in patience),
            )
        )
    return tuple(found)
