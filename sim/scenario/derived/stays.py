"""How long a visit takes a place: the stay, the room's time limit, staff's tasks, the cleaning.

With tasks during the stay, if nobody ever has to wait for staff, by the very rules of the model:
one task at a time, those that are due first; a stay that runs on ends at its time, a task then in
hand being finished; one that waits stands still meanwhile and does not end before the last of these
tasks is done.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from math import sqrt

import numpy as np

from sim.scenario.derived.calendar import Bools, Floats, Integers
from sim.scenario.model.durations import Distribution
from sim.scenario.model.scenario import Scenario
from sim.scenario.model.site import StayTask
from sim.scenario.model.visits import VisitKind

PARTS = 64
"""Parts that stand for a visit whose stay is listed."""
_STRATA = 10_000
"""Durations that stand for a distribution, at evenly spaced probabilities."""


# --- how long a place is taken ------------------------------------------------------------------


def stay_minutes(scenario: Scenario, kind: VisitKind, name: str | None = None) -> Floats:
    """Minutes in a place, with the tasks of staff during them, as equally likely values.

    Arguments as `own_minutes`.
    """
    return attended(scenario, kind, own_minutes(scenario, kind, name)).minutes


def own_minutes(scenario: Scenario, kind: VisitKind, name: str | None = None) -> Floats:
    """Minutes of a stay, after the room's time limit, as equally likely values; without tasks.

    Args:
        scenario: the site.
        kind: of visit, one with rooms.
        name: the room; without it, the first choice.
    """
    assert kind.stay is not None  # a kind with rooms has one
    return _limited(
        scenario, kind.rooms[0] if name is None else name, kind.stay.equally_likely(_STRATA)
    )


def _limited(scenario: Scenario, room: str, minutes: Floats) -> Floats:
    """Equally likely stays in increasing order, as a room's time limit leaves them."""
    limit = scenario.rooms[room].time_limit
    if limit is None:
        return minutes
    number = np.arange(len(minutes), dtype=np.float64)
    # Multiples of irrational numbers spread evenly against each other.
    complies = (number * 0.6180339887498949) % 1 < limit.comply
    beyond: float | Floats = 0.0
    if limit.overrun is not None:
        beyond = limit.overrun.quantile((number * 0.7548776662466927) % 1)
    return np.minimum(minutes, np.where(complies, limit.limit, limit.limit + beyond))


def _cleaning(scenario: Scenario, room: str, number: int) -> Floats:
    """So many equally likely minutes of cleaning after a stay, in an order without meaning."""
    cleaning = scenario.rooms[room].cleaning
    if cleaning is None:
        return np.zeros(number)
    spread: Floats = (np.arange(number, dtype=np.float64) * 0.4142135623730950) % 1
    return cleaning.duration.quantile(spread)


def occupancy(scenario: Scenario, kind: VisitKind, room: str) -> Floats:
    """Minutes for which a visit takes a place of a room, cleaning included."""
    return stay_minutes(scenario, kind, room) + _cleaning(scenario, room, _STRATA)


def occupancy_if(scenario: Scenario, kind: VisitKind, room: str, stay: float) -> Floats:
    """The same if it is known how long the stay would be, as so many parts as `PARTS`."""
    limited = _limited(scenario, room, np.full(PARTS, stay))
    return attended(scenario, kind, limited).minutes + _cleaning(scenario, room, PARTS)


# --- with the tasks of staff ---------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Attended:
    """Equally likely stays."""

    minutes: Floats
    """How long each takes."""
    begun: dict[str, Floats]
    """By task: minutes from the beginning of a stay to each beginning of the task, all stays
    together."""
    done: dict[str, Floats]
    """The same to its ends."""


def attended(scenario: Scenario, kind: VisitKind, stays: Floats) -> Attended:
    """Stays of a kind of visit, with their tasks.

    Args:
        scenario: the site.
        kind: of visit.
        stays: equally likely minutes that the stays would take without tasks.
    """
    names = [name for name in scenario.stay_tasks if kind.stay_tasks.get(name, 0.0) > 0]
    if not names:
        return Attended(stays, {}, {})
    found = _Stays(
        [scenario.stay_tasks[name] for name in names],
        np.array([kind.stay_tasks[name] for name in names]),
        stays,
    )
    begun: dict[str, list[Floats]] = {name: [] for name in names}
    done: dict[str, list[Floats]] = {name: [] for name in names}
    for task, asked, ended in found.play():
        for number, name in enumerate(names):
            begun[name].append(asked[task == number])
            done[name].append(ended[task == number])
    return Attended(
        found.over,
        {name: np.concatenate([np.empty(0), *each]) for name, each in begun.items()},
        {name: np.concatenate([np.empty(0), *each]) for name, each in done.items()},
    )


def tasks_a_stay(scenario: Scenario, kind: VisitKind, stays: Floats) -> dict[str, float]:
    """How often each task comes in a stay, on average; arguments as `attended`."""
    begun = attended(scenario, kind, stays).begun
    return {name: len(each) / len(stays) for name, each in begun.items()}


class _Stays:
    """Stays that go on together, from task to task; minutes from the beginning of each."""

    def __init__(self, tasks: list[StayTask], shares: Floats, stays: Floats) -> None:
        self._tasks, self._number = tasks, np.arange(len(stays), dtype=np.float64) + 0.5
        # Multiples of irrational numbers spread evenly; those of 2 and 5 are taken elsewhere.
        self._irrational = (sqrt(n) for n in count(7) if all(n % m for m in range(2, n)))
        self._waits = np.array([task.stay == "waits" for task in tasks])[:, np.newaxis]
        self._ends, self.over = stays.copy(), stays.copy()
        self._now = np.zeros(len(stays))
        every = np.arange(len(stays))
        self._times = np.zeros((len(tasks), len(stays)), dtype=np.int64)
        self._due = np.full((len(tasks), len(stays)), np.inf)
        for task, share in enumerate(shares):
            mine = every[self._spread()[every] < share]
            self._due[task, mine] = self._minutes(tasks[task].after, mine)

    def play(self) -> Iterator[tuple[Integers, Floats, Floats]]:
        """Of each round of tasks, one for every stay that has one: which, its begin and its end."""
        while True:
            comes = (np.maximum(self._due, self._now) < self._ends) | self._waits
            due = np.where(comes & np.isfinite(self._due), self._due, np.inf)
            mine = np.flatnonzero(np.isfinite(due.min(axis=0)))
            if not len(mine):
                return
            task = due[:, mine].argmin(axis=0)
            asked = np.maximum(due[task, mine], self._now[mine])
            ended = asked.copy()
            for number, one in enumerate(self._tasks):
                its = task == number
                ended[its] += self._minutes(one.duration, mine[its])
            self._after(mine, task, asked, ended)
            yield task, asked, ended

    def _after(self, mine: Integers, task: Integers, asked: Floats, ended: Floats) -> None:
        """What follows a round: what stood still is later, and some tasks come again."""
        stood = np.where(self._waits[task, 0], ended - asked, 0.0)
        self._ends[mine] += np.where(self._ends[mine] > asked, stood, 0.0)
        self._due[:, mine] += np.where(self._due[:, mine] > asked, stood, 0.0)
        self._now[mine] = ended
        self.over[mine] = np.maximum(self._ends[mine], ended)
        self._times[task, mine] += 1
        for number, one in enumerate(self._tasks):
            its, of = mine[task == number], ended[task == number]
            self._due[number, its] = np.inf
            if one.again is not None:
                again = self._comes_again(number, its)
                wait = self._minutes(one.again.after, its[again])
                self._due[number, its[again]] = of[again] + wait

    def _comes_again(self, number: int, its: Integers) -> Bools:
        again = self._tasks[number].again
        assert again is not None  # the caller has looked
        comes: Bools = (self._spread()[its] < again.share) & (
            self._times[number, its] <= again.at_most
        )
        return comes

    def _minutes(self, of: Distribution, rows: Integers) -> Floats:
        return of.quantile(self._spread()[rows])

    def _spread(self) -> Floats:
        """Numbers in [0, 1) of their own for every stay."""
        return np.modf(self._number * next(self._irrational))[0]
