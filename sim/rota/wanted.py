"""How many people were wanted at each moment of a replication: tasks in hand and tasks waiting."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from sim.log import Log
from sim.measures.counts import Counts
from sim.measures.steps import Floats, Steps, Window, combine, steps_from
from sim.rota.work import Roles
from sim.scenario.hours import HOURS_OF_WEEK
from sim.scenario.scenario import Scenario

Spans = tuple[Floats, Floats]
"""Beginnings and ends."""


def minutes_wanted(
    scenario: Scenario, log: Log, window: Window, sets: tuple[Roles, ...], most: int
) -> NDArray[np.float64]:
    """Minutes in which 0, 1 … `most` or more were wanted: (sets of roles, 168, most + 1).

    A task is wanted from being asked for until it ends, by the sets that have all its roles; an
    overdose wants its whole team until the intensive phase ends, then its observers.
    """
    work = list(_work(scenario, log))
    registering = _check_in(scenario, log)
    counts = Counts(scenario, log)
    found = np.zeros((len(sets), HOURS_OF_WEEK, most + 1))
    for number, roles in enumerate(sets):
        mine = [spans for needs, spans in work if needs <= roles]
        parts = [_count(mine), *_cleaning(scenario, counts, roles)]
        if scenario.check_in is not None and set(scenario.check_in.roles) <= roles:
            parts += registering
        total = combine(_total, *parts)
        found[number] = _by_value(total, window, most)
    return found


def _total(*parts: Floats) -> Floats:
    total: Floats = np.asarray(parts).sum(axis=0)
    return total


def _check_in(scenario: Scenario, log: Log) -> list[Steps]:
    """People at check-in and waiting for it, where it takes staff; no more than there are desks.

    Who waits for a desk does not wait for staff.
    """
    if scenario.check_in is None or not scenario.check_in.roles:
        return []
    visits, desks = log.visits, scenario.check_in.desks
    came = ~np.isnan(visits["let_in"])
    start, end = visits["let_in"], _first(visits["check_in_end"], visits["out"], log.end)
    people = _count([(start[came], end[came])])
    if desks is None:
        return [people]
    return [Steps(people.times, np.minimum(people.values, desks))]


def _work(scenario: Scenario, log: Log) -> Iterator[tuple[Roles, Spans]]:
    visits = log.visits
    for number, service in enumerate(scenario.services.values()):
        if service.roles:
            asked = log.service_asked[number]
            # Who gave up waiting is no work; when they did is not in the log.
            got = ~np.isnan(asked) & ~np.isnan(log.service_start[number])
            end = _first(log.service_end[number], visits["out"], log.end)
            yield frozenset(service.roles), (asked[got], end[got])
    yield from _responses(scenario, log)


def _first(end: Floats, otherwise: Floats, at_last: float) -> Floats:
    found = np.where(np.isnan(end), otherwise, end)
    return np.where(np.isnan(found), at_last, found)


def _responses(scenario: Scenario, log: Log) -> Iterator[tuple[Roles, Spans]]:
    responses = log.responses
    severities = scenario.overdose.severities.values() if scenario.overdose is not None else ()
    on_site = np.isin(responses["where"], (0, 1))
    for number, severity in enumerate(severities):
        mine = on_site & (responses["severity"] == number)
        start = responses["onset"][mine]
        stable = _first(responses["stable"][mine], responses["end"][mine], log.end)
        end = _first(responses["end"][mine], stable, log.end)
        for seat, roles in enumerate(severity.team):
            yield frozenset(roles), (start, end if seat < severity.observers else stable)


def _cleaning(scenario: Scenario, counts: Counts, roles: Roles) -> Iterator[Steps]:
    """Places being cleaned or waiting for it; no visit tells of that."""
    for name, room in scenario.rooms.items():
        if room.cleaning is not None and room.cleaning.roles and set(room.cleaning.roles) <= roles:
            yield counts.steps(f"room:{name}:cleaning")


def _count(spans: list[Spans]) -> Steps:
    """How many of the spans are under way."""
    begins = np.concatenate([np.empty(0), *(one for one, _ in spans)])
    ends = np.concatenate([np.empty(0), *(other for _, other in spans)])
    times = np.concatenate((begins, ends))
    changes = np.concatenate((np.ones(len(begins)), -np.ones(len(ends))))
    order = np.argsort(times, kind="stable")
    return steps_from((times[order], np.cumsum(changes[order])))


def _by_value(steps: Steps, window: Window, most: int) -> NDArray[np.float64]:
    """Minutes with each value in each hour of the week: (168, most + 1)."""
    within = steps.times[(steps.times > window.start) & (steps.times < window.end)]
    cuts = np.unique(np.concatenate((window.edges(), within)))
    begins, minutes = cuts[:-1], np.diff(cuts)
    values = np.clip(np.rint(steps.at(begins)), 0, most).astype(np.int64)
    places = window.hour_of_week(begins) * (most + 1) + values
    found = np.bincount(places, minutes, minlength=HOURS_OF_WEEK * (most + 1))
    return found.reshape(HOURS_OF_WEEK, most + 1).astype(np.float64)
