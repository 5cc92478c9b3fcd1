"""`new` and `examples`: scenarios to start from."""

import re
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Literal

import typer
from click import Choice
from rich.table import Table

from sim.cli.console import console, expecting, fail, started_as
from sim.cli.options import Lang
from sim.report import ENGLISH
from sim.report.page.words import Words, catalogue
from sim.scenario.city.model import schema_text
from sim.scenario.errors.problem import of_system
from sim.scenario.errors.told import told
from sim.scenario.load import Example, example_folder, examples, with_bases
from sim.scenario.starter import KINDS, Site, StarterError, starter_text
from sim.scenario.text.names import name_fault

SCHEMA = "scenario.schema.json"


KindOption = Annotated[
    Literal["city-day", "long-hours", "small-town"] | None,
    typer.Option(help="What it is like.  [default: city-day]", show_default=False),
]
HoursOption = Annotated[
    str | None,
    typer.Option(metavar="09-21", help="Hours of every day; past midnight 06-05; or 24/7."),
]
PlacesOption = Annotated[
    str | None, typer.Option(metavar="8,4", help="Places to inject, and to smoke.")
]
ServedOption = Annotated[
    float | None,
    typer.Option(
        metavar="150",
        help="Uses a day that were served, where a register counts them; how many come is found.",
    ),
]


def new_command(
    name: Annotated[str, typer.Argument(help="Name of the new scenario, without spaces.")],
    kind: KindOption = None,
    places: PlacesOption = None,
    hours: HoursOption = None,
    served: ServedOption = None,
    folder: Annotated[Path, typer.Option(help="Where to put it.", show_default=True)] = Path(
        "scenarios"
    ),
    lang: Lang = ENGLISH,
) -> None:
    """Write a commented starter scenario to edit; what is not told is asked for."""
    if fault := name_fault(name):
        fail(fault)
    asking, words = asks(), catalogue(lang)
    if kind is None and asking:
        kind = typer.prompt(words["screen_new.kind"], "city-day", type=Choice(list(KINDS)))
    like = KINDS[kind or "city-day"]
    if asking:
        hours = hours or typer.prompt(words["screen_new.hours"], like.hours)
        places = places or typer.prompt(
            words["screen_new.places"], f"{like.injecting},{like.smoking}"
        )
        if served is None:
            none = words["size.none"]
            typed = typer.prompt(words["screen_new.served"], none)
            served = None if typed in {"none", none} else _served(typed)
    if served is not None and not 0 < served <= _MOST_SERVED:
        fail(
            told(
                "served_must_be_more_than_0_and",
                "--served must be more than 0 and at most {most_served:,}, not {served:g}",
                most_served=_MOST_SERVED,
                served=served,
            )
        )
    site = Site(kind or "city-day", hours or "", (places and _places(places)) or None, served)
    write_starter(name, folder, site, words=words)


def asks() -> bool:
    """Whether somebody is there who can be asked."""
    return sys.stdin.isatty() and sys.stdout.isatty()


_MOST_SERVED = 100_000


def _served(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        fail(
            told(
                "uses_served_a_day_must_be_a",
                "uses served a day must be a number such as 150, or none, not '{text}'",
                text=text,
            )
        )


def _places(text: str) -> tuple[int, int]:
    found = re.fullmatch(r"\s*([1-9][0-9]{0,3})\s*,\s*([1-9][0-9]{0,3})\s*", text)
    if found is None:
        fail(
            told(
                "places_must_be_two_numbers_to_inject",
                "--places must be two numbers, to inject and to smoke, such as 8,4, not '{text}'",
                text=text,
            )
        )
    return int(found[1]), int(found[2])


def examples_command(
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="[NAME]...", help="Those to copy, with the files they extend."),
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="Copy all of them.")] = False,
    folder: Annotated[Path, typer.Option(help="Where to put them.", show_default=True)] = Path(
        "scenarios"
    ),
    lang: Lang = ENGLISH,
) -> None:
    """List the example scenarios, with published facilities, or copy some of them."""
    known = {one.name: one for one in examples()}
    wanted = list(known) if everything else [name.removesuffix(".yaml") for name in names or ()]
    if not wanted:
        _print_examples(known.values(), catalogue(lang))
        return
    if unknown := [name for name in wanted if name not in known]:
        fail(
            told(
                "there_is_no_example_known",
                "there is no example '{unknown}'; known: {listed}",
                unknown=unknown[0],
                listed=", ".join(known),
            )
        )
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
    line = f"{started_as()} run {folder / wanted[0]}.yaml"
    out.print(catalogue(lang).say("screen_new.run_one", command=line), soft_wrap=True)


def _print_examples(known: Iterable[Example], words: Words) -> None:
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(no_wrap=True)
    table.add_column()
    for one in known:
        table.add_row(one.name, one.title)
    out = console()
    out.print(table)
    out.print("\n" + words.say("screen_new.copy_one", command=f"{started_as()} examples h17"))
    out.print(words.say("screen_new.they_are_in", folder=example_folder()), soft_wrap=True)


def _copy(files: Mapping[Path, str], folder: Path) -> None:
    """Write files that are not there yet; where another one is, none of them."""
    for file, text in files.items():
        target = folder / file
        if target.exists() and target.read_text(encoding="utf-8") != text:
            fail(
                told(
                    "exists_and_is_another_choose_another_folder",
                    "{target} exists and is another; choose another --folder, or move it away "
                    "first",
                    target=target,
                )
            )
    for file, text in files.items():
        target = folder / file
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8", newline="\n")


def schema_command() -> None:
    """Print the JSON Schema of a scenario, for editors that complete and check YAML."""
    sys.stdout.write(schema_text())


def write_starter(
    name: str, folder: Path, site: Site | None = None, *, words: Words | None = None
) -> None:
    """Write the starter under a new name, with the schema that editors check it against."""
    target = folder / f"{name}.yaml"
    if target.exists():
        fail(
            told(
                "exists_choose_another_name_or_delete_it",
                "{target} exists; choose another name, or delete it first",
                target=target,
            )
        )
    out, words = console(), words or catalogue(ENGLISH)
    with expecting(StarterError):
        text = with_remarks(starter_text(name, site or Site(), started_as()), words)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / SCHEMA).write_text(schema_text(), encoding="utf-8")
        with target.open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except OSError as error:
        fail(
            told(
                "cannot_be_written",
                "{target} cannot be written: {lower}",
                target=target,
                lower=of_system(error, small=True),
            )
        )
    out.print(words.say("screen_new.wrote", file=target), soft_wrap=True)
    out.print(f"  {started_as()} check {target}", soft_wrap=True)
    out.print(f"  {started_as()} run {target}", soft_wrap=True)


_TITLE = re.compile(r"(title: )(.*?)( ##.*)")
_REMARK = re.compile(r"(.*?## *)(\S.*)")
_AFTER_CODE = re.compile(r"(.*(?: {2,}|}} ))(\S.*)")
"""A remark that begins with what is to be typed."""


def with_remarks(text: str, words: Words) -> str:
    """The starter with its title, and all that is for the planner in it, in a language.

    Sources and ranges stay as they are: they are read.

    Args:
        text: as `starter_text` has it.
        words: the language.
    """
    return "\n".join(_told_line(line, words) for line in text.split("\n"))


def _told_line(line: str, words: Words) -> str:
    if title := _TITLE.fullmatch(line):
        before, own, after = title.groups()
        line = before + words.texts.get(f"starter.{own}", own) + after
    if (found := _REMARK.fullmatch(line)) is None:
        return line
    before, remark = found.groups()
    if (known := words.texts.get(f"starter.{remark}")) is None and (
        parts := _AFTER_CODE.fullmatch(remark)
    ):
        code, remark = parts.groups()
        before, known = before + code, words.texts.get(f"starter.{remark}")
    return before + (remark if known is None else known)
