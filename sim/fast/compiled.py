"""Compiling the loop, and keeping what was compiled for the next run.

Numba looks whether the file of a kept function has changed, but not the files of the functions
that it calls, whose machine code is kept with it; nor at all settings. So what is compiled is
kept in a folder named after everything that goes into it. Where no folder can be written, nothing
is kept and every program that starts compiles anew.
"""

import hashlib
import os
import platform
import sys
from collections.abc import Callable, Iterator
from functools import cache
from itertools import chain
from pathlib import Path
from tempfile import TemporaryFile
from threading import Lock
from typing import Any, TypeVar, cast, get_type_hints

import llvmlite.binding
import numba
from numba import config, from_dtype, njit, types

from sim.fast.rows import rows_of

Function = TypeVar("Function", bound=Callable[..., object])

_TYPES = {int: types.int64, float: types.float64, bool: types.boolean}
_OPTIONS = {"nogil": True, "error_model": "numpy"}
_parts: dict[str, list[Any]] = {}
"""By module, the called before the calling."""
_compiling = Lock()


def compiled(function: Function) -> Function:
    """Compile a function as part of the kept one, for the types that it is annotated with."""
    part = njit(no_cpython_wrapper=True, no_cfunc_wrapper=True, **_OPTIONS)(function)
    _parts.setdefault(function.__module__, []).insert(0, part)
    return cast("Function", part)


def kept(function: Function) -> Function:
    """Compile a function when it is first called, unless it is found in the folder."""
    folder, before = cache_folder(), config.CACHE_DIR
    config.CACHE_DIR = "" if folder is None else str(folder)
    try:
        whole = njit(cache=folder is not None, **_OPTIONS)(function)
    except RuntimeError:  # Numba knows no way to keep it, such as from within a zip file
        whole = njit(**_OPTIONS)(function)
    finally:
        config.CACHE_DIR = before
    return cast("Function", whole)


def must_compile(function: Callable[..., object]) -> bool:
    """Whether calling a kept function will take the time to compile it."""
    if getattr(function, "signatures", ()):
        return False
    folder = cache_folder()
    return folder is None or not any(folder.rglob("*.nbc"))


def compile_parts() -> None:
    """Compile the parts of the kept function, ahead of it.

    Left to itself Numba compiles a part when it meets a call of it, within the compilation of
    the caller: once for every constant that is handed over, and more slowly the deeper it gets.
    Optimisation is left to the whole.
    """
    with _compiling:
        before, config.OPT = config.OPT, 1
        try:
            for part in chain.from_iterable(_parts.values()):
                hints = get_type_hints(part.py_func)
                hints.pop("return", None)
                part.compile(tuple(_type_of(hint) for hint in hints.values()))
                part.disable_compile()
        finally:
            config.OPT = before
            _parts.clear()


def _type_of(hint: Any) -> Any:  # noqa: ANN401 - a class and what Numba calls it
    return _TYPES[hint] if hint in _TYPES else from_dtype(rows_of(hint))


@cache
def cache_folder() -> Path | None:
    """Where what is compiled is kept; None when nothing can be written anywhere."""
    try:
        name = f"dcr-sim-fast-{_fingerprint()}"
    except OSError:  # the sources are no files, but within a zip file
        return None
    for parent in _candidates():
        folder = parent / name
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with TemporaryFile(dir=folder):
                return folder
        except OSError:
            continue
    return None


def _candidates() -> Iterator[Path]:
    """Folders in the order in which they are tried: as Numba is told, beside the code, at home."""
    if config.CACHE_DIR:
        yield Path(config.CACHE_DIR)
    yield Path(__file__).parent / "__pycache__"
    for variable in ("LOCALAPPDATA", "XDG_CACHE_HOME"):
        if folder := os.environ.get(variable):
            yield Path(folder)
    try:
        home = Path.home()
    except RuntimeError:  # nobody's program
        return
    yield home / ("Library/Caches" if sys.platform == "darwin" else ".cache")


def _fingerprint() -> str:
    """Stands for all that goes into the machine code."""
    found = hashlib.sha256()
    here = Path(__file__).parent
    for source in [*sorted(here.glob("*.py")), here.parent / "log.py"]:
        found.update(source.name.encode())
        found.update(source.read_bytes())
    settings = (
        numba.__version__,
        llvmlite.__version__,
        sys.implementation.cache_tag,
        platform.machine(),
        llvmlite.binding.get_host_cpu_name(),
        config.CPU_NAME,
        config.CPU_FEATURES,
        config.BOUNDSCHECK,
        config.OPT,
        config.DEBUGINFO_DEFAULT,
    )
    found.update(repr(settings).encode())
    return found.hexdigest()[:16]
