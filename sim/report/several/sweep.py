"""The page of a sweep: many designs of one scenario, and which of them keep the limits."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import isnan
from typing import Any

import pandas as pd

from sim.report.charts.maps import Design, Designs, Setting, designs_picture
from sim.report.charts.scatter import COST as A_WEEK
from sim.report.charts.scatter import SERVICE, Point, cost_chart
from sim.report.page.document import Chart, Page, Picture, Section, Table
from sim.report.page.drawing import figure, line
from sim.report.page.phrases import Phrases
from sim.report.page.verdict import Mark, held
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
from sim.report.pages.questions import LEAVE, MET, WAIT
from sim.report.several.gains import not_torn
from sim.results.folder import ResultsError
from sim.results.read import Saved
from sim.scenario.model.scenario import Scenario
from sim.scenario.model.targets import parse_target
from sim.study.compare.matters import HEADLINES, matter_named
from sim.study.estimate.intervals import Estimate
from sim.study.estimate.summary import Summary
from sim.study.estimate.targets import limit_in

MOST_DESIGNS = 200
"""Designs that are listed; all of them are in the table on disk."""
_HEIGHT, _HUNDRED = 300, 100
_SPREAD = 3
"""Costs that differ from which on a chart of them says more than a sentence."""
_COLUMNS = ("metric", "statistic", "by", "value", "ci_low", "ci_high", "unit", "replications")
_USUAL = {("wait", "p90"): WAIT, ("unserved", "share"): LEAVE, ("response_first", "within_1"): MET}
"""Limits of what a design is held against, where the scenario has no target for it."""


# --- what was found -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Asked:
    """A figure that designs are held against, and its limit."""

    metric: str
    statistic: str
    limit: float | None
    """None of a figure that is only told of."""
    at_most: bool

    @property
    def key(self) -> str:
        """Such as `unserved_share`."""
        return f"{self.metric}_{self.statistic}"

    @property
    def margin(self) -> float:
        """The smallest difference that matters."""
        matters = matter_named(self.metric, self.statistic)
        return matters.margin_of(self.limit or 0.0)

    @property
    def is_share(self) -> bool:
        """Whether it is written in 100."""
        return self.metric not in {"wait", "uses"}

    @property
    def unit(self) -> str:
        """As in the tables."""
        return SHARE if self.is_share else "min" if self.metric == "wait" else ""

    def of(self, figures: Summary) -> Estimate:
        """The figure of a design."""
        return figures.of(self.metric, self.statistic)

    def mark(self, figures: Summary) -> Mark:
        """Whether a design keeps the limit."""
        if self.limit is None:
            return Mark.CANNOT_SAY
        return held(self.of(figures), self.limit, at_most=self.at_most, margin=self.margin)

    def keeps(self, figures: Summary) -> bool:
        """Whether it keeps it, surely or just, by its value."""
        value, limit = self.of(figures).value, self.limit
        right = limit is not None and (value <= limit if self.at_most else value >= limit)
        return right and self.mark(figures) in {Mark.YES, Mark.JUST}


_USES = Asked("uses", "per_day", None, at_most=False)
"""What is told where the designs differ in nothing that has a limit."""


@dataclass(frozen=True, eq=False)
class Swept:
    """The designs of a sweep."""

    keys: tuple[str, ...]
    designs: tuple[tuple[object, pd.DataFrame], ...]
    scenario: Scenario | None
    phrases: Phrases
    words: Words

    @cached_property
    def figures(self) -> list[Summary]:
        """Of each design."""
        return [Summary(mine) for _, mine in self.designs]

    @cached_property
    def names(self) -> list[str]:
        """Each design in words."""
        return [
            self.words.listed(
                [
                    self.phrases.setting(self.phrases.path(key), level)
                    for key, level in zip(self.keys, levels, strict=True)
                ]
            )
            for levels in self.levels
        ]

    @cached_property
    def levels(self) -> list[tuple[object, ...]]:
        """Of each design the values that were varied."""
        return [tuple(_plain(mine[key].iloc[0]) for key in self.keys) for _, mine in self.designs]

    @cached_property
    def asked(self) -> list[Asked]:
        """What the designs are held against, as far as anything can be said of it."""
        wanted = asked_of(self.scenario)
        return [
            one
            for one in wanted
            if any(one.mark(found) is not Mark.CANNOT_SAY for found in self.figures)
        ]

    @cached_property
    def kept(self) -> list[int]:
        """The designs that keep all limits."""
        return [
            number
            for number, found in enumerate(self.figures)
            if all(one.keeps(found) for one in self.asked)
        ]

    def spread(self, one: Asked) -> float:
        """How far the designs are apart in a figure, in differences that matter."""
        values = [one.of(found).value for found in self.figures]
        known = [value for value in values if not isnan(value)]
        return (max(known) - min(known)) / one.margin if known else 0.0

    @cached_property
    def shown(self) -> list[Asked]:
        """The figures in which designs differ by as much as matters, the most telling first."""
        apart = [one for one in self.asked if self.spread(one) >= 1]
        if not apart and self.spread(_USES) >= 1:
            return [_USES]
        fails = {one: sum(one.mark(found) is Mark.NO for found in self.figures) for one in apart}
        return sorted(apart, key=lambda one: (-fails[one], -self.spread(one)))

    @cached_property
    def costs(self) -> list[float]:
        """Of each design a year."""
        return [found.of("cost", "per_year").value for found in self.figures]

    @cached_property
    def best(self) -> int | None:
        """The cheapest of the designs that keep all limits.

        Without costs, or where none does, the one with the best figure.
        """
        if not self.shown:
            return None
        first = self.shown[0]
        kept = [] if first is _USES else self.kept
        among = kept or list(range(len(self.figures)))
        sign = 1 if first.at_most else -1

        def rank(number: int) -> tuple[float, float]:
            value = first.of(self.figures[number]).value
            service = sign * value if not isnan(value) else float("inf")
            cost = self.costs[number]
            return (0.0 if isnan(cost) or not kept else round(cost), service)

        return min(among, key=rank)


def _plain(value: object) -> object:
    """A value of a table as Python's own."""
    item = getattr(value, "item", None)
    return item() if callable(item) else value


def asked_of(scenario: Scenario | None) -> list[Asked]:
    """Waits, who leaves and how soon overdoses are met, each with the scenario's own limit.

    Args:
        scenario: with its targets; figures for which it has none have the usual limits.
    """
    limits = {key: (limit, key[0] != "response_first") for key, limit in _USUAL.items()}
    for text in () if scenario is None else scenario.targets:
        target = parse_target(text)
        if target.hour is None and target.by == "all" and target.figure in limits:
            unit = "min" if target.metric == "wait" else SHARE
            limit = limit_in(target.limit, unit)
            if limit is not None:
                limits[target.figure] = (limit, target.operator.is_upper)
    return [Asked(*key, limit, at_most) for key, (limit, at_most) in limits.items()]


def swept_of(saved: Saved, words: Words) -> Swept:
    """The designs of a sweep.

    Args:
        saved: its folder.
        words: the language.

    Raises:
        ResultsError: the folder is damaged.
    """
    table = saved.need("sweep.csv")
    scenario = scenario_of(saved)
    keys = tuple(str(name) for name in table.columns if name not in {*_COLUMNS, "design"})
    designs = tuple(table.groupby("design", sort=True))
    return Swept(keys, designs, scenario, Phrases(scenario, words), words)


def scenario_of(saved: Saved) -> Scenario | None:
    """The scenario that was varied; None where it cannot be read any more."""
    try:
        return saved.scenario()
    except ResultsError:
        return None


# --- the page of a sweep --------------------------------------------------------------------------


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
    lead = [words.say("sweep.varied", keys=words.listed(names))]
    if swept.shown and swept.shown[0] is not _USES:
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
    """The finding, no number torn from what it counts."""
    return not_torn(_finding(swept))


def _finding(swept: Swept) -> str:
    """How many designs keep the limits, and which of them is the one to look at."""
    words, count = swept.words, len(swept.designs)
    if not swept.shown or swept.best is None:
        return words["sweep.no_spread"]
    asked, best = swept.shown[0], swept.figures[swept.best]
    value = _text(asked, asked.of(best).value, words)
    if asked is _USES:
        return heading(words.say("sweep.most_uses", design=swept.names[swept.best], value=value))
    kept = len(swept.kept)
    designs = words.count("sweep.designs", count)
    if 0 < kept < count:
        first = words.count("sweep.title_some", kept).format(designs=designs)
    else:
        first = words.say("sweep.title_all" if kept else "sweep.title_none", designs=designs)
    name, cost = swept.names[swept.best], swept.costs[swept.best]
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


def base_value(scenario: Scenario | None, path: Sequence[str]) -> object:
    """What a scenario has at a path; None if nothing."""
    found: Any = None if scenario is None else scenario.model_dump(mode="json", by_alias=True)
    for step in path:
        if isinstance(found, dict):
            found = found.get(step)
        elif isinstance(found, list) and step.isdigit() and int(step) < len(found):
            found = found[int(step)]
        else:
            return None
    if isinstance(found, dict):
        found = next((found[one] for one in ("mean", "median", "value") if one in found), None)
    return found


def is_alike(level: object, base: object) -> bool:
    """Whether a level is what a scenario has, however it was written."""
    if isinstance(level, int | float) and isinstance(base, int | float):
        return abs(level - base) < 1e-9 * max(1.0, abs(base))
    return str(level) == str(base)


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
    shown = [
        one
        for one in HEADLINES
        if any(each.of(one.metric, one.statistic).is_known for each in figures)
    ]
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


def _cell(known: Estimate, *, percent: bool, words: Words) -> str:
    return estimate(words, known, SHARE if percent else "")
