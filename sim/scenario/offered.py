"""Offered load: how many places would be in use if there were always one free.

It lags behind arrivals by the length of a stay, so it is not rate x stay at the same hour but
m(t) = integral over u of rate(t - u) P(occupancy > u), the mean of an infinite-server queue
(Eick, Massey & Whitt 1993, Operations Research 41). Occupancy is the stay, after the room's time
limit, and the cleaning after it.
"""

import math
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from sim.scenario.hours import DAY, DAYS, HOUR, HOURS_OF_WEEK, WEEK, Hours
from sim.scenario.scenario import Scenario
from sim.scenario.visits import VisitKind

Floats = NDArray[np.float64]

STEP = 5
"""Minutes between the instants of a week at which rates and load are worked out."""
_STRATA = 2000
"""Durations that stand for a distribution, at evenly spaced probabilities."""


@dataclass(frozen=True)
class Load:
    """Rooms, and the load on them in the hour in which they come nearest to being full."""

    rooms: tuple[str, ...]
    places: float
    """Places open in that hour."""
    load: float
    """Mean places in use in that hour, if there were always one free."""
    hour: int
    """Hour of the week, 0 to 167."""

    @property
    def when(self) -> str:
        """The hour, such as `fri 17:00`."""
        return f"{DAYS[self.hour // 24]} {self.hour % 24:02d}:00"


def loads(scenario: Scenario) -> tuple[Load, ...]:
    """The load on each set of rooms that some kinds of visit are confined to.

    A demand can be carried only if no such set is asked for more places than it has (Hall's
    condition): injecting alone, smoking alone, injecting and flexible together, and so on.
    """
    found = []
    for one in set_loads(scenario):
        places = np.sum([_places_by_hour(scenario, room) for room in one.rooms], axis=0)
        hour = int(np.argmax(one.load / np.maximum(places, 1e-9) * (places > 0)))
        found.append(Load(one.rooms, float(places[hour]), float(one.load[hour]), hour))
    return tuple(found)


@dataclass(frozen=True, eq=False)
class SetLoad:
    """What is asked of some rooms by the kinds of visit that accept no others."""

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
    """The load on each set of rooms that some kinds of visit are confined to."""
    rates = rates_of_week(scenario) * admits(scenario)
    let_in = float(rates.sum()) * STEP
    kinds = {name: kind for name, kind in scenario.visits.items() if kind.rooms}
    taken = {name: _occupancy(scenario, kind) for name, kind in kinds.items()}
    by_kind = {name: kind.share * _present(rates, taken[name]) for name, kind in kinds.items()}
    found = []
    for rooms in _sets_of_rooms(scenario):
        confined = [name for name in kinds if set(kinds[name].rooms) <= rooms]
        load: Floats = np.sum([by_kind[name] for name in confined], axis=0)
        patience = [kinds[name].patience for name in confined]
        means = [math.inf if one is None else one.mean() for one in patience]
        found.append(
            SetLoad(
                rooms=tuple(room for room in scenario.rooms if room in rooms),
                load=load,
                visits=let_in * sum(kinds[name].share for name in confined),
                all_visits=let_in,
                shortest=min(float(taken[name].mean()) for name in confined),
                longest=max(float(taken[name].max()) for name in confined),
                patience=max(means),
            )
        )
    return tuple(found)


def admits(scenario: Scenario) -> NDArray[np.bool_]:
    """Whether the door lets people in, in an ordinary week, every STEP minutes from Monday."""
    hours = scenario.opening.hours
    last_call = 0.0 if hours == Hours.parse("24/7") else scenario.opening.last_entry
    return _within(hours, last_call)


def opens(hours: Hours) -> NDArray[np.bool_]:
    """Whether it is open by these hours, every STEP minutes of an ordinary week from Monday."""
    return _within(hours)


def rates_of_week(scenario: Scenario) -> Floats:
    """Visits per minute in an ordinary week, every STEP minutes from Monday 00:00."""
    days = [np.array(scenario.demand.rates_of_weekday(day)) for day in range(len(DAYS))]
    if not len(days[0]):
        return np.zeros(WEEK // STEP)
    minute = np.arange(0, DAY, STEP)
    rates: Floats = np.concatenate([rates[(minute * len(rates)) // DAY] for rates in days])
    return rates / HOUR


def _within(hours: Hours, less: float = 0.0) -> NDArray[np.bool_]:
    """Whether hours, less so many minutes at each end of the day, cover each STEP of the week."""
    covered = np.zeros(WEEK // STEP, dtype=np.bool_)
    time = np.arange(0, WEEK, STEP)
    for day, intervals in enumerate(hours.week):
        for start, end in intervals:
            covered |= (time - day * DAY - start) % WEEK < end - less - start
    return covered


def _places_by_hour(scenario: Scenario, room: str) -> Floats:
    """Places of a room that are open, on average, in each hour of the week."""
    open_steps = _within(scenario.opening.hours)
    if (own := scenario.rooms[room].hours) is not None:
        open_steps = open_steps & _within(own)
    by_hour: Floats = open_steps.reshape(HOURS_OF_WEEK, -1).mean(axis=1)
    return by_hour * scenario.rooms[room].places


def _sets_of_rooms(scenario: Scenario) -> list[frozenset[str]]:
    """What each kind accepts, and every union of these that overlap; the smallest first."""
    found = {frozenset(kind.rooms) for kind in scenario.visits.values() if kind.rooms}
    while more := {one | other for one, other in combinations(found, 2) if one & other} - found:
        found |= more
    return sorted(found, key=lambda rooms: (len(rooms), sorted(rooms)))


def stay_minutes(scenario: Scenario, kind: VisitKind) -> Floats:
    """Minutes in a place of the first choice, after its time limit, as equally likely values."""
    assert kind.stay is not None  # a kind with rooms has one
    room = scenario.rooms[kind.rooms[0]]
    number = np.arange(_STRATA, dtype=np.float64)
    # The golden ratio spreads a second number evenly against the first.
    spread = (number * 0.6180339887498949) % 1
    minutes = kind.stay.quantile((number + 0.5) / _STRATA)
    if (limit := room.time_limit) is not None:
        beyond = limit.overrun.quantile(1 - spread) if limit.overrun is not None else 0.0
        longest = np.where(spread < limit.comply, limit.limit, limit.limit + beyond)
        minutes = np.minimum(minutes, longest)
    return minutes


def _occupancy(scenario: Scenario, kind: VisitKind) -> Floats:
    """Minutes a visit takes a place of its first choice, cleaning included."""
    cleaning = scenario.rooms[kind.rooms[0]].cleaning
    minutes = stay_minutes(scenario, kind)
    return minutes if cleaning is None else minutes + cleaning.duration.mean()


def _present(rates: Floats, occupancy: Floats) -> Floats:
    """Mean number present in each hour of the week, if nobody ever waits."""
    steps = len(rates)
    ordered = np.sort(occupancy)
    ages = (np.arange(int(ordered[-1] // STEP) + 1) + 0.5) * STEP
    surviving = 1 - np.searchsorted(ordered, ages) / len(ordered)
    kernel = np.bincount(np.arange(len(ages)) % steps, surviving, minlength=steps)
    present = np.fft.irfft(np.fft.rfft(rates * STEP) * np.fft.rfft(kernel), steps)
    by_hour: Floats = present.reshape(HOURS_OF_WEEK, -1).mean(axis=1)
    return by_hour
