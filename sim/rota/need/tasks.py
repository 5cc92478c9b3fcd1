"""What was wanted of staff in a replication: how many were wanted ahead of each task asked for."""

from collections.abc import Iterator
from heapq import heappush, heapreplace
from itertools import combinations
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.log import Log
from sim.measures.steps import ChangeLog, Floats, Window, steps_from
from sim.rota.check.rules import Roles
from sim.scenario.model.hours import HOURS_OF_WEEK
from sim.scenario.model.scenario import Scenario


class Tasks(NamedTuple):
    """Work of one kind, a column each; minutes."""

    roles: Roles
    """Who can do it."""
    asked: Floats
    """When each was asked for: from then on someone is wanted."""
    begun: Floats
    """When it began; NaN if never."""
    ended: Floats
    """When nobody was wanted for it any more: done, given up, or the site closed."""
    waits: bool = True
    """Whether its wait counts; an overdose takes people from their tasks, and has a chance of its
    own."""


class Wanted(NamedTuple):
    """What each set of roles was wanted for, in each hour of the week."""

    ahead: NDArray[np.float64]
    """(sets, 168, numbers): tasks asked for while 0, 1, 2 … others were wanted."""
    waited: NDArray[np.float64]
    """(sets, 168): tasks that began later than they were asked for, or never."""
    minutes: NDArray[np.float64]
    """(sets, 168, numbers): minutes in which 0, 1, 2 … were wanted."""


def wanted(scenario: Scenario, log: Log, window: Window, sets: tuple[Roles, ...]) -> Wanted:
    """What was wanted of staff in the counted time.

    A task is wanted from being asked for until it ends, by the sets that have all its roles; an
    overdose wants its whole team until the intensive phase ends, then its observers. Ahead of a
    task are all that were asked for before and have not ended, also those of the same instant: of
    three people who come together the third finds the first two.
    """
    tasks = tuple(tasks_of(scenario, log))
    found = [_of_set([one for one in tasks if one.roles <= roles], window) for roles in sets]
    return Wanted(
        ahead=together([one.ahead for one in found]),
        waited=np.array([one.waited for one in found]),
        minutes=together([one.minutes for one in found]),
    )


def together(tables: list[NDArray[np.float64]]) -> NDArray[np.float64]:
    """Tables as one, those with fewer numbers in their last axis filled with zeros."""
    most = max((table.shape[-1] for table in tables), default=0)
    return np.array([_widened(table, most) for table in tables])


def _widened(table: NDArray[np.float64], most: int) -> NDArray[np.float64]:
    fill = [(0, 0)] * (table.ndim - 1) + [(0, most - table.shape[-1])]
    return np.pad(table, fill)


def _of_set(tasks: list[Tasks], window: Window) -> Wanted:
    asked = np.concatenate([np.empty(0), *(one.asked for one in tasks)])
    ended = np.concatenate([np.empty(0), *(one.ended for one in tasks)])
    counts = np.concatenate(
        [np.empty(0, dtype=np.bool_), *(np.full(len(one.asked), one.waits) for one in tasks)]
    )
    late = np.concatenate(
        [np.empty(0, dtype=np.bool_), *(~(one.begun <= one.asked) for one in tasks)]
    )
    order = np.argsort(asked, kind="stable")
    asked, counts, late = asked[order], counts[order], late[order]
    ends = np.sort(ended)
    # Whoever is done at that very instant is free for it.
    before = np.arange(len(asked)) - np.searchsorted(ends, asked, side="right")
    counted = counts & window.holds(asked)
    hours = window.hour_of_week(asked[counted])
    return Wanted(
        ahead=_table(hours, before[counted], None),
        waited=np.bincount(hours, late[counted], minlength=HOURS_OF_WEEK).astype(np.float64),
        minutes=_minutes(asked, ends, window),
    )


def _minutes(asked: Floats, ends: Floats, window: Window) -> NDArray[np.float64]:
    times = np.concatenate((asked, ends))
    changes = np.concatenate((np.ones(len(asked)), -np.ones(len(ends))))
    order = np.argsort(times, kind="stable")
    steps = steps_from((times[order], np.cumsum(changes[order])))
    within = steps.times[(steps.times > window.start) & (steps.times < window.end)]
    cuts = np.unique(np.concatenate((window.edges(), within)))
    begins, lasting = cuts[:-1], np.diff(cuts)
    number = np.rint(steps.at(begins)).astype(np.int64)
    return _table(window.hour_of_week(begins), number, lasting)


def _table(
    hours: NDArray[np.int64], numbers: NDArray[np.int64], weights: Floats | None
) -> NDArray[np.float64]:
    """Sums of weights by hour of the week and number: (168, as many numbers as there are)."""
    numbers = np.maximum(numbers, 0)
    width = int(numbers.max(initial=0)) + 1
    found = np.bincount(hours * width + numbers, weights, minlength=HOURS_OF_WEEK * width)
    return found.reshape(HOURS_OF_WEEK, width).astype(np.float64)


# --- tasks --------------------------------------------------------------------------------------


def tasks_of(scenario: Scenario, log: Log) -> Iterator[Tasks]:
    """Everything that staff were asked for, by kind: check-in, services, tasks, overdoses."""
    yield from _check_in(scenario, log)
    yield from _services(scenario, log)
    yield from _stay_tasks(scenario, log)
    yield from _cleaning(scenario, log)
    yield from _responses(scenario, log)


def _check_in(scenario: Scenario, log: Log) -> Iterator[Tasks]:
    """Check-ins, from when there is a desk: who waits for a desk does not wait for staff."""
    desk = scenario.check_in
    if desk is None or not desk.roles:
        return
    visits = log.visits
    begun, after = visits["check_in_start"], _next_stage(log, visits["let_in"])
    # Whoever went on without having begun had nothing to register.
    came = ~np.isnan(visits["let_in"]) & (~np.isnan(begun) | (after >= visits["out"]))
    came &= ~np.isnan(begun) | np.isnan(visits["joined"])
    asked, begun = visits["let_in"][came], begun[came]
    ended = _first(visits["check_in_end"], visits["out"], log.end)[came]
    if desk.desks is not None:
        asked = _at_a_desk(asked, ended, desk.desks)
        reached = asked < ended
        asked, begun, ended = asked[reached], begun[reached], ended[reached]
    yield Tasks(frozenset(desk.roles), asked, begun, ended)


def _at_a_desk(asked: Floats, ended: Floats, desks: int) -> Floats:
    """When a desk is free for each: when, of those before, fewer than `desks` are not done."""
    latest: list[float] = []
    found = []
    for came, done in zip(asked.tolist(), ended.tolist(), strict=True):
        if len(latest) < desks:
            found.append(came)
            heappush(latest, done)
        else:
            found.append(max(came, latest[0]))
            if done > latest[0]:
                heapreplace(latest, done)
    return np.array(found)


def _services(scenario: Scenario, log: Log) -> Iterator[Tasks]:
    for number, service in enumerate(scenario.services.values()):
        if not service.seats:
            continue
        asked = log.service_asked[number]
        got = ~np.isnan(asked)
        # When someone gave up is not in the log: before the next thing they did.
        ended = _first(log.service_end[number], _next_stage(log, asked), log.end)[got]
        asked, begun = asked[got], log.service_start[number][got]
        if service.places is not None:
            # Who waits for a place of the service does not wait for staff.
            order = np.argsort(asked, kind="stable")
            asked, begun, ended = asked[order], begun[order], ended[order]
            asked = _at_a_desk(asked, ended, service.places)
            reached = asked < ended
            asked, begun, ended = asked[reached], begun[reached], ended[reached]
        for roles in service.seats:
            yield Tasks(frozenset(roles), asked, begun, ended)


def _stay_tasks(scenario: Scenario, log: Log) -> Iterator[Tasks]:
    """Tasks during stays; one given up ends with the stay, or when the next one was asked for."""
    of = log.stay_tasks
    for number, task in enumerate(scenario.stay_tasks.values()):
        mine = of["task"] == number
        if task.roles and mine.any():
            asked, begun, visit = (of[name][mine] for name in ("asked", "start", "visit"))
            until = _first(log.visits["left"][visit], log.visits["out"][visit], log.end)
            yield Tasks(
                frozenset(task.roles), asked, begun, _first(of["end"][mine], until, log.end)
            )


def _next_stage(log: Log, after: Floats) -> Floats:
    """The first thing each visit does after a time; NaN where there is none."""
    stamps = [log.visits[name] for name in ("joined", "entered", "aftercare_start", "out")]
    later = np.array([*stamps, *log.service_asked])
    later = np.where(later > after, later, np.inf)
    first: Floats = later.min(axis=0)
    return np.where(np.isinf(first), np.nan, first)


def _first(end: Floats, otherwise: Floats, at_last: float) -> Floats:
    found = np.where(np.isnan(end), otherwise, end)
    return np.where(np.isnan(found), at_last, found)


def _responses(scenario: Scenario, log: Log) -> Iterator[Tasks]:
    responses = log.responses
    severities = scenario.overdose.severities.values() if scenario.overdose is not None else ()
    on_site = np.isin(responses["where"], (0, 1))
    for number, severity in enumerate(severities):
        mine = on_site & (responses["severity"] == number)
        start = responses["onset"][mine]
        stable = _first(responses["stable"][mine], responses["end"][mine], log.end)
        end = _first(responses["end"][mine], stable, log.end)
        for seat, roles in enumerate(severity.team):
            until = end if seat < severity.observers else stable
            yield Tasks(frozenset(roles), start, start, until, waits=False)


def _cleaning(scenario: Scenario, log: Log) -> Iterator[Tasks]:
    """Places to be cleaned: asked for when someone leaves, done first come first served.

    The log counts the places that are not clean and the people who clean; that the first one left
    is the first one done is how the queue works, but for times of cleaning that differ.
    """
    counts, visits = ChangeLog(scenario, log), log.visits
    numbers = {name: number for number, name in enumerate(scenario.rooms)}
    for rooms in _cleaned_together(scenario):
        asked = [np.sort(visits["left"][visits["room"] == numbers[room]]) for room in rooms]
        asked = [one[~np.isnan(one)] for one in asked]
        ended = [
            _nth(_cleaned(mine, counts, room), len(mine))
            for mine, room in zip(asked, rooms, strict=True)
        ]
        roles = sorted({role for room in rooms for role in _cleaners(scenario, room)})
        busy = [counts.of(f"role:{role}:clean") for role in roles]
        begun = _begun(asked, ended, busy)
        for number, room in enumerate(rooms):
            until = np.where(np.isnan(ended[number]), log.end, ended[number])
            real = until > asked[number]
            yield Tasks(
                frozenset(_cleaners(scenario, room)),
                asked[number][real],
                begun[number][real],
                until[real],
            )


def _cleaners(scenario: Scenario, room: str) -> tuple[str, ...]:
    cleaning = scenario.rooms[room].cleaning
    return () if cleaning is None else cleaning.roles


def _cleaned_together(scenario: Scenario) -> list[tuple[str, ...]]:
    """Rooms that staff clean, those together that share cleaners."""
    found: list[tuple[str, ...]] = [(room,) for room in scenario.rooms if _cleaners(scenario, room)]

    def share(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
        mine = {role for room in one for role in _cleaners(scenario, room)}
        return any(mine & set(_cleaners(scenario, room)) for room in other)

    while pair := next((two for two in combinations(found, 2) if share(*two)), None):
        found = [*(one for one in found if one not in pair), pair[0] + pair[1]]
    return found


def _cleaned(asked: Floats, counts: ChangeLog, room: str) -> tuple[Floats, Floats]:
    """Places of a room that have been cleaned so far."""
    times, values = counts.of(f"room:{room}:cleaning")
    moments = np.unique(np.concatenate((times, asked)))
    so_far = np.searchsorted(asked, moments, side="right")
    return moments, so_far - steps_from((times, values)).at(moments)


def _begun(
    asked: list[Floats], ended: list[Floats], busy: list[tuple[Floats, Floats]]
) -> list[Floats]:
    """When each began, in order of being asked for: all that are done or in hand have."""
    every, ends = np.concatenate(asked), np.sort(np.concatenate(ended))
    moments = np.unique(np.concatenate((every, ends[~np.isnan(ends)], *(one for one, _ in busy))))
    at_work = np.sum([steps_from(one).at(moments) for one in busy], axis=0)
    so_far = np.searchsorted(ends, moments, side="right") + at_work
    begun = np.empty(len(every))
    begun[np.argsort(every, kind="stable")] = _nth((moments, so_far), len(every))
    return np.split(begun, np.cumsum([len(one) for one in asked])[:-1])


def _nth(counted: tuple[Floats, Floats], number: int) -> Floats:
    """When a count first reaches 1, 2, 3 … up to `number`; NaN if never."""
    times, values = counted
    highest = np.maximum.accumulate(np.concatenate(([0.0], values)))
    reached = np.repeat(times, np.diff(highest).astype(np.int64))[:number]
    return np.pad(reached, (0, number - len(reached)), constant_values=np.nan)
