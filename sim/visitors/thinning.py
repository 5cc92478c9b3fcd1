"""Which candidates of a band of rates come, by the rate at their time."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from sim.kept import kept
from sim.scenario.hours import DAY
from sim.visitors.visitors import Floats, Integers


def coming(
    time: Floats,
    table: Floats,
    bottom: float,
    top: float,
    uniform: Callable[[Integers], Floats],
) -> Integers:
    """The candidates whose height in the band lies below the rate at their time.

    Where the rate is above the band all of them come, and where it is below none: only in the
    other steps are their heights drawn.

    Args:
        time: minutes after midnight of the first day, of all candidates in order.
        table: (days, steps): arrivals per hour.
        bottom: where the band begins, arrivals per hour.
        top: where it ends.
        uniform: the uniform numbers of some candidates.
    """
    comes = np.empty(len(time), dtype=np.bool_)
    either, rate = np.empty(len(time), dtype=np.int64), np.empty(len(time))
    count = look_at_steps(
        time, table.ravel(), DAY / table.shape[1], bottom, top, comes, either, rate
    )
    either = either[:count]
    comes[either] = bottom + (top - bottom) * uniform(either) < rate[:count]
    return np.flatnonzero(comes)


@kept
def look_at_steps(
    time: Floats,
    rates: Floats,
    minutes: float,
    bottom: float,
    top: float,
    comes: NDArray[np.bool_],
    either: Integers,
    rate: Floats,
) -> int:
    """See who comes for certain, and who may come or not.

    Args:
        time: of the candidates, in order.
        rates: arrivals per hour, step by step.
        minutes: how long a step is.
        bottom: where the band begins.
        top: where it ends.
        comes: to be set for each candidate: it comes for certain.
        either: to be filled with the numbers of those who may come or not.
        rate: to be filled with the rate at their times.

    Returns:
        How many may come or not.
    """
    step, count = 0, 0
    for candidate in range(len(time)):
        while step + 1 < len(rates) and time[candidate] >= (step + 1) * minutes:
            step += 1
        comes[candidate] = rates[step] > top
        if bottom < rates[step] <= top:
            either[count] = candidate
            rate[count] = rates[step]
            count += 1
    return count
