"""What a spread comes from, against functions whose shares are known."""

import numpy as np
import pytest
from scipy import special

from sim.study.worlds.shares import Basis, between_rows, shares
from tests.support.even_worlds import even

NAMES = [f"input {number}" for number in range(12)]
TRUE = np.array([0.313905, 0.442411] + [0.0] * 10)


def ishigami(u):
    x = np.pi * (2 * u - 1)
    return np.sin(x[:, 0]) + 7 * np.sin(x[:, 1]) ** 2 + 0.1 * x[:, 2] ** 4 * np.sin(x[:, 0])


def found_for(u, figures, **more):
    return shares(Basis(list(u.T)), figures, **more)


@pytest.mark.parametrize(("worlds", "within"), [(1024, 0.005), (512, 0.01), (256, 0.1)])
def test_ishigami_with_twelve_inputs(worlds, within):
    u = even(NAMES, worlds)
    found = found_for(u, ishigami(u))
    assert np.array([one.value for one in found.inputs]) == pytest.approx(TRUE, abs=within)
    assert found.together == pytest.approx(0.243684, abs=within)
    assert [one.told for one in found.inputs] == [True, True] + [False] * 10


def test_a_sum_is_told_apart_to_the_last_digit():
    u = even(NAMES[:3], 256)
    x = 2 * u - 1
    figures = 5 + 3 * x[:, 0] + 2 * x[:, 1]
    found = found_for(u, figures)
    assert [one.value for one in found.inputs] == pytest.approx([9 / 13, 4 / 13, 0], abs=1e-3)
    assert found.together == pytest.approx(0, abs=1e-3)
    assert not found.inputs[2].told


def test_chance_is_taken_out_and_shares_are_of_the_rest():
    u = even(NAMES[:4], 1024)
    noise = np.random.default_rng(3).standard_normal(1024)
    figures = 3 * (2 * u[:, 0] - 1) + 2 * (2 * u[:, 1] - 1) + noise
    found = found_for(u, figures, noise=1.0, chance=0.19)
    assert found.inputs[0].value == pytest.approx(9 / 13, abs=0.04)
    assert found.inputs[1].value == pytest.approx(4 / 13, abs=0.04)
    assert found.together < 0.06
    assert found.chance == 0.19
    assert [one.told for one in found.inputs] == [True, True, False, False]


def test_nothing_but_chance():
    u = even(NAMES, 256)
    figures = np.random.default_rng(8).standard_normal(256)
    found = found_for(u, figures, noise=0.5)
    assert not any(one.told for one in found.inputs)
    hidden = found_for(u, figures, noise=2.0)
    assert all(np.isnan(one.value) for one in hidden.inputs)
    assert np.isnan(hidden.together)


def test_a_constant_has_no_spread():
    found = found_for(even(NAMES[:2], 64), np.full(64, 4.2))
    assert [one.value for one in found.inputs] == [0, 0]
    assert found.together == 0
    assert not any(one.told for one in found.inputs)


def test_ties_of_an_input_that_knows_two_values():
    u = even(NAMES[:2], 256)
    coin = np.where(u[:, 0] < 0.5, 0.25, 0.75)
    figures = np.where(coin < 0.5, 1.0, 3.0) + (2 * u[:, 1] - 1)
    found = shares(Basis([coin, u[:, 1]]), figures)
    assert found.inputs[0].value == pytest.approx(3 / 4, abs=0.01)
    assert found.inputs[1].value == pytest.approx(1 / 4, abs=0.01)


def test_an_input_that_never_changes_explains_nothing():
    u = even(NAMES[:2], 128)
    found = shares(Basis([np.full(128, 0.5), u[:, 1]]), u[:, 1])
    assert found.inputs[0].value == 0
    assert found.inputs[1].value == pytest.approx(1)


@pytest.mark.parametrize("worlds", [1, 2, 3, 4, 8, 16])
def test_few_worlds_and_many_inputs(worlds):
    u = even(NAMES, worlds)
    found = found_for(u, ishigami(u))
    values = np.array([one.value for one in found.inputs])
    assert len(values) == 12
    assert np.isnan(values).all() or ((values >= 0) & (values <= 1)).all()
    assert not any(one.told for one in found.inputs if worlds < 10)


def test_worlds_without_the_figure_are_left_out():
    u = even(NAMES[:3], 256)
    figures = 3 * u[:, 0] + u[:, 1]
    some = np.where(np.arange(256) % 5 == 0, np.nan, figures)
    kept = ~np.isnan(some)
    assert found_for(u, some) == found_for(u[kept], figures[kept])


def test_numbers_that_move_together_are_one_input():
    chance = np.random.default_rng(2)
    z = chance.multivariate_normal([0, 0], [[1, 0.8], [0.8, 1]], 1024)
    u, alone = special.ndtr(z), chance.random(1024)
    figures = u.sum(axis=1) + alone
    found = shares(Basis([u, alone]), figures)
    assert len(found.inputs) == 2
    both = 2 * (1 + 6 / np.pi * np.arcsin(0.4))  # Spearman's correlation of a normal copula
    assert found.inputs[0].value == pytest.approx(both / (both + 1), abs=0.03)


def test_rows_of_a_fit_have_their_share():
    chance = np.random.default_rng(4)
    u = even(NAMES[:1], 512)
    rows = chance.permutation(np.repeat(np.arange(64), 8))
    effect = chance.standard_normal(64)
    figures = 2 * np.sqrt(3) * (2 * u[:, 0] - 1) + effect[rows] + chance.standard_normal(512)
    found = found_for(u, figures, noise=1.0, rows=rows)
    here = effect.var(ddof=1)
    assert found.data == pytest.approx(here / (here + 4), abs=0.05)
    assert found.inputs[0].value == pytest.approx(4 / (here + 4), abs=0.05)


def test_between_rows_by_hand():
    # Two rows with (1, 3) and (5, 7, 9): within 10 / 3, between 30, size 2.4.
    found = between_rows(np.array([1.0, 3, 5, 7, 9]), np.array([7, 7, 2, 2, 2]))
    assert found == pytest.approx((30 - 10 / 3) / 2.4)
    assert between_rows(np.arange(4.0), np.arange(4)) == 0
    assert between_rows(np.arange(4.0), np.zeros(4, dtype=int)) == 0
