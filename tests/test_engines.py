"""The fast engine gives the very log of the SimPy model: every column, to the last bit.

Tried on every example, every validation case, every trace (whose tests are repeated here, with
both engines behind them) and random scenarios; `python -m tests.engines_many 1000` tries more.
"""

import importlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings

from sim.scenario import load_scenario
from sim.scenario.scenario import Horizon, Scenario
from sim.visitors import draw
from tests import helpers
from tests.engines_compare import assert_engines_agree, difference
from tests.helpers import play, scenarios

ROOT = Path(__file__).parents[1]
EXAMPLES = sorted((ROOT / "scenarios").glob("*.yaml"))
CASES = sorted((ROOT / "validation").glob("*.yaml"))
TRACES = sorted(path.stem for path in (ROOT / "tests" / "traces").glob("test_*.py"))

for trace in TRACES:
    module = importlib.import_module(f"tests.traces.{trace}")
    for name, test in list(vars(module).items()):
        if name.startswith("test_"):
            globals()[f"{name}_on_both_engines_{trace}"] = test


@pytest.fixture(autouse=True)
def _both_engines(monkeypatch: pytest.MonkeyPatch) -> None:
    """The traces play on both engines."""
    monkeypatch.setattr(helpers, "simulate", assert_engines_agree)


def shortened(path: Path, days: int) -> Scenario:
    scenario = load_scenario(path)
    if scenario.horizon.total_days <= days:
        return scenario
    horizon = Horizon(start=scenario.horizon.start, days=days)
    return scenario.model_copy(update={"horizon": horizon})


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
@pytest.mark.parametrize("replication", [0, 1])
def test_engines_agree_on_a_week_of_every_example(path: Path, replication: int):
    scenario = shortened(path, days=7)
    assert_engines_agree(scenario, draw(scenario, seed=3, replication=replication))


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_engines_agree_on_every_validation_case(path: Path):
    scenario = shortened(path, days=2)
    assert_engines_agree(scenario, draw(scenario, seed=3, replication=0))


@settings(
    max_examples=150,
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(scenarios())
def test_engines_agree_on_random_scenarios(scenario: Scenario):
    assert_engines_agree(scenario, draw(scenario, seed=7, replication=0))


SITE = """
opening: {hours: 00:00-02:00}
visits: {use: {rooms: [booths], stay: 20}}
rooms: {booths: {places: 1, cleaning: {duration: 5, roles: [nurse]}}}
staff: {roles: {nurse: {}}, rota: [{role: nurse, from: 00:00, to: 04:00}]}
"""


def test_a_difference_names_the_first_row_and_event():
    played = play(SITE, arrivals=[0, 1, 2])
    log, out, value = (
        played.log,
        played.log.visits["out"].copy(),
        played.log.changes["value"].copy(),
    )
    assert difference(played.scenario, log, log) == ""
    out[1], value[3] = 41, 7
    visits, changes = {**log.visits, "out": out}, {**log.changes, "value": value}
    told = difference(played.scenario, log, replace(log, visits=visits, changes=changes, end=1))
    assert "changes: row 3 of" in told
    assert "becomes 7" in told
    assert "visits: row 1: out 45.0, 41.0" in told
    assert "end: 1440.0, 1" in told


def test_visits_after_the_end_have_not_come():
    scenario = play(SITE, arrivals=[0, 10]).scenario
    visitors = draw(scenario, seed=1, replication=0)
    visitors = replace(visitors, arrival=np.array([0.0, 1e6]))
    assert_engines_agree(scenario, visitors)


def test_who_waits_in_vain_waits_until_nothing_is_planned_any_more():
    text = SITE + "services: {talk: {duration: 9, roles: [nurse]}}\n"
    played = play(
        text,
        "opening.queue_at_close=serve",
        "staff.rota.0.to=00:30",
        "visits.use.services={talk: 1}",
        "visits.use.patience=5000",
        arrivals=[0, 15, 20],
    )
    assert played.log.end > 1440


def test_tables_grow_with_need(monkeypatch: pytest.MonkeyPatch):
    scenario = shortened(EXAMPLES[0], days=2)
    visitors = draw(scenario, seed=3, replication=0)
    simulate, world = (
        importlib.import_module(f"sim.fast.{name}") for name in ("simulate", "world")
    )
    monkeypatch.setattr(simulate, "_EVENTS", 2)
    monkeypatch.setattr(world, "_CHANGES_PER_VISIT", 0)
    assert_engines_agree(scenario, visitors)


def test_no_machine_is_too_slow_for_random_examples():
    assert settings.default is not None
    assert settings.default.deadline is None
    assert HealthCheck.too_slow in settings.default.suppress_health_check
