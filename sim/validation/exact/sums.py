"""Sums over one replication that no table has, for figures that are known exactly."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.log import Log, Outcome, series_names
from sim.measures.steps import Steps, Window, steps_from, window_of
from sim.scenario.calendar import site_spans
from sim.scenario.hours import DAY
from sim.scenario.scenario import Scenario
from sim.validation.readings import Floats

SAME = 1e-6
"""Minutes: durations closer than this are the same."""
MOST = 200
"""More people than are ever present at the sites without limit."""
PER_DAY = 2 * np.pi / DAY
"""Angular frequency of a day."""


def series(scenario: Scenario, log: Log, name: str) -> Steps:
    """One series of the change log."""
    mine = log.changes["series"] == series_names(scenario).index(name)
    return steps_from((log.changes["time"][mine], log.changes["value"][mine]))


@dataclass(frozen=True)
class WaitedAtMost:
    """Visits that got a place after at most so many minutes; and all that got one."""

    minutes: float

    def __call__(self, scenario: Scenario, log: Log) -> Floats:
        """The two numbers."""
        waited = log.visits["waited"][_counted(scenario, log) & (log.visits["room"] >= 0)]
        return _pair((waited <= self.minutes + SAME).sum(), len(waited))


def wait_of_those_who_wait(scenario: Scenario, log: Log) -> Floats:
    """Minutes waited; and the visits that waited at all."""
    waited = log.visits["waited"][_counted(scenario, log) & (log.visits["room"] >= 0)]
    return _pair(waited.sum(), (waited > SAME).sum())


def daily_mean_wait(scenario: Scenario, log: Log) -> Floats:
    """Mean waits of the days; and the days."""
    day = (log.visits["arrival"] // DAY).astype(np.int64)
    served = log.visits["outcome"] == Outcome.SERVED
    totals = np.bincount(day[served], weights=log.visits["waited"][served])
    return _pair((totals / np.bincount(day[served])).sum(), scenario.horizon.total_days)


@dataclass(frozen=True)
class MinutesOnSite:
    """Minutes from arrival to leaving, and the number, of the visits of one kind."""

    kind: str

    def __call__(self, scenario: Scenario, log: Log) -> Floats:
        """The two numbers."""
        gone = log.visits["outcome"] != Outcome.INSIDE_AT_END
        mine = _counted(scenario, log) & gone & _of_kind(scenario, log, self.kind)
        return _pair((log.visits["out"] - log.visits["arrival"])[mine].sum(), mine.sum())


def delayed_overdoses(scenario: Scenario, log: Log) -> Floats:
    """Overdoses whose team was not complete at once; and all."""
    counted = window_of(scenario).holds(log.responses["onset"])
    delay = (log.responses["team"] - log.responses["onset"])[counted]
    return _pair((delay > SAME).sum(), (~np.isnan(delay)).sum())


def minutes_with_number_present(scenario: Scenario, log: Log) -> Floats:
    """Minutes with 0, 1, 2 … people on site."""
    window = window_of(scenario)
    _, values, minutes = _pieces(series(scenario, log, "site:inside"), window)
    found = np.bincount(values.astype(np.int64), weights=minutes, minlength=MOST)
    return found.astype(np.float64)


@dataclass(frozen=True)
class ShareAtLeast:
    """The share of the time in which so many are present."""

    number: int

    def __call__(self, minutes: Floats) -> float:
        """From the minutes with 0, 1, 2 … present."""
        return float(minutes[self.number :].sum() / minutes.sum())


@dataclass(frozen=True)
class NumberQuantile:
    """The lowest number that is not exceeded for this share of the time."""

    probability: float

    def __call__(self, minutes: Floats) -> float:
        """From the minutes with 0, 1, 2 … present."""
        return float(np.searchsorted(np.cumsum(minutes) / minutes.sum(), self.probability))


def daily_swing(scenario: Scenario, log: Log) -> Floats:
    """Number present and arrivals as waves of one day: (∫N cos, ∫N sin, Σcos, Σsin, minutes)."""
    window = window_of(scenario)
    begins, values, minutes = _pieces(series(scenario, log, "site:inside"), window)
    ends = begins + minutes
    cosine = (np.sin(PER_DAY * ends) - np.sin(PER_DAY * begins)) / PER_DAY
    sine = (np.cos(PER_DAY * begins) - np.cos(PER_DAY * ends)) / PER_DAY
    angle = PER_DAY * log.visits["arrival"][_counted(scenario, log)]
    return np.array(
        (
            (values * cosine).sum(),
            (values * sine).sum(),
            np.cos(angle).sum(),
            np.sin(angle).sum(),
            window.end - window.start,
        )
    )


def amplitude(swing: Floats) -> float:
    """How far the number present swings about its mean."""
    return float(2 * np.hypot(swing[0], swing[1]) / swing[4])


def minutes_behind(swing: Floats) -> float:
    """How long after the arrivals the number present swings."""
    present, arrivals = np.arctan2(-swing[0], swing[1]), np.arctan2(-swing[2], swing[3])
    return float((present - arrivals) / PER_DAY)


@dataclass(frozen=True)
class PresentAt:
    """People on site at a minute of the day, added over the days; and the days."""

    minute: float

    def __call__(self, scenario: Scenario, log: Log) -> Floats:
        """The two numbers."""
        days = np.arange(scenario.horizon.total_days, dtype=np.float64)
        present = series(scenario, log, "site:inside").at(self.minute + days * DAY)
        return _pair(present.sum(), len(days))


@dataclass(frozen=True)
class EmptyAfter:
    """Closings at which nobody is left so many minutes later; and all closings."""

    minutes: float

    def __call__(self, scenario: Scenario, log: Log) -> Floats:
        """The two numbers."""
        closings = np.array([closes for _, closes in site_spans(scenario)], dtype=np.float64)
        left = series(scenario, log, "site:inside").at(closings + self.minutes)
        return _pair((left == 0).sum(), len(closings))


@dataclass(frozen=True)
class OfVisit:
    """A time or duration of one visit of a trace; `minus` is another of its columns."""

    visit: int
    column: str
    minus: str = ""

    def __call__(self, scenario: Scenario, log: Log) -> Floats:
        """The value over 1."""
        del scenario
        value = log.visits[self.column][self.visit]
        return _pair(value - (log.visits[self.minus][self.visit] if self.minus else 0.0), 1)


@dataclass(frozen=True)
class EndOfService:
    """When the only service of one visit of a trace ends."""

    visit: int

    def __call__(self, scenario: Scenario, log: Log) -> Floats:
        """The value over 1."""
        del scenario
        return _pair(log.service_end[0, self.visit], 1)


@dataclass(frozen=True)
class EndOfResponse:
    """When the response to one overdose of a trace ends."""

    number: int

    def __call__(self, scenario: Scenario, log: Log) -> Floats:
        """The value over 1."""
        del scenario
        return _pair(log.responses["end"][self.number], 1)


@dataclass(frozen=True)
class Overtime:
    """Minutes that one person of a trace works after the shift."""

    person: int

    def __call__(self, scenario: Scenario, log: Log) -> Floats:
        """The value over 1."""
        del scenario
        return _pair(log.people["left"][self.person] - log.people["end"][self.person], 1)


@dataclass(frozen=True)
class Ended:
    """How many visits end with an outcome."""

    outcome: Outcome

    def __call__(self, scenario: Scenario, log: Log) -> Floats:
        """The value over 1."""
        del scenario
        return _pair((log.visits["outcome"] == self.outcome).sum(), 1)


def last_out(scenario: Scenario, log: Log) -> Floats:
    """When the last of those who had come in leaves."""
    del scenario
    return _pair(np.nanmax(log.visits["left"]), 1)


def _counted(scenario: Scenario, log: Log) -> NDArray[np.bool_]:
    return window_of(scenario).holds(log.visits["arrival"])


def _of_kind(scenario: Scenario, log: Log, kind: str) -> NDArray[np.bool_]:
    mine: NDArray[np.bool_] = np.equal(log.visits["kind"], list(scenario.visits).index(kind))
    return mine


def _pieces(steps: Steps, window: Window) -> tuple[Floats, Floats, Floats]:
    """The window cut where a quantity changes: begin, value and length of each piece."""
    within = steps.times[(steps.times > window.start) & (steps.times < window.end)]
    cuts = np.concatenate(([window.start], within, [window.end]))
    return cuts[:-1], steps.at(cuts[:-1]), np.diff(cuts)


def _pair(one: float, other: float) -> Floats:
    return np.array((one, other), dtype=np.float64)
