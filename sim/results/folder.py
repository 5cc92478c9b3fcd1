"""Results folders and files that are replaced as a whole, or not at all."""

import errno
import json
import os
import re
import shutil
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from threading import current_thread, main_thread
from typing import Any
from uuid import uuid4

from sim.scenario.errors.problem import of_system
from sim.scenario.errors.told import told

if sys.platform != "win32":
    import fcntl

MANIFEST = "manifest.json"
"""The file by which a folder is known to hold results."""
_DRAFT, _EARLIER, _PART = ".new", ".earlier", ".part"
_PAGE = re.compile(r"report(\.[a-z]{2})?\.html|explore\.html")
_HIDDEN = re.compile(r"\.(?P<name>.+)\.[0-9a-f]+(\.new|\.earlier|\.part)", re.DOTALL)
"""Names of what is being written, and of what it is about to replace."""
_OLD_PART = ".report.html.new"
"""A half-written page of 0.1.0."""
_ABANDONED = 24 * 60 * 60.0
"""Seconds after which litter is nobody's, where a system cannot tell who is writing."""
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


class ResultsError(Exception):
    """Results cannot be read where they are, or written where they should be; it says why."""


def is_page(name: str) -> bool:
    """Whether a file is a page drawn from results: `report.html`, that of a language, or others."""
    return _PAGE.fullmatch(name) is not None


@contextmanager
def writing(where: Path) -> Iterator[None]:
    """Turn what the system says when a file cannot be written into a ResultsError."""
    try:
        yield
    except OSError as error:
        more = (
            told(
                "make_room_earlier_results_are_as_they",
                "; make room, earlier results are as they were",
            )
            if error.errno in _FULL
            else ""
        )
        raise ResultsError(
            told(
                "cannot_write",
                "cannot write {seen}: {why}{more}",
                seen=_seen(where),
                why=why(error),
                more=more,
            )
        ) from error


def why(error: OSError) -> str:
    """What the system says, without its number and the file."""
    return of_system(error)


def plain_path(path: Path) -> Path:
    """The path in full, links followed.

    Raises:
        ResultsError: no file can have such a name, or the folder that this runs in is gone.
    """
    try:
        if b"\0" in os.fsencode(path):
            raise ResultsError(
                told(
                    "is_no_name_for_a_file_it",
                    "{path!a} is no name for a file: it holds a zero byte",
                    path=str(path),
                )
            )
        return path.resolve()
    except OSError as error:
        raise ResultsError(
            told("cannot_find", "cannot find {path}: {why}", path=path, why=why(error))
        ) from error
    except (ValueError, RuntimeError) as error:  # half a character; links in a circle
        raise ResultsError(
            told(
                "is_no_name_for_a_file",
                "{path!a} is no name for a file: {error}",
                path=str(path),
                error=error,
            )
        ) from error


@contextmanager
def new_results(folder: Path) -> Iterator[Path]:
    """A draft folder to write into, which takes the place of `folder` when the block ends well.

    When the block fails or is interrupted, the draft is removed and earlier results stay as they
    are. Files that somebody else put among the earlier results are carried over; files that the
    earlier run wrote, and pages drawn from it, are not.

    Args:
        folder: where the results go. It may exist if it is empty or holds results.

    Yields:
        The draft, a folder beside it.

    Raises:
        ResultsError: the folder holds something else, or cannot be written.
    """
    target = plain_path(folder)
    draft = target.with_name(_hidden(target.name, _DRAFT))
    with writing(folder):
        recover(target)
        _check(target)
        target.parent.mkdir(parents=True, exist_ok=True)
        draft.mkdir()
    with _held(draft):
        try:
            yield draft
        except BaseException:
            shutil.rmtree(draft, ignore_errors=True)
            raise
        try:
            _carry_over(target, draft)
            _swap(draft, target)
        except OSError as error:
            # Perhaps a file is open in another program. Hours of computing are not thrown away.
            raise ResultsError(
                told(
                    "cannot_replace_the_new_results_are_in",
                    "cannot replace {folder}: {why}; the new results are in {kept_aside}",
                    folder=folder,
                    why=why(error),
                    kept_aside=_kept_aside(draft, target),
                )
            ) from error
    shutil.rmtree(draft, ignore_errors=True)  # by now the earlier results


def check_file(path: Path) -> Path:
    """The path in full of a file that is to be written; nothing is written yet.

    Raises:
        ResultsError: there is a folder of that name or a device, or no file can have it.
    """
    target = plain_path(path)
    with writing(path):
        if target.is_dir():
            raise ResultsError(
                told(
                    "cannot_write_it_is_a_folder_name",
                    "cannot write {path}: it is a folder; name a file",
                    path=path,
                )
            )
        if target.exists() and not target.is_file():
            raise ResultsError(
                told(
                    "cannot_write_it_is_no_ordinary_file",
                    "cannot write {path}: it is no ordinary file",
                    path=path,
                )
            )
    return target


@contextmanager
def new_file(path: Path) -> Iterator[Path]:
    """A draft of a file, which takes its place when the block ends well.

    What an earlier, killed program left half-written is removed.

    Args:
        path: the file. Its folder is made if need be.

    Yields:
        The draft, an empty file beside it.

    Raises:
        ResultsError: it cannot be written.
    """
    target = check_file(path)
    draft = target.with_name(_hidden(target.name, _PART))
    with writing(path):
        target.parent.mkdir(parents=True, exist_ok=True)
        _sweep_up(target)
        draft.touch(exist_ok=False)
    try:
        with _held(draft), writing(path):
            yield draft
            draft.replace(target)
    except BaseException:
        with suppress(OSError):
            draft.unlink(missing_ok=True)
        raise


@contextmanager
def new_files(paths: Sequence[Path]) -> Iterator[list[Path]]:
    """Drafts of several files, which take their places together when the block ends well.

    Ctrl-C in the moment in which they do waits until all have; the first file is put in place last.

    Args:
        paths: the files.

    Yields:
        The drafts, in the same order.

    Raises:
        ResultsError: one of them cannot be written; then none is.
    """
    with _unbroken() as undisturbed, ExitStack() as files:
        yield [files.enter_context(new_file(one)) for one in paths]
        undisturbed()


@contextmanager
def _unbroken() -> Iterator[Callable[[], None]]:
    """Gives what is called when Ctrl-C is to wait for the end of the block."""
    asked: list[object] = []
    before: list[Any] = []

    def from_here() -> None:
        if current_thread() is main_thread():
            before.append(signal.signal(signal.SIGINT, lambda *_: asked.append(None)))

    try:
        yield from_here
    finally:
        if before:
            signal.signal(signal.SIGINT, before[0])
    if asked:
        raise KeyboardInterrupt


def recover(target: Path) -> None:
    """Put back earlier results whose replacement was killed half way, and remove its litter.

    What another program is just writing, or has under a longer name, is left alone.

    Args:
        target: a folder of results, as `plain_path` gives it.

    Raises:
        OSError: it cannot be put back.
    """
    for path in _hidden_of(target, _EARLIER):
        if _in_use(path.with_suffix(_DRAFT)):
            continue
        if not target.exists():
            path.rename(target)
        else:
            shutil.rmtree(path, ignore_errors=True)
    _sweep_up(target)


def _hidden(name: str, kind: str) -> str:
    return f".{name}.{uuid4().hex}{kind}"


def _seen(path: Path) -> Path:
    """The file that somebody asked for, of a draft."""
    found = _HIDDEN.fullmatch(path.name)
    return path if found is None else path.with_name(found["name"])


def _hidden_of(target: Path, kind: str) -> list[Path]:
    """What is hidden beside a file or folder under its very name, the latest first."""
    if not target.name or not target.parent.is_dir():
        return []
    found = []
    for path in target.parent.iterdir():
        named = _HIDDEN.fullmatch(path.name)
        if named is not None and named["name"] == target.name and path.name.endswith(kind):
            found.append(path)
    return sorted(found, key=_modified, reverse=True)


def _modified(path: Path) -> float:
    try:
        return path.lstat().st_mtime
    except OSError:  # just removed by somebody else
        return 0.0


def _sweep_up(target: Path) -> None:
    """Remove drafts of programs that were killed."""
    for path in (*_hidden_of(target, _DRAFT), *_hidden_of(target, _PART)):
        if _in_use(path):
            continue
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            with suppress(OSError):
                path.unlink()


@contextmanager
def _held(draft: Path) -> Iterator[None]:
    """Tell other programs that a draft is being written; a killed one tells it no longer."""
    if sys.platform == "win32":
        yield
        return
    with writing(draft):
        handle = os.open(draft, os.O_RDONLY)
    try:
        with suppress(OSError):  # some network drives know no locks
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(handle)


def _in_use(draft: Path) -> bool:
    """Whether a program is writing a draft."""
    if not draft.exists():
        return False
    recent = _modified(draft) > time.time() - _ABANDONED
    if sys.platform == "win32":
        return recent
    try:
        handle = os.open(draft, os.O_RDONLY | os.O_NONBLOCK)
    except OSError:
        return recent
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return recent
    finally:
        os.close(handle)
    return False


def _check(target: Path) -> None:
    """Refuse to touch what is not ours."""
    if not target.exists():
        return
    if not target.is_dir():
        raise ResultsError(
            told(
                "is_a_file_name_a_folder_for",
                "{target} is a file; name a folder for the results",
                target=target,
            )
        )
    try:
        found = {path.name for path in target.iterdir()}
    except OSError as error:
        raise ResultsError(
            told("cannot_read", "cannot read {target}: {why}", target=target, why=why(error))
        ) from error
    if found and MANIFEST not in found:
        raise ResultsError(
            told(
                "holds_something_other_than_results_it_has",
                "{target} holds something other than results (it has no {manifest}); name "
                "another folder, or an empty one",
                target=target,
                manifest=MANIFEST,
            )
        )


def _swap(draft: Path, target: Path) -> None:
    """Put the draft in place, and what was there where the draft was."""
    earlier = draft.with_suffix(_EARLIER)
    if target.exists():
        target.rename(earlier)
    try:
        draft.rename(target)
    except BaseException:
        if earlier.exists():
            earlier.rename(target)
        raise
    if earlier.exists():
        with suppress(OSError):
            # Half removed it must never be taken for results to put back.
            earlier.rename(draft)


def _kept_aside(draft: Path, target: Path) -> Path:
    """New results that cannot be put in place, under a name that nobody sweeps up."""
    aside = target.with_name(f"{target.name}-{draft.stem[-8:]}")
    try:
        draft.rename(aside)
    except OSError:
        return draft
    return aside


def _carry_over(target: Path, draft: Path) -> None:
    """Copy what a run did not write from the earlier results to the draft."""
    if not target.exists():
        return
    ours = _written_by_a_run(target)
    for path in target.iterdir():
        copy = draft / path.name
        if path.name in ours or copy.exists() or _is_passing(path.name):
            continue
        if path.is_dir() and not path.is_symlink():
            shutil.copytree(path, copy, symlinks=True)
        else:
            shutil.copy2(path, copy, follow_symlinks=False)


def _is_passing(name: str) -> bool:
    """Whether it is drawn from results, or half-written: new results leave it behind."""
    return is_page(name) or name == _OLD_PART or _HIDDEN.fullmatch(name) is not None


def _written_by_a_run(target: Path) -> set[str]:
    try:
        listed = json.loads((target / MANIFEST).read_text(encoding="utf-8"))["files"]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        listed = []
    return {MANIFEST, *(str(name) for name in listed)} if isinstance(listed, list) else {MANIFEST}
