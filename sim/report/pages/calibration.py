"""The page of a calibration: what published outcomes say of what was not known."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
from markupsafe import Markup

from sim.report.page.document import Page, Picture, Section, Table
from sim.report.page.phrases import Phrases
from sim.report.page.svg import Canvas, broken
from sim.report.page.words import (
    SHARE,
    Words,
    heading,
    headline_name,
    in_unit,
    part_name,
    plain,
)
from sim.report.pages.about import COMPARED, about_sections
from sim.results.folder import ResultsError
from sim.results.read import Saved
from sim.scenario.model.scenario import Scenario
from sim.study.worlds.calibrate import ENOUGH
from sim.study.worlds.calibrated import NOTHING

_BEFORE, _AFTER = (
    tuple(f"{when}_{name}" for name in ("p5", "p50", "p95")) for when in ("before", "after")
)
_AGAIN = ("again_p5", "again_p50", "again_p95")
_LINE, _BAR, _PAD, _EDGE = 17.0, 12.0, 14.0, 4.0
"""Pixels: of a line of words, a bar, between two inputs, and at either side."""
_CLOCK = "clock"


def calibration_page(saved: Saved, words: Words) -> Page:
    """What outcomes say of what was not known.

    Args:
        saved: its folder.
        words: the language.

    Raises:
        ResultsError: the folder is damaged.
    """
    table, outcomes = saved.need("calibration.csv"), saved.need("outcomes.csv")
    contents = saved.contents("calibration.json")
    scenario = _scenario(saved)
    phrases = Phrases(scenario, words)
    told = list(findings(outcomes, contents, words))
    title = scenario.title if scenario is not None and scenario.title else contents["scenario"]
    return Page(
        title=told[0],
        tab=words.say("calibration.page", name=contents["scenario"]),
        facts=(str(title),),
        lead=(*told[1:], effort(contents, words)),
        pictures=(_picture(table, phrases, words),),
        sections=(
            _outcomes(outcomes, words),
            _inputs(table, contents, phrases, words),
            *about_sections(saved, words, COMPARED),
        ),
    )


def _scenario(saved: Saved) -> Scenario | None:
    try:
        return saved.scenario()
    except ResultsError:
        return None


# --- in words -------------------------------------------------------------------------------------


def findings(outcomes: pd.DataFrame, contents: Mapping[str, Any], words: Words) -> Iterator[str]:
    """Whether the outcomes can be met, and what stands in the way.

    Args:
        outcomes: as `outcomes.csv`.
        contents: as `calibration.json`.
        words: the language.
    """
    names = [outcome_name(one, words) for one in outcomes["outcome"]]
    beyond = [name for name, out in zip(names, outcomes["out_of_reach"], strict=True) if out]
    if beyond:
        yield words.say("calibration.beyond", outcomes=words.listed(beyond))
        yield words["calibration.beyond_more"]
        return
    if contents["cannot_all_be_met"]:
        yield words["calibration.conflict"]
        furthest = words.number(contents["implausibility_of_the_nearest"], 1)
        helpful = contents["most_helpful_without"]
        if helpful is None:
            yield words.say("calibration.conflict_one", furthest=furthest)
            return
        without = outcomes.loc[outcomes["outcome"] == helpful, "without"].iloc[0]
        yield words.say(
            "calibration.conflict_more",
            furthest=furthest,
            outcome=outcome_name(helpful, words),
            without=words.number(float(without), 1),
        )
        return
    yield words.count("calibration.met", len(names))
    yield words.say("calibration.plausible", share=_share(contents["share_plausible"], words))
    if contents["effective_worlds"] < ENOUGH:
        yield words["calibration.rough"]


_TENTH = 0.1
"""Of smaller shares a whole per cent is no digit that counts."""


def _share(share: float, words: Words) -> str:
    return words.share(share, 0 if share == 0 or share >= _TENTH else 1)


def effort(contents: Mapping[str, Any], words: Words) -> str:
    """How many worlds were played, and how many of them count."""
    return words.count(
        "calibration.effort",
        int(contents["waves"]),
        worlds=words.number(contents["worlds"], 0),
        plays=words.number(contents["plays"], 0),
        effective=words.number(contents["effective_worlds"], 0),
    )


def learnt_text(row: Mapping[Any, Any], words: Words) -> str:
    """What was learnt of an input: `narrowed to 30 % of its range`."""
    if row["narrowed"] > NOTHING:
        return words["calibration.nothing"]
    return words.say("calibration.narrowed", share=words.share(float(row["narrowed"]), 0))


def tied_texts(contents: Mapping[str, Any], phrases: Phrases) -> Iterator[str]:
    """Inputs of which only both together are known."""
    words = phrases.words
    for one in contents["tied"]:
        key = "calibration.tied" if one["correlation"] > 0 else "calibration.tied_against"
        yield words.say(
            key,
            one=heading(input_called(phrases, one["one"])),
            other=input_called(phrases, one["other"]),
            r=words.number(one["correlation"], 2),
        )


def outcome_name(own: str, words: Words) -> str:
    """What an outcome is called in a sentence."""
    figure, _, by = own.partition(" of ")
    metric, _, statistic = figure.partition(".")
    name = headline_name(words, metric, statistic)
    return f"{name} ({part_name(words, by)})" if by else name


def input_called(phrases: Phrases, name: str) -> str:
    """What an input is called: a value of the scenario, or a group."""
    path = phrases.path(name)
    return phrases.words.name(name) if len(path) <= 1 else phrases.name(path)


def value_text(value: float, unit: str, words: Words) -> str:
    """A value of an input with its unit."""
    if unit == _CLOCK:
        return words.clock(round(value))
    return in_unit(words, words.figures(value), unit)


# --- pictures and tables --------------------------------------------------------------------------


@dataclass(frozen=True)
class _Row:
    text: str
    before: tuple[float, ...]
    after: tuple[float, ...]
    ends: tuple[str, str, str]
    """The middle and the ends of what was found, in words."""


def _picture(table: pd.DataFrame, phrases: Phrases, words: Words) -> Picture:
    rows = [
        _Row(
            f"{heading(input_called(phrases, str(one['input'])))}: {learnt_text(one, words)}",
            tuple(float(one[name]) for name in _BEFORE),
            tuple(float(one[name]) for name in _AFTER),
            _three(one, _AFTER, words),
        )
        for one in table.to_dict(orient="records")
    ]
    title, says = words["calibration.picture"], words["calibration.picture_says"]
    svg = tuple(_drawn(rows, width, f"{title} {says}") for width in (1120.0, 690.0, 360.0))
    return Picture("calibrated", title, says, svg)


def _three(row: Mapping[Any, Any], names: Sequence[str], words: Words) -> tuple[str, str, str]:
    low, middle, high = (value_text(float(row[name]), str(row["unit"]), words) for name in names)
    return low, middle, high


def _drawn(rows: Sequence[_Row], width: float, says: str) -> Markup:
    """Of each input what was thought as a pale bar and what was found as a dark one below it."""
    texts = [broken(row.text, width - 8) for row in rows]
    heights = [len(lines) * _LINE + 2 * _BAR + 4 + _LINE + _PAD for lines in texts]
    canvas, top = Canvas(width, sum(heights)), 0.0
    for row, lines, height in zip(rows, texts, heights, strict=True):
        for number, text in enumerate(lines):
            canvas.text(0, top + 13 + _LINE * number, text)
        low = min(row.before[0], row.after[0])
        span = (max(row.before[2], row.after[2]) - low) or 1.0
        at = [_EDGE + (width - 2 * _EDGE) * (one - low) / span for one in (*row.before, *row.after)]
        bar = top + len(lines) * _LINE + 2
        canvas.rect(at[0], bar, max(at[2] - at[0], 1), _BAR, "quiet-pale")
        canvas.line(((at[1], bar), (at[1], bar + _BAR)), "base")
        canvas.rect(at[3], bar + _BAR + 2, max(at[5] - at[3], 1), _BAR, "people")
        canvas.line(((at[4], bar + _BAR + 1), (at[4], bar + 2 * _BAR + 3)), "limit")
        text = f"{row.ends[1]} ({row.ends[0]} – {row.ends[2]})"
        side = "end" if at[4] > width / 2 else "start"
        place = at[5] if side == "end" else at[3]
        canvas.text(place, bar + 2 * _BAR + 17, text, "note", anchor=side, size=12)
        top += height
    return canvas.markup(says)


def _outcomes(outcomes: pd.DataFrame, words: Words) -> Section:
    rows = tuple(
        (
            heading(outcome_name(str(one["outcome"]), words)),
            *(
                ranged_text([float(one[name]) for name in names], str(one["unit"]), words)
                for names in (("ci_low", "value", "ci_high"), _AGAIN)
            ),
            plain(words, float(one["nearest"]), str(one["unit"])),
            words.number(float(one["implausibility"]), 1),
        )
        for one in outcomes.to_dict(orient="records")
    )
    heads = ("figure", "published", "again", "nearest", "apart")
    head = tuple(words[f"calibration.{name}"] for name in heads)
    return Section(
        "outcomes",
        words["calibration.outcomes"],
        (words["calibration.outcomes_intro"],),
        tables=(Table("", head, rows),),
        is_open=True,
    )


def ranged_text(three: Sequence[float], unit: str, words: Words) -> str:
    """The 5, 50 and 95 % points of a figure: `429 (416–442)`."""
    low, middle, high = (100 * one if unit == SHARE else one for one in three)
    text = f"{words.figures(middle)} ({words.between(words.figures(low), words.figures(high))})"
    return in_unit(words, text, unit)


def _inputs(
    table: pd.DataFrame, contents: Mapping[str, Any], phrases: Phrases, words: Words
) -> Section:
    rows = tuple(
        (
            heading(input_called(phrases, str(one["input"]))),
            " – ".join(_three(one, _BEFORE, words)),
            " – ".join(_three(one, _AFTER, words)),
            learnt_text(one, words),
        )
        for one in table.to_dict(orient="records")
    )
    heads = ("input", "before", "after", "learnt")
    head = tuple(words[f"calibration.{name}"] for name in heads)
    return Section(
        "inputs",
        words["calibration.inputs"],
        (words["calibration.inputs_intro"], *tied_texts(contents, phrases)),
        tables=(Table("", head, rows, is_text=True),),
        is_open=True,
    )
