"""How far a forecast from a fitted log is off: `python -m benchmarks.fit forecast`."""

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.fit.sites import BUSY, busy, fit_of, p90_and_unserved, played
from sim.fit.as_log import LogForm
from sim.fit.fit import Choice, Fitted
from sim.fit.matching import matched
from sim.fit.reading.register import Shape
from sim.fit.write import trial_scenario
from sim.scenario.load import Loaded, read_scenario

WEEKS = (1, 2, 4, 8, 26)
KNOWN = ("in the log", "one tally", "nothing")
"""What is known of those who were not served."""
_REPLICATIONS = 10
"""Of four weeks, of each forecast; the truth has ten times as many."""
_NEAR = 0.2


def _forecast(found: Fitted, loaded: Loaded, site: Path) -> tuple[float, float]:
    """P90 of the wait, and how many a day are not served, by the fitted scenario."""
    return p90_and_unserved(trial_scenario(found, loaded, site), _REPLICATIONS)


def _fits(weeks: int, seed: int, folder: Path) -> Iterator[tuple[str, tuple[float, float]]]:
    """The forecasts from one log, by what is known of those who were not served."""
    path = folder / "site.yaml"
    path.write_text(BUSY)
    loaded = read_scenario(path)
    visits = played(busy(weeks), seed)
    gone = float(visits["entered"].isna().sum()) / (weeks * 7)
    site = loaded.scenario
    form = LogForm(shape=Shape.VISITS)
    found = fit_of(site, visits, seed, form, folder, Choice(latest=False))
    yield KNOWN[0], _forecast(found, loaded, path)
    form = LogForm(shape=Shape.VISITS, unserved=0)
    told = Choice(latest=False, unserved_a_day=gone)
    found = fit_of(site, visits, seed, form, folder, told)
    found = matched(found, loaded, path, gone, lambda *_: None)
    yield KNOWN[1], _forecast(found, loaded, path)
    told = Choice(latest=False, unserved_unknown=True)
    found = fit_of(site, visits, seed, form, folder, told)
    yield KNOWN[2], _forecast(found, loaded, path)


def errors(weeks: int, logs: int) -> pd.DataFrame:
    """Of each log, how far P90 and unserved are off.

    Args:
        weeks: of which the logs are.
        logs: how many.
    """
    true = p90_and_unserved(busy(), 10 * _REPLICATIONS)
    rows = []
    for seed in range(1, logs + 1):
        with tempfile.TemporaryDirectory() as folder:
            for known, (wait, gone) in _fits(weeks, seed, Path(folder)):
                rows.append(
                    {
                        "weeks": weeks,
                        "known": known,
                        "P90": wait / true[0] - 1,
                        "unserved": gone / true[1] - 1,
                    }
                )
    return pd.DataFrame(rows)


def table(logs: int, told: Callable[[pd.DataFrame], None]) -> pd.DataFrame:
    """By weeks, and by what is known of the unserved, how far forecasts are off.

    Args:
        logs: of each length.
        told: of what is known so far, as it takes a while.
    """
    rows = []
    for weeks in WEEKS:
        found = errors(weeks, logs)
        rows += [_summary(weeks, one, found[found["known"] == one]) for one in KNOWN]
        told(pd.DataFrame(rows))
    return pd.DataFrame(rows)


def _summary(weeks: int, known: str, found: pd.DataFrame) -> dict[str, object]:
    row: dict[str, object] = {"weeks": weeks, "unserved known": known, "logs": len(found)}
    for name in ("P90", "unserved"):
        off = found[name].to_numpy()
        row |= {
            f"{name} mean": np.mean(off),
            f"{name} median size": np.median(np.abs(off)),
            f"{name} within 20 %": int((np.abs(off) <= _NEAR).sum()),
        }
    return row
