"""Every page in a real browser: nothing cut at any width, no fault, the first screen one sheet."""

import re
from html import unescape
from importlib import resources
from pathlib import Path

import pandas as pd
import pytest

from sim.measures.figures.cost import cost_per_week
from sim.report.page.phrases import Phrases
from sim.report.page.words import catalogue
from sim.report.pages.sized import Sized
from sim.report.report import checked_page, write_report
from sim.report.several.options import read_options
from sim.results.read import read_results
from sim.rota.check.check import check_rota
from sim.rota.check.rules import staff_of
from sim.scenario.load import load_scenario, scenario_from_text
from tests.support.browser import AXE, Browser
from tests.support.command import command
from tests.support.saved_results import SITE
from tests.support.two_houses import CHANGES, write_town

pytestmark = pytest.mark.slow
"""Every command is run once for them."""
WIDTHS = range(320, 1921, 40)
DANISH = ("compare", "size", "check", "plan", "need", "fit", "city")
"""Pages that are looked at in Danish too, at every width."""
CITY = ("city", "city-compare")
"""Of a city of two houses and a yard."""
SCENARIOS = Path(__file__).resolve().parents[2] / "scenarios"
PAGES = ("run", "compare", "sweep", "tornado", "size", "check", "plan", "need", "fit", *CITY)
VERDICTS = {
    "run": 4,
    "compare": 4,
    "check": 5,
    "size": 1,
    "plan": 2,
    "fit": 4,
    "city": 4,
    "city-compare": 3,
}
"""Verdicts that are seen at every width, at least."""
MANY = (
    *("--alt", "More places: rooms.injecting.places=4", "--alt", "one nurse: staff.rota.0.count=1"),
    *("--alt", "open until half past eight: opening.hours=10:00-20:30"),
    *("--alt", "staff.rota.0.count=3", "--alt", "rooms.injecting.places=5", "--stress"),
    *(
        "--alt",
        "Både plads og én sygeplejerske mere: rooms.injecting.places=4; staff.rota.0.count=3",
    ),
)
COSTED = SITE + (
    "costs:\n  place: {injecting: 9000}\n"
    "design:\n  vary: {rooms.injecting.places: '3:5', staff.rota.0.count: '1:2'}\n"
)
COMMANDS = {
    "run": ("run", "small.yaml", "--replications", "5"),
    "compare": ("compare", "small.yaml", *MANY, "--replications", "2"),
    "sweep": (
        *("sweep", "small.yaml", "--vary", "rooms.injecting.places=3:5"),
        *("--vary", "staff.rota.0.count=1,2", "--replications", "2"),
    ),
    "tornado": ("sweep", "small.yaml", "--tornado", "--replications", "3"),
    "city": ("run", "town.yaml", "--replications", "2"),
    "city-compare": ("compare", "town.yaml", *CHANGES, "--replications", "2"),
    "size": ("size", "costed.yaml", "--grow", "1:1.2:0.2"),
    "need": ("rota", "need", "small.yaml", "--replications", "0"),
    "plan": (
        *("rota", "plan", "small.yaml", "--need-replications", "0", "--replications", "2"),
        *("--with-breaches", "--stress"),
    ),
}
UNFOLD = "for (const one of document.querySelectorAll('details')) one.open = true"
CUT = """
const edge = document.documentElement.clientWidth;
const wide = document.documentElement.scrollWidth > edge ? ['the page scrolls sideways'] : [];
const parts = document.querySelectorAll('h1, h2, h3, p, li, dt, dd, summary, .picture svg, .card');
return wide.concat([...parts].filter(one => one.checkVisibility() && !one.closest('.wide') && (
  one.getBoundingClientRect().right > edge + 1 || one.getBoundingClientRect().left < -1 ||
  (one.tagName !== 'svg' && one.scrollWidth > one.clientWidth + 1 &&
    getComputedStyle(one).display !== 'inline')
)).filter(one => !one.closest('.skip, .hidden')).map(one => one.outerHTML.slice(0, 120)))
"""
OVERLAP = """
const found = [];
for (const parent of document.querySelectorAll('#first, .cards, .card, .beside, header, dl')) {
  const boxes = [...parent.children].filter(one => one.checkVisibility() &&
    !one.closest('svg') && getComputedStyle(one).position === 'static').map(one =>
    [one.getBoundingClientRect(), one]);
  for (let n = 1; n < boxes.length; n++) {
    const [a, b] = [boxes[n - 1][0], boxes[n][0]];
    if (Math.min(a.right, b.right) - Math.max(a.left, b.left) > 2 &&
        Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 2)
      found.push(boxes[n][1].outerHTML.slice(0, 120));
  }
}
return found
"""
SEEN = """
return [...document.querySelectorAll('.verdict')].filter(one => {
  const box = one.getBoundingClientRect();
  return one.checkVisibility() && box.width > 14 && box.height > 13 && box.left >= -1 &&
    box.left < document.documentElement.clientWidth;
}).length
"""
SMALL = """
return [...document.querySelectorAll('.picture svg text')].filter(one => one.checkVisibility() &&
  one.getBoundingClientRect().width > 0).map(one =>
  [parseFloat(getComputedStyle(one).fontSize) * one.ownerSVGElement.getBoundingClientRect().width /
    one.ownerSVGElement.viewBox.baseVal.width, one.textContent]).filter(one => one[0] < 9)
"""
"""Letters of drawings that are smaller than one can read."""
SIDEWAYS = """
return [...document.querySelectorAll('table')].filter(one => one.checkVisibility() &&
  one.rows[0].cells.length < 9 && !one.closest('figure') && one.rows.length < 21 &&
  one.parentElement.scrollWidth > one.parentElement.clientWidth + 1).map(one =>
  one.outerHTML.slice(0, 120))
"""
"""Tables that one must push sideways on a phone: none but grids of hours or of many designs."""
LOOKS = ", ".join(f"(() => {{{one}}})()" for one in (CUT, OVERLAP, SMALL, SIDEWAYS, SEEN))
"""All that is looked at in each width, at once: the browser lays the page out but once for it."""
FIRST_ALONE = """
for (const one of document.querySelectorAll('#more, .later, main > figure')) one.remove();
document.getElementById('first').style.breakAfter = 'auto'
"""


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """The pages of every command, by name and language."""
    home = tmp_path_factory.mktemp("site")
    (home / "small.yaml").write_text(SITE, "utf-8")
    (home / "costed.yaml").write_text(COSTED, "utf-8")
    write_town(home)
    found = {}
    for name, arguments in COMMANDS.items():
        out = ("--out", f"results/{name}", "--workers", "1", "--no-report")
        assert command(home, *arguments, *out) == 0, name
        write_report(home / "results" / name, "da", "en")
        for lang in ("en", "da"):
            found[name, lang] = home / "results" / name / f"report.{lang}.html"
    site = load_scenario(home / "small.yaml")
    for lang in ("en", "da"):
        found["check", lang] = home / f"check.{lang}.html"
        found["check", lang].write_text(checked_page(site, lang), "utf-8")
    logged = ("--replications", "1", "--no-report", "--as-log", "visits", "--out", "results/log")
    assert command(home, "run", "small.yaml", *logged) == 0
    for lang in ("en", "da"):
        fitted = ("--site", "small.yaml", "--plays", "39", "--out", f"{lang}.yaml", "--lang", lang)
        assert command(home, "fit", "results/log/log.csv", *fitted) == 0
        found["fit", lang] = home / f"{lang}.fit.html"
    return found


def without_plots(path):
    """A copy without the charts that a script draws: drawn anew at each width they take long."""
    html = re.sub(
        r'<script type="application/json" class="drawing".*?</script>',
        "",
        path.read_text("utf-8"),
        flags=re.DOTALL,
    )
    copy = path.with_name(f"plain.{path.name}")
    copy.write_text(html, "utf-8")
    return copy


@pytest.mark.parametrize(
    ("page", "lang"), [*((one, "en") for one in PAGES), *((one, "da") for one in DANISH)]
)
def test_nothing_is_cut_or_covered_at_any_width(browser: Browser, pages, page, lang):
    plain = without_plots(pages[page, lang])
    browser.open(plain)
    browser.run("for (const one of document.querySelectorAll('details.fold')) one.open = true")
    for width in WIDTHS:
        browser.resize(width)
        cut, covered, small, sideways, seen = browser.run(f"return [{LOOKS}]")
        assert cut == covered == small == [], width
        assert width > 360 or sideways == [], width
        assert seen >= VERDICTS.get(page, 0), width
    assert browser.complaints() == []
    asked = [url for url in browser.requests() if not url.startswith("data:")]
    assert asked == [plain.as_uri()]


@pytest.mark.parametrize("page", PAGES)
def test_axe_finds_no_fault(browser: Browser, pages, page):
    path = pages[page, "en"]
    browser.open(path if page == "run" else without_plots(path))
    browser.run(UNFOLD)
    browser.run(resources.files("axe_core_python").joinpath("axe.min.js").read_text("utf-8"))
    for dark in (False, True):
        browser.theme(dark=dark)
        assert browser.run(AXE) == [], dark


@pytest.mark.parametrize("page", PAGES)
def test_the_first_screen_is_one_sheet(browser: Browser, pages, page):
    assert sheets_of_the_first_screen(browser, pages[page, "da"]) == 1


@pytest.mark.parametrize("name", ["h17", "copenhagen-city"])
def test_the_first_screen_of_a_large_house_and_of_its_city_is_one_sheet(browser, tmp_path, name):
    """With three rooms, long names and all that would change the answer, in either language."""
    out = ("--out", "results", "--workers", "2", "--replications", "5", "--no-report")
    assert command(tmp_path, "run", str(SCENARIOS / f"{name}.yaml"), *out) == 0
    write_report(tmp_path / "results", "da", "en")
    for lang in ("da", "en"):
        path = tmp_path / "results" / f"report.{lang}.html"
        assert sheets_of_the_first_screen(browser, path) == 1, lang


def sheets_of_the_first_screen(browser: Browser, path: Path) -> int:
    browser.open(path)
    browser.run(FIRST_ALONE)
    return len(re.findall(rb"/Type */Page[^s]", browser.pdf()))


def test_pages_are_small(pages):
    """Under 2 MB each, as text without what every page carries of others under 0.6."""
    for (page, lang), path in pages.items():
        assert path.stat().st_size < 2_000_000, (page, lang)


# --- ten seconds: the first screen's text alone answers what one came for -------------------------


def first_screen(path) -> str:
    html = path.read_text("utf-8")
    first = html[html.index('<div id="first">') : html.index('<div id="more">')]
    first = re.sub(r"<(svg|details)\b.*?</\1>", " ", first, flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", first)).replace("\u2060", "").split())


@pytest.mark.parametrize("lang", ["en", "da"])
def test_ten_seconds_say_which_option_is_better_and_what_it_costs(pages, lang):
    """Of every option: its name, one verdict, and money where it surely differs."""
    words, path = catalogue(lang), pages["compare", lang]
    text = first_screen(path)
    saved = read_results(path.parent)
    contents = saved.contents("comparison.json")
    options = read_options(
        saved.need("comparison.csv"),
        contents,
        Phrases(load_scenario(path.parent / contents["base"]["file"]), words),
    )
    assert len(options) == 6
    table = saved.need("comparison.csv")
    costs = table[(table["metric"] == "cost") & (table["statistic"] == "per_year")]
    cost = {row["option"]: row for row in costs.to_dict(orient="records") if row["by"] == "all"}
    for one in options:
        start = text.index(f"{one.name} ", text.index(one.under) - 200 if one.under else 0)
        assert words[f"option.{one.judged.name}"] in text[start:], one.name
        row = cost[one.own]
        if str(row["verdict"]) in {"dearer", "cheaper"}:
            assert words.money(abs(float(row["difference"])), "EUR") in text, one.name


@pytest.mark.parametrize("lang", ["en", "da"])
def test_ten_seconds_say_what_to_build_and_its_price(pages, lang):
    """Places and cost of the cheapest design that meets the targets, and how many are met."""
    words, path = catalogue(lang), pages["size", lang]
    text, designs = first_screen(path), pd.read_csv(path.parent / "designs.csv")
    (chosen,) = designs[designs["status"] == "chosen"].to_dict(orient="records")
    money = Sized(read_results(path.parent), words).money(float(chosen["cost_per_year"]))
    assert money in text.replace("\u00a0", " ")
    places = words.number(chosen["rooms.injecting.places"], 0)
    assert places in text[: text.index("EUR") + 60]
    judged = pd.read_csv(path.parent / "judged.csv")
    for name in ("rooms.injecting.places", "staff.rota.0.count"):
        judged = judged[judged[name] == chosen[name]]
    assert len(judged) == 2
    marks = {"met": "mark.yes", "missed": "mark.no", "not sure": "mark.cannot-say"}
    assert all(
        words[marks[verdict]] in text or words["mark.just"] in text for verdict in judged["verdict"]
    )


@pytest.mark.parametrize("lang", ["en", "da"])
def test_ten_seconds_say_whether_a_rota_keeps_its_rules_and_what_is_needed(pages, lang):
    words, site = catalogue(lang), scenario_from_text(SITE)
    broken = len({one.rule for one in check_rota(site).breaches})
    text = first_screen(pages["check", lang])
    kept = words["rota.check_keeps"]
    assert (words.count("rota.check_breaks", broken) if broken else kept) in text
    a_week = sum(cost_per_week(site, line) for line in range(len(staff_of(site).rota)))
    assert words.money(a_week * 365 / 7, "EUR") in text
    need = pd.read_csv(pages["need", lang].parent / "need.csv")
    told = first_screen(pages["need", lang])
    assert words.number(float(need["formula"].sum()), 0) in told
    plan = first_screen(pages["plan", lang])
    assert words["rota.plan_keeps"] in plan or "EUR" in plan
