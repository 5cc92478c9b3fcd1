"""Places: cleaning, time limits, rooms with hours of their own, open air.

The site is open from minute 0 to 120.
"""

import pytest

from tests.support.played import Arrival, play

SITE = """
opening: {hours: 00:00-02:00}
visits:
  use: {rooms: [booths], stay: 20}
rooms:
  booths: {places: 1}
"""

CLEANER = """
staff:
  roles: {cleaner: {}}
  rota: [{role: cleaner, from: 00:00, to: 02:00}]
"""


def test_places_are_taken_and_freed():
    played = play(SITE, "rooms.booths.places=2", arrivals=[0, 5, 6, 7, 45])
    # Two places: 0-20 and 5-25; then 20-40 and 25-45; the fifth finds both free at 45: the fourth
    # leaves at 45 before anybody comes.
    assert played.stays() == [(0, 20), (5, 25), (20, 40), (25, 45), (45, 65)]
    assert played.series("room:booths:occupied") == [(0, 1), (5, 2), (40, 1), (65, 0)]
    assert played.series("room:booths:open") == [(0, 2), (120, 0)]


def test_a_place_keeps_its_number_while_it_is_used():
    played = play(SITE, "rooms.booths.places=2", arrivals=[0, 5, 6])
    # The third gets the place that the first leaves.
    assert played.visits("place") == [0, 1, 0]


def test_tie_two_completions_at_once_go_by_number():
    played = play(
        SITE,
        "rooms.booths.places=2",
        arrivals=[{"at": 0, "stay": 20}, {"at": 5, "stay": 15}, 6, 7],
    )
    # Both places free at 20; the lower number leaves first, so the third gets its place.
    assert played.stays() == [(0, 20), (5, 20), (20, 40), (20, 40)]
    assert played.visits("place") == [0, 1, 0, 1]


# --- cleaning ------------------------------------------------------------------------------------


def test_a_place_that_is_being_cleaned_takes_nobody():
    played = play(SITE, "rooms.booths.cleaning.duration=5", arrivals=[0, 3])
    # Used 0-20, cleaned 20-25, used 25-45, cleaned 45-50.
    assert played.stays() == [(0, 20), (25, 45)]
    assert played.series("room:booths:occupied") == [(0, 1), (20, 0), (25, 1), (45, 0)]
    assert played.series("room:booths:cleaning") == [(20, 1), (25, 0), (45, 1), (50, 0)]
    assert played.visits("out") == [20, 45]


def test_cleaning_without_staff_goes_on_in_all_places_at_once():
    played = play(SITE, "rooms.booths={places: 2, cleaning: {duration: 5}}", arrivals=[0, 0, 1, 2])
    assert played.stays() == [(0, 20), (0, 20), (25, 45), (25, 45)]


def test_cleaning_by_staff_is_done_one_place_after_the_other():
    played = play(
        SITE + CLEANER,
        "rooms.booths={places: 2, cleaning: {duration: 5, roles: [cleaner]}}",
        arrivals=[0, 0, 1, 2],
    )
    # Both places are left at 20; cleaned 20-25 and 25-30.
    assert played.stays() == [(0, 20), (0, 20), (25, 45), (30, 50)]
    # Then 45-50 and 50-55.
    cleaning = [(20, 2), (25, 1), (30, 0), (45, 1), (55, 0)]
    assert played.series("room:booths:cleaning") == cleaning
    assert played.people("clean") == [20]


def test_cleaning_waits_for_somebody_to_do_it():
    played = play(
        SITE + CLEANER,
        "rooms.booths.cleaning={duration: 5, roles: [cleaner]}",
        "staff.rota.0.from=00:30",
        arrivals=[0, 3],
    )
    # Left at 20; the cleaner comes at 30 and is done at 35.
    assert played.stays() == [(0, 20), (35, 55)]
    assert played.series("room:booths:cleaning") == [(20, 1), (35, 0), (55, 1), (60, 0)]


def test_cleaning_is_done_after_closing_too():
    played = play(SITE, "rooms.booths.cleaning.duration=5", arrivals=[110])
    assert played.stays() == [(110, 130)]
    assert played.series("room:booths:cleaning") == [(130, 1), (135, 0)]


def test_cleaning_of_no_length_is_no_cleaning():
    plain = play(SITE, arrivals=[0, 3])
    nought = play(SITE, "rooms.booths.cleaning.duration=0", arrivals=[0, 3])
    assert plain.stays() == nought.stays() == [(0, 20), (20, 40)]
    assert nought.series("room:booths:cleaning") == []


# --- time limit ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("limit", "left"),
    [
        ("{limit: 15}", [10, 15, 15]),  # the longest is the limit
        ("{limit: 15, comply: 0, overrun: 3}", [10, 16, 18]),  # at most 15 + 3
        ("{limit: 15, comply: 1, overrun: 3}", [10, 15, 15]),
        ("{limit: 40}", [10, 16, 20]),
    ],
)
def test_a_time_limit(limit: str, left: list[float]):
    stays = [{"at": 0, "stay": 10}, {"at": 0, "stay": 16}, {"at": 0, "stay": 20}]
    played = play(SITE, "rooms.booths.places=3", f"rooms.booths.time_limit={limit}", arrivals=stays)
    assert played.visits("left") == left


def test_the_limit_is_that_of_the_room_one_is_in():
    played = play(
        SITE,
        "visits.use.rooms=[booths, flexible]",
        "rooms.booths={places: 1, time_limit: {limit: 15}}",
        "rooms.flexible={places: 1}",
        arrivals=[0, 1],
    )
    assert played.stays() == [(0, 15), (1, 21)]


# --- a room's own hours --------------------------------------------------------------------------


def test_a_room_with_hours_of_its_own():
    played = play(SITE, "rooms.booths.hours=00:30-01:00", arrivals=[10, 55, 56, 60, 65])
    # The first is let in and waits for 30: 30-50. The second is in from 55 and finishes at 75.
    # The third waits at 60, when the room closes for the day. The others come too late.
    assert played.outcomes() == ["served", "served", "dismissed_at_close", "closed", "closed"]
    assert played.stays()[:2] == [(30, 50), (55, 75)]
    assert played.visits("out") == [50, 75, 60, 60, 65]
    assert played.series("room:booths:open") == [(30, 1), (60, 0)]


def test_a_rooms_hours_are_within_the_sites():
    played = play(SITE, "rooms.booths.hours=01:30-03:00", arrivals=[80, 119, 120])
    # The room opens at 90; the site closes at 120.
    assert played.stays() == [(90, 110), (119, 139), (None, None)]
    assert played.series("room:booths:open") == [(90, 1), (120, 0)]


def test_tie_a_room_closes_before_a_place_in_it_frees():
    played = play(SITE, "rooms.booths.hours=00:00-01:00", arrivals=[40, 41])
    # The place frees at 60, when the room has just closed.
    assert played.outcomes() == ["served", "dismissed_at_close"]
    assert played.stays() == [(40, 60), (None, None)]
    assert played.visits("out") == [60, 60]


def test_tie_a_room_closes_before_another_opens():
    played = play(
        SITE,
        "visits.use.rooms=[booths, flexible]",
        "rooms.booths={places: 1, hours: 00:00-01:00}",
        "rooms.flexible={places: 1, hours: 01:00-02:00}",
        arrivals=[{"at": 40, "stay": 30}, 41],
    )
    # At 60 the booths close, and those in line whom no room that is open takes leave.
    assert played.outcomes() == ["served", "dismissed_at_close"]
    assert played.visits("out") == [70, 60]


def test_who_accepts_another_room_that_is_still_open_stays_in_line():
    played = play(
        SITE,
        "visits.use.rooms=[booths, flexible]",
        "rooms.booths={places: 1, hours: 00:00-01:00}",
        "rooms.flexible={places: 1}",
        arrivals=[{"at": 40, "stay": 30}, {"at": 41, "stay": 40}, 42],
    )
    # Booth 40-70, flexible 41-81. The booths close at 60; the third waits for the flexible place.
    assert played.rooms() == ["booths", "flexible", "flexible"]
    assert played.stays() == [(40, 70), (41, 81), (81, 101)]


def test_a_room_that_opens_twice_a_day():
    played = play(
        SITE,
        "rooms.booths.hours=[00:00-00:30, 01:00-01:30]",
        arrivals=[15, 16, 40],
    )
    # In use 15-35. Who waits at 30 may stay in line for 60; then the third, at 80.
    assert played.stays() == [(15, 35), (60, 80), (80, 100)]


# --- open air ------------------------------------------------------------------------------------

OPEN_AIR = """
opening: {hours: 00:00-02:00}
visits:
  use: {rooms: [garden], stay: 20}
  either: {rooms: [garden, booths], stay: 20, share: 0}
rooms:
  garden: {places: 1, kind: open_air, usable_share: 0.5}
  booths: {places: 1}
"""


@pytest.mark.parametrize("bad", [False, True])
def test_on_a_day_of_bad_weather_the_open_air_places_are_closed(bad: bool):
    arrivals: list[Arrival] = [(0, "either"), 1, 2]
    played = play(OPEN_AIR, arrivals=arrivals, bad_weather=[[bad, False], [False, False]])
    if bad:
        assert played.outcomes() == ["served", "closed", "closed"]
        assert played.rooms() == ["booths", None, None]
    else:
        assert played.outcomes() == ["served", "served", "served"]
        assert played.stays() == [(0, 20), (20, 40), (40, 60)]
        assert played.rooms() == ["garden"] * 3
