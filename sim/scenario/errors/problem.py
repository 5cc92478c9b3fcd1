"""What is wrong with a scenario, as lines a planner can act on: where, what, and what to do."""

import difflib
import errno
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from sim.scenario.errors.told import Listed, Told, told

Key = str | int | date
"""A key of a map, or the number of an item in a list."""
KeyPath = tuple[Key, ...]
"""The keys that lead to a setting, from the top of the scenario."""
Misfit = tuple[KeyPath, str]
"""A setting that does not fit the rest of its scenario, and what is wrong with it."""

_SIMPLE_KEY = re.compile(r"[^\s.=\"'][^.=]*(?<!\s)")
_SIMPLE_TEXT = re.compile(r"[^\s,\[\]{}:#'\"](?:[^,\[\]{}#'\"]*[^\s,\[\]{}:#'\"])?")
MOST_TOLD = 100
"""Mistakes that are told of at once: nobody mends more in one go."""
_LONGEST = 600
"""Characters of a message: longer ones repeat what is in the file."""
_MOST_BITS = 1000
"""Nobody reads a longer number, and Python refuses to write one of more than 4,300 digits."""


@dataclass(frozen=True, order=True)
class Place:
    """A position in a file, both numbers from 1; line 0 stands for the file as a whole.

    A setting of the command line has line 0 as well, and `--set KEY=VALUE` for its file.
    """

    file: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        file = one_line(self.file)
        return f"{file}:{self.line}:{self.column}" if self.line else file


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong, where it is written, and what would be right."""

    place: Place | None
    path: str
    message: str

    def __str__(self) -> str:
        return self.said(str)

    def said(self, tell: Callable[[str], str]) -> str:
        """The problem on one line, its message told in another language."""
        place = "" if self.place is None else str(self.place)
        message = without_middle(one_line(tell(self.message)))
        return ": ".join(part for part in (place, without_middle(self.path), message) if part)


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong within a value that has parts, such as hours of a week."""

    path: KeyPath
    """The keys that lead to it within the value."""
    message: str
    at_key: bool = False


class FaultsWithinError(ValueError):
    """Everything that is wrong with a value that has parts, each with where it is."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__(Listed.of((fault.message for fault in self.faults), "semicolon"))

    def below(self, key: Key) -> Iterator[Fault]:
        """The same faults, of a value that stands under a key of another."""
        for one in self.faults:
            yield replace(one, path=(key, *one.path))


def message_of(error: Exception) -> str:
    """What an error of ours says, as it was told: it can be told in another language."""
    return next((one for one in error.args if isinstance(one, str)), str(error))


def of_system(error: OSError, *, small: bool = False) -> str:
    """What the system says is in the way; the usual of it in other languages too.

    Args:
        error: what it has thrown.
        small: whether it begins with a small letter.
    """
    said = error.strerror or str(error)
    name = errno.errorcode.get(error.errno or 0, "").lower()
    if isinstance(said, Told) or name not in SYSTEM:
        return said.lower() if small and not isinstance(said, Told) else said
    form = (said.lower() if small else said).replace("{", "{{").replace("}", "}}")
    return told(f"system_{name}", form)


SYSTEM = frozenset(
    {
        *("eacces", "eexist", "einval", "eio", "eisdir", "eloop", "emfile", "enametoolong"),
        *("enoent", "enospc", "enotdir", "enotempty", "eperm", "epipe", "erofs", "edquot"),
    }
)
"""Faults of the system that other languages have words for, as `errno` calls them."""


class ScenarioError(ValueError):
    """Everything that is wrong with a scenario, each problem once, in the order of the file."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        ordered = sorted(dict.fromkeys(problems), key=_in_file_order)
        self.problems: tuple[Problem, ...] = tuple(ordered)
        super().__init__(self.problems)

    def __str__(self) -> str:
        return self.said(str)

    def said(self, tell: Callable[[str], str]) -> str:
        """A line a problem, told in another language."""
        lines = [problem.said(tell) for problem in self.problems[: MOST_TOLD + 1]]
        beyond = len(self.problems) - len(lines)
        place = self.problems[0].place if self.problems else None
        message = told("more_mistakes", "has {number:,} more mistakes", number=beyond)
        more = Problem(None, place.file if place else "", message)
        return "\n".join(lines + [more.said(tell)] * (beyond > 0))


def _in_file_order(problem: Problem) -> tuple[bool, Place]:
    return problem.place is None, problem.place or Place("")


def key_text(key: Key) -> str:
    """A key as it is written in a scenario."""
    return key.isoformat() if isinstance(key, date) else str(key)


def path_text(path: Iterable[Key]) -> str:
    """A path as `--set` takes it: `rooms.injecting.places`, `visits."St. John".share`."""
    texts = [key_text(key) for key in path]
    return ".".join(_quoted_if_needed(one_line(text)) for text in texts)


def _quoted_if_needed(text: str) -> str:
    if _SIMPLE_KEY.fullmatch(text):
        return text
    return f"'{text}'" if '"' in text else f'"{text}"'


def show(value: object, *, quotes: bool = False) -> str:
    """A value much as YAML writes it, on one line; with quotes, text stands in quotes."""
    if isinstance(value, str):
        return one_line(value if _SIMPLE_TEXT.fullmatch(value) and not quotes else f"'{value}'")
    if isinstance(value, dict):
        entries = (f"{_show_key(key)}: {show(item)}" for key, item in value.items())
        return "{" + ", ".join(entries) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(show(item) for item in value) + "]"
    return _show_scalar(value)


def _show_key(key: object) -> str:
    return key_text(key) if isinstance(key, str | int | date) else repr(key)


def _show_scalar(value: object) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int) and value.bit_length() > _MOST_BITS:
        return told("a_number_of_very_many_digits", "a number of very many digits")
    if isinstance(value, float) and value - value != 0:  # infinite, or not a number
        return {"inf": ".inf", "-inf": "-.inf"}.get(str(value), ".nan")
    return str(value)


def shorten(text: str, length: int = 100) -> str:
    """The text, cut to at most `length` characters."""
    return text if len(text) <= length else text[: length - 1].rstrip() + "…"


def without_middle(text: str, length: int = _LONGEST) -> str:
    """The text, its middle left out if it is longer: how a message ends says what to do."""
    half = length // 2
    return text if len(text) <= length else f"{text[:half]} … {text[-half:]}"


def one_line(text: str) -> str:
    """The text with line breaks and control characters made visible."""
    if text.isprintable():
        return text
    spaced = re.sub(r"\s*[\r\n]+\s*", " ", text.strip())
    return "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode()
        for character in spaced
    )


def closest(wrong: str, known: Iterable[str]) -> str | None:
    """The known word that was most likely meant, if any is near."""
    by_plain = {_plain(word): word for word in reversed(list(known))}
    near = difflib.get_close_matches(_plain(wrong), by_plain, n=1, cutoff=0.7)
    return by_plain[near[0]] if near else None


def _plain(word: str) -> str:
    return re.sub(r"[\s_-]+", "_", word.strip().casefold())


def did_you_mean(wrong: str, known: Sequence[str]) -> str:
    """`; did you mean …?` for the closest known word, or nothing."""
    near = closest(wrong, known)
    if near is None:
        return ""
    return told("did_you_mean_key", "; did you mean `{near}`?", near=near)


KIND = "distribution"
"""The key that says which settings its map has: maps of different kinds are never mixed."""


@dataclass(frozen=True)
class Source:
    """What a scenario says, before it is checked, and where each part of it was written."""

    data: Mapping[str, Any]
    """New dicts, lists and values: extended files and settings of the command line merged."""
    places: Mapping[KeyPath, Place]
    """Position of each key; of the item itself in a list."""
    values: Mapping[KeyPath, Place]
    """Position of each value; of its key where nothing is written after the key."""
    written: Mapping[KeyPath, str]
    """Each single value as it was typed: `1e3`, `~`, or nothing."""
    files: tuple[Path, ...]
    """The files read, the scenario first, then what it extends."""
    changes: tuple[str, ...]
    """Each value overridden, in order: `rooms.injecting.places: 6 → 10 (--set)`."""
    variants: tuple[str, ...] = ()
    """Names of the variants that the files hold, whether or not this is one of them."""
    left_out: frozenset[tuple[str, str]] = frozenset()
    """Keys of the files of a city's facilities for which the city's hold: facility and key."""

    def problem(self, path: Sequence[Key], message: str, *, at_key: bool = False) -> Problem:
        """A problem with a setting, placed where it is written, or its nearest parent is.

        A single value is pointed at itself, or, `at_key`, by its key; a map or list by its key.
        """
        where = self._nearest(path)
        places = self.values if where in self.written and not at_key else self.places
        return Problem(places[where], path_text(path), message)

    def folder(self, path: Sequence[Key]) -> Path:
        """The folder of the file in which a setting is written: table files are named from it."""
        place = self.values[self._nearest(path)]
        of_command_line = place.line == 0
        file = self.files[0] if of_command_line and self.files else Path(place.file)
        return file.parent

    def _nearest(self, path: Sequence[Key]) -> KeyPath:
        for length in range(len(path), 0, -1):
            if tuple(path[:length]) in self.places:
                return tuple(path[:length])
        return ()
