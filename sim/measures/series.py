"""Integrals and peaks of every quantity that changes with time, from the change log."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from sim.log import ROLE_SERIES, SITE_SERIES, Log
from sim.measures.cells import Cells, cut
from sim.measures.counts import Counts
from sim.measures.steps import Bools, Floats, Steps, Window, combine, highest, steps_from
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

_AS_THEY_ARE = ("open", "paused", "waiting")
"""Series of a room that need no more than being integrated."""
_LEAST = 1e-9
"""Numbers of places closer than this are the same."""


def peaks(scenario: Scenario, log: Log, window: Window) -> dict[Key, float]:
    """The highest value of each number of people and of responses."""
    counts = Counts(scenario, log)
    found = {("all", name): counts.of(f"site:{name}") for name in SITE_SERIES}
    found["all", "waiting"] = counts.total(f"site:waiting_{queue}" for queue in QUEUES)
    for room in scenario.rooms:
        found[f"room:{room}", "waiting"] = counts.of(f"room:{room}:waiting")
    return {key: highest(changes, window) for key, changes in found.items()}


def integrals(scenario: Scenario, log: Log, window: Window) -> dict[Key, Floats]:
    """The integral by hour of the week, quantity × minutes, of everything that is integrated.

    Places are counted in the open hours of their room only. Added to the log's own series: of a
    room and of all `rooms` together the open places (`open`), whether there are any (`is_open`),
    whether every one is taken (`full`) and the idle ones (`idle`); of a role everybody at work on
    some duty (`busy`); of the site everybody waiting (`waiting`); and numbers of people
    `while open`.
    """
    counts = Counts(scenario, log)
    site = counts.steps("site:open")
    rooms = {f"room:{room}": counts.steps(f"room:{room}:open") for room in scenario.rooms}
    cells = cut(window, (opening.times for opening in (site, *rooms.values())))
    is_open = site.at(cells.begins) > 0
    found = _site(counts, cells, is_open)
    full: list[Steps] = []
    for by, places in rooms.items():
        is_full, of_room = _room(counts, cells, by, places)
        found |= of_room | {(by, "waiting" + WHILE_OPEN): of_room[by, "waiting"] * is_open}
        full.append(is_full)
    if rooms:
        found |= _all_rooms(found, cells, rooms, full)
        paused = combine(_any, *(counts.steps(f"{by}:paused") for by in rooms))
        found[ROOMS, "paused"] = cells.integrals(paused.changes)
    for role in scenario.staff.roles if scenario.staff else ():
        found |= _role(counts, cells, f"role:{role}")
    return {key: cells.by_hour(of_cells) for key, of_cells in found.items()}


def _site(counts: Counts, cells: Cells, is_open: Bools) -> dict[Key, Floats]:
    found = {("all", name): cells.integrals(counts.of(f"site:{name}")) for name in SITE_SERIES}
    queues = [f"waiting_{queue}" for queue in QUEUES]
    found["all", "waiting"] = _total(found["all", queue] for queue in queues)
    return found | {
        ("all", name + WHILE_OPEN): found["all", name] * is_open
        for name in ("inside", "aftercare", "waiting", *queues)
    }


def _room(counts: Counts, cells: Cells, by: str, places: Steps) -> tuple[Steps, dict[Key, Floats]]:
    """Whether every place is taken, and what is integrated over the cells."""
    is_open = places.at(cells.begins) > 0
    found = {(by, name): cells.integrals(counts.of(f"{by}:{name}")) for name in _AS_THEY_ARE}
    for state in STATES:
        found[by, state] = cells.integrals(counts.of(f"{by}:{state}")) * is_open
    times, taken = counts.total((f"{by}:{state}" for state in TAKEN), also=places.times[1:])
    there = places.along(times)
    is_full = (there > 0) & (taken >= there - _LEAST)
    changed = np.flatnonzero(np.diff(is_full, prepend=False))
    full = steps_from((times[changed], is_full[changed].astype(np.float64)))
    vacant = cells.integrals((times, np.where(there > 0, there - taken, 0.0)))
    found[by, "is_open"] = cells.minutes * is_open
    found[by, "full"] = cells.integrals(full.changes)
    # Where every vacant place is unusable a rounding error may be left.
    found[by, "idle"] = np.maximum(vacant - found[by, "unusable"], 0.0)
    return full, found


def _all_rooms(
    found: Mapping[Key, Floats], cells: Cells, places: Mapping[str, Steps], full: Sequence[Steps]
) -> dict[Key, Floats]:
    added = {
        (ROOMS, name): _total(found[by, name] for by in places)
        for name in ("open", *STATES, "idle")
    }
    is_open = combine(_any, *places.values())
    is_full = combine(_every_open, *places.values(), *full)
    added[ROOMS, "is_open"] = cells.minutes * is_open.at(cells.begins)
    added[ROOMS, "full"] = cells.integrals(is_full.changes)
    return added


def _role(counts: Counts, cells: Cells, by: str) -> dict[Key, Floats]:
    found = {(by, name): cells.integrals(counts.of(f"{by}:{name}")) for name in ROLE_SERIES}
    return found | {(by, "busy"): _total(found[by, duty] for duty in BUSY)}


def _total(parts: Iterable[Floats]) -> Floats:
    total: Floats = np.asarray(list(parts)).sum(axis=0)
    return total


def _any(*places: Floats) -> Floats:
    return np.asarray((np.array(places) > 0).any(axis=0), dtype=np.float64)


def _every_open(*places_then_full: Floats) -> Floats:
    """Whether some room is open, and every open one is full."""
    places, full = np.split(np.array(places_then_full), 2)
    is_open = places > 0
    every = is_open.any(axis=0) & (~is_open | (full > 0)).all(axis=0)
    return np.asarray(every, dtype=np.float64)
