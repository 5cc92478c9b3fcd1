"""What is seen of a site that is played, by the hour of the day."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields
from functools import reduce
from math import ceil, nan

import numpy as np
from numpy.typing import NDArray

from sim.log import Outcome
from sim.measures import hour_rows
from sim.scenario import Scenario
from sim.scenario.derived.calendar import expected_visits
from sim.scenario.model.hours import DAY
from sim.validation.trials import Replication

Floats = NDArray[np.float64]
HOURS, HOUR = 24, 60
_BUSY = 3
"""Hours of the busiest part of a day."""
_STEPS_A_MINUTE, _LONGEST = 4, 240
"""Waits are counted by quarters of a minute."""
_LONG = 5
"""Minutes that are called long."""
SEED = 1
TAKEN = ("places_occupied", "places_blocked", "places_cleaning")


@dataclass(frozen=True, eq=False)
class Seen:
    """Sums over replications; the rooms together stand first."""

    taken: Floats
    """(rooms, hours): place-minutes occupied, blocked or being cleaned."""
    open: Floats
    """(rooms, hours): open place-minutes."""
    full: Floats
    """(rooms, hours): minutes with every place taken."""
    is_open: Floats
    """(rooms, hours): minutes open."""
    waits: Floats
    """(hours, steps): those let in, by the hour in which they came and how long they waited."""
    visits: Floats
    """Who came, and who was served."""

    def __add__(self, other: "Seen") -> "Seen":
        """Both together."""
        names = (one.name for one in fields(self))
        return Seen(*(getattr(self, name) + getattr(other, name) for name in names))

    @property
    def served(self) -> float:
        """Visits that were served."""
        return float(self.visits[1])

    @property
    def unserved(self) -> float:
        """Share of visits that were not."""
        return 1 - float(self.visits[1] / self.visits[0])

    @property
    def busiest(self) -> list[int]:
        """The three hours in a row in which most places are in use."""
        use = np.divide(self.taken[0], self.open[0], out=np.zeros(HOURS), where=self.open[0] > 0)
        whole = self.open[0] >= 0.5 * self.open[0].max()
        runs = [[(first + n) % HOURS for n in range(_BUSY)] for first in range(HOURS)]
        return max(runs, key=lambda run: use[run].sum() if whole[run].all() else -1.0)

    def use(self, room: int = 0) -> float:
        """Share of open place-minutes that are in use."""
        return _share(self.taken[room], self.open[room])

    def use_busiest(self, room: int = 0) -> float:
        """The same in the busiest hours."""
        return _share(self.taken[room, self.busiest], self.open[room, self.busiest])

    def all_taken(self, room: int = 0) -> float:
        """Share of open time with every place taken."""
        return _share(self.full[room], self.is_open[room])

    @property
    def over_5_busiest(self) -> float:
        """Share of those let in who came in the busiest hours that waited long."""
        waits = self.waits[self.busiest].sum(axis=0)
        return _share(waits[_LONG * _STEPS_A_MINUTE + 1 :], waits)

    @property
    def p90_busiest(self) -> float:
        """Minutes within which nine in ten of them were let in."""
        waits = self.waits[self.busiest].sum(axis=0)
        if not waits.sum():
            return nan
        step = int(np.searchsorted(np.cumsum(waits), 0.9 * waits.sum()))
        return step / _STEPS_A_MINUTE


def _share(part: Floats, whole: Floats) -> float:
    total = float(whole.sum())
    return float(part.sum()) / total if total else nan


def seen_in(one: Replication) -> Seen:
    """What is seen of one replication."""
    scenario = one.scenario
    rows = {(row.metric, row.by): at for at, row in enumerate(hour_rows(scenario))}
    tally, parts = one.tally, ("all", *(f"room:{room}" for room in scenario.rooms))

    def by_clock(table: Floats, metric: str) -> Floats:
        lines = [table[rows[metric, part]].reshape(-1, HOURS).sum(axis=0) for part in parts]
        return np.array(lines)

    top, bottom = tally.hour_numerator, tally.hour_denominator
    taken = sum((by_clock(top, metric) for metric in TAKEN), np.zeros((len(parts), HOURS)))
    inside = one.got_place
    hour = (one.arrival[inside] % DAY // HOUR).astype(np.int64)
    step = np.ceil(np.clip(one.log.visits["waited"][inside], 0, _LONGEST) * _STEPS_A_MINUTE)
    waits = np.zeros((HOURS, _LONGEST * _STEPS_A_MINUTE + 1))
    np.add.at(waits, (hour, step.astype(np.int64)), 1)
    return Seen(
        taken=taken,
        open=by_clock(bottom, TAKEN[0]),
        full=by_clock(top, "places_full"),
        is_open=by_clock(bottom, "places_full"),
        waits=waits,
        visits=visits_of(one),
    )


def visits_of(one: Replication) -> Floats:
    """Of one replication, who came, and who was served."""
    served = np.isin(one.log.visits["outcome"], (Outcome.SERVED, Outcome.SERVICE_ONLY))
    counted = one.counted
    return np.array([counted.sum(), (counted & served).sum()], dtype=np.float64)


def play(scenario: Scenario, visits: float, workers: int) -> Seen:
    """Play a scenario until about so many visits have come.

    Args:
        scenario: how many come is known.
        visits: at least so many, in whole replications, of which there are at least two.
        workers: how many threads share the replications.
    """
    number = max(2, ceil(visits / max(expected_visits(scenario), 1.0)))
    with ThreadPoolExecutor(workers) as pool:
        found = pool.map(lambda n: seen_in(Replication(scenario, SEED, n)), range(number))
        return reduce(Seen.__add__, found)
