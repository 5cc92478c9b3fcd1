"""One replication by Ciw, and what its records say."""

import math
import random
from collections.abc import Callable
from dataclasses import dataclass

import ciw
import numpy as np
import pandas as pd

DAY = 1440
"""Minutes in a day."""
WEEK = 7 * DAY
"""Minutes in a week."""
_RECORDS = ["service", "baulk", "rejection", "renege", "interrupted service"]


def lognormal(mean: float, cv: float) -> ciw.dists.Distribution:
    """Ciw's lognormal, given by mean and deviation of the logarithm."""
    variance = math.log(1 + cv**2)
    return ciw.dists.Lognormal(math.log(mean) - variance / 2, math.sqrt(variance))


def gamma(mean: float, cv: float) -> ciw.dists.Distribution:
    """Ciw's gamma, given by shape and scale."""
    return ciw.dists.Gamma(1 / cv**2, mean * cv**2)


def weibull(mean: float, shape: float) -> ciw.dists.Distribution:
    """Ciw's Weibull, given by scale and shape."""
    return ciw.dists.Weibull(mean / math.gamma(1 + 1 / shape), shape)


@dataclass(frozen=True, eq=False)
class Run:
    """One replication by Ciw, from 0 to `until`."""

    records: pd.DataFrame
    """Ciw's records, and an `incomplete` one for everybody still on site; NaN for a time that
    never came. Those of one visitor are in order."""
    until: float
    late: int
    """Servers that were still at work when their shift ended."""

    def at(self, node: int, kind: str | None = None) -> pd.DataFrame:
        """The records of a node, of one class or of all."""
        mine = self.records["node"] == node
        if kind is not None:
            mine &= self.records["customer_class"] == kind
        return self.records[mine]

    def busy(self, node: int, kind: str | None = None) -> float:
        """Minutes of service, all servers of a node together."""
        found = self.at(node, kind)
        left = found["exit_date"].where(found["record_type"] == "interrupted service")
        ends = found["service_end_date"].fillna(left).fillna(self.until)
        return float((ends - found["service_start_date"]).sum())

    def full(self, node: int, servers: int) -> float:
        """Minutes in which all servers of a node were busy."""
        found = self.at(node)
        starts = found["service_start_date"].dropna().to_numpy()
        ends = found["service_end_date"].dropna().to_numpy()
        times = np.concatenate([starts, ends])
        order = np.argsort(times, kind="stable")
        busy = np.cumsum(np.repeat([1, -1], [len(starts), len(ends)])[order])
        minutes = np.diff(times[order], append=self.until)
        return float(minutes[busy == servers].sum())

    def blocked(self, node: int) -> float:
        """Minutes between service and leaving, all servers of a node together."""
        found = self.at(node)
        return float((found["exit_date"].fillna(self.until) - found["service_end_date"]).sum())

    def visits(self, kind: str | None = None) -> pd.DataFrame:
        """One row a visit: class, arrival, end, type of the last record, minutes waited."""
        last = self.records.drop_duplicates("id_number", keep="last").set_index("id_number")
        by_visit = self.records.groupby("id_number")
        found = pd.DataFrame(
            {
                "kind": last["customer_class"],
                "arrival": by_visit["arrival_date"].min(),
                "out": last["exit_date"],
                "last": last["record_type"],
                "waited": by_visit["waiting_time"].sum(),
            }
        )
        return found if kind is None else found[found["kind"] == kind]

    def served(self, node: int, kind: str | None = None) -> pd.DataFrame:
        """One row a visit that was begun to be served at a node: arrival there, begin, end."""
        by_visit = self.at(node, kind).groupby("id_number")
        found = pd.DataFrame(
            {
                "asked": by_visit["arrival_date"].min(),
                "start": by_visit["service_start_date"].min(),
                "end": by_visit["service_end_date"].max(),
            }
        )
        return found[found["start"].notna()]

    def waits(self, node: int, kind: str | None = None) -> "pd.Series[float]":
        """From arrival at a node to the begin of service, one per visit that was served there."""
        found = self.served(node, kind)
        return found["start"] - found["asked"]

    def lengths(self, node: int, kind: str | None = None) -> "pd.Series[float]":
        """From begin to end of service, interruptions included, of those that have ended."""
        found = self.served(node, kind)
        return found["end"] - found["start"]

    def lasts(self, kind: str | None = None) -> "pd.Series[str]":
        """The type of each visit's last record."""
        return self.visits(kind)["last"]


def play(network: Callable[[], ciw.network.Network], seed: int, until: float) -> Run:
    """One replication. The random numbers of other tests stay what they were."""
    state, generator = random.getstate(), ciw.rng
    try:
        ciw.seed(seed)
        simulation = ciw.Simulation(network())
        simulation.simulate_until_max_time(until)
    finally:
        random.setstate(state)
        ciw.rng = generator
    rows = simulation.get_all_records(only=_RECORDS, include_incomplete=True)
    records = pd.DataFrame(rows)
    for name in ("waiting_time", "service_start_date", "service_end_date", "exit_date"):
        # What has not happened is None or, after an interruption, False.
        values = [np.nan if one is None or one is False else one for one in records[name]]
        records[name] = np.array(values, dtype=np.float64)
    undone = (records["record_type"] == "incomplete") & records["service_start_date"].isna()
    records["waiting_time"] = records["waiting_time"].mask(undone)
    late = sum(minutes > 0 for node in simulation.transitive_nodes for minutes in node.overtime)
    return Run(records, until, late)
