"""`new` and `examples`: scenarios to start from."""

import sys
from collections.abc import Iterable, Mapping
from importlib.resources import files
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from sim.cli.console import console, fail, started_as
from sim.scenario.load import Example, example_folder, examples, with_bases
from sim.scenario.model.scenario import schema_text
from sim.scenario.text.names import name_fault

SCHEMA = "scenario.schema.json"


def new_command(
    name: Annotated[str, typer.Argument(help="Name of the new scenario, without spaces.")],
    folder: Annotated[Path, typer.Option(help="Where to put it.", show_default=True)] = Path(
        "scenarios"
    ),
) -> None:
    """Copy a commented starter scenario to edit."""
    write_starter(name, folder)


def examples_command(
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="[NAME]...", help="Those to copy, with the files they extend."),
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="Copy all of them.")] = False,
    folder: Annotated[Path, typer.Option(help="Where to put them.", show_default=True)] = Path(
        "scenarios"
    ),
) -> None:
    """List the example scenarios, with published facilities, or copy some of them."""
    known = {one.name: one for one in examples()}
    wanted = list(known) if everything else [name.removesuffix(".yaml") for name in names or ()]
    if not wanted:
        _print_examples(known.values())
        return
    if unknown := [name for name in wanted if name not in known]:
        fail(f"there is no example '{unknown[0]}'; known: {', '.join(known)}")
    home = example_folder().resolve()
    files = {
        path.relative_to(home): path.read_text(encoding="utf-8")
        for name in wanted
        for path in with_bases(known[name].path.resolve())
    }
    _copy(files, folder)
    out = console()
    for file in files:
        out.print(f"{folder / file}", soft_wrap=True)
    out.print(f"Run one: {started_as()} run {folder / wanted[0]}.yaml", soft_wrap=True)


def _print_examples(known: Iterable[Example]) -> None:
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(no_wrap=True)
    table.add_column()
    for one in known:
        table.add_row(one.name, one.title)
    out = console()
    out.print(table)
    out.print(f"\nTo copy one, such as h17: {started_as()} examples h17 (or --all)")
    out.print(f"They are in {example_folder()}", soft_wrap=True)


def _copy(files: Mapping[Path, str], folder: Path) -> None:
    """Write files that are not there yet; where another one is, none of them."""
    for file, text in files.items():
        target = folder / file
        if target.exists() and target.read_text(encoding="utf-8") != text:
            fail(f"{target} exists and is another; choose another --folder, or move it away first")
    for file, text in files.items():
        target = folder / file
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8", newline="\n")


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
            named = text.replace("\nname: starter\n", f"\nname: {name}\n")
            file.write(named.replace("#     dcr-sim ", f"#     {started_as()} "))
    except OSError as error:
        fail(f"{target} cannot be written: {(error.strerror or str(error)).lower()}")
    out = console()
    out.print(f"Wrote {target}. Edit it, then:", soft_wrap=True)
    out.print(f"  {started_as()} check {target}", soft_wrap=True)
    out.print(f"  {started_as()} run {target}", soft_wrap=True)
