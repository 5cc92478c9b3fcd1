"""Where to put more places in a city, in at most 80 columns."""

from sim.cli.console import new_table, say, styled
from sim.report.city.places import Ways
from sim.report.page.words import Words
from sim.results.places import placing_contents, ways_table
from sim.scenario.city.model import City
from sim.size.city.places import Placing

_MOST = 12
"""Ways that are printed; the others are in the table on disk."""
_LOOKS = {"best": "[bold]{}[/bold]", "as good": "{}", "cannot tell": "[yellow]{}[/yellow]"}


def print_placing(found: Placing, seconds: float, words: Words) -> None:
    """Print the best way, how sure that is, and the ways beside it.

    Args:
        found: where the places are to be put.
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
    _print_table(ways)
    say(words["places.as_they_are"])


def _print_table(ways: Ways) -> None:
    words = ways.words
    table = new_table()
    table.add_column(styled("[bold]{}[/bold]", words["places.way"]), ratio=1)
    table.add_column(styled("[dim]{}[/dim]", words["places.unmet_short"]), justify="right")
    table.add_column("", no_wrap=True)
    for row in ways.rows[:_MOST]:
        look = _LOOKS.get(str(row["verdict"]), "[dim]{}[/dim]")
        table.add_row(ways.added(row), ways.unmet(row), styled(look, ways.standing(row)))
    say("")
    say(table)
    if (more := len(ways.rows) - _MOST) > 0:
        say(words.plural("places.more_ways", more))
