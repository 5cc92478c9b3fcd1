"""Control variates: figures with what their replications had too much of taken out.

A replication in which by chance more people come, or stay longer, also has longer waits. How many
come on average, and how long they would stay, is known from the scenario without simulating; so
what a replication has too much of both can be taken out of its figures.

The figure of a replication is regressed on the replication's controls, whose means are known to
be 0; the intercept, the figure of a replication with no more of anything than expected, is the
estimate. Its standard error is that of ordinary least squares, with n − 1 − q degrees of freedom
for q controls. (Lavenberg & Welch 1981, Management Science 27.)
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sim.measures import Histogram, Interval, Row, SampleRow
from sim.measures.histogram import TICKS, merge
from sim.measures.steps import window_of
from sim.scenario.derived.calendar import expected_visits
from sim.scenario.model.durations import Distribution, Empirical, Fixed
from sim.scenario.model.scenario import Scenario
from sim.scenario.model.site import TimeLimit
from sim.study.estimate.intervals import (
    LEVEL,
    UNKNOWN,
    Estimate,
    Estimates,
    Floats,
    around,
    half_width,
    pseudo_values,
)
from sim.study.estimate.summary import Pooled
from sim.visitors import Visitors

# --- what is known of the visitors --------------------------------------------------------------

CONTROLS = ("visits", "stay")
"""Visits that arrive within the counted time, those by appointment left out; and minutes that they
would stay in the room they prefer. Of each what is more than expected: their means are 0."""


@dataclass(frozen=True)
class Expected:
    """What is to be expected of the visitors of a replication."""

    counted_from: float
    """Minute from which arrivals count."""
    visits: float
    """Mean number of visits counted; NaN when visits are listed and not drawn."""
    rooms: tuple[int, ...]
    """By visit kind, the room it prefers; -1 for none."""
    stays: tuple[float, ...]
    """By visit kind, the mean stay there after the room's time limit, minutes; 0 without room."""

    def deviations(self, visitors: Visitors) -> Floats:
        """What is more than expected, one number for each of CONTROLS."""
        if np.isnan(self.visits):
            return np.zeros(len(CONTROLS))
        walked_in = np.isnan(visitors.appointment)
        counted = np.flatnonzero(walked_in & (visitors.arrival >= self.counted_from))
        kind = visitors.kind[counted]
        room = np.array(self.rooms)[kind]
        stays = room >= 0
        longer = visitors.stay[room[stays], counted[stays]] - np.array(self.stays)[kind[stays]]
        return np.array([len(counted) - self.visits, longer.sum()])


def expected(scenario: Scenario) -> Expected:
    """What is to be expected of the visitors of any replication of a scenario."""
    names = {name: number for number, name in enumerate(scenario.rooms)}
    first = [kind.rooms[0] if kind.rooms else None for kind in scenario.visits.values()]
    kinds = zip(scenario.visits.values(), first, strict=True)
    return Expected(
        counted_from=window_of(scenario).start,
        visits=expected_visits(scenario),
        rooms=tuple(-1 if room is None else names[room] for room in first),
        stays=tuple(
            0.0
            if room is None or kind.stay is None
            else mean_stay(kind.stay, scenario.rooms[room].time_limit)
            for kind, room in kinds
        ),
    )


def mean_stay(stay: Distribution, limit: TimeLimit | None) -> float:
    """Mean minutes of a stay that a room's time limit may cut.

    The mean of the shorter of two independent durations is the integral of the product of their
    survival functions: of the stay with those who comply up to the limit, of the stay and the
    limit plus overrun of the others.

    Args:
        stay: before any limit.
        limit: of the room.
    """
    if limit is None:
        return stay.mean()
    kept = _integral(stay, None, limit.limit)
    if limit.comply == 1 or limit.overrun is None:
        return kept
    beyond = _integral(stay, limit.overrun, limit.limit)
    return kept + (1 - limit.comply) * beyond


def _integral(stay: Distribution, overrun: Distribution | None, limit: float) -> float:
    """Mean minutes of a stay before a limit; or, with an overrun, beyond the limit.

    Gauss-Legendre quadrature between quantiles and wherever a survival function jumps.
    """
    cuts = _cuts(stay)
    if overrun is None:
        start, end = 0.0, min(limit, float(cuts[-1]))
    else:
        start, end = limit, max(limit, float(cuts[-1]))
        cuts = np.concatenate([cuts, limit + _cuts(overrun)])
    edges = np.unique(np.clip(np.append(cuts, (start, end)), start, end))
    nodes, weights = np.polynomial.legendre.leggauss(20)
    half = np.diff(edges)[:, np.newaxis] / 2
    minutes = edges[:-1, np.newaxis] + half * (1 + nodes)
    longer = _survival(stay, minutes)
    if overrun is not None:
        longer = longer * _survival(overrun, minutes - limit)
    return float((half * weights * longer).sum())


def _cuts(duration: Distribution) -> Floats:
    """Minutes between which the survival function is smooth, increasing."""
    if isinstance(duration, Empirical):
        return np.unique(duration.values)
    tails = np.array([1e-12, 1e-9, 1e-6, 1e-4, 1e-3, 0.01, 0.05, 0.1, 0.25])
    return duration.quantile(np.concatenate([[0.0], tails, [0.5], 1 - tails[::-1]]))


def _survival(duration: Distribution, minutes: Floats) -> Floats:
    """Chance of being longer than each of these."""
    if isinstance(duration, Fixed):
        return (duration.value > minutes).astype(np.float64)
    if isinstance(duration, Empirical):
        order = np.argsort(duration.values)
        weights = np.ones(len(order)) if duration.weights is None else np.array(duration.weights)
        upto = np.concatenate([[0.0], np.cumsum(weights[order])])
        found = np.searchsorted(np.array(duration.values)[order], minutes, side="right")
        shorter: Floats = upto[found] / upto[-1]
        return 1 - shorter
    longer = duration.longer(np.maximum(minutes - duration.plus, 0.0))
    return longer if duration.at_most is None else longer * (minutes < duration.at_most)


# --- figures with it taken out ------------------------------------------------------------------

COLUMNS = (
    "metric",
    "statistic",
    "by",
    "value",
    "ci_low",
    "ci_high",
    "controlled_value",
    "controlled_ci_low",
    "controlled_ci_high",
    "width_ratio",
    "unit",
    "replications",
)
"""Of the table: a figure as it is in the summary, and with controls; width of the second interval
÷ width of the first."""

_ADJUSTED = (Interval.RATIO, Interval.EVENTS)
"""Beside quantiles. Counts of rare events keep their exact intervals, and the highest of all
replications has none."""
_SAME = 1e-9
"""Controls that vary by less, relatively, do not vary."""
_LEAST_FREEDOM = 2
"""With fewer degrees of freedom left nothing is adjusted."""


def control_table(rows: Sequence[Row], pooled: Pooled, summary: pd.DataFrame) -> pd.DataFrame:
    """COLUMNS, a line for each figure that can be adjusted; none without controls.

    Args:
        rows: the summary's rows.
        pooled: the replications.
        summary: the figures without controls, in the same order.
    """
    value, low, high = adjusted(rows, pooled)
    table = summary.assign(controlled_value=value, controlled_ci_low=low, controlled_ci_high=high)
    width = table["ci_high"] - table["ci_low"]
    found = table.assign(width_ratio=(high - low) / width.where(width > 0))
    return found.dropna(subset="width_ratio")[list(COLUMNS)].reset_index(drop=True)


def adjusted(rows: Sequence[Row], pooled: Pooled, numbers: Sequence[int] | None = None) -> Floats:
    """Value, lower and upper bound of the summary's rows with controls; NaN without: (3, rows).

    Args:
        rows: the summary's rows, all of them.
        pooled: the replications.
        numbers: positions of the rows wanted; without it all.
    """
    wanted = list(range(len(rows)) if numbers is None else numbers)
    found = np.full((3, len(rows)), np.nan)
    controls = _varying(pooled.controls)
    if _enough(controls):
        linear = [number for number in wanted if rows[number].interval in _ADJUSTED]
        pseudo = pseudo_values(pooled.numerators[:, linear], pooled.denominators[:, linear])
        # Where all replications agree, as when nobody was ever late, there is nothing to regress.
        differs = np.ptp(pseudo, axis=0) > 0
        found[:, linear] = np.where(differs, intercept(pseudo, controls), np.nan)
        for number in wanted:
            row = rows[number]
            if row.interval is Interval.QUANTILE:
                batches = pooled.samples[SampleRow(row.metric, row.by)]
                found[:, number] = quantile_with(batches, row.probability, controls)
    most = np.array([row.most for row in rows])
    clipped: Floats = np.clip(found, 0.0, most)[:, wanted]
    return clipped


def intercept(values: Floats, controls: Floats, level: float = LEVEL) -> Estimates:
    """Values at controls of 0, with their interval.

    Args:
        values: (replications, anything).
        controls: (replications, q), each of mean 0 but for chance.
        level: confidence.
    """
    count, freedom = len(values), _freedom(controls)
    design = np.column_stack([np.ones(count), controls])
    inverse = np.linalg.inv(design.T @ design)
    found = inverse @ design.T @ values
    rest = values - design @ found
    error = np.sqrt((rest**2).sum(axis=0) / freedom * inverse[0, 0])
    return around(found[0], half_width(error, freedom, level))


def quantile_with(
    batches: Sequence[Histogram], probability: float, controls: Floats, level: float = LEVEL
) -> Estimate:
    """A quantile of all durations together, with controls.

    The share that is no longer than the plain quantile is adjusted; by as much as that changes,
    the probability at which the quantile is read changes the other way, and the interval is
    Woodruff's, as in `intervals.quantile`.

    Args:
        batches: durations, by replication or by groups of replications, number modulo groups.
        probability: p, such as 0.95.
        controls: (replications, q).
        level: confidence.
    """
    pooled, groups = merge(batches), len(batches)
    if pooled.total * (1 - probability) < 1:
        return UNKNOWN
    of_groups = np.array([controls[first::groups].sum(axis=0) for first in range(groups)])
    if not _enough(of_groups):
        return UNKNOWN
    plain = pooled.quantile(probability)
    below = np.array([batch.at_most(plain) for batch in batches], dtype=np.float64)
    total = np.array([batch.total for batch in batches], dtype=np.float64)
    pseudo = pseudo_values(below, total)
    if np.isnan(pseudo).any():
        return UNKNOWN
    share = intercept(pseudo, of_groups, level)
    half = float(share.high - share.value)
    at = probability - (float(share.value) - float(below.sum() / total.sum()))
    # Durations are rounded; beside an interval as narrow as these can be, that is not nothing.
    rounding = 0.5 / TICKS
    low, high = pooled.quantile(at - half) - rounding, pooled.quantile(at + half) + rounding
    return Estimate(pooled.quantile(at), low, high)


def _varying(controls: Floats) -> Floats:
    """The controls without those that are the same in every replication."""
    if not len(controls):
        return controls
    size = np.abs(controls).max(axis=0, initial=1.0)
    return controls[:, np.ptp(controls, axis=0) > _SAME * size]


def _freedom(controls: Floats) -> int:
    count, number = controls.shape
    return int(count - 1 - number)


def _enough(controls: Floats) -> bool:
    """Whether there are controls, and replications enough to use them."""
    return controls.shape[1] > 0 and _freedom(controls) >= _LEAST_FREEDOM
