"""One replication, and what a worker process needs to run one."""

import pickle
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import pandas as pd

from sim.facility import simulate
from sim.log import Log
from sim.measures import Tally, measure, responses_table, visits_table
from sim.measures.laws import check_laws
from sim.scenario.scenario import Scenario
from sim.visitors import draw

Simulate = Callable[[Scenario, int, int], Log]
"""Scenario, seed and number of the replication to what happened."""


def simulate_replication(scenario: Scenario, seed: int, replication: int) -> Log:
    """Draw the visitors of a replication and play it.

    Raises:
        LawError: the replication broke a law that every replication obeys.
    """
    log = simulate(scenario, draw(scenario, seed, replication))
    check_laws(scenario, log)
    return log


@dataclass(frozen=True, eq=False)
class Replicated:
    """What is kept of one replication."""

    tally: Tally
    visits: pd.DataFrame | None
    """One row a visit, if wanted."""
    responses: pd.DataFrame | None
    """One row an overdose, if wanted."""


@dataclass(frozen=True)
class Job:
    """What all replications of a study have in common."""

    scenario: Scenario
    seed: int
    simulate_one: Simulate
    tables: bool
    """Whether the tables of visits and responses are wanted."""

    def run(self, replication: int) -> Replicated:
        """Simulate and measure one replication."""
        log = self.simulate_one(self.scenario, self.seed, replication)
        return Replicated(
            tally=measure(self.scenario, log),
            visits=visits_table(self.scenario, log, replication) if self.tables else None,
            responses=responses_table(self.scenario, log, replication) if self.tables else None,
        )


def run_packed(packed: bytes, replication: int) -> Replicated:
    """As `Job.run`, of a pickled job: a worker unpacks it once for all its replications."""
    return _unpacked(packed).run(replication)


@lru_cache(maxsize=1)
def _unpacked(packed: bytes) -> Job:
    job = pickle.loads(packed)
    assert isinstance(job, Job)  # the runner packed it
    return job
