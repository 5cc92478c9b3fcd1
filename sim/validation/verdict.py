"""Whether a simulated figure is what it should be."""

from typing import NamedTuple

import numpy as np
import pandas as pd

from sim.study.estimate.summary import Accumulator
from sim.validation.case import Case, Figure
from sim.validation.play import Kept, scenario_of
from sim.validation.readings import Estimate

APART = 4
"""Standard errors that simulated and exact must be less than apart."""
COLUMNS = (
    "case",
    "exercises",
    "figure",
    "exact",
    "simulated",
    "standard_error",
    "apart",
    "relative_se",
    "passed",
)
"""Of the table."""

_NOISE = 1e-9
"""Difference that is only rounding."""


class Verdict(NamedTuple):
    """How a simulated figure compares with the exact one."""

    apart: float
    """Simulated less exact, in standard errors; 0 or infinite where there is none."""
    relative: float
    """Standard error divided by the simulated value."""
    passed: bool


def verdict(figure: Figure, found: Estimate, *, quick: bool) -> Verdict:
    """Compare a simulated figure with the exact one."""
    difference = found.value - figure.exact
    equal, spread = abs(difference) < _NOISE, float(np.hypot(found.error, figure.exact_error))
    apart = difference / spread if spread > 0 else 0.0 if equal else np.copysign(np.inf, difference)
    relative = found.error / abs(found.value) if found.value else 0.0
    if figure.limit == 0:
        return Verdict(apart, relative, equal)
    sharp = relative <= figure.limit_when(quick=quick)
    return Verdict(apart, relative, bool(abs(apart) < APART and sharp))


def compare(case: Case, kept: list[Kept], *, quick: bool) -> pd.DataFrame:
    """COLUMNS, a line for each figure of a case that has been played."""
    study = Accumulator(scenario_of(case.file))
    for one in kept:
        study.add(one.tally)
    result = study.result(seed=0)
    rows = []
    for number, figure in enumerate(case.figures):
        found = figure.reading.estimate(np.array([one.taken[number] for one in kept]), result)
        judged = verdict(figure, found, quick=quick)
        row = (case.id, case.exercises, figure.name, float(figure.exact), *found, *judged)
        rows.append(row)
    return pd.DataFrame(rows, columns=list(COLUMNS))
