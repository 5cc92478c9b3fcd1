"""Services beside the rooms: how often they are given, how long people wait for them."""

from collections.abc import Callable, Iterator

import numpy as np

from sim.measures.access import QUANTILES
from sim.measures.facts import Asked, Facts
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
from sim.measures.steps import HOURS, Floats
from sim.scenario.scenario import Scenario

_WHAT = (
    "Wait for the service of those who got it, from asking to its first beginning (waiting again "
    "after an interruption not counted)"
)
Of = Callable[[Asked], HourPair]
"""Two of the tables of a service."""


def service_figures(scenario: Scenario) -> Iterator[Figure | Sample]:
    """Services given, their waits and their length."""
    for number, name in enumerate(scenario.services):
        by = f"service:{name}"
        definition = "Services begun per calendar day"
        row = Row("services", "per_day", by, "services/day", definition)
        yield Figure(row, _per_day(number))
        definition = (
            "Minutes from first beginning to end, mean; interruptions and waiting again count"
        )
        yield Figure(Row("services", "mean", by, "min", definition), _length(number))
        definition = "Share of those who asked for the service that got it"
        row = Row("services", "share_given", by, "share", definition, Interval.EVENTS, most=1.0)
        yield Figure(row, summed(_over(number, lambda asked: (asked.served, asked.number))))
        yield from _waits(number, by)
        yield from quantile_figures("wait_service", by, _WHAT, _all_waits(number), QUANTILES)
        for kind in _kinds(scenario, name):
            yield from _waits(number, f"{by}/kind:{list(scenario.visits)[kind]}", kind)


def service_durations(scenario: Scenario) -> Iterator[Durations]:
    """Waits for services, of which a target may want any quantile, or the share within any time."""
    for number, name in enumerate(scenario.services):
        by = f"service:{name}"
        yield Durations("wait_service", by, _WHAT, _timed(number))
        for kind in _kinds(scenario, name):
            of = f"{by}/kind:{list(scenario.visits)[kind]}"
            yield Durations("wait_service", of, _WHAT, _timed(number, kind))


def _kinds(scenario: Scenario, service: str) -> list[int]:
    """The kinds of visits for which figures of a service are given, if it has several."""
    kinds = enumerate(scenario.visits.values())
    users = [number for number, kind in kinds if service in kind.services]
    return users if len(users) > 1 else []


def _timed(number: int, kind: int | None = None) -> Callable[[Facts], Timed]:
    def timed(facts: Facts) -> Timed:
        asked = facts.services[number]
        mine = slice(None) if kind is None else asked.cell // HOURS == kind
        return asked.wait[mine], asked.cell[mine] % HOURS

    return timed


def service_hours(scenario: Scenario) -> Iterator[HourFigure]:
    """Waits for services by the hour in which they were asked for."""
    for number, name in enumerate(scenario.services):
        by, when = f"service:{name}", "by the hour in which it was asked for"
        definition = f"Share of those who got the service that had to wait, {when}"
        row = HourRow("wait_service_share_waiting", by, "share", definition, Interval.EVENTS, 1.0)
        yield HourFigure(row, _over(number, _had_to_wait))
        definition = f"Mean wait for the service of those who got it, {when}"
        row = HourRow("wait_service_mean", by, "min", definition)
        yield HourFigure(row, _over(number, _waited))


def _waits(number: int, by: str, kind: int | None = None) -> Iterator[Figure]:
    definition = (
        "Minutes from asking for the service to its first beginning, mean of those who got it; "
        "waiting again after an interruption is not counted"
    )
    row = Row("wait_service", "mean", by, "min", definition)
    yield Figure(row, summed(_over(number, _waited, kind)))
    definition = "Share of those who got the service that had to wait for it at all"
    row = Row("wait_service", "share_waiting", by, "share", definition, Interval.EVENTS, most=1.0)
    yield Figure(row, summed(_over(number, _had_to_wait, kind)))


def _over(number: int, of: Of, kind: int | None = None) -> Callable[[Facts], HourPair]:
    """One table over another by hour of the week: of one kind of visits, or of all."""

    def pair(facts: Facts) -> HourPair:
        part, whole = of(facts.services[number])
        return (part.sum(axis=0), whole.sum(axis=0)) if kind is None else (part[kind], whole[kind])

    return pair


def _per_day(number: int) -> Callable[[Facts], Pair]:
    return lambda facts: (float(facts.services[number].served.sum()), facts.window.days)


def _length(number: int) -> Callable[[Facts], Pair]:
    def pair(facts: Facts) -> Pair:
        minutes = facts.services[number].minutes
        return float(np.nansum(minutes)), float((~np.isnan(minutes)).sum())

    return pair


def _all_waits(number: int) -> Callable[[Facts], Floats]:
    return lambda facts: facts.services[number].wait


def _had_to_wait(asked: Asked) -> HourPair:
    return asked.had_to_wait, asked.served


def _waited(asked: Asked) -> HourPair:
    return asked.waited, asked.served
