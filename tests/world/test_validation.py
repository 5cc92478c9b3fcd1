"""The validation suite: hand-worked cases to the last digit, the others quickly, and its rules."""

from pathlib import Path

import numpy as np
import pytest
from scipy import special

from sim.engine import Engine
from sim.scenario import load_scenario
from sim.scenario.city.system import is_system
from sim.study.estimate.intervals import Estimate
from sim.validation.exact.cases import (
    CASES,
    COLUMNS,
    FOLDER,
    UNSAID,
    Case,
    Figure,
    play,
    validate,
    verdict,
)
from sim.validation.trials import FromSummary, Simulated
from tests import ROOT

TRACES = [case for case in CASES if case.replications == 1]
BRIEF = {"S8", "S13", "S16", "S18", "P1", "P9", "P11", "T2", "C3", "F1", "F2", "B1"}
"""Ids of cases that are quickly played; test_theory plays others, `validate` plays all."""
SIMULATED = [case for case in CASES if case.id in BRIEF and case.quick > 0]


def name_of(case: Case) -> str:
    return f"{case.id} {case.file.removesuffix('.yaml')}"


@pytest.mark.parametrize("case", TRACES, ids=name_of)
def test_a_case_worked_out_by_hand_is_met_exactly(case: Case):
    table = play(case, 1)
    assert table["simulated"].tolist() == table["exact"].tolist()
    assert table["passed"].all()


@pytest.mark.slow
@pytest.mark.parametrize("case", SIMULATED, ids=name_of)
def test_a_case_passes_when_run_quickly(case: Case):
    table = play(case, case.quick, quick=True)
    assert table["passed"].all(), table.to_string()


def test_every_scenario_of_the_folder_is_a_case():
    assert {case.file for case in CASES} == {path.name for path in FOLDER.glob("*.yaml")}


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.yaml")), ids=lambda path: path.stem)
def test_every_scenario_says_first_which_case_it_is(path: Path):
    ids = {case.id for case in CASES if case.file == path.name}
    first = path.read_text(encoding="utf-8").splitlines()[0]
    assert any(first.startswith(f"# {one}") for one in ids)


@pytest.mark.parametrize("case", CASES, ids=name_of)
def test_a_case_says_whether_it_is_of_needs(case: Case):
    assert case.needs is is_system(load_scenario(FOLDER / case.file))


def test_the_table_has_a_line_for_each_figure():
    heard = []
    table = validate(ids=["D8", "D5"], workers=1, progress=lambda *news: heard.append(news))
    assert list(table.columns) == list(COLUMNS)
    expected = [figure.name for case in CASES if case.id in {"D5", "D8"} for figure in case.figures]
    assert table["figure"].tolist() == expected
    assert table["passed"].all()
    assert heard == [(done, 5) for done in range(1, 6)]


@pytest.mark.slow
def test_workers_and_engines_change_nothing():
    alone = validate(ids=["D2", "D6"], workers=1)
    shared = validate(ids=["D2", "D6"], workers=2, engine=Engine.SIMPY)
    assert alone.equals(shared)


def test_an_unknown_case_is_refused():
    with pytest.raises(ValueError, match="there is no case X1; known: D1, D2"):
        validate(ids=["X1", "S1"])


def test_what_cannot_be_said_is_told_with_its_reason():
    assert [one.id for one in UNSAID][:1] == ["P11, time of routine tasks"]
    assert all(one.what.endswith(".") and one.why.endswith(".") for one in UNSAID)


@pytest.mark.parametrize(
    ("value", "error", "quick", "passes"),
    [
        (102.0, 0.6, False, True),
        (102.5, 0.6, False, False),  # more than four standard errors apart
        (100.0, 1.1, False, False),  # too vague to mean anything
        (100.0, 1.1, True, True),
        (100.0, 5.1, True, False),
        (98.0, 0.0, False, False),  # no spread, so it must be equal
    ],
)
def test_a_figure_passes_when_it_is_near_and_sharp(value, error, quick, passes):
    figure = Figure("wait", 100.0, FromSummary("wait"))
    assert verdict(figure, Simulated(Estimate(value), error), quick=quick).passed is passes


def test_a_figure_without_tolerance_must_be_equal():
    figure = Figure("wait", 100.0, FromSummary("wait"), limit=0)
    assert verdict(figure, Simulated(Estimate(100.0), 3.0), quick=False).passed
    assert not verdict(figure, Simulated(Estimate(101.0), 3.0), quick=False).passed


def test_an_uncertain_exact_value_counts_its_own_error():
    figure = Figure("wait", 100.0, FromSummary("wait"), exact_error=1.0)
    found = verdict(figure, Simulated(Estimate(103.0), 0.5), quick=False)
    assert found.passed
    assert found.apart == pytest.approx(3 / 1.25**0.5)


def full_errors():
    """Of every figure of the last full run, on the page: standard error ÷ simulated value."""
    found = {}
    for line in (ROOT / "docs" / "validation.md").read_text("utf-8").splitlines():
        cells = [cell.strip() for cell in line.split("|")]
        if cells[-2:-1] == ["pass"]:
            value, error = float(cells[5]), float(cells[6])
            found[tuple(cells[1:4])] = error / value if value else 0.0
    return found


def test_a_quick_run_is_long_enough_to_judge_all_its_figures():
    errors = full_errors()
    chance = [case for case in CASES if case.replications > 1 and case.quick]
    assert len(chance) > 25
    for case in chance:
        assert case.quick >= min(30, case.replications), name_of(case)
        for figure in case.figures:
            fewer = (case.replications / case.quick) ** 0.5
            expected = fewer * errors[case.id, case.exercises, figure.name]
            assert expected <= 0.75 * figure.limit_when(quick=True), (case.id, figure.name)


def test_the_hourly_waits_of_t6_are_those_of_a_poisson_number_present():
    """Tasks and patience end at one rate, so the number present is that of unlimited staff."""
    (case,) = (case for case in CASES if case.id == "T6")
    levels = (10, 11, 12, 13, 13, 14, 14, 14, 13, 13, 12, 11, 10, 8, 7, 6, 5, 5, 4, 5, 5, 6, 7, 8)
    day, per_hour = 2 * np.pi / 24, 2.0
    total = []
    for hour, level in enumerate(levels):
        at = hour + (np.arange(400) + 0.5) / 400
        rate = 12 + 8 * np.sin(day * at)
        swing = per_hour * np.sin(day * at) - day * np.cos(day * at)
        present = 12 / per_hour + 8 / (per_hour**2 + day**2) * swing
        waits = rate * special.gammainc(level, present)  # as many or more are present
        total.append((waits.sum(), rate.sum()))
        exact = {figure.name: figure.exact for figure in case.figures}[f"P(wait), from {hour} h"]
        assert exact == pytest.approx(waits.sum() / rate.sum(), abs=5.1e-5)
    waiting, coming = np.sum(total, axis=0)
    assert case.figures[0].exact == pytest.approx(waiting / coming, abs=1e-6)
