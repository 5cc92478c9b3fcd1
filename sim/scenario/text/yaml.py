"""YAML text into a tree of nodes: every value with its position, every fault as a problem.

The rules are those of YAML 1.2, whatever a file declares: `07:30`, `no` and `on` are text, `010`
is ten. Scenarios need no tags and no keys but text, whole numbers and dates.
"""

import re
from collections.abc import Callable
from datetime import date, datetime
from functools import lru_cache
from typing import NamedTuple

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
from sim.scenario.text.tree import Node, Scalar, collection, under_key

PlaceOf = Callable[[StreamMark], Place]
"""Where in the scenario a mark of ruamel.yaml is."""
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
        return None, (_by_line(text, problem),)
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
        return None, (_by_line(text, Problem(place_of(raw.start_mark), "", message)),)
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


# --- text that is not YAML ----------------------------------------------------------------------


_BROKEN = re.compile(r"^%YAML|\\U(?!000|0010)", re.MULTILINE)


class _Saying(NamedTuple):
    """How to put a complaint of ruamel.yaml that contains a certain phrase."""

    phrase: str
    message: str
    at_start: bool = False
    """Whether the fault is where the list, map or text began rather than where reading stopped."""


_LINE_UP = told(
    "is_not_indented_like_the_lines_it",
    "is not indented like the lines it belongs to; line it up with them using spaces",
)
_SPECIAL = told(
    "has_text_that_starts_with_a_special",
    "has text that starts with a special character; put the text in quotes",
)
_SAYINGS = (
    _Saying(
        r"found character '\t'",
        told("has_a_tab_here_yaml_takes_only", "has a tab here; YAML takes only spaces"),
    ),
    _Saying("that cannot start any token", _SPECIAL),
    _Saying("expected alphabetic or numeric character", _SPECIAL, at_start=True),
    _Saying("expected chomping or indentation indicators", _SPECIAL, at_start=True),
    _Saying("expected a comment or a line break", _SPECIAL, at_start=True),
    _Saying("expected URI", _SPECIAL, at_start=True),
    _Saying(
        "mapping values are not allowed here",
        told(
            "has_a_colon_where_no_key_can",
            "has a colon where no key can be; indent the line like its neighbours, put "
            "a space after every key's colon, and put text that contains ': ' in quotes",
        ),
    ),
    _Saying(
        "sequence entries are not allowed here",
        told("must_start_a_list_item_on_a", "must start a list item on a line of its own"),
    ),
    _Saying(
        "could not find expected ':'",
        told("has_no_colon_after_its_key", "has no colon after its key"),
        at_start=True,
    ),
    _Saying(
        "but found another document",
        told(
            "starts_a_second_document_a_scenario_is",
            "starts a second document; a scenario is a single one",
        ),
    ),
    _Saying(
        "found undefined alias",
        told(
            "uses_a_name_that_no_name_before",
            "uses a *name that no &name before it gives; put text that starts with * in quotes",
        ),
    ),
    _Saying(
        "found unexpected end of stream",
        told("opens_a_quote_that_is_never_closed", "opens a quote that is never closed"),
        at_start=True,
    ),
    _Saying(
        "found unknown escape character",
        told(
            "has_an_unknown_escape_use_single_quotes",
            "has an unknown \\ escape; use 'single' quotes",
        ),
    ),
    _Saying(
        "expected ',' or ']'",
        told("opens_a_list_then_a_comma_or", "opens a [ list; then a comma or the ] is missing"),
        at_start=True,
    ),
    _Saying(
        "expected ',' or '}'",
        told("opens_a_is_missing", "opens a {{ map; then a comma or the }} is missing"),
        at_start=True,
    ),
    _Saying(
        "expected <block end>, but found '}'",
        told("has_a_that_no_opens", "has a }} that no {{ opens"),
    ),
    _Saying(
        "expected <block end>, but found ']'",
        told("has_a_that_no_opens_yaml", "has a ] that no [ opens"),
    ),
    _Saying(
        "expected <block end>, but found '<scalar>'",
        told(
            "has_text_that_belongs_to_no_key",
            "has text that belongs to no key; indent it like the text above it, or put "
            "all of it in quotes",
        ),
    ),
    _Saying("expected <block end>", _LINE_UP),
    _Saying("expected '<document start>', but found ('<block mapping start>'", _LINE_UP),
    _Saying(
        "expected '<document start>'",
        told(
            "has_something_before_the_scenario_remove_it",
            "has something before the scenario; remove it",
        ),
    ),
    _Saying(
        "but found '<stream end>'",
        told("ends_in_the_middle_a_list_or", "ends in the middle: a list or map is not closed"),
    ),
    _Saying(
        "expected the node content",
        told("has_nothing_where_a_value_must_be", "has nothing where a value must be"),
    ),
    _Saying(
        "maximum depth",
        told("is_nested_too_deeply_to_be_a", "is nested too deeply to be a scenario"),
    ),
)


def syntax_problem(error: MarkedYAMLError, place_of: PlaceOf) -> Problem:
    """The error in a planner's words, or ruamel.yaml's own where we have none."""
    complaint = str(error.problem)
    saying = next((one for one in _SAYINGS if one.phrase in complaint), None)
    if saying is None:
        return Problem(
            place_of(_mark(error)),
            "",
            told(
                "cannot_be_read_as_yaml", "cannot be read as YAML: {complaint}", complaint=complaint
            ),
        )
    if saying.at_start and error.context_mark is not None:
        return Problem(place_of(error.context_mark), "", saying.message)
    return Problem(place_of(_mark(error)), "", saying.message)


_LINES_BEFORE = 3
"""The reader stumbles over a line without a colon only when the next key comes."""
_KEY = r"(?P<key>[^\W\d]\w*)"
_SLIPS = (
    (
        re.compile(rf"(?P<before>\s*(?:- )?){_KEY}:(?![\s/\\])(?P<value>\S.*)"),
        ("slip_no_space", "has no space after the colon; write `{key}: {value}`"),
    ),
    (
        re.compile(rf"(?P<before>\s*(?:- )?){_KEY}\s*=\s*(?P<value>[^=\s].*)"),
        ("slip_equals", "has = in place of a colon; write `{key}: {value}`"),
    ),
    (
        re.compile(
            rf"(?P<before>\s*){_KEY}\s+(?P<value>[\d.-][^:]*|[\d\[{{\"'].*|true|false|[a-z_]+)"
        ),
        ("slip_no_colon", "has no colon after its key; write `{key}: {value}`"),
    ),
    (
        re.compile(rf"(?P<before>\s*){_KEY}(?P<value>)"),
        ("slip_no_value", "has no colon after its key; write `{key}:`"),
    ),
    (
        re.compile(rf"(?P<before>\s*(?:- )?\w+: +(?P<value>[^\s\[{{\"'|>][^:]*?)\s+){_KEY}: .*"),
        ("slip_second_key", "has a second key on the line; write `{key}:` on a line of its own"),
    ),
)
"""How a line is mistyped, and what to say of it."""
_VALUED = re.compile(r"(?P<before>\s*)\w+: +[^\s\[{\"'|>&*#].*")
_MAY_BE_A_SLIP = ("colon", "indented", "belongs to no key")


def _by_line(text: str, problem: Problem) -> Problem:
    """The same problem, at the line that was mistyped if one near it plainly was."""
    lines = [re.split(r"(?:^|\s)#", line, maxsplit=1)[0].rstrip() for line in text.splitlines()]
    place = problem.place
    is_of_lines = any(words in problem.message for words in _MAY_BE_A_SLIP)
    if place is None or not place.line or not is_of_lines:
        return problem
    last = min(place.line, len(lines))
    for number in range(last, max(0, last - _LINES_BEFORE), -1):
        for slip, (kind, form) in _SLIPS:
            found = slip.fullmatch(lines[number - 1])
            if found is not None:
                given = {"key": found["key"], "value": shorten(found["value"], 60)}
                message = told(kind, form, **given)
                return Problem(Place(place.file, number, found.start("key") + 1), "", message)
    return _further_in(lines, last, problem)


def _further_in(lines: list[str], number: int, problem: Problem) -> Problem:
    """A line that stands further in than the one above, which has its value already."""
    above = next((one for one in range(number - 1, 0, -1) if lines[one - 1]), 0)
    valued = _VALUED.fullmatch(lines[above - 1]) if above else None
    indent = len(lines[number - 1]) - len(lines[number - 1].lstrip())
    if valued is None or problem.place is None or indent <= len(valued["before"]):
        return problem
    message = told(
        "stands_further_in_than_above_it_line",
        "stands further in than `{strip}` above it; line the two up",
        strip=lines[above - 1].strip(),
    )
    return Problem(Place(problem.place.file, number, indent + 1), "", message)


def _mark(error: MarkedYAMLError) -> StreamMark:
    mark: StreamMark | None = error.problem_mark or error.context_mark
    return mark or StreamMark("", 0, 0, 0)


def unreadable_character(text: str, error: ReaderError, place_of: PlaceOf) -> Problem:
    """A problem for a character that YAML does not allow, such as one a bad copy leaves behind."""
    message = told(
        "has_the_invisible_character_u_delete_it",
        "has the invisible character U+{ord:04X}; delete it",
        ord=ord(text[error.position]),
    )
    return Problem(place_of(_mark_at(text, error.position)), "", message)


def broken_escape(text: str, place_of: PlaceOf) -> Problem:
    """A problem for the two things that ruamel.yaml refuses without saying where."""
    found = _BROKEN.search(text)
    message = told(
        "cannot_be_read_as_yaml_remove_any",
        "cannot be read as YAML; remove any %YAML line, and \\U escapes beyond 10FFFF",
    )
    return Problem(place_of(_mark_at(text, found.start() if found else 0)), "", message)


def _mark_at(text: str, index: int) -> StreamMark:
    lines = text[:index].replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return StreamMark("", index, len(lines) - 1, len(lines[-1]))
