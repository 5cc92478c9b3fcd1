"""The house stays one that can be known by heart: rooms, sizes, and nothing that nobody uses."""

import ast
import re
from collections import Counter
from functools import cache
from pathlib import Path

from tests import ROOT

MOST = {"cli/commands": 13}  # one file a command, by its name
"""Files of rooms that may have more than a dozen."""
LINES = 550
"""Lines of a file at most."""
LONG = {
    "facility/visit.py": 572,  # a visit from the door to the street is read in one piece
    "city/loop.py": 581,  # one loop, compiled
}
"""Files that may have more, and how many."""

SMALL = {"visitors/crowd.py"}
"""Small files with one reader that are not of its room."""
OUTSIDE = {"main", "scenario_from_text", "read_variants", "load_of_kind"}
"""For who starts the program, works in Python, or holds loads against the simulation."""


@cache
def sources():
    """The package's files, parsed, by their path in it."""
    found = sorted((ROOT / "sim").rglob("*.py"))
    return {path.relative_to(ROOT / "sim"): ast.parse(path.read_text("utf-8")) for path in found}


def rooms():
    return Counter(path.parent.as_posix() for path in sources() if path.name != "__init__.py")


def imported():
    """Who imports each module: files by the module's path."""
    found: dict[Path, set[Path]] = {path: set() for path in sources()}
    for path, tree in sources().items():
        for node in ast.walk(tree):
            module = (node.module or "") if isinstance(node, ast.ImportFrom) else ""
            if not isinstance(node, ast.ImportFrom) or not module.startswith("sim"):
                continue
            base = Path(*module.split(".")[1:])
            named = [base / f"{one.name}.py" for one in node.names]
            for one in ([base.with_suffix(".py")] if base.name else []) + named:
                if one in found and one != path:
                    found[one].add(path)
    return found


def test_a_room_has_a_dozen_files():
    crowded = {room: n for room, n in rooms().items() if n > MOST.get(room, 12)}
    assert crowded == {}


def test_no_file_is_longer_than_can_be_kept_in_mind():
    lengths = {
        path.as_posix(): len((ROOT / "sim" / path).read_text("utf-8").splitlines())
        for path in sources()
    }
    assert {path: n for path, n in lengths.items() if n > LONG.get(path, LINES)} == {}
    assert LONG.keys() <= lengths.keys()


def test_a_small_file_with_one_reader_is_part_of_it():
    short = []
    for path, readers in imported().items():
        lines = len((ROOT / "sim" / path).read_text("utf-8").splitlines())
        if path.name != "__init__.py" and lines < 60 and len(readers) == 1:
            short.append(path.as_posix())
    assert set(short) <= SMALL, set(short) - SMALL


def test_functions_are_short():
    """A command's function has at most 60 lines of code, and so has every other."""
    long = {}
    for path, tree in sources().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                said = node.body[1:] if ast.get_docstring(node) else node.body
                lines = (node.body[-1].end_lineno or 0) - said[0].lineno + 1 if said else 0
                if lines > 60:
                    long[f"{path.as_posix()}:{node.name}"] = lines
    assert long == {}


def test_nothing_is_written_that_nobody_uses():
    """Functions, classes and constants of a module are named somewhere besides."""
    defined: dict[str, str] = {}
    used: Counter[str] = Counter()
    for path, tree in sources().items():
        for node in tree.body:
            names = []
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                decorated = bool(node.decorator_list)  # a command is found by its decorator
                names = [] if decorated and path.parts[0] == "cli" else [node.name]
            elif isinstance(node, ast.Assign):
                names = [one.id for one in node.targets if isinstance(one, ast.Name)]
            elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
                names = [node.target.id]
            for name in names:
                defined.setdefault(name, path.as_posix())
        text = (ROOT / "sim" / path).read_text("utf-8")
        used.update(re.findall(r"[A-Za-z_][A-Za-z0-9_]*", text))
    public = (ROOT / "sim" / "__init__.py").read_text("utf-8")
    dead = [
        f"{path}:{name}"
        for name, path in defined.items()
        if used[name] == 1 and name not in public and name not in OUTSIDE and name[:2] != "__"
    ]
    assert dead == []


def test_the_page_of_the_house_names_every_room():
    page = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    told = set(re.findall(r"^\| `sim/([a-z_/]+)/` \|", page, re.MULTILINE))
    assert told == {room for room in rooms() if room != "."}
    told = set(re.findall(r"^\| `tests/([a-z]+)/` \|", page, re.MULTILINE))
    here = {path.parent.name for path in (ROOT / "tests").glob("*/__init__.py")}
    assert told == here - {"fuzz"}
    for path in re.findall(r"`((?:sim|tests|docs|scenarios)/[\w/.-]+)`", page):
        assert (ROOT / path).exists(), path
