"""Waiting lines that can be worked out: Erlang B, C and A, hour by hour with the modified load.

These say which designs are worth playing for the picture of cost against waits; no design is ever
left out on their account. The one thing that leaves designs out without playing them is a proof:
places cannot give more minutes than they have.

Erlang A (Palm 1957; Garnett, Mandelbaum & Reiman 2002, M&SOM 4): Poisson arrivals, exponential
stays and patience, c places. Where demand varies, the arrival rate of an hour is the offered load
divided by the mean stay (modified offered load; Jennings, Mandelbaum, Massey & Whitt 1996,
Management Science 42).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from sim.scenario.derived.offered import SetLoad
from sim.scenario.model.scenario import Scenario

_MOST_WAITING = 2000
_LONG_PATIENCE = 600.0
"""Minutes that stand for not leaving at all."""
_SMALL = 1e-12


def erlang_b(load: float, places: int) -> float:
    """Share blocked of arrivals that do not wait: offered load in places, 0 or more."""
    blocked = 1.0
    for number in range(1, places + 1):
        blocked = load * blocked / (number + load * blocked)
    return blocked


def erlang_c(load: float, places: int) -> float:
    """Share that waits where all wait; 1 from a load of as many as there are places on."""
    if load >= places:
        return 1.0
    blocked = erlang_b(load, places)
    use = load / places
    return blocked / (1 - use * (1 - blocked))


@dataclass(frozen=True)
class Line:
    """A line in balance."""

    waiting: float
    """Share of arrivals that find all places taken."""
    lost: float
    """Share that leaves before their turn."""
    mean_queue: float
    """People waiting, mean."""


def erlang_a(load: float, places: int, patience: float) -> Line:
    """Places, exponential stays of mean 1 and exponential patience.

    Args:
        load: arrivals per mean stay.
        places: how many; 0 is legal.
        patience: mean, in mean stays; above 0.
    """
    if load <= 0:
        return Line(0.0, 0.0, 0.0)
    number = np.arange(1, places + _MOST_WAITING)
    leave = np.minimum(number, places) + np.maximum(number - places, 0) / patience
    logs = np.concatenate(([0.0], np.cumsum(np.log(load) - np.log(leave))))
    weights = np.exp(logs - logs.max())
    chance = weights / weights.sum()
    queue = np.maximum(np.arange(len(chance)) - places, 0)
    mean = float((chance * queue).sum())
    return Line(float(chance[places:].sum()), mean / patience / load, mean)


def lost_share(sets: Sequence[SetLoad], places: Mapping[str, int]) -> float:
    """Share of the visits that would leave, by Erlang A for each set of rooms; the worst set's.

    The rooms of a set are taken for one, whose places serve whoever comes.

    Args:
        sets: the load on each set of rooms.
        places: of each room.
    """
    return max((_lost_of(one, sum(places[room] for room in one.rooms)) for one in sets), default=0)


@lru_cache(maxsize=1024)
def _lost_of(one: SetLoad, places: int) -> float:
    """Of all visits, those that a set of rooms would lose."""
    patience = min(one.patience, _LONG_PATIENCE) / max(one.stay, _SMALL)
    levels, counts = np.unique(np.round(one.load, 1), return_counts=True)
    lost = sum(
        count * load * erlang_a(load, places, patience).lost
        for load, count in zip(levels.tolist(), counts.tolist(), strict=True)
    )
    of_these = lost / max(float(one.load.sum()), _SMALL)
    return float(of_these * one.visits / max(one.all_visits, _SMALL))


def least_unserved(scenario: Scenario, sets: Sequence[SetLoad], places: Mapping[str, int]) -> float:
    """Share of the visits that must stay unserved, whatever the order of the queue: a proof.

    Who enters a place does so before it is known how long they stay, so that the minutes in use
    are (visits served) × (mean stay) on average (Wald), and they cannot exceed the minutes for
    which places are open by more than a last, longest stay of each place at each closing.

    Args:
        scenario: the site; without proof, 0, where stays may be cut at closing, where there are
            days with fewer visits than usual, or where visits are listed.
        sets: the load on each set of rooms.
        places: of each room.
    """
    demand, opening = scenario.demand, scenario.opening
    fewer = any(one.visits < 1 for one in demand.special_days)
    if demand.arrivals is not None or fewer or opening.dates or opening.at_close == "stop":
        return 0.0
    closings = sum(len(intervals) for intervals in opening.hours.week)
    least = 0.0
    for one in sets:
        have = sum(places[room] for room in one.rooms)
        minutes = have * (opening.hours.minutes_per_week() + closings * one.longest)
        served = minutes / max(one.shortest, _SMALL)
        least = max(least, (one.visits - served) / max(one.all_visits, _SMALL))
    return least
