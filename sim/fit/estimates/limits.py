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
    there, reached = _at_limit(stays, found, step)
    comply = binomial(np.array([there]), np.array([reached])).at(0)
    more = stays[beyond] - found - (near if step > EXACT else 0.0)
    stayed = overrun(more, np.zeros(len(more)))
    return Limit(float(found), comply, round(reached), stayed, given is not None)


def _at_limit(stays: Floats, limit: float, step: float) -> tuple[float, float]:
    """How many left at a limit, and how many reached it.

    Where both ends are rounded, half of those within a step of the limit on either side seem to
    have left at it: as many as half of those one step further away.
    """
    below, there, above = (
        float((np.abs(stays - limit - by * step) <= step / 2).sum()) for by in (-1, 0, 1)
    )
    beyond = float((stays > limit + step / 2).sum())
    if step <= EXACT:
        return there, there + beyond
    left = max(there - (below + above) / 2, 0.0)
    return left, max(left + beyond + above / 2, left)


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
