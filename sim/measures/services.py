"""Services beside the rooms: how often they are given, how long people wait for them."""

from collections.abc import Callable, Iterator

import numpy as np

from sim.measures.facts import Asked, Facts
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
from sim.measures.steps import Floats
from sim.measures.waits import QUANTILES
from sim.scenario.scenario import Scenario

Of = Callable[[Asked], HourPair]
"""Two of the tables of a service."""


def service_figures(scenario: Scenario) -> Iterator[Figure | Sample]:
    """Services given, their waits and their length."""
    for number, name in enumerate(scenario.services):
        by = f"service:{name}"
        definition = "Services begun per calendar day"
        row = Row("services", "per_day", by, "services/day", definition)
        yield Figure(row, _per_day(number))
        definition = "Minutes from beginning to end, interruptions included, mean"
        yield Figure(Row("services", "mean", by, "min", definition), _length(number))
        definition = "Share of those who asked for the service that got it"
        row = Row("services", "share_given", by, "share", definition, Interval.EVENTS, most=1.0)
        yield Figure(row, summed(_over(number, lambda asked: (asked.served, asked.number))))
        yield from _waits(number, by)
        what = "Wait for the service of those who got it"
        yield from quantile_figures("wait_service", by, what, _all_waits(number), QUANTILES)
        users = [kind for kind in scenario.visits if name in scenario.visits[kind].services]
        for kind in users if len(users) > 1 else ():
            of = list(scenario.visits).index(kind)
            yield from _waits(number, f"{by}/kind:{kind}", of)


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
    definition = "Minutes from asking for the service to its beginning, mean of those who got it"
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
