"""A choice in spite of what is not known, against cases whose answer is known."""

import numpy as np
import pytest
from scipy import special

from sim.queueing import erlang_c
from sim.study.worlds.choice import (
    Advice,
    Knowing,
    best_in,
    opportunity_losses,
    outcomes,
    perfect_knowledge,
    value_of_knowing,
    worth_knowing,
)
from sim.study.worlds.shares import Basis
from tests.support.even_worlds import even

FOUR = np.array([[1.0, 3.0], [2.0, 2.0], [5.0, 1.0], [4.0, 3.0]])


def normal_case(worlds, seed=1):
    """Losses of A and B with B − A = −(1 + 2 x + 1.5 y), x and y standard normal."""
    u = even(["x", "y", "of no effect"], worlds, seed)
    x = special.ndtri(u)
    return u, np.column_stack([np.zeros(worlds), -(1 + 2 * x[:, 0] + 1.5 * x[:, 1])])


def test_four_worlds_by_hand():
    assert perfect_knowledge(FOUR) == pytest.approx(0.5)
    assert opportunity_losses(FOUR) == pytest.approx([1.25, 0.5])
    assert best_in(FOUR) * 4 == pytest.approx([1.5, 2.5])


def test_better_worse_and_no_matter():
    base, option = np.array([5.0, 5, 5, 5, np.nan]), np.array([3.0, 4.5, 5.5, 9, 1])
    margins = np.full(5, 0.5)
    assert outcomes(base, option, -1, margins) == (0.25, 0.5, 0.25)
    assert outcomes(base, option, 1, margins) == (0.25, 0.5, 0.25)
    assert outcomes(base, base, -1, np.zeros(5)) == (0, 1, 0)
    assert np.isnan(outcomes(base, np.full(5, np.nan), 1, margins)).all()


@pytest.mark.parametrize(("worlds", "within"), [(256, 0.03), (1024, 0.01)])
def test_two_options_with_normal_losses(worlds, within):
    u, losses = normal_case(worlds)
    known = value_of_knowing(Basis(list(u.T)), losses)
    assert perfect_knowledge(losses) == pytest.approx(0.576097, abs=within)
    assert known[0].value == pytest.approx(0.395593, abs=within)
    assert known[1].value == pytest.approx(0.226680, abs=within)
    assert known[2] == Knowing(0.0, 0.0)
    assert best_in(losses)[1] == pytest.approx(0.655422, abs=within)


@pytest.mark.parametrize("worlds", [256, 1024])
def test_what_is_known_together_is_worth_more(worlds):
    """B − A = −(1 + 2 x + 1.5 y): x and y known at once are known altogether, 2.5 z in all."""
    u, losses = normal_case(worlds)
    (both, none) = value_of_knowing(Basis(list(u.T)), losses, groups=[(0, 1), (2,)])
    assert both.value == pytest.approx(0.576097, abs=0.03 if worlds == 256 else 0.01)
    assert none == Knowing(0.0, 0.0)


def test_chance_in_the_plays_is_taken_off():
    """Chance of one standard deviation: .650 before it is taken off, .576 in truth."""
    raw, found, partial = [], [], []
    for seed in range(20):
        u, losses = normal_case(256, seed)
        chance = np.random.default_rng(seed)
        plays = losses[:, :, None] + np.sqrt(0.5) * chance.standard_normal((256, 2, 2))
        once = plays[:, :, 0]
        raw.append(perfect_knowledge(once))
        found.append(perfect_knowledge(once, plays[:64]))
        partial.append(value_of_knowing(Basis(list(u.T)), once)[0].value)
    assert np.mean(raw) == pytest.approx(0.650, abs=0.03)
    assert np.mean(found) == pytest.approx(0.576, abs=4 * np.std(found) / np.sqrt(20))
    assert np.mean(partial) == pytest.approx(0.396, abs=4 * np.std(partial) / np.sqrt(20))


def test_everything_played_twice_is_half_as_far_off():
    _, losses = normal_case(256)
    plays = losses[:, :, None] + np.random.default_rng(1).standard_normal((256, 2, 2))
    both = plays.mean(axis=2)
    apart = perfect_knowledge(both) - perfect_knowledge(both, plays, inverse=0.5)
    assert apart == pytest.approx(
        (perfect_knowledge(plays[:, :, 0]) + perfect_knowledge(plays[:, :, 1])) / 2
        - perfect_knowledge(both)
    )


def daily_loss(rate, stay, servers):
    load = rate * stay / 1440
    wait = erlang_c(load, servers) * stay / (servers - load)
    return 1.5 * rate * wait + 1500 * servers


def queue_case(worlds):
    u = even(["rate", "stay"], worlds)
    rates, stays = 120 + 70 * u[:, 0], 17 + 3.5 * u[:, 1]
    pairs = list(zip(rates, stays, strict=True))
    return u, np.array([[daily_loss(*pair, servers) for servers in (3, 4)] for pair in pairs])


def test_a_third_or_a_fourth_server():
    u, losses = queue_case(1024)
    known = value_of_knowing(Basis(list(u.T)), losses)
    assert losses.mean(axis=0) == pytest.approx([7221.677, 6475.687], rel=2e-3)
    assert perfect_knowledge(losses) == pytest.approx(287.601, abs=2)
    assert known[0].value == pytest.approx(263.391, abs=4)
    assert known[1].value == pytest.approx(32.647, abs=4)
    assert best_in(losses)[1] == pytest.approx(0.5260, abs=0.005)


def test_a_choice_that_stays_the_same_is_worth_no_knowledge():
    u = even(["a", "b"], 256)
    cost = 3 * u[:, 0] + u[:, 1]
    losses = np.column_stack([cost, cost + 1 + u[:, 0], cost + 2])
    assert perfect_knowledge(losses) == 0
    assert opportunity_losses(losses)[0] == 0
    assert [one.value for one in value_of_knowing(Basis(list(u.T)), losses)] == [0, 0]
    assert best_in(losses) == pytest.approx([1, 0, 0])


def test_three_options_of_which_two_are_alike():
    u, losses = normal_case(256)
    three = np.column_stack([losses, losses[:, 1]])
    two, more = (value_of_knowing(Basis(list(u.T)), one) for one in (losses, three))
    assert best_in(three)[1] == pytest.approx(best_in(losses)[1] / 2)
    assert perfect_knowledge(three) == pytest.approx(perfect_knowledge(losses))
    assert more[0].value == pytest.approx(two[0].value, abs=0.01)


def test_the_same_worlds_give_the_same_values():
    u, losses = normal_case(128)
    basis = Basis(list(u.T))
    assert value_of_knowing(basis, losses, 3) == value_of_knowing(basis, losses, 3)


def test_measure_first():
    known = [Knowing(870, 40), Knowing(30, 5), Knowing(200, 150), Knowing(300, 10)]
    found = worth_knowing(known, perfect=1040, least=180)
    assert found.advice is Advice.MEASURE
    assert found.first == (0, 3)
    assert worth_knowing([Knowing(900, 1)] * 5, 1000, 1).first == (0, 1, 2)
    assert worth_knowing(known, perfect=180, least=180).advice is Advice.NOTHING
    assert worth_knowing(known[1:3], perfect=1040, least=180).advice is Advice.TOGETHER
    assert worth_knowing([Knowing(0, 0)], perfect=0.3, least=0.25).advice is Advice.TOGETHER
