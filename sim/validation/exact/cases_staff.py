"""Cases of staff, the tasks they do and the overdoses they meet."""

from sim.validation.exact.case import HEAVY, HOURLY, Case, Figure
from sim.validation.exact.sums import MinutesOnSite, delayed_overdoses
from sim.validation.readings import FromLog, HourOfDay, Summary


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
_ALL_WAITING = "wait_joined_share_waiting"


def _shifts(rule: str, wait: float, delayed: float) -> Case:
    busy = Summary("staff_busy", "share", "role:worker")
    figures = (
        Figure("mean wait", wait, Summary("wait_joined"), HEAVY),
        Figure("P(wait)", delayed, _SERVICE_WAITING),
        Figure("busy of those on duty", 0.661184, busy),
    )
    file = f"t3-{rule.replace('_', '-')}.yaml"
    return Case("T3", file, f"three shifts, end_of_shift {rule}", figures, 60, 30)


_NIGHT = (0.0866, 0.1024, 0.1119, 0.1109, 0.1578, 0.1229, 0.1323, 0.1229)
_DAY = (0.1577, 0.1107, 0.1117, 0.1022, 0.0864, 0.1342, 0.1163, 0.1086)
_EVENING = (0.1208, 0.0707, 0.1511, 0.0711, 0.1215, 0.1091, 0.1167, 0.1346)

STAFF = (
    _priorities("p1-one.yaml", "one person", (0.238095, 0.324675, 0.909091), (85, 30)),
    _priorities("p1-two.yaml", "two people", (0.028736, 0.033156, 0.048077), (155, 30)),
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
        replications=600,
        quick=32,
    ),
    Case(
        "P11",
        "p11.yaml",
        "overdose interrupts tasks: start full_team, preempts true",
        (
            # One overdose in seven waits, and meanwhile routine tasks pile up.
            Figure("mean wait of overdoses", 5.294118, Summary("response_team", times=60), HEAVY),
            Figure("overdoses delayed", 0.15, FromLog(delayed_overdoses)),
            Figure(
                "routine tasks: mean time waiting, interruptions included",
                7.531091,
                Summary("wait_joined", by="kind:routine", times=60),
                HEAVY,
            ),
            Figure(
                "routine tasks: mean time in system",
                22.531091,
                FromLog(MinutesOnSite("routine"), times=60),
            ),
        ),
        replications=220,
        quick=42,
    ),
    _shifts("hand_over", 8.113991, 0.401678),
    _shifts("finish_pooled", 8.092000, 0.401493),
    _shifts("finish", 5.95116, 0.345597),
    Case(
        "T6",
        "t6.yaml",
        "rota by the hour, patience for a service",
        (
            Figure("P(wait)", 0.118950, Summary("wait_joined", "share_waiting")),
            Figure("mean time in the queue", 0.557046, Summary("wait_joined"), HEAVY),
            Figure("reneged", 0.0185682, Summary("visits", "share", "outcome:reneged"), HEAVY),
            *(
                Figure(f"P(wait), from {hour} h", exact, HourOfDay(_ALL_WAITING, hour), HOURLY)
                for hour, exact in enumerate(_NIGHT + _DAY + _EVENING)
            ),
        ),
        replications=170,
        quick=30,
    ),
    Case(
        "R1",
        "r1.yaml",
        "a planned rota with a night shift",
        (
            Figure("mean wait", 0.710254, Summary("wait_joined"), HEAVY),
            Figure("P(wait)", 0.0876917, _SERVICE_WAITING),
            Figure("P(wait), worst hour, from 14 h", 0.1941, HourOfDay(_ALL_WAITING, 14), HOURLY),
        ),
        replications=140,
        quick=0,
    ),
)
"""Staff around the clock."""
