"""A results folder that is replaced as a whole, or not at all."""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

MANIFEST = "manifest.json"
"""The file by which a folder is known to hold results."""
_DRAFT, _EARLIER = ".new", ".earlier"


class ResultsError(Exception):
    """Results cannot be written where they should be; the message says why."""


@contextmanager
def writing(where: Path) -> Iterator[None]:
    """Turn what the system says when a file cannot be written into a ResultsError."""
    try:
        yield
    except OSError as error:
        raise ResultsError(f"cannot write {where}: {error}") from error


@contextmanager
def new_results(folder: Path) -> Iterator[Path]:
    """A draft folder to write into, which takes the place of `folder` when the block ends well.

    When the block fails or is interrupted, the draft is removed and earlier results stay as they
    are. Files that somebody else put among the earlier results are carried over; files that the
    earlier run wrote are not.

    Args:
        folder: where the results go. It may exist if it is empty or holds results.

    Yields:
        The draft, a folder beside it.

    Raises:
        ResultsError: the folder holds something else, or cannot be written.
    """
    target = folder.resolve()
    _recover(target)
    _check(target)
    token = uuid4().hex
    draft = target.with_name(f".{target.name}.{token}{_DRAFT}")
    earlier = target.with_name(f".{target.name}.{token}{_EARLIER}")
    with writing(folder):
        target.parent.mkdir(parents=True, exist_ok=True)
        draft.mkdir()
    try:
        yield draft
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise
    try:
        _carry_over(target, draft)
        _swap(draft, target, earlier)
    except OSError as error:
        # Perhaps a file is open in another program. Hours of computing are not thrown away.
        raise ResultsError(
            f"cannot replace {folder}: {error}; the new results are in {draft}"
        ) from error
    shutil.rmtree(earlier, ignore_errors=True)


def _check(target: Path) -> None:
    """Refuse to touch what is not ours."""
    if not target.exists():
        return
    if not target.is_dir():
        raise ResultsError(f"{target} is a file; name a folder for the results")
    try:
        found = {path.name for path in target.iterdir()}
    except OSError as error:
        raise ResultsError(f"cannot read {target}: {error.strerror}") from error
    if found and MANIFEST not in found:
        raise ResultsError(
            f"{target} holds something other than results (it has no {MANIFEST}); "
            "name another folder, or an empty one"
        )


def _swap(draft: Path, target: Path, earlier: Path) -> None:
    if target.exists():
        target.rename(earlier)
    try:
        draft.rename(target)
    except BaseException:
        if earlier.exists():
            earlier.rename(target)
        raise


def _recover(target: Path) -> None:
    """Put back earlier results whose replacement was killed between the two renamings."""
    if not target.name or not target.parent.is_dir():
        return
    kept = sorted(
        path
        for path in target.parent.iterdir()
        if path.name.startswith(f".{target.name}.") and path.name.endswith(_EARLIER)
    )
    for path in kept:
        if not target.exists():
            path.rename(target)
        else:
            shutil.rmtree(path, ignore_errors=True)


def _carry_over(target: Path, draft: Path) -> None:
    """Copy what a run did not write from the earlier results to the draft."""
    if not target.exists():
        return
    ours = _written_by_a_run(target)
    for path in target.iterdir():
        copy = draft / path.name
        if path.name in ours or copy.exists():
            continue
        if path.is_dir() and not path.is_symlink():
            shutil.copytree(path, copy, symlinks=True)
        else:
            shutil.copy2(path, copy, follow_symlinks=False)


def _written_by_a_run(target: Path) -> set[str]:
    try:
        listed = json.loads((target / MANIFEST).read_text(encoding="utf-8"))["files"]
    except (OSError, ValueError, KeyError, TypeError):
        listed = []
    return {MANIFEST, *(str(name) for name in listed)}
