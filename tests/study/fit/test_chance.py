"""Whether people come one by one: told right of logs whose truth is known, rounded or not."""

import numpy as np
import pytest
from scipy import stats

from sim.fit.estimates.chance import apart, ratio_of_groups, within_the_hour
from sim.fit.estimates.counts import Counted
from tests.support.site_logs import fitted, moment, small_site, uses, visits_lines, write_log

DAYS, OPENS, CLOSES = 28, 10, 22
LOGS = 200


def hours(days=DAYS):
    is_open = np.zeros((days, 24))
    is_open[:, OPENS:CLOSES] = 1
    return Counted(np.zeros_like(is_open), is_open, np.arange(days) % 7)


def arrivals(seed, a_day=90.0, size=1):
    """Days that differ, a peak in the middle of the day, and people who come so many at once."""
    rng, found = np.random.default_rng(seed), []
    for day in range(DAYS):
        number = rng.poisson(a_day / size * rng.gamma(50, 1 / 50))
        times = OPENS * 60 + np.minimum(rng.triangular(0, 240, 720, number), 719.99)
        found.append(np.repeat(day * 1440 + times, size))
    return np.sort(np.concatenate(found))


def rounded(times, step):
    return np.round(times / step) * step if step else times


def test_by_hand():
    """Sixty days of one hour, two come together in the first quarter or in the third.

    Expected is 1 in each of the two: 60 × 2 against 59 × 120 / 119.
    """
    first = np.arange(60) * 1440 + 600 + np.where(np.arange(60) % 2, 5, 35)
    found, visits = within_the_hour(np.repeat(first.astype(float), 2), hours(60), 1)
    assert visits == 120
    assert found.value == pytest.approx(120 / (59 * 120 / 119))
    assert found.low < found.value < found.high


@pytest.mark.parametrize("step", [0, 5, 10, 15, 30])
def test_rounding_is_no_group(step):
    """Of logs in which each comes alone 19 of 20 are called so, to how many minutes ever."""
    data, held = hours(), 0
    for seed in range(LOGS):
        one, _ = within_the_hour(rounded(arrivals(seed), step), data, max(step, 1))
        held += one.low <= 1 <= one.high
    assert held >= 0.92 * LOGS
    # What looks right and is not: times within their hour against chance.
    naive = stats.kstest(rounded(arrivals(1), step) % 60 / 60, "uniform").pvalue
    assert naive < 1e-6 if step else naive > 0.01


@pytest.mark.parametrize("step", [0, 5, 15])
def test_groups_are_seen(step):
    site = small_site()
    for size in (2, 3):
        found = within_the_hour(rounded(arrivals(5, size=size), step), hours(), max(step, 1))
        assert found[0].low < size < found[0].high
        assert apart(found, site).note == "groups"
        in_file = site.model_copy(
            update={"demand": site.demand.model_copy(update={"groups": {size: 1.0}})}
        )
        assert ratio_of_groups(in_file) == size
        assert apart(found, in_file).note == ""


def test_appointments_are_seen():
    times = np.concatenate([day * 1440 + 600 + np.arange(0, 720, 10.0) for day in range(DAYS)])
    found = within_the_hour(times, hours(), 10)
    assert found[0].value == pytest.approx(0, abs=1e-9)
    assert apart(found, small_site()).note == "regular"


def test_of_times_to_the_hour_or_of_few_nothing_is_told():
    assert not within_the_hour(arrivals(1), hours(), 60)[0].is_known
    assert not within_the_hour(arrivals(1, a_day=1), hours(), 1)[0].is_known


def test_it_is_among_what_a_log_says(tmp_path):
    times, stays, kinds = uses(np.random.default_rng(2))
    found = fitted(write_log(tmp_path, list(visits_lines(times, stays, kinds))))
    (row,) = [one for one in found.rows() if one.input == "demand.within_the_hour"]
    assert row.estimate.low < 1 < row.estimate.high
    assert row.note == ""
    twice = np.repeat(times, 2), np.repeat(stays, 2), np.repeat(kinds, 2)
    lines = [f"{one},c{number}" for number, one in enumerate(visits_lines(*twice))]
    found = fitted(write_log(tmp_path, [lines[0].replace("c0", "client"), *lines[1:]]))
    (row,) = [one for one in found.rows() if one.input == "demand.within_the_hour"]
    assert row.note == "groups"


def test_times_of_places_do_not_tell(tmp_path):
    times, stays, _ = uses(np.random.default_rng(2))
    rows = [f"{moment(a)},{b:.0f}" for a, b in zip(times, stays, strict=True)]
    found = fitted(write_log(tmp_path, ["start,minutes", *rows]))
    assert not found.chance.ratio.is_known
