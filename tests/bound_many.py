"""The bound on unserved visits against the simulation, over many random scenarios.

    python -m tests.bound_many 1000 [first seed]

The scenarios have every switch of the language (tests/support/size_maker.py; a test counts them).
None may show a share of unserved visits that is more than 4 standard errors below the bound. How
often the bound says anything at all, and how near it comes, is printed too.
"""

import json
import sys
import time

import numpy as np

from sim.scenario.load import scenario_from_text
from sim.scenario.model.scenario import Scenario
from sim.size.bound import Bound
from sim.study import Plan, run_study
from tests.support.size_maker import Dict, Maker

REPLICATIONS = 10


def data_of(seed: int) -> Dict:
    """A random scenario, busier than its places can carry in most cases."""
    maker = Maker(seed)
    data = maker.site()
    if "visits_per_day" in data["demand"]:
        data["demand"]["visits_per_day"] = maker.whole(60, 900)
    else:
        data["demand"]["factor"] = maker.number(0.5, 4)
    for room in data["rooms"].values():
        room["places"] = maker.whole(0, 5)
    if maker.may(0.2):  # what changes nothing about the simulation
        data["targets"] = ["unserved <= 5 %"]
        data["design"] = {"tolerances": {"unserved.share": 0.02}, **maker.design(data)}
    return data


def scenario_of(seed: int) -> Scenario:
    """The same, read."""
    return scenario_from_text(json.dumps(data_of(seed)))


def judged(scenario: Scenario) -> tuple[float, float, float]:
    """The bound, what the simulation gives, and its standard error."""
    places = {name: room.places for name, room in scenario.rooms.items()}
    bound = Bound.of(scenario).unserved(places)
    result = run_study(scenario, Plan(seed=3, replications=REPLICATIONS))
    table = result.summary
    these = (table["metric"] == "unserved") & (table["statistic"] == "share")
    (found,) = table[these & (table["by"] == "all")][["value", "ci_high"]].to_numpy().tolist()
    value, high = (float(one) for one in found)
    return bound, value, (high - value) / 2.262  # t of 9 degrees of freedom


def main() -> None:
    """Judge as many scenarios as asked for."""
    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 0
    done = says = wrong = 0
    nearest: list[float] = []
    begun = time.perf_counter()
    while done < wanted:
        bound, value, error = judged(scenario_of(seed))
        seed += 1
        done += 1
        says += bound > 0
        if bound > 0:
            nearest.append(value - bound)
        if not np.isnan(value) and bound > value + 4 * error + 1e-9:
            wrong += 1
            found = f"bound {bound:.4f}, simulated {value:.4f} ± {error:.4f}"
            sys.stdout.write(f"WRONG seed {seed - 1}: {found}\n")
    near = f"{np.median(nearest):.3f}" if nearest else "-"
    sys.stdout.write(
        f"{done} scenarios, the bound says something of {says}, {wrong} wrong; median distance "
        f"{near}; {time.perf_counter() - begun:.0f} s\n"
    )


if __name__ == "__main__":
    main()
