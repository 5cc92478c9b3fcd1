"""What was compared, below the answer: changes, intervals, hours, costs, targets, all figures."""

from collections.abc import Iterator, Mapping, Sequence
from math import inf
from typing import Any

import pandas as pd

from sim.report.charts.bars import Bar, interval_dots
from sim.report.charts.scatter import COST, SERVICE, Point, cost_chart
from sim.report.charts.week import Map, difference_map
from sim.report.page.document import (
    Cell,
    Chart,
    Picture,
    Section,
    Table,
)
from sim.report.page.words import SHARE, Words, heading, headline_name, plain, signed
from sim.report.pages.run import judgements
from sim.report.several.breaches import breaches_in, rules_section
from sim.report.several.gains import cell
from sim.report.several.options import (
    Key,
    Option,
    shown_rows,
)
from sim.report.several.stress import STRESS, stress_section
from sim.results.read import Saved
from sim.scenario.model.scenario import Scenario
from sim.study.compare.matters import Finding
from sim.study.estimate.intervals import Estimate

_BETTER = {"less": "compare.less", "more": "compare.more_better", "neither": "compare.neither"}
_MAPPED = ("wait_mean", "unserved", "intake_paused")
_SPREAD = 2
"""Options, or designs beside the base, from which on a chart of them says more than a sentence."""


def sections_below(
    table: pd.DataFrame,
    contents: Mapping[str, Any],
    hours: pd.DataFrame | None,
    options: Sequence[Option],
    words: Words,
) -> Iterator[Section]:
    """What options change, each difference, its hours, what it costs, and every figure.

    Args:
        table: of differences.
        contents: what the comparison says.
        hours: the table by hour, where there is one.
        options: as they were read.
        words: the language.
    """
    yield _changes(options, words)
    if len(options) >= _SPREAD:
        yield _dots_section(contents, options, words)
        yield may_be_best(contents, options, words)
    if hours is not None:
        charts = tuple(
            chart for chart in _maps(hours, options, words) if isinstance(chart, Picture)
        )
        if charts:
            intro = (words["compare.hours_intro"],)
            yield Section(
                "hours",
                words["compare.hours"],
                intro,
                charts=charts,
                finding=words["compare.hours_finding"],
            )
    yield _cost(table, contents, options, words)
    yield _all_figures(options, words)


def rankings(
    saved: Saved,
    contents: Mapping[str, Any],
    options: Sequence[Option],
    base: Scenario | None,
    words: Words,
) -> Iterator[Section]:
    """Whether the best stays so in bad times, and which rules of rotas are kept."""
    names = {str(contents["base"]["name"]): words["stress.today"]}
    names |= {one.own: one.name for one in options}
    sections = (
        stress_section(saved.table(STRESS), contents, names, base, words),
        rules_section(breaches_in(saved, contents), names, words),
    )
    yield from (one for one in sections if one is not None)


def _changes(options: Sequence[Option], words: Words) -> Section:
    """What each option changes, all of it."""
    terms = tuple(
        (one.name, "; ".join(one.changes) or words["option.no_change"]) for one in options
    )
    counts = [len(one.changes) for one in options]
    told = words.say(
        "compare.changes_finding",
        least=words.number(min(counts), 0),
        most=words.count("compare.changes", max(counts)),
    )
    if len(options) == 1 or min(counts) == max(counts):
        told = words.count("compare.changes_each", max(counts))
    return Section("changes", words["compare.what_changes"], terms=terms, finding=told)


def _dots_section(contents: Mapping[str, Any], options: Sequence[Option], words: Words) -> Section:
    """The differences with their intervals: of each figure in which options differ."""
    matters = {
        (row["metric"], row["statistic"]): row for row in contents["rows"] if row["by"] == "all"
    }
    moved = [key for key in shown_rows(options)[0] if key in matters]
    charts = tuple(_dots(key, options, matters[key], words) for key in moved)
    most = max(
        ((key, one) for key in moved for option in options if (one := option.of(key)) is not None),
        key=lambda found: found[1].weight,
        default=None,
    )
    told = words["compare.nothing_differs"]
    if most is not None:
        told = words.say("compare.dots_finding", figure=headline_name(words, *most[0]))
    intro = (words["compare.dots_intro"],)
    return Section("differences", words["compare.dots"], intro, charts=charts, finding=told)


def _dots(key: Key, options: Sequence[Option], matters: Mapping[str, Any], words: Words) -> Chart:
    """What each option changes of a figure, and how much of that would matter."""
    found = [(one, figure) for one in options if (figure := one.of(key)) is not None]
    bars = [
        Bar(option.name, figure.known, cell(option, key, words).word)
        for option, figure in found
        if not figure.alike
    ]
    chart = Chart(
        f"dots-{'-'.join(key)}".replace("_", "-"),
        heading(headline_name(words, *key)),
        words[_BETTER[str(matters["better"])]],
        narrow=True,
    )
    return interval_dots(bars, found[0][1].unit, chart, words, float(matters["margin"]))


def may_be_best(contents: Mapping[str, Any], options: Sequence[Option], words: Words) -> Section:
    """Which options may be the best, figure by figure; where any may, a sentence says so."""
    names = {one.own: one.name for one in options}
    base = str(contents["base"]["name"])
    every = contents["may_be_best"]
    apart = [one for one in every if len(one["may_be_best"]) <= len(options)]
    rows = tuple(
        (
            heading(headline_name(words, one["metric"], one["statistic"])),
            ", ".join(
                words["compare.as_it_is"] if each == base else names.get(each, each)
                for each in one["may_be_best"]
            ),
        )
        for one in apart
    )
    if not rows:
        finding = words["compare.best_none" if every else "chart.nothing"]
        return Section("best", words["compare.best"], finding=finding)
    head = (words["axis.figure"], words["compare.best"])
    found = Table("", head, rows, is_text=True)
    clear = sum(len(one["may_be_best"]) == 1 for one in every)
    told = words.say(
        "compare.best_finding", clear=words.number(clear, 0), number=words.number(len(every), 0)
    )
    intro = [words["compare.best_intro"]]
    if left := len(every) - len(apart):
        intro.append(words.count("compare.best_any", left))
    return Section("best", words["compare.best"], tuple(intro), tables=(found,), finding=told)


def _maps(
    hours: pd.DataFrame, options: Sequence[Option], words: Words
) -> Iterator[Chart | Picture]:
    for number, option in enumerate(options):
        for metric in _MAPPED:
            mine = hours[(hours["option"] == option.own) & (hours["metric"] == metric)]
            mine = mine.sort_values("hour_of_week", ignore_index=True)
            if not len(mine):
                continue
            about = Map(
                f"hours-{number}-{metric}".replace("_", "-"),
                f"{option.name}: {words[f'hourly.{metric}']}",
                words["compare.hours_says"],
                str(mine["unit"].iloc[0]),
            )
            yield difference_map(mine, about, words)


def _cost(
    table: pd.DataFrame, contents: Mapping[str, Any], options: Sequence[Option], words: Words
) -> Section:
    base = str(contents["base"]["name"])
    names = {one.own: one.name for one in options} | {base: words["compare.as_it_is"]}
    costs = {one.cost for of in SERVICE for one in _points(table, names, base, *of)}
    title = words["scatter.heading"]
    if len(options) < _SPREAD or len(costs) < _SPREAD or not any(costs):
        none = not any(costs)
        return Section(
            "cost", title, finding=words["scatter.no_cost" if none else "scatter.too_few"]
        )
    charts = []
    for metric, statistic in SERVICE:
        points = list(_points(table, names, base, metric, statistic))
        of = table[(table["metric"] == metric) & (table["statistic"] == statistic)]
        if points and len({round(one.service.value, 6) for one in points}) > 1:
            unit = str(of["unit"].iloc[0])
            charts.append(cost_chart(points, metric, statistic, unit, words))
    intro = (words["scatter.intro"],)
    return Section("cost", title, intro, charts=tuple(charts), finding=words["scatter.finding"])


def _points(
    table: pd.DataFrame, names: Mapping[str, str], base: str, metric: str, statistic: str
) -> Iterator[Point]:
    cost = _by_option(table, *COST)
    service = {
        option: line
        for option, line in _by_option(table, metric, statistic).items()
        if option in cost
    }
    for option, line in list(service.items())[:1]:
        known = Estimate(float(line["base_value"]))
        yield Point(names[base], names[base], float(cost[option]["base_value"]), known)
    for option, line in service.items():
        before, most = float(line["base_value"]), 1.0 if line["unit"] == SHARE else inf
        low, high = (before + float(line[name]) for name in ("ci_low", "ci_high"))
        known = Estimate(float(line["value"]), max(low, 0.0), min(high, most))
        yield Point(names[option], names[option], float(cost[option]["value"]), known)


def _by_option(table: pd.DataFrame, metric: str, statistic: str) -> dict[str, dict[Any, Any]]:
    mine = table[
        (table["metric"] == metric) & (table["statistic"] == statistic) & (table["by"] == "all")
    ]
    return {str(one["option"]): one for one in mine.to_dict(orient="records")}


def _all_figures(options: Sequence[Option], words: Words) -> Section:
    """Every figure of every option with all its digits."""
    tables = tuple(_verdicts(one, words) for one in options)
    intro = [words["compare.verdicts_intro"]]
    if len(options) > 1:
        intro.append(words["compare.together"])
    number = words.number(len(tables[0].rows), 0)
    told = words.say("compare.all_finding", number=number)
    return Section("verdicts", words["compare.verdicts"], tuple(intro), folded=tables, finding=told)


def _verdicts(option: Option, words: Words) -> Table:
    rows = tuple(
        (
            headline_name(words, *one.key),
            plain(words, one.base, one.unit),
            plain(words, one.value, one.unit),
            signed(words, one.known, one.unit),
            words["compare.alike"] if one.alike else _finding(one.finding, words),
        )
        for one in option.figures.values()
    )
    names = ("axis.base", "axis.option", "axis.difference", "page.verdict")
    return Table(option.name, (words["axis.figure"], *(words[name] for name in names)), rows)


def _finding(found: Finding, words: Words) -> str:
    """A verdict of the table in the language."""
    return words[f"finding.{found.value.replace(' ', '-')}"] if found.value else ""


def targets_of_all(
    saved: Saved, options: Sequence[Option], contents: Mapping[str, Any], words: Words
) -> Iterator[Section]:
    """Which targets each option meets."""
    table = saved.table("targets.csv")
    if table is None or "option" not in table:
        return
    names = {str(contents["base"]["name"]): words["compare.as_it_is"]}
    names |= {one.own: one.name for one in options}
    judged = {
        own: list(judgements(mine.reset_index(drop=True), words))
        for own, mine in table.groupby("option", sort=False)
    }
    targets = list(dict.fromkeys(one.target for found in judged.values() for one in found))
    rows = tuple(
        (
            target,
            *(
                next(
                    (
                        Cell(one.mark, one.word, one.known)
                        for one in judged.get(own, ())
                        if one.target == target
                    ),
                    "–",
                )
                for own in names
            ),
        )
        for target in targets
    )
    met = [
        name
        for own, name in names.items()
        if judged.get(own) and all(one.mark in {"yes", "just"} for one in judged[own])
    ]
    told = words.say("compare.targets_met", options=words.listed(met)) if met else ""
    shown = Table("", (words["page.target"], *names.values()), rows, cards=True)
    title = words["page.targets"]
    yield Section(
        "targets-of-all", title, tables=(shown,), finding=told or words["compare.targets_none"]
    )
