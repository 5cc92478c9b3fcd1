"""Adding up the visits finds what is found by asking every visit by itself."""

from pathlib import Path

import numpy as np
import pytest

from sim.engine import simulate
from sim.log import Outcome
from sim.measures import measure
from sim.measures.facts import EVERYONE, REFUSED, Facts, by_kind
from sim.measures.histogram import TICKS, histogram_of
from sim.measures.laws import LawError, check_laws
from sim.measures.steps import HOURS, QUARTER, QUARTERS, SAME, closing_times, window_of
from sim.measures.tally import samples
from sim.measures.visits import (
    CHECKED_IN,
    INSIDE,
    JOINED,
    KNOWN,
    LEFT,
    LIMITS,
    QUEUEING,
    SHORT,
    STAYED,
    WITHIN,
    visit_sums,
)
from sim.scenario import load_scenario
from sim.scenario.hours import DAY
from sim.visitors import draw
from tests.handmade_logs import make_log, make_scenario

SCENARIOS = Path(__file__).parent.parent / "scenarios"


@pytest.fixture(scope="module", params=["h17", "skyen"])
def played(request):
    changed = ["horizon.weeks=2", "horizon.warmup_weeks=1"]
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
        assert getattr(visits, name)[visits.cells.of_visit].tolist() == of[name].tolist()
    arrived = window.hour_of_week(of["arrival"])
    early = of["let_in"] > of["arrival"]
    assert early.any()
    hours = visits.hour[visits.cells.of_visit]
    assert hours[early].tolist() == window.hour_of_week(of["let_in"][early]).tolist()
    inside = ~early & ~np.isnan(of["let_in"])
    assert hours[inside].tolist() == arrived[inside].tolist()
    of_cell = visits.way, visits.kind, visits.room, visits.outcome, visits.hour
    assert len(set(zip(*of_cell, strict=True))) == len(visits.kind)
    groups = list(by_kind(scenario))
    for kind in range(len(scenario.visits)):
        chosen, mine = groups[kind], of["kind"] == kind
        assert visits.total(chosen) == mine.sum()
        by_hour = np.bincount(arrived[mine], minlength=HOURS)
        assert visits.arrivals_by_hour(kind).tolist() == by_hour.tolist()
        by_hour = np.bincount(hours[mine], minlength=HOURS)
        assert visits.by_hour(chosen).tolist() == by_hour.tolist()
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
    assert visits.total(EVERYONE) == len(waited)
    assert visits.total(EVERYONE, KNOWN) == len(known)
    assert visits.total(EVERYONE, KNOWN + 1) == pytest.approx(known.sum())
    for number, limit in enumerate(LIMITS):
        within = visits.total(EVERYONE, WITHIN + number)
        assert within == (known <= limit + SAME).sum(), limit
    counted, one_by_one = visits.waits_by_length(EVERYONE), histogram_of(known)
    assert counted.ticks.tolist() == one_by_one.ticks.tolist()
    assert counted.counts.tolist() == one_by_one.counts.tolist()


@pytest.mark.parametrize(
    ("column", "value"), [("kind", 9), ("kind", -1), ("room", 7), ("room", -2), ("outcome", np.nan)]
)
def test_what_there_is_not_breaks_a_law(column, value):
    scenario = make_scenario()
    log = make_log(scenario, visits=[{"arrival": 5}, {"arrival": 7, column: value}])
    with pytest.raises(LawError, match="1 visits without an outcome, or of no kind or room"):
        check_laws(scenario, log)
