"""How long things take: the shapes a duration may have, each with its mean and quantiles.

A duration is drawn as the quantile of a uniform number, so that a change of mean stretches
everybody's duration instead of dealing the cards anew.
"""

import math
from abc import ABC, abstractmethod
from typing import Annotated, Any, Literal, Protocol, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import BeforeValidator, Field, model_validator
from scipy import integrate, special, stats

from sim.scenario.base import Frozen, Minutes, PositiveFactor, PositiveMinutes, parse_minutes

Floats = NDArray[np.float64]


class Law(Protocol):
    """What is used of a SciPy distribution."""

    def mean(self) -> float: ...  # noqa: D102
    def sf(self, x: float, /) -> float: ...  # noqa: D102


class Shape(Frozen, ABC):
    """A distribution of durations in minutes."""

    @abstractmethod
    def mean(self) -> float:
        """The mean in minutes, after any cap."""

    @abstractmethod
    def quantile(self, uniform: Floats) -> Floats:
        """Minutes for each uniform number in [0, 1); same shape as the argument."""


class Fixed(Shape):
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


class Empirical(Shape):
    """One of a list of measured durations, each as likely as its weight says."""

    distribution: Literal["empirical"]
    values: Annotated[tuple[Minutes, ...], Field(min_length=1)]
    """Minutes, one per measurement (or per distinct value, with `weights`)."""
    weights: tuple[PositiveFactor, ...] | None = None
    """How often each value occurs, in any unit; without it all are equally likely."""

    @model_validator(mode="after")
    def _as_many_weights_as_values(self) -> Self:
        if self.weights is not None and len(self.weights) != len(self.values):
            raise ValueError(
                f"has {len(self.values)} values but {len(self.weights)} weights; "
                "give one weight for each value"
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


class _Continuous(Shape):
    """A continuous distribution, given by SciPy, with an optional cap."""

    at_most: PositiveMinutes | None = None
    """Longer durations are set to this one. The mean that is reported takes it into account."""
    plus: Minutes = 0.0
    """Added to every duration before any cap: 5 minutes of oxygen, say, plus a variable part."""

    @abstractmethod
    def law(self) -> Law:
        """The uncapped distribution as SciPy knows it."""

    @abstractmethod
    def uncapped(self, uniform: Floats) -> Floats:
        """The very quantiles of `law`, without `plus`; SciPy's own take several times as long."""

    def mean(self) -> float:
        """The mean in minutes; with a cap c it is the integral of P(duration > x) from 0 to c."""
        if self.at_most is None:
            return self.plus + float(self.law().mean())
        if self.at_most <= self.plus:
            return self.at_most
        rest = self.at_most - self.plus
        return self.plus + float(integrate.quad(self.law().sf, 0, rest, limit=200)[0])

    def quantile(self, uniform: Floats) -> Floats:
        """Minutes for each uniform number."""
        minutes: Floats = self.plus + self.uncapped(uniform)
        return minutes if self.at_most is None else np.minimum(minutes, self.at_most)


class Exponential(_Continuous):
    """Memoryless: many short durations, a few long ones."""

    distribution: Literal["exponential"]
    mean_minutes: PositiveMinutes = Field(alias="mean")
    """Mean in minutes."""

    def law(self) -> Law:
        """SciPy's `expon`."""
        return stats.expon(scale=self.mean_minutes)

    def uncapped(self, uniform: Floats) -> Floats:
        """Minutes."""
        found: Floats = -special.log1p(-uniform) * self.mean_minutes
        return found


class Uniform(_Continuous):
    """Any duration between two bounds, all equally likely."""

    distribution: Literal["uniform"]
    low: Minutes
    """Shortest, minutes."""
    high: PositiveMinutes
    """Longest, minutes."""

    @model_validator(mode="after")
    def _low_below_high(self) -> Self:
        if self.low >= self.high:
            raise ValueError(f"low ({self.low:g}) must be below high ({self.high:g})")
        return self

    def law(self) -> Law:
        """SciPy's `uniform`."""
        return stats.uniform(loc=self.low, scale=self.high - self.low)

    def uncapped(self, uniform: Floats) -> Floats:
        """Minutes."""
        return uniform * (self.high - self.low) + self.low


class Triangular(_Continuous):
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
                f"must have low <= mode <= high and low < high; "
                f"not {self.low:g}, {self.mode:g}, {self.high:g}"
            )
        return self

    def law(self) -> Law:
        """SciPy's `triang`."""
        span = self.high - self.low
        return stats.triang((self.mode - self.low) / span, loc=self.low, scale=span)

    def uncapped(self, uniform: Floats) -> Floats:
        """Minutes."""
        span = self.high - self.low
        peak = (self.mode - self.low) / span
        rising, falling = np.sqrt(peak * uniform), 1 - np.sqrt((1 - peak) * (1 - uniform))
        return np.where(uniform < peak, rising, falling) * span + self.low


class _ByMeanAndSpread(_Continuous):
    """Given by its mean and either its coefficient of variation or its standard deviation."""

    mean_minutes: PositiveMinutes = Field(alias="mean")
    """Mean in minutes, before any cap."""
    cv: PositiveFactor | None = None
    """Coefficient of variation: standard deviation divided by mean. Give this or `sd`."""
    sd: PositiveMinutes | None = None
    """Standard deviation in minutes. Give this or `cv`."""

    @model_validator(mode="after")
    def _one_spread(self) -> Self:
        if (self.cv is None) == (self.sd is None):
            raise ValueError("needs its spread once: either cv or sd")
        return self

    def spread(self) -> float:
        """The coefficient of variation, however it was given."""
        if self.cv is not None:
            return self.cv
        assert self.sd is not None  # the validator above let exactly one through
        return self.sd / self.mean_minutes


class Lognormal(_ByMeanAndSpread):
    """Skewed to the right, as stays and treatments usually are."""

    distribution: Literal["lognormal"]

    def law(self) -> Law:
        """SciPy's `lognorm`; sigma² = ln(1 + CV²) and mu = ln(mean) - sigma²/2 keep the mean."""
        sigma, median = self._sigma_and_median()
        return stats.lognorm(sigma, scale=median)

    def uncapped(self, uniform: Floats) -> Floats:
        """Minutes."""
        sigma, median = self._sigma_and_median()
        return np.asarray(np.exp(sigma * special.ndtri(uniform)) * median, dtype=np.float64)

    def _sigma_and_median(self) -> tuple[float, float]:
        variance = math.log1p(self.spread() ** 2)
        return math.sqrt(variance), self.mean_minutes * math.exp(-variance / 2)


class Gamma(_ByMeanAndSpread):
    """Skewed to the right with a lighter tail than the lognormal."""

    distribution: Literal["gamma"]

    def law(self) -> Law:
        """SciPy's `gamma` with shape 1/CV²."""
        squared = self.spread() ** 2
        return stats.gamma(1 / squared, scale=self.mean_minutes * squared)

    def uncapped(self, uniform: Floats) -> Floats:
        """Minutes."""
        squared = self.spread() ** 2
        standard = special.gammaincinv(1 / squared, uniform)
        return np.asarray(standard * (self.mean_minutes * squared), dtype=np.float64)


class Weibull(_Continuous):
    """The usual shape for patience: `shape` above 1 means that people tire as they wait."""

    distribution: Literal["weibull"]
    shape: PositiveFactor
    """1 is exponential; above 1 the chance of leaving grows with the wait."""
    median: PositiveMinutes | None = None
    """Median in minutes. Give this or `mean`."""
    mean_minutes: PositiveMinutes | None = Field(default=None, alias="mean")
    """Mean in minutes, before any cap. Give this or `median`."""

    @model_validator(mode="after")
    def _one_location(self) -> Self:
        if (self.median is None) == (self.mean_minutes is None):
            raise ValueError("needs its size once: either median or mean")
        return self

    def law(self) -> Law:
        """SciPy's `weibull_min`; median = scale (ln 2)^(1/shape), mean = scale Γ(1 + 1/shape)."""
        return stats.weibull_min(self.shape, scale=self._scale())

    def uncapped(self, uniform: Floats) -> Floats:
        """Minutes."""
        found: Floats = np.power(-special.log1p(-uniform), 1 / self.shape) * self._scale()
        return found

    def _scale(self) -> float:
        if self.median is not None:
            scale: float = self.median / math.log(2) ** (1 / self.shape)
            return scale
        assert self.mean_minutes is not None  # the validator let exactly one through
        return self.mean_minutes / math.gamma(1 + 1 / self.shape)


def _bare_duration_is_fixed(value: object) -> object:
    """`stay: 25` and `stay: 25 min` are short for a fixed distribution."""
    if isinstance(value, int | float | str):
        return {"distribution": "fixed", "value": parse_minutes(value)}
    return value


Distribution = Annotated[
    Annotated[
        Fixed | Empirical | Exponential | Uniform | Triangular | Lognormal | Gamma | Weibull,
        Field(discriminator="distribution"),
    ],
    BeforeValidator(_bare_duration_is_fixed, json_schema_input_type=float | str | dict[str, Any]),
]
"""A duration with its variation: a bare number of minutes, or a map with `distribution:`."""
