"""How unequally clients come, from how often each was seen.

As the scenario has them: so many people, whose visits are Poisson with lognormal means. Who never
came during the log is not in it: counts are those of 1 and more, and how many others there are
follows from the law alone.
"""

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from scipy import optimize, special

from sim.fit.reading.register import Floats, Register
from sim.study.estimate.intervals import LEVEL, Estimate

_FEWEST = 100
"""Clients below which their spread is not told."""
_CODED = 0.9
"""Share of visits that must have a code."""
_LEAST, _MOST = 0.1, 4.0
"""Spreads between which one can be told."""
_STEP, _BELOW, _ABOVE = 0.02, -16.0, 3.0
"""Of the logarithm of a client's mean visits, over which is added up."""
_BY = 1e-3
_Z = float(special.ndtri((1 + LEVEL) / 2))


class Clientele(NamedTuple):
    """The people behind the visits of a log."""

    sigma: Estimate
    number: Estimate
    """Of them, those included who did not come during the log."""
    seen: int


def drawn_anew(
    people: Clientele, visits: int, number: int, rng: np.random.Generator
) -> list[Clientele]:
    """So many times as many people drawn from a law, and the law fitted again (bootstrap).

    Args:
        people: the law.
        visits: that they made.
        number: how often.
        rng: of chance.
    """
    sigma, size = people.sigma.value, round(people.number.value)
    middle = math.log(visits / size) - sigma**2 / 2
    found = []
    for _ in range(number):
        counts = rng.poisson(np.exp(rng.normal(middle, sigma, size))).astype(np.float64)
        again = clientele(counts[counts > 0])
        found += [] if again is None else [again]
    return found


def clients_of(register: Register) -> Clientele | None:
    """The clients of a log; None if it has no codes, or too few to tell."""
    coded = register.client[register.client >= 0]
    if not len(coded) or len(coded) < _CODED * len(register):
        return None
    counts = np.bincount(coded)
    return clientele(counts[counts > 0].astype(np.float64))


def clientele(counts: Floats) -> Clientele | None:
    """The law behind how often each of those was seen who came at all.

    Args:
        counts: visits of each, 1 or more.
    """
    if len(counts) < _FEWEST:
        return None
    often, times = np.unique(counts, return_counts=True)
    x = np.arange(_BELOW, math.log(often[-1]) + _ABOVE, _STEP)
    each = np.concatenate([[0.0], often])[:, np.newaxis]
    poisson = np.exp(each * x - np.exp(x) - special.gammaln(each + 1))

    def chances(at: Floats) -> Floats:
        """Of no visit, and of each number that was seen."""
        sigma = math.exp(at[1])
        law = np.exp(-(((x - at[0]) / sigma) ** 2) / 2) / sigma / math.sqrt(2 * math.pi)
        found: Floats = np.maximum(poisson @ law * _STEP, 1e-300)
        return found

    def unlikely(at: Floats) -> float:
        if not math.log(_LEAST) / 2 - 2 < at[1] < math.log(2 * _MOST) or abs(at[0]) > -_BELOW:
            return math.inf
        of = chances(at)
        return -float(times @ np.log(of[1:])) + len(counts) * math.log1p(-min(of[0], 1 - 1e-12))

    begin = np.array([math.log(counts.mean()) - 0.5, 0.0])
    best = optimize.minimize(unlikely, begin, method="Nelder-Mead", options={"xatol": 1e-5}).x
    sigma = math.exp(best[1])
    curve = _curve(unlikely, best)
    if not _LEAST < sigma < _MOST or not np.isfinite(curve).all() or np.linalg.det(curve) <= 0:
        return None
    spread = np.linalg.inv(curve)
    half = _Z * math.sqrt(spread[1, 1])
    never = float(chances(best)[0])
    slope = np.array(
        [
            (chances(best + by)[0] - chances(best - by)[0]) / (2 * _BY) / (1 - never)
            for by in (np.array([_BY, 0.0]), np.array([0.0, _BY]))
        ]
    )
    number = len(counts) / (1 - never)
    error = math.exp(_Z * math.sqrt(float(slope @ spread @ slope) + never / len(counts)))
    return Clientele(
        Estimate(sigma, sigma * math.exp(-half), sigma * math.exp(half)),
        Estimate(number, max(number / error, float(len(counts))), number * error),
        len(counts),
    )


def _curve(function: Callable[[Floats], float], at: Floats) -> Floats:
    """Second derivatives."""
    steps = np.eye(2) * _BY * 10
    found = np.empty((2, 2))
    for row, a in enumerate(steps):
        for column, b in enumerate(steps):
            ends = (
                function(at + a + b)
                - function(at + a - b)
                - function(at - a + b)
                + function(at - a - b)
            )
            found[row, column] = ends / (4 * (_BY * 10) ** 2)
    return found
