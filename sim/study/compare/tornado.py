"""Which assumption moves the answer most: each at both ends of its range, one at a time.

"What should we measure for two weeks?": whatever stands first. All runs meet the same people, as
far as the assumption itself does not make others come.

Ranges are those of `sim.scenario.uncertainty`: of the block `uncertainty:`, and of comments.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import isnan
from pathlib import Path

import pandas as pd

from sim.measures import Row
from sim.scenario.errors.problem import Place, ScenarioError, path_text
from sim.scenario.errors.told import told
from sim.scenario.load import Loaded, read_scenario
from sim.scenario.model.scenario import Scenario
from sim.scenario.uncertainty.comments import Assumed, NotVaried
from sim.scenario.uncertainty.ranges import read_unknowns
from sim.study.compare.comparison import Studied, differences
from sim.study.compare.matters import matter_of, verdict
from sim.study.compare.sweep import giving_way
from sim.study.estimate.intervals import LEVEL
from sim.study.estimate.summary import Key
from sim.study.run.served import over
from sim.study.run.workers import Progress, silent

# --- what they do to the figures ----------------------------------------------------------------

USUAL = (
    ("wait", "mean"),
    ("needs_unmet", "share"),
    ("unserved", "share"),
    ("response_first", "within_1"),
)
"""Metric and statistic of the figures by which assumptions are ranked unless others are named."""
_NO_MARGIN = 0.05
"""Of figures without a margin that matters: the share of the base's figure taken for it."""


@dataclass(frozen=True)
class End:
    """A scenario with one assumption at an end of its range."""

    assumed: Assumed
    name: str
    """`low` or `high`."""
    setting: str
    """The value as it is set."""
    scenario: Scenario
    settings: tuple[str, ...] = ()
    """All that is set, as `--set` takes it."""


@dataclass(frozen=True)
class Effect:
    """What an assumption at an end of its range does to one figure."""

    row: Row
    end: End
    base_value: float
    value: float
    difference: float
    low: float
    high: float
    verdict: str
    times_margin: float
    """Size of the difference ÷ the smallest that matters; 0 where nothing says what matters."""

    @property
    def is_sure(self) -> bool:
        """Whether the interval leaves 0 out."""
        return self.low > 0 or self.high < 0

    @property
    def unmoved(self) -> bool:
        """Whether no draw has moved it: no difference, and none that is known to be possible."""
        return self.difference == 0 and self.value == self.base_value and not self.is_sure


@dataclass(frozen=True)
class Ranked:
    """One assumption with all its effects."""

    assumed: Assumed
    effects: tuple[Effect, ...]

    @property
    def weight(self) -> float:
        """Its largest sure effect in margins that matter; 0 if none is sure."""
        sure = (one.times_margin for one in self.effects if one.is_sure)
        return max(sure, default=0.0)

    @property
    def unmoved(self) -> bool:
        """Whether it moves none of the figures, in no draw."""
        return all(one.unmoved for one in self.effects)


@dataclass(frozen=True, eq=False)
class Tornado:
    """Assumptions, the one that moves the answer most first."""

    base: Studied
    keys: tuple[Key, ...]
    """The figures by which they are ranked."""
    ranked: tuple[Ranked, ...]
    not_varied: tuple[NotVaried, ...]


def read_ends(
    path: Path,
    loaded: Loaded,
    sets: Sequence[str],
    variant: str | None = None,
    progress: Progress = silent,
) -> tuple[tuple[End, ...], tuple[NotVaried, ...]]:
    """The scenarios to play, two for each assumption with a range; and what is not varied.

    Where the share of a visit kind is varied, those of the other kinds give way in proportion.

    Args:
        path: the scenario's file.
        loaded: what was read from it.
        sets: settings with which it was read.
        variant: its variant, if one was read.
        progress: is told of every assumption read.
    """
    unknowns = read_unknowns(loaded.scenario, loaded.source)
    found, not_varied = unknowns.ranges, unknowns.not_varied
    ends: list[End] = []
    unfit: list[NotVaried] = []
    for number, one in enumerate(found):
        progress(number, len(found))
        try:
            both = [
                End(
                    one,
                    name,
                    one.text(value),
                    read_scenario(path, over(sets, also), variant).scenario,
                    also,
                )
                for name, value in (("low", one.low), ("high", one.high))
                if abs(value - one.value) > 0
                for also in [_settings(one, value, loaded.scenario)]
            ]
        except ScenarioError as error:
            place = loaded.source.values.get(one.path) or Place("")
            reason = told(
                "cannot_have_an_end_of_its_range",
                "cannot have an end of its range: {message}",
                message=error.problems[0].message,
            )
            unfit.append(NotVaried(place, one.name, reason))
            continue
        ends += both
    return tuple(ends), (*not_varied, *unfit)


_FOUND = ("demand", "unserved", "found")


def _settings(assumed: Assumed, number: float, scenario: Scenario) -> tuple[str, ...]:
    if assumed.path == _FOUND:
        return (f"demand.unserved={{found: {number:.12g}}}",)
    values = {path_text(path): assumed.text(number) for path in assumed.places}
    own = tuple(f"{path}={value}" for path, value in values.items())
    return (*own, *giving_way(values, scenario))


def tornado(
    base: Studied,
    ends: Sequence[End],
    studied: Iterable[Studied],
    keys: Sequence[Key],
    not_varied: Sequence[NotVaried] = (),
) -> Tornado:
    """Rank assumptions by what their ranges do to some figures.

    Intervals are of each difference by itself, not of all at once: this is a search.

    Args:
        base: the scenario as it is.
        ends: what was played.
        studied: each end's study, of the same seed and number of replications.
        keys: the figures.
        not_varied: told of in the result.
    """
    known = tuple(key for key in keys if not isnan(base.value(key)))
    effects: dict[str, tuple[Effect, ...]] = {}
    assumed: dict[str, Assumed] = {}
    for end, one in zip(ends, studied, strict=True):
        key = end.assumed.name
        assumed[key] = end.assumed
        effects[key] = (*effects.get(key, ()), *_effects(base, end, one, known))
    ranked = sorted(
        (Ranked(one, effects[key]) for key, one in assumed.items()),
        key=lambda one: -one.weight,
    )
    return Tornado(base, known, tuple(ranked), tuple(not_varied))


def _effects(base: Studied, end: End, one: Studied, keys: Sequence[Key]) -> list[Effect]:
    shared = [key for key in keys if key in one.numbers]
    found = differences(base, one, shared, LEVEL)
    effects = []
    for place, key in enumerate(shared):
        row = base.result.rows[base.numbers[key]]
        difference, low, high, *_ = found.at(place)
        matter, base_value = matter_of(row), base.value(key)
        margin = matter.margin_of(base_value) or _NO_MARGIN * abs(base_value)
        judged = verdict(difference, low, high, matter.better, margin)
        words = (judged.of_money() if matter.money else judged).finding.value
        times = abs(difference) / margin if margin else 0.0
        effects.append(
            Effect(row, end, base_value, one.value(key), difference, low, high, words, times)
        )
    return effects


def tornado_table(found: Tornado) -> pd.DataFrame:
    """One row per assumption, end and figure, the weightiest assumption first."""
    return pd.DataFrame(
        [
            _record(rank, ranked, effect, found.base.result.count)
            for rank, ranked in enumerate(found.ranked, start=1)
            for effect in ranked.effects
        ],
        columns=list(_record_columns()),
    )


def _record(rank: int, ranked: Ranked, effect: Effect, replications: int) -> Mapping[str, object]:
    values = (
        rank,
        ranked.assumed.name,
        effect.end.name,
        ranked.assumed.text(ranked.assumed.value),
        effect.end.setting,
        effect.row.metric,
        effect.row.statistic,
        effect.row.by,
        effect.base_value,
        effect.value,
        effect.difference,
        effect.low,
        effect.high,
        effect.times_margin,
        effect.verdict,
        effect.row.unit,
        replications,
    )
    return dict(zip(_record_columns(), values, strict=True))


def _record_columns() -> tuple[str, ...]:
    return (
        *("rank", "field", "end", "from", "to", "metric", "statistic", "by", "base_value"),
        *("value", "difference", "ci_low", "ci_high", "times_margin", "verdict", "unit"),
        "replications",
    )
