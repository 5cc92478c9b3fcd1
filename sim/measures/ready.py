"""Compiling what measuring compiles, ahead of the first replication."""

from typing import Any

import numpy as np
from numba import from_dtype, types

from sim.kept import compile_ahead, is_kept, must_compile
from sim.log import CHANGE_TYPES
from sim.measures.changes import SERIES, TOTALS, Books, Changes, Stops, walk_log
from sim.measures.visits import Counted, Stamps, go_through

_KEPT: tuple[Any, ...] = (walk_log, go_through)


def measures_must_compile() -> bool:
    """Whether measuring the next replication first takes some seconds to compile."""
    return any(must_compile(function) for function in _KEPT)


def compile_measures() -> bool:
    """Compile now what measuring the first replication would compile.

    Returns:
        Whether it is kept for the programs that start after this one.
    """
    for function, signature in zip(_KEPT, _signatures(), strict=True):
        compile_ahead(function, *signature)
    return is_kept(walk_log)


def _signatures() -> tuple[tuple[Any, ...], ...]:
    """What each is called with: of anything else it would be compiled once more."""
    kinds = [from_dtype(np.dtype(kind)) for kind in CHANGE_TYPES.values()]
    columns = [types.Array(kind, 1, "C", readonly=True) for kind in kinds]
    column = types.Array(types.float64, 1, "C", readonly=True)
    whole, number = types.int64, types.float64
    stamps = types.NamedUniTuple(column, len(Stamps._fields), Stamps)
    changes = types.NamedTuple(columns, Changes)
    tables = [from_dtype(row)[::1] for row in (SERIES, TOTALS)]
    books = types.NamedTuple([*tables, number[::1]], Books)
    stops = types.NamedTuple(
        [
            number[::1],
            whole[::1],
            number[:, :, ::1],
            number[:, :, ::1],
            whole[::1],
            whole[::1],
            whole[:, ::1],
        ],
        Stops,
    )
    counted = types.NamedTuple(
        [
            whole,
            whole,
            whole[::1],
            number,
            whole,
            number,
            number[::1],
            types.uint8[::1],
            number[::1],
            whole,
            number[::1],
            number[::1],
        ],
        Counted,
    )
    return (changes, books, stops), (stamps, counted)
