"""Sweeps: the same scenario with some of its values varied, every design meeting the same people.

A full factorial plays every combination of levels; a Latin hypercube (McKay, Beckman & Conover
1979, Technometrics 21, 239-245) spreads a given number of designs evenly over all ranges at once.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module
from itertools import product
from math import prod

import numpy as np
import pandas as pd

from sim.measures import Row
from sim.scenario.errors.problem import Place, Problem, ScenarioError
from sim.scenario.model.scenario import Scenario
from sim.scenario.text.sets import Factor, parse_factor
from sim.study.estimate.summary import Key, StudyResult, key_of

_EXAMPLE = "--vary rooms.injecting.places=4:12:2 or --vary demand.visits_per_day=300,400,500"

SweepDesign = tuple[tuple[str, str], ...]
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


def factorial(factors: Sequence[Factor]) -> tuple[SweepDesign, ...]:
    """Every combination of levels, the last factor changing fastest."""
    numbers = product(*(range(one.count) for one in factors))
    return tuple(
        tuple((one.key, one.level(number)) for one, number in zip(factors, row, strict=True))
        for row in numbers
    )


def latin_hypercube(factors: Sequence[Factor], number: int, seed: int) -> tuple[SweepDesign, ...]:
    """So many designs, each range cut into as many strata with one design in each.

    Factors with few levels may make two designs alike; these are played once.

    Args:
        factors: what is varied.
        number: of designs.
        seed: of the draw.
    """
    qmc = import_module("scipy.stats.qmc")  # takes long to import, and few need it
    sampler = qmc.LatinHypercube(len(factors), rng=np.random.default_rng(seed))
    designs: Iterator[SweepDesign] = (
        tuple((one.key, one.between(share)) for one, share in zip(factors, row, strict=True))
        for row in sampler.random(number).tolist()
    )
    return tuple(dict.fromkeys(designs))


def settings_of(design: SweepDesign) -> tuple[str, ...]:
    """A design as settings of the command line."""
    return tuple(f"{key}={value}" for key, value in design)


# --- what was found -----------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class PlayedDesign:
    """A design and what its study found."""

    design: SweepDesign
    scenario: Scenario
    summary: pd.DataFrame
    """As `StudyResult.summary`."""


@dataclass(frozen=True, eq=False)
class Sweep:
    """What all designs found."""

    how: str
    """The kind of design, such as `full factorial`."""
    first: StudyResult
    """The study of the first design."""
    played: tuple[PlayedDesign, ...]
    rows: tuple[Row, ...]
    """All figures of any design."""
    table: pd.DataFrame
    """The varied keys, then `design` (from 1), then the summary's columns."""


def sweep_of(
    designs: Sequence[SweepDesign],
    how: str,
    scenarios: Sequence[Scenario],
    results: Iterable[StudyResult],
) -> Sweep:
    """Put the studies of all designs together; of each only the summary is held in memory.

    Args:
        designs: what was varied, design by design; at least one.
        how: the kind of design, such as `full factorial`.
        scenarios: of each design.
        results: of each design, of the same seed and number of replications.
    """
    played: list[PlayedDesign] = []
    rows: dict[Key, Row] = {}
    first: StudyResult | None = None
    for design, scenario, result in zip(designs, scenarios, results, strict=True):
        first = first or result
        rows |= {key_of(row): row for row in result.rows}
        played.append(PlayedDesign(design, scenario, result.summary))
    assert first is not None  # a sweep has designs
    return Sweep(how, first, tuple(played), tuple(rows.values()), _table(played))


def _table(played: Sequence[PlayedDesign]) -> pd.DataFrame:
    designs = [dict(one.design) for one in played]
    varied = {key: _column([one[key] for one in designs]) for key in designs[0]}
    parts = []
    for number, one in enumerate(played):
        mine = {key: column[number] for key, column in varied.items()}
        named = pd.DataFrame({**mine, "design": number + 1}, index=one.summary.index)
        parts.append(pd.concat([named, one.summary], axis=1))
    return pd.concat(parts, ignore_index=True)


def _column(texts: Sequence[str]) -> Sequence[object]:
    """A factor's values, as numbers if all of them are."""
    try:
        numbers = [float(text) for text in texts]
    except ValueError:
        return texts
    whole = all(number.is_integer() for number in numbers)
    return [int(number) for number in numbers] if whole else numbers
