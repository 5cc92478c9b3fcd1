"""The runner with a cache, an interruption and a rule: the same figures, less work."""

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import Executor, Future
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import pandas as pd
import pytest

from sim.engine import Engine
from sim.results import Run, new_results, write_results
from sim.scenario.load import scenario_from_text
from sim.study import Plan, run_study
from sim.study.estimate.precision import Goal, PrecisionRule
from sim.study.run.cache import Cache
from sim.study.run.runner import StudyInterrupted
from sim.study.run.workers import Pool
from sim.visitors import draw
from tests import ROOT

TEXT = """\
name: small
horizon: {days: 3}
opening: {hours: 10:00-18:00}
demand: {visits_per_day: 90, profile: flat, day_to_day_cv: 0.2}
visits:
  inject: {rooms: [booths], stay: {distribution: exponential, mean: 25}, patience: 30}
rooms:
  booths: {places: 2}
targets: [wait.p90 <= 10 min]
"""
SITE = scenario_from_text(TEXT)
RUN = Run("dcr-sim run small.yaml", datetime(2026, 3, 1, 12, 0, tzinfo=UTC), 1.25)


@pytest.fixture
def played(monkeypatch):
    """The numbers of the replications that were really played, in this process."""
    numbers = []

    def counting(scenario, seed, replication):
        numbers.append(replication)
        return draw(scenario, seed, replication)

    monkeypatch.setattr("sim.study.run.replication.draw", counting)
    return numbers


def plan(folder, replications=6, **more):
    return Plan(5, replications, cache=Cache(folder, "1"), **more)


def same(one, other):
    for name in ("summary", "by_hour", "replications"):
        pd.testing.assert_frame_equal(getattr(one, name), getattr(other, name), check_exact=True)


def files(result, folder, scenario=SITE):
    """What a run writes, but for the manifest, which knows the time."""
    with new_results(folder) as draft:
        write_results(result, scenario, RUN, draft)
    return {p.name: p.read_bytes() for p in folder.iterdir() if p.name != "manifest.json"}


@pytest.mark.slow
def test_a_longer_study_reruns_nothing(tmp_path, played):
    few = run_study(SITE, plan(tmp_path / "cache", 4))
    assert (played, few.reused) == ([0, 1, 2, 3], 0)
    played.clear()
    many = run_study(SITE, plan(tmp_path / "cache", 6))
    assert (played, many.reused) == ([4, 5], 4)
    played.clear()
    again = run_study(SITE, plan(tmp_path / "cache", 6))
    assert (played, again.reused) == ([], 6)
    fresh = run_study(SITE, Plan(5, 6))
    for result in (many, again):
        same(result, fresh)
    written = [files(found, tmp_path / name) for found, name in ((again, "a"), (fresh, "b"))]
    assert written[0] == written[1]
    assert {"control.csv", "targets.csv"} < set(written[0])


def test_a_hole_in_the_cache_is_filled_and_nothing_else(tmp_path, played):
    cache = Cache(tmp_path, "1").study(SITE, 5)
    whole = run_study(SITE, plan(tmp_path))
    (cache.folder / "2.tally").write_bytes(b"damaged")
    (cache.folder / "4.tally").unlink()
    played.clear()
    same(run_study(SITE, plan(tmp_path)), whole)
    assert played == [2, 4]


def test_another_name_or_target_uses_the_same_replications(tmp_path, played):
    run_study(SITE, plan(tmp_path))
    played.clear()
    other = scenario_from_text(TEXT, ["name=other", "targets=[unserved <= 1 %]"])
    assert run_study(other, plan(tmp_path)).reused == 6
    more = scenario_from_text(TEXT, ["rooms.booths.places=3"])
    assert run_study(more, plan(tmp_path)).reused == 0


def test_tables_of_visits_are_not_in_the_cache(tmp_path, played):
    whole = run_study(SITE, plan(tmp_path))
    played.clear()
    kept = []
    again = run_study(SITE, plan(tmp_path), keep=lambda visits, _: kept.append(visits))
    assert played == list(range(6))
    assert len(kept) == 6
    same(again, whole)


@pytest.mark.slow
def test_engines_workers_and_cache_together_change_nothing(tmp_path):
    alone = run_study(SITE, Plan(5, 6))
    few = plan(tmp_path, 3, workers=2, engine=Engine.SIMPY)
    same(run_study(SITE, few), run_study(SITE, Plan(5, 3)))
    same(run_study(SITE, plan(tmp_path, 6, workers=2)), alone)


class _Backwards(Executor):
    """Works like a cluster on which what is asked for first is finished last."""

    def __init__(self):
        self.asked = []

    def submit(self, fn, /, *args, **kwargs):
        assert not kwargs
        future: Future[Any] = Future()
        self.asked.append((future, fn, args))
        if len(self.asked) == 4:
            self.finish()
        return future

    def finish(self):
        for future, fn, args in reversed(self.asked):
            future.set_result(fn(*args))
        self.asked.clear()


def test_whoever_does_the_work_the_result_is_the_same(tmp_path):
    opened = []

    @contextmanager
    def backwards():
        opened.append("open")
        yield Pool(_Backwards(), workers=2)
        opened.append("closed")

    same(run_study(SITE, Plan(5, 8, pool=backwards)), run_study(SITE, plan(tmp_path, 8)))
    assert opened == ["open", "closed"]
    run_study(SITE, plan(tmp_path, 8, pool=backwards))
    assert opened == ["open", "closed"]  # everything was in the cache: nobody was called


def interrupt_after(number):
    def progress(done, of):
        del of
        if done == number:
            raise KeyboardInterrupt

    return progress


def test_an_interruption_keeps_what_is_finished_and_says_how_many(tmp_path, played):
    with pytest.raises(StudyInterrupted) as stopped:
        run_study(SITE, plan(tmp_path), progress=interrupt_after(3))
    assert stopped.value.kept == 3
    played.clear()
    same(run_study(SITE, plan(tmp_path)), run_study(SITE, Plan(5, 6)))
    assert played[:3] == [3, 4, 5]


def test_what_others_had_finished_at_an_interruption_is_kept_too(tmp_path):
    @contextmanager
    def backwards():
        yield Pool(_Backwards(), workers=2)

    with pytest.raises(StudyInterrupted) as stopped:
        run_study(SITE, plan(tmp_path, 8, pool=backwards), progress=interrupt_after(1))
    assert stopped.value.kept == 4


def test_without_a_cache_nothing_is_kept(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(StudyInterrupted) as stopped:
        run_study(SITE, Plan(5, 6), progress=interrupt_after(3))
    assert stopped.value.kept == 0
    assert not list(tmp_path.iterdir())


def command(folder, *options):
    # Whoever started the tests in the background may have let their children ignore Ctrl-C.
    code = (
        "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); "
        "from sim.cli import main; main()"
    )
    options = ("run", "small.yaml", "--replications", "120", "--workers", "1", *options)
    return subprocess.Popen(
        [sys.executable, "-c", code, *options],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def kept_in(folder):
    return len(list(folder.glob("results/.cache/*/*.tally")))


def stop_half_way(folder, number):
    """Begin a run and end it by a signal as soon as a few more replications are kept."""
    before = kept_in(folder)
    process = command(folder, "--engine", "simpy")  # the compiled one would be too quick
    while kept_in(folder) < before + 3:
        assert process.poll() is None, process.stderr.read()
        time.sleep(0.01)
    process.send_signal(number)
    _, said = process.communicate(timeout=60)
    return process.returncode, said


@pytest.mark.slow
def test_killed_half_way_and_run_again_gives_the_same_files(tmp_path):
    (tmp_path / "small.yaml").write_text(TEXT.replace("days: 3", "weeks: 4"), "utf-8")
    killed, _ = stop_half_way(tmp_path, signal.SIGKILL)
    assert killed == -signal.SIGKILL
    status, said = stop_half_way(tmp_path, signal.SIGINT)
    assert status == 130
    assert "finished replications are kept, and the same command goes on from there" in said
    assert "Traceback" not in said
    again = command(tmp_path)
    printed, said = again.communicate(timeout=100)
    assert again.returncode == 0, said
    assert "of the 120 replications were kept from an earlier run" in " ".join(printed.split())
    never = command(tmp_path, "--no-cache", "--out", "never")
    never.communicate(timeout=100)
    for name in ("summary.csv", "by_hour.csv", "replications.csv", "summary.json", "control.csv"):
        found = tmp_path / "results" / "small" / name
        assert found.read_bytes() == (tmp_path / "never" / name).read_bytes()


WAITING = """
import os, time
from sim.study.run.workers import processes
with processes(1) as pool:
    print(pool.executor.submit(os.getpid).result(), flush=True)
    time.sleep(600)
"""


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_workers_end_with_their_program_however_it_ends(number):
    process = subprocess.Popen(
        [sys.executable, "-c", WAITING],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline().strip().isdigit()  # the worker is there, and idle
    process.send_signal(number)
    process.communicate(timeout=60)  # it holds the pipe as long as it lives
    assert process.returncode == -number


@pytest.mark.slow
def test_a_command_that_is_told_to_end_ends_as_by_ctrl_c(tmp_path):
    (tmp_path / "small.yaml").write_text(TEXT.replace("days: 3", "weeks: 4"), "utf-8")
    status, said = stop_half_way(tmp_path, signal.SIGTERM)
    assert status == 130
    assert "finished replications are kept" in said
    assert not list((tmp_path / "results").glob(".small*"))


GOALS = (Goal("wait", "mean", ("all",), absolute=0.5),)


@pytest.mark.slow
def test_a_rule_goes_on_until_the_figure_is_precise(tmp_path):
    heard = []
    rule = PrecisionRule(least=5, most=500, goals=GOALS)
    result = run_study(
        SITE,
        plan(tmp_path, precision=rule),
        progress=lambda done, of: heard.append((done, of)),
    )
    mean = result.summary.query("metric == 'wait' and statistic == 'mean' and by == 'all'").iloc[0]
    assert (mean["ci_high"] - mean["ci_low"]) / 2 <= 0.5
    assert result.precision is not None
    assert result.precision.reached
    assert result.precision.decisive is not None
    assert result.precision.decisive.row.metric == "wait"
    assert 5 < result.count < 500
    assert heard[0] == (1, 5)
    assert heard[-1] == (result.count, result.count)
    same(result, run_study(SITE, Plan(5, result.count)))
    same(result, run_study(SITE, plan(tmp_path, workers=2, precision=rule)))


def test_a_rule_stops_at_the_most(tmp_path):
    rule = PrecisionRule(least=3, most=7, goals=(Goal("wait", "mean", ("all",), absolute=1e-6),))
    result = run_study(SITE, plan(tmp_path, precision=rule))
    assert result.count == 7
    assert result.precision is not None
    assert not result.precision.reached
    assert result.precision.decisive is not None
    assert result.precision.decisive.shortfall > 1


BREAKS_OFF = """\
from concurrent.futures import as_completed

from sim.engine import Engine
from sim.study.run.workers import this_machine


def much(number):
    return bytes(50_000_000)


if __name__ == "__main__":
    with this_machine(Engine.SIMPY, 2)() as pool:
        begun = [pool.executor.submit(much, number) for number in range(12)]
        WAIT
        raise SystemExit(7)
"""


@pytest.mark.slow
@pytest.mark.parametrize("wait", ["next(as_completed(begun))", "pass"], ids=["sending", "starting"])
def test_processes_can_be_stopped_while_they_send_results_or_start(tmp_path, wait):
    program = tmp_path / "program.py"
    program.write_text(BREAKS_OFF.replace("WAIT", wait), "utf-8")
    ran = subprocess.run(
        [sys.executable, program],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        timeout=120,
        check=False,
        capture_output=True,
    )
    assert ran.returncode == 7
