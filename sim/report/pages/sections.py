"""Sections of a run's page: the week, the day, waits, who is left unserved, safety and staff."""

from collections.abc import Iterable, Iterator, Sequence

import pandas as pd

from sim.log import Duty, Outcome, failing_rooms
from sim.measures.cost import PARTS, STAFF
from sim.measures.staff import shift_labels
from sim.report.charts.bars import Bar, Stack, interval_bars, stacked_bars
from sim.report.charts.curves import Curve, Span, within_curves
from sim.report.charts.day import OPEN, WORST, Bands, Panel, bands_of, day_bands
from sim.report.charts.staffing import staffing_picture
from sim.report.charts.week import Map, hour_name, hours_of, week_map
from sim.report.page.document import Chart, Picture, Section, Table
from sim.report.page.words import DASH, SHARE, Words, estimate, known_of, plain, with_range
from sim.report.pages.questions import FEWEST, met_text
from sim.scenario.model.dates import date_runs
from sim.scenario.model.hours import DAY
from sim.scenario.model.scenario import Scenario
from sim.scenario.model.staff import Shift, Staff
from sim.study.estimate.intervals import Estimate
from sim.study.estimate.summary import Summary

_REASONS = (Outcome.RENEGED, Outcome.BALKED, Outcome.NO_SPACE, Outcome.DISMISSED_AT_CLOSE)
_OTHERS = (Outcome.CUT_SHORT, Outcome.CLOSED, Outcome.INSIDE_AT_END)
_MOST_DATES = 2
"""Stretches of dates that are named; the others are counted."""


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


# --- safety and staff ---------------------------------------------------------------------------


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
        charts.append(_at_once(at_once, words))
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


def _at_once(at_once: pd.DataFrame | None, words: Words) -> Chart:
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
