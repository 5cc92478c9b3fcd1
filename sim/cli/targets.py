"""Targets on one screen: what was wanted, what is known, and whether that is enough."""

from math import isnan

from rich.table import Table

from sim.cli.console import console, styled
from sim.results.numbers import decimals
from sim.scenario import Scenario
from sim.scenario.model.hours import DAYS, clock_text
from sim.scenario.model.targets import probability_of
from sim.study import StudyResult
from sim.study.estimate.targets import JudgedTarget, TargetVerdict, judge

_STYLE = {
    TargetVerdict.PASS: "green",
    TargetVerdict.FAIL: "bold red",
    TargetVerdict.NOT_SURE: "yellow",
}


def print_targets(scenario: Scenario, result: StudyResult) -> None:
    """Print a line for each target of a scenario, if it has any, in at most 80 columns."""
    if not scenario.targets:
        return
    table = Table(box=None, pad_edge=False, header_style="", expand=True)
    table.add_column(styled("[bold]Targets[/bold]"), no_wrap=True)
    table.add_column("", ratio=1)
    table.add_column(styled("[dim]simulated[/dim]"), justify="right", no_wrap=True)
    for one in judge(scenario, result):
        verdict = styled(f"[{_STYLE[one.verdict]}]{one.verdict.value}[/]")
        table.add_row(verdict, one.target.text, _known(one))
        for remark in _remarks(one):
            table.add_row("", styled("[dim]{}[/dim]", remark), "")
    console().print(table)


def _remarks(one: JudgedTarget) -> list[str]:
    remarks = []
    if one.hour is not None and one.target.hour != one.hour:
        worst = f"{DAYS[one.hour // 24]} {clock_text(one.hour % 24 * 60)}"
        remarks.append(f"decided by the hour from {worst}")
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
    share = one.found.figure.unit == "share"
    times, unit = (100, "%") if share else (1, one.found.figure.unit)
    value, low, high = (
        times * number for number in (one.known.value, one.known.low, one.known.high)
    )
    if isnan(value):
        return "-"
    places = decimals(value)
    # A cost a week follows from the scenario.
    exact = isnan(low) or (one.found.figure.metric == "cost" and low == high)
    interval = "" if exact else f" ({low:,.{places}f}-{high:,.{places}f})"
    return f"{value:,.{places}f}{interval} {unit}"
