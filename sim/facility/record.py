"""The stamps of every visit and every overdose, as columns."""

from math import nan

import numpy as np
from numpy.typing import NDArray

from sim.facility.work import Case
from sim.log import RESPONSE_COLUMNS, VISIT_COLUMNS, Columns, Outcome
from sim.visitors import Visitors


class Record:
    """What has happened to each visit so far."""

    def __init__(self, visitors: Visitors, services: int) -> None:
        """Nothing has happened yet."""
        count = len(visitors)
        self.visits = {name: [nan] * count for name in VISIT_COLUMNS}
        self.visits["kind"] = visitors.kind.tolist()
        self.visits["client"] = visitors.client.tolist()
        self.visits["arrival"] = visitors.arrival.tolist()
        self.visits["outcome"] = [float(Outcome.INSIDE_AT_END)] * count
        for name in ("room", "place", "overdose"):
            self.visits[name] = [-1.0] * count
        self.visits["waited"] = [0.0] * count
        self.services = {
            name: [[nan] * count for _ in range(services)] for name in ("asked", "start", "end")
        }
        self.cases: list[Case] = []

    def stamp_service(self, what: str, service: int, visit: int, now: float) -> None:
        """Note when a service was asked for, began or ended."""
        self.services[what][service][visit] = now

    def service_table(self, what: str) -> NDArray[np.float64]:
        """(services, visits): when each was asked for, began or ended."""
        rows = self.services[what]
        return np.array(rows, dtype=np.float64).reshape(len(rows), len(self.visits["kind"]))

    def columns(self) -> Columns:
        """One row a visit."""
        return {name: np.array(self.visits[name], dtype=np.float64) for name in VISIT_COLUMNS}

    def responses(self) -> Columns:
        """One row an overdose, in order of onset."""
        cases = sorted(self.cases, key=lambda case: (case.onset, case.visit))
        rows = [
            (
                case.visit,
                case.where,
                case.room,
                case.severity,
                case.onset,
                case.first,
                case.complete,
                case.stable,
                case.end,
                case.others,
                case.interrupted,
            )
            for case in cases
        ]
        table = np.array(rows, dtype=np.float64).reshape(len(rows), len(RESPONSE_COLUMNS))
        return {name: table[:, index] for index, name in enumerate(RESPONSE_COLUMNS)}
