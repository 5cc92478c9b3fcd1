"""Compiling what drawing needs ahead of the first replication."""

from collections.abc import Callable
from typing import Any

from numba import types

from sim.compiled import compile_ahead, is_cached, must_compile
from sim.visitors.in_order import sort
from sim.visitors.numbers import look_up
from sim.visitors.thinning import thin

_FLOAT, _FLOATS, _INTEGERS = types.float64, types.float64[::1], types.int64[::1]
_SEEDS = types.uint32[:, ::1]
_PARTS: dict[Callable[..., object], tuple[Any, ...]] = {
    look_up: (_SEEDS, _INTEGERS, _INTEGERS, _FLOATS),
    thin: (_FLOATS, _FLOATS, _FLOAT, types.UniTuple(_FLOAT, 2), _SEEDS),
    sort: (_FLOATS, _INTEGERS, _FLOAT, _FLOATS, _INTEGERS),
}
"""What each compiled function is given."""


def drawing_must_compile() -> bool:
    """Whether drawing the next visitors first takes some seconds to compile."""
    return any(must_compile(part) for part in _PARTS)


def compile_drawing() -> bool:
    """Compile it, or read it if it is kept; returns whether it is kept from now on."""
    for part, given in _PARTS.items():
        compile_ahead(part, *given)
    return all(is_cached(part) for part in _PARTS)
