"""Options over worlds: how each does against the base, what choosing it may cost, what to measure.

In a world all options meet the same people, so that a difference is of the option and not of luck;
every world has people of its own. A difference in a world is judged by the margins of `compare`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property
from math import isnan, nan

import numpy as np

from sim.study.compare.matters import Better, Matter, matter_named
from sim.study.estimate.summary import Key
from sim.study.worlds.choice import (
    Advice,
    Floats,
    Knowing,
    Outcomes,
    WorthKnowing,
    best_in,
    opportunity_losses,
    outcomes,
    perfect_knowledge,
    value_of_knowing,
    worth_knowing,
)
from sim.study.worlds.shares import DATA, Basis
from sim.study.worlds.variance import FAN, fan, mean_of_worlds, shrunk

DAYS = 7


@dataclass(frozen=True, eq=False)
class InWorlds:
    """One figure of one option."""

    worlds: Floats
    """Of each world, of all its plays together; NaN where there was nothing to measure."""
    plays: Floats
    """World by play; NaN also where a world was played less often."""

    def plus(self, other: "InWorlds", times: float = 1.0) -> "InWorlds":
        """The sum with so many times another figure."""
        return InWorlds(self.worlds + times * other.worlds, self.plays + times * other.plays)


Figures = Mapping[Key, InWorlds]
"""Those of one option."""


# --- differences ----------------------------------------------------------------------------------


class Standing(StrEnum):
    """What can be said of an option over all that is not known."""

    BETTER = "better whatever we assume"
    MOSTLY_BETTER = "better in most worlds"
    DEPENDS = "depends on what we do not know"
    MOSTLY_WORSE = "worse in most worlds"
    WORSE = "worse whatever we assume"
    SAME = "does not matter in most worlds"
    NONE = ""
    """Neither more nor less is better, or nothing was measured."""


SURELY, HARDLY, MOSTLY, HALF = 0.95, 0.01, 0.8, 0.5
"""Shares of worlds from which on words change."""


def standing(found: Outcomes) -> Standing:
    """The words for how often an option is better and worse."""
    if isnan(found.better):
        return Standing.NONE
    if found.same > HALF:
        return Standing.SAME
    if found.better >= SURELY and found.worse <= HARDLY:
        return Standing.BETTER
    if found.worse >= SURELY and found.better <= HARDLY:
        return Standing.WORSE
    if found.better >= MOSTLY:
        return Standing.MOSTLY_BETTER
    return Standing.MOSTLY_WORSE if found.worse >= MOSTLY else Standing.DEPENDS


@dataclass(frozen=True)
class Difference:
    """One figure of one option beside the base's, over all worlds."""

    key: Key
    option: str
    unit: str
    base: float
    """Mean of the base over the worlds."""
    mean: float
    """Mean of the differences."""
    fan: tuple[float, ...]
    """Quantiles of FAN of the differences, without the chance of play."""
    outcomes: Outcomes
    """NaN where neither more nor less is better."""

    @property
    def standing(self) -> Standing:
        """In words."""
        return standing(self.outcomes)


def difference(
    key: Key,
    option: str,
    unit: str,
    pair: tuple[InWorlds, InWorlds],
    matter: Matter,
) -> Difference:
    """How a figure of an option differs from the base's.

    Args:
        key: of the figure.
        option: its name.
        unit: of the figure.
        pair: the base's and the option's.
        matter: what is better, and by how much it matters.
    """
    base, other = pair
    apart = InWorlds(other.worlds - base.worlds, other.plays - base.plays)
    values = shrunk(apart.plays, apart.worlds)
    margins = np.maximum(matter.margin, matter.relative * np.abs(base.worlds))
    found = Outcomes(nan, nan, nan)
    if matter.better is not Better.NEITHER:
        found = outcomes(base.worlds, other.worlds, int(matter.better), margins)
    return Difference(
        key=key,
        option=option,
        unit=unit,
        base=mean_of_worlds(base.worlds).value,
        mean=mean_of_worlds(apart.worlds).value,
        fan=fan(values),
        outcomes=found,
    )


@dataclass(frozen=True)
class Best:
    """In what share of worlds each option, the base first, is the best in a figure."""

    key: Key
    shares: tuple[float, ...]


def best(key: Key, everybody: Sequence[InWorlds], matter: Matter) -> Best | None:
    """How often each option is the best; None where nothing is better, or no world has it."""
    if matter.better is Better.NEITHER:
        return None
    losses = -int(matter.better) * np.column_stack([one.worlds for one in everybody])
    known = losses[~np.isnan(losses).any(axis=1)]
    return Best(key, tuple(float(one) for one in best_in(known))) if len(known) else None


# --- a decision -----------------------------------------------------------------------------------


class Decide(StrEnum):
    """What a choice is about."""

    UNSERVED = "unserved"
    WAIT = "wait"
    COST = "cost"
    MONEY = "money"


_LOSSES: Mapping[Decide, Key] = {
    Decide.UNSERVED: ("unserved", "per_day", "all"),
    Decide.WAIT: ("wait", "mean", "all"),
    Decide.COST: ("cost", "per_week", "all"),
    Decide.MONEY: ("cost", "per_week", "all"),
}
_PART = 4
"""Less than this part of the smallest difference that matters is not worth a measurement."""
WEEKS = 104.0
"""Weeks that a choice lasts unless it is said."""
_HOURS = 80.0
"""Hours of staff that a measurement takes unless its cost is said: two weeks of counting."""


@dataclass(frozen=True)
class Question:
    """What is to be decided, and what a measurement costs."""

    decide: Decide
    price: float | None = None
    """Money that one visit unserved is held to cost; of money only."""
    measuring: float | None = None
    """Money that a measurement costs."""
    weeks: float = WEEKS
    """How long the choice lasts."""
    hourly: float = 0.0
    """Mean pay of an hour on the rota, for what a measurement costs where that is not said."""

    @property
    def is_money(self) -> bool:
        """Whether losses are money a week."""
        return self.decide in {Decide.COST, Decide.MONEY}

    @property
    def cost_of_measuring(self) -> float:
        """Money; two weeks of counting by staff unless it is said, 0 where nobody is paid."""
        return _HOURS * self.hourly if self.measuring is None else self.measuring

    def least(self, base: float, margins: Mapping[tuple[str, str], float]) -> float:
        """What knowing must be worth to be worth measuring, in the unit of the loss.

        Args:
            base: mean loss of the base.
            margins: margins instead of the usual, by metric and statistic.
        """
        if self.is_money and self.cost_of_measuring > 0:
            return self.cost_of_measuring / self.weeks
        metric, statistic, _ = _LOSSES[self.decide]
        return _matter((metric, statistic, "all"), margins).margin_of(base) / _PART


def _matter(key: Key, margins: Mapping[tuple[str, str], float]) -> Matter:
    found = matter_named(*key)
    margin = margins.get(key[:2])
    return found if margin is None else replace(found, margin=margin, relative=0.0)


@dataclass(frozen=True)
class Decision:
    """What choosing each option may cost, and what is worth knowing before."""

    question: Question
    unit: str
    names: tuple[str, ...]
    """The base first."""
    losses: tuple[float, ...]
    """Mean over the worlds of each option."""
    regrets: tuple[float, ...]
    """What choosing each costs on average, beside the best in each world."""
    best: tuple[float, ...]
    """Share of the worlds in which each is best."""
    perfect: float
    """What knowing everything is worth."""
    inputs: tuple[str, ...]
    known: tuple[Knowing, ...]
    """What knowing each input is worth."""
    least: float
    """What a measurement must be worth."""
    advice: WorthKnowing

    @property
    def chosen(self) -> int:
        """The option that is best on average."""
        return int(np.argmin(self.losses))

    @property
    def other(self) -> float:
        """Share of the worlds in which another choice would be better."""
        return 1 - self.best[self.chosen]

    @property
    def first(self) -> tuple[str, ...]:
        """What to measure first."""
        return tuple(self.inputs[one] for one in self.advice.first)

    @property
    def is_clear(self) -> bool:
        """Whether nothing is worth measuring."""
        return self.advice.advice is Advice.NOTHING


@dataclass(frozen=True, eq=False)
class Inputs:
    """What is not known, in the worlds that were played."""

    names: tuple[str, ...]
    u: tuple[Floats, ...]
    """Of each its random number in every world."""
    of_rows: tuple[Floats, ...] = ()
    """Of each value that the draws of a fit set, its rank in every world, between 0 and 1: what a
    log could not tell, which is known as a whole or not at all."""

    @cached_property
    def basis(self) -> Basis:
        """Their polynomials."""
        return Basis((*self.u, *self.of_rows))

    @property
    def groups(self) -> tuple[tuple[int, ...], ...]:
        """What is known together or not at all."""
        single = tuple((number,) for number in range(len(self.u)))
        rows = tuple(range(len(self.u), len(self.u) + len(self.of_rows)))
        return (*single, rows) if rows else single

    @property
    def called(self) -> tuple[str, ...]:
        """The name of each of these."""
        return (*self.names, DATA) if self.of_rows else self.names


def losses_of(question: Question) -> set[Key]:
    """The figures that losses are made of."""
    more = {_LOSSES[Decide.UNSERVED]} if question.decide is Decide.MONEY else set()
    return {_LOSSES[question.decide], *more}


def loss_of(figures: Figures, question: Question) -> InWorlds | None:
    """What an option loses in each world; None if it has no such figure."""
    found = figures.get(_LOSSES[question.decide])
    if found is None or question.decide is not Decide.MONEY:
        return found
    unserved = figures.get(_LOSSES[Decide.UNSERVED])
    price = DAYS * (question.price or 0.0)
    return None if unserved is None else found.plus(unserved, price)


def decide(
    question: Question,
    names: Sequence[str],
    losses: Sequence[InWorlds],
    inputs: Inputs,
    unit: str,
    margins: Mapping[tuple[str, str], float] | None = None,
) -> Decision:
    """What choosing each option may cost, and what is worth knowing before.

    Args:
        question: what the choice is about.
        names: of the options, the base first.
        losses: of each option; worlds in which one is not known are left out.
        inputs: what is not known.
        unit: of the losses.
        margins: margins instead of the usual, by metric and statistic.
    """
    table = np.column_stack([one.worlds for one in losses])
    known = np.asarray(~np.isnan(table).any(axis=1))
    table = table[known]
    plays = np.stack([one.plays[known] for one in losses], axis=1)
    counts = (~np.isnan(plays)).all(axis=1).sum(axis=1)
    twice = plays[counts > 1][:, :, :2]
    perfect = perfect_knowledge(table, twice, float((1 / np.maximum(counts, 1)).mean()))
    values = value_of_knowing(inputs.basis.where(known), table, groups=inputs.groups)
    least = question.least(float(table[:, 0].mean()), margins or {})
    return Decision(
        question=question,
        unit=unit,
        names=tuple(names),
        losses=tuple(float(one) for one in table.mean(axis=0)),
        regrets=tuple(float(one) for one in opportunity_losses(table)),
        best=tuple(float(one) for one in best_in(table)),
        perfect=perfect,
        inputs=inputs.called,
        known=values,
        least=least,
        advice=worth_knowing(values, perfect, least),
    )


# --- all of it ------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class OptionsInWorlds:
    """What a base and its alternatives differ in over all that is not known."""

    names: tuple[str, ...]
    worlds: int
    plays: int
    """Of all worlds and each option."""
    differences: tuple[Difference, ...]
    bests: tuple[Best, ...]
    decision: Decision | None

    def of(self, key: Key) -> tuple[Difference, ...]:
        """The differences of one figure, option by option."""
        return tuple(one for one in self.differences if one.key == key)


def options_in_worlds(
    names: Sequence[str],
    everybody: Sequence[Figures],
    units: Mapping[Key, str],
    inputs: Inputs,
    question: Question | None = None,
    margins: Mapping[tuple[str, str], float] | None = None,
) -> OptionsInWorlds:
    """Compare options over worlds.

    Args:
        names: of the options, the base first.
        everybody: the figures of each, of the same worlds and people.
        units: of the figures.
        inputs: what is not known.
        question: what the choice is about; without one nothing is said of the value of knowing.
        margins: margins instead of the usual, by metric and statistic.
    """
    changed = margins or {}
    keys = [key for key in units if all(key in one for one in everybody)]
    base = everybody[0]
    found = tuple(
        difference(key, name, units[key], (base[key], one[key]), _matter(key, changed))
        for key in keys
        for name, one in zip(names[1:], everybody[1:], strict=True)
    )
    ranked = [best(key, [one[key] for one in everybody], _matter(key, changed)) for key in keys]
    decision = None
    if question is not None:
        losses = [loss_of(one, question) for one in everybody]
        assert all(one is not None for one in losses)  # asked before anything was played
        unit = units[_LOSSES[question.decide]]
        lost = [one for one in losses if one is not None]
        decision = decide(question, names, lost, inputs, unit, changed)
    plays = next(iter(base.values())).plays if base else np.empty((0, 0))
    return OptionsInWorlds(
        names=tuple(names),
        worlds=len(plays),
        plays=int((~np.isnan(plays)).sum()),
        differences=found,
        bests=tuple(one for one in ranked if one is not None),
        decision=decision,
    )


FAN_NAMES = tuple(f"p{round(100 * one)}" for one in FAN)
"""What the quantiles are called in tables."""
