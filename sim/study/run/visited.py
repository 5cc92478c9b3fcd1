"""A facility of a city as a site of its own: visited as it is within the city.

What is asked of one house, such as who must be on shift when, is asked of the people who come to
it, those who were turned away elsewhere and those who come back among them. How many these are in
each hour of the week is found by play; the other houses stay as they are.
"""

import numpy as np

from sim.log import Log, Outcome
from sim.measures.steps import HOUR, HOURS, Bools, Floats, sum_by_hour, window_of
from sim.scenario.city.system import system_of
from sim.scenario.derived.calendar import site_spans
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
    came, let_in = (np.zeros((len(kinds), HOURS)) for _ in range(2))
    for replication in range(_PLAYS):
        log = play_system(scenario, plan.seed, replication, plan.engine).sites[number]
        came += _by_hour(site, log, kinds, np.ones(len(log.visits["arrival"]), dtype=np.bool_))
        let_in += _by_hour(site, log, kinds, log.visits["outcome"] != Outcome.CLOSED)
    # Who is let in comes in the part of an hour in which the door is open to them: spread over all
    # of it, some of them would find it closed.
    counted, letting = window_of(site).minutes_by_hour(), _letting_in(site)
    some = letting > 0
    visits_of = np.where(some, let_in.sum(axis=0), came.sum(axis=0))
    hours = _PLAYS * np.where(some, letting, counted) / HOUR
    a_week = np.divide(visits_of, hours, out=np.zeros(HOURS), where=hours > 0)
    by_kind = (let_in if let_in.any() else came).sum(axis=1)
    shares = dict(zip(kinds, (by_kind / (by_kind.sum() or 1.0)).tolist(), strict=True))
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


def _by_hour(site: Scenario, log: Log, kinds: list[str], which: Bools) -> Floats:
    """(kinds, 168): some visits counted, by the hour of the week in which they come to the door."""
    window, names = window_of(site), list(site.visits)
    rows = np.flatnonzero(which & window.holds(log.visits["arrival"]))
    hour = window.hour_of_week(log.visits["arrival"][rows])
    kind = log.visits["kind"][rows]
    return np.array([sum_by_hour(hour[kind == names.index(one)]) for one in kinds])


def _letting_in(site: Scenario) -> Floats:
    """Minutes counted in each hour of the week in which somebody who comes is not sent away.

    Of the site as a whole: a room that closes earlier, and bad weather, are left out of it.
    """
    window, opening, before = window_of(site), site.opening, 0.0
    edges, ends = window.edges(), [0.0]
    for start, end in site_spans(site):
        last = max(start, end - opening.last_entry)
        ends += [max(before, start - opening.wait_at_door), last]
        before = end
    passed = np.cumsum(np.diff(ends) * (np.arange(len(ends) - 1) % 2))
    minutes = np.diff(np.interp(edges, ends, np.append(0.0, passed)))
    return sum_by_hour(window.hour_of_week(edges[:-1]), minutes)
