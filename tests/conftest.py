"""What all tests share: one browser, and what is imported is not searched for garbage."""

import gc
from collections.abc import Iterator

import pytest

from tests.support.browser import Browser, open_browser


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """Nothing that is imported is garbage, then or later: as the program itself has it."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One for all tests of a process: whoever opens a page forgets what earlier ones said."""
    with open_browser() as found:
        yield found
