"""Scenarios of which figures are known, and results that the scenario language cannot express."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from sim.validation.exact.sums import FUNCTIONS
from sim.validation.readings import Reading, reading_of

FOLDER = Path(__file__).parent / "scenarios"
"""The scenario files."""

LIMITS = {
    "exact": 0.0,  # met to the last digit
    "ordinary": 0.01,
    "heavy": 0.02,  # traffic, in which a site remembers for days
    "hourly": 0.05,  # of a single hour of the day
}
"""Highest relative standard error of a figure."""


@dataclass(frozen=True)
class Figure:
    """A figure that is known, and where the program says it."""

    name: str
    exact: float
    reading: Reading
    limit: float = LIMITS["ordinary"]
    """Highest relative standard error that will do; 0 for a figure that must be met exactly."""
    exact_error: float = 0.0
    """Standard error of `exact`, when it is itself from a simulation."""

    def limit_when(self, *, quick: bool) -> float:
        """The highest relative standard error that will do in a full or a quick run."""
        if not quick:
            return self.limit
        return 5 * (LIMITS["ordinary"] if self.limit == LIMITS["heavy"] else self.limit)


@dataclass(frozen=True)
class Case:
    """A scenario of which figures are known."""

    id: str
    """As in the documentation, such as `S1`; several scenarios may share one."""
    file: str
    """The scenario, a file of FOLDER."""
    exercises: str
    """What part of the program it is about."""
    figures: tuple[Figure, ...]
    replications: int = 1
    """How many of them bring the standard errors below the limits; 1 where nothing is random."""
    quick: int = 1
    """How many in a quick run; 0 for a case that has no place in one. With fewer than some 30 the
    standard error is itself so uncertain that 4 of them are no longer far; and they bring what is
    to be expected of it to three quarters of the limit, since it varies by a seventh."""

    def replications_when(self, *, quick: bool) -> int:
        """How many replications in a full or a quick run."""
        return self.quick if quick else self.replications


class Unsaid(NamedTuple):
    """A known result that the scenario language cannot express."""

    id: str
    what: str
    why: str


def _case(said: dict[str, Any]) -> Case:
    """A case as cases.toml says it; `limit` and `times` hold where a figure has none of its own."""
    shared: dict[str, Any] = {name: said.pop(name) for name in ("limit", "times") if name in said}
    figures = tuple(_figure({**shared, **figure}) for figure in said.pop("figures"))
    return Case(figures=figures, **said)


def _figure(said: Mapping[str, Any]) -> Figure:
    return Figure(
        said["name"],
        said["exact"],
        reading_of(said, FUNCTIONS),
        LIMITS[said.get("limit", "ordinary")],
        said.get("exact_error", 0.0),
    )


_DATA = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))

CASES = tuple(_case(said) for said in _DATA["case"])
"""All cases, in the order in which they are played and printed."""

UNSAID = tuple(Unsaid(**said) for said in _DATA["unsaid"])
"""What is left out."""
