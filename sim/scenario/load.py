"""From a file, and settings of the command line, to a scenario that is known to be sound.

What was read once may be had in many versions, each with other values at some paths. The scenarios
that come with the program (examples, published facilities, cases with known results) lie beside the
package in the repository, and within it in an installed program: pyproject.toml has them put there.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple, cast

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from sim.scenario.city.misfits import astray, city_misfits, idle_settings
from sim.scenario.city.model import OF_THE_CITY, City
from sim.scenario.consistency import inconsistencies
from sim.scenario.derived.budget import beyond
from sim.scenario.errors.explain import explain, in_data
from sim.scenario.errors.keys import known_keys
from sim.scenario.errors.problem import (
    MOST_TOLD,
    Key,
    KeyPath,
    Misfit,
    Problem,
    ScenarioError,
    Source,
    closest,
    key_text,
    message_of,
    path_text,
    show,
)
from sim.scenario.errors.told import told
from sim.scenario.model.design import Level, path_keys
from sim.scenario.model.scenario import Scenario
from sim.scenario.tables.demand_tables import with_tables
from sim.scenario.text.addresses import with_addresses
from sim.scenario.text.read import FACILITIES, Models, read_source, read_text
from sim.scenario.uncertainty.draws import curve_of
from sim.scenario.uncertainty.ranges import (
    Unknowns,
    lost_ranges,
    read_unknowns,
    with_all_ranges,
)

MODELS = Models(Scenario, City, OF_THE_CITY)
"""What a file may be: of a site, or of a city."""


def model_of(data: Mapping[str, Any]) -> type[Scenario]:
    """What plain data is of: a site, or a city."""
    return City if FACILITIES in data else Scenario


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


def read_scenario(
    path: Path | str,
    sets: Sequence[str] = (),
    variant: str | None = None,
    text: str | None = None,
) -> Loaded:
    """As load_scenario, with the source beside the scenario.

    Args:
        path: the file.
        sets: settings that override it.
        variant: the one of its variants that is wanted.
        text: what stands in an editor in place of what is in the file.

    Raises:
        ScenarioError: everything that is wrong with it, each with its place.
    """
    return _checked(read_source(Path(path), sets, MODELS, variant, text))


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
    return _checked(read_text(text, sets=sets, models=MODELS)).scenario


def _checked(read: Source) -> Loaded:
    source, problems = with_tables(read)
    source, lost = with_addresses(source)
    problems += lost
    strange = {
        path[:2]: source.problem(path, text, at_key=True) for path, text in astray(source.data)
    }
    problems += strange.values()
    try:
        scenario = model_of(source.data).model_validate(source.data)
    except ValidationError as error:
        found = explain(error, source, model_of(source.data))
        within = tuple(path_text(path) for path in strange)
        problems += (one for one in found if not _is_within(one.path, within))
        problems += _beyond(source, error) or lost_ranges(source)
        raise ScenarioError(problems) from None
    problems += _misfits(scenario, source)
    if isinstance(scenario, City):
        problems += [source.problem(*one) for one in idle_settings(scenario, source)]
    if scenario.uncertainty is not None:
        unknowns = read_unknowns(scenario, source)
        problems += unknowns.problems
        problems += impossible_ends(source, unknowns)
        scenario = with_all_ranges(scenario, unknowns)
    if problems:
        raise ScenarioError(problems)
    return Loaded(scenario, read)


def impossible_ends(source: Source, unknowns: Unknowns) -> list[Problem]:
    """Ranges that reach to what a value cannot be, told before any world of it is played."""
    problems: dict[str, Problem] = {}
    for end in range(2):
        data: object = source.data
        drawn = [(one, one.level(curve_of(one).ends[end])) for one in unknowns.ranges]
        for one, value in drawn:
            for path in one.places:
                data = _with(data, [key_text(key) for key in path], value)
        whole = cast("Mapping[str, Any]", data)
        try:
            model_of(whole).model_validate(whole)
        except ValidationError as error:
            for detail in error.errors(include_url=False):
                fault = path_text(in_data(whole, detail["loc"])[0])
                for one, value in drawn:
                    if _is_within(fault, [path_text(path) for path in one.places]):
                        message = told(
                            "its_range_reaches_to",
                            "its range reaches to {value}, and it {why}; narrow the range",
                            value=value if isinstance(value, str) else f"{value:g}",
                            why=_limit(detail),
                        )
                        problems.setdefault(one.name, Problem(one.place, one.name, message))
    return list(problems.values())


def _limit(detail: ErrorDetails) -> str:
    """What a number that is too large or too small can be, in words."""
    of = detail.get("ctx", {}).items()
    limits = {name: one for name, one in of if isinstance(one, int | float)}
    if "le" in limits:
        return told("can_be_at_most", "can be at most {limit:g}", limit=limits["le"])
    if "lt" in limits:
        return told("must_be_below", "must be below {limit:g}", limit=limits["lt"])
    if "ge" in limits:
        return told("can_be_at_least", "must be at least {limit:g}", limit=limits["ge"])
    if "gt" in limits:
        return told("must_be_above", "must be above {limit:g}", limit=limits["gt"])
    return told("cannot_be_so", "cannot be so")


def _is_within(path: str, others: Iterable[str]) -> bool:
    return any(path == one or path.startswith(f"{one}.") for one in others)


def _misfits(scenario: Scenario, source: Source) -> list[Problem]:
    # What does not fit together may be what is too large: it is told first, and alone.
    found = list(islice(_disagreeing(scenario), MOST_TOLD + 1)) or list(beyond(scenario))
    return [source.problem(path, message) for path, message in found]


def _disagreeing(scenario: Scenario) -> Iterator[Misfit]:
    return city_misfits(scenario) if isinstance(scenario, City) else inconsistencies(scenario)


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
        scenario = model_of(source.data).model_validate(data)
    except ValidationError:
        return []
    misfits = _misfits(scenario, source)
    if scenario.uncertainty is None:
        return misfits
    return misfits + list(
        read_unknowns(scenario, replace(source, data=cast("Mapping[str, Any]", data))).problems
    )


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
    known = known_keys(model_of(source.data), source.data, here) or ()
    meant = closest(str(first), [key for key in known if key not in data])
    others = {key: value for key, value in data.items() if key != first}
    return others if meant is None else {**others, meant: data[first]}


# --- versions -----------------------------------------------------------------------------------


class Version(NamedTuple):
    """Values at paths, and where in the scenario it is written that they are to be there."""

    values: Mapping[str, Level]
    """By path, as `--set` takes it."""
    written: tuple[Key, ...]
    """Path in the scenario of what asks for them."""


class Original:
    """A scenario that was read, and may be had with other values."""

    def __init__(self, loaded: Loaded) -> None:
        """Take what was read; no file is read again."""
        self.loaded = loaded
        self._data = with_addresses(with_tables(loaded.source)[0])[0].data

    def scenario(self, version: Version) -> Scenario:
        """The scenario with the version's values.

        Raises:
            ScenarioError: these values cannot be; it points at what asks for them.
        """
        data: object = self._data
        for path, value in version.values.items():
            data = _with(data, path_keys(path), value)
        if strange := list(astray(cast("Mapping[str, Any]", data))):
            raise ScenarioError(self._problem(version, message) for _, message in strange)
        try:
            scenario = model_of(self._data).model_validate(data)
        except ValidationError as error:
            details = error.errors(include_url=False)
            raise ScenarioError(self._problem(version, _said(one)) for one in details) from None
        misfits = list(_disagreeing(scenario)) or list(beyond(scenario))
        if misfits:
            raise ScenarioError(self._problem(version, message) for _, message in misfits)
        return scenario

    def check_ends(self, unknowns: Unknowns) -> None:
        """Whether it can be had with both ends of each range.

        Raises:
            ScenarioError: a range reaches to what its value cannot be.
        """
        if problems := impossible_ends(replace(self.loaded.source, data=self._data), unknowns):
            raise ScenarioError(problems)

    def _problem(self, version: Version, message: str) -> Problem:
        listed = ", ".join(f"{path} {show(value)}" for path, value in version.values.items())
        return self.loaded.source.problem(
            version.written,
            told(
                "cannot_be_with", "cannot be with {listed}: {words}", listed=listed, words=message
            ),
        )


def _said(detail: ErrorDetails) -> str:
    failure = detail.get("ctx", {}).get("error")
    return message_of(failure) if isinstance(failure, Exception) else detail["msg"]


def _with(data: object, keys: Sequence[str], value: Level) -> object:
    """The data with a value at a path; what is on the way is copied, all else shared."""
    if not keys:
        return value
    first, rest = keys[0], keys[1:]
    if isinstance(data, list):
        items: list[Any] = list(data)
        items[int(first)] = _with(items[int(first)], rest, value)
        return items
    entries: dict[Key, Any] = dict(data) if isinstance(data, Mapping) else {}
    # A name is its own text; only keys such as dates and numbers have to be looked for.
    known = first in entries
    key = first if known else next((one for one in entries if key_text(one) == first), first)
    entries[key] = _with(entries.get(key), rest, value)
    return entries


# --- those that come with the program -----------------------------------------------------------

_EXTENDS = re.compile(r"^extends: *['\"]?([^'\"#\n]+)", re.MULTILINE)
_DRAWS = re.compile(r"^ +draws: *['\"]?([^'\"#\n]+)", re.MULTILINE)


def example_folder() -> Path:
    """Where the examples are: in the repository, or in the package that is installed."""
    package = Path(__file__).parents[1]
    installed = package / "shipped" / "scenarios"
    return installed if installed.is_dir() else package.parent / "scenarios"


@dataclass(frozen=True)
class Example:
    """A scenario to look at, to run and to start from."""

    name: str
    """Its file within the folder, without `.yaml`, such as `published/porto-2022`."""
    path: Path
    title: str


def examples() -> Iterator[Example]:
    """All examples, those of published facilities last."""
    folder = example_folder()
    names = {path.relative_to(folder).with_suffix("").as_posix() for path in folder.rglob("*.yaml")}
    for name in sorted(names, key=lambda one: (one.startswith("published/"), "/" in one, one)):
        path = folder / f"{name}.yaml"
        try:
            title = read_scenario(path).scenario.title
        except ScenarioError:  # in the repository planners may keep their own here
            title = told("has_mistakes_see_check", "has mistakes; see check")
        yield Example(name, path, title)


def with_bases(path: Path) -> Iterator[Path]:
    """A scenario's file and those that it extends, with the draws that they name."""
    yield path
    text = path.read_text(encoding="utf-8")
    for draws in _DRAWS.findall(text):
        yield (path.parent / draws.strip()).resolve()
    for base in _EXTENDS.findall(text):
        yield from with_bases((path.parent / base.strip()).resolve())
