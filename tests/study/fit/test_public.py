"""What others may read of a fit: no number in it rests on fewer than five visits."""

import re

import numpy as np
import pandas as pd
import pytest

from sim.fit.lacking import Lack, public_lacks
from sim.fit.public import FEWEST, hidden, pooled_rates, public
from sim.scenario.errors.problem import ScenarioError
from sim.scenario.load import load_scenario
from tests.support.command import command
from tests.support.site_logs import SITE, fitted, moment, small_site, uses, write_log

WEEKS, A_DAY = 4, 14
ARGUMENTS = ("fit", "log.csv", "--site", "site.yaml", "--plays", "39", "--workers", "1")


def lines():
    """A quiet log: four visits to an hour of the week, three who smoke, two overdoses, one gone."""
    times, stays, _ = uses(np.random.default_rng(3), days=7 * WEEKS, a_day=A_DAY)
    yield "arrived,entered,left,kind,outcome,overdose"
    yield f"{moment(times[0])},,,inject,refused,"
    for number, (time, stay) in enumerate(zip(times, stays, strict=True)):
        kind = "smoke" if number in (50, 150, 250) else "inject"
        overdose = "yes" if number in (70, 170) else ""
        yield f"{moment(time)},{moment(time)},{moment(time + stay)},{kind},served,{overdose}"
    # A stay that ends before it begins, in a line that is not to be told.
    yield f"{moment(700)},{moment(700)},{moment(690)},inject,served,"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    home = tmp_path_factory.mktemp("public")
    (home / "site.yaml").write_text(SITE, "utf-8")
    write_log(home, list(lines()))
    return home


@pytest.fixture(scope="module")
def told(folder):
    assert command(folder, *ARGUMENTS, "--public", "--out", "told/site.yaml") == 0
    return folder / "told"


def test_what_is_hidden():
    """Those under five; and where these are under five together, the next smallest too."""
    counts = np.array([0.0, 3.0, 4.0, 9.0, 6.0])
    assert hidden(counts).tolist() == [False, True, True, False, False]
    assert hidden(np.array([3.0, 0, 9, 6])).tolist() == [True, False, False, True]
    assert hidden(np.array([0.0, 5, 9])).tolist() == [False, False, False]
    assert hidden(np.array([2.0, 0])).tolist() == [True, False]


def test_hours_of_few_visits_go_together():
    rate = np.array([0.5, 1.0, 0.0, 3.0, 0.25, 0.25])
    # Of four days: 2 + 4 together, 12 alone, 1 + 1 too few for themselves.
    found = pooled_rates(rate, rate * 4, np.ones(6))
    assert found == pytest.approx([0.75, 0.75, 0.0, 3.5 / 3, 3.5 / 3, 3.5 / 3])
    assert found.sum() == pytest.approx(rate.sum())
    half = pooled_rates(np.array([2.0, 1.0]), np.array([1.0, 4.0]), np.array([0.25, 1.0]))
    assert half == pytest.approx([1.2, 1.2])


def test_no_hour_of_the_week_rests_on_few(told):
    week = pd.read_csv(told / "site.week.csv")["visits_per_hour"].to_numpy()
    plain = load_scenario(told / "site.yaml").demand.week
    assert plain is not None
    assert week.sum() == pytest.approx(A_DAY * 7, rel=0.1)
    ends = np.flatnonzero(np.diff(week[week > 0])) + 1
    for block in np.split(week[week > 0], ends):
        assert block.sum() * WEEKS >= FEWEST - 0.01


def test_no_hour_of_the_check_rests_on_few(told):
    table = pd.read_csv(told / "site.fit_check.csv")
    hours = table[(table["measure"] == "visits") & table["hour_of_week"].notna()]
    assert ((hours["log"] == 0) | (hours["log"] * WEEKS >= FEWEST - 1e-9)).all()
    # As many hours are missing as the log has with one to four visits.
    times, _, _ = uses(np.random.default_rng(3), days=7 * WEEKS, a_day=A_DAY)
    counts = np.bincount((times // 60 % 168).astype(int), minlength=168)
    assert ((counts > 0) & (counts < FEWEST)).sum() > 10
    assert len(hours) >= (counts >= FEWEST).sum()
    missing = set(np.flatnonzero((counts > 0) & (counts < FEWEST - 1)))
    assert not missing & set(hours["hour_of_week"].astype(int))
    assert "share" not in set(table["measure"])
    assert "smoke" not in set(table["by"])


def test_what_few_visits_say_is_as_in_the_file(folder, told):
    table = pd.read_csv(told / "site.fit.csv").set_index(["input", "by"])
    # Three of 400: the other kind would tell them, so that both are by the file.
    assert table.loc[("visits.share", "inject"), "estimate"] == pytest.approx(0.6)
    assert table.loc[("visits.share", "smoke"), "method"] == "file"
    assert "visits.overdose.per_1000" not in table.index.get_level_values(0)
    assert table["estimate"].isna()["visits.stay.mean", "smoke"]
    assert table.loc[("visits.stay.mean", "smoke"), "n"] == 0
    found = load_scenario(told / "site.yaml")
    assert found.visits["smoke"] == small_site().visits["smoke"]
    assert found.visits["inject"].overdose == small_site().visits["inject"].overdose
    assert command(folder, "check", str(told / "site.yaml")) == 0
    assert "3 " not in (told / "site.yaml").read_text("utf-8").splitlines()[0]


def test_neither_lines_nor_small_numbers_are_said(folder, capsys):
    arguments = ("--plays", "0", "--no-report", "--out", "more/site.yaml")
    assert command(folder, *ARGUMENTS[:4], *arguments) == 0
    plain = " ".join(capsys.readouterr().out.split())
    assert re.search(r"1 rows end before they begin.*\(line \d+\)", plain)
    assert "2 overdoses are in the log" in plain
    assert command(folder, *ARGUMENTS[:4], *arguments, "--public") == 0
    out = " ".join(capsys.readouterr().out.split())
    assert "under 5 rows end before they begin" in out
    assert "Under 5 overdoses are in the log" in out
    assert "(line" not in out
    assert "numbers are held back" in out


def test_no_single_visit_is_on_the_page(told):
    html = (told / "site.fit.html").read_text("utf-8")
    assert 'id="qq-' not in html
    assert 'id="survival' not in html
    assert "under 5" in html
    assert 'id="stays-inject"' in html
    assert 'id="stays-smoke"' not in html


def test_a_log_of_enough_is_hardly_changed(tmp_path):
    times, stays, kinds = uses(np.random.default_rng(4), a_day=200)
    rows = zip(times, stays, kinds, strict=True)
    head = "arrived,entered,left,kind"
    listed = [f"{moment(a)},{moment(a)},{moment(a + b)},{kind}" for a, b, kind in rows]
    found = fitted(write_log(tmp_path, [head, *listed]))
    same = public(found)
    assert found.demand is not None
    assert same.demand is not None
    assert np.array_equal(same.demand.week.rate, found.demand.week.rate)
    assert [row for row in same.rows() if row.method != "km"] == list(found.rows())
    assert same.findings == found.findings


def test_a_log_of_four_visits_is_nobodys_to_read(tmp_path):
    rows = [f"{moment(day * 1440 + 700)},inject" for day in range(4)]
    found = fitted(write_log(tmp_path, ["arrived,kind", *rows]))
    with pytest.raises(ScenarioError, match="fewer than 5 visits"):
        public(found)


def test_weeks_to_write_down_do_not_give_the_number_away():
    few = [Lack("few_leavers", "log", 40, {"count": n, "half": 1.1 / n}) for n in (1.0, 4.0)]
    assert len({str(one.weeks) + str(one.values["half"]) for one in public_lacks(few, 28)}) == 1
    many = [Lack("few_leavers", "log", 40, {"count": 5.0, "half": 0.9})]
    assert public_lacks(many, 28) == many
