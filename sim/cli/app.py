"""The commands."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from sim import __version__
from sim.cli.check import print_outlook
from sim.cli.compare import compare_command
from sim.cli.console import console, fail, report_problems
from sim.cli.options import (
    PROCESSORS,
    Cluster,
    EngineOption,
    NoCache,
    ScenarioFile,
    Seed,
    Settings,
    Variant,
    Workers,
)
from sim.cli.report import Lang, NoReport, report_command
from sim.cli.run import Wanted, run_scenario
from sim.cli.size import size_command
from sim.cli.starter import write_starter
from sim.cli.sweep import sweep_command
from sim.cli.validate import run_published, run_validation
from sim.cli.watch import watch_command
from sim.engine import Engine
from sim.report.words import ENGLISH
from sim.scenario import Scenario, ScenarioError, read_scenario
from sim.scenario.outlook import outlook

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Simulate a drug consumption room: how long people wait, how many leave unserved, "
    "how fast an overdose is met, how busy staff are.",
)


def _version(wanted: bool) -> None:
    if wanted:
        console().print(f"dcr-sim {__version__}", highlight=False)
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool,
        typer.Option("--version", help="Print the version.", is_eager=True, callback=_version),
    ] = False,
) -> None:
    """Options of the program itself; `version` has done its work by the time this is called."""


@app.command()
def run(
    scenario: ScenarioFile,
    settings: Settings = None,
    variant: Variant = None,
    replications: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="How many times the horizon is played, with new chance. Without it as often as "
            "the headline figures need, 10 to 40 times.",
        ),
    ] = None,
    precision: Annotated[
        bool,
        typer.Option("--precision", help="As often as they need, up to 200 times."),
    ] = False,
    max_replications: Annotated[
        int | None, typer.Option(min=1, help="Another highest number than 40 or 200.")
    ] = None,
    seed: Seed = 1,
    out: Annotated[
        Path | None,
        typer.Option(help="Folder for the results. Without it results/<scenario name>."),
    ] = None,
    workers: Workers = PROCESSORS,
    visits: Annotated[
        bool, typer.Option("--visits", help="Also write every visit and overdose response.")
    ] = False,
    engine: EngineOption = Engine.FAST,
    cluster: Cluster = None,
    no_cache: NoCache = False,
    no_report: NoReport = False,
    lang: Lang = ENGLISH,
) -> None:
    """Simulate a scenario, print the answers and write the results."""
    loaded = read_scenario(scenario, settings or (), variant)
    wanted = Wanted(
        replications=replications,
        precise=precision,
        max_replications=max_replications,
        seed=seed,
        workers=workers,
        engine=engine,
        cluster=cluster,
        cache=not no_cache,
    )
    run_scenario(loaded, wanted, out=out, visits=visits, lang=None if no_report else lang)


@app.command()
def check(scenario: ScenarioFile, settings: Settings = None, variant: Variant = None) -> None:
    """Validate a scenario and say what was understood, without simulating."""
    loaded = read_scenario(scenario, settings or (), variant)
    print_outlook(loaded, outlook(loaded.scenario))


@app.command()
def new(
    name: Annotated[str, typer.Argument(help="Name of the new scenario, without spaces.")],
    folder: Annotated[Path, typer.Option(help="Where to put it.", show_default=True)] = Path(
        "scenarios"
    ),
) -> None:
    """Copy a commented starter scenario to edit."""
    write_starter(name, folder)


@app.command()
def schema() -> None:
    """Print the JSON Schema of a scenario, for editors that complete and check YAML."""
    sys.stdout.write(json.dumps(Scenario.model_json_schema(by_alias=True), indent=2) + "\n")


@app.command()
def validate(
    quick: Annotated[
        bool, typer.Option("--quick", help="Fewer replications: standard errors up to 5 %.")
    ] = False,
    case: Annotated[
        list[str] | None, typer.Option(metavar="ID", help="Only this case. May be repeated.")
    ] = None,
    published: Annotated[
        bool, typer.Option("--published", help="Published facilities instead of exact results.")
    ] = False,
    page: Annotated[
        Path | None, typer.Option(help="Rewrite the part of this page, such as docs/validation.md.")
    ] = None,
    workers: Workers = PROCESSORS,
    engine: EngineOption = Engine.FAST,
    out: Annotated[Path, typer.Option(help="Folder for the table.")] = Path("results/validation"),
) -> None:
    """Check the simulator against results that are known exactly, or were published."""
    if published:
        run_published(quick=quick, workers=workers, engine=engine, out=out, page=page)
    else:
        run_validation(
            quick=quick, cases=case or [], workers=workers, engine=engine, out=out, page=page
        )


app.command(name="compare")(compare_command)
app.command(name="sweep")(sweep_command)
app.command(name="watch")(watch_command)
app.command(name="report")(report_command)
app.command(name="size")(size_command)


def main() -> None:
    """Run the command line; wrong input ends with status 2 and no traceback."""
    try:
        app()
    except ScenarioError as error:
        report_problems(error)
    except KeyboardInterrupt:
        fail("interrupted; earlier results are as they were", status=130)
