"""The page of plans: each beside the rota of today, rules first, then what it costs."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import isnan
from typing import Any

import pandas as pd

from sim.measures.figures.cost import STAFF, posts
from sim.report.page.document import Cell, Page, Picture, Section, Table
from sim.report.page.verdict import Mark
from sim.report.page.words import Words, heading, headline_name
from sim.report.pages.about import COMPARED, about_sections
from sim.report.rota.drawn import Needed, Rota, needed_of
from sim.report.rota.wall import wall_section, who_table
from sim.report.several.breaches import where_table
from sim.report.several.stress import STRESS, stress_section
from sim.results.read import Saved
from sim.rota.check.check import breaches_with_breaks, check_rota
from sim.rota.check.rules import Breach, staff_of
from sim.scenario.model.scenario import Scenario
from sim.study.compare.matters import Finding

YEAR = 365 / 7
"""Weeks of a year."""
_HUNDRED = 100


@dataclass(frozen=True, eq=False)
class Option:
    """The rota of today or a plan, with what was simulated of it."""

    rota: Rota
    is_today: bool
    breaches: int
    hours: float
    cost: float
    """Of staff a year; NaN where they cost nothing."""
    posts: float
    leave: float
    broken: tuple[Breach, ...] = ()
    """What it breaks as it is written, where and when."""


def plan_page(saved: Saved, words: Words) -> Page:
    """The plans beside the rota of today: rules first, then cost, then each plan as a picture.

    Args:
        saved: the folder of `rota plan`.
        words: the language.

    Raises:
        ResultsError: the folder is damaged.
    """
    contents = saved.contents("comparison.json")
    table, plans = saved.need("comparison.csv"), saved.need("plans.csv")
    needed = needed_of(saved.table("need.csv"))
    site = saved.other_scenario(str(contents["base"]["file"]))
    options = [_today(site, table, needed, words)]
    for one in contents["options"]:
        of_plan = plans[plans["plan"] == one["name"]]
        options.append(_option(saved, one, of_plan, table, needed, words))
    options = [replace(one, broken=check_rota(one.rota.scenario).breaches) for one in options]
    currency = site.currency
    best = options[1]
    pictures = [one.rota.picture(f"rota-{number}") for number, one in enumerate(options)]
    return Page(
        title=plan_title(options[0], best, currency, words),
        tab=site.title or site.name,
        facts=(site.title or site.name, words.count("rota.plans", len(options) - 1)),
        lead=(_plan_lead(options[0], best, words),),
        beside=(),
        pictures=(pictures[1],),
        sections=(
            Section(
                "rotas",
                words["rota.compared"],
                tables=(_options_table(options, currency, words),),
                finding=words["rota.compared_finding"],
                is_open=True,
            ),
            *_stress(saved, contents, options, words),
            *(_option_section(number, one, pictures[number]) for number, one in enumerate(options)),
            _differences(table, options, words),
            wall_section(best.rota),
            *about_sections(saved, words, COMPARED),
        ),
    )


def _stress(
    saved: Saved, contents: Mapping[str, Any], options: Sequence[Option], words: Words
) -> Iterator[Section]:
    """Whether the best rota stays so in bad times, where these were played."""
    own = (contents["base"]["name"], *(one["name"] for one in contents["options"]))
    names = {str(name): one.rota.name for name, one in zip(own, options, strict=True)}
    found = stress_section(saved.table(STRESS), contents, names, options[0].rota.scenario, words)
    if found is not None:
        yield found


def _today(site: Scenario, table: pd.DataFrame, needed: Needed, words: Words) -> Option:
    def base(metric: str, statistic: str, by: str = "all") -> float:
        rows = table[
            (table["metric"] == metric) & (table["statistic"] == statistic) & (table["by"] == by)
        ]
        return float(rows["base_value"].iloc[0]) if len(rows) else float("nan")

    rota = Rota(words["rota.today"], site, needed, words)
    return _made(rota, base, len(breaches_with_breaks(site)), is_today=True)


def _option(
    saved: Saved,
    one: Mapping[str, Any],
    plan: pd.DataFrame,
    table: pd.DataFrame,
    needed: Needed,
    words: Words,
) -> Option:
    mine = table[table["option"] == one["name"]]

    def value(metric: str, statistic: str, by: str = "all") -> float:
        rows = mine[
            (mine["metric"] == metric) & (mine["statistic"] == statistic) & (mine["by"] == by)
        ]
        return float(rows["value"].iloc[0]) if len(rows) else float("nan")

    name = words.texts.get(f"rota.plan_{one['name']}", str(one["name"]))
    rota = Rota(name, saved.other_scenario(str(one["file"])), needed, words)
    return _made(rota, value, int(plan["breaches"].iloc[0]), is_today=False)


def _made(rota: Rota, of: Callable[..., float], breaches: int, *, is_today: bool) -> Option:
    staff = staff_of(rota.scenario)
    of_staff = of("cost", "per_week", STAFF)
    cost = of("cost", "per_week") if isnan(of_staff) else of_staff
    free = all(role.cost_per_hour == 0 for role in staff.roles.values())
    return Option(
        rota,
        is_today=is_today,
        breaches=breaches,
        hours=of("rostered", "hours_per_week"),
        cost=float("nan") if free else cost * YEAR,
        posts=sum(posts(rota.scenario, role) for role in staff.roles),
        leave=of("unserved", "share"),
    )


def plan_title(today: Option, best: Option, currency: str, words: Words) -> str:
    """Whether the cheapest plan keeps the rules, and what it costs beside today."""
    kept = words["rota.plan_keeps"]
    if best.breaches:
        kept = words.count("rota.plan_breaks", best.breaches)
    if isnan(best.cost) or isnan(today.cost):
        return kept
    more = best.cost - today.cost
    if abs(more) < 1:
        return f"{kept} {words['rota.costs_same']}"
    amount = words.money(abs(more), currency)
    return (
        f"{kept} {words.say('rota.costs_more' if more > 0 else 'rota.costs_less', amount=amount)}"
    )


def _plan_lead(today: Option, best: Option, words: Words) -> str:
    broken = words["rota.today_keeps"]
    if today.breaches:
        broken = words.count("rota.today_breaks", today.breaches)
    leave = words.say(
        "rota.leave_instead",
        new=words.brief(_HUNDRED * best.leave),
        old=words.brief(_HUNDRED * today.leave),
    )
    return f"{broken} {leave}"


def _options_table(options: Sequence[Option], currency: str, words: Words) -> Table:
    rows = []
    for one in options:
        mark = Mark.NO if one.breaches else Mark.YES
        text = words.count("rota.breaches", one.breaches) if one.breaches else ""
        rows.append(
            (
                one.rota.name,
                Cell(mark, words[f"mark.{mark}"], text),
                words.number(one.hours, 0),
                words.number(one.posts, 1),
                "–" if isnan(one.cost) else words.money(one.cost, currency),
                words.brief(_HUNDRED * one.leave),
            )
        )
    names = ("rota", "keeps", "hours_week", "posts", "cost_year", "leave")
    head = tuple(words[f"rota.{one}"] for one in names)
    return Table("", head, tuple(rows), cards=True)


def _option_section(number: int, one: Option, picture: Picture) -> Section:
    """A rota: who from when to when, and its picture, which the best has above."""
    charts = () if number == 1 else (picture,)
    where = where_table(one.broken, one.rota.words)
    return Section(
        f"option-{number}",
        one.rota.name,
        tables=(*(() if where is None else (where,)), who_table(one.rota)),
        charts=charts,
        finding=picture.title,
    )


def _differences(table: pd.DataFrame, options: Sequence[Option], words: Words) -> Section:
    """What is surely better or worse than today in each plan, in words."""
    rows = []
    names = list(dict.fromkeys(table["option"]))
    for name, option in zip(names, options[1:], strict=True):
        found: dict[str, list[str]] = {Finding.BETTER.value: [], Finding.WORSE.value: []}
        for row in table[table["option"] == name].to_dict(orient="records"):
            known = f"headline.{row['metric']}.{row['statistic']}" in words.texts
            finding = str(row["verdict"]).partition(" (")[0]
            if finding in found and known and row["by"] == "all":
                found[finding].append(
                    headline_name(words, str(row["metric"]), str(row["statistic"]))
                )
        cells = ["; ".join(dict.fromkeys(one)) or "–" for one in found.values()]
        rows.append((option.rota.name, *cells))
    head = (words["rota.rota"], *(heading(words[f"finding.{one}"]) for one in ("better", "worse")))
    table_of = Table("", head, tuple(rows), is_text=True, cards=True)
    return Section("differences", words["rota.differences"], tables=(table_of,))
