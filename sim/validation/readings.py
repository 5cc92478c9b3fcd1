"""How a figure is read off: from the summary table where it has it, else from the log.

Each replication gives a few sums; the sums of all replications give the value. Its standard error
is the jackknife's: every replication is left out once.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray
from scipy import special

from sim.log import Log
from sim.measures import Interval, Tally, hour_rows, metric_rows
from sim.scenario.scenario import Scenario
from sim.study.estimate.intervals import LEVEL
from sim.study.estimate.summary import BATCHES, StudyResult

Floats = NDArray[np.float64]

DAYS_OF_WEEK = 7


class Estimate(NamedTuple):
    """A simulated value and its standard error."""

    value: float
    error: float


@dataclass(frozen=True, eq=False)
class Played:
    """One replication of a case."""

    scenario: Scenario
    log: Log
    tally: Tally


class Reading(Protocol):
    """Where a figure comes from."""

    def take(self, played: Played, /) -> Floats:
        """What is kept of one replication."""
        ...

    def estimate(self, taken: Floats, result: StudyResult, /) -> Estimate:
        """The figure over all replications.

        Args:
            taken: what was kept of them, a line each.
            result: the study that `run` would have made of them.
        """
        ...


@dataclass(frozen=True)
class Summary:
    """A row of the summary table; the standard error is that of its interval."""

    metric: str
    statistic: str = "mean"
    by: str = "all"
    times: float = 1.0
    """To give the figure in the unit of its source."""
    complement: bool = False
    """Whether the figure is 1 less the row's value."""

    def take(self, _: Played, /) -> Floats:
        """Nothing: the study keeps what it needs."""
        return np.empty(0)

    def estimate(self, taken: Floats, result: StudyResult) -> Estimate:
        """The row's value."""
        table, replications = result.summary, len(taken)
        named = (
            table["metric"].eq(self.metric)
            & table["statistic"].eq(self.statistic)
            & table["by"].eq(self.by)
        )
        (position,) = np.flatnonzero(named)
        row = table.iloc[int(position)]
        value, low, high = (float(row[name]) for name in ("value", "ci_low", "ci_high"))
        if result.rows[int(position)].interval is Interval.QUANTILE:
            replications = min(replications, BATCHES)
        error = 0.0
        if replications > 1:
            error = (high - low) / 2 / float(special.stdtrit(replications - 1, (1 + LEVEL) / 2))
        value = 1 - value if self.complement else value
        return Estimate(value * self.times, error * self.times)


@dataclass(frozen=True)
class HourOfDay:
    """A metric of the by-hour table at one hour of the day, all days of the week together."""

    metric: str
    hour: int
    by: str = "all"

    def take(self, played: Played) -> Floats:
        """Numerator and denominator."""
        names = [(row.metric, row.by) for row in hour_rows(played.scenario)]
        row, hours = names.index((self.metric, self.by)), slice(self.hour, None, 24)
        tally = played.tally
        sums = (tally.hour_numerator[row, hours].sum(), tally.hour_denominator[row, hours].sum())
        return np.array(sums, dtype=np.float64)

    def estimate(self, taken: Floats, _: StudyResult, /) -> Estimate:
        """The quotient of the sums."""
        return jackknife(taken, quotient)


@dataclass(frozen=True)
class PerUse:
    """A total of the summary table per visit that entered a place."""

    metric: str
    statistic: str
    by: str = "all"

    def take(self, played: Played) -> Floats:
        """The total and the number of uses."""
        rows = {
            (row.metric, row.statistic, row.by): n
            for n, row in enumerate(metric_rows(played.scenario))
        }
        total = played.tally.numerator[rows[self.metric, self.statistic, self.by]]
        uses = played.tally.numerator[rows["uses", "per_day", self.by]]
        return np.array((total, uses))

    def estimate(self, taken: Floats, _: StudyResult, /) -> Estimate:
        """The quotient of the sums."""
        return jackknife(taken, quotient)


@dataclass(frozen=True)
class FromLog:
    """A figure that no table has."""

    sums: Callable[[Scenario, Log], Floats]
    """What one replication adds to."""
    of: Callable[[Floats], float] | None = None
    """The figure from the sums; without it the first divided by the second."""
    times: float = 1.0
    """To give the figure in the unit of its source."""

    def take(self, played: Played) -> Floats:
        """The sums."""
        return self.sums(played.scenario, played.log)

    def estimate(self, taken: Floats, _: StudyResult, /) -> Estimate:
        """The function of the sums."""
        found = jackknife(taken, self.of or quotient)
        return Estimate(found.value * self.times, found.error * self.times)


def quotient(sums: Floats) -> float:
    """The first sum divided by the second."""
    return float(sums[0] / sums[1])


def jackknife(taken: Floats, of: Callable[[Floats], float]) -> Estimate:
    """A function of sums over independent replications, and its standard error.

    Args:
        taken: the summands, a line for each replication.
        of: the figure from the sums.
    """
    total, count = taken.sum(axis=0), len(taken)
    value = of(total)
    if count == 1:
        return Estimate(value, 0.0)
    without = np.array([of(total - one) for one in taken])
    pseudo = count * value - (count - 1) * without
    return Estimate(value, float(pseudo.std(ddof=1) / np.sqrt(count)))
