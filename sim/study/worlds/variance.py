"""One figure over worlds: how much of its spread is chance, and its range without that chance.

A world is one way in which what is not known could be; it is played once or a few times, as the
same weeks with other people. Its figure is therefore blurred by the chance of these plays, and the
figures of the worlds lie further apart than the worlds do. Plays of one world tell how far (one-way
random effects, unbalanced: Searle, Casella & McCulloch 1992, Variance Components); the figures are
then shrunk so that their spread is right (Louis 1984, JASA 79).

Tables of plays have a row a world and a column a play; a play that was not made, or that had
nothing to measure, is NaN.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import nan, sqrt
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import special

Floats = NDArray[np.float64]

FAN = (0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95)
"""The quantiles over worlds that are written: the middle, and 50, 80 and 90 % of the worlds."""
_ROUNDING = 1e-12
"""A relative spread below this is a rounding error: the figures are equal."""


@dataclass(frozen=True)
class Components:
    """What the spread of a figure is made of."""

    within: float
    """Variance from one play of a world to another (s²); NaN where no world was played twice."""
    between: float
    """Variance over worlds, of figures without the chance of play (t²); NaN likewise."""

    @property
    def chance(self) -> float:
        """Share of chance in the variance of one play of one world; 0 where nothing varies."""
        total = self.within + self.between
        return self.within / total if total != 0 else 0.0


def components(plays: Floats, worlds: Floats | None = None) -> Components:
    """The variance within worlds and between them.

    Args:
        plays: the figure, a row a world.
        worlds: the figure of each world, of all its plays together; the mean of its plays where
            this is left out. Worlds of which it is NaN are left out.
    """
    kept, figures = _known(plays, worlds)
    within = pooled_variance(kept)
    if len(figures) <= 1:
        return Components(within, nan)
    between = float(figures.var(ddof=1)) - within * _mean_inverse(kept)
    return Components(within, float(np.maximum(0.0, between)))


def pooled_variance(plays: Floats) -> float:
    """Variance within the worlds that were played twice or more, by their degrees of freedom."""
    counts = (~np.isnan(plays)).sum(axis=1)
    several = plays[counts > 1]
    if not len(several):
        return nan
    middle = np.nanmean(several, axis=1, keepdims=True)
    return float(np.nansum((several - middle) ** 2) / (counts[counts > 1] - 1).sum())


def shrunk(plays: Floats, worlds: Floats | None = None, *, share: bool = False) -> Floats:
    """The figures of the worlds with the chance of play taken out of their spread.

    Shrunk towards their mean as logarithms where every play is above 0, shares strictly between 0
    and 1 on the logit scale, everything else as it is; the mean of logarithms is then set right.
    Without a world that was played twice nothing is known of chance, and nothing is taken out.

    Args:
        plays: the figure, a row a world.
        worlds: as for `components`.
        share: whether the figure is a share, from 0 to 1.

    Returns:
        A figure a world, NaN where the world has none.
    """
    kept, figures = _known(plays, worlds)
    found = np.full(len(plays), nan)
    if len(figures):
        found[_has_figure(plays, worlds)] = _shrunk(kept, figures, share=share)
    return found


def _shrunk(plays: Floats, figures: Floats, *, share: bool) -> Floats:
    there, back = _scale(plays, figures, share=share)
    moved = there(figures)
    spread = float(moved.var(ddof=1)) if len(moved) > 1 else 0.0
    chance = pooled_variance(there(plays)) * _mean_inverse(plays)
    if not spread > (_ROUNDING * abs(float(moved.mean()))) ** 2 or not chance > 0:
        return figures.copy()
    factor = sqrt(max(0.0, 1 - chance / spread))
    middle = moved.mean()
    found = back(middle + factor * (moved - middle))
    if back is np.exp:
        found = found * (figures.mean() / found.mean())
    return np.asarray(found)


def _scale(
    plays: Floats, figures: Floats, *, share: bool
) -> tuple[Callable[[Floats], Floats], Callable[[Floats], Floats]]:
    """The scale on which figures are shrunk, and the way back; as they are if one is at a bound."""
    lowest = min(float(np.nanmin(plays)), float(figures.min()))
    highest = max(float(np.nanmax(plays)), float(figures.max()))
    if share:
        inside = lowest > 0 and highest < 1
        return (special.logit, special.expit) if inside else (_same, _same)
    return (np.log, np.exp) if lowest > 0 else (_same, _same)


def _same(values: Floats) -> Floats:
    return values


def fan(figures: Floats) -> tuple[float, ...]:
    """The quantiles of FAN over the worlds that have the figure; NaN if none has."""
    known = figures[~np.isnan(figures)]
    return tuple(float(one) for one in np.quantile(known, FAN)) if len(known) else (nan,) * len(FAN)


class ShareOfWorlds(NamedTuple):
    """In what share of the worlds something holds."""

    value: float
    error: float
    """Standard error, an upper bound: worlds spread evenly know it 2 to 8 times better."""


def share_of_worlds(holds: NDArray[np.bool_]) -> ShareOfWorlds:
    """The share of worlds in which something holds; NaN without worlds."""
    if not len(holds):
        return ShareOfWorlds(nan, nan)
    share = float(holds.mean())
    return ShareOfWorlds(share, sqrt(share * (1 - share) / len(holds)))


def target_met(figures: Floats, limit: float, *, at_most: bool) -> ShareOfWorlds:
    """The chance that a target is met.

    Args:
        figures: shrunk figures of the worlds. Of a quantile take `margin_within` at a limit of 0.
        limit: of the target.
        at_most: whether the figure may not be above the limit; otherwise not below it.
    """
    known = figures[~np.isnan(figures)]
    return share_of_worlds(known <= limit if at_most else known >= limit)


def margin_within(within: Floats, visits: Floats, probability: float) -> Floats:
    """By how much the share within a limit is above a probability: at least 0 where P90 is met.

    Args:
        within: visits within the limit, of a play or a world.
        visits: all visits that count.
        probability: of the quantile, such as .9.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(visits > 0, within / visits - probability, nan)


class Mean(NamedTuple):
    """The mean over worlds."""

    value: float
    error: float
    """Standard error, an upper bound as that of a share."""


def mean_of_worlds(figures: Floats) -> Mean:
    """The mean of the worlds' figures: every world counts once, busy ones not more."""
    known = figures[~np.isnan(figures)]
    if not len(known):
        return Mean(nan, nan)
    error = sqrt(float(known.var(ddof=1)) / len(known)) if len(known) > 1 else nan
    return Mean(float(known.mean()), error)


def _has_figure(plays: Floats, worlds: Floats | None) -> NDArray[np.bool_]:
    played = ~np.isnan(plays).all(axis=1)
    return np.asarray(played if worlds is None else played & ~np.isnan(worlds))


def _known(plays: Floats, worlds: Floats | None) -> tuple[Floats, Floats]:
    """Plays and figures of the worlds that have the figure."""
    has = _has_figure(plays, worlds)
    kept = plays[has]
    return kept, np.nanmean(kept, axis=1) if worlds is None else worlds[has]


def _mean_inverse(plays: Floats) -> float:
    """Mean of 1 ÷ plays over the worlds."""
    return float((1 / (~np.isnan(plays)).sum(axis=1)).mean()) if len(plays) else nan
