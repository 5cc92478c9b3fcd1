"""Systems that are nothing but what was there before: one site, sites far apart, a pooled site."""

from dataclasses import fields, replace

import numpy as np
from numpy.typing import NDArray

from sim import facility
from sim.log import NeedOutcome, Outcome
from sim.measures.city.laws import check_system_laws
from sim.scenario.city.system import Returning, System, system_of
from sim.scenario.load import scenario_from_text
from sim.scenario.model.base import LONGEST
from sim.scenario.model.scenario import Scenario
from sim.visitors import Visitors, draw
from sim.visitors.needs import draw_needs
from sim.visitors.visitors import Bookings
from tests.support.cities import Wishes, always, system_of_sites
from tests.support.engines import assert_systems_agree, difference
from tests.support.random_cities import tried_on_systems
from tests.support.random_sites import tried_on


@tried_on(3)
def test_a_site_to_which_nobody_comes_back_has_the_log_that_it_always_had(scenario: Scenario):
    system = system_of(scenario)
    needs = draw_needs(system, 7, 0)
    log = assert_systems_agree(system, needs)
    check_system_laws(system, needs, log)
    assert not difference(scenario, facility.simulate(scenario, draw(scenario, 7, 0)), log.sites[0])
    assert log.needs["visit"].tolist() == list(range(len(needs)))
    assert log.needs["last"].tolist() == log.sites[0].visits["outcome"].tolist()


@tried_on_systems(3)
def test_sites_a_year_apart_are_sites_of_their_own(system: System):
    system = _far_apart(system)
    needs = draw_needs(system, 3, 1)
    log = assert_systems_agree(system, needs)
    check_system_laws(system, needs, log)
    for number, scenario in enumerate(system.sites.values()):
        mine = needs.row[number][needs.order[0] == number]
        expected = facility.simulate(scenario, _some(needs.sites[number], mine))
        assert not difference(scenario, expected, log.sites[number])


def _far_apart(system: System) -> System:
    """Everybody goes to the door of their first wish, and to no other."""
    number = len(system.sites)
    choice = replace(
        system.choice,
        from_origin=np.zeros_like(system.choice.from_origin),
        walk=np.where(np.eye(number) > 0, 0.0, LONGEST),
        knows_hours=False,
        informed=0.0,
        returning=(Returning(0.0, None, 3),) * len(system.kinds),
    )
    return replace(system, choice=choice)


def _some(visitors: Visitors, rows: NDArray[np.int64]) -> Visitors:
    """Some of the visitors."""
    booked, number = visitors.bookings, np.full(len(visitors) + 1, -1)
    number[rows] = np.arange(len(rows))
    known = ("absent", "bad_weather", "stay_task_after", "stay_task_minutes", "bookings")
    of_each = {
        one.name: np.ascontiguousarray(getattr(visitors, one.name)[..., rows])
        for one in fields(visitors)
        if one.name not in known and not one.name.startswith("failure")
    }
    return replace(
        visitors, **of_each, bookings=Bookings(booked.kind, booked.time, number[booked.visit])
    )


# --- one pooled site ------------------------------------------------------------------------------

USE = "stay: {distribution: exponential, mean: 20}"
OPEN = "opening: {hours: 24/7}\nwaiting_area: {seats: 0}\n"


def test_loss_systems_without_a_walk_between_them_are_one_pooled_site():
    demand = "{visits_per_day: 360, profile: flat}"
    houses = {
        name: f"{OPEN}visits: {{use: {{rooms: [booths], {USE}}}}}\n"
        f"rooms: {{booths: {{places: {places}}}}}"
        for name, places in (("a", 5), ("b", 3))
    }
    wishes = Wishes(prefer={"a": 1, "b": 1e-9}, diverts=always("no_space"))
    system = system_of_sites(houses, wishes, demand=demand, horizon="{days: 5}")
    pooled = scenario_from_text(
        f"name: pooled\nhorizon: {{days: 5}}\ndemand: {demand}\n{OPEN}"
        f"visits: {{use: {{rooms: [a, b], {USE}}}}}\nrooms: {{a: {{places: 5}}, b: {{places: 3}}}}"
    )
    needs = draw_needs(system, 1, 0)
    log = assert_systems_agree(system, needs)
    check_system_laws(system, needs, log)
    visits = facility.simulate(pooled, draw(pooled, 1, 0)).visits
    assert np.array_equal(log.needs["arrival"], visits["arrival"])
    gone = visits["outcome"] != Outcome.INSIDE_AT_END
    assert np.array_equal(log.needs["met"][gone], visits["entered"][gone], equal_nan=True)
    unmet = log.needs["outcome"] == NeedOutcome.UNMET
    assert np.array_equal(unmet, visits["outcome"] == Outcome.NO_SPACE)
    assert 20 < unmet.sum() < 300
    got = visits["room"] >= 0
    assert np.array_equal(log.needs["facility"][got], visits["room"][got])


def test_the_queue_of_one_site_is_one_queue_whether_or_not_another_site_is_there():
    house = f"opening: {{hours: 24/7}}\nvisits: {{use: {{rooms: [booths], {USE}}}}}\n"
    both = {
        "a": f"{house}rooms: {{booths: {{places: 5}}}}",
        "b": f"{house}rooms: {{booths: {{places: 0}}}}",
    }
    demand = "{visits_per_day: 300, profile: flat}"
    wishes = Wishes(informed=1)
    system = system_of_sites(both, wishes, demand=demand, horizon="{days: 3}")
    alone = scenario_from_text(f"name: alone\nhorizon: {{days: 3}}\ndemand: {demand}\n{both['a']}")
    needs = draw_needs(system, 1, 0)
    log = assert_systems_agree(system, needs)
    # b has no place, so that all who know the queues go to a.
    assert not difference(alone, facility.simulate(alone, draw(alone, 1, 0)), log.sites[0])
    assert len(log.sites[1].visits["kind"]) == 0
