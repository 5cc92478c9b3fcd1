"""The text beside the sliders: every number has its place in it, and no mistake is lost."""

import time

import pytest
from selenium.webdriver.common.keys import Keys

from sim.report.page.words import catalogue
from sim.scenario import ScenarioError
from sim.serve.moves import read_site, site_of_text, written
from sim.serve.questions import questions, ranges
from sim.study.compare.options import changes
from tests import ROOT
from tests.pages.test_serve_browser import TEXT, wait
from tests.support.served import TRIED, served

TOLD = """
return document.getElementById('editor').shadowRoot?.querySelector('ol')?.textContent ?? ''
"""
LINES = """
const root = document.getElementById('editor').shadowRoot;
return [...root?.querySelectorAll('.cm-line') ?? []].map((one) => one.textContent).join('\\n')
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("serve")
    (folder / "small.yaml").write_text(TRIED, "utf-8")
    return folder / "small.yaml"


@pytest.mark.slow
@pytest.mark.parametrize("name", ["small", "h17"])
def test_every_number_that_can_be_moved_is_the_same_in_the_text(site, name):
    start = read_site(site if name == "small" else ROOT / "scenarios" / f"{name}.yaml", ())
    asked = questions(start, ranges(start), catalogue("en"))
    some = [one for one in asked if one.kind == "number"][:: 1 if name == "small" else 12]
    for one in some:
        number = (one.low if one.high == one.value else one.high) / one.times
        value = f"{number:g} {one.written}" if one.written else number
        try:
            wanted = start.scenario({one.path: value})
        except ScenarioError:
            continue
        text, left = written(start, {one.path: value})
        assert left == {}, one.path
        assert not changes(wanted, site_of_text(start, text).loaded.scenario), one.path


def until(browser, script, wanted):
    for _ in range(400):
        if wanted in browser.run(script):
            return
        time.sleep(0.05)
    raise AssertionError(browser.run(script))


@pytest.mark.slow
def test_a_mistake_stands_at_its_line_and_is_not_lost(browser, site, tmp_path):
    with served(site, tmp_path / "tried", lang="da") as page:
        browser.open(page.door.address)
        wait(browser)
        before = browser.run(TEXT, "#cards")
        browser.run("document.getElementById('view-text').click()")
        until(browser, LINES, "places: 3")
        browser.press_with_control(Keys.END)
        browser.press("roms: {}", Keys.RETURN)
        until(browser, TOLD, "roms")
        line = TRIED.count("\n") + 1
        assert f"Linje {line}: " in browser.run(TOLD)
        browser.run("document.getElementById('view-sliders').click()")
        assert browser.run(TEXT, "#cards") == before
        browser.run("document.getElementById('view-text').click()")
        until(browser, LINES, "roms: {}")
        time.sleep(1)
        assert "roms: {}" in browser.run(LINES)
        browser.press_with_control("f")
        until(browser, "return document.getElementById('editor').shadowRoot.innerHTML", "Søg")
        # That a text has mistakes is an answer of HTTP too, which the console tells of.
        assert [one for one in browser.complaints() if "status of 422" not in one] == []
