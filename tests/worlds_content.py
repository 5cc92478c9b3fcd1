"""How much the printed range over worlds really holds: the table of docs/statistics.md.

    python -m tests.worlds_content [repetitions]

The truth is the wait of M/M/3 with stays of 20 minutes and visits a day that are a PERT between
108 and 190 with mode 150; every play of a world multiplies its wait by a lognormal factor. The
range from 5 to 95 % is found from the plays as `run` does, and the true share of worlds in it is
counted. It should be .90.
"""

import sys

import numpy as np
from scipy import special

from sim.queueing import erlang_c
from sim.study.worlds.variance import fan, shrunk
from tests.support.even_worlds import even

LOW, MODE, HIGH, MINUTES, SERVERS = 108.0, 150.0, 190.0, 20.0, 3
SHAPE = (1 + 4 * (MODE - LOW) / (HIGH - LOW), 1 + 4 * (HIGH - MODE) / (HIGH - LOW))


def wait(rate):
    """Mean wait in the queue, in minutes, of so many visits a day."""
    load = rate * MINUTES / 1440
    return erlang_c(load, SERVERS) * MINUTES / (SERVERS - load)


def share_below(minutes):
    """The true share of worlds that wait no longer."""
    low, high = LOW, HIGH
    if minutes <= wait(low):
        return 0.0
    if minutes >= wait(high):
        return 1.0
    while high - low > 1e-7:
        middle = (low + high) / 2
        low, high = (middle, high) if wait(middle) < minutes else (low, middle)
    return special.betainc(*SHAPE, (low - LOW) / (HIGH - LOW))


def content(worlds, cv, repetitions, everywhere=1, first=64):
    """The share of worlds in the printed range, repetition by repetition.

    `everywhere` plays a world, and two in the first few.
    """
    found = []
    spread = np.sqrt(np.log1p(cv**2))
    for number in range(repetitions):
        u = even([f"input {number}"], worlds, seed=number)[:, 0]
        true = np.array([wait(one) for one in LOW + (HIGH - LOW) * special.betaincinv(*SHAPE, u)])
        chance = np.random.default_rng(number)
        factors = np.exp(spread * chance.standard_normal((worlds, 2)) - spread**2 / 2)
        plays = true[:, None] * factors
        if everywhere == 1:
            plays[first:, 1] = np.nan
        ends = fan(shrunk(plays))
        found.append(share_below(ends[-1]) - share_below(ends[0]))
    return np.array(found)


def main():
    """Print the table."""
    repetitions = int(sys.argv[1]) if len(sys.argv) > 1 else 300
    for cv, worlds, plays in (
        (0.1, 256, 1),
        (0.3, 256, 1),
        (0.3, 1024, 1),
        (0.3, 200, 2),
        (0.6, 200, 2),
    ):
        found = content(worlds, cv, repetitions, plays)
        ends = np.quantile(found, (0.05, 0.95))
        sys.stdout.write(
            f"CV {cv}, {worlds} worlds, {plays}: {found.mean():.3f} ({ends[0]:.3f}-{ends[1]:.3f})\n"
        )


if __name__ == "__main__":
    main()
