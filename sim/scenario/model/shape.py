"""What every duration can tell: its mean, and its quantiles.

A duration is drawn as the quantile of a uniform number, so that a change of mean stretches
everybody's duration instead of dealing the cards anew.
"""

from abc import ABC, abstractmethod

import numpy as np
from numpy.typing import NDArray

from sim.scenario.model.base import Frozen

Floats = NDArray[np.float64]


class Shape(Frozen, ABC):
    """A distribution of durations in minutes."""

    @abstractmethod
    def mean(self) -> float:
        """The mean in minutes, after any cap."""

    @abstractmethod
    def quantile(self, uniform: Floats) -> Floats:
        """Minutes for each uniform number in [0, 1); same shape as the argument."""
