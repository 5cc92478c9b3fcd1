"""Closing: last call, those still waiting, those inside.

The site is open from minute 0 to 120.
"""

import pytest

from tests.support.played import Arrival, play

SITE = """
opening: {hours: 00:00-02:00}
visits:
  use: {rooms: [booths], stay: 30}
rooms:
  booths: {places: 1}
"""

IN_TIME, LATE = 104, 106
"""Before and after last call at 120 - 15 = 105, where there is one."""


@pytest.mark.parametrize(
    ("last_entry", "queue", "inside", "outcomes", "out"),
    [
        # Place: 80-110 the first, 110-140 the second. At 120 two wait, or with last call one.
        (0, "dismiss", "finish", "served served dismissed dismissed", [110, 140, 120, 120]),
        (0, "dismiss", "stop", "served cut_short dismissed dismissed", [110, 120, 120, 120]),
        # They are served 140-170 and 170-200.
        (0, "serve", "finish", "served served served served", [110, 140, 170, 200]),
        # Who must stop has nobody left to wait for.
        (0, "serve", "stop", "served cut_short dismissed dismissed", [110, 120, 120, 120]),
        (15, "dismiss", "finish", "served served dismissed closed", [110, 140, 120, 106]),
        (15, "dismiss", "stop", "served cut_short dismissed closed", [110, 120, 120, 106]),
        (15, "serve", "finish", "served served served closed", [110, 140, 170, 106]),
        (15, "serve", "stop", "served cut_short dismissed closed", [110, 120, 120, 106]),
    ],
)
def test_all_combinations(
    last_entry: float, queue: str, inside: str, outcomes: str, out: list[float]
):
    played = play(
        SITE,
        f"opening.last_entry={last_entry}",
        f"opening.queue_at_close={queue}",
        f"opening.at_close={inside}",
        arrivals=[80, 100, IN_TIME, LATE],
    )
    expected = [one.replace("dismissed", "dismissed_at_close") for one in outcomes.split()]
    assert played.outcomes() == expected
    assert played.visits("out") == out
    assert played.visits("left")[:2] == out[:2]


def test_left_out_people_waiting_are_dismissed_and_people_inside_finish():
    played = play(SITE, arrivals=[100, 105])
    assert played.outcomes() == ["served", "dismissed_at_close"]
    assert played.visits("out") == [130, 120]
    assert played.visits("waited") == [0, 15]


def test_the_run_goes_on_until_the_site_is_empty():
    played = play(SITE, "opening.hours=23:00-24:00", arrivals=[1430])
    # The horizon ends at 1440.
    assert played.outcomes() == ["served"]
    assert played.stays() == [(1430, 1460)]
    assert played.log.end == 1460
    assert play(SITE, arrivals=[0]).log.end == 1440


def test_closing_in_the_middle_of_a_day():
    played = play(
        SITE, "opening.hours=[00:00-02:00, 03:00-04:00]", arrivals=[100, 105, 140, 180, 185]
    )
    # At 120 the second is sent away; at 180 it opens again; at 240 the fifth has been served
    # from 210.
    assert [one.partition("_")[0] for one in played.outcomes()] == [
        *("served", "dismissed", "closed"),
        *("served", "served"),
    ]
    assert played.visits("entered") == [100, None, None, 180, 210]


# --- ties ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("queue", "entered"), [("dismiss", [90, None]), ("serve", [90, 120])])
def test_tie_closing_beats_a_start(queue: str, entered: list[float | None]):
    # The place frees at 120, just when the site closes.
    played = play(SITE, f"opening.queue_at_close={queue}", arrivals=[90, 95])
    assert played.visits("entered") == entered
    assert played.visits("out")[0] == 120


def test_tie_closing_comes_before_the_end_of_a_stay():
    played = play(SITE, "opening.at_close=stop", arrivals=[90])
    # The stay is over at 120 as well, but the calendar comes first.
    assert played.outcomes() == ["cut_short"]
    assert played.stays() == [(90, 120)]


def test_tie_closing_comes_before_patience():
    played = play(SITE, arrivals=[100, {"at": 105, "patience": 15}])
    assert played.outcomes() == ["served", "dismissed_at_close"]


def test_tie_closing_comes_before_an_arrival():
    assert play(SITE, arrivals=[120]).outcomes() == ["closed"]


# --- elsewhere than in a place -------------------------------------------------------------------

EVERYTHING = """
opening: {hours: 00:00-02:00}
visits:
  use: {rooms: [booths], stay: 30, services: {care: 1}, aftercare: {share: 1, stay: 30}}
  plain: {rooms: [booths], stay: 30, share: 0}
  visitor: {services: {care: 1}, share: 0}
rooms:
  booths: {places: 9}
check_in: {times: {known: 10}, desks: 1}
services:
  care: {duration: 10, roles: [nurse]}
aftercare: {}
staff:
  roles: {nurse: {}}
  rota: [{role: nurse, from: 00:00, to: 06:00}]
"""

FINISH, STOP = "opening.at_close=finish", "opening.at_close=stop"
SERVE = "opening.queue_at_close=serve"


@pytest.mark.parametrize(
    ("sets", "outcomes", "out"),
    [
        # At the desk 115-125; then nobody is given a place any more.
        ((FINISH,), ["dismissed_at_close"] * 2, [125, 120]),
        ((STOP,), ["dismissed_at_close"] * 2, [120, 120]),
        # 115-125, 125-155 and 125-135, 135-165.
        ((FINISH, SERVE), ["served"] * 2, [155, 165]),
    ],
)
def test_at_the_desk_and_in_line_for_it(
    sets: tuple[str, ...], outcomes: list[str], out: list[float]
):
    played = play(EVERYTHING, *sets, arrivals=[(115, "plain"), (116, "plain")])
    assert played.outcomes() == outcomes
    assert played.visits("out") == out


@pytest.mark.parametrize(
    ("sets", "outcomes", "out"),
    [
        # Care 115-125, and the other has not begun.
        ((FINISH,), ["service_only", "dismissed_at_close"], [125, 120]),
        ((STOP,), ["cut_short", "dismissed_at_close"], [120, 120]),
        ((FINISH, SERVE), ["service_only", "service_only"], [125, 135]),
    ],
)
def test_at_a_service_and_in_line_for_it(
    sets: tuple[str, ...], outcomes: list[str], out: list[float]
):
    played = play(EVERYTHING, *sets, "check_in=null", arrivals=[(115, "visitor"), (116, "visitor")])
    assert played.outcomes() == outcomes
    assert played.visits("out") == out


@pytest.mark.parametrize(
    ("sets", "outcomes", "entered"),
    [
        # Care 115-125 goes on, but the queue for a place is closed.
        ((FINISH,), ["dismissed_at_close"], [None]),
        ((STOP,), ["cut_short"], [None]),
        ((FINISH, SERVE), ["served"], [125]),
    ],
)
def test_at_a_service_before_the_stay(
    sets: tuple[str, ...], outcomes: list[str], entered: list[float | None]
):
    played = play(EVERYTHING, *sets, "check_in=null", "services.care.when=before", arrivals=[115])
    assert played.outcomes() == outcomes
    assert played.visits("entered") == entered


@pytest.mark.parametrize(
    ("sets", "care", "out"),
    [
        # Place until 118, care 118-128, aftercare 128-158.
        ((FINISH,), (118, 118, 128), 158),
        ((STOP,), (118, 118, None), 120),
        ((FINISH, SERVE), (118, 118, 128), 158),
    ],
)
def test_at_a_service_after_the_stay(
    sets: tuple[str, ...], care: tuple[float | None, ...], out: float
):
    played = play(EVERYTHING, *sets, "check_in=null", arrivals=[88])
    assert played.outcomes() == ["served"]
    assert played.service("care") == [care]
    assert played.visits("out") == [out]


@pytest.mark.parametrize(
    ("sets", "care", "out"),
    [
        # The stay ends at 130: somebody is there for the service, and then there is aftercare.
        ((), (130, 130, 140), 170),
        ((SERVE,), (130, 130, 140), 170),
        # Where nobody need stay the service is a queue like any other.
        (("staff.stay_until_empty=false",), (None, None, None), 130),
    ],
)
def test_a_service_after_closing(sets: tuple[str, ...], care: tuple[float | None, ...], out: float):
    played = play(EVERYTHING, *sets, "check_in=null", arrivals=[100])
    assert played.outcomes() == ["served"]
    assert played.service("care") == [care]
    assert played.visits("out") == [out]


@pytest.mark.parametrize(
    ("sets", "arrival", "rest", "out"),
    [
        # Place 70-100, care 100-110, aftercare 110-140.
        ((FINISH,), 70, (110, 140), 140),
        ((STOP,), 70, (110, 120), 120),
        # Whose stay ends after closing rests too: 110-140, 140-150 (care), then 150-180.
        ((FINISH, SERVE), 110, (150, 180), 180),
    ],
)
def test_in_aftercare(
    sets: tuple[str, ...], arrival: Arrival, rest: tuple[float, float], out: float
):
    played = play(EVERYTHING, *sets, "check_in=null", arrivals=[arrival])
    assert played.outcomes() == ["served"]
    start, end = played.visits("aftercare_start"), played.visits("aftercare_end")
    assert [*start, *end] == [*rest]
    assert played.visits("out") == [out]


@pytest.mark.parametrize(("sets", "left", "rest"), [((FINISH,), 130, 130), ((STOP,), 120, None)])
def test_waiting_in_the_place_for_aftercare(sets: tuple[str, ...], left: float, rest: float | None):
    played = play(
        EVERYTHING,
        *sets,
        "check_in=null",
        "aftercare={seats: 1, when_full: wait_in_place}",
        "visits.use.services.care=0",
        arrivals=[70, 80],
    )
    # Seat 100-130 for the first; the second waits in its place from 110.
    assert played.outcomes() == ["served", "served"]
    assert played.visits("left") == [100, left]
    assert played.visits("aftercare_start") == [100, rest]
