"""Queues that can be worked out, and how many servers hold a chance.

Erlang B, C and A; tasks that come in batches or as a crowd; Poisson sums for overdoses at once.
The load is what is offered: how many would be at work if nobody ever had to wait.

Erlang A (Palm 1957; Garnett, Mandelbaum & Reiman 2002, M&SOM 4): Poisson arrivals, exponential
stays and patience, c places.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count
from math import ceil

import numpy as np
from numpy.typing import NDArray
from scipy import stats
from scipy.linalg import expm

Floats = NDArray[np.float64]

_MOST_WAITING = 2000
_SURELY = 1e-9
"""Chances below this are left out of a distribution."""
_FACTORS = 40
"""Equally likely factors that stand for the gamma factor of risk."""


def erlang_b(load: float, servers: int) -> float:
    """Share blocked of arrivals that do not wait: load 0 or more."""
    blocked = 1.0
    for number in range(1, servers + 1):
        blocked = load * blocked / (number + load * blocked)
    return blocked


def erlang_c(load: float, servers: int) -> float:
    """Share that waits where all wait; 1 from a load of as many as there are servers on."""
    if load <= 0:
        return 0.0
    if load >= servers:
        return 1.0
    blocked = erlang_b(load, servers)
    return blocked / (1 - load / servers * (1 - blocked))


@dataclass(frozen=True)
class Queue:
    """A queue in balance."""

    waiting: float
    """Share of arrivals that find all places taken."""
    lost: float
    """Share that leaves before their turn."""
    mean_queue: float
    """People waiting, mean."""


def erlang_a(load: float, places: int, patience: float) -> Queue:
    """Places, exponential stays of mean 1 and exponential patience.

    Args:
        load: arrivals per mean stay.
        places: how many; 0 is legal.
        patience: mean, in mean stays; above 0.
    """
    if load <= 0:
        return Queue(0.0, 0.0, 0.0)
    number = np.arange(1, places + _MOST_WAITING)
    leave = np.minimum(number, places) + np.maximum(number - places, 0) / patience
    logs = np.concatenate(([0.0], np.cumsum(np.log(load) - np.log(leave))))
    weights = np.exp(logs - logs.max())
    chance = weights / weights.sum()
    queue = np.maximum(np.arange(len(chance)) - places, 0)
    mean = float((chance * queue).sum())
    return Queue(float(chance[places:].sum()), mean / patience / load, mean)


def batch_waits(load: float, staff: int, batches: Sequence[float]) -> float:
    """Chance that a task waits when tasks come in batches (M^[X]/M/c); 1 if they never get done.

    In the balance of each level, min(n, c) p(n) = Σ_{k<n} p(k) L(n − k), with L(j) the rate of
    batches of at least j, so p follows step by step up to c; that on average as many are at work
    as the load says gives what lies above. A task finds those who were there and those of its
    batch before it. With batches of one it is Erlang C. (Chaudhry & Templeton 1983, A First Course
    in Bulk Queues, chapter 3.)

    Args:
        load: mean number of people at work on tasks if none had to wait.
        staff: how many.
        batches: relative numbers of batches of 1, 2, 3 … tasks.
    """
    if load <= 0:
        return 0.0
    if staff <= load:
        return 1.0
    tails = np.cumsum(np.asarray(batches, dtype=np.float64)[::-1])[::-1]
    tails = np.pad(tails / tails.sum(), (0, max(0, staff - len(tails))))
    chances = np.ones(1)
    for number in range(1, staff):
        upto = chances[max(0, number - len(tails)) :]
        chances = np.append(chances, load * (upto @ tails[: len(upto)][::-1]) / number)
    total = (chances @ (staff - np.arange(staff))) / (staff - load)
    at_once = chances @ np.cumsum(tails)[:staff][::-1]
    return max(0.0, 1 - float(at_once / total))


def crowd_waits(staff: int, crowd: float, rate: float, task: float, minutes: float) -> float:
    """Share of the tasks of a first stretch of time that wait when a crowd is at the door.

    The crowd's number is Poisson, and all of it asks at once; others follow one by one. Worked out
    from Kolmogorov's equations of the number of tasks, with exponential durations.

    Args:
        staff: how many.
        crowd: mean number of tasks that are asked for at the beginning.
        rate: tasks per minute that are asked for afterwards.
        task: mean minutes of a task.
        minutes: how long the stretch lasts.
    """
    total = crowd + rate * minutes
    if total <= 0:
        return 0.0
    states = np.arange(int(stats.poisson.isf(_SURELY, total)) + 2)
    chances = stats.poisson.pmf(states, crowd)
    waiting = float(chances @ np.maximum(states - staff, 0))
    done = np.minimum(states, staff) / task
    moves = np.diag(np.full(len(states) - 1, rate), 1) + np.diag(done[1:], -1)
    moves -= np.diag(moves.sum(axis=1))
    steps = max(1, ceil(minutes))
    step = expm(moves * (minutes / steps))
    busy = [float(chances[staff:].sum())]
    for _ in range(steps):
        chances = chances @ step
        busy.append(float(chances[staff:].sum()))
    waiting += rate * float(np.trapezoid(busy)) * minutes / steps
    return waiting / total


def staff_for(load: float, waiting: float, batches: Sequence[float] = (1.0,)) -> int:
    """Fewest staff with whom a task waits with at most this chance.

    Args:
        load: mean number of people at work on tasks if none had to wait.
        waiting: chance above 0.
        batches: relative numbers of batches of 1, 2, 3 … tasks that are asked for at once.
    """
    if len(batches) == 1:
        return next(staff for staff in count() if erlang_c(load, staff) <= waiting)
    return next(staff for staff in count() if batch_waits(load, staff, batches) <= waiting)


def people_quantile(mean: float, beyond: float) -> int:
    """Fewest n such that more than n are present with at most this chance; Poisson."""
    return int(stats.poisson.isf(beyond, mean)) if mean > 0 else 0


def staff_for_overdoses(
    held: Sequence[tuple[float, int]],
    asked: Sequence[tuple[float, int]],
    beyond: float,
    cv: float,
) -> int:
    """Fewest staff with whom an overdose finds too few with at most this chance.

    An overdose finds the others that are under way as anybody would (Poisson arrivals see time
    averages): independent Poisson numbers, each holding so many staff. Where risk clusters, an
    overdose is likelier in a bad period, so their means are multiplied by a gamma factor that is
    weighted by itself.

    Args:
        held: mean number under way, and staff held by each.
        asked: share of overdoses, and staff asked for by each.
        beyond: the chance.
        cv: coefficient of variation of the factor of risk; 0 without clustering.
    """
    factors = np.ones(1)
    if cv > 0:
        middles = (np.arange(_FACTORS) + 0.5) / _FACTORS
        factors = stats.gamma.ppf(middles, cv**-2 + 1, scale=cv**2)
    taken = np.mean([_padded(_held(held, float(one)), 200) for one in factors], axis=0)
    above = 1 - np.cumsum(taken)
    total = sum(share for share, _ in asked)
    for staff in count():
        short = sum(share * _chance_above(above, staff - number) for share, number in asked)
        if total == 0 or short / total <= beyond:
            return staff
    raise AssertionError  # there is always some number


def _chance_above(above: Floats, left: int) -> float:
    """Chance that more are held than may be, if `left` may."""
    if left < 0:
        return 1.0
    return max(0.0, float(above[left])) if left < len(above) else 0.0


def _held(held: Sequence[tuple[float, int]], factor: float) -> Floats:
    """Chances that 0, 1, 2 … staff are held."""
    found = np.ones(1)
    for mean, staff in held:
        if mean <= 0 or staff == 0:
            continue
        most = int(stats.poisson.isf(_SURELY, factor * mean)) + 1
        chances = np.zeros(most * staff + 1)
        chances[::staff] = stats.poisson.pmf(np.arange(most + 1), factor * mean)
        found = np.convolve(found, chances)
    return found


def _padded(chances: Floats, least: int) -> Floats:
    short = max(0, least - len(chances))
    return np.pad(chances, (0, short))[:least]
