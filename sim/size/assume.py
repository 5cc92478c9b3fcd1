"""Does the choice hang on an assumption? The decision again at both ends of each range."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from sim.scenario.load import read_scenario
from sim.scenario.redesign import Original
from sim.size.directions import directions
from sim.size.estimate import choose_again
from sim.size.lab import Lab
from sim.size.screen import screens
from sim.size.search import GLANCE
from sim.size.space import Design, read_space
from sim.study.explore.tornado import End

_OF_THE_DESIGN = ("design", "costs")
REPLICATIONS = GLANCE
"""Of each design, beside those of the first search."""


@dataclass(frozen=True)
class Again:
    """The decision with one assumption at an end of its range."""

    end: End
    design: Design | None
    """The cheapest there; None if none meets the targets."""
    cost: float
    stays: bool
    """Whether it is the design chosen with the assumption as it is."""


def decide_again(
    lab: Lab,
    chosen: Design,
    ends: Sequence[End],
    source: tuple[Path, Sequence[str], str | None],
    wanted: tuple[int, ...] | None = None,
) -> Iterator[Again]:
    """The decision at each end, one after the other.

    Args:
        lab: of the scenario as it is, in which its design was chosen.
        chosen: its design.
        ends: of the assumptions' ranges; those of what the design itself sets are left out.
        source: the scenario's file, and the settings and the variant with which it was read.
        wanted: numbers of the targets that count; all without it.
    """
    path, sets, variant = source
    designed = {path for one in lab.space.parameters for path in one.paths}
    for end in ends:
        if end.assumed.key in designed:
            continue
        there = read_space(Original(read_scenario(path, (*sets, *end.settings), variant)))
        if end.assumed.path[0] in _OF_THE_DESIGN:
            other = lab.recosted(there)  # another cost simulates nothing anew
        else:
            other = lab.elsewhere(there)
        signs = directions(there.parameters, lab.means.wanted)
        design = choose_again(lab, other, chosen, wanted, screens(other), signs)
        cost = float("nan") if design is None else float(there.cost[design])
        yield Again(end, design, cost, stays=design == chosen)
