"""The page of a comparison: what each option gains and pays, and whether it is real."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from math import inf
from typing import Any

import pandas as pd

from sim.report.charts.bars import Bar, interval_dots
from sim.report.charts.difference import difference_picture, hour_by_hour
from sim.report.charts.scatter import COST, SERVICE, Point, cost_chart
from sim.report.charts.week import Map, difference_map
from sim.report.page.document import (
    Beside,
    Block,
    Cell,
    Chart,
    Page,
    Picture,
    Section,
    Table,
)
from sim.report.page.phrases import Phrases
from sim.report.page.words import SHARE, Words, heading, headline_name, plain, signed
from sim.report.pages.about import COMPARED, about_sections
from sim.report.pages.run import judgements
from sim.report.several.breaches import breaches_in, rules_section
from sim.report.several.choice import choice_sections
from sim.report.several.gains import base_text, card, cell, finding, label, months
from sim.report.several.options import (
    Figure,
    Key,
    Option,
    everybody_met,
    read_options,
    shown_rows,
)
from sim.report.several.stress import STRESS, stress_section
from sim.results.folder import ResultsError
from sim.results.read import Saved
from sim.scenario.errors.problem import ScenarioError
from sim.scenario.load import load_scenario
from sim.scenario.model.scenario import Scenario
from sim.study.compare.matters import Finding
from sim.study.estimate.intervals import Estimate

_BETTER = {"less": "compare.less", "more": "compare.more_better", "neither": "compare.neither"}
_MAPPED = ("wait_mean", "unserved", "intake_paused")
_BY_HOUR: Mapping[str, tuple[Key, ...]] = {
    "intake_paused": (
        ("intake_paused", "minutes_per_week"),
        ("role_missing", "minutes_per_week"),
        ("below_cover", "minutes_per_week"),
    ),
    "unserved": (("unserved", "share"),),
    "wait_mean": (("wait", "p90"), ("wait", "mean")),
}
"""What is known hour by hour, and the figures of which one must surely differ to have it drawn."""
_MOST_ON_A_SHEET = 3
"""Options whose cards, table and picture fit on one sheet; of more the table is on the next."""
_MOST_ROWS = 8
"""And so of a table of more rows."""
_SPREAD = 2
"""Options, or designs beside the base, from which on a chart of them says more than a sentence."""


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
    base = base_scenario(saved, contents)
    options = read_options(table, contents, Phrases(base, words))
    currency = _currency(base, table)
    hours = saved.table("comparison_by_hour.csv")
    picture = _picture(hours, options, words)
    differs = _differs(options, currency, _base_name(base, contents, words), words)
    rows = len(differs.table.rows) if differs.table is not None else 0
    few, free = len(options) <= _MOST_ON_A_SHEET, tuple(unpriced(base, contents, words))
    fits = few and rows <= _MOST_ROWS
    if not few:  # their cards leave no room above
        differs = replace(differs, sentences=(*differs.sentences, *free))
    return Page(
        title=finding(options, currency, words),
        tab=words.say("compare.title", base=_base_name(base, contents, words)),
        facts=tuple(_facts(base, contents, options, words)),
        lead=(_lead(base, contents, options, words), *(free if few else ())),
        cards=tuple(card(one, currency, words) for one in options),
        beside=(differs,),
        pictures=() if picture is None else (picture,),
        picture_last=fits,
        beside_later=not fits,
        foot=_foot(contents, saved, words),
        sections=(
            *_worlds(saved, base, contents, options, words),
            *_rankings(saved, contents, options, base, words),
            *_sections(table, contents, hours, options, words),
            *_targets(saved, options, contents, words),
            *about_sections(saved, words, COMPARED),
        ),
    )


def _worlds(
    saved: Saved,
    base: Scenario | None,
    contents: Mapping[str, Any],
    options: Sequence[Option],
    words: Words,
) -> Iterator[Section]:
    names = {one.own: one.name for one in options}
    names[str(contents["base"]["name"])] = words["compare.as_it_is"]
    return choice_sections(saved, names, Phrases(base, words), words)


def base_scenario(saved: Saved, contents: Mapping[str, Any]) -> Scenario | None:
    """The scenario with which the others are compared; None where it cannot be read any more."""
    path = saved.folder / str(contents["base"].get("file", ""))
    try:
        return load_scenario(path) if path.is_file() else None
    except (ScenarioError, ResultsError):
        return None


def _currency(base: Scenario | None, table: pd.DataFrame) -> str:
    """Of all costs, as the table has it."""
    units = table[table["metric"] == "cost"]["unit"]
    if len(units):
        return str(units.iloc[0]).partition("/")[0]
    return "" if base is None else base.currency


def _base_name(base: Scenario | None, contents: Mapping[str, Any], words: Words) -> str:
    """What the base is called in a sentence: its title up to the first comma."""
    title = (base.title if base is not None else "").split(",")[0].strip()
    return title or words.name(str(contents["base"]["name"]))


def _facts(
    base: Scenario | None, contents: Mapping[str, Any], options: Sequence[Option], words: Words
) -> Iterator[str]:
    yield base.title if base is not None and base.title else str(contents["base"]["name"])
    yield words.count("compare.options", len(options))
    if base is not None:
        horizon = base.horizon
        days = horizon.total_days - 7 * horizon.warmup_weeks
        number = months(int(contents["replications"]), days, words)
        yield words.say("compare.months", number=number)
    if not any(one.other_people for one in options):
        yield words["compare.same_people"]


def _lead(
    base: Scenario | None, contents: Mapping[str, Any], options: Sequence[Option], words: Words
) -> str:
    key = "compare.lead"
    if any(one.other_demand for one in options):
        key = "compare.lead_others"
    elif any(one.other_people for one in options):
        key = "compare.lead_hours"
    return words.say(
        key,
        options=heading(words.count("compare.options", len(options))),
        base=_base_name(base, contents, words),
    )


def unpriced(base: Scenario | None, contents: Mapping[str, Any], words: Words) -> Iterator[str]:
    """That what options add has no price, where it has none: else it would seem to be free."""
    if base is None:
        return
    costs = base.site_costs
    paths = [str(one["path"]).split(".") for each in contents["options"] for one in each["changes"]]
    places = any(path[0] == "rooms" and path[-1] == "places" for path in paths)
    hours = any(path[:2] == ["opening", "hours"] for path in paths)
    for name, is_changed, is_priced in (
        ("places", places, bool(costs.place)),
        ("hours", hours, bool(costs.opening_hour)),
    ):
        if is_changed and not is_priced:
            yield words[f"compare.unpriced_{name}"]


def _foot(contents: Mapping[str, Any], saved: Saved, words: Words) -> str:
    return words.say(
        "compare.foot",
        replications=words.count("unit.replications", int(contents["replications"])),
        seed=contents["seed"],
        version=saved.manifest.get("version", ""),
    )


# --- what differs ---------------------------------------------------------------------------------


def _differs(options: Sequence[Option], currency: str, base: str, words: Words) -> Beside:
    """The table of what differs, and on demand of what does not."""
    moved, still = shown_rows(options)
    sentences = []
    if everybody_met(options):
        sentences.append(words["compare.all_met"])
    if still:
        sentences.append(words.count("compare.still", len(still)))
    if not moved:
        sentences.insert(0, words["compare.nothing_differs"])
    names = tuple(one.name for one in options)
    head = (words.say("compare.difference_from", base=base), words["compare.as_it_is"], *names)
    rows = tuple(_row(key, options, currency, words) for key in moved)
    folded = tuple(_row(key, options, currency, words) for key in still)
    return Beside(
        "differs",
        words["compare.differs"],
        Table("", head, rows) if rows else None,
        tuple(sentences),
        tuple(_block(one, moved, options, currency, words) for one in options) if rows else (),
        (Table(words["compare.show"], head, folded),) if folded else (),
    )


def _row(
    key: Key, options: Sequence[Option], currency: str, words: Words
) -> tuple[str | Cell, ...]:
    found = [one.of(key) for one in options]
    known = next((one for one in found if one is not None), None)
    first = "" if known is None else base_text(known, words)
    return label(key, found, currency, words), first, *(cell(one, key, words) for one in options)


def _block(
    option: Option, keys: Sequence[Key], options: Sequence[Option], currency: str, words: Words
) -> Block:
    """What differs in one option."""
    lines = tuple(
        (cell(option, key, words), label(key, [each.of(key) for each in options], currency, words))
        for key in keys
        if (one := option.of(key)) is not None and not one.is_same
    )
    same = Cell(option.judged.mark, words["option.cell_same"])
    return Block(option.name, lines or ((same, words["compare.in_all"]),))


def _picture(hours: pd.DataFrame | None, options: Sequence[Option], words: Words) -> Picture | None:
    """The hours of the largest difference that is sure; None where there is none."""
    if hours is None:
        return None
    found = [
        (figure.weight, option, metric, figure)
        for option in options
        for metric, keys in _BY_HOUR.items()
        for figure in [_sure(option, keys)]
        if figure is not None and hour_by_hour(hours, metric, option.own) is not None
    ]
    if not found:
        return None
    _, option, metric, figure = max(found, key=lambda one: (not one[1].other_demand, one[0]))
    drawn = hour_by_hour(hours, metric, option.own)
    if drawn is None or not len(drawn.hours):
        return None
    top = drawn.top
    way = "more" if drawn.apart[top] > 0 else "less"
    title = words.say(
        f"difference.{metric}_{way}",
        option=option.name,
        number=words.brief(abs(float(drawn.apart[top]))),
        start=words.hour(top),
        end=words.hour(top + 1),
    )
    look = "enough" if figure.finding is Finding.BETTER else "short"
    names = (words["compare.as_it_is"], option.name)
    return difference_picture(drawn, look, title, names, words)


def _sure(option: Option, keys: Sequence[Key]) -> Figure | None:
    """The first of some figures that is surely better or worse."""
    found = (option.of(key) for key in keys)
    return next(
        (
            one
            for one in found
            if one is not None and one.finding in {Finding.BETTER, Finding.WORSE}
        ),
        None,
    )


# --- below ----------------------------------------------------------------------------------------


def _sections(
    table: pd.DataFrame,
    contents: Mapping[str, Any],
    hours: pd.DataFrame | None,
    options: Sequence[Option],
    words: Words,
) -> Iterator[Section]:
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


def _rankings(
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


def _targets(
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
