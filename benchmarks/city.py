"""What a city costs beside one site: `python -m benchmarks.city`.

City and site are played in turn, so that both meet the same hours of the machine. Of `bare` both
are the simplest facility that there is: four of them share one demand, beside one with as many
visits, places and staff as they have together; there what a city adds weighs most. Of `h17` and
`skyen` both are as planners have them: Copenhagen's four facilities, beside one of its two houses
with the visits of all. Times are of processor, for one replication; ratios are replication by
replication.
"""

import argparse
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from itertools import pairwise
from pathlib import Path
from statistics import median, quantiles
from typing import TypeVar

from benchmarks.engines.site import Site
from benchmarks.engines.site import scenario as simple
from sim.cli import keep_freed_memory
from sim.engine import Engine, compile_engine, simulate, simulate_system
from sim.measures import measure
from sim.scenario import Scenario, load_scenario
from sim.scenario.city.model import City, Facility
from sim.scenario.city.system import system_of
from sim.scenario.model.scenario import Horizon
from sim.visitors import draw
from sim.visitors.needs import draw_needs

PARTS = ("draw", "simulate", "measure", "whole")
FACILITIES = 4
"""Of the simplest city."""
CITY = "copenhagen-city"
SCENARIOS = Path(__file__).parent.parent / "scenarios"
AnyScenario = TypeVar("AnyScenario", bound=Scenario)


def city(whole: Site) -> City:
    """The simple facility in four places: who finds the one full may go to the next, or come back.

    Args:
        whole: what they have together.
    """
    one = replace(
        whole,
        desks=max(1, whole.desks // FACILITIES),
        places=(whole.places[0] // FACILITIES, whole.places[1] // FACILITIES),
        nurses=max(1, whole.nurses // FACILITIES),
        seats=whole.seats // FACILITIES,
    )
    site = simple(one)
    said = {name: getattr(site, name) for name in Scenario.model_fields}
    names = [f"house-{number}" for number in range(1, FACILITIES + 1)]
    return City.model_validate(
        {
            "name": "city",
            "horizon": said.pop("horizon"),
            "demand": said.pop("demand"),
            "visits": {name: {"share": kind.share} for name, kind in site.visits.items()},
            "facilities": {name: Facility.model_validate(said | {"name": name}) for name in names},
            "choice": {
                "walk": dict.fromkeys(names, 5),
                "informed": 0.2,
                "returns": {"share": 0.1, "after": {"distribution": "exponential", "mean": 60}},
            },
        }
    )


def play_city(of: City, replication: int) -> tuple[list[float], int]:
    """Seconds for each of PARTS, and how many visits were made."""
    clock, system = [time.process_time()], system_of(of)
    needs = draw_needs(system, 1, replication)
    clock.append(time.process_time())
    log = simulate_system(system, needs)
    clock.append(time.process_time())
    measure(of, log)
    clock.append(time.process_time())
    return _parts(clock), len(log.attempts["need"])


def play_site(of: Scenario, replication: int) -> tuple[list[float], int]:
    """The same of a site."""
    clock = [time.process_time()]
    visitors = draw(of, 1, replication)
    clock.append(time.process_time())
    log = simulate(of, visitors)
    clock.append(time.process_time())
    measure(of, log)
    clock.append(time.process_time())
    return _parts(clock), len(visitors)


def _parts(clock: Sequence[float]) -> list[float]:
    return [later - sooner for sooner, later in pairwise(clock)] + [clock[-1] - clock[0]]


def bare(days: int) -> tuple[City, Callable[[float], Scenario]]:
    """The simplest city, and the site beside it by its visits a day."""
    whole = Site(days=days, desks=8, places=(12, 8), nurses=4, seats=16)
    return city(whole), lambda visits: simple(replace(whole, visits_per_day=visits))


def copenhagen(house: str, days: int) -> tuple[City, Callable[[float], Scenario]]:
    """The same of the example, with one of its houses as the site."""
    houses, site = (_over(days, load_scenario(SCENARIOS / f"{one}.yaml")) for one in (CITY, house))
    if not isinstance(houses, City):
        raise TypeError(f"{CITY} is no city")

    def of_visits(visits: float) -> Scenario:
        # Special days and those who are booked come besides: a first year tells how many.
        return _visited(site, visits**2 * days / play_site(_visited(site, visits), 0)[1])

    return houses, of_visits


def _visited(site: Scenario, visits: float) -> Scenario:
    """The site with so many visits a day that are drawn."""
    drawn = {"visits_per_day": visits, "served_per_day": None, "unserved": None}
    return site.model_copy(update={"demand": site.demand.model_copy(update=drawn)})


def _over(days: int, scenario: AnyScenario) -> AnyScenario:
    """The scenario over so many days, all of which count."""
    horizon = Horizon(start=scenario.horizon.start, days=days)
    return scenario.model_copy(update={"horizon": horizon})


def compare(houses: City, of_visits: Callable[[float], Scenario], days: int, rounds: int) -> None:
    """Print for each part the seconds of both, and the median ratio with its quartiles."""
    _, visits = play_city(houses, 0)
    site = of_visits(visits / days)
    play_site(site, 0)
    found, made = [], [0, 0]
    for replication in range(1, rounds + 1):
        if replication % 2:
            ours, theirs = play_city(houses, replication), play_site(site, replication)
        else:
            theirs, ours = play_site(site, replication), play_city(houses, replication)
        found.append((ours[0], theirs[0]))
        made = [made[0] + ours[1], made[1] + theirs[1]]
    sys.stdout.write(f"visits: {made[0] / rounds:,.0f}, {made[1] / rounds:,.0f}\n")
    for number, part in enumerate(PARTS):
        of_city, of_site = ([one[which][number] for one in found] for which in range(2))
        low, middle, high = quantiles((x / y for x, y in zip(of_city, of_site, strict=True)), n=4)
        seconds = f"{median(of_city):.3f} s, one site {median(of_site):.3f} s"
        sys.stdout.write(f"{part:9} {seconds}; ratio {middle:.2f} ({low:.2f} to {high:.2f})\n")


PAIRS: dict[str, Callable[[int], tuple[City, Callable[[float], Scenario]]]] = {
    "bare": bare,
    "h17": partial(copenhagen, "h17"),
    "skyen": partial(copenhagen, "skyen"),
}


def main(words: Sequence[str]) -> None:
    """Play the pairs that are asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", nargs="+", choices=PAIRS, default=list(PAIRS))
    parser.add_argument("--days", type=int, default=364)
    parser.add_argument("--rounds", type=int, default=15)
    given = parser.parse_args(words)
    keep_freed_memory()
    for systems in (False, True):
        compile_engine(Engine.FAST, systems=systems)
    for name in given.pairs:
        sys.stdout.write(f"{name}: ")
        houses, of_visits = PAIRS[name](given.days)
        compare(houses, of_visits, given.days, given.rounds)


if __name__ == "__main__":
    main(sys.argv[1:])
