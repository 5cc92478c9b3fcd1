"""Help, and what the parser of options complains of, in the reader's language.

English is as typer prints it. In another language the same page is drawn of words of the catalogue,
and complaints, of which typer has English sentences only, are known by their form.
"""

import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from importlib import import_module
from typing import Any, Protocol, cast, runtime_checkable

import typer
from rich.panel import Panel
from typer.core import TyperCommand, TyperGroup

from sim.cli.console import asked_lang, asked_words, console
from sim.report import ENGLISH
from sim.report.page.words import Words, catalogue
from sim.scenario.errors.told import Told

_LANG, _QUOTE = "--lang", "'"
_USAGE = {"Usage: ": "usage", "[OPTIONS]": "options", "COMMAND [ARGS]...": "commands"}
"""Parts of typer's line of usage, and what they are called in the catalogue."""
_PAGE = {
    "ARGUMENTS_PANEL_TITLE": "of_arguments",
    "OPTIONS_PANEL_TITLE": "of_options",
    "COMMANDS_PANEL_TITLE": "of_commands",
    "DEFAULT_STRING": "default",
    "REQUIRED_LONG_STRING": "required",
}
"""Words of typer's page of help, by its names for them."""
_SAID = "parser.said."


@runtime_checkable
class Refused(Protocol):
    """What typer throws where a command line cannot be understood."""

    exit_code: int

    def format_message(self) -> str:
        """What is wrong, in English."""


def without_lang(words: Sequence[str]) -> tuple[list[str], list[str]]:
    """A command line from which `--lang` before the command is taken, and what was taken."""
    kept, taken, place = list[str](), list[str](), 0
    while place < len(words) and words[place].startswith("-"):
        if words[place] == _LANG:
            taken += words[place : place + 2]
            place += 2
            continue
        (taken if words[place].startswith(f"{_LANG}=") else kept).append(words[place])
        place += 1
    return [*kept, *words[place:]], taken


class Group(TyperGroup):
    """The program, or several commands of one name."""

    def parse_args(self, ctx: object, args: list[str]) -> list[str]:
        """The language is that of the command; before its name it may stand too."""
        kept, taken = without_lang(args)
        names = (place for place, one in enumerate(kept) if not one.startswith("-"))
        if (name := next(names, None)) is not None:
            kept[name + 1 : name + 1] = taken
        return list(super().parse_args(cast("Any", ctx), kept))

    def get_usage(self, ctx: object) -> str:
        """How it is called."""
        return _usage(super().get_usage(cast("Any", ctx)))

    def format_help(self, ctx: object, formatter: object) -> None:
        """The page of help."""
        with _in_words(self, ctx):
            super().format_help(cast("Any", ctx), cast("Any", formatter))


class Command(TyperCommand):
    """A command."""

    def parse_args(self, ctx: object, args: list[str]) -> list[str]:
        """One that prints nothing to translate has help in each language all the same."""
        if any(one.name == "lang" for one in self.params):
            return list(super().parse_args(cast("Any", ctx), args))
        rest = [
            one
            for place, one in enumerate(args)
            if not one.startswith(f"{_LANG}=") and _LANG not in args[max(0, place - 1) : place + 1]
        ]
        return list(super().parse_args(cast("Any", ctx), rest))

    def get_usage(self, ctx: object) -> str:
        """How it is called."""
        return _usage(super().get_usage(cast("Any", ctx)))

    def format_help(self, ctx: object, formatter: object) -> None:
        """The page of help."""
        with _in_words(self, ctx):
            super().format_help(cast("Any", ctx), cast("Any", formatter))


def start(program: typer.Typer) -> None:
    """Understand the command line and run its command; what is wrong is told in its language."""
    if asked_lang() == ENGLISH:
        program()
        return
    try:
        status = typer.main.get_command(program)(standalone_mode=False)
    except typer.Abort:
        sys.stderr.write(f"{asked_words()['parser.aborted']}\n")
        sys.exit(1)
    except Exception as error:
        if not isinstance(error, Refused):
            raise
        _complain(error, asked_words())
        sys.exit(error.exit_code)
    sys.exit(status or 0)


def _complain(error: Refused, words: Words) -> None:
    """As typer does: how the command is called, and what is wrong in a frame."""
    message, context = error.format_message(), getattr(error, "ctx", None)
    if not message:  # help was printed in its place
        return
    out = console(stderr=True)
    if context is not None:
        out.print(context.get_usage())
        option = context.help_option_names[0]
        out.print(words.say("parser.try_help", command=context.command_path, option=option))
    inner = getattr(error, "message", "")
    if isinstance(inner, Told):
        message = message.replace(str(inner), words.told(inner))
    out.print(Panel(complaint(message, words), title=words["parser.error"], title_align="left"))


def complaint(message: str, words: Words) -> str:
    """What is wrong, in words; a sentence that is not known stays as it is.

    Args:
        message: as typer or pydantic says it.
        words: those of the reader.
    """
    english = catalogue(ENGLISH)
    for key in english.texts:
        if key.startswith(_SAID) and (found := _form(english[key]).fullmatch(message)):
            parts = {name: complaint(part, words) for name, part in found.groupdict().items()}
            return words.say(key, **parts)
    shown = words.texts.get(f"help.metavar.{message.strip(_QUOTE)}")
    return f"{_QUOTE}{shown}{_QUOTE}" if shown else message


def _form(text: str) -> re.Pattern[str]:
    """What has the form of a sentence with gaps."""
    parts = re.split(r"\{(\w+)\}", text)
    whole = [f"(?P<{one}>.+?)" if place % 2 else re.escape(one) for place, one in enumerate(parts)]
    return re.compile("".join(whole), re.DOTALL)


# --- help -----------------------------------------------------------------------------------------


def _usage(text: str) -> str:
    if asked_lang() == ENGLISH:
        return text
    words = asked_words()
    for part, name in _USAGE.items():
        text = text.replace(part, words[f"parser.{name}"])
    for part in sorted(set(re.findall(r"[A-ZÆØÅ]{3,}", text)), key=len, reverse=True):
        text = text.replace(part, words.texts.get(f"help.metavar.{part}", part))
    return text


@contextmanager
def _in_words(command: Command | Group, ctx: object) -> Iterator[None]:
    """A command's help in the language that is asked for, while its page is drawn."""
    if asked_lang() == ENGLISH:
        yield
        return
    words, names, context = asked_words(), list[str](), cast("Any", ctx)
    while context.parent is not None:
        names, context = [context.info_name, *names], context.parent
    _put(command, names, context, words)
    for name, one in getattr(command, "commands", {}).items():
        _put(one, [*names, name], context, words)
    page: Any = import_module("typer.rich_utils")
    kept = {name: getattr(page, name) for name in _PAGE}
    try:
        vars(page).update({name: words[f"parser.{key}"] for name, key in _PAGE.items()})
        yield
    finally:
        vars(page).update(kept)


def _put(command: Command | Group, names: Sequence[str], ctx: object, words: Words) -> None:
    """Put the help of a command and of its options in words."""
    command.help = words[help_key(names, "itself")]
    parameters: list[Any] = list(command.get_params(cast("Any", ctx)))
    for one in parameters:
        one.help = words[help_of(names, one.name, words.texts)]
        shown = str(one.display_type_rich(ctx=ctx) or "")
        shown = words.texts.get(f"help.metavar.{shown}", shown)
        vars(one)["display_type_rich"] = partial(_shown, shown)
        if one.param_type_name == "argument":
            raw = one.display_name_raw
            one.metavar = words.texts.get(f"help.metavar.{raw}", raw)


def _shown(text: str, **_: object) -> str:
    """What is shown of the kind of an option's value, whatever typer asks it for."""
    return text


def help_of(names: Sequence[str], option: str, texts: Mapping[str, str]) -> str:
    """The key of an option's help: that of the command, or what it is in every command.

    Args:
        names: the command, such as `rota`, `need`; none for the program.
        option: the name of its parameter.
        texts: those of the catalogue.
    """
    own = help_key(names, option)
    return own if own in texts else f"help.any.{option}"


def help_key(names: Sequence[str], what: str) -> str:
    """The key of what a command's help has of its own; `itself` is what it does."""
    return ".".join(("help", *(["_".join(names)] if names else []), what))
