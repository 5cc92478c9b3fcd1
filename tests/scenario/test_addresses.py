"""Lines of the rota by what they are called, wherever a path may stand."""

import pytest

from sim.measures.figures.staff import shift_labels
from sim.scenario import ScenarioError
from sim.scenario.load import read_scenario, scenario_from_text

SITE = """\
name: site
horizon: {days: 7}
opening: {hours: 08:00-22:00}
demand: {visits_per_day: 90, profile: city-day}
visits:
  use: {rooms: [booths], stay: 25}
rooms:
  booths: {places: 6}
staff:
  roles: {nurse: {}, social worker: {}}
  rota:
    - {name: early, role: nurse, from: 08:00, to: 15:00}
    - {name: late, role: nurse, from: 15:00, to: 22:00, days: mon-fri}
    - {name: late, role: nurse, from: 15:00, to: 22:00, days: [sat, sun]}
    - {name: late, role: social worker, from: 15:00, to: 22:00}
    - {role: social worker, from: 08:00, to: 15:00}
"""


def rota_with(*sets):
    staff = scenario_from_text(SITE, sets).staff
    assert staff is not None
    return [shift.count for shift in staff.rota]


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("early.nurse", 0),
        ("nurse.early", 0),
        ("early", 0),
        ("Early.NURSE", 0),
        ("late.nurse.mon-fri", 1),
        ("late.nurse.sat+sun", 2),
        ("late.social worker", 3),
        ("late.social_worker", 3),
        ('"late"."social worker"', 3),
        ("08:00-15:00", 4),
        ("08:00-15:00.social worker", 4),
        ("nurse early", 0),
        ("early nurse", 0),
        ("late nurse (1)", 1),
        ("nurse late (2)", 2),
        ("late social worker", 3),
        ("nurse late mon+tue+wed+thu+fri", 1),
        ("social worker 8:00-15:00", 4),
        ("4", 4),
    ],
)
def test_a_line_of_the_rota_is_set_by_what_it_is_called(path, line):
    expected = [1] * 5
    expected[line] = 3
    assert rota_with(f"staff.rota.{path}.count=3") == expected


def told(*sets):
    with pytest.raises(ScenarioError) as raised:
        scenario_from_text(SITE, sets)
    return [str(one).partition(": ")[2] for one in raised.value.problems]


KNOWN = (
    "(known: early.nurse, late.nurse.mon-fri, late.nurse.sat+sun, late.social worker, "
    "08:00-15:00.social worker)"
)


def test_every_label_of_the_tables_calls_its_line():
    staff = scenario_from_text(SITE).staff
    assert staff is not None
    for number, label in enumerate(shift_labels(staff)):
        counts = rota_with(f'staff.rota."{label}".count=7')
        assert [place for place, count in enumerate(counts) if count == 7] == [number], label


def test_what_tables_call_several_lines_is_refused():
    (message,) = told("staff.rota.nurse late.count=2")
    assert message.startswith("staff.rota: `nurse late` is what 2 of them are called: late.nurse")
    (message,) = told("staff.rota.nurse late (3).count=2")
    assert message.startswith("staff.rota: none of them is called `nurse late (3)` (known: early")


def test_a_name_that_is_unknown_lists_the_known():
    assert told("staff.rota.lat.nurse.count=2") == [
        f"staff.rota: none of them is called `lat`; did you mean `late`? {KNOWN}"
    ]
    assert told("staff.rota.early.social worker.count=2") == [
        (
            "staff.rota: none of them is called `early.social worker`; did you mean "
            f"`late.social worker`? {KNOWN}"
        )
    ]


def test_a_name_of_several_says_which():
    assert told("staff.rota.late.nurse.count=2") == [
        (
            "staff.rota: `late.nurse` is what 2 of them are called: late.nurse.mon-fri (1), "
            "late.nurse.sat+sun (2); say which, or give its number"
        )
    ]


def test_a_line_set_by_its_number_and_by_its_name_is_set_twice():
    assert told("staff.rota.0.count=2", "staff.rota.early.nurse.count=3") == [
        (
            "staff.rota.early.nurse.count: is also set by --set staff.rota.0.count=2; keep one of "
            "them"
        )
    ]


def test_other_lists_are_called_by_their_names_too():
    days = "[{name: benefit, days_of_month: [1]}, {name: fair, days_of_month: [2]}]"
    text = SITE.replace("profile: city-day", f"profile: city-day, special_days: {days}")
    demand = scenario_from_text(text, ["demand.special_days.fair.visits=2"]).demand
    assert [one.visits for one in demand.special_days] == [1, 2]


def test_variants_and_what_a_design_varies_are_called_so_too(tmp_path):
    file = tmp_path / "site.yaml"
    more = """\
variants:
  longer: {staff.rota.early.nurse.count: 2}
targets: ["unserved <= 5 %"]
design:
  vary:
    staff.rota.early.nurse.count: 1:3
    weekend: {set: [staff.rota.late.nurse.sat+sun.count, rooms.booths.places], values: 2:4}
"""
    file.write_text(SITE + more, "utf-8")
    staff = read_scenario(file, variant="longer").scenario.staff
    assert staff is not None
    assert staff.rota[0].count == 2
    design = read_scenario(file).scenario.design
    assert design is not None
    assert design.paths("staff.rota.early.nurse.count") == ("staff.rota.0.count",)
    assert design.paths("weekend") == ("staff.rota.2.count", "rooms.booths.places")
    file.write_text(
        SITE + more.replace("vary:\n    staff.rota.early", "vary:\n    staff.rota.erly"), "utf-8"
    )
    with pytest.raises(ScenarioError) as raised:
        read_scenario(file)
    assert [str(one).removeprefix(f"{file}:") for one in raised.value.problems] == [
        (
            '22:5: design.vary."staff.rota.erly.nurse.count": none of them is called `erly`; did '
            f"you mean `early`? {KNOWN}"
        )
    ]
