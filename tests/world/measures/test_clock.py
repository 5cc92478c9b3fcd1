"""Numbers at the quarter-hours, on open days and on the worst; and their tables."""

import numpy as np
import pytest

from sim.measures import Histogram, hour_rows, measure
from sim.measures.facts.facts import Facts
from sim.measures.figures.clock import Days, count_clock, count_rows_of_site
from sim.measures.figures.safety import cover_hours
from sim.measures.histogram import BASE
from sim.scenario.load import scenario_from_text
from sim.study import Plan, run_study
from sim.study.estimate.spread import _dense, _quantile, at_once, by_time_of_day, within
from tests.support.handmade_logs import make_log, make_scenario, staffed_site
from tests.support.saved_results import SITE

DAY = 1440
WEEK = {"days": 7}


def counted(scenario, log):
    """By metric, part and days: how often each number stood at each quarter-hour."""
    return {
        (row.metric, row.by, row.days): {
            (int(tick) // BASE, int(tick) % BASE): int(count)
            for tick, count in zip(found.ticks, found.counts, strict=True)
        }
        for row, found in zip(
            count_rows_of_site(scenario), count_clock(Facts(scenario, log)), strict=True
        )
    }


def test_a_number_is_read_after_all_that_happens_at_the_instant():
    scenario = make_scenario(horizon={"days": 1})
    changes = {"site:inside": [(600, 1), (614, 2), (615, 3), (615, 4), (629.5, 0)]}
    found = counted(scenario, make_log(scenario, changes=changes))["inside", "all", Days.OPEN]
    assert found == {(quarter, {40: 1, 41: 4}.get(quarter, 0)): 1 for quarter in range(96)}


def test_the_queues_are_added_and_places_count_while_they_are_open():
    scenario = make_scenario(horizon={"days": 1})
    changes = {
        "site:waiting_check_in": [(600, 1), (660, 0)],
        "site:waiting_place": [(630, 2), (645, 0)],
        "room:booths:open": [(600, 2), (630, 0)],
        "room:booths:occupied": [(600, 1), (700, 0)],
        "room:booths:cleaning": [(615, 1), (700, 0)],
    }
    found = counted(scenario, make_log(scenario, changes=changes))
    waiting = found["waiting", "all", Days.OPEN]
    assert [waiting.get((quarter, 3), 0) for quarter in (41, 42, 43)] == [0, 1, 0]
    assert (43, 1) in waiting
    taken = found["places_taken", "room:booths", Days.OPEN]
    assert [next(n for q, n in taken if q == quarter) for quarter in (40, 41, 42)] == [1, 2, 0]


def test_arrivals_are_counted_until_the_next_quarter():
    scenario = make_scenario(horizon={"days": 2, "start": "2026-01-05"})
    times = (600, 614.9, 615, DAY + 600, 2 * DAY + 1)
    log = make_log(scenario, visits=[{"arrival": time} for time in times])
    found = counted(scenario, log)["arrivals", "all", Days.OPEN]
    assert {cell: count for cell, count in found.items() if cell[1]} == {
        (40, 2): 1,
        (40, 1): 1,
        (41, 1): 1,
    }


def test_closed_days_are_left_out():
    scenario = make_scenario(opening={"hours": {"mon-fri": "10:00-18:00", "sat-sun": "closed"}})
    found = counted(scenario, make_log(scenario))["inside", "all", Days.OPEN]
    assert found == {(quarter, 0): 5 for quarter in range(96)}


def test_the_worst_day_is_the_one_with_most_minutes_queued():
    scenario = make_scenario(horizon={"weeks": 2})
    waits = [(2, 600, 30.0), (4, 700, 20.0), (4, 730, 11.0), (9, 640, 5.0)]
    visits = [{"arrival": DAY * day + time, "waited": wait} for day, time, wait in waits]
    found = counted(scenario, make_log(scenario, visits=visits))["arrivals", "all", Days.WORST]
    some = {cell: count for cell, count in found.items() if cell[1]}
    assert some == {(46, 1): 1, (48, 1): 1, (42, 1): 1}


def test_those_who_came_while_closed_do_not_make_a_day_the_worst():
    scenario = make_scenario(horizon=WEEK)
    visits = [
        {"arrival": 100.0, "waited": 500.0, "outcome": 4.0},
        {"arrival": DAY + 600.0, "waited": 1.0},
    ]
    found = counted(scenario, make_log(scenario, visits=visits))["arrivals", "all", Days.WORST]
    assert (40, 1) in found


def test_the_warm_up_is_not_read():
    scenario = make_scenario(horizon={"weeks": 2, "warmup_weeks": 1})
    changes = {"site:inside": [(600, 7), (700, 0), (7 * DAY + 600, 3), (7 * DAY + 616, 0)]}
    found = counted(scenario, make_log(scenario, changes=changes))["inside", "all", Days.OPEN]
    assert {cell: count for cell, count in found.items() if cell[1]} == {(40, 3): 1, (41, 3): 1}


def test_other_responses_are_counted_at_the_onset_on_site():
    scenario = staffed_site()
    responses: list[dict[str, float]] = [
        {"visit": 0, "onset": 603, "others": 0},
        {"visit": 1, "onset": 613, "others": 2},
        {"visit": 1, "onset": 640, "where": 2.0},
    ]
    visits = [{"arrival": 600.0}, {"arrival": 610.0}]
    log = make_log(scenario, visits=visits, responses=responses)
    assert counted(scenario, log)["responses_under_way", "all", Days.NONE] == {(0, 0): 1, (0, 2): 1}


def test_cover_counts_the_roles_of_the_rule_in_hours_wholly_open():
    scenario = staffed_site(opening={"hours": "10:30-18:00"})
    log = make_log(
        scenario,
        changes={
            "site:open": [(630, 1), (1080, 0)],
            "role:nurse:present": [(600, 2), (675, 1)],
            "role:social worker:present": [(600, 1)],
        },
    )
    tally = measure(scenario, log)
    place = [(row.metric, row.by) for row in hour_rows(scenario)].index(("cover", "rule:1"))
    assert tally.hour_denominator[place][9:13].tolist() == [0.0, 0.0, 60.0, 60.0]
    assert tally.hour_numerator[place][11:13].tolist() == [2 * 15 + 45 + 60, 2 * 60]
    assert [one.row.by for one in cover_hours(scenario)] == ["rule:1"]


@pytest.fixture(scope="module")
def study():
    return run_study(scenario_from_text(SITE), Plan(1, 4))


def test_quantiles_by_the_clock_are_those_of_the_days(study):
    table = by_time_of_day(study)
    assert len(table) == 2 * (3 + 2) * 96 * 4
    days = table.pivot_table(
        index=["metric", "by", "days", "minute"], columns="statistic", values="value"
    )
    assert (days["p5"] <= days["median"]).all()
    assert (days["median"] <= days["p95"]).all()
    known = table[table["ci_low"].notna()]
    assert (known["ci_low"] <= known["value"]).all()
    assert (known["value"] <= known["ci_high"]).all()
    arrivals = table[
        (table["metric"] == "arrivals") & (table["days"] == "open") & (table["statistic"] == "mean")
    ]
    visits = study.summary.set_index(["metric", "statistic", "by"])["value"]
    assert arrivals["value"].sum() == pytest.approx(visits["visits", "per_day", "all"])


def test_a_quantile_is_the_smallest_number_that_enough_did_not_exceed():
    rng = np.random.default_rng(7)
    numbers = rng.poisson(4, size=(5, 60))
    batches = [Histogram(*np.unique(row, return_counts=True)) for row in numbers.astype(np.int64)]
    for probability in (0.05, 0.5, 0.95):
        value, low, high = _quantile(_dense(batches, 1), probability)[:, 0]
        assert value == np.sort(numbers.ravel())[int(np.ceil(300 * probability)) - 1]
        assert low <= value <= high


def test_shares_within_are_those_of_the_summary(study):
    table = within(study)
    figures = study.summary.set_index(["metric", "statistic", "by"])
    for metric, minutes in (("wait", 5), ("wait", 20), ("response_first", 1), ("response_team", 3)):
        mine = table[
            (table["metric"] == metric) & (table["by"] == "all") & (table["minutes"] == minutes)
        ]
        wanted = figures.loc[(metric, f"within_{minutes}", "all")]
        for column in ("value", "ci_low", "ci_high"):
            assert mine[column].item() == pytest.approx(wanted[column], abs=1e-9)


def test_shares_at_once_add_up_and_agree_with_the_summary(study):
    table = at_once(study)
    assert table["value"].sum() == pytest.approx(1)
    simultaneous = study.summary.set_index(["metric", "statistic", "by"])["value"]
    others = table[table["number"] > 0]["value"].sum()
    assert others == pytest.approx(simultaneous["simultaneous", "share", "all"])
