"""Figures of needs and flows, worked out by hand, and those of the facilities beside them."""

import numpy as np
import pytest

from sim.engine import Engine
from sim.log import NeedOutcome
from sim.measures import hour_rows, measure, metric_rows, sample_rows, visits_table
from sim.measures.city.tally import part_of
from sim.scenario.city.model import City
from sim.scenario.city.outlook import city_outlook, closed_everywhere
from sim.scenario.load import scenario_from_text
from sim.study import Plan, run_study
from sim.study.run.replication import play_system
from sim.study.run.visited import as_visited

HOUSE = """
    name: house
    opening: {{hours: {hours}}}
    visits: {{use: {{rooms: [room], stay: {{distribution: fixed, value: 30}}}}}}
    rooms: {{room: {{places: 1}}}}
    waiting_area: {{seats: 0}}
"""
TOWN = """
name: town
horizon: {{days: 1}}
demand: {{arrivals: {arrivals}}}
visits: {{use: {{share: 1.0{more}}}}}
facilities:
  a:{a}
  b:{b}
    supervised: {watched}
choice:
  prefer: {{a: 1, b: 0}}
  walk: {{a: {{b: 5}}}}
  diverts: {{closed: 1, no_space: 1}}
"""


def town(times, *, a="24/7", b="24/7", watched=True, more=""):
    arrivals = [f"{{at: {at}, kind: use}}" for at in times]
    text = TOWN.format(
        arrivals=f"[{', '.join(arrivals)}]",
        a=HOUSE.format(hours=a),
        b=HOUSE.format(hours=b),
        watched=str(watched).lower(),
        more=more,
    )
    return scenario_from_text(text)


def figures(scenario, engine=Engine.SIMPY):
    """The summary of a single play, by metric, statistic and part."""
    tally = measure(scenario, play_system(scenario, 1, 0, engine))
    found = zip(metric_rows(scenario), tally.numerator, tally.denominator, strict=True)
    return {
        f"{row.metric}.{row.statistic} {row.by}": one / whole if whole else np.nan
        for row, one, whole in found
    }


def test_needs_by_hand():
    # The first has the place of a until 30. The second is refused there at 1 and walks to b, where
    # it has a place from 6 to 36. The third finds both full, at 2 and at 7, and gives up.
    found = figures(town([0, 1, 2]))
    assert found["needs.per_day all"] == 3
    thirds = ("needs_first_wish", "needs_elsewhere", "needs_unmet")
    assert [found[f"{one}.share all"] for one in thirds] == [1 / 3] * 3
    assert found["needs_met.share all"] == 2 / 3
    assert found["need_to_place.mean all"] == 2.5
    assert found["attempts.per_need all"] == 5 / 3
    assert found["flow.per_day from:need/to:a"] == 3
    assert found["flow.per_day from:a/to:b"] == 2
    assert found["flow.per_day from:b/to:a"] == 0
    assert found["needs_unmet.per_day outcome:no_space"] == 1
    assert found["needs_met_at.per_day facility:b"] == 1
    assert found["needs_unmet_at.per_day facility:b"] == 1
    assert found["visits.per_day facility:b"] == 2
    assert found["uses.per_day all"] == 2


def test_what_happens_without_supervision_is_managed_and_not_met():
    found = figures(town([0, 1, 2], watched=False))
    assert found["needs_managed.share all"] == found["needs_met.share all"] == 1 / 3


def test_nothing_open_is_counted_at_the_door_of_the_first_wish():
    hours = {"a": "08:00-10:00", "b": "09:00-12:00"}
    found = figures(town([60, 11 * 60], **hours))
    assert found["needs_closed_everywhere.per_day all"] == 1
    assert found["visits.per_day facility:a/outcome:closed"] == 1
    assert found["needs_elsewhere.per_day all"] == 1
    assert found["needs_wished.per_day facility:a"] == 2


@pytest.mark.parametrize("engine", list(Engine))
def test_what_only_a_facility_that_is_gone_served_finds_nothing_open(engine):
    # b alone has advice. Without it those who come for advice wish nobody, and are at no door.
    advice = "advice: {rooms: [room], stay: {distribution: fixed, value: 30}}"
    text = TOWN.format(
        arrivals="[{at: 0, kind: advice}, {at: 1, kind: use}, {at: 2, kind: advice}]",
        a=HOUSE.format(hours="24/7"),
        b=HOUSE.format(hours="24/7").replace("visits: {", f"visits: {{{advice}, "),
        watched="true",
        more="}, advice: {share: 0.0",
    )
    found = figures(scenario_from_text(text, ["facilities.b=null"]), engine)
    assert found["needs_closed_everywhere.per_day kind:advice"] == 2
    assert found["needs_first_wish.per_day all"] == 1
    assert found["needs_wished.per_day facility:a"] == 1
    assert found["facility_open.within_5 all"] == 1 / 3
    assert found["visits.per_day facility:a"] == found["flow.per_day from:need/to:a"] == 1


def test_whether_a_facility_is_open_near_by():
    # Nothing is at 7, a is at 9; from 10 both are, at noon a closes, and b is 5 minutes away; from
    # 14:00 nothing is.
    hours = {"a": "08:00-12:00", "b": "10:00-14:00"}
    found = figures(town([hour * 60 for hour in (7, 9, 11, 12, 13, 15)], **hours))
    assert found["facility_open.within_5 all"] == 4 / 6
    text = TOWN.replace("b: 5", "b: 12")
    times = [f"{{at: {hour * 60}, kind: use}}" for hour in (9, 12, 13, 15)]
    a, b = (HOUSE.format(hours=one) for one in hours.values())
    arrivals = f"[{', '.join(times)}]"
    found = figures(
        scenario_from_text(text.format(arrivals=arrivals, a=a, b=b, watched="true", more=""))
    )
    for minutes, share in ((5, 1 / 4), (10, 1 / 4), (20, 3 / 4)):
        assert found[f"facility_open.within_{minutes} all"] == share


def test_minutes_to_a_place_that_are_long_are_counted_with_the_short_ones():
    # One place, stays of 30 minutes, eight people at once who all wait: 0, 30 … 210 minutes.
    house = HOUSE.format(hours="24/7").replace("seats: 0", "seats: 9")
    shut = HOUSE.format(hours="closed")
    times = ", ".join("{at: 600, kind: use}" for _ in range(8))
    found = figures(
        scenario_from_text(
            TOWN.format(arrivals=f"[{times}]", a=house, b=shut, watched="true", more="")
        )
    )
    assert found["need_to_place.mean all"] == 105
    assert found["need_to_place.median all"] == 90
    assert found["need_to_place.p90 all"] == 210


def test_the_outlook_tells_when_nothing_is_open():
    city = town([600], a="08:00-10:00", b="09:00-12:00")
    gaps = closed_everywhere(city, "use")
    assert sum(end - start for start, end in gaps) == 6 * 1440 + 1440 - 240
    assert gaps[0] == (0, 480)
    assert any("nothing open" in str(one) for one in city_outlook(city).closed)


ODD = """
name: town
horizon: {{weeks: 2, start: {start}}}
demand: {{arrivals: [{arrivals}]}}
visits: {{use: {{share: 1.0}}}}
facilities:
  late:
    name: late
    opening:
      hours: {{mon-sat: 18:00-02:00 next day, sun: 22:00-24:00}}
      last_entry: 30
      wait_at_door: 20
    visits: {{use: {{rooms: [room], stay: 0.1}}}}
    rooms: {{room: {{places: 50}}}}
  day:
    name: day
    opening:
      hours: {{mon-fri: [09:00-12:00, 13:00-17:00], sat: closed, sun: 08:00-24:00}}
      last_entry: 12.5
    visits: {{use: {{rooms: [room, annex], stay: 0.1}}}}
    rooms:
      room: {{places: 50, hours: {{mon-fri: 10:00-12:00, sat: closed, sun: 09:00-23:50}}}}
      annex: {{places: 50, hours: {{mon: 14:00-16:00, tue-fri: 14:00-16:50, sat-sun: closed}}}}
choice: {{prefer: {{late: 0.5, day: 0.5}}, walk: {{late: {{day: 0}}}}}}
"""


@pytest.mark.parametrize("start", ["2026-03-02", "2026-03-05"])
def test_the_minutes_with_nothing_open_are_those_in_which_a_need_finds_nothing_open(start):
    minutes = [minute + 0.5 for minute in range(7 * 1440)]
    arrivals = ", ".join(f"{{at: {at}, kind: use}}" for at in minutes)
    city = scenario_from_text(ODD.format(start=start, arrivals=arrivals))
    assert isinstance(city, City)
    log = play_system(city, 1, 0, Engine.FAST)
    first = city.horizon.start.weekday() * 1440
    closed = {
        int(at + first) % (7 * 1440)
        for at, one in zip(minutes, log.needs["outcome"], strict=True)
        if one == NeedOutcome.CLOSED_EVERYWHERE
    }
    said = {minute for start, end in closed_everywhere(city, "use") for minute in range(start, end)}
    assert said == closed
    assert 0 < len(closed) < len(minutes)


@pytest.mark.parametrize(("limit", "is_told"), [("74 %", False), ("0.80", True), ("90 %", True)])
def test_a_target_that_no_places_can_meet_is_told(limit, is_told):
    """Open 18 of 24 hours, as many needs in each: a quarter finds nothing open."""
    text = TOWN.replace(
        "demand: {{arrivals: {arrivals}}}", "demand: {{visits_per_day: 80, profile: flat}}"
    )
    text = text.replace("days: 1", "days: 7") + f"targets: ['needs_met.share >= {limit}']\n"
    a, b = (HOUSE.format(hours=one) for one in ("06:00-20:00", "10:00-24:00"))
    city = scenario_from_text(text.format(a=a, b=b, watched="true", more=""))
    assert isinstance(city, City)
    said = [one for one in city_outlook(city).warnings if "cannot be met by more places" in one]
    assert len(said) == is_told
    if is_told:
        assert "about 25% of needs arise while nothing is open" in said[0]


def test_every_way_a_need_ends_adds_up_and_so_do_the_facilities():
    demand = "demand: {visits_per_day: 80, profile: flat}"
    text = TOWN.replace(
        "demand: {{arrivals: {arrivals}}}", demand.replace("{", "{{").replace("}", "}}")
    )
    house = HOUSE.format(hours="06:00-22:00")
    more = ", returns: {share: 0.5, after: {distribution: exponential, mean: 30}}"
    city = scenario_from_text(text.format(a=house, b=house, watched="false", more=more))
    study = run_study(city, Plan(replications=3, engine=Engine.SIMPY))
    by = study.summary.set_index(["metric", "statistic", "by"])["value"]
    ways = ("first_wish", "elsewhere", "came_back", "managed", "unmet", "closed_everywhere")
    rest = ("cut_short", "at_end")
    shares = [by[f"needs_{one}", "share", "all"] for one in (*ways, *rest)]
    assert sum(shares) == pytest.approx(1, abs=1e-12)
    assert by["needs_came_back", "share", "all"] > 0
    uses = [by["uses", "per_day", part_of(name, "all")] for name in "ab"]
    assert by["uses", "per_day", "all"] == pytest.approx(sum(uses))
    tried = by["attempts", "per_need", "all"] * by["needs", "per_day", "all"]
    visits = [by["visits", "per_day", part_of(name, "all")] for name in "ab"]
    assert tried == pytest.approx(sum(visits), rel=0.01)
    hours = study.by_hour.query("metric == 'needs' and by == 'all'")
    assert hours["value"].sum() == pytest.approx(by["needs", "per_day", "all"])


def test_rows_are_named_once_and_visits_know_their_need():
    city = town([0, 1, 2])
    names = [(row.metric, row.statistic, row.by) for row in metric_rows(city)]
    assert len(set(names)) == len(names)
    rows = [(row.metric, row.by) for row in hour_rows(city)]
    assert len(set(rows)) == len(rows)
    assert len(set(sample_rows(city))) == len(sample_rows(city))
    visits = visits_table(city, play_system(city, 1, 0, Engine.SIMPY), 0).to_pandas()
    assert visits[["facility", "need", "attempt"]].to_numpy().tolist() == [
        ["a", 0, 0],
        ["a", 1, 0],
        ["a", 2, 0],
        ["b", 1, 1],
        ["b", 2, 1],
    ]


def test_a_house_is_visited_as_within_the_city():
    city = town([0, 1, 2])
    site = as_visited(city, "b", Plan(engine=Engine.SIMPY))
    week = site.demand.week
    assert week is not None
    assert week[0] == 2  # those who were turned away at a
    assert sum(week) == 2
    assert site.name == "town-b"


def test_a_house_that_opens_within_an_hour_has_all_who_are_let_in():
    # From 8:30 on a lets in two within half an hour, four an hour; before that one finds it closed,
    # as at 7. At 9 one comes in the half hour before last entry, and one after it.
    times = [7 * 60, 500, 521, 522, 545, 575]
    text = "08:30-10:00, last_entry: 30"
    site = as_visited(town(times, a=text, b="closed"), "a", Plan(engine=Engine.SIMPY))
    week = site.demand.week
    assert week is not None
    assert week[7:11] == (1, 4, 2, 0)
    assert sum(week) == 7
