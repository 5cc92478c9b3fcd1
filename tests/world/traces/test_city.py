"""Several facilities: who goes where, when the door of one is shut, full, or closes on them.

Hours are written so that minutes are small: a site open 01:00-02:00 is open from 60 to 120.
"""

import pytest

from tests.support.cities import Wishes, always, exactly
from tests.support.city_played import play_city
from tests.support.played import play

SITE = """
opening: {hours: 00:00-10:00}
visits: {use: {rooms: [booths], stay: 20}}
rooms: {booths: {places: 1}}
"""
SMALL = SITE + "waiting_area: {seats: 0}\n"
"""Turns away whoever finds its one place taken."""
SHUT = SMALL.replace("00:00-10:00", "closed")
EVER = SMALL.replace("00:00-10:00", "24/7")


# --- the next wish --------------------------------------------------------------------------------


def test_who_finds_no_space_walks_to_the_next_wish():
    found = play_city(
        {"a": SMALL, "b": SMALL},
        Wishes(walk={"a": {"b": 5}}, diverts=always()),
        arrivals=[0, 1, 2, 3],
        order=["a b", "a b", "a b", "b a"],
    )
    # 0 has a's place until 20. 1 is refused and at b at 6, which 3 has had from 3 to 23; 2 comes to
    # b at 7, and finds it full. Nobody comes back.
    assert found.outcomes() == ["first_wish", "unmet", "unmet", "first_wish"]
    assert found.doors(1) == [(1, "a", "first", "no_space"), (6, "b", "diverted", "no_space")]
    assert found.of_needs("met") == [0, None, None, 3]
    assert found.of_needs("over") == [0, 6, 7, 3]
    assert found.of_needs("wish") == [0, 0, 0, 1]
    assert found.of_needs("facility") == [0, 1, 1, 1]
    assert found.of_needs("visit") == [0, 1, 2, 0]
    assert found.of_needs("last") == [0, 3, 3, 0]
    attempts = found.log.attempts
    assert attempts["need"].tolist() == [0, 1, 2, 3, 1, 2]
    assert attempts["number"].tolist() == [0, 0, 0, 0, 1, 1]
    assert attempts["come_from"].tolist() == [-1, -1, -1, -1, 0, 0]
    assert attempts["set_out"].tolist() == [0, 1, 2, 3, 1, 2]
    assert found.at("b", "arrival") == [3, 6, 7]
    assert found.at("b", "entered") == [3, None, None]


def test_met_elsewhere_the_walk_counts_until_it_is_met():
    found = play_city(
        {"a": SMALL, "b": SITE},
        Wishes(walk=5, diverts=always()),
        arrivals=[0, 1, 2],
        order=["a b"] * 3,
    )
    # b has a line: 1 is there from 6 to 26, and 2, from 7, until 46.
    assert found.outcomes() == ["first_wish", "elsewhere", "elsewhere"]
    assert found.of_needs("met") == [0, 6, 26]
    assert found.at("b", "waited") == [0, 19]


@pytest.mark.parametrize(
    ("outcome", "setting", "leaves"),
    [
        ("closed", "opening.hours=closed", 1),
        ("no_space", "waiting_area.seats=0", 1),
        ("balked", "visits.use.balking={when_full: 1}", 1),
        ("reneged", "visits.use.patience=4", 5),
        ("dismissed_at_close", "opening.hours=00:00-00:10", 10),
    ],
)
def test_after_each_way_of_being_turned_away_and_no_other(
    outcome: str, setting: str, leaves: float
):
    def ends(*diverts: str) -> tuple[str, list[tuple[float, str, str, str]]]:
        found = play_city(
            {"a": SITE, "b": SITE},
            Wishes(diverts=always(*diverts), walk=3),
            arrivals=[0, 1],
            order=["a b", "a b"],
            sets={"a": [setting]},
        )
        return found.outcomes()[1], found.doors(1)

    others = [one for one in always() if one != outcome]
    assert ends(outcome) == (
        "elsewhere",
        [(1, "a", "first", outcome), (leaves + 3, "b", "diverted", "served")],
    )
    assert ends(*others) == ("unmet", [(1, "a", "first", outcome)])


def test_each_facility_is_tried_once_at_one_instant_when_all_refuse():
    found = play_city(
        {"a": SMALL, "b": SMALL, "c": SHUT},
        Wishes(diverts=always(), attempts=7),
        arrivals=[0, 0, 5],
        order=["a b c", "b a c", "a b c"],
    )
    # All walks are 0. At 5 a, b and c refuse in turn, and nothing is left to try.
    assert found.doors(2) == [
        (5, "a", "first", "no_space"),
        (5, "b", "diverted", "no_space"),
        (5, "c", "diverted", "closed"),
    ]
    assert found.outcomes() == ["first_wish", "first_wish", "unmet"]
    assert found.of_needs("over") == [0, 0, 5]


def test_not_more_doors_than_attempts():
    def doors(attempts: int) -> list[str]:
        found = play_city(
            {"a": SHUT, "b": SHUT, "c": SITE},
            Wishes(diverts=always(), attempts=attempts),
            arrivals=[5],
            order=["a b c"],
        )
        return [facility for _, facility, _, _ in found.doors(0)]

    assert doors(1) == ["a"]
    assert doors(2) == ["a", "b"]
    assert doors(3) == ["a", "b", "c"]


# --- at one instant -------------------------------------------------------------------------------


def test_tie_a_place_that_is_free_at_that_instant_is_there_for_whoever_walks_in():
    found = play_city(
        {"a": SMALL, "b": SMALL},
        Wishes(walk=15, diverts=always()),
        arrivals=[0, 0, 5],
        order=["a b", "b a", "a b"],
    )
    # Both places are free again at 20. The third is refused by a at 5 and at b's door at 20.
    assert found.doors(2) == [(5, "a", "first", "no_space"), (20, "b", "diverted", "served")]
    assert found.at("b", "entered") == [0, 20]


def test_tie_needs_come_in_order_of_their_numbers_whether_they_walk_or_arise():
    found = play_city(
        {"a": SMALL, "b": SMALL},
        Wishes(walk=10, diverts=always()),
        arrivals=[0, 1, 11, 11],
        order=["a b", "a b", "b a", "b a"],
    )
    # At 11 need 1 comes from a, and 2 and 3 arise: 1 has b's place.
    assert found.outcomes() == ["first_wish", "elsewhere", "elsewhere", "unmet"]
    assert found.at("b", "arrival") == [11, 11, 11]
    assert found.at("b", "entered") == [11, None, None]
    # Of those refused 2 is at a at 21, when it is free since 20; 3 finds it taken by them.
    assert found.at("a", "entered") == [0, None, 21, None]


def test_tie_who_is_sent_away_at_closing_comes_after_all_that_is_done_elsewhere():
    found = play_city(
        {"a": SITE, "b": SMALL},
        Wishes(diverts=always()),
        arrivals=[0, 0, 1],
        order=["b a", "a b", "a b"],
        sets={"a": ["opening.hours=00:00-00:20"], "b": ["visits.use.stay=20"]},
    )
    # a closes at 20, as the calendar's first; b's place is free by then, a completion.
    assert found.doors(2) == [
        (1, "a", "first", "dismissed_at_close"),
        (20, "b", "diverted", "served"),
    ]


def test_tie_patience_at_one_facility_and_a_free_place_at_another():
    found = play_city(
        {"a": SITE, "b": SMALL},
        Wishes(diverts=always()),
        arrivals=[0, 0, {"at": 2, "patience": 18}],
        order=["a b", "b a", "a b"],
        sets={"a": ["visits.use.stay=30"]},
    )
    # Patience is over at 20, when b's place is free.
    assert found.doors(2) == [(2, "a", "first", "reneged"), (20, "b", "diverted", "served")]


def test_people_who_come_together_decide_each_alone():
    found = play_city(
        {"a": SMALL, "b": SMALL},
        Wishes(walk=1, diverts=always()),
        arrivals=[4, 4, 4],
        order=["a b"] * 3,
    )
    assert found.outcomes() == ["first_wish", "elsewhere", "unmet"]
    assert found.at("b", "arrival") == [5, 5]


# --- walks ----------------------------------------------------------------------------------------


def test_with_origins_the_first_walk_is_from_there():
    found = play_city(
        {"a": SMALL, "b": SMALL},
        Wishes(
            walk=3,
            diverts=always(),
            returns=1,
            after=exactly(10),
            attempts=3,
            origins={"home": (1.0, {"a": 8, "b": 2})},
        ),
        arrivals=[0, 0, 0],
        order=["a b", "b a", "a b"],
    )
    # 1 has b from 2 to 22, and 0 a from 8 to 28, where 2 is refused at 8 and at b at 11. They come
    # back at 21, from home: a at 29.
    assert found.doors(2) == [
        (8, "a", "first", "no_space"),
        (11, "b", "diverted", "no_space"),
        (29, "a", "returned", "served"),
    ]
    attempts = found.log.attempts
    assert attempts["set_out"][attempts["need"] == 2].tolist() == [0, 8, 21]
    assert found.outcomes() == ["first_wish", "first_wish", "came_back"]


def test_there_and_back_may_take_unlike_times():
    found = play_city(
        {"a": SHUT, "b": SHUT},
        Wishes(walk={"a": {"b": 3}, "b": {"a": 9}}, diverts=always()),
        arrivals=[0, 1],
        order=["a b", "b a"],
    )
    assert found.at("b", "arrival") == [1, 3]
    assert found.at("a", "arrival") == [0, 10]


def test_a_facility_closes_while_somebody_walks_to_it():
    def doors(*, knows_hours: bool) -> list[tuple[float, str, str, str]]:
        found = play_city(
            {"a": SMALL, "b": SITE, "c": SITE},
            Wishes(walk=5, diverts=always(), knows_hours=knows_hours),
            arrivals=[57, 58],
            order=["a b c"] * 2,
            sets={"b": ["opening.hours=00:00-01:00"]},
        )
        return found.doors(1)

    # b closes at 60. Who does not know that finds it closed at 63 and goes on to c.
    assert doors(knows_hours=False) == [
        (58, "a", "first", "no_space"),
        (63, "b", "diverted", "closed"),
        (68, "c", "diverted", "served"),
    ]
    assert doors(knows_hours=True) == [
        (58, "a", "first", "no_space"),
        (63, "c", "diverted", "served"),
    ]


def test_on_the_way_at_the_end():
    found = play_city(
        {"a": EVER, "b": EVER},
        Wishes(walk=5, diverts=always()),
        arrivals=[1425, 1434, 1435],
        order=["a b", "a b", "a b"],
    )
    # 1434 + 5 is before the end at 1440, 1435 + 5 is not.
    assert found.outcomes() == ["inside_at_end", "inside_at_end", "on_the_way_at_end"]
    assert found.doors(1)[-1] == (1439, "b", "diverted", "inside_at_end")
    assert found.doors(2) == [(1435, "a", "first", "no_space")]
    assert found.of_needs("over") == [None, None, None]


def test_the_first_walk_may_not_be_over_at_the_end():
    found = play_city(
        {"a": EVER, "b": EVER},
        Wishes(origins={"home": (1.0, {"a": 8, "b": 8})}),
        arrivals=[1431, 1432],
        order=["a b", "a b"],
    )
    assert found.outcomes() == ["inside_at_end", "on_the_way_at_end"]
    assert found.of_needs("attempts") == [1, 0]
    assert found.of_needs("facility") == [0, -1]


def test_who_leaves_a_door_after_the_end_goes_nowhere():
    found = play_city(
        {"a": SITE, "b": SITE},
        Wishes(diverts=always()),
        arrivals=[1430, {"at": 1431, "patience": 12}, {"at": 1432, "patience": 30}],
        order=["a b"] * 3,
        sets={
            "a": [
                "opening={hours: 23:00-23:59, queue_at_close: serve}",
                "visits.use.stay=25",
            ]
        },
    )
    # a closes at 1439 and serves its queue: the second tires at 1443, and would have gone to b; the
    # third has the place from 1455 to 1480.
    assert found.outcomes() == ["first_wish", "on_the_way_at_end", "first_wish"]
    assert found.at("a", "out") == [1455, 1443, 1480]
    assert found.log.sites[0].end == 1480
    assert found.log.sites[1].end == 1440


def test_who_gives_up_after_the_end_with_nothing_left_is_unmet():
    found = play_city(
        {"a": SITE},
        Wishes(diverts=always()),
        arrivals=[1430, {"at": 1431, "patience": 12}],
        sets={
            "a": [
                "opening={hours: 23:00-23:59, queue_at_close: serve}",
                "visits.use.stay=25",
            ]
        },
    )
    assert found.outcomes() == ["first_wish", "unmet"]
    assert found.of_needs("over") == [1430, 1443]


# --- who knows the hours --------------------------------------------------------------------------


def test_closed_facilities_are_passed_over():
    def ends(*, knows_hours: bool) -> tuple[list[str], list[int]]:
        found = play_city(
            {"a": SHUT, "b": SITE},
            Wishes(walk=5, knows_hours=knows_hours, diverts=always()),
            arrivals=[10],
            order=["a b"],
        )
        return found.outcomes(), found.log.attempts["facility"].tolist()

    assert ends(knows_hours=True) == (["elsewhere"], [1])
    assert ends(knows_hours=False) == (["elsewhere"], [0, 1])


def test_a_facility_that_is_closed_by_the_time_they_are_there_is_passed_over():
    found = play_city(
        {"a": SITE, "b": SITE},
        Wishes(knows_hours=True, origins={"home": (1.0, {"a": 10, "b": 20})}),
        arrivals=[29, 30, 31, 41],
        order=["a b"] * 4,
        sets={
            "a": ["opening={hours: 00:00-00:50, last_entry: 10}"],
            "b": ["opening.hours=00:00-01:00"],
        },
    )
    # Last entry at a is before 40. b, 20 minutes off, closes at 60: who sets out at 41 is too late
    # for either, and is counted at a's door, which they find closed.
    assert found.doors(0) == [(39, "a", "first", "served")]
    assert found.doors(1) == [(50, "b", "first", "served")]
    assert found.doors(2) == [(51, "b", "first", "dismissed_at_close")]
    assert found.doors(3) == [(41, "a", "first", "closed")]
    assert found.outcomes() == ["first_wish", "elsewhere", "unmet", "closed_everywhere"]
    assert found.of_needs("over") == [39, 50, 60, 41]


def test_with_nothing_open_they_are_counted_at_the_door_of_their_first_wish_and_no_other():
    found = play_city(
        {"a": SITE, "b": SITE},
        Wishes(knows_hours=True, diverts=always(), returns=1, walk=5),
        arrivals=[700, 701],
        order=["b a", "a b"],
    )
    assert found.outcomes() == ["closed_everywhere"] * 2
    assert found.doors(0) == [(700, "b", "first", "closed")]
    assert found.of_needs("over") == [700, 701]
    assert found.of_needs("attempts") == [1, 1]


def test_nothing_open_for_them_by_the_time_but_the_door_lets_them_in():
    found = play_city(
        {"a": SITE},
        Wishes(knows_hours=True, origins={"home": (1.0, {"a": 15})}),
        arrivals=[590],
    )
    # Open until 600: they would be there at 605. They are counted at the door at 590, and it is
    # open.
    assert found.doors(0) == [(590, "a", "first", "served")]
    assert found.outcomes() == ["first_wish"]


def test_who_may_wait_at_the_door_does_not_find_it_closed():
    found = play_city(
        {"a": SITE, "b": SITE},
        Wishes(knows_hours=True),
        arrivals=[49, 50],
        order=["a b"] * 2,
        sets={"a": ["opening={hours: 01:00-02:00, wait_at_door: 10}"]},
    )
    assert found.doors(0) == [(49, "b", "first", "served")]
    assert found.doors(1) == [(50, "a", "first", "served")]
    assert found.at("a", "entered") == [60]


# --- who knows the queues -------------------------------------------------------------------------


def test_the_informed_go_where_least_are_ahead_for_each_usable_place():
    found = play_city(
        {"a": SITE, "b": SITE},
        Wishes(informed=1),
        arrivals=[0, 1, 2, 3, 4, 20],
        order=["a b"] * 6,
        sets={"b": ["rooms.booths.places=3"]},
    )
    # None ahead: a by their order. 1/1 against 0/3, 1/3 and 2/3: b, three times. Then 1/1 against
    # 3/3: a. At 20 there is one in a's place (the line moved up) against three in b's: 1 and 1.
    assert found.log.attempts["facility"].tolist() == [0, 1, 1, 1, 0, 0]
    assert found.of_needs("met") == [0, 1, 2, 3, 20, 40]
    assert found.outcomes() == ["first_wish", *["elsewhere"] * 3, *["first_wish"] * 2]


def test_the_informed_count_places_that_are_cleaned_and_pass_by_those_with_none():
    found = play_city(
        {"a": SITE, "b": SITE},
        Wishes(informed=1),
        arrivals=[0, 25, 62],
        order=["a b"] * 3,
        sets={
            "a": ["rooms.booths.cleaning.duration=10"],
            "b": ["rooms.booths.hours=00:00-01:00"],
        },
    )
    # At 25 a's place is being cleaned: 1/1 against 0/1. At 62 b's room takes nobody in.
    assert [one[0][1] for one in map(found.doors, range(3))] == ["a", "b", "a"]


def test_the_informed_pass_by_a_full_house_where_two_fail():
    found = play_city(
        {"a": SITE, "b": SITE, "c": SITE},
        Wishes(informed=1, diverts=always()),
        arrivals=[0, 1, {"at": 2, "patience": 3}],
        order=["a b c"] * 3,
        sets={"c": ["opening.hours=00:00-00:01"], "a": ["rooms.booths.places=2"]},
    )
    # 0/2; then 1/2 against 0/1: b; then 1/2 against 1/1: a, at once.
    assert [one[0][1] for one in map(found.doors, range(3))] == ["a", "b", "a"]
    assert found.of_needs("met") == [0, 1, 2]


# --- kinds, and the open air ----------------------------------------------------------------------

YARD = """
opening: {hours: 24/7}
visits: {smoke: {rooms: [yard], stay: 5}}
rooms: {yard: {places: 2, kind: open_air, usable_share: 0}}
"""


def test_a_kind_goes_only_where_it_is_served():
    found = play_city(
        {"a": SMALL, "yard": YARD},
        Wishes(diverts=always()),
        arrivals=[0, (1, "smoke"), 2],
        sets={"yard": ["rooms.yard.usable_share=1"]},
    )
    assert [one[0][1] for one in map(found.doors, range(3))] == ["a", "yard", "a"]
    assert found.outcomes() == ["first_wish", "first_wish", "unmet"]
    assert found.log.sites[1].visits["kind"].tolist() == [0]
    assert found.of_needs("kind") == [0, 1, 0]


def test_bad_weather_at_the_yard_closes_it_for_that_day():
    both = SITE.replace("visits: {", "visits: {smoke: {share: 0, rooms: [booths], stay: 5}, ")

    def ends(*, knows_hours: bool) -> list[tuple[float, str, str, str]]:
        found = play_city(
            {"yard": YARD, "a": both},
            Wishes(knows_hours=knows_hours, diverts=always(), walk=5),
            arrivals=[(1, "smoke")],
            order=["yard a"],
        )
        return found.doors(0)

    assert ends(knows_hours=False) == [
        (1, "yard", "first", "closed"),
        (6, "a", "diverted", "served"),
    ]
    assert ends(knows_hours=True) == [(1, "a", "first", "served")]


# --- how needs end --------------------------------------------------------------------------------


def test_cut_short_is_final():
    found = play_city(
        {"a": SITE, "b": SITE},
        Wishes(diverts={}, returns=1, after=exactly(5)),
        arrivals=[590],
        order=["a b"],
        sets={"a": ["opening={hours: 00:00-10:00, at_close: stop}"]},
    )
    assert found.outcomes() == ["cut_short"]
    assert found.of_needs("over") == [600]
    assert found.of_needs("met") == [None]


def test_a_service_meets_a_need_when_it_begins():
    talk = """
opening: {hours: 00:00-10:00}
visits: {use: {services: {advice: 1}}}
services: {advice: {duration: 10, roles: [nurse]}}
staff:
  roles: {nurse: {cost_per_hour: 1}}
  rota: [{role: nurse, from: 00:00, to: 10:00}]
"""
    found = play_city({"a": talk}, arrivals=[5, 6])
    assert found.outcomes() == ["first_wish"] * 2
    assert found.of_needs("met") == [5, 15]
    assert found.of_needs("last") == [7, 7]


# --- what must be as before -----------------------------------------------------------------------


def test_two_facilities_of_one_file_are_two():
    found = play_city(
        {"a": SMALL, "b": SMALL}, arrivals=[0, 0, 1, 1], order=["a b", "b a", "a b", "b a"]
    )
    alone = play(SMALL, arrivals=[0, 1])
    for facility in ("a", "b"):
        assert found.at(facility, "entered") == alone.visits("entered")
        assert found.at(facility, "out") == alone.visits("out")


def test_a_facility_without_places_or_hours_changes_nothing_for_those_who_wish_another():
    arrivals = [0, 1, 2, 25]
    alone = play_city({"a": SMALL}, arrivals=arrivals)
    for other in (SHUT, SMALL.replace("places: 1", "places: 0")):
        found = play_city({"a": SMALL, "b": other}, arrivals=arrivals, order=["a b"] * 4)
        assert found.at("a", "entered") == alone.at("a", "entered")
        assert found.outcomes() == alone.outcomes()
