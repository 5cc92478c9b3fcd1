"""Small systems played, and read as plain lists, so that a trace fits on a few lines."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sim.engine import Engine, simulate_system
from sim.log import CityLog, NeedOutcome, Outcome, Way
from sim.measures.city.laws import check_system_laws
from sim.scenario.city.system import System
from sim.visitors.needs import Needs, draw_needs
from tests.support.cities import Wishes, system_of_sites
from tests.support.played import Arrival, Stamp, stamps


def simulate(system: System, needs: Needs) -> CityLog:
    """Tests put another engine, or both, in its place."""
    return simulate_system(system, needs, Engine.SIMPY)


@dataclass(frozen=True, eq=False)
class CityPlayed:
    """A system, its needs and what happened."""

    system: System
    needs: Needs
    log: CityLog

    def outcomes(self) -> list[str]:
        """How each need ended."""
        return [NeedOutcome(int(one)).name.lower() for one in self.log.needs["outcome"]]

    def of_needs(self, column: str) -> list[Stamp]:
        """A column, one entry a need."""
        return stamps(self.log.needs[column])

    def doors(self, need: int) -> list[tuple[float, str, str, str]]:
        """The attempts of a need: arrival, facility, way and outcome there."""
        attempts, names = self.log.attempts, list(self.system.sites)
        found = []
        for row in (attempts["need"] == need).nonzero()[0]:
            facility, visit = int(attempts["facility"][row]), int(attempts["visit"][row])
            outcome = Outcome(int(self.log.sites[facility].visits["outcome"][visit]))
            way = Way(int(attempts["way"][row]))
            arrival = float(attempts["arrival"][row])
            found.append((arrival, names[facility], way.name.lower(), outcome.name.lower()))
        return found

    def at(self, facility: str, column: str) -> list[Stamp]:
        """A column of a facility's visits."""
        return stamps(self.log.sites[list(self.system.sites).index(facility)].visits[column])


def play_city(
    sites: Mapping[str, str],
    wishes: Wishes | None = None,
    *,
    arrivals: Sequence[Arrival],
    order: Sequence[str] = (),
    horizon: str = "{days: 1}",
    sets: Mapping[str, Sequence[str]] | None = None,
) -> CityPlayed:
    """Play a system in which needs are listed.

    Args:
        sites: see `system_of_sites`.
        wishes: who goes where.
        arrivals: the needs.
        order: names of the facilities that each need wishes, the first in front, with a space
            between them; of the needs that are not named as chance has drawn it.
        horizon: as a scenario says it.
        sets: settings that override a facility.
    """
    system = system_of_sites(sites, wishes, arrivals=arrivals, horizon=horizon, sets=sets)
    needs = draw_needs(system, 1, 0)
    names, wished = list(system.sites), needs.order.copy()
    for need, said in enumerate(order):
        mine = [names.index(name) for name in said.split()]
        wished[:, need] = [*mine, *[-1] * (len(names) - len(mine))]
    needs = replace(needs, order=wished)
    log = simulate(system, needs)
    check_system_laws(system, needs, log)
    return CityPlayed(system, needs, log)
