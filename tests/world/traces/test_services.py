"""Services before and after the stay, or without one.

The site is open from minute 0 to 120.
"""

from tests.support.played import play

SITE = """
opening: {hours: 00:00-02:00}
visits:
  use: {rooms: [booths], stay: 20, services: {care: 1}}
  plain: {rooms: [booths], stay: 20, share: 0}
  visitor: {services: {care: 1}, share: 0}
rooms:
  booths: {places: 1}
services:
  care: {duration: 10, roles: [nurse]}
staff:
  roles: {nurse: {}}
  rota: [{role: nurse, from: 00:00, to: 04:00}]
"""


def test_after_the_stay_the_place_is_left_first():
    played = play(SITE, arrivals=[0, (1, "plain")])
    assert played.stays() == [(0, 20), (20, 40)]
    assert played.service("care") == [(20, 20, 30), (None, None, None)]
    assert played.visits("out") == [30, 40]
    assert played.people("service") == [10]


def test_before_the_stay():
    played = play(SITE, "services.care.when=before", arrivals=[0, 0])
    # Care 0-10 and 10-20; the place 10-30 and 30-50.
    assert played.service("care") == [(0, 0, 10), (0, 10, 20)]
    assert played.visits("joined") == [10, 20]
    assert played.stays() == [(10, 30), (30, 50)]
    # The wait for a service before the stay counts: 10 + 10.
    assert played.visits("waited") == [0, 20]


def test_a_wait_for_a_service_after_the_stay_is_not_a_wait_for_a_place():
    played = play(SITE, "rooms.booths.places=2", arrivals=[0, 0])
    # Care 20-30 and 30-40.
    assert played.service("care") == [(20, 20, 30), (20, 30, 40)]
    assert played.visits("waited") == [0, 0]
    assert played.visits("out") == [30, 40]
    assert played.series("site:waiting_service") == [(20, 1), (30, 0)]


def test_a_visit_for_a_service_only():
    played = play(SITE, arrivals=[(0, "visitor"), (5, "visitor")])
    assert played.outcomes() == ["service_only", "service_only"]
    assert played.service("care") == [(0, 0, 10), (5, 10, 20)]
    assert played.visits("out") == [10, 20]
    assert played.visits("entered") == [None, None]
    assert played.visits("waited") == [0, 5]


def test_a_site_without_rooms():
    played = play(
        """
opening: {hours: 00:00-02:00}
visits: {use: {services: {checking: 1}}}
services: {checking: {duration: 10}}
""",
        arrivals=[0, 1, 120],
    )
    # No staff is needed, so nobody waits.
    assert played.outcomes() == ["service_only", "service_only", "closed"]
    assert played.service("checking")[:2] == [(0, 0, 10), (1, 1, 11)]


def test_services_are_used_in_the_order_in_which_they_are_written():
    played = play(
        SITE,
        "services.talk={duration: 4}",
        "services.checking={duration: 3, when: before}",
        "visits.use.services={talk: 1, care: 1, checking: 1}",
        arrivals=[0],
    )
    # Checking 0-3, place 3-23, care 23-33, talk 33-37.
    assert played.service("checking") == [(0, 0, 3)]
    assert played.service("care") == [(23, 23, 33)]
    assert played.service("talk") == [(33, 33, 37)]
    assert played.visits("out") == [37]


def test_only_the_share_who_use_it():
    played = play(SITE, "visits.use.services.care=0", arrivals=[0])
    assert played.service("care") == [(None, None, None)]
    assert played.visits("out") == [20]


def test_the_more_important_service_goes_first():
    played = play(
        SITE,
        "services.talk={duration: 4, roles: [nurse], priority: 1}",
        "visits.talker={share: 0, services: {talk: 1}}",
        arrivals=[(0, "visitor"), (1, "talker"), (2, "visitor"), (3, "talker")],
    )
    # Care 0-10, then the other care 10-20, then the talks in order of asking, 20-24 and 24-28.
    assert played.service("care")[0::2] == [(0, 0, 10), (2, 10, 20)]
    assert played.service("talk")[1::2] == [(1, 20, 24), (3, 24, 28)]


def test_the_roles_that_give_it():
    played = play(
        SITE,
        "services.care.roles=[social_worker, nurse]",
        "staff.roles.social_worker={}",
        "staff.rota=[{role: nurse, from: 00:00, to: 04:00},"
        " {role: social_worker, from: 00:00, to: 04:00}]",
        arrivals=[(0, "visitor"), (1, "visitor"), (2, "visitor")],
    )
    # The social worker 0-10, the nurse 1-11, the social worker 10-20.
    assert [start for _, start, _ in played.service("care")] == [0, 1, 10]
    assert played.people("service") == [10, 20]


# --- patience ------------------------------------------------------------------------------------


def test_who_waits_too_long_for_a_service_goes_on_without_it():
    played = play(SITE, "services.care.patience=6", arrivals=[(15, "visitor"), 0])
    # The second leaves its place at 20; the nurse is busy until 25; patience lasts to 26.
    assert played.visits("arrival") == [0, 15]
    assert played.service("care") == [(20, 25, 35), (15, 15, 25)]
    played = play(SITE, "services.care.patience=4", arrivals=[(15, "visitor"), 0])
    # Patience ends at 24.
    assert played.service("care") == [(20, None, None), (15, 15, 25)]
    assert played.outcomes() == ["served", "service_only"]
    assert played.visits("out") == [24, 25]


def test_going_without_a_service_before_the_stay_leads_to_the_queue_for_a_place():
    played = play(
        SITE,
        "services.care={duration: 10, roles: [nurse], when: before, patience: 4}",
        arrivals=[0, 0],
    )
    # The second gives up on the care at 4, and takes the place 4-24. The first has it at 24.
    assert played.service("care") == [(0, 0, 10), (0, None, None)]
    assert played.stays() == [(24, 44), (4, 24)]
    assert played.visits("waited") == [14, 4]


def test_a_visit_for_a_service_only_that_is_not_waited_for():
    played = play(SITE, "services.care.patience=4", arrivals=[(0, "visitor"), (0, "visitor")])
    assert played.outcomes() == ["service_only", "reneged"]
    assert played.visits("out") == [10, 4]
    assert played.visits("waited") == [0, 4]


def test_a_visit_for_a_service_that_chance_does_not_give():
    nan = float("nan")
    played = play(
        SITE, "visits.visitor.services.care=0.5", arrivals=[(0, "visitor")], service=[[nan]]
    )
    # It goes through the door and out again: a share below 1 hardly makes sense here.
    assert played.outcomes() == ["reneged"]
    assert played.visits("out") == [0]


def test_tie_service_beats_patience():
    played = play(SITE, "services.care.patience=5", arrivals=[(0, "visitor"), (5, "visitor")])
    # The nurse is free at 10, when patience ends at 5 + 5.
    assert played.outcomes() == ["service_only", "service_only"]
    assert played.service("care") == [(0, 0, 10), (5, 10, 20)]


def test_the_patience_for_a_place_does_not_end_the_wait_for_a_service():
    played = play(
        SITE,
        "services.care.when=before",
        arrivals=[0, {"at": 0, "patience": 8}],
    )
    # The second waits for the care until 10, though it would not queue for a place beyond 8;
    # after the care, at 20, the place is taken until 30 and its patience has run out.
    assert played.service("care") == [(0, 0, 10), (0, 10, 20)]
    assert played.outcomes() == ["served", "reneged"]
    assert played.visits("out") == [30, 20]


def test_the_patience_for_a_service_does_not_end_the_wait_for_a_place():
    played = play(
        SITE,
        "services.care={when: before, duration: 4, patience: 9.5, roles: [nurse]}",
        "visits.use.patience=10",
        arrivals=[(0, "plain"), (0, "visitor"), 0],
    )
    # The last waits for care 0-4, has it 4-8, and queues for the place until 10, not 9.5.
    assert played.service("care")[2] == (0, 4, 8)
    assert played.outcomes() == ["served", "service_only", "reneged"]
    assert played.visits("out") == [20, 4, 10]
