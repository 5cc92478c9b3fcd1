"""The change log by the names of its series."""

import numpy as np

from sim.log import Changes, Log, series_names
from sim.measures.steps import Steps, steps_from
from sim.scenario.model.scenario import Scenario

_NONE = np.empty(0)


class Counts:
    """The series of a log; each is 0 until its first change."""

    def __init__(self, scenario: Scenario, log: Log) -> None:
        """Take the scenario that was simulated and its log."""
        self._number = {name: index for index, name in enumerate(series_names(scenario))}
        self._changes = log.by_series

    def of(self, name: str) -> Changes:
        """The changes of a series."""
        number = self._number[name]
        return self._changes[number] if number < len(self._changes) else (_NONE, _NONE)

    def steps(self, name: str) -> Steps:
        """A series as steps; slow for long ones."""
        return steps_from(self.of(name))
