"""Integrals and peaks of every quantity that changes with time, from the change log."""

from collections.abc import Iterable

import numpy as np

from sim.log import ROLE_SERIES, SITE_SERIES
from sim.measures.levels import QUEUES, TAKEN
from sim.measures.steps import Floats
from sim.measures.walk import Walk
from sim.scenario.model.scenario import Scenario

Key = tuple[str, str]
"""What a quantity is about, as in the table's `by` column, and its name."""

ROOMS = "rooms"
"""All rooms together."""
STATES = (*TAKEN, "unusable")
"""States of a place other than idle."""
BUSY = ("respond", "check_in", "service", "clean")
"""What staff are busy with."""
WHILE_OPEN = " while open"
"""Ends the name of a quantity that is 0 while the site is closed."""

_AS_THEY_ARE = ("open", "none_usable", "paused", "waiting")
"""Series of a room that need no more than being integrated."""


def peaks(scenario: Scenario, walk: Walk) -> dict[Key, float]:
    """The highest value of each number of people and of responses."""
    found = {("all", name): walk.peak(f"site:{name}") for name in SITE_SERIES}
    found["all", "waiting"] = walk.peak_of_total("site:waiting")
    for room in scenario.rooms:
        found[f"room:{room}", "waiting"] = walk.peak(f"room:{room}:waiting")
    return found


def integrals(scenario: Scenario, walk: Walk) -> dict[Key, Floats]:
    """The integral by hour of the week, quantity × minutes, of everything that is integrated.

    Places are counted in the open hours of their room only. Added to the log's own series: of a
    room and of all `rooms` together the open places (`open`), whether there are any (`is_open`),
    whether every one is taken (`full`) and the idle ones (`idle`); of a role everybody at work on
    some duty (`busy`); of the site everybody waiting (`waiting`); and numbers of people
    `while open`.
    """
    found = _site(walk)
    for room in scenario.rooms:
        found |= _room(walk, f"room:{room}")
    if scenario.rooms:
        for name in ("open", *STATES, "idle"):
            found[ROOMS, name] = _total(found[f"room:{room}", name] for room in scenario.rooms)
        found[ROOMS, "is_open"] = walk.opened("rooms:full")
        found[ROOMS, "full"] = walk.full("rooms:full")
        for name in ("paused", "none_usable"):
            found[ROOMS, name] = walk.full(f"rooms:{name}")
    for role in scenario.staff.roles if scenario.staff else ():
        found |= _role(walk, f"role:{role}")
    return found


def _site(walk: Walk) -> dict[Key, Floats]:
    found = {("all", name): walk.by_hour(f"site:{name}") for name in SITE_SERIES}
    queues = [f"waiting_{queue}" for queue in QUEUES]
    for name in ("inside", "aftercare", *queues):
        found["all", name + WHILE_OPEN] = walk.while_open(f"site:{name}")
    for end in ("", WHILE_OPEN):
        found["all", "waiting" + end] = _total(found["all", queue + end] for queue in queues)
    return found


def _room(walk: Walk, by: str) -> dict[Key, Floats]:
    found = {(by, name): walk.by_hour(f"{by}:{name}") for name in _AS_THEY_ARE}
    found |= {(by, state): walk.while_open(f"{by}:{state}") for state in STATES}
    found[by, "waiting" + WHILE_OPEN] = walk.while_open(f"{by}:waiting")
    found[by, "is_open"] = walk.opened(f"{by}:taken")
    found[by, "full"] = walk.full(f"{by}:taken")
    # Where every vacant place is unusable a rounding error may be left.
    found[by, "idle"] = np.maximum(walk.vacant(f"{by}:taken") - found[by, "unusable"], 0.0)
    return found


def _role(walk: Walk, by: str) -> dict[Key, Floats]:
    found = {(by, name): walk.by_hour(f"{by}:{name}") for name in ROLE_SERIES}
    return found | {(by, "busy"): _total(found[by, duty] for duty in BUSY)}


def _total(parts: Iterable[Floats]) -> Floats:
    total: Floats = np.asarray(list(parts)).sum(axis=0)
    return total
