"""The facility that simulators race over is the same one in each, so that the race is fair."""

import numpy as np
import pytest

from benchmarks.engines import __main__ as race_of
from benchmarks.engines import in_ciw, in_simpy
from benchmarks.engines.__main__ import Other, Ours, Play, loaded, table
from benchmarks.engines.__main__ import race as run_race
from benchmarks.engines.site import Outcome, Site, scenario
from benchmarks.fit.coverage import Kept, coverage
from benchmarks.fit.forecast import KNOWN, errors
from benchmarks.fit.sites import QUEUE_TRUTH, queue
from sim.engine import Engine, simulate
from sim.measures.facts.changes import TAKEN, series_of
from sim.visitors import draw

SITE = Site(days=7)
COMPILED = Ours(Engine.FAST)


def apart(ours: list[float], theirs: list[float]) -> float:
    """Difference of two means in standard errors."""
    one, other = np.array(ours), np.array(theirs)
    error = np.sqrt(one.var(ddof=1) / len(one) + other.var(ddof=1) / len(other))
    return float(abs(one.mean() - other.mean()) / error)


@pytest.mark.slow
def test_the_documentations_way_and_ours_play_the_same_facility():
    seeds = range(1, 9)
    theirs = [in_simpy.play(SITE, seed) for seed in seeds]
    ours = [COMPILED(SITE, seed) for seed in seeds]

    def left(found: list[Outcome]) -> list[float]:
        return [one.left / one.visits for one in found]

    assert 0.08 < np.mean(left(ours)) < 0.14
    assert apart(left(ours), left(theirs)) < 4
    assert apart([one.mean_wait for one in ours], [one.mean_wait for one in theirs]) < 4


@pytest.mark.slow
def test_patience_runs_out_at_the_desk_too():
    site = Site(days=7, desks=1, places=(60, 60))
    theirs = [in_simpy.play(site, seed) for seed in range(1, 9)]
    ours = [COMPILED(site, seed) for seed in range(1, 9)]
    left = [[one.left / one.visits for one in found] for found in (ours, theirs)]
    assert 0.02 < np.mean(left[0]) < 0.3
    assert apart(*left) < 4


@pytest.mark.slow
def test_the_documentations_way_measured_knows_the_same_and_how_many_places_are_taken():
    names = [f"room:injecting:{state}" for state in TAKEN]
    plan, theirs, ours = scenario(SITE), [], []
    for seed in range(1, 9):
        facility = in_simpy.run(SITE, seed, in_simpy.Monitored)
        assert in_simpy.play_measured(SITE, seed) == in_simpy.play(SITE, seed)
        waits = in_simpy.waits_by_hour(facility)
        mean = (waits["mean"] * waits["count"]).sum() / waits["count"].sum()
        assert mean == pytest.approx(in_simpy.outcome(facility).mean_wait)
        room = facility.rooms[0]
        assert isinstance(room, in_simpy.Monitored)
        theirs.append(in_simpy.means_by_hour(room, SITE.minutes)["used"].mean())
        log = simulate(plan, draw(plan, seed, 0))
        ours.append(series_of(plan, log).whole(*names) / SITE.minutes)
    assert 6 < np.mean(ours) < SITE.places[0]
    assert apart(ours, theirs) < 4


@pytest.mark.slow
def test_either_engine_of_ours_finds_the_same():
    assert Ours(Engine.SIMPY, measured=False)(SITE, 3) == COMPILED(SITE, 3)


def test_who_fails_is_left_out_of_the_race_with_a_word(capsys):
    rounds = iter([Outcome(100, 5, 1.0)])

    def breaks_down(_site: Site, _seed: int) -> Outcome:
        found = next(rounds, None)
        if found is None:
            raise RuntimeError("expected a\nmodel reference")
        return found

    players: dict[str, Play] = {
        "SimPy, as in its documentation": in_simpy.play,
        "fails at once": Other("no_such_module"),
        "fails later": breaks_down,
    }
    assert list(loaded(players)) == ["SimPy, as in its documentation", "fails later"]
    found = table(run_race(Site(days=1), 1, players))
    assert found["simulator"].tolist() == ["SimPy, as in its documentation"]
    said = capsys.readouterr().err.splitlines()
    assert said[0].startswith("fails at once is left out, it failed: ModuleNotFoundError: ")
    assert "fails later is left out, it failed: RuntimeError: expected a model reference" in said


def test_the_others_are_imported_before_anything_is_compiled(monkeypatch):
    done = []

    def load(players: dict[str, Play]) -> dict[str, Play]:
        done.append("loaded")
        return players

    monkeypatch.setattr(race_of, "loaded", load)
    monkeypatch.setattr(race_of, "compile_engine", lambda _: done.append("compiled"))
    monkeypatch.setattr(race_of, "PLAYERS", {race_of.BASE: in_simpy.play})
    monkeypatch.setattr(race_of, "keep_freed_memory", lambda: None)
    race_of.main(["--days", "1", "--rounds", "1"])
    assert done == ["loaded", "compiled"]


@pytest.mark.slow
def test_a_race_reports_each_and_counts_visits():
    players: dict[str, Play] = {
        "SimPy, as in its documentation": in_simpy.play,
        "Ciw": in_ciw.play,
        "we": COMPILED,
    }
    found = table(run_race(Site(days=2), 2, players))
    assert found["simulator"].tolist() == list(players)
    assert found["times faster"].iloc[0] == 1
    assert found["visits"].between(1200, 1600).all()


@pytest.mark.slow
def test_fits_are_set_against_the_truth():
    """Three logs of a queue of which all is known; and one forecast."""
    kept = Kept("clean", {})
    found = list(coverage(queue(), QUEUE_TRUTH, kept, 3, 1))
    assert {one["logs"] for one in found} == {3}
    assert sum(float(str(one["held"])) for one in found) > 2.5
    errors_of = errors(1, 1)
    assert list(errors_of["known"]) == list(KNOWN)
    assert np.isfinite(errors_of[["P90", "unserved"]].to_numpy()).all()
