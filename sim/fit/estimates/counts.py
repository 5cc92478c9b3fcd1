"""Visits of a log hour by hour, and how long each hour was open and logged."""

from dataclasses import dataclass, replace

import numpy as np

from sim.fit.reading.calendar import CHANGED_HOUR, Calendar, clock_changes
from sim.fit.reading.register import Bools, Floats, Ints
from sim.scenario.model.hours import HOUR

_TWICE = 1.4
"""Times as many as in the hours beside it that come in an hour that is there twice."""


@dataclass(frozen=True, eq=False)
class Counted:
    """Visits hour by hour, and how long each hour was open and logged."""

    visits: Floats
    """(days, 24)"""
    exposure: Floats
    """(days, 24): hours."""
    weekday: Ints
    """Of each day, Monday 0."""

    @property
    def logged(self) -> Bools:
        """The days with any exposure."""
        found: Bools = self.exposure.sum(axis=1) > 0
        return found

    def days(self, which: Bools) -> "Counted":
        """Only some of the days."""
        return Counted(self.visits[which], self.exposure[which], self.weekday[which])


def counted(arrived: Floats, calendar: Calendar, logged: Bools) -> Counted:
    """The visits of a log by day and hour; only what has exposure counts.

    Args:
        arrived: of each visit, minutes after the first midnight.
        calendar: when the site was open.
        logged: (days, 24) or (days,): what the log covers.
    """
    exposure = calendar.open * (logged if logged.ndim > 1 else logged[:, np.newaxis])
    hour = np.floor_divide(arrived, HOUR).astype(np.int64)
    visits = np.bincount(hour, minlength=exposure.size)[: exposure.size].reshape(exposure.shape)
    return Counted(np.where(exposure > 0, visits, 0).astype(float), exposure, calendar.weekdays())


def with_clock_changes(data: Counted, calendar: Calendar) -> Counted:
    """Visits with the hour that summer time takes, and the one that is there twice.

    A log by a clock that nobody changes shows it: somebody comes in the hour that there is not, or
    no more in the other than in those beside it.
    """
    exposure = data.exposure.copy()
    for day, times in clock_changes(calendar.dates):
        before, seen, after = data.visits[day, CHANGED_HOUR - 1 : CHANGED_HOUR + 2]
        if seen == 0 if times == 0 else seen > _TWICE * (before + after) / 2:
            exposure[day, CHANGED_HOUR] *= times
    return replace(data, exposure=exposure)
