"""Figures of waits, visits, places, services and closing, worked out by hand."""

import numpy as np
import pytest

from sim.log import Outcome
from tests.handmade_logs import Changes, make_log, make_scenario, measured, measured_hours

TEN = 600.0  # Monday 10:00, when the site opens

SITE = make_scenario()
VISITS: list[dict[str, float]] = [
    # Comes at 10:00 and goes straight in, for 20 minutes.
    {"arrival": TEN, "joined": TEN, "entered": TEN, "room": 0, "left": 620, "out": 620},
    # Waits 5 minutes to the dot, after sums of durations that do not quite give 5.
    {
        "arrival": 605,
        "joined": 605,
        "entered": 610,
        "room": 0,
        "left": 630,
        "out": 645,
        "waited": 5 + 1e-9,
    },
    # Waits 12 minutes in the next hour.
    {
        "arrival": 665,
        "joined": 665,
        "entered": 677,
        "room": 0,
        "left": 697,
        "out": 697,
        "waited": 12,
    },
    # Gives up after 30 minutes.
    {"arrival": 670, "joined": 670, "out": 700, "waited": 30, "outcome": Outcome.RENEGED},
    {"arrival": 680, "out": 680, "outcome": Outcome.BALKED},
    {"arrival": 700, "out": 700, "outcome": Outcome.NO_SPACE},
    {
        "arrival": 1075,
        "joined": 1075,
        "out": 1080,
        "waited": 5,
        "outcome": Outcome.DISMISSED_AT_CLOSE,
    },
    {"arrival": 1090, "out": 1090, "outcome": Outcome.CLOSED},
]
FOUND = measured(SITE, make_log(SITE, visits=VISITS))


@pytest.mark.parametrize(
    ("metric", "statistic", "by", "value"),
    [
        ("wait", "mean", "all", 17 / 3),
        ("wait", "mean", "room:booths", 17 / 3),
        ("wait", "share_waiting", "all", 2 / 3),
        ("wait", "within_5", "all", 2 / 3),
        ("wait", "within_10", "all", 2 / 3),
        ("wait", "within_20", "kind:injecting", 1.0),
        ("wait", "median", "all", 5.0),
        ("wait", "p95", "all", 12.0),
        ("wait_joined", "mean", "all", (0 + 5 + 12 + 30 + 5) / 5),
        ("wait_joined", "within_20", "all", 4 / 5),
        ("wait_joined", "p90", "all", 30.0),
        ("wait_place", "mean", "all", 17 / 3),
        ("visits", "per_day", "all", 8 / 7),
        ("visits", "per_day", "outcome:reneged", 1 / 7),
        ("visits", "share", "outcome:served", 3 / 8),
        ("visits", "share", "outcome:closed", 1 / 8),
        ("unserved", "per_day", "all", 4 / 7),
        ("unserved", "share", "all", 4 / 7),  # of 7 who came while the doors were open
        ("unserved", "share", "room:booths", 4 / 7),
        ("uses", "per_day", "all", 3 / 7),
        ("time_in_place", "mean", "room:booths", 20.0),
        ("time_on_site", "mean", "all", (20 + 40 + 32 + 30 + 5) / 5),
    ],
)
def test_figures_of_visits(metric, statistic, by, value):
    assert FOUND[metric, statistic, by] == pytest.approx(value, rel=1e-9)


def test_shares_of_outcomes_add_to_one():
    shares = [
        value for (metric, what, _), value in FOUND.items() if (metric, what) == ("visits", "share")
    ]
    assert len(shares) == len(Outcome)
    assert sum(shares) == pytest.approx(1.0)


def test_visits_fall_in_the_hour_of_their_arrival():
    found = measured_hours(SITE, make_log(SITE, visits=VISITS))
    assert found["arrivals", "all"][[9, 10, 11, 17, 18]].tolist() == [0, 2, 4, 1, 1]
    assert found["unserved", "all"][[10, 11, 17]].tolist() == [0, 3, 1]
    assert found["closed", "all"][18] == 1
    assert found["wait_mean", "all"][[10, 11]].tolist() == pytest.approx([2.5, 12.0])
    assert found["wait_over_10", "room:booths"][[10, 11]].tolist() == [0.0, 1.0]
    assert found["unserved_share", "all"][11] == 3 / 4
    assert np.isnan(found["wait_mean", "all"][9])


def test_two_weeks_are_the_mean_of_both():
    site = make_scenario(horizon={"weeks": 2})
    found = measured_hours(site, make_log(site, visits=VISITS))
    assert found["arrivals", "all"][11] == 2.0


def test_the_warm_up_does_not_count():
    site = make_scenario(horizon={"weeks": 2, "warmup_weeks": 1})
    late = {"arrival": 10080 + TEN, "entered": 10080 + TEN + 3, "room": 0, "waited": 3}
    late |= {"left": 10703, "out": 10703}
    found = measured(site, make_log(site, visits=[*VISITS, late]))
    assert found["visits", "per_day", "all"] == 1 / 7
    assert found["wait", "mean", "all"] == 3.0
    assert found["wait", "p95", "all"] == 3.0


def test_someone_still_queueing_at_the_end_has_no_wait_yet():
    site = make_scenario(opening={"hours": "24/7"})
    stays: dict[str, float] = {"arrival": 10000, "entered": 10050, "room": 0, "waited": 50}
    queues: dict[str, float] = {"arrival": 10070, "joined": 10070, "waited": 10}
    inside: dict[str, float] = {"outcome": Outcome.INSIDE_AT_END}
    found = measured(site, make_log(site, visits=[stays | inside, queues | inside]))
    assert found["wait", "mean", "all"] == 50.0
    assert found["wait_joined", "mean", "all"] == 50.0
    assert np.isnan(found["time_in_place", "mean", "all"])
    assert np.isnan(found["time_on_site", "mean", "all"])


def test_check_in_is_waited_for_from_the_arrival():
    site = make_scenario(check_in={"times": {"known": 2}})
    visits = [{"arrival": TEN, "check_in_start": 604}, {"arrival": TEN, "check_in_start": TEN}]
    assert measured(site, make_log(site, visits=visits))["wait_check_in", "mean", "all"] == 2.0


DAY = (TEN, 1080.0)
Steps = dict[str, list[tuple[float, float]]]


def open_room(
    name: str, places: int, hours: tuple[float, float] = DAY
) -> dict[str, list[tuple[float, float]]]:
    return {f"room:{name}:open": [(hours[0], places), (hours[1], 0)]}


def test_states_of_places_are_shares_of_open_place_minutes():
    changes = open_room("booths", 2) | {
        "site:open": [(TEN, 1), (1080, 0)],
        "room:booths:occupied": [(TEN, 2), (660, 1), (1100, 0)],  # one stays after closing
        "room:booths:blocked": [(660, 1), (690, 0)],
        "room:booths:cleaning": [(690, 1), (700, 0)],
        "room:booths:unusable": [(700, 1), (730, 0)],
    }
    found = measured(SITE, make_log(SITE, changes=changes))
    whole = 2 * 480
    for by in ("all", "room:booths"):
        states = {
            state: found["places", state, by]
            for state in ("occupied", "blocked", "cleaning", "unusable", "idle")
        }
        assert states == pytest.approx(
            {
                "occupied": (2 * 60 + 420) / whole,
                "blocked": 30 / whole,
                "cleaning": 10 / whole,
                "unusable": 30 / whole,
                "idle": (480 - 60 - 70) / whole,
            }
        )
        assert found["places", "full", by] == pytest.approx(100 / 480)


def test_all_rooms_are_full_only_when_each_is():
    site = make_scenario(
        visits={"any": {"rooms": ["booths", "table"], "stay": 20}},
        rooms={"booths": {"places": 1}, "table": {"places": 3}},
    )
    changes = (
        open_room("booths", 1)
        | open_room("table", 3, (TEN, 720))
        | {
            "room:booths:occupied": [(TEN, 1), (780, 0)],
            "room:table:occupied": [(TEN, 2), (660, 3), (750, 0)],
        }
    )
    found = measured(site, make_log(site, changes=changes))
    assert found["places", "full", "room:booths"] == 180 / 480
    assert found["places", "full", "room:table"] == 60 / 120
    # From 11:00 to 12:00 both are; then the table is shut and its guest does not count.
    assert found["places", "full", "all"] == 120 / 480
    assert found["places", "occupied", "all"] == (180 + 2 * 60 + 3 * 60) / (480 + 3 * 120)


def test_opening_minutes_per_use():
    changes = open_room("booths", 2)
    found = measured(SITE, make_log(SITE, visits=VISITS, changes=changes))
    assert found["places", "open_minutes_per_use", "all"] == 2 * 480 / 3


def test_places_by_hour():
    changes = open_room("booths", 2) | {"room:booths:occupied": [(630, 1), (690, 0)]}
    found = measured_hours(SITE, make_log(SITE, changes=changes))
    assert found["places_occupied", "room:booths"][[10, 11, 12]].tolist() == [0.25, 0.25, 0.0]
    assert np.isnan(found["places_occupied", "all"][9])


def test_people_inside_and_waiting():
    changes: Changes = {
        "site:open": [(TEN, 1), (1080, 0)],
        "site:inside": [(TEN, 4), (840, 2), (1140, 0)],
        "site:waiting_check_in": [(TEN, 1), (660, 0)],
        "site:waiting_place": [(630, 2), (690, 0)],
        "room:booths:waiting": [(630, 2), (690, 0)],
        "room:booths:paused": [(700, 1), (721, 0)],
    }
    found = measured(SITE, make_log(SITE, changes=changes))
    assert found["inside", "mean", "all"] == (4 * 240 + 2 * 240) / 480
    assert found["inside", "peak", "all"] == found["inside", "highest", "all"] == 4
    assert found["waiting", "mean", "all"] == (60 + 120) / 480
    assert found["waiting", "highest", "all"] == 3
    assert found["waiting", "mean", "queue:place"] == 120 / 480
    assert found["waiting", "mean", "room:booths"] == 120 / 480
    assert found["intake_paused", "minutes_per_week", "room:booths"] == 21.0
    hours = measured_hours(SITE, make_log(SITE, changes=changes))
    assert hours["inside", "all"][18] == 2.0  # after closing too
    assert hours["intake_paused", "room:booths"][[11, 12]].tolist() == [20 / 60, 1 / 60]


def test_time_past_closing():
    site = make_scenario(horizon={"days": 2})
    visits = [
        {"arrival": 1000, "room": 0, "out": 1095},
        {"arrival": 1060, "room": 0, "out": 1080},  # out as it closes
        {"arrival": 1070, "room": 0, "out": 1085},
        {"arrival": 1075, "out": 1075, "outcome": Outcome.NO_SPACE},
        {"arrival": 2500, "room": 0, "out": 2510},
    ]
    found = measured(site, make_log(site, visits=visits))
    assert found["past_closing", "mean", "all"] == 15 / 2
    assert found["past_closing", "highest", "all"] == 15
    assert found["inside_at_closing", "mean", "all"] == 1.0
    assert found["inside_at_closing", "highest", "all"] == 2


def test_clearing_after_the_last_closing_counts_although_the_horizon_is_over():
    site = make_scenario(horizon={"days": 1}, opening={"hours": "10:00-24:00"})
    log = make_log(site, visits=[{"arrival": 1430, "room": 0, "out": 1460}], end=1460)
    assert measured(site, log)["past_closing", "mean", "all"] == 20.0


def test_a_site_that_never_closes_has_no_time_past_closing():
    site = make_scenario(opening={"hours": "24/7"})
    assert not [key for key in measured(site, make_log(site)) if key[0] == "past_closing"]


def test_services():
    site = make_scenario(
        visits={
            "injecting": {"rooms": ["booths"], "stay": 20, "services": {"checking": 0.5}},
            "checking only": {"services": {"checking": 1}},
        },
        services={"checking": {"duration": 10}},
    )
    visits = [{"arrival": TEN}, {"arrival": TEN, "kind": 1}, {"arrival": TEN}, {"arrival": TEN}]
    services = {
        "checking": {0: (610, 610, 620), 1: (610, 620, 632), 3: (640, float("nan"), float("nan"))}
    }
    log = make_log(site, visits=visits, services=services)
    found = measured(site, log)
    by = "service:checking"
    assert found["services", "per_day", by] == 2 / 7
    assert found["services", "mean", by] == 11.0
    assert found["services", "share_given", by] == 2 / 3
    assert found["wait_service", "mean", by] == 5.0
    assert found["wait_service", "share_waiting", by] == 0.5
    assert found["wait_service", "mean", f"{by}/kind:checking only"] == 10.0
    assert found["wait_service", "p95", by] == 10.0
    assert measured_hours(site, log)["wait_service_mean", by][10] == 5.0


def test_a_site_without_rooms_has_no_figures_of_places():
    site = make_scenario(
        visits={"checking": {"services": {"checking": 1}}},
        rooms={},
        services={"checking": {"duration": 10}},
    )
    metrics = {metric for metric, _, _ in measured(site, make_log(site))}
    assert not metrics & {"wait", "wait_place", "uses", "places", "time_in_place"}
    assert {"wait_joined", "wait_service", "visits"} <= metrics


def test_the_people_behind_the_uses():
    demand = {"visits_per_day": 10, "profile": "flat", "clients": {"number": 12}}
    scenario = make_scenario(demand=demand)
    # Two people on the first day, of whom one twice; three on the second; one came in vain.
    uses = [(0, 4), (0, 4), (0, 9), (1, 0), (1, 4), (1, 9)]
    visits = [
        {"arrival": 1440 * day + 600.0 + row, "client": client, "entered": 1440 * day + 700.0}
        | {"room": 0.0, "place": 0.0}
        for row, (day, client) in enumerate(uses)
    ]
    in_vain = {"arrival": 2 * 1440 + 600.0, "client": 7.0, "outcome": float(Outcome.RENEGED)}
    found = measured(scenario, make_log(scenario, visits=[*visits, in_vain]))
    assert found["clients", "per_day", "all"] == pytest.approx(5 / 7)
    assert found["clients", "number", "all"] == 3
    assert found["clients", "uses_each", "all"] == 2
    # A fifth of three people, rounded, is one: the one with three of the six uses.
    assert found["clients", "share_by_busiest", "all"] == 0.5
