"""How long people queue."""

from collections.abc import Callable, Iterator

import numpy as np

from sim.log import Outcome
from sim.measures.demand import BY_HOUR
from sim.measures.facts import LIMITS, Facts, Visits
from sim.measures.figure import (
    Durations,
    Figure,
    HourFigure,
    HourPair,
    HourRow,
    Interval,
    Pair,
    Row,
    Sample,
    Timed,
    quantile_figures,
    summed,
)
from sim.measures.groups import EVERYONE, Group, by_crowd, by_kind, by_room
from sim.measures.histogram import Histogram
from sim.measures.steps import Bools, Floats, sum_by_hour
from sim.measures.visits import AT_DOOR, CHECKED_IN, JOINED, LEFT, NUMBER, STAYED
from sim.scenario.scenario import Scenario

QUANTILES = (("median", 0.5), ("p90", 0.9), ("p95", 0.95))
"""Quantiles of waits, by name."""

_WAIT = (
    "minutes queueing, for check-in, services before the stay and a place together, from arrival "
    "or, if later, from opening; waiting again after an interruption counts, being served does not"
)
_GOT = "visits that got a place"
_IN = "all visits that were let in, whether or not they were served"
_EARLY = "those who came before the opening and waited at the door for it"

Of = Callable[[Visits], Bools]


def wait_figures(scenario: Scenario) -> Iterator[Figure | Sample]:
    """Waits of those who got a place, of everybody let in, and at the single stages."""
    for group in _placed(scenario):
        yield from _waits("wait", group.by, _GOT, _and(_got_place, group))
        yield from _quantiles("wait", group.by, _GOT, _and(_got_place, group))
    for group in _joined(scenario):
        yield from _waits("wait_joined", group.by, _IN, _and(_queued, group))
    yield from _quantiles("wait_joined", "all", _IN, _queued)
    for group in _early(scenario):
        yield from _door(group)
    if scenario.check_in is not None:
        meaning = (
            "Minutes from coming in to the first start of check-in, mean of visits that had one; "
            "waiting again after an interruption is only in `wait`"
        )
        yield _mean("wait_check_in", EVERYONE, meaning, CHECKED_IN)
    for group in (EVERYONE, *by_room(scenario)) if scenario.rooms else ():
        meaning = "Minutes in the queue for a place, mean of visits that got one"
        yield _mean("wait_place", group, meaning, JOINED)


def wait_durations(scenario: Scenario) -> Iterator[Durations]:
    """All waits, of which a target may want any quantile, or the share within any time."""
    for group in _placed(scenario):
        yield _durations("wait", group.by, _GOT, _and(_got_place, group))
    for group in _joined(scenario):
        yield _durations("wait_joined", group.by, _IN, _and(_queued, group))
    for group in _early(scenario):
        yield _door_durations(group)
    if scenario.check_in is not None:
        what = "Minutes from coming in to the first start of check-in, of visits that had one"
        yield Durations("wait_check_in", "all", what, _until_check_in)
    for group in (EVERYONE, *by_room(scenario)) if scenario.rooms else ():
        what = "Minutes in the queue for a place, of visits that got one"
        yield Durations("wait_place", group.by, what, _in_queue(group))


def _until_check_in(facts: Facts) -> Timed:
    visits = facts.visits
    let_in, arrival = visits.stamps.let_in, visits.stamps.arrival
    minutes = visits.stamps.check_in_start - np.where(np.isnan(let_in), arrival, let_in)
    return minutes, visits.hour.take(visits.alike.sort)


def _in_queue(group: Group) -> Callable[[Facts], Timed]:
    def timed(facts: Facts) -> Timed:
        visits = facts.visits
        rows = visits.rows_of(group.of(visits))
        return (visits.stamps.entered - visits.stamps.joined).take(rows), visits.hours_of(rows)

    return timed


def _placed(scenario: Scenario) -> Iterator[Group]:
    """Whose wait for a place is given."""
    if scenario.rooms:
        yield EVERYONE
        yield from by_room(scenario)
        yield from by_kind(scenario, with_room=True)
        yield from by_crowd(scenario)


def _joined(scenario: Scenario) -> Iterator[Group]:
    """Whose wait is given, whether or not they got anything."""
    yield EVERYONE
    yield from by_kind(scenario)
    yield from by_crowd(scenario)


def _early(scenario: Scenario) -> Iterator[Group]:
    """Whose wait at the door is given."""
    if scenario.opening.wait_at_door > 0:
        yield EVERYONE
        yield from by_kind(scenario)


def _door(group: Group) -> Iterator[Figure | Sample]:
    """How long people wait at the door before the opening, and how many do."""
    found, by = _door_durations(group), group.by
    meaning = f"Minutes at the door before the opening, mean of {_EARLY}"
    yield Figure(Row("door_wait", "mean", by, "min", meaning), summed(_mean_at_door(group)))
    meaning = (
        "Of the visits that came while the doors were open, or waited at the door for it, the "
        "share that waited at the door"
    )
    row = Row("door_wait", "share", by, "share", meaning, Interval.EVENTS, most=1.0)
    yield Figure(row, _share_at_door(group))
    meaning = "Visits per calendar day that gave up at the door before the opening"
    row = Row("door_wait", "gave_up_per_day", by, "visits/day", meaning)
    yield Figure(row, _gave_up_per_day(group))
    for limit in LIMITS[1:]:
        yield from found.figures(f"within_{limit}")
    yield from quantile_figures(
        "door_wait", by, found.what, lambda facts: found.of(facts)[0], QUANTILES
    )


def _door_durations(group: Group) -> Durations:
    def timed(facts: Facts) -> Timed:
        return facts.visits.door_minutes(group.of(facts.visits))

    return Durations("door_wait", group.by, f"Minutes at the door of {_EARLY}", timed)


def _durations(metric: str, by: str, whose: str, of: Of) -> Durations:
    def timed(facts: Facts) -> Timed:
        visits = facts.visits
        rows = visits.rows_of(of(visits))
        return visits.stamps.waited.take(rows), visits.hours_of(rows)

    return Durations(metric, by, f"Wait of {whose}", timed)


def _mean_at_door(group: Group) -> Callable[[Facts], HourPair]:
    def pair(facts: Facts) -> HourPair:
        visits = facts.visits
        chosen = np.flatnonzero(visits.at_door & group.of(visits))
        sums, hours = visits.sums[chosen], visits.hour[chosen]
        return sum_by_hour(hours, sums[:, AT_DOOR]), sum_by_hour(hours, sums[:, NUMBER])

    return pair


def _share_at_door(group: Group) -> Callable[[Facts], Pair]:
    def pair(facts: Facts) -> Pair:
        visits = facts.visits
        came = visits.doors_open & group.of(visits)
        return visits.total(came & visits.at_door), visits.total(came)

    return pair


def _gave_up_per_day(group: Group) -> Callable[[Facts], Pair]:
    def pair(facts: Facts) -> Pair:
        visits = facts.visits
        return visits.total(visits.gave_up & group.of(visits)), facts.window.days

    return pair


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
            yield from _hourly("wait", group.by, _GOT, _and(_got_place, group))
    yield from _hourly("wait_joined", "all", "all visits that were let in", _queued)
    for group in _early(scenario):
        if group is EVERYONE:
            meaning = f"Minutes at the door before the opening, mean of {_EARLY}, by its hour"
            yield HourFigure(HourRow("door_wait_mean", "all", "min", meaning), _mean_at_door(group))


def _hourly(metric: str, by: str, whose: str, of: Of) -> Iterator[HourFigure]:
    when = BY_HOUR
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
