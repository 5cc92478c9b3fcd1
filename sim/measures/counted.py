"""What the visits of a replication add up to, found in one pass through them."""

from dataclasses import dataclass
from functools import cache

import numpy as np

from sim.log import Log
from sim.measures.column import column
from sim.measures.facts import LIMITS, SAME
from sim.measures.histogram import TICKS
from sim.measures.once_a_log import once_a_log
from sim.measures.steps import Floats, window_of
from sim.measures.visits import (
    DURATIONS,
    NUMBER,
    SHORT,
    WAYS,
    WITHIN,
    Alike,
    Counted,
    Days,
    Stamps,
    Stays,
    go_through,
)
from sim.scenario.calendar import first_openings, site_spans
from sim.scenario.hours import DAY
from sim.scenario.once import once
from sim.scenario.scenario import Scenario


@dataclass(frozen=True, eq=False)
class Passed:
    """What the visits of a replication add up to."""

    stamps: Stamps
    """All visits."""
    rows: slice
    """Those of the days counted."""
    alike: Alike
    """Only the sorts there are; columns as they are described in `passes`."""
    days: Days
    stays: Stays
    late: Floats
    """Minutes from each closing until the last of those who had come was out."""
    inside: Floats
    """People inside at each closing."""


@once_a_log
def pass_through(scenario: Scenario, log: Log) -> Passed:
    """Add up the visits of a replication."""
    stamps = Stamps(*(column(log.visits[name]) for name in Stamps._fields))
    counted = _counted(scenario, stamps, float(log.end))
    alike, days, stays, closings = go_through(stamps, counted)
    last_out = np.maximum.accumulate(closings.last_out[:-1])
    return Passed(
        stamps=stamps,
        rows=slice(int(counted.rows[1]), int(counted.rows[-2])),
        alike=_found(alike),
        days=days,
        stays=stays,
        late=np.maximum(last_out - closing_times(scenario), 0.0),
        inside=closings.inside[:-1],
    )


def _counted(scenario: Scenario, stamps: Stamps, end: float) -> Counted:
    window = window_of(scenario)
    borders = np.arange(window.start, window.end + DAY / 2, DAY)
    begin = np.searchsorted(stamps.arrival, borders)
    limits, below = _limits()
    return Counted(
        kinds=len(scenario.visits),
        rooms=len(scenario.rooms),
        rows=np.array([0, *begin, len(stamps.arrival)], dtype=np.int64),
        start=float(window.start),
        first_hour=int(window.hour_of_week(borders)[0]),
        end=end,
        limits=limits,
        below=below,
        closings=np.append(closing_times(scenario), np.inf),
        ways=ways_of(scenario),
        opens=np.append([start for start, _ in site_spans(scenario)], np.inf),
        crowd=_crowds(scenario, borders[:-1]),
    )


def ways_of(scenario: Scenario) -> int:
    """In how many ways people may come to a site, see `passes.WAYS`."""
    waits = scenario.opening.wait_at_door > 0
    return WAYS if waits or scenario.demand.crowd_at_opening > 0 else 1


def _crowds(scenario: Scenario, days: Floats) -> Floats:
    """When the crowd of each day comes: at its first opening, as it is drawn; NaN for none."""
    if scenario.demand.crowd_at_opening == 0:
        return np.full(len(days), np.nan)
    return first_openings(scenario)[(days // DAY).astype(np.intp)]


def _found(alike: Alike) -> Alike:
    """What was found, with the known durations instead of the unknown ones, and running counts."""
    sorts, longs = alike.found
    sums = alike.sums[:sorts]
    counts = np.cumsum(sums[:, WITHIN:], axis=1)
    sums[:, WITHIN:], sums[:, NUMBER] = counts, counts[:, -1]
    for known in DURATIONS:
        sums[:, known] = sums[:, NUMBER] - sums[:, known]
    return alike._replace(codes=alike.codes[:sorts], sums=sums, long=alike.long[:longs])


@cache
def _limits() -> tuple[Floats, np.ndarray[tuple[int], np.dtype[np.uint8]]]:
    limits = np.array([*(limit + SAME for limit in LIMITS), np.inf])
    shortest = (np.arange(SHORT) - 0.5) / TICKS
    return limits, np.searchsorted(limits, shortest).astype(np.uint8)


@once
def closing_times(scenario: Scenario) -> Floats:
    """When the site closes within the window; minutes."""
    window = window_of(scenario)
    ends = np.array([end for _, end in site_spans(scenario)], dtype=np.float64)
    return ends[(ends > window.start) & (ends <= window.end)]
