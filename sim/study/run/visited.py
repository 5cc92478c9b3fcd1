"""A facility of a city as a site of its own: visited as it is within the city.

What is asked of one house, such as who must be on shift when, is asked of the people who come to
it, those who were turned away elsewhere and those who come back among them. How many these are in
each hour of the week is found by play; the other houses stay as they are.
"""

import numpy as np

from sim.log import Log
from sim.measures.steps import HOURS, window_of
from sim.scenario.city.system import system_of
from sim.scenario.model.demand import Demand
from sim.scenario.model.scenario import Scenario
from sim.study.run.replication import play_system
from sim.study.run.runner import Plan

_PLAYS = 10
"""Replications of which the visits are counted."""


def as_visited(scenario: Scenario, facility: str, plan: Plan) -> Scenario:
    """A facility with the visits that it has within its system.

    Days differ as the system's demand says; special days are in the mean, and no days apart.

    Args:
        scenario: a city, or a site to which people come back.
        facility: one of its facilities.
        plan: seed and engine.
    """
    system = system_of(scenario)
    number = list(system.sites).index(facility)
    site = system.sites[facility]
    booked = {one.appointments.kind for one in site.services.values() if one.appointments}
    kinds = [name for name in site.visits if name not in booked]
    counts = np.zeros((len(kinds), HOURS))
    for replication in range(_PLAYS):
        log = play_system(scenario, plan.seed, replication, plan.engine).sites[number]
        counts += _by_hour(site, log, kinds)
    hours = _PLAYS * window_of(site).minutes_by_hour() / 60
    a_week = np.divide(counts.sum(axis=0), hours, out=np.zeros(HOURS), where=hours > 0)
    total = counts.sum() or 1.0
    shares = dict(zip(kinds, (counts.sum(axis=1) / total).tolist(), strict=True))
    visits = {
        name: kind.model_copy(
            update={"share": shares.get(name, 0.0), "returns": None, "attempts": None}
        )
        for name, kind in site.visits.items()
    }
    demand = Demand(
        week=tuple(a_week.round(6).tolist()),
        day_to_day_cv=site.demand.day_to_day_cv,
        groups=site.demand.groups,
    )
    name = f"{scenario.name}-{facility}" if system.is_city else scenario.name
    return site.model_copy(update={"name": name, "visits": visits, "demand": demand})


def _by_hour(site: Scenario, log: Log, kinds: list[str]) -> np.ndarray:
    """(kinds, 168): visits counted, by the hour of the week in which they come to the door."""
    window, names = window_of(site), list(site.visits)
    rows = window.rows(log.visits["arrival"])
    hour = window.hour_of_week(log.visits["arrival"][rows])
    kind = log.visits["kind"][rows]
    return np.array(
        [np.bincount(hour[kind == names.index(one)], minlength=HOURS) for one in kinds],
        dtype=np.float64,
    )
