"""The candidates of a band of rates, and which of them come by the rate at their time."""

import numpy as np

from sim.compiled import compiled
from sim.visitors.numbers import PAGE, lay_pages, number_at
from sim.visitors.seeding import Seeds
from sim.visitors.visitors import Floats, Integers


@compiled
def thin(
    gaps: Floats, rates: Floats, minutes: float, band: tuple[float, float], heights: Seeds
) -> tuple[int, Integers, Floats]:
    """Find the candidates whose height in the band lies below the rate at their time.

    Where the rate is above the band all of them come, and where it is below none: only in the
    other steps are their heights looked up.

    Args:
        gaps: minutes until the first candidate and from one to the next.
        rates: arrivals per hour, step by step.
        minutes: how long a step is; the horizon ends with the last.
        band: from which rate to which, arrivals per hour.
        heights: the seed of the heights' stream, in a line.

    Returns:
        How many candidates there are within the horizon, -1 if it takes more gaps to tell;
        the numbers of those that come; their times in minutes.
    """
    bottom, top = band
    pages = np.empty(1, np.int64)
    pages[0] = -(-len(gaps) // PAGE)
    laid = lay_pages(heights, pages)
    comes, times = np.empty(len(gaps), np.int64), np.empty(len(gaps), np.float64)
    time, step, end, count = 0.0, 0, minutes, 0
    for candidate in range(len(gaps)):
        # One running sum, so that the times do not depend on how many gaps there are.
        time += gaps[candidate]
        while time >= end:
            step += 1
            if step == len(rates):
                return candidate, comes[:count], times[:count]
            end = (step + 1) * minutes
        rate = rates[step]
        if rate > bottom:
            height = bottom
            if rate <= top:
                height += (top - bottom) * number_at(laid, candidate)
            # Noted in any case, so that the processor need not guess whether it counts.
            comes[count], times[count] = candidate, time
            count += height < rate
    return -1, comes[:count], times[:count]
