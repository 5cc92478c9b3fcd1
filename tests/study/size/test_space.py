"""Designs, their costs, and what formulas say of them."""

import numpy as np
import pytest

from sim.measures.figures.cost import WEEKS_OF_A_YEAR as WEEKS
from sim.measures.figures.cost import yearly_cost
from sim.queueing import erlang_a, erlang_b, erlang_c
from sim.scenario import ScenarioError
from sim.scenario.load import Loaded, Original, read_scenario, scenario_from_text
from sim.scenario.text.read import read_text
from sim.size.bound import Bound
from sim.size.observation import observed_targets, quantile_of
from sim.size.screening import hopeless, lost_by_formula
from sim.size.space import read_space
from sim.study import Plan, run_study
from sim.visitors import draw
from sim.visitors.crowd import Crowd
from tests.support.size_sites import SITE


def space_of(text):
    return read_space(Original(Loaded(scenario_from_text(text), read_text(text))))


def test_costs_by_hand():
    space = space_of(SITE)
    assert space.size == 5 * 4 * 3
    assert space.cost[0, 0, 0] == 2 * 60 + 1 * 80 + 1 * 90
    assert space.cost[4, 3, 2] == 6 * 60 + 4 * 80 + 3 * 90
    assert next(iter(space.by_cost())) == (0, 0, 0)


STAFFED = """\
name: staffed
opening: {hours: 10:00-18:00}
demand: {visits_per_day: 50, profile: flat}
visits: {inject: {rooms: [injecting], stay: 20}}
rooms: {injecting: {places: 3}}
check_in:
  times: {known: 1}
  roles: [nurse]
targets: [unserved <= 5 %]
staff:
  currency: DKK
  roles: {nurse: {cost_per_hour: 100}}
  unsocial: [{days: sun, from: 00:00, to: 24:00, multiplier: 2}]
  rota:
    - {role: nurse, from: 10:00, to: 18:00}
    - {role: nurse, from: 12:00, to: 16:00, days: mon-fri}
design:
  vary:
    nurses: {set: [staff.rota.0.count, staff.rota.1.count], values: 1:3}
    opening.hours: ["10:00-18:00", "10:00-20:00"]
    waiting_area.seats: {values: [8, 4], cost_per_year: 10}
  costs: {opening_hour: 5}
waiting_area: {seats: 6}
"""


def test_staff_hours_opening_hours_and_units_cost_what_they_should():
    space = space_of(STAFFED)
    paid = 8 * 100 * 6 + 8 * 200 + 4 * 100 * 5  # a week of one nurse on each line
    assert space.cost[0, 0, 0] == pytest.approx((paid + 56 * 5) * WEEKS + 80)
    assert space.cost[2, 1, 1] == pytest.approx((3 * paid + 70 * 5) * WEEKS + 40)
    assert space.currency == "DKK"
    assert [one.ordered for one in space.parameters] == [True, False, False]
    scenario = space.scenario((2, 1, 1))
    assert scenario.staff is not None
    assert [shift.count for shift in scenario.staff.rota] == [3, 3]
    assert scenario.waiting_area is not None
    assert scenario.waiting_area.seats == 4


def test_less_may_be_better():
    text = STAFFED.replace("{values: [8, 4], cost_per_year: 10}", "{values: 4:8:4, better: less}")
    parameter = space_of(text).parameters[2]
    assert parameter.levels == (8, 4)
    assert parameter.ordered


@pytest.mark.parametrize(
    ("old", "new", "where", "words"),
    [
        ("injecting.places: 2:6", "injectin.places: 2:6", "25:", "did you mean `injecting`"),
        ("injecting.places: 2:6", "injecting.places: 6:2", "25:", "from a lower to a higher"),
        ("injecting.places: 2:6", "injecting.places: 6", "25:", "must be values such as"),
        ("injecting.places: 2:6", "injecting.places: [6]", "25:", "needs two values or more"),
        ("injecting.places: 2:6", "injecting.places: [6, 6]", "25:", "twice"),
        ("injecting.places: 2:6", "injecting.places: 1:2.5", "25:", "needs a step"),
        ("{place: {injecting", "{place: {injectin", "28:", "is not a room"),
        ("flexible.places: 1:3", "flexible.places.x: 1:3", "27:", "is a single value"),
        (
            "rooms.flexible.places: 1:3",
            "staff.cycle_weeks: 1:3",
            "27:",
            "the scenario has no staff",
        ),
        (
            "rooms.flexible.places: 1:3",
            "two: {values: 1:3, set: [rooms.smoking.places]}",
            "27:",
            "which 'rooms.smoking.places' sets too",
        ),
    ],
)
def test_what_is_wrong_is_said_where_it_stands(old, new, where, words):
    with pytest.raises(ScenarioError) as caught:
        scenario_from_text(SITE.replace(old, new))
    text = str(caught.value)
    assert words in text
    assert f"scenario:{where}" in text
    assert "design" in text


def test_values_that_cannot_be_are_told_before_anything_is_played():
    with pytest.raises(ScenarioError, match=r"cannot be with rooms\.flexible\.places -1"):
        space_of(SITE.replace("flexible.places: 1:3", "flexible.places: -1:3"))


def test_the_design_block_changes_no_simulation():
    plain = scenario_from_text(SITE[: SITE.index("design:")])
    with_design = scenario_from_text(SITE)
    one, other = (run_study(s, Plan(replications=2)).summary for s in (plain, with_design))
    figures = other[other["metric"] != "cost"]  # its costs are counted as those at the top are
    assert one.equals(figures)
    assert len(figures) < len(other)


VARIED_PRICES = """\
name: prices
opening: {hours: 10:00-18:00}
demand: {visits_per_day: 50, profile: flat}
visits: {inject: {rooms: [booth], stay: 20}}
rooms: {booth: {places: 3}}
targets: [unserved <= 5 %]
costs: {place: {booth: 100}, opening_hour: 7}
staff:
  roles: {nurse: {cost_per_hour: 40}}
  rota:
    - {role: nurse, from: 10:00, to: 18:00}
    - {role: nurse, from: 12:00, to: 16:00, days: mon-fri}
design:
  vary:
    rooms.booth.places: 2:4
    costs.place.booth: [50, 200]
    opening.hours: ["10:00-18:00", "10:00-20:00"]
    costs.opening_hour: [5, 9]
    staff.rota.0.count: 1:2
    staff.rota.1.count: 1:2
    staff.roles.nurse.cost_per_hour: [30, 60]
    staff.absence: [0.1, 0]
"""


@pytest.mark.slow
@pytest.mark.parametrize("old", [False, True])
def test_every_design_costs_what_it_costs_as_a_site(old):
    """Also where prices are varied beside what has them: nothing is added up that multiplies."""
    text = VARIED_PRICES
    if old:
        text = text.replace("costs: {place: {booth: 100}, opening_hour: 7}\n", "")
        text = text.replace("    costs.", "    design.costs.")
        text += "  costs: {place: {booth: 100}, opening_hour: 7}\n"
    space = space_of(text)
    assert space.size == 3 * 2**7
    for design in np.ndindex(*space.shape):
        alone = yearly_cost(space.scenario(design))
        assert space.cost[design] == pytest.approx(alone, rel=1e-12)


def test_erlang_by_the_exact_cases():
    assert erlang_b(10, 10) == pytest.approx(0.214582, abs=1e-6)
    assert erlang_b(3, 5) == pytest.approx(0.110054, abs=1e-6)
    assert erlang_c(2, 3) == pytest.approx(0.444444, abs=1e-6)
    assert erlang_c(28.56 / 3, 13) == pytest.approx(0.217, abs=1e-3)
    # 12 an hour, stays of 30 minutes, 6 places, patience 20 minutes
    line = erlang_a(6, 6, 20 / 30)
    assert line.waiting == pytest.approx(0.511026, abs=1e-6)
    assert line.lost == pytest.approx(0.176226, abs=1e-6)
    assert line.mean_queue / 12 * 60 == pytest.approx(3.524528, abs=1e-5)


def test_what_is_proven_hopeless_is():
    crowded = SITE.replace("visits_per_day: 300", "visits_per_day: 1500")
    space = space_of(crowded)
    scenario = space.original.loaded.scenario
    out = hopeless(space, observed_targets(scenario, {}))
    assert out is not None
    assert out[0, 0, 0]
    places = dict(zip(("injecting", "smoking", "flexible"), (2, 1, 1), strict=True))
    least = Bound.of(scenario).unserved(places)
    assert least > 0.3
    unserved = run_study(space.scenario((0, 0, 0)), Plan(replications=3)).summary
    seen = unserved.query("metric == 'unserved' and statistic == 'share' and by == 'all'")
    assert float(seen["value"].iloc[0]) > least


def test_more_places_lose_fewer_by_formula():
    expected = lost_by_formula(space_of(SITE))
    assert expected is not None
    for axis in range(3):
        assert (np.diff(expected, axis=axis) <= 1e-12).all()
    assert expected[0, 0, 0] > 0.05


def test_quantiles_of_counts():
    waits = np.array([10, 10, 0, 20], dtype=np.int32)  # 0; up to ¼, ½ and ¾ of a minute
    assert quantile_of(waits, 0.25) == 0
    assert quantile_of(waits, 0.375) == pytest.approx(0.125)
    assert quantile_of(waits, 0.75) == pytest.approx(0.625)
    assert np.isnan(quantile_of(np.zeros(4, dtype=np.int32), 0.9))


@pytest.mark.slow
def test_a_crowd_is_the_very_people_drawn():
    base = read_scenario("scenarios/h17.yaml").scenario
    sets = ("rooms.smoking.places=7", "staff.rota.0.count=3", "opening.last_entry=15")
    more = ("staff.absence=0.1", "waiting_area.seats=5", "aftercare.seats=3")
    other = read_scenario("scenarios/h17.yaml", sets + more).scenario
    crowd = Crowd.of(base)
    assert crowd == Crowd.of(other)
    drawn, met = draw(other, 3, 1), crowd.meets(other, 3, 1)
    ours, theirs = (
        vars(one) | {f"booked {name}": column for name, column in vars(one.bookings).items()}
        for one in (drawn, met)
    )
    for name in set(ours) - {"bookings"}:
        column = ours[name]
        assert np.array_equal(column, theirs[name], equal_nan=True), name
    for change in ("rooms.smoking.cleaning.duration=9", "demand.factor=1.1", "horizon.weeks=1"):
        assert crowd != Crowd.of(read_scenario("scenarios/h17.yaml", (change,)).scenario)
