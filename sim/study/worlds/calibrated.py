"""What a calibration found, input by input and outcome by outcome, and the worlds it hands on."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from math import isnan

import numpy as np

from sim.study.worlds.calibrate import Calibration, Floats, Published, weighted_quantiles

ROWS = 256
"""Worlds that are handed on as draws."""
_ENDS = (0.05, 0.5, 0.95)
NOTHING = 0.8
"""A range that keeps more of its width than this has learnt nothing."""
_TIED = 0.5
"""Correlations of at least this are told."""
_NUMBER = r"[+-]?\d+(?:\.\d+)?"
_OUTCOME = re.compile(
    rf"\s*(?P<name>[\w.]+)\s*=\s*(?P<value>{_NUMBER})\s*(?P<unit>%?)\s*"
    rf"\(\s*(?P<low>{_NUMBER})\s*(?:-|–|to)\s*(?P<high>{_NUMBER})\s*(?P<unit_of_range>%?)\s*\)\s*"
)


class OutcomeError(ValueError):
    """An outcome that cannot be read; the message says what would be right."""


def read_outcome(text: str) -> Published:
    """An outcome as it is typed: `uses.per_day=412 (400-425)`, `unserved.share=12 % (10-13)`.

    Raises:
        OutcomeError: it is none.
    """
    found = _OUTCOME.fullmatch(text)
    if found is None:
        raise OutcomeError(
            f"{text}: must be a figure, its value and its 95 % interval, such as "
            "uses.per_day=412 (400-425)"
        )
    times = 0.01 if "%" in {found["unit"], found["unit_of_range"]} else 1.0
    value, low, high = (times * float(found[name]) for name in ("value", "low", "high"))
    try:
        return Published(found["name"], value, low, high)
    except ValueError:
        raise OutcomeError(
            f"{text}: the value must lie in its interval, and the interval must have a width"
        ) from None


def freed(patterns: Sequence[str], names: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """The inputs that may be other than they are written, in their order; all without a pattern.

    Args:
        patterns: paths or names, `*` for anything in between, such as `visits.*.patience`; what
            lies below a path is meant with it.
        names: of each input all that it is called: its name and the paths of its members.

    Raises:
        OutcomeError: a pattern fits none.
    """
    if not patterns:
        return tuple(names)
    found = {
        pattern: [name for name, all_of in names.items() if _fits(pattern, all_of)]
        for pattern in patterns
    }
    for pattern, some in found.items():
        if not some:
            known = ", ".join(names) or "none"
            raise OutcomeError(f"{pattern}: nothing of that name has a range; there are: {known}")
    wanted = {name for some in found.values() for name in some}
    return tuple(name for name in names if name in wanted)


def _fits(pattern: str, names: Sequence[str]) -> bool:
    return any(fnmatchcase(one, pattern) or fnmatchcase(one, f"{pattern}.*") for one in names)


# --- what was learnt ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Learnt:
    """What the outcomes say of an input."""

    name: str
    before: tuple[float, float, float]
    """The 5, 50 and 95 % points of what was thought."""
    after: tuple[float, float, float]
    """The same of the worlds that meet the outcomes."""
    unit: str = ""

    @property
    def narrowed(self) -> float:
        """What is left of the width of its range."""
        width = self.before[2] - self.before[0]
        return (self.after[2] - self.after[0]) / width if width > 0 else 1.0

    @property
    def nothing(self) -> bool:
        """Whether the outcomes say nothing of it."""
        return self.narrowed > NOTHING


@dataclass(frozen=True)
class Met:
    """An outcome as it was published, and as the calibrated worlds give it."""

    published: Published
    unit: str
    again: tuple[float, float, float]
    """The 5, 50 and 95 % points of the calibrated worlds, played again by other people."""
    nearest: float
    """The outcome in the world nearest to all."""
    apart: float
    """How far off that is, in standard errors."""
    without: float
    """How far off the worst other outcome would be, if this one were left out."""
    out_of_reach: bool
    """Whether no world in the ranges gives it, even by itself."""

    @property
    def is_met(self) -> bool:
        """Whether the calibrated worlds give it: their range and the published one touch."""
        low, _, high = self.again
        return not isnan(low) and low <= self.published.high and self.published.low <= high


@dataclass(frozen=True, eq=False)
class Calibrated:
    """All that a calibration found."""

    found: Calibration
    learnt: tuple[Learnt, ...]
    met: tuple[Met, ...]
    tied: tuple[tuple[str, str, float], ...]
    """Inputs that are high together, or one high as the other is low: names and correlation."""


@dataclass(frozen=True, eq=False)
class Freed:
    """An input that was free."""

    name: str
    values: Floats
    """In every world that was played."""
    unit: str = ""


def learnt(one: Freed, found: Calibration) -> Learnt:
    """What is learnt of an input."""
    even = np.ones(found.first)
    before = weighted_quantiles(one.values[: found.first], even, _ENDS)
    after = weighted_quantiles(one.values, found.weights, _ENDS)
    return Learnt(one.name, _three(before), _three(after), one.unit)


def _three(values: Floats) -> tuple[float, float, float]:
    low, middle, high = (float(one) for one in values)
    return low, middle, high


def calibrated(
    found: Calibration,
    inputs: Sequence[Freed],
    again: Floats,
    units: Sequence[str],
) -> Calibrated:
    """Put together what was found.

    Args:
        found: the calibration.
        inputs: what was free.
        again: outcomes of the calibrated worlds played again: a row a world.
        units: of the outcomes.
    """
    correlations = found.correlations()
    tied = [
        (inputs[one].name, inputs[other].name, float(correlations[one, other]))
        for one in range(len(inputs))
        for other in range(one)
        if abs(correlations[one, other]) >= _TIED
    ]
    return Calibrated(
        found=found,
        learnt=tuple(learnt(one, found) for one in inputs),
        met=tuple(_met(found, number, again, units[number]) for number in range(len(units))),
        tied=tuple(sorted(tied, key=lambda one: -abs(one[2]))),
    )


def _met(found: Calibration, number: int, again: Floats, unit: str) -> Met:
    seen = again[:, number]
    seen = seen[~np.isnan(seen)]
    nothing = (np.nan, np.nan, np.nan)
    return Met(
        published=found.published[number],
        unit=unit,
        again=_three(np.quantile(seen, _ENDS)) if len(seen) else nothing,
        nearest=float(found.figures[found.nearest, number]),
        apart=float(found.apart[found.nearest, number]),
        without=found.without(number),
        out_of_reach=number in found.out_of_reach,
    )
