"""The bound on unserved visits against the simulation, over many random scenarios.

    python -m tests.bound_many 1000 [first seed]

No scenario may show a share of unserved visits that is more than 4 standard errors below the
bound. How often the bound says anything at all, and how near it comes, is printed too.
"""

import sys
import time

import numpy as np

from sim.scenario.scenario import Scenario
from sim.size.bound import Bound
from sim.study import Plan, run_study
from tests.size_referee import Maker, _scenario

REPLICATIONS = 10


def scenario_of(seed: int) -> Scenario | None:
    """A random scenario, busier than its places can carry in most cases."""
    maker = Maker(seed)
    data = maker.site()
    data["demand"]["visits_per_day"] = int(maker.rng.integers(60, 900))
    for room in data["rooms"].values():
        room["places"] = int(maker.rng.integers(0, 5))
        if maker.may(0.1):
            room |= {"kind": "open_air", "usable_share": 0.6}
    if maker.may(0.3):
        dates = {"2026-01-06": "closed", "2026-01-07": "11:00-14:00"}
        data["opening"]["dates"] = dates
    if maker.may(0.2):
        data["opening"]["hours"] = maker.one(
            "18:00-02:00 next day", "24/7", {"mon-fri": "09:00-17:00", "sat": "10:00-12:00",
            "sun": "closed"},
        )  # fmt: skip
    if maker.may(0.2):
        days = {"name": "busy", "days_of_month": [5, 6], "visits": 1.5, "overdoses": 3}
        data["demand"]["special_days"] = [days]
    if maker.may(0.2):
        data["horizon"] |= {"weeks": 3, "warmup_weeks": 1}
    return _scenario(data)


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
        scenario = scenario_of(seed)
        seed += 1
        if scenario is None:
            continue
        done += 1
        bound, value, error = judged(scenario)
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
