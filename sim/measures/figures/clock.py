"""How many people there are at each quarter-hour of the day, and what each day brings.

Numbers of people are read at the full quarter-hours, arrivals are counted until the next one. They
are whole numbers, so that they can be kept for every day of a long study as counts of counts.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from sim.compiled import compiled
from sim.log import Outcome
from sim.measures.facts.changes import numbering_of
from sim.measures.facts.facts import ON_SITE, Facts
from sim.measures.facts.visits import OUTCOMES
from sim.measures.figures.access import UNSERVED_OUTCOMES
from sim.measures.histogram import BASE, Histogram, counted
from sim.measures.steps import QUARTERS, Bools, Floats, Integers, window_of
from sim.scenario.derived import once
from sim.scenario.derived.calendar import site_spans
from sim.scenario.model.hours import DAY
from sim.scenario.model.scenario import Scenario

_WEEK = 7
Readings = NDArray[np.int32]


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
    rows, names = count_rows_of_site(facts.scenario), _by_quarter(facts.scenario)
    worst, each_day = _worst_days(facts.visit_sums.by_day.queued), _each_day(facts)
    days = np.array([_open_days(facts.scenario), worst])
    found = iter(_histograms(facts, names, days))
    by_quarter = {(*name, on): next(found) for name in names for on in (Days.OPEN, Days.WORST)}
    return tuple(
        _others(facts)
        if row.days is Days.NONE
        else each_day(row.metric)
        if row.days is Days.EACH
        else by_quarter[row.metric, row.by, row.days]
        for row in rows
    )


@once
def _by_quarter(scenario: Scenario) -> dict[tuple[str, str], tuple[int, int]]:
    """The numbers of each quarter-hour, by metric and part, and where each is read.

    That is the place among what is read, and the place of the number that must be above 0, or else
    none are counted: its own, or of the places that are open. Arrivals have no place, -1.
    """
    read, found = numbering_of(scenario).read, dict[tuple[str, str], tuple[int, int]]()
    for row in count_rows_of_site(scenario):
        if row.days is Days.OPEN:
            is_open = read.get(f"{row.by}:open", -1)
            name = f"{row.by}:taken" if row.metric == "places_taken" else f"site:{row.metric}"
            place = is_open if row.metric == "places_open" else read.get(name, -1)
            shown = is_open if row.metric == "places_taken" else place
            found[row.metric, row.by] = place, shown
    return found


def _each_day(facts: Facts) -> Callable[[str], Histogram]:
    """What is counted once a day, of the open days."""
    days = np.flatnonzero(_open_days(facts.scenario))
    ticks = days * BASE
    # (days, whether they got a place and OUTCOMES) by which of these count: few, and whole numbers.
    of_visits = facts.visit_sums.by_day.visits.reshape(-1, 2 * OUTCOMES).take(days, axis=0)
    visits = dict(zip(_OF_VISITS, (of_visits @ _COUNT).T, strict=True))

    def found(metric: str) -> Histogram:
        numbers = visits[metric] if metric in visits else _of_days(facts, metric)[days]
        return Histogram(ticks + numbers.astype(np.int64), np.ones(len(days), dtype=np.int64))

    return found


def _of_days(facts: Facts, metric: str) -> Integers | Floats:
    """A number of each day counted."""
    if metric == "overdoses":
        on_site = facts.overdoses.of(ON_SITE)
        return np.bincount(facts.overdoses.day[on_site], minlength=round(facts.window.days))
    return facts.series.most_waiting if metric == "most_waiting" else facts.series.most_aftercare


_OF_VISITS: Mapping[str, Callable[[bool, Outcome], bool]] = {
    "visits": lambda _, outcome: outcome != Outcome.CLOSED,
    "unserved": lambda _, outcome: outcome in UNSERVED_OUTCOMES,
    "uses": lambda got_place, _: got_place,
}
"""What is counted of the visits of a day: whether one does that got a place, and ended so."""
_COUNT = np.array(
    [
        [counts(got_place, outcome) for counts in _OF_VISITS.values()]
        for got_place in (False, True)
        for outcome in Outcome
    ],
    dtype=np.float64,
)


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
    found, length = np.zeros(len(queued), dtype=np.bool_), min(_WEEK, len(queued))
    weeks = queued[: len(queued) // length * length].reshape(-1, length)
    found[np.arange(len(weeks)) * length + weeks.argmax(axis=1)] = True
    return found


def _histograms(
    facts: Facts, names: Mapping[tuple[str, str], tuple[int, int]], days: Bools
) -> Iterator[Histogram]:
    """Those of each number, of each set of days."""
    places = np.array([*names.values()], dtype=np.int64)
    arrivals, readings = facts.visit_sums.by_day.arrivals, facts.series.readings
    ticks, counts, begin, lowest = count_by_quarter(arrivals, readings, places, days)
    if lowest < 0:
        raise ValueError("there cannot be fewer than no people or places")
    return (Histogram(ticks[one:after], counts[one:after]) for one, after in pairwise(begin))


@compiled
def count_by_quarter(
    arrivals: Readings, readings: Readings, places: Integers, days: Bools
) -> tuple[Integers, Integers, Integers, int]:
    """How often each number is read at each quarter-hour, for each of several numbers.

    Args:
        arrivals: of each quarter-hour.
        readings: see `Series.readings`.
        places: (several, 2): where each of the numbers is read, see `_by_quarter`.
        days: (sets, days): which count.

    Returns:
        Ticks in order, as `count_clock` makes them, and their counts, of each number one set after
        the other; where those of each begin, and where the last end; and the lowest number.
    """
    several, sets, rows = len(places), len(days), days.shape[1] * QUARTERS
    wide, lowest, of_all = np.zeros(several, np.int64), 0, 0
    for one in range(several):
        numbers = arrivals if places[one, 0] < 0 else readings[places[one, 0]]
        highest = np.int32(0)
        for row in range(rows):
            highest, lowest = max(highest, numbers[row]), min(lowest, numbers[row])
        wide[one] = highest + 1
        of_all += wide[one]  # `sum` would have Numba import much before it reads what is cached
    most = sets * QUARTERS * of_all + 1 if lowest == 0 else 1
    ticks, counts = np.empty(most, np.int64), np.empty(most, np.int64)
    begin, end = np.zeros(several * sets + 1, np.int64), 0
    for one in range(several if lowest == 0 else 0):
        numbers = arrivals if places[one, 0] < 0 else readings[places[one, 0]]
        shown = arrivals if places[one, 1] < 0 else readings[places[one, 1]]
        for of_set in range(sets):
            found = np.zeros((QUARTERS, wide[one]), np.int64)
            for day in range(days.shape[1]):
                if days[of_set, day]:
                    for quarter in range(QUARTERS):
                        at = np.uint64(day * QUARTERS + quarter)
                        number = numbers[at] if shown[at] > 0 else 0
                        found[np.uint64(quarter), np.uint64(number)] += 1
            for quarter in range(QUARTERS):
                for number in range(wide[one]):
                    # Noted in any case, so that the processor need not guess whether it counts.
                    ticks[end], counts[end] = quarter * BASE + number, found[quarter, number]
                    end += found[quarter, number] > 0
            begin[one * sets + of_set + 1] = end
    return ticks[:end].copy(), counts[:end].copy(), begin, lowest


def nothing_counted() -> tuple[Readings, Readings, Integers, Bools]:
    """Nothing to count: of these types of arguments, and no others, the loop is compiled."""
    readings, places = np.empty((0, 0), dtype=np.int32), np.empty((0, 2), dtype=np.int64)
    return np.empty(0, dtype=np.int32), readings, places, np.empty((0, 0), dtype=np.bool_)
