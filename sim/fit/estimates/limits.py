"""Time limits of rooms, as stays show them: who keeps to them, and how long the others stay on."""

import math
from dataclasses import dataclass

import numpy as np
from scipy import optimize, special

from sim.fit.reading.mess import piles
from sim.fit.reading.register import Floats
from sim.study.estimate.intervals import LEVEL, Estimate, binomial

EXACT = 0.02
"""Minutes to which times with seconds are known."""
_Z = float(special.ndtri((1 + LEVEL) / 2))
_OVERRUNS = (1e-2, 1e4)
"""Mean minutes that are looked at."""
_BY = 1e-3
_FURTHER = 2 / 3
"""Steps that those who seem to have left at a limit left nearer to it than one step earlier."""
_GUESSED = 1.5
"""Power of the share that is seen by which the interval has fewer cases; by trial, 0.9 held."""
_JUST_BEYOND = 1.05
"""Steps of mean overrun below which nothing can be told of those who are not seen."""


@dataclass(frozen=True)
class Limit:
    """A time limit of a room, as the stays show it."""

    minutes: float
    comply: Estimate
    """Share of those who reach it that leave then."""
    reached: int
    overrun: Estimate
    """Mean minutes beyond it of the others; NaN if all leave."""
    given: bool
    """Whether the site's file has it."""


def limit_of(stays: Floats, given: float | None, step: float) -> Limit | None:
    """The limit that stays in a room have; None if there is none."""
    found = given if given is not None else next(iter(piles(stays)), None)
    if found is None:
        return None
    near = step / 2
    beyond = stays > found + near
    there, reached, seen = _at_limit(stays, found, step)
    # Those who are not seen to stay on are no evidence, and how many they are is a guess itself.
    fewer = seen**_GUESSED
    comply = binomial(np.array([there * fewer]), np.array([reached * fewer])).at(0)
    more = stays[beyond] - found - (near if step > EXACT else 0.0)
    stayed = overrun(more, np.zeros(len(more)))
    return Limit(float(found), comply, round(reached), stayed, given is not None)


def _at_limit(stays: Floats, limit: float, step: float) -> tuple[float, float, float]:
    """How many left at a limit, how many reached it, and what share of who stayed on is seen to.

    Where both ends are rounded, half of those who left within a step before the limit seem to have
    left at it: as many as half of those one step earlier. So do some of those who stayed on, the
    sooner they left the more: of an exponential overrun it is known how many.
    """
    before, below, there = (
        float((np.abs(stays - limit + by * step) <= step / 2).sum()) for by in (2, 1, 0)
    )
    beyond = stays[stays > limit + step / 2] - limit
    if step <= EXACT:
        return there, there + len(beyond), 1.0
    on = len(beyond) * _not_seen(float(beyond.mean()), step) if len(beyond) else 0.0
    # Stays that end fall off towards the limit, as they have from the step before to that one.
    falls = min(1.0, below / before) ** _FURTHER if before else 1.0
    left = max(there - below / 2 * falls - (on - len(beyond)), 0.0)
    return left, left + on, len(beyond) / on if on else 1.0


def _not_seen(mean: float, step: float) -> float:
    """How many stayed on for each who is seen to have.

    Of an exponential overrun of mean m a share m / s (1 - exp(-s / m)) is seen with a step of s,
    and these seem to have stayed on for s / (1 - exp(-s / m)) on average.

    Args:
        mean: minutes that those who are seen to have stayed on seem to have.
        step: minutes to which both ends are rounded.
    """
    if mean <= step * _JUST_BEYOND:
        return 1.5
    return mean * -math.log(1 - step / mean) / step


def overrun(minutes: Floats, hazard: Floats) -> Estimate:
    """Mean minutes that people stay on beyond a limit who do not keep to it.

    Some of them would have left by then anyhow, whom the overrun did not end: at its end each left
    by the one or by the other, as likely as each of the two was just then.

    Args:
        minutes: that each stayed on.
        hazard: how many a minute would leave of themselves, of those who had stayed as long.
    """
    count, total = len(minutes), float(minutes.sum())
    if not count or total <= 0:
        return Estimate()
    if not hazard.any():
        tails = [float(special.gammaincinv(count, (1 + sign * LEVEL) / 2)) for sign in (1, -1)]
        return Estimate(total / count, total / tails[0], total / tails[1])

    def lost(log_mean: float) -> float:
        rate = math.exp(-log_mean)
        return total * rate - float(np.log(rate + hazard).sum())

    bounds = math.log(_OVERRUNS[0]), math.log(_OVERRUNS[1])
    at = float(optimize.minimize_scalar(lost, bounds=bounds, method="bounded").x)
    curve = (lost(at + _BY) - 2 * lost(at) + lost(at - _BY)) / _BY**2
    half = _Z / math.sqrt(curve) if curve > 0 else math.inf
    low, high = max(at - half, bounds[0]), min(at + half, bounds[1])
    return Estimate(*(math.exp(one) for one in (at, low, high)))
