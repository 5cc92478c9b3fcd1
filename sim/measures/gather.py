"""From a log to the facts that the figures are computed from."""

from collections.abc import Iterator

import numpy as np

from sim.log import Duty, Log
from sim.measures.counted import Passed, pass_through, ways_of
from sim.measures.facts import (
    SAME,
    Asked,
    Closings,
    Facts,
    Overdoses,
    Shifts,
    Visits,
)
from sim.measures.ondemand import OnDemand
from sim.measures.series import integrals, peaks
from sim.measures.steps import HOURS, Bools, Floats, Integers, Window, window_of
from sim.measures.visits import OUTCOMES, Stamps
from sim.measures.walk import walk
from sim.scenario.scenario import Scenario


def gather(scenario: Scenario, log: Log) -> Facts:
    """The facts of one replication."""
    window, passed = window_of(scenario), pass_through(scenario, log)
    return Facts(
        window=window,
        visits=_visits(scenario, log, passed),
        services=tuple(_services(scenario, log, window)),
        overdoses=_overdoses(log, window),
        shifts=_shifts(scenario, log, window),
        closings=Closings(late=passed.late, inside=passed.inside),
        # Most of the work, and only figures of places, staff and the whole site need it.
        hours=OnDemand(lambda: integrals(scenario, walk(scenario, log))),
        peaks=OnDemand(lambda: peaks(scenario, walk(scenario, log))),
        exposure=window.minutes_by_hour(),
    )


def _visits(scenario: Scenario, log: Log, passed: Passed) -> Visits:
    alike, rows = passed.alike, passed.rows
    shape = ways_of(scenario), len(scenario.visits), len(scenario.rooms) + 1, OUTCOMES, HOURS
    way, kind, room, outcome, hour = np.unravel_index(alike.codes, shape)
    rooms = {name: index for index, name in enumerate(scenario.rooms)}
    choices = [rooms[kind.rooms[0]] if kind.rooms else -1 for kind in scenario.visits.values()]
    return Visits(
        kind=kind,
        room=room - 1,
        outcome=outcome,
        hour=hour,
        way=way,
        first_choice=np.array(choices, dtype=np.int64)[kind],
        alike=alike,
        stamps=Stamps(*(column[rows] for column in passed.stamps)),
        client=log.visits["client"][rows],
    )


def _services(scenario: Scenario, log: Log, window: Window) -> Iterator[Asked]:
    counted, shape = window.rows(log.visits["arrival"]), (len(scenario.visits), HOURS)
    for asked, start, end in zip(
        log.service_asked, log.service_start, log.service_end, strict=True
    ):
        chosen = counted.start + np.flatnonzero(np.isfinite(asked[counted]))
        hour = window.hour_of_week(asked[chosen])
        cell = log.visits["kind"][chosen].astype(np.int64) * HOURS + hour
        wait, minutes = start[chosen] - asked[chosen], end[chosen] - start[chosen]
        yield Asked(
            number=_total(np.ones(len(cell)), cell, shape),
            served=_total(~np.isnan(wait), cell, shape),
            had_to_wait=_total(wait > SAME, cell, shape),
            waited=_total(wait, cell, shape),
            wait=wait,
            minutes=minutes,
            cell=cell,
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

    def total(values: Floats | Bools) -> Floats:
        return _total(values, cell, (roles, lines)).ravel()

    worked, stretch = of["absent"] == 0, of["longest_stretch"]
    # Shifts of a person that go on into each other are one, told of with the last of them.
    whole_shift = ~np.isnan(stretch)
    overtime = np.where(worked, np.maximum(of["left"] - of["end"], 0.0), 0.0)
    whole = worked & (of["start"] >= window.start)
    return Shifts(
        role=np.repeat(np.arange(roles), lines),
        line=np.tile(np.arange(lines), roles),
        absent=total(~worked & whole_shift),
        worked=total(worked & whole_shift),
        late=total(worked & (overtime > SAME)),
        overtime=total(overtime),
        rostered=total((of["end"] - of["start"]) * whole),
        duties={duty: total(of[duty.name.lower()] * whole) for duty in Duty},
        breaks_due=total(of["breaks_due"]),
        breaks_deferred=total(of["breaks_deferred"]),
        # A shift under way at minute 0 may have had its break before anything was played.
        breaks_missed=total(of["breaks_missed"] * (of["start"] >= 0)),
        stretches=total(worked & ~np.isnan(stretch)),
        longest_stretch=total(stretch * worked),
    )
