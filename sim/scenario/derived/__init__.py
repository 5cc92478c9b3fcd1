"""What follows from a scenario alone, before anything is simulated: worked out once for all."""

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from functools import wraps
from typing import Any, TypeVar, cast

from sim.scenario.model.scenario import Scenario

Result = TypeVar("Result")

_KEPT = 64
"""Scenarios whose results are kept: those of a comparison, or of a search among designs, that is
under way."""
_ALIKE = 4
"""Results that are kept for scenarios of which the parts that count are equal."""

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


def once_for(*paths: str) -> Callable[[Callable[[Scenario], Result]], Callable[[Scenario], Result]]:
    """As `once`, and the same result for all scenarios that are alike in the parts at some paths.

    The function sees these parts and nothing else of a scenario, so that what it finds cannot
    depend on more. Worlds, and many designs, differ in little: most have the same rota.

    Args:
        paths: such as `horizon` or `staff.rota`; of `staff.roles.*` the names alone.
    """

    def made(function: Callable[[Scenario], Result]) -> Callable[[Scenario], Result]:
        known: deque[tuple[object, Result]] = deque(maxlen=_ALIKE)

        def found(scenario: Scenario) -> Result:
            parts = tuple(_part(scenario, path) for path in paths)
            for earlier, result in tuple(known):
                if earlier == parts:
                    return result
            result = function(cast("Scenario", _Seen(scenario, paths)))
            known.appendleft((parts, result))
            return result

        return once(wraps(function)(found))

    return made


_NAMES = "*"


def _part(scenario: object, path: str) -> object:
    """What a scenario has at a path, in its order; None where what it is in is missing."""
    part = scenario
    for name in path.split("."):
        if part is not None:
            part = tuple(cast("Iterable[str]", part)) if name == _NAMES else getattr(part, name)
    return tuple(part.items()) if isinstance(part, Mapping) else part


class _Seen:
    """A scenario, or part of one, of which nothing is there but what is at some paths."""

    def __init__(self, whole: object, paths: Iterable[str]) -> None:
        """Take the parts, each as it is or seen in part."""
        within = dict[str, list[str]]()
        for first, _, rest in (path.partition(".") for path in paths):
            within.setdefault(first, []).append(rest)
        for first, rests in within.items():
            part = getattr(whole, first)
            if part is not None and "" not in rests:
                part = tuple(part) if rests == [_NAMES] else _Seen(part, rests)
            setattr(self, first, part)
