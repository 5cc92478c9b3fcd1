"""What staff who stay after closing work beyond the rota, by play, and the rules that breaks."""

from pathlib import Path

import pytest

from sim.rota.check.check import check_rota
from sim.rota.check.overtime import Risk, may_stay, play_overtime
from sim.rota.check.rules import Rule
from sim.scenario.load import scenario_from_text
from sim.scenario.model.scenario import Scenario
from sim.study import Plan
from tests.support.command import call

# Two weeks from a Monday; somebody comes ten minutes before the first closing, for half an hour.
SITE = """\
name: late
horizon: {start: 2026-01-05, weeks: 2}
opening: {hours: 08:00-20:00}
demand: {arrivals: [{at: 1190, kind: use}]}
visits: {use: {rooms: [booths], stay: 30}}
rooms: {booths: {places: 2}}
supervision: [{rooms: [booths], roles: [nurse], minimum: 1}]
rota_rules: {minimum: 0}
staff:
  roles: {nurse: {}}
  rota:
    - {role: nurse, name: day, from: 07:00, to: "13:00", people: [Anna]}
    - {role: nurse, name: evening, from: 14:00, to: "20:00", days: [mon, wed], people: [Bo],
       breaks: [{length: 15, from: 16:00, to: "17:00"}]}
    - {role: nurse, name: late, from: 14:00, to: "20:00", days: [tue, thu-sun], people: [Cy]}
"""


def site(*sets: str) -> Scenario:
    return scenario_from_text(SITE, sets)


def test_overtime_of_each_line_a_week():
    """Bo stays from 20:00 to 20:20 on the first Monday: 10 minutes a week."""
    played = play_overtime(site(), Plan())
    # Of fourteen days so many replications as make 20 weeks.
    assert (played.replications, played.days) == (10, 14)
    (line,) = played.lines
    assert (line.line, tuple(line.minutes), line.latest) == ("evening", (10, 10, 10), 20)
    assert line.late == 1 / 4  # of the shifts of two weeks
    assert played.risks == ()


def test_per_person_of_a_line():
    lines = "staff.rota.1={role: nurse, name: evening, from: 14:00, to: '20:00', count: 2}"
    two = play_overtime(site(lines, "supervision.0.minimum=2"), Plan())
    assert [tuple(one.minutes) for one in two.lines] == [(10, 10, 10)]
    # One of two may go: 5 minutes a week of each.
    one = play_overtime(site(lines), Plan())
    assert [tuple(line.minutes) for line in one.lines] == [(5, 5, 5)]


def test_rest_that_is_too_short_by_it():
    """Bo is back at 07:00: eleven hours after 20:00, and 10 h 40 min after 20:20."""
    early = "staff.rota.2={role: nurse, from: 07:00, to: '13:00', days: [tue], people: [Bo]}"
    late = site(early)
    assert not [one for one in check_rota(late).breaches if one.rule is Rule.DAILY_REST]
    # In the first week of two, in each of 10 replications.
    assert play_overtime(late, Plan()).risks == (Risk(Rule.DAILY_REST, "Bo", 10, 20),)
    # What the rota breaks as it is written is told of that, and not again.
    early = early.replace("07:00", "06:00")
    assert [one for one in check_rota(site(early)).breaches if one.rule is Rule.DAILY_REST]
    assert play_overtime(site(early), Plan()).risks == ()


def test_means_are_of_replications():
    hours = "rota_rules.limits.week_hours=12.1"  # Bo has 12, and 10 minutes
    played = play_overtime(site(hours), Plan())
    assert played.risks == (Risk(Rule.WEEK_HOURS, "Bo", 10, 10, mean=True),)


def test_a_shift_of_nobody_with_a_name():
    lines = "staff.rota.1={role: nurse, name: evening, from: 14:00, to: '20:00', days: [mon, wed]}"
    played = play_overtime(site(lines), Plan())
    # Over six hours of work there is to be a break.
    assert played.risks == (Risk(Rule.BREAK, "evening", 10, 20),)


@pytest.mark.parametrize(
    ("sets", "may"),
    [
        ((), True),
        (("staff.stay_until_empty=false",), False),
        (("opening.hours=24/7",), False),
        # On duty until the next opening, and until before the closing.
        (("staff.rota=[{role: nurse, from: 08:00, to: 08:00 next day}]",), False),
        (("staff.rota=[{role: nurse, from: 07:00, to: '19:00'}]",), False),
        (("staff.rota=[{role: nurse, from: 07:00, to: '23:00'}]",), True),
    ],
)
def test_who_may_stay(sets: tuple[str, ...], may: bool):
    assert may_stay(site(*sets)) is may


def test_rota_check_says_what_was_played(tmp_path: Path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    early = "staff.rota.2={role: nurse, from: 07:00, to: '13:00', days: [tue], people: [Bo]}"
    Path("late.yaml").write_text(SITE, "utf-8")
    call(monkeypatch, "rota", "check", "late.yaml", "--set", early)
    shown = capsys.readouterr().out
    assert "10 replications of 14 days were played, 20 weeks" in " ".join(shown.split())
    assert "warning: daily rest, Bo: broken by it in 10 of 20 weeks played" in shown
    call(monkeypatch, "rota", "check", "late.yaml", "--set", "staff.stay_until_empty=false")
    assert "Overtime" not in capsys.readouterr().out


def test_what_would_take_days_is_not_played_and_the_rest_is_checked(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sim.rota.check.overtime.too_long", lambda *_: "that takes days")
    Path("late.yaml").write_text(SITE, "utf-8")
    assert call(monkeypatch, "rota", "check", "late.yaml") == 1  # nobody is there from 13 to 14
    shown = capsys.readouterr().out
    assert "minimum cover       broken" in shown
    assert "Overtime of those who stay after closing was not played: that takes days" in shown
