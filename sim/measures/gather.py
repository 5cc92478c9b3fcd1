"""From a log to the facts that the figures are computed from."""

from collections.abc import Iterator

import numpy as np

from sim.log import Duty, Log
from sim.measures.counted import Passed, pass_through
from sim.measures.facts import (
    Asked,
    Closings,
    Facts,
    Overdoses,
    Shifts,
    Visits,
)
from sim.measures.ondemand import OnDemand
from sim.measures.passes import OUTCOMES, Stamps
from sim.measures.series import integrals, peaks
from sim.measures.steps import HOURS, Window, window_of
from sim.measures.walk import walk
from sim.scenario.scenario import Scenario


def gather(scenario: Scenario, log: Log) -> Facts:
    """The facts of one replication."""
    window, passed = window_of(scenario), pass_through(scenario, log)
    return Facts(
        window=window,
        visits=_visits(scenario, log, passed),
        services=tuple(_services(log, window)),
        overdoses=_overdoses(log, window),
        shifts=_shifts(log, window),
        closings=Closings(late=passed.late, inside=passed.inside),
        # Most of the work, and only figures of places, staff and the whole site need it.
        hours=OnDemand(lambda: integrals(scenario, walk(scenario, log))),
        peaks=OnDemand(lambda: peaks(scenario, walk(scenario, log))),
        exposure=window.minutes_by_hour(),
    )


def _visits(scenario: Scenario, log: Log, passed: Passed) -> Visits:
    alike, rows = passed.alike, passed.rows
    shape = len(scenario.visits), len(scenario.rooms) + 1, OUTCOMES, HOURS
    kind, room, outcome, hour = np.unravel_index(alike.codes, shape)
    rooms = {name: index for index, name in enumerate(scenario.rooms)}
    choices = [rooms[kind.rooms[0]] if kind.rooms else -1 for kind in scenario.visits.values()]
    return Visits(
        kind=kind,
        room=room - 1,
        outcome=outcome,
        hour=hour,
        first_choice=np.array(choices, dtype=np.int64)[kind],
        alike=alike,
        stamps=Stamps(*(column[rows] for column in passed.stamps)),
        client=log.visits["client"][rows],
    )


def _services(log: Log, window: Window) -> Iterator[Asked]:
    counted = window.rows(log.visits["arrival"])
    for asked, start, end in zip(
        log.service_asked, log.service_start, log.service_end, strict=True
    ):
        chosen = counted.start + np.flatnonzero(~np.isnan(asked[counted]))
        yield Asked(
            kind=log.visits["kind"][chosen].astype(np.int64),
            hour=window.hour_of_week(asked[chosen]),
            wait=start[chosen] - asked[chosen],
            minutes=end[chosen] - start[chosen],
        )


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


def _shifts(log: Log, window: Window) -> Shifts:
    # Counted by their end, whole weeks hold every shift of the rota once: one under way at the
    # start makes up for the one under way at the end.
    ends = log.people["end"]
    counted = (ends > window.start) & (ends <= window.end)
    of = {name: column[counted] for name, column in log.people.items()}
    worked = of["absent"] == 0
    overtime = np.where(worked, np.maximum(of["left"] - of["end"], 0.0), 0.0)
    return Shifts(
        role=of["role"].astype(np.int64),
        line=of["line"].astype(np.int64),
        rostered=of["end"] - of["start"],
        worked=worked,
        whole=of["start"] >= window.start,
        overtime=overtime,
        duties={duty: of[duty.name.lower()] for duty in Duty},
        breaks_due=of["breaks_due"],
        breaks_deferred=of["breaks_deferred"],
        # A shift under way at minute 0 may have had its break before anything was played.
        breaks_missed=of["breaks_missed"] * (of["start"] >= 0),
        longest_stretch=of["longest_stretch"],
    )
