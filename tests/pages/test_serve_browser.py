"""The page to try things on in a real browser: moved by hand and by keyboard, silent, local."""

import time
from importlib import resources

import pytest

from tests.support.browser import AXE
from tests.support.served import TRIED, served

END = "return document.body.dataset.last === 'true' && document.body.dataset.playing === 'false'"
MOVE = """
const [path, value] = arguments;
const range = document.querySelector(`[data-path="${path}"] input[type=range]`);
document.body.dataset.last = 'false';
range.value = value;
dispatchEvent(new Event('pointerdown'));
range.dispatchEvent(new Event('input', { bubbles: true }));
range.dispatchEvent(new Event('change', { bubbles: true }));
"""
KEY = """
const range = document.querySelector(`[data-path="${arguments[0]}"] input[type=range]`);
document.body.dataset.last = 'false';
range.focus();
for (let press = 0; press < 3; press += 1) {
  range.dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowRight', bubbles: true }));
  range.stepUp();
  range.dispatchEvent(new Event('input', { bubbles: true }));
  range.dispatchEvent(new Event('change', { bubbles: true }));
}
"""
FIND = """
const find = document.getElementById('find');
find.value = arguments[0];
find.dispatchEvent(new Event('input'));
"""
TEXT = "return document.querySelector(arguments[0]).innerText"
ROWS = "return [...document.querySelectorAll('#rows .go b')].map((one) => one.textContent)"
IN_EDITOR = "document.querySelector('#editor').shadowRoot.querySelector('.cm-content')"
SIDEWAYS = "return document.documentElement.scrollWidth > document.documentElement.clientWidth"
WITHOUT_NAME = """
return [...document.querySelectorAll('button, input, select, summary, a')].filter((one) =>
  one.checkVisibility() && (one.tabIndex < 0 || !(one.labels?.length || one.textContent.trim()
    || one.getAttribute('aria-label')))).map((one) => one.outerHTML.slice(0, 100))
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("serve")
    (folder / "small.yaml").write_text(TRIED, "utf-8")
    return folder / "small.yaml"


@pytest.fixture
def page(site, tmp_path):
    with served(site, tmp_path / "tried") as found:
        yield found


def wait(browser, script=END):
    for _ in range(600):
        if browser.run(script):
            return
        time.sleep(0.05)
    raise AssertionError(script)


def move(browser, path, value):
    browser.run(MOVE, path, value)
    wait(browser)


@pytest.mark.slow
def test_what_is_moved_is_answered_kept_undone_and_there_after_a_reload(browser, page):
    browser.open(page.door.address)
    wait(browser)
    assert "A small site as it is" in browser.run(TEXT, "#said")
    move(browser, "rooms.injecting.places", 5)
    assert "5\u00a0injecting places instead of 3" in browser.run(TEXT, "#said")
    assert browser.run(TEXT, "[data-path='rooms.injecting.places'] .back") == "back to 3"
    browser.run("document.querySelector('#rows .star').click()")
    wait(browser, "return document.querySelector('#rows .star').ariaPressed === 'true'")
    browser.run("document.body.dataset.last = 'false'; document.getElementById('undo').click()")
    wait(browser)
    assert "as it is" in browser.run(TEXT, "#said")
    titles = browser.run(ROWS)
    assert titles == ["5 injecting places instead of 3", "where you started"]
    browser.run("location.reload()")
    wait(browser)
    assert browser.run(ROWS) == titles
    assert "5\u00a0injecting places" in browser.run(TEXT, "#said")
    assert browser.complaints() == []
    here = f"http://127.0.0.1:{page.door.port}/"
    assert all(one.startswith((here, "data:")) for one in browser.requests() if "about:" not in one)


@pytest.mark.slow
def test_all_of_it_by_keyboard(browser, page):
    browser.open(page.door.address)
    wait(browser)
    assert browser.run(WITHOUT_NAME) == []
    browser.run(KEY, "rooms.injecting.places")
    # Looks on the way are answered too; a move is kept once the keys have been let go for a while.
    wait(browser, "return document.querySelectorAll('#rows .go').length > 1")
    wait(browser)
    assert browser.run(ROWS)[0] == "6 injecting places instead of 3"
    assert len(browser.run(ROWS)) == 2  # three presses of a key in a row are one move


@pytest.mark.slow
def test_what_cannot_be_is_told_and_the_figures_stay(browser, page):
    browser.open(page.door.address)
    wait(browser)
    before = browser.run(TEXT, "#cards")
    browser.run(
        """const box = document.querySelector('[data-path="rooms.injecting.places"] .box input');
        box.value = -1; box.dispatchEvent(new Event('change', { bubbles: true }))"""
    )
    wait(browser, "return document.getElementById('problems').textContent")
    assert browser.run(TEXT, "#problems") == "Injecting places: must be at least 0, not -1"
    assert browser.run(TEXT, "#cards") == before
    # It is seen that they are not of this.
    assert browser.run("return document.getElementById('cards').className") == "stale"
    assert browser.run(TEXT, "#line p").strip() == "Not played: it cannot be so."
    assert len(browser.run(ROWS)) == 1
    browser.run(resources.files("axe_core_python").joinpath("axe.min.js").read_text("utf-8"))
    assert browser.run(AXE) == []
    move(browser, "rooms.injecting.places", 4)
    assert browser.run("return document.getElementById('cards').className") == ""
    assert browser.run(TEXT, "#problems") == ""


@pytest.mark.slow
def test_what_was_moved_by_keys_just_before_a_reload_is_a_row(browser, page):
    browser.open(page.door.address)
    wait(browser)
    browser.run(f"{KEY} setTimeout(() => location.reload(), 50)", "rooms.injecting.places")
    wait(browser, "return document.querySelectorAll('#rows .go').length === 2")
    assert browser.run(ROWS)[0] == "6 injecting places instead of 3"


@pytest.mark.slow
def test_stop_stops_and_what_stays_is_seen_to_be_of_before(browser, page):
    browser.open(page.door.address)
    wait(browser)
    before = browser.run(TEXT, "#cards")
    browser.run(
        """const box = document.querySelector('[data-path="demand.visits_per_day"] .box input');
        document.body.dataset.playing = 'true';
        box.value = 60000; box.dispatchEvent(new Event('change', { bubbles: true }));
        document.getElementById('stop').click()"""
    )
    wait(browser, "return document.body.dataset.playing === 'false'")
    assert browser.run(TEXT, "#line p").startswith("Stopped.")
    assert browser.run(TEXT, "#cards") == before
    assert page.desk.studies.under_way == 0
    assert len(browser.run(ROWS)) == 2


@pytest.mark.slow
def test_text_and_sliders_are_two_views_of_the_same_scenario(browser, page, site):
    browser.open(page.door.address)
    wait(browser)
    move(browser, "rooms.injecting.places", 5)
    browser.run("document.getElementById('view-text').click()")
    wait(
        browser, "return document.querySelector('#editor').shadowRoot?.querySelector('.cm-content')"
    )
    wait(browser, f"return {IN_EDITOR}.innerText.includes('injecting: {{places: 5}}')")
    type_over(browser, "{places: 5}", "{places: 2}")
    wait(browser, "return document.getElementById('said').innerText.includes('2\u00a0injecting')")
    wait(browser)
    browser.run("document.getElementById('view-sliders').click()")
    box = "document.querySelector('[data-path=\"rooms.injecting.places\"] .box input')"
    assert browser.run(f"return {box}.value") == "2"
    assert browser.run(TEXT, "[data-path='rooms.injecting.places'] .back") == "back to 3"
    browser.run("document.getElementById('view-text').click()")
    rows = browser.run(ROWS)
    type_over(browser, "{places: 2}", "{places: two}")
    wait(browser, "return document.querySelector('#editor').shadowRoot.querySelector('ol li')")
    assert "rooms.injecting.places" in browser.run(
        "return document.querySelector('#editor').shadowRoot.querySelector('ol').innerText"
    )
    assert browser.run(ROWS) == rows
    browser.run(resources.files("axe_core_python").joinpath("axe.min.js").read_text("utf-8"))
    assert browser.run(AXE) == []
    assert browser.complaints() == []
    assert site.read_text("utf-8") == TRIED


def type_over(browser, old, new):
    """Put other words in place of some in the editor, as somebody types them."""
    browser.run(
        """
        const content = document.querySelector('#editor').shadowRoot.querySelector('.cm-content');
        const lines = [...content.querySelectorAll('.cm-line')];
        const line = lines.find((one) => one.textContent.includes(arguments[0]));
        line.textContent = line.textContent.replace(arguments[0], arguments[1]);
        """,
        old,
        new,
    )


@pytest.mark.slow
def test_pages_of_results_run_their_own_scripts_under_their_policy(browser, page):
    now = {"rooms.injecting.places": 5}
    page.play(now)
    browser.open(page.door.address)
    wait(browser)
    page.ask("POST", "/watch", {"window": "page", "now": now})
    rows = [one["id"] for one in page.rows()]
    page.ask("POST", "/compare", {"window": "page", "rows": rows})
    for name, drawn in (("watch", "svg"), ("compare", "details")):
        browser.run("location = arguments[0]", f"/pages/{name}")
        wait(
            browser,
            f"return location.pathname === '/pages/{name}' && document.querySelector('{drawn}')",
        )
        browser.run("for (const one of document.querySelectorAll('details')) one.open = true")
        time.sleep(1)
        assert browser.complaints() == []
        assert browser.run("return document.documentElement.innerText.length > 500")


@pytest.mark.slow
def test_two_windows_and_a_new_start(browser, site, tmp_path):
    with served(site, tmp_path / "tried") as page:
        browser.open(page.door.address)
        wait(browser)
        page.play({"rooms.injecting.places": 4}, window="another")
        browser.run("dispatchEvent(new Event('focus'))")
        wait(browser, "return document.querySelectorAll('#rows li').length === 2")
    browser.run("document.getElementById('undo').disabled = false")
    browser.run(MOVE, "rooms.injecting.places", 5)
    wait(browser, "return document.getElementById('notice').textContent")
    assert "Start it again" in browser.run(TEXT, "#notice")
    with served(site, tmp_path / "tried") as page:
        browser.open(page.door.address)
        wait(browser)
        assert browser.run(ROWS)[0] == "4 injecting places instead of 3"


@pytest.mark.slow
@pytest.mark.parametrize(("width", "dark"), [(390, False), (640, True), (1280, True)])
def test_axe_finds_no_fault_at_any_width(browser, site, tmp_path, dark, width):
    lang = "da" if dark else "en"
    with served(site, tmp_path / "tried", lang) as page:
        browser.open(page.door.address, width=width, dark=dark, still=True)
        wait(browser)
        move(browser, "rooms.injecting.places", 5)
        browser.run(FIND, "o")
        for tab in ("questions", "pictures", "tried", "answers"):
            browser.run("document.querySelector(`#tabs [data-tab=${arguments[0]}]`).click()", tab)
            browser.run(
                resources.files("axe_core_python").joinpath("axe.min.js").read_text("utf-8")
            )
            assert browser.run(AXE) == []
            assert not browser.run(SIDEWAYS)


@pytest.mark.slow
def test_a_site_that_closes_after_midnight_is_moved_too(browser, tmp_path):
    file = tmp_path / "late.yaml"
    file.write_text(TRIED.replace("10:00-18:00", "18:00-02:00 next day"), "utf-8")
    with served(file, tmp_path / "tried") as page:
        browser.open(page.door.address)
        wait(browser)
        for at, hours, rows in ((27 * 60, "3:00", 2), (23 * 60, "23:00", 3)):
            browser.run(
                """const ranges = document.querySelectorAll(
                  '[data-path="opening.hours"] input[type=range]');
                document.body.dataset.last = 'false';
                ranges[1].value = arguments[0];
                dispatchEvent(new Event('pointerdown'));
                ranges[1].dispatchEvent(new Event('input', { bubbles: true }));
                ranges[1].dispatchEvent(new Event('change', { bubbles: true }));""",
                at,
            )
            wait(browser)
            assert browser.run(TEXT, "#problems") == ""
            assert len(browser.run(ROWS)) == rows
            assert browser.run(ROWS)[0].startswith(f"Open until {hours} instead of 2:00")
        box = "document.querySelectorAll('[data-path=\"opening.hours\"] .box input')[1].value"
        assert browser.run(f"return {box}") == "23:00"
