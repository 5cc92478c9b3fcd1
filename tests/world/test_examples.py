"""The example scenarios: laws that hold in every run, and figures they are to give."""

import numpy as np
import pytest

from sim.facility import simulate
from sim.log import Outcome, series_names
from sim.scenario import load_scenario
from sim.study import Plan, run_study
from sim.visitors import draw
from tests import ROOT

EXAMPLES = sorted((ROOT / "scenarios").glob("*.yaml"))
WEEK = ["horizon.weeks=1"]


def integral(log, scenario, series):
    """Exact integral of a count from the beginning to the end of the log."""
    mine = log.changes["series"] == series_names(scenario).index(series)
    time, value = log.changes["time"][mine], log.changes["value"][mine]
    return float(np.sum(value * np.diff(time, append=log.end)))


@pytest.fixture(scope="module", params=EXAMPLES, ids=lambda path: path.stem)
def played(request):
    scenario = load_scenario(request.param, WEEK)
    visitors = draw(scenario, seed=4, replication=0)
    return scenario, visitors, simulate(scenario, visitors)


def test_there_are_examples():
    assert {"copenhagen-2013-one-house", "h17", "skyen"} <= {path.stem for path in EXAMPLES}


@pytest.mark.slow
def test_everybody_who_comes_has_one_outcome(played):
    _, visitors, log = played
    counted = np.bincount(log.visits["outcome"].astype(int), minlength=len(Outcome))
    assert counted.sum() == len(visitors) > 1000
    inside = log.visits["outcome"] == Outcome.INSIDE_AT_END
    assert (np.isnan(log.visits["out"]) == inside).all()


@pytest.mark.slow
def test_littles_law(played):
    """Integral of the number inside = sum of the times inside, over a whole run."""
    scenario, _, log = played
    until = np.where(np.isnan(log.visits["out"]), log.end, log.visits["out"])
    spent = np.nansum(until - log.visits["let_in"])
    assert integral(log, scenario, "site:inside") == pytest.approx(spent, rel=1e-9)
    places = sum(
        integral(log, scenario, f"room:{room}:{series}")
        for room in scenario.rooms
        for series in ("occupied", "blocked")
    )
    left = np.where(np.isnan(log.visits["left"]), log.end, log.visits["left"])
    held = np.nansum(left - log.visits["entered"])
    assert places == pytest.approx(held, rel=1e-9)


@pytest.mark.slow
def test_no_place_is_held_by_two(played):
    scenario, _, log = played
    for number, room in enumerate(scenario.rooms.values()):
        used = log.visits["room"] == number
        assert log.visits["place"][used].max() < room.places
        for place in range(room.places):
            here = used & (log.visits["place"] == place)
            order = np.argsort(log.visits["entered"][here])
            entered, left = log.visits["entered"][here][order], log.visits["left"][here][order]
            assert (entered[1:] >= left[:-1]).all()


@pytest.mark.parametrize("change", ["rooms.smoking.places=20", "staff.rota.0.count=9"])
def test_a_place_or_a_nurse_more_changes_nobody_who_comes(change):
    path = next(path for path in EXAMPLES if path.stem == "h17")
    base = draw(load_scenario(path, WEEK), seed=4, replication=2)
    other = draw(load_scenario(path, [*WEEK, change]), seed=4, replication=2)
    for name in (
        "arrival",
        "kind",
        "stay",
        "patience",
        "onset",
        "check_in",
        "aftercare",
        "service",
    ):
        assert np.array_equal(getattr(base, name), getattr(other, name), equal_nan=True), name


@pytest.mark.slow
def test_copenhagens_year_of_overdoses():
    """About 135 overdoses in the first year (the press of 2013).

    Uses a year come from the whole model; overdoses on site per use from 40 years of visitors
    (an overdose is on site if it begins before the stay ends, but for the few in aftercare),
    since risk clusters by month and single years differ much.
    """
    path = next(path for path in EXAMPLES if path.stem == "copenhagen-2013-one-house")
    study = run_study(load_scenario(path, WEEK), Plan(seed=1, replications=4))
    uses = study.summary.query("metric == 'uses' and statistic == 'per_day' and by == 'all'")
    scenario = load_scenario(path, ["horizon.weeks=52"])
    rates = []
    for replication in range(40):
        visitors = draw(scenario, seed=1, replication=replication)
        rates.append(np.mean(visitors.onset < np.nanmax(visitors.stay, axis=0)))
    year = uses["value"].item() * 364 * np.mean(rates)
    error = year * np.std(rates, ddof=1) / np.sqrt(len(rates)) / np.mean(rates)
    assert abs(year - 135) < 4 * error
    assert error < 0.05 * 135
