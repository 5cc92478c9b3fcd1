"""Where things are printed, and how wrong input is reported."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NoReturn

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from sim.scenario import ScenarioError

WIDTH = 80
"""Columns for output that is not on a terminal; a terminal is used up to this width too."""


def console(*, stderr: bool = False) -> Console:
    """A console of at most WIDTH columns."""
    found = Console(stderr=stderr)
    return Console(stderr=stderr, width=min(found.width, WIDTH) if found.is_terminal else WIDTH)


def report_problems(error: ScenarioError) -> NoReturn:
    """Print one line a problem and end with status 2."""
    sys.stderr.write(f"{error}\n")
    sys.exit(2)


def fail(message: str, *, status: int = 2) -> NoReturn:
    """Print one line and end."""
    sys.stderr.write(f"dcr-sim: {message}\n")
    sys.exit(status)


@contextmanager
def progress_bar(what: str = "replications") -> Iterator[Callable[[int, int], None]]:
    """Shows how many are done, of how many: a bar on a terminal, else a line for each tenth.

    Args:
        what: is counted.
    """
    out = console(stderr=True)
    if not out.is_terminal:
        yield _progress_lines(what)
        return
    columns = (
        TextColumn(what.capitalize()),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("time left"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=out, transient=True) as bar:
        task = bar.add_task("", total=None)

        def show(done: int, of: int) -> None:
            bar.update(task, completed=done, total=of)

        yield show


def _progress_lines(what: str) -> Callable[[int, int], None]:
    """A line for each tenth of the work."""
    told = 0

    def show(done: int, of: int) -> None:
        nonlocal told
        if done * 10 // of != told * 10 // of:
            sys.stderr.write(f"{done:,} of {of:,} {what}\n")
        told = done

    return show
