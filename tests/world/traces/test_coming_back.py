"""People who come back: when, to which door, how often, and with what patience.

Hours are written so that minutes are small: a site open 01:00-02:00 is open from 60 to 120.
"""

import numpy as np
import pytest

from sim.visitors.needs import draw_needs
from tests.support import city_played
from tests.support.cities import Wishes, always, exactly, system_of_sites
from tests.support.city_played import play_city

SITE = """
opening: {hours: 00:00-10:00}
visits: {use: {rooms: [booths], stay: 20}}
rooms: {booths: {places: 1}}
"""
SMALL = SITE + "waiting_area: {seats: 0}\n"
"""Turns away whoever finds its one place taken."""
SHUT = SMALL.replace("00:00-10:00", "closed")
EVER = SMALL.replace("00:00-10:00", "24/7")


# --- coming back ----------------------------------------------------------------------------------


def test_who_comes_back_tries_all_of_them_again():
    found = play_city(
        {"a": SMALL, "b": SHUT},
        Wishes(walk=5, diverts=always(), returns=1, after=exactly(10), attempts=5),
        arrivals=[0, 1],
        order=["a b", "a b"],
        sets={"a": ["visits.use.stay=30"]},
    )
    # Refused at 1, closed at 6, back at 16: refused, closed at 21, back at 31, when a is free.
    assert found.doors(1) == [
        (1, "a", "first", "no_space"),
        (6, "b", "diverted", "closed"),
        (16, "a", "returned", "no_space"),
        (21, "b", "diverted", "closed"),
        (31, "a", "returned", "served"),
    ]
    assert found.outcomes() == ["first_wish", "came_back"]
    assert found.of_needs("met") == [0, 31]


def test_attempts_end_also_when_they_would_come_back():
    found = play_city(
        {"a": SMALL},
        Wishes(returns=1, after=exactly(5), attempts=3),
        arrivals=[0, 1],
        sets={"a": ["visits.use.stay=60"]},
    )
    assert found.outcomes() == ["first_wish", "unmet"]
    assert [time for time, *_ in found.doors(1)] == [1, 6, 11]
    assert found.of_needs("returns") == [0, 2]
    assert found.of_needs("over") == [0, 11]


def test_without_a_limit_more_attempts_are_drawn_as_it_takes():
    found = play_city(
        {"a": SMALL},
        Wishes(returns=1, after=exactly(5), attempts=None),
        arrivals=[0, 1],
        sets={"a": ["visits.use.stay=60"]},
    )
    # 1, 6, 11 … 61.
    assert found.of_needs("attempts") == [1, 13]
    assert found.of_needs("met") == [0, 61]
    assert found.outcomes() == ["first_wish", "came_back"]


def test_met_by_coming_back_wherever_that_is():
    found = play_city(
        {"a": SMALL, "b": SMALL},
        Wishes(walk=2, diverts=always(), returns=1, after=exactly(15), attempts=7),
        arrivals=[0, 0, 4],
        order=["a b", "b a", "a b"],
        sets={"a": ["visits.use.stay=60"]},
    )
    # Refused at 4 and 6, back at 21, refused by a and at b at 23, which is free since 20.
    assert found.outcomes()[2] == "came_back"
    assert found.doors(2)[-1] == (23, "b", "diverted", "served")
    assert found.of_needs("returns")[2] == 1


def test_back_after_the_end():
    found = play_city(
        {"a": EVER},
        Wishes(returns=1, after=exactly(5)),
        arrivals=[1425, 1429, 1430],
    )
    # Back at 1434 and 1439, and not again; back at 1435, and at 1440 it is over.
    assert found.outcomes() == ["inside_at_end", "unmet", "on_the_way_at_end"]
    assert found.of_needs("attempts") == [1, 3, 2]


def test_back_in_closed_hours_they_wait_for_the_first_opening_if_it_is_soon():
    def ends(after: float) -> tuple[list[tuple[float, str, str, str]], str]:
        found = play_city(
            {"a": SMALL, "b": SMALL},
            Wishes(knows_hours=True, returns=1, after=exactly(after), walk=5),
            arrivals=[40, 45],
            order=["a b"] * 2,
            sets={
                "a": ["opening.hours=[00:00-01:00, 03:00-04:00]", "visits.use.stay=20"],
                "b": ["opening.hours=02:00-04:00"],
            },
        )
        return found.doors(1)[1:], found.outcomes()[1]

    # Refused at 45. Back at 62, when both are closed until b opens at 120, within 4 times 17.
    assert ends(17) == ([(120, "b", "returned", "served")], "came_back")
    # Back at 59 a is open, and its place taken until 60.
    assert ends(14)[0][0] == (59, "a", "returned", "no_space")
    # Back at 60, and 4 times 15 is 60: just soon enough. a is closed, and its place free.
    assert ends(15) == ([(120, "b", "returned", "served")], "came_back")


def test_back_in_closed_hours_they_give_up_if_the_opening_is_far():
    found = play_city(
        {"a": SMALL},
        Wishes(knows_hours=True, returns=1, after=exactly(16)),
        arrivals=[40, 45],
        sets={"a": ["opening.hours=[00:00-01:00, 03:00-04:00]"]},
    )
    # Back at 61; 180 is more than 4 times 16 away.
    assert found.outcomes() == ["first_wish", "unmet"]
    assert found.of_needs("over") == [40, 61]
    assert found.of_needs("attempts") == [1, 1]


def test_the_wait_for_an_opening_is_counted_from_coming_back():
    found = play_city(
        {"a": SMALL, "b": SMALL},
        Wishes(
            knows_hours=True,
            returns=1,
            after=exactly(30),
            origins={"home": (1.0, {"a": 5, "b": 5})},
        ),
        arrivals=[30, 35],
        order=["a b"] * 2,
        sets={
            "a": ["opening.hours=[00:00-01:00, 02:00-02:03, 03:00-04:00]"],
            "b": ["opening.hours=closed"],
        },
    )
    # Refused at 40, back at 70. At 120 it opens for 3 minutes, and they are 5 away: they go on
    # waiting until 180, which is within 120 of 70.
    assert found.doors(1)[1:] == [(185, "a", "returned", "served")]


def test_who_does_not_know_the_hours_comes_back_to_a_closed_door():
    found = play_city(
        {"a": SMALL},
        Wishes(returns=1, after=exactly(20), attempts=3),
        arrivals=[40, 45],
        sets={"a": ["opening.hours=00:00-01:00"]},
    )
    assert [(time, outcome) for time, _, _, outcome in found.doors(1)] == [
        (45, "no_space"),
        (65, "closed"),
        (85, "closed"),
    ]
    assert found.outcomes() == ["first_wish", "unmet"]


# --- patience and balking -------------------------------------------------------------------------


@pytest.mark.parametrize(("carries_over", "leaves"), [(False, 18), (True, 12)])
def test_patience_is_new_at_each_door_or_what_is_left_of_it(*, carries_over: bool, leaves: float):
    found = play_city(
        {"a": SITE, "b": SITE},
        Wishes(walk=5, diverts=always(), carries_over=carries_over),
        arrivals=[0, 0, {"at": 1, "patience": 6}],
        order=["a b", "b a", "a b"],
        sets={"a": ["visits.use.stay=60"], "b": ["visits.use.stay=60"]},
    )
    # Gives up at 7, and is at b at 12: until 18, or at once.
    assert found.at("a", "out")[1] == 7
    assert found.at("b", "out")[1] == leaves
    assert found.outcomes()[2] == "unmet"


def test_balking_goes_by_a_number_of_its_own_at_each_attempt():
    system = system_of_sites(
        {"a": SITE, "b": SITE},
        Wishes(diverts=always("balked")),
        arrivals=[0, 0, *[1] * 200],
        sets={name: ["visits.use.balking={when_full: 0.5}"] for name in ("a", "b")},
    )
    needs = draw_needs(system, 1, 0)
    log = city_played.simulate(system, needs)
    balked = [needs.balk[number] < 0.5 for number in range(2)]
    later = np.arange(len(needs)) >= 2
    twice = later & (log.needs["attempts"] == 2)
    assert np.array_equal(twice[later], balked[0][later])
    assert np.array_equal((log.needs["last"] == 2)[later], (balked[0] & balked[1])[later])
    assert 20 < (balked[0] & balked[1]).sum() < 80
