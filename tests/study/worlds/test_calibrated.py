"""A scenario calibrated: what is typed, what is handed on, and one small case played."""

import pandas as pd
import pytest

from sim.scenario import read_scenario
from sim.study import Plan
from sim.study.worlds import calibrated
from sim.study.worlds.calibrated import Calibrator, OutcomeError, freed, read_outcome
from tests.support.command import command

SITE = """\
name: site
horizon: {weeks: 2}
opening: {hours: 24/7}
demand: {visits_per_day: 150, profile: flat}
visits:
  all:
    rooms: [room]
    stay: {distribution: exponential, mean: 20 min}
    patience: {distribution: weibull, shape: 1.2, median: 15}
rooms: {room: {places: 3}}
uncertainty:
  ranges:
    demand.visits_per_day: {low: 100, high: 240, shape: uniform}
    visits.all.patience.median: 5-30
    visits.all.stay.mean: 15-25
"""
USES = "uses.per_day=143 (133-153)"
"""What 170 visits a day give, with all else as written: about one in six leaves."""


@pytest.fixture
def site(tmp_path):
    path = tmp_path / "site.yaml"
    path.write_text(SITE, "utf-8")
    return path


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("uses.per_day=412 (400-425)", ("uses.per_day", 412, 400, 425)),
        ("unserved.share = 12 % (10-13.5)", ("unserved.share", 0.12, 0.10, 0.135)),
        ("unserved.share=12 (10 to 13 %)", ("unserved.share", 0.12, 0.10, 0.13)),
        ("wait.mean=2.35 (2.00–2.70)", ("wait.mean", 2.35, 2.0, 2.7)),
    ],
)
def test_an_outcome_as_it_is_typed(text, found):
    one = read_outcome(text)
    assert (one.name, one.value, one.low, one.high) == pytest.approx(found)


@pytest.mark.parametrize(
    "text", ["uses.per_day=412", "412 (400-425)", "", "a=1 (2-3)", "a=1 (1-1)"]
)
def test_an_outcome_that_cannot_be_read(text):
    with pytest.raises(OutcomeError):
        read_outcome(text)


def test_what_is_free():
    names = {
        "demand.visits_per_day": ("demand.visits_per_day",),
        "patience": ("patience", "visits.a.patience.median", "visits.b.patience.median"),
        "visits.a.stay.mean": ("visits.a.stay.mean",),
    }
    assert freed((), names) == tuple(names)
    assert freed(("visits.*.patience",), names) == ("patience",)
    assert freed(("visits.a",), names) == ("patience", "visits.a.stay.mean")
    assert freed(("visits.a.stay.mean", "demand"), names) == (
        "demand.visits_per_day",
        "visits.a.stay.mean",
    )
    with pytest.raises(OutcomeError, match="nothing of that name"):
        freed(("rooms",), names)


def test_wrong_outcomes_are_said(site):
    loaded = read_scenario(site)
    with pytest.raises(OutcomeError, match=r"no figure uses\.per_dy; did you mean"):
        Calibrator.of(loaded, ["uses.per_dy=1 (0-2)"], (), Plan())


def test_draws_of_a_fit_are_not_overwritten(site):
    text = SITE.replace("  ranges:", "  draws: fitted.csv\n  ranges:")
    site.write_text(text, "utf-8")
    site.with_name("fitted.csv").write_text("row,demand.factor\n0,1\n1,1.1\n", "utf-8")
    with pytest.raises(OutcomeError, match=r"fitted\.csv has draws already"):
        Calibrator.of(read_scenario(site), [USES], (), Plan())


@pytest.mark.slow
def test_a_small_site_is_calibrated(site, monkeypatch):
    monkeypatch.setattr(calibrated, "WORLDS", 64)
    loaded = read_scenario(site)
    plan = Plan()
    found, handed = Calibrator.of(loaded, [USES], ["demand"], plan).run()
    (rate,) = found.learnt
    assert rate.after[0] < 170 < rate.after[2]
    assert rate.narrowed < 0.5
    assert found.met[0].is_met
    assert not found.found.conflict
    assert len(handed.draws) == 257
    assert list(handed.draws.columns) == ["row", "demand.visits_per_day"]
    assert handed.scenario.name == "site-calibrated"
    block = handed.scenario.uncertainty
    assert block is not None
    assert block.draws == "draws.csv"
    assert set(block.ranges) == {"visits.all.patience.median", "visits.all.stay.mean"}


@pytest.mark.slow
def test_what_is_handed_on_is_a_scenario_that_runs(site, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(calibrated, "WORLDS", 64)
    far = ("--to", "wait.mean=2000 (1990-2010)", "--no-cache", "--workers", "1")
    more = (*far, "--lang", "da", "--out", "out")
    assert command(tmp_path, "calibrate", site.name, "--to", USES, *more) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "Ingen verden i dine intervaller giver dette" in said
    outcomes = pd.read_csv(tmp_path / "out" / "outcomes.csv")
    assert outcomes["out_of_reach"].tolist() == [False, True]
    assert len(pd.read_csv(tmp_path / "out" / "draws.csv")) == 257
    assert "Ingen verden" in (tmp_path / "out" / "report.html").read_text("utf-8")
    handed = read_scenario(tmp_path / "out" / "calibrated.yaml")
    assert handed.scenario.uncertainty is not None
    assert handed.scenario.uncertainty.draws == "draws.csv"
    ran = ("--worlds", "8", "--replications", "1", "--workers", "1", "--no-cache", "--no-next")
    assert command(tmp_path, "run", "out/calibrated.yaml", *ran, "--out", "again") == 0


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--free", "rooms"), "nothing of that name has a range"),
        (("--model-error", "much"), "must be a share"),
        (("--to", "uses=3"), "--to uses=3: must be a figure, its value and its 95 % interval"),
        (
            ("--to", "unserved.share=150 % (140-160)"),
            "a share, from 0 % to 100 %, and cannot be 150",
        ),
        (("--to", "uses.per_day=-3 (-5--1)"), "uses.per_day is never below 0, and cannot be -3"),
        (("--free", " , "), "nothing of that name has a range"),
    ],
)
def test_options_of_the_command_are_checked(site, options, says, capsys):
    assert command(site.parent, "calibrate", site.name, "--to", USES, *options) == 2
    assert says in " ".join(capsys.readouterr().err.split())
