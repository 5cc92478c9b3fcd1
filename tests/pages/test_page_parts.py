"""Every part of the pages as a picture: what it looks like is what it looked like.

`python -m tests.support.page_parts` writes the page of the parts anew; the pictures are taken anew
with `python -m tests.pages.test_page_parts`, and looked at before they are kept.
"""

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.support.browser import Browser, open_browser
from tests.support.page_parts import DOCS, PARTS, parts_page

PICTURES = Path(__file__).parent / "pictures"
LOOKS = {"light": (1280, False), "dark": (1280, True), "phone": (390, False)}
WHERE = {"questions": ".cards.questions", "alert": ".alert"}
BLOCK = 8
"""Pixels on a side over which colours are averaged: letters may lie a little elsewhere."""
MOST = 14.0
"""Difference of such averages, of 255, that another version of a browser may make."""


def test_the_page_of_the_parts_is_that_of_the_code():
    assert DOCS.read_text("utf-8") == parts_page()


def picture(browser: Browser, part: str, look: str) -> Image.Image:
    width, dark = LOOKS[look]
    browser.open(DOCS, width=width, dark=dark)
    return Image.open(io.BytesIO(browser.shot(WHERE.get(part, f"#{part}")))).convert("RGB")


def averages(shown: Image.Image) -> np.ndarray:
    pixels = np.asarray(shown, dtype=float)
    height, width = (size // BLOCK * BLOCK for size in pixels.shape[:2])
    blocks = pixels[:height, :width].reshape(height // BLOCK, BLOCK, width // BLOCK, BLOCK, 3)
    return np.asarray(blocks.mean(axis=(1, 3)))


@pytest.mark.slow
@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("part", PARTS)
def test_a_part_looks_as_it_did(browser: Browser, part, look):
    shown = picture(browser, part, look)
    kept = Image.open(PICTURES / f"{part}-{look}.png").convert("RGB")
    assert np.abs(np.subtract(shown.size, kept.size)).max() <= BLOCK, (shown.size, kept.size)
    ours, theirs = averages(shown), averages(kept)
    rows, columns = np.minimum(ours.shape, theirs.shape)[:2]
    apart = np.abs(ours[:rows, :columns] - theirs[:rows, :columns])
    assert np.quantile(apart, 0.99) <= MOST


def test_a_change_of_colour_or_place_would_be_seen():
    kept = Image.open(PICTURES / "questions-light.png").convert("RGB")
    ours = averages(kept)
    pixels = np.asarray(kept).copy()
    red = np.roll(pixels, 12, axis=0)
    assert np.quantile(np.abs(averages(Image.fromarray(red)) - ours), 0.99) > MOST


def _take_anew() -> None:
    PICTURES.mkdir(exist_ok=True)
    with open_browser() as browser:
        for part in PARTS:
            for look in LOOKS:
                shown = picture(browser, part, look)
                shown.quantize(64).save(PICTURES / f"{part}-{look}.png", optimize=True)


if __name__ == "__main__":
    _take_anew()
