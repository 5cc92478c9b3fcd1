"""How many people there are at each quarter-hour of the day, and what each day brings.

Numbers of people are read at the full quarter-hours, arrivals are counted until the next one. They
are whole numbers, so that they can be kept for every day of a long study as counts of counts.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

import numpy as np

from sim.compiled import compiled
from sim.log import Outcome
from sim.measures.access import UNSERVED_OUTCOMES
from sim.measures.facts import ON_SITE, Facts
from sim.measures.histogram import BASE, Histogram, counted
from sim.measures.steps import QUARTERS, Bools, Floats, Integers, window_of
from sim.scenario.derived import once
from sim.scenario.derived.calendar import site_spans
from sim.scenario.model.hours import DAY
from sim.scenario.model.scenario import Scenario

_WEEK = 7


class Days(StrEnum):
    """The days whose numbers are put together."""

    OPEN = "open"
    """Every day counted on which the site is open at some time."""
    WORST = "worst"
    """Of each whole week counted the day whose visitors queued the most minutes in all; of a
    horizon without a whole week, of all its days."""
    EACH = "each"
    """Each of the open days by itself: it is counted once a day."""
    NONE = ""
    """It is counted at events, not at times of day."""


@dataclass(frozen=True)
class CountRow:
    """A whole number whose distribution is wanted, at each quarter-hour of the day."""

    metric: str
    by: str
    days: Days
    definition: str


@once
def count_rows_of_site(scenario: Scenario) -> tuple[CountRow, ...]:
    """The numbers that are counted, the same in every replication of a scenario."""
    return tuple(_rows(scenario))


def _rows(scenario: Scenario) -> Iterator[CountRow]:
    for days in (Days.OPEN, Days.WORST):
        yield CountRow("arrivals", "all", days, "Visits that come within the quarter-hour")
        yield CountRow("waiting", "all", days, "People waiting, for whatever")
        yield CountRow("inside", "all", days, "People inside")
        for room in scenario.rooms:
            by = f"room:{room}"
            meaning = "Places occupied, blocked or being cleaned, in open hours"
            yield CountRow("places_taken", by, days, meaning)
            yield CountRow("places_open", by, days, "Places in open hours")
    came = "Visits that come on the day, not outside opening hours"
    yield CountRow("visits", "all", Days.EACH, came)
    yield CountRow("unserved", "all", Days.EACH, "Of these, those that get nothing")
    yield CountRow("uses", "all", Days.EACH, "Of the visits of the day, those that enter a place")
    yield CountRow("most_waiting", "all", Days.EACH, "Most people waiting at one time of the day")
    if scenario.aftercare is not None:
        meaning = "Most aftercare seats in use at one time of the day"
        yield CountRow("most_aftercare", "all", Days.EACH, meaning)
    if scenario.overdose is not None:
        meaning = "Overdoses on site of those who come on the day"
        yield CountRow("overdoses", "all", Days.EACH, meaning)
        meaning = "Other responses under way when an overdose on site begins"
        yield CountRow("responses_under_way", "all", Days.NONE, meaning)


def count_clock(facts: Facts) -> tuple[Histogram, ...]:
    """The numbers of one replication, one histogram per row of `count_rows_of_site`.

    A number n at quarter-hour q is kept as the tick q × BASE + n; of a day counted once, q is the
    day's number among those counted.
    """
    days = {
        Days.OPEN: _open_days(facts.scenario),
        Days.WORST: _worst_days(facts.visit_sums.by_day.queued),
    }
    rows = count_rows_of_site(facts.scenario)
    names = dict.fromkeys((row.metric, row.by) for row in rows if row.days in days)
    found = np.array([_numbers(facts, *name) for name in names]).reshape(len(names), -1, QUARTERS)
    by_quarter = {
        (*name, on): histogram
        for on, those in days.items()
        for name, histogram in zip(names, _histograms(found, those), strict=True)
    }
    return tuple(
        _others(facts)
        if row.days is Days.NONE
        else _each_day(facts, row.metric, days[Days.OPEN])
        if row.days is Days.EACH
        else by_quarter[row.metric, row.by, row.days]
        for row in rows
    )


def _numbers(facts: Facts, metric: str, by: str) -> Integers:
    """A number at every quarter-hour of the window."""
    if metric == "arrivals":
        return facts.visit_sums.by_day.arrivals
    if by == "all":
        return facts.series.readings(f"site:{metric}")
    places = facts.series.readings(f"{by}:open")
    if metric == "places_open":
        return places
    return np.where(places > 0, facts.series.readings(f"{by}:taken"), 0)


def _each_day(facts: Facts, metric: str, is_open: Bools) -> Histogram:
    """What is counted once a day, of the open days."""
    numbers = _of_days(facts, metric)[is_open].astype(np.int64)
    return Histogram(np.flatnonzero(is_open) * BASE + numbers, np.ones_like(numbers))


def _of_days(facts: Facts, metric: str) -> Integers | Floats:
    """A number of each day counted."""
    if metric == "overdoses":
        on_site = facts.overdoses.of(ON_SITE)
        return np.bincount(facts.overdoses.day[on_site], minlength=round(facts.window.days))
    if metric == "most_waiting":
        return facts.series.most_waiting
    if metric == "most_aftercare":
        return facts.series.most_aftercare
    visits = facts.visit_sums.by_day.visits
    if metric == "uses":
        uses: Integers = visits[:, 1].sum(axis=1)
        return uses
    outcomes = UNSERVED_OUTCOMES if metric == "unserved" else _DOORS_OPEN
    found: Integers = visits.sum(axis=1)[:, outcomes].sum(axis=1)
    return found


_DOORS_OPEN = tuple(outcome for outcome in Outcome if outcome != Outcome.CLOSED)


def _others(facts: Facts) -> Histogram:
    """Other responses under way, at each overdose on site."""
    others = facts.overdoses.others[facts.overdoses.of(ON_SITE)]
    return counted(np.rint(others).astype(np.int64))


@once
def _open_days(scenario: Scenario) -> Bools:
    window = window_of(scenario)
    days = round(window.days)
    first = window.start + DAY * np.arange(days)
    found = np.zeros(days, dtype=np.bool_)
    for start, end in site_spans(scenario):
        found |= (start < first + DAY) & (end > first)
    return found


def _worst_days(queued: Floats) -> Bools:
    """Of each week the day with the most minutes queued by those who came on it."""
    found = np.zeros(len(queued), dtype=np.bool_)
    length = min(_WEEK, len(queued))
    for first in range(0, len(queued) - length + 1, length):
        found[first + int(np.argmax(queued[first : first + length]))] = True
    return found


def _histograms(numbers: Integers, days: Bools) -> list[Histogram]:
    if numbers.min(initial=0) < 0:
        raise ValueError("there cannot be fewer than no people or places")
    ticks, counts, begin = count_by_quarter(numbers, days)
    return [Histogram(ticks[one:after], counts[one:after]) for one, after in pairwise(begin)]


@compiled
def count_by_quarter(numbers: Integers, days: Bools) -> tuple[Integers, Integers, Integers]:
    """How often each number is read at each quarter-hour, for each of several numbers.

    Args:
        numbers: (several, days, quarter-hours), 0 or more.
        days: which count.

    Returns:
        Ticks in order, as `count_clock` makes them, and their counts; where those of each number
        begin, and where the last end.
    """
    several, _, quarters = numbers.shape
    ticks, counts = np.empty(numbers.size + 1, np.int64), np.empty(numbers.size + 1, np.int64)
    begin, end = np.zeros(several + 1, np.int64), 0
    for one in range(several):
        wide = 1
        for day in range(len(days)):
            for quarter in range(quarters):
                wide = max(wide, numbers[one, day, quarter] + 1)
        found = np.zeros((quarters, wide), np.int64)
        for day in range(len(days)):
            if days[day]:
                for quarter in range(quarters):
                    found[quarter, numbers[one, day, quarter]] += 1
        for quarter in range(quarters):
            for number in range(wide):
                # Noted in any case, so that the processor need not guess whether it counts.
                ticks[end], counts[end] = quarter * BASE + number, found[quarter, number]
                end += found[quarter, number] > 0
        begin[one + 1] = end
    return ticks[:end].copy(), counts[:end].copy(), begin


def nothing_counted() -> tuple[Integers, Bools]:
    """Nothing to count: of these types of arguments, and no others, the loop is compiled."""
    return np.empty((0, 0, 0), dtype=np.int64), np.empty(0, dtype=np.bool_)
