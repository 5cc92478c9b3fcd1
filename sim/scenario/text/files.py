"""Files that a scenario is read from: which may be read, their text, and why one has none."""

import codecs
import errno
import os
import stat
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from sim.scenario.errors.problem import Place, Problem, closest, of_system
from sim.scenario.errors.told import told

LARGEST_SCENARIO = 1_000_000
"""Bytes of a scenario file."""
_may_read: ContextVar[Collection[Path] | None] = ContextVar("may_read", default=None)
"""Files that may be read beside those of the scenario's folder; None for all of them."""


@contextmanager
def only_its_folder(also: Collection[Path] = ()) -> Iterator[None]:
    """While this lasts, a scenario reads no file outside its own folder: for one from strangers.

    Args:
        also: files outside it that may be read, in full and with links followed.
    """
    before = _may_read.set(also)
    try:
        yield
    finally:
        _may_read.reset(before)


def file_of(scenario: Path, path: Path) -> Path:
    """A file that a scenario names, or the scenario itself, as far as it may be read.

    Args:
        scenario: the scenario's file.
        path: the file wanted.

    Raises:
        OSError: it is outside the scenario's folder, or a link leads out of that, while
            `only_its_folder` lasts.
    """
    also = _may_read.get()
    if also is not None:
        try:
            whole = path.resolve()
            inside = whole in also or whole.is_relative_to(scenario.parent.resolve())
        except (OSError, RuntimeError, ValueError):  # links that go in circles, a NUL in the name
            inside = False
        if not inside:
            # Where other files may be read it is not the command line that says so.
            keeper = told("this_page", "this page") if also else "--untrusted"
            message = told(
                "it_is_not_in_the_scenario_s",
                "it is not in the scenario's folder, to which {keeper} keeps; put it there",
                keeper=keeper,
            )
            raise OSError(errno.EINVAL, message, str(path))
    return path


@dataclass(frozen=True)
class Asked:
    """A file to read, and who asks for it."""

    path: Path
    place: Place
    key: str

    def problem(self, message: str) -> Problem:
        """What is wrong, told where it was asked for."""
        return Problem(self.place, self.key, message)


def read_file(asked: Asked, scenario: Path) -> str | Problem:
    """The text of a file, or why it is none.

    Args:
        asked: the file.
        scenario: that names it, or the same.
    """
    path = asked.path
    of_other = f" ({path})" if asked.key else ""
    try:
        other = _OTHER_FILES.get(file_of(scenario, path).suffix.lower())
        if other is not None and _is_file(path):
            return asked.problem(
                told(
                    "is_a_scenario_is_a_text_file",
                    "is {other}{of_other}; a scenario is a text file, .yaml{used_by}",
                    other=other,
                    of_other=of_other,
                    used_by=_USED_BY,
                )
            )
        raw = ordinary_file(file_of(scenario, path), LARGEST_SCENARIO)
    except OSError as error:
        return asked.problem(_unreadable(error, path, of_other))
    try:
        return raw.removeprefix(codecs.BOM_UTF8).decode()
    except UnicodeDecodeError as error:
        return _not_utf8(str(path), error)


def _unreadable(error: OSError, path: Path, of_other: str) -> str:
    """Why a file cannot be read, and what to do."""
    if isinstance(error, FileNotFoundError):
        near = _similar_file(path)
        return told("no_such_file", "there is no such file{file}{near}", file=of_other, near=near)
    if isinstance(error, IsADirectoryError):
        return told("is_a_folder", "is a folder{file}; name the scenario file in it", file=of_other)
    if isinstance(error, PermissionError):
        form = "you may not read this file{file}; ask its owner"
        return told("may_not_read", form, file=of_other)
    return told(
        "cannot_be_read_read",
        "cannot be read{of_other}: {strerror}",
        of_other=of_other,
        strerror=of_system(error),
    )


def ordinary_file(path: Path, limit: int) -> bytes:
    """What is in a file, which must be an ordinary one: no pipe, no device, nothing endless.

    A pipe is not waited for, and of a file that grows while it is read no more than the limit is.

    Args:
        path: the file.
        limit: the most bytes that are read.

    Raises:
        OSError: whatever is in the way, as the fitting subclass; `strerror` says it in words.
    """
    flags = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0)
    try:
        descriptor = os.open(path, flags)
    except ValueError as error:  # a NUL in the name
        raise OSError(errno.EINVAL, str(error), str(path)) from None
    with os.fdopen(descriptor, "rb") as file:
        found = os.fstat(descriptor)
        if stat.S_ISDIR(found.st_mode):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
        if not stat.S_ISREG(found.st_mode):
            raise OSError(
                errno.EINVAL,
                told(
                    "it_is_no_ordinary_file_but_a", "it is no ordinary file, but a pipe or a device"
                ),
                str(path),
            )
        raw = b"" if found.st_size > limit else b"".join(_pieces(file, limit + 1))
    if found.st_size > limit or len(raw) > limit:
        message = told(
            "it_is_larger_than_mb_the_most",
            "it is larger than {limit:,g} MB, the most that is read",
            limit=limit / 1e6,
        )
        raise OSError(errno.EFBIG, message, str(path))
    return raw


def _pieces(file: BinaryIO, limit: int) -> Iterator[bytes]:
    """A file bit by bit, since room for the limit would be taken at once."""
    while limit > 0 and (piece := file.read(min(limit, 1 << 20))):
        limit -= len(piece)
        yield piece


_USED_BY = told(
    "name_that_or_write_one_with_shifts",
    ": name that, or write one with `new`; shifts in a table are read with "
    "`rota import`, and visits by hour with `week: {{file: …}}` in a scenario",
)
_OTHER_FILES = {
    **dict.fromkeys((".xlsx", ".xlsm", ".xls", ".xlsb"), told("an_excel_file", "an Excel file")),
    **dict.fromkeys((".csv", ".tsv"), told("a_table", "a table")),
    **dict.fromkeys((".docx", ".doc", ".odt"), told("a_text_document", "a text document")),
    ".ods": told("a_spreadsheet", "a spreadsheet"),
    ".ics": told("a_calendar", "a calendar"),
    ".pdf": told("a_pdf", "a PDF"),
    ".parquet": told("a_parquet_table", "a Parquet table"),
}
"""What people have at hand that is no scenario, by the ending of its name."""
_SCENARIO_FOLDER = "scenarios"
_ENDINGS = (".yaml", ".yml")


def meant_file(path: Path) -> Path | None:
    """The scenario that a name which is no file's stands for: one in the usual folder, say.

    Args:
        path: the name, with or without an ending, such as `h17` for `scenarios/h17.yaml`.
    """
    names = [path.name, *(f"{path.name}{ending}" for ending in _ENDINGS)]
    names += [f"{path.stem}{ending}" for ending in _ENDINGS if path.suffix in _ENDINGS]
    for folder in (path.parent, path.parent / _SCENARIO_FOLDER):
        for name in names:
            if name.endswith(_ENDINGS) and _is_file(folder / name):
                return folder / name
    return None


def _similar_file(path: Path) -> str:
    """The file that was meant: in the usual folder, with an ending, or spelt another way."""
    if meant := meant_file(path):
        return told("did_you_mean_key", "; did you mean `{near}`?", near=str(meant))
    for folder in (path.parent, path.parent / _SCENARIO_FOLDER):
        try:
            others = sorted(one.name for one in folder.iterdir() if one.suffix in _ENDINGS)
        except OSError:
            continue
        if near := closest(path.with_suffix(".yaml").name, others):
            inside = "" if folder == path.parent else f"{folder}/"
            return told("did_you_mean_key", "; did you mean `{near}`?", near=f"{inside}{near}")
    return ""


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):  # too long a name, or one with a NUL
        return False


def _not_utf8(file: str, error: UnicodeDecodeError) -> Problem:
    raw = error.object
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return Problem(
            Place(file),
            "",
            told("is_text_in_utf_16_save_it", "is text in UTF-16; save it as UTF-8"),
        )
    lines = raw[: error.start].decode().replace("\r\n", "\n").replace("\r", "\n").split("\n")
    message = told(
        "has_a_byte_that_is_not_utf_read",
        "has a byte ({raw:#04x}) that is not UTF-8 text; save the file as UTF-8",
        raw=raw[error.start],
    )
    return Problem(Place(file, len(lines), len(lines[-1]) + 1), "", message)
