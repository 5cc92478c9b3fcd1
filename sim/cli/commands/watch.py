"""`watch`: one simulated day as a page that plays it."""

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from sim.cli.console import console, expecting, fail, say, styled
from sim.cli.options import (
    RESULTS,
    EngineOption,
    Lang,
    ScenarioFile,
    Seed,
    Settings,
    Variant,
    how_many,
    make_ready,
)
from sim.cli.session import read_held
from sim.engine import Engine, simulate
from sim.measures.laws import check_laws
from sim.report import ENGLISH
from sim.report.page.words import catalogue
from sim.report.watch.day import (
    TYPICAL,
    Day,
    DayError,
    choose_day,
    overdoses_on_site,
    visits_that_come,
)
from sim.report.watch.watch_page import Source, watch_data, watch_page
from sim.results import ResultsError
from sim.results.files import write_text
from sim.results.folder import check_file, new_file
from sim.scenario import Scenario
from sim.scenario.model.hours import DAYS, clock_text
from sim.study import Plan
from sim.visitors import draw


def watch_command(
    scenario: ScenarioFile,
    day: Annotated[
        str | None,
        typer.Option(
            metavar="DAY",
            help="A weekday, mon to sun: its first in the horizon; or busiest; or overdose, the "
            "day with most of them; or typical, by its number of visits. Without it typical.",
        ),
    ] = None,
    on: Annotated[
        str | None, typer.Option("--date", metavar="DATE", help="A date instead: 2026-01-10.")
    ] = None,
    replication: Annotated[
        int,
        how_many("Which play of the horizon; the first is 0.", 0),
    ] = 0,
    seed: Seed = 1,
    settings: Settings = None,
    variant: Variant = None,
    lang: Lang = ENGLISH,
    out: Annotated[
        Path | None,
        typer.Option(help="File for the page. Without it results/watch-<scenario>-<date>.html."),
    ] = None,
    engine: EngineOption = Engine.FAST,
) -> None:
    """Write a page that plays one simulated day: who is where, who waits, what staff do."""
    loaded, _ = read_held(scenario, settings, variant, Plan(engine=engine))
    if day is not None and on is not None:
        fail("--day and --date both say which day; give one")
    if out is not None:
        with expecting(ResultsError):
            check_file(out)
    wanted_date = None if on is None else _date(on)
    for change in loaded.source.changes:
        console(stderr=True).print(f"set {change}")
    make_ready(engine)
    site = loaded.scenario
    visitors = draw(site, seed, replication)
    log = simulate(site, visitors, engine)
    check_laws(site, log)
    with expecting(DayError):
        chosen = choose_day(site, log, TYPICAL if day is None else day, wanted_date)
    data = watch_data(site, visitors, log, chosen)
    page = watch_page(site, data, chosen, Source(seed, replication), catalogue(lang))
    target = RESULTS / f"watch-{site.name}-{chosen.date}.html" if out is None else out
    with expecting(ResultsError), new_file(target) as draft:
        write_text(page, draft)
    _print(site, chosen, visits_that_come(log, chosen), overdoses_on_site(log, chosen))
    say(f"\nOpen in a browser: {target}", soft_wrap=True)


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        fail(f"--date must be a date such as 2026-01-10, not '{text}'")


def _print(site: Scenario, day: Day, visits: int, overdoses: list[float]) -> None:
    out = console()
    out.print(styled("\n[bold]{}[/bold]  {}", site.name, site.title))
    when = f"{DAYS[day.date.weekday()]} {day.date}, {_clock(day, day.start)}-{_clock(day, day.end)}"
    times = ", ".join(_clock(day, onset) for onset in overdoses)
    number = "no overdose" if not overdoses else "1 overdose" if len(overdoses) == 1 else None
    counted = number or f"{len(overdoses)} overdoses"
    out.print(
        f"{when}: {visits} visits while the doors are open, {counted} on site"
        + (f" ({times})" if times else "")
    )


def _clock(day: Day, minute: float) -> str:
    return clock_text(int(minute - day.midnight))
