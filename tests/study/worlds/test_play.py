"""Worlds as they are played: exact theory, the same by any workers, and what they leave."""

import os
import signal
import subprocess
import sys
import time

import numpy as np
import pandas as pd
import pytest

from sim.engine import Engine, simulate
from sim.measures import measure, metric_rows
from sim.scenario import read_scenario
from sim.scenario.load import Original, Version, example_folder
from sim.scenario.uncertainty.draws import draw_worlds
from sim.scenario.uncertainty.ranges import read_unknowns
from sim.study import Plan, run_study
from sim.study.estimate.summary import key_of
from sim.study.run.cache import Cache
from sim.study.run.workers import StudyError
from sim.study.worlds.answers import answers, ranks_of_rows, tables
from sim.study.worlds.measured import asked_of
from sim.study.worlds.play import Option, Turn, WorldsJob, play_worlds
from sim.study.worlds.variance import fan, mean_of_worlds
from sim.visitors import draw
from tests import ROOT
from tests.support.command import command

QUEUE = """\
name: queue
horizon: {{weeks: {weeks}, warmup_weeks: {warmup}}}
opening: {{hours: 24/7}}
demand: {{visits_per_day: {visits}, profile: flat}}
visits:
  all: {{rooms: [room], stay: {{distribution: exponential, mean: 20}}}}
rooms: {{room: {{places: {places}}}}}
targets: [{targets}]
uncertainty: {{ranges: {{demand.visits_per_day: {range}}}}}
"""
WAIT, LATE = ("wait", "mean", "all"), ("wait", "p90", "all")


def played(path, worlds, plan=None, first=0):
    plan = plan or Plan()
    loaded = read_scenario(path)
    unknowns = read_unknowns(loaded.scenario, loaded.source)
    drawn = draw_worlds(unknowns, loaded.scenario, loaded.source, worlds, plan.seed, first)
    option = Option(Original(loaded))
    return play_worlds([option], drawn, asked_of(loaded.scenario), plan)[0], loaded


def over_worlds(path, worlds, seed=1):
    found, loaded = played(path, worlds, Plan(seed=seed))
    central = run_study(loaded.scenario, Plan(replications=2)).figures
    return answers(found, central, loaded.scenario)


@pytest.fixture
def queue(tmp_path):
    def of(**said):
        path = tmp_path / "queue.yaml"
        usual = {"weeks": 56, "warmup": 4, "targets": "wait.mean <= 45 min", "places": 1}
        path.write_text(QUEUE.format(**usual | said), "utf-8")
        return path

    return of


def figure(found, key):
    return next(one for one in found.figures if one.key == key)


ONE = {"visits": 48, "range": "{low: 36, high: 57.6, shape: uniform}"}
THREE = {
    "visits": 150,
    "range": "108-190",
    "places": 3,
    "targets": "wait.mean <= 10 min, wait.p90 <= 25 min",
}


def test_one_place_with_an_uncertain_rate_roughly(queue):
    """Mean wait 20 rho / (1 - rho) over the rates, by quadrature; few worlds, short."""
    found = over_worlds(queue(**ONE, weeks=20), 64)
    wait = figure(found, WAIT)
    assert wait.mean == pytest.approx(41.0860, rel=0.06)
    assert wait.fan[3] == pytest.approx(37.1429, rel=0.1)
    assert found.targets[0].met.value == pytest.approx(0.64103, abs=0.06)
    share = wait.sources["demand.visits_per_day"]
    assert share.told
    assert share.value > 0.85


@pytest.mark.slow
def test_one_place_with_an_uncertain_rate_is_exact(queue):
    found = over_worlds(queue(**ONE), 256)
    wait = figure(found, WAIT)
    assert wait.mean == pytest.approx(41.0860, rel=0.01)
    assert np.std(wait.shrunk, ddof=1) == pytest.approx(16.3858, rel=0.04)
    ends = [wait.fan[place] for place in (0, 3, -1)]
    assert ends == pytest.approx([21.2371, 37.1429, 73.0233], rel=0.05)
    assert found.targets[0].met.value == pytest.approx(0.64103, abs=0.02)


@pytest.mark.slow
def test_three_places_with_an_uncertain_rate_are_exact(queue):
    found = over_worlds(queue(**THREE), 256)
    wait, late = figure(found, WAIT), figure(found, LATE)
    assert wait.mean == pytest.approx(11.8350, rel=0.01)
    assert np.std(wait.shrunk, ddof=1) == pytest.approx(5.7498, rel=0.04)
    ends = [wait.fan[place] for place in (0, 3, -1)]
    assert ends == pytest.approx([5.0506, 10.4870, 23.3224], rel=0.05)
    assert late.mean == pytest.approx(37.1969, rel=0.01)
    ends = [late.fan[place] for place in (0, 3, -1)]
    assert ends == pytest.approx([18.3379, 34.2062, 66.4986], rel=0.05)
    met = [one.met.value for one in found.targets]
    assert met == pytest.approx([0.46251, 0.21974], abs=0.02)


@pytest.mark.slow
def test_a_worlds_figures_are_those_of_an_ordinary_replication():
    """Lists of figures that are shared by worlds find in each what its own list finds."""
    loaded = read_scenario(example_folder() / "h17.yaml")
    unknowns = read_unknowns(loaded.scenario, loaded.source)
    drawn = draw_worlds(unknowns, loaded.scenario, loaded.source, 3, 1)
    original, asked = Original(loaded), asked_of(loaded.scenario)
    options = (Option(original),)
    job = WorldsJob(options, 1, Engine.FAST, asked)
    for world in range(3):
        (found,) = job.run(Turn.of(options, drawn, world, 1))
        site = original.scenario(Version(drawn.settings(world), ()))
        tally = measure(site, simulate(site, draw(site, 1, world)))
        names = [key_of(row) for row in metric_rows(site)]
        places = [names.index(key) for key in asked.keys]
        own = np.stack([tally.numerator[places], tally.denominator[places]], axis=1)
        assert np.array_equal(found.pairs[0], own)


def test_plays_of_a_world_are_put_together(queue):
    path = queue(**THREE, weeks=2, warmup=0)
    loaded = read_scenario(path)
    drawn = draw_worlds(
        read_unknowns(loaded.scenario, loaded.source), loaded.scenario, loaded.source, 2, 1
    )
    asked = asked_of(loaded.scenario)
    options = [Option(Original(loaded))]
    (twice,) = play_worlds(options, drawn, asked, Plan(), fixed=[2, 1])
    (once,) = play_worlds(options, drawn, asked, Plan(), fixed=[1, 1])
    assert twice.counts.tolist() == [2, 1]
    plays, figures = twice.of(WAIT)
    assert plays[0, 0] == once.of(WAIT)[1][0]
    assert min(plays[0]) < figures[0] < max(plays[0])
    assert np.isnan(plays[1, 1])
    late, of_both = twice.of(LATE)
    assert min(late[0]) <= of_both[0] <= max(late[0])


def test_options_meet_the_same_people_and_keep_what_they_set(queue):
    path = queue(**THREE, weeks=1, warmup=0)
    read = [read_scenario(path), read_scenario(path, ["rooms.room.places=4"])]
    read.append(read_scenario(path, ["demand.visits_per_day=160"]))
    first = read[0]
    unknowns = read_unknowns(first.scenario, first.source)
    drawn = draw_worlds(unknowns, first.scenario, first.source, 4, 1)
    known = frozenset({"demand.visits_per_day"})
    options = [
        Option(Original(read[0])),
        Option(Original(read[1])),
        Option(Original(read[2]), known),
    ]
    asked = asked_of(first.scenario, [("visits", "per_day", "all")])
    three, four, busy = play_worlds(options, drawn, asked, Plan(), fixed=[1] * 4)
    came = ("visits", "per_day", "all")
    assert np.array_equal(three.of(came)[1], four.of(came)[1])
    assert (four.of(WAIT)[1] < three.of(WAIT)[1]).all()
    assert busy.of(came)[1].std() < three.of(came)[1].std()


def test_worlds_are_played_again_from_where_an_interrupted_run_was(queue, tmp_path):
    path = queue(**THREE, weeks=1, warmup=0)
    cache = Cache(tmp_path / "cache", "1")
    plain, _ = played(path, 6)
    some, _ = played(path, 3, Plan(cache=cache))
    kept = {one: one.stat().st_mtime_ns for one in cache.folder.rglob("*.tally")}
    again, _ = played(path, 6, Plan(cache=cache))
    assert np.array_equal(some.plays[:, 0], again.plays[:3, 0], equal_nan=True)
    assert np.array_equal(again.plays, plain.plays, equal_nan=True)
    assert len(kept) > 0
    assert set(kept) < set(cache.folder.rglob("*.tally"))


@pytest.mark.slow
def test_one_worker_and_two_find_the_same(queue, monkeypatch):
    monkeypatch.setattr("sim.study.worlds.play._WORTH", 0.0)
    path = queue(**THREE, weeks=2, warmup=0)
    alone, _ = played(path, 16)
    together, _ = played(path, 16, Plan(workers=2))
    assert np.array_equal(alone.plays, together.plays, equal_nan=True)
    assert np.array_equal(alone.figures, together.figures, equal_nan=True)


_AT_ONCE = """\
import sys
from sim.cli import main
from sim.study.worlds import play
play._WORTH = 0.0
if __name__ == "__main__":
    sys.exit(main())
"""
"""The program, which starts processes however little there is to do."""


def tables_of(folder):
    return {one.name: one.read_bytes() for one in folder.glob("*.csv")}


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
def test_four_workers_killed_late_leave_to_the_next_run_what_one_finds(queue, tmp_path):
    """Killed when two thirds are kept, and gone on with: the files of one worker, alone."""
    queue(**THREE, weeks=1, warmup=0)
    (tmp_path / "program.py").write_text(_AT_ONCE, "utf-8")
    what = ("run", "queue.yaml", "--worlds", "24", "--replications", "3", "--no-report")
    line = [sys.executable, "program.py", *what, "--no-next"]
    where = {**os.environ, "PYTHONPATH": str(ROOT)}
    four = {"cwd": tmp_path, "env": where, "stdout": subprocess.DEVNULL}
    with subprocess.Popen([*line, "--workers", "4"], start_new_session=True, **four) as killed:
        while len(kept := list(tmp_path.rglob("world-*.tally"))) < 16:
            assert killed.poll() is None
            time.sleep(0.02)
        os.killpg(killed.pid, signal.SIGKILL)
    before = {one: one.stat().st_ino for one in kept}
    subprocess.run([*line, "--workers", "4"], check=True, **four)
    assert {one: one.stat().st_ino for one in kept} == before  # none was played again
    of_four = tables_of(tmp_path / "results" / "queue")
    alone = ("--workers", "1", "--no-cache", "--out", "alone")
    assert command(tmp_path, *what, "--no-next", *alone) == 0
    assert tables_of(tmp_path / "alone") == of_four


def test_a_draw_that_makes_no_scenario_is_told_with_its_world(tmp_path):
    path = tmp_path / "site.yaml"
    path.write_text(
        QUEUE.format(weeks=1, warmup=0, visits=100, places=3, targets="", range="50-150")
        .replace(
            "{distribution: exponential, mean: 20}",
            "{distribution: triangular, low: 5, mode: 10, high: 20}",
        )
        .replace("150}}", "150, visits.all.stay.low: 5-15}}"),
        "utf-8",
    )
    with pytest.raises(StudyError, match=r"world \d+ makes no scenario: .*visits\.all\.stay\.low"):
        played(path, 16)


# --- the command --------------------------------------------------------------------------------

FEW = ("--replications", "3", "--workers", "1", "--no-cache", "--no-report", "--no-next")


@pytest.fixture
def site(queue, tmp_path):
    queue(**THREE, weeks=1, warmup=0)
    return tmp_path


def test_run_leaves_the_tables_of_worlds(site, capsys):
    assert command(site, "run", "queue.yaml", "--worlds", "8", *FEW) == 0
    told = " ".join(capsys.readouterr().out.split())
    assert "Over what nobody knows: 8 worlds" in told
    assert "across what we do not know" in told
    assert "wait.mean <= 10 min" in told
    folder = site / "results" / "queue"
    found = pd.read_csv(folder / "uncertainty.csv")
    names = ["metric", "statistic", "by"]
    summary = pd.read_csv(folder / "summary.csv").to_dict(orient="records")
    values = {tuple(one[name] for name in names): (one["value"], one["unit"]) for one in summary}
    for one in found.to_dict(orient="records"):
        assert (one["value"], one["unit"]) == values[tuple(one[name] for name in names)]
        assert one["p5"] <= one["p50"] <= one["p95"]
    worlds = pd.read_csv(folder / "by_world.csv")
    assert worlds["world"].tolist() == list(range(8))
    assert worlds["demand.visits_per_day"].between(108, 190).all()
    assert "wait.mean" in worlds
    assert (folder / "spread.csv").is_file()
    chances = pd.read_csv(folder / "chances.csv")
    assert chances["target"].tolist() == ["wait.mean <= 10 min", "wait.p90 <= 25 min"]


def test_without_uncertainty_a_run_is_as_ever(site):
    def summary(*more):
        assert command(site, "run", "queue.yaml", *more, *FEW) == 0
        folder = site / "results" / "queue"
        names = {one.name for one in folder.iterdir()}
        return names, {name: (folder / name).read_bytes() for name in names if name.endswith("csv")}

    names, plain = summary("--no-uncertainty")
    assert "uncertainty.csv" not in names
    _, over = summary("--worlds", "4")
    assert {name: over[name] for name in plain} == plain
    path = site / "queue.yaml"
    path.write_text(path.read_text("utf-8").replace("108-190", "150-150"), "utf-8")
    assert summary() == (names, plain)


def test_draws_of_a_fit_are_played_and_their_share_is_told(queue, tmp_path):
    path = queue(**THREE, weeks=1, warmup=0)
    rows = "".join(f"{row},{visits}\n" for row, visits in enumerate((150, 110, 130, 150, 170)))
    (tmp_path / "fit.csv").write_text(f"row,demand.visits_per_day\n{rows}", "utf-8")
    text = path.read_text("utf-8").split("uncertainty:")[0]
    more = "uncertainty: {draws: fit.csv, drift_cv: 0.02, ranges: {visits.all.stay.mean: 18-22}}\n"
    path.write_text(text + more, "utf-8")
    found = over_worlds(path, 32)
    wait = figure(found, WAIT)
    assert list(wait.sources) == ["visits.all.stay.mean", "drift", "data", "together"]
    assert wait.sources["data"].value > 0.4
    table = tables(found)["by_world"]
    assert sorted(table["row"].value_counts()) == [8, 8, 8, 8]
    assert table["demand.factor"].mean() == pytest.approx(1, abs=0.01)
    assert table["demand.factor"].std() == pytest.approx(0.02, rel=0.2)


@pytest.mark.slow
def test_of_more_draws_than_worlds_it_is_told_what_they_set(queue, tmp_path):
    """Each world has a row of its own: what rows do is seen in the values that they set."""
    path = queue(**THREE, weeks=1, warmup=0)
    visits = np.random.default_rng(2).permutation(np.linspace(110, 180, 64)).round(1)
    rows = "".join(f"{row},{one}\n" for row, one in enumerate((150, *visits)))
    (tmp_path / "fit.csv").write_text(f"row,demand.visits_per_day\n{rows}", "utf-8")
    text = path.read_text("utf-8").split("uncertainty:")[0]
    more = "uncertainty: {draws: fit.csv, ranges: {visits.all.stay.mean: 19-21}}\n"
    path.write_text(text + more, "utf-8")
    found = over_worlds(path, 64)
    wait = figure(found, WAIT)
    assert list(wait.sources) == ["visits.all.stay.mean", "data", "together"]
    assert wait.sources["data"].told
    assert wait.sources["data"].value > 0.6
    (ranks,) = ranks_of_rows(found.played.worlds)
    drawn = found.played.worlds.values | {"rows": ranks}
    assert sorted(drawn["rows"]) == pytest.approx((np.arange(64) + 0.5) / 64)


def test_tables_say_what_was_played(queue):
    found = over_worlds(queue(**THREE, weeks=1, warmup=0), 8)
    made = tables(found)
    assert set(made) == {"uncertainty", "spread", "chances", "by_world"}
    wait = made["uncertainty"].iloc[0]
    figures = made["by_world"]["wait.mean"].to_numpy()
    assert wait["mean"] == pytest.approx(mean_of_worlds(figures).value)
    assert list(wait[["p5", "p95"]]) == pytest.approx(
        [fan(figure(found, WAIT).shrunk)[n] for n in (0, -1)]
    )
