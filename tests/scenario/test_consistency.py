"""Wrong input: each mistake gives one clear line with its place."""

from pathlib import Path

import pytest

from sim.scenario import ScenarioError
from sim.scenario.load import load_scenario, scenario_from_text

GOOD = """\
name: good
opening: {hours: 10:00-18:00}
demand: {visits_per_day: 80, profile: flat}
visits:
  inject:
    rooms: [injecting]
    stay: 25 min
rooms:
  injecting: {places: 10}
staff:
  roles: {nurse: {}}
  rota:
    - {role: nurse, from: 10:00, to: "18:00"}
"""


def problems_of(text):
    with pytest.raises(ScenarioError) as raised:
        scenario_from_text(text)
    return [str(problem) for problem in raised.value.problems]


@pytest.mark.parametrize(
    ("right", "wrong", "line"),
    [
        ("10:00-18:00", "630", "2:18: opening.hours: must be hours such as '07:30-23:30'"),
        ("10:00-18:00", "10:00-25:00", "2:18: opening.hours: '25:00' is not a time of day"),
        ("10:00-18:00", "18:00-10:00", "2:18: opening.hours: '18:00-10:00' ends (10:00) before"),
        (
            "places: 10}",
            "plcaes: 10}",
            "9:15: rooms.injecting.plcaes: is not a known key; did you mean `places`?",
        ),
        ("places: 10}", "places: -1}", "9:23: rooms.injecting.places: must be at least 0, not -1"),
        (
            "places: 10}",
            "places: 10000000000}",
            "9:23: rooms.injecting.places: must be at most 10000, not 10000000000",
        ),
        (
            "places: 10}",
            "places: true}",
            "9:23: rooms.injecting.places: must be a whole number, not true",
        ),
        ("places: 10}", "places: 2.5}", "9:23: rooms.injecting.places: must be a whole number"),
        ("_day: 80", "_day: .nan", "3:26: demand.visits_per_day: must be an ordinary number"),
        ("_day: 80", "_day: .inf", "3:26: demand.visits_per_day: must be an ordinary number"),
        (
            "rooms: [injecting]",
            "rooms: [injektion]",
            "6:13: visits.inject.rooms.0: 'injektion' is not a room",
        ),
        ("25 min", "25 parsec", "7:11: visits.inject.stay: must be minutes, or a duration such as"),
        (
            "rota:\n    - {role: nurse",
            "rota:\n    - {role: nurze",
            "13:14: staff.rota.0.role: 'nurze' is not a role of this scenario; did you mean",
        ),
        (
            'to: "18:00"',
            'to: "08:00"',
            "13:38: staff.rota.0.to: ends (08:00) before it starts (10:00)",
        ),
        ("name: good", "name: good\nname: bad", "2:1: name: is written twice"),
        ("profile: flat", "profile: [0, 0]", "3:30: demand.profile: has only zeros"),
        ("profile: flat", "profile: [1, 1, 1, 1, 1, 1, 1]", "3:30: demand.profile: has 7 weights"),
        (", profile: flat", "", "3:1: demand: has visits_per_day without profile"),
    ],
)
def test_one_mistake_one_line(right, wrong, line):
    assert right in GOOD
    found = problems_of(GOOD.replace(right, wrong))
    assert any(problem.startswith(f"scenario:{line}") for problem in found), found
    assert len({problem.split(": ")[0] for problem in found}) == len(found)


def test_shares_that_do_not_add_to_one():
    text = GOOD.replace("    rooms:", "    share: 0.4\n    rooms:")
    assert problems_of(text) == [
        "scenario:4:1: visits: shares of the visit kinds add to 0.4 (0.4); they must add to 1"
    ]


def test_a_room_nobody_accepts_and_a_role_nobody_fills():
    text = GOOD.replace("staff:", "  smoking: {places: 2}\nstaff:").replace(
        "{nurse: {}}", "{nurse: {}, doctor: {}}"
    )
    first, second = problems_of(text)
    assert first.startswith("scenario:10:3: rooms.smoking: no visit kind accepts this room")
    assert second == "scenario:12:22: staff.roles.doctor: no rota line puts a doctor on duty"


def test_a_role_whose_work_others_do_may_be_left_off_the_rota():
    """As in a plan that needs none of it; not if something is for it alone."""
    text = GOOD.replace("{nurse: {}}", "{nurse: {}, doctor: {}}")
    text = text.replace("stay: 25 min", "stay: 25 min\n    services: {advice: 0.1}")
    service = "services:\n  advice: {duration: 5, roles: [doctor, nurse]}\n"
    assert scenario_from_text(service + text).staff is not None
    alone = problems_of(service.replace("[doctor, nurse]", "[doctor]") + text)
    assert [one.split(": ")[1] for one in alone] == ["staff.roles.doctor"]


def test_all_mistakes_at_once():
    text = GOOD.replace("places: 10", "plcaes: 10").replace(
        "    rooms:", "    share: 0.4\n    rooms:"
    )
    found = problems_of(text.replace("{role: nurse", "{role: nurze"))
    assert [problem.split(": ")[1] for problem in found] == [
        "visits",
        "rooms.injecting.plcaes",
        "staff.roles.nurse",
        "staff.rota.0.role",
    ]


@pytest.mark.parametrize(
    ("addition", "path"),
    [
        ("    overdose: {per_1000: 1, onset: 5}", "visits.inject.overdose"),
        ("    aftercare: {share: 0.5, stay: 20}", "visits.inject.aftercare"),
        ("    check_in: {known: 2}", "visits.inject.check_in"),
        ("    services: {wound care: 0.1}", "visits.inject.services.wound care"),
        (
            "    switch: {after: 5, probability: 1, room: injecting, stay: 9}",
            "visits.inject.switch.room",
        ),
    ],
)
def test_what_a_kind_uses_must_exist(addition, path):
    (problem,) = problems_of(GOOD.replace("rooms:\n  inj", f"{addition}\nrooms:\n  inj"))
    assert problem.split(": ")[1] == path


def test_tables_in_csv_files(tmp_path):
    scenario = tmp_path / "site.yaml"
    scenario.write_text(
        GOOD.replace("{visits_per_day: 80, profile: flat}", "{arrivals: {file: log.csv}}"), "utf-8"
    )
    log = tmp_path / "log.csv"
    log.write_text("at,kind,stay,patience\n605,inject,,\n610.5,inject,12,30\n", "utf-8")
    arrivals = load_scenario(scenario).demand.arrivals
    assert [(a.at, a.kind, a.stay, a.patience) for a in arrivals or ()] == [
        (605, "inject", None, None),
        (610.5, "inject", 12, 30),
    ]


@pytest.mark.parametrize(
    ("contents", "words"),
    [
        (None, "site.yaml:3:27: demand.arrivals.file: there is no such file (log.csv)"),
        (
            b"at,kind\n5,inject\n\x81,inject\n",
            "log.csv:3:1: demand.arrivals.file: has a byte (0x81) that is neither UTF-8",
        ),
        (
            b"a,kind\n5,inject\n",
            "log.csv:1:1: demand.arrivals.file: 'a' is not a column of this table",
        ),
        (b"kind\ninject\n", "log.csv:1:1: demand.arrivals.file: the table has no column at"),
        (
            b"at,kind,who\n5,inject,me\n",
            "log.csv:1:3: demand.arrivals.file: 'who' is not a column of this table; known: at,",
        ),
        (
            b"at,kind\nnoon,inject\n",
            "log.csv:2:1: demand.arrivals.file: at must be a number, not 'noon'",
        ),
        (
            b"at,kind\n5,injekt\n",
            "log.csv:2:2: demand.arrivals.0.kind: 'injekt' is not a visit kind",
        ),
    ],
)
def test_tables_that_cannot_be_used(tmp_path, monkeypatch, contents, words):
    monkeypatch.chdir(tmp_path)
    scenario = Path("site.yaml")
    scenario.write_text(
        GOOD.replace("{visits_per_day: 80, profile: flat}", "{arrivals: {file: log.csv}}"), "utf-8"
    )
    if contents is not None:
        Path("log.csv").write_bytes(contents)
    with pytest.raises(ScenarioError) as raised:
        load_scenario(scenario)
    assert str(raised.value.problems[0]).startswith(words)
