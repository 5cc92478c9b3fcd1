"""`watch`: simulated days as a page that plays them: one design, two side by side, or a city."""

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from sim.cli.commands.compare import Alternatives
from sim.cli.console import console, expecting, fail, say, styled, warn
from sim.cli.options import (
    MOST_REPLICATIONS,
    RESULTS,
    EngineOption,
    Lang,
    OneFacility,
    ScenarioFile,
    Seed,
    Settings,
    Variant,
    make_ready,
    whole_number,
)
from sim.cli.session import hold, only_visits, read_one
from sim.engine import Engine
from sim.report import ENGLISH
from sim.report.page.words import Words, catalogue, heading
from sim.report.watch.day import TYPICAL, Day, DayError
from sim.report.watch.floorplan import FloorPlanError, read_plan
from sim.report.watch.playing import OtherPeopleError, played_city_days, played_days
from sim.report.watch.watch_page import Design, Shown, that_fit, watch_page
from sim.results import ResultsError
from sim.results.files import write_text
from sim.results.folder import check_file, new_file
from sim.scenario import Scenario
from sim.scenario.city.model import City
from sim.scenario.city.system import system_of
from sim.scenario.errors.told import told
from sim.scenario.load import Loaded, read_scenario
from sim.scenario.model.hours import DAY
from sim.study import Plan
from sim.study.compare.options import read_options


def watch_command(
    scenario: ScenarioFile,
    other: Annotated[
        Path | None,
        typer.Argument(metavar="[ALTERNATIVE]", help="Another scenario file, shown beside it."),
    ] = None,
    alternatives: Alternatives = None,
    days: Annotated[
        list[str] | None,
        typer.Option(
            "--day",
            metavar="DAY",
            help="A weekday, mon to sun: its first in the horizon; or quietest, busiest; or "
            "overdose, the day with most of them; or typical, by its number of visits. May be "
            "repeated; the page begins with the first.  [default: typical]",
        ),
    ] = None,
    dates: Annotated[
        list[str] | None,
        typer.Option("--date", metavar="DATE", help="A date instead: 2026-01-10. May be repeated."),
    ] = None,
    replications: Annotated[
        list[str] | None,
        typer.Option(
            "--replication",
            metavar="N",
            help="Which play of the horizon; the first is 0. May be repeated.  [default: 0]",
        ),
    ] = None,
    floor: Annotated[
        Path | None,
        typer.Option(
            "--plan",
            metavar="FILE",
            help="Your own floor plan, SVG or PNG, with each room named; see the guide.",
        ),
    ] = None,
    seed: Seed = 1,
    settings: Settings = None,
    variant: Variant = None,
    lang: Lang = ENGLISH,
    out: Annotated[
        Path | None,
        typer.Option(help="File for the page. Without it results/watch-<scenario>-<date>.html."),
    ] = None,
    engine: EngineOption = Engine.FAST,
    facility: OneFacility = None,
) -> None:
    """Write a page that plays simulated days: who is where, who waits, what staff do."""
    if days and dates:
        fail(
            told(
                "fail_day_and_date_both_say_which", "--day and --date both say which day; give one"
            )
        )
    if out is not None:
        with expecting(ResultsError):
            check_file(out)
    wanted: list[str | date] = [*(days or ()), *(_date(one) for one in dates or ())]
    plays = [_replication(one) for one in replications or ["0"]]
    words = catalogue(lang)
    options = _options(scenario, other, alternatives, settings, variant, engine, facility)
    loaded = options[0][1]
    city = loaded.scenario if isinstance(loaded.scenario, City) else None
    if city is None:
        designs = [
            Design(_name(number, name, one, words), one.scenario)
            for number, (name, one) in enumerate(options)
        ]
    else:
        sites = system_of(city).sites
        words = words.with_facilities({name: one.title for name, one in sites.items()})
        designs = [Design(words.facility(name), one) for name, one in sites.items()]
        if floor is not None:
            known = ", ".join(sites)
            fail(
                told(
                    "fail_plan_is_of_one_house",
                    "--plan is of one house: add --facility, one of {known}",
                    known=known,
                )
            )
    with expecting(FloorPlanError):
        plan = None if floor is None else read_plan(floor, [one.scenario for one in designs])
    for change in loaded.source.changes:
        console(stderr=True).print(words.say("screen.set", change=change))
    make_ready(engine, loaded.scenario)
    with expecting(DayError, OtherPeopleError):
        days_wanted = wanted or [TYPICAL]
        shown = list(
            played_days(designs, plays, days_wanted, seed, engine)
            if city is None
            else played_city_days(city, plays, days_wanted, seed, engine)
        )
    kept = that_fit(shown, plan)
    page = watch_page(designs, kept, seed, words, plan, city)
    first = kept[0]
    name = f"watch-{loaded.scenario.name}-{first.day.date}.html"
    target = RESULTS / name if out is None else out
    with expecting(ResultsError), new_file(target) as draft:
        write_text(page, draft)
    _print(loaded.scenario, designs, kept, words)
    if len(kept) < len(shown):
        left_out = words.say("watch.screen_left_out", kept=len(kept), days=len(shown))
        warn(left_out, words["screen.warning"])
    say("\n" + words.say("watch.screen_open", file=target), soft_wrap=True)


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        fail(
            told(
                "date_must_be_a_date_such_as",
                "--date must be a date such as 2026-01-10, not '{text}'",
                text=text,
            )
        )


def _replication(text: str) -> int:
    try:
        return whole_number(0, MOST_REPLICATIONS)(text)
    except typer.BadParameter as error:
        fail(told("replication_fault", "--replication: {error}", error=error))


def _options(
    scenario: Path,
    other: Path | None,
    alternatives: Sequence[str] | None,
    settings: Sequence[str] | None,
    variant: str | None,
    engine: Engine,
    facility: str | None,
) -> list[tuple[str, Loaded]]:
    """What is shown: one design, which may be a city, or two."""
    plan = Plan(engine=engine)
    if other is None and not alternatives:
        read = read_scenario(scenario, settings or (), variant)
        if facility is None and len(_houses(read.scenario)) > 1:
            return [(read.scenario.name, read)]
        loaded, _ = read_one(scenario, settings, variant, plan, facility)
        return [(loaded.scenario.name, loaded)]
    if variant is not None:
        form = "--variant is of one design; to see it beside the base write --alt {variant}"
        fail(told("variant_is_of_one_design", form, variant=variant))
    if len(alternatives or ()) + (other is not None) > 1:
        fail(
            told(
                "fail_two_designs_fit_side_by_side",
                "two designs fit side by side; give one alternative",
            )
        )
    files = [] if other is None else [other]
    for path in (scenario, *files):
        if _houses(read_scenario(path, settings or ()).scenario):
            fail(
                told(
                    "fail_watch_two_of_a_city",
                    "{path} is a city, whose houses are shown side by side already, and two of a "
                    "city are not: leave out the second, or name one with --variant or --set",
                    path=path,
                )
            )
    found = read_options(scenario, files, alternatives or (), settings or (), hold(plan))
    for one in found:
        only_visits(one.loaded, told("watch_of_two", "watch of two designs"))
    return [(one.name, one.loaded) for one in found]


def _houses(scenario: Scenario) -> Mapping[str, Scenario]:
    """Of a city; none of a site."""
    return scenario.open_facilities if isinstance(scenario, City) else {}


def _name(number: int, name: str, loaded: Loaded, words: Words) -> str:
    """What a design is called on the page: in the planner's words, never by a key."""
    if number == 0:
        return words["watch.as_it_is"]
    if "=" in name:
        return words["watch.changed"]
    if name == loaded.scenario.name:
        return loaded.scenario.title or name
    return heading(name.replace("_", " ").replace("-", " "))


def _print(
    scenario: Scenario, designs: Sequence[Design], days: Sequence[Shown], words: Words
) -> None:
    out = console()
    out.print(styled("\n[bold]{}[/bold]  {}", scenario.name, scenario.title))
    if isinstance(scenario, City):
        houses = words.listed([one.name for one in designs])
        out.print(styled("{}", words.say("watch.screen_houses", houses=houses)))
    elif len(designs) > 1:
        beside = words.say("watch.screen_beside", first=designs[0].name, second=designs[1].name)
        out.print(styled("{}", beside))
    several = len({one.replication for one in days}) > 1
    for one in days:
        play = words.say("watch.replication_of", number=one.replication) + ", " if several else ""
        say(play + _line(one, words))


def _line(shown: Shown, words: Words) -> str:
    day, onsets = shown.day, [_clock(shown.day, onset, words) for onset in shown.overdoses]
    overdoses = words["watch.screen_no_overdose"]
    if onsets:
        overdoses = words.count("watch.screen_overdoses", len(onsets), times=", ".join(onsets))
    return words.say(
        "watch.screen_day",
        weekday=words.weekdays()[day.date.weekday()].lower(),
        date=day.date,
        start=_clock(day, day.start, words),
        end=_clock(day, day.end, words),
        crowd=words[f"watch.day_{shown.visits.crowd}"],
        visits=words.count(
            "watch.screen_visits" if shown.between is None else "watch.screen_needs",
            shown.visits.number,
            open=words.number(shown.while_open, 0),
        ),
        overdoses=overdoses,
    )


def _clock(day: Day, minute: float, words: Words) -> str:
    number = int(minute - day.midnight)
    if number <= DAY:
        return words.clock(number)
    return words.say("watch.screen_next_day", time=words.clock(number - DAY))
