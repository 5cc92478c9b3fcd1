"""From a folder of results to its page."""

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from html import escape
from pathlib import Path

from sim.report import ENGLISH
from sim.report.city.places import places_page
from sim.report.city.run import city_page
from sim.report.explore.explore_page import explore_page
from sim.report.fit.fit_page import FitAnswer, fit_page
from sim.report.page.document import Page, render
from sim.report.page.words import LANGUAGES, Words, catalogue
from sim.report.pages.calibration import calibration_page
from sim.report.pages.run import run_page
from sim.report.pages.size import size_page
from sim.report.rota.check import check_page
from sim.report.rota.need import need_page
from sim.report.rota.plan import plan_page
from sim.report.several.compare import base_scenario, compare_page
from sim.report.several.sweep import sweep_page
from sim.report.several.tornado import tornado_page
from sim.results.folder import ResultsError, new_file, writing
from sim.results.read import Altered, Kind, Saved, also_wrote, read_results
from sim.scenario.city.model import City
from sim.scenario.errors.told import told
from sim.scenario.model.scenario import Scenario
from sim.study.run.workers import Progress, silent

REPORT = "report.html"
"""Name of the page in its folder: the one last asked for. That of each language is beside it."""

EXPLORE = "explore.html"
"""Name of the page on which the designs of a sweep are looked up."""

PDF = "report.pdf"
"""Name of the same on paper."""
_BROWSERS = (
    *("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"),
    *("microsoft-edge", "msedge", "brave-browser"),
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
    r"C:\Program Files\Google\Chrome\Application\chrome.exe",
    r"C:\Program Files (x86)\Microsoft\Edge\Application\msedge.exe",
)
"""What prints without a window, where it is usually found."""
_PATIENCE = 120
"""Seconds for a browser to print a page."""


def _page_of_run(saved: Saved, words: Words) -> Page:
    """The page of a site, or of a city."""
    scenario = saved.scenario()
    if isinstance(scenario, City):
        return city_page(saved, scenario, words)
    return run_page(saved, words)


def _words_of(saved: Saved, lang: str) -> Words:
    """The words of a language, which call the facilities of a city as their files do."""
    words = catalogue(lang)
    try:
        if saved.kind is Kind.COMPARISON:
            scenario = base_scenario(saved, saved.contents("comparison.json"))
        else:
            scenario = saved.scenario()
    except ResultsError:  # each page says what it cannot do without
        return words
    if not isinstance(scenario, City):
        return words
    return words.with_facilities(
        {name: one.title for name, one in scenario.open_facilities.items()}
    )


_PAGES: Mapping[Kind, Callable[[Saved, Words], Page]] = {
    Kind.RUN: _page_of_run,
    Kind.COMPARISON: compare_page,
    Kind.SWEEP: sweep_page,
    Kind.TORNADO: tornado_page,
    Kind.CALIBRATION: calibration_page,
    Kind.SIZE: size_page,
    Kind.PLACES: places_page,
    Kind.PLAN: plan_page,
    Kind.NEED: need_page,
}
_MOST_MARKS = 5
_DRAWN_FROM = re.compile(r'<meta name="results" content="([0-9a-f]*)">')
"""In a page, the checksum of the results that it was drawn from."""
_BODY = re.compile(r"<body[^>]*>\n?")
_LANG = re.compile(r'<html lang="([a-z]+)"')
_OF_EARLIER = re.compile(r'<p class="mark earlier"[^>]*>[^<]*</p>\n')


def write_report(
    folder: Path,
    *languages: str,
    simulated: Scenario | None = None,
    as_is: bool = False,
    warn: Callable[[str], None] | None = None,
    progress: Progress = silent,
) -> Path:
    """Draw the page of a folder of results and put it there; nothing is simulated.

    The same results, language and version give the same bytes. The page is `report.html`, and the
    same beside it under the name of its language, such as `report.da.html`.

    Args:
        folder: what `run`, `compare` or `sweep` wrote.
        languages: each one of `words.LANGUAGES`; the last is that of `report.html`. Without any
            it is English.
        simulated: the scenario of a run, if it is at hand; else it is read.
        as_is: whether to draw it although files were changed since, with a mark that says so.
        warn: is told what whoever reads these results should know.
        progress: is told of every page drawn.

    Returns:
        The page's file.

    Raises:
        ResultsError: the folder holds no results, is damaged, changed or cannot be written.
    """
    saved = read_results(folder, simulated, as_is=as_is)
    told = dict.fromkeys(saved.warnings)
    html = ""
    wanted = list(dict.fromkeys((languages or (ENGLISH,))[::-1]))[::-1]
    for number, one in enumerate(wanted):
        progress(number, len(wanted))
        words = _words_of(saved, one)
        page = _PAGES[saved.kind](saved, words)
        marks = tuple(_marks(saved.altered, words))
        html = render(replace(page, marks=marks, drawn_from=saved.sha256), words)
        _write(folder, _page_of(one), html)
        told |= dict.fromkeys(page.warnings)
    _write(folder, REPORT, html)
    if warn is not None:
        for text in told:
            warn(text)
    return folder / REPORT


def write_explore(
    folder: Path,
    lang: str = ENGLISH,
    *,
    as_is: bool = False,
    warn: Callable[[str], None] | None = None,
    progress: Progress = silent,
) -> Path:
    """Draw the page on which the designs of a sweep are looked up, and put it into its folder.

    Nothing is simulated; the same results, language and version give the same bytes.

    Args:
        folder: what `sweep` wrote.
        lang: one of `words.LANGUAGES`.
        as_is: whether to draw it although files were changed since, with a mark that says so.
        warn: is told what whoever reads these results should know.
        progress: is told of every design drawn.

    Returns:
        The page's file.

    Raises:
        ResultsError: the folder holds no sweep, is damaged, changed or cannot be written.
    """
    saved = read_results(folder, as_is=as_is)
    if saved.kind is not Kind.SWEEP:
        raise ResultsError(
            told(
                "has_no_only_the_designs_of_a",
                "{folder} has no {sweep}: only the designs of a sweep can be looked up; "
                "run sweep with what is to be varied, and name its folder",
                folder=folder,
                sweep=Kind.SWEEP,
            )
        )
    words = _words_of(saved, lang)
    marks = tuple(_marks(saved.altered, words))
    _write(folder, EXPLORE, explore_page(saved, words, marks, progress))
    if warn is not None:
        for text in saved.warnings:
            warn(text)
    return folder / EXPLORE


def write_pdf(folder: Path) -> Path:
    """Print the page of a folder of results on A4, with the browser that this machine has.

    Args:
        folder: with its `report.html`.

    Returns:
        The file, `report.pdf` beside the page.

    Raises:
        ResultsError: there is no browser that prints without a window, or it fails.
    """
    browser = next((found for one in _BROWSERS if (found := shutil.which(one))), None)
    if browser is None:
        raise ResultsError(
            told(
                "a_pdf_needs_chromium_chrome_or_edge",
                "a PDF needs Chromium, Chrome or Edge, and none was found: install one, or "
                "open {folder} in any browser and print it to a PDF",
                folder=folder / REPORT,
            )
        )
    with new_file(folder / PDF) as draft, tempfile.TemporaryDirectory() as profile:
        command = [browser, "--headless", "--disable-gpu", "--no-pdf-header-footer"]
        command += [f"--user-data-dir={profile}", f"--print-to-pdf={draft.resolve()}"]
        if hasattr(os, "geteuid") and os.geteuid() == 0:
            command.append("--no-sandbox")  # a browser started by root refuses to work otherwise
        try:
            subprocess.run(
                [*command, (folder / REPORT).resolve().as_uri()],
                check=True,
                capture_output=True,
                timeout=_PATIENCE,
            )
        except (OSError, subprocess.SubprocessError) as error:
            raise ResultsError(
                told(
                    "could_not_print_the_page",
                    "{browser} could not print the page: {error}",
                    browser=browser,
                    error=error,
                )
            ) from error
        if not draft.is_file() or not draft.read_bytes().startswith(b"%PDF"):
            raise ResultsError(
                told(
                    "printed_nothing_open_the_page_in_it",
                    "{browser} printed nothing; open the page in it and print it there",
                    browser=browser,
                )
            )
    also_wrote(folder, PDF)
    return folder / PDF


def checked_page(scenario: Scenario, lang: str) -> str:
    """The HTML of the page of a rota that is held against its rules; nothing is simulated.

    Args:
        scenario: whose rota it is.
        lang: one of `words.LANGUAGES`.

    Raises:
        NeedError: it has no staff.
    """
    words = catalogue(lang)
    return render(check_page(scenario, words), words)


def fitted_page(answer: FitAnswer, lang: str) -> str:
    """The HTML of the page of a fit; nothing is simulated.

    Args:
        answer: the fit, and how it gives its log back.
        lang: one of `words.LANGUAGES`.
    """
    words = catalogue(lang)
    return render(fit_page(answer, words), words)


def languages_in(folder: Path) -> tuple[str, ...]:
    """The languages of the pages in a folder of results."""
    return tuple(lang for lang in LANGUAGES if (folder / _page_of(lang)).is_file())


def keep_pages(earlier: Path, draft: Path) -> None:
    """Put the pages of earlier results beside new ones; they say so where these are others.

    Args:
        earlier: the folder that the draft replaces, if there is one.
        draft: a folder of new results without pages.

    Raises:
        ResultsError: a page cannot be read or written.
    """
    now = read_results(draft).sha256
    for name in (REPORT, *map(_page_of, LANGUAGES)):
        page = earlier / name
        if not page.is_file():
            continue
        with writing(draft / name):
            _write(draft, name, _kept(page.read_bytes().decode("utf-8", "replace"), now))


def _page_of(lang: str) -> str:
    return f"report.{lang}.html"


def _write(folder: Path, name: str, html: str) -> None:
    with new_file(folder / name) as draft:
        draft.write_text(html, encoding="utf-8", newline="\n")
    also_wrote(folder, name)


def _marks(altered: Sequence[Altered], words: Words) -> Iterator[str]:
    """What stands on top of a page that was drawn although files were changed."""
    for one in altered[:_MOST_MARKS]:
        yield words.say("page.read_changed" if one.is_there else "page.read_gone", file=one.name)
    if len(altered) > _MOST_MARKS:
        yield words.say("page.read_more", number=words.number(len(altered) - _MOST_MARKS, 0))


def _kept(html: str, now: str) -> str:
    """A page of earlier results, with a mark unless these are the results of today."""
    html = _OF_EARLIER.sub("", html, count=1)
    drawn_from, lang, body = (one.search(html) for one in (_DRAWN_FROM, _LANG, _BODY))
    if body is None or (drawn_from is not None and drawn_from[1] == now):
        return html
    words = catalogue(lang[1] if lang is not None and lang[1] in LANGUAGES else ENGLISH)
    mark = f'<p class="mark earlier" role="note">{escape(words["page.earlier"])}</p>\n'
    return f"{html[: body.end()]}{mark}{html[body.end() :]}"
