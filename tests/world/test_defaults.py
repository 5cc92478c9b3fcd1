"""The table of published sites, its scenarios, and the page that is made of what was played."""

import re

import numpy as np
import pandas as pd
import pytest

from benchmarks.defaults import left_out, page
from benchmarks.defaults.__main__ import PAGE
from benchmarks.defaults.places import ASKED, COMBINATIONS, TARGETS, text_of
from benchmarks.defaults.played import VALUES, halved, open_minutes_a_use
from benchmarks.defaults.seen import seen_in
from benchmarks.defaults.sites import FOLDER, Reading, Site, scenario_of, settings, sites
from sim.scenario import load_scenario
from sim.scenario.load import scenario_from_text
from sim.scenario.starter import KINDS, defaults
from sim.validation.trials import Replication

SITES = sites()
SPEAKING = [site for site in SITES if site.reading is not None]
by_name = pytest.mark.parametrize("site", SITES, ids=lambda site: site.file)


@pytest.fixture(scope="module")
def tables():
    return page.kept()


# --- the table -----------------------------------------------------------------------------------


def test_every_scenario_of_what_was_served_is_in_the_table():
    assert len(SITES) >= 17
    served = {
        path.stem
        for path in FOLDER.glob("*.yaml")
        if load_scenario(path).demand.served_per_day is not None
    }
    assert served <= {site.file for site in SITES}


@by_name
def test_table_and_scenario_say_the_same(site):
    scenario = load_scenario(site.path)
    counted = scenario.demand.served_per_day
    assert counted in (None, site.served)
    if counted is None:  # calibrated, or as if all were served
        assert scenario.demand.visits_per_day == pytest.approx(site.served, rel=0.15)
    if site.range is not None:
        assert site.range[0] <= site.served <= site.range[1]
    assert site.kind in KINDS
    for room in site.enforced:
        assert scenario.rooms[room].time_limit is not None
    if site.reading is not None:
        assert site.reading.room in ("all", *scenario.rooms)
        assert site.reading.figure in page.TEXTS
        assert site.reading.low is not None or site.reading.high is not None
    assert all(one.words and one.source and one.means for one in site.said)


def test_percentages_are_uses_of_those_that_were_planned_for():
    found = [one for site in SITES for one in site.percentage]
    assert len(found) == 2
    for one in found:
        assert one.worked_out == pytest.approx(one.published, abs=0.01)


@by_name
@pytest.mark.parametrize("which", VALUES)
def test_only_what_is_not_published_differs_between_the_sets(site, which):
    own, made = load_scenario(site.path), scenario_of(site, which)
    assert made.demand.is_unknown
    assert made.demand.served_per_day == site.served
    assert made.opening == own.opening
    for name, room in own.rooms.items():
        assert made.rooms[name].places == room.places
        limited = made.rooms[name].time_limit
        if name in site.enforced:
            assert limited == room.time_limit
        else:
            assert (limited is None) == (which == "new")
    assert [one.share for one in made.visits.values()] == [one.share for one in own.visits.values()]


def test_new_values_are_those_to_start_from():
    (site,) = (one for one in SITES if one.file == "porto-2023")
    known = defaults(site.kind)
    made = scenario_of(site, "new")
    stay, shape = made.visits["smoke"].stay, made.demand.shape
    assert stay is not None
    assert shape is not None
    assert stay.mean() == known["smoke_stay"].value
    assert made.demand.day_to_day_cv == known["day_to_day_cv"].value
    assert shape.shape == site.kind
    assert f"rooms.smoking.cleaning.duration={known['cleaning'].value:g}" in settings(site, "new")


def test_open_minutes_a_use_by_hand():
    of = {site.file: open_minutes_a_use(site, load_scenario(site.path)) for site in SITES}
    assert of["insite-2016"] == pytest.approx(13 * 18 * 60 / 514)
    assert of["cologne-neumarkt-2024"] == pytest.approx(12 * 64.5 * 60 / (6 * 190))
    assert of["calgary-2020"] == pytest.approx(6 * 1440 / 217)
    assert of["dortmund-2023"] == pytest.approx(23 * 72 * 60 / (7 * 224), rel=0.01)
    assert of["dusseldorf-2023"] == pytest.approx(17 * 70.5 * 60 / (7 * 263), rel=0.01)


# --- what is seen --------------------------------------------------------------------------------

TWO_ROOMS = """
name: hand
horizon: {days: 1}
opening: {hours: 10:00-14:00}
demand:
  arrivals:
    - {at: 600, kind: a, stay: 60}   # in use from 10:00 to 11:00, then cleaned for 10 min
    - {at: 640, kind: a, stay: 20}   # waits from 10:40 to 11:10, in use to 11:30, cleaned to 11:40
    - {at: 700, kind: b, stay: 30}   # in the other room from 11:40 to 12:10
visits: {a: {share: 0.5, rooms: [one], stay: 5}, b: {share: 0.5, rooms: [two], stay: 5}}
rooms: {one: {places: 1, cleaning: {duration: 10}}, two: {places: 2}}
"""


def test_a_day_by_hand():
    seen = seen_in(Replication(scenario_from_text(TWO_ROOMS), 1, 0))
    assert seen.taken[0, 10:14].tolist() == [60, 10 + 20 + 10 + 20, 10, 0]
    assert seen.open[:, 10:14].tolist() == [[180] * 4, [60] * 4, [120] * 4]
    assert seen.use() == pytest.approx(130 / 720)
    assert seen.use(1) == pytest.approx(100 / 240)
    assert seen.busiest == [10, 11, 12]
    assert seen.use_busiest() == pytest.approx(130 / 540)
    assert seen.all_taken(1) == pytest.approx(100 / 240)
    assert seen.over_5_busiest == pytest.approx(1 / 3)
    assert seen.p90_busiest == 30
    assert seen.unserved == 0
    twice = seen + seen
    assert twice.use() == seen.use()
    assert twice.served == 6


def test_half_of_the_places():
    site = scenario_from_text(TWO_ROOMS.replace("places: 1", "places: 4"))
    assert [room.places for room in halved(site).rooms.values()] == [2, 1]


# --- predicted from the others -------------------------------------------------------------------


def test_a_reading():
    reading = Reading("use", "", low=0.6, high=0.8)
    assert reading.beyond(0.5) == pytest.approx(-0.1)
    assert reading.beyond(0.7) == 0
    assert reading.beyond(0.9) == pytest.approx(0.1)
    assert reading.reached(0.5, 0.61)
    assert not reading.reached(0.5, 0.59)
    well, far, none = left_out.likely(reading, np.array([0.7, 0.1, np.nan]))
    assert well > 0.8
    assert far == pytest.approx(left_out.FLOORS[False], abs=0.01)
    assert none == 0


def test_others_tell_of_the_one_that_is_left_out():
    """Of sites whose figure is the minutes of smoking over 50, those that say that it is high make
    it high where nothing is known, and what the site itself says does not count."""
    high, low = Reading("use", "", low=0.7), Reading("use", "", high=0.2)
    others = [site for site in SITES if "smoke" in load_scenario(site.path).visits][:3]
    asked = [_with(site, high) for site in others[:2]] + [_with(others[2], low)]
    lines = []
    for site in asked:
        for world in left_out.worlds(site, 300):
            known = dict.fromkeys(left_out.FIGURES, world.smoke / 50)
            lines.append({"site": site.file, **world._asdict(), **known})
    table = pd.DataFrame(lines)
    found = left_out.left_out(asked, table).set_index(["site", "figure"])
    drawn = table["smoke"].median() / 50
    last = [found[name][others[2].file, "reading"] for name in ("low", "median", "high")]
    assert last[1] > drawn + 0.1
    assert last[0] < last[1] < last[2]
    pooled = left_out.pooled(asked, table).set_index(["what", "known"])
    assert pooled.loc[("inject", "before"), "median"] == pytest.approx(26, rel=0.05)


def _with(site: Site, reading: Reading) -> Site:
    return Site(**{**vars(site), "reading": reading})


# --- places --------------------------------------------------------------------------------------


@pytest.mark.parametrize("asked", ASKED, ids=lambda one: one.name)
@pytest.mark.parametrize(("which", "targets"), COMBINATIONS)
def test_sites_that_are_sized_are_whole(asked, which, targets):
    scenario = scenario_from_text(text_of(asked, which, TARGETS[targets]))
    assert len(scenario.targets) == len(TARGETS[targets])
    assert scenario.design is not None
    assert scenario.design.to_build(13) == 15


@pytest.mark.slow
def test_the_answer_is_never_the_largest_design(tables):
    """Else a larger one might have been cheaper."""
    for one in tables["places"].to_dict("records"):
        (asked,) = (a for a in ASKED if (a.visits, a.kind) == (one["visits"], one["kind"]))
        text = text_of(asked, one["values"], TARGETS[one["targets"]])
        design = scenario_from_text(text).design
        assert design is not None
        for room in ("injecting", "smoking"):
            assert one[room] < max(design.vary[f"rooms.{room}.places"].values)


# --- the page ------------------------------------------------------------------------------------


def test_page_is_what_the_command_makes_of_what_was_kept(tables):
    assert PAGE.read_text(encoding="utf-8") == page.render(tables)


def test_every_site_was_played(tables):
    played = set(tables["sites"][["site", "values"]].itertuples(index=False, name=None))
    assert played == {(site.file, which) for site in SITES for which in VALUES}
    predicted = set(tables["left_out"]["site"])
    assert predicted == {site.file for site in SPEAKING}
    of = tables["sites"].set_index(["site", "values"])["open_minutes_a_use"]
    for site in SITES:
        hand = open_minutes_a_use(site, load_scenario(site.path))
        assert of[(site.file, "new")] == pytest.approx(hand, abs=1e-3)


@by_name
def test_page_has_the_sites_words_and_figures(site, tables):
    text = PAGE.read_text(encoding="utf-8")
    (row,) = (row for row in page.rows(tables) if row.site.file == site.file)
    line = next(
        one for one in text.splitlines() if one.startswith(f"| {site.name} | {site.published}")
    )
    cells = [cell.strip() for cell in line.strip("|").split("|")]
    assert cells[1] == site.published
    assert cells[2] == f"{row.open_minutes:.0f}"
    own = text.partition(f"### {site.name}\n")[2].partition("\n### ")[0]
    for one in site.said:
        assert f"“{one.words}” ({one.source})" in own
    assert site.unknown in own


def test_what_is_used_is_between_none_and_all(tables):
    shares = ["use", "use_busiest", "over_5_busiest", "unserved"]
    known = tables["sites"][shares].dropna()
    assert ((known >= 0) & (known <= 1)).all(axis=None)
    left = tables["left_out"].dropna()
    assert (left["low"] <= left["median"]).all()
    assert (left["median"] <= left["high"]).all()


def test_new_values_build_no_fewer_places(tables):
    of = tables["places"].set_index(["visits", "kind", "values", "targets"])["places"]
    for (visits, kind, which, targets), places in of.items():
        if which == "new" and kind == "city-day":
            assert places >= of[(visits, kind, "old", targets)]
        if targets == "both":
            assert places >= of[(visits, kind, which, "wait")]


def test_page_says_nothing_of_who_is_wrong():
    text = PAGE.read_text(encoding="utf-8")
    assert not re.search(r"(operator|site|Porto|Paris)\w* (is|are|was|were) wrong", text)
