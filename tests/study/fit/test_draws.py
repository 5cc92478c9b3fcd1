"""What a log leaves open: draws whose middle is the estimate and whose spread is its interval's."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from sim.fit.draws import by_weeks, draws_of
from sim.fit.estimates.shares import Overdoses, rate
from sim.fit.fit import fit_weeks
from sim.scenario.load import read_scenario
from sim.scenario.uncertainty.draws import read_draws
from tests.support.command import command
from tests.support.site_logs import SITE, fitted, uses, visits_lines, write_log


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
