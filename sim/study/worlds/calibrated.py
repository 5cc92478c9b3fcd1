"""A scenario calibrated: what its inputs become, what outcomes they give, the worlds handed on."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from functools import partial
from math import isnan

import numpy as np
import pandas as pd

from sim.measures import Interval, Row, metric_rows
from sim.scenario.errors.problem import did_you_mean, path_text
from sim.scenario.errors.told import Written, told
from sim.scenario.load import Loaded, Original, Version
from sim.scenario.model.design import Correlated, Level, Ranged, Uncertainty
from sim.scenario.model.hours import clock_text
from sim.scenario.model.scenario import Scenario
from sim.scenario.model.targets import parse_target
from sim.scenario.uncertainty.comments import CLOCK, Assumed
from sim.scenario.uncertainty.draws import Worlds, points, worlds_at
from sim.scenario.uncertainty.inputs import DRIFT, Input
from sim.scenario.uncertainty.ranges import MINUTES, Unknowns, read_unknowns
from sim.scenario.uncertainty.shares import wholes
from sim.study.estimate.summary import key_of
from sim.study.run.runner import Plan
from sim.study.run.workers import Progress, silent
from sim.study.worlds.answers import figure_name
from sim.study.worlds.calibrate import (
    Calibration,
    Floats,
    Played,
    Published,
    calibrate,
    weighted_quantiles,
)
from sim.study.worlds.measured import Asked
from sim.study.worlds.play import Option, play_worlds

WORLDS = 256
"""Of a wave."""
ROWS = 256
"""Worlds that are handed on as draws."""
_WHOLE = "all"
_DIGITS = 4
"""Of a best estimate."""
_ENDS = (0.05, 0.5, 0.95)
NOTHING = 0.8
"""A range that keeps more of its width than this has learnt nothing."""
_TIED = 0.5
"""Correlations of at least this are told."""
_NUMBER = r"[+-]?\d+(?:\.\d+)?"
_OUTCOME = re.compile(
    rf"\s*(?P<name>[\w.]+(?:\s+of\s+[^=]+?)?)\s*=\s*(?P<value>{_NUMBER})\s*(?P<unit>%?)\s*"
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
            told(
                "must_be_a_figure_its_value_and",
                "--to {text}: must be a figure, its value and its 95 % interval, such as "
                "uses.per_day=412 (400-425)",
                text=text,
            )
        )
    times = 0.01 if "%" in {found["unit"], found["unit_of_range"]} else 1.0
    value, low, high = (times * float(found[name]) for name in ("value", "low", "high"))
    try:
        return Published(found["name"], value, low, high)
    except ValueError:
        raise OutcomeError(
            told(
                "the_value_must_lie_in_its_interval",
                "--to {text}: the value must lie in its interval, and the interval must have a "
                "width",
                text=text,
            )
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
            raise OutcomeError(
                told(
                    "nothing_of_that_name_has_a_range",
                    "{pattern}: nothing of that name has a range; there are: {known}",
                    pattern=pattern,
                    known=known,
                )
            )
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
    correlations = found.correlations(np.column_stack([one.values for one in inputs]))
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


# --- a scenario -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Handed:
    """What a calibration hands on."""

    scenario: Scenario
    """With the best estimate in place of what was free, and the draws in its `uncertainty:`."""
    draws: pd.DataFrame
    """A column a path; row 0 is the best estimate."""


def calls_of(unknowns: Unknowns) -> dict[str, tuple[str, ...]]:
    """Of each input all that it is called; how demand drifts is no value of the scenario."""
    return {
        one.name: (one.name, *(path_text(path) for of in one.members for path in of.of.places))
        for one in unknowns.inputs
        if one.name != DRIFT
    }


@dataclass(frozen=True, eq=False)
class Calibrator:
    """Calibrates one scenario."""

    loaded: Loaded
    published: tuple[Published, ...]
    free: tuple[str, ...]
    """Inputs that may be other than they are written, by name; the others are as written."""
    plan: Plan
    """Seed, workers, engine and cache."""
    model_error: float = 0.0
    """What the model may be off by itself, as a share of each outcome."""

    @classmethod
    def of(
        cls,
        loaded: Loaded,
        outcomes: Sequence[str],
        free: Sequence[str],
        plan: Plan,
        model_error: float = 0.0,
    ) -> "Calibrator":
        """Read what was typed.

        Args:
            loaded: the scenario.
            outcomes: such as `uses.per_day=412 (400-425)`.
            free: patterns of inputs; all of them without any.
            plan: how it is played.
            model_error: as a share of each outcome.

        Raises:
            OutcomeError: an outcome is no figure, nothing is free, or there are draws of a fit.
        """
        unknowns = read_unknowns(loaded.scenario, loaded.source)
        if unknowns.draws:
            raise OutcomeError(
                told(
                    "has_draws_already_and_a_scenario_has",
                    "{draws} has draws already, and a scenario has one file of them: leave "
                    "`uncertainty.draws` out, and give these values ranges",
                    draws=unknowns.draws,
                )
            )
        figures = _figures(loaded.scenario)
        published = tuple(
            _possible(_named(read_outcome(one), figures), figures) for one in outcomes
        )
        names = freed(free, calls_of(unknowns))
        if not names:
            raise OutcomeError(
                told(
                    "nothing_has_a_range_write_one_in",
                    "nothing has a range; write one in `uncertainty:` or in a comment",
                )
            )
        together = [one.name for one in unknowns.inputs if not one.members and one.name != DRIFT]
        if 0 < len(set(together) & set(names)) < len(together):
            raise OutcomeError(
                told(
                    "shares_that_are_drawn_together_are_free",
                    "shares that are drawn together are free together: visits.*.share",
                )
            )
        return cls(loaded, published, names, plan, model_error)

    @property
    def unknowns(self) -> Unknowns:
        """What is free."""
        return read_unknowns(self.loaded.scenario, self.loaded.source).only(self.free)

    def run(self, progress: Progress = silent) -> tuple[Calibrated, Handed]:
        """Calibrate.

        Args:
            progress: is told of every world of a wave.

        Raises:
            StudyError: what was drawn makes no scenario; a worker died.
        """
        unknowns, seed = self.unknowns, self.plan.seed
        play = partial(self._play, progress)
        first = points([one.first for one in unknowns.inputs], WORLDS, seed)
        found = calibrate(self.published, first, play, seed, self.model_error)
        worlds = self._worlds(found.u, 0)
        rows = found.rows(ROWS, seed).tolist()
        again = play(found.u[rows], len(found.u), 1).worlds
        inputs = [Freed(one.name, worlds.values[_path(one)], _unit(one)) for one in unknowns.inputs]
        figures = _figures(self.loaded.scenario)
        of = [figures[one.name].unit for one in self.published]
        return calibrated(found, inputs, again, of), self._handed(found, worlds, rows)

    def _worlds(self, u: Floats, first: int) -> Worlds:
        return worlds_at(
            u, self.unknowns, self.loaded.scenario, self.loaded.source, self.plan.seed, first
        )

    def _play(self, progress: Progress, u: Floats, first: int, times: int) -> Played:
        figures = _figures(self.loaded.scenario)
        asked = Asked(tuple(key_of(figures[one.name]) for one in self.published))
        options = [Option(Original(self.loaded))]
        worlds = self._worlds(u, first)
        (found,) = play_worlds(
            options, worlds, asked, self.plan, progress=progress, fixed=[times] * len(u)
        )
        return Played(found.figures, found.plays)

    # --- what is handed on ---

    def _handed(self, found: Calibration, worlds: Worlds, rows: Sequence[int]) -> Handed:
        drawn = [worlds.settings(int(row)) for row in rows]
        best = self._best(found, worlds)
        table = pd.DataFrame([best, *drawn], columns=list(best), dtype=object)
        table.insert(0, "row", range(len(table)))
        scenario = Original(self.loaded).scenario(Version(best, ("uncertainty",)))
        update = {"uncertainty": self._block(set(best)), "name": f"{scenario.name}-calibrated"}
        return Handed(scenario.model_copy(update=update), table)

    def _best(self, found: Calibration, worlds: Worlds) -> dict[str, Level]:
        """The middle of each value; of shares, which must add up to 1, the mean."""
        known = {one.key: one for one in worlds.unknowns.ranges}
        shares = {path for one in wholes(self.loaded.scenario) for path in one}
        best: dict[str, Level] = {}
        for path, values in worlds.values.items():
            assumed = known.get(path)
            if path in shares:
                best[path] = float(found.weights @ values)
                continue
            middle = float(weighted_quantiles(values, found.weights, (0.5,))[0])
            step = 0.0 if assumed is None else assumed.step
            middle = step * round(middle / step) if step else float(f"{middle:.{_DIGITS}g}")
            best[path] = middle if assumed is None else assumed.level(middle)
        return best

    def _block(self, free: set[str]) -> Uncertainty:
        """The draws, and the ranges of what was not free; these were comments, perhaps."""
        every = read_unknowns(self.loaded.scenario, self.loaded.source)
        block = self.loaded.scenario.uncertainty or Uncertainty()
        ranges = {one.name: _ranged(one) for one in every.ranges if one.key not in free}
        together = {
            name: group
            for name, group in block.together.items()
            if set(_members(every, name)) <= set(ranges)
        }
        return Uncertainty(
            ranges=ranges,
            together=together,
            correlation=tuple(_correlated(block.correlation, {*ranges, *together})),
            draws="draws.csv",
            drift_cv=block.drift_cv,
        )


def _figures(scenario: Scenario) -> dict[str, Row]:
    """Those that worlds have, by name, such as `uses.per_day of facility:skyen`."""
    return {
        figure_name(key_of(row)): row
        for row in metric_rows(scenario)
        if row.interval is not Interval.HIGHEST
    }


def _possible(published: Published, figures: Mapping[str, Row]) -> Published:
    """An outcome, if its figure can have the value: none is below 0, and no share above 1.

    Raises:
        OutcomeError: it cannot.
    """
    if figures[published.name].unit == "share" and not 0 <= published.value <= 1:
        raise OutcomeError(
            told(
                "is_a_share_and_lies_between",
                "{name} is a share, from 0 % to 100 %, and cannot be {value:g} %; write it such as "
                '--to "{name}=12 % (10-13)"',
                name=published.name,
                value=100 * published.value,
            )
        )
    if published.value < 0:
        raise OutcomeError(
            told(
                "is_never_below_0",
                "{name} is never below 0, and cannot be {value:g}",
                name=published.name,
                value=published.value,
            )
        )
    return published


def _named(published: Published, figures: Mapping[str, Row]) -> Published:
    """An outcome by the name that its figure has among those that there are.

    Raises:
        OutcomeError: there is none such.
    """
    if published.name in figures:
        return published
    try:
        # A target names its figure in the same way.
        target = parse_target(f"{published.name} >= 0")
    except ValueError as error:
        raise OutcomeError(str(error).replace(" >= 0'", "'")) from None
    metric, statistic = target.figure
    name = figure_name((metric, statistic, target.by))
    if name in figures:
        return replace(published, name=name)
    like = [row for row in figures.values() if (row.metric, row.statistic) == (metric, statistic)]
    if like and target.by != _WHOLE:
        parts = [row.by for row in like]
        listed = told("it_is_known_of", "; it is known of {listed}", listed=", ".join(parts))
        form = "{figure} is not known of {by}{hint}"
        hint = did_you_mean(target.by, parts) or listed
        figure = f"{metric}.{statistic}"
        raise OutcomeError(
            told("figure_not_known_of", form, figure=figure, by=Written(target.by), hint=hint)
        )
    if like:
        asked = Written(", ".join(row.by for row in like))
        form = "{figure} must say of what: {figure} of one of {parts}"
        raise OutcomeError(
            told("figure_must_say_of_what", form, figure=published.name, parts=asked)
        )
    wholes = sorted({f"{row.metric}.{row.statistic}" for row in figures.values()})
    hint = did_you_mean(f"{metric}.{statistic}", wholes)
    raise OutcomeError(
        told(
            "there_is_no_figure_calibrated",
            "there is no figure {name}{hint}",
            name=f"{metric}.{statistic}",
            hint=hint,
        )
    )


def _path(one: Input) -> str:
    return one.members[0].of.key if one.members else one.name


def _unit(one: Input) -> str:
    return one.members[0].of.unit if one.members else ""


def _members(unknowns: Unknowns, name: str) -> list[str]:
    return [member.of.key for one in unknowns.inputs if one.name == name for member in one.members]


def _correlated(found: Sequence[Correlated], names: set[str]) -> list[Correlated]:
    return [one for one in found if set(one.between) <= names]


def _ranged(one: Assumed) -> Ranged:
    """A range as it stands beside a value in minutes."""
    if one.unit == CLOCK:
        low, high = clock_text(one.low), clock_text(one.high)
        mode = None if one.mode is None else clock_text(one.mode)
        return Ranged(low=low, high=high, mode=mode, shape=one.shape, source=one.source)
    times = MINUTES.get(one.unit, 1.0)
    mode_at = None if one.mode is None else times * one.mode
    return Ranged(
        low=times * one.low, high=times * one.high, mode=mode_at, shape=one.shape, source=one.source
    )
