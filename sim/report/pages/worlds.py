"""Answers over what nobody knows, in words and figures: from the tables that a run leaves.

Words come before numbers: how exact the simulation is, how sure one can be, what the spread comes
from, and how likely each target is met. The tables stand behind.
"""

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from math import isnan
from typing import Any

import pandas as pd

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
from sim.scenario.model.scenario import Scenario
from sim.study.estimate.intervals import Estimate
from sim.study.worlds.answers import DATA, TOGETHER

Row = Mapping[Hashable, Any]
Name = Callable[[str], str]
"""From a path, or the name of a group, to what it is called."""

ANSWER = ("wait", "mean", "all")
"""The figure that is told first."""
_SOURCES = (ANSWER, ("unserved", "share", "all"))
"""Figures of which it is told what their spread comes from."""
_HUNDRED, _HALF = 100, 0.5
_KIND, _HARD = 0.65, 0.35
"""Shares of worlds from which on, and up to which, the written values are on one side."""
_NEARLY, _VERY, _MORE, _TOSS = 95, 80, 60, 40
_MOST_NAMED = 4


def records(table: pd.DataFrame | None) -> list[Row]:
    """The rows of a table; none of one that is not there."""
    return [] if table is None else list(table.to_dict(orient="records"))


def key_of(row: Row) -> tuple[str, str, str]:
    """Metric, statistic and part of a row."""
    return str(row["metric"]), str(row["statistic"]), str(row["by"])


def figure_title(row: Row, words: Words) -> str:
    """What a figure is called: `mean wait`, `mean wait (smoking room)`."""
    metric, statistic, by = key_of(row)
    name = headline_name(words, metric, statistic)
    return name if by == "all" else f"{name} ({part_name(words, by)})"


def range_of(row: Row, words: Words, low: str = "p5", high: str = "p95") -> str:
    """From one quantile over worlds to another, such as `0.6–2.7`."""
    known = Estimate(float(row["value"]), float(row[low]), float(row[high]))
    shown = shown_as(known, str(row["unit"]))
    if isnan(shown.low):
        return ""
    return words.between(words.brief(shown.low), words.brief(shown.high))


def answer_texts(row: Row, words: Words) -> Iterator[str]:
    """A figure with both its intervals, and whether the values as written are on the kind side."""
    unit = str(row["unit"])
    known = known_of(row)
    shown = shown_as(known, unit)
    ends = words.brief_range(shown)
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
    if source in (DATA, TOGETHER, "drift"):
        return words[f"worlds.{source}"]
    return " + ".join(name(one) for one in source.split(" + "))


def target_text(row: Row, words: Words) -> str:
    """How likely a target is met: `wait.p90 <= 10 min is very likely met: in 87 of 100 worlds`."""
    met, worlds = float(row["met"]), int(row["worlds"])
    target = str(row["target"])
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
    if (first := known.get(ANSWER)) is not None:
        yield from answer_texts(first, words)
    for key in _SOURCES:
        if (one := known.get(key)) is not None:
            yield from spread_texts(one, spread, name, words)
    yield from _chance_texts([known[key] for key in _SOURCES if key in known], scenario, words)
    if any(bool(one["mostly_chance"]) for one in figures):
        yield words["worlds.mostly_chance"]


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
    ends, over = words.brief_range(shown), range_of(row, words)
    text = words.brief(shown.value)
    text += f" ({ends})" * bool(ends) + f" [{over}]" * bool(over)
    return in_unit(words, text, unit) if unit != SHARE else words.percent(text)
