"""Machine code, cached for the next run: once a machine, whichever clone or wheel runs.

Numba looks whether the file of a compiled function has changed, by its time, but not the files of
the functions that it calls, whose machine code goes with it; nor at all settings; and what it keeps
belongs to one folder of sources. So what is compiled is cached in the user's cache folder under all
that goes into it: the sources, the constants, the versions, the settings, the processor. The same
sources elsewhere find it, others never do. Each entry is a file of its own that is put in place
whole and carries a digest: programs that compile at the same time, or are interrupted, leave no
harm. Where no folder can be written nothing is cached and every program compiles anew.
"""

import os
import pickle
import platform
import re
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dis import get_instructions
from enum import Enum
from functools import cache
from hashlib import blake2b
from pathlib import Path
from tempfile import TemporaryFile
from threading import Lock
from types import ModuleType
from typing import Any, TypeVar, cast, get_type_hints
from uuid import uuid4

import llvmlite
import llvmlite.binding
import numba
import numpy as np
from numba import config, njit, types
from numba.core.caching import CompileResultCacheImpl, FunctionCache
from numba.core.registry import CPUDispatcher
from numba.core.runtime import rtsys
from numba.core.serialize import dumps

Function = TypeVar("Function", bound=Callable[..., object])

Untyped = Any
"""What Numba and LLVM hand over and take while they compile; neither carries types."""

OPTIONS = {"nogil": True, "error_model": "numpy"}
"""What Numba is told of every function: other threads go on, and dividing by 0 is no error."""
_PART = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True, **OPTIONS}
"""Nothing but compiled functions calls a part."""

LIMIT = 128 * 2**20
"""Bytes in all; what was used least lately goes first. All of one version take some 6 MB."""
_ENTRY, _DRAFT = ".machine", ".part"
_ABANDONED = 24 * 3600.0
"""Seconds after which a draft is one of a program that was killed."""
_DIGEST = 32
_SETTINGS_ONLY = "scenario"
"""The room in which nothing is compiled: what others take from it counts by its value."""


def compiled(function: Function) -> Function:
    """Compile a function when it is first called, unless its machine code is cached."""
    whole = _Whole(function, targetoptions={"nopython": True, **OPTIONS})
    whole.enable_caching()
    return cast("Function", whole)


def part(function: Function) -> Function:
    """Compile a function as a part of those that call it, with which it is cached."""
    return cast("Function", njit(**_PART)(function))


def inlined(function: Function) -> Function:
    """The same for a small part that is called at every step: it becomes one with its caller.

    A call costs more than most parts of the engine do: calls were a quarter of its time.
    """
    return cast("Function", njit(forceinline=True, **_PART)(function))


def within(function: Function) -> Function:
    """The same for a large part that one function calls: compiled as its caller's own lines.

    Each part is compiled with all that it calls, so that near the root of the tree the same would
    be compiled at every level.
    """
    return cast("Function", njit(inline="always", **OPTIONS)(function))


class _Whole(CPUDispatcher):
    """What `njit` makes of a function, but for how it is cached."""

    def enable_caching(self) -> None:
        """Look for the machine code in our cache, and put it there."""
        self._cache = _Cache(self.py_func)


class _Packing(CompileResultCacheImpl):
    """How Numba packs what it has compiled; it needs no place of its own for that."""

    def __init__(self, function: Callable[..., object]) -> None:
        self._lineno = function.__code__.co_firstlineno
        self._locator = self
        self._py_file = function.__code__.co_filename


class _Cache(FunctionCache):
    """The machine code of a function, read without first preparing to compile.

    Numba does prepare, which takes a fifth of the time of a small run. To read machine code needs
    only what hands out memory to it; what compiles prepares for itself.
    """

    def __init__(self, function: Callable[..., object]) -> None:
        self._name, self._py_func = repr(function), function
        self._impl = _Packing(function)
        self._cache_path = ""
        self.enable()

    def load_overload(self, signature: Untyped, context: Untyped) -> Untyped:
        """The machine code for these types; None if it is not cached, or is damaged."""
        rtsys.initialize(context)
        path = self._entry(signature)
        content = None if path is None else _content(path)
        if path is None or content is None:
            return None
        _read.clear()  # megabytes that are not needed twice
        key, packed = pickle.loads(content)
        if key != self._index_key(signature, context.codegen()):
            return None
        with suppress(OSError):
            os.utime(path)  # used just now: pruned late
        return self._impl.rebuild(context, packed)

    def save_overload(self, signature: Untyped, compiled: Untyped) -> None:
        """Cache what was compiled; an entry that cannot be written is done without."""
        path = self._entry(signature)
        if path is None or not self._impl.check_cachable(compiled):
            return
        key = self._index_key(signature, compiled.codegen)
        content = dumps((key, self._impl.reduce(compiled)))
        draft = path.with_name(f"{path.stem}.{uuid4().hex}{_DRAFT}")
        try:
            draft.write_bytes(_digest(content) + content)
            # Whoever reads meanwhile sees a whole entry or none.
            draft.replace(path)
        except OSError:
            with suppress(OSError):
                draft.unlink(missing_ok=True)
            return
        prune(path.parent)

    def flush(self) -> None:
        """Nothing: an entry goes by its content."""

    def _entry(self, signature: Untyped) -> Path | None:
        """Where the machine code for these types is, or would be."""
        folder, stem = cache_folder(), stem_of(self._py_func)
        if folder is None or stem is None:
            return None
        types = blake2b(repr(signature).encode(), digest_size=8).hexdigest()
        return folder / f"{stem}-{types}{_ENTRY}"


def must_compile(function: Callable[..., object]) -> bool:
    """Whether calling a compiled function will first take the time to compile it."""
    if getattr(function, "signatures", ()):
        return False
    folder, stem = cache_folder(), stem_of(function)
    if folder is None or stem is None:
        return True
    return all(_content(path) is None for path in folder.glob(f"{stem}-*{_ENTRY}"))


def compile_ahead(function: Callable[..., object], *given: Untyped) -> None:
    """Compile a function for arguments of these types of Numba, or read what is cached of it."""
    dispatcher: Untyped = function  # what it is, whatever its declared type
    with interruptible():
        dispatcher.compile(given)


Progress = Callable[[int, int], None]
"""Takes how many are done, of how many."""

_compiling = Lock()


def compile_parts(
    function: Callable[..., object],
    row_type: Callable[[type], Untyped],
    progress: Progress | None = None,
) -> None:
    """Compile the parts of a function, ahead of it, for the types that they are annotated with.

    Left to itself Numba compiles a part when it meets a call of it, within the compilation of
    the caller: once for every constant that is handed over, and more slowly the deeper it gets.
    Optimisation is left to the whole.

    Args:
        function: what calls them.
        row_type: gives what Numba calls a class that says what is in a row of a table.
        progress: is told of each part how many are done, of how many.
    """
    known = {int: types.int64, float: types.float64, bool: types.boolean}
    with _compiling:
        before, config.OPT = config.OPT, 1
        try:
            parts = [one for one in _called_first(function) if not one.signatures]
            for number, one in enumerate(parts, start=1):
                hints = get_type_hints(one.py_func)
                hints.pop("return", None)
                with interruptible():
                    one.compile(tuple(known.get(hint) or row_type(hint) for hint in hints.values()))
                one.disable_compile()
                if progress is not None:
                    progress(number, len(parts))
        finally:
            config.OPT = before


def _called_first(function: Untyped) -> list[Untyped]:
    """The parts of a function, the called before the calling."""
    found: dict[Untyped, None] = {}

    def add(caller: Untyped) -> None:
        for called in _named(caller.py_func):
            if isinstance(called, CPUDispatcher) and called not in found:
                add(called)
                if called.targetoptions.get("inline") != "always":
                    found[called] = None

    add(function)
    return list(found)


def _named(function: Untyped) -> Iterator[object]:
    """What the names in a function stand for, but for its own variables and for attributes."""
    for step in get_instructions(function):
        if step.opname == "LOAD_GLOBAL" and step.argval in function.__globals__:
            yield function.__globals__[step.argval]
    for cell in function.__closure__ or ():
        yield cell.cell_contents


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


def is_cached(function: Callable[..., object]) -> bool:
    """Whether what is compiled of a function is found by the programs that start later."""
    return cache_folder() is not None and stem_of(function) is not None


# --- where --------------------------------------------------------------------------------------


@cache
def cache_folder() -> Path | None:
    """Where machine code is cached; None when nothing can be written anywhere."""
    for folder in _candidates():
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with TemporaryFile(dir=folder):
                return folder
        except OSError:
            continue
    return None


def _candidates() -> Iterator[Path]:
    """Folders in the order in which they are tried: as Numba is told, the user's, by the code."""
    if config.CACHE_DIR:
        yield Path(config.CACHE_DIR) / "dcr-sim"
    for variable in ("LOCALAPPDATA", "XDG_CACHE_HOME"):
        folder = os.environ.get(variable, "")
        if Path(folder).is_absolute():  # others are to be ignored, says XDG
            yield Path(folder) / "dcr-sim"
    with suppress(RuntimeError):  # nobody's program
        home = Path.home()
        yield home / ("Library/Caches" if sys.platform == "darwin" else ".cache") / "dcr-sim"
    yield Path(__file__).parent / "__pycache__" / "dcr-sim"


def prune(folder: Path, limit: int = LIMIT) -> None:
    """Remove what killed programs left, and the entries used least lately beyond a limit.

    Args:
        folder: of the entries.
        limit: bytes.
    """
    found = []
    with suppress(OSError):
        for path in folder.iterdir():
            with suppress(OSError):  # removed meanwhile by another program
                seen = path.stat()
                if path.suffix == _ENTRY:
                    found.append((seen.st_mtime, seen.st_size, path))
                elif path.suffix == _DRAFT and seen.st_mtime < time.time() - _ABANDONED:
                    path.unlink()
    total = 0
    for _, size, path in sorted(found, reverse=True):
        total += size
        if total > limit:
            with suppress(OSError):
                path.unlink()


def _digest(content: bytes) -> bytes:
    return blake2b(content, digest_size=_DIGEST).digest()


_read: dict[Path, bytes] = {}
"""What was read of entries to see whether they are whole, until it is made use of."""


def _content(path: Path) -> bytes | None:
    """What an entry holds; None if it is not there or not as it was written."""
    if path in _read:
        return _read[path]
    try:
        entry = path.read_bytes()
    except OSError:
        return None
    digest, content = entry[:_DIGEST], entry[_DIGEST:]
    if _digest(content) != digest:
        return None
    return _read.setdefault(path, content)


# --- the key ------------------------------------------------------------------------------------


def stem_of(function: Callable[..., object]) -> str | None:
    """How entries of a function begin: its name and all that goes into its machine code.

    None where the sources cannot be read, such as within a zip file.
    """
    code = getattr(function, "py_func", function)
    try:
        name = re.sub(r"[^\w.]", "", f"{code.__module__}.{code.__qualname__}")
        return f"{name}-{_fingerprint(code.__module__)}"
    except OSError:
        return None


@cache
def _fingerprint(module: str) -> str:
    """Stands for all that goes into the machine code of a module's functions."""
    found = blake2b(digest_size=16)
    for name, source in sorted(_sources(module).items()):
        found.update(f"{name} {len(source)}\n".encode())
        found.update(source)
        found.update(_constants(sys.modules.get(name)).encode())
    found.update(repr(_settings()).encode())
    return found.hexdigest()


def _settings() -> tuple[object, ...]:
    """Versions, what the compiler is told beside its own key, and the processor."""
    return (
        numba.__version__,
        llvmlite.__version__,
        np.__version__,
        sys.version_info[:3],
        sys.implementation.cache_tag,
        sys.platform,
        platform.machine(),
        llvmlite.binding.get_process_triple(),
        llvmlite.binding.get_host_cpu_name(),
        llvmlite.binding.get_host_cpu_features().flatten(),
        *(getattr(config, name, None) for name in _OF_COMPILER),
    )


_OF_COMPILER = (
    "BOUNDSCHECK",
    "CPU_FEATURES",
    "CPU_NAME",
    "DEBUGINFO_DEFAULT",
    "DEBUG_NRT",
    "DISABLE_JIT",
    "FULL_TRACEBACKS",
    "LLVM_PASS_TIMINGS",
    "LLVM_REFPRUNE_PASS",
    "LOOP_VECTORIZE",
    "NRT_STATS",
    "OPT",
    "SLP_VECTORIZE",
)


def _sources(module: str) -> dict[str, bytes]:
    """By name, the source of a module and of all that it imports, where anything is compiled.

    Raises:
        OSError: one is no file.
    """
    found: dict[str, bytes] = {}
    waiting = [module, __name__]
    while waiting:
        name = waiting.pop()
        path = _file_of(name)
        if name in found or path is None or _room(name) == _SETTINGS_ONLY:
            continue
        found[name] = path.read_bytes()
        imported = _IMPORTS.findall(found[name].decode())
        waiting += [one for pair in imported for one in pair if one]
    return found


_IMPORTS = re.compile(r"^\s*(?:from (sim[\w.]*) import|import (sim[\w.]*))", re.MULTILINE)


def _file_of(module: str) -> Path | None:
    """A module's file; None if it was not imported."""
    file = getattr(sys.modules.get(module), "__file__", None)
    return None if file is None else Path(file)


def _room(module: str) -> str:
    return module.split(".")[1] if module.startswith("sim.") else ""


def _constants(module: ModuleType | None) -> str:
    """The constants that functions of a module can see, wherever they are from.

    Numba freezes them into the machine code.
    """
    names = vars(module) if module is not None else {}
    return "\n".join(
        f"{name}={text}"
        for name, value in sorted(names.items())
        if not name.startswith("__") and (text := _constant(value)) is not None
    )


def _constant(value: object) -> str | None:
    """A constant as text that says all of it; None of what is none."""
    if isinstance(value, type):
        return repr(list(value)) if issubclass(value, Enum) else None
    if isinstance(value, bool | int | float | str | bytes | Enum | np.generic | np.dtype):
        return f"{type(value).__name__} {value!r}"
    if isinstance(value, np.ndarray):
        return f"{value.dtype} {value.shape} {blake2b(value.tobytes()).hexdigest()}"
    if isinstance(value, tuple):
        parts = [_constant(one) for one in value]
        return None if None in parts else repr(parts)
    return None
