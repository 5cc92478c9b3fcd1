"""Appointments beside walk-ins: who waits until their time, who goes first, what is kept.

The site opens at 01:00, minute 60; the doctor is booked for minutes after it. All visits are for
the doctor, for 20 minutes unless a trace says otherwise.
"""

import pytest

from sim.measures.tally import visits_of_site
from tests.support.handmade_logs import measured
from tests.support.played import play

SITE = """
opening: {hours: 01:00-04:00}
demand: {arrivals: []}
visits:
  booked: {share: 0, services: {doctor: 1}}
  walk_in: {services: {doctor: 1}}
services:
  doctor:
    duration: 20
    roles: [doctor]
    appointments: {kind: booked, hours: 01:30-02:30, every: 30}
staff: {roles: {doctor: {}}, rota: [{role: doctor, from: 01:00, to: 04:00}]}
"""


def walk_ins(*times: float) -> str:
    return f"demand.arrivals=[{', '.join(f'{{at: {time}, kind: walk_in}}' for time in times)}]"


def test_people_come_for_their_times():
    played = play(SITE)
    # From 90 to before 150 every 30 minutes: 90 and 120.
    assert played.visits("arrival") == [90, 120]
    assert played.service("doctor") == [(90, 90, 110), (120, 120, 140)]
    assert played.outcomes() == ["service_only"] * 2
    assert played.bookings() == [(90, 0), (120, 1)]


def test_several_may_be_booked_for_each_time():
    played = play(SITE, "services.doctor.appointments.number=2")
    # Two at 90 and two at 120, one doctor: 90-110, 110-130, then those of 120: 130-150, 150-170.
    assert played.service("doctor") == [
        (90, 90, 110),
        (90, 110, 130),
        (120, 130, 150),
        (120, 150, 170),
    ]
    assert sorted(played.bookings()) == [(90, 0), (90, 1), (120, 2), (120, 3)]


def test_nobody_is_booked_for_a_time_at_which_the_site_is_shut():
    played = play(
        SITE, "services.doctor.appointments.hours=00:00-24:00", "opening.hours=01:00-02:00"
    )
    # Every half hour from midnight, of which 60 and 90 are in opening hours; 120 is closing time.
    assert played.bookings() == [(60, 0), (90, 1)]
    closed = play(SITE, "opening.dates={2026-01-05: closed}", "horizon.start=2026-01-05")
    assert closed.bookings() == []


def test_who_does_not_come_is_known_and_takes_no_time():
    played = play(SITE, walk_ins(90), "services.doctor.appointments.no_show=1")
    assert played.bookings() == [(90, -1), (120, -1)]
    assert played.service("doctor") == [(90, 90, 110)]


def test_who_is_early_waits_until_their_time():
    played = play(SITE, walk_ins(95), "services.doctor.appointments.early=10")
    # They come at 80, 110 and the walk-in at 95, who is seen when the first is done, 110-130.
    # The second is 10 minutes early and waits until 120, when the doctor is busy until 130.
    assert played.visits("arrival") == [80, 95, 110]
    assert played.service("doctor") == [(90, 90, 110), (95, 110, 130), (120, 130, 150)]
    # Sitting until one's time is no waiting, and takes a chair.
    assert played.visits("waited") == [0, 15, 10]
    assert played.series("site:waiting_service") == [(80, 1), (90, 0), (95, 1), (130, 0)]


def test_who_is_early_may_be_seen_early():
    sets = ("services.doctor.appointments.early=10", "services.doctor.appointments.seen_early=true")
    played = play(SITE, walk_ins(95), *sets)
    # 80-100 the first; at 100 the walk-in of 95, to 120; then who has waited since 110.
    assert played.service("doctor") == [(80, 80, 100), (95, 100, 120), (110, 120, 140)]


def test_who_is_booked_goes_before_those_who_walk_in():
    played = play(SITE, walk_ins(85, 86, 87))
    # 85-105 a walk-in; then the one of 90, 105-125; then the one of 120, 125-145; then the others.
    assert played.service("doctor") == [
        (85, 85, 105),
        (86, 145, 165),
        (87, 165, 185),
        (90, 105, 125),
        (120, 125, 145),
    ]


def test_those_who_walk_in_may_go_first():
    sets = ("services.doctor.appointments.first=walk_ins",)
    played = play(SITE, walk_ins(85, 86, 87), *sets)
    # Walk-ins 85-105, 105-125, 125-145, then the booked ones: 145-165, 165-185.
    assert [start for _, start, _ in played.service("doctor")] == [85, 105, 125, 145, 165]


def test_all_may_go_by_order_of_coming():
    sets = ("services.doctor.appointments.first=by_coming",)
    played = play(SITE, walk_ins(85, 86, 91), *sets)
    # 85-105, 105-125 who walked in at 86, 125-145 who came at 90, then 91, then 120.
    assert played.service("doctor") == [
        (85, 85, 105),
        (86, 105, 125),
        (90, 125, 145),
        (91, 145, 165),
        (120, 165, 185),
    ]


def test_the_earlier_time_goes_first_whoever_comes_first():
    # Of three booked for 90, 100 and 110 the first comes at 111, the others at 100 and 110.
    played = play(
        SITE,
        walk_ins(89),
        "services.doctor.appointments.every=10",
        "services.doctor.appointments.hours=01:30-01:59",
        arrival=[89, 100, 108, 108.5],
        kind=[1, 0, 0, 0],
        appointment=[None, 100, 110, 90],
    )
    # 89-109 the walk-in. At 109 wait those of 100 and, 18.5 minutes late, of 90, who goes first:
    # 109-129; then 100: 129-149. The one of 110 joins the line at 110 and goes last.
    assert played.service("doctor") == [
        (89, 89, 109),
        (100, 129, 149),
        (110, 149, 169),
        (108.5, 109, 129),
    ]


def test_a_time_is_kept_for_a_while():
    late = {"arrival": [89, 90, 95, 101], "kind": [1, 1, 1, 0]}
    sets = (walk_ins(89, 90, 95), "services.doctor.appointments.hours=01:30-01:31")
    kept = play(SITE, *sets, **late, appointment=[None, None, None, 90])
    # Comes at 101 for 90: before those of 90 and 95, at 109.
    assert [start for _, start, _ in kept.service("doctor")] == [89, 129, 149, 109]
    only_so_long = (*sets, "services.doctor.appointments.late_after=10")
    lost = play(SITE, *only_so_long, **late, appointment=[None, None, None, 90])
    # 11 minutes late: behind those who were there before.
    assert [start for _, start, _ in lost.service("doctor")] == [89, 109, 129, 149]
    just = play(
        SITE,
        *only_so_long,
        **(late | {"arrival": [89, 90, 95, 100]}),
        appointment=[None] * 3 + [90],
    )
    # 10 minutes late is not later than 10.
    assert [start for _, start, _ in just.service("doctor")] == [89, 129, 149, 109]


def test_who_is_interrupted_goes_on_before_those_who_are_booked():
    played = play(
        SITE,
        walk_ins(85),
        "staff.end_of_shift=hand_over",
        "staff.rota=[{role: doctor, from: 01:00, to: 01:35},"
        " {role: doctor, from: 01:50, to: 04:00}]",
    )
    # The walk-in is seen 85-95, when the shift ends; at 110 the rest, 10 minutes, to 120. Who is
    # booked for 90 waits for that, 120-140, and who is booked for 120 until 140.
    assert played.service("doctor") == [(85, 85, 120), (90, 120, 140), (120, 140, 160)]


def test_who_is_booked_waits_at_the_door_for_as_long_as_they_are_early():
    sets = (
        "services.doctor.appointments.hours=01:00-01:01",
        "services.doctor.appointments.early=5",
    )
    played = play(SITE, walk_ins(55), *sets)
    # Both come at 55, five minutes before the opening. The walk-in has no business there.
    assert played.outcomes() == ["closed", "service_only"]
    assert played.service("doctor") == [(None, None, None), (60, 60, 80)]
    assert played.visits("let_in") == [None, 60]


def test_last_call_is_not_for_those_who_are_booked():
    sets = ("opening.last_entry=60", "services.doctor.appointments.hours=03:30-03:31")
    played = play(SITE, walk_ins(185), *sets)
    # Open until 240, last call at 180: the walk-in of 185 is refused, the one booked for 210 not.
    assert played.outcomes() == ["closed", "service_only"]


def test_closing_sends_away_who_waits_for_their_time():
    played = play(
        SITE,
        "services.doctor.appointments.hours=03:50-03:51",
        "services.doctor.appointments.early=100",
        "opening.hours=[01:00-03:00, 03:30-04:00]",
    )
    # Booked for 230, there at 130; at 180 the site closes for half an hour.
    assert played.outcomes() == ["dismissed_at_close"]
    assert played.visits("out") == [180]
    assert played.visits("waited") == [0]
    assert played.series("site:waiting_service") == [(130, 1), (180, 0)]


def test_who_is_early_needs_a_seat_and_takes_one():
    played = play(
        SITE,
        walk_ins(85),
        "waiting_area.seats=0",
        "services.doctor.appointments.early=10",
    )
    # At 80 the first would have to wait until 90: no seat. The walk-in of 85 is seen at once, to
    # 105. The second comes at 110 for 120.
    assert played.outcomes() == ["no_space", "service_only", "no_space"]
    seated = play(
        SITE,
        walk_ins(85, 112),
        "waiting_area.seats=1",
        "services.doctor.appointments.early=10",
    )
    # 85-105 the walk-in, then the first, 105-125; the second has the seat from 110.
    assert seated.outcomes() == ["service_only", "service_only", "service_only", "no_space"]


def test_patience_runs_from_their_time():
    played = play(
        SITE,
        walk_ins(119),
        "services.doctor.patience=15",
        "services.doctor.duration=40",
        "services.doctor.appointments.early=20",
    )
    # The first 90-130. The second is there at 100 and waits from 120: patience until 135. The
    # walk-in of 119 waits behind them, until 134.
    assert played.service("doctor") == [(90, 90, 130), (120, 130, 170), (119, None, None)]
    assert played.visits("out") == [130, 170, 134]


def test_patience_that_began_at_the_desk_does_not_end_the_wait_for_ones_time():
    played = play(
        SITE,
        "visits.booked.patience=10",
        "check_in={times: {known: 1}, desks: 1}",
        "services.doctor.appointments.early=30",
    )
    # There at 60, patience until 70 in the lines; registered at 61, and seen at 90.
    assert played.service("doctor") == [(90, 90, 110), (120, 120, 140)]


def test_check_in_comes_before_the_appointment():
    played = play(
        SITE,
        "check_in={times: {known: 8}, desks: 1}",
        "services.doctor.appointments.early=5",
    )
    # There at 85, registered until 93, three minutes late; there at 115, registered until 123.
    assert played.service("doctor") == [(93, 93, 113), (123, 123, 143)]


def test_an_appointment_before_the_stay_of_others_changes_nothing_for_them():
    rooms = ("rooms.booths.places=1", "visits.walk_in={rooms: [booths], stay: 20}")
    played = play(SITE, walk_ins(85, 91), *rooms)
    assert played.stays() == [(85, 105), (None, None), (105, 125), (None, None)]
    assert played.service("doctor")[1] == (90, 90, 110)


# --- figures -------------------------------------------------------------------------------------


def test_figures_of_a_day_with_appointments():
    played = play(
        SITE,
        walk_ins(85, 112),
        arrival=[85, 100, 112, 118],
        kind=[1, 0, 1, 0],
        appointment=[None, 90, None, 120],
    )
    # 85-105 a walk-in; the one of 90, there at 100, 105-125; the one of 120, there at 118 and in
    # line from 120, 125-145; the walk-in of 112 last, 145-165.
    found = measured(played.scenario, played.log)
    by = "service:doctor"
    assert found["booked", "per_day", by] == 2
    # 5 minutes from joining the line at 100, 5 past 120.
    assert found["wait_booked", "mean", by] == 5
    assert played.service("doctor")[1:] == [(100, 105, 125), (112, 145, 165), (120, 125, 145)]
    assert found["wait_walk_in", "mean", by] == (0 + 33) / 2
    assert found["wait_walk_in", "p90", by] == 33
    assert found["services", "per_day", by] == 4
    assert found["wait_service", "mean", f"{by}/kind:booked"] == 5


def test_figures_of_those_who_are_booked():
    sets = (
        "services.doctor.appointments.hours=01:30-03:00",
        "services.doctor.appointments.number=2",
        "services.doctor.appointments.early=5",
    )
    played = play(SITE, *sets)
    # Two each at 90, 120 and 150: 90, 110; 130, 150; 170, 190.
    found = measured(played.scenario, played.log)
    by = "service:doctor"
    waits = [0, 20, 10, 30, 20, 40]
    assert found["booked", "per_day", by] == found["booked", "came_per_day", by] == 6
    assert found["booked", "share_no_show", by] == 0
    assert found["booked", "share_seen", by] == 1
    assert found["wait_booked", "mean", by] == sum(waits) / 6
    assert found["wait_booked", "median", by] == pytest.approx(20)
    early = play(SITE, *sets, "services.doctor.appointments.seen_early=true")
    # From 85 on: 85, 105; there at 115: 125, 145; there at 145: 165, 185. Past their times: 0, 15,
    # 5, 25, 15, 35.
    found = measured(early.scenario, early.log)
    assert found["wait_booked", "mean", by] == pytest.approx((0 + 15 + 5 + 25 + 15 + 35) / 6)
    assert found["wait_service", "mean", by] == pytest.approx((0 + 20 + 10 + 30 + 20 + 40) / 6)


def test_figures_of_those_who_do_not_come_and_are_not_seen():
    played = play(
        SITE,
        "services.doctor.appointments.hours=01:30-04:00",
        "services.doctor.appointments.no_show=1",
    )
    found = measured(played.scenario, played.log)
    by = "service:doctor"
    assert found["booked", "per_day", by] == 5
    assert found["booked", "came_per_day", by] == 0
    assert found["booked", "share_no_show", by] == 1
    gone = play(
        SITE,
        "services.doctor.appointments.hours=03:30-04:00",
        "services.doctor.duration=60",
        "services.doctor.appointments.number=2",
    )
    # Both at 210, the second still waits at closing, 240.
    found = measured(gone.scenario, gone.log)
    assert found["booked", "share_seen", by] == 0.5
    assert gone.outcomes() == ["service_only", "dismissed_at_close"]


def test_the_table_of_visits_has_the_times():
    played = play(SITE, walk_ins(100))
    table = visits_of_site(played.scenario, played.log, 0).to_pandas()
    assert table["appointment"].tolist()[::2] == [90, 120]
    assert table["appointment"].isna().tolist() == [False, True, False]
