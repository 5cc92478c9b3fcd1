"""Who is let in: opening, last call, the door before opening, the waiting area, balking.

Hours are written so that minutes are small: a site open 01:00-02:00 is open from 60 to 120.
"""

import numpy as np
import pytest

from tests.support.handmade_logs import measured, measured_hours
from tests.support.played import play

SITE = """
opening: {hours: 01:00-02:00}
visits: {use: {rooms: [booths], stay: 20}}
rooms: {booths: {places: 1}}
"""


def test_opening_is_from_its_first_minute_until_just_before_its_last():
    played = play(SITE, arrivals=[59, 60, 119.5, 120])
    # 59 is too early; 60 is open and 60 + 20 = 80; 119.5 is open and 119.5 + 20 = 139.5;
    # at 120 it is closed.
    assert played.outcomes() == ["closed", "served", "served", "closed"]
    assert played.stays() == [(None, None), (60, 80), (119.5, 139.5), (None, None)]
    assert played.visits("out") == [59, 80, 139.5, 120]
    assert played.series("site:open") == [(60, 1), (120, 0)]
    assert played.series("site:inside") == [(60, 1), (80, 0), (119.5, 1), (139.5, 0)]


def test_nobody_is_let_in_from_last_call_on():
    played = play(SITE, "opening.last_entry=10", arrivals=[80, 109, 110, 111])
    # Last call is at 120 - 10 = 110.
    assert played.outcomes() == ["served", "served", "closed", "closed"]
    assert played.stays()[:2] == [(80, 100), (109, 129)]


def test_last_call_comes_before_every_closing_of_a_day():
    played = play(
        SITE,
        "opening.hours=[01:00-02:00, 03:00-04:00]",
        "opening.last_entry=15",
        arrivals=[104, 105, 150, 180, 224, 225],
    )
    # Open 60-120 and 180-240, last call at 105 and 225.
    assert played.outcomes() == ["served", "closed", "closed", "served", "served", "closed"]
    assert [entered for entered, _ in played.stays()] == [104, None, None, 180, 224, None]


def test_without_waiting_at_the_door_a_minute_too_early_is_closed():
    assert play(SITE, arrivals=[59]).outcomes() == ["closed"]


def test_people_wait_at_the_door_and_go_in_by_number_when_it_opens():
    played = play(SITE, "opening.wait_at_door=10", arrivals=[49, 50, 55, 60])
    # 49 is 11 minutes early; 50 is exactly 10. At 60 they go in in order: the second takes the
    # place until 80, the third until 100, the fourth until 120.
    assert played.outcomes() == ["closed", "served", "served", "served"]
    assert played.stays() == [(None, None), (60, 80), (80, 100), (100, 120)]
    # Inside, from 60 to 60, 60 to 80, 60 to 100: at the door they wait for the opening, and that
    # is 10 and 5 minutes more.
    assert played.visits("waited") == [0, 0, 20, 40]
    assert played.visits("let_in") == [None, 60, 60, 60]
    found = measured(played.scenario, played.log)
    assert found["wait", "mean", "all"] == found["wait_joined", "mean", "all"] == 20
    assert found["door_wait", "mean", "all"] == 7.5
    assert found["door_wait", "median", "all"] == 5
    assert found["door_wait", "within_5", "kind:use"] == 1 / 2
    # Two of the three who came while it was open or might wait for it.
    assert found["door_wait", "share", "all"] == 2 / 3
    assert found["door_wait", "gave_up_per_day", "all"] == 0
    assert played.series("site:inside") == [(60, 3), (80, 2), (100, 1), (120, 0)]


def test_people_wait_at_the_door_in_a_gap_of_the_day():
    played = play(
        SITE,
        "opening.hours=[01:00-02:00, 03:00-04:00]",
        "opening.wait_at_door=30",
        arrivals=[149, 150],
    )
    assert played.outcomes() == ["closed", "served"]
    assert played.visits("entered") == [None, 180]


def test_patience_runs_at_the_door():
    played = play(
        SITE,
        "opening.wait_at_door=10",
        arrivals=[
            {"at": 50, "patience": 5},
            {"at": 55, "patience": 15},
            {"at": 56, "patience": 15},
        ],
    )
    # First: 50 + 5 = 55, before the opening. Second: in at 60. Third: its patience began at 56
    # and ends at 71, before the place is free at 80.
    assert played.outcomes() == ["reneged", "served", "reneged"]
    assert played.visits("out") == [55, 80, 71]
    assert played.visits("waited") == [0, 0, 11]
    found = measured(played.scenario, played.log)
    # At the door 5, 5 and 4 minutes. The first is in no queue inside, the third was for 11.
    assert found["door_wait", "mean", "all"] == pytest.approx(14 / 3)
    assert found["door_wait", "gave_up_per_day", "all"] == 1
    assert found["wait", "mean", "all"] == 0
    assert found["wait_joined", "mean", "all"] == 11 / 2
    assert found["unserved", "per_day", "all"] == 2


def test_who_waits_at_the_door_belongs_to_the_hour_of_the_opening():
    played = play(
        SITE,
        "opening.wait_at_door=30",
        "waiting_area.seats=1",
        arrivals=[{"at": 35, "patience": 5}, 40, 50, 59, 61],
    )
    # The first gives up at 40. At 60 the second takes the place until 80, the third the seat; the
    # fourth and the fifth find none.
    assert played.outcomes() == ["reneged", "served", "served", "no_space", "no_space"]
    hours = measured_hours(played.scenario, played.log)
    monday = slice(0, 3)
    assert hours["arrivals", "all"][monday].tolist() == [4, 1, 0]
    assert hours["arrivals", "kind:use"][monday].tolist() == [4, 1, 0]
    assert hours["unserved", "all"][monday].tolist() == [0, 3, 0]
    assert hours["unserved_share", "all"][1] == 3 / 5
    # Inside 0 and 20 minutes; at the door 5, 20, 10 and 1.
    assert hours["wait_mean", "all"][1] == 10
    assert hours["door_wait_mean", "all"][1] == 9
    assert np.isnan([hours["wait_mean", "all"][0], hours["door_wait_mean", "all"][0]]).all()


def test_the_wait_for_check_in_begins_inside():
    played = play(
        SITE,
        "opening.wait_at_door=10",
        "check_in={times: {known: 5}, desks: 1}",
        arrivals=[55, 58],
    )
    # At the desk 60-65 and 65-70: waits of 0 and 5; the second then waits for the place until 85.
    found = measured(played.scenario, played.log)
    assert found["wait_check_in", "mean", "all"] == 2.5
    assert found["wait", "mean", "all"] == (0 + 5 + 15) / 2
    assert found["door_wait", "mean", "all"] == 3.5


def test_the_crowd_comes_as_the_door_opens_and_its_wait_is_a_wait():
    played = play(
        SITE + "demand: {visits_per_day: 40, profile: flat, crowd_at_opening: 0.2}\n",
        "opening.hours=01:00-24:00",
        "visits.use.patience={distribution: fixed, value: 30}",
    )
    visits = played.log.visits
    crowd = visits["arrival"] == 60
    assert 3 <= crowd.sum() <= 20
    assert crowd.sum() < len(crowd)
    found = measured(played.scenario, played.log)
    got = crowd & (visits["room"] >= 0)
    # One place for 20 minutes, and patience for 30: the first two get it.
    assert visits["waited"][got].tolist() == [0, 20]
    assert found["wait", "mean", "crowd"] == 10
    assert found["wait", "p90", "crowd"] == 20
    assert found["wait_joined", "mean", "crowd"] == (20 + 30 * (crowd.sum() - 2)) / crowd.sum()
    assert found["unserved", "share", "crowd"] == pytest.approx(1 - 2 / crowd.sum())
    assert found["unserved", "per_day", "crowd"] == crowd.sum() - 2
    assert not any(metric == "door_wait" for metric, _, _ in found)


def test_those_at_the_door_go_in_before_the_crowd():
    played = play(
        SITE + "demand: {visits_per_day: 150, profile: flat, crowd_at_opening: 0.1}\n",
        "opening={hours: 01:00-24:00, wait_at_door: 30}",
        "visits.use.patience={distribution: fixed, value: 30}",
    )
    visits = played.log.visits
    early = (visits["arrival"] >= 30) & (visits["arrival"] < 60)
    crowd = visits["arrival"] == 60
    assert early.sum() > 1
    assert crowd.sum() > 1
    assert (visits["room"][early] >= 0).any()
    found = measured(played.scenario, played.log)
    minutes = 60 - visits["arrival"][early]
    assert found["door_wait", "mean", "all"] == pytest.approx(minutes.mean())
    assert found["wait_joined", "mean", "crowd"] == pytest.approx(visits["waited"][crowd].mean())
    with pytest.raises(KeyError):
        found["door_wait", "mean", "crowd"]


def test_tie_the_opening_lets_in_before_patience_ends():
    played = play(SITE, "opening.wait_at_door=10", arrivals=[{"at": 50, "patience": 10}])
    # Both at 60: the opening is a calendar change, and going in and taking the free place are
    # its consequences; patience comes after.
    assert played.outcomes() == ["served"]
    assert played.stays() == [(60, 80)]


def test_who_waits_at_the_door_may_find_the_waiting_area_full():
    played = play(SITE, "opening.wait_at_door=10", "waiting_area.seats=1", arrivals=[50, 51, 52])
    # The first takes the place, the second the seat.
    assert played.outcomes() == ["served", "served", "no_space"]
    assert played.visits("out") == [80, 100, 60]


# --- the waiting area --------------------------------------------------------------------------

OPEN = """
opening: {hours: 00:00-02:00}
visits: {use: {rooms: [booths], stay: 20}}
rooms: {booths: {places: 1}}
"""


def test_without_a_waiting_area_there_is_room_for_everybody():
    assert play(OPEN, arrivals=[0, 1, 2, 3]).outcomes() == ["served"] * 4


def test_who_would_have_to_wait_is_refused_when_the_seats_are_taken():
    played = play(OPEN, "waiting_area.seats=1", arrivals=[0, 1, 2, 20])
    # The first has the place, the second the seat, the third neither. At 20 the first leaves
    # before anybody arrives, the second gets the place, and the fourth the seat.
    assert played.outcomes() == ["served", "served", "no_space", "served"]
    assert played.stays() == [(0, 20), (20, 40), (None, None), (40, 60)]
    assert played.visits("out") == [20, 40, 2, 60]


def test_without_seats_only_those_are_let_in_who_need_not_wait():
    played = play(OPEN, "waiting_area.seats=0", arrivals=[0, 19, 20, 41])
    assert played.outcomes() == ["served", "no_space", "served", "served"]
    assert played.visits("entered") == [0, None, 20, 41]


def test_a_full_waiting_area_does_not_hold_up_who_finds_a_place():
    played = play(
        OPEN,
        "waiting_area.seats=1",
        "visits.smoke={share: 0, rooms: [smoking], stay: 30}",
        "rooms.smoking.places=1",
        arrivals=[0, 1, (2, "smoke"), (3, "smoke")],
    )
    # The seat is taken from 1. The first to smoke finds a free place, the second does not.
    assert played.outcomes() == ["served", "served", "served", "no_space"]
    assert played.stays() == [(0, 20), (20, 40), (2, 32), (None, None)]


def test_those_in_line_for_check_in_sit_in_the_waiting_area():
    played = play(
        OPEN,
        "waiting_area.seats=1",
        "check_in={times: {known: 5}, desks: 1}",
        arrivals=[0, 1, 2, 5],
    )
    # Desk: 0-5 the first, who does not sit meanwhile. The second sits from 1, the third finds no
    # seat. At 5 the second goes to the desk, the fourth takes the seat.
    assert played.outcomes() == ["served", "served", "no_space", "served"]
    assert played.visits("check_in_start") == [0, 5, None, 10]


# --- balking -----------------------------------------------------------------------------------


def test_everybody_turns_round_when_more_wait_ahead_than_above():
    played = play(OPEN, "visits.use.balking.above=1", arrivals=[0, 1, 2, 3])
    # Ahead: 0 (place free), 0, 1 (not more than 1), 2.
    assert played.outcomes() == ["served", "served", "served", "balked"]
    assert played.visits("out") == [20, 40, 60, 3]


def test_above_zero_means_that_one_in_line_is_enough():
    played = play(OPEN, "visits.use.balking.above=0", arrivals=[0, 1, 2, 20])
    # At 20 the second gets the place before the fourth arrives, who finds nobody in line.
    assert played.outcomes() == ["served", "served", "balked", "served"]


def test_a_chance_of_one_is_certain_and_nobody_ahead_is_no_chance():
    played = play(OPEN, "visits.use.balking.per_person_ahead=1", arrivals=[0, 1, 2])
    # Chance = 1 × people ahead / 1 place: 0, 0, 1.
    assert played.outcomes() == ["served", "served", "balked"]


def test_the_chance_grows_with_people_ahead_per_usable_place():
    played = play(
        OPEN,
        "rooms.booths.places=2",
        "visits.use.balking.per_person_ahead=1",
        arrivals=[0, 1, 2, 3, 4],
        balk=[0.6] * 5,
    )
    # Two take the places. Then the chances are 0 / 2, 1 / 2 = 0.5, 2 / 2 = 1, against 0.6.
    assert played.outcomes() == ["served", "served", "served", "served", "balked"]


def test_the_chance_is_half_open_too():
    sets = ("rooms.booths.places=2", "visits.use.balking.per_person_ahead=1")
    played = play(OPEN, *sets, arrivals=[0, 1, 2, 3, 3], balk=[0.5] * 5)
    # The fourth has chance 1 / 2, which does not exceed 0.5; the fifth 2 / 2.
    assert played.outcomes() == ["served", "served", "served", "served", "balked"]


def test_the_highest_chance_is_a_cap():
    sets = ("visits.use.balking={per_person_ahead: 1, at_most: 0.5}",)
    played = play(OPEN, *sets, arrivals=[0, 1, 2, 3], balk=[0.6] * 4)
    # Chances 0, 0, 1 and 2, capped at 0.5.
    assert played.outcomes() == ["served"] * 4
    assert played.visits("entered") == [0, 20, 40, 60]


def test_only_those_count_as_ahead_who_wait_for_a_room_one_accepts():
    played = play(
        OPEN,
        "visits.use.balking.above=0",
        "visits.smoke={share: 0, rooms: [smoking], stay: 30}",
        "rooms.smoking.places=1",
        arrivals=[0, (1, "smoke"), (2, "smoke"), 3, 4],
    )
    # At 3 one waits, but to smoke; at 4 one waits for the booth.
    assert played.outcomes() == ["served", "served", "served", "served", "balked"]


def test_those_in_line_for_check_in_are_ahead():
    played = play(
        OPEN,
        "visits.use.balking.above=0",
        "check_in={times: {known: 5}, desks: 1}",
        arrivals=[0, 1, 2],
    )
    # The first is at the desk, not in line; the second is in line when the third comes.
    assert played.outcomes() == ["served", "served", "balked"]


def test_places_that_nobody_can_watch_are_not_usable():
    played = play(
        OPEN + "supervision: [{rooms: [booths], roles: [nurse], places_per_staff: 1}]\n"
        "staff: {roles: {nurse: {}}, rota: [{role: nurse, from: 00:00, to: 04:00}]}\n",
        "rooms.booths.places=2",
        "visits.use.balking.per_person_ahead=0.5",
        arrivals=[0, 1, 2],
        balk=[0.4] * 3,
    )
    # One of two places is usable: the third has chance 0.5 × 1 / 1, above 0.4. With two usable
    # places it would be 0.25.
    assert played.outcomes() == ["served", "served", "balked"]


def test_places_of_a_room_that_takes_nobody_in_any_more_are_not_usable():
    played = play(
        OPEN,
        "opening.hours=00:00-04:00",
        "rooms.smoking={places: 1, hours: 00:00-01:00}",
        "visits.use={rooms: [booths, smoking], stay: 100, balking: {per_person_ahead: 0.5}}",
        arrivals=[0, 10, 70, 71],
        balk=[0.4] * 4,
    )
    # In the booth 0-100, to smoke 10-110; that room's hours end at 60. The third is in line for the
    # booth from 70. The fourth has chance 0.5 × 1 / 1, above 0.4; with the place in the room that
    # is closed it would be 0.25.
    assert played.outcomes() == ["served", "served", "served", "balked"]
    assert played.visits("entered") == [0, 10, 100, None]


def test_one_may_turn_round_because_no_place_is_free_though_nobody_waits():
    played = play(OPEN, "visits.use.balking.when_full=0.5", arrivals=[0, 1, 2, 20], balk=[0.4] * 4)
    # The place is in use 0-20: at 1 and 2 the chance is 0.5, above 0.4. At 20 it is free again
    # before anybody arrives.
    assert played.outcomes() == ["served", "balked", "balked", "served"]
    assert played.visits("out") == [20, 1, 2, 40]


def test_the_chance_without_a_free_place_is_the_same_with_people_waiting():
    played = play(
        OPEN, "visits.use.balking.when_full=0.5", arrivals=[0, 1, 2], balk=[0.5, 0.5, 0.4]
    )
    # The second has chance 0.5, which does not exceed 0.5, and waits; the third the same 0.5.
    assert played.outcomes() == ["served", "served", "balked"]


def test_the_chance_without_a_free_place_adds_to_that_of_people_ahead():
    sets = ("visits.use.balking={when_full: 0.25, per_person_ahead: 0.5}",)
    played = play(OPEN, *sets, arrivals=[0, 1, 2, 2.5, 3], balk=[0.9, 0.3, 0.74, 0.74, 0.74])
    # The place is free: 0. Full, nobody ahead: 0.25, below 0.3. One ahead: 0.25 + 0.5 × 1 / 1 =
    # 0.75, above 0.74, for all who follow.
    assert played.outcomes() == ["served", "served", "balked", "balked", "balked"]


def test_the_highest_chance_caps_the_sum():
    sets = ("visits.use.balking={when_full: 0.5, per_person_ahead: 1, at_most: 0.6}",)
    played = play(OPEN, *sets, arrivals=[0, 1, 2, 3], balk=[0.55, 0.55, 0.6, 0.55])
    # 0; 0.5, below 0.55; 0.5 + 1 and 0.5 + 1, capped at 0.6, which does not exceed 0.6.
    assert played.outcomes() == ["served", "served", "served", "balked"]


def test_a_free_place_in_any_room_that_will_do_is_a_free_place():
    played = play(
        OPEN,
        "rooms.smoking.places=1",
        "visits.use={rooms: [booths, smoking], stay: 20, balking: {when_full: 1}}",
        "visits.smoke={share: 0, rooms: [smoking], stay: 30, balking: {when_full: 1}}",
        arrivals=[0, 1, 2, 20, (21, "smoke")],
    )
    # Booth 0-20, smoking 1-21; at 2 both are taken. At 20 the booth is free, at 21 the other.
    assert played.outcomes() == ["served", "served", "balked", "served", "served"]


def test_a_room_that_is_shut_has_no_free_place():
    played = play(
        OPEN,
        "opening.hours=00:00-04:00",
        "rooms.smoking={places: 1, hours: 01:00-02:00}",
        "visits.use={rooms: [booths, smoking], stay: 80, balking: {when_full: 1}}",
        arrivals=[0, 10, 61, 62, 130],
    )
    # Booth 0-80. At 10 the other room is still shut; at 61 it takes the third until 141; at 62 both
    # are taken; at 130 the booth is free.
    assert played.outcomes() == ["served", "balked", "served", "balked", "served"]


def test_places_that_nobody_watches_are_not_free():
    played = play(
        OPEN + "supervision: [{rooms: [booths], roles: [nurse], minimum: 1}]\n"
        "staff: {roles: {nurse: {}}, rota: [{role: nurse, from: 00:30, to: 04:00}]}\n",
        "visits.use.balking={when_full: 0.5}",
        arrivals=[0, 1, 2, 30],
        balk=[0.4, 0.6, 0.6, 0.4],
    )
    # Nobody is on duty before 30. The chance is 0.5 with nobody ahead and, as people ahead add
    # nothing here, with one ahead too. At 30 the nurse has come and the second is in the place.
    assert played.outcomes() == ["balked", "served", "served", "balked"]
    assert played.visits("entered") == [None, 30, 50, None]


def test_a_place_that_is_being_cleaned_is_not_free():
    played = play(
        OPEN,
        "rooms.booths.cleaning.duration=5",
        "visits.use.balking.when_full=1",
        arrivals=[0, 20, 24.5, 25],
    )
    # In use 0-20, cleaned 20-25.
    assert played.outcomes() == ["served", "balked", "balked", "served"]


def test_people_at_the_desk_do_not_make_the_places_full():
    played = play(
        OPEN,
        "visits.use.balking.when_full=1",
        "check_in={times: {known: 5}, desks: 1}",
        arrivals=[0, 1, 6],
    )
    # The place is free until the first has been registered at 5; at 6 it is taken.
    assert played.outcomes() == ["served", "served", "balked"]


def test_who_turns_round_only_above_a_number_ahead_does_not_for_want_of_a_usable_place():
    played = play(
        OPEN + "supervision: [{rooms: [booths], roles: [nurse], minimum: 1}]\n"
        "staff: {roles: {nurse: {}}, rota: [{role: nurse, from: 00:30, to: 04:00}]}\n",
        "visits.use.balking.above=1",
        arrivals=[0, 1, 2],
    )
    # Nobody watches the place before 30: 0, 1 and 2 ahead, and 2 is more than 1.
    assert played.outcomes() == ["served", "served", "balked"]
