"""`report`: the page of saved results, drawn again; and the page that the other commands write."""

import os
from pathlib import Path
from typing import Annotated, Literal

import typer

from sim.cli.console import console, fail
from sim.report import ENGLISH
from sim.report.draw import write_report
from sim.results import ResultsError
from sim.scenario import Scenario

Lang = Annotated[Literal["en", "da"], typer.Option(help="Language of the report.")]
NoReport = Annotated[bool, typer.Option("--no-report", help="Do not draw report.html.")]


def report_command(
    results: Annotated[
        Path, typer.Argument(metavar="RESULTS", help="A folder that run, compare or sweep wrote.")
    ],
    lang: Lang = ENGLISH,
) -> None:
    """Draw the page of saved results again, without simulating."""
    try:
        page = _draw(results, lang)
    except ResultsError as error:
        fail(str(error))
    console().print(f"Report: {page}", soft_wrap=True)


def draw_into(draft: Path, lang: str | None, simulated: Scenario | None = None) -> None:
    """Draw the page of new results, unless no language is named.

    Args:
        draft: their folder.
        lang: one of `words.LANGUAGES`.
        simulated: the scenario of a run, which need not be read again.

    Raises:
        ResultsError: it cannot be written.
    """
    if lang is not None:
        _draw(draft, lang, simulated)


def _draw(folder: Path, lang: str, simulated: Scenario | None = None) -> Path:
    return write_report(folder, lang, simulated)


def print_where(target: Path) -> None:
    """Print where the results are, and the page if there is one."""
    page = target / "report.html"
    more = f"   Report: {page}" if page.is_file() else ""
    console().print(f"\nResults: {target}{os.sep}{more}", soft_wrap=True)
