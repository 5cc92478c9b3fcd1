"""Continuous durations are SciPy's distributions of the same names: an independent reckoning."""

from typing import Any

import numpy as np
import pytest
from pydantic import TypeAdapter
from scipy import stats

from sim.scenario.model.durations import Continuous, Distribution

SIGMA = np.sqrt(np.log1p(0.5**2))
CASES: dict[str, tuple[dict[str, Any], Any]] = {
    "exponential": ({"mean": 7.3}, stats.expon(scale=7.3)),
    "uniform": ({"low": 2.5, "high": 9}, stats.uniform(2.5, 6.5)),
    "triangular": (
        {"low": 0.5, "mode": 1.5, "high": 4},
        stats.triang(1 / 3.5, loc=0.5, scale=3.5),
    ),
    "triangular, falling": (
        {"low": 0.5, "mode": 0.5, "high": 4},
        stats.triang(0, loc=0.5, scale=3.5),
    ),
    "triangular, rising": (
        {"low": 0.5, "mode": 4, "high": 4},
        stats.triang(1, loc=0.5, scale=3.5),
    ),
    "lognormal": ({"mean": 25, "cv": 0.5}, stats.lognorm(SIGMA, scale=25 / np.sqrt(1.25))),
    "gamma": ({"mean": 20, "sd": 5}, stats.gamma(16, scale=20 / 16)),
    "weibull": ({"mean": 3, "shape": 2}, stats.weibull_min(2, scale=6 / np.sqrt(np.pi))),
    "weibull, by median": (
        {"median": 25, "shape": 1.2},
        stats.weibull_min(1.2, scale=25 / np.log(2) ** (1 / 1.2)),
    ),
}


@pytest.fixture(params=CASES)
def case(request: pytest.FixtureRequest) -> tuple[Continuous, Any]:
    fields, law = CASES[request.param]
    name = request.param.partition(",")[0]
    duration = TypeAdapter(Distribution).validate_python({"distribution": name} | fields)
    assert isinstance(duration, Continuous)
    return duration, law


def test_quantiles(case):
    duration, law = case
    uniform = np.append(0.0, np.random.default_rng(1).random(1001))
    np.testing.assert_allclose(duration.quantile(uniform), law.ppf(uniform), rtol=1e-13)


@pytest.mark.parametrize("name", ["exponential", "weibull"])
def test_the_shortest_and_the_longest_are_exact_too(name: str):
    # Multiples of 2⁻⁵³: the first after 0, those about a half, the last before 1, and 1.
    ends = np.ldexp(np.arange(1.0, 1000), -53)
    uniform = np.concatenate([ends, 0.5 - ends[::-1], 0.5 + ends, 1 - ends[::-1], [1.0]])
    fields, law = CASES[name]
    duration = TypeAdapter(Distribution).validate_python({"distribution": name} | fields)
    found = duration.quantile(uniform)
    np.testing.assert_allclose(found, law.ppf(uniform), rtol=2e-15)
    assert found[-1] == np.inf
    assert (np.diff(found) >= 0).all()


def test_the_chance_of_being_longer(case):
    duration, law = case
    minutes = np.linspace(0, 60, 997)
    np.testing.assert_allclose(duration.longer(minutes), law.sf(minutes), rtol=1e-9, atol=1e-14)


def test_the_mean_with_and_without_a_cap(case):
    duration, law = case
    assert duration.mean() == pytest.approx(law.mean(), rel=1e-12)
    capped = duration.model_copy(update={"at_most": 3.0, "plus": 1.0})
    shorter = law.expect(lambda minutes: minutes, ub=2.0) if law.cdf(2.0) > 0 else 0.0
    assert capped.mean() == pytest.approx(1.0 + shorter + 2.0 * law.sf(2.0), rel=1e-7)
