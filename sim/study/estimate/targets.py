"""Targets: whether a study meets each, as far as intervals can tell.

A target is met when the whole interval of its figure lies on the right side of the limit, missed
when all of it lies on the wrong side; otherwise nobody can be sure yet.
"""

import operator
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from math import ceil, isnan

import numpy as np
import pandas as pd

from sim.measures import hour_rows, metric_rows
from sim.measures.steps import Bools, Integers, open_hours
from sim.scenario.errors.problem import ScenarioError, Source, message_of
from sim.scenario.model.scenario import Scenario
from sim.scenario.model.targets import (
    EVERY_HOUR,
    Operator,
    Target,
)
from sim.study.estimate.intervals import LEVEL, UNKNOWN, Estimate, Floats
from sim.study.estimate.named_figure import TargetError, TargetFigure, find
from sim.study.estimate.summary import StudyResult, estimates, hour_estimates

MOST_MORE = 10_000
"""When more replications than this are needed, the figure is too close to its limit to tell."""

_LIKELY = (1 + 0.8416 / 1.9600) ** 2
"""How many times as many replications as would bring the interval just clear of the limit, were
the figure to stay where it is: with these it comes clear in 80 % of cases, chance included
(normal quantiles of 0.8 and 0.975)."""

_COMPARE = {
    Operator.AT_MOST: operator.le,
    Operator.BELOW: operator.lt,
    Operator.AT_LEAST: operator.ge,
    Operator.ABOVE: operator.gt,
}


class TargetVerdict(StrEnum):
    """What a study says of a target."""

    PASS = "pass"
    FAIL = "fail"
    NOT_SURE = "not sure"


@dataclass(frozen=True)
class JudgedTarget:
    """A target and what a study says of it."""

    target: Target
    found: TargetFigure
    hour: int | None
    """The hour of the week that decides; None for the whole time."""
    known: Estimate
    verdict: TargetVerdict
    more: int | None
    """Replications that would probably tell; None when it is sure, or they would not."""


def check_targets(scenario: Scenario, source: Source) -> None:
    """Check that there is a figure for every target.

    Args:
        scenario: with its targets.
        source: where they were written.

    Raises:
        ScenarioError: names each target without a figure, with its place.
    """
    problems = [
        source.problem(("targets", number), message) for number, message in unfit_targets(scenario)
    ]
    if problems:
        raise ScenarioError(problems)


def unfit_targets(scenario: Scenario) -> Iterator[tuple[int, str]]:
    """Number of each target for which there is no figure, and what would be right."""
    rows, hours = metric_rows(scenario), hour_rows(scenario)
    for number, target in enumerate(scenario.targets):
        try:
            find(target, rows, hours)
        except TargetError as error:
            yield number, message_of(error)


def judge(scenario: Scenario, result: StudyResult) -> tuple[JudgedTarget, ...]:
    """What a study says of each of its scenario's targets.

    Raises:
        TargetError: there is no figure for a target; see `check_targets`.
    """
    return tuple(
        _judge(target, find(target, result.rows, result.hour_rows), result, open_hours(scenario))
        for target in scenario.targets
    )


def targets_table(judged: Sequence[JudgedTarget], replications: int) -> pd.DataFrame:
    """A line for each target: the figure it is about, its limit and what is known."""
    figures = [one.found.figure for one in judged]
    return pd.DataFrame(
        {
            "target": [one.target.text for one in judged],
            "verdict": [one.verdict.value for one in judged],
            "metric": [figure.metric for figure in figures],
            "statistic": [figure.statistic for figure in figures],
            "by": [figure.by for figure in figures],
            "hour_of_week": pd.array([one.hour for one in judged], dtype="Int64"),
            "operator": [one.target.operator.value for one in judged],
            "limit": [one.found.limit for one in judged],
            "value": [one.known.value for one in judged],
            "ci_low": [one.known.low for one in judged],
            "ci_high": [one.known.high for one in judged],
            "unit": [figure.unit for figure in figures],
            "replications": replications,
            "more_replications": pd.array([one.more for one in judged], dtype="Int64"),
        }
    )


def _judge(
    target: Target, found: TargetFigure, result: StudyResult, is_open: Bools
) -> JudgedTarget:
    number = found.figure.number
    if target.hour is None:
        known = Estimate(*estimates(result.rows, result.pooled, [number])[:, 0].tolist())
        return _judged(target, found, None, known, result.count)
    hours = hour_estimates(result.hour_rows, result.pooled, number)
    if target.hour != EVERY_HOUR:
        known = Estimate(*hours[:, target.hour].tolist())
        return _judged(target, found, target.hour, known, result.count)
    measured = np.flatnonzero(is_open & ~np.isnan(hours[0]))
    if not len(measured):
        return JudgedTarget(target, found, None, UNKNOWN, TargetVerdict.NOT_SURE, None)
    # Of 168 hours a few miss by chance what they meet in truth: to call the target missed takes
    # intervals that hold for all of them at once (Bonferroni). To be met, it must be met in each
    # hour, for which ordinary intervals do.
    level = 1 - (1 - LEVEL) / len(measured)
    strict = hour_estimates(result.hour_rows, result.pooled, number, level)
    missed = [hour for hour in measured if _misses(target, found, Estimate(*strict[:, hour]))]
    hour = _worst(target, hours, np.array(missed) if missed else measured)
    judged = _judged(target, found, hour, Estimate(*hours[:, hour].tolist()), result.count)
    if missed or judged.verdict is not TargetVerdict.FAIL:
        return judged
    more = _more(found, Estimate(*strict[:, hour].tolist()), result.count)
    return replace(judged, verdict=TargetVerdict.NOT_SURE, more=more)


def _worst(target: Target, hours: Floats, of: Integers) -> int:
    """The hour whose interval goes furthest towards the wrong side."""
    edge = hours[2 if target.operator.is_upper else 1, of]
    edge = np.where(np.isnan(edge), hours[0, of], edge)
    return int(of[np.argmax(edge if target.operator.is_upper else -edge)])


def _judged(
    target: Target, found: TargetFigure, hour: int | None, known: Estimate, count: int
) -> JudgedTarget:
    if _meets(target, found, known):
        return JudgedTarget(target, found, hour, known, TargetVerdict.PASS, None)
    if _misses(target, found, known):
        return JudgedTarget(target, found, hour, known, TargetVerdict.FAIL, None)
    return JudgedTarget(
        target, found, hour, known, TargetVerdict.NOT_SURE, _more(found, known, count)
    )


def _meets(target: Target, found: TargetFigure, known: Estimate) -> bool:
    edge = known.high if target.operator.is_upper else known.low
    return bool(_COMPARE[target.operator](edge, found.limit))


def _misses(target: Target, found: TargetFigure, known: Estimate) -> bool:
    edge = known.low if target.operator.is_upper else known.high
    return not isnan(edge) and not _COMPARE[target.operator](edge, found.limit)


def _more(found: TargetFigure, known: Estimate, count: int) -> int | None:
    """Replications, beyond those there are, that would probably tell on which side it lies.

    Intervals shrink with the root of the number of replications.
    """
    distance = abs(known.value - found.limit)
    half = known.high - known.value if known.value < found.limit else known.value - known.low
    if isnan(half) or distance == 0:
        return None
    more = ceil(count * _LIKELY * (half / distance) ** 2) - count
    return max(more, 1) if more <= MOST_MORE else None
