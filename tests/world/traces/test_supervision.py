"""Rooms take people in while enough staff are present to watch them; nobody inside is moved.

The site is open from minute 0 to 120.
"""

from tests.support.handmade_logs import measured, measured_hours
from tests.support.played import play

SITE = """
opening: {hours: 00:00-02:00}
visits:
  use: {rooms: [booths], stay: 20}
rooms:
  booths: {places: 2}
staff:
  roles: {nurse: {}, social_worker: {}}
  rota:
    - {role: nurse, from: 00:00, to: 02:00}
    - {role: social_worker, from: 00:30, to: 01:30}
"""

# Staff present: 1 from 0, 2 from 30, 1 from 90 to 120.


def rule(text: str = "") -> str:
    """A setting with the one supervision rule of a test."""
    return f"supervision=[{{rooms: [booths], roles: [nurse, social_worker]{text}}}]"


def test_with_fewer_staff_than_the_minimum_nobody_new_is_let_in():
    played = play(SITE, rule(", minimum: 2"), arrivals=[0, 80, 95])
    # The first waits for 30. The second is inside at 90 and stays. The third waits in vain.
    assert played.outcomes() == ["served", "served", "dismissed_at_close"]
    assert played.stays() == [(30, 50), (80, 100), (None, None)]
    assert played.series("room:booths:paused") == [(0, 1), (30, 0), (90, 1), (120, 0)]
    assert played.series("site:below_cover") == [(0, 1), (30, 0), (90, 1), (120, 0)]


def test_unusable_places_are_free_ones_that_nobody_watches():
    played = play(SITE, rule(", minimum: 2"), arrivals=[80])
    # Both from 0; none from 30; at 90 the one that is free; both when the other is left at 100.
    assert played.series("room:booths:unusable") == [(0, 2), (30, 0), (90, 1), (100, 2), (120, 0)]


def test_another_place_can_be_watched_while_the_one_left_is_cleaned():
    played = play(
        SITE,
        rule(", places_per_staff: 1"),
        "staff.rota.1.from=01:20",
        "rooms.booths.cleaning={duration: 5}",
        arrivals=[0, 10],
    )
    # There are two places, and one nurse to watch one of them. It is left at 20, clean at 25.
    assert played.stays() == [(0, 20), (20, 40)]


def test_minimum_one_is_the_default():
    played = play(SITE, rule(), "staff.rota.0.from=00:10", arrivals=[0])
    assert played.stays() == [(10, 30)]


def test_minimum_nought_asks_for_nobody():
    played = play(SITE, rule(", minimum: 0"), "staff.rota.0.from=00:10", arrivals=[0])
    assert played.stays() == [(0, 20)]


def test_tie_a_shift_ends_before_a_place_frees():
    played = play(SITE, rule(", minimum: 2"), "rooms.booths.places=1", arrivals=[70, 75])
    # The place frees at 90, when one of the two has just gone.
    assert played.outcomes() == ["served", "dismissed_at_close"]


def test_tie_a_shift_begins_before_somebody_arrives():
    played = play(SITE, rule(", minimum: 2"), "waiting_area.seats=0", arrivals=[29, 30])
    assert played.outcomes() == ["no_space", "served"]


def test_tie_who_is_relieved_goes_before_the_relief_comes_and_nobody_is_missed():
    played = play(
        SITE,
        rule(),
        "staff.rota=[{role: nurse, from: 00:00, to: 01:00},"
        " {role: social_worker, from: 01:00, to: 02:00}]",
        arrivals=[60],
    )
    # Both changes are one instant; the room is not paused between them.
    assert played.stays() == [(60, 80)]
    assert played.series("room:booths:paused") == []


def test_at_least_one_of_a_role():
    played = play(SITE, rule(", at_least: {social_worker: 1}"), arrivals=[0, 80, 95])
    # The nurse alone will not do: 30-90.
    assert played.stays() == [(30, 50), (80, 100), (None, None)]


def test_places_per_member_of_staff():
    played = play(SITE, rule(", places_per_staff: 1"), arrivals=[{"at": 0, "stay": 100}, 1, 75, 76])
    # One can watch one place, taken until 100. From 30 two can watch two: 30-50, 75-95. At 95
    # one is left, who watches the first; at 100 the fourth gets a place.
    assert played.stays() == [(0, 100), (30, 50), (75, 95), (100, 120)]


def test_half_a_place_is_no_place():
    played = play(
        SITE,
        rule(", places_per_staff: 1.5"),
        "rooms.booths.places=4",
        arrivals=[{"at": 0, "stay": 50}] * 4,
    )
    # 1 × 1.5 makes 1; 2 × 1.5 makes 3; the fourth waits for the first to leave at 50.
    assert played.visits("entered") == [0, 30, 30, 50]


def test_one_rule_counts_its_rooms_together():
    played = play(
        SITE,
        "visits.smoke={share: 0, rooms: [smoking], stay: 20}",
        "rooms.smoking.places=2",
        "supervision=[{rooms: [booths, smoking], roles: [nurse], places_per_staff: 1}]",
        arrivals=[0, (1, "smoke"), 2],
    )
    # The nurse watches one place in all; the queue moves in order.
    assert played.stays() == [(0, 20), (20, 40), (40, 60)]


def test_a_room_must_satisfy_all_its_rules():
    played = play(
        SITE,
        "visits.smoke={share: 0, rooms: [smoking], stay: 20}",
        "rooms.smoking.places=2",
        "supervision=[{rooms: [booths, smoking], roles: [nurse]},"
        " {rooms: [booths], roles: [social_worker]}]",
        arrivals=[0, (1, "smoke")],
    )
    # Smoking needs the nurse; the booths the social worker too, who comes at 30.
    assert played.stays() == [(30, 50), (1, 21)]


def test_who_is_paused_for_does_not_hold_up_others():
    played = play(
        SITE,
        rule(", minimum: 2"),
        "visits.smoke={share: 0, rooms: [smoking], stay: 20}",
        "rooms.smoking.places=1",
        arrivals=[0, (1, "smoke")],
    )
    assert played.stays() == [(30, 50), (1, 21)]


def test_staff_busy_with_other_work_are_present():
    played = play(
        SITE,
        rule(),
        "check_in={times: {known: 5}, roles: [nurse]}",
        arrivals=[0, 4],
    )
    # The nurse registers the second from 5 to 10 and is present all the same.
    assert played.stays() == [(5, 25), (10, 30)]
    assert played.series("room:booths:paused") == []


def test_staff_on_a_break_are_not_present():
    played = play(
        SITE,
        rule(),
        "staff.rota=[{role: nurse, from: 00:00, to: 02:00,"
        " breaks: [{length: 15, from: 00:10, to: 00:40}]}, {role: social_worker, from: 02:00,"
        " to: 03:00}]",
        arrivals=[5, 12],
    )
    # Break 10-25.
    assert played.stays() == [(5, 25), (25, 45)]
    assert played.series("room:booths:paused") == [(10, 1), (25, 0)]


def test_staff_in_overtime_are_not_present():
    played = play(
        SITE,
        rule(),
        "check_in={times: {known: 10}, roles: [nurse, social_worker]}",
        "staff.rota=[{role: nurse, from: 00:00, to: 00:30}, {role: social_worker, from: 00:50,"
        " to: 02:00}]",
        arrivals=[25],
    )
    # The nurse, whose shift ends at 30, finishes registering at 35; the social worker comes at 50.
    assert played.visits("check_in_end") == [35]
    assert played.stays() == [(50, 70)]


def test_staff_at_an_overdose_are_not_present():
    played = play(
        SITE + "overdose: {severities: {usual: {share: 1, team: [[nurse]], intensive: 10}}}\n",
        rule(),
        "visits.use.overdose={per_1000: 0, onset: 5}",
        "staff.rota.1.from=01:00",
        arrivals=[0, 7, 8],
        onset=[5, float("inf"), float("inf")],
    )
    # The nurse, alone until 60, is at the overdose from 5 to 15. Then both places are free.
    assert played.stays() == [(0, 15), (15, 35), (15, 35)]
    assert played.series("room:booths:paused") == [(5, 1), (15, 0)]


# --- what is said of it: a rule unmet, and places that cannot be used for it ----------------------


def minutes(played, metric: str, by: str = "all") -> float:
    """Minutes a week of the one day played."""
    return measured(played.scenario, played.log)[metric, "minutes_per_week", by] / 7


def test_full_rooms_with_a_rule_unmet_are_paused_and_miss_no_place():
    played = play(SITE, rule(", minimum: 2"), arrivals=[75, 80])
    # Two people are in the two places from 80. At 90 one member of staff leaves: the rule is unmet
    # though no place is free; one is from 95, both from 100.
    assert played.series("room:booths:paused") == [(0, 1), (30, 0), (90, 1), (120, 0)]
    assert played.series("room:booths:none_usable") == [(0, 1), (30, 0), (95, 1), (120, 0)]
    assert played.series("site:below_cover") == [(0, 1), (30, 0), (90, 1), (120, 0)]
    assert played.series("site:role_missing") == []
    assert minutes(played, "intake_paused") == minutes(played, "intake_paused", "room:booths") == 60
    assert minutes(played, "place_unusable") == minutes(played, "place_unusable", "room:booths")
    assert minutes(played, "place_unusable") == 55
    hours = measured_hours(played.scenario, played.log)
    for by in ("all", "room:booths"):
        assert hours["intake_paused", by][:3].tolist() == [0.5, 0.5, 0]
        assert hours["place_unusable", by][:3].tolist() == [0.5, 25 / 60, 0]


def test_a_role_may_be_missing_with_the_minimum_met():
    played = play(SITE, rule(", at_least: {social_worker: 1}"), arrivals=[])
    assert played.series("site:below_cover") == []
    assert played.series("site:role_missing") == [(0, 1), (30, 0), (90, 1), (120, 0)]
    assert played.series("room:booths:paused") == [(0, 1), (30, 0), (90, 1), (120, 0)]
    assert minutes(played, "below_cover") == 0
    assert minutes(played, "role_missing") == minutes(played, "intake_paused") == 60
    hours = measured_hours(played.scenario, played.log)
    assert hours["role_missing", "all"][:3].tolist() == [0.5, 0.5, 0]


def test_the_minimum_may_be_missed_with_every_role_there():
    played = play(SITE, rule(", minimum: 3, at_least: {nurse: 1}"), arrivals=[])
    assert played.series("site:below_cover") == [(0, 1), (120, 0)]
    assert played.series("site:role_missing") == []


def test_more_people_in_places_than_are_watched_is_a_rule_unmet():
    played = play(SITE, rule(", places_per_staff: 1"), arrivals=[75, 76])
    # Two are watched by two. From 90 one watches two, and one from 95, when the other place may
    # not be used; from 96 it may.
    assert played.series("room:booths:paused") == [(90, 1), (95, 0)]
    assert played.series("room:booths:none_usable") == [(95, 1), (96, 0)]
    assert played.series("site:below_cover") == played.series("site:role_missing") == []
    assert (minutes(played, "intake_paused"), minutes(played, "place_unusable")) == (5, 1)


def test_nobody_who_may_watch_anybody_is_a_rule_unmet_without_a_minimum_too():
    played = play(
        SITE, rule(", minimum: 0, places_per_staff: 1"), "staff.rota.0.from=00:10", arrivals=[]
    )
    assert played.series("room:booths:paused") == [(0, 1), (10, 0)]
    assert played.series("site:below_cover") == []


TWO_ROOMS = (
    "visits.smoke={share: 0, rooms: [smoking], stay: 20}",
    "rooms.smoking={places: 1, hours: 00:00-01:00}",
)


def test_rules_of_two_rooms_are_told_apart_and_of_closed_rooms_are_not_in_force():
    played = play(
        SITE,
        *TWO_ROOMS,
        "supervision=[{rooms: [booths], roles: [nurse]}, {rooms: [smoking], roles: [social_worker],"
        " minimum: 2, at_least: {social_worker: 1}}]",
        "staff.rota.0.from=00:20",
        arrivals=[],
    )
    # The booths want the nurse until 20. Smoking wants two social workers, of whom one comes at
    # 30, until it closes at 60; the site is open until 120.
    assert played.series("room:booths:paused") == [(0, 1), (20, 0)]
    assert played.series("room:smoking:paused") == [(0, 1), (60, 0)]
    assert played.series("site:below_cover") == [(0, 1), (60, 0)]
    assert played.series("site:role_missing") == [(0, 1), (30, 0)]
    assert minutes(played, "intake_paused", "room:booths") == 20
    assert (
        minutes(played, "intake_paused", "room:smoking") == minutes(played, "intake_paused") == 60
    )
    assert minutes(played, "below_cover") == 60
    assert minutes(played, "role_missing") == 30


def test_two_rules_of_one_room_pause_it_together():
    played = play(
        SITE,
        "supervision=[{rooms: [booths], roles: [nurse]}, {rooms: [booths], roles:"
        " [social_worker]}]",
        "staff.rota.0.to=01:40",
        arrivals=[],
    )
    # The social worker is there 30-90, the nurse until 100.
    assert played.series("room:booths:paused") == [(0, 1), (30, 0), (90, 1), (120, 0)]


def test_a_break_of_the_only_one_pauses_full_rooms_too():
    played = play(
        SITE,
        rule(),
        "rooms.booths.places=1",
        "staff.rota=[{role: nurse, from: 00:00, to: 02:00,"
        " breaks: [{length: 15, from: 00:10, to: 00:40}]}, {role: social_worker, from: 02:00,"
        " to: 03:00}]",
        arrivals=[0],
    )
    # Break 10-25; the place is taken until 20.
    assert played.series("room:booths:paused") == [(10, 1), (25, 0)]
    assert played.series("room:booths:none_usable") == [(20, 1), (25, 0)]


def test_the_queue_that_is_served_after_closing_is_not_counted():
    played = play(SITE, rule(", minimum: 3"), "opening.queue_at_close=serve", arrivals=[])
    assert played.series("room:booths:paused") == [(0, 1), (120, 0)]
    assert minutes(played, "intake_paused") == 120
