"""Cases whose demand varies over the day, and days that end."""

from sim.validation.exact.case import HEAVY, Case, Figure
from sim.validation.exact.sums import (
    EmptyAfter,
    PresentAt,
    amplitude,
    daily_mean_wait,
    daily_swing,
    minutes_behind,
)
from sim.validation.readings import FromLog, Summary


def _sine(file: str, stays: str, swing: float, behind: float, counts: tuple[int, int]) -> Case:
    figures = (
        Figure("mean present", 6, Summary("inside")),
        Figure("swing of the number present", swing, FromLog(daily_swing, amplitude)),
        # A lag of half an hour is 2 % of the day whose sine it is read from.
        Figure("minutes behind the arrivals", behind, FromLog(daily_swing, minutes_behind), HEAVY),
    )
    return Case("T1", file, f"demand like a sine, {stays} stays", figures, *counts)


_MORNING = (2.59399, 3.80972, 4.83891, 5.84286, 6.84340, 7.84347)
_EVENING = (7.97882, 7.13247, 6.15326, 5.15608, 4.15646, 2.29184)

DAYS = (
    _sine("t1.yaml", "exponential", 3.96616, 29.830, (60, 30)),
    _sine("t1-fixed.yaml", "fixed", 3.99714, 15, (80, 30)),
    Case(
        "T2",
        "t2.yaml",
        "demand by the hour, a day from empty to empty",
        tuple(
            Figure(f"mean present at {hour} h", exact, FromLog(PresentAt(60.0 * hour)))
            for hour, exact in enumerate(_MORNING + _EVENING, start=11)
        ),
        replications=115,
        quick=30,
    ),
    Case(
        "C3",
        "t2.yaml",
        "after closing: stays finished, time until all are out",
        (
            Figure("inside at closing", 2.29184, Summary("inside_at_closing")),
            *(
                Figure(f"all gone {minutes} min later", exact, FromLog(EmptyAfter(minutes)))
                for minutes, exact in ((30, 0.430365), (60, 0.733324), (90, 0.892165))
            ),
            Figure("mean time until all are out", 43.183, Summary("past_closing")),
        ),
        replications=260,
        quick=30,
    ),
    Case(
        "C1",
        "c1.yaml",
        "a day from empty to empty, the queue served after closing",
        (
            Figure("visits a day", 480, Summary("visits", "per_day")),
            Figure("mean wait, visits pooled", 2.078116, Summary("wait")),
            Figure(
                "mean of the days' mean waits",
                2.0507,
                FromLog(daily_mean_wait),
                exact_error=0.0040,
            ),
            Figure("P(wait)", 0.537996, Summary("wait", "share_waiting")),
            Figure("P(wait <= 5)", 0.852476, Summary("wait", "within_5")),
            Figure("last one out, minutes after closing", 9.835385, Summary("past_closing")),
        ),
        replications=150,
        quick=30,
    ),
)
"""Opening hours or demand by the hour."""
