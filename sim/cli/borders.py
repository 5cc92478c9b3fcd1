"""The program's borders: what the system and libraries throw, in a planner's words.

Files, memory, packages and computers beyond this one fail in more ways than can be listed where
they are used. Whatever they throw and nobody has an answer to arrives at the command line, which
asks here what to say. What the program itself does wrong is not hidden: of that nothing is said.
"""

import errno
from typing import Any


class Border(str):
    """What is told here: English text that remembers its kind, form and values.

    Nothing of the program is imported for it, since this must be there when that cannot be loaded;
    `sim.scenario.errors.told` makes a fact of it.
    """

    kind: str
    form: str
    values: dict[str, Any]


def border(kind: str, form: str, /, **values: object) -> Border:
    """A fault of a kind.

    Args:
        kind: what it is called in the languages.
        form: the sentence in English, with gaps.
        values: what fills them.
    """
    one = Border(form.format(**values))
    one.kind, one.form, one.values = kind, form, values
    return one


NO_MEMORY = border(
    "there_is_not_enough_memory",
    "there is not enough memory for this; fewer --workers, a shorter horizon or fewer visits need "
    "less, and the program itself needs about 1 GB",
)
_NO_FOLDER = border(
    "the_folder_is_gone",
    "the folder in which this was started is no longer there; change to another one",
)
_CLUSTER, _FILE = border("a_dask_cluster", "a Dask cluster"), border("a_file", "a file")
_COMPILER = border("the_compiler", "the compiler")
_LIBRARIES = {
    "bokeh": _CLUSTER,
    "concurrent": border("another_process", "another process"),
    "dask": _CLUSTER,
    "defusedxml": _FILE,
    "distributed": _CLUSTER,
    "icalendar": border("a_calendar", "a calendar"),
    "llvmlite": _COMPILER,
    "lxml": _FILE,
    "numba": _COMPILER,
    "openpyxl": border("an_excel_file", "an Excel file"),
    "pyarrow": border("a_parquet_file", "a Parquet file"),
    "tornado": _CLUSTER,
    "xml": _FILE,
    "zipfile": _FILE,
    "zlib": _FILE,
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


_LIMITS: tuple[tuple[type[BaseException], str, Border], ...] = (
    (RecursionError, "", border("nested_too_deeply", "what it was given is nested too deeply")),
    (
        ValueError,
        "embedded null",
        border(
            "a_name_has_a_nul", "a name has a NUL character in it, and no file can be called so"
        ),
    ),
    (
        RuntimeError,
        "start new thread",
        border(
            "no_further_threads", "the system gives no further threads; fewer --workers need fewer"
        ),
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
    for kind, words, says in _LIMITS:
        if isinstance(error, kind) and words in text:
            return says
    return _of_library(error, text)


def _of_library(error: BaseException, text: str) -> Border | None:
    if isinstance(error, ImportError):
        form = "a package cannot be loaded ({text}); install the program anew"
        return border("a_package_cannot_be_loaded", form, text=text)
    whose = _LIBRARIES.get(type(error).__module__.partition(".")[0])
    if whose is None:
        return None
    return border(
        "failed", "{whose} failed: {what}", whose=whose, what=text or type(error).__name__
    )


def _of_system(error: OSError, text: str) -> str:
    """`results/x.csv: no space left on device`."""
    reason = (error.strerror or text or type(error).__name__).lower()
    if error.filename is not None:
        return f"{error.filename}: {reason}"
    return _NO_FOLDER if error.errno == errno.ENOENT else reason


def _of_letters(error: UnicodeError) -> str:
    if isinstance(error, UnicodeEncodeError):
        name = error.object[error.start : error.end]
        return border(
            "letters_cannot_be_written",
            "the letters '{name}' cannot be written as {encoding} here; rename what is called so, "
            "or set the environment variable PYTHONUTF8=1",
            name=name,
            encoding=error.encoding,
        )
    return border("a_file_is_not_utf_8", "a file is not text in UTF-8 ({error})", error=str(error))
