"""What ruamel.yaml says about text that is not YAML, put so that a planner can mend it."""

import re
from collections.abc import Callable
from typing import NamedTuple

from ruamel.yaml.error import MarkedYAMLError, StreamMark
from ruamel.yaml.reader import ReaderError

from sim.scenario.errors.problem import Place, Problem

_BROKEN = re.compile(r"^%YAML|\\U(?!000|0010)", re.MULTILINE)

PlaceOf = Callable[[StreamMark], Place]
"""Where in the scenario a mark of ruamel.yaml is."""


class _Saying(NamedTuple):
    """How to put a complaint of ruamel.yaml that contains a certain phrase."""

    phrase: str
    message: str
    at_start: bool = False
    """Whether the fault is where the list, map or text began rather than where reading stopped."""


_LINE_UP = "is not indented like the lines it belongs to; line it up with them using spaces"
_SPECIAL = "has text that starts with a special character; put the text in quotes"
_SAYINGS = (
    _Saying(r"found character '\t'", "has a tab here; YAML takes only spaces"),
    _Saying("that cannot start any token", _SPECIAL),
    _Saying("expected alphabetic or numeric character", _SPECIAL, at_start=True),
    _Saying("expected chomping or indentation indicators", _SPECIAL, at_start=True),
    _Saying("expected a comment or a line break", _SPECIAL, at_start=True),
    _Saying("expected URI", _SPECIAL, at_start=True),
    _Saying(
        "mapping values are not allowed here",
        "has a colon where no key can be; indent the line like its neighbours, put a space after "
        "every key's colon, and put text that contains ': ' in quotes",
    ),
    _Saying("sequence entries are not allowed here", "must start a list item on a line of its own"),
    _Saying("could not find expected ':'", "has no colon after its key", at_start=True),
    _Saying("but found another document", "starts a second document; a scenario is a single one"),
    _Saying(
        "found undefined alias",
        "uses a *name that no &name before it gives; put text that starts with * in quotes",
    ),
    _Saying("found unexpected end of stream", "opens a quote that is never closed", at_start=True),
    _Saying("found unknown escape character", "has an unknown \\ escape; use 'single' quotes"),
    _Saying(
        "expected ',' or ']'", "opens a [ list; then a comma or the ] is missing", at_start=True
    ),
    _Saying(
        "expected ',' or '}'", "opens a { map; then a comma or the } is missing", at_start=True
    ),
    _Saying("expected <block end>, but found '}'", "has a } that no { opens"),
    _Saying("expected <block end>, but found ']'", "has a ] that no [ opens"),
    _Saying(
        "expected <block end>, but found '<scalar>'",
        "has text that belongs to no key; indent it like the text above it, or put all of it in "
        "quotes",
    ),
    _Saying("expected <block end>", _LINE_UP),
    _Saying("expected '<document start>', but found ('<block mapping start>'", _LINE_UP),
    _Saying("expected '<document start>'", "has something before the scenario; remove it"),
    _Saying("but found '<stream end>'", "ends in the middle: a list or map is not closed"),
    _Saying("expected the node content", "has nothing where a value must be"),
    _Saying("maximum depth", "is nested too deeply to be a scenario"),
)


def syntax_problem(error: MarkedYAMLError, place_of: PlaceOf) -> Problem:
    """The error in a planner's words, or ruamel.yaml's own where we have none."""
    complaint = str(error.problem)
    saying = next((one for one in _SAYINGS if one.phrase in complaint), None)
    if saying is None:
        return Problem(place_of(_mark(error)), "", f"cannot be read as YAML: {complaint}")
    if saying.at_start and error.context_mark is not None:
        return Problem(place_of(error.context_mark), "", saying.message)
    return Problem(place_of(_mark(error)), "", saying.message)


def _mark(error: MarkedYAMLError) -> StreamMark:
    mark: StreamMark | None = error.problem_mark or error.context_mark
    return mark or StreamMark("", 0, 0, 0)


def unreadable_character(text: str, error: ReaderError, place_of: PlaceOf) -> Problem:
    """A problem for a character that YAML does not allow, such as one a bad copy leaves behind."""
    message = f"has the invisible character U+{ord(text[error.position]):04X}; delete it"
    return Problem(place_of(_mark_at(text, error.position)), "", message)


def broken_escape(text: str, place_of: PlaceOf) -> Problem:
    """A problem for the two things that ruamel.yaml refuses without saying where."""
    found = _BROKEN.search(text)
    message = "cannot be read as YAML; remove any %YAML line, and \\U escapes beyond 10FFFF"
    return Problem(place_of(_mark_at(text, found.start() if found else 0)), "", message)


def _mark_at(text: str, index: int) -> StreamMark:
    lines = text[:index].replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return StreamMark("", index, len(lines) - 1, len(lines[-1]))
