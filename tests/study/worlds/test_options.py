"""Options over worlds: differences, words at their thresholds, and what is worth measuring."""

import numpy as np
import pytest

from sim.study.compare.matters import matter_named
from sim.study.worlds.choice import Advice, Outcomes
from sim.study.worlds.options import (
    Decide,
    Inputs,
    InWorlds,
    Question,
    Standing,
    best,
    difference,
    loss_of,
    options_in_worlds,
    standing,
)
from tests.support.even_worlds import even

NAN = np.nan
WAIT = ("wait", "mean", "all")
UNSERVED = ("unserved", "per_day", "all")
COST = ("cost", "per_week", "all")


def once(values):
    """Worlds of which the first half was played twice, alike each time."""
    worlds = np.array(values, dtype=float)
    plays = np.column_stack([worlds, worlds])
    plays[len(worlds) // 2 :, 1] = NAN
    return InWorlds(worlds, plays)


@pytest.mark.parametrize(
    ("better", "same", "worse", "words"),
    [
        (0.95, 0.04, 0.01, Standing.BETTER),
        (0.95, 0.03, 0.02, Standing.MOSTLY_BETTER),
        (0.949, 0.041, 0.01, Standing.MOSTLY_BETTER),
        (0.80, 0.0, 0.2, Standing.MOSTLY_BETTER),
        (0.799, 0.201, 0.0, Standing.DEPENDS),
        (0.5, 0.0, 0.5, Standing.DEPENDS),
        (0.5, 0.5, 0.0, Standing.DEPENDS),
        (0.49, 0.51, 0.0, Standing.SAME),
        (0.0, 1.0, 0.0, Standing.SAME),
        (0.2, 0.0, 0.8, Standing.MOSTLY_WORSE),
        (0.01, 0.04, 0.95, Standing.WORSE),
        (0.02, 0.03, 0.95, Standing.MOSTLY_WORSE),
        (NAN, NAN, NAN, Standing.NONE),
    ],
)
def test_words_at_their_thresholds(better, same, worse, words):
    assert standing(Outcomes(better, same, worse)) is words


def test_a_difference_is_taken_within_worlds():
    base, option = once([5.0, 6, 7, 8]), once([4.0, 5.8, 7, 10])
    found = difference(WAIT, "option", "min", (base, option), matter_named(*WAIT))
    assert found.base == pytest.approx(6.5)
    assert found.mean == pytest.approx((-1 - 0.2 + 0 + 2) / 4)
    assert found.outcomes == (0.25, 0.5, 0.25)
    assert found.fan[0] == pytest.approx(np.quantile([-1, -0.2, 0, 2], 0.05))


def test_a_margin_that_grows_with_the_base():
    """One per cent of the cost matters: of 100 it is 1, of 10,000 it is 100."""
    base, option = once([100.0, 10_000]), once([98.0, 9_950])
    found = difference(COST, "option", "EUR/week", (base, option), matter_named(*COST))
    assert found.outcomes == (0.5, 0.5, 0)


def test_a_figure_without_a_direction_has_no_words():
    key = ("rostered", "hours_per_week", "all")
    found = difference(key, "o", "hours/week", (once([1.0, 2]), once([2.0, 3])), matter_named(*key))
    assert found.standing is Standing.NONE
    assert best(key, [once([1.0, 2])], matter_named(*key)) is None


def test_best_of_three():
    everybody = [once([1.0, 5, 3, 2]), once([2.0, 4, 3, 3]), once([3.0, 3, 3, NAN])]
    found = best(WAIT, everybody, matter_named(*WAIT))
    assert found is not None
    assert found.shares == pytest.approx([(1 + 1 / 3) / 3, 1 / 9, (1 + 1 / 3) / 3])


def test_money_is_cost_and_a_price_on_those_unserved():
    figures = {COST: once([100.0, 200]), UNSERVED: once([1.0, 2])}
    found = loss_of(figures, Question(Decide.MONEY, price=10))
    assert found is not None
    assert found.worlds == pytest.approx([170, 340])
    cost = loss_of(figures, Question(Decide.COST))
    assert cost is not None
    assert cost.worlds == pytest.approx([100, 200])
    assert loss_of({COST: figures[COST]}, Question(Decide.MONEY, price=1)) is None
    assert loss_of(figures, Question(Decide.WAIT)) is None


def test_what_a_measurement_must_be_worth():
    assert Question(Decide.UNSERVED).least(5, {}) == 0.25
    assert Question(Decide.UNSERVED).least(5, {UNSERVED[:2]: 4}) == 1
    assert Question(Decide.WAIT).least(5, {}) == 0.125
    assert Question(Decide.MONEY, hourly=234).least(5, {}) == pytest.approx(180)
    assert Question(Decide.COST, measuring=5200, weeks=52).least(5, {}) == 100
    assert Question(Decide.COST).least(4000, {}) == 10  # nobody paid: a quarter of one per cent


def played(worlds=256):
    """Options A and B of which B − A = −4 (0.3 + 2 x + 0.4 y) visits unserved a day."""
    u = even(["x", "y", "z"], worlds)
    x = 2 * u - 1
    apart = -4 * (0.3 + 2 * x[:, 0] + 0.4 * x[:, 1])
    base = 20 + 5 * x[:, 2]
    everybody = [{UNSERVED: once(base), WAIT: once(base)} for _ in (0, 1)]
    everybody[1] = {UNSERVED: once(base + apart), WAIT: once(base - 3)}
    return everybody, Inputs(("x", "y", "z"), tuple(u.T))


UNITS = {UNSERVED: "visits/day", WAIT: "min"}


def test_options_over_worlds():
    everybody, inputs = played()
    found = options_in_worlds(["a", "b"], everybody, UNITS, inputs, Question(Decide.UNSERVED))
    assert found.worlds == 256
    assert found.plays == 384
    assert found.of(WAIT)[0].standing is Standing.BETTER
    assert found.of(UNSERVED)[0].standing is Standing.DEPENDS
    decision = found.decision
    assert decision is not None
    assert decision.names[decision.chosen] == "b"
    assert decision.best[1] == pytest.approx(0.65 / 2 + 0.25, abs=0.01)
    assert decision.advice.advice is Advice.MEASURE
    assert decision.first == ("x",)
    # With t = 2 x + 0.3 the loss spared is four times the mean of max(0, -t): 1.7² / 2 / 4.
    assert decision.known[0].value == pytest.approx(1.7**2 / 2, abs=0.02)
    assert decision.known[2].value == 0
    assert decision.regrets[1] == pytest.approx(decision.perfect)


def test_what_a_log_could_not_tell_is_known_as_a_whole_or_not_at_all():
    """Of x and y, set by the draws of a fit, it is told what knowing both is worth: all."""
    everybody, inputs = played()
    x, y, z = inputs.u
    rows = Inputs(("z",), (z,), of_rows=(x, y))
    found = options_in_worlds(["a", "b"], everybody, UNITS, rows, Question(Decide.UNSERVED))
    assert found.decision is not None
    assert found.decision.inputs == ("z", "data")
    assert found.decision.known[0].value == 0
    assert found.decision.known[1].value == pytest.approx(found.decision.perfect, rel=0.02)
    assert found.decision.first == ("data",)


def test_without_a_question_nothing_is_decided():
    everybody, inputs = played()
    assert options_in_worlds(["a", "b"], everybody, UNITS, inputs).decision is None


def test_nothing_is_worth_measuring_where_the_choice_stays_the_same():
    everybody, inputs = played()
    found = options_in_worlds(["a", "b"], everybody, UNITS, inputs, Question(Decide.WAIT))
    assert found.decision is not None
    assert found.decision.is_clear
    assert found.decision.perfect == 0
    assert found.decision.other == 0


def test_an_option_like_the_base_is_no_better_and_no_worse():
    everybody, inputs = played()
    same = [everybody[0], everybody[0]]
    found = options_in_worlds(["a", "b"], same, UNITS, inputs, Question(Decide.UNSERVED))
    assert all(one.standing is Standing.SAME for one in found.differences)
    assert all(one.fan == (0,) * 7 for one in found.differences)
    assert found.decision is not None
    assert found.decision.is_clear
    assert found.decision.best == (0.5, 0.5)


def test_worlds_in_which_an_option_has_no_loss_are_left_out():
    everybody, inputs = played()
    worlds = everybody[1][UNSERVED].worlds.copy()
    worlds[::7] = NAN
    plays = np.where(np.isnan(worlds)[:, None], NAN, everybody[1][UNSERVED].plays)
    everybody[1] = {**everybody[1], UNSERVED: InWorlds(worlds, plays)}
    found = options_in_worlds(["a", "b"], everybody, UNITS, inputs, Question(Decide.UNSERVED))
    assert found.decision is not None
    assert found.decision.first == ("x",)
