"""A real browser without a window, for the tests of the pages."""

import base64
import json
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.keys import Keys

CHROMIUM, DRIVER = ("chromium", "chromium-browser", "google-chrome"), "chromedriver"
AXE = """
return axe.run(document, {resultTypes: ['violations']}).then(found => found.violations.map(one =>
  [one.id, one.nodes.length, one.nodes[0].html.slice(0, 200), one.nodes[0].failureSummary]))
"""
"""What axe finds wrong, as a script; axe itself is run before."""
A4_WIDTH = 210 / 25.4 * 72
"""Points."""


class Browser:
    """Opens pages and tells what happened in them."""

    def __init__(self, driver: webdriver.Chrome) -> None:
        self._driver = driver

    def open(
        self,
        page: Path | str,
        *,
        width: int = 1100,
        dark: bool = False,
        still: bool = False,
        at: str = "",
    ) -> None:
        """Open a page that is on disk, and forget what earlier ones said.

        Args:
            page: the file, or an address.
            width: of the window.
            dark: whether the reader prefers a dark theme.
            still: whether the reader prefers little motion.
            at: an anchor, such as `#12:00`.
        """
        theme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        motion = {"name": "prefers-reduced-motion", "value": "reduce" if still else ""}
        size: dict[str, object] = {
            "width": width,
            "height": 900,
            "deviceScaleFactor": 1,
            "mobile": width < 600,
        }
        self._cdp("Emulation.setEmulatedMedia", {"media": "", "features": [theme, motion]})
        self._cdp("Emulation.setDeviceMetricsOverride", size)
        self._driver.get("about:blank")
        self.trouble()
        self._driver.get((page if isinstance(page, str) else page.as_uri()) + at)

    def resize(self, width: int) -> None:
        """Make the window so wide; the page stays."""
        size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
        self._cdp("Emulation.setDeviceMetricsOverride", size)

    def theme(self, *, dark: bool) -> None:
        """Let the reader prefer a dark theme, or a light one; the page stays."""
        theme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self._cdp("Emulation.setEmulatedMedia", {"media": "", "features": [theme]})

    def run(self, script: str, *arguments: object) -> Any:
        """What a script returns."""
        return self._driver.execute_script(script, *arguments)

    def press(self, *keys: str) -> None:
        """Type what has the focus, key by key; those without a letter are of selenium's `Keys`."""
        webdriver.ActionChains(self._driver).send_keys(*keys).perform()

    def press_with_control(self, key: str) -> None:
        """A key while Ctrl is held."""
        chain = webdriver.ActionChains(self._driver).key_down(Keys.CONTROL)
        chain.send_keys(key).key_up(Keys.CONTROL).perform()

    def complaints(self) -> list[str]:
        """Errors and warnings of the console since the last call."""
        return [entry["message"] for entry in self._driver.get_log("browser")]

    def requests(self) -> list[str]:
        """What was asked for since the last call, wherever it is."""
        messages = [
            json.loads(entry["message"])["message"] for entry in self._driver.get_log("performance")
        ]
        return [
            one["params"]["request"]["url"]
            for one in messages
            if one["method"] == "Network.requestWillBeSent"
        ]

    def trouble(self, own: str = "file:") -> list[str]:
        """Complaints since the last call, and what was asked for that is not of the page's own."""
        asked = [url for url in self.requests() if not url.startswith((own, "data:"))]
        return [*self.complaints(), *asked]

    def shot(self, element: str) -> bytes:
        """An element as a PNG; the first that a selector finds."""
        box = self.run(
            "const box = document.querySelector(arguments[0]).getBoundingClientRect();"
            "return [box.left, box.top + scrollY, box.width, box.height]",
            element,
        )
        x, y, width, height = box
        clip = {"x": x, "y": y, "width": width, "height": height, "scale": 1}
        taken = self._cdp("Page.captureScreenshot", {"captureBeyondViewport": True, "clip": clip})
        return base64.b64decode(taken["data"])

    def pdf(self) -> bytes:
        """The page as it is printed."""
        printed = self._cdp("Page.printToPDF", {"preferCSSPageSize": True})
        return base64.b64decode(printed["data"])

    def as_printed(self, script: str) -> Any:
        """What a script returns while the page is laid out for paper of A4's width."""
        width = round(180 / 25.4 * 96)
        size: dict[str, object] = {
            "width": width,
            "height": 1000,
            "deviceScaleFactor": 1,
            "mobile": False,
        }
        self._cdp("Emulation.setEmulatedMedia", {"media": "print", "features": []})
        self._cdp("Emulation.setDeviceMetricsOverride", size)
        self.run("dispatchEvent(new Event('beforeprint'))")
        return self.run(script)

    def _cdp(self, command: str, arguments: Mapping[str, object]) -> Any:
        return self._driver.execute_cdp_cmd(command, dict(arguments))


@contextmanager
def open_browser() -> Iterator[Browser]:
    """A browser for the block; skips the test where there is none.

    A browser is no Python package: without one all that needs none can still be tested. `.ci/run`
    installs one.
    """
    found = next((path for name in CHROMIUM if (path := shutil.which(name))), None)
    driver = shutil.which(DRIVER)
    if found is None or driver is None:
        pytest.skip("no browser: install Debian's chromium and chromium-driver to run this test")
    options = webdriver.ChromeOptions()
    options.binary_location = found
    for switch in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"):
        options.add_argument(switch)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    chrome = webdriver.Chrome(options=options, service=Service(driver))
    chrome.set_script_timeout(100)
    try:
        yield Browser(chrome)
    finally:
        chrome.quit()
