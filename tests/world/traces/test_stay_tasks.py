"""Tasks of staff during the stay in a place.

The site is open from minute 0 to 120; there is one nurse, and a stay takes 20 minutes.
"""

import pytest

from sim.scenario.errors.problem import ScenarioError
from tests.support.played import play

SITE = """
opening: {hours: 00:00-02:00}
visits:
  use: {rooms: [booths], stay: 20, stay_tasks: {help: 1}}
  plain: {rooms: [booths], stay: 20, share: 0}
rooms:
  booths: {places: 2}
stay_tasks:
  help: {duration: 5, roles: [nurse]}
staff:
  roles: {nurse: {}}
  rota: [{role: nurse, from: 00:00, to: 04:00}]
"""
WAITS = "stay_tasks.help.stay=waits"
OVERDOSE = (
    "overdose.severities={a: {share: 1, team: [[nurse]], intensive: 6}}",
    "visits.use.overdose={per_1000: 0, onset: 1}",
)
INF = float("inf")


# --- the stay runs on ----------------------------------------------------------------------------


def test_at_the_start_of_a_stay_that_runs_on():
    played = play(SITE, arrivals=[0, 1])
    # The nurse helps 0-5, and 5-10 the one who asked at 1; both stay for their 20 minutes.
    assert played.stay_task("help") == [(0, 0, 0, 5), (1, 1, 5, 10)]
    assert played.stays() == [(0, 20), (1, 21)]
    assert played.people("stay_task") == [10]
    assert played.series("role:nurse:stay_task") == [(0, 1), (10, 0)]
    # In a place, and so in no line.
    assert played.visits("waited") == [0, 0]
    assert played.series("site:waiting_service") == []


def test_after_a_while():
    played = play(SITE, "stay_tasks.help.after=8", arrivals=[0])
    assert played.stay_task("help") == [(0, 8, 8, 13)]
    assert played.stays() == [(0, 20)]


def test_nothing_is_asked_for_at_the_end_of_the_stay():
    played = play(SITE, "stay_tasks.help.after=20", arrivals=[0])
    assert played.stay_task("help") == []
    assert played.stays() == [(0, 20)]


def test_what_is_in_hand_at_the_end_of_the_stay_is_finished():
    played = play(SITE, "stay_tasks.help.after=19.5", arrivals=[0])
    assert played.stay_task("help") == [(0, 19.5, 19.5, 24.5)]
    assert played.stays() == [(0, 24.5)]


def test_who_still_waits_at_the_end_of_the_stay_goes_without():
    played = play(SITE, "stay_tasks.help.duration=30", arrivals=[0, 1])
    # The nurse helps 0-30, in 10 minutes more than the stay; the other's stay is over at 21.
    assert played.stay_task("help") == [(0, 0, 0, 30), (1, 1, None, None)]
    assert played.stays() == [(0, 30), (1, 21)]
    assert played.people("stay_task") == [30]


def test_tie_the_nurse_is_free_as_the_stay_ends():
    played = play(SITE, "stay_tasks.help.duration=21", arrivals=[0, 1])
    # Free at 21 by the completion of a lower number: the other is helped 21-42.
    assert played.stay_task("help") == [(0, 0, 0, 21), (1, 1, 21, 42)]
    played = play(SITE, "stay_tasks.help.duration=21", "rooms.booths.places=3", arrivals=[0, 1, 1])
    # At 21 the stay of the third is over too, and nobody is free.
    assert played.stay_task("help") == [(0, 0, 0, 21), (1, 1, 21, 42), (2, 1, None, None)]
    assert played.stays() == [(0, 21), (1, 42), (1, 21)]


def test_again_until_the_stay_ends():
    played = play(SITE, "stay_tasks.help.again={share: 1, after: 5}", arrivals=[0])
    # 0-5, 10-15; the next would be asked for at 20.
    assert played.stay_task("help") == [(0, 0, 0, 5), (0, 10, 10, 15)]
    assert played.log.stay_tasks["time"].tolist() == [0, 1]
    assert played.stays() == [(0, 20)]


def test_again_so_often_at_most():
    again = "stay_tasks.help.again={share: 1, after: 1, at_most: 1}"
    played = play(SITE, again, arrivals=[0])
    assert played.stay_task("help") == [(0, 0, 0, 5), (0, 6, 6, 11)]


# --- the stay waits ------------------------------------------------------------------------------


def test_a_stay_that_waits_stands_still():
    played = play(SITE, WAITS, arrivals=[0, 1])
    # 5 minutes of help and 20 of one's own; 4 of waiting, 5 of help and 20.
    assert played.stay_task("help") == [(0, 0, 0, 5), (1, 1, 5, 10)]
    assert played.stays() == [(0, 25), (1, 30)]


def test_a_stay_that_waits_comes_to_its_end_after_the_last_task():
    played = play(SITE, WAITS, "visits.use.stay=3", "stay_tasks.help.after=10", arrivals=[0])
    # Its own minutes are over at 3; the help comes at 10.
    assert played.stay_task("help") == [(0, 10, 10, 15)]
    assert played.stays() == [(0, 15)]


def test_again_and_again_while_the_stay_waits():
    again = "stay_tasks.help.again={share: 1, after: 4, at_most: 2}"
    played = play(SITE, WAITS, again, arrivals=[0, 1])
    # The first: helped 0-5, alone 4, asks at 9 and has it 10-15, alone 4, asks at 19, has it 20-25;
    # 8 of its 20 minutes are over. The other: 5-10, 15-20 and 25-30, and 12 more.
    assert played.stay_task("help") == [
        *[(0, 0, 0, 5), (0, 9, 10, 15), (0, 19, 20, 25)],
        *[(1, 1, 5, 10), (1, 14, 15, 20), (1, 24, 25, 30)],
    ]
    assert played.stays() == [(0, 37), (1, 42)]


def test_a_task_that_takes_no_staff():
    played = play(SITE, WAITS, "stay_tasks.help.roles=[]", arrivals=[0, 0])
    assert played.stay_task("help") == [(0, 0, 0, 5), (1, 0, 0, 5)]
    assert played.stays() == [(0, 25), (0, 25)]
    assert played.people("stay_task") == [0]


def test_a_stay_that_takes_no_time():
    played = play(SITE, "visits.use.stay=0", arrivals=[0])
    assert (played.stay_task("help"), played.stays()) == ([], [(0, 0)])
    played = play(SITE, "visits.use.stay=0", WAITS, arrivals=[0])
    assert (played.stay_task("help"), played.stays()) == ([(0, 0, 0, 5)], [(0, 5)])


# --- several tasks -------------------------------------------------------------------------------

BOTH = ("stay_tasks.look={duration: 2, roles: [nurse], after: 3}", "visits.use.stay_tasks.look=1")


def test_one_task_at_a_time():
    played = play(SITE, *BOTH, "staff.rota.0.count=2", arrivals=[0])
    # The look falls due at 3, and is asked for when the help is done.
    assert played.stay_task("help") == [(0, 0, 0, 5)]
    assert played.stay_task("look") == [(0, 5, 5, 7)]
    assert played.stays() == [(0, 20)]


def test_what_is_to_come_stands_still_with_the_stay():
    played = play(SITE, *BOTH, WAITS, arrivals=[0])
    # 3 minutes after the start, those of the help not counted; the help prolongs the stay.
    assert played.stay_task("look") == [(0, 8, 8, 10)]
    assert played.stays() == [(0, 25)]
    both = (BOTH[0].replace("}", ", stay: waits}"), BOTH[1])
    played = play(SITE, *both, WAITS, arrivals=[0])
    assert played.stays() == [(0, 27)]


def test_the_stay_of_one_task_waits_and_of_the_other_runs_on():
    sets = (
        "stay_tasks.help.after=1",
        "stay_tasks.look={duration: 15, roles: [nurse], stay: waits}",
    )
    played = play(SITE, *sets, "visits.use.stay_tasks.look=1", arrivals=[0])
    # The look 0-15 stands still; the help is due a minute later, and the stay ends at 35.
    assert played.stay_task("look") == [(0, 0, 0, 15)]
    assert played.stay_task("help") == [(0, 16, 16, 21)]
    assert played.stays() == [(0, 35)]


def test_what_is_due_at_one_time_goes_in_the_order_of_the_file():
    played = play(SITE, *BOTH, "stay_tasks.help.after=3", arrivals=[0])
    assert played.stay_task("help") == [(0, 3, 3, 8)]
    assert played.stay_task("look") == [(0, 8, 8, 10)]


def test_an_end_that_was_put_off_ends_nothing():
    look = BOTH[0].replace("after: 3", "after: 6, stay: waits")
    played = play(SITE, look, BOTH[1], arrivals=[0])
    # Helped 0-5 while the stay runs on to 20; then looked after 6-8 while it stands still.
    assert played.stay_task("help") == [(0, 0, 0, 5)]
    assert played.stay_task("look") == [(0, 6, 6, 8)]
    assert played.stays() == [(0, 22)]


def test_given_up_at_the_end_of_the_stay_the_other_task_is_waited_for():
    sets = ("stay_tasks.help.duration=30", "stay_tasks.look={duration: 2, after: 25, stay: waits}")
    played = play(SITE, *sets, "visits.use.stay_tasks.look=1", arrivals=[0, 1])
    # The second goes without help at 21; its look is due at 26.
    assert played.stay_task("help") == [(0, 0, 0, 30), (1, 1, None, None)]
    assert played.stay_task("look") == [(0, 30, 30, 32), (1, 26, 26, 28)]
    assert played.stays() == [(0, 32), (1, 28)]


def test_the_more_important_task_goes_first():
    played = play(
        SITE,
        "stay_tasks.look={duration: 3, roles: [nurse], priority: -1}",
        "visits.looked={rooms: [booths], stay: 20, share: 0, stay_tasks: {look: 1}}",
        "rooms.booths.places=3",
        arrivals=[0, 1, (2, "looked")],
    )
    assert played.stay_task("look") == [(2, 2, 5, 8)]
    assert played.stay_task("help") == [(0, 0, 0, 5), (1, 1, 8, 13)]


def test_behind_services_and_before_cleaning():
    played = play(
        SITE,
        "stay_tasks.help.duration=15",
        "rooms.booths={places: 3, cleaning: {duration: 3, roles: [nurse]}}",
        "services.care={duration: 4, roles: [nurse]}",
        "visits.visitor={share: 0, services: {care: 1}}",
        "visits.plain.stay=10",
        arrivals=[0, (0, "plain"), 11, (12, "visitor")],
    )
    # Helps until 15. Then the care, asked for at 12, the help of 11, the cleaning of 10.
    assert played.service("care")[3] == (12, 15, 19)
    assert played.stay_task("help") == [(0, 0, 0, 15), (2, 11, 19, 34)]
    assert played.series("room:booths:cleaning") == [
        (10, 1),
        (20, 2),
        (34, 3),
        (37, 2),
        (40, 1),
        (43, 0),
    ]


# --- what else happens ---------------------------------------------------------------------------


def test_only_the_share_who_have_it():
    played = play(SITE, "visits.use.stay_tasks.help=0", arrivals=[0, (0, "plain")])
    assert played.stay_task("help") == []
    assert played.stays() == [(0, 20), (0, 20)]


def test_the_place_is_kept_meanwhile():
    played = play(SITE, WAITS, "rooms.booths.places=1", arrivals=[0, (1, "plain")])
    assert played.stays() == [(0, 25), (25, 45)]
    assert played.series("room:booths:occupied") == [(0, 1), (45, 0)]
    assert played.series("room:booths:blocked") == []


def test_who_waits_in_a_place_takes_no_seat_and_is_not_ahead():
    played = play(
        SITE,
        "waiting_area={seats: 0}",
        "visits.use.balking={above: 0}",
        "stay_tasks.help.duration=15",
        "rooms.booths.places=3",
        arrivals=[0, 1, 2],
    )
    assert played.outcomes() == ["served"] * 3


def test_patience_is_ignored_in_a_place():
    played = play(SITE, WAITS, "visits.use.patience=3", arrivals=[0, 1])
    assert played.outcomes() == ["served", "served"]
    assert played.stays() == [(0, 25), (1, 30)]


def test_an_overdose_takes_the_nurse_who_comes_back():
    played = play(
        SITE, *OVERDOSE, WAITS, "stay_tasks.help.duration=10", arrivals=[0, 0], onset=[INF, 4]
    )
    # Of the help 4 minutes are done; the response is 4-10, the rest 10-16; 20 minutes remain.
    assert played.stay_task("help") == [(0, 0, 0, 16), (1, 0, None, None)]
    assert played.stays() == [(0, 36), (0, 10)]
    assert played.responses("interrupted") == [1]
    assert (played.people("stay_task"), played.people("respond")) == ([10], [6])


def test_a_task_that_is_interrupted_as_the_stay_ends_is_given_up():
    played = play(
        SITE,
        OVERDOSE[0].replace("6", "20"),
        OVERDOSE[1],
        "stay_tasks.help.duration=10",
        arrivals=[0, 0],
        onset=[INF, 4],
    )
    # The nurse is at the overdose 4-24; the stay runs on to 20.
    assert played.stay_task("help") == [(0, 0, 0, None), (1, 0, None, None)]
    assert played.stays() == [(0, 20), (0, 24)]
    assert played.people("stay_task") == [4]


def test_a_task_past_the_end_of_the_stay_is_waited_for_once_it_was_in_hand_then():
    played = play(
        SITE,
        *OVERDOSE,
        "stay_tasks.help={duration: 30, roles: [nurse]}",
        arrivals=[0, (3, "plain")],
        onset=[INF, INF],
    )
    assert played.stays() == [(0, 30), (3, 23)]
    played = play(
        SITE,
        *OVERDOSE,
        "stay_tasks.help={duration: 30, roles: [nurse]}",
        "visits.plain.overdose={per_1000: 0, onset: 1}",
        arrivals=[0, (6, "plain")],
        onset=[INF, 19],
    )
    # Taken at 25, when the stay was over; back 31-36.
    assert played.stay_task("help") == [(0, 0, 0, 36)]
    assert played.stays() == [(0, 36), (6, 31)]


def test_an_overdose_of_the_visitor_ends_the_task():
    played = play(SITE, *OVERDOSE, WAITS, arrivals=[0], onset=[4])
    assert played.stay_task("help") == [(0, 0, 0, None)]
    assert played.responses("first") == [4]
    assert (played.people("stay_task"), played.people("respond")) == ([4], [6])


def test_at_closing_stays_and_their_tasks_are_finished():
    played = play(SITE, WAITS, "stay_tasks.help.after=8", arrivals=[115])
    assert played.stay_task("help") == [(0, 123, 123, 128)]
    assert played.stays() == [(115, 140)]


@pytest.mark.parametrize("mode", ["runs_on", "waits"])
def test_at_closing_everybody_has_to_leave(mode: str):
    sets = ("opening.at_close=stop", f"stay_tasks.help.stay={mode}")
    played = play(SITE, *sets, arrivals=[117, 118])
    assert played.stay_task("help") == [(0, 117, 117, None), (1, 118, None, None)]
    assert played.outcomes() == ["cut_short", "cut_short"]
    assert played.people("stay_task") == [3]


@pytest.mark.parametrize(("end", "worked"), [("finish", [15, 0]), ("hand_over", [10, 5])])
def test_at_the_end_of_a_shift(end: str, worked: list[float]):
    played = play(
        SITE,
        "stay_tasks.help.duration=15",
        f"staff.end_of_shift={end}",
        "staff.rota=[{role: nurse, from: 00:00, to: 00:10}, {role: nurse, from: 00:10, to: 04:00}]",
        arrivals=[0],
    )
    assert played.stay_task("help") == [(0, 0, 0, 15)]
    assert played.people("stay_task") == worked


def test_an_overdose_takes_whoever_helps_before_whoever_serves_and_after_who_cleans():
    played = play(
        SITE,
        *OVERDOSE,
        "stay_tasks.help.duration=12",
        "rooms.booths={places: 4, cleaning: {duration: 30, roles: [nurse]}}",
        "visits.visitor={share: 0, services: {care: 1}}",
        "services.care={duration: 30, roles: [nurse]}",
        "visits.plain={rooms: [booths], stay: 20, share: 0, overdose: {per_1000: 0, onset: 1}}",
        "staff.rota.0.count=2",
        arrivals=[0, (1, "visitor"), (2, "plain")],
        onset=[INF, INF, 3],
    )
    # One helps from 0, the other gives care from 1; at 5 the helper goes, until 11, and is back.
    assert played.stay_task("help") == [(0, 0, 0, 18)]
    assert played.service("care")[1] == (1, 1, 31)


def test_what_cannot_be():
    with pytest.raises(ScenarioError, match=r"always comes again, and the stay waits for it"):
        play(SITE, WAITS, "stay_tasks.help.again={share: 1, after: 4}", arrivals=[0])
    with pytest.raises(ScenarioError, match=r"'hepl' is not a task during the stay of this"):
        play(SITE, "visits.use.stay_tasks={hepl: 1, help: 1}", arrivals=[0])
    with pytest.raises(ScenarioError, match=r"no visit kind has this task; name it at one"):
        play(SITE, "stay_tasks.look={duration: 1}", arrivals=[0])
    none = "visits.plain={share: 0, services: {care: 1}, stay_tasks: {help: 1}}"
    with pytest.raises(ScenarioError, match=r"gives stay_tasks but uses no room"):
        play(SITE, "services.care={duration: 4}", none, arrivals=[0])


def test_an_overdose_while_a_task_is_waited_for_ends_that_wait_for_good():
    """After closing nobody looks any more whether somebody could do it."""
    played = play(
        SITE,
        *OVERDOSE,
        "stay_tasks.help.roles=[helper]",
        "staff.roles={nurse: {}, helper: {}}",
        "staff.rota=[{role: nurse, from: 00:00, to: 02:00}, {role: helper, from: 0:00, to: 1:50}]",
        arrivals=[112],
        onset=[4],
    )
    # The helper has gone at 110. The nurse responds 116-122, and stays for it after closing at 120.
    assert played.stay_task("help") == [(0, 112, None, None)]
    assert (played.responses("first"), played.stays()) == ([116], [(112, 122)])
    assert (played.people("respond"), played.people("left")) == ([6, 0], [122, 110])
