"""Spread over worlds with the chance of play taken out: worked out by hand, and covering."""

from types import SimpleNamespace
from typing import cast

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import special

from sim.study.worlds.answers import Answers, FigureOverWorlds
from sim.study.worlds.play import PlayedWorlds
from sim.study.worlds.variance import (
    FAN,
    components,
    fan,
    margin_within,
    mean_of_worlds,
    pooled_variance,
    share_of_worlds,
    shrunk,
    target_met,
)
from tests.support.even_worlds import even
from tests.worlds_content import content

NAN = np.nan
TWICE = np.array([[1.0, 3.0], [4.0, 4.0], [6.0, 10.0]])
SOME = np.array([[1.0, 3.0], [4.0, 4.0], [6.0, NAN], [10.0, NAN]])


def test_components_of_worlds_played_twice():
    found = components(TWICE)
    assert found.within == pytest.approx(10 / 3)
    assert found.between == pytest.approx(23 / 3)
    assert found.chance == pytest.approx(10 / 33)


def test_components_where_only_some_were_played_twice():
    found = components(SOME)
    assert found.within == pytest.approx(1)
    assert found.between == pytest.approx(131 / 12)
    assert found.chance == pytest.approx(12 / 143)


def test_shrunk_as_logarithms_keeps_the_mean():
    found = shrunk(TWICE)
    assert found == pytest.approx([2.28421, 4.15560, 7.56019], abs=5e-6)
    assert found.mean() == pytest.approx(14 / 3)


def test_shrunk_as_it_is_where_one_play_is_at_the_bound():
    apart = TWICE - 4 + 0.0
    assert shrunk(apart) + 4 == pytest.approx([2.24979, 4.06245, 7.68776], abs=6e-6)
    at_bound = np.array([[0.0, 2.0], [3.0, 3.0], [5.0, 9.0]])
    assert shrunk(at_bound) + 1 == pytest.approx([2.24979, 4.06245, 7.68776], abs=6e-6)


def test_a_share_is_shrunk_on_the_logit_scale():
    plays = special.expit(np.array([[-3.0, -1.0], [0.0, 0.0], [2.0, 6.0]]))
    worlds = special.expit(np.array([-2.0, 0.0, 4.0]))
    factor = np.sqrt(1 - (10 / 3 / 2) / np.var([-2, 0, 4], ddof=1))
    wanted = special.expit(2 / 3 + factor * (np.array([-2, 0, 4]) - 2 / 3))
    assert shrunk(plays, worlds, share=True) == pytest.approx(wanted)


def test_a_share_with_a_play_at_its_bound_is_shrunk_as_it_is():
    plays = np.array([[0.0, 0.2], [0.5, 0.7], [0.9, 0.9]])
    found = shrunk(plays, share=True)
    assert found.mean() == pytest.approx(plays.mean())
    assert 0 < np.var(found) < np.var(plays.mean(axis=1))


def test_the_figure_of_a_world_is_not_the_mean_of_its_plays():
    found = components(TWICE, np.array([2.5, 4.0, 8.0]))
    assert found.within == pytest.approx(10 / 3)
    assert found.between == pytest.approx(np.var([2.5, 4, 8], ddof=1) - 5 / 3)


def test_worlds_without_the_figure_are_left_out():
    plays = np.vstack([TWICE, [[NAN, NAN]]])
    assert components(plays) == components(TWICE)
    found = shrunk(plays)
    assert found[:3] == pytest.approx(shrunk(TWICE))
    assert np.isnan(found[3])
    assert fan(found) == fan(found[:3])
    assert mean_of_worlds(found).value == pytest.approx(14 / 3)


def test_more_chance_than_spread_leaves_the_mean():
    plays = np.array([[1.0, 9.0], [9.0, 2.0], [3.0, 7.0]])
    found = components(plays)
    assert found.between == 0
    assert found.chance == 1
    assert np.ptp(shrunk(plays)) == pytest.approx(0)
    assert shrunk(plays).mean() == pytest.approx(plays.mean())


def test_nothing_varies():
    same = np.full((5, 2), 3.7)
    assert components(same).chance == 0
    assert (shrunk(same) == 3.7).all()
    assert fan(shrunk(same)) == (3.7,) * len(FAN)


def test_never_played_twice_nothing_is_taken_out():
    once = np.array([[1.0], [4.0], [6.0]])
    assert np.isnan(components(once).within)
    assert (shrunk(once) == once[:, 0]).all()
    assert np.isnan(pooled_variance(once))


def test_one_world_and_none():
    assert np.isnan(components(TWICE[:1]).between)
    assert shrunk(TWICE[:1]) == pytest.approx([2.0])
    nothing = np.full((3, 2), NAN)
    assert np.isnan(shrunk(nothing)).all()
    assert np.isnan(fan(shrunk(nothing))).all()
    assert np.isnan(mean_of_worlds(shrunk(nothing)).value)


def test_the_fan_interpolates():
    assert fan(np.arange(21.0)) == pytest.approx([1, 2, 5, 10, 15, 18, 19])


def test_shares_of_worlds_and_their_errors():
    found = share_of_worlds(np.array([True] * 87 + [False] * 13))
    assert found == pytest.approx((0.87, np.sqrt(0.87 * 0.13 / 100)))
    assert np.isnan(share_of_worlds(np.zeros(0, dtype=bool)).value)
    figures = np.array([1.0, 2.0, 3.0, NAN])
    assert target_met(figures, 2.0, at_most=True).value == pytest.approx(2 / 3)
    assert target_met(figures, 2.5, at_most=False).value == pytest.approx(1 / 3)
    error = mean_of_worlds(figures).error
    assert error == pytest.approx(1 / np.sqrt(3))


def test_the_margin_of_a_quantile():
    found = margin_within(np.array([95.0, 80.0, 0.0]), np.array([100.0, 100.0, 0.0]), 0.9)
    assert found[:2] == pytest.approx([0.05, -0.1])
    assert np.isnan(found[2])


@given(
    st.lists(st.tuples(st.floats(0.01, 1e4), st.floats(0.01, 1e4)), min_size=2, max_size=30),
    st.booleans(),
)
def test_shrinking_keeps_the_mean_and_never_widens(plays, bounded):
    table = np.array(plays)
    if bounded:
        table[0, 0] = 0.0
    found, raw = shrunk(table), table.mean(axis=1)
    assert found.mean() == pytest.approx(raw.mean())
    assert (found >= 0).all() or bounded
    order = np.argsort(raw, kind="stable")
    assert (np.diff(found[order]) >= -1e-9 * raw.max()).all()


def test_known_components_are_found_again():
    chance = np.random.default_rng(5)
    worlds = 10 + 2 * chance.standard_normal((40_000, 1))
    plays = worlds + 3 * chance.standard_normal((40_000, 2))
    plays[5_000:, 1] = NAN
    found = components(plays)
    assert found.within == pytest.approx(9, rel=0.1)
    assert found.between == pytest.approx(4, rel=0.1)


def test_the_printed_range_holds_nine_worlds_in_ten():
    """Forty repetitions; `python -m tests.worlds_content` makes the table of the page."""
    found = content(worlds=256, cv=0.3, repetitions=40)
    assert np.mean(found) == pytest.approx(0.891, abs=4 * np.std(found) / np.sqrt(40) + 0.005)


def test_even_worlds_fill_every_side():
    u = even(["a", "b", "c"], 64)
    assert (np.sort((u * 64).astype(int), axis=0) == np.arange(64)[:, None]).all()


@pytest.mark.parametrize(
    ("noise", "plays", "is_told"),
    [(0.5, 1, False), (0.9, 1, False), (3.0, 1, True), (3.0, 8, False), (20.0, 8, True)],
)
def test_it_is_said_where_worlds_differ_mostly_by_chance(noise, plays, is_told):
    """Variance of chance in a play beside a variance of 1 between worlds: told from half on."""
    chance = np.random.default_rng(3)
    worlds = chance.standard_normal((256, 1))
    table = np.full((256, max(plays, 2)), np.nan)
    table[:, :plays] = worlds + np.sqrt(noise) * chance.standard_normal((256, plays))
    table[:64, :2] = worlds[:64] + np.sqrt(noise) * chance.standard_normal((64, 2))
    figures = np.nanmean(table, axis=1)
    played = SimpleNamespace(of=lambda _: (table, figures))
    one = SimpleNamespace(key=("x", "mean", "all"), chance=components(table, figures).chance)
    found = Answers(cast("PlayedWorlds", played), (), (), ())
    assert found.is_mostly_chance(cast("FigureOverWorlds", one)) is is_told
