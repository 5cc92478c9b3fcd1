"""What was understood of a city: its facilities, who goes where, when nothing is open."""

from collections.abc import Iterable

from rich.table import Table

from sim.cli.console import console, new_table, say, say_labelled, styled
from sim.report.page.words import Words
from sim.scenario.city.model import City
from sim.scenario.city.outlook import AtFacility, city_outlook, unused
from sim.scenario.errors.problem import Source
from sim.scenario.text.readings import readings

_LABEL = 9
"""Letters before the lines, at least."""


def print_city(city: City, source: Source, words: Words, also: Iterable[str] = ()) -> None:
    """Print what a city implies, warnings last.

    Args:
        city: the city.
        source: what was read.
        words: the language.
        also: more warnings.
    """
    out, found = console(), city_outlook(city)
    out.print(styled("[bold]{}[/bold]  {}", city.name, city.title))
    for change in source.changes:
        out.print(f"  {change}")
    out.print()
    horizon = city.horizon
    last = horizon.date_of(horizon.total_days - 1)
    days = words.tell(
        "screen_check.days", number=horizon.total_days, start=horizon.start, last=last
    )
    needs = [
        words.tell("screen_city.needs_of", number=number, kind=words.own(kind))
        for kind, number in found.needs.items()
    ]
    parts = (
        ("plays", [days]),
        ("needs", needs),
        ("choice", [words.told(one) for one in found.choice]),
        ("closed", [words.told(one) for one in found.closed]),
    )
    width = max(_LABEL, *(len(words[f"screen_city.{name}"]) + 1 for name, _ in parts))
    for name, lines in parts:
        say_labelled(words[f"screen_city.{name}"], lines, width)
    out.print()
    out.print(_facilities(found.facilities, words))
    out.print()
    for note in (*unused(city, source), *readings(source)):
        say(styled("[bold]{}[/bold] {}", words["screen.note"], words.told(note)))
    warnings = (*found.warnings, *also)
    for warning in warnings:
        label = words["screen.warning"]
        out.print(styled("[bold yellow]{}[/bold yellow] {}", label, words.told(warning)))
    if not warnings:
        out.print(words["screen_check.no_warnings"])


def _facilities(facilities: Iterable[AtFacility], words: Words) -> Table:
    table = new_table()
    for number, name in enumerate(("facility", "hours", "places", "wished")):
        head = styled(
            "[bold]{}[/bold]" if not number else "[dim]{}[/dim]", words[f"screen_city.{name}"]
        )
        table.add_column(
            head, ratio=1 if number == 1 else None, justify="right" if number > 1 else "left"
        )
    for one in facilities:
        name = words.own(one.name)
        if not one.supervised:
            name = words.say("screen_city.unsupervised", name=name)
        hours = "\n".join(words.told(line) for line in one.outlook.opening)
        wished = words.local(f"{one.wished:.1f}")
        table.add_row(name, hours, f"{one.places}", wished)
    return table
