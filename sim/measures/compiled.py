"""Compiled parts of measuring, and the columns as they take them."""

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numpy as np
from numba import njit
from numpy.typing import NDArray

from sim.kept import OPTIONS

Function = TypeVar("Function", bound=Callable[..., object])

_PART = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True, **OPTIONS}
"""Nothing but compiled functions calls a part."""


def part(function: Function) -> Function:
    """Compile a function as a part of those that call it, with which it is kept."""
    return cast("Function", njit(**_PART)(function))


def inlined(function: Function) -> Function:
    """The same for a small part that is called at every step: it becomes one with its caller."""
    return cast("Function", njit(forceinline=True, **_PART)(function))


def column(numbers: NDArray[Any], kind: type[np.number[Any]] = np.float64) -> NDArray[Any]:
    """A column in one piece and read-only: of every other sort there would be another version."""
    found = np.ascontiguousarray(numbers, dtype=kind).view()
    found.flags.writeable = False
    return found
