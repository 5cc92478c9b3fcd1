"""What all tests share: one browser, and what is imported is not searched for garbage."""

import gc
from collections.abc import Iterator

import pytest

from tests.support.browser import Browser, open_browser


def pytest_sessionstart() -> None:
    """Nothing that is imported is garbage; as the program itself does when it starts."""
    gc.disable()


def pytest_collection_finish() -> None:
    """What is there by now stays: Python would look through all of it again and again."""
    gc.freeze()
    gc.enable()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One for all tests of a process: whoever opens a page forgets what earlier ones said."""
    with open_browser() as found:
        yield found
