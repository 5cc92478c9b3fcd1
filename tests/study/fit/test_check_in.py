"""Registration times of a log whose truth is known: a queue for the desk is not in them."""

import numpy as np
import pytest

from sim.fit.estimates.check_in import FEWEST, check_ins_of
from sim.scenario.load import load_scenario
from tests.support.command import command
from tests.support.site_logs import SITE, fitted, moment, small_site, write_log

DESK = """\
check_in:
  desks: 1
  times:
    known: {distribution: gamma, mean: 2, cv: 0.4}
    first_visit: {distribution: gamma, mean: 10, cv: 0.4}
    first_visit_share: 0.1
"""
KNOWN, FIRST = 4.0, 12.0


def lines(seed, days=28, a_day=80, *, firsts=True):
    """One desk, at which every tenth takes three times as long."""
    rng = np.random.default_rng(seed)
    yield "arrived,checked_in,entered,left,kind" + (",first_visit" if firsts else "")
    for day in range(days):
        free = 0.0
        for at in np.sort(rng.uniform(600, 1290, rng.poisson(a_day))):
            first = rng.random() < 0.1
            own = rng.gamma(6, (FIRST if first else KNOWN) / 6)
            free = max(free, at) + own
            ends = (at, free, free, free + 10)
            times = ",".join(moment(day * 1440 + one) for one in ends)
            yield f"{times},inject" + (",yes" if first else ",no") * firsts


def test_by_hand(tmp_path):
    """Thirty who find nobody take 3 or 5; one behind each of them, who waits, does not count."""
    rows = ["arrived,checked_in,kind"]
    for number in range(FEWEST):
        start = number // 10 * 1440 + 600 + number % 10 * 60
        own = 3 if number % 2 else 5
        rows.append(f"{moment(start)},{moment(start + own)},inject")
        rows.append(f"{moment(start + own)},{moment(start + own + 20)},inject")
    found = fitted(write_log(tmp_path, rows), small_site(DESK)).check_ins
    assert found is not None
    mean, number = found.means["all"]
    assert number == FEWEST
    assert mean.value == pytest.approx(4)
    # s = sqrt(30 / 29), Student's t with 29 degrees of freedom: 2.04523.
    assert mean.high - 4 == pytest.approx(2.04523 * np.sqrt(30 / 29 / 30), abs=1e-5)


@pytest.mark.slow
def test_a_queue_for_the_desk_is_not_in_them(tmp_path):
    held, naive = np.zeros(2), []
    for seed in range(20):
        found = fitted(write_log(tmp_path, list(lines(seed))), small_site(DESK))
        assert found.check_ins is not None
        for place, (name, true) in enumerate((("known", KNOWN), ("first_visit", FIRST))):
            one, _ = found.check_ins.means[name]
            held[place] += one.low <= true <= one.high
        minutes = found.register.checked_in - found.register.arrived
        naive.append(minutes[found.register.first == 0].mean())
    assert (held >= 17).all()
    assert min(naive) > 1.3 * KNOWN


def test_without_a_desk_or_staff_everybody_counts(tmp_path):
    site = small_site(DESK.replace("  desks: 1\n", ""))
    found = fitted(write_log(tmp_path, list(lines(1))), site).check_ins
    assert found is not None
    assert not found.alone
    assert found.means["known"][1] > 1500


def test_it_is_written_as_the_law_of_the_file_scaled(tmp_path):
    (tmp_path / "site.yaml").write_text(SITE + DESK, "utf-8")
    write_log(tmp_path, list(lines(2, days=14)))
    # All stays are alike, and are no law's but one that is nearly so.
    asked = ("fit", "log.csv", "--site", "site.yaml", "--plays", "0", "--no-report")
    assert command(tmp_path, *asked, "--unserved-unknown") == 0
    assert command(tmp_path, "check", "site-fitted.yaml") == 0
    found = load_scenario(tmp_path / "site-fitted.yaml").check_in
    before = small_site(DESK).check_in
    assert found is not None
    assert before is not None
    assert found.desks == 1
    assert found.times.known.mean() == pytest.approx(KNOWN, rel=0.1)
    assert found.times.known.model_dump()["cv"] == before.times.known.model_dump()["cv"]
    assert found.times.first_visit is not None
    assert found.times.first_visit.mean() == pytest.approx(FIRST, rel=0.15)
    assert found.times.first_visit_share == pytest.approx(0.1, abs=0.03)


def test_where_first_visits_are_not_told_both_are_scaled(tmp_path):
    (tmp_path / "site.yaml").write_text(SITE + DESK, "utf-8")
    write_log(tmp_path, list(lines(2, firsts=False)))
    asked = ("fit", "log.csv", "--site", "site.yaml", "--plays", "0", "--no-report", "--draws", "0")
    assert command(tmp_path, *asked, "--unserved-unknown") == 0
    found = load_scenario(tmp_path / "site-fitted.yaml").check_in
    assert found is not None
    assert found.times.mean() == pytest.approx(0.9 * KNOWN + 0.1 * FIRST, rel=0.1)
    assert found.times.first_visit is not None
    assert found.times.first_visit.mean() == pytest.approx(5 * found.times.known.mean(), rel=1e-3)


def test_a_log_without_the_end_says_nothing(tmp_path):
    rows = [",".join(one.split(",")[:1] + one.split(",")[2:]) for one in lines(1)]
    site = small_site(DESK)
    found = fitted(write_log(tmp_path, rows), site, unserved_unknown=True)
    assert check_ins_of(found.register, site) is None
