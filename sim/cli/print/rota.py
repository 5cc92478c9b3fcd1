"""The plans on one screen: what they cost, what they keep, and who works from when to when."""

from collections.abc import Sequence
from math import isnan

from rich.table import Table
from rich.text import Text

from sim.cli.console import console, styled
from sim.measures.cost import STAFF, posts
from sim.measures.staff import shift_labels
from sim.rota.check.rules import staff_of
from sim.rota.plan.plans import JudgedPlan
from sim.scenario.derived.roster import break_window
from sim.scenario.model.hours import DAY, DAYS, clock_text
from sim.scenario.model.staff import Shift
from sim.study.compare.comparison import COST_PER_WEEK, STAFF_HOURS, Comparison, Studied
from sim.study.compare.matters import Finding, headline_of

_SURE = 0.001
"""A possible saving below this is not worth a word."""
_YEAR = 365 / 7
"""Weeks of a year, for costs."""
_NOISE = 1e-6


def print_plans(comparison: Comparison, plans: Sequence[JudgedPlan], today: Sequence[str]) -> None:
    """Print the plans beside the rota of today, in at most 80 columns.

    Args:
        comparison: of the rota of today with the plans; the figures printed are its own.
        plans: in the comparison's order.
        today: rules that the rota of today breaks.
    """
    out, staff = console(), staff_of(comparison.base.scenario)
    for one in plans:
        if one.breaches:
            more = f" (and {len(one.breaches) - 1} more)" if len(one.breaches) > 1 else ""
            text = f"{one.plan.name} breaks a rule: {one.breaches[0]}{more}"
            out.print(styled("[red]{}[/red]", text))
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("plan", no_wrap=True)
    for heading in ("h/week", f"{staff.currency}/week", f"{staff.currency}/year", "WTE"):
        table.add_column(heading, justify="right", no_wrap=True)
    for heading in ("breaches", "than today"):
        table.add_column(heading, no_wrap=True)
    table.add_row(
        styled("[bold]today[/bold]"), *_figures(comparison.base), str(len(today) or "none"), ""
    )
    for one, option in zip(plans, comparison.options, strict=True):
        table.add_row(
            styled("[bold]{}[/bold]", one.plan.name),
            *_figures(option),
            str(len(one.breaches) or "none"),
            _than(comparison.base, option),
        )
    out.print(table)
    gap = plans[0].plan.gap
    if gap > _SURE:
        words = "a plan up to {:.1%} cheaper than the cheapest here\nis not ruled out."
        out.print(styled(f"[dim]The search was cut short: {words}[/dim]", gap))
    for one, option in zip(plans, comparison.options, strict=True):
        a_day = f"{one.plan.shifts / len(DAYS):.4g} people a day"
        out.print(styled("\n[bold]{}[/bold]: {}, {}", one.plan.name, one.plan.words, a_day))
        _print_findings(comparison, option.name)
        rostered = staff_of(option.scenario)
        for line, label in zip(rostered.rota, shift_labels(rostered), strict=True):
            out.print(f"  {line.count} {_text(line, label)}")


def _figures(option: Studied) -> tuple[str, ...]:
    staff = staff_of(option.scenario)
    free = all(role.cost_per_hour == 0 for role in staff.roles.values())
    cost = _cost(option)
    return (
        f"{option.value(STAFF_HOURS):,.0f}",
        "-" if free else f"{cost:,.0f}",
        "-" if free else f"{cost * _YEAR:,.0f}",
        f"{sum(posts(option.scenario, role) for role in staff.roles):.1f}",
    )


def _cost(option: Studied) -> float:
    """Cost of staff a week."""
    staff = option.value((*COST_PER_WEEK[:2], STAFF))
    return option.value(COST_PER_WEEK) if isnan(staff) else staff


def _than(base: Studied, option: Studied) -> str | Text:
    """Cheaper or dearer than today, by cost where staff cost anything, else by hours."""
    staff = staff_of(base.scenario)
    free = all(role.cost_per_hour == 0 for role in staff.roles.values())
    unit = "h" if free else staff.currency
    before, after = (one.value(STAFF_HOURS) if free else _cost(one) for one in (base, option))
    if abs(after - before) <= _NOISE * max(before, 1.0):
        return "same cost" if not free else "same hours"
    words = ("fewer", "more") if free else ("cheaper", "dearer")
    word = words[after > before]
    share = f" by {abs(after / before - 1):.1%}" if before else f" by {after:,.0f} {unit}"
    return styled(f"[{'green' if after < before else 'red'}]{word}[/]{{}}", share)


def _print_findings(comparison: Comparison, option: str) -> None:
    """What is surely better or worse than today beside the cost."""
    found: dict[Finding, list[str]] = {Finding.BETTER: [], Finding.WORSE: []}
    for line in comparison.lines:
        headline = headline_of(line.row)
        effort = (line.row.metric, line.row.statistic) in {COST_PER_WEEK[:2], STAFF_HOURS[:2]}
        if line.option == option and headline is not None and not effort:
            found.get(line.verdict.finding, []).append(headline.words)
    out = console()
    for finding, words in found.items():
        if words:
            style = "green" if finding is Finding.BETTER else "red"
            text = ", ".join(dict.fromkeys(words))
            out.print(styled(f"  [{style}]{finding.value}[/{style}] than today: {{}}", text))


def _text(line: Shift, label: str) -> str:
    hours = f"{clock_text(line.start)}-{clock_text(line.end)}"
    name = f"{label} {hours}" if line.name else f"{line.role} {hours}"
    days = "" if len(line.days) == len(DAYS) else " " + "+".join(DAYS[day] for day in line.days)
    weeks = "" if not line.weeks else f" in week {', '.join(map(str, line.weeks))}"
    return name + days + weeks + "".join(_break(rest) for rest in _in_order(line))


def _in_order(line: Shift) -> list[tuple[int, int, float]]:
    """Breaks as windows and lengths, in the order of the shift."""
    windows = ((*break_window(line, rest), rest.length) for rest in line.breaks)
    return sorted(windows)


def _break(rest: tuple[int, int, float]) -> str:
    first, last, length = rest
    if first == last:
        return f", break {clock_text(first % DAY)}-{_end(first + length)}"
    return f", break of {length:g} min from {clock_text(first % DAY)} to {_end(last)}"


def _end(minute: float) -> str:
    return clock_text(minute % DAY or DAY)
