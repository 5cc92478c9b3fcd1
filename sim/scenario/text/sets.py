"""Settings of the command line, `--set rooms.injecting.places=10`, put into a scenario's tree.

And values to be varied, as a planner writes them: `4:12`, `4:12:2`, `0.5:1.5:0.25`, `3,4,5`.
"""

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from itertools import combinations

from sim.scenario.errors.problem import (
    KIND,
    Key,
    KeyPath,
    Place,
    Problem,
    ScenarioError,
    closest,
    did_you_mean,
    key_text,
    message_of,
    one_line,
    path_text,
    shorten,
)
from sim.scenario.errors.told import told
from sim.scenario.text.addresses import AddressError, find_item, item_of
from sim.scenario.text.tree import Node, change_text, collection, node_text, plain, under_key
from sim.scenario.text.yaml import parse_value

_BY = "--set"
_MAX_KEYS = 40
_SEGMENT = re.compile(
    r"\s*(?:\"(?P<double>[^\"]*)\"|'(?P<single>[^']*)'|(?P<bare>[^\s.=\"'][^.=]*?))\s*(?P<end>[.=])"
)
_NUMBER = re.compile(r"[0-9]{1,9}")
_LIKE_NUMBER = re.compile(r"[-+]?[0-9]+")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")

KnownKeys = Callable[[KeyPath], Collection[str] | None]
"""The keys a map of the scenario may have; None where names are free, or nobody knows."""


@dataclass(frozen=True)
class Segment:
    """One key of a dotted path; a quoted one is always text."""

    text: str
    quoted: bool = False


@dataclass(frozen=True)
class Setting:
    """One `--set`, taken apart."""

    place: Place
    segments: tuple[Segment, ...]
    value: Node

    @property
    def keys(self) -> tuple[str, ...]:
        """The path as text."""
        return tuple(segment.text for segment in self.segments)


def parse_settings(texts: Sequence[str]) -> tuple[tuple[Setting, ...], tuple[Problem, ...]]:
    """Each `KEY=VALUE` taken apart, and what is wrong with any or between two of them."""
    parsed = [_parse(text) for text in texts]
    settings = tuple(found for found in parsed if isinstance(found, Setting))
    faults = [found for found in parsed if not isinstance(found, Setting)]
    problems = [problem for fault in faults for problem in fault]
    return settings, (*problems, *_conflicts(settings))


def _parse(text: str) -> Setting | tuple[Problem, ...]:
    place = Place(f"{_BY} {shorten(one_line(text))}")
    found: list[re.Match[str]] = []
    start = 0
    while not found or found[-1]["end"] != "=":
        segment = _SEGMENT.match(text, start)
        if segment is None or len(found) == _MAX_KEYS:
            message = told(
                "must_be_a_path_and_a_value",
                "must be a path, `=` and a value, for example --set "
                "rooms.injecting.places=10 or --set 'visits.\"St. John\".share=0.1'",
            )
            return (Problem(place, "", message),)
        found.append(segment)
        start = segment.end()
    segments = tuple(_segment(one) for one in found)
    node, problems = parse_value(text[start:], place)
    path = path_text(segment.text for segment in segments)
    if node is None or problems:
        return tuple(
            replace(one, path=".".join(filter(None, (path, one.path)))) for one in problems
        )
    if path == "extends":
        message = told(
            "can_only_be_written_in_a_file_sets",
            "can only be written in a file; give the file that extends it instead",
        )
        return (Problem(place, path, message),)
    return Setting(place, segments, node)


def _segment(found: re.Match[str]) -> Segment:
    if found["bare"]:
        return Segment(found["bare"])
    return Segment(found["double"] or found["single"] or "", quoted=True)


def _conflicts(settings: Sequence[Setting]) -> list[Problem]:
    """Settings of one thing, or of a thing and its part, whose order would decide."""
    problems = []
    for first, second in combinations(settings, 2):
        short, long = sorted((first.keys, second.keys), key=len)
        if long[: len(short)] != short:
            continue
        if len(short) == len(long) and node_text(first.value) == node_text(second.value):
            continue
        message = told(
            "is_also_set_by_keep_one_of",
            "is also set by {place}; keep one of them",
            place=first.place,
        )
        problems.append(Problem(second.place, path_text(second.keys), message))
    return problems


def apply_settings(
    root: Node, settings: Sequence[Setting], known: KnownKeys
) -> tuple[Node, tuple[str, ...], tuple[Problem, ...]]:
    """The tree with all settings made, a line for each change, and the paths that lead nowhere."""
    problems: list[Problem] = []
    changes: tuple[str, ...] = ()
    set_by: dict[KeyPath, Setting] = {}
    # A change of kind empties its map, so it goes first: the order of the options is no matter.
    for setting in sorted(settings, key=lambda one: one.keys[-1] != KIND):
        try:
            made = _Assignment(setting, known)
            root, changed = made.make(root)
            changes += changed
            first = set_by.setdefault(made.path, setting)
            if first.keys != setting.keys:  # one by its number, the other by its name
                message = told(
                    "is_also_set_by_keep_one_of",
                    "is also set by {place}; keep one of them",
                    place=first.place,
                )
                problems.append(Problem(setting.place, path_text(setting.keys), message))
        except ScenarioError as error:
            problems += error.problems
    return root, changes, tuple(problems)


class _Assignment:
    """One setting on its way down the tree."""

    def __init__(self, setting: Setting, known: KnownKeys) -> None:
        self._setting = setting
        self._known = known
        self._change: tuple[str, ...] = ()
        self.path: KeyPath = ()
        """What was set, items of lists by their numbers."""

    def make(self, root: Node) -> tuple[Node, tuple[str, ...]]:
        """The tree with the setting made, and the line that tells of it, if it changed."""
        return self._assign(root, self._setting.segments, ()), self._change

    def _assign(self, node: Node, segments: Sequence[Segment], path: KeyPath) -> Node:
        if not segments:
            return self._replace(node, self._setting.value, path)
        content = node.content
        if isinstance(content, tuple):
            return self._in_list(node, content, segments, path)
        if isinstance(content, dict):
            return self._in_map(node, content, segments, path)
        if content is None:  # a key with nothing after it, to be filled now
            return self._in_map(node, {}, segments, path)
        message = told(
            "is_a_single_value_there_is_no_sets",
            "is {node_text}, a single value; there is no `{text}` in it",
            node_text=node_text(node),
            text=segments[0].text,
        )
        raise self._error(path, message)

    def _replace(self, old: Node | None, new: Node, path: KeyPath) -> Node:
        self._change = change_text(path, old, new, _BY)
        self.path = path
        return new

    def _in_list(
        self, node: Node, items: tuple[Node, ...], segments: Sequence[Segment], path: KeyPath
    ) -> Node:
        text, used = segments[0].text, 1
        named = [item_of(plain(item)) for item in items]
        if any(one.words for one in named) and not _LIKE_NUMBER.fullmatch(text):
            try:
                number, used = find_item(named, [segment.text for segment in segments])
            except AddressError as error:
                raise self._error(path, message_of(error)) from None
        elif not _NUMBER.fullmatch(text) or int(text) >= len(items):
            held = (
                told("its_items_are_0_to", "its items are 0 to {number}", number=len(items) - 1)
                if items
                else told("it_is_empty", "it is empty")
            )
            raise self._error(
                path,
                told(
                    "is_a_list_and_has_no_item",
                    "is a list and has no item `{text}`; {held}",
                    text=text,
                    held=held,
                ),
            )
        else:
            number = int(text)
        item = self._assign(items[number], segments[used:], (*path, number))
        return collection((*items[:number], item, *items[number + 1 :]), node.place, node.key_place)

    def _in_map(
        self, node: Node, entries: dict[Key, Node], segments: Sequence[Segment], path: KeyPath
    ) -> Node:
        key, rest = _key_for(segments[0], entries), segments[1:]
        here = (*path, key)
        if key in entries:
            if not rest and key == KIND and self._is_another(entries[key]):
                only = collection({key: self._setting.value}, node.place, node.key_place)
                return self._replace(node, only, path)
            value = self._assign(entries[key], rest, here)
        else:
            self._check_may_begin(segments[0].text, entries, here, is_last=not rest)
            place = self._setting.place
            value = self._begin(Node(None, place, place), rest, here)
        return collection({**entries, key: value}, node.place, node.key_place)

    def _begin(self, nothing: Node, rest: Sequence[Segment], here: KeyPath) -> Node:
        if not rest:
            return self._replace(None, self._setting.value, here)
        return under_key(self._in_map(nothing, {}, rest, here), self._setting.place)

    def _is_another(self, kind: Node) -> bool:
        return node_text(kind) != node_text(self._setting.value)

    def _check_may_begin(
        self, text: str, entries: dict[Key, Node], here: KeyPath, *, is_last: bool
    ) -> None:
        """A last key is left to validation; a map on the way may be new, but not misspelt."""
        if is_last:
            return
        written = [key_text(key) for key in entries]
        known = self._known(here[:-1])
        if known is None:
            if closest(text, written):
                raise self._error(
                    here,
                    told(
                        "is_not_in_the_scenario",
                        "is not in the scenario{hint}",
                        hint=did_you_mean(text, written),
                    ),
                )
        elif text not in known:
            hint = did_you_mean(text, [*written, *known])
            raise self._error(
                here,
                told(
                    "is_not_a_known_key_known",
                    "is not a known key{hint} (known: {listed})",
                    hint=hint,
                    listed=", ".join(known),
                ),
            )

    def _error(self, path: KeyPath, message: str) -> ScenarioError:
        return ScenarioError([Problem(self._setting.place, path_text(path), message)])


def _key_for(segment: Segment, entries: dict[Key, Node]) -> Key:
    """The key written that way; for a new one, what YAML would make of it."""
    for key in entries:
        if key_text(key) == segment.text and (isinstance(key, str) or not segment.quoted):
            return key
    if segment.quoted:
        return segment.text
    if _NUMBER.fullmatch(segment.text):
        return int(segment.text)
    if _DATE.fullmatch(segment.text):
        try:
            return date.fromisoformat(segment.text)
        except ValueError:
            return segment.text
    return segment.text


# --- values to be varied ------------------------------------------------------------------------


_OPENING, _CLOSING, _QUOTES = "([{", ")]}", "\"'"

# A number begins with 0 only if it is 0: `07:30` is a time of day, not a range from 7 to 30.
_DECIMAL = r"-?(?:0|[1-9]\d*)(?:\.\d+)?"
_RANGE = re.compile(rf"(?P<low>{_DECIMAL}):(?P<high>{_DECIMAL})(?::(?P<step>{_DECIMAL}))?")
_MOST_DIGITS = 15
_FIGURES = 4
"""Figures of a value that is drawn from a range without steps."""


@dataclass(frozen=True)
class Factor:
    """A value to be varied."""

    key: str
    """Its path, as `--set` takes it."""
    listed: tuple[str, ...] = ()
    """Its levels, if they were listed."""
    low: Decimal = Decimal(0)
    """Else the range."""
    high: Decimal = Decimal(0)
    step: Decimal | None = None
    """None for any number between, which only a Latin hypercube can draw."""

    @property
    def count(self) -> int:
        """How many levels; a range may have more than anybody wants to list."""
        if self.listed:
            return len(self.listed)
        return 0 if self.step is None else int((self.high - self.low) / self.step) + 1

    def level(self, number: int) -> str:
        """One of the levels, from 0, as it is set."""
        if self.listed:
            return self.listed[number]
        return str(self.low + number * (self.step or 0))

    def between(self, share: float) -> str:
        """What lies at this share, from 0 to 1, of the levels or of the range."""
        if self.count:
            return self.level(min(int(share * self.count), self.count - 1))
        value = float(self.low) + share * float(self.high - self.low)
        return f"{value:.{_FIGURES}g}"


def parse_factor(key: str, values: str) -> Factor:
    """The values of one key, taken apart.

    Raises:
        ValueError: they cannot be understood; the message says what is wrong.
    """
    as_range = _RANGE.fullmatch(values)
    if as_range is not None:
        return _of_range(key, as_range)
    listed = split_outside(values, ",")
    if "" in listed:
        raise ValueError(
            told(
                "has_nothing_before_or_after_a_comma",
                "has nothing before or after a comma; values are listed as 300,400,500",
            )
        )
    if len(set(listed)) != len(listed):
        raise ValueError(
            told("lists_a_value_twice_keep_one_of", "lists a value twice; keep one of them")
        )
    return Factor(key, listed)


def _of_range(key: str, found: re.Match[str]) -> Factor:
    if len(max(found.groups(default=""), key=len)) > _MOST_DIGITS:
        raise ValueError(
            told(
                "has_a_number_of_more_than_digits",
                "has a number of more than {most_digits} digits",
                most_digits=_MOST_DIGITS,
            )
        )
    low, high = Decimal(found["low"]), Decimal(found["high"])
    whole = "." not in found["low"] + found["high"]
    step = Decimal(found["step"]) if found["step"] else Decimal(1) if whole else None
    if low >= high:
        raise ValueError(
            told(
                "must_go_from_a_lower_to_a",
                "must go from a lower to a higher number, not from {low} to {high}",
                low=low,
                high=high,
            )
        )
    if step is not None and step <= 0:
        raise ValueError(
            told("must_have_a_step_above_0_not", "must have a step above 0, not {step}", step=step)
        )
    return Factor(key, low=low, high=high, step=step)


def split_outside(text: str, separator: str) -> tuple[str, ...]:
    """The parts of a text, separators within quotes and brackets being text."""
    parts, depth, quote = [""], 0, ""
    for character in text:
        if quote:
            quote = "" if character == quote else quote
        elif character in _QUOTES:
            quote = character
        depth += (character in _OPENING) - (character in _CLOSING) if not quote else 0
        if character == separator and not depth and not quote:
            parts.append("")
        else:
            parts[-1] += character
    return tuple(part.strip() for part in parts)
