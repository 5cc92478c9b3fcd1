"""The answers of a run on one screen: the planner's questions in order, each with its interval.

Below them the targets: what was wanted, what is known, and whether that is enough.
"""

from collections.abc import Collection
from dataclasses import dataclass
from math import isnan

import pandas as pd
from rich.table import Table

from sim.cli.console import console, new_table, say, styled
from sim.log import Outcome, failing_rooms
from sim.measures.cost import OPENING, PARTS, PLACES, STAFF
from sim.results.numbers import hour_text, percent, plain, with_interval
from sim.scenario import Scenario
from sim.scenario.model.targets import probability_of
from sim.study import StudyResult
from sim.study.compare.matters import is_near
from sim.study.compare.what_if import Step, said_of
from sim.study.estimate.summary import Summary
from sim.study.estimate.targets import JudgedTarget, TargetVerdict, judge

REASONS = {
    Outcome.RENEGED: "left after waiting",
    Outcome.BALKED: "turned round on seeing how full it was",
    Outcome.NO_SPACE: "refused, waiting area full",
    Outcome.DISMISSED_AT_CLOSE: "still waiting at closing",
}
OTHER_ENDS = {
    Outcome.CUT_SHORT: "stay cut short by closing",
    Outcome.CLOSED: "came outside opening hours",
    Outcome.INSIDE_AT_END: "still inside when the run ended",
}
_COSTS = {
    STAFF: "staff, as rostered",
    PLACES: "places",
    OPENING: "hours of opening",
    "all": "all",
}
_VERDICTS = {
    TargetVerdict.PASS: "[green]yes[/green]",
    TargetVerdict.FAIL: "[bold red]no[/bold red]",
    TargetVerdict.NOT_SURE: "[yellow]cannot say[/yellow]",
}
_JUST = "[yellow]just[/yellow]"
"""Of a target that is met by less than what matters."""


@dataclass(frozen=True)
class _Figures:
    """A run's figures as they are shown."""

    found: Summary

    def value(self, metric: str, statistic: str, by: str = "all") -> float:
        return self.found.of(metric, statistic, by).value

    def plain(self, metric: str, statistic: str, by: str = "all", *, times: float = 1) -> str:
        """The value alone."""
        return plain(self.value(metric, statistic, by), times, thousands="")

    def share(self, metric: str, statistic: str, by: str = "all") -> str:
        """The value alone, in percent."""
        return _percent(self.plain(metric, statistic, by, times=100))

    def full(self, metric: str, statistic: str, by: str = "all", *, times: float = 1) -> str:
        """The value and its interval."""
        return with_interval(self.found.of(metric, statistic, by), times, thousands="")

    def money(self, statistic: str, by: str) -> str:
        """A cost, with its interval unless it follows from the scenario."""
        return with_interval(self.found.of("cost", statistic, by), exact=True)


def _percent(text: str) -> str:
    return text if text == "-" else f"{text} %"


def print_summary(result: StudyResult, scenario: Scenario) -> None:
    """Print a run's answers in at most 80 columns."""
    figures, out = _Figures(result.figures), console()
    out.print(styled("\n[bold]{}[/bold]  {}", scenario.name, scenario.title))
    days = scenario.horizon.total_days - 7 * scenario.horizon.warmup_weeks
    times = "1 replication" if result.count == 1 else f"{result.count} replications"
    intervals = "no intervals from a single one" if result.count == 1 else "(95 % intervals)"
    out.print(f"{times} of {days} days, seed {result.seed}  {intervals}\n")
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
    table = _table("Wait for a place", "mean min", "90 % within", "over 10 min", "in use", "full")
    rows = {name: f"room:{name}" for name in scenario.rooms} | {"all": "all"}
    if not isnan(figures.value("wait", "mean", "crowd")):
        rows["crowd at opening"] = "crowd"
    for name, by in rows.items():
        over = 100 * (1 - figures.value("wait", "within_10", by))
        table.add_row(
            name,
            figures.full("wait", "mean", by),
            f"{figures.plain('wait', 'p90', by)} min",
            "-" if isnan(over) else f"{over:.1f} %",
            figures.share("places", "occupied", by),
            figures.share("places", "full", by),
        )
    return table


def _door(figures: _Figures) -> Table | None:
    """How long people wait at the door before it opens, where anybody does."""
    if isnan(figures.value("door_wait", "mean")):
        return None
    table = _table("Wait at the door before opening", "mean min", "90 % within", "of visits")
    table.add_row(
        "those who came before it",
        figures.full("door_wait", "mean"),
        f"{figures.plain('door_wait', 'p90')} min",
        figures.share("door_wait", "share"),
    )
    return table


_ASKED_FOR = {"service": "Wait for a service", "stay_task": "Wait for a task during the stay"}


def _services(figures: _Figures, what: str, names: Collection[str]) -> Table | None:
    if not names:
        return None
    table = _table(_ASKED_FOR[what], "mean min", "90 % within", "a day")
    for name in names:
        by = f"{what}:{name}"
        table.add_row(
            name,
            figures.full(f"wait_{what}", "mean", by),
            f"{figures.plain(f'wait_{what}', 'p90', by)} min",
            figures.plain(f"{what}s", "per_day", by),
        )
    return table


def _appointments(figures: _Figures, scenario: Scenario) -> Table | None:
    booked = [name for name, service in scenario.services.items() if service.appointments]
    if not booked:
        return None
    table = _table("Appointments", "mean min past time", "90 % within", "booked a day", "not come")
    for name in booked:
        by = f"service:{name}"
        table.add_row(
            name,
            figures.full("wait_booked", "mean", by),
            f"{figures.plain('wait_booked', 'p90', by)} min",
            figures.plain("booked", "per_day", by),
            figures.share("booked", "share_no_show", by),
        )
        if isnan(figures.value("wait_walk_in", "mean", by)):
            continue  # nobody walks in
        table.add_row(
            "  who walk in",
            figures.full("wait_walk_in", "mean", by),
            f"{figures.plain('wait_walk_in', 'p90', by)} min",
        )
    return table


def _demand(figures: _Figures, *, has_rooms: bool) -> Table:
    table = _table("Visits", "a day", "share")
    service_only = figures.value("visits", "per_day", _by(Outcome.SERVICE_ONLY)) > 0
    if has_rooms or not service_only:
        table.add_row(
            "served in a place",
            figures.full("visits", "per_day", _by(Outcome.SERVED)),
            figures.share("visits", "share", _by(Outcome.SERVED)),
        )
    if service_only:
        table.add_row(
            "served, service only",
            figures.full("visits", "per_day", _by(Outcome.SERVICE_ONLY)),
            figures.share("visits", "share", _by(Outcome.SERVICE_ONLY)),
        )
    table.add_row(
        "unserved (share of those who came while open)",
        figures.full("unserved", "per_day"),
        figures.share("unserved", "share"),
    )
    for outcome, words in {**REASONS, **OTHER_ENDS}.items():
        if figures.value("visits", "per_day", _by(outcome)) > 0:
            indent = "  " if outcome in REASONS else ""
            table.add_row(
                f"{indent}{words}",
                figures.full("visits", "per_day", _by(outcome)),
                figures.share("visits", "share", _by(outcome)),
            )
        if outcome is Outcome.RENEGED and figures.value("door_wait", "gave_up_per_day") > 0:
            gave_up = figures.full("door_wait", "gave_up_per_day")
            table.add_row("    of these, at the door before opening", gave_up, "")
    return table


def _by(outcome: Outcome) -> str:
    return f"outcome:{outcome.name.lower()}"


def _overdoses(figures: _Figures, scenario: Scenario) -> list[Table]:
    if scenario.overdose is None:
        return []
    number = _table("Overdoses", "a year", "per 1,000 uses")
    number.add_row(
        "on site",
        figures.full("overdoses", "per_year"),
        figures.full("overdoses", "per_1000_uses"),
    )
    response = _table("Overdose response", "mean min", "within 1 min")
    for metric, words in (("response_first", "first responder"), ("response_team", "whole team")):
        within = _percent(figures.full(metric, "within_1", times=100))
        response.add_row(words, figures.full(metric, "mean"), within)
    return [number, response]


def _gaps(figures: _Figures, scenario: Scenario) -> Table | None:
    """When staff were wanting, for overdoses and to supervise the rooms, and places."""
    table = _table("Gaps in cover", "minutes a week")
    gaps = {}
    if scenario.overdose is not None:
        gaps["nobody_free"] = "nobody free to go to an overdose"
    if scenario.supervision:
        gaps["below_cover"] = "fewer staff present than the minimum"
    if any(rule.at_least for rule in scenario.supervision):
        gaps["role_missing"] = "a role missing that must be there"
    if scenario.supervision:
        gaps["intake_paused"] = "intake paused, a supervision rule unmet"
        gaps["place_unusable"] = "free places not usable for want of staff"
    if failing_rooms(scenario):
        gaps["out_of_order"] = "places out of order in the hours of their room, added up"
    for metric, words in gaps.items():
        table.add_row(words, figures.full(metric, "minutes_per_week"))
    return table if gaps else None


def _out_of_order(figures: _Figures, scenario: Scenario) -> Table | None:
    """Places that failed, and those closed on dates, by room."""
    failing = failing_rooms(scenario)
    if not failing and not any(room.dates for room in scenario.rooms.values()):
        return None
    table = _table("Out of order", "a week", "mean min", "in use", "by date, min a week")
    for name, room in scenario.rooms.items():
        if name in failing or room.dates:
            by = f"room:{name}"
            table.add_row(
                name,
                figures.full("outages", "per_week", by),
                figures.full("outages", "mean", by),
                figures.share("outages", "share_in_use", by),
                figures.plain("closed_on_dates", "minutes_per_week", by),
            )
    return table


def _staff(figures: _Figures, scenario: Scenario) -> Table | None:
    if scenario.staff is None:
        return None
    table = _table("Staff", "hours a week", "busy %", "responding", "overtime min a week")
    for role in scenario.staff.roles:
        by = f"role:{role}"
        table.add_row(
            role,
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
    periods = {"per_week": "a week", "per_year": "a year"}
    if scenario.rooms:
        periods["per_use"] = "a use"
    table = _table(f"Cost, {scenario.currency}", *periods.values())
    for part in (*stated, *(("all",) if len(stated) > 1 else ())):
        amounts = (figures.money(period, part) for period in periods)
        table.add_row(_COSTS[part], *amounts)
    if figures.found.of("cost", "overtime_per_week", "all").value > 0:
        amount = figures.money("overtime_per_week", "all")
        table.add_row("overtime, in none of these", amount, *("" for _ in range(len(periods) - 1)))
    return table


# --- targets --------------------------------------------------------------------------------------


def print_targets(scenario: Scenario, result: StudyResult) -> None:
    """Print a line for each target of a scenario, if it has any, in at most 80 columns."""
    if not scenario.targets:
        return
    table = new_table()
    table.add_column(styled("[bold]Targets[/bold]"), no_wrap=True)
    table.add_column("", ratio=1)
    table.add_column(styled("[dim]simulated[/dim]"), justify="right", no_wrap=True)
    for one in judge(scenario, result):
        verdict = _VERDICTS[one.verdict]
        figure = one.found.figure
        near = is_near(figure.metric, figure.statistic, one.known.value, one.found.limit)
        if one.verdict is TargetVerdict.PASS and near:
            verdict = _JUST
        table.add_row(styled(verdict), one.target.text, _known(one))
        for remark in _remarks(one):
            table.add_row("", styled("[dim]{}[/dim]", remark), "")
    say(table)


_CHANGED = {
    Step.MORE_VISITS: "{new:.0f} visits a day, not {old:.0f}",
    Step.FEWER_STAFF: "{new:.0f} on {about}, not {old:.0f}",
    Step.MORE_PLACES: "{new:.0f} places in {about}, not {old:.0f}",
}
_TOLD = {
    "unserved": "unserved",
    "wait": "90 % wait at most",
    "wait_joined": "90 % wait at most",
    "response_first": "overdoses met in 1 min",
    "nobody_free": "nobody free",
    "below_cover": "below cover",
    "role_missing": "a role missing",
}


def print_next(scenario: Scenario, result: StudyResult, table: pd.DataFrame) -> None:
    """Print what would change the answer, a line a change.

    Args:
        scenario: what was simulated.
        result: what the study found.
        table: what the changes do, as `next_table` has it.
    """
    shown = new_table()
    shown.add_column(styled("[bold]What would change the answer[/bold]"), ratio=1)
    money = scenario.currency if result.figures.has("cost", "per_year") else ""
    shown.add_column("", justify="right", no_wrap=True)
    shown.add_column(
        styled("[dim]{}[/dim]", f"{money} a year") if money else "", justify="right", no_wrap=True
    )
    for one in said_of(table, result.figures):
        text = _CHANGED[one.step].format(old=one.old, new=one.new, about=one.about)
        times, unit = percent(one.unit)
        before, after = (plain(value, times) for value in (one.before, one.after.value))
        effect = f"{_TOLD[one.key[0]]} {after} {unit}, not {before}"
        if not one.matters:
            effect = "no difference that matters"
        cost = "" if isnan(one.cost) or round(one.cost) == 0 else f"{one.cost:+,.0f}"
        shown.add_row(text, effect, cost)
    say(shown)


def _remarks(one: JudgedTarget) -> list[str]:
    remarks = []
    if one.hour is not None and one.target.hour != one.hour:
        remarks.append(f"decided by the hour from {hour_text(one.hour)}")
    is_quantile = probability_of(one.target.figure[1]) is not None
    if one.known.value == one.known.high == 0 and not is_quantile:
        remarks.append("it did not happen, which does not prove that it cannot")
    if one.verdict is TargetVerdict.NOT_SURE:
        remarks.append(_what_would_tell(one))
    return remarks


def _what_would_tell(one: JudgedTarget) -> str:
    if isnan(one.known.value):
        return "there was nothing to measure"
    if isnan(one.known.low):
        return "too little was measured for an interval"
    if one.more is None:
        return "too close to tell: even thousands of replications might not"
    number = "1 more replication" if one.more == 1 else f"{one.more:,} more replications"
    return f"{number} would probably tell"


def _known(one: JudgedTarget) -> str:
    """`12.7 (12.2-13.2) min`."""
    figure = one.found.figure
    times, unit = percent(figure.unit)
    # A cost a week follows from the scenario.
    words = with_interval(one.known, times, exact=figure.metric == "cost")
    return words if words == "-" else f"{words} {unit}"
