"""Calendars: dated exceptions, hours past midnight, round the clock, rotas of several weeks."""

from tests.support.played import play

SITE = """
horizon: {days: 3}
opening: {hours: 00:00-02:00}
visits:
  use: {rooms: [booths], stay: 20}
rooms:
  booths: {places: 1}
"""

DAY = 1440


def test_a_dated_closure():
    # The first day is Monday, 5 January 2026.
    played = play(SITE, "opening.dates={2026-01-06: closed}", arrivals=[60, DAY + 60, 2 * DAY + 60])
    assert played.outcomes() == ["served", "closed", "served"]


def test_dated_hours_replace_those_of_the_weekday():
    played = play(
        SITE,
        "opening.dates={2026-01-06: [03:00-04:00, 05:00-06:00]}",
        arrivals=[DAY + 60, DAY + 180, DAY + 240, DAY + 359, DAY + 360],
    )
    assert played.outcomes() == ["closed", "served", "closed", "served", "closed"]


def test_dated_hours_on_a_day_that_is_closed_otherwise():
    played = play(
        SITE,
        "opening.hours={mon: 00:00-02:00, tue-sun: closed}",
        "opening.dates={2026-01-07: 00:00-01:00}",
        arrivals=[DAY + 30, 2 * DAY + 30, 2 * DAY + 60],
    )
    assert played.outcomes() == ["closed", "served", "closed"]


def test_a_queue_that_is_served_after_closing_keeps_no_room_open_the_day_after():
    played = play(
        SITE,
        "opening={hours: 00:00-02:00, queue_at_close: serve}",
        "rooms.booths.hours=01:00-02:00",
        arrivals=[115, 118, DAY + 30, DAY + 70],
    )
    # The first is inside from 115 to 135, and the second is served then. On the day after the room
    # opens at 01:00 only, so that the third waits for it, and the fourth for the third.
    assert played.visits("entered") == [115, 135, DAY + 60, DAY + 80]


def test_a_queue_that_is_served_after_closing_keeps_no_room_open_on_a_day_on_which_it_is_shut():
    played = play(
        SITE,
        "opening={hours: 00:00-02:00, queue_at_close: serve}",
        "rooms.booths.hours={mon: 00:00-02:00, tue-sun: closed}",
        arrivals=[100, DAY + 30],
    )
    assert played.outcomes() == ["served", "closed"]


def test_hours_past_midnight():
    played = play(
        SITE,
        "opening.hours=23:00-01:00 next day",
        "opening.last_entry=10",
        arrivals=[0, 49, 50, 60, 1379, 1380, 1435, DAY + 49, DAY + 50],
    )
    # The night before is open until 60, with last call at 50; then 1380 to DAY + 60.
    assert played.outcomes() == [
        *("served", "served", "closed", "closed", "closed"),
        *("served", "served", "served", "closed"),
    ]
    # A stay goes on through midnight.
    assert played.stays()[6] == (1435, 1455)


def test_waiting_goes_on_through_midnight():
    played = play(SITE, "opening.hours=23:00-01:00 next day", arrivals=[1425, 1430])
    assert played.stays() == [(1425, 1445), (1445, 1465)]


def test_hours_until_midnight_and_from_midnight_are_one():
    played = play(
        SITE,
        "opening.hours={mon: 20:00-24:00, tue: 00:00-04:00, wed-sun: closed}",
        "opening.last_entry=30",
        arrivals=[1415, 1435, DAY, DAY + 209, DAY + 210],
    )
    # One span from 1200 to DAY + 240: nobody is sent away at midnight, last call is once.
    assert played.outcomes() == ["served"] * 4 + ["closed"]
    assert played.stays()[:3] == [(1415, 1435), (1435, 1455), (1455, 1475)]
    assert played.series("site:open", 3 * DAY) == [(1200, 1), (DAY + 240, 0)]


def test_a_rooms_hours_past_midnight():
    played = play(
        SITE,
        "opening.hours=24/7",
        "rooms.booths.hours=23:00-01:00 next day",
        arrivals=[30, 70, 1390, DAY + 59],
    )
    # Open 0-60 and 1380 to DAY + 60; who comes at 70 waits for 1380.
    assert played.visits("entered") == [30, 1380, 1400, DAY + 59]


def test_the_rota_of_the_night_before_is_at_work_from_the_start():
    played = play(
        SITE
        + """
check_in: {times: {known: 5}, roles: [nurse]}
staff: {roles: {nurse: {}}, rota: [{role: nurse, from: 22:00, to: 01:00 next day}]}
""",
        "horizon.days=1",
        arrivals=[0, 58, 62],
    )
    # On duty until 60 and from 1320; the one in hand at 60 is finished at 63.
    assert played.visits("check_in_start") == [0, 58, None]
    assert played.visits("check_in_end") == [5, 63, None]
    assert played.outcomes() == ["served", "served", "dismissed_at_close"]
    starts = played.log.people["start"].tolist()
    assert starts[:2] == [-120, 1320]


def test_weekdays_and_weeks_of_a_rota():
    played = play(
        SITE
        + """
staff:
  cycle_weeks: 2
  roles: {nurse: {}}
  rota:
    - {role: nurse, days: mon, from: 08:00, to: 09:00}
    - {role: nurse, days: tue, weeks: [2], from: 08:00, to: 09:00}
""",
        "horizon={weeks: 4}",
        arrivals=[],
    )
    days = [
        (line, start // DAY)
        for line, start in zip(
            played.log.people["line"].tolist(), played.log.people["start"].tolist(), strict=True
        )
    ]
    # Mondays 0, 7, 14, 21 (and 28, the day after); Tuesdays of the second and fourth week.
    assert days == [(0, 0), (0, 7), (1, 8), (0, 14), (0, 21), (1, 22), (0, 28)]


# --- the end of the horizon -----------------------------------------------------------------


def test_at_a_site_that_is_open_people_are_left_inside():
    played = play(SITE, "horizon.days=1", "opening.hours=24/7", arrivals=[1400, 1425, 1430])
    # The second is in its place until 1445, the third waits.
    assert played.outcomes() == ["served", "inside_at_end", "inside_at_end"]
    assert played.stays() == [(1400, 1420), (1425, None), (None, None)]
    assert played.visits("out") == [1420, None, None]
    assert played.log.end == 1440


def test_tie_a_stay_that_ends_with_the_horizon_is_over():
    played = play(SITE, "horizon.days=1", "opening.hours=24/7", arrivals=[1420])
    assert played.outcomes() == ["served"]
    assert played.stays() == [(1420, 1440)]


def test_at_a_site_that_closes_at_the_horizons_end_people_finish():
    played = play(
        SITE,
        "horizon.days=1",
        "opening={hours: 20:00-24:00, queue_at_close: serve}",
        arrivals=[1425, 1430],
    )
    assert played.outcomes() == ["served", "served"]
    assert played.stays() == [(1425, 1445), (1445, 1465)]
    assert played.log.end == 1465
