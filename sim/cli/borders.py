"""The program's borders: what the system and libraries throw, in a planner's words.

Files, memory, packages and computers beyond this one fail in more ways than can be listed where
they are used. Whatever they throw and nobody has an answer to arrives at the command line, which
asks here what to say. What the program itself does wrong is not hidden: of that nothing is said.
"""

import errno

NO_MEMORY = (
    "there is not enough memory for this; fewer --workers, a shorter horizon or fewer visits need "
    "less, and the program itself needs about 1 GB"
)
_NO_FOLDER = "the folder in which this was started is no longer there; change to another one"
_LIBRARIES = {
    "bokeh": "a Dask cluster",
    "concurrent": "another process",
    "dask": "a Dask cluster",
    "defusedxml": "a file",
    "distributed": "a Dask cluster",
    "icalendar": "a calendar",
    "llvmlite": "the compiler",
    "lxml": "a file",
    "numba": "the compiler",
    "openpyxl": "an Excel file",
    "pyarrow": "a Parquet file",
    "tornado": "a Dask cluster",
    "xml": "a file",
    "zipfile": "a file",
    "zlib": "a file",
}
"""By the package that defines an exception: what is at fault when it throws one."""
_MAPPED = (
    "cannot allocate memory",
    "could not find/load shared object",
    "error return without exception set",  # Python has no room for the exception itself
    "failed to import",  # a package that is there
    "failed to map segment",
    "out of memory",
    "paging file",
    "raised unreported exception",
    "without setting an exception",
)
"""How the system says that there is no memory for a library."""


_LIMITS: tuple[tuple[type[BaseException], str, str], ...] = (
    (RecursionError, "", "what it was given is nested too deeply"),
    (
        ValueError,
        "embedded null",
        "a name has a NUL character in it, and no file can be called so",
    ),
    (
        RuntimeError,
        "start new thread",
        "the system gives no further threads; fewer --workers need fewer",
    ),
)
"""What is beyond Python or the system: the exception, words in it, what to say."""


def fault(error: BaseException) -> str | None:
    """What went wrong beyond the program and what to do; None if the program is at fault.

    Args:
        error: what was thrown.
    """
    text = " ".join(str(error).split())
    if isinstance(error, MemoryError) or any(words in text.lower() for words in _MAPPED):
        return NO_MEMORY
    if isinstance(error, UnicodeError):
        return _of_letters(error)
    if isinstance(error, OSError):
        return _of_system(error, text)
    if isinstance(error, ImportError):
        return f"a package cannot be loaded ({text}); install the program anew"
    for kind, words, says in _LIMITS:
        if isinstance(error, kind) and words in text:
            return says
    whose = _LIBRARIES.get(type(error).__module__.partition(".")[0])
    return None if whose is None else f"{whose} failed: {text or type(error).__name__}"


def _of_system(error: OSError, text: str) -> str:
    """`results/x.csv: no space left on device`."""
    reason = (error.strerror or text or type(error).__name__).lower()
    if error.filename is not None:
        return f"{error.filename}: {reason}"
    return _NO_FOLDER if error.errno == errno.ENOENT else reason


def _of_letters(error: UnicodeError) -> str:
    if isinstance(error, UnicodeEncodeError):
        name = error.object[error.start : error.end]
        return (
            f"the letters '{name}' cannot be written as {error.encoding} here; rename what is "
            "called so, or set the environment variable PYTHONUTF8=1"
        )
    return f"a file is not text in UTF-8 ({error})"
