"""Staff are taken from other work for an overdose, and return to it.

The site is open from minute 0 to 120, staff are there until 240.
"""

from tests.support.played import Played, play

NEVER = float("inf")

SITE = """
opening: {hours: 00:00-02:00}
visits:
  use: {rooms: [booths], stay: 60, overdose: {per_1000: 0, onset: 30}}
  visitor: {share: 0, services: {care: 1}}
rooms:
  booths: {places: 9, cleaning: {duration: 40, roles: [nurse]}}
check_in: {times: {known: 40}, roles: [nurse]}
services:
  care: {duration: 40, roles: [nurse]}
overdose:
  severities:
    usual: {share: 1, team: [[nurse]], intensive: 10}
staff:
  roles: {nurse: {}}
  rota: [{role: nurse, from: 00:00, to: 04:00, count: 3}]
"""


def play_busy(*sets: str) -> Played:
    """At 30 every nurse is busy: cleaning (until 50), care (until 55), check-in (until 60)."""
    return play(
        SITE,
        *sets,
        arrivals=[
            0,  # has an overdose at 30
            {"at": 0, "stay": 10},  # place 0-10, cleaned by one nurse from 10
            (15, "visitor"),  # care by another from 15
            20,  # at the desk with the third from 20
        ],
        check_in=[0, 0, 0, 40],
        onset=[30, NEVER, NEVER, NEVER],
    )


def test_cleaning_is_left_first_though_it_was_begun_first():
    played = play_busy()
    # Response 30-40. Of the cleaning 20 minutes are left: 40-60, ahead of the cleaning of the
    # first place, left at 40, which waits for the nurse who is free at 55: 55-95.
    assert played.responses("first") == [30]
    assert played.responses("interrupted") == [1]
    assert played.visits("check_in_end")[3] == 60
    assert played.service("care")[2] == (15, 15, 55)
    cleaning = [(10, 1), (40, 2), (60, 1), (95, 0)]
    assert [step for step in played.series("room:booths:cleaning") if step[0] < 100] == cleaning


def test_then_a_service():
    team = "overdose.severities.usual.team=[[nurse], [nurse]]"
    played = play_busy(team)
    # Both are back at 40. Care: 25 left, 40-65. Cleaning: 20 left, 40-60.
    assert played.responses("interrupted") == [2]
    assert played.service("care")[2] == (15, 15, 65)
    assert played.visits("check_in_end")[3] == 60
    assert (60, 1) in played.series("room:booths:cleaning")


def test_check_in_last():
    team = "overdose.severities.usual.team=[[nurse], [nurse], [nurse]]"
    played = play_busy(team)
    # Check-in: 30 left, 40-70; care: 25 left, 40-65; cleaning: 20 left, 40-60.
    assert played.responses("interrupted") == [3]
    assert played.visits("check_in_end")[3] == 70
    assert played.service("care")[2] == (15, 15, 65)
    assert played.series("site:waiting_check_in") == [(30, 1), (40, 0)]


def test_within_a_duty_the_task_that_was_begun_last():
    played = play(
        SITE,
        "staff.rota.0.count=2",
        arrivals=[0, (10, "visitor"), (15, "visitor")],
        check_in=[0, 0, 0],
        onset=[30, NEVER, NEVER],
    )
    # Care from 10 and from 15; the latter is left, with 25 minutes to go: 40-65.
    assert played.service("care")[1:] == [(10, 10, 50), (15, 15, 65)]


def test_the_task_goes_to_the_head_of_its_queue():
    played = play(
        SITE,
        "staff.rota.0.count=1",
        arrivals=[0, (5, "visitor"), (6, "visitor")],
        check_in=[0, 0, 0],
        onset=[30, NEVER, NEVER],
    )
    # Care 5-30, 15 left; response 30-40; 40-55; then the other 55-95.
    assert played.service("care")[1:] == [(5, 5, 55), (6, 55, 95)]
    # The wait before the first start, but not the interruption, is all that patience could end.
    assert played.people("service") == [80]


def test_the_task_may_be_resumed_by_a_colleague():
    played = play(
        SITE,
        "staff.rota.0.count=2",
        arrivals=[0, (5, "visitor"), (6, "visitor")],
        check_in=[0, 0, 0],
        onset=[30, NEVER, NEVER],
        service=[[float("nan"), 29, 60]],
    )
    # Care 5-34 and 6-66. The second, begun last, is left at 30, 36 left. At 34 the other nurse is
    # free and takes it: 34-70.
    assert played.service("care")[1:] == [(5, 5, 34), (6, 6, 70)]
    # First nurse: 29 + 36, second: 24; 10 at the overdose.
    assert played.people("service") == [65, 24]
    assert played.people("respond") == [0, 10]


def test_patience_does_not_end_a_task_that_has_been_interrupted():
    played = play(
        SITE,
        "staff.rota.0.count=1",
        "services.care.patience=2",
        arrivals=[0, (29, "visitor")],
        check_in=[0, 0],
        onset=[30, NEVER],
    )
    # Care 29-30, 39 left: 40-79. Patience would have ended at 31.
    assert played.outcomes() == ["served", "service_only"]
    assert played.service("care")[1] == (29, 29, 79)


def test_without_pre_emption_the_task_in_hand_is_finished_and_then_the_overdose_comes_first():
    played = play(
        SITE,
        "staff.rota.0.count=1",
        "overdose.preempts=false",
        arrivals=[0, (5, "visitor"), (6, "visitor")],
        check_in=[0, 0, 0],
        onset=[30, NEVER, NEVER],
    )
    # Care 5-45; response 45-55; care 55-95.
    assert played.responses("first") == [45]
    assert played.responses("interrupted") == [0]
    assert played.service("care")[1:] == [(5, 5, 45), (6, 55, 95)]


def test_nobody_is_taken_from_an_overdose_nor_from_watching_after_one():
    played = play(
        SITE,
        "staff.rota.0.count=1",
        "rooms.booths.cleaning=null",
        "overdose.severities.usual.observation=20",
        "overdose.severities.usual.observers=1",
        arrivals=[0, 5],
        check_in=[0, 0],
        onset=[30, 35],
    )
    # 30-40 and watching until 60; the second began at 40: 60-70, watching until 90.
    assert played.responses("onset") == [30, 40]
    assert played.responses("first") == [30, 60]
    assert played.responses("end") == [60, 90]


def test_tie_a_task_that_is_done_is_not_interrupted():
    played = play(
        SITE,
        "staff.rota.0.count=1",
        arrivals=[0, (5, "visitor")],
        check_in=[0, 0],
        onset=[45, NEVER],
    )
    # Care 5-45; at 45 it is complete, and the nurse is free for the overdose.
    assert played.service("care")[1] == (5, 5, 45)
    assert played.responses("first") == [45]
    assert played.responses("interrupted") == [0]


# --- breaks --------------------------------------------------------------------------------------

BREAK = "staff.rota=[{role: nurse, from: 00:00, to: 04:00, breaks: [{length: 30, from: 00:20,"


def test_an_overdose_may_end_a_break_the_rest_of_which_is_had_later():
    played = play(
        SITE,
        f"{BREAK} to: 01:00}}]}}]",
        "rooms.booths.cleaning=null",
        arrivals=[0],
        check_in=[0],
        onset=[30],
    )
    # Break 20-30, response 30-40, break 40-60.
    assert played.responses("first") == [30]
    assert played.people("break_minutes") == [30]
    assert played.series("role:nurse:on_break") == [(20, 1), (30, 0), (40, 1), (60, 0)]


def test_or_may_not():
    played = play(
        SITE, f"{BREAK} to: 01:00, recallable: false}}]}}]", arrivals=[0], check_in=[0], onset=[30]
    )
    # Break 20-50.
    assert played.responses("first") == [50]
    assert played.series("role:nurse:on_break") == [(20, 1), (50, 0)]


def test_who_is_on_a_break_goes_before_somebody_is_taken_from_a_task():
    played = play(
        SITE,
        f"{BREAK} to: 01:00}}]}}, {{role: nurse, from: 00:00, to: 04:00}}]",
        arrivals=[0, (25, "visitor")],
        check_in=[0, 0],
        onset=[30, NEVER],
    )
    assert played.responses("interrupted") == [0]
    assert played.people("respond") == [10, 0]
    assert played.service("care")[1] == (25, 25, 65)


def test_tie_a_break_ends_before_an_overdose_begins():
    played = play(
        SITE, f"{BREAK} to: 01:00, recallable: false}}]}}]", arrivals=[0], check_in=[0], onset=[50]
    )
    assert played.responses("first") == [50]
    assert played.people("break_minutes") == [30]
