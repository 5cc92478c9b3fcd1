"""Worlds: all that is not known drawn at once, many times, and what the answers then are."""

from sim.study.worlds.calibrate import Calibration, Published, calibrate, weighted_quantiles
from sim.study.worlds.choice import (
    Advice,
    best_in,
    opportunity_losses,
    outcomes,
    perfect_knowledge,
    value_of_knowing,
    worth_knowing,
)
from sim.study.worlds.shares import Basis, Shares, shares
from sim.study.worlds.variance import (
    Components,
    components,
    fan,
    margin_within,
    mean_of_worlds,
    share_of_worlds,
    shrunk,
    target_met,
)

__all__ = [
    "Advice",
    "Basis",
    "Calibration",
    "Components",
    "Published",
    "Shares",
    "best_in",
    "calibrate",
    "components",
    "fan",
    "margin_within",
    "mean_of_worlds",
    "opportunity_losses",
    "outcomes",
    "perfect_knowledge",
    "share_of_worlds",
    "shares",
    "shrunk",
    "target_met",
    "value_of_knowing",
    "weighted_quantiles",
    "worth_knowing",
]
