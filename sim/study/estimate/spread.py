"""Distributions with their intervals, as tidy tables: by the clock, of waits, of responses."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import pandas as pd

from sim.measures import CountRow, Histogram, SampleRow
from sim.measures.figures.clock import Days
from sim.measures.histogram import BASE
from sim.measures.steps import QUARTER, QUARTERS, Bools, Integers, window_of
from sim.scenario.model.scenario import Scenario
from sim.study.estimate.intervals import Estimates, Floats, ratio, share_of_events
from sim.study.estimate.summary import StudyResult

WAITS = (*range(31), 35, 40, 45, 50, 60, 75, 90, 120)
"""Minutes for which the share of waits that are no longer is given."""
DELAYS = (*(step / 4 for step in range(21)), *range(6, 11), 15, 20, 30)
"""Minutes for which the share of overdoses met by then is given."""
QUANTILES = {"p5": 0.05, "median": 0.5, "p95": 0.95}
_RESPONSES = ("response_first", "response_team")
_NOISE = 1e-12


def by_time_of_day(result: StudyResult) -> pd.DataFrame:
    """Numbers at each quarter-hour of the day, over days and replications.

    Quantiles are the smallest numbers that at least such a share of the days did not exceed, with
    Woodruff's interval as in `intervals.quantile`; the interval of a mean is the jackknife's.

    Returns:
        `metric, by, days, minute, statistic, value, ci_low, ci_high, replications`; `minute` is
        counted from midnight, `days` is `open` or `worst` (see `clock.Days`).
    """
    parts = [
        _clock_part(row, batches, result.count)
        for row, batches in result.pooled.counts.items()
        if row.days in {Days.OPEN, Days.WORST}
    ]
    return pd.concat(parts, ignore_index=True)


def _clock_part(row: CountRow, batches: Sequence[Histogram], replications: int) -> pd.DataFrame:
    counts = _dense(batches, QUARTERS)
    numbers = np.arange(counts.shape[2])
    mean = ratio((counts * numbers).sum(axis=2), counts.sum(axis=2))
    found = {"mean": np.maximum(mean, 0.0)} | {
        name: _quantile(counts, probability) for name, probability in QUANTILES.items()
    }
    minutes = QUARTER * np.arange(QUARTERS)
    return pd.DataFrame(
        {
            "metric": row.metric,
            "by": row.by,
            "days": row.days.value,
            "minute": np.repeat(minutes, len(found)),
            "statistic": list(found) * QUARTERS,
            **{
                name: np.stack([one[place] for one in found.values()], axis=1).ravel()
                for place, name in enumerate(("value", "ci_low", "ci_high"))
            },
            "replications": replications,
        }
    )


def _dense(batches: Sequence[Histogram], lines: int) -> Integers:
    """(batches, lines, numbers): how often each number stood on each line."""
    wide = max(int((one.ticks % BASE).max(initial=0)) for one in batches) + 1
    found = np.zeros((len(batches), lines, wide), dtype=np.int64)
    for batch, one in enumerate(batches):
        found[batch, one.ticks // BASE, one.ticks % BASE] = one.counts
    return found


def _quantile(counts: Integers, probability: float) -> Floats:
    """Value, lower and upper bound of a quantile of each line: (3, lines)."""
    running = counts.sum(axis=0).cumsum(axis=1)
    total = running[:, -1]
    value = _first(running, np.full(len(total), probability))
    below = np.take_along_axis(counts.cumsum(axis=2), value[np.newaxis, :, np.newaxis], axis=2)
    share = ratio(below[:, :, 0].astype(np.float64), counts.sum(axis=2).astype(np.float64))
    half = share.high - share.value
    known = ~np.isnan(half) & (total * (1 - probability) >= 1 - _NOISE)
    wide = np.where(known, half, 0.0)
    low, high = (_first(running, probability + sign * wide) for sign in (-1, 1))
    found = np.stack([value, np.where(known, low, np.nan), np.where(known, high, np.nan)])
    found[:, total == 0] = np.nan
    return found


def _first(running: Integers, probability: Floats) -> Integers:
    """The smallest number that at least this share did not exceed; at most the largest."""
    wanted = probability * running[:, -1] * (1 - _NOISE)
    reached = running >= wanted[:, np.newaxis]
    reached &= running > 0
    found: Integers = np.where(reached.any(axis=1), reached.argmax(axis=1), _largest(running))
    return found


def _largest(running: Integers) -> Integers:
    found: Integers = np.argmax(running == running[:, -1:], axis=1)
    return found


EVERY, ORDINARY = "all", "ordinary"
"""Kinds of days beside those that the scenario names: all of them, and those it does not name."""
PEAKS = {"median": 0.5, "p90": 0.9, "p95": 0.95, "p99": 0.99}
"""Of how many days the most at one time is no more than a number."""
_PEAKS = ("most_waiting", "most_aftercare")


def by_kind_of_day(result: StudyResult, scenario: Scenario) -> pd.DataFrame:
    """What special days bring beside ordinary ones, and how many wait at one time on how many days.

    Days on which the site is closed are left out. Where the scenario has no special days, there
    are only `all`. A day of two kinds counts in both.

    Args:
        result: the study.
        scenario: what it simulated, which says which days are special.

    Returns:
        `metric, days, statistic, value, ci_low, ci_high, played, replications`; `days` is `all`,
        `ordinary` or the name of special days, `played` how many such days were played.
    """
    counts = {
        row.metric: batches
        for row, batches in result.pooled.counts.items()
        if row.days is Days.EACH
    }
    length = round(window_of(scenario).days)
    dense = {metric: _dense(batches, length) for metric, batches in counts.items()}
    lines = [
        (metric, name, statistic, *known, played, result.count)
        for name, chosen in _kinds_of_day(scenario, length).items()
        if (played := int(dense["visits"][:, chosen].sum()))
        for metric, statistic, known in _kind_lines(dense, chosen)
    ]
    columns = ["metric", "days", "statistic", "value", "ci_low", "ci_high", "played"]
    return pd.DataFrame(lines, columns=[*columns, "replications"])


def _kinds_of_day(scenario: Scenario, length: int) -> dict[str, Bools]:
    """Which of the days counted are of which kind."""
    horizon, special = scenario.horizon, scenario.demand.special_days
    dates = [horizon.date_of(7 * horizon.warmup_weeks + day) for day in range(length)]
    found = {
        one.name: np.array([one.falls_on(day) for day in dates], dtype=np.bool_) for one in special
    }
    every = np.ones(length, dtype=np.bool_)
    if not special:
        return {EVERY: every}
    return {EVERY: every, ORDINARY: ~np.logical_or.reduce(list(found.values())), **found}


def _kind_lines(
    dense: Mapping[str, Integers], chosen: Bools
) -> Iterator[tuple[str, str, tuple[float, float, float]]]:
    """Figures of days of one kind."""
    sums, days = {}, np.empty(0)
    for metric, counts in dense.items():
        mine = counts[:, chosen].sum(axis=1)
        sums[metric] = (mine * np.arange(mine.shape[1])).sum(axis=1).astype(np.float64)
        days = mine.sum(axis=1).astype(np.float64)
        if metric in _PEAKS:
            for statistic, probability in PEAKS.items():
                peak = _quantile(mine[:, np.newaxis], probability)[:, 0]
                yield metric, statistic, (float(peak[0]), float(peak[1]), float(peak[2]))
    for metric in (one for one in sums if one not in _PEAKS):
        yield metric, "per_day", ratio(sums[metric][:, np.newaxis], days[:, np.newaxis]).at(0)
    share = share_of_events(sums["unserved"][:, np.newaxis], sums["visits"][:, np.newaxis])
    yield "unserved", "share", Estimates(*np.clip(share, 0.0, 1.0)).at(0)


def within(result: StudyResult) -> pd.DataFrame:
    """Shares of waits and of responses that are no longer than so many minutes.

    Waits are of the visits that got a place; a response that never came counts as longer than
    any limit.

    Returns:
        `metric, by, minutes, value, ci_low, ci_high, replications`.
    """
    columns = ["metric", "by", "minutes", "value", "ci_low", "ci_high", "replications"]
    lines = [
        (*line, result.count)
        for sample, batches in result.pooled.samples.items()
        for line in _within_lines(result, sample, batches)
    ]
    return pd.DataFrame(lines, columns=columns)


def _within_lines(
    result: StudyResult, sample: SampleRow, batches: Sequence[Histogram]
) -> Iterator[tuple[str, str, float, float, float, float]]:
    if sample.hourly:
        return
    if sample.metric == "wait":
        limits: Sequence[float] = WAITS
        of = np.array([one.total for one in batches], dtype=np.float64)
    elif sample.metric in _RESPONSES:
        limits = DELAYS
        of = _known(result, sample, len(batches))
    else:
        return
    below = np.array([[one.at_most(limit) for limit in limits] for one in batches], dtype=float)
    totals = np.broadcast_to(of[:, np.newaxis], below.shape)
    shares = np.clip(share_of_events(below, totals), 0.0, 1.0)
    for limit, value, low, high in zip(limits, *shares, strict=True):
        yield sample.metric, sample.by, limit, float(value), float(low), float(high)


def _known(result: StudyResult, sample: SampleRow, batches: int) -> Floats:
    """Overdoses of which it is known whether somebody came, by batch."""
    of = result.pooled.denominators[:, result.figures.numbers[sample.metric, "reached", sample.by]]
    return np.array([of[batch::batches].sum() for batch in range(batches)])


def at_once(result: StudyResult) -> pd.DataFrame:
    """Shares of overdoses on site that began while so many others were being responded to.

    Returns:
        `metric, by, number, value, ci_low, ci_high, replications`; empty without overdoses.
    """
    lines: list[tuple[str, str, int, float, float, float, int]] = []
    for row, batches in result.pooled.counts.items():
        if row.days is not Days.NONE or not any(one.total for one in batches):
            continue
        counts = _dense(batches, 1)[:, 0].astype(np.float64)
        totals = np.broadcast_to(counts.sum(axis=1)[:, np.newaxis], counts.shape)
        shares = np.clip(share_of_events(counts, totals), 0.0, 1.0)
        for number, (value, low, high) in enumerate(zip(*shares, strict=True)):
            known = float(value), float(low), float(high)
            lines.append((row.metric, row.by, number, *known, result.count))
    columns = ["metric", "by", "number", "value", "ci_low", "ci_high", "replications"]
    return pd.DataFrame(lines, columns=columns)
