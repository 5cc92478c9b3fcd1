"""Confidence intervals against published values and brute force."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from sim.measures.histogram import histogram_of
from sim.study.estimate.intervals import (
    binomial,
    clustered_count,
    poisson,
    quantile,
    ratio,
    share_of_events,
)

# Law, Simulation Modeling and Analysis: mean delays of ten replications of a bank.
BANK = np.array([1.53, 1.66, 1.24, 2.34, 2.00, 1.69, 2.69, 2.86, 1.70, 2.60])


def columns(*values):
    return np.array(values, dtype=float)


def test_the_bank():
    found = ratio(BANK, np.ones(10))
    assert found.value == pytest.approx(2.031)
    assert found.high - found.value == pytest.approx(0.397715, abs=5e-7)
    assert found.value - found.low == pytest.approx(0.397715, abs=5e-7)


def test_a_constant_denominator_only_scales():
    found = ratio(480 * BANK, np.full(10, 480.0))
    assert found.high - found.value == pytest.approx(0.397715, abs=5e-7)


def test_the_jackknife_leaves_out_one_replication_at_a_time():
    above, below = columns(30, 55, 12, 80), columns(10, 20, 3, 17)
    whole = above.sum() / below.sum()
    pseudo = []
    for left_out in range(4):
        kept = [k for k in range(4) if k != left_out]
        pseudo.append(4 * whole - 3 * above[kept].sum() / below[kept].sum())
    half = stats.t.ppf(0.975, 3) * np.std(pseudo, ddof=1) / 2
    found = ratio(above, below)
    assert found.value == pytest.approx(whole)
    assert found.low == pytest.approx(whole - half)
    assert found.high == pytest.approx(whole + half)


def test_many_figures_at_once():
    above, below = np.array([[30.0, 1.53], [55.0, 1.66]]), np.array([[10.0, 1.0], [20.0, 1.0]])
    found = ratio(above, below)
    for number in range(2):
        alone = ratio(above[:, number], below[:, number])
        assert (found.value[number], found.low[number], found.high[number]) == tuple(alone)


def test_equal_replications_have_an_interval_of_no_width():
    found = ratio(np.full(7, 0.1) * np.arange(1, 8), np.arange(1.0, 8.0))
    assert found.low == found.value == found.high


def test_one_replication_has_no_interval():
    found = ratio(columns(3), columns(2))
    assert found.value == 1.5
    assert np.isnan([found.low, found.high]).all()


def test_nothing_to_measure_is_nan_without_a_warning():
    assert np.isnan(ratio(np.zeros(3), np.zeros(3))).all()
    assert np.isnan(poisson(columns(0), columns(0))).all()
    assert np.isnan(binomial(columns(0), columns(0))).all()
    assert np.isnan(share_of_events(np.zeros(3), np.zeros(3))).all()


def test_when_one_replication_has_all_the_exposure_there_is_no_interval():
    found = ratio(columns(2, 0, 0), columns(4, 0, 0))
    assert found.value == 0.5
    assert np.isnan([found.low, found.high]).all()


# Exact 95 % limits of a Poisson mean for an observed count (Garwood 1936; in every table of them).
@pytest.mark.parametrize(
    ("count", "low", "high"),
    [
        (0, 0.0, 3.689),
        (1, 0.0253, 5.572),
        (5, 1.6235, 11.668),
        (10, 4.795, 18.39),
        (20, 12.217, 30.888),
        (100, 81.36, 121.63),
    ],
)
def test_garwoods_limits(count, low, high):
    found = poisson(columns(count), columns(1))
    assert found.low[0] == pytest.approx(low, abs=6e-4 * max(1, count))
    assert found.high[0] == pytest.approx(high, abs=6e-4 * max(1, count))


def test_poisson_limits_are_those_of_chi_square():
    found = poisson(columns(135), columns(0.5))
    assert found.value[0] == 270
    assert found.low[0] == pytest.approx(stats.chi2.ppf(0.025, 270))
    assert found.high[0] == pytest.approx(stats.chi2.ppf(0.975, 272))


def test_the_rule_of_three():
    assert binomial(columns(0), columns(100)).high[0] == pytest.approx(0.036217, abs=1e-6)
    assert binomial(columns(3), columns(3)).low[0] == pytest.approx(0.025 ** (1 / 3))


def test_clopper_and_pearson():
    found = binomial(columns(7), columns(20))
    exact = stats.binomtest(7, 20).proportion_ci(method="exact")
    assert (found.low[0], found.high[0]) == pytest.approx((exact.low, exact.high))


def test_all_of_a_few_events_do_not_prove_a_rule():
    found = share_of_events(columns(1, 0, 2), columns(1, 0, 2))
    assert found.value == 1.0
    assert found.low == pytest.approx(0.025 ** (1 / 3))
    assert found.high == 1.0


def test_a_share_between_none_and_all_has_the_jackknife_interval():
    above, below = columns(3, 5, 2), columns(4, 6, 4)
    assert share_of_events(above, below) == ratio(above, below)


def test_clustered_counts_are_never_more_certain_than_poisson():
    even = clustered_count(columns(5, 5, 5, 5), np.ones(4))
    exact = poisson(columns(20), columns(4))
    assert (even.low, even.high) == (exact.low[0], exact.high[0])
    wild = clustered_count(columns(0, 20, 0, 0), np.ones(4))
    assert wild.high > exact.high[0]


def test_a_quantile_is_of_all_replications_together():
    batches = [histogram_of(np.arange(10.0) + shift) for shift in (0, 100)]
    value, low, high = quantile(batches, 0.5)
    assert (value, low, high) == (9.0, 0.0, 109.0)  # two replications that say opposite things


def test_a_quantile_of_equal_replications_has_no_width():
    batches = [histogram_of(np.arange(100.0))] * 5
    assert quantile(batches, 0.9) == (89.0, 89.0, 89.0)


def test_one_replication_or_few_durations_give_no_interval_of_a_quantile():
    value, low, high = quantile([histogram_of(np.arange(100.0))], 0.9)
    assert value == 89.0
    assert np.isnan([low, high]).all()
    few = [histogram_of(np.array([3.0])), histogram_of(np.array([4.0]))]
    assert quantile(few, 0.5)[0] == 3.0
    assert np.isnan(quantile(few, 0.95)[1:]).all()
    assert np.isnan(quantile([histogram_of(np.array([]))] * 2, 0.5)).all()


@pytest.mark.slow
@given(
    st.lists(st.lists(st.floats(0, 100), min_size=5, max_size=30), min_size=2, max_size=6),
    st.sampled_from([0.5, 0.9, 0.95]),
)
def test_a_quantile_lies_within_its_interval(parts, probability):
    value, low, high = quantile([histogram_of(np.array(part)) for part in parts], probability)
    assert np.isnan(low) or low <= value <= high


@pytest.mark.slow
@pytest.mark.parametrize("replications", [5, 20])
def test_intervals_cover_what_they_should(replications):
    """Replications that differ: visits in each share a level, so they are far from independent."""
    random = np.random.default_rng(2026)
    level = 0.4  # spread of the levels; the mean and the median are known, as lognormal laws have
    true_mean, true_median = np.exp((level**2 + 1) / 2), 1.0
    covered = {"mean": 0, "median": 0}
    studies = 1000
    for _ in range(studies):
        sizes = random.integers(50, 150, replications)
        minutes = [np.exp(random.normal(random.normal(0, level), 1, n)) for n in sizes]
        found = ratio(np.array([m.sum() for m in minutes]), sizes.astype(float))
        covered["mean"] += bool(found.low <= true_mean <= found.high)
        _, low, high = quantile([histogram_of(m) for m in minutes], 0.5)
        covered["median"] += low <= true_median <= high
    assert 0.88 * studies < covered["mean"] < 0.97 * studies
    assert 0.92 * studies < covered["median"] < 0.98 * studies
