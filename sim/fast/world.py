"""The tables of one replication in memory, and the row that says where they lie."""

from itertools import accumulate

import numpy as np

from sim.fast.codes import DUTIES, NEVER, NONE, QUEUES, VISIT_WIDTH, WORD
from sim.fast.memory import CASE, COUNT, EVENT, LINE, MEMBER, SITE, TASK, VISIT
from sim.fast.plan import Plan
from sim.fast.plan_calendar import Opening
from sim.fast.rows import Table, new_table
from sim.log import CHANGE_TYPES
from sim.visitors import Visitors

_DRAWN = (
    "arrival",
    "check_in",
    "patience",
    "balk",
    "stay",
    "cleaning",
    "switch_after",
    "aftercare",
    "service",
    "service_patience",
    "onset",
    "intensive",
    "observation",
    "ambulance",
)
_DRAWN_WHOLE = ("kind", "client", "severity")
"""Columns of the visitors: times and minutes, and whole numbers."""

_CHANGES_PER_VISIT = 12
"""Length of the log of changes, to begin with."""
_RING = 256
"""Rows for visits under way, to begin with; a power of two."""


class World:
    """The tables of one replication."""

    def __init__(self) -> None:
        """Nothing is laid out yet."""
        self.site = new_table(SITE, 1)
        self._tables: dict[str, Table] = {}

    def __getitem__(self, name: str) -> Table:
        return self._tables[name]

    def lay(self, name: str, table: Table) -> None:
        """Keep a table, and tell the loop where it lies."""
        self._tables[name] = table
        self.site[0][name] = table.ctypes.data

    def set(self, name: str, value: float) -> None:
        """Set a field of the site."""
        self.site[0][name] = value

    def get(self, name: str) -> float:
        """A field of the site."""
        value: float = self.site[0][name].item()
        return value

    def new_log(self, room: int) -> None:
        """A log of changes with so much room."""
        for name, kind in CHANGE_TYPES.items():
            self.lay(f"change_{name}", np.empty(room, dtype=kind))
        self.set("change_room", room)

    def new_ring(self, rows: int) -> None:
        """So many rows for visits under way, a power of two."""
        self.lay("visits", new_table(VISIT, rows))
        self.lay("tasks", new_table(TASK, 2 * rows))
        self.lay("accepted", np.zeros((rows, int(self.get("accepted_width"))), dtype=np.int64))
        self.set("ring", rows)
        self.set("ring_mask", rows - 1)
        self.set("tasks_count", 2 * rows)
        self.set("tasks_mask", 2 * rows - 1)

    def widen_ring(self) -> None:
        """Twice the rows for visits under way."""
        visits, tasks, accepted = self["visits"], self["tasks"], self["accepted"]
        self.new_ring(2 * len(visits))
        row = visits["number"] % len(self["visits"])
        self["visits"][row], self["accepted"][row] = visits, accepted
        self["tasks"].reshape(-1, 2)[row] = tasks.reshape(-1, 2)

    def lengthen_log(self) -> None:
        """Twice the room for the log of changes."""
        written = {name: self[name] for name in map("change_{}".format, CHANGE_TYPES)}
        room = int(self.get("change_room"))
        self.new_log(2 * room)
        for name, column in written.items():
            self[name][:room] = column


def lay_out(plan: Plan, visitors: Visitors, opening: Opening, events: int) -> World:
    """Everything that the loop needs: closed, empty and unstaffed.

    Args:
        plan: the scenario.
        visitors: who will come.
        opening: when what opens, closes, begins and ends.
        events: room on the agenda.
    """
    world = World()
    for name, setting in plan.settings.items():
        world.set(name, setting)
    for name, table in plan.tables.items():
        world.lay(name, table)
    for name, table in plan.templates.items():
        world.lay(name, table.copy())
    _count(world, plan)
    _lay_visitors(world, visitors)
    _lay_opening(world, opening)
    _lay_visits(world, plan, visitors)
    _lay_staff(world, visitors)
    world.lay("events", new_table(EVENT, events))
    world["events"]["time"][0] = NEVER
    world.set("events_room", events)
    world.set("event_count", 1)
    world.set("newcomer", NONE)
    return world


def _count(world: World, plan: Plan) -> None:
    """Tell how long the tables are."""
    for name in ("kinds", "services", "rooms", "rules", "people", "rests", "severities", "seats"):
        world.set(f"{name}_count", len(world[name]))
    world.set("lists_count", len(world["lists"]))
    world.set("role_lists_count", len(world["role_lists"]) - 1)
    world.set("roles_count", len(world["responding"]))
    world.set("responding_any", bool(world["responding"].any()))
    for name in ("stirred_tasks", "stirred_queue", "stirred_counts", "stirred_cover"):
        world.set(name, 1)
    series = int(plan.settings["series"])
    world.lay("counts", new_table(COUNT, series))
    world.lay("touched", np.zeros((series >> WORD) + 1, dtype=np.int64))
    world.set("touched_words", len(world["touched"]))


def _lay_visitors(world: World, visitors: Visitors) -> None:
    world.set("visits_count", len(visitors))
    for name in _DRAWN:
        world.lay(name, np.ascontiguousarray(getattr(visitors, name), dtype=np.float64))
    for name in _DRAWN_WHOLE:
        world.lay(name, np.ascontiguousarray(getattr(visitors, name), dtype=np.int64))


def _lay_opening(world: World, opening: Opening) -> None:
    world.lay("calendar", opening.calendar)
    world.set("calendar_count", len(opening.calendar))
    spans = np.array(opening.spans, dtype=np.float64).reshape(len(opening.spans), 2)
    world.lay("spans_open", spans[:, 0].copy())
    world.lay("spans_close", spans[:, 1].copy())
    world.set("spans_count", len(spans))
    opens = [start for spans in opening.room_spans for start, _ in spans]
    ends = list(accumulate(len(spans) for spans in opening.room_spans))
    world.lay("room_opens", np.array(opens, dtype=np.float64))
    world.set("room_opens_count", len(opens))
    world["rooms"]["first_span"] = [0, *ends][: len(ends)]
    world["rooms"]["end_spans"] = ends


def _lay_visits(world: World, plan: Plan, visitors: Visitors) -> None:
    count, services = len(visitors), len(plan.tables["services"])
    world.new_ring(_RING)
    world.lay("stamps", np.empty((VISIT_WIDTH, count)))
    world.lay("service_times", np.empty((3, services, count)))
    world.lay("free_places", np.ones(int(plan.settings["all_places"]), dtype=np.bool_))
    world.set("visits_first", NONE)
    world.set("visits_last", NONE)
    world.new_log(64 + 4 * int(plan.settings["series"]) + _CHANGES_PER_VISIT * count)


def _lay_staff(world: World, visitors: Visitors) -> None:
    people, roles = len(world["people"]), len(world["responding"])
    for name, count in (("lines", QUEUES), ("idle", roles)):
        lines = new_table(LINE, count)
        lines["first"] = lines["last"] = NONE
        world.lay(name, lines)
    world.set("lines_count", QUEUES)
    world.lay("here", np.zeros(people, dtype=np.int64))
    world.lay("busy", np.zeros((people, DUTIES)))
    world.lay("due", np.zeros(len(world["rests"]), dtype=np.int64))
    cases = int(np.isfinite(visitors.onset).sum())
    teams = world["severities"]["end_seats"] - world["severities"]["first_seat"]
    width = int(teams.max(initial=0))
    world.lay("cases", new_table(CASE, cases))
    world.lay("members", new_table(MEMBER, cases * width))
    world.lay("gathering", np.zeros(cases, dtype=np.int64))
    world.set("cases_room", cases)
    world.set("members_width", width)
    world.set("members_room", cases * width)
