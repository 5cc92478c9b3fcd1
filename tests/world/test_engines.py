"""The fast engine gives the very log of the SimPy model: every column, to the last bit.

Tried on every example, every validation case, every trace (whose tests are repeated here, with
both engines behind them) and random scenarios; `python -m tests.engines_many 1000` tries more.
"""

import importlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from pydantic import BaseModel

from sim.city import mirror
from sim.city.loop import ATTEMPTS_FULL, DRAWN_OUT, VISITS_FULL
from sim.fast.engine import LOG_FULL, RING_FULL
from sim.fast.memory import layout
from sim.scenario import load_scenario
from sim.scenario.city.system import System, is_system, system_of
from sim.scenario.model.demand import SHAPES, UNKNOWN
from sim.scenario.model.scenario import Horizon, Scenario
from sim.visitors import draw
from sim.visitors.needs import draw_needs
from tests import ROOT
from tests.support import city_played, played
from tests.support.cities import Wishes, always, system_of_sites
from tests.support.engines import assert_engines_agree, assert_systems_agree, difference
from tests.support.played import play
from tests.support.random_cities import tried_on_systems
from tests.support.random_sites import scenarios, tried_on

EXAMPLES = sorted((ROOT / "scenarios").glob("*.yaml"))
CASES = sorted((ROOT / "sim/validation/exact/scenarios").glob("*.yaml"))
TRACES = sorted(path.stem for path in (ROOT / "tests/world/traces").glob("test_*.py"))

for trace in TRACES:
    module = importlib.import_module(f"tests.world.traces.{trace}")
    for name, one in list(vars(module).items()):
        if name.startswith("test_"):
            globals()[f"{name}_on_both_engines_{trace}"] = one


@pytest.fixture(autouse=True)
def _both_engines(monkeypatch: pytest.MonkeyPatch) -> None:
    """The traces play on both engines."""
    monkeypatch.setattr(played, "simulate", assert_engines_agree)
    monkeypatch.setattr(city_played, "simulate", assert_systems_agree)


def shortened(path: Path, days: int) -> Scenario:
    scenario = load_scenario(path)
    if scenario.horizon.total_days <= days:
        return scenario
    horizon = Horizon(start=scenario.horizon.start, days=days)
    return scenario.model_copy(update={"horizon": horizon})


def test_engines_agree_on_a_day_of_an_example():
    scenario = shortened(ROOT / "scenarios/copenhagen-2013-one-house.yaml", days=1)
    assert_engines_agree(scenario, draw(scenario, seed=3, replication=0))


@pytest.mark.slow
@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
@pytest.mark.parametrize("replication", [0, 1])
def test_engines_agree_on_a_week_of_every_example(path: Path, replication: int):
    assert_agree(shortened(path, days=7), replication)


def assert_agree(scenario: Scenario, replication: int) -> None:
    """The engines agree, on a site or on a city."""
    if is_system(scenario):
        system = system_of(scenario)
        assert_systems_agree(system, draw_needs(system, 3, replication))
    else:
        assert_engines_agree(scenario, draw(scenario, seed=3, replication=replication))


@pytest.mark.slow
@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_engines_agree_on_every_validation_case(path: Path):
    assert_agree(shortened(path, days=2), 0)


@tried_on(20)
def test_engines_agree_on_a_few_random_scenarios(scenario: Scenario):
    assert_engines_agree(scenario, draw(scenario, seed=7, replication=0))


@pytest.mark.slow
@tried_on(150)
def test_engines_agree_on_random_scenarios(scenario: Scenario):
    assert_engines_agree(scenario, draw(scenario, seed=7, replication=0))


@tried_on_systems(5)
def test_engines_agree_on_a_few_random_systems(system: System):
    assert_systems_agree(system, draw_needs(system, 7, 0))


@pytest.mark.slow
@tried_on_systems(60)
def test_engines_agree_on_random_systems(system: System):
    assert_systems_agree(system, draw_needs(system, 8, 0))


# --- what the random scenarios say ---------------------------------------------------------------

NOTHING_HAPPENS = {
    "Scenario": {
        "title": "a text",
        "description": "a text",
        "costs": "money changes nothing that happens",
        "targets": "what the results must be changes nothing that happens",
        "rota_rules": "what a rota must be like changes nothing that happens",
        "design": "what may be varied is varied by `size`, in scenarios of their own",
        "uncertainty": "what nobody knows is drawn into worlds, scenarios of their own",
    },
    "VisitKind": dict.fromkeys(("returns", "attempts"), "random systems have people come back"),
    "Fixed": {"distribution": "it has one value, which is also the default"},
    "Staff": {"unsocial": "money", "currency": "money"},
    "Role": {
        "cost_per_hour": "money",
        "contract_hours": "posts are counted by it, and nothing else",
        "headroom": "posts are counted by it, and nothing else",
    },
    "Shift": {"name": "a text"},
    "Holidays": dict.fromkeys(
        ("country", "region", "categories", "also", "without"),
        "they become `days` when a scenario is read, before anything happens",
    ),
}
"""Keys that no random scenario need say, and why."""


class Said:
    """Which keys random scenarios say, otherwise than by default, and with what.

    Hypothesis does not draw evenly: a word may be missing in hundreds of scenarios from one seed,
    and be in every tenth from the next. So more are drawn while something is missing.
    """

    EACH, MOST = 200, 20

    def __init__(self) -> None:
        self.keys: Counter[tuple[str, str]] = Counter()
        self.words: defaultdict[tuple[str, str], set[Any]] = defaultdict(set)
        self.every: list[Scenario] = []
        self.seeds = 0

    def missing_from(self, missing: Callable[["Said"], list[str]]) -> list[str]:
        """What is still missing when as many have been drawn as are needed, or at most are."""
        while (found := missing(self)) and self.seeds < self.MOST:
            self.draw()
        return found

    def draw(self) -> None:
        """Draw some more, from the next seed."""

        @seed(self.seeds)
        @settings(
            max_examples=self.EACH,
            deadline=None,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(scenarios())
        def look(scenario: Scenario) -> None:
            self.look(scenario)
            self.every.append(scenario)

        look()
        self.seeds += 1

    def look(self, part: Any) -> None:
        if isinstance(part, dict):
            part = tuple(part.values())
        if isinstance(part, tuple):
            for one in part:
                self.look(one)
        elif isinstance(part, BaseModel):
            for name, field in type(part).model_fields.items():
                value, at = getattr(part, name), (type(part).__name__, name)
                default = field.get_default(call_default_factory=True)
                self.keys[at] += field.is_required() or value != default
                if isinstance(value, str | bool):
                    self.words[at].add(value)
                self.look(value)


def models_of(kind: Any) -> Iterator[type[BaseModel]]:
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        yield kind
    for part in get_args(kind):
        yield from models_of(part)


def reachable(model: type[BaseModel], found: list[type[BaseModel]]) -> list[type[BaseModel]]:
    """The parts of a scenario that say what happens."""
    if model not in found:
        found.append(model)
        for name, field in model.model_fields.items():
            if name not in NOTHING_HAPPENS.get(model.__name__, {}):
                for part in models_of(field.annotation):
                    reachable(part, found)
    return found


def choices(kind: Any) -> set[Any]:
    """The words that a key may have, or true and false."""
    if get_origin(kind) is Literal:
        return set(get_args(kind))
    if kind is bool:
        return {True, False}
    parts = get_args(kind) if get_origin(kind) in {Union, UnionType, Annotated} else ()
    return {word for part in parts for word in choices(part)}


@pytest.fixture(scope="module")
def said() -> Said:
    return Said()


def unsaid_keys(said: Said) -> list[str]:
    return [
        f"{model.__name__}.{name}"
        for model in reachable(Scenario, [])
        for name in model.model_fields
        if name not in NOTHING_HAPPENS.get(model.__name__, {})
        if not said.keys[model.__name__, name]
    ]


def unsaid_words(said: Said) -> list[str]:
    found = []
    for model in reachable(Scenario, []):
        for name, field in model.model_fields.items():
            if name not in NOTHING_HAPPENS.get(model.__name__, {}):
                words = said.words[model.__name__, name]
                shapes = set(SHAPES) if (model.__name__, name) == ("Demand", "profile") else set()
                # What is unknown is found before anything is played.
                missing = choices(field.annotation) - words - shapes - {UNKNOWN}
                found += [f"{model.__name__}.{name}: {word}" for word in missing]
    return found


def without_several(said: Said) -> list[str]:
    """Where one is special, and no site has more."""
    sites = [site for site in said.every if site.staff is not None]
    lines = [line for site in sites if site.staff for line in site.staff.rota]
    responses = [site.overdose for site in sites if site.overdose is not None]
    severities = [one for response in responses for one in response.severities.values()]
    rules = [rule for site in sites for rule in site.supervision]
    has = {
        "weeks of a line": any(line.weeks and max(line.weeks) > 1 for line in lines),
        "breaks of a line": any(len(line.breaks) > 2 for line in lines),
        "a team": any(len(one.team) > 3 for one in severities),
        "observers": any(one.observers > 1 for one in severities),
        "supervisors": any(number > 1 for rule in rules for number in rule.at_least.values()),
        "cycles within the horizon": any(
            site.staff and site.staff.cycle_weeks > 1 and site.horizon.total_days > 7
            for site in sites
        ),
        "weeks of warm-up": any(site.horizon.warmup_weeks for site in sites),
    }
    return [what for what, found in has.items() if not found]


@pytest.mark.slow
def test_random_scenarios_say_every_key_that_changes_what_happens(said):
    assert said.missing_from(unsaid_keys) == []
    needless = [
        f"{model.__name__}.{name}"
        for model in reachable(Scenario, [])
        for name in NOTHING_HAPPENS.get(model.__name__, {})
        if said.keys[model.__name__, name]
    ]
    assert needless == []


@pytest.mark.slow
def test_random_scenarios_say_every_word_that_a_key_may_have(said):
    assert said.missing_from(unsaid_words) == []


@pytest.mark.slow
def test_random_scenarios_say_more_than_one_where_one_is_special(said):
    assert said.missing_from(without_several) == []


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
        "staff.stay_until_empty=false",
        "visits.use.services={talk: 1}",
        "visits.use.patience=5000",
        arrivals=[0, 15, 20],
    )
    assert played.log.end > 1440


@pytest.mark.slow
def test_tables_grow_with_need(monkeypatch: pytest.MonkeyPatch):
    scenario = shortened(ROOT / "scenarios/h17.yaml", days=2)
    visitors = draw(scenario, seed=3, replication=0)
    simulate = importlib.import_module("sim.fast.simulate")
    monkeypatch.setattr(simulate, "EVENTS", 2)
    monkeypatch.setattr(layout, "_CHANGES_PER_VISIT", 0)
    assert_engines_agree(scenario, visitors)


@pytest.mark.slow
def test_tables_of_a_system_grow_with_need(monkeypatch: pytest.MonkeyPatch):
    site = """
opening: {hours: 24/7}
rooms: {booths: {places: 2, cleaning: {duration: 5}}}
visits: {use: {rooms: [booths], stay: {distribution: exponential, mean: 60}, patience: 400}}
"""
    wishes = Wishes(diverts=always(), returns=1.0, attempts=None, walk=3.0)
    system = system_of_sites(
        {"a": site, "b": site}, wishes, demand="{visits_per_day: 1500, profile: flat}"
    )
    needs = draw_needs(system, 1, 0)
    room = {"make_room": mirror._City.make_room}
    lacked: set[int] = set()

    def make_room(city: mirror._City, state: int) -> None:
        lacked.add(state)
        room["make_room"](city, state)

    monkeypatch.setattr(mirror._City, "make_room", make_room)
    for name, module, value in (
        ("EVENTS", mirror, 2),
        ("_SPARE", mirror, 0.0),
        ("_ATTEMPTS", mirror, 0.0),
        ("_CHANGES_PER_VISIT", layout, 0),
    ):
        monkeypatch.setattr(module, name, value)
    log = assert_systems_agree(system, needs)
    assert log.needs["attempts"].max() > 3
    assert lacked == {LOG_FULL, RING_FULL, VISITS_FULL, ATTEMPTS_FULL, DRAWN_OUT}


def test_no_machine_is_too_slow_for_random_examples():
    assert settings.default is not None
    assert settings.default.deadline is None
    assert HealthCheck.too_slow in settings.default.suppress_health_check
