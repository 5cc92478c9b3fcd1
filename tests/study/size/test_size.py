"""Sizing as a whole: against brute force, from the command line, and with nothing to be had."""

import json
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sim.cli import main
from sim.engine import Engine
from sim.scenario.load import Loaded, Original, scenario_from_text
from sim.scenario.text.read import read_text
from sim.size.alternatives import describe, frontier, rules_of_thumb
from sim.size.experiment import Experiment, Setup, learn
from sim.size.observation import observed_targets, tolerances_of
from sim.size.robustness import headroom
from sim.size.search import SearchRules, choose
from sim.size.sizing import size
from sim.size.space import read_space
from sim.study import Plan, run_study
from sim.study.run.workers import this_machine
from tests.support.command import command
from tests.support.saved_results import SITE as SAVED
from tests.support.size_sites import SITE

FEWER = SITE.replace("injecting.places: 2:6", "injecting.places: 3:5").replace(
    "smoking.places: 1:4", "smoking.places: 1:2"
)
FEWER = FEWER.replace("flexible.places: 1:3", "flexible.places: 1:2")
"""12 of the designs."""


@pytest.fixture
def lab_of():
    with this_machine(Engine.FAST, 1)() as pool:

        def make(text, seed=1):
            scenario = scenario_from_text(text)
            space = read_space(Original(Loaded(scenario, read_text(text))))
            assert scenario.design is not None
            wanted = observed_targets(scenario, scenario.design.tolerances)
            return Experiment(space, Setup(pool, seed, Engine.FAST, wanted, None))

        yield make


@pytest.mark.slow
def test_the_answer_is_that_of_brute_force(lab_of):
    everything = lab_of(FEWER, seed=99)
    everything.take(everything.space.by_cost(), 100)
    tolerances = tolerances_of(everything.setup.wanted)
    met = {
        one: (everything.values(one)[0].mean(axis=0) / tolerances).min()
        for one in everything.space.by_cost()
    }
    best = next(one for one, margin in met.items() if margin >= 0)
    for seed in (1, 2, 3):
        found, _ = choose(lab_of(FEWER, seed), SearchRules(answers=1))
        assert found.met[0] == best


def test_what_is_observed_is_what_a_study_reports(lab_of):
    lab = lab_of(SITE)
    design = (2, 1, 1)
    lab.take([design], 12)
    shown = describe(lab, design)
    summary = run_study(lab.scenario(design), Plan(replications=12)).summary
    keys = zip(summary["metric"], summary["statistic"], summary["by"], strict=True)
    values = dict(zip(keys, zip(summary["value"], summary["ci_high"], strict=True), strict=True))
    for figure, key in (
        (shown.unserved, ("unserved", "share", "all")),
        (shown.mean_wait, ("wait", "mean", "all")),
        (shown.uses_per_day, ("uses", "per_day", "all")),
    ):
        assert (figure.value, figure.high) == pytest.approx(values[key])
    assert shown.p90.value == pytest.approx(values["wait", "p90", "all"][0], abs=0.25)


@pytest.mark.slow
def test_controls_leave_means_and_take_out_chance(lab_of):
    lab = lab_of(SITE.replace("profile: flat", "profile: flat, day_to_day_cv: 0.3"))
    learn(lab)
    design = (2, 1, 1)
    lab.take([design], 60)
    with_controls = lab.values(design)[0]
    coefficients, lab.coefficients = lab.coefficients, None
    assert coefficients is not None
    plain = lab.values(design)[0]
    error = (with_controls - plain).std(axis=0) / np.sqrt(60)
    assert (abs(with_controls.mean(axis=0) - plain.mean(axis=0)) < 4 * error).all()
    assert (with_controls.var(axis=0) < 0.8 * plain.var(axis=0)).all()


@pytest.mark.slow
def test_nothing_that_meets_the_targets(lab_of):
    impossible = FEWER.replace("unserved <= 8 %", "unserved <= 0.1 %")
    found = size(lab_of(impossible), SearchRules())
    assert found.chosen is None
    assert found.short[0].seen.wanted.target.text == "unserved <= 0.1 %"
    assert found.short[0].design == found.experiment.space.top
    assert found.short[0].seen.figure.low > 0.001


@pytest.mark.slow
def test_a_target_without_influence_has_no_price(lab_of):
    found = size(lab_of(FEWER), SearchRules())
    chosen = found.chosen
    assert chosen is not None
    prices = {one.wanted.target.text: one.saving for one in found.prices}
    assert prices["wait.p90 <= 10 min"] == 0
    assert prices["unserved <= 8 %"] > 0
    costs = [one.cost for one in frontier(found.described, "unserved")]
    values = [one.unserved.value for one in frontier(found.described, "unserved")]
    assert costs == sorted(costs)
    assert values == sorted(values, reverse=True)


@pytest.mark.slow
def test_headroom_is_where_the_target_is_just_met(lab_of):
    lab = lab_of(SITE)
    design = (3, 2, 1)
    found = headroom(lab, design, SearchRules())
    assert found is not None
    assert found.low <= found.factor <= found.high
    # By independent, longer runs: at the ends of the interval the target is met, and is missed.
    for factor, meets in ((found.low - 0.03, True), (found.high + 0.03, False)):
        scenario = lab.space.with_values({"demand.factor": factor}).scenario(design)
        result = run_study(scenario, Plan(seed=77, replications=60)).summary
        row = result.query("metric == 'unserved' and statistic == 'share' and by == 'all'")
        assert (float(row["value"].iloc[0]) <= 0.08) is meets


def test_the_rule_of_thumb_by_hand(lab_of):
    # 300 visits a day, 8 of 24 hours: 100 uses × 45 minutes ÷ 480 minutes = 9.4, so 10 places;
    # shared as 3 to 2 to 2: 4.29, 2.86, 2.86, the largest remainders up.
    lab = lab_of(SITE)
    found = rules_of_thumb(lab, lab.space.top)
    # Of 100 uses and fewer, corrected, 67.5 minutes.
    assert [one.total for one in found] == [10, 11, 15]
    assert found[0].places == {"injecting": 4, "smoking": 3, "flexible": 3}


def sized(monkeypatch, path, out, *more):
    command = ["dcr-sim", "size", str(path), "--out", str(out), *more]
    monkeypatch.setattr(sys, "argv", command)
    with pytest.raises(SystemExit) as ended:
        main()
    return ended.value.code


@pytest.fixture
def site(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "small.yaml"
    path.write_text(FEWER, "utf-8")
    return path


def contents(folder: Path):
    return {
        path.name: path.read_bytes()
        for path in sorted(folder.iterdir())
        if path.name != "manifest.json" and path.suffix != ".html"  # these tell the command
    }


@pytest.mark.slow
def test_the_command_line(site, tmp_path, monkeypatch, capsys):
    sized(monkeypatch, site, tmp_path / "a", "--workers", "1", "--grow", "1:1.2:0.2")
    printed = capsys.readouterr().out
    assert all(len(line) <= 80 for line in printed.splitlines() if "Results" not in line)
    for words in (
        "the cheapest",
        "What each target costs",
        "Headroom",
        "Bottleneck: places",
        "rule of thumb",
        "+20 %",
    ):
        assert words in printed
    designs = pd.read_csv(tmp_path / "a" / "designs.csv", keep_default_na=False)
    assert len(designs) == 12
    assert (designs["status"] == "chosen").sum() == 1
    chosen = designs.index[designs["status"] == "chosen"][0]
    # Every cheaper design has its reason.
    assert set(designs["status"][:chosen]) <= {"misses", "ruled out", "not sure"}
    assert (designs["because"][:chosen] != "").all()
    told = json.loads((tmp_path / "a" / "size.json").read_text("utf-8"))
    assert told["confidence"] == 0.95
    # The same bytes by several workers, with what was kept and without.
    sized(monkeypatch, site, tmp_path / "b", "--workers", "2", "--grow", "1:1.2:0.2")
    sized(monkeypatch, site, tmp_path / "c", "--no-cache", "--grow", "1:1.2:0.2")
    assert contents(tmp_path / "a") == contents(tmp_path / "b") == contents(tmp_path / "c")


@pytest.mark.slow
def test_assumptions_are_varied(site, tmp_path, monkeypatch, capsys):
    sized(monkeypatch, site, tmp_path / "a", "--vary-assumptions")
    assert "2 decisions" in capsys.readouterr().out.replace("\n", " ")
    again = pd.read_csv(tmp_path / "a" / "assumptions.csv")
    assert again["field"].tolist() == ["visits.inject.stay.mean"] * 2
    assert again["end"].tolist() == ["low", "high"]


@pytest.mark.parametrize(
    ("text", "more", "words"),
    [
        (SITE[: SITE.index("design:")], (), "design: is not there"),
        (
            SITE.replace("targets:\n  - wait.p90 <= 10 min\n  - unserved <= 8 %\n", ""),
            (),
            "targets",
        ),
        (SITE, ("--confidence", "1.5"), "--confidence must be above 0.5"),
        (SITE, ("--grow", "0.5:1"), "must be a range of factors from 1 on"),
        (SITE, ("--grow", "2:1"), "from a lower to a higher"),
    ],
)
def test_bad_input_ends_with_status_2(site, monkeypatch, capsys, text, more, words):
    site.write_text(text, "utf-8")
    assert sized(monkeypatch, site, site.parent / "out", *more) == 2
    assert words in capsys.readouterr().err
    assert not (site.parent / "out").exists()


@pytest.mark.slow
def test_targets_of_which_none_can_be_decided_end_in_words(tmp_path, capsys):
    """It ended with an error: the best of what was played was looked for by no target at all."""
    design = 'design:\n  vary: {rooms.injecting.places: "3:4"}\n'
    (tmp_path / "small.yaml").write_text(SAVED + design, "utf-8")
    few = ("--max-replications", "20", "--workers", "1", "--no-cache")
    assert command(tmp_path, "size", "small.yaml", *few) == 0
    assert "None of the targets can be decided" in " ".join(capsys.readouterr().out.split())
