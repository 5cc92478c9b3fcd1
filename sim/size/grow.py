"""A build-up plan: what to add when, as demand grows."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sim.size.lab import Lab
from sim.size.search import Rules
from sim.size.sizing import choose
from sim.size.space import Design


@dataclass(frozen=True)
class Stage:
    """The cheapest design at some growth of demand that keeps what was built before."""

    factor: float
    """On the scenario's demand."""
    design: Design | None
    """None if none meets the targets: from here on the bounds of the design block are too small."""
    cost: float
    replications: int


def build_up(lab: Lab, factors: Sequence[float], rules: Rules) -> tuple[Stage, ...]:
    """The cheapest design for each growth of demand, none with less of anything than before.

    Args:
        lab: of today's demand, which must not be a list of visits.
        factors: on demand, increasing.
        rules: how sure to be, at each stage.
    """
    space, stages = lab.space, list[Stage]()
    before: Design | None = None
    today = space.original.loaded.scenario.demand.factor
    for factor in factors:
        grown = lab
        if factor != 1:
            also = {"demand.factor": today * factor}
            grown = lab.elsewhere(space.with_values(also))
        found, _ = choose(grown, replace(rules, answers=1, at_least=before))
        if not found.met:
            stages.append(Stage(factor, None, float("nan"), found.replications))
            break
        before = found.met[0]
        cost = float(space.cost[before])
        stages.append(Stage(factor, before, cost, grown.record(before).count))
    return tuple(stages)
