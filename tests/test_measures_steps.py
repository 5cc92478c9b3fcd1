"""Integrals of quantities that change in steps, and histograms of durations."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.measures.changes import series_of
from sim.measures.facts import Facts
from sim.measures.histogram import Histogram, histogram_of, merge
from sim.measures.steps import HOURS, steps_from, window_of
from tests.handmade_logs import make_log, make_scenario

WEEK = make_scenario()
SECOND_WEEK = make_scenario(horizon={"weeks": 2, "warmup_weeks": 1})
TWO_WEEKS = make_scenario(horizon={"weeks": 2})


def steps(*changes):
    table = np.array(changes, dtype=float).reshape(-1, 2)
    return steps_from((table[:, 0], table[:, 1]))


def followed(quantity, scenario, openings=()):
    """The number of people inside, of a site that opens or closes at some times."""
    changes = {
        "site:inside": list(zip(quantity.times[1:], quantity.values[1:], strict=True)),
        "site:open": [(time, float(number % 2)) for number, time in enumerate(sorted(openings))],
    }
    return series_of(scenario, make_log(scenario, changes=changes))


def integrate(quantity, scenario, openings=()):
    return followed(quantity, scenario, openings).by_hour("site:inside")


def highest(quantity, scenario):
    return followed(quantity, scenario).peak("site:inside")


def test_an_integral_is_cut_at_hours_and_changes():
    found = integrate(steps((50, 2), (130, 5), (135, 0)), WEEK)
    assert found[:4].tolist() == [20.0, 120.0, 20.0 + 25.0, 0.0]
    assert found.sum() == 2 * 80 + 5 * 5


def test_the_last_value_holds_until_the_end():
    assert integrate(steps((10079, 3)), WEEK).sum() == 3.0


def test_before_its_first_change_a_quantity_is_zero():
    assert integrate(steps(), WEEK).tolist() == [0.0] * HOURS


def test_a_value_from_before_the_window_counts_within_it():
    found = integrate(steps((0, 4), (10085, 1)), SECOND_WEEK)
    assert found[0] == 4 * 5 + 1 * 55
    assert found[1:].tolist() == [60.0] * (HOURS - 1)


def test_what_goes_on_after_the_window_does_not_count():
    assert integrate(steps((10079, 1), (10200, 0)), WEEK).sum() == 1.0


def test_of_changes_at_one_instant_only_the_last_counts():
    found = steps((60, 9), (60, 1))
    assert integrate(found, WEEK)[1] == 60.0
    assert highest(found, WEEK) == 1.0


def test_two_weeks_fall_on_the_same_hours():
    found = integrate(steps((0, 1), (60, 0), (10080, 1), (10110, 0)), TWO_WEEKS)
    assert found[0] == 90.0
    assert found[1:].sum() == 0.0


def test_the_hour_of_the_week_follows_the_date():
    # 2026-01-07 is a Wednesday: midnight is hour 48 of a week that begins on Monday.
    scenario = make_scenario(horizon={"start": "2026-01-07", "days": 7})
    assert integrate(steps((0, 1), (30, 0)), scenario)[48] == 30.0
    window = window_of(scenario)
    late = np.array([59.999, 60.0, 5 * 1440 - 0.001, 5 * 1440])
    assert window.hour_of_week(late).tolist() == [48, 49, 167, 0]


def test_the_warm_up_is_outside_the_window():
    window = window_of(make_scenario(horizon={"weeks": 3, "warmup_weeks": 1}))
    assert (window.start, window.end, window.weeks) == (10080.0, 30240.0, 2.0)
    assert window.holds(np.array([10079.9, 10080.0, 30239.9, 30240.0])).tolist() == [
        False,
        True,
        True,
        False,
    ]


def test_a_short_window_misses_some_hours():
    window = window_of(make_scenario(horizon={"days": 2}))
    assert window.minutes_by_hour().tolist() == [60.0] * 48 + [0.0] * 120


def test_a_sum_of_quantities_changes_when_any_of_them_does():
    changes = {
        "site:waiting_check_in": [(10, 2), (40, 0)],
        "site:waiting_service": [(30, 5)],
    }
    facts = Facts(WEEK, make_log(WEEK, changes=changes))
    assert facts.integrals["site:waiting"][0] == 2 * 20 + 7 * 10 + 5 * 20
    assert facts.series.peak("site:waiting") == 7


def test_the_highest_value_is_looked_for_within_the_window():
    found = steps((5, 8), (100, 2), (10090, 3), (30000, 9))
    assert highest(found, SECOND_WEEK) == 3.0
    assert highest(found, WEEK) == 8.0


def test_an_integral_is_the_same_however_time_is_cut():
    random = np.random.default_rng(5)
    for number in (3, 40, 4000):  # more and fewer changes than there are hours
        times = np.sort(random.uniform(0, 10080, number)).round(1)
        quantity = steps(*zip(times, random.integers(0, 9, number), strict=True))
        openings = random.uniform(-50, 12000, 30)
        pieces = np.unique(
            np.concatenate([[0.0, 10080.0], quantity.times[1:], np.arange(0, 10080, 60)])
        )
        areas = quantity.at(pieces[:-1]) * np.diff(pieces)
        by_hand = np.bincount((pieces[:-1] // 60).astype(int), areas, minlength=HOURS)
        np.testing.assert_allclose(integrate(quantity, WEEK), by_hand, rtol=1e-12)
        np.testing.assert_allclose(integrate(quantity, WEEK, openings), by_hand, rtol=1e-12)


def test_a_value_holds_from_its_change_on():
    quantity = steps((5, 2), (5, 3), (40, 7))
    times = np.array([-1.0, 4.9, 5.0, 5.0, 39.0, 40.0, 99.0])
    assert quantity.at(times).tolist() == [0, 0, 3, 3, 3, 7, 7]


changes_by_time = st.lists(st.tuples(st.floats(0, 30000), st.integers(0, 50)), max_size=40).map(
    sorted
)


@given(changes_by_time, st.integers(5, 11))
def test_the_hours_add_up_to_the_whole(changes, day):
    horizon = {"start": f"2026-01-{day:02}", "weeks": 2, "warmup_weeks": 1}
    scenario = make_scenario(horizon=horizon)
    found, window = integrate(steps(*changes), scenario), window_of(scenario)
    times = [t for t, _ in changes] + [40000.0]
    whole = sum(
        value * max(0.0, min(until, window.end) - max(since, window.start))
        for (since, value), until in zip(changes, times[1:], strict=True)
    )
    assert (found >= 0).all()
    assert found.sum() == pytest.approx(whole, rel=1e-12, abs=1e-6)


def test_a_quantile_is_the_shortest_that_so_many_did_not_exceed():
    waits = histogram_of(np.array([0.0, 0.0, 5.0, 10.0]))
    assert [waits.quantile(p) for p in (0.0, 0.5, 0.51, 0.75, 0.9, 1.0, 1.7)] == [
        0.0,
        0.0,
        5.0,
        5.0,
        10.0,
        10.0,
        10.0,
    ]


def test_rounding_does_not_shift_a_quantile():
    waits = histogram_of(np.arange(1.0, 101.0))
    assert [waits.quantile(k / 100) for k in range(1, 101)] == list(np.arange(1.0, 101.0))


def test_whole_and_half_minutes_stay_exact_and_nan_is_left_out():
    waits = histogram_of(np.array([2.5, np.nan, 7.0, 2.5 + 1e-9]))
    assert waits.ticks.tolist() == [160, 448]
    assert waits.counts.tolist() == [2, 1]
    assert (waits.total, waits.at_most(2.5), waits.at_most(6.9)) == (3, 2, 2)


def test_short_durations_are_counted_as_long_ones_are():
    short = np.random.default_rng(1).exponential(0.5, 500).round(2)
    found = histogram_of(short)
    one_is_very_long = histogram_of(np.append(short, 1e6))
    assert one_is_very_long.ticks.tolist() == [*found.ticks.tolist(), 64_000_000]
    assert one_is_very_long.counts.tolist() == [*found.counts.tolist(), 1]
    assert found.counts.min() >= 1


def test_no_durations_have_no_quantile():
    assert np.isnan(histogram_of(np.array([np.nan])).quantile(0.5))
    assert merge([]).total == 0


@given(st.lists(st.lists(st.floats(0, 300), max_size=20), max_size=5))
def test_merging_is_counting_together(parts):
    merged = merge(histogram_of(np.array(part, dtype=float)) for part in parts)
    whole = histogram_of(np.array([minutes for part in parts for minutes in part], dtype=float))
    assert isinstance(merged, Histogram)
    assert merged.ticks.tolist() == whole.ticks.tolist()
    assert merged.counts.tolist() == whole.counts.tolist()
