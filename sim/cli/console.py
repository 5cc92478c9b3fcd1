"""Where things are printed, and how wrong input is reported."""

import sys
from typing import NoReturn

from rich.console import Console

from sim.scenario import ScenarioError

WIDTH = 80
"""Columns for output that is not on a terminal; a terminal is used up to this width too."""


def console(*, stderr: bool = False) -> Console:
    """A console of at most WIDTH columns."""
    found = Console(stderr=stderr)
    return Console(stderr=stderr, width=min(found.width, WIDTH) if found.is_terminal else WIDTH)


def report_problems(error: ScenarioError) -> NoReturn:
    """Print one line a problem and end with status 2."""
    sys.stderr.write(f"{error}\n")
    sys.exit(2)


def fail(message: str, *, status: int = 2) -> NoReturn:
    """Print one line and end."""
    sys.stderr.write(f"dcr-sim: {message}\n")
    sys.exit(status)
