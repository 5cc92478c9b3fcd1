"""Figures that are the integral or the highest value of a quantity."""

from collections.abc import Callable, Iterator

import numpy as np

from sim.measures.facts import Facts
from sim.measures.figure import Figure, HourFigure, HourPair, HourRow, Interval, Pair, Row
from sim.measures.series import Key


def over(part: Key, whole: Key) -> Callable[[Facts], HourPair]:
    """One quantity's integral over another's, by hour of the week."""
    return lambda facts: (facts.hours[part], facts.hours[whole])


def per_week(key: Key) -> Callable[[Facts], Pair]:
    """Integral of a quantity per week counted."""
    return lambda facts: (facts.total(*key), facts.window.weeks)


def hourly(metric: str, by: str, unit: str, meaning: str, key: Key) -> HourFigure:
    """Mean of a quantity over the minutes of each hour of the week."""
    most = 1.0 if unit == "share" else np.inf
    row = HourRow(metric, by, unit, meaning, most=most)
    return HourFigure(row, lambda facts: (facts.hours[key], facts.exposure))


def highest_figures(
    metric: str, by: str, key: Key, what: str, unit: str = "people"
) -> Iterator[Figure]:
    """The highest value of a quantity: in a typical replication, and in all of them."""
    definition = f"Highest number of {what} in a replication, mean of replications"
    row = Row(metric, "peak", by, unit, definition)
    yield Figure(row, lambda facts: (facts.peaks[key], 1.0))
    definition = f"Highest number of {what} in any replication"
    row = Row(metric, "highest", by, unit, definition, Interval.HIGHEST)
    yield Figure(row, lambda facts: (facts.peaks[key], 1.0))
