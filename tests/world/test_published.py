"""Scenarios of published facilities, the checks on them, and the page that reports them."""

import math
import re
from collections.abc import Mapping
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from sim.log import Where
from sim.scenario import load_scenario
from sim.scenario.derived.outlook import outlook
from sim.validation.page import PUBLISHED, assumed, scenario_files, values
from sim.validation.published import counts
from sim.validation.published.checks import (
    CALIBRATED,
    CHECKS,
    COLUMNS,
    FOLDER,
    Agrees,
    Check,
    Nature,
    Range,
    Run,
    published,
)
from sim.validation.trials import Call, FromSummary, FromSums, Replication, play
from tests import ROOT

SCENARIOS = sorted((FOLDER / "published").glob("*.yaml"))
TARGETS = {"V2", "V6", "V7", "V9", "V12", "V13", "V14", "V17", "V18", "MSIC"}
PAGE = ROOT / "docs" / "validation.md"
BEGIN, END = PUBLISHED.begin, PUBLISHED.end


# --- the scenarios -------------------------------------------------------------------------------


def test_there_are_scenarios():
    assert len(SCENARIOS) >= 20


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.stem)
def test_scenario_loads_and_is_named_after_its_file(path):
    scenario = load_scenario(path)
    assert scenario.name == path.stem
    assert scenario.title
    assert scenario.description


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.stem)
def test_check_warns_only_of_full_places_and_shut_doors(path):
    """`check` knows no reason why it could not work, but that some sites are overloaded: as they
    open, and in the late afternoon. And two are taken to be asked for on days and at hours at
    which they are shut."""
    full = {
        "insite-2016": ["booths", "booths"],
        "insite-2016-nobody-leaves": ["booths", "booths"],
        "cologne-neumarkt-2024": ["13.0 of 182.6 visits a day come while the site is shut"],
        "dusseldorf-2023": ["smoking"],
        "frankfurt-2023": ["smoking"],
        "melbourne-2019": ["injecting"],
        "oslo-2023": ["injecting", "smoking"],
        "paris-2017": ["smoking"],
        "skyen-2017": ["smoking"],
        "zurich-2023": ["smoking"],
        "nrw-room-2019": ["3.0 of 78.4 visits a day come while the site is shut"],
    }
    warned = [re.split(":| \\(", text)[0] for text in outlook(load_scenario(path)).warnings]
    assert warned == full.get(path.stem, [])


@pytest.mark.parametrize(
    ("name", "visits"),
    [
        ("insite-2016-nobody-leaves", 514),
        ("calgary-2018", 204),
        ("calgary-2020", 6600 / 30.3),
        ("kitchener-2020", 764 * 3 / 91),
        ("porto-2022", 22439 / 189),
        ("nrw-room-2019", 5 * (2256 + 3219) / 365),
        ("cologne-neumarkt-2024", 29508 / 182),
        ("sydney-msic-2015", 173),
    ],
)
def test_as_many_come_while_it_is_open_as_were_published(name, visits):
    """Within 5 %: where people leave, somewhat more have to come than were counted."""
    come = outlook(load_scenario(FOLDER / f"published/{name}.yaml")).visits_per_day
    assert come == pytest.approx(visits, rel=0.05)


UNREMARKED = {  # what needs no source: names and the shape of the scenario
    "extends",
    "name",
    "title",
    "weeks",
    "rooms",
    "roles",
    "currency",
    "warmup_weeks",
}


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.stem)
def test_every_value_has_a_source_or_is_called_an_assumption(path):
    bare = [
        value.key
        for value in values(path.read_text(encoding="utf-8"))
        if not value.remark and value.key.rpartition(".")[2] not in UNREMARKED
    ]
    assert bare == []


def test_every_calibrated_value_is_listed_as_the_scenario_has_it():
    listed = {(one.file, one.key) for one in CALIBRATED}
    for path in SCENARIOS:
        for value in values(path.read_text(encoding="utf-8")):
            if "calibrated" in value.remark:
                file = f"published/{path.name}"
                assert any(f == file and key.startswith(value.key) for f, key in listed), value.key
    for one in CALIBRATED:
        assert _value(one.file, one.key) == pytest.approx(one.value, rel=1e-9)


def _value(file, key):
    value = load_scenario(FOLDER / file)
    for part in key.split("."):
        value = value[part] if isinstance(value, Mapping) else getattr(value, part)
    return value() if callable(value) else value


# --- the checks ----------------------------------------------------------------------------------


def test_every_target_is_checked_and_ids_differ():
    ids = [check.id for check in CHECKS]
    assert len(set(ids)) == len(ids)
    assert {one.partition(".")[0] for one in ids} == TARGETS


@pytest.mark.slow
@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.id)
def test_check_is_complete(check):
    for text in (check.facility, check.went_in, check.published, check.source, check.remark):
        assert text.strip() == text != ""
    assert not check.remark.endswith(" ")
    for run in check.runs:
        load_scenario(run.path, run.settings(quick=False))
        load_scenario(run.path, run.settings(quick=True))


def test_a_quick_setting_replaces_one_of_the_full_run():
    run = Run("x.yaml", 1, sets=("horizon.weeks=52", "a=1"), shorter=("horizon.weeks=4",))
    assert run.settings(quick=False) == ("horizon.weeks=52", "a=1")
    assert run.settings(quick=True) == ("a=1", "horizon.weeks=4")


def test_verdicts():
    check = CHECKS[0]
    low, high = check.agreeing or (0, 0)
    assert check.verdict(low) is check.verdict(high) is Agrees.YES
    assert check.verdict(math.nextafter(high, math.inf)) is Agrees.NO
    assert check.verdict(math.nan) is Agrees.NO
    assert Range(3).holds(1e9)
    assert not Range(3).holds(2.9)
    assert Range(3, 5).reaches(1, 3)
    assert not Range(3, 5).reaches(1, 2.9)


def test_unknown_check_is_refused():
    with pytest.raises(ValueError, match=r"no check V99; known: V2\.1"):
        published(ids=["V99"])


# --- figures by hand -----------------------------------------------------------------------------

THREE_BOOTHS = """
name: hand
horizon: {days: 2}
opening: {hours: 00:00-24:00}
demand:
  arrivals:
    - {at: 950, kind: use, stay: 20}   # holds a booth of the peak from 960 to 972
    - {at: 1130, kind: use, stay: 30}  # and from 1130 to 1140
    - {at: 1131, kind: use, stay: 1}
visits: {use: {rooms: [booths], stay: 5}}
rooms: {booths: {places: 1, cleaning: {duration: 2}}}
"""


def test_block_of_hours_by_hand(tmp_path):
    (tmp_path / "hand.yaml").write_text(THREE_BOOTHS, encoding="utf-8")
    run = Run(str(tmp_path / "hand.yaml"), replications=1)
    held, wait, long_wait, lost = (
        FromSums(Call(function, (16, 19)))
        for function in (
            counts.held_between,
            counts.wait_between,
            counts.long_waits_between,
            counts.lost_between,
        )
    )
    (played,) = play([run.trial((held, wait, long_wait, lost), 1, quick=False)])
    assert played.taken[held].tolist() == [[12 + 10, 2 * 180]]
    assert played.taken[wait].tolist() == [[0 + 31, 2]]  # the third waits from 1131 to 1162
    assert played.taken[long_wait].tolist() == [[1, 2]]
    assert played.taken[lost].tolist() == [[0, 2]]


def test_overdoses_off_site_are_no_part_of_where_they_begin():
    one = Replication(load_scenario(SCENARIOS[0]), 1, 0)
    where = np.array([Where.PLACE, Where.PLACE, Where.AFTERCARE, Where.OFF_SITE], dtype=np.float64)
    vars(one)["log"] = SimpleNamespace(responses={"where": where})
    assert counts.began_in(one, "place").tolist() == [2, 3]


# --- from real runs, the cheap ones --------------------------------------------------------------

CHEAP = {
    "V6.1", "V6.2", "V6.3", "V7.4", "V9.1", "V13.3",
    "V17.1", "V17.2", "V17.3", "V17.4", "V17.5", "V2.1",
}  # fmt: skip


@pytest.fixture(scope="module")
def quickly():
    return published(quick=True, ids=CHEAP).set_index("id")


def test_table_has_its_columns_and_a_line_for_each_check(quickly):
    assert list(quickly.reset_index().columns) == list(COLUMNS)
    assert set(quickly.index) == CHEAP


@pytest.mark.parametrize("id_", sorted(CHEAP))
def test_cheap_figure_is_in_range(quickly, id_):
    line = quickly.loc[id_]
    (check,) = (check for check in CHECKS if check.id == id_)
    assert check.agreeing is not None
    assert check.agreeing.reaches(line.ci_low, line.ci_high)
    assert line.ci_low <= line.simulated <= line.ci_high
    assert line.remark.startswith(check.nature.value)


def test_halving_capacity_loses_less_than_half(quickly):
    """With the same people before and after, half of the places serve more than half of them."""
    assert 0.5 < quickly.loc["V9.1", "simulated"] < 1


def test_same_seed_same_table(quickly):
    again = published(quick=True, ids=["V17.3", "V9.1"]).set_index("id")
    pd.testing.assert_frame_equal(again, quickly.loc[again.index])


# --- the page ------------------------------------------------------------------------------------


def table_of(verdict=Agrees.YES, checks=CHECKS):
    return pd.DataFrame(
        [
            (c.id, c.facility, c.went_in, c.published, c.source, 0.5, 0.4, 0.6, verdict.value, "")
            for c in checks
        ],
        columns=list(COLUMNS),
    )


def ids_in(text):
    lines = text.partition("## Published facilities")[2].partition("###")[0].splitlines()
    cells = [line.split("|")[1].strip() for line in lines if line.startswith("| ")]
    return [cell for cell in cells if cell]


def test_page_has_every_check():
    assert ids_in(PAGE.read_text(encoding="utf-8")) == [check.id for check in CHECKS]


def test_page_is_up_to_date_but_for_the_figures():
    """Texts, calibrated and assumed values on the page are those of today's scenarios."""
    part = PAGE.read_text(encoding="utf-8").partition(BEGIN)[2].partition(END)[0]
    for check in CHECKS:
        assert all(text in part for text in (check.went_in, check.published, check.remark)), (
            check.id
        )
    for one in CALIBRATED:
        assert f"| `{one.key}` | {one.value:g} | {one.so_that} |" in part
    for file in scenario_files():
        for value in assumed((FOLDER / file).read_text(encoding="utf-8")):
            assert f"| `{value.key}` | `{value.written}` | {value.remark} |" in part


def test_render_says_what_does_not_match():
    check = Check(
        "X1", "A | B", "in", "10 (9-11)", "Source 2020", Range(9, 11), (), FromSummary("a", "b"),
        Nature.OUTCOME, "Because.", "min", 1,
    )  # fmt: skip
    text = PUBLISHED.render(table_of(Agrees.NO, CHECKS[:1]))
    assert "**no**" in text
    assert f"* **{CHECKS[0].id}**" in text
    assert "40.0-60.0" in text
    assert check.verdict(12) is Agrees.NO


@pytest.mark.slow
def test_update_replaces_only_the_part_between_the_marks(tmp_path):
    page = tmp_path / "page.md"
    page.write_text(
        f"# Top\n\ntheory\n\n{BEGIN}\nbygone\n{END}\n\nafter\n",
        encoding="utf-8",
    )
    PUBLISHED.update(page, table_of())
    text = page.read_text(encoding="utf-8")
    assert text.startswith(f"# Top\n\ntheory\n\n{BEGIN}\n\n## Published facilities\n")
    assert text.endswith(f"{END}\n\nafter\n")
    assert "bygone" not in text
    PUBLISHED.update(page, table_of())
    assert page.read_text(encoding="utf-8") == text


@pytest.mark.slow
def test_update_adds_the_part_to_a_page_without_it(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("# Top\n\ntheory\n", encoding="utf-8")
    PUBLISHED.update(page, table_of())
    text = page.read_text(encoding="utf-8")
    assert text.startswith(f"# Top\n\ntheory\n\n{BEGIN}\n")
    PUBLISHED.update(page, table_of())
    assert page.read_text(encoding="utf-8") == text


def test_assumed_values_of_a_scenario():
    text = """
a: 1 # a source
b: {x: 1} # assumption (1-2)
c: # a heading
  b: {x: 1} # as above
  d: [1,
      2] # assumption: e
  b2: 3
description: >
  no # assumption
"""
    assert [(one.key, one.written, one.remark) for one in assumed(text)] == [
        ("b", "{x: 1}", "assumption (1-2)"),
        ("c.b", "{x: 1}", "assumption (1-2)"),
        ("c.d", "[1, 2]", "assumption: e"),
    ]


def test_every_base_of_a_scenario_is_listed_too():
    assert "published/calgary-2018.yaml" in scenario_files()
    assert "published/insite-2016.yaml" in scenario_files()


def test_mean_is_a_quotient_of_sums():
    mean = FromSums(counts.served)
    assert mean.estimate(np.array([[1.0, 2.0], [3.0, 2.0]]), None).figure.value == 1
