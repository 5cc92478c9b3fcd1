"""Where each visitor is at every moment: the stamps of a visit as a path through the site."""

from collections.abc import Iterator
from enum import IntEnum
from math import isnan
from typing import NamedTuple

import numpy as np

from sim.log import Log, Where
from sim.report.watch.days import Day
from sim.scenario.scenario import Scenario
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


class Step(NamedTuple):
    """From `time` on the visitor is here, until the next step."""

    time: float
    """Minutes: the very stamp of the log."""
    area: Area
    number: int = 0
    """Of the room or the service."""
    slot: int = 0
    """Of the place, desk or seat."""


class Walked(NamedTuple):
    """One visit."""

    visit: int
    """Row of the log."""
    path: list[Step]
    """In order of time, no two at one instant; ends with GONE unless still inside at the end."""


def walked(scenario: Scenario, visitors: Visitors, log: Log, day: Day) -> list[Walked]:
    """The visits of a day, in order of arrival: who comes on it, and who is there at its start."""
    arrival = log.visits["arrival"]
    outs = np.where(np.isnan(log.visits["out"]), np.inf, log.visits["out"])
    mine = (arrival < day.end) & ((arrival >= day.start) | (outs > day.start))
    cases = {int(visit): row for row, visit in enumerate(log.responses["visit"])}
    found = _Stamps(scenario, visitors, log)
    return [
        Walked(int(visit), _in_order(found.of(int(visit), cases.get(int(visit)))))
        for visit in mine.nonzero()[0]
    ]


class _Stamps:
    """Reads the steps of single visits from the log."""

    def __init__(self, scenario: Scenario, visitors: Visitors, log: Log) -> None:
        self._services = [service.when for service in scenario.services.values()]
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
        left = self._log.end if isnan(stamp["left"]) else stamp["left"]
        if case is not None and self._log.responses["onset"][case] <= over:
            return  # the response is why they stay on
        if left > over or (isnan(stamp["left"]) and left == over):
            yield Step(over, Area.HELD, room, place)

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
