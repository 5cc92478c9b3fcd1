"""Worlds of systems: what is measured of them, what is not known of a city, what decides."""

import numpy as np
import pytest

from sim.measures import Interval, measure, metric_rows
from sim.scenario.city.model import City
from sim.scenario.errors.problem import ScenarioError
from sim.scenario.load import Original, Version, read_scenario
from sim.scenario.uncertainty.draws import draw_worlds
from sim.scenario.uncertainty.houses import NOT_USED, each_house
from sim.scenario.uncertainty.ranges import read_unknowns
from sim.study.estimate.summary import key_of
from sim.study.run.replication import play_system
from sim.study.run.runner import Plan, run_study
from sim.study.worlds.answers import answers
from sim.study.worlds.calibrated import Calibrator, OutcomeError
from sim.study.worlds.compared import compared_in_worlds
from sim.study.worlds.measured import Asked, asked_of, measures_of
from sim.study.worlds.play import Option, play_worlds
from tests.support.two_houses import HOUSE, TOWN, YARD

ONE = """
name: house
horizon: {weeks: 1, start: 2026-03-02}
demand: {visits_per_day: 40, profile: flat} # assumption (30-50)
visits: {inject: {share: 1.0}}
facilities: {house: {file: house.yaml}}
"""
ALONE = HOUSE.replace(
    "demand: {visits_per_day: 40, profile: flat}",
    "horizon: {weeks: 1, start: 2026-03-02}\n"
    "demand: {visits_per_day: 40, profile: flat} # assumption (30-50)",
)
BACK = "visits.inject.returns={share: 0.5, after: {distribution: exponential, mean: 45}}"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    there = tmp_path_factory.mktemp("town")
    files = {"house": HOUSE, "yard": YARD, "town": TOWN, "one": ONE, "alone": ALONE}
    for name, text in files.items():
        (there / f"{name}.yaml").write_text(text, encoding="utf-8")
    return there


TWICE = """{
    facilities.north.waiting_area.seats: 2-5, facilities.north+south.waiting_area.seats: 2-5
}"""


def unknowns_of(loaded):
    return read_unknowns(loaded.scenario, loaded.source)


def drawn_of(loaded, worlds, only=()):
    unknowns = unknowns_of(loaded)
    if only:
        unknowns = unknowns.only(only)
    return draw_worlds(unknowns, loaded.scenario, loaded.source, worlds, 1)


def played(loaded, worlds, only=(), **said):
    drawn = drawn_of(loaded, worlds, only)
    options = [Option(Original(loaded))]
    return play_worlds(options, drawn, asked_of(loaded.scenario), Plan(**said))[0]


# --- what is measured -----------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["town", "one", "back"])
def test_what_is_asked_of_a_world_is_found_as_in_a_study(folder, name):
    file, sets = ("alone", [BACK]) if name == "back" else (name, [])
    scenario = read_scenario(folder / f"{file}.yaml", sets).scenario
    log = play_system(scenario, 3, 0)
    whole = measure(scenario, log)
    rows = metric_rows(scenario)
    places = [place for place, row in enumerate(rows) if row.interval is not Interval.HIGHEST]
    asked = Asked(tuple(key_of(rows[place]) for place in places))
    found = measures_of(scenario, asked).found(scenario, log)
    assert (found.pairs[:, 0] == whole.numerator[places]).all()
    assert (found.pairs[:, 1] == whole.denominator[places]).all()
    quantiles = [rows[place] for place in places if rows[place].interval is Interval.QUANTILE]
    for row, lengths in zip(quantiles, found.lengths, strict=True):
        value = lengths.quantile(row.probability)
        place = rows.index(row)
        if whole.denominator[place]:
            assert value == whole.numerator[place]


def test_targets_on_waits_at_a_house_on_needs_and_on_all_together_have_margins(folder):
    texts = [
        "wait.p90 of facility north, room injecting <= 10 min",
        "wait.p90 <= 10 min",
        "need_to_place.p90 <= 20 min",
    ]
    scenario = read_scenario(folder / "town.yaml", [f"targets={texts}"]).scenario
    log, asked = play_system(scenario, 3, 0), asked_of(scenario)
    found = measures_of(scenario, asked).found(scenario, log).pairs
    margins = {one.name[1]: found[asked.names.index(one.name)] for one in asked.margins}
    assert set(margins) == set(texts)
    for above, below in margins.values():
        assert -0.9 <= above / below <= 0.1
    parts = ("facility:north/room:injecting", "all")
    waits = [found[asked.names.index(("wait", "p90", by))] for by in parts]
    for text, (minutes, _) in zip(texts, waits, strict=False):
        assert (margins[text][0] >= 0) == (minutes <= 10)


def test_a_city_of_one_house_gives_in_each_world_what_the_house_gives(folder):
    city, site = (read_scenario(folder / f"{name}.yaml") for name in ("one", "alone"))
    names = ["demand.visits_per_day"]
    ours, theirs = played(city, 6, names), played(site, 6, names)
    assert set(theirs.rows) <= set(ours.rows)
    for key in theirs.rows:
        for one, other in zip(ours.of(key), theirs.of(key), strict=True):
            assert np.array_equal(one, other, equal_nan=True)
    assert ("needs_met", "share", "all") in ours.rows


def test_a_site_to_which_people_come_back_has_needs_beside_visits(folder):
    found = played(read_scenario(folder / "alone.yaml", [BACK]), 4)
    assert {("unserved", "share", "all"), ("needs_unmet", "share", "all")} <= set(found.rows)
    assert not np.isnan(found.of(("needs_unmet", "share", "all"))[1]).any()


# --- what is not known ----------------------------------------------------------------------------


def test_a_value_in_a_file_that_two_houses_name_is_one_unknown_called_after_both(folder):
    loaded = read_scenario(folder / "town.yaml")
    named = {one.name: one for one in unknowns_of(loaded).inputs}
    shared = "facilities.north+south.visits.inject.stay.mean"
    assert shared in named
    assert not [name for name in named if name.startswith("facilities.") and name != shared]
    settings = drawn_of(loaded, 3).settings(2)
    paths = each_house(shared)
    assert paths == (
        "facilities.north.visits.inject.stay.mean",
        "facilities.south.visits.inject.stay.mean",
    )
    assert settings[paths[0]] == settings[paths[1]]


def test_a_shared_value_may_be_named_so_and_is_written_out_so(folder):
    shared = "facilities.north+south.visits.inject.patience"
    said = f"uncertainty.ranges={{'{shared}': '10-20'}}"
    loaded = read_scenario(folder / "town.yaml", [said])
    assert loaded.scenario.uncertainty is not None
    written = set(loaded.scenario.uncertainty.ranges)
    assert {f"{shared}.value", "facilities.north+south.visits.inject.stay.mean"} <= written
    settings = drawn_of(loaded, 2).settings(1)
    both = [settings[path] for path in settings if path.endswith("patience.value")]
    assert len(both) == 2
    assert both[0] == both[1] != 15


def test_a_house_whose_value_was_set_has_no_part_in_it(folder):
    only_south = read_scenario(
        folder / "town.yaml", ["facilities.north.visits.inject.stay.mean=22"]
    )
    names = [one.name for one in unknowns_of(only_south).inputs]
    assert "facilities.south.visits.inject.stay.mean" in names
    assert not [name for name in names if "north" in name]


@pytest.mark.parametrize(
    ("ranges", "told"),
    [
        ("{'facilities.nord.waiting_area.seats': '2-5'}", "no `nord` in facilities"),
        (
            "{'facilities.north+south.opening.hours': '1-2'}",
            "is no single number",
        ),
        ("{'facilities.north+sud.waiting_area.seats': '2-5'}", "no `sud` in facilities"),
        (
            TWICE,
            "has a range twice",
        ),
    ],
)
def test_ranges_of_no_house_or_of_two_values_are_told(folder, ranges, told):
    with pytest.raises(ScenarioError) as caught:
        read_scenario(folder / "town.yaml", [f"uncertainty.ranges={ranges}"])
    assert told in " ".join(str(one) for one in caught.value.problems)


def test_two_houses_with_other_values_are_no_one_value(folder):
    file = folder / "apart.yaml"
    file.write_text(
        TOWN.replace("title: The house in the south", "visits: {inject: {stay: {mean: 30}}}")
        + "uncertainty: {ranges: {facilities.north+south.visits.inject.stay.mean: 10-40}}\n",
        encoding="utf-8",
    )
    with pytest.raises(ScenarioError, match="is not one value: 20 and 30"):
        read_scenario(file)


def test_what_a_house_says_and_the_city_says_in_its_place_is_not_varied(folder):
    file = folder / "house2.yaml"
    text = HOUSE.replace(
        "    rooms: [injecting]", "    share: 0.9 # assumption (0.5-1)\n    rooms: [injecting]"
    )
    file.write_text(text, encoding="utf-8")
    town = folder / "town2.yaml"
    town.write_text(TOWN.replace("house.yaml", "house2.yaml"), encoding="utf-8")
    loaded = read_scenario(town)
    unknowns = unknowns_of(loaded)
    assert not [
        one.name for one in unknowns.ranges if one.name.endswith(".share") and "visits" in one.name
    ]
    assert [one.reason for one in unknowns.not_varied if one.key.endswith("share")] == [NOT_USED]


def test_a_kind_that_is_no_need_of_the_city_is_not_varied(folder):
    file = folder / "house3.yaml"
    sniff = "visits:\n  sniff: {share: 0, rooms: [injecting], stay: 9} # assumption (stay 5-20)\n"
    file.write_text(HOUSE.replace("visits:\n", sniff), encoding="utf-8")
    town = folder / "town3.yaml"
    town.write_text(TOWN.replace("house.yaml", "house3.yaml"), encoding="utf-8")
    unknowns = unknowns_of(read_scenario(town))
    assert not [one.name for one in unknowns.ranges if "sniff" in one.name]
    assert {one.reason for one in unknowns.not_varied if "sniff" in one.key} == {NOT_USED}


def test_what_people_do_who_get_nothing_is_not_known_unless_it_is_written(folder):
    loaded = read_scenario(folder / "town.yaml")
    usual = {one.name: (one.low, one.high) for one in unknowns_of(loaded).ranges if one.usual}
    assert usual["choice.returns.share"] == (0, 0.5)
    assert usual["choice.informed"] == (0, 0.5)
    assert usual["choice.diverts.no_space"] == (0.3, 0.95)
    assert "choice.diverts.reneged" not in usual  # which has a range of its own
    known = read_scenario(folder / "town.yaml", ["choice.informed=0", "choice.returns.share=0.2"])
    names = [one.name for one in unknowns_of(known).inputs]
    assert "choice.informed" not in names
    assert "choice.returns.share" not in names
    alone = read_scenario(folder / "one.yaml")
    assert not [one for one in unknowns_of(alone).ranges if one.usual]  # there is one door
    worlds = drawn_of(loaded, 4)
    for world in range(4):
        scenario = Original(loaded).scenario(version(worlds.settings(world)))
        assert isinstance(scenario, City)
        assert scenario.choice.returns is not None
        assert 0 <= scenario.choice.returns.share <= 0.5


def version(values):
    return Version(values, ("uncertainty",))


def test_first_wishes_add_to_one_in_every_world(folder):
    sets = ["uncertainty.ranges={choice.prefer.north: 0.3-0.9}"]
    loaded = read_scenario(folder / "town.yaml", sets)
    worlds = drawn_of(loaded, 16)
    for world in range(16):
        scenario = Original(loaded).scenario(version(worlds.settings(world)))
        assert isinstance(scenario, City)
        shares = [one for one in scenario.choice.prefer.values() if isinstance(one, float)]
        assert len(shares) == len(scenario.choice.prefer)
        assert sum(shares) == pytest.approx(1)
    assert np.ptp(worlds.values["choice.prefer.south"]) > 0.1
    gone = read_scenario(folder / "town.yaml", [*sets, "facilities.south=null"])
    names = [one.name for one in unknowns_of(gone).inputs]
    assert "choice.prefer.north" not in names


# --- what decides ---------------------------------------------------------------------------------

LOSS = """
name: house
opening: {hours: 24/7}
demand: {visits_per_day: 40, profile: flat}
visits:
  inject:
    rooms: [injecting]
    stay: {distribution: exponential, mean: 20}
rooms: {injecting: {places: 2}}
waiting_area: {seats: 0}
"""
DECIDES = """
name: town
horizon: {weeks: 4, start: 2026-03-02}
demand: {visits_per_day: VISITS, profile: flat} # assumption (LOW-HIGH)
visits: {inject: {share: 1.0}}
facilities:
  north: {file: loss.yaml}
  south: {file: loss.yaml}
choice:
  prefer: {north: 0.5, south: 0.5}
  walk: {north: {south: 5}}
  informed: 0
  diverts: {closed: 0, no_space: 0, balked: 0, reneged: 0, dismissed_at_close: 0}
  returns: {share: 0.2} # assumption (0-0.5)
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("visits", "low", "high", "decides"),
    [
        (200, 198, 202, "choice.returns.share"),
        (40, 20, 120, "demand.visits_per_day"),  # so few are refused that none can come back
    ],
)
def test_worlds_tell_whether_who_comes_back_decides(folder, visits, low, high, decides):
    (folder / "loss.yaml").write_text(LOSS, encoding="utf-8")
    text = (
        DECIDES.replace("VISITS", str(visits)).replace("LOW", str(low)).replace("HIGH", str(high))
    )
    (folder / "decides.yaml").write_text(text, encoding="utf-8")
    loaded = read_scenario(folder / "decides.yaml")
    found = played(loaded, 64)
    result = run_study(loaded.scenario, Plan(replications=2))
    told = answers(found, result.figures, loaded.scenario)
    (unmet,) = (one for one in told.figures if one.key == ("needs_unmet", "share", "all"))
    shares = {name: one.value for name, one in unmet.sources.items()}
    assert shares[decides] > 0.7
    assert max(value for name, value in shares.items() if name != decides) < 0.2


@pytest.mark.slow
def test_options_of_a_city_meet_the_same_needs_in_each_world_for_any_number_of_workers(
    folder, monkeypatch
):
    base = read_scenario(folder / "town.yaml")
    other = read_scenario(folder / "town.yaml", ["facilities.yard=null"])
    options = [("base", base), ("without", other)]
    one = compared_in_worlds(options, Plan(), 8)
    assert one is not None
    monkeypatch.setattr("sim.study.worlds.play._WORTH", 0.0)
    two = compared_in_worlds(options, Plan(workers=2), 8)
    assert two is not None
    assert one.differences == two.differences
    needs = [each for each in one.differences if each.key == ("needs_met", "share", "all")]
    assert needs[0].fan[-1] > needs[0].fan[0]
    alike = compared_in_worlds([("base", base), ("same", base)], Plan(), 4)
    assert alike is not None
    assert all(not any(each.fan) for each in alike.differences if each.key[2] == "all")


# --- published outcomes ---------------------------------------------------------------------------


def test_outcomes_of_a_house_are_named_as_targets_name_them(folder):
    loaded = read_scenario(folder / "town.yaml")
    outcomes = ["uses.per_day of facility north=40 (38-42)", "needs_met.share=50 % (45-55)"]
    found = Calibrator.of(loaded, outcomes, ["demand", "facilities.south"], Plan())
    assert [one.name for one in found.published] == [
        "uses.per_day of facility:north",
        "needs_met.share",
    ]
    assert found.free == ("demand.visits_per_day", "facilities.north+south.visits.inject.stay.mean")


@pytest.mark.parametrize(
    ("outcome", "told"),
    [
        ("uses.per_day of facility nord=40 (38-42)", "did you mean `facility:north`"),
        ("uses.per_day of house north=40 (38-42)", "must name a part"),
        ("occupied.mean=1 (0.5-2)", "there is no figure occupied.mean"),
        ("needs_wished.per_day=40 (38-42)", "must say of what"),
        ("uses.per_day of facility north=40", "must be a figure, its value"),
    ],
)
def test_outcomes_that_there_are_none_of_are_told(folder, outcome, told):
    loaded = read_scenario(folder / "town.yaml")
    with pytest.raises(OutcomeError, match=told):
        Calibrator.of(loaded, [outcome], [], Plan())
