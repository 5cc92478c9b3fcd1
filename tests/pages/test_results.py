"""Results on disk: whole or not at all, the same bytes every time, readable again."""

import csv
import json
import shutil
import sys
from datetime import UTC, datetime
from hashlib import sha256
from io import StringIO
from pathlib import Path
from random import Random

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from sim.results import (
    ResultsError,
    Run,
    keep_visits,
    new_results,
    scenario_sha256,
    scenario_yaml,
    write_results,
    write_scenario,
)
from sim.results.folder import new_file
from sim.results.read import also_wrote, read_results
from sim.scenario.load import load_scenario
from sim.scenario.model.scenario import Scenario
from sim.study import Plan, run_study
from sim.study.estimate.precision import PrecisionRule
from tests.kills import COMMANDS, Killer
from tests.support.handmade_logs import fake_replication, make_scenario, staffed_site

SITE = make_scenario()
RUN = Run("dcr-sim run by-hand.yaml", datetime(2026, 3, 1, 12, 0, tzinfo=UTC), 1.25)
TABLES = [
    "by_hour.csv",
    "by_kind_of_day.csv",
    "by_time_of_day.csv",
    "manifest.json",
    "replications.csv",
]
TABLES += ["scenario.yaml", "summary.csv", "summary.json", "within.csv"]


def save(folder, replications=3, visits=False, workers=1, run=RUN):
    plan = Plan(1, replications, workers)
    with new_results(folder) as draft:
        if visits:
            with keep_visits(draft) as keep:
                result = run_study(SITE, plan, keep=keep, simulate_one=fake_replication)
        else:
            result = run_study(SITE, plan, simulate_one=fake_replication)
        write_results(result, SITE, run, draft)
    return result


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_all_files_are_written(tmp_path):
    save(tmp_path / "out" / "by-hand", visits=True)
    assert names(tmp_path / "out") == ["by-hand"]
    assert names(tmp_path / "out" / "by-hand") == sorted(
        [*TABLES, "visits.parquet", "responses.parquet"]
    )


def test_numbers_read_back_as_they_were(tmp_path):
    result = save(tmp_path / "out")
    for name in ("summary", "by_hour", "replications"):
        table = getattr(result, name)
        with (tmp_path / "out" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            lines = list(csv.DictReader(file))
        assert list(lines[0]) == list(table.columns)
        for column in ("value", "ci_low", "ci_high"):
            if column in table:
                read = [float(line[column] or "nan") for line in lines]
                np.testing.assert_array_equal(read, table[column])
    text = (tmp_path / "out" / "summary.csv").read_bytes()
    assert b"\r" not in text
    assert b"nan" not in text.lower()


def test_the_summary_is_json_with_definitions(tmp_path):
    result = save(tmp_path / "out")
    summary = json.loads((tmp_path / "out" / "summary.json").read_text(encoding="utf-8"))
    assert summary["scenario"] == "by-hand"
    assert summary["replications"] == 3
    assert len(summary["rows"]) == len(result.summary)
    first = summary["rows"][0]
    assert set(first) == {*result.summary.columns, "definition", "interval"}
    empty = [row for row in summary["rows"] if row["metric"] == "places"]
    assert any(row["value"] is not None for row in empty)
    assert any(row["ci_low"] is None for row in summary["rows"])  # the highest have no interval


def test_the_manifest_tells_how(tmp_path):
    save(tmp_path / "out")
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["scenario"] == "by-hand"
    assert manifest["seed"] == 1
    assert manifest["replications"] == 3
    assert manifest["command"] == RUN.command
    assert manifest["started"] == "2026-03-01T12:00:00+00:00"
    assert manifest["files"] == TABLES
    assert manifest["packages"]["numpy"]
    text = (tmp_path / "out" / "scenario.yaml").read_bytes()
    assert manifest["scenario_sha256"] == sha256(text).hexdigest() == scenario_sha256(SITE)


def test_only_the_manifest_knows_the_time_and_workers_change_nothing(tmp_path):
    later = Run("dcr-sim run again.yaml", datetime(2027, 1, 1, tzinfo=UTC), 99.0)
    save(tmp_path / "one", visits=True)
    save(tmp_path / "two", visits=True, workers=2, run=later)
    for name in names(tmp_path / "one"):
        one, two = (tmp_path / folder / name for folder in ("one", "two"))
        assert (one.read_bytes() == two.read_bytes()) is (name != "manifest.json")


def test_visits_read_back(tmp_path):
    save(tmp_path / "out", visits=True)
    visits = pd.read_parquet(tmp_path / "out" / "visits.parquet")
    assert visits["replication"].unique().tolist() == [0, 1, 2]
    one = fake_replication(SITE, 1, 1).visits
    found = visits[visits["replication"] == 1]
    assert found["arrival"].tolist() == one["arrival"].tolist()
    assert set(found["outcome"]) == {"served"}
    assert len(pd.read_parquet(tmp_path / "out" / "responses.parquet")) == 0


def test_a_new_run_replaces_the_earlier_one_whole(tmp_path):
    save(tmp_path / "out", visits=True)
    save(tmp_path / "out", replications=2)
    assert names(tmp_path / "out") == TABLES  # no visits of the earlier run
    assert names(tmp_path) == ["out"]
    assert set(pd.read_csv(tmp_path / "out" / "summary.csv")["replications"]) == {2}


@pytest.mark.slow
def test_what_somebody_else_put_there_is_kept(tmp_path):
    save(tmp_path / "out")
    (tmp_path / "out" / "notes.txt").write_text("ask the nurses", encoding="utf-8")
    (tmp_path / "out" / "slides").mkdir()
    (tmp_path / "out" / "slides" / "a.txt").write_text("a", encoding="utf-8")
    save(tmp_path / "out", replications=2)
    assert (tmp_path / "out" / "notes.txt").read_text(encoding="utf-8") == "ask the nurses"
    assert (tmp_path / "out" / "slides" / "a.txt").exists()
    save(tmp_path / "out", replications=2)  # although it is not listed as ours
    assert (tmp_path / "out" / "notes.txt").exists()


@pytest.mark.parametrize("stop", [KeyboardInterrupt, RuntimeError])
def test_an_interrupted_run_leaves_the_earlier_results_whole(tmp_path, stop):
    save(tmp_path / "out", visits=True)
    before = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}

    def half_a_run(draft):
        (draft / "summary.csv").write_text("half a ta", encoding="utf-8")
        raise stop

    with pytest.raises(stop), new_results(tmp_path / "out") as draft:
        half_a_run(draft)
    assert {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()} == before
    assert names(tmp_path) == ["out"]


def test_an_interrupted_first_run_leaves_nothing(tmp_path):
    with pytest.raises(KeyboardInterrupt), new_results(tmp_path / "out"):
        raise KeyboardInterrupt
    assert names(tmp_path) == []


def test_a_failed_swap_puts_the_earlier_results_back(tmp_path):
    save(tmp_path / "out")
    with pytest.raises(ResultsError, match="cannot replace"), new_results(tmp_path / "out") as new:
        shutil.rmtree(new)  # as if somebody had taken it away
    assert names(tmp_path) == ["out"]
    assert names(tmp_path / "out") == TABLES


@pytest.mark.slow
def test_new_results_that_cannot_be_put_in_place_are_not_lost(tmp_path, monkeypatch):
    save(tmp_path / "out")
    rename = Path.rename

    def is_open_elsewhere(path, to):
        if path.name.endswith(".new"):
            raise PermissionError("open in another program")
        return rename(path, to)

    monkeypatch.setattr(Path, "rename", is_open_elsewhere)
    with pytest.raises(ResultsError, match="the new results are in"):
        save(tmp_path / "out", replications=2)
    draft, kept = sorted(tmp_path.iterdir())
    assert set(pd.read_csv(kept / "summary.csv")["replications"]) == {3}
    assert set(pd.read_csv(draft / "summary.csv")["replications"]) == {2}


@pytest.mark.slow
def test_results_whose_replacement_was_killed_half_way_come_back(tmp_path):
    save(tmp_path / "out")
    (tmp_path / "out").rename(tmp_path / ".out.0123.earlier")
    with pytest.raises(KeyboardInterrupt), new_results(tmp_path / "out"):
        raise KeyboardInterrupt
    assert names(tmp_path) == ["out"]
    (tmp_path / ".out.0123.earlier").mkdir()  # killed after the swap
    save(tmp_path / "out")
    assert names(tmp_path) == ["out"]


@pytest.mark.slow
def test_only_the_very_name_is_put_back_or_swept_up(tmp_path):
    """A run into `h17` leaves alone what `h17.b` and `.h17` left behind."""
    save(tmp_path / "whole")
    others = [".h17.b.0a1f.earlier", ".h17.b.0a1f.new", "..h17.0a1f.earlier", ".h17x.0a1f.new"]
    for name in (*others, ".h17.0a1f.new", ".h17.77.earlier"):
        shutil.copytree(tmp_path / "whole", tmp_path / name)
    with pytest.raises(KeyboardInterrupt), new_results(tmp_path / "h17"):
        raise KeyboardInterrupt
    assert names(tmp_path) == sorted([*others, "h17", "whole"])
    assert names(tmp_path / "h17") == TABLES
    save(tmp_path / "h17", replications=2)
    assert names(tmp_path) == sorted([*others, "h17", "whole"])
    save(tmp_path / "h17.b")
    assert names(tmp_path) == sorted([*others[2:], "h17", "h17.b", "whole"])


@pytest.mark.skipif(sys.platform == "win32", reason="drafts are told by their age there")
def test_what_another_program_is_just_writing_is_left_alone(tmp_path):
    with new_results(tmp_path / "out") as draft:
        save(tmp_path / "out", replications=2)
        assert draft.is_dir()
        (draft / "manifest.json").write_text("{}", "utf-8")
    assert names(tmp_path) == ["out"]
    assert names(tmp_path / "out") == ["manifest.json"]


def test_results_put_aside_by_a_kill_are_read(tmp_path):
    """A kill between the two renamings: whoever reads the folder puts the earlier results back."""
    save(tmp_path / "out")
    (tmp_path / "out").rename(tmp_path / ".out.0123.earlier")
    assert len(read_results(tmp_path / "out").need("summary.csv"))
    assert names(tmp_path) == ["out"]


def test_half_written_files_are_swept_up_by_the_next(tmp_path):
    page = tmp_path / "page.html"

    def half_a_page(draft):
        draft.write_text("half", "utf-8")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), new_file(page) as draft:
        half_a_page(draft)
    assert names(tmp_path) == []
    (tmp_path / ".page.html.0123.part").write_text("half", "utf-8")
    (tmp_path / ".page.html.x.0123.part").write_text("another's", "utf-8")
    with new_file(page) as draft:
        draft.write_text("whole", "utf-8")
    assert names(tmp_path) == [".page.html.x.0123.part", "page.html"]
    save(tmp_path / "out")
    (tmp_path / "out" / ".report.html.new").write_text("half a page of 0.1.0", "utf-8")
    (tmp_path / "out" / ".manifest.json.0123.part").write_text("{", "utf-8")
    save(tmp_path / "out")
    assert names(tmp_path / "out") == TABLES


def test_the_manifest_is_changed_whole_or_not_at_all(tmp_path, monkeypatch):
    save(tmp_path / "out")
    manifest = tmp_path / "out" / "manifest.json"
    before = manifest.read_bytes()
    also_wrote(tmp_path / "out", "summary.csv")  # is listed already
    assert manifest.read_bytes() == before
    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            also_wrote(tmp_path / "out", "page.html")
    assert manifest.read_bytes() == before
    also_wrote(tmp_path / "out", "page.html")
    assert "page.html" in json.loads(manifest.read_text("utf-8"))["files"]
    assert names(tmp_path / "out") == TABLES
    assert read_results(tmp_path / "out").altered == ()  # it is no change of the results


def test_every_file_has_a_checksum(tmp_path):
    save(tmp_path / "out", visits=True)
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text("utf-8"))
    assert manifest["schema"] == 2
    tables = {*TABLES, "visits.parquet", "responses.parquet"} - {"manifest.json"}
    assert manifest["sha256"] == {
        name: sha256((tmp_path / "out" / name).read_bytes()).hexdigest() for name in sorted(tables)
    }


@pytest.mark.parametrize("name", ["a\0b", "x" * 300, "\ud800", "deep/" * 2000 + "x"])
def test_names_that_no_file_system_takes_are_refused(tmp_path, name):
    for use in (save, read_results):
        with pytest.raises(ResultsError) as error:
            use(Path(f"{tmp_path}/{name}"))
        assert "\n" not in str(error.value)
    with pytest.raises(ResultsError), new_file(Path(f"{tmp_path}/{name}")):
        pass
    assert names(tmp_path) == []


def keep_one_visit_of_none(draft):
    draft.rmdir()
    one = pa.table({"visit": [0]})
    with keep_visits(draft) as keep:
        keep(one, one)


def test_a_folder_that_is_gone_is_a_message(tmp_path, monkeypatch):
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    for use in (save, read_results):
        with pytest.raises(ResultsError, match="cannot"):
            use(Path("results"))
    with pytest.raises(ResultsError, match="cannot write"), new_results(tmp_path / "out") as draft:
        keep_one_visit_of_none(draft)
    assert names(tmp_path) == []


@pytest.mark.parametrize("visits", [False, True])
def test_a_full_disk_leaves_the_earlier_results(tmp_path, visits):
    """A limit on the size of files stands for the disk: writes end with such an error."""
    resource = pytest.importorskip("resource")
    save(tmp_path / "out")
    before = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (50, limits[1]))
    try:
        with pytest.raises(ResultsError, match=r"cannot write.*earlier results are as they were"):
            save(tmp_path / "out", replications=2, visits=visits)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()} == before
    assert names(tmp_path) == ["out"]


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="kills groups of programs")
def test_killed_commands_lose_and_leave_nothing(tmp_path):
    """A few of `python -m tests.kills 100`."""
    killer = Killer(tmp_path, (COMMANDS[0], COMMANDS[8]))
    rng = Random(1)
    for _ in range(3):
        killer.kill(rng)


def test_a_folder_of_something_else_is_refused(tmp_path):
    (tmp_path / "thesis.txt").write_text("years of work", encoding="utf-8")
    with pytest.raises(ResultsError, match="something other than results"):
        save(tmp_path)
    assert names(tmp_path) == ["thesis.txt"]


def test_what_goes_wrong_within_the_run_is_not_blamed_on_the_folder(tmp_path):
    with pytest.raises(BrokenPipeError), new_results(tmp_path / "out"):
        raise BrokenPipeError
    assert names(tmp_path) == []


def test_an_empty_folder_will_do(tmp_path):
    (tmp_path / "out").mkdir()
    save(tmp_path / "out")
    assert names(tmp_path / "out") == TABLES


def test_a_file_is_refused(tmp_path):
    (tmp_path / "out").write_text("", encoding="utf-8")
    with pytest.raises(ResultsError, match="is a file"):
        save(tmp_path / "out")
    with pytest.raises(ResultsError, match="cannot write"):
        save(tmp_path / "out" / "deeper")


def test_a_link_is_followed(tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "out").symlink_to(tmp_path / "elsewhere")
    save(tmp_path / "out")
    assert (tmp_path / "out").is_symlink()
    assert names(tmp_path / "elsewhere") == TABLES


def read_back(scenario):
    return Scenario.model_validate(YAML(typ="safe", pure=True).load(scenario_yaml(scenario)))


FULL = staffed_site(
    title="'yes': a site, #1",
    description="Two lines:\n- one\n- 08:30, é, [x] and {y}\n",
    horizon={"start": "2026-03-02", "weeks": 3, "warmup_weeks": 1},
    opening={
        "hours": {
            "mon-fri": ["07:30-12:00", "14:00-01:00 next day"],
            "sat": "closed",
            "sun": "24/7",
        }
        | {"sun": "00:00-24:00"},
        "dates": {"2026-03-04": "closed", "2026-03-05": "10:00-12:00"},
        "last_entry": "30 min",
    },
    demand={
        "visits_per_day": 10,
        "profile": [0, 1, 2.5, 1e-7] * 6,
        "weekday": {"mon": 1.5},
        "groups": {1: 0.75, 2: 0.25},
        "special_days": [
            {"name": "no", "dates": ["2026-03-06"], "visits": 1.1},
            {"name": "pay day", "days_of_month": [1, 15], "overdoses": 2},
        ],
    },
    visits={
        "injecting": {
            "rooms": ["booths"],
            "stay": {"distribution": "lognormal", "mean": 20, "cv": 0.5, "at_most": 60},
            "patience": {"distribution": "weibull", "shape": 1.5, "median": 20},
            "overdose": {"per_1000": 5, "onset": {"distribution": "uniform", "low": 0, "high": 9}},
            "services": {"talk": 0.25},
        }
    },
    services={"talk": {"duration": {"distribution": "empirical", "values": [5, 10]}}},
)


@pytest.mark.parametrize("scenario", [SITE, staffed_site(), FULL])
def test_a_scenario_reads_back_as_it_was(scenario):
    assert read_back(scenario) == scenario
    assert scenario_yaml(read_back(scenario)) == scenario_yaml(scenario)


def test_listed_arrivals_read_back():
    arrivals = [{"at": 600.1, "kind": "injecting", "stay": 3}, {"at": 700, "kind": "injecting"}]
    scenario = make_scenario(demand={"arrivals": arrivals})
    assert read_back(scenario) == scenario


@pytest.mark.slow
def test_a_long_list_of_arrivals_is_a_table_beside_the_scenario(tmp_path):
    """A year of a site's log is read and written in a second, and no longer than YAML may be."""
    last = [{"at": 600.1 + number / 7, "kind": "injecting"} for number in range(1_000)]
    short = make_scenario(demand={"arrivals": last})
    assert "arrivals-" not in scenario_yaml(short)
    first = {"at": 0.1 + 0.2, "kind": "injecting", "stay": 1e-7, "patience": 30}
    scenario = make_scenario(demand={"arrivals": [first, *last]})
    write_scenario(scenario, tmp_path / "scenario.yaml")
    (table,) = tmp_path.glob("arrivals-*.csv")
    text = (tmp_path / "scenario.yaml").read_bytes()
    assert f"file: {table.name}" in text.decode()
    assert load_scenario(tmp_path / "scenario.yaml") == scenario
    assert sha256(text).hexdigest() == scenario_sha256(scenario)
    # Another list is another scenario, and has another name.
    other = make_scenario(demand={"arrivals": [{**first, "stay": 2e-7}, *last]})
    assert scenario_sha256(other) != scenario_sha256(scenario)
    write_scenario(other, tmp_path / "other.yaml")
    assert load_scenario(tmp_path / "other.yaml") == other
    assert load_scenario(tmp_path / "scenario.yaml") == scenario


@pytest.mark.slow
@given(st.text(max_size=60), st.floats(0, 500_000))
def test_any_text_and_number_read_back(text, number):
    printable = "".join(c for c in text if c.isprintable() or c in "\n\t")
    scenario = make_scenario(description=printable, opening={"hours": "24/7", "last_entry": number})
    assert read_back(scenario) == scenario


def test_the_yaml_has_no_yaml_1_1_traps():
    found = YAML(typ="safe", pure=True).load(StringIO(scenario_yaml(FULL)))
    assert found["demand"]["special_days"][0]["name"] == "no"
    assert found["opening"]["hours"]["mon"][0] == "07:30-12:00"


def test_targets_and_controls_have_files_of_their_own(tmp_path):
    site = make_scenario(
        horizon={"days": 2}, targets=["wait.p90 <= 10 min", "wait.mean in every hour <= 60 min"]
    )
    result = run_study(site, Plan(1, 8))
    with new_results(tmp_path / "out") as draft:
        write_results(result, site, RUN, draft)
    assert names(tmp_path / "out") == sorted([*TABLES, "control.csv", "targets.csv"])
    targets = pd.read_csv(tmp_path / "out" / "targets.csv")
    assert targets["target"].tolist() == [target.text for target in site.targets]
    assert set(targets["verdict"]) <= {"pass", "fail", "not sure"}
    controlled = pd.read_csv(tmp_path / "out" / "control.csv")
    summary = pd.read_csv(tmp_path / "out" / "summary.csv")
    key = ["metric", "statistic", "by"]
    both = controlled.merge(summary, on=key, suffixes=("", "_plain"))
    assert len(both) == len(controlled) > 0
    assert (both["value"] == both["value_plain"]).all()
    resolved = (tmp_path / "out" / "scenario.yaml").read_text("utf-8")
    assert "targets: [wait.p90 <= 10 min, wait.mean in every hour <= 60 min]" in resolved
    assert read_back(site) == site


@pytest.mark.slow
def test_the_manifest_tells_how_precise_the_figures_are(tmp_path):
    plan = Plan(1, precision=PrecisionRule(least=2, most=4))
    result = run_study(SITE, plan, simulate_one=fake_replication)
    with new_results(tmp_path / "out") as draft:
        write_results(result, SITE, RUN, draft)
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["replications"] == result.count
    assert manifest["replications_from_cache"] == 0
    wait = manifest["precision"][0]
    assert (wait["metric"], wait["statistic"], wait["by"]) == ("wait", "mean", "all")
    assert wait["reached"] is (wait["half_width"] <= wait["wanted"])
    save(tmp_path / "fixed")
    manifest = json.loads((tmp_path / "fixed" / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["precision"] is None
