"""`rota import` and `rota export`: rotas as people keep them, in CSV, Excel and iCalendar."""

import os
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Annotated, Literal
from uuid import uuid4

import typer

from sim.cli.console import expecting, fail, say, styled
from sim.cli.options import ScenarioFile, Settings, Variant
from sim.results.scenario import extending_yaml
from sim.rota.check.rules import NeedError, staff_of
from sim.rota.files.read import read_rota
from sim.rota.files.write import (
    ExportError,
    Table,
    calendar,
    csv_text,
    grid_tables,
    long_table,
    write_excel,
)
from sim.scenario import Scenario, read_scenario
from sim.scenario.derived.roster import period_of
from sim.scenario.derived.warnings import days_without
from sim.scenario.tables.files import EXCEL, file_and_sheet
from sim.scenario.text.names import is_name

_CSV, _CALENDAR = ".csv", ".ics"


def import_command(
    file: Annotated[
        Path,
        typer.Argument(metavar="FILE", help="A rota, .csv, .xlsx or .ods; a sheet as FILE#NAME."),
    ],
    scenario: Annotated[
        Path,
        typer.Option("--scenario", metavar="SCENARIO", help="The scenario that is to have it."),
    ],
    codes: Annotated[
        Path | None,
        typer.Option(help="Codes of a grid in CSV.  [default: <name>-codes.csv beside it]"),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="The new scenario.  [default: <name>.yaml beside FILE]")
    ] = None,
) -> None:
    """Make a scenario with the rota of a file; nothing is written if anything is wrong."""
    site = read_scenario(scenario).scenario
    staff = read_rota(file, site, codes)
    table = file_and_sheet(file)[0]
    target = table.with_suffix(".yaml") if out is None else out
    if target.exists():
        fail(f"{target} is already there; name another file with --out")
    name = f"{site.name}-{table.stem}"
    text = extending_yaml(
        os.path.relpath(scenario.resolve(), target.resolve().parent),
        name if is_name(name) else f"{site.name}-rota",
        staff,
    )
    _write(target, lambda draft: draft.write_text(text, encoding="utf-8", newline="\n"))
    rostered = site.model_copy(update={"staff": staff})
    say(
        f"{target}: {len(staff.rota)} lines of {_said(rostered)}; it extends {scenario}",
        soft_wrap=True,
    )
    for warning in days_without(rostered):
        say(styled("[yellow]warning:[/yellow] {}", warning), soft_wrap=True)


def _said(site: Scenario) -> str:
    """`a rota of 2 weeks, 14 shifts`, or of dates."""
    staff, period = staff_of(site), period_of(site)
    if period.first is None:
        people = sum(
            line.count * len(line.days) * (len(set(line.weeks)) or staff.cycle_weeks)
            for line in staff.rota
        )
        return f"a rota of {_weeks(staff.cycle_weeks)}, {people} shifts"
    days = sorted(day for line in staff.rota for day in line.dates)
    people = sum(line.count * len(line.dates) for line in staff.rota)
    return f"a rota of dates, {days[0]} to {days[-1]}, {people} shifts"


def _weeks(number: int) -> str:
    return f"{number} week{'s' if number > 1 else ''}"


def export_command(
    scenario: ScenarioFile,
    out: Annotated[Path, typer.Argument(metavar="FILE", help="To .csv, .xlsx or .ics.")],
    layout: Annotated[
        Literal["long", "grid"],
        typer.Option(help="A row for each shift, or rows of staff by columns of days."),
    ] = "long",
    settings: Settings = None,
    variant: Variant = None,
) -> None:
    """Write a scenario's rota as a table or a calendar."""
    site = read_scenario(scenario, settings or (), variant).scenario
    with expecting(ExportError, NeedError):
        files = _exported(site, out, layout)
        for path, write in files:
            _write(path, write)
    names = " and ".join(str(path) for path, _ in files)
    say(f"Written: {names}", soft_wrap=True)


Write = Callable[[Path], object]


def _exported(site: Scenario, out: Path, layout: str) -> list[tuple[Path, Write]]:
    """The files to write, and how."""
    suffix = out.suffix.lower()
    if suffix == _CALENDAR:
        events = calendar(site)
        return [(out, lambda draft: draft.write_bytes(events))]
    if suffix not in {_CSV, EXCEL}:
        fail(f"{out} must end in .csv, .xlsx or .ics")
    tables = [("rota", long_table(site))]
    if layout == "grid":
        rota, codes = grid_tables(site)
        tables = [("rota", rota), ("codes", codes)]
    if suffix == EXCEL:
        return [(out, lambda draft: write_excel(tables, draft))]
    paths = (out, out.with_name(f"{out.stem}-codes.csv"))
    return [
        (path, partial(_write_csv, rows)) for path, (_, rows) in zip(paths, tables, strict=False)
    ]


def _write_csv(rows: Table, path: Path) -> None:
    path.write_text(csv_text(rows), encoding="utf-8", newline="\n")


def _write(path: Path, write: Write) -> None:
    """Write a file whole, or not at all."""
    draft = path.with_name(f".{uuid4().hex}{path.suffix}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write(draft)
        draft.replace(path)
    except OSError as error:
        fail(f"{path} cannot be written: {error.strerror or error}")
    finally:
        with suppress(OSError):
            draft.unlink(missing_ok=True)
