"""The search: right where the truth is known exactly, and no less often than it says."""

from itertools import product
from typing import cast

import numpy as np
import pytest

from sim.size.lab import Lab
from sim.size.search import Rules, Search, errors_of
from tests.size_helpers import MadeUp

SHAPE = (5, 4, 3)
PRICES = (6, 8, 9)
COST = sum(
    np.arange(levels).reshape([-1 if n == axis else 1 for n in range(3)]) * price
    for axis, (levels, price) in enumerate(zip(SHAPE, PRICES, strict=True))
) + np.zeros(SHAPE)


def slippage(seed):
    """Each design meets or misses its targets by the tolerance, no more; more never harms."""
    rng = np.random.default_rng([seed, 7])
    weights = rng.uniform(0.5, 1.5, size=(2, 3))
    means = np.empty((*SHAPE, 2))
    for design in product(*(range(n) for n in SHAPE)):
        means[design] = np.where(weights @ design >= 4.0, 1.0, -1.0)
    return means


def brute_force(means):
    meets = means.min(axis=-1) > 0
    return COST[meets].min()


def searched(means, seed, sd=2.0, **rules):
    lab = MadeUp(means, COST, sd, seed)
    return Search(cast("Lab", lab), Rules(**rules)).run()


def test_the_cheapest_is_found_at_least_as_often_as_promised():
    right = 0
    for seed in range(100):
        means = slippage(seed)
        found = searched(means, seed, confidence=0.8, most=2000, answers=1)
        right += bool(found.met) and (
            COST[found.met[0]] == brute_force(means) and means[found.met[0]].min() > 0
        )
    assert right >= 100 * 0.8 - 4 * np.sqrt(100 * 0.8 * 0.2)
    assert right >= 80


def test_without_chance_it_is_brute_force():
    for seed in range(30):
        means = slippage(seed)
        found = searched(means, seed, sd=0.0)
        assert COST[found.met[0]] == brute_force(means)
        cheaper = {d for d in product(*map(range, SHAPE)) if COST[d] < COST[found.met[0]]}
        inside = {
            d
            for ruled in found.ruled
            for d in product(
                *(range(a, b + 1) for a, b in zip(ruled.box.low, ruled.box.high, strict=True))
            )
        }
        assert cheaper <= inside  # none is left out without a reason


def test_the_next_best_is_the_second_in_cost():
    means = slippage(1)
    found = searched(means, 1, sd=0.0, answers=2)
    meets = np.sort(COST[means.min(axis=-1) > 0])
    assert [COST[one] for one in found.met] == meets[:2].tolist()


def test_targets_that_do_not_count_are_not_asked():
    means = slippage(2)
    means[..., 1] = -1.0
    assert not searched(means, 2, sd=0.0).met
    found = searched(means, 2, sd=0.0, wanted=(0,))
    assert COST[found.met[0]] == COST[means[..., 0] > 0].min()


def test_nothing_below_what_was_built_before():
    found = searched(slippage(1), 1, sd=0.0, at_least=(2, 1, 1))
    assert all(mine >= least for mine, least in zip(found.met[0], (2, 1, 1), strict=True))


def test_too_few_replications_leave_it_unsure():
    means = np.zeros((*SHAPE, 2))  # just at the limit, where only many replications end the test
    found = searched(means, 1, sd=50.0, most=30)
    assert not found.met
    assert len(found.unsure) == COST.size


def test_chances_of_error_add_up():
    lab = MadeUp(slippage(1), COST, 1.0, 1)
    errors = errors_of(lab.space, 2, 0.95)
    cuts = 1 + 3 + 2 + 2  # halvings of 5, 4 and 3 levels, and the first box
    assert errors.miss * 2 * cuts + errors.meet * COST.size == pytest.approx(0.05)
