"""Whether a rota keeps the rules: hand-worked breaches, with where and when."""

from pathlib import Path

import pandas as pd
import pytest

from sim.rota.check.check import OF_NAMES, check_rota
from sim.rota.check.rules import Rule, when
from sim.scenario import ScenarioError
from sim.scenario.load import scenario_from_text
from tests.support.command import call

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


def test_a_shift_that_is_too_long_is_told_of_somebody_with_a_name_too():
    """It was told of nobody who is on one shift only."""
    found = named(("mon", "06:00", '"20:30"', None))
    assert (Rule.LONGEST_SHIFT, "mon 06:00-20:30") in [one[:2] for one in found]


BREAKING = """\
    - {role: nurse, from: 07:30, to: "20:30", name: early,
       breaks: [{length: 30, from: 11:00, to: 13:00, minimum_left: 2, minimum_left_of: OF}]}
    - {role: nurse, from: 10:00, to: "20:30", breaks: [{length: 30, from: "18:00", to: "18:00"}]}
    - {role: helper, from: 07:45, to: "20:30", breaks: [{length: 30, from: 15:00, to: 16:00}]}
    - {role: helper, from: 07:30, to: "11:30"}
"""


def test_who_is_left_during_a_break_may_be_of_several_roles():
    """A nurse and two helpers until 11:30, then a nurse and a helper: two of both at any time."""
    assert told(BREAKING.replace("OF", "[nurse, helper]"), Rule.BREAK_COVER) == []
    # Two helpers are there until 11:30; of helpers and of no nurse.
    assert told(BREAKING.replace("OF", "[helper]"), Rule.BREAK_COVER) == []
    # Of nurses there is only one other, at any time.
    what = (
        "a break of early never leaves the 2 (nurse) of its minimum_left, and so begins when its "
        "window ends"
    )
    breaches = told(BREAKING.replace("OF", "[nurse]"), Rule.BREAK_COVER)
    assert breaches == [("nurse", "11:00-13:00", what)]


def test_a_break_that_leaves_enough_but_may_not_begin_then():
    """Two others are there until 11:30; another nurse is from 12:00 to 12:20."""
    lines = """\
    - {role: nurse, from: 07:30, to: "20:30", name: early,
       breaks: [{length: 30, from: 11:00, to: 13:00, minimum_left: LEFT}]}
    - {role: helper, from: 07:45, to: "20:30"}
    - {role: helper, from: 07:30, to: "11:30"}
    - {role: nurse, from: 12:00, to: "12:20"}
    """
    any_role = ("supervision.0.at_least={}", "rota_rules.minimum=0")
    assert told(lines.replace("LEFT", "0"), Rule.BREAK_COVER, *any_role) == []
    # It may begin from 12:00 to 12:19, beside a nurse who goes before it is over; or at 13:00.
    breach = ("injecting", "11:00-13:00", "a break of early leaves fewer than 2 (nurse or helper)")
    assert told(lines.replace("LEFT", "1"), Rule.BREAK_COVER, *any_role) == [breach]


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
            "10.5 h of rest in the 24 h from mon 14:00; at least 11 h",
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


# --- working days ------------------------------------------------------------------------------

DAYS_OF = """\
name: days
opening: {hours: 06:00-22:00}
demand: {visits_per_day: 10, profile: flat}
visits: {care: {services: {care: 1}}}
services: {care: {duration: 20, roles: [worker]}}
rota_rules: {minimum: 0, limits: {shortest_break: 30 min}}
staff:
  roles: {worker: {}}
  rota:
"""
REST_9 = ", breaks: [{length: 30, from: 09:00, to: '11:00'}]"


def days_of(*rows, sets=()):
    """What is broken by one person's rows: days, from, to and what else a line has."""
    text = DAYS_OF + "".join(
        f"    - {{role: worker, name: r{number}, {when}, from: {start}, to: {end}, people: [Bo]"
        f"{more}}}\n"
        for number, (when, start, end, more) in enumerate(rows)
    )
    found = check_rota(scenario_from_text(text, sets)).breaches
    return [(one.rule, one.where, one.when) for one in found]


def test_rows_of_a_person_with_half_an_hour_between_are_a_day_with_a_break():
    rows = (("days: mon", "06:00", "'11:30'", ""), ("days: mon", "12:00", "'14:30'", ""))
    assert days_of(*rows) == []


def test_rows_that_touch_are_one_day_without_a_break():
    rows = (("days: mon", "06:00", "'11:30'", ""), ("days: mon", "11:30", "'14:30'", ""))
    assert days_of(*rows) == [(Rule.BREAK, "Bo", "mon 06:00-14:30")]
    assert days_of(("days: mon", "06:00", "'14:30'", "")) == [(Rule.BREAK, "Bo", "mon 06:00-14:30")]
    # A break of either will do, and so will none if they overlap to less than six hours.
    assert days_of((*rows[0][:3], REST_9), rows[1]) == []


def test_a_night_in_three_rows_across_midnight_is_one_working_day():
    rows = (
        ("days: wed", "20:00", "'24:00'", ""),
        ("days: thu", "00:30", "'04:30'", ""),
        ("days: thu", "05:00", "'08:00'", ""),
    )
    assert days_of(*rows) == []
    # Across the week's end too: Sunday to Monday.
    sunday = (("days: sun", "20:00", "'24:00'", ""), ("days: mon", "00:00", "'03:00'", ""))
    assert days_of(*sunday) == [(Rule.BREAK, "Bo", "sun 20:00 - mon 03:00")]


def test_rows_that_are_too_long_together():
    rows = (
        ("days: fri", "06:00", "'12:00'", ""),
        ("days: fri", "12:00", "'20:00'", ", breaks: [{length: 30, from: '14:00', to: '16:00'}]"),
    )
    assert days_of(*rows) == [(Rule.LONGEST_SHIFT, "Bo", "fri 06:00-20:00")]


def test_a_split_day_is_lawful_until_no_rest_of_eleven_hours_is_left_in_24():
    early, late = ("days: tue", "08:00", "'12:00'", ""), ("days: tue", "16:00", "'20:00'", "")
    assert days_of(early, late) == []
    later = ("days: tue", "17:30", "'21:30'", "")
    assert days_of(early, later) == [(Rule.DAILY_REST, "Bo", "tue 21:30 - wed 08:00")]
    # The day after begins too early: ten hours.
    next_day = ("days: wed", "06:00", "'10:00'", "")
    assert days_of(early, late, next_day) == [(Rule.DAILY_REST, "Bo", "tue 20:00 - wed 06:00")]


def test_rest_is_of_each_24_hours_and_not_between_two_rows():
    """Ten hours off by day after a night, and then a row of four."""
    rows = (
        (
            "days: sun",
            "20:00",
            "08:00 next day",
            ", breaks: [{length: 30, from: 01:00, to: 02:00}]",
        ),
        ("days: mon", "18:00", "'22:00'", ""),
    )
    assert days_of(*rows) == [(Rule.DAILY_REST, "Bo", "mon 08:00-18:00")]


def test_weekly_rest_over_sunday_midnight_is_lawful():
    """Nights from Monday to Saturday: 38 h from Sunday 7:00 to Monday 21:00."""
    rests = ", breaks: [{length: 30, from: 01:00, to: 02:00}]"
    six = ("days: mon-sat", "21:00", "07:00 next day", rests)
    rules = {rule for rule, _, _ in days_of(six)}
    assert rules == {Rule.WEEK_HOURS, Rule.NIGHT_HOURS}
    # One more night leaves 14 h.
    seven = ("days: daily", "21:00", "07:00 next day", rests)
    assert (Rule.WEEKLY_REST, "Bo", "week 1") in days_of(seven)
    # In one week of two the same rest cannot be that of both.
    weeks = ("days: daily, weeks: [2]", "09:00", "'14:00'", "")
    long = ("days: mon-sat, weeks: [1]", "09:00", "'14:00'", "")
    found = days_of(weeks, long, sets=("staff.cycle_weeks=2",))
    assert found == [(Rule.WEEKLY_REST, "Bo", "week 2")]


def test_the_months_end_is_no_border():
    """Dates from a Thursday: the last and the first row are weeks apart, not next to each other."""
    rows = (
        ("dates: 2026-01-01", "06:00", "'12:00'", ""),
        ("dates: 2026-01-31", "14:00", "'20:00'", ""),
        ("dates: 2026-02-01", "05:00", "'10:00'", ""),
    )
    sets = ("horizon.start=2026-01-01", "horizon.days=32")
    assert days_of(*rows, sets=sets) == [
        (Rule.DAILY_REST, "Bo", "2026-01-31 20:00 - 2026-02-01 05:00")
    ]


def test_means_of_a_persons_hours_are_of_the_dates():
    """60 h in ten days are 42 h a week; padded to two weeks they would be 30."""
    rows = (("dates: 2026-01-01 to 2026-01-06", "06:00", "'16:00'", REST_9),)
    sets = ("horizon.start=2026-01-01", "horizon.days=10")
    assert days_of(*rows, sets=sets) == []
    stricter = (*sets, "rota_rules.limits.week_hours=41")
    assert days_of(*rows, sets=stricter) == [(Rule.WEEK_HOURS, "Bo", "all dates")]


# --- laws --------------------------------------------------------------------------------------

GERMAN = """\
    - {role: nurse, name: just-over-nine, days: mon, from: 07:43, to: "16:44",
       breaks: [{length: 30, from: 11:00, to: "13:00"}]}
    - {role: nurse, name: ten, days: tue, from: 08:00, to: "18:00",
       breaks: [{length: 30, from: 11:00, to: "13:00"}]}
    - {role: nurse, name: ten-split, days: wed, from: 08:00, to: "18:00",
       breaks: [{length: 30, from: 11:00, to: "13:00"}, {length: 15, from: 15:00, to: "16:00"}]}
    - {role: nurse, name: six, days: thu, from: 08:00, to: "14:00"}
    - {role: nurse, name: six-o-one, days: fri, from: 08:00, to: "14:01"}
    - {role: nurse, name: late-break, days: sat, from: 08:00, to: "16:00",
       breaks: [{length: 30, from: 15:00, to: "15:01"}]}
    - {role: nurse, name: eleven, days: sun, from: 07:00, to: "18:30",
       breaks: [{length: 45, from: 11:00, to: "12:00"}]}
    - {role: helper, from: 08:00, to: "20:00",
       breaks: [{length: 60, from: 12:00, to: "13:30"}, {length: 60, from: 16:00, to: "17:00"}]}
"""


def test_german_law_has_breaks_in_tiers():
    sets = ("rota_rules.set=german", "rota_rules.minimum=0", "supervision=[]")
    found = checked(GERMAN, *sets).breaches
    assert [(one.rule, one.where, one.source) for one in found] == [
        (Rule.BREAK, "ten", "Arbeitszeitgesetz § 4"),
        (Rule.BREAK, "six-o-one", "Arbeitszeitgesetz § 4"),
        (Rule.STRETCH, "late-break", "Arbeitszeitgesetz § 4"),
        (Rule.LONGEST_WORK, "eleven", "Arbeitszeitgesetz § 3"),
    ]
    assert found[0].what == (
        "9.5 h of work with breaks of 30 min in all; over 9 h at least 45 min, in pieces of at "
        "least 15"
    )
    # The directive knows of none of these but the shift without a break.
    found = checked(GERMAN, *sets[1:]).breaches
    assert [(one.rule, one.where) for one in found] == [(Rule.BREAK, "six-o-one")]


def test_a_law_can_be_extended_and_is_written_out():
    sets = ("rota_rules.set=german", "rota_rules.limits={daily_rest: 12 h, longest_work: 11 h}")
    rules = scenario_from_text(SITE + GERMAN, sets).rota_rules
    assert rules is not None
    limits = rules.limits
    assert (limits.daily_rest, limits.longest_work, limits.longest_stretch) == (720, 660, 360)
    assert [(tier.over, tier.total) for tier in limits.breaks] == [(360, 30), (540, 45)]
    again = type(rules).model_validate(rules.model_dump(mode="json", by_alias=True))
    assert again == rules
    stretched = ("rota_rules.limits={breaks: [{over: 4 h, total: 20}]}", "supervision=[]")
    found = {one.where for one in checked(GERMAN, *stretched).breaches if one.rule is Rule.BREAK}
    assert found == {"six", "six-o-one"}
    with pytest.raises(ScenarioError, match=r"rota_rules\.set"):
        scenario_from_text(SITE + GERMAN, ["rota_rules.set=swedish"])


def test_danish_law_has_a_day_off_after_six():
    """Off on Monday of one week and on Sunday of the next: twelve days between."""
    rows = (
        ("days: tue-sun, weeks: [1]", "09:00", "'14:00'", ""),
        ("days: mon-sat, weeks: [2]", "09:00", "'14:00'", ""),
    )
    cycle = "staff.cycle_weeks=2"
    assert days_of(*rows, sets=(cycle,)) == []
    found = days_of(*rows, sets=(cycle, "rota_rules.set=danish"))
    assert found == [(Rule.WEEKLY_REST, "Bo", "week 1 tue 09:00 - sat 14:00")]


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


# --- days off in place of Sundays and holidays ---------------------------------------------------

EASTER = """\
name: easter
horizon: {start: 2026-02-02, weeks: 17}
holidays: {also: {2026-04-06: Easter Monday}}
opening: {hours: 08:00-16:00}
demand: {visits_per_day: 10, profile: flat}
visits: {talk: {services: {talk: 1}}}
services: {talk: {duration: 20, roles: [nurse]}}
rota_rules: {minimum: 0, set: german}
staff:
  roles: {nurse: {}}
  rota:
    - {role: nurse, from: 08:00, to: "14:00", days: DAYS, people: [Ada], holidays: also}
    - {role: nurse, from: 08:00, to: "14:00", days: mon, people: [Bo], holidays: never}
"""


def owed(days):
    found = check_rota(scenario_from_text(EASTER.replace("DAYS", days))).breaches
    return [(one.where, one.when, one.what) for one in found if one.rule is Rule.DAY_OFF]


def test_a_day_off_for_each_sunday_and_holiday():
    assert owed("mon-fri") == []  # Saturdays
    assert owed("[mon, tue, wed, thu, fri, sun]") == []  # Saturdays
    every = owed("daily")
    # No day off in 17 weeks. The first Sunday may have had one before the first Monday, the last
    # two have theirs after the last date.
    assert len(every) == 17 - 1 - 2 + 1
    assert every[0][:2] == ("Ada", "sun 2026-02-15")
    (monday,) = (one for one in every if one[1].startswith("mon"))
    assert monday[:2] == ("Ada", "mon 2026-04-06")
    assert monday[2].startswith("at work (Easter Monday) without another of the days from Monday")
    assert monday[2].endswith("off within 8 weeks that include it")


def test_no_day_off_in_place_without_the_law():
    text = EASTER.replace("DAYS", "daily").replace(", set: german", "")
    assert Rule.DAY_OFF not in {one.rule for one in check_rota(scenario_from_text(text)).breaches}
