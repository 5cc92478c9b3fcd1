"""`validate`: the simulator against results that are known exactly."""

from pathlib import Path
from typing import Annotated

import pandas as pd
import typer

from sim.cli.console import expecting, fail, new_table, progress_bar, say, styled
from sim.cli.options import PROCESSORS, EngineOption, Workers, fit_for_results, make_ready
from sim.engine import Engine
from sim.results import ResultsError
from sim.results.files import write_table
from sim.validation.exact.cases import CASES, validate
from sim.validation.page import EXACT, PUBLISHED
from sim.validation.published.checks import published


def validate_command(
    quick: Annotated[
        bool, typer.Option("--quick", help="Fewer replications: standard errors up to 5 %.")
    ] = False,
    case: Annotated[
        list[str] | None, typer.Option(metavar="ID", help="Only this case. May be repeated.")
    ] = None,
    published: Annotated[
        bool, typer.Option("--published", help="Published facilities instead of exact results.")
    ] = False,
    page: Annotated[
        Path | None, typer.Option(help="Rewrite the part of this page, such as docs/validation.md.")
    ] = None,
    workers: Workers = PROCESSORS,
    engine: EngineOption = Engine.FAST,
    out: Annotated[
        Path, typer.Option(help="Folder for the table.", callback=fit_for_results)
    ] = Path("results/validation"),
) -> None:
    """Check the simulator against results that are known exactly, or were published."""
    if published:
        run_published(quick=quick, workers=workers, engine=engine, out=out, page=page)
    else:
        run_validation(
            quick=quick, cases=case or [], workers=workers, engine=engine, out=out, page=page
        )


def run_published(
    *, quick: bool, workers: int, engine: Engine, out: Path, page: Path | None
) -> None:
    """Simulate the published facilities, print and write what agrees."""
    make_ready(engine)
    with progress_bar() as progress:
        table = published(quick=quick, workers=workers, engine=engine, progress=progress)
    _write(table, out / "published.csv")
    if page is not None:
        PUBLISHED.update(page, table)
    shown = new_table(dim=True)
    for name in ("id", "facility"):
        shown.add_column(name)
    shown.add_column("simulated (95 %)", justify="right", no_wrap=True)
    shown.add_column("agrees", no_wrap=True)
    figures = table[["simulated", "ci_low", "ci_high"]].to_numpy(dtype=float)
    names = zip(table["id"], table["facility"], table["agrees"], strict=True)
    for number, (name, facility, agrees) in enumerate(names):
        value, low, high = figures[number]
        shown.add_row(str(name), str(facility), f"{value:.4g} ({low:.4g}-{high:.4g})", str(agrees))
    say(shown)
    say(f"\nTable: {out / 'published.csv'}", soft_wrap=True)


def _write(table: pd.DataFrame, path: Path) -> None:
    with expecting(ResultsError):
        write_table(table, path)


def run_validation(
    *, quick: bool, cases: list[str], workers: int, engine: Engine, out: Path, page: Path | None
) -> None:
    """Play the cases, print a line each, write the table; status 1 if a case fails."""
    if page is not None and (cases or quick):
        fail("a page is made from a full run of all cases; leave out --quick and --case")
    known = {case.id for case in CASES}
    if unknown := [name for name in cases if name not in known]:
        fail(f"there is no case {unknown[0]}; known: {', '.join(sorted(known))}")
    make_ready(engine)
    with progress_bar() as progress:
        table = validate(
            quick=quick, ids=cases or None, workers=workers, engine=engine, progress=progress
        )
    _write(table, out / "validation.csv")
    if page is not None:
        EXACT.update(page, table)
    _print(table)
    failed = int((~table["passed"]).sum())
    out_line = f"{len(table)} figures of {table['case'].nunique()} cases"
    say(f"\n{out_line}: {len(table) - failed} pass, {failed} fail")
    say(f"Table: {out / 'validation.csv'}", soft_wrap=True)
    if failed:
        raise SystemExit(1)


def _print(table: pd.DataFrame) -> None:
    shown = new_table(dim=True)
    shown.add_column("case", no_wrap=True)
    shown.add_column("figure", ratio=1)
    for name in ("exact", "simulated", "std. error", "apart", ""):
        shown.add_column(name, justify="right", no_wrap=True)
    figures = table[["exact", "simulated", "standard_error"]].to_numpy(dtype=float)
    for number, (name, figure, apart, passed) in enumerate(
        zip(table["case"], table["figure"], table["apart"], table["passed"], strict=True)
    ):
        verdict = "pass" if passed else styled("[bold red]FAIL[/bold red]")
        exact, simulated, error = (f"{value:.5g}" for value in figures[number])
        shown.add_row(str(name), str(figure), exact, simulated, error, f"{apart:.1f}", verdict)
    say(shown)
