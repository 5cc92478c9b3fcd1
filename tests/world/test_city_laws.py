"""A log of a system that breaks a law is told of: each is broken once, in a table of the log."""

import re
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest

from sim.engine import simulate_system
from sim.log import CityLog, NeedOutcome, Outcome, Way
from sim.measures.city.laws import LAWS, check_system_laws
from sim.measures.laws import LawError
from sim.scenario.city.system import System, system_of
from sim.scenario.load import scenario_from_text
from sim.visitors.needs import Needs, draw_needs

HOUSE = """
    name: house
    opening: {hours: 24/7}
    visits: {use: {rooms: [room], stay: {distribution: exponential, mean: 30}}}
    rooms: {room: {places: 2}}
    waiting_area: {seats: 1}
"""
TOWN = f"""
name: town
horizon: {{days: 2}}
demand: {{visits_per_day: 200, profile: flat}}
visits:
  use:
    share: 1.0
    returns: {{share: 0.5, after: {{distribution: fixed, value: 30}}}}
    attempts: 5
facilities:
  a:{HOUSE}
  b:{HOUSE}
choice:
  prefer: {{a: 0.5, b: 0.5}}
  walk: {{a: {{b: 5}}}}
  diverts: {{no_space: 1}}
"""
Table = Mapping[str, Any]


@cache
def played() -> tuple[System, Needs, CityLog]:
    system = system_of(scenario_from_text(TOWN))
    needs = draw_needs(system, 1, 0)
    return system, needs, simulate_system(system, needs)


def told(log: CityLog) -> str:
    with pytest.raises(LawError) as error:
        check_system_laws(*played()[:2], log)
    return str(error.value)


def changed(table: Table, name: str, row: int, value: float) -> Table:
    column = table[name].copy()
    column[row] = value
    return {**table, name: column}


def first(table: Table, **wanted: int) -> int:
    """The first row that has these values."""
    return int(np.flatnonzero(np.all([table[k] == v for k, v in wanted.items()], axis=0))[0])


def test_a_log_of_every_sort_of_attempt_breaks_no_law():
    system, needs, log = played()
    check_system_laws(system, needs, log)
    assert set(log.attempts["way"].tolist()) == {*Way}
    assert {NeedOutcome.ELSEWHERE, NeedOutcome.CAME_BACK} < set(log.needs["outcome"].tolist())


BROKEN = [
    ("arrival", {"way": Way.FIRST}, 0.5, 1),
    ("arrival", {"way": Way.FIRST}, 3000.0, 3),
    ("set_out", {"way": Way.FIRST}, 3000.0, 3),
    ("come_from", {"way": Way.FIRST}, 1, 4),
    ("come_from", {"way": Way.DIVERTED}, -1, 4),
    ("number", {"way": Way.FIRST}, 5, 5),
    ("number", {"way": Way.FIRST}, 1, 6),
    ("number", {"way": Way.RETURNED}, 0, 6),
    ("way", {"way": Way.FIRST}, Way.RETURNED, 7),
    ("way", {"way": Way.RETURNED}, Way.FIRST, 7),
    ("set_out", {"way": Way.RETURNED}, 0.0, 8),
    ("set_out", {"way": Way.RETURNED}, np.nan, 8),
    ("come_from", {"way": Way.DIVERTED, "come_from": 0}, 1, 10),
    ("way", {"way": Way.RETURNED}, Way.DIVERTED, 10),
    ("way", {"way": Way.RETURNED}, Way.DIVERTED, 13),
]


@pytest.mark.parametrize(("name", "where", "value", "law"), BROKEN)
def test_a_changed_attempt_breaks_a_law(name: str, where: dict[str, int], value: float, law: int):
    log = played()[2]
    row = first(log.attempts, **where)
    found = told(replace(log, attempts=changed(log.attempts, name, row, value)))
    assert f"{LAWS[law]} (1 times, of need {log.attempts['need'][row]})" in found


def test_who_tries_a_facility_twice_in_one_round_breaks_a_law():
    log = played()[2]
    of_way, facility = log.attempts["way"], log.attempts["facility"]
    for row in np.flatnonzero(of_way == Way.RETURNED):
        earlier = np.flatnonzero(log.attempts["need"][:row] == log.attempts["need"][row])
        if facility[earlier[-1]] == facility[row]:
            break
    found = told(replace(log, attempts=changed(log.attempts, "way", int(row), Way.DIVERTED)))
    # Whoever went on from there comes to a second facility of the round that was tried.
    assert re.search(rf"{LAWS[11]} .\d times, of need {log.attempts['need'][row]}.", found)


@pytest.mark.parametrize(
    ("name", "value", "law"),
    [
        ("attempts", 9, 12),
        ("returns", 9, 13),
        ("last", Outcome.BALKED, 14),
        ("outcome", NeedOutcome.UNMET, 15),
        ("outcome", NeedOutcome.CUT_SHORT, 16),
        ("outcome", NeedOutcome.INSIDE_AT_END, 17),
        ("over", np.nan, 18),
        ("over", -1.0, 18),
    ],
)
def test_a_changed_need_breaks_a_law(name: str, value: float, law: int):
    log = played()[2]
    row = first(log.needs, outcome=NeedOutcome.FIRST_WISH)
    found = told(replace(log, needs=changed(log.needs, name, row, value)))
    assert f"{LAWS[law]} (1 times, of need {row})" in found


@pytest.mark.parametrize(("name", "value", "law"), [("client", 7, 2), ("outcome", 0, 9)])
def test_a_changed_visit_breaks_a_law(name: str, value: float, law: int):
    log = played()[2]
    again = first(log.attempts, way=Way.DIVERTED)
    need = int(log.attempts["need"][again])
    before = first(log.attempts, need=need)
    facility, visit = (int(log.attempts[one][before]) for one in ("facility", "visit"))
    site = log.sites[facility]
    sites = list(log.sites)
    sites[facility] = replace(site, visits=changed(site.visits, name, visit, value))
    assert f"{LAWS[law]} (1 times, of need {need})" in told(replace(log, sites=tuple(sites)))


def test_a_kind_that_is_served_nowhere_makes_no_attempt():
    system, needs, log = played()
    row = np.full_like(needs.row, -1)
    with pytest.raises(LawError, match=f"{LAWS[0]} .{len(log.attempts['need'])} times"):
        check_system_laws(system, replace(needs, row=row), log)


@pytest.mark.parametrize(
    ("name", "value"), [("need", -1), ("need", 10**6), ("facility", 2), ("visit", -1), ("visit", 0)]
)
def test_each_visit_is_one_attempt(name: str, value: int):
    log = played()[2]
    found = told(replace(log, attempts=changed(log.attempts, name, 100, value)))
    assert "visits at the facilities" in found


def test_a_need_has_an_outcome():
    log = played()[2]
    assert "without an outcome" in told(replace(log, needs=changed(log.needs, "outcome", 3, -1)))
