"""How unequally clients come: back from the counts of those who came at all."""

import numpy as np
import pytest
from scipy.special import ndtri

from sim.fit.estimates.clients import clientele
from sim.scenario.load import load_scenario
from tests.support.command import command
from tests.support.site_logs import SITE, fitted, moment, uses, write_log

NUMBER, SIGMA = 400, 1.8


def counts(seed, visits, *, drawn):
    """Of those who came: of people whose use is spread evenly, as a scenario has it, or drawn."""
    rng = np.random.default_rng(seed)
    normal = rng.standard_normal(NUMBER) if drawn else ndtri((np.arange(NUMBER) + 0.5) / NUMBER)
    weight = np.exp(SIGMA * normal)
    found = np.bincount(rng.choice(NUMBER, visits, p=weight / weight.sum()))
    return found[found > 0].astype(float)


@pytest.mark.slow
@pytest.mark.parametrize("drawn", [False, True])
def test_intervals_hold_the_truth(drawn):
    held, naive, logs = np.zeros(2), 0, 100
    for seed in range(logs):
        seen = counts(seed, 2500, drawn=drawn)
        found = clientele(seen)
        assert found is not None
        assert found.seen == len(seen)
        held += [
            found.sigma.low <= SIGMA <= found.sigma.high,
            found.number.low <= NUMBER <= found.number.high,
        ]
        naive += np.log(seen).std(ddof=1) > 0.9 * SIGMA
    assert (held >= 0.92 * logs).all()
    # The spread of the counts that are seen is too small: who comes seldom is not among them.
    assert naive < logs / 10


def test_of_few_nothing_is_told():
    assert clientele(np.ones(99)) is None
    assert clientele(np.full(500, 20.0)) is None  # all alike, as no people are


def lines(coded=1.0, sigma=1.0):
    rng = np.random.default_rng(1)
    times, stays, _ = uses(rng, a_day=90)
    weight = np.exp(sigma * ndtri((np.arange(NUMBER) + 0.5) / NUMBER))
    who = rng.choice(NUMBER, len(times), p=weight / weight.sum())
    yield "arrived,entered,left,kind,client"
    until = dict.fromkeys(range(NUMBER), -1e9)
    for time, stay, one in zip(times, stays, who, strict=True):
        # Nobody comes again while there, or so soon that it is the same visit.
        code = f"person-{one}" if time > until[one] + 10 and rng.random() < coded else ""
        until[one] = max(until[one], time + stay)
        yield f"{moment(time)},{moment(time)},{moment(time + stay)},inject,{code}"


def test_from_a_log_to_a_scenario_that_has_clients(tmp_path):
    site = SITE.replace("  profile: flat\n", "  profile: flat\n  clients: {number: 50}\n")
    (tmp_path / "site.yaml").write_text(site, "utf-8")
    write_log(tmp_path, list(lines()))
    asked = ("fit", "log.csv", "--site", "site.yaml", "--plays", "0", "--no-report", "--draws", "0")
    assert command(tmp_path, *asked) == 0
    found = load_scenario(tmp_path / "site-fitted.yaml").demand.clients
    assert found is not None
    assert found.sigma == pytest.approx(1.0, abs=0.15)
    assert found.number == pytest.approx(NUMBER, rel=0.15)
    texts = [path.read_text("utf-8") for path in tmp_path.glob("site-fitted.*")]
    assert not any("person-" in text for text in texts)


def test_without_codes_of_nearly_all_nothing_is_told(tmp_path):
    assert fitted(write_log(tmp_path, list(lines(0.8)))).clients is None


def test_who_comes_very_often_is_no_code_of_all(tmp_path):
    """With such a spread one person has more than 5 % of all visits, and is never there twice."""
    found = fitted(write_log(tmp_path, list(lines(sigma=2.2))))
    assert "one_code" not in {one.rule for one in found.findings}
