"""`check`: what was understood of a scenario, and what comes next."""

import shlex
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from importlib import import_module
from pathlib import Path

from rich.table import Table

from sim.cli.console import console, say, say_labelled, started_as, styled
from sim.cli.options import Lang, ScenarioFile, Settings, Variant
from sim.cli.print.city.outlook import print_city
from sim.cli.print.unknowns import print_unknowns
from sim.measures.figures.cost import site_costs
from sim.report import ENGLISH
from sim.report.page.words import Words, catalogue
from sim.scenario.city.model import City
from sim.scenario.city.outlook import dates_beyond
from sim.scenario.derived.outlook import (
    Outlook,
    longer_without_staff,
    outlook,
    served_told,
    stay_lines,
    taken_for_demand,
)
from sim.scenario.derived.warnings import date_warnings
from sim.scenario.errors.problem import ScenarioError
from sim.scenario.errors.told import Listed, told
from sim.scenario.load import Loaded, Original, read_scenario
from sim.scenario.model.scenario import Scenario
from sim.scenario.model.targets import NOW_MEANS
from sim.scenario.text.readings import readings
from sim.scenario.uncertainty.ranges import read_unknowns


def check_command(
    scenario: ScenarioFile,
    settings: Settings = None,
    variant: Variant = None,
    lang: Lang = ENGLISH,
) -> None:
    """Validate a scenario and say what was understood, without simulating."""
    words = catalogue(lang)
    loaded = read_scenario(scenario, settings or (), variant)
    if isinstance(loaded.scenario, City):
        _check_city(loaded, loaded.scenario, words)
        _print_next(loaded, scenario, settings or (), variant, words)
        return
    if loaded.scenario.demand.is_unknown:
        # Only here: what plays takes half a second to import.
        plan = import_module("sim.study").Plan()
        session = import_module("sim.cli.session")
        loaded = session.read_held(scenario, settings, variant, plan)[0]
    found = outlook(loaded.scenario)
    also = taken_for_demand(loaded.scenario, found.loads)
    also += date_warnings(loaded.scenario, loaded.source)
    longer = _than_the_file(loaded, scenario)
    print_outlook(loaded, found.warned([*also, *_out_of_reach(loaded), *longer]), words)
    _print_unknowns(loaded, words)
    _print_next(loaded, scenario, settings or (), variant, words)


def _print_unknowns(loaded: Loaded, words: Words) -> None:
    unknowns = read_unknowns(loaded.scenario, loaded.source)
    if unknowns.draws:  # SciPy's points take their time to import
        draws = import_module("sim.scenario.uncertainty.draws")
        rows = draws.read_draws(unknowns.draws, loaded.scenario, loaded.source)
        unknowns = replace(unknowns, rows=len(rows) - 1)
    print_unknowns(unknowns, words, full=loaded.scenario.uncertainty is not None)


def _check_city(loaded: Loaded, city: City, words: Words) -> None:
    if city.targets:
        import_module("sim.study.estimate.targets").check_targets(city, loaded.source)
    print_city(city, loaded.source, words, dates_beyond(city, loaded.source))
    _print_unknowns(loaded, words)


def _print_next(
    loaded: Loaded, path: Path, settings: Sequence[str], variant: str | None, words: Words
) -> None:
    out = console()
    out.print("\n" + words["screen_check.next"])
    for what, why in _next(loaded, path, settings, variant, words):
        out.print(f"  {what}", soft_wrap=True)
        out.print(f"      {why}", soft_wrap=True)


def _than_the_file(loaded: Loaded, path: Path) -> list[str]:
    """Open hours without staff that settings or a variant have added."""
    if not loaded.source.changes:
        return []
    try:
        base = read_scenario(path).scenario
    except ScenarioError:  # which the settings have put right
        return []
    as_it_stands = told("as_it_stands", "the file as it stands")
    return longer_without_staff(base, loaded.scenario, as_it_stands)


def _out_of_reach(loaded: Loaded) -> list[str]:
    """Targets that cannot be met; whether there are such figures is looked at first.

    Raises:
        ScenarioError: a target is about no figure, or a design cannot be.
    """
    if not loaded.scenario.targets:
        return []
    # Only here: sizing takes half a second to import, and most of `check` does without.
    import_module("sim.study.estimate.targets").check_targets(loaded.scenario, loaded.source)
    found: list[str] = import_module("sim.size.screening").never_met(Original(loaded))
    return found


def _next(
    loaded: Loaded, path: Path, settings: Sequence[str], variant: str | None, words: Words
) -> Iterator[tuple[str, str]]:
    """Commands to go on with, each with what it is good for."""
    scenario, program = loaded.scenario, started_as()
    sets = [word for setting in settings for word in ("--set", setting)]
    one = ["--variant", variant] if variant else []
    base, this = (_line_of([str(path), *words]) for words in (sets, [*one, *sets]))
    yield f"{program} watch {this}", words["screen_check.watch"]
    yield f"{program} run {this}", words["screen_check.run"]
    change = _one_place_more(scenario)
    yield (
        # A variant is compared with the scenario that it is one of.
        f"{program} compare {base} {_line_of(['--alt', variant or change])}",
        words["screen_check.compare"],
    )
    if isinstance(scenario, City):
        yield f"{program} size {this} --add-places 2", words["screen_check.add_places"]
        return
    if scenario.targets and scenario.design is not None:
        yield f"{program} size {this}", words["screen_check.size"]
    else:
        missing = [
            name
            for name, given in (("targets:", scenario.targets), ("design:", scenario.design))
            if not given
        ]
        names = words.told(Listed.of(missing, "and"))
        yield f"{program} size {this}", words.say("screen_check.size_once", missing=names)


def _one_place_more(scenario: Scenario) -> str:
    """A change to compare with: of the first room, or of the first facility's."""
    parts = [("", scenario)]
    if isinstance(scenario, City):
        parts = [(f"facilities.{name}.", one) for name, one in scenario.open_facilities.items()]
    for where, site in parts:
        for name, room in site.rooms.items():
            return f"{where}rooms.{name}.places={room.places + 1}"
    return "demand.factor=1.1"


def _line_of(words: Sequence[str]) -> str:
    """Words as they are typed on a command line."""
    return " ".join(f'"{word}"' if "\\" in word else shlex.quote(word) for word in words)


def print_outlook(loaded: Loaded, found: Outlook, words: Words) -> None:
    """Print what a scenario implies, warnings last."""
    out = console()
    scenario = loaded.scenario
    out.print(styled("[bold]{}[/bold]  {}", scenario.name, scenario.title))
    for change in loaded.source.changes:
        out.print(f"  {change}")
    out.print()
    horizon = scenario.horizon
    last = horizon.date_of(horizon.total_days - 1)
    days = words.tell(
        "screen_check.days", number=horizon.total_days, start=horizon.start, last=last
    )
    a_week = round(found.hours_per_week, 1)
    open_for = words.tell("screen_check.hours_a_week", hours=a_week)
    width = max(_LABEL, *(len(words[f"screen_check.{one}"]) + 1 for one in _LABELS))
    parts: tuple[Iterable[str], ...] = (
        (days,),
        (*map(words.told, found.opening), open_for),
        _visit_lines(scenario, found, words),
        map(words.told, found.booked),
        map(words.told, stay_lines(scenario)),
        _cost_lines(scenario, words),
        map(words.told, found.rooms),
    )
    for label, texts in zip(_LABELS, parts, strict=True):
        say_labelled(words[f"screen_check.{label}"], texts, width)
    if found.loads:
        out.print()
        out.print(_loads(found, words))
    if found.cover:
        out.print()
        out.print(_cover(found, words))
    out.print()
    _print_notes(scenario, words)
    for reading in readings(loaded.source):
        note = words["screen.note"]
        say(styled("[bold]{}[/bold] {}", note, words.told(reading)))
    for warning in found.warnings:
        label = words["screen.warning"]
        out.print(styled("[bold yellow]{}[/bold yellow] {}", label, words.told(warning)))
    if not found.warnings:
        out.print(words["screen_check.no_warnings"])


_LABELS = ("plays", "open", "visits", "booked", "stays", "costs", "rooms")
_LABEL = 8
"""Letters before the lines, at least."""


def _visit_lines(scenario: Scenario, found: Outlook, words: Words) -> Iterator[str]:
    """Who comes, and who comes too early or too late."""
    if served := served_told(scenario):
        yield words.told(served)
    yield words.tell("screen_check.let_in", number=found.visits_per_day)
    if found.visits_refused_per_day > 0:
        yield words.tell("screen_check.refused", number=found.visits_refused_per_day)
    if found.visits_waiting_per_day > 0:
        yield words.tell("screen_check.at_door", number=found.visits_waiting_per_day)


def _cost_lines(scenario: Scenario, words: Words) -> Iterator[str]:
    """What has a price; nothing if nothing has."""
    costs, currency = site_costs(scenario), scenario.currency
    if not costs:
        return
    year = sum(cost.per_year for cost in costs.values())
    week = sum(cost.per_week for cost in costs.values())
    yield words.tell("screen_check.cost", year=year, week=week, currency=currency)
    parts = (
        f"{words[f'part.{part}']} {words.local(f'{cost.per_year:,.0f}')}"
        for part, cost in costs.items()
    )
    yield words.say("screen_check.cost_parts", parts=", ".join(parts))


def _print_notes(scenario: Scenario, words: Words) -> None:
    """Print once what a metric of the targets means now that meant something else."""
    metrics = {target.metric for target in scenario.targets}
    for metric, text in NOW_MEANS.items():
        if metric in metrics:
            note = words["screen.note"]
            say(styled("[bold]{}[/bold] {} {}", note, metric, words.told(text)))


def _titled(title: str) -> Table:
    return Table(title=title, box=None, pad_edge=False, title_justify="left", title_style="bold")


def _loads(found: Outlook, words: Words) -> Table:
    table = _titled(words["screen_check.needed_title"])
    table.add_column(words["screen_check.who"])
    table.add_column(words["unit.hour"])
    for name in ("places_open", "needed", "in_use"):
        table.add_column(words[f"screen_check.{name}"], justify="right")
    for load in found.loads:
        share = f"{load.load / load.places:.0%}" if load.places else "-"
        cells = (words.local(one) for one in (f"{load.places:g}", f"{load.load:.1f}", share))
        rooms = " + ".join(words.own(room) for room in load.rooms)
        table.add_row(rooms, words.told(load.when), *cells)
    return table


def _cover(found: Outlook, words: Words) -> Table:
    table = _titled(words["rota.rota"])
    table.add_column(words["watch.role"])
    table.add_column(words["staff.hours"], justify="right")
    table.add_column(words["screen_check.on_duty"], justify="right")
    for cover in found.cover:
        span = words.say("unit.to", low=cover.lowest, high=cover.highest)
        same = cover.lowest == cover.highest
        hours = words.local(f"{round(cover.hours_per_week, 1):g}")
        table.add_row(words.own(cover.role), hours, str(cover.lowest) if same else span)
    return table
