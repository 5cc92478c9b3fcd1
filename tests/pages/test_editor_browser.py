"""The editor of a scenario's text in a real browser, under a policy without unsafe styles."""

import json
import re
from collections.abc import Iterator
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import resources
from threading import Thread
from typing import Any

import pytest
from selenium.webdriver.common.keys import Keys

from tests import ROOT
from tests.support.browser import Browser

ASSETS, SOURCES = (ROOT / "sim" / "serve" / name for name in ("assets", "editor"))
TOKENS = ROOT / "sim" / "report" / "page" / "templates" / "tokens.css"
SCHEMA = ROOT / "docs" / "scenario.schema.json"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-only'; connect-src 'self'; "
    "img-src 'self' data:; base-uri 'none'; frame-ancestors 'none'"
)
TEXT = """\
# A small site.
name: small
opening: {hours: 10:00-18:00}
staff:
  roles: {nurse: {}, doctor: {}}
  rota:
    - {role: nurse, from: 10:00, to: "18:00"}
"""
PAGE = """\
<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Editor</title>
<link rel="icon" href="data:,"><link rel="stylesheet" href="/tokens.css">
<script type="module" src="/harness.js"></script></head>
<body><main><h1>Editor</h1><button id="before">Before</button><div id="editor"></div>
<button id="after">After</button></main></body></html>
"""
HARNESS = """\
import { mount } from "/editor.js";
const schema = await (await fetch("/schema.json")).json();
window.changes = [];
const at = new URLSearchParams(location.search);
window.editor = mount(document.getElementById("editor"), {
  text: TEXT, schema, words: { label: "The site", phrases: { Find: "Look for" } },
  dark: at.has("dark") ? true : undefined, onChange: (text) => window.changes.push(text),
});
window.root = document.getElementById("editor").shadowRoot;
document.body.dataset.ready = "true";
""".replace("TEXT", json.dumps(TEXT))
BODY = b"body { background: var(--page); color: var(--ink); color-scheme: light dark; }"
AXE = """
return axe.run(document, {resultTypes: ['violations']}).then(found => found.violations.map(one =>
  [one.id, one.nodes.length, one.nodes[0].html.slice(0, 200), one.nodes[0].failureSummary]))
"""
PROBLEMS = [
    {"line": 3, "column": 11, "path": "opening.hours", "message": "is not a time"},
    {"line": 7, "column": 8, "path": "", "message": "one more thing"},
]


class _Answers(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        name = self.path.partition("?")[0]
        found = {
            "/": ("text/html", PAGE.encode()),
            "/harness.js": ("text/javascript", HARNESS.encode()),
            "/editor.js": ("text/javascript", (ASSETS / "editor.js").read_bytes()),
            "/tokens.css": ("text/css", TOKENS.read_bytes() + BODY),
            "/schema.json": ("application/json", SCHEMA.read_bytes()),
        }[name]
        self.send_response(200)
        self.send_header("Content-Type", f"{found[0]}; charset=utf-8")
        self.send_header("Content-Security-Policy", POLICY)
        self.send_header("Content-Length", str(len(found[1])))
        self.end_headers()
        self.wfile.write(found[1])

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Answers) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


@pytest.fixture(autouse=True)
def nothing_goes_wrong(request: pytest.FixtureRequest) -> Iterator[None]:
    yield
    if "opened" not in request.fixturenames:
        return
    browser, address = (request.getfixturevalue(name) for name in ("browser", "address"))
    assert browser.trouble(address) == []


def wait(browser: Browser, holds: str) -> Any:
    """What a script returns as soon as it is true; fails after ten seconds."""
    script = (
        "const [holds] = arguments; const until = Date.now() + 10000;"
        "const look = new Function('return (' + holds + ')');"
        "return new Promise((done) => { const again = () => { let found = null;"
        "try { found = look(); } catch { found = null; }"
        "if (found || Date.now() > until) done(found); else setTimeout(again, 20); }; again(); })"
    )
    # No policy of the page is asked of what the driver runs, but `Function` is: so it is spelled.
    found = browser.run(
        script.replace("new Function('return (' + holds + ')')", f"() => ({holds})")
    )
    assert found, holds
    return found


@pytest.fixture
def opened(browser, address):
    browser.open(address)
    wait(browser, "document.body.dataset.ready")
    browser.run("window.editor.focus()")
    return browser


def text(browser: Browser) -> str:
    return str(browser.run("return window.editor.text()"))


def put(browser: Browser, now: str) -> None:
    """A text with the cursor at its end."""
    browser.run("window.editor.setText(arguments[0]); window.editor.focus()", now)
    browser.press_with_control(Keys.END)


LABELS = "[...root.querySelectorAll('.cm-completionLabel')].map(o => o.textContent)"


@pytest.mark.slow
def test_keys_are_completed_with_what_they_mean(opened):
    put(opened, "opening:\n  hours: 10:00-18:00\n")
    opened.press("  que")
    assert wait(opened, f"({LABELS}).length && {LABELS}") == ["queue_at_close"]
    info = wait(opened, "root.querySelector('.cm-completionInfo')?.textContent")
    assert info == (
        "At closing, people still waiting are sent away, or are served before the site empties."
    )
    opened.run("return new Promise((done) => setTimeout(done, 120))")
    opened.press(Keys.ENTER)
    assert text(opened).endswith("  queue_at_close: ")
    opened.press_with_control(" ")
    assert wait(opened, f"({LABELS}).length && {LABELS}") == ["dismiss", "serve"]
    opened.press(Keys.ESCAPE)


@pytest.mark.slow
def test_names_of_the_site_and_what_still_fits_are_offered(opened):
    put(opened, f"{TEXT}    - {{role: ")
    opened.press_with_control(" ")
    assert wait(opened, f"({LABELS}).length && {LABELS}") == ["doctor", "nurse"]
    opened.press(Keys.ESCAPE)
    put(opened, "visits:\n  inject:\n    stay: {distribution: exponential, ")
    opened.press_with_control(" ")
    assert wait(opened, f"({LABELS}).length && {LABELS}") == ["mean", "at_most", "plus"]
    opened.press(Keys.ESCAPE)
    put(opened, "name: x # a comment, op")
    opened.press_with_control(" ")
    opened.run("return new Promise((done) => setTimeout(done, 150))")
    assert opened.run(f"return {LABELS}") == []


@pytest.mark.slow
def test_problems_stand_at_their_lines_and_in_a_list(opened):
    opened.run("window.editor.setProblems(arguments[0])", PROBLEMS)
    marked = "[...root.querySelectorAll('.cm-lintRange-error')].map(o => o.textContent)"
    assert wait(opened, f"({marked}).length && {marked}") == ["hours", "role"]
    assert opened.run("return root.querySelectorAll('.cm-lint-marker-error').length") == 2
    listed = opened.run("return [...root.querySelectorAll('ol button')].map(o => o.textContent)")
    assert listed == ["Line 3: opening.hours: is not a time", "Line 7: one more thing"]
    opened.run("root.querySelectorAll('ol button')[1].focus()")
    opened.press(Keys.ENTER)
    assert opened.run("return root.activeElement.classList.contains('cm-content')")
    opened.press("X")
    assert "    - {Xrole: nurse" in text(opened)
    opened.press_with_control(Keys.HOME)
    opened.press(Keys.F8, "Y")
    assert "opening: {Y: 10:00-18:00}" in text(opened)
    opened.run("window.editor.setProblems([])")
    assert opened.run("return root.querySelector('.count').textContent") == "No problems."


@pytest.mark.slow
def test_who_has_a_keyboard_only_gets_in_and_out(opened):
    put(opened, "rooms:\n")
    opened.press(Keys.TAB)
    assert text(opened) == "rooms:\n  "
    opened.press(Keys.ESCAPE, Keys.TAB)
    assert opened.run("return document.activeElement.id") == "after"
    opened.run("window.editor.focus()")
    opened.press_with_control("z")
    assert text(opened) == "rooms:\n"
    opened.press_with_control("f")
    assert wait(opened, "root.activeElement?.getAttribute('aria-label') === 'Look for'")
    opened.press("oo", Keys.ENTER, Keys.ESCAPE)
    assert opened.run("return root.activeElement.classList.contains('cm-content')")


@pytest.mark.slow
def test_the_page_is_told_of_what_is_typed_and_of_nothing_else(opened):
    put(opened, "name: a\n")
    assert opened.run("return window.changes") == []
    opened.press("b")
    assert opened.run("return window.changes") == ["name: a\nb"]
    opened.run("window.editor.destroy()")
    assert opened.run("return root.children.length") == 0
    opened.run("window.editor = null")


COLOURS = """
const field = getComputedStyle(root.querySelector('.cm-editor'));
const key = [...root.querySelectorAll('.cm-line span')].find(one => one.textContent === 'opening');
return [getComputedStyle(key).color, field.backgroundColor]
"""


@pytest.mark.slow
@pytest.mark.parametrize("width", [390, 1100])
@pytest.mark.parametrize("dark", [False, True])
def test_it_has_the_colours_of_all_pages_and_axe_finds_no_fault(browser, address, dark, width):
    browser.open(address, dark=dark, width=width)
    wait(browser, "document.body.dataset.ready")
    colours = (
        ["rgb(92, 159, 233)", "rgb(24, 34, 43)"]
        if dark
        else ["rgb(29, 100, 178)", "rgb(255, 255, 255)"]
    )
    assert browser.run(COLOURS) == colours
    browser.run("window.editor.setProblems(arguments[0]); window.editor.focus()", PROBLEMS)
    browser.press_with_control("f")
    wait(browser, "root.querySelector('.cm-search')")
    browser.run(resources.files("axe_core_python").joinpath("axe.min.js").read_text("utf-8"))
    assert browser.run(AXE) == []
    assert browser.run("return document.documentElement.scrollWidth - innerWidth") <= 0
    assert browser.complaints() == []


def test_it_is_small_and_built_of_what_is_here():
    built = (ASSETS / "editor.js").read_bytes()
    assert len(built) < 450_000
    found = re.search(rb"Built from ([0-9a-f]{64})", built[:200])
    names = ("build.mjs", "complete.js", "editor.js", "package-lock.json", "package.json")
    of = sha256(b"".join((SOURCES / name).read_bytes() for name in names)).hexdigest()
    assert found is not None
    assert found[1].decode() == of, "make kept"


def test_what_it_carries_of_others_is_told_with_versions_and_licences():
    told = (ASSETS / "editor-licenses.txt").read_text("utf-8")
    locked = json.loads((SOURCES / "package-lock.json").read_text("utf-8"))["packages"]
    carried = dict(re.findall(r"^(\S+) (\d\S*) \(MIT\)$", told, re.MULTILINE))
    wanted = json.loads((SOURCES / "package.json").read_text("utf-8"))["dependencies"]
    assert set(wanted) <= set(carried)
    assert {name: locked[f"node_modules/{name}"]["version"] for name in carried} == carried
    assert told.count("Permission is hereby granted") == len(carried)
