"""Options over all that is not known: a strip an option, and what is worth measuring first.

What is said of them is said in the same words on the screen and on the page.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import isnan
from typing import Any

import numpy as np
import pandas as pd
from markupsafe import Markup

from sim.report.page.document import Picture, Section, Table
from sim.report.page.phrases import Phrases
from sim.report.page.svg import Canvas, broken, width_of
from sim.report.page.words import (
    SHARE,
    Words,
    axis_unit,
    heading,
    headline_name,
    plain,
    signed,
    unit_name,
)
from sim.results.read import Saved
from sim.study.compare.matters import Area, headlines
from sim.study.estimate.intervals import Estimate
from sim.study.worlds.choice import Advice, Outcomes
from sim.study.worlds.options import Standing, standing
from sim.study.worlds.shares import DATA

DRIFT = "drift"
_HUNDRED = 100
_FAN = ("p5", "p25", "p50", "p75", "p95")
_STRIP, _LINE, _PAD, _HEAD, _FOOT, _EDGE = 16.0, 17.0, 12.0, 8.0, 24.0, 26.0
"""Pixels: of a strip, a line of words, between two options, above, below, and at either side."""
_LOOKS = {
    Standing.BETTER: "enough",
    Standing.MOSTLY_BETTER: "enough",
    Standing.WORSE: "short",
    Standing.MOSTLY_WORSE: "short",
}
_STILL = frozenset({Standing.SAME, Standing.NONE})
"""What is in the table only."""
_KEYS = {
    Standing.BETTER: "better",
    Standing.MOSTLY_BETTER: "mostly_better",
    Standing.DEPENDS: "depends",
    Standing.MOSTLY_WORSE: "mostly_worse",
    Standing.WORSE: "worse",
    Standing.SAME: "same",
}
_MONEY = frozenset({"cost", "money"})


# --- in words -------------------------------------------------------------------------------------


def per_hundred(shares: Sequence[float]) -> list[int]:
    """Shares that add up to 1 as whole numbers that add up to 100."""
    exact = np.array(shares) * _HUNDRED
    found = np.floor(exact + 1e-9)
    left = round(_HUNDRED - found.sum())
    for place in np.argsort(found - exact, kind="stable")[:left]:
        found[place] += 1
    return [int(one) for one in found]


def in_worlds(words: Words, share: float, worlds: int) -> str:
    """`in 87 of 100 worlds`; of all and none it says how many were played."""
    if share in {0.0, 1.0}:
        key = "knowing.in_none" if share == 0 else "knowing.in_all"
        return words.say(key, worlds=words.number(worlds, 0))
    number = min(max(round(_HUNDRED * share), 1), _HUNDRED - 1)
    return words.say("knowing.in_some", number=words.number(number, 0))


def standing_text(words: Words, found: Outcomes, worlds: int) -> str:
    """What an option is over all worlds, in a sentence without an end."""
    how = standing(found)
    if how is Standing.NONE:
        return ""
    if found.same == 1:
        return words.say("knowing.same_in_all", worlds=words.number(worlds, 0))
    better, same, worse = (words.number(one, 0) for one in per_hundred(found))
    ahead = found.better if how is not Standing.WORSE else found.worse
    return words.say(
        f"knowing.{_KEYS[how]}",
        better=better,
        same=same,
        worse=worse,
        share=in_worlds(words, ahead, worlds),
    )


def input_name(phrases: Phrases, name: str) -> str:
    """What something that is not known is called: a value, a group, the drift, a log's draws."""
    if name in {DRIFT, DATA}:
        return phrases.words[f"knowing.{name}"]
    path = phrases.path(name)
    return phrases.words.name(name) if len(path) <= 1 else phrases.name(path)


def advice_texts(
    found: Mapping[str, Any],
    known: pd.DataFrame,
    chosen: str,
    phrases: Phrases,
    worlds: int,
) -> Iterator[str]:
    """What is worth measuring before choosing, in a sentence or two.

    Args:
        found: `decision` of `worlds.json`.
        known: as `worth_knowing.csv`.
        chosen: what the option is called that is best on average.
        phrases: of the base, with the language.
        worlds: how many were played.
    """
    words = phrases.words
    advice = Advice(found["advice"])
    total = amount(words, found["knowing_everything"], found)
    least = amount(words, found["worth_measuring_from"], found)
    if advice is Advice.MEASURE:
        values = dict(zip(known["input"], known["value"], strict=True))
        names = [input_name(phrases, one) for one in found["measure_first"]]
        spared = [amount(words, values[one], found) for one in found["measure_first"]]
        yield words.say("knowing.measure_first", inputs=words.listed(names))
        other = in_worlds(words, 1 - found["best_in"], worlds)
        if len(names) == 1:
            yield words.say("knowing.spare", spared=spared[0], total=total, other=other)
        else:
            yield words.say(
                "knowing.spare_each", spared="; ".join(spared), total=total, other=other
            )
        return
    if advice is Advice.TOGETHER:
        yield words["knowing.together"]
        yield words.say("knowing.together_more", total=total, least=least)
        return
    yield words["knowing.nothing"]
    if found["best_in"] == 1:
        yield words.say("knowing.nothing_sure", option=chosen, share=in_worlds(words, 1.0, worlds))
        return
    yield words.say(
        "knowing.nothing_more",
        option=chosen,
        share=in_worlds(words, found["best_in"], worlds),
        regret=amount(words, found["regret"], found),
        least=least,
    )


def least_text(words: Words, found: Mapping[str, Any]) -> str:
    """What a measurement must be worth, and why: a judgement."""
    least = amount(words, found["worth_measuring_from"], found)
    money = found["decide"] in _MONEY and found["measuring_costs"] > 0
    return words.say(
        "knowing.least_money" if money else "knowing.least",
        least=least,
        cost=words.figures(float(found["measuring_costs"])),
        weeks=words.number(float(found["weeks"]), 0),
    )


def amount(words: Words, value: float, found: Mapping[str, Any]) -> str:
    """A loss with its unit: `870 DKK a week`, `1.2 visits unserved a day`."""
    shown = words.figures(float(value))
    if found["decide"] in _MONEY:
        currency = str(found["unit"]).partition("/")[0]
        return words.say("knowing.money_a_week", number=shown, currency=currency)
    return words.say(f"knowing.lost_{found['decide']}", number=shown)


# --- on the page ----------------------------------------------------------------------------------


def choice_sections(
    saved: Saved, names: Mapping[str, str], phrases: Phrases, words: Words
) -> Iterator[Section]:
    """What the options do over all that is not known; nothing where that was not played.

    Args:
        saved: the folder of a comparison.
        names: what each option is called on the page, by its name in the tables.
        phrases: of the base.
        words: the language.
    """
    table = saved.table("worlds_differences.csv")
    if table is None:
        return
    contents = saved.contents("worlds.json")
    worlds, found = int(contents["worlds"]), contents["decision"]
    known = saved.table("worth_knowing.csv")
    told = _finding(table, names, words, worlds)
    more: tuple[str, ...] = ()
    tables: tuple[Table, ...] = ()
    if found is not None and known is not None:
        chosen = names.get(str(found["chosen"]), str(found["chosen"]))
        texts = list(advice_texts(found, known, chosen, phrases, worlds))
        told, more = texts[0], (*texts[1:], least_text(words, found))
        tables = _choice(saved, names, known, found, phrases, words)
    yield Section(
        "worlds",
        words["knowing.title"],
        (words.say("knowing.intro", worlds=words.number(worlds, 0)), *more),
        charts=tuple(_strips(table, names, words, worlds)),
        tables=tables,
        folded=(_all(table, names, words), *_best(saved, names, words)),
        finding=told,
        is_open=True,
    )


def _outcomes(row: Mapping[Any, Any]) -> Outcomes:
    return Outcomes(*(float(row[name]) for name in Outcomes._fields))


def _finding(table: pd.DataFrame, names: Mapping[str, str], words: Words, worlds: int) -> str:
    """What is surest of safety and access, of any option."""
    headline = {(one.metric, one.statistic) for one in headlines(rotas=True)}
    found = [
        (max(one["better"], one["worse"]), one)
        for one in table.to_dict(orient="records")
        if one["by"] == "all" and (one["metric"], one["statistic"]) in headline
        if one["metric"] != "cost" and not isnan(one["better"])
    ]
    if not found:
        return ""
    _, row = max(found, key=lambda one: one[0])
    return words.say(
        "knowing.finding",
        option=names.get(row["option"], row["option"]),
        figure=headline_name(words, row["metric"], row["statistic"]),
        says=standing_text(words, _outcomes(row), worlds),
    )


@dataclass(frozen=True)
class _Strip:
    name: str
    says: str
    ends: tuple[float, ...]
    """At _FAN, as drawn."""
    look: str


def _strips(
    table: pd.DataFrame, names: Mapping[str, str], words: Words, worlds: int
) -> Iterator[Picture]:
    """A picture for each headline figure in which some option matters in half of the worlds."""
    for headline in headlines(rotas=True):
        key = headline.metric, headline.statistic
        mine = table[(table["metric"] == key[0]) & (table["statistic"] == key[1])]
        mine = mine[mine["by"] == "all"]
        if headline.area is Area.COST and headline.statistic != "per_week":
            continue
        if all(standing(_outcomes(one)) in _STILL for one in mine.to_dict(orient="records")):
            continue
        unit = str(mine["unit"].iloc[0])
        times = _HUNDRED if unit == SHARE else 1
        rows = [
            _Strip(
                names.get(one["option"], str(one["option"])),
                standing_text(words, _outcomes(one), worlds),
                tuple(times * float(one[name]) for name in _FAN),
                _LOOKS.get(standing(_outcomes(one)), "quiet"),
            )
            for one in mine.to_dict(orient="records")
            if not isnan(float(one["p50"]))
        ]
        title = heading(headline_name(words, *key))
        label = words["axis.minutes"] if unit == "min" else axis_unit(words, unit)
        says = words.say("knowing.says", unit=label)
        draw = _Drawing(rows, words)
        svg = tuple(draw.markup(width, f"{title}. {says}") for width in (1120.0, 690.0, 360.0))
        yield Picture(f"worlds-{key[0]}-{key[1]}".replace("_", "-"), title, says, svg)


@dataclass(frozen=True, eq=False)
class _Drawing:
    """Of each option the differences over worlds: 90 % pale, 50 % dark, the middle as a line."""

    rows: Sequence[_Strip]
    words: Words

    def markup(self, width: float, says: str) -> Markup:
        """The picture in one width."""
        texts = [
            broken(f"{row.name}: {row.says}" if row.says else row.name, width - 8)
            for row in self.rows
        ]
        heights = [len(lines) * _LINE + _STRIP + _PAD for lines in texts]
        canvas = Canvas(width, _HEAD + sum(heights) + _FOOT)
        top = _HEAD
        zero = self._x(0.0, width)
        for row, lines, height in zip(self.rows, texts, heights, strict=True):
            for number, text in enumerate(lines):
                canvas.text(0, top + 13 + _LINE * number, text)
            self._strip(canvas, row, top + len(lines) * _LINE + 2, width)
            canvas.line(((zero, top + len(lines) * _LINE), (zero, top + height - _PAD + 4)), "base")
            top += height
        self._axis(canvas, top + 12, width)
        return canvas.markup(says)

    def _strip(self, canvas: Canvas, row: _Strip, top: float, width: float) -> None:
        low, lower, middle, upper, high = (self._x(one, width) for one in row.ends)
        canvas.rect(low, top, max(high - low, 1), _STRIP, f"{row.look}-pale")
        canvas.rect(lower, top, max(upper - lower, 1), _STRIP, row.look)
        canvas.line(((middle, top - 1), (middle, top + _STRIP + 1)), "limit")

    def _axis(self, canvas: Canvas, y: float, width: float) -> None:
        """No difference, and the outermost ends, where they do not touch."""
        low, high = self._span
        right = 0.0
        for value in sorted({low, 0.0, high}):
            text = "0" if value == 0 else signed(self.words, Estimate(value))
            half = width_of(text, 12) / 2
            at = min(max(self._x(value, width), half), width - half)
            if (value in {low, 0.0, high} and at - half > right) or value == low:
                canvas.text(at, y, text, "note", anchor="middle", size=12)
                right = at + half + 6

    @property
    def _span(self) -> tuple[float, float]:
        values = [0.0, *(one for row in self.rows for one in row.ends)]
        return min(values), max(values)

    def _x(self, value: float, width: float) -> float:
        low, high = self._span
        return _EDGE + (width - 2 * _EDGE) * (value - low) / ((high - low) or 1.0)


def _all(table: pd.DataFrame, names: Mapping[str, str], words: Words) -> Table:
    """Every difference with its range."""
    rows = tuple(
        (
            headline_name(words, str(one["metric"]), str(one["statistic"])),
            names.get(str(one["option"]), str(one["option"])),
            plain(words, float(one["base_value"]), str(one["unit"])),
            signed(
                words,
                Estimate(*(float(one[name]) for name in ("difference", "p5", "p95"))),
                str(one["unit"]),
            ),
            *(words.share(float(one[name]), 0) for name in Outcomes._fields),
        )
        for one in table.to_dict(orient="records")
        if one["by"] == "all"
    )
    heads = ("axis.figure", "axis.option", "axis.base", "knowing.difference")
    marks = ("knowing.better_in", "knowing.same_in", "knowing.worse_in")
    return Table(words["knowing.all"], tuple(words[one] for one in (*heads, *marks)), rows)


def _best(saved: Saved, names: Mapping[str, str], words: Words) -> Iterator[Table]:
    table = saved.table("worlds_best.csv")
    if table is None or not len(table):
        return
    everybody = list(dict.fromkeys(table["option"]))
    rows = tuple(
        (
            headline_name(words, str(metric), str(statistic)),
            *(words.share(float(one), 0) for one in mine["best"]),
        )
        for (metric, statistic, by), mine in table.groupby(
            ["metric", "statistic", "by"], sort=False
        )
        if by == "all"
    )
    called = tuple(names.get(one, str(one)) for one in everybody)
    yield Table(words["knowing.best"], (words["axis.figure"], *called), rows)


def _choice(
    saved: Saved,
    names: Mapping[str, str],
    known: pd.DataFrame,
    found: Mapping[str, Any],
    phrases: Phrases,
    words: Words,
) -> tuple[Table, ...]:
    """What choosing each option costs, and what knowing each input is worth."""
    unit = unit_name(words, str(found["unit"]))
    worth = tuple(
        (
            heading(input_name(phrases, str(one["input"]))),
            words.figures(float(one["value"])),
            words.figures(float(one["error"])),
        )
        for one in known.to_dict(orient="records")
        if one["value"] > 0
    )
    tables = []
    choice = saved.table("worlds_choice.csv")
    if choice is not None:
        rows = tuple(
            (
                names.get(str(one["option"]), str(one["option"])),
                words.figures(float(one["loss"])),
                words.figures(float(one["regret"])),
                words.share(float(one["best"]), 0),
            )
            for one in choice.to_dict(orient="records")
        )
        heads = ("axis.option", "knowing.loss", "knowing.regret", "knowing.best_in")
        tables.append(
            Table(words.say("knowing.choice", unit=unit), tuple(words[one] for one in heads), rows)
        )
    if worth:
        marks = ("axis.assumption", "knowing.worth", "knowing.error")
        tables.append(
            Table(
                words.say("knowing.knowing", unit=unit), tuple(words[one] for one in marks), worth
            )
        )
    return tuple(tables)
