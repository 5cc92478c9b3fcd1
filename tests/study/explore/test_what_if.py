"""What would change the answer: which changes are asked of a site, and that they are played."""

import numpy as np
import pandas as pd
import pytest

from sim.scenario.load import scenario_from_text
from sim.study import Plan, run_study
from sim.study.compare.comparison import Studied, compare
from sim.study.compare.what_if import COLUMNS, MORE, Step, next_table, said_of, what_ifs
from sim.study.estimate.summary import Summary, key_of
from tests.support.saved_results import SITE

PLAN = Plan(seed=3, replications=6)


def site(**changes):
    text = SITE
    for old, new in changes.values():
        assert old in text
        text = text.replace(old, new)
    return scenario_from_text(text)


@pytest.fixture(scope="module")
def small():
    return site()


@pytest.fixture(scope="module")
def found(small):
    return run_study(small, PLAN)


def test_more_people_one_fewer_on_the_dearest_line_and_more_places_where_it_is_full(small, found):
    visits, staff, places = what_ifs(small, found)
    assert (visits.step, staff.step, places.step) == tuple(Step)
    assert visits.new == pytest.approx(MORE * visits.old)
    assert visits.scenario.demand.factor == pytest.approx(MORE)
    assert (staff.old, staff.new) == (2, 1)
    assert staff.scenario.staff is not None
    assert [line.count for line in staff.scenario.staff.rota] == [1]
    assert (places.about, places.old, places.new) == ("injecting", 3, 4)
    assert places.scenario.rooms["injecting"].places == 4


def test_what_cannot_be_changed_is_not_asked():
    alone = site(
        count=("count: 2", "count: 1"), all=("visits_per_day: 90", "visits_per_day: 0.001")
    )
    assert what_ifs(alone, run_study(alone, PLAN)) == ()
    table = next_table(alone, run_study(alone, PLAN), PLAN)
    assert list(table.columns) == list(COLUMNS)
    assert len(table) == 0


def test_two_lines_of_which_the_dearer_people_are_named_are_not_touched():
    text = SITE[: SITE.index("targets:")].replace(
        "  rota:\n",
        "  rota:\n"
        "    - {role: nurse, from: 10:00, to: '12:00', count: 2}\n"
        "    - {role: nurse, from: 10:00, to: '18:00', count: 2, people: [Ann, Bo]}\n",
    )
    several = scenario_from_text(text)
    staff = next(
        one for one in what_ifs(several, run_study(several, PLAN)) if one.step is Step.FEWER_STAFF
    )
    assert staff.scenario.staff is not None
    assert [line.count for line in staff.scenario.staff.rota] == [2, 2, 1]


@pytest.mark.slow
def test_the_table_is_what_a_comparison_of_the_same_people_says(small, found):
    table = next_table(small, found, PLAN)
    assert set(table["played"]) == {6}
    for one in what_ifs(small, found):
        other = Studied("other", one.scenario, run_study(one.scenario, PLAN))
        lines = compare(Studied("base", small, found), [other]).lines
        wanted = {key_of(line.row): line for line in lines}
        rows = table[table["step"] == one.step.value]
        assert len(rows) >= 6
        for row in rows.to_dict(orient="records"):
            line = wanted[row["metric"], row["statistic"], row["by"]]
            names = ("base_value", "value", "difference", "ci_low", "ci_high")
            ours = [float(row[name]) for name in names]
            theirs = [line.base_value, line.value, line.difference, line.low, line.high]
            assert np.array_equal(ours, theirs, equal_nan=True)


def test_the_figure_is_told_that_moves_most_by_what_matters():
    figures = Summary(
        pd.DataFrame(
            [("unserved", "share", "all", 0.1), ("wait", "p90", "all", 8.0)],
            columns=["metric", "statistic", "by", "value"],
        ).assign(ci_low=0.0, ci_high=1.0, unit="")
    )

    def said(leave, wait):
        rows = [
            ("more visits", "", 90, 103, "unserved", "share", 0.11, leave, "share"),
            ("more visits", "", 90, 103, "wait", "p90", 7.5, wait, "min"),
            ("more visits", "", 90, 103, "cost", "per_year", 5.0, 9.0, "EUR/year"),
        ]
        columns = ["step", "about", "old", "new", "metric", "statistic", "base_value"]
        table = pd.DataFrame(rows, columns=[*columns, "difference", "unit"]).assign(by="all")
        low, high = table["difference"] - 0.001, table["difference"] + 0.001
        return said_of(table.assign(ci_low=low, ci_high=high), figures)[0]

    one = said(leave=0.02, wait=3.9)  # 4 margins of .005, 3.9 of a minute
    assert (one.key[0], one.matters, one.cost) == ("unserved", True, 9.0)
    assert (one.before, one.after.value) == (0.1, pytest.approx(0.12))
    assert said(leave=0.02, wait=4.1).key[0] == "wait"
    assert not said(leave=0.0049, wait=0.9).matters
    assert said(leave=-0.2, wait=0.0).after.value == 0  # no share is below nothing
