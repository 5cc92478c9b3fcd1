"""Pages of rotas: who works when against who is needed; of plans, of a need and of a check.

Whether rules are kept stands first, then a bar a person with breaks as gaps, then who from when to
when, and a week to hang on the wall.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import isnan
from typing import Any

import numpy as np
import pandas as pd

from sim.measures.cost import STAFF, hours_per_week, posts
from sim.measures.cost import cost_per_week as line_cost
from sim.report.charts.rota import PersonBar, RoleDay, RotaDay, rota_picture
from sim.report.page.document import Cell, Page, Picture, Section, Table
from sim.report.page.verdict import Mark
from sim.report.page.wording import people_of
from sim.report.page.words import Words, heading, headline_name
from sim.report.pages.about import COMPARED, about_sections
from sim.results.read import Saved
from sim.rota.check.check import breaches_with_breaks, check_rota
from sim.rota.check.rules import Rule, least_present, staff_of
from sim.scenario.derived.roster import (
    break_window,
    breaks_taken,
    open_then,
    period_of,
    rostered,
    staff_present,
)
from sim.scenario.model.hours import DAY, HOUR
from sim.scenario.model.scenario import Scenario
from sim.scenario.model.staff import Shift
from sim.study.compare.matters import Finding

Needed = Mapping[str, Sequence[int]]
"""Of each role so many people in each of the 168 hours."""
_DAYS, _HOURS, _YEAR = 7, 168, 365 / 7
_HUNDRED = 100


# --- a day ----------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Rota:
    """A rota with what is needed."""

    name: str
    scenario: Scenario
    needed: Needed
    words: Words

    def roles(self) -> list[str]:
        """Those that are on the rota or needed."""
        on_rota = {line.role for line in staff_of(self.scenario).rota}
        return [
            one
            for one in staff_of(self.scenario).roles
            if one in on_rota or any(self.needed.get(one, ()))
        ]

    @property
    def begins(self) -> int:
        """Minute of the day of the first shift, to the full hour."""
        starts = [line.start % DAY for line in staff_of(self.scenario).rota]
        return min(starts, default=0) // HOUR * HOUR

    def day(self, number: int) -> RotaDay:
        """The 24 hours from the first shift of a day on."""
        found = tuple(self._role(role, number) for role in self.roles())
        return RotaDay(self.begins, (*found, *self._together(number)))

    def _minutes(self, number: int) -> np.ndarray:
        length = period_of(self.scenario).minutes
        return (number * DAY + self.begins + np.arange(DAY)) % length

    def _role(self, role: str, number: int) -> RoleDay:
        minutes = self._minutes(number)
        there = staff_present(self.scenario)[role][minutes]
        needed = self._need(role, minutes)
        name = heading(people_of(role, _MANY, self.words).partition(" ")[2])
        return RoleDay(name, tuple(self._bars(role, number)), tuple(there.tolist()), needed)

    def _need(self, role: str, minutes: np.ndarray) -> tuple[int, ...] | None:
        if role in self.needed:
            hours = np.array(self.needed[role])[(minutes // HOUR) % _HOURS]
            return tuple(int(one) for one in hours)
        for one in () if self.needed else least_present(self.scenario):
            if one.roles == (role,):
                return tuple((open_then(self.scenario)[minutes] * one.number).tolist())
        return None

    def _together(self, number: int) -> Iterator[RoleDay]:
        """What is asked of several roles together, where the rules alone say who is needed."""
        if self.needed:
            return
        minutes, there = self._minutes(number), staff_present(self.scenario)
        for one in least_present(self.scenario):
            if len(one.roles) == 1:
                continue
            present = np.sum([there[role][minutes] for role in one.roles], axis=0)
            needed = open_then(self.scenario)[minutes] * one.number
            names = [self.words.name(role) for role in one.roles]
            everybody = set(one.roles) == set(staff_of(self.scenario).roles)
            name = self.words["rota.together"] if everybody else heading(" + ".join(names))
            yield RoleDay(name, (), tuple(present.tolist()), tuple(needed.tolist()))

    def _bars(self, role: str, number: int) -> Iterator[PersonBar]:
        staff, period = staff_of(self.scenario), period_of(self.scenario)
        begin = number * DAY + self.begins
        turns = (-period.minutes, 0, period.minutes) if period.first is None else (0,)
        found = []
        for one in rostered(self.scenario):
            if staff.rota[one.line].role != role:
                continue
            for turn in turns:
                start, end = one.start + turn - begin, one.end + turn - begin
                if end <= 0 or start >= DAY:
                    continue
                for member in range(one.member, one.member + one.people):
                    rests = [
                        (rest.start + other - begin, rest.end + other - begin)
                        for rest in breaks_taken(self.scenario)
                        for other in turns
                        if (rest.line, rest.member) == (one.line, member)
                    ]
                    pieces = tuple(_without(max(start, 0), min(end, DAY), rests))
                    text = one.name or _shift_text(staff.rota[one.line], self.words)
                    if pieces:
                        found.append((start, one.line, member, PersonBar(text, pieces)))
        return iter(one[-1] for one in sorted(found, key=lambda one: one[:3]))

    def worst_day(self) -> tuple[int, bool]:
        """The day on which too few are there for longest, and whether all days are alike."""
        days = [self.day(number) for number in range(min(_DAYS, self._days))]
        alike = all(
            [(r.bars, r.present, r.needed) for r in day.roles]
            == [(r.bars, r.present, r.needed) for r in days[0].roles]
            for day in days
        )
        short = [sum(role.short_minutes for role in day.roles) for day in days]
        return int(np.argmax(short)), alike

    @property
    def _days(self) -> int:
        return period_of(self.scenario).minutes // DAY

    def picture(self, key: str) -> Picture:
        """The worst day, drawn."""
        number, alike = self.worst_day()
        day, words = self.day(number), self.words
        name = words["rota.every_day"] if alike else self.day_name(number)
        says = words.say("rota.says", day=name)
        return rota_picture(day, key, shortage(day, words), says, words)

    def day_name(self, number: int) -> str:
        """The weekday, or the date of a rota of dates."""
        first = period_of(self.scenario).first
        if first is None:
            return heading(self.words.weekdays()[number % _DAYS])
        return self.words.date(first.fromordinal(first.toordinal() + number))


_MANY = 2


def _without(start: int, end: int, rests: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """A stretch without some others."""
    for begins, ends in sorted(rests):
        if ends <= start or begins >= end:
            continue
        if begins > start:
            yield start, begins
        start = max(start, ends)
    if start < end:
        yield start, end


def _shift_text(shift: Shift, words: Words) -> str:
    name = f"{words.name(shift.name)} " if shift.name else ""
    return f"{name}{_clock(shift.start, words)}–{_clock(shift.end, words)}"


def _clock(minute: float, words: Words) -> str:
    at = int(minute) % DAY
    hour = words.number(at // HOUR, 0)
    return hour if at % HOUR == 0 else words.clock(at)


def shortage(day: RotaDay, words: Words) -> str:
    """What a day of a rota shows: whether all who are needed are there, else who is not."""
    if all(role.needed is None for role in day.roles):
        return words["rota.who_is_there"]
    short = [role for role in day.roles if role.short_minutes]
    if not short:
        return words["rota.all_there"]
    worst = max(short, key=lambda role: role.short_minutes)
    start, end, missing = max(worst.short(), key=lambda one: one[1] - one[0])
    return words.say(
        "rota.title_short",
        role=worst.name,
        number=words.number(missing, 0),
        start=_clock(day.begins + start, words),
        end=_clock(day.begins + end, words),
    )


# --- tables ---------------------------------------------------------------------------------------


def who_table(rota: Rota) -> Table:
    """Who, from when to when, on which days, with which breaks."""
    words, staff = rota.words, staff_of(rota.scenario)
    rows = []
    for line in staff.rota:
        days = ", ".join(words.weekdays()[day] for day in line.days)
        if len(line.days) == _DAYS:
            days = words["rota.daily"]
        if line.dates:
            days = words.count("unit.days", len(line.dates))
        if line.weeks and staff.cycle_weeks > 1:
            numbers = ", ".join(words.number(week, 0) for week in line.weeks)
            days = words.say("rota.in_weeks", days=days, weeks=numbers)
        people = ", ".join(line.people or ()) or people_of(line.role, line.count, words)
        rows.append(
            (
                words.name(line.name) if line.name else heading(words.name(line.role)),
                f"{words.clock(int(line.start) % DAY)}–{words.clock(int(line.end) % DAY or DAY)}",
                people,
                days,
                "; ".join(_break_text(line, number, words) for number in range(len(line.breaks))),
            )
        )
    head = tuple(words[f"rota.{one}"] for one in ("shift", "hours", "who", "days", "breaks"))
    return Table(words["rota.who_table"], head, tuple(rows), is_text=True, cards=True)


def _break_text(line: Shift, number: int, words: Words) -> str:
    rest = line.breaks[number]
    first, last = break_window(line, rest)
    return words.say(
        "rota.break",
        length=words.exact(rest.length),
        start=words.clock(first % DAY),
        end=words.clock(int(last + rest.length) % DAY or DAY),
    )


def wall_section(rota: Rota) -> Section:
    """The first week, to hang on the wall: a row a person or shift, a column a day."""
    words, staff = rota.words, staff_of(rota.scenario)
    named = any(line.people for line in staff.rota)
    cells: dict[tuple[str, str], list[list[str]]] = {}
    for one in rostered(rota.scenario):
        day = one.midnight // DAY
        if not 0 <= day < _DAYS:
            continue
        line = staff.rota[one.line]
        hours = f"{_clock(one.start, words)}–{_clock(one.end, words)}"
        role = heading(people_of(line.role, _MANY, words).partition(" ")[2])
        row = (role, one.name if named and one.name else _shift_text(line, words))
        text = hours if one.name else f"{words.number(one.people, 0)}"
        cells.setdefault(row, [[] for _ in range(_DAYS)])[day].append(text)
    rows = tuple(
        (
            f"{name} ({role})" if named else f"{role}, {name}",
            *(", ".join(day) or "–" for day in week),
        )
        for (role, name), week in cells.items()
    )
    head = (words["rota.person" if named else "rota.shift"], *map(rota.day_name, range(_DAYS)))
    table = Table(words["rota.wall_names" if named else "rota.wall_numbers"], head, rows)
    return Section("wall", words["rota.wall"], tables=(table,), finding=words["rota.wall_print"])


# --- a need ---------------------------------------------------------------------------------------


def _needed(table: pd.DataFrame | None) -> dict[str, list[int]]:
    """People needed by role and hour, of the first column that says it; only whole roles."""
    if table is None:
        return {}
    column = next(one for one in ("needed", "simulated", "formula") if one in table)
    found = {}
    for role, rows in table.groupby("role", sort=False):
        hours = rows.sort_values("hour_of_week")[column]
        if role and len(hours) == _HOURS and hours.notna().all():
            found[str(role)] = [int(one) for one in hours]
    return found


def need_page(saved: Saved, words: Words) -> Page:
    """Who is needed when, against the rota of today.

    Args:
        saved: the folder of `rota need`.
        words: the language.

    Raises:
        ResultsError: the folder is damaged.
    """
    site, table = saved.scenario(), saved.need("need.csv")
    needed = _needed(table)
    rota = Rota(site.name, site, needed, words)
    wanted = sum(sum(hours) for hours in needed.values())
    on_duty = float(table["on_duty"].sum())
    rows = tuple(
        (
            heading(people_of(role, _MANY, words).partition(" ")[2]),
            words.number(sum(hours), 0),
            words.brief(float(table[table["role"] == role]["on_duty"].sum())),
            words.number(max(hours), 0),
        )
        for role, hours in needed.items()
    )
    head = tuple(words[f"rota.{one}"] for one in ("role", "need_hours", "rota_hours", "most_once"))
    weeks = tuple(_week_table(role, hours, words) for role, hours in needed.items())
    return Page(
        title=words.say("rota.need_title", hours=words.number(wanted, 0)),
        tab=site.title or site.name,
        facts=(site.title or site.name,),
        lead=(words.say("rota.need_lead", hours=words.brief(on_duty)), words["rota.need_how"]),
        pictures=(rota.picture("rota"),),
        sections=(
            Section(
                "by-role", words["rota.by_role"], tables=(Table("", head, rows),), is_open=True
            ),
            Section("hours", words["rota.by_hour"], tables=weeks),
            Section("who", words["rota.who_title"], tables=(who_table(rota),)),
            wall_section(rota),
            *about_sections(saved, words, COMPARED),
        ),
    )


def _week_table(role: str, hours: Sequence[int], words: Words) -> Table:
    """A row a day, a column an hour."""
    rows = tuple(
        (name, *(words.number(one, 0) for one in hours[24 * day : 24 * day + 24]))
        for day, name in enumerate(words.weekdays())
    )
    head = ("", *(words.number(hour, 0) for hour in range(24)))
    return Table(heading(people_of(role, _MANY, words).partition(" ")[2]), head, rows)


# --- plans ----------------------------------------------------------------------------------------


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
    needed = _needed(saved.table("need.csv"))
    site = saved.other_scenario(str(contents["base"]["file"]))
    options = [_today(site, table, needed, words)]
    for one in contents["options"]:
        of_plan = plans[plans["plan"] == one["name"]]
        options.append(_option(saved, one, of_plan, table, needed, words))
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
            *(_option_section(number, one, pictures[number]) for number, one in enumerate(options)),
            _differences(table, options, words),
            wall_section(best.rota),
            *about_sections(saved, words, COMPARED),
        ),
    )


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
        cost=float("nan") if free else cost * _YEAR,
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
    return Section(
        f"option-{number}",
        one.rota.name,
        tables=(who_table(one.rota),),
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


# --- a check --------------------------------------------------------------------------------------


def check_page(scenario: Scenario, words: Words) -> Page:
    """Whether a rota keeps its rules.

    Args:
        scenario: whose rota it is.
        words: the language.

    Raises:
        NeedError: it has no staff.
    """
    found = check_rota(scenario)
    rota = Rota(scenario.name, scenario, {}, words)
    number = Counter(one.rule for one in found.breaches)
    hours: dict[Rule, float] = dict.fromkeys(Rule, 0.0)
    for one in found.breaches:
        hours[one.rule] += one.hours
    rows = []
    for rule in sorted(Rule, key=lambda one: -number[one]):
        mark = Mark.NO if number[rule] else Mark.YES
        if rule in found.unchecked:
            mark = Mark.CANNOT_SAY
        text = words.count("rota.times", number[rule]) if number[rule] else ""
        lasts = words.say("rota.short_hours", hours=words.brief(hours[rule])) if hours[rule] else ""
        rows.append((Cell(mark, words[f"mark.{mark}"]), _rule(rule, words), text, lasts))
    broken = len([rule for rule in Rule if number[rule]])
    title = words.count("rota.check_breaks", broken) if broken else words["rota.check_keeps"]
    head = tuple(words[f"rota.{one}"] for one in ("kept", "rule", "broken", "for"))
    staff = staff_of(scenario)
    total = sum(hours_per_week(scenario, line) for line in range(len(staff.rota)))
    cost = sum(line_cost(scenario, line) for line in range(len(staff.rota)))
    lead = words.say(
        "rota.check_lead",
        hours=words.brief(total),
        posts=words.number(sum(posts(scenario, role) for role in staff.roles), 1),
        amount=words.money(cost * _YEAR, scenario.currency),
    )
    unchecked = (words["rota.no_names"],) if found.unchecked else ()
    return Page(
        title=title,
        tab=scenario.title or scenario.name,
        facts=(scenario.title or scenario.name,),
        lead=(lead, *unchecked),
        pictures=(rota.picture("rota"),),
        sections=(
            Section(
                "rules",
                words["rota.rules"],
                tables=(Table("", head, tuple(rows), is_text=True, cards=True),),
                is_open=True,
            ),
            Section("who", words["rota.who_title"], tables=(who_table(rota),)),
            wall_section(rota),
        ),
    )


def _rule(rule: Rule, words: Words) -> str:
    return words[f"rota.rule_{rule.name.lower()}"]
