"""One replication by Ciw, and what can be read from its records."""

import math
import random
from collections.abc import Callable
from dataclasses import dataclass

import ciw  # type: ignore[import-untyped]
import numpy as np
import pandas as pd

DAY = 1440.0
WEEK = 7 * DAY
SAME = 1e-6
"""Minutes: a wait shorter than this is a rounding error."""
FOR_EVER = float("inf")

_TYPES = ["service", "baulk", "rejection", "renege", "interrupted service"]


def lognormal(mean: float, cv: float) -> ciw.dists.Distribution:
    """Ciw's lognormal, which is given by the mean and deviation of the logarithm."""
    variance = math.log(1 + cv * cv)
    return ciw.dists.Lognormal(math.log(mean) - variance / 2, math.sqrt(variance))


def gamma(mean: float, cv: float) -> ciw.dists.Distribution:
    """Ciw's gamma, which is given by shape and scale."""
    return ciw.dists.Gamma(1 / cv**2, mean * cv**2)


def weibull(mean: float, shape: float) -> ciw.dists.Distribution:
    """Ciw's Weibull, which is given by scale and shape."""
    return ciw.dists.Weibull(mean / math.gamma(1 + 1 / shape), shape)


@dataclass(frozen=True, eq=False)
class Run:
    """One replication by Ciw, from 0 to `until`."""

    records: pd.DataFrame
    """Ciw's data records, with those of people still on site (`incomplete`); a time that never
    came is NaN."""
    until: float
    simulation: ciw.Simulation

    def at(self, node: int, kind: str | None = None) -> pd.DataFrame:
        """The records of a node, of one class or of all."""
        mine = self.records["node"] == node
        return self.records[mine if kind is None else mine & (self.records["customer_class"] == kind)]

    def busy(self, node: int, kind: str | None = None) -> float:
        """Minutes of service at a node, all servers together."""
        found = self.at(node, kind)
        left = found["exit_date"].where(found["record_type"] == "interrupted service")
        ends = found["service_end_date"].fillna(left).fillna(self.until)
        return float((ends - found["service_start_date"]).sum())

    def blocked(self, node: int) -> float:
        """Minutes after service for want of space at the next node, all servers together."""
        found = self.at(node)
        return float(
            (found["exit_date"].fillna(self.until) - found["service_end_date"]).sum()
        )

    def visits(self) -> pd.DataFrame:
        """One row a visit: class, arrival, end, what the last record was, minutes waited."""
        last = self.records.drop_duplicates("id_number", keep="last").set_index("id_number")
        by_visit = self.records.groupby("id_number")
        return pd.DataFrame(
            {
                "kind": last["customer_class"],
                "arrival": by_visit["arrival_date"].min(),
                "last": last["record_type"],
                "node": last["node"],
                "out": last["exit_date"],
                "waited": by_visit["waiting_time"].sum(),
            }
        )

    def starts(self, node: int, kind: str | None = None) -> pd.DataFrame:
        """One row a visit to a node: when it came there and first began to be served."""
        return self.at(node, kind).groupby("id_number").agg(
            asked=("arrival_date", "min"),
            start=("service_start_date", "min"),
            end=("service_end_date", "max"),
        )


def play(network: Callable[[], ciw.network.Network], seed: int, until: float) -> Run:
    """One replication. The random numbers of other tests stay as they were."""
    state, generator = random.getstate(), ciw.rng
    try:
        ciw.seed(seed)
        simulation = ciw.Simulation(network())
        simulation.simulate_until_max_time(until)
    finally:
        random.setstate(state)
        ciw.rng = generator
    rows = simulation.get_all_records(only=_TYPES, include_incomplete=True)
    records = pd.DataFrame(rows)
    for name in ("service_start_date", "service_end_date", "exit_date", "waiting_time"):
        # Ciw writes False or None for what has not happened.
        values = [np.nan if value is None or value is False else value for value in records[name]]
        records[name] = np.array(values, dtype=np.float64)
    begun = records["service_start_date"].notna() | (records["record_type"] != "incomplete")
    records["waiting_time"] = records["waiting_time"].where(begun)
    return Run(records, until, simulation)
