"""Sweeps: the same scenario with some of its values varied, every design meeting the same people.

A full factorial plays every combination of levels; a Latin hypercube (McKay, Beckman & Conover
1979, Technometrics 21, 239-245) spreads a given number of designs evenly over all ranges at once.
"""

from collections.abc import Iterator, Sequence
from importlib import import_module
from itertools import product
from math import prod

import numpy as np

from sim.scenario.errors.problem import Place, Problem, ScenarioError
from sim.scenario.text.sets import Factor, parse_factor

_EXAMPLE = "--vary rooms.injecting.places=4:12:2 or --vary demand.visits_per_day=300,400,500"

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
    try:
        factor = parse_factor(key, values)
    except ValueError as error:
        return str(error)
    if len(factor.listed) == 1:
        return f"has one value only; to set it use --set, to vary it for example {_EXAMPLE}"
    return factor


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
