"""Variants: named changes to a scenario, written in its own file under `variants:`.

A variant is a map of what it changes. A nested map is merged as a file is over the one it
`extends`; a key with dots in it, `rooms.smoking.places`, is a path as `--set` takes it, and its
value replaces what was there. What is written later wins: the file over what it extends, the
variant over the file, `--set` over all.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

from sim.scenario.errors.problem import (
    Key,
    Place,
    Problem,
    ScenarioError,
    did_you_mean,
    key_text,
    path_text,
    show,
)
from sim.scenario.errors.told import told
from sim.scenario.text.names import option_fault, with_variant
from sim.scenario.text.sets import KnownKeys, Setting, apply_settings, parse_settings
from sim.scenario.text.tree import HOURS, Node, collection, node_text, overlay, plain

VARIANTS = "variants"
"""The key under which they stand."""
_NAME, _NOT_HERE = "name", ("extends", VARIANTS)
_OF_SETS = " (--set)"
"""How `apply_settings` ends the lines that tell of its changes."""


@dataclass(frozen=True)
class Variant:
    """One named set of changes."""

    name: str
    over: Node
    """What is merged over the scenario."""
    settings: tuple[Setting, ...]
    """What is set by a path, afterwards."""


def variants_of(
    roots: Sequence[Node],
) -> tuple[dict[str, Variant], tuple[Problem, ...]]:
    """The variants of a file and of those it extends, and what is wrong with any of them.

    A variant replaces one of the same name in a file that is extended.

    Args:
        roots: what each file holds, the scenario first, then what it extends.
    """
    found: dict[str, Variant] = {}
    problems: list[Problem] = []
    for root in reversed(roots):
        node = root.content.get(VARIANTS) if isinstance(root.content, Mapping) else None
        if node is None:
            continue
        if not isinstance(node.content, Mapping):
            message = told(
                "must_be_a_map_of_names_to",
                "must be a map of names to changes, not {plain}",
                plain=show(plain(node)),
            )
            problems.append(Problem(node.place, VARIANTS, message))
            continue
        for key, body in node.content.items():
            variant, faults = _variant(key, body)
            problems += faults
            found[variant.name] = variant
    return found, tuple(problems)


def apply_variant(
    root: Node, variants: Mapping[str, Variant], name: str, known: KnownKeys
) -> tuple[Node, tuple[str, ...]]:
    """The scenario with a variant's changes made, and a line for each change.

    The scenario's name becomes `<name>-<variant>`, so that its results have a folder of their own.

    Args:
        root: the scenario, its files merged.
        variants: those it has.
        name: of the one wanted.
        known: the keys that the maps of a scenario may have.

    Raises:
        ScenarioError: there is no such variant, or one of its paths leads nowhere.
    """
    variant = variants.get(name)
    if variant is None:
        has = (
            told("known", "; known: {listed}", listed=", ".join(variants))
            if variants
            else told("the_scenario_has_none", "; the scenario has none")
        )
        message = told(
            "there_is_no_variant",
            "there is no variant '{name}'{one}",
            name=name,
            one=did_you_mean(name, list(variants)) or has,
        )
        raise ScenarioError([Problem(Place(root.place.file), VARIANTS, message)])
    by = f"variant {name}"
    changed, changes = overlay(root, variant.over, by)
    changed, more, problems = apply_settings(changed, variant.settings, known)
    if problems:
        raise ScenarioError(replace(one, path=_path(name, one.path)) for one in problems)
    if isinstance(variant.over.content, Mapping) and _NAME not in variant.over.content:
        changed = _renamed(changed, name)
    return changed, changes + tuple(f"{one.removesuffix(_OF_SETS)} ({by})" for one in more)


def _path(name: str, path: str) -> str:
    return f"{path_text((VARIANTS, name))}.{path}"


def _renamed(root: Node, variant: str) -> Node:
    entries = dict(root.content) if isinstance(root.content, Mapping) else {}
    name = entries.get(_NAME)
    if name is not None and isinstance(name.content, str):
        entries[_NAME] = replace(name, content=with_variant(name.content, variant))
    return collection(entries, root.place, root.key_place)


def _variant(key: Key, body: Node) -> tuple[Variant, list[Problem]]:
    name = key_text(key)
    here = (VARIANTS, name)
    problems = []
    if fault := option_fault(name, alone=True):
        problems.append(Problem(body.key_place, path_text(here), fault))
    if not isinstance(body.content, Mapping):
        message = told(
            "must_say_what_it_changes_such_as",
            "must say what it changes, such as `rooms: {{smoking: {{places: 8}}}}` or "
            "`rooms.smoking.places: 8`; not {plain}",
            plain=show(plain(body)),
        )
        problems.append(Problem(body.place, path_text(here), message))
        return Variant(name, collection({}, body.place, body.key_place), ()), problems
    over: dict[Key, Node] = {}
    settings: list[Setting] = []
    for part, node in body.content.items():
        if part in _NOT_HERE:
            message = told(
                "cannot_stand_in_a_variant_write_it",
                "cannot stand in a variant; write it at the top of {file}",
                file=node.key_place.file,
            )
            problems.append(Problem(node.key_place, path_text((*here, part)), message))
        elif isinstance(part, str) and "." in part:
            setting = _setting(part, node)
            if isinstance(setting, str):
                problems.append(Problem(node.key_place, path_text((*here, part)), setting))
            else:
                settings.append(setting)
        else:
            over[part] = node
    variant = Variant(name, collection(over, body.place, body.key_place), tuple(settings))
    return variant, [*problems, *_conflicts(variant)]


def _setting(path: str, value: Node) -> Setting | str:
    """The path taken apart, or what is wrong with it."""
    parsed, faults = parse_settings((f"{path}=null",))
    if faults:
        return told(
            "must_be_a_path_such_as_rooms_variants",
            "must be a path such as rooms.injecting.places, or 'visits.\"St. John\".share'",
        )
    return replace(parsed[0], place=value.key_place, value=value)


@dataclass(frozen=True)
class _Change:
    keys: tuple[str, ...]
    node: Node


def _conflicts(variant: Variant) -> Iterator[Problem]:
    """Changes of one thing, or of a thing and its part, one of which would be lost."""
    changes = [
        *_leaves(variant.over, ()),
        *(_Change(setting.keys, setting.value) for setting in variant.settings),
    ]
    changes.sort(key=lambda one: one.node.key_place)
    for first, second in combinations(changes, 2):
        short, long = sorted((first, second), key=lambda one: len(one.keys))
        if long.keys[: len(short.keys)] != short.keys:
            continue
        if len(short.keys) == len(long.keys) and node_text(short.node) == node_text(long.node):
            continue
        place = first.node.key_place
        message = told(
            "is_also_set_in_line_column_keep",
            "is also set in line {line}, column {column}; keep one of them",
            line=place.line,
            column=place.column,
        )
        path = path_text((VARIANTS, variant.name, *second.keys))
        yield Problem(second.node.key_place, path, message)


def _leaves(node: Node, path: tuple[str, ...]) -> Iterator[_Change]:
    """What a tree replaces when it is merged over another."""
    content = node.content
    if isinstance(content, Mapping) and content and path[-1:] != (HOURS,):
        for key, part in content.items():
            yield from _leaves(part, (*path, key_text(key)))
    elif path:
        yield _Change(path, node)


def without(root: Node, keys: Iterable[str]) -> Node:
    """A map without some of its keys."""
    entries = root.content if isinstance(root.content, Mapping) else {}
    left_out = set(keys)
    kept = {key: node for key, node in entries.items() if key not in left_out}
    return collection(kept, root.place, root.key_place)
