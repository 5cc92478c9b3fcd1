"""What visitors do beyond expectation: nothing on average, whatever the scenario."""

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import gamma

from sim.scenario.load import scenario_from_text
from sim.size.observation import CONTROL_NAMES, Expectation
from sim.visitors import draw

SITE = """\
name: small
horizon: {start: 2024-01-01, weeks: 2, warmup_weeks: 1}
opening: {hours: 08:00-22:00}
demand:
  visits_per_day: 60
  profile: [1, 1, 2, 3, 2, 1]
  day_to_day_cv: 0.3
  crowd_at_opening: 0.1
  special_days: [{name: pay day, days_of_month: [9], visits: 1.5, overdoses: 2}]
visits:
  inject:
    share: 0.7
    rooms: [booths]
    stay: {distribution: exponential, mean: 25}
    overdose: {per_1000: 100, onset: {distribution: exponential, mean: 5}}
  smoke:
    share: 0.3
    rooms: [booths]
    stay: 15
    overdose: {per_1000: 400, onset: 3}
rooms:
  booths: {places: 4}
staff:
  roles: {nurse: {cost_per_hour: 40}}
  rota: [{role: nurse, from: 08:00, to: 22:00, count: 2}]
overdose:
  severities: {mild: {share: 1, team: [[nurse]], intensive: 10}}
  clustering: {period: week, cv: CV}
"""


def of(cv):
    return scenario_from_text(SITE.replace("CV", str(cv)))


@pytest.mark.parametrize("cv", [0, 0.5, 2])
def test_their_mean_is_0(cv):
    scenario = of(cv)
    usual = Expectation.of(scenario)
    seen = np.array([usual.beyond(draw(scenario, 1, number)) for number in range(150)])
    assert seen.shape == (150, len(CONTROL_NAMES))
    error = seen.std(axis=0, ddof=1) / np.sqrt(len(seen))
    assert (error > 0).all()
    assert (abs(seen.mean(axis=0)) < 4 * error).all()


@pytest.mark.slow
@pytest.mark.parametrize(
    "hours",
    [
        "{mon-fri: 09:07-20:00, sat-sun: closed}",
        "22:00-06:00 next day",
        "[09:00-13:00, 15:00-21:00]",
    ],
)
def test_their_mean_is_0_where_demand_follows_the_hours(hours: str):
    """The first Monday morning has its visits from a Sunday night before the horizon."""
    sets = (f"opening.hours={hours}", "demand.profile=daytime", "demand.weekday={sun: 3}")
    scenario = scenario_from_text(SITE.replace("CV", "0.5"), sets)
    usual = Expectation.of(scenario)
    seen = np.array([usual.beyond(draw(scenario, 2, number)) for number in range(150)])
    error = seen.std(axis=0, ddof=1) / np.sqrt(len(seen))
    assert (abs(seen.mean(axis=0)) <= 4 * error).all()


def test_the_risk_is_that_of_its_integral():
    """The chance is the factor's mean of what it makes of the risk, but never more than 1."""
    risk = Expectation.of(of(2)).risk
    assert risk.shape == (14, 2)
    factor = gamma(0.25, scale=4)
    for day, special in ((0, 1), (8, 2)):  # 9 January is the ninth day
        for kind, per_visit in ((0, 0.1), (1, 0.4)):
            mean = special * per_visit
            below = quad(lambda f, m=mean: f * m * factor.pdf(f), 0, 1 / mean)[0]
            assert risk[day, kind] == pytest.approx(below + factor.sf(1 / mean), rel=1e-6)
    assert Expectation.of(of(0)).risk[8].tolist() == pytest.approx([0.2, 0.8])


def test_without_risk_there_is_nothing_beyond():
    text = SITE.replace("CV", "0.5")
    for line in ("per_1000: 100", "per_1000: 400"):
        text = text.replace(line, "per_1000: 0")
    scenario = scenario_from_text(text)
    assert (Expectation.of(scenario).beyond(draw(scenario, 1, 0))[2:] == 0).all()
