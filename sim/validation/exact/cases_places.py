"""Cases of one room without staff, open all the time."""

from sim.validation.exact.case import HEAVY, Case, Figure
from sim.validation.exact.sums import (
    NumberQuantile,
    ShareAtLeast,
    WaitedAtMost,
    minutes_with_number_present,
    wait_of_those_who_wait,
)
from sim.validation.readings import FromLog, PerUse, Summary

_WAIT, _WAITING = Summary("wait"), Summary("wait", "share_waiting")
_QUEUE, _OCCUPIED = Summary("waiting"), Summary("places", "occupied")
_NO_SPACE = Summary("visits", "share", "outcome:no_space")
_LONGER = tuple(Summary("wait_joined", f"within_{limit}", complement=True) for limit in (5, 10))


def _loss(places: int, exact: float, stays: str, counts: tuple[int, int]) -> Case:
    file = f"s6-{places}-places{'-' + stays if stays else ''}.yaml"
    words = f"no queue: share refused, {stays or 'exponential'} stays"
    return Case("S6", file, words, (Figure("refused", exact, _NO_SPACE),), *counts)


def _without_limit(file: str, stays: str, counts: tuple[int, int]) -> Case:
    figures = [Figure("mean present", 9, Summary("inside"))]
    for name, exact, of, limit in (
        ("P(13 or more present)", 0.124227, ShareAtLeast(13), 0.01),
        ("95 % quantile", 14, NumberQuantile(0.95), 0),
        ("99 % quantile", 17, NumberQuantile(0.99), 0),
    ):
        figures.append(Figure(name, exact, FromLog(minutes_with_number_present, of), limit))
    words = f"places without limit: number present, {stays} stays"
    return Case("S13", file, words, tuple(figures), *counts)


def _thirteen(
    file: str, demand: str, delayed: float, wait: float, limit: float, counts: tuple[int, int]
) -> Case:
    figures = (
        Figure("P(wait)", delayed, _WAITING, limit),
        Figure("mean wait of those who wait", wait, FromLog(wait_of_those_who_wait), limit),
    )
    return Case("V1", file, f"queue for thirteen places, {demand}", figures, *counts)


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
        replications=300,
        quick=30,
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
        replications=190,
        quick=30,
    ),
    Case(
        "S5",
        "s5.yaml",
        "queue for many places, a wait in seconds",
        (
            Figure("P(wait)", 0.174132, _WAITING),
            Figure("P(wait <= 20 s)", 0.888350, FromLog(WaitedAtMost(1 / 3))),
            Figure("occupancy", 0.714286, _OCCUPIED),
        ),
        replications=60,
        quick=30,
    ),
    _loss(10, 0.214582, "", (20, 20)),
    _loss(10, 0.214582, "lognormal", (20, 0)),
    _loss(10, 0.214582, "fixed", (20, 0)),
    _loss(10, 0.214582, "gamma", (20, 0)),
    _loss(5, 0.110054, "", (70, 30)),
    _loss(5, 0.110054, "lognormal", (70, 30)),
    _loss(5, 0.110054, "fixed", (70, 30)),
    _loss(5, 0.110054, "gamma", (70, 30)),
    Case(
        "S8",
        "s8.yaml",
        "waiting area with few seats",
        (
            Figure("refused", 0.147608, _NO_SPACE),
            Figure("mean wait of those let in", 5.195083, _WAIT),
            Figure("mean queue", 0.885649, _QUEUE),
        ),
        replications=75,
        quick=30,
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
        replications=90,
        quick=30,
    ),
    _without_limit("s13.yaml", "lognormal", (85, 30)),
    _without_limit("s13-fixed.yaml", "fixed", (65, 0)),
    Case(
        "S14",
        "s14.yaml",
        "queue for places, fixed stays",
        (
            Figure("P(wait)", 0.578282, _WAITING),
            Figure("mean wait", 0.386095, _WAIT),
        ),
        replications=50,
        quick=30,
    ),
    Case(
        "S16",
        "s16.yaml",
        "queue for one place, lognormal stays",
        (Figure("mean wait", 65.0, _WAIT, HEAVY),),
        replications=60,
        quick=30,
    ),
    Case(
        "S18",
        "s18.yaml",
        "people who come in groups",
        (
            Figure("P(wait)", 0.482767, _WAITING),
            Figure("mean wait", 8.967334, _WAIT),
        ),
        replications=165,
        quick=30,
    ),
    _thirteen("v1.yaml", "load 9.52", 0.217640, 5.747126, 0.01, (200, 30)),
    _thirteen("v1-demand-115.yaml", "15 % more visits", 0.455556, 9.746589, HEAVY, (65, 0)),
    _thirteen("v1-demand-130.yaml", "30 % more visits", 0.808827, 32.051282, HEAVY, (100, 0)),
    Case(
        "N5",
        "n5.yaml",
        "aftercare: when_full wait_in_place, places blocked",
        (
            Figure("mean wait", 15.244668, _WAIT, HEAVY),
            Figure("blocked minutes per use", 1.204327, PerUse("places", "blocked")),
            Figure("occupied or blocked", 0.795162, Summary("places", "idle", complement=True)),
        ),
        replications=125,
        quick=32,
    ),
)
"""One room; the last with aftercare."""
