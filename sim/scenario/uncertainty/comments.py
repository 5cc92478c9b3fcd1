"""Ranges that planners write in comments, beside the numbers that they assume.

A value may be another if the comment at the end of its line has the word "assumption" and a range:

    seats: 36 # assumption (18-72)
    seats: 36 # assumption, range 18 to 72
    stay: {distribution: lognormal, mean: 20, cv: 0.5} # assumption (mean 12-32)
    per_1000: 0.13 # assumption: a tenth of injecting (0.05-2 times)

A range in round brackets stands alone there, or between commas. It is in the unit of the value
(minutes for `30 min`), in percent with `%`, or a multiple of the value with `times`; a shape may
stand after it, `(0.4-12 lognormal)`. On a line with several numbers it names the one that it is
about; without a name it is the mean, the median or the duration.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sim.scenario.errors.problem import KeyPath, Place, Source, key_text, path_text
from sim.scenario.errors.told import told
from sim.scenario.model.design import Shape
from sim.scenario.model.hours import clock_text
from sim.scenario.text.notes import ASSUMPTION, comment_of
from sim.scenario.text.read import FACILITIES

_NUMBER = r"\d+(?:\.\d+)?"
_RANGE = (
    rf"(?:(?P<part>[A-Za-z_]\w*)\s+)?(?P<low>{_NUMBER})\s*(?:-|–|\bto\b)\s*(?P<high>{_NUMBER})"
    r"(?:\s*(?P<unit>%|[A-Za-z]+))?"
)
_ALONE = re.compile(_RANGE)
_IN_WORDS = re.compile(rf"\brange\s+{_RANGE}")
_BRACKETS = re.compile(r"\(([^()]*)\)")
_DURATION = re.compile(rf"\s*(?P<number>{_NUMBER})\s*(?P<unit>[a-z]+)\s*")
_USUAL = ("mean", "median", "value", "duration", "share")
"""Keys that an unnamed range is about, where there are several numbers."""
_PERCENT, _TIMES = "%", "times"
_SHAPES = frozenset(one.value for one in Shape)
_UNITS = frozenset({"s", "sec", "min", "h", "d"})
_SAME = 1e-9
AND = "+"
"""Between the names of facilities that share a value."""
_OF_A_HOUSE = 2
"""Keys of a path that say which facility."""
CLOCK = "clock"
"""The unit of times of day."""


@dataclass(frozen=True)
class Assumed:
    """A value that is assumed, and the range in which it may lie."""

    path: KeyPath
    places: tuple[KeyPath, ...]
    """All paths that it has: an alias (`*name`) puts one value in several."""
    value: float
    low: float
    high: float
    unit: str
    """As it is written after the number, such as `min`, CLOCK for a time of day; or nothing."""
    step: float = 0.0
    """What it is a whole multiple of: 1 for people and places; 0 of anything."""
    shape: Shape = Shape.PERT
    mode: float | None = None
    """The most likely value, where it is not the value itself."""
    source: str = ""
    """Where the range comes from, as far as that is said in the block."""
    place: Place | None = None
    """Where the range is written."""
    of_block: bool = False
    """Whether that is the block `uncertainty:`; else a comment."""
    usual: bool = False
    """Whether nobody wrote it: a default of the program, with the range to test."""

    @property
    def key(self) -> str:
        """The path as `--set` takes it."""
        return path_text(self.path)

    @property
    def name(self) -> str:
        """What it is called: its path, with all facilities of a city that share the value."""
        return called(self.places)

    def text(self, number: float) -> str:
        """A number as it is written for this value."""
        if self.unit == CLOCK:
            return clock_text(number)
        return f"{number:g} {self.unit}".strip()

    def level(self, number: float) -> int | float | str:
        """A number as a scenario takes it, to the last digit."""
        if self.unit == CLOCK:
            return clock_text(number)
        if self.unit:
            return f"{number!r} {self.unit}"
        return round(number) if self.step else number


def called(places: Sequence[KeyPath]) -> str:
    """The name of a value: its path, with all the facilities that share it."""
    first = places[0]
    if first[:1] != (FACILITIES,) or not first[_OF_A_HOUSE:]:
        return path_text(first)
    houses = dict.fromkeys(key_text(one[1]) for one in places if one[:1] == first[:1])
    return path_text((FACILITIES, AND.join(houses), *first[_OF_A_HOUSE:]))


@dataclass(frozen=True)
class NotVaried:
    """A line that is marked as an assumption, and why nothing on it is varied."""

    place: Place
    key: str
    reason: str


def assumptions(source: Source) -> tuple[tuple[Assumed, ...], tuple[NotVaried, ...]]:
    """The values marked as assumptions, in the order of the files, and the marks without use.

    A value that a later file or a setting has replaced is no longer marked.

    Args:
        source: a scenario as it was read, with the place of every value.
    """
    found: list[Assumed | NotVaried] = []
    for file in source.files:
        lines = file.read_text(encoding="utf-8-sig").splitlines()
        here = _by_line(source, str(file))
        for number in sorted(here):
            comment = comment_of(lines[number - 1])
            if ASSUMPTION in comment.casefold():
                found += _on_line(comment, here[number], source, Place(str(file), number, 1))
    return (
        tuple(one for one in found if isinstance(one, Assumed)),
        tuple(one for one in found if isinstance(one, NotVaried)),
    )


def _by_line(source: Source, file: str) -> dict[int, dict[Place, list[KeyPath]]]:
    """The single values on each line of a file, by their place."""
    found: dict[int, dict[Place, list[KeyPath]]] = {}
    for path in source.written:
        place = source.values[path]
        if place.file == file and place.line:
            found.setdefault(place.line, {}).setdefault(place, []).append(path)
    return found


@dataclass(frozen=True)
class _Number:
    paths: tuple[KeyPath, ...]
    value: float
    unit: str


def _on_line(
    comment: str, places: Mapping[Place, Sequence[KeyPath]], source: Source, place: Place
) -> Iterator[Assumed | NotVaried]:
    numbers = [
        number
        for at in sorted(places)
        if (number := _number(tuple(places[at]), source)) is not None
    ]
    first = path_text(places[min(places)][0])
    ranges = list(_ranges(comment))
    if not ranges:
        yield NotVaried(place, first, told("has_no_range", "has no range"))
        return
    for found in ranges:
        about = _about(found["part"], numbers)
        if isinstance(about, str):
            yield NotVaried(place, first, about)
            continue
        yield _with_range(about, found, place)


def _ranges(comment: str) -> Iterator[re.Match[str]]:
    for inside in _BRACKETS.findall(comment):
        for part in re.split(r"[,;]", inside):
            found = _ALONE.fullmatch(part.strip())
            if found is not None:
                yield found
    yield from _IN_WORDS.finditer(_BRACKETS.sub("", comment))


def _number(paths: tuple[KeyPath, ...], source: Source) -> _Number | None:
    data: Any = source.data
    for key in paths[0]:
        data = data[key]
    found = number_of(data)
    return None if found is None else _Number(paths, *found)


def number_of(data: object) -> tuple[float, str] | None:
    """A number or a duration, and its unit; None of anything else."""
    if isinstance(data, bool):
        return None
    if isinstance(data, int | float):
        return float(data), ""
    found = _DURATION.fullmatch(data) if isinstance(data, str) else None
    return None if found is None else (float(found["number"]), found["unit"])


def _about(part: str | None, numbers: Sequence[_Number]) -> _Number | str:
    """The number that a range is about, or why it is none."""
    keys = [str(number.paths[0][-1]) for number in numbers]
    if not numbers:
        return told("has_no_number_on_its_line", "has no number on its line")
    if part is not None:
        if part not in keys:
            return told(
                "has_a_range_of_but_no_number",
                "has a range of {part}, but no number of that name on its line",
                part=part,
            )
        return numbers[keys.index(part)]
    if len(numbers) == 1:
        return numbers[0]
    usual = [key for key in _USUAL if key in keys]
    if not usual:
        return told(
            "has_several_numbers_say_which_such_as",
            "has several numbers; say which, such as ({key} 1-2)",
            key=keys[0],
        )
    return numbers[keys.index(usual[0])]


def _with_range(number: _Number, found: re.Match[str], place: Place) -> Assumed | NotVaried:
    low, high, unit = float(found["low"]), float(found["high"]), found["unit"] or ""
    shape = Shape.PERT
    if unit in _SHAPES:
        shape, unit = Shape(unit), ""
    key = path_text(number.paths[0])
    if unit == _TIMES:
        low, high = low * number.value, high * number.value
    elif unit == _PERCENT:
        low, high = low / 100, high / 100
    elif unit in _UNITS and unit != number.unit:
        return NotVaried(
            place,
            key,
            told(
                "has_a_range_in_but_a_value",
                "has a range in {unit}, but a value without that unit",
                unit=unit,
            ),
        )
    slack = _SAME * abs(number.value)
    if not low - slack <= number.value <= high + slack or low >= high:
        message = told(
            "has_a_range_to_in_which_its",
            "has a range, {low:g} to {high:g}, in which its value {value:g} is not",
            low=low,
            high=high,
            value=number.value,
        )
        return NotVaried(place, key, message)
    first = number.paths[0]
    if shape is Shape.LOGNORMAL and low <= 0:
        return NotVaried(
            place,
            key,
            told("has_a_lognormal_range_that_begins_at", "has a lognormal range that begins at 0"),
        )
    known = Assumed(first, number.paths, number.value, low, high, number.unit)
    return replace(known, shape=shape, place=place)
