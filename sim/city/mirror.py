"""Play one replication of a system by the compiled loop: the very log that sim.city.readable gives.

Each facility has its tables as ever, and its row in one table with the others. Its visits are
numbered as they come; each knows where it stands what chance has drawn for whoever comes.
"""

from collections.abc import Sequence

import numpy as np
from numba import typeof

from sim.city.ledger import BY_VISIT, Noted, city_log, end_needs, nothing_ended
from sim.city.loop import ATTEMPTS_FULL, DRAWN_OUT, MADE, MADE_AT, VISITS_FULL, play
from sim.city.rows import NEEDS, Facility, Hours, Kind, OnTheWay
from sim.city.rows import System as SystemRow
from sim.compiled import Progress, compile_ahead, compile_parts, is_cached, must_compile
from sim.fast.engine import DONE, LOG_FULL, RING_FULL, TOO_SMALL
from sim.fast.memory.blueprint import blueprint
from sim.fast.memory.codes import ENTERED, NEVER, NONE
from sim.fast.memory.layout import lay_out
from sim.fast.memory.rows import Site, new_table, rows_of
from sim.fast.memory.world import WRITTEN_OF_A_VISIT, Tables, World
from sim.fast.simulate import EVENTS, log_of, row_type, stay_tasks_of
from sim.log import (
    ATTEMPT_COLUMNS,
    BOOKING_COLUMNS,
    WHOLE,
    CityLog,
    Columns,
    Log,
    NeedOutcome,
    Outcome,
)
from sim.rules.letting_in import letting_in
from sim.rules.timetable import Timetable, timetable
from sim.scenario.city.system import RECALLS, System
from sim.scenario.model.scenario import Scenario
from sim.visitors.needs import Needs
from sim.visitors.visitors import Integers, Visitors

_SPARE = 1.5
"""Room for visits of a facility, to begin with, over those who wish it first."""
_ATTEMPTS = 2.0
"""Room for attempts of each need, to begin with."""
_COMING = 64
"""And in both for so many more."""
_RING = 64
"""Rows for visits under way at a facility, to begin with; a power of two. They lie together in the
near memory, in which there is less room for each facility than a site of its own has."""
_OF_A_NEED = "arrival", "kind", "origin", "order", "informed", "row"
_OF_AN_ATTEMPT = "divert", "come_back", "delay", "balk"


def simulate(system: System, needs: Needs) -> CityLog:
    """What happens at the facilities of a system when these needs arise."""
    city = _play(system, needs)
    noted = _noted(city)
    logs = [
        _log(scenario, visitors, world, needs.row[number], noted.attempts["need"][here])
        for number, (scenario, visitors, world) in enumerate(
            zip(system.sites.values(), needs.sites, city.houses, strict=True)
        )
        for here in [np.flatnonzero(noted.attempts["facility"] == number)]
    ]
    return city_log(needs, logs, noted)


def will_compile() -> bool:
    """Whether the next simulation first takes the time to compile the loop."""
    return must_compile(play) or must_compile(end_needs)


def compile_loop(progress: Progress | None = None) -> bool:
    """Compile the loop, or read it if it is cached.

    Args:
        progress: is told of each part how many are done, of how many; the whole comes after all.

    Returns:
        Whether it is cached from now on.
    """
    if must_compile(play):
        compile_parts(play, row_type, progress)
    compile_ahead(play, row_type(SystemRow)[::1])
    compile_ahead(end_needs, *(typeof(one) for one in nothing_ended()))
    return is_cached(play) and is_cached(end_needs)


def _play(system: System, needs: Needs) -> "_City":
    """Run the loop to the end, with as much room as it takes."""
    if will_compile():
        compile_loop()
    events = EVENTS
    while True:
        city = _City(system, needs, events)
        while (state := play(city.table)) not in (DONE, TOO_SMALL):
            city.make_room(state)
        if state == DONE:
            return city
        needs, events = city.needs, 4 * events


# --- one replication ------------------------------------------------------------------------------


class _City(Tables):
    """The tables of one replication of a system."""

    def __init__(self, system: System, needs: Needs, events: int) -> None:
        """Lay everything out: nobody is anywhere.

        Args:
            system: the facilities and their demand.
            needs: what will arise.
            events: room on the agenda of each facility.
        """
        super().__init__(SystemRow)
        self.needs = needs
        hours = [
            timetable(
                scenario,
                visitors.absent,
                visitors.bad_weather,
                (visitors.failure_time, visitors.failure_repair),
            )
            for scenario, visitors in zip(system.sites.values(), needs.sites, strict=True)
        ]
        self.set("acts", NONE)
        self.set("horizon", system.people.horizon.minutes)
        self.houses = self._lay_houses(system, hours, events)
        self._lay_choice(system)
        self._lay_hours(system, hours)
        self._lay_needs()

    def make_room(self, state: int) -> None:
        """Give what the loop lacks, so that it can go on."""
        house = self.houses[int(self.get("short_of"))]
        if state == LOG_FULL:
            house.lengthen_log()
        elif state == RING_FULL:
            house.widen_ring()
        elif state == VISITS_FULL:
            rows = int(house.get("visits_count"))
            house.new_visits(2 * rows, rows)
        elif state == ATTEMPTS_FULL:
            before = self["made"], self["made_at"]
            rows = before[0].shape[1]
            self._lay_attempts(2 * rows)
            self["made"][:, :rows], self["made_at"][:, :rows] = before
        elif state == DRAWN_OUT:
            self.needs = self.needs.longer()
            self._lay_drawn()

    def _lay_houses(
        self, system: System, hours: Sequence[Timetable], events: int
    ) -> tuple[World, ...]:
        """The tables of each facility, whose site's row is in one table with the others."""
        facilities = new_table(Facility, len(hours))
        self.lay("facilities", facilities)
        self.lay("sites", new_table(Site, len(hours)))
        self.set("facilities_count", len(hours))
        wishes = np.bincount(self.needs.order[0] + 1, minlength=1 + len(hours))[1:].tolist()
        found = []
        scenarios = zip(system.sites.values(), self.needs.sites, hours, strict=True)
        for number, (scenario, visitors, its_hours) in enumerate(scenarios):
            visits = int(_SPARE * wishes[number]) + _COMING
            world = lay_out(blueprint(scenario), visitors, its_hours, events, visits)
            world.move_to(self["sites"][number : number + 1])
            world.new_ring(_RING)
            calendar = world["calendar"]["time"]
            facilities["next"][number] = calendar[0] if len(calendar) else NEVER
            found.append(world)
        return tuple(found)

    def _lay_choice(self, system: System) -> None:
        choice = system.choice
        kinds = new_table(Kind, len(system.kinds))
        for kind, one in zip(kinds, choice.returning, strict=True):
            kind["share"] = one.share
            kind["recalls"] = RECALLS * one.after.mean() if one.after is not None else 0.0
            kind["attempts"] = NONE if one.attempts is None else one.attempts
        self.lay("kinds", kinds)
        self.set("kinds_count", len(kinds))
        self.lay("kind_at", np.ascontiguousarray(system.kind_at, dtype=np.int64))
        for name in ("walk", "from_origin", "diverts"):
            self.lay(name, np.ascontiguousarray(getattr(choice, name), dtype=np.float64))
        self.set("origins_count", len(choice.from_origin))
        self.set("outcomes_count", len(Outcome))
        self.set("knows_hours", choice.knows_hours)
        self.set("carries_over", choice.carries_over)

    def _lay_hours(self, system: System, hours: Sequence[Timetable]) -> None:
        """When each facility takes in each kind, facility after facility."""
        never = np.empty((0, 2))
        found = [
            intervals[kind] if kind >= 0 else never
            for scenario, one, kinds in zip(
                system.sites.values(), hours, system.kind_at, strict=True
            )
            for intervals in [letting_in(scenario, one)]
            for kind in kinds
        ]
        table = new_table(Hours, len(found))
        table["end"] = np.cumsum([len(intervals) for intervals in found])
        table["now"][1:] = table["end"][:-1]
        self.lay("hours", table)
        self.set("hours_count", len(table))
        opens, closes = np.concatenate(found).T
        self.lay("opens", opens.copy())
        self.lay("closes", closes.copy())
        self.set("opens_count", len(opens))

    def _lay_needs(self) -> None:
        count = len(self.needs)
        for name in _OF_A_NEED:
            self.lay(name, np.ascontiguousarray(getattr(self.needs, name)))
        self.lay("needs", np.empty(count, NEEDS))
        self.lay("outcome", np.full(count, BY_VISIT))
        self.lay("over", np.full(count, np.nan))
        self.lay("on_the_way", np.empty(count, rows_of(OnTheWay)))
        self.set("needs_count", count)
        self._lay_attempts(int(_ATTEMPTS * count) + _COMING)
        self._lay_drawn()

    def _lay_attempts(self, rows: int) -> None:
        self.lay("made", np.empty((MADE, rows), dtype=np.int64))
        self.lay("made_at", np.empty((MADE_AT, rows)))
        self.set("attempts_room", rows)

    def _lay_drawn(self) -> None:
        for name in _OF_AN_ATTEMPT:
            self.lay(name, np.ascontiguousarray(getattr(self.needs, name)))
        self.set("drawn", len(self.needs.balk))
        for house in self.houses:
            house.lay("balk", self["balk"])
            house.set("balks_count", self["balk"].size)


# --- the log --------------------------------------------------------------------------------------


def _log(
    scenario: Scenario, visitors: Visitors, world: World, row: Integers, needs: Integers
) -> Log:
    """The log of a facility, whose visits are attempts; who is booked is told as a visitor.

    Args:
        scenario: the facility.
        visitors: all who may come.
        world: its tables.
        row: of each need, its row among these.
        needs: who has come, in order.
    """
    count = int(world.get("visits_arrived"))
    for name in WRITTEN_OF_A_VISIT:
        world.lay(name, world[name][..., :count])
    tasks = _stay_tasks(world, visitors, row, needs)
    bookings = {name: getattr(visitors.bookings, name) for name in BOOKING_COLUMNS}
    return log_of(scenario, visitors, world, tasks, bookings)


def _stay_tasks(world: World, visitors: Visitors, row: Integers, needs: Integers) -> Columns:
    """Of those who got a place: nobody gets one twice."""
    came = row.take(needs) if len(visitors.stay_task_times) else needs[:0]
    entered = ~np.isnan(world["stamps"][ENTERED, : len(came)])
    times = visitors.stay_task_times.take(came, axis=1) * entered
    first = visitors.stay_task_first.take(came, axis=1)
    here = np.cumsum(times).reshape(times.shape) - times
    place = np.arange(times.sum()) + np.repeat((first - here).ravel(), times.ravel())
    return stay_tasks_of(times, here, world["stay_task_stamps"][:, place])


def _noted(city: _City) -> Noted:
    """What became of the needs; those of which nothing was played would arise after the end."""
    count, begun = int(city.get("attempts_count")), int(city.get("needs_begun"))
    wholes, times = iter(city["made"][:, :count]), iter(city["made_at"][:, :count])
    attempts = {
        name: next(wholes if kind is WHOLE else times) for name, kind in ATTEMPT_COLUMNS.items()
    }
    city["outcome"][begun:] = NeedOutcome.ON_THE_WAY_AT_END
    return Noted(attempts, city["outcome"], city["over"])
