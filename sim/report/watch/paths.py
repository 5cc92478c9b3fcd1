"""Where each visitor is at every moment: the stamps of a visit as a path through the site.

And which desk or seat, and which place is clean first: worked out where the log does not say.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Sequence
from enum import IntEnum
from heapq import heappop, heappush
from math import inf, isnan
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.log import Log, Where
from sim.measures.steps import Steps
from sim.report.watch.days import Day
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
    """Of the room or the service."""
    slot: int = 0
    """Of the place, desk or seat."""


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
        tasks = scenario.stay_tasks.values()
        self._waits = np.array([task.stay == "waits" for task in tasks], dtype=np.bool_)
        self._visitors, self._log = visitors, log

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
        yield Step(stamp["joined"], Area.LINE)
        yield from self._in_place(visit, stamp, case)
        yield from self._at_services("after", visit)
        yield Step(stamp["aftercare_start"], Area.SEAT)
        if case is not None:
            yield from self._after_overdose(stamp, case)
        yield Step(stamp["out"], Area.GONE)

    def _at_services(self, when: str, visit: int) -> Iterator[Step]:
        for number, stage in enumerate(self._services):
            if stage == when:
                yield Step(float(self._log.service_asked[number, visit]), Area.SERVICE_LINE, number)
                yield Step(float(self._log.service_start[number, visit]), Area.SERVICE, number)
                yield Step(float(self._log.service_end[number, visit]), Area.ELSEWHERE)

    def _in_place(self, visit: int, stamp: dict[str, float], case: int | None) -> Iterator[Step]:
        if isnan(stamp["entered"]):
            return
        room, place = int(stamp["room"]), int(stamp["place"])
        yield Step(stamp["entered"], Area.PLACE, room, place)
        over = stamp["entered"] + float(self._visitors.stay[room, visit])
        over = max(over + self._stood_still(visit), self._last_task(visit))
        left = self._log.end if isnan(stamp["left"]) else stamp["left"]
        if case is not None and self._log.responses["onset"][case] <= over:
            return  # the response is why they stay on
        if left > over or (isnan(stamp["left"]) and left == over):
            yield Step(over, Area.HELD, room, place)

    def _stood_still(self, visit: int) -> float:
        """Minutes for which the stay waited for staff, and for what they did."""
        of, mine = self._log.stay_tasks, self._tasks(visit)
        spent = of["end"][mine] - of["asked"][mine]
        return float(np.nansum(spent[self._waits[of["task"][mine]]]))

    def _last_task(self, visit: int) -> float:
        """When the last task during the stay was done; before all time without one."""
        ends = self._log.stay_tasks["end"][self._tasks(visit)]
        return float(np.fmax.reduce(ends, initial=-np.inf))

    def _tasks(self, visit: int) -> NDArray[np.intp]:
        return np.flatnonzero(self._log.stay_tasks["visit"] == visit)

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
    is ready first: here it is the one that is entered again first. So the number always agrees,
    and nobody enters a place before it is ready.

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
    found: list[Cleaned] = []
    under_way: list[tuple[float, float, int]] = []
    following = 0
    for time in np.union1d([until for until, _, _ in left], cleaning.times[1:]).tolist():
        while following < len(left) and left[following][0] == time:
            _, entered, place = left[following]
            after = bisect_left(entries[place], entered) + 1
            entered_next = entries[place][after] if after < len(entries[place]) else inf
            heappush(under_way, (entered_next, time, place))
            following += 1
        while len(under_way) > cleaning.at(np.array([time]))[0]:
            _, start, place = heappop(under_way)
            if time > start:
                found.append(Cleaned(place, start, time))
    return found + [Cleaned(place, start, inf) for _, start, place in under_way]


def _uses(log: Log, room: int) -> list[tuple[float, float, int]]:
    """Entered, left and place of every use of a room, in order of entering."""
    mine = log.visits["room"] == room
    columns = (log.visits[name][mine] for name in ("entered", "left", "place"))
    return sorted(
        (entered, left, int(place))
        for entered, left, place in zip(*(one.tolist() for one in columns), strict=True)
    )
