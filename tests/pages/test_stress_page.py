"""Whether the best stays best in bad times: the sentence by rule, and its table."""

import pandas as pd
import pytest

from sim.report.page.document import Cell
from sim.report.page.verdict import Mark
from sim.report.page.words import catalogue
from sim.report.several.stress import stress_section
from sim.results.read import read_results
from sim.scenario.load import scenario_from_text
from tests.support.command import command
from tests.support.saved_results import SITE

EN, DA = catalogue("en"), catalogue("da")
NAMES = {"base": "as it is", "late": "late rota", "more": "one nurse more"}
TIMES = ("demand", "absence", "overdoses")
BETTER = {"base": 9.0, "late": 3.0, "more": 4.0}


def rows(time, *, best=("late",), leader="late", metric=("wait", "p90"), survives=None):
    """One figure in one bad time: these may be the best of it."""
    return [
        {
            "stress": time,
            "metric": metric[0],
            "statistic": metric[1],
            "by": "all",
            "option": name,
            "value": value,
            "ci_low": value - 1,
            "ci_high": value + 1,
            "unit": "min",
            "replications": 5,
            "may_be_best": name in best,
            "leader_before": leader,
            "survives": leader in best if survives is None else survives,
        }
        for name, value in BETTER.items()
    ]


def ranked(*figures):
    """What may be best of each figure as things are."""
    found = figures or ((("wait", "p90"), ["late"]),)
    return {
        "may_be_best": [
            {"metric": key[0], "statistic": key[1], "may_be_best": names} for key, names in found
        ]
    }


def section(found, contents=None, words=EN):
    made = stress_section(
        pd.DataFrame(found), contents or ranked(), NAMES, scenario_from_text(SITE), words
    )
    assert made is not None
    return made


@pytest.mark.parametrize(
    ("lost", "said"),
    [
        ((), "Late rota stays best in all 3 bad times."),
        (
            ("absence",),
            "Late rota stays best in all 3 bad times but one: with 1 more absent a day, nine in",
        ),
        (("absence", "overdoses"), "Late rota stays best in all 3 bad times but 2: with 1 more"),
        (TIMES, "Late rota stays best in none of 3 bad times: with 1.25 times the visits,"),
    ],
)
def test_how_many_bad_times_the_best_survives(lost, said):
    found = [
        one for time in TIMES for one in rows(time, best=("more",) if time in lost else ("late",))
    ]
    assert section(found).finding.startswith(said)


def test_one_bad_time_has_sentences_of_its_own():
    assert (
        section(rows("demand")).finding == "Late rota stays best in the bad time that was played."
    )
    found = section(rows("demand", best=("more", "base")), words=DA)
    assert found.finding.startswith("Late rota er ikke længere bedst: med 1,25 gange så mange")
    assert "»one nurse more«" in found.finding  # the better of the two that may be the best


def test_where_leaders_differ_none_is_named():
    found = [
        *rows("demand"),
        *rows("demand", leader="base", best=("base",), metric=("wait", "mean")),
    ]
    contents = ranked((("wait", "p90"), ["late"]), (("wait", "mean"), ["base", "late"]))
    told = section(found, contents).finding
    assert told == "What is best as things are stays best in the bad time that was played."


def test_what_ranks_nobody_as_things_are_is_left_out():
    contents = ranked((("wait", "p90"), ["base", "late", "more"]), (("cost", "per_week"), ["base"]))
    found = section([*rows("demand"), *rows("demand", metric=("cost", "per_week"))], contents)
    assert found.finding == EN["stress.nobody"]
    assert found.tables == ()


def test_a_figure_that_is_not_known_then_is_neither_kept_nor_lost():
    found = section([*rows("demand"), *rows("absence", best=(), survives=False)])
    assert found.finding == "Late rota stays best in all 2 bad times."
    (row,) = found.tables[0].rows
    assert [one.mark for one in row if isinstance(one, Cell)] == [Mark.YES, Mark.CANNOT_SAY]


def test_the_table_has_the_value_of_whoever_is_best_then():
    found = section([*rows("demand"), *rows("absence", best=("more",))])
    (row,) = found.tables[0].rows
    assert row[:2] == ("Nine in ten wait at most", "Late rota")
    assert [(one.mark, one.word, one.known) for one in row if isinstance(one, Cell)] == [
        (Mark.YES, "Stays best", "3.0 min"),
        (Mark.NO, "Best: one nurse more", "4.0 min"),
    ]
    assert [line[0] for line in found.folded[0].rows] == [
        "Nine in ten wait at most, 1.25 times the visits",
        "Nine in ten wait at most, 1 more absent a day",
    ]


@pytest.mark.slow
def test_a_comparison_with_stress_says_so_on_its_page(tmp_path):
    (tmp_path / "small.yaml").write_text(SITE, "utf-8")
    few = ("--replications", "3", "--workers", "1", "--no-cache", "--lang", "da")
    more = ("--alt", "more: rooms.injecting.places=6", "--stress")
    assert command(tmp_path, "compare", "small.yaml", *more, *few) == 0
    folder = tmp_path / "results" / "small-compare"
    html = (folder / "report.html").read_text("utf-8")
    assert DA["stress.title"] in html
    table = read_results(folder).need("stress.csv")
    assert set(table["stress"]) <= {"demand", "absence", "overdoses", "bad-batch"}
    best = table[(table["metric"] == "wait") & (table["statistic"] == "p90") & table["may_be_best"]]
    for value in best[best["option"] == best["leader_before"]]["value"]:
        assert f"({DA.brief(value)} min)" in html
