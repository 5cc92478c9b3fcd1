"""Laws that every replication obeys, checked at its end: a broken one is a fault of the program.

They tie the two halves of a log together, the visits and the counts over time, which an engine
writes independently: conservation of visits, Little's law (integral of the number present = sum
of the times present, exact over a whole run), no more people in a room than places, no more work
than people at work.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from sim.log import Duty, Log, Outcome, series_names
from sim.scenario.scenario import Scenario

Floats = NDArray[np.float64]

_ROUNDING = 1e-9
"""Sums of the same times in another order differ by no more than this share."""


class LawError(AssertionError):
    """A replication broke a law; its figures are not to be trusted."""


def check_laws(scenario: Scenario, log: Log) -> None:
    """Check the laws on a log.

    Raises:
        LawError: names every law that is broken.
    """
    if broken := list(_broken(scenario, log)):
        raise LawError("the simulation broke its own laws: " + "; ".join(broken))


def _broken(scenario: Scenario, log: Log) -> Iterator[str]:
    counts = _Counts(scenario, log)
    yield from _conservation(log)
    yield from _littles_law(scenario, log, counts)
    yield from _places(scenario, counts)
    yield from _staff(scenario, log, counts)


class _Counts:
    """The series of the log over the instants at which any of them changes."""

    def __init__(self, scenario: Scenario, log: Log) -> None:
        changes = log.changes
        self._number = {name: index for index, name in enumerate(series_names(scenario))}
        order = np.argsort(changes["series"], kind="stable")
        self._time, self._value = changes["time"][order], changes["value"][order]
        self._bounds = np.searchsorted(changes["series"][order], np.arange(len(self._number) + 1))
        self._end = log.end

    def of(self, name: str) -> tuple[Floats, Floats]:
        """Times and values of a series."""
        number = self._number[name]
        mine = slice(self._bounds[number], self._bounds[number + 1])
        return self._time[mine], self._value[mine]

    def integral(self, *names: str) -> float:
        """Integral of the sum of series, to the end of the log."""
        total = 0.0
        for name in names:
            time, value = self.of(name)
            total += float(np.sum(value * np.diff(time, append=self._end)))
        return total

    def extremes(self, plus: list[str], minus: list[str]) -> tuple[float, float]:
        """Lowest and highest value of a sum of series less a sum of others."""
        times, steps = [], []
        for names, sign in ((plus, 1.0), (minus, -1.0)):
            for name in names:
                time, value = self.of(name)
                times.append(time)
                steps.append(sign * np.diff(value, prepend=0.0))
        time, step = np.concatenate(times), np.concatenate(steps)
        order = np.argsort(time, kind="stable")
        time, level = time[order], np.cumsum(step[order])
        # Within one instant counts change one after the other; the last is what holds.
        holds = np.append(np.diff(time) > 0, True)[: len(level)]
        held = level[holds] if len(level) else np.zeros(1)
        return float(min(0.0, held.min())), float(held.max())


def _differ(one: float, other: float) -> bool:
    return abs(one - other) > _ROUNDING * max(1.0, abs(one), abs(other))


def _conservation(log: Log) -> Iterator[str]:
    outcome = log.visits["outcome"]
    known = np.isin(outcome, [float(one) for one in Outcome])
    if not known.all():
        yield f"{(~known).sum()} visits without an outcome"
    inside = outcome == Outcome.INSIDE_AT_END
    if (np.isnan(log.visits["out"]) != inside).any():
        yield "visits that left and are inside, or the reverse"
    if np.isnan(log.visits["entered"][outcome == Outcome.SERVED]).any():
        yield "visits served without a place"


def _littles_law(scenario: Scenario, log: Log, counts: _Counts) -> Iterator[str]:
    visits = log.visits
    until = np.where(np.isnan(visits["out"]), log.end, visits["out"])
    if _differ(counts.integral("site:inside"), float(np.nansum(until - visits["let_in"]))):
        yield "Little's law for the people inside"
    waiting_ends = np.where(np.isnan(visits["entered"]), until, visits["entered"])
    queueing = float(np.nansum(waiting_ends - visits["joined"]))
    if _differ(counts.integral("site:waiting_place"), queueing):
        yield "Little's law for the queue for a place"
    left = np.where(np.isnan(visits["left"]), log.end, visits["left"])
    for number, room in enumerate(scenario.rooms):
        held = float(np.sum((left - visits["entered"])[visits["room"] == number]))
        if _differ(counts.integral(f"room:{room}:occupied", f"room:{room}:blocked"), held):
            yield f"Little's law for {room}"


def _places(scenario: Scenario, counts: _Counts) -> Iterator[str]:
    for name, room in scenario.rooms.items():
        taken = [f"room:{name}:{state}" for state in ("occupied", "blocked", "cleaning")]
        lowest, highest = counts.extremes(taken, [])
        if lowest < 0 or highest > room.places:
            yield f"{name} has {room.places} places, but {lowest:g} to {highest:g} were taken"


def _staff(scenario: Scenario, log: Log, counts: _Counts) -> Iterator[str]:
    for number, role in enumerate(scenario.staff.roles if scenario.staff else ()):
        duties = [f"role:{role}:{duty.name.lower()}" for duty in Duty]
        at_work = [f"role:{role}:on_duty", f"role:{role}:overtime"]
        if counts.extremes(duties, at_work)[1] > 0:
            yield f"more {role}s busy than at work"
        mine = log.people["role"] == number
        worked = sum(float(log.people[duty.name.lower()][mine].sum()) for duty in Duty)
        if _differ(counts.integral(*duties), worked):
            yield f"busy minutes of {role}s and of their tasks"
