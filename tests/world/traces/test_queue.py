"""The queue for a place: order, preference, changing one's mind, and leaving.

The site is open from minute 0 to 120; minutes are counted from midnight.
"""

import pytest

from tests.support.played import play

SITE = """
opening: {hours: 00:00-02:00}
visits:
  use: {rooms: [booths], stay: 20}
rooms:
  booths: {places: 1}
"""

TWO_ROOMS = """
opening: {hours: 00:00-02:00}
visits:
  inject: {rooms: [injecting], stay: 20}
  either: {rooms: [injecting, flexible], stay: 20, share: 0}
  smoke: {rooms: [flexible], stay: 20, share: 0}
rooms:
  injecting: {places: 1}
  flexible: {places: 1}
"""


def test_first_come_first_served():
    played = play(SITE, arrivals=[0, 1, 2, 50])
    # 0-20, 20-40, 40-60; the fourth comes at 50 and waits for 60.
    assert played.stays() == [(0, 20), (20, 40), (40, 60), (60, 80)]
    assert played.visits("joined") == [0, 1, 2, 50]
    assert played.visits("waited") == [0, 19, 38, 10]
    waiting = [(1, 1), (2, 2), (20, 1), (40, 0), (50, 1), (60, 0)]
    assert played.series("site:waiting_place") == waiting
    assert played.series("room:booths:occupied") == [(0, 1), (80, 0)]


def test_tie_two_arrivals_at_once_go_by_number():
    played = play(SITE, arrivals=[0, 0, 0])
    assert played.stays() == [(0, 20), (20, 40), (40, 60)]


def test_a_lower_priority_class_goes_first():
    played = play(
        SITE,
        "visits.urgent={share: 0, rooms: [booths], stay: 10, priority: -1}",
        arrivals=[0, 1, (2, "urgent"), 3, (4, "urgent")],
    )
    # At 20 the two urgent ones, in order of joining: 20-30, 30-40; then the others 40-60, 60-80.
    # Nobody is turned out of a place.
    assert played.stays() == [(0, 20), (40, 60), (20, 30), (60, 80), (30, 40)]


def test_the_preferred_room_is_taken_when_both_are_free():
    played = play(TWO_ROOMS, arrivals=[(0, "either"), (1, "either"), (2, "either")])
    # Injecting first; full, so flexible; both full, so the one that frees first, at 20.
    assert played.rooms() == ["injecting", "flexible", "injecting"]
    assert played.stays() == [(0, 20), (1, 21), (20, 40)]


def test_order_of_preference_is_the_kinds_own():
    played = play(TWO_ROOMS, "visits.either.rooms=[flexible, injecting]", arrivals=[(0, "either")])
    assert played.rooms() == ["flexible"]


def test_a_place_goes_to_the_first_in_order_who_accepts_it():
    played = play(
        TWO_ROOMS,
        arrivals=[
            {"at": 0, "kind": "inject", "stay": 10},
            {"at": 0, "kind": "smoke", "stay": 30},
            (1, "smoke"),
            (2, "either"),
            (3, "inject"),
        ],
    )
    # At 10 injecting frees: the smoker ahead does not accept it, the fourth does: 10-30.
    # At 30 both rooms free, the second visit's flexible place first: it goes to the smoker.
    # Then injecting goes to the fifth.
    assert played.rooms() == ["injecting", "flexible", "flexible", "injecting", "injecting"]
    assert played.stays() == [(0, 10), (0, 30), (30, 50), (10, 30), (30, 50)]


def test_priority_counts_over_all_rooms():
    played = play(
        TWO_ROOMS,
        "visits.either.priority=-1",
        arrivals=[(0, "inject"), (5, "smoke"), (6, "inject"), (7, "smoke"), (8, "either")],
    )
    # Injecting frees at 20: the last to come is first in order, and takes it until 40. The third
    # waits until then; the fourth gets the flexible place at 25.
    assert played.stays() == [(0, 20), (5, 25), (40, 60), (25, 45), (20, 40)]


# --- changing one's mind -------------------------------------------------------------------------

SWITCH = """
opening: {hours: 00:00-02:00}
visits:
  smoke:
    rooms: [smoking]
    stay: 20
    switch: {after: 10, probability: 1, room: injecting, stay: 5}
  inject: {rooms: [injecting], stay: 25, share: 0}
rooms:
  smoking: {places: 1}
  injecting: {places: 1}
"""


def test_after_a_while_another_room_will_do_with_its_own_stay():
    played = play(SWITCH, arrivals=[(0, "smoke"), (2, "smoke")])
    # The second waits from 2; from 12 it accepts injecting, which is free: 12-17.
    assert played.rooms() == ["smoking", "injecting"]
    assert played.stays() == [(0, 20), (12, 17)]
    assert played.visits("waited") == [0, 10]


def test_who_has_changed_their_mind_waits_for_both_rooms_and_keeps_their_turn():
    played = play(SWITCH, arrivals=[(0, "inject"), (0, "smoke"), (2, "smoke"), (5, "inject")])
    # Smoking is taken until 20, injecting until 25. The third accepts both from 12 and gets the
    # smoking place at 20; the fourth the injecting place at 25.
    assert played.rooms() == ["injecting", "smoking", "smoking", "injecting"]
    assert played.stays() == [(0, 25), (0, 20), (20, 40), (25, 50)]
    played = play(
        SWITCH,
        "visits.smoke.stay=40",
        arrivals=[(0, "inject"), (0, "smoke"), (2, "smoke"), (5, "inject")],
    )
    # Smoking is taken until 40: the third is ahead of the fourth when injecting frees at 25.
    assert played.rooms() == ["injecting", "smoking", "injecting", "injecting"]
    assert played.stays() == [(0, 25), (0, 40), (25, 30), (30, 55)]


def test_probability_nought_means_nobody_changes_their_mind():
    played = play(
        SWITCH, "visits.smoke.switch.probability=0", arrivals=[(0, "smoke"), (2, "smoke")]
    )
    assert played.rooms() == ["smoking", "smoking"]
    assert played.stays() == [(0, 20), (20, 40)]


def test_the_wait_that_counts_begins_with_the_queue_for_a_place():
    played = play(
        SWITCH,
        "check_in={times: {known: 4}, desks: 1}",
        arrivals=[(0, "smoke"), (0, "smoke")],
    )
    # Check-in 0-4 and 4-8. The second joins at 8 and accepts injecting from 18.
    assert played.stays() == [(4, 24), (18, 23)]


def test_tie_a_place_that_frees_goes_before_changing_ones_mind():
    played = play(SWITCH, arrivals=[{"at": 0, "kind": "smoke", "stay": 12}, (2, "smoke")])
    # At 12 the smoking place frees (a completion) and the second would accept injecting too.
    assert played.rooms() == ["smoking", "smoking"]
    assert played.stays() == [(0, 12), (12, 32)]


def test_tie_changing_ones_mind_comes_before_giving_up():
    played = play(SWITCH, arrivals=[(0, "smoke"), {"at": 2, "kind": "smoke", "patience": 10}])
    # Both at 12; injecting is free, and service beats patience.
    assert played.outcomes() == ["served", "served"]
    assert played.stays() == [(0, 20), (12, 17)]


# --- patience ------------------------------------------------------------------------------------


def test_without_patience_nobody_leaves_the_queue():
    played = play(SITE, "visits.use.stay=110", arrivals=[0, 1])
    assert played.stays() == [(0, 110), (110, 220)]


def test_who_has_waited_long_enough_leaves():
    played = play(SITE, "visits.use.patience=10", arrivals=[0, 5, 12])
    # The second leaves at 5 + 10 = 15; the third gets the place at 20, before 22.
    assert played.outcomes() == ["served", "reneged", "served"]
    assert played.stays() == [(0, 20), (None, None), (20, 40)]
    assert played.visits("out") == [20, 15, 40]
    assert played.visits("waited") == [0, 10, 8]
    assert played.series("site:waiting_place") == [(5, 1), (12, 2), (15, 1), (20, 0)]


def test_tie_a_place_that_frees_beats_patience():
    played = play(SITE, "visits.use.patience=10", arrivals=[0, 10])
    # The place frees at 20, when patience ends at 10 + 10.
    assert played.outcomes() == ["served", "served"]
    assert played.stays() == [(0, 20), (20, 40)]


def test_tie_patience_comes_before_an_arrival():
    played = play(
        SITE,
        "waiting_area.seats=1",
        arrivals=[0, {"at": 5, "patience": 10}, 15],
    )
    # At 15 the second leaves its seat, and then the third comes.
    assert played.outcomes() == ["served", "reneged", "served"]
    assert played.stays() == [(0, 20), (None, None), (20, 40)]


def test_tie_patience_of_two_ends_in_order_of_number_and_the_rest_move_up():
    played = play(SITE, arrivals=[0, {"at": 2, "patience": 8}, {"at": 3, "patience": 7}, 4])
    assert played.outcomes() == ["served", "reneged", "reneged", "served"]
    assert played.visits("out") == [20, 10, 10, 40]


def test_no_patience_at_all_takes_a_free_place_or_leaves_at_once():
    played = play(SITE, "visits.use.patience=0", arrivals=[0, 1, 20])
    assert played.outcomes() == ["served", "reneged", "served"]
    assert played.visits("out") == [20, 1, 40]


CHECK_IN = SITE + "check_in: {times: {known: 6}, desks: 1}\n"


def test_patience_runs_from_the_first_queue_and_is_ignored_while_being_served():
    played = play(CHECK_IN, "visits.use.stay=30", arrivals=[0, {"at": 0, "patience": 10}])
    # Desk 0-6, 6-12. The second's patience ends at 10, while being registered; at 12 it would
    # have to queue again, with none left.
    assert played.outcomes() == ["served", "reneged"]
    assert played.visits("check_in_end") == [6, 12]
    assert played.visits("out") == [36, 12]
    assert played.visits("waited") == [0, 6]


def test_who_need_not_queue_again_does_not_mind_that_patience_has_run_out():
    played = play(CHECK_IN, "rooms.booths.places=2", arrivals=[0, {"at": 0, "patience": 10}])
    assert played.outcomes() == ["served", "served"]
    assert played.stays() == [(6, 26), (12, 32)]


def test_patience_left_over_from_the_first_queue_is_for_the_second():
    played = play(CHECK_IN, arrivals=[0, {"at": 0, "patience": 25}, {"at": 0, "patience": 27}])
    # Desk 0-6, 6-12, 12-18; place 6-26. The second leaves at 25, one minute too early; the third,
    # whose clock began at 0 and not at 18, gets the place at 26.
    assert played.outcomes() == ["served", "reneged", "served"]
    assert played.visits("out") == [26, 25, 46]
    # The second: 0-6 and 12-25. The third: 0-12 and 18-26.
    assert played.visits("waited") == [0, 19, 20]


def test_patience_may_end_in_the_queue_for_the_desk():
    played = play(CHECK_IN, arrivals=[0, {"at": 1, "patience": 4}, 2])
    assert played.outcomes() == ["served", "reneged", "served"]
    assert played.visits("out") == [26, 5, 46]
    # The desk is free for the third at 6.
    assert played.visits("check_in_start") == [0, None, 6]


def test_tie_the_desk_beats_patience():
    played = play(CHECK_IN, "rooms.booths.places=2", arrivals=[0, {"at": 1, "patience": 5}])
    # The desk frees at 6, when patience ends at 1 + 5.
    assert played.outcomes() == ["served", "served"]
    assert played.visits("check_in_start") == [0, 6]


@pytest.mark.parametrize("known", [0, 6])
def test_the_queue_for_a_service_starts_the_clock_too(known: int):
    played = play(
        SITE + f"check_in: {{times: {{known: {known}}}}}\n"
        "services: {checking: {duration: 5, when: before, roles: [nurse]}}\n"
        "staff: {roles: {nurse: {}}, rota: [{role: nurse, from: 00:00, to: 04:00}]}\n",
        "visits.use.services={checking: 1}",
        arrivals=[{"at": 0, "stay": 60}, {"at": 0, "patience": 14}],
    )
    # With known 0 the first queue is the one for the service: 0-5, then 5-10. With known 6 all
    # is 6 later, but both are at the desk at once. The place is taken until 65 or 71.
    # Patience began at 0 and ends at 14, or during the service and so at its end, at 16.
    assert played.outcomes() == ["served", "reneged"]
    assert played.visits("out")[1] == (14 if known == 0 else 16)
