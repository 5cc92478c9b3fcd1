"""The sequential test and the selection of the best: chances of error where they are highest."""

from functools import partial

import numpy as np
import pytest

from sim.size.sequential import (
    FIRST_TO_MEET,
    FIRST_TO_MISS,
    Errors,
    TargetStanding,
    judge,
    select_best,
    squared_h,
)

ONE = np.array([1.0])


EVEN = Errors(0.05, 0.05)


def standing(values, errors=EVEN, **more):
    (found,) = judge(np.asarray(values)[:, np.newaxis], ONE, errors, **more).standings
    return found


def share_of(wanted, mean, errors, runs=1500, sd=4.0, seed=1):
    rng = np.random.default_rng(seed)
    found = [standing(rng.normal(mean, sd, 900), errors) for _ in range(runs)]
    assert TargetStanding.OPEN not in found
    return np.mean([one is wanted for one in found])


def test_h_by_hand():
    # 9 × (0.05^(−2/9) − 1) = 9 × (e^(0.66572) − 1)
    assert squared_h(0.05, 10) == pytest.approx(9 * (np.exp(2 / 9 * np.log(20)) - 1))
    assert squared_h(0.05, 10) == pytest.approx(8.5125, abs=1e-3)


@pytest.mark.parametrize("error", [0.05, 0.2])
def test_errors_at_the_tolerance_stay_below_what_is_allowed(error):
    allowed = error + 4 * np.sqrt(error * (1 - error) / 1500)
    # A tolerance on the right side of the limit, and on the wrong side: where errors are likeliest.
    assert share_of(TargetStanding.MISSED, 1.0, Errors(error, 0.05)) <= allowed
    assert share_of(TargetStanding.MET, -1.0, Errors(0.05, error), seed=2) <= allowed


def test_the_bound_is_not_idle():
    # Were the boundary twice too far, errors would all but vanish and replications be wasted.
    assert share_of(TargetStanding.MISSED, 1.0, Errors(0.3, 0.05)) > 0.03


def test_clear_cases_are_decided_at_once():
    rng = np.random.default_rng(1)
    bad, good = rng.normal(-20, 1, FIRST_TO_MISS), rng.normal(20, 1, FIRST_TO_MEET)
    assert standing(bad) is TargetStanding.MISSED
    assert standing(good[:FIRST_TO_MISS]) is TargetStanding.OPEN  # meeting takes the longer look
    assert standing(good) is TargetStanding.MET


def test_without_chance_the_sign_decides():
    assert standing(np.full(30, 0.0)) is TargetStanding.MET
    assert standing(np.full(30, -0.001)) is TargetStanding.MISSED
    assert standing(np.full(30, 0.001)) is TargetStanding.MET


def test_what_was_decided_stays_decided():
    rng = np.random.default_rng(3)
    values = rng.normal(0, 4, 400)
    found = [standing(values[:count]) for count in range(1, 400)]
    first = next(n for n, one in enumerate(found) if one is not TargetStanding.OPEN)
    assert set(found[first:]) == {found[first]}


def test_an_open_test_says_how_long_it_may_last():
    rng = np.random.default_rng(4)
    values = rng.normal(0, 4, 900)
    verdict = judge(values[:20, np.newaxis], ONE, Errors(0.05, 0.05))
    assert verdict.standings == (TargetStanding.OPEN,)
    assert standing(values[: 20 + verdict.to_go]) is not TargetStanding.OPEN


def test_events_that_were_all_alike_prove_little():
    # 10 of 10 overdoses met in time in each replication; the limit is 90 %.
    values = np.full((FIRST_TO_MEET, 1), 0.1)
    at_once = judge(values, np.array([0.01]), Errors(0.05, 0.05))
    assert at_once.is_met
    careful = judge(
        values, np.array([0.01]), Errors(0.05, 0.05), least_variance=np.array([0.09 / 10])
    )
    assert not careful.is_met


def first_of(values, number, count):
    return values[number, :count]


def kim_nelson(correlation, runs):
    """Means 1, 0, 0, 0, 0: the best is ahead by delta, no more."""
    means, right, played = np.array([1.0, 0, 0, 0, 0]), 0, 0
    for seed in range(runs):
        rng = np.random.default_rng(seed)
        common, own = rng.normal(size=3000), rng.normal(size=(5, 3000))
        values = 5 * (np.sqrt(correlation) * common + np.sqrt(1 - correlation) * own)
        values += means[:, np.newaxis]
        found = select_best(partial(first_of, values), 5, 1.0)
        right += found.number == 0
        played += sum(found.played)
    return right / runs, played / runs


@pytest.mark.slow
@pytest.mark.parametrize(("correlation", "about"), [(0.9, 110), (0.0, 780)])
def test_kim_nelson_selects_the_best(correlation, about):
    runs = 150
    right, played = kim_nelson(correlation, runs)
    assert right >= 0.95 - 4 * np.sqrt(0.95 * 0.05 / runs)
    assert played == pytest.approx(about, rel=0.15)
