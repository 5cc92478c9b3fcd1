"""Sweeps: the same scenario with some of its values varied, every design meeting the same people.

A full factorial plays every combination of levels; a Latin hypercube (McKay, Beckman & Conover
1979, Technometrics 21, 239-245) spreads a given number of designs evenly over all ranges at once.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from itertools import product
from math import prod

import numpy as np
import pandas as pd

from sim.measures import Row
from sim.scenario.errors.problem import Place, Problem, ScenarioError, message_of, path_text
from sim.scenario.errors.told import Listed, Written, told
from sim.scenario.model.base import ROUNDING
from sim.scenario.model.design import path_keys
from sim.scenario.model.scenario import Scenario
from sim.scenario.text.sets import Factor, parse_factor
from sim.scenario.uncertainty.shares import wholes
from sim.study.compare.comparison import ComparedFigure, Studied, beside
from sim.study.compare.matters import headlines
from sim.study.estimate.intervals import LEVEL
from sim.study.estimate.summary import Key, StudyResult, key_of
from sim.study.estimate.targets import JudgedTarget, judge
from sim.study.run.served import over

_EXAMPLE = told(
    "such_factors",
    "--vary rooms.injecting.places=4:12:2 or --vary demand.visits_per_day=300,400,500",
)

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
            factor = told(
                "varies_a_second_time_keep_one_of",
                "varies {key} a second time; keep one of them",
                key=factor.key,
            )
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
        return told(
            "must_be_a_path_and_values_for",
            "must be a path, `=` and values, for example {example}",
            example=_EXAMPLE,
        )
    try:
        factor = parse_factor(key, values)
    except ValueError as error:
        return message_of(error)
    if len(factor.listed) == 1:
        return told(
            "has_one_value_only_to_set_it",
            "has one value only; to set it use --set, to vary it for example {example}",
            example=_EXAMPLE,
        )
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
            told(
                "needs_a_step_for_example_or_draw",
                "needs a step, for example {key}={low}:{high}:{step}; or draw designs with --lhs",
                key=one.key,
                low=Written(one.low),
                high=Written(one.high),
                step=Written((one.high - one.low) / 4),
            ),
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


def giving_way(values: Mapping[str, str], scenario: Scenario) -> tuple[str, ...]:
    """Settings of shares of a whole, which give way to those varied in proportion.

    Args:
        values: what is set, by path; shares of visit kinds or of first wishes among them.
        scenario: as it is without.

    Raises:
        ScenarioError: the shares that are set are more than everything.
    """
    return tuple(setting for shares in wholes(scenario) for setting in _giving_way(values, shares))


def _giving_way(values: Mapping[str, str], shares: Mapping[str, float]) -> Iterator[str]:
    """The same of one whole: its shares by path, as they are without."""
    varied: dict[str, float] = {}
    for path, value in values.items():
        named = _plain(path)
        if named in shares and (number := _number(value)) is not None:
            varied[named] = number
    others = {path: share for path, share in shares.items() if path not in varied}
    rest = sum(others.values())
    if not varied or rest <= 0:
        return
    left = 1 - sum(varied.values())
    if left < -ROUNDING:
        path = next(iter(varied))
        taken = Listed.of(
            (
                told("share_of", "{share} of {name}", share=Written(f"{share:g}"), name=_kind(one))
                for one, share in varied.items()
            ),
            "and",
        )
        message = told(
            "leave_nothing_for_together_they_are_at",
            "{taken} leave nothing for {listed}: together they are at most 1",
            taken=taken,
            listed=", ".join(map(_kind, others)),
        )
        raise ScenarioError([Problem(Place(f"--vary {path}"), path, message)])
    for path, share in others.items():
        if share > 0:
            yield f"{path}={share * max(0.0, left) / rest:.12g}"


def _plain(path: str) -> str:
    """A path as `path_text` writes it; empty if it is none."""
    try:
        return path_text(path_keys(path))
    except ValueError:
        return ""


def _kind(path: str) -> str:
    """What the share at a path is of: a kind of visit, a facility, an origin."""
    keys = path_keys(path)
    return keys[-2] if keys[-1] == "share" else keys[-1]


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def gives_way(paths: Iterable[str], scenario: Scenario) -> str:
    """What to say where shares of a whole are varied; empty where none is."""
    varied = {_plain(path) for path in paths}
    others = [
        _kind(path)
        for shares in wholes(scenario)
        if varied & shares.keys()
        for path, share in shares.items()
        if path not in varied and share > 0
    ]
    if not others:
        return ""
    named = Listed.of(others, "comma")
    if others[1:]:
        return told("shares_give_way", "The shares of {kinds} give way in proportion.", kinds=named)
    return told("share_gives_way", "The share of {kinds} gives way in proportion.", kinds=named)


def with_shares(sets: Sequence[str], design: SweepDesign, scenario: Scenario) -> tuple[str, ...]:
    """Settings with a design over them, and with what gives way to it."""
    also = giving_way(dict(design), scenario)
    keys = {one.partition("=")[0].strip() for one in also}
    kept = [one for one in sets if one.partition("=")[0].strip() not in keys]
    return over(kept, (*settings_of(design), *also))


def settings_of(design: SweepDesign) -> tuple[str, ...]:
    """A design as settings of the command line."""
    return tuple(f"{key}={value}" for key, value in design)


# --- what was found -----------------------------------------------------------------------------


HELD_BESIDE: tuple[Key, ...] = tuple(
    (one.metric, one.statistic, "all") for one in headlines(rotas=True)
)
"""Figures that are held beside the base's, design by design."""


@dataclass(frozen=True, eq=False)
class PlayedDesign:
    """A design and what its study found."""

    design: SweepDesign
    scenario: Scenario
    summary: pd.DataFrame
    """As `StudyResult.summary`."""
    beside: tuple[ComparedFigure, ...]
    """Headline figures beside those of the scenario as it is, each with an interval by itself."""
    judged: tuple[JudgedTarget, ...]
    """Each target, and whether it is met."""


@dataclass(frozen=True, eq=False)
class Sweep:
    """What all designs found."""

    how: str
    """The kind of design, such as `full factorial`."""
    base: Studied
    """The scenario as it is, with the same people."""
    played: tuple[PlayedDesign, ...]
    rows: tuple[Row, ...]
    """All figures of any design, those of the last one at the end and in its order."""
    table: pd.DataFrame
    """The varied keys, then `design` (from 1), then the summary's columns."""


def to_play(base: Scenario, scenarios: Sequence[Scenario]) -> tuple[Scenario, ...]:
    """What a sweep plays: the scenario as it is, then the designs that are another."""
    return (base, *(one for one in scenarios if one != base))


def sweep_of(
    designs: Sequence[SweepDesign],
    how: str,
    base: Scenario,
    scenarios: Sequence[Scenario],
    results: Iterable[StudyResult],
) -> Sweep:
    """Put the studies of all designs together; of each only what is told is held in memory.

    Args:
        designs: what was varied, design by design; at least one.
        how: the kind of design, such as `full factorial`.
        base: the scenario as it is.
        scenarios: of each design.
        results: of each scenario of `to_play`, of the same seed and number of replications.
    """
    studies = iter(results)
    as_it_is = Studied(base.name, base, next(studies))
    played: list[PlayedDesign] = []
    rows: dict[Key, Row] = {}
    for number, (design, scenario) in enumerate(zip(designs, scenarios, strict=True), start=1):
        result = as_it_is.result if scenario == base else next(studies)
        mine = {key_of(row): row for row in result.rows}
        rows = {key: row for key, row in rows.items() if key not in mine} | mine
        one = Studied(str(number), scenario, result)
        lines = tuple(beside(as_it_is, one, LEVEL, keys=HELD_BESIDE))
        judged = judge(scenario, result)
        played.append(PlayedDesign(design, scenario, result.summary, lines, judged))
    return Sweep(how, as_it_is, tuple(played), tuple(rows.values()), _table(played))


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
