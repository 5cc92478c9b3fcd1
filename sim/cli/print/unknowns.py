"""Printing what nobody knows: ranges, and answers over worlds."""

from pathlib import Path

from rich.table import Table

from sim.cli.console import say, styled
from sim.cli.print.named import target_text as target_name
from sim.report import ENGLISH
from sim.report.page.words import JOINED, Words
from sim.report.pages.worlds import (
    Name,
    figure_title,
    named,
    records,
    sentences,
    target_text,
    two_intervals,
)
from sim.scenario.errors.problem import Place
from sim.scenario.model.design import Shape
from sim.scenario.model.scenario import Scenario
from sim.scenario.uncertainty.comments import Assumed
from sim.scenario.uncertainty.ranges import Unknowns, lognormal_suits
from sim.scenario.uncertainty.shares import OFF, ranges_of_shares
from sim.study.worlds.answers import Answers, chances_table, spread_table, uncertainty_table

_SHOWN = 20
"""Marks without a range that are named one by one; the others are counted."""


def print_unknowns(found: Unknowns, words: Words, *, full: bool) -> None:
    """Print every range, where it is written, and what is marked as an assumption without one.

    Args:
        found: what may be otherwise.
        words: of the language.
        full: whether to list them, or only to count.
    """
    without = found.not_varied
    if not full:
        if found.ranges or without:
            number = words.number(len(found.ranges), 0)
            say("\n" + words.say("unknown.counted", ranges=number, without=len(without)))
        return
    say("")
    say(styled("[bold]{}[/bold]", words["unknown.title"]))
    for one in found.ranges:
        say(_line(one, words))
    if wide := [one.key for one in found.ranges if lognormal_suits(one)]:
        note = words.say("unknown.lognormal_suits", paths=", ".join(wide))
        say(styled("[bold]{}[/bold] {}", words["unknown.note"], note))
    if found.rows:
        rows = words.number(found.rows, 0)
        say(words.say("unknown.draws", file=found.draws, rows=rows))
    if found.drift_cv:
        say(words.say("unknown.drift", cv=words.exact(found.drift_cv)))
    _say_shares(found, words)
    for mark in without[:_SHOWN]:
        text = words.say("unknown.without", path=mark.key, why=mark.reason)
        say(f"{_at(mark.place)}: {text}")
    if len(without) > _SHOWN:
        say(words.say("unknown.more", number=len(without) - _SHOWN))


def _line(one: Assumed, words: Words) -> str:
    """A value with its range, and where that is written."""
    ends = words.between(one.text(one.low), one.text(one.high))
    shape = "" if one.shape is Shape.PERT else f", {words[f'unknown.{one.shape.value}']}"
    return _loose(f"{_at(one.place)}: {one.key} {one.text(one.value)} ({ends}{shape})")


def _at(place: Place | None) -> str:
    """A file's name and line; nothing of what stands in no file."""
    return "" if place is None or not place.line else f"{Path(place.file).name}:{place.line}"


def _say_shares(found: Unknowns, words: Words) -> None:
    """What range each share then has that is drawn with the others."""
    written = {one.key: one for one in found.ranges}
    for path, (low, high) in ranges_of_shares(found).items():
        drawn = words.between(words.share(low), words.share(high))
        say(_loose(words.say("unknown.share_drawn", path=path, range=drawn)))
        if (one := written.get(path)) is not None:
            times = (high - low) / (one.high - one.low)
            if not 1 / OFF <= times <= OFF:
                key = "unknown.share_wider" if times > 1 else "unknown.share_narrower"
                say(words.say(key, path=path, times=words.number(max(times, 1 / times), 1)))


# --- answers over worlds ------------------------------------------------------------------------


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
        say(_loose(text))
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
    for row in figures:
        value, _, over = _loose(two_intervals(row, words)).partition(" [")
        ends, _, unit = over.partition("]")
        table.add_row(figure_title(row, words), value + unit, f"[{ends}]" if ends else "")
    say(table)


def _loose(text: str) -> str:
    """A text without what keeps ranges whole on pages, and would count as a column here."""
    return text.replace(JOINED, "")
