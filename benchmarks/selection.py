"""How often is the right design chosen? `python -m benchmarks.selection`.

The 60 designs of a small site (tests/support/size_sites.py) are all played for long; the cheapest
that meets both targets in these is the truth. Then the site is sized with each of 100 seeds. An
answer is right if no design that meets its targets by the tolerances is cheaper, and if it does not
miss one by its tolerance.
"""

import argparse
import sys
from dataclasses import replace

import numpy as np

from sim.engine import Engine
from sim.scenario.load import Loaded, Original, scenario_from_text
from sim.scenario.text.read import read_text
from sim.size.experiment import Experiment, Setup
from sim.size.observation import observed_targets, tolerances_of
from sim.size.search import SearchRules, choose
from sim.size.space import Space, read_space
from sim.study.run.workers import Pool, this_machine
from tests.support.size_sites import SITE

LONG, SEEDS, TRUTH = 400, 100, 999_983
"""Replications of the long runs, number of seeds, and the seed of the long runs."""


def main() -> None:
    """Print how often the choice is right."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=SEEDS)
    parser.add_argument("--confidence", type=float, default=0.95)
    asked = parser.parse_args()
    scenario = scenario_from_text(SITE)
    space = read_space(Original(Loaded(scenario, read_text(SITE))))
    with this_machine(Engine.FAST, 2)() as pool:
        margins, errors = _truth(space, pool)
        designs = list(space.by_cost())
        best = next(one for one in designs if margins[one].min() >= 0)
        right = exact = played = 0
        for seed in range(asked.seeds):
            lab = _lab(space, pool, seed)
            found, _ = choose(lab, SearchRules(confidence=asked.confidence, answers=1))
            chosen = found.met[0] if found.met else None
            exact += chosen == best
            right += chosen is not None and _is_right(space, margins, chosen)
            played += sum(lab.record(one).count for one in lab.played)
    nearest = min(float(abs(margins[one]).min()) for one in designs)
    sys.stdout.write(
        f"brute force, {LONG} replications: {space.levels(best)}, {space.cost[best]:g} a year; "
        f"nearest margin {nearest:.2f} tolerances (standard error up to {errors:.2f})\n"
        f"right in {right} of {asked.seeds}, the very design of brute force in {exact}; "
        f"{played / asked.seeds:.0f} replications each, brute force {LONG * space.size}\n"
    )


def _lab(space: Space, pool: Pool, seed: int) -> Experiment:
    scenario = space.original.loaded.scenario
    assert scenario.design is not None  # the site has one
    wanted = observed_targets(scenario, scenario.design.tolerances)
    return Experiment(space, Setup(pool, seed, Engine.FAST, wanted, None))


def _truth(space: Space, pool: Pool) -> tuple[dict[tuple[int, ...], np.ndarray], float]:
    """Each design's margins in tolerances, and the largest standard error of any."""
    lab = _lab(space, pool, TRUTH)
    lab.setup = replace(lab.setup, seed=TRUTH)
    lab.take(space.by_cost(), LONG)
    tolerances = tolerances_of(lab.setup.wanted)
    values = {one: lab.values(one)[0] / tolerances for one in space.by_cost()}
    error = max(float(one.std(axis=0).max()) / np.sqrt(LONG) for one in values.values())
    return {one: value.mean(axis=0) for one, value in values.items()}, error


def _is_right(
    space: Space, margins: dict[tuple[int, ...], np.ndarray], chosen: tuple[int, ...]
) -> bool:
    """Whether it does not miss by its tolerance, and nothing cheaper meets by its tolerance."""
    cheaper = (one for one in margins if space.cost[one] < space.cost[chosen])
    return bool(margins[chosen].min() > -1) and not any(margins[one].min() >= 1 for one in cheaper)


if __name__ == "__main__":
    main()
