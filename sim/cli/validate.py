"""`validate`: the simulator against results that are known exactly."""

from pathlib import Path

import pandas as pd
from rich.table import Table

from sim.cli.console import console, fail, progress_bar
from sim.results import ResultsError
from sim.results.table import write_table
from sim.validation import CASES, validate


def run_validation(*, quick: bool, cases: list[str], workers: int, out: Path) -> None:
    """Play the cases, print a line each, write the table; status 1 if a case fails."""
    known = {case.id for case in CASES}
    if unknown := [name for name in cases if name not in known]:
        fail(f"there is no case {unknown[0]}; known: {', '.join(sorted(known))}")
    with progress_bar() as progress:
        table = validate(quick=quick, ids=cases or None, workers=workers, progress=progress)
    try:
        write_table(table, out / "validation.csv")
    except ResultsError as error:
        fail(str(error))
    _print(table)
    failed = int((~table["passed"]).sum())
    out_line = f"{len(table)} figures of {table['case'].nunique()} cases"
    console().print(f"\n{out_line}: {len(table) - failed} pass, {failed} fail", highlight=False)
    console().print(f"Table: {out / 'validation.csv'}", highlight=False, soft_wrap=True)
    if failed:
        raise SystemExit(1)


def _print(table: pd.DataFrame) -> None:
    shown = Table(box=None, pad_edge=False, header_style="dim", expand=True)
    shown.add_column("case", no_wrap=True)
    shown.add_column("figure", ratio=1)
    for name in ("exact", "simulated", "std. error", "apart", ""):
        shown.add_column(name, justify="right", no_wrap=True)
    figures = table[["exact", "simulated", "standard_error"]].to_numpy(dtype=float)
    for number, (name, figure, apart, passed) in enumerate(
        zip(table["case"], table["figure"], table["apart"], table["passed"], strict=True)
    ):
        verdict = "pass" if passed else "[bold red]FAIL[/bold red]"
        exact, simulated, error = (f"{value:.5g}" for value in figures[number])
        shown.add_row(str(name), str(figure), exact, simulated, error, f"{apart:.1f}", verdict)
    console().print(shown)
