"""From a file, and settings of the command line, to a scenario that is known to be sound."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from pydantic import ValidationError

from sim.scenario.consistency import inconsistencies
from sim.scenario.problems import KeyPath, Problem, ScenarioError
from sim.scenario.problems_explain import explain
from sim.scenario.scenario import Scenario
from sim.scenario.source import read_source, read_text
from sim.scenario.source_tree import Source
from sim.scenario.tables import with_tables


class Loaded(NamedTuple):
    """A scenario, and how it came about."""

    scenario: Scenario
    source: Source
    """Where everything was written, which files were read, and what was overridden."""


def load_scenario(path: Path | str, sets: Sequence[str] = ()) -> Scenario:
    """The scenario in a YAML file.

    Args:
        path: the file.
        sets: settings that override it, such as `rooms.injecting.places=10`.

    Raises:
        ScenarioError: everything that is wrong with it, each with its place.
    """
    return read_scenario(path, sets).scenario


def read_scenario(path: Path | str, sets: Sequence[str] = ()) -> Loaded:
    """As load_scenario, with the source beside the scenario.

    Raises:
        ScenarioError: everything that is wrong with it, each with its place.
    """
    return _checked(read_source(Path(path), sets, Scenario))


def scenario_from_text(text: str, sets: Sequence[str] = ()) -> Scenario:
    """A scenario from YAML text that is not in a file.

    Raises:
        ScenarioError: everything that is wrong with it, each with its place.
    """
    return _checked(read_text(text, sets=sets, model=Scenario)).scenario


def _checked(source: Source) -> Loaded:
    data, problems = with_tables(source)
    try:
        scenario = Scenario.model_validate(data)
    except ValidationError as error:
        problems += explain(error, source, Scenario)
        problems += _beyond(data, error, source)
        raise ScenarioError(problems) from None
    problems += _misfits(scenario, source)
    if problems:
        raise ScenarioError(problems)
    return Loaded(scenario, source)


def _misfits(scenario: Scenario, source: Source) -> list[Problem]:
    return [source.problem(path, message) for path, message in inconsistencies(scenario)]


def _beyond(data: object, error: ValidationError, source: Source) -> list[Problem]:
    """What else does not fit together, so that a planner hears of everything at once.

    Only when the misspelt keys are all that is wrong: without them the rest can be checked.
    """
    details = error.errors(include_url=False, include_context=False)
    if any(detail["type"] != "extra_forbidden" for detail in details):
        return []
    pruned = data
    for detail in details:
        pruned = _without(pruned, detail["loc"])
    try:
        return _misfits(Scenario.model_validate(pruned), source)
    except ValidationError:
        return []


def _without(data: object, path: KeyPath) -> object:
    """The data less the setting at a path; parts of the path that are not in it are passed over."""
    first, rest = path[0], path[1:]
    if not isinstance(data, dict) or first not in data:
        return _without(data, rest) if rest else data
    if not rest:
        return {key: value for key, value in data.items() if key != first}
    return {**data, first: _without(data[first], rest)}
