"""How often 95 % intervals of a fit hold the truth: `python -m benchmarks.fit coverage`."""

import tempfile
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pandas as pd

from benchmarks.fit.sites import (
    QUEUE_TRUTH,
    SERVED_TRUTH,
    TRUTH,
    busy,
    fit_of,
    played,
    queue,
    served,
)
from sim.fit.as_log import LogForm
from sim.fit.fit import Choice, Fitted
from sim.fit.reading.register import Shape
from sim.scenario import Scenario

Truth = Mapping[tuple[str, str], float]
_PATIENCE = ("visits.patience.median", "visits.patience.shape")
_STAYS = ("visits.stay.mean", "rooms.time_limit.comply", "rooms.time_limit.overrun.mean")


@dataclass(frozen=True)
class Kept:
    """How a log is kept, and of which inputs it is asked whether their intervals hold the truth."""

    name: str
    form: Mapping[str, object]
    leaves_out: tuple[str, ...] = ()
    """Inputs that the log cannot know, kept so."""


CLEAN = Kept("clean", {})
MESSES = (
    Kept("rounded to 5 min", {"round": 5}, ("demand.crowd_at_opening",)),
    Kept("1 in 20 ended by a program", {"auto_end_share": 0.05}),
    Kept("3 days not kept", {"gap": 3}),
    Kept("begun a week late", {"skip": 7}),
    Kept("rows written twice", {"duplicate": 0.01}),
    Kept(
        "two rows a visit",
        {"two_rows": True},
        ("visits.overdose.per_1000",),
    ),
    Kept(
        "uses, those not served in a list",
        {"shape": "uses"},
        ("visits.overdose.per_1000", "demand.crowd_at_opening", *_PATIENCE),
    ),
    Kept("events", {"shape": "events"}, ("visits.overdose.per_1000",)),
    Kept(
        "counts by the hour",
        {"shape": "counts"},
        (
            "visits.overdose.per_1000",
            "demand.crowd_at_opening",
            "visits.share",
            *_PATIENCE,
            *_STAYS,
        ),
    ),
)


def held(found: Fitted, truth: Truth) -> dict[tuple[str, str], bool | None]:
    """Of each true value, whether its interval holds it; None where the log gave none."""
    rows = {(one.input, one.by): one.estimate for one in found.rows()}
    for name in _PATIENCE:  # of kinds apart where both have enough who left
        kinds = [one for (named, _), one in rows.items() if named == name]
        if kinds:
            rows.setdefault((name, "all"), kinds[0])
    return {
        key: rows[key].low <= value <= rows[key].high
        if key in rows and rows[key].low == rows[key].low
        else None
        for key, value in truth.items()
    }


def one_log(
    seed: int, site: Scenario, truth: Truth, form: LogForm
) -> dict[tuple[str, str], bool | None]:
    """A play, written as a log, read and fitted."""
    with tempfile.TemporaryDirectory() as folder:
        found = fit_of(site, played(site, seed), seed, form, Path(folder), Choice(latest=False))
    return held(found, truth)


def coverage(
    site: Scenario, truth: Truth, kept: Kept, logs: int, workers: int, first: int = 1
) -> Iterator[dict[str, object]]:
    """A row an input: of how many logs the interval held the truth.

    Args:
        site: that is played.
        truth: what is true of it.
        kept: how the logs are kept.
        logs: how many.
        workers: processes.
        first: the seed of the first.
    """
    form = LogForm.model_validate({"shape": Shape.VISITS, **kept.form})
    work = partial(one_log, site=site, truth=truth, form=form)
    seeds = range(first, first + logs)
    if workers > 1:
        with ProcessPoolExecutor(workers) as pool:
            found = list(pool.map(work, seeds, chunksize=5))
    else:
        found = [work(seed) for seed in seeds]
    for key in truth:
        if key[0] in kept.leaves_out:
            continue
        known = [one[key] for one in found if one[key] is not None]
        if known:
            share = sum(map(bool, known)) / len(known)
            name = f"{key[0]} {key[1]}".removesuffix(" all")
            yield {"log": kept.name, "input": name, "logs": len(known), "held": share}


def table(
    logs: int, of_mess: int, workers: int, told: Callable[[pd.DataFrame], None]
) -> pd.DataFrame:
    """All rows: clean logs of one queue, services and a busy site, then each mess that is undone.

    Args:
        logs: clean ones.
        of_mess: logs of each mess; 0 for none.
        workers: processes.
        told: of what is known so far, as it takes a while.
    """
    rows: list[dict[str, object]] = []
    rows += coverage(queue(), QUEUE_TRUTH, Kept("clean, M/M/1", {}), logs, workers)
    rows += coverage(served(), SERVED_TRUTH, Kept("clean, services", {}), logs, workers)
    rows += coverage(busy(), TRUTH, CLEAN, logs, workers)
    for mess in MESSES if of_mess else ():
        told(pd.DataFrame(rows))
        rows += coverage(busy(), TRUTH, mess, of_mess, workers, first=10_001)
    return pd.DataFrame(rows)
