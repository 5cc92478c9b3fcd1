"""Rotas on the screen: the need hour by hour, plans beside today's, and which rules are kept."""

from collections import Counter
from collections.abc import Iterator, Sequence
from math import isnan

import numpy as np
from rich.table import Table
from rich.text import Text

from sim.cli.console import console, new_table, say, styled
from sim.measures.cost import STAFF, posts
from sim.measures.staff import shift_labels
from sim.results.numbers import hour_text, with_interval
from sim.rota.check.check import CheckedRota
from sim.rota.check.overtime import PlayedOvertime
from sim.rota.check.rules import Rule, rules_of, staff_of
from sim.rota.need.need import Requirement
from sim.rota.need.refine import Refined
from sim.rota.plan.plans import JudgedPlan
from sim.scenario import Scenario
from sim.scenario.derived.appointments import booked_together
from sim.scenario.derived.roster import break_window
from sim.scenario.model.hours import DAY, DAYS, HOUR, clock_text
from sim.scenario.model.staff import Shift
from sim.study.compare.comparison import COST_PER_WEEK, STAFF_HOURS, Comparison, Studied
from sim.study.compare.matters import Finding, headline_of

_HOURS = DAY // HOUR
_MOST_BREACHES = 6
"""Breaches of one rule that are printed; the table has all."""
_SURE = 0.001
"""A possible saving below this is not worth a word."""
_YEAR = 365 / 7
"""Weeks of a year, for costs."""
_NOISE = 1e-6


# --- the need -------------------------------------------------------------------------------------


def print_need(site: Scenario, formula: Requirement, refined: Refined | None) -> None:
    """Print who is needed when, in at most 80 columns."""
    need = rules_of(site).need
    say(
        f"People present so that at most {need.waiting:.4g} of the tasks asked for in an hour\n"
        f"wait, an overdose finds too few with a chance of at most {need.overdose:.4g}, and the\n"
        "rules of supervision hold."
    )
    for role, number in formula.by_role.items():
        simulated = None if refined is None else refined.by_role[role]
        hours = f"{number.sum()} h a week by formula"
        if refined is not None:
            hours += f", {refined.hours_per_week(role)} h by simulation"
        say(styled("\n[bold]{}[/bold]  {}", role, hours))
        say(styled("[dim]        {}[/dim]", "".join(f"{hour:3d}" for hour in range(_HOURS))))
        rows = [number.reshape(7, _HOURS).tolist()]
        if simulated is not None:
            rows.append(simulated.reshape(7, _HOURS).tolist())
        for days, of_day in _days(rows):
            say(f"{days:8}{_cells(of_day[0])}")
            if simulated is not None:
                say(f"{'  simul.':8}{_cells(of_day[1])}")
    total = sum(int(number.sum()) for number in formula.by_role.values())
    say(f"\nAll roles: {total} h a week by formula" + _refined(formula, refined))
    if several := booked_together(site):
        counted = "the simulation counts them as they come."
        say(
            f"\nSeveral are booked for one time ({'; '.join(several)}). The formula takes them as "
            "if they came one by one, and may ask for too few then; "
            + (counted if refined is not None else f"with --replications {counted}")
        )


def _refined(formula: Requirement, refined: Refined | None) -> str:
    if refined is None:
        return "."
    total = sum(int(number.sum()) for number in refined.by_role.values())
    chances = np.nan_to_num(refined.chance.value)  # hours that the horizon does not have
    set_number, hour = divmod(int(chances.argmax()), 7 * _HOURS)
    value, low, high = (float(part[set_number, hour]) for part in refined.chance)
    roles = " or ".join(sorted(formula.asked[set_number].roles))
    when = hour_text(hour)
    interval = "" if isnan(low) else f"\n(95 % interval {low:.3f} to {high:.3f})"
    return (
        f", {total} h by simulation\n({refined.rounds} rounds of {refined.replications} "
        f"replications{'' if refined.settled else '; see below'}).\n"
        f"Played with exactly these, at most {value:.3f} of an hour's tasks wait{interval},\n"
        f"in the hour from {when}, tasks of {roles}." + _doubts(refined)
    )


def _doubts(refined: Refined) -> str:
    """What a planner should know of a search that did not come to rest, or did not suffice."""
    found = ""
    if not refined.settled:
        found += (
            "\nThe rounds did not settle: fewer people in one hour leave work over for the\n"
            "next, which then asks for more. The most of the last rounds was played, and less\n"
            "was taken where as few tasks wait as wanted with one person fewer."
        )
    if refined.added > 0:
        found += (
            f"\nOf these, {refined.added} h were added because more tasks waited than wanted when\n"
            "the result of the rounds was played by further replications."
        )
    if not refined.holds:
        found += (
            "\nEven so, in some hours more tasks wait than wanted: see chance in work.csv. More\n"
            "staff in those hours does not help; look at demand or at who may do what."
        )
    return found


def _days(rows: list[list[list[int]]]) -> Iterator[tuple[str, list[list[int]]]]:
    """Runs of days that are alike in every row."""
    first = 0
    for day in range(1, len(DAYS) + 1):
        if day < len(DAYS) and all(row[day] == row[first] for row in rows):
            continue
        last = day - 1
        name = DAYS[first] if first == last else f"{DAYS[first]}-{DAYS[last]}"
        yield ("daily" if (first, last) == (0, 6) else name), [row[first] for row in rows]
        first = day


def _cells(numbers: list[int]) -> str:
    return "".join(f"{number or '.':>3}" for number in numbers)


# --- plans ----------------------------------------------------------------------------------------


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
    table = new_table(dim=True, expand=False)
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
        _print_overtime(option)
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


def _print_overtime(option: Studied) -> None:
    """What is worked after the ends of shifts, which is in no figure of a plan's cost."""
    minutes = option.value(("overtime", "minutes_per_week", "all"))
    if not minutes > 0:
        return
    paid, currency = option.value(("cost", "overtime_per_week", "all")), staff_of(option.scenario)
    cost = "" if isnan(paid) else f", {paid:,.0f} {currency.currency} a week on top"
    console().print(f"  overtime {minutes / HOUR:.1f} h a week, as simulated{cost}")


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
    return name + days + weeks + "".join(_break(one) for one in _in_order(line))


def _in_order(line: Shift) -> list[tuple[int, int, float]]:
    """Breaks as windows and lengths, in the order of the shift."""
    windows = ((*break_window(line, one), one.length) for one in line.breaks)
    return sorted(windows)


def _break(window: tuple[int, int, float]) -> str:
    first, last, length = window
    if first == last:
        return f", break {clock_text(first % DAY)}-{_end(first + length)}"
    return f", break of {length:g} min from {clock_text(first % DAY)} to {_end(last)}"


def _end(minute: float) -> str:
    return clock_text(minute % DAY or DAY)


# --- rules ----------------------------------------------------------------------------------------


def print_check(site: Scenario, found: CheckedRota) -> None:
    """Print which rules a rota keeps, and what it has of each role."""
    out = console()
    numbers = Counter(one.rule for one in found.breaches)
    for rule in Rule:
        mine = [one for one in found.breaches if one.rule is rule]
        if rule in found.unchecked:
            continue
        verdict = styled("[green]kept[/green]")
        if mine:
            times = f"{numbers[rule]} time{'s' if len(mine) > 1 else ''}"
            verdict = styled("[red]broken {}[/red] [dim]({})[/dim]", times, mine[0].source)
        out.print(styled("{:20}{}", rule.words, verdict))
        for one in mine[:_MOST_BREACHES]:
            out.print(f"    {one.where}, {one.when}: {one.what}")
        if len(mine) > _MOST_BREACHES:
            out.print(f"    and {len(mine) - _MOST_BREACHES} more; --out writes all")
    if found.unchecked:
        names = ", ".join(rule.words for rule in found.unchecked)
        out.print(styled("[dim]Not checked, as the rota has no names: {}[/dim]", names))
    out.print()
    out.print(_posts(site, found))


def print_overtime(played: PlayedOvertime, found: CheckedRota) -> None:
    """Print what staff who stay after closing work beyond a rota, and which rules that breaks.

    Args:
        played: what was played.
        found: what the rota breaks as it is written.
    """
    out = console()
    weeks = played.replications * -(-played.days // len(DAYS))
    many = "week" if weeks == 1 else "weeks"
    say(
        "\nOvertime, as staff stay after closing until nobody is inside, that of tasks in hand\n"
        f"included: {played.replications} replications of {played.days} days were played, "
        f"{weeks} {many}\n(seed {played.seed}; 95 % intervals)."
    )
    if not played.lines:
        out.print("None was worked.")
        return
    table = new_table(dim=True, expand=False)
    table.add_column("shift")
    for heading in ("min a week, each person", "shifts late", "latest, min"):
        table.add_column(heading, justify="right")
    for line in played.lines:
        table.add_row(
            line.line, with_interval(line.minutes), f"{line.late:.1%}", f"{line.latest:.0f}"
        )
    out.print(table)
    for risk in played.risks:
        of = f"{played.replications} replications, on average" if risk.mean else f"{risk.of} {many}"
        text = f"{risk.rule.words}, {risk.where}: broken by it in {risk.broken} of {of} played"
        out.print(styled("[yellow]warning:[/yellow] {}", text))
    if not played.risks:
        out.print("It breaks no rule that the rota keeps as it is written.")
    if found.unchecked:
        out.print(styled("[dim]Rest after it is not looked at: the rota has no names.[/dim]"))


def _posts(site: Scenario, found: CheckedRota) -> Table:
    table = new_table(dim=True, expand=False)
    table.add_column("role")
    currency = staff_of(site).currency
    for heading in ("h/week", f"{currency}/week", "contract h", "headroom", "WTE"):
        table.add_column(heading, justify="right")
    for row in found.posts.itertuples():
        table.add_row(
            str(row.role),
            f"{row.hours_per_week:g}",
            f"{row.cost_per_week:,.0f}",
            f"{row.contract_hours:g}",
            f"{row.headroom:.0%}",
            f"{row.wte:.2f}",
        )
    total = found.posts
    hours, cost = total["hours_per_week"].sum(), total["cost_per_week"].sum()
    table.add_row("all", f"{hours:g}", f"{cost:,.0f}", "", "", f"{total['wte'].sum():.2f}")
    return table
