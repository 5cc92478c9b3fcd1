"""Options that several commands have in common."""

import os
import re
import time
from collections.abc import Callable
from contextlib import suppress
from enum import StrEnum
from math import isnan, nan
from pathlib import Path
from typing import Annotated, Literal

import typer
from typer.models import OptionInfo

from sim.cli.console import asked_words, console, progress_bar
from sim.engine import Engine, must_compile
from sim.scenario.city.system import is_system
from sim.scenario.errors.told import told
from sim.scenario.model.scenario import Scenario
from sim.scenario.text.names import folder_fault
from sim.study.run.workers import anything_must_compile, compile_all

RESULTS = Path("results")
"""Where results go unless another folder is named."""
MOST_WORKERS = 256
MOST_WORLDS = 2**16
USUAL_WORLDS = 256
MOST_REPLICATIONS = 100_000
"""Of one design; more would change the last digit of any figure."""
PROCESSORS = min(os.cpu_count() or 1, MOST_WORKERS)


def whole_number(least: int, most: int) -> Callable[[str], int]:
    """What reads an option that is a whole number; typer itself takes 2.0 and 1_000 for one."""

    def parse(text: str) -> int:
        if not re.fullmatch("[+-]?[0-9]{1,20}", str(text), re.ASCII):
            raise typer.BadParameter(
                told(
                    "is_not_a_whole_number", "{text!r} is not a whole number.", text=str(text)[:40]
                )
            )
        if not least <= int(text) <= most:
            raise typer.BadParameter(
                told(
                    "is_not_in_the_range_from_to",
                    "{text} is not in the range from {least} to {most}.",
                    text=text,
                    least=least,
                    most=most,
                )
            )
        return int(text)

    return parse


def how_many(words: str, least: int = 1, most: int = MOST_REPLICATIONS) -> OptionInfo:
    """An option that is a whole number, such as how often something is played.

    Args:
        words: the help.
        least: what it is at least.
        most: what it is at most.
    """
    found: OptionInfo = typer.Option(parser=whole_number(least, most), metavar="N", help=words)
    return found


def number(least: float, most: float) -> Callable[[str], float]:
    """What reads an option that is a number between two others."""

    def parse(text: str) -> float:
        try:
            found = float(str(text).replace("_", "x"))
        except ValueError:
            found = nan
        if isnan(found):
            shown = str(text)[:40]
            raise typer.BadParameter(
                told("is_not_a_number", "{text!r} is not a number.", text=shown)
            )
        if not least <= found <= most:
            raise typer.BadParameter(
                told(
                    "is_not_in_the_range_from_to",
                    "{text} is not in the range from {least} to {most}.",
                    text=text,
                    least=f"{least:g}",
                    most=f"{most:g}",
                )
            )
        return found

    return parse


def how_much(words: str, least: float, most: float, metavar: str = "NUMBER") -> OptionInfo:
    """An option that is a number.

    Args:
        words: the help.
        least: what it is at least.
        most: what it is at most.
        metavar: what stands for it in the help.
    """
    found: OptionInfo = typer.Option(parser=number(least, most), metavar=metavar, help=words)
    return found


ScenarioFile = Annotated[Path, typer.Argument(metavar="SCENARIO", help="The scenario's YAML file.")]
Settings = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="KEY=VALUE",
        help="Override a value, such as rooms.injecting.places=10. May be repeated.",
    ),
]
Variant = Annotated[str | None, typer.Option(help="One of the scenario's variants.")]
OneFacility = Annotated[
    str | None,
    typer.Option(
        "--facility", metavar="NAME", help="Of a city, the facility that is meant, as visited."
    ),
]
Seed = Annotated[int, how_many("Same seed, same visitors.", 0, 2**63 - 1)]
Workers = Annotated[
    int,
    how_many(
        "How many processors share the work; changes nothing but the time it takes.",
        most=MOST_WORKERS,
    ),
]
EngineOption = Annotated[
    Engine,
    typer.Option(
        help="The compiled engine, or the SimPy model that it equals row for row; changes nothing "
        "but the time it takes."
    ),
]
Cluster = Annotated[
    str | None,
    typer.Option(
        metavar="ADDRESS", help="Let a Dask cluster do the work, such as tcp://10.0.0.5:8786."
    ),
]
NoCache = Annotated[
    bool, typer.Option("--no-cache", help="Neither keep finished replications nor use kept ones.")
]


class CsvForm(StrEnum):
    """How CSV tables are written."""

    USUAL = "usual"
    EXCEL = "excel"


Csv = Annotated[
    CsvForm,
    typer.Option(
        "--csv",
        help="`excel`: tables as Excel in most of Europe opens them, with semicolons and decimal "
        "commas.",
    ),
]
Xlsx = Annotated[
    bool, typer.Option("--xlsx", help="Also write all tables as one workbook, tables.xlsx.")
]


Uncertainty = Annotated[
    bool | None,
    typer.Option(
        "--uncertainty/--no-uncertainty",
        help="Play many worlds, each with other values of what nobody knows. Without either, where "
        "the scenario has a block `uncertainty:`.",
        show_default=False,
    ),
]
NumberOfWorlds = Annotated[
    int,
    how_many("How many worlds; a power of two fills the ranges most evenly.", 2, MOST_WORLDS),
]


Lang = Annotated[
    Literal["en", "da"], typer.Option(help="Language of what is printed, and of the page.")
]
NoReport = Annotated[
    bool, typer.Option("--no-report", help="Draw no page; those that are there stay.")
]


Stressing = Annotated[
    bool,
    typer.Option(
        "--stress",
        help="Also with more visits, absences and overdoses: does the ranking survive?",
    ),
]


def fit_for_results(folder: Path | None) -> Path | None:
    """The folder, unless some file system takes no such name; what exists is taken as it is."""
    for part in (folder, *folder.parents) if folder is not None else ():
        exists = False
        with suppress(OSError, ValueError):  # too long, or with a NUL
            exists = part.exists()
        if not exists and part.name != ".." and (fault := folder_fault(part.name)):
            raise typer.BadParameter(fault)
    return folder


Out = Annotated[Path | None, typer.Option(help="Folder for the results.", callback=fit_for_results)]
ResultsFolder = Annotated[
    Path | None,
    typer.Option(
        "--out",
        help="Folder for the results. Without it results/<scenario name>.",
        callback=fit_for_results,
    ),
]
"""As Out, of `run`."""


def make_ready(engine: Engine | None, scenario: Scenario | None = None) -> None:
    """Compile what must be compiled, and say so: the first run would seem to hang.

    Args:
        engine: that will play; None if none does.
        scenario: that it will play; without one sites.
    """
    systems = scenario is not None and is_system(scenario)
    if engine is None or not anything_must_compile(engine, systems=systems):
        return
    out, words = console(stderr=True), asked_words()
    if must_compile(engine, systems=systems):
        what = told(
            "the_engine_which_takes_about_half_a", "the engine, which takes about half a minute"
        )
    else:
        what = told(
            "what_draws_and_measures_which_takes_a",
            "what draws and measures, which takes a few seconds",
        )
    out.print(words.told(told("compiling", "Compiling {what} ...", what=what)))
    clock = time.perf_counter()
    with progress_bar(told("count_steps_of_compiling", "steps of compiling")) as show:
        kept = compile_all(engine, show, systems=systems)
    seconds = time.perf_counter() - clock
    after = (
        told("it_is_kept_for_the_next_time", "it is kept for the next time.")
        if kept
        else told(
            "no_folder_for_it_can_be_written",
            "no folder for it can be written, so every run must do it anew; set "
            "NUMBA_CACHE_DIR to one that can.",
        )
    )
    form = "Compiled in {seconds:.0f} seconds; {after}"
    out.print(words.told(told("compiled_in_seconds", form, seconds=seconds, after=after)))
