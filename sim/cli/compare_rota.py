"""What `compare` prints of rotas: rules broken, the busiest hour, and stress tests."""

from collections import Counter
from collections.abc import Mapping, Sequence

from rich.table import Table
from rich.text import Text

from sim.cli.console import WIDTH, console, styled
from sim.cli.print.comparison import short_name
from sim.rota.check.comparison import Survival, busiest_hour
from sim.rota.check.rules import Breach, Rule
from sim.scenario.model.hours import DAYS, HOUR, clock_text
from sim.study.compare.comparison import Studied
from sim.study.compare.matters import headline_of

_MOST = 5
"""More options than this do not fit beside each other."""
_DAY_HOURS = 24
_RULES = "Rules of the rota, times broken"
_GAP = 2
"""Spaces between columns."""


def print_rules(options: Sequence[Studied], breaches: Mapping[str, tuple[Breach, ...]]) -> None:
    """Print how often each option's rota breaks which rule, and when its staff are busiest."""
    table = _table()
    table.add_column(styled("[bold]{}[/bold]", _RULES), no_wrap=True)
    shown = options[:_MOST]
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
            when = f"{DAYS[hour // _DAY_HOURS]} {clock_text(hour % _DAY_HOURS * HOUR)}"
            words = "[dim]Busiest hour of[/dim] {}: {} {:.0%} at work, {}"
            out.print(styled(words, one.name, role, share, when))


def print_stress(found: Sequence[Survival]) -> None:
    """Print whether each ranking survives each stress test."""
    if not found:
        return
    tests = list(dict.fromkeys(one.stress for one in found))
    ranked = [one for one in found if _is_ranked(one, found)]
    table = _table()
    table.add_column(styled("[bold]Does the ranking survive?[/bold]"), no_wrap=True)
    table.add_column(styled("[dim]best now[/dim]"))
    for test in tests:
        table.add_column(styled("[dim]{}[/dim]", test.name))
    for key in dict.fromkeys(one.calm for one in ranked):
        headline = headline_of(key.row)
        cells = [_cell(one) for one in ranked if one.calm == key]
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


def _cell(one: Survival) -> str | Text:
    if one.survives:
        return styled("[green]holds[/green]")
    if one.now is None:
        return "-"
    return styled("[red]{}[/red]", short_name(one.now.leader, 12))


def _table() -> Table:
    return Table(box=None, pad_edge=False, header_style="", expand=True)
