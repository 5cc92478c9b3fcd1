"""A sweep's figures as one tidy table."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import pandas as pd

from sim.measures import Row
from sim.scenario.model.scenario import Scenario
from sim.study.compare_pairs import Key, key_of
from sim.study.result import StudyResult
from sim.study.sweep import Design


@dataclass(frozen=True, eq=False)
class Played:
    """A design and what its study found."""

    design: Design
    scenario: Scenario
    summary: pd.DataFrame
    """As `StudyResult.summary`."""


@dataclass(frozen=True, eq=False)
class Sweep:
    """What all designs found."""

    first: StudyResult
    """The study of the first design."""
    played: tuple[Played, ...]
    rows: tuple[Row, ...]
    """All figures of any design."""
    table: pd.DataFrame
    """The varied keys, then `design` (from 1), then the summary's columns."""


def sweep_of(
    designs: Sequence[Design], scenarios: Sequence[Scenario], results: Iterable[StudyResult]
) -> Sweep:
    """Put the studies of all designs together; of each only the summary is held in memory.

    Args:
        designs: what was varied, design by design; at least one.
        scenarios: of each design.
        results: of each design, of the same seed and number of replications.
    """
    played: list[Played] = []
    rows: dict[Key, Row] = {}
    first: StudyResult | None = None
    for design, scenario, result in zip(designs, scenarios, results, strict=True):
        first = first or result
        rows |= {key_of(row): row for row in result.rows}
        played.append(Played(design, scenario, result.summary))
    assert first is not None  # a sweep has designs
    return Sweep(first, tuple(played), tuple(rows.values()), _table(played))


def _table(played: Sequence[Played]) -> pd.DataFrame:
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
