"""What pydantic says of a scenario, put as problems: placed, in plain words, each once."""

from collections.abc import Iterable, Mapping
from datetime import date

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from sim.scenario.errors.finding import Finding, PlacedError, find, must_be
from sim.scenario.errors.keys import child
from sim.scenario.errors.problem import (
    KIND,
    MOST_TOLD,
    Key,
    KeyPath,
    Problem,
    ScenarioError,
    Source,
)
from sim.scenario.errors.told import Listed, Written, told

_IN_BRACKETS = "; write ["
Location = tuple[int | str, ...]


def explain(error: ValidationError, source: Source, model: type[BaseModel]) -> list[Problem]:
    """A problem for each setting that pydantic found wrong in the source's data, up to a number.

    Args:
        error: what validating `source.data` with the model raised.
        source: the scenario as it was read.
        model: the model it was validated with.

    Returns:
        At least one problem, in the order of the file.
    """
    details = error.errors(include_url=False)
    findings = [
        finding for detail in details[:MOST_TOLD] for finding in find(_case(detail, source, model))
    ]
    by_path: dict[KeyPath, list[Finding]] = {}
    for finding in _without_echoes(findings):
        by_path.setdefault(finding.path, []).append(finding)
    problems = (
        source.problem(path, _message(found), at_key=any(one.at_key for one in found))
        for path, found in by_path.items()
    )
    beyond = len(details) - MOST_TOLD
    file = source.problem((), "").place
    message = told("more_of_these", "has {number:,} more mistakes of these kinds", number=beyond)
    more = Problem(None, file.file if file else "", message)
    return list(ScenarioError((*problems, *([more] * (beyond > 0)))).problems)


def _case(detail: ErrorDetails, source: Source, model: type[BaseModel]) -> PlacedError:
    path, rest = in_data(source.data, detail["loc"])
    return PlacedError(detail, path, rest, source, model)


def in_data(data: object, location: Location) -> tuple[KeyPath, Location]:
    """The longest path through the data that the location names, and what comes after it.

    Pydantic puts words of its own into a location: the kind of a union's member, `[key]`, the
    name of a validator. Which parts those are only the data can tell.
    """
    if location and location[0] == child(data, KIND):
        location = location[1:]  # the kind, even where a key has the same name
    best: tuple[KeyPath, Location] = ((), location)
    for number, part in enumerate(location):
        key = _key_in(data, part)
        if key is None:
            continue
        path, rest = in_data(child(data, key), location[number + 1 :])
        if 1 + len(path) > len(best[0]):
            best = ((key, *path), rest)
    return best


def _key_in(data: object, part: int | str) -> Key | None:
    if isinstance(data, list | tuple):
        return part if isinstance(part, int) and part < len(data) else None
    if not isinstance(data, Mapping):
        return None
    if part in data:
        return part
    dates = (key for key in data if isinstance(key, date))
    return next((key for key in dates if repr(key) == part), None)


def _without_echoes(findings: list[Finding]) -> Iterable[Finding]:
    """Leave out what follows from another finding.

    A misspelt key is also missing under its right name. And where a setting has several forms
    (`flat`, or a list), a mistake inside one of them is also a mistake by not being the other;
    and an item with a mistake does not count among the items of a list.
    """
    renamed = {(*finding.path[:-1], finding.meant) for finding in findings if finding.meant}
    inside = {finding.path[:end] for finding in findings for end in range(len(finding.path))}
    for finding in findings:
        if finding.path in renamed or (finding.may_follow and finding.path in inside):
            continue
        yield finding


def _message(findings: list[Finding]) -> str:
    """One message for all that was found at one place."""
    texts = dict.fromkeys(finding.message for finding in findings if finding.message)
    wanted = [finding for finding in findings if finding.want]
    return _joined([*texts, *([_all_wanted(wanted)] if wanted else [])], "semicolon")


def _all_wanted(findings: list[Finding]) -> str:
    wants = _joined(list(dict.fromkeys(finding.want for finding in findings)), "or")
    found = [finding.hint for finding in findings]
    if len(found) > 1:  # of several forms, brackets alone do not make it the list
        found = [hint for hint in found if not hint.startswith(_IN_BRACKETS)]
    hints = [one for one in dict.fromkeys(found) if one]
    return _joined([must_be(wants, findings[0].got), *hints], "none")


def _joined(parts: list[str], joint: str) -> str:
    """One of several told; what is plain text stays as it is in every language."""
    if len(parts) == 1:
        return parts[0]
    return Listed.of((Written(one) if type(one) is str else one for one in parts), joint)
