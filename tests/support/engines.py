"""Whether both engines give the same log, and if not, the first row and event that differ."""

from collections.abc import Iterator

import numpy as np

from sim import facility, fast
from sim.engine import Engine, simulate_system
from sim.log import CityLog, Columns, Log, series_names
from sim.scenario.city.system import System
from sim.scenario.model.scenario import Scenario
from sim.visitors import Visitors
from sim.visitors.needs import Needs

Table = dict[str, np.ndarray]


def assert_engines_agree(scenario: Scenario, visitors: Visitors) -> Log:
    """Play a scenario on both engines; their logs must be equal, number for number."""
    expected = facility.simulate(scenario, visitors)
    if found := difference(scenario, expected, fast.simulate(scenario, visitors)):
        raise AssertionError(f"the engines differ (facility, fast):\n{found}")
    return expected


def assert_systems_agree(system: System, needs: Needs) -> CityLog:
    """Play a system on both engines; their logs must be equal, number for number."""
    expected = simulate_system(system, needs, Engine.SIMPY)
    if found := city_difference(system, expected, simulate_system(system, needs, Engine.FAST)):
        raise AssertionError(f"the engines differ (readable, mirror):\n{found}")
    return expected


def city_difference(system: System, one: CityLog, other: CityLog) -> str:
    """What differs between two logs of a system: in the log of a facility, or who went where."""
    lines: list[str] = []
    for what in ("attempts", "needs"):
        mine, others = dict(getattr(one, what)), dict(getattr(other, what))
        lines += _first_row(what, mine, others)
        unlike = [name for name in mine if mine[name].dtype != others[name].dtype]
        lines += [f"{what}: types of {', '.join(unlike)}"] * bool(unlike)
    for (name, scenario), log, its in zip(
        system.sites.items(), one.sites, other.sites, strict=True
    ):
        if found := difference(scenario, log, its):
            lines.append(f"{name}: {found}")
    return "\n".join(lines)


def difference(scenario: Scenario, one: Log, other: Log) -> str:
    """What differs between two logs: the first change of a count, and the first row of a table.

    Empty when the logs are equal; NaN equals NaN.
    """
    names = series_names(scenario)
    lines = list(_first_event(names, one.changes, other.changes))
    for what in ("visits", "stay_tasks", "responses", "people", "outages", "bookings"):
        lines += _first_row(what, dict(getattr(one, what)), dict(getattr(other, what)))
    for what in ("service_asked", "service_start", "service_end"):
        services = dict(zip(scenario.services, getattr(one, what), strict=True))
        others = dict(zip(scenario.services, getattr(other, what), strict=True))
        lines += _first_row(what, services, others)
    if one.end != other.end:
        lines.append(f"end: {one.end!r}, {other.end!r}")
    return "\n".join(lines)


def _first_event(names: tuple[str, ...], one: Columns, other: Columns) -> Iterator[str]:
    """The first change of a count that only one of two logs has."""
    if all(np.array_equal(one[name], other[name]) for name in ("time", "series", "value")):
        return
    rows, others = _changes(one), _changes(other)
    row = next(
        (row for row, pair in enumerate(zip(rows, others, strict=False)) if pair[0] != pair[1]),
        min(len(rows), len(others)),
    )
    yield f"changes: row {row} of {len(rows)}, {len(others)}"
    for table in (rows, others):
        for time, series, value in table[row : row + 1]:
            yield f"  at {time!r} {names[int(series)]} becomes {value:g}"
        if row >= len(table):
            yield "  no more changes"


def _changes(log: Columns) -> list[tuple[float, float, float]]:
    columns = (log[name].tolist() for name in ("time", "series", "value"))
    return list(zip(*columns, strict=True))


def _first_row(what: str, one: Table, other: Table) -> Iterator[str]:
    """The first row of a table in which two logs differ, and the columns in which it does."""
    if list(one) != list(other):
        yield f"{what}: columns {list(one)}, {list(other)}"
        return
    lengths = {len(column) for table in (one, other) for column in table.values()}
    if len(lengths) > 1:
        yield f"{what}: numbers of rows {sorted(lengths)}"
        return
    unlike = {
        name: ~((one[name] == other[name]) | (np.isnan(one[name]) & np.isnan(other[name])))
        for name in one
    }
    rows = [int(np.argmax(differs)) for differs in unlike.values() if differs.any()]
    if rows:
        row = min(rows)
        cells = (
            f"{name} {float(one[name][row])!r}, {float(other[name][row])!r}"
            for name, differs in unlike.items()
            if differs[row]
        )
        yield f"{what}: row {row}: " + "; ".join(cells)
