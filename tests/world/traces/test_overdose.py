"""Overdoses: where they begin, who comes and when, what follows.

The site is open from minute 0 to 120, staff are there until 240. `onset` gives, for each visit,
the minutes from the start of its stay to its overdose.
"""

import pytest

from sim.log import series_names
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


# --- where ---------------------------------------------------------------------------------------


def test_within_the_stay_it_is_in_the_place():
    played = play(SITE, arrivals=[0], onset=[5])
    # The nurse is there at once: 5-15.
    assert played.overdoses() == ["place"]
    assert played.outcomes() == ["served"]
    assert played.stays() == [(0, 15)]
    assert played.visits("out") == [15]
    expected = {"visit": 0, "where": 0, "room": 0, "severity": 0, "onset": 5, "first": 5}
    expected |= {"team": 5, "stable": 15, "end": 15, "others": 0, "interrupted": 0}
    assert {name: played.responses(name) for name in expected} == {
        name: [value] for name, value in expected.items()
    }
    assert played.series("room:booths:occupied") == [(0, 1), (5, 0)]
    assert played.series("room:booths:blocked") == [(5, 1), (15, 0)]
    assert played.series("site:responses") == [(5, 1), (15, 0)]
    assert played.series("role:nurse:respond") == [(5, 1), (15, 0)]
    assert played.series("role:nurse:present")[:3] == [(0, 1), (5, 0), (15, 1)]


def test_it_may_outlast_the_stay():
    played = play(SITE, arrivals=[0], onset=[15])
    assert played.stays() == [(0, 25)]
    assert played.responses("stable") == [25]


def test_after_leaving_it_is_counted_and_nobody_responds():
    played = play(SITE, arrivals=[0], onset=[25])
    assert played.overdoses() == ["off_site"]
    assert played.visits("out") == [20]
    assert played.responses("onset") == [25]
    assert played.responses("where") == [2]
    assert played.responses("room") == [-1]
    for stamp in ("first", "team", "stable", "end"):
        assert played.responses(stamp) == [None]
    assert played.people("respond") == [0, 0]


def test_while_resting_it_is_in_aftercare():
    played = play(SITE, *RESTING, arrivals=[0], onset=[25])
    # Resting from 20; the response 25-35 in the seat.
    assert played.overdoses() == ["aftercare"]
    assert played.visits("left") == [20]
    assert played.visits("aftercare_start") == [20]
    assert played.visits("aftercare_end") == played.visits("out") == [35]
    assert played.responses("room") == [-1]
    assert played.responses("end") == [35]
    assert played.series("site:aftercare") == [(20, 1), (35, 0)]


def test_at_a_service_after_the_stay_it_is_on_site_too():
    played = play(
        SITE,
        "services.care={duration: 10, roles: [social_worker]}",
        "visits.use.services.care=1",
        arrivals=[0],
        onset=[25],
    )
    # The care, begun at 20, is broken off.
    assert played.overdoses() == ["aftercare"]
    assert played.service("care") == [(20, 20, None)]
    assert played.visits("out") == [35]
    assert played.people("service") == [0, 5]


def test_while_waiting_in_the_place_it_is_in_the_place():
    played = play(
        SITE,
        "aftercare={seats: 1, when_full: wait_in_place}",
        "visits.use.aftercare={share: 1, stay: 30}",
        arrivals=[0, 2],
        onset=[NEVER, 25],
    )
    # The seat is taken 20-50; the second waits in its place from 22; overdose at 2 + 25 = 27.
    assert played.overdoses() == ["none", "place"]
    assert played.stays() == [(0, 20), (2, 37)]
    assert played.series("room:booths:blocked") == [(22, 1), (37, 0)]
    assert played.visits("aftercare_start") == [20, None]


@pytest.mark.parametrize(("sets", "where"), [((), "off_site"), (RESTING, "aftercare")])
def test_tie_the_stay_ends_before_an_overdose_begins(sets: tuple[str, ...], where: str):
    # The stay is from 0 until just before 20.
    assert play(SITE, *sets, arrivals=[0], onset=[20]).overdoses() == [where]


def test_tie_aftercare_ends_before_an_overdose_begins():
    # Aftercare is from 20 until just before 28.
    played = play(SITE, *RESTING, arrivals=[0], onset=[28])
    assert played.overdoses() == ["off_site"]
    assert played.visits("out") == [28]


def test_who_never_had_a_place_has_no_overdose():
    played = play(
        SITE, "rooms.booths.places=1", "visits.use.patience=3", arrivals=[0, 1], onset=[NEVER, 5]
    )
    assert played.outcomes() == ["served", "reneged"]
    assert played.overdoses() == ["none", "none"]
    assert played.responses("visit") == []


def test_who_was_made_to_leave_at_closing_has_it_elsewhere():
    played = play(SITE, "opening.at_close=stop", arrivals=[110], onset=[15])
    assert played.outcomes() == ["cut_short"]
    assert played.overdoses() == ["off_site"]
    assert played.responses("onset") == [125]


def test_tie_an_overdose_begins_before_patience_ends():
    played = play(
        SITE,
        "rooms.booths.places=1",
        "visits.use.patience=4",
        arrivals=[0, 1],
        onset=[5, NEVER],
    )
    # At 5 the nurse is called first; then the second, who waits since 1, leaves the queue.
    assert played.outcomes() == ["served", "reneged"]
    names, changes = series_names(played.scenario), played.log.changes
    at_five = changes["series"][changes["time"] == 5].astype(int)
    called, left = (
        [names[series] for series in at_five].index(name)
        for name in ("role:nurse:respond", "site:waiting_place")
    )
    assert called < left


# --- how soon ------------------------------------------------------------------------------------


def test_reaching_a_room_takes_its_time():
    played = play(SITE, "rooms.booths.reach=2", arrivals=[0], onset=[5])
    assert played.responses("first") == played.responses("team") == [7]
    assert played.responses("stable") == [17]
    # The nurse is on the way from 5.
    assert played.people("respond") == [12, 0]


def test_aftercare_is_at_hand():
    played = play(SITE, *RESTING, "rooms.booths.reach=2", arrivals=[0], onset=[25])
    assert played.responses("first") == [25]


def test_the_place_is_kept_until_somebody_comes_on_duty():
    played = play(
        SITE, "staff.rota.0.from=00:30", "rooms.booths.places=1", arrivals=[0, 1], onset=[5, NEVER]
    )
    # The nurse comes at 30: 30-40.
    assert played.responses("onset") == [5]
    assert played.responses("first") == [30]
    assert played.stays() == [(0, 40), (40, 60)]
    assert played.series("room:booths:blocked") == [(5, 1), (40, 0)]
    # The social worker is free but cannot go, and then the nurse is at this overdose.
    assert played.series("site:nobody_free") == [(0, 1), (40, 0)]


def test_two_come_when_two_are_needed():
    played = play(
        SITE,
        "overdose.severities.usual.team=[[nurse], [social_worker]]",
        arrivals=[0],
        onset=[5],
    )
    assert played.responses("first") == played.responses("team") == [5]
    assert played.people("respond") == [10, 10]


CARE = (
    "services.care={duration: 12, roles: [social_worker]}",
    "visits.visitor={share: 0, services: {care: 1}}",
    "overdose.severities.usual.team=[[nurse], [social_worker]]",
    "overdose.preempts=false",
)
"""The social worker is busy for 12 minutes with somebody who came for care."""


def test_the_first_responder_begins():
    played = play(SITE, *CARE, arrivals=[0, (0, "visitor")], onset=[5, NEVER])
    # The nurse 5-15; the social worker joins at 12 and stays until 15.
    assert played.responses("first") == [5]
    assert played.responses("team") == [12]
    assert played.responses("stable") == [15]
    assert played.people("respond") == [10, 3]


def test_or_the_full_team_begins_and_those_gathered_are_held():
    played = play(
        SITE,
        *CARE,
        "overdose.start=full_team",
        "services.talk={duration: 3, roles: [nurse]}",
        "visits.talker={share: 0, services: {talk: 1}}",
        arrivals=[0, (0, "visitor"), (7, "talker")],
        onset=[5, NEVER, NEVER],
    )
    # The nurse waits from 5 to 12; then both 12-22; only then the talk, 22-25.
    assert played.responses("first") == [5]
    assert played.responses("team") == [12]
    assert played.responses("stable") == [22]
    assert played.people("respond") == [17, 10]
    assert played.service("talk")[2] == (7, 22, 25)
    assert played.stays()[0] == (0, 22)


def test_who_would_come_too_late_does_not_come():
    played = play(
        SITE,
        *CARE,
        arrivals=[0, (0, "visitor")],
        onset=[5, NEVER],
        service=[[float("nan"), 18]],
    )
    # The social worker is busy until 18; it is over at 15.
    assert played.responses("first") == [5]
    assert played.responses("team") == [None]
    assert played.people("respond") == [10, 0]


def test_who_is_on_the_way_when_it_is_over_turns_back():
    played = play(
        SITE,
        *CARE,
        "rooms.booths.reach=5",
        arrivals=[0, (0, "visitor")],
        onset=[2, NEVER],
        intensive=[7, 7],
    )
    # The nurse sets out at 2, is there 7-14; the social worker sets out at 12, would arrive at 17.
    assert played.responses("first") == [7]
    assert played.responses("team") == [None]
    assert played.responses("end") == [14]
    assert played.people("respond") == [12, 2]


# --- who -----------------------------------------------------------------------------------------


def test_the_team_depends_on_the_severity():
    played = play(
        SITE,
        "overdose.severities={mild: {share: 0.5, team: [[social_worker]], intensive: 4},"
        " deep: {share: 0.5, team: [[nurse], [social_worker]], intensive: 10}}",
        arrivals=[0, 30],
        onset=[5, 5],
        severity=[0, 1],
        intensive=[4, 10],
    )
    # 5-9 the social worker; 35-45 both.
    assert played.responses("severity") == [0, 1]
    assert played.responses("stable") == [9, 45]
    assert played.people("respond") == [10, 14]


def test_the_role_that_is_named_first_goes_first():
    played = play(
        SITE, "overdose.severities.usual.team=[[social_worker, nurse]]", arrivals=[0], onset=[5]
    )
    assert played.people("respond") == [0, 10]


def test_who_is_free_goes_before_somebody_is_taken_from_a_task():
    played = play(
        SITE,
        "services.care={duration: 12, roles: [social_worker]}",
        "visits.visitor={share: 0, services: {care: 1}}",
        "overdose.severities.usual.team=[[social_worker, nurse]]",
        arrivals=[0, (0, "visitor")],
        onset=[5, NEVER],
    )
    assert played.people("respond") == [10, 0]
    assert played.responses("interrupted") == [0]


def test_the_pickiest_member_of_a_team_is_found_first():
    played = play(
        SITE,
        "overdose.severities.usual.team=[[nurse, social_worker], [nurse]]",
        arrivals=[0],
        onset=[5],
    )
    # The nurse is needed as a nurse, so the other is the social worker.
    assert played.responses("team") == [5]
    assert played.people("respond") == [10, 10]


def test_nobody_may_be_needed():
    played = play(SITE, "overdose.severities.usual.team=[]", arrivals=[0], onset=[5])
    assert played.responses("first") == [None]
    assert played.responses("stable") == [15]
