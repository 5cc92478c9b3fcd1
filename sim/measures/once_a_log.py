"""What is found in a log, found once for all that ask for it."""

from collections.abc import Callable
from functools import wraps
from typing import TypeVar
from weakref import WeakKeyDictionary

from sim.log import Log
from sim.scenario.model.scenario import Scenario

Result = TypeVar("Result")


def once_a_log(
    function: Callable[[Scenario, Log], Result],
) -> Callable[[Scenario, Log], Result]:
    """Give the same result again for the same log and scenario; nobody may change it.

    The same are the very same objects. With the log goes what was found in it.
    """
    known: WeakKeyDictionary[Log, tuple[Scenario, Result]] = WeakKeyDictionary()

    @wraps(function)
    def of(scenario: Scenario, log: Log) -> Result:
        found = known.get(log)
        if found is None or found[0] is not scenario:
            found = known[log] = scenario, function(scenario, log)
        return found[1]

    return of
