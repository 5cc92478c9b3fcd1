"""The page of a day in a real browser: it plays, it can be steered, and its counters are the log's.

Skipped with a message where no browser is installed.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from sim.engine import simulate
from sim.log import Log, Outcome, Where
from sim.report.page.words import catalogue
from sim.report.watch.day import Day, choose_day
from sim.report.watch.watch_page import Source, watch_data, watch_page
from sim.scenario import load_scenario
from sim.visitors import draw
from tests import ROOT
from tests.pages.test_watch import failing_day
from tests.support.browser import Browser, open_browser

SCENARIOS = ROOT / "scenarios"
DESKTOP, PHONE = 1366, 390
"""Widths of the window."""
AT_ONSET = "#15:55"
"""At H17 on 2 August 2016 an overdose begins at 15:54."""


@dataclass(frozen=True, eq=False)
class Page:
    """A page and what it was made from."""

    path: Path
    log: Log
    day: Day


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with open_browser() as found:
        yield found


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Page]:
    made: dict[tuple[str, str, str], Page] = {}
    folder = tmp_path_factory.mktemp("watch")

    def page(name: str = "h17", wanted: str = "overdose", lang: str = "en") -> Page:
        key = (name, wanted, lang)
        if key not in made:
            scenario = load_scenario(SCENARIOS / f"{name}.yaml", ["horizon.weeks=1"])
            visitors = draw(scenario, seed=1, replication=0)
            log = simulate(scenario, visitors)
            day = choose_day(scenario, log, wanted)
            data = watch_data(scenario, visitors, log, day)
            path = folder / ("-".join(key) + ".html")
            path.write_text(
                watch_page(scenario, data, day, Source(1, 0), catalogue(lang)), encoding="utf-8"
            )
            made[key] = Page(path, log, day)
        return made[key]

    return page


@pytest.fixture(autouse=True)
def nothing_goes_wrong(browser: Browser) -> Iterator[None]:
    yield
    assert browser.complaints() == []
    assert [url for url in browser.requests() if not url.startswith("file:")] == []


def show(browser: Browser, page: Page, at: str = "", width: int = DESKTOP) -> None:
    """Open a page; it waits to be played."""
    browser.open(page.path, at=at, width=width, still=True)


def text(browser: Browser, selector: str) -> str:
    return str(browser.run("return document.querySelector(arguments[0]).textContent", selector))


def minute(browser: Browser) -> int:
    """Where the slider stands."""
    return int(browser.run("return document.getElementById('slider').value"))


def press(browser: Browser, key: str, *, shift: bool = False, on: str = "body") -> None:
    browser.run(
        "document.querySelector(arguments[2]).dispatchEvent(new KeyboardEvent('keydown',"
        "{key: arguments[0], shiftKey: arguments[1], bubbles: true, cancelable: true}))",
        *(key, shift, on),
    )


def slide(browser: Browser, to: int) -> None:
    browser.run(
        "const slider = document.getElementById('slider'); slider.value = arguments[0];"
        "slider.dispatchEvent(new Event('input', {bubbles: true}))",
        to,
    )


def click(browser: Browser, selector: str) -> None:
    browser.run("document.querySelector(arguments[0]).click()", selector)


def count(browser: Browser, name: str) -> int:
    return int(text(browser, f"#count-{name}").replace(",", ""))


def soon(holds: Callable[[], bool]) -> bool:
    """Whether something comes to hold within ten seconds."""
    until = time.monotonic() + 10
    while time.monotonic() < until:
        if holds():
            return True
        time.sleep(0.02)
    return False


@pytest.mark.slow
@pytest.mark.parametrize("name", ["h17", "skyen"])
def test_the_counters_at_the_end_are_the_logs(browser, pages, name):
    page = pages(name, "busiest")
    show(browser, page)
    click(browser, "#to-end")
    visits, day = page.log.visits, page.day
    came = (visits["arrival"] >= day.start) & (visits["arrival"] < day.end)
    mine = came | ((visits["arrival"] < day.start) & (visits["out"] > day.start))
    ended = mine & (visits["out"] <= day.end)
    outcomes = Counter(Outcome(int(one)) for one in visits["outcome"][ended])
    assert count(browser, "came") == came.sum()
    for outcome in ("reneged", "balked", "no_space", "dismissed_at_close", "closed"):
        assert count(browser, outcome) == outcomes[Outcome[outcome.upper()]]
    served = outcomes[Outcome.SERVED] + outcomes[Outcome.SERVICE_ONLY]
    assert count(browser, "served") == served
    inside = mine & ~(visits["out"] <= day.end) & (visits["let_in"] <= day.end)
    assert count(browser, "inside") == inside.sum()
    of = page.log.responses
    onsets = of["onset"][of["where"] != Where.OFF_SITE]
    assert count(browser, "overdoses") == ((onsets >= day.start) & (onsets <= day.end)).sum()


@pytest.mark.slow
def test_the_slider_moves_the_day(browser, pages):
    page = pages()
    show(browser, page)
    slide(browser, 0)
    assert text(browser, "#clock") == "04:00"
    assert count(browser, "inside") == 0
    slide(browser, 14 * 60)
    assert text(browser, "#clock") == "18:00"
    now = page.day.start + 14 * 60
    visits = page.log.visits
    inside = (visits["let_in"] <= now) & ~(visits["out"] <= now)
    assert count(browser, "inside") == inside.sum()
    in_place = (visits["entered"] <= now) & ~(visits["left"] <= now)
    drawn = browser.run(
        "return [...document.querySelectorAll('.room .number')].map((one) => one.textContent)"
    )
    assert sum(int(text.split()[0]) for text in drawn) == in_place.sum()


def test_what_happens_at_an_instant_holds_from_that_instant(browser, pages):
    show(browser, pages(), "#07:29")
    assert text(browser, "#door") == "closed"
    press(browser, "ArrowRight")
    assert text(browser, "#clock") == "07:30"
    assert text(browser, "#door") == "open"
    click(browser, "#notable")
    assert "07:30The doors open." in text(browser, "#events")


@pytest.mark.slow
@pytest.mark.parametrize("size", [DESKTOP, PHONE])
@pytest.mark.parametrize("clock", ["07:40", "17:10", "18:00"])
def test_people_are_drawn_where_they_are(browser, pages, clock, size):
    page = pages()
    show(browser, page, f"#{clock}", size)
    time.sleep(0.1)  # the page looks again where everything is when its parts have their size
    visits, log = page.log.visits, page.log
    now = page.day.midnight + 60 * int(clock[:2]) + int(clock[3:])
    here = (visits["entered"] <= now) & ~(visits["left"] <= now)
    places = zip(visits["room"][here].astype(int), visits["place"][here].astype(int), strict=True)
    expected = sorted(f"place-{room}-{place}" for room, place in places)
    for service in range(len(log.service_start)):
        begun = (log.service_start[service] <= now) & ~(log.service_end[service] <= now)
        expected += [f"service-{service}"] * int(begun.sum())
    drawn = browser.run(
        """const found = [];
        for (const person of document.querySelectorAll('.person:not(.gone)')) {
          const box = person.getBoundingClientRect();
          for (const place of document.querySelectorAll('.plan .place, .plan .desk')) {
            const other = place.getBoundingClientRect();
            const x = box.left + box.width / 2, y = box.top + box.height / 2;
            if (x > other.left && x < other.right && y > other.top && y < other.bottom) {
              const slot = place.dataset.slot;
              found.push(slot.startsWith('service') ? slot.replace(/-\\d+$/, '') : slot);
            }
          }
        }
        return found.sort();"""
    )
    assert drawn == expected
    if clock != "07:40":  # then the line for check-in is longer than its place in the picture
        inside = (visits["let_in"] <= now) & ~(visits["out"] <= now)
        gone_lately = "return [...people.values()].filter((one) => /^(left|street)/.test(one.slot))"
        others = browser.run(f"{gone_lately}.length")
        assert browser.run("return people.size") == inside.sum() + others


@pytest.mark.slow
def test_play_and_pause(browser, pages):
    show(browser, pages(), AT_ONSET)
    began = minute(browser)
    click(browser, "#play")
    assert text(browser, "#play").strip() == "Pause"
    assert soon(lambda: minute(browser) > began)
    click(browser, "#play")
    stopped = minute(browser)
    assert text(browser, "#play").strip() == "Play"
    time.sleep(0.3)
    assert minute(browser) == stopped


@pytest.mark.slow
def test_it_plays_by_itself_unless_the_reader_wants_little_motion(browser, pages):
    show(browser, pages())
    assert text(browser, "#play").strip() == "Play"
    browser.open(pages().path, still=False)
    assert text(browser, "#play").strip() == "Pause"
    click(browser, "#play")


@pytest.mark.slow
def test_the_keys(browser, pages):
    show(browser, pages(), "#12:00")
    noon = 8 * 60
    assert minute(browser) == noon
    for key, shift, expected in (
        ("ArrowRight", False, noon + 1),
        ("ArrowRight", True, noon + 16),
        ("ArrowLeft", True, noon + 1),
        ("ArrowLeft", False, noon),
        ("PageDown", False, noon + 60),
        ("PageUp", False, noon),
        ("Home", False, 0),
        ("End", False, 1440),
    ):
        press(browser, key, shift=shift)
        assert minute(browser) == expected, key
    press(browser, " ")
    assert text(browser, "#play").strip() == "Pause"
    press(browser, " ", on="#slider")
    assert text(browser, "#play").strip() == "Play"


def test_an_overdose_and_who_comes(browser, pages):
    page = pages()
    show(browser, page, AT_ONSET)
    assert count(browser, "overdoses") == 1
    told = text(browser, "#cases")
    assert "15:54 injecting room, place 6" in told
    assert "all 2 there, after 0 min" in told
    assert "2 × nurse" in told
    places = "return [...document.querySelectorAll('.plan .place.overdose')].map((one) => "
    assert browser.run(places + "one.dataset.slot)") == ["place-0-5"]
    assert browser.run(places + "one.querySelectorAll('.help svg').length)") == [2]
    press(browser, "End")
    assert browser.run(places + "one.dataset.slot)") == []
    assert "over" in text(browser, "#cases")


def test_what_just_happened_can_be_kept_to_the_unusual(browser, pages):
    show(browser, pages(), AT_ONSET)
    everything = text(browser, "#events")
    assert "15:54Overdose: injecting room, place 6." in everything
    assert "comes in" in everything
    click(browser, "#notable")
    assert "comes in" not in text(browser, "#events")
    assert "Overdose" in text(browser, "#events")


@pytest.mark.slow
@pytest.mark.parametrize("size", [DESKTOP, PHONE])
@pytest.mark.parametrize("name", ["h17", "skyen", "copenhagen-2013"])
def test_it_fits_the_screen_and_nothing_overlaps(browser, pages, name, size):
    show(browser, pages(name, "busiest", "da"), "#18:00", size)
    assert browser.run("return document.documentElement.scrollWidth <= innerWidth")
    overlaps = browser.run(
        """const areas = [...document.querySelectorAll('.plan .area')];
        const boxes = areas.map((one) => one.getBoundingClientRect());
        return boxes.some((one, index) => boxes.slice(index + 1).some((other) =>
          one.left < other.right - 1 && other.left < one.right - 1
          && one.top < other.bottom - 1 && other.top < one.bottom - 1));"""
    )
    assert not overlaps


def test_every_control_has_a_name(browser, pages):
    show(browser, pages())
    nameless = browser.run(
        """return [...document.querySelectorAll('button, select, input')].filter((one) =>
          !one.getAttribute('aria-label') && !one.textContent.trim() && !one.labels?.length
        ).length"""
    )
    assert nameless == 0
    assert browser.run("return document.querySelectorAll('[aria-live=polite]').length") == 1


def test_only_what_changes_is_touched(browser, pages):
    # At five in the morning nobody is there: a minute later only the clock and slider differ.
    show(browser, pages(), "#05:00")
    touched = browser.run(
        """const seen = [];
        const watcher = new MutationObserver((changes) => seen.push(...changes));
        watcher.observe(document.body,
          {subtree: true, childList: true, characterData: true, attributes: true});
        document.dispatchEvent(new KeyboardEvent('keydown', {key: 'ArrowRight'}));
        return watcher.takeRecords().length;"""
    )
    assert touched <= 4


@pytest.mark.slow
def test_places_out_of_order_and_closed_look_so(browser, tmp_path):
    played = failing_day()
    day = choose_day(played.scenario, played.log)
    data = watch_data(played.scenario, played.visitors, played.log, day)
    path = tmp_path / "failing.html"
    page = watch_page(played.scenario, data, day, Source(1, 0), catalogue("en"))
    path.write_text(page, encoding="utf-8")
    show(browser, Page(path, played.log, day), "#10:15")

    def marked(how: str) -> list[str]:
        found = (
            f"[...document.querySelectorAll('.plan .place.{how}')].map((one) => one.dataset.slot)"
        )
        return list(browser.run(f"return {found}"))

    # Of the places 0 to 2 that are open today two are out of order, and 3 is closed.
    assert (marked("out"), marked("shut")) == (["place-0-1", "place-0-2"], ["place-0-3"])
    assert "1 of 1 in use" in text(browser, "#room-0")
    assert "10:10Booths: place 2 is out of order." in text(browser, "#events")
    show(browser, Page(path, played.log, day), "#10:45")
    assert (marked("out"), marked("shut")) == ([], ["place-0-3"])
    assert "10:40Booths: place 2 is in order again." in text(browser, "#events")
    assert "Booths closes" not in text(browser, "#events")
