"""Cases of one room without staff, open all the time."""

from sim.validation.case import Case, Figure
from sim.validation.from_log import (
    NumberQuantile,
    ShareAtLeast,
    WaitedAtMost,
    minutes_with_number_present,
    wait_of_those_who_wait,
)
from sim.validation.readings import FromLog, PerUse, Summary

HEAVY = 0.02
"""Relative standard error that will do in heavy traffic."""

_WAIT, _WAITING = Summary("wait"), Summary("wait", "share_waiting")
_QUEUE, _OCCUPIED = Summary("waiting"), Summary("places", "occupied")
_NO_SPACE = Summary("visits", "share", "outcome:no_space")
_LONGER = tuple(Summary("wait_joined", f"within_{limit}", complement=True) for limit in (5, 10))


def _loss(places: int, exact: float, stays: str, counts: tuple[int, int]) -> Case:
    file = f"s6-{places}-places{'-' + stays if stays else ''}.yaml"
    words = f"no queue: share refused, {stays or 'exponential'} stays"
    return Case("S6", file, words, (Figure("refused", exact, _NO_SPACE),), *counts)


def _thirteen(
    file: str, demand: str, delayed: float, wait: float, limit: float, counts: tuple[int, int]
) -> Case:
    return Case(
        "V1",
        file,
        f"queue for thirteen places, {demand}",
        (
            Figure("P(wait)", delayed, _WAITING, limit),
            Figure("mean wait of those who wait", wait, FromLog(wait_of_those_who_wait), limit),
            Figure("mean wait", delayed * wait, _WAIT, limit),
        ),
        *counts,
    )


def _without_limit(file: str, stays: str, counts: tuple[int, int]) -> Case:
    return Case(
        "S13",
        file,
        f"places without limit: number present, {stays} stays",
        (
            Figure("mean present", 9, Summary("inside")),
            Figure(
                "P(13 or more present)",
                0.124227,
                FromLog(minutes_with_number_present, ShareAtLeast(13)),
            ),
            Figure(
                "95 % quantile", 14, FromLog(minutes_with_number_present, NumberQuantile(0.95)), 0
            ),
            Figure(
                "99 % quantile", 17, FromLog(minutes_with_number_present, NumberQuantile(0.99)), 0
            ),
        ),
        *counts,
    )


PLACES = (
    Case(
        "S1",
        "s1.yaml",
        "queue for places: waits, their quantile, queue, occupancy",
        (
            Figure("P(wait)", 0.444444, _WAITING),
            Figure("mean wait", 4.444444, _WAIT),
            Figure("P95 of the wait", 21.848, Summary("wait", "p95")),
            Figure("mean queue", 0.888889, _QUEUE),
            Figure("occupancy", 0.666667, _OCCUPIED),
        ),
        80,
        8,
    ),
    Case(
        "S3",
        "s3.yaml",
        "queue for places, light traffic",
        (
            Figure("P(wait)", 0.130371, _WAITING),
            Figure("mean wait", 0.521485, _WAIT),
            Figure("occupancy", 0.5, _OCCUPIED),
        ),
        80,
        8,
    ),
    Case(
        "S5",
        "s5.yaml",
        "queue for places, many places, a wait in seconds",
        (
            Figure("P(wait)", 0.174132, _WAITING),
            Figure("P(wait <= 20 s)", 0.888350, FromLog(WaitedAtMost(1 / 3))),
            Figure("occupancy", 0.714286, _OCCUPIED),
        ),
        20,
        5,
    ),
    *(
        _loss(places, exact, stays, counts)
        for places, exact, counts in ((10, 0.214582, (20, 5)), (5, 0.110054, (20, 5)))
        for stays in ("", "lognormal", "fixed", "gamma")
    ),
    Case(
        "S8",
        "s8.yaml",
        "waiting area with few seats",
        (
            Figure("refused", 0.147608, _NO_SPACE),
            Figure("mean wait of those let in", 5.195083, _WAIT),
            Figure("mean queue", 0.885649, _QUEUE),
        ),
        40,
        6,
    ),
    Case(
        "S11",
        "s11.yaml",
        "patience: who waits, who leaves, and after how long",
        (
            Figure("P(wait)", 0.511026, Summary("wait_joined", "share_waiting")),
            Figure("reneged", 0.176226, Summary("visits", "share", "outcome:reneged")),
            Figure("mean time in the queue, all", 3.524528, Summary("wait_joined")),
            Figure("mean time in the queue, served", 2.973922, _WAIT),
            Figure("P(queue time > 5)", 0.265938, _LONGER[0]),
            Figure("P(queue time > 10)", 0.124059, _LONGER[1]),
            Figure("occupancy", 0.823774, _OCCUPIED),
        ),
        40,
        6,
    ),
    _without_limit("s13.yaml", "lognormal", (80, 8)),
    _without_limit("s13-fixed.yaml", "fixed", (80, 8)),
    Case(
        "S14",
        "s14.yaml",
        "queue for places, fixed stays",
        (
            Figure("P(wait)", 0.578282, _WAITING),
            Figure("mean wait", 0.386095, _WAIT),
        ),
        20,
        5,
    ),
    Case(
        "S16",
        "s16.yaml",
        "queue for one place, lognormal stays",
        (Figure("mean wait", 65.0, _WAIT, HEAVY),),
        80,
        10,
    ),
    Case(
        "S18",
        "s18.yaml",
        "people who come in groups",
        (
            Figure("P(wait)", 0.482767, _WAITING),
            Figure("mean wait", 8.967334, _WAIT),
        ),
        60,
        8,
    ),
    _thirteen("v1.yaml", "load 9.52", 0.2176397, 5.747126, 0.01, (40, 5)),
    _thirteen("v1-demand-115.yaml", "15 % more visits", 0.4555562, 9.746589, 0.01, (40, 5)),
    _thirteen("v1-demand-130.yaml", "30 % more visits", 0.8088271, 32.051282, HEAVY, (40, 10)),
    Case(
        "N5",
        "n5.yaml",
        "aftercare: when_full wait_in_place, places blocked",
        (
            Figure("mean wait", 15.244668, _WAIT),
            Figure("blocked minutes per use", 1.204327, PerUse("places", "blocked")),
            Figure("occupied or blocked", 0.795162, Summary("places", "idle", complement=True)),
        ),
        80,
        8,
    ),
)
"""One room; the last with aftercare."""
