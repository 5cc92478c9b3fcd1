"""How observations change with who comes, learnt from replications of their own.

More people than expected make every target harder to meet, whatever the design. What a
replication has too much of them is known (`sim.study.control_known`) and is taken out of its
observations: with a coefficient b, value − b × (what there was − what was expected) has the same
mean and less variance (Lavenberg & Welch 1981, Management Science 27). b is learnt here from
replications that are never judged, so that it is a constant to the test, whose guarantee holds for
any b. One b for all designs is enough: those near the targets' limits are much alike.
"""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from sim.size.lab import Lab
from sim.size.sequential import Floats
from sim.size.space import Design, Space
from sim.size.watched import tolerances_of

FIRST = 1_000_000
"""Number of the first replication of a pilot: no study has as many."""
_LOOK, _LEARN = 5, 30
"""Replications to see whether a design meets the targets, and to learn from."""


def learn(lab: Lab) -> Floats:
    """Coefficients (controls, columns) for a lab, from a design near the targets' limits."""
    pilot = Lab(lab.space, replace(lab.means, first=FIRST))
    design = _near_the_limits(pilot)
    pilot.take([design], _LEARN)
    values, _ = pilot.values(design)
    controls = pilot.record(design).controls
    varying = controls.std(axis=0) > 0
    found = np.zeros((controls.shape[1], values.shape[1]))
    centred = controls[:, varying] - controls[:, varying].mean(axis=0)
    found[varying] = np.linalg.lstsq(centred, values - values.mean(axis=0), rcond=None)[0]
    return found


def _near_the_limits(pilot: Lab) -> Design:
    """The first design, on the way from the least of everything to the most, that looks good."""
    tolerances = tolerances_of(pilot.means.wanted)

    def looks_good(design: Design) -> bool:
        pilot.take([design], _LOOK)
        return bool(np.all(pilot.values(design)[0].mean(axis=0) / tolerances >= 0))

    return _first_on_the_way(pilot.space, looks_good)


def _first_on_the_way(space: Space, is_good: Callable[[Design], bool]) -> Design:
    """By bisection; the highest design if none is good."""
    steps = max(space.shape)
    low, high = -1, steps
    while high - low > 1:
        middle = (low + high) // 2
        if is_good(_on_the_way(space, middle, steps)):
            high = middle
        else:
            low = middle
    return _on_the_way(space, min(high, steps), steps)


def _on_the_way(space: Space, step: int, steps: int) -> Design:
    return tuple(
        round(top * step / steps) if one.ordered else top // 2
        for top, one in zip(space.top, space.parameters, strict=True)
    )
