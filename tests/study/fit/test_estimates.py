"""Estimators against values worked out by hand, and against the naive ones that they replace."""

import math
from datetime import date

import numpy as np
import pytest

from sim.fit.estimates.counts import Counted, counted, with_clock_changes
from sim.fit.estimates.demand import (
    Way,
    Week,
    best_week,
    cells_week,
    day_to_day_cv,
    deviance,
    fit_demand,
    product_week,
)
from sim.fit.estimates.limits import limit_of, overrun
from sim.fit.estimates.shares import rate, share
from sim.fit.estimates.stays import (
    FAMILIES,
    alike,
    choose_law,
    fit_law,
    unrounded,
    unrounded_variance,
)
from sim.fit.reading.calendar import calendar_of
from tests.support.site_logs import fitted, moment, small_site, write_log

OPEN = np.ones((7, 24))
LOGNORMAL, GAMMA, EXPONENTIAL = FAMILIES
NOTHING = np.empty(0)


def site_open(hours):
    return small_site().model_copy(
        update={"opening": small_site().opening.model_validate({"hours": hours})}
    )


# --- demand -------------------------------------------------------------------------------------


def test_ten_visits_in_each_of_two_hours():
    """14 days, 10 visits at :03, :09 … in each of the hours 10 and 11; open 10-12."""
    site = site_open("10:00-12:00")
    calendar = calendar_of(site, date(2026, 1, 5), 14)
    minutes = [600 + 3 + 6 * n for n in range(20)]
    arrived = np.array([day * 1440.0 + minute for day in range(14) for minute in minutes])
    data = counted(arrived, calendar, np.ones(14, dtype=bool))
    found = fit_demand(arrived, data, calendar, site, Way(1.0, True))
    expected = [10.0 if hour % 24 in (10, 11) else 0.0 for hour in range(168)]
    assert found.week.rate.ravel().tolist() == pytest.approx(expected)
    assert found.cv.value == 0
    assert found.a_day.value == pytest.approx(20)
    assert found.crowd.value == 0


@pytest.mark.parametrize(("totals", "cv"), [((10, 30), 0.46822), ((16, 24), 0.0)])
def test_days_that_differ(totals, cv):
    seen = np.array(totals * 7, dtype=float)
    found = day_to_day_cv(seen, np.full(14, 20.0))
    assert found.value == pytest.approx(cv, abs=5e-6)
    assert found.low <= found.value <= found.high


def test_alternating_days_have_no_weekday():
    """Each weekday has one day of 10 and one of 30: the factors are all 1, and so is the CV's."""
    visits = np.zeros((14, 24))
    visits[:, 12] = [10, 30] * 7
    data = Counted(visits, np.ones((14, 24)), np.arange(14) % 7)
    week = product_week(data, OPEN)
    assert week.weekday == pytest.approx(np.ones(7))
    assert week.shrink == 0
    cv = day_to_day_cv(visits.sum(axis=1), week.expected(data), 6 * week.shrink)
    assert cv.value == pytest.approx(0.46822, abs=5e-6)


def test_an_hour_without_exposure_has_no_rate():
    """One person in an hour that is never open made a rate of 10^9 an hour once."""
    visits, exposure = np.zeros((14, 24)), np.zeros((14, 24))
    visits[:, 10], exposure[:, 10], visits[3, 5] = 8, 1, 1
    data = Counted(visits, exposure, np.arange(14) % 7)
    for make in (product_week, cells_week):
        week = make(data, OPEN)
        assert np.isfinite(week.rate).all()
        assert week.rate.max() < 10


def test_weekdays_are_shrunk_to_what_is_no_chance():
    rng = np.random.default_rng(4)
    true = np.array([1.3, 1, 1, 1, 1, 1, 0.7])
    far: list[Week] = []
    near: list[Week] = []
    for _ in range(50):
        visits = rng.poisson(np.full((28, 24), 2.0) * true[np.arange(28) % 7, np.newaxis])
        flat = rng.poisson(np.full((28, 24), 2.0))
        for seen, kept in ((visits, far), (flat, near)):
            data = Counted(seen.astype(float), np.ones((28, 24)), np.arange(28) % 7)
            kept.append(product_week(data, OPEN))
    assert np.mean([one.weekday[0] for one in far]) == pytest.approx(1.25, abs=0.03)
    raw = math.sqrt(1 / (4 * 48))  # relative error of a weekday's mean
    assert np.mean([np.std(one.weekday) for one in near]) < 0.6 * raw


def test_the_product_predicts_better_than_168_cells_at_four_weeks():
    rng = np.random.default_rng(9)
    shape = 2 + np.sin(np.arange(24) / 24 * 2 * np.pi)
    mean = np.tile(shape, (28, 1))
    days, better = np.arange(28) % 7, 0
    for _ in range(20):
        log, then = (
            Counted(rng.poisson(mean).astype(float), np.ones((28, 24)), days) for _ in "ab"
        )
        lost = [deviance(then, make(log, OPEN)) for make in (product_week, cells_week)]
        better += lost[0] < lost[1]
    assert better == 20


def test_cells_are_taken_where_a_long_log_shows_that_weekdays_have_hours_of_their_own():
    rng = np.random.default_rng(2)
    mean = np.full((7, 24), 3.0)
    mean[5:, :12], mean[5:, 12:] = 0.5, 6.0
    days = np.arange(20 * 7) % 7
    data = Counted(rng.poisson(mean[days]).astype(float), np.ones((140, 24)), days)
    assert best_week(data, OPEN).method == "cells"
    even = Counted(rng.poisson(np.full((140, 24), 3.0)).astype(float), np.ones((140, 24)), days)
    assert best_week(even, OPEN).method == "product"


def test_the_interval_of_day_to_day_cv_holds_what_is_true():
    """500 logs of 28 days whose days have a gamma factor."""
    rng, inside = np.random.default_rng(3), 0
    for _ in range(500):
        factor = rng.gamma(1 / 0.14**2, 0.14**2, 28)
        found = day_to_day_cv(rng.poisson(200 * factor).astype(float), np.full(28, 200.0))
        inside += found.low <= 0.14 <= found.high
    assert inside / 500 >= 0.93


def test_the_interval_of_the_level_holds_what_is_true():
    site, rng, inside = small_site(), np.random.default_rng(8), 0
    calendar = calendar_of(site, date(2026, 1, 5), 28)
    for _ in range(100):
        counts = rng.poisson(60 * rng.gamma(1 / 0.14**2, 0.14**2, 28))
        arrived = np.concatenate(
            [day * 1440 + 600 + np.sort(rng.uniform(0, 720, n)) for day, n in enumerate(counts)]
        )
        data = counted(arrived, calendar, np.ones(28, dtype=bool))
        found = fit_demand(arrived, data, calendar, site, Way(1.0, False))
        inside += found.a_day.low <= 60 <= found.a_day.high
    assert inside / 100 >= 0.9


def test_a_crowd_at_the_opening():
    """60 visits a day, of which 6 come with the door, and the others evenly."""
    site, rng = small_site(), np.random.default_rng(1)
    calendar = calendar_of(site, date(2026, 1, 5), 56)
    times = [
        np.concatenate([np.full(6, day * 1440 + 600.0), day * 1440 + rng.uniform(600, 1320, 54)])
        for day in range(56)
    ]
    arrived = np.sort(np.concatenate(times))
    data = counted(arrived, calendar, np.ones(56, dtype=bool))
    found = fit_demand(arrived, data, calendar, site, Way(1.0, False))
    assert found.crowd.low < 0.1 < found.crowd.high
    first = found.week.rate[:, 10].mean()
    assert first == pytest.approx(found.week.rate[:, 11:22].mean(), rel=0.15)
    assert found.a_day.value == pytest.approx(60, rel=1e-6)


def test_special_days_have_a_factor_if_there_are_three():
    site = small_site()
    special = {"name": "benefit", "days_of_month": [1, 2, 3], "visits": 1.1}
    site = site.model_validate(
        {
            **site.model_dump(by_alias=True, exclude_none=True),
            "demand": {"visits_per_day": 40, "profile": "flat", "special_days": [special]},
        }
    )
    visits = np.zeros((31, 24))
    visits[:, 10:22] = 5
    visits[:3] *= 1.6
    calendar = calendar_of(site, date(2026, 1, 1), 31)
    data = Counted(visits, calendar.open, calendar.weekdays())
    found = fit_demand(np.empty(0), data, calendar, site, Way(60.0, False))
    assert found.special["benefit"].value == pytest.approx(1.6, rel=1e-3)
    assert found.a_day.value == pytest.approx(60, rel=1e-3)
    few = Counted(visits[2:], calendar.open[2:], calendar.weekdays()[2:])
    later = calendar_of(site, date(2026, 1, 3), 29)
    found = fit_demand(np.empty(0), few, later, site, Way(60.0, False))
    assert found.special == {}


# --- shares and rates ---------------------------------------------------------------------------


def test_exact_intervals():
    found = share(8, 200)
    assert found == pytest.approx((0.04, 0.0174, 0.0773), abs=5e-5)
    assert rate(3, 2000) == pytest.approx((1.5, 0.309, 4.384), abs=5e-4)


# --- stays --------------------------------------------------------------------------------------


def test_a_limit_censors():
    """Limit 30: stays 10, 20, 30, 30, 30 of an exponential: mean 120 / 2, and all keep to it."""
    law = fit_law(EXPONENTIAL, np.array([10.0, 20.0]), np.full(3, 30.0))
    assert law.mean.value == pytest.approx(60)
    limit = limit_of(np.array([10.0, 20, 30, 30, 30]), 30.0, 1.0)
    assert limit is not None
    assert (limit.comply.value, limit.reached) == (1, 3)


def test_what_rounding_adds():
    assert unrounded_variance(160, 5) == pytest.approx(155.83, abs=5e-3)
    stays = np.array([5.0, 10, 15, 20, 40])
    mended = unrounded(stays, 5, 2)
    assert mended.mean() == pytest.approx(stays.mean())
    assert np.var(mended, ddof=1) == pytest.approx(np.var(stays, ddof=1) - 25 / 6)


def limited(rng, size=4000):
    """Lognormal stays, mean 25 and CV .5, under a limit of 30 that four in five keep to."""
    sigma = math.sqrt(math.log1p(0.25))
    stays = rng.lognormal(math.log(25) - sigma**2 / 2, sigma, size)
    stays_on = rng.random(size) >= 0.8
    cut = np.where(
        stays_on, np.minimum(stays, 30 + rng.exponential(8, size)), np.minimum(stays, 30)
    )
    return np.where(stays < 30, stays, cut)


def test_stays_under_a_limit_need_it_as_censoring():
    """The counter-example: a mean of what is seen, and its spread, are badly off."""
    seen = limited(np.random.default_rng(25))
    assert seen.mean() < 23
    assert seen.std() / seen.mean() < 0.43
    limit = limit_of(seen, 30.0, 0.02)
    assert limit is not None
    assert limit.comply.low < 0.8 < limit.comply.high
    law = fit_law(LOGNORMAL, seen[seen < 29.99], np.full((seen >= 29.99).sum(), 30.0))
    assert law.mean.low < 25 < law.mean.high
    assert law.cv == pytest.approx(0.5, abs=0.02)


@pytest.mark.parametrize("step", [1.0, 5.0])
def test_who_keeps_to_a_limit_where_both_ends_are_rounded(step):
    """Of 200 logs of 800 stays four in five: who stays on but shortly is not seen to."""
    rng, found = np.random.default_rng(7), []
    sigma = math.sqrt(math.log1p(0.25))
    for _ in range(200):
        stays = rng.lognormal(math.log(25) - sigma**2 / 2, sigma, 800)
        on = np.where(rng.random(800) < 0.8, 0.0, rng.exponential(8, 800))
        at, cut = rng.uniform(0, 720, 800), np.minimum(stays, 40 + on)
        seen = np.round((at + cut) / step) * step - np.round(at / step) * step
        limit = limit_of(seen, 40.0, step)
        assert limit is not None
        found.append((limit.comply.value, limit.comply.low <= 0.8 <= limit.comply.high))
    assert np.mean([one for one, _ in found]) == pytest.approx(0.8, abs=0.02)
    assert np.mean([held for _, held in found]) > 0.88


def test_who_stays_on_beyond_a_limit_may_have_left_anyhow():
    """The mean of what is seen is too short: 5.0 for a true 8 if as many leave of themselves."""
    rng, inside, seen = np.random.default_rng(8), 0, NOTHING
    for _ in range(200):
        seen = np.minimum(rng.exponential(8, 80), rng.exponential(40 / 3, 80))
        found = overrun(seen, np.full(80, 3 / 40))
        inside += found.low <= 8 <= found.high
    assert inside / 200 >= 0.92
    assert seen.mean() < 6
    plain = overrun(np.array([4.0, 8.0]), np.zeros(2))
    assert plain == pytest.approx((6, 12 / 5.5716, 12 / 0.2422), rel=1e-3)


def test_the_stays_themselves_under_a_limit_go_on_beyond_it():
    """Two sorts of stays, which no law fits, cut at 30: what is seen has a mean of 20.6, not 22."""
    rng = np.random.default_rng(6)
    stays = np.concatenate([rng.normal(12, 1, 400), rng.lognormal(math.log(30), 0.25, 400)])
    law, note = choose_law(stays[stays < 30], np.full((stays >= 30).sum(), 30.0))
    assert note == "empirical"
    assert max(law.values) > 30
    assert np.minimum(stays, 30).mean() + 1 < law.mean.value


def test_an_interval_is_wider_where_the_stays_of_a_day_are_alike():
    rng = np.random.default_rng(4)
    day = np.repeat(np.arange(56), 20)
    assert alike(rng.gamma(4, 5, 1120), day) == pytest.approx(1, abs=0.35)
    slow = np.repeat(rng.normal(0, 5, 56), 20)
    assert alike(20 + slow + rng.normal(0, 5, 1120), day) == pytest.approx(10.5, rel=0.3)


@pytest.mark.parametrize("family", [LOGNORMAL, GAMMA, EXPONENTIAL], ids=lambda one: one.name)
def test_the_interval_of_a_mean_stay_holds_what_is_true(family):
    rng, inside = np.random.default_rng(12), 0
    sigma = math.sqrt(math.log1p(0.25))
    for _ in range(300):
        stays = {
            "lognormal": lambda: rng.lognormal(math.log(25) - sigma**2 / 2, sigma, 200),
            "gamma": lambda: rng.gamma(4, 25 / 4, 200),
            "exponential": lambda: rng.exponential(25, 200),
        }[family.name]()
        low, high = fit_law(family, stays, NOTHING).mean[1:]
        inside += low <= 25 <= high
    assert inside / 300 >= 0.92


def test_the_stays_themselves_where_no_law_fits():
    rng = np.random.default_rng(6)
    two = np.concatenate([rng.normal(8, 1, 300), rng.normal(40, 2, 300)])
    law, note = choose_law(two, NOTHING)
    assert (law.family, note) == ("empirical", "empirical")
    assert np.mean(law.values) == pytest.approx(two.mean(), rel=1e-6)
    law, _ = choose_law(rng.gamma(4, 5, 1500), NOTHING)
    assert law.family == "gamma"


@pytest.mark.parametrize(
    ("month", "seen", "exposure"), [(3, 0, 0), (3, 4, 1), (10, 8, 2), (10, 4, 1)]
)
def test_the_hour_that_summer_time_takes_and_gives(month, seen, exposure):
    """The hour from 2 is not there, or twice; a clock that nobody changes shows it."""
    site = site_open("24/7")
    calendar = calendar_of(site, date(2026, month, 23 if month == 3 else 19), 7)
    visits = np.full((7, 24), 4.0)
    visits[6, 2] = seen
    data = with_clock_changes(Counted(visits, calendar.open, calendar.weekdays()), calendar)
    assert data.exposure[6, 2] == exposure
    data.exposure[6, 2] = 1
    assert (data.exposure == 1).all()


def test_a_log_in_which_all_come_at_the_opening(tmp_path):
    """Nobody is left for the other hours: their rates are known, no division by 0."""
    rows = ["arrived,entered,left,kind,outcome"]
    for day in range(14):
        at = day * 1440 + 600
        rows += [
            f"{moment(at + n)},{moment(at + n)},{moment(at + 20)},smoke,served" for n in (1, 2, 3)
        ]
    demand = fitted(write_log(tmp_path, rows)).demand
    assert demand is not None
    assert demand.crowd.value == 1
    assert demand.week.rate.sum() == pytest.approx(21)
