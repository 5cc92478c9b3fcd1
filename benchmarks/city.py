"""What a city costs beside one site: `python -m benchmarks.city`.

Facilities that share one demand, and one site with as many visits, places and staff as they have
together, are played in turn, so that both meet the same hours of the machine. Times are of
processor, for one replication; ratios are replication by replication.
"""

import argparse
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from statistics import median, quantiles

from benchmarks.engines.site import Site
from benchmarks.engines.site import scenario as simple
from sim.cli import keep_freed_memory
from sim.engine import Engine, compile_engine, simulate, simulate_system
from sim.measures import measure
from sim.scenario import Scenario
from sim.scenario.city.model import City, Facility
from sim.scenario.city.system import system_of
from sim.visitors import draw
from sim.visitors.needs import draw_needs

PARTS = ("draw", "simulate", "measure", "whole")
FACILITIES = 4


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


def main(words: Sequence[str]) -> None:
    """Print for each part the seconds of both, and the median ratio with its quartiles."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--days", type=int, default=364)
    parser.add_argument("--rounds", type=int, default=15)
    given = parser.parse_args(words)
    keep_freed_memory()
    for systems in (False, True):
        compile_engine(Engine.FAST, systems=systems)
    whole = Site(days=given.days, desks=8, places=(12, 8), nurses=4, seats=16)
    houses = city(whole)
    _, visits = play_city(houses, 0)
    site = simple(replace(whole, visits_per_day=visits / given.days))
    play_site(site, 0)
    found, made = [], [0, 0]
    for replication in range(1, given.rounds + 1):
        if replication % 2:
            ours, theirs = play_city(houses, replication), play_site(site, replication)
        else:
            theirs, ours = play_site(site, replication), play_city(houses, replication)
        found.append((ours[0], theirs[0]))
        made = [made[0] + ours[1], made[1] + theirs[1]]
    sys.stdout.write(f"visits: {made[0] / given.rounds:,.0f}, {made[1] / given.rounds:,.0f}\n")
    for number, part in enumerate(PARTS):
        of_city, of_site = ([one[which][number] for one in found] for which in range(2))
        low, middle, high = quantiles((x / y for x, y in zip(of_city, of_site, strict=True)), n=4)
        seconds = f"{median(of_city):.3f} s, one site {median(of_site):.3f} s"
        sys.stdout.write(f"{part:9} {seconds}; ratio {middle:.2f} ({low:.2f} to {high:.2f})\n")


if __name__ == "__main__":
    main(sys.argv[1:])
