"""The options of a comparison: what each gains and pays, its verdict, and the page's finding.

One figure of an option is better or worse if its interval says so (`compare`'s verdicts). An option
has one verdict: a rule that it breaks comes first, then what is lost in safety; then what is gained
in safety and access is weighed against what is lost; then the staff's work; then money. How much a
difference is, is counted in the smallest ones that matter, as the margins have them.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd

from sim.report.page.document import Card, Cell, Line
from sim.report.page.phrases import Changed, Phrases, changed, headed
from sim.report.page.verdict import Mark
from sim.report.page.words import SHARE, Words, heading, known_of
from sim.study.compare.matters import Area, Finding, Headline, headlines
from sim.study.estimate.intervals import Estimate

COST = ("cost", "per_year")
PER_USE = ("cost", "per_use")
USES = ("uses", "per_day")
MET = ("response_first", "within_1")
_HOURS = ("rostered", "hours_per_week")
_WEEK = ("cost", "per_week")
_RULES = (("below_cover", "minutes_per_week"), ("role_missing", "minutes_per_week"))
"""Minutes in which a rule for staff in the room is not kept."""
_SAYING = (
    ("safety", (*_RULES, ("intake_paused", "minutes_per_week"))),
    ("safety", (("nobody_free", "minutes_per_week"),)),
    ("safety", (MET, ("response_first", "p95"), ("response_team", "mean"))),
    ("uses", (USES,)),
    ("leave", (("unserved", "share"),)),
    ("waits", (("wait", "p90"), ("wait", "mean"))),
    ("work", (("breaks", "missed_per_week"),)),
    ("work", (("longest_stretch", "mean"),)),
    ("work", (("overtime", "share_of_shifts"),)),
)
"""What a card tells of, and the figures of which the first that differs says it."""
LITTLE = 3.0
"""Gains of fewer of the smallest differences that matter than this are gains by a little; and so
little more money does not make an option dearer in its verdict."""
CLEARLY = 3.0
"""One side outweighs the other if it is so many times as large."""
_MOST_LINES, _MOST_CHANGES, _NAMED = 3, 3, 2
_YEAR, _HUNDRED = 365, 100
_TORN = re.compile(r"(\d) (?=\w)")
"""Between a number and what it counts no line ends in a title."""
_AREAS = (Area.SAFETY, Area.ACCESS, Area.STAFF)
_OF_FINDING = {
    Finding.BETTER: Mark.BETTER,
    Finding.WORSE: Mark.WORSE,
    Finding.CHEAPER: Mark.CHEAPER,
    Finding.DEARER: Mark.DEARER,
    Finding.SAME: Mark.SAME,
}

_SURE = frozenset({Finding.BETTER, Finding.WORSE})
_MONEY = frozenset({Finding.CHEAPER, Finding.DEARER})

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
    def is_sure(self) -> bool:
        """Whether it is better or worse, dearer or cheaper; of hours of staff, more or fewer."""
        hours = self.key == _HOURS and self.finding is Finding.DIFFERS
        return not self.alike and (self.finding in {*_SURE, *_MONEY} or hours)

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

    @cached_property
    def broken(self) -> Figure | None:
        """The rule for staff that is kept for less of the time, if one is."""
        found = [
            one
            for one in (self.of(key) for key in _RULES)
            if one and one.finding is Finding.WORSE and one.known.value >= one.margin
        ]
        return max(found, key=lambda one: one.known.value, default=None)

    @cached_property
    def judged(self) -> Judged:
        """Its verdict."""
        if self.broken is not None:
            return Judged(Mark.WORSE, "breaks")
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
        if any(one.finding is Finding.UNSURE and not one.alike for one in self.figures.values()):
            return Judged(Mark.CANNOT_SAY, "cannot-say")
        if money is not None and money.finding in {Finding.CHEAPER, Finding.DEARER}:
            return Judged(_OF_FINDING[money.finding], money.finding.value)
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
    return tuple(
        _option(one, records[one["name"]], table, (wanted, margins, alike), phrases)
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
    mine = table[(table["option"] == own) & (table["by"] == "all")]
    rows = {(one["metric"], one["statistic"]): one for one in mine.to_dict(orient="records")}
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


# --- differences in words -------------------------------------------------------------------------


def difference(one: Figure, currency: str, words: Words) -> tuple[str, str]:
    """A difference as a gain or a loss, and its range: `13 more uses a day`, `12–14`.

    Args:
        one: the figure.
        currency: of the site.
        words: the language.
    """
    way = "more" if one.known.value > 0 else "less"
    size = Estimate(*map(abs, one.known))
    if size.low > size.high:
        size = Estimate(size.value, size.high, size.low)
    times = _HUNDRED if one.unit == SHARE else 1
    if one.key in {COST, _WEEK, PER_USE}:
        number, known = words.money(size.value, currency), ""
    else:
        number, known = words.brief(times * size.value), words.brief_range(size, times)
    name = "_".join(one.key)
    return words.say(f"option.{name}_{way}", number=number), known


def cell(option: Option, key: Key, words: Words) -> Cell:
    """What the table says of a figure of an option: the verdict first.

    Where other people come, more uses are neither a gain nor a loss: they are more.
    """
    one = option.of(key)
    if one is None or not one.known.is_known:
        return Cell(Mark.CANNOT_SAY, words["mark.cannot-say"].casefold())
    times = 1e-6 if _is_large(one) else _HUNDRED if one.unit == SHARE else 1
    text = _signed(times * one.known.value, words, large=_is_large(one))
    if one.is_same:
        return Cell(Mark.SAME, words["option.cell_same"], "" if one.alike else text)
    known = words.brief_range(one.known, times)
    is_told = option.other_demand and key == USES
    if is_told or one.finding in {Finding.DIFFERS, Finding.NONE}:
        up = one.known.value > 0
        word = words["option.cell_more" if up else "option.cell_less"]
        return Cell(Mark.DEARER if up else Mark.CHEAPER, word, text, known)
    mark = _OF_FINDING.get(one.finding, Mark.CANNOT_SAY)
    word = words[f"finding.{one.finding.value}" if mark is not Mark.CANNOT_SAY else "option.cell_cannot"]
    return Cell(mark, word, text, known)


def _signed(value: float, words: Words, *, large: bool) -> str:
    """A difference with its sign; a plain 0 where that is all that is left of it."""
    text = words.number(value, 1) if large else words.brief(value)
    if not any(one in "123456789" for one in text):
        return "0"
    return f"+{text}" if value > 0 else text


def label(key: Key, figures: Sequence[Figure | None], currency: str, words: Words) -> str:
    """What a figure is called in the table, with its unit: `Cost a year, m DKK`."""
    large = any(one is not None and _is_large(one) for one in figures)
    unit = words.say("option.millions", currency=currency) if large else currency
    return words.say(f"option.{'_'.join(key)}", unit=unit)


def base_text(one: Figure, words: Words) -> str:
    """The base's figure, in the unit of its row."""
    if _is_large(one):
        return words.number(1e-6 * one.base, 1)
    return words.brief((_HUNDRED if one.unit == SHARE else 1) * one.base)


def _is_large(one: Figure) -> bool:
    return one.key in {COST, _WEEK} and one.base >= 1e6


# --- cards ----------------------------------------------------------------------------------------


def card(option: Option, currency: str, words: Words) -> Card:
    """What an option gains and pays, and its verdict.

    Args:
        option: with its figures.
        currency: of the site.
        words: the language.
    """
    gains, pays = _lines(option, currency, words)
    if not gains:
        gains = [(words["option.nothing"], "")]
    if not pays:
        pays = [(words["option.nothing"], "")]
    lines = [
        Line(words[f"option.{name}"] if number == 0 else "", strong, known)
        for name, some in (("gain", gains[:_MOST_LINES]), ("pay", pays[:_MOST_LINES]))
        for number, (strong, known) in enumerate(some)
    ]
    return Card(
        option.name,
        option.judged.mark,
        words[f"option.{option.judged.name}"],
        under=option.under,
        lines=tuple(lines),
        foot=_foot(option, currency, words),
    )


def _lines(
    option: Option, currency: str, words: Words
) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Gains and losses, the weightiest matter first."""
    gains: list[tuple[str, str]] = []
    pays: list[tuple[str, str]] = []
    same: list[str] = []
    seen: dict[str, bool] = {}
    for topic, keys in _SAYING:
        known = [one for one in map(option.of, keys) if one is not None]
        if option.other_demand and topic == "uses":
            continue
        told = next((one for one in known if one.finding in _SURE and not one.alike), None)
        if told is not None:
            into = gains if told.finding is Finding.BETTER else pays
            into.append(difference(told, currency, words))
        is_same = bool(known) and all(one.is_same for one in known)
        seen[topic] = seen.get(topic, True) and is_same
    money = option.of(COST) or option.of(_HOURS)
    if money is not None and money.finding in {*_MONEY, Finding.DIFFERS}:
        more = money.known.value > 0
        (pays if more else gains).insert(
            1 if option.broken and more else 0, difference(money, currency, words)
        )
    same = [words[f"option.topic_{name}"] for name, is_same in seen.items() if is_same]
    if same and (gains or pays) and len(gains) < _MOST_LINES:
        gains.append((words.say("option.no_difference", topics=words.listed(same)), ""))
    return gains, pays


def _foot(option: Option, currency: str, words: Words) -> str:
    """The price of a use, of those gained or lost, where both are sure; else what is not sure."""
    if option.other_demand:
        return words["option.other_people"]
    money, uses = option.of(COST), option.of(USES)
    if money is not None and uses is not None and money.finding in _MONEY and uses.finding in _SURE:
        a_day = money.known.value / _YEAR
        if a_day * uses.known.value > 0:
            price = words.number(a_day / uses.known.value, 0)
            name = "price" if a_day > 0 else "saved"
            return words.say(f"option.{name}", amount=f"{price} {currency}")
    unsure = [
        words[f"option.topic_{topic}"]
        for topic, keys in _SAYING
        if any(
            one.finding is Finding.UNSURE and not one.alike
            for one in map(option.of, keys)
            if one is not None
        )
    ]
    if unsure and option.judged.mark is not Mark.CANNOT_SAY:
        return words.say("option.unsure", topics=words.listed(list(dict.fromkeys(unsure))))
    return ""


# --- the finding ----------------------------------------------------------------------------------

_GOOD = ("better", "dearer_too", "little", "cheaper")
_BAD = ("breaks", "worse")


def finding(options: Sequence[Option], currency: str, words: Words) -> str:
    """The page's title: the best of the options, then the worst, each with what makes it so.

    Args:
        options: all of them.
        currency: of the site.
        words: the language.
    """
    best = _first(options, _GOOD)
    worst = _first(options, _BAD)
    told = [one for one in (best, worst) if one is not None]
    if told:
        texts = [_sentence(one, currency, words) for one in told]
        if best is None and len(options) > 1:
            texts.insert(0, words["option.title_none"])
        return not_torn("\n".join(texts))
    names = {one.judged.name for one in options}
    if len(options) == 1:
        return not_torn(_sentence(options[0], currency, words))
    if names <= {"same", "dearer"}:
        return words["option.title_all_same"]
    return words["option.title_all_unsure"]


def not_torn(text: str) -> str:
    """A title in which no line ends between a number and what it counts."""
    return _TORN.sub("\\1\u00a0", text)


def _first(options: Sequence[Option], names: Sequence[str]) -> Option | None:
    """Of the options with one of these verdicts that with the earliest, and the largest lead."""
    found = [one for one in options if one.judged.name in names]
    return min(
        found,
        key=lambda one: (one.other_demand, _rank(one, names), -(one.lead.weight if one.lead else 0.0)),
        default=None,
    )


def _rank(one: Option, names: Sequence[str]) -> int:
    """Better, and better and dearer, are decided between by how much they gain."""
    return max(names.index(one.judged.name), 1)


def _sentence(one: Option, currency: str, words: Words) -> str:
    what = ""
    lead = one.of(COST) if one.judged.name in {"cheaper", "dearer"} else one.lead
    if lead is not None:
        what = difference(lead, currency, words)[0]
    return words.say(f"option.title_{one.judged.name}", option=one.name, what=what)


def months(replications: int, days: int, words: Words) -> str:
    """How many months were played of each option."""
    return words.brief(12 * replications * days / 365.25)


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
    left = {_WEEK} if money else {_WEEK, COST, PER_USE}
    left |= {_HOURS, ("wte", "posts")} if money else {("wte", "posts")}
    moved, still = [], []
    for key in keys:
        found = [known for one in options if (known := one.of(key)) is not None]
        if not any(known.known.is_known for known in found):
            continue
        told = any(known.is_sure for known in found) and key not in left
        (moved if told else still).append(key)
    return moved, [key for key in still if key not in left or key == _HOURS]
