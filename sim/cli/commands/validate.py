"""`validate`: the simulator against results that are known exactly."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import pandas as pd
import typer
from rich.text import Text

from sim.cli.console import expecting, fail, new_table, progress_bar, say
from sim.cli.options import PROCESSORS, EngineOption, Lang, Workers, fit_for_results, make_ready
from sim.engine import Engine
from sim.report import ENGLISH
from sim.report.page.words import Words, catalogue
from sim.results import ResultsError
from sim.results.files import write_table
from sim.scenario import load_scenario
from sim.scenario.errors.told import told
from sim.validation.exact.cases import CASES, FOLDER, validate
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
    lang: Lang = ENGLISH,
) -> None:
    """Check the simulator against results that are known exactly, or were published."""
    asked = Validation(quick, workers, engine, out, page, catalogue(lang))
    if published:
        run_published(asked)
    else:
        run_validation(asked, case or [])


@dataclass(frozen=True)
class Validation:
    """What was asked for."""

    quick: bool
    workers: int
    engine: Engine
    out: Path
    page: Path | None
    words: Words


def run_published(asked: Validation) -> None:
    """Simulate the published facilities, print and write what agrees."""
    words = asked.words
    make_ready(asked.engine)
    with progress_bar() as progress:
        table = published(
            quick=asked.quick, workers=asked.workers, engine=asked.engine, progress=progress
        )
    file = asked.out / "published.csv"
    _write(table, file)
    if asked.page is not None:
        PUBLISHED.update(asked.page, table)
    shown = new_table(dim=True)
    for name in ("id", "facility"):
        shown.add_column(words[f"screen_validate.{name}"])
    shown.add_column(words["screen_validate.simulated_95"], justify="right", no_wrap=True)
    shown.add_column(words["screen_validate.agrees"], no_wrap=True)
    figures = table[["simulated", "ci_low", "ci_high"]].to_numpy(dtype=float)
    names = zip(table["id"], table["facility"], table["agrees"], strict=True)
    for number, (name, facility, agrees) in enumerate(names):
        value, low, high = figures[number]
        known = words.local(f"{value:.4g} ({low:.4g}-{high:.4g})")
        verdict = words.texts.get(f"choice.{agrees}", str(agrees))
        shown.add_row(str(name), str(facility), known, verdict)
    say(shown)
    say("\n" + words.say("screen_validate.table", file=file), soft_wrap=True)


def _write(table: pd.DataFrame, path: Path) -> None:
    with expecting(ResultsError):
        write_table(table, path)


def run_validation(asked: Validation, cases: list[str]) -> None:
    """Play the cases, print a line each, write the table; status 1 if a case fails."""
    words = asked.words
    if asked.page is not None and (cases or asked.quick):
        fail(
            told(
                "fail_a_page_is_made_from_a",
                "a page is made from a full run of all cases; leave out --quick and --case",
            )
        )
    known = {case.id for case in CASES}
    if unknown := [name for name in cases if name not in known]:
        fail(
            told(
                "there_is_no_case_known",
                "there is no case {unknown}; known: {listed}",
                unknown=unknown[0],
                listed=", ".join(sorted(known)),
            )
        )
    make_ready(asked.engine)
    of_needs = (one.file for one in CASES if one.needs and (not cases or one.id in cases))
    if file_of_needs := next(of_needs, None):
        make_ready(asked.engine, load_scenario(FOLDER / file_of_needs))
    with progress_bar() as progress:
        table = validate(
            quick=asked.quick,
            ids=cases or None,
            workers=asked.workers,
            engine=asked.engine,
            progress=progress,
        )
    file = asked.out / "validation.csv"
    _write(table, file)
    if asked.page is not None:
        EXACT.update(asked.page, table)
    _print(table, words)
    failed = int((~table["passed"]).sum())
    counted = {"figures": len(table), "cases": int(table["case"].nunique())}
    result = words.tell("screen_validate.of", **counted, passed=len(table) - failed, failed=failed)
    say(f"\n{result}")
    say(words.say("screen_validate.table", file=file), soft_wrap=True)
    if failed:
        raise SystemExit(1)


def _print(table: pd.DataFrame, words: Words) -> None:
    shown = new_table(dim=True)
    shown.add_column(words["screen_validate.case"], no_wrap=True)
    shown.add_column(words["axis.figure"], ratio=1)
    for name in ("exact", "simulated", "error", "apart"):
        shown.add_column(words[f"screen_validate.{name}"], justify="right", no_wrap=True)
    shown.add_column("", justify="right", no_wrap=True)
    figures = table[["exact", "simulated", "standard_error"]].to_numpy(dtype=float)
    for number, (name, figure, apart, passed) in enumerate(
        zip(table["case"], table["figure"], table["apart"], table["passed"], strict=True)
    ):
        verdict = Text(words["screen_validate.pass"])
        if not passed:
            verdict = Text(words["screen_validate.fail"], "bold red")
        cells = (*(f"{value:.5g}" for value in figures[number]), f"{apart:.1f}")
        shown.add_row(str(name), str(figure), *(words.local(one) for one in cells), verdict)
    say(shown)
