import re
from datetime import date

import pytest

from sim.scenario.derived.calendar import room_spans, site_spans, spans
from sim.scenario.derived.roster import people_on_shift
from sim.scenario.derived.warnings import date_warnings
from sim.scenario.errors.problem import ScenarioError
from sim.scenario.load import read_scenario, scenario_from_text
from sim.scenario.model.hours import (
    DAY,
    Hours,
    Interval,
    clock_text,
    day_text,
    parse_clock,
    parse_days,
    parse_interval,
)
from sim.scenario.model.scenario import Scenario
from tests.support.command import call

MONDAY = date(2026, 1, 5)


@pytest.mark.parametrize(
    ("text", "minutes"),
    [("00:00", 0), ("7:30", 450), ("07:30", 450), ("23:59", 1439), ("24:00", 1440)],
)
def test_clock_times(text, minutes):
    assert parse_clock(text) == minutes


@pytest.mark.parametrize(
    "text", ["24:01", "25:00", "07:60", "730", "7.30", "", "07:30 am", "-1:00"]
)
def test_what_is_not_a_clock_time(text):
    with pytest.raises(ValueError, match="time"):
        parse_clock(text)


@pytest.mark.parametrize("number", [630, 10.5, True])
def test_numbers_are_not_clock_times(number):
    with pytest.raises(ValueError, match="07:30"):
        parse_clock(number)


def test_intervals_pass_midnight_only_when_they_say_so():
    assert parse_interval("22:00-06:00 next day") == Interval(22 * 60, 30 * 60)
    with pytest.raises(ValueError, match="next day"):
        parse_interval("22:00-06:00")
    with pytest.raises(ValueError, match="at most 24 hours"):
        parse_interval("06:00-06:01 next day")
    assert parse_interval("06:00-06:00 next day") == Interval(360, 1800)


def test_intervals_are_written_as_they_are_read():
    for text in ("07:30-23:30", "00:00-24:00", "22:00-06:00 next day"):
        assert str(parse_interval(text)) == text
    assert clock_text(DAY) == "24:00"


@pytest.mark.parametrize(
    ("value", "days"),
    [
        ("daily", range(7)),
        ("sat", [5]),
        ("mon-fri", range(5)),
        ("fri-mon", [0, 4, 5, 6]),
        (["tue", "sun"], [1, 6]),
    ],
)
def test_weekdays(value, days):
    assert parse_days(value) == tuple(days)


@pytest.mark.parametrize("value", ["monday", "mon-", ["mon", "mon"], ["mon-fri", "wed"], 8])
def test_what_are_not_weekdays(value):
    with pytest.raises(ValueError, match=r"weekday|mon"):
        parse_days(value)


def test_a_day_named_alone_beats_a_range():
    hours = Hours.parse(
        {"mon-fri": "08:00-20:00", "wed": "11:00-20:00", "sat": "10:00-17:30", "sun": "closed"}
    )
    assert hours.week[2] == (Interval(660, 1200),)
    assert hours.week[4] == (Interval(480, 1200),)
    assert hours.week[6] == ()
    assert hours.minutes_per_week() == 4 * 720 + 540 + 450


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ({"mon-fri": "08:00-20:00"}, "says nothing about sat, sun"),
        ({"mon-fri": "08:00-20:00", "tue-sun": "closed"}, "twice"),
        ({"daily": "20:00-08:00"}, "next day"),
        (["10:00-14:00", "13:00-18:00"], "overlap"),
        ("08:00-09:00 next day", "at most 24 hours"),
        ("22:00-08:00 next day, 07:00-12:00", "did you mean"),
        (["07:00-12:00", "22:00-08:00 next day"], "runs into"),
        (None, "closed"),
    ],
)
def test_hours_that_cannot_be(value, words):
    with pytest.raises(ValueError, match=words):
        Hours.parse(value)


def test_spans_that_touch_are_one():
    assert list(spans(Hours.parse("24/7"), {}, MONDAY, 3)) == [(0, 3 * DAY)]
    every_evening = Hours.parse("18:00-02:00 next day")
    # The evening before the first day is still open on its first morning.
    assert list(spans(every_evening, {}, MONDAY, 2)) == [(0, 120), (1080, 1560), (2520, 3000)]


def test_dated_hours_replace_the_weekdays():
    hours = Hours.parse("10:00-18:00")
    dates = {date(2026, 1, 6): (), date(2026, 1, 7): (Interval(600, 660), Interval(720, 1500))}
    assert list(spans(hours, dates, MONDAY, 3)) == [
        (600, 1080),
        (2 * DAY + 600, 2 * DAY + 660),
        (2 * DAY + 720, 2 * DAY + 1500),
    ]


SITE = """
name: site
horizon: {days: 7}
opening: {hours: "10:00-18:00", dates: {2026-01-06: closed}}
demand: {visits_per_day: 10, profile: flat}
visits:
  use: {rooms: [a, b], stay: 20}
rooms:
  a: {places: 1, hours: "12:00-20:00"}
  b: {places: 1}
staff:
  roles: {nurse: {}}
  cycle_weeks: 2
  rota:
    - {role: nurse, from: "22:00", to: "06:00 next day", days: sun, count: 2}
    - {role: nurse, from: "10:00", to: "18:00", days: mon-fri, weeks: [2]}
    - {role: nurse, from: "10:00", to: "18:00", days: sat}
"""


def test_a_room_is_open_within_the_site_only():
    scenario = scenario_from_text(SITE)
    assert site_spans(scenario)[:2] == ((600, 1080), (2 * DAY + 600, 2 * DAY + 1080))
    assert room_spans(scenario, "a")[:2] == [(720, 1080), (2 * DAY + 720, 2 * DAY + 1080)]
    assert room_spans(scenario, "b", frozenset({0}))[0] == (2 * DAY + 600, 2 * DAY + 1080)


def test_the_rota_unrolled():
    people = people_on_shift(scenario_from_text(SITE))
    # Sunday's night shift under way at the beginning, Saturday, Sunday; then, in the day after
    # the horizon, Monday of week 2.
    assert [(p.start, p.end, p.line, p.member) for p in people] == [
        (-120, 360, 0, 0),
        (-120, 360, 0, 1),
        (5 * DAY + 600, 5 * DAY + 1080, 2, 0),
        (6 * DAY + 1320, 7 * DAY + 360, 0, 0),
        (6 * DAY + 1320, 7 * DAY + 360, 0, 1),
        (7 * DAY + 600, 7 * DAY + 1080, 1, 0),
    ]


def dated(dates: str) -> dict[date, str]:
    """The site's hours on dates, as they are written."""
    dates_of = scenario_from_text(SITE, [f"opening.dates={dates}"]).opening.dates
    return {on: day_text(hours) for on, hours in dates_of.items()}


def test_dates_may_be_stretches_and_one_named_alone_beats_them():
    found = dated("{2026-06-10: 12:00-13:00, 2026-06-08 to 2026-06-11: closed, 2026-06-01: closed}")
    assert found == {
        date(2026, 6, 1): "closed",
        date(2026, 6, 8): "closed",
        date(2026, 6, 9): "closed",
        date(2026, 6, 10): "12:00-13:00",
        date(2026, 6, 11): "closed",
    }


@pytest.mark.parametrize(
    ("dates", "told"),
    [
        ("{2026-06-08 to 2026-06-01: closed}", "2026-06-08 to 2026-06-01 ends before it begins"),
        ("{2026-06-30 to 2026-06-31: closed}", "must be dates such as 2026-06-08"),
        (
            "{xmas: closed}",
            "must be dates such as 2026-06-08, or 2026-06-08 to 2026-06-14; not xmas",
        ),
        (
            "{2026-06-01 to 2026-06-08: closed, 2026-06-08 to 2026-06-09: 12:00-13:00}",
            "opening.dates: has 2026-06-08 in two stretches of dates",
        ),
        (
            "{2026-06-01 to 2026-06-08: 25:00}",
            "opening.dates.2026-06-01 to 2026-06-08: must be hours such as",
        ),
        (
            f"{{{', '.join(f'19{n}0-01-01 to 19{n}9-12-31: closed' for n in range(3))}}}",
            "names more than 10000 dates",
        ),
    ],
)
def test_stretches_of_dates_that_are_wrong(dates: str, told: str):
    with pytest.raises(ScenarioError, match=re.escape(told)):
        dated(dates)


ROOM = SITE.replace("b: {places: 1}", "b: {places: 6, dates: DATES}")


def test_a_room_on_dates_in_short_and_in_full():
    short = ROOM.replace("DATES", "{2026-01-05: closed, 2026-01-06: 12:00-13:00, 2026-01-07: 4}")
    full = ROOM.replace(
        "DATES",
        "{2026-01-05: {hours: closed}, 2026-01-06: {hours: [12:00-13:00]}, "
        "2026-01-07: {places: 4}}",
    )
    one, other = scenario_from_text(short), scenario_from_text(full)
    assert one.rooms == other.rooms
    assert Scenario.model_validate_json(one.model_dump_json(by_alias=True)) == one


@pytest.mark.parametrize(
    ("dates", "told"),
    [
        ("{2026-01-05: 0}", "rooms.b.dates.2026-01-05: must be at least 1, not 0"),
        ("{2026-01-05: {}}", "says neither hours nor places; write closed, hours or a number"),
        ("{2026-01-05: {place: 3}}", "is not a known key; did you mean `places`?"),
        ("{2026-01-05: true}", "rooms.b.dates.2026-01-05: must be settings"),
        ("{2026-01-05 to 2026-01-06: 9:00-8:00}", "ends (08:00) before it starts (09:00)"),
    ],
)
def test_a_room_on_dates_that_is_wrong(dates: str, told: str):
    with pytest.raises(ScenarioError, match=re.escape(told)):
        scenario_from_text(ROOM.replace("DATES", dates))


@pytest.mark.parametrize(
    ("failures", "told"),
    [
        ("{every: 0, repair: 5}", "failures.every: must be at least 1, not 0"),
        ("{every: 3 d}", "rooms.b.failures.repair: is required"),
        ("{every: 3 d, repair: 5, places: none}", "must be a whole number or all, not 'none'"),
        ("{every: 3 d, repair: 5, places: 0}", "must be at least 1"),
        ("{every: 1, repair: 5, places: all}, places: 900", "is too much to play: places fail"),
    ],
)
def test_failures_that_are_wrong(failures: str, told: str):
    text = ROOM.replace("places: 6, dates: DATES", f"failures: {failures}")
    text = text if "places: 900" in text else text.replace("failures:", "places: 6, failures:")
    with pytest.raises(ScenarioError, match=re.escape(told)):
        scenario_from_text(text)


DATED = """\
name: dates
horizon: {start: 2026-06-01, weeks: 2}
opening:
  hours: 10:00-18:00
  dates:
    2026-05-30 to 2026-05-31: closed
    2026-06-16: closed
    2026-12-24 to 2026-12-26: closed
demand: {visits_per_day: 20, profile: city-day}
visits:
  use: {share: 1, rooms: [injecting], stay: {distribution: fixed, value: 20}}
rooms:
  injecting:
    places: 2
    dates:
      2026-06-14 to 2026-07-02: {places: 1}
      2025-06-14: closed
"""


def test_dates_beyond_the_horizon_are_told_where_they_are_written(tmp_path):
    """A stretch that reaches the day before the horizon, or the day after, is not beyond it."""
    file = tmp_path / "dates.yaml"
    file.write_text(DATED, "utf-8")
    opening, room = date_warnings(*read_scenario(file))
    beyond = "nothing goes by it from 2026-06-01 to 2026-06-14"
    of_opening = "opening.dates.2026-06-16: is beyond the horizon, with 2 of 3 entries"
    assert f"dates.yaml:7:5: {of_opening}: {beyond}" in opening
    of_room = "rooms.injecting.dates.2025-06-14: is beyond the horizon, with 1 of 2 entries"
    assert f"dates.yaml:17:7: {of_room}: {beyond}" in room
    longer = ("horizon.weeks=40", "rooms.injecting.dates={2026-06-02: closed}")
    assert date_warnings(*read_scenario(file, longer)) == []
    (said,) = date_warnings(*read_scenario(file, ("opening.dates={}",)))
    assert said == room


def test_dates_of_no_day_that_is_played_are_told_by_check(tmp_path, monkeypatch, capsys):
    file = tmp_path / "dates.yaml"
    file.write_text(DATED, "utf-8")
    assert call(monkeypatch, "check", str(file)) == 0
    assert "opening.dates.2026-06-16: is beyond the horizon" in " ".join(
        capsys.readouterr().out.split()
    )
