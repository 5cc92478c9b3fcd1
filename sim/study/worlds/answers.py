"""A run's answers over worlds, and their tables: range, what it comes from, targets met.

The central values are those of an ordinary study at the values written; worlds give the range
around them. Figures of worlds are shrunk before their quantiles are taken, so that the range is of
what is not known and not of the chance of single plays.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isnan, nan

import numpy as np
import pandas as pd

from sim.scenario.model.scenario import Scenario
from sim.scenario.model.targets import Target
from sim.scenario.uncertainty.draws import Worlds
from sim.study.estimate.intervals import Estimate
from sim.study.estimate.summary import Key, Summary
from sim.study.worlds.measured import Floats, margin_name, target_figure
from sim.study.worlds.play import PlayedWorlds
from sim.study.worlds.shares import DATA, TOGETHER, Basis, Share, shares
from sim.study.worlds.variance import (
    FAN,
    ShareOfWorlds,
    components,
    fan,
    mean_of_worlds,
    pooled_variance,
    shrunk,
    target_met,
)

_MOSTLY = 0.5
_SHARE = "share"


@dataclass(frozen=True, eq=False)
class FigureOverWorlds:
    """One figure: what it is as written, and over worlds."""

    key: Key
    unit: str
    central: Estimate
    """Of an ordinary study, with the interval of the simulation."""
    mean: float
    """Of the worlds' figures."""
    fan: tuple[float, ...]
    """The quantiles of FAN."""
    higher: float
    """Share of worlds in which it is higher than the central value."""
    chance: float
    """Share of chance in one play; NaN where no world was played twice."""
    sources: Mapping[str, Share]
    """What part of the spread each input explains, by name; then DATA and TOGETHER."""
    shrunk: Floats


@dataclass(frozen=True)
class TargetOverWorlds:
    """A target, and in what share of the worlds it is met."""

    target: Target
    key: Key
    limit: float
    unit: str
    met: ShareOfWorlds
    worlds: int


@dataclass(frozen=True, eq=False)
class Answers:
    """All that worlds say of a scenario."""

    played: PlayedWorlds
    figures: tuple[FigureOverWorlds, ...]
    targets: tuple[TargetOverWorlds, ...]
    left_out: tuple[Target, ...]
    """Targets by the hour, of which a world's few plays say too little."""

    @property
    def worlds(self) -> int:
        """How many were played."""
        return self.played.worlds.count

    @property
    def plays(self) -> int:
        """Plays in all."""
        return int(self.played.counts.sum())

    def is_mostly_chance(self, figure: FigureOverWorlds) -> bool:
        """Whether more than half of what is between worlds is chance, as often as they were played.

        Of rare things, such as overdoses, one play says little of a world; what is left once the
        chance is taken out is then no range to go by.
        """
        plays, figures = self.played.of(figure.key)
        counts = (~np.isnan(plays)).sum(axis=1)[~np.isnan(figures)]
        if isnan(figure.chance) or not counts.any():
            return False
        of_mean = figure.chance * float((1 / counts).mean())
        return of_mean > _MOSTLY * (of_mean + 1 - figure.chance)


def answers(played: PlayedWorlds, central: Summary, scenario: Scenario) -> Answers:
    """What worlds say.

    Args:
        played: the worlds.
        central: the figures of an ordinary study.
        scenario: as it is written.
    """
    names, inputs = inputs_of(played.worlds)
    if not _few_rows(played.worlds) and (ranks := ranks_of_rows(played.worlds)):
        # Hardly two worlds have the same row: what rows do is told by what they set.
        names, inputs = (*names, DATA), (*inputs, np.column_stack(ranks))
    basis = Basis(inputs)
    figures = tuple(_figure(key, played, central, basis, names) for key in played.rows)
    found: list[TargetOverWorlds] = []
    left_out: list[Target] = []
    for target in scenario.targets:
        one = _target(target, played, scenario)
        if one is None:
            left_out.append(target)
        else:
            found.append(one)
    return Answers(played, figures, tuple(found), tuple(left_out))


def inputs_of(worlds: Worlds) -> tuple[tuple[str, ...], tuple[Floats, ...]]:
    """What is not known, by name, with its random numbers: those that go together as one."""
    found = list(range(len(worlds.inputs)))
    for one, other, _ in worlds.unknowns.correlation:
        low, high = sorted((found[one], found[other]))
        found = [low if group == high else group for group in found]
    names, columns = [], []
    for group in dict.fromkeys(found):
        members = [number for number, of in enumerate(found) if of == group]
        names.append(" + ".join(worlds.inputs[number].name for number in members))
        columns.append(worlds.u[:, members[0]] if len(members) == 1 else worlds.u[:, members])
    return tuple(names), tuple(columns)


def ranks_of_rows(drawn: Worlds) -> tuple[Floats, ...]:
    """Of each number that the draws of a fit set otherwise from world to world, its rank."""
    rows = [drawn.of_rows[int(row) - 1] for row in drawn.rows] if drawn.of_rows else []
    found = []
    for path in rows[0] if rows else ():
        values = [row[path] for row in rows]
        if all(isinstance(one, int | float) for one in values) and len(set(values)) > 1:
            found.append((pd.Series(values).rank().to_numpy() - 0.5) / len(values))
    return tuple(found)


def _figure(
    key: Key, played: PlayedWorlds, central: Summary, basis: Basis, names: Sequence[str]
) -> FigureOverWorlds:
    plays, figures = played.of(key)
    row = played.rows[key]
    lesser = shrunk(plays, figures, share=row.unit == _SHARE)
    known = lesser[~np.isnan(lesser)]
    value = central.of(*key)
    found = components(plays, figures)
    counts = (~np.isnan(plays)).sum(axis=1)
    noise = pooled_variance(plays) * float((1 / counts[counts > 0]).mean()) if counts.any() else nan
    of_fit = played.worlds.rows if _few_rows(played.worlds) else None
    parts = shares(
        basis,
        figures,
        noise=0.0 if isnan(noise) else noise,
        chance=found.chance,
        rows=of_fit,
    )
    nothing = Share(nan, nan, told=False)
    sources = dict(zip(names, parts.inputs, strict=True))
    if parts.data is not None:
        sources[DATA] = Share(parts.data, nan, told=parts.data > 0)
    sources[TOGETHER] = nothing if isnan(parts.together) else Share(parts.together, nan, told=False)
    return FigureOverWorlds(
        key=key,
        unit=row.unit,
        central=value,
        mean=mean_of_worlds(figures).value,
        fan=fan(lesser),
        higher=float((known > value.value).mean()) if len(known) else nan,
        chance=found.chance,
        sources=sources,
        shrunk=lesser,
    )


def _few_rows(worlds: Worlds) -> bool:
    """Whether the rows of a fit are few enough to tell what they do."""
    return 0 < len(worlds.of_rows) <= worlds.count // 2


def _target(target: Target, played: PlayedWorlds, scenario: Scenario) -> TargetOverWorlds | None:
    if (found := target_figure(target, scenario)) is None:
        return None
    key = (found.figure.metric, found.figure.statistic, found.figure.by)
    upper = target.operator.is_upper
    if played.has(margin := margin_name(target)):
        # A quantile is at most the limit where so many are within it.
        plays, figures = played.of(margin)
        met = target_met(shrunk(plays, figures), 0.0, at_most=not upper)
    else:
        plays, figures = played.of(key)
        lesser = shrunk(plays, figures, share=found.figure.unit == _SHARE)
        met = target_met(lesser, found.limit, at_most=upper)
    known = int((~np.isnan(figures)).sum())
    return TargetOverWorlds(target, key, found.limit, found.figure.unit, met, known)


# --- tables -------------------------------------------------------------------------------------

RANGE = tuple(f"p{100 * share:g}" for share in FAN)
"""Columns of the fan."""


def tables(found: Answers) -> dict[str, pd.DataFrame]:
    """All tables, by the name of the file; those without rows are left out."""
    every = {
        "uncertainty": uncertainty_table(found),
        "spread": spread_table(found),
        "chances": chances_table(found),
        "by_world": by_world_table(found.played),
    }
    return {name: table for name, table in every.items() if len(table)}


def _names(key: Key) -> dict[str, str]:
    return dict(zip(("metric", "statistic", "by"), key, strict=True))


def uncertainty_table(found: Answers) -> pd.DataFrame:
    """A row a figure: central value with its interval, and the range over worlds."""
    return pd.DataFrame(
        {
            **_names(one.key),
            "value": one.central.value,
            "ci_low": one.central.low,
            "ci_high": one.central.high,
            "mean": one.mean,
            **dict(zip(RANGE, one.fan, strict=True)),
            "higher": one.higher,
            "chance": one.chance,
            "mostly_chance": found.is_mostly_chance(one),
            "unit": one.unit,
            "worlds": found.worlds,
            "plays": found.plays,
        }
        for one in found.figures
    )


def spread_table(found: Answers) -> pd.DataFrame:
    """A row a figure and source of its spread."""
    return pd.DataFrame(
        {
            **_names(one.key),
            "source": source,
            "share": share.value,
            "error": share.error,
            "told": share.told,
        }
        for one in found.figures
        for source, share in one.sources.items()
    )


def chances_table(found: Answers) -> pd.DataFrame:
    """A row a target: in what share of the worlds it is met."""
    return pd.DataFrame(
        {
            "target": one.target.text,
            **_names(one.key),
            "operator": one.target.operator.value,
            "limit": one.limit,
            "unit": one.unit,
            "met": one.met.value,
            "error": one.met.error,
            "worlds": one.worlds,
        }
        for one in found.targets
    )


def by_world_table(played: PlayedWorlds) -> pd.DataFrame:
    """A row a world: what was drawn, and what came of it as it was played."""
    worlds = played.worlds
    columns: dict[str, object] = {
        "world": worlds.first + np.arange(worlds.count),
        "plays": played.counts,
    }
    if worlds.of_rows:
        columns["row"] = worlds.rows
    columns |= dict(worlds.values)
    for key in played.rows:
        columns[figure_name(key)] = played.of(key)[1]
    return pd.DataFrame(columns)


def figure_name(key: Key) -> str:
    """A figure as a target names it, such as `wait.mean of room:injecting`."""
    metric, statistic, by = key
    return f"{metric}.{statistic}" + ("" if by == "all" else f" of {by}")
