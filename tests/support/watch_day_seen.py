"""What the data of a day's page says of a moment, to be held against the log's own counts."""

from bisect import bisect_right
from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np

from sim.log import Log, series_names
from sim.measures.steps import ChangeLog, Steps
from sim.report.page.words import catalogue
from sim.report.watch.courses import Area
from sim.report.watch.data import watch_data
from sim.report.watch.day import Day, overdoses_on_site, visits_on, visits_that_come
from sim.report.watch.watch_page import Design, Shown, watch_page
from sim.scenario.model.scenario import Scenario
from sim.visitors import Visitors

Step = tuple[float, int, int, int]


@dataclass(frozen=True, eq=False)
class Seen:
    """A day's data beside the log that it was made from."""

    scenario: Scenario
    log: Log
    day: Day
    data: Any
    series: dict[str, Steps]

    def moments(self) -> list[float]:
        """The day's start, and every instant of the day at which any count changes."""
        times = np.unique(self.log.changes["time"])
        within = times[(times > self.day.start) & (times < self.day.end)]
        return [self.day.start, *within.tolist()]

    def at(self, name: str, moment: float) -> float:
        """A count of the log."""
        return float(self.series[name].at(np.array([moment]))[0])

    def where(self, moment: float) -> dict[int, Step]:
        """Where the page draws each visit, by row of the log."""
        found = {}
        for row, _, _, arrival, path in self.data["visits"]:
            if arrival > moment:
                break  # they are in order of arrival
            if path[-1][0] <= moment and path[-1][1] == Area.GONE:
                continue
            begun = [tuple(step) for step in path if step[0] <= moment]
            found[row] = begun[-1]
        return found


def shown_day(day: Day, *plays: tuple[Scenario, Visitors, Log], replication: int = 0) -> Shown:
    """A day of one design, or of two, as a page plays it."""
    scenario, _, log = plays[0]
    return Shown(
        replication,
        day,
        visits_on(scenario, log, day),
        visits_that_come(log, day),
        overdoses_on_site(log, day),
        tuple(watch_data(*play, day) for play in plays),
    )


def page_of(
    day: Day, *plays: tuple[Scenario, Visitors, Log], lang: str = "en", names: str = "As it is"
) -> str:
    """The page of one day."""
    words = catalogue(lang)
    named = (names, *("The other",) * (len(plays) - 1))
    designs = [Design(name, play[0]) for name, play in zip(named, plays, strict=True)]
    return watch_page(designs, [shown_day(day, *plays)], 1, words)


def see(scenario: Scenario, visitors: Visitors, log: Log, day: Day) -> Seen:
    """Make the data of a day."""
    data = watch_data(scenario, visitors, log, day)
    counts = ChangeLog(scenario, log)
    series = {name: counts.steps(name) for name in series_names(scenario)}
    return Seen(scenario, log, day, data, series)


def check_counts(seen: Seen) -> None:
    """Hold everybody's whereabouts against the log's counts, at every instant of the day."""
    cases = {one["visit"]: one["onset"] for one in seen.data["overdoses"] if one["where"] != 2}
    for moment in seen.moments():
        where = seen.where(moment)
        areas = Counter(Area(step[1]) for step in where.values())
        ill = {visit for visit, onset in cases.items() if onset <= moment}
        inside = sum(areas.values()) - areas[Area.STREET]
        assert inside == seen.at("site:inside", moment), moment
        assert areas[Area.LINE] == seen.at("site:waiting_place", moment), moment
        assert areas[Area.SEAT] == seen.at("site:aftercare", moment), moment
        # Who is interrupted at the desk or a service waits again, as the log counts them.
        assert areas[Area.DESK_LINE] <= seen.at("site:waiting_check_in", moment), moment
        assert areas[Area.SERVICE_LINE] <= seen.at("site:waiting_service", moment), moment
        for number, room in enumerate(seen.scenario.rooms):
            _check_room(seen, moment, number, room, where, ill)


def _check_room(
    seen: Seen, moment: float, number: int, room: str, where: dict[int, Step], ill: set[int]
) -> None:
    in_place = (Area.PLACE, Area.HELD)
    here = {v: step for v, step in where.items() if step[1] in in_place and step[2] == number}
    blocked = [v for v, step in here.items() if step[1] == Area.HELD or v in ill]
    assert len(blocked) == seen.at(f"room:{room}:blocked", moment), moment
    assert len(here) - len(blocked) == seen.at(f"room:{room}:occupied", moment), moment
    dirty = [
        place
        for place, start, end in seen.data["rooms"][number]["cleaning"]
        if start <= moment and (end is None or moment < end)
    ]
    assert len(dirty) == seen.at(f"room:{room}:cleaning", moment), moment
    places = [step[3] for step in here.values()] + dirty
    assert len(set(places)) == len(places), "two in one place, or one in a place being cleaned"
    assert all(0 <= place < seen.scenario.rooms[room].places for place in places)
    out = [
        place
        for place, start, end in seen.data["rooms"][number]["out"]
        if start <= moment and (end is None or moment < end)
    ]
    assert not set(out) & set(places), "somebody in a place that is out of order"
    if seen.scenario.rooms[room].failures and seen.at(f"room:{room}:open", moment):
        times, limits = seen.data["rooms"][number]["limits"]
        limit = limits[bisect_right(times, moment) - 1]
        told = seen.at(f"room:{room}:out_of_order", moment)
        assert sum(place < limit for place in out) == told, moment


def check_stamps(seen: Seen, visitors: Visitors) -> None:
    """Hold every stamp of the visits of the day against the log, to the last digit."""
    columns = seen.log.visits
    for row, kind, outcome, arrival, path in seen.data["visits"]:
        times = [step[0] for step in path]
        assert times == sorted(set(times))
        assert (kind, outcome) == (columns["kind"][row], columns["outcome"][row])
        assert arrival == times[0] == columns["arrival"][row]
        out = float(columns["out"][row])
        assert (path[-1][1] == Area.GONE) == (not np.isnan(out))
        assert np.isnan(out) or times[-1] == out
        stay = [step for step in path if step[1] == Area.PLACE]
        assert [step[0] for step in stay] == _stay(columns, row)
        assert all(
            (step[2], step[3]) == (columns["room"][row], columns["place"][row]) for step in stay
        )
    assert [row for row, *_ in seen.data["visits"]] == _of_the_day(seen)
    assert len(visitors) == len(columns["arrival"])


def _stay(columns: Any, row: int) -> list[float]:
    """When the place was entered, if it was held for any time."""
    entered, left = columns["entered"][row], columns["left"][row]
    return [] if np.isnan(entered) or entered == left else [float(entered)]


def _of_the_day(seen: Seen) -> list[int]:
    visits, day = seen.log.visits, seen.day
    comes = (visits["arrival"] >= day.start) & (visits["arrival"] < day.end)
    is_there = (visits["arrival"] < day.start) & ~(visits["out"] <= day.start)
    return [int(row) for row in (comes | is_there).nonzero()[0]]
