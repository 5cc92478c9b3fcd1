"""Overdoses that are in a list of their own."""

import numpy as np
import pytest

from sim.fit.fit import Choice, fit_log
from sim.fit.reading.emergencies import emergencies_of
from sim.fit.reading.read import read_log
from sim.fit.reading.rows import Said
from sim.scenario.errors.problem import ScenarioError
from sim.scenario.load import load_scenario
from tests.support.command import command
from tests.support.site_logs import SITE, small_site, uses, visits_lines, write_log

LIST = [
    "Dato;Tid;Hændelse;Naloxon",
    "06-01-2026;11.30;Overdosis;ja",
    "14-01-2026;12.10;fald;nej",
    "15-01-2026;19.40;forgiftning;ja",
    "20-01-2026;13.05;OD;ja",
    "20-03-2026;13.05;overdosis;ja",
]


@pytest.fixture
def log(tmp_path):
    return write_log(tmp_path, list(visits_lines(*uses(np.random.default_rng(1)))))


def counted(read, site, closed, cases):
    found = fit_log(read, None, site, Choice(closed=closed), cases).overdoses
    return 0 if found is None else found.count


def test_overdoses_of_a_list_per_1000_uses(tmp_path, log):
    """Three of five rows: a fall is none, and one is of another month."""
    site = small_site()
    read = read_log(log, site, Said())
    assert fit_log(read, None, site, Choice()).overdoses is None
    path = write_log(tmp_path, LIST, "od.csv")
    cases, findings = emergencies_of(path, site, Said(), read.register)
    assert {one.rule: one.count for one in findings} == {"no_overdose": 1, "emergency_outside": 1}
    found = fit_log(read, None, site, Choice(), cases).overdoses
    assert found is not None
    served = int(read.register.served.sum())
    assert (found.count, found.uses) == (3, served)
    assert found.all.value == pytest.approx(3000 / served)
    shut = frozenset({read.register.date_of(9)})  # the day of the fall, and the next but one
    assert counted(read, site, shut, cases) == 3
    shut = frozenset({read.register.date_of(10)})
    assert counted(read, site, shut, cases) == 2


def test_a_list_without_overdoses_is_none(tmp_path, log):
    site = small_site()
    read = read_log(log, site, Said())
    path = write_log(tmp_path, [LIST[0], LIST[2]], "od.csv")
    with pytest.raises(ScenarioError, match=r"od\.csv.*'Hændelse' has no overdose in it, only"):
        emergencies_of(path, site, Said(), read.register)


def test_the_command_takes_it(tmp_path, log):
    (tmp_path / "site.yaml").write_text(SITE)
    write_log(tmp_path, LIST, "od.csv")
    asked = ("fit", log.name, "--site", "site.yaml", "--plays", "0", "--draws", "0", "--no-report")
    assert command(tmp_path, *asked, "--emergencies", "od.csv") == 0
    kind = load_scenario(tmp_path / "site-fitted.yaml").visits["inject"]
    assert kind.overdose is not None
    assert kind.overdose.per_1000 > 2
    assert command(tmp_path, *asked, "--emergencies", "no.csv") == 2


@pytest.mark.parametrize("lines", [LIST[:1], [""]])
def test_a_list_without_an_emergency_says_what_would_be_right(tmp_path, log, lines):
    read = read_log(log, small_site(), Said())
    path = write_log(tmp_path, lines, "none.csv")
    with pytest.raises(ScenarioError, match=r"lists no emergency: .* leave --emergencies out"):
        emergencies_of(path, small_site(), Said(), read.register)
