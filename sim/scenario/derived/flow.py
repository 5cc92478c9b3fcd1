"""Flows of people over time: who comes, and how many are there if they never have to wait.

Expected numbers: so many a minute, and some at one instant, such as a crowd at the opening. The
mean number of those who stay for a while is m(t) = integral over u of rate(t - u) P(duration > u),
the mean of an infinite-server queue (Eick, Massey & Whitt 1993, Operations Research 41). Its
integrals are exact for the equally likely durations that stand for a distribution.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from sim.scenario.derived.appointments import appointments, expected_to_come
from sim.scenario.derived.calendar import Floats, Integers, first_openings, rates_of
from sim.scenario.model.demand import Arrival
from sim.scenario.model.hours import DAY, HOUR
from sim.scenario.model.scenario import Scenario

_ROUNDING = 1e-9


def _nothing() -> Floats:
    return np.empty(0)


@dataclass(frozen=True, eq=False)
class Flow:
    """A mean number of people over time: some a minute, and some at one instant."""

    edges: Floats
    """Minutes after the first midnight between which the rate is the same, increasing."""
    rate: Floats
    """People a minute, one number less than edges."""
    at: Floats = field(default_factory=_nothing)
    """Instants at which some come at once."""
    people: Floats = field(default_factory=_nothing)
    """How many each time."""
    stay: Floats = field(default_factory=_nothing)
    """Minutes that each of these was listed to stay; NaN where that is left to chance."""

    def __mul__(self, share: float) -> "Flow":
        return Flow(self.edges, self.rate * share, self.at, self.people * share, self.stay)

    def total(self, since: float = -np.inf, until: float = np.inf) -> float:
        """People within a stretch of time."""
        edges = np.clip(self.edges, since, until)
        here = (self.at >= since) & (self.at < until)
        return float((np.diff(edges) * self.rate).sum() + self.people[here].sum())

    def moment(self) -> float:
        """The sum of everybody's instants."""
        spread = float((np.diff(self.edges**2) / 2 * self.rate).sum())
        return spread + float((self.at * self.people).sum())

    def counts(self, edges: Floats) -> Floats:
        """People between each of some instants, increasing, and the next."""
        upto = np.concatenate([[0.0], np.cumsum(np.diff(self.edges) * self.rate)])
        spread = np.diff(np.interp(edges, self.edges, upto)) if len(self.rate) else 0.0
        together, _ = np.histogram(self.at, edges, weights=self.people)
        if len(edges):  # the last bin of a histogram holds its end too
            together[-1] -= self.people[self.at == edges[-1]].sum()
        found: Floats = spread + together
        return found

    @property
    def instants(self) -> tuple[Floats, Floats, Floats]:
        """Those who come at one instant: when, how many, and how long they stay."""
        return self.at, self.people, self.stay

    def later(self, minutes: float) -> "Flow":
        """The same people so much later."""
        return Flow(self.edges + minutes, self.rate, self.at + minutes, self.people, self.stay)

    def within(self, since: float, until: float) -> "Flow":
        """Those of a stretch of time."""
        edges = np.unique(np.clip(self.edges, since, until))
        here = (self.at >= since) & (self.at < until)
        return Flow(
            edges,
            self.rates(edges),
            self.at[here],
            self.people[here],
            self.stay[here],
        )

    def rates(self, edges: Floats) -> Floats:
        """People a minute between some instants within which the rate does not change."""
        if not len(self.rate):
            return np.zeros(max(0, len(edges) - 1))
        middle = (edges[:-1] + edges[1:]) / 2
        place = np.searchsorted(self.edges, middle, side="right") - 1
        known = (place >= 0) & (place < len(self.rate))
        return np.where(known, self.rate[np.clip(place, 0, len(self.rate) - 1)], 0.0)


NOBODY = Flow(np.zeros(1), _nothing())


def together(flows: Iterable[Flow]) -> Flow:
    """All of some flows."""
    found = [flow for flow in flows if len(flow.rate) or len(flow.at)]
    if len(found) <= 1:
        return found[0] if found else NOBODY
    edges = np.unique(np.concatenate([flow.edges for flow in found]))
    rate: Floats = np.sum([flow.rates(edges) for flow in found], axis=0)
    at, people, stay = (
        np.concatenate([getattr(flow, name) for flow in found]) for name in ("at", "people", "stay")
    )
    order = np.argsort(at, kind="stable")
    return Flow(edges, rate, at[order], people[order], stay[order])


Choice = Callable[[Floats], tuple[Integers, Floats]]
"""From instants to which way who comes then goes, and when they do so: NaN for at once."""


def parted(flow: Flow, changes: Iterable[float], choose: Choice, ways: int) -> list[Flow]:
    """Send everybody one of several ways, now or at a later instant.

    Args:
        flow: who comes.
        changes: instants at which what is chosen may change.
        choose: which way, from 0; who has none (-1) is left out.
        ways: how many there are.
    """
    if len(flow.rate):
        inside = np.fromiter(changes, dtype=np.float64)
        inside = inside[(inside > flow.edges[0]) & (inside < flow.edges[-1])]
        edges = np.unique(np.concatenate([flow.edges, inside]))
        rate = flow.rates(edges)
    else:
        edges, rate = flow.edges, flow.rate
    way, then = choose((edges[:-1] + edges[1:]) / 2)
    single, then_single = choose(flow.at)
    at_once, size = np.isnan(then), rate * np.diff(edges)
    found = []
    for number in range(ways):
        waits = (way == number) & ~at_once & (size > 0)
        mine = single == number
        at = np.where(np.isnan(then_single), flow.at, then_single)[mine]
        instants, where = np.unique(then[waits], return_inverse=True)
        gathered = np.bincount(where, size[waits], minlength=len(instants))
        at, people, stay = (
            np.concatenate(pair)
            for pair in (
                (instants, at),
                (gathered, flow.people[mine]),
                (np.full(len(instants), np.nan), flow.stay[mine]),
            )
        )
        order = np.argsort(at, kind="stable")
        direct = np.where((way == number) & at_once, rate, 0.0)
        found.append(_short(Flow(edges, direct, at[order], people[order], stay[order])))
    return found


def _short(flow: Flow) -> Flow:
    """The same flow with no more edges than it needs."""
    if not len(flow.rate):
        return flow
    padded = np.concatenate([[0.0], flow.rate, [0.0]])
    # Equal but for rounding is equal.
    larger = np.maximum(padded[1:], padded[:-1])
    kept = np.flatnonzero(np.abs(np.diff(padded)) > _ROUNDING * larger)
    if not len(kept):
        return Flow(np.zeros(1), _nothing(), flow.at, flow.people, flow.stay)
    return Flow(flow.edges[kept], flow.rate[kept[:-1]], flow.at, flow.people, flow.stay)


# --- who comes ----------------------------------------------------------------------------------


def arriving(scenario: Scenario) -> dict[str, Flow]:
    """Who comes, by kind of visit, over the horizon."""
    return _walking_in(scenario) | {
        kind: booked_flow(scenario, kind, at_time=False) for kind in appointments(scenario)
    }


def booked_flow(scenario: Scenario, kind: str, *, at_time: bool, delay: float = 0.0) -> Flow:
    """Those of a kind that comes by appointment.

    Args:
        scenario: the site.
        kind: of visit.
        at_time: not when they come, but when they are to be seen: at their time, or when they are
            there if they are late.
        delay: minutes after they came until they can be seen.
    """
    coming = expected_to_come(scenario, kind)
    at = coming.comes + delay
    if at_time and not appointments(scenario)[kind].seen_early:
        at = np.maximum(at, coming.time)
    order = np.argsort(at, kind="stable")
    unlisted = np.full(len(order), np.nan)
    return Flow(np.zeros(1), _nothing(), at[order], coming.people[order], unlisted)


def _walking_in(scenario: Scenario) -> dict[str, Flow]:
    if (listed := scenario.demand.arrivals) is not None:
        return {kind: _listed_arrivals(listed, kind) for kind in scenario.visits}
    rates = rates_of(scenario).per_hour / HOUR
    days, steps = rates.shape
    share, opens = scenario.demand.crowd_at_opening, first_openings(scenario)
    crowd = np.where(np.isnan(opens), 0.0, share)
    step = DAY / steps
    edges = np.arange(days * steps + 1) * step
    moved = rates.sum(axis=1) * step * crowd
    gather = np.flatnonzero(moved > 0)
    flow = _short(
        Flow(
            edges,
            (rates * (1 - crowd)[:, np.newaxis]).ravel(),
            opens[gather],
            moved[gather],
            np.full(len(gather), np.nan),
        )
    )
    return {name: flow * kind.share for name, kind in scenario.visits.items()}


def _listed_arrivals(arrivals: Sequence[Arrival], kind: str) -> Flow:
    mine = sorted(
        (one.at, np.nan if one.stay is None else one.stay) for one in arrivals if one.kind == kind
    )
    at, stay = np.array(mine, dtype=np.float64).reshape(-1, 2).T
    return Flow(np.zeros(1), _nothing(), at, np.ones(len(at)), stay)


# --- who is there -------------------------------------------------------------------------------


_BATCH = 1_000_000
"""Numbers that are worked on together: thirty years at once took gigabytes."""


@dataclass(frozen=True, eq=False)
class Durations:
    """Equally likely durations in minutes, and their integrals."""

    ordered: Floats
    sums: Floats
    squares: Floats

    @classmethod
    def of(cls, minutes: Floats) -> "Durations":
        """Of durations in any order."""
        ordered = np.sort(minutes)
        sums, squares = (np.concatenate([[0.0], np.cumsum(ordered**n)]) for n in (1, 2))
        return cls(ordered, sums, squares)

    @property
    def longest(self) -> float:
        """The longest, minutes."""
        return float(self.ordered[-1])

    @property
    def mean(self) -> float:
        """The mean, minutes."""
        return float(self.sums[-1]) / len(self.ordered)

    def present(self, age: Floats) -> Floats:
        """Chance of being there so many minutes after the start; 0 before it."""
        ended = np.searchsorted(self.ordered, age, side="right")
        return np.where(age >= 0, 1 - ended / len(self.ordered), 0.0)

    def spent(self, age: Floats) -> Floats:
        """Mean minutes spent until so many minutes after the start: E min(duration, age)."""
        capped = np.maximum(age, 0.0)
        ended = np.searchsorted(self.ordered, capped, side="right")
        lasting = len(self.ordered) - ended
        found: Floats = (self.sums[ended] + capped * lasting) / len(self.ordered)
        return found

    def heaped(self, age: Floats) -> Floats:
        """The integral of `spent` up to an age."""
        capped = np.maximum(age, 0.0)
        ended = np.searchsorted(self.ordered, capped, side="right")
        lasting = len(self.ordered) - ended
        over = capped * self.sums[ended] - self.squares[ended] / 2
        found: Floats = (over + capped**2 / 2 * lasting) / len(self.ordered)
        return found


def _summed(
    weights: Floats, at: Floats, times: Floats, longest: float, of: Callable[[Floats], Floats]
) -> Floats:
    """Σ weight x of(time − at) at each time, `of` being a straight line beyond the longest."""
    order = np.argsort(at, kind="stable")
    weights, at = weights[order], at[order]
    ages = np.array([longest, longest + 1.0])
    level, next_level = of(ages).tolist()
    slope = next_level - level
    before = np.searchsorted(at, times - longest, side="right")
    upto = np.searchsorted(at, times, side="right")
    total = np.concatenate([[0.0], np.cumsum(weights)])
    moment = np.concatenate([[0.0], np.cumsum(weights * at)])
    found: Floats = total[before] * (level + slope * (times - longest)) - slope * moment[before]
    number = upto - before
    for some in _in_batches(number):
        each, here = number[some], times[some]
        row = np.repeat(np.arange(len(here)), each)
        place = np.arange(each.sum()) - np.repeat(np.cumsum(each) - each, each) + before[some][row]
        near = weights[place] * of(here[row] - at[place])
        found[some] += np.bincount(row, near, minlength=len(here))
    return found


def _in_batches(number: NDArray[np.int64]) -> Iterator[slice]:
    """Runs of rows that have a bounded number of entries together, or a single row each."""
    upto = np.cumsum(number)
    first = 0
    while first < len(number):
        done = int(upto[first - 1]) if first else 0
        last = max(first + 1, int(np.searchsorted(upto, done + _BATCH, side="right")))
        yield slice(first, last)
        first = last


def number_there(flow: Flow, stays: Durations, times: Floats) -> Floats:
    """Mean number there at each instant.

    Args:
        flow: who comes; stays that are listed with it are as they are.
        stays: of all others.
        times: minutes, increasing.
    """
    drawn = np.isnan(flow.stay)
    found = _summed(*_changes(flow), times, stays.longest, stays.spent)
    found += _summed(flow.people[drawn], flow.at[drawn], times, stays.longest, stays.present)
    return found + _listed_stays(flow, times, lambda age: (age >= 0).astype(np.float64))


def minutes_there(flow: Flow, stays: Durations, times: Floats) -> Floats:
    """Minutes that all have been there up to each instant; arguments as `number_there`."""
    drawn = np.isnan(flow.stay)
    found = _summed(*_changes(flow), times, stays.longest, stays.heaped)
    found += _summed(flow.people[drawn], flow.at[drawn], times, stays.longest, stays.spent)
    return found + _listed_stays(flow, times, lambda age: np.maximum(age, 0.0))


def _changes(flow: Flow) -> tuple[Floats, Floats]:
    """By how much the rate changes, and when."""
    if not len(flow.rate):
        return np.empty(0), np.empty(0)
    return np.diff(np.concatenate([[0.0], flow.rate, [0.0]])), flow.edges


def _listed_stays(flow: Flow, times: Floats, of: Callable[[Floats], Floats]) -> Floats:
    """Of those whose stays are listed: Σ of(time since they came) − of(time since they left)."""
    own = ~np.isnan(flow.stay)
    at, people = flow.at[own], flow.people[own]
    both, sign = np.concatenate([at, at + flow.stay[own]]), np.concatenate([people, -people])
    return _summed(sign, both, times, 0.0, of)
