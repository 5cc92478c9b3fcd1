"""From what was typed to the options of a comparison: files, variants, settings."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from sim.scenario.errors.problem import Place, Problem, ScenarioError
from sim.scenario.load import Loaded, read_scenario
from sim.scenario.text.names import name_fault
from sim.scenario.text.sets import split_outside
from sim.study.targets import check_targets

_NAMED = re.compile(r"(?P<name>[A-Za-z0-9][A-Za-z0-9._-]*)\s*:\s+(?P<rest>.*=.*)", re.DOTALL)


@dataclass(frozen=True)
class Option:
    """One option of a comparison."""

    name: str
    """What it is called there; no two alike."""
    loaded: Loaded


def read_options(
    base: Path, files: Sequence[Path], alternatives: Sequence[str], sets: Sequence[str]
) -> tuple[Option, ...]:
    """The base, then its alternatives; without any, all variants of the base.

    Args:
        base: a scenario file.
        files: other scenario files.
        alternatives: each a variant's name, or settings of the base such as
            `rooms.smoking.places=8; rooms.injecting.places=4`, with a name before them if wanted:
            `eight: rooms.smoking.places=8`.
        sets: settings that override all options.

    Raises:
        ScenarioError: everything that is wrong with any of them, or there is no alternative.
    """
    first = read_scenario(base, sets)
    asked: list[tuple[str | None, Callable[[], Loaded]]] = [
        (None, lambda: first),
        *((None, _file(path, sets)) for path in files),
        *(_alternative(base, text, sets) for text in alternatives),
    ]
    if not asked[1:]:
        asked += [_alternative(base, name, sets) for name in first.source.variants]
    if not asked[1:]:
        message = (
            "has no variants, and nothing else to compare with was named; give another scenario "
            'file, or settings such as --alt "rooms.smoking.places=8"'
        )
        raise ScenarioError([Problem(Place(str(base)), "", message)])
    names: list[str] = []
    found: list[Option] = []
    problems: list[Problem] = []
    for name, read in asked:
        if name is not None and "=" not in name and (fault := name_fault(name)):
            problems.append(Problem(Place(f"--alt {name}"), "", fault))
            continue
        try:
            loaded = read()
            check_targets(loaded.scenario, loaded.source)
        except ScenarioError as error:
            problems += error.problems
            continue
        names.append(_unique(loaded.scenario.name if name is None else name, names))
        found.append(Option(names[-1], loaded))
    if problems:
        raise ScenarioError(problems)
    return tuple(found)


def _file(path: Path, sets: Sequence[str]) -> Callable[[], Loaded]:
    return lambda: read_scenario(path, sets)


def _alternative(
    base: Path, text: str, sets: Sequence[str]
) -> tuple[str | None, Callable[[], Loaded]]:
    if "=" not in text:
        return text.strip(), lambda: read_scenario(base, sets, text.strip())
    named = _NAMED.fullmatch(text.strip())
    settings = tuple(_settings(text if named is None else named["rest"]))
    name = "; ".join(settings) if named is None else named["name"]
    return name, lambda: read_scenario(base, (*sets, *settings))


def _settings(text: str) -> Iterator[str]:
    yield from (part for part in split_outside(text, ";") if part)


def _unique(name: str, taken: Sequence[str]) -> str:
    number, free = 1, name
    while free in taken:
        number += 1
        free = f"{name} ({number})"
    return free
