"""Overdoses, how soon somebody is there, and when nobody could have been."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from sim.log import Where
from sim.measures.facts import SAME, Facts, Overdoses, Visits
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
)
from sim.measures.integrals import highest_figures, hourly, per_week
from sim.measures.steps import HOUR, Bools, Floats, Integers, sum_by_hour
from sim.scenario.scenario import Scenario

YEAR_DAYS = 365
"""Days in a year, for rates per year."""
LIMITS = (1, 3, 5)
"""Minutes for which the share of overdoses met by then is reported."""

_STAGES = (
    ("response_first", "the first responder is there", lambda overdoses: overdoses.first),
    ("response_team", "the whole team is there", lambda overdoses: overdoses.team),
)


@dataclass(frozen=True)
class _Group:
    """Some of the overdoses, and of the visits that could have had one."""

    by: str
    of: Callable[[Overdoses], Bools]
    uses: Callable[[Visits], Bools]


def events_are_poisson(scenario: Scenario) -> bool:
    """Whether overdoses are no more clustered than chance: nothing random moves their rate.

    Special days and hours move it too, but by a known amount. Absent staff move it only through
    intake pauses, by far less than chance.
    """
    demand = scenario.demand
    clustering = scenario.overdose.clustering if scenario.overdose is not None else None
    return (
        demand.day_to_day_cv == 0
        and not any(share for size, share in demand.groups.items() if size > 1)
        and (clustering is None or clustering.cv == 0)
        and all(room.usable_share == 1 for room in scenario.rooms.values())
    )


def overdose_figures(scenario: Scenario) -> Iterator[Figure]:
    """How many overdoses, of which kind, and per 1,000 uses."""
    if scenario.overdose is None:
        return
    interval = Interval.COUNT if events_are_poisson(scenario) else Interval.CLUSTERED
    for group in _groups(scenario):
        definition = "Overdoses per 365 days; all: those that begin on site"
        row = Row("overdoses", "per_year", group.by, "overdoses/year", definition, interval)
        yield Figure(row, _per_year(group))
        unit, definition = "overdoses/1000 uses", "Overdoses per 1,000 places entered"
        row = Row("overdoses", "per_1000_uses", group.by, unit, definition, interval)
        yield Figure(row, _per_1000_uses(group))


def response_figures(scenario: Scenario) -> Iterator[Figure | Sample]:
    """How soon an overdose on site is met."""
    if scenario.overdose is None:
        return
    for metric, event, minutes in _STAGES:
        for group in _groups(scenario):
            if group.by.partition(":")[0] in _MET_BY:
                yield from _response(metric, event, group, minutes)
        what = f"Minutes from onset until {event}, of overdoses on site that were reached"
        yield from quantile_figures(metric, "all", what, _delays(minutes), (("p95", 0.95),))


def response_durations(scenario: Scenario) -> Iterator[Durations]:
    """Delays of responses, of which a target may want any quantile, or the share within any time.

    As in the tables, quantiles are of the overdoses that were reached, shares of all.
    """
    for metric, event, minutes in _STAGES if scenario.overdose is not None else ():
        what = f"Minutes from onset until {event}, of overdoses on site"
        for group in _groups(scenario):
            if group.by.partition(":")[0] in _MET_BY:
                of, known_at = _timed(group, minutes), _known_at(group, minutes)
                yield Durations(metric, group.by, what, of, known_at)


def _timed(group: _Group, minutes: Callable[[Overdoses], Floats]) -> Callable[[Facts], Timed]:
    def timed(facts: Facts) -> Timed:
        chosen = group.of(facts.overdoses)
        return minutes(facts.overdoses)[chosen], facts.overdoses.hour[chosen]

    return timed


def _known_at(
    group: _Group, minutes: Callable[[Overdoses], Floats]
) -> Callable[[Facts, float], Timed]:
    """Who was not reached waited longer than the limit, if the replication did not end before."""

    def timed(facts: Facts, limit: float) -> Timed:
        found, hours = _timed(group, minutes)(facts)
        watched = facts.overdoses.watched[group.of(facts.overdoses)]
        return np.where(np.isnan(found) & (watched >= limit), np.inf, found), hours

    return timed


def strain_figures(scenario: Scenario) -> Iterator[Figure]:
    """How many overdoses at once, what staff leave for them, and when nobody could respond."""
    if scenario.overdose is None:
        return
    definition = "Share of overdoses on site that began while another was being responded to"
    row = Row("simultaneous", "share", "all", "share", definition, Interval.EVENTS, most=1.0)
    yield Figure(row, lambda facts: _of_on_site(facts, facts.overdoses.others > 0))
    definition = "Mean number of other responses under way when an overdose on site began"
    row = Row("simultaneous", "mean", "all", "responses", definition)
    yield Figure(row, lambda facts: _of_on_site(facts, facts.overdoses.others))
    yield from highest_figures(
        "responses", "all", ("all", "responses"), "responses under way", "responses"
    )
    definition = "Minutes per week in which the site was open and nobody could go to an overdose"
    row = Row("nobody_free", "minutes_per_week", "all", "min/week", definition)
    yield Figure(row, per_week(("all", "nobody_free")))
    definition = "Share of open time in which nobody could go to an overdose"
    row = Row("nobody_free", "share", "all", "share", definition, most=1.0)
    yield Figure(row, lambda facts: (facts.total("all", "nobody_free"), facts.total("all", "open")))
    definition = "Tasks per week that staff left for an overdose"
    row = Row("tasks_interrupted", "per_week", "all", "tasks/week", definition)
    yield Figure(
        row, lambda facts: (float(np.nansum(facts.overdoses.interrupted)), facts.window.weeks)
    )


_WANTING = (
    (
        "below_cover",
        (
            "some room was open with fewer staff present than the `minimum` of a supervision rule "
            "that covers it"
        ),
    ),
    (
        "role_missing",
        (
            "some room was open with fewer of a role present than the `at_least` of a supervision "
            "rule that covers it"
        ),
    ),
)
"""Metric, which is the series too, and meaning of what supervision was wanting."""


def cover_figures(scenario: Scenario) -> Iterator[Figure]:
    """When fewer staff, or fewer of a role, were present than a rule demands."""
    for metric, what in _WANTING if scenario.supervision else ():
        row = Row(
            metric, "minutes_per_week", "all", "min/week", f"Minutes per week in which {what}"
        )
        yield Figure(row, per_week(("all", metric)))


def overdose_hours(scenario: Scenario) -> Iterator[HourFigure]:
    """Overdoses and responses by hour."""
    if scenario.overdose is not None:
        interval = Interval.COUNT if events_are_poisson(scenario) else Interval.CLUSTERED
        definition = "Overdoses on site per hour, by the hour in which they began"
        row = HourRow("overdoses", "all", "overdoses/hour", definition, interval)
        yield HourFigure(row, _by_hour)
        definition = "Mean number of overdose responses under way"
        yield hourly("responses", "all", "responses", definition, ("all", "responses"))
        definition = "Share of the hour in which the open site had nobody to go to an overdose"
        yield hourly("nobody_free", "all", "share", definition, ("all", "nobody_free"))
    for metric, what in _WANTING if scenario.supervision else ():
        meaning = f"Share of the hour in which {what}"
        yield hourly(metric, "all", "share", meaning, ("all", metric))


_MET_BY = ("all", "room", "severity")
"""The parts for which response times are given."""


def _groups(scenario: Scenario) -> Iterator[_Group]:
    yield _Group("all", _on_site, _any_place)
    for where in (Where.PLACE, Where.AFTERCARE, Where.OFF_SITE):
        by = f"where:{where.name.lower()}"
        yield _Group(by, _is(lambda overdoses: overdoses.where, where.value), _any_place)
    for number, name in enumerate(scenario.rooms):
        of = _on_site_and(_is(lambda overdoses: overdoses.room, number))
        yield _Group(f"room:{name}", of, _enters(lambda visits: visits.room, number))
    for number, name in enumerate(scenario.overdose.severities if scenario.overdose else ()):
        of = _on_site_and(_is(lambda overdoses: overdoses.severity, number))
        yield _Group(f"severity:{name}", of, _any_place)
    for number, (name, kind) in enumerate(scenario.visits.items()):
        if kind.overdose is not None:
            of = _on_site_and(_is(lambda overdoses: overdoses.kind, number))
            yield _Group(f"kind:{name}", of, _enters(lambda visits: visits.kind, number))


def _on_site(overdoses: Overdoses) -> Bools:
    return overdoses.on_site


def _is(attribute: Callable[[Overdoses], Integers], number: int) -> Callable[[Overdoses], Bools]:
    return lambda overdoses: np.equal(attribute(overdoses), number)


def _on_site_and(of: Callable[[Overdoses], Bools]) -> Callable[[Overdoses], Bools]:
    return lambda overdoses: overdoses.on_site & of(overdoses)


def _enters(attribute: Callable[[Visits], Integers], number: int) -> Callable[[Visits], Bools]:
    return lambda visits: visits.got_place & np.equal(attribute(visits), number)


def _response(
    metric: str, event: str, group: _Group, minutes: Callable[[Overdoses], Floats]
) -> Iterator[Figure]:
    definition = f"Minutes from onset until {event}, mean of overdoses on site that were reached"
    yield Figure(Row(metric, "mean", group.by, "min", definition), _mean(group, minutes))
    definition = f"Share of overdoses on site for which at some time {event}"
    row = Row(metric, "reached", group.by, "share", definition, Interval.EVENTS, most=1.0)
    yield Figure(row, _within(group, minutes, np.inf))
    for limit in LIMITS:
        definition = f"Share of all overdoses on site for which, {limit} min after onset, {event}"
        name = f"within_{limit}"
        row = Row(metric, name, group.by, "share", definition, Interval.EVENTS, most=1.0)
        yield Figure(row, _within(group, minutes, limit))


def _within(
    group: _Group, minutes: Callable[[Overdoses], Floats], limit: float
) -> Callable[[Facts], Pair]:
    def pair(facts: Facts) -> Pair:
        overdoses = facts.overdoses
        delay = minutes(overdoses)
        met = delay <= limit + SAME
        # The replication ended before the limit was over: nobody knows.
        unknown = np.isnan(delay) & (overdoses.watched < min(limit, max(LIMITS)))
        known = group.of(overdoses) & ~unknown
        return float((known & met).sum()), float(known.sum())

    return pair


def _mean(group: _Group, minutes: Callable[[Overdoses], Floats]) -> Callable[[Facts], Pair]:
    def pair(facts: Facts) -> Pair:
        delay = minutes(facts.overdoses)
        reached = group.of(facts.overdoses) & ~np.isnan(delay)
        return float(delay[reached].sum()), float(reached.sum())

    return pair


def _delays(minutes: Callable[[Overdoses], Floats]) -> Callable[[Facts], Floats]:
    return lambda facts: minutes(facts.overdoses)[facts.overdoses.on_site]


def _per_year(group: _Group) -> Callable[[Facts], Pair]:
    return lambda facts: (
        float(group.of(facts.overdoses).sum()),
        facts.window.days / YEAR_DAYS,
    )


def _per_1000_uses(group: _Group) -> Callable[[Facts], Pair]:
    return lambda facts: (
        float(group.of(facts.overdoses).sum()),
        facts.visits.total(group.uses(facts.visits)) / 1000,
    )


def _of_on_site(facts: Facts, values: Floats | Bools) -> Pair:
    on_site = facts.overdoses.on_site
    return float(values[on_site].sum()), float(on_site.sum())


def _by_hour(facts: Facts) -> HourPair:
    hours = facts.overdoses.hour[facts.overdoses.on_site]
    return sum_by_hour(hours), facts.exposure / HOUR


def _any_place(visits: Visits) -> Bools:
    return visits.got_place
