"""Paired differences against published values, brute force and what they promise to cover."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from sim.measures.histogram import EMPTY, histogram_of, merge
from sim.study.estimate.paired import (
    Pairs,
    _Pooled,
    count_difference,
    quantile_difference,
    ratio_difference,
    share_difference,
)

# Law, Simulation Modeling and Analysis, chapter 10: monthly cost of two inventory policies.
FIRST = np.array([126.97, 124.31, 126.68, 122.66, 127.23])
SECOND = np.array([118.21, 120.22, 122.45, 122.68, 119.40])


def pairs(above, below=None):
    above = np.array(above, dtype=float).reshape(len(above), -1)
    below = np.ones_like(above) if below is None else np.array(below, dtype=float).reshape(-1, 1)
    return Pairs(above, below)


def test_laws_inventory_policies():
    found = ratio_difference(pairs(SECOND), pairs(FIRST), level=0.9)
    assert found.value[0] == pytest.approx(4.98, abs=0.005)
    assert found.low[0] == pytest.approx(1.65, abs=0.005)
    assert found.high[0] == pytest.approx(8.31, abs=0.005)


def test_the_jackknife_leaves_one_replication_out_of_both():
    one = ([30, 55, 12, 80], [10, 20, 3, 17])
    two = ([28, 60, 9, 70], [11, 21, 3, 16])

    def ratio(of, kept):
        return sum(of[0][k] for k in kept) / sum(of[1][k] for k in kept)

    everything = range(4)
    whole = ratio(two, everything) - ratio(one, everything)
    pseudo = []
    for left_out in everything:
        kept = [k for k in everything if k != left_out]
        pseudo.append(4 * whole - 3 * (ratio(two, kept) - ratio(one, kept)))
    half = stats.t.ppf(0.975, 3) * np.std(pseudo, ddof=1) / 2
    found = ratio_difference(pairs(*one), pairs(*two))
    assert found.value[0] == pytest.approx(whole)
    assert found.low[0] == pytest.approx(whole - half)
    assert found.high[0] == pytest.approx(whole + half)


def test_without_pairing_it_is_the_ordinary_interval_of_two_samples():
    found = ratio_difference(pairs(SECOND), pairs(FIRST))
    pooled = stats.ttest_ind(FIRST, SECOND).confidence_interval(0.95)
    assert found.unpaired[0] == pytest.approx((pooled.high - pooled.low) / 2)


def test_the_same_replications_differ_by_exactly_nothing():
    same = pairs([30, 55, 12], [10, 20, 3])
    found = ratio_difference(same, same)
    assert (found.value[0], found.low[0], found.high[0]) == (0, 0, 0)
    waits = [histogram_of(np.array(one)) for one in ([0, 1.5, 7], [2.0, 9, 4], [3.0, 3, 8])]
    assert quantile_difference(waits, waits, 0.5)[:3] == (0, 0, 0)


def test_a_constant_difference_has_an_interval_of_no_width():
    found = ratio_difference(pairs([0.1, 0.2, 0.3]), pairs([1.1, 1.2, 1.3]))
    assert found.low[0] == found.value[0] == found.high[0] == pytest.approx(1)


def test_one_replication_has_no_interval():
    found = ratio_difference(pairs([3]), pairs([5]))
    assert found.value[0] == 2
    assert np.isnan([found.low[0], found.high[0], found.unpaired[0]]).all()
    waits = [histogram_of(np.arange(30.0))]
    value, low, high, unpaired = quantile_difference(waits, waits, 0.5)
    assert value == 0
    assert np.isnan([low, high, unpaired]).all()


def test_nothing_to_measure_is_nan_without_a_warning():
    nothing = pairs([0, 0], [0, 0])
    for difference in (ratio_difference, share_difference, count_difference):
        assert np.isnan(difference(nothing, nothing).value[0])
    assert np.isnan(quantile_difference([EMPTY, EMPTY], [EMPTY, EMPTY], 0.5)).all()


def test_three_events_alike_prove_little():
    """The exact interval of 0 of 3 reaches to 1 - 0.025^(1/3) = 0.708."""
    found = share_difference(pairs([1, 2], [1, 2]), pairs([1, 2], [1, 2]))
    assert found.value[0] == 0
    assert found.high[0] == -found.low[0] == pytest.approx(0.70760, abs=1e-5)
    assert found.rate[0] == 1


def test_events_that_none_had_may_come():
    """Garwood's limit of no event is 3.689; half an exposure doubles it."""
    found = count_difference(pairs([0, 0], [0.25, 0.25]), pairs([0, 0], [0.25, 0.25]))
    assert found.high[0] == -found.low[0] == pytest.approx(2 * 3.6889, abs=1e-3)


def test_shares_that_vary_have_the_jackknife_interval():
    one, two = pairs([3, 5, 4], [10, 11, 9]), pairs([5, 5, 6], [10, 12, 9])
    assert share_difference(one, two) == ratio_difference(one, two)


@pytest.mark.slow
@given(
    st.lists(st.lists(st.integers(0, 40), min_size=1, max_size=12), min_size=1, max_size=6),
    st.data(),
)
def test_a_weighted_quantile_is_that_of_replications_repeated(batches, data):
    counted = [histogram_of(np.array(batch, dtype=float)) for batch in batches]
    size = len(batches)
    weights = data.draw(st.lists(st.integers(0, 3), min_size=size, max_size=size).filter(any))
    probability = data.draw(st.sampled_from([0.1, 0.5, 0.9, 0.95, 1.0]))
    repeated = merge(one for one, times in zip(counted, weights, strict=True) for _ in range(times))
    found = _Pooled(counted).quantiles(np.array([weights], dtype=float), probability)
    assert found[0] == repeated.quantile(probability)


def test_people_in_common_narrow_the_interval():
    rng = np.random.default_rng(3)
    luck = rng.lognormal(0, 1, 20)
    found = ratio_difference(pairs(10 * luck), pairs(9 * luck + rng.normal(0, 0.1, 20)))
    half = (found.high[0] - found.low[0]) / 2
    assert found.unpaired[0] > 5 * half


@pytest.mark.slow
def test_coverage_of_mean_and_quantile_differences():
    """Waits of days that share their luck; truth from a great many days. Nominal 95 %."""
    rng = np.random.default_rng(8)

    def days(number):
        luck = rng.gamma(4, 0.25, (number, 1))
        waits = luck * rng.exponential(5, (number, 200))
        return waits, 0.9 * waits + rng.exponential(0.2, waits.shape)

    one, two = days(20_000)
    truths = {p: float(np.quantile(two, p) - np.quantile(one, p)) for p in (0.5, 0.9)}
    mean = float(two.mean() - one.mean())
    hits: dict[float, int] = {0.0: 0, 0.5: 0, 0.9: 0}
    times = 150
    for _ in range(times):
        one, two = days(10)
        found = ratio_difference(pairs(one.sum(1) / 200), pairs(two.sum(1) / 200))
        hits[0.0] += bool(found.low[0] <= mean <= found.high[0])
        first, second = ([histogram_of(day) for day in waits] for waits in (one, two))
        for p, truth in truths.items():
            _, low, high, _ = quantile_difference(first, second, p)
            hits[p] += low - 1 / 128 <= truth <= high + 1 / 128
    # With 150 trials, 95 % is missed by these bounds less than once in 500 times.
    assert min(hits.values()) / times >= 0.88, hits
