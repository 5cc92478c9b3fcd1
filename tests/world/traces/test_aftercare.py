"""Aftercare: seats, and what happens when they are all taken.

The site is open from minute 0 to 120.
"""

import pytest

from tests.support.played import play

SITE = """
opening: {hours: 00:00-02:00}
visits:
  use: {rooms: [booths], stay: 20, aftercare: {share: 1, stay: 15}}
rooms:
  booths: {places: 1}
aftercare: {}
"""


def test_the_place_is_left_for_aftercare():
    played = play(SITE, arrivals=[0, 1])
    # Place 0-20, 20-40; aftercare 20-35, 40-55.
    assert played.stays() == [(0, 20), (20, 40)]
    assert played.visits("aftercare_start") == [20, 40]
    assert played.visits("aftercare_end") == played.visits("out") == [35, 55]
    assert played.series("site:aftercare") == [(20, 1), (35, 0), (40, 1), (55, 0)]


def test_without_seats_given_there_is_no_limit():
    played = play(SITE, "rooms.booths.places=4", arrivals=[0, 0, 0, 0])
    assert played.visits("aftercare_start") == [20] * 4
    assert played.series("site:aftercare") == [(20, 4), (35, 0)]


def test_who_does_not_want_it_does_without():
    played = play(SITE, "visits.use.aftercare.share=0", arrivals=[0])
    assert played.visits("aftercare_start") == [None]
    assert played.visits("out") == [20]


def test_skip_when_all_seats_are_taken():
    played = play(SITE, "aftercare.seats=1", "rooms.booths.places=3", arrivals=[0, 5, 15])
    # 20-35 the first; at 25 no seat; at 35 the seat is free again: 35-50.
    assert played.visits("aftercare_start") == [20, None, 35]
    assert played.visits("out") == [35, 25, 50]
    assert played.outcomes() == ["served"] * 3


def test_wait_in_place_blocks_the_place():
    played = play(
        SITE,
        "aftercare={seats: 1, when_full: wait_in_place}",
        "rooms.booths.places=2",
        arrivals=[0, 5, 6],
    )
    # Places 0-20, and 5 until the seat is free at 35; the third has the first's place 20-40 and
    # waits there until 50.
    assert played.stays() == [(0, 20), (5, 35), (20, 50)]
    assert played.visits("aftercare_start") == [20, 35, 50]
    assert played.visits("out") == [35, 50, 65]
    # On their stay: 1 at 0, 2 at 5, at 20 one goes and one comes, 25 the second's stay is over.
    assert played.series("room:booths:occupied") == [(0, 1), (5, 2), (25, 1), (40, 0)]
    # Blocked: 25-35 by the second, 40-50 by the third.
    assert played.series("room:booths:blocked") == [(25, 1), (35, 0), (40, 1), (50, 0)]


def test_who_waits_in_place_keeps_others_waiting():
    played = play(SITE, "aftercare={seats: 1, when_full: wait_in_place}", arrivals=[0, 1, 2])
    # Place 0-20, seat 20-35. Second: place 20-40, seat 40-55. Third: place 40-60, seat 60.
    assert played.stays() == [(0, 20), (20, 40), (40, 60)]
    played = play(
        SITE,
        "aftercare={seats: 1, when_full: wait_in_place}",
        "visits.use.aftercare.stay=30",
        arrivals=[0, 1, 2],
    )
    # Seat 20-50: the second waits in the place from 40 to 50, so that the third gets it at 50;
    # seat 50-80: the third waits from 70 to 80.
    assert played.stays() == [(0, 20), (20, 50), (50, 80)]
    assert played.visits("out") == [50, 80, 110]


def test_seats_go_to_those_in_their_places_in_order_of_waiting():
    played = play(
        SITE,
        "aftercare={seats: 1, when_full: wait_in_place}",
        "rooms.booths.places=3",
        arrivals=[0, {"at": 0, "stay": 30}, {"at": 1, "stay": 24}],
    )
    # Seat 20-35. The third waits from 25, the second from 30.
    assert played.visits("aftercare_start") == [20, 50, 35]
    assert played.visits("left") == [20, 50, 35]


def test_the_place_is_cleaned_when_it_has_been_left():
    played = play(
        SITE,
        "aftercare={seats: 1, when_full: wait_in_place}",
        "rooms.booths={places: 2, cleaning: {duration: 3}}",
        arrivals=[0, 5],
    )
    # The second waits in its place from 25 to 35.
    assert played.series("room:booths:cleaning") == [(20, 1), (23, 0), (35, 1), (38, 0)]


def test_after_a_service_nobody_has_a_place_to_wait_in():
    played = play(
        SITE,
        "aftercare={seats: 1, when_full: wait_in_place}",
        "rooms.booths.places=2",
        "visits.care={share: 0, rooms: [booths], stay: 20, services: {wound: 1},"
        " aftercare: {share: 1, stay: 15}}",
        "services.wound={duration: 10}",
        arrivals=[10, (5, "care")],
    )
    # Sorted by arrival: the one with care has the place 5-25, care 25-35; the other the seat
    # 30-45. So at 35 no seat is free; the person waits for one, elsewhere, until 45.
    assert played.visits("arrival") == [5, 10]
    assert played.visits("left") == [25, 30]
    assert played.visits("aftercare_start") == [45, 30]


@pytest.mark.parametrize(
    ("arrivals", "starts"),
    [
        # The seat frees at 35 (20 + 15) by the first visit; the second's stay ends at 35.
        ([0, 15], [20, 35]),
        # The lower number's stay ends at 35 before the higher number's seat is given up: 3 + 32
        # and 10 + 10 + 15.
        ([{"at": 3, "stay": 32}, {"at": 10, "stay": 10}], [None, 20]),
    ],
)
def test_tie_a_seat_is_given_up_and_asked_for_in_order_of_number(
    arrivals: list[float], starts: list[float | None]
):
    played = play(SITE, "aftercare.seats=1", "rooms.booths.places=2", arrivals=arrivals)
    assert played.visits("aftercare_start") == starts
