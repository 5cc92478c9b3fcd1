"""Cases worked out by hand, met to the last digit."""

from sim.log import Outcome
from sim.validation.exact.case import Case, Figure
from sim.validation.exact.sums import (
    Ended,
    EndOfResponse,
    EndOfService,
    OfVisit,
    Overtime,
    last_out,
)
from sim.validation.readings import FromLog, Reading, Summary


def _exactly(name: str, exact: float, reading: Reading) -> Figure:
    return Figure(name, exact, reading, limit=0)


def _waits(*waits: float) -> tuple[Figure, ...]:
    return tuple(
        _exactly(f"wait of visit {number + 1}", wait, FromLog(OfVisit(number, "waited")))
        for number, wait in enumerate(waits)
    )


def _ends(*ends: float) -> tuple[Figure, ...]:
    return tuple(
        _exactly(f"end of task {number + 1}", end, FromLog(EndOfService(number)))
        for number, end in enumerate(ends)
    )


def _closing(
    file: str, exercises: str, served: int, last: float, figures: tuple[Figure, ...]
) -> Case:
    return Case(
        "D8",
        file,
        exercises,
        (
            _exactly("served", served, Summary("visits", "per_day", "outcome:served")),
            _exactly(
                "refused as closed",
                7 - served if "entry" in file else 1,
                FromLog(Ended(Outcome.CLOSED)),
            ),
            _exactly("last one out", last, FromLog(last_out)),
            *figures,
        ),
    )


TRACES = (
    Case(
        "D1",
        "d1.yaml",
        "end of shift: finish the task in hand, overtime",
        (
            *(
                _exactly(f"overtime of person {number + 1}", overtime, FromLog(Overtime(number)))
                for number, overtime in enumerate((4, 1, 4))
            ),
            _exactly(
                "overtime, all", 9, Summary("overtime", "minutes_per_week", "role:worker", 1 / 7)
            ),
            _exactly("sent away at closing", 2, FromLog(Ended(Outcome.DISMISSED_AT_CLOSE))),
        ),
    ),
    Case(
        "D2",
        "d2.yaml",
        "overdoses that interrupt tasks; tasks resumed with their remainder",
        (
            *_ends(30, 30),
            *(
                _exactly(f"end of overdose {number + 1}", end, FromLog(EndOfResponse(number)))
                for number, end in enumerate((12, 25))
            ),
        ),
    ),
    Case(
        "D5",
        "d5.yaml",
        "end of shift: fewer on duty while all are busy",
        _ends(2, 3, 3),
    ),
    Case("D6", "d6.yaml", "nobody on duty; a task that ends with the shift", _ends(10, 20, 25)),
    _closing("d8-serve.yaml", "closing: queue_at_close serve", 6, 90, _waits(0, 0, 5, 5, 10, 10)),
    _closing(
        "d8-dismiss.yaml",
        "closing: queue_at_close dismiss",
        5,
        80,
        (
            *_waits(0, 0, 5, 5, 10),
            _exactly("mean wait", 4, Summary("wait")),
            _exactly("visit 6 sent away at", 60, FromLog(OfVisit(5, "out"))),
            _exactly("sent away", 1, FromLog(Ended(Outcome.DISMISSED_AT_CLOSE))),
        ),
    ),
    _closing("d8-last-entry.yaml", "closing: last_entry", 3, 55, _waits(0, 0, 5)),
    _closing(
        "d8-stop.yaml",
        "closing: at_close stop",
        3,
        60,
        (
            _exactly("cut short", 2, FromLog(Ended(Outcome.CUT_SHORT))),
            _exactly("stay of visit 4", 20, FromLog(OfVisit(3, "left", minus="entered"))),
            _exactly("stay of visit 5", 5, FromLog(OfVisit(4, "left", minus="entered"))),
            _exactly("sent away", 1, FromLog(Ended(Outcome.DISMISSED_AT_CLOSE))),
        ),
    ),
)
"""Explicit arrivals, fixed durations."""
