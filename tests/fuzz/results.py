"""Folders of results that were changed since, by a hand, a disk or another program."""

import json
import random
import shutil
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from functools import cache
from io import StringIO
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from tests.fuzz.case import Case, Command, play
from tests.fuzz.scenarios import NUMBERS, TEXTS
from tests.support.saved_results import results


def case(rng: random.Random, folder: Path) -> Case:
    """A folder of results to which something was done, and what reads it."""
    whole, name = _whole(), rng.choice(("run", "run", "compare", "sweep", "tornado"))
    source = whole[name]
    target = folder / source.name
    shutil.copytree(source, target)
    lang = rng.choice(("en", "da"))
    before = _page(name, lang)
    done = damage(rng, target)
    commands = [Command(("report", source.name, "--lang", lang))]

    def same() -> None:
        """The page is that of what was not damaged."""
        page = target / "report.html"
        assert page.read_text("utf-8") == before, "another page was drawn without a word"

    same.__name__ = "the page is that of what was not damaged"
    commands.append(Command(same))
    return Case(f"{name} {lang}: {done}", tuple(commands))


@cache
def _whole() -> dict[str, Path]:
    """The folders as they were written; once for all."""
    with redirect_stdout(StringIO()), redirect_stderr(StringIO()):
        return results(Path(mkdtemp(prefix="fuzz-results-")))


@cache
def _page(name: str, lang: str) -> str:
    """The page of a folder as it was written."""
    folder = Path(mkdtemp(prefix="fuzz-page-")) / "case"
    shutil.copytree(_whole()[name], folder / "whole")
    ended = play(Command(("report", "whole", "--lang", lang)), folder)
    assert ended.status == 0, ended.err
    return (folder / "whole" / "report.html").read_text("utf-8")


# --- what is done to it --------------------------------------------------------------------------


def damage(rng: random.Random, folder: Path) -> str:
    """Do something to a folder of results; gives what."""
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.suffix != ".html")
    path = rng.choice(files)
    changes: tuple[Callable[[random.Random, Path], str], ...] = (
        *(_bytes, _cell, _cell, _cell, _row, _column, _gone, _swapped, _text, _other),
    )
    how = rng.choice(changes)
    if how is _cell and path.suffix == ".json":
        how = _json
    return f"{path.relative_to(folder)}: {how(rng, path)}"


def _bytes(rng: random.Random, path: Path) -> str:
    raw = path.read_bytes()
    at = rng.randrange(len(raw) + 1)
    what, found = rng.choice(
        (
            ("cut", raw[:at]),
            ("a byte changed", raw[:at] + bytes([rng.randrange(256)]) + raw[at + 1 :]),
            ("bytes more", raw[:at] + rng.randbytes(9) + raw[at:]),
            ("zeros", raw[:at] + bytes(len(raw) - at)),
            ("empty", b""),
            ("twice", raw + raw),
        )
    )
    path.write_bytes(found)
    return what


def _lines(path: Path) -> list[str]:
    return path.read_text("utf-8").split("\n")


def _put(path: Path, lines: list[str]) -> None:
    path.write_text("\n".join(lines), "utf-8", errors="surrogatepass")


def _cell(rng: random.Random, path: Path) -> str:
    lines = _lines(path)
    row = rng.randrange(len(lines))
    cells = lines[row].split(",")
    column = rng.randrange(len(cells))
    value = _value(rng)
    cells[column] = value
    lines[row] = ",".join(cells)
    _put(path, lines)
    return f"{row + 1}.{column + 1} = {value[:40]!r}"


def _value(rng: random.Random) -> str:
    try:
        return str(rng.choice(rng.choice((NUMBERS, TEXTS))))
    except ValueError:
        return "9" * 5000


def _row(rng: random.Random, path: Path) -> str:
    lines = _lines(path)
    row = rng.randrange(len(lines))
    how = rng.choice(("gone", "twice", "many"))
    lines[row : row + 1] = [lines[row]] * {"gone": 0, "twice": 2, "many": 5000}[how]
    _put(path, lines)
    return f"row {row + 1} {how}"


def _column(rng: random.Random, path: Path) -> str:
    rows = [line.split(",") for line in _lines(path)]
    column = rng.randrange(len(rows[0]))
    for row in rows:
        if column < len(row):
            del row[column]
    _put(path, [",".join(row) for row in rows])
    return f"column {column + 1} gone"


def _json(rng: random.Random, path: Path) -> str:
    data = json.loads(path.read_text("utf-8"))
    at: list[Any] = []
    parent = part = data
    while isinstance(part, dict | list) and part and (not at or rng.random() < 0.8):
        key = rng.choice(list(part)) if isinstance(part, dict) else rng.randrange(len(part))
        parent, part = part, part[key]
        at.append(key)
    if not at:
        return _bytes(rng, path)
    how = rng.choice(("gone", "null", "value", "list"))
    if how == "gone":
        del parent[at[-1]]
    else:
        parent[at[-1]] = {"null": None, "value": _value(rng), "list": [1, {}]}[how]
    path.write_text(json.dumps(data), "utf-8")
    return f"{'.'.join(map(str, at))} {how}"


def _gone(_: random.Random, path: Path) -> str:
    path.unlink()
    return "gone"


def _swapped(rng: random.Random, path: Path) -> str:
    other = rng.choice(sorted(one for one in path.parent.iterdir() if one.is_file()))
    one, two = path.read_bytes(), other.read_bytes()
    path.write_bytes(two)
    other.write_bytes(one)
    return f"swapped with {other.name}"


def _text(rng: random.Random, path: Path) -> str:
    lines = _lines(path)
    row = rng.randrange(len(lines))
    at = rng.randrange(len(lines[row]) + 1)
    lines[row] = lines[row][:at] + _value(rng) + lines[row][at:]
    _put(path, lines)
    return f"a text in line {row + 1}"


def _other(rng: random.Random, path: Path) -> str:
    how = rng.choice(("folder", "link", "loop", "locked", "another"))
    if how == "another":
        path.with_name("notes of mine.txt").write_text("mine", "utf-8")
        return "a file beside it"
    if how == "locked":
        path.chmod(0)
        return how
    path.unlink()
    if how == "folder":
        path.mkdir()
    elif how == "link":
        path.symlink_to("/dev/zero")
    else:
        path.symlink_to(path.name)
    return how
