"""A sizing that is interrupted leaves what is known by then, and goes on from there."""

import json

import pandas as pd
import pytest

from sim.report.report import write_report
from sim.size import sizing
from sim.size.search import Search
from tests.pages.test_size_page import COSTED, page
from tests.support.command import command

FEW = ("size", "small.yaml", "--out", "sized", "--workers", "1")


@pytest.fixture
def home(tmp_path):
    (tmp_path / "small.yaml").write_text(COSTED, "utf-8")
    return tmp_path


def stopped(home, patch, owner, name, *, after=0, options=()):
    """Interrupt the command when it calls a function for the n-th time."""
    function, calls = getattr(owner, name), []

    def interrupt(*given, **named):
        calls.append(1)
        if len(calls) > after:
            raise KeyboardInterrupt
        return function(*given, **named)

    with patch.context() as within:
        within.setattr(owner, name, interrupt)
        status = command(home, *FEW, *options)
    assert len(calls) > after
    return status


def contents(home):
    return json.loads((home / "sized" / "size.json").read_text("utf-8"))


def same(one, other):
    """Whether two folders have the same tables."""
    names = sorted(path.name for path in one.glob("*.csv"))
    assert names == sorted(path.name for path in other.glob("*.csv"))
    return all((one / name).read_bytes() == (other / name).read_bytes() for name in names)


def test_a_search_that_is_stopped_leaves_the_bounds_of_the_answer(home, monkeypatch, capsys):
    assert stopped(home, monkeypatch, Search, "_decide") == 130
    assert "the same command goes on from there" in capsys.readouterr().err
    told = contents(home)
    known, designs = told["unfinished"], pd.read_csv(home / "sized" / "designs.csv")
    assert told["answer"] == "interrupted"
    assert told["meets"] == []
    assert known["searching"]
    # All that costs less was decided, and nothing else is said of the rest.
    below = designs[designs["cost_per_year"] < known["no_design_left_below"]]
    assert set(below["status"]) <= {"misses", "breaks a rule", "ruled out by load"}
    assert "not needed" not in set(designs["status"])
    if known["does"] is not None:
        assert known["does_at_cost_per_year"] >= known["no_design_left_below"]
    write_report(home / "sized", "da", "en")
    text = page(home / "sized", "en")
    assert "The search was stopped." in text
    assert "Give the same command again: it goes on where it was stopped." in text
    assert "Søgningen blev standset." in page(home / "sized", "da")


@pytest.mark.slow
def test_the_bounds_hold_the_answer_and_it_goes_on_as_if_never_stopped(home, monkeypatch):
    assert stopped(home, monkeypatch, Search, "_decide") == 130
    known = contents(home)["unfinished"]
    assert command(home, *FEW) == 0
    told = contents(home)
    assert "unfinished" not in told
    cost = told["meets"][0]["cost_per_year"]
    assert known["no_design_left_below"] <= cost
    if known["does_surely"]:
        assert cost <= known["does_at_cost_per_year"]
    other = ("size", "small.yaml", "--out", "other", "--no-cache", "--workers", "1")
    assert command(home, *other) == 0
    assert same(home / "sized", home / "other")


def test_what_is_found_is_the_answer_though_the_next_best_is_not(home, monkeypatch):
    def one_met(search):
        if search._met:
            raise KeyboardInterrupt
        return True

    monkeypatch.setattr(
        Search,
        "_is_candidate",
        lambda search, box: one_met(search) and (box.is_single and box.high in search._seen),
    )
    assert command(home, *FEW) == 130
    told = contents(home)
    assert (told["answer"], len(told["meets"])) == ("found", 1)
    write_report(home / "sized", "en")
    assert "No other design is known to meet the targets." in page(home / "sized", "en")


def test_what_goes_with_the_answer_may_be_missing(home, monkeypatch):
    assert stopped(home, monkeypatch, sizing, "headroom", options=("--no-cache",)) == 130
    told = contents(home)
    assert told["answer"] == "found"
    assert told["unfinished"]["searching"] is False
    assert len(pd.read_csv(home / "sized" / "headroom.csv")) == 0
    write_report(home / "sized", "en")
    text = page(home / "sized", "en")
    assert "places meet the targets" in text
    assert "The answer was found, but not all that goes with it." in text
    assert "without --no-cache" in text


@pytest.mark.slow
def test_finished_results_stay(home, monkeypatch, capsys):
    assert command(home, *FEW) == 0
    before = {path.name: path.read_bytes() for path in (home / "sized").iterdir()}
    capsys.readouterr()
    assert stopped(home, monkeypatch, Search, "_decide") == 130
    assert "earlier results are as they were" in capsys.readouterr().err
    assert {path.name: path.read_bytes() for path in (home / "sized").iterdir()} == before


def test_before_anything_is_known_nothing_is_left(home, monkeypatch):
    assert stopped(home, monkeypatch, sizing, "undecidable") == 130
    assert not (home / "sized").exists()
