"""Discrete-event simulation of drug consumption rooms: places, opening hours, staff.

    >>> from sim import Plan, load_scenario, run_study
    >>> result = run_study(load_scenario("scenarios/h17.yaml"), Plan(replications=20))
    >>> result.summary  # a DataFrame: every figure with its interval

or step by step: `draw` gives the visitors of a replication, `simulate` what happens to them, as a
`Log` of NumPy columns, and `measure` its figures. Where only those served were counted
(`unserved: unknown`), `with_demand` finds how many come.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sim.engine import Engine, simulate
    from sim.log import Log
    from sim.measures import measure
    from sim.scenario import Scenario, ScenarioError, load_scenario
    from sim.study import Plan, StudyError, StudyResult, run_study, with_demand
    from sim.visitors import Visitors, draw

__version__ = "0.2.0"

__all__ = [
    "Engine",
    "Log",
    "Plan",
    "Scenario",
    "ScenarioError",
    "StudyError",
    "StudyResult",
    "Visitors",
    "draw",
    "load_scenario",
    "measure",
    "run_study",
    "simulate",
    "with_demand",
]

_HOMES = {
    "sim.engine": ("Engine", "simulate"),
    "sim.log": ("Log",),
    "sim.measures": ("measure",),
    "sim.scenario": ("Scenario", "ScenarioError", "load_scenario"),
    "sim.study": ("Plan", "StudyError", "StudyResult", "run_study", "with_demand"),
    "sim.visitors": ("Visitors", "draw"),
}


def __getattr__(name: str) -> object:
    """A name of the public surface, fetched when it is first asked for.

    Every part of the program passes through here, and none should pay for parts it does not use.
    """
    for home, names in _HOMES.items():
        if name in names:
            return getattr(import_module(home), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
