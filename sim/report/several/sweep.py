"""The page of a sweep: many designs of one scenario, and which of them keep the limits."""

from collections.abc import Iterator, Mapping, Sequence
from math import isnan
from typing import Any

import pandas as pd

from sim.report.charts.maps import Design, Designs, Setting, designs_picture
from sim.report.charts.scatter import COST as A_WEEK
from sim.report.charts.scatter import SERVICE, Point, cost_chart
from sim.report.page.document import Chart, Page, Picture, Section, Table
from sim.report.page.drawing import figure, line
from sim.report.page.verdict import Mark
from sim.report.page.words import (
    SHARE,
    Words,
    axis_unit,
    estimate,
    heading,
    headline_name,
    plain,
    shown_as,
    within_sentence,
)
from sim.report.pages.about import COMPARED, about_sections
from sim.report.several.swept import USES, Asked, Swept, asked_of, base_value, is_alike, swept_of
from sim.results.read import Saved
from sim.study.compare.matters import HEADLINES, Headline, matter_named
from sim.study.estimate.intervals import Estimate
from sim.study.estimate.summary import Summary

MOST_DESIGNS = 200
"""Designs that are listed; all of them are in the table on disk."""
_HEIGHT, _HUNDRED = 300, 100
_SPREAD = 3
"""Costs that differ from which on a chart of them says more than a sentence."""


def sweep_page(saved: Saved, words: Words) -> Page:
    """All that a sweep says.

    Args:
        saved: its folder.
        words: the language.

    Raises:
        ResultsError: the folder is damaged.
    """
    swept, contents = swept_of(saved, words), saved.contents("sweep.json")
    pictures = [_picture(swept, one) for one in swept.shown]
    names = [swept.phrases.name(swept.phrases.path(key)) for key in swept.keys]
    lead = [words.say("sweep.varied", keys=within_sentence(words.listed(names)))]
    if swept.shown and swept.shown[0] is not USES:
        lead.append(words.say("sweep.limits", limits="; ".join(_limits(swept))))
    if len(swept.asked) < len(asked_of(swept.scenario)):
        lead.append(words["sweep.not_all"])
    if contents.get("other_people"):
        lead.append(words["sweep.other_people"])
    return Page(
        title=_title(swept),
        tab=words.say("sweep.title", name=contents["scenario"]),
        facts=tuple(_facts(swept, contents)),
        lead=tuple(lead),
        pictures=tuple(pictures[:1]),
        foot=words.say(
            "compare.foot",
            replications=words.count("unit.replications", int(contents["replications"])),
            seed=contents["seed"],
            version=saved.manifest.get("version", ""),
        ),
        sections=(
            *_sections(swept, pictures[1:]),
            *about_sections(saved, words, COMPARED),
        ),
    )


def _facts(swept: Swept, contents: Mapping[str, Any]) -> Iterator[str]:
    words, scenario = swept.words, swept.scenario
    yield scenario.title if scenario and scenario.title else str(contents["scenario"])
    yield words.count("sweep.designs", len(swept.designs))
    how = str(contents["design"])
    yield words.texts.get(f"sweep.{how.replace(' ', '_')}", how)


def _title(swept: Swept) -> str:
    """How many designs keep the limits, and which of them is the one to look at."""
    words, count = swept.words, len(swept.designs)
    if not swept.shown or swept.best is None:
        return words["sweep.no_spread"]
    asked, best = swept.shown[0], swept.figures[swept.best]
    value = _text(asked, asked.of(best).value, words)
    if asked is USES:
        return heading(words.say("sweep.most_uses", design=swept.names[swept.best], value=value))
    kept = len(swept.kept)
    designs = words.count("sweep.designs", count)
    if 0 < kept < count:
        first = words.count("sweep.title_some", kept).format(designs=designs)
    else:
        first = words.say("sweep.title_all" if kept else "sweep.title_none", designs=designs)
    name, cost = within_sentence(swept.names[swept.best]), swept.costs[swept.best]
    currency = swept.scenario.currency if swept.scenario else ""
    known = {round(one) for one in swept.costs if not isnan(one)}
    if kept and len(known) > 1:
        price = words.money(cost, currency)
        return f"{first}\n{words.say('sweep.cheapest', design=name, cost=price)}"
    return f"{first}\n{words.say('sweep.best', design=name, value=value)}"


def _text(asked: Asked, value: float, words: Words) -> str:
    """A figure in a sentence: `5.3 in 100 leave without a place`."""
    number = words.brief(_HUNDRED * value if asked.is_share else value)
    return words.say(f"sweep.value_{asked.key}", number=number)


def _limits(swept: Swept) -> Iterator[str]:
    words = swept.words
    for one in swept.asked:
        limit = one.limit or 0.0
        number = words.exact(_HUNDRED * limit if one.is_share else limit)
        yield words.say(f"sweep.limit_{one.key}", number=number)


def _picture(swept: Swept, asked: Asked) -> Picture:
    """One figure of all designs."""
    words = swept.words
    designs = _designs(swept, asked)
    fails = sum(one.mark is Mark.NO for one in designs.designs)
    values = [one.known.value for one in designs.designs if not isnan(one.known.value)]
    title = words.say(
        f"sweep.picture_{'some' if fails else 'none' if asked.limit else 'plain'}",
        figure=heading(words[f"sweep.figure_{asked.key}"]),
        low=words.brief(min(values)),
        high=words.brief(max(values)),
        number=words.number(fails, 0),
        designs=words.count("sweep.designs", len(values)),
    )
    return designs_picture(designs, title, words)


def _designs(swept: Swept, asked: Asked) -> Designs:
    times = _HUNDRED if asked.is_share else 1
    levels, has_limit = swept.levels, asked.limit is not None
    designs = tuple(
        Design(mine, asked.of(found).times(times), asked.mark(found) if has_limit else None, name)
        for mine, found, name in zip(levels, swept.figures, swept.names, strict=True)
    )
    settings = tuple(
        _setting(swept, key, [one[number] for one in levels])
        for number, key in enumerate(swept.keys)
    )
    return Designs(
        f"designs-{asked.key}".replace("_", "-"),
        swept.words[f"sweep.figure_{asked.key}"],
        asked.unit,
        None if asked.limit is None else times * asked.limit,
        asked.at_most,
        settings,
        designs,
        None if swept.best is None else levels[swept.best],
    )


def _setting(swept: Swept, key: str, values: Sequence[object]) -> Setting:
    path = swept.phrases.path(key)
    levels = list(dict.fromkeys(values))
    numbers = [one for one in levels if isinstance(one, int | float)]
    if len(numbers) == len(levels):
        levels = [*sorted(numbers)]
    texts = {one: swept.phrases.number(path, one) for one in levels}
    base = base_value(swept.scenario, path)
    known = next((one for one in levels if is_alike(one, base)), None)
    whole = {one: swept.phrases.setting(path, one) for one in levels}
    return Setting(swept.phrases.axis(path), tuple(levels), texts, whole, known)


def _sections(swept: Swept, others: Sequence[Picture]) -> Iterator[Section]:
    words = swept.words
    if others:
        yield Section(
            "others",
            words["sweep.others"],
            charts=tuple(others),
            finding=words.count("sweep.others_finding", len(others)),
        )
    effects = tuple(_effects(swept)) if len(swept.keys) > 1 else ()
    if effects:
        yield Section(
            "effects",
            words["sweep.effects"],
            (words["sweep.effects_intro"],),
            charts=effects,
            finding=words["sweep.effects_finding"],
        )
    points = tuple(_frontiers(swept))
    if points:
        yield Section(
            "cost",
            words["scatter.heading"],
            (words["scatter.intro"],),
            charts=points,
            finding=words["scatter.finding"],
        )
    yield Section(
        "designs",
        words["sweep.table"],
        (words["sweep.table_intro"],),
        tables=(_table(swept),),
        finding=words.count("sweep.designs", len(swept.designs)),
    )


def _effects(swept: Swept) -> Iterator[Chart]:
    """For each figure the mean of the designs at each level of each setting, where it differs."""
    words = swept.words
    for asked in swept.shown:
        values = [asked.of(found).value for found in swept.figures]
        unit = asked.unit
        for number, key in enumerate(swept.keys):
            levels = [one[number] for one in swept.levels]
            name = swept.phrases.name(swept.phrases.path(key))
            chart = Chart(
                f"effect-{asked.key}-{number}".replace("_", "-"),
                f"{heading(headline_name(words, asked.metric, asked.statistic))}: {name}",
                words["sweep.effect_says"],
                narrow=True,
            )
            means = pd.DataFrame({"level": levels, "value": values}).dropna()
            apart = means.groupby("level")["value"].mean()
            if apart.max() - apart.min() >= asked.margin:
                texts = {one: swept.phrases.number(swept.phrases.path(key), one) for one in levels}
                axis = swept.phrases.axis(swept.phrases.path(key))
                yield _effect(means, texts, (axis, unit), chart, words)


def _effect(
    found: pd.DataFrame,
    texts: Mapping[object, str],
    about: tuple[str, str],
    chart: Chart,
    words: Words,
) -> Chart:
    name, unit = about
    means = found.groupby("level", sort=True)["value"].agg(["mean", "min", "max"])
    drawn = figure(_HEIGHT, separators=words["unit.separators"], showlegend=False)
    where = [texts[level] for level in means.index]
    for column in means:
        is_mean = column == "mean"
        drawn.add(
            "scatter",
            x=where,
            y=[shown_as(Estimate(float(one)), unit).value for one in means[column]],
            mode="lines+markers" if is_mean else "lines",
            line=line(0) if is_mean else {**line(4, 1), "dash": "dot"},
            marker={"size": 8},
            hovertemplate="%{x}: %{y:.3~g}<extra></extra>",
        )
    drawn.x_axis(title={"text": name}, type="category")
    drawn.y_axes(title={"text": axis_unit(words, unit)}, rangemode="tozero")
    rows = tuple(
        (level, *(plain(words, float(one), unit) for one in row))
        for level, row in zip(where, means.itertuples(index=False, name=None), strict=True)
    )
    head = (name, words["sweep.mean"], words["sweep.least"], words["sweep.most"])
    return chart.drawn(drawn, Table(chart.title, head, rows))


def _frontiers(swept: Swept) -> Iterator[Chart]:
    costs = [found.of(*A_WEEK).value for found in swept.figures]
    if len({round(one, 6) for one in costs if not isnan(one)}) < _SPREAD:
        return
    for metric, statistic in SERVICE:
        points = [
            Point(name, str(number), cost, found.of(metric, statistic))
            for number, (name, cost, found) in enumerate(
                zip(swept.names, costs, swept.figures, strict=True), start=1
            )
            if not isnan(cost)
        ]
        values = {one.service.value for one in points if one.service.is_known}
        if len(values) > 1:
            unit = _unit(swept.figures, metric, statistic)
            yield cost_chart(points, metric, statistic, unit, swept.words)


def _unit(figures: Sequence[Summary], metric: str, statistic: str) -> str:
    """Of a figure, as the first design says that has it."""
    units = (one.unit_of(metric, statistic) for one in figures)
    return next((unit for unit in units if unit is not None), "")


def _table(swept: Swept) -> Table:
    words, figures = swept.words, swept.figures
    shown = told_apart(figures)
    paths = [swept.phrases.path(key) for key in swept.keys]
    rows = tuple(
        (
            str(number),
            *(swept.phrases.number(path, level) for level, path in zip(levels, paths, strict=True)),
            *(
                _cell(found.of(one.metric, one.statistic), percent=one.percent, words=words)
                for one in shown
            ),
        )
        for (number, _), levels, found in list(
            zip(swept.designs, swept.levels, figures, strict=True)
        )[:MOST_DESIGNS]
    )
    heads = (heading(headline_name(words, one.metric, one.statistic)) for one in shown)
    names = (heading(swept.phrases.axis(path)) for path in paths)
    return Table("", (words["axis.design"], *names, *heads), rows)


_MOST_FIGURES = 6
"""As many as stand beside the settings on a sheet of paper."""


def told_apart(figures: Sequence[Summary]) -> list[Headline]:
    """The figures in which designs differ by as much as matters; all else is in `sweep.csv`."""
    found = []
    for one in HEADLINES:
        known = [each.of(one.metric, one.statistic).value for each in figures]
        known = [value for value in known if not isnan(value)]
        matters = matter_named(one.metric, one.statistic)
        apart = max(known) - min(known) if known else 0.0
        if apart and apart >= matters.margin_of(min(known)) and not one.echo:
            found.append(one)
    narrow = [one for one in found if one.narrow]
    others = [one for one in found if not one.narrow]
    kept = {*narrow[:_MOST_FIGURES], *others[: max(_MOST_FIGURES - len(narrow), 0)]}
    return [one for one in found if one in kept]


def _cell(known: Estimate, *, percent: bool, words: Words) -> str:
    return estimate(words, known, SHARE if percent else "")
