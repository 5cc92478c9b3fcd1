"""Services that take several at once: two members of staff, or staff and a place of their own.

The site is open from minute 0 to 180. A talk takes one nurse for 10 minutes, a treatment takes the
nurse and the doctor for 10.
"""

import pytest

from sim.scenario.errors.problem import ScenarioError
from tests.support.played import Played, play

SITE = """
opening: {hours: 00:00-03:00}
visits:
  use: {services: {treatment: 1}}
  talker: {services: {talk: 1}, share: 0}
  patient: {rooms: [booths], stay: 20, share: 0, overdose: {per_1000: 0, onset: 1}}
rooms:
  booths: {places: 5}
services:
  treatment: {duration: 10, team: [[nurse], [doctor]]}
  talk: {duration: 10, roles: [nurse]}
overdose:
  severities: {a: {share: 1, team: [[nurse]], intensive: 5}}
staff:
  roles: {nurse: {}, doctor: {}}
  rota:
    - {role: nurse, from: 00:00, to: 04:00}
    - {role: doctor, from: 00:00, to: 04:00}
"""
HOLD = "services.treatment.gather=hold"
TWO_NURSES = "services.treatment.team=[[nurse], [nurse]]"
ROOM = "services.treatment={duration: 10, roles: [nurse], places: 1}"
INF = float("inf")


def treated(played: Played) -> list[tuple[float | None, ...]]:
    """When treatments were asked for, begun and done."""
    return [one for one in played.service("treatment") if one[0] is not None]


def talked(played: Played) -> list[tuple[float | None, ...]]:
    """The same of talks."""
    return [one for one in played.service("talk") if one[0] is not None]


def test_both_work_on_it_and_the_next_waits_for_both():
    played = play(SITE, arrivals=[0, 0])
    assert treated(played) == [(0, 0, 10), (0, 10, 20)]
    assert played.people("service") == [20, 20]
    assert played.series("role:doctor:service") == [(0, 1), (20, 0)]
    assert played.visits("waited") == [0, 10]


def test_one_room_and_two_nurses():
    """Two patients at 0: the room is taken 0-10 and 10-20, though the other nurse is free."""
    played = play(SITE, ROOM, "staff.rota.0.count=2", arrivals=[0, 0])
    assert treated(played) == [(0, 0, 10), (0, 10, 20)]
    # The one idle longest goes.
    assert played.people("service") == [10, 10, 0]


def test_two_rooms_and_one_nurse():
    room = ROOM.replace("places: 1", "places: 2")
    played = play(SITE, room, arrivals=[0, 0])
    assert treated(played) == [(0, 0, 10), (0, 10, 20)]


def test_a_place_of_its_own_and_nobody():
    shower = "services.treatment={duration: 10, places: 2}"
    played = play(SITE, shower, arrivals=[0, 1, 2, 3])
    assert treated(played) == [(0, 0, 10), (1, 1, 11), (2, 10, 20), (3, 11, 21)]
    assert played.people("service") == [0, 0]


def test_two_of_one_role():
    played = play(SITE, TWO_NURSES, "staff.rota.0.count=3", arrivals=[0, 0, (1, "talker")])
    # Nurses 1 and 2 treat 0-10, the third talks 1-11; at 10 the two treat again.
    assert treated(played) == [(0, 0, 10), (0, 10, 20)]
    assert talked(played) == [(1, 1, 11)]
    assert played.people("service") == [20, 20, 10, 0]


def test_the_pickiest_seat_is_filled_first():
    team = "services.treatment.team=[[nurse, doctor], [nurse]]"
    played = play(SITE, team, arrivals=[0])
    # The only nurse takes the seat that needs one, and the doctor the other.
    assert treated(played) == [(0, 0, 10)]
    assert played.people("service") == [10, 10]


# --- together, or held ---------------------------------------------------------------------------


def test_gathered_together_nobody_is_held_and_others_go_before():
    played = play(SITE, arrivals=[(0, "talker"), 1, (2, "talker")])
    # At 10 nurse and doctor are free, and the treatment of 1 comes before the talk of 2.
    assert treated(played) == [(1, 10, 20)]
    assert talked(played) == [(0, 0, 10), (2, 20, 30)]
    played = play(
        SITE, TWO_NURSES, "staff.rota.0.count=2", arrivals=[(0, "talker"), 1, (2, "talker")]
    )
    # The second nurse is free at 1 but not held: she talks from 2; both are free at 12.
    assert treated(played) == [(1, 12, 22)]
    assert talked(played) == [(0, 0, 10), (2, 2, 12)]
    assert played.series("role:nurse:service") == [(0, 1), (2, 2), (10, 1), (12, 2), (22, 0)]


def test_who_is_free_first_is_held_until_the_other_is():
    played = play(
        SITE, TWO_NURSES, HOLD, "staff.rota.0.count=2", arrivals=[(0, "talker"), 1, (2, "talker")]
    )
    # The second nurse is held from 1; the treatment is 10-20, and the talk of 2 after it.
    assert treated(played) == [(1, 10, 20)]
    assert talked(played) == [(0, 0, 10), (2, 20, 30)]
    # Held is at work, and her colleague's 10 minutes of talk and hers from 20 on are.
    assert played.series("role:nurse:service") == [(0, 1), (1, 2), (20, 1), (30, 0)]
    assert sum(one or 0 for one in played.people("service")) == 10 + 19 + 10 + 10


def test_held_in_a_place_of_its_own():
    room = "services.treatment={duration: 10, roles: [nurse], places: 1, gather: hold}"
    played = play(SITE, room, arrivals=[(0, "talker"), 1, 2])
    # The first goes into the room at 1, and the nurse comes at 10; the other at 20.
    assert treated(played) == [(1, 10, 20), (2, 20, 30)]


def test_without_a_place_nobody_is_held():
    room = "services.treatment={duration: 10, team: [[nurse], [doctor]], places: 1, gather: hold}"
    played = play(SITE, room, "staff.rota.0.count=2", arrivals=[0, 1, (2, "talker")])
    # Until the room is free at 10 the second nurse may talk.
    assert treated(played) == [(0, 0, 10), (1, 10, 20)]
    assert talked(played) == [(2, 2, 12)]


def test_two_that_hold_cannot_wait_for_each_other():
    """Two nurses and two treatments by two: were a nurse held for each, neither would ever begin.

    Only the first in line holds anybody.
    """
    played = play(
        SITE,
        TWO_NURSES,
        HOLD,
        "staff.rota.0.count=2",
        arrivals=[(0, "talker"), (0, "talker"), 1, 2],
    )
    assert treated(played) == [(1, 10, 20), (2, 20, 30)]


def test_a_more_urgent_one_waits_for_the_one_that_holds():
    first = "services.urgent={duration: 10, team: [[nurse], [nurse]], gather: hold, priority: -1}"
    played = play(
        SITE,
        TWO_NURSES,
        HOLD,
        first,
        "visits.hurt={services: {urgent: 1}, share: 0}",
        "staff.rota.0.count=2",
        arrivals=[(0, "talker"), 1, (2, "hurt"), 3],
    )
    # A nurse is held for the treatment of 1 until it begins at 10; then the urgent one is first.
    assert treated(played) == [(1, 10, 20), (3, 30, 40)]
    assert played.service("urgent")[2] == (2, 20, 30)


def test_while_one_is_held_another_that_finds_all_goes():
    played = play(
        SITE,
        HOLD,
        "services.treatment.team=[[nurse], [nurse]]",
        "services.other={duration: 10, team: [[doctor], [peer]], gather: hold}",
        "staff.roles.peer={}",
        "staff.rota=[{role: nurse, from: 00:00, to: 04:00, count: 2}, "
        "{role: doctor, from: 00:00, to: 04:00}, {role: peer, from: 00:00, to: 04:00}]",
        "visits.hurt={services: {other: 1}, share: 0}",
        arrivals=[(0, "talker"), 1, (2, "hurt")],
    )
    assert played.service("other")[2] == (2, 2, 12)
    assert treated(played) == [(1, 10, 20)]


# --- patience, closing, overdoses, shifts and breaks ---------------------------------------------


def test_patience_runs_while_somebody_is_held():
    played = play(
        SITE,
        TWO_NURSES,
        HOLD,
        "services.treatment.patience=4",
        "staff.rota.0.count=2",
        arrivals=[(0, "talker"), 1, (2, "talker")],
    )
    # Gives up at 5: the nurse who was held goes to the talk of 2.
    assert treated(played) == [(1, None, None)]
    assert talked(played) == [(0, 0, 10), (2, 5, 15)]
    assert played.outcomes()[1] == "reneged"


@pytest.mark.parametrize(("stop", "end"), [("finish", "dismissed_at_close"), ("stop", "cut_short")])
def test_at_closing(stop: str, end: str):
    sets = (TWO_NURSES, HOLD, "staff.rota.0.count=3", f"opening.at_close={stop}")
    played = play(SITE, *sets, arrivals=[172, 175])
    # The first treatment is 172-182; for the second, which waits, a nurse is held until 180.
    assert played.outcomes() == ["service_only" if stop == "finish" else end, "dismissed_at_close"]
    last = 182 if stop == "finish" else 180
    assert played.series("role:nurse:service") == (
        [(172, 2), (175, 3), (180, 2), (182, 0)] if last == 182 else [(172, 2), (175, 3), (180, 0)]
    )


def test_an_overdose_takes_one_and_frees_the_other():
    played = play(SITE, arrivals=[0, (3, "patient")], onset=[INF, 1])
    # At 4, 6 minutes are left; the nurse is back at 9, and both go on until 15.
    assert treated(played) == [(0, 0, 15)]
    assert (played.people("service"), played.people("respond")) == ([10, 10], [5, 0])
    assert played.series("role:doctor:service") == [(0, 1), (4, 0), (9, 1), (15, 0)]
    assert played.responses("interrupted") == [1]


def test_who_is_set_free_by_it_can_go_too():
    played = play(
        SITE,
        "overdose.severities.a.team=[[nurse], [nurse, doctor]]",
        arrivals=[0, (3, "patient")],
        onset=[INF, 1],
    )
    # One task is interrupted, once: the nurse is taken from it, and the doctor is then free.
    assert played.responses("team") == [4]
    assert played.responses("interrupted") == [1]
    assert treated(played) == [(0, 0, 15)]


def test_who_is_only_held_goes_to_an_overdose_and_nothing_is_interrupted():
    played = play(
        SITE,
        TWO_NURSES,
        HOLD,
        "staff.rota.0.count=2",
        arrivals=[(0, "talker"), 1, (3, "patient")],
        onset=[INF, INF, 1],
    )
    # The latest start is the one who is held from 1. She is back at 9, and held again.
    assert played.responses("interrupted") == [0]
    assert talked(played) == [(0, 0, 10)]
    assert treated(played) == [(1, 10, 20)]


def test_a_place_of_its_own_is_kept_while_staff_are_at_an_overdose():
    room = "services.treatment={duration: 10, roles: [nurse], places: 1}"
    played = play(SITE, room, arrivals=[0, 1, (3, "patient")], onset=[INF, INF, 1])
    assert treated(played) == [(0, 0, 15), (1, 15, 25)]


def test_who_is_held_goes_home_when_the_shift_ends():
    rota = (
        "staff.rota=[{role: nurse, from: 00:00, to: 00:08}, {role: nurse, from: 00:00, to: 04:00}, "
        "{role: nurse, from: 00:15, to: 04:00}, {role: doctor, from: 00:00, to: 04:00}]"
    )
    played = play(SITE, TWO_NURSES, HOLD, rota, arrivals=[(0, "talker"), 1])
    # The nurse until 8 talks, in overtime until 10; the other is held from 1 until the third comes.
    assert talked(played) == [(0, 0, 10)]
    assert treated(played) == [(1, 15, 25)]
    assert played.people("left")[0] == 10
    other_way = rota.replace("to: 00:08", "to: 04:00").replace("to: 04:00", "to: 00:08", 2)
    other_way = other_way.replace("to: 00:08", "to: 04:00", 1)
    played = play(SITE, TWO_NURSES, HOLD, other_way, arrivals=[(0, "talker"), 1])
    # Now the one who is held has her shift end at 8: she goes, with nothing in hand.
    assert played.people("left")[1] == 8
    assert treated(played) == [(1, 15, 25)]


@pytest.mark.parametrize(("end", "done"), [("finish", 10), ("hand_over", 15)])
def test_at_the_end_of_a_shift(end: str, done: float):
    rota = (
        "staff.rota=[{role: nurse, from: 00:00, to: 00:04}, {role: nurse, from: 00:09, to: 04:00}, "
        "{role: doctor, from: 00:00, to: 04:00}]"
    )
    played = play(SITE, rota, f"staff.end_of_shift={end}", arrivals=[0])
    # Handed over at 4, the doctor is free until the next nurse comes at 9; 6 minutes are left.
    assert treated(played) == [(0, 0, done)]
    assert played.people("service") == ([10, 10, 0] if end == "finish" else [4, 10, 6])


def test_pooled_a_team_is_no_larger_than_the_level():
    rota = (
        "staff.rota=[{role: nurse, from: 00:00, to: 00:05}, {role: nurse, from: 00:05, to: 04:00, "
        "count: 2}, {role: doctor, from: 00:00, to: 04:00}]"
    )
    sets = (TWO_NURSES, rota, "staff.end_of_shift=finish_pooled")
    played = play(SITE, *sets, arrivals=[(0, "talker"), 6])
    # Two on duty and one in overtime until 10: until then only one more may begin.
    assert treated(played) == [(6, 10, 20)]


def test_a_break_waits_for_who_is_held():
    breaks = "staff.rota.0.breaks=[{length: 5, from: 00:05, to: 00:06}]"
    played = play(
        SITE, TWO_NURSES, HOLD, breaks, "staff.rota.0.count=2", arrivals=[(0, "talker"), 1]
    )
    # One is held from 1 and both treat 10-20 but for the breaks that are then due: the one who
    # talked goes at 10, and the treatment begins when she is back; the other goes after it.
    assert treated(played) == [(1, 15, 25)]
    assert played.series("role:nurse:on_break") == [(10, 1), (15, 0), (25, 1), (30, 0)]


def test_before_a_stay_the_waiting_area_counts_who_would_wait():
    sets = (
        "services.treatment={duration: 10, team: [[nurse], [doctor]], when: before}",
        "waiting_area={seats: 0}",
    )
    played = play(SITE, *sets, arrivals=[(0, "talker"), 1])
    # The doctor is free but the nurse is not: who comes at 1 would have to wait.
    assert played.outcomes() == ["service_only", "no_space"]


def test_what_cannot_be():
    said = "services.treatment={duration: 10, roles: [nurse], team: [[nurse]]}"
    with pytest.raises(ScenarioError, match="gives roles and a team"):
        play(SITE, said, arrivals=[0])
    with pytest.raises(ScenarioError, match="a member of the team without a role"):
        play(SITE, "services.treatment.team=[[nurse], []]", arrivals=[0])
    with pytest.raises(ScenarioError, match="'docter' is not a role of this scenario"):
        play(SITE, "services.treatment.team=[[nurse], [docter]]", arrivals=[0])
    crossed = "services.treatment.team=[[nurse, doctor], [doctor, peer]]"
    with pytest.raises(ScenarioError, match="may find no team though there is one"):
        play(SITE, crossed, arrivals=[0])
