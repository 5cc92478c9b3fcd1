"""A sizing in at most 80 columns."""

from collections.abc import Iterator, Sequence
from math import isinf, isnan

from rich.table import Table
from rich.text import Text

from sim.cli.console import new_table, say, styled
from sim.cli.print.design import (
    changes,
    levels,
    named,
    say_below,
    short,
    wanted_text,
    with_interval,
)
from sim.cli.print.named import unit_text
from sim.cli.print.robustness import print_headroom
from sim.report.city.places import Ways
from sim.report.page.numbers import percent, plain
from sim.report.page.words import Words
from sim.results.places import placing_contents, ways_table
from sim.scenario.city.model import City
from sim.scenario.model.design import costs_moved
from sim.size.alternatives import Described, describe, frontier
from sim.size.city.places import Placing
from sim.size.observation import ObservedTarget
from sim.size.sizing import (
    ObservedFigure,
    SafetyReport,
    Sizing,
    Unfinished,
    safety_report,
)
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


def print_sizing(found: Sizing, seconds: float, words: Words) -> None:
    """Print the answer, how sure it is, and what goes with it."""
    space, search = found.experiment.space, found.found
    name = space.site.name
    about = words.tell(
        "screen_size.about",
        designs=space.size,
        played=len(found.described),
        replications=search.replications,
        seed=found.experiment.setup.seed,
        seconds=seconds,
    )
    say(styled("\n[bold]{}[/bold]  {}", name, about))
    if moved := costs_moved(space.site.design):
        say(styled("[yellow]{}[/yellow]  {}", words["screen_size.note"], words.told(moved)))
    if space.facility is not None:
        say(words["size.needs_within"])
    _print_undecided(found, words)
    if found.unfinished is not None:
        _print_unfinished(found, found.unfinished, words)
    if found.unfinished is not None and found.unfinished.searching:
        return
    if found.chosen is None:
        _print_nothing(found, words)
    else:
        _print_designs(found, words)
        _print_targets(found, words)
        _print_safety(found, found.chosen, words)
        _print_how_sure(found, words)
        _print_unsafe(found, found.chosen, words)
        _print_prices(found, found.chosen, words)
        print_headroom(found, words)
        _print_bottleneck(found, words)
        _print_rule_of_thumb(found, words)
    _print_frontier(found, words)


def _print_unfinished(found: Sizing, stopped: Unfinished, words: Words) -> None:
    """What is known, where the command was interrupted."""
    head = words["screen_size.stopped"]
    if not stopped.searching:
        say(styled("[yellow]{}[/yellow]  {}", head, words["screen_size.stopped_beside"]))
        return
    space = found.experiment.space
    say(styled("[yellow]{}[/yellow]  {}", head, words["screen_size.stopped_searching"]))
    if stopped.floor > 0:
        key = "assumed" if found.search.by_boxes else "all"
        floor = words.tell(f"screen_size.floor_{key}", cost=stopped.floor, currency=space.currency)
        say(floor)
    if stopped.best is None:
        say(words["screen_size.no_best"])
        return
    text = words.tell(
        f"screen_size.best_{'sure' if stopped.is_sure else 'seems'}",
        cost=float(space.cost[stopped.best]),
        currency=space.currency,
    )
    say(text)
    say_below(short(space, stopped.best, words))


def _print_designs(found: Sizing, words: Words) -> None:
    space, met = found.experiment.space, found.found.met
    table = new_table()
    table.add_column("")
    cheapest = styled("[bold]{}[/bold]", words["screen_size.cheapest"])
    for head in (cheapest, words["screen_size.next_best"])[: len(met)]:
        table.add_column(head, justify="right")
    for number, one in enumerate(space.parameters):
        cells = [words.level(space.levels(design)[number]) for design in met]
        table.add_row(named(space, one.name, words), *cells)
    block = space.site.design
    if block is not None and block.usable is not None:
        needed = [found.places(one) for one in met]
        table.add_row(words["screen_size.places_needed"], *map(str, needed))
        build = (str(block.to_build(number)) for number in needed)
        table.add_row(words.tell("screen_size.to_build", usable=100 * block.usable), *build)
    for key, cells in _described(found, words):
        table.add_row(words.say(f"screen_size.{key}", currency=space.currency), *cells)
    played = [str(describe(found.experiment, one).replications) for one in met]
    last = (words["screen_size.replications"], *played)
    table.add_row(*(styled("[dim]{}[/dim]", one) for one in last))
    say(table)


def _described(found: Sizing, words: Words) -> Iterator[tuple[str, list[str]]]:
    """Figures of the designs that meet the targets, each by the name of its row."""
    met = found.found.met
    shown = [describe(found.experiment, one) for one in met]
    safe = [safety_report(found, one) for one in met]
    yield "cost_week", [words.local(f"{one.cost / WEEKS:,.0f}") for one in shown]
    yield "cost_year", [words.local(f"{one.cost:,.0f}") for one in shown]
    yield "p90", [with_interval(one.p90, words) for one in shown]
    yield "unserved", [with_interval(one.unserved, words, 100) for one in shown]
    if found.experiment.space.site.staff is None:
        return
    yield "shortage", [words.local(plain(one.shortage)) for one in safe]
    yield "paused", [with_interval(one.paused, words) for one in shown]
    yield "breaches", [str(one.breaches) for one in safe]
    yield "overtime", [with_interval(one.overtime, words) for one in shown]
    if any(one.overtime_cost.value > 0 for one in shown):
        yield "overtime_cost", [with_interval(one.overtime_cost, words) for one in shown]


def _print_undecided(found: Sizing, words: Words) -> None:
    for one in found.undecided:
        known = found.chosen is not None and one.number not in found.unknown
        word = words["screen_size.note" if known else "option.cell_cannot"]
        text = words.tell(
            "screen_size.undecided",
            target=wanted_text(one.wanted, found.experiment.space, words),
            tolerance=_tolerance(one.wanted, words),
            most=found.search.rules.most,
            years=_years(one.years, words),
        )
        say(styled("[yellow]{}[/yellow]  {}", word, text))


def _years(years: float, words: Words) -> str:
    many = years >= _MANY_YEARS
    return words.tell("screen_size.years" if many else "screen_size.years_few", years=years)


def _print_targets(found: Sizing, words: Words) -> None:
    open_to = _open_to(found)
    title = words["page.targets"]
    say(styled("\n[bold]{}[/bold] {}", title, words["screen_size.in_the_cheapest"]))
    table = Table(box=None, pad_edge=False, show_header=False, expand=True)
    table.add_column("", ratio=1)
    table.add_column("", justify="right", no_wrap=True)
    near = []
    for one in found.targets:
        said = Text(_figure(one, words))
        if one.wanted in open_to:
            said += Text(" ") + Text(words["option.cell_cannot"], "yellow")
        elif not one.met:
            near.append(one)
            said += Text(" *")
        table.add_row(wanted_text(one.wanted, found.experiment.space, words), said)
    say(table)
    for one in near:
        say(words.say("screen_size.near", tolerance=_tolerance(one.wanted, words)))


def _print_safety(found: Sizing, design: Design, words: Words) -> None:
    """Who is there, as the rota is written, and until when people are inside."""
    staff = found.experiment.space.site.staff
    if staff is None:
        return
    one = safety_report(found, design)
    title = words["screen_size.safety"]
    say(styled("\n[bold]{}[/bold]: {}", title, _safety_text(one, words)))
    if one.breaches and found.experiment.space.site.rota_rules is None:
        say(words.plural("screen_size.no_rules", one.breaches))
    if one.left_alone > 0:
        share = words.local(plain(100 * one.left_alone))
        say(words.say("screen_size.left_alone", share=share))


def _safety_text(one: SafetyReport, words: Words) -> Text:
    text = words["screen_size.safe"]
    if one.shortage:
        minutes = words.local(plain(one.shortage))
        text = words.say("screen_size.short", minutes=minutes)
    text += words["screen_size.as_written"]
    if isinf(one.last_out):
        out = words["screen_size.last_out_never"]
    elif one.last_out:
        out = words.tell("screen_size.last_out", minutes=one.last_out)
    else:
        out = words["screen_size.last_out_none"]
    until = Text()
    if one.unattended:
        until = styled("; [yellow]{}[/yellow]", words.told(one.unattended))
    return styled("{}; {}{}.", text, out, until)


def _figure(one: ObservedFigure, words: Words) -> str:
    if isnan(one.figure.value):
        return words["size.nothing"]
    times, unit = percent(one.wanted.unit)
    text = f"{with_interval(one.figure, words, times)} {unit_text(words, unit)}"
    if one.wanted.within is not None:
        text = words.say("screen_size.within", figure=text)
    if one.hour is not None:
        text += f", {words.week_hour(one.hour)}"
    return text


def _print_how_sure(found: Sizing, words: Words) -> None:
    search, space = found.found, found.experiment.space
    decided = [found.experiment.setup.wanted[number] for number in found.decided]
    known = [one for one in found.experiment.setup.wanted if one not in _open_to(found)]
    has_rules = space.site.staff is not None
    if not decided:
        say("\n" + words[f"screen_size.none_decided_{'rules' if has_rules else 'plain'}"])
        return
    kept = "rules" if has_rules else "plain"
    looked = "looked" if search.assumed else "all"
    order = words["screen_size.in_that_order"] if known[1:] else ""
    text = words.tell(
        f"screen_size.sure_{kept}_{looked}",
        sure=100 * search.confidence,
        targets=words["size.the_others" if found.unknown else "size.the_targets"],
        near=", ".join(_tolerance(one, words) for one in known) + order,
    )
    say(f"\n{text}")
    say(_cheaper_text(found, words))
    if search.assumed:
        assumed = words.tell("screen_size.assumed", again=search.again, left=search.assumed)
        say(styled("[yellow]{}[/yellow]{}", words["screen_size.assumed_head"], assumed))
    for one in found.unsure[:_MOST_UNSURE]:
        text = words.tell(
            "screen_size.unsure", design=short(space, one.design, words), number=one.to_go
        )
        say(styled("[yellow]{}[/yellow]  {}", words["screen_size.not_sure"], text))


def _print_unsafe(found: Sizing, chosen: Design, words: Words) -> None:
    """What a cheaper design would save that meets the targets and is not safe."""
    if found.unsafe is None:
        return
    space = found.experiment.space
    saving = float(space.cost[chosen] - space.cost[found.unsafe])
    text = words.tell("screen_size.unsafe", saving=saving, currency=space.currency)
    say(styled("\n[bold]{}[/bold]: {}", words["screen_size.unsafe_head"], text))
    say_below(changes(space, chosen, found.unsafe, words))
    _print_rules(found, found.unsafe, words)


def _open_to(found: Sizing) -> list[ObservedTarget]:
    """Targets of which it is not known whether the chosen design meets them."""
    return [found.experiment.setup.wanted[number] for number in found.unknown]


def _cheaper_text(found: Sizing, words: Words) -> str:
    """What became of the cheaper designs."""
    became = cheaper(found)
    keys = {MISSES: "misses", RULED: "ruled", LOAD: "load", BREAKS: "breaks"}
    parts = [
        words.plural(f"screen_size.became_{key}", number)
        for status, key in keys.items()
        if (number := became[status])
    ]
    if not parts:
        return words["size.cheapest"]
    return words.say("screen_size.of_the_cheaper", parts="; ".join(parts))


def _tolerance(one: ObservedTarget, words: Words) -> str:
    if one.unit == "share":
        return words.tell("screen_size.in_100", number=100 * one.tolerance)
    number = words.local(f"{one.tolerance:g}")
    return f"{number} {unit_text(words, one.unit)}"


def _print_prices(found: Sizing, chosen: Design, words: Words) -> None:
    if not found.prices:
        return
    space = found.experiment.space
    title = words["screen_size.prices"]
    say(styled("\n[bold]{}[/bold]: {}", title, words["screen_size.without_it"]))
    for one in found.prices:
        text = wanted_text(one.wanted, space, words)
        if one.design is None:
            say(f"  {text}: {words['size.not_known']}")
        elif one.design == chosen or one.saving <= 0:
            say(f"  {text}: {words['size.nothing_more']}")
        else:
            saving = {"saving": one.saving, "currency": space.currency}
            say("  " + words.tell("screen_size.price", target=text, **saving))
            say_below(changes(space, chosen, one.design, words))


_LIMITS = {"places": "places", "desk": "desk", "supervision": "supervision"}


def _print_bottleneck(found: Sizing, words: Words) -> None:
    """What holds up the answer, and what it would be without it."""
    if found.bottleneck is None:
        return
    title = words["screen_size.bottleneck"]
    if not found.bottleneck.what:
        say(styled("\n[bold]{}[/bold]: {}", title, words["screen_size.no_bottleneck"]))
        return
    now = found.bottleneck.now
    say(styled("\n[bold]{}[/bold]: {}", title, _limit(found.bottleneck.what, words)))
    figures = {"unserved": 100 * now.unserved, "p90": now.p90}
    say("  " + words.tell("screen_size.as_it_is", **figures))
    for one in found.bottleneck.without:
        figures = {"unserved": 100 * one.unserved, "p90": one.p90}
        limit = _limit(one.what, words)
        say("  " + words.tell("screen_size.if_never", limit=limit, **figures))


def _limit(what: str, words: Words) -> str:
    key = _LIMITS.get(what)
    if key is None:
        return words.texts.get(f"part.{what}", words.own(what))
    return words[f"screen_size.limit_{key}"]


def _print_rule_of_thumb(found: Sizing, words: Words) -> None:
    if not found.thumbs:
        return
    title = words["size.thumb_title"]
    say(styled("\n[bold]{}[/bold]{}", title, words["screen_size.would_have_built"]))
    for one in found.thumbs:
        places = " + ".join(f"{number} {words.own(room)}" for room, number in one.places.items())
        columns = [number for number, margin in enumerate(one.margins) if margin < 0]
        missed = _missed(found, columns, words)
        meant = words["screen_size.meets"]
        if missed:
            meant = words.say("screen_size.misses", targets="; ".join(missed))
        key = "screen_size.thumb_corrected" if one.corrected else "screen_size.thumb"
        rule = words.tell(key, minutes=one.minutes)
        total = words.tell("screen_size.in_all", number=one.total) if len(one.places) > 1 else ""
        say(f"  {rule}: {places}{total}; {meant}")


def _missed(found: Sizing, columns: Sequence[int], words: Words) -> list[str]:
    """The targets that some columns belong to, in words."""
    space, wanted = found.experiment.space, found.experiment.setup.wanted
    texts = missed_targets(found, columns)
    return [wanted_text(one, space, words) for one in wanted if one.target.text in texts]


def _print_nothing(found: Sizing, words: Words) -> None:
    broken, space = list(broken_designs(found)), found.experiment.space
    if found.found.left or len(broken) == space.size:
        _print_broken(found, broken, words)
        return
    if not found.short:
        say(styled("\n[yellow]{}[/yellow]", words["screen_size.none_known"]))
        for unsure in found.unsure[:_MOST_UNSURE]:
            design = short(space, unsure.design, words)
            say("  " + words.tell("screen_size.more_of", design=design, number=unsure.to_go))
        return
    best = found.short[0].design
    text = words["screen_size.none_meets_safely" if broken else "size.no_answer_none_meets"]
    say(styled("\n[bold red]{}[/bold red]", text))
    say(words.say("screen_size.best", design=short(space, best, words)))
    _say_cost(found, best, words)
    for number, one in enumerate(found.short):
        key = "screen_size.missed_too" if number else "screen_size.binding"
        target = wanted_text(one.seen.wanted, space, words)
        say("  " + words.say(key, target=target, figure=_figure(one.seen, words)))
    if broken:
        say(words.tell("screen_size.break_a_rule", number=len(broken)))
        _print_rules(found, broken[-1], words)
    say(words["screen_size.wider"])


def _say_cost(found: Sizing, design: Design, words: Words) -> None:
    space = found.experiment.space
    cost = float(space.cost[design])
    say("  " + words.tell("screen_size.cost", cost=cost, currency=space.currency))


def _print_broken(found: Sizing, broken: Sequence[Design], words: Words) -> None:
    """No design is safe, or those that meet the targets are not."""
    space, left = found.experiment.space, found.found.left
    if left:
        cheapest = min(left, key=lambda one: float(space.cost[one]))
        text = words["size.no_answer_meeting_ones_are_unsafe"]
        say(styled("\n[bold red]{}[/bold red]", text))
        not_an_answer = words["screen_size.not_an_answer"].split("*")
        say(styled("{}[bold]{}[/bold]{}", *not_an_answer))
        say_below(short(space, cheapest, words))
        _say_cost(found, cheapest, words)
    else:
        cheapest = max(broken, key=lambda one: float(space.cost[one]))
        say(styled("\n[bold red]{}[/bold red]", words["size.no_answer_all_are_unsafe"]))
        say(words.say("screen_size.even_the_dearest", design=short(space, cheapest, words)))
    _print_rules(found, cheapest, words)
    kinds = sorted({one.kind for one in found.guard.broken_as_known(cheapest)})
    say(words.say("screen_size.wider_unsafe", kinds=", ".join(kinds)))


def _print_rules(found: Sizing, design: Design, words: Words) -> None:
    rules = found.guard.broken_as_known(design)
    for one in rules[:_MOST_BROKEN]:
        say_below(words.told(one.words))
    if len(rules) > _MOST_BROKEN:
        say_below(words.tell("screen_size.more_rules", number=len(rules) - _MOST_BROKEN))


def _print_frontier(found: Sizing, words: Words) -> None:
    broken = set(broken_designs(found))
    safe = [one for one in found.described if one.design not in broken]
    for field, times in (("unserved", 100), ("p90", 1)):
        best = _thinned(list(frontier(safe, field)))
        if not best:
            continue
        title, of = words[f"screen_size.frontier_{field}"], words["screen_size.frontier"]
        say(styled("\n[bold]{}[/bold] {}", title, of))
        for one in best:
            mark = styled(" [bold]<[/bold]") if one.design == found.chosen else Text()
            figure = with_interval(getattr(one, field), words, times)
            design = levels(found.experiment.space, one.design, words)
            cost = words.local(f"{one.cost:,.0f}")
            say(styled("  {:>14}  {:>22}  {}{}", cost, figure, design, mark))


def _thinned(best: list[Described]) -> list[Described]:
    """A few of them, the first and the last among these."""
    if len(best) <= _MOST_FRONTIER:
        return best
    steps = [round(n * (len(best) - 1) / (_MOST_FRONTIER - 1)) for n in range(_MOST_FRONTIER)]
    return [best[number] for number in steps]


# --- more places in a city ---------------------------------------------------------------------

_MOST_WAYS = 12
"""Ways that are printed; the others are in the table on disk."""
_LOOKS = {"best": "[bold]{}[/bold]", "as good": "{}", "cannot tell": "[yellow]{}[/yellow]"}


def print_placing(found: Placing, seconds: float, words: Words) -> None:
    """Print what was found.

    Args:
        found: the ways that were played.
        seconds: that it took.
        words: the language.
    """
    assert isinstance(found.city, City)  # whose places are shared out
    houses = found.city.open_facilities.items()
    called = words.with_facilities({name: one.title for name, one in houses})
    ways = Ways(placing_contents(found), ways_table(found), found.city, called)
    about = words.tell(
        "places.about",
        ways=len(found.ranked),
        replications=found.best.count,
        seed=found.seed,
        seconds=seconds,
    )
    say(styled("\n[bold]{}[/bold]  {}", found.city.name, about))
    say(styled("\n[bold]{}[/bold]", ways.title()))
    for text in ways.lead():
        say(text)
    for text in ways.limits():
        say(styled("[yellow]{}[/yellow]  {}", words["screen_size.note"], text))
    _print_ways(ways)
    say(words["places.as_they_are"])


def _print_ways(ways: Ways) -> None:
    words = ways.words
    table = new_table()
    table.add_column(styled("[bold]{}[/bold]", words["places.way"]), ratio=1)
    table.add_column(styled("[dim]{}[/dim]", words["places.unmet_short"]), justify="right")
    table.add_column("", no_wrap=True)
    for row in ways.rows[:_MOST_WAYS]:
        look = _LOOKS.get(str(row["verdict"]), "[dim]{}[/dim]")
        table.add_row(ways.added(row), ways.unmet(row), styled(look, ways.standing(row)))
    say("")
    say(table)
    if (more := len(ways.rows) - _MOST_WAYS) > 0:
        say(words.plural("places.more_ways", more))
