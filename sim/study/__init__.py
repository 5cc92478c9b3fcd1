"""Many replications of a scenario: run in parallel, put together, with intervals."""

from sim.study.estimate.intervals import LEVEL, Estimate
from sim.study.estimate.summary import Accumulator, StudyResult
from sim.study.run.replication import Simulate, simulate_replication
from sim.study.run.runner import Plan, run_study
from sim.study.run.served import with_demand
from sim.study.run.workers import StudyError

__all__ = [
    "LEVEL",
    "Accumulator",
    "Estimate",
    "Plan",
    "Simulate",
    "StudyError",
    "StudyResult",
    "run_study",
    "simulate_replication",
    "with_demand",
]
