"""Real commands killed at random moments: earlier results are whole or the new ones are.

`python -m tests.kills 100` starts `run`, `compare`, `sweep`, `size`, `rota need`, `rota plan`,
`report` and `watch` on a small site, each in a folder of its own, where there are no results yet or
those of another seed, and kills them with SIGKILL: half of them at any moment, half shortly after
the first file of the results is there, when the rest is written and put in place. A command that
ends before it is killed is tried again. After each kill the results are as they were or as they
were to be, down to the last byte; the next run of the same command ends well and leaves nothing
half-written, anywhere.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from sim.results.folder import MANIFEST, is_page
from tests import ROOT
from tests.support.saved_results import SITE

PROGRAM = ROOT / "run.py"
_FEW = ("--replications", "2", "--workers", "1")
_SIZE = """\
design:
  vary: {rooms.injecting.places: "3:4"}
"""
_CERTAIN = ("command", "started", "seconds", "replications_from_cache")
"""Keys of a manifest that differ between two runs of the same."""


@dataclass(frozen=True)
class Tried:
    """A command that is killed."""

    words: tuple[str, ...]
    target: str
    """What it writes: a folder of results, or a page."""
    seeded: bool = True
    """Whether it takes a seed, by which old and new results differ; else a language."""

    def line(self, version: int) -> list[str]:
        """What is typed for the old (1) or the new results (2)."""
        which = ("--seed", str(version)) if self.seeded else ("--lang", ("en", "da")[version - 1])
        return [sys.executable, str(PROGRAM), *self.words, *which]


COMMANDS = (
    Tried(("run", "small.yaml", "--visits", *_FEW), "results/small"),
    Tried(("run", "small.yaml", "--out", "results/small.b", *_FEW), "results/small.b"),
    Tried(
        ("compare", "small.yaml", "--alt", "more: rooms.injecting.places=4", *_FEW),
        "results/small-compare",
    ),
    Tried(
        ("sweep", "small.yaml", "--vary", "rooms.injecting.places=3:4", *_FEW),
        "results/small-sweep",
    ),
    Tried(("sweep", "small.yaml", "--tornado", *_FEW), "results/small-tornado"),
    Tried(
        ("size", "small.yaml", "--set", "targets=[unserved.share <= 60 %]", "--workers", "1"),
        "results/small-size",
    ),
    Tried(("rota", "need", "small.yaml", *_FEW), "results/small-need"),
    Tried(("rota", "plan", "small.yaml", "--need-replications", "0", *_FEW), "results/small-plan"),
    Tried(("report", "results/small"), "results/small", seeded=False),
    Tried(("watch", "small.yaml", "--out", "results/watch.html"), "results/watch.html"),
)


def contents(target: Path) -> dict[str, str]:
    """What results hold, by file: of the manifest, what is the same for every such run."""
    if target.is_file():
        return {target.name: _sum(target.read_bytes())}
    found = {}
    for path in sorted(target.rglob("*")):
        if path.is_file() and not path.name.startswith(".") and not is_page(path.name):
            name = path.relative_to(target).as_posix()
            found[name] = _certain(path) if path.name == MANIFEST else _sum(path.read_bytes())
    return found


def _sum(data: bytes) -> str:
    return sha256(data).hexdigest()


def _certain(manifest: Path) -> str:
    said = json.loads(manifest.read_text("utf-8"))
    left_out = {*_CERTAIN, "files", "manifest_sha256", "precision"}
    return json.dumps({key: value for key, value in said.items() if key not in left_out})


def litter(folder: Path) -> list[str]:
    """What is half-written, or to be put back, anywhere below a folder."""
    endings = (".new", ".earlier", ".part")
    return sorted(
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.name.endswith(endings) or (path.name.startswith(".") and path.name != ".cache")
    )


class Killer:
    """Kills commands in copies of a folder in which they have been run to the end."""

    def __init__(self, where: Path, commands: tuple[Tried, ...] = COMMANDS) -> None:
        """Run every command to the end for both versions."""
        self.where, self.commands = where, commands
        self.whole: dict[tuple[Tried, int], Path] = {}
        self.seconds: dict[Tried, float] = {}
        for number, one in enumerate(commands):
            for version in (1, 2):
                folder = where / f"whole-{number}-{version}"
                folder.mkdir()
                self._site(folder)
                clock = time.monotonic()
                self._finish(one, version, folder)
                self.seconds[one] = time.monotonic() - clock
                self.whole[one, version] = folder

    def _site(self, folder: Path) -> None:
        (folder / "small.yaml").write_text(SITE + _SIZE, "utf-8")
        results = self.where / "whole-0-1" / "results"
        if results.is_dir():  # something for `report` to draw
            shutil.copytree(results / "small", folder / "results" / "small")

    def _finish(self, one: Tried, version: int, folder: Path) -> None:
        done = subprocess.run(one.line(version), cwd=folder, capture_output=True, check=False)
        said = done.stderr.decode("utf-8", "replace")
        assert done.returncode == 0, f"{one.words} ended with {done.returncode}: {said}"
        assert litter(folder) == [], f"{one.words} left {litter(folder)}"

    def kill(self, rng: Random) -> str:
        """Kill one command once; gives what was found.

        Raises:
            AssertionError: results were lost or mixed, or something was left after the next run.
        """
        one, old = rng.choice(self.commands), rng.random() < 0.7
        target = self.where / "killed" / one.target
        after = contents(self.whole[one, 2] / one.target)
        while True:
            before = self._start_anew(one, old=old)
            when = self._killed(rng, one)
            found = self._state(target, before, after)
            self._check_pages(target)
            if when is not None:
                break
        self._finish(one, 2, self.where / "killed")
        assert contents(target) == after, f"{one.words}: the next run wrote something else"
        return f"{' '.join(one.words[:2])} ({'existing' if old else 'new'} folder), {when}: {found}"

    def _start_anew(self, one: Tried, *, old: bool) -> dict[str, str] | None:
        """The folder as it is before the command is started; gives what the results are then."""
        folder = self.where / "killed"
        shutil.rmtree(folder, ignore_errors=True)
        if old:
            shutil.copytree(self.whole[one, 1], folder)
        else:
            folder.mkdir()
            self._site(folder)
        target = folder / one.target
        return contents(target) if target.exists() else None

    def _killed(self, rng: Random, one: Tried) -> str | None:
        """Start a command and kill it; gives when, or None if it had ended."""
        folder = self.where / "killed"
        # Of its own group, so that its workers go with it, as when a machine is switched off.
        program = subprocess.Popen(
            one.line(2),
            cwd=folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        clock = time.monotonic()
        late = rng.random() < 0.5
        pause = rng.uniform(0, self.seconds[one])
        if late:
            pause = rng.choice((0.001, 0.01, 0.1, 1.0)) * rng.random()
            while program.poll() is None and not _is_writing(folder / "results"):
                time.sleep(0.0005)
        try:
            program.wait(pause)
        except subprocess.TimeoutExpired:
            os.killpg(program.pid, signal.SIGKILL)
            program.wait()
            moment = f"killed after {time.monotonic() - clock:.2f} s"
            return f"{moment}, {1000 * pause:.1f} ms after the first file" if late else moment
        self.seconds[one] = min(self.seconds[one], time.monotonic() - clock)
        return None

    @staticmethod
    def _state(target: Path, before: object, after: object) -> str:
        beside = f".{target.name}."
        put_aside = [
            path
            for path in (target.parent.iterdir() if target.parent.is_dir() else ())
            if path.name.startswith(beside) and path.name.endswith(".earlier")
        ]
        if not target.exists() and before is not None:
            assert [contents(path) for path in put_aside] == [before], "the earlier are lost"
            return "earlier results, to be put back"
        now = contents(target) if target.exists() else None
        assert now in (before, after), f"neither the earlier nor the new results: {now}"
        return "earlier results" if now == before else "new results"

    @staticmethod
    def _check_pages(target: Path) -> None:
        """Every page is whole."""
        for page in target.glob("report*.html") if target.is_dir() else ():
            assert page.read_text("utf-8").rstrip().endswith("</html>"), f"{page} is cut off"


def _is_writing(results: Path) -> bool:
    """Whether a draft has its first file, or a page or manifest is half-written."""
    return any(results.glob(".*.new/*")) or any(results.glob("**/.*.part"))


def main(number: int, seed: int = 1) -> None:
    """Kill so often and print what was found."""
    rng, found, wrong = Random(seed), Counter[str](), 0
    with TemporaryDirectory() as where:
        killer = Killer(Path(where))
        for one in range(number):
            try:
                said = killer.kill(rng)
            except AssertionError as error:
                wrong += 1
                said = f"WRONG: {error}"
            when = "late" if "first file" in said else "at any moment"
            what = "wrong" if said.startswith("WRONG") else said.rpartition(": ")[2]
            found[f"{when}: {what}"] += 1
            sys.stdout.write(f"{one}: {said}\n")
            sys.stdout.flush()
    for key, count in sorted(found.items()):
        sys.stdout.write(f"{key}: {count}\n")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main(*(int(word) for word in sys.argv[1:3]))
