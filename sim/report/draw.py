"""From a folder of results to its page."""

from collections.abc import Callable, Mapping
from pathlib import Path

from sim.report import ENGLISH
from sim.report.compare_page import compare_page
from sim.report.page import render
from sim.report.parts import Page
from sim.report.run_page import run_page
from sim.report.sweep_page import sweep_page, tornado_page
from sim.report.words import Words, catalogue
from sim.results.folder import writing
from sim.results.read import Kind, Saved, also_wrote, read_results
from sim.scenario.scenario import Scenario

REPORT = "report.html"
"""Name of the page in its folder."""

_PAGES: Mapping[Kind, Callable[[Saved, Words], Page]] = {
    Kind.RUN: run_page,
    Kind.COMPARISON: compare_page,
    Kind.SWEEP: sweep_page,
    Kind.TORNADO: tornado_page,
}


def write_report(folder: Path, lang: str = ENGLISH, simulated: Scenario | None = None) -> Path:
    """Draw the page of a folder of results and put it there; nothing is simulated.

    The same results, language and version give the same bytes.

    Args:
        folder: what `run`, `compare` or `sweep` wrote.
        lang: one of `words.LANGUAGES`.
        simulated: the scenario of a run, if it is at hand; else it is read.

    Returns:
        The page's file.

    Raises:
        ResultsError: the folder holds no results, is damaged or cannot be written.
    """
    saved = read_results(folder, simulated)
    words = catalogue(lang)
    html = render(_PAGES[saved.kind](saved, words), words)
    page, draft = folder / REPORT, folder / f".{REPORT}.new"
    with writing(page):
        draft.write_text(html, encoding="utf-8", newline="\n")
        draft.replace(page)
    also_wrote(folder, REPORT)
    return page
