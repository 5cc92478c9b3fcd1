"""How a figure is got from a study: from its tables, or from sums over its replications."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np
import pandas as pd

from sim.study import StudyResult
from sim.study.estimate.intervals import ratio
from sim.validation.published_sums import Floats, Sums


class Estimate(NamedTuple):
    """A value and its 95 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, eq=False)
class Played:
    """What is kept of a run."""

    result: StudyResult | None
    """None where only visitors are drawn."""
    sums: Mapping[Sums, Floats]
    """Numerators and denominators, a line for each replication."""


class Figure(Protocol):
    """How a figure is got."""

    @property
    def sums(self) -> Sums | None:
        """What has to be added up over each run's replications; None where tables suffice."""
        ...

    def estimate(self, played: tuple[Played, ...]) -> Estimate:
        """The figure, from as many runs as its check has."""
        ...


@dataclass(frozen=True)
class Row:
    """A row of the study's summary table."""

    metric: str
    statistic: str
    by: str = "all"
    complement: bool = False
    """Whether the figure is 1 less the row's value."""
    sums: None = None

    def estimate(self, played: tuple[Played, ...]) -> Estimate:
        """The row's value and interval."""
        (run,) = played
        table = _result(run).summary
        named = (
            table["metric"].eq(self.metric)
            & table["statistic"].eq(self.statistic)
            & table["by"].eq(self.by)
        )
        ((value, low, high),) = table.loc[named, ["value", "ci_low", "ci_high"]].to_numpy(float)
        return (
            Estimate(1 - value, 1 - high, 1 - low)
            if self.complement
            else Estimate(value, low, high)
        )


@dataclass(frozen=True)
class StaffShare:
    """Share of all staff's rostered minutes that go to one duty (no absences)."""

    duty: str
    sums: None = None

    def estimate(self, played: tuple[Played, ...]) -> Estimate:
        """The shares of the roles, weighted by their rostered hours."""
        (run,) = played
        table = _result(run).replications
        hours = _by_part(table[table["metric"].eq("rostered")])
        shares = _by_part(table[table["metric"].eq("staff_busy")])
        roles = [by for by in hours.columns if by.startswith("role:")]
        on_duty = hours[roles].to_numpy().T
        busy = shares[[f"{role}/duty:{self.duty}" for role in roles]].to_numpy().T * on_duty
        return _estimate(np.column_stack((busy.sum(axis=0), on_duty.sum(axis=0))))


@dataclass(frozen=True)
class Mean:
    """Σ numerators ÷ Σ denominators over the replications."""

    sums: Sums

    def estimate(self, played: tuple[Played, ...]) -> Estimate:
        """The quotient, with a jackknife interval."""
        (run,) = played
        return _estimate(run.sums[self.sums])


@dataclass(frozen=True)
class Left:
    """How much of the first run's numerator is left in the second; the same people meet both."""

    sums: Sums

    def estimate(self, played: tuple[Played, ...]) -> Estimate:
        """The quotient of the runs, with a jackknife interval over pairs of replications."""
        before, after = (run.sums[self.sums] for run in played)
        return _estimate(np.column_stack((after[:, 0], before[:, 0])))


def _by_part(table: pd.DataFrame) -> pd.DataFrame:
    """Values with a line for each replication and a column for each part that they are about."""
    return table.pivot(index="replication", columns="by", values="value")


def _result(run: Played) -> StudyResult:
    assert run.result is not None  # a check that reads tables has a run that is played
    return run.result


def _estimate(pairs: Floats) -> Estimate:
    found = ratio(pairs[:, 0], pairs[:, 1])
    return Estimate(float(found.value), float(found.low), float(found.high))
