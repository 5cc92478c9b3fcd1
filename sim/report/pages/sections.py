"""Sections of a run's page about visitors: the week, the day, waits, who is left unserved."""

from collections.abc import Iterable, Iterator

import pandas as pd

from sim.log import Outcome, failing_rooms
from sim.report.charts.bars import Bar, interval_bars
from sim.report.charts.curves import Curve, Span, within_curves
from sim.report.charts.day import OPEN, WORST, Bands, Panel, bands_of, day_bands
from sim.report.charts.week import Map, hour_name, hours_of, week_map
from sim.report.page.document import Chart, Picture, Section, Table
from sim.report.page.words import DASH, SHARE, Words, estimate, with_range
from sim.scenario.model.scenario import Scenario
from sim.study.estimate.intervals import Estimate
from sim.study.estimate.summary import Summary

_REASONS = (Outcome.RENEGED, Outcome.BALKED, Outcome.NO_SPACE, Outcome.DISMISSED_AT_CLOSE)
_OTHERS = (Outcome.CUT_SHORT, Outcome.CLOSED, Outcome.INSIDE_AT_END)


def week_section(by_hour: pd.DataFrame, scenario: Scenario, words: Words) -> Section:
    """The week as grids of hours: who comes, who waits where, who leaves, how full rooms are."""
    arrivals = hours_of(by_hour, "arrivals")
    finding = ""
    if len(arrivals) and arrivals["value"].max() > 0:
        place = int(arrivals["value"].to_numpy(dtype=float).argmax())
        number = words.brief(float(arrivals["value"][place]))
        finding = words.say("week.finding", when=hour_name(words, place), number=number)
    charts = tuple(_maps(by_hour, scenario, words))
    return Section(
        "week", words["week.title"], (words["week.intro"],), charts=charts, finding=finding
    )


def _maps(by_hour: pd.DataFrame, scenario: Scenario, words: Words) -> Iterator[Chart | Picture]:
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
        if len(scenario.rooms) > 1:
            title = words.say("week.wait_room", room=words.name(room))
            about = Map(f"week-wait-{number}", title, words["week.wait_says"], "min")
            yield week_map(hours_of(by_hour, "wait_mean", f"room:{room}"), about, words)
        title = words.say("week.full", room=words.name(room))
        about = Map(f"week-room-{number}", title, words["week.full_says"], SHARE, top=1.0)
        yield week_map(hours_of(by_hour, "places_full", f"room:{room}"), about, words)
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
    usual, bad = (
        _most_waiting(bands, days, statistic)
        for days, statistic in ((OPEN, "median"), (WORST, "p95"))
    )
    finding = ""
    if usual is not None and bad is not None:
        finding = words.say("day.finding", usual=words.brief(usual), bad=words.brief(bad))
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
    return Section(
        "day", words["day.title"], (words["day.intro"],), charts=tuple(charts), finding=finding
    )


def _most_waiting(bands: Bands, days: str, statistic: str) -> float | None:
    """The largest number of people waiting at any quarter-hour, of a median or a bad day."""
    band = bands.get((days, "waiting", "all"))
    if band is None or band[statistic].isna().all():
        return None
    return float(band[statistic].max())


def wait_section(
    figures: Summary, within: pd.DataFrame | None, scenario: Scenario, words: Words
) -> Section:
    """How long people wait, by room and for services."""
    tables = []
    if scenario.rooms:
        tables.append(_wait_table(figures, scenario, words))
    if figures.of("door_wait", "mean").is_known:
        tables.append(_door_table(figures, scenario, words))
    if scenario.services:
        of = ("service", "services")
        tables.append(_service_table(figures, of, scenario.services, words))
    if any(service.appointments for service in scenario.services.values()):
        tables.append(_appointment_table(figures, scenario, words))
    if scenario.stay_tasks:
        of = ("stay_task", "stay_tasks")
        tables.append(_service_table(figures, of, scenario.stay_tasks, words))
    charts: tuple[Chart, ...] = ()
    if within is not None and scenario.rooms:
        curves = [Curve("wait", f"room:{room}", words.name(room)) for room in scenario.rooms]
        if len(curves) > 1:
            curves.append(Curve("wait", "all", words["part.all"]))
        chart = Chart("wait-curve", words["wait.curve"], words["wait.curve_says"])
        charts = (within_curves(within, curves, chart, words, Span(10)),)
    return Section(
        "wait",
        words["wait.title"],
        (words["wait.intro"],),
        tables=tuple(tables),
        charts=charts,
        finding=_wait_finding(figures, scenario, words),
    )


def _wait_finding(figures: Summary, scenario: Scenario, words: Words) -> str:
    """How long people wait on average, where longest, and at the door before the opening."""
    metric = "wait" if scenario.rooms else "wait_joined"
    mean = figures.of(metric, "mean")
    if not mean.is_known:
        return words["chart.nothing"]
    texts = [words.say("wait.finding", known=with_range(words, mean))]
    longest = [
        (known.value, room)
        for room in scenario.rooms
        if (known := figures.of("wait", "p90", f"room:{room}")).is_known
    ]
    if len(longest) > 1:
        value, room = max(longest)
        texts.append(
            words.say("wait.finding_longest", room=words.name(room), minutes=words.brief(value))
        )
    if (crowd := figures.of(metric, "mean", "crowd")).is_known:
        texts.append(words.say("wait.finding_crowd", known=with_range(words, crowd)))
    if (door := figures.of("door_wait", "mean")).is_known:
        share = words.brief(100 * figures.of("door_wait", "share").value)
        texts.append(words.say("wait.finding_door", share=share, known=with_range(words, door)))
    return " ".join(texts)


def _wait_table(figures: Summary, scenario: Scenario, words: Words) -> Table:
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


def _door_table(figures: Summary, scenario: Scenario, words: Words) -> Table:
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


def _service_table(
    figures: Summary, of: tuple[str, str], names: Iterable[str], words: Words
) -> Table:
    """Services, or tasks during the stay."""
    what, several = of
    rows = [
        (
            words.name(name),
            estimate(words, figures.of(several, "per_day", by)),
            estimate(words, figures.of(several, "share_given", by), SHARE),
            estimate(words, figures.of(f"wait_{what}", "mean", by)),
            estimate(words, figures.of(f"wait_{what}", "p90", by)),
        )
        for name in names
        for by in (f"{what}:{name}",)
    ]
    columns = ("a_day", "given", "mean", "p90")
    head = (words[f"axis.{what}"], *(words[f"wait.{name}"] for name in columns))
    return Table(words[f"wait.{several}"], head, tuple(rows))


def _appointment_table(figures: Summary, scenario: Scenario, words: Words) -> Table:
    rows = [
        (
            words.name(service),
            estimate(words, figures.of("booked", "per_day", by)),
            estimate(words, figures.of("booked", "share_no_show", by), SHARE),
            estimate(words, figures.of("booked", "share_seen", by), SHARE),
            estimate(words, figures.of("wait_booked", "mean", by)),
            estimate(words, figures.of("wait_booked", "p90", by)),
            estimate(words, figures.of("wait_walk_in", "mean", by)),
            estimate(words, figures.of("wait_walk_in", "p90", by)),
        )
        for service, one in scenario.services.items()
        if one.appointments is not None
        for by in (f"service:{service}",)
    ]
    waits = ("booked_mean", "booked_p90", "walk_in_mean", "walk_in_p90")
    names = ("booked", "no_show", "seen", *waits)
    head = (words["axis.service"], *(words[f"wait.{name}"] for name in names))
    return Table(words["wait.appointments"], head, tuple(rows))


def unserved_section(figures: Summary, finding: str, words: Words) -> Section:
    """How visits end: who is served, and where the others go."""
    why = [_outcome(figures, outcome, words) for outcome in _REASONS]
    gave_up = figures.of("door_wait", "gave_up_per_day")
    if gave_up.value > 0:
        why.insert(1, Bar(words["unserved.at_door"], gave_up))
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
        finding=finding or words["unserved.finding_none"],
    )


def outage_section(figures: Summary, scenario: Scenario, words: Words) -> Section | None:
    """Places that get out of order, or are closed on dates; nothing where none are."""
    failing = failing_rooms(scenario)
    rooms = [name for name, room in scenario.rooms.items() if name in failing or room.dates]
    if not rooms:
        return None
    columns = (
        ("outages", "per_week", ""),
        ("outages", "mean", ""),
        ("outages", "share_in_use", SHARE),
        ("out_of_order", "minutes_per_week", ""),
        ("closed_on_dates", "minutes_per_week", ""),
    )
    rows = []
    for room in rooms:
        cells = []
        for metric, statistic, unit in columns:
            known = figures.of(metric, statistic, f"room:{room}")
            if known.low == known.high:
                known = Estimate(known.value)  # it follows from the scenario, or never varied
            cells.append(estimate(words, known, unit) if known.is_known else DASH)
        rows.append((words.name(room), *cells))
    head = (
        words["axis.room"],
        *(words[f"outages.{one}"] for one in ("per_week", "mean", "in_use", "minutes", "dates")),
    )
    finding = ""
    if (a_week := figures.of("outages", "per_week")).is_known:
        minutes = figures.of("out_of_order", "minutes_per_week")
        finding = words.say(
            "outages.finding", number=words.brief(a_week.value), minutes=words.brief(minutes.value)
        )
    return Section(
        "outages",
        words["outages.title"],
        (words["outages.intro"],),
        tables=(Table(words["outages.table"], head, tuple(rows)),),
        finding=finding,
    )


def _outcome(figures: Summary, outcome: Outcome, words: Words) -> Bar:
    name = _name(outcome)
    known = figures.of("visits", "per_day", f"outcome:{name}")
    return Bar(words[f"outcome.{name}"], known)


def _name(outcome: Outcome) -> str:
    return outcome.name.lower()
