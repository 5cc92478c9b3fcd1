"""How long a choice lasts, in at most 80 columns: as demand grows, and by its assumptions."""

from collections.abc import Sequence
from math import isinf, isnan

from sim.cli.console import say, styled
from sim.cli.print.design import changes, say_below, short
from sim.report.page.words import Words
from sim.report.pages.worlds import per_100
from sim.size.robustness import REPLICATIONS_AGAIN, AssumptionChoice, Stage
from sim.size.sizing import Sizing
from sim.size.space import Design, Space
from sim.size.tables import design_of
from sim.study.worlds.insure import Insurance, Tried

_MOST_CHANGED = 10


def print_headroom(found: Sizing) -> None:
    """Print how far demand may grow before a target is missed."""
    one = found.headroom
    if one is None:
        return
    if isnan(one.factor):
        say(styled("\n[bold]Headroom[/bold]: none; a target is just met"))
        return
    words = f"demand may grow by {100 * (one.factor - 1):.0f} %"
    if one.first is None and one.low == one.factor:
        words += ", the most that is looked at, or more"
    else:
        low = "0" if isnan(one.low) else f"{100 * (one.low - 1):.0f}"
        high = "beyond 100" if isinf(one.high) else f"{100 * (one.high - 1):.0f}"
        words += f" ({low} to {high} %)"
    if one.first is not None:
        words += f"; then {found.experiment.setup.wanted[one.first].target.text} is missed first"
    say(styled("\n[bold]Headroom[/bold]: {}; {} replications", words, one.replications))


def print_plan(space: Space, stages: Sequence[Stage]) -> None:
    """Print what to add when."""
    if not stages:
        return
    say(styled("\n[bold]As demand grows[/bold]: what to add when (cost a year)"))
    before: Design | None = None
    for one in stages:
        growth = f"{100 * (one.factor - 1):+.0f} %"
        if one.design is None:
            say(f"  {growth:>6}  nothing within the bounds meets the targets")
            continue
        if before is None:
            words = short(space, one.design)
        elif before == one.design:
            words = "nothing"
        else:
            words = changes(space, before, one.design)
        say(f"  {growth:>6}  {one.cost:>14,.0f}  {words}")
        before = one.design


def print_again(space: Space, chosen: Design | None, again: Sequence[AssumptionChoice]) -> None:
    """Print how often the chosen design stays the choice, and where it does not."""
    if chosen is None or not again:
        return
    stay = sum(one.stays for one in again)
    say(
        styled(
            f"\n[bold]Assumptions[/bold]: the chosen design stays the choice in {stay} of "
            f"{len(again)} decisions, each assumption at an end of its range; by estimates of "
            f"{REPLICATIONS_AGAIN} replications"
        )
    )
    changed = [one for one in again if not one.stays]
    for one in changed[:_MOST_CHANGED]:
        what = "nothing meets the targets"
        if one.design is not None:
            what = changes(space, chosen, one.design)
        say(f"  {one.end.assumed.key} = {one.end.setting}:")
        say_below(what)
    if len(changed) > _MOST_CHANGED:
        say(f"  and {len(changed) - _MOST_CHANGED} more: see assumptions.csv")


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
        design = short(space, design_of(space, tried))
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
        say(words.say("insure.costs" if extra >= 0 else "insure.saves", money=money))
    confirmed = per_100(found.confirmed.share, words)
    say(words.say("insure.confirmed", met=confirmed))
