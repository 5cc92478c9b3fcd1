"""What every command prints and writes, kept to be compared: a change of the house changes none.

python -m tests.fingerprint take FOLDER    runs every case and keeps what it gave in a new folder
python -m tests.fingerprint same ONE OTHER tells in which files two such folders differ
python -m tests.fingerprint kept           writes tests/fingerprint.json, for its test, anew

A case is a command as a planner types it, at 80 columns, with few replications. All that it gives
is kept: the screen, its errors, its exit status and every file, pages too. Left out is what no two
runs have in common: times of day and seconds of a run, and in manifest.json what it ran on.
"""

import argparse
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tests import ROOT

FOLDERS = {"scenarios": "scenarios", "validation": "sim/validation/exact/scenarios"}
"""Of scenarios: what each is called where a case is run, and where it is in the project."""
KEPT = Path(__file__).with_suffix(".json")
_SECONDS = re.compile(r"\b\d+(\.\d+)? (?=s\b|seconds\b)")
_PROGRESS = re.compile(
    r"^(?:[\d,.]+ (?:of|af) [\d,.]+ |[\d,.]+ )?[a-zæøå ]+"
    r"(?:, [\w ]+ (?:left|so far|tilbage|indtil nu))?\n",
    re.MULTILINE,
)
"""How far a command is: lines that come the more, the slower the machine is."""
_ABOUT = re.compile(
    r'<tr><th scope="row">[^<]*</th><td>\d{4}-\d\d-\d\dT[\d:]+\+00:00</td>.*?</tbody>', re.DOTALL
)
"""Of a page: when its results came about, and what follows: how long it took, and where."""
_MACHINE = ("started", "seconds", "python", "platform", "packages", "manifest_sha256")
"""Of manifest.json: what differs between two runs or two machines that find the same."""

RUN = ("run", "--replications", "2", "--no-cache", "--workers", "1")
COMPARE = ("compare", "--replications", "3", "--no-cache", "--workers", "1")
SWEEP = ("sweep", "--replications", "2", "--no-cache", "--workers", "1", "--yes")
H17, SKYEN, COPENHAGEN = (
    f"scenarios/{name}.yaml" for name in ("h17", "skyen", "copenhagen-2013-one-house")
)
WEEK = ("--set", "horizon.weeks=1")
COMMANDS = (
    *("new", "check", "run", "compare", "sweep", "calibrate", "size"),
    *("serve", "fit", "watch", "report", "validate"),
)
ROTA = ("need", "plan", "check", "import", "export")


@dataclass(frozen=True)
class Case:
    """Commands given one after another in one folder, in which `scenarios` and
    `validation` are copies of those of the project."""

    name: str
    commands: tuple[tuple[str, ...], ...]
    quick: bool = False
    """Whether it is one of the few that the tests run."""


def cases() -> Iterator[Case]:
    """Every case; names are unique."""
    yield from _helped()
    for path in sorted((ROOT / FOLDERS["validation"]).glob("*.yaml")):
        yield _case(f"validation-{path.stem}", (*RUN, f"validation/{path.name}"))
    for path in sorted((ROOT / "scenarios").rglob("*.yaml")):
        file = path.relative_to(ROOT).as_posix()
        name = path.relative_to(ROOT / "scenarios").with_suffix("").as_posix().replace("/", "-")
        yield _case(f"check-{name}", ("check", file), quick=name in {"h17", "skyen"})
        yield _case(
            f"run-{name}",
            (*RUN, file, "--visits", "--out", "out"),
            ("report", "out", "--lang", "da"),
        )
    yield _case("run-week", (*RUN, H17, *WEEK, "--no-report", "--out", "out"), quick=True)
    yield _case("run-simpy", (*RUN, SKYEN, *WEEK, "--engine", "simpy", "--out", "out"))
    yield from _studies()
    yield from _rotas()
    yield from _mistakes()
    yield _case("schema", ("schema",))
    site = "scenarios/site.yaml"
    over = (*RUN, site, "--worlds", "8")
    yield _case("new", ("new", "site"), ("check", site), over, quick=True)
    yield _case("validate", ("validate", "--quick", "--workers", "1", "--out", "out"))


def _case(name: str, *commands: tuple[str, ...], quick: bool = False) -> Case:
    return Case(name, commands, quick)


def _helped() -> Iterator[Case]:
    yield _case("help", ("--help",), quick=True)
    for command in COMMANDS:
        yield _case(f"help-{command}", (command, "--help"))
    for command in ROTA:
        yield _case(f"help-rota-{command}", ("rota", command, "--help"))


def _studies() -> Iterator[Case]:
    yield _case(
        "compare",
        (*COMPARE, H17, *WEEK, "--alt", "rooms.smoking.places=14", "--out", "out"),
        ("report", "out", "--lang", "da"),
        quick=True,
    )
    yield _case("compare-rotas", (*COMPARE, "scenarios/rotas-h17.yaml", "--stress"))
    vary = ("--vary", "rooms.smoking.places=8:16:4", "--vary", "opening.last_entry=15,45")
    yield _case("sweep", (*SWEEP, H17, *WEEK, *vary, "--out", "out"))
    yield _case("sweep-lhs", (*SWEEP, H17, *WEEK, *vary, "--lhs", "4", "--out", "out"))
    yield _case("tornado", (*SWEEP, SKYEN, *WEEK, "--tornado", "--lang", "da", "--out", "out"))
    size = ("--set", "design.vary={rooms.smoking.places: 10:12}", "--set", "targets=[wait.p90<=15]")
    usual = ("--no-cache", "--workers", "1", "--max-replications", "20")
    yield _case("size", ("size", H17, *WEEK, *size, *usual, "--out", "out"))
    yield _case("check-da", ("check", H17, "--lang", "da"))
    yield _case("watch", ("watch", H17, "--out", "day.html"))
    yield _case(
        "watch-da", ("watch", SKYEN, "--lang", "da", "--day", "overdose", "--out", "day.html")
    )


def _rotas() -> Iterator[Case]:
    few = ("--replications", "2", "--workers", "1")
    yield _case("rota-check", ("rota", "check", H17, "--out", "out.csv"))
    yield _case("rota-check-skyen", ("rota", "check", SKYEN))
    yield _case("rota-check-da", ("rota", "check", SKYEN, "--lang", "da"))
    yield _case("rota-need", ("rota", "need", SKYEN, *few, "--out", "out"))
    plan = ("rota", "plan", SKYEN, *few, "--need-replications", "2", "--out", "out")
    yield _case("rota-plan", plan, ("report", "out", "--lang", "da"))
    for kind in ("csv", "ics"):
        yield _case(
            f"rota-export-{kind}", ("rota", "export", H17, f"rota.{kind}"), quick=kind == "csv"
        )


def _mistakes() -> Iterator[Case]:
    yield _case("mistake-file", ("run", "nowhere.yaml"))
    for number, setting in enumerate(
        (
            "rooms.smoking.place=3",
            "rooms.smoking.places=-1",
            "opening.hours=25:00-26:00",
            "visits.smoke.share=1.4",
            "staff.rota.0.role=nurze",
            "targets=[wait.p90]",
        )
    ):
        yield _case(f"mistake-{number}", ("check", H17, "--set", setting), quick=True)


def take(folder: Path, wanted: Iterable[Case]) -> None:
    """Run cases and keep what each gave in a folder of its name.

    Raises:
        FileExistsError: the folder is there already.
    """
    folder.mkdir(parents=True)
    for case in wanted:
        sys.stderr.write(f"{case.name}\n")
        with tempfile.TemporaryDirectory() as place:
            _run(case, Path(place), folder / case.name)


def _run(case: Case, place: Path, kept: Path) -> None:
    for name, folder in FOLDERS.items():
        shutil.copytree(ROOT / folder, place / name)
    given = set(place.rglob("*"))
    kept.mkdir()
    usual = {"COLUMNS": "80", "PYTHONPATH": str(ROOT), "NO_COLOR": "1", "PYTHONUTF8": "1"}
    for number, command in enumerate(case.commands):
        done = subprocess.run(
            [sys.executable, ROOT / "run.py", *command],
            cwd=place,
            env={**os.environ, **usual},
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
        told = _PROGRESS.sub("", done.stderr)
        screen = f"{done.stdout}\n--- errors\n{told}\n--- exit status {done.returncode}\n"
        (kept / f"screen-{number}.txt").write_text(_plain(screen, place), "utf-8")
    for path in sorted(place.rglob("*")):
        if path.is_file() and path not in given:
            into = kept / path.relative_to(place)
            into.parent.mkdir(parents=True, exist_ok=True)
            into.write_bytes(_content(path, place))


def _plain(text: str, place: Path) -> str:
    """A text without where and how fast it came about."""
    return _SECONDS.sub("… ", text.replace(str(place), "").replace(str(ROOT), ""))


def _content(path: Path, place: Path) -> bytes:
    if path.name == "manifest.json":
        said = json.loads(path.read_text("utf-8"))
        same = {key: value for key, value in said.items() if key not in _MACHINE}
        return _plain(json.dumps(same, indent=1, ensure_ascii=False), place).encode()
    if path.suffix == ".html":
        return _plain(_ABOUT.sub("</tbody>", path.read_text("utf-8")), place).encode()
    return path.read_bytes()


def digests(folder: Path) -> dict[str, str]:
    """The SHA-256 of every file in a folder of kept outputs, by its path there."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def differences(one: dict[str, str], other: dict[str, str]) -> list[str]:
    """In which files two sets of digests differ, and how."""
    gone = [f"gone: {name}" for name in sorted(one.keys() - other.keys())]
    new = [f"new: {name}" for name in sorted(other.keys() - one.keys())]
    both = sorted(one.keys() & other.keys())
    return [*gone, *new, *(f"changed: {name}" for name in both if one[name] != other[name])]


def quick() -> dict[str, str]:
    """The digests of the quick cases as they come out now."""
    with tempfile.TemporaryDirectory() as place:
        take(Path(place) / "now", (case for case in cases() if case.quick))
        return digests(Path(place) / "now")


def main() -> int:
    """The command; its exit status is 1 if anything differs."""
    parser = argparse.ArgumentParser(prog="python -m tests.fingerprint")
    calls = parser.add_subparsers(dest="call", required=True)
    calls.add_parser("take").add_argument("folder", type=Path)
    calls.add_parser("kept")
    same = calls.add_parser("same")
    same.add_argument("one", type=Path)
    same.add_argument("other", type=Path)
    asked = parser.parse_args()
    if asked.call == "take":
        shutil.rmtree(asked.folder, ignore_errors=True)
        take(asked.folder, cases())
        return 0
    if asked.call == "kept":
        KEPT.write_text(json.dumps(quick(), indent=1) + "\n", "utf-8")
        return 0
    found = differences(digests(asked.one), digests(asked.other))
    sys.stdout.write("\n".join(found or ["no difference"]) + "\n")
    return 1 if found else 0


if __name__ == "__main__":
    raise SystemExit(main())
