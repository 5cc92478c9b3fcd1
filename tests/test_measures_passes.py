"""The passes over the visits find what is found by asking every visit by itself."""

from pathlib import Path

import numpy as np
import pytest

from sim.engine import simulate
from sim.log import Outcome
from sim.measures.compiled import column
from sim.measures.facts import LIMITS, REFUSED, SAME
from sim.measures.gather import closing_times, gather
from sim.measures.passes import (
    CHECKED_IN,
    JOINED,
    KNOWN,
    LEFT,
    STAYED,
    WITHIN,
    Stamps,
    add_up_days,
    add_up_stays,
    stamps_of,
)
from sim.measures.steps import HOURS, window_of
from sim.measures.walk import QUARTER, QUARTERS
from sim.scenario import load_scenario
from sim.scenario.hours import DAY
from sim.visitors import draw

SCENARIOS = Path(__file__).parent.parent / "scenarios"


@pytest.fixture(scope="module", params=["h17", "skyen"])
def played(request):
    changed = ["horizon.weeks=2", "horizon.warmup_weeks=1"]
    scenario = load_scenario(SCENARIOS / f"{request.param}.yaml", changed)
    return scenario, simulate(scenario, draw(scenario, 4, 0))


def test_visits_of_a_sort_add_up(played):
    scenario, log = played
    window = window_of(scenario)
    rows = log.visits["arrival"] >= window.start
    assert rows.any()
    assert not rows.all()
    of = {name: column[rows] for name, column in log.visits.items()}
    visits = gather(scenario, log).visits
    for name in ("kind", "room", "outcome"):
        assert getattr(visits, name)[visits.sort].tolist() == of[name].tolist()
    assert visits.hour[visits.sort].tolist() == window.hour_of_week(of["arrival"]).tolist()
    sorts = set(zip(visits.kind, visits.room, visits.outcome, visits.hour, strict=True))
    assert len(sorts) == len(visits.kind)
    for kind in range(len(scenario.visits)):
        chosen, mine = visits.kind == kind, of["kind"] == kind
        assert visits.total(chosen) == mine.sum()
        by_hour = np.bincount(window.hour_of_week(of["arrival"][mine]), minlength=HOURS)
        assert visits.by_hour(chosen).tolist() == by_hour.tolist()
        waited = of["waited"][mine & ~np.isnan(of["waited"])]
        for place, total, minutes in (
            (KNOWN, KNOWN + 1, of["waited"]),
            (CHECKED_IN, CHECKED_IN + 1, of["check_in_start"] - of["arrival"]),
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
    found = gather(scenario, log).closings
    came = ~np.isin(log.visits["outcome"], REFUSED)
    arrival, out = log.visits["arrival"][came], log.visits["out"][came]
    closings = closing_times(scenario)
    assert len(closings) == 7
    late = [max(0.0, out[arrival < time].max() - time) for time in closings]
    inside = [((arrival < time) & (out > time)).sum() for time in closings]
    assert found.late.tolist() == late
    assert found.inside.tolist() == inside
    assert max(inside) > 0


@pytest.mark.parametrize("border", [QUARTER, 7 * QUARTER, 1005.0, 3 * DAY, 363 * DAY])
def test_just_before_a_border_is_before_it(border):
    times = np.array([np.nextafter(border, 0), border, np.nextafter(border, np.inf)])
    columns = dict.fromkeys(Stamps._fields, times - times) | {"arrival": times}
    arrivals, _ = add_up_days(Stamps(*map(column, columns.values())), 0.0, 364, QUARTER)
    quarter = round(border / QUARTER)
    assert arrivals[[quarter - 1, quarter]].tolist() == [1, 2]


def test_stays_and_days_add_up(played):
    scenario, log = played
    of, window = log.visits, window_of(scenario)
    stays = add_up_stays(stamps_of(log), len(scenario.rooms), float(log.end))
    until = np.where(np.isnan(of["out"]), log.end, of["out"])
    assert stays.inside == pytest.approx(np.nansum(until - of["let_in"]), rel=1e-9)
    queued_until = np.where(np.isnan(of["entered"]), until, of["entered"])
    assert stays.queueing == pytest.approx(np.nansum(queued_until - of["joined"]), rel=1e-9)
    for room, held in enumerate(stays.held):
        left = np.where(np.isnan(of["left"]), log.end, of["left"])
        mine = of["room"] == room
        assert held == pytest.approx((left - of["entered"])[mine].sum(), rel=1e-9)
    rows, days = window.rows(of["arrival"]), round(window.days)
    arrivals, queued = add_up_days(stamps_of(log, rows), window.start, days, QUARTER)
    since = of["arrival"][rows] - window.start
    quarters = np.histogram(since, np.arange(days * QUARTERS + 1) * QUARTER)[0]
    assert arrivals.tolist() == quarters.tolist()
    for day in range(days):
        mine = (since // DAY == day) & (of["outcome"][rows] != Outcome.CLOSED)
        assert queued[day] == pytest.approx(np.nansum(of["waited"][rows][mine]), rel=1e-9)
