"""The change log as steps: one quantity for each series, and those that follow from several."""

from collections.abc import Mapping

import numpy as np

from sim.log import ROLE_SERIES, ROOM_SERIES, SITE_SERIES, Log, series_names
from sim.measures.steps import Floats, Steps, combine, steps_from
from sim.scenario.scenario import Scenario

Key = tuple[str, str]
"""What a quantity is about, as in the table's `by` column, and its name."""

ROOMS = "rooms"
"""All rooms together."""
TAKEN = ("occupied", "blocked", "cleaning")
"""States of a place in which it takes nobody else."""
STATES = (*TAKEN, "unusable")
"""States of a place other than idle."""
BUSY = ("respond", "check_in", "service", "clean")
"""What staff are busy with."""
QUEUES = ("check_in", "place", "service")
"""What people queue for."""
WHILE_OPEN = " while open"
"""Ends the name of a quantity that is 0 while the site is closed."""

_LEAST = 1e-9
"""Numbers of places closer than this are the same."""


def quantities(scenario: Scenario, log: Log) -> dict[Key, Steps]:
    """Every quantity that is integrated, by what it is about and its name.

    Places are counted in the open hours of their room only. Added to the log's own series: of a
    room and of all `rooms` together the open places (`open`), whether there are any (`is_open`),
    whether every one is taken (`full`) and the idle ones (`idle`); of a role everybody at work on
    some duty (`busy`); of the site everybody waiting (`waiting`); and numbers of people
    `while open`.
    """
    raw = _split(scenario, log)
    found: dict[Key, Steps] = {("all", name): raw[f"site:{name}"] for name in SITE_SERIES}
    queues = (found["all", f"waiting_{queue}"] for queue in QUEUES)
    found["all", "waiting"] = combine(_total, *queues)
    for name in ("inside", "aftercare", "waiting", *(f"waiting_{queue}" for queue in QUEUES)):
        found["all", name + WHILE_OPEN] = combine(_while_open, found["all", name], raw["site:open"])
    for room in scenario.rooms:
        found |= _room(f"room:{room}", {name: raw[f"room:{room}:{name}"] for name in ROOM_SERIES})
        waiting = combine(_while_open, raw[f"room:{room}:waiting"], raw["site:open"])
        found[f"room:{room}", "waiting" + WHILE_OPEN] = waiting
    if scenario.rooms:
        found |= _all_rooms(found, tuple(scenario.rooms))
    for role in scenario.staff.roles if scenario.staff else ():
        found |= {(f"role:{role}", name): raw[f"role:{role}:{name}"] for name in ROLE_SERIES}
        duties = (raw[f"role:{role}:{duty}"] for duty in BUSY)
        found[f"role:{role}", "busy"] = combine(_total, *duties)
    return found


def _split(scenario: Scenario, log: Log) -> dict[str, Steps]:
    """The log's changes, one set of steps per series."""
    series = log.changes["series"].astype(np.int64)
    order = np.lexsort((log.changes["time"], series))
    times, values = log.changes["time"][order], log.changes["value"][order]
    names = series_names(scenario)
    bounds = np.searchsorted(series[order], np.arange(len(names) + 1))
    return {
        name: steps_from(times[begin:end], values[begin:end])
        for name, begin, end in zip(names, bounds[:-1], bounds[1:], strict=True)
    }


def _room(by: str, raw: Mapping[str, Steps]) -> dict[Key, Steps]:
    found: dict[Key, Steps] = {(by, name): raw[name] for name in ("open", "paused", "waiting")}
    for state in STATES:
        found[by, state] = combine(_while_open, raw[state], raw["open"])
    return found | _states(by, found)


def _all_rooms(found: Mapping[Key, Steps], rooms: tuple[str, ...]) -> dict[Key, Steps]:
    added = {
        (ROOMS, name): combine(_total, *(found[f"room:{room}", name] for room in rooms))
        for name in ("open", *STATES)
    }
    return added | _states(ROOMS, added)


def _states(by: str, found: Mapping[Key, Steps]) -> dict[Key, Steps]:
    """What follows from the number of open places and how many are in which state."""
    places = found[by, "open"]
    return {
        (by, "is_open"): combine(_any, places),
        (by, "full"): combine(_full, places, *(found[by, state] for state in TAKEN)),
        (by, "idle"): combine(_rest, places, *(found[by, state] for state in STATES)),
    }


def _total(*parts: Floats) -> Floats:
    total: Floats = np.asarray(parts).sum(axis=0)
    return total


def _while_open(value: Floats, places: Floats) -> Floats:
    return np.where(places > 0, value, 0.0)


def _any(places: Floats) -> Floats:
    return np.where(places > 0, 1.0, 0.0)


def _full(places: Floats, *taken: Floats) -> Floats:
    return np.where((places > 0) & (_total(*taken) >= places - _LEAST), 1.0, 0.0)


def _rest(places: Floats, *used: Floats) -> Floats:
    return places - _total(*used)
