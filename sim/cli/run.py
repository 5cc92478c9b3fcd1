"""`run`: simulate a scenario, print the answers, write the results."""

import os
import shlex
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime
from pathlib import Path

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from sim.cli.console import console, fail
from sim.cli.summary import print_summary
from sim.results import ResultsError, Run, keep_visits, new_results, write_results
from sim.scenario.load import Loaded
from sim.scenario.outlook import outlook
from sim.study import Plan, StudyError, run_study


def run_scenario(
    loaded: Loaded, *, replications: int, seed: int, out: Path | None, workers: int, visits: bool
) -> None:
    """Run a study of one scenario; results are written whole or not at all."""
    scenario = loaded.scenario
    target = Path("results") / scenario.name if out is None else out
    for change in loaded.source.changes:
        console(stderr=True).print(f"set {change}", highlight=False)
    for warning in outlook(scenario).warnings:
        console(stderr=True).print(f"[yellow]warning:[/yellow] {warning}", highlight=False)
    started, clock = datetime.now(UTC), time.perf_counter()
    plan = Plan(seed=seed, replications=replications, workers=workers)
    try:
        with new_results(target) as draft:
            with keep_visits(draft) if visits else nullcontext() as keep, _progress() as progress:
                result = run_study(scenario, plan, progress=progress, keep=keep)
            record = Run(shlex.join(sys.argv), started, time.perf_counter() - clock)
            write_results(result, scenario, record, draft)
    except (ResultsError, StudyError) as error:
        fail(str(error))
    print_summary(result, scenario)
    console().print(f"\nResults: {target}{os.sep}", highlight=False, soft_wrap=True)


@contextmanager
def _progress() -> Iterator[Callable[[int, int], None]]:
    """A bar on a terminal, otherwise a line for each tenth of the work."""
    out = console(stderr=True)
    if not out.is_terminal:
        yield _report_line
        return
    columns = (
        TextColumn("Replications"),
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


def _report_line(done: int, of: int) -> None:
    if done * 10 // of != (done - 1) * 10 // of:
        sys.stderr.write(f"{done} of {of} replications\n")
