"""A sizing in at most 80 columns."""

from collections.abc import Sequence
from math import isinf, isnan

from rich.table import Table
from rich.text import Text

from sim.cli.console import new_table, say, styled
from sim.cli.print.design import changes, levels, named, say_below, short, with_interval
from sim.cli.print.robustness import print_headroom
from sim.results.numbers import hour_text, percent, plain
from sim.scenario.model.design import costs_moved
from sim.size.alternatives import Described, describe, frontier
from sim.size.observation import ObservedTarget
from sim.size.sizing import ObservedFigure, SafetyReport, Sizing, safety_report
from sim.size.space import WEEKS, Design
from sim.size.tables import (
    BREAKS,
    LOAD,
    MISSES,
    RULED,
    broken_designs,
    cheaper,
    missed_targets,
)

_MANY_YEARS = 10
_MOST_FRONTIER, _MOST_UNSURE, _MOST_BROKEN = 8, 5, 3


def print_sizing(found: Sizing, seconds: float) -> None:
    """Print the answer, how sure it is, and what goes with it."""
    space, search = found.experiment.space, found.found
    name = space.original.loaded.scenario.name
    say(
        styled(
            f"\n[bold]{{}}[/bold]  {space.size:,} designs, {len(found.described)} played, up to "
            f"{search.replications} replications each, seed {found.experiment.setup.seed}, "
            f"{seconds:.0f} s",
            name,
        )
    )
    if moved := costs_moved(space.original.loaded.scenario.design):
        say(styled("[yellow]note[/yellow]  {}", moved))
    _print_undecided(found)
    if found.chosen is None:
        _print_nothing(found)
    else:
        _print_designs(found)
        _print_targets(found)
        _print_safety(found, found.chosen)
        _print_how_sure(found)
        _print_unsafe(found, found.chosen)
        _print_prices(found, found.chosen)
        print_headroom(found)
        _print_bottleneck(found)
        _print_rule_of_thumb(found)
    _print_frontier(found)


def _print_designs(found: Sizing) -> None:
    space, met = found.experiment.space, found.found.met
    table = new_table()
    table.add_column("")
    for head in (styled("[bold]the cheapest[/bold]"), "next best")[: len(met)]:
        table.add_column(head, justify="right")
    shown = [describe(found.experiment, one) for one in met]
    for number, one in enumerate(space.parameters):
        cells = [str(space.levels(design)[number]) for design in met]
        table.add_row(named(space, one.name), *cells)
    block = space.original.loaded.scenario.design
    if block is not None and block.usable is not None:
        needed = [found.places(one) for one in met]
        table.add_row("places needed", *map(str, needed))
        usable = f"{block.usable:.0%}".replace("%", " %")
        build = (str(block.to_build(number)) for number in needed)
        table.add_row(f"places to build ({usable} usable)", *build)
    currency, safe = space.currency, [safety_report(found, one) for one in met]
    table.add_row(f"cost a week, {currency}", *(f"{d.cost / WEEKS:,.0f}" for d in shown))
    table.add_row(f"cost a year, {currency}", *(f"{d.cost:,.0f}" for d in shown))
    played = [d.replications for d in shown]
    table.add_row("90 % wait at most, min", *(with_interval(d.p90) for d in shown))
    table.add_row("unserved, % of visits", *(with_interval(d.unserved, 100) for d in shown))
    if space.original.loaded.scenario.staff is not None:
        table.add_row("rota below its rules, min a week", *(plain(one.shortage) for one in safe))
        table.add_row("intake paused, min a week", *(with_interval(d.paused) for d in shown))
        table.add_row("rules broken (rota check)", *(str(one.breaches) for one in safe))
        table.add_row("overtime, min a week", *(with_interval(d.overtime) for d in shown))
        if any(d.overtime_cost.value > 0 for d in shown):
            paid = (with_interval(d.overtime_cost) for d in shown)
            table.add_row(f"its cost a week, on top, {currency}", *paid)
    table.add_row(*(styled("[dim]{}[/dim]", one) for one in ("replications", *played)))
    say(table)


def _print_undecided(found: Sizing) -> None:
    for one in found.undecided:
        known = found.chosen is not None and one.number not in found.unknown
        word = "note" if known else "cannot say"
        words = (
            f"{one.wanted.target.text}: too rare, or too different from one replication to the "
            f"next, to tell {_tolerance(one.wanted)} by {found.search.rules.most} of them; that "
            f"takes some {_years(one.years)} of simulation of a design. Designs that surely miss "
            "it are left out; whether others meet it is known where they are far from its limit "
            "only (design.tolerances, --max-replications)."
        )
        say(styled("[yellow]{}[/yellow]  {}", word, words))


def _years(years: float) -> str:
    return f"{years:,.0f} years" if years >= _MANY_YEARS else f"{years:.1f} years"


def _print_targets(found: Sizing) -> None:
    open_to = _open_to(found)
    say(styled("\n[bold]Targets[/bold] in the cheapest design (95 % interval)"))
    table = Table(box=None, pad_edge=False, show_header=False, expand=True)
    table.add_column("", ratio=1)
    table.add_column("", justify="right", no_wrap=True)
    near = []
    for one in found.targets:
        said = Text(_figure(one))
        if one.wanted in open_to:
            said += styled(" [yellow]cannot say[/yellow]")
        elif not one.met:
            near.append(one)
            said += Text(" *")
        table.add_row(one.wanted.target.text, said)
    say(table)
    for one in near:
        say(
            f"* on the other side of its limit, but nearer to it than {_tolerance(one.wanted)}, "
            "the tolerance: there either answer is right (design.tolerances)."
        )


def _print_safety(found: Sizing, design: Design) -> None:
    """Who is there, as the rota is written, and until when people are inside."""
    staff = found.experiment.space.original.loaded.scenario.staff
    if staff is None:
        return
    one = safety_report(found, design)
    say(styled("\n[bold]Safety[/bold]: {}", _safety_words(one)))
    if one.breaches and found.experiment.space.original.loaded.scenario.rota_rules is None:
        say(
            f"The scenario states no `rota_rules:`; those that `rota check` takes without them, of "
            f"which {one.breaches} {'is' if one.breaches == 1 else 'are'} broken, are then no "
            "condition."
        )
    if one.left_alone > 0:
        say(
            f"On {plain(100 * one.left_alone)} % of days somebody is still in the building when "
            "the last shift has gone."
        )


def _safety_words(one: SafetyReport) -> Text:
    words = "no open minute is below a rule of supervision or a team for an overdose"
    if one.shortage:
        words = (
            f"{plain(one.shortage)} open minutes a week are below a rule of supervision or a team "
            "for an overdose, which design.allow permits"
        )
    words += ", with the rota as written and breaks one after another"
    if isinf(one.last_out):
        out = "on 1 day in 20 somebody is inside six hours after closing or longer"
    elif one.last_out:
        out = f"by {one.last_out:g} min after closing the last person is out on 95 % of days"
    else:
        out = "at closing nobody is inside on 95 % of days"
    until = styled("; [yellow]{}[/yellow]", one.unattended) if one.unattended else Text()
    return styled("{}; {}{}.", words, out, until)


def _figure(one: ObservedFigure) -> str:
    if isnan(one.figure.value):
        return "nothing to measure"
    times, unit = percent(one.wanted.unit)
    words = f"{with_interval(one.figure, times)} {unit}"
    if one.wanted.within is not None:
        words = f"within it: {words}"
    if one.hour is not None:
        words += f", {hour_text(one.hour)}"
    return words


def _print_how_sure(found: Sizing) -> None:
    search, space = found.found, found.experiment.space
    sure = f"{search.confidence:.0%}".replace("%", " %")
    decided = [found.experiment.setup.wanted[number] for number in found.decided]
    known = [one for one in found.experiment.setup.wanted if one not in _open_to(found)]
    tolerances = ", ".join(_tolerance(one) for one in known)
    order = " (in that order)" if known[1:] else ""
    targets = "the other targets" if found.unknown else "the targets"
    rules = "" if space.original.loaded.scenario.staff is None else " that keeps the safety rules"
    none = f"no cheaper design{rules} does"
    if search.assumed:
        none = f"no cheaper design{rules} that was looked at does"
    if not decided:
        say(f"\nNone of the targets can be decided: it is the cheapest design{rules}.")
        return
    say(
        f"\nWith {sure} confidence it meets {targets}, and {none}, but for "
        f"figures nearer to their limits than {tolerances}{order}."
    )
    say(_cheaper_words(found))
    if search.assumed:
        say(
            styled(
                "[yellow]Assumed[/yellow], for want of time to play all: that more places, staff, "
                "desks or seats never make waits and unserved visits worse, nor fewer places a "
                f"response slower (docs/sizing.md). {search.again:,} of those left out so were "
                f"played all the same; {search.assumed:,} were not."
            )
        )
    for one in found.unsure[:_MOST_UNSURE]:
        say(
            styled(
                "[yellow]not sure[/yellow]  {}: cheaper; at most {:,} more replications would "
                "tell (--max-replications)",
                short(space, one.design),
                one.to_go,
            )
        )


def _print_unsafe(found: Sizing, chosen: Design) -> None:
    """What a cheaper design would save that meets the targets and is not safe."""
    if found.unsafe is None:
        return
    space = found.experiment.space
    saving = float(space.cost[chosen] - space.cost[found.unsafe])
    say(
        styled(
            "\n[bold]Cheaper, but unsafe[/bold]: {}",
            f"{saving:,.0f} {space.currency} a year less would meet the targets too, by "
            "estimates. It is no answer, since it breaks a safety rule:",
        )
    )
    say_below(changes(space, chosen, found.unsafe))
    _print_rules(found, found.unsafe)


def _open_to(found: Sizing) -> list[ObservedTarget]:
    """Targets of which it is not known whether the chosen design meets them."""
    return [found.experiment.setup.wanted[number] for number in found.unknown]


def _cheaper_words(found: Sizing) -> str:
    """What became of the cheaper designs."""
    became = cheaper(found)
    words = {
        MISSES: ("was played and misses a target", "were played and miss a target"),
        RULED: (
            "is no easier for a target than one that misses it",
            "are no easier for a target than one that misses it",
        ),
        LOAD: ("cannot carry the load", "cannot carry the load"),
        BREAKS: ("breaks a safety rule", "break a safety rule"),
    }
    parts = [
        f"{number:,} {what[number > 1]}"
        for status, what in words.items()
        if (number := became[status])
    ]
    return f"Of the cheaper designs {'; '.join(parts)}." if parts else "No design is cheaper."


def _tolerance(one: ObservedTarget) -> str:
    if one.unit == "share":
        return f"{100 * one.tolerance:g} in 100"
    return f"{one.tolerance:g} {one.unit}"


def _print_prices(found: Sizing, chosen: Design) -> None:
    if not found.prices:
        return
    space = found.experiment.space
    say(styled("\n[bold]What each target costs[/bold]: the cheapest design without it"))
    for one in found.prices:
        text = one.wanted.target.text
        if one.design is None:
            say(f"  {text}: not known")
        elif one.design == chosen or one.saving <= 0:
            say(f"  {text}: nothing")
        else:
            say(f"  {text}: {one.saving:,.0f} {space.currency} a year; without it")
            say_below(changes(space, chosen, one.design))


_LIMITS = {"places": "places", "desk": "the check-in desk", "supervision": "supervision"}


def _print_bottleneck(found: Sizing) -> None:
    """What holds up the answer, and what it would be without it."""
    if found.bottleneck is None:
        return
    if not found.bottleneck.what:
        say(styled("\n[bold]Bottleneck[/bold]: none; nothing makes people wait or leave"))
        return
    now = found.bottleneck.now
    name = _LIMITS.get(found.bottleneck.what, found.bottleneck.what)
    say(styled("\n[bold]Bottleneck[/bold]: {}", name))
    told = f"{100 * now.unserved:.1f} % unserved, 90 % wait {now.p90:.1f} min at most"
    say(f"  as it is: {told}")
    for one in found.bottleneck.without:
        limit = _LIMITS.get(one.what, one.what)
        told = f"{100 * one.unserved:.1f} % unserved, {one.p90:.1f} min"
        say(f"  if {limit} never held anybody up: {told}")


def _print_rule_of_thumb(found: Sizing) -> None:
    if not found.thumbs:
        return
    say(styled("\n[bold]The rule of thumb[/bold], with the same staff and hours, would have built"))
    for one in found.thumbs:
        places = " + ".join(f"{number} {room}" for room, number in one.places.items())
        columns = [number for number, margin in enumerate(one.margins) if margin < 0]
        missed = "; ".join(missed_targets(found, columns))
        meant = f"misses {missed}" if missed else "meets the targets"
        total = f", {one.total} places" if len(one.places) > 1 else ""
        rule = f"{one.minutes:.0f} minutes a use"
        rule = f"corrected, {rule}" if one.corrected else rule
        say(f"  {rule}: {places}{total}; {meant}")


def _print_nothing(found: Sizing) -> None:
    broken = list(broken_designs(found))
    if found.found.left or len(broken) == found.experiment.space.size:
        _print_broken(found, broken)
        return
    if not found.short:
        words = "No design is known to meet all targets; of these it is not sure:"
        say(styled("\n[yellow]{}[/yellow]", words))
        for unsure in found.unsure[:_MOST_UNSURE]:
            say(
                f"  {short(found.experiment.space, unsure.design)}: at most {unsure.to_go:,} "
                "more replications would tell (--max-replications)"
            )
        return
    best = found.short[0].design
    rules = " and keeps the safety rules" if broken else ""
    words = f"No design within these bounds meets all targets{rules}."
    say(styled("\n[bold red]{}[/bold red]", words))
    say(f"The best that can be had: {short(found.experiment.space, best)}")
    say(f"  cost a year {found.experiment.space.cost[best]:,.0f} {found.experiment.space.currency}")
    for number, one in enumerate(found.short):
        binds = "binding" if number == 0 else "missed too"
        say(f"  {binds}: {one.seen.wanted.target.text}, but {_figure(one.seen)}")
    if broken:
        say(f"{len(broken):,} designs break a safety rule, such as")
        _print_rules(found, broken[-1])
    say("Wider bounds under `design: vary:`, or an easier target, are needed.")


def _print_broken(found: Sizing, broken: Sequence[Design]) -> None:
    """No design is safe, or those that meet the targets are not."""
    space, left = found.experiment.space, found.found.left
    if left:
        cheapest = min(left, key=lambda one: float(space.cost[one]))
        words = "Every design that meets the targets breaks a safety rule."
        say(styled("\n[bold red]{}[/bold red]", words))
        say(styled("The cheapest of these, which is [bold]not[/bold] an answer:"))
        say_below(short(space, cheapest))
        say(f"  cost a year {space.cost[cheapest]:,.0f} {space.currency}")
    else:
        cheapest = max(broken, key=lambda one: float(space.cost[one]))
        words = "Every design within these bounds breaks a safety rule."
        say(styled("\n[bold red]{}[/bold red]", words))
        say(f"Even the dearest does: {short(space, cheapest)}")
    _print_rules(found, cheapest)
    say(
        "More staff or longer shifts under `staff:`, or breaks at other times, are needed; or say "
        "under `design: allow:` which rule an answer may break: "
        f"[{', '.join(sorted({one.kind for one in found.guard.broken_as_known(cheapest)}))}]"
    )


def _print_rules(found: Sizing, design: Design) -> None:
    rules = found.guard.broken_as_known(design)
    for one in rules[:_MOST_BROKEN]:
        say_below(one.words)
    if len(rules) > _MOST_BROKEN:
        say_below(f"and {len(rules) - _MOST_BROKEN} more: see designs.csv")


def _print_frontier(found: Sizing) -> None:
    broken = set(broken_designs(found))
    safe = [one for one in found.described if one.design not in broken]
    for field, words, times in (
        ("unserved", "unserved visits, %", 100),
        ("p90", "the wait that 90 % do not exceed, min", 1),
    ):
        best = _thinned(list(frontier(safe, field)))
        if not best:
            continue
        say(styled("\n[bold]Cost against {}[/bold] (best of the designs played)", words))
        for one in best:
            mark = styled(" [bold]<[/bold]") if one.design == found.chosen else Text()
            figure = with_interval(getattr(one, field), times)
            design = levels(found.experiment.space, one.design)
            say(styled("  {:>14,.0f}  {:>22}  {}{}", one.cost, figure, design, mark))


def _thinned(best: list[Described]) -> list[Described]:
    """A few of them, the first and the last among these."""
    if len(best) <= _MOST_FRONTIER:
        return best
    steps = [round(n * (len(best) - 1) / (_MOST_FRONTIER - 1)) for n in range(_MOST_FRONTIER)]
    return [best[number] for number in steps]
