"""Several overdoses at once, and what follows one: observation, the ambulance.

The site is open from minute 0 to 120, staff are there until 240. `onset` gives, for each visit,
the minutes from the start of its stay to its overdose.
"""

import pytest

from tests.support.played import play

NEVER = float("inf")

SITE = """
opening: {hours: 00:00-02:00}
visits:
  use: {rooms: [booths], stay: 20, overdose: {per_1000: 0, onset: 5}}
rooms:
  booths: {places: 4}
overdose:
  severities:
    usual: {share: 1, team: [[nurse]], intensive: 10}
staff:
  roles: {nurse: {}, social_worker: {}}
  rota:
    - {role: nurse, from: 00:00, to: 04:00}
    - {role: social_worker, from: 00:00, to: 04:00}
"""

RESTING = ("aftercare={}", "visits.use.aftercare={share: 1, stay: 8}")
"""Everybody rests for 8 minutes after the stay: 20-28."""


# --- several at once -----------------------------------------------------------------------------


def test_the_earlier_overdose_is_met_first():
    played = play(SITE, arrivals=[0, 1, 2], onset=[5, 6, 8])
    # One nurse: 5-15, 15-25, 25-35.
    assert played.responses("onset") == [5, 7, 10]
    assert played.responses("first") == [5, 15, 25]
    assert played.responses("others") == [0, 1, 2]
    assert played.visits("left") == [15, 25, 35]


def test_tie_two_at_once_are_met_in_order_of_number():
    played = play(SITE, arrivals=[0, 2, 2], onset=[7, 5, 5])
    assert played.responses("visit") == [0, 1, 2]
    assert played.responses("first") == [7, 17, 27]
    assert played.responses("others") == [0, 1, 2]


def test_a_later_overdose_may_be_met_by_those_the_earlier_cannot_use():
    played = play(
        SITE,
        "overdose.severities={deep: {share: 0.5, team: [[nurse], [nurse]], intensive: 10},"
        " mild: {share: 0.5, team: [[social_worker]], intensive: 10}}",
        "staff.rota.0.count=2",
        arrivals=[0, 1, 2],
        onset=[5, 5, 5],
        severity=[0, 0, 1],
    )
    # 5: both nurses, until 15. 6: nobody is left for the second, until 15. 7: the social worker.
    assert played.responses("first") == [5, 15, 7]
    assert played.responses("stable") == [15, 25, 17]


# --- observation and ambulance -------------------------------------------------------------------


def test_observation_is_in_aftercare_when_a_seat_is_free():
    played = play(
        SITE,
        "aftercare.seats=1",
        "overdose.severities.usual.observation=30",
        arrivals=[0],
        onset=[5],
    )
    # Stable at 15, in a seat until 45.
    assert played.stays() == [(0, 15)]
    assert played.responses("stable") == [15]
    assert played.responses("end") == played.visits("out") == [45]
    assert played.series("site:aftercare") == [(15, 1), (45, 0)]
    # Nobody stays to watch unless it is said.
    assert played.people("respond") == [10, 0]


@pytest.mark.parametrize("seats", ["{seats: 0}", "null"])
def test_else_in_the_place(seats: str):
    played = play(
        SITE,
        f"aftercare={seats}",
        "overdose.severities.usual.observation=30",
        arrivals=[0],
        onset=[5],
    )
    assert played.stays() == [(0, 45)]
    assert played.responses("end") == [45]
    assert played.series("room:booths:blocked") == [(5, 1), (45, 0)]
    assert played.series("site:aftercare") == []


def test_who_is_still_on_the_way_when_the_intensive_phase_ends_is_no_observer():
    played = play(
        SITE,
        "rooms.booths.reach=2",
        "overdose.severities={usual: {share: 1, team: [[nurse], [social_worker]], intensive: 10,"
        " observation: 30, observers: 2}}",
        "staff.rota.1.from=00:16",
        arrivals=[0],
        onset=[5],
    )
    # The nurse sets out at 5 and is there at 7: intensive 7-17. The social worker begins and sets
    # out at 16, would be there at 18, and is let go at 17. The nurse observes until 47, alone.
    assert played.responses("first") == [7]
    assert played.responses("team") == [None]
    assert played.responses("end") == [47]
    assert played.people("respond") == [42, 1]
    assert played.series("role:social_worker:respond") == [(16, 1), (17, 0)]


def test_in_aftercare_the_seat_is_kept():
    played = play(
        SITE,
        *RESTING,
        "overdose.severities.usual.observation=30",
        arrivals=[0],
        onset=[25],
    )
    # 25-35, observed until 65.
    assert played.visits("aftercare_end") == played.visits("out") == [65]
    assert played.series("site:aftercare") == [(20, 1), (65, 0)]


def test_some_of_the_team_stay_to_watch():
    played = play(
        SITE,
        "overdose.severities.usual.team=[[nurse], [social_worker]]",
        "overdose.severities.usual.observation=30",
        "overdose.severities.usual.observers=1",
        "services.care={duration: 5, roles: [nurse, social_worker]}",
        "visits.visitor={share: 0, services: {care: 1}}",
        arrivals=[0, (20, "visitor"), (21, "visitor")],
        onset=[5, NEVER, NEVER],
    )
    # The nurse 5-45; the social worker is free at 15 and gives the care 20-25 and 25-30.
    assert played.people("respond") == [40, 10]
    assert [start for _, start, _ in played.service("care")] == [None, 20, 25]


def test_the_first_in_the_teams_list_stay():
    played = play(
        SITE,
        "overdose.severities.usual.team=[[nurse, social_worker], [nurse]]",
        "overdose.severities.usual.observation=30",
        "overdose.severities.usual.observers=1",
        arrivals=[0],
        onset=[5],
    )
    # The social worker has the list's first seat (the nurse the second) and stays.
    assert played.people("respond") == [10, 40]


@pytest.mark.parametrize(
    ("ambulance", "end"),
    [
        (12, 17),  # 5 + 12
        (8, 15),  # not before the intensive phase is over
        (10, 15),
    ],
)
def test_an_ambulance_takes_the_person_away(ambulance: float, end: float):
    played = play(
        SITE,
        f"overdose.severities.usual.ambulance={ambulance}",
        "overdose.severities.usual.observation=30",  # which it makes needless
        arrivals=[0],
        onset=[5],
    )
    assert played.responses("stable") == [15]
    assert played.responses("end") == played.visits("out") == [end]


def test_the_ambulances_time_runs_from_the_start_of_the_response():
    played = play(
        SITE,
        "rooms.booths.reach=2",
        "overdose.severities.usual.ambulance=12",
        arrivals=[0],
        onset=[5],
    )
    # The nurse is there at 7: 7 + 12.
    assert played.responses("end") == [19]


def test_or_from_when_the_full_team_is_there():
    played = play(
        SITE,
        "overdose.severities.usual.team=[[nurse], [social_worker]]",
        "overdose.severities.usual.ambulance=12",
        "overdose.start=full_team",
        "staff.rota.1.from=00:12",
        arrivals=[0],
        onset=[5],
    )
    # The nurse is there at 5, the social worker at 12: intensive until 22, the ambulance at 24.
    assert played.responses("stable") == [22]
    assert played.responses("end") == [24]


def test_a_site_that_closes_and_stops_still_meets_its_overdoses():
    played = play(
        SITE,
        "opening.at_close=stop",
        "overdose.severities.usual.observation=30",
        arrivals=[112, 113],
        onset=[5, NEVER],
    )
    # 117-127, observed until 157.
    assert played.outcomes() == ["served", "cut_short"]
    assert played.responses("stable") == [127]
    assert played.visits("out") == [157, 120]
