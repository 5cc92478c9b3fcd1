"""How long a choice lasts, in at most 80 columns: as demand grows, and by its assumptions."""

from collections.abc import Sequence
from math import isinf, isnan

from sim.cli.console import say, styled
from sim.cli.print.design import changes, say_below, short, wanted_text
from sim.cli.print.named import setting_name
from sim.report.page.words import Words
from sim.report.pages.worlds import confirmed_text, per_100
from sim.size.robustness import REPLICATIONS_AGAIN, AssumptionChoice, Stage
from sim.size.sizing import Sizing
from sim.size.space import Design, Space
from sim.size.tables import design_of
from sim.study.worlds.insure import Insurance, Tried

_MOST_CHANGED = 10


def print_headroom(found: Sizing, words: Words) -> None:
    """Print how far demand may grow before a target is missed."""
    one = found.headroom
    if one is None:
        return
    title = words["screen_size.headroom"]
    if isnan(one.factor):
        say(styled("\n[bold]{}[/bold]: {}", title, words["screen_size.no_headroom"]))
        return
    growth = 100 * (one.factor - 1)
    if one.first is None and one.low == one.factor:
        text = words.tell("screen_size.room_most", growth=growth)
    else:
        low = "0" if isnan(one.low) else f"{100 * (one.low - 1):.0f}"
        high = words["screen_size.beyond"] if isinf(one.high) else f"{100 * (one.high - 1):.0f}"
        text = words.tell("screen_size.room", growth=growth, low=low, high=high)
    if one.first is not None:
        target = wanted_text(
            found.experiment.setup.wanted[one.first], found.experiment.space, words
        )
        text += words.say("screen_size.missed_first", target=target)
    times = words.count("unit.replications", one.replications)
    say(styled("\n[bold]{}[/bold]: {}; {}", title, text, times))


def print_plan(space: Space, stages: Sequence[Stage], words: Words) -> None:
    """Print what to add when."""
    if not stages:
        return
    title = words["screen_size.as_demand_grows"]
    say(styled("\n[bold]{}[/bold]: {}", title, words["screen_size.what_to_add"]))
    before: Design | None = None
    for one in stages:
        growth = words.local(f"{100 * (one.factor - 1):+.0f} %")
        if one.design is None:
            say(f"  {growth:>6}  {words['size.plan_nothing_meets']}")
            continue
        if before is None:
            text = short(space, one.design, words)
        elif before == one.design:
            text = words["size.plan_nothing"]
        else:
            text = changes(space, before, one.design, words)
        say(f"  {growth:>6}  {words.local(f'{one.cost:,.0f}'):>14}  {text}")
        before = one.design


def print_again(
    space: Space, chosen: Design | None, again: Sequence[AssumptionChoice], words: Words
) -> None:
    """Print how often the chosen design stays the choice, and where it does not."""
    if chosen is None or not again:
        return
    stays = words.tell(
        "screen_size.stays",
        number=sum(one.stays for one in again),
        of=len(again),
        replications=REPLICATIONS_AGAIN,
    )
    say(styled("\n[bold]{}[/bold]: {}", words["notes.assumed"], stays))
    changed = [one for one in again if not one.stays]
    for one in changed[:_MOST_CHANGED]:
        what = words["screen_size.nothing_meets"]
        if one.design is not None:
            what = changes(space, chosen, one.design, words)
        scenario = space.original.loaded.scenario
        name = setting_name(words, one.end.assumed.key, scenario)
        say(f"  {name} = {words.level(one.end.setting)}:")
        say_below(what)
    if len(changed) > _MOST_CHANGED:
        number = len(changed) - _MOST_CHANGED
        say("  " + words.tell("screen_size.more_assumptions", number=number))


def _what_it_costs(extra: float) -> str:
    return "free" if extra == 0 else "costs" if extra > 0 else "saves"


def print_insurance(space: Space, found: Insurance | None, words: Words) -> None:
    """Print the cheapest design for many worlds beside the one for the values as written.

    Args:
        space: of the designs.
        found: what the search found; None where there was nothing to search.
        words: of the language.
    """
    say("")
    if found is None:
        say(words["insure.nothing"])
        return
    wanted = per_100(found.wanted, words)
    central, chosen = found.central, found.chosen

    def told(key: str, tried: Tried, **more: str) -> str:
        cost = words.money(tried.candidate.cost, space.currency)
        design = short(space, design_of(space, tried), words)
        met = per_100(tried.share, words)
        return words.say(key, design=design, cost=cost, met=met, wanted=wanted, **more)

    say(styled("[bold]{}[/bold]", words.say("insure.heading", wanted=wanted)))
    say(told("insure.written", central))
    if chosen is None or found.confirmed is None:
        number = words.number(found.dropped, 0)
        say(words.say("insure.none" if found.whole else "insure.none_yet", number=number))
        return
    if chosen.candidate.number == central.candidate.number:
        say(words["insure.same"])
    else:
        say(told("insure.chosen", chosen))
        extra = chosen.candidate.cost - central.candidate.cost
        money = words.money(abs(extra), space.currency)
        say(words.say(f"insure.{_what_it_costs(extra)}", money=money))
    say(confirmed_text(found.confirmed.share, found.confirmed.worlds, words))
