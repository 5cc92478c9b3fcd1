"""Sections of a run's page about those on duty: overdoses, staff and what all of it costs."""

from collections.abc import Sequence

import pandas as pd

from sim.log import Duty
from sim.measures.figures.cost import PARTS, STAFF
from sim.measures.figures.staff import shift_labels
from sim.report.charts.bars import Bar, Stack, interval_bars, stacked_bars
from sim.report.charts.curves import Curve, Span, within_curves
from sim.report.charts.staffing import staffing_picture
from sim.report.page.document import Chart, Picture, Section, Table
from sim.report.page.words import DASH, SHARE, Words, estimate, known_of, plain, with_range
from sim.report.pages.questions import FEWEST, met_text
from sim.scenario.model.dates import date_runs
from sim.scenario.model.hours import DAY
from sim.scenario.model.scenario import Scenario
from sim.scenario.model.staff import Shift, Staff
from sim.study.estimate.summary import Summary

_MOST_DATES = 2
"""Stretches of dates that are named; the others are counted."""


def overdose_section(
    figures: Summary,
    tables: tuple[pd.DataFrame | None, pd.DataFrame | None],
    number: int,
    words: Words,
) -> Section:
    """How many overdoses, how soon they are met, and how many at once.

    Args:
        figures: the summary.
        tables: shares within minutes, and shares with others at once.
        number: of overdoses played; of few nothing is drawn.
        words: the language.
    """
    within, at_once = tables
    charts = []
    met = [figures.of(f"response_{who}", "within_1") for who in ("first", "team")]
    chart = Chart("response-curve", words["overdose.curve"], words["overdose.curve_says"])
    if number < FEWEST:
        charts.append(chart.saying(words.count("overdose.few", number)))
    elif all(one.value == 1 for one in met):
        charts.append(chart.saying(words["overdose.all_within"]))
    elif within is not None:
        curves = (
            Curve("response_first", "all", words["overdose.first"]),
            Curve("response_team", "all", words["overdose.team"]),
        )
        charts.append(within_curves(within, curves, chart, words, Span(3, "hv")))
    if number >= FEWEST:
        charts.append(_at_once(at_once, number, words))
    a_year = with_range(words, figures.of("overdoses", "per_year"))
    finding = words.say("decide.a_year", number=a_year)
    if number >= FEWEST:
        text, known = met_text(met[0], number, words)
        finding += f" {text} ({known})." if known else f" {text}."
    return Section(
        "overdoses",
        words["overdose.title"],
        (words["overdose.intro"],),
        tables=(_overdose_table(figures, words),),
        charts=tuple(charts),
        finding=finding,
    )


def _at_once(at_once: pd.DataFrame | None, number: int, words: Words) -> Chart:
    chart = Chart("at-once", words["overdose.at_once"], words["overdose.at_once_says"])
    if at_once is None:
        return chart.saying(words["chart.nothing"])
    bars = []
    for row in at_once.to_dict("records"):
        others = int(row["number"])
        name = words.count("overdose.others", others) if others else words["overdose.alone"]
        bars.append(Bar(name, known_of(row)))
    if sum(bar.known.value > 0 for bar in bars) == 1:
        return chart.saying(words["overdose.never_two"])
    others = round(sum(bar.known.value for bar in bars[1:]) * number)
    if others < FEWEST:
        played = words.number(number, 0)
        return chart.saying(words.count("overdose.seldom_two", max(others, 1), played=played))
    return interval_bars(bars, SHARE, chart, words)


def _overdose_table(figures: Summary, words: Words) -> Table:
    rows = [
        (words["overdose.per_year"], estimate(words, figures.of("overdoses", "per_year"))),
        (words["overdose.per_1000"], estimate(words, figures.of("overdoses", "per_1000_uses"))),
    ]
    for who in ("first", "team"):
        metric = f"response_{who}"
        rows += [
            (
                words[f"overdose.{who}_{name}"],
                estimate(words, figures.of(metric, statistic), unit),
            )
            for name, statistic, unit in (
                ("mean", "mean", "min"),
                ("p95", "p95", "min"),
                ("within_1", "within_1", SHARE),
                ("within_3", "within_3", SHARE),
            )
        ]
    rows += [
        (
            words["overdose.simultaneous"],
            estimate(words, figures.of("simultaneous", "share"), SHARE),
        ),
        (words["overdose.most"], words.number(figures.of("responses", "highest").value, 0)),
        (
            words["overdose.nobody_free"],
            estimate(words, figures.of("nobody_free", "minutes_per_week")),
        ),
        (
            words["overdose.interrupted"],
            estimate(words, figures.of("tasks_interrupted", "per_week")),
        ),
    ]
    head = (words["axis.figure"], words["axis.value"])
    return Table(words["overdose.table"], head, tuple(rows))


def staff_section(figures: Summary, staff: Staff, by_hour: pd.DataFrame, words: Words) -> Section:
    """Who is at work of those present, hour by hour; by line of the rota; overtime and breaks."""
    roles = [(words.name(role), f"role:{role}") for role in staff.roles]
    shifts = [
        (shift_words(shift, words), f"shift:{label}")
        for shift, label in zip(staff.rota, shift_labels(staff), strict=True)
    ]
    pictures = (
        staffing_picture(by_hour, role, number, words) for number, role in enumerate(staff.roles)
    )
    charts: tuple[Chart | Picture, ...] = (
        *(one for one in pictures if one is not None),
        _load(
            figures,
            roles,
            Chart("load-role", words["staff.by_role"], words["staff.load_says"]),
            words,
        ),
        _load(
            figures,
            shifts,
            Chart("load-shift", words["staff.by_shift"], words["staff.shift_says"]),
            words,
        ),
        interval_bars(
            [Bar(name, figures.of("overtime", "minutes_per_week", by)) for name, by in shifts],
            "min/week",
            Chart("overtime", words["staff.overtime"], words["staff.overtime_says"]),
            words,
        ),
    )
    return Section(
        "staff",
        words["staff.title"],
        (words["staff.intro"],),
        tables=(
            _cost_table(figures, staff, words),
            _break_table(figures, [*roles, *shifts], words),
        ),
        charts=charts,
        finding=_staff_finding(figures, words),
    )


def _staff_finding(figures: Summary, words: Words) -> str:
    """Hours on the rota, and what comes on top."""
    hours = words.brief(figures.of("rostered", "hours_per_week").value)
    text = words.say("staff.finding", hours=hours)
    over = figures.of("overtime", "minutes_per_week")
    if over.value > 0:
        text += f" {words.say('staff.finding_over', known=with_range(words, over))}"
    return text


def shift_words(shift: Shift, words: Words) -> str:
    """`2 × nurse, evening 15:15–23:45`; with its days, unless it is worked daily."""
    count = f"{shift.count} × " if shift.count > 1 else ""
    return f"{count}{words.name(shift.role)}, {shift_times(shift, words)}"


def shift_times(shift: Shift, words: Words) -> str:
    """`evening 15:15–23:45`; with its days, unless it is worked daily."""
    names = words.weekdays()
    daily = len(shift.days) == len(names)
    own = words.name(shift.name) if shift.name not in {"", shift.role} else ""
    times = f"{words.clock(shift.start)}{DASH}{words.clock(shift.end % DAY or DAY)}"
    days = "" if daily else ", ".join(names[day] for day in shift.days)
    if shift.dates:
        runs = date_runs(shift.dates)
        days = ", ".join(
            words.date(one) if one == last else f"{words.date(one)}{DASH}{words.date(last)}"
            for one, last in runs[:_MOST_DATES]
        )
        days += f" (+{len(runs) - _MOST_DATES})" if len(runs) > _MOST_DATES else ""
    return " ".join(part for part in (own, times, days) if part)


def _load(figures: Summary, parts: Sequence[tuple[str, str]], chart: Chart, words: Words) -> Chart:
    task = Duty.STAY_TASK.name.lower()
    has_tasks = any(
        figures.of("staff_busy", "share", f"{by}/duty:{task}").is_known for _, by in parts
    )
    duties = [name for duty in Duty if (name := duty.name.lower()) != task or has_tasks]
    stacks = [
        Stack(
            name,
            tuple(figures.of("staff_busy", "share", f"{by}/duty:{duty}") for duty in duties),
        )
        for name, by in parts
    ]
    return stacked_bars(stacks, [words[f"duty.{duty}"] for duty in duties], chart, words)


def _cost_table(figures: Summary, staff: Staff, words: Words) -> Table:
    rows = [
        (
            words.name(role) if role else words["part.all"],
            plain(words, figures.of("rostered", "hours_per_week", by).value),
            plain(words, figures.of("wte", "posts", by).value),
            plain(words, figures.of("cost", "per_week", _priced(figures, by)).value),
            estimate(words, figures.of("staff_busy", "share", by), SHARE),
        )
        for role in (*staff.roles, "")
        for by in (f"role:{role}" if role else "all",)
    ]
    head = (
        words["axis.role"],
        words["staff.hours"],
        words["staff.posts"],
        words.say("staff.cost", currency=staff.currency),
        words["staff.busy"],
    )
    return Table(words["staff.cost_table"], head, tuple(rows))


def _priced(figures: Summary, by: str) -> str:
    """Of all that a site costs the part of its staff, where that is a part."""
    return STAFF if by == "all" and figures.has("cost", "per_week", STAFF) else by


def cost_section(figures: Summary, scenario: Scenario, words: Words) -> Section | None:
    """What the site costs a week, a year and a use, part by part; None if nothing has a price."""
    stated = [part for part in PARTS if figures.has("cost", "per_week", part)]
    if not stated:
        return None
    periods = ("per_week", "per_year", *(("per_use",) if scenario.rooms else ()))
    rows = tuple(
        (
            words[f"part.{part}"],
            *(
                plain(words, known.value) if known.low == known.high else estimate(words, known)
                for known in (figures.of("cost", period, part) for period in periods)
            ),
        )
        for part in (*stated, *(("all",) if len(stated) > 1 else ()))
    )
    overtime = figures.of("cost", "overtime_per_week", "all")
    if overtime.value > 0:
        rest = ("",) * (len(periods) - 1)
        rows = (*rows, (words["cost.overtime"], estimate(words, overtime), *rest))
    head = (words["cost.part"], *(words[f"cost.{period}"] for period in periods))
    table = Table(words.say("cost.table", currency=scenario.currency), head, rows)
    year, week = (figures.of("cost", period).value for period in ("per_year", "per_week"))
    finding = words.say(
        "cost.finding",
        year=words.money(year, scenario.currency),
        week=words.money(week, scenario.currency),
    )
    return Section(
        "cost", words["cost.title"], (words["cost.intro"],), tables=(table,), finding=finding
    )


def _break_table(figures: Summary, parts: Sequence[tuple[str, str]], words: Words) -> Table:
    rows = [
        (
            name,
            estimate(words, figures.of("overtime", "minutes_per_week", by)),
            estimate(words, figures.of("overtime", "share_of_shifts", by), SHARE),
            estimate(words, figures.of("breaks", "due_per_week", by)),
            estimate(words, figures.of("breaks", "deferred_per_week", by)),
            estimate(words, figures.of("breaks", "missed_per_week", by)),
            estimate(words, figures.of("longest_stretch", "mean", by)),
        )
        for name, by in parts
    ]
    names = ("overtime_a_week", "late", "due", "deferred", "missed", "stretch")
    head = (words["axis.shift"], *(words[f"staff.{name}"] for name in names))
    return Table(words["staff.break_table"], head, tuple(rows))
