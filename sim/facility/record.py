"""What is written down: the counts of the site as they change, and the stamps of every visit."""

from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import nan

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sim.log import (
    CHANGE_TYPES,
    OUT_OF_ORDER,
    RESPONSE_COLUMNS,
    ROLE_SERIES,
    ROOM_SERIES,
    SITE_SERIES,
    STAY_TASK_COLUMNS,
    VISIT_COLUMNS,
    Columns,
    Outcome,
    Types,
    series_names,
)
from sim.scenario.model.scenario import Scenario
from sim.visitors import Visitors


class State:
    """Counts by series. What holds at the end of an event is logged, once, if it has changed."""

    def __init__(self, scenario: Scenario) -> None:
        """Start with every count at 0."""
        names = series_names(scenario)
        number = {name: index for index, name in enumerate(names)}
        self.site = {name: number[f"site:{name}"] for name in SITE_SERIES}
        self.room = _numbered(number, "room", scenario.rooms, ROOM_SERIES)
        for room, series in zip(scenario.rooms, self.room, strict=True):
            if (out := number.get(f"room:{room}:{OUT_OF_ORDER}")) is not None:
                series[OUT_OF_ORDER] = out
        self.role = _numbered(
            number, "role", scenario.staff.roles if scenario.staff else {}, ROLE_SERIES
        )
        self._value = [0] * len(names)
        self._logged = [0] * len(names)
        self._touched: set[int] = set()
        self._time, self._series, self._to = array("d"), array("l"), array("l")

    def __getitem__(self, series: int) -> int:
        return self._value[series]

    def add(self, series: int, change: int) -> None:
        """Add to a count."""
        self._value[series] += change
        self._touched.add(series)

    def set(self, series: int, value: int) -> None:
        """Set a count."""
        if self._value[series] != value:
            self._value[series] = value
            self._touched.add(series)

    def log(self, now: float) -> None:
        """Note the counts that this event has changed, in the order of the series."""
        for series in sorted(self._touched):
            value = self._value[series]
            if value != self._logged[series]:
                self._time.append(now)
                self._series.append(series)
                self._to.append(value)
                self._logged[series] = value
        self._touched.clear()

    def columns(self) -> Columns:
        """The log so far."""
        found: dict[str, ArrayLike] = {
            "time": self._time,
            "series": self._series,
            "value": self._to,
        }
        return columns(found, CHANGE_TYPES)


def _numbered(
    number: Mapping[str, int], what: str, names: Mapping[str, object], series: Sequence[str]
) -> list[dict[str, int]]:
    return [{one: number[f"{what}:{name}:{one}"] for one in series} for name in names]


@dataclass(eq=False, slots=True)
class Incident:
    """An overdose, with the fields of RESPONSE_COLUMNS."""

    visit: int
    where: int
    room: int
    severity: int
    onset: float
    first: float = nan
    team: float = nan
    stable: float = nan
    end: float = nan
    others: int = 0
    interrupted: int = 0


@dataclass(eq=False, slots=True)
class Attendance:
    """A task during a stay that was asked for, with the fields of STAY_TASK_COLUMNS."""

    visit: int
    task: int
    time: int
    asked: float
    start: float = nan
    end: float = nan


class Record:
    """What has happened to each visit so far."""

    def __init__(self, visitors: Visitors, services: int) -> None:
        """Nothing has happened yet."""
        count = len(visitors)
        self.visits: dict[str, list[float]] = {name: [nan] * count for name in VISIT_COLUMNS}
        self.visits["kind"] = visitors.kind.tolist()
        self.visits["client"] = visitors.client.tolist()
        self.visits["arrival"] = visitors.arrival.tolist()
        self.visits["outcome"] = [Outcome.INSIDE_AT_END] * count
        for name in ("room", "place", "overdose"):
            self.visits[name] = [-1] * count
        self.visits["waited"] = [0.0] * count
        self.services = {
            name: [[nan] * count for _ in range(services)] for name in ("asked", "start", "end")
        }
        self.attendances: list[Attendance] = []
        self.incidents: list[Incident] = []

    def comes(self, kind: int, client: int, arrival: float) -> None:
        """One more is at the door, of whom nothing was known before."""
        known = {"kind": kind, "client": client, "arrival": arrival, "waited": 0.0}
        known |= {"outcome": Outcome.INSIDE_AT_END, "room": -1, "place": -1, "overdose": -1}
        for name, column in self.visits.items():
            column.append(known.get(name, nan))
        for tables in self.services.values():
            for of_service in tables:
                of_service.append(nan)

    def note(self, incident: Incident) -> None:
        """Note an overdose."""
        self.incidents.append(incident)
        self.visits["overdose"][incident.visit] = incident.where

    def stamp_service(self, what: str, service: int, visit: int, now: float) -> None:
        """Note when a service was asked for, began or ended."""
        self.services[what][service][visit] = now

    def service_table(self, what: str) -> NDArray[np.float64]:
        """(services, visits): when each was asked for, began or ended."""
        rows = self.services[what]
        return np.array(rows, dtype=np.float64).reshape(len(rows), len(self.visits["kind"]))

    def visit_columns(self) -> Columns:
        """One row a visit."""
        return columns(self.visits, VISIT_COLUMNS)

    def stay_task_columns(self) -> Columns:
        """One row a task during a stay, in order of task, visit and time."""
        found = sorted(self.attendances, key=lambda one: (one.task, one.visit, one.time))
        rows = {name: [getattr(one, name) for one in found] for name in STAY_TASK_COLUMNS}
        return columns(rows, STAY_TASK_COLUMNS)

    def response_columns(self) -> Columns:
        """One row an overdose, in order of onset."""
        incidents = sorted(self.incidents, key=lambda one: (one.onset, one.visit))
        found = {name: [getattr(one, name) for one in incidents] for name in RESPONSE_COLUMNS}
        return columns(found, RESPONSE_COLUMNS)


def columns(found: Mapping[str, ArrayLike], types: Types) -> Columns:
    """What was found, as the log has it."""
    return {name: np.array(found[name], dtype=kind) for name, kind in types.items()}
