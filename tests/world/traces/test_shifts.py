"""Shifts: how they end, who is absent, and rotas that come to the same.

The site is open from minute 0 to 180. One nurse works until 60, another from 60.
"""

import pytest

from tests.support.played import Played, play, same_columns

NEVER = float("inf")

SITE = """
opening: {hours: 00:00-03:00}
visits:
  use: {services: {care: 1}}
services:
  care: {duration: 20, roles: [nurse]}
staff:
  roles: {nurse: {}}
  rota:
    - {role: nurse, from: 00:00, to: 01:00}
    - {role: nurse, from: 01:00, to: 03:00}
"""


def end(mode: str) -> str:
    """The setting of the switch."""
    return f"staff.end_of_shift={mode}"


def care(played: Played) -> list[tuple[float | None, float | None]]:
    """When each visit's care began and ended."""
    return [(begin, until) for _, begin, until in played.service("care")]


# --- finish ----------------------------------------------------------------------------------


@pytest.mark.parametrize("sets", [(), (end("finish"),)])
def test_finish_the_task_in_hand_and_the_next_shift_is_complete_at_once(sets: tuple[str, ...]):
    played = play(SITE, *sets, arrivals=[50, 51])
    # The first nurse 50-70, ten minutes beyond her shift; the second begins at 60.
    assert care(played) == [(50, 70), (60, 80)]
    assert played.people("left") == [70, 180]
    assert played.people("service") == [20, 20]
    assert played.series("role:nurse:overtime") == [(60, 1), (70, 0)]
    assert played.series("role:nurse:on_duty") == [(0, 1), (180, 0)]
    assert played.series("role:nurse:service") == [(50, 1), (60, 2), (70, 1), (80, 0)]


def test_finish_but_take_no_more():
    played = play(SITE, "staff.rota.1.from=01:30", arrivals=[50, 51])
    # The first nurse is free at 70 but off duty; the second comes at 90.
    assert care(played) == [(50, 70), (90, 110)]


def test_tie_a_task_that_is_done_when_the_shift_ends_is_no_overtime():
    played = play(SITE, arrivals=[40, 41])
    assert care(played) == [(40, 60), (60, 80)]
    assert played.people("left") == [60, 180]
    assert played.series("role:nurse:overtime") == []


def test_tie_who_comes_at_the_change_of_shift_is_met_by_the_next():
    played = play(SITE, arrivals=[60])
    assert care(played) == [(60, 80)]
    assert played.people("service") == [0, 20]


# --- finish_pooled ---------------------------------------------------------------------------


def test_pooled_nobody_starts_until_fewer_are_busy_than_are_on_duty():
    played = play(SITE, end("finish_pooled"), arrivals=[50, 51])
    # From 60 one is on duty and one, in overtime, is busy until 70.
    assert care(played) == [(50, 70), (70, 90)]
    assert played.people("left") == [70, 180]
    assert played.people("service") == [20, 20]


def test_pooled_two_in_overtime_hold_back_one():
    played = play(
        SITE,
        end("finish_pooled"),
        "staff.rota.0.count=2",
        arrivals=[50, 50, 55],
        service=[[20, 25, 20]],
    )
    # 50-70 and 50-75; at 70 one is still busy, which is not below one.
    assert care(played) == [(50, 70), (50, 75), (75, 95)]


def test_pooled_one_in_overtime_holds_back_one_of_two():
    played = play(SITE, end("finish_pooled"), "staff.rota.1.count=2", arrivals=[50, 51, 52])
    # From 60: level 2, one busy until 70: one starts at 60, the other at 70.
    assert care(played) == [(50, 70), (60, 80), (70, 90)]


def test_tie_pooled_a_task_that_is_done_at_the_change_of_shift_holds_nobody_back():
    played = play(SITE, end("finish_pooled"), arrivals=[40, 41])
    assert care(played) == [(40, 60), (60, 80)]


def test_pooled_another_role_is_not_held_back():
    played = play(
        SITE,
        end("finish_pooled"),
        "staff.roles.social_worker={}",
        "services.care.roles=[nurse, social_worker]",
        "staff.rota=[{role: nurse, from: 00:00, to: 01:00}, {role: nurse, from: 01:00, to: 03:00},"
        " {role: social_worker, from: 00:00, to: 03:00}]",
        arrivals=[50, 51, 52],
        service=[[20, 11, 20]],
    )
    # The nurse 50-70, the social worker 51-62. At 62 the nurse on duty is held back until 70,
    # but the social worker is not.
    assert care(played) == [(50, 70), (51, 62), (62, 82)]


# --- hand_over -------------------------------------------------------------------------------


def test_hand_over_to_the_next_shift():
    played = play(SITE, end("hand_over"), arrivals=[50, 51])
    # 50-60 by the first nurse, the other ten minutes at once by the second; then the second task.
    assert care(played) == [(50, 70), (70, 90)]
    assert played.people("left") == [60, 180]
    assert played.people("service") == [10, 30]
    assert played.series("role:nurse:overtime") == []


def test_hand_over_when_nobody_is_there_yet():
    played = play(SITE, end("hand_over"), "staff.rota.1.from=01:30", arrivals=[50, 51])
    # At the head of the queue from 60 to 90: 90-100; then 100-120.
    assert care(played) == [(50, 100), (100, 120)]
    assert played.series("site:waiting_service") == [(51, 1), (60, 2), (90, 1), (100, 0)]


def test_hand_over_of_check_in_and_cleaning():
    played = play(
        """
opening: {hours: 00:00-03:00}
visits: {use: {rooms: [booths], stay: 20}}
rooms: {booths: {places: 2, cleaning: {duration: 30, roles: [nurse]}}}
check_in: {times: {known: 10}, roles: [nurse]}
staff:
  roles: {nurse: {}}
  rota: [{role: nurse, from: 00:00, to: 01:00}, {role: nurse, from: 01:30, to: 05:00}]
  end_of_shift: hand_over
""",
        arrivals=[10, 55],
    )
    # First: check-in 10-20, place 20-40, cleaned from 40. At 60 cleaning has 10 minutes left, and
    # the second waits to be registered since 55. At 90: check-in 90-100, cleaning 100-110.
    assert played.visits("check_in_start") == [10, 90]
    assert played.stays() == [(20, 40), (100, 120)]
    cleaning = [(40, 1), (110, 0), (120, 1), (150, 0)]
    assert played.series("room:booths:cleaning") == cleaning


def test_tie_a_task_that_is_done_when_the_shift_ends_is_not_handed_over():
    played = play(SITE, end("hand_over"), "staff.rota.1.from=01:30", arrivals=[40, 41])
    # The care is complete at 60: there is nothing to hand over.
    assert care(played) == [(40, 60), (90, 110)]
    assert played.visits("out") == [60, 110]


@pytest.mark.parametrize("mode", ["finish", "finish_pooled", "hand_over"])
def test_an_overdose_response_is_always_finished(mode: str):
    played = play(
        SITE + "rooms: {booths: {places: 1}}\n"
        "overdose: {severities: {usual: {share: 1, team: [[nurse]], intensive: 10}}}\n",
        end(mode),
        "visits.inject={share: 0, rooms: [booths], stay: 30, overdose: {per_1000: 0, onset: 5}}",
        arrivals=[(50, "inject"), (56, "use")],
        onset=[5, NEVER],
    )
    # 55-65 by the first nurse. The care is the second nurse's: at once, or when pooled at 65.
    assert played.responses("end") == [65]
    assert played.people("left")[0] == 65
    assert played.people("respond") == [10, 0]
    assert care(played)[1] == ((65, 85) if mode == "finish_pooled" else (60, 80))


# --- absence ---------------------------------------------------------------------------------


def test_when_everybody_is_absent_nothing_is_done():
    played = play(SITE, "staff.absence=1", arrivals=[50])
    assert played.outcomes() == ["dismissed_at_close"]
    assert played.visits("out") == [180]
    assert played.people("absent") == [1, 1]
    assert played.people("left") == [None, None]
    assert played.series("role:nurse:on_duty") == []


def test_when_one_is_absent_the_others_work():
    played = play(SITE, "staff.rota.0.count=2", arrivals=[0, 1], absent=[True, False, False] * 2)
    # The second member of the first shift works alone.
    assert care(played) == [(0, 20), (20, 40)]
    assert played.people("service") == [0, 40, 0]


def test_nobody_is_absent_unless_it_is_said():
    assert play(SITE, arrivals=[]).people("absent") == [0, 0]


# --- rotas that come to the same ---------------------------------------------------------------

BUSY = [0, 3, 7, 8, 24, 31, 33, 36, 47, 55, 58, 59, 70, 81, 82, 83, 99, 110]

SKILLS = """
opening: {hours: 00:00-03:00, queue_at_close: serve}
visits:
  use:
    rooms: [booths]
    stay: 13
    services: {care: 1}
    overdose: {per_1000: 0, onset: 5}
rooms:
  booths: {places: 3, cleaning: {duration: 2, roles: [nurse]}}
check_in: {times: {known: 3}, roles: [nurse]}
services:
  care: {duration: 7, roles: [nurse]}
overdose:
  severities: {usual: {share: 1, team: [[nurse], [nurse]], intensive: 11}}
staff:
  roles: {nurse: {}}
  rota: [{role: nurse, from: 00:00, to: 09:00, count: 2}]
"""

ONSETS = [NEVER, 4, *[NEVER] * 8, 6, 7, *[NEVER] * 6]


def same_visits(one: Played, other: Played) -> bool:
    """Whether all visits and responses went alike."""
    return (
        same_columns(one.log.visits, other.log.visits)
        and same_columns(one.log.responses, other.log.responses)
        and one.service("care") == other.service("care")
    )


def test_shifts_that_meet_without_overlap_are_one_long_shift():
    long = play(SKILLS, end("hand_over"), arrivals=BUSY, onset=ONSETS)
    two = "staff.rota=[{role: nurse, from: 00:00, to: 00:44, count: 2},"
    met = play(
        SKILLS,
        end("hand_over"),
        f"{two} {{role: nurse, from: 00:44, to: 09:00, count: 2}}]",
        arrivals=BUSY,
        onset=ONSETS,
    )
    assert same_visits(long, met)
    assert any(long.visits("waited"))


def test_two_roles_with_the_same_skills_are_one_role():
    both = "[nurse, social_worker]"
    pooled = play(SKILLS, arrivals=BUSY, onset=ONSETS)
    split = play(
        SKILLS,
        "staff.roles.social_worker={}",
        "staff.rota=[{role: nurse, from: 00:00, to: 09:00},"
        " {role: social_worker, from: 00:00, to: 09:00}]",
        f"rooms.booths.cleaning.roles={both}",
        f"check_in.roles={both}",
        f"services.care.roles={both}",
        f"overdose.severities.usual.team=[{both}, {both}]",
        arrivals=BUSY,
        onset=ONSETS,
    )
    assert same_visits(pooled, split)
    assert {where for where in pooled.overdoses() if where != "none"} == {"place"}


def test_a_break_that_never_comes_is_no_break():
    none = play(SKILLS, arrivals=BUSY, onset=ONSETS)
    late = play(
        SKILLS,
        "staff.rota.0.breaks=[{length: 30, from: 08:30, to: 09:00}]",
        arrivals=BUSY,
        onset=ONSETS,
    )
    assert same_visits(none, late)


# --- working days ----------------------------------------------------------------------------

BO = "people: [Bo]"


def rows(*lines: str) -> str:
    """The setting of a rota of lines of nurses."""
    listed = ", ".join(
        f"{{{line}}}" if "role:" in line else f"{{role: nurse, {line}}}" for line in lines
    )
    return f"staff.rota=[{listed}]"


def test_two_rows_of_one_person_that_touch_are_one_person():
    sets = rows(f"from: 00:00, to: 01:00, {BO}", f"from: 01:00, to: 03:00, {BO}")
    played = play(SITE, sets, arrivals=[50, 51])
    # The second waits for the first to be done, and nobody is in overtime at 60.
    assert care(played) == [(50, 70), (70, 90)]
    assert played.people("left") == [60, 180]
    assert played.people("service") == [10, 30]
    assert played.series("role:nurse:overtime") == []
    assert played.series("role:nurse:on_duty") == [(0, 1), (180, 0)]
    assert played.series("role:nurse:service") == [(50, 1), (90, 0)]
    # Three hours in one go, told of with the last row.
    assert played.people("longest_stretch") == [None, 180]


@pytest.mark.parametrize("mode", ["finish", "finish_pooled", "hand_over"])
def test_one_row_and_two_rows_come_to_the_same(mode: str):
    one = rows(f"from: 00:00, to: 03:00, {BO}", "from: 00:30, to: 02:00")
    two = rows(
        f"from: 00:00, to: 01:00, {BO}", f"from: 01:00, to: 03:00, {BO}", "from: 00:30, to: 02:00"
    )
    arrivals = [0, 5, 41, 43, 55, 62, 100, 115]
    whole, parts = (play(SITE, end(mode), one_of, arrivals=arrivals) for one_of in (one, two))
    assert care(whole) == care(parts)
    for series in ("on_duty", "present", "service", "overtime"):
        name = f"role:nurse:{series}"
        assert whole.series(name) == parts.series(name)


def test_after_half_an_hour_off_a_person_is_still_one():
    sets = rows(f"from: 00:00, to: 01:00, {BO}", f"from: 01:05, to: 03:00, {BO}")
    played = play(SITE, sets, arrivals=[50, 66])
    # Five minutes of overtime until the next row begins at 65, with the task still in hand.
    assert care(played) == [(50, 70), (70, 90)]
    assert played.people("left") == [65, 180]
    assert played.people("service") == [15, 25]
    assert played.series("role:nurse:overtime") == [(60, 1), (65, 0)]
    assert played.series("role:nurse:on_duty") == [(0, 1), (60, 0), (65, 1), (180, 0)]


def test_rows_of_one_person_that_overlap_are_one_person():
    sets = rows(f"from: 00:00, to: 01:30, {BO}", f"from: 01:00, to: 03:00, {BO}")
    played = play(SITE, sets, arrivals=[70, 71])
    assert care(played) == [(70, 90), (90, 110)]
    assert played.series("role:nurse:on_duty") == [(0, 1), (180, 0)]
    # A row within another: an hour of it is taken out of the longer one.
    sets = rows(f"from: 00:00, to: 03:00, {BO}", f"from: 01:00, to: 02:00, {BO}")
    played = play(SITE, sets, arrivals=[70, 71])
    assert care(played) == [(70, 90), (90, 110)]
    assert played.people("start") == [0, 60, 120]
    assert played.people("end") == [60, 120, 180]


def test_a_person_who_changes_role_takes_the_task_in_hand_along():
    sets = (
        "staff.roles.social_worker={}",
        rows(f"from: 00:00, to: 01:00, {BO}", f"role: social_worker, from: 01:00, to: 03:00, {BO}"),
    )
    played = play(SITE, *sets, arrivals=[50, 61])
    # No nurse is left for the second.
    assert care(played) == [(50, 70), (None, None)]
    assert played.series("role:nurse:service") == [(50, 1), (60, 0)]
    assert played.series("role:social_worker:service") == [(60, 1), (70, 0)]
    assert played.series("role:nurse:on_duty") == [(0, 1), (60, 0)]
    assert played.series("role:social_worker:on_duty") == [(60, 1), (180, 0)]
    assert played.people("service") == [10, 10]


def test_who_hands_over_does_so_only_what_the_next_role_cannot_do():
    sets = (
        "staff.roles.social_worker={}",
        end("hand_over"),
        rows(
            f"from: 00:00, to: 01:00, {BO}",
            f"role: social_worker, from: 01:00, to: 03:00, {BO}",
            "from: 01:00, to: 03:00",
        ),
    )
    played = play(SITE, *sets, arrivals=[50])
    assert care(played) == [(50, 70)]
    assert played.people("service") == [10, 0, 10]
    both = "services.care.roles=[nurse, social_worker]"
    assert play(SITE, *sets, both, arrivals=[50]).people("service") == [10, 10, 0]


def test_a_break_may_be_taken_in_the_row_that_follows():
    rest = "breaks: [{length: 15, from: 00:50, to: 01:20, minimum_left: 1}]"
    sets = rows(f"from: 00:00, to: 01:00, {BO}, {rest}", f"from: 01:00, to: 03:00, {BO}")
    played = play(SITE, sets, arrivals=[])
    # Nobody else is there, so at the end of the window: 80 to 95, and 85 minutes are left.
    assert played.series("role:nurse:on_break") == [(80, 1), (95, 0)]
    assert played.people("breaks_due") == [1, 0]
    assert played.people("breaks_missed") == [0, 0]
    assert played.people("break_minutes") == [0, 15]
    assert played.people("longest_stretch") == [None, 85]


def test_a_break_goes_on_from_one_row_to_the_next():
    rest = "breaks: [{length: 15, from: 00:50, to: 01:20}]"
    sets = rows(f"from: 00:00, to: 01:00, {BO}, {rest}", f"from: 01:00, to: 03:00, {BO}")
    played = play(SITE, sets, arrivals=[55])
    assert care(played) == [(65, 85)]
    assert played.series("role:nurse:on_break") == [(50, 1), (65, 0)]
    # Ten minutes of it in the first row, and five in the second.
    assert played.people("break_minutes") == [10, 5]
    assert played.people("longest_stretch") == [None, 115]


def test_a_break_goes_on_from_one_role_to_the_next():
    rest = "breaks: [{length: 15, from: 00:50, to: 01:20}]"
    sets = (
        "staff.roles.social_worker={}",
        rows(
            f"from: 00:00, to: 01:00, {BO}, {rest}",
            f"role: social_worker, from: 01:00, to: 03:00, {BO}",
        ),
    )
    played = play(SITE, *sets, arrivals=[])
    assert played.series("role:nurse:on_break") == [(50, 1), (60, 0)]
    assert played.series("role:social_worker:on_break") == [(60, 1), (65, 0)]
    assert played.people("break_minutes") == [10, 5]


def test_a_row_across_midnight_goes_on():
    sets = (
        "horizon.days=2",
        "opening.hours=24/7",
        rows(f"from: 22:00, to: 24:00, {BO}", f"from: 00:00, to: 06:00, {BO}"),
    )
    played = play(SITE, *sets, arrivals=[1430, 1431])
    assert care(played) == [(1430, 1450), (1450, 1470)]
    assert played.series("role:nurse:on_duty", 2880)[:4] == [(0, 1), (360, 0), (1320, 1), (1800, 0)]


def test_tie_who_has_been_free_as_long_is_chosen_by_the_days_first_row():
    cy = "from: 00:00, to: 03:00, people: [Cy]"
    first, then = f"from: 00:00, to: 01:00, {BO}", f"from: 01:00, to: 03:00, {BO}"
    assert play(SITE, rows(first, cy, then), arrivals=[61]).people("service") == [0, 0, 20]
    assert play(SITE, rows(cy, first, then), arrivals=[61]).people("service") == [20, 0, 0]


def test_who_is_absent_misses_the_whole_working_day():
    sets = (
        "horizon.days=200",
        "staff.absence=0.5",
        rows(
            f"from: 00:00, to: 01:00, {BO}",
            f"from: 02:00, to: 03:00, {BO}",
            "from: 00:00, to: 03:00, people: [Cy]",
        ),
    )
    played = play(SITE, *sets, arrivals=[])
    people = played.log.people
    first, second, other = (people["absent"][people["line"] == line].tolist() for line in range(3))
    assert first == second != other
    # 201 days, half of them: within four standard errors.
    assert abs(sum(first) - 100.5) < 4 * 201**0.5 / 2


def test_rows_that_touch_are_one_working_day_however_long():
    """Whoever is on shift round the clock is there all the time or not at all."""
    names = [f"P{number}" for number in range(40)]
    people = f"from: 00:00, to: 24:00, people: [{', '.join(names)}], count: 40"
    played = play(SITE, "horizon.days=3", "staff.absence=0.5", rows(people), arrivals=[])
    table = played.log.people
    away = [set(table["absent"][table["member"] == number].tolist()) for number in range(40)]
    assert all(len(one) == 1 for one in away)
    assert {value for one in away for value in one} == {0, 1}
