"""What a sweep found: its designs, the limits they are held against, which of them keep these."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from math import isnan
from typing import Any

import pandas as pd

from sim.report.page.phrases import Phrases
from sim.report.page.verdict import Mark, held
from sim.report.page.words import SHARE, Words
from sim.report.pages.about import scenario_of
from sim.report.pages.questions import LEAVE, MET, WAIT
from sim.results.read import Saved
from sim.scenario.city.model import City
from sim.scenario.model.scenario import Scenario
from sim.scenario.model.targets import parse_target
from sim.study.compare.matters import matter_named
from sim.study.estimate.intervals import Estimate
from sim.study.estimate.named_figure import limit_in
from sim.study.estimate.summary import Summary

_COLUMNS = ("metric", "statistic", "by", "value", "ci_low", "ci_high", "unit", "replications")
_USUAL = {("wait", "p90"): WAIT, ("unserved", "share"): LEAVE, ("response_first", "within_1"): MET}
"""Limits of what a design is held against, where the scenario has no target for it."""
_OF_A_CITY = {
    ("needs_met", "share"): 1 - LEAVE,
    **{key: limit for key, limit in _USUAL.items() if key[0] != "unserved"},
}
"""The same of several facilities."""
_AT_LEAST = ("response_first", "needs_met")


@dataclass(frozen=True)
class Asked:
    """A figure that designs are held against, and its limit."""

    metric: str
    statistic: str
    limit: float | None
    """None of a figure that is only told of."""
    at_most: bool

    @property
    def key(self) -> str:
        """Such as `unserved_share`."""
        return f"{self.metric}_{self.statistic}"

    @property
    def margin(self) -> float:
        """The smallest difference that matters."""
        matters = matter_named(self.metric, self.statistic)
        return matters.margin_of(self.limit or 0.0)

    @property
    def is_share(self) -> bool:
        """Whether it is written in 100."""
        return self.metric not in {"wait", "uses"}

    @property
    def unit(self) -> str:
        """As in the tables."""
        return SHARE if self.is_share else "min" if self.metric == "wait" else ""

    def of(self, figures: Summary) -> Estimate:
        """The figure of a design."""
        return figures.of(self.metric, self.statistic)

    def mark(self, figures: Summary) -> Mark:
        """Whether a design keeps the limit."""
        if self.limit is None:
            return Mark.CANNOT_SAY
        return held(self.of(figures), self.limit, at_most=self.at_most, margin=self.margin)

    def keeps(self, figures: Summary) -> bool:
        """Whether it keeps it, surely or just, by its value."""
        value, limit = self.of(figures).value, self.limit
        right = limit is not None and (value <= limit if self.at_most else value >= limit)
        return right and self.mark(figures) in {Mark.YES, Mark.JUST}


USES = Asked("uses", "per_day", None, at_most=False)
"""What is told where the designs differ in nothing that has a limit."""


@dataclass(frozen=True, eq=False)
class Swept:
    """The designs of a sweep."""

    keys: tuple[str, ...]
    designs: tuple[tuple[object, pd.DataFrame], ...]
    scenario: Scenario | None
    phrases: Phrases
    words: Words

    @cached_property
    def figures(self) -> list[Summary]:
        """Of each design."""
        return [Summary(mine) for _, mine in self.designs]

    @cached_property
    def names(self) -> list[str]:
        """Each design in words."""
        return [
            self.words.listed(
                [
                    self.phrases.setting(self.phrases.path(key), level)
                    for key, level in zip(self.keys, levels, strict=True)
                ]
            )
            for levels in self.levels
        ]

    @cached_property
    def levels(self) -> list[tuple[object, ...]]:
        """Of each design the values that were varied."""
        return [tuple(_plain(mine[key].iloc[0]) for key in self.keys) for _, mine in self.designs]

    @cached_property
    def asked(self) -> list[Asked]:
        """What the designs are held against, as far as anything can be said of it."""
        wanted = asked_of(self.scenario)
        return [
            one
            for one in wanted
            if any(one.mark(found) is not Mark.CANNOT_SAY for found in self.figures)
        ]

    @cached_property
    def kept(self) -> list[int]:
        """The designs that keep all limits."""
        return [
            number
            for number, found in enumerate(self.figures)
            if all(one.keeps(found) for one in self.asked)
        ]

    def spread(self, one: Asked) -> float:
        """How far the designs are apart in a figure, in differences that matter."""
        values = [one.of(found).value for found in self.figures]
        known = [value for value in values if not isnan(value)]
        return (max(known) - min(known)) / one.margin if known else 0.0

    @cached_property
    def shown(self) -> list[Asked]:
        """The figures in which designs differ by as much as matters, the most telling first."""
        apart = [one for one in self.asked if self.spread(one) >= 1]
        if not apart and self.spread(USES) >= 1:
            return [USES]
        fails = {one: sum(one.mark(found) is Mark.NO for found in self.figures) for one in apart}
        return sorted(apart, key=lambda one: (-fails[one], -self.spread(one)))

    @cached_property
    def costs(self) -> list[float]:
        """Of each design a year."""
        return [found.of("cost", "per_year").value for found in self.figures]

    @cached_property
    def best(self) -> int | None:
        """The cheapest of the designs that keep all limits.

        Without costs, or where none does, the one with the best figure.
        """
        if not self.shown:
            return None
        first = self.shown[0]
        kept = [] if first is USES else self.kept
        among = kept or list(range(len(self.figures)))
        sign = 1 if first.at_most else -1

        def rank(number: int) -> tuple[float, float]:
            value = first.of(self.figures[number]).value
            service = sign * value if not isnan(value) else float("inf")
            cost = self.costs[number]
            return (0.0 if isnan(cost) or not kept else round(cost), service)

        return min(among, key=rank)


def _plain(value: object) -> object:
    """A value of a table as Python's own."""
    item = getattr(value, "item", None)
    return item() if callable(item) else value


def asked_of(scenario: Scenario | None) -> list[Asked]:
    """Waits, who leaves and how soon overdoses are met, each with the scenario's own limit.

    Of a city whether needs are met, in the place of who leaves.

    Args:
        scenario: with its targets; figures for which it has none have the usual limits.
    """
    usual = _OF_A_CITY if isinstance(scenario, City) else _USUAL
    limits = {key: (limit, key[0] not in _AT_LEAST) for key, limit in usual.items()}
    for text in () if scenario is None else scenario.targets:
        target = parse_target(text)
        if target.hour is None and target.by == "all" and target.figure in limits:
            unit = "min" if target.metric == "wait" else SHARE
            limit = limit_in(target.limit, unit)
            if limit is not None:
                limits[target.figure] = (limit, target.operator.is_upper)
    return [Asked(*key, limit, at_most) for key, (limit, at_most) in limits.items()]


def swept_of(saved: Saved, words: Words) -> Swept:
    """The designs in a folder of a sweep."""
    table = saved.need("sweep.csv")
    scenario = scenario_of(saved)
    keys = tuple(str(name) for name in table.columns if name not in {*_COLUMNS, "design"})
    designs = tuple(table.groupby("design", sort=True))
    return Swept(keys, designs, scenario, Phrases(scenario, words), words)


def base_value(scenario: Scenario | None, path: Sequence[str]) -> object:
    """What a scenario has at a path; None if nothing."""
    found: Any = None if scenario is None else scenario.model_dump(mode="json", by_alias=True)
    for step in path:
        if isinstance(found, dict):
            found = found.get(step)
        elif isinstance(found, list) and step.isdigit() and int(step) < len(found):
            found = found[int(step)]
        else:
            return None
    if isinstance(found, dict):
        found = next((found[one] for one in ("mean", "median", "value") if one in found), None)
    return found


def is_alike(level: object, base: object) -> bool:
    """Whether a level is what a scenario has, however it was written."""
    if isinstance(level, int | float) and isinstance(base, int | float):
        return abs(level - base) < 1e-9 * max(1.0, abs(base))
    return str(level) == str(base)
