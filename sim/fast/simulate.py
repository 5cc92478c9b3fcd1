"""Play one replication: scenario and visitors in, log out, the loop in between."""

from collections.abc import Sequence

from numba import from_dtype

from sim.compiled import Progress, compile_ahead, compile_parts, is_cached, must_compile
from sim.fast.engine import DONE, LOG_FULL, RING_FULL, play
from sim.fast.memory import SITE
from sim.fast.plan import Plan, make_plan
from sim.fast.plan_calendar import Opening, make_opening
from sim.fast.rows import rows_of
from sim.fast.world import World, lay_out
from sim.fast.write_log import write_log
from sim.log import Log
from sim.scenario.calendar import Span, room_spans
from sim.scenario.once import once
from sim.scenario.scenario import Scenario
from sim.visitors import Visitors

_EVENTS = 4096
"""Room on the agenda, to begin with."""

_plan = once(make_plan)


def simulate(scenario: Scenario, visitors: Visitors) -> Log:
    """What happens at a site when these visitors come: the very log that sim.facility gives."""
    plan = _plan(scenario)
    opening = make_opening(plan, _room_spans(scenario, plan, visitors), visitors.absent)
    return write_log(plan, visitors, _play(plan, visitors, opening))


def will_compile() -> bool:
    """Whether the next simulation first takes the time to compile the loop."""
    return must_compile(play)


def compile_loop(progress: Progress | None = None) -> bool:
    """Compile the loop, or read it if it is cached.

    Args:
        progress: is told of each part how many are done, of how many; the whole comes after all.

    Returns:
        Whether it is cached from now on.
    """
    if will_compile():
        compile_parts(play, lambda row: from_dtype(rows_of(row)), progress)
    compile_ahead(play, from_dtype(SITE)[::1])
    return is_cached(play)


def _room_spans(scenario: Scenario, plan: Plan, visitors: Visitors) -> list[Sequence[Span]]:
    """When each room is open: in fine weather as always."""
    return [
        room_spans(scenario, name, frozenset(bad.nonzero()[0].tolist())) if bad.any() else fine
        for name, fine, bad in zip(
            scenario.rooms, plan.room_spans, visitors.bad_weather, strict=True
        )
    ]


def _play(plan: Plan, visitors: Visitors, opening: Opening) -> World:
    """Run the loop to the end, with as much room as it takes."""
    if will_compile():
        compile_loop()
    events = _EVENTS
    while True:
        world = lay_out(plan, visitors, opening, events)
        while (state := play(world.site)) in (LOG_FULL, RING_FULL):
            if state == LOG_FULL:
                world.lengthen_log()
            else:
                world.widen_ring()
        if state == DONE:
            return world
        events *= 4
