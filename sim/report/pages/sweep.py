"""The pages of a sweep: many designs of one scenario; or its assumptions, one at a time."""

from collections.abc import Iterator, Sequence
from math import isnan

import pandas as pd

from sim.report.charts.bars import tornado_charts
from sim.report.charts.scatter import COST, SERVICE, Point, cost_chart
from sim.report.page.document import Chart, Page, Section, Table
from sim.report.page.drawing import figure, line
from sim.report.page.words import (
    SHARE,
    Words,
    axis_unit,
    estimate,
    heading,
    headline_name,
    plain,
    shown_as,
)
from sim.report.pages.about import COMPARED, about_sections
from sim.results.read import Saved
from sim.study.compare.matters import HEADLINES
from sim.study.estimate.intervals import Estimate
from sim.study.estimate.summary import Summary

MOST_DESIGNS = 200
"""Designs that are listed; all of them are in the table on disk."""
_HEIGHT = 300
_COLUMNS = ("metric", "statistic", "by", "value", "ci_low", "ci_high", "unit", "replications")


def sweep_page(saved: Saved, words: Words) -> Page:
    """All that a sweep says.

    Args:
        saved: its folder.
        words: the language.

    Raises:
        ResultsError: the folder is damaged.
    """
    table, contents = saved.need("sweep.csv"), saved.contents("sweep.json")
    number = int(table["design"].max())
    lead = words.say(
        "sweep.lead_others" if contents.get("other_people") else "sweep.lead",
        designs=words.count("sweep.designs", number),
        how=words.texts.get(
            f"sweep.{str(contents['design']).replace(' ', '_')}", contents["design"]
        ),
        replications=words.count("unit.replications", int(contents["replications"])),
        seed=contents["seed"],
    )
    keys = [str(name) for name in table.columns if name not in {*_COLUMNS, "design"}]
    return Page(
        title=words.say("sweep.title", name=contents["scenario"]),
        lead=(lead, words.say("sweep.varied", keys=", ".join(keys))),
        sections=(*_sections(table, keys, words), *about_sections(saved, words, COMPARED)),
    )


def tornado_page(saved: Saved, words: Words) -> Page:
    """Which assumptions move the answer.

    Args:
        saved: its folder.
        words: the language.

    Raises:
        ResultsError: the folder is damaged.
    """
    table, contents = saved.need("tornado.csv"), saved.contents("tornado.json")
    lead = words.say(
        "tornado.lead",
        number=words.number(len(contents["assumptions"]), 0),
        replications=words.count("unit.replications", int(contents["replications"])),
        seed=contents["seed"],
    )
    strong = [
        one["field"]
        for one in contents["assumptions"]
        if one["largest_sure_effect_in_margins"] >= 1
    ]
    first = (
        words.say("tornado.first", fields=", ".join(strong[:5]))
        if strong
        else words["tornado.weak"]
    )
    charts = tuple(tornado_charts(table, words))
    section = Section(
        "sensitivity", words["tornado.title"], (words["tornado.intro"],), charts=charts
    )
    return Page(
        title=words.say("tornado.page", name=contents["scenario"]),
        lead=(lead, first),
        sections=(section, *about_sections(saved, words, COMPARED)),
    )


def _sections(table: pd.DataFrame, keys: Sequence[str], words: Words) -> Iterator[Section]:
    designs = [(number, mine) for number, mine in table.groupby("design", sort=True)]
    figures = [Summary(mine) for _, mine in designs]
    names = [_name(number, mine, keys) for number, mine in designs]
    yield Section(
        "effects",
        words["sweep.effects"],
        (words["sweep.effects_intro"],),
        charts=tuple(_effects(designs, figures, keys, words)),
    )
    points = tuple(_frontiers(figures, names, words))
    intro = words["scatter.intro"] if points else words["scatter.no_cost"]
    yield Section("cost", words["scatter.heading"], (intro,), charts=points)
    yield Section(
        "designs",
        words["sweep.table"],
        (words["sweep.table_intro"],),
        tables=(_table(designs[:MOST_DESIGNS], figures, keys, words),),
    )


def _name(number: object, mine: pd.DataFrame, keys: Sequence[str]) -> str:
    return f"{number}: {', '.join(f'{key} = {mine[key].iloc[0]}' for key in keys)}"


def _effects(
    designs: Sequence[tuple[object, pd.DataFrame]],
    figures: Sequence[Summary],
    keys: Sequence[str],
    words: Words,
) -> Iterator[Chart]:
    """For each figure the mean of the designs at each level of each factor."""
    for metric, statistic in SERVICE:
        values = [one.of(metric, statistic).value for one in figures]
        if all(isnan(value) for value in values):
            continue
        unit = _unit(figures, metric, statistic)
        for number, key in enumerate(keys):
            levels = [mine[key].iloc[0] for _, mine in designs]
            chart = Chart(
                f"effect-{metric}-{statistic}-{number}".replace("_", "-"),
                f"{heading(headline_name(words, metric, statistic))}: {key}",
                words["sweep.effect_says"],
                narrow=True,
            )
            yield _effect(levels, values, (key, unit), chart, words)


def _effect(
    levels: Sequence[object],
    values: Sequence[float],
    about: tuple[str, str],
    chart: Chart,
    words: Words,
) -> Chart:
    key, unit = about
    found = pd.DataFrame({"level": levels, "value": values}).dropna()
    means = found.groupby("level", sort=True)["value"].agg(["mean", "min", "max"])
    drawn = figure(_HEIGHT, separators=words["unit.separators"], showlegend=False)
    where = [str(level) for level in means.index]
    for name in means:
        is_mean = name == "mean"
        drawn.add(
            "scatter",
            x=where,
            y=[shown_as(Estimate(float(one)), unit).value for one in means[name]],
            mode="lines+markers" if is_mean else "lines",
            line=line(0) if is_mean else {**line(4, 1), "dash": "dot"},
            marker={"size": 8},
            hovertemplate="%{x}: %{y:.3~g}<extra></extra>",
        )
    drawn.x_axis(title={"text": key}, type="category")
    drawn.y_axes(title={"text": axis_unit(words, unit)}, rangemode="tozero")
    rows = tuple(
        (level, *(plain(words, float(one), unit) for one in row))
        for level, row in zip(where, means.itertuples(index=False, name=None), strict=True)
    )
    head = (key, words["sweep.mean"], words["sweep.least"], words["sweep.most"])
    return chart.drawn(drawn, Table(chart.title, head, rows))


def _frontiers(figures: Sequence[Summary], names: Sequence[str], words: Words) -> Iterator[Chart]:
    for metric, statistic in SERVICE:
        points = [
            Point(name, str(number), one.of(*COST).value, one.of(metric, statistic))
            for number, (name, one) in enumerate(zip(names, figures, strict=True), start=1)
            if one.of(*COST).is_known
        ]
        if not points:
            continue
        yield cost_chart(points, metric, statistic, _unit(figures, metric, statistic), words)


def _unit(figures: Sequence[Summary], metric: str, statistic: str) -> str:
    """Of a figure, as the first design says that has it."""
    units = (one.unit_of(metric, statistic) for one in figures)
    return next((unit for unit in units if unit is not None), "")


def _table(
    designs: Sequence[tuple[object, pd.DataFrame]],
    figures: Sequence[Summary],
    keys: Sequence[str],
    words: Words,
) -> Table:
    shown = [
        one
        for one in HEADLINES
        if any(each.of(one.metric, one.statistic).is_known for each in figures)
    ]
    rows = tuple(
        (
            str(number),
            *(str(mine[key].iloc[0]) for key in keys),
            *(
                _cell(found.of(one.metric, one.statistic), percent=one.percent, words=words)
                for one in shown
            ),
        )
        for (number, mine), found in zip(designs, figures, strict=False)
    )
    heads = (headline_name(words, one.metric, one.statistic) for one in shown)
    return Table(words["sweep.table"], (words["axis.design"], *keys, *heads), rows)


def _cell(known: Estimate, *, percent: bool, words: Words) -> str:
    return estimate(words, known, SHARE if percent else "")
