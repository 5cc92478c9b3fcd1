"""`size --add-places`: where in a city to put more places."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from sim.cli.console import fail, progress_bar, say, warn
from sim.cli.options import make_ready
from sim.cli.print.city.places import print_placing
from sim.cli.session import Wanted, read_held, session
from sim.report.page.words import Words
from sim.results.places import write_placing
from sim.scenario.city.model import City
from sim.scenario.city.outlook import warnings_of_targets
from sim.scenario.errors.told import Listed, Written, told
from sim.scenario.load import Original
from sim.scenario.text.notes import notes
from sim.size.city.places import Placer, PlacesError, check_ways, spots_of
from sim.study.estimate.targets import check_targets


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
    say(words.tell("places.about_to", ways=ways, number=sharing.number, rooms=rooms))
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
    print_placing(found, now.seconds, words)
    now.say_where(words)
