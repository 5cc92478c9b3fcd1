"""Over all that is not known, on a screen: how often each option is better; what a run finds."""

import pandas as pd
from rich.table import Table

from sim.cli.console import console, new_table, say, styled
from sim.cli.print.named import target_text as target_name
from sim.cli.print.unknowns import loose
from sim.report import ENGLISH
from sim.report.page.phrases import Phrases
from sim.report.page.words import Words, heading, headline_name, signed, unit_name
from sim.report.pages.worlds import (
    Name,
    figure_title,
    named,
    records,
    sentences,
    target_text,
    two_intervals,
)
from sim.report.several.choice import advice_texts, input_name, least_text, standing_text
from sim.results.comparison import worlds_contents, worth_table
from sim.scenario.model.scenario import Scenario
from sim.study.compare.matters import Area, headlines
from sim.study.estimate.intervals import Estimate
from sim.study.worlds.answers import Answers, chances_table, spread_table, uncertainty_table
from sim.study.worlds.options import Decision, Difference, OptionsInWorlds, Standing

_BEST = 3
"""Options from which on it is told which is best how often."""
_WORTH = 6
"""Assumptions of which it is told what knowing them would spare; all are in the table on disk."""


def print_choice(found: OptionsInWorlds, base: Scenario, words: Words) -> None:
    """Print what options differ in over worlds, and what is worth measuring before choosing.

    Args:
        found: the options over worlds.
        base: the scenario that the others are compared with.
        words: the language.
    """
    number, plays = (words.number(one, 0) for one in (found.worlds, found.plays))
    say(styled("\n[bold]{}[/bold]", words["knowing.title"]))
    say(words.say("knowing.heading", worlds=number, plays=plays))
    for option in found.names[1:]:
        _print_option(found, option, words)
    if len(found.names) >= _BEST:
        _print_best(found, words)
    if found.decision is None:
        return
    _print_losses(found.decision, words)
    contents = worlds_contents(found)["decision"]
    assert isinstance(contents, dict)  # there is a decision
    worth: pd.DataFrame = worth_table(found.decision)
    chosen = found.decision.names[found.decision.chosen]
    texts = advice_texts(contents, worth, chosen, Phrases(base, words), found.worlds)
    first, *others = texts
    say(styled("\n[bold]{}[/bold] {}", first, " ".join(others)))
    _print_worth(worth, Phrases(base, words), found.decision.unit)
    say(styled("[dim]{}[/dim]", least_text(words, contents)))


def _print_losses(decision: Decision, words: Words) -> None:
    """Print what choosing each option costs on average."""
    table = new_table()
    unit = unit_name(words, decision.unit)
    table.add_column(styled("[bold]{}[/bold]", words.say("knowing.choice", unit=unit)), ratio=1)
    for name in ("loss", "regret_short", "best_in"):
        head = styled("[dim]{}[/dim]", words[f"knowing.{name}"])
        table.add_column(head, justify="right")
    rows = zip(decision.names, decision.losses, decision.regrets, decision.best, strict=True)
    for name, loss, regret, best in rows:
        table.add_row(f" {name}", words.figures(loss), words.figures(regret), words.share(best, 0))
    console().print()
    console().print(table)


def _print_worth(worth: pd.DataFrame, phrases: Phrases, unit: str) -> None:
    """Print what knowing the most valuable assumptions would spare; nothing if none spares."""
    words = phrases.words
    rows = [one for one in worth.to_dict(orient="records") if one["value"] > 0][:_WORTH]
    if not rows:
        return
    table = new_table()
    title = words.say("knowing.knowing", unit=unit_name(words, unit))
    table.add_column(styled("[bold]{}[/bold]", title), ratio=1)
    for name in ("worth", "error"):
        table.add_column(styled("[dim]{}[/dim]", words[f"knowing.{name}"]), justify="right")
    for one in rows:
        name = heading(input_name(phrases, str(one["input"])))
        table.add_row(f" {name}", *(words.figures(float(one[key])) for key in ("value", "error")))
    console().print()
    console().print(table)


def _print_option(found: OptionsInWorlds, option: str, words: Words) -> None:
    table = new_table()
    table.add_column(styled("[bold]{}[/bold]", option), ratio=2)
    table.add_column(styled("[dim]{}[/dim]", words["knowing.difference"]), no_wrap=True)
    table.add_column("", ratio=3)
    shown = _shown(found, option)
    for one in shown:
        if one.outcomes.same == 1:
            continue
        ends = Estimate(one.mean, one.fan[0], one.fan[-1])
        name = headline_name(words, *one.key[:2])
        says = standing_text(words, one.outcomes, found.worlds)
        table.add_row(f" {name}", signed(words, ends, one.unit), says)
    console().print()
    console().print(table)
    same = [headline_name(words, *one.key[:2]) for one in shown if one.outcomes.same == 1]
    if same:
        number = words.number(found.worlds, 0)
        text = words.say("knowing.all_same", figures=words.listed(same), worlds=number)
        say(styled("[dim]{}[/dim]", text))


def _shown(found: OptionsInWorlds, option: str) -> list[Difference]:
    """Headline figures with a better end that differ in some world; money by the week only."""
    areas = {(one.metric, one.statistic): one.area for one in headlines(rotas=True)}
    return [
        one
        for one in found.differences
        if one.option == option and one.key[2] == "all" and one.key[:2] in areas
        if one.standing is not Standing.NONE and any(one.fan)
        if areas[one.key[:2]] is not Area.COST or one.key[1] == "per_week"
    ]


def _print_best(found: OptionsInWorlds, words: Words) -> None:
    table = new_table()
    table.add_column(styled("[bold]{}[/bold]", words["knowing.best"]), ratio=1)
    for name in found.names:
        table.add_column(styled("[dim]{}[/dim]", name), justify="right")
    headline = {(one.metric, one.statistic) for one in headlines(rotas=True) if not one.echo}
    for one in found.bests:
        if one.key[2] != "all" or one.key[:2] not in headline:
            continue
        if max(one.shares) > min(one.shares):
            shares = (words.share(share, 0) for share in one.shares)
            table.add_row(f" {headline_name(words, *one.key[:2])}", *shares)
    console().print()
    console().print(table)


# --- a run over worlds ----------------------------------------------------------------------------


def print_answers(found: Answers, scenario: Scenario, words: Words) -> None:
    """Print what a run finds over worlds: words first, then each figure with both its intervals.

    Args:
        found: the answers.
        scenario: what was played.
        words: of the language.
    """
    figures, spread = records(uncertainty_table(found)), records(spread_table(found))
    plays, worlds = words.number(found.plays, 0), words.number(found.worlds, 0)
    say("")
    say(styled("[bold]{}[/bold]", words.say("worlds.heading", worlds=worlds, plays=plays)))
    as_typed = words.lang == ENGLISH  # so that it can be typed back
    called: Name = str if as_typed else named(scenario, words)
    for text in sentences(figures, spread, called, scenario, words):
        say(loose(text))
    for one in records(chances_table(found)):
        say(target_text(one, words, currency=scenario.currency, as_typed=as_typed))
    for target in found.left_out:
        asked = target_name(words, target, "", scenario.currency)
        say(words.say("worlds.by_hour", target=asked))
    if found.played.worlds.scaled:
        scaled = words.number(found.played.worlds.scaled, 0)
        say(words.say("worlds.scaled", number=scaled, worlds=worlds))
    table = Table(box=None, pad_edge=False)
    table.add_column(words["worlds.figure"], overflow="fold")
    for name in ("as_written", "range"):
        table.add_column(words[f"worlds.{name}"], justify="right")
    for one in figures:
        # A figure's name says of which time it is: `uses a day`.
        row = {**one, "unit": str(one["unit"]).partition("/")[0]}
        value, _, over = loose(two_intervals(row, words)).partition(" [")
        ends, _, unit = over.partition("]")
        blurred = words["worlds.is_mostly_chance"] if row["mostly_chance"] else ""
        if blurred:
            value, unit = loose(two_intervals(row, words)), ""
        table.add_row(figure_title(row, words), value + unit, f"[{ends}]" if ends else blurred)
    say(table)
