"""A comparison on a screen or two: headline figures, what may be best, what it costs, and rotas."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from math import isnan
from statistics import median

from rich.cells import cell_len
from rich.table import Table
from rich.text import Text

from sim.cli.console import WIDTH, console, new_table, say, styled
from sim.cli.print.summary import print_targets
from sim.measures.staff import shift_labels
from sim.results.numbers import hour_text, plain, signed
from sim.rota.check.comparison import Survival, busiest_hour
from sim.rota.check.rules import Breach, Rule
from sim.scenario.errors.problem import shorten
from sim.study.compare.best import Best
from sim.study.compare.comparison import (
    COST_PER_WEEK,
    ComparedFigure,
    Comparison,
    EqualCost,
    Studied,
)
from sim.study.compare.matters import Area, Better, Finding, Headline, headline_of, headlines
from sim.study.compare.options import Change, demand_changes, rota_changes
from sim.study.estimate.intervals import Estimate

MOST_BLOCKS = 4
"""With more alternatives than this they stand below each other in one table."""
_LONG = 50
"""Letters of names that no longer fit into a line with other words."""
_MOST_CHANGES = 6
_GAP = 2
"""Spaces between columns."""
_MORE = "cannot tell, +20: about 20 more replications would probably tell"
_COST_UNIT = 1000
_MOST_BESIDE = 5
"""More options than this do not fit beside each other."""
_RULES = "Rules of the rota, times broken"
_WORDS = {Finding.SAME: "does not matter", Finding.UNSURE: "cannot tell"}
_STYLES = {
    **dict.fromkeys((Finding.BETTER, Finding.CHEAPER), "green"),
    **dict.fromkeys((Finding.WORSE, Finding.DEARER), "red"),
    Finding.UNSURE: "yellow",
}
_MARKS = {
    Finding.BETTER: "b",
    Finding.WORSE: "w",
    Finding.CHEAPER: "c",
    Finding.DEARER: "d",
    Finding.SAME: "=",
    Finding.UNSURE: "?",
    Finding.DIFFERS: "",
    Finding.NONE: "",
}


def print_comparison(
    comparison: Comparison, best: Sequence[Best], costs: Sequence[EqualCost]
) -> None:
    """Print what a comparison says of the headline figures, in at most 80 columns."""
    out, base = console(), comparison.base
    horizon = base.scenario.horizon
    days = horizon.total_days - 7 * horizon.warmup_weeks
    count = base.result.count
    times = "1 replication (without intervals)" if count == 1 else f"{count} replications"
    say(styled("\n[bold]{}[/bold] compared with {}", base.name, _number(comparison.options)))
    others = [one for one in comparison.options if demand_changes(comparison.changes[one.name])]
    people = "not the same people in all" if others else "the same people in all"
    say(f"{times} of {days} days, seed {base.result.seed}; {people}.")
    say(f"95 % intervals of the differences, {_together(comparison)}.")
    if len(comparison.options) <= MOST_BLOCKS:
        for one in comparison.options:
            _print_changes(comparison, one)
            out.print(_block(comparison, one))
            _print_unmoved(comparison, one)
        if any(
            line.verdict.more and not line.unmoved
            for line in comparison.lines
            if headline_of(line.row)
        ):
            say(styled("[dim]{}[/dim]", _MORE))
    else:
        out.print(_rows(comparison))
        say(styled("[dim]{}[/dim]", _legend(comparison)))
    _print_best(comparison, best)
    _print_costs(comparison, costs)
    _print_pairing(comparison)
    for one in (base, *comparison.options):
        if one.scenario.targets:
            say(styled("\n[bold]{}[/bold]", one.name))
            print_targets(one.scenario, one.result)


def short_name(name: str, width: int) -> str:
    """A name in so many letters; of a setting, such as `rooms.a.places=9`, the end tells most."""
    if len(name) > width and "=" in name:
        return f"…{name[1 - width :]}"
    return shorten(name, width)


def _number(options: Sequence[Studied]) -> str:
    names = ", ".join(one.name for one in options)
    few = len(options) <= MOST_BLOCKS
    return names if few and len(names) < _LONG else f"{len(options)} alternatives"


def _together(comparison: Comparison) -> str:
    number = len(comparison.options)
    return "paired" if number == 1 else f"paired, for all {number} alternatives at once"


def _print_changes(comparison: Comparison, option: Studied) -> None:
    changes = comparison.changes[option.name]
    rota = rota_changes(changes)
    if len(rota) > _MOST_CHANGES:
        changes = tuple(change for change in changes if change.path[:2] != ("staff", "rota"))
    listed = [_change_text(change, comparison.base, option) for change in changes[:_MOST_CHANGES]]
    if len(changes) > _MOST_CHANGES:
        listed.append(f"{len(changes) - _MOST_CHANGES} more, see comparison.json")
    if len(rota) > _MOST_CHANGES:
        listed.insert(0, f"another rota ({len(rota)} changes, see comparison.json)")
    text = "; ".join(listed) if listed else "the same as the base"
    # An option without a name of its own is called by its settings, which the changes repeat.
    named = Text() if "=" in option.name and listed else styled("[bold]{}[/bold]  ", option.name)
    say(styled("\n{}{}", named, text))


def _change_text(change: Change, base: Studied, option: Studied) -> str:
    """`staff.rota.4.count (nurse evening): 2 → 1`: nobody knows the lines of a rota by number."""
    path, staff = change.path, (base if change.new is None else option).scenario.staff
    if path[:2] != ("staff", "rota") or not isinstance(path[2], int) or staff is None:
        return str(change)
    where, _, values = str(change).partition(": ")
    return f"{where} ({shift_labels(staff)[path[2]]}): {values}"


def _headlines(comparison: Comparison) -> Iterator[tuple[Headline, tuple[ComparedFigure, ...]]]:
    for headline in headlines(rotas=comparison.rotas_differ):
        lines = comparison.of((headline.metric, headline.statistic, "all"))
        nothing = headline.metric == COST_PER_WEEK[0] and not any(_is_money(one) for one in lines)
        if lines and not nothing:
            yield headline, lines


def _is_money(line: ComparedFigure) -> bool:
    """Whether a cost is said; of staff without pay it is 0."""
    return any(not isnan(one) and one != 0 for one in (line.base_value, line.value))


def _block(comparison: Comparison, option: Studied) -> Table:
    table = new_table()
    table.add_column("", no_wrap=True, ratio=1)
    table.add_column(styled("[dim]{}[/dim]", short_name(comparison.base.name, 9)), justify="right")
    table.add_column(styled("[dim]difference[/dim]"), justify="left", no_wrap=True)
    table.add_column("", no_wrap=True)
    currencies = {one.scenario.currency for one in (comparison.base, option)}
    currency = currencies.pop() if len(currencies) == 1 else ""
    for headline, lines in _headlines(comparison):
        line = next((one for one in lines if one.option == option.name), None)
        # Neither the base nor this option has such a figure, or no draw has moved it.
        if line is None or line.unmoved:
            continue
        times = 100 if headline.percent else 1
        money = f", {currency}" if headline.metric == COST_PER_WEEK[0] and currency else ""
        table.add_row(
            f" {headline.words}{money}",
            plain(line.base_value, times),
            signed(Estimate(line.difference, line.low, line.high), times),
            _verdict(line),
        )
    return table


def _print_unmoved(comparison: Comparison, option: Studied) -> None:
    """Name the headline figures that are left out, since they are alike in every replication."""
    names = [
        f"{headline.words} ({plain(line.base_value, 100 if headline.percent else 1)})"
        for headline, lines in _headlines(comparison)
        for line in lines
        if line.option == option.name and line.unmoved
    ]
    if names:
        say(styled("[dim]Alike in every replication: {}[/dim]", ", ".join(names)))


def _verdict(line: ComparedFigure) -> str | Text:
    finding = line.verdict.finding
    words = _WORDS.get(finding, finding.value)
    if finding is Finding.UNSURE:
        more = line.verdict.more
        words += " yet" if more is None else f", +{more:,}"
    style = _STYLES.get(finding)
    return words if style is None else Text(words, style)


def _rows(comparison: Comparison) -> Table:
    """One line an option; as many headline figures as fit."""
    found = [
        (headline, lines)
        for headline, lines in _headlines(comparison)
        if headline.narrow and not all(one.unmoved for one in lines)
    ]
    times = [100 if headline.percent else 1 for headline, _ in found]
    first = [plain(lines[0].base_value, by) for (_, lines), by in zip(found, times, strict=True)]
    rows: list[list[str | Text]] = [[f"{one}  " for one in first]]
    for option in comparison.options:
        mine = ([one for one in lines if one.option == option.name] for _, lines in found)
        rows.append(
            [_cell(one[0], by) if one else "-  " for one, by in zip(mine, times, strict=True)]
        )
    heads = [headline.short for headline, _ in found]
    columns = zip(heads, *rows, strict=True)
    taken = sum(max(_width(one) for one in column) + _GAP for column in columns)
    table = new_table()
    table.add_column("", no_wrap=True)
    for head in heads:
        table.add_column(styled("[dim]{}[/dim]", head), justify="right", no_wrap=True)
    for one, cells in zip((comparison.base, *comparison.options), rows, strict=True):
        table.add_row(short_name(one.name, max(WIDTH - taken, _GAP)), *cells)
    return table


def _legend(comparison: Comparison) -> str:
    money = any(headline.area is Area.COST for headline, _ in _headlines(comparison))
    words = "c cheaper, d dearer, " if money else ""
    return f"b better, w worse, {words}= does not matter, ? cannot tell yet"


def _width(cell: str | Text) -> int:
    return cell.cell_len if isinstance(cell, Text) else cell_len(cell)


def _cell(line: ComparedFigure, times: float) -> str | Text:
    finding = line.verdict.finding
    text = signed(Estimate(line.difference), times)
    style = _STYLES.get(finding)
    mark = _MARKS[finding] or " "
    return f"{text} {mark}" if style is None else Text.assemble(f"{text} ", (mark, style))


def _print_best(comparison: Comparison, best: Sequence[Best]) -> None:
    if len(comparison.options) == 1 or not best:
        return
    everybody = len(comparison.options) + 1
    table = new_table()
    table.add_column(styled("[bold]May be the best[/bold]"), no_wrap=True)
    table.add_column("", ratio=1)
    for one in best:
        headline = headline_of(one.row)
        if headline is not None and len(one.names) < everybody:
            table.add_row(f" {headline.words}", shorten(", ".join(one.names), 150))
    others = " in the other headline figures" if table.rows else ""
    table.add_row(others or " in all headline figures", "any of them")
    say("")
    say(table)


def _print_costs(comparison: Comparison, costs: Sequence[EqualCost]) -> None:
    """Figures that are better or worse, per hour and money; of safety and access."""
    currency = comparison.base.scenario.currency
    sure = {
        (line.option, line.row.metric, line.row.statistic, line.row.by): line
        for line in comparison.lines
        if line.verdict.finding in {Finding.BETTER, Finding.WORSE}
    }
    shown = [
        (one, headline)
        for one in costs
        if (headline := headline_of(one.row)) is not None
        and headline.area in {Area.SAFETY, Area.ACCESS}
        and (one.option, one.row.metric, one.row.statistic, one.row.by) in sure
    ]
    if not costs:
        return
    table = new_table()
    table.add_column(styled("[bold]At equal cost[/bold]"), ratio=1, no_wrap=True)
    staffed = not all(isnan(one.extra_hours) for one in costs)
    if staffed:
        table.add_column(styled("[dim]per extra staff hour[/dim]"), no_wrap=True)
    table.add_column(styled("[dim]per extra {:,} {}[/dim]", _COST_UNIT, currency), no_wrap=True)
    for option in dict.fromkeys(one.option for one in costs):
        first = next(one for one in costs if one.option == option)
        hours = styled("[dim]{} h a week[/dim]", _extra(first.extra_hours, 1))
        spent = _extra(first.extra_cost, 0)
        money = styled("[dim]{} {} a week[/dim]", spent, currency)
        amounts = (hours, money) if staffed else (money,)
        table.add_row(f" {short_name(option, 28)}", *amounts)
        mine = [(one, headline) for one, headline in shown if one.option == option]
        for one, headline in mine:
            times = 100 if headline.percent else 1
            hour, cost = _per(one.per_hour, times), _per(one.per_cost, times * _COST_UNIT)
            table.add_row(f"   {headline.words}", *((hour, cost) if staffed else (cost,)))
        if not mine:
            table.add_row("   nothing better or worse")
    say("")
    say(table)


def _extra(amount: float, places: int) -> str:
    """More or less of something; adding 0 turns a -0 into 0."""
    return "-" if isnan(amount) else f"{amount + 0.0:+,.{places}f}"


def _per(unit: Estimate, times: float) -> str:
    if isnan(unit.value):
        return "-"
    value, low, high = (f"{times * one:.2g}" for one in (unit.value, unit.low, unit.high))
    return f"{value} ({low} to {high})"


def _print_pairing(comparison: Comparison) -> None:
    ratios = []
    for headline, lines in _headlines(comparison):
        known = [
            line.width_ratio
            for line in lines
            if not isnan(line.width_ratio) and not demand_changes(comparison.changes[line.option])
        ]
        matters = headline.area is Area.ACCESS and lines[0].matter.better is not Better.NEITHER
        if known and matters:
            ratios.append(f"{headline.short} {median(known):.1f}")
    if ratios:
        say(f"\nTimes narrower than with other people in each: {', '.join(ratios)}")


# --- rotas ----------------------------------------------------------------------------------------


def print_rules(options: Sequence[Studied], breaches: Mapping[str, tuple[Breach, ...]]) -> None:
    """Print how often each option's rota breaks which rule, and when its staff are busiest."""
    table = new_table()
    table.add_column(styled("[bold]{}[/bold]", _RULES), no_wrap=True)
    shown = options[:_MOST_BESIDE]
    width = (WIDTH - len(_RULES)) // len(shown) - _GAP
    for one in shown:
        table.add_column(styled("[dim]{}[/dim]", short_name(one.name, width)), justify="right")
    numbers = {name: Counter(one.rule for one in found) for name, found in breaches.items()}
    for rule in Rule:
        counts = [numbers.get(one.name, Counter())[rule] for one in shown]
        if any(counts):
            table.add_row(f" {rule.words}", *(str(count or "-") for count in counts))
    if not table.rows:
        table.add_row(" none broken", *("-" for _ in shown))
    out = console()
    out.print()
    out.print(table)
    for one in shown:
        busiest = busiest_hour(one)
        if busiest is not None:
            role, hour, share = busiest
            when = hour_text(hour)
            words = "[dim]Busiest hour of[/dim] {}: {} {:.0%} at work, {}"
            out.print(styled(words, one.name, role, share, when))


def print_stress(found: Sequence[Survival]) -> None:
    """Print whether each ranking survives each stress test."""
    if not found:
        return
    tests = list(dict.fromkeys(one.stress for one in found))
    ranked = [one for one in found if _is_ranked(one, found)]
    table = new_table()
    table.add_column(styled("[bold]Does the ranking survive?[/bold]"), no_wrap=True)
    table.add_column(styled("[dim]best now[/dim]"))
    for test in tests:
        table.add_column(styled("[dim]{}[/dim]", test.name))
    for key in dict.fromkeys(one.calm for one in ranked):
        headline = headline_of(key.row)
        cells = [_survival(one) for one in ranked if one.calm == key]
        words = key.row.metric if headline is None else headline.words
        table.add_row(f" {words}", short_name(key.leader, 14), *cells)
    out = console()
    out.print()
    if ranked:
        out.print(table)
    else:
        words = "[bold]Stress tests:[/bold] no option is surely best in anything to begin with."
        out.print(styled(words))
    for test in tests:
        out.print(styled("[dim]{}: {}[/dim]", test.name, test.words))


def _is_ranked(one: Survival, found: Sequence[Survival]) -> bool:
    """Whether some option is out as things are."""
    everybody = {name for other in found for name in (*other.calm.names, other.calm.leader)}
    return len(one.calm.names) < len(everybody)


def _survival(one: Survival) -> str | Text:
    if one.survives:
        return styled("[green]holds[/green]")
    if one.now is None:
        return "-"
    return styled("[red]{}[/red]", short_name(one.now.leader, 12))
