"""`report`: the page of saved results, drawn again."""

from pathlib import Path
from typing import Annotated

import typer

from sim.cli.console import expecting, progress_bar, say, warn
from sim.cli.options import Lang
from sim.report import ENGLISH
from sim.report.report import write_report
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
) -> None:
    """Draw the page of saved results again, without simulating."""
    with expecting(ResultsError), progress_bar("pages drawn", brief=True) as show:
        page = write_report(results, lang, as_is=as_is, warn=warn, progress=show)
    say(f"Report: {page}", soft_wrap=True)
