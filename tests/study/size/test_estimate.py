"""The decision again by estimates: exact without chance, and with the same chance in both."""

from typing import cast

import numpy as np
import pytest

from sim.size.experiment import Experiment
from sim.size.robustness import EstimatingSearch, choose_again
from sim.size.search import GLANCE, Search, SearchRules
from tests.study.size.test_search import COST, slippage
from tests.support.size_sites import MadeUp


def lab(means, sd=0.0, seed=1):
    return cast("Experiment", MadeUp(means, COST, sd, seed))


def chosen(means):
    (found,) = Search(lab(means), SearchRules(answers=1)).run().met
    return found


# Before, every design meets or misses by one tolerance. The chosen one stays as long as it is not
# below -1, and none of those that miss is at 1 or above.
@pytest.mark.parametrize("shift", [-1.5, -0.5, 0.0, 0.5, 1.5])
def test_it_stays_while_nothing_is_better_or_worse_by_the_tolerance(shift):
    means = slippage(1)
    design = chosen(means)
    assert choose_again(lab(means), lab(means + shift), design) == design


def test_a_cheaper_design_that_meets_by_the_tolerance_takes_its_place():
    means = slippage(1)
    assert choose_again(lab(means), lab(means + 2.5), chosen(means)) == (0, 0, 0)


def test_a_dearer_design_takes_its_place_where_it_misses():
    means = slippage(1)
    design = chosen(means)
    worse = means.copy()
    worse[tuple(slice(level + 1) for level in design)] -= 2.0
    left = np.where(worse.min(axis=-1) >= 0, COST, np.inf)
    found = choose_again(lab(means), lab(worse), design)
    assert found != design
    assert COST[found] == left.min()


def test_nothing_is_left():
    means = slippage(1)
    assert choose_again(lab(means), lab(means - 2.5), chosen(means)) is None


def test_another_cost_is_another_order():
    means = slippage(1)
    dear = MadeUp(means, COST[::-1].copy(), 0.0, 1)  # the more of the first, the cheaper
    meets = np.where(means.min(axis=-1) > 0, dear.space.cost, np.inf)
    found = choose_again(lab(means), cast("Experiment", dear), chosen(means))
    assert dear.space.cost[found] == meets.min()


def test_chance_that_is_the_same_is_not_in_a_change():
    means = slippage(1)
    before, there = lab(means, sd=5.0), lab(means + 0.25, sd=5.0)
    design = (2, 2, 2)
    before.take([design], 50)
    margins = EstimatingSearch(there, SearchRules(), before=before, by=0).margins(design)
    assert there.record(design).count == GLANCE
    assert margins == pytest.approx(before.values(design)[0].mean(axis=0) + 0.25)


def test_only_what_costs_less_is_looked_for():
    means = slippage(1)
    cost = float(COST[chosen(means)])
    assert not Search(lab(means), SearchRules(below=cost)).run().met
    assert Search(lab(means), SearchRules(below=cost + 0.5)).run().met
