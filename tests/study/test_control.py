"""Control variates: expectations that are exact, estimates that are right and narrower."""

from math import exp, sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from sim.measures.histogram import histogram_of
from sim.scenario.load import scenario_from_text
from sim.study import Plan, run_study
from sim.study.estimate.control import (
    COLUMNS,
    control_table,
    expected,
    intercept,
    mean_stay,
    quantile_with,
)
from sim.study.estimate.intervals import pseudo_values, quantile
from sim.visitors import draw
from tests.support.handmade_logs import fake_replication, make_scenario

SITE = """\
name: known
horizon: {days: 10, start: 2026-06-01}
opening: {hours: 10:00-18:00}
demand:
  visits_per_day: 240
  profile: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0]
  weekday: {sat: 0.5}
  factor: 1.25
  day_to_day_cv: 0.2
  groups: {1: 0.8, 3: 0.2}
  crowd_at_opening: 0.1
  special_days: [{name: benefits, dates: [2026-06-02, 2026-06-06], visits: 2}]
visits:
  inject:
    share: 0.6
    rooms: [booths, yard]
    stay: {distribution: lognormal, mean: 25, cv: 0.5, at_most: 45, plus: 2}
  smoke: {share: 0.3, rooms: [yard], stay: {distribution: exponential, mean: 20}}
  ask: {share: 0.1, services: {talk: 1}}
services: {talk: {duration: 10}}
rooms:
  booths:
    places: 6
    time_limit: {limit: 30, comply: 0.7, overrun: {distribution: gamma, mean: 6, cv: 0.8}}
  yard: {places: 12}
"""


def stay(text):
    """A distribution as a scenario reads it."""
    site = make_scenario(visits={"use": {"rooms": ["booths"], "stay": text}})
    return site.visits["use"].stay


def limit(**parts):
    return (
        make_scenario(rooms={"booths": {"places": 1, "time_limit": parts}})
        .rooms["booths"]
        .time_limit
    )


EXPONENTIAL = {"distribution": "exponential", "mean": 20}


@pytest.mark.parametrize(
    ("duration", "cut", "mean"),
    [
        (25, None, 25),
        (25, limit(limit=30), 25),
        (35, limit(limit=30), 30),
        (35, limit(limit=30, comply=0.5, overrun=2), 31),
        (
            35,
            limit(limit=30, comply=0, overrun={"distribution": "empirical", "values": [1, 9]}),
            33,
        ),
        ({"distribution": "empirical", "values": [10, 40], "weights": [3, 1]}, limit(limit=30), 15),
        (EXPONENTIAL, None, 20),
        (EXPONENTIAL, limit(limit=30), 20 * (1 - exp(-1.5))),
        (
            # Beyond the limit both run on without memory: the shorter of 20 and 5 has mean 4.
            EXPONENTIAL,
            limit(limit=30, comply=0.8, overrun={"distribution": "exponential", "mean": 5}),
            20 * (1 - exp(-1.5)) + 0.2 * exp(-1.5) * 4,
        ),
        ({"distribution": "uniform", "low": 10, "high": 30}, limit(limit=20), 17.5),
        ({"distribution": "uniform", "low": 10, "high": 30}, limit(limit=5), 5),
    ],
)
def test_mean_stays_worked_out_by_hand(duration, cut, mean):
    assert mean_stay(stay(duration), cut) == pytest.approx(mean, abs=1e-8)


@pytest.mark.parametrize(
    "duration",
    [
        {"distribution": "lognormal", "mean": 25, "cv": 0.5, "at_most": 45},
        {"distribution": "gamma", "mean": 25, "cv": 1.5, "plus": 3},
        {"distribution": "weibull", "median": 25, "shape": 1.2},
        {"distribution": "triangular", "low": 5, "mode": 10, "high": 60},
    ],
)
def test_mean_stays_against_brute_force(duration):
    cut = limit(limit=30, comply=0.6, overrun={"distribution": "gamma", "mean": 6, "cv": 0.8})
    number = (np.arange(2000) + 0.5) / 2000
    stays = stay(duration).quantile(number)
    longest = 30 + cut.overrun.quantile(number)
    brute = 0.6 * np.minimum(stays, 30).mean() + 0.4 * np.minimum(stays[:, None], longest).mean()
    assert mean_stay(stay(duration), cut) == pytest.approx(brute, abs=2e-3)


@pytest.mark.slow
def test_visits_and_stays_are_as_expected():
    site = scenario_from_text(SITE)
    known = expected(site)
    # Ten days of 300, Saturday the 6th a half but doubled, Tuesday the 2nd doubled.
    assert known.visits == pytest.approx(300 * 11)
    found = np.array([known.deviations(draw(site, 1, number)) for number in range(150)])
    apart = found.mean(axis=0) / (found.std(axis=0, ddof=1) / sqrt(len(found)))
    assert np.abs(apart).max() < 3.5


def test_warm_up_is_not_counted():
    text = SITE.replace("days: 10", "weeks: 2, warmup_weeks: 1")
    known = expected(scenario_from_text(text))
    assert known.visits == pytest.approx(300 * 6.5)  # a Saturday, and no special day
    assert known.counted_from == 7 * 1440


def test_listed_visits_have_no_controls():
    site = make_scenario(demand={"arrivals": [{"at": 600, "kind": "injecting", "stay": 3}]})
    assert expected(site).deviations(draw(site, 1, 0)).tolist() == [0, 0]


def test_the_intercept_is_that_of_ordinary_least_squares():
    random = np.random.default_rng(4)
    controls = random.normal(size=(12, 1))
    values = 3 + 2 * controls[:, 0] + random.normal(size=12)
    line = stats.linregress(controls[:, 0], values)
    found = intercept(values, controls)
    assert float(found.value) == pytest.approx(line.intercept)
    half = stats.t.ppf(0.975, 10) * line.intercept_stderr
    assert float(found.high - found.value) == pytest.approx(half)


@given(st.integers(6, 40), st.integers(0, 1000))
def test_what_follows_from_the_controls_alone_is_known_exactly(count, seed):
    controls = np.random.default_rng(seed).normal(size=(count, 2))
    found = intercept(5 + controls @ [2.0, -3.0], controls)
    assert (found.value, found.low, found.high) == pytest.approx((5, 5, 5))


def test_a_quantile_with_useless_controls_stays_where_it_is():
    random = np.random.default_rng(5)
    batches = [histogram_of(random.exponential(5, 300)) for _ in range(30)]
    controls = random.normal(size=(30, 1))
    value, low, high = quantile_with(batches, 0.9, controls)
    plain, below, above = quantile(batches, 0.9)
    assert abs(value - plain) < (above - below) / 3
    assert (high - low) == pytest.approx(above - below, rel=0.25)


def test_a_quantile_with_good_controls_is_better_known():
    random = np.random.default_rng(6)
    errors, widths, covered = [], [], 0
    for _ in range(60):
        level = random.normal(0, 0.3, 20)
        batches = [histogram_of(np.exp(random.normal(at, 1, 400))) for at in level]
        value, low, high = quantile_with(batches, 0.5, level[:, np.newaxis])
        plain, below, above = quantile(batches, 0.5)
        errors.append((value - 1, plain - 1))
        widths.append((high - low) / (above - below))
        covered += low <= 1 <= high
    better, worse = np.array(errors).std(axis=0)
    assert better < 0.5 * worse
    assert np.mean(widths) < 0.5
    assert covered >= 53


def table(result):
    return control_table(result.rows, result.pooled, result.summary)


def test_the_table_has_both_figures():
    result = run_study(scenario_from_text(SITE), Plan(1, 12))
    found = table(result)
    assert list(found.columns) == list(COLUMNS)
    visits = found.query("metric == 'visits' and statistic == 'per_day' and by == 'all'").iloc[0]
    assert visits["controlled_value"] == pytest.approx(330)
    assert visits["width_ratio"] == pytest.approx(0, abs=1e-6)
    which = "metric == 'uses' and statistic == 'per_day' and by == 'all'"
    plain = result.summary.query(which).iloc[0]
    uses = found.query(which).iloc[0]
    assert uses["value"] == plain["value"]
    assert uses["ci_high"] == plain["ci_high"]
    assert uses["width_ratio"] < 0.6


@pytest.mark.parametrize("replications", [1, 2, 4])
def test_too_few_replications_have_no_table(replications):
    assert not len(table(run_study(scenario_from_text(SITE), Plan(1, replications))))


def test_nothing_is_adjusted_without_controls():
    result = run_study(make_scenario(), Plan(1, 8), simulate_one=fake_replication)
    assert not len(table(result))


def test_a_mean_without_spread_in_the_controls_is_left_alone():
    arrivals = [{"at": 600 + 10 * k, "kind": "injecting"} for k in range(9)]
    result = run_study(make_scenario(demand={"arrivals": arrivals}), Plan(1, 8))
    assert not len(table(result))


@pytest.mark.slow
def test_intervals_with_controls_cover_what_they_should():
    """Ratios whose numerator and denominator follow the control, as waits follow visits."""
    random = np.random.default_rng(2026)
    for count in (10, 20):
        covered = 0
        for _ in range(2000):
            visits = random.poisson(400, count).astype(np.float64)
            waits = 2 * visits + 0.02 * (visits - 400) ** 2 / 2 + random.gamma(4, 20, count)
            true = (2 * 400 + 0.02 * 400 / 2 + 80) / 400
            pseudo = pseudo_values(waits, visits)
            found = intercept(pseudo, (visits - 400)[:, np.newaxis])
            covered += bool(found.low <= true <= found.high)
        assert 0.93 < covered / 2000 < 0.965
