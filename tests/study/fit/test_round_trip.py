"""Simulated visits, written down as a site would, read and fitted: the truth comes back."""

import math

import numpy as np
import pandas as pd
import pytest

from benchmarks.fit.coverage import held
from benchmarks.fit.sites import BUSY
from benchmarks.fit.sites import TRUTH as OF_BUSY
from benchmarks.fit.sites import fit_of as fit_as
from sim.engine import Engine
from sim.fit.as_log import LogForm, as_log, log_form, log_of, once_at_a_time
from sim.fit.fit import Choice, fit_log
from sim.fit.reading.read import read_log
from sim.fit.reading.register import COLUMNS, Shape
from sim.fit.reading.rows import Said
from sim.measures import visits_table
from sim.scenario.errors.problem import ScenarioError
from sim.scenario.load import scenario_from_text
from sim.study.run.replication import simulate_replication
from tests.support.command import SMALL, command

_LEFT_OUT = ("crowd_at_opening", "special_days", "clients")
SITE = "".join(
    line
    for line in BUSY.replace("weeks: 4", "weeks: 8").splitlines(keepends=True)
    if not line.strip().startswith(_LEFT_OUT)
)
"""The site of the benchmarks, for longer, whose days are alike."""
TRUTH = {key: one for key, one in OF_BUSY.items() if not any(name in key[0] for name in _LEFT_OUT)}


@pytest.fixture(scope="module")
def site():
    return scenario_from_text(SITE)


@pytest.fixture(scope="module")
def played(site):
    """Of some seeds, the visits and who was there."""
    return {
        seed: visits_table(site, simulate_replication(site, seed, 0, Engine.FAST), 0).to_pandas()
        for seed in range(1, 4)
    }


def fit_of(site, visits, folder, seed=1, **form):
    return fit_as(site, visits, seed, LogForm(**form), folder, Choice())


def missed(site, several, folder):
    inside = [held(fit_of(site, one, folder, shape=Shape.VISITS), TRUTH) for one in several]
    return {key: sum(not one[key] for one in inside) for key in TRUTH}


@pytest.mark.slow
def test_the_truth_is_within_the_intervals(site, played, tmp_path):
    """3 seeds, 10 inputs: of 30 intervals of 95 % one or two miss."""
    found = missed(site, played.values(), tmp_path)
    assert sum(found.values()) <= 4, found


@pytest.mark.slow
def test_the_truth_is_within_the_intervals_of_many_logs(site, tmp_path):
    """20 seeds, 10 inputs: of 200 intervals of 95 % ten or so miss."""
    several = (
        visits_table(site, simulate_replication(site, seed, 0, Engine.FAST), 0).to_pandas()
        for seed in range(101, 121)
    )
    found = missed(site, several, tmp_path)
    assert sum(found.values()) <= 20, found
    assert max(found.values()) <= 5, found


@pytest.mark.slow
@pytest.mark.parametrize(
    "form",
    [
        {"shape": "visits", "language": "da", "delimiter": "semicolon", "dates": "dashes"},
        {"shape": "visits", "language": "fr", "delimiter": "tab", "encoding": "utf-16"},
        {"shape": "visits", "language": "de", "dates": "dots", "encoding": "cp1252"},
    ],
    ids=lambda one: one["language"],
)
def test_languages_and_forms_are_the_same_visits(site, played, tmp_path, form):
    registers = []
    for one in ({"shape": "visits"}, form):
        files = as_log(played[1], site.horizon.start, LogForm(**one), 1)
        (tmp_path / "log.csv").write_bytes(files["log.csv"])
        registers.append(read_log(tmp_path / "log.csv", site, Said()).register)
    for name in COLUMNS:
        one, other = (getattr(register, name) for register in registers)
        assert np.array_equal(one, other, equal_nan=True), name


@pytest.mark.slow
def test_shapes_agree(site, played, tmp_path):
    plain = fit_of(site, played[1], tmp_path, shape="visits")
    wanted = {(one.input, one.by): one.estimate.value for one in plain.rows()}
    for shape in ("uses", "events", "counts"):
        found = fit_of(site, played[1], tmp_path, shape=shape)
        rows = {(one.input, one.by): one.estimate.value for one in found.rows()}
        key = ("demand.visits_a_day", "all")
        assert rows[key] == pytest.approx(wanted[key], rel=0.02), shape
        if shape != "counts":
            for kind in site.visits:
                key = ("visits.stay.mean", kind)
                assert rows[key] == pytest.approx(wanted[key], rel=0.02), shape


@pytest.mark.slow
@pytest.mark.parametrize(
    ("rule", "form"),
    [
        ("rounded", {"shape": "visits", "round": 5}),
        ("automatic", {"shape": "uses", "auto_end_share": 0.05}),
        ("ends_missing", {"shape": "visits", "missing_end": 0.1}),
        ("no_log", {"shape": "visits", "gap": 3}),
    ],
)
def test_what_a_mess_does_is_undone(site, played, tmp_path, rule, form):
    plain = fit_of(site, played[2], tmp_path, shape="visits")
    found = fit_of(site, played[2], tmp_path, **form)
    assert rule in {one.rule for one in found.findings}
    wanted = {(one.input, one.by): one.estimate.value for one in plain.rows()}
    rows = {(one.input, one.by): one.estimate.value for one in found.rows()}
    for key in (("demand.visits_a_day", "all"), ("visits.stay.mean", "inject")):
        # Ends that are missing more often of long stays make these too short: told, not mended.
        assert rows[key] == pytest.approx(wanted[key], rel=0.08 if rule == "ends_missing" else 0.05)


@pytest.mark.slow
def test_rows_that_are_written_twice_are_seen(site, played, tmp_path):
    found = fit_of(site, played[3], tmp_path, shape="visits", duplicate=0.03)
    plain = fit_of(site, played[3], tmp_path, shape="visits")
    assert "doubled" in {one.rule for one in found.findings}
    assert len(found.register) == pytest.approx(len(plain.register), rel=0.03)


def test_one_server_and_people_who_leave(tmp_path):
    """M/M/1 + M: 2.4 an hour, 20 minutes, patience 30: 27.96 % leave."""
    site = scenario_from_text(
        "name: queue\nhorizon: {start: 2026-01-05, weeks: 12}\nopening: {hours: 24/7}\n"
        "demand: {visits_per_day: 57.6, profile: flat}\nvisits:\n  use:\n    rooms: [booth]\n"
        "    stay: {distribution: exponential, mean: 20}\n"
        "    patience: {distribution: exponential, mean: 30}\nrooms: {booth: {places: 1}}\n"
    )
    for name, contents in log_of(site, 3, Engine.FAST, LogForm(shape=Shape.VISITS)).items():
        (tmp_path / name).write_bytes(contents)
    found = fit_log(read_log(tmp_path / "log.csv", site, Said()), None, site, Choice())
    assert found.register.unserved.mean() == pytest.approx(0.2796, abs=0.02)
    rows = {one.input: one.estimate for one in found.rows()}
    median, shape = rows["visits.patience.median"], rows["visits.patience.shape"]
    assert median.low < 30 * math.log(2) < median.high
    assert shape.low < 1 < shape.high
    stay = rows["visits.stay.mean"]
    assert stay.low < 20 < stay.high


def test_run_writes_the_first_replication_as_a_log(tmp_path):
    (tmp_path / "site.yaml").write_text(SMALL)
    plain = ("--replications", "1", "--no-report", "--no-next", "--no-cache", "--out", "out")
    arguments = ("--as-log", "uses", "--log-with", "language=de,delimiter=semicolon,unserved=0.8")
    assert command(tmp_path, "run", "site.yaml", *plain, *arguments) == 0
    log = pd.read_csv(tmp_path / "out" / "log.csv", sep=";")
    assert list(log.columns[:3]) == ["Datum", "Uhrzeit", "Dauer (min)"]
    assert (tmp_path / "out" / "unserved.csv").is_file()
    assert command(tmp_path, "run", "site.yaml", *plain, "--log-with", "round=5") == 2


@pytest.mark.parametrize("text", ["rond=5", "round", "round=0", "missing_end=2", "shape=uses"])
def test_forms_of_logs_that_cannot_be(text):
    with pytest.raises(ScenarioError, match="--log-with"):
        log_form("visits", [text])


def test_nobody_is_there_twice_at_once_and_all_come_as_often():
    rng = np.random.default_rng(3)
    begin = np.sort(rng.uniform(0, 20_000, 1500))
    end = begin + rng.gamma(4, 6, 1500)
    clients = rng.choice(60, 1500, p=np.append(np.full(59, 0.9 / 59), 0.1))
    found = np.array(once_at_a_time(clients, begin, end))
    lost = int((found < 0).sum())
    assert lost <= 10
    often = [np.bincount(one[one >= 0], minlength=60) for one in (clients, found)]
    assert (often[0] - often[1]).sum() == lost
    assert (often[0] >= often[1]).all()
    for one in range(60):
        mine = found == one
        assert (begin[mine][1:] > end[mine][:-1] + 5).all()


def test_clients_change_visits_by_hand():
    """Of four visits at 0, 10, 30 and 60 of half an hour, the second is by who is still there."""
    begin = np.array([0.0, 10, 30, 60])
    assert once_at_a_time(np.array([7, 7, 8, 9]), begin, begin + 20) == [7, 8, 7, 9]
    assert once_at_a_time(np.array([7, 7]), begin[:2], begin[:2] + 20) == [7, -1]
