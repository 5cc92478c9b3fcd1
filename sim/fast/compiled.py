"""Compiling the loop: part by part, then the whole, which is kept for the next run."""

from collections.abc import Callable
from itertools import chain
from threading import Lock
from typing import Any, TypeVar, cast, get_type_hints

from numba import config, from_dtype, njit, types

from sim.fast.rows import rows_of
from sim.kept import OPTIONS, Untyped, inlined, interruptible, part

Function = TypeVar("Function", bound=Callable[..., object])

Progress = Callable[[int, int], None]
"""Takes how many are done, of how many."""

_TYPES = {int: types.int64, float: types.float64, bool: types.boolean}
_parts: dict[str, list[Any]] = {}
"""By module, the called before the calling."""
_compiling = Lock()


def compiled(function: Function) -> Function:
    """Compile a function into those that call it, for the types that it is annotated with.

    A call costs more than most functions do: calls were a quarter of the time of the loop.
    """
    return _noted(inlined(function))


def within(function: Function) -> Function:
    """The same for a large function that one calls: compiled as its caller's own lines.

    Each part is compiled with all that it calls, so that near the root of the tree the same would
    be compiled at every level.
    """
    return cast("Function", njit(inline="always", **OPTIONS)(function))


def shared(function: Function) -> Function:
    """The same for a large function that many call: compiled once, and called."""
    return _noted(part(function))


def _noted(compiled_part: Function) -> Function:
    _parts.setdefault(compiled_part.__module__, []).insert(0, compiled_part)
    return compiled_part


def compile_parts(progress: Progress | None = None) -> None:
    """Compile the parts of the kept function, ahead of it.

    Left to itself Numba compiles a part when it meets a call of it, within the compilation of
    the caller: once for every constant that is handed over, and more slowly the deeper it gets.
    Optimisation is left to the whole.

    Args:
        progress: is told of each part how many are done, of how many.
    """
    with _compiling:
        before, config.OPT = config.OPT, 1
        try:
            parts = list(chain.from_iterable(_parts.values()))
            for number, one in enumerate(parts, start=1):
                hints = get_type_hints(one.py_func)
                hints.pop("return", None)
                with interruptible():
                    one.compile(tuple(_type_of(hint) for hint in hints.values()))
                one.disable_compile()
                if progress is not None:
                    progress(number, len(parts))
        finally:
            config.OPT = before
            _parts.clear()


def _type_of(hint: type) -> Untyped:
    """What Numba calls a class."""
    return _TYPES[hint] if hint in _TYPES else from_dtype(rows_of(hint))
