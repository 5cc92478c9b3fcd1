"""The page of a city's run: are needs met, is everybody safe, does each house cope, the cost."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from math import isnan

import numpy as np
import pandas as pd

from sim.measures.city.tally import part_of
from sim.report.charts.week import Map, hour_name, hours_of, week_map
from sim.report.city.flows import AT_ONCE, ends_table, flows_picture
from sim.report.page.document import Card, Page, Picture, Section, Table
from sim.report.page.verdict import Mark, held, worst
from sim.report.page.words import Words, estimate, heading, with_range
from sim.report.pages.about import about_sections
from sim.report.pages.on_duty import cost_section, overdose_section, staff_section
from sim.report.pages.questions import FEWEST, LEAVE, MET, WAIT, met_text
from sim.report.pages.run import judgements, simulated
from sim.report.pages.sections import unserved_section, wait_section, week_section
from sim.report.pages.worlds import worlds_lead, worlds_picture, worlds_section
from sim.results.read import Saved
from sim.scenario.city.model import City
from sim.scenario.city.system import System, system_of
from sim.study.estimate.intervals import Estimate
from sim.study.estimate.summary import Summary

_MARGIN, _MET_MARGIN, _WAIT_MARGIN = 0.005, 0.01, 1.0
"""The smallest differences that matter, as `compare` has them: shares and minutes."""
_YEAR = 365.25
_FEW = 0.05
"""People a day, and needs in 100, below which there is nothing to tell."""
_HOURS = 24
_UNITS = ("", "min", "share")
"""Of a facility's figures, those that are no amounts of money."""
_MILLIONS = 100_000.0
"""Amounts from which on they are told in millions."""
_MOST_ON_A_SHEET = 6
"""Facilities whose drawing fits on the first sheet."""
_MOST_COSTS = 4
"""Facilities whose cost a card names; of more the dearest, and what the others cost."""
_NOT_NEEDS = ("cost", "response_first", "response_team", "nobody_free", "overdoses")
"""Metrics of targets that are about other questions than whether needs are met."""


@dataclass(frozen=True, eq=False)
class _Asked:
    """A run of a city as the questions need it."""

    saved: Saved
    city: City
    system: System
    figures: Summary
    by_hour: pd.DataFrame
    words: Words

    def of(self, metric: str, statistic: str, by: str = "all") -> Estimate:
        return self.figures.of(metric, statistic, by)

    @property
    def overdoses(self) -> int:
        """How many overdoses were played."""
        horizon = self.city.horizon
        days = horizon.total_days - 7 * horizon.warmup_weeks
        a_year = self.of("overdoses", "per_year")
        years = int(self.saved.manifest["replications"]) * days / _YEAR
        return round(a_year.value * years) if a_year.is_known else 0

    @property
    def narrow(self) -> tuple[str, Estimate] | None:
        """The facility at which people wait longest."""
        waits = [(name, self.of("wait", "p90", part_of(name, "all"))) for name in self.system.sites]
        known = [(name, wait) for name, wait in waits if wait.is_known]
        return max(known, key=lambda one: one[1].value, default=None)


def city_page(saved: Saved, city: City, words: Words) -> Page:
    """All that a run of a city says.

    Args:
        saved: its folder.
        city: what was simulated.
        words: the language.

    Raises:
        ResultsError: the folder is damaged.
    """
    figures, by_hour = Summary(saved.need("summary.csv")), saved.need("by_hour.csv")
    asked = _Asked(saved, city, system_of(city), figures, by_hour, words)
    targets = saved.table("targets.csv")
    judged = tuple(judgements(targets, words))
    of_needs = [
        one.mark
        for one, metric in zip(judged, () if targets is None else targets["metric"], strict=False)
        if metric not in _NOT_NEEDS
    ]
    cards = (
        _needs_card(asked, of_needs),
        _safety_card(asked),
        _narrow_card(asked),
        _cost_card(asked),
    )
    flows = (flows_picture(figures, asked.system, _flows_title(asked), words),)
    fits = len(asked.system.sites) <= _MOST_ON_A_SHEET
    across = worlds_section(saved, city, words)
    return Page(
        title=_finding(asked, cards[0].mark),
        tab=city.title or city.name,
        facts=tuple(_facts(asked)),
        lead=(_where_the_rest_goes(asked), *worlds_lead(saved, words)),
        cards=cards,
        judgements=judged,
        pictures=(*(flows if fits else ()), *worlds_picture(saved, words)),
        foot=simulated(city, saved, words),
        sections=(
            _needs_section(asked, () if fits else flows),
            _week_section(asked),
            _facilities_section(asked),
            *(_facility_section(asked, name) for name in asked.system.sites),
            *((across,) if across is not None else ()),
            *about_sections(saved, words),
        ),
    )


def _facts(asked: _Asked) -> Iterator[str]:
    words = asked.words
    yield asked.city.title or asked.city.name
    yield words.say("city.facts_facilities", number=words.number(len(asked.system.sites), 0))
    yield words.say("city.needs_a_day", number=words.brief(asked.of("needs", "per_day").value))


def _in_100(share: float, words: Words) -> str:
    return words.say("decide.in_100", number=words.brief(100 * share))


def _finding(asked: _Asked, mark: Mark) -> str:
    met = asked.of("needs_met", "share").value
    return asked.words.say(f"city.title_{mark}", number=_in_100(met, asked.words))


def _where_the_rest_goes(asked: _Asked) -> str:
    """Of the needs that are not met, how many are given up and for how many nothing was open."""
    words = asked.words
    unmet, closed = (
        asked.of(metric, "per_day").value for metric in ("needs_unmet", "needs_closed_everywhere")
    )
    said = ("city.rest_none", "city.rest_unmet", "city.rest_closed", "city.rest")
    key = said[(unmet >= _FEW) + 2 * (closed >= _FEW)]
    return words.say(key, unmet=words.brief(unmet), closed=words.brief(closed))


def _needs_card(asked: _Asked, targets: list[Mark]) -> Card:
    words = asked.words
    met = asked.of("needs_met", "share")
    mark = worst(targets or [held(met, 1 - LEAVE, at_most=False, margin=_MARGIN)])
    shares = {way: asked.of(f"needs_{way}", "share").value for way in ("first_wish", "elsewhere")}
    cause = words.say(
        "city.met_how",
        first=_in_100(shares["first_wish"], words),
        elsewhere=_in_100(shares["elsewhere"], words),
    )
    managed = asked.of("needs_managed", "share").value
    if managed >= _FEW / 100:
        cause += " " + words.say("city.managed_besides", number=_in_100(managed, words))
    return Card(
        words["city.are_needs_met"],
        mark,
        words[f"mark.{mark}"],
        strong=words.say("city.are_met", number=_in_100(met.value, words)),
        known=words.brief_range(met, 100),
        cause=cause,
    )


def _safety_card(asked: _Asked) -> Card:
    words, number = asked.words, asked.overdoses
    title, met = words["decide.safe"], asked.of("response_first", "within_1")
    if not asked.figures.has("overdoses", "per_year"):
        mark, strong, known = Mark.CANNOT_SAY, words["decide.no_overdoses"], ""
    elif number < FEWEST:
        mark, known = Mark.CANNOT_SAY, ""
        strong = words.say("city.too_few", number=words.number(number, 0))
    else:
        mark = held(met, MET, at_most=False, margin=_MET_MARGIN)
        strong, known = met_text(met, number, words)
    causes = []
    if asked.figures.has("overdoses", "per_year"):
        rare = with_range(words, asked.of("overdoses", "per_year"))
        causes.append(words.say("decide.a_year", number=rare))
    alone = [
        name
        for name, supervised in zip(asked.system.sites, asked.system.supervised, strict=True)
        if not supervised
    ]
    if alone:
        names = words.listed([words.facility_within(name) for name in alone])
        causes.append(words.say("city.not_watched", names=names))
    return Card(
        title, mark, words[f"mark.{mark}"], strong=strong, known=known, cause=" ".join(causes)
    )


def _narrow_card(asked: _Asked) -> Card:
    words = asked.words
    if asked.narrow is None:
        mark = Mark.CANNOT_SAY
        return Card(
            words["city.do_they_cope"], mark, words[f"mark.{mark}"], strong=words["city.no_waits"]
        )
    name, wait = asked.narrow
    marks = [
        held(one, WAIT, at_most=True, margin=_WAIT_MARGIN)
        for one in (asked.of("wait", "p90", part_of(site, "all")) for site in asked.system.sites)
        if one.is_known
    ]
    full = asked.of("places", "full", part_of(name, "all")).value
    mark = worst(marks)
    return Card(
        words["city.do_they_cope"],
        mark,
        words[f"mark.{mark}"],
        strong=words["city.at_once_everywhere"]
        if wait.value < AT_ONCE
        else words.say(
            "city.longest", name=words.facility_within(name), minutes=words.brief(wait.value)
        ),
        known=words.brief_range(wait),
        cause=words.say("city.full", name=words.facility_within(name), share=words.share(full)),
    )


def _cost_card(asked: _Asked) -> Card:
    words, currency = asked.words, asked.city.currency
    year, use = asked.of("cost", "per_year"), asked.of("cost", "per_use")
    title = words["decide.cost"]
    if not year.is_known:
        return Card(title, Mark.MONEY, words["decide.no_cost"], cause=words["decide.set_costs"])
    costs = {
        name: one.value
        for name in asked.system.sites
        if (one := asked.of("cost", "per_year", part_of(name, "all"))).value > 0
    }
    dearest = sorted(costs, key=lambda name: -costs[name])
    named = dearest if len(dearest) <= _MOST_COSTS else dearest[: _MOST_COSTS - 1]
    parts = [
        f"{words.facility(name)} {words.money(costs[name], currency)}"
        for name in costs
        if name in named
    ]
    if rest := [costs[name] for name in dearest[len(named) :]]:
        number = words.number(len(rest), 0)
        parts.append(
            words.say("city.others", number=number, amount=words.money(sum(rest), currency))
        )
    strong = words.say("decide.a_use", amount=f"{words.number(use.value, 0)} {currency}")
    return Card(
        title,
        Mark.MONEY,
        words.money(year.value, currency),
        unit=words["decide.per_year"],
        strong=strong if use.is_known else "",
        known=words.brief_range(use) if use.is_known else "",
        cause=f"{', '.join(parts)}." if len(parts) > 1 else "",
    )


def _flows_title(asked: _Asked) -> str:
    """How many do not get what they need at the first door."""
    share = 1 - asked.of("needs_first_wish", "share").value
    return asked.words.say("city.flows_title", number=_in_100(share, asked.words))


# --- sections -----------------------------------------------------------------------------------


def _needs_section(asked: _Asked, flows: tuple[Picture, ...]) -> Section:
    """How needs end, after how long, and by kind; of many facilities who goes where, too."""
    words = asked.words
    kinds = [
        kind
        for kind in asked.system.kinds
        if asked.of("needs", "per_day", f"kind:{kind}").value > 0
    ]
    rows = tuple(
        (
            words["part.all"] if by == "all" else _kind_name(by.removeprefix("kind:"), words),
            estimate(words, asked.of("needs", "per_day", by)),
            estimate(words, asked.of("needs_met", "share", by), "share"),
            estimate(words, asked.of("need_to_place", "mean", by), "min"),
            estimate(words, asked.of("need_to_place", "p90", by), "min"),
            estimate(words, asked.of("attempts", "per_need", by)),
        )
        for by in ("all", *(f"kind:{kind}" for kind in kinds if len(kinds) > 1))
    )
    head = ("needs", "a_day", "met", "mean", "p90", "doors")
    minutes = asked.of("need_to_place", "mean").value
    by_kind = Table(
        words["city.by_kind"], tuple(words[f"city.{one}"] for one in head), rows, cards=True
    )
    reach = tuple(
        (
            words.say("city.within", minutes=statistic.removeprefix("within_")),
            estimate(words, asked.of("facility_open", statistic), "share"),
        )
        for statistic in ("within_5", "within_10", "within_20")
        if asked.figures.has("facility_open", statistic)
    )
    near = Table(words["city.near"], (words["city.walk"], words["city.of_all"]), reach, cards=True)
    return Section(
        "needs",
        words["city.needs"],
        (words["city.needs_intro"],),
        (ends_table(asked.figures, words), by_kind, *((near,) if reach else ())),
        flows,
        finding=words.say("city.needs_finding", minutes=words.brief(minutes)),
        is_open=True,
    )


def _kind_name(kind: str, words: Words) -> str:
    """A kind of need; of people who are booked at a facility, where."""
    facility, booked, of = kind.partition(": ")
    if not booked:
        return words.name(kind)
    return words.say("city.at", name=words.facility(facility), text=words.name(of))


def _week_section(asked: _Asked) -> Section:
    """When needs arise, and when they are not met."""
    words = asked.words
    charts = []
    for metric, unit in (
        ("needs", "needs/hour"),
        ("needs_unmet_share", "share"),
        ("needs_closed_everywhere_share", "share"),
        ("need_to_place_mean", "min"),
    ):
        hours = hours_of(asked.by_hour, metric)
        if len(hours):
            about = Map(
                f"city-{metric}",
                words[f"city.map_{metric}"],
                words[f"city.map_{metric}_says"],
                unit,
            )
            charts.append(week_map(hours, about, words))
    return Section(
        "city-week",
        words["city.week"],
        (words["week.intro"],),
        charts=tuple(charts),
        finding=_when(asked.by_hour, words),
    )


def _when(by_hour: pd.DataFrame, words: Words) -> str:
    """In which hour of the week most needs arise, and at which hour of the day most end unmet."""
    needs, share = (
        hours_of(by_hour, metric)["value"].to_numpy(dtype=float)
        for metric in ("needs", "needs_unmet_share")
    )
    if not len(needs) or not needs.max() > 0:
        return ""
    place = int(needs.argmax())
    told = words.say(
        "city.week_finding", when=hour_name(words, place), number=words.brief(float(needs[place]))
    )
    if len(share) != len(needs):
        return told
    unmet = np.nan_to_num(needs * share).reshape(-1, _HOURS).mean(axis=0)
    hour = int(unmet.argmax())
    if unmet.sum() < _FEW:
        return told
    more = words.say(
        "city.week_unmet",
        start=words.hour(hour),
        end=words.hour(hour + 1),
        number=words.brief(float(unmet[hour])),
        all=words.brief(float(unmet.sum())),
    )
    return f"{told} {more}"


def _facilities_section(asked: _Asked) -> Section:
    """The facilities side by side."""
    words = asked.words
    figures = (
        ("needs_wished", "per_day", "", "wished"),
        ("needs_met_at", "per_day", "", "met_there"),
        ("wait", "p90", "min", "wait_p90"),
        ("unserved", "share", "share", "unserved"),
        ("places", "occupied", "share", "occupied"),
        ("places", "full", "share", "full_time"),
        ("response_first", "within_1", "share", "met_in_1"),
        ("cost", "per_year", asked.city.currency, "cost_year"),
        ("cost", "per_use", asked.city.currency, "cost_use"),
    )
    rows = tuple(
        (
            words[f"city.{key}"],
            *(
                _in_a_cell(asked.of(metric, statistic, part_of(name, "all")), unit, words)
                for name in asked.system.sites
            ),
        )
        for metric, statistic, unit, key in figures
    )
    head = ("", *(words.facility(name) for name in asked.system.sites))
    return Section(
        "facilities",
        words["city.side_by_side"],
        (words["city.side_intro"],),
        tables=(Table(words["city.side_by_side"], head, rows),),
        finding=_who_meets_most(asked),
    )


def _in_a_cell(known: Estimate, unit: str, words: Words) -> str:
    """A figure; a large amount in millions, as on the cards."""
    if unit in _UNITS or not known.is_known or abs(known.value) < _MILLIONS:
        return estimate(words, known, unit)
    if known.low == known.high or isnan(known.low):
        return words.money(known.value, unit)
    number = with_range(words, Estimate(*(one / 1e6 for one in known)))
    return words.say("unit.million", number=number, currency=unit)


def _who_meets_most(asked: _Asked) -> str:
    """Which facility meets most needs, and at which people wait longest."""
    words = asked.words
    met = {
        name: asked.of("needs_met_at", "per_day", part_of(name, "all"))
        for name in asked.system.sites
    }
    most = max(met, key=lambda name: met[name].value)
    told = words.say(
        "city.side_finding", name=words.facility_within(most), number=words.brief(met[most].value)
    )
    if asked.narrow is None or asked.narrow[1].value < AT_ONCE:
        return told
    name, wait = asked.narrow
    return f"{told} " + words.say(
        "city.side_waits", name=words.facility_within(name), minutes=words.brief(wait.value)
    )


def _facility_section(asked: _Asked, name: str) -> Section:
    """One facility, as the page of a site has it."""
    words, site = asked.words, asked.system.sites[name]
    summary = Summary(_only(asked.figures.table, name))
    by_hour = _only(asked.by_hour, name)
    within = asked.saved.table("within.csv")
    within = None if within is None else _only(within, name)
    parts = [
        week_section(by_hour, site, words),
        wait_section(summary, within, site, words),
        unserved_section(summary, "", words),
    ]
    if site.overdose is not None and summary.has("overdoses", "per_year"):
        parts.append(overdose_section(summary, (within, None), 0, words))
    if site.staff is not None:
        parts.append(staff_section(summary, site.staff, by_hour, words))
    if (cost := cost_section(summary, site, words)) is not None:
        parts.append(cost)
    titled = words.facility(name)
    met = summary.of("needs_met_at", "per_day").value
    return Section(
        f"facility-{name}",
        heading(titled),
        tables=tuple(table for part in parts for table in (*part.tables, *part.folded)),
        # Of curves and bars only the tables: with many facilities the page would be too large.
        charts=tuple(
            replace(chart, key=f"{chart.key}-{name}")
            for part in parts
            for chart in part.charts
            if isinstance(chart, Picture)
        ),
        finding=words.say("city.facility_finding", number=words.brief(met)),
    )


def _only(table: pd.DataFrame, name: str) -> pd.DataFrame:
    """The lines of one facility, as if it were alone."""
    by = table["by"].astype(str)
    here = part_of(name, "all")
    mine = table[(by == here) | by.str.startswith(f"{here}/")]
    parts = mine["by"].astype(str).str.removeprefix(here).str.removeprefix("/")
    return mine.assign(by=parts.where(parts != "", "all")).reset_index(drop=True)
