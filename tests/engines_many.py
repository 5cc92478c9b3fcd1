"""Try both engines on many random scenarios: `python -m tests.engines_many 1000 [seed]`."""

import sys

from hypothesis import HealthCheck, Phase, given, seed, settings

from sim.scenario.model.scenario import Scenario
from sim.visitors import draw
from tests.support.engines import assert_engines_agree
from tests.support.random_sites import scenarios


def main(examples: int, number: int) -> None:
    """Compare the engines; the first difference is told and ends it."""
    visits = 0

    @seed(number)
    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(scenarios())
    def compare(scenario: Scenario) -> None:
        nonlocal visits
        for replication in range(2):
            visitors = draw(scenario, seed=number, replication=replication)
            assert_engines_agree(scenario, visitors)
            visits += len(visitors)

    compare()
    sys.stdout.write(f"{examples} random scenarios, {visits:,} visits: no difference\n")


if __name__ == "__main__":
    arguments = [int(argument) for argument in sys.argv[1:]]
    main(*(arguments + [1000, 1][len(arguments) :])[:2])
