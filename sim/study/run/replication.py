"""One replication of a study: visitors drawn, played, measured."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from sim.engine import Engine, simulate, simulate_system
from sim.log import CityLog, Log
from sim.measures import Tally, measure, responses_table, visits_table
from sim.measures.city.laws import check_system_laws
from sim.measures.laws import check_laws
from sim.scenario.city.system import is_system, system_of
from sim.scenario.model.scenario import Scenario
from sim.study.estimate.control import Expected
from sim.study.estimate.intervals import Floats
from sim.visitors import Visitors, draw
from sim.visitors.needs import draw_needs

Simulate = Callable[[Scenario, int, int], Log | CityLog]
"""Scenario, seed and number of the replication to what happened."""

NO_CONTROLS = np.empty(0)
"""Of a replication whose visitors are not known."""


def simulate_replication(
    scenario: Scenario, seed: int, replication: int, engine: Engine = Engine.FAST
) -> Log:
    """Draw the visitors of a replication of a site and play it.

    Raises:
        LawError: the replication broke a law that every replication obeys.
    """
    return _play(scenario, draw(scenario, seed, replication), engine)


def play_system(
    scenario: Scenario, seed: int, replication: int, engine: Engine = Engine.FAST
) -> CityLog:
    """The same of a city, or of a site to which people come back: its needs.

    Raises:
        LawError: the replication broke a law that every replication obeys.
    """
    system = system_of(scenario)
    needs = draw_needs(system, seed, replication)
    log = simulate_system(system, needs, engine)
    check_system_laws(system, needs, log)
    return log


def _play(scenario: Scenario, visitors: Visitors, engine: Engine) -> Log:
    log = simulate(scenario, visitors, engine)
    check_laws(scenario, log)
    return log


@dataclass(frozen=True, eq=False)
class Replicated:
    """What is kept of one replication."""

    tally: Tally
    controls: Floats = field(default_factory=lambda: NO_CONTROLS)
    """What its visitors did beyond what was to be expected of them, see `estimate.control`; empty
    when they are not known."""
    visits: pa.Table | None = None
    """One row a visit, if wanted."""
    responses: pa.Table | None = None
    """One row an overdose, if wanted."""


@dataclass(frozen=True)
class StudyJob:
    """What all replications of a study have in common."""

    scenario: Scenario
    seed: int
    expected: Expected
    simulate_one: Simulate | None
    """Plays a replication in place of the simulation; without it the visitors are drawn and
    played."""
    engine: Engine
    """What plays the visitors."""
    tables: bool
    """Whether the tables of visits and responses are wanted."""

    def run(self, replication: int) -> Replicated:
        """Simulate and measure one replication."""
        controls = NO_CONTROLS
        log: Log | CityLog
        if self.simulate_one is None and is_system(self.scenario):
            log = play_system(self.scenario, self.seed, replication, self.engine)
        elif self.simulate_one is None:
            visitors = draw(self.scenario, self.seed, replication)
            controls = self.expected.deviations(visitors)
            log = _play(self.scenario, visitors, self.engine)
        else:
            log = self.simulate_one(self.scenario, self.seed, replication)
        return Replicated(
            tally=measure(self.scenario, log),
            controls=controls,
            visits=visits_table(self.scenario, log, replication) if self.tables else None,
            responses=responses_table(self.scenario, log, replication) if self.tables else None,
        )
