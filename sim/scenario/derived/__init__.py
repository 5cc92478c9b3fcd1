"""What follows from a scenario alone, before anything is simulated: worked out once for all."""

from collections import deque
from collections.abc import Callable
from functools import wraps
from typing import TypeVar

from sim.scenario.model.scenario import Scenario

Result = TypeVar("Result")

_KEPT = 64
"""Scenarios whose results are kept: those of a comparison, or of a search among designs, that is
under way."""


def once(function: Callable[[Scenario], Result]) -> Callable[[Scenario], Result]:
    """Give the same result again for the same scenario; nobody may change it.

    The same is the very same object: a scenario cannot be changed, nor hashed.
    """
    known: deque[tuple[Scenario, Result]] = deque(maxlen=_KEPT)

    @wraps(function)
    def of(scenario: Scenario) -> Result:
        for earlier, result in tuple(known):
            if earlier is scenario:
                return result
        result = function(scenario)
        known.append((scenario, result))
        return result

    return of
