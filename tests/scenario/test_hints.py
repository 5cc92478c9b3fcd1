"""What planners type by habit: each message says what would be right, in the form to type."""

import re
import tomllib
from datetime import date
from pathlib import Path

import pytest

from sim.scenario.errors.problem import ScenarioError
from sim.scenario.load import read_scenario, scenario_from_text
from sim.scenario.model.hours import DAY, Hours
from sim.scenario.text.readings import readings
from tests.support.command import SMALL, command

SITE = """\
name: site
horizon: {start: 2026-01-05, weeks: 1}
opening:
  hours: 08:00-20:00
  last_entry: 30 min
demand:
  visits_per_day: 60
  profile: city-day
visits:
  smoke:
    share: 0.53
    rooms: [smoking]
    stay: 20 min
  inject:
    share: 0.47
    rooms: [injecting]
    stay: 25 min
rooms:
  smoking:
    places: 4
  injecting:
    places: 4
staff:
  roles:
    nurse: {cost_per_hour: 255}
  rota:
    - role: nurse
      from: 08:00
      to: 20:00
      days: daily
  stay_until_empty: true
"""

TABLE = Path(__file__).with_name("typed_by_habit.toml")
MISTAKES = tomllib.loads(TABLE.read_text("utf-8"))["mistake"]
"""What stands there, what is typed in its place, and everything that is said of it, in full."""


@pytest.mark.parametrize("mistake", MISTAKES, ids=[one["typed"] for one in MISTAKES])
def test_what_is_typed_by_habit_is_told_with_what_would_be_right(mistake):
    right, typed, told = mistake["right"], mistake["typed"], mistake["told"]
    assert right in SITE
    with pytest.raises(ScenarioError) as raised:
        scenario_from_text(SITE.replace(right, typed, 1))
    found = [str(one).removeprefix("scenario:") for one in raised.value.problems]
    # Which keys there are is told in full, and no matter of this table.
    assert [_KNOWN.sub("", one) for one in found] == [_KNOWN.sub("", one) for one in told]


_KNOWN = re.compile(r"(?<=\(known: )[^)]*")


def hours(written: str) -> Hours:
    return scenario_from_text(SITE.replace("hours: 08:00-20:00", f"hours: {written}")).opening.hours


@pytest.mark.parametrize(
    ("osm", "ours"),
    [
        (
            "Mo-Fr 08:00-20:00; Sa 10:00-18:00; Su off",
            "{mon-fri: 08:00-20:00, sat: 10:00-18:00, sun: closed}",
        ),
        ("Mo-Fr 08:00-20:00", "{mon-fri: 08:00-20:00, sat-sun: closed}"),
        (
            "Mo-Th,Sa 08:00-12:00,13:00-17:00; Fr 08:00-26:00; Su closed",
            "{mon-sat: [08:00-12:00, 13:00-17:00], fri: 08:00-02:00 next day, sun: closed}",
        ),
        ("Mo-Su 22:00-06:00", "22:00-06:00 next day"),
        ("Sa-Mo 06:00-00:00", "{sat-mon: 06:00-24:00, tue-fri: closed}"),
        ("Mo-Su 08:00-20:00; We 10:00-12:00", "{daily: 08:00-20:00, wed: 10:00-12:00}"),
        (
            "Mo-Fr 08:00-20:00, Sa 10:00-18:00",
            "{mon-fri: 08:00-20:00, sat: 10:00-18:00, sun: closed}",
        ),
        ("Mo-Su 24/7", "24/7"),
        ("08:00-12:00,13:00-17:00", "[08:00-12:00, 13:00-17:00]"),
        ("Fr 20:00-04:00; Sa 20:00-04:00", "{fri-sat: 20:00-04:00 next day, sun-thu: closed}"),
    ],
)
def test_hours_in_the_notation_of_openstreetmap_are_read(osm, ours):
    assert hours(osm) == hours(ours)


def test_public_holidays_of_that_notation_are_those_of_the_opening():
    osm = "Mo-Fr 08:00-20:00; Sa 10:00-18:00; Su off; PH off"
    known = "holidays: {also: {2026-01-06: Epiphany}}\n"
    text = known + SITE.replace("hours: 08:00-20:00", f"hours: {osm}")
    ours = "{mon-fri: 08:00-20:00, sat: 10:00-18:00, sun: closed}\n  holidays: closed"
    assert (
        scenario_from_text(text).opening
        == scenario_from_text(known + SITE.replace("hours: 08:00-20:00", f"hours: {ours}")).opening
    )
    on = scenario_from_text(text.replace("Su off; PH off", "Su,PH 12:00-16:00")).opening
    assert [str(one) for one in on.dates[date(2026, 1, 6)]] == ["12:00-16:00"]
    assert on.hours.week[6] == on.dates[date(2026, 1, 6)]
    with pytest.raises(ScenarioError) as raised:
        scenario_from_text(text.removeprefix(known))
    assert str(raised.value) == (
        "scenario:3:1: opening.holidays: speaks of public holidays, but the scenario does not say "
        "which they are; write holidays: {country: DK} at its top level"
    )
    room = "  smoking:\n    hours: Mo-Su 10:00-12:00; PH off\n"
    with pytest.raises(ScenarioError) as raised:
        scenario_from_text(SITE.replace("  smoking:\n", room))
    assert str(raised.value) == (
        "scenario:20:12: rooms.smoking.hours: has PH, public holidays, in 'PH off': leave it out; "
        "`opening.holidays` says when the site is open on them, and other dates stand under "
        "`dates` beside the hours"
    )


def test_a_minute_before_midnight_is_midnight_and_it_is_said(tmp_path):
    file = tmp_path / "late.yaml"
    late = SITE.replace("hours: 08:00-20:00", "hours: [00:00-03:00, 18:00-23:59]")
    late = late.replace("from: 08:00", "from: 16:00").replace("to: 20:00", "to: 23:59")
    file.write_text(late.replace("places: 4", "places: 4.000", 1).replace("4.000", "4"), "utf-8")
    loaded = read_scenario(file, ["staff.roles.nurse.cost_per_hour=1.000"])
    assert loaded.scenario.opening.hours == hours("[00:00-03:00, 18:00-24:00]")
    staff = loaded.scenario.staff
    assert staff is not None
    assert staff.rota[0].end == DAY
    assert [one.rpartition(": ")[2] for one in readings(loaded.source)] == [
        "1.000 is read as 1; if 1000 is meant, write it without a point",
        "18:00-23:59 is read as 18:00-24:00, open until midnight and on if hours follow",
        "23:59 is read as 24:00, so that no minute before midnight is without staff",
    ]
    assert readings(loaded.source)[1].startswith(f"{file}:4:24: opening.hours.1: ")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (
            ["scenarios/site.yaml"],
            (
                "dcr-sim: scenarios/site.yaml is a scenario, and what to do with it is missing: "
                "`python run.py check scenarios/site.yaml` says what is in it, "
                "`python run.py run scenarios/site.yaml` simulates it"
            ),
        ),
        (
            ["site", "--set", "rooms.injecting.places=4"],
            (
                "dcr-sim: scenarios/site.yaml is a scenario, and what to do with it is missing: "
                "`python run.py check scenarios/site.yaml --set rooms.injecting.places=4` says "
                "what is in it, `python run.py run scenarios/site.yaml --set "
                "rooms.injecting.places=4` simulates it"
            ),
        ),
        (
            ["week.xlsx"],
            (
                "dcr-sim: week.xlsx is a table, and what to do with it is missing: shifts are read "
                "with `python run.py rota import week.xlsx --scenario SITE.yaml`"
            ),
        ),
        (
            ["check", "site.yaml"],
            "site.yaml: there is no such file; did you mean `scenarios/site.yaml`?",
        ),
        (["run", "site"], "site: there is no such file; did you mean `scenarios/site.yaml`?"),
        (
            ["check", "iste.yaml"],
            "iste.yaml: there is no such file; did you mean `scenarios/site.yaml`?",
        ),
        (
            ["check", "scenarios/site.yml"],
            "scenarios/site.yml: there is no such file; did you mean `scenarios/site.yaml`?",
        ),
        (
            ["check", "week.xlsx"],
            (
                "week.xlsx: is an Excel file; a scenario is a text file, .yaml: name that, or "
                "write one with `new`; shifts in a table are read with `rota import`, and visits "
                "by hour with `week: {file: …}` in a scenario"
            ),
        ),
    ],
)
def test_a_file_in_the_wrong_place_is_told_of(tmp_path, capsys, arguments, told):
    (tmp_path / "scenarios").mkdir()
    (tmp_path / "scenarios" / "site.yaml").write_text(SMALL, "utf-8")
    (tmp_path / "week.xlsx").write_bytes(b"PK")
    assert command(tmp_path, *arguments) == 2
    assert capsys.readouterr().err == f"{told}\n"
