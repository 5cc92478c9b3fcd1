"""Patience: values worked out by hand, what is known of who left, and the naive estimate."""

import math

import numpy as np
import pytest

from sim.fit.estimates.patience import (
    Waits,
    at_least,
    exponential,
    fit_patience,
    kaplan_meier,
    still_waiting,
    weibull,
)
from sim.fit.reading.calendar import calendar_of
from sim.fit.reading.read import read_log
from sim.fit.reading.rows import Said
from tests.support.site_logs import fitted, moment, small_site, write_log


def test_two_who_left_and_three_who_were_served():
    """Served after 5, 10, 15 minutes; left after 10 and 20."""
    left, served = np.array([10.0, 20.0]), np.array([5.0, 10.0, 15.0])
    waits = Waits(left, left, served)
    assert exponential(2, waits.queued).value == pytest.approx(30)
    found = [(one.minutes, one.share) for one in kaplan_meier(left, served)]
    assert found == [(10, pytest.approx(0.75)), (20, 0)]
    assert still_waiting(waits, 12).value == pytest.approx(0.75)
    assert still_waiting(waits, 9).value == 1
    assert math.isnan(still_waiting(waits, 25).value)


def test_nobody_left_in_an_hour_of_queueing():
    assert at_least(60) == pytest.approx(20.03, abs=5e-3)
    found = exponential(0, 60)
    assert math.isnan(found.value)
    assert found.low == pytest.approx(20.03, abs=5e-3)


def people(rng, size=2500, median=25.0, shape=1.2):
    """Patience and the waits that people would have had."""
    patience = median / math.log(2) ** (1 / shape) * rng.weibull(shape, size)
    return patience, rng.exponential(6, size)


def test_patience_of_those_who_left_is_far_too_short():
    """The counter-example: half of those who left did so within 6 minutes; the truth is 25."""
    patience, wait = people(np.random.default_rng(1))
    left, served = patience[patience < wait], wait[patience >= wait]
    assert np.median(left) < 8
    found = weibull(Waits(left, left + 1e-3, served))
    assert found.median.low < 25 < found.median.high
    assert found.shape.low < 1.2 < found.shape.high


def test_the_intervals_hold_what_is_true():
    rng, inside = np.random.default_rng(5), np.zeros(2)
    for _ in range(200):
        patience, wait = people(rng, 800)
        left = patience[patience < wait]
        found = weibull(Waits(left, left + 1e-3, wait[patience >= wait]))
        inside += [
            found.median.low <= 25 <= found.median.high,
            found.shape.low <= 1.2 <= found.shape.high,
        ]
    assert (inside / 200 >= 0.91).all()


def test_times_to_five_minutes_are_intervals():
    """Zeros taken as exact would make patience endless."""
    patience, wait = people(np.random.default_rng(2))
    left = np.round(patience[patience < wait] / 5) * 5
    served = np.round(wait[patience >= wait] / 5) * 5
    found = weibull(Waits(np.maximum(left - 2.5, 0), left + 2.5, served))
    assert found.median.value == pytest.approx(25, rel=0.2)


def few(folder, rows):
    lines = ["arrived,checked_in,entered,left,out,kind,outcome"]
    for start, registered, entered, out in rows:
        stamps = [moment(1440 + 660 + start)]
        stamps += ["" if one is None else moment(1440 + 660 + one) for one in (registered, entered)]
        stamps += ["", moment(1440 + 660 + out)]
        lines.append(f"{','.join(stamps)},inject,{'reneged' if entered is None else 'served'}")
    return write_log(folder, lines)


def test_who_leaves_as_registration_ends_lost_patience_some_time_in_it(tmp_path):
    rows = [(0, 10, None, 10), (1, 4, None, 20), (2, 5, 6, 40), (3, 5, 17, 40)]
    site = small_site("check_in: {times: {known: 4}}\n")
    got = read_log(few(tmp_path, rows), site, Said())
    register = got.register
    found = fit_patience(register, calendar_of(site, register.start, 3), site)
    assert found is not None
    one = found["inject"]
    assert (one.leavers, one.law, one.pooled) == (2, None, True)
    # Left as registration ended after 10: between 6, when it began, and 9.5 minutes, of which the
    # middle of 6 and 10.5 counts. Left after 19. Served at once: 0, when registration began; 14.
    assert one.queued == pytest.approx(8.25 + 19 + 0 + 14)


def test_a_list_without_the_times_of_leaving_says_nothing_of_patience(tmp_path):
    lines = ["arrived,entered,left,kind,outcome"]
    for day in range(28):
        at = day * 1440 + 700
        lines.append(f"{moment(at)},{moment(at + 5)},{moment(at + 20)},inject,served")
        lines.append(f"{moment(at + 3)},,,inject,reneged")
    found = fitted(write_log(tmp_path, lines))
    assert found.patience is None


def test_where_nobody_left_the_file_is_kept(tmp_path):
    lines = ["arrived,entered,left,kind,outcome"]
    for day in range(28):
        at = day * 1440 + 700
        lines.append(f"{moment(at)},{moment(at + 1)},{moment(at + 20)},inject,served")
    found = fitted(write_log(tmp_path, lines))
    assert found.patience is not None
    (row,) = [one for one in found.rows() if one.input == "visits.patience.mean"]
    assert (row.note, row.n) == ("nobody_left", 0)
    assert row.estimate.low == pytest.approx(at_least(28))


def test_waits_whose_two_ends_are_rounded():
    """Both to 5 minutes. A wait of 0 that may be anything up to 5 makes a shape of 1.37 of 1.2."""
    rng, shape = np.random.default_rng(1), 1.2
    scale = 20 / math.log(2) ** (1 / shape)
    found, wrong = [], []
    for _ in range(12):
        wait = np.where(rng.random(2500) < 0.6, 0, rng.exponential(9, 2500))
        patience = scale * rng.weibull(shape, 2500)
        at, gone = rng.uniform(0, 720, 2500), patience < wait
        end = at + np.minimum(patience, wait)
        seen = np.round(end / 5) * 5 - np.round(at / 5) * 5
        low, high = np.maximum(seen[gone] - 2.5, 0), seen[gone] + 2.5
        found.append(weibull(Waits(low, high, seen[~gone])))
        wrong.append(weibull(Waits(low, np.maximum(high, 5), seen[~gone])))
    assert np.mean([one.shape.value for one in found]) == pytest.approx(1.2, abs=0.06)
    assert np.mean([one.median.value for one in found]) == pytest.approx(20, rel=0.05)
    assert np.mean([one.shape.value for one in wrong]) > 1.3
