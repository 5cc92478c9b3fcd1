"""The two engines behind one call: the same rules, and the same log row for row."""

from collections.abc import Callable
from enum import StrEnum
from importlib import import_module
from types import ModuleType

from sim import fast
from sim.log import CityLog, Log
from sim.scenario.city.system import System
from sim.scenario.model.scenario import Scenario
from sim.visitors import Visitors
from sim.visitors.needs import Needs


class Engine(StrEnum):
    """What plays the visitors of a replication; nothing depends on it but the time it takes."""

    FAST = "fast"
    """Compiled when it is first used, and then more than a hundred times faster."""
    SIMPY = "simpy"
    """SimPy processes that read like the description of the model."""

    @property
    def threads(self) -> bool:
        """Whether replications can share a process: a compiled one leaves the others running."""
        return self is Engine.FAST


def simulate(scenario: Scenario, visitors: Visitors, engine: Engine = Engine.FAST) -> Log:
    """What happens at a site when these visitors come; pure, nothing here is random."""
    if engine is Engine.FAST:
        return fast.simulate(scenario, visitors)
    # By name: most programs never play with SimPy, and would import it and the facility in vain.
    log: Log = import_module("sim.facility").simulate(scenario, visitors)
    return log


def simulate_system(system: System, needs: Needs, engine: Engine = Engine.FAST) -> CityLog:
    """What happens in a system when these needs arise; more attempts are drawn where it takes more.

    Pure: what is drawn then depends on nothing but what the needs were drawn from.
    """
    name = "mirror" if engine is Engine.FAST else "readable"
    play: Callable[[System, Needs], CityLog | None] = import_module(f"sim.city.{name}").simulate
    while (log := play(system, needs)) is None:
        needs = needs.longer()
    return log


def must_compile(engine: Engine, *, systems: bool = False) -> bool:
    """Whether the next simulation first takes half a minute to compile the engine.

    Args:
        engine: which.
        systems: whether systems are played, whose loop is compiled apart.
    """
    if engine is not Engine.FAST:
        return False
    return _mirror().will_compile() if systems else fast.will_compile()


def compile_engine(
    engine: Engine,
    progress: Callable[[int, int], None] | None = None,
    *,
    systems: bool = False,
) -> bool:
    """Compile now what the first simulation would compile.

    Args:
        engine: what is to be compiled.
        progress: is told how many parts are compiled, of how many; the whole comes after all.
        systems: whether systems are played, and not sites.

    Returns:
        Whether it is kept for the programs that start after this one.
    """
    if engine is not Engine.FAST:
        return False
    return _mirror().compile_loop(progress) if systems else fast.compile_loop(progress)


def _mirror() -> ModuleType:
    """By name: most programs never play a system."""
    return import_module("sim.city.mirror")
