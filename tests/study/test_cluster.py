"""A Dask cluster does the work: the same to the last bit, even when a worker dies on the way."""

import json
import subprocess
import sys
import time
from concurrent.futures import Executor, Future
from contextlib import contextmanager

import pandas as pd
import pytest
from distributed import Client

from sim.engine import Engine
from sim.scenario.load import scenario_from_text
from sim.study import Plan, StudyError, run_study
from sim.study.estimate.control import expected
from sim.study.run import workers
from sim.study.run.replication import Replicated, StudyJob
from sim.study.run.workers import PackedJob, dask_cluster
from tests import ROOT
from tests.support.handmade_logs import fake_replication, make_scenario

SITE = """\
name: of-two-machines
horizon: {days: 2}
opening: {hours: 10:00-18:00}
demand: {visits_per_day: 900, profile: flat}
visits:
  inject: {rooms: [booths], stay: {distribution: exponential, mean: 25}, patience: 20}
rooms:
  booths: {places: 13}
"""


@contextmanager
def started(module, *options):
    """A process, ended with the block."""
    command = [sys.executable, "-m", module, "--host", "127.0.0.1", "--no-dashboard", *options]
    process = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


@contextmanager
def a_scheduler(folder):
    """A scheduler on this machine; gives its address."""
    file = folder / "scheduler.json"
    options = ("--port", "0", "--scheduler-file", str(file))
    with started("distributed.cli.dask_scheduler", *options) as process:
        while not (file.exists() and file.read_text("utf-8").endswith("}")):
            assert process.poll() is None, process.stderr.read().decode()
            time.sleep(0.05)
        yield json.loads(file.read_text("utf-8"))["address"]


@contextmanager
def a_worker(folder, address):
    """A worker with one thread."""
    options = ("--no-nanny", "--nthreads", "1", "--local-directory", str(folder))
    with started("distributed.cli.dask_worker", *options, address) as process:
        yield process


def same(one, other):
    for name in ("summary", "by_hour", "replications"):
        pd.testing.assert_frame_equal(getattr(one, name), getattr(other, name), check_exact=True)


@pytest.mark.slow
def test_a_cluster_that_loses_a_worker_half_way_gives_the_same(tmp_path):
    site = scenario_from_text(SITE)
    with (
        a_scheduler(tmp_path) as address,
        a_worker(tmp_path, address) as one,
        a_worker(tmp_path, address),
    ):
        with Client(address, set_as_default=False) as client:
            client.wait_for_workers(2, timeout=30)

        def kill_half_way(done, of):
            if done == of // 2:
                one.kill()

        plan = Plan(3, 12, pool=dask_cluster(address))
        spread = run_study(site, plan, progress=kill_half_way)
        assert one.wait(5) != 0
    same(spread, run_study(site, Plan(3, 12)))


@pytest.mark.slow
def test_a_scheduler_that_dies_half_way_is_told_of(tmp_path):
    site = scenario_from_text(SITE)
    file = tmp_path / "scheduler.json"
    options = ("--port", "0", "--scheduler-file", str(file))
    with started("distributed.cli.dask_scheduler", *options) as scheduler:
        while not (file.exists() and file.read_text("utf-8").endswith("}")):
            time.sleep(0.05)
        address = json.loads(file.read_text("utf-8"))["address"]
        with a_worker(tmp_path, address):

            def kill_half_way(done, of):
                if done == of // 2:
                    scheduler.kill()

            plan = Plan(3, 40, pool=dask_cluster(address))
            with pytest.raises(StudyError, match=r"the Dask scheduler at tcp://.* is gone"):
                run_study(site, plan, progress=kill_half_way)


def test_work_of_which_nothing_is_heard_is_given_up(monkeypatch):
    """What was handed to Dask as its scheduler went was waited for, for ever."""

    class Deaf(Executor):
        def submit(self, *_args, **_words):
            return Future()

    monkeypatch.setattr(workers, "_LOOKS_EVERY", 0.01)
    monkeypatch.setattr(workers, "_SILENT_FOR", 0.05)
    gone = "the Dask scheduler at tcp://there is gone"
    deaf = Deaf()
    with (
        workers._Watched(deaf, lambda: False, "tcp://there") as watched,
        pytest.raises(StudyError, match=gone),
    ):
        watched.submit(len, "").result(10)
    with workers._Watched(deaf, lambda: True, "tcp://there") as watched:
        future = watched.submit(len, "")
        time.sleep(0.3)
        assert not future.done()


def test_nobody_at_the_address_is_told_of(monkeypatch):
    monkeypatch.setattr(workers, "_PATIENCE", "0.2 s")
    with pytest.raises(StudyError, match=r"no Dask scheduler answers at tcp://127\.0\.0\.1:9"):
        run_study(make_scenario(), Plan(1, 2, pool=dask_cluster("tcp://127.0.0.1:9")))


def test_a_cluster_without_the_package_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(StudyError, match=r"pip install 'dcr-sim\[cluster\]'"):
        run_study(make_scenario(), Plan(1, 2, pool=dask_cluster("tcp://127.0.0.1:9")))


def test_a_worker_with_another_version_refuses():
    site = make_scenario()
    job = StudyJob(site, 1, expected(site), fake_replication, Engine.FAST, tables=False)
    packed = PackedJob.of(job)
    assert packed.run(0).tally.numerator.shape == job.run(0).tally.numerator.shape
    with pytest.raises(StudyError, match=r"a worker has dcr-sim .*, but this is 99"):
        PackedJob[int, Replicated]("99", packed.content).run(0)
