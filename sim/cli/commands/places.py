"""`size --add-places`: where in a city to put more places."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from sim.cli.console import fail, new_table, progress_bar, say, styled, warn
from sim.cli.options import make_ready
from sim.cli.session import Wanted, read_held, session
from sim.report.city.places import Ways
from sim.report.page.words import Words
from sim.results.places import placing_contents, ways_table, write_placing
from sim.scenario.city.model import City
from sim.scenario.city.outlook import warnings_of_targets
from sim.scenario.errors.told import Listed, Written, told
from sim.scenario.load import Original
from sim.scenario.text.notes import notes
from sim.size.city.places import Placer, PlacesError, Placing, check_ways, spots_of
from sim.study.estimate.targets import check_targets

_MOST = 12
"""Ways that are printed; the others are in the table on disk."""
_LOOKS = {"best": "[bold]{}[/bold]", "as good": "{}", "cannot tell": "[yellow]{}[/yellow]"}


@dataclass(frozen=True)
class Sharing:
    """What was asked for."""

    number: int
    """Of places."""
    step: int
    into: Sequence[str]
    """Houses and rooms that alone may take some."""
    confidence: float


def not_beside(option: str, others: Mapping[str, object]) -> None:
    """End where options were given that another cannot have beside it."""
    given = [Written(name) for name, value in others.items() if value]
    if given:
        form = "{option} cannot have {others} beside it: leave that out"
        fail(told("fail_leave_out", form, option=option, others=Listed.of(given, "and")))


def place(
    source: tuple[Path, Sequence[str] | None, str | None],
    sharing: Sharing,
    wanted: Wanted,
    out: Path | None,
    words: Words,
    lang: str | None,
) -> None:
    """Find out where to put the places, and say so.

    Args:
        source: file, settings and variant.
        sharing: what was asked for.
        wanted: how it is to be played; its replications are the most of any way.
        out: the folder that was named.
        words: the language.
        lang: of the page; None for none.
    """
    path, settings, variant = source
    plan = wanted.plan()
    loaded, _ = read_held(path, settings, variant, plan)
    city = loaded.scenario
    if not isinstance(city, City):
        form = (
            "--add-places is for a city; {file} is one site, whose places `size` finds with "
            "`design:` and `targets:`"
        )
        fail(told("fail_places_of_a_site", form, file=str(path)))
    check_targets(city, loaded.source)
    for warning in warnings_of_targets(city):
        warn(words.told(warning), words["screen.warning"])
    try:
        spots = spots_of(city, sharing.number, sharing.step, sharing.into)
        ways = check_ways(spots, sharing.number, sharing.step)
    except PlacesError as error:
        fail(error.args[0])
    make_ready(wanted.engine_here, city)
    rooms = ", ".join(one.name for one in spots)
    number = words.plural("places.places", sharing.number)
    say(words.tell("places.about_to", ways=ways, places=number, rooms=rooms))
    most = wanted.replications or 1
    placer = Placer(
        Original(loaded), spots, sharing.number, sharing.step, plan, sharing.confidence, most
    )
    name = f"{city.name}-places"
    with session(
        name, out, wanted.engine, PlacesError, cached=wanted.cache, form=wanted.form
    ) as now:
        found = placer.place(partial(progress_bar, brief=True))
        write_placing(found, now.record(), now.draft, notes(loaded.source))
        now.draw(lang)
    _print(found, now.seconds, words)
    now.say_where(words)


# --- in at most 80 columns ------------------------------------------------------------------------


def _print(found: Placing, seconds: float, words: Words) -> None:
    """Print the best way, how sure that is, and the ways beside it."""
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
