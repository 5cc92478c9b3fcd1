"""What a planner wrote beside the numbers: their sources, or the word "assumption"."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sim.scenario.errors.problem import KeyPath, Place, Source, one_line, path_text, shorten

ASSUMPTION = "assumption"
"""The word by which a comment marks a value as an assumption."""
FOUND = "demand.unserved.found"
"""How many of those who come are not served, where that was unknown."""
_FACILITIES = "facilities"
_LONGEST = 120
_INSTRUCTION = re.compile(r"(?:^|\s)##(?:\s|$)")


@dataclass(frozen=True)
class Note:
    """A comment of a scenario file and what it is about."""

    field: str
    """Path of the setting, such as `visits.inject.stay`."""
    value: str
    """As it was typed; empty where the comment is about a whole part."""
    text: str
    """The comment; empty of a value that the command line set, or that was found by play."""
    place: Place

    @property
    def is_found(self) -> bool:
        """Whether the value was found by play, and not written by anybody."""
        return self.field == FOUND and not self.place.line

    @property
    def is_assumption(self) -> bool:
        """Whether the comment calls the value an assumption."""
        return ASSUMPTION in self.text.casefold()


def notes(source: Source) -> tuple[Note, ...]:
    """The comments of the files, in their order; then what the command line set.

    A comment at the end of a line is about the settings on it; one on lines of its own is about
    what stands directly below. Values that something else has replaced have no comment any more.
    What follows `##` is an instruction to whoever writes the file, and no source.

    Args:
        source: a scenario as it was read, with the place of every setting.
    """
    found = [note for file in source.files for note in _of_file(source, str(file))]
    found += [
        Note(path_text(path), source.written[path], "", source.values[path])
        for path in source.written
        if not source.values[path].line
    ]
    return tuple(found)


def comment_of(line: str) -> str:
    """What stands after the first `#` that is not within quotes, without instructions.

    YAML wants a space before it. Instructions follow `##`.
    """
    found = _begin_of_comment(line)
    return "" if found is None else _INSTRUCTION.split(line[found:], maxsplit=1)[0][1:]


def _begin_of_comment(line: str) -> int | None:
    quote = ""
    for number, character in enumerate(line):
        if quote:
            quote = "" if character == quote else quote
        elif character in "\"'" and (not number or line[number - 1] in " [{,:"):
            quote = character
        elif character == "#" and (not number or line[number - 1].isspace()):
            return number
    return None


def _of_file(source: Source, file: str) -> Iterator[Note]:
    lines = Path(file).read_text(encoding="utf-8-sig").splitlines()
    here = _first_on_line(source, file)
    above: list[str] = []
    for number, line in enumerate(lines, start=1):
        begin = _begin_of_comment(line)
        content = line[:begin].strip()
        comment = comment_of(line).strip()
        if comment and not content:
            above.append(comment)
            continue
        texts = [text for text in (" ".join(above), comment) if text]
        above = []
        if not (content and texts):
            continue
        for path in here.get(number, ()):
            value = _value(content, is_single=path in source.written)
            # Nobody knows the items of a plain list by number.
            is_item = isinstance(path[-1], int) and path in source.written
            about = path[:-1] if is_item else path
            yield Note(path_text(about), value, " ".join(texts), Place(file, number, 1))


def _first_on_line(source: Source, file: str) -> dict[int, list[KeyPath]]:
    """The setting that begins first on each line of a file, of each facility that has the file."""
    found: dict[int, dict[KeyPath, KeyPath]] = {}
    for path, place in sorted(
        source.places.items(), key=lambda item: (item[1].column, len(item[0]))
    ):
        if path and place.file == file and place.line:
            facility = path[:2] if path[0] == _FACILITIES else ()
            found.setdefault(place.line, {}).setdefault(facility, path)
    return {line: list(paths.values()) for line, paths in found.items()}


def _value(content: str, *, is_single: bool) -> str:
    """The settings of a line; of one that only opens a part, nothing."""
    text = content.removeprefix("- ")
    if is_single or not text.startswith("{"):
        text = text.partition(":")[2]
    return shorten(one_line(text.strip()), _LONGEST)
