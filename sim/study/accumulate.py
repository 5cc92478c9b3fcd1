"""Adding up replications in memory that does not grow with the visits in them."""

from collections.abc import Sequence

import numpy as np

from sim.measures import Histogram, Row, Tally, count_rows, hour_rows, metric_rows, sample_rows
from sim.measures.histogram import EMPTY, merge
from sim.measures.steps import HOURS
from sim.scenario.model.scenario import Scenario
from sim.study.intervals import Floats
from sim.study.precision import Precision
from sim.study.result import Pooled, StudyResult, estimates, study_result

BATCHES = 32
"""Most groups of replications for which waits and hours are kept apart. A study of more
replications puts them together, number modulo 32: an interval from 32 groups (31 degrees of
freedom) is 4 % wider than one from ever so many."""


class Accumulator:
    """Takes replications one by one, in order; gives the study's result at any time.

    Of each replication two numbers a row are kept. Hours of the week and waits, which take
    most room, are kept by batches.
    """

    def __init__(self, scenario: Scenario) -> None:
        """Begin a study without replications."""
        self._rows = metric_rows(scenario)
        self._hour_rows = hour_rows(scenario)
        self._sample_rows = sample_rows(scenario)
        self._count_rows = count_rows(scenario)
        self._numerators: list[Floats] = []
        self._denominators: list[Floats] = []
        self._controls: list[Floats] = []
        self._hours = np.zeros((2, BATCHES, len(self._hour_rows), HOURS))
        self._waits: list[list[Histogram]] = [[EMPTY] * BATCHES for _ in self._sample_rows]
        self._counts: list[list[Histogram]] = [[EMPTY] * BATCHES for _ in self._count_rows]

    @property
    def rows(self) -> tuple[Row, ...]:
        """The summary's rows."""
        return self._rows

    @property
    def count(self) -> int:
        """Replications so far."""
        return len(self._numerators)

    def add(self, tally: Tally, controls: Floats | None = None) -> None:
        """Add the next replication.

        Args:
            tally: its figures.
            controls: what its visitors did beyond what was expected; of all replications or none.
        """
        batch = len(self._numerators) % BATCHES
        self._numerators.append(tally.numerator)
        self._denominators.append(tally.denominator)
        self._controls.append(np.empty(0) if controls is None else controls)
        self._hours[0, batch] += tally.hour_numerator
        self._hours[1, batch] += tally.hour_denominator
        for kept, histogram in zip(self._waits, tally.histograms, strict=True):
            kept[batch] = merge((kept[batch], histogram))
        for kept, histogram in zip(self._counts, tally.counts, strict=True):
            kept[batch] = merge((kept[batch], histogram))

    def estimates(self, numbers: Sequence[int]) -> Floats:
        """Value, lower and upper bound of some of the summary's rows so far: (3, rows)."""
        return estimates(self._rows, self.pooled(), numbers)

    def result(self, seed: int, precision: Precision | None = None) -> StudyResult:
        """What the replications so far say.

        Args:
            seed: the study's.
            precision: how it ended, if it went on until its figures were precise.
        """
        return study_result(seed, self._rows, self._hour_rows, self.pooled(), precision)

    def pooled(self) -> Pooled:
        """All replications so far."""
        batches = min(len(self._numerators), BATCHES)
        return Pooled(
            numerators=np.array(self._numerators),
            denominators=np.array(self._denominators),
            hour_numerators=self._hours[0, :batches],
            hour_denominators=self._hours[1, :batches],
            samples={
                row: tuple(kept[:batches])
                for row, kept in zip(self._sample_rows, self._waits, strict=True)
            },
            counts={
                row: tuple(kept[:batches])
                for row, kept in zip(self._count_rows, self._counts, strict=True)
            },
            controls=np.array(self._controls),
        )
