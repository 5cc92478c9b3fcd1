"""Calibration against posteriors that are known."""

import numpy as np
import pytest
from scipy import special

from sim.study.worlds.calibrate import (
    Played,
    Published,
    calibrate,
    effective,
    numbers,
    scores,
    weighted_quantiles,
)
from tests.support.even_worlds import even

MIX = np.array([[3.0, 0.0], [1.0, 2.0]])
"""What two outcomes make of the normal scores of two inputs."""
START = np.array([10.0, 20.0])


def outcome(name, value, spread):
    return Published(name, value, value - 1.96 * spread, value + 1.96 * spread)


def linear(noise=0.0, mix=MIX, start=START):
    """Plays worlds whose outcomes are linear in the scores, and normal from play to play."""
    calls = []

    def play(u, first, times):
        calls.append((first, len(u), times))
        true = start + scores(u) @ mix.T
        plays = np.empty((len(u), times, len(start)))
        for number in range(len(u)):
            chance = np.random.default_rng([first + number, 7])
            plays[number] = true[number] + noise * chance.standard_normal((times, len(start)))
        return Played(plays.mean(axis=1), plays)

    return play, calls


def posterior(wanted, variance, mix=MIX, start=START):
    """Mean and covariance of the scores given the outcomes (Bayes, linear and normal)."""
    precision = np.eye(mix.shape[1]) + mix.T @ np.diag(1 / variance) @ mix
    covariance = np.linalg.inv(precision)
    return covariance @ mix.T @ ((wanted - start) / variance), covariance


def moments(found):
    z = scores(found.u)
    mean = found.weights @ z
    return mean, (z - mean).T @ ((z - mean) * found.weights[:, None])


def test_linear_outcomes_without_chance_have_the_known_posterior():
    wanted, spread = np.array([13.0, 24.0]), np.array([1.0, 1.0])
    play, calls = linear()
    published = [outcome(f"o{n}", wanted[n], spread[n]) for n in (0, 1)]
    found = calibrate(published, even(["a", "b"], 256), play)
    mean, covariance = posterior(wanted, spread**2)
    got, around = moments(found)
    near = 4 * np.sqrt(np.diag(covariance) / found.effective)
    assert (np.abs(got - mean) < near).all()
    assert np.sqrt(np.diag(around)) == pytest.approx(np.sqrt(np.diag(covariance)), rel=0.2)
    assert found.effective >= 100
    assert found.waves == 2
    assert calls == [(0, 50, 2), (50, 206, 1), (256, 256, 1)]
    assert found.played == 100 + 206 + 256
    assert not found.conflict
    assert found.out_of_reach == ()


def test_outcomes_far_out_are_found_by_going_there_step_by_step():
    """Both outcomes lie two standard deviations from what was thought, and are known well."""
    wanted, spread = np.array([16.0, 25.0]), np.array([0.3, 0.3])
    play, _ = linear()
    published = [outcome(f"o{n}", wanted[n], spread[n]) for n in (0, 1)]
    found = calibrate(published, even(["a", "b"], 256), play)
    mean, covariance = posterior(wanted, spread**2)
    got, around = moments(found)
    assert found.effective >= 100
    assert (np.abs(got - mean) < 4 * np.sqrt(np.diag(covariance) / found.effective)).all()
    assert np.sqrt(np.diag(around)) == pytest.approx(np.sqrt(np.diag(covariance)), rel=0.3)
    assert found.plausible < 0.02
    assert found.waves > 2


def test_chance_of_play_widens_what_is_learnt():
    wanted, spread = np.array([13.0, 24.0]), np.array([1.0, 1.0])
    play, calls = linear(noise=1.0)
    published = [outcome(f"o{n}", wanted[n], spread[n]) for n in (0, 1)]
    found = calibrate(published, even(["a", "b"], 256), play)
    assert found.chance == pytest.approx([1, 1], rel=0.5)
    assert found.plays == np.ceil(4 * found.chance.max())
    assert calls[1] == (0, 256, found.plays)
    mean, covariance = posterior(wanted, spread**2 + found.chance / found.plays)
    got, _ = moments(found)
    assert (np.abs(got - mean) < 5 * np.sqrt(np.diag(covariance) / found.effective)).all()


def test_an_outcome_says_nothing_of_an_input_it_does_not_depend_on():
    play, _ = linear(mix=np.array([[2.0, 0.0]]), start=np.array([10.0]))
    found = calibrate([outcome("o", 12.0, 0.5)], even(["a", "b"], 256), play)
    mean, around = moments(found)
    assert mean[0] == pytest.approx(2 * 2 / (4 + 0.25), abs=0.15)
    assert mean[1] == pytest.approx(0, abs=0.25)
    assert around[1, 1] == pytest.approx(1, rel=0.3)
    assert np.abs(found.correlations(scores(found.u))[0, 1]) < 0.3


def test_one_outcome_of_two_inputs_ties_them_together():
    play, _ = linear(mix=np.array([[2.0, 2.0]]), start=np.array([10.0]))
    found = calibrate([outcome("o", 10.0, 0.3)], even(["a", "b"], 256), play)
    assert found.correlations(scores(found.u))[0, 1] < -0.9


def test_outcomes_that_contradict_each_other():
    """The same figure cannot be 8 and 12; without either, the other is met."""
    mix, start = np.array([[2.0], [2.0], [1.0]]), np.array([10.0, 10.0, 0.0])
    play, _ = linear(mix=mix, start=start)
    published = [outcome("low", 9.0, 0.2), outcome("high", 12.0, 0.2), outcome("c", 1.0, 0.2)]
    found = calibrate(published, even(["a"], 256), play)
    assert found.out_of_reach == ()
    assert found.conflict
    assert found.furthest[found.nearest] == pytest.approx(7.5, abs=0.1)
    assert found.without(0) < 0.2
    assert found.most_helpful == 0


def test_an_outcome_outside_all_ranges_is_said_before_anything_else():
    def play(u, _first, times):
        plays = np.repeat((5 + u)[:, None, :], times, axis=1)
        return Played(plays.mean(axis=1), plays)

    published = [outcome("a", 5.5, 0.1), outcome("b", 9.0, 0.1)]
    found = calibrate(published, even(["a", "b"], 256), play)
    assert found.out_of_reach == (1,)
    assert found.waves == 1
    assert found.conflict
    off = calibrate(published, even(["a", "b"], 256), play, model_error=0.3)
    assert off.out_of_reach == ()
    assert not off.conflict


def test_a_world_that_measures_nothing_does_not_count():
    def play(u, _first, times):
        figure = np.where(u[:, :1] < 0.5, np.nan, 10 * u[:, :1])
        return Played(figure, np.repeat(figure[:, None], times, axis=1))

    found = calibrate([outcome("o", 7.0, 0.5)], even(["a"], 256), play)
    assert found.u[found.weights > 0].min() >= 0.5
    assert not found.conflict


def test_a_true_range_is_held_as_often_as_it_says():
    """Thirty made-up truths: the 90 % range holds most of them, the 50 % range about half."""
    inside, half = 0, 0
    for seed in range(30):
        chance = np.random.default_rng(seed)
        truth = chance.standard_normal(2)
        seen = START + MIX @ truth + chance.standard_normal(2)
        play, _ = linear()
        published = [outcome(f"o{n}", seen[n], 1.0) for n in (0, 1)]
        found = calibrate(published, even(["a", "b"], 256, seed), play, seed)
        for one in (0, 1):
            ends = weighted_quantiles(
                scores(found.u)[:, one], found.weights, (0.05, 0.25, 0.75, 0.95)
            )
            inside += ends[0] <= truth[one] <= ends[3]
            half += ends[1] <= truth[one] <= ends[2]
    assert 46 <= inside <= 60
    assert 20 <= half <= 40


def test_rows_are_drawn_by_weight():
    play, _ = linear()
    published = [outcome("o0", 13.0, 1.0), outcome("o1", 24.0, 1.0)]
    found = calibrate(published, even(["a", "b"], 256), play)
    rows = found.rows(256, 1)
    drawn = np.bincount(rows, minlength=len(found.weights))
    assert (np.abs(drawn - 256 * found.weights) < 1).all()
    assert (rows == found.rows(256, 1)).all()


def test_weighted_quantiles_and_scores():
    assert weighted_quantiles(np.array([3.0, 1, 2]), np.ones(3), (0.5,)) == pytest.approx([2])
    heavy = weighted_quantiles(np.array([1.0, 2, 3]), np.array([0.0, 1, 0]), (0.05, 0.95))
    assert heavy == pytest.approx([2, 2])
    assert effective(np.array([0.5, 0.5, 0])) == pytest.approx(2)
    assert numbers(scores(np.array([0.1, 0.9]))) == pytest.approx([0.1, 0.9])
    assert 0 < numbers(np.array([-60.0, 60.0]))[0] < numbers(np.array([-60.0, 60.0]))[1] < 1
    assert special.ndtr(0) == 0.5


def test_an_interval_must_hold_its_value():
    with pytest.raises(ValueError, match="uses: needs low"):
        Published("uses", 412, 420, 425)
    with pytest.raises(ValueError, match="uses: needs low"):
        Published("uses", 412, 412, 412)
    assert Published("uses", 429, 416, 442).spread == pytest.approx(13 / 1.96)
