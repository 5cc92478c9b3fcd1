"""How long people queue."""

from collections.abc import Callable, Iterator

import numpy as np

from sim.log import Outcome
from sim.measures.facts import LIMITS, Facts, Visits
from sim.measures.groups import EVERYONE, Group, by_kind, by_room
from sim.measures.histogram import Histogram
from sim.measures.passes import CHECKED_IN, JOINED, LEFT, STAYED
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
from sim.measures.steps import Bools, Floats
from sim.scenario.scenario import Scenario

QUANTILES = (("median", 0.5), ("p90", 0.9), ("p95", 0.95))
"""Quantiles of waits, by name."""

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
        yield _mean("wait_check_in", EVERYONE, meaning, CHECKED_IN)
    for group in (EVERYONE, *by_room(scenario)) if scenario.rooms else ():
        meaning = "Minutes in the queue for a place, mean of visits that got one"
        yield _mean("wait_place", group, meaning, JOINED)


def stay_figures(scenario: Scenario) -> Iterator[Figure]:
    """How long people stay."""
    for group in (EVERYONE, *by_room(scenario)) if scenario.rooms else ():
        meaning = "Minutes from entering a place to leaving it, mean of visits that got one"
        yield _mean("time_in_place", group, meaning, STAYED)
    meaning = "Minutes from arrival to leaving the site, mean of visits that were let in and left"
    yield _mean("time_on_site", Group("all", _let_in_and_left), meaning, LEFT)


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
    yield HourFigure(row, _longer(of, 0))
    row = HourRow(f"{metric}_mean", by, "min", f"Mean wait of {whose}, {when}")
    yield HourFigure(row, _mean_wait(of))
    meaning = f"Share of {whose} that waited more than 10 minutes, {when}"
    row = HourRow(f"{metric}_over_10", by, "share", meaning, Interval.EVENTS, most=1.0)
    yield HourFigure(row, _longer(of, 10))


def _waits(metric: str, by: str, whose: str, of: Of) -> Iterator[Figure]:
    row = Row(metric, "mean", by, "min", f"Mean wait of {whose}: {_WAIT}")
    yield Figure(row, summed(_mean_wait(of)))
    meaning = f"Share of {whose} that had to wait at all"
    row = Row(metric, "share_waiting", by, "share", meaning, Interval.EVENTS, most=1.0)
    yield Figure(row, summed(_longer(of, 0)))
    for limit in LIMITS[1:]:
        meaning = f"Share of {whose} that waited {limit} minutes or less"
        row = Row(metric, f"within_{limit}", by, "share", meaning, Interval.EVENTS, most=1.0)
        yield Figure(row, _within(of, limit))


def _quantiles(metric: str, by: str, whose: str, of: Of) -> Iterator[Figure | Sample]:
    def minutes(facts: Facts) -> Floats:
        return facts.visits.one_by_one(facts.visits.stamps.waited, of(facts.visits))

    def counted(facts: Facts) -> Histogram:
        return facts.visits.waits_by_length(of(facts.visits))

    yield from quantile_figures(metric, by, f"Wait of {whose}", minutes, QUANTILES, counted)


def _mean_wait(of: Of) -> Callable[[Facts], HourPair]:
    def pair(facts: Facts) -> HourPair:
        waits = facts.visits.waits(of)
        return waits.minutes_by_hour, waits.number_by_hour

    return pair


def _longer(of: Of, limit: int) -> Callable[[Facts], HourPair]:
    """Those who waited longer than the limit, of all."""

    def pair(facts: Facts) -> HourPair:
        waits = facts.visits.waits(of)
        return waits.longer_by_hour(limit), waits.number_by_hour

    return pair


def _within(of: Of, limit: int) -> Callable[[Facts], Pair]:
    """Those who waited no longer than the limit, of all."""

    def pair(facts: Facts) -> Pair:
        waits = facts.visits.waits(of)
        return float(waits.within(limit).sum()), float(waits.number.sum())

    return pair


def _mean(metric: str, group: Group, meaning: str, column: int) -> Figure:
    """Mean of a duration that stands in a column, after the one of how many there are."""

    def pair(facts: Facts) -> Pair:
        visits, chosen = facts.visits, group.of(facts.visits)
        return visits.total(chosen, column + 1), visits.total(chosen, column)

    return Figure(Row(metric, "mean", group.by, "min", meaning), pair)


def _and(one: Of, group: Group) -> Of:
    return lambda visits: one(visits) & group.of(visits)


def _got_place(visits: Visits) -> Bools:
    return visits.got_place


def _queued(visits: Visits) -> Bools:
    return visits.queued


def _let_in_and_left(visits: Visits) -> Bools:
    return visits.let_in & np.not_equal(visits.outcome, Outcome.INSIDE_AT_END)
