"""The page on which a sweep's designs are looked up, in a real browser."""

import json
import re
import shutil
from importlib import resources
from pathlib import Path
from urllib.parse import quote

import pandas as pd
import pytest

from sim.report.page.words import catalogue
from sim.report.report import EXPLORE, write_explore
from sim.results import ResultsError
from sim.results.folder import is_page
from tests.support.browser import Browser
from tests.support.command import command
from tests.support.saved_results import SITE

EN = catalogue("en")
AXE = """
return axe.run(document, {resultTypes: ['violations']}).then(found => found.violations.map(one =>
  [one.id, one.nodes.length, one.nodes[0].html.slice(0, 200), one.nodes[0].failureSummary]))
"""
ROWS = """
return [...document.querySelectorAll('#figures tr')].map(row =>
  [...row.children].map(cell => cell.textContent))
"""
FEW = ("--replications", "3", "--workers", "1", "--no-cache", "--no-report")
PLACES, NURSES = "rooms.injecting.places", "staff.rota.0.count"


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("explore")
    (folder / "small.yaml").write_text(SITE, "utf-8")
    (folder / "free.yaml").write_text(SITE[: SITE.index("targets:")], "utf-8")
    grid = ("--vary", f"{PLACES}=3:5", "--vary", f"{NURSES}=1,2")
    spread = ("--vary", f"{PLACES}=2:6", "--vary", "demand.visits_per_day=60:120", "--lhs", "5")
    closing = ("--vary", "opening.queue_at_close=dismiss,serve", "--vary", f"{PLACES}=2:3")
    assert command(folder, "sweep", "small.yaml", *grid, "--out", "grid", *FEW) == 0
    assert command(folder, "sweep", "free.yaml", *spread, "--out", "spread", *FEW) == 0
    assert command(folder, "sweep", "free.yaml", *closing, "--out", "closing", *FEW) == 0
    assert command(folder, "report", "grid", "--explore", "--lang", "da") == 0
    shutil.copy(folder / "grid" / EXPLORE, folder / "danish.html")
    for name in ("grid", "spread", "closing"):
        assert command(folder, "report", name, "--explore") == 0
    return {name: folder / name for name in ("grid", "spread", "closing")}


def text(browser: Browser, selector: str) -> str:
    return str(browser.run("return document.querySelector(arguments[0]).innerText", selector))


def values(browser: Browser) -> list[str]:
    return list(
        browser.run("return [...document.querySelectorAll('.question output')].map(o => o.value)")
    )


def shown(metric: str, statistic: str, value: float) -> str:
    """A figure as pages write it."""
    if (metric, statistic) == ("response_first", "within_1") and value == 1:
        return EN["size.all"]
    if metric == "cost":
        return EN.number(value, 0)
    share = statistic in {"share", "within_1", "share_of_shifts"}
    return EN.brief(100 * value if share else value)


@pytest.mark.slow
def test_every_number_is_the_table_s(browser, folders):
    folder = folders["grid"]
    beside = pd.read_csv(folder / "sweep_differences.csv")
    table = pd.read_csv(folder / "sweep.csv").query("by == 'all'")
    settings = [
        one["settings"] for one in json.loads((folder / "sweep.json").read_text())["designs"]
    ]
    seen = 0
    for number, setting in enumerate(settings, start=1):
        at = "#" + "&".join(f"{key}={quote(value)}" for key, value in setting.items())
        browser.open(folder / EXPLORE, at=at)
        assert values(browser) == list(setting.values())
        rows = {row[0]: row[1:] for row in browser.run(ROWS)}
        mine = table[table["design"] == number]
        for one in beside[beside["design"] == number].to_dict(orient="records"):
            key = (one["metric"], one["statistic"])
            label = EN.say(f"option.{'_'.join(key)}", unit="EUR")
            if label not in rows:
                assert key == ("cost", "per_week") or pd.isna(one["value"])
                continue
            before, now, apart = rows[label]
            (value,) = mine.query("metric == @key[0] and statistic == @key[1]")["value"]
            assert value == one["value"]
            assert before == shown(*key, one["base_value"])
            assert now.partition(" (")[0] == shown(*key, value)
            verdict = str(one["verdict"]).partition(" (")[0]
            said = {"no difference that matters": "same", "cannot tell yet": "cannot say"}
            if verdict not in {"nan", "differs"} and not one["alike"]:
                assert apart.lstrip("?").startswith(said.get(verdict, verdict))
                share = key[1] in {"share", "within_1", "share_of_shifts"}
                size = EN.brief((100 if share else 1) * abs(one["difference"]))
                assert size in apart or not size.strip("0.")
            seen += 1
    assert seen > 60
    assert browser.trouble() == []


@pytest.mark.slow
def test_sliders_buttons_and_addresses_choose_a_design(browser, folders):
    page = folders["grid"] / EXPLORE
    browser.open(page)
    assert values(browser) == ["3", "2"]  # as the site is
    assert text(browser, "#which").startswith("As it is: 3 injecting places")
    assert not browser.run("return document.querySelector('#cards .change')")
    browser.run(
        "const one = document.getElementById('question-0'); one.focus(); one.value = 2;"
        "one.dispatchEvent(new Event('input', {bubbles: true}))"
    )
    assert values(browser) == ["5", "2"]
    assert "3 → 5" not in text(browser, "#changes")
    assert text(browser, "#changes") == "Changes: 5 injecting places instead of 3."
    assert browser.run("return location.hash") == f"#{PLACES}=5&{NURSES}=2"
    assert (
        browser.run(
            "return document.getElementById('question-0').ariaValueText"
            " || document.getElementById('question-0').getAttribute('aria-valuetext')"
        )
        == "5 injecting places"
    )
    browser.run("document.querySelectorAll('[data-step=\"-1\"]')[1].click()")
    assert values(browser) == ["5", "1"]
    told = text(browser, "#finding")
    browser.run("document.getElementById('copy').click()")
    link = browser.run("return document.getElementById('link').value")
    assert link.endswith(f"#{PLACES}=5&{NURSES}=1")
    browser.run("document.getElementById('reset').click()")
    assert values(browser) == ["3", "2"]
    browser.open(page, at=link[link.index("#") :])
    assert (values(browser), text(browser, "#finding")) == (["5", "1"], told)
    browser.run("document.querySelectorAll('#listed button')[0].click()")
    pressed = browser.run("return document.querySelector('#listed [aria-pressed=true]').innerText")
    assert pressed.replace("\n", " ") in text(browser, "#which").removeprefix("As it is: ")
    assert browser.trouble() == []


@pytest.mark.slow
def test_what_was_not_played_is_told_with_the_nearest(browser, folders):
    browser.open(folders["spread"] / EXPLORE, width=390)
    browser.run(
        "const one = document.getElementById('question-1'); const to ="
        "Number(one.value) ? 0 : 4; one.value = to;"
        "one.dispatchEvent(new Event('input', {bubbles: true}))"
    )
    assert text(browser, "#not-played").startswith("Not played.")
    assert text(browser, "#which").startswith("Not played. The nearest that was:")
    before = text(browser, "#cards")
    browser.run("document.getElementById('go').click()")
    assert browser.run("return document.getElementById('not-played').hidden")
    assert text(browser, "#cards") == before
    assert browser.run("return document.activeElement.id") == "finding"
    browser.open(folders["closing"] / EXPLORE)
    assert browser.run("return document.querySelectorAll('.question select option').length") == 2
    assert browser.trouble() == []


@pytest.mark.slow
@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize("dark", [False, True])
def test_axe_finds_no_fault_and_nothing_sticks_out(browser, folders, dark, width):
    pages = [folders["spread"] / EXPLORE, folders["grid"].parent / "danish.html"]
    for page in pages:
        browser.open(page, dark=dark, width=width)
        browser.run(
            "for (const one of document.querySelectorAll('details')) one.open = true;"
            "document.getElementById('copy').click();"
            "document.querySelector('[data-step=\"1\"]:not(:disabled)').click()"
        )
        browser.run(resources.files("axe_core_python").joinpath("axe.min.js").read_text("utf-8"))
        assert browser.run(AXE) == []
        wide = "return document.documentElement.scrollWidth - innerWidth"
        assert browser.run(wide) <= 0
    assert browser.run("return document.documentElement.lang") == "da"
    assert "kan ikke siges" in text(browser, "body") or "mål" in text(browser, "body")
    assert browser.trouble() == []


@pytest.mark.slow
def test_a_chosen_design_is_printed_on_one_page(browser, folders):
    for page in (folders["grid"] / EXPLORE, folders["grid"].parent / "danish.html"):
        browser.open(page, at=f"#{PLACES}=5&{NURSES}=1")
        printed = browser.pdf()
        assert len(re.findall(rb"/Type\s*/Page\b", printed)) == 1


@pytest.mark.slow
def test_pages_are_small_and_the_same_and_go_with_their_results(folders, tmp_path):
    folder = shutil.copytree(folders["grid"], tmp_path / "grid")
    first = (folder / EXPLORE).read_bytes()
    assert write_explore(folder).read_bytes() == first
    assert len(first) < 150_000
    assert is_page(EXPLORE)
    assert b"http:" not in first.replace(b"http://www.w3.org/2000/svg", b"")
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    assert EXPLORE in manifest["files"]
    (folder / "notes.csv").write_text("changed", "utf-8")
    with pytest.raises(ResultsError, match="was changed"):
        write_explore(folder)
    told: list[str] = []
    assert "notes.csv" in write_explore(folder, as_is=True, warn=told.append).read_text("utf-8")
    assert len(told) == 1


def test_a_folder_without_differences_has_its_figures(folders, tmp_path):
    folder = shutil.copytree(folders["grid"], tmp_path / "grid")
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    for name in ("sweep_differences.csv", "sweep_targets.csv"):
        (folder / name).unlink()
        manifest["sha256"].pop(name)
    (folder / "manifest.json").write_text(json.dumps(manifest), "utf-8")
    page = write_explore(folder, as_is=True).read_text("utf-8")
    assert EN["explore.no_differences"] in page
    handed = json.loads(page.partition('id="handed">')[2].partition("</script>")[0])
    assert len(handed["designs"]) == 6
    assert {len(one) for design in handed["designs"] for one in design["figures"]} == {2}


def test_only_a_sweep_is_explored(tmp_path, capsys):
    (tmp_path / "small.yaml").write_text(SITE, "utf-8")
    assert command(tmp_path, "run", "small.yaml", *FEW) == 0
    assert command(tmp_path, "report", "results/small", "--explore") == 2
    assert "only the designs of a sweep can be looked up" in " ".join(
        capsys.readouterr().err.split()
    )
    assert command(tmp_path, "report", "results/small", "--explore", "--pdf") == 2
