"""A log of the served and a tally of the unserved: demand and patience matched to both by play."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from sim.engine import Engine
from sim.fit.as_log import LogForm, log_of
from sim.fit.fit import Choice, Fitted, fit_log
from sim.fit.matching import matched
from sim.fit.reading.read import read_log
from sim.fit.reading.rows import Said
from sim.fit.write import trial_scenario
from sim.log import Outcome
from sim.scenario.errors.problem import ScenarioError
from sim.scenario.load import Loaded, load_scenario, read_scenario
from sim.study.estimate.intervals import Estimate
from sim.study.run.replication import simulate_replication
from tests.support.command import command
from tests.support.site_logs import SITE as QUIET
from tests.support.site_logs import uses, visits_lines, write_log

SITE = """\
name: busy
horizon: {start: 2026-01-05, weeks: 8}
opening: {hours: "10:00-22:00"}
demand:
  visits_per_day: 90
  profile: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 2, 2, 1, 1, 0, 0]
  day_to_day_cv: 0.14
visits:
  inject:
    share: 0.6
    rooms: [injecting]
    stay: {distribution: lognormal, mean: 25, cv: 0.5}
    patience: {distribution: weibull, median: 20, shape: 1.2}
    balking: {per_person_ahead: 0.02}
  smoke:
    share: 0.4
    rooms: [smoking]
    stay: {distribution: gamma, mean: 18, cv: 0.5}
    patience: {distribution: weibull, median: 20, shape: 1.2}
rooms:
  injecting: {places: 4}
  smoking: {places: 2}
"""
LOSS = """\
name: loss
horizon: {start: 2026-01-05, weeks: 8}
opening: {hours: 24/7}
demand: {visits_per_day: 216, profile: flat}
visits:
  use:
    rooms: [room]
    stay: {distribution: exponential, mean: 20}
rooms: {room: {places: 4}}
waiting_area: {seats: 0}
"""
UNSERVED = (Outcome.RENEGED, Outcome.BALKED, Outcome.NO_SPACE, Outcome.DISMISSED_AT_CLOSE)


def served_only(folder, text, seed):
    """The site's file, a log of uses of one play of it, and how many a day were not served."""
    path = folder / "site.yaml"
    path.write_text(text)
    loaded = read_scenario(path)
    site = loaded.scenario
    files = log_of(site, seed, Engine.FAST, LogForm(shape="uses", unserved=0))
    (folder / "log.csv").write_bytes(files["log.csv"])
    log = simulate_replication(site, seed, 0, Engine.FAST)
    gone = np.isin(log.visits["outcome"], UNSERVED).sum() / site.horizon.total_days
    return path, loaded, float(gone)


def fit_with(path, loaded: Loaded, a_day: float) -> tuple[Fitted, Fitted]:
    read = read_log(path.with_name("log.csv"), loaded.scenario, Said())
    found = fit_log(read, None, loaded.scenario, Choice(unserved_a_day=a_day))
    return found, matched(found, loaded, path, a_day, lambda *_: None)


def p90(site):
    waits = []
    for replication in range(4):
        visits = simulate_replication(site, 99, replication, Engine.FAST).visits
        waits.append(visits["waited"][~np.isnan(visits["entered"])])
    return float(np.quantile(np.concatenate(waits), 0.9))


def test_one_tally_brings_demand_and_waits_back(tmp_path):
    path, loaded, a_day = served_only(tmp_path, SITE, 5)
    plain, found = fit_with(path, loaded, a_day)
    assert found.matched is not None
    assert found.matched.near
    assert found.demand is not None
    assert found.demand.a_day.low < 90 < found.demand.a_day.high
    assert found.demand.cv.low < 0.14 < found.demand.cv.high
    true = p90(loaded.scenario)
    assert p90(trial_scenario(found, loaded, path)) == pytest.approx(true, rel=0.2)
    assert p90(trial_scenario(plain, loaded, path)) < 0.8 * true
    (row,) = [one for one in found.rows() if one.input == "visits.patience.mean"]
    assert row.method == "matched"


def test_days_too_few_to_differ_differ_as_in_the_file(tmp_path):
    text = SITE.replace("weeks: 8", "days: 6")
    path, loaded, a_day = served_only(tmp_path, text, 5)
    read = read_log(path.with_name("log.csv"), loaded.scenario, Said())
    plain = fit_log(read, None, loaded.scenario, Choice(unserved_a_day=max(a_day, 1.0)))
    assert plain.demand is not None
    plain = replace(plain, demand=replace(plain.demand, cv=Estimate()))
    found = matched(plain, loaded, path, max(a_day, 1.0), lambda *_: None)
    assert found.demand is not None
    assert not found.demand.cv.is_known
    assert np.isfinite(found.demand.week.rate).all()
    assert found.demand.a_day.value > 50


def test_a_loss_system_has_an_exact_answer(tmp_path):
    """4 places, 3 erlang, nobody waits: Erlang's formula refuses 0.206107."""
    path, loaded, a_day = served_only(tmp_path, LOSS, 5)
    plain, found = fit_with(path, loaded, a_day)
    assert plain.demand is not None
    assert found.demand is not None
    assert a_day / (a_day + plain.demand.a_day.value) == pytest.approx(0.206107, abs=0.01)
    offered = found.demand.a_day.value / 1440 * 20
    assert offered == pytest.approx(3.0, rel=0.03)
    assert plain.demand.a_day.value / (1 - 0.206107) == pytest.approx(
        found.demand.a_day.value, rel=0.02
    )


def test_nobody_can_be_unserved_where_nobody_waits(tmp_path):
    (tmp_path / "site.yaml").write_text(QUIET)
    lines = [one for one in visits_lines(*uses(np.random.default_rng(1))) if "refused" not in one]
    path = write_log(tmp_path, lines)
    loaded = read_scenario(tmp_path / "site.yaml")
    with pytest.raises(ScenarioError, match="nobody can leave a queue where nobody waits"):
        fit_with(path.with_name("site.yaml"), loaded, 5.0)


def test_the_command_writes_what_was_matched(tmp_path, capsys):
    _, _, a_day = served_only(tmp_path, SITE, 3)
    asked = ("fit", "log.csv", "--site", "site.yaml", "--unserved-per-day", f"{a_day:.2f}")
    assert command(tmp_path, *asked) == 0
    kind = load_scenario(tmp_path / "site-fitted.yaml").visits["inject"]
    assert kind.balking is None
    assert kind.patience is not None
    assert kind.patience.mean() > 10
    table = pd.read_csv(tmp_path / "site-fitted.draws.csv")
    mean = table["visits.inject.patience.mean"]
    assert mean[0] == pytest.approx(kind.patience.mean(), rel=1e-3)
    assert table["demand.factor"][0] == 1
    # Where more were not served more came, and people are less patient.
    assert np.corrcoef(mean[1:], table["demand.factor"][1:])[0, 1] < 0
    assert np.log(mean[1:]).std() > 0.02
    assert "matched to it by play" in " ".join(capsys.readouterr().out.split())
    assert command(tmp_path, *asked, "--unserved-unknown") == 2
    assert command(tmp_path, *asked, "--only", "stays") == 2
