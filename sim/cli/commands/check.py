"""`check`: what was understood of a scenario, and what comes next."""

import shlex
from collections.abc import Iterable, Iterator, Sequence
from importlib import import_module
from pathlib import Path

from rich.table import Table

from sim.cli.console import console, say, started_as, styled
from sim.cli.options import ScenarioFile, Settings, Variant
from sim.cli.print.unknowns import print_unknowns
from sim.measures.cost import OPENING, PLACES, STAFF, site_costs
from sim.report import ENGLISH
from sim.report.page.words import catalogue
from sim.scenario.derived.outlook import (
    Outlook,
    longer_without_staff,
    outlook,
    served_told,
    stay_lines,
    taken_for_demand,
)
from sim.scenario.errors.problem import ScenarioError
from sim.scenario.load import Loaded, Original, read_scenario
from sim.scenario.model.scenario import Scenario
from sim.scenario.model.targets import NOW_MEANS
from sim.scenario.text.readings import readings
from sim.scenario.uncertainty.ranges import read_unknowns

_COSTS = {STAFF: "staff", PLACES: "places", OPENING: "hours of opening"}


def check_command(
    scenario: ScenarioFile, settings: Settings = None, variant: Variant = None
) -> None:
    """Validate a scenario and say what was understood, without simulating."""
    loaded = read_scenario(scenario, settings or (), variant)
    if loaded.scenario.demand.is_unknown:
        # Only here: what plays takes half a second to import.
        plan = import_module("sim.study").Plan()
        session = import_module("sim.cli.session")
        loaded = session.read_held(scenario, settings, variant, plan)[0]
    found = outlook(loaded.scenario)
    also = taken_for_demand(loaded.scenario, found.loads)
    longer = _than_the_file(loaded, scenario)
    print_outlook(loaded, found.warned([*also, *_out_of_reach(loaded), *longer]))
    unknowns = read_unknowns(loaded.scenario, loaded.source)
    print_unknowns(unknowns, catalogue(ENGLISH), full=loaded.scenario.uncertainty is not None)
    out = console()
    out.print("\nNext:")
    for what, why in _next(loaded, scenario, settings or (), variant):
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
    return longer_without_staff(base, loaded.scenario, "the file as it stands")


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
    loaded: Loaded, path: Path, settings: Sequence[str], variant: str | None
) -> Iterator[tuple[str, str]]:
    """Commands to go on with, each with what it is good for."""
    scenario, program = loaded.scenario, started_as()
    sets = [word for setting in settings for word in ("--set", setting)]
    one = ["--variant", variant] if variant else []
    base, this = (_line_of([str(path), *words]) for words in (sets, [*one, *sets]))
    yield f"{program} watch {this}", "one simulated day to look at: is that how it goes?"
    yield f"{program} run {this}", "waits, visits unserved, overdoses and staff, with a report"
    room = next(iter(scenario.rooms.items()), None)
    change = f"rooms.{room[0]}.places={room[1].places + 1}" if room else "demand.factor=1.1"
    yield (
        # A variant is compared with the scenario that it is one of.
        f"{program} compare {base} {_line_of(['--alt', variant or change])}",
        "two designs with the same people: which is better, and by how much",
    )
    if scenario.targets and scenario.design is not None:
        yield f"{program} size {this}", "the cheapest design that meets the targets"
    else:
        missing = [
            name
            for name, given in (("targets:", scenario.targets), ("design:", scenario.design))
            if not given
        ]
        yield (
            f"{program} size {this}",
            f"once the file has {' and '.join(missing)}; see docs/sizing.md",
        )


def _line_of(words: Sequence[str]) -> str:
    """Words as they are typed on a command line."""
    return " ".join(f'"{word}"' if "\\" in word else shlex.quote(word) for word in words)


def print_outlook(loaded: Loaded, found: Outlook) -> None:
    """Print what a scenario implies, warnings last."""
    out = console()
    scenario = loaded.scenario
    out.print(styled("[bold]{}[/bold]  {}", scenario.name, scenario.title))
    for change in loaded.source.changes:
        out.print(f"  {change}")
    out.print()
    horizon = scenario.horizon
    last = horizon.date_of(horizon.total_days - 1)
    _line("Plays", f"{horizon.total_days} days, {horizon.start} to {last}")
    _lines("Open", (*found.opening, f"{round(found.hours_per_week, 1):g} hours a week"))
    _lines("Visits", _visit_lines(scenario, found))
    _lines("Booked", found.booked)
    _lines("Stays", stay_lines(scenario))
    _lines("Costs", _cost_lines(scenario))
    _lines("Rooms", found.rooms)
    if found.loads:
        out.print()
        out.print(_loads(found))
    if found.cover:
        out.print()
        out.print(_cover(found))
    out.print()
    _print_notes(scenario)
    for told in readings(loaded.source):
        say(styled("[bold]note:[/bold] {}", told))
    for warning in found.warnings:
        out.print(styled("[bold yellow]warning:[/bold yellow] {}", warning))
    if not found.warnings:
        out.print("No warnings.")


def _visit_lines(scenario: Scenario, found: Outlook) -> Iterator[str]:
    """Who comes, and who comes too early or too late."""
    if told := served_told(scenario):
        yield told
    yield f"{found.visits_per_day:.1f} a day while the door lets people in"
    if found.visits_refused_per_day > 0:
        yield f"{found.visits_refused_per_day:.1f} a day when it does not (counted as closed)"
    if found.visits_waiting_per_day > 0:
        yield f"{found.visits_waiting_per_day:.1f} a day wait at the door until it opens"


def _cost_lines(scenario: Scenario) -> Iterator[str]:
    """What has a price; nothing if nothing has."""
    costs, currency = site_costs(scenario), scenario.currency
    if not costs:
        return
    year = sum(cost.per_year for cost in costs.values())
    week = sum(cost.per_week for cost in costs.values())
    yield f"{year:,.0f} {currency} a year, {week:,.0f} a week"
    parts = (f"{_COSTS[part]} {cost.per_year:,.0f}" for part, cost in costs.items())
    yield f"a year: {', '.join(parts)}"


def _print_notes(scenario: Scenario) -> None:
    """Print once what a metric of the targets means now that meant something else."""
    metrics = {target.metric for target in scenario.targets}
    for metric, word in NOW_MEANS.items():
        if metric in metrics:
            say(styled("[bold]note:[/bold] {} {}", metric, word))


def _lines(label: str, texts: Iterable[str]) -> None:
    """Lines of which the first has the label."""
    for number, text in enumerate(texts):
        _line("" if number else label, text)


def _line(label: str, text: str) -> None:
    say(f"{label:<8}{text}")


def _titled(title: str) -> Table:
    return Table(title=title, box=None, pad_edge=False, title_justify="left", title_style="bold")


def _loads(found: Outlook) -> Table:
    table = _titled("Places needed in the busiest hour, if nobody ever had to wait")
    table.add_column("Visitors who accept only")
    table.add_column("hour")
    for name in ("places open", "needed", "in use"):
        table.add_column(name, justify="right")
    for load in found.loads:
        share = f"{load.load / load.places:.0%}" if load.places else "-"
        needed = f"{load.load:.1f}"
        table.add_row(" + ".join(load.rooms), load.when, f"{load.places:g}", needed, share)
    return table


def _cover(found: Outlook) -> Table:
    table = _titled("Rota")
    table.add_column("Role")
    for name in ("hours a week", "on duty while open"):
        table.add_column(name, justify="right")
    for cover in found.cover:
        span = f"{cover.lowest} to {cover.highest}"
        same = cover.lowest == cover.highest
        table.add_row(
            cover.role, f"{round(cover.hours_per_week, 1):g}", str(cover.lowest) if same else span
        )
    return table
