"""Figures of overdoses, responses, staff and cost, worked out by hand; and the rows themselves."""

import numpy as np
import pytest

from sim.log import Where
from sim.measures.figures.staff import shift_labels
from sim.scenario.load import scenario_from_text
from sim.study import Plan, run_study
from tests.support.handmade_logs import (
    Changes,
    make_log,
    make_scenario,
    measured,
    measured_hours,
    staffed_site,
)

NAN = float("nan")
SITE = staffed_site()

USES: list[dict[str, float]] = [
    {"arrival": 600 + k, "room": 0, "entered": 600 + k, "left": 620 + k, "out": 620 + k}
    for k in range(100)
]
RESPONSES: list[dict[str, float]] = [
    {"visit": 0, "onset": 603, "first": 603, "team": 605, "interrupted": 1},
    {"visit": 1, "onset": 604, "first": 608, "team": 610, "severity": 1, "others": 1},
    {"visit": 2, "onset": 660, "room": -1, "where": Where.AFTERCARE},  # nobody ever came
    {
        "visit": 3,
        "onset": 700,
        "room": -1,
        "where": Where.OFF_SITE,
        "others": NAN,
        "interrupted": NAN,
    },
]
OVERDOSES = measured(SITE, make_log(SITE, visits=USES, responses=RESPONSES))


@pytest.mark.parametrize(
    ("metric", "statistic", "by", "value"),
    [
        ("overdoses", "per_year", "all", 3 * 365 / 7),  # on site
        ("overdoses", "per_year", "where:off_site", 365 / 7),
        ("overdoses", "per_year", "where:place", 2 * 365 / 7),
        ("overdoses", "per_1000_uses", "all", 30.0),
        ("overdoses", "per_1000_uses", "room:booths", 20.0),
        ("overdoses", "per_1000_uses", "severity:deep", 10.0),
        ("overdoses", "per_1000_uses", "kind:injecting", 30.0),
        ("response_first", "mean", "all", 2.0),
        ("response_first", "reached", "all", 2 / 3),
        ("response_first", "within_1", "all", 1 / 3),  # nobody came: not within
        ("response_first", "within_3", "all", 1 / 3),
        ("response_first", "within_5", "all", 2 / 3),
        ("response_first", "within_5", "room:booths", 1.0),
        ("response_first", "p95", "all", 4.0),
        ("response_team", "mean", "severity:deep", 6.0),
        ("response_team", "within_5", "all", 1 / 3),
        ("simultaneous", "share", "all", 1 / 3),
        ("simultaneous", "mean", "all", 1 / 3),
        ("tasks_interrupted", "per_week", "all", 1.0),
    ],
)
def test_figures_of_overdoses(metric, statistic, by, value):
    assert OVERDOSES[metric, statistic, by] == pytest.approx(value)


def test_an_overdose_just_before_the_end_may_yet_have_been_met():
    site = staffed_site(opening={"hours": "24/7"})
    responses = [
        {"visit": 0, "onset": 603, "first": 603, "team": 603},
        {"visit": 1, "onset": 10078},  # two minutes before the replication ends
    ]
    found = measured(site, make_log(site, visits=USES, responses=responses))
    assert found["response_first", "within_1", "all"] == 0.5
    assert found["response_first", "within_3", "all"] == 1.0
    assert found["response_first", "reached", "all"] == 1.0


def test_overdoses_belong_to_the_visit_and_the_warm_up_has_none():
    site = staffed_site(horizon={"weeks": 2, "warmup_weeks": 1})
    visits = [{"arrival": 10070, "room": 0}, {"arrival": 10090, "room": 0}]
    responses = [{"visit": 0, "onset": 10085}, {"visit": 1, "onset": 10095}]
    found = measured(site, make_log(site, visits=visits, responses=responses))
    assert found["overdoses", "per_1000_uses", "all"] == 1000.0
    assert found["overdoses", "per_year", "all"] == pytest.approx(365 / 7)


def test_overdoses_and_cover_by_hour():
    changes: Changes = {
        "site:open": [(600, 1), (1080, 0)],
        "site:responses": [(603, 1), (604, 2), (630, 0)],
        "site:nobody_free": [(650, 1), (665, 0)],
        "site:below_cover": [(650, 1), (680, 0)],
    }
    log = make_log(SITE, visits=USES, responses=RESPONSES, changes=changes)
    found, hours = measured(SITE, log), measured_hours(SITE, log)
    assert found["responses", "highest", "all"] == 2
    assert found["nobody_free", "minutes_per_week", "all"] == 15
    assert found["nobody_free", "share", "all"] == pytest.approx(15 / 480)
    assert found["below_cover", "minutes_per_week", "all"] == 30
    assert hours["overdoses", "all"][[10, 11]].tolist() == [2, 1]
    assert hours["nobody_free", "all"][[10, 11]].tolist() == [10 / 60, 5 / 60]
    assert hours["below_cover", "all"][11] == pytest.approx(20 / 60)


PEOPLE: list[dict[str, float]] = [
    {
        "role": 0,
        "line": 0,
        "start": 600,
        "end": 1080,
        "left": 1090,
        "respond": 48,
        "service": 96,
        "breaks_due": 1,
        "breaks_deferred": 1,
        "longest_stretch": 300,
    },
    {
        "role": 0,
        "line": 0,
        "member": 1,
        "start": 600,
        "end": 1080,
        "left": 1080,
        "clean": 48,
        "breaks_due": 1,
        "breaks_missed": 1,
        "longest_stretch": 480,
    },
    {"role": 1, "line": 1, "start": 600, "end": 1080, "absent": 1, "left": NAN},
    # Ends after the horizon: not counted.
    {"role": 0, "line": 0, "start": 10000, "end": 10480, "left": 10480, "respond": 80},
]
NURSES = "shift:nurse day"


@pytest.mark.parametrize(
    ("metric", "statistic", "by", "value"),
    [
        ("staff_busy", "share", NURSES, 192 / 960),
        ("staff_busy", "share", f"{NURSES}/duty:respond", 48 / 960),
        ("staff_busy", "share", f"{NURSES}/duty:check_in", 0.0),
        ("staff_busy", "share", "shift:social worker day", NAN),
        ("overtime", "minutes_per_week", "role:nurse", 10.0),
        ("overtime", "share_of_shifts", NURSES, 0.5),
        ("breaks", "due_per_week", "role:nurse", 2.0),
        ("breaks", "deferred_per_week", "role:nurse", 1.0),
        ("breaks", "missed_per_week", NURSES, 1.0),
        ("longest_stretch", "mean", "role:nurse", 390.0),
        ("shifts_absent", "per_week", "role:social worker", 1.0),
        ("shifts_absent", "per_week", "role:nurse", 0.0),
        ("rostered", "hours_per_week", "all", 7 * 24.0),
        ("rostered", "hours_per_week", "role:nurse", 7 * 16.0),
        ("rostered", "hours_per_week", "shift:social worker day", 7 * 8.0),
        ("cost", "per_week", "all", 112 * 40 + 56 * 30.0),
        ("cost", "per_use", "all", (112 * 40 + 56 * 30) / 100),
        ("wte", "posts", "role:nurse", 112 / (37 * 0.8)),
        ("wte", "posts", "all", 112 / (37 * 0.8) + 56 / (37 * 0.78)),
    ],
)
def test_figures_of_staff(metric, statistic, by, value):
    found = measured(SITE, make_log(SITE, visits=USES, people=PEOPLE))
    assert found[metric, statistic, by] == pytest.approx(value, nan_ok=True)


def test_busy_shares_of_a_role_come_from_the_change_log():
    changes: Changes = {
        "role:nurse:on_duty": [(600, 2), (1080, 0)],
        "role:nurse:present": [(600, 2), (700, 1), (730, 2), (1080, 0)],
        "role:nurse:respond": [(630, 1), (690, 0)],
        "role:nurse:service": [(640, 1), (660, 0), (1070, 1), (1090, 0)],
    }
    log = make_log(SITE, changes=changes)
    found, hours = measured(SITE, log), measured_hours(SITE, log)
    assert found["staff_busy", "share", "role:nurse"] == pytest.approx(100 / 960)
    assert found["staff_busy", "share", "role:nurse/duty:service"] == pytest.approx(40 / 960)
    assert hours["staff_busy", "role:nurse"][10] == pytest.approx(50 / 60)
    assert hours["staff_busy_share", "role:nurse"][10] == pytest.approx(50 / 120)
    assert hours["staff_present", "role:nurse"][[11, 12]].tolist() == [100 / 60, 110 / 60]
    assert np.isnan(hours["staff_busy_share", "role:social worker"][10])


def test_a_night_shift_under_way_at_the_start_makes_up_for_the_one_at_the_end():
    site = staffed_site(horizon={"days": 2})
    nights = [
        {"start": day * 1440 + 1320, "end": (day + 1) * 1440 + 420, "breaks_due": 1}
        for day in (-1, 0, 1)
    ]
    people = [night | {"left": night["end"], "service": 90} for night in nights]
    found = measured(site, make_log(site, people=people))
    assert found["breaks", "due_per_week", "role:nurse"] == pytest.approx(2 / (2 / 7))
    assert found["staff_busy", "share", NURSES] == pytest.approx(90 / 540)  # the whole one


def rota(staff=None, **shift):
    line = {"role": "nurse", "from": "22:00", "to": "06:00 next day", **shift}
    roles = {"nurse": {"cost_per_hour": 10}}
    return make_scenario(staff={"roles": roles, "rota": [line], **(staff or {})})


def cost(site):
    found = measured(site, make_log(site))
    return found["rostered", "hours_per_week", "all"], found["cost", "per_week", "all"]


def test_the_highest_unsocial_multiplier_applies():
    night = {"from": "23:00", "to": "05:00 next day", "multiplier": 1.5}
    sunday = {"days": "sun", "from": "00:00", "to": "24:00", "multiplier": 2}
    site = rota({"unsocial": [night, sunday]}, days=["sat", "sun"])
    # Saturday night: 22-23 at 1, 23-24 at 1.5, Sunday 0-6 at 2. Sunday night: 22-24 at 2,
    # Monday 0-5 at 1.5, 5-6 at 1.
    assert cost(site) == (16.0, pytest.approx(10 * (1 + 1.5 + 12 + 4 + 7.5 + 1)))


def test_a_multiplier_below_one_is_used_where_nothing_else_applies():
    cheap = {"from": "22:00", "to": "24:00", "multiplier": 0.5}
    assert cost(rota({"unsocial": [cheap]}, days="mon")) == (8.0, pytest.approx(10 * (1 + 6)))


def test_a_rota_of_several_weeks_is_averaged():
    assert cost(rota({"cycle_weeks": 4}, days="mon-fri", weeks=[1, 3], count=2)) == (40.0, 400.0)


def test_every_line_of_the_rota_has_a_name_of_its_own():
    site = staffed_site()
    assert site.staff is not None
    assert shift_labels(site.staff) == ("nurse day", "social worker day")
    twice = rota().staff
    assert twice is not None
    same = twice.model_copy(update={"rota": twice.rota * 2})
    name = "nurse 22:00-06:00 next day"
    assert shift_labels(same) == (f"{name} (1)", f"{name} (2)")


def test_a_working_day_in_two_rows_has_the_figures_of_one_row():
    """Two people, one of them written in two rows that touch; absent on some of 28 days."""
    site = """\
name: days
opening: {hours: 06:00-14:00}
demand: {visits_per_day: 30, profile: flat}
visits: {care: {services: {care: 1}}}
services: {care: {duration: 25, roles: [worker]}}
staff:
  roles: {worker: {cost_per_hour: 30}}
  absence: 0.2
  rota:
"""
    rest = "breaks: [{length: 30, from: 07:30, to: 09:00}]"
    cy = "    - {role: worker, from: 06:00, to: '14:00', people: [Cy]}\n"
    one = f"    - {{role: worker, from: 06:00, to: '14:00', people: [Bo], {rest}}}\n"
    two = (
        f"    - {{role: worker, from: 06:00, to: 08:00, people: [Bo], {rest}}}\n"
        "    - {role: worker, from: 08:00, to: '14:00', people: [Bo]}\n"
    )
    tables = []
    for lines in (one, two):
        table = run_study(scenario_from_text(site + lines + cy), Plan(replications=3)).summary
        whole = table[~table["by"].str.startswith("shift:")]
        tables.append(whole.set_index(["metric", "statistic", "by"])["value"])
    assert tables[0].index.equals(tables[1].index)
    np.testing.assert_allclose(tables[0], tables[1], rtol=1e-12)
    assert tables[0]["shifts_absent", "per_week", "all"] > 0
    assert tables[0]["overtime", "share_of_shifts", "all"] > 0


def test_hours_of_rows_of_one_person_that_overlap_count_once():
    """8 h and 4 h of which 2 h are the same; the dearer role holds from 12 on."""
    lines = [
        {"role": "nurse", "from": "06:00", "to": "14:00", "people": ["Bo"], "days": "mon"},
        {"role": "chief", "from": "12:00", "to": "16:00", "people": ["Bo"], "days": "mon"},
    ]
    roles = {"nurse": {"cost_per_hour": 10}, "chief": {"cost_per_hour": 20}}
    assert cost(make_scenario(staff={"roles": roles, "rota": lines})) == (10.0, 140.0)
