"""The page of where to put more places in a city: the best way, and which others are as good.

What it says in sentences the command prints too.
"""

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
from markupsafe import Markup

from sim.report.page.document import Card, Cell, Page, Picture, Section, Table
from sim.report.page.svg import Canvas, broken
from sim.report.page.verdict import Mark
from sim.report.page.wording import Settings
from sim.report.page.words import Words, heading
from sim.report.pages.about import COMPARED, about_sections
from sim.results.read import Saved
from sim.scenario.model.scenario import Scenario
from sim.study.estimate.intervals import Estimate

_HUNDRED = 100
_FIRST, _DRAWN = 20, 12
"""Ways that the table has unfolded, and that are drawn."""
_MARKS = {
    "best": Mark.BETTER,
    "as good": Mark.SAME,
    "cannot tell": Mark.CANNOT_SAY,
    "worse": Mark.WORSE,
    "dearer": Mark.DEARER,
    "misses a target": Mark.NO,
}
_TWO = 2
Row = Mapping[Hashable, Any]


@dataclass(frozen=True, eq=False)
class Ways:
    """What was found, for the page and for the screen."""

    contents: Mapping[str, Any]
    """As `places.json`."""
    table: pd.DataFrame
    """As `ways.csv`."""
    city: Scenario
    words: Words
    """In which facilities are called by their titles."""

    @property
    def rows(self) -> list[Row]:
        """The ways, the best first."""
        return [dict(one) for one in self.table.to_dict(orient="records")]

    def added(self, row: Row) -> str:
        """What a way adds, such as `6 smoking places at Skyen and 4 injecting places at H17`."""
        settings, words = Settings(self.city, self.words, {}), self.words
        at: dict[str, list[str]] = {}
        for one in self.contents["rooms"]:
            if number := int(row[one["name"]]):
                said = settings.said(f"rooms.{one['room']}.places", number)
                at.setdefault(one["facility"], []).append(said)
        houses = [
            words.say("places.at", places=words.listed(said), name=words.facility_within(name))
            for name, said in at.items()
        ]
        return words.listed(houses)

    def unmet(self, row: Row) -> str:
        """Needs unmet in 100, with the interval."""
        names = ("value", "ci_low", "ci_high") if "ci_low" in row else ("value", "low", "high")
        known = Estimate(*(float(row[name]) for name in names))
        number = self.words.brief(_HUNDRED * known.value)
        return f"{number} ({self.words.brief_range(known, _HUNDRED)})"

    def title(self) -> str:
        """What to do, and what it does."""
        words, contents = self.words, self.contents
        values = {
            "places": words.number(contents["places"], 0),
            "ways": self.added(self.rows[0]),
            "unmet": words.brief(_HUNDRED * contents["best"]["value"]),
            "before": words.brief(_HUNDRED * contents["as_it_is"]["value"]),
        }
        if contents["targets"] and not contents["targets_seem_met"]:
            return words.say("places.title_none", **values)
        match contents["helps"]:
            case "better":
                key = "places.title_alike" if self._all_alike else "places.title"
            case "worse":
                key = "places.title_worse"
            case "no difference that matters":
                key = "places.title_little"
            case _:
                key = "places.title_unsure"
        return words.say(key, **values)

    @property
    def _all_alike(self) -> bool:
        numbers = self.contents["numbers"]
        return bool(numbers["best"] + numbers["as good"] == self.contents["ways"])

    def lead(self) -> Iterator[str]:
        """How many other ways are as good, and how sure that is."""
        words, contents = self.words, self.contents
        before, best = contents["as_it_is"], contents["best"]
        yield words.say("places.figures", unmet=self.unmet(best), before=self.unmet(before))
        yield " ".join(self._numbers())
        sure = words.percent(words.exact(round(_HUNDRED * contents["confidence"], 6)))
        margin = words.exact(round(_HUNDRED * contents["margin"], 6))
        key = "places.sure_targets" if contents["targets"] else "places.sure"
        yield words.say(key, sure=sure, margin=margin)
        more = best["cost_per_year"] - before["cost_per_year"]
        if abs(more) >= 1:
            yield words.say("places.costs", amount=words.money(more, contents["currency"]))

    def _numbers(self) -> Iterator[str]:
        words, numbers = self.words, self.contents["numbers"]
        yield words.count("places.ways", int(self.contents["ways"]))
        for standing in ("as good", "cannot tell", "worse", "dearer", "misses a target"):
            if number := int(numbers[standing]):
                yield words.count(f"places.number_{standing.replace(' ', '_')}", number)

    def limits(self) -> Iterator[str]:
        """What more places do not do: where staff are too few to open them, and houses left out."""
        words, contents = self.words, self.contents
        for one in contents["unusable"]:
            yield words.say(
                "places.unusable",
                name=words.facility_within(one["facility"]),
                minutes=words.brief(one["minutes"]),
                before=words.brief(one["minutes"] - one["more"]),
            )
        if contents["left_out"]:
            names = words.listed([words.facility_within(one) for one in contents["left_out"]])
            yield words.say("places.left_out", names=heading(names))

    def standing(self, row: Row) -> str:
        """What is known of a way, in a word."""
        return self.words[f"places.is_{str(row['verdict']).replace(' ', '_')}"]


def places_page(saved: Saved, words: Words) -> Page:
    """Where to put the places.

    Args:
        saved: the folder of the results.
        words: the language.

    Raises:
        ResultsError: the folder is damaged.
    """
    ways = Ways(saved.contents("places.json"), saved.need("ways.csv"), saved.scenario(), words)
    city = ways.city
    figures, *others = ways.lead()
    return Page(
        title=ways.title(),
        tab=city.title or city.name,
        facts=(
            city.title or city.name,
            words.count("places.question", int(ways.contents["places"])),
        ),
        lead=(figures, *others),
        alert=_alert(ways),
        pictures=(_picture(ways),),
        foot=words.say(
            "places.foot",
            name=city.name,
            number=words.number(ways.contents["ways"], 0),
            replications=words.number(ways.contents["best"]["replications"], 0),
            seed=ways.contents["seed"],
            version=saved.manifest.get("packages", {}).get("dcr-sim", ""),
        ),
        sections=(_section(ways), *about_sections(saved, words, COMPARED)),
    )


def _alert(ways: Ways) -> Card | None:
    """That places stand idle for want of staff."""
    told = list(ways.limits())
    if not ways.contents["unusable"]:
        return None
    return Card(ways.words["places.want_of_staff"], Mark.NO, "", strong=" ".join(told))


def _section(ways: Ways) -> Section:
    words, contents = ways.words, ways.contents
    told = [words["places.as_they_are"]]
    if not contents["unusable"]:
        told += ways.limits()
    rows = ways.rows
    tables = (_table(ways, rows[:_FIRST], ""),)
    rest = rows[_FIRST:]
    return Section(
        "ways",
        words["places.all_ways"],
        (" ".join(told),),
        tables=tables,
        folded=(_table(ways, rest, words["places.other_ways"]),) if rest else (),
        is_open=True,
    )


def _table(ways: Ways, rows: Sequence[Row], caption: str) -> Table:
    words = ways.words
    costs = len(set(ways.table["cost_per_year"])) > 1
    head = ["page.verdict", "places.way", "places.unmet", "places.more"]
    shown = []
    for row in rows:
        more = Estimate(*(float(row[name]) for name in ("more", "more_low", "more_high")))
        apart = "–"
        if row["verdict"] != "best":
            apart = f"{words.brief(_HUNDRED * more.value)} ({words.brief_range(more, _HUNDRED)})"
        cells: list[str | Cell] = [
            Cell(_MARKS[str(row["verdict"])], ways.standing(row)),
            heading(ways.added(row)),
            ways.unmet(row),
            apart,
        ]
        if costs:
            cells.append(words.money(float(row["cost_per_year"]), ways.contents["currency"]))
        shown.append(tuple(cells))
    heads = [words[name] for name in head] + ([words["size.cost_a_year"]] if costs else [])
    return Table(caption, tuple(heads), tuple(shown), is_text=True, cards=True)


# --- the picture ----------------------------------------------------------------------------------

_LINE, _BAR, _PAD, _LEFT, _RIGHT = 17.0, 12.0, 12.0, 6.0, 92.0
"""Pixels: of a line of words, of a bar, between two ways, and at either side of the bars."""


@dataclass(frozen=True)
class _Drawn:
    text: str
    known: Estimate
    look: str


def _picture(ways: Ways) -> Picture:
    """Needs unmet of the city as it is and of the ways; of two rooms from one end to the other."""
    words, rows = ways.words, ways.rows
    chosen = rows[:_DRAWN]
    is_map = len(ways.contents["rooms"]) == _TWO and len(rows) <= 2 * _DRAWN
    if is_map:
        first = ways.contents["rooms"][0]["name"]
        chosen = sorted(rows, key=lambda row: -int(row[first]))
    as_it_is = ways.contents["as_it_is"]
    ends = (Estimate(*(float(as_it_is[name]) for name in ("value", "low", "high"))),)
    drawn = [_Drawn(words["places.as_it_is"], ends[0], "quiet")]
    for row in chosen:
        known = Estimate(*(float(row[name]) for name in ("value", "ci_low", "ci_high")))
        text = f"{heading(ways.added(row))}: {ways.standing(row)}"
        drawn.append(_Drawn(text, known, "people" if row["verdict"] == "best" else "quiet-pale"))
    title = words["places.picture_split" if is_map else "places.picture"]
    says = words["places.picture_says"]
    svg = tuple(_markup(drawn, width, words, f"{title} {says}") for width in (1120.0, 690.0, 360.0))
    return Picture("ways", title, says, svg)


def _markup(drawn: Sequence[_Drawn], width: float, words: Words, says: str) -> Markup:
    """Of each way a bar as long as needs are unmet, with its interval as a line, below its name."""
    texts = [broken(one.text, width - 8) for one in drawn]
    heights = [len(lines) * _LINE + _BAR + _PAD for lines in texts]
    canvas, top = Canvas(width, sum(heights)), 0.0
    most = max(max(one.known.value, one.known.high) for one in drawn) or 1.0
    scale = (width - _LEFT - _RIGHT) / most
    for one, lines, height in zip(drawn, texts, heights, strict=True):
        for number, text in enumerate(lines):
            canvas.text(0, top + 13 + _LINE * number, text)
        bar = top + len(lines) * _LINE + 3
        canvas.rect(_LEFT, bar, max(scale * one.known.value, 1.0), _BAR, one.look)
        middle = bar + _BAR / 2
        low, high = (_LEFT + scale * end for end in (one.known.low, one.known.high))
        canvas.line(((low, middle), (high, middle)), "base")
        text = words.brief(_HUNDRED * one.known.value)
        canvas.text(max(high, _LEFT + scale * one.known.value) + 6, bar + 11, text, "strong")
        top += height
    return canvas.markup(says)
