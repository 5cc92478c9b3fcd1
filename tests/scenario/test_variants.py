"""Variants: named changes in the scenario's own file."""

import pytest

from sim.results import scenario_yaml
from sim.scenario import ScenarioError, load_scenario, read_scenario
from sim.scenario.load import read_variants, scenario_from_text
from tests import ROOT

SITE = """\
name: site
horizon: {days: 1}
opening: {hours: 10:00-18:00}
demand: {visits_per_day: 90, profile: flat}
visits:
  inject:
    rooms: [injecting]
    stay: {distribution: exponential, mean: 25}
rooms:
  injecting: {places: 3}
staff:
  roles: {nurse: {}, guard: {}}
  rota:
    - {role: nurse, from: 10:00, to: "18:00"}
    - {role: guard, from: 10:00, to: "18:00"}
"""


@pytest.fixture
def site(tmp_path):
    def write(variants, name="site.yaml", text=SITE):
        path = tmp_path / name
        path.write_text(text + variants, "utf-8")
        return path

    return write


def problems(path, variant=None, sets=()):
    with pytest.raises(ScenarioError) as raised:
        read_scenario(path, sets, variant)
    name = path.as_posix()
    return [
        str(one).replace(str(path), name).removeprefix(f"{name}:") for one in raised.value.problems
    ]


def test_a_nested_map_is_merged_and_a_path_is_set(site):
    path = site("""\
variants:
  more:
    rooms: {injecting: {places: 5}}
    staff.rota.1.count: 2
""")
    found = read_scenario(path, variant="more")
    assert found.scenario.rooms["injecting"].places == 5
    assert found.scenario.staff is not None
    assert [shift.count for shift in found.scenario.staff.rota] == [1, 2]
    assert found.source.changes == (
        "rooms.injecting.places: 3 → 5 (variant more)",
        "staff.rota.1.count: not set → 2 (variant more)",
    )


def test_without_a_name_it_is_the_scenario_itself(site):
    with_variants = site("variants: {more: {rooms.injecting.places: 5}}\n")
    without = site("", "plain.yaml")
    assert load_scenario(with_variants) == load_scenario(without)
    assert read_scenario(with_variants).source.variants == ("more",)


def test_a_variant_is_named_after_both_and_its_results_carry_no_variants(site):
    path = site("variants: {more: {rooms.injecting.places: 5}}\n")
    found = load_scenario(path, variant="more")
    assert found.name == "site-more"
    text = scenario_yaml(found)
    assert "variants" not in text
    assert scenario_from_text(text) == found


def test_a_variant_has_any_name_and_its_results_one_that_files_can_have(site):
    path = site("variants: {Åben længere: {rooms.injecting.places: 5}, 中文: {title: x}}\n")
    assert read_scenario(path).source.variants == ("Åben længere", "中文")
    assert load_scenario(path, variant="Åben længere").name == "site-aaben-laengere"
    assert load_scenario(path, variant="中文").name == "site-variant"


def test_a_variant_may_name_itself(site):
    path = site("variants: {more: {name: bigger, rooms.injecting.places: 5}}\n")
    assert load_scenario(path, variant="more").name == "bigger"


def test_settings_win_over_the_variant(site):
    path = site("variants: {more: {rooms.injecting.places: 5}}\n")
    found = load_scenario(path, ["rooms.injecting.places=7"], "more")
    assert found.rooms["injecting"].places == 7


def test_variants_of_an_extended_file_are_there_and_may_be_replaced(site):
    site("variants: {more: {rooms.injecting.places: 5}, less: {rooms.injecting.places: 1}}\n")
    over = site(
        "variants: {more: {rooms.injecting.places: 6}}\n",
        "over.yaml",
        "extends: site.yaml\nname: over\n",
    )
    found = read_variants(over)
    assert {name: one.scenario.rooms["injecting"].places for name, one in found.items()} == {
        "more": 6,
        "less": 1,
    }
    assert found["more"].scenario.name == "over-more"


def test_a_table_is_found_from_the_file_of_the_variant(site, tmp_path):
    rows = "".join(f"{hour},{1 + hour % 24}\n" for hour in range(168))
    (tmp_path / "week.csv").write_text(f"hour_of_week,visits_per_hour\n{rows}", "utf-8")
    path = site("""\
variants:
  counted:
    demand: {visits_per_day: null, profile: null, week: {file: week.csv}}
""")
    week = load_scenario(path, variant="counted").demand.week
    assert week is not None
    assert week[:3] == (1, 2, 3)


def test_an_unknown_variant_is_told_with_what_was_meant(site):
    path = site("variants: {evening: {}, night: {}}\n")
    assert problems(path, "evning")[0].endswith(
        "variants: there is no variant 'evning'; did you mean `evening`?"
    )
    assert problems(path, "x")[0].endswith("there is no variant 'x'; known: evening, night")
    assert "the scenario has none" in problems(site("", "plain.yaml"), "x")[0]


@pytest.mark.parametrize(
    ("body", "line"),
    [
        ("    rooms.injecting.places: 4\n    rooms: {injecting: {places: 5}}\n", "19:25"),
        ("    rooms.injecting: {places: 4}\n    rooms.injecting.places: 5\n", "19:5"),
        ("    rooms.injecting: {places: 4}\n    rooms.injecting.reach: 5\n", "19:5"),
    ],
)
def test_changes_that_contradict_each_other_are_refused(site, body, line):
    found = problems(site(f"variants:\n  more:\n{body}"))
    assert len(found) == 1
    assert found[0].startswith(f"{line}: variants.more.rooms.injecting.")
    assert found[0].endswith("is also set in line 18, column 5; keep one of them")


def test_the_same_change_twice_is_no_contradiction(site):
    path = site("variants: {x: {rooms.injecting.places: 4, rooms: {injecting: {places: 4}}}}\n")
    assert load_scenario(path, variant="x").rooms["injecting"].places == 4


def test_what_is_no_variant_is_refused_with_its_place(site):
    found = problems(
        site("""\
variants:
  a=b: {}
  nothing:
  number: 8
  more:
    extends: other.yaml
    a..b: 3
""")
    )
    assert [one.split(": ", 1)[0] for one in found] == ["17:3", "18:3", "19:11", "21:5", "22:5"]
    assert "cannot be a name" in found[0]
    assert "must say what it changes" in found[1]
    assert "cannot stand in a variant" in found[3]
    assert "must be a path such as rooms.injecting.places" in found[4]
    assert problems(site("variants: [a]\n"))[0].endswith(
        "variants: must be a map of names to changes, not [a]"
    )


def test_a_path_that_leads_nowhere_and_a_bad_value_have_their_place(site):
    path = site("""\
variants:
  typo:
    rooms.injectin.places: 4
  bad:
    rooms: {injecting: {places: -4}}
""")
    assert problems(path, "typo") == [
        "18:5: variants.typo.rooms.injectin: is not in the scenario; did you mean `injecting`?"
    ]
    assert problems(path, "bad")[0].startswith("20:33: rooms.injecting.places: ")
    with pytest.raises(ScenarioError) as raised:
        read_variants(path)
    assert len(raised.value.problems) == 2


def test_the_example_has_three_rotas():
    path = ROOT / "scenarios" / "rotas-h17.yaml"
    rotas = {
        name: one.scenario.staff.rota
        for name, one in read_variants(path).items()
        if one.scenario.staff is not None
    }
    assert list(rotas) == ["later", "educator-more", "nurse-fewer"]
    assert len(set(rotas.values())) == 3
