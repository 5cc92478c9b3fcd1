"""The commands."""

import inspect
import shlex
import signal
import sys
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from functools import wraps
from importlib import import_module
from pathlib import Path, PurePath
from typing import Annotated

import typer

from sim import __version__
from sim.cli.borders import Border, fault
from sim.cli.console import (
    OutputError,
    begin_output,
    console,
    end_output,
    fail,
    fail_for_output,
    report_problems,
    started_as,
)
from sim.cli.parser import Command, Group, start, without_lang
from sim.scenario import ScenarioError
from sim.scenario.errors.problem import of_system
from sim.scenario.errors.told import told
from sim.scenario.text.files import meant_file, only_its_folder

Untrusted = Annotated[
    bool,
    typer.Option(
        "--untrusted",
        help="The scenario is from strangers: it may name no file outside its own folder.",
    ),
]

COMMANDS = {
    "new": "sim.cli.commands.new:new_command",
    "examples": "sim.cli.commands.new:examples_command",
    "check": "sim.cli.commands.check:check_command",
    "run": "sim.cli.commands.run:run_command",
    "compare": "sim.cli.commands.compare:compare_command",
    "sweep": "sim.cli.commands.sweep:sweep_command",
    "calibrate": "sim.cli.commands.calibrate:calibrate_command",
    "size": "sim.cli.commands.size:size_command",
    "rota": "sim.cli.commands.rota:rota_app",
    "serve": "sim.cli.commands.serve:serve_command",
    "fit": "sim.cli.commands.fit:fit_command",
    "watch": "sim.cli.commands.watch:watch_command",
    "report": "sim.cli.commands.report:report_command",
    "validate": "sim.cli.commands.validate:validate_command",
    "schema": "sim.cli.commands.new:schema_command",
}
"""Each with where it is, in the order of the help; several in one are a Typer of their own."""


_VERSION = "--version"


def _version(wanted: bool) -> None:
    if wanted:
        console().print(f"dcr-sim {__version__}")
        raise typer.Exit


def _options(
    version: Annotated[
        bool,
        typer.Option(_VERSION, help="Print the version.", is_eager=True, callback=_version),
    ] = False,
) -> None:
    """Options of the program itself; `version` has done its work by the time this is called."""


def application(words: Sequence[str]) -> typer.Typer:
    """The program as far as these words need it: a command pays for its own imports only."""
    app = typer.Typer(
        cls=Group,
        add_completion=False,
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        help="Simulate a drug consumption room: how long people wait, how many leave unserved, "
        "how fast an overdose is met, how busy staff are.",
    )
    app.callback()(_options)
    asked = [word for word in without_lang(words)[0][:1] if word in COMMANDS]
    of_all = () if words[:1] == [_VERSION] else COMMANDS
    for name in asked or of_all:
        module, _, attribute = COMMANDS[name].partition(":")
        command = getattr(import_module(module), attribute)
        if isinstance(command, typer.Typer):
            for one in command.registered_commands:
                assert one.callback is not None  # every command is a function
                one.callback, one.cls = with_untrusted(one.callback), Command
            app.add_typer(command, name=name, cls=Group)
        else:
            app.command(name, cls=Command)(with_untrusted(command))
    return app


_READ = {"scenario", "base"}
"""What commands call the argument that is a scenario's file."""


def with_untrusted(command: Callable[..., None]) -> Callable[..., None]:
    """The command with the option `--untrusted`, if it reads a scenario, whatever else it reads."""
    wanted = inspect.signature(command)
    if not _READ & set(wanted.parameters) or "untrusted" in wanted.parameters:
        return command

    @wraps(command)
    def held(*, untrusted: bool = False, **options: object) -> None:
        with only_its_folder() if untrusted else nullcontext():
            command(**options)

    option = inspect.Parameter(
        "untrusted", inspect.Parameter.KEYWORD_ONLY, default=False, annotation=Untrusted
    )
    parameters = [
        one.replace(kind=inspect.Parameter.KEYWORD_ONLY) for one in wanted.parameters.values()
    ]
    held.__annotations__ = {**command.__annotations__, "untrusted": Untrusted}
    # A function may have a signature of its own (PEP 362), of which its type knows nothing.
    held.__dict__["__signature__"] = wanted.replace(parameters=[*parameters, option])
    return held


def _without_command(words: Sequence[str]) -> str:
    """What to say where a file stands in place of a command; empty if none does."""
    first, *others = words or [""]
    if first in COMMANDS or first.startswith("-"):
        return ""
    suffix = PurePath(first).suffix.lower()
    if suffix not in (*_SCENARIOS, *_TABLES):
        meant = meant_file(Path(first)) if first else None
        if meant is None:
            return ""
        first = str(meant)
    program, line = started_as(), shlex.join([first, *others])
    if suffix in _TABLES:
        return told(
            "is_a_table_and_what_to_do",
            "{first} is a table, and what to do with it is missing: shifts are read "
            "with `{program} rota import {first_2} --scenario SITE.yaml`",
            first=first,
            program=program,
            first_2=shlex.quote(first),
        )
    return told(
        "is_a_scenario_and_what_to_do",
        "{first} is a scenario, and what to do with it is missing: `{program} "
        "check {line}` says what is in it, `{program} run {line}` simulates it",
        first=first,
        program=program,
        line=line,
    )


_SCENARIOS, _TABLES = (".yaml", ".yml"), (".xlsx", ".xlsm", ".csv", ".ods", ".ics")
"""Endings of files that are given to commands."""


def run(program: typer.Typer) -> None:
    """Run the command that is on the command line, and end the program.

    Whatever the system or a library throws ends here as a message; no draft of results is left,
    since all that writes removes its draft on the way. Faults of the program keep their traceback.
    """
    begin_output()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # as Ctrl-C: nothing is left behind
    try:
        try:
            if missing := _without_command(without_lang(sys.argv[1:])[0]):
                fail(missing)
            start(program)
        finally:
            end_output()
    except ScenarioError as error:
        report_problems(error)
    except OutputError as error:
        fail_for_output(error)
    except KeyboardInterrupt:
        fail(
            told(
                "fail_interrupted_earlier_results_are_as_they",
                "interrupted; earlier results are as they were",
            ),
            status=130,
        )
    except Exception as error:
        said = fault(error)
        if said is None:
            raise
        fail(_as_fact(said, error))


def _as_fact(said: str, error: BaseException) -> str:
    """What the borders say, as what is told in other languages."""
    if isinstance(said, Border):
        values = {
            name: _as_fact(one, error) if isinstance(one, str) else one
            for name, one in said.values.items()
        }
        return told(said.kind, said.form, **values)
    if not isinstance(error, OSError) or said.startswith(str(error)):
        return said
    name, colon, _ = said.rpartition(": ")
    return f"{name}{colon}" + of_system(error, small=True)
