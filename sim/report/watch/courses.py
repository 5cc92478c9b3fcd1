"""Where each visitor is at every moment of a day.

The stamps of a visit are a path through the site; which desk or seat, and which place is clean
first, is worked out where the log does not say.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Sequence
from enum import IntEnum
from heapq import heappop, heappush
from math import inf, isnan, nan
from typing import NamedTuple

import numpy as np

from sim.log import Log, Where
from sim.measures.steps import Steps
from sim.report.watch.day import Day
from sim.rules.numbered import numbered
from sim.scenario.model.scenario import Scenario
from sim.visitors import Visitors


class Area(IntEnum):
    """A part of the picture."""

    GONE = 0
    STREET = 1
    """At the door: waiting for it to open, or turning round."""
    DESK_LINE = 2
    DESK = 3
    SERVICE_LINE = 4
    SERVICE = 5
    LINE = 6
    """The queue for a place."""
    PLACE = 7
    HELD = 8
    """In the place after the stay, waiting for a seat in aftercare."""
    SEAT = 9
    """Aftercare."""
    ELSEWHERE = 10
    """On site, neither in a place nor in aftercare: waiting for a seat there after a service, or
    with an overdose."""


WAITING = (Area.STREET, Area.DESK_LINE, Area.SERVICE_LINE, Area.LINE)
"""Where people wait their turn."""
SLOTTED = (Area.DESK, Area.SERVICE, Area.SEAT, Area.ELSEWHERE)
"""Areas whose slots are numbered for the picture; places have their number from the log."""


class Step(NamedTuple):
    """From `time` on the visitor is here, until the next step."""

    time: float
    """Minutes: the very stamp of the log."""
    area: Area
    number: int = 0
    """Of the room, the service or the queue for a place, see `queues_of`."""
    slot: int = 0
    """Of the place, desk or seat."""


def queues_of(scenario: Scenario) -> list[tuple[str, ...]]:
    """The queues for a place: one for each list of rooms that somebody in line accepts."""
    found = [kind.rooms for kind in scenario.visits.values() if kind.rooms]
    found += [(*kind.rooms, kind.switch.room) for kind in scenario.visits.values() if kind.switch]
    return list(dict.fromkeys(found))


class Course(NamedTuple):
    """One visit."""

    visit: int
    """Row of the log."""
    path: list[Step]
    """In order of time, no two at one instant; ends with GONE unless still inside at the end."""


def courses(scenario: Scenario, visitors: Visitors, log: Log, day: Day) -> list[Course]:
    """The visits of a day, in order of arrival: who comes on it, and who is there at its start."""
    arrival = log.visits["arrival"]
    outs = np.where(np.isnan(log.visits["out"]), np.inf, log.visits["out"])
    mine = (arrival < day.end) & ((arrival >= day.start) | (outs > day.start))
    cases = {int(visit): row for row, visit in enumerate(log.responses["visit"])}
    found = _Stamps(scenario, visitors, log)
    return [
        Course(int(visit), _in_order(found.of(int(visit), cases.get(int(visit)))))
        for visit in mine.nonzero()[0]
    ]


class _Stamps:
    """Reads the steps of single visits from the log."""

    def __init__(self, scenario: Scenario, visitors: Visitors, log: Log) -> None:
        self._services = [service.when for service in scenario.services.values()]
        self._in_order = sorted(
            range(len(self._services)), key=lambda number: self._services[number] == "after"
        )
        self._has_desk = scenario.check_in is not None
        self._booked = numbered(scenario).booked
        tasks = scenario.stay_tasks.values()
        self._waits = np.array([task.stay == "waits" for task in tasks], dtype=np.bool_)
        self._tasks = np.argsort(log.stay_tasks["visit"], kind="stable")
        self._of_task = log.stay_tasks["visit"][self._tasks]
        self._visitors, self._log = visitors, log
        queues, kinds = queues_of(scenario), scenario.visits.values()
        self._queue = [queues.index(kind.rooms) if kind.rooms else -1 for kind in kinds]
        self._switched_to = [
            queues.index((*kind.rooms, kind.switch.room)) if kind.switch else -1 for kind in kinds
        ]

    def of(self, visit: int, case: int | None) -> Iterator[Step]:
        """Every step, stage by stage; a stage that takes no time is followed at once by the next.

        Args:
            visit: row of the visit.
            case: row of its overdose among the responses.
        """
        stamp = {name: float(column[visit]) for name, column in self._log.visits.items()}
        yield Step(stamp["arrival"], Area.STREET)
        yield Step(stamp["let_in"], Area.DESK_LINE)
        yield Step(stamp["check_in_start"], Area.DESK)
        yield from self._at_services("before", visit)
        kind = int(stamp["kind"])
        yield Step(stamp["joined"], Area.LINE, self._queue[kind])
        yield Step(stamp["switched"], Area.LINE, self._switched_to[kind])
        yield from self._in_place(visit, stamp, case)
        yield from self._at_services("after", visit)
        yield Step(stamp["aftercare_start"], Area.SEAT)
        if case is not None:
            yield from self._after_overdose(stamp, case)
        yield Step(stamp["out"], Area.GONE)

    def _at_services(self, when: str, visit: int) -> Iterator[Step]:
        for number, stage in enumerate(self._services):
            if stage == when:
                if self._booked[int(self._log.visits["kind"][visit])] == number:
                    yield Step(self._ready(visit, number), Area.SERVICE_LINE, number)
                yield Step(float(self._log.service_asked[number, visit]), Area.SERVICE_LINE, number)
                yield Step(float(self._log.service_start[number, visit]), Area.SERVICE, number)
                yield Step(float(self._log.service_end[number, visit]), Area.ELSEWHERE)

    def _ready(self, visit: int, service: int) -> float:
        """When somebody booked has done with what comes before, and sits until their time."""
        visits = self._log.visits
        ready = float(visits["let_in"][visit])
        if self._has_desk and self._visitors.check_in[visit] > 0:
            ready = float(visits["check_in_end"][visit])
        for earlier in self._in_order[: self._in_order.index(service)]:
            if isnan(self._visitors.service[earlier, visit]):
                continue
            ready = float(self._log.service_end[earlier, visit])
            if isnan(self._log.service_start[earlier, visit]) and isnan(ready):
                asked = float(self._log.service_asked[earlier, visit])
                ready = asked + float(self._visitors.service_patience[earlier, visit])
        return ready if ready < float(np.nan_to_num(visits["out"][visit], nan=inf)) else nan

    def _in_place(self, visit: int, stamp: dict[str, float], case: int | None) -> Iterator[Step]:
        if isnan(stamp["entered"]):
            return
        room, place = int(stamp["room"]), int(stamp["place"])
        yield Step(stamp["entered"], Area.PLACE, room, place)
        over = stamp["entered"] + float(self._visitors.stay[room, visit])
        over = self._over(visit, over, case=case is not None)
        left = self._log.end if isnan(stamp["left"]) else stamp["left"]
        if case is not None and self._log.responses["onset"][case] <= over:
            return  # the response is why they stay on
        if left > over or (isnan(stamp["left"]) and left == over):
            yield Step(over, Area.HELD, room, place)

    def _over(self, visit: int, ends: float, *, case: bool) -> float:
        """When a stay is over; never of one that still goes on with a task when it is ended.

        Args:
            visit: row of the visit.
            ends: when it would be over without tasks during it.
            case: whether there is an overdose, which ends a task in hand.
        """
        of = self._log.stay_tasks
        mine = self._tasks[slice(*np.searchsorted(self._of_task, (visit, visit + 1)))]
        last = -inf
        for task in mine[np.argsort(of["asked"][mine], kind="stable")]:
            asked, end = (float(of[name][task]) for name in ("asked", "end"))
            waits = bool(self._waits[of["task"][task]])
            if isnan(end) and (waits or (case and not isnan(of["start"][task]))):
                return inf
            if waits and ends > asked:
                ends = end + (ends - asked)
            last = last if isnan(end) else end
        return max(ends, last)

    def _after_overdose(self, stamp: dict[str, float], case: int) -> Iterator[Step]:
        """Observed in aftercare after an overdose in the place; or met elsewhere on site."""
        of = {name: float(column[case]) for name, column in self._log.responses.items()}
        if of["where"] == Where.PLACE and stamp["left"] == of["stable"]:
            yield Step(of["stable"], Area.SEAT)
        elif of["where"] == Where.AFTERCARE and isnan(stamp["aftercare_start"]):
            yield Step(of["onset"], Area.ELSEWHERE)


def _in_order(steps: Iterator[Step]) -> list[Step]:
    """By time; of several at one instant the last stage is where the visitor comes to be."""
    known = [step for step in steps if not isnan(step.time)]
    lasting = {step.time: step for step in sorted(known, key=lambda step: step.time)}
    return list(lasting.values())


# --- desks and seats -----------------------------------------------------------------------------


def with_slots(visits: Sequence[Course]) -> list[Course]:
    """The same visits with a slot for each stay at a desk, a service or in aftercare.

    Whoever comes takes the lowest number that is free, and keeps it.
    """
    slots: dict[tuple[int, int], int] = {}
    free: dict[tuple[Area, int], list[int]] = defaultdict(list)
    used: dict[tuple[Area, int], int] = defaultdict(int)
    taken: list[tuple[float, tuple[Area, int], int]] = []
    for start, end, row, number in sorted(_stays(visits)):
        while taken and taken[0][0] <= start:
            _, where, slot = heappop(taken)
            heappush(free[where], slot)
        step = visits[row].path[number]
        where = (step.area, step.number)
        if free[where]:
            slot = heappop(free[where])
        else:
            slot = used[where]
            used[where] += 1
        slots[row, number] = slot
        heappush(taken, (end, where, slot))
    return [
        Course(
            visit,
            [
                step._replace(slot=slots.get((row, number), step.slot))
                for number, step in enumerate(path)
            ],
        )
        for row, (visit, path) in enumerate(visits)
    ]


def _stays(visits: Sequence[Course]) -> list[tuple[float, float, int, int]]:
    """Begin, end, row and number of the step, of every stay that needs a slot."""
    return [
        (step.time, path[number + 1].time if number + 1 < len(path) else inf, row, number)
        for row, (_, path) in enumerate(visits)
        for number, step in enumerate(path)
        if step.area in SLOTTED
    ]


# --- places that are cleaned ---------------------------------------------------------------------


class Cleaned(NamedTuple):
    """A place being cleaned, from `start` until `end`, which is infinite if never over."""

    place: int
    start: float
    end: float


def cleaned(log: Log, room: int, cleaning: Steps) -> list[Cleaned]:
    """When each place of a room was being cleaned.

    The log says when a cleaning begins and how many places are being cleaned, not which of them
    is ready first: here it is the one that is entered again first, unless it is out of order from
    when it is clean, as the log says. So the number always agrees, and nobody enters a place before
    it is ready.

    Args:
        log: the replication.
        room: number of the room.
        cleaning: how many of its places are being cleaned.
    """
    uses = _uses(log, room)
    entries: dict[int, list[float]] = defaultdict(list)
    for entered, _, place in uses:
        entries[place].append(entered)
    left = sorted((until, entered, place) for entered, until, place in uses if not isnan(until))
    goes_out = _go_out_clean(log, room)
    found: list[Cleaned] = []
    known: list[tuple[float, float, int]] = []
    under_way: list[tuple[float, float, int]] = []
    following = 0
    for time in np.union1d([until for until, _, _ in left], cleaning.times[1:]).tolist():
        while following < len(left) and left[following][0] == time:
            _, entered, place = left[following]
            after = bisect_left(entries[place], entered) + 1
            entered_next = entries[place][after] if after < len(entries[place]) else inf
            ready = next((out for out in goes_out[place] if time <= out <= entered_next), None)
            if ready is None:
                heappush(under_way, (entered_next, time, place))
            else:
                heappush(known, (ready, time, place))
            following += 1
        while known and known[0][0] <= time:
            _, start, place = heappop(known)
            if time > start:
                found.append(Cleaned(place, start, time))
        while len(known) + len(under_way) > cleaning.at(np.array([time]))[0]:
            _, start, place = heappop(under_way)
            if time > start:
                found.append(Cleaned(place, start, time))
    return found + [Cleaned(place, start, inf) for _, start, place in under_way]


def _go_out_clean(log: Log, room: int) -> dict[int, list[float]]:
    """Of each place the times at which it was clean, and out of order from then on."""
    found: dict[int, list[float]] = defaultdict(list)
    columns = log.outages
    late = (columns["room"] == room) & (columns["out"] > columns["failed"])
    for place, out in zip(columns["place"][late], columns["out"][late], strict=True):
        found[int(place)].append(float(out))
    return found


def _uses(log: Log, room: int) -> list[tuple[float, float, int]]:
    """Entered, left and place of every use of a room, in order of entering."""
    mine = log.visits["room"] == room
    columns = (log.visits[name][mine] for name in ("entered", "left", "place"))
    return sorted(
        (entered, left, int(place))
        for entered, left, place in zip(*(one.tolist() for one in columns), strict=True)
    )
