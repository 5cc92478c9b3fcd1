"""What follows from a scenario alone is worked out once."""

import pickle
from collections.abc import Iterator
from importlib import import_module
from pkgutil import walk_packages
from types import FunctionType
from typing import Any

import numpy as np
import pytest

import sim
from sim.scenario.derived import _KEPT, once, once_for
from sim.scenario.model.scenario import Scenario
from tests.support.handmade_logs import make_scenario
from tests.support.random_sites import tried_on


def test_a_scenario_is_asked_once_and_another_for_itself():
    asked = []

    @once
    def places(scenario: Scenario) -> int:
        asked.append(scenario)
        return scenario.rooms["booths"].places

    small, large = make_scenario(), make_scenario(rooms={"booths": {"places": 7}})
    assert [places(small), places(large), places(small), places(large)] == [2, 7, 2, 7]
    assert len(asked) == 2
    changed = small.model_copy(update={"rooms": large.rooms})
    assert places(changed) == 7


def test_few_are_remembered():
    asked = []
    ask = once(lambda scenario: asked.append(scenario.name))
    sites = [make_scenario(name=f"site-{number}") for number in range(_KEPT + 5)]
    for site in [*sites, sites[-1], sites[0]]:
        ask(site)
    assert asked == [*(site.name for site in sites), "site-0"]


# --- what follows from some parts only -----------------------------------------------------------


def test_scenarios_that_are_alike_in_the_parts_have_one_result():
    asked = []

    @once_for("horizon", "rooms.*")
    def rooms(scenario: Scenario) -> list[str]:
        asked.append(scenario)
        return [*scenario.rooms, str(scenario.horizon.total_days)]

    small, large = make_scenario(), make_scenario(rooms={"booths": {"places": 7}})
    assert rooms(small) is rooms(large)
    other = make_scenario(rooms={"booths": {"places": 2}, "couches": {"places": 1}})
    back = other.model_copy(update={"rooms": dict(reversed(other.rooms.items()))})
    days = str(small.horizon.total_days)
    assert rooms(other) == ["booths", "couches", days]
    assert rooms(back) == ["couches", "booths", days]
    longer = small.model_copy(update={"horizon": small.horizon.model_copy(update={"weeks": 9})})
    assert rooms(longer)[-1] == "63"
    assert len(asked) == 4


def test_no_other_part_is_seen():
    @once_for("staff.rota", "horizon")
    def places(scenario: Scenario) -> int:
        return scenario.rooms["booths"].places

    with pytest.raises(AttributeError, match="rooms"):
        places(make_scenario())

    @once_for("opening.hours")
    def last_entry(scenario: Scenario) -> float:
        return scenario.opening.last_entry

    with pytest.raises(AttributeError, match="last_entry"):
        last_entry(make_scenario())


def _by_parts() -> Iterator[tuple[Any, Any]]:
    """All functions of the program that see some parts of a scenario only, and as written."""
    for one in walk_packages(sim.__path__, "sim."):
        if one.name.startswith(("sim.scenario.derived.", "sim.visitors.", "sim.rules.")):
            for made in vars(import_module(one.name)).values():
                by_parts: Any = getattr(made, "__wrapped__", None)
                if isinstance(made, FunctionType) and hasattr(by_parts, "__wrapped__"):
                    yield made, by_parts.__wrapped__


def _bytes(found: Any) -> bytes:
    """What was found, to the last bit."""
    if isinstance(found, np.ndarray):
        return found.tobytes()
    if isinstance(found, tuple) and any(isinstance(one, np.ndarray) for one in found):
        return b"".join(map(_bytes, found))
    return (
        pickle.dumps(found) if not hasattr(found, "shifts") else _bytes(tuple(vars(found).values()))
    )


_SHARED = dict(_by_parts())


def test_the_parts_that_worlds_share_are_known():
    names = {made.__name__ for made in _SHARED}
    assert {"people_on_shift", "roster", "site_spans", "working_days"} <= names


@tried_on(15)
def test_what_is_shared_is_what_the_whole_scenario_gives(scenario: Scenario) -> None:
    """One after the other, random sites find nothing of those before that is not their own."""
    for made, written in _SHARED.items():
        missing = {"_laid": scenario.demand.shape, "_shifts": scenario.staff}
        if missing.get(made.__name__, True) is not None:
            assert _bytes(made(scenario)) == _bytes(written(scenario))
