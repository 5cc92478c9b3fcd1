"""Sections of a run's page about access: the week, the day, waits, and who is left unserved."""

from collections.abc import Iterator

import pandas as pd

from sim.log import Outcome
from sim.report.charts.bars import Line, interval_bars
from sim.report.charts.curves import Curve, Span, within_curves
from sim.report.charts.day import OPEN, WORST, Panel, bands_of, day_bands
from sim.report.charts.week import Map, hours_of, week_map
from sim.report.page.document import Chart, Section, Table
from sim.report.page.figures import SHARE, Figures, estimate
from sim.report.page.words import DASH, Words
from sim.scenario.scenario import Scenario

_REASONS = (Outcome.RENEGED, Outcome.BALKED, Outcome.NO_SPACE, Outcome.DISMISSED_AT_CLOSE)
_OTHERS = (Outcome.CUT_SHORT, Outcome.CLOSED, Outcome.INSIDE_AT_END)


def week_section(by_hour: pd.DataFrame, scenario: Scenario, words: Words) -> Section:
    """The week as heat maps: arrivals, wait, unserved, occupancy by room, margin of cover."""
    charts = tuple(_maps(by_hour, scenario, words))
    return Section("week", words["week.title"], (words["week.intro"],), charts=charts)


def _maps(by_hour: pd.DataFrame, scenario: Scenario, words: Words) -> Iterator[Chart]:
    wait = "wait_mean" if scenario.rooms else "wait_joined_mean"
    for metric, key, unit in (
        ("arrivals", "arrivals", "visits/hour"),
        (wait, "wait", "min"),
        ("unserved_share", "unserved", SHARE),
    ):
        about = Map(f"week-{key}", words[f"week.{key}"], words[f"week.{key}_says"], unit)
        yield week_map(hours_of(by_hour, metric), about, words)
    for metric, key, unit in (
        ("door_wait_mean", "door", "min"),
        ("intake_paused", "paused", SHARE),
    ):
        hours = hours_of(by_hour, metric)
        if hours["value"].fillna(0).any():
            about = Map(f"week-{key}", words[f"week.{key}"], words[f"week.{key}_says"], unit)
            yield week_map(hours, about, words)
    for number, room in enumerate(scenario.rooms):
        title = words.say("week.occupied", room=words.name(room))
        about = Map(f"week-room-{number}", title, words["week.occupied_says"], SHARE, top=1.0)
        yield week_map(hours_of(by_hour, "places_occupied", f"room:{room}"), about, words)
    for number, rule in enumerate(scenario.supervision):
        hours = hours_of(by_hour, "cover", f"rule:{number + 1}")
        columns = ["value", "ci_low", "ci_high"]
        margin = hours.assign(**{name: hours[name] - rule.minimum for name in columns})
        rooms = ", ".join(words.name(room) for room in rule.rooms)
        about = Map(
            f"week-cover-{number}",
            words.say("week.cover", rooms=rooms),
            words.say("week.cover_says", minimum=words.number(rule.minimum, 0)),
            "people",
            least_matters=True,
        )
        yield week_map(margin, about, words)


def day_section(table: pd.DataFrame | None, scenario: Scenario, words: Words) -> Section:
    """A typical and a bad day."""
    if table is None:
        return Section("day", words["day.title"], (words["chart.not_saved"],))
    queue = (
        Panel("arrivals", "all", words["day.arrivals"]),
        Panel("waiting", "all", words["day.waiting"]),
        Panel("inside", "all", words["day.inside"]),
    )
    rooms = tuple(
        Panel(
            "places_taken",
            f"room:{room}",
            words.say("day.taken", room=words.name(room)),
            ("places_open", words["day.open"]),
        )
        for room in scenario.rooms
    )
    bands = bands_of(table)
    charts = [
        day_bands(
            bands,
            panels,
            days,
            Chart(
                f"day-{what}-{days}",
                words[f"day.{what}_{days}"],
                words[f"day.{what}_says"],
                narrow=True,
            ),
            words,
        )
        for what, panels in (("queue", queue), ("rooms", rooms))
        if panels
        for days in (OPEN, WORST)
    ]
    return Section("day", words["day.title"], (words["day.intro"],), charts=tuple(charts))


def wait_section(
    figures: Figures, within: pd.DataFrame | None, scenario: Scenario, words: Words
) -> Section:
    """How long people wait, by room and for services."""
    tables = []
    if scenario.rooms:
        tables.append(_wait_table(figures, scenario, words))
    if figures.of("door_wait", "mean").is_known:
        tables.append(_door_table(figures, scenario, words))
    if scenario.services:
        tables.append(_service_table(figures, scenario, words))
    charts: tuple[Chart, ...] = ()
    if within is not None and scenario.rooms:
        curves = [Curve("wait", f"room:{room}", words.name(room)) for room in scenario.rooms]
        if len(curves) > 1:
            curves.append(Curve("wait", "all", words["part.all"]))
        chart = Chart("wait-curve", words["wait.curve"], words["wait.curve_says"])
        charts = (within_curves(within, curves, chart, words, Span(10)),)
    return Section(
        "wait", words["wait.title"], (words["wait.intro"],), tables=tuple(tables), charts=charts
    )


def _wait_table(figures: Figures, scenario: Scenario, words: Words) -> Table:
    statistics = ("mean", "median", "p90", "p95")
    rows = [
        (
            words.name(room) if room else words["part.all"],
            *(estimate(words, figures.of("wait", one, by)) for one in statistics),
            estimate(words, figures.of("wait", "within_10", by).rest(), SHARE),
            estimate(words, figures.of("places", "occupied", by), SHARE),
            estimate(words, figures.of("places", "full", by), SHARE),
        )
        for room in (*scenario.rooms, "")
        for by in (f"room:{room}" if room else "all",)
    ]
    if figures.of("wait", "mean", "crowd").is_known:
        rows.append(
            (
                words["part.crowd"],
                *(estimate(words, figures.of("wait", one, "crowd")) for one in statistics),
                estimate(words, figures.of("wait", "within_10", "crowd").rest(), SHARE),
                DASH,
                DASH,
            )
        )
    names = (*statistics, "over_10", "occupied", "full")
    head = (words["axis.room"], *(words[f"wait.{name}"] for name in names))
    return Table(words["wait.table"], head, tuple(rows))


def _door_table(figures: Figures, scenario: Scenario, words: Words) -> Table:
    statistics = ("mean", "median", "p90", "p95")
    parts = {f"kind:{kind}": words.name(kind) for kind in scenario.visits}
    rows = [
        (
            name,
            estimate(words, figures.of("door_wait", "share", by), SHARE),
            *(estimate(words, figures.of("door_wait", one, by)) for one in statistics),
            estimate(words, figures.of("door_wait", "gave_up_per_day", by)),
        )
        for by, name in (parts | {"all": words["part.all"]}).items()
        if figures.of("door_wait", "mean", by).is_known
    ]
    names = ("at_door", *statistics, "gave_up")
    head = (words["axis.kind"], *(words[f"wait.{name}"] for name in names))
    return Table(words["wait.door"], head, tuple(rows))


def _service_table(figures: Figures, scenario: Scenario, words: Words) -> Table:
    rows = [
        (
            words.name(service),
            estimate(words, figures.of("services", "per_day", by)),
            estimate(words, figures.of("services", "share_given", by), SHARE),
            estimate(words, figures.of("wait_service", "mean", by)),
            estimate(words, figures.of("wait_service", "p90", by)),
        )
        for service in scenario.services
        for by in (f"service:{service}",)
    ]
    names = ("a_day", "given", "mean", "p90")
    head = (words["axis.service"], *(words[f"wait.{name}"] for name in names))
    return Table(words["wait.services"], head, tuple(rows))


def unserved_section(figures: Figures, words: Words) -> Section:
    """How visits end: who is served, and where the others go."""
    why = [_outcome(figures, outcome, words) for outcome in _REASONS]
    gave_up = figures.of("door_wait", "gave_up_per_day")
    if gave_up.value > 0:
        why.insert(1, Line(words["unserved.at_door"], gave_up))
    chart = Chart("unserved-why", words["unserved.why"], words["unserved.why_says"])
    rows = []
    for outcome in (Outcome.SERVED, Outcome.SERVICE_ONLY, *_REASONS, *_OTHERS):
        name = _name(outcome)
        a_day = figures.of("visits", "per_day", f"outcome:{name}")
        if a_day.value > 0:
            share = estimate(words, figures.of("visits", "share", f"outcome:{name}"), SHARE)
            rows.append((words[f"outcome.{name}"], estimate(words, a_day), share))
        if outcome is Outcome.RENEGED and gave_up.value > 0:
            rows.append((words["unserved.at_door"], estimate(words, gave_up), DASH))
    crowd = figures.of("unserved", "per_day", "crowd")
    if crowd.value > 0:
        share = estimate(words, figures.of("unserved", "share", "crowd"), SHARE)
        rows.append((words["unserved.crowd"], estimate(words, crowd), DASH))
        rows.append((words["unserved.of_crowd"], DASH, share))
    head = (words["axis.outcome"], words["unserved.a_day"], words["unserved.of_all"])
    return Section(
        "unserved",
        words["unserved.title"],
        (words["unserved.intro"],),
        tables=(Table(words["unserved.table"], head, tuple(rows)),),
        charts=(interval_bars(why, "visits/day", chart, words),),
    )


def _outcome(figures: Figures, outcome: Outcome, words: Words) -> Line:
    name = _name(outcome)
    known = figures.of("visits", "per_day", f"outcome:{name}")
    return Line(words[f"outcome.{name}"], known)


def _name(outcome: Outcome) -> str:
    return outcome.name.lower()
