"""Comparisons with published facilities: what went in, what is published, what comes out.

Nothing here is fitted: what was chosen so that a figure comes out is listed in CALIBRATED, and
what has no source is marked as an assumption in the scenario itself.
"""

import math
import tomllib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from sim.engine import Engine
from sim.scenario.load import example_folder
from sim.study.run.workers import Progress, silent
from sim.validation import trials
from sim.validation.published.counts import FUNCTIONS
from sim.validation.trials import Played, Reading, Simulated, Trial, reading_of

FOLDER = example_folder()
"""The scenario files."""


@dataclass(frozen=True)
class Run:
    """A scenario that is simulated; checks with equal runs share one study."""

    file: str
    """A file of the folder `scenarios`."""
    replications: int
    quick: int = 2
    """How many when it has to be quick."""
    sets: tuple[str, ...] = ()
    """Settings that override the file."""
    shorter: tuple[str, ...] = ()
    """Settings when it has to be quick, such as a shorter horizon; they win over the others."""

    @property
    def path(self) -> Path:
        """The scenario file."""
        return FOLDER / self.file

    def settings(self, *, quick: bool) -> tuple[str, ...]:
        """What overrides the file."""
        if not quick:
            return self.sets
        keys = {one.partition("=")[0] for one in self.shorter}
        return (*(one for one in self.sets if one.partition("=")[0] not in keys), *self.shorter)

    def trial(self, readings: tuple[Reading, ...], seed: int, *, quick: bool) -> Trial:
        """What is played, and read off."""
        replications = self.quick if quick else self.replications
        return Trial(self.path, self.settings(quick=quick), seed, replications, readings)


class Range(NamedTuple):
    """Values that agree with what is published, bounds included."""

    low: float
    high: float = math.inf

    def holds(self, value: float) -> bool:
        """Whether a value agrees."""
        return self.low <= value <= self.high

    def reaches(self, low: float, high: float) -> bool:
        """Whether an interval has values that agree."""
        return low <= self.high and high >= self.low


class Nature(StrEnum):
    """What an agreement would show."""

    OUTCOME = "Outcome"
    """The figure follows from the rules of the model and inputs that were not fitted to it."""
    ARITHMETIC = "Arithmetic on the inputs"
    """The figure was put in, in another form: agreement shows that nothing is lost on the way."""
    CALIBRATED = "Calibrated"
    """An input was chosen so that the figure comes out."""


class Agrees(StrEnum):
    """What comes of the comparison."""

    YES = "yes"
    NO = "no"
    REGIME = "regime only"
    """No number is published that could be met: only that it happens, or its order of size."""


@dataclass(frozen=True)
class Check:
    """One published figure and how the simulation gives it."""

    id: str
    facility: str
    went_in: str
    published: str
    """The published value and, in brackets, what still agrees."""
    source: str
    """Title and year."""
    agreeing: Range | None
    """In the unit of the simulated figure; None where only the regime can be compared."""
    runs: tuple[Run, ...]
    """Of two, the figure is how much of the first's numerator is left in the second; the same
    people meet both."""
    reading: Reading
    nature: Nature
    remark: str
    unit: str = ""
    """Of the figure, for readers."""
    decimals: int = 0
    """To show."""
    percent: bool = False
    """Whether a share is shown in per cent."""

    def verdict(self, value: float) -> Agrees:
        """How a simulated value compares."""
        if self.agreeing is None:
            return Agrees.REGIME
        return Agrees.YES if self.agreeing.holds(value) else Agrees.NO

    @property
    def full_remark(self) -> str:
        """The remark, which begins with what an agreement would show."""
        return f"{self.nature}. {self.remark}"


@dataclass(frozen=True)
class Calibrated:
    """An input that was chosen so that a published figure comes out."""

    file: str
    """The scenario, a file of the folder `scenarios`."""
    key: str
    value: float
    so_that: str
    otherwise: str
    """What other values would do, or what this one leaves open."""


def _checks(data: Mapping[str, Any]) -> Iterator[Check]:
    """The checks as checks.toml says them; what it says of a site holds where a check says none."""
    runs = {name: Run(**_tuples(said)) for name, said in data["runs"].items()}
    for site in data["site"]:
        checks = site.pop("check")
        for own in checks:
            yield _check({**site, **own}, runs)


def _check(said: dict[str, Any], runs: Mapping[str, Run]) -> Check:
    reading: dict[str, Any] = {
        name: said.pop(name) for name in ("row", "sums", "complement") if name in said
    }
    return Check(
        agreeing=Range(*said.pop("agreeing")) if "agreeing" in said else None,
        runs=tuple(runs[name] for name in said.pop("runs")),
        nature=Nature[said.pop("nature").upper()],
        reading=reading_of(reading, FUNCTIONS),
        **said,
    )


def _tuples(said: Mapping[str, Any]) -> dict[str, Any]:
    return {name: tuple(one) if isinstance(one, list) else one for name, one in said.items()}


_DATA = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))

CHECKS = tuple(_checks(_DATA))
"""In the order of the table."""

CALIBRATED = tuple(Calibrated(**said) for said in _DATA["calibrated"])
"""Every input that was chosen so that a published figure comes out."""


COLUMNS = (
    "id",
    "facility",
    "went_in",
    "published",
    "source",
    "simulated",
    "ci_low",
    "ci_high",
    "agrees",
    "remark",
)
"""Of the table."""


def published(
    *,
    quick: bool = False,
    ids: Collection[str] | None = None,
    seed: int = 1,
    workers: int = 1,
    engine: Engine = Engine.FAST,
    progress: Progress = silent,
) -> pd.DataFrame:
    """Simulate the published facilities and compare.

    A figure agrees (`yes`) when its simulated value lies in the range that the published value
    allows; the interval says how sure the simulated value is. `regime only` stands where no number
    is published that could be met.

    Args:
        quick: shorter horizons and fewer replications.
        ids: only these checks, such as `V2.1`; without it all.
        seed: the seed of all chance.
        workers: how many share the replications.
        engine: what plays the visitors.
        progress: is told of every run done.

    Returns:
        COLUMNS, a line for each check.

    Raises:
        ValueError: an id is of no check.
    """
    if unknown := set(ids or ()) - {check.id for check in CHECKS}:
        known = ", ".join(check.id for check in CHECKS)
        raise ValueError(f"there is no check {', '.join(sorted(unknown))}; known: {known}")
    chosen = [check for check in CHECKS if ids is None or check.id in ids]
    wanted: dict[Run, dict[Reading, None]] = {}
    for check in chosen:
        for run in check.runs:
            wanted.setdefault(run, {})[check.reading] = None
    found = trials.play(
        [run.trial(tuple(readings), seed, quick=quick) for run, readings in wanted.items()],
        engine=engine,
        workers=workers,
    )
    played: dict[Run, Played] = {}
    for run, one in zip(wanted, found, strict=True):
        played[run] = one
        progress(len(played), len(wanted))
    rows = [_row(check, [played[run] for run in check.runs]) for check in chosen]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _row(check: Check, played: list[Played]) -> tuple[object, ...]:
    found = _left(check, *played) if len(played) > 1 else played[0].estimate(check.reading)
    return (
        check.id,
        check.facility,
        check.went_in,
        check.published,
        check.source,
        *found.figure,
        check.verdict(found.figure.value).value,
        check.full_remark,
    )


def _left(check: Check, before: Played, after: Played) -> Simulated:
    """How much of the numerator is left, with a jackknife over pairs of replications."""
    numerators = [one.taken[check.reading][:, 0] for one in (after, before)]
    return check.reading.estimate(np.column_stack(numerators), None)
