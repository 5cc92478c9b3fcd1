"""Machine code that is kept for the next run.

Numba looks whether the file of a kept function has changed, but not the files of the functions
that it calls, whose machine code is kept with it; nor at all settings. So what is compiled is
kept in a folder named after everything that goes into it: all modules beside its own. Where no
folder can be written, nothing is kept and every program that starts compiles anew.
"""

import hashlib
import os
import platform
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any, TypeVar, cast

import llvmlite.binding
import numba
from numba import config, njit
from numba.core.caching import FunctionCache
from numba.core.registry import CPUDispatcher
from numba.core.runtime import rtsys

Function = TypeVar("Function", bound=Callable[..., object])

Untyped = Any
"""What Numba and LLVM hand over and take while they compile; neither carries types."""

OPTIONS = {"nogil": True, "error_model": "numpy"}
"""What Numba is told of every function: other threads go on, and dividing by 0 is no error."""
_PART = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True, **OPTIONS}
"""Nothing but compiled functions calls a part."""


def kept(function: Function) -> Function:
    """Compile a function when it is first called, unless it is found in its folder."""
    folder, before = cache_folder(_package(function)), config.CACHE_DIR
    whole = _Whole(function, targetoptions={"nopython": True, **OPTIONS})
    if folder is not None:
        config.CACHE_DIR = str(folder)
        try:
            # Numba may know no way to keep it, such as from within a zip file.
            with suppress(RuntimeError):
                whole.enable_caching()
        finally:
            config.CACHE_DIR = before
    return cast("Function", whole)


def part(function: Function) -> Function:
    """Compile a function as a part of those that call it, with which it is kept."""
    return cast("Function", njit(**_PART)(function))


def inlined(function: Function) -> Function:
    """The same for a small part that is called at every step: it becomes one with its caller."""
    return cast("Function", njit(forceinline=True, **_PART)(function))


class _Whole(CPUDispatcher):
    """What `njit` makes of a function, but for how it is kept."""

    def enable_caching(self) -> None:
        """Look for the machine code where it is kept, and keep it there."""
        self._cache = _Kept(self.py_func)


class _Kept(FunctionCache):
    """What Numba keeps of a function, read without first preparing to compile.

    Numba does prepare, which takes a fifth of the time of a small run. To read machine code needs
    only what hands out memory to it; what compiles prepares for itself.
    """

    def load_overload(self, signature: Untyped, context: Untyped) -> Untyped:
        """What is kept of the function for these types; None if it is not, or cannot be read."""
        rtsys.initialize(context)
        with self._guard_against_spurious_io_errors():
            return self._load_overload(signature, context)


def must_compile(function: Callable[..., object]) -> bool:
    """Whether calling a kept function will take the time to compile it."""
    if getattr(function, "signatures", ()):
        return False
    folder = cache_folder(_package(function))
    return folder is None or not any(folder.rglob(f"*.{function.__name__}-*.nbc"))


def compile_ahead(function: Callable[..., object], *given: Untyped) -> None:
    """Compile a kept function for arguments of these types of Numba, or read what is kept of it."""
    dispatcher: Untyped = function  # what it is, whatever its declared type
    with interruptible():
        dispatcher.compile(given)


@contextmanager
def interruptible() -> Iterator[None]:
    """See that Ctrl-C, or being told to stop, ends a `with` block, at its end at the latest.

    LLVM calls Python back while it compiles, and what is raised there is dropped.
    """
    dropped: list[BaseException] = []
    before = sys.unraisablehook

    def note(event: Untyped) -> None:
        if isinstance(event.exc_value, KeyboardInterrupt | SystemExit):
            dropped.append(event.exc_value)
        else:
            before(event)

    sys.unraisablehook = note
    try:
        yield
    finally:
        sys.unraisablehook = before
    if dropped:
        raise dropped[0]


def is_kept(function: Callable[..., object]) -> bool:
    """Whether there is a folder for what is compiled of a kept function."""
    return cache_folder(_package(function)) is not None


def _package(function: Callable[..., object]) -> Path:
    """The folder of the function's module."""
    return Path(function.__code__.co_filename).parent


@cache
def cache_folder(package: Path) -> Path | None:
    """Where what is compiled of a package is kept; None when nothing can be written anywhere."""
    try:
        name = f"dcr-sim-{package.name}-{_fingerprint(package)}"
    except OSError:  # the sources are no files, but within a zip file
        return None
    for parent in _candidates(package):
        folder = parent / name
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with TemporaryFile(dir=folder):
                return folder
        except OSError:
            continue
    return None


def _candidates(package: Path) -> Iterator[Path]:
    """Folders in the order in which they are tried: as Numba is told, beside the code, at home."""
    if config.CACHE_DIR:
        yield Path(config.CACHE_DIR)
    yield package / "__pycache__"
    for variable in ("LOCALAPPDATA", "XDG_CACHE_HOME"):
        if folder := os.environ.get(variable):
            yield Path(folder)
    try:
        home = Path.home()
    except RuntimeError:  # nobody's program
        return
    yield home / ("Library/Caches" if sys.platform == "darwin" else ".cache")


def _fingerprint(package: Path) -> str:
    """Stands for all that goes into the machine code."""
    found = hashlib.sha256()
    here = Path(__file__)
    for source in [*sorted(package.glob("*.py")), here, here.parent / "log.py"]:
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
