"""A log as tables for a reader: one row a visit, one row a response, names instead of numbers."""

from collections.abc import Iterable

import numpy as np
import pyarrow as pa

from sim.log import RESPONSE_COLUMNS, VISIT_COLUMNS, Log, Outcome, Where
from sim.measures.steps import Floats
from sim.scenario.model.scenario import Scenario


def visits_table(scenario: Scenario, log: Log, replication: int) -> pa.Table:
    """One row a visit, the warm-up's too; times in minutes after midnight of the first day.

    Args:
        scenario: the site that was simulated.
        log: what happened.
        replication: number of the replication, for its own column.
    """
    named = {
        "kind": _names(log.visits["kind"], scenario.visits),
        "outcome": _names(log.visits["outcome"], (outcome.name.lower() for outcome in Outcome)),
        "room": _names(log.visits["room"], scenario.rooms),
        "overdose": _names(log.visits["overdose"], _places_of_overdose()),
        "client": log.visits["client"].astype(np.float64),  # as readers of results know it
        "place": log.visits["place"].astype(np.int64),
    }
    services = {
        f"{stamp}:{name}": times[number]
        for number, name in enumerate(scenario.services)
        for stamp, times in (
            ("service_asked", log.service_asked),
            ("service_start", log.service_start),
            ("service_end", log.service_end),
        )
    }
    columns = {name: named.get(name, log.visits[name]) for name in VISIT_COLUMNS}
    numbers = np.arange(len(log.visits["arrival"]))
    return _table(replication, {"visit": numbers, **columns, **services})


def responses_table(scenario: Scenario, log: Log, replication: int) -> pa.Table:
    """One row an overdose, off site too; `visit` is the number in the table of visits.

    Args:
        scenario: the site that was simulated.
        log: what happened.
        replication: number of the replication, for its own column.
    """
    severities = scenario.overdose.severities if scenario.overdose else ()
    named = {
        "visit": log.responses["visit"].astype(np.int64),
        "where": _names(log.responses["where"], _places_of_overdose()),
        "room": _names(log.responses["room"], scenario.rooms),
        "severity": _names(log.responses["severity"], severities),
        "others": log.responses["others"].astype(np.float64),
        "interrupted": log.responses["interrupted"].astype(np.float64),
    }
    columns = {name: named.get(name, log.responses[name]) for name in RESPONSE_COLUMNS}
    return _table(replication, columns)


def _table(replication: int, columns: dict[str, Floats | pa.Array]) -> pa.Table:
    numbers = np.full(len(columns["visit"]), replication)
    known = {name: _known(column) for name, column in columns.items()}
    return pa.table({"replication": numbers, **known})


def _known(column: Floats | pa.Array) -> pa.Array:
    """A column of the log as it lies there, not copied; what is NaN is missing."""
    return pa.array(column, mask=np.isnan(column)) if isinstance(column, np.ndarray) else column


def _places_of_overdose() -> Iterable[str]:
    return (where.name.lower() for where in Where if where is not Where.NONE)


def _names(numbers: Floats, names: Iterable[str]) -> pa.DictionaryArray:
    """Names by number; below 0 is none."""
    codes = pa.array(numbers.astype(np.int32), mask=numbers < 0)
    return pa.DictionaryArray.from_arrays(codes, pa.array(names, pa.large_string()))
