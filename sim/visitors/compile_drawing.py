"""Compiling what drawing needs ahead of the first replication."""

from collections.abc import Callable
from typing import Any

from numba import types

from sim.kept import is_kept
from sim.visitors.in_order import sort
from sim.visitors.numbers import look_up
from sim.visitors.thinning import look_at_steps

_FLOAT, _FLOATS, _INTEGERS = types.float64, types.float64[::1], types.int64[::1]
_PARTS: dict[Callable[..., object], tuple[Any, ...]] = {
    look_up: (types.uint64[:, ::1], _INTEGERS, _INTEGERS, _FLOATS),
    look_at_steps: (_FLOATS, _FLOATS, _FLOAT, types.UniTuple(_FLOAT, 2)),
    sort: (_FLOATS, _INTEGERS, _FLOAT, _FLOATS, _INTEGERS),
}
"""What each compiled function is given."""


def compile_drawing() -> bool:
    """Compile it, or read it if it is kept; returns whether it is kept from now on."""
    for part, given in _PARTS.items():
        # A dispatcher's own method, which the function's declared type does not show.
        part.compile(given)  # type: ignore[attr-defined]
    return all(is_kept(part) for part in _PARTS)
