"""Who stays after closing until nobody is inside, and what becomes of those nobody stays for.

The site is open from minute 0 to 120, and the nurse's shift ends as it closes.
"""

import pytest

from tests.support.played import Played, play

OVERDOSE = """
opening: {hours: 00:00-02:00}
visits:
  use: {rooms: [booths], stay: 20, overdose: {per_1000: 0, onset: 10}}
rooms: {booths: {places: 5}}
overdose:
  severities: {usual: {share: 1, team: [[nurse]], intensive: 15}}
staff:
  roles: {nurse: {}}
  rota: [{role: nurse, from: 00:00, to: 02:00}]
"""
SERVICE = """
opening: {hours: 00:00-02:00}
visits:
  use: {rooms: [booths], stay: 20, services: {talk: 1}}
  plain: {rooms: [booths], stay: 20, share: 0}
rooms: {booths: {places: 5}}
services: {talk: {duration: 10, roles: [nurse]}}
staff:
  roles: {nurse: {}}
  rota: [{role: nurse, from: 00:00, to: 02:00}]
"""
DESK = """
opening: {hours: 00:00-02:00, queue_at_close: serve}
visits:
  use: {rooms: [booths], stay: 20}
rooms: {booths: {places: 5}}
check_in: {times: {known: 3}, roles: [nurse]}
staff:
  roles: {nurse: {}}
  rota: [{role: nurse, from: 00:00, to: 02:00}]
"""
GO = "staff.stay_until_empty=false"
EARLY = "staff.rota.0.to=01:55"
"""A shift that ends five minutes before closing."""
TWO_DAYS = "horizon.days=2"
NEVER = float("inf")


def left(played: Played) -> list[float | None]:
    """When each of the first day's people left."""
    return played.people("left")


def rota(*lines: str) -> str:
    """The setting of a rota."""
    return f"staff.rota=[{', '.join(f'{{{line}}}' for line in lines)}]"


# --- for what they stay --------------------------------------------------------------------------


def test_an_overdose_after_closing_is_met_at_once():
    played = play(OVERDOSE, arrivals=[115], onset=[10])
    # Place 115-135; the overdose at 125, met by the nurse who has stayed, until 140.
    assert played.responses("first") == played.responses("team") == [125]
    assert played.visits("out") == [140]
    assert left(played) == [140]
    assert played.people("respond") == [15]
    assert played.series("role:nurse:on_duty") == [(0, 1), (120, 0)]
    assert played.series("role:nurse:overtime") == [(120, 1), (140, 0)]
    assert played.series("role:nurse:present") == [(0, 1), (125, 0)]


def test_without_it_the_next_shift_meets_it():
    played = play(OVERDOSE, GO, TWO_DAYS, arrivals=[115], onset=[10])
    assert played.responses("first") == [1440]
    assert left(played) == [120]


def test_a_shift_that_ended_before_closing_is_not_prolonged():
    played = play(OVERDOSE, EARLY, TWO_DAYS, arrivals=[115], onset=[10])
    assert played.responses("first") == [1440]
    assert left(played) == [115]


def test_nobody_stays_for_nobody():
    assert left(play(OVERDOSE, arrivals=[])) == [120]
    # Who leaves at the very minute of closing keeps nobody.
    played = play(OVERDOSE, arrivals=[100], onset=[NEVER])
    assert played.visits("out") == [120]
    assert left(played) == [120]


def test_they_stay_for_aftercare_too():
    played = play(
        OVERDOSE,
        "aftercare={}",
        "visits.use.aftercare={share: 1, stay: 7}",
        arrivals=[115],
        onset=[NEVER],
    )
    # Place 115-135, rest 135-142.
    assert played.visits("out") == [142]
    assert left(played) == [142]


def test_a_service_of_someone_whose_stay_ends_after_closing():
    played = play(SERVICE, arrivals=[115])
    assert played.service("talk") == [(135, 135, 145)]
    assert played.visits("out") == [145]
    assert left(played) == [145]
    assert played.people("service") == [10]


def test_who_has_had_a_place_stays_in_line_at_closing():
    played = play(SERVICE, arrivals=[96, 98])
    # Talks 116-126, and for the other, in line from 118, 126-136.
    assert played.service("talk") == [(116, 116, 126), (118, 126, 136)]
    assert left(played) == [136]
    assert play(SERVICE, GO, arrivals=[96, 98]).visits("out") == [126, 120]


def test_without_it_the_line_for_a_service_is_dismissed_like_any_other():
    played = play(SERVICE, GO, arrivals=[115])
    assert played.service("talk") == [(None, None, None)]
    assert played.visits("out") == [135]
    assert left(played) == [120]


def test_nobody_stays_for_those_who_need_nothing():
    played = play(SERVICE, arrivals=[(115, "plain")])
    assert played.visits("out") == [135]
    assert left(played) == [120]


def test_the_desk_is_staffed_until_the_last_is_registered():
    played = play(DESK, arrivals=[119, 119.5])
    # 119-122 and 122-125; she is needed for nothing else.
    assert played.visits("check_in_end") == [122, 125]
    assert played.stays() == [(122, 142), (125, 145)]
    assert left(played) == [125]
    played = play(DESK, GO, TWO_DAYS, arrivals=[119, 119.5])
    assert played.visits("check_in_start") == [119, 1440]


def test_a_cleaning_is_needed_where_somebody_waits_for_the_place():
    sets = (
        "rooms.booths={places: 1, cleaning: {duration: 4, roles: [nurse]}}",
        "check_in=null",
    )
    played = play(DESK, *sets, arrivals=[95, 96, 97])
    # 95-115, cleaned until 119; 119-139, cleaned until 143; 143-163, and cleaned next day.
    assert played.stays() == [(95, 115), (119, 139), (143, 163)]
    assert left(played) == [143]
    played = play(DESK, *sets, "opening.queue_at_close=dismiss", arrivals=[95, 96, 97])
    assert played.outcomes() == ["served", "served", "dismissed_at_close"]
    # The second place is left at 139, and nobody inside waits for it to be clean.
    assert left(played) == [120]


def test_nobody_stays_to_clean_a_place_of_another_room():
    sets = (
        "rooms.booths.places=1",
        "rooms.quiet={places: 1, cleaning: {duration: 4, roles: [nurse]}}",
        "visits.smoke={rooms: [quiet], stay: 20, share: 0}",
        "check_in=null",
    )
    played = play(DESK, *sets, arrivals=[95, 96, 97, (105, "smoke")])
    # Booths are not cleaned, and nobody in line for one wants the quiet place that is left at 125.
    assert played.stays() == [(95, 115), (115, 135), (135, 155), (105, 125)]
    assert left(played) == [120]


def test_whoever_stays_begins_nothing_that_nobody_inside_needs():
    sets = ("rooms.booths.cleaning={duration: 4, roles: [nurse]}", TWO_DAYS)
    played = play(OVERDOSE, *sets, arrivals=[110, 115], onset=[NEVER, NEVER])
    # Places 110-130 and 115-135; the nurse is there until 135, and cleans next day.
    assert left(played) == [135]
    cleaning = [(130, 1), (135, 2), (1444, 1), (1448, 0)]
    assert played.series("room:booths:cleaning", until=2880) == cleaning


# --- how many, and who ---------------------------------------------------------------------------


TWO_NURSES = "overdose.severities.usual.team=[[nurse], [nurse]]"


def test_as_many_as_the_largest_team_needs_the_latest_end_first():
    sets = (
        TWO_NURSES,
        rota(
            "role: nurse, from: 00:00, to: 02:00, count: 3", "role: nurse, from: 00:00, to: 02:04"
        ),
    )
    played = play(OVERDOSE, *sets, arrivals=[115], onset=[NEVER])
    # At 120 the fourth is still on duty, so one of three is needed; at 124 the fourth stays too.
    assert left(played) == [135, 120, 120, 135]
    small = (*sets, "overdose.severities.light={share: 0, team: [[nurse]], intensive: 1}")
    assert left(play(OVERDOSE, *small, arrivals=[115], onset=[NEVER])) == [135, 120, 120, 135]


def test_who_stays_is_relieved_by_a_shift_that_begins():
    sets = rota("role: nurse, from: 00:00, to: 02:00", "role: nurse, from: 02:08, to: 02:12")
    played = play(OVERDOSE, sets, arrivals=[115], onset=[NEVER])
    # Someone is inside until 135: the first stays 120-128, the second 132-135.
    assert left(played) == [128, 135]
    assert played.series("role:nurse:overtime") == [(120, 1), (128, 0), (132, 1), (135, 0)]


def test_those_who_can_do_more_things_stay_alone():
    sets = (
        "staff.roles.social_worker={}",
        rota("role: social_worker, from: 00:00, to: 02:00", "role: nurse, from: 00:00, to: 02:00"),
        "supervision=[{rooms: [booths], roles: [social_worker, nurse]}]",
    )
    played = play(OVERDOSE, *sets, arrivals=[115], onset=[NEVER])
    # Either could supervise, and the nurse is needed for an overdose.
    assert left(played) == [120, 135]


def test_a_team_that_nobody_can_make_up_keeps_those_who_fill_a_seat():
    sets = (
        "staff.roles.doctor={}",
        "overdose.severities.usual.team=[[nurse], [doctor]]",
        rota(
            "role: nurse, from: 00:00, to: 02:00, count: 2", "role: doctor, from: 01:00, to: 01:30"
        ),
    )
    played = play(OVERDOSE, *sets, arrivals=[115], onset=[NEVER])
    assert left(played) == [135, 120, 90]


def test_supervision_keeps_its_minimum_and_its_mix():
    mix = "minimum: 2, at_least: {social_worker: 1}"
    sets = (
        "overdose=null",
        "staff.roles.social_worker={}",
        rota(
            "role: nurse, from: 00:00, to: 02:00, count: 2",
            "role: social_worker, from: 00:00, to: 02:00, count: 2",
        ),
        f"supervision=[{{rooms: [booths], roles: [social_worker, nurse], {mix}}}]",
    )
    played = play(OVERDOSE, *sets, "visits.use.overdose=null", arrivals=[115])
    # Of four the last social worker and the last but one go, as far as the mix allows.
    assert left(played) == [135, 120, 135, 120]


def test_each_goes_when_those_inside_can_be_watched_without():
    def site(places: float) -> Played:
        return play(
            OVERDOSE,
            "overdose=null",
            "visits.use.overdose=null",
            "staff.rota.0.count=3",
            f"supervision=[{{rooms: [booths], roles: [nurse], places_per_staff: {places}}}]",
            arrivals=[101, 102, 103],
        )

    assert left(site(1)) == [123, 122, 121]
    # One can watch 1, two 3; at 122 the second goes, at 123 the first.
    assert left(site(1.5)) == [123, 122, 120]


def test_of_those_who_stay_the_earlier_end_goes_first():
    sets = (
        "overdose=null",
        "visits.use.overdose=null",
        rota("role: nurse, from: 00:00, to: 02:00", "role: nurse, from: 00:00, to: 02:04"),
        "supervision=[{rooms: [booths], roles: [nurse], places_per_staff: 1}]",
    )
    # Two are inside until 128, and one until 135.
    assert left(play(OVERDOSE, *sets, arrivals=[108, 115])) == [128, 135]


def test_who_is_on_a_break_does_not_count_as_there():
    pause = "breaks: [{length: 9, from: 01:55, to: 01:55}]"
    sets = rota(
        f"role: nurse, from: 00:00, to: 02:12, {pause}", "role: nurse, from: 00:00, to: 02:00"
    )
    played = play(OVERDOSE, sets, arrivals=[115], onset=[NEVER])
    # The first has a break 115-124 and a shift until 132; the second stays until she is back.
    assert left(played) == [135, 124]


def test_who_responds_counts_as_there():
    played = play(OVERDOSE, "staff.rota.0.count=2", arrivals=[109, 115], onset=[9, NEVER])
    # The overdose 118-133 by the first. The largest team is one, and so the second goes.
    assert left(played) == [135, 120]


def test_at_the_next_opening_they_go():
    sets = (
        "opening.hours=[00:00-02:00, 02:10-04:00]",
        rota("role: nurse, from: 00:00, to: 02:00", "role: nurse, from: 03:00, to: 04:00"),
    )
    played = play(OVERDOSE, *sets, arrivals=[115], onset=[17])
    # She is there until it opens at 130; from then on the rota holds, and has nobody until 180.
    assert left(played)[0] == 130
    assert played.responses("first") == [180]
    played = play(OVERDOSE, *sets, arrivals=[115], onset=[14])
    assert played.responses("first") == [129]
    assert left(played)[0] == 144


def test_who_is_absent_does_not_stay():
    played = play(
        OVERDOSE, "staff.rota.0.count=2", arrivals=[115], onset=[10], absent=[True, False] * 2
    )
    assert left(played) == [None, 140]


# --- the end of the shift ------------------------------------------------------------------------


@pytest.mark.parametrize(("mode", "out"), [("finish", 130), ("hand_over", 130)])
def test_whoever_stays_goes_on_with_what_they_have_in_hand(mode: str, out: float):
    played = play(SERVICE, f"staff.end_of_shift={mode}", arrivals=[100])
    # The talk 120-130 begins as the shift ends; it is not handed over.
    assert played.service("talk") == [(120, 120, 130)]
    assert left(played) == [out]


def test_a_task_in_hand_that_nobody_inside_needs_is_finished_or_handed_over():
    sets = ("rooms.booths.cleaning={duration: 9, roles: [nurse]}", "services.talk.roles=[nurse]")
    played = play(SERVICE, *sets, arrivals=[(98, "plain")])
    # Cleaning 118-127.
    assert left(played) == [127]
    played = play(
        SERVICE, *sets, "staff.end_of_shift=hand_over", TWO_DAYS, arrivals=[(98, "plain")]
    )
    assert left(played) == [120]
    assert played.series("room:booths:cleaning", until=2880) == [(118, 1), (1447, 0)]


def test_pooled_who_stays_is_on_duty():
    played = play(
        SERVICE,
        "staff.end_of_shift=finish_pooled",
        "staff.rota.0.count=2",
        arrivals=[105, 107],
    )
    # The second nurse goes at 120. Talks 125-135, and then 135-145.
    assert played.service("talk") == [(125, 125, 135), (127, 135, 145)]
    assert left(played) == [145, 120]


def test_an_overdose_takes_staff_from_a_task_that_goes_on_afterwards():
    sets = (
        "overdose={severities: {usual: {share: 1, team: [[nurse]], intensive: 5}}}",
        "visits.plain.overdose={per_1000: 0, onset: 1}",
    )
    played = play(SERVICE, *sets, arrivals=[101, (115, "plain")], onset=[NEVER, 10])
    # Talk 121-125 and 130-136, the overdose 125-130.
    assert played.service("talk")[0] == (121, 121, 136)
    assert played.responses("first") == [125]
    assert left(played) == [136]


# --- whom nobody stays for -----------------------------------------------------------------------


def test_a_service_is_skipped_when_nobody_is_there_who_could_give_it():
    sets = (EARLY, "aftercare={}", "visits.use.aftercare={share: 1, stay: 7}")
    played = play(SERVICE, *sets, arrivals=[105])
    # The stay 105-125, no talk, and the rest 125-132.
    assert played.outcomes() == ["served"]
    assert played.service("talk") == [(125, None, 125)]
    assert played.visits("aftercare_start") == [125]
    assert played.visits("out") == [132]


def test_who_waits_for_a_service_at_closing_goes_on_without():
    played = play(SERVICE, EARLY, arrivals=[97])
    # In line from 117.
    assert played.service("talk") == [(117, None, 120)]
    assert played.visits("out") == [120]


def test_who_is_not_registered_is_dismissed_at_closing():
    played = play(DESK, EARLY, arrivals=[116])
    assert played.outcomes() == ["dismissed_at_close"]
    assert played.visits("out") == [120]
    assert played.visits("waited") == [4]


def test_who_waits_for_a_service_before_the_stay_is_dismissed():
    played = play(
        SERVICE,
        EARLY,
        "opening.queue_at_close=serve",
        "services.talk.when=before",
        arrivals=[100, 111, 116],
    )
    # 100-110 and 111-121, in overtime; the third waits until closing.
    assert played.outcomes() == ["served", "served", "dismissed_at_close"]
    assert played.visits("out") == [130, 141, 120]


def test_a_place_that_nobody_will_clean_is_not_waited_for():
    sets = (
        EARLY,
        "check_in=null",
        "rooms.booths={places: 2, cleaning: {duration: 4, roles: [nurse]}}",
    )
    played = play(DESK, *sets, arrivals=[92, 97, 98, 99])
    # 92-112, cleaned until 116, in overtime, and taken by the third; 97-117, and not cleaned. The
    # fourth waits in vain.
    assert played.stays()[:3] == [(92, 112), (97, 117), (116, 136)]
    assert played.outcomes()[3] == "dismissed_at_close"
    assert played.visits("out")[3] == 120


def test_a_cleaning_that_is_being_finished_is_waited_for():
    sets = (
        EARLY,
        "check_in=null",
        "rooms.booths={places: 1, cleaning: {duration: 9, roles: [nurse]}}",
    )
    played = play(DESK, *sets, arrivals=[94, 95])
    # 94-114, cleaned until 123, in overtime.
    assert played.stays() == [(94, 114), (123, 143)]


def test_a_place_that_nobody_will_watch_is_not_waited_for():
    sets = (EARLY, "check_in=null", "supervision=[{rooms: [booths], roles: [nurse]}]")
    played = play(DESK, *sets, arrivals=[114, 116])
    assert played.outcomes() == ["served", "dismissed_at_close"]
    assert played.visits("out") == [134, 120]


def test_what_an_earlier_shift_handed_over_is_not_waited_for():
    played = play(SERVICE, EARLY, "staff.end_of_shift=hand_over", arrivals=[92])
    # The talk 112-115 has begun, and nobody goes on with it: it is not skipped, but cut short.
    assert played.service("talk") == [(112, 112, None)]
    assert played.visits("out") == [120]
    before = (
        "services.talk.when=before",
        "opening.queue_at_close=serve",
        "staff.end_of_shift=hand_over",
    )
    assert play(SERVICE, EARLY, *before, arrivals=[112]).outcomes() == ["cut_short"]


def test_a_shift_after_closing_does_what_is_needed():
    sets = rota("role: nurse, from: 02:05, to: 02:10")
    played = play(SERVICE, sets, arrivals=[106])
    # The stay ends at 126, when somebody has come; she stays until 136.
    assert played.service("talk") == [(126, 126, 136)]
    assert left(played) == [136]


def test_around_the_clock_nothing_changes():
    sets = ("opening.hours=24/7", "staff.rota.0.to=24:00")
    for stay in (GO, "staff.stay_until_empty=true"):
        played = play(OVERDOSE, *sets, stay, TWO_DAYS, arrivals=[1420, 2850], onset=[10, 5])
        assert played.responses("first") == [1430, 2855]
        assert left(played) == [1445]


# --- tasks during the stay -----------------------------------------------------------------------

LOOKS = """
opening: {hours: 00:00-02:00}
visits:
  use: {rooms: [booths], stay: 20, stay_tasks: {look: 1}}
rooms: {booths: {places: 5}}
stay_tasks: {look: {duration: 3, roles: [nurse], after: 12, stay: waits}}
staff:
  roles: {nurse: {}}
  rota: [{role: nurse, from: 00:00, to: 02:00}]
"""


@pytest.mark.parametrize("stay", ["waits", "runs_on"])
def test_a_task_during_the_stay_keeps_staff_until_it_is_done(stay: str):
    played = play(LOOKS, f"stay_tasks.look.stay={stay}", arrivals=[115])
    # The look 127-130; the stay of 20 minutes ends at 138, or has run on until 135.
    assert left(played) == [130]
    assert played.people("stay_task") == [3]
    assert played.visits("out") == [138 if stay == "waits" else 135]


def test_a_task_during_the_stay_is_skipped_when_nobody_is_there():
    played = play(LOOKS, EARLY, arrivals=[115])
    assert played.visits("out") == [135]
    assert left(played) == [115]
    # Asked for at 118, and not waited for after closing: the clock stood still for two minutes.
    played = play(LOOKS, EARLY, arrivals=[106])
    assert played.visits("out") == [128]
    played = play(LOOKS, EARLY, "stay_tasks.look.stay=runs_on", arrivals=[106])
    assert played.visits("out") == [126]
    # Otherwise the stay waits for the next shift.
    played = play(LOOKS, EARLY, GO, TWO_DAYS, arrivals=[106])
    assert played.visits("out") == [1451]
