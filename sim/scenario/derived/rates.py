"""When visits come: their rate over the calendar of the horizon.

A profile from midnight to midnight is the same whatever the opening hours. A shape is tied to them:
it runs from a day's first opening to its last closing, linear in time. Which day that is follows
from when the site is open and not from how it is written: hours that touch are one piece, a piece
of at most 24 hours belongs to the day on which it begins (22:00-06:00 next day is the night of that
day), and a longer one, such as 24/7, is cut at midnight.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from math import gcd

import numpy as np
from numpy.typing import NDArray

from sim.scenario.derived.once import once
from sim.scenario.model.demand import Shape
from sim.scenario.model.hours import DAY, HOUR, spans
from sim.scenario.model.scenario import Scenario

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

_STEP = 5
"""Minutes of a step of a shape; 1 where some hours begin or end between these."""
_BEFORE = 3
"""Days before the horizon at which opening hours are looked at: a night may reach into it."""


@dataclass(frozen=True, eq=False)
class Rates:
    """Visits per hour over the horizon, but for the random factor of each day."""

    ordinary: Floats
    """(days, steps of a day): visits per hour, special days left out."""
    special: Floats
    """Factor on visits of the day before the horizon, and of each of its days."""
    day: Integers
    """(days, steps of a day or 1): the day, from -1, whose visits these are."""

    @property
    def per_hour(self) -> Floats:
        """Mean visits per hour, special days included: (days, steps of a day)."""
        return self.times(np.ones(len(self.special)))

    def times(self, factor: Floats, people: float = 1.0) -> Floats:
        """Arrivals per hour: (days, steps of a day).

        Args:
            factor: on each day, the one before the horizon first.
            people: mean number who arrive together.
        """
        scaled: Floats = self.ordinary * (self.special * factor / people)[self.day + 1]
        return scaled


@once
def rates_of(scenario: Scenario) -> Rates:
    """The rates of a scenario's demand; no days when its visits are listed."""
    demand, horizon = scenario.demand, scenario.horizon
    dates = [horizon.date_of(day) for day in range(-1, horizon.total_days)]
    special = np.array([visit_factor(scenario, on) for on in dates])
    if demand.shape is not None:
        ordinary, day = _shaped(scenario, demand.shape)
        return Rates(ordinary, special, day)
    table = np.array([demand.rates_of_weekday(weekday) for weekday in range(7)])
    days = np.arange(horizon.total_days)[:, np.newaxis]
    return Rates(table[[on.weekday() for on in dates[1:]]], special, days)


def visit_factor(scenario: Scenario, on: date) -> float:
    """Product of the special-day factors on visits that fall on a day."""
    return float(np.prod([s.visits for s in scenario.demand.special_days if s.falls_on(on)]))


def expected_visits(scenario: Scenario) -> float:
    """Mean number of visits over the days counted: the integral of their rate.

    The random factor of a day has mean 1, groups bring as many visits as single arrivals would,
    and a crowd at the opening comes on the day on which its members would have come. NaN where
    visits are listed and not drawn.
    """
    if scenario.demand.arrivals is not None:
        return float("nan")
    rates, total = rates_of(scenario), 0.0
    for day in range(7 * scenario.horizon.warmup_weeks, scenario.horizon.total_days):
        hourly, factor = rates.ordinary[day], float(rates.special[day + 1])
        if rates.day.shape[1] > 1:
            hourly, factor = hourly * rates.special[rates.day[day] + 1], 1.0
        total += sum(hourly.tolist()) * 24 / len(hourly) * factor
    return total


# --- shapes ------------------------------------------------------------------------------------


def days_of_opening(scenario: Scenario) -> dict[int, tuple[int, int]]:
    """First opening and last closing of each day that has any, minutes after the first midnight.

    Days run from the one before the horizon, -1, to its last.
    """
    opening, horizon = scenario.opening, scenario.horizon
    start = horizon.start - timedelta(days=_BEFORE)
    found: dict[int, tuple[int, int]] = {}
    days = horizon.total_days + _BEFORE + 1
    for since, until in _cut(spans(opening.hours, opening.dates, start, days)):
        day = since // DAY - _BEFORE
        first, last = since - _BEFORE * DAY, until - _BEFORE * DAY
        found[day] = (found[day][0] if day in found else first, last)
    return {day: piece for day, piece in found.items() if -1 <= day < horizon.total_days}


def _cut(found: Iterator[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Pieces of opening hours; those longer than a day are cut at midnight."""
    for since, until in found:
        if until - since <= DAY:
            # A whole day from ten to ten, day after day, never ends: it is longer than a day.
            yield since, until
            continue
        midnights = range((since // DAY + 1) * DAY, until, DAY)
        yield from pairwise((since, *midnights, until))


def _shaped(scenario: Scenario, shape: Shape) -> tuple[Floats, Integers]:
    """Visits per hour, and the day that they are of, in steps that divide the opening times."""
    days, total = days_of_opening(scenario), scenario.horizon.total_days
    step = gcd(_STEP, *(time for piece in days.values() for time in piece))
    edges = np.arange(0, total * DAY + 1, step)
    visits, of_day = np.zeros(len(edges) - 1), np.zeros(len(edges) - 1, dtype=np.int64)
    for day, (first, last) in sorted(days.items()):
        begin, end = (int(np.clip(time // step, 0, len(visits))) for time in (first, last))
        weights = _weights(shape.weights, always=last - first == DAY and first % DAY == 0)
        upto = np.concatenate([[0.0], np.cumsum(weights)]) / sum(weights)
        times = first + (last - first) * np.arange(len(upto)) / len(weights)
        come = scenario.demand.visits_of_weekday(scenario.horizon.date_of(day).weekday())
        visits[begin:end] = come * np.diff(np.interp(edges[begin : end + 1], times, upto))
        of_day[begin:] = day
    return visits.reshape(total, -1) * (HOUR / step), of_day.reshape(total, -1)


def _weights(weights: Sequence[float], *, always: bool) -> Sequence[float]:
    """A shape's weights; where the door never shuts, a zero is as its nearest neighbour."""
    if not always:
        return weights
    known = [place for place, weight in enumerate(weights) if weight]
    return [weights[min(known, key=lambda one: abs(one - place))] for place in range(len(weights))]
