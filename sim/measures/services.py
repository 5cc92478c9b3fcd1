"""Services beside the rooms: how often they are given, how long people wait for them."""

from collections.abc import Callable, Iterator

import numpy as np

from sim.measures.facts import SAME, Asked, Facts
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
from sim.measures.waits import QUANTILES
from sim.scenario.scenario import Scenario

Of = Callable[[Asked], Bools]


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
        yield Figure(row, summed(_share(number, _everyone, lambda asked: ~np.isnan(asked.wait))))
        yield from _waits(number, by, _everyone)
        what = "Wait for the service of those who got it"
        yield from quantile_figures("wait_service", by, what, _all_waits(number), QUANTILES)
        users = [kind for kind in scenario.visits if name in scenario.visits[kind].services]
        for kind in users if len(users) > 1 else ():
            of = _of_kind(list(scenario.visits).index(kind))
            yield from _waits(number, f"{by}/kind:{kind}", of)


def service_hours(scenario: Scenario) -> Iterator[HourFigure]:
    """Waits for services by the hour in which they were asked for."""
    for number, name in enumerate(scenario.services):
        by, when = f"service:{name}", "by the hour in which it was asked for"
        definition = f"Share of those who got the service that had to wait, {when}"
        row = HourRow("wait_service_share_waiting", by, "share", definition, Interval.EVENTS, 1.0)
        yield HourFigure(row, _share(number, _served, _had_to_wait))
        definition = f"Mean wait for the service of those who got it, {when}"
        row = HourRow("wait_service_mean", by, "min", definition)
        yield HourFigure(row, _wait(number, _everyone))


def _waits(number: int, by: str, of: Of) -> Iterator[Figure]:
    definition = "Minutes from asking for the service to its beginning, mean of those who got it"
    yield Figure(Row("wait_service", "mean", by, "min", definition), summed(_wait(number, of)))
    definition = "Share of those who got the service that had to wait for it at all"
    row = Row("wait_service", "share_waiting", by, "share", definition, Interval.EVENTS, most=1.0)
    yield Figure(row, summed(_share(number, _and_served(of), _had_to_wait)))


def _wait(number: int, of: Of) -> Callable[[Facts], HourPair]:
    def pair(facts: Facts) -> HourPair:
        asked = facts.services[number]
        chosen = _and_served(of)(asked)
        return sum_by_hour(asked.hour[chosen], asked.wait[chosen]), sum_by_hour(asked.hour[chosen])

    return pair


def _share(number: int, of: Of, which: Of) -> Callable[[Facts], HourPair]:
    def pair(facts: Facts) -> HourPair:
        asked = facts.services[number]
        chosen = of(asked)
        return sum_by_hour(asked.hour[chosen & which(asked)]), sum_by_hour(asked.hour[chosen])

    return pair


def _per_day(number: int) -> Callable[[Facts], Pair]:
    return lambda facts: (float(_served(facts.services[number]).sum()), facts.window.days)


def _length(number: int) -> Callable[[Facts], Pair]:
    def pair(facts: Facts) -> Pair:
        minutes = facts.services[number].minutes
        return float(np.nansum(minutes)), float((~np.isnan(minutes)).sum())

    return pair


def _all_waits(number: int) -> Callable[[Facts], Floats]:
    return lambda facts: facts.services[number].wait


def _everyone(asked: Asked) -> Bools:
    return np.ones(len(asked.kind), dtype=np.bool_)


def _served(asked: Asked) -> Bools:
    return ~np.isnan(asked.wait)


def _had_to_wait(asked: Asked) -> Bools:
    return asked.wait > SAME


def _of_kind(kind: int) -> Of:
    return lambda asked: np.equal(asked.kind, kind)


def _and_served(of: Of) -> Of:
    return lambda asked: of(asked) & _served(asked)
