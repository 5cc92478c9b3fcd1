"""Places out of order, and rooms that are closed or smaller on some dates.

The site is open from minute 0 to 120, of every day; the first is Monday, 5 January 2026.
"""

from math import isnan

import pytest

from tests.support.played import Arrival, Played, play

SITE = """
opening: {hours: 00:00-02:00}
visits:
  use: {rooms: [booths], stay: 20}
rooms:
  booths: {places: 2, failures: {every: 1000 days, repair: 1}}
"""

DAY = 1440


def failing(*sets: str, arrivals: list[Arrival], times: list[float], repair: list[float]) -> Played:
    """Play the site with failures of its only room at some times."""
    rooms = [0] * len(times)
    return play(
        SITE,
        *sets,
        arrivals=arrivals,
        failure_time=times,
        failure_room=rooms,
        failure_repair=repair,
    )


def outages(played: Played) -> list[tuple[float | None, ...]]:
    """Place, failed, out and back."""
    columns = played.log.outages
    names = ("place", "failed", "out", "back")
    rows = zip(*(columns[name].tolist() for name in names), strict=True)
    return [tuple(None if isnan(value) else value for value in row) for row in rows]


# --- which places fail, and when they are out of order -------------------------------------------


def test_a_free_place_goes_out_of_order_at_once():
    played = failing(arrivals=[0, 12, 13], times=[10], repair=[30])
    # The first is in place 0, so place 1 is out from 10 to 40. The second waits until 20, the
    # third until 40, when place 1 is back before the second leaves place 0.
    assert played.stays() == [(0, 20), (20, 40), (40, 60)]
    assert played.visits("place") == [0, 0, 1]
    assert outages(played) == [(1, 10, 10, 40)]
    assert played.series("room:booths:open") == [(0, 2), (10, 1), (40, 2), (120, 0)]
    assert played.series("room:booths:out_of_order") == [(10, 1), (40, 0)]


def test_of_free_places_the_lowest_number_fails():
    played = failing(arrivals=[15], times=[10], repair=[30])
    assert outages(played) == [(0, 10, 10, 40)]
    assert played.visits("place") == [1]


def test_of_places_in_use_the_lowest_number_fails_and_the_stay_ends_first():
    played = failing(arrivals=[0, 5, 6, 7], times=[10], repair=[15])
    # Place 0 is left at 20 and out until 35; place 1 is left at 25 and taken by the third, and
    # place 0 by the fourth at 35.
    assert outages(played) == [(0, 10, 20, 35)]
    assert played.stays() == [(0, 20), (5, 25), (25, 45), (35, 55)]
    assert played.visits("place") == [0, 1, 1, 0]
    assert played.series("room:booths:open") == [(0, 2), (20, 1), (35, 2), (120, 0)]


@pytest.mark.parametrize("failed", [10, 22])
def test_a_place_is_cleaned_before_it_is_repaired(failed: float):
    played = failing(
        "rooms.booths.places=1",
        "rooms.booths.cleaning.duration=5",
        arrivals=[0, 3],
        times=[failed],
        repair=[15],
    )
    # Left at 20, clean at 25, in order again at 40; it makes no difference whether it fails during
    # the stay or the cleaning.
    assert outages(played) == [(0, failed, 25, 40)]
    assert played.stays() == [(0, 20), (40, 60)]
    assert played.series("room:booths:cleaning") == [(20, 1), (25, 0), (60, 1), (65, 0)]
    assert played.series("room:booths:open") == [(0, 1), (25, 0), (40, 1), (120, 0)]


def test_a_place_that_is_blocked_is_left_first():
    played = failing(
        "rooms.booths.places=1",
        "aftercare={seats: 1, when_full: wait_in_place}",
        "visits.use.aftercare={share: 1, stay: 50}",
        arrivals=[0, 25, 60],
        times=[50],
        repair=[15],
    )
    # The first rests from 20 to 70. The second is in the place from 25 to 45, blocks it until 70,
    # and the place is out from then to 85.
    assert played.series("room:booths:blocked") == [(45, 1), (70, 0), (105, 1), (120, 0)]
    assert outages(played) == [(0, 50, 70, 85)]
    assert played.visits("entered") == [0, 25, 85]


def test_all_places_fail_each_in_its_time():
    played = failing(
        "rooms.booths={places: 3, failures: {every: 1000 days, repair: 1, places: all}}",
        arrivals=[0, 15],
        times=[10],
        repair=[30],
    )
    assert outages(played) == [(1, 10, 10, 40), (2, 10, 10, 40), (0, 10, 20, 50)]
    assert played.stays() == [(0, 20), (40, 60)]
    opened = [(0, 3), (10, 1), (20, 0), (40, 2), (50, 3), (120, 0)]
    assert played.series("room:booths:open") == opened


def test_more_places_than_there_are_cannot_fail():
    played = failing("rooms.booths.failures.places=5", arrivals=[], times=[10], repair=[30])
    assert outages(played) == [(0, 10, 10, 40), (1, 10, 10, 40)]


# --- failures that meet ---------------------------------------------------------------------------


def test_a_failure_comes_during_a_repair_and_takes_the_next_place():
    played = failing(arrivals=[20], times=[10, 15, 18], repair=[30, 10, 99])
    # At 18 nothing is left to fail.
    assert outages(played) == [(0, 10, 10, 40), (1, 15, 15, 25)]
    assert played.stays() == [(25, 45)]


def test_a_place_that_waits_to_go_out_of_order_does_not_fail_again():
    played = failing("rooms.booths.places=1", arrivals=[0, 5], times=[10, 12], repair=[15, 99])
    assert outages(played) == [(0, 10, 20, 35)]
    assert played.stays() == [(0, 20), (35, 55)]


def test_a_failure_that_is_repaired_in_no_time_is_none():
    played = failing("rooms.booths.places=1", arrivals=[0, 5], times=[10], repair=[0])
    assert outages(played) == []
    assert played.stays() == [(0, 20), (20, 40)]


def test_of_two_rooms_each_has_failures_of_its_own():
    played = play(
        SITE,
        "rooms.booths.places=1",
        "rooms.other={places: 1, failures: {every: 1 d, repair: 1}}",
        "visits.use.rooms=[booths, other]",
        arrivals=[20, 35],
        failure_time=[10, 30],
        failure_room=[0, 1],
        failure_repair=[40, 10],
    )
    # The first takes the other room from 20 to 40, so that this is out from 40 to 50; the booth is
    # back at 50 as well, and is preferred.
    assert played.rooms() == ["other", "booths"]
    assert played.stays() == [(20, 40), (50, 70)]


# --- ties -----------------------------------------------------------------------------------------


def test_tie_two_repairs_at_once_go_by_number():
    played = failing("rooms.booths.failures.places=all", arrivals=[6, 7], times=[5], repair=[20])
    assert played.visits("place") == [0, 1]
    assert played.visits("entered") == [25, 25]


def test_tie_a_repair_beats_patience_and_a_departure():
    played = failing(arrivals=[0, {"at": 5, "patience": 15}, 6], times=[5], repair=[15])
    # At 20 place 1 is back, the first leaves place 0 and the patience of the second is over: the
    # second has place 1 and the third place 0.
    assert played.outcomes() == ["served"] * 3
    assert played.visits("place") == [0, 1, 0]


def test_tie_a_place_fails_before_somebody_comes_to_it():
    played = failing("rooms.booths.places=1", arrivals=[10], times=[10], repair=[5])
    assert played.stays() == [(15, 35)]


def test_tie_a_place_that_is_left_as_it_fails_is_in_use():
    played = failing(arrivals=[0, 0], times=[20], repair=[5])
    # The calendar comes before completions: both places are still in use at 20.
    assert outages(played) == [(0, 20, 20, 25)]


# --- hours ----------------------------------------------------------------------------------------


def test_places_fail_and_are_repaired_while_it_is_closed():
    played = failing(
        "horizon={days: 2}",
        "rooms.booths.places=1",
        arrivals=[DAY + 10],
        times=[DAY - 100],
        repair=[160],
    )
    assert outages(played) == [(0, DAY - 100, DAY - 100, DAY + 60)]
    assert played.stays() == [(DAY + 60, DAY + 80)]
    # Minutes out of order are of the room's hours only.
    out = [(DAY, 1), (DAY + 60, 0)]
    assert played.series("room:booths:out_of_order", until=2 * DAY) == out
    opened = [(0, 1), (120, 0), (DAY + 60, 1), (DAY + 120, 0)]
    assert played.series("room:booths:open", until=2 * DAY) == opened


def test_the_horizon_ends_during_a_repair():
    played = failing("opening.hours=24/7", arrivals=[], times=[DAY - 5], repair=[10])
    assert outages(played) == [(0, DAY - 5, DAY - 5, None)]
    assert played.log.end == DAY


def test_a_queue_that_is_served_after_closing_waits_for_the_repair():
    played = failing(
        "opening.queue_at_close=serve",
        "rooms.booths.places=1",
        arrivals=[118],
        times=[110],
        repair=[30],
    )
    assert played.stays() == [(140, 160)]


def test_those_in_line_for_a_place_out_of_order_leave_at_closing():
    played = failing("rooms.booths.places=1", arrivals=[110], times=[100], repair=[30])
    assert played.outcomes() == ["dismissed_at_close"]


# --- what follows from it -------------------------------------------------------------------------


def test_places_out_of_order_count_as_unusable_for_balking():
    balks = "visits.use.balking={per_person_ahead: 0.6}"
    arrivals: list[Arrival] = [0, 1, 2, 3]
    usual = play(SITE, balks, arrivals=arrivals, balk=[0.5] * 4)
    # Two are inside and one ahead: 0.6 ÷ 2 is not above 0.5. With one place out, 0.6 ÷ 1 is, for
    # the third; the second waits.
    assert usual.outcomes() == ["served", "served", "served", "served"]
    played = play(
        SITE,
        balks,
        arrivals=arrivals,
        balk=[0.5] * 4,
        failure_time=[0],
        failure_room=[0],
        failure_repair=[60],
    )
    assert played.outcomes() == ["served", "served", "balked", "balked"]


STAFFED = """
staff:
  roles: {nurse: {}}
  rota: [{role: nurse, from: 01:00, to: 02:00}]
supervision:
  - {rooms: [booths], roles: [nurse], minimum: 1}
"""


def test_a_place_out_of_order_is_not_unusable_for_want_of_staff():
    played = play(
        SITE + STAFFED,
        "rooms.booths.failures.places=all",
        arrivals=[],
        failure_time=[10, 40],
        failure_room=[0, 0],
        failure_repair=[20, 40],
    )
    # The nurse comes at 60. While both places are out, from 10 to 30 and from 40, nothing is open
    # that she could watch.
    assert played.series("room:booths:unusable") == [(0, 2), (10, 0), (30, 2), (40, 0)]
    assert played.series("room:booths:paused") == [(0, 1), (10, 0), (30, 1), (40, 0)]
    assert played.series("site:below_cover") == [(0, 1), (10, 0), (30, 1), (40, 0)]


# --- rooms that are smaller on some dates ---------------------------------------------------------

DATED = """
horizon: {days: 3}
opening: {hours: 24/7}
visits:
  use: {rooms: [booths], stay: 20}
rooms:
  booths: {places: 3, dates: {2026-01-06: 1}}
"""


def test_nobody_is_moved_when_a_room_gets_smaller():
    played = play(DATED, arrivals=[DAY - 10, DAY - 9, DAY - 8, DAY + 1])
    # The places with the highest numbers close once they are free: at 11 and 12 past midnight. The
    # fourth waits until place 0 is free at 10 past midnight.
    assert played.visits("place") == [0, 1, 2, 0]
    assert played.visits("entered") == [DAY - 10, DAY - 9, DAY - 8, DAY + 10]
    opened = [(0, 3), (DAY + 11, 2), (DAY + 12, 1), (2 * DAY, 3)]
    assert played.series("room:booths:open", until=3 * DAY) == opened


def test_a_room_that_has_been_smaller_opens_all_its_places_again():
    played = play(DATED, arrivals=[2 * DAY - 10, 2 * DAY - 9, 2 * DAY - 8])
    # One place until midnight, and then three.
    assert played.visits("entered") == [2 * DAY - 10, 2 * DAY, 2 * DAY]
    assert played.visits("place") == [0, 1, 2]


def test_free_places_with_lower_numbers_stay_open():
    played = play(DATED, arrivals=[{"at": DAY - 10, "stay": 5}, DAY - 9, DAY + 1])
    # Place 0 is free at midnight, place 1 in use until 11 past: the third need not wait.
    assert played.visits("place") == [0, 1, 0]
    assert played.visits("entered") == [DAY - 10, DAY - 9, DAY + 1]
    assert played.series("room:booths:open", until=2 * DAY) == [(0, 3), (DAY, 2), (DAY + 11, 1)]


def test_a_place_that_closes_for_the_day_is_cleaned_first():
    played = play(DATED, "rooms.booths.cleaning.duration=5", arrivals=[DAY - 10, DAY - 9])
    opened = [(0, 3), (DAY, 2), (DAY + 16, 1), (2 * DAY, 3)]
    assert played.series("room:booths:open", until=3 * DAY) == opened


def test_a_night_is_of_the_date_on_which_it_begins():
    played = play(
        DATED,
        "opening.hours=22:00-06:00 next day",
        arrivals=[DAY + 10, DAY + 11, 2 * DAY + 10, 2 * DAY + 11],
    )
    # The night of the 5th has three places until 06:00 of the 6th, that of the 6th one.
    assert played.visits("entered") == [DAY + 10, DAY + 11, 2 * DAY + 10, 2 * DAY + 30]


def test_more_places_on_a_date_than_there_are_change_nothing():
    played = play(DATED, "rooms.booths.dates={2026-01-06: 5}", arrivals=[])
    assert played.series("room:booths:open", until=3 * DAY) == [(0, 3)]


def test_places_fail_on_a_date_on_which_they_are_closed():
    played = play(
        DATED,
        "rooms.booths.failures={every: 1 d, repair: 1, places: 2}",
        arrivals=[],
        failure_time=[DAY + 60],
        failure_room=[0],
        failure_repair=[DAY],
    )
    # Places 0 and 1 fail; only place 0 would have been open until midnight, then three would be.
    opened = [(0, 3), (DAY, 1), (DAY + 60, 0), (2 * DAY, 1), (2 * DAY + 60, 3)]
    assert played.series("room:booths:open", until=3 * DAY) == opened
    out = [(DAY + 60, 1), (2 * DAY, 2), (2 * DAY + 60, 0)]
    assert played.series("room:booths:out_of_order", until=3 * DAY) == out


# --- rooms that are closed, or have other hours ---------------------------------------------------


def test_a_room_closed_on_a_stretch_of_dates():
    played = play(
        DATED,
        "rooms.booths.dates={2026-01-06 to 2026-01-07: closed}",
        arrivals=[60, DAY - 5, DAY, 2 * DAY + 60],
    )
    # Who is inside at midnight finishes the stay.
    assert played.outcomes() == ["served", "served", "closed", "closed"]
    assert played.stays()[1] == (DAY - 5, DAY + 15)


def test_another_room_will_do():
    played = play(
        DATED,
        "rooms.booths.dates={2026-01-06: closed}",
        "rooms.other.places=1",
        "visits.use.rooms=[booths, other]",
        arrivals=[60, DAY + 60, 2 * DAY + 60],
    )
    assert played.rooms() == ["booths", "other", "booths"]


def test_a_room_with_other_hours_on_a_date():
    played = play(
        DATED,
        "opening.hours=10:00-16:00",
        "rooms.booths.hours=10:00-12:00",
        "rooms.booths.dates={2026-01-06: {hours: 14:00-15:00, places: 1}}",
        arrivals=[600, DAY + 600, DAY + 840, DAY + 841, DAY + 890, 2 * DAY + 600],
    )
    # On the 6th everybody waits for 14:00, in the one place there is; at 15:00 who is left goes.
    entered = [600, DAY + 840, DAY + 860, DAY + 880, None, 2 * DAY + 600]
    assert played.visits("entered") == entered
    assert played.outcomes()[4] == "dismissed_at_close"


def test_a_room_without_hours_has_the_sites_on_all_other_dates():
    played = play(
        DATED,
        "opening={hours: 10:00-12:00, dates: {2026-01-07: 16:00-17:00}}",
        "rooms.booths.dates={2026-01-06: 11:00-12:00}",
        arrivals=[600, DAY + 600, 2 * DAY + 960],
    )
    assert played.visits("entered") == [600, DAY + 660, 2 * DAY + 960]


def test_the_hours_of_a_room_on_a_date_are_within_those_of_the_site():
    played = play(
        DATED,
        "opening={hours: 10:00-12:00, wait_at_door: 60}",
        "rooms.booths.dates={2026-01-06: 08:00-11:00}",
        arrivals=[DAY + 550],
    )
    assert played.visits("entered") == [DAY + 600]
    opened = [(600, 3), (720, 0), (DAY + 600, 3), (DAY + 660, 0)]
    assert played.series("room:booths:open", until=2 * DAY) == opened


def test_the_site_on_a_stretch_of_dates():
    played = play(
        DATED,
        "opening={hours: 24/7, dates: {2026-01-06 to 2026-01-07: closed, 2026-01-07: 00:00-24:00}}",
        arrivals=[60, DAY + 60, 2 * DAY + 60],
    )
    # A date named alone beats the stretch that holds it.
    assert played.outcomes() == ["served", "closed", "served"]
