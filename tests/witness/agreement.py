"""Two simulators, the same figures: values, standard errors, and how far they are apart."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import stats

from sim.scenario import load_scenario
from sim.study import LEVEL, Plan, StudyResult, run_study
from tests.witness.ciw_run import Run

FOLDER = Path(__file__).parent
"""The scenarios."""
APART = 4.0
"""Standard errors of the difference that the two may be apart."""
PRECISE = 0.02
"""Highest standard error of either, as a share of its value."""


class Estimate(NamedTuple):
    """A simulated value and its standard error."""

    value: float
    error: float


Pair = tuple[float, float]
"""What one replication adds to numerator and denominator of a figure."""


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
    """A row of the summary, or sums over one replication's table of visits."""
    ciws: Callable[[Run], Pair]
    """The same from one replication by Ciw."""


def compare(
    file: str,
    figures: Sequence[Figure],
    play: Callable[[int], Run],
    *,
    replications: int,
    sets: Sequence[str] = (),
) -> pd.DataFrame:
    """Play a scenario here and in Ciw; one line a figure.

    Args:
        file: the scenario.
        figures: what to compare.
        play: one replication by Ciw, from a seed.
        replications: how many on either side.
        sets: settings that override the scenario.
    """
    tables: list[pd.DataFrame] = []
    result = run_study(
        load_scenario(FOLDER / file, sets),
        Plan(seed=20, replications=replications),
        keep=lambda visits, _: tables.append(visits),
    )
    # Seeds of Ciw's replications; the two packages seed generators of different kinds.
    runs = [[figure.ciws(run) for figure in figures] for run in map(play, range(replications))]
    lines = []
    for number, figure in enumerate(figures):
        ours = (
            _of_row(result, figure.ours)
            if isinstance(figure.ours, Row)
            else ratio([figure.ours(visits) for visits in tables])
        )
        ciws = ratio([run[number] for run in runs])
        apart = abs(ours.value - ciws.value) / float(np.hypot(ours.error, ciws.error))
        lines.append((figure.name, *ours, *ciws, apart))
    return pd.DataFrame(lines, columns=["figure", "ours", "se", "ciw", "ciw_se", "apart"])


def check(table: pd.DataFrame) -> None:
    """Whether the two agree, and know their figures well enough for that to mean something."""
    precise = (table["se"] <= PRECISE * table["ours"]) & (
        table["ciw_se"] <= PRECISE * table["ciw"]
    )
    assert (precise & (table["apart"] <= APART)).all(), f"\n{table.to_string()}"


def ratio(pairs: Sequence[Pair]) -> Estimate:
    """Sum over sum, with the jackknife's standard error: each replication is left out once."""
    above, below = np.array(pairs, dtype=np.float64).T
    without = (above.sum() - above) / (below.sum() - below)
    count = len(pairs)
    error = np.sqrt((count - 1) * np.mean((without - without.mean()) ** 2))
    return Estimate(float(above.sum() / below.sum()), float(error))


def _of_row(result: StudyResult, row: Row) -> Estimate:
    table = result.summary
    found = table[
        table["metric"].eq(row.metric)
        & table["statistic"].eq(row.statistic)
        & table["by"].eq(row.by)
    ]
    value, low, high = found[["value", "ci_low", "ci_high"]].to_numpy(dtype=np.float64)[0]
    error = (high - low) / 2 / stats.t.ppf((1 + LEVEL) / 2, result.count - 1)
    return Estimate(float(value), float(error))
