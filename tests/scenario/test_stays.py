"""Stays with the tasks of staff in them, as expected, against what visitors have drawn."""

import numpy as np
import pytest

from sim.facility import simulate
from sim.rota.need.work import week_of
from sim.scenario.derived.stays import attended, own_minutes, stay_minutes, tasks_a_stay
from sim.scenario.load import scenario_from_text
from sim.visitors import draw
from tests.support.played import play

SITE = """
name: site
horizon: {weeks: 4}
opening: {hours: 24/7}
demand: {visits_per_day: 96, profile: flat}
visits:
  use:
    rooms: [booths]
    stay: {distribution: lognormal, mean: 20, cv: 0.6}
    stay_tasks: {help: 0.6, look: 1}
rooms:
  booths: {places: 100}
stay_tasks:
  help:
    duration: {distribution: exponential, mean: 6}
    stay: waits
    again: {share: 0.5, after: {distribution: exponential, mean: 4}}
  look:
    duration: 2
    after: {distribution: uniform, low: 0, high: 12}
    again: {share: 1, after: 5}
"""


@pytest.mark.slow
@pytest.mark.parametrize("modes", [("waits", "runs_on"), ("runs_on", "waits"), ("runs_on",) * 2])
def test_as_the_simulation_where_nobody_waits(modes: tuple[str, str]):
    sets = [
        f"stay_tasks.{name}.stay={mode}" for name, mode in zip(("help", "look"), modes, strict=True)
    ]
    sets += ["stay_tasks.look.again={share: 1, after: 5, at_most: 3}"]
    scenario = scenario_from_text(SITE, sets)
    kind = scenario.visits["use"]
    log = simulate(scenario, draw(scenario, seed=2, replication=0))
    there = log.visits["left"] - log.visits["entered"]
    there = there[~np.isnan(there)]
    expected = stay_minutes(scenario, kind)
    assert there.mean() == pytest.approx(expected.mean(), abs=4 * there.std() / len(there) ** 0.5)
    for level in (0.1, 0.5, 0.9):
        assert np.quantile(there, level) == pytest.approx(np.quantile(expected, level), rel=0.08)
    each = tasks_a_stay(scenario, kind, own_minutes(scenario, kind))
    for number, name in enumerate(scenario.stay_tasks):
        counts = np.bincount(log.stay_tasks["visit"][log.stay_tasks["task"] == number])
        error = counts.std() / len(there) ** 0.5
        assert each[name] == pytest.approx(counts.sum() / len(log.visits["kind"]), abs=4 * error)


def test_without_tasks_stays_are_what_they_were():
    scenario = scenario_from_text(SITE, ["visits.use.stay_tasks={help: 0, look: 0}"])
    kind = scenario.visits["use"]
    own = own_minutes(scenario, kind)
    assert np.array_equal(stay_minutes(scenario, kind), own)
    assert attended(scenario, kind, own).begun == {}


@pytest.mark.slow
def test_by_hand():
    found = play(SITE, "visits.use.stay=20", "visits.use.stay_tasks={help: 0, look: 1}").scenario
    # A look at 0 to 12, and every 7 minutes from then on: for two and three times 5/7 of the time.
    sets = ["stay_tasks.look.after=3", "visits.use.stay=20", "visits.use.stay_tasks.help=0"]
    scenario = scenario_from_text(SITE, sets)
    kind = scenario.visits["use"]
    stays = attended(scenario, kind, np.array([20.0, 11.0]))
    # 3-5, 10-12 and 17-19 of 20 minutes; 3-5 and 10-12 of 11, which end at 12.
    assert sorted(stays.begun["look"].tolist()) == [3, 3, 10, 10, 17]
    assert sorted(stays.done["look"].tolist()) == [5, 5, 12, 12, 19]
    assert stays.minutes.tolist() == [20, 12]
    assert found.visits["use"].stay_tasks["look"] == 1


def test_work_of_a_week():
    staffed = """
staff: {roles: {nurse: {}}, rota: [{role: nurse, from: 00:00, to: 24:00}]}
"""
    roles = ["stay_tasks.help.roles=[nurse]", "stay_tasks.look.roles=[nurse]"]
    scenario = scenario_from_text(SITE + staffed, roles)
    kind = scenario.visits["use"]
    each = tasks_a_stay(scenario, kind, own_minutes(scenario, kind))
    # 4 an hour, each task so often and so long: the load at any time of a flat week.
    load = sum(work.load for work in week_of(scenario).work)
    expected = 4 / 60 * (each["help"] * 6 + each["look"] * 2)
    assert load == pytest.approx(np.full_like(load, expected), rel=0.01)
    # And whoever is there is watched.
    there = 4 / 60 * stay_minutes(scenario, kind).mean()
    assert week_of(scenario).watched["booths"] == pytest.approx(there, rel=0.01)
