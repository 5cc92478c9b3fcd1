"""The days of a log: when the site was open, by its file, and which hours the log covers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from sim.fit.reading.register import Bools, Floats
from sim.scenario.derived.calendar import Span, inside_spans, spans
from sim.scenario.model.hours import DAY, HOUR
from sim.scenario.model.scenario import Scenario

HOURS = DAY // HOUR
_SORTED, _AFTER, _FEWEST = 0.99, 0.9, 3
"""Of a file whose order tells to which day a night belongs: share of rows in order of date, share
of small hours that come after late ones, and dates that must have both."""
_HALF = DAY / 2
CHANGED_HOUR = 2
_CHANGES, _SUNDAY, _LAST_SUNDAY = {3: 0.0, 10: 2.0}, 6, 24
"""How often the hour from 2 is there, by month; weekday and least day of the last Sunday."""


@dataclass(frozen=True, eq=False)
class Calendar:
    """The opening hours over the days of a log."""

    start: date
    days: int
    spans: Sequence[Span]
    """Minutes after the first midnight."""
    open: Floats
    """(days, 24): share of each hour in which the site lets people in: until its last call."""
    dates: Sequence[date]
    """Of each day."""

    def weekdays(self) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
        """The weekday of each day, Monday 0."""
        return (self.start.weekday() + np.arange(self.days)) % 7

    def of_weeks(self, weeks: Sequence[int]) -> "Calendar":
        """Some whole weeks, from 0, one after the other; each day keeps its date."""
        days = np.concatenate([np.arange(7 * one, 7 * one + 7) for one in weeks])
        cut = [
            (max(begin, 7.0 * DAY * one) + apart, min(end, 7.0 * DAY * (one + 1)) + apart)
            for number, one in enumerate(weeks)
            for apart in (7.0 * DAY * (number - one),)
            for begin, end in self.spans
            if begin < 7 * DAY * (one + 1) and end > 7 * DAY * one
        ]
        return Calendar(
            self.start, len(days), cut, self.open[days], [self.dates[one] for one in days]
        )

    def inside(self, time: Floats) -> Bools:
        """Whether the site is open at some instants."""
        return inside_spans(self.spans, time)

    def next_opening(self, time: Floats) -> Floats:
        """The opening that comes next; infinite after the last one."""
        starts = np.array([start for start, _ in self.spans] + [np.inf])
        return starts[np.searchsorted(starts[:-1], time, side="left")]


def calendar_of(site: Scenario, start: date, days: int) -> Calendar:
    """The opening hours of a site over some days.

    Who comes after last call is sent away, and in no log: that time has no exposure.
    """
    last = site.opening.last_entry
    found = [(float(a), float(b)) for a, b in _spans(site, start, days)]
    minutes = np.zeros(days * DAY, dtype=np.bool_)
    for begin, end in found:
        until = end if end >= days * DAY else max(end - last, begin)
        minutes[int(begin) : int(until)] = True
    share = minutes.reshape(days, HOURS, HOUR).mean(axis=2)
    return Calendar(start, days, found, share, [start + timedelta(one) for one in range(days)])


def clock_changes(dates: Sequence[date]) -> list[tuple[int, float]]:
    """Days on which an hour is missing, or is there twice, and how often it is.

    Summer time begins on the last Sunday of March, and ends on that of October: from 2 to 3.
    """
    return [
        (number, _CHANGES[on.month])
        for number, on in enumerate(dates)
        if on.month in _CHANGES and on.weekday() == _SUNDAY and on.day > _LAST_SUNDAY
    ]


def _spans(site: Scenario, start: date, days: int) -> list[tuple[int, int]]:
    return list(spans(site.opening.hours, site.opening.dates, start, days))


def nights(day: Floats, clock: Floats, site: Scenario) -> Floats:
    """Minutes to add to rows whose small hours are written under the date of the day before.

    Where the site is closed at that time of the written date, and open a day later; or where the
    file, in order of date, has them after the late hours of the same date.

    Args:
        day: number of the day that is written; NaN where none is.
        clock: minutes after its midnight.
        site: whose opening hours tell.
    """
    known = ~np.isnan(day) & ~np.isnan(clock)
    moved = np.zeros(len(day))
    if not known.any():
        return moved
    first, last = int(np.min(day[known])), int(np.max(day[known]))
    open_at = _spans(site, date.fromordinal(first), last - first + 3)
    time = np.where(known, (day - first) * DAY + clock, 0.0)
    here, later = inside_spans(open_at, time), inside_spans(open_at, time + DAY)
    moved[known & ~here & later & (clock < _HALF)] = DAY
    after = _after_late_hours(np.where(known, day, -1), np.where(known, clock, np.nan))
    moved[after & known & later] = DAY
    return moved


def _after_late_hours(day: Floats, clock: Floats) -> Bools:
    """Small hours that stand after late hours of the same date, if that is the file's custom."""
    nobody = np.zeros(len(day), dtype=np.bool_)
    if len(day) < _FEWEST or np.mean(np.diff(day) >= 0) < _SORTED:
        return nobody
    late = np.maximum.accumulate(np.where(np.isnan(clock), -1.0, clock) + day * 2 * DAY)
    same = late >= day * 2 * DAY
    after = same & (late - day * 2 * DAY > clock + _HALF)
    small = clock < _HALF / 2
    both = np.unique(day[after])
    share = after[small & np.isin(day, both)]
    return after if len(both) >= _FEWEST and share.mean() >= _AFTER else nobody
