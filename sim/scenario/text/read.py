"""Reading a scenario: its file, the files it extends, and settings of the command line.

What is written later wins: a file over the one it `extends`, a variant over the file, `--set`
over all. Every value that is overridden is told of in `Source.changes`. Nothing is checked here
against the model; hand the data to pydantic, and what pydantic says to `explain`.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pydantic import BaseModel

from sim.scenario.errors.keys import known_keys
from sim.scenario.errors.problem import (
    Key,
    KeyPath,
    Place,
    Problem,
    ScenarioError,
    Source,
    key_text,
    path_text,
    show,
)
from sim.scenario.errors.told import told
from sim.scenario.text.files import Asked, read_file
from sim.scenario.text.sets import KnownKeys, apply_settings, parse_settings
from sim.scenario.text.tree import Node, as_source, collection, overlay, plain
from sim.scenario.text.variants import VARIANTS, apply_variant, variants_of, without
from sim.scenario.text.yaml import parse_file

_EXTENDS = "extends"
_BESIDE = (_EXTENDS, VARIANTS)
"""Keys of a file that are not of the scenario itself."""
FACILITIES = "facilities"
"""The key that makes a file a city's. Each of its entries may name the `file` of a site."""
_FILE, _VARIANT, _NAME = "file", "variant", "name"


@dataclass(frozen=True)
class Models:
    """What files are meant for, to tell a part that is not yet there from a misspelt one."""

    site: type[BaseModel]
    city: type[BaseModel]
    """Of files with `facilities:`."""
    of_the_city: tuple[str, ...]
    """Keys of a site's file that do not count within a city."""

    def of(self, root: Node) -> type[BaseModel]:
        """The model of a file."""
        return self.city if _has_facilities(root) else self.site


def _has_facilities(root: Node) -> bool:
    return isinstance(root.content, Mapping) and FACILITIES in root.content


def read_source(
    path: Path,
    sets: Sequence[str] = (),
    models: Models | None = None,
    variant: str | None = None,
    text: str | None = None,
) -> Source:
    """What the scenario file says, with the files it extends and the settings merged.

    Args:
        path: the scenario's YAML file.
        sets: settings such as `rooms.injecting.places=10`.
        models: what the data is meant for.
        variant: the one of its variants to read, by name.
        text: what is read in place of the file itself, as from an editor in which it is changed.

    Raises:
        ScenarioError: a file or setting cannot be read; it tells of every fault in all of them.
    """
    return _merged(_read_chain(path, models, text), sets, models, variant)


def read_text(
    text: str,
    name: str = "scenario",
    sets: Sequence[str] = (),
    models: Models | None = None,
) -> Source:
    """As read_source, for text that is not in a file and so cannot extend one.

    Raises:
        ScenarioError: the text or a setting cannot be read.
    """
    root, problems = parse_file(text, name)
    if root is not None and (asked := _extends(root)) is not None:
        problems += (
            Problem(asked.place, _EXTENDS, told("works_only_in_a_file", "works only in a file")),
        )
    files = () if root is None else (_File(None, name, root),)
    return _merged(_Chain(files, problems), sets, models)


@dataclass(frozen=True)
class _File:
    path: Path | None
    name: str
    root: Node


@dataclass(frozen=True)
class _Chain:
    """A file and those it extends, as far as they could be read."""

    files: tuple[_File, ...]
    problems: tuple[Problem, ...]


def _merged(
    chain: _Chain, sets: Sequence[str], models: Models | None, variant: str | None = None
) -> Source:
    settings, faults = parse_settings(sets)
    variants, misfits = variants_of([file.root for file in chain.files])
    if chain.problems or misfits:
        raise ScenarioError((*chain.problems, *misfits, *faults))
    root, changes = _laid_over(chain)
    facilities = _Facilities(models)
    root = facilities.filled_in(root)
    if variant is not None:
        if variant in variants:
            named = facilities.filled_in(variants[variant].over)
            root = _making_way(root, variants[variant].over)
            variants = {**variants, variant: replace(variants[variant], over=named)}
        root, more = apply_variant(root, variants, variant, _known_to(models, root))
        changes += more
    if facilities.problems:
        raise ScenarioError((*facilities.problems, *faults))
    root, more, beside = apply_settings(root, settings, _known_to(models, root))
    if faults or beside:
        raise ScenarioError((*faults, *beside))
    paths = tuple(file.path for file in chain.files if file.path is not None)
    source = as_source(root, (*paths, *facilities.files), changes + more)
    left_out = frozenset(facilities.left_out)
    return replace(source, variants=tuple(variants), left_out=left_out)


def _laid_over(chain: _Chain) -> tuple[Node, tuple[str, ...]]:
    """What a file says, with those that it extends, and a line for each change."""
    changes: tuple[str, ...] = ()
    root = without(chain.files[-1].root, _BESIDE)
    for file in reversed(chain.files[:-1]):
        root, more = overlay(root, without(file.root, _BESIDE), file.name)
        changes += more
    return root, changes


def _making_way(root: Node, over: Node) -> Node:
    """The city without the facilities for which a variant names other files."""
    parts = (one.content.get(FACILITIES) for one in (root, over) if isinstance(one.content, dict))
    here, there = (part.content if part else None for part in (*parts, None, None)[:2])
    if not (isinstance(root.content, dict) and isinstance(here, dict) and isinstance(there, dict)):
        return root
    left = {
        name: node
        for name, node in here.items()
        if not (isinstance(other := there.get(name), Node) and _names_a_file(other))
    }
    was = root.content[FACILITIES]
    facilities = collection(left, was.place, was.key_place)
    return collection({**root.content, FACILITIES: facilities}, root.place, root.key_place)


def _names_a_file(node: Node) -> bool:
    return isinstance(node.content, Mapping) and _FILE in node.content


class _Facilities:
    """Sites whose files a city names, read once each."""

    def __init__(self, models: Models | None) -> None:
        self._models = models
        self.files: tuple[Path, ...] = ()
        self.problems: list[Problem] = []
        self.left_out: set[tuple[str, str]] = set()
        """Facility and key of what does not count."""

    def filled_in(self, root: Node) -> Node:
        """The city with the files of its facilities in the places of their names."""
        if not isinstance(root.content, Mapping) or not _has_facilities(root):
            return root
        named = root.content[FACILITIES]
        if not isinstance(named.content, Mapping):
            return root
        found = {key: self._filled(key, node) for key, node in named.content.items()}
        facilities = collection(found, named.place, named.key_place)
        return collection({**root.content, FACILITIES: facilities}, root.place, root.key_place)

    def _filled(self, key: Key, node: Node) -> Node:
        if not isinstance(node.content, Mapping):
            return node
        said = dict(node.content)
        file, variant = said.pop(_FILE, None), said.pop(_VARIANT, None)
        over = collection(said, node.place, node.key_place)
        if file is None and variant is not None:
            message = told(
                "is_one_of_a_file_s_variants",
                "is one of a file's variants; name the file too, as `file: site.yaml`",
            )
            here = path_text((FACILITIES, key, _VARIANT))
            self.problems.append(Problem(variant.place, here, message))
        if file is not None:
            site = self._site((FACILITIES, key), file, variant)
            if site is None:
                return node
            over, _ = overlay(site, over, file.place.file)
        entries = dict(over.content) if isinstance(over.content, Mapping) else {}
        for ours in () if self._models is None else self._models.of_the_city:
            if entries.pop(ours, None) is not None and file is not None:
                self.left_out.add((key_text(key), ours))
        entries[_NAME] = replace(node, content=key_text(key), size=1, depth=1)
        return collection(entries, node.place, node.key_place)

    def _site(self, path: KeyPath, file: Node, variant: Node | None) -> Node | None:
        """What the file of a site says; None where it cannot be read, which is told."""
        if not isinstance(file.content, str) or not file.content:
            message = told(
                "must_be_the_name_of_one_scenario",
                "must be the name of one scenario file, not {plain}",
                plain=show(plain(file), quotes=True),
            )
            self.problems.append(Problem(file.place, path_text((*path, _FILE)), message))
            return None
        named = Path(file.place.file).parent / file.content
        chain = _read_chain_of(Asked(named, file.place, path_text((*path, _FILE))), self._models)
        variants, misfits = variants_of([one.root for one in chain.files])
        if chain.problems or misfits:
            self.problems += (*chain.problems, *misfits)
            return None
        root, _ = _laid_over(chain)
        if _has_facilities(root):
            message = told(
                "is_a_city_itself_name_the_file",
                "is a city itself ({named}); name the file of a site",
                named=named,
            )
            self.problems.append(Problem(file.place, path_text((*path, _FILE)), message))
            return None
        named_here = [one.path for one in chain.files if one.path is not None]
        self.files = tuple(dict.fromkeys((*self.files, *named_here)))  # two may share a file
        if variant is None:
            return root
        try:
            wanted = show(plain(variant))
            return apply_variant(root, variants, wanted, _known_to(self._models, root))[0]
        except ScenarioError as error:
            here = path_text((*path, _VARIANT))
            self.problems += (
                replace(one, place=variant.place, path=here) for one in error.problems
            )
            return None


def _known_to(models: Models | None, root: Node) -> KnownKeys:
    def keys(path: KeyPath) -> tuple[str, ...] | None:
        return None if models is None else known_keys(models.of(root), plain(root), path)

    return keys


def _read_chain(path: Path, models: Models | None, given: str | None) -> _Chain:
    return _read_chain_of(Asked(path, Place(str(path)), ""), models, given)


def _read_chain_of(asked: Asked, models: Models | None, given: str | None = None) -> _Chain:
    files: tuple[_File, ...] = ()
    path = asked.path
    problems: tuple[Problem, ...] = ()
    seen: tuple[Path, ...] = ()
    while True:
        is_given = given is not None and not asked.key
        text = given if given is not None and is_given else read_file(asked, path)
        if isinstance(text, Problem):
            return _Chain(files, (*problems, text))
        real = asked.path.resolve()
        if real in seen:
            names = " → ".join(file.name for file in files)
            message = told(
                "goes_round_in_a_circle_one_must",
                "goes round in a circle: {names} → {path}; one must extend nothing",
                names=names,
                path=asked.path,
            )
            return _Chain(files, (*problems, asked.problem(message)))
        seen += (real,)
        root, faults = parse_file(text, str(asked.path))
        if asked.key and not _is_scenario(root, text, models):
            # Nothing of it is shown: it may be anything that the scenario's author named.
            message = told(
                "is_not_a_scenario_it_has_no",
                "is not a scenario ({path}): it has no key of one at its top level",
                path=asked.path,
            )
            return _Chain(files, (*problems, asked.problem(message)))
        problems += faults
        if root is None:
            return _Chain(files, problems)
        files += (_File(asked.path, str(asked.path), root),)
        base = _base_of(asked.path, root)
        if not isinstance(base, Asked):
            return _Chain(files, problems + base)
        asked = base


def _is_scenario(root: Node | None, text: str, models: Models | None) -> bool:
    """Whether a file that was read is one, with or without mistakes."""
    if models is None:
        return True
    known = (*(known_keys(models.city, {}, ()) or ()), *_BESIDE)
    if root is not None and isinstance(root.content, dict):
        return any(key in known for key in root.content)
    return re.search(rf"^(?:{'|'.join(known)})\s*:", text, re.MULTILINE) is not None


def _extends(root: Node) -> Node | None:
    return root.content.get(_EXTENDS) if isinstance(root.content, dict) else None


def _base_of(path: Path, root: Node) -> Asked | tuple[Problem, ...]:
    """The file to read next, or nothing, or a problem with how it is named."""
    node = _extends(root)
    if node is None:
        return ()
    if not isinstance(node.content, str) or not node.content:
        got = show(plain(node), quotes=True)
        message = told(
            "must_be_the_name_of_one_scenario_read",
            "must be the name of one scenario file, not {got}",
            got=got,
        )
        return (Problem(node.place, _EXTENDS, message),)
    return Asked(path.parent / node.content, node.place, _EXTENDS)
