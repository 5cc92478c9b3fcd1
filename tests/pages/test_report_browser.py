"""The pages in a real browser: drawn, silent, offline, printable, readable on a phone."""

import json
import re

import pytest

from tests.support.browser import Browser
from tests.support.command import command
from tests.support.saved_results import results

WITH_PLOTS = ("run", "compare", "sweep")
UNDRAWN = """
return [...document.querySelectorAll('.plot')].filter(plot =>
  plot.checkVisibility() &&
  !plot.querySelector('.main-svg .xy path, .main-svg .xy image, .main-svg .xy rect')
).map(plot => plot.id)
"""
TOO_WIDE = """
const edge = document.documentElement.clientWidth + 1;
return [...document.querySelectorAll('.plot .svg-container, table, p, h1, h2, h3')].filter(one =>
  one.getClientRects().length && one.getBoundingClientRect().right > edge
).map(one => one.outerHTML.slice(0, 80))
"""
UNFOLD = "for (const one of document.querySelectorAll('details.fold')) one.open = true"
OPEN_TABLES = """
return [...document.querySelectorAll('details table')].filter(t => t.checkVisibility()).length
"""
WITHOUT_TABLE = """
return [...document.querySelectorAll('figure')].filter(one =>
  one.querySelector('.plot') && !one.querySelector('table')
).map(one => one.id)
"""
TWICE = """
const ids = [...document.querySelectorAll('[id]')].filter(e => !e.closest('svg')).map(e => e.id);
return ids.filter((id, place) => ids.indexOf(id) !== place)
"""
DEAD_LINKS = """
return [...document.querySelectorAll('a[href^="#"]')].map(a => a.getAttribute('href')).filter(to =>
  !document.querySelector(to))
"""


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    found = results(tmp_path_factory.mktemp("site"))
    return {name: folder / "report.html" for name, folder in found.items()}


@pytest.mark.slow
@pytest.mark.parametrize("page", WITH_PLOTS)
def test_every_figure_is_drawn_in_silence_and_offline(browser: Browser, pages, page):
    browser.open(pages[page])
    assert browser.run(UNDRAWN) == []
    browser.run(UNFOLD)
    drawn = "return document.querySelectorAll('.plot, .picture svg').length"
    assert browser.run(drawn) > 0
    assert browser.run(UNDRAWN) == []
    assert browser.complaints() == []
    asked = [url for url in browser.requests() if not url.startswith("data:")]
    assert asked == [pages[page].as_uri()]


@pytest.mark.slow
def test_the_theme_of_the_reader_is_used(browser: Browser, pages):
    colours = []
    for dark in (False, True):
        browser.open(pages["run"], dark=dark)
        browser.run(UNFOLD)
        colours.append(
            browser.run(
                "return [getComputedStyle(document.body).backgroundColor,"
                " getComputedStyle(document.querySelector('.plot text')).fill]"
            )
        )
    light, dark = colours
    assert light == ["rgb(250, 249, 246)", "rgb(20, 32, 43)"]
    assert dark == ["rgb(15, 22, 28)", "rgb(233, 238, 242)"]


@pytest.mark.slow
def test_tables_open(browser: Browser, pages):
    browser.open(pages["run"])
    assert browser.run(OPEN_TABLES) == 0
    browser.run("for (const one of document.querySelectorAll('details > summary')) one.click()")
    number = browser.run("return document.querySelectorAll('details table').length")
    assert browser.run(OPEN_TABLES) == number > 5
    assert browser.complaints() == []


@pytest.mark.slow
@pytest.mark.parametrize("page", ["run", "sweep"])
def test_a_phone_need_not_scroll_sideways(browser: Browser, pages, page):
    browser.open(pages[page], width=360)
    browser.run(UNFOLD)
    assert browser.run("return document.documentElement.scrollWidth") <= 360
    assert browser.run(UNDRAWN) == []


@pytest.mark.slow
@pytest.mark.parametrize("page", ["run", "compare"])
def test_paper_is_wide_enough(browser: Browser, pages, page):
    browser.open(pages[page], dark=True)
    assert browser.as_printed(TOO_WIDE) == []
    assert browser.run("return getComputedStyle(document.body).color") == "rgb(20, 32, 43)"
    text = "return getComputedStyle(document.querySelector('.plot text, .picture text')).fill"
    assert browser.run(text) == "rgb(20, 32, 43)"
    assert browser.complaints() == []


@pytest.mark.slow
def test_it_prints_on_a4_and_the_screen_is_as_before(browser: Browser, pages):
    browser.open(pages["run"])
    browser.run(UNFOLD)
    before = browser.run("return document.querySelector('.plot .main-svg').getAttribute('width')")
    printed = browser.pdf()
    boxes = set(re.findall(rb"/MediaBox \[([^]]*)\]", printed))
    assert len(boxes) == 1
    assert [float(one) for one in boxes.pop().split()] == pytest.approx([0, 0, 595, 842], abs=1.5)
    after = browser.run("return document.querySelector('.plot .main-svg').getAttribute('width')")
    assert after == before
    assert browser.complaints() == []


@pytest.mark.slow
def test_a_reader_who_hears_the_page_gets_all_of_it(browser: Browser, pages):
    browser.open(pages["run"])
    assert browser.run("return document.documentElement.lang") == "en"
    for landmark in ("header", "main", "footer"):
        assert browser.run(f"return document.querySelectorAll('{landmark}').length") == 1
    levels = browser.run("return [...document.querySelectorAll('h1, h2, h3')].map(h => h.tagName)")
    assert levels[0] == "H1"
    assert levels.count("H1") == 1
    unnamed = "return document.querySelectorAll('.plot:not([role=img][aria-label])').length"
    assert browser.run(unnamed) == 0
    assert browser.run(WITHOUT_TABLE) == []
    assert browser.run(TWICE) == []
    assert browser.run(DEAD_LINKS) == []


@pytest.mark.slow
@pytest.mark.usefixtures("browser")
def test_it_is_printed_by_the_browser_that_is_there(pages, monkeypatch, capsys):
    folder = pages["run"].parent
    assert command(folder.parents[1], "report", str(folder), "--pdf") == 0
    printed = (folder / "report.pdf").read_bytes()
    assert printed.startswith(b"%PDF")
    assert len(re.findall(rb"/Type */Page[^s]", printed)) >= 2
    assert "report.pdf" in json.loads((folder / "manifest.json").read_text("utf-8"))["files"]
    monkeypatch.setattr("sim.report.report._BROWSERS", ("no-such-browser",))
    capsys.readouterr()
    assert command(folder.parents[1], "report", str(folder), "--pdf") == 2
    assert "a PDF needs Chromium, Chrome or Edge" in " ".join(capsys.readouterr().err.split())
