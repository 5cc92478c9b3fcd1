"""A choice in spite of what is not known: what is best how often, and what is worth knowing.

All options are played in the same worlds by the same people, so a difference is taken within each
world. A loss is what a decision is about, in its own unit: visits unserved a day, minutes of wait,
money a week. Tables of losses have a row a world and a column an option.

The value of knowing everything (EVPI) is what the loss would fall by on average if the world were
known before choosing; that of knowing one input (EVPPI), if this one were (Strong, Oakley &
Brennan 2014, Medical Decision Making 34, with the additive model of `shares` for the regression).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.study.worlds.shares import Basis, Fit

Floats = NDArray[np.float64]

_DRAWS = 200
"""Draws of coefficients behind the bias and the standard error of a value of knowing."""
_AT_MOST = 3
"""More than so many things nobody measures first."""
_OF_ALL = 0.1
"""Less than this part of what knowing everything is worth is not worth naming."""


# --- differences --------------------------------------------------------------------------------


class Outcomes(NamedTuple):
    """In what share of worlds an option is better, makes no difference that matters, is worse."""

    better: float
    same: float
    worse: float


def outcomes(base: Floats, option: Floats, better: int, margins: Floats) -> Outcomes:
    """How an option does against the base, world by world.

    Args:
        base: the figure of the base in each world; worlds without one on either side are left out.
        option: that of the option.
        better: 1 if more is better, −1 if less is.
        margins: the smallest difference that matters in each world.
    """
    apart = (option - base) * better
    known = ~np.isnan(apart)
    if not known.any():
        return Outcomes(np.nan, np.nan, np.nan)
    ahead, behind = (apart > margins)[known].mean(), (apart < -margins)[known].mean()
    return Outcomes(float(ahead), float(1 - ahead - behind), float(behind))


# --- losses -------------------------------------------------------------------------------------


def best_in(losses: Floats) -> Floats:
    """The share of worlds in which each option has the least loss; ties are shared evenly."""
    least = losses == losses.min(axis=1, keepdims=True)
    return np.asarray((least / least.sum(axis=1, keepdims=True)).mean(axis=0))


def opportunity_losses(losses: Floats) -> Floats:
    """What choosing each option costs on average, beside the best in each world."""
    return np.asarray((losses - losses.min(axis=1, keepdims=True)).mean(axis=0))


def perfect_knowledge(losses: Floats, twice: Floats | None = None, inverse: float = 1.0) -> float:
    """EVPI: by how much the mean loss would fall if the world were known before choosing.

    Chance in the plays makes it look larger: the least of several blurred losses is too low. How
    much is seen where worlds were played twice: one play is twice as far off as two.

    Args:
        losses: of all worlds.
        twice: of the worlds that were played twice or more their first two plays: world, option,
            play.
        inverse: mean of 1 ÷ plays over the worlds behind `losses`.
    """
    raw = _evpi(losses)
    if twice is None or not len(twice):
        return raw
    once = (_evpi(twice[:, :, 0]) + _evpi(twice[:, :, 1])) / 2
    return max(0.0, raw - 2 * inverse * (once - _evpi(twice.mean(axis=2))))


def _evpi(losses: Floats) -> float:
    return float(losses.mean(axis=0).min() - losses.min(axis=1).mean())


@dataclass(frozen=True)
class Knowing:
    """What it is worth to know one input before choosing."""

    value: float
    error: float
    """Its standard error."""


def value_of_knowing(
    basis: Basis, losses: Floats, seed: int = 1, groups: Sequence[Sequence[int]] | None = None
) -> tuple[Knowing, ...]:
    """EVPPI of each input: by how much the mean loss would fall if it were known.

    Differences to the option that is best on average are fitted by an additive model; the mean
    excess over draws of its coefficients is taken off, for the least of fitted values is too low
    as well.

    Args:
        basis: of the inputs in these worlds.
        losses: of at least two options.
        seed: of the draws of coefficients.
        groups: numbers of inputs that are known together or not at all; each by itself unless
            said.
    """
    best = int(losses.mean(axis=0).argmin())
    apart = np.delete(losses, best, axis=1) - losses[:, [best]]
    fits = [basis.fit(one) for one in apart.T]
    blur = _blur(fits)
    chance = np.random.Generator(np.random.Philox(seed))
    every = [(number,) for number in range(len(basis.columns))] if groups is None else groups
    return tuple(_knowing(fits, group, blur, chance.spawn(1)[0]) for group in every)


def _blur(fits: Sequence[Fit]) -> Floats:
    """A root of the covariance of the residuals over options."""
    count = len(fits[0].residual)
    free = np.array([count - one.parameters for one in fits], dtype=np.float64)
    residuals = np.column_stack([one.residual for one in fits])
    covariance = residuals.T @ residuals / np.sqrt(np.outer(free, free))
    values, vectors = np.linalg.eigh(covariance)
    return np.asarray(vectors * np.sqrt(np.maximum(values, 0.0)))


def _knowing(
    fits: Sequence[Fit], group: Sequence[int], blur: Floats, chance: np.random.Generator
) -> Knowing:
    count = len(fits[0].residual)
    fitted = np.column_stack([one.mean + sum(one.parts[n].values for n in group) for one in fits])
    columns = [np.full((count, 1), count**-0.5)]
    used = [np.ones((1, len(fits)), dtype=np.bool_)]
    for parts in ([one.parts[number] for one in fits] for number in group):
        widest = max(parts, key=lambda one: one.parameters)
        columns.append(widest.basis)
        places = np.arange(widest.parameters)[:, None]
        used.append(places < np.array([one.parameters for one in parts]))
    if sum(one.shape[1] for one in columns) == 1:
        return Knowing(0.0, 0.0)
    return _without_bias(fitted, np.hstack(columns), np.vstack(used), blur, chance)


def _without_bias(
    fitted: Floats,
    columns: Floats,
    used: NDArray[np.bool_],
    blur: Floats,
    chance: np.random.Generator,
) -> Knowing:
    """The value of knowing, less what the chance in its coefficients adds on average."""
    found = np.empty(_DRAWS)
    for draw in range(_DRAWS):
        errors = chance.standard_normal(used.shape) @ blur.T
        found[draw] = _partial(fitted + columns @ np.where(used, errors, 0.0))
    value = _partial(fitted)
    return Knowing(max(0.0, value - float(found.mean() - value)), float(found.std(ddof=1)))


def _partial(apart: Floats) -> float:
    """Mean of the best choice where the fitted differences are known, over one choice for all."""
    known = np.maximum(0.0, (-apart).max(axis=1)).mean()
    return float(known - max(0.0, (-apart.mean(axis=0)).max()))


# --- measure this first -------------------------------------------------------------------------


class Advice(StrEnum):
    """What to do about what is not known."""

    MEASURE = "measure first"
    NOTHING = "nothing is worth measuring"
    TOGETHER = "only several together"


@dataclass(frozen=True)
class WorthKnowing:
    """Whether to measure something before choosing, and what."""

    advice: Advice
    first: tuple[int, ...] = ()
    """Numbers of the inputs to measure, the most valuable first."""


def worth_knowing(known: Sequence[Knowing], perfect: float, least: float) -> WorthKnowing:
    """What is worth measuring.

    Args:
        known: the value of knowing each input.
        perfect: that of knowing everything.
        least: what a measurement must be worth, in the unit of the loss.
    """
    if perfect <= least:
        return WorthKnowing(Advice.NOTHING)
    worth = [
        number
        for number, one in enumerate(known)
        if one.value >= max(2 * one.error, _OF_ALL * perfect, least) and one.value > 0
    ]
    first = tuple(sorted(worth, key=lambda number: -known[number].value)[:_AT_MOST])
    return WorthKnowing(Advice.MEASURE, first) if first else WorthKnowing(Advice.TOGETHER)
