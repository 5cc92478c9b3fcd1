"""Many replications of a scenario: run in parallel, put together, with intervals."""

from sim.study.accumulate import Accumulator
from sim.study.intervals import LEVEL, Estimate
from sim.study.replication import Simulate, simulate_replication
from sim.study.result import StudyResult
from sim.study.runner import Plan, StudyError, run_study

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
]
