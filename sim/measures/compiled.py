"""Compiled parts of measuring, and the columns as they take them."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.kept import inlined, part

__all__ = ["column", "inlined", "part"]


def column(numbers: NDArray[Any], kind: type[np.number[Any]] = np.float64) -> NDArray[Any]:
    """A column in one piece and read-only: of every other sort there would be another version."""
    found = np.ascontiguousarray(numbers, dtype=kind).view()
    found.flags.writeable = False
    return found
