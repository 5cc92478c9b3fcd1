"""The command line as a planner meets it."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from sim import __version__
from sim.cli import main
from sim.cli.console import started_as
from sim.scenario import load_scenario

ROOT = Path(__file__).parents[1]
SMALL = """\
name: small
horizon: {days: 7}
opening: {hours: 10:00-18:00}
demand: {visits_per_day: 90, profile: flat}
visits:
  inject:
    rooms: [injecting]
    stay: {distribution: exponential, mean: 25}
    patience: {distribution: exponential, mean: 20}
    overdose: {per_1000: 20, onset: 4}
rooms:
  injecting: {places: 3}
overdose:
  severities:
    any: {share: 1, team: [[nurse]], intensive: 10}
staff:
  roles: {nurse: {}}
  rota:
    - {role: nurse, from: 10:00, to: "18:00"}
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "small.yaml").write_text(SMALL, "utf-8")
    return tmp_path


def call(monkeypatch, *arguments):
    """Run the command line in this process and give its exit status."""
    monkeypatch.setattr(sys, "argv", ["run.py", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    return ended.value.code


def test_run_writes_results_and_prints_a_screen(folder, monkeypatch, capsys):
    status = call(
        monkeypatch, "run", "small.yaml", "--replications", "3", "--workers", "1", "--visits"
    )
    printed = capsys.readouterr().out
    assert status == 0
    assert max(len(line) for line in printed.splitlines()) <= 80
    for words in ("Wait for a place", "unserved", "Overdose response", "Staff", "results/small/"):
        assert words in printed.replace(os.sep, "/")
    results = folder / "results" / "small"
    assert {path.name for path in results.iterdir()} == {
        "summary.csv",
        "summary.json",
        "by_hour.csv",
        "replications.csv",
        "scenario.yaml",
        "manifest.json",
        "visits.parquet",
        "responses.parquet",
        "by_time_of_day.csv",
        "within.csv",
        "at_once.csv",
        "report.html",
        "report.en.html",
    }
    summary = pd.read_csv(results / "summary.csv")
    assert list(summary.columns) == [
        *("metric", "statistic", "by", "value", "ci_low", "ci_high", "unit", "replications")
    ]
    visits = pd.read_parquet(results / "visits.parquet")
    arrivals = summary.query("metric == 'visits' and statistic == 'per_day' and by == 'all'")
    assert arrivals["value"].item() == pytest.approx(len(visits) / 21, rel=1e-12)
    assert load_scenario(results / "scenario.yaml") == load_scenario("small.yaml")


def test_workers_and_engines_change_nothing_in_the_tables(folder, monkeypatch):
    found = []
    usual = ("run", "small.yaml", "--replications", "4", "--no-cache", "--visits", "--no-report")
    for workers, engine in (("1", "fast"), ("4", "fast"), ("1", "simpy"), ("2", "simpy")):
        out = f"{engine}-{workers}"
        status = call(monkeypatch, *usual, "--workers", workers, "--engine", engine, "--out", out)
        assert status == 0
        manifest = json.loads((folder / out / "manifest.json").read_text("utf-8"))
        assert manifest["engine"] == engine
        files = {p.name: p.read_bytes() for p in (folder / out).iterdir() if p.suffix != ".json"}
        assert len(files) == 9
        found.append(files)
    assert all(files == found[0] for files in found)


def test_set_overrides_and_is_recorded(folder, monkeypatch, capsys):
    setting = "rooms.injecting.places=9"
    assert call(monkeypatch, "run", "small.yaml", "--set", setting, "--replications", "1") == 0
    assert "rooms.injecting.places: 3 → 9" in capsys.readouterr().err
    resolved = load_scenario(folder / "results" / "small" / "scenario.yaml")
    assert resolved.rooms["injecting"].places == 9
    manifest = json.loads((folder / "results" / "small" / "manifest.json").read_text("utf-8"))
    assert setting in manifest["command"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["run", "nowhere.yaml"], "nowhere.yaml: there is no such file"),
        (["run", "."], "is a folder"),
        (["run", "empty.yaml"], "is empty"),
        (["run", "latin.yaml"], "not UTF-8"),
        (["run", "small.yaml", "--set", "rooms.injektion.places=3"], "did you mean `injecting`?"),
        (["run", "small.yaml", "--set", "rooms.injecting.place=3"], "did you mean `places`?"),
        (["run", "small.yaml", "--set", "nonsense"], "--set nonsense"),
        (["run", "small.yaml", "--set", "demand.visits_per_day=-3"], "must be more than 0, not -3"),
        (["run", "small.yaml", "--out", "small.yaml"], "is a file; name a folder"),
        (["check", "small.yaml", "--set", "opening.hours=25:00"], "opening.hours"),
        (["new", "two words"], "'two words' cannot be a name"),
        (["new", "small", "--folder", "."], "exists; choose another name"),
    ],
)  # fmt: skip
def test_wrong_input_ends_with_status_2_and_writes_nothing(
    folder, monkeypatch, capsys, arguments, words
):
    (folder / "empty.yaml").write_text("", "utf-8")
    (folder / "latin.yaml").write_bytes("name: r\xf8m\n".encode("latin-1"))
    before = {path: path.read_bytes() for path in folder.iterdir()}
    assert call(monkeypatch, *arguments) == 2
    error = capsys.readouterr().err
    assert words in error
    assert "Traceback" not in error
    assert {path: path.read_bytes() for path in folder.iterdir()} == before


@pytest.mark.usefixtures("folder")
def test_check_says_what_was_understood(monkeypatch, capsys):
    assert call(monkeypatch, "check", "small.yaml") == 0
    printed = capsys.readouterr().out
    # 90 visits a day, a third of them in the 8 open hours of 24.
    assert "30.0 a day while the door lets people in" in printed
    assert "60.0 a day when it does not" in printed
    assert "56 hours a week" in printed
    warned = " ".join(printed.split())
    assert "warning: 60.0 of 90.0 visits a day come while the site is shut" in warned
    assert "No warnings." not in printed
    sets = ("demand.profile=daytime", "demand.visits_per_day=30", "staff.rota.0.to=20:00")
    with_sets = [word for one in sets for word in ("--set", one)]
    assert call(monkeypatch, "check", "small.yaml", *with_sets) == 0
    printed = capsys.readouterr().out
    assert "30.0 a day while the door lets people in" in printed
    assert "when it does not" not in printed
    assert "No warnings." in printed


def test_check_says_what_comes_next(folder, monkeypatch, capsys):
    assert call(monkeypatch, "check", "small.yaml", "--set", "demand.factor=0.5") == 0
    printed = capsys.readouterr().out
    this = "small.yaml --set demand.factor=0.5"
    places = load_scenario(folder / "small.yaml").rooms["injecting"].places
    for line in (
        f"  python run.py watch {this}",
        f"  python run.py run {this}",
        f"  python run.py compare {this} --alt rooms.injecting.places={places + 1}",
        f"  python run.py size {this}",
    ):
        assert f"{line}\n" in printed
    assert "once the file has targets: and design:" in printed
    monkeypatch.setattr("sys.argv", ["/some/where/dcr-sim"])
    assert started_as() == "dcr-sim"


def test_check_offers_size_where_there_is_something_to_size(monkeypatch, capsys):
    assert call(monkeypatch, "check", str(ROOT / "scenarios/h17-size.yaml")) == 0
    printed = capsys.readouterr().out
    assert "the cheapest design that meets the targets" in printed
    assert "once the file has" not in printed


@pytest.mark.usefixtures("folder")
def test_check_warns_where_the_load_cannot_be_carried(monkeypatch, capsys):
    assert call(monkeypatch, "check", "small.yaml", "--set", "rooms.injecting.places=1") == 0
    printed = " ".join(capsys.readouterr().out.split())
    # 3.75 visits an hour of 25 minutes: 1.56 places.
    assert "1.6 places are needed on average" in printed
    assert "there are 1: the queue grows" in printed


def test_new_gives_a_scenario_that_runs(folder, monkeypatch, capsys):
    assert call(monkeypatch, "new", "my-site") == 0
    assert load_scenario(folder / "scenarios" / "my-site.yaml").name == "my-site"
    assert call(monkeypatch, "check", "scenarios/my-site.yaml") == 0
    assert "my-site" in capsys.readouterr().out


def test_schema_is_the_one_in_the_docs(monkeypatch, capsys):
    assert call(monkeypatch, "schema") == 0
    printed = capsys.readouterr().out
    assert printed == (ROOT / "docs" / "scenario.schema.json").read_text("utf-8")
    schema = json.loads(printed)
    parts = [schema, *schema["$defs"].values()]
    keys = [key for part in parts for key in part.get("properties", {}).items()]
    assert not [name for name, key in keys if "description" not in key and "const" not in key]
    # Pydantic's own words for bounds mean nothing to an editor.
    assert not re.search(r'"(ge|gt|le|lt)":', printed)


def test_the_program_as_a_program(folder):
    ran = subprocess.run(
        [sys.executable, str(ROOT / "run.py"), "--version"],
        capture_output=True,
        text=True,
        check=True,
        cwd=folder,
    )
    assert ran.stdout == f"dcr-sim {__version__}\n"


def test_a_site_without_rooms_says_nothing_of_places(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "lab.yaml").write_text(
        "name: lab\nhorizon: {days: 7}\nopening: {hours: 10:00-16:00}\n"
        "demand: {visits_per_day: 30, profile: daytime}\n"
        "visits: {test: {services: {checking: 1}}}\n"
        "services: {checking: {duration: 15, when: before}}\n",
        "utf-8",
    )
    assert call(monkeypatch, "run", "lab.yaml", "--replications", "2", "--no-report") == 0
    printed = capsys.readouterr().out
    assert "served, service only" in printed
    assert "place" not in printed
