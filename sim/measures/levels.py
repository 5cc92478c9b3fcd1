"""What is followed through the change log: its series, and totals of them.

Both are numbered; what the compiled walk must know of a series stands in a table of whole numbers.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from sim.log import ROOM_SERIES, SITE_SERIES, Duty, series_names
from sim.measures.steps import Integers
from sim.scenario.derived import once
from sim.scenario.model.scenario import Scenario

TAKEN = ("occupied", "blocked", "cleaning")
"""States of a place in which it takes nobody else."""
QUEUES = ("check_in", "place", "service")
"""What people queue for."""
AT_WORK = ("on_duty", "overtime")
"""Who can be busy."""

OTHERS, FULL_ROOMS, PAUSED_ROOMS, UNUSABLE_ROOMS, WAITING = range(5)
"""The first totals; after them the places taken of each room and the overload of each role.

Into the first goes what belongs to no other: a walk without exceptions is the faster one.
"""

TOTAL, SIGN, GATE, OPENS = range(4)
"""Of a series: the total to which its changes are added, with this sign; the series that is above
0 while its site or room is open, which is itself where there is none; and 1 if it is such a
series."""


@dataclass(frozen=True, eq=False)
class Levels:
    """The series and totals of a scenario."""

    series: Mapping[str, int]
    """The series of the log by name, as they are numbered there."""
    totals: Mapping[str, int]
    """By name: `rooms:full`, `rooms:paused`, `rooms:none_usable`, `site:waiting`,
    `room:booths:taken` for each room, `role:nurse:overload` for each role, which is how many more
    are busy than at work."""
    rules: Integers
    """(series, 4): TOTAL to OPENS."""


@once
def levels_of(scenario: Scenario) -> Levels:
    """The series and totals of a scenario."""
    series = {name: index for index, name in enumerate(series_names(scenario))}
    totals = {name: index for index, name in enumerate(_totals(scenario), start=FULL_ROOMS)}
    rules = np.zeros((len(series), 4), dtype=np.int64)
    rules[:, GATE] = np.arange(len(series))
    for name, sign, parts in _parts(scenario):
        for one in parts:
            rules[series[one], TOTAL], rules[series[one], SIGN] = totals[name], sign
    for name in SITE_SERIES:
        rules[series[f"site:{name}"], GATE] = series["site:open"]
    for room in scenario.rooms:
        for name in ROOM_SERIES:
            rules[series[f"room:{room}:{name}"], GATE] = series[f"room:{room}:open"]
        rules[series[f"room:{room}:waiting"], GATE] = series["site:open"]
        rules[series[f"room:{room}:open"], TOTAL] = totals[f"room:{room}:taken"]
    for name in ("site:open", *(f"room:{room}:open" for room in scenario.rooms)):
        rules[series[name], OPENS] = 1
    return Levels(series, totals, rules)


def _totals(scenario: Scenario) -> Iterator[str]:
    """Their names, in order."""
    yield from ("rooms:full", "rooms:paused", "rooms:none_usable", "site:waiting")
    yield from (f"room:{room}:taken" for room in scenario.rooms)
    yield from (f"role:{role}:overload" for role in _roles(scenario))


def _parts(scenario: Scenario) -> Iterator[tuple[str, int, list[str]]]:
    """Totals, and what is added to them with which sign."""
    for name in ("paused", "none_usable"):
        yield f"rooms:{name}", 1, [f"room:{room}:{name}" for room in scenario.rooms]
    yield "site:waiting", 1, [f"site:waiting_{queue}" for queue in QUEUES]
    for room in scenario.rooms:
        yield f"room:{room}:taken", 1, [f"room:{room}:{state}" for state in TAKEN]
    for role in _roles(scenario):
        yield f"role:{role}:overload", 1, [f"role:{role}:{duty.name.lower()}" for duty in Duty]
        yield f"role:{role}:overload", -1, [f"role:{role}:{name}" for name in AT_WORK]


def _roles(scenario: Scenario) -> tuple[str, ...]:
    return tuple(scenario.staff.roles) if scenario.staff else ()
