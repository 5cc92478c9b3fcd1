"""What is integrated over time, by hour of the week: all of a replication in one table."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from sim.log import OUT_OF_ORDER, Duty, failing_rooms
from sim.measures.facts.changes import (
    FILLED,
    OPENED,
    QUEUES,
    TAKEN,
    VACANT,
    WHILE_OPEN,
    WHOLE,
    Series,
    numbering_of,
)
from sim.measures.steps import HOURS, Floats, Integers
from sim.scenario.derived import once
from sim.scenario.model.scenario import Scenario

_STATES = (*TAKEN, "unusable")
"""States of a place other than idle."""


class Plan(NamedTuple):
    """What is integrated at a site, and where it stands in what was taken down."""

    rows: Mapping[str, int]
    """By name, in this order: of series, of totals, sums of these."""
    of_series: tuple[Integers, Integers]
    """Series, and what is told of each."""
    of_totals: tuple[Integers, Integers]
    """Totals, and what is told of each."""
    idle: Integers
    """The rows of vacant places, of which those that are unusable are taken away,"""
    unusable: Integers
    """which are these."""
    sums: tuple[tuple[int, Integers], ...]
    """Rows, and which rows are added up there."""


@dataclass(frozen=True, eq=False)
class Integrals:
    """The integral by hour of the week, quantity × minutes, of everything that is integrated.

    By names as the log's own series have; but places are counted in the open hours of their room
    only. Added are: of a room and of all `rooms` together the open places (`open`), whether there
    are any (`is_open`), whether every one is taken (`full`) and the idle ones (`idle`); of a role
    everybody at work on some duty (`busy`); of the site everybody waiting (`waiting`); and numbers
    of people `while open`.
    """

    _rows: Mapping[str, int]
    _table: Floats
    """(names, HOURS)."""

    def __getitem__(self, name: str) -> Floats:
        """168 values."""
        found: Floats = self._table[self._rows[name]]
        return found

    def whole(self, name: str) -> float:
        """Over the whole week."""
        return self._sums[self._rows[name]]

    @cached_property
    def _sums(self) -> list[float]:
        found: list[float] = self._table.sum(axis=1).tolist()
        return found


def integrals(scenario: Scenario, series: Series) -> Integrals:
    """What of a replication is integrated."""
    plan, (of_series, of_totals) = _plan(scenario), series.by_hour
    (series_of_row, whats), (totals_of_row, others) = plan.of_series, plan.of_totals
    table, first = np.empty((len(plan.rows), HOURS)), len(whats)
    table[:first] = of_series[series_of_row, :, whats]
    table[first : first + len(others)] = of_totals[totals_of_row, :, others]
    # Where every vacant place is unusable a rounding error may be left.
    table[plan.idle] = np.maximum(table[plan.idle] - table[plan.unusable], 0.0)
    for row, parts in plan.sums:
        np.add.reduce(table.take(parts, axis=0), axis=0, out=table[row])
    return Integrals(plan.rows, table)


@once
def _plan(scenario: Scenario) -> Plan:
    numbering, rooms = numbering_of(scenario), [f"room:{room}" for room in scenario.rooms]
    of_series = {name: (name, WHOLE) for name in numbering.series}
    for name in ("inside", "aftercare", *(f"waiting_{queue}" for queue in QUEUES)):
        of_series[f"site:{name} while open"] = f"site:{name}", WHILE_OPEN
    of_totals = {"rooms:is_open": ("rooms:full", OPENED)}
    for name in ("full", "paused", "none_usable"):
        of_totals[f"rooms:{name}"] = f"rooms:{name}", FILLED
    for room in rooms:
        for state in _STATES:
            of_series[f"{room}:{state}"] = f"{room}:{state}", WHILE_OPEN
        of_series[f"{room}:waiting while open"] = f"{room}:waiting", WHILE_OPEN
        for name, what in (("is_open", OPENED), ("full", FILLED), ("idle", VACANT)):
            of_totals[f"{room}:{name}"] = f"{room}:taken", what
    sums = dict(_sums(scenario))
    rows = {name: row for row, name in enumerate((*of_series, *of_totals, *sums))}

    def numbers(names: Iterable[str]) -> Integers:
        return np.array([rows[name] for name in names], dtype=np.int64)

    series, totals = numbering.series, numbering.totals
    return Plan(
        rows=rows,
        of_series=_pairs((series[name], what) for name, what in of_series.values()),
        of_totals=_pairs((totals[name], what) for name, what in of_totals.values()),
        idle=numbers(f"{room}:idle" for room in rooms),
        unusable=numbers(f"{room}:unusable" for room in rooms),
        sums=tuple((rows[name], numbers(parts)) for name, parts in sums.items()),
    )


def _pairs(found: Iterable[tuple[int, int]]) -> tuple[Integers, Integers]:
    one, other = np.array([*found], dtype=np.int64).T
    return one, other


def _sums(scenario: Scenario) -> Iterator[tuple[str, list[str]]]:
    """What is the sum of other things that are integrated, and of which."""
    for end in ("", " while open"):
        yield f"site:waiting{end}", [f"site:waiting_{queue}{end}" for queue in QUEUES]
    for name in ("open", *_STATES, "idle") if scenario.rooms else ():
        yield f"rooms:{name}", [f"room:{room}:{name}" for room in scenario.rooms]
    if failing := failing_rooms(scenario):
        yield f"rooms:{OUT_OF_ORDER}", [f"room:{room}:{OUT_OF_ORDER}" for room in failing]
    for role in scenario.staff.roles if scenario.staff else ():
        yield f"role:{role}:busy", [f"role:{role}:{duty.name.lower()}" for duty in Duty]
