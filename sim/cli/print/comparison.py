"""A comparison on a screen or two: headline figures, what may be best, what it costs, and rotas."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import isnan
from statistics import median

from rich.cells import cell_len
from rich.table import Table
from rich.text import Text

from sim.cli.console import WIDTH, console, new_table, say, styled
from sim.cli.print.named import changed_text, column_name, option_name, row_name, rule_name
from sim.cli.print.summary import print_targets
from sim.report.page.numbers import plain
from sim.report.page.words import Words
from sim.rota.check.comparison import Stress, Survival, busiest_hour, house_shut
from sim.rota.check.rules import Breach, Rule
from sim.scenario.city.model import City
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
from sim.study.compare.options import demand_changes, rota_changes
from sim.study.estimate.intervals import Estimate

MOST_BLOCKS = 4
"""With more alternatives than this they stand below each other in one table."""
_LONG = 50
"""Letters of names that no longer fit into a line with other words."""
_MOST_CHANGES = 6
_GAP = 2
"""Spaces between columns."""
_COST_UNIT = 1000
_MOST_BESIDE = 5
"""More options than this do not fit beside each other."""
_STYLES = {
    **dict.fromkeys((Finding.BETTER, Finding.CHEAPER), "green"),
    **dict.fromkeys((Finding.WORSE, Finding.DEARER), "red"),
    Finding.UNSURE: "yellow",
}


def print_comparison(
    comparison: Comparison, best: Sequence[Best], costs: Sequence[EqualCost], words: Words
) -> None:
    """Print what a comparison says of the headline figures, in at most 80 columns."""
    out, base = console(), comparison.base
    horizon = base.scenario.horizon
    days = horizon.total_days - 7 * horizon.warmup_weeks
    count = base.result.count
    times = words["screen_compare.once"] if count == 1 else words.count("unit.replications", count)
    with_ = words.say("screen_compare.with", options=_number(comparison, words))
    say(styled("\n[bold]{}[/bold] {}", base.name, with_))
    others = [one for one in comparison.options if demand_changes(comparison.changes[one.name])]
    people = words["screen_compare.not_the_same" if others else "compare.same_people"]
    played = words.tell("screen.played", replications=times, days=days, seed=base.result.seed)
    say(f"{played}; {people}.")
    say(words.say("screen_compare.intervals", together=_together(comparison, words)))
    if len(comparison.options) <= MOST_BLOCKS:
        for one in comparison.options:
            _print_changes(comparison, one, words)
            out.print(_block(comparison, one, words))
            _print_unmoved(comparison, one, words)
        if any(
            line.verdict.more and not line.unmoved
            for line in comparison.lines
            if headline_of(line.row)
        ):
            say(styled("[dim]{}[/dim]", words["screen_compare.more"]))
    else:
        out.print(_rows(comparison, words))
        say(styled("[dim]{}[/dim]", _legend(comparison, words)))
    _print_best(comparison, best, words)
    _print_costs(comparison, costs, words)
    _print_pairing(comparison, words)
    for one in (base, *comparison.options):
        if one.scenario.targets:
            say(styled("\n[bold]{}[/bold]", option_name(comparison, one, words)))
            print_targets(one.scenario, one.result, words)


def short_name(name: str, width: int) -> str:
    """A name in so many letters; of a setting, such as `rooms.a.places=9`, the end tells most."""
    if len(name) > width and "=" in name:
        return f"…{name[1 - width :]}"
    return shorten(name, width)


def _number(comparison: Comparison, words: Words) -> str:
    options = comparison.options
    names = ", ".join(option_name(comparison, one, words) for one in options)
    few = len(options) <= MOST_BLOCKS
    if few and len(names) < _LONG:
        return names
    return words.plural("screen_compare.alternatives", len(options))


def _together(comparison: Comparison, words: Words) -> str:
    number = len(comparison.options)
    if number == 1:
        return words["screen_compare.paired"]
    return words.tell("screen_compare.paired_together", number=number)


def _print_changes(comparison: Comparison, option: Studied, words: Words) -> None:
    changes = comparison.changes[option.name]
    rota = rota_changes(changes)
    if len(rota) > _MOST_CHANGES:
        changes = tuple(change for change in changes if change.path[:2] != ("staff", "rota"))
    shown = changes[:_MOST_CHANGES]
    base, other = comparison.base.scenario, option.scenario
    listed = [changed_text(one, base, other, words) for one in shown]
    if len(changes) > _MOST_CHANGES:
        number = len(changes) - _MOST_CHANGES
        listed.append(words.tell("screen_compare.more_changes", number=number))
    if len(rota) > _MOST_CHANGES:
        listed.insert(0, words.tell("screen_compare.another_rota", number=len(rota)))
    text = "; ".join(listed) if listed else words["screen_compare.same_as_base"]
    # An option without a name of its own is called by its settings, which the changes repeat.
    named = Text() if "=" in option.name and listed else styled("[bold]{}[/bold]  ", option.name)
    say(styled("\n{}{}", named, text))


def _headlines(comparison: Comparison) -> Iterator[tuple[Headline, tuple[ComparedFigure, ...]]]:
    in_city = isinstance(comparison.base.scenario, City)
    for headline in headlines(rotas=comparison.rotas_differ):
        lines = comparison.of((headline.metric, headline.statistic, "all"))
        nothing = headline.metric == COST_PER_WEEK[0] and not any(_is_money(one) for one in lines)
        if lines and not nothing and not (in_city and _is_unknown(lines)):
            yield headline, lines


def _is_unknown(lines: Iterable[ComparedFigure]) -> bool:
    """Whether nothing is known of a figure, neither of the base nor of any option."""
    return all(isnan(one.base_value) and isnan(one.value) for one in lines)


def _is_money(line: ComparedFigure) -> bool:
    """Whether a cost is said; of staff without pay it is 0."""
    return any(not isnan(one) and one != 0 for one in (line.base_value, line.value))


def _block(comparison: Comparison, option: Studied, words: Words) -> Table:
    table = new_table()
    table.add_column("", no_wrap=True, ratio=1)
    table.add_column(styled("[dim]{}[/dim]", short_name(comparison.base.name, 9)), justify="right")
    difference = words["axis.difference"]
    table.add_column(styled("[dim]{}[/dim]", difference), justify="left", no_wrap=True)
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
            f" {row_name(words, headline)}{money}",
            words.local(plain(line.base_value, times)),
            words.signed(Estimate(line.difference, line.low, line.high), times),
            _verdict(line, words),
        )
    return table


def _print_unmoved(comparison: Comparison, option: Studied, words: Words) -> None:
    """Name the headline figures that are left out, since they are alike in every replication."""
    names = [
        f"{row_name(words, headline)} ({words.local(plain(line.base_value, times))})"
        for headline, lines in _headlines(comparison)
        for line in lines
        for times in [100 if headline.percent else 1]
        if line.option == option.name and line.unmoved
    ]
    if names:
        alike = words.say("screen_compare.alike", figures=", ".join(names))
        say(styled("[dim]{}[/dim]", alike))


_OWN = {Finding.SAME: "same", Finding.UNSURE: "unsure"}
"""Findings that are called otherwise where there is little room."""


def _verdict(line: ComparedFigure, words: Words) -> str | Text:
    finding = line.verdict.finding
    if finding is Finding.NONE:
        return ""
    own = _OWN.get(finding)
    text = words[f"screen_compare.{own}" if own else f"finding.{finding.value}"]
    if finding is Finding.UNSURE:
        more = line.verdict.more
        yet = words["screen_compare.yet"]
        text += yet if more is None else words.tell("screen_compare.plus", number=more)
    style = _STYLES.get(finding)
    return text if style is None else Text(text, style)


def _rows(comparison: Comparison, words: Words) -> Table:
    """One line an option; as many headline figures as fit."""
    found = [
        (headline, lines)
        for headline, lines in _headlines(comparison)
        if headline.narrow and not all(one.unmoved for one in lines)
    ]
    times = [100 if headline.percent else 1 for headline, _ in found]
    first = [plain(lines[0].base_value, by) for (_, lines), by in zip(found, times, strict=True)]
    rows: list[list[str | Text]] = [[f"{words.local(one)}  " for one in first]]
    for option in comparison.options:
        mine = ([one for one in lines if one.option == option.name] for _, lines in found)
        rows.append(
            [
                _cell(one[0], by, words) if one else "-  "
                for one, by in zip(mine, times, strict=True)
            ]
        )
    heads = [column_name(words, headline) for headline, _ in found]
    columns = zip(heads, *rows, strict=True)
    taken = sum(max(_width(one) for one in column) + _GAP for column in columns)
    table = new_table()
    table.add_column("", no_wrap=True)
    for head in heads:
        table.add_column(styled("[dim]{}[/dim]", head), justify="right", no_wrap=True)
    for one, cells in zip((comparison.base, *comparison.options), rows, strict=True):
        name = option_name(comparison, one, words)
        table.add_row(short_name(name, max(WIDTH - taken, _GAP)), *cells)
    return table


def _legend(comparison: Comparison, words: Words) -> str:
    money = any(headline.area is Area.COST for headline, _ in _headlines(comparison))
    return words["screen_compare.legend_money" if money else "screen_compare.legend"]


def _width(cell: str | Text) -> int:
    return cell.cell_len if isinstance(cell, Text) else cell_len(cell)


def _cell(line: ComparedFigure, times: float, words: Words) -> str | Text:
    finding = line.verdict.finding
    text = words.signed(Estimate(line.difference), times)
    style = _STYLES.get(finding)
    mark = words.texts.get(f"screen_compare.mark_{finding.name.lower()}", " ")
    return f"{text} {mark}" if style is None else Text.assemble(f"{text} ", (mark, style))


def _print_best(comparison: Comparison, best: Sequence[Best], words: Words) -> None:
    if len(comparison.options) == 1 or not best:
        return
    everybody = len(comparison.options) + 1
    named = {one.name: option_name(comparison, one, words) for one in comparison.options}
    table = new_table()
    table.add_column(styled("[bold]{}[/bold]", words["compare.best"]), no_wrap=True)
    table.add_column("", ratio=1)
    for one in best:
        headline = headline_of(one.row)
        if headline is not None and len(one.names) < everybody:
            names = ", ".join(named.get(name, name) for name in one.names)
            table.add_row(f" {row_name(words, headline)}", shorten(names, 150))
    which = words["screen_compare.in_others" if table.rows else "screen_compare.in_all"]
    table.add_row(f" {which}", words["screen_compare.any"])
    say("")
    say(table)


def _print_costs(comparison: Comparison, costs: Sequence[EqualCost], words: Words) -> None:
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
    title = words["screen_compare.equal_cost"]
    table.add_column(styled("[bold]{}[/bold]", title), ratio=1, no_wrap=True)
    staffed = not all(isnan(one.extra_hours) for one in costs)
    if staffed:
        table.add_column(styled("[dim]{}[/dim]", words["screen_compare.per_hour"]), no_wrap=True)
    unit = words.tell("screen_compare.per_money", number=_COST_UNIT, currency=currency)
    table.add_column(styled("[dim]{}[/dim]", unit), no_wrap=True)
    named = {one.name: option_name(comparison, one, words) for one in comparison.options}
    for option in dict.fromkeys(one.option for one in costs):
        first = next(one for one in costs if one.option == option)
        spent = {"hours": _extra(first.extra_hours, 1), "money": _extra(first.extra_cost, 0)}
        hours, money = (
            words.say(f"screen_compare.{of}", amount=words.local(amount), currency=currency)
            for of, amount in spent.items()
        )
        amounts = (hours, money) if staffed else (money,)
        cells = (styled("[dim]{}[/dim]", one) for one in amounts)
        table.add_row(f" {short_name(named[option], 28)}", *cells)
        mine = [(one, headline) for one, headline in shown if one.option == option]
        for one, headline in mine:
            times = 100 if headline.percent else 1
            hour = _per(one.per_hour, times, words)
            cost = _per(one.per_cost, times * _COST_UNIT, words)
            name = row_name(words, headline)
            table.add_row(f"   {name}", *((hour, cost) if staffed else (cost,)))
        if not mine:
            table.add_row(f"   {words['screen_compare.nothing']}")
    say("")
    say(table)


def _extra(amount: float, places: int) -> str:
    """More or less of something; adding 0 turns a -0 into 0."""
    return "-" if isnan(amount) else f"{amount + 0.0:+,.{places}f}"


def _per(unit: Estimate, times: float, words: Words) -> str:
    if isnan(unit.value):
        return "-"
    value, low, high = (
        words.local(f"{times * one:.2g}") for one in (unit.value, unit.low, unit.high)
    )
    return value + words.say("unit.from_to", low=low, high=high)


def _print_pairing(comparison: Comparison, words: Words) -> None:
    ratios = []
    for headline, lines in _headlines(comparison):
        known = [
            line.width_ratio
            for line in lines
            if not isnan(line.width_ratio) and not demand_changes(comparison.changes[line.option])
        ]
        matters = headline.area is Area.ACCESS and lines[0].matter.better is not Better.NEITHER
        if known and matters:
            narrower = words.local(f"{median(known):.1f}")
            ratios.append(f"{column_name(words, headline)} {narrower}")
    if ratios:
        say("\n" + words.say("screen_compare.narrower", figures=", ".join(ratios)))


# --- rotas ----------------------------------------------------------------------------------------


def print_rules(
    options: Sequence[Studied], breaches: Mapping[str, tuple[Breach, ...]], words: Words
) -> None:
    """Print how often each option's rota breaks which rule, and when its staff are busiest."""
    table, title = new_table(), words["screen_compare.rules"]
    table.add_column(styled("[bold]{}[/bold]", title), no_wrap=True)
    shown = options[:_MOST_BESIDE]
    width = (WIDTH - len(title)) // len(shown) - _GAP
    for one in shown:
        table.add_column(styled("[dim]{}[/dim]", short_name(one.name, width)), justify="right")
    numbers = {name: Counter(one.rule for one in found) for name, found in breaches.items()}
    for rule in Rule:
        counts = [numbers.get(one.name, Counter())[rule] for one in shown]
        if any(counts):
            table.add_row(f" {rule_name(words, rule)}", *(str(count or "-") for count in counts))
    if not table.rows:
        table.add_row(f" {words['screen_compare.none_broken']}", *("-" for _ in shown))
    out = console()
    out.print()
    out.print(table)
    for one in shown:
        busiest = busiest_hour(one)
        if busiest is not None:
            role, hour, share = busiest
            text = words.tell(
                "screen_compare.busiest_is",
                option=one.name,
                role=words.own(role),
                share=share,
                when=words.week_hour(hour),
            )
            out.print(styled("[dim]{}[/dim] {}", words["screen_compare.busiest"], text))


def print_stress(found: Sequence[Survival], words: Words) -> None:
    """Print whether each ranking survives each stress test."""
    if not found:
        return
    tests = list(dict.fromkeys(one.stress for one in found))
    ranked = [one for one in found if _is_ranked(one, found)]
    names = {test: _test_name(test.name, words) for test in tests}
    out = console()
    out.print()
    if ranked:
        for first in range(0, len(tests), _TESTS):
            out.print(_survivals(ranked, tests[first : first + _TESTS], names, words))
    else:
        title, none = words["screen_compare.stress_tests"], words["screen_compare.none_best"]
        out.print(styled("[bold]{}[/bold] {}", title, none))
    for test, name in names.items():
        out.print(styled("[dim]{}: {}[/dim]", name, words.told(test.words)))


_TESTS = 4
"""Stress tests that have room beside each other."""


def _test_name(name: str, words: Words) -> str:
    """What a stress test is called at the head of a column."""
    if house := house_shut(name):
        return words.say("screen_compare.stress_shut", facility=words.own(house))
    return words[f"screen_compare.stress_{name.replace('-', '_')}"]


def _survivals(
    ranked: Sequence[Survival], tests: Sequence[Stress], names: Mapping[Stress, str], words: Words
) -> Table:
    """A row a figure, a column a stress test."""
    table = new_table()
    table.add_column(styled("[bold]{}[/bold]", words["screen_compare.survives"]), no_wrap=True)
    table.add_column(styled("[dim]{}[/dim]", words["screen_compare.best_now"]))
    for test in tests:
        table.add_column(styled("[dim]{}[/dim]", names[test]))
    for key in dict.fromkeys(one.calm for one in ranked):
        headline = headline_of(key.row)
        mine = [one for one in ranked if one.calm == key and one.stress in tests]
        figure = key.row.metric if headline is None else row_name(words, headline)
        cells = [_survival(one, words) for one in mine]
        table.add_row(f" {figure}", short_name(key.leader, 14), *cells)
    return table


def _is_ranked(one: Survival, found: Sequence[Survival]) -> bool:
    """Whether some option is out as things are."""
    everybody = {name for other in found for name in (*other.calm.names, other.calm.leader)}
    return len(one.calm.names) < len(everybody)


def _survival(one: Survival, words: Words) -> str | Text:
    if one.survives:
        return Text(words["screen_compare.holds"], "green")
    if one.now is None:
        return "-"
    return styled("[red]{}[/red]", short_name(one.now.leader, 12))
