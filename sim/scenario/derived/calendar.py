"""The calendar of a horizon: when the site and its rooms take people in, and when visits come.

A profile from midnight to midnight is the same whatever the opening hours. A shape is tied to them:
it runs from a day's first opening to its last closing, linear in time. Which day that is follows
from when the site is open and not from how it is written: hours that touch are one piece, a piece
of at most 24 hours belongs to the day on which it begins (22:00-06:00 next day is the night of that
day), and a longer one, such as 24/7, is cut at midnight.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from math import gcd
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.scenario.derived import once, once_for
from sim.scenario.errors.told import told
from sim.scenario.model.hours import DAY, DAYS, HOUR, WEEK, Hours, Interval, clock_of, weekday_of
from sim.scenario.model.scenario import Scenario

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Bools = NDArray[np.bool_]
Span = tuple[float, float]


_OPENING = "horizon", "opening.hours", "opening.dates"
"""What the hours of the horizon follow from."""


@once_for(*_OPENING)
def site_spans(scenario: Scenario) -> tuple[Span, ...]:
    """The site's opening spans that begin within the horizon, minutes after its first midnight.

    A span under way at the end runs on: its end is beyond the horizon.
    """
    opening, horizon = scenario.opening, scenario.horizon
    found = spans(opening.hours, opening.dates, horizon.start, horizon.total_days + 1)
    return tuple((float(start), float(end)) for start, end in found if start < horizon.minutes)


@once_for(*_OPENING)
def first_openings(scenario: Scenario) -> NDArray[np.float64]:
    """The minute of each day's first opening; NaN on days without one (closed, or open on)."""
    opens = np.full(scenario.horizon.total_days, np.nan)
    opening, before = scenario.opening, scenario.horizon.date_of(-1)
    # Read from the day before, to tell opening at midnight from staying open through it.
    for start, _ in spans(opening.hours, opening.dates, before, len(opens) + 1):
        day = start // DAY - 1
        if 0 <= day < len(opens) and np.isnan(opens[day]):
            opens[day] = start - DAY
    return opens


def room_spans(scenario: Scenario, room: str, bad_days: frozenset[int] = frozenset()) -> list[Span]:
    """A room's opening spans: its own hours within the site's, less days of bad weather.

    Args:
        scenario: the site.
        room: name of the room.
        bad_days: days, from 0, on which an open-air room cannot be used.
    """
    site: Sequence[Span] = site_spans(scenario)
    if (said := _own_hours(scenario, room)) is not None:
        start, days = scenario.horizon.start, scenario.horizon.total_days + 1
        own = [(float(first), float(last)) for first, last in spans(*said, start, days)]
        site = [span for span in _common(site, own) if span[0] < scenario.horizon.minutes]
    if bad_days:
        good = [
            (float(day * DAY), float((day + 1) * DAY))
            for day in range(scenario.horizon.total_days + 1)
            if day not in bad_days
        ]
        site = _common(site, good)
    return _joined(site)


_Dated = Mapping[date, tuple[Interval, ...]]


def _own_hours(scenario: Scenario, room: str) -> tuple[Hours, _Dated] | None:
    """A room's week and the dates that differ from it; None if they are the site's."""
    said, opening = scenario.rooms[room], scenario.opening
    dated = {on: one.hours for on, one in said.dates.items() if one.hours is not None}
    if said.hours is not None:
        return said.hours, dated
    return (opening.hours, {**opening.dates, **dated}) if dated else None


@once
def places_on_days(scenario: Scenario) -> dict[str, tuple[tuple[float, int], ...]]:
    """Of each room that has fewer places on some dates: from when it has how many, in order.

    A date's number holds from the first of the hours that begin on it until those of another day
    do, so that a night past midnight is of the date on which it began. Empty for a room that never
    has fewer within the horizon.
    """
    return {name: tuple(_places_on_days(scenario, name)) for name in scenario.rooms}


def places_at(scenario: Scenario, room: str, time: Floats) -> Floats:
    """Places of a room when it is open, at some instants, on a mean day of weather."""
    changes = places_on_days(scenario)[room]
    places = np.array([scenario.rooms[room].places, *(number for _, number in changes)])
    since = np.array([start for start, _ in changes], dtype=np.float64)
    found: Floats = places[np.searchsorted(since, time, side="right")]
    return found * scenario.rooms[room].usable_share


def _places_on_days(scenario: Scenario, name: str) -> Iterator[tuple[float, int]]:
    room, horizon = scenario.rooms[name], scenario.horizon
    fewer = {on: one.places for on, one in room.dates.items() if one.places is not None}
    week, dated = _own_hours(scenario, name) or (scenario.opening.hours, scenario.opening.dates)
    now = room.places
    for day in range(-1, horizon.total_days + 1) if fewer else ():
        on = horizon.date_of(day)
        places = min(fewer.get(on, room.places), room.places)
        intervals = dated.get(on, week.week[on.weekday()])
        if intervals and places != now:
            now = places
            yield max(0.0, float(day * DAY + intervals[0].start)), places


def _common(one: Sequence[Span], other: Sequence[Span]) -> list[Span]:
    """The time that two lists of spans share; the spans of each are apart and in order."""
    shared: list[Span] = []
    mine = theirs = 0
    while mine < len(one) and theirs < len(other):
        (start, end), (since, until) = one[mine], other[theirs]
        if max(start, since) < min(end, until):
            shared.append((max(start, since), min(end, until)))
        if end <= until:
            mine += 1
        else:
            theirs += 1
    return shared


def _joined(found: Sequence[Span]) -> list[Span]:
    joined: list[Span] = []
    for start, end in found:
        if joined and joined[-1][1] == start:
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    return joined


def inside_spans(spans: Sequence[Span], time: Floats) -> Bools:
    """Whether each instant is within one of some spans, which are apart and in order."""
    if not spans:
        return np.zeros(len(time), dtype=np.bool_)
    starts, ends = np.array(spans, dtype=np.float64).T
    place = np.searchsorted(starts, time, side="right") - 1
    inside: Bools = (place >= 0) & (time < ends[np.maximum(place, 0)])
    return inside


# --- when visits come ---------------------------------------------------------------------------


_SHAPE_STEP = 5
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
    special = np.array([demand.visit_factor(on) for on in dates])
    if demand.shape is not None:
        ordinary, day = _shaped(scenario)
        return Rates(ordinary, special, day)
    table = np.array([demand.rates_of_weekday(weekday) for weekday in range(7)])
    days = np.arange(horizon.total_days)[:, np.newaxis]
    return Rates(table[[on.weekday() for on in dates[1:]]], special, days)


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


def _shaped(scenario: Scenario) -> tuple[Floats, Integers]:
    """Visits per hour, and the day that they are of, in steps that divide the opening times."""
    laid, start = _laid(scenario), scenario.horizon.date_of(-1).weekday()
    come = np.array([scenario.demand.visits_of_weekday(weekday) for weekday in range(len(DAYS))])
    visits = come[(laid.day_of_share + 1 + start) % len(DAYS)] * laid.share
    return visits.reshape(len(laid.day), -1) * (HOUR / laid.step), laid.day


class _Laid(NamedTuple):
    """A shape laid over the opening times of the horizon, step by step."""

    step: int
    """Minutes."""
    share: Floats
    """Of a day's visits."""
    day_of_share: Integers
    """Which day's."""
    day: Integers
    """(days, steps of a day): the day, from -1, that a step is of; also where nobody comes."""


@once_for(*_OPENING, "demand.shape")
def _laid(scenario: Scenario) -> _Laid:
    shape = scenario.demand.shape
    assert shape is not None  # the caller has looked
    days, total = days_of_opening(scenario), scenario.horizon.total_days
    step = gcd(_SHAPE_STEP, *(time for piece in days.values() for time in piece))
    edges = np.arange(0, total * DAY + 1, step)
    share = np.zeros(len(edges) - 1)
    of_share, of_day = (np.zeros(len(edges) - 1, dtype=np.int64) for _ in range(2))
    for day, (first, last) in sorted(days.items()):
        begin, end = (int(np.clip(time // step, 0, len(share))) for time in (first, last))
        always = last - first == DAY and first % DAY == 0
        weights = shape.round_the_clock if always else shape.weights
        upto = np.concatenate([[0.0], np.cumsum(weights)]) / sum(weights)
        times = first + (last - first) * np.arange(len(upto)) / len(weights)
        share[begin:end] = np.diff(np.interp(edges[begin : end + 1], times, upto))
        of_share[begin:end], of_day[begin:] = day, day
    return _Laid(step, share, of_share, of_day.reshape(total, -1))


# --- an ordinary week ---------------------------------------------------------------------------


STEP = 5
"""Minutes between the instants of a week at which rates and load are worked out."""

_WEEKS = 3
"""Ordinary weeks that are looked at; the last of them is as any other."""


@once
def ordinary(scenario: Scenario) -> Scenario:
    """The site in weeks without special days, dates or holidays, from a Monday; the last counts.

    The weeks before it are there for the nights and stays that reach into it.
    """
    horizon = scenario.horizon
    monday = horizon.start.fromordinal(horizon.start.toordinal() - horizon.start.weekday())
    return scenario.model_copy(
        update={
            "horizon": horizon.model_copy(
                update={
                    "start": monday,
                    "weeks": _WEEKS,
                    "days": None,
                    "warmup_weeks": _WEEKS - 1,
                }
            ),
            "opening": scenario.opening.model_copy(update={"dates": {}, "holidays": None}),
            "rooms": {
                name: room.model_copy(update={"dates": {}}) for name, room in scenario.rooms.items()
            },
            "demand": scenario.demand.model_copy(update={"special_days": (), "holidays": None}),
            "holidays": None,
        }
    )


def week_edges(step: float) -> Floats:
    """The steps of the week of `ordinary` that counts, in minutes."""
    begin = (_WEEKS - 1) * WEEK
    return np.arange(begin, begin + WEEK + step / 2, step, dtype=np.float64)


def opens(hours: Hours) -> Bools:
    """Whether it is open by these hours, every STEP minutes of an ordinary week from Monday."""
    return _open_week(hours)[::STEP]


def open_minutes(scenario: Scenario, length: int) -> Bools:
    """Whether the site is open in each of so many minutes of ordinary weeks, from a Monday."""
    return np.resize(_open_week(scenario.opening.hours), length)


def _open_week(hours: Hours) -> Bools:
    """Whether it is open in each minute of a week; what runs past its end is at its beginning."""
    found = np.zeros(WEEK, dtype=np.bool_)
    for day, intervals in enumerate(hours.week):
        for start, end in intervals:
            found[np.arange(day * DAY + start, day * DAY + end) % WEEK] = True
    return found


def when(minute: float) -> str:
    """A minute of the week, such as `mon 07:30`."""
    day = weekday_of(int(minute // DAY) % 7)
    return told("day_time", "{day} {time}", day=day, time=clock_of(minute % DAY))


def spans(
    hours: Hours, dates: Mapping[date, tuple[Interval, ...]], start: date, days: int
) -> Iterator[tuple[int, int]]:
    """When it is open, as (from, until) in minutes after midnight of `start`, in order.

    Intervals that touch are one span: a site open round the clock has a single one.

    Args:
        hours: the ordinary week.
        dates: dates whose hours differ from their weekday's.
        start: date of minute 0.
        days: how many days, from `start`; a day before is read too, for hours past midnight.
    """
    current: tuple[int, int] | None = None
    for day in range(-1, days):
        on = start + timedelta(days=day)
        for first, last in dates.get(on, hours.week[on.weekday()]):
            opens, closes = max(0, day * DAY + first), day * DAY + last
            if closes <= 0:
                continue
            if current is None:
                current = (opens, closes)
            elif opens <= current[1]:
                current = (current[0], max(current[1], closes))
            else:
                yield current
                current = (opens, closes)
    if current is not None:
        yield current
