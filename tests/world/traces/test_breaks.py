"""Breaks: in their window when free and covered, at its end in any case, missed after the shift.

The site is open from minute 0 to 180. The nurse's break of 15 minutes begins between 10 and 40.
"""

import pytest

from tests.support.played import Played, play

SITE = """
opening: {hours: 00:00-03:00}
visits:
  use: {services: {care: 1}}
services:
  care: {duration: 12, roles: [nurse]}
staff:
  roles: {nurse: {}}
  rota:
    - {role: nurse, from: 00:00, to: 03:00, breaks: [{length: 15, from: 00:10, to: 00:40}]}
"""

COVER = "staff.rota.0.breaks.0.minimum_left=1"


def breaks(played: Played) -> list[tuple[float, float]]:
    """How many are on a break, from when."""
    return played.series("role:nurse:on_break")


def starts(played: Played) -> list[float | None]:
    """When each visit's care began."""
    return [start for _, start, _ in played.service("care")]


def test_it_begins_with_the_window_when_free():
    played = play(SITE, arrivals=[])
    assert breaks(played) == [(10, 1), (25, 0)]
    assert played.people("breaks_due") == [1]
    assert played.people("breaks_deferred") == played.people("breaks_missed") == [0]
    assert played.people("break_minutes") == [15]
    # From 25 to 180.
    assert played.people("longest_stretch") == [155]


def test_else_when_the_task_in_hand_ends():
    played = play(SITE, arrivals=[5, 20])
    # Care 5-17, break 17-32, care 32-44.
    assert breaks(played) == [(17, 1), (32, 0)]
    assert starts(played) == [5, 32]


def test_within_the_window_those_who_wait_go_first():
    played = play(SITE, arrivals=[5, 6])
    # Somebody waits at 17: she is not free until 29.
    assert starts(played) == [5, 17]
    assert breaks(played) == [(29, 1), (44, 0)]


def test_when_the_window_is_over_the_break_goes_first():
    played = play(SITE, arrivals=[5, 6, 7, 8])
    # Care 5-17, 17-29, 29-41; the window is over at 40, so the break is 41-56, then care.
    assert starts(played) == [5, 17, 29, 56]
    assert breaks(played) == [(41, 1), (56, 0)]
    assert played.people("breaks_deferred") == [1]
    assert played.people("breaks_missed") == [0]


def test_within_the_window_others_must_be_there():
    played = play(SITE, COVER, "staff.rota.0.count=2", arrivals=[])
    # One after the other: the lower number 10-25, then the other 25-40.
    assert breaks(played) == [(10, 1), (40, 0)]
    assert played.people("break_minutes") == [15, 15]
    assert played.people("longest_stretch") == [155, 140]


def test_without_cover_being_asked_for_both_go_at_once():
    played = play(SITE, "staff.rota.0.count=2", arrivals=[])
    assert breaks(played) == [(10, 2), (25, 0)]


def test_cover_is_that_of_the_same_role():
    played = play(
        SITE,
        "staff.roles.social_worker={}",
        "staff.rota=[{role: nurse, from: 00:00, to: 03:00, breaks: [{length: 15, from: 00:10,"
        " to: 00:40, minimum_left: 1}]}, {role: social_worker, from: 00:00, to: 03:00}]",
        arrivals=[],
    )
    # No other nurse is there, so not before the window's end.
    assert breaks(played) == [(40, 1), (55, 0)]


def test_cover_may_come_during_the_window():
    played = play(
        SITE,
        "staff.rota=[{role: nurse, from: 00:00, to: 03:00, breaks: [{length: 15, from: 00:10,"
        " to: 00:40, minimum_left: 1}]}, {role: nurse, from: 00:30, to: 03:00}]",
        arrivals=[],
    )
    assert breaks(played) == [(30, 1), (45, 0)]


def test_a_busy_colleague_is_cover_too():
    played = play(SITE, COVER, "staff.rota.0.count=2", arrivals=[5])
    # The one who gives care 5-17 is there while the other has the break, 10-25.
    assert breaks(played) == [(10, 1), (40, 0)]


def test_at_the_windows_end_it_begins_without_cover():
    played = play(SITE, COVER, arrivals=[])
    assert breaks(played) == [(40, 1), (55, 0)]


def test_at_the_windows_end_the_task_in_hand_is_finished_first():
    played = play(SITE, COVER, arrivals=[30, 33])
    # Care 30-42, break 42-57, care 57-69.
    assert starts(played) == [30, 57]
    assert breaks(played) == [(42, 1), (57, 0)]
    assert played.people("breaks_deferred") == [1]


def test_it_is_missed_when_the_shift_ends_first():
    played = play(
        SITE, COVER, "staff.rota.0.to=00:41", "staff.end_of_shift=finish", arrivals=[30, 33]
    )
    # Care 30-42; the shift ends at 41.
    assert breaks(played) == []
    assert played.people("breaks_missed") == [1]
    assert played.people("breaks_deferred") == [0]
    assert played.people("longest_stretch") == [42]


def test_a_break_ends_with_the_shift():
    played = play(SITE, "staff.rota.0.to=00:20", arrivals=[])
    assert breaks(played) == [(10, 1), (20, 0)]
    assert played.people("break_minutes") == [10]
    assert played.people("left") == [20]


def test_two_breaks():
    played = play(
        SITE,
        "staff.rota.0.breaks=[{length: 15, from: 00:10, to: 00:40},"
        " {length: 5, from: 01:00, to: 01:30}]",
        arrivals=[55],
    )
    # Care 55-67.
    assert breaks(played) == [(10, 1), (25, 0), (67, 1), (72, 0)]
    assert played.people("breaks_due") == [2]


def test_each_person_of_a_line_has_the_break():
    played = play(SITE, COVER, "staff.rota.0.count=3", arrivals=[])
    # 10-25 two of three may go (one other must be there): both at once; the third 25-40.
    assert breaks(played) == [(10, 2), (25, 1), (40, 0)]


# --- ties ----------------------------------------------------------------------------------------


def test_tie_a_break_begins_before_somebody_arrives():
    played = play(SITE, arrivals=[10])
    assert starts(played) == [25]


def test_tie_a_break_ends_before_somebody_arrives():
    played = play(SITE, arrivals=[25])
    assert starts(played) == [25]


def test_tie_a_task_is_done_when_the_window_begins():
    played = play(SITE, "services.care.duration=5", arrivals=[5])
    # Free at 10.
    assert breaks(played) == [(10, 1), (25, 0)]


def test_tie_a_task_is_done_when_the_window_ends():
    played = play(SITE, COVER, arrivals=[28, 29])
    # Care 28-40: at 40 the window is over, the break goes before the care that waits.
    assert starts(played) == [28, 55]
    assert breaks(played) == [(40, 1), (55, 0)]


def test_tie_a_break_ends_before_a_colleague_may_go():
    sets = (COVER, "staff.rota.0.count=2", "staff.rota.0.breaks.0.to=00:25")
    played = play(SITE, *sets, arrivals=[])
    # 10-25, and at 25 both: the window's end and the return of the first.
    assert breaks(played) == [(10, 1), (40, 0)]


def test_tie_the_shift_ends_before_a_break_begins():
    played = play(SITE, COVER, "staff.rota.0.to=00:40", arrivals=[])
    assert breaks(played) == []
    assert played.people("breaks_missed") == [1]


# --- nights --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("window", "begins"), [("from: 01:00, to: 02:00", 1500), ("from: 23:00, to: 23:30", 1380)]
)
def test_a_break_of_a_night_shift(window: str, begins: float):
    played = play(
        SITE + "horizon: {days: 2}\n",
        "opening.hours=24/7",
        "staff.rota.0.from=22:00",
        "staff.rota.0.to=06:00 next day",
        f"staff.rota.0.breaks=[{{length: 15, {window}}}]",
        arrivals=[],
    )
    tonight = [step for step in played.series("role:nurse:on_break", 2880) if step[0] > 1320]
    assert tonight[:2] == [(begins, 1), (begins + 15, 0)]


# --- before the work that waits, and others of other roles ---------------------------------------

AT_ONCE = "staff.break_when=as_soon_as_covered"


def test_as_soon_as_covered_it_goes_before_the_work_that_waits():
    played = play(SITE, AT_ONCE, arrivals=[5, 6])
    # Care 5-17; the other waits until the break, 17-32, is over.
    assert breaks(played) == [(17, 1), (32, 0)]
    assert starts(played) == [5, 32]
    # Otherwise two cares first, 5-17 and 17-29.
    played = play(SITE, "staff.break_when=when_no_work_waits", arrivals=[5, 6])
    assert breaks(played) == [(29, 1), (44, 0)]


def test_as_soon_as_covered_waits_for_cover():
    played = play(SITE, AT_ONCE, COVER, "staff.rota.0.count=2", arrivals=[5, 6, 7])
    # Cares 5-17 by the first and 6-18 by the second. At 17 the first has her break, until 32; at
    # 18 the second, who has nobody beside her, takes the third care, 18-30, and is covered at 32.
    assert starts(played) == [5, 6, 18]
    assert breaks(played) == [(17, 1), (47, 0)]


def test_as_soon_as_covered_an_overdose_still_goes_first():
    played = play(
        SITE + "overdose: {severities: {usual: {share: 1, team: [[nurse]], intensive: 9}}}\n"
        "rooms: {booths: {places: 1}}\n",
        AT_ONCE,
        "visits.inject={share: 0, rooms: [booths], stay: 30, overdose: {per_1000: 0, onset: 5}}",
        arrivals=[(1, "inject"), (5, "use")],
        onset=[9, float("inf")],
    )
    # Care 5-10 and, with what is left of it, when the response 10-19 and the break are over.
    assert played.responses("first") == [10]
    assert breaks(played) == [(19, 1), (34, 0)]


SOCIAL_WORKER = "staff.roles.social_worker={}"
MIXED = (
    "staff.rota=[{role: nurse, from: 00:00, to: 03:00, breaks: [{length: 15, from: 00:10,"
    " to: 00:40, minimum_left: 1, minimum_left_of: OF}]},"
    " {role: social_worker, from: 00:20, to: 03:00}]"
)


@pytest.mark.parametrize(
    ("roles", "least", "begins"),
    [
        # The social worker comes at 20.
        ("[nurse, social_worker]", 1, 20),
        ("[social_worker]", 1, 20),
        # The person themselves is nobody left.
        ("[nurse]", 1, 40),
        ("[nurse, social_worker]", 2, 40),
        ("[nurse, nurse, social_worker]", 2, 40),
    ],
)
def test_those_left_may_be_of_other_roles(roles: str, least: int, begins: float):
    rota = MIXED.replace("OF", roles).replace("minimum_left: 1", f"minimum_left: {least}")
    played = play(SITE, SOCIAL_WORKER, rota, arrivals=[])
    assert breaks(played) == [(begins, 1), (begins + 15, 0)]


def test_a_break_under_way_when_the_replication_ends():
    at_midnight = "breaks: [{length: 15, from: 23:50, to: 23:50}]"
    rota = f"[{{role: nurse, from: 22:00, to: 02:00 next day, {at_midnight}}}]"
    played = play(SITE, f"staff.rota={rota}", arrivals=[])
    # Of the second one, which begins at 1430, ten minutes are within the day.
    assert played.log.end == 1440
    assert breaks(played) == [(1430, 1)]
    assert played.people("break_minutes") == [10]
