"""What a planner writes: the scenario, read from YAML into frozen models."""

from sim.scenario.errors.problem import Problem, ScenarioError
from sim.scenario.load import load_scenario, read_scenario
from sim.scenario.model.scenario import Scenario

__all__ = ["Problem", "Scenario", "ScenarioError", "load_scenario", "read_scenario"]
