"""A move: some settings of a scenario, and the scenario that they make.

The scenario is read once, as every command reads it; a move is had from what was read, and checked
as anything that is read.
"""

import json
import re
import shlex
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from threading import Lock
from typing import Any

from sim.report import ENGLISH
from sim.report.page.words import Words
from sim.results.folder import writing
from sim.results.scenario import write_scenario
from sim.scenario import Scenario, ScenarioError
from sim.scenario.city.model import City
from sim.scenario.derived import forget
from sim.scenario.errors.problem import Problem, key_text, message_of, path_text, show
from sim.scenario.errors.told import Listed, Told, Written, told
from sim.scenario.load import Loaded, Original, Version, read_scenario
from sim.scenario.model.design import Level, path_keys
from sim.scenario.text.files import only_its_folder
from sim.scenario.text.read import FACILITIES
from sim.serve.security import WrongRequestError
from sim.study.compare.options import changes

Settings = Mapping[str, Level]
"""What is set, by its path as `--set` takes it."""
MOST_SETTINGS, _LONGEST = 200, 500
_KEPT = 8
"""Scenarios of a text that are kept: those of two windows, as they are looked at and let go of."""


@dataclass(frozen=True, eq=False)
class Site:
    """A scenario that things are tried on."""

    path: Path
    """Its file."""
    sets: tuple[str, ...]
    """What was set on the command line, or found by play."""
    loaded: Loaded
    original: Original
    text: str | None
    """What is in the editor; None for the file as it was read."""
    stamps: tuple[tuple[str, int, int], ...]
    """Of the files that were read."""
    files: frozenset[Path]
    """Those that the scenario's own file is of: a text in the editor may name them too."""
    key: str = field(default="", kw_only=True)
    """Stands for what was read."""
    _made: OrderedDict[str, Scenario] = field(default_factory=OrderedDict)
    """Scenarios that were wanted last, by their settings."""
    _lock: Lock = field(default_factory=Lock)

    @property
    def changed_on_disk(self) -> bool:
        """Whether a file of it is another one than was read."""
        return self.stamps != _stamps(self.loaded)

    def scenario(self, settings: Settings) -> Scenario:
        """The scenario with some settings.

        Raises:
            ScenarioError: it cannot be so.
        """
        if not settings:
            return self.loaded.scenario
        found, key = dict(settings), self.key_of(settings)
        with self._lock:
            made = self._made.get(key)
            if made is not None:
                self._made.move_to_end(key)
                return made
        made = self._scenario(found)
        with self._lock:
            made = self._made.setdefault(key, made)
            dropped = self._made.popitem(last=False)[1] if len(self._made) > _KEPT else None
        if dropped is not None:
            forget(dropped)
        return made

    def _explain(self, found: dict[str, Level]) -> None:
        """Say of each setting what is wrong with it, as the command line does.

        Raises:
            ScenarioError: they cannot be.
        """
        sets = [*self.sets, *as_sets(found)]
        with only_its_folder(self.files):
            read_scenario(self.path, sets, text=self.text)

    def forget(self) -> None:
        """Let go of what was worked out of its scenarios."""
        with self._lock:
            made = [*self._made.values(), self.loaded.scenario]
            self._made.clear()
        for one in made:
            forget(one)

    def _scenario(self, found: dict[str, Level]) -> Scenario:
        try:
            return self.original.scenario(Version(found, ()))
        except (IndexError, KeyError, TypeError, ValueError) as error:
            if isinstance(error, ScenarioError):
                self._explain(found)
                raise
            problem = Problem(
                None,
                ", ".join(found),
                told("leads_nowhere_in_this_scenario", "leads nowhere in this scenario"),
            )
            raise ScenarioError([problem]) from None

    def key_of(self, settings: Settings) -> str:
        """Stands for the scenario with some settings."""
        return sha256(f"{self.key}\n{json.dumps(sorted(settings.items()))}".encode()).hexdigest()


def read_site(path: Path, sets: Sequence[str], loaded: Loaded | None = None) -> Site:
    """A scenario from its file.

    Args:
        path: the file.
        sets: what overrides it.
        loaded: what was read of it already.

    Raises:
        ScenarioError: everything that is wrong with it.
    """
    found = read_scenario(path, sets) if loaded is None else loaded
    return _site(path, sets, found, None, _in_full(found.source.files))


def site_of_text(site: Site, text: str) -> Site:
    """The same scenario with the text that is in the editor in place of its file's.

    Raises:
        ScenarioError: everything that is wrong with it, by line and column.
    """
    with only_its_folder(site.files):
        found = read_scenario(site.path, site.sets, text=text)
    return _site(site.path, site.sets, found, text, site.files)


def _in_full(files: Iterable[Path]) -> frozenset[Path]:
    """With links followed, as they lead now: where they lead later may be read as little."""
    return frozenset(one.resolve() for one in files)


def _site(
    path: Path, sets: Sequence[str], loaded: Loaded, text: str | None, files: frozenset[Path]
) -> Site:
    if isinstance(loaded.scenario, City):
        message = told(
            "makes_this_a_city_and_is_for",
            "makes this a city, and {what} is for one site yet: give it the site's own file",
            what=Written("serve"),
        )
        raise ScenarioError([loaded.source.problem((FACILITIES,), message, at_key=True)])
    stamps = _stamps(loaded)
    said = json.dumps([str(path), list(sets), stamps, text])
    key = sha256(said.encode()).hexdigest()
    return Site(path, tuple(sets), loaded, Original(loaded), text, stamps, files, key=key)


def _stamps(loaded: Loaded) -> tuple[tuple[str, int, int], ...]:
    found = []
    for file in loaded.source.files:
        try:
            at = file.stat()
        except OSError:
            found.append((str(file), 0, 0))
        else:
            found.append((str(file), at.st_mtime_ns, at.st_size))
    return tuple(found)


# --- a move in the text ---------------------------------------------------------------------------

_PLAIN = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_:./ +-]*[A-Za-z0-9])?|-?[0-9.]+(?:e-?[0-9]+)?")
"""Values that need no quotes where they stand."""


def written(site: Site, settings: Settings) -> tuple[str, dict[str, Level]]:
    """The scenario's text with settings written where their values stand.

    Args:
        site: the scenario.
        settings: what is set.

    Returns:
        The text; and the settings for which it has no place, as of what another file says.

    Raises:
        ScenarioError: it cannot be so.
    """
    before = site.path.read_text(encoding="utf-8-sig") if site.text is None else site.text
    left: dict[str, Level] = {}
    edits: list[tuple[int, int, str, str]] = []
    for path, value in settings.items():
        found = _edit(site, before.split("\n"), path, value)
        if found is None:
            left[path] = value
        else:
            edits.append(found)
    lines = before.split("\n")
    for line, column, old, new in sorted(edits, reverse=True):
        text = lines[line]
        lines[line] = f"{text[:column]}{new}{text[column + len(old) :]}"
    after = "\n".join(lines)
    try:
        same = not changes(site_of_text(site, after).scenario(left), site.scenario(settings))
    except ScenarioError:
        same = False
    return (after, left) if same else (before, dict(settings))


def _edit(
    site: Site, lines: Sequence[str], path: str, value: Level
) -> tuple[int, int, str, str] | None:
    """Line and column from 0, what stands there and what is to; None where it has no place."""
    source = site.loaded.source
    keys = path_keys(path)
    own = next((one for one in source.written if tuple(map(key_text, one)) == keys), None)
    text = value if isinstance(value, str) and _PLAIN.fullmatch(value) else show(value)
    if own is not None:
        place, old = source.values[own], source.written[own]
        new = text
    else:
        above = next((one for one in source.values if tuple(map(key_text, one)) == keys[:-1]), None)
        if above is None:
            return None
        place, old = source.values[above], ""
        new = f"{keys[-1]}: {text}"
    line, column = place.line - 1, place.column - 1
    if place.file != str(site.path) or not 0 <= line < len(lines):
        return None
    if own is None and lines[line][column : column + 1] == "{":
        column, new = column + 1, f"{new}, "
    elif own is None:
        new = f"{new}\n{' ' * column}"
    return (line, column, old, new) if lines[line][column:].startswith(old) else None


# --- what a page sends ----------------------------------------------------------------------------


def settings_of(found: object) -> dict[str, Level]:
    """Settings as a page sends them.

    Raises:
        WrongRequestError: they are something else.
    """
    if not isinstance(found, dict) or len(found) > MOST_SETTINGS:
        raise WrongRequestError(400, "settings are an object of paths and values")
    settings: dict[str, Level] = {}
    for path, value in found.items():
        if len(path) > _LONGEST or not isinstance(value, int | float | str):
            raise WrongRequestError(400, "a setting is a path, and a number or a text")
        if isinstance(value, str) and len(value) > _LONGEST:
            raise WrongRequestError(400, "a text is too long")
        try:
            settings[path_text(path_keys(path))] = value
        except ValueError as error:
            raise WrongRequestError(400, message_of(error)) from None
    return settings


def mistakes(error: ScenarioError, words: Words) -> list[dict[str, Any]]:
    """What is wrong with a move or a text, as the page takes it, and in which language."""
    return [
        {
            "line": 0 if one.place is None else one.place.line,
            "column": 0 if one.place is None else one.place.column,
            "path": one.path,
            "message": words.told(one.message),
            "lang": words.lang if isinstance(one.message, Told | Listed) else ENGLISH,
        }
        for one in error.problems
    ]


def as_sets(settings: Settings) -> list[str]:
    """Settings as `--set` and `--alt` take them."""
    return [f"{path}={show(value)}" for path, value in settings.items()]


def command(
    before: tuple[Site, Settings],
    after: tuple[Site, Settings],
    counted: tuple[int, int],
    folder: Path,
) -> str:
    """The command line that gives what the page shows.

    `--set` and `--alt` cannot both say what one value is: what moves are compared with is written
    as a scenario of its own where it is not the file itself.

    Args:
        before: what the move is compared with.
        after: the move.
        counted: replications and seed.
        folder: where a scenario can be written.

    Raises:
        ResultsError: it cannot.
        ScenarioError: one of them cannot be.
    """
    (site, base), (other, now) = before, after
    parts, sets, file = ["dcr-sim"], site.sets, site.path
    if base or site.text is not None:
        file, sets = _written_as(site, base, folder), ()
    alternative: list[str] = []
    if other.key != site.key:
        alternative = [str(_written_as(other, now, folder))]
    else:
        apart = _back(site, base, now) | {
            path: value for path, value in now.items() if base.get(path) != value
        }
        alternative = ["--alt", "; ".join(as_sets(apart))] if apart else []
    parts += ["compare" if alternative else "run", str(file)]
    if other.key != site.key:
        parts += alternative
    for one in sets:
        parts += ["--set", one]
    if other.key == site.key:
        parts += alternative
    parts += ["--replications", str(counted[0]), "--seed", str(counted[1])]
    return shlex.join(parts)


def _written_as(site: Site, settings: Settings, folder: Path) -> Path:
    """The file of a scenario that is in none yet."""
    file = folder / "scenarios" / f"{site.key_of(settings)[:12]}.yaml"
    with writing(folder):
        file.parent.mkdir(parents=True, exist_ok=True)
        write_scenario(site.scenario(settings), file)
    return file


def _back(site: Site, base: Settings, now: Settings) -> dict[str, Level]:
    """What the base sets and the move does not, as the file has it."""
    found: dict[str, Level] = {}
    for path in base:
        if path not in now and (value := value_at(site, path)) is not None:
            found[path] = value
    return found


def value_at(site: Site, path: str) -> Level | None:
    """What the scenario's text says at a path; None if nothing, or more than a value."""
    data: Any = site.loaded.source.data
    for key in path_keys(path):
        if isinstance(data, list) and key.isdigit() and int(key) < len(data):
            data = data[int(key)]
        elif isinstance(data, Mapping):
            data = next((data[one] for one in data if str(one) == key), None)
        else:
            return None
    return data if isinstance(data, int | float | str) else None
