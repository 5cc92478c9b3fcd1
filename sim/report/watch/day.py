"""The days that are watched: when a day begins, which is chosen, and whether it is a busy one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from math import ceil
from typing import NamedTuple

import numpy as np

from sim.log import CityLog, Log, NeedOutcome, Outcome, Where
from sim.measures.steps import Bools, Floats
from sim.scenario.city.model import City
from sim.scenario.derived.calendar import site_spans
from sim.scenario.errors.told import told
from sim.scenario.model.hours import DAY, DAYS, weekday_of
from sim.scenario.model.scenario import Scenario

TYPICAL, QUIETEST, BUSIEST, OVERDOSE = "typical", "quietest", "busiest", "overdose"
"""Days that are chosen by what happens on them; else a weekday is named."""

APART = 0.1
"""A day with fewer visits than the mean by more than this share of it is quiet, with more busy."""

_QUARTER = 15
"""A day begins on a full quarter of an hour."""
_NOON = DAY // 2
_NIGHT = 4 * 60
"""Of equally quiet moments midnight is taken, else the nearest to this minute of the day."""


Played = Log | CityLog
"""What happened at a site, or in a city."""


class DayError(Exception):
    """The day that was asked for cannot be watched; the message says why."""


@dataclass(frozen=True)
class Day:
    """A day of a replication, from `start` until just before `end`, minutes."""

    number: int
    """0 for the first of the horizon."""
    date: date
    start: float
    end: float
    whole: bool
    """People came until its end; the last day of a horizon may be cut short."""

    @property
    def midnight(self) -> float:
        """Minute at which its date begins."""
        return float(self.number * DAY)


class Crowd(StrEnum):
    """How many come on a day, against the mean."""

    QUIET = "quiet"
    ORDINARY = "ordinary"
    BUSY = "busy"


class Visits(NamedTuple):
    """How many come on a day, doors open or closed, and on the mean of the days.

    Of a city it is how many needs arise.
    """

    number: int
    mean: float

    @property
    def crowd(self) -> Crowd:
        """Whether that makes it a quiet, an ordinary or a busy day."""
        if self.number < (1 - APART) * self.mean:
            return Crowd.QUIET
        return Crowd.BUSY if self.number > (1 + APART) * self.mean else Crowd.ORDINARY


def day_begins(scenario: Scenario, log: Played) -> int:
    """The quietest moment of the night or morning: minutes after midnight, 0 to 720.

    That quarter of an hour at which fewest people are on site or at its door, over all days of
    the replication; of a city at any house or its door. So a night that is open past midnight is
    not cut in two.
    """
    days = scenario.horizon.total_days
    if days == 1:
        return 0
    arrivals, outs = (
        np.sort(np.concatenate([one.visits[name] for one in _logs(log)]))
        for name in ("arrival", "out")
    )
    outs = np.where(np.isnan(outs), np.inf, outs)

    def present(begins: int) -> float:
        midnights = np.arange(1, days) * float(DAY) + begins
        # Who turns round at once has come and gone.
        came = np.searchsorted(arrivals, midnights, side="right")
        gone = np.searchsorted(outs, midnights, side="right")
        return float((came - gone).sum())

    moments = sorted(range(0, _NOON + 1, _QUARTER), key=lambda one: (one > 0, abs(one - _NIGHT)))
    return min(moments, key=present)


def _logs(log: Played) -> tuple[Log, ...]:
    return log.sites if isinstance(log, CityLog) else (log,)


def _came(log: Played) -> Floats:
    """When each visit came; of a city, when each need arose."""
    found: Floats = log.needs["arrival"] if isinstance(log, CityLog) else log.visits["arrival"]
    return found


def days_of(scenario: Scenario, log: Played) -> list[Day]:
    """Every day of the horizon, in order; those of the warm-up too."""
    begins, last = day_begins(scenario, log), scenario.horizon.total_days - 1
    numbers = range(last + 1)
    return [_day(scenario, log, one, begins, is_last=one == last) for one in numbers]


def _day(scenario: Scenario, log: Played, number: int, begins: int, *, is_last: bool) -> Day:
    start, end = float(number * DAY + begins), float((number + 1) * DAY + begins)
    if is_last:  # nobody comes after the horizon, but people may still be inside
        over = float(ceil(max(one.end for one in _logs(log))))
        end = over if begins == 0 else min(end, over)
    whole = not is_last or begins == 0
    return Day(number, scenario.horizon.date_of(number), start, end, whole)


def choose_day(
    scenario: Scenario, log: Played, wanted: str = TYPICAL, on: date | None = None
) -> Day:
    """The day to watch.

    Args:
        scenario: what was simulated, a site or a city.
        log: the replication.
        wanted: `typical` (the day whose number of visits, of a city of needs, is the median of
            all), `quietest` (fewest), `busiest` (most), `overdose` (most overdoses on site), or a
            weekday, `mon` to `sun`, for its first day in the horizon. Of several the first; after
            the warm-up; a whole day if there is one.
        on: a date, instead.

    Raises:
        DayError: there is no such day, or the site does not open on it, nor any house of a city.
    """
    days = days_of(scenario, log)
    if on is not None:
        return _on_date(scenario, days, on)
    counted = [day for day in days if day.midnight >= scenario.horizon.counted_from]
    opened = [day for day in counted if _opens(scenario, day)]
    if not opened:
        form = "{what} does not open on any day of the horizon"
        raise DayError(told("does_not_open_on_any_day", form, what=_what(scenario)))
    if wanted in DAYS:
        return _of_weekday(scenario, counted, opened, wanted)
    opened = [day for day in opened if day.whole] or opened
    if wanted == OVERDOSE:
        return _with_overdose(log, opened)
    visits = [_number(log, day) for day in opened]
    if wanted == BUSIEST:
        return opened[int(np.argmax(visits))]
    if wanted == QUIETEST:
        return opened[int(np.argmin(visits))]
    if wanted == TYPICAL:
        return opened[int(np.argmin(np.abs(np.array(visits) - np.median(visits))))]
    choices = ", ".join((TYPICAL, QUIETEST, BUSIEST, OVERDOSE, *DAYS))
    raise DayError(
        told(
            "there_is_no_day_choose_from_or",
            "there is no day '{wanted}'; choose from {choices}, or give a --date",
            wanted=wanted,
            choices=choices,
        )
    )


def visits_on(scenario: Scenario, log: Played, day: Day) -> Visits:
    """How many come on a day, beside the mean of the days on which the site opens.

    The mean is of whole days after the warm-up, if there are any.
    """
    days = [one for one in days_of(scenario, log) if _opens(scenario, one)]
    counted = [one for one in days if one.whole and one.midnight >= scenario.horizon.counted_from]
    numbers = [_number(log, one) for one in counted or days]
    return Visits(_number(log, day), float(np.mean(numbers)))


def _number(log: Played, day: Day) -> int:
    return int(_within(_came(log), day).sum())


def _within(times: Floats, day: Day) -> Bools:
    return (times >= day.start) & (times < day.end)


def _opens(scenario: Scenario, day: Day) -> bool:
    sites = scenario.open_facilities.values() if isinstance(scenario, City) else (scenario,)
    return any(
        opens < day.end and closes > day.start
        for site in sites
        for opens, closes in site_spans(site)
    )


def _what(scenario: Scenario) -> str:
    if isinstance(scenario, City):
        return told("the_city", "the city")
    return told("the_site", "the site")


def _on_date(scenario: Scenario, days: Sequence[Day], on: date) -> Day:
    first, last = days[0].date, days[-1].date
    if not first <= on <= last:
        raise DayError(
            told(
                "is_not_in_the_horizon_which_is",
                "{on} is not in the horizon, which is {first} to {last}",
                on=on,
                first=first,
                last=last,
            )
        )
    day = days[(on - first) // timedelta(days=1)]
    if _opens(scenario, day):
        return day
    others = [other for other in days if _opens(scenario, other)]
    nearest = min(others, key=lambda other: abs(other.date - on), default=None)
    instead = (
        told(
            "the_nearest_day_on_which_it_does",
            "; the nearest day on which it does is {date}",
            date=nearest.date,
        )
        if nearest
        else ""
    )
    raise DayError(
        told(
            "does_not_open_on",
            "{what} does not open on {on}{instead}",
            what=_what(scenario),
            on=on,
            instead=instead,
        )
    )


def _of_weekday(
    scenario: Scenario, counted: Sequence[Day], opened: Sequence[Day], wanted: str
) -> Day:
    weekday = DAYS.index(wanted)
    mine = [day for day in opened if day.date.weekday() == weekday]
    if mine:
        return next((day for day in mine if day.whole), mine[0])
    if any(day.date.weekday() == weekday for day in counted):
        raise DayError(
            told(
                "does_not_open_on_any_weekday",
                "{what} does not open on any {wanted} of the horizon",
                what=_what(scenario),
                wanted=weekday_of(weekday),
            )
        )
    raise DayError(
        told(
            "the_horizon_to_has_no",
            "the horizon, {date} to {date_2}, has no {wanted}",
            date=counted[0].date,
            date_2=counted[-1].date,
            wanted=weekday_of(weekday),
        )
    )


def _with_overdose(log: Played, opened: Sequence[Day]) -> Day:
    onsets = _onsets(log)
    overdoses = [int(_within(onsets, day).sum()) for day in opened]
    if not any(overdoses):
        raise DayError(
            told(
                "no_overdose_begins_on_site_in_this",
                "no overdose begins on site in this replication; try another --replication",
            )
        )
    return opened[int(np.argmax(overdoses))]


def visits_that_come(log: Played, day: Day) -> int:
    """How many come on a day while the doors are open; of a city, needs for which one is."""
    if isinstance(log, CityLog):
        open_door = log.needs["outcome"] != NeedOutcome.CLOSED_EVERYWHERE
    else:
        open_door = log.visits["outcome"] != Outcome.CLOSED
    return int((_within(_came(log), day) & open_door).sum())


def overdoses_on_site(log: Played, day: Day) -> list[float]:
    """When the overdoses of a day began on site, in order; minutes."""
    onsets = _onsets(log)
    return [float(one) for one in onsets[_within(onsets, day)]]


def _onsets(log: Played) -> Floats:
    """Of overdoses on site, in order."""
    each = [one.responses["onset"][one.responses["where"] != Where.OFF_SITE] for one in _logs(log)]
    return np.sort(np.concatenate(each))
