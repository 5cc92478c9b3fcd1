"""Small scenarios played, and read as plain lists, so that a trace fits on a few lines."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.facility import simulate
from sim.log import Columns, Log, Outcome, Where, series_names
from sim.scenario.load import scenario_from_text
from sim.scenario.model.scenario import Scenario
from sim.visitors import Visitors, draw

Stamp = float | None
"""A time; None for one that never came."""

Arrival = float | tuple[float, str] | dict[str, Any]
"""When somebody comes, of kind `use`; or when and of what kind; or all that a scenario may say."""


@dataclass(frozen=True, eq=False)
class Played:
    """A scenario, its visitors and what happened."""

    scenario: Scenario
    visitors: Visitors
    log: Log

    def outcomes(self) -> list[str]:
        """How each visit ended."""
        return [Outcome(int(one)).name.lower() for one in self.log.visits["outcome"]]

    def visits(self, column: str) -> list[Stamp]:
        """A column, one entry a visit."""
        return stamps(self.log.visits[column])

    def stays(self) -> list[tuple[Stamp, Stamp]]:
        """When each visit entered a place and left it."""
        return list(zip(self.visits("entered"), self.visits("left"), strict=True))

    def rooms(self) -> list[str | None]:
        """The room that each visit used."""
        names = list(self.scenario.rooms)
        return [names[int(room)] if room >= 0 else None for room in self.log.visits["room"]]

    def overdoses(self) -> list[str]:
        """Where each visit's overdose began."""
        return [Where(int(one)).name.lower() for one in self.log.visits["overdose"]]

    def service(self, name: str) -> list[tuple[Stamp, Stamp, Stamp]]:
        """When each visit asked for a service, began and ended it."""
        number = list(self.scenario.services).index(name)
        tables = (self.log.service_asked, self.log.service_start, self.log.service_end)
        return list(zip(*(stamps(table[number]) for table in tables), strict=True))

    def bookings(self) -> list[tuple[float, int]]:
        """The time of each appointment, and the visit that came to it; -1 for nobody."""
        bookings = self.log.bookings
        return list(zip(bookings["time"].tolist(), bookings["visit"].tolist(), strict=True))

    def stay_task(self, name: str) -> list[tuple[Stamp, ...]]:
        """A task during stays each time it was asked for: visit, when asked for, begun and done."""
        of = self.log.stay_tasks
        mine = of["task"] == list(self.scenario.stay_tasks).index(name)
        columns = (stamps(of[column][mine]) for column in ("visit", "asked", "start", "end"))
        return list(zip(*columns, strict=True))

    def responses(self, column: str) -> list[Stamp]:
        """A column, one entry an overdose."""
        return stamps(self.log.responses[column])

    def people(self, column: str, day: int = 0) -> list[Stamp]:
        """A column, one entry for each person whose shift starts on a day."""
        start = self.log.people["start"]
        return stamps(self.log.people[column][(start >= 1440 * day) & (start < 1440 * (day + 1))])

    def series(self, name: str, until: float = 1440) -> list[tuple[float, float]]:
        """When a count changed, and to what it had come by the end of that instant."""
        steps, last = [], 0.0
        for time, value in dict(self._rows(name)).items():
            if value != last and time < until:
                steps.append((time, value))
            last = value
        return steps

    def _rows(self, name: str) -> list[tuple[float, float]]:
        mine = self.log.changes["series"] == series_names(self.scenario).index(name)
        changes = self.log.changes
        return list(
            zip(changes["time"][mine].tolist(), changes["value"][mine].tolist(), strict=True)
        )


def play(
    text: str, *sets: str, arrivals: Sequence[Arrival] | None = None, **drawn: object
) -> Played:
    """Play a scenario for its horizon, one day unless it says otherwise.

    Args:
        text: the scenario; its name may be left out, and its demand when `arrivals` are given.
        sets: settings that override it, such as `rooms.booths.places=2`.
        arrivals: the visits.
        drawn: columns of the visitors that replace what chance has drawn.
    """
    scenario = scenario_from_text(_complete(text, arrivals), sets)
    # What a response takes is drawn for those with an overdose: who has one by hand needs it too.
    visitors = draw(_all_at_risk(scenario) if "onset" in drawn else scenario, 1, 0)
    columns: dict[str, Any] = {
        name: np.asarray(column, dtype=getattr(visitors, name).dtype)
        for name, column in drawn.items()
    }
    visitors = replace(visitors, **columns)
    return Played(scenario, visitors, simulate(scenario, visitors))


def _all_at_risk(scenario: Scenario) -> Scenario:
    """The same with an overdose in every use of the kinds that may have one."""
    certain = {
        name: kind.model_copy(
            update={"overdose": kind.overdose.model_copy(update={"per_1000": 1000.0})}
        )
        for name, kind in scenario.visits.items()
        if kind.overdose is not None
    }
    return scenario.model_copy(update={"visits": {**scenario.visits, **certain}})


def _complete(text: str, arrivals: Sequence[Arrival] | None) -> str:
    if "\nname:" not in text:
        text = f"name: trace\n{text}"
    if "\nhorizon:" not in text:
        text = f"horizon: {{days: 1}}\n{text}"
    if arrivals is not None:
        text += f"\ndemand: {json.dumps({'arrivals': [said(one) for one in arrivals]})}\n"
    return text


def said(arrival: Arrival) -> dict[str, Any]:
    """An arrival, as a scenario says it."""
    if isinstance(arrival, dict):
        return {"kind": "use", **arrival}
    at, kind = arrival if isinstance(arrival, tuple) else (arrival, "use")
    return {"at": at, "kind": kind}


def stamps(column: NDArray[np.float64]) -> list[Stamp]:
    """A column, None for what never came."""
    return [None if np.isnan(one) else float(one) for one in column]


def same_columns(one: Columns, other: Columns) -> bool:
    """Whether two tables are equal, number for number; NaN equals NaN."""
    return list(one) == list(other) and all(
        np.array_equal(one[name], other[name], equal_nan=True) for name in one
    )


def same_log(one: Log, other: Log) -> bool:
    """Whether two logs are equal, number for number."""
    tables = ("visits", "stay_tasks", "responses", "people", "outages", "changes")
    services = ("service_asked", "service_start", "service_end")
    return (
        all(same_columns(getattr(one, name), getattr(other, name)) for name in tables)
        and all(
            np.array_equal(getattr(one, name), getattr(other, name), equal_nan=True)
            for name in services
        )
        and one.end == other.end
    )
