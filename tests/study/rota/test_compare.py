"""Comparing rotas: what differs, rules beside figures, stress tests, and the example."""

from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sim.log import PERSON_COLUMNS
from sim.measures.facts.facts import Facts
from sim.measures.figures.cost import hours_per_week
from sim.measures.figures.staff import staff_figures
from sim.results.scenario import scenario_yaml
from sim.rota.check.check import check_rota
from sim.rota.check.comparison import stress_table, stresses, survivals
from sim.rota.check.rules import Rule, staff_of
from sim.scenario.derived.roster import people_on_shift
from sim.scenario.load import load_scenario, read_variants, scenario_from_text
from sim.study import Plan, run_study
from sim.study.compare.best import may_be_best
from sim.study.compare.comparison import Studied
from sim.study.compare.matters import Area, headlines
from sim.study.compare.options import changes, rota_changes
from sim.study.run.replication import simulate_replication
from sim.visitors import draw
from tests import ROOT
from tests.support.command import call

EXAMPLE = ROOT / "scenarios" / "rotas" / "skyen.yaml"
SITE = """\
name: site
horizon: {start: 2026-01-05, weeks: 2, warmup_weeks: 1}
opening: {hours: 10:00-18:00}
demand: {visits_per_day: 240, profile: flat}
visits:
  inject:
    rooms: [injecting]
    stay: {distribution: exponential, mean: 20}
    overdose: {per_1000: 40, onset: 4}
rooms:
  injecting: {places: 8, cleaning: {duration: 6, roles: [nurse]}}
supervision:
  - {rooms: [injecting], roles: [nurse], minimum: 1}
overdose:
  severities:
    any: {share: 1, team: [[nurse]], intensive: 10}
staff:
  roles: {nurse: {cost_per_hour: 40}}
  rota:
    - {role: nurse, from: 10:00, to: "18:00", count: 2}
    - {role: nurse, name: short, from: 10:00, to: "14:00", days: mon-fri, count: 1}
variants:
  three:
    staff.rota.0.count: 3
  one:
    staff.rota.0.count: 1
"""


def site(*sets):
    return scenario_from_text(SITE.partition("variants:")[0], sets)


def studied(scenarios, replications=4):
    plan = Plan(seed=2, replications=replications)
    return [Studied(name, one, run_study(one, plan)) for name, one in scenarios.items()]


def test_figures_of_all_staff_are_those_of_the_roles_together():
    scenario = load_scenario(EXAMPLE, ["horizon.weeks=1"])
    facts = Facts(scenario, simulate_replication(scenario, 1, 0))
    sums = {
        (one.row.metric, one.row.statistic, one.row.by): one.of(facts)
        for one in staff_figures(scenario)
    }
    roles = [f"role:{role}" for role in staff_of(scenario).roles]
    for metric, statistic in (
        ("overtime", "share_of_shifts"),
        ("longest_stretch", "mean"),
        ("breaks", "missed_per_week"),
    ):
        whole = sums[metric, statistic, "all"]
        parts = [sums[metric, statistic, role] for role in roles]
        assert whole[0] == pytest.approx(sum(part[0] for part in parts))
        assert whole[0] > 0 or metric == "breaks"
    assert "longest_stretch" in PERSON_COLUMNS
    busy = sums["staff_busy", "share", "all"]
    assert 0 < busy[0] < busy[1]


def test_a_rota_that_only_names_people_is_no_other_rota():
    base = site()
    named = site("staff.rota.1.people=[Anna]")
    assert changes(base, named)
    assert not rota_changes(changes(base, named))
    assert rota_changes(changes(base, site("staff.rota.1.count=2")))
    assert not rota_changes(changes(base, site("rooms.injecting.places=9")))


def test_headlines_put_safety_first():
    areas = [headline.area for headline in headlines(rotas=True)]
    assert areas == sorted(areas, key=list(Area).index)
    assert len(areas) > len(headlines(rotas=False))


# --- stress tests ------------------------------------------------------------------------------


def test_each_stress_does_what_it_says():
    base = site("rota_rules.stress.absent_a_day=0.5")
    changed = {one.name: one.change(base) for one in stresses(base)}
    assert list(changed) == ["demand", "absence", "overdoses", "bad-batch"]
    assert changed["demand"].demand.factor == 1.25
    # Two a day and five short ones make 19 shifts a week: half a shift a day is 3.5 of them.
    assert staff_of(changed["absence"]).absence == pytest.approx(3.5 / 19)
    assert changed["overdoses"].visits["inject"].overdose is not None
    assert changed["overdoses"].visits["inject"].overdose.per_1000 == 80
    week = changed["bad-batch"].demand.special_days[-1]
    assert (week.dates[0], len(week.dates)) == (date(2026, 1, 12), 7)
    assert (week.visits, week.overdoses) == (1, 5)


def test_a_bad_week_has_the_same_visits_and_more_overdoses():
    base = site("horizon.warmup_weeks=0", "horizon.weeks=1")
    (bad,) = (one.change(base) for one in stresses(base) if one.name == "bad-batch")
    before = [draw(base, 1, number) for number in range(20)]
    after = [draw(bad, 1, number) for number in range(20)]
    for one, other in zip(before, after, strict=True):
        assert np.array_equal(one.arrival, other.arrival)
    calm, worse = (
        sum(int(np.isfinite(one.onset).sum()) for one in drawn) for drawn in (before, after)
    )
    assert abs(worse - 5 * calm) < 4 * np.sqrt(25 * calm + worse)


@pytest.mark.slow
def test_a_ranking_survives_or_not():
    scenarios = {"two": site(), "three": site("staff.rota.0.count=3")}
    options = studied(scenarios)
    keys = [("wait", "mean", "all"), ("cost", "per_week", "all")]
    calm = may_be_best(options, keys)
    assert [one.leader for one in calm] == ["three", "two"]
    stress = stresses(options[0].scenario)[0]
    now = {stress: studied({name: stress.change(one) for name, one in scenarios.items()})}
    found = survivals(calm, now, {})
    assert all(one.survives for one in found)
    table = stress_table(found, now)
    assert len(table) == 4
    mine = table[(table["metric"] == "wait") & (table["option"] == "three")].iloc[0]
    assert mine["ci_low"] <= mine["value"] <= mine["ci_high"]
    assert mine["may_be_best"]
    # Turned round, the one that led no longer does.
    turned = {
        stress: [Studied("three", *_of(now[stress][0])), Studied("two", *_of(now[stress][1]))]
    }
    assert not any(one.survives for one in survivals(calm, turned, {}))


def _of(one):
    return one.scenario, one.result


# --- command line ------------------------------------------------------------------------------


@pytest.mark.slow
def test_compare_tells_of_rules_and_stress(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    Path("site.yaml").write_text(SITE, "utf-8")
    arguments = (
        "--replications",
        "3",
        "--stress",
        "--no-cache",
        "--workers",
        "1",
        "--out",
        "found",
    )
    assert call(monkeypatch, "compare", "site.yaml", *arguments) == 0
    printed = capsys.readouterr().out
    assert max(len(line) for line in printed.splitlines()) <= 80
    for words in (
        "intake paused, min/week",
        "longest stretch, min",
        "posts (WTE)",
        "Rules of the rota, times broken",
        "Busiest hour of site: nurse",
        "Does the ranking survive?",
        "demand: 1.25 times the visits",
    ):
        assert words in printed
    table = pd.read_csv("found/stress.csv")
    assert set(table["stress"]) == {"demand", "absence", "overdoses", "bad-batch"}
    assert (table["replications"] == 3).all()
    breaches = pd.read_csv("found/breaches.csv")
    # One nurse from 14 h on, and at weekends: two are to be there.
    one = breaches[(breaches["option"] == "one") & (breaches["rule"] == "two-person rule")]
    assert one["when"].to_list()[0] == "mon 14:00-18:00"
    assert len(one) == 7
    hours = pd.read_csv("found/staff_by_hour.csv")
    assert set(hours["option"]) == {"site", "three", "one"}


@pytest.mark.slow
def test_compare_without_another_rota_is_as_before(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    Path("site.yaml").write_text(SITE, "utf-8")
    arguments = ("--alt", "rooms.injecting.places=9", "--replications", "2", "--workers", "1")
    assert call(monkeypatch, "compare", "site.yaml", *arguments) == 0
    printed = capsys.readouterr().out
    assert "Rules of the rota" not in printed
    assert "longest stretch" not in printed
    assert not Path("results/site-compare/breaches.csv").exists()


# --- the example -------------------------------------------------------------------------------


@pytest.mark.slow
def test_the_example_has_the_same_hours_in_each_plan():
    found = {"": load_scenario(EXAMPLE)}
    found |= {name: loaded.scenario for name, loaded in read_variants(EXAMPLE).items()}
    assert len(found) == 3
    for scenario in found.values():
        checked = check_rota(scenario)
        assert checked.posts["hours_per_week"].sum() == 4 * 3 * 8 * 7
        assert {one.rule for one in checked.breaches} <= {Rule.BREAK_COVER}
    assert not check_rota(found["staggered"]).breaches
    assert check_rota(found[""]).breaches


# --- one rota, written in several ways -----------------------------------------------------------

TWO_WEEKS = """\
name: two-weeks
horizon: {start: 2026-01-05, days: 14}
opening: {hours: 08:00-18:00}
demand: {visits_per_day: 60, profile: daytime}
visits:
  use:
    rooms: [booths]
    stay: {distribution: exponential, mean: 20}
    services: {talk: 0.5}
    overdose: {per_1000: 40, onset: 5}
rooms: {booths: {places: 3}}
services: {talk: {duration: 20, roles: [nurse], patience: 30}}
supervision: [{rooms: [booths], minimum: 1, roles: [nurse]}]
overdose: {severities: {any: {share: 1, team: [[nurse]], intensive: 15}}}
rota_rules: {set: danish}
staff:
  roles: {nurse: {cost_per_hour: 100, contract_hours: 28, headroom: 0}}
  unsocial: [{days: sat, from: 00:00, to: "24:00", multiplier: 2}]
  rota:
    - {role: nurse, from: 08:00, to: "18:00", people: [Ada]}
    - {role: nurse, from: 10:00, to: "18:00", people: [Bo], days: sat}
"""
SATURDAYS = "[2026-01-10, 2026-01-17]"
WAYS = {
    "dates": (
        "{role: nurse, from: 08:00, to: '18:00', people: [Ada], dates: 2026-01-05 to 2026-01-18}",
        f"{{role: nurse, from: 10:00, to: '18:00', people: [Bo], dates: {SATURDAYS}}}",
    ),
    "rows": (
        "{role: nurse, from: 08:00, to: '13:00', people: [Ada]}",
        "{role: nurse, from: 13:00, to: '18:00', people: [Ada]}",
        "{role: nurse, from: 10:00, to: '12:00', people: [Bo], days: sat}",
        "{role: nurse, from: 12:00, to: '18:00', people: [Bo], days: sat}",
    ),
    "rows of dates": (
        "{role: nurse, from: 08:00, to: '13:00', people: [Ada], dates: 2026-01-05 to 2026-01-18}",
        "{role: nurse, from: 13:00, to: '18:00', people: [Ada], dates: 2026-01-05 to 2026-01-09}",
        "{role: nurse, from: 13:00, to: '18:00', people: [Ada], dates: 2026-01-10 to 2026-01-18}",
        f"{{role: nurse, from: 10:00, to: '18:00', people: [Bo], dates: {SATURDAYS}}}",
    ),
}


@pytest.mark.slow
def test_a_rota_is_the_same_however_it_is_written(tmp_path, monkeypatch, capsys):
    """70 h a week of Ada and 8 h of Bo on Saturdays, which are paid twice: 96 h of pay a week.

    By the week, by dates, in rows that touch or in both: `compare`, its stress tests and its rules
    find the same.
    """
    monkeypatch.chdir(tmp_path)
    Path("site.yaml").write_text(TWO_WEEKS, "utf-8")
    few = ("--replications", "4", "--workers", "1", "--no-cache", "--out", "found")
    options = []
    for name, rows in WAYS.items():
        options += ["--alt", f"{name.replace(' ', '-')}: staff.rota=[{', '.join(rows)}]"]
    assert call(monkeypatch, "compare", "site.yaml", *options, "--stress", *few) == 0
    capsys.readouterr()
    table = pd.read_csv("found/comparison.csv")
    assert set(table["option"]) == {name.replace(" ", "-") for name in WAYS}
    table = table[~table["by"].str.startswith("shift:")]  # each way has lines of its own
    assert (table["difference"].fillna(0) == 0).all()
    assert table["value"].to_numpy() == pytest.approx(table["base_value"], rel=1e-12, nan_ok=True)
    assert table["value"].notna().mean() > 0.9
    base = table[table["option"] == "dates"].set_index(["metric", "statistic", "by"])["value"]
    assert base["cost", "per_week", "all"] == pytest.approx(9600)
    stress = pd.read_csv("found/stress.csv").groupby(["stress", "metric", "statistic", "by"])
    assert stress["value"].max().to_numpy() == pytest.approx(stress["value"].min(), rel=1e-12)
    assert (stress["option"].nunique() == 4).all()
    broken = pd.read_csv("found/breaches.csv")
    rules = broken.groupby("option")["rule"].agg(set)
    assert {"two-person rule", "breaks", "48 h average", "weekly rest"} <= rules["two-weeks"]
    assert all(one == rules["two-weeks"] for one in rules)
    # As often, too; a rota of weeks goes on for ever, so that dates are counted by themselves.
    times = broken.groupby(["option", "rule"]).size().unstack(0)
    assert times["rows"].to_dict() == times["two-weeks"].to_dict()
    assert times["rows-of-dates"].to_dict() == times["dates"].to_dict()


def _there(site):
    """Who is there in which hours of the horizon, whatever the lines."""
    rota = staff_of(site).rota
    return {
        ((rota[one.line].people or ())[one.member], hour)
        for one in people_on_shift(site)
        for hour in range(int(one.start) // 60, int(one.end) // 60)
        if 0 <= hour < 14 * 24
    }


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("file", ["rota.csv", "rota.xlsx"])
def test_a_rota_is_exported_the_same_however_it_is_written(tmp_path, monkeypatch, way, file):
    monkeypatch.chdir(tmp_path)
    Path("site.yaml").write_text(TWO_WEEKS, "utf-8")
    rows = f"staff.rota=[{', '.join(WAYS[way])}]"
    Path("way.yaml").write_text(scenario_yaml(load_scenario("site.yaml", [rows])), "utf-8")
    assert call(monkeypatch, "rota", "export", "way.yaml", file) == 0
    assert call(monkeypatch, "rota", "import", file, "--scenario", "site.yaml",
                "--out", "again.yaml") == 0  # fmt: skip
    again = load_scenario("again.yaml")
    assert _there(again) == _there(load_scenario("site.yaml"))
    assert sum(hours_per_week(again, line) for line in range(len(staff_of(again).rota))) == (
        pytest.approx(78)
    )
