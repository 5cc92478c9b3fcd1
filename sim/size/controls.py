"""What the visitors of a replication do beyond what was to be expected of them.

Beside the controls of every study (visits and stays, `sim.study.estimate.control`) overdoses: one
takes several staff from the room, and where a shift has a single nurse the room lets nobody in
meanwhile, so that their number, and the time of day, may move waits and unserved visits more than
how many people come. Whether a visit would have an overdose is drawn with a chance that its kind
and its day give; so what there are more than the sum of these chances has mean 0, however visits
are grouped by who comes and when.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import gammainc, gammaincc

from sim.scenario.hours import DAY, HOUR
from sim.scenario.scenario import Scenario
from sim.size.sequential import Floats
from sim.study.estimate.control import CONTROLS, Expected, expected
from sim.visitors import Visitors

_PARTS = 3
"""Eight hours of the day each, which is about a shift."""
_PART = 24 * HOUR / _PARTS
_SMALL = 1e-12
NAMES = (*CONTROLS, *(f"overdoses.{part}" for part in range(_PARTS)))
"""The controls, in order."""


@dataclass(frozen=True, eq=False)
class Usual:
    """What is to be expected of the visitors of a replication."""

    of_studies: Expected
    risk: Floats
    """(days, kinds): chance that a visit would have an overdose, long enough stay or not."""

    @classmethod
    def of(cls, scenario: Scenario) -> "Usual":
        """Of a scenario's visitors."""
        return cls(expected(scenario), _risk(scenario))

    def beyond(self, visitors: Visitors) -> Floats:
        """What is more than expected, one number for each of NAMES; its mean is 0."""
        return np.concatenate([self.of_studies.deviations(visitors), self._overdoses(visitors)])

    def _overdoses(self, visitors: Visitors) -> Floats:
        counted = np.flatnonzero(visitors.arrival >= self.of_studies.counted_from)
        arrival = visitors.arrival[counted]
        risk = self.risk[(arrival // DAY).astype(np.intp), visitors.kind[counted]]
        part = (arrival % DAY // _PART).astype(np.intp)
        more = np.isfinite(visitors.onset[counted]) - risk
        found: Floats = np.bincount(part, more, minlength=_PARTS).astype(np.float64)
        return found


def _risk(scenario: Scenario) -> Floats:
    """The factor of a period, if any, is gamma with mean 1; a chance above 1 is 1."""
    kinds = [kind.overdose for kind in scenario.visits.values()]
    horizon, overdose = scenario.horizon, scenario.overdose
    if overdose is None:
        return np.zeros((horizon.total_days, len(kinds)))
    days = [horizon.date_of(day) for day in range(horizon.total_days)]
    special = scenario.demand.special_days
    factor = [np.prod([one.overdoses for one in special if one.falls_on(on)]) for on in days]
    risk: Floats = np.outer(factor, [one.per_1000 / 1000 if one else 0.0 for one in kinds])
    if overdose.clustering is None or not overdose.clustering.cv:
        return np.minimum(risk, 1.0)
    shape = 1 / overdose.clustering.cv**2
    most = shape / np.maximum(risk, _SMALL)
    found: Floats = risk * gammainc(shape + 1, most) + gammaincc(shape, most)
    return found
