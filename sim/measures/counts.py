"""The change log by the names of its series, and sums of several of them."""

from collections.abc import Iterable

import numpy as np

from sim.log import Changes, Log, series_names
from sim.measures.steps import Floats, Steps, steps_from
from sim.scenario.scenario import Scenario

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

    def total(
        self, plus: Iterable[str], minus: Iterable[str] = (), also: Floats = _NONE
    ) -> Changes:
        """The sum of series of whole numbers, less the sum of others.

        At one instant they change one after the other; only the last value there holds for some
        time.

        Args:
            plus: names of the series that are added.
            minus: names of those that are taken away.
            also: times, in order, at which the sum is wanted although nothing changes.
        """
        times, steps = [also], [np.zeros(len(also))]
        for names, sign in ((plus, 1.0), (minus, -1.0)):
            for name in names:
                found, values = self.of(name)
                times.append(found)
                steps.append(sign * np.diff(values, prepend=0.0))
        together = np.concatenate(times)
        order = np.argsort(together, kind="stable")  # which joins what is in order already
        return together.take(order), np.cumsum(np.concatenate(steps).take(order))
