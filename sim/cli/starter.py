"""`new`: a scenario to start from."""

import sys
from importlib.resources import files
from pathlib import Path
from typing import Annotated

import typer

from sim.cli.console import console, fail, started_as
from sim.scenario.scenario import name_fault
from sim.scenario.schema import schema_text

SCHEMA = "scenario.schema.json"


def new_command(
    name: Annotated[str, typer.Argument(help="Name of the new scenario, without spaces.")],
    folder: Annotated[Path, typer.Option(help="Where to put it.", show_default=True)] = Path(
        "scenarios"
    ),
) -> None:
    """Copy a commented starter scenario to edit."""
    write_starter(name, folder)


def schema_command() -> None:
    """Print the JSON Schema of a scenario, for editors that complete and check YAML."""
    sys.stdout.write(schema_text())


def write_starter(name: str, folder: Path) -> None:
    """Copy the starter under a new name, with the schema that editors check it against."""
    if fault := name_fault(name):
        fail(fault)
    target = folder / f"{name}.yaml"
    if target.exists():
        fail(f"{target} exists; choose another name, or delete it first")
    text = (files("sim.scenario") / "starter.yaml").read_text(encoding="utf-8")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / SCHEMA).write_text(schema_text(), encoding="utf-8")
        with target.open("x", encoding="utf-8", newline="\n") as file:
            file.write(text.replace("\nname: starter\n", f"\nname: {name}\n"))
    except OSError as error:
        fail(f"{target} cannot be written: {(error.strerror or str(error)).lower()}")
    out = console()
    out.print(f"Wrote {target}. Edit it, then:", highlight=False, soft_wrap=True)
    out.print(f"  {started_as()} check {target}", highlight=False, soft_wrap=True)
    out.print(f"  {started_as()} run {target}", highlight=False, soft_wrap=True)
