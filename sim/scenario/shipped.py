"""Scenarios that come with the program: examples, and published facilities.

In the repository they lie beside the package; in an installed program within it (pyproject.toml
has them put there).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sim.scenario.load import read_scenario
from sim.scenario.problems import ScenarioError

EXAMPLES = "scenarios"
_EXTENDS = re.compile(r"^extends: *['\"]?([^'\"#\n]+)", re.MULTILINE)


def shipped(folder: str) -> Path:
    """Where a folder of scenarios is.

    Args:
        folder: EXAMPLES.
    """
    package = Path(__file__).parents[1]
    installed = package / "shipped" / folder
    return installed if installed.is_dir() else package.parent / folder


@dataclass(frozen=True)
class Example:
    """A scenario to look at, to run and to start from."""

    name: str
    """Its file within the folder, without `.yaml`, such as `published/porto-2022`."""
    path: Path
    title: str


def examples() -> Iterator[Example]:
    """All examples, those of published facilities last."""
    folder = shipped(EXAMPLES)
    names = {path.relative_to(folder).with_suffix("").as_posix() for path in folder.rglob("*.yaml")}
    for name in sorted(names, key=lambda one: (one.startswith("published/"), "/" in one, one)):
        path = folder / f"{name}.yaml"
        try:
            title = read_scenario(path).scenario.title
        except ScenarioError:  # in the repository planners may keep their own here
            title = "has mistakes; see check"
        yield Example(name, path, title)


def with_bases(path: Path) -> Iterator[Path]:
    """A scenario's file and those that it extends."""
    yield path
    for base in _EXTENDS.findall(path.read_text(encoding="utf-8")):
        yield from with_bases((path.parent / base.strip()).resolve())
