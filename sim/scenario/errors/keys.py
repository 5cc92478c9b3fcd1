"""What a scenario may contain, read off its models: the keys at a path, the kinds of a map."""

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from types import UnionType
from typing import Annotated, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from sim.scenario.errors.problem import Key, KeyPath

_MAX_HOMES = 3
"""A key found in more places than this is too common for its homes to be of help."""


def known_keys(model: type[BaseModel], data: object, path: KeyPath) -> tuple[str, ...] | None:
    """The keys of the map at a path; None where any name is allowed, or no map."""
    models = [kind for kind in _kinds_at(model, data, path) if _is_model(kind)]
    if not models:
        return None
    return tuple(dict.fromkeys(str(key) for kind in models for key in _fields(kind)))


def known_tags(
    model: type[BaseModel], data: object, path: KeyPath, discriminator: str
) -> tuple[str, ...]:
    """The words that the discriminating key of the map at a path may have."""
    fields = [_fields(kind).get(discriminator) for kind in _kinds_at(model, data, path)]
    return tuple(
        dict.fromkeys(word for field in fields if field for word in map(str, _words(field)))
    )


def homes(model: type[BaseModel], key: str, here: KeyPath) -> tuple[str, ...]:
    """Where else than here a key belongs: `opening`, `rooms.<name>`; none if in many places."""
    found = _all_homes(model).get(key, ())
    elsewhere = tuple(".".join(home) for home in found if home and not _is_at(home, here))
    return elsewhere if len(elsewhere) <= _MAX_HOMES else ()


@lru_cache(maxsize=8)  # a walk through all models takes longer than all else about a wrong key
def _all_homes(model: type[BaseModel]) -> dict[str, tuple[tuple[str, ...], ...]]:
    """Where each key belongs."""
    found: dict[str, dict[tuple[str, ...], None]] = {}
    for key, home in _homes(model, (), ()):
        found.setdefault(key, {})[home] = None
    return {key: tuple(places) for key, places in found.items()}


def child(data: object, key: Key) -> object:
    """What a map or list holds under a key, or None."""
    if isinstance(data, Mapping):
        return data.get(key)
    if isinstance(data, list | tuple) and isinstance(key, int) and 0 <= key < len(data):
        return data[key]
    return None


def _fields(kind: object) -> dict[Key, FieldInfo]:
    """A model's fields by the name that a scenario calls them; none of anything else."""
    if not (isinstance(kind, type) and issubclass(kind, BaseModel)):
        return {}
    return {_name_in_yaml(name, field): field for name, field in kind.model_fields.items()}


def _is_model(kind: object) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)


def _name_in_yaml(name: str, field: FieldInfo) -> str:
    alias = field.validation_alias
    return alias if isinstance(alias, str) else field.alias or name


def _kinds_at(model: type[BaseModel], data: object, path: KeyPath) -> list[object]:
    """The types that may stand at a path; of a union's models, those that the data fits."""
    kinds: list[object] = [model]
    for key in path:
        data = child(data, key)
        steps = [_step(kind, key) for kind in kinds]
        kinds = [kind for step in steps if step is not None for kind in _members(step)]
        kinds = _fitting(kinds, data)
    return kinds


def _step(kind: object, key: Key) -> object:
    """The type of what a model, map or list holds under a key."""
    if _is_model(kind):
        field = _fields(kind).get(key)
        return None if field is None else field.annotation
    inner = [part for part in get_args(kind) if part is not Ellipsis]
    origin = get_origin(kind)
    if not isinstance(origin, type) or not inner:
        return None
    if issubclass(origin, Mapping):
        return inner[-1]
    if issubclass(origin, Sequence | set | frozenset):
        return inner[min(key, len(inner) - 1)] if isinstance(key, int) else None
    return None


def _members(kind: object) -> Iterator[object]:
    """A type with its annotations and aliases taken off, and every member of a union."""
    if hasattr(kind, "__value__"):
        yield from _members(kind.__value__)
    elif get_origin(kind) is Annotated:
        yield from _members(get_args(kind)[0])
    elif get_origin(kind) in (Union, UnionType):
        for member in get_args(kind):
            yield from _members(member)
    else:
        yield kind


def _words(field: FieldInfo) -> tuple[object, ...]:
    """The words a field may have, if it is one that must be among a few."""
    members = list(_members(field.annotation))
    return tuple(word for kind in members if get_origin(kind) is Literal for word in get_args(kind))


def _fitting(kinds: list[object], data: object) -> list[object]:
    """Of several models, those whose kind the data names; all if it names none of theirs."""
    fitting = [kind for kind in kinds if _is_model(kind) and _fits(kind, data)]
    return fitting or kinds


def _fits(kind: object, data: object) -> bool:
    if not isinstance(data, Mapping):
        return True
    words = {key: _words(field) for key, field in _fields(kind).items()}
    return all(data[key] in words[key] for key in words if words[key] and key in data)


def _homes(
    kind: object, path: tuple[str, ...], above: tuple[object, ...]
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Every key below a model, and where it is."""
    if kind in above:
        return
    for name, field in _fields(kind).items():
        yield str(name), path
        for part, inner in _parts(field.annotation, (*path, str(name))):
            yield from _homes(inner, part, (*above, kind))


def _parts(annotation: object, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], object]]:
    """The models in a field's type, each with its path: `rooms.<name>` for a map of rooms."""
    for kind in _members(annotation):
        if _is_model(kind):
            yield path, kind
            continue
        inner = _step(kind, 0)
        if inner is not None:
            origin = get_origin(kind)
            of_map = isinstance(origin, type) and issubclass(origin, Mapping)
            yield from _parts(inner, (*path, "<name>" if of_map else "<number>"))


def _is_at(home: tuple[str, ...], path: KeyPath) -> bool:
    pairs = list(zip(home, path, strict=False))
    return len(home) == len(path) and all(one == key or one[0] == "<" for one, key in pairs)
