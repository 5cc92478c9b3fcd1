"""Play one replication: scenario and visitors in, log out, the loop in between."""

import numpy as np
from numba import from_dtype
from numpy.typing import NDArray

from sim.compiled import Progress, Untyped, compile_ahead, compile_parts, is_cached, must_compile
from sim.fast.engine import DONE, LOG_FULL, RING_FULL, play
from sim.fast.memory.blueprint import blueprint
from sim.fast.memory.codes import (
    ARRIVAL,
    CLIENT,
    INSIDE_AT_END,
    KIND,
    NONE,
    OUTCOME,
    OVERDOSE,
    PLACE,
    ROOM,
    WAITED,
)
from sim.fast.memory.layout import lay_out
from sim.fast.memory.rows import Site, rows_of
from sim.fast.memory.world import World
from sim.log import (
    BOOKING_COLUMNS,
    CHANGE_TYPES,
    OUTAGE_COLUMNS,
    PERSON_COLUMNS,
    RESPONSE_COLUMNS,
    STAY_TASK_COLUMNS,
    VISIT_COLUMNS,
    WHOLE,
    Columns,
    Duty,
    Log,
)
from sim.rules.timetable import Roster, roster, timetable
from sim.scenario.model.scenario import Scenario
from sim.visitors import Visitors
from sim.visitors.visitors import Integers

EVENTS = 4096
"""Room on the agenda, to begin with."""


def simulate(scenario: Scenario, visitors: Visitors) -> Log:
    """What happens at a site when these visitors come: the very log that sim.facility gives."""
    world = _play(scenario, visitors)
    _fill_unarrived(visitors, world)
    stay_tasks = stay_tasks_of(
        visitors.stay_task_times, visitors.stay_task_first, world["stay_task_stamps"]
    )
    bookings = {name: getattr(visitors.bookings, name) for name in BOOKING_COLUMNS}
    return log_of(scenario, visitors, world, stay_tasks, bookings)


def log_of(
    scenario: Scenario, visitors: Visitors, world: World, stay_tasks: Columns, bookings: Columns
) -> Log:
    """The log of a replication that is over.

    Args:
        scenario: the site.
        visitors: what chance has done to the site.
        world: what has happened.
        stay_tasks: of the log.
        bookings: of the log.
    """
    asked, start, end = world["service_times"]
    return Log(
        visits=_visits(world),
        service_asked=asked,
        service_start=start,
        service_end=end,
        stay_tasks=stay_tasks,
        responses=_responses(world),
        people=_people(roster(scenario), visitors, world),
        changes=_changes(world),
        end=world.get("end"),
        bookings=bookings,
        outages=_outages(world),
    )


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
        compile_parts(play, row_type, progress)
    compile_ahead(play, row_type(Site)[::1])
    return is_cached(play)


def row_type(row: type) -> Untyped:
    """What Numba calls a class that says what is in a row."""
    return from_dtype(rows_of(row))


def _play(scenario: Scenario, visitors: Visitors) -> World:
    """Run the loop to the end, with as much room as it takes."""
    if will_compile():
        compile_loop()
    plan = blueprint(scenario)
    failures = visitors.failure_time, visitors.failure_repair
    hours = timetable(scenario, visitors.absent, visitors.bad_weather, failures)
    events = EVENTS
    while True:
        world = lay_out(plan, visitors, hours, events)
        while (state := play(world.table)) in (LOG_FULL, RING_FULL):
            if state == LOG_FULL:
                world.lengthen_log()
            else:
                world.widen_ring()
        if state == DONE:
            return world
        events *= 4


# --- the log --------------------------------------------------------------------------------------


def _fill_unarrived(visitors: Visitors, world: World) -> None:
    """The rows of those who would have come after the end."""
    rest = slice(int(world.get("visits_arrived")), None)
    if not len(visitors.arrival[rest]):
        return
    marks, stamps = world["marks"], world["stamps"]
    stamps[:, rest] = world["service_times"][..., rest] = np.nan
    marks[KIND, rest], marks[CLIENT, rest] = visitors.kind[rest], visitors.client[rest]
    stamps[ARRIVAL, rest], marks[OUTCOME, rest] = visitors.arrival[rest], INSIDE_AT_END
    stamps[WAITED, rest] = 0.0
    for column in (ROOM, PLACE, OVERDOSE):
        marks[column, rest] = NONE


def _visits(world: World) -> Columns:
    """One row a visit, in order of arrival."""
    marks, stamps = iter(world["marks"]), iter(world["stamps"])
    return {name: next(marks if kind is WHOLE else stamps) for name, kind in VISIT_COLUMNS.items()}


def stay_tasks_of(times: Integers, first: Integers, stamps: NDArray[np.float64]) -> Columns:
    """One row a task during a stay, in order of task, visit and time.

    Args:
        times: (tasks, visits): how often each may come.
        first: where its times begin, one visit after the other.
        stamps: of each time, when it was asked for, began and ended.
    """
    if not times.size:
        return {name: np.empty(0, kind) for name, kind in STAY_TASK_COLUMNS.items()}
    row = np.repeat(np.arange(times.size), times.ravel())
    found = {
        "visit": row % times.shape[1],
        "task": row // times.shape[1],
        "time": np.arange(len(row)) - first.ravel()[row],
        **dict(zip(("asked", "start", "end"), stamps, strict=True)),
    }
    asked = ~np.isnan(found["asked"])
    return {name: found[name][asked].astype(kind) for name, kind in STAY_TASK_COLUMNS.items()}


def _responses(world: World) -> Columns:
    """One row an overdose, in order of onset."""
    found = world["responses"][: int(world.get("responses_count"))]
    found = found[np.lexsort((found["visit"], found["onset"]))]
    return {name: found[name].astype(kind) for name, kind in RESPONSE_COLUMNS.items()}


def _outages(world: World) -> Columns:
    """One row a place that fails, in order of the failures."""
    found = world["outages"][: int(world.get("outages_count"))]
    return {name: found[name].astype(kind) for name, kind in OUTAGE_COLUMNS.items()}


def _people(staff: Roster, visitors: Visitors, world: World) -> Columns:
    """One row a person and shift."""
    people, breaks, busy = world["people"], world["breaks"], world["busy"]
    came = ~visitors.absent & ~np.isnan(people["left"])

    def count(which: NDArray[np.bool_]) -> NDArray[np.intp]:
        return np.bincount(breaks["shift"][which], minlength=len(people))

    columns = {
        **{name: staff.shifts[name] for name in ("role", "line", "member", "start", "end")},
        "absent": visitors.absent,
        "left": people["left"],
        **{duty.name.lower(): busy[:, duty] for duty in Duty},
        "breaks_due": count(np.ones(len(breaks), dtype=np.bool_)) * came,
        "breaks_deferred": count(breaks["begun_late"]),
        "breaks_missed": count(np.isnan(breaks["since"])) * came,
        "break_minutes": people["break_minutes"],
        "longest_stretch": np.where(people["goes_on"], np.nan, people["longest_stretch"]),
    }
    return {name: columns[name].astype(kind) for name, kind in PERSON_COLUMNS.items()}


def _changes(world: World) -> Columns:
    """The log of changes."""
    written = slice(int(world.get("change_count")))
    return {name: world[f"change_{name}"][written] for name in CHANGE_TYPES}
