"""What is known of the designs of a sweep, as the page looks it up: questions, options, targets.

Nothing is worked out: figures are those of the sweep's tables, differences and verdicts those of
`compare`, and limits those of the page of a sweep.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import floor, isnan, nan
from typing import Any

import pandas as pd

from sim.report.page.document import Judgement
from sim.report.page.verdict import Mark
from sim.report.page.words import DASH, SHARE, Words, heading, in_unit, with_range
from sim.report.pages.run import judgements
from sim.report.several.options import COST, WEEK, Key, Option, read_options
from sim.report.several.swept import Asked, Swept, asked_of, base_value, is_alike, swept_of
from sim.results.read import Saved
from sim.study.compare.matters import HEADLINES, matter_named
from sim.study.estimate.intervals import Estimate

LISTED = 8
"""Designs that the list of the cheapest has."""
_MET = {Mark.YES, Mark.JUST}
_HUNDRED, _MILLION = 100, 1e6


@dataclass(frozen=True)
class Question:
    """Something that was varied: the levels of a slider."""

    key: str
    """As it was typed; in the address of a design."""
    name: str
    """In words, with the unit of its values."""
    levels: tuple[object, ...]
    """From low to high, or in the order in which they were typed."""
    texts: tuple[str, ...]
    """Each level, without its unit."""
    whole: tuple[str, ...]
    """The same as it is said of a design: `6 injecting places`."""
    base: int | None
    """Which level the scenario has as it is; None if none."""
    base_text: str
    """What it has; empty if nobody knows."""

    @property
    def is_ordered(self) -> bool:
        """Whether its levels are numbers, or times of the day."""
        return all(isinstance(one, int | float) for one in self.levels)

    @property
    def places(self) -> tuple[float, ...]:
        """Where each level stands between the ends, 0 to 1."""
        numbers = [float(one) for one in self.levels if isinstance(one, int | float)]
        if not self.is_ordered or numbers[-1] == numbers[0]:
            numbers = [float(number) for number in range(len(self.levels))]
        width = numbers[-1] - numbers[0]
        return tuple((one - numbers[0]) / width if width else 0.5 for one in numbers)


@dataclass(frozen=True, eq=False)
class Explored:
    """The designs of a sweep."""

    saved: Saved
    swept: Swept
    options: tuple[Option, ...]
    """Each design beside the scenario as it is; none in a folder that does not have that."""
    targets: tuple[tuple[Judgement, ...], ...]
    """Of each design, the same ones in the same order."""
    target_keys: tuple[Key, ...]
    """The figure that each target is about."""
    is_usual: bool
    """Whether nobody set a target, so that these are the usual limits."""

    @property
    def words(self) -> Words:
        """The language."""
        return self.swept.words

    @property
    def currency(self) -> str:
        """Of all costs."""
        return self.swept.scenario.currency if self.swept.scenario else ""

    @cached_property
    def questions(self) -> tuple[Question, ...]:
        """What was varied, in the order in which it was typed."""
        return tuple(_question(self.swept, number) for number in range(len(self.swept.keys)))

    @cached_property
    def places(self) -> list[tuple[int, ...]]:
        """Of each design the number of the level of every question."""
        where = [{level: n for n, level in enumerate(one.levels)} for one in self.questions]
        return [
            tuple(mine[level] for mine, level in zip(where, levels, strict=True))
            for levels in self.swept.levels
        ]

    @cached_property
    def base(self) -> int | None:
        """The design that is the scenario as it is; None if it is none of them."""
        contents = self.saved.contents("sweep.json")
        told = [one.get("changes") for one in contents["designs"]]
        return next((number for number, changes in enumerate(told) if changes == []), None)

    @cached_property
    def keys(self) -> tuple[Key, ...]:
        """The figures that are told of every design, those of safety first."""
        if self.options:
            found = dict.fromkeys(key for one in self.options for key in one.figures)
        else:
            found = dict.fromkeys((one.metric, one.statistic) for one in HEADLINES)
        return tuple(
            key
            for key in found
            if key != WEEK and any(one.of(*key).is_known for one in self.swept.figures)
        )

    def times(self, key: Key) -> float:
        """With what a figure of the tables is multiplied where it is shown."""
        if key == COST and self._is_large:
            return 1 / _MILLION
        return _HUNDRED if self.unit(key) == SHARE else 1

    @cached_property
    def _is_large(self) -> bool:
        """Whether costs are told in millions."""
        known = [one.figures[COST].base for one in self.options if COST in one.figures]
        return max(known or self.swept.costs, default=nan) >= _MILLION

    def unit(self, key: Key) -> str:
        """Of a figure, as the first design says that has it."""
        units = (one.unit_of(*key) for one in self.swept.figures)
        return next((unit for unit in units if unit is not None), "")

    def label(self, key: Key) -> str:
        """What a figure is called, with its unit: `Cost a year, m DKK`."""
        large = key == COST and self._is_large
        unit = self.currency
        if large:
            unit = self.words.say("option.millions", currency=unit)
        return self.words.say(f"option.{'_'.join(key)}", unit=unit)

    def base_of(self, key: Key) -> float:
        """A figure of the scenario as it is; NaN where that is not known."""
        found = (one.of(key) for one in self.options)
        return next((one.base for one in found if one is not None), nan)

    def meets(self, number: int) -> bool:
        """Whether a design meets all targets, surely or just, and breaks no rule for it."""
        is_broken = bool(self.options) and self.options[number].broken is not None
        return not is_broken and all(one.mark in _MET for one in self.targets[number])

    @cached_property
    def meeting(self) -> list[int]:
        """The designs that meet all targets."""
        return [number for number in range(len(self.places)) if self.meets(number)]

    @property
    def is_priced(self) -> bool:
        """Whether the designs differ in what they cost."""
        return len({round(one) for one in self.swept.costs if not isnan(one)}) > 1

    @cached_property
    def listed(self) -> list[int]:
        """The cheapest of those that meet all targets; else those that miss the fewest."""
        first = next(iter(self.swept.shown), None)

        def rank(number: int) -> tuple[float, ...]:
            marks = [one.mark for one in self.targets[number]]
            cost, service = self.swept.costs[number], 0.0
            if first is not None:
                value = first.of(self.swept.figures[number]).value
                service = value if first.at_most else -value
            known = (0.0 if isnan(one) else one for one in (round(cost, 0), service))
            broken = bool(self.options) and self.options[number].broken is not None
            return (broken, marks.count(Mark.NO), marks.count(Mark.CANNOT_SAY), *known)

        among = self.meeting or list(range(len(self.places)))
        if self.meeting:
            return sorted(among, key=lambda number: rank(number)[3:])[:LISTED]
        return sorted(among, key=rank)[:LISTED]


def explored(saved: Saved, words: Words) -> Explored:
    """What is known of the designs of a sweep.

    Args:
        saved: its folder.
        words: the language.

    Raises:
        ResultsError: the folder is damaged.
    """
    swept = swept_of(saved, words)
    table = saved.table("sweep_targets.csv")
    if table is None:
        wanted = asked_of(swept.scenario)
        usual = tuple(
            tuple(_usual(one, swept, number) for one in wanted)
            for number in range(len(swept.designs))
        )
        keys = tuple((one.metric, one.statistic) for one in wanted)
        own = swept.scenario is not None and bool(swept.scenario.targets)
        return Explored(saved, swept, _options(saved, swept), usual, keys, not own)
    targets = tuple(
        tuple(judgements(mine.reset_index(drop=True), words))
        for _, mine in table.groupby("design", sort=True)
    )
    first = table[table["design"] == table["design"].iloc[0]]
    keys = tuple(
        (str(one["metric"]), str(one["statistic"])) if one["by"] == "all" else ("", "")
        for one in first.to_dict(orient="records")
    )
    return Explored(saved, swept, _options(saved, swept), targets, keys, is_usual=False)


def _usual(asked: Asked, swept: Swept, number: int) -> Judgement:
    """A usual limit, and whether a design keeps it."""
    words, known = swept.words, asked.of(swept.figures[number])
    mark, limit = asked.mark(swept.figures[number]), asked.limit or 0.0
    shown = words.exact(_HUNDRED * limit if asked.is_share else limit)
    says = heading(words.say(f"sweep.limit_{asked.key}", number=shown))
    return Judgement(mark, words[f"mark.{mark}"], says, _value(known, asked.unit, words), "")


def _value(known: Estimate, unit: str, words: Words) -> str:
    """A figure with its range: `5.1 (3.3–6.8) in 100`; all of them in a word."""
    if not known.is_known:
        return DASH
    if unit != SHARE:
        return in_unit(words, with_range(words, known), unit)
    if known.value >= 1:
        low = "" if isnan(known.low) else words.number(floor(_HUNDRED * known.low), 0)
        return (
            f"{words['size.all']} ({words.say('size.at_least', number=low)})"
            if low
            else words["size.all"]
        )
    return words.say("decide.in_100", number=with_range(words, known.times(_HUNDRED)))


def _question(swept: Swept, number: int) -> Question:
    key, phrases = swept.keys[number], swept.phrases
    path = phrases.path(key)
    found = list(dict.fromkeys(one[number] for one in swept.levels))
    numbers = [one for one in found if isinstance(one, int | float)]
    levels: Sequence[object] = sorted(numbers) if len(numbers) == len(found) else found
    base = base_value(swept.scenario, path)
    where = next((n for n, one in enumerate(levels) if is_alike(one, base)), None)
    return Question(
        key,
        heading(phrases.axis(path)),
        tuple(levels),
        tuple(phrases.number(path, one) for one in levels),
        tuple(phrases.setting(path, one) for one in levels),
        where,
        "" if base is None else phrases.number(path, base),
    )


def _options(saved: Saved, swept: Swept) -> tuple[Option, ...]:
    """Each design as an option of a comparison; none where the folder has no differences."""
    table = saved.table("sweep_differences.csv")
    if table is None:
        return ()
    contents = saved.contents("sweep.json")
    mine = table.assign(option=table["design"].astype(str))
    records = [
        {
            "name": str(one["design"]),
            "changes": one.get("changes", []),
            "other_people": contents.get("other_people", False),
        }
        for one in contents["designs"]
    ]
    return read_options(mine, {"options": records, "rows": list(_rows(mine))}, swept.phrases)


def _rows(table: pd.DataFrame) -> Sequence[Mapping[str, Any]]:
    """What `comparison.json` says of each figure: the margin, and in which options it is alike."""
    found = []
    for (metric, statistic), mine in table[table["by"] == "all"].groupby(["metric", "statistic"]):
        before = float(mine["base_value"].iloc[0])
        margin = matter_named(str(metric), str(statistic)).margin_of(
            0.0 if isnan(before) else before
        )
        alike = {str(one): {"alike": True} for one in mine["option"][mine["alike"]]}
        found.append(
            {
                "metric": metric,
                "statistic": statistic,
                "by": "all",
                "margin": margin,
                "options": alike,
            }
        )
    return found


def value_of(found: Explored, number: int, key: Key) -> Estimate:
    """A figure of a design, as it is shown."""
    return found.swept.figures[number].of(*key).times(found.times(key))
