"""What a planner writes: the scenario, read from YAML into frozen models."""

from sim.scenario.load import load_scenario, read_scenario
from sim.scenario.problems import Problem, ScenarioError
from sim.scenario.scenario import Scenario

__all__ = ["Problem", "Scenario", "ScenarioError", "load_scenario", "read_scenario"]
