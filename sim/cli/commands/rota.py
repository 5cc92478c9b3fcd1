"""`rota`: who is needed when, which shifts cover it, rotas in and out, and whether they may be."""

from pathlib import Path
from typing import Annotated

import typer

from sim.cli.commands.rota_files import export_command, import_command
from sim.cli.commands.rota_plan import plan_command
from sim.cli.console import expecting, progress_bar, say, styled
from sim.cli.options import (
    PROCESSORS,
    EngineOption,
    Out,
    ScenarioFile,
    Seed,
    Settings,
    Variant,
    Workers,
    how_many,
    make_ready,
)
from sim.cli.print.rota import print_check, print_need
from sim.cli.session import session
from sim.engine import Engine
from sim.results import ResultsError
from sim.results.files import write_table, write_tables
from sim.results.manifest import write_manifest
from sim.rota.check.check import breaches_table, check_rota
from sim.rota.check.rules import NeedError, rules_of
from sim.rota.need.need import requirement
from sim.rota.need.refine import Refined, refine
from sim.rota.need.tables import roles_table, work_table
from sim.scenario import read_scenario
from sim.scenario.derived.warnings import days_without
from sim.study.run.runner import Plan

_BROKEN = 1

rota_app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    help="Rotas: who is needed when, which shifts cover it, whether a rota keeps the rules.",
)


@rota_app.command()
def need(
    scenario: ScenarioFile,
    settings: Settings = None,
    variant: Variant = None,
    replications: Annotated[
        int,
        how_many("Of each round of simulation; 0 for the formula alone.", 0),
    ] = 10,
    seed: Seed = 1,
    out: Out = None,
    workers: Workers = PROCESSORS,
    engine: EngineOption = Engine.FAST,
) -> None:
    """How many of which role are needed in each hour of the week."""
    site = read_scenario(scenario, settings or (), variant).scenario
    refined: Refined | None = None
    with expecting(NeedError):
        formula = requirement(site)
    with session(f"{site.name}-need", out, engine, NeedError) as now:
        if replications:
            make_ready(engine)
            with progress_bar() as show:
                refined = refine(site, formula, Plan(seed, replications, workers, engine), show)
        tables = {
            "need": roles_table(site, formula, refined),
            "work": work_table(formula, refined),
        }
        write_tables(tables, now.draft)
        played = {"seed": seed, "replications": replications}
        write_manifest(now.draft, site, played, now.record())
    print_need(formula, refined, rules_of(site))
    now.say_where()


rota_app.command(name="plan")(plan_command)


@rota_app.command()
def check(
    scenario: ScenarioFile,
    settings: Settings = None,
    variant: Variant = None,
    out: Annotated[
        Path | None, typer.Option(metavar="FILE.csv", help="Write every breach to a table.")
    ] = None,
) -> None:
    """Check a rota against its rules. Exit status 1 if any is broken."""
    site = read_scenario(scenario, settings or (), variant).scenario
    with expecting(NeedError, ResultsError):
        found = check_rota(site)
        if out is not None:
            write_table(breaches_table(found.breaches), out)
    print_check(site, found)
    for warning in days_without(site):
        say(styled("\n[yellow]warning:[/yellow] {}", warning))
    if found.breaches:
        raise typer.Exit(_BROKEN)


rota_app.command(name="import")(import_command)
rota_app.command(name="export")(export_command)
