"""Logs written by hand, for figures that can be worked out on paper."""

import os
import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.log import (
    OUTAGE_COLUMNS,
    PERSON_COLUMNS,
    RESPONSE_COLUMNS,
    STAY_TASK_COLUMNS,
    VISIT_COLUMNS,
    Log,
    series_names,
)
from sim.measures import hour_rows, measure, metric_rows
from sim.scenario.model.scenario import Scenario

Numbers = Mapping[str, float]
Hours = NDArray[np.float64]
Changes = Mapping[str, Sequence[tuple[float, float]]]

VISIT = {
    "kind": 0.0,
    "client": -1.0,
    "outcome": 0.0,
    "room": -1.0,
    "place": -1.0,
    "waited": 0.0,
    "overdose": -1.0,
}
RESPONSE = {"visit": 0.0, "where": 0.0, "room": 0.0, "severity": 0.0, "others": 0.0} | {
    "interrupted": 0.0
}
PERSON = dict.fromkeys(PERSON_COLUMNS, 0.0)


def make_scenario(**parts: Any) -> Scenario:
    """A site open 10:00-18:00 with a room of two places, for a week; `parts` replace its own."""
    site: dict[str, Any] = {
        "name": "by-hand",
        "horizon": {"weeks": 1},
        "opening": {"hours": "10:00-18:00"},
        "demand": {"visits_per_day": 10, "profile": "flat"},
        "visits": {"injecting": {"rooms": ["booths"], "stay": 20}},
        "rooms": {"booths": {"places": 2}},
    }
    return Scenario.model_validate(site | parts)


def staffed_site(**parts: Any) -> Scenario:
    """The same site with nurses and social workers, who meet overdoses."""
    staffed: dict[str, Any] = {
        "visits": {
            "injecting": {
                "rooms": ["booths"],
                "stay": 20,
                "overdose": {"per_1000": 5, "onset": 3},
            }
        },
        "overdose": {
            "severities": {
                "mild": {"share": 0.5, "team": [["nurse"]], "intensive": 10},
                "deep": {"share": 0.5, "team": [["nurse"], ["social worker"]], "intensive": 30},
            }
        },
        "supervision": [{"rooms": ["booths"], "roles": ["nurse", "social worker"]}],
        "staff": {
            "roles": {
                "nurse": {"cost_per_hour": 40, "contract_hours": 37, "headroom": 0.2},
                "social worker": {"cost_per_hour": 30},
            },
            "rota": [
                {"role": "nurse", "from": "10:00", "to": "18:00", "count": 2, "name": "day"},
                {"role": "social worker", "from": "10:00", "to": "18:00", "name": "day"},
            ],
        },
    }
    return make_scenario(**(staffed | parts))


def make_log(
    scenario: Scenario,
    *,
    visits: Iterable[Numbers] = (),
    responses: Iterable[Numbers] = (),
    people: Iterable[Numbers] = (),
    outages: Iterable[Numbers] = (),
    changes: Changes | None = None,
    services: Mapping[str, Mapping[int, tuple[float, float, float]]] | None = None,
    end: float | None = None,
) -> Log:
    """A log from what is said; what is not said is NaN, or a plain default.

    `changes` are (time, value) by name of series; `services` are (asked, start, end) by name of
    service and number of visit.
    """
    rows = list(visits)
    stamps = np.full((3, len(scenario.services), len(rows)), np.nan)
    for number, name in enumerate(scenario.services):
        for visit, times in (services or {}).get(name, {}).items():
            stamps[:, number, visit] = times
    return Log(
        visits=_columns(VISIT_COLUMNS, VISIT, rows),
        service_asked=stamps[0],
        service_start=stamps[1],
        service_end=stamps[2],
        stay_tasks=_columns(STAY_TASK_COLUMNS, {}, ()),
        responses=_columns(RESPONSE_COLUMNS, RESPONSE, responses),
        people=_columns(PERSON_COLUMNS, PERSON, people),
        changes=_changes(scenario, changes or {}),
        end=scenario.horizon.minutes if end is None else end,
        outages=_columns(OUTAGE_COLUMNS, {}, outages),
    )


def _columns(
    names: Iterable[str], usual: Numbers, rows: Iterable[Numbers]
) -> dict[str, NDArray[np.float64]]:
    listed = list(rows)
    return {
        name: np.array([row.get(name, usual.get(name, np.nan)) for row in listed], dtype=float)
        for name in names
    }


def _changes(scenario: Scenario, changes: Changes) -> dict[str, NDArray[np.float64]]:
    number = {name: index for index, name in enumerate(series_names(scenario))}
    rows = [(t, number[name], value) for name, steps in changes.items() for t, value in steps]
    # As an engine writes them: in order of time, at one time in the order in which they happen.
    table = np.array(sorted(rows, key=lambda row: row[0]), dtype=float).reshape(-1, 3)
    return {"time": table[:, 0], "series": table[:, 1], "value": table[:, 2]}


def measured(scenario: Scenario, log: Log) -> dict[tuple[str, str, str], float]:
    """The figures of one replication by metric, statistic and by; NaN without a denominator."""
    tally = measure(scenario, log)
    rows = metric_rows(scenario)
    found = zip(rows, tally.numerator, tally.denominator, strict=True)
    return {
        (row.metric, row.statistic, row.by): above / below if below else float("nan")
        for row, above, below in found
    }


def measured_hours(scenario: Scenario, log: Log) -> dict[tuple[str, str], Hours]:
    """The by-hour figures by metric and by: 168 values, NaN without a denominator."""
    tally = measure(scenario, log)
    found = zip(hour_rows(scenario), tally.hour_numerator, tally.hour_denominator, strict=True)
    return {
        (row.metric, row.by): np.divide(
            above, below, out=np.full(len(above), np.nan), where=below != 0
        )
        for row, above, below in found
    }


def fake_replication(scenario: Scenario, seed: int, replication: int) -> Log:
    """A replication without a model: visits that come and wait at random."""
    random = np.random.default_rng([seed, replication])
    number = int(random.integers(20, 40))
    arrivals = np.sort(random.uniform(0, scenario.horizon.minutes, number))
    waits = random.exponential(4, number) * (random.random(number) < 0.6)
    visits = [
        {"arrival": a, "joined": a, "entered": a + w, "room": 0.0, "waited": w}
        | {"left": a + w + 20, "out": a + w + 20, "place": 0.0}
        for a, w in zip(arrivals.tolist(), waits.tolist(), strict=True)
    ]
    ends = sorted(
        (at, change)
        for visit in visits
        for at, change in ((visit["entered"], 1.0), (visit["left"], -1.0))
    )
    occupied = [
        (at, float(sum(change for _, change in ends[: number + 1])))
        for number, (at, _) in enumerate(ends)
    ]
    return make_log(
        scenario,
        visits=visits,
        changes={"site:open": [(0.0, 1.0)], "room:booths:open": [(0.0, 2.0)]}
        | {"room:booths:occupied": occupied},
    )


def failing_replication(scenario: Scenario, seed: int, replication: int) -> Log:
    """A replication that breaks down when it is the third."""
    if replication == 2:
        raise RuntimeError("the third one breaks")
    return fake_replication(scenario, seed, replication)


def dying_replication(scenario: Scenario, seed: int, replication: int) -> Log:
    """A replication whose process is killed, as for want of memory."""
    del scenario, seed, replication
    os._exit(9)


def slow_replication(scenario: Scenario, seed: int, replication: int) -> Log:
    """A replication that takes ten minutes, but for the first."""
    if replication > 0:
        time.sleep(600)
    return fake_replication(scenario, seed, replication)
