"""Answers over what nobody knows, in words and figures: from the tables that a run leaves.

Words come before numbers: how exact the simulation is, how sure one can be, what the spread comes
from, and how likely each target is met. The tables stand behind.
"""

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from math import isnan
from typing import Any

import pandas as pd

from sim.report.charts.bars import Bar, Fan, fan_picture, interval_bars
from sim.report.page.document import Chart, Picture, Section, Table
from sim.report.page.numbers import decimals
from sim.report.page.phrases import Phrases
from sim.report.page.wording import target_words
from sim.report.page.words import (
    SHARE,
    Words,
    heading,
    headline_name,
    in_unit,
    known_of,
    part_name,
    shown_as,
)
from sim.results.read import Saved
from sim.scenario.model.scenario import Scenario
from sim.scenario.uncertainty.inputs import DRIFT
from sim.study.estimate.intervals import Estimate
from sim.study.worlds.shares import DATA, TOGETHER

Row = Mapping[Hashable, Any]
Name = Callable[[str], str]
"""From a path, or the name of a group, to what it is called."""

_NEEDS, _WAIT = ("needs_unmet", "share", "all"), ("wait", "mean", "all")
_SOURCES = (_NEEDS, _WAIT, ("unserved", "share", "all"))
"""Figures of which it is told what their spread comes from."""
_HUNDRED, _HALF = 100, 0.5
_KIND, _HARD = 0.65, 0.35
"""Shares of worlds from which on, and up to which, the written values are on one side."""
_NEARLY, _VERY, _MORE, _TOSS = 95, 80, 60, 40
_MOST_NAMED = 4
WORLDS, SPREAD, CHANCES = "uncertainty.csv", "spread.csv", "chances.csv"
_BANDS = (("p5", "p95"), ("p10", "p90"), ("p25", "p75"))
_HELD = ("90", "80", "50")
"""Of a hundred worlds how many are in each band."""


def records(table: pd.DataFrame | None) -> list[Row]:
    """The rows of a table; none of one that is not there."""
    return [] if table is None else list(table.to_dict(orient="records"))


def answer_of(figures: Sequence[Row]) -> Row | None:
    """The figure that is told first: needs given up where needs are played, else the mean wait."""
    known = {key_of(one): one for one in figures}
    return known.get(_NEEDS, known.get(_WAIT))


def key_of(row: Row) -> tuple[str, str, str]:
    """Metric, statistic and part of a row."""
    return str(row["metric"]), str(row["statistic"]), str(row["by"])


def figure_title(row: Row, words: Words) -> str:
    """What a figure is called: `mean wait`, `mean wait (smoking room)`."""
    metric, statistic, by = key_of(row)
    name = headline_name(words, metric, statistic)
    return name if by == "all" else f"{name} ({part_name(words, by)})"


def range_of(row: Row, words: Words, low: str = "p5", high: str = "p95") -> str:
    """From one quantile over worlds to another, such as `0.6–2.7`; empty if it is mostly chance."""
    if row["mostly_chance"]:
        return ""
    known = Estimate(float(row["value"]), float(row[low]), float(row[high]))
    shown = shown_as(known, str(row["unit"]))
    if isnan(shown.low):
        return ""
    return words.between(words.brief(shown.low), words.brief(shown.high))


def interval_of(known: Estimate, words: Words) -> str:
    """The simulation's interval, with as many decimals as it takes to tell its ends apart."""
    if isnan(known.low):
        return ""
    digits = decimals(known.value)
    ends = [words.number(one, digits) for one in (known.low, known.high)]
    return "" if ends[0] == ends[1] else words.between(*ends)


def answer_texts(row: Row, words: Words) -> Iterator[str]:
    """A figure with both its intervals, and whether the values as written are on the kind side."""
    unit = str(row["unit"])
    known = known_of(row)
    shown = shown_as(known, unit)
    ends = interval_of(shown, words)
    value = in_unit(words, words.brief(shown.value), unit)
    over = range_of(row, words)
    if isnan(shown.value) or not over:
        return
    key = "worlds.answer" if ends else "worlds.answer_exact"
    name = heading(figure_title(row, words))
    yield words.say(key, figure=name, value=value, interval=ends, range=over)
    yield words["worlds.two_intervals"]
    higher = float(row["higher"])
    if higher > _KIND:
        yield words.say("worlds.kind", number=per_100(higher, words))
    elif higher < _HARD:
        yield words.say("worlds.hard", number=per_100(1 - higher, words))


def per_100(share: float, words: Words) -> str:
    """Worlds of a hundred, without decimals; never none or all of them unless it is so."""
    number = round(_HUNDRED * share)
    if 0 < share < 1:
        number = min(max(number, 1), _HUNDRED - 1)
    return words.number(number, 0)


def confirmed_text(share: float, worlds: int, words: Words) -> str:
    """In how many of other worlds a design meets its targets too; never of a hundred in all."""
    key = "insure.confirmed_all" if share == 1 else "insure.confirmed"
    return words.say(key, met=per_100(share, words), worlds=words.number(worlds, 0))


def spread_texts(figure: Row, spread: Sequence[Row], name: Name, words: Words) -> Iterator[str]:
    """What the spread of a figure comes from."""
    mine = [one for one in spread if key_of(one) == key_of(figure)]
    told = [one for one in mine if one["told"] and one["source"] != TOGETHER]
    told.sort(key=lambda one: -float(one["share"]))
    title = figure_title(figure, words)
    sources = [one for one in mine if one["source"] not in (DATA, TOGETHER)]
    if told:
        parts = [
            words.say(
                "worlds.part",
                share=words.percent(per_100(float(one["share"]), words)),
                source=source_name(one, name, words),
            )
            for one in told[:_MOST_NAMED]
        ]
        text = words.say("worlds.spread", figure=title, parts=words.listed(parts))
        left = len(sources) - sum(one["source"] not in (DATA, TOGETHER) for one in told)
        if left > 0:
            number = words.number(int(figure["worlds"]), 0)
            text = f"{text} {words.count('worlds.below', left, worlds=number)}"
        yield text
    elif mine:
        yield words.say("worlds.no_source", figure=title)


def source_name(row: Row, name: Name, words: Words) -> str:
    """What part of a spread comes from, in words."""
    source = str(row["source"])
    if source == DATA:
        return words["worlds.data"]
    if source == DRIFT:
        return words["worlds.drift"]
    return " + ".join(name(one) for one in source.split(" + "))


def target_text(row: Row, words: Words, *, currency: str = "", as_typed: bool = False) -> str:
    """How likely a target is met: `wait.p90 <= 10 min: very likely met, in 87 of 100 worlds`.

    Args:
        row: of `chances.csv`.
        words: the language.
        currency: of costs.
        as_typed: whether the target is told as it was written, and not in words.
    """
    met, worlds = float(row["met"]), int(row["worlds"])
    target = str(row["target"])
    if not as_typed:
        target = heading(target_words(target, str(row["unit"]), words, currency).says)
    if isnan(met):
        return words.say("worlds.target_unknown", target=target)
    number = words.number(worlds, 0)
    if met in (0, 1):
        key = "worlds.met_all" if met else "worlds.met_none"
        return words.say(key, target=target, worlds=number)
    likely = round(_HUNDRED * max(met, 1 - met))
    side = "met" if met >= _HALF else "missed"
    if likely >= _NEARLY:
        key = f"worlds.{side}_nearly"
    elif likely >= _VERY:
        key = f"worlds.{side}_very"
    elif likely >= _MORE:
        key = f"worlds.{side}_more"
    else:
        key = "worlds.toss_up"
    return words.say(key, target=target, number=per_100(met, words))


def sentences(
    figures: Sequence[Row], spread: Sequence[Row], name: Name, scenario: Scenario, words: Words
) -> Iterator[str]:
    """All that is told in words, but for the targets."""
    known = {key_of(one): one for one in figures}
    if (first := answer_of(figures)) is not None:
        yield from answer_texts(first, words)
    for key in _SOURCES:
        if (one := known.get(key)) is not None:
            yield from spread_texts(one, spread, name, words)
    yield from _chance_texts([known[key] for key in _SOURCES if key in known], scenario, words)
    if blurred := [figure_title(one, words) for one in figures if one["mostly_chance"]]:
        yield words.say("worlds.mostly_chance", figures=words.listed(blurred))


def _chance_texts(figures: Sequence[Row], scenario: Scenario, words: Words) -> Iterator[str]:
    """How much one play of the horizon differs from the next."""
    shares = [float(one["chance"]) for one in figures]
    if known := [one for one in shares if not isnan(one)]:
        days = scenario.horizon.total_days - 7 * scenario.horizon.warmup_weeks
        yield words.say(
            "worlds.chance",
            period=words.count("unit.days", days),
            share=words.percent(per_100(max(known), words)),
        )


def two_intervals(row: Row, words: Words) -> str:
    """A figure with both its intervals: `1.0 (0.96–1.03) [0.6–2.7] min`."""
    unit = str(row["unit"])
    shown = shown_as(known_of(row), unit)
    ends, over = interval_of(shown, words), range_of(row, words)
    text = words.brief(shown.value)
    text += f" ({ends})" * bool(ends) + f" [{over}]" * bool(over)
    return in_unit(words, text, unit) if unit != SHARE else words.percent(text)


def named(scenario: Scenario, words: Words) -> Name:
    """What paths are called in words; groups keep the names that the planner gave."""
    phrases = Phrases(scenario, words)
    return lambda path: phrases.name(phrases.path(path)) if "." in path else path


# --- on the page --------------------------------------------------------------------------------


def worlds_lead(saved: Saved, words: Words) -> tuple[str, ...]:
    """The first answer with both its intervals; nothing of a run without worlds."""
    one = answer_of(records(saved.table(WORLDS)))
    return () if one is None else (" ".join(answer_texts(one, words)),)


def worlds_picture(saved: Saved, words: Words) -> tuple[Picture, ...]:
    """The fan of the first answer."""
    one = answer_of(records(saved.table(WORLDS)))
    return () if one is None or isnan(float(one["p5"])) else (_fan(one, words),)


def _fan(row: Row, words: Words) -> Picture:
    unit = str(row["unit"])
    times = _HUNDRED if unit == SHARE else 1
    bands = tuple((times * float(row[low]), times * float(row[high])) for low, high in _BANDS)
    found = Fan(times * float(row["value"]), times * float(row["p50"]), bands, _HELD)
    metric, statistic, _ = key_of(row)
    name = heading(figure_title(row, words))
    over = range_of(row, words)
    title = words.say("worlds.fan", figure=name, range=in_unit(words, over, unit))
    key = f"fan-{metric}-{statistic}".replace("_", "-")
    return fan_picture(found, key, title, unit, words)


def worlds_section(saved: Saved, scenario: Scenario, words: Words) -> Section | None:
    """What nobody knows: sentences, fans, what the spread comes from, and the tables."""
    figures, spread = records(saved.table(WORLDS)), records(saved.table(SPREAD))
    if not figures:
        return None
    name = named(scenario, words)
    told = [*sentences(figures, spread, name, scenario, words)]
    chances = records(saved.table(CHANCES))
    told += [target_text(one, words, currency=scenario.currency) for one in chances]
    judged = {str(one["target"]) for one in chances}
    for target in scenario.targets:
        if target.hour is not None and target.text not in judged:
            asked = target_words(target.text, "", words, scenario.currency).says
            told.append(words.say("worlds.by_hour", target=heading(asked)))
    known = {key_of(one): one for one in figures}
    drawn = [known[key] for key in _SOURCES if key in known]
    charts: list[Chart | Picture] = [
        _fan(one, words)
        for one in drawn
        if one is not answer_of(figures) and not isnan(float(one["p5"]))
    ]
    charts += [_sources(one, spread, name, words) for one in drawn]
    first = figures[0]
    worlds, plays = (words.number(int(first[part]), 0) for part in ("worlds", "plays"))
    return Section(
        "worlds",
        words["worlds.title"],
        (words.say("worlds.heading", worlds=worlds, plays=plays) + ".", *told),
        charts=tuple(charts),
        folded=(_table(figures, words),),
        finding=next(worlds_finding(figures, words), ""),
    )


def worlds_finding(figures: Sequence[Row], words: Words) -> Iterator[str]:
    """The first answer's range, in a sentence."""
    one = answer_of(figures)
    if one is not None and (over := range_of(one, words)):
        name = heading(figure_title(one, words))
        yield words.say("worlds.fan", figure=name, range=in_unit(words, over, str(one["unit"])))


def _sources(figure: Row, spread: Sequence[Row], name: Name, words: Words) -> Chart:
    """Bars of what the spread of a figure comes from."""
    mine = [one for one in spread if key_of(one) == key_of(figure) and one["told"]]
    mine.sort(key=lambda one: -float(one["share"]))
    bars = []
    for one in mine:
        share, error = float(one["share"]), float(one["error"])
        ends = (max(0.0, share - 2 * error), min(1.0, share + 2 * error))
        known = Estimate(share) if isnan(error) else Estimate(share, *ends)
        bars.append(Bar(heading(source_name(one, name, words)), known))
    metric, statistic, _ = key_of(figure)
    key = f"spread-{metric}-{statistic}".replace("_", "-")
    title = words.say("worlds.sources", figure=figure_title(figure, words))
    return interval_bars(bars, SHARE, Chart(key, title, words["worlds.sources_say"]), words)


def _table(figures: Sequence[Row], words: Words) -> Table:
    head = tuple(words[f"worlds.{name}"] for name in ("figure", "as_written", "range"))
    rows = []
    for one in figures:
        unit = str(one["unit"])
        over = range_of(one, words)
        shown = shown_as(known_of(one), unit)
        ends = interval_of(shown, words)
        text = words.brief(shown.value) + f" ({ends})" * bool(ends)
        value = words.percent(text) if unit == SHARE else in_unit(words, text, unit)
        blurred = words["worlds.is_mostly_chance"] if one["mostly_chance"] else ""
        rows.append((heading(figure_title(one, words)), value, f"[{over}]" if over else blurred))
    return Table(words["worlds.all"], head, tuple(rows))
