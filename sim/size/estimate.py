"""The decision repeated under other circumstances, by estimates: a few replications of each design.

Many searches as sure as the first would take an hour, and would mostly tell how chance picks among
designs that are within the tolerances of each other. So what is asked is whether the chosen design
is still one of those that may be chosen: it misses no target by the tolerance or more, and no
cheaper design meets all of them by the tolerance. Only if not is it asked which design is the
cheapest then.

What a design does there is estimated by what it did before, in all its replications, and by how
much the first few of them change: they have the same people, so that a change is seen with much
less chance in it than the figure itself. There is no guarantee, as for the first search.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf

import numpy as np

from sim.size.boxes import Box, Test
from sim.size.directions import Signs
from sim.size.lab import Lab
from sim.size.search import GLANCE, Rules, Screens, Search
from sim.size.sequential import Floats
from sim.size.space import Design
from sim.size.watched import tolerances_of

NOTHING = Screens()
"""Nothing is known of any design."""


@dataclass(eq=False, kw_only=True)
class Estimating(Search):
    """A search by estimates; `run` does it."""

    before: Lab
    """What was played before."""
    by: float
    """Tolerances by which each target must be met."""

    def margins(self, design: Design) -> Floats:
        """By how many tolerances each target is met."""
        for lab in (self.before, self.lab):
            lab.take([design], GLANCE)
        there, before = self.lab.values(design)[0], self.before.values(design)[0]
        count = min(len(there), len(before))
        change = there[:count].mean(axis=0) - before[:count].mean(axis=0)
        found: Floats = (before.mean(axis=0) + change) / tolerances_of(self.lab.means.wanted)
        return found

    def _judged(self, tests: Sequence[Test]) -> dict[Test, tuple[int, ...]]:
        designs = sorted({one.design for one in tests})
        for lab in (self.before, self.lab):
            lab.take(designs, GLANCE)
        found = {}
        for one in tests:
            columns = np.array(self.counts, dtype=np.intp)[list(one.columns)]
            missed = self.margins(one.design)[columns] < self.by
            found[one] = tuple(columns[missed].tolist())
        return found

    def _decide(self, box: Box) -> None:
        self._met.append(box.high)


def choose_again(
    before: Lab,
    there: Lab,
    chosen: Design,
    wanted: tuple[int, ...] | None = None,
    known: Screens = NOTHING,
    signs: Signs | None = None,
) -> Design | None:
    """The chosen design if it may be chosen there too; else the cheapest, or None.

    Args:
        before: in which it was chosen.
        there: the same designs under other circumstances, of the same seed.
        chosen: the design.
        wanted: numbers of the targets that count; all without it.
        known: what is known of designs without playing them.
        signs: see `Search`.
    """

    def search(by: float, below: float) -> Estimating:
        rules = Rules(answers=1, below=below, wanted=wanted, alone=0, again=0)
        return Estimating(there, rules, known, signs, before=before, by=by)

    cheaper = search(by=1, below=float(there.space.cost[chosen]))
    margins = cheaper.margins(chosen)[list(cheaper.counts)]
    if margins.min(initial=inf) > -1 and not cheaper.run().met:
        return chosen
    found = search(by=0, below=inf).run().met
    return found[0] if found else None
