"""One replication as the figures need it: what of its log is counted, added up by what is alike."""

from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from sim.log import Duty, Log, Where
from sim.measures.facts.changes import Series, series_of
from sim.measures.facts.groups import (
    AT_DOOR,
    Classes,
    Group,
    Parts,
    Sought,
    add_hours,
    classes_of,
    kept,
)
from sim.measures.facts.integrals import Integrals, integrals
from sim.measures.facts.visits import MINUTES, Cells, Stamps, VisitSums, visit_sums
from sim.measures.histogram import Histogram, histogram_of, merge
from sim.measures.steps import (
    HOURS,
    SAME,
    Bools,
    Floats,
    Integers,
    Window,
    window_of,
)
from sim.scenario.derived import once
from sim.scenario.model.scenario import Scenario


@dataclass(frozen=True, eq=False)
class Visits(Parts):
    """The visits that arrived within the window, an element for each cell of them.

    Visits of a cell are alike in class and hour of the week.
    """

    classes: Classes
    of_cell: Integers
    """The class of each cell."""
    hour: Integers
    """Hour of the week of the arrival; of those who came before the opening and waited at the door
    for it, of the opening."""
    cells: Cells
    """The cells, and what was added up of them: NUMBER and so on."""
    stamps: Stamps
    """The visits one by one."""
    client: Floats
    """Of each visit who it is; -1 for unknown."""

    @classmethod
    def from_log(cls, scenario: Scenario, log: Log, sums: VisitSums) -> "Visits":
        """The visits of a log that were added up."""
        of_cell, hour = np.divmod(sums.cells.codes, HOURS)
        return cls(
            classes=classes_of(scenario),
            of_cell=of_cell,
            hour=hour,
            cells=sums.cells,
            stamps=Stamps(**{n: one[sums.rows] for n, one in sums.stamps._asdict().items()}),
            client=log.visits["client"][sums.rows],
        )

    def find(self, sought: Sought) -> None:
        """Find at once what is sought; anything else is found when it is asked for."""
        cells, there = self.cells, np.flatnonzero(self.cells.occurs)
        members = sought.members.take(there, axis=1).astype(np.float64)
        totals = (members @ cells.counts.take(there, axis=0)).tolist()
        self.found.update(zip(sought.groups, totals, strict=True))
        hours = add_hours(cells.codes, cells.sums, sought.members, sought.hourly, sought.columns)
        self.found.update(zip(sought.by_hour, hours, strict=True))

    def total(self, group: Group[Classes], column: int) -> float:
        """One of the sums of the visits of a group."""
        if column in MINUTES:
            return float(self.cells.sums[:, column].take(self._cells_of(group)).sum())
        if group not in self.found:
            mine = self.classes.of(group)
            self.found[group] = self.cells.counts[mine].sum(axis=0).tolist()
        found: float = self.found[group][column]
        return found

    def by_hour(self, group: Group[Classes], column: int) -> Floats:
        """The same by hour of the week."""
        if (group, column) not in self.found:
            self.find(Sought.of(self.classes, (), [(group, column)]))
        found: Floats = self.found[group, column]
        return found

    @kept
    def _cells_of(self, group: Group[Classes]) -> Integers:
        """The numbers of the cells of a group."""
        return np.flatnonzero(self.classes.of(group).take(self.of_cell))

    def moved(self, kind: int | None) -> Integers:
        """How many more visits of a kind, or of all, arrived in an hour than belong to it."""
        arrived = self.cells.arrived
        found: Integers = arrived.sum(axis=0) if kind is None else arrived[kind]
        return found

    @kept
    def rows_of(self, group: Group[Classes]) -> Integers:
        """Where the visits of a group stand among all, in order of arrival."""
        mine = self.classes.of(group).take(self.of_cell)
        return np.flatnonzero(mine.take(self.cells.of_visit))

    def hours_of(self, rows: Integers) -> Integers:
        """The hour of the week to which each of these visits belongs."""
        return self.hour.take(self.cells.of_visit.take(rows))

    def one_by_one(self, values: Floats, group: Group[Classes]) -> Floats:
        """Of a value of each visit those of the visits of a group."""
        return values.take(self.rows_of(group))

    def waits_by_length(self, group: Group[Classes]) -> Histogram:
        """The known waits of a group, of all hours of the week."""
        cells, mine = self.cells, self.classes.of(group)
        highest = int(cells.found[2]) + 1
        # Summed as they are kept: no log has so many visits, and to widen them takes twice as long.
        counts = np.zeros(highest, dtype=cells.short.dtype)
        for one in np.flatnonzero(mine & cells.occurs):
            counts += cells.short[one, :highest]
        ticks = np.flatnonzero(counts)
        short = Histogram(ticks, counts[ticks].astype(np.int64))
        if not len(cells.long):
            return short
        long = cells.long[mine[self.of_cell[cells.of_visit[cells.long]]]]
        return merge([short, histogram_of(self.stamps.waited[long])]) if len(long) else short

    @kept
    def door_minutes(self, group: Group[Classes]) -> tuple[Floats, Integers]:
        """Minutes at the door before the opening of those of a group, and the hours of these."""
        cells, minutes = self._door
        mine = self.classes.of(group).take(self.of_cell.take(cells))
        return minutes[mine], self.hour.take(cells[mine])

    @cached_property
    def _door(self) -> tuple[Integers, Floats]:
        """The cell of each visit that waited at the door, and its minutes there."""
        rows = self.rows_of(AT_DOOR)
        let_in, out = self.stamps.let_in.take(rows), self.stamps.out.take(rows)
        minutes = np.where(np.isnan(let_in), out, let_in) - self.stamps.arrival.take(rows)
        return self.cells.of_visit.take(rows).astype(np.int64), minutes


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
    names: Mapping[str, int]
    sums: Floats
    """(names, elements): how many went unfilled (`absent`), how many the person came to (`worked`)
    and how many of these ended `late`; minutes of `overtime`; minutes `rostered` of those worked
    that began within the window too, so that all work was counted, and in these by duty the minutes
    of work, overtime included; `breaks_due`, `breaks_deferred` and `breaks_missed`; and minutes of
    the longest time without a break of those worked (`longest_stretch`)."""
    late: tuple[Integers, Floats, Floats]
    """Of each shift that ended late its element, when it should have ended, and when it did."""

    def total(self, group: "Group[Shifts]", name: str) -> float:
        """One of the sums of the shifts of a group."""
        return self._totals(group)[self.names[name]]

    @kept
    def _totals(self, group: "Group[Shifts]") -> list[float]:
        """All of them: to add them up together takes hardly longer than one."""
        mine = np.flatnonzero(self.of(group))
        found: list[float] = self.sums.take(mine, axis=1).sum(axis=1).tolist()
        return found


class Facts:
    """One replication as the figures need it; each part is worked out when first asked for.

    It holds the log: nothing that is kept by log may hold it, or no log would ever be freed.
    """

    def __init__(self, scenario: Scenario, log: Log, sought: Sought | None = None) -> None:
        """Take the scenario that was simulated, its log, and what is sought of the visits."""
        self.scenario, self._log, self._sought = scenario, log, sought
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
    def integrals(self) -> Integrals:
        """Integrals by hour of the week."""
        return integrals(self.scenario, self.series)

    @cached_property
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
        visits = Visits.from_log(self.scenario, self._log, self.visit_sums)
        if self._sought is not None:
            visits.find(self._sought)
        return visits

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
    known = np.where(np.isnan(values), 0.0, values).ravel()
    found = np.bincount(cell.ravel(), known, shape[0] * shape[1])
    return found.astype(np.float64, copy=False).reshape(shape)


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
    # One row of the sums after the other, in one go.
    rows, cells = np.arange(len(values))[:, np.newaxis] * (roles * lines) + cell, roles * lines
    return Shifts(
        role=np.repeat(np.arange(roles), lines),
        line=np.tile(np.arange(lines), roles),
        names={name: number for number, name in enumerate(values)},
        sums=_total(np.array([*values.values()]), rows, (len(values), cells)),
        late=(cell[late], of["end"][late], of["left"][late]),
    )
