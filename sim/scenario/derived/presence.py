"""How many are there: flows of people who stay for a while, and never have to wait.

The mean number there is m(t) = integral over u of rate(t - u) P(duration > u), the mean of an
infinite-server queue (Eick, Massey & Whitt 1993, Operations Research 41). Its integrals are exact
for the equally likely durations that stand for a distribution.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.scenario.derived.flow import Floats, Flow

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
    return found + _listed(flow, times, lambda age: (age >= 0).astype(np.float64))


def minutes_there(flow: Flow, stays: Durations, times: Floats) -> Floats:
    """Minutes that all have been there up to each instant; arguments as `number_there`."""
    drawn = np.isnan(flow.stay)
    found = _summed(*_changes(flow), times, stays.longest, stays.heaped)
    found += _summed(flow.people[drawn], flow.at[drawn], times, stays.longest, stays.spent)
    return found + _listed(flow, times, lambda age: np.maximum(age, 0.0))


def _changes(flow: Flow) -> tuple[Floats, Floats]:
    """By how much the rate changes, and when."""
    if not len(flow.rate):
        return np.empty(0), np.empty(0)
    return np.diff(np.concatenate([[0.0], flow.rate, [0.0]])), flow.edges


def _listed(flow: Flow, times: Floats, of: Callable[[Floats], Floats]) -> Floats:
    """Of those whose stays are listed: Σ of(time since they came) − of(time since they left)."""
    own = ~np.isnan(flow.stay)
    at, people = flow.at[own], flow.people[own]
    both, sign = np.concatenate([at, at + flow.stay[own]]), np.concatenate([people, -people])
    return _summed(sign, both, times, 0.0, of)
