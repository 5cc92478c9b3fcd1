"""A scenario as a tree that remembers where each part was written, and how trees are merged."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any, cast

from sim.scenario.errors.problem import KIND, Key, KeyPath, Place, Source, path_text, shorten, show

Scalar = str | int | float | bool | date | datetime | None

HOURS = "hours"
"""The key of opening hours, whose map of weekdays is one value."""


@dataclass(frozen=True)
class Node:
    """A map, a list or a single value, with its position and that of the key before it."""

    content: "Mapping[Key, Node] | tuple[Node, ...] | Scalar"
    place: Place
    key_place: Place
    written: str = ""
    """A single value as the planner typed it."""
    size: int = 1
    """Values in it, those repeated by an alias counted each time."""
    depth: int = 1
    """Levels of maps and lists, itself included."""


def collection(
    content: Mapping[Key, Node] | tuple[Node, ...], place: Place, key_place: Place
) -> Node:
    """A map or list, its size and depth worked out."""
    parts = tuple(content.values()) if isinstance(content, Mapping) else content
    return Node(
        content,
        place,
        key_place,
        size=1 + sum(part.size for part in parts),
        depth=1 + max((part.depth for part in parts), default=0),
    )


def plain(node: Node) -> object:
    """The node as new dicts, lists and values, without positions."""
    content = node.content
    if isinstance(content, Mapping):
        return {key: plain(part) for key, part in content.items()}
    if isinstance(content, tuple):
        return [plain(part) for part in content]
    return content


def node_text(node: Node) -> str:
    """The node on one line; numbers as they were typed."""
    content = node.content
    if isinstance(content, int | float) and not isinstance(content, bool):
        return node.written
    return show(plain(node))


def change_text(path: KeyPath, old: Node | None, new: Node, by: str) -> tuple[str, ...]:
    """One line such as `rooms.injecting.places: 6 → 10 (--set)`, or none if nothing changes."""
    before = "not set" if old is None else node_text(old)
    if before == node_text(new):
        return ()
    return (f"{path_text(path)}: {shorten(before)} → {shorten(node_text(new))} ({by})",)


def of_another_kind(old: Mapping[Key, Node], new: Mapping[Key, Node]) -> bool:
    """Whether both maps say what kind they are and disagree: a lognormal is no fixed duration."""
    return KIND in old and KIND in new and plain(old[KIND]) != plain(new[KIND])


def overlay(base: Node, over: Node, by: str, path: KeyPath = ()) -> tuple[Node, tuple[str, ...]]:
    """The base with everything the other tree says put over it, and a line for each change.

    Maps are merged key by key, unless they are of different kinds. Anything else replaces, and
    so do hours: `mon-sat` of the base and `mon-fri` of the other would contradict each other.
    """
    old, new = base.content, over.content
    is_one_value = path[-1:] == (HOURS,)
    if (
        not (isinstance(old, Mapping) and isinstance(new, Mapping))
        or of_another_kind(old, new)
        or is_one_value
    ):
        return over, change_text(path, base, over, by)
    entries = dict(old)
    changes: tuple[str, ...] = ()
    for key, node in new.items():
        here = (*path, key)
        if key in entries:
            entries[key], more = overlay(entries[key], node, by, here)
        else:
            entries[key], more = node, change_text(here, None, node, by)
        changes += more
    return collection(entries, over.place, over.key_place), changes


def as_source(root: Node, files: tuple[Path, ...], changes: tuple[str, ...]) -> Source:
    """The tree taken apart into data and the positions of each path in it."""
    nodes: dict[KeyPath, Node] = {}
    _collect(root, (), nodes)
    return Source(
        data=cast("Mapping[str, Any]", plain(root)),
        places={path: node.key_place for path, node in nodes.items()},
        values={path: node.place for path, node in nodes.items()},
        written={path: node.written for path, node in nodes.items() if _is_single(node)},
        files=files,
        changes=changes,
    )


def _is_single(node: Node) -> bool:
    return not isinstance(node.content, Mapping | tuple)


def _collect(node: Node, path: KeyPath, found: dict[KeyPath, Node]) -> None:
    found[path] = node
    content = node.content
    if isinstance(content, Mapping):
        for key, part in content.items():
            _collect(part, (*path, key), found)
    elif isinstance(content, tuple):
        for number, part in enumerate(content):
            _collect(part, (*path, number), found)


def under_key(node: Node, key_place: Place) -> Node:
    """The node as the value of a key written at that position."""
    return replace(node, key_place=key_place)
