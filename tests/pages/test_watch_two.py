"""Two designs side by side: the same people, who is in the difference, and what the title says."""

import json
from typing import Any

import numpy as np
import pytest

from sim.engine import simulate
from sim.report.page.words import catalogue
from sim.report.watch.beside import SEEN_FROM, Apart, apart, same_people
from sim.report.watch.courses import Area
from sim.report.watch.day import choose_day
from sim.report.watch.finding import MATTERS, Apiece, Case, Moment, difference, sentence, titles
from sim.scenario import load_scenario
from sim.visitors import draw
from tests import ROOT
from tests.support.watch_day_seen import page_of, shown_day

NAMES = ("As it is", "Fewer")
SERVED, RENEGED = 0, 1
ALL_DAY = ([0.0], [1.0])


# --- who is in the difference ---------------------------------------------------------------------


def day_of(*visits: list[Any], end: float = 600.0, **more: Any) -> dict[str, Any]:
    """A day's data with visits (row, outcome, path) and nothing else going on."""
    found: dict[str, Any] = {
        "start": 0.0,
        "end": end,
        "midnight": 0.0,
        "visits": [[row, 0, outcome, path[0][0], path] for row, outcome, path in visits],
        "rooms": [
            {"name": "injecting", "series": {"open": ([0.0], [2.0]), "paused": ([0.0], [0.0])}}
        ],
        "series": {"open": ALL_DAY},
        "overdoses": [],
    }
    return found | more


def path(*steps: tuple[float, Area]) -> list[list[Any]]:
    return [[time, area, 0, 0] for time, area in steps]


def test_who_waits_in_one_and_is_served_in_the_other_is_in_the_difference():
    left = day_of(
        [0, SERVED, path((10, Area.LINE), (12, Area.PLACE), (30, Area.GONE))],
        [1, SERVED, path((11, Area.PLACE), (30, Area.GONE))],
        [2, SERVED, path((40, Area.LINE), (50, Area.PLACE))],
        [3, SERVED, path((40, Area.PLACE), (50, Area.GONE))],
    )
    right = day_of(
        [0, SERVED, path((10, Area.LINE), (20, Area.PLACE), (38, Area.GONE))],
        [1, SERVED, path((11, Area.LINE), (18, Area.PLACE), (37, Area.GONE))],
        [2, SERVED, path((40, Area.LINE), (40 + SEEN_FROM - 0.1, Area.PLACE))],
        [3, RENEGED, path((40, Area.LINE), (60, Area.GONE))],
    )
    assert apart(left, right) == [
        Apart(1, 1, 11, 18, 1),
        Apart(0, 2, 12, 20, 1),
        Apart(3, 1, 40, 60, 1),  # the lowest number is free again
        Apart(2, 2, 40 + SEEN_FROM - 0.1, 50, 0),  # waits longer on the left
    ]


def test_a_difference_too_short_to_be_followed_is_none():
    left = day_of([0, SERVED, path((10, Area.PLACE), (30, Area.GONE))])
    for wait, found in ((SEEN_FROM - 0.01, 0), (SEEN_FROM, 1)):
        right = day_of([0, SERVED, path((10, Area.LINE), (10 + wait, Area.PLACE))])
        assert len(apart(left, right)) == found


def test_who_left_with_nothing_is_no_longer_in_the_difference():
    left = day_of([0, SERVED, path((10, Area.LINE), (40, Area.PLACE))])
    right = day_of([0, RENEGED, path((10, Area.LINE), (20, Area.GONE))])
    assert apart(left, right) == []


@pytest.fixture(scope="module")
def two_plays():
    sites = [
        load_scenario(ROOT / "scenarios" / "h17.yaml", ["horizon.weeks=1", *sets])
        for sets in ([], ["staff.rota.4.count=1", "rooms.smoking.places=8"])
    ]
    drawn = [draw(one, seed=1, replication=0) for one in sites]
    return [
        (site, visitors, simulate(site, visitors))
        for site, visitors in zip(sites, drawn, strict=True)
    ]


def test_visitor_n_arrives_in_both_designs_at_the_same_instant(two_plays):
    (site, visitors, log), (_, other_visitors, other_log) = two_plays
    assert same_people(visitors, other_visitors)
    assert np.array_equal(log.visits["arrival"], other_log.visits["arrival"])
    day = choose_day(site, log, "busiest")
    page = page_of(day, *two_plays)
    (shown,) = json.loads(page.partition('id="handed">')[2].partition("</script>")[0])["days"]
    left, right = shown["designs"]
    arrivals = [{row: came for row, _, _, came, _ in one["visits"]} for one in (left, right)]
    both = arrivals[0].keys() & arrivals[1].keys()
    assert len(both) > 500
    assert all(arrivals[0][row] == arrivals[1][row] for row in both)
    assert [left[key] for key in ("start", "end", "midnight")] == [
        right[key] for key in ("start", "end", "midnight")
    ]


def test_those_in_the_difference_wait_in_one_design_and_not_in_the_other(two_plays):
    site, _, log = two_plays[0]
    day = choose_day(site, log, "busiest")
    data = shown_day(day, *two_plays).data
    found = apart(*data)
    assert len(found) > 50
    paths = [{visit[0]: visit[4] for visit in one["visits"]} for one in data]
    for one in found:
        middle = (one.start + one.end) / 2
        here, there = (
            [step for step in paths[which][one.visit] if step[0] <= middle][-1][1]
            for which in (one.waits_in, 1 - one.waits_in)
        )
        assert here in {Area.STREET, Area.DESK_LINE, Area.SERVICE_LINE, Area.LINE}
        assert there not in {Area.STREET, Area.DESK_LINE, Area.SERVICE_LINE, Area.LINE}
    for moment in np.arange(day.start, day.end, 7):
        numbers = [one.number for one in found if one.start <= moment < one.end]
        assert len(numbers) == len(set(numbers))
        assert all(number <= len(found) for number in numbers)


def test_designs_with_other_demand_meet_other_people():
    sites = [
        load_scenario(ROOT / "scenarios" / "h17.yaml", ["horizon.weeks=1", *sets])
        for sets in ([], ["demand.visits_per_day=530"])
    ]
    assert not same_people(*(draw(one, seed=1, replication=0) for one in sites))


# --- titles ---------------------------------------------------------------------------------------

QUIET = Moment(
    is_open=True,
    opens_at=None,
    at_door=0,
    inside=5,
    at_check_in=0,
    waiting=0,
    used=4,
    places=24,
    full=(),
    paused=False,
    left=0,
    case=None,
)
ALONE, THERE, STABLE = Case(900, 0, False), Case(900, 2, False), Case(900, 2, True)


@pytest.mark.parametrize(
    ("change", "title"),
    [
        ({}, "Nobody waits for a place, and 4 of 24 places are in use"),
        ({"used": 1}, "Nobody waits for a place, and 1 of 24 places is in use"),
        ({"waiting": 1}, "One person waits, and 4 of 24 places are in use"),
        ({"waiting": 2}, "2 people wait, and 4 of 24 places are in use"),
        ({"waiting": 2, "full": ("smoking",)}, "2 people wait; full now: smoking room"),
        ({"full": ("smoking",)}, "Nobody waits for a place, and 4 of 24 places are in use"),
        ({"waiting": 2, "at_check_in": 2}, "2 people wait, and 4 of 24 places are in use"),
        ({"waiting": 2, "at_check_in": 3}, "3 people wait for check-in"),
        ({"paused": True, "waiting": 9}, "Nobody new is let in: too few staff are in the rooms"),
        ({"is_open": False, "inside": 0}, "Closed for today"),
        ({"is_open": False, "inside": 0, "opens_at": 450.0}, "Closed until 07:30"),
        (
            {"is_open": False, "at_door": 1, "opens_at": 450.0},
            "One person waits at the door, which opens at 07:30",
        ),
        ({"is_open": False}, "The doors are closed, and 5 people are still inside"),
        ({"case": ALONE, "waiting": 9}, "An overdose at 15:00: nobody is with the person yet"),
        (
            {"case": THERE, "paused": True},
            "An overdose at 15:00: 2 members of staff are with the person",
        ),
        ({"case": STABLE}, "Nobody waits for a place, and 4 of 24 places are in use"),
    ],
)
def test_the_title_of_one_design_is_what_stands_out_most(change, title):
    now = QUIET._replace(**change)
    clock = "15:00" if now.case else ""
    opens = "" if now.opens_at is None else "07:30"
    assert sentence(now, clock, opens, catalogue("en")) == title


@pytest.mark.parametrize(
    ("left", "right", "apiece", "clock", "title"),
    [
        ({}, {}, (0, 0), "", "At this moment both go alike"),
        ({}, {}, (0, MATTERS - 1), "", "At this moment both go alike"),
        ({}, {}, (0, MATTERS), "", "3 people wait with “Fewer” who do not with “As it is”"),
        ({}, {}, (4, MATTERS), "", "4 people wait with “As it is” who do not with “Fewer”"),
        (
            {},
            {},
            (0, 11),
            "15:00",
            "After an overdose at 15:00, 11 people wait with “Fewer” who do not with “As it is”",
        ),
        ({}, {"used": 2}, (0, 0), "", "At this moment both go alike"),
        ({}, {"used": 1}, (0, 0), "", "3 more places are in use with “As it is” than with “Fewer”"),
        ({}, {"used": 1}, (0, 3), "", "3 people wait with “Fewer” who do not with “As it is”"),
        ({}, {"used": 0}, (0, 3), "", "4 more places are in use with “As it is” than with “Fewer”"),
        ({}, {"used": 7}, (0, 0), "", "3 more places are in use with “Fewer” than with “As it is”"),
        ({}, {"left": MATTERS - 1}, (0, 0), "", "At this moment both go alike"),
        (
            {},
            {"left": MATTERS},
            (0, 0),
            "",
            "So far 3 more people have left without a place with “Fewer” than with “As it is”",
        ),
        (
            {},
            {"paused": True, "left": 5},
            (0, 0),
            "",
            "“As it is” lets people in, and “Fewer” lets nobody new in",
        ),
        (
            {"paused": True},
            {"paused": True},
            (0, 0),
            "15:00",
            "Nobody new is let in with either: too few staff are in the rooms",
        ),
        ({}, {}, (0, 0), "15:00", "An overdose at 15:00: so far nobody waits longer in either"),
        ({"is_open": False}, {}, (9, 9), "", "“Fewer” is open, and “As it is” is closed"),
        ({"is_open": False}, {"is_open": False}, (0, 0), "", "Both are closed"),
    ],
)
def test_the_title_of_two_designs_is_their_largest_difference(left, right, apiece, clock, title):
    two = (QUIET._replace(**left), QUIET._replace(**right))
    assert difference(two, Apiece(*apiece), NAMES, clock, catalogue("en")) == title


def test_titles_in_danish():
    words = catalogue("da")
    assert sentence(QUIET, "", "", words) == (
        "Ingen venter på en plads, og 4 af 24 pladser er i brug"
    )
    said = difference((QUIET, QUIET), Apiece(0, 4), ("Som det er", "Færre"), "15.00", words)
    assert said == (
        "Efter en overdosis kl. 15.00 venter 4 personer med »Færre«, men ikke med »Som det er«"
    )


def test_titles_hold_from_their_minute_on():
    waits = path((10.5, Area.LINE), (20, Area.PLACE), (30, Area.GONE))
    day = day_of([0, SERVED, waits], end=60.0)
    assert titles([day], [], NAMES, catalogue("en")) == [
        (0, "Nobody waits for a place, and 0 of 2 places are in use"),
        (11, "One person waits, and 0 of 2 places are in use"),
        (20, "Nobody waits for a place, and 1 of 2 places is in use"),
        (30, "Nobody waits for a place, and 0 of 2 places are in use"),
    ]


def test_the_title_counts_those_who_have_a_number(two_plays):
    site, _, log = two_plays[0]
    day = choose_day(site, log, "busiest")
    data = shown_day(day, *two_plays).data
    people = apart(*data)
    told = titles(data, people, NAMES, catalogue("en"))
    wait = [(time, text) for time, text in told if "people wait with “Fewer”" in text]
    assert wait
    for time, text in wait:
        number = int(text.partition(" people wait")[0].rpartition(" ")[2])
        assert number == sum(
            1 for one in people if one.waits_in == 1 and one.start <= time < one.end
        )
