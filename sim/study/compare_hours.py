"""What options change hour by hour of the week, with paired intervals."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from sim.measures.steps import HOURS
from sim.study.compare import Comparison
from sim.study.compare_pairs import Studied
from sim.study.intervals import ratio
from sim.study.paired import Pairs, ratio_difference

METRICS = ("wait_mean", "unserved", "waiting", "places_occupied")
"""Metrics of the by-hour table that are compared, each of the whole site."""
_BY = "all"
COLUMNS = (
    *("metric", "by", "option", "hour_of_week", "base_value", "value", "difference"),
    *("ci_low", "ci_high", "unit", "replications"),
)


def hours_table(comparison: Comparison) -> pd.DataFrame:
    """Differences, option minus base, for each hour of the week: the columns of COLUMNS.

    Intervals are the jackknife's over paired batches of replications, of each hour by itself: of
    168 hours some eight leave 0 out by chance.
    """
    parts = [
        part
        for metric in METRICS
        for option in comparison.options
        for part in _part(comparison.base, option, metric)
    ]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=list(COLUMNS))


def _part(base: Studied, option: Studied, metric: str) -> Iterator[pd.DataFrame]:
    before, after = _pairs(base, metric), _pairs(option, metric)
    if before is None or after is None:
        return
    found = ratio_difference(before, after)
    columns = {
        "metric": metric,
        "by": _BY,
        "option": option.name,
        "hour_of_week": np.arange(HOURS),
        "base_value": ratio(*before).value,
        "value": ratio(*after).value,
        "difference": found.value,
        "ci_low": found.low,
        "ci_high": found.high,
        "unit": next(row.unit for row in base.result.hour_rows if row.metric == metric),
        "replications": base.result.count,
    }
    yield pd.DataFrame(columns, columns=list(COLUMNS))


def _pairs(one: Studied, metric: str) -> Pairs | None:
    """A metric's hours, batch by batch of replications; None if there is no such metric."""
    rows = enumerate(one.result.hour_rows)
    place = next((n for n, row in rows if (row.metric, row.by) == (metric, _BY)), None)
    pooled = one.result.pooled
    if place is None:
        return None
    return Pairs(pooled.hour_numerators[:, place], pooled.hour_denominators[:, place])
