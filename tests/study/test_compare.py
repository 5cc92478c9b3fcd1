"""Comparisons: verdicts, changes, tables and the command line."""

import json
import sys
from math import isnan, nan
from pathlib import Path

import pandas as pd
import pytest

from sim.cli import main
from sim.measures import Row, metric_rows
from sim.scenario import ScenarioError, load_scenario
from sim.scenario.load import scenario_from_text
from sim.scenario.text.sets import split_outside
from sim.study import Plan, run_study
from sim.study.compare.comparison import (
    COLUMNS,
    COST_PER_WEEK,
    STAFF_HOURS,
    Studied,
    compare,
    equal_cost,
)
from sim.study.compare.matters import (
    HEADLINES,
    MOST_MORE,
    Better,
    Finding,
    Verdict,
    matter_of,
    replications_to_tell,
    verdict,
)
from sim.study.compare.options import changes, demand_changes, read_options, same_course
from sim.study.run.runner import study_each

SITE = """\
name: site
horizon: {days: 2}
opening: {hours: 10:00-18:00}
demand: {visits_per_day: 200, profile: flat}
visits:
  inject:
    rooms: [injecting]
    stay: {distribution: exponential, mean: 25}
    patience: {distribution: exponential, mean: 20}
    overdose: {per_1000: 20, onset: 4}
rooms:
  injecting: {places: 4}
overdose:
  severities:
    any: {share: 1, team: [[nurse]], intensive: 10}
staff:
  roles: {nurse: {cost_per_hour: 40}}
  rota:
    - {role: nurse, from: 10:00, to: "18:00", count: 2}
"""
WAIT = ("wait", "mean", "all")


def site(*sets):
    return scenario_from_text(SITE, sets)


@pytest.fixture(scope="module")
def studied():
    """The site, itself under another name, one place more, a nurse more, dearer nurses."""
    scenarios = {
        "base": site(),
        "same": site("name=other", "title=other"),
        "place": site("rooms.injecting.places=5"),
        "nurse": site("staff.rota.0.count=3"),
        "pay": site("staff.roles.nurse.cost_per_hour=50"),
    }
    plan = Plan(seed=3, replications=6)
    results = study_each(scenarios.values(), plan, lambda _: lambda *_: None)
    return {
        name: Studied(name, scenario, result)
        for (name, scenario), result in zip(scenarios.items(), results, strict=True)
    }


@pytest.fixture(scope="module")
def comparison(studied):
    base, *others = studied.values()
    return compare(base, others)


def lines_of(comparison, option):
    return [line for line in comparison.lines if line.option == option]


def line_of(comparison, key, option):
    return next(line for line in comparison.of(key) if line.option == option)


@pytest.mark.slow
def test_identical_options_differ_by_exactly_nothing(comparison):
    table = comparison.table[comparison.table["option"] == "same"]
    measured = table.dropna(subset=["difference"])
    assert len(measured) > 0.9 * len(table)
    apart = measured[["difference", "ci_low", "ci_high"]].fillna(0)
    assert (apart == 0).all(axis=None)
    assert set(measured["verdict"]) <= {"no difference that matters", ""}


@pytest.mark.slow
def test_one_place_more_meets_the_same_people_and_is_known_better_for_it(comparison):
    arrivals = line_of(comparison, ("visits", "per_day", "all"), "place")
    assert (arrivals.difference, arrivals.low, arrivals.high) == (0, 0, 0)
    wait = line_of(comparison, WAIT, "place")
    assert wait.verdict.finding is Finding.BETTER
    assert wait.difference < 0
    assert wait.width_ratio > 1.5


def test_figures_are_those_of_a_run(studied, comparison):
    alone = run_study(site("rooms.injecting.places=5"), Plan(seed=3, replications=6))
    table = comparison.table[comparison.table["option"] == "place"].reset_index(drop=True)
    pd.testing.assert_series_equal(table["value"], alone.summary["value"])
    pd.testing.assert_series_equal(
        table["base_value"], studied["base"].result.summary["value"], check_names=False
    )
    known = table.dropna(subset=["difference"])
    assert (known["value"] - known["base_value"]).to_list() == pytest.approx(
        known["difference"].to_list(), abs=1e-9
    )


def test_the_table_is_tidy_and_sorted_by_what_matters(comparison):
    assert tuple(comparison.table.columns) == COLUMNS
    assert not comparison.table.duplicated(["metric", "statistic", "by", "option"]).any()
    metrics = list(dict.fromkeys(comparison.table["metric"]))
    order = [metrics.index(name) for name in ("response_first", "wait", "staff_busy", "cost")]
    assert order == sorted(order)
    assert set(comparison.table["replications"]) == {6}


def test_intervals_of_several_options_hold_together(studied, comparison):
    base, place = studied["base"], studied["place"]
    alone = line_of(compare(base, [place]), WAIT, "place")
    together = line_of(comparison, WAIT, "place")
    assert comparison.level == pytest.approx(1 - 0.05 / 4)
    assert together.high - together.low > 1.2 * (alone.high - alone.low)


def test_money_alone_changes_nothing_that_happens(comparison):
    for line in lines_of(comparison, "pay"):
        if line.row.metric == "cost" and line.row.statistic == "per_week":
            assert line.verdict.finding is Finding.DEARER
        elif line.row.metric != "cost" and line.difference == line.difference:
            assert line.low in (0, pytest.approx(nan, nan_ok=True))


def test_equal_cost_divides_by_hours_and_money(comparison):
    found = [one for one in equal_cost(comparison) if one.option == "nurse"]
    assert {one.option for one in equal_cost(comparison)} == {"nurse", "pay"}
    wait = next(one for one in found if (one.row.metric, one.row.statistic) == WAIT[:2])
    line = line_of(comparison, WAIT, "nurse")
    assert wait.extra_hours == pytest.approx(56)
    assert wait.extra_cost == pytest.approx(56 * 40)
    assert wait.per_hour.value == pytest.approx(line.difference / 56)
    assert wait.per_cost.low == pytest.approx(line.low / (56 * 40))
    assert not {one.row.metric for one in found} & {STAFF_HOURS[0], COST_PER_WEEK[0]}


def test_an_option_may_have_figures_that_the_base_has_not(studied):
    more = site("rooms.extra={places: 1}", "visits.inject.rooms=[injecting, extra]")
    result = run_study(more, Plan(seed=3, replications=6))
    found = compare(studied["base"], [Studied("extra", more, result)])
    line = line_of(found, ("places", "occupied", "room:extra"), "extra")
    assert line.value > 0
    assert (str(line.base_value), str(line.difference)) == ("nan", "nan")
    assert line.verdict.words == ""
    metrics = [one.row.metric for one in found.lines]
    assert metrics.index("places") <= found.lines.index(line) < metrics.index("inside")


def test_other_people_are_not_compared(studied):
    other = Studied("other", site(), run_study(site(), Plan(seed=4, replications=6)))
    with pytest.raises(ValueError, match="same seed"):
        compare(studied["base"], [other])


@pytest.mark.parametrize(
    ("figures", "better", "finding"),
    [
        ((-2, -3, -1), Better.LESS, Finding.BETTER),
        ((-2, -3, -1), Better.MORE, Finding.WORSE),
        ((-2, -3, -1), Better.NEITHER, Finding.DIFFERS),
        ((0.2, 0.1, 0.3), Better.LESS, Finding.SAME),
        ((0.2, -0.3, 0.5), Better.LESS, Finding.SAME),
        ((0.2, -0.3, 0.6), Better.LESS, Finding.UNSURE),
        ((0.2, -0.3, 0.6), Better.NEITHER, Finding.NONE),
        ((0, 0, 0), Better.NEITHER, Finding.SAME),
        ((1, nan, nan), Better.LESS, Finding.NONE),
        ((nan, nan, nan), Better.LESS, Finding.NONE),
    ],
)
def test_verdicts_with_a_margin_of_a_half(figures, better, finding):
    difference, low, high = figures
    assert verdict(difference, low, high, better, 0.5).finding is finding


def test_how_many_more_replications_would_tell():
    """Half-width 1 with 10; 0.4 is needed to leave 0 out, and 1.43 times less to be likely."""
    assert replications_to_tell(0.4, 1.0, 0.5, 10, 0.5) == 120  # 10 (1.43 / 0.4)² − 10 = 118
    # Nothing seen yet: the interval narrows with the number itself.
    assert replications_to_tell(0.0, 1.0, 0.5, 10, 1.0) == 19
    assert replications_to_tell(0.001, 1.0, 0.001, 10, 0.5) == MOST_MORE
    assert replications_to_tell(0.0, 1.0, 0.0, 10, 0.5) == MOST_MORE
    assert Verdict(Finding.UNSURE, MOST_MORE).words.endswith(
        "(more than 10000 more replications would)"
    )
    assert Verdict(Finding.UNSURE).words == "cannot tell yet"
    assert Verdict(Finding.UNSURE, 19).words == (
        "cannot tell yet (about 19 more replications would)"
    )


def test_every_headline_but_hours_has_a_direction_and_a_margin():
    for row in metric_rows(site()):
        if any(headline.is_of(row) for headline in HEADLINES) and row.metric != "rostered":
            matter = matter_of(row)
            assert matter.better is not Better.NEITHER
            assert matter.margin_of(100) > 0


def test_margins_can_be_overridden():
    row = Row("wait", "mean", "room:injecting", "min", "")
    assert matter_of(row).margin_of(3) == 0.5
    assert matter_of(row, {("wait", "mean"): 2.0}).margin_of(3) == 2
    served = Row("visits", "per_day", "outcome:served", "visits/day", "")
    reneged = Row("visits", "per_day", "outcome:reneged", "visits/day", "")
    assert (matter_of(served).better, matter_of(reneged).better) == (Better.MORE, Better.LESS)


def test_changes_are_told_old_and_new():
    found = changes(site(), site("rooms.injecting.places=5", "waiting_area.seats=9", "name=x"))
    assert [str(one) for one in found] == [
        "rooms.injecting.places: 4 → 5",
        "waiting_area: not set → {seats: 9}",
    ]
    assert not demand_changes(found)
    assert not same_course(found)


def test_a_shift_put_in_is_one_change():
    more = site(
        "staff.rota=[{role: nurse, from: 12:00, to: '14:00'}, "
        "{role: nurse, from: 10:00, to: '18:00', count: 2}]"
    )
    found = changes(site(), more)
    assert [(one.where, one.old) for one in found] == [("staff.rota.0", None)]
    back = changes(more, site())
    assert [(one.where, one.new) for one in back] == [("staff.rota.0", None)]


def test_demand_and_money_are_told_from_the_rest():
    apart = changes(site(), site("demand.factor=1.1", "horizon.days=3"))
    assert [one.where for one in demand_changes(apart)] == ["horizon.days", "demand.factor"]
    assert same_course(changes(site(), site("staff.roles.nurse.cost_per_hour=9")))


def test_parts_within_brackets_and_quotes_stay_together():
    assert split_outside("a={b: 1; c: 2}; d='x;y' ;e", ";") == ("a={b: 1; c: 2}", "d='x;y'", "e")
    assert split_outside("[1,2],[3]", ",") == ("[1,2]", "[3]")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "site.yaml").write_text(
        SITE + "variants: {big: {rooms.injecting.places: 6}, small: {rooms.injecting.places: 3}}\n",
        "utf-8",
    )
    return tmp_path


def call(monkeypatch, *arguments):
    """Run the command line in this process and give its exit status."""
    monkeypatch.setattr(sys, "argv", ["run.py", *arguments, "--workers", "1"])
    with pytest.raises(SystemExit) as ended:
        main()
    return ended.value.code


def test_options_are_files_variants_and_settings(folder):
    (folder / "other.yaml").write_text("extends: site.yaml\nname: site\n", "utf-8")
    site_file = folder / "site.yaml"
    settings = "rooms.injecting.places=5; opening.last_entry=10"
    found = read_options(
        site_file, [folder / "other.yaml"], ["big", settings, "five: rooms.injecting.places=5"], ()
    )
    assert [one.name for one in found] == [
        "site",
        "site (2)",
        "big",
        settings,
        "five",
    ]
    places = [one.loaded.scenario.rooms["injecting"].places for one in found]
    assert places == [4, 4, 6, 5, 5]
    assert [one.name for one in read_options(site_file, [], [], ())] == ["site", "big", "small"]


@pytest.mark.parametrize(
    ("typed", "name", "places"),
    [
        ("Åben længere: rooms.injecting.places=5", "Åben længere", 5),
        ('"Åben længere"=rooms.injecting.places=5', "Åben længere", 5),
        ("Åben længere=rooms.injecting.places=5", "Åben længere", 5),
        ("to pladser mere = rooms.injecting.places=6; demand.factor=1.1", "to pladser mere", 6),
        ("title=a.b=5", "title=a.b=5", 4),
        ("demand.factor=2", "demand.factor=2", 4),
    ],
)
def test_an_option_may_have_any_name(folder, typed, name, places):
    found = read_options(folder / "site.yaml", [], [typed], ())[1]
    assert found.name == name
    assert found.loaded.scenario.rooms["injecting"].places == places


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("none", "'none' cannot be a name: it stands for no option; take another"),
        ("x" * 81, "has 81 characters; the name of an option may have 80"),
    ],
)
def test_a_name_that_cannot_be_is_told_with_why(folder, name, told):
    with pytest.raises(ScenarioError) as raised:
        read_options(folder / "site.yaml", [], [f"{name}: demand.factor=2"], ())
    assert str(raised.value.problems[0]).endswith(told)


def test_names_with_spaces_and_letters_beyond_ascii_come_through_to_files(
    folder, monkeypatch, capsys
):
    arguments = ("--replications", "2", "--no-cache", "--engine", "simpy")
    option = "Åben længere: opening.hours=10:00-20:00"
    assert call(monkeypatch, "compare", "site.yaml", "--alt", option, *arguments) == 0
    printed = capsys.readouterr()
    assert "Åben længere  opening.hours: 10:00-18:00 → 10:00-20:00" in printed.out
    assert max(map(len, printed.out.splitlines())) <= 80
    results = folder / "results" / "site-compare"
    assert (results / "scenarios" / "1-Aaben_laengere.yaml").is_file()
    assert set(pd.read_csv(results / "comparison.csv")["option"]) == {"Åben længere"}
    assert "Åben længere" in (results / "report.html").read_text("utf-8")
    # What `check` would warn of stands there, once, and with it the hours without staff.
    told = " ".join(printed.err.split())
    assert "warning: it is open" not in told
    assert (
        "Åben længere: it is open with no nurse on duty for 14 hours a week more than site: let "
        "shifts begin earlier or end later too, such as staff.rota.10:00-18:00.nurse.to" in told
    )
    assert told.count("the horizon is shorter than a week") == 1
    assert "warning: the horizon is shorter than a week" in told


@pytest.mark.slow
def test_compare_writes_and_prints(folder, monkeypatch, capsys):
    status = call(
        monkeypatch,
        *("compare", "site.yaml", "--alt", "place: rooms.injecting.places=5", "--alt"),
        *("staff.rota.0.count=3", "--replications", "4"),
    )
    printed = capsys.readouterr().out
    assert status == 0
    assert max(len(line) for line in printed.splitlines()) <= 80
    for words in (
        "the same people in all",
        "rooms.injecting.places: 4 → 5",
        "staff.rota.0.count",
        "mean wait, min",
        "May be the best",
        "At equal cost",
        "Times narrower",
    ):
        assert words in printed
    results = folder / "results" / "site-compare"
    names = {path.name for path in results.iterdir()}
    assert names == {
        *("comparison.csv", "comparison.json", "equal_cost.csv", "manifest.json", "scenarios"),
        *("comparison_by_hour.csv", "report.html", "report.en.html"),
        *("breaches.csv", "staff_by_hour.csv"),  # as the rotas differ
    }
    table = pd.read_csv(results / "comparison.csv")
    assert tuple(table.columns) == COLUMNS
    assert set(table["option"]) == {"place", "staff.rota.0.count=3"}
    told = json.loads((results / "comparison.json").read_text("utf-8"))
    assert told["options"][0]["changes"] == [{"path": "rooms.injecting.places", "old": 4, "new": 5}]
    assert all(row["definition"] for row in told["rows"])
    resolved = load_scenario(results / told["options"][0]["file"])
    assert resolved.rooms["injecting"].places == 5
    manifest = json.loads((results / "manifest.json").read_text("utf-8"))
    assert set(manifest["options"]) == {"site", "place", "staff.rota.0.count=3"}
    assert set(manifest["files"]) == names


@pytest.mark.slow
@pytest.mark.usefixtures("folder")
def test_compare_of_identical_options_and_variants(monkeypatch, capsys):
    assert call(monkeypatch, "compare", "site.yaml", "site.yaml", "--replications", "3") == 0
    assert "the same as the base" in capsys.readouterr().out
    table = pd.read_csv("results/site-compare/comparison.csv").dropna(subset=["difference"])
    assert (table[["difference", "ci_low", "ci_high"]].fillna(0) == 0).all(axis=None)
    assert call(monkeypatch, "compare", "site.yaml", "--replications", "2") == 0
    printed = capsys.readouterr().out
    assert "site compared with big, small" in printed


@pytest.mark.slow
@pytest.mark.usefixtures("folder")
def test_many_options_stand_in_one_table(monkeypatch, capsys):
    alternatives = [f"rooms.injecting.places={places}" for places in range(5, 10)]
    options = [word for one in alternatives for word in ("--alt", one)]
    assert call(monkeypatch, "compare", "site.yaml", *options, "--replications", "3") == 0
    printed = capsys.readouterr().out
    assert max(len(line) for line in printed.splitlines()) <= 80
    assert "b better, w worse" in printed
    assert len(printed.splitlines()) < 40


@pytest.mark.slow
@pytest.mark.usefixtures("folder")
def test_another_demand_is_warned_of(monkeypatch, capsys):
    alternative = ("--alt", "busy: demand.factor=1.2", "--replications", "2")
    assert call(monkeypatch, "compare", "site.yaml", *alternative) == 0
    printed = capsys.readouterr()
    error = " ".join(printed.err.split())
    assert "busy does not meet the same people" in error
    assert "demand.factor: 1.0 → 1.2" in error
    assert "not the same people in all" in printed.out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--alt", "nosuch"], "there is no variant 'nosuch'"),
        (["--alt", "rooms.injectin.places=3"], "did you mean `injecting`?"),
        (["--alt", "rooms.injecting.places=-1"], "rooms.injecting.places"),
        (["nosuch.yaml"], "there is no such file"),
        (["--margin", "wait.men=1"], "did you mean `wait.mean`?"),
        (["--margin", "wait.mean=much"], "must be a number, 0 or more"),
    ],
)
def test_what_cannot_be_compared_ends_with_status_2(folder, monkeypatch, capsys, arguments, words):
    assert call(monkeypatch, "compare", "site.yaml", *arguments) == 2
    assert words in capsys.readouterr().err
    assert not (folder / "results").exists()


def test_without_alternatives_or_variants_it_says_what_to_give(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "plain.yaml").write_text(SITE, "utf-8")
    assert call(monkeypatch, "compare", "plain.yaml") == 2
    assert "has no variants" in capsys.readouterr().err


@pytest.mark.slow
@pytest.mark.usefixtures("folder")
def test_workers_and_engines_change_nothing_in_the_tables(monkeypatch):
    alternative = ("--alt", "rooms.injecting.places=5", "--replications", "3", "--no-cache")
    for workers, engine in (("1", "fast"), ("2", "simpy")):
        how = ("--workers", workers, "--engine", engine, "--out", workers)
        arguments = ["compare", "site.yaml", *alternative, *how]
        monkeypatch.setattr(sys, "argv", ["run.py", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        assert ended.value.code == 0
    for name in ("comparison.csv", "comparison.json", "scenarios/0-site.yaml"):
        assert Path("1", name).read_bytes() == Path("2", name).read_bytes()


def test_a_few_overdoses_met_alike_prove_nothing(comparison):
    line = line_of(comparison, ("response_first", "mean", "all"), "place")
    assert line.value == line.base_value == 0
    assert isnan(line.low)
    assert line.verdict.words == "cannot tell yet"
    exact = line_of(comparison, ("response_first", "mean", "all"), "pay")
    assert (exact.low, exact.verdict.finding) == (0, Finding.SAME)


def test_other_hours_are_told_of_the_weekdays_that_differ():
    week = dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), "11:15-18:45")
    week |= {"sat": "closed", "sun": "closed"}
    base, other = (
        site(f"opening.hours={json.dumps(week | more)}")
        for more in ({}, {"sun": ["10:00-12:00", "14:00-16:00"], "fri": "11:15-20:00"})
    )
    (change,) = changes(base, other)
    assert str(change) == (
        "opening.hours: {fri: 11:15-18:45, sun: closed} → "
        "{fri: 11:15-20:00, sun: [10:00-12:00, 14:00-16:00]}"
    )
