"""The tables of one replication, laid out as it begins."""

from itertools import accumulate
from math import nan
from typing import get_type_hints

import numpy as np

from sim.fast.memory.blueprint import Blueprint
from sim.fast.memory.codes import DUTIES, MARKS, NEVER, NONE, QUEUES, STAMPS, WORD
from sim.fast.memory.people import Member, Response
from sim.fast.memory.rooms import Outage, Size
from sim.fast.memory.rows import CalendarChange, Count, Event, Queue, Site, new_table
from sim.fast.memory.world import World
from sim.rules.timetable import Timetable
from sim.visitors import Visitors
from sim.visitors.visitors import Integers

_DRAWN = {
    name: np.int64 if hint == Integers else np.float64
    for name, hint in get_type_hints(Visitors).items()
    if name in get_type_hints(Site)
}
"""Columns of the visitors that the loop reads, and what is in each."""

_CHANGES_PER_VISIT = 12
"""Length of the log of changes, to begin with."""
_RING = 256
"""Rows for visits under way, to begin with; a power of two."""


def lay_out(
    plan: Blueprint,
    visitors: Visitors,
    hours: Timetable,
    events: int,
    visits: int | None = None,
) -> World:
    """Everything that the loop needs: closed, empty and unstaffed.

    Args:
        plan: the scenario.
        visitors: who will come.
        hours: when what opens, closes, begins and ends.
        events: room on the agenda.
        visits: room for visits, where not all who may come do; for all of them unless it is said.
    """
    world = plan.world.copy()
    for name in plan.changed:
        world.lay(name, world[name].copy())
    series = int(world.get("series"))
    world.lay("counts", new_table(Count, series))
    world.lay("touched", np.zeros((series >> WORD) + 1, dtype=np.int64))
    world.set("touched_words", len(world["touched"]))
    _lay_visitors(world, visitors)
    _lay_hours(world, hours)
    _lay_visits(world, visitors, len(visitors) if visits is None else visits)
    _lay_staff(world, visitors)
    world.lay("events", new_table(Event, events))
    world["events"]["time"][0] = NEVER
    world.set("events_room", events)
    world.set("event_count", 1)
    return world


def _lay_visitors(world: World, visitors: Visitors) -> None:
    world.set("drawn_count", len(visitors))
    world.set("balks_count", len(visitors))
    for name, kind in _DRAWN.items():
        world.lay(name, np.ascontiguousarray(getattr(visitors, name), dtype=kind))


def _lay_hours(world: World, hours: Timetable) -> None:
    calendar = new_table(CalendarChange, len(hours.changes))
    calendar[:] = hours.changes
    world.lay("calendar", calendar)
    world.set("calendar_count", len(calendar))
    spans = np.array(hours.spans, dtype=np.float64).reshape(len(hours.spans), 2)
    world.lay("spans_open", spans[:, 0].copy())
    world.lay("spans_close", spans[:, 1].copy())
    world.set("spans_count", len(spans))
    opens = [start for spans in hours.room_spans for start, _ in spans]
    ends = list(accumulate(len(spans) for spans in hours.room_spans))
    world.lay("room_opens", np.array(opens, dtype=np.float64))
    world.set("room_opens_count", len(opens))
    sizes = new_table(Size, len(hours.sizes))
    sizes["room"], sizes["places"] = hours.sizes.T
    world.lay("sizes", sizes)
    world.set("sizes_count", len(sizes))
    world["rooms"]["first_span"] = [0, *ends][: len(ends)]
    world["rooms"]["end_spans"] = ends


def _lay_visits(world: World, visitors: Visitors, count: int) -> None:
    services = len(world["services"])
    world.new_ring(_RING)
    world.set("visits_count", count)
    world.lay("marks", np.empty((MARKS, count), dtype=np.int64))
    world.lay("stamps", np.empty((STAMPS, count)))
    world.lay("service_times", np.empty((3, services, count)))
    _lay_places(world, int(world.get("all_places")), visitors)
    tasks = len(visitors.stay_task_after)
    world.lay("stay_task_stamps", np.full((3, tasks), nan))
    world.set("stay_tasks_drawn", tasks)
    world.set("visits_first", NONE)
    world.set("visits_last", NONE)
    world.new_log(64 + 4 * int(world.get("series")) + _CHANGES_PER_VISIT * count)


def _lay_places(world: World, places: int, visitors: Visitors) -> None:
    """All are free and in order; there is room for every outage."""
    world.lay("free_places", np.ones(places, dtype=np.bool_))
    world.lay("failed_places", np.full(places, NONE, dtype=np.int64))
    outages = int(world["rooms"]["fails"][visitors.failure_room].sum())
    world.set("failures_count", len(visitors.failure_room))
    world.lay("outages", new_table(Outage, outages))
    world.set("outages_room", outages)


def _lay_staff(world: World, visitors: Visitors) -> None:
    people, roles = len(world["people"]), len(world["responding"])
    for name, count in (("queues", QUEUES), ("idle", roles)):
        queues = new_table(Queue, count)
        queues["first"] = queues["last"] = NONE
        world.lay(name, queues)
    world.set("queues_count", QUEUES)
    world.set("gathers", NONE)
    joint = world["services"]["end_seats"] - world["services"]["first_seat"]
    world.lay("chosen", np.zeros(int(joint.max(initial=0)), dtype=np.int64))
    world.set("chosen_count", len(world["chosen"]))
    world.lay("here", np.zeros(people, dtype=np.int64))
    world.lay("there", np.zeros(roles, dtype=np.int64))
    world.lay("busy", np.zeros((people, DUTIES)))
    world.lay("due", np.zeros(len(world["breaks"]), dtype=np.int64))
    responses = int(np.isfinite(visitors.onset).sum())
    teams = world["severities"]["end_seats"] - world["severities"]["first_seat"]
    width = int(teams.max(initial=0))
    world.lay("responses", new_table(Response, responses))
    world.lay("members", new_table(Member, responses * width))
    world.lay("gathering", np.zeros(responses, dtype=np.int64))
    world.set("responses_room", responses)
    world.set("members_width", width)
    world.set("members_room", responses * width)
