"""What follows from a scenario alone, before anything is simulated: worked out once for all."""

from collections import deque
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from sim.scenario.model.scenario import Scenario

Result = TypeVar("Result")

_KEPT = 64
"""Scenarios whose results are kept: those of a comparison, or of a search among designs, that is
under way."""

_TABLES: list[deque[tuple[Scenario, Any]]] = []
"""What is kept, a table for each function that `once` is put before."""


def once(function: Callable[[Scenario], Result]) -> Callable[[Scenario], Result]:
    """Give the same result again for the same scenario; nobody may change it.

    The same is the very same object: a scenario cannot be changed, nor hashed.
    """
    known: deque[tuple[Scenario, Result]] = deque(maxlen=_KEPT)
    _TABLES.append(known)

    @wraps(function)
    def of(scenario: Scenario) -> Result:
        for earlier, result in tuple(known):
            if earlier is scenario:
                return result
        result = function(scenario)
        known.append((scenario, result))
        return result

    return of


def forget(scenario: Scenario) -> None:
    """Let go of all that was worked out of a scenario that is no longer wanted.

    It is some three megabytes: what runs for days and has scenario after scenario says so.
    """
    for known in _TABLES:
        others = [one for one in tuple(known) if one[0] is not scenario]
        if len(others) < len(known):
            # What another thread adds just now may be lost: it is worked out again.
            known.clear()
            known.extend(others)
