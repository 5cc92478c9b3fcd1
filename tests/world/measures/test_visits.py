"""Figures of waits, visits, places, services and closing, worked out by hand; and how visits are
added up, compared with what is found by asking every visit by itself."""

from datetime import timedelta

import numpy as np
import pytest

from sim.engine import simulate
from sim.log import Outcome
from sim.measures import measure
from sim.measures.facts.facts import Facts
from sim.measures.facts.groups import EVERYONE, REFUSED, by_kind
from sim.measures.facts.visits import (
    CHECKED_IN,
    INSIDE,
    JOINED,
    KNOWN,
    LEFT,
    LIMITS,
    NUMBER,
    QUEUEING,
    SHORT,
    STAYED,
    WITHIN,
    visit_sums,
)
from sim.measures.histogram import TICKS, histogram_of
from sim.measures.laws import LawError, check_laws
from sim.measures.steps import HOURS, QUARTER, QUARTERS, SAME, closing_times, window_of
from sim.measures.tally import samples
from sim.scenario import load_scenario
from sim.scenario.model.hours import DAY
from sim.visitors import draw
from tests import ROOT
from tests.support.handmade_logs import Changes, make_log, make_scenario, measured, measured_hours

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


HOURS_OPEN = (TEN, 1080.0)
Steps = dict[str, list[tuple[float, float]]]


def open_room(
    name: str, places: int, hours: tuple[float, float] = HOURS_OPEN
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


def test_places_out_of_order_are_not_open_and_have_minutes_of_their_own():
    site = make_scenario(
        rooms={
            "booths": {"places": 2, "failures": {"every": 1000, "repair": 60}},
            "table": {"places": 1},
        }
    )
    changes = open_room("table", 1) | {
        "site:open": [(TEN, 1), (1080, 0)],
        "room:booths:open": [(TEN, 2), (660, 1), (690, 0), (720, 1), (750, 2), (1080, 0)],
        "room:booths:out_of_order": [(660, 1), (690, 2), (720, 1), (750, 0)],
        "room:booths:occupied": [(630, 1), (690, 0)],
    }
    log = make_log(site, changes=changes)
    found, hours = measured(site, log), measured_hours(site, log)
    whole = 2 * 480 - 30 - 2 * 30 - 30
    assert found["out_of_order", "minutes_per_week", "room:booths"] == 120
    assert found["out_of_order", "minutes_per_week", "all"] == 120
    assert ("out_of_order", "minutes_per_week", "room:table") not in found
    assert found["places", "occupied", "room:booths"] == pytest.approx(60 / whole)
    # One is open and in use from 660 to 690; then none is open, which is not full.
    assert found["places", "full", "room:booths"] == pytest.approx(30 / (480 - 30))
    assert hours["out_of_order", "room:booths"][[10, 11, 12]].tolist() == [0, 1.5, 0.5]
    plain = make_scenario()
    assert not any(key[0] == "out_of_order" for key in measured(plain, make_log(plain)))


def test_how_often_places_fail_and_for_how_long():
    """In a week of the booths three: 60 and 30 minutes, and one that is not repaired by the end."""
    site = make_scenario(
        rooms={
            "booths": {"places": 2, "failures": {"every": 1000, "repair": 60}},
            "table": {"places": 1, "failures": {"every": 1000, "repair": 60}},
        }
    )
    outages: list[dict[str, float]] = [
        {"room": 0, "place": 0, "failed": 660, "out": 660, "back": 720},
        {"room": 0, "place": 1, "failed": 660, "out": 690, "back": 720},
        {"room": 1, "place": 0, "failed": 700, "out": 700, "back": 712},
        {"room": 0, "place": 0, "failed": 10_000, "out": 10_010, "back": float("nan")},
    ]
    found = measured(site, make_log(site, outages=outages))
    per_week, mean, in_use = ("per_week", "mean", "share_in_use")
    assert [found["outages", one, "room:booths"] for one in (per_week, mean, in_use)] == [
        3,
        45,
        2 / 3,
    ]
    assert [found["outages", one, "room:table"] for one in (per_week, mean, in_use)] == [1, 12, 0]
    assert [found["outages", one, "all"] for one in (per_week, mean, in_use)] == [4, 34, 1 / 2]
    plain = make_scenario()
    assert not any(key[0] == "outages" for key in measured(plain, make_log(plain)))


def test_minutes_of_places_that_are_closed_on_dates():
    """Open from 10 to 18: a day of two places, two of one place, and hours until 12 of a table."""
    start = make_scenario().horizon.date_of(0)
    dates = [str(start + timedelta(days=day)) for day in range(4)]
    site = make_scenario(
        rooms={
            "booths": {
                "places": 2,
                "dates": {dates[0]: "closed", dates[1]: {"places": 1}, dates[2]: {"places": 1}},
            },
            "table": {"places": 3, "dates": {dates[3]: "10:00-12:00"}},
            "plain": {"places": 1},
        }
    )
    found = measured(site, make_log(site))
    name = ("closed_on_dates", "minutes_per_week")
    assert found[(*name, "room:booths")] == 2 * 480 + 2 * 480
    assert found[(*name, "room:table")] == 3 * 360
    assert found[(*name, "all")] == 4 * 480 + 3 * 360
    assert (*name, "room:plain") not in found


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


# --- added up -------------------------------------------------------------------------------------

SCENARIOS = ROOT / "scenarios"


@pytest.fixture(scope="module", params=["h17", "skyen"])
def played(request):
    # Flat, so that some come before the opening and wait at the door.
    changed = ["horizon.weeks=2", "horizon.warmup_weeks=1", "demand.profile=flat"]
    scenario = load_scenario(SCENARIOS / f"{request.param}.yaml", changed)
    return scenario, simulate(scenario, draw(scenario, 4, 0))


def test_visits_of_a_cell_add_up(played):
    scenario, log = played
    window = window_of(scenario)
    rows = log.visits["arrival"] >= window.start
    assert rows.any()
    assert not rows.all()
    of = {name: column[rows] for name, column in log.visits.items()}
    visits = Facts(scenario, log).visits
    for name in ("kind", "room", "outcome"):
        of_cell = getattr(visits.classes, name)[visits.of_cell]
        assert of_cell[visits.cells.of_visit].tolist() == of[name].tolist()
    arrived = window.hour_of_week(of["arrival"])
    early = of["let_in"] > of["arrival"]
    assert early.any()
    hours = visits.hour[visits.cells.of_visit]
    assert hours[early].tolist() == window.hour_of_week(of["let_in"][early]).tolist()
    inside = ~early & ~np.isnan(of["let_in"])
    assert hours[inside].tolist() == arrived[inside].tolist()
    assert len(set(zip(visits.of_cell, visits.hour, strict=True))) == len(visits.of_cell)
    groups = list(by_kind(scenario))
    for kind in range(len(scenario.visits)):
        chosen, mine = groups[kind], of["kind"] == kind
        assert visits.total(chosen, NUMBER) == mine.sum()
        by_hour = np.bincount(arrived[mine], minlength=HOURS)
        arrivals = visits.by_hour(chosen, NUMBER) + visits.moved(kind)
        assert arrivals.tolist() == by_hour.tolist()
        by_hour = np.bincount(hours[mine], minlength=HOURS)
        assert visits.by_hour(chosen, NUMBER).tolist() == by_hour.tolist()
        waited = of["waited"][mine & ~np.isnan(of["waited"])]
        for place, total, minutes in (
            (KNOWN, KNOWN + 1, of["waited"]),
            (CHECKED_IN, CHECKED_IN + 1, of["check_in_start"] - of["let_in"]),
            (JOINED, JOINED + 1, of["entered"] - of["joined"]),
            (STAYED, STAYED + 1, of["left"] - of["entered"]),
            (LEFT, LEFT + 1, of["out"] - of["arrival"]),
        ):
            assert visits.total(chosen, place) == np.count_nonzero(~np.isnan(minutes[mine]))
            assert visits.total(chosen, total) == pytest.approx(np.nansum(minutes[mine]))
        for number, limit in enumerate(LIMITS):
            assert visits.total(chosen, WITHIN + number) == (waited <= limit + SAME).sum()
        assert sorted(visits.one_by_one(of["waited"], chosen)) == sorted(of["waited"][mine])


def test_what_is_left_to_do_at_closing_is_counted(played):
    scenario, log = played
    found = visit_sums(scenario, log)
    came = ~np.isin(log.visits["outcome"], REFUSED)
    arrival, out = log.visits["arrival"][came], log.visits["out"][came]
    closings = closing_times(scenario)
    assert len(closings) == 7
    late = [max(0.0, out[arrival < time].max() - time) for time in closings]
    inside = [((arrival < time) & (out > time)).sum() for time in closings]
    assert found.late.tolist() == late
    assert found.inside.tolist() == inside
    assert max(inside) > 0


@pytest.mark.parametrize("border", [QUARTER, 7 * QUARTER, 1005.0, 3 * DAY, 27 * DAY])
def test_just_before_a_border_is_before_it(border):
    times = np.array([np.nextafter(border, 0), border, np.nextafter(border, np.inf)])
    scenario = make_scenario(horizon={"weeks": 4})
    log = make_log(scenario, visits=[{"arrival": time} for time in times])
    arrivals, quarter = visit_sums(scenario, log).by_day.arrivals, round(border / QUARTER)
    assert arrivals[[quarter - 1, quarter]].tolist() == [1, 2]
    hours = window_of(scenario).hour_of_week(times).tolist()
    visits = Facts(scenario, log).visits
    assert visits.hour[visits.cells.of_visit].tolist() == hours


def test_stays_and_days_add_up(played):
    scenario, log = played
    of, window = log.visits, window_of(scenario)
    sums = visit_sums(scenario, log)
    stays = sums.stays
    until = np.where(np.isnan(of["out"]), log.end, of["out"])
    assert stays.minutes[INSIDE] == pytest.approx(np.nansum(until - of["let_in"]), rel=1e-9)
    queued_until = np.where(np.isnan(of["entered"]), until, of["entered"])
    queued = np.nansum(queued_until - of["joined"])
    assert stays.minutes[QUEUEING] == pytest.approx(queued, rel=1e-9)
    for room, held in enumerate(stays.held):
        left = np.where(np.isnan(of["left"]), log.end, of["left"])
        mine = of["room"] == room
        assert held == pytest.approx((left - of["entered"])[mine].sum(), rel=1e-9)
    rows, days = window.rows(of["arrival"]), round(window.days)
    since = of["arrival"][rows] - window.start
    quarters = np.histogram(since, np.arange(days * QUARTERS + 1) * QUARTER)[0]
    assert sums.by_day.arrivals.tolist() == quarters.tolist()
    for day in range(days):
        mine = (since // DAY == day) & (of["outcome"][rows] != Outcome.CLOSED)
        queued = np.nansum(of["waited"][rows][mine])
        assert sums.by_day.queued[day] == pytest.approx(queued, rel=1e-9)


def test_waits_are_counted_by_length_as_one_by_one(played):
    scenario, log = played
    facts, found = Facts(scenario, log), measure(scenario, log)
    for sample, counted in zip(samples(scenario), found.histograms, strict=True):
        one_by_one = histogram_of(sample.of(facts))
        assert counted.ticks.tolist() == one_by_one.ticks.tolist()
        assert counted.counts.tolist() == one_by_one.counts.tolist()


def test_waits_at_limits_and_long_ones_are_counted():
    borders = [*LIMITS, SHORT / TICKS]
    near = [-0.01, -2 * SAME, 0, SAME / 2, 2 * SAME, 0.0079, 0.01]
    waited = [*(border + by for border in borders for by in near), np.nan, 1e6, -5.0]
    scenario = make_scenario()
    log = make_log(scenario, visits=[{"arrival": 0, "waited": minutes} for minutes in waited])
    visits = Facts(scenario, log).visits
    known = np.array(waited)[~np.isnan(waited)]
    assert visits.total(EVERYONE, NUMBER) == len(waited)
    assert visits.total(EVERYONE, KNOWN) == len(known)
    assert visits.total(EVERYONE, KNOWN + 1) == pytest.approx(known.sum())
    for number, limit in enumerate(LIMITS):
        within = visits.total(EVERYONE, WITHIN + number)
        assert within == (known <= limit + SAME).sum(), limit
    counted, one_by_one = visits.waits_by_length(EVERYONE), histogram_of(known)
    assert counted.ticks.tolist() == one_by_one.ticks.tolist()
    assert counted.counts.tolist() == one_by_one.counts.tolist()


@pytest.mark.parametrize(
    ("column", "value"),
    [("kind", 9), ("kind", -1), ("room", 7), ("room", -2), ("outcome", 9), ("outcome", -1)],
)
def test_what_there_is_not_breaks_a_law(column, value):
    scenario = make_scenario()
    log = make_log(scenario, visits=[{"arrival": 5}, {"arrival": 7, column: value}])
    with pytest.raises(LawError, match="1 visits without an outcome, or of no kind or room"):
        check_laws(scenario, log)
