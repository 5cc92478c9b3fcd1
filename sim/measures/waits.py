"""How long people queue."""

from collections.abc import Callable, Iterator

import numpy as np

from sim.log import Outcome
from sim.measures.facts import Facts, Visits
from sim.measures.groups import EVERYONE, Group, by_kind, by_room
from sim.measures.rows import (
    Figure,
    HourFigure,
    HourPair,
    HourRow,
    Interval,
    Pair,
    Row,
    Sample,
    quantile_figures,
    summed,
)
from sim.measures.steps import Bools, Floats, sum_by_hour
from sim.scenario.scenario import Scenario

LIMITS = (5, 10, 20, 30)
"""Minutes for which the share of waits that are no longer is reported."""
QUANTILES = (("median", 0.5), ("p90", 0.9), ("p95", 0.95))
"""Quantiles of waits, by name."""
SAME = 1e-6
"""Minutes: sums of durations that should be equal differ by less than this."""

_WAIT = "minutes queueing, for check-in, services before the stay and a place together"

Of = Callable[[Visits], Bools]


def wait_figures(scenario: Scenario) -> Iterator[Figure | Sample]:
    """Waits of those who got a place, of everybody let in, and at the single stages."""
    if scenario.rooms:
        whose = "visits that got a place"
        for group in (EVERYONE, *by_room(scenario), *by_kind(scenario, with_room=True)):
            yield from _waits("wait", group.by, whose, _and(_got_place, group))
            yield from _quantiles("wait", group.by, whose, _and(_got_place, group))
    whose = "all visits that were let in, whether or not they were served"
    for group in (EVERYONE, *by_kind(scenario)):
        yield from _waits("wait_joined", group.by, whose, _and(_queued, group))
    yield from _quantiles("wait_joined", "all", whose, _queued)
    if scenario.check_in is not None:
        meaning = "Minutes from arrival to the start of check-in, mean of visits that had one"
        yield _mean("wait_check_in", EVERYONE, meaning, lambda visits: visits.check_in_wait)
    for group in (EVERYONE, *by_room(scenario)) if scenario.rooms else ():
        meaning = "Minutes in the queue for a place, mean of visits that got one"
        yield _mean("wait_place", group, meaning, lambda visits: visits.place_wait)


def stay_figures(scenario: Scenario) -> Iterator[Figure]:
    """How long people stay."""
    for group in (EVERYONE, *by_room(scenario)) if scenario.rooms else ():
        meaning = "Minutes from entering a place to leaving it, mean of visits that got one"
        yield _mean("time_in_place", group, meaning, lambda visits: visits.in_place)
    meaning = "Minutes from arrival to leaving the site, mean of visits that were let in and left"
    yield _mean("time_on_site", EVERYONE, meaning, _time_on_site)


def wait_hours(scenario: Scenario) -> Iterator[HourFigure]:
    """Waits by the hour of arrival."""
    if scenario.rooms:
        for group in (EVERYONE, *by_room(scenario)):
            yield from _hourly("wait", group.by, "visits that got a place", _and(_got_place, group))
    whose = "all visits that were let in"
    yield from _hourly("wait_joined", "all", whose, _queued)


def _hourly(metric: str, by: str, whose: str, of: Of) -> Iterator[HourFigure]:
    when = "by the hour in which they arrived"
    meaning = f"Share of {whose} that had to wait at all, {when}"
    row = HourRow(f"{metric}_share_waiting", by, "share", meaning, Interval.EVENTS, most=1.0)
    yield HourFigure(row, _hourly_share(of, 0))
    row = HourRow(f"{metric}_mean", by, "min", f"Mean wait of {whose}, {when}")
    yield HourFigure(row, _mean_wait(of))
    meaning = f"Share of {whose} that waited more than 10 minutes, {when}"
    row = HourRow(f"{metric}_over_10", by, "share", meaning, Interval.EVENTS, most=1.0)
    yield HourFigure(row, _hourly_share(of, 10))


def _waits(metric: str, by: str, whose: str, of: Of) -> Iterator[Figure]:
    row = Row(metric, "mean", by, "min", f"Mean wait of {whose}: {_WAIT}")
    yield Figure(row, summed(_mean_wait(of)))
    meaning = f"Share of {whose} that had to wait at all"
    row = Row(metric, "share_waiting", by, "share", meaning, Interval.EVENTS, most=1.0)
    yield Figure(row, _share(of, lambda minutes: minutes > SAME))
    for limit in LIMITS:
        meaning = f"Share of {whose} that waited {limit} minutes or less"
        row = Row(metric, f"within_{limit}", by, "share", meaning, Interval.EVENTS, most=1.0)
        yield Figure(row, _share(of, _no_longer(limit)))


def _quantiles(metric: str, by: str, whose: str, of: Of) -> Iterator[Figure | Sample]:
    def minutes(facts: Facts) -> Floats:
        return facts.visits.waits(of).minutes

    yield from quantile_figures(metric, by, f"Wait of {whose}", minutes, QUANTILES)


def _mean_wait(of: Of) -> Callable[[Facts], HourPair]:
    def pair(facts: Facts) -> HourPair:
        waits = facts.visits.waits(of)
        return waits.minutes_by_hour, waits.number_by_hour

    return pair


def _hourly_share(of: Of, limit: float) -> Callable[[Facts], HourPair]:
    """Those who waited longer than the limit, of all."""

    def pair(facts: Facts) -> HourPair:
        waits = facts.visits.waits(of)
        longer = np.flatnonzero(waits.minutes > limit + SAME)
        return sum_by_hour(waits.hour.take(longer)), waits.number_by_hour

    return pair


def _share(of: Of, which: Callable[[Floats], Bools]) -> Callable[[Facts], Pair]:
    def pair(facts: Facts) -> Pair:
        minutes = facts.visits.waits(of).minutes
        return float(np.count_nonzero(which(minutes))), float(len(minutes))

    return pair


def _no_longer(limit: float) -> Callable[[Floats], Bools]:
    return lambda minutes: minutes <= limit + SAME


def _mean(metric: str, group: Group, meaning: str, minutes: Callable[[Visits], Floats]) -> Figure:
    def pair(facts: Facts) -> Pair:
        values = minutes(facts.visits)
        chosen = values.take(np.flatnonzero(group.of(facts.visits) & ~np.isnan(values)))
        return float(chosen.sum()), float(len(chosen))

    return Figure(Row(metric, "mean", group.by, "min", meaning), pair)


def _and(one: Of, group: Group) -> Of:
    return lambda visits: one(visits) & group.of(visits)


def _got_place(visits: Visits) -> Bools:
    return visits.got_place


def _queued(visits: Visits) -> Bools:
    return visits.queued


def _time_on_site(visits: Visits) -> Floats:
    left = visits.let_in & (visits.outcome != Outcome.INSIDE_AT_END)
    return np.where(left, visits.on_site, np.nan)
