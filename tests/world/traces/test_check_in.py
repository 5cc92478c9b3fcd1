"""Registration at the door: desks, roles, first visits; and who takes the next task.

The site is open from minute 0 to 120.
"""

import pytest

from tests.support.played import play

SITE = """
opening: {hours: 00:00-02:00}
visits:
  use: {rooms: [booths], stay: 20}
rooms:
  booths: {places: 9}
check_in: {times: {known: 5}}
staff:
  roles: {receptionist: {}, nurse: {}}
  rota:
    - {role: receptionist, from: 00:00, to: 02:00}
    - {role: nurse, from: 00:00, to: 02:00}
"""


@pytest.mark.parametrize(
    ("sets", "starts"),
    [
        ((), [0, 1, 2]),  # nobody and nothing is needed
        (("check_in.desks=1",), [0, 5, 10]),
        (("check_in.desks=2",), [0, 1, 5]),
        (("check_in.roles=[receptionist]",), [0, 5, 10]),  # as one desk
        (("check_in.roles=[receptionist, nurse]",), [0, 1, 5]),
        (("check_in.roles=[receptionist, nurse]", "check_in.desks=1"), [0, 5, 10]),
        (("check_in.roles=[receptionist]", "check_in.desks=2"), [0, 5, 10]),
        (("check_in.roles=[receptionist]", "staff.rota.0.from=00:10"), [10, 15, 20]),
    ],
)
def test_desks_and_roles(sets: tuple[str, ...], starts: list[float]):
    played = play(SITE, *sets, arrivals=[0, 1, 2])
    assert played.visits("check_in_start") == starts
    ends = [start + 5 for start in starts]
    assert played.visits("check_in_end") == played.visits("joined") == ends
    assert played.visits("entered") == ends
    # Being registered is not waiting.
    assert played.visits("waited") == [starts[0], starts[1] - 1, starts[2] - 2]


def test_no_check_in():
    played = play(SITE, "check_in=null", arrivals=[0])
    assert played.visits("check_in_start") == [None]
    assert played.visits("joined") == played.visits("entered") == [0]


def test_a_first_visit_takes_longer():
    sets = "check_in.times={known: 5, first_visit: 12, first_visit_share: 1}"
    assert play(SITE, sets, arrivals=[0]).visits("check_in_end") == [12]


def test_a_visit_kind_may_have_its_own_times():
    played = play(
        SITE,
        "visits.other={share: 0, rooms: [booths], stay: 20, check_in: {known: 2}}",
        arrivals=[0, (0, "other")],
    )
    assert played.visits("check_in_end") == [5, 2]


def test_no_time_is_no_check_in():
    played = play(SITE, "check_in={times: {known: 0}, roles: [nurse]}", arrivals=[0])
    assert played.visits("check_in_start") == [None]
    assert played.visits("entered") == [0]


def test_first_come_first_served_at_the_desk_whatever_the_priority():
    played = play(
        SITE,
        "check_in.desks=1",
        "visits.urgent={share: 0, rooms: [booths], stay: 20, priority: -1}",
        arrivals=[0, 1, (2, "urgent")],
    )
    # Priority classes are those of the queue for a place.
    assert played.visits("check_in_start") == [0, 5, 10]


# --- who takes a task --------------------------------------------------------------------------


def test_the_role_that_is_named_first_is_preferred():
    played = play(SITE, "check_in.roles=[nurse, receptionist]", arrivals=[0, 10, 11])
    # The nurse 0-5 and 10-15; the receptionist 11-16.
    assert played.people("check_in") == [5, 10]  # the receptionist is the first line


def test_within_a_role_who_has_been_idle_longest_then_the_lowest_number():
    played = play(
        SITE,
        "check_in={times: {known: {distribution: fixed, value: 4}}, roles: [nurse]}",
        "staff.rota=[{role: nurse, from: 00:00, to: 02:00, count: 3},"
        " {role: receptionist, from: 00:00, to: 02:00}]",
        arrivals=[0, 1, 5, 20, 30, 31],
        check_in=[4, 2, 1, 8, 16, 32],
    )
    # All three are idle from 0: the first takes 4 minutes, 0-4; the second 2, 1-3; then the third,
    # idle since 0, 1 minute, 5-6. Now idle since 4, 3 and 6: the second takes 8, 20-28. Idle
    # since 4, 28 and 6: the first takes 16, 30-46; then the third, since 6, 32 minutes.
    assert played.people("check_in")[:3] == [4 + 16, 2 + 8, 1 + 32]


def test_who_comes_on_duty_has_been_idle_since_then():
    played = play(
        SITE,
        "check_in.roles=[nurse]",
        "staff.rota=[{role: nurse, from: 00:00, to: 02:00}, {role: nurse, from: 00:10, to: 02:00},"
        " {role: receptionist, from: 00:00, to: 02:00}]",
        arrivals=[0, 12],
    )
    # One nurse is idle since 5, the other since 10.
    people = dict(zip(played.people("line"), played.people("check_in"), strict=True))
    assert people == {0: 10, 1: 0, 2: 0}


# --- urgency ------------------------------------------------------------------------------------

ALL_DUTIES = """
opening: {hours: 00:00-02:00}
visits:
  use: {rooms: [booths], stay: 20, services: {care: 1}}
rooms:
  booths: {places: 9, cleaning: {duration: 3, roles: [nurse]}}
check_in: {times: {known: 5}, roles: [nurse]}
services:
  care: {duration: 10, roles: [nurse]}
staff:
  roles: {nurse: {}}
  rota: [{role: nurse, from: 00:00, to: 04:00}]
"""


def test_check_in_goes_before_service_before_cleaning():
    played = play(ALL_DUTIES, arrivals=[0, 24, 25])
    # First: check-in 0-5, place 5-25. The nurse begins the second's check-in at 24, until 29.
    # At 29 there wait the cleaning and the care of the first, since 25, and the third's check-in,
    # since 25: check-in 29-34, care 34-44, cleaning 44-47.
    # The second is in its place 29-49, the third 34-54: its care 49-59; at 59 the third's care
    # goes before the cleaning of both places: 59-69; cleaning 69-72 and 72-75.
    assert played.visits("check_in_start") == [0, 24, 29]
    assert played.stays() == [(5, 25), (29, 49), (34, 54)]
    assert played.service("care") == [(25, 34, 44), (49, 49, 59), (54, 59, 69)]
    cleaning = [(25, 1), (47, 0), (49, 1), (54, 2), (72, 1), (75, 0)]
    assert played.series("room:booths:cleaning") == cleaning
    assert played.people("check_in") == [15]
    assert played.people("service") == [30]
    assert played.people("clean") == [9]


def test_a_task_in_hand_is_not_given_up_for_a_more_urgent_one():
    played = play(ALL_DUTIES, arrivals=[0, 30])
    # Care 25-35 is finished before check-in 35-40.
    assert played.service("care")[0] == (25, 25, 35)
    assert played.visits("check_in_start") == [0, 35]
