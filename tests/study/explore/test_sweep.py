"""Sweeps: designs, tables and the command line."""

import json
import sys
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pytest

from sim.cli import main
from sim.engine import Engine
from sim.results.comparison import write_sweep
from sim.results.contents import read_table
from sim.results.manifest import Run
from sim.scenario import ScenarioError, load_scenario
from sim.scenario.load import scenario_from_text
from sim.study import Plan, run_study
from sim.study.compare.comparison import Studied, compare
from sim.study.compare.sweep import (
    HELD_BESIDE,
    factorial,
    factorial_size,
    giving_way,
    latin_hypercube,
    parse_factors,
    settings_of,
    sweep_of,
    to_play,
    with_shares,
)
from sim.study.estimate.summary import key_of
from sim.study.estimate.targets import judge

RUN = Run("sweep", datetime(2026, 3, 2, tzinfo=UTC), 1.0, Engine.FAST)

SITE = """\
name: site
horizon: {days: 2}
opening: {hours: 10:00-18:00}
demand: {visits_per_day: 100, profile: flat}
visits:
  inject:
    rooms: [injecting]
    stay: {distribution: exponential, mean: 25}
rooms:
  injecting: {places: 4}
variants:
  tight: {rooms.injecting.places: 3}
"""


def levels(text):
    (factor,) = parse_factors([text])
    return [factor.level(number) for number in range(factor.count)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a=4:7", ["4", "5", "6", "7"]),
        ("a=4:12:3", ["4", "7", "10"]),
        ("a=0.1:0.4:0.1", ["0.1", "0.2", "0.3", "0.4"]),
        ("a = -1:1", ["-1", "0", "1"]),
        ("a=300, 400,500", ["300", "400", "500"]),
        ("a=07:30,08:00", ["07:30", "08:00"]),
        ("a={mean: 1, cv: 1},{mean: 2, cv: 1}", ["{mean: 1, cv: 1}", "{mean: 2, cv: 1}"]),
        ("opening.hours=07:30-23:30,24/7", ["07:30-23:30", "24/7"]),
    ],
)
def test_values_are_ranges_or_lists(text, expected):
    assert levels(text) == expected


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a", "must be a path, `=` and values"),
        ("a=", "must be a path, `=` and values"),
        ("a=3", "has one value only"),
        ("a=07:30", "has one value only"),
        ("a=5:3", "from a lower to a higher number"),
        ("a=1:3:0", "step above 0"),
        ("a=1,1", "lists a value twice"),
        ("a=1,,2", "nothing before or after a comma"),
    ],
)
def test_what_is_no_range_is_refused(text, words):
    with pytest.raises(ScenarioError, match="--vary") as raised:
        parse_factors([text, "b=1:2"])
    assert words in str(raised.value)


def test_a_key_is_varied_once():
    with pytest.raises(ScenarioError, match="varies a a second time"):
        parse_factors(["a=1:2", "a=3:4"])


def test_every_combination_is_played_once():
    factors = parse_factors(["a=1:3", "b=x,y"])
    designs = factorial(factors)
    assert len(designs) == factorial_size(factors) == 6
    assert [settings_of(one) for one in designs[:3]] == [
        ("a=1", "b=x"),
        ("a=1", "b=y"),
        ("a=2", "b=x"),
    ]


def test_the_size_is_known_without_listing_the_levels():
    assert factorial_size(parse_factors(["a=1:1000000000", "b=1:1000000000"])) == 10**18


def test_a_range_of_fractions_needs_a_step_or_a_hypercube():
    factors = parse_factors(["a=0.5:1.5"])
    with pytest.raises(ScenarioError, match=r"needs a step, for example a=0.5:1.5:0.25"):
        factorial_size(factors)
    values = [float(design[0][1]) for design in latin_hypercube(factors, 10, seed=1)]
    assert all(0.5 <= value <= 1.5 for value in values)


def test_a_hypercube_has_one_design_in_each_stratum():
    factors = parse_factors(["a=0.0:1.0", "b=10.0:20.0", "c=1:4", "d=x,y"])
    designs = latin_hypercube(factors, 20, seed=7)
    assert len(designs) == 20
    values = np.array([[float(text) for _, text in design[:2]] for design in designs])
    for column, low, high in ((0, 0, 1), (1, 10, 20)):
        strata = np.floor((values[:, column] - low) / (high - low) * 20 + 1e-9)
        # Values are written with four figures, so one may be on the edge of its stratum.
        assert len(set(strata)) >= 19
    assert [sum(design[2][1] == str(level) for design in designs) for level in range(1, 5)] == [
        5,
        5,
        5,
        5,
    ]
    assert sum(design[3][1] == "x" for design in designs) == 10
    assert designs == latin_hypercube(factors, 20, seed=7)
    assert designs != latin_hypercube(factors, 20, seed=8)


def test_designs_that_come_out_alike_are_played_once():
    designs = latin_hypercube(parse_factors(["a=1:2", "b=1:2"]), 50, seed=1)
    assert len(designs) == 4


def test_designs_beside_the_base_are_as_compare_has_them(tmp_path):
    path = tmp_path / "site.yaml"
    targets = "targets: [wait.p90 <= 5 min, unserved <= 5 %]\n"
    path.write_text(SITE + targets, "utf-8")
    places = ("3", "4", "5")
    base, *designs = (
        load_scenario(path, one and [f"rooms.injecting.places={one}"]) for one in ("", *places)
    )
    played = to_play(base, designs)
    assert len(played) == 3  # four places are what the site has
    studies = [run_study(one, Plan(seed=1, replications=4)) for one in played]
    found = sweep_of(
        [(("rooms.injecting.places", one),) for one in places],
        "full factorial",
        base,
        designs,
        studies,
    )
    studied = Studied("site", base, studies[0])
    results = (studies[1], studies[0], studies[2])
    for number, (scenario, result) in enumerate(zip(designs, results, strict=True)):
        option = Studied("one", scenario, result)
        compared = compare(studied, [option])
        told = found.played[number]
        assert {key_of(line.row) for line in told.beside} <= set(HELD_BESIDE)
        assert len(told.beside) >= 5
        for line in told.beside:
            (wanted,) = compared.of(key_of(line.row))
            assert repr(replace(wanted, option="")) == repr(replace(line, option=""))
        assert repr(told.judged) == repr(judge(scenario, result))
    write_sweep(found, RUN, tmp_path)
    table = read_table("sweep_differences.csv", (tmp_path / "sweep_differences.csv").read_bytes())
    assert list(table["design"].unique()) == [1, 2, 3]
    assert (table[table["design"] == 2]["difference"].dropna() == 0).all()
    targets_of = read_table("sweep_targets.csv", (tmp_path / "sweep_targets.csv").read_bytes())
    assert len(targets_of) == 2 * 3


KINDS = SITE.replace(
    "    rooms: [injecting]\n",
    "    rooms: [injecting]\n    share: 0.6\n",
).replace(
    "rooms:\n  injecting:",
    "  smoke: {share: 0.3, rooms: [injecting], stay: 10}\n"
    "  sniff: {share: 0.1, rooms: [injecting], stay: 5}\nrooms:\n  injecting:",
)


def test_shares_of_other_kinds_give_way_in_proportion():
    site = scenario_from_text(KINDS)
    design = (("visits.smoke.share", "0.65"), ("rooms.injecting.places", "5"))
    assert with_shares(["visits.sniff.share=0.1", "demand.factor=2"], design, site) == (
        "demand.factor=2",
        "visits.smoke.share=0.65",
        "rooms.injecting.places=5",
        "visits.inject.share=0.3",
        "visits.sniff.share=0.05",
    )
    assert giving_way({"visits.smoke.share": "0.2", "visits.inject.share": "0.7"}, site) == (
        "visits.sniff.share=0.1",
    )
    every = {f"visits.{kind}.share": "0.3" for kind in site.visits}
    assert giving_way(every, site) == ()  # nothing is left that could; the sum is told of
    assert giving_way({"rooms.injecting.places": "5"}, site) == ()
    told = "0.7 of smoke and 0.6 of inject leave nothing for sniff: together they are at most 1"
    with pytest.raises(ScenarioError, match=told):
        giving_way({"visits.smoke.share": "0.7", "visits.inject.share": "0.6"}, site)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "site.yaml").write_text(SITE, "utf-8")
    return tmp_path


def call(monkeypatch, *arguments):
    """Run the command line in this process and give its exit status."""
    monkeypatch.setattr(sys, "argv", ["run.py", *arguments, "--workers", "1"])
    with pytest.raises(SystemExit) as ended:
        main()
    return ended.value.code


def test_what_gives_way_and_hours_without_staff_are_said(folder, monkeypatch, capsys):
    staff = "staff: {roles: {nurse: {}}, rota: [{role: nurse, from: 10:00, to: 18:00}]}\n"
    needs = "check_in: {times: {known: 1}, roles: [nurse]}\n"
    (folder / "kinds.yaml").write_text(KINDS + needs + staff, "utf-8")
    vary = ("--vary", "visits.smoke.share=0.5,0.8", "--vary", "opening.hours=10:00-18:00,24/7")
    how = ("--replications", "1", "--no-cache", "--no-report", "--engine", "simpy")
    assert call(monkeypatch, "sweep", "kinds.yaml", *vary, *how) == 0
    printed = capsys.readouterr()
    assert "The shares of inject, sniff give way in proportion.\n" in printed.out
    assert max(map(len, printed.out.splitlines())) <= 80
    told = " ".join(printed.err.split())
    assert (
        "warning: 2 of 4 designs, the first with visits.smoke.share=0.5; opening.hours=24/7: it "
        "is open with no nurse on duty for 112 hours a week more than site" in told
    )


@pytest.mark.slow
def test_sweep_writes_a_tidy_table_and_prints_a_compact_one(folder, monkeypatch, capsys):
    status = call(
        monkeypatch,
        *("sweep", "site.yaml", "--vary", "rooms.injecting.places=4:5"),
        *("--vary", "opening.hours=10:00-18:00,09:00-18:00", "--replications", "2"),
    )
    printed = capsys.readouterr().out
    assert status == 0
    assert "4 designs (full factorial)" in printed
    assert "wait min" in printed
    assert max(len(line) for line in printed.splitlines()) <= 80
    results = folder / "results" / "site-sweep"
    assert {path.name for path in results.iterdir()} == {
        *("sweep.csv", "sweep.json", "scenario.yaml", "manifest.json", "report.html"),
        *("report.en.html", "sweep_differences.csv"),
    }
    table = pd.read_csv(results / "sweep.csv")
    assert list(table.columns) == [
        *("rooms.injecting.places", "opening.hours", "design", "metric", "statistic", "by"),
        *("value", "ci_low", "ci_high", "unit", "replications"),
    ]
    assert not table.duplicated(["design", "metric", "statistic", "by"]).any()
    arrivals = table.query("metric == 'visits' and statistic == 'per_day' and by == 'all'")
    assert len(set(arrivals["value"])) == 1  # the same people in every design
    last = load_scenario("site.yaml", ["rooms.injecting.places=5", "opening.hours=09:00-18:00"])
    alone = run_study(last, Plan(seed=1, replications=2)).summary
    mine = table[table["design"] == 4].reset_index(drop=True)
    pd.testing.assert_series_equal(mine["value"], alone["value"])
    told = json.loads((results / "sweep.json").read_text("utf-8"))
    assert told["designs"][3]["settings"]["rooms.injecting.places"] == "5"
    assert {one["path"] for one in told["designs"][3]["changes"]} == {
        *("rooms.injecting.places", "opening.hours")
    }


@pytest.mark.slow
@pytest.mark.usefixtures("folder")
def test_a_sweep_of_fifty_designs_is_cut_on_the_screen(monkeypatch, capsys):
    vary = ("--vary", "rooms.injecting.places=2:51")
    assert call(monkeypatch, "sweep", "site.yaml", *vary, "--replications", "1") == 0
    printed = capsys.readouterr().out
    assert "and 10 more designs: see sweep.csv" in printed
    assert len(printed.splitlines()) < 55


@pytest.mark.usefixtures("folder")
def test_a_hypercube_starts_from_a_variant(monkeypatch, capsys):
    options = ("--variant", "tight", "--vary", "demand.factor=0.5:1.5", "--lhs", "3")
    assert call(monkeypatch, "sweep", "site.yaml", *options, "--replications", "1") == 0
    assert "3 designs (latin hypercube)" in capsys.readouterr().out
    assert load_scenario("results/site-tight-sweep/scenario.yaml").rooms["injecting"].places == 3


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--vary", "rooms.injecting.places=1:1000", "--vary", "demand.factor=1:1000"], "--yes"),
        (["--vary", "rooms.injectin.places=1:3"], "did you mean `injecting`?"),
        (["--vary", "rooms.injecting.places=-3:3"], "rooms.injecting.places"),
        ([], "needs either --vary KEY=VALUES or --tornado"),
        (["--vary", "demand.factor=1:2", "--tornado"], "needs either"),
        (["--vary", "demand.factor=1:2", "--metric", "wait.mean"], "--metric is for --tornado"),
        (["--tornado"], "no value is marked as an assumption"),
        (["--tornado", "--lhs", "3"], "leave out --lhs"),
        (["--tornado", "--metric", "wait.men"], "did you mean `wait.mean`?"),
    ],
)
def test_what_cannot_be_swept_ends_with_status_2(folder, monkeypatch, capsys, arguments, words):
    assert call(monkeypatch, "sweep", "site.yaml", *arguments) == 2
    error = capsys.readouterr().err
    assert words in error
    assert len(error.splitlines()) < 8
    assert not (folder / "results").exists()


@pytest.mark.parametrize("wanted", [("--vary", "rooms.injecting.places=3:4"), ("--tornado",)])
def test_a_target_without_a_figure_is_refused_before_anything_is_played(
    folder, monkeypatch, capsys, wanted
):
    (folder / "aimed.yaml").write_text(SITE + "targets: [wait.p995 <= 10 min]\n", "utf-8")
    monkeypatch.setattr(sys, "argv", ["run.py", "sweep", "aimed.yaml", *wanted])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    assert "aimed.yaml:13:11: targets.0:" in (told := capsys.readouterr().err)
    assert "did you mean p99.5?" in told
    assert not (folder / "results").exists()
