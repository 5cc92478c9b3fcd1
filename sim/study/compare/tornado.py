"""Which assumption moves the answer most: each at both ends of its range, one at a time.

"What should we measure for two weeks?": whatever stands first. All runs meet the same people, as
far as the assumption itself does not make others come.

Assumptions and their ranges are read from the comments in the scenario's files. A value is varied
if the comment at the end of its line has the word "assumption" and a range:

    seats: 36 # assumption (18-72)
    seats: 36 # assumption, range 18 to 72
    stay: {distribution: lognormal, mean: 20, cv: 0.5} # assumption (mean 12-32)
    per_1000: 0.13 # assumption: a tenth of injecting (0.05-2 times)

A range in round brackets stands alone there, or between commas. It is in the unit of the value
(minutes for `30 min`), in percent with `%`, or a multiple of the value with `times`. On a line
with several numbers it names the one that it is about; without a name it is the mean, the median
or the duration.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import isnan
from pathlib import Path
from typing import Any

import pandas as pd

from sim.measures import Row
from sim.scenario.errors.problem import KeyPath, Place, ScenarioError, Source, path_text
from sim.scenario.load import Loaded, read_scenario
from sim.scenario.model.demand import Found
from sim.scenario.model.scenario import Scenario
from sim.scenario.text.notes import ASSUMPTION, comment_of
from sim.study.compare.comparison import Studied, differences
from sim.study.compare.matters import matter_of, verdict
from sim.study.compare.sweep import giving_way
from sim.study.estimate.intervals import LEVEL
from sim.study.estimate.summary import Key
from sim.study.run.served import over
from sim.study.run.workers import Progress, silent

# --- assumptions and their ranges ---------------------------------------------------------------

_NUMBER = r"\d+(?:\.\d+)?"
_RANGE = (
    rf"(?:(?P<part>[A-Za-z_]\w*)\s+)?(?P<low>{_NUMBER})\s*(?:-|–|\bto\b)\s*(?P<high>{_NUMBER})"
    r"(?:\s*(?P<unit>%|[A-Za-z]+))?"
)
_ALONE = re.compile(_RANGE)
_IN_WORDS = re.compile(rf"\brange\s+{_RANGE}")
_BRACKETS = re.compile(r"\(([^()]*)\)")
_DURATION = re.compile(rf"\s*(?P<number>{_NUMBER})\s*(?P<unit>[a-z]+)\s*")
_USUAL = ("mean", "median", "value", "duration", "share")
"""Keys that an unnamed range is about, where there are several numbers."""
_PERCENT, _TIMES = "%", "times"
_UNITS = frozenset({"s", "sec", "min", "h", "d"})
_SAME = 1e-9


@dataclass(frozen=True)
class Assumed:
    """A value that is assumed, and the range in which it may lie."""

    path: KeyPath
    places: tuple[KeyPath, ...]
    """All paths that it has: an alias (`*name`) puts one value in several."""
    value: float
    low: float
    high: float
    unit: str
    """As it is written after the number, such as `min`; or nothing."""

    @property
    def key(self) -> str:
        """The path as `--set` takes it."""
        return path_text(self.path)

    def text(self, number: float) -> str:
        """A number as it is written for this value."""
        return f"{number:g} {self.unit}".strip()


@dataclass(frozen=True)
class NotVaried:
    """A line that is marked as an assumption, and why nothing on it is varied."""

    place: Place
    key: str
    reason: str


def assumptions(source: Source) -> tuple[tuple[Assumed, ...], tuple[NotVaried, ...]]:
    """The values marked as assumptions, in the order of the files, and the marks without use.

    A value that a later file or a setting has replaced is no longer marked.

    Args:
        source: a scenario as it was read, with the place of every value.
    """
    found: list[Assumed | NotVaried] = []
    for file in source.files:
        lines = file.read_text(encoding="utf-8-sig").splitlines()
        here = _by_line(source, str(file))
        for number in sorted(here):
            comment = comment_of(lines[number - 1])
            if ASSUMPTION in comment.casefold():
                found += _on_line(comment, here[number], source, Place(str(file), number, 1))
    return (
        tuple(one for one in found if isinstance(one, Assumed)),
        tuple(one for one in found if isinstance(one, NotVaried)),
    )


def _by_line(source: Source, file: str) -> dict[int, dict[Place, list[KeyPath]]]:
    """The single values on each line of a file, by their place."""
    found: dict[int, dict[Place, list[KeyPath]]] = {}
    for path in source.written:
        place = source.values[path]
        if place.file == file and place.line:
            found.setdefault(place.line, {}).setdefault(place, []).append(path)
    return found


@dataclass(frozen=True)
class _Number:
    paths: tuple[KeyPath, ...]
    value: float
    unit: str


def _on_line(
    comment: str, places: Mapping[Place, Sequence[KeyPath]], source: Source, place: Place
) -> Iterator[Assumed | NotVaried]:
    numbers = [
        number
        for at in sorted(places)
        if (number := _number(tuple(places[at]), source)) is not None
    ]
    first = path_text(places[min(places)][0])
    ranges = list(_ranges(comment))
    if not ranges:
        yield NotVaried(place, first, "has no range")
        return
    for found in ranges:
        about = _about(found["part"], numbers)
        if isinstance(about, str):
            yield NotVaried(place, first, about)
            continue
        yield _with_range(about, found, place)


def _ranges(comment: str) -> Iterator[re.Match[str]]:
    for inside in _BRACKETS.findall(comment):
        for part in re.split(r"[,;]", inside):
            found = _ALONE.fullmatch(part.strip())
            if found is not None:
                yield found
    yield from _IN_WORDS.finditer(_BRACKETS.sub("", comment))


def _number(paths: tuple[KeyPath, ...], source: Source) -> _Number | None:
    data: Any = source.data
    for key in paths[0]:
        data = data[key]
    if isinstance(data, bool):
        return None
    if isinstance(data, int | float):
        return _Number(paths, float(data), "")
    found = _DURATION.fullmatch(data) if isinstance(data, str) else None
    return None if found is None else _Number(paths, float(found["number"]), found["unit"])


def _about(part: str | None, numbers: Sequence[_Number]) -> _Number | str:
    """The number that a range is about, or why it is none."""
    keys = [str(number.paths[0][-1]) for number in numbers]
    if not numbers:
        return "has no number on its line"
    if part is not None:
        if part not in keys:
            return f"has a range of {part}, but no number of that name on its line"
        return numbers[keys.index(part)]
    if len(numbers) == 1:
        return numbers[0]
    usual = [key for key in _USUAL if key in keys]
    if not usual:
        return f"has several numbers; say which, such as ({keys[0]} 1-2)"
    return numbers[keys.index(usual[0])]


def _with_range(number: _Number, found: re.Match[str], place: Place) -> Assumed | NotVaried:
    low, high, unit = float(found["low"]), float(found["high"]), found["unit"] or ""
    key = path_text(number.paths[0])
    if unit == _TIMES:
        low, high = low * number.value, high * number.value
    elif unit == _PERCENT:
        low, high = low / 100, high / 100
    elif unit in _UNITS and unit != number.unit:
        return NotVaried(place, key, f"has a range in {unit}, but a value without that unit")
    slack = _SAME * abs(number.value)
    if not low - slack <= number.value <= high + slack or low >= high:
        message = f"has a range, {low:g} to {high:g}, in which its value {number.value:g} is not"
        return NotVaried(place, key, message)
    return Assumed(number.paths[0], number.paths, number.value, low, high, number.unit)


# --- what they do to the figures ----------------------------------------------------------------

USUAL = (("wait", "mean"), ("unserved", "share"), ("response_first", "within_1"))
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
    found, not_varied = assumptions(loaded.source)
    found = (*found, *_times_served(loaded))
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
            place = loaded.source.values[one.path]
            reason = f"cannot have an end of its range: {error.problems[0].message}"
            unfit.append(NotVaried(place, one.key, reason))
            continue
        ends += both
    return tuple(ends), (*not_varied, *unfit)


_FOUND = ("demand", "unserved", "found")


def _times_served(loaded: Loaded) -> Iterator[Assumed]:
    """The share not served, where it was found: nobody knows it well."""
    demand = loaded.scenario.demand
    if isinstance(demand.unserved, Found):
        _, low, high = demand.times_served
        share = demand.share_unserved
        yield Assumed(_FOUND, (_FOUND,), share, 1 - 1 / low, 1 - 1 / high, "")


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
        key = end.assumed.key
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
        ranked.assumed.key,
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
