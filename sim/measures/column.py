"""The columns of a log as what is compiled takes them."""

from typing import Any

import numpy as np
from numpy.typing import NDArray


def column(numbers: NDArray[Any], kind: type[np.number[Any]] = np.float64) -> NDArray[Any]:
    """A column in one piece and read-only: of every other sort there would be another version."""
    found = np.ascontiguousarray(numbers, dtype=kind).view()
    found.flags.writeable = False
    return found
