"""What a log leaves open: draws whose middle is the estimate and whose spread is its interval's."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from sim.fit.draws import by_weeks, draws_of
from sim.fit.estimates.clients import clientele
from sim.fit.estimates.shares import Overdoses, rate
from sim.fit.estimates.unserved import AtTally, Matched
from sim.fit.fit import fit_weeks
from sim.scenario.load import read_scenario, scenario_from_text
from sim.scenario.uncertainty.draws import read_draws
from sim.study.estimate.intervals import Estimate
from tests.support.command import command
from tests.support.site_logs import (
    SITE,
    fitted,
    moment,
    small_site,
    uses,
    visits_lines,
    write_log,
)


@pytest.fixture
def found(tmp_path):
    """Of too few days for whole weeks to be drawn."""
    known = uses(np.random.default_rng(1), days=27)
    return fitted(write_log(tmp_path, list(visits_lines(*known))))


@pytest.fixture
def of_weeks(tmp_path):
    known = uses(np.random.default_rng(1))
    return fitted(write_log(tmp_path, list(visits_lines(*known))))


def test_draws_lie_about_the_estimates(found):
    drawn = draws_of(found, 4000)
    rows = {(one.input, one.by): one.estimate for one in found.rows()}
    for path, estimate in (
        ("visits.inject.stay.mean", rows["visits.stay.mean", "inject"]),
        ("visits.inject.share", rows["visits.share", "inject"]),
    ):
        first, *others = drawn[path]
        assert first == estimate.value
        ends = np.quantile(others, [0.025, 0.975])
        assert ends == pytest.approx(estimate[1:], rel=0.03)
    level = rows["demand.visits_a_day", "all"]
    ends = np.quantile(drawn["demand.factor"][1:], [0.025, 0.975]) * level.value
    assert ends == pytest.approx(level[1:], rel=0.03)
    shares = np.array([drawn[f"visits.{kind}.share"] for kind in ("inject", "smoke")])
    assert shares.sum(axis=0) == pytest.approx(1)


def test_three_overdoses_in_two_thousand_uses(found):
    cases = Overdoses(rate(3, 2000), 3, 2000, {"inject": rate(3, 2000)})
    drawn = draws_of(replace(found, overdoses=cases), 40_000)["visits.inject.overdose.per_1000"]
    assert drawn[0] == pytest.approx(1.5)
    assert np.quantile(drawn[1:], [0.025, 0.975]) == pytest.approx([0.422, 4.003], rel=0.03)


@pytest.mark.slow
def test_the_file_of_draws_is_one_that_is_read(tmp_path):
    (tmp_path / "site.yaml").write_text(SITE)
    write_log(tmp_path, list(visits_lines(*uses(np.random.default_rng(1)))))
    asked = ("fit", "log.csv", "--site", "site.yaml")
    assert command(tmp_path, *asked, "--draws", "7") == 0
    loaded = read_scenario(tmp_path / "site-fitted.yaml")
    assert loaded.scenario.uncertainty is not None
    rows = read_draws("site-fitted.draws.csv", loaded.scenario, loaded.source)
    assert len(rows) == 8
    table = pd.read_csv(tmp_path / "site-fitted.draws.csv")
    stay = loaded.scenario.visits["inject"].stay
    assert stay is not None
    assert table["visits.inject.stay.mean"][0] == pytest.approx(stay.mean(), rel=1e-3)
    assert command(tmp_path, *asked, "--draws", "0", "--out", "none.yaml") == 0
    assert not (tmp_path / "none.draws.csv").exists()
    assert read_scenario(tmp_path / "none.yaml").scenario.uncertainty is None


DESK = (
    "check_in: {desks: 1, times: {known: {distribution: triangular, low: 1, mode: 2, high: 6}}}\n"
)


def test_registrations_are_weighted_anew(tmp_path):
    """27 days, one registration after the other: the draws have its interval."""
    rng = np.random.default_rng(2)
    rows = ["arrived,checked_in,kind"]
    at = (day * 1440 + 600 + 30 * one for day in range(27) for one in range(20))
    rows += [f"{moment(one)},{moment(one + rng.integers(2, 9))},inject" for one in at]
    found = fitted(write_log(tmp_path, rows), small_site(DESK))
    assert found.check_ins is not None
    mean, _ = found.check_ins.means["known"]
    drawn = draws_of(found, 4000)
    for key, by_file in (("low", 1), ("mode", 2), ("high", 6)):
        first, *others = drawn[f"check_in.times.known.{key}"]
        assert first == pytest.approx(by_file * mean.value / 3)
        ends = np.quantile(others, [0.025, 0.975])
        assert ends == pytest.approx([by_file * end / 3 for end in mean[1:]], rel=0.01)


def test_people_are_drawn_anew(found):
    """Of 300 people with a spread of 1: twenty draws about what was found, as wide."""
    rng = np.random.default_rng(3)
    counts = rng.poisson(rng.lognormal(1, 1.0, 300)).astype(float)
    people = clientele(counts[counts > 0])
    assert people is not None
    site = scenario_from_text(
        SITE.replace("profile: flat", "profile: flat\n  clients: {number: 9}")
    )
    client = np.zeros(len(found.register), dtype=np.int64)
    register = replace(found.register, client=client)
    drawn = draws_of(replace(found, site=site, register=register, clients=people), 40)
    for name, known in (("number", people.number), ("sigma", people.sigma)):
        first, *others = drawn[f"demand.clients.{name}"]
        assert first == pytest.approx(known.value, abs=0.5 if name == "number" else 1e-9)
        assert len(set(others)) <= 20
        half = np.log(known.high / known.low) / 2 / 1.96
        assert np.log(others).std() == pytest.approx(half, rel=0.5)
        assert others[:20] == others[20:]


def test_what_was_matched_lies_between_the_points(found):
    """9 a day of 4 days: 36.5 by a gamma; the level moves by a tenth from 9 to 18, and so on."""
    points = tuple(
        AtTally(a_day, 10 + a_day / 9, 0.1, {"inject": 0.6, "smoke": 0.4}, 200 / a_day)
        for a_day in (1.0, 9.0, 18.0)
    )
    assert found.demand is not None
    served = found.demand.a_day
    patience = {"inject": Estimate(200 / 9)}
    how = Matched(
        9.0, 3, True, 4, Estimate(served.value, served.value, served.value), patience, points
    )
    drawn = draws_of(replace(found, matched=how), 20_000)
    tally = np.random.default_rng(1).gamma(36.5, size=200_000) / 4
    level = np.quantile(drawn["demand.factor"][1:], [0.1, 0.5, 0.9])
    assert drawn["demand.factor"][0] == 1
    assert level == pytest.approx((10 + np.quantile(tally, [0.1, 0.5, 0.9]) / 9) / 11, rel=2e-3)
    short = np.quantile(drawn["visits.inject.patience.mean"][1:], 0.5)
    assert short == pytest.approx(
        np.interp(np.median(tally), [1, 9, 18], [200, 200 / 9, 200 / 18]), rel=0.02
    )
    assert draws_of(replace(found, matched=replace(how, points=())), 5) == {}


def test_ranges_of_the_site_stay(tmp_path):
    text = SITE + "uncertainty: {ranges: {rooms.injecting.places: 18-22}}\n"
    (tmp_path / "site.yaml").write_text(text)
    write_log(tmp_path, list(visits_lines(*uses(np.random.default_rng(1)))))
    assert command(tmp_path, "fit", "log.csv", "--site", "site.yaml") == 0
    assert not (tmp_path / "site-fitted.draws.csv").exists()


def weekly(rng, spread, weeks=8):
    """Uses of which both how many come and how long they stay differs from week to week."""
    times, stays, kinds = uses(rng, days=7 * weeks)
    longer = np.exp(rng.normal(0, spread, weeks))[(times // (7 * 1440)).astype(int)]
    return times, np.maximum(1, np.round(stays * longer)), kinds


@pytest.mark.slow
def test_whole_weeks_are_drawn(tmp_path):
    """Weeks whose stays differ make a spread that a stay's own estimator does not know."""
    spreads = []
    for spread in (0.0, 0.25):
        known = weekly(np.random.default_rng(5), spread)
        found = fitted(write_log(tmp_path, list(visits_lines(*known))))
        assert by_weeks(found)
        drawn = draws_of(found, 60)["visits.inject.stay.mean"]
        spreads.append(float(np.log(drawn[1:]).std()))
    assert spreads[1] > 2 * spreads[0]
    assert spreads[1] == pytest.approx(0.25 / np.sqrt(8), rel=0.5)


def test_shorter_logs_are_drawn_by_what_each_input_is_known_to(tmp_path):
    known = uses(np.random.default_rng(5), days=27)
    found = fitted(write_log(tmp_path, list(visits_lines(*known))))
    assert not by_weeks(found)
    assert draws_of(found, 5)


def test_all_weeks_once_are_the_log_itself(of_weeks):
    again = fit_weeks(of_weeks, range(4))
    for one, other in zip(of_weeks.rows(), again.rows(), strict=True):
        assert other.estimate == pytest.approx(one.estimate, rel=1e-9, nan_ok=True), one


def test_a_week_keeps_its_dates_and_hours(of_weeks):
    again = of_weeks.calendar.of_weeks([3, 0, 3])
    assert again.dates[0] == again.dates[14] == of_weeks.calendar.dates[21]
    assert again.dates[7] == of_weeks.calendar.dates[0]
    shift = again.spans[0][0] - of_weeks.calendar.spans[21][0]
    assert shift == -21 * 1440
    visits = of_weeks.register.of_weeks([3, 0, 3])
    each = [int((of_weeks.register.day // 7 == week).sum()) for week in (3, 0, 3)]
    assert np.bincount(visits.day // 7).tolist() == each
