"""Items of a list by what they are called: `staff.rota.late.nurse.to` for `staff.rota.4.to`.

A line of the rota is called by its name, or where it has none by its hours, and by its role and its
days as far as it takes to tell it from others; an item of another list by its name. What tables
call a line, such as `nurse evening` or `nurse evening (2)`, calls it too.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import permutations
from typing import Any

from sim.scenario.errors.problem import (
    KeyPath,
    Problem,
    Source,
    closest,
    message_of,
    path_text,
)
from sim.scenario.errors.told import told

_NUMBER = re.compile(r"[0-9]{1,9}")
_NUMBERED = re.compile(r"(.+\S)\s*\(([0-9]{1,3})\)")
_ROTA = ("staff", "rota")
_FACILITIES = "facilities"
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_MOST_NAMED = 12
"""Items that a message names."""


@dataclass(frozen=True)
class Item:
    """What an item of a list is called, the most telling word first."""

    words: tuple[str, ...]
    keys: frozenset[str]
    """Its own keys, which come after what it is called."""


class AddressError(ValueError):
    """No item is called so, or several are."""


def item_of(data: object) -> Item:
    """What an item is called, of plain data."""
    if not isinstance(data, Mapping):
        return Item((), frozenset())
    words = [str(data["name"])] if data.get("name") else []
    if not words and "from" in data and "to" in data:
        words = [f"{data['from']}-{data['to']}"]
    if isinstance(data.get("role"), str):
        words.append(data["role"])
    if (days := data.get("days")) is not None:
        words.append("+".join(map(str, days)) if isinstance(days, list) else str(days))
    return Item(tuple(words), frozenset(map(str, data)))


def find_item(items: Sequence[Item], words: Sequence[str]) -> tuple[int, int]:
    """The number of the item that words call, and how many of the words it took.

    Args:
        items: of the list.
        words: the rest of a path, of which the first call an item.

    Raises:
        AddressError: no item is called so, or several are; it says which there are.
    """
    left = list(range(len(items)))
    used = 0
    for word in words:
        fitting = [number for number in left if _is_called(items[number], word)]
        fitting = fitting or _called_at_once(items, left, word)
        is_key = len(left) == 1 and word in items[left[0]].keys
        if not fitting or is_key:
            break
        left, used = fitting, used + 1
    if not used or _goes_astray(items, left, words[used:]):
        raise AddressError(_unknown(items, words[: used + 1]))
    if len(left) > 1:
        named = addresses(items)
        listed = ", ".join(f"{named[number]} ({number})" for number in left[:_MOST_NAMED])
        raise AddressError(
            told(
                "is_what_of_them_are_called_say",
                "`{word}` is what {number} of them are called: {listed}; say which, or "
                "give its number",
                word=path_text(words[:used]),
                number=len(left),
                listed=listed,
            )
        )
    return left[0], used


def _is_called(item: Item, word: str) -> bool:
    return _plain(word) in map(_plain, item.words)


def _called_at_once(items: Sequence[Item], among: Sequence[int], word: str) -> list[int]:
    """The items that one word calls by several of theirs, in any order: `nurse evening`.

    A number in brackets, `nurse evening (2)`, takes one of those that it would call without.
    """
    numbered_name = _NUMBERED.fullmatch(word.strip())
    name = numbered_name[1] if numbered_name else word
    found = [number for number in among if _plain(name) in _joined(items[number])]
    if numbered_name:
        place = int(numbered_name[2])
        return found[place - 1 : place] if place else []
    return found


def _joined(item: Item) -> set[str]:
    """All that an item may be called in one word, of as many of its words as wanted."""
    words = [_plain(_days(word)) for word in item.words]
    return {
        "_".join(chosen)
        for length in range(1, len(words) + 1)
        for chosen in permutations(words, length)
    }


def _days(word: str) -> str:
    """`mon-wed` as tables have it: `mon+tue+wed`."""
    first, _, last = word.casefold().partition("-")
    if first not in _WEEKDAYS or last not in _WEEKDAYS:
        return word
    start, end = _WEEKDAYS.index(first), _WEEKDAYS.index(last)
    days = _WEEKDAYS * 2
    return "+".join(days[start : (end if start <= end else end + 7) + 1])


def _plain(word: str) -> str:
    clocks = re.sub(r"(?<![\d:])(\d):", r"0\1:", word.strip().casefold())
    return re.sub(r"[\s_]+", "_", clocks)


def _goes_astray(items: Sequence[Item], left: Sequence[int], rest: Sequence[str]) -> bool:
    """Whether the word after what an item is called names another one, as in `late.doctor`."""
    return (
        len(rest) > 1
        and not any(rest[0] in items[number].keys for number in left)
        and any(_is_called(item, rest[0]) for item in items)
    )


def _unknown(items: Sequence[Item], words: Sequence[str]) -> str:
    named = addresses(items)
    alone = (word for item in items for word in item.words) if len(words) == 1 else ()
    every = list(dict.fromkeys([*named, *alone]))
    near = closest(path_text(words), every)
    hint = told("did_you_mean_addresses", "; did you mean `{near}`?", near=near) if near else ""
    shown = ", ".join(named[:_MOST_NAMED]) + ", …" * (len(named) > _MOST_NAMED)
    return told(
        "none_of_them_is_called_known",
        "none of them is called `{words}`{hint} (known: {shown})",
        words=path_text(words),
        hint=hint,
        shown=shown,
    )


def addresses(items: Sequence[Item]) -> list[str]:
    """What each item is called, in as many words as tell it from the others; else its number."""
    found: list[str] = []
    for number, item in enumerate(items):
        for length in range(min(2, len(item.words)), len(item.words) + 1):
            mine = item.words[:length]
            if mine and not any(
                other is not item and other.words[:length] == mine for other in items
            ):
                found.append(path_text(mine))
                break
        else:
            found.append(str(number))
    return found


# --- what a design varies -----------------------------------------------------------------------


def with_addresses(source: Source) -> tuple[Source, list[Problem]]:
    """The source with lines of the rota in `design.vary` by their numbers.

    In a city those of each facility's design are lines of its own rota.

    Returns:
        The source, and a problem for each path that calls no line, or several.
    """
    data, problems = _with_numbers(source, source.data, ())
    facilities = data.get(_FACILITIES)
    if isinstance(facilities, Mapping):
        found = dict(facilities)
        for name, one in facilities.items():
            if isinstance(one, Mapping):
                found[name], more = _with_numbers(source, one, (_FACILITIES, name))
                problems += more
        data = {**data, _FACILITIES: found}
    return replace(source, data=data), problems


def _with_numbers(
    source: Source, site: Mapping[Any, Any], here: KeyPath
) -> tuple[Mapping[Any, Any], list[Problem]]:
    """The data of a site with lines of its rota by their numbers in its `design.vary`."""
    design, staff = site.get("design"), site.get("staff")
    vary = design.get("vary") if isinstance(design, Mapping) else None
    rota = staff.get("rota") if isinstance(staff, Mapping) else None
    if not isinstance(vary, Mapping) or not isinstance(rota, list):
        return site, []
    items = [item_of(line) for line in rota]
    problems: list[Problem] = []
    entries: dict[Any, Any] = {}
    for name, varied in vary.items():
        try:
            entries[name] = _numbered(name, varied, items)
        except AddressError as error:
            path = (*here, "design", "vary", name)
            problems.append(source.problem(path, message_of(error), at_key=True))
    assert isinstance(design, Mapping)  # it has `vary`
    return {**site, "design": {**design, "vary": entries}}, problems


def _numbered(name: object, varied: object, items: Sequence[Item]) -> object:
    """An entry of `vary` with numbers in its paths, if it has any that call a line by name."""
    paths = varied.get("set") if isinstance(varied, Mapping) else None
    if paths is None:
        paths = [name]
    if not isinstance(paths, list) or not all(isinstance(path, str) for path in paths):
        return varied
    found = [_path(path, items) for path in paths]
    if found == paths:
        return varied
    entry = dict(varied) if isinstance(varied, Mapping) else {"values": varied}
    return {**entry, "set": found}


def numbered(path: str, data: Mapping[str, Any]) -> str:
    """A path with a line of the rota by its number, if it calls one by its name.

    Args:
        path: as `--set` takes it.
        data: of the scenario.

    Raises:
        AddressError: no line is called so, or several are.
    """
    staff = data.get("staff")
    rota = staff.get("rota") if isinstance(staff, Mapping) else None
    return _path(path, [item_of(line) for line in rota]) if isinstance(rota, list) else path


_WORD = re.compile(r"\"([^\"]*)\"|'([^']*)'|([^.\"']+)")


def _path(path: str, items: Sequence[Item]) -> str:
    words = ["".join(found) for found in _WORD.findall(path)]
    if tuple(words[:2]) != _ROTA or len(words) <= len(_ROTA) or _NUMBER.fullmatch(words[2]):
        return path
    number, used = find_item(items, words[2:])
    return path_text((*_ROTA, str(number), *words[2 + used :]))
