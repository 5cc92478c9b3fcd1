"""How observations change with who comes, learnt from replications of their own.

More people than expected make every target harder to meet, whatever the design. What a
replication has too much of them is known (`sim.size.controls`) and is taken out of its
observations: with a coefficient b, value − b × (what there was − what was expected) has the same
mean and less variance (Lavenberg & Welch 1981, Management Science 27). b is learnt here from
replications that are never judged, so that it is a constant to the test, whose guarantee holds for
any b. One b for all designs is enough: those near the targets' limits are much alike.
"""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from sim.size.lab import Lab
from sim.size.sequential import Floats
from sim.size.space import Design, Space
from sim.size.watched import tolerances_of

FIRST = 1_000_000
"""Number of the first replication of a pilot: no study has as many."""
_ALONE = 0.35
"""Share of a control's variance that one of the pilot's replications may have at most."""
_LOOK, _LEARN = 5, 40
"""Replications to see whether a design meets the targets, and to learn from."""


def learn(lab: Lab) -> None:
    """Give a lab its coefficients, and a design near the targets' limits.

    Args:
        lab: whose designs; what the pilot plays is not counted as played by it.
    """
    pilot = Lab(lab.space, replace(lab.means, first=FIRST))
    design = _near_the_limits(pilot)
    pilot.take([design], _LEARN)
    values, _ = pilot.values(design)
    controls = pilot.record(design).controls
    varying = _told_by_many(controls)
    found = np.zeros((controls.shape[1], values.shape[1]))
    centred = controls[:, varying] - controls[:, varying].mean(axis=0)
    found[varying] = np.linalg.lstsq(centred, values - values.mean(axis=0), rcond=None)[0]
    lab.coefficients, lab.near = found, design


def _told_by_many(controls: Floats) -> NDArray[np.bool_]:
    """Controls that vary, and not in one or two replications alone.

    What follows from a single visit, or a single overdose, in all of the pilot says nothing of what
    others do; and in the replications that are judged it may be long in coming.
    """
    beyond = (controls - controls.mean(axis=0)) ** 2
    total = beyond.sum(axis=0)
    found: NDArray[np.bool_] = (total > 0) & (beyond.max(axis=0) < _ALONE * total)
    return found


def _near_the_limits(pilot: Lab) -> Design:
    """From the most of everything, the least of each that looks good, of the dearest first.

    Chance acts otherwise where two nurses are on shift than where there is one, so that it is
    learnt where the answer is likely to be.
    """
    tolerances, cost = tolerances_of(pilot.means.wanted), pilot.space.cost

    def looks_good(design: Design) -> bool:
        pilot.take([design], _LOOK)
        return bool(np.all(pilot.values(design)[0].mean(axis=0) / tolerances >= 0))

    design = highest(pilot.space)
    if not looks_good(design):
        return design
    least = [_with(design, axis, 0) for axis in range(len(design))]
    for axis in sorted(range(len(design)), key=lambda axis: cost[least[axis]]):
        if pilot.space.parameters[axis].ordered:
            design = _least_good(design, axis, looks_good)
    return design


def highest(space: Space) -> Design:
    """The most of everything, and of what is not known to be better what is in the middle."""
    return tuple(
        top if one.ordered else top // 2
        for top, one in zip(space.top, space.parameters, strict=True)
    )


def _least_good(design: Design, axis: int, is_good: Callable[[Design], bool]) -> Design:
    """The least of one parameter that is good, by bisection; its highest is not asked."""
    low, high = -1, design[axis]
    while high - low > 1:
        middle = (low + high) // 2
        if is_good(_with(design, axis, middle)):
            high = middle
        else:
            low = middle
    return _with(design, axis, high)


def _with(design: Design, axis: int, level: int) -> Design:
    return (*design[:axis], level, *design[axis + 1 :])
