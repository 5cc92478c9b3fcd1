"""Results on disk: tables, the scenario as it was read, and how they came about."""

from sim.results.files import keep_visits
from sim.results.folder import ResultsError, new_results
from sim.results.manifest import Run
from sim.results.scenario import scenario_sha256, scenario_yaml, write_scenario
from sim.results.study import write_results

__all__ = [
    "ResultsError",
    "Run",
    "keep_visits",
    "new_results",
    "scenario_sha256",
    "scenario_yaml",
    "write_results",
    "write_scenario",
]
