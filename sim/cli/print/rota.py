"""Rotas on the screen: the need hour by hour, plans beside today's, and which rules are kept."""

from collections import Counter
from collections.abc import Iterator, Sequence
from math import isnan

import numpy as np
from rich.table import Table
from rich.text import Text

from sim.cli.console import console, new_table, say, styled
from sim.cli.print.named import breach_text, row_name, rule_name, source_text
from sim.measures.figures.cost import STAFF, posts
from sim.measures.figures.staff import shift_labels
from sim.report.page.numbers import with_interval
from sim.report.page.words import Words
from sim.rota.check.check import CheckedRota
from sim.rota.check.overtime import PlayedOvertime
from sim.rota.check.rules import Rule, rules_of, staff_of
from sim.rota.need.need import Requirement
from sim.rota.need.refine import Refined
from sim.rota.plan.plans import JudgedPlan
from sim.scenario import Scenario
from sim.scenario.derived.appointments import booked_together
from sim.scenario.derived.roster import break_window
from sim.scenario.errors.told import Listed
from sim.scenario.model.hours import DAY, DAYS, HOUR
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


def print_need(site: Scenario, formula: Requirement, refined: Refined | None, words: Words) -> None:
    """Print who is needed when, in at most 80 columns."""
    need = rules_of(site).need
    say(words.tell("screen_need.present", waiting=need.waiting, overdose=need.overdose))
    for role, number in formula.by_role.items():
        simulated = None if refined is None else refined.by_role[role]
        hours = words.tell("screen_need.by_formula", hours=int(number.sum()))
        if refined is not None:
            hours += words.tell("screen_need.by_simulation", hours=refined.hours_per_week(role))
        say(styled("\n[bold]{}[/bold]  {}", words.own(role), hours))
        say(styled("[dim]        {}[/dim]", "".join(f"{hour:3d}" for hour in range(_HOURS))))
        rows = [number.reshape(7, _HOURS).tolist()]
        if simulated is not None:
            rows.append(simulated.reshape(7, _HOURS).tolist())
        for days, of_day in _days(rows, words):
            say(f"{days:8}{_cells(of_day[0])}")
            if simulated is not None:
                say(f"{'  ' + words['screen_need.simulated']:8}{_cells(of_day[1])}")
    total = sum(int(number.sum()) for number in formula.by_role.values())
    say("\n" + words.tell("screen_need.all_roles", hours=total) + _refined(formula, refined, words))
    if several := booked_together(site):
        listed = "; ".join(words.told(one) for one in several)
        key = "screen_need.several_by_formula" if refined is None else "screen_need.several"
        say("\n" + words.say(key, several=listed))


def _refined(formula: Requirement, refined: Refined | None, words: Words) -> str:
    if refined is None:
        return "."
    total = sum(int(number.sum()) for number in refined.by_role.values())
    chances = np.nan_to_num(refined.chance.value)  # hours that the horizon does not have
    set_number, hour = divmod(int(chances.argmax()), 7 * _HOURS)
    value, low, high = (float(part[set_number, hour]) for part in refined.chance)
    interval = ""
    if not isnan(low):
        interval = "\n" + words.tell("screen_need.interval", low=low, high=high)
    return words.tell(
        "screen_need.refined",
        hours=total,
        rounds=refined.rounds,
        replications=refined.replications,
        unsettled="" if refined.settled else words["screen_need.see_below"],
        value=value,
        interval=interval,
        hour=words.week_hour(hour),
        roles=Listed.of(sorted(formula.asked[set_number].roles), "or"),
    ) + _doubts(refined, words)


def _doubts(refined: Refined, words: Words) -> str:
    """What a planner should know of a search that did not come to rest, or did not suffice."""
    found = ""
    if not refined.settled:
        found += "\n" + words["screen_need.unsettled"]
    if refined.added > 0:
        found += "\n" + words.tell("screen_need.added", hours=refined.added)
    if not refined.holds:
        found += "\n" + words["screen_need.does_not_hold"]
    return found


def _days(rows: list[list[list[int]]], words: Words) -> Iterator[tuple[str, list[list[int]]]]:
    """Runs of days that are alike in every row."""
    first = 0
    for day in range(1, len(DAYS) + 1):
        if day < len(DAYS) and all(row[day] == row[first] for row in rows):
            continue
        last = day - 1
        name = words.day(first) if first == last else f"{words.day(first)}-{words.day(last)}"
        whole = (first, last) == (0, 6)
        yield words["screen_need.daily"] if whole else name, [row[first] for row in rows]
        first = day


def _cells(numbers: list[int]) -> str:
    return "".join(f"{number or '.':>3}" for number in numbers)


# --- plans ----------------------------------------------------------------------------------------


def print_plans(
    comparison: Comparison, plans: Sequence[JudgedPlan], today: Sequence[str], words: Words
) -> None:
    """Print the plans beside the rota of today, in at most 80 columns.

    Args:
        comparison: of the rota of today with the plans; the figures printed are its own.
        plans: in the comparison's order.
        today: rules that the rota of today breaks.
        words: the language.
    """
    out, staff = console(), staff_of(comparison.base.scenario)
    for one in plans:
        if one.breaches:
            number = len(one.breaches) - 1
            more = words.tell("screen_rota.and_more", number=number) if number else ""
            told = words.told(one.breaches[0])
            text = words.say("screen_rota.breaks", plan=one.plan.name, told=told)
            out.print(styled("[red]{}[/red]", text + more))
    table = new_table(dim=True, expand=False)
    table.add_column(words["screen_rota.plan"], no_wrap=True)
    for key in ("hours", "money_week", "money_year", "posts"):
        heading = words.say(f"screen_rota.{key}", currency=staff.currency)
        table.add_column(heading, justify="right", no_wrap=True)
    for key in ("breaches", "than_today"):
        table.add_column(words[f"screen_rota.{key}"], no_wrap=True)
    none = words["size.none"]
    today_is = styled("[bold]{}[/bold]", words["screen_rota.today"])
    table.add_row(today_is, *_figures(comparison.base, words), str(len(today) or none), "")
    for one, option in zip(plans, comparison.options, strict=True):
        table.add_row(
            styled("[bold]{}[/bold]", one.plan.name),
            *_figures(option, words),
            str(len(one.breaches) or none),
            _than(comparison.base, option, words),
        )
    out.print(table)
    gap = plans[0].plan.gap
    if gap > _SURE:
        out.print(Text(words.tell("screen_rota.cut_short", gap=gap), "dim"))
    for one, option in zip(plans, comparison.options, strict=True):
        a_day = words.tell("screen_rota.people_a_day", people=one.plan.shifts / len(DAYS))
        about = f"{words.told(one.plan.words)}, {a_day}"
        out.print(styled("\n[bold]{}[/bold]: {}", one.plan.name, about))
        _print_findings(comparison, option.name, words)
        _print_overtime(option, words)
        rostered = staff_of(option.scenario)
        for line, label in zip(rostered.rota, shift_labels(rostered), strict=True):
            out.print(f"  {line.count} {_text(line, label, words)}")


def _figures(option: Studied, words: Words) -> tuple[str, ...]:
    staff = staff_of(option.scenario)
    free = all(role.cost_per_hour == 0 for role in staff.roles.values())
    cost = _cost(option)
    found = (
        f"{option.value(STAFF_HOURS):,.0f}",
        "-" if free else f"{cost:,.0f}",
        "-" if free else f"{cost * _YEAR:,.0f}",
        f"{sum(posts(option.scenario, role) for role in staff.roles):.1f}",
    )
    return tuple(words.local(one) for one in found)


def _cost(option: Studied) -> float:
    """Cost of staff a week."""
    staff = option.value((*COST_PER_WEEK[:2], STAFF))
    return option.value(COST_PER_WEEK) if isnan(staff) else staff


def _than(base: Studied, option: Studied, words: Words) -> str | Text:
    """Cheaper or dearer than today, by cost where staff cost anything, else by hours."""
    staff = staff_of(base.scenario)
    free = all(role.cost_per_hour == 0 for role in staff.roles.values())
    unit = words["screen_rota.h"] if free else staff.currency
    before, after = (one.value(STAFF_HOURS) if free else _cost(one) for one in (base, option))
    if abs(after - before) <= _NOISE * max(before, 1.0):
        return words["screen_rota.same_cost" if not free else "screen_rota.same_hours"]
    keys = ("option.cell_less", "option.cell_more") if free else _MONEY
    word = words[keys[after > before]]
    share = f"{abs(after / before - 1):.1%}" if before else f"{after:,.0f} {unit}"
    text = words.say("screen_rota.by", what=word, amount=words.local(share))
    return Text(text, "green" if after < before else "red")


_MONEY = ("finding.cheaper", "finding.dearer")


def _print_overtime(option: Studied, words: Words) -> None:
    """What is worked after the ends of shifts, which is in no figure of a plan's cost."""
    minutes = option.value(("overtime", "minutes_per_week", "all"))
    if not minutes > 0:
        return
    paid, currency = option.value(("cost", "overtime_per_week", "all")), staff_of(option.scenario)
    text = words.tell("screen_rota.overtime", hours=minutes / HOUR)
    if not isnan(paid):
        text += words.tell("screen_rota.on_top", amount=paid, currency=currency.currency)
    console().print(f"  {text}")


def _print_findings(comparison: Comparison, option: str, words: Words) -> None:
    """What is surely better or worse than today beside the cost."""
    found: dict[Finding, list[str]] = {Finding.BETTER: [], Finding.WORSE: []}
    for line in comparison.lines:
        headline = headline_of(line.row)
        effort = (line.row.metric, line.row.statistic) in {COST_PER_WEEK[:2], STAFF_HOURS[:2]}
        if line.option == option and headline is not None and not effort:
            found.get(line.verdict.finding, []).append(row_name(words, headline))
    out = console()
    for finding, names in found.items():
        if names:
            style = "green" if finding is Finding.BETTER else "red"
            text = ", ".join(dict.fromkeys(names))
            word = words[f"finding.{finding.value}"]
            than = words["screen_rota.than"]
            out.print(styled(f"  [{style}]{{}}[/{style}] {{}}: {{}}", word, than, text))


def _text(line: Shift, label: str, words: Words) -> str:
    hours = f"{words.time(line.start)}-{words.time(line.end)}"
    name = f"{words.own(label)} {hours}" if line.name else f"{words.own(line.role)} {hours}"
    days = "+".join(words.day(day) for day in line.days)
    days = "" if len(line.days) == len(DAYS) else f" {days}"
    weeks = ""
    if line.weeks:
        weeks = words.say("screen_rota.in_week", weeks=", ".join(map(str, line.weeks)))
    return name + days + weeks + "".join(_break(one, words) for one in _in_order(line))


def _in_order(line: Shift) -> list[tuple[int, int, float]]:
    """Breaks as windows and lengths, in the order of the shift."""
    windows = ((*break_window(line, one), one.length) for one in line.breaks)
    return sorted(windows)


def _break(window: tuple[int, int, float], words: Words) -> str:
    first, last, length = window
    start = words.time(first % DAY)
    if first == last:
        return words.say("screen_rota.break", start=start, end=_end(first + length, words))
    end = _end(last, words)
    return words.tell("screen_rota.break_between", length=length, start=start, end=end)


def _end(minute: float, words: Words) -> str:
    return words.time(minute % DAY or DAY)


# --- rules ----------------------------------------------------------------------------------------


def print_check(site: Scenario, found: CheckedRota, words: Words) -> None:
    """Print which rules a rota keeps, and what it has of each role."""
    out = console()
    numbers = Counter(one.rule for one in found.breaches)
    width = 1 + max(len(rule_name(words, rule)) for rule in Rule)
    for rule in Rule:
        mine = [one for one in found.breaches if one.rule is rule]
        if rule in found.unchecked:
            continue
        verdict = Text(words["screen_rota.kept"], "green")
        if mine:
            times = words.count("rota.breaches", numbers[rule])
            source = mine[0].source
            verdict = styled("[red]{}[/red] [dim]({})[/dim]", times, source_text(words, source))
        out.print(styled("{}{}", f"{rule_name(words, rule):{width}}", verdict))
        for one in mine[:_MOST_BREACHES]:
            out.print(f"    {breach_text(words, one)}")
        if len(mine) > _MOST_BREACHES:
            number = len(mine) - _MOST_BREACHES
            out.print("    " + words.tell("screen_rota.more_breaches", number=number))
    if found.unchecked:
        names = ", ".join(rule_name(words, rule) for rule in found.unchecked)
        text = words.say("screen_rota.unchecked", rules=names)
        out.print(styled("[dim]{}[/dim]", text))
    out.print()
    out.print(_posts(site, found, words))


def print_overtime(played: PlayedOvertime, found: CheckedRota, words: Words) -> None:
    """Print what staff who stay after closing work beyond a rota, and which rules that breaks.

    Args:
        played: what was played.
        found: what the rota breaks as it is written.
        words: the language.
    """
    out = console()
    number = played.replications * -(-played.days // len(DAYS))
    weeks = words.plural("screen_rota.weeks", number)
    say(
        "\n"
        + words.tell(
            "screen_rota.overtime_played",
            replications=played.replications,
            days=played.days,
            weeks=weeks,
            seed=played.seed,
        )
    )
    if not played.lines:
        out.print(words["screen_rota.no_overtime"])
        return
    table = new_table(dim=True, expand=False)
    table.add_column(words["screen_rota.shift"])
    for key in ("each_person", "late", "latest"):
        table.add_column(words[f"screen_rota.{key}"], justify="right")
    for line in played.lines:
        cells = (with_interval(line.minutes), f"{line.late:.1%}", f"{line.latest:.0f}")
        table.add_row(words.own(line.line), *(words.local(one) for one in cells))
    out.print(table)
    for risk in played.risks:
        of = words.tell(
            "screen_rota.on_average" if risk.mean else "screen_rota.of_weeks",
            replications=played.replications,
            weeks=words.plural("screen_rota.of", number, of=risk.of),
        )
        text = words.tell(
            "screen_rota.risk",
            rule=rule_name(words, risk.rule),
            where=words.told(risk.where),
            broken=risk.broken,
            of=of,
        )
        out.print(styled("[yellow]{}[/yellow] {}", words["screen.warning"], text))
    if not played.risks:
        out.print(words["screen_rota.no_risk"])
    if found.unchecked:
        out.print(styled("[dim]{}[/dim]", words["screen_rota.rest_unknown"]))


def _posts(site: Scenario, found: CheckedRota, words: Words) -> Table:
    table = new_table(dim=True, expand=False)
    table.add_column(words["axis.role"])
    currency = staff_of(site).currency
    for key in ("hours", "money_week", "contract", "headroom", "posts"):
        heading = words.say(f"screen_rota.{key}", currency=currency)
        table.add_column(heading, justify="right")
    for row in found.posts.itertuples():
        cells = (
            f"{row.hours_per_week:g}",
            f"{row.cost_per_week:,.0f}",
            f"{row.contract_hours:g}",
            f"{row.headroom:.0%}",
            f"{row.wte:.2f}",
        )
        table.add_row(words.own(str(row.role)), *(words.local(one) for one in cells))
    total = found.posts
    hours, cost = total["hours_per_week"].sum(), total["cost_per_week"].sum()
    sums = (f"{hours:g}", f"{cost:,.0f}", "", "", f"{total['wte'].sum():.2f}")
    table.add_row(words["part.all"], *(words.local(one) for one in sums))
    return table
