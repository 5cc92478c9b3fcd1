"""Published facilities simulated and compared."""

from collections.abc import Collection

import numpy as np
import pandas as pd

from sim.engine import Engine
from sim.validation import trials
from sim.validation.published.checks import CHECKS, Check, Run
from sim.validation.readings import Estimate, Reading
from sim.validation.trials import Played, Progress, silent

COLUMNS = (
    "id",
    "facility",
    "went_in",
    "published",
    "source",
    "simulated",
    "ci_low",
    "ci_high",
    "agrees",
    "remark",
)
"""Of the table."""


def published(
    *,
    quick: bool = False,
    ids: Collection[str] | None = None,
    seed: int = 1,
    workers: int = 1,
    engine: Engine = Engine.FAST,
    progress: Progress = silent,
) -> pd.DataFrame:
    """Simulate the published facilities and compare.

    A figure agrees (`yes`) when its simulated value lies in the range that the published value
    allows; the interval says how sure the simulated value is. `regime only` stands where no number
    is published that could be met.

    Args:
        quick: shorter horizons and fewer replications.
        ids: only these checks, such as `V2.1`; without it all.
        seed: the seed of all chance.
        workers: how many share the replications.
        engine: what plays the visitors.
        progress: is told of every run done.

    Returns:
        COLUMNS, a line for each check.

    Raises:
        ValueError: an id is of no check.
    """
    if unknown := set(ids or ()) - {check.id for check in CHECKS}:
        known = ", ".join(check.id for check in CHECKS)
        raise ValueError(f"there is no check {', '.join(sorted(unknown))}; known: {known}")
    chosen = [check for check in CHECKS if ids is None or check.id in ids]
    wanted: dict[Run, dict[Reading, None]] = {}
    for check in chosen:
        for run in check.runs:
            wanted.setdefault(run, {})[check.reading] = None
    found = trials.play(
        [run.trial(tuple(readings), seed, quick=quick) for run, readings in wanted.items()],
        engine=engine,
        workers=workers,
    )
    played: dict[Run, Played] = {}
    for run, one in zip(wanted, found, strict=True):
        played[run] = one
        progress(len(played), len(wanted))
    rows = [_row(check, [played[run] for run in check.runs]) for check in chosen]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _row(check: Check, played: list[Played]) -> tuple[object, ...]:
    found = _left(check, *played) if len(played) > 1 else played[0].estimate(check.reading)
    return (
        check.id,
        check.facility,
        check.went_in,
        check.published,
        check.source,
        found.value,
        found.low,
        found.high,
        check.verdict(found.value).value,
        check.full_remark,
    )


def _left(check: Check, before: Played, after: Played) -> Estimate:
    """How much of the numerator is left, with a jackknife over pairs of replications."""
    numerators = [one.taken[check.reading][:, 0] for one in (after, before)]
    return check.reading.estimate(np.column_stack(numerators), None)
