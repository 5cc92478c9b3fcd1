"""What others may build on: small, all there, and paid for when it is used."""

import subprocess
import sys
from importlib import import_module

import pytest

import sim
from tests import ROOT

SURFACE = {
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
}


def test_the_surface_is_this_and_no_more():
    assert set(sim.__all__) == SURFACE
    homes = {name: home for home, names in sim._HOMES.items() for name in names}
    assert set(homes) == SURFACE
    for name, home in homes.items():
        assert getattr(sim, name) is getattr(import_module(home), name)


def test_what_is_not_there_is_said():
    with pytest.raises(AttributeError, match="module 'sim' has no attribute 'Simulation'"):
        _ = sim.Simulation


@pytest.mark.slow
def test_the_steps_fit_together():
    scenario = sim.load_scenario(ROOT / "scenarios" / "skyen.yaml", ["horizon={days: 1}"])
    log = sim.simulate(scenario, sim.draw(scenario, 1, 0), sim.Engine.SIMPY)
    assert sim.measure(scenario, log).numerator.sum() > 0


def test_importing_it_loads_no_engine():
    code = "import sys, sim; print(sorted(sys.modules.keys() & {'numba', 'simpy', 'pandas'}))"
    ran = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stdout.strip() == "[]"
