"""`report`: the page of saved results, drawn again."""

from pathlib import Path
from typing import Annotated

import typer

from sim.cli.console import expecting, fail, progress_bar, say, warn
from sim.cli.options import Lang
from sim.report import ENGLISH
from sim.report.page.words import catalogue
from sim.report.report import write_explore, write_pdf, write_report
from sim.results import ResultsError
from sim.scenario.errors.told import told


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
    explore: Annotated[
        bool,
        typer.Option(
            "--explore",
            help="Of a sweep: explore.html instead, one page on which its designs are looked up "
            "with sliders, offline.",
        ),
    ] = False,
) -> None:
    """Draw the page of saved results again, without simulating."""
    words = catalogue(lang)
    if explore:
        if pdf:
            fail(
                told(
                    "fail_explore_makes_a_page_to_look",
                    "--explore makes a page to look designs up on; leave out --pdf",
                )
            )
        with (
            expecting(ResultsError),
            progress_bar(told("count_designs_drawn", "designs drawn"), brief=True) as show,
        ):
            page = write_explore(results, lang, as_is=as_is, warn=warn, progress=show)
        say(words.say("explore.written", page=page), soft_wrap=True)
        return
    with (
        expecting(ResultsError),
        progress_bar(told("count_pages_drawn", "pages drawn"), brief=True) as show,
    ):
        page = write_report(results, lang, as_is=as_is, warn=warn, progress=show)
        printed = write_pdf(results) if pdf else None
    text = words.say("screen.page", page=page)
    say(text + (f"   PDF: {printed}" if printed else ""), soft_wrap=True)
