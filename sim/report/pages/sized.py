"""What a sizing found, read from its folder: the answer, its settings, targets and designs."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from functools import cached_property
from math import isnan
from typing import Any

import pandas as pd

from sim.report.page.verdict import Mark
from sim.report.page.wording import Settings, TargetWords, target_words
from sim.report.page.words import Words
from sim.results.read import Saved
from sim.scenario.model.scenario import Scenario
from sim.size.city.house import house_of
from sim.study.estimate.intervals import Estimate

HUNDRED, MILLION = 100, 1e6
_MARKS = {"met": Mark.YES, "missed": Mark.NO, "not sure": Mark.CANNOT_SAY}
Key = tuple[float | str, ...]
"""What a design has of each setting, in their order."""


@dataclass(frozen=True)
class Judged:
    """A target in a design that was played."""

    target: TargetWords
    known: Estimate
    verdict: Mark
    margin: float
    """How far on the right side of its limit, in tolerances; negative on the wrong one."""


@dataclass(frozen=True, eq=False)
class Sized:
    """What `size` found, as it stands in its folder."""

    saved: Saved
    words: Words

    @cached_property
    def contents(self) -> Mapping[str, Any]:
        """Answer, parameters and how sure."""
        return self.saved.contents("size.json")

    @cached_property
    def designs(self) -> pd.DataFrame:
        """Every design, by cost."""
        return self.saved.need("designs.csv")

    @cached_property
    def scenario(self) -> Scenario:
        """The site whose size is asked for; of a city the facility."""
        return self._site(self.saved.scenario())

    def _site(self, scenario: Scenario) -> Scenario:
        return scenario if self.facility is None else house_of(scenario, self.facility)

    @property
    def facility(self) -> str | None:
        """Of a city the one whose size is asked for."""
        found = self.contents.get("facility")
        return None if found is None else str(found)

    @cached_property
    def chosen(self) -> Scenario | None:
        """The site as chosen."""
        return self._site(self.saved.other_scenario("chosen.yaml")) if self.is_found else None

    @property
    def is_found(self) -> bool:
        """Whether there is an answer."""
        return bool(self.contents["answer"] == "found")

    @property
    def is_unfinished(self) -> bool:
        """Whether the command was interrupted."""
        return "unfinished" in self.contents

    @property
    def is_searching(self) -> bool:
        """Whether it was interrupted before there was an answer."""
        return self.is_unfinished and bool(self.contents["unfinished"]["searching"])

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Of what is varied."""
        return tuple(str(one["name"]) for one in self.contents["parameters"])

    @cached_property
    def settings(self) -> Settings:
        """What is varied, in words."""
        paths = {str(one["name"]): tuple(one["set"]) for one in self.contents["parameters"]}
        return Settings(self.scenario, self.words, paths)

    @property
    def currency(self) -> str:
        """Of the costs."""
        return str(self.contents["currency"])

    def levels(self, name: str) -> list[Any]:
        """The values of one setting."""
        return next(
            list(one["levels"]) for one in self.contents["parameters"] if one["name"] == name
        )

    @cached_property
    def shown(self) -> Mapping[str, Any] | None:
        """The answer, or what comes nearest."""
        found = self.contents["shown"]
        return None if found is None else dict(found)

    def key(self, row: Mapping[Any, Any]) -> Key:
        """What a row of a table, or a list of settings, has of each."""
        return tuple(comparable(row[name]) for name in self.names)

    @cached_property
    def targets(self) -> tuple[TargetWords, ...]:
        """All targets, in the scenario's order."""
        return tuple(
            target_words(str(one["target"]), str(one["unit"]), self.words, self.currency)
            for one in self.contents["targets"]
        )

    @cached_property
    def judged(self) -> Mapping[Key, tuple[Judged, ...]]:
        """The targets of every design that was played."""
        found: dict[Key, list[Judged]] = {}
        table = self.saved.table("judged.csv")
        by_text = {one.text: one for one in self.targets}
        for row in () if table is None else table.to_dict(orient="records"):
            target = by_text[str(row["target"])]
            known = Estimate(*(float(row[name]) for name in ("value", "ci_low", "ci_high")))
            sign = 1 if row["side"] == "at least" else -1
            margin = sign * (known.value - float(row["limit"])) / float(row["tolerance"])
            verdict = _MARKS[str(row["verdict"])]
            found.setdefault(self.key(row), []).append(Judged(target, known, verdict, margin))
        return {key: tuple(targets) for key, targets in found.items()}

    @cached_property
    def rows(self) -> Mapping[Key, Mapping[Hashable, Any]]:
        """Of each design that is listed its line."""
        records = self.designs.to_dict(orient="records")
        return {self.key(row): row for row in records}

    @cached_property
    def row(self) -> Mapping[Hashable, Any] | None:
        """The line of the design that is shown."""
        return None if self.shown is None else self.rows.get(self.key(self.shown))

    def decided(self, number: int) -> bool:
        """Whether it is known of a target on which side of its limit the answer is."""
        return bool(self.contents["targets"][number]["decided"])

    def money(self, value: float) -> str:
        """An amount; below a million to the last one."""
        if abs(value) < MILLION:
            return f"{self.words.number(value, 0)} {self.currency}"
        return self.words.money(value, self.currency)

    def changes(self, old: Mapping[str, Any], new: Mapping[Hashable, Any]) -> str:
        """How one design differs from another."""
        found = [
            self.settings.changed(name, old[name], new[name])
            for name in self.names
            if comparable(old[name]) != comparable(new[name])
        ]
        return ", ".join(found)


def comparable(value: object) -> float | str:
    """A value of a setting as one that is equal however it was written."""
    if isinstance(value, bool):
        return str(value)
    try:
        return float(str(value))
    except ValueError:
        return str(value)


def is_empty(value: object) -> bool:
    """Whether a cell of a table says nothing."""
    return value is None or value == "" or (isinstance(value, float) and isnan(value))


def value_text(value: object, words: Words) -> str:
    """A value of a setting as it is written."""
    one = comparable(value)
    return words.exact(one) if isinstance(one, float) else one


def how_sure(sized: Sized) -> str:
    """What is claimed: the very claim that the command prints."""
    words, contents = sized.words, sized.contents
    decided = [sized.decided(number) for number in range(len(sized.targets))]
    rules = "rules" if sized.scenario.staff is not None else "plain"
    if not any(decided):
        return words[f"size.none_decided_{rules}"]
    looked = "looked" if contents["cheaper_designs_left_out_unplayed"] else "all"
    sure = words.percent(words.exact(HUNDRED * float(contents["confidence"])))
    which = words["size.the_targets" if all(decided) else "size.the_others"]
    return words.say(f"size.sure_{rules}_{looked}", sure=sure, targets=which)
