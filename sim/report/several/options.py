"""The options of a comparison: what each gains and pays, its verdict, and the page's finding.

One figure of an option is better or worse if its interval says so (`compare`'s verdicts). An option
has one verdict: a rule that it breaks comes first, then what is lost in safety; then what is gained
in safety and access is weighed against what is lost; then the staff's work; then money. How much a
difference is, is counted in the smallest ones that matter, as the margins have them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import isnan
from typing import Any

import pandas as pd

from sim.report.page.phrases import Phrases, headed
from sim.report.page.settings import Changed, changed
from sim.report.page.verdict import Mark
from sim.report.page.words import Words, heading, known_of
from sim.study.compare.matters import Area, Finding, Headline, headlines
from sim.study.estimate.intervals import Estimate

COST = ("cost", "per_year")
PER_USE = ("cost", "per_use")
USES = ("uses", "per_day")
MET = ("response_first", "within_1")
HOURS = ("rostered", "hours_per_week")
WEEK = ("cost", "per_week")
RULES = (("below_cover", "minutes_per_week"), ("role_missing", "minutes_per_week"))
"""Minutes in which a rule for staff in the room is not kept."""
USED = "uses"
SAYING = (
    ("safety", (*RULES, ("intake_paused", "minutes_per_week"))),
    ("safety", (("nobody_free", "minutes_per_week"),)),
    ("safety", (MET, ("response_first", "p95"), ("response_team", "mean"))),
    ("needs", (("needs_met", "share"),)),
    ("needs", (("need_to_place", "p90"),)),
    (USED, (USES,)),
    ("leave", (("unserved", "share"),)),
    ("waits", (("wait", "p90"), ("wait", "mean"))),
    ("work", (("breaks", "missed_per_week"),)),
    ("work", (("longest_stretch", "mean"),)),
    ("work", (("overtime", "share_of_shifts"),)),
)
"""What an option is judged by, and the figures of which the first that differs says it."""
_TOPICS = {key: topic for topic, keys in SAYING for key in keys} | {COST: "cost"}
_OTHERS = {Area.SAFETY: "safety", Area.ACCESS: "needs", Area.STAFF: "work"}
"""What all other figures are about."""
LITTLE = 3.0
"""Gains of fewer of the smallest differences that matter than this are gains by a little; and so
little more money does not make an option dearer in its verdict."""
CLEARLY = 3.0
"""One side outweighs the other if it is so many times as large."""
_MOST_CHANGES, _NAMED = 3, 2
_AREAS = (Area.SAFETY, Area.ACCESS, Area.STAFF)
OF_FINDING = {
    Finding.BETTER: Mark.BETTER,
    Finding.WORSE: Mark.WORSE,
    Finding.CHEAPER: Mark.CHEAPER,
    Finding.DEARER: Mark.DEARER,
    Finding.SAME: Mark.SAME,
}

SURE = frozenset({Finding.BETTER, Finding.WORSE})
MONEY = frozenset({Finding.CHEAPER, Finding.DEARER})

Key = tuple[str, str]


@dataclass(frozen=True)
class Figure:
    """One figure of one option beside the base's."""

    headline: Headline
    base: float
    value: float
    known: Estimate
    """The difference, with its interval."""
    finding: Finding
    unit: str
    margin: float
    alike: bool
    """Whether it is the base's in every replication, so that no draw moves it."""

    @property
    def key(self) -> Key:
        """Metric and statistic."""
        return self.headline.metric, self.headline.statistic

    @property
    def is_same(self) -> bool:
        """Whether there is nothing to tell of it."""
        return self.alike or self.finding is Finding.SAME or not self.known.is_known

    @property
    def topic(self) -> str:
        """What it is about, in the words for it; nothing where another figure says the same."""
        return _TOPICS.get(self.key) or _OTHERS.get(self.headline.area, "")

    @property
    def is_unsure(self) -> bool:
        """Whether nobody can tell yet; of a single replication nobody can of any difference."""
        moved = self.known.value != 0 and isnan(self.known.low)
        unknown = self.finding is Finding.NONE and self.known.is_known and moved
        return not self.alike and (self.finding is Finding.UNSURE or unknown)

    @property
    def is_sure(self) -> bool:
        """Whether it is better or worse, dearer or cheaper; of hours of staff, more or fewer."""
        hours = self.key == HOURS and self.finding is Finding.DIFFERS
        return not self.alike and (self.finding in {*SURE, *MONEY} or hours)

    @property
    def weight(self) -> float:
        """How many of the smallest differences that matter it is."""
        return abs(self.known.value) / self.margin if self.margin else 0.0


@dataclass(frozen=True)
class Judged:
    """What is said of an option as a whole."""

    mark: Mark
    name: str
    """Of the words for it: `option.<name>`, and `option.title_<name>` for a sentence."""


@dataclass(frozen=True, eq=False)
class Option:
    """One option of a comparison."""

    own: str
    """Its name in the tables."""
    name: str
    """As the planner says it; without a name of its own, what it changes."""
    changes: tuple[str, ...]
    """All of them, in words."""
    under: str
    """The first of them, in a sentence."""
    figures: Mapping[Key, Figure]
    other_people: bool
    """Whether the people who come are not the same, or come at other hours."""
    other_demand: bool
    """Whether other people come: what they use is then no gain and no loss of the option's."""

    def of(self, key: Key) -> Figure | None:
        """A figure, if it has it."""
        return self.figures.get(key)

    def sure(self, area: Area, finding: Finding) -> list[Figure]:
        """Figures of an area of which something is sure, the largest first."""
        found = [
            one
            for one in self.figures.values()
            if one.headline.area is area and one.finding is finding and not one.alike
            if not (self.other_demand and one.key == USES)
        ]
        return sorted(found, key=lambda one: -one.weight)

    def topics(self, finding: Finding) -> tuple[str, ...]:
        """What nobody can tell of yet, `UNSURE`; or what surely makes no difference, `SAME`."""
        about: dict[str, list[Figure]] = {}
        for one in self.figures.values():
            if one.topic and not (self.other_demand and one.topic == USED):
                about.setdefault(one.topic, []).append(one)
        unsure = [topic for topic, some in about.items() if any(one.is_unsure for one in some)]
        if finding is Finding.UNSURE:
            return tuple(unsure)
        said = dict.fromkeys(topic for topic, _ in SAYING)
        return tuple(
            topic
            for topic in said
            if topic in about and all(one.is_same for one in about[topic] if one.key in _TOPICS)
            if topic not in unsure and any(one.key in _TOPICS for one in about[topic])
        )

    @property
    def untold(self) -> tuple[str, ...]:
        """What nobody can tell of yet, and no other figure tells of for sure."""
        sure = {one.topic for one in self.figures.values() if one.is_sure}
        return tuple(one for one in self.topics(Finding.UNSURE) if one not in sure)

    @cached_property
    def broken(self) -> Figure | None:
        """The rule for staff that is kept for less of the time, if one is."""
        found = [
            one
            for one in (self.of(key) for key in RULES)
            if one and one.finding is Finding.WORSE and one.known.value >= one.margin
        ]
        return max(found, key=lambda one: one.known.value, default=None)

    @cached_property
    def judged(self) -> Judged:
        """Its verdict."""
        if self.broken is not None:
            return Judged(Mark.WORSE, "breaks")
        return self._weighed() or self._by_money()

    def _weighed(self) -> Judged | None:
        """What is sure of safety, access and the staff's work; None if nothing is."""
        money = self.of(COST)
        better, worse = (
            {area: self.sure(area, one) for area in _AREAS}
            for one in (Finding.BETTER, Finding.WORSE)
        )
        if worse[Area.SAFETY]:
            return _weighed(better[Area.SAFETY], worse[Area.SAFETY], money)
        gains = [*better[Area.SAFETY], *better[Area.ACCESS]]
        if gains or worse[Area.ACCESS]:
            return _weighed(gains, worse[Area.ACCESS], money)
        if better[Area.STAFF] or worse[Area.STAFF]:
            return _weighed(better[Area.STAFF], worse[Area.STAFF], money)
        return None

    def _by_money(self) -> Judged:
        """The verdict where nothing else is sure."""
        money = self.of(COST)
        if self.topics(Finding.UNSURE):
            return Judged(Mark.CANNOT_SAY, "cannot-say")
        if money is not None and money.finding in {Finding.CHEAPER, Finding.DEARER}:
            return Judged(OF_FINDING[money.finding], money.finding.value)
        return Judged(Mark.SAME, "same")

    @property
    def lead(self) -> Figure | None:
        """The figure that its verdict stands on."""
        if self.broken is not None:
            return self.broken
        wanted = Finding.WORSE if self.judged.name == "worse" else Finding.BETTER
        for areas in ((Area.SAFETY, Area.ACCESS), (Area.STAFF,)):
            found = [one for area in areas for one in self.sure(area, wanted)]
            if found:
                return max(found, key=lambda one: one.weight)
        return None


def _weighed(gains: Sequence[Figure], losses: Sequence[Figure], money: Figure | None) -> Judged:
    """The verdict on what is gained and lost in one area."""
    gain, loss = (max((one.weight for one in some), default=0.0) for some in (gains, losses))
    if losses and gain < CLEARLY * loss:
        both = gains and loss < CLEARLY * gain
        return Judged(Mark.JUST, "both") if both else Judged(Mark.WORSE, "worse")
    is_dearer = money is not None and money.finding is Finding.DEARER
    if gain < LITTLE and not (is_dearer and money is not None and money.weight >= LITTLE):
        return Judged(Mark.BETTER, "little")
    return Judged(Mark.JUST, "dearer_too") if is_dearer else Judged(Mark.BETTER, "better")


# --- read from the tables -------------------------------------------------------------------------


def read_options(
    table: pd.DataFrame, contents: Mapping[str, Any], phrases: Phrases
) -> tuple[Option, ...]:
    """The options of a comparison, in its order.

    Args:
        table: as `comparison.csv`.
        contents: as `comparison.json`.
        phrases: of the base.
    """
    records = {one["name"]: changed(one["changes"]) for one in contents["options"]}
    rotas = any(
        one.path[:2] in {("staff", "rota"), ("staff", "cycle_weeks")}
        for found in records.values()
        for one in found
    )
    margins = {
        (one["metric"], one["statistic"]): float(one["margin"])
        for one in contents["rows"]
        if one["by"] == "all"
    }
    alike = _alike(contents)
    wanted = headlines(rotas=rotas)
    by_option = dict(list(table[table["by"] == "all"].groupby("option", sort=False)))
    nothing = table.iloc[:0]
    return tuple(
        _option(
            one,
            records[one["name"]],
            by_option.get(one["name"], nothing),
            (wanted, margins, alike),
            phrases,
        )
        for one in contents["options"]
    )


def _option(
    record: Mapping[str, Any],
    found: Sequence[Changed],
    table: pd.DataFrame,
    known: tuple[Sequence[Headline], Mapping[Key, float], set[tuple[str, str, str]]],
    phrases: Phrases,
) -> Option:
    wanted, margins, alike = known
    own = str(record["name"])
    rows = {(one["metric"], one["statistic"]): one for one in table.to_dict(orient="records")}
    figures: dict[Key, Figure] = {}
    for headline in wanted:
        key = (headline.metric, headline.statistic)
        if key in rows:
            is_alike = (*key, own) in alike
            figures[key] = _figure(headline, rows[key], margins.get(key, 0.0), alike=is_alike)
    texts = phrases.changes(found)
    usual = [text for text in texts if text in phrases.changes([*filter(phrases.is_usual, found)])]
    name, rest = _name(own, usual or texts, phrases.words)
    told = rest[:_MOST_CHANGES]
    more = len(texts) - len(told) - (len(usual or texts) - len(rest))
    under = "; ".join(told)
    if more:
        under = "; ".join((*told, phrases.words.count("option.more", more)))
    if not texts:
        under = phrases.words["option.no_change"]
    return Option(
        own,
        name,
        tuple(texts),
        under,
        figures,
        other_people=bool(record.get("other_people")),
        other_demand=any(_is_demand(one.path) for one in found),
    )


def _is_demand(path: Sequence[str]) -> bool:
    """Whether a change makes other people come; opening hours only move when they do."""
    return path[0] in {"demand", "horizon"} or (path[0] == "visits" and path[2:] == ("share",))


def _name(own: str, texts: Sequence[str], words: Words) -> tuple[str, Sequence[str]]:
    """What an option is called, and the changes that are not told by that."""
    if "=" in own and texts:
        return headed(texts[:_NAMED]), texts[_NAMED:]
    return heading(words.name(own)), texts


def _figure(headline: Headline, row: Mapping[Any, Any], margin: float, *, alike: bool) -> Figure:
    return Figure(
        headline=headline,
        base=float(row["base_value"]),
        value=float(row["value"]),
        known=known_of(row, "difference"),
        finding=finding_of(row["verdict"]),
        unit=str(row["unit"]),
        margin=margin,
        alike=alike,
    )


def finding_of(verdict: object) -> Finding:
    """A verdict of the table, such as `cannot tell yet (about 20 more …)`."""
    name = str(verdict).partition(" (")[0]
    return next((one for one in Finding if one.value == name), Finding.NONE)


def _alike(contents: Mapping[str, Any]) -> set[tuple[str, str, str]]:
    """Metric, statistic and option where no draw moves the figure.

    It is as in the base in every replication; its interval is what could have stayed unseen.
    """
    return {
        (row["metric"], row["statistic"], option)
        for row in contents["rows"]
        for option, one in row.get("options", {}).items()
        if row["by"] == "all" and one.get("alike")
    }


def everybody_met(options: Sequence[Option]) -> bool:
    """Whether all overdoses were met within a minute, in the base and in every option."""
    found = [one.of(MET) for one in options]
    return all(one is not None and one.base == one.value == 1 for one in found)


def shown_rows(options: Sequence[Option]) -> tuple[list[Key], list[Key]]:
    """Figures in which an option surely differs; and those of which that cannot be said.

    Money stands by the year; by the week it would say the same again, and so would the hours of
    staff where there is money.
    """
    keys = list(dict.fromkeys(key for one in options for key in one.figures))
    money = any(one.of(COST) is not None and one.figures[COST].base > 0 for one in options)
    left = {WEEK} if money else {WEEK, COST, PER_USE}
    left |= {HOURS, ("wte", "posts")} if money else {("wte", "posts")}
    moved: list[Key] = []
    still: list[Key] = []
    for key in keys:
        found = [known for one in options if (known := one.of(key)) is not None]
        if not any(known.known.is_known for known in found):
            continue
        told = any(known.is_sure for known in found) and key not in left
        (moved if told else still).append(key)
    return moved, [key for key in still if key not in left or key == HOURS]
