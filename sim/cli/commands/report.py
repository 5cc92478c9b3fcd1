"""`report`: the page of saved results, drawn again; and the page that the other commands write."""

import os
from pathlib import Path
from typing import Annotated, Literal

import typer

from sim.cli.console import console, fail, styled
from sim.report import ENGLISH
from sim.report.pages import keep_pages, languages_in, write_report
from sim.results import ResultsError
from sim.scenario import Scenario

Lang = Annotated[Literal["en", "da"], typer.Option(help="Language of the report.")]
NoReport = Annotated[
    bool, typer.Option("--no-report", help="Draw no page; those that are there stay.")
]


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
    try:
        page = write_report(results, lang, as_is=as_is, warn=_warn)
    except ResultsError as error:
        fail(str(error))
    console().print(f"Report: {page}", soft_wrap=True)


def draw_into(
    draft: Path, target: Path, lang: str | None, simulated: Scenario | None = None
) -> None:
    """Draw the page of new results, and anew those of other languages that were there.

    Args:
        draft: their folder.
        target: the folder that it is to replace.
        lang: one of `words.LANGUAGES`; with None nothing is drawn, and the pages that were there
            stay, with a mark if they are of other results.
        simulated: the scenario of a run, which need not be read again.

    Raises:
        ResultsError: it cannot be written.
    """
    if lang is None:
        keep_pages(target, draft)
    else:
        write_report(draft, lang, simulated, others=languages_in(target), warn=_warn)


def _warn(text: str) -> None:
    console(stderr=True).print(styled("[yellow]warning:[/yellow] {}", text))


def print_where(target: Path) -> None:
    """Print where the results are, and the page if there is one."""
    page = target / "report.html"
    more = f"   Report: {page}" if page.is_file() else ""
    console().print(f"\nResults: {target}{os.sep}{more}", soft_wrap=True)
