"""Printing what nobody knows: ranges, and what is marked without one."""

from pathlib import Path

from sim.cli.console import say, styled
from sim.report.page.words import JOINED, Words
from sim.scenario.errors.problem import Place
from sim.scenario.model.design import Shape
from sim.scenario.uncertainty.comments import Assumed
from sim.scenario.uncertainty.houses import NOT_USED
from sim.scenario.uncertainty.ranges import Unknowns, lognormal_suits
from sim.scenario.uncertainty.shares import OFF, ranges_of_shares

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
        ours = sum(one.reason != NOT_USED for one in without)
        if found.ranges or ours:
            numbers = {"ranges": len(found.ranges), "without": ours}
            say("\n" + words.tell("unknown.counted", **numbers))
        return
    say("")
    say(styled("[bold]{}[/bold]", words["unknown.title"]))
    for one in found.ranges:
        say(_line(one, words))
    if wide := [one.name for one in found.ranges if lognormal_suits(one)]:
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
    where = words["unknown.usual"] if one.usual else _at(one.place)
    return loose(f"{where}: {one.name} {one.text(one.value)} ({ends}{shape})")


def _at(place: Place | None) -> str:
    """A file's name and line; nothing of what stands in no file."""
    return "" if place is None or not place.line else f"{Path(place.file).name}:{place.line}"


def _say_shares(found: Unknowns, words: Words) -> None:
    """What range each share then has that is drawn with the others."""
    written = {one.key: one for one in found.ranges}
    for path, (low, high) in ranges_of_shares(found).items():
        drawn = words.between(words.share(low), words.share(high))
        say(loose(words.say("unknown.share_drawn", path=path, range=drawn)))
        if (one := written.get(path)) is not None:
            times = (high - low) / (one.high - one.low)
            if not 1 / OFF <= times <= OFF:
                key = "unknown.share_wider" if times > 1 else "unknown.share_narrower"
                say(words.say(key, path=path, times=words.number(max(times, 1 / times), 1)))


def loose(text: str) -> str:
    """A text without what keeps ranges whole on pages, and would count as a column here."""
    return text.replace(JOINED, "")
