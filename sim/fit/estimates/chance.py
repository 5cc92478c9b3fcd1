"""Do people come one by one? How visits fall within their hour, against chance.

Whoever comes by themselves falls into the quarters of an hour by chance, in the proportions that
this hour has on all days: a table of days by quarters, whose squared distances are known on
average. People who come in groups fall further apart, appointments less. Rates that rise or fall
in an hour, days that differ and a crowd at the opening are in the margins of the table; and so is
rounding, which moves times into few minutes of a quarter, the same on all days. (A test of the
times between visits rejects every log that is rounded to 5 minutes.)
"""

from typing import NamedTuple

import numpy as np
from scipy import special

from sim.fit.estimates.counts import Counted
from sim.fit.reading.calendar import HOURS
from sim.fit.reading.register import Floats
from sim.scenario.model.hours import DAY, HOUR
from sim.scenario.model.scenario import Scenario
from sim.study.estimate.intervals import LEVEL, Estimate

_QUARTER = 15.0
_FEWEST = 50
"""Hours with two visits or more, below which nothing is told."""
_MATTERS = 0.1
"""By how much the ratio is off what the site's file makes of it before it is said."""


class Apart(NamedTuple):
    """How far visits fall apart within their hour."""

    ratio: Estimate = Estimate()
    """As times of what they would if each came alone."""
    visits: int = 0
    note: str = ""
    """`groups` or `regular` if it is not as in the site's file: a word of the catalogue."""


def apart(found: tuple[Estimate, int], site: Scenario) -> Apart:
    """What a ratio says of a site whose file lets people come alone, or in groups."""
    ratio, visits = found
    by_file = ratio_of_groups(site)
    off = ratio.value - by_file
    if ratio.low > by_file and off > _MATTERS:
        return Apart(ratio, visits, "groups")
    return Apart(ratio, visits, "regular" if ratio.high < by_file and off < -_MATTERS else "")


def ratio_of_groups(site: Scenario) -> float:
    """The ratio that a site's groups make: the mean size of a person's group."""
    shares = site.demand.groups or {1: 1.0}
    return sum(share * size**2 for size, share in shares.items()) / sum(
        share * size for size, share in shares.items()
    )


def within_the_hour(arrived: Floats, data: Counted, step: float) -> tuple[Estimate, int]:
    """How far visits fall apart within their hour, as times of chance; and of how many.

    Args:
        arrived: of each visit whose time is known, minutes after the first midnight.
        data: which hours were open and logged; only whole ones count.
        step: minutes to which times are rounded.

    Returns:
        1 where people come by themselves; unknown of few visits, or times to the hour.
    """
    parts = int(HOUR // max(_QUARTER, step))
    if parts <= 1:
        return Estimate(), 0
    counts = _by_part(arrived, len(data.weekday), parts)
    whole = (data.exposure == 1) & (counts.sum(axis=2) > 1)
    distance, chance, spread, visits = 0.0, 0.0, 0.0, 0
    for hour in range(HOURS):
        table = counts[whole[:, hour], hour]
        total = float(table.sum())
        table = table[:, table.sum(axis=0) > 0]
        if len(table) <= 1 or table.shape[1] <= 1:
            continue
        days, columns = table.sum(axis=1), table.sum(axis=0)
        expected = np.outer(days, columns) / total
        freedom = table.shape[1] - 1
        distance += float(((table - expected) ** 2 / expected).sum())
        # Exact, with both margins as they are.
        chance += (len(table) - 1) * freedom * total / (total - 1)
        spread += 2 * freedom * float((1 - 1 / days).sum())
        visits += int(total)
    if whole.sum() < _FEWEST or not chance or not spread:
        return Estimate(), 0
    return _ratio(distance / chance, 2 * chance**2 / spread), visits


def _by_part(arrived: Floats, days: int, parts: int) -> Floats:
    """(days, 24, parts): how many came."""
    at = np.floor(arrived * parts / HOUR).astype(np.int64)
    size = days * DAY // HOUR * parts
    counts = np.bincount(at[(at >= 0) & (at < size)], minlength=size).astype(np.float64)
    return counts.reshape(days, HOURS, parts)


def _ratio(value: float, freedom: float) -> Estimate:
    """With the interval of a chi-square of so many degrees of freedom."""
    tail = (1 - LEVEL) / 2
    low, high = (value * freedom / float(special.chdtri(freedom, p)) for p in (tail, 1 - tail))
    return Estimate(value, low, high)
