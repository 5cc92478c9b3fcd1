"""Compiling whatever the first replication would compile."""

from collections.abc import Callable

from sim.compiled import is_cached
from sim.engine import Engine, compile_engine, must_compile
from sim.measures import compile_measures, measures_must_compile
from sim.study.cluster import processes
from sim.visitors import compile_drawing, drawing_must_compile

_WHOLE = 0.5
"""What the whole engine takes to compile after its parts, in the time that they took."""


def anything_must_compile(engine: Engine) -> bool:
    """Whether the next replication first takes some seconds to compile, or even half a minute."""
    return must_compile(engine) or measures_must_compile() or drawing_must_compile()


def compile_all(engine: Engine, progress: Callable[[int, int], None] | None = None) -> bool:
    """Compile the engine, and what draws and measures.

    Another process sees to the latter in the meantime, and keeps it; this one then reads it. One
    process alone compiles one thing at a time, whatever its threads.

    Args:
        engine: of the replications to come.
        progress: is told how many steps of the work are done, of about how many.

    Returns:
        Whether it is kept for the programs that start after this one.
    """
    if not must_compile(engine):
        return _compile_rest()

    def tell(done: int, of: int) -> None:
        if progress is not None:
            progress(done, round(of * (1 + _WHOLE)))

    if not (is_cached(compile_drawing) and is_cached(compile_measures)):
        # What another process compiles would be lost with it.
        return all([_compile_rest(), compile_engine(engine, tell)])
    with processes(1) as beside:
        beside.executor.submit(_compile_rest)
        kept = compile_engine(engine, tell)
    return _compile_rest() and kept


def _compile_rest() -> bool:
    return all([compile_drawing(), compile_measures()])
