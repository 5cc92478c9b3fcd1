"""What sizing observes of a replication: the figures of targets, as a study measures them."""

import numpy as np
import pytest

from sim.engine import simulate
from sim.measures.steps import open_hours
from sim.scenario.load import scenario_from_text
from sim.size.observation import (
    DESCRIBED,
    Observer,
    columns_of,
    observations,
    observed_targets,
    tolerances_of,
)
from sim.size.sequential import Errors, judge
from sim.study import Plan, run_study
from sim.visitors import draw

SITE = """
name: watched
horizon: {weeks: 1}
opening: {hours: {mon-fri: 10:00-18:00, sat: 12:30-16:00, sun: closed}, wait_at_door: 30}
demand: {visits_per_day: 90, profile: flat, crowd_at_opening: 0.05}
visits:
  use:
    rooms: [room]
    stay: {distribution: exponential, mean: 25}
    overdose: {per_1000: 30, onset: 4}
    services: {talk: 0.3}
rooms: {room: {places: 3}}
check_in: {times: {known: 2}, desks: 1}
services: {talk: {duration: 10, roles: [nurse]}}
supervision: [{rooms: [room], roles: [nurse], places_per_staff: 2}]
overdose: {severities: {any: {share: 1, team: [[nurse]], intensive: 10}}}
staff:
  roles: {nurse: {}}
  rota: [{role: nurse, from: 09:00, to: 19:00, count: 2}]
targets:
"""

TARGETS = (
    ("wait.within_20s >= 50 %", "wait", "within_20s"),
    ("wait.p80 of room room <= 20 min", "wait", "p80"),
    ("wait_joined.p75 of kind use <= 20 min", "wait_joined", "p75"),
    ("wait.p99.5 of crowd <= 90 min", "wait", "p99.5"),
    ("door_wait.within_7.5 >= 10 %", "door_wait", "within_7.5"),
    ("door_wait.p25 <= 30 min", "door_wait", "p25"),
    ("wait_service.within_15 of service talk >= 50 %", "wait_service", "within_15"),
    ("wait_place.p85 <= 15 min", "wait_place", "p85"),
    ("wait_check_in.p85 <= 1 min", "wait_check_in", "p85"),
    ("wait_check_in.within_30s >= 5 %", "wait_check_in", "within_30s"),
    ("wait_service.p60 of service talk <= 15 min", "wait_service", "p60"),
    ("response.within_90s >= 50 %", "response_first", "within_90s"),
    ("response_team.p80 <= 3 min", "response_team", "p80"),
    ("intake_paused <= 500 min a week", "intake_paused", "minutes_per_week"),
)


def site(*targets):
    return scenario_from_text(SITE + "".join(f"  - {target}\n" for target in targets))


def observed(scenario, wanted, replications=1):
    observer = Observer(scenario, wanted)
    logs = [simulate(scenario, draw(scenario, 1, number)) for number in range(replications)]
    return np.array([observer.observe(log, np.zeros(2)).pairs for log in logs])


def test_what_targets_alone_ask_for_is_observed_as_it_is_reported():
    scenario = site(*(text for text, _, _ in TARGETS))
    wanted = observed_targets(scenario, {})
    pairs = observed(scenario, wanted)[0]
    study = run_study(scenario, Plan(1, 1, workers=1))
    summary = study.summary.set_index(["metric", "statistic", "by"])["value"]
    for one, (_, metric, statistic) in zip(wanted, TARGETS, strict=True):
        value = summary[metric, statistic, one.target.by]
        top, bottom = pairs[:, one.columns.start]
        assert bottom > 0, one.target.text
        if one.within is None:
            assert top / bottom == pytest.approx(value), one.target.text
        else:
            # So many are no longer than the limit; the quantile is on the same side of it.
            assert one.limit == float(statistic[1:]) / 100
            assert (top / bottom >= one.limit) == (value <= one.within), one.target.text


def test_every_hour_is_every_open_hour_and_nothing_else_is_judged():
    texts = (
        "wait.p90 by hour <= 90 min",
        "wait.within_60 by hour >= 20 %",
        "staff_present of role nurse by hour >= 1",
        "place_unusable by hour <= 99 %",
    )
    scenario = site(*texts)
    wanted, is_open = observed_targets(scenario, {}), open_hours(scenario)
    # Five days of eight hours, and 12:30-16:00.
    assert is_open.sum() == 5 * 8 + 4
    assert is_open[5 * 24 + 12]
    assert not is_open[5 * 24 + 16]
    pairs = observed(scenario, wanted, 40)
    assert pairs.shape[2] == columns_of(wanted) + len(DESCRIBED)
    assert columns_of(wanted) == 4 * 168
    closed = np.tile(~is_open, 4)
    assert not pairs[:, :, : 4 * 168][:, :, closed].any()
    # What cannot be observed holds nothing up: it is called met as soon as anything is.
    values, least = observations(wanted, pairs, 10)
    assert not values[:, closed].any()
    assert not least[closed].any()
    verdict = judge(
        values[:, closed], tolerances_of(wanted)[closed], Errors(0.01, 0.05), least[closed]
    )
    assert verdict.is_met


def test_quantiles_by_hour_are_observed_as_they_are_reported():
    scenario = site("wait.p70 by hour <= 8 min", "wait.p70 in the hour fri 17:00 <= 8 min")
    every, one = observed_targets(scenario, {})
    pairs = observed(scenario, (every, one))[0]
    study = run_study(scenario, Plan(1, 1, workers=1))
    hours = study.by_hour[study.by_hour["metric"] == "wait_p70"]["value"].to_numpy()
    top, bottom = pairs[:, every.columns]
    known = bottom > 0
    assert known.sum() > 30
    assert np.isnan(hours[~known]).all()
    assert ((top / np.maximum(bottom, 1) >= 0.7) == (hours <= 8))[known].all()
    assert pairs[:, one.columns.start].tolist() == [top[113], bottom[113]]


def test_tolerances_are_found_by_any_name_of_a_figure():
    scenario = site("response.within_1 >= 90 %", "wait.within_120s >= 9 %", "wait.p50 <= 3 min")
    said = {"response.share_within_1min": 0.2, "wait.within_2min": 0.3, "wait.median": 0.1}
    assert [one.tolerance for one in observed_targets(scenario, said)] == [0.2, 0.3, 0.1]
