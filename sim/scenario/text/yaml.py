"""YAML text into a tree of nodes: every value with its position, every fault as a problem.

The rules are those of YAML 1.2, whatever a file declares: `07:30`, `no` and `on` are text, `010`
is ten. Scenarios need no tags and no keys but text, whole numbers and dates.
"""

import re
from datetime import date, datetime
from functools import lru_cache

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, StreamMark
from ruamel.yaml.nodes import MappingNode, ScalarNode, SequenceNode
from ruamel.yaml.nodes import Node as RawNode
from ruamel.yaml.reader import ReaderError
from ruamel.yaml.resolver import VersionedResolver

from sim.scenario.errors.problem import (
    Key,
    KeyPath,
    Place,
    Problem,
    message_of,
    path_text,
    shorten,
    show,
)
from sim.scenario.errors.told import told
from sim.scenario.text.syntax import (
    PlaceOf,
    broken_escape,
    by_line,
    syntax_problem,
    unreadable_character,
)
from sim.scenario.text.tree import Node, Scalar, collection, under_key

_MAX_DEPTH = 60
_MAX_SIZE = 300_000
_MAX_TEXT, _MAX_KEY = 10_000, 200
_MAX_DIGITS = 100
_CORE = "tag:yaml.org,2002:"
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_INFINITE = {".inf": "inf", "+.inf": "inf", "-.inf": "-inf", ".nan": "nan"}


@lru_cache(maxsize=16)  # options and variants are read from the same few files
def parse_file(text: str, file: str) -> tuple[Node | None, tuple[Problem, ...]]:
    """The map a scenario file holds, and everything that is wrong with its YAML.

    Without a tree, at least one problem is given; with one, keys written twice and the like.
    """

    def place_of(mark: StreamMark) -> Place:
        return Place(file, mark.line + 1, mark.column + 1)

    raw, problem = _compose(text, place_of)
    if problem is not None:
        return None, (by_line(text, problem),)
    if raw is None or _is_null(raw):
        message = told(
            "is_empty_a_scenario_is_written_as",
            "is empty; a scenario is written as `key: value` lines",
        )
        return None, (Problem(Place(file), "", message),)
    if not isinstance(raw, MappingNode):
        kind = (
            told("got_list", "a list")
            if isinstance(raw, SequenceNode)
            else told("the_text", "the text {begin_of}", begin_of=_begin_of(raw.value))
        )
        message = told(
            "must_be_lines_with_a_space_after",
            "must be `key: value` lines (with a space after each colon), not {kind}",
            kind=kind,
        )
        return None, (by_line(text, Problem(place_of(raw.start_mark), "", message)),)
    builder = _Builder(place_of)
    root = builder.build(raw, ())
    return root, tuple(builder.problems)


def _begin_of(text: str) -> str:
    """As much of a text as tells a planner which it is: a file may be another than was meant."""
    return show(shorten(text, 20))


def parse_value(text: str, place: Place) -> tuple[Node | None, tuple[Problem, ...]]:
    """A value given on the command line; all of it has that one place."""
    raw, problem = _compose(text, lambda _: place)
    if problem is not None:
        return None, (problem,)
    if raw is None:
        return None, (
            Problem(
                place,
                "",
                told(
                    "has_no_value_after_the_write_null",
                    "has no value after the `=`; write null for none",
                ),
            ),
        )
    builder = _Builder(lambda _: place)
    node = builder.build(raw, ())
    return under_key(node, place), tuple(builder.problems)


def _compose(text: str, place_of: PlaceOf) -> tuple[RawNode | None, Problem | None]:
    yaml = YAML(typ="safe", pure=True)
    yaml.Resolver = _Resolver
    yaml.max_depth = _MAX_DEPTH
    yaml.composer.warn_double_anchors = False  # YAML allows an anchor's name to be used again
    try:
        return yaml.compose(text), None
    except MarkedYAMLError as error:
        return None, syntax_problem(error, place_of)
    except ReaderError as error:
        return None, unreadable_character(text, error, place_of)
    except (AssertionError, LookupError, ArithmeticError, ValueError):
        # How ruamel.yaml refuses a version it does not know and characters beyond Unicode.
        return None, broken_escape(text, place_of)


class _Resolver(VersionedResolver):
    """Reads by the rules of YAML 1.2, whatever version a file declares."""

    @property
    def processing_version(self) -> tuple[int, int]:
        """The version whose rules tell text from numbers."""
        return (1, 2)


def _is_null(raw: RawNode) -> bool:
    return isinstance(raw, ScalarNode) and raw.tag == f"{_CORE}null"


class _Builder:
    """Turns ruamel's nodes into ours, collecting problems on the way."""

    def __init__(self, place_of: PlaceOf) -> None:
        self.problems: list[Problem] = []
        self._place_of = place_of
        self._built: dict[int, Node] = {}
        self._begun: set[int] = set()

    def build(self, raw: RawNode, path: KeyPath) -> Node:
        """The node; one that an alias repeats is built once."""
        if id(raw) in self._built:
            return self._built[id(raw)]
        place = self._place_of(raw.start_mark)
        if id(raw) in self._begun:
            self._report(
                place,
                path,
                told(
                    "contains_itself_the_alias_is_inside_it",
                    "contains itself: the alias *{anchor} is inside it",
                    anchor=raw.anchor,
                ),
            )
            return Node(None, place, place)
        self._begun.add(id(raw))
        node = self._limited(self._build(raw, place, path), path)
        self._built[id(raw)] = node
        return node

    def _build(self, raw: RawNode, place: Place, path: KeyPath) -> Node:
        tag = str(raw.tag)
        if not tag.startswith(_CORE) or tag == f"{_CORE}binary":
            message = told(
                "has_the_tag_scenarios_use_no_tags",
                "has the tag {replace}; scenarios use no tags, remove it",
                replace=tag.replace(_CORE, "!!"),
            )
            self._report(place, path, message)
        if isinstance(raw, MappingNode):
            return collection(self._entries(raw, path), place, place)
        if isinstance(raw, SequenceNode):
            items = (self.build(item, (*path, n)) for n, item in enumerate(raw.value))
            return collection(tuple(under_key(item, item.place) for item in items), place, place)
        if isinstance(raw, ScalarNode):
            return Node(self._scalar(raw, place, path), place, place, written=raw.value)
        raise AssertionError(f"YAML has no node but maps, lists and scalars, not {raw}")

    def _limited(self, node: Node, path: KeyPath) -> Node:
        """Aliases of aliases can say more than fits in memory, or go deeper than can be read."""
        if node.size <= _MAX_SIZE and node.depth <= _MAX_DEPTH:
            return node
        limit = (
            told("values", "{max_size:,} values", max_size=_MAX_SIZE)
            if node.size > _MAX_SIZE
            else told("levels", "{max_depth} levels", max_depth=_MAX_DEPTH)
        )
        self._report(
            node.place,
            path,
            told(
                "holds_more_than_use_fewer_aliases_name",
                "holds more than {limit}; use fewer aliases (*name)",
                limit=limit,
            ),
        )
        return Node(None, node.place, node.key_place)

    def _entries(self, raw: MappingNode, path: KeyPath) -> dict[Key, Node]:
        entries: dict[Key, Node] = {}
        inherited: list[Node] = []
        for raw_key, raw_value in raw.value:
            if str(raw_key.tag) == f"{_CORE}merge":
                inherited += self._merged(raw_value, path)
                continue
            key = self._key(raw_key, path)
            if key is None:
                continue
            key_place = self._place_of(raw_key.start_mark)
            if key in entries:
                self._report_twice(key, path, key_place, entries[key].key_place)
                continue
            node = under_key(self.build(raw_value, (*path, key)), key_place)
            entries[key] = _at_key(node) if _is_nothing(raw_value) else node
        for node in inherited:
            for key, part in node.content.items() if isinstance(node.content, dict) else ():
                entries.setdefault(key, part)
        return entries

    def _merged(self, raw: RawNode, path: KeyPath) -> list[Node]:
        """The maps named after `<<:`, one or a list of them, the first the strongest."""
        here = (*path, "<<")
        found = [self.build(part, here) for part in _listed(raw)]
        for node in found:
            if not isinstance(node.content, dict):
                self._report(
                    node.place,
                    here,
                    told(
                        "must_name_a_map_or_a_list",
                        "must name a map, or a list of maps, to merge in",
                    ),
                )
        return found

    def _key(self, raw: RawNode, path: KeyPath) -> Key | None:
        place = self._place_of(raw.start_mark)
        if not isinstance(raw, ScalarNode):
            self._report(
                place,
                path,
                told(
                    "has_a_list_or_map_as_a",
                    "has a list or map as a key; put text before each colon",
                ),
            )
            return None
        if len(raw.value) > _MAX_KEY:
            message = told(
                "has_a_key_of_characters_a_key",
                "has a key of {number:,} characters; a key may have {max_key}",
                number=len(raw.value),
                max_key=_MAX_KEY,
            )
            self._report(place, path, message)
            return None
        value = self._scalar(raw, place, path)
        if isinstance(value, bool | datetime) or not isinstance(value, str | int | date):
            message = told(
                "has_as_a_key_put_it_in",
                "has {value} as a key; put it in quotes to make it text",
                value=show(raw.value),
            )
            self._report(
                place,
                path,
                message
                if raw.value
                else told("has_no_key_before_a_colon", "has no key before a colon"),
            )
            return None
        return value

    def _scalar(self, raw: ScalarNode, place: Place, path: KeyPath) -> Scalar:
        if len(raw.value) > _MAX_TEXT:
            message = told(
                "has_characters_a_text_may_have",
                "has {number:,} characters; a text may have {max_text:,}",
                number=len(raw.value),
                max_text=_MAX_TEXT,
            )
            self._report(place, path, message)
            return None
        try:
            raw.value.encode()
            return _value(str(raw.tag).removeprefix(_CORE), raw.value)
        except UnicodeEncodeError:
            self._report(
                place,
                path,
                told(
                    "contains_half_a_character_a_u_escape",
                    "contains half a character (a \\u escape of D800 to DFFF)",
                ),
            )
        except _NoValueError as error:
            self._report(place, path, message_of(error))
        return None

    def _report_twice(self, key: Key, path: KeyPath, place: Place, first: Place) -> None:
        before = told(
            "line_column", "line {line}, column {column}", line=first.line, column=first.column
        )
        message = told(
            "is_written_twice_the_first_time_in",
            "is written twice, the first time in {before}; keep one of them",
            before=before,
        )
        if not first.line:
            message = told(
                "is_written_twice_keep_one_of_them", "is written twice; keep one of them"
            )
        self._report(place, (*path, key), message)

    def _report(self, place: Place, path: KeyPath, message: str) -> None:
        self.problems.append(Problem(place, path_text(path), message))


def _listed(raw: RawNode) -> list[RawNode]:
    return list(raw.value) if isinstance(raw, SequenceNode) else [raw]


def _is_nothing(raw: RawNode) -> bool:
    """Whether nothing is written: ruamel.yaml places that at whatever comes next."""
    start, end = raw.start_mark, raw.end_mark
    return isinstance(raw, ScalarNode) and not raw.value and start.index == end.index


def _at_key(node: Node) -> Node:
    return Node(node.content, node.key_place, node.key_place)


class _NoValueError(Exception):
    """The text has the form of a number or date but is none."""


def _value(tag: str, text: str) -> Scalar:
    if tag == "null":
        return None
    if tag == "bool":
        return {"true": True, "false": False}.get(text.lower(), text)
    if tag == "timestamp":
        return _date(text)
    try:
        return {"int": _whole, "float": _decimal}.get(tag, str)(text)
    except ValueError:
        return text


def _whole(text: str) -> int:
    if len(text) > _MAX_DIGITS:
        raise _NoValueError(
            told(
                "has_digits_a_number_may_have",
                "has {number} digits; a number may have {max_digits}",
                number=len(text),
                max_digits=_MAX_DIGITS,
            )
        )
    digits = text.replace("_", "").lower()
    base = {"0x": 16, "0o": 8, "0b": 2}.get(digits.lstrip("+-")[:2], 10)
    return int(digits, base)


def _decimal(text: str) -> float:
    digits = text.replace("_", "").lower()
    return float(_INFINITE.get(digits, digits))


def _date(text: str) -> date | str:
    try:
        if _DATE.fullmatch(text):
            return date.fromisoformat(text)
        return datetime.fromisoformat(text)
    except ValueError:
        if not _DATE.match(text):
            return text
        raise _NoValueError(
            told(
                "is_not_in_the_calendar_a_date",
                "{text} is not in the calendar; a date is year-month-day",
                text=text,
            )
        ) from None
