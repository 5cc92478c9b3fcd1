"""Overdoses, how soon somebody is there, when nobody could have been, and how many staff watch."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np

from sim.log import Where
from sim.measures.facts.facts import ON_SITE, Facts, Overdoses
from sim.measures.facts.groups import EVERYONE, GOT_PLACE, Classes, Group, by_kind, by_room, having
from sim.measures.figures.figure import (
    Durations,
    Figure,
    HourFigure,
    HourPair,
    Interval,
    Number,
    Pair,
    Sample,
    Timed,
    exposure,
    figure,
    highest,
    hour_figure,
    hours_counted,
    integral,
    number,
    over,
    over_week,
    total,
    weeks,
)
from sim.measures.steps import SAME, Floats, sum_by_hour
from sim.scenario.model.scenario import Scenario

YEAR_DAYS = 365
"""Days in a year, for rates per year."""
MET_WITHIN = (1, 3, 5)
"""Minutes for which the share of overdoses met by then is reported."""


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


def _interval(scenario: Scenario) -> Interval:
    return Interval.COUNT if events_are_poisson(scenario) else Interval.CLUSTERED


# --- overdoses ----------------------------------------------------------------------------------


def overdose_figures(scenario: Scenario) -> Iterator[Figure]:
    """How many overdoses, of which kind, and per 1,000 uses."""
    if scenario.overdose is None:
        return
    interval = _interval(scenario)
    for group, users in _groups(scenario):
        meaning = "Overdoses per 365 days; all: those that begin on site"
        of = over(_overdoses(group), _years)
        yield figure("overdoses.per_year", group.by, "overdoses/year", meaning, of, interval)
        unit, meaning = "overdoses/1000 uses", "Overdoses per 1,000 places entered"
        of = over(_overdoses(group), _thousands(number(users)))
        yield figure("overdoses.per_1000_uses", group.by, unit, meaning, of, interval)


def overdose_hours(scenario: Scenario) -> Iterator[HourFigure]:
    """Overdoses and responses by hour."""
    if scenario.overdose is None:
        return
    meaning = "Overdoses on site per hour, by the hour in which they began"
    of = over(_on_site_by_hour, hours_counted)
    yield hour_figure("overdoses", "all", "overdoses/hour", meaning, of, _interval(scenario))
    meaning = "Mean number of overdose responses under way"
    of = over(integral("site:responses"), exposure)
    yield hour_figure("responses", "all", "responses", meaning, of)
    meaning = "Share of the hour in which the open site had nobody to go to an overdose"
    of = over(integral("site:nobody_free"), exposure)
    yield hour_figure("nobody_free", "all", "share", meaning, of)


def _groups(scenario: Scenario) -> Iterator[tuple[Group[Overdoses], Group[Classes]]]:
    """Some of the overdoses, and of the visits that could have had one."""
    yield ON_SITE, GOT_PLACE
    for where in (Where.PLACE, Where.AFTERCARE, Where.OFF_SITE):
        by = f"where:{where.name.lower()}"
        yield having(by, lambda overdoses: overdoses.where, where.value), GOT_PLACE
    for some, users in _on_site_by(scenario):
        yield some & ON_SITE, users & GOT_PLACE


def _on_site_by(scenario: Scenario) -> Iterator[tuple[Group[Overdoses], Group[Classes]]]:
    for room, entered in enumerate(by_room(scenario)):
        yield having(entered.by, lambda overdoses: overdoses.room, room), entered
    for severity, name in enumerate(scenario.overdose.severities if scenario.overdose else ()):
        yield having(f"severity:{name}", lambda overdoses: overdoses.severity, severity), EVERYONE
    kinds = zip(by_kind(scenario), scenario.visits.values(), strict=True)
    for kind, (came, about) in enumerate(kinds):
        if about.overdose is not None:
            yield having(came.by, lambda overdoses: overdoses.kind, kind), came


def _overdoses(group: Group[Overdoses]) -> Number:
    return lambda facts: float(facts.overdoses.of(group).sum())


def _years(facts: Facts) -> float:
    return facts.window.days / YEAR_DAYS


def _thousands(of: Number) -> Number:
    return lambda facts: of(facts) / 1000


def _on_site_by_hour(facts: Facts) -> Floats:
    return sum_by_hour(facts.overdoses.hour[facts.overdoses.of(ON_SITE)])


# --- responses ----------------------------------------------------------------------------------

Delay = Callable[[Overdoses], Floats]
"""Minutes from onset until somebody is there; NaN if nobody came."""
_STAGES: tuple[tuple[str, str, Delay], ...] = (
    ("response_first", "the first responder is there", lambda overdoses: overdoses.first),
    ("response_team", "the whole team is there", lambda overdoses: overdoses.team),
)
_MET_BY = ("all", "room", "severity")
"""The parts for which response times are given."""


def response_figures(scenario: Scenario) -> Iterator[Figure | Sample]:
    """How soon an overdose on site is met."""
    for metric, event, delay in _STAGES if scenario.overdose is not None else ():
        for group in _met(scenario):
            meaning = (
                f"Minutes from onset until {event}, mean of overdoses on site that were reached"
            )
            yield figure(f"{metric}.mean", group.by, "min", meaning, _mean(group, delay))
            meaning = f"Share of overdoses on site for which at some time {event}"
            of = _within(group, delay, np.inf)
            yield figure(f"{metric}.reached", group.by, "share", meaning, of, Interval.EVENTS)
            for limit in MET_WITHIN:
                meaning = (
                    f"Share of all overdoses on site for which, {limit} min after onset, {event}"
                )
                name, of = f"{metric}.within_{limit}", _within(group, delay, limit)
                yield figure(name, group.by, "share", meaning, of, Interval.EVENTS)
        reached = _durations(metric, event, ON_SITE, delay)
        yield from replace(reached, what=f"{reached.what} that were reached").figures("p95")


def response_durations(scenario: Scenario) -> Iterator[Durations]:
    """Delays of responses, of which a target may want any quantile, or the share within any time.

    As in the tables, quantiles are of the overdoses that were reached, shares of all.
    """
    for metric, event, delay in _STAGES if scenario.overdose is not None else ():
        yield from (_durations(metric, event, group, delay) for group in _met(scenario))


def _met(scenario: Scenario) -> Iterator[Group[Overdoses]]:
    for group, _ in _groups(scenario):
        if group.by.partition(":")[0] in _MET_BY:
            yield group


def _durations(metric: str, event: str, group: Group[Overdoses], delay: Delay) -> Durations:
    def timed(facts: Facts) -> Timed:
        chosen = facts.overdoses.of(group)
        return delay(facts.overdoses)[chosen], facts.overdoses.hour[chosen]

    def known_at(facts: Facts, limit: float) -> Timed:
        # Who was not reached waited longer than the limit, if the replication did not end before.
        found, hours = timed(facts)
        watched = facts.overdoses.watched[facts.overdoses.of(group)]
        return np.where(np.isnan(found) & (watched >= limit), np.inf, found), hours

    what = f"Minutes from onset until {event}, of overdoses on site"
    return Durations(metric, group.by, what, timed, known_at)


def _within(group: Group[Overdoses], delay: Delay, limit: float) -> Callable[[Facts], Pair]:
    def pair(facts: Facts) -> Pair:
        overdoses, minutes = facts.overdoses, delay(facts.overdoses)
        met = minutes <= limit + SAME
        # The replication ended before the limit was over: nobody knows.
        unknown = np.isnan(minutes) & (overdoses.watched < min(limit, max(MET_WITHIN)))
        known = overdoses.of(group) & ~unknown
        return float((known & met).sum()), float(known.sum())

    return pair


def _mean(group: Group[Overdoses], delay: Delay) -> Callable[[Facts], Pair]:
    def pair(facts: Facts) -> Pair:
        minutes = delay(facts.overdoses)
        reached = facts.overdoses.of(group) & ~np.isnan(minutes)
        return float(minutes[reached].sum()), float(reached.sum())

    return pair


# --- strain and cover ---------------------------------------------------------------------------


def strain_figures(scenario: Scenario) -> Iterator[Figure]:
    """How many overdoses at once, what staff leave for them, and when nobody could respond."""
    if scenario.overdose is None:
        return
    meaning = "Share of overdoses on site that began while another was being responded to"
    of = over(
        _on_site(lambda overdoses: (overdoses.others > 0).astype(np.float64)), _overdoses(ON_SITE)
    )
    yield figure("simultaneous.share", "all", "share", meaning, of, Interval.EVENTS)
    meaning = "Mean number of other responses under way when an overdose on site began"
    of = over(_on_site(lambda overdoses: overdoses.others), _overdoses(ON_SITE))
    yield figure("simultaneous.mean", "all", "responses", meaning, of)
    yield from highest("responses", "all", "responses", "responses under way", "site:responses")
    nobody_free = integral("site:nobody_free")
    meaning = "Minutes per week in which the site was open and nobody could go to an overdose"
    of = over(total(nobody_free), weeks)
    yield figure("nobody_free.minutes_per_week", "all", "min/week", meaning, of)
    meaning = "Share of open time in which nobody could go to an overdose"
    of = over_week(nobody_free, integral("site:open"))
    yield figure("nobody_free.share", "all", "share", meaning, of)
    meaning = "Tasks per week that staff left for an overdose"
    of = over(_interrupted, weeks)
    yield figure("tasks_interrupted.per_week", "all", "tasks/week", meaning, of)


def _on_site(values: Delay) -> Number:
    """Sum of a number of each overdose on site."""
    return lambda facts: float(values(facts.overdoses)[facts.overdoses.of(ON_SITE)].sum())


def _interrupted(facts: Facts) -> float:
    return float(np.nansum(facts.overdoses.interrupted))


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


def below_cover_figures(scenario: Scenario) -> Iterator[Figure]:
    """When fewer staff, or fewer of a role, were present than a rule demands."""
    for metric, what in _WANTING if scenario.supervision else ():
        name, meaning = f"{metric}.minutes_per_week", f"Minutes per week in which {what}"
        of = over(total(integral(f"site:{metric}")), weeks)
        yield figure(name, "all", "min/week", meaning, of)


def below_cover_hours(scenario: Scenario) -> Iterator[HourFigure]:
    """The same by hour."""
    for metric, what in _WANTING if scenario.supervision else ():
        of = over(integral(f"site:{metric}"), exposure)
        yield hour_figure(metric, "all", "share", f"Share of the hour in which {what}", of)


def cover_hours(scenario: Scenario) -> Iterator[HourFigure]:
    """For each supervision rule the staff present who count for it.

    Taken away the rule's minimum, this is the margin of cover.
    """
    for rule, supervision in enumerate(scenario.supervision, start=1):
        meaning = (
            "Mean number of people present whose role counts for the supervision rule, not on a "
            "break nor at an overdose, in hours in which the site is open throughout"
        )
        of = _present(supervision.roles)
        yield hour_figure("cover", f"rule:{rule}", "people", meaning, of)


def _present(roles: tuple[str, ...]) -> Callable[[Facts], HourPair]:
    def pair(facts: Facts) -> HourPair:
        whole = (facts.integrals["site:open"] >= facts.exposure) & (facts.exposure > 0)
        present = sum((facts.integrals[f"role:{role}:present"] for role in roles), np.zeros(1))
        return np.where(whole, present, 0.0), np.where(whole, facts.exposure, 0.0)

    return pair
