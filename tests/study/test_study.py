"""Studies: replications run in parallel, added up in order, in memory that stays flat."""

import multiprocessing
import threading
import time
import weakref

import numpy as np
import pandas as pd
import pytest

from sim.engine import Engine
from sim.log import Log
from sim.measures import hour_rows, measure, metric_rows
from sim.measures.histogram import histogram_of, merge
from sim.scenario import load_scenario
from sim.study import Accumulator, Plan, StudyError, run_study
from sim.study.estimate.intervals import poisson, quantile, ratio
from sim.study.estimate.summary import BATCHES
from sim.study.run.replication import simulate_replication
from tests import ROOT
from tests.support.handmade_logs import (
    dying_replication,
    failing_replication,
    fake_replication,
    make_log,
    make_scenario,
    slow_replication,
    staffed_site,
)

SITE = make_scenario()


def study(replications=6, workers=1, **more):
    return run_study(SITE, Plan(5, replications, workers), simulate_one=fake_replication, **more)


def row(table, **key):
    found = table
    for column, value in key.items():
        found = found[found[column] == value]
    assert len(found) == 1
    return found.iloc[0]


def test_the_tables_have_their_columns_and_rows():
    result = study()
    columns = ["metric", "statistic", "by", "value", "ci_low", "ci_high", "unit", "replications"]
    assert list(result.summary.columns) == columns
    assert len(result.summary) == len(metric_rows(SITE)) == len(result.rows)
    assert list(result.by_hour.columns) == [
        "metric",
        "by",
        "hour_of_week",
        *columns[3:],
    ]
    assert len(result.by_hour) == 168 * len(hour_rows(SITE))
    assert list(result.replications.columns) == ["replication", *columns[:4]]
    assert len(result.replications) == 6 * len(result.summary)
    assert set(result.summary["replications"]) == {6}
    assert (result.seed, result.count) == (5, 6)


def test_a_mean_is_of_all_visits_and_not_of_the_replications_means():
    result = study()
    logs = [fake_replication(SITE, 5, number) for number in range(6)]
    waits = [log.visits["waited"] for log in logs]
    mean = row(result.summary, metric="wait", statistic="mean", by="all")
    assert mean["value"] == pytest.approx(np.concatenate(waits).mean())
    expected = ratio(
        np.array([w.sum() for w in waits]), np.array([len(w) for w in waits], dtype=float)
    )
    assert mean["ci_low"] == pytest.approx(float(expected.low))
    p90 = row(result.summary, metric="wait", statistic="p90", by="all")
    assert tuple(p90[["value", "ci_low", "ci_high"]]) == quantile(
        [histogram_of(w) for w in waits], 0.9
    )


def test_replications_are_given_one_by_one():
    result = study()
    waits = fake_replication(SITE, 5, 3).visits["waited"]
    third = {"replication": 3, "metric": "wait", "by": "all"}
    mean = row(result.replications, statistic="mean", **third)
    assert mean["value"] == pytest.approx(waits.mean())
    median = row(result.replications, statistic="median", **third)
    assert median["value"] == histogram_of(waits).quantile(0.5)


def test_hours_of_the_week_have_their_own_intervals():
    result = study()
    hour = row(result.by_hour, metric="arrivals", by="all", hour_of_week=12)
    counts = np.array(
        [
            np.sum(fake_replication(SITE, 5, number).visits["arrival"] // 60 == 12)
            for number in range(6)
        ],
        dtype=float,
    )
    expected = ratio(counts, np.ones(6))
    assert hour["value"] == pytest.approx(float(expected.value))
    assert hour["ci_high"] == pytest.approx(float(expected.high))
    assert hour["ci_low"] == pytest.approx(max(0.0, float(expected.low)))


def test_no_interval_leaves_what_is_possible():
    result = study(3)
    bounds = result.summary.dropna()
    assert (bounds["ci_low"] >= 0).all()
    most = pd.Series([r.most for r in result.rows])[bounds.index]
    assert (bounds["ci_high"] <= most).all()
    assert (bounds["ci_low"] <= bounds["value"]).all()
    assert (bounds["value"] <= bounds["ci_high"]).all()


def test_the_highest_is_of_all_replications():
    figures = Accumulator(SITE)
    for people in (3, 7, 5):
        figures.add(measure(SITE, make_log(SITE, changes={"site:inside": [(600, people)]})))
    summary = figures.result(1).summary
    found = row(summary, metric="inside", statistic="highest", by="all")
    assert found["value"] == 7
    assert np.isnan(found["ci_low"])
    assert row(summary, metric="inside", statistic="peak", by="all")["value"] == 5


def test_rare_events_have_the_poisson_interval():
    site = staffed_site()
    visits = [{"arrival": 600, "room": 0}]
    figures = Accumulator(site)
    for happened in (True, False, True):
        responses = [{"visit": 0, "onset": 603, "first": 603, "team": 603}] * happened
        figures.add(measure(site, make_log(site, visits=visits, responses=responses)))
    summary = figures.result(1).summary
    found = row(summary, metric="overdoses", statistic="per_year", by="all")
    expected = poisson(np.array([2.0]), np.array([21 / 365]))
    assert found["value"] == pytest.approx(expected.value[0])
    assert found["ci_low"] == pytest.approx(expected.low[0])
    assert found["ci_high"] == pytest.approx(expected.high[0])
    met = row(summary, metric="response_first", statistic="within_1", by="all")
    assert (met["value"], met["ci_low"]) == (1.0, pytest.approx(0.025**0.5))


def test_an_empty_study_day_is_nan_and_no_warning():
    figures = Accumulator(SITE)
    figures.add(measure(SITE, make_log(SITE)))
    summary = figures.result(1).summary
    assert np.isnan(row(summary, metric="wait", statistic="mean", by="all")["value"])
    assert np.isnan(row(summary, metric="wait", statistic="p95", by="all")["value"])
    assert row(summary, metric="visits", statistic="per_day", by="all")["value"] == 0


def test_more_replications_than_batches_are_put_together():
    number = BATCHES + 5
    tallies = [measure(SITE, fake_replication(SITE, 1, k)) for k in range(number)]
    figures = Accumulator(SITE)
    for tally in tallies:
        figures.add(tally)
    result = figures.result(1)
    samples = [tally.histograms[0] for tally in tallies]
    batches = [merge(samples[batch::BATCHES]) for batch in range(BATCHES)]
    found = row(result.summary, metric="wait", statistic="median", by="all")
    assert tuple(found[["value", "ci_low", "ci_high"]]) == quantile(batches, 0.5)
    # Means keep every replication.
    above = np.array([tally.numerator for tally in tallies])
    below = np.array([tally.denominator for tally in tallies])
    expected = ratio(above, below)
    place = [r.metric == "wait" and r.statistic == "mean" for r in result.rows].index(True)
    assert result.summary["ci_high"][place] == pytest.approx(expected.high[place])
    hours = np.array([tally.hour_numerator[0] for tally in tallies])
    arrivals = result.by_hour[result.by_hour["metric"] == "arrivals"][:168]
    assert arrivals["value"].to_numpy() == pytest.approx(hours.mean(axis=0))


def same(one, other):
    for name in ("summary", "by_hour", "replications"):
        pd.testing.assert_frame_equal(getattr(one, name), getattr(other, name), check_exact=True)


def test_any_number_of_workers_gives_the_same_result_to_the_last_bit():
    alone = study(7)
    heard, kept = [], []
    together = study(
        7,
        workers=3,
        progress=lambda done, of: heard.append((done, of)),
        keep=lambda visits, responses: kept.append((visits, responses)),
    )
    same(alone, together)
    assert heard == [(k, 7) for k in range(1, 8)]
    assert [set(visits["replication"].to_pylist()) for visits, _ in kept] == [{k} for k in range(7)]
    assert all(len(responses) == 0 for _, responses in kept)


def test_more_replications_leave_the_first_ones_as_they_are():
    few, many = study(3).replications, study(5).replications
    pd.testing.assert_frame_equal(few, many[: len(few)])


@pytest.mark.slow
@pytest.mark.parametrize("engine", Engine)
def test_what_goes_wrong_in_a_worker_is_passed_on(engine):
    with pytest.raises(RuntimeError, match="the third one breaks"):
        run_study(SITE, Plan(1, 5, 2, engine), simulate_one=failing_replication)
    assert not multiprocessing.active_children()


@pytest.mark.slow
def test_a_worker_that_dies_is_told_of():
    with pytest.raises(StudyError, match="worker process died"):
        run_study(SITE, Plan(1, 4, 2, Engine.SIMPY), simulate_one=dying_replication)


@pytest.mark.slow
def test_an_interruption_ends_the_workers_at_once():
    def interrupt(done, of):
        del done, of
        raise KeyboardInterrupt

    began = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        run_study(
            SITE,
            Plan(1, 6, 2, Engine.SIMPY),
            simulate_one=slow_replication,
            progress=interrupt,
        )
    assert time.monotonic() - began < 60
    assert not multiprocessing.active_children()
    assert threading.active_count() == 1 or not [
        thread for thread in threading.enumerate() if "ExecutorManager" in thread.name
    ]


@pytest.mark.parametrize("wrong", [{"seed": -1}, {"replications": 0}, {"workers": 0}])
def test_a_plan_must_make_sense(wrong):
    with pytest.raises(ValueError, match="needs seed"):
        Plan(**wrong)


@pytest.mark.parametrize("tables", [False, True])
def test_a_process_frees_the_logs_of_the_replications_before(tables):
    """A log of H17 is 6 to 11 MB: whatever is worked out of it must not hold on to it."""
    scenarios = ROOT / "scenarios"
    site = load_scenario(scenarios / "h17.yaml", ["horizon.weeks=1"])
    played: list[weakref.ref[Log]] = []
    alive = []

    def remembered(scenario, seed, replication):
        alive.append(sum(log() is not None for log in played))
        log = simulate_replication(scenario, seed, replication)
        played.append(weakref.ref(log))
        return log

    keep = (lambda *_: None) if tables else None
    run_study(site, Plan(5, 5, 1), simulate_one=remembered, keep=keep)
    assert len(played) == 5
    assert max(alive) <= 1
    assert not any(log() is not None for log in played)
