"""`new`: a starter of what was told, or of what was answered."""

import sys
from pathlib import Path

import pytest
import typer

from sim.cli import main
from sim.scenario import load_scenario
from sim.scenario.model.scenario import Scenario


def new(monkeypatch, *words: str) -> int:
    monkeypatch.setattr(sys, "argv", ["dcr-sim", "new", *words])
    with pytest.raises(SystemExit) as ended:
        main()
    return int(ended.value.code or 0)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def shape_of(scenario: Scenario) -> str:
    shape = scenario.demand.shape
    return shape.shape if shape else ""


@pytest.mark.slow
def test_of_what_was_told(folder, monkeypatch):
    told = ("--kind", "small-town", "--places", "8,4", "--hours", "09-21", "--served", "150")
    assert new(monkeypatch, "my-site", *told) == 0
    made = load_scenario(folder / "scenarios" / "my-site.yaml")
    assert (made.name, shape_of(made)) == ("my-site", "small-town")
    assert [room.places for room in made.rooms.values()] == [8, 4]
    assert (made.demand.served_per_day, made.demand.unserved) == (150, "unknown")
    assert made.opening.hours.minutes_per_week() == 7 * 12 * 60


@pytest.mark.slow
def test_of_a_city_by_day_where_nothing_was_told_and_nobody_is_there_to_ask(folder, monkeypatch):
    assert new(monkeypatch, "my-site") == 0
    made = load_scenario(folder / "scenarios" / "my-site.yaml")
    assert (shape_of(made), made.demand.visits_per_day) == ("city-day", 200)


@pytest.mark.parametrize(
    ("words", "wrong"),
    [
        (("--kind", "large"), "'large' is not one of"),
        (("--places", "8"), "--places must be two numbers"),
        (("--places", "0,4"), "--places must be two numbers"),
        (("--hours", "9 to 5"), "hours must be such as 09-21"),
        (("--served", "0"), "--served must be more than 0"),
        (("--served", "many"), "--served"),
    ],
)
def test_what_is_wrong_is_told_and_nothing_written(folder, monkeypatch, capsys, words, wrong):
    assert new(monkeypatch, "my-site", *words) == 2
    assert wrong in " ".join(capsys.readouterr().err.split())
    assert not (folder / "scenarios" / "my-site.yaml").exists()


@pytest.mark.slow
def test_what_was_not_told_is_asked_for(folder, monkeypatch):
    asked = []
    answers = {"Kind": "small-town", "Hours": "10-14", "Places": "2,3", "Uses": "25"}

    def prompt(text: str, usual: str, **_: object) -> str:
        asked.append((text, usual))
        return next(answer for begin, answer in answers.items() if text.startswith(begin))

    monkeypatch.setattr(typer, "prompt", prompt)
    monkeypatch.setattr("sim.cli.commands.new.asks", lambda: True)
    assert new(monkeypatch, "my-site", "--places", "4,2") == 0
    # Places were told; hours are offered as those of the kind that was answered.
    assert [text for text, _ in asked] == [
        "Kind of site",
        "Hours of every day",
        "Uses served a day, if a register counts them",
    ]
    assert asked[1][1] == "09:00-16:00"
    made = load_scenario(folder / "scenarios" / "my-site.yaml")
    assert [room.places for room in made.rooms.values()] == [4, 2]
    assert made.demand.served_per_day == 25
    answers["Uses"] = "none"
    assert new(monkeypatch, "other") == 0
    assert load_scenario(folder / "scenarios" / "other.yaml").demand.visits_per_day == 60
