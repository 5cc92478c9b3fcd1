"""Safety as a condition of every answer: worked out by hand, then from the command line."""

import re

import numpy as np
import pandas as pd
import pytest

from sim.scenario.errors.problem import ScenarioError
from sim.scenario.load import scenario_from_text
from sim.scenario.model.design import Allowed
from sim.size.observation import LATEST, last_out
from sim.size.safety import NEVER, safety_of
from tests.size_referee import is_safe
from tests.study.size.test_size import contents, sized
from tests.support.command import call

SITE = """\
name: safe
horizon: {weeks: 2}
opening: {hours: 10:00-18:00}
demand: {visits_per_day: 60, profile: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1,
  0, 0, 0, 0, 0, 0]}
visits:
  use: {rooms: [a], stay: 20, patience: 30RISK}
rooms: {a: {places: 3}}
supervision: [{rooms: [a], roles: [nurse, helper], minimum: 2, at_least: {nurse: 1}}]
OVERDOSE
staff:
  roles: {nurse: {cost_per_hour: 40}, helper: {cost_per_hour: 30}}
  stay_until_empty: STAY
  rota:
    - {role: nurse, from: 09:30, to: NURSE, count: 1BREAK}
    - {role: helper, from: 09:30, to: HELPER, count: 2}
    - {role: nurse, from: 06:00, to: 07:00, count: 3} # before opening: of no use to anybody
    - {role: helper, from: 06:00, to: 07:00, count: 3}
RULES
targets: [unserved <= 10 %]
design:
  vary: {rooms.a.places: 3:5, staff.rota.0.count: 1:2}
  costs: {place: {a: 1000}}
  allow: [ALLOW]
"""
BREAK = ", breaks: [{length: 30, from: 12:00, to: 14:00}]"
TEAM = "overdose: {severities: {any: {share: 1, team: TEAM, intensive: 5}}}"


def text(nurse="18:30", helper="18:30", rest="", team="", *, rules="", allow="", stay="false"):
    found = SITE.replace("STAY", stay)
    found = found.replace("NURSE", nurse).replace("HELPER", helper).replace("BREAK", rest)
    found = found.replace("RISK", ", overdose: {per_1000: 1, onset: 3}" if team else "")
    found = found.replace("OVERDOSE", TEAM.replace("TEAM", team) if team else "")
    return found.replace("RULES", rules).replace("ALLOW", allow)


def broken(*args, **kwargs):
    return safety_of(scenario_from_text(text(*args, **kwargs))).broken


@pytest.mark.parametrize(
    ("hours", "words"),
    [
        ("10:00-20:00", "2 nurse or helper; 0 there on 2026-01-08 at 18:30, 90 minutes"),
        ("[07:00-08:00, 12:00-14:00]", "2 nurse or helper; 0 there on 2026-01-08 at 07:00, 60"),
        ("10:00-18:30", ""),
        ("closed", ""),
    ],
)
def test_dates_with_hours_of_their_own(hours, words):
    dated = text().replace("10:00-18:00}", f"10:00-18:00, dates: {{2026-01-08: {hours}}}}}", 1)
    scenario = scenario_from_text(dated)
    found = safety_of(scenario)
    assert is_safe(scenario, 0) == (not words)
    assert bool(found.broken) == bool(words)
    if words:
        assert words in found.broken[0].words
        assert found.shortage == 0  # of an ordinary week
    after_the_horizon = dated.replace("2026-01-08", "2026-02-08")
    assert safety_of(scenario_from_text(after_the_horizon)).broken == ()


def test_who_is_inside_after_a_later_closing_on_a_date():
    """The rota ends 30 minutes after the usual closing, and 10 after that of the date."""
    dated = text().replace("10:00-18:00}", "10:00-18:00, dates: {2026-01-08: 10:00-18:20}}", 1)
    assert safety_of(scenario_from_text(text())).after_closing == 30
    assert safety_of(scenario_from_text(dated)).after_closing == 10


UNSTAFFED = """\
name: late
horizon: {weeks: 1}
opening: {hours: 10:00-18:00, queue_at_close: serve}
demand: {visits_per_day: 200, profile: flat}
visits: {use: {rooms: [a], stay: 60}}
rooms: {a: {places: 3}}
"""


@pytest.mark.parametrize(
    "staff",
    [
        "",
        """\
supervision: [{rooms: [a], roles: [nurse]}]
staff: {roles: {nurse: {}}, rota: [{role: nurse, from: 00:00, to: 24:00}]}
""",
    ],
    ids=["no rule", "round the clock"],
)
def test_nobody_is_missed_however_late_the_last_person_leaves(staff):
    """Twenty hours of work are left over at closing."""
    known = safety_of(scenario_from_text(UNSTAFFED + staff))
    assert known.after_closing == NEVER
    for minutes in (0.0, 719.0, float("inf")):
        assert known.unattended(minutes) == ""
        assert known.late(minutes) is None


def test_staff_who_stay_for_seven_hours_are_there_for_who_leaves_after_six():
    scenario = scenario_from_text(text(nurse="01:00 next day", helper="01:00 next day"))
    known = safety_of(scenario)
    assert known.after_closing == 420
    late = np.zeros(LATEST + 1, dtype=np.int32)
    late[[380, 400]] = 99, 1
    assert known.unattended(last_out(late, 0.95)) == ""
    assert known.unattended(last_out(late[::-1], 0.95) + 421)


def test_nothing_is_broken_where_everybody_is_there():
    found = safety_of(scenario_from_text(text()))
    assert found.broken == ()
    assert found.shortage == 0
    assert found.after_closing == found.nobody_after == 30  # minutes


def test_the_only_nurse_on_her_break():
    found = safety_of(scenario_from_text(text(rest=BREAK)))
    (one,) = found.broken  # two helpers are two of those who count
    assert one.kind is Allowed.SUPERVISION
    assert one.words == (
        "supervision of a needs 1 nurse; 0 there mon 14:00-14:30, 210 minutes a week in all "
        "(breaks counted)"
    )
    assert found.shortage == 7 * 30
    assert broken(rest=BREAK, allow="supervision_unmet") == ()


def test_two_nurses_take_their_breaks_one_after_another():
    two = text(rest=BREAK).replace("count: 1, breaks", "count: 2, breaks")
    assert safety_of(scenario_from_text(two)).broken == ()
    short = two.replace("from: 12:00, to: 14:00", "from: 13:50, to: 14:00")
    assert safety_of(scenario_from_text(short)).shortage == 7 * 30


@pytest.mark.parametrize(
    ("team", "ok"),
    [
        ("[[nurse]]", True),
        ("[[nurse], [nurse]]", False),
        ("[[nurse], [helper], [helper]]", True),
        ("[[nurse, helper], [nurse, helper], [nurse, helper]]", True),
        ("[[nurse, helper], [nurse, helper], [nurse, helper], [helper]]", False),
        ("[[helper], [helper], [helper, nurse]]", True),
        ("[[helper], [helper], [helper]]", False),
        ("[]", True),
    ],
)
def test_a_team_for_an_overdose_can_be_made_up(team, ok):
    found = broken(team=team)
    assert (found == ()) is ok
    assert {one.kind for one in found} <= {Allowed.RESPONSE}
    assert broken(team=team, allow="response_unstaffed") == ()
    # The referee tries every order of the seats.
    assert is_safe(scenario_from_text(text(team=team, allow="")), 0.0) is ok


def test_until_the_last_person_has_left():
    found = safety_of(scenario_from_text(text(nurse="18:15")))
    assert found.after_closing == 15
    assert found.late(15) is None
    late = found.late(16)
    assert late is not None
    assert late.words == (
        "supervision of a needs 1 nurse; fewer are there from 18:15 on; on 1 day in 20 somebody is "
        "inside until 16 min after closing, or longer"
    )
    allowed = safety_of(scenario_from_text(text(nurse="18:15", allow="supervision_unmet")))
    assert allowed.late(16) is None
    assert allowed.unattended(16)
    beyond = safety_of(scenario_from_text(text(nurse="24:00", helper="24:00")))
    assert beyond.after_closing == 6 * 60
    assert safety_of(scenario_from_text(text(nurse="18:15", stay="true"))).after_closing == NEVER
    always = text(nurse="24:00", helper="24:00").replace("from: 09:30", "from: 00:00")
    always = always.replace("06:00, to: 07:00, count: 3", "10:00, to: 11:00, count: 1")
    assert safety_of(scenario_from_text(always)).after_closing == NEVER


@pytest.mark.parametrize(
    ("nurse", "helper", "gap"),
    [
        # Until the minute of closing, or later: as many stay as it takes.
        ("18:00", "18:00", NEVER),
        ("18:30", "18:00", NEVER),
        # A shift that ends before is not prolonged.
        ("17:59", "18:00", 0),
        ("18:00", "17:59", 0),
    ],
)
def test_who_stays_after_closing_is_there(nurse, helper, gap):
    site = scenario_from_text(text(nurse, helper, team="[[helper]]", stay="true"))
    found = safety_of(site)
    assert found.after_closing == gap
    assert found.nobody_after == NEVER
    for minutes in (0, 90):
        assert is_safe(site, minutes) == (not found.broken and found.late(minutes) is None)
    assert safety_of(scenario_from_text(text("18:00", "18:00"))).nobody_after == 0


def test_the_team_must_be_there_too_until_the_last_person_has_left():
    site = scenario_from_text(text(helper="18:10", team="[[nurse], [helper]]"))
    found = safety_of(site)
    assert found.after_closing == 10
    late = found.late(11)
    assert late is not None
    assert late.kind is Allowed.SUPERVISION
    team = safety_of(
        scenario_from_text(
            text(helper="18:10", team="[[nurse], [helper]]", allow="supervision_unmet")
        )
    )
    late = team.late(11)
    assert late is not None
    assert late.kind is Allowed.RESPONSE
    assert "the team for an overdose (any) needs 1 helper" in late.words
    assert is_safe(site, 10)
    assert not is_safe(site, 11)


def test_rules_of_the_rota_where_the_scenario_states_some():
    assert broken(rules="") == ()
    found = broken(rules="rota_rules: {minimum: 2}")
    assert {one.kind for one in found} == {Allowed.ROTA}
    assert any("breaks: " in one.words for one in found)
    assert broken(rules="rota_rules: {minimum: 2}", allow="rota_rules_broken") == ()


def test_quantile_of_the_last_to_leave():
    late = np.zeros(LATEST + 1, dtype=np.int32)
    late[[0, 10, 20]] = 90, 5, 5
    assert last_out(late, 0.95) == 10
    assert last_out(late, 0.9) == 0
    assert last_out(late, 0.96) == 20
    late[LATEST] = 10
    assert last_out(late, 0.95) == float("inf")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def designs(folder):
    return pd.read_csv(folder / "out" / "designs.csv", keep_default_na=False)


@pytest.mark.slow
def test_a_design_that_breaks_a_rule_is_shown_and_never_the_answer(folder, monkeypatch, capsys):
    path = folder / "safe.yaml"
    path.write_text(text(rest=BREAK), "utf-8")
    sized(monkeypatch, path, folder / "out")
    printed = capsys.readouterr().out
    assert all(len(line) <= 80 for line in printed.splitlines() if "Results" not in line)
    table = designs(folder)
    chosen = table[table["status"] == "chosen"].iloc[0]
    assert chosen["staff.rota.0.count"] == 2
    assert set(table["status"][table["staff.rota.0.count"] == 1]) == {"breaks a rule"}
    assert "break a safety rule" in printed
    assert "no open minute is below a rule of supervision" in printed
    # Allowed, the single nurse is cheaper.
    path.write_text(text(rest=BREAK, allow="supervision_unmet"), "utf-8")
    sized(monkeypatch, path, folder / "out")
    assert "which design.allow permits" in capsys.readouterr().out.replace("\n", " ")
    table = designs(folder)
    assert table[table["status"] == "chosen"].iloc[0]["staff.rota.0.count"] == 1


@pytest.mark.slow
def test_every_design_breaks_a_rule(folder, monkeypatch, capsys):
    path = folder / "safe.yaml"
    # Somebody is inside for up to 20 minutes after closing; the nurses go at once.
    path.write_text(text(nurse="18:00"), "utf-8")
    sized(monkeypatch, path, folder / "out")
    printed = capsys.readouterr().out
    assert "Every design that meets the targets breaks a safety rule" in printed
    assert "fewer are there from 18:00 on" in printed.replace("\n    ", " ")
    assert "supervision_unmet" in printed
    assert not (folder / "out" / "chosen.yaml").exists()
    assert "chosen" not in set(designs(folder)["status"])
    # Broken before anything is played.
    path.write_text(text(team="[[nurse], [nurse], [nurse]]"), "utf-8")
    sized(monkeypatch, path, folder / "out")
    printed = capsys.readouterr().out
    assert "Every design within these bounds breaks a safety rule" in printed
    assert "response_unstaffed" in printed


@pytest.mark.slow
def test_the_same_by_several_workers_and_from_what_was_kept(folder, monkeypatch):
    path = folder / "safe.yaml"
    path.write_text(text(rest=BREAK), "utf-8")
    sized(monkeypatch, path, folder / "a", "--workers", "1")
    sized(monkeypatch, path, folder / "b", "--workers", "2")
    sized(monkeypatch, path, folder / "c", "--no-cache")
    assert contents(folder / "a") == contents(folder / "b") == contents(folder / "c")


@pytest.fixture
def checked(folder, monkeypatch, capsys):
    def check(scenario):
        path = folder / "safe.yaml"
        path.write_text(scenario, "utf-8")
        assert call(monkeypatch, "check", str(path)) == 0
        return " ".join(capsys.readouterr().out.split())

    return check


def test_check_knows_what_no_design_can_meet(checked):
    busy = text().replace("visits_per_day: 60", "visits_per_day: 300")
    printed = checked(busy)
    # 13 of 14 days, 8 hours, 5 places: (480 + 30) / 20 = 25.5 each; 300 - 127.5 of 300.
    assert "no design under design.vary can meet `unserved <= 10 %`" in printed
    assert f"at least {100 * 13 / 14 * 172.5 / 300:.3g} % of the visits stay unserved" in printed
    alone = busy[: busy.index("design:")]
    printed = checked(alone)
    assert "`unserved <= 10 %` cannot be met with these places" in printed
    assert "cannot be met" not in checked(text()[: text().index("design:")])
    assert "no design" not in checked(text())


@pytest.mark.slow
def test_check_knows_that_size_will_have_no_answer(checked):
    printed = checked(text(team="[[nurse], [nurse], [nurse]]"))
    assert "every design under design.vary breaks a safety rule" in printed
    assert "even in the dearest the team for an overdose (any) needs 3 nurse" in printed
    assert "breaks a safety rule" not in checked(text(rest=BREAK))


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("supervision_unmt", "must be a list, such as [supervision_unmet], not 'supervision_unmt'"),
        ("[rota_rules]", "not 'rota_rules'; did you mean `rota_rules_broken`?"),
        (
            "[response_unstaffed, response_unstaffed]",
            "has response_unstaffed twice; keep one of them",
        ),
    ],
)
def test_what_may_be_broken_is_a_list_of_known_rules_each_once(written, message):
    site = text().replace("allow: []", f"allow: {written}")
    with pytest.raises(ScenarioError, match=re.escape(message)):
        scenario_from_text(site)
