"""From a file, and settings of the command line, to a scenario that is known to be sound."""

from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from pydantic import ValidationError

from sim.scenario.budget import beyond
from sim.scenario.consistency import inconsistencies
from sim.scenario.errors.explain import explain
from sim.scenario.errors.keys import known_keys
from sim.scenario.errors.problem import MOST_TOLD, KeyPath, Problem, ScenarioError, closest
from sim.scenario.model.scenario import Scenario
from sim.scenario.tables.demand_tables import with_tables
from sim.scenario.text.read import read_source, read_text
from sim.scenario.text.tree import Source


class Loaded(NamedTuple):
    """A scenario, and how it came about."""

    scenario: Scenario
    source: Source
    """Where everything was written, which files were read, and what was overridden."""


def load_scenario(
    path: Path | str, sets: Sequence[str] = (), variant: str | None = None
) -> Scenario:
    """The scenario in a YAML file.

    Args:
        path: the file.
        sets: settings that override it, such as `rooms.injecting.places=10`.
        variant: the one of the file's variants that is wanted; without it, the scenario itself.

    Raises:
        ScenarioError: everything that is wrong with it, each with its place.
    """
    return read_scenario(path, sets, variant).scenario


def read_scenario(path: Path | str, sets: Sequence[str] = (), variant: str | None = None) -> Loaded:
    """As load_scenario, with the source beside the scenario.

    Raises:
        ScenarioError: everything that is wrong with it, each with its place.
    """
    return _checked(read_source(Path(path), sets, Scenario, variant))


def read_variants(path: Path | str, sets: Sequence[str] = ()) -> dict[str, Loaded]:
    """All variants of a scenario file, by name, with the same settings over each.

    Raises:
        ScenarioError: everything that is wrong with the scenario, or else with any of them.
    """
    problems: list[Problem] = []
    found: dict[str, Loaded] = {}
    for name in read_scenario(path, sets).source.variants:
        try:
            found[name] = read_scenario(path, sets, name)
        except ScenarioError as error:
            problems += error.problems
    if problems:
        raise ScenarioError(problems)
    return found


def scenario_from_text(text: str, sets: Sequence[str] = ()) -> Scenario:
    """A scenario from YAML text that is not in a file.

    Raises:
        ScenarioError: everything that is wrong with it, each with its place.
    """
    return _checked(read_text(text, sets=sets, model=Scenario)).scenario


def _checked(read: Source) -> Loaded:
    source, problems = with_tables(read)
    try:
        scenario = Scenario.model_validate(source.data)
    except ValidationError as error:
        problems += explain(error, source, Scenario)
        problems += _beyond(source, error)
        raise ScenarioError(problems) from None
    problems += _misfits(scenario, source)
    if problems:
        raise ScenarioError(problems)
    return Loaded(scenario, read)


def _misfits(scenario: Scenario, source: Source) -> list[Problem]:
    # What does not fit together may be what is too large: it is told first, and alone.
    found = list(islice(inconsistencies(scenario), MOST_TOLD + 1)) or list(beyond(scenario))
    return [source.problem(path, message) for path, message in found]


def _beyond(source: Source, error: ValidationError) -> list[Problem]:
    """What else does not fit together, so that a planner hears of everything at once.

    Only when misspelt keys are all that is wrong: with these put right, as far as it is clear
    what was meant, the rest can be checked.
    """
    if error.error_count() > MOST_TOLD:
        return []
    data: object = source.data
    for detail in error.errors(include_url=False, include_context=False):
        if detail["type"] == "extra_forbidden":
            data = _put_right(data, source, (), detail["loc"])
    try:
        return _misfits(Scenario.model_validate(data), source)
    except ValidationError:
        return []


def _put_right(data: object, source: Source, here: KeyPath, path: KeyPath) -> object:
    """The data with the unknown key at a path renamed to what was meant, or left out.

    Parts of the path that are not in the data, which pydantic adds, are passed over.
    """
    first, rest = path[0], path[1:]
    if isinstance(data, list) and isinstance(first, int) and rest:
        items = list(data)
        items[first] = _put_right(items[first], source, (*here, first), rest)
        return items
    if not isinstance(data, dict) or first not in data:
        return _put_right(data, source, here, rest) if rest else data
    if rest:
        return {**data, first: _put_right(data[first], source, (*here, first), rest)}
    known = known_keys(Scenario, source.data, here) or ()
    meant = closest(str(first), [key for key in known if key not in data])
    others = {key: value for key, value in data.items() if key != first}
    return others if meant is None else {**others, meant: data[first]}
