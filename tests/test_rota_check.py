"""Whether a rota keeps the rules: hand-worked breaches, with where and when."""

from pathlib import Path

import pandas as pd
import pytest

from sim.rota.check import OF_NAMES, check_rota
from sim.rota.rules import Rule, when
from sim.scenario import ScenarioError
from sim.scenario.load import scenario_from_text
from tests.test_cli import call

SITE = """\
name: site
opening: {hours: 08:00-20:00}
demand: {visits_per_day: 50, profile: flat}
visits: {inject: {rooms: [injecting], stay: 30}}
rooms: {injecting: {places: 5}}
supervision:
  - {rooms: [injecting], roles: [nurse, helper], minimum: 2, at_least: {nurse: 1}}
staff:
  roles:
    nurse: {cost_per_hour: 40}
    helper: {cost_per_hour: 30, contract_hours: 30, headroom: 0.2}
  rota:
"""
GOOD = """\
    - {role: nurse, from: 07:30, to: "20:00", breaks: [{length: 30, from: 11:00, to: 13:00}]}
    - {role: nurse, from: 10:00, to: "14:00"}
    - {role: helper, from: 07:45, to: "14:15", count: 2,
       breaks: [{length: 30, from: 11:00, to: 13:00}]}
    - {role: helper, from: 14:00, to: "20:30", count: 1,
       breaks: [{length: 30, from: 17:00, to: 18:00, minimum_left: 0}]}
"""


def checked(lines, *sets):
    return check_rota(scenario_from_text(SITE + lines, sets))


def told(lines, rule, *sets):
    """Where, when and what of the breaches of one rule."""
    found = [one for one in checked(lines, *sets).breaches if one.rule is rule]
    return [(one.where, one.when, one.what) for one in found]


def named(*lines, weeks=1):
    """What is broken for Anna, who works these shifts: days, from, to, weeks."""
    text = GOOD + "".join(
        f"    - {{role: helper, name: n{number}, days: [{days}], from: {start}, to: {end}, "
        f"weeks: {of or []}, people: [Anna], breaks: [{{length: 15, from: {start}, to: {end}}}]}}\n"
        for number, (days, start, end, of) in enumerate(lines)
    )
    found = checked(text, f"staff.cycle_weeks={weeks}").breaches
    return [(one.rule, one.when, one.what) for one in found if one.where == "Anna"]


# --- cover -------------------------------------------------------------------------------------


def test_a_rota_that_keeps_the_rules_but_for_one_break():
    """From 17 to 18 there is one nurse and one helper: whoever has a break leaves one."""
    found = checked(GOOD)
    assert {one.rule for one in found.breaches} == {Rule.BREAK_COVER}
    assert {one.when for one in found.breaches} == {"17:00-18:00"}
    assert found.unchecked == OF_NAMES


def test_minimum_cover_and_skill_mix_by_the_minute():
    lines = """\
    - {role: nurse, from: 08:00, to: "20:00", days: mon-sat}
    - {role: helper, from: 08:30, to: "19:45", days: mon-sat}
    - {role: helper, from: 08:00, to: "20:00", days: sun, count: 2}
"""
    cover = told(lines, Rule.COVER)
    assert len(cover) == 12
    assert cover[0] == (
        "injecting",
        "mon 08:00-08:30",
        "1 on duty, 2 needed (nurse or helper)",
    )
    assert cover[1][1] == "mon 19:45-20:00"
    assert told(lines, Rule.SKILL) == [
        ("injecting", "sun 08:00-20:00", "0 on duty, 1 needed (nurse)")
    ]
    hours = [one.hours for one in checked(lines).breaches if one.rule is Rule.TOGETHER]
    assert hours == pytest.approx([0.5, 0.25] * 6)
    assert not told(lines, Rule.TOGETHER, "rota_rules.minimum=1")


def test_a_night_that_runs_into_the_next_week_and_a_cycle():
    lines = """\
    - {role: nurse, from: 00:00, to: "24:00"}
    - {role: helper, from: 20:00, to: 08:00 next day, weeks: [1]}
    - {role: helper, from: 08:00, to: "20:00"}
"""
    sets = ('opening.hours="24/7"', "staff.cycle_weeks=2")
    cover = told(lines, Rule.COVER, *sets)
    assert len(cover) == 7
    assert cover[0][1] == "week 2 mon 20:00 - tue 08:00"
    # The Sunday night of week 2 runs into the Monday of week 1: one span, told once.
    assert cover[-1][1] == "week 2 sun 20:00 - mon 08:00"


def test_handover():
    assert not told(GOOD, Rule.HANDOVER, "rota_rules.handover=15")
    assert told(GOOD, Rule.HANDOVER, "rota_rules.handover=20")[0] == (
        "helper",
        "mon 14:15",
        "15 min of overlap, 20 needed",
    )


# --- shifts ------------------------------------------------------------------------------------


def test_length_and_breaks_of_shifts():
    lines = """\
    - {role: nurse, name: long, from: 07:00, to: "20:30",
       breaks: [{length: 10, from: 11:00, to: 13:00}]}
    - {role: helper, name: six, from: 08:00, to: "14:00"}
    - {role: helper, name: more, from: 14:00, to: "20:01"}
"""
    assert told(lines, Rule.LONGEST_SHIFT) == [("long", "every time", "13.5 h long; at most 13 h")]
    assert not told(lines, Rule.LONGEST_SHIFT, "rota_rules.limits.longest_shift=14 h")
    assert [where for where, _, _ in told(lines, Rule.BREAK)] == ["long", "more"]
    assert not told(
        lines,
        Rule.BREAK,
        "rota_rules.limits.shortest_break=10",
        "rota_rules.limits.break_after=6.1 h",
    )


# --- people ------------------------------------------------------------------------------------


def test_eleven_hours_of_rest():
    assert named(("mon", "14:00", "22:00", None), ("tue", "09:00", "15:00", None)) == []
    assert named(("mon", "14:00", "22:00", None), ("tue", "08:30", "15:00", None)) == [
        (
            Rule.DAILY_REST,
            "mon 22:00 - tue 08:30",
            "10.5 h between n0 and n1; at least 11 h",
        )
    ]
    # From the end of the cycle to its beginning.
    late = named(("sun", "15:00", "23:00", None), ("mon", "07:00", "12:00", None))
    assert [(rule, when) for rule, when, _ in late] == [(Rule.DAILY_REST, "sun 23:00 - mon 07:00")]


def test_two_shifts_at_once():
    found = named(("mon", "08:00", "16:00", None), ("mon", "15:00", "20:00", None))
    assert found == [(Rule.OVERLAP, "mon 15:00", "n0 and n1 overlap by 1 h")]


def test_a_day_and_eleven_hours_of_rest_in_every_week():
    assert named(("mon, tue, wed, thu, fri, sat", "08:00", "16:00", None)) == []
    # 35 h exactly, from Saturday 21:00 to Monday 08:00.
    assert named(("mon, tue, wed, thu, fri, sat", "13:00", "21:00", None)) == []
    found = named(("mon, tue, wed, thu, fri, sat, sun", "09:00", "14:00", None))
    assert found == [(Rule.WEEKLY_REST, "week 1", "longest rest 19 h; at least 35 h")]
    # A week off is rest enough, and the next week has none.
    found = named(("mon, tue, wed, thu, fri, sat, sun", "09:00", "14:00", [1]), weeks=2)
    assert found == [(Rule.WEEKLY_REST, "week 1", "longest rest 19 h; at least 35 h")]


def test_forty_eight_hours_a_week_on_average():
    six = "mon, tue, wed, thu, fri, sat"
    assert named((six, "08:00", "16:00", None)) == []
    assert named((six, "08:00", "16:06", None)) == [
        (Rule.WEEK_HOURS, "the whole cycle", "48.6 h a week on average; at most 48")
    ]
    # 60 h in one week of two is 30 on average.
    assert named((six, "08:00", "18:00", [1]), weeks=2) == []


def test_the_worst_reference_period_of_a_long_cycle():
    six = "mon, tue, wed, thu, fri, sat"
    weeks = list(range(3, 21))
    found = named((six, "08:00", "17:00", weeks), weeks=20)
    assert found == [(Rule.WEEK_HOURS, "weeks 3 to 19", "54 h a week on average; at most 48")]


def test_night_workers_eight_hours_in_twenty_four():
    """Five nights of ten hours: 50 ÷ 6 = 8.33 h; four are 6.67."""
    night = ("22:00", "08:00 next day", None)
    found = named(("mon, tue, wed, thu, fri", *night))
    assert [rule for rule, _, _ in found] == [Rule.WEEK_HOURS, Rule.NIGHT_HOURS]
    assert found[1][2].startswith("8.33 h in 24 h on average")
    assert named(("mon, tue, wed, thu", *night)) == []
    # An evening shift has an hour of night time: nobody's night shift.
    late = named(("mon, tue, wed, thu, fri", "13:00", "23:00", None))
    assert [rule for rule, _, _ in late] == [Rule.WEEK_HOURS]


# --- the rest ----------------------------------------------------------------------------------


def test_posts():
    """Nurses: 12.5 + 4 h a day ÷ (37 × 0.78); helpers: 13 + 6.5 h a day ÷ (30 × 0.8)."""
    table = checked(GOOD).posts.set_index("role")
    assert table.loc["nurse", "wte"] == pytest.approx(16.5 * 7 / (37 * 0.78))
    assert table.loc["helper", "wte"] == pytest.approx(19.5 * 7 / 24)
    assert table.loc["helper", "cost_per_week"] == pytest.approx(19.5 * 7 * 30)


def test_how_times_are_told():
    week = 7 * 1440
    assert when(330, 360, week) == "mon 05:30-06:00"
    assert when(1380, 1440, week) == "mon 23:00-24:00"
    assert when(6 * 1440 + 1380, 7 * 1440 + 60, week) == "sun 23:00 - mon 01:00"
    assert when(week + 60, week + 60, 2 * week) == "week 2 mon 01:00"
    assert when(0, week, week) == "always"


def test_rota_check_prints_and_ends_with_a_status(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    Path("site.yaml").write_text(SITE + GOOD, "utf-8")
    assert call(monkeypatch, "rota", "check", "site.yaml", "--out", "breaches.csv") == 1
    printed = capsys.readouterr().out
    assert max(len(line) for line in printed.splitlines()) <= 80
    assert "cover of breaks     broken" in printed
    assert "Not checked, as the rota has no names" in printed
    table = pd.read_csv("breaches.csv")
    assert list(table.columns) == ["rule", "where", "when", "what", "hours_per_week", "source"]
    relief = '    - {role: helper, from: 16:30, to: "19:00", count: 2}\n'
    relief += '    - {role: nurse, from: 16:30, to: "19:00"}\n'
    Path("site.yaml").write_text(SITE + GOOD + relief, "utf-8")
    assert call(monkeypatch, "rota", "check", "site.yaml") == 0
    assert "broken" not in capsys.readouterr().out


# --- what the scenario refuses -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ("staff.rota.2.people=[Bo]", "names 1 people, but its count is 2"),
        ("staff.rota.2.people=[Bo, Bo]", "names somebody twice: Bo, Bo"),
        ("rota_rules.at_least.nurze=1", "'nurze' is not a role of this scenario; did you mean"),
        ("rota_rules.need.waiting=0", "must be more than 0"),
        ("rota_rules.limits.daily_rest=soon", "must be minutes, or a duration"),
    ],
)
def test_rules_and_names_that_make_no_sense_are_refused(setting, words):
    with pytest.raises(ScenarioError) as refused:
        scenario_from_text(SITE + GOOD, [setting])
    assert words in str(refused.value)
