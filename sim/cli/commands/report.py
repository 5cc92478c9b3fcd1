"""`report`: the page of saved results, drawn again."""

from pathlib import Path
from typing import Annotated

import typer

from sim.cli.console import expecting, progress_bar, say, warn
from sim.cli.options import Lang
from sim.report import ENGLISH
from sim.report.report import write_pdf, write_report
from sim.results import ResultsError


def report_command(
    results: Annotated[
        Path, typer.Argument(metavar="RESULTS", help="A folder that run, compare or sweep wrote.")
    ],
    lang: Lang = ENGLISH,
    as_is: Annotated[
        bool,
        typer.Option(
            "--as-is",
            help="Draw it although files were changed after the results were written; the page "
            "says so.",
        ),
    ] = False,
    pdf: Annotated[
        bool,
        typer.Option("--pdf", help="Print it as report.pdf too, with the browser that is here."),
    ] = False,
) -> None:
    """Draw the page of saved results again, without simulating."""
    with expecting(ResultsError), progress_bar("pages drawn", brief=True) as show:
        page = write_report(results, lang, as_is=as_is, warn=warn, progress=show)
        printed = write_pdf(results) if pdf else None
    say(f"Report: {page}" + (f"   PDF: {printed}" if printed else ""), soft_wrap=True)
