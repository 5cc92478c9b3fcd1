"""Demand that follows the opening hours: shapes such as `profile: daytime`."""

import numpy as np
import pytest
from numpy.typing import NDArray

from sim.results.scenario import scenario_yaml
from sim.scenario import ScenarioError, load_scenario
from sim.scenario.derived.calendar import expected_visits, rates_of
from sim.scenario.load import scenario_from_text
from sim.scenario.model.demand import SHAPES
from sim.scenario.model.hours import DAY, HOUR
from sim.scenario.model.scenario import Scenario
from sim.study.compare.options import changes, demand_changes
from sim.visitors import draw
from sim.visitors.crowd import Crowd

WEIGHTS = np.array([0.6, 0.8, 1, 1, 1.1, 1.1, 1.1, 1.1, 1.4, 1.4, 1.4, 0.6])
"""They add to 12.6, so that 126 visits a day are ten for each."""
SITE = """\
name: site
horizon: {start: 2026-01-05, weeks: 1}
opening: {hours: 09:00-21:00}
demand: {visits_per_day: 126, profile: daytime}
visits: {use: {rooms: [booths], stay: 20}}
rooms: {booths: {places: 8}}
"""
NIGHT = "opening.hours=22:00-06:00 next day"


def site(*sets: str) -> Scenario:
    return scenario_from_text(SITE, sets)


def by_hour(*sets: str) -> NDArray[np.float64]:
    """Visits expected in each hour of the horizon: (days, 24)."""
    rates = rates_of(site(*sets)).per_hour
    found: NDArray[np.float64] = rates.reshape(len(rates), 24, -1).mean(axis=2)
    return found


# --- how it runs -------------------------------------------------------------------------------


def test_the_weights_are_an_hour_each_where_it_is_open_for_twelve():
    found = by_hour()
    assert found[:, 9:21] == pytest.approx(np.tile(10 * WEIGHTS, (7, 1)))
    assert found.sum() == pytest.approx(7 * 126)
    assert SHAPES["daytime"] == tuple(WEIGHTS)


def test_it_is_stretched_to_the_hours_with_as_many_visits():
    # Eight hours: each weight lasts 40 minutes, so that an hour holds one and a half of them.
    found = by_hour("opening.hours=10:00-18:00")
    first, second, third = 10 * WEIGHTS[:3]
    assert found[0, 10] == pytest.approx(first + second / 2)
    assert found[0, 11] == pytest.approx(second / 2 + third)
    assert found.sum(axis=1) == pytest.approx(np.full(7, 126))
    assert not found[:, :10].any()
    assert not found[:, 18:].any()


def test_nobody_comes_a_minute_before_it_opens():
    rates = rates_of(site("opening.hours=09:07-21:07")).per_hour
    assert rates.shape == (7, 1440)
    assert np.flatnonzero(rates[0])[[0, -1]].tolist() == [547, 1266]
    assert rates[0].sum() / 60 == pytest.approx(126)
    assert rates[0, 547:607] == pytest.approx(6.0)


def test_a_gap_keeps_its_weight():
    # 13:00-15:00 are the fifth and the sixth of twelve hours.
    found = by_hour("opening.hours=[09:00-13:00, 15:00-21:00]")
    assert found[0, 13:15] == pytest.approx([11, 11])
    assert found.sum() == pytest.approx(7 * 126)


def test_a_night_belongs_to_the_day_on_which_it_begins():
    found = by_hour(NIGHT, "demand.weekday={mon: 2, sun: 0}")
    # Sunday's night, of which nobody comes, reaches into the first Monday morning; Monday's is
    # twice as busy, also after midnight. Eight hours: 40 minutes each.
    assert found[0, :22].tolist() == [0] * 22
    night = [found[0, 22], found[0, 23], *found[1, :6]]
    assert sum(night) == pytest.approx(252)
    assert night[0] == pytest.approx(20 * (WEIGHTS[0] + WEIGHTS[1] / 2))
    assert night[-1] == pytest.approx(20 * (WEIGHTS[10] / 2 + WEIGHTS[11]))
    assert found[1, 22] == pytest.approx(night[0] / 2)
    assert found[6, 22:].tolist() == [0, 0]


def test_a_special_day_has_its_own_night():
    pay = "demand.special_days=[{name: pay, dates: [2026-01-06], visits: 1.5}]"
    ordinary, special = by_hour(NIGHT), by_hour(NIGHT, pay)
    assert special[1, 22:] == pytest.approx(1.5 * ordinary[1, 22:])
    assert special[2, :6] == pytest.approx(1.5 * ordinary[2, :6])
    assert special[1, :6] == pytest.approx(ordinary[1, :6])


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("22:00-06:00 next day", "[00:00-06:00, 22:00-24:00]"),
        ("09:00-03:00 next day", "[00:00-03:00, 09:00-24:00]"),
        ("24/7", "[00:00-12:00, 12:00-24:00]"),
        ("24/7", "10:00-10:00 next day"),
        ("09:00-21:00", "[09:00-14:00, 14:00-21:00]"),
    ],
)
def test_it_matters_when_it_is_open_and_not_how_that_is_written(one: str, other: str):
    first, second = (by_hour(f"opening.hours={hours}") for hours in (one, other))
    assert first == pytest.approx(second)
    assert first.sum() == pytest.approx(7 * 126)


def test_round_the_clock_it_runs_from_midnight():
    assert by_hour("opening.hours=24/7")[3] == pytest.approx(np.repeat(5 * WEIGHTS, 2))


CITY, LONG, SMALL = (f"demand.profile={name}" for name in ("city-day", "long-hours", "small-town"))


def test_a_city_day_is_the_published_one_from_ten_to_ten():
    found = by_hour(CITY, "opening.hours=10:00-22:00", "demand.visits_per_day=129")
    published = [0] * 10 + [6, 6, 11, 11, 11, 11, 17, 17, 17, 10, 6, 6] + [0] * 2
    assert found[3] == pytest.approx(published)
    # Two fifths of the day come in three hours.
    assert found[3, 16:19].sum() / 129 == pytest.approx(0.395, abs=0.001)
    # In six hours each weight lasts half an hour.
    half = by_hour(CITY, "opening.hours=10:00-16:00", "demand.visits_per_day=129")
    assert half[3, 10:16] == pytest.approx([12, 22, 22, 34, 27, 12])


def test_long_hours_are_the_published_ones_from_six_to_five_and_round_the_clock():
    since_midnight = [*(12,) * 5, 0, *(9,) * 3, *(10,) * 7, *(11.5,) * 6, 11, 11]
    visits = f"demand.visits_per_day={sum(since_midnight)}"
    found = by_hour(LONG, "opening.hours=06:00-05:00 next day", visits)
    assert found[3] == pytest.approx(since_midnight)
    # A third of the day comes from 22 to 5 h.
    night = found[3, 22:].sum() + found[3, :5].sum()
    assert night / found[3].sum() == pytest.approx(0.34, abs=0.01)
    # Round the clock it runs from midnight; the hour of cleaning is as the one before it.
    always = by_hour(
        LONG, "opening.hours=24/7", f"demand.visits_per_day={sum(since_midnight) + 12}"
    )
    assert always[3] == pytest.approx([*since_midnight[:5], 12, *since_midnight[6:]])


def test_a_small_town_is_busy_in_the_morning():
    found = by_hour(SMALL, "opening.hours=09:00-16:00", "demand.visits_per_day=70")
    assert found[3, 9:16] == pytest.approx([12, 10, 10, 10, 12, 11, 5])
    assert by_hour(SMALL, "opening.hours=24/7")[3].sum() == pytest.approx(126)


@pytest.mark.parametrize("name", SHAPES)
def test_every_shape_is_short_for_its_name(name: str):
    assert site(f"demand.profile={name}") == site(f"demand.profile={{shape: {name}}}")
    assert scenario_from_text(scenario_yaml(site(f"demand.profile={name}"))) == site(
        f"demand.profile={name}"
    )


def test_on_a_day_that_is_closed_nobody_comes():
    found = by_hour(
        "opening.hours={mon-sat: 09:00-21:00, sun: closed}",
        "opening.dates={2026-01-06: closed, 2026-01-07: 10:00-16:00}",
    )
    assert found.sum(axis=1) == pytest.approx([126, 0, 126, 126, 126, 126, 0])
    # Dated hours move the shape: six hours, thirty minutes each.
    assert found[2, 10] == pytest.approx(10 * (WEIGHTS[0] + WEIGHTS[1]))
    assert not found[2, 16:].any()


def test_the_visits_of_the_days_counted():
    hours = "opening.hours={mon-sat: 09:00-21:00, sun: closed}"
    assert expected_visits(site(hours)) == pytest.approx(6 * 126)
    assert expected_visits(site(hours, "horizon={weeks: 2, warmup_weeks: 1}")) == pytest.approx(756)


# --- how it is written -------------------------------------------------------------------------


def test_it_is_short_for_a_shape_and_survives_being_written(tmp_path):
    assert site() == site("demand.profile={shape: daytime}")
    written = scenario_yaml(site())
    assert scenario_from_text(written) == site()
    (tmp_path / "base.yaml").write_text(SITE.replace("daytime", "[1, 2, 3]"))
    (tmp_path / "more.yaml").write_text("extends: base.yaml\ndemand: {profile: daytime}\n")
    (tmp_path / "back.yaml").write_text("extends: more.yaml\ndemand: {profile: flat}\n")
    assert load_scenario(tmp_path / "more.yaml") == site()
    assert load_scenario(tmp_path / "back.yaml").demand.profile == "flat"
    set_back = load_scenario(tmp_path / "more.yaml", ["demand.profile=[1, 2, 3]"])
    assert set_back == load_scenario(tmp_path / "base.yaml")


@pytest.mark.parametrize(
    ("profile", "message"),
    [
        ("daytme", "did you mean `daytime`?"),
        (
            "{shape: nighttime}",
            "demand.profile.shape: must be one of daytime, city-day, long-hours",
        ),
        ("city_day", "did you mean `city-day`?"),
        ("{shap: daytime}", "did you mean `shape`?"),
    ],
)
def test_what_is_wrong_is_told(profile: str, message: str):
    with pytest.raises(ScenarioError) as error:
        site(f"demand.profile={profile}")
    assert message in str(error.value)


# --- who comes ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "hours", ["09:00-21:00", "22:00-06:00 next day", "[09:07-13:00, 15:00-20:00]"]
)
def test_those_who_come_are_as_many_as_expected_in_each_hour(hours: str):
    scenario = site(f"opening.hours={hours}", "horizon.weeks=20", "demand.day_to_day_cv=0.2")
    time = draw(scenario, 4, 0).arrival
    found = np.bincount((time % DAY // HOUR).astype(int), minlength=24) / 140
    expected = by_hour(f"opening.hours={hours}", "horizon.weeks=20").mean(axis=0)
    assert (found[expected == 0] == 0).all()
    error = np.sqrt((expected + (0.2 * expected) ** 2) / 140)
    assert (np.abs(found - expected) <= 4 * error).all()


def test_more_demand_keeps_everyone_and_adds_some():
    base, more = (draw(site(NIGHT, f"demand.factor={factor}"), 1, 0) for factor in (1, 1.05))
    assert np.isin(base.arrival, more.arrival).all()
    assert len(base) < len(more) < 1.15 * len(base)


def test_other_hours_bring_other_people_and_other_places_do_not():
    base, later = site(), site("opening.hours=10:00-22:00")
    assert Crowd.of(base) == Crowd.of(site("rooms.booths.places=2", "opening.last_entry=30"))
    assert Crowd.of(base) != Crowd.of(later)
    assert not np.array_equal(draw(base, 1, 0).arrival, draw(later, 1, 0).arrival)
    assert [one.where for one in demand_changes(changes(base, later))] == ["opening.hours"]
    flat = (
        one.model_copy(update={"demand": site("demand.profile=flat").demand})
        for one in (base, later)
    )
    assert not demand_changes(changes(*flat))
