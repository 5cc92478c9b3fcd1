"""Folders of results, damaged in every way that disks, programs and people damage them.

`python -m tests.damaged 201` makes a run, a comparison, a sweep and a tornado, damages copies of
them and draws each: as they are, with `--as-is`, and as folders without checksums, as version
0.1.0 wrote them. Each must be drawn or end with status 2 and one line that names the file; the
last lines say how many ended how.
"""

import json
import os
import re
import shutil
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from sim.report.report import write_report
from sim.results.folder import MANIFEST, ResultsError, is_page
from sim.results.manifest import OF_ITSELF
from tests.support.saved_results import results

_VALUES: tuple[object, ...] = (
    *(None, True, "", "x", "nan", 0, -1, 2.5, 10**400, 1e308, -1e308, [], {}, [[]], {"a": None}),
    *("0x10", "1,5", "-inf", "٣", "\u0000", "=1+1", "[/x]", "\x1b[31m", "a" * 5000, "9" * 5000),
)
_CELLS = (
    *("", "nan", "NaN", "inf", "-inf", "1e308", "-1e308", "1e999", "9" * 5000, "x", "1,5", "٣"),
    *("\x00", "2026-03-02", "=1+1", "True", "-1", "0", "99999999999", " ", '"', "a\nb", "<b>"),
)


_FILE = re.compile(r"[/ ][a-z0-9_-]+\.(csv|json|yaml|parquet)\b")


def without_checksums(folder: Path) -> None:
    """Make a folder such as versions wrote that kept no checksums."""
    manifest = json.loads((folder / MANIFEST).read_text("utf-8"))
    for key in ("schema", "sha256", OF_ITSELF):
        manifest.pop(key, None)
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=2), "utf-8")


def damaged(rng: Random, folder: Path) -> str:
    """Damage one file of a folder of results; gives the file and what was done to it."""
    files = sorted(path for path in folder.rglob("*") if path.is_file() and not is_page(path.name))
    path = rng.choice(files)
    done = rng.choice(_WAYS)
    before = path.read_bytes()
    done(rng, path)
    is_same = path.is_file() and not path.is_symlink() and path.read_bytes() == before
    way = done.__name__.strip("_").replace("_", " ")
    return f"{path.relative_to(folder).as_posix()}: {way}{' (nothing changed)' if is_same else ''}"


def _cut_off(rng: Random, path: Path) -> None:
    data = path.read_bytes()
    path.write_bytes(data[: rng.randrange(len(data) or 1)])


def _lines_cut_off(rng: Random, path: Path) -> None:
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[: rng.randrange(len(lines) or 1)]))


def _emptied(_: Random, path: Path) -> None:
    path.write_bytes(b"")


def _removed(_: Random, path: Path) -> None:
    path.unlink()


def _made_a_folder(_: Random, path: Path) -> None:
    path.unlink()
    path.mkdir()


def _made_a_pipe(_: Random, path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def _linked_elsewhere(rng: Random, path: Path) -> None:
    path.unlink()
    path.symlink_to(rng.choice(("/dev/zero", "nowhere", path.name, "/", "/etc/hostname")))


def _binary(rng: Random, path: Path) -> None:
    path.write_bytes(rng.randbytes(rng.choice((1, 100, 100_000))))


def _bytes_changed(rng: Random, path: Path) -> None:
    data = bytearray(path.read_bytes())
    for _ in range(rng.choice((1, 3, 30)) if data else 0):
        data[rng.randrange(len(data))] = rng.randrange(256)
    path.write_bytes(bytes(data))


def _zeros_at_the_end(rng: Random, path: Path) -> None:
    """What a file system leaves of a file that was being written when power failed."""
    data = path.read_bytes()
    start = rng.randrange(len(data) or 1)
    path.write_bytes(data[:start] + bytes(len(data) - start))


def _mixed_up(rng: Random, path: Path) -> None:
    """Another file of the folder under this one's name, and this one under its."""
    others = [one for one in path.parent.iterdir() if one.is_file() and one != path]
    if others:
        other = rng.choice(others)
        mine, its = path.read_bytes(), other.read_bytes()
        path.write_bytes(its)
        other.write_bytes(mine)


def _written_otherwise(rng: Random, path: Path) -> None:
    text = path.read_bytes().decode("utf-8", "replace")
    kind = rng.choice(("utf-16", "utf-8-sig", "latin-1", "crlf", "semicolons", "comma", "upper"))
    if kind == "crlf":
        path.write_bytes(text.replace("\n", "\r\n").encode())
    elif kind == "semicolons":
        path.write_text(text.replace(",", ";"), "utf-8")
    elif kind == "comma":
        path.write_text(text.replace(".", ","), "utf-8")
    elif kind == "upper":
        path.write_text(text.upper(), "utf-8")
    else:
        path.write_bytes(f"{text}æ".encode(kind, "replace"))


def _lines_moved(rng: Random, path: Path) -> None:
    lines = path.read_bytes().splitlines(keepends=True)
    for _ in range(rng.choice((1, 2, 50)) if lines else 0):
        one = lines.pop(rng.randrange(len(lines)))
        for _ in range(rng.randrange(3)):  # gone, elsewhere, or there twice
            lines.insert(rng.randrange(len(lines) + 1), one)
        if not lines:
            break
    path.write_bytes(b"".join(lines))


def _value_changed(rng: Random, path: Path) -> None:
    """A cell of a table, a value of a JSON file, or a value of a scenario."""
    text = path.read_bytes().decode("utf-8", "replace")
    if path.suffix == ".json":
        try:
            contents = json.loads(text)
        except ValueError:
            return
        _change_somewhere(rng, contents)
        path.write_text(json.dumps(contents), "utf-8")
        return
    lines = text.split("\n")
    place = rng.randrange(len(lines))
    mark = ":" if path.suffix == ".yaml" else ","
    cells = lines[place].split(mark)
    cells[rng.randrange(len(cells))] = rng.choice(_CELLS)
    lines[place] = mark.join(cells)
    path.write_text("\n".join(lines), "utf-8")


def _change_somewhere(rng: Random, contents: object) -> None:
    while isinstance(contents, (dict, list)) and contents:
        key = rng.choice(list(contents) if isinstance(contents, dict) else range(len(contents)))
        inner = contents[key]
        if isinstance(inner, (dict, list)) and inner and rng.random() < 0.8:
            contents = inner
            continue
        if rng.random() < 0.3:
            del contents[key]
        else:
            contents[key] = rng.choice(_VALUES)
        return


def _nested_deep(rng: Random, path: Path) -> None:
    deep = 100_000
    path.write_text(rng.choice(("[", '{"a":', "- ")) * deep, "utf-8")


def _column_changed(rng: Random, path: Path) -> None:
    rows = [line.split(",") for line in path.read_bytes().decode("utf-8", "replace").split("\n")]
    place = rng.randrange(len(rows[0]))
    kind = rng.choice(("gone", "twice", "renamed", "empty", "huge", "to the front"))
    for number, row in enumerate(rows):
        if len(row) <= place:
            continue
        if kind == "gone":
            del row[place]
        elif kind == "twice":
            row.insert(0, row[place])
        elif kind == "to the front":
            row.insert(0, row.pop(place))
        elif kind == "renamed":
            row[place] = "renamed" if number == 0 else row[place]
        elif number:
            row[place] = "" if kind == "empty" else "1e300"
    path.write_text("\n".join(",".join(row) for row in rows), "utf-8")


def _cells_surplus(rng: Random, path: Path) -> None:
    lines = path.read_bytes().decode("utf-8", "replace").split("\n")
    place = rng.randrange(len(lines))
    lines[place] += rng.choice((",", ",,,", ",7", '"', ",\t"))
    path.write_text("\n".join(lines), "utf-8")


_WAYS: tuple[Callable[[Random, Path], None], ...] = (
    *(_cut_off, _lines_cut_off, _emptied, _removed, _made_a_folder, _made_a_pipe),
    *(_linked_elsewhere, _binary, _bytes_changed, _zeros_at_the_end, _mixed_up),
    *(_written_otherwise, _lines_moved, _nested_deep, _column_changed, _cells_surplus),
    *(3 * (_value_changed,)),
)


def drawn(folder: Path, *, as_is: bool) -> str:
    """What becomes of a folder that is to be drawn: `drawn`, or the one line that says why not.

    Raises:
        AssertionError: the line is several, or names no file of the folder.
    """
    try:
        write_report(folder, as_is=as_is)
    except ResultsError as error:
        text = str(error)
        assert "\n" not in text, f"several lines: {text!r}"
        assert _FILE.search(text), f"names no file: {text!r}"
        assert len(text) < 1000, f"too long: {text!r}"
        return text
    return "drawn"


def main(number: int, seed: int = 1) -> None:
    """Damage so many folders and print what became of each."""
    found: Counter[str] = Counter()
    wrong = 0
    with TemporaryDirectory() as where:
        whole = list(results(Path(where)).values())
        for folder in whole:
            for page in folder.glob("report*.html"):
                page.unlink()
        for one in range(number):
            for how in ("as it is", "--as-is", "without checksums"):
                rng = Random(f"{seed} {one}")
                copy = Path(where) / "damaged" / "results"
                shutil.rmtree(copy.parent, ignore_errors=True)
                shutil.copytree(rng.choice(whole), copy)
                if how == "without checksums":
                    without_checksums(copy)
                what = damaged(rng, copy)
                try:
                    said = drawn(copy, as_is=how == "--as-is")
                except Exception as error:  # noqa: BLE001 - this is what is looked for
                    wrong += 1
                    said = f"WRONG: {type(error).__name__}: {error}"
                word = (
                    said if said == "drawn" else "refused" if not said.startswith("W") else "wrong"
                )
                found[f"{how}: {word}"] += 1
                sys.stdout.write(f"{one} {how}, {what}: {said}\n")
    for key, count in sorted(found.items()):
        sys.stdout.write(f"{key} {count}\n")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main(*(int(word) for word in sys.argv[1:3]))
