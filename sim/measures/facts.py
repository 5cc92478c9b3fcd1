"""One replication as the figures need it: what of its log is counted, added up by what is alike."""

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, wraps
from typing import Any, Generic, Self, TypeVar, TypeVarTuple

import numpy as np

from sim.log import Duty, Log, Outcome, Where
from sim.measures.changes import Series, integrals, series_of
from sim.measures.histogram import TICKS, Histogram, histogram_of, merge
from sim.measures.steps import (
    HOURS,
    SAME,
    Bools,
    Floats,
    Integers,
    Window,
    sum_by_hour,
    window_of,
)
from sim.measures.visits import (
    CROWD,
    FROM_DOOR,
    GAVE_UP,
    NUMBER,
    OUTCOMES,
    SHORT,
    Cells,
    Stamps,
    VisitSums,
    visit_sums,
    ways_of,
)
from sim.scenario.derived import once
from sim.scenario.model.scenario import Scenario

REFUSED = (Outcome.CLOSED, Outcome.NO_SPACE, Outcome.BALKED)
"""Outcomes of those who were not let in."""

Part = TypeVar("Part", bound="Parts")
About = TypeVarTuple("About")
Result = TypeVar("Result")


@dataclass(frozen=True, eq=False)
class Group(Generic[Part]):
    """Some of the visits, of the overdoses or of the shifts."""

    by: str
    """As in the tables' `by` column."""
    belongs: Callable[[Part], Bools]
    """Which belong to it; see `Parts.of`."""

    def __and__(self, other: "Group[Part]") -> "Group[Part]":
        """Those of the group that belong to another one too; the name stays."""
        return Group(self.by, lambda parts: parts.of(self) & parts.of(other))

    def __invert__(self) -> "Group[Part]":
        """Those that do not belong to the group; the name stays."""
        return Group(self.by, lambda parts: ~parts.of(self))


def having(by: str, attribute: Callable[[Part], Integers], value: int) -> Group[Part]:
    """Those that have this value of an attribute."""
    return Group(by, lambda parts: np.equal(attribute(parts), value))


def kept(method: Callable[[Part, *About], Result]) -> Callable[[Part, *About], Result]:
    """Give the same result again for the same group; nobody may change it."""

    @wraps(method)
    def of(parts: Part, /, *about: *About) -> Result:
        key, found = (method, *about), parts.found
        if key in found:
            known: Result = found[key]
            return known
        result = found[key] = method(parts, *about)
        return result

    return of


@dataclass(frozen=True, eq=False, kw_only=True)
class Parts:
    """Columns of visits, overdoses or shifts, of which there are groups."""

    found: dict[Hashable, Any] = field(default_factory=dict)
    """What was found of groups, see `kept`."""

    @kept
    def of(self, group: Group[Self]) -> Bools:
        """Which belong to a group."""
        return group.belongs(self)


@dataclass(frozen=True, eq=False)
class Visits(Parts):
    """The visits that arrived within the window, an element for each cell of them.

    Visits of a cell are alike in the way they came, kind, room, outcome and hour of the week.
    """

    kind: Integers
    room: Integers
    """Room entered; -1 for none."""
    outcome: Integers
    hour: Integers
    """Hour of the week of the arrival; of those who came before the opening and waited at the door
    for it, of the opening."""
    way: Integers
    """How they came: USUAL to GAVE_UP of `visits`."""
    first_choice: Integers
    """Room that the kind prefers; -1 for none."""
    cells: Cells
    """The cells, and what was added up of them: NUMBER and so on."""
    stamps: Stamps
    """The visits one by one."""
    client: Floats
    """Of each visit who it is; -1 for unknown."""

    @classmethod
    def from_log(cls, scenario: Scenario, log: Log, sums: VisitSums) -> "Visits":
        """The visits of a log that were added up."""
        kinds, rooms = scenario.visits.values(), {name: n for n, name in enumerate(scenario.rooms)}
        shape = ways_of(scenario), len(kinds), len(rooms) + 1, OUTCOMES, HOURS
        way, kind, room, outcome, hour = np.unravel_index(sums.cells.codes, shape)
        choices = [rooms[one.rooms[0]] if one.rooms else -1 for one in kinds]
        return cls(
            kind=kind,
            room=room - 1,
            outcome=outcome,
            hour=hour,
            way=way,
            first_choice=np.array(choices, dtype=np.int64)[kind],
            cells=sums.cells,
            stamps=Stamps(*(column[sums.rows] for column in sums.stamps)),
            client=log.visits["client"][sums.rows],
        )

    @cached_property
    def _sums(self) -> Floats:
        """(columns, cells): what was added up, each sum in one piece."""
        return np.ascontiguousarray(self.cells.sums.T)

    def total(self, group: "Group[Visits]", column: int) -> float:
        """One of the sums of the visits of a group."""
        return self._totals(group)[column]

    @kept
    def _totals(self, group: "Group[Visits]") -> list[float]:
        """All of them: to take them together takes hardly longer than to take one."""
        found: list[float] = self._sums.take(self._cells_of(group), axis=1).sum(axis=1).tolist()
        return found

    @kept
    def by_hour(self, group: "Group[Visits]", column: int) -> Floats:
        """The same by hour of the week."""
        mine = self._cells_of(group)
        return sum_by_hour(self.hour.take(mine), self._sums[column].take(mine))

    @kept
    def _cells_of(self, group: "Group[Visits]") -> Integers:
        """The numbers of the cells of a group."""
        return np.flatnonzero(self.of(group))

    def arrivals_by_hour(self, kind: int | None) -> Floats:
        """Visits of a kind, or of all, by the hour of the week in which they arrived."""
        kinds = slice(None) if kind is None else slice(kind, kind + 1)
        mine = slice(None) if kind is None else np.equal(self.kind, kind)
        elsewhere: Floats = self.cells.arrived[kinds].sum(axis=0).astype(np.float64)
        return sum_by_hour(self.hour[mine], self._sums[NUMBER][mine]) + elsewhere

    def came_to(self, outcomes: Iterable[Outcome]) -> Bools:
        """Which had one of these outcomes."""
        among = np.zeros(OUTCOMES, dtype=np.bool_)
        among[list(outcomes)] = True
        return among.take(self.outcome)

    @kept
    def rows_of(self, group: "Group[Visits]") -> Integers:
        """Where the visits of a group stand among all, in order of arrival."""
        return np.flatnonzero(self.of(group).take(self.cells.of_visit))

    def hours_of(self, rows: Integers) -> Integers:
        """The hour of the week to which each of these visits belongs."""
        return self.hour.take(self.cells.of_visit.take(rows))

    def one_by_one(self, values: Floats, group: "Group[Visits]") -> Floats:
        """Of a value of each visit those of the visits of a group."""
        return values.take(self.rows_of(group))

    def waits_by_length(self, group: "Group[Visits]") -> Histogram:
        """The known waits of a group, of all hours of the week."""
        # Summed as they are kept: no log has so many visits, and to widen them takes twice as long.
        counts = np.zeros(self._lengths, dtype=self.cells.short.dtype)
        for one in np.flatnonzero(np.bincount(self._classes.take(self._cells_of(group)))):
            counts += self.cells.short[one, : self._lengths]
        ticks = np.flatnonzero(counts > 0)
        short = Histogram(ticks, counts[ticks].astype(np.int64))
        long = self.cells.long[self.of(group)[self.cells.of_visit[self.cells.long]]]
        return merge([short, histogram_of(self.stamps.waited[long])]) if len(long) else short

    @cached_property
    def _classes(self) -> Integers:
        """The class of each cell."""
        return self.cells.codes // HOURS

    @cached_property
    def _lengths(self) -> int:
        """So many of the SHORT lengths may occur: none is longer than the longest wait."""
        longest = np.fmax.reduce(self.stamps.waited, initial=0.0)
        return min(SHORT, int(np.rint(longest * TICKS)) + 1) if longest < np.inf else SHORT

    @kept
    def door_minutes(self, group: "Group[Visits]") -> tuple[Floats, Integers]:
        """Minutes at the door before the opening of those of a group, and the hours of these."""
        cells, minutes = self._door
        mine = self.of(group).take(cells)
        return minutes[mine], self.hour.take(cells[mine])

    @cached_property
    def _door(self) -> tuple[Integers, Floats]:
        """The cell of each visit that waited at the door, and its minutes there."""
        rows = self.rows_of(AT_DOOR)
        let_in, out = self.stamps.let_in.take(rows), self.stamps.out.take(rows)
        minutes = np.where(np.isnan(let_in), out, let_in) - self.stamps.arrival.take(rows)
        return self.cells.of_visit.take(rows).astype(np.int64), minutes


EVERYONE: Group[Visits] = Group("all", lambda visits: visits.outcome >= 0)
"""All visits."""
LET_IN: Group[Visits] = Group(
    "all", lambda visits: ~visits.came_to(REFUSED) & np.not_equal(visits.way, GAVE_UP)
)
GOT_PLACE: Group[Visits] = Group("all", lambda visits: visits.room >= 0)
"""Who entered a place, whatever came of it."""
AT_DOOR: Group[Visits] = Group("all", lambda visits: np.greater_equal(visits.way, FROM_DOOR))
"""Who came before the opening and waited at the door for it, let in or not."""


def by_kind(scenario: Scenario, *, with_room: bool = False) -> Iterator[Group[Visits]]:
    """One group per visit kind, or per kind that comes for a place."""
    for number, (name, kind) in enumerate(scenario.visits.items()):
        if kind.rooms or not with_room:
            yield having(f"kind:{name}", lambda visits: visits.kind, number)


def by_room(scenario: Scenario) -> Iterator[Group[Visits]]:
    """One group per room: the visits that entered it."""
    for number, name in enumerate(scenario.rooms):
        yield having(f"room:{name}", lambda visits: visits.room, number)


def by_first_choice(scenario: Scenario) -> Iterator[Group[Visits]]:
    """One group per room: the visits that would rather have it than any other."""
    for number, name in enumerate(scenario.rooms):
        yield having(f"room:{name}", lambda visits: visits.first_choice, number)


def by_crowd(scenario: Scenario) -> Iterator[Group[Visits]]:
    """The visits of those who come with the crowd at opening, where there is one."""
    if scenario.demand.crowd_at_opening > 0:
        yield having("crowd", lambda visits: visits.way, CROWD)


def by_outcome() -> Iterator[Group[Visits]]:
    """One group per outcome."""
    for outcome in Outcome:
        by = f"outcome:{outcome.name.lower()}"
        yield having(by, lambda visits: visits.outcome, outcome.value)


@dataclass(frozen=True, eq=False)
class Asked:
    """One service, or task during the stay, as it was asked for.

    Tables are (kinds, 168), by kind of the visit and hour of the week in which it was asked for.
    """

    number: Floats
    """How often it was asked for."""
    served: Floats
    """How often it was given."""
    had_to_wait: Floats
    """How often it was given after a wait."""
    skipped: Floats
    """How often it was skipped: nobody was on duty after closing who could give it."""
    waited: Floats
    """Sum of the waits for it, where it was given; minutes."""
    wait: Floats
    """Minutes until it began, each time it was asked for; NaN if it never did."""
    minutes: Floats
    """From its beginning to its end; NaN if it did not end."""
    cell: Integers
    """HOURS × the kind of the visit + the hour of the week, each time it was asked for."""


@dataclass(frozen=True, eq=False)
class Booked:
    """The appointments of one service whose times are counted, one element each."""

    came: Bools
    """Whether somebody came to it."""
    waited: Floats
    """Minutes past its time, or after joining the line if that was later, until they were seen;
    NaN if they never were."""
    hour: Integers
    """Hour of the week of its time."""


@dataclass(frozen=True, eq=False)
class Overdoses(Parts):
    """The overdoses of those visits, one element each; minutes."""

    kind: Integers
    """Of the visit."""
    where: Integers
    room: Integers
    severity: Integers
    hour: Integers
    """Hour of the week of the onset."""
    day: Integers
    """Day counted, from 0, on which the person came."""
    first: Floats
    """From onset to the first responder; NaN if nobody came."""
    team: Floats
    """From onset to the last of the team; NaN if the team was never complete."""
    watched: Floats
    """From onset to the end of the replication: a later response would not have been seen."""
    others: Floats
    interrupted: Floats


@dataclass(frozen=True, eq=False)
class Outages(Parts):
    """The places that failed within the window, one element each."""

    room: Integers
    in_use: Bools
    """Whether somebody was in it, or it was being cleaned: then it went out of order later."""
    minutes: Floats
    """From going out of order to being in order again; NaN of one that was not by the end."""


ON_SITE: Group[Overdoses] = Group(
    "all", lambda overdoses: np.not_equal(overdoses.where, Where.OFF_SITE)
)


@dataclass(frozen=True, eq=False)
class Shifts(Parts):
    """The shifts that ended within the window, added up: an element per role and rota line."""

    role: Integers
    line: Integers
    sums: Mapping[str, Floats]
    """How many went unfilled (`absent`), how many the person came to (`worked`) and how many of
    these ended `late`; minutes of `overtime`; minutes `rostered` of those worked that began within
    the window too, so that all work was counted, and in these by duty the minutes of work, overtime
    included; `breaks_due`, `breaks_deferred` and `breaks_missed`; and minutes of the longest time
    without a break of those worked (`longest_stretch`)."""
    late: tuple[Integers, Floats, Floats]
    """Of each shift that ended late its element, when it should have ended, and when it did."""

    @kept
    def total(self, group: "Group[Shifts]", name: str) -> float:
        """One of the sums of the shifts of a group."""
        return float(self.sums[name][self.of(group)].sum())


class Facts:
    """One replication as the figures need it; each part is worked out when first asked for.

    It holds the log: nothing that is kept by log may hold it, or no log would ever be freed.
    """

    def __init__(self, scenario: Scenario, log: Log) -> None:
        """Take the scenario that was simulated and its log."""
        self.scenario, self._log = scenario, log
        self.window = window_of(scenario)
        self.histograms: dict[Hashable, Histogram] = {}
        """Durations by length, see `Sample.histogram`."""
        self.running: dict[Hashable, Integers] = {}
        """Running sums of their counts, see `Sample.quantile`."""

    @cached_property
    def series(self) -> Series:
        """What changes with time."""
        return series_of(self.scenario, self._log)

    @cached_property
    def integrals(self) -> dict[str, Floats]:
        """Integrals by hour of the week, see `changes.integrals`."""
        return integrals(self.scenario, self.series)

    @property
    def exposure(self) -> Floats:
        """Minutes counted in each hour of the week."""
        return _exposure(self.scenario)

    @cached_property
    def visit_sums(self) -> VisitSums:
        """What the visits add up to."""
        return visit_sums(self.scenario, self._log)

    @cached_property
    def visits(self) -> Visits:
        """The visits counted."""
        return Visits.from_log(self.scenario, self._log, self.visit_sums)

    @cached_property
    def services(self) -> tuple[Asked, ...]:
        """One per service of the scenario."""
        return tuple(_services(self.scenario, self._log, self.window))

    @cached_property
    def booked(self) -> tuple[Booked, ...]:
        """One per service of the scenario; those without appointments have none."""
        return tuple(_booked(self.scenario, self._log, self.window))

    @cached_property
    def stay_tasks(self) -> tuple[Asked, ...]:
        """One per task during the stay of the scenario."""
        return tuple(_stay_tasks(self.scenario, self._log, self.window))

    @cached_property
    def overdoses(self) -> Overdoses:
        """The overdoses of the visits counted."""
        return _overdoses(self._log, self.window)

    @cached_property
    def outages(self) -> Outages:
        """The outages counted."""
        failed, out, back = (self._log.outages[name] for name in ("failed", "out", "back"))
        counted = self.window.holds(failed)
        return Outages(
            room=self._log.outages["room"][counted].astype(np.int64),
            in_use=(out != failed)[counted],
            minutes=(back - out)[counted],
        )

    @cached_property
    def shifts(self) -> Shifts:
        """The shifts counted."""
        return _shifts(self.scenario, self._log, self.window)


@once
def _exposure(scenario: Scenario) -> Floats:
    return window_of(scenario).minutes_by_hour()


def _services(scenario: Scenario, log: Log, window: Window) -> Iterator[Asked]:
    counted, kinds = window.rows(log.visits["arrival"]), len(scenario.visits)
    for asked, start, end in zip(
        log.service_asked, log.service_start, log.service_end, strict=True
    ):
        chosen = counted.start + np.flatnonzero(np.isfinite(asked[counted]))
        kind = log.visits["kind"][chosen]
        yield _asked(kind, kinds, asked[chosen], start[chosen], end[chosen], window)


def _stay_tasks(scenario: Scenario, log: Log, window: Window) -> Iterator[Asked]:
    counted, kinds, of = window.rows(log.visits["arrival"]), len(scenario.visits), log.stay_tasks
    visit = of["visit"]
    for number in range(len(scenario.stay_tasks)):
        mine = (of["task"] == number) & (visit >= counted.start) & (visit < counted.stop)
        asked, start, end = (of[name][mine] for name in ("asked", "start", "end"))
        yield _asked(log.visits["kind"][visit[mine]], kinds, asked, start, end, window)


def _asked(
    kind: Integers, kinds: int, asked: Floats, start: Floats, end: Floats, window: Window
) -> Asked:
    """What was asked for, by visits of these kinds, of so many."""
    hour, shape = window.hour_of_week(asked), (kinds, HOURS)
    cell = kind.astype(np.int64) * HOURS + hour
    wait, minutes = start - asked, end - start
    return Asked(
        number=_total(np.ones(len(cell)), cell, shape),
        served=_total(~np.isnan(wait), cell, shape),
        had_to_wait=_total(wait > SAME, cell, shape),
        skipped=_total(np.isnan(wait) & ~np.isnan(end), cell, shape),
        waited=_total(wait, cell, shape),
        wait=wait,
        minutes=minutes,
        cell=cell,
    )


def _booked(scenario: Scenario, log: Log, window: Window) -> Iterator[Booked]:
    kinds, bookings = list(scenario.visits), log.bookings
    counted = window.holds(bookings["time"])
    for number, service in enumerate(scenario.services.values()):
        kind = kinds.index(service.appointments.kind) if service.appointments else -1
        mine = counted & (bookings["kind"] == kind)
        time, visit = bookings["time"][mine], bookings["visit"][mine]
        # Of those who did not come (-1) it is the NaN after all visits.
        asked = np.append(log.service_asked[number], np.nan)[visit]
        start = np.append(log.service_start[number], np.nan)[visit]
        yield Booked(
            came=visit >= 0,
            waited=np.maximum(start - np.maximum(asked, time), 0.0),
            hour=window.hour_of_week(time),
        )


def _total(values: Floats | Bools, cell: Integers, shape: tuple[int, int]) -> Floats:
    """The sum of those values that are known in each cell of a table."""
    known = np.where(np.isnan(values), 0.0, values)
    return np.bincount(cell, known, shape[0] * shape[1]).astype(np.float64).reshape(shape)


def _overdoses(log: Log, window: Window) -> Overdoses:
    visit = log.responses["visit"].astype(np.int64)
    counted = window.holds(log.visits["arrival"][visit])
    of = {name: column[counted] for name, column in log.responses.items()}
    return Overdoses(
        kind=log.visits["kind"][visit[counted]].astype(np.int64),
        where=of["where"].astype(np.int64),
        room=of["room"].astype(np.int64),
        severity=of["severity"].astype(np.int64),
        hour=window.hour_of_week(of["onset"]),
        day=window.day(log.visits["arrival"][visit[counted]]),
        first=of["first"] - of["onset"],
        team=of["team"] - of["onset"],
        watched=log.end - of["onset"],
        others=of["others"],
        interrupted=of["interrupted"],
    )


def _shifts(scenario: Scenario, log: Log, window: Window) -> Shifts:
    # Counted by their end, whole weeks hold every shift of the rota once: one under way at the
    # start makes up for the one under way at the end.
    ends = log.people["end"]
    counted = (ends > window.start) & (ends <= window.end)
    of = {name: column[counted] for name, column in log.people.items()}
    staff = scenario.staff
    roles, lines = (len(staff.roles), len(staff.rota)) if staff else (0, 0)
    cell = (of["role"] * lines + of["line"]).astype(np.int64)
    worked, stretch = of["absent"] == 0, of["longest_stretch"]
    # Shifts of a person that go on into each other are one, told of with the last of them.
    whole_shift = ~np.isnan(stretch)
    overtime = np.where(worked, np.maximum(of["left"] - of["end"], 0.0), 0.0)
    whole = worked & (of["start"] >= window.start)
    late = worked & (overtime > SAME)
    duties = [duty.name.lower() for duty in Duty]
    values = {
        "absent": ~worked & whole_shift,
        "worked": worked & whole_shift,
        "late": late,
        "overtime": overtime,
        "rostered": (of["end"] - of["start"]) * whole,
        **{duty: of[duty] * whole for duty in duties},
        "breaks_due": of["breaks_due"],
        "breaks_deferred": of["breaks_deferred"],
        # A shift under way at minute 0 may have had its break before anything was played.
        "breaks_missed": of["breaks_missed"] * (of["start"] >= 0),
        "longest_stretch": stretch * worked,
    }
    return Shifts(
        role=np.repeat(np.arange(roles), lines),
        line=np.tile(np.arange(lines), roles),
        sums={name: _total(one, cell, (roles, lines)).ravel() for name, one in values.items()},
        late=(cell[late], of["end"][late], of["left"][late]),
    )
