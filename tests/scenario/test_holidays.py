"""Public holidays: which days they are, and what goes by them, worked out by hand."""

import json
from datetime import date
from pathlib import Path

import pytest

from sim.engine import Engine
from sim.measures.figures.cost import cost_per_week, hours_per_week
from sim.results.scenario import scenario_yaml
from sim.scenario import ScenarioError
from sim.scenario.derived.calendar import rates_of, site_spans
from sim.scenario.derived.outlook import outlook
from sim.scenario.derived.roster import people_on_shift
from sim.scenario.load import scenario_from_text
from sim.study import Plan, run_study
from tests.support.command import call

CHRISTMAS = """\
name: holidays
horizon: {start: 2026-12-21, weeks: 2}
holidays: {country: DK, also: {2026-12-24: Christmas Eve}}
opening: {hours: 09:00-17:00, holidays: closed}
demand: {visits_per_day: 60, profile: flat}
visits:
  use: {rooms: [r], stay: 20}
rooms: {r: {places: 8}}
supervision: [{rooms: [r], roles: [nurse]}]
staff:
  roles: {nurse: {cost_per_hour: 100}}
  holidays: never
  rota:
    - {role: nurse, from: 09:00, to: "17:00"}
"""
SHUT = [date(2026, 12, 24), date(2026, 12, 25), date(2026, 12, 26), date(2027, 1, 1)]
"""Christmas Eve is none of the country's, the others are."""


def site(*sets, text=CHRISTMAS):
    return scenario_from_text(text, sets)


def test_closed_and_staff_at_home_on_four_days_of_two_weeks():
    """10 days of 8 hours in two weeks: 40 h and 4,000 a week; 20 of 60 visits on 10 of 14 days."""
    scenario = site()
    assert [len(site_spans(scenario)), len(people_on_shift(scenario)) - 1] == [10, 10]
    assert [scenario.horizon.date_of(int(start // 1440)) for start, _ in site_spans(scenario)] == [
        on for on in map(scenario.horizon.date_of, range(14)) if on not in SHUT
    ]
    assert hours_per_week(scenario, 0) == pytest.approx(40)
    assert cost_per_week(scenario, 0) == pytest.approx(4000)
    assert outlook(scenario).visits_per_day == pytest.approx(20 * 10 / 14)
    told = " ".join(outlook(scenario).warnings)
    assert "no shift on" not in told
    assert "on duty" not in told


def test_check_names_the_days(monkeypatch, capsys, tmp_path):
    monkeypatch.chdir(tmp_path)
    Path("site.yaml").write_text(CHRISTMAS, "utf-8")
    assert call(monkeypatch, "check", "site.yaml") == 0
    out = " ".join(capsys.readouterr().out.split())
    for words in (
        "public holidays (DK, holidays ",
        "thu 2026-12-24 Christmas Eve, fri 2026-12-25 Christmas Day",
        "thu 2026-12-24 to sat 2026-12-26 closed",
    ):
        assert words in out


def test_hours_of_a_sunday_and_dates_that_are_named_go_before_them():
    hours = "opening.hours={mon-sat: '09:00-17:00', sun: '11:00-15:00'}"
    scenario = site(hours, "opening.holidays=sun", "opening.dates={2026-12-25: '12:00-13:00'}")
    spans = {int(start // 1440): (start % 1440, end % 1440) for start, end in site_spans(scenario)}
    assert {day: spans[day] for day in (3, 4, 5, 11)} == {
        3: (11 * 60, 15 * 60),
        4: (12 * 60, 13 * 60),
        5: (11 * 60, 15 * 60),
        11: (11 * 60, 15 * 60),
    }


def test_demand_on_them():
    scenario = site("demand.holidays={visits: 0.5, overdoses: 3}")
    assert [rates_of(scenario).special[day + 1] for day in (2, 3, 4, 5, 6, 11)] == [
        1, 0.5, 0.5, 0.5, 1, 0.5,
    ]  # fmt: skip
    assert scenario.demand.overdose_factor(date(2027, 1, 1)) == 3


def test_a_line_that_is_worked_only_then_and_dearer_hours():
    """8 h on 10 days and 4 h on 4; the latter twice as dear: (80 + 2 x 16) x 100 in two weeks."""
    lines = (
        "[{role: nurse, from: 09:00, to: '17:00'},"
        "{role: nurse, from: 10:00, to: '14:00', holidays: only}]"
    )
    dear = "staff.unsocial=[{from: 00:00, to: '24:00', holidays: only, multiplier: 2}]"
    scenario = site(f"staff.rota={lines}", dear)
    assert [hours_per_week(scenario, line) for line in (0, 1)] == pytest.approx([40, 8])
    assert [cost_per_week(scenario, line) for line in (0, 1)] == pytest.approx([4000, 1600])
    never = site(
        "staff.holidays=also",
        "staff.unsocial=[{from: 00:00, to: '24:00', holidays: never, multiplier: 2}]",
    )
    # 14 days of 8 h, on 10 of which an hour costs twice.
    assert cost_per_week(never, 0) == pytest.approx((10 * 2 + 4) * 8 * 100 / 2)


def test_on_its_weekdays_only():
    lines = "staff.rota=[{role: nurse, from: 10:00, to: '14:00', days: mon-fri, holidays: only}]"
    days = [one.day for one in people_on_shift(site(lines))]
    assert days == [3, 4, 11]  # the 26th is a Saturday


def test_overtime_on_them_is_paid_as_they_are():
    """One person stays from 14:00, shifts end at 14:00, closing is at 17:00: 3 h of each day."""
    text = CHRISTMAS.replace('to: "17:00"', 'to: "14:00"').replace(
        "holidays: never", "holidays: also"
    )
    text = text.replace(
        "opening: {hours: 09:00-17:00, holidays: closed}", "opening: {hours: 09:00-14:00}"
    )
    text = text.replace("visits_per_day: 60, profile: flat", "arrivals: [{at: 830, kind: use}, "
                        "{at: 6590, kind: use}]")  # fmt: skip
    text += "  unsocial: [{from: 00:00, to: '24:00', holidays: only, multiplier: 3}]\n"
    result = run_study(site(text=text), Plan(replications=1, seed=1, workers=1))
    table = result.summary.set_index(["metric", "statistic", "by"])["value"]
    # 10 minutes of overtime on Monday 21 and on Friday 25 December, a holiday.
    assert table["cost", "overtime_per_week", "all"] == pytest.approx(10 / 60 * 100 * (1 + 3) / 2)


def test_both_engines_play_the_same():
    scenario = site("demand.holidays={visits: 2}", "opening.holidays='10:00-14:00'")
    logs = [
        run_study(scenario, Plan(replications=2, seed=3, workers=1, engine=engine)).summary
        for engine in (Engine.FAST, Engine.SIMPY)
    ]
    assert logs[0].equals(logs[1])


def test_results_read_again_look_nothing_up(monkeypatch):
    scenario = site("demand.holidays={visits: 0.5}")
    text = scenario_yaml(scenario)
    monkeypatch.setitem(__import__("sys").modules, "holidays", None)
    again = scenario_from_text(text)
    assert again == scenario
    assert scenario_yaml(again) == text
    assert len(again.demand.special_days) == 1


def test_without_holidays_nothing_is_said_of_them():
    text = CHRISTMAS.replace("holidays: {country: DK, also: {2026-12-24: Christmas Eve}}\n", "")
    text = text.replace(", holidays: closed", "").replace("  holidays: never\n", "")
    assert "holidays:" not in scenario_yaml(site(text=text))


@pytest.mark.parametrize(
    ("sets", "words"),
    [
        (["holidays.country=Denmrk"], "holidays are known; did you mean `Denmark`?"),
        (["holidays.country=XX"], "write two letters such as DK"),
        (["holidays.country=DE", "holidays.region=Bayrn"], "did you mean `Bayern`?"),
        (["holidays.country=DE", "holidays.region=Paris"], "known: BB, BE, BW"),
        (["holidays.categories=[publik]"], "no sort of holiday of DK; did you mean `public`?"),
        (["opening.holidays=shut"], "opening.holidays"),
        (["staff.holidays=sometimes"], "staff.holidays"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told(sets, words):
    with pytest.raises(ScenarioError) as refused:
        site(*sets)
    assert words in str(refused.value)


def test_names_in_four_languages_and_regions_by_name():
    for country in ("dk", "Danmark", "Dänemark", "Danemark", "Denmark"):
        assert site(f"holidays.country={country}").holidays.days.keys() >= set(SHUT[1:])
    epiphany = ("horizon.start=2027-01-04", "holidays.country=DE")
    assert date(2027, 1, 6) not in site(*epiphany).holidays.days
    assert date(2027, 1, 6) in site(*epiphany, "holidays.region=Bayern").holidays.days
    without = site("holidays.without=[2026-12-26]")
    assert date(2026, 12, 26) not in without.holidays.days


def test_the_package_is_named_where_it_is_missing(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "holidays", None)
    with pytest.raises(ScenarioError, match=r"dcr-sim\[holidays\]"):
        site("holidays.country=SE")
    text = CHRISTMAS.replace("country: DK, ", "")
    assert list(site(text=text).holidays.days) == [date(2026, 12, 24)]


def test_holidays_that_are_not_said():
    text = CHRISTMAS.replace("holidays: {country: DK, also: {2026-12-24: Christmas Eve}}\n", "")
    with pytest.raises(ScenarioError) as refused:
        site(text=text)
    told = str(refused.value).splitlines()
    assert len(told) == 2
    assert "write holidays: {country: DK} at its top level" in told[0]


def test_the_manifest_has_the_version(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    Path("site.yaml").write_text(CHRISTMAS, "utf-8")
    arguments = ("--replications", "1", "--workers", "1", "--no-report", "--out", "out")
    assert call(monkeypatch, "run", "site.yaml", *arguments) == 0
    said = json.loads(Path("out/manifest.json").read_text("utf-8"))["packages"]
    assert said["holidays"].count(".") == 1
