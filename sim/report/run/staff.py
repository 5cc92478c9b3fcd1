"""Sections of a run's page about safety and staff."""

from collections.abc import Sequence

import pandas as pd

from sim.log import Duty
from sim.measures.cost import PARTS, STAFF
from sim.measures.staff import shift_labels
from sim.report.charts.bars import Line, Stack, interval_bars, stacked_bars
from sim.report.charts.curves import Curve, Span, within_curves
from sim.report.page.document import Chart, Section, Table
from sim.report.page.figures import SHARE, Figures, Known, estimate, plain
from sim.report.page.words import DASH, Words
from sim.scenario.hours import DAY, date_runs
from sim.scenario.scenario import Scenario
from sim.scenario.staff import Shift, Staff

_MOST_DATES = 2
"""Stretches of dates that are named; the others are counted."""


def overdose_section(
    figures: Figures, within: pd.DataFrame | None, at_once: pd.DataFrame | None, words: Words
) -> Section:
    """How many overdoses, how soon they are met, and how many at once."""
    charts = []
    if within is not None:
        curves = (
            Curve("response_first", "all", words["overdose.first"]),
            Curve("response_team", "all", words["overdose.team"]),
        )
        chart = Chart("response-curve", words["overdose.curve"], words["overdose.curve_says"])
        charts.append(within_curves(within, curves, chart, words, Span(3, "hv")))
    charts.append(_at_once(at_once, words))
    return Section(
        "overdoses",
        words["overdose.title"],
        (words["overdose.intro"],),
        tables=(_overdose_table(figures, words),),
        charts=tuple(charts),
    )


def _at_once(at_once: pd.DataFrame | None, words: Words) -> Chart:
    chart = Chart("at-once", words["overdose.at_once"], words["overdose.at_once_says"])
    if at_once is None:
        return Chart(chart.key, chart.title, words["chart.nothing"])
    lines = [
        Line(
            words["overdose.alone"] if not number else words.count("overdose.others", int(number)),
            Known(*known),
        )
        for number, *known in at_once[["number", "value", "ci_low", "ci_high"]].itertuples(
            index=False, name=None
        )
    ]
    return interval_bars(lines, SHARE, chart, words)


def _overdose_table(figures: Figures, words: Words) -> Table:
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


def staff_section(figures: Figures, staff: Staff, words: Words) -> Section:
    """How busy staff are, by role and by line of the rota; overtime and breaks."""
    roles = [(words.name(role), f"role:{role}") for role in staff.roles]
    shifts = [
        (shift_words(shift, words), f"shift:{label}")
        for shift, label in zip(staff.rota, shift_labels(staff), strict=True)
    ]
    charts = (
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
            [Line(name, figures.of("overtime", "minutes_per_week", by)) for name, by in shifts],
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
    )


def shift_words(shift: Shift, words: Words) -> str:
    """`2 × nurse, evening 15:15–23:45`; with its days, unless it is worked daily."""
    names = words.weekdays()
    daily = len(shift.days) == len(names)
    count = f"{shift.count} × " if shift.count > 1 else ""
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
    parts = " ".join(part for part in (own, times, days) if part)
    return f"{count}{words.name(shift.role)}, {parts}"


def _load(figures: Figures, parts: Sequence[tuple[str, str]], chart: Chart, words: Words) -> Chart:
    duties = [duty.name.lower() for duty in Duty]
    stacks = [
        Stack(
            name,
            tuple(figures.of("staff_busy", "share", f"{by}/duty:{duty}") for duty in duties),
        )
        for name, by in parts
    ]
    return stacked_bars(stacks, [words[f"duty.{duty}"] for duty in duties], chart, words)


def _cost_table(figures: Figures, staff: Staff, words: Words) -> Table:
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


def _priced(figures: Figures, by: str) -> str:
    """Of all that a site costs the part of its staff, where that is a part."""
    return STAFF if by == "all" and figures.has("cost", "per_week", STAFF) else by


def cost_section(figures: Figures, scenario: Scenario, words: Words) -> Section | None:
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
    head = (words["cost.part"], *(words[f"cost.{period}"] for period in periods))
    table = Table(words.say("cost.table", currency=scenario.currency), head, rows)
    return Section("cost", words["cost.title"], (words["cost.intro"],), tables=(table,))


def _break_table(figures: Figures, parts: Sequence[tuple[str, str]], words: Words) -> Table:
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
