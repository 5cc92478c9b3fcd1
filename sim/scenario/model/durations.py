"""How long things take: the shapes a duration may have, each with its mean and quantiles.

A duration is drawn as the quantile of a uniform number, so that a change of mean stretches
everybody's duration instead of dealing the cards anew. The quantiles are those of SciPy's
distributions of the same names, which take several times as long, and longer than anything else to
import.
"""

import math
from abc import ABC, abstractmethod
from importlib import import_module
from itertools import pairwise
from typing import Annotated, Literal, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import AfterValidator, BeforeValidator, Field, model_validator
from scipy import special

from sim.scenario.errors.meant import minutes_range_meant
from sim.scenario.errors.told import told
from sim.scenario.model.base import (
    Frozen,
    Minutes,
    PositiveMinutes,
    PositiveSpread,
    PositiveWeight,
    no_duration,
    parse_minutes,
)

Floats = NDArray[np.float64]


class DurationShape(Frozen, ABC):
    """A distribution of durations in minutes."""

    @abstractmethod
    def mean(self) -> float:
        """The mean in minutes, after any cap."""

    @abstractmethod
    def quantile(self, uniform: Floats) -> Floats:
        """Minutes for each uniform number in [0, 1); same shape as the argument."""

    def equally_likely(self, number: int) -> Floats:
        """So many equally likely minutes that stand for the distribution, and have its mean."""
        minutes = self.quantile((np.arange(number) + 0.5) / number)
        # The middle of the last stratum is no mean of a long tail.
        minutes[-1] += max(0.0, number * (self.mean() - float(minutes.mean())))
        return minutes


_TENTHS = np.logspace(-20, 0, 41)
_FAR = 50
"""Times the mean: a cap beyond this is far from what is drawn."""


class Continuous(DurationShape):
    """A continuous distribution with an optional cap."""

    at_most: PositiveMinutes | None = None
    """Longer durations are set to this one. The mean that is reported takes it into account."""
    plus: Minutes = 0.0
    """Added to every duration before any cap: 5 minutes of oxygen, say, plus a variable part."""

    @abstractmethod
    def uncapped_mean(self) -> float:
        """The mean in minutes, without `plus` and any cap."""

    @abstractmethod
    def uncapped(self, uniform: Floats) -> Floats:
        """Minutes for each uniform number, without `plus` and any cap; a new array."""

    @abstractmethod
    def longer(self, minutes: Floats) -> Floats:
        """The chance of being longer than each of these, 0 or more, without `plus` and any cap."""

    def mean(self) -> float:
        """The mean in minutes; with a cap c it is the integral of P(duration > x) from 0 to c."""
        if self.at_most is None:
            return self.plus + self.uncapped_mean()
        if self.at_most <= self.plus:
            return self.at_most
        integrate = import_module("scipy.integrate")  # takes long to import, and few need it
        rest = self.at_most - self.plus
        found, _, _, *trouble = integrate.quad(self.longer, 0, rest, limit=200, full_output=True)
        if trouble or rest > _FAR * self.uncapped_mean():
            # The integrand is nothing nearly everywhere, which may be missed: a tenth at a time.
            edges = [0.0, *(rest * _TENTHS).tolist()]
            found = sum(
                integrate.quad(self.longer, low, high, limit=200)[0]
                for low, high in pairwise(edges)
            )
        return self.plus + float(found)

    def quantile(self, uniform: Floats) -> Floats:
        """Minutes for each uniform number."""
        minutes = self.uncapped(uniform)
        minutes += self.plus
        return minutes if self.at_most is None else np.minimum(minutes, self.at_most, out=minutes)


class Exponential(Continuous):
    """Memoryless: many short durations, a few long ones."""

    distribution: Literal["exponential"]
    mean_minutes: PositiveMinutes = Field(alias="mean")
    """Mean in minutes."""

    def uncapped_mean(self) -> float:
        """The mean in minutes."""
        return self.mean_minutes

    def uncapped(self, uniform: Floats) -> Floats:
        """Minutes."""
        found = log_of_rest(uniform)
        found *= -self.mean_minutes
        return found

    def longer(self, minutes: Floats) -> Floats:
        """A chance for each."""
        return np.exp(-minutes / self.mean_minutes)


class Uniform(Continuous):
    """Any duration between two bounds, all equally likely."""

    distribution: Literal["uniform"]
    low: Minutes
    """Shortest, minutes."""
    high: PositiveMinutes
    """Longest, minutes."""

    @model_validator(mode="after")
    def _low_below_high(self) -> Self:
        if self.low >= self.high:
            raise ValueError(
                told(
                    "low_must_be_below_high",
                    "low ({low:g}) must be below high ({high:g})",
                    low=self.low,
                    high=self.high,
                )
            )
        return self

    def uncapped_mean(self) -> float:
        """The mean in minutes."""
        return (self.low + self.high) / 2

    def uncapped(self, uniform: Floats) -> Floats:
        """Minutes."""
        return uniform * (self.high - self.low) + self.low

    def longer(self, minutes: Floats) -> Floats:
        """A chance for each."""
        return 1 - np.clip((minutes - self.low) / (self.high - self.low), 0.0, 1.0)


class Triangular(Continuous):
    """Between two bounds, most often near the mode."""

    distribution: Literal["triangular"]
    low: Minutes
    """Shortest, minutes."""
    mode: Minutes
    """Most frequent, minutes."""
    high: PositiveMinutes
    """Longest, minutes."""

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if not (self.low <= self.mode <= self.high and self.low < self.high):
            raise ValueError(
                told(
                    "must_have_low_mode_high_and_low",
                    "must have low <= mode <= high and low < high; not {low:g}, {mode:g}, {high:g}",
                    low=self.low,
                    mode=self.mode,
                    high=self.high,
                )
            )
        return self

    def uncapped_mean(self) -> float:
        """The mean in minutes."""
        return (self.low + self.mode + self.high) / 3

    def uncapped(self, uniform: Floats) -> Floats:
        """Minutes."""
        span = self.high - self.low
        peak = (self.mode - self.low) / span
        rises = uniform < peak
        root = np.sqrt(np.where(rises, peak * uniform, (1 - peak) * (1 - uniform)))
        return np.where(rises, root, 1 - root) * span + self.low

    def longer(self, minutes: Floats) -> Floats:
        """A chance for each."""
        span = self.high - self.low
        peak, at = (self.mode - self.low) / span, np.clip((minutes - self.low) / span, 0.0, 1.0)
        # Where there is no slope on one side, nothing lies there either.
        rising = 1 - at**2 / (peak or 1.0)
        falling = (1 - at) ** 2 / ((1 - peak) or 1.0)
        return np.where(at < peak, rising, falling)


class _ByMeanAndSpread(Continuous):
    """Given by its mean and either its coefficient of variation or its standard deviation."""

    mean_minutes: PositiveMinutes = Field(alias="mean")
    """Mean in minutes, before any cap."""
    cv: PositiveSpread | None = None
    """Coefficient of variation: standard deviation divided by mean. Give this or `sd`."""
    sd: PositiveMinutes | None = None
    """Standard deviation in minutes. Give this or `cv`."""

    @model_validator(mode="after")
    def _one_spread(self) -> Self:
        if (self.cv is None) == (self.sd is None):
            raise ValueError(
                told("needs_its_spread_once_either_cv_or", "needs its spread once: either cv or sd")
            )
        return self

    def spread(self) -> float:
        """The coefficient of variation, however it was given."""
        if self.cv is not None:
            return self.cv
        assert self.sd is not None  # the validator above let exactly one through
        return self.sd / self.mean_minutes

    def uncapped_mean(self) -> float:
        """The mean in minutes."""
        return self.mean_minutes


class Lognormal(_ByMeanAndSpread):
    """Skewed to the right, as stays and treatments usually are."""

    distribution: Literal["lognormal"]

    def uncapped(self, uniform: Floats) -> Floats:
        """Minutes."""
        sigma, median = self._sigma_and_median()
        found: Floats = special.ndtri(uniform)
        found *= sigma
        np.exp(found, out=found)
        found *= median
        return found

    def longer(self, minutes: Floats) -> Floats:
        """A chance for each."""
        sigma, median = self._sigma_and_median()
        with np.errstate(divide="ignore"):  # 0 minutes: everything is longer
            return np.asarray(special.ndtr(-np.log(minutes / median) / sigma), dtype=np.float64)

    def _sigma_and_median(self) -> tuple[float, float]:
        """Of the logarithm: sigma² = ln(1 + CV²), mu = ln(mean) - sigma²/2; the median is e^mu."""
        variance = math.log1p(self.spread() ** 2)
        return math.sqrt(variance), self.mean_minutes * math.exp(-variance / 2)


class Gamma(_ByMeanAndSpread):
    """Skewed to the right with a lighter tail than the lognormal."""

    distribution: Literal["gamma"]

    def uncapped(self, uniform: Floats) -> Floats:
        """Minutes: the shape is 1/CV², the scale mean × CV²."""
        squared = self.spread() ** 2
        standard = special.gammaincinv(1 / squared, uniform)
        return np.asarray(standard * (self.mean_minutes * squared), dtype=np.float64)

    def longer(self, minutes: Floats) -> Floats:
        """A chance for each."""
        squared = self.spread() ** 2
        standard = minutes / (self.mean_minutes * squared)
        return np.asarray(special.gammaincc(1 / squared, standard), dtype=np.float64)


class Weibull(Continuous):
    """The usual shape for patience: `shape` above 1 means that people tire as they wait."""

    distribution: Literal["weibull"]
    shape: Annotated[float, Field(strict=True, ge=0.1, le=20)]
    """1 is exponential; above 1 the chance of leaving grows with the wait."""
    median: PositiveMinutes | None = None
    """Median in minutes. Give this or `mean`."""
    mean_minutes: PositiveMinutes | None = Field(default=None, alias="mean")
    """Mean in minutes, before any cap. Give this or `median`."""

    @model_validator(mode="after")
    def _one_location(self) -> Self:
        if (self.median is None) == (self.mean_minutes is None):
            raise ValueError(
                told(
                    "needs_its_size_once_either_median_or",
                    "needs its size once: either median or mean",
                )
            )
        return self

    def uncapped_mean(self) -> float:
        """The mean in minutes: scale × Γ(1 + 1/shape)."""
        return self._scale() * math.gamma(1 + 1 / self.shape)

    def uncapped(self, uniform: Floats) -> Floats:
        """Minutes."""
        found = log_of_rest(uniform)
        np.negative(found, out=found)
        np.power(found, 1 / self.shape, out=found)
        found *= self._scale()
        return found

    def longer(self, minutes: Floats) -> Floats:
        """A chance for each."""
        return np.exp(-np.power(minutes / self._scale(), self.shape))

    def _scale(self) -> float:
        """From median = scale (ln 2)^(1/shape), or mean = scale Γ(1 + 1/shape)."""
        if self.median is not None:
            scale: float = self.median / math.log(2) ** (1 / self.shape)
            return scale
        assert self.mean_minutes is not None  # the validator let exactly one through
        return self.mean_minutes / math.gamma(1 + 1 / self.shape)


def log_of_rest(uniform: Floats) -> Floats:
    """The logarithm of 1 - u: as exact as log1p(-u), which takes longer.

    The numbers are multiples of 2⁻⁵³, so that nothing is rounded off the difference.
    """
    rest: Floats = 1.0 - uniform
    with np.errstate(divide="ignore"):  # of a whole 1 nothing is left: infinitely long
        return np.log(rest, out=rest)


class Fixed(DurationShape):
    """Always the same duration."""

    distribution: Literal["fixed"] = "fixed"
    value: Minutes
    """Minutes."""

    def mean(self) -> float:
        """The mean in minutes."""
        return self.value

    def quantile(self, uniform: Floats) -> Floats:
        """Minutes for each uniform number."""
        return np.full_like(uniform, self.value)


class Empirical(DurationShape):
    """One of a list of measured durations, each as likely as its weight says."""

    distribution: Literal["empirical"]
    values: Annotated[tuple[Minutes, ...], Field(min_length=1, max_length=100_000)]
    """Minutes, one per measurement (or per distinct value, with `weights`)."""
    weights: tuple[PositiveWeight, ...] | None = None
    """How often each value occurs, in any unit; without it all are equally likely."""

    @model_validator(mode="after")
    def _as_many_weights_as_values(self) -> Self:
        if self.weights is not None and len(self.weights) != len(self.values):
            raise ValueError(
                told(
                    "has_values_but_weights_give_one_weight",
                    "has {number} values but {number_2} weights; give one weight for each value",
                    number=len(self.values),
                    number_2=len(self.weights),
                )
            )
        return self

    def _sorted(self) -> tuple[Floats, Floats]:
        values = np.asarray(self.values)
        weights = np.ones(len(values)) if self.weights is None else np.asarray(self.weights)
        order = np.argsort(values, kind="stable")
        return values[order], np.cumsum(weights[order]) / weights.sum()

    def mean(self) -> float:
        """The weighted mean in minutes."""
        return float(np.average(self.values, weights=self.weights))

    def quantile(self, uniform: Floats) -> Floats:
        """Minutes for each uniform number."""
        values, cumulative = self._sorted()
        found = np.searchsorted(cumulative, uniform, side="right")
        return values[np.minimum(found, len(values) - 1)]


def _bare_duration_is_fixed(value: object) -> object:
    """`stay: 25` and `stay: 25 min` are short for a fixed distribution."""
    if isinstance(value, int | float | str):
        return {"distribution": "fixed", "value": _one_duration(value)}
    return value


def _one_duration(value: float | str) -> object:
    try:
        return parse_minutes(value)
    except ValueError:
        ends = minutes_range_meant(value) if isinstance(value, str) else None
        if ends is None:
            raise
        shape = f"{{distribution: uniform, low: {ends[0]}, high: {ends[1]}}}"
        hint = told("hint_between", "; anything between is written {shape}", shape=shape)
        raise ValueError(no_duration(str(value), hint)) from None


def _ends_some_day(found: DurationShape) -> DurationShape:
    """Refuse what may last so long that times can no longer be told apart."""
    longest = float(found.quantile(_LAST)[0])
    if not longest <= _MOST_MINUTES:
        raise ValueError(
            told(
                "may_take_up_to_minutes_which_is",
                "may take up to {longest:.2g} minutes, which is beyond any calendar; give "
                "at_most, or less spread",
                longest=longest,
            )
        )
    return found


_LAST = np.array([1 - 2.0**-53])
"""The largest uniform number that is ever drawn."""
_MOST_MINUTES = 1e9

_Any = Annotated[
    Fixed | Empirical | Exponential | Uniform | Triangular | Lognormal | Gamma | Weibull,
    Field(discriminator="distribution"),
]
Distribution = Annotated[
    _Any,
    AfterValidator(_ends_some_day),
    BeforeValidator(_bare_duration_is_fixed, json_schema_input_type=Minutes | _Any),
]
"""A duration with its variation: a bare number of minutes, or a map with `distribution:`."""
