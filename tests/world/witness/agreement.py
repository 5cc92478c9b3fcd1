"""Two simulators and the same figures: values, standard errors, and how far they are apart."""

import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
from scipy import stats

from sim.facility import simulate
from sim.log import Log
from sim.scenario import Scenario, load_scenario
from sim.study import LEVEL, Plan, StudyResult, run_study
from sim.visitors import draw
from tests.world.witness.ciw_run import Run

FOLDER = Path(__file__).parent
"""The scenarios."""
APART = 4.0
"""Standard errors of the difference that the two may be apart."""
PRECISE = 0.02
"""Highest standard error of either, as a share of its value."""

Pair = tuple[float, float]
"""What one replication adds to numerator and denominator of a figure."""


class Estimate(NamedTuple):
    """A simulated value and its standard error."""

    value: float
    error: float


@dataclass(frozen=True)
class Row:
    """A row of the summary that a planner reads."""

    metric: str
    statistic: str = "mean"
    by: str = "all"


@dataclass(frozen=True)
class Figure:
    """A figure that both simulators give."""

    name: str
    ours: Row | Callable[[pd.DataFrame], Pair]
    """A row of the summary; or, where it has none, sums over one replication's visits."""
    ciws: Callable[[Run], Pair]
    """Sums over one replication by Ciw."""


@dataclass(frozen=True, eq=False)
class Compared:
    """A scenario played by both."""

    table: pd.DataFrame
    """One line a figure."""
    study: StudyResult
    """What this package says, in full."""

    def check(self) -> None:
        """Both agree, and know each figure well enough for that to mean something."""
        table = self.table
        fine = (
            table["se"].le(PRECISE * table["ours"])
            & table["ciw_se"].le(PRECISE * table["ciw"])
            & table["apart"].le(APART)
        )
        assert fine.all(), f"\n{table.to_string()}"

    def value(self, row: Row) -> float:
        """A value of the summary."""
        return _of_row(self.study, row).value


def by_the_facility(scenario: Scenario, seed: int, replication: int) -> Log:
    """One replication by the engine that the rules are written in, and by no other."""
    return simulate(scenario, draw(scenario, seed, replication))


def compare(
    file: str,
    sets: Sequence[str],
    play: Callable[[int], Run],
    figures: Sequence[Figure],
    replications: int,
) -> Compared:
    """Play a scenario here and in Ciw.

    Args:
        file: the scenario.
        sets: settings that override it.
        play: one replication by Ciw, from its seed.
        figures: what to compare.
        replications: how many of either.
    """
    visits: list[pd.DataFrame] = []

    def keep(table: pa.Table, _: pa.Table) -> None:
        visits.append(table.to_pandas())

    # Each scenario meets people of its own: one unlucky draw must not show in all of them. The two
    # seed generators of different kinds, so their random numbers have nothing in common.
    seed = zlib.crc32(" ".join((file, *sets)).encode())
    study = run_study(
        load_scenario(FOLDER / file, sets),
        Plan(seed, replications),
        keep=None if all(isinstance(figure.ours, Row) for figure in figures) else keep,
        simulate_one=by_the_facility,
    )
    seeds = range(seed, seed + replications)
    runs = [[figure.ciws(run) for figure in figures] for run in map(play, seeds)]
    lines = []
    for number, figure in enumerate(figures):
        if isinstance(figure.ours, Row):
            ours = _of_row(study, figure.ours)
        else:
            ours = ratio([figure.ours(table) for table in visits])
        ciws = ratio([run[number] for run in runs])
        apart = abs(ours.value - ciws.value) / float(np.hypot(ours.error, ciws.error))
        lines.append((figure.name, *ours, *ciws, apart))
    columns = ["figure", "ours", "se", "ciw", "ciw_se", "apart"]
    return Compared(pd.DataFrame(lines, columns=columns), study)


def ratio(pairs: Sequence[Pair]) -> Estimate:
    """Sum over sum, with the jackknife's standard error: each replication is left out once."""
    above, below = np.array(pairs, dtype=np.float64).T
    without = (above.sum() - above) / (below.sum() - below)
    error = np.sqrt((len(pairs) - 1) * np.mean((without - without.mean()) ** 2))
    return Estimate(float(above.sum() / below.sum()), float(error))


def _of_row(study: StudyResult, row: Row) -> Estimate:
    """A row's value; its standard error is that of its interval."""
    table = study.summary
    named = (
        table["metric"].eq(row.metric)
        & table["statistic"].eq(row.statistic)
        & table["by"].eq(row.by)
    )
    ((value, low, high),) = table.loc[named, ["value", "ci_low", "ci_high"]].to_numpy(np.float64)
    error = (high - low) / 2 / stats.t.ppf((1 + LEVEL) / 2, study.count - 1)
    return Estimate(float(value), float(error))
