"""A sizing in at most 80 columns."""

from collections.abc import Sequence
from math import isinf, isnan

from rich.markup import escape
from rich.padding import Padding
from rich.table import Table

from sim.cli.compare_print import plain
from sim.cli.console import console
from sim.cli.size_words import changes, levels, named, short
from sim.scenario.hours import DAYS, clock_text
from sim.size.assume import REPLICATIONS, Again
from sim.size.frontier import Described, Shown, describe, frontier
from sim.size.grow import Stage
from sim.size.sizing import Seen, Sizing
from sim.size.space import Design, Space
from sim.size.tables import missed_targets
from sim.size.watched import Watched

_MOST_FRONTIER, _MOST_UNSURE, _MOST_CHANGED = 8, 5, 10


def print_sizing(found: Sizing, seconds: float) -> None:
    """Print the answer, how sure it is, and what goes with it."""
    space, search = found.lab.space, found.found
    name = space.original.loaded.scenario.name
    _say(
        f"\n[bold]{escape(name)}[/bold]  {space.size:,} designs, {len(found.described)} played, up "
        f"to {search.replications} replications each, seed {found.lab.means.seed}, "
        f"{seconds:.0f} s"
    )
    if found.chosen is None:
        _print_nothing(found)
    else:
        _print_designs(found)
        _print_targets(found.targets)
        _print_how_sure(found)
        _print_prices(found, found.chosen)
        _print_headroom(found)
        _print_thumbs(found)
    _print_frontier(found)


def _print_designs(found: Sizing) -> None:
    space, met = found.lab.space, found.found.met
    table = Table(box=None, pad_edge=False, header_style="", expand=True)
    table.add_column("")
    for head in ("[bold]the cheapest[/bold]", "next best")[: len(met)]:
        table.add_column(head, justify="right")
    shown = [describe(found.lab, one) for one in met]
    for number, one in enumerate(space.parameters):
        cells = [str(space.levels(design)[number]) for design in met]
        table.add_row(escape(named(space, one.name)), *cells)
    table.add_row(f"cost a year, {escape(space.currency)}", *(f"{d.cost:,.0f}" for d in shown))
    table.add_row("90 % wait at most, min", *(_known(d.p90) for d in shown))
    table.add_row("unserved, % of visits", *(_known(d.unserved, 100) for d in shown))
    table.add_row("[dim]replications[/dim]", *(f"[dim]{d.replications}[/dim]" for d in shown))
    console().print(table)


def _print_targets(targets: Sequence[Seen]) -> None:
    _say("\n[bold]Targets[/bold] in the cheapest design (95 % interval)")
    table = Table(box=None, pad_edge=False, show_header=False, expand=True)
    table.add_column("", ratio=1)
    table.add_column("", justify="right", no_wrap=True)
    for one in targets:
        table.add_row(escape(one.wanted.target.text), _figure(one))
    console().print(table)


def _figure(one: Seen) -> str:
    if isnan(one.figure.value):
        return "nothing to measure"
    times, unit = (100, "%") if one.wanted.unit == "share" else (1, one.wanted.unit)
    words = f"{_known(one.figure, times)} {unit}"
    if one.wanted.within is not None:
        words = f"within it: {words}"
    if one.hour is not None:
        words += f", {DAYS[one.hour // 24]} {clock_text(one.hour % 24 * 60)}"
    return words


def _print_how_sure(found: Sizing) -> None:
    search = found.found
    sure = f"{search.confidence:.0%}".replace("%", " %")
    ruled = {
        "played": sum(one.box.is_single for one in search.ruled if one.columns),
        "by": sum(one.box.size for one in search.ruled if one.columns and not one.box.is_single),
        "load": sum(one.box.size for one in search.ruled if not one.columns),
    }
    tolerances = ", ".join(_tolerance(one) for one in found.lab.means.wanted)
    _say(
        f"\nWith {sure} confidence it meets the targets, and no cheaper design does, but for "
        f"figures nearer to their limits than {escape(tolerances)} (in that order)."
    )
    _say(
        f"Of the cheaper designs {ruled['played']:,} were played and miss a target; "
        f"{ruled['by']:,} have no more of anything than one that misses; {ruled['load']:,} cannot "
        "carry the load."
    )
    for one in found.unsure[:_MOST_UNSURE]:
        _say(
            f"[yellow]not sure[/yellow]  {escape(short(found.lab.space, one.design))}: cheaper; "
            f"at most {one.to_go:,} more replications would tell (--max-replications)"
        )


def _tolerance(one: Watched) -> str:
    if one.unit == "share":
        return f"{100 * one.tolerance:g} in 100"
    return f"{one.tolerance:g} {one.unit}"


def _print_prices(found: Sizing, chosen: Design) -> None:
    if not found.prices:
        return
    space = found.lab.space
    _say("\n[bold]What each target costs[/bold]: the cheapest design without it")
    for one in found.prices:
        text = escape(one.wanted.target.text)
        if one.design is None:
            _say(f"  {text}: not known")
        elif one.design == chosen or one.saving <= 0:
            _say(f"  {text}: nothing")
        else:
            _say(f"  {text}: {one.saving:,.0f} {escape(space.currency)} a year; without it")
            _say_below(escape(changes(space, chosen, one.design)))


def _print_headroom(found: Sizing) -> None:
    one = found.headroom
    if one is None:
        return
    if isnan(one.factor):
        _say("\n[bold]Headroom[/bold]: none; a target is just met")
        return
    low = "0" if isnan(one.low) else f"{100 * (one.low - 1):.0f}"
    high = "beyond 100" if isinf(one.high) else f"{100 * (one.high - 1):.0f}"
    first = ""
    if one.first is not None:
        first = f"; then {found.lab.means.wanted[one.first].target.text} is missed first"
    _say(
        f"\n[bold]Headroom[/bold]: demand may grow by {100 * (one.factor - 1):.0f} % ({low} to "
        f"{high} %){escape(first)}; {one.replications} replications"
    )


def _print_thumbs(found: Sizing) -> None:
    if not found.thumbs:
        return
    _say("\n[bold]The rule of thumb[/bold], with the same staff and hours, would have built")
    for one in found.thumbs:
        places = " + ".join(f"{number} {room}" for room, number in one.places.items())
        columns = [number for number, margin in enumerate(one.margins) if margin < 0]
        missed = "; ".join(missed_targets(found, columns))
        meant = f"misses {missed}" if missed else "meets the targets"
        _say(
            f"  {one.minutes} minutes a use: {escape(places)}, {one.total} places; {escape(meant)}"
        )


def _print_nothing(found: Sizing) -> None:
    if not found.short:
        _say("\n[yellow]No design is known to meet all targets; of these it is not sure:[/yellow]")
        for unsure in found.unsure[:_MOST_UNSURE]:
            _say(
                f"  {escape(short(found.lab.space, unsure.design))}: at most {unsure.to_go:,} "
                "more replications would tell (--max-replications)"
            )
        return
    best = found.short[0].design
    _say("\n[bold red]No design within these bounds meets all targets.[/bold red]")
    _say(f"The best that can be had: {escape(short(found.lab.space, best))}")
    _say(f"  cost a year {found.lab.space.cost[best]:,.0f} {escape(found.lab.space.currency)}")
    for number, one in enumerate(found.short):
        binds = "binding" if number == 0 else "missed too"
        _say(f"  {binds}: {escape(one.seen.wanted.target.text)}, but {_figure(one.seen)}")
    _say("Wider bounds under `design: vary:`, or an easier target, are needed.")


def _print_frontier(found: Sizing) -> None:
    for field, words, times in (
        ("unserved", "unserved visits, %", 100),
        ("p90", "the wait that 90 % do not exceed, min", 1),
    ):
        best = _thinned(list(frontier(found.described, field)))
        if not best:
            continue
        _say(f"\n[bold]Cost against {words}[/bold] (best of the designs played)")
        for one in best:
            mark = " [bold]<[/bold]" if one.design == found.chosen else ""
            figure = _known(getattr(one, field), times)
            design = escape(levels(found.lab.space, one.design))
            _say(f"  {one.cost:>14,.0f}  {figure:>22}  {design}{mark}")


def _thinned(best: list[Described]) -> list[Described]:
    """A few of them, the first and the last among these."""
    if len(best) <= _MOST_FRONTIER:
        return best
    steps = [round(n * (len(best) - 1) / (_MOST_FRONTIER - 1)) for n in range(_MOST_FRONTIER)]
    return [best[number] for number in steps]


def print_plan(space: Space, stages: Sequence[Stage]) -> None:
    """Print what to add when."""
    if not stages:
        return
    _say("\n[bold]As demand grows[/bold]: what to add when (cost a year)")
    before: Design | None = None
    for one in stages:
        growth = f"{100 * (one.factor - 1):+.0f} %"
        if one.design is None:
            _say(f"  {growth:>6}  nothing within the bounds meets the targets")
            continue
        if before is None:
            words = short(space, one.design)
        elif before == one.design:
            words = "nothing"
        else:
            words = changes(space, before, one.design)
        _say(f"  {growth:>6}  {one.cost:>14,.0f}  {escape(words)}")
        before = one.design


def print_again(space: Space, chosen: Design | None, again: Sequence[Again]) -> None:
    """Print how often the chosen design stays the choice, and where it does not."""
    if chosen is None or not again:
        return
    stay = sum(one.stays for one in again)
    _say(
        f"\n[bold]Assumptions[/bold]: the chosen design stays the choice in {stay} of "
        f"{len(again)} decisions, each assumption at an end of its range; by estimates of "
        f"{REPLICATIONS} replications"
    )
    changed = [one for one in again if not one.stays]
    for one in changed[:_MOST_CHANGED]:
        what = "nothing meets the targets"
        if one.design is not None:
            what = changes(space, chosen, one.design)
        _say(f"  {escape(one.end.assumed.key)} = {escape(one.end.setting)}:")
        _say_below(escape(what))
    if len(changed) > _MOST_CHANGED:
        _say(f"  and {len(changed) - _MOST_CHANGED} more: see assumptions.csv")


def _known(one: Shown, times: float = 1) -> str:
    if isnan(one.value):
        return "-"
    value = times * one.value
    if isnan(one.low):
        return plain(value)
    return f"{plain(value)} ({plain(times * one.low)}-{plain(times * one.high)})"


def _say(text: str) -> None:
    console().print(text, highlight=False)


def _say_below(text: str) -> None:
    """Further in than the line before it, however many lines it takes."""
    console().print(Padding(text, (0, 0, 0, 4), expand=False), highlight=False)
