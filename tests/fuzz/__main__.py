"""Try to break the program: `python -m tests.fuzz --minutes N`.

    --seed S        the first of the seeds (1); each seed is one case
    --cases N       so many cases, instead of minutes
    --only KINDS    of scenarios, tables, rotas, results
    --workers K     so many at once (1)
    --again SEED    one case again, such as scenarios-17: what was done, said and left
    --keep FOLDER   where the files of a case that is played again are left
    --known FILE    kinds that are told only at the end: a line each, as they are printed

Prints each kind of fault when it is first seen, with the seed that makes it again, and how many
new kinds each ten minutes found. Ends with status 1 if any was found.
"""

import argparse
import os
import random
import resource
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from importlib import import_module
from io import StringIO
from itertools import count
from multiprocessing import get_context
from pathlib import Path
from time import monotonic

from sim.cli import main as command_line
from sim.cli.app import COMMANDS
from sim.engine import Engine
from sim.study.run.workers import compile_all
from tests.fuzz.case import Command, faults, play
from tests.support.saved_results import SITE

WHAT = ("scenarios", "tables", "rotas", "results")
_LONG = 77


@dataclass(frozen=True)
class Tried:
    """One case and what came of it."""

    seed: str
    what: str
    statuses: tuple[int, ...]
    faults: tuple[tuple[str, str], ...]
    """Kind and detail."""
    seconds: float


def attempt(seed: str, keep: Path | None = None, *, aloud: bool = False) -> Tried:
    """Play the case of a seed.

    Args:
        seed: what it is of, and a number, such as `rotas-17`.
        keep: a folder where its files are left.
        aloud: whether every command is told with what it said.
    """
    of, _, number = seed.rpartition("-")
    rng = random.Random(f"{of} {number}")
    started = monotonic()
    with tempfile.TemporaryDirectory(prefix="fuzz-") as name:
        folder = (Path(name) if keep is None else keep) / "case"
        folder.mkdir(parents=True)
        case = import_module(f"tests.fuzz.{of}").case(rng, folder)
        found: list[tuple[str, str]] = []
        statuses: list[int] = []
        if aloud:
            sys.stdout.write(f"{seed}: {case.what}\n")
        for command in case.commands:
            ended = play(command, folder)
            statuses.append(ended.status)
            if aloud:
                sys.stdout.write(
                    f"\n$ {command}\n{ended.out}{ended.err}"
                    f"(status {ended.status}, {ended.seconds:.1f} s, {ended.memory >> 20} MB)\n"
                )
            if ended.status == _LONG and callable(command.step):
                break
            mine = [
                (f"{of}: {fault.kind}", f"{command}: {fault.detail}")
                for fault in faults(command, ended)
            ]
            found += mine
            if ended.status != 0 or mine:
                break
    return Tried(seed, case.what, tuple(statuses), tuple(found), monotonic() - started)


def warm() -> None:
    """Import and compile all that the commands need, once for all children."""
    for where in COMMANDS.values():
        import_module(where.partition(":")[0])
    for of in WHAT:
        import_module(f"tests.fuzz.{of}")
    compile_all(Engine.FAST)
    # What a command imports only when it needs it is imported here, and not by every child.
    for module in ("plotly.graph_objects", "openpyxl", "icalendar", "pyarrow.parquet", "jinja2"):
        import_module(module)
    with tempfile.TemporaryDirectory(prefix="fuzz-") as name:
        here = Path.cwd()
        try:
            os.chdir(name)
            _run_once()
        finally:
            os.chdir(here)
        folder = Path(name) / "none"
        folder.mkdir()
        play(Command(("--version",)), folder)


def _run_once() -> None:
    """A small study with its page, in this process."""
    Path("small.yaml").write_text(SITE, "utf-8")
    few = ("--replications", "2", "--workers", "1", "--no-cache")
    before = sys.argv
    for words in (
        ("check",),
        ("run", *few),
        ("compare", "--alt", "rooms.injecting.places=4", *few),
    ):
        sys.argv = ["run.py", words[0], "small.yaml", *words[1:]]
        with redirect_stdout(StringIO()), redirect_stderr(StringIO()):
            try:
                command_line()
            except SystemExit as ended:
                if ended.code:
                    raise
    sys.argv = before


def seeds(first: int, only: tuple[str, ...]) -> Iterator[str]:
    """Seeds without end; scenarios are half of them, where they are tried at all."""
    turn = [of for of in WHAT if of in only]
    if "scenarios" in turn and len(turn) > 1:
        turn = [one for of in turn if of != "scenarios" for one in ("scenarios", of)]
    for number in count(first):
        yield f"{turn[number % len(turn)]}-{number}"


def tried(
    first: int, only: tuple[str, ...], workers: int, until: float, most: int
) -> Iterator[Tried]:
    """Cases in the order in which they end."""
    source = seeds(first, only)
    if workers == 1:
        for number, seed in enumerate(source):
            if number >= most or monotonic() > until:
                return
            yield attempt(seed)
    with ProcessPoolExecutor(workers, mp_context=get_context("fork")) as pool:
        given = 0
        running: set[Future[Tried]] = set()
        while True:
            while given < most and len(running) < 2 * workers and monotonic() < until:
                running.add(pool.submit(attempt, next(source)))
                given += 1
            if not running:
                return
            done, running = wait(running, return_when=FIRST_COMPLETED)
            for one in done:
                yield one.result()


def main() -> int:
    """Try until the time is over."""
    asked = _asked()
    # What is made to be damaged must not take the machine with it either.
    resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))
    warm()
    if asked.again:
        keep = Path(asked.keep or tempfile.mkdtemp(prefix="fuzz-"))
        found = attempt(asked.again, keep, aloud=True)
        for kind, _ in found.faults:
            sys.stdout.write(f"\nkind: {kind}\n")
        sys.stdout.write(f"\nfiles: {keep}\n")
        return int(bool(found.faults))
    only = tuple(asked.only.split(",")) if asked.only else WHAT
    known = set(Path(asked.known).read_text("utf-8").splitlines()) if asked.known else set()
    started = monotonic()
    until = started + 60 * asked.minutes if asked.cases is None else float("inf")
    kinds: Counter[str] = Counter()
    news: Counter[int] = Counter()
    ends: Counter[str] = Counter()
    slow: tuple[float, str] = (0.0, "")
    number = 0
    for one in tried(asked.seed, only, asked.workers, until, asked.cases or sys.maxsize):
        number += 1
        ends[_end(one)] += 1
        slow = max(slow, (one.seconds, one.seed))
        for kind, detail in one.faults:
            kinds[kind] += 1
            if kinds[kind] == 1:
                news[int((monotonic() - started) // 600)] += 1
                if kind not in known:
                    _tell(one, kind, detail)
    _sum_up(number, monotonic() - started, kinds, news, ends, slow)
    return int(bool(kinds))


def _tell(one: Tried, kind: str, detail: str) -> None:
    sys.stdout.write(f"NEW {one.seed}  {kind}\n    {one.what[:200]!a}\n")
    for line in detail.strip().split("\n")[-3:]:
        sys.stdout.write(f"    {line[:300]!a}\n")
    sys.stdout.flush()


def _end(one: Tried) -> str:
    if one.faults:
        return "faults"
    last = one.statuses[-1]
    return {0: "lawful", 1: "lawful", 2: "refused", _LONG: "left out as asked to be long"}[last]


def _sum_up(
    number: int,
    seconds: float,
    kinds: Counter[str],
    news: Counter[int],
    ends: Counter[str],
    slow: tuple[float, str],
) -> None:
    said = ", ".join(f"{ends[end]:,} {end}" for end in sorted(ends))
    sys.stdout.write(f"\n{number:,} cases in {seconds / 60:.1f} minutes: {said}\n")
    sys.stdout.write(f"slowest case: {slow[1]}, {slow[0]:.0f} s\n")
    spans = range(int(seconds // 600) + 1)
    sys.stdout.write(
        f"new kinds in each ten minutes: {', '.join(str(news[one]) for one in spans)}\n"
    )
    for kind, times in kinds.most_common():
        sys.stdout.write(f"{times:6,}  {kind}\n")


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        "python -m tests.fuzz",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--minutes", type=float, default=1)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--cases", type=int)
    parser.add_argument("--only", default="")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--again", default="")
    parser.add_argument("--keep", default="")
    parser.add_argument("--known", default="")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
