"""What the visitors of a replication are expected to do: control variates whose mean is known.

A replication in which by chance more people come, or stay longer, also has longer waits. How many
come on average, and how long they would stay, is known from the scenario without simulating; so
what a replication has too much of both can be taken out of its figures.
"""

from dataclasses import dataclass

import numpy as np

from sim.measures.steps import window_of
from sim.scenario.derived.calendar import expected_visits
from sim.scenario.model.durations import Distribution, Empirical, Fixed
from sim.scenario.model.scenario import Scenario
from sim.scenario.model.site import TimeLimit
from sim.study.intervals import Floats
from sim.visitors import Visitors

CONTROLS = ("visits", "stay")
"""Visits that arrive within the counted time; and minutes that they would stay in the room they
prefer. Of each what is more than expected: their means are 0."""


@dataclass(frozen=True)
class Expected:
    """What is to be expected of the visitors of a replication."""

    counted_from: float
    """Minute from which arrivals count."""
    visits: float
    """Mean number of visits counted; NaN when visits are listed and not drawn."""
    rooms: tuple[int, ...]
    """By visit kind, the room it prefers; -1 for none."""
    stays: tuple[float, ...]
    """By visit kind, the mean stay there after the room's time limit, minutes; 0 without room."""

    def deviations(self, visitors: Visitors) -> Floats:
        """What is more than expected, one number for each of CONTROLS."""
        if np.isnan(self.visits):
            return np.zeros(len(CONTROLS))
        counted = np.flatnonzero(visitors.arrival >= self.counted_from)
        kind = visitors.kind[counted]
        room = np.array(self.rooms)[kind]
        stays = room >= 0
        longer = visitors.stay[room[stays], counted[stays]] - np.array(self.stays)[kind[stays]]
        return np.array([len(counted) - self.visits, longer.sum()])


def expected(scenario: Scenario) -> Expected:
    """What is to be expected of the visitors of any replication of a scenario."""
    names = {name: number for number, name in enumerate(scenario.rooms)}
    first = [kind.rooms[0] if kind.rooms else None for kind in scenario.visits.values()]
    kinds = zip(scenario.visits.values(), first, strict=True)
    return Expected(
        counted_from=window_of(scenario).start,
        visits=expected_visits(scenario),
        rooms=tuple(-1 if room is None else names[room] for room in first),
        stays=tuple(
            0.0
            if room is None or kind.stay is None
            else mean_stay(kind.stay, scenario.rooms[room].time_limit)
            for kind, room in kinds
        ),
    )


def mean_stay(stay: Distribution, limit: TimeLimit | None) -> float:
    """Mean minutes of a stay that a room's time limit may cut.

    The mean of the shorter of two independent durations is the integral of the product of their
    survival functions: of the stay with those who comply up to the limit, of the stay and the
    limit plus overrun of the others.

    Args:
        stay: before any limit.
        limit: of the room.
    """
    if limit is None:
        return stay.mean()
    kept = _integral(stay, None, limit.limit)
    if limit.comply == 1 or limit.overrun is None:
        return kept
    beyond = _integral(stay, limit.overrun, limit.limit)
    return kept + (1 - limit.comply) * beyond


def _integral(stay: Distribution, overrun: Distribution | None, limit: float) -> float:
    """Mean minutes of a stay before a limit; or, with an overrun, beyond the limit.

    Gauss-Legendre quadrature between quantiles and wherever a survival function jumps.
    """
    cuts = _cuts(stay)
    if overrun is None:
        start, end = 0.0, min(limit, float(cuts[-1]))
    else:
        start, end = limit, max(limit, float(cuts[-1]))
        cuts = np.concatenate([cuts, limit + _cuts(overrun)])
    edges = np.unique(np.clip(np.append(cuts, (start, end)), start, end))
    nodes, weights = np.polynomial.legendre.leggauss(20)
    half = np.diff(edges)[:, np.newaxis] / 2
    minutes = edges[:-1, np.newaxis] + half * (1 + nodes)
    longer = _survival(stay, minutes)
    if overrun is not None:
        longer = longer * _survival(overrun, minutes - limit)
    return float((half * weights * longer).sum())


def _cuts(duration: Distribution) -> Floats:
    """Minutes between which the survival function is smooth, increasing."""
    if isinstance(duration, Empirical):
        return np.unique(duration.values)
    tails = np.array([1e-12, 1e-9, 1e-6, 1e-4, 1e-3, 0.01, 0.05, 0.1, 0.25])
    return duration.quantile(np.concatenate([[0.0], tails, [0.5], 1 - tails[::-1]]))


def _survival(duration: Distribution, minutes: Floats) -> Floats:
    """Chance of being longer than each of these."""
    if isinstance(duration, Fixed):
        return (duration.value > minutes).astype(np.float64)
    if isinstance(duration, Empirical):
        order = np.argsort(duration.values)
        weights = np.ones(len(order)) if duration.weights is None else np.array(duration.weights)
        upto = np.concatenate([[0.0], np.cumsum(weights[order])])
        found = np.searchsorted(np.array(duration.values)[order], minutes, side="right")
        shorter: Floats = upto[found] / upto[-1]
        return 1 - shorter
    longer = duration.longer(np.maximum(minutes - duration.plus, 0.0))
    return longer if duration.at_most is None else longer * (minutes < duration.at_most)
