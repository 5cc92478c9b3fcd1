"""How long things take: the shapes a duration may have, each with its mean and quantiles."""

from typing import Annotated, Literal, Self

import numpy as np
from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from sim.scenario.model.base import Minutes, PositiveWeight, parse_minutes
from sim.scenario.model.continuous import (
    Exponential,
    Gamma,
    Lognormal,
    Triangular,
    Uniform,
    Weibull,
)
from sim.scenario.model.shape import Floats, Shape


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
    values: Annotated[tuple[Minutes, ...], Field(min_length=1, max_length=100_000)]
    """Minutes, one per measurement (or per distinct value, with `weights`)."""
    weights: tuple[PositiveWeight, ...] | None = None
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


def _bare_duration_is_fixed(value: object) -> object:
    """`stay: 25` and `stay: 25 min` are short for a fixed distribution."""
    if isinstance(value, int | float | str):
        return {"distribution": "fixed", "value": parse_minutes(value)}
    return value


def _ends_some_day(found: Shape) -> Shape:
    """Refuse what may last so long that times can no longer be told apart."""
    longest = float(found.quantile(_LAST)[0])
    if not longest <= _MOST_MINUTES:
        raise ValueError(
            f"may take up to {longest:.2g} minutes, which is beyond any calendar; "
            "give at_most, or less spread"
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
