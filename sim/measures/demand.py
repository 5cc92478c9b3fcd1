"""How many come and what becomes of them."""

from collections.abc import Callable, Iterator

import numpy as np

from sim.log import Outcome
from sim.measures.facts import Facts, Visits
from sim.measures.figure import Figure, HourFigure, HourPair, HourRow, Interval, Pair, Row
from sim.measures.groups import (
    EVERYONE,
    Group,
    by_crowd,
    by_first_choice,
    by_kind,
    by_outcome,
    by_room,
)
from sim.measures.steps import HOUR, Bools
from sim.scenario.scenario import Scenario

Of = Callable[[Visits], Bools]

BY_HOUR = "by the hour in which they arrived (before opening: the hour of the opening)"
_CAME = "Of the visits that came while the doors were open, or waited at the door for it"
_UNSERVED = "that got nothing: reneged, balked, no space, or dismissed at closing"


def visit_figures(scenario: Scenario) -> Iterator[Figure]:
    """Visits by outcome and kind, those left unserved, and uses of places."""
    for group in (EVERYONE, *by_kind(scenario), *by_outcome()):
        meaning = "Visits per calendar day, whether or not the site was open"
        yield _per_day("visits", group.by, "visits/day", meaning, group.of)
    for group in by_outcome():
        row = Row("visits", "share", group.by, "share", "Share of all visits", most=1.0)
        yield Figure(row, _share(group.of, EVERYONE.of))
    groups = (EVERYONE, *by_first_choice(scenario), *by_kind(scenario), *by_crowd(scenario))
    for group in groups:
        yield from _unserved(group)
    for group in (EVERYONE, *by_room(scenario)) if scenario.rooms else ():
        meaning = "Places entered per calendar day"
        yield _per_day("uses", group.by, "uses/day", meaning, _both(group.of, _got_place))


def demand_hours(scenario: Scenario) -> Iterator[HourFigure]:
    """Visits by the hour of arrival."""
    meaning = "Visits per hour, whether or not the site was open"
    yield _arrivals("all", meaning, None)
    for number, kind in enumerate(scenario.visits):
        yield _arrivals(f"kind:{kind}", meaning, number)
    meaning = "Visits per hour outside opening hours or after last call"
    yield _per_hour("closed", "all", "visits/hour", meaning, _closed)
    for group in (EVERYONE, *by_first_choice(scenario)):
        meaning = f"Visits per hour {_UNSERVED}, {BY_HOUR}"
        of = _both(group.of, _unserved_visits)
        yield _per_hour("unserved", group.by, "visits/hour", meaning, of)
    meaning = f"{_CAME}, the share {_UNSERVED}, {BY_HOUR}"
    row = HourRow("unserved_share", "all", "share", meaning, Interval.EVENTS, most=1.0)
    yield HourFigure(row, _unserved_by_hour)


def _unserved(group: Group) -> Iterator[Figure]:
    of = _both(group.of, _unserved_visits)
    meaning = f"Visits per calendar day {_UNSERVED} (of a room: those that prefer it)"
    yield _per_day("unserved", group.by, "visits/day", meaning, of)
    meaning = f"{_CAME}, the share {_UNSERVED}"
    row = Row("unserved", "share", group.by, "share", meaning, Interval.EVENTS, most=1.0)
    yield Figure(row, _share(of, _both(group.of, _doors_open)))


def _per_day(metric: str, by: str, unit: str, meaning: str, of: Of) -> Figure:
    def pair(facts: Facts) -> Pair:
        return facts.visits.total(of(facts.visits)), facts.window.days

    return Figure(Row(metric, "per_day", by, unit, meaning), pair)


def _arrivals(by: str, meaning: str, kind: int | None) -> HourFigure:
    def pair(facts: Facts) -> HourPair:
        return facts.visits.arrivals_by_hour(kind), facts.exposure / HOUR

    return HourFigure(HourRow("arrivals", by, "visits/hour", meaning), pair)


def _per_hour(metric: str, by: str, unit: str, meaning: str, of: Of) -> HourFigure:
    def pair(facts: Facts) -> HourPair:
        return facts.visits.by_hour(of(facts.visits)), facts.exposure / HOUR

    return HourFigure(HourRow(metric, by, unit, meaning), pair)


def _share(which: Of, of: Of) -> Callable[[Facts], Pair]:
    def pair(facts: Facts) -> Pair:
        visits = facts.visits
        return visits.total(which(visits) & of(visits)), visits.total(of(visits))

    return pair


def _unserved_by_hour(facts: Facts) -> HourPair:
    visits = facts.visits
    unserved = visits.unserved & visits.doors_open
    return visits.by_hour(unserved), visits.by_hour(visits.doors_open)


def _both(one: Of, other: Of) -> Of:
    return lambda visits: one(visits) & other(visits)


def _got_place(visits: Visits) -> Bools:
    return visits.got_place


def _unserved_visits(visits: Visits) -> Bools:
    return visits.unserved


def _doors_open(visits: Visits) -> Bools:
    return visits.doors_open


def _closed(visits: Visits) -> Bools:
    return np.equal(visits.outcome, Outcome.CLOSED)
