"""Whether what is best as things are stays best in bad times: a section, and its finding."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd

from sim.report.page.document import Cell, Section, Table
from sim.report.page.verdict import Mark
from sim.report.page.words import (
    DASH,
    SHARE,
    Words,
    estimate,
    heading,
    headline_name,
    in_unit,
    known_of,
)
from sim.rota.check.comparison import house_shut
from sim.rota.check.rules import stress_of
from sim.scenario.city.model import City
from sim.scenario.model.scenario import Scenario
from sim.study.compare.matters import Better, matter_named
from sim.study.estimate.intervals import Estimate

_HUNDRED = 100
_MONEY = "cost"
"""What metrics of cost are called: cheaper is not better."""
STRESS = "stress.csv"
"""The table, where stress tests were played."""


@dataclass(frozen=True)
class Tested:
    """One figure in one bad time."""

    metric: str
    statistic: str
    time: str
    """Such as `demand`."""
    unit: str
    before: str
    """The option that leads as things are, by its own name."""
    known: Mapping[str, Estimate]
    """The figure of each option."""
    may_be_best: tuple[str, ...]
    """Empty where not all options have the figure."""
    survives: bool

    @property
    def key(self) -> tuple[str, str]:
        """Metric and statistic."""
        return self.metric, self.statistic

    @property
    def now(self) -> str | None:
        """The option that leads in this time; None where nothing is known."""
        if not self.may_be_best:
            return None
        if self.survives:
            return self.before
        sign = 1 if matter_named(*self.key).better is Better.LESS else -1
        return min(self.may_be_best, key=lambda name: sign * self.known[name].value)


@dataclass(frozen=True, eq=False)
class Stressed:
    """What was played in bad times."""

    tests: tuple[Tested, ...]
    """Of the figures in which some option is surely not the best as things are."""
    times: tuple[str, ...]
    """The bad times."""
    names: Mapping[str, str]
    """Of each option its name in words, by its own."""
    scenario: Scenario | None
    words: Words

    @cached_property
    def lost(self) -> list[Tested]:
        """Where another option is best."""
        return [one for one in self.tests if one.now is not None and not one.survives]

    def time(self, name: str) -> str:
        """A bad time in words: `1.25 times the visits`."""
        words, city = self.words, isinstance(self.scenario, City)
        if house := house_shut(name):
            return words.say("stress.shut", facility=words.facility(house))
        key = f"stress.{name.replace('-', '_')}"
        if self.scenario is None:
            return words[f"{key}_plain"]
        if city and f"{key}_city" in words.texts:
            key = f"{key}_city"
        hard = stress_of(self.scenario)
        numbers = {
            "demand": hard.demand,
            "absence": hard.absent_a_day,
            "overdoses": hard.overdoses,
            "bad-batch": hard.bad_batch,
        }
        return words.say(key, number=words.exact(numbers[name]))

    def finding(self) -> str:
        """Whether the ranking survives, in a sentence."""
        words, number = self.words, len(self.times)
        if not self.tests:
            return words["stress.nobody"]
        leaders = {one.before for one in self.tests}
        who = words["stress.the_best"]
        if len(leaders) == 1:
            who = heading(self.names[leaders.pop()])
        if not self.lost:
            return words.count("stress.holds", number, who=who)
        first, lost = self.lost[0], {one.time for one in self.lost}
        values = {
            "who": who,
            "all": words.number(number, 0),
            "time": self.time(first.time),
            "figure": headline_name(words, *first.key),
            "other": self.names[str(first.now)],
        }
        if len(lost) == number:
            return words.count("stress.never", number, **values)
        return words.count("stress.but", len(lost), **values)


def stress_section(
    table: pd.DataFrame | None,
    contents: Mapping[str, Any],
    names: Mapping[str, str],
    scenario: Scenario | None,
    words: Words,
) -> Section | None:
    """Whether the best option stays the best in bad times; None where none were played.

    Args:
        table: as `stress.csv`.
        contents: as `comparison.json`.
        names: of each option its name in words, the base's too.
        scenario: the base, which says how bad the times are.
        words: the language.
    """
    if table is None or not len(table):
        return None
    found = stressed_of(table, contents, names, scenario, words)
    return Section(
        "stress",
        words["stress.title"],
        (words.say("stress.intro", times=words.listed([found.time(one) for one in found.times])),),
        tables=(_survivals(found),) if found.tests else (),
        folded=(_values(found),) if found.tests else (),
        finding=found.finding(),
    )


def stressed_of(
    table: pd.DataFrame,
    contents: Mapping[str, Any],
    names: Mapping[str, str],
    scenario: Scenario | None,
    words: Words,
) -> Stressed:
    """What a table of stress tests says of the figures that rank the options as things are."""
    ranked = {
        (one["metric"], one["statistic"])
        for one in contents["may_be_best"]
        if one["metric"] != _MONEY and len(one["may_be_best"]) < len(names)
    }
    groups = table.groupby(["metric", "statistic", "stress"], sort=False)
    tests = tuple(_tested(rows) for key, rows in groups if key[:2] in ranked)
    times = tuple(str(one) for one in dict.fromkeys(table["stress"]))
    return Stressed(tests, times, names, scenario, words)


def _tested(rows: pd.DataFrame) -> Tested:
    first = rows.iloc[0]
    return Tested(
        metric=str(first["metric"]),
        statistic=str(first["statistic"]),
        time=str(first["stress"]),
        unit=str(first["unit"]),
        before=str(first["leader_before"]),
        known={str(one["option"]): known_of(one) for one in rows.to_dict(orient="records")},
        may_be_best=tuple(str(one) for one in rows[rows["may_be_best"]]["option"]),
        survives=bool(first["survives"]),
    )


def _survivals(found: Stressed) -> Table:
    """A row a figure, a column a bad time: whether the best stays so, and its value there."""
    words = found.words
    rows = tuple(
        (
            heading(headline_name(words, *key)),
            heading(found.names[mine[0].before]),
            *(_cell(found, mine, time) for time in found.times),
        )
        for key, mine in _by_figure(found.tests)
    )
    times = (heading(found.time(one)) for one in found.times)
    head = (heading(words["axis.figure"]), words["stress.before"], *times)
    return Table(words["stress.table"], head, rows, is_text=True, cards=True)


def _cell(found: Stressed, tests: Sequence[Tested], time: str) -> str | Cell:
    words = found.words
    one = next((each for each in tests if each.time == time), None)
    if one is None or one.now is None:
        return Cell(Mark.CANNOT_SAY, words["option.cell_cannot"])
    times = _HUNDRED if one.unit == SHARE else 1
    value = in_unit(words, words.brief(times * one.known[one.now].value), one.unit)
    if one.survives:
        return Cell(Mark.YES, words["stress.stays"], "", value)
    return Cell(Mark.NO, words.say("stress.instead", option=found.names[one.now]), "", value)


def _values(found: Stressed) -> Table:
    """Every figure of every option in every bad time."""
    words = found.words
    rows = tuple(
        (
            f"{heading(headline_name(words, *one.key))}, {found.time(one.time)}",
            *(
                estimate(words, known, one.unit) if (known := one.known[name]).is_known else DASH
                for name in found.names
            ),
        )
        for one in found.tests
    )
    head = (words["stress.figure_and_time"], *map(heading, found.names.values()))
    return Table(words["stress.values"], head, rows)


def _by_figure(
    tests: Sequence[Tested],
) -> Iterator[tuple[tuple[str, str], list[Tested]]]:
    for key in dict.fromkeys(one.key for one in tests):
        yield key, [one for one in tests if one.key == key]
