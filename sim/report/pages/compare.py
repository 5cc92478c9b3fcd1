"""The page of a comparison: what alternatives change, and whether it is real."""

from collections.abc import Iterator, Mapping
from math import inf
from typing import Any

import pandas as pd

from sim.report.charts.bars import Bar, interval_dots
from sim.report.charts.scatter import COST, SERVICE, Point, cost_chart
from sim.report.charts.week import Map, difference_map
from sim.report.page.document import Chart, Page, Section, Table
from sim.report.page.words import SHARE, Words, heading, headline_name, known_of, plain, signed
from sim.report.pages.about import COMPARED, about_sections
from sim.results.read import Saved
from sim.study.compare.matters import HEADLINES, Headline
from sim.study.compare.options import written
from sim.study.estimate.intervals import Estimate

_BETTER = {"less": "compare.less", "more": "compare.more_better", "neither": "compare.neither"}
_MOST_CHANGES = 6
_MAPPED = ("wait_mean", "unserved")


def compare_page(saved: Saved, words: Words) -> Page:
    """All that a comparison says.

    Args:
        saved: its folder.
        words: the language.

    Raises:
        ResultsError: the folder is damaged.
    """
    table = saved.need("comparison.csv")
    contents = saved.contents("comparison.json")
    return Page(
        title=words.say("compare.title", base=contents["base"]["name"]),
        lead=tuple(_lead(contents, words)),
        sections=(
            *_sections(saved, table, contents, words),
            *about_sections(saved, words, COMPARED),
        ),
    )


def _lead(contents: Mapping[str, Any], words: Words) -> Iterator[str]:
    others = any(option.get("other_people") for option in contents["options"])
    yield words.say(
        "compare.lead_others" if others else "compare.lead",
        options=words.count("compare.options", len(contents["options"])),
        replications=words.count("unit.replications", int(contents["replications"])),
        seed=contents["seed"],
    )
    for option in contents["options"]:
        changes = [_change(one, words) for one in option["changes"][:_MOST_CHANGES]]
        more = len(option["changes"]) - _MOST_CHANGES
        if more > 0:
            changes.append(words.say("compare.more", number=words.number(more, 0)))
        text = "; ".join(changes) or words["compare.same"]
        yield text if "=" in option["name"] and changes else f"{option['name']}: {text}"
    if len(contents["options"]) > 1:
        yield words["compare.together"]


def _change(one: Mapping[str, Any], words: Words) -> str:
    texts = written(one["old"], one["new"])
    old, new = (words["compare.not_set"] if text is None else text for text in texts)
    return f"{one['path']}: {old} → {new}"


def _sections(
    saved: Saved, table: pd.DataFrame, contents: Mapping[str, Any], words: Words
) -> Iterator[Section]:
    found = [(headline, _lines_of(table, headline)) for headline in HEADLINES]
    alike = _alike(contents)
    unmoved = [(headline, _lines_among(lines, alike)) for headline, lines in found]
    shown = [
        (headline, moved)
        for (headline, lines), (_, still) in zip(found, unmoved, strict=True)
        if len(moved := lines.drop(still.index))
    ]
    options = list(dict.fromkeys(table["option"]))
    verdicts = [_verdicts(option, shown, words) for option in options]
    still = [_unmoved(option, unmoved, words) for option in options]
    yield Section(
        "verdicts",
        words["compare.verdicts"],
        (words["compare.verdicts_intro"],),
        tables=tuple(one for one in verdicts if one.rows),
        folded=tuple(one for one in still if one.rows),
    )
    matters = {
        (row["metric"], row["statistic"]): row for row in contents["rows"] if row["by"] == "all"
    }
    dots = tuple(
        _dots(headline, lines, matters[headline.metric, headline.statistic], words)
        for headline, lines in shown
        if (headline.metric, headline.statistic) in matters
    )
    yield Section("differences", words["compare.dots"], (words["compare.dots_intro"],), charts=dots)
    yield _best(contents, words)
    hours = saved.table("comparison_by_hour.csv")
    if hours is not None:
        charts = tuple(_maps(hours, words))
        yield Section(
            "hours", words["compare.hours"], (words["compare.hours_intro"],), charts=charts
        )
    yield _cost(table, contents, words)


def _dots(
    headline: Headline, lines: pd.DataFrame, matters: Mapping[str, Any], words: Words
) -> Chart:
    """What each option changes of a figure, and how much of that would matter."""
    bars = [
        Bar(str(one["option"]), known_of(one, "difference"), _finding(str(one["verdict"]), words))
        for one in lines.to_dict(orient="records")
    ]
    chart = Chart(
        f"dots-{headline.metric}-{headline.statistic}".replace("_", "-"),
        heading(headline_name(words, headline.metric, headline.statistic)),
        words[_BETTER[str(matters["better"])]],
        narrow=True,
    )
    unit = str(lines["unit"].iloc[0])
    return interval_dots(bars, unit, chart, words, float(matters["margin"]))


def _lines_of(table: pd.DataFrame, headline: Headline) -> pd.DataFrame:
    """The lines of a headline figure, option by option."""
    return table[
        (table["metric"] == headline.metric)
        & (table["statistic"] == headline.statistic)
        & (table["by"] == "all")
    ]


def _alike(contents: Mapping[str, Any]) -> set[tuple[str, ...]]:
    """Metric, statistic, part and option where no draw moves the figure.

    It is as in the base in every replication; its interval is what could have stayed unseen.
    """
    return {
        (row["metric"], row["statistic"], row["by"], option)
        for row in contents["rows"]
        for option, one in row.get("options", {}).items()
        if one.get("alike")
    }


def _lines_among(lines: pd.DataFrame, chosen: set[tuple[str, ...]]) -> pd.DataFrame:
    names = lines[["metric", "statistic", "by", "option"]].itertuples(index=False, name=None)
    return lines[pd.Series([name in chosen for name in names], index=lines.index, dtype=bool)]


def _unmoved(option: str, unmoved: list[tuple[Headline, pd.DataFrame]], words: Words) -> Table:
    """The headline figures of an option that are as in the base in every replication."""
    rows = tuple(
        (
            headline_name(words, headline.metric, headline.statistic),
            plain(words, float(one["base_value"]), str(one["unit"])),
        )
        for headline, lines in unmoved
        for one in lines[lines["option"] == option].to_dict(orient="records")
    )
    caption = words.say("compare.alike", option=option, number=words.number(len(rows), 0))
    return Table(caption, (words["axis.figure"], words["axis.value"]), rows)


def _finding(verdict: str, words: Words) -> str:
    """A verdict of the table, such as `cannot tell yet (about 20 more …)`, in the language."""
    name = verdict.partition(" (")[0].replace(" ", "-")
    return words[f"finding.{name}"] if name else ""


def _verdicts(option: str, shown: list[tuple[Headline, pd.DataFrame]], words: Words) -> Table:
    rows = []
    for headline, lines in shown:
        mine = lines[lines["option"] == option].to_dict(orient="records")
        if not mine:  # neither the base nor this option has such a figure
            continue
        one = mine[0]
        unit = str(one["unit"])
        rows.append(
            (
                headline_name(words, headline.metric, headline.statistic),
                plain(words, float(one["base_value"]), unit),
                plain(words, float(one["value"]), unit),
                signed(words, known_of(one, "difference"), unit),
                _finding(str(one["verdict"]), words),
            )
        )
    names = ("axis.base", "axis.option", "axis.difference", "page.verdict")
    return Table(option, (words["axis.figure"], *(words[name] for name in names)), tuple(rows))


def _best(contents: Mapping[str, Any], words: Words) -> Section:
    rows = tuple(
        (
            headline_name(words, one["metric"], one["statistic"]),
            ", ".join(one["may_be_best"]),
        )
        for one in contents["may_be_best"]
    )
    if not rows:
        return Section("best", words["compare.best"], (words["chart.nothing"],))
    head = (words["axis.figure"], words["compare.best"])
    table = Table(words["compare.best_table"], head, rows, is_text=True)
    return Section("best", words["compare.best"], (words["compare.best_intro"],), tables=(table,))


def _maps(hours: pd.DataFrame, words: Words) -> Iterator[Chart]:
    for number, option in enumerate(dict.fromkeys(hours["option"])):
        for metric in _MAPPED:
            mine = hours[(hours["option"] == option) & (hours["metric"] == metric)]
            mine = mine.sort_values("hour_of_week", ignore_index=True)
            if not len(mine):
                continue
            about = Map(
                f"hours-{number}-{metric}".replace("_", "-"),
                f"{option}: {words[f'hourly.{metric}']}",
                words["compare.hours_says"],
                str(mine["unit"].iloc[0]),
            )
            yield difference_map(mine, about, words)


def _cost(table: pd.DataFrame, contents: Mapping[str, Any], words: Words) -> Section:
    base = str(contents["base"]["name"])
    charts = []
    for metric, statistic in SERVICE:
        points = list(_points(table, base, metric, statistic))
        of = table[(table["metric"] == metric) & (table["statistic"] == statistic)]
        if not points:
            continue
        charts.append(cost_chart(points, metric, statistic, str(of["unit"].iloc[0]), words))
    intro = words["scatter.intro"] if charts else words["scatter.no_cost"]
    return Section("cost", words["scatter.heading"], (intro,), charts=tuple(charts))


def _points(table: pd.DataFrame, base: str, metric: str, statistic: str) -> Iterator[Point]:
    cost = _by_option(table, *COST)
    service = {
        option: line
        for option, line in _by_option(table, metric, statistic).items()
        if option in cost
    }
    for option, line in list(service.items())[:1]:
        known = Estimate(float(line["base_value"]))
        yield Point(base, base, float(cost[option]["base_value"]), known)
    for option, line in service.items():
        before, most = float(line["base_value"]), 1.0 if line["unit"] == SHARE else inf
        low, high = (before + float(line[name]) for name in ("ci_low", "ci_high"))
        known = Estimate(float(line["value"]), max(low, 0.0), min(high, most))
        yield Point(option, option, float(cost[option]["value"]), known)


def _by_option(table: pd.DataFrame, metric: str, statistic: str) -> dict[str, dict[Any, Any]]:
    mine = table[
        (table["metric"] == metric) & (table["statistic"] == statistic) & (table["by"] == "all")
    ]
    return {str(one["option"]): one for one in mine.to_dict(orient="records")}
