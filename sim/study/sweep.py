"""Sweeps: the same scenario with some of its values varied, every design meeting the same people.

A full factorial plays every combination of levels; a Latin hypercube (McKay, Beckman & Conover
1979, Technometrics 21, 239-245) spreads a given number of designs evenly over all ranges at once.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from importlib import import_module
from itertools import product
from math import prod

import numpy as np

from sim.scenario.problems import Place, Problem, ScenarioError
from sim.study.compare_options import split_outside

# A number begins with 0 only if it is 0: `07:30` is a time of day, not a range from 7 to 30.
_NUMBER = r"-?(?:0|[1-9]\d*)(?:\.\d+)?"
_RANGE = re.compile(rf"(?P<low>{_NUMBER}):(?P<high>{_NUMBER})(?::(?P<step>{_NUMBER}))?")
_EXAMPLE = "--vary rooms.injecting.places=4:12:2 or --vary demand.visits_per_day=300,400,500"
_FIGURES = 4
"""Figures of a value that is drawn from a range without steps."""


@dataclass(frozen=True)
class Factor:
    """A value to be varied."""

    key: str
    """Its path, as `--set` takes it."""
    listed: tuple[str, ...] = ()
    """Its levels, if they were listed."""
    low: Decimal = Decimal(0)
    """Else the range."""
    high: Decimal = Decimal(0)
    step: Decimal | None = None
    """None for any number between, which only a Latin hypercube can draw."""

    @property
    def count(self) -> int:
        """How many levels; a range may have more than anybody wants to list."""
        if self.listed:
            return len(self.listed)
        return 0 if self.step is None else int((self.high - self.low) / self.step) + 1

    def level(self, number: int) -> str:
        """One of the levels, from 0, as it is set."""
        if self.listed:
            return self.listed[number]
        return str(self.low + number * (self.step or 0))

    def between(self, share: float) -> str:
        """What lies at this share, from 0 to 1, of the levels or of the range."""
        if self.count:
            return self.level(min(int(share * self.count), self.count - 1))
        value = float(self.low) + share * float(self.high - self.low)
        return f"{value:.{_FIGURES}g}"


Design = tuple[tuple[str, str], ...]
"""Key and value of each factor."""


def parse_factors(texts: Sequence[str]) -> tuple[Factor, ...]:
    """Each `KEY=VALUES` taken apart: `4:12`, `4:12:2`, `0.5:1.5:0.25`, `300,400,500`.

    Raises:
        ScenarioError: everything that is wrong with any of them.
    """
    found: list[Factor] = []
    problems: list[Problem] = []
    for text in texts:
        factor = _factor(text)
        if isinstance(factor, Factor) and factor.key in {one.key for one in found}:
            factor = f"varies {factor.key} a second time; keep one of them"
        if isinstance(factor, str):
            problems.append(Problem(Place(f"--vary {text}"), "", factor))
        else:
            found.append(factor)
    if problems:
        raise ScenarioError(problems)
    return tuple(found)


def _factor(text: str) -> Factor | str:
    """The factor, or what is wrong with it."""
    key, equals, values = (part.strip() for part in text.partition("="))
    if not (key and equals and values):
        return f"must be a path, `=` and values, for example {_EXAMPLE}"
    as_range = _RANGE.fullmatch(values)
    if as_range is not None:
        return _of_range(key, as_range)
    listed = split_outside(values, ",")
    if "" in listed:
        return f"has nothing before or after a comma; values are listed as {_EXAMPLE}"
    if len(set(listed)) != len(listed):
        return "lists a value twice; keep one of them"
    if not listed[1:]:
        return f"has one value only; to set it use --set, to vary it for example {_EXAMPLE}"
    return Factor(key, listed)


def _of_range(key: str, found: re.Match[str]) -> Factor | str:
    low, high = Decimal(found["low"]), Decimal(found["high"])
    whole = "." not in found["low"] + found["high"]
    step = Decimal(found["step"]) if found["step"] else Decimal(1) if whole else None
    if low >= high:
        return f"must go from a lower to a higher number, not from {low} to {high}"
    if step is not None and step <= 0:
        return f"must have a step above 0, not {step}"
    return Factor(key, low=low, high=high, step=step)


def factorial_size(factors: Sequence[Factor]) -> int:
    """How many designs a full factorial has.

    Raises:
        ScenarioError: a range has no steps.
    """
    problems = [
        Problem(
            Place(f"--vary {one.key}={one.low}:{one.high}"),
            "",
            f"needs a step, for example {one.key}={one.low}:{one.high}:{(one.high - one.low) / 4}"
            "; or draw designs with --lhs",
        )
        for one in factors
        if not one.count
    ]
    if problems:
        raise ScenarioError(problems)
    return prod(one.count for one in factors)


def factorial(factors: Sequence[Factor]) -> tuple[Design, ...]:
    """Every combination of levels, the last factor changing fastest."""
    numbers = product(*(range(one.count) for one in factors))
    return tuple(
        tuple((one.key, one.level(number)) for one, number in zip(factors, row, strict=True))
        for row in numbers
    )


def latin_hypercube(factors: Sequence[Factor], number: int, seed: int) -> tuple[Design, ...]:
    """So many designs, each range cut into as many strata with one design in each.

    Factors with few levels may make two designs alike; these are played once.

    Args:
        factors: what is varied.
        number: of designs.
        seed: of the draw.
    """
    qmc = import_module("scipy.stats.qmc")  # takes long to import, and few need it
    sampler = qmc.LatinHypercube(len(factors), rng=np.random.default_rng(seed))
    designs: Iterator[Design] = (
        tuple((one.key, one.between(share)) for one, share in zip(factors, row, strict=True))
        for row in sampler.random(number).tolist()
    )
    return tuple(dict.fromkeys(designs))


def settings_of(design: Design) -> tuple[str, ...]:
    """A design as settings of the command line."""
    return tuple(f"{key}={value}" for key, value in design)
