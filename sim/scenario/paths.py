"""Paths into a scenario, such as `rooms.injecting.places`: where each leads, or why nowhere."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pydantic import BaseModel

from sim.scenario.errors.keys import child, known_keys
from sim.scenario.errors.problem import Key, KeyPath, did_you_mean, key_text, path_text
from sim.scenario.errors.told import told
from sim.scenario.model.scenario import Scenario


def leads_nowhere(scenario: BaseModel, keys: Sequence[str]) -> str:
    """What is wrong with a path; empty if nothing is."""
    at: object = scenario
    for number, key in enumerate(keys):
        known = _parts(at)
        if known is None:
            return told(
                "is_a_single_value_there_is_no",
                "{key} is a single value; there is no `{key_2}` in it",
                key=path_text(keys[:number]),
                key_2=key,
            )
        if key not in known:
            return _no_such(keys, number, list(known))
        at = known[key]
        if at is None and number + 1 < len(keys):
            return told(
                "the_scenario_has_no_add_it",
                "the scenario has no {key}; add it",
                key=path_text(keys[: number + 1]),
            )
    return ""


def lost_in(data: object, keys: Sequence[str]) -> str:
    """As `leads_nowhere`, of a file with other mistakes: what can be told from what is written."""
    at = data
    here: KeyPath = ()
    for number, key in enumerate(keys):
        if isinstance(at, Mapping):
            names: dict[str, Key] = {key_text(one): one for one in at}
        elif isinstance(at, list):
            names = {str(place): place for place in range(len(at))}
        else:
            return ""  # a single value may be short for several
        if key not in names:
            known = known_keys(Scenario, data, here) or ()
            has_default = key in known
            return "" if has_default else _no_such(keys, number, [*names, *known])
        at, here = child(at, names[key]), (*here, names[key])
    return ""


def _no_such(keys: Sequence[str], number: int, known: Sequence[str]) -> str:
    return told(
        "there_is_no_such_part",
        "there is no `{key}` in {where}{hint}",
        key=keys[number],
        where=path_text(keys[:number]) or told("the_scenario", "the scenario"),
        hint=did_you_mean(keys[number], known) or known_text(dict.fromkeys(known)),
    )


def known_text(names: Iterable[str]) -> str:
    """The names that there are, after what is wrong."""
    return told("known", "; known: {listed}", listed=names_text(names))


def names_text(names: Iterable[str]) -> str:
    """Names, or that there are none."""
    return ", ".join(names) or told("none_known", "none")


def part_at(scenario: BaseModel, keys: Sequence[str]) -> object:
    """What a scenario has at a path that leads somewhere; defaults too."""
    at: object = scenario
    for key in keys:
        at = (_parts(at) or {}).get(key)
    return at


def _parts(at: object) -> dict[str, Any] | None:
    """What a part of a scenario holds, by the keys of a path; None of a single value."""
    if isinstance(at, BaseModel):
        fields = type(at).model_fields
        return {field.alias or name: getattr(at, name) for name, field in fields.items()}
    if isinstance(at, Mapping):
        return {str(key): part for key, part in at.items()}
    if isinstance(at, tuple):
        return {str(number): part for number, part in enumerate(at)}
    return None
