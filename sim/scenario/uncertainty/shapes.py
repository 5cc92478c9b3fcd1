"""How likely the values of a range are: quantiles of its shape."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaincinv, ndtri

from sim.scenario.model.design import Shape

Floats = NDArray[np.float64]

_FIVE_PERCENT = 1.6448536
"""Standard deviations from the middle to the 5 and 95 % points of a normal distribution."""
_HILL = 4.0
"""Weight of the most likely value in a PERT distribution; each end has 1."""


@dataclass(frozen=True)
class Curve:
    """A range with a shape."""

    shape: Shape
    low: float
    mode: float
    """The most likely value; of a lognormal range the middle."""
    high: float
    step: float = 0.0
    """What the values are whole multiples of, as people are, or quarters of an hour; 0 of any."""

    def quantile(self, u: Floats) -> Floats:
        """The values that are not exceeded with these probabilities, between 0 and 1."""
        if self.low == self.high:
            return np.full_like(u, self.low)
        if not self.step:
            return _quantile(self.shape, self.low, self.mode, self.high, u)
        low, mode, high = (one / self.step for one in (self.low, self.mode, self.high))
        if self.shape is Shape.UNIFORM:
            steps = low + np.floor(u * (high - low + 1))
        elif self.shape is Shape.LOGNORMAL:
            steps = np.rint(_quantile(self.shape, low, mode, high, u))
        else:  # half a step beyond the ends, so that these keep their share
            steps = np.rint(_quantile(self.shape, low - 0.5, mode, high + 0.5, u))
        lowest, highest = self.ends
        found: Floats = np.clip(steps, lowest / self.step, highest / self.step) * self.step
        return found

    @property
    def ends(self) -> tuple[float, float]:
        """The lowest and the highest value: a lognormal range has some beyond its ends."""
        if self.shape is not Shape.LOGNORMAL:
            return self.low, self.high
        low, high = self.low**2 / self.mode, self.high**2 / self.mode
        if not self.step:
            return low, high
        return (
            float(np.ceil(low / self.step)) * self.step,
            float(np.floor(high / self.step)) * self.step,
        )


def _quantile(shape: Shape, low: float, mode: float, high: float, u: Floats) -> Floats:
    width = high - low
    found: Floats
    match shape:
        case Shape.PERT:
            before, after = 1 + _HILL * (mode - low) / width, 1 + _HILL * (high - mode) / width
            found = low + width * betaincinv(before, after, u)
        case Shape.TRIANGULAR:
            below = (mode - low) / width
            rising = low + np.sqrt(u * width * (mode - low))
            found = np.where(u < below, rising, high - np.sqrt((1 - u) * width * (high - mode)))
        case Shape.UNIFORM:
            found = low + width * u
        case Shape.LOGNORMAL:
            z = ndtri(u) / _FIVE_PERCENT
            spread = np.where(z < 0, np.log(mode / low), np.log(high / mode))
            found = np.clip(mode * np.exp(z * spread), low**2 / mode, high**2 / mode)
    return found
