"""Cases of staff, the tasks they do and the overdoses they meet."""

from sim.validation.case import Case, Figure
from sim.validation.cases_places import HEAVY
from sim.validation.from_log import MinutesOnSite, delayed_overdoses
from sim.validation.readings import FromLog, HourOfDay, Summary

HOURLY = 0.05
"""Relative standard error that will do for one hour of the day."""


def _priorities(file: str, staff: str, waits: tuple[float, ...], counts: tuple[int, int]) -> Case:
    figures = (
        Figure(
            f"mean wait in h, {task}",
            wait,
            Summary("wait_service", by=f"service:{task}", times=1 / 60),
        )
        for task, wait in zip(("urgent", "soon", "routine"), waits, strict=True)
    )
    return Case("P1", file, f"priority of services, {staff}", tuple(figures), *counts)


_SERVICE_WAITING = Summary("wait_service", "share_waiting", "service:talk")


def _shifts(
    file: str, exercises: str, wait: float, delayed: float, counts: tuple[int, int]
) -> Case:
    return Case(
        "T3",
        file,
        exercises,
        (
            Figure("mean wait", wait, Summary("wait_joined"), HEAVY),
            Figure("P(wait)", delayed, _SERVICE_WAITING, HEAVY),
            Figure(
                "busy of those on duty", 0.66118421, Summary("staff_busy", "share", "role:worker")
            ),
        ),
        *counts,
    )


_HOURLY = (
    (0.0866, 0.1024, 0.1119, 0.1109, 0.1578, 0.1229, 0.1323, 0.1229, 0.1577, 0.1107, 0.1117, 0.1022)
    + (0.0864, 0.1342, 0.1163, 0.1086, 0.1208, 0.0707, 0.1511, 0.0711, 0.1215, 0.1091, 0.1167, 0.1346)
)  # fmt: skip

STAFF = (
    _priorities("p1-one.yaml", "one person", (0.238095, 0.324675, 0.909091), (40, 8)),
    _priorities("p1-two.yaml", "two people", (0.028736, 0.033156, 0.048077), (40, 8)),
    Case(
        "P9",
        "p9.yaml",
        "overdose first in line: start full_team, preempts false",
        (
            Figure(
                "mean wait of routine tasks",
                6.869898,
                Summary("wait_service", by="service:task", times=60),
            ),
            Figure("mean wait of overdoses", 9.102474, Summary("response_team", times=60)),
        ),
        80,
        10,
    ),
    Case(
        "P11",
        "p11.yaml",
        "overdose interrupts tasks: start full_team, preempts true",
        (
            Figure("mean wait of overdoses", 5.294118, Summary("response_team", times=60)),
            Figure("overdoses delayed", 0.15, FromLog(delayed_overdoses)),
            Figure(
                "routine tasks: mean time not at work on them",
                7.531091,
                Summary("wait_joined", by="kind:routine", times=60),
            ),
            Figure(
                "routine tasks: mean time in system",
                22.531091 / 60,
                FromLog(MinutesOnSite("routine")),
            ),
        ),
        80,
        10,
    ),
    _shifts(
        "t3-hand-over.yaml",
        "end_of_shift hand_over, demand by the hour",
        8.113991,
        0.4016781,
        (40, 6),
    ),
    _shifts(
        "t3-finish-pooled.yaml",
        "end_of_shift finish_pooled, demand by the hour",
        8.092000,
        0.4014926,
        (40, 6),
    ),
    _shifts(
        "t3-finish.yaml", "end_of_shift finish, demand by the hour", 5.95116, 0.345597, (40, 6)
    ),
    Case(
        "T6",
        "t6.yaml",
        "rota by the hour, patience for a service",
        (
            Figure("P(wait)", 0.118950, Summary("wait_joined", "share_waiting")),
            Figure("mean time in the queue", 0.557046, Summary("wait_joined"), HEAVY),
            Figure("reneged", 0.0185682, Summary("visits", "share", "outcome:reneged"), HEAVY),
            *(
                Figure(
                    f"P(wait), {hour:02d}-{hour + 1:02d} h",
                    exact,
                    HourOfDay("wait_joined_share_waiting", hour),
                    HOURLY,
                )
                for hour, exact in enumerate(_HOURLY)
            ),
        ),
        40,
        6,
    ),
    Case(
        "R1",
        "r1.yaml",
        "a planned rota with a night shift",
        (
            Figure("mean wait", 0.7102542, Summary("wait_joined"), HEAVY),
            Figure("P(wait)", 0.0876917, _SERVICE_WAITING),
            Figure(
                "P(wait) in the worst hour, 14-15 h",
                0.1941,
                HourOfDay("wait_joined_share_waiting", 14),
                HOURLY,
            ),
        ),
        40,
        6,
    ),
)
"""Staff around the clock."""
