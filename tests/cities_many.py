"""Play many random systems on both engines: `python -m tests.cities_many 1000 [seed]`.

Nine of ten have several facilities. Both engines give the same log, row for row, and every law is
kept: needs and attempts are conserved.
"""

import sys
from collections import Counter

from hypothesis import HealthCheck, Phase, given, seed, settings

from sim.log import NeedOutcome
from sim.measures.city.laws import check_system_laws
from sim.scenario.city.system import System
from sim.visitors.needs import draw_needs
from tests.support.engines import assert_systems_agree
from tests.support.random_cities import systems


def main(examples: int, number: int) -> None:
    """Compare the engines; the first difference is told and ends it."""
    ends, facilities, attempts = Counter[str](), Counter[int](), 0

    @seed(number)
    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(systems())
    def compare(system: System) -> None:
        nonlocal attempts
        needs = draw_needs(system, seed=number, replication=0)
        log = assert_systems_agree(system, needs)
        check_system_laws(system, needs, log)
        facilities[len(system.sites)] += 1
        attempts += len(log.attempts["need"])
        ends.update(NeedOutcome(int(one)).name.lower() for one in log.needs["outcome"])

    compare()
    several = sum(count for sites, count in facilities.items() if sites > 1)
    sys.stdout.write(
        f"{sum(facilities.values())} random systems, {several} of several facilities: "
        f"no difference, no law broken\n{sum(ends.values()):,} needs, {attempts:,} attempts: "
        + ", ".join(f"{count:,} {end}" for end, count in ends.most_common())
        + "\n"
    )


if __name__ == "__main__":
    arguments = [int(argument) for argument in sys.argv[1:]]
    main(*(arguments + [1000, 1][len(arguments) :])[:2])
