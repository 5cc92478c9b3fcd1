"""The answers of a run on one screen: the planner's questions in order, each with its interval.

Below them the targets: what was wanted, what is known, and whether that is enough.
"""

from collections.abc import Collection
from dataclasses import dataclass
from math import isnan

import pandas as pd
from rich.table import Table
from rich.text import Text

from sim.cli.console import console, new_table, say, styled
from sim.cli.print.city.summary import print_needs
from sim.cli.print.named import target_text, unit_text
from sim.log import Outcome, failing_rooms
from sim.measures.figures.cost import OPENING, PARTS, PLACES, STAFF
from sim.measures.figures.staff import shift_labels
from sim.report.page.numbers import percent, plain, with_interval
from sim.report.page.phrases import Phrases
from sim.report.page.words import Words
from sim.scenario import Scenario
from sim.scenario.city.model import City
from sim.scenario.city.system import is_system
from sim.scenario.model.targets import probability_of
from sim.study import StudyResult
from sim.study.compare.matters import is_near
from sim.study.compare.what_if import Said, Step, said_of
from sim.study.estimate.summary import Summary
from sim.study.estimate.targets import JudgedTarget, TargetVerdict, judge

REASONS = (
    Outcome.RENEGED,
    Outcome.BALKED,
    Outcome.NO_SPACE,
    Outcome.DISMISSED_AT_CLOSE,
)
"""Why people are unserved."""
OTHER_ENDS = (Outcome.CUT_SHORT, Outcome.CLOSED, Outcome.INSIDE_AT_END)
_COSTS = {
    STAFF: "screen_run.cost_staff",
    PLACES: "part.places",
    OPENING: "part.opening",
    "all": "part.all",
}
_VERDICTS = {
    TargetVerdict.PASS: ("choice.yes", "green"),
    TargetVerdict.FAIL: ("choice.no", "bold red"),
    TargetVerdict.NOT_SURE: ("option.cell_cannot", "yellow"),
}
_JUST = ("screen_run.just", "yellow")
"""Of a target that is met by less than what matters."""


@dataclass(frozen=True)
class _Figures:
    """A run's figures as they are shown."""

    found: Summary
    words: Words

    def value(self, metric: str, statistic: str, by: str = "all") -> float:
        return self.found.of(metric, statistic, by).value

    def plain(self, metric: str, statistic: str, by: str = "all", *, times: float = 1) -> str:
        """The value alone."""
        text = plain(self.value(metric, statistic, by), times, thousands="")
        return self.words.local(text)

    def minutes(self, metric: str, statistic: str, by: str = "all") -> str:
        """The value with its unit."""
        return f"{self.plain(metric, statistic, by)} {self.words['unit.min']}"

    def share(self, metric: str, statistic: str, by: str = "all") -> str:
        """The value alone, in percent."""
        return _percent(self.plain(metric, statistic, by, times=100))

    def full(self, metric: str, statistic: str, by: str = "all", *, times: float = 1) -> str:
        """The value and its interval."""
        known = self.found.of(metric, statistic, by)
        return self.words.local(with_interval(known, times, thousands=""))

    def money(self, statistic: str, by: str) -> str:
        """A cost, with its interval unless it follows from the scenario."""
        return self.words.local(with_interval(self.found.of("cost", statistic, by), exact=True))


def _percent(text: str) -> str:
    return text if text == "-" else f"{text} %"


def print_summary(result: StudyResult, scenario: Scenario, words: Words) -> None:
    """Print a run's answers in at most 80 columns."""
    figures, out = _Figures(result.figures, words), console()
    out.print(styled("\n[bold]{}[/bold]  {}", scenario.name, scenario.title))
    days = scenario.horizon.total_days - 7 * scenario.horizon.warmup_weeks
    played = words.tell(
        "screen.played",
        replications=words.count("unit.replications", result.count),
        days=days,
        seed=result.seed,
    )
    intervals = words["screen_run.no_intervals" if result.count == 1 else "screen_run.intervals"]
    out.print(f"{played}  {intervals}\n")
    if is_system(scenario):
        print_needs(result, scenario, words)
    if isinstance(scenario, City):
        out.print(words["screen_city.each"])
        return
    for table in (
        _rooms(figures, scenario),
        _door(figures),
        _services(figures, "service", scenario.services),
        _appointments(figures, scenario),
        _services(figures, "stay_task", scenario.stay_tasks),
        _demand(figures, has_rooms=bool(scenario.rooms)),
        *_overdoses(figures, scenario),
        _out_of_order(figures, scenario),
        _gaps(figures, scenario),
        _staff(figures, scenario),
        _costs(figures, scenario),
    ):
        if table is not None:
            out.print(table)


def _table(title: str, *columns: str) -> Table:
    table = new_table()
    table.add_column(styled("[bold]{}[/bold]", title), ratio=1, no_wrap=True)
    for column in columns:
        table.add_column(styled("[dim]{}[/dim]", column), justify="right", no_wrap=True)
    return table


def _rooms(figures: _Figures, scenario: Scenario) -> Table | None:
    if not scenario.rooms:
        return None
    words = figures.words
    heads = ("mean", "p90", "over_10", "in_use", "full")
    table = _table(words["screen_run.wait"], *(words[f"screen_run.{one}"] for one in heads))
    rows = {f"room:{name}": words.own(name) for name in scenario.rooms}
    rows["all"] = words["part.all"]
    if not isnan(figures.value("wait", "mean", "crowd")):
        rows["crowd"] = words["screen_run.crowd"]
    for by, name in rows.items():
        over = 100 * (1 - figures.value("wait", "within_10", by))
        table.add_row(
            name,
            figures.full("wait", "mean", by),
            figures.minutes("wait", "p90", by),
            "-" if isnan(over) else words.local(f"{over:.1f} %"),
            figures.share("places", "occupied", by),
            figures.share("places", "full", by),
        )
    return table


def _door(figures: _Figures) -> Table | None:
    """How long people wait at the door before it opens, where anybody does."""
    if isnan(figures.value("door_wait", "mean")):
        return None
    heads = ("door", "mean", "p90", "of_visits")
    table = _table(*(figures.words[f"screen_run.{one}"] for one in heads))
    table.add_row(
        figures.words["screen_run.before_it"],
        figures.full("door_wait", "mean"),
        figures.minutes("door_wait", "p90"),
        figures.share("door_wait", "share"),
    )
    return table


def _services(figures: _Figures, what: str, names: Collection[str]) -> Table | None:
    if not names:
        return None
    heads = (f"wait_{what}", "mean", "p90", "a_day")
    table = _table(*(figures.words[f"screen_run.{one}"] for one in heads))
    for name in names:
        by = f"{what}:{name}"
        table.add_row(
            figures.words.own(name),
            figures.full(f"wait_{what}", "mean", by),
            figures.minutes(f"wait_{what}", "p90", by),
            figures.plain(f"{what}s", "per_day", by),
        )
    return table


def _appointments(figures: _Figures, scenario: Scenario) -> Table | None:
    booked = [name for name, service in scenario.services.items() if service.appointments]
    if not booked:
        return None
    heads = ("appointments", "past_time", "p90", "booked", "no_show")
    table = _table(*(figures.words[f"screen_run.{one}"] for one in heads))
    for name in booked:
        by = f"service:{name}"
        table.add_row(
            figures.words.own(name),
            figures.full("wait_booked", "mean", by),
            figures.minutes("wait_booked", "p90", by),
            figures.plain("booked", "per_day", by),
            figures.share("booked", "share_no_show", by),
        )
        if isnan(figures.value("wait_walk_in", "mean", by)):
            continue  # nobody walks in
        table.add_row(
            f"  {figures.words['screen_run.walk_in']}",
            figures.full("wait_walk_in", "mean", by),
            figures.minutes("wait_walk_in", "p90", by),
        )
    return table


def _demand(figures: _Figures, *, has_rooms: bool) -> Table:
    words = figures.words
    table = _table(*(words[f"screen_run.{one}"] for one in ("visits", "a_day", "share")))
    service_only = figures.value("visits", "per_day", _by(Outcome.SERVICE_ONLY)) > 0
    if has_rooms or not service_only:
        table.add_row(
            words["outcome.served"],
            figures.full("visits", "per_day", _by(Outcome.SERVED)),
            figures.share("visits", "share", _by(Outcome.SERVED)),
        )
    if service_only:
        table.add_row(
            words["screen_run.service_only"],
            figures.full("visits", "per_day", _by(Outcome.SERVICE_ONLY)),
            figures.share("visits", "share", _by(Outcome.SERVICE_ONLY)),
        )
    table.add_row(
        words["screen_run.unserved"],
        figures.full("unserved", "per_day"),
        figures.share("unserved", "share"),
    )
    for outcome in (*REASONS, *OTHER_ENDS):
        if figures.value("visits", "per_day", _by(outcome)) > 0:
            indent = "  " if outcome in REASONS else ""
            table.add_row(
                f"{indent}{words[f'outcome.{outcome.name.lower()}']}",
                figures.full("visits", "per_day", _by(outcome)),
                figures.share("visits", "share", _by(outcome)),
            )
        if outcome is Outcome.RENEGED and figures.value("door_wait", "gave_up_per_day") > 0:
            gave_up = figures.full("door_wait", "gave_up_per_day")
            table.add_row(f"    {words['screen_run.at_door']}", gave_up, "")
    return table


def _by(outcome: Outcome) -> str:
    return f"outcome:{outcome.name.lower()}"


def _overdoses(figures: _Figures, scenario: Scenario) -> list[Table]:
    if scenario.overdose is None:
        return []
    words = figures.words
    heads = ("overdose.title", "overdose.per_year", "overdose.per_1000")
    number = _table(*(words[one] for one in heads))
    number.add_row(
        words["screen_run.on_site"],
        figures.full("overdoses", "per_year"),
        figures.full("overdoses", "per_1000_uses"),
    )
    response = _table(*(words[f"screen_run.{one}"] for one in ("response", "mean", "within_1")))
    for metric, who in (("response_first", "first"), ("response_team", "team")):
        within = _percent(figures.full(metric, "within_1", times=100))
        response.add_row(words[f"overdose.{who}"], figures.full(metric, "mean"), within)
    return [number, response]


def _gaps(figures: _Figures, scenario: Scenario) -> Table | None:
    """When staff were wanting, for overdoses and to supervise the rooms, and places."""
    words = figures.words
    table = _table(words["screen_run.gaps"], words["screen_run.minutes_a_week"])
    gaps = []
    if scenario.overdose is not None:
        gaps.append("nobody_free")
    if scenario.supervision:
        gaps.append("below_cover")
    if any(rule.at_least for rule in scenario.supervision):
        gaps.append("role_missing")
    if scenario.supervision:
        gaps += ["intake_paused", "place_unusable"]
    if failing_rooms(scenario):
        gaps.append("out_of_order")
    for metric in gaps:
        table.add_row(words[f"screen_run.{metric}"], figures.full(metric, "minutes_per_week"))
    return table if gaps else None


def _out_of_order(figures: _Figures, scenario: Scenario) -> Table | None:
    """Places that failed, and those closed on dates, by room."""
    failing = failing_rooms(scenario)
    if not failing and not any(room.dates for room in scenario.rooms.values()):
        return None
    heads = ("outages", "a_week", "mean", "in_use", "by_date")
    table = _table(*(figures.words[f"screen_run.{one}"] for one in heads))
    for name, room in scenario.rooms.items():
        if name in failing or room.dates:
            by = f"room:{name}"
            table.add_row(
                figures.words.own(name),
                figures.full("outages", "per_week", by),
                figures.full("outages", "mean", by),
                figures.share("outages", "share_in_use", by),
                figures.plain("closed_on_dates", "minutes_per_week", by),
            )
    return table


def _staff(figures: _Figures, scenario: Scenario) -> Table | None:
    if scenario.staff is None:
        return None
    heads = ("staff", "hours", "busy", "responding", "overtime")
    table = _table(*(figures.words[f"screen_run.{one}"] for one in heads))
    for role in scenario.staff.roles:
        by = f"role:{role}"
        table.add_row(
            figures.words.own(role),
            figures.plain("rostered", "hours_per_week", by),
            figures.full("staff_busy", "share", by, times=100),
            figures.share("staff_busy", "share", f"{by}/duty:respond"),
            figures.full("overtime", "minutes_per_week", by),
        )
    return table


def _costs(figures: _Figures, scenario: Scenario) -> Table | None:
    """What has a price, part by part; and overtime, which is in no part, where there is any."""
    stated = [part for part in PARTS if ("cost", "per_week", part) in figures.found.numbers]
    if not stated:
        return None
    words = figures.words
    periods = ["per_week", "per_year", *(["per_use"] if scenario.rooms else [])]
    title = words.say("screen_run.cost", currency=scenario.currency)
    table = _table(title, *(words[f"cost.{one}"] for one in periods))
    for part in (*stated, *(("all",) if len(stated) > 1 else ())):
        amounts = (figures.money(period, part) for period in periods)
        table.add_row(words[_COSTS[part]], *amounts)
    if figures.found.of("cost", "overtime_per_week", "all").value > 0:
        amount = figures.money("overtime_per_week", "all")
        table.add_row(words["cost.overtime"], amount, *("" for _ in range(len(periods) - 1)))
    return table


# --- targets --------------------------------------------------------------------------------------


def print_targets(scenario: Scenario, result: StudyResult, words: Words) -> None:
    """Print a line for each target of a scenario, if it has any, in at most 80 columns."""
    if not scenario.targets:
        return
    table = new_table()
    table.add_column(styled("[bold]{}[/bold]", words["page.targets"]), no_wrap=True)
    table.add_column("", ratio=1)
    simulated = words["screen_run.simulated"]
    table.add_column(styled("[dim]{}[/dim]", simulated), justify="right", no_wrap=True)
    for one in judge(scenario, result):
        verdict = _VERDICTS[one.verdict]
        figure = one.found.figure
        near = is_near(figure.metric, figure.statistic, one.known.value, one.found.limit)
        if one.verdict is TargetVerdict.PASS and near:
            verdict = _JUST
        key, style = verdict
        text = target_text(words, one.target, figure.unit, scenario.currency)
        table.add_row(Text(words[key], style), text, _known(one, words))
        for remark in _remarks(one, words):
            table.add_row("", styled("[dim]{}[/dim]", remark), "")
    say(table)


def print_next(scenario: Scenario, result: StudyResult, table: pd.DataFrame, words: Words) -> None:
    """Print what would change the answer, a line a change.

    Args:
        scenario: what was simulated.
        result: what the study found.
        table: what the changes do, as `next_table` has it.
        words: the language.
    """
    shown = new_table()
    shown.add_column(styled("[bold]{}[/bold]", words["next.title"]), ratio=1)
    money = scenario.currency if result.figures.has("cost", "per_year") else ""
    shown.add_column("", justify="right", no_wrap=True)
    a_year = words.say("size.a_year", amount=money) if money else ""
    shown.add_column(styled("[dim]{}[/dim]", a_year), justify="right", no_wrap=True)
    for one in said_of(table, result.figures):
        text = words.tell("screen_run.not_as_it_is", new=_set_to(one, scenario, words), old=one.old)
        times, unit = percent(one.unit)
        before, after = (
            words.local(plain(value, times)) for value in (one.before, one.after.value)
        )
        effect = words.say(
            "screen_run.effect",
            what=words[f"screen_run.effect_{one.key[0]}"],
            after=after,
            before=before,
            unit=unit_text(words, unit),
        )
        if not one.matters:
            effect = words["finding.no-difference-that-matters"]
        cost = "" if isnan(one.cost) or round(one.cost) == 0 else f"{one.cost:+,.0f}"
        shown.add_row(text, effect, words.local(cost))
    say(shown)


def _set_to(one: Said, scenario: Scenario, words: Words) -> str:
    """What a step sets: `634 visits a day`, `evening: 1 nurse`, `8 injecting places`."""
    phrases = Phrases(scenario, words)
    if one.step is Step.MORE_PLACES:
        return phrases.setting(("rooms", one.about, "places"), round(one.new))
    if one.step is Step.FEWER_STAFF and scenario.staff is not None:
        number = shift_labels(scenario.staff).index(one.about)
        return phrases.setting(("staff", "rota", str(number), "count"), round(one.new))
    return words.tell("screen_run.visits_a_day", number=one.new)


def _remarks(one: JudgedTarget, words: Words) -> list[str]:
    remarks = []
    if one.hour is not None and one.target.hour != one.hour:
        remarks.append(words.say("screen_run.decided_by", hour=words.week_hour(one.hour)))
    is_quantile = probability_of(one.target.figure[1]) is not None
    if one.known.value == one.known.high == 0 and not is_quantile:
        remarks.append(words["screen_run.did_not_happen"])
    if one.verdict is TargetVerdict.NOT_SURE:
        remarks.append(_what_would_tell(one, words))
    return remarks


def _what_would_tell(one: JudgedTarget, words: Words) -> str:
    if isnan(one.known.value):
        return words["screen_run.nothing"]
    if isnan(one.known.low):
        return words["screen_run.no_interval"]
    if one.more is None:
        return words["screen_run.too_close"]
    return words.plural("screen_run.more", one.more)


def _known(one: JudgedTarget, words: Words) -> str:
    """`12.7 (12.2-13.2) min`."""
    figure = one.found.figure
    times, unit = percent(figure.unit)
    # A cost a week follows from the scenario.
    text = words.local(with_interval(one.known, times, exact=figure.metric == "cost"))
    return text if text == "-" else f"{text} {unit_text(words, unit)}"
