"""The search: right where the truth is known exactly, and no less often than it says."""

from itertools import product
from typing import cast

import numpy as np
import pytest

from sim.size.experiment import Experiment
from sim.size.screening import Screening
from sim.size.search import Search, SearchRules, errors_of
from sim.size.space import designs_in
from tests.support.size_sites import MadeUp

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


def searched(means, seed, sd=2.0, signs=None, screens=None, **rules):
    lab = MadeUp(means, COST, sd, seed)
    known = Screening() if screens is None else screens
    return Search(cast("Experiment", lab), SearchRules(**rules), known, signs).run()


BOTH = pytest.mark.parametrize("alone", [400, 0], ids=["one by one", "by boxes"])


@pytest.mark.slow
@BOTH
def test_the_cheapest_is_found_at_least_as_often_as_promised(alone):
    right = 0
    for seed in range(100):
        means = slippage(seed)
        found = searched(means, seed, confidence=0.8, most=2000, answers=1, alone=alone)
        right += bool(found.met) and (
            COST[found.met[0]] == brute_force(means) and means[found.met[0]].min() > 0
        )
    assert right >= 100 * 0.8 - 4 * np.sqrt(100 * 0.8 * 0.2)
    assert right >= 80


@pytest.mark.slow
@BOTH
def test_without_chance_it_is_brute_force(alone):
    for seed in range(30):
        means = slippage(seed)
        found = searched(means, seed, sd=0.0, alone=alone, again=0)
        assert COST[found.met[0]] == brute_force(means)
        cheaper = {d for d in product(*map(range, SHAPE)) if COST[d] < COST[found.met[0]]}
        inside = {d for ruled in found.ruled for d in designs_in(ruled.box)}
        assert cheaper <= inside  # none is left out without a reason


@pytest.mark.slow
def test_where_more_is_harder_small_spaces_need_not_know_it():
    """The second target is the easier the less there is, which nobody told."""
    for seed in range(30):
        means = slippage(seed)
        means[..., 1] = np.where(np.indices(SHAPE).sum(axis=0) <= 4, 1.0, -1.0)
        found = searched(means, seed, sd=0.0)
        meets = means.min(axis=-1) > 0
        assert [COST[one] for one in found.met] == np.sort(COST[meets])[:2].tolist()


@pytest.mark.slow
def test_a_box_is_judged_in_the_corner_that_is_easiest_for_a_target():
    signs = np.array([[1, 1, 1], [-1, -1, -1]], dtype=np.int8)
    for seed in range(30):
        means = slippage(seed)
        means[..., 1] = np.where(np.indices(SHAPE).sum(axis=0) <= 4, 1.0, -1.0)
        found = searched(means, seed, sd=0.0, signs=signs, alone=0, again=0)
        meets = means.min(axis=-1) > 0
        assert [COST[one] for one in found.met] == np.sort(COST[meets])[:2].tolist()
        inside = {d for ruled in found.ruled for d in designs_in(ruled.box)}
        assert not any(meets[one] for one in inside)


@pytest.mark.slow
def test_a_target_of_which_nothing_is_known_is_judged_design_by_design():
    signs = np.array([[1, 1, 1], [0, 1, 1]], dtype=np.int8)
    for seed in range(30):
        means = slippage(seed)
        means[..., 1] = np.where(np.indices(SHAPE)[0] % 2 == 1, 1.0, -1.0)
        found = searched(means, seed, sd=0.0, signs=signs, alone=0, again=0)
        meets = means.min(axis=-1) > 0
        assert COST[found.met[0]] == COST[meets].min()


def test_what_was_left_out_is_looked_at_again():
    """More is taken to be easier, and is harder: one by one the cheapest is found all the same."""
    means = np.full((*SHAPE, 2), -1.0)
    means[1, 0, 0] = means[3, 3, 2] = 1.0
    means[4, 3, 2] = -1.0
    found = searched(means, 1, sd=0.0, alone=0, again=0)
    assert not found.met
    assert found.assumed == COST.size - 1  # all but the best of the box
    found = searched(means, 1, sd=0.0, alone=59, again=1)
    assert found.met == ((1, 0, 0),)
    assert found.assumed == 0
    assert found.again == COST.size - 1


def test_designs_that_break_a_rule_are_never_the_answer():
    means = slippage(3)
    best = searched(means, 3, sd=0.0).met[0]
    unsafe = np.zeros(SHAPE, dtype=bool)
    unsafe[best] = True
    for alone in (400, 0):
        found = searched(means, 3, sd=0.0, alone=alone, screens=Screening(unsafe=unsafe))
        left = np.where((means.min(axis=-1) > 0) & ~unsafe, COST, np.inf)
        assert COST[found.met[0]] == left.min()
        found = searched(means, 3, sd=0.0, alone=alone, screens=Screening(breaks=lambda _: True))
        assert not found.met
        assert best in found.left


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


@pytest.mark.parametrize(
    ("boxes", "tests"),
    # By itself; and the first box, halvings of 5, 4 and 3 levels.
    [(False, 1), (True, 1 + 1 + 3 + 2 + 2)],
)
def test_chances_of_error_add_up(boxes, tests):
    lab = MadeUp(slippage(1), COST, 1.0, 1)
    errors = errors_of(lab.space, 2, 0.95, boxes=boxes)
    assert errors.miss * 2 * tests + errors.meet * COST.size == pytest.approx(0.05)


def test_progress_counts_designs_of_all_there_are():
    told = []
    lab = MadeUp(slippage(1), COST, 0.0, 1)
    search = Search(
        cast("Experiment", lab), SearchRules(), progress=lambda done, of: told.append((done, of))
    )
    search.run()
    done = [one for one, _ in told]
    assert done == sorted(done)
    assert {of for _, of in told} == {COST.size}
    assert done[-1] == COST.size
