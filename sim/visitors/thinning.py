"""Which candidates of a band of rates come, by the rate at their time."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from sim.kept import kept
from sim.scenario.hours import DAY
from sim.visitors.visitors import Floats, Integers


def coming(
    time: Floats, table: Floats, band: tuple[float, float], uniform: Callable[[Integers], Floats]
) -> Integers:
    """The candidates whose height in the band lies below the rate at their time.

    Where the rate is above the band all of them come, and where it is below none: only in the
    other steps are their heights drawn.

    Args:
        time: minutes after midnight of the first day, of all candidates in order.
        table: (days, steps): arrivals per hour.
        band: from which rate to which, arrivals per hour.
        uniform: the uniform numbers of some candidates.
    """
    comes, either, rate = look_at_steps(time, table.ravel(), DAY / table.shape[1], band)
    bottom, top = band
    comes[either] = bottom + (top - bottom) * uniform(either) < rate
    return np.flatnonzero(comes)


@kept
def look_at_steps(
    time: Floats, rates: Floats, minutes: float, band: tuple[float, float]
) -> tuple[NDArray[np.bool_], Integers, Floats]:
    """See who comes for certain, and who may come or not.

    Args:
        time: of the candidates, in order.
        rates: arrivals per hour, step by step.
        minutes: how long a step is.
        band: from which rate to which.

    Returns:
        Whether each candidate comes for certain, the numbers of those who may come or not, and
        the rates at their times.
    """
    comes = np.empty(len(time), np.bool_)
    either, rate = np.empty(len(time), np.int64), np.empty(len(time), np.float64)
    step, count = 0, 0
    bottom, top = band
    for candidate in range(len(time)):
        while step + 1 < len(rates) and time[candidate] >= (step + 1) * minutes:
            step += 1
        comes[candidate] = rates[step] > top
        if bottom < rates[step] <= top:
            either[count] = candidate
            rate[count] = rates[step]
            count += 1
    return comes, either[:count], rate[:count]
