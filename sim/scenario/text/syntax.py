"""Text that is not YAML: the complaint in a planner's words, at the line that was mistyped."""

import re
from collections.abc import Callable
from typing import NamedTuple

from ruamel.yaml.error import MarkedYAMLError, StreamMark
from ruamel.yaml.reader import ReaderError

from sim.scenario.errors.problem import Place, Problem, shorten
from sim.scenario.errors.told import told

PlaceOf = Callable[[StreamMark], Place]
"""Where in the scenario a mark of ruamel.yaml is."""
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


def by_line(text: str, problem: Problem) -> Problem:
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
